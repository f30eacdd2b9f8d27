"""Gives each run to a machine; `dagster.yaml` of an installation on several machines names it.

Belongs here: asking the machine with the most room to start a run, what all take together. Does
not: the choice (`kernel/machines`), a machine that joins (`cli/working`), the queue (`queue`).

Where no machine answers, the run is started as in a home of one: by the code server of the
daemon's program. A machine may have other files than the daemon, so a run starts there as it would
by hand: with the settings and the home of that machine.
"""

import logging
import threading
import time
from collections import Counter
from importlib import metadata
from typing import Any

import dagster as dg
from typing_extensions import override

from jira_pipeline.defs.code_servers import answers
from jira_pipeline.flow.composition import open_pipeline
from jira_pipeline.kernel.machines import Machine, by_room
from jira_pipeline.settings import load_settings
from jira_pipeline.store.machines import MachineStore

logger = logging.getLogger(__name__)

MACHINE_TAG = "jira_pipeline/machine"
"""Of a run that a machine was given: its name on runs. Empty: it was started beside the daemon."""
BESIDE_DAEMON = {"jira_pipeline/beside_daemon": "true"}
"""Tag of runs that read files which people left on the machine of the daemon."""
BEGUN = (
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
"""Runs that left the queue and have not ended."""
ANSWER_SECONDS = 3.0
SILENT_SECONDS = 60.0
"""A machine that did not answer is not asked again for so long: each time costs the queue 3 s."""


class MachineLauncher(dg.DefaultRunLauncher):
    """Starts runs on the machines that are there."""

    def __init__(self, inst_data: Any = None, *, machines: MachineStore | None = None) -> None:
        """Know machines from a store; that of this home is opened when it is first asked."""
        super().__init__(inst_data)
        self._opened = machines
        self._turn = threading.Lock()
        self._silent_until: dict[str, float] = {}

    @override
    def launch_run(self, context: Any) -> None:
        """Start a run on the machine with the most room that answers, else beside the daemon."""
        run = context.dagster_run
        while (machine := self._given_to(run)) is not None:
            try:
                client = client_of(machine.address)
                self.launch_run_from_grpc_client(self._instance, run, client)
            except Exception:
                if answers(machine.address, within_seconds=ANSWER_SECONDS):
                    self._instance.add_run_tags(run.run_id, {MACHINE_TAG: ""})
                    raise
                self._pass_over(machine)  # it went as it was asked
            else:
                return
        super().launch_run(context)

    def capacity(self) -> int | None:
        """Return how many runs the machines take at once; None: none takes any."""
        usable = by_room(self._known(), {}, version=own_version())
        return sum(one.capacity for one in usable if not one.refusal) or None

    def _given_to(self, run: dg.DagsterRun) -> Machine | None:
        """Choose a machine, and note on the run which one; the next choice counts it."""
        is_bound = BESIDE_DAEMON.items() <= run.tags.items()
        with self._turn:
            machine = None if is_bound else self._answering()
            name = "" if machine is None else machine.name_on_runs
            self._instance.add_run_tags(run.run_id, {MACHINE_TAG: name})
            return machine

    def _answering(self) -> Machine | None:
        records = self._instance.get_run_records(dg.RunsFilter(statuses=list(BEGUN)))
        at_work = Counter(one.dagster_run.tags.get(MACHINE_TAG, "") for one in records)
        for machine in by_room(self._known(), at_work, version=own_version()):
            if self._silent_until.get(machine.name_on_runs, 0.0) > time.monotonic():
                continue
            if answers(machine.address, within_seconds=ANSWER_SECONDS):
                self._note(machine, "")
                return machine
            self._pass_over(machine)
        return None

    def _pass_over(self, machine: Machine) -> None:
        self._silent_until[machine.name_on_runs] = time.monotonic() + SILENT_SECONDS
        self._note(machine, f"It did not answer the daemon within {ANSWER_SECONDS:g} s.")

    def _known(self) -> tuple[Machine, ...]:
        """Return the machines that are there; note which have another version."""
        found = self._machines.live()
        for machine in found:
            if machine.version != own_version():
                reason = f"It has version {machine.version}, and the daemon has {own_version()}."
                self._note(machine, reason)
        return found

    def _note(self, machine: Machine, refusal: str) -> None:
        if machine.refusal != refusal:
            if refusal:
                logger.warning("Machine %s gets no runs: %s", machine.address, refusal)
            self._machines.refuse(machine.address, refusal)

    @property
    def _machines(self) -> MachineStore:
        if self._opened is None:
            self._opened = open_pipeline(load_settings()).store.machines
        return self._opened


def client_of(address: str) -> Any:
    """Return what speaks with the code server of a machine."""
    from dagster._grpc.client import DagsterGrpcClient  # noqa: PLC0415 - only a daemon asks

    host, _, port = address.rpartition(":")
    return DagsterGrpcClient(host=host, port=int(port))


def own_version() -> str:
    """Return the version of this program; runs go to machines of the same one."""
    return metadata.version("jira-pipeline")

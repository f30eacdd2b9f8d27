"""Kills a real run that writes tickets at one of its writes, carries on, and judges what came of it.

Belongs here: the child that dies, resuming it, what must be true afterwards. Does not: points
(`write_points`), exports (`killing`).
"""

import logging
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Self, TypeAlias

import dagster as dg
import pytest
from sqlalchemy import func, select

from jira_pipeline.cli.console import ExitCode
from jira_pipeline.dagster_port.partitions import PARTITION_TAG
from jira_pipeline.dagster_port.steps import PipelineResource
from jira_pipeline.defs.build import job_named
from jira_pipeline.defs.sessions.outcome_sensors import dead_run_sensor
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.store import tables
from jira_pipeline.writing.models.conversation import PING_QUESTION
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run
from jira_pipeline_tests.crash import processes
from jira_pipeline_tests.crash.write_points import DeadlyWrite, WritePoints
from jira_pipeline_tests.writing.scripted_models import (
    Asked,
    Say,
    ScriptedServer,
    always,
    scripted_server,
)


def is_of_ticket(asked: Asked) -> bool:
    return asked.request != PING_QUESTION.request


def tickets_asked(server: ScriptedServer) -> list[Asked]:
    """Return the requests about tickets, in order."""
    return [asked for asked in server.asked if is_of_ticket(asked)]


SESSION = projects.SESSION
STEPS = ("intake", "tickets", "adf_validation")
MODEL = "a-model"
UNDER_WAY_MAX = 2
"""With one place: a request whose answer is being kept, and the next one, sent meanwhile."""
CarryOn: TypeAlias = Callable[[Path], str]
"""Goes on in a project, and says why that failed; nothing where it did not."""
NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def regenerate_and_die(
    project: Path, deadly: DeadlyWrite | None = None, log_path: Path | None = None
) -> None:
    """Run `jira-pipeline generate` in a child, and die at a write where one is given."""
    from jira_pipeline.cli.app import app  # noqa: PLC0415 - in the child

    logging.disable(logging.CRITICAL)
    os.environ["DAGSTER_HOME"] = str(project)  # noqa: TID251 - of this child
    os.chdir(project)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stdout = sys.stderr = nowhere
        WritePoints(deadly, log_path=log_path).watch()
        app(["generate", SESSION, "--json"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What a killed run left, and what carried on made of it."""

    deadly: DeadlyWrite
    code: int
    """How the child ended: a signal is negative."""
    failure: str
    """Why carrying on failed; empty where it did not."""
    done: frozenset[str]
    """Steps that were finished when it was killed."""
    begun_again: frozenset[str]
    """Steps that began in later runs."""
    tickets: tuple[Ticket, ...]
    asked: Counter[str]
    """How often the model was asked about each ticket."""
    kept: int
    """How many answers of the model were kept when it was killed."""
    sent: int
    """How many requests about tickets the model was sent; a look whether it is there costs none."""
    counted: int
    """How many requests the store counts in the end."""


class GenerationGround:
    """Makes a fresh project for every kill, with a model that answers at once."""

    def __init__(self, folder: Path, *, is_small: bool = False) -> None:
        """Prepare the project that is copied: uploaded, nothing written; small with six tickets."""
        self._folder = folder
        self._numbers = count(1)
        self._open = ExitStack()
        folder.mkdir(parents=True, exist_ok=True)
        self._ready = projects.make_empty(folder / "ready")
        copy = projects.copy_small_sheets if is_small else projects.copy_sheets
        projects.upload(self._ready, copy(folder / "museum"))
        self._server = self._open.enter_context(scripted_server(always(Say())))
        self._write_settings(self._server)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._open.close()

    def _write_settings(self, server: ScriptedServer) -> None:
        """Have one request at a time: what happens first is the same every time."""
        lines = (
            f"WRITER_MODEL={MODEL}",
            f"WRITER_BASE_URL={server.base_url('openai')}",
            "WRITER_CONCURRENCY=1",
        )
        (self._ready / ".env").write_text("\n".join(lines), encoding="utf-8")

    @contextmanager
    def place(self) -> Iterator[Path]:
        folder = self._folder / str(next(self._numbers))
        self._server.asked.clear()
        with pytest.MonkeyPatch.context() as environment:
            yield projects.adopt(self._ready, folder, environment)
        shutil.rmtree(folder)

    def points(self) -> list[str]:
        """Return the names of the writes of an undisturbed run, in order."""
        log_path = self._folder / "points"
        log_path.write_text("", encoding="utf-8")
        with self.place() as project:
            code = processes.ended(processes.start(regenerate_and_die, project, None, log_path))
        assert code == 0, f"an undisturbed run ended with {code}"
        return log_path.read_text(encoding="utf-8").splitlines()

    def undisturbed(self) -> tuple[Ticket, ...]:
        """Return the tickets of a run that nobody kills."""
        with self.place() as project:
            answer = run("generate", SESSION, "--json")
            assert answer.exit_code == 0, answer.words
            return tickets_in(project)

    def killed(self, deadly: DeadlyWrite, *, carry_on: CarryOn) -> Killed:
        """Kill a run at a write, carry on until it is done, and return what is there."""
        with self.place() as project:
            code = processes.ended(processes.start(regenerate_and_die, project, deadly))
            done, runs = _done_in(project)
            kept = _kept_in(project)
            failure = carry_on(project)
            asked = tickets_asked(self._server)
            return Killed(
                deadly=deadly,
                code=code,
                failure=failure,
                done=done,
                begun_again=_begun_in(project, besides=runs),
                tickets=tickets_in(project),
                asked=Counter(one.request for one in asked),
                kept=kept,
                sent=len(asked),
                counted=_counted_in(project),
            )


def wrong_with(
    killed: Killed, undisturbed: tuple[Ticket, ...], *, may_end: bool = False
) -> list[str]:
    """Say what a killed run and what carried on did wrong; nothing where all is well.

    With `may_end` it may have ended well before it was killed: a run that takes longer says more
    often how far it is, so another one may have a few writes less.
    """
    again = sum(killed.asked.values()) - len(killed.asked)
    rules = {
        f"it ended by itself ({killed.code})": killed.code > 0
        or (killed.code == 0 and not may_end),
        f"carrying on failed: {killed.failure}": bool(killed.failure),
        "the tickets are not those of an undisturbed run": killed.tickets != undisturbed,
        f"the model was asked {again} times again": again > UNDER_WAY_MAX,
        f"{killed.sent} requests were sent, {killed.counted} counted": killed.sent > killed.counted,
    }
    where = f"{killed.deadly.name} {killed.deadly.occurrence}"
    return [f"{where}: {failure}" for failure, holds in rules.items() if holds]


def tickets_in(project: Path) -> tuple[Ticket, ...]:
    """Return the tickets of a project, without the times at which they were written."""
    with projects.opened(project) as pipeline:
        tickets = pipeline.store.tickets.list_all(SESSION)
    return tuple(
        replace(ticket, revision=replace(ticket.revision, created_at=NO_TIME)) for ticket in tickets
    )


def by_command(_project: Path) -> str:
    """Resume in this process; do what the answer advises where there is nothing to resume."""
    for way in (("resume", SESSION), ("resume", SESSION, "--force"), ("generate", SESSION)):
        answer = run(*way, "--json")
        if answer.exit_code != ExitCode.USER_MUST_ACT:
            return "" if answer.exit_code == 0 else answer.words
    return "there is nothing to resume, and nothing can be generated"


def by_resume_alone(_project: Path) -> str:
    """Resume in this process, without another try."""
    answer = run("resume", SESSION, "--json")
    return "" if answer.exit_code == 0 else answer.words


def by_dagster(project: Path) -> str:
    """Do what the daemon and the button of the UI do: end the dead run, then go on from it."""
    with dg.DagsterInstance.from_config(str(project)) as instance:
        resource = PipelineResource(project_path=str(project))
        with dg.build_sensor_context(instance=instance, resources={"pipeline": resource}) as look:
            dead_run_sensor(look)
        (dead,) = instance.get_runs()
        with dg.execute_job(
            dg.build_reconstructable_job(
                job_named.__module__, job_named.__name__, ("generate_tickets",)
            ),
            instance=instance,
            reexecution_options=dg.ReexecutionOptions.from_failure(dead.run_id, instance),
            tags={PARTITION_TAG: SESSION},
        ) as result:
            return "" if result.success else f"run {result.run_id} failed"


def _done_in(project: Path) -> tuple[frozenset[str], frozenset[str]]:
    with dg.DagsterInstance.from_config(str(project)) as instance:
        runs = [record.dagster_run.run_id for record in instance.get_run_records()]
        finished = _steps_of(instance, runs, dg.DagsterEventType.STEP_SUCCESS)
    return finished, frozenset(runs)


def _begun_in(project: Path, *, besides: frozenset[str]) -> frozenset[str]:
    with dg.DagsterInstance.from_config(str(project)) as instance:
        runs = [r.dagster_run.run_id for r in instance.get_run_records()]
        later = [run_id for run_id in runs if run_id not in besides]
        return _steps_of(instance, later, dg.DagsterEventType.STEP_START)


def _steps_of(
    instance: dg.DagsterInstance, run_ids: list[str], kind: dg.DagsterEventType
) -> frozenset[str]:
    entries = [entry for run_id in run_ids for entry in instance.all_logs(run_id, of_type=kind)]
    return frozenset(entry.step_key or "" for entry in entries) & frozenset(STEPS)


def _kept_in(project: Path) -> int:
    with projects.opened(project) as pipeline, pipeline.store.database.reading() as connection:
        counted = select(func.count()).select_from(tables.written_answers)
        return int(connection.execute(counted).scalar_one())


def _counted_in(project: Path) -> int:
    with projects.opened(project) as pipeline:
        return pipeline.store.writing.spending(SESSION).requests

"""How the installation is: is it ready, who is there, what runs where, what waits.

Belongs here: gathering it for whoever watches. Does not: how it is shown (`web/pages/machines`,
`web/watching`), what one session needs (`status`).
"""

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import TYPE_CHECKING

from jira_pipeline.errors import PipelineError
from jira_pipeline.kernel.machines import Machine, RunAtWork
from jira_pipeline.kernel.sessions import SessionStage, SessionStatus
from jira_pipeline.kernel.shared_budgets import SharedBudgetState
from jira_pipeline.ports.runs import KnownRun

if TYPE_CHECKING:  # a start of the command line imports no SQLAlchemy
    from jira_pipeline.session.pipeline import Pipeline
    from jira_pipeline.store.figures import ModelUse

DAEMON = "daemon"
"""Name of the lease of whichever program runs Dagster's daemon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether requests can be answered, and runs be started."""

    fault: str
    """Why the store cannot be read, in words; empty: it can."""
    daemon: str | None = None
    """The program that runs the daemon; None: none of ours, so runs wait."""
    machine_count: int = 0
    """Machines that take runs of others."""


def readiness_of(pipeline: "Pipeline") -> Readiness:
    """Ask the store; that is what everything needs."""
    try:
        store = pipeline.store
        return Readiness(
            fault="",
            daemon=store.leases.holder_of(DAEMON),
            machine_count=len(store.machines.live()),
        )
    except PipelineError as error:
        return Readiness(fault=error.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts over all sessions."""

    session_counts: Mapping[tuple[SessionStage, SessionStatus], int]
    doubt_count: int
    model_use: "tuple[ModelUse, ...]"
    budgets: Mapping[str, SharedBudgetState]
    """What each service allows, by its name."""


def figures_of(pipeline: "Pipeline") -> Figures:
    """Count; every process reads the same in the store."""
    store = pipeline.store
    return Figures(
        session_counts=store.figures.session_counts(),
        doubt_count=store.figures.doubt_count(),
        model_use=store.figures.model_use(),
        budgets=store.budgets.all(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedRun:
    """A run at work, and since when its process is."""

    run: KnownRun
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A machine that takes runs of others, or a host that runs its own."""

    name: str
    machine: Machine | None
    """None: a host that takes none of others."""
    runs: tuple[PlacedRun, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplaces:
    """Who is there, what each runs, and what waits."""

    places: tuple[Workplace, ...]
    waiting: tuple[KnownRun, ...]
    """Runs without a process yet, oldest first."""
    daemon: str | None
    version: str
    """Of this program; the daemon gives runs to machines of its own version alone."""


def workplaces_of(pipeline: "Pipeline", under_way: Iterable[KnownRun]) -> Workplaces:
    """Put the runs that are known where they are."""
    store, runs = pipeline.store, tuple(under_way)
    machines = {machine.address: machine for machine in store.machines.live()}
    placed: dict[str, list[PlacedRun]] = {address: [] for address in machines}
    by_id = {work.run_id: work for work in store.machines.runs_at_work()}
    for run in runs:
        work = by_id.get(run.run_id) or _here(pipeline, run)
        if work is not None:
            placed.setdefault(work.machine, []).append(PlacedRun(run=run, since=work.since))
    places = (
        Workplace(
            name=machines[name].name if name in machines else name,
            machine=machines.get(name),
            runs=tuple(sorted(of_place, key=lambda one: one.since)),
        )
        for name, of_place in sorted(placed.items())
    )
    at_work = {one.run.run_id for of_place in placed.values() for one in of_place}
    return Workplaces(
        places=tuple(places),
        waiting=tuple(run for run in runs if run.run_id not in at_work),
        daemon=store.leases.holder_of(DAEMON),
        version=metadata.version("jira-pipeline"),
    )


def _here(pipeline: "Pipeline", run: KnownRun) -> RunAtWork | None:
    """Return a run of this host as one at work; with SQLite, its lock is a file here."""
    if run.is_queued or not pipeline.store.run_locks.is_alive(run.run_id):
        return None
    return RunAtWork(
        run_id=run.run_id, machine=socket.gethostname(), process=0, since=run.created_at
    )

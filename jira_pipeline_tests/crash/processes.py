"""Processes of their own: the site behind a socket, and exports that are killed.

Belongs here: what runs in a child, starting and killing children. Does not: which points there are,
and judging (`killing`). Children are forked (`forking`).
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import uvicorn
from typing_extensions import override

from jira_pipeline.export.adoption import adopt_issues
from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.export_run import ExportOrder, SessionEpics
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.settle import decide_differences
from jira_pipeline.export.updating import update_issues
from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.sandbox.pages import create_app
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.model.errors import (
    GateError,
    GateRule,
    LeaseBusyError,
    LeaseLostError,
    StoreError,
)
from jira_pipeline.model.exports import Decision
from jira_pipeline.store.engine import open_store
from jira_pipeline.store.store import Store
from jira_pipeline_tests.crash.epics_world import epics_in
from jira_pipeline_tests.crash.export_world import (
    ACCOUNT,
    PROJECT_KEY,
    SESSION_KEY,
    SteadyClock,
    Tripwire,
    render,
    tripped_tools,
)
from jira_pipeline_tests.crash.update_world import changes_of
from jira_pipeline_tests.forking import CHILDREN

DEADLINE_SECONDS = 600.0
"""Ends what hangs: a run of two seconds took more than 60 on a machine with ten other suites."""
SETTLE_HORIZON_SECONDS = 1.0
"""The site answers within milliseconds, and finishes what a killed client asked of it."""
LEASE_WAIT_SECONDS = 0.05
"""PostgreSQL frees the lease of a killed process when it sees the connection closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an export keeps its ledger and finds its site."""

    database_url: str
    folder: Path
    site_url: str
    is_updating: bool = False
    """Its exports update the issues of tickets that changed, and say what is built."""
    has_epics: bool = False
    adopts: Mapping[int, str] = field(default_factory=dict)
    """Issues that people made, by the numbers of tickets: adopted before anything is created."""

    def open_store(self) -> Store:
        return open_store(self.database_url, lock_path=self.folder / "store.lock")


class DeadlyWire(Tripwire):
    """Kills its process at a point; nothing is cleaned up."""

    @override
    def step(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.crash_at:
            os.kill(os.getpid(), signal.SIGKILL)


class SleepyWire(Tripwire):
    """Stops its process at a point, until somebody wakes it."""

    @override
    def step(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.crash_at:
            os.kill(os.getpid(), signal.SIGSTOP)


def export(place: Place, wire: Tripwire, *, takes_back: bool = False) -> None:
    """Export the session over the socket.

    With `takes_back` a person first says that issues which do not count are its tickets'.

    One that was exported before, and whose issues are gone, is decided about first, as a person
    does who wants them again: about all at once, then by name about those that a restored ledger
    does not know to have been seen.
    """
    with httpx.HTTPTransport() as transport, place.open_store() as store:
        client = partial(JiraClient, place.site_url, auth=ACCOUNT)
        tools = tripped_tools(client, transport, store, wire, time)
        order = ExportOrder(
            session_key=SESSION_KEY,
            project_key=PROJECT_KEY,
            rendered=tuple(render(t) for t in store.tickets.list_all(SESSION_KEY)),
            is_sandbox=True,
            holder=f"process {os.getpid()}",
            settle_horizon_seconds=SETTLE_HORIZON_SECONDS,
            find_epics=partial(epics_in, store) if place.has_epics else SessionEpics,
        )
        if takes_back:
            decide_differences(tools, order, decision=Decision.ADOPT, names=None, by="a person")
        if place.adopts:
            adopt_issues(tools, order, pairs=place.adopts, by="a person")
        if store.ledger.targets_of(SESSION_KEY) and not (place.is_updating or place.adopts):
            decide = partial(
                decide_differences, tools, order, decision=Decision.CREATE_AGAIN, by="a person"
            )
            decided = decide(names=None)
            if refused := [str(ticket.number) for ticket in decided.tickets if ticket.refusal]:
                decide(names=refused)
        create_issues(tools, order)
        if place.is_updating:
            [target] = store.ledger.targets_of(SESSION_KEY)
            written = partial(
                store.ledger.entries, target_id=target.target_id, session_key=SESSION_KEY
            )
            update_issues(tools, order, changes=lambda: changes_of(order, written()))
        attach_files(tools, order)
        link_issues(tools, order)


def resume(place: Place, *, is_restored: bool = False) -> None:
    """Export until it is done; wait where the lease is still to be freed.

    Where a ledger lost its end after a person decided, what was sent since is asked about: numbers
    of its entries are taken again, and prove nothing.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    takes_back = False
    while True:
        try:
            return export(place, Tripwire(), takes_back=takes_back)
        except GateError as error:
            if takes_back or not is_restored or error.code != GateRule.ISSUES_UNCLAIMED:
                raise
            takes_back = True
        except LeaseBusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LEASE_WAIT_SECONDS)


def export_and_die(place: Place, crash_at: int | None) -> None:
    """Export in a child, and die at a point where one is given."""
    logging.disable(logging.CRITICAL)
    export(place, DeadlyWire(crash_at=crash_at))


def export_and_stop(place: Place, stop_at: int) -> None:
    logging.disable(logging.CRITICAL)
    with suppress(LeaseBusyError, LeaseLostError, StoreError):  # another took its place
        export(place, SleepyWire(crash_at=stop_at))


def is_standing_still(process: BaseProcess) -> bool:
    status = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8")
    return status.rpartition(")")[2].split()[0] == "T"


def serve_site(sandbox_path: Path, listener: socket.socket) -> None:
    """Serve a site in a child until it is killed."""
    with JiraSandbox(sandbox_path, clock=SteadyClock().now) as sandbox:
        config = uvicorn.Config(create_app(sandbox), log_level="critical", lifespan="on")
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def site_process(sandbox_path: Path) -> Iterator[str]:
    """Serve a site in a process of its own and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = start(serve_site, sandbox_path, listener)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.join()
            process.close()


def start(task: Callable[..., None], *arguments: object) -> BaseProcess:
    process = CHILDREN.Process(target=task, args=arguments, daemon=True)
    process.start()
    return process


def ended(process: BaseProcess) -> int:
    """Wait for the end of a child and return how it ended: a signal is negative."""
    process.join(DEADLINE_SECONDS)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError("an export did not end")
    code = process.exitcode
    process.close()
    return code

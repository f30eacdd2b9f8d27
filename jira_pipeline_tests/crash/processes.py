"""Processes of their own: the site behind a socket, and exports that are killed.

Belongs here: what runs in a child, starting and killing children. Does not: what an export does
(`grounds`), which points there are, and judging (`killing`). Children are forked (`forking`).
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import uvicorn
from typing_extensions import override

from jira_pipeline.jira.sandbox.pages import create_app
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.model.differences import Decision
from jira_pipeline.model.errors import (
    GateError,
    GateRule,
    LeaseBusyError,
    LeaseLostError,
    StoreError,
)
from jira_pipeline_tests.crash.export_world import Exporting, PatientTime, SteadyClock, Tripwire
from jira_pipeline_tests.crash.grounds import GROUNDS
from jira_pipeline_tests.forking import CHILDREN

DEADLINE_SECONDS = 600.0
"""Ends what hangs: a run of two seconds took more than 60 on a machine with ten other suites."""
SETTLE_HORIZON_SECONDS = 1.0
"""The site answers within milliseconds, and finishes what a killed client asked of it."""
LEASE_WAIT_SECONDS = 0.05
"""PostgreSQL frees the lease of a killed process when it sees the connection closed."""


class WallTime(PatientTime):
    """Time as it passes."""

    @override
    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    @override
    def monotonic(self) -> float:
        return time.monotonic()


class OverSocket(Exporting):
    """A session whose site is in another process."""

    @override
    @contextmanager
    def way(self) -> Iterator[httpx.BaseTransport]:
        with httpx.HTTPTransport() as transport:
            yield transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an export keeps its ledger and finds its site, and what it does there."""

    database_url: str
    folder: Path
    site_url: str
    ground: str
    """Name of the ground."""

    def exporting(self) -> Exporting:
        return OverSocket(
            folder=self.folder,
            database_url=self.database_url,
            time=WallTime(),
            horizon_seconds=SETTLE_HORIZON_SECONDS,
            site_url=self.site_url,
            find_epics=GROUNDS[self.ground].find_epics,
        )


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


def export(place: Place, wire: Tripwire) -> None:
    """Do what an export of the ground does, over the socket."""
    GROUNDS[place.ground].export(place.exporting(), wire)


def resume(place: Place, *, is_restored: bool = False) -> None:
    """Export until it is done; wait where the lease is still to be freed.

    Where a ledger lost its end after a person decided, what was sent since is asked about, since
    numbers of its entries are taken again and prove nothing: it is the tickets', says a person.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    takes_back = False
    while True:
        try:
            if takes_back:
                place.exporting().decide(Decision.ADOPT)
            return export(place, Tripwire())
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

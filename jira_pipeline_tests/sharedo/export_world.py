"""One ShareDo sandbox, one home and a virtual clock: what outlives the processes of an export.

Belongs here: putting the product's parts together as `sharedo/export_jobs` does, with time
and crashes in our hands. Does not: what goes wrong, and what has to hold (the tests).
"""

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from weakref import finalize

import httpx
from typing_extensions import override

from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.clock import Clock, Timer
from jira_pipeline.model.sharedo_jobs import ExportParameters, ExportType
from jira_pipeline.sharedo.client.client import ShareDoClient
from jira_pipeline.sharedo.client.environments import Environment, sandbox_environment
from jira_pipeline.sharedo.jobs.tools import ExportEvent, ExportTools, Listener
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import sandbox_environments
from jira_pipeline.store.files import FolderFiles
from jira_pipeline.store.locks import FileRunLocks
from jira_pipeline.store.sharedo_job_store import SqlExportJobStore
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.sharedo.faulty_sharedo import FaultPlan, FaultyShareDo

MATTER = ExportParameters(
    environment="development",
    export_type=ExportType.WORKTYPE,
    provider="sharedo-type",
    system_name="matter",
)
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
AFTER_A_CHUNK = "after a chunk"


class Crash(BaseException):
    """The process ends here."""


class VirtualTime(Clock, Timer):
    """Time that passes only while somebody sleeps; threads share it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._seconds = 0.0
        self.slept: list[float] = []

    @override
    def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds)

    @override
    def monotonic(self) -> float:
        return self._seconds

    @override
    def sleep(self, seconds: float) -> None:
        with self._turn:
            self.slept.append(seconds)
            self._seconds += seconds


class Tripwire:
    """Ends the process at a write, by its number or its name; what lay on the disk then is put back for the next one."""

    def __init__(self, folder: Path) -> None:
        """Watch a folder; nothing ends yet."""
        self._folder = folder
        self._kept = folder.with_name(f"{folder.name}-at-the-crash")
        self.writes = 0
        self.crash_at: int | str | None = None
        self.is_dead = False

    def passed(self, moment: str) -> None:
        """Count a moment at which the process may end; a dead one does nothing more."""
        if self.is_dead:
            raise Crash
        self.writes += 1
        if self.crash_at in {self.writes, moment}:
            self.is_dead = True
            shutil.rmtree(self._kept, ignore_errors=True)
            if self._folder.exists():
                shutil.copytree(self._folder, self._kept)
            raise Crash

    def restart(self, *, crash_at: int | str | None) -> None:
        """Begin the next process with the disk as it was when the last one ended."""
        if self.is_dead:
            shutil.rmtree(self._folder, ignore_errors=True)
            if self._kept.exists():
                self._kept.replace(self._folder)
        self.is_dead, self.writes, self.crash_at = False, 0, crash_at


@cache
def empty_store() -> bytes:
    """Return a store without a job, as a file."""
    with TemporaryDirectory() as folder:
        open_in(Path(folder)).close()
        return (Path(folder) / "store.sqlite").read_bytes()


class WiredJobs:
    """The jobs of a store; the process may end before and after each write."""

    def __init__(self, folder: Path, wire: Tripwire) -> None:
        folder.mkdir(parents=True)
        (folder / "store.sqlite").write_bytes(empty_store())
        store = open_in(folder)
        finalize(self, store.close)  # a test makes up to 200 worlds and ends none of them
        self._jobs = store.sharedo_jobs
        self._wire = wire

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a method of the store, which is watched where it writes."""
        call: Callable[..., Any] = getattr(self._jobs, name)

        def watched(*values: object, **options: object) -> object:
            self._wire.passed(f"before {name}")
            result = call(*values, **options)
            self._wire.passed(f"after {name}")
            return result

        return call if name in {"get", "known", "list_all"} else watched


class WiredTransport(httpx.BaseTransport):
    """Lets the process end before a request leaves, and before its answer is read."""

    def __init__(self, sandbox: FaultyShareDo, wire: Tripwire) -> None:
        self._inner = SandboxTransport(sandbox)
        self._wire = wire

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._wire.passed("before a request")
        response = self._inner.handle_request(request)
        self._wire.passed("before an answer")
        return response


class ExportWorld:
    """Sandbox, stored jobs, folder and time."""

    def __init__(
        self,
        folder: Path,
        *,
        plan: FaultPlan | None = None,
        changes: Mapping[str, object] | None = None,
    ) -> None:
        """Make everything anew; `changes` are of the environment's settings."""
        self.time = VirtualTime()
        self.packages_path = folder / "sharedo"
        self.wire = Tripwire(self.packages_path)
        self.jobs = cast("SqlExportJobStore", WiredJobs(folder / "store", self.wire))
        self.sandbox = FaultyShareDo(sandbox_environments(), clock=self.time.now, plan=plan)
        self.environment: Environment = sandbox_environment("development").model_copy(
            update={"deadline_seconds": 1_000.0, **(changes or {})}
        )
        self.events: list[ExportEvent] = []
        self._ids = count(1)

    def set_plan(self, plan: FaultPlan) -> None:
        self.sandbox.set_plan(plan)

    @contextmanager
    def process(self, *, crash_at: int | str | None = None) -> Iterator[ExportTools]:
        """Begin a process: its client, its locks, and the sweep of what the last one left."""
        self.wire.restart(crash_at=crash_at)
        with ExitStack() as stack:
            client = ShareDoClient(
                self.environment,
                secret="any secret",
                clock=self.time,
                timer=self.time,
                transport=WiredTransport(self.sandbox, self.wire),
            )
            yield ExportTools(
                sharedo=stack.enter_context(closing(client)),
                jobs=self.jobs,
                locks=FileRunLocks(self.packages_path.parent / "locks"),
                clock=self.time,
                timer=self.time,
                new_id=lambda: f"j{next(self._ids)}",
                packages_path=self.packages_path,
                files=FolderFiles(self.packages_path.parent),
                listener=self.listener(),
            )

    def listener(self) -> Listener:
        """Keep every event; a chunk that was written is a moment to end at."""

        def listen(event: ExportEvent) -> None:
            self.events.append(event)
            if event.downloaded_bytes is not None:
                self.wire.passed(AFTER_A_CHUNK)

        return listen

    def kinds(self) -> list[str]:
        """Return the kinds of the events, in order."""
        return [event.kind.value for event in self.events]

    def files(self) -> list[str]:
        """Return all that lies in the folder of packages, sorted."""
        return sorted(
            str(path.relative_to(self.packages_path)) for path in self.packages_path.rglob("*")
        )


def paths_of(world: ExportWorld, *, method: str, part: str) -> int:
    return sum(entry.method == method and part in entry.path for entry in world.sandbox.journal)

"""What one process works with: settings, store, source, clock, what was read already.

Belongs here: what every verb may ask of it; turns of threads that want the same, and work in the
background, where nobody waits for it and what was asked for twice is done once. Does not: which
adapter it is made of (`sessions/composition`), exclusion between processes (`store/locks`), Jira
(`trackers`), writers (`writing/writers`), one session (`context/facts`).
"""

import fcntl
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from typing_extensions import override

from jira_pipeline.context.memory import SessionMemory
from jira_pipeline.context.settings import Settings
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.clock import Clock
from jira_pipeline.model.errors import ConfigurationError, system_message
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.specification_source import SpecificationSource
from jira_pipeline.store.store import Store

SANDBOX_PROJECT_KEY = "SBX"
ADDRESS_FILE, ADDRESS_LOCK = "web.address", "web.lock"
"""Where the web program that serves a home says so."""

RESTS = 20
"""What was done is done again after so many times as long: a twentieth of one core is its share."""
END_SEEN_WITHIN_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Background:
    """One thread that does what it is asked for; what is left at the end of the process, too."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._waiting: dict[str, Callable[[], None]] = {}
        self._rested: dict[str, float] = {}
        self._is_working = False

    def soon(self, name: str, do: Callable[[], None]) -> None:
        """Do something, unless the same waits for its turn already."""
        with self._changed:
            self._waiting.setdefault(name, do)
            if not self._is_working:
                self._is_working = True
                threading.Thread(target=self._work, name="background", daemon=False).start()
            self._changed.notify()

    def _work(self) -> None:
        while (named := self._next()) is not None:
            began, (name, do) = self._monotonic(), named
            try:
                do()
            except Exception:  # noqa: BLE001 - nobody else hears of it
                _log.exception("%s", name)
            now = self._monotonic()
            self._rested[name] = now + RESTS * (now - began)

    def _next(self) -> tuple[str, Callable[[], None]] | None:
        """Wait for what may be done; None where nothing is wanted."""
        with self._changed:
            while self._waiting:
                now, is_end = self._monotonic(), not threading.main_thread().is_alive()
                self._rested = {name: at for name, at in self._rested.items() if at > now}
                for name in self._waiting:
                    if is_end or name not in self._rested:
                        return name, self._waiting.pop(name)
                self._changed.wait(END_SEEN_WITHIN_SECONDS)
            self._is_working = False
            return None


class OneByOne:
    """Lets one thread at a time go ahead with something of a name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks = WeakValueDictionary[str, threading.RLock]()
        """Of names that somebody holds or waits for; a lock is gone with the last of them."""

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Wait for the others, and go ahead; whoever goes ahead already need not wait."""
        with self._lock:
            lock = self._locks.setdefault(name, threading.RLock())
        with lock:
            yield


class SystemClock(Clock):
    @override
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Everything one process works with."""

    settings: Settings
    store: Store
    source: SpecificationSource
    clock: Clock
    memory: SessionMemory
    starting: OneByOne = field(default_factory=OneByOne)
    """Of starts of work on a session the second one finds the run of the first."""
    background: Background | None = None
    """Of a process that serves: what nobody who asked has to wait for."""

    def known_project_key(self, session: UploadSession | None) -> str | None:
        """Return the project of a session, else the configured one; None where nobody named one."""
        manifest_key = session.manifest.jira_project_key if session is not None else None
        sandbox_key = SANDBOX_PROJECT_KEY if self.settings.is_sandbox else None
        return manifest_key or self.settings.jira_project_key or sandbox_key

    def project_key(self, session: UploadSession | None) -> str:
        """Return the project of a session, or without one the configured project.

        Raises:
            ConfigurationError: A real Jira is configured and nobody named a project.
        """
        known = self.known_project_key(session)
        if known is not None:
            return known
        whose = f"Session {session.session_key} names" if session is not None else "Nobody set"
        raise ConfigurationError(
            f"{whose} {'no' if session is not None else 'a'} Jira project.",
            recovery_actions=(
                "Set JIRA_PROJECT_KEY, or `jira_project_key` in session.yaml.",
                Action(
                    kind=ActionKind.CHECK_PROJECT,
                    sentence="{} lists the projects.",
                    arguments={"list": True},
                ),
            ),
        )

    @property
    def settle_horizon_seconds(self) -> float:
        """How long after sending a doubt may be settled as absent.

        The sandbox answers within this process: when nobody runs it, nothing is under way.
        """
        return 0.0 if self.settings.is_sandbox else self.settings.jira_settle_horizon_seconds


def holder_name(who: str) -> str:
    """Name who holds a lease, for people who find it taken: what it is, the host, the process."""
    return f"{who} on {socket.gethostname()}, process {os.getpid()}"


def make_data_home(settings: Settings) -> None:
    """Make the folder of our data, for this account alone; one that is there keeps its mode."""
    try:
        settings.home_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.inbox_path.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The data folder {settings.home_path} cannot be used: {system_message(error)}.",
            recovery_actions=(
                "Set JIRA_PIPELINE_HOME to a folder that this account can write to.",
            ),
        ) from error


def running_address(settings: Settings) -> str:
    """Return the address of the web program that serves this home; empty where none runs.

    That counts while its lock is held, which the system takes back from a program that was killed.
    It is looked at without keeping anybody out: many runs ask at once.
    """
    try:
        with (settings.home_path / ADDRESS_LOCK).open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return (settings.home_path / ADDRESS_FILE).read_text(encoding="utf-8")
    except OSError:
        return ""  # nobody has served it yet, or one begins this moment
    return ""

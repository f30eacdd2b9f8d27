"""What one process works with: settings, store, source, clock, what was read already.

Belongs here: what every verb may ask of it; keeping values by what they were made of, so that
requests, and the steps of a run, read once; turns of threads that want the same, and work in the
background, where nobody waits for it and what was asked for twice is done once. Does not: which
adapter it is made of (`sessions/composition`), exclusion between processes (`store/locks`), Jira
(`trackers`), writers (`writing/writers`), one session (`context/facts`).

What was read already can be made again: sheets are named by the content of their upload, tickets by
the newest entry of the audit trail. Documents are in the store (`tickets/documents/kept_documents`).
"""

import fcntl
import logging
import os
import socket
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar, cast
from weakref import WeakValueDictionary

from typing_extensions import override

from jira_pipeline.context.settings import Settings
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.clock import Clock
from jira_pipeline.model.errors import ConfigurationError, system_message
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.specification_source import SpecificationSource
from jira_pipeline.model.tickets import AnyTicket, TicketsRead
from jira_pipeline.store.store import Store

SESSIONS_KEPT = 4
"""So many sessions' values of each kind are kept. A daemon works on a few at a time, and a session
with 100 times the rows of a large site holds 200 MB."""
TALLIES = "tally"
STAGES = "stages"
LAST_CHANGED = "last changed"
_OF_EACH = frozenset({TALLIES, STAGES, LAST_CHANGED})
"""Kinds of small values that the page of all sessions shows of each."""
FIGURES_KEPT = 1_000
"""So many sessions' values of these kinds are kept."""
LOCKS = 64
"""Values share so many locks, by the hash of their name: threads rarely wait for another value."""

Read = TypeVar("Read")


class SessionMemory:
    """Keeps values that were read or made; a value is made again only where its mark changed.

    A *mark* names the state that a value was made of, such as the newest entry of the audit trail.
    Threads that ask for the same value wait for each other, so that it is made once; nobody waits
    for another value.
    """

    def __init__(self) -> None:
        self._kept: dict[str, dict[Hashable, tuple[object, object]]] = {}
        self._lock = threading.Lock()  # of these dictionaries, never held while one reads
        self._busy = tuple(threading.Lock() for _ in range(LOCKS))
        self._holding = threading.local()

    def keeps(self, what: str, session_key: str) -> bool:
        """Return whether a value of this kind is kept for a session, even an outdated one."""
        return self._known(what, session_key) is not None

    def as_of(self, mark: object, what: str, name: Hashable, read: Callable[[], Read]) -> Read:
        """Return the kept value of a kind and name if its mark is equal, else read and keep it.

        `what` is the kind of value and `name` mostly a session. Callers look the mark up before they
        read: what changes in between is read once more. Of each kind the values used last are kept.
        `read` must not ask this memory for anything but `map_tickets`, or it could wait for itself.
        """
        return self.recompute_if_changed(mark, what, name, lambda _: read())

    def recompute_if_changed(
        self, mark: object, what: str, name: Hashable, make: Callable[[Read | None], Read]
    ) -> Read:
        """Return the kept value if its mark is equal, else make and keep it.

        `make` gets the value that was kept at another mark, or None. As in `as_of`, it must not ask
        this memory for more.
        """
        with self._alone((what, name)):
            before = self._known(what, name)
            if before is not None and before[0] == mark:
                return cast("Read", before[1])
            made = make(None if before is None else cast("Read", before[1]))
            self._keep(what, name, mark, made)
            return made

    def reread_changed_tickets(
        self,
        what: str,
        session_key: str,
        read_since: Callable[[str, int | None], TicketsRead[AnyTicket]],
        *,
        newest: int,
        order: Callable[[AnyTicket], tuple[int, ...]],
    ) -> tuple[AnyTicket, ...]:
        """Return the tickets of a session as they are now, reading only those that changed.

        `newest` is the newest entry of the session's audit trail: where the kept tickets are of that
        entry, the store is not asked. `read_since` reads the tickets that changed after an entry.

        A ticket that did not change is the same object as before, and where none did, so is the
        tuple: so what is made of it is not made again (`map_tickets`).
        """

        def update_kept(
            tickets_before: tuple[int | None, tuple[AnyTicket, ...]] | None,
        ) -> tuple[int | None, tuple[AnyTicket, ...]]:
            """Return entry and tickets of now, from those kept (None: there are none)."""
            sequence, kept_tickets = tickets_before or (None, ())
            if sequence is not None and sequence >= newest:
                return sequence, kept_tickets
            read = read_since(session_key, sequence)
            kept_by_id = {ticket.ticket_id: ticket for ticket in kept_tickets}
            current_by_id = {} if read.is_whole else {**kept_by_id}
            for ticket in read.tickets:
                kept_ticket = kept_by_id.get(ticket.ticket_id)
                # An equal ticket stays the same object.
                current_by_id[ticket.ticket_id] = kept_ticket if kept_ticket == ticket else ticket
            tickets = tuple(sorted(current_by_id.values(), key=order))
            return read.sequence, kept_tickets if tickets == kept_tickets else tickets

        return self.recompute_if_changed(newest, what, session_key, update_kept)[1]

    def map_tickets(
        self,
        what: str,
        session_key: str,
        tickets: Iterable[AnyTicket],
        make: Callable[[AnyTicket], Read],
        *,
        mark: object = None,
    ) -> Sequence[Read]:
        """Return what `make` makes of each ticket, in the order of the tickets.

        What was made of the same object before is kept, unless `mark` is another than before.
        """
        before: dict[str, tuple[AnyTicket, Read]] = {}
        kept_at_mark = self._known(what, session_key)
        if kept_at_mark is not None and kept_at_mark[0] == mark:
            before = cast("dict[str, tuple[AnyTicket, Read]]", kept_at_mark[1])
        made: dict[str, tuple[AnyTicket, Read]] = {}
        for ticket in tickets:
            pair = before.get(ticket.ticket_id)
            if pair is None or pair[0] is not ticket:
                pair = ticket, make(ticket)
            made[ticket.ticket_id] = pair
        self._keep(what, session_key, mark, made)
        return [value for _, value in made.values()]

    @contextmanager
    def _alone(self, what: object) -> Iterator[None]:
        """Let one thread at a time make a value; values may share a lock, so no thread takes two.

        Raises:
            RuntimeError: What is made asks this memory for more; it could wait for itself for ever.
        """
        if getattr(self._holding, "is_any", False):
            raise RuntimeError(f"Read {what!r} before what is made of it.")
        with self._busy[hash(what) % LOCKS]:
            self._holding.is_any = True
            try:
                yield
            finally:
                self._holding.is_any = False

    def _known(self, what: str, name: Hashable) -> tuple[object, object] | None:
        with self._lock:
            of_kind = self._kept.get(what, {})
            value_at_mark = of_kind.pop(name, None)
            if value_at_mark is not None:
                of_kind[name] = value_at_mark  # used last
            return value_at_mark

    def _keep(self, what: str, name: Hashable, mark: object, value: object) -> None:
        with self._lock:
            of_kind = self._kept.setdefault(what, {})
            of_kind.pop(name, None)
            while len(of_kind) >= (FIGURES_KEPT if what in _OF_EACH else SESSIONS_KEPT):
                del of_kind[next(iter(of_kind))]
            of_kind[name] = mark, value


SANDBOX_PROJECT_KEY = "SBX"
ADDRESS_FILE = "web.address"
"""Where the web program that serves a home says its address."""
ADDRESS_LOCK = "web.lock"
"""Held by that program while it serves."""

RESTS = 20
"""What was done is done again after so many times as long: a twentieth of one core is its share."""
END_SEEN_WITHIN_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Background:
    """A worker thread that drains its queue at the end of the process."""

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
        """Do what waits, one after the other, until nothing does; each rests in proportion to its time."""
        while (named := self._next()) is not None:
            began = self._monotonic()
            (name, do) = named
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
                now = self._monotonic()
                is_end = not threading.main_thread().is_alive()
                self._rested = {name: at for name, at in self._rested.items() if at > now}
                for name in self._waiting:
                    if is_end or name not in self._rested:
                        return name, self._waiting.pop(name)
                self._changed.wait(END_SEEN_WITHIN_SECONDS)
            self._is_working = False
            return None


class OneByOne:
    """Lets one thread at a time work under a name, such as the key of a session."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks = WeakValueDictionary[str, threading.RLock]()
        """Locks by name; one that nobody holds or waits for any more is gone."""

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Work under a name once no other thread does; a thread that already does need not wait."""
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
    """Starts of work on one session wait for each other: the second finds the run of the first."""
    background: Background | None = None
    """What a process that serves does when nobody waits for it; None in other processes."""

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
        project_key = self.known_project_key(session)
        if project_key is not None:
            return project_key
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


DAGSTER_PATH = "/dagster"
"""Where `serve` has Dagster's pages; without it they are at the root."""


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

"""What was read of sessions already, kept so that requests, and the steps of a run, read once.

Belongs here: keeping values by what they were made of, and letting threads that want the same wait
for each other. Does not: what is kept (`facts`), documents, which are in the store
(`tickets/documents/kept_documents`).

What was read already can be made again: sheets are named by the content of their upload, tickets by
the newest entry of the audit trail.
"""

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast

from jira_pipeline.model.tickets import AnyTicket, TicketsRead

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

"""What was read already, so that requests, and the steps of a run, do it once.

Belongs here: keeping values by what they were made of. Does not: making one (facts of the rooms).

Everything here can be made again: sheets are named by the content of their upload, tickets by the
newest entry of the audit trail. Documents are in the store (`tickets/documents/kept_documents`).
"""

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast

from jira_pipeline.model.ticket_drafts import AnyTicket, TicketsRead

SESSIONS_KEPT = 4
"""Of each kind of value. A daemon works on a few sessions at a time; one of 100 times a large site
holds 200 MB."""
TALLIES = "tally"
STAGES = "stages"
LAST_CHANGED = "last changed"
_OF_EACH = frozenset({TALLIES, STAGES, LAST_CHANGED})
FIGURES_KEPT = 1_000
"""A few values of each session: the page of all sessions shows them."""
LOCKS = 64

Read = TypeVar("Read")


class SessionMemory:
    """Keeps what was read; only what changed since is read again.

    Nobody waits for the reading of anything else. Who asks for the same at once waits, so that the
    sheets of a site are read once.
    """

    def __init__(self) -> None:
        self._kept: dict[str, dict[Hashable, tuple[object, object]]] = {}
        self._lock = threading.Lock()  # of these dictionaries, never held while one reads
        self._busy = tuple(threading.Lock() for _ in range(LOCKS))
        self._holding = threading.local()

    def once(self, what: str, name: Hashable, read: Callable[[], Read]) -> Read:
        """Return what was read under a name before, else read it now.

        The name says all that it is read of: under it nothing else is ever read. What was used last
        is kept. `read` asks nothing else of this memory.
        """
        return self.carried(None, what, name, lambda _: read())

    def keeps(self, what: str, session_key: str) -> bool:
        """Tell whether something of a session was read before, whatever changed since."""
        return self._known(what, session_key) is not None

    def as_of(self, mark: object, what: str, session_key: str, read: Callable[[], Read]) -> Read:
        """Return what was read of a session at an equal mark before, else read it now.

        The mark is looked up before the reading: what changes in between is read once more.
        Of this memory `read` may ask `each`, which holds up nobody, and nothing else.
        """
        return self.carried(mark, what, session_key, lambda _: read())

    def carried(
        self, mark: object, what: str, name: Hashable, make: Callable[[Read | None], Read]
    ) -> Read:
        """Return what was made at an equal mark before, else make it now of what was kept.

        `make` gets what there was at the mark before, and asks nothing else of this memory.
        """
        with self._alone((what, name)):
            before = self._known(what, name)
            if before is not None and before[0] == mark:
                return cast("Read", before[1])
            found = make(None if before is None else cast("Read", before[1]))
            self._keep(what, name, mark, found)
            return found

    def followed(
        self,
        what: str,
        session_key: str,
        read_since: Callable[[str, int | None], TicketsRead[AnyTicket]],
        *,
        newest: int,
        order: Callable[[AnyTicket], tuple[int, ...]],
    ) -> tuple[AnyTicket, ...]:
        """Return the tickets of a session as they are now; of those kept, only changed ones are read.

        Where those kept have the `newest` entry of its audit trail, the store is not asked.

        A ticket that did not change is the same object as before, and where none did, so is the
        tuple.
        """

        def follow(
            before: tuple[int | None, tuple[AnyTicket, ...]] | None,
        ) -> tuple[int | None, tuple[AnyTicket, ...]]:
            sequence = None if before is None else before[0]
            then: tuple[AnyTicket, ...] = () if before is None else before[1]
            if sequence is not None and sequence >= newest:
                return sequence, then
            read = read_since(session_key, sequence)
            by_id = {ticket.ticket_id: ticket for ticket in then}
            now = {} if read.is_whole else {**by_id}
            now |= {ticket.ticket_id: ticket for ticket in read.tickets}
            merged = (by_id[i] if by_id.get(i) == t else t for i, t in now.items())
            tickets = tuple(sorted(merged, key=order))
            return read.sequence, then if tickets == then else tickets

        return self.carried(newest, what, session_key, follow)[1]

    def each(
        self,
        what: str,
        session_key: str,
        tickets: Iterable[AnyTicket],
        make: Callable[[AnyTicket], Read],
        *,
        mark: object = None,
    ) -> Sequence[Read]:
        """Return what is made of each ticket; of one that is the same object, it is not made again.

        With another mark than before, all is made.
        """
        known = self._known(what, session_key)
        if known is None or known[0] != mark:
            known = mark, {}
        before = cast("dict[str, tuple[AnyTicket, Read]]", known[1])
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
        """Keep out who reads the same; some share a lock, so nobody may take two.

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
            known = of_kind.pop(name, None)
            if known is not None:
                of_kind[name] = known  # used last
            return known

    def _keep(self, what: str, name: Hashable, mark: object, value: object) -> None:
        with self._lock:
            of_kind = self._kept.setdefault(what, {})
            of_kind.pop(name, None)
            while len(of_kind) >= (FIGURES_KEPT if what in _OF_EACH else SESSIONS_KEPT):
                del of_kind[next(iter(of_kind))]
            of_kind[name] = mark, value

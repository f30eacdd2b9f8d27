"""What was read already, so that requests, and the steps of a run, do it once.

Everything here can be read again: contents are named by the upload's content, tickets by the newest
entry of the audit trail. Documents are in the store (`documents`).
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast

from jira_pipeline.domain.entities import SourceFile
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.ports.specification import SpecificationSource
from jira_pipeline.ports.tickets import AnyTicket, TicketsRead
from jira_pipeline.stages.session_contents import (
    SessionContents,
    read_earlier_contents,
    read_session_contents,
)
from jira_pipeline.stages.upload_reading import upload_path_of

SESSIONS_KEPT = 4
"""Of each kind of value. A daemon works on a few sessions at a time; one of 100 times a large site
holds 200 MB."""
LOCKS = 64

ContentsKey = tuple[str, bool, bool]
Read = TypeVar("Read")


class SessionMemory:
    """Keeps what was read; only what changed since is read again.

    Nobody waits for the reading of anything else. Who asks for the same at once waits, so that the
    sheets of a site are read once.
    """

    def __init__(
        self,
        *,
        source: SpecificationSource,
        registered_files: Callable[[str], tuple[SourceFile, ...]],
        uploads_path: Path,
    ) -> None:
        """Start with nothing; `registered_files` returns the files of a session by its key."""
        self._source = source
        self._registered_files = registered_files
        self._uploads_path = uploads_path
        self._contents: dict[ContentsKey, SessionContents] = {}
        self._earlier: dict[ContentsKey, Mapping[str, EntityGroup] | None] = {}
        self._kept: dict[str, dict[str, tuple[object, object]]] = {}
        self._lock = threading.Lock()  # of these dictionaries, never held while one reads
        self._busy = tuple(threading.Lock() for _ in range(LOCKS))
        self._holding = threading.local()

    def keeps(self, what: str, session_key: str) -> bool:
        """Tell whether something of a session was read before, whatever changed since."""
        return self._known(what, session_key) is not None

    def as_of(self, mark: object, what: str, session_key: str, read: Callable[[], Read]) -> Read:
        """Return what was read of a session at an equal mark before, else read it now.

        The mark is looked up before the reading: what changes in between is read once more.
        `read` asks nothing else of this memory.
        """
        return self.carried(mark, what, session_key, lambda _: read())

    def carried(
        self, mark: object, what: str, session_key: str, make: Callable[[Read | None], Read]
    ) -> Read:
        """Return what was made at an equal mark before, else make it now of what was kept.

        `make` gets what there was at the mark before; of this memory it may ask `each`, which
        holds up nobody, and nothing else.
        """
        with self._alone((what, session_key)):
            known = self._known(what, session_key)
            if known is not None and known[0] == mark:
                return cast("Read", known[1])
            found = make(None if known is None else cast("Read", known[1]))
            self._keep(what, session_key, mark, found)
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
        with self._alone((what, session_key)):
            known = self._known(what, session_key)
            if known is None:
                read = read_since(session_key, None)
                self._keep(what, session_key, read.sequence, read.tickets)
                return read.tickets
            sequence, before = cast("tuple[int, tuple[AnyTicket, ...]]", known)
            if sequence >= newest:
                return before
            read = read_since(session_key, sequence)
            if read.sequence == sequence:
                return before
            by_id = {ticket.ticket_id: ticket for ticket in before}
            changed = {
                ticket.ticket_id: ticket
                for ticket in read.tickets
                if by_id.get(ticket.ticket_id) != ticket
            }
            if read.is_whole:
                by_id = {t.ticket_id: by_id.get(t.ticket_id, t) for t in read.tickets}
            tickets = tuple(sorted((by_id | changed).values(), key=order))
            if tickets == before:
                tickets = before
            self._keep(what, session_key, read.sequence, tickets)
            return tickets

    def each(
        self,
        what: str,
        session_key: str,
        tickets: Iterable[AnyTicket],
        make: Callable[[AnyTicket, Read | None], Read],
        *,
        mark: object = None,
    ) -> Sequence[Read]:
        """Return what is made of each ticket; of one that is the same object, it is not made again.

        `make` gets what was made of the ticket before. With another mark than before, all is made.
        """
        known = self._known(what, session_key)
        if known is None or known[0] != mark:
            known = mark, {}
        before = cast("dict[str, tuple[AnyTicket, Read]]", known[1])
        found: dict[str, tuple[AnyTicket, Read]] = {}
        for ticket in tickets:
            kept = before.get(ticket.ticket_id)
            if kept is None:
                kept = ticket, make(ticket, None)
            elif kept[0] is not ticket:
                kept = ticket, make(ticket, kept[1])
            found[ticket.ticket_id] = kept
        self._keep(what, session_key, mark, found)
        return [value for _, value in found.values()]

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

    def _known(self, what: str, session_key: str) -> tuple[object, object] | None:
        with self._lock:
            of_kind = self._kept.get(what, {})
            known = of_kind.pop(session_key, None)
            if known is not None:
                of_kind[session_key] = known  # used last
            return known

    def _keep(self, what: str, session_key: str, mark: object, value: object) -> None:
        with self._lock:
            of_kind = self._kept.setdefault(what, {})
            of_kind.pop(session_key, None)
            while len(of_kind) >= SESSIONS_KEPT:
                del of_kind[next(iter(of_kind))]
            of_kind[session_key] = mark, value

    def contents(self, session: UploadSession) -> SessionContents:
        """Return the sheets of a session, read and grouped.

        Raises:
            StoreError: The kept copy is not what was registered; looked at when it is read.
        """
        key = _key_of(session)
        with self._alone(key):
            with self._lock:
                contents = self._contents.pop(key, None)
                if contents is not None:
                    self._contents[key] = contents  # used last
                    return contents
            contents = read_session_contents(
                session,
                registered=self._registered_files(session.session_key),
                source=self._source,
                uploads_path=self._uploads_path,
            )
            with self._lock:
                while len(self._contents) >= SESSIONS_KEPT:
                    longest_unused = next(iter(self._contents))
                    del self._contents[longest_unused]
                self._contents[key] = contents
            return contents

    def earlier_groups(
        self, session: UploadSession, content_sha256: str
    ) -> Mapping[str, EntityGroup] | None:
        """Return the groups of an earlier upload of a session; None where its copy is gone."""
        manifest = session.manifest
        path = upload_path_of(session.session_key, content_sha256)
        key = (path, manifest.include_waiting, manifest.removals)
        with self._alone(("earlier", key)):
            kept = self._earlier
            if key not in kept:
                contents = read_earlier_contents(
                    session,
                    content_sha256=content_sha256,
                    source=self._source,
                    uploads_path=self._uploads_path,
                )
                kept = {key: None if contents is None else contents.groups_by_key}
                self._earlier = kept
            return kept[key]


def _key_of(session: UploadSession) -> ContentsKey:
    manifest = session.manifest
    return session.upload_path, manifest.include_waiting, manifest.removals

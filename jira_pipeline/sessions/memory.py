"""What was read and rendered already, so that requests, and the steps of a run, do it once.

Everything here can be computed again: contents are named by the upload's content, tickets by the
newest entry of the audit trail, renderings by what the ticket says. All is kept by a process,
renderings also in a file of the session. One that is damaged, or of other sheets or other code,
counts as absent; a document that is not what its hash says is rendered again.
"""

import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache, partial
from importlib import metadata, resources
from pathlib import Path
from typing import TypeVar, cast

from jira_pipeline.domain.entities import SourceFile
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.rendered_tickets import (
    KeptDocument,
    RenderedTicket,
    content_digest_of,
    hash_with_fields,
)
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.tickets import ASSIGNABLE_FIELDS, Ticket, canonical_json
from jira_pipeline.ports.specification import SpecificationSource
from jira_pipeline.ports.tickets import AnyTicket, TicketsRead
from jira_pipeline.stages.adf_validation import refuse_without_rows, render_tickets
from jira_pipeline.stages.session_contents import (
    SessionContents,
    read_earlier_contents,
    read_session_contents,
)
from jira_pipeline.stages.ticket_rendering.rendering import WrittenTables
from jira_pipeline.stages.upload_reading import upload_path_of

RENDERINGS_FOLDER = "rendered_tickets"
"""Beside the artefacts of the assets, and removed with them."""
KEY_CHARACTERS = 64
logger = logging.getLogger(__name__)
ROOT = "jira_pipeline"
ROOMS = ("adf", "domain", "sources", "stages")
LIBRARIES = ("markdown-it-py", "selectolax")
SESSIONS_KEPT = 4
"""Of each kind of value. A daemon works on a few sessions at a time; one of 100 times a large site
holds 200 MB."""
SHOWN_KEPT = 200
"""Tickets of a session that were shown last; a page of one has some 30 kB."""
OLD_SHARE = 10
"""The file is written again where more than this part of it, a tenth, would be rendered again."""
LOCKS = 64

_DECISIONS = frozenset(
    {
        *("ready_hash", "ready_by", "skipped_reason", "position"),
        *("assigned_fields", "source_changes"),
    }
)
_CONTENT = tuple(name for name in Ticket.__dataclass_fields__ if name not in _DECISIONS)
"""What of a ticket is in what Jira gets; the revision has most of it."""
_BESIDE_THE_DOCUMENT = ASSIGNABLE_FIELDS
"""Jira gets them as fields; neither document nor attachment shows them."""

ContentsKey = tuple[str, bool, bool]
Read = TypeVar("Read")


class SessionMemory:
    """Keeps what was read and rendered; only what changed since is read and rendered again.

    Nobody waits for the reading or rendering of anything else. Who asks for the same at once waits,
    so that the sheets of a site are read once, and its tickets rendered once.
    """

    def __init__(
        self,
        *,
        source: SpecificationSource,
        registered_files: Callable[[str], tuple[SourceFile, ...]],
        uploads_path: Path,
        renderings_path: Path,
        body_max_bytes: int,
    ) -> None:
        """Start with nothing; `registered_files` returns the files of a session by its key."""
        self._source = source
        self._registered_files = registered_files
        self._uploads_path = uploads_path
        self._renderings_path = renderings_path
        self._body_max_bytes = body_max_bytes
        self._contents: dict[ContentsKey, SessionContents] = {}
        self._rendered: dict[ContentsKey, Mapping[str, RenderedTicket]] = {}
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

    def of_ticket(
        self, what: str, session_key: str, ticket_id: str, source: object, make: Callable[[], Read]
    ) -> Read:
        """Return what was made of this very object, of a ticket that is shown; else make it now."""
        known = self._known(what, session_key)
        shown = {} if known is None else cast("dict[str, tuple[object, object]]", known[1])
        kept = shown.get(ticket_id)
        if kept is not None and kept[0] is source:
            return cast("Read", kept[1])
        found = make()
        latest = list(shown.items())[1 - SHOWN_KEPT :]
        self._keep(what, session_key, None, {**dict(latest), ticket_id: (source, found)})
        return found

    @contextmanager
    def _alone(self, what: object) -> Iterator[None]:
        """Keep out who reads or renders the same; some share a lock, so nobody may take two.

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
                    self._rendered.pop(longest_unused, None)
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

    def rendered(
        self, session: UploadSession, tickets: tuple[Ticket, ...]
    ) -> tuple[RenderedTicket, ...]:
        """Return tickets of a session as Jira would get them now; what is kept is not made again.

        Raises:
            GateError: A ticket's group is not in the sheets any more.
        """
        groups = self.contents(session).groups_by_key
        refuse_without_rows(tickets, groups, source_word=session.source_word)
        key = _key_of(session)
        with self._alone(("rendered", key)):  # else all who look at once would render the same
            known = self._rendered.get(key)
            if known is None:
                known = self._first_rendered(session, tickets, groups)
            found = {
                ticket.ticket_id: rendered
                for ticket in tickets
                if (rendered := _as_kept(known.get(ticket.ticket_id), ticket)) is not None
            }
            missing = [ticket for ticket in tickets if ticket.ticket_id not in found]
            made = self._rendered_again(session, missing, groups)
            found |= {rendered.ticket.ticket_id: rendered for rendered in made}
            self._keep_rendered(key, found)
            return tuple(found[ticket.ticket_id] for ticket in tickets)

    def rendered_ticket(self, session: UploadSession, ticket: Ticket) -> RenderedTicket:
        """Return one ticket as Jira would get it now; no other one is rendered.

        Raises:
            GateError: Its group is not in the sheets any more.
        """
        groups, key = self.contents(session).groups_by_key, _key_of(session)
        known = self._rendered.get(key)
        alone = self._known("rendered alone", session.session_key) if known is None else None
        shown = cast("dict[str, RenderedTicket]", alone[1]) if alone and alone[0] == key else {}
        kept = _as_kept((known or shown).get(ticket.ticket_id), ticket)
        if kept is not None:
            return kept
        (made,) = self._rendered_again(session, [ticket], groups)
        if known is not None:
            self._keep_rendered(key, {**known, ticket.ticket_id: made})
        else:  # a session whose tickets nobody looked at together
            shown = {**shown, ticket.ticket_id: made}
            self._keep("rendered alone", session.session_key, key, shown)
        return made

    def _rendered_again(
        self,
        session: UploadSession,
        tickets: Sequence[Ticket],
        groups: Mapping[str, EntityGroup],
    ) -> Sequence[RenderedTicket]:
        """Render tickets; the tables of those that are edited again are kept."""

        def tables_of(group: EntityGroup) -> WrittenTables:
            make = partial(WrittenTables, group)
            return self.of_ticket("tables", session.session_key, group.key, group, make)

        return render_tickets(
            tickets,
            groups=groups,
            body_max_bytes=self._body_max_bytes,
            tables_of=tables_of,
        )

    def _first_rendered(
        self,
        session: UploadSession,
        tickets: tuple[Ticket, ...],
        groups: Mapping[str, EntityGroup],
    ) -> Mapping[str, RenderedTicket]:
        """Read what another process rendered and render the rest; the file is kept up to date."""
        by_key = {content_key_of(ticket): ticket for ticket in tickets}
        path = self._renderings_path / f"{session.session_key}.json"
        made_by = f"{rendering_of(body_max_bytes=self._body_max_bytes)} {_key_of(session)}"
        found = read_renderings(path, by_key, made_by=made_by)
        missing = [key for key in by_key if key not in found]
        made = self._rendered_again(session, [by_key[key] for key in missing], groups)
        found |= zip(missing, made, strict=True)
        if len(missing) * OLD_SHARE > len(by_key):
            write_renderings(path, {key: found[key] for key in by_key}, made_by=made_by)
        first = {rendered.ticket.ticket_id: rendered for rendered in found.values()}
        self._keep_rendered(_key_of(session), first)
        return first

    def _keep_rendered(self, key: ContentsKey, found: Mapping[str, RenderedTicket]) -> None:
        with self._lock:
            if key in self._contents:  # they are let go together
                self._rendered[key] = found


def _as_kept_text(rendered: RenderedTicket) -> KeptDocument:
    document = rendered.description_adf
    if isinstance(document, KeptDocument):
        return document
    return KeptDocument(canonical_json(document))


def _as_kept(kept: RenderedTicket | None, ticket: Ticket) -> RenderedTicket | None:
    """Return what was rendered of a ticket, if it still says the same; with what was decided now."""
    if kept is None or kept.ticket is ticket:
        return kept
    changed = {name for name in _CONTENT if getattr(kept.ticket, name) != getattr(ticket, name)}
    if not changed <= set(_BESIDE_THE_DOCUMENT):
        return None
    if not changed:
        return replace(kept, ticket=ticket)
    digest = kept.content_digest or content_digest_of(
        _as_kept_text(kept).text, attachment=kept.attachment
    )
    return replace(kept, ticket=ticket, rendered_hash=hash_with_fields(ticket, digest))


def _key_of(session: UploadSession) -> ContentsKey:
    manifest = session.manifest
    return session.upload_path, manifest.include_waiting, manifest.removals


@cache
def rendering_of(*, body_max_bytes: int) -> str:
    """Name the code that reads sheets and renders tickets: equal only where both do the same.

    It is a hash over every module that has a part in what Jira gets, and the versions of the
    libraries below them, so nobody has to remember to raise a number.
    """
    digest = hashlib.sha256(f"body_max_bytes={body_max_bytes}\n".encode())
    for name in LIBRARIES:
        digest.update(f"{name}=={metadata.version(name)}\n".encode())
    root = resources.files(ROOT)
    for room in ROOMS:
        with resources.as_file(root / room) as folder:
            for path in sorted(folder.rglob("*.py")):
                digest.update(f"{path.relative_to(folder)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def content_key_of(ticket: Ticket) -> str:
    """Name what a ticket says: what people decided about it does not show in Jira."""
    content = [getattr(ticket, name) for name in _CONTENT]
    return hashlib.sha256(json.dumps(content, default=_plain).encode()).hexdigest()


def _plain(value: object) -> object:
    names = getattr(value, "__dataclass_fields__", None)
    return str(value) if names is None else [getattr(value, name) for name in names]


def read_renderings(
    path: Path, wanted: Mapping[str, Ticket], *, made_by: str
) -> dict[str, RenderedTicket]:
    """Return those renderings of these tickets that the file holds; both by content key.

    `made_by` names sheets and code, and is the first line of the file.
    """
    found: dict[str, RenderedTicket] = {}
    if not wanted:
        return found
    try:
        with path.open(encoding="utf-8") as lines:
            if next(lines, "").rstrip("\n") != made_by:
                return found
            for line in lines:
                key = line[:KEY_CHARACTERS]
                if key in wanted:
                    rendered = _rendering_in(line[KEY_CHARACTERS:], wanted[key])
                    if rendered is not None:
                        found[key] = rendered
    except (OSError, ValueError) as error:  # ValueError: no JSON, no UTF-8
        logger.debug("the rendered tickets in %s cannot be read: %s", path, error)
    return found


def _rendering_in(line: str, ticket: Ticket) -> RenderedTicket | None:
    """Return what a line holds of a ticket; None where it is not what its hash says."""
    beside, _, document_json = line.partition("\t")
    attachment, whole_characters, rendered_hash = json.loads(beside)
    named = None if attachment is None else (str(attachment[0]), str(attachment[1]))
    document_json = document_json.rstrip("\n")
    digest = content_digest_of(document_json, attachment=named)
    if hash_with_fields(ticket, digest) != rendered_hash:
        return None
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        description_adf=KeptDocument(document_json),
        attachment=named,
        rendered_hash=rendered_hash,
        whole_characters=whole_characters,
        content_digest=digest,
    )


def write_renderings(path: Path, rendered: Mapping[str, RenderedTicket], *, made_by: str) -> None:
    """Keep renderings by content key, in place of those before; nothing is lost where it fails."""
    incoming = path.with_name(f".{path.name}.{os.getpid()}.incoming")  # a run may write it too
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with incoming.open("w", encoding="utf-8") as lines:
            lines.write(f"{made_by}\n")
            for key, one in rendered.items():
                beside = json.dumps((one.attachment, one.whole_characters, one.rendered_hash))
                lines.write(f"{key}{beside}\t{_as_kept_text(one).text}\n")
        incoming.replace(path)
    except OSError as error:  # no room, or an account that only reads
        logger.debug("the rendered tickets cannot be kept in %s: %s", path, error)
        with suppress(OSError):
            incoming.unlink(missing_ok=True)

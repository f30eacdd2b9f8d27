"""Tickets as Jira would get them: those that the store keeps, and making what is absent.

Belongs here: the one place that makes a document. Does not: keeping it (`store/documents`), what is
in one (`rendering`).

A document is absent once its ticket says something else, after an upload that changed its rows or
what groups are called, and where another version of this program made it.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cache, lru_cache, partial
from importlib import metadata
from typing import TypeAlias

from pydantic import TypeAdapter, ValidationError

from jira_pipeline.model.entities import Specification
from jira_pipeline.model.entity_groups import EntityGroup, KeptRows, NamedGroup, RowsOfGroup
from jira_pipeline.model.errors import StoreBusyError, StoreError
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.store.documents import CODE_CHARACTERS, SqlDocumentStore
from jira_pipeline.tickets.code_version import code_version
from jira_pipeline.tickets.documents.adf_validation import check_ticket, refuse_without_rows
from jira_pipeline.tickets.documents.passages import created_names, passages_of
from jira_pipeline.tickets.documents.rendering import WrittenTables, render_ticket

ROOMS = (
    "jira/adf",
    "model",
    "drupal",
    "sharedo",
    "sheets",
    "tickets/documents",
    "tickets/grouping",
)
LIBRARIES = ("markdown-it-py", "selectolax")
KEPT_AT_ONCE = 50
"""Documents in one transaction: they are made before it, so it takes some milliseconds."""
ROWS_READ = 100
"""Groups that were rendered last, with their tables: who edits a ticket does it more than once."""
_MAKING = threading.Lock()
"""Held while one thread makes the absent documents of a session: else all who look make them."""
logger = logging.getLogger(__name__)

ReadRows: TypeAlias = Callable[[], Sequence[RowsOfGroup]]
"""Reads the sheets of a session, however they are kept, into what documents are made of."""


def rendering_of(session: UploadSession, *, body_max_bytes: int) -> str:
    """Name the code, then the upload: equal only where the same ticket becomes the same document."""
    code = rendering_code(body_max_bytes=body_max_bytes)
    manifest = session.manifest
    shown = f"{session.upload_path} {manifest.include_waiting} {manifest.removals}"
    return code[:CODE_CHARACTERS] + hashlib.sha256(shown.encode()).hexdigest()[:CODE_CHARACTERS]


@cache
def rendering_code(*, body_max_bytes: int) -> str:
    """Name the code that reads sheets and renders tickets: equal only where both do the same.

    It is a digest of every module that has a part in what Jira gets, and of the versions of the
    libraries below them.
    """
    versions = [f"{name}=={metadata.version(name)}" for name in LIBRARIES]
    return code_version(ROOMS, also=f"body_max_bytes={body_max_bytes}, {', '.join(versions)}")


@cache
def _adapter() -> TypeAdapter[EntityGroup]:
    return TypeAdapter(EntityGroup)


@lru_cache(maxsize=ROWS_READ)
def group_in(rows: str) -> EntityGroup:
    """Return the group that the store keeps as these rows."""
    return _adapter().validate_json(rows)


def rows_of_groups(
    specification: Specification, groups: Sequence[EntityGroup]
) -> Sequence[RowsOfGroup]:
    """Return groups as the store keeps them, with the fields that each creates."""
    creates = created_names(specification, groups)
    return [
        RowsOfGroup(
            group_key=group.key,
            named=NamedGroup(title=group.title, action=group.action),
            is_hollow=group.is_hollow,
            rows=_adapter().dump_json(group).decode(),
            creates=creates.get(group.key, ()),
        )
        for group in groups
    ]


def kept_rows_of_upload(
    session: UploadSession, documents: SqlDocumentStore, *, rendering: str
) -> Sequence[RowsOfGroup]:
    """Return what the documents of an upload were made of, by whichever version of this program.

    Nothing where it was never rendered, or this version cannot read the groups of that one.
    """
    rows = documents.rows_of_upload(session.session_key, rendering=rendering)
    try:
        for of_group in rows:
            group_in(of_group.rows)
    except ValidationError as error:
        logger.warning("the groups of session %s cannot be read: %s", session.session_key, error)
        return ()
    return rows


@lru_cache(maxsize=ROWS_READ)
def tables_in(rows: str) -> WrittenTables:
    """Return the tables of the group that the store keeps as these rows."""
    return WrittenTables(group_in(rows))


def rendered_tickets(
    session: UploadSession,
    *,
    documents: SqlDocumentStore,
    body_max_bytes: int,
    read: ReadRows,
    tickets: Sequence[Ticket],
) -> tuple[RenderedTicket, ...]:
    """Return tickets, as they were read, as Jira would get them.

    What is absent is made and kept; `read` reads the sheets, where rows are absent.

    Raises:
        GateError: A ticket's group is not in the sheets any more.
    """
    key = session.session_key
    rendering = rendering_of(session, body_max_bytes=body_max_bytes)
    look_up = partial(documents.of, key, tickets, rendering=rendering)
    looked_up = look_up()
    absent_count = sum(document is None for _, document in looked_up)
    with _MAKING if absent_count > KEPT_AT_ONCE else nullcontext():
        if absent_count > KEPT_AT_ONCE:  # somebody else made them while this waited for its turn
            looked_up = look_up()
        document_by_id = _documents_present(looked_up)
        absent = [ticket for ticket, _ in looked_up if ticket.ticket_id not in document_by_id]
        if not absent:
            return tuple(document_by_id.values())
        ids = [ticket.ticket_id for ticket in absent]
        rows_of_groups = documents.rows(key, rendering=rendering, only=ids)
        if rows_of_groups is None:
            rows_of_groups = _rows_stored_now(
                session, absent, documents=documents, rendering=rendering, read=read
            )
            # What the upload left as it was is present again, now that its rows are stored.
            document_by_id |= _documents_present(documents.of(key, absent, rendering=rendering))
            absent = [ticket for ticket in absent if ticket.ticket_id not in document_by_id]
        rows_by_id, groups = rows_of_groups
        refuse_without_rows(absent, groups, source_word=session.source_word)
        is_store_writable = True
        for begin in range(0, len(absent), KEPT_AT_ONCE):
            made = []
            for ticket in absent[begin : begin + KEPT_AT_ONCE]:
                rows = rows_by_id[ticket.ticket_id]
                tables = tables_in(rows.rows)
                document = render_ticket(
                    ticket, tables, groups=groups, body_max_bytes=body_max_bytes
                )
                verdict = check_ticket(document, body_max_bytes=body_max_bytes)
                document = replace(document, verdict=verdict)
                document_by_id[ticket.ticket_id] = document
                passages = passages_of(ticket, tables.group, creates=rows.creates)
                made.append((document, passages))
            if is_store_writable:
                is_store_writable = _store_if_writable(
                    partial(documents.keep, key, made, rendering=rendering)
                )
    return tuple(document_by_id[ticket.ticket_id] for ticket, _ in looked_up)


def _documents_present(
    looked_up: Iterable[tuple[Ticket, RenderedTicket | None]],
) -> dict[str, RenderedTicket]:
    """Return the documents that the store has, by ticket id, in the order of the tickets."""
    return {ticket.ticket_id: document for ticket, document in looked_up if document is not None}


def _rows_stored_now(
    session: UploadSession,
    tickets: Sequence[Ticket],
    *,
    documents: SqlDocumentStore,
    rendering: str,
    read: ReadRows,
) -> tuple[Mapping[str, KeptRows], Mapping[str, NamedGroup]]:
    """Read the sheets and store the rows of all groups.

    Returns the rows of the tickets, by ticket id, and the names of all groups, by key.
    """
    rows_of_groups = read()
    _store_if_writable(partial(documents.begin, session, rows_of_groups, rendering=rendering))
    names = {rows.group_key: rows.named for rows in rows_of_groups}
    refuse_without_rows(tickets, names, source_word=session.source_word)
    rows_by_group = {rows.group_key: rows for rows in rows_of_groups}
    return {ticket.ticket_id: rows_by_group[ticket.group_key] for ticket in tickets}, names


def _store_if_writable(write: Callable[[], None]) -> bool:
    """Write to the store; return False where it takes nothing now, such as from a read-only account.

    Documents are a cache: who looks at a ticket gets it all the same.
    """
    try:
        write()
    except (StoreError, StoreBusyError) as error:
        logger.info("documents are not kept: %s", error.message)
        return False
    return True

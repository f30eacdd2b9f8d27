"""Tickets as Jira would get them: those that the store keeps, and making what is absent.

Belongs here: the one place that makes a document; the texts that a search finds its ticket by, each
with where it is, and what the ticket does with a machine name. Does not: keeping and searching them
(`store/documents`, `sessions/search`), how words are compared (`model/search_words`), what is in a
document (`rendering`).

A document is absent once its ticket says something else, after an upload that changed its rows or
what groups are called, and where another version of this program made it.
"""

import hashlib
import logging
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cache, lru_cache, partial
from importlib import metadata, resources
from typing import TypeAlias

from pydantic import TypeAdapter

from jira_pipeline.jira.adf import adf_to_text, html_to_blocks, nodes as adf
from jira_pipeline.model.entities import TO_BUILD, BundleType, Entity, EntityKind, Specification
from jira_pipeline.model.entity_groups import EntityGroup, GroupAction, NamedGroup
from jira_pipeline.model.errors import StoreBusyError, StoreError
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.search_words import NameRole, Passage, PlaceKind
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import PART_NAMES, Ticket, row_ids_of
from jira_pipeline.store.documents import (
    CODE_CHARACTERS,
    KeptRows,
    RowsOfGroup,
    SqlDocumentStore,
)
from jira_pipeline.tickets.documents.adf_validation import check_ticket, refuse_without_rows
from jira_pipeline.tickets.documents.rendering import PROSE_LINKS, WrittenTables, render_ticket
from jira_pipeline.tickets.questions.question_index import QuestionIndex

ROOT = "jira_pipeline"
ROOMS = (
    "jira/adf",
    "model",
    "drupal/meaning",
    "sharedo",
    "sheets",
    "tickets/documents",
    "tickets/grouping",
    "tickets/questions",
)
DECIDING = {".py", ".toml"}
LIBRARIES = ("markdown-it-py", "selectolax")
KEPT_AT_ONCE = 50
"""Documents in one transaction: they are made before it, so it takes some milliseconds."""
ROWS_READ = 100
"""Groups that were rendered last, with their tables: who edits a ticket does it more than once."""
_MAKING = threading.Lock()
"""Of who makes all that are absent of a session: else all who look at once would."""
logger = logging.getLogger(__name__)

ReadSheets: TypeAlias = Callable[[], tuple[Specification, Sequence[EntityGroup]]]
"""Reads the sheets of a session, however they are kept."""


def rendering_of(session: UploadSession, *, body_max_bytes: int) -> str:
    """Name the code, then the upload: equal only where the same ticket becomes the same document."""
    code, manifest = rendering_code(body_max_bytes=body_max_bytes), session.manifest
    shown = f"{session.upload_path} {manifest.include_waiting} {manifest.removals}"
    return code[:CODE_CHARACTERS] + hashlib.sha256(shown.encode()).hexdigest()[:CODE_CHARACTERS]


@cache
def rendering_code(*, body_max_bytes: int) -> str:
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
            for path in sorted(p for p in folder.rglob("*") if p.suffix in DECIDING):
                digest.update(f"{path.relative_to(folder)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _adapter() -> TypeAdapter[EntityGroup]:
    return TypeAdapter(EntityGroup)


@lru_cache(maxsize=ROWS_READ)
def group_in(rows: str) -> EntityGroup:
    """Return the group that the store keeps as these rows."""
    return _adapter().validate_json(rows)


@lru_cache(maxsize=ROWS_READ)
def tables_in(rows: str) -> WrittenTables:
    """Return the tables of the group that the store keeps as these rows."""
    return WrittenTables(group_in(rows))


def rendered_tickets(
    session: UploadSession,
    *,
    documents: SqlDocumentStore,
    body_max_bytes: int,
    read: ReadSheets,
    tickets: Sequence[Ticket],
) -> tuple[RenderedTicket, ...]:
    """Return tickets, as they were read, as Jira would get them.

    What is absent is made and kept; `read` reads the sheets, where rows are absent.

    Raises:
        GateError: A ticket's group is not in the sheets any more.
    """
    key, rendering = session.session_key, rendering_of(session, body_max_bytes=body_max_bytes)
    look = partial(documents.of, key, tickets, rendering=rendering)
    looked_up = look()
    absent_count = sum(document is None for _, document in looked_up)
    with _MAKING if absent_count > KEPT_AT_ONCE else nullcontext():
        if absent_count > KEPT_AT_ONCE:  # somebody else made them while this waited for its turn
            looked_up = look()
        kept = {
            ticket.ticket_id: document for ticket, document in looked_up if document is not None
        }
        absent = [ticket for ticket, _ in looked_up if ticket.ticket_id not in kept]
        if not absent:
            return tuple(kept.values())
        ids = [ticket.ticket_id for ticket in absent]
        rows_of_groups = documents.rows(key, rendering=rendering, only=ids)
        if rows_of_groups is None:
            rows_of_groups = _rows_kept_now(
                session, absent, documents=documents, rendering=rendering, read=read
            )
            again = documents.of(key, absent, rendering=rendering)  # what the upload left as it was
            kept |= {
                ticket.ticket_id: document for ticket, document in again if document is not None
            }
            absent = [ticket for ticket in absent if ticket.ticket_id not in kept]
        rows, others = rows_of_groups
        refuse_without_rows(absent, others, source_word=session.source_word)
        is_kept = True
        for begin in range(0, len(absent), KEPT_AT_ONCE):
            made = []
            for ticket in absent[begin : begin + KEPT_AT_ONCE]:
                kept_rows = rows[ticket.ticket_id]
                group, tables = group_in(kept_rows.rows), tables_in(kept_rows.rows)
                document = render_ticket(
                    ticket, group, groups=others, body_max_bytes=body_max_bytes, tables=tables
                )
                document = replace(
                    document, verdict=check_ticket(document, body_max_bytes=body_max_bytes)
                )
                kept[ticket.ticket_id] = document
                passages = passages_of(ticket, group, creates=kept_rows.creates)
                made.append((document, passages))
            if is_kept:
                is_kept = _is_done(partial(documents.keep, key, made, rendering=rendering))
    return tuple(kept[ticket.ticket_id] for ticket, _ in looked_up)


def _rows_kept_now(
    session: UploadSession,
    tickets: Sequence[Ticket],
    *,
    documents: SqlDocumentStore,
    rendering: str,
    read: ReadSheets,
) -> tuple[Mapping[str, KeptRows], Mapping[str, NamedGroup]]:
    """Keep the rows of all groups; return those of tickets, by ticket id, and all groups by key."""
    specification, groups = read()
    creates = created_names(specification, groups)
    written = [
        RowsOfGroup(
            group_key=group.key,
            named=NamedGroup(title=group.title, action=group.action),
            is_hollow=group.is_hollow,
            rows=_adapter().dump_json(group).decode(),
            creates=creates.get(group.key, ()),
        )
        for group in groups
    ]
    _is_done(partial(documents.begin, session, written, rendering=rendering))
    named = {document.group_key: document.named for document in written}
    refuse_without_rows(tickets, named, source_word=session.source_word)
    rows = {document.group_key: document for document in written}
    return {ticket.ticket_id: rows[ticket.group_key] for ticket in tickets}, named


def _is_done(keep: Callable[[], None]) -> bool:
    """Keep something, and go on where the store takes nothing now, as of an account that reads."""
    try:
        keep()
    except (StoreError, StoreBusyError) as error:
        logger.info("documents are not kept: %s", error.message)
        return False
    return True


PARTS_KEPT = 2_000
"""Parts of the tickets that were read last; an edit changes one of five."""
_WITHOUT_STORAGE = frozenset({None, BundleType.WEBFORM})
_NAME_IN_TEXT = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
"""As machine names are written; one without an underscore is a word like others."""


def created_names(
    specification: Specification, groups: Sequence[EntityGroup]
) -> Mapping[str, tuple[str, ...]]:
    """Return the machine names of fields whose storage each ticket creates, by key of its group."""
    origins = QuestionIndex(specification=specification, groups=groups).storage_origins
    return {
        group.key: tuple(
            row.machine_name
            for row in (*group.heads, *group.members)
            if origins.get((row.bundle_type, row.machine_name)) == group.number
        )
        for group in groups
    }


def passages_of(
    ticket: Ticket, group: EntityGroup, *, creates: Collection[str]
) -> tuple[Passage, ...]:
    """Return the texts of a ticket: names by role, title, questions with answers, prose, cells.

    `creates` are the fields among its rows whose storage it creates.
    """
    group = group.as_in_sheet
    texts = (
        Passage(kind=PlaceKind.TITLE, text=ticket.title),
        *_questions(ticket),
        *(
            Passage(kind=PlaceKind.PROSE, text=line, part=name)
            for name in PART_NAMES
            for line in _lines_of(getattr(ticket.revision.parts, name))
        ),
        *(
            Passage(
                kind=PlaceKind.CELL,
                text=text,
                part=column,
                file=row.source.file,
                line=row.source.line,
                record=row.source.record,
            )
            for row in group.sources
            for column, text in row.cells.items()
            if text
        ),
    )
    names = {(name.text, name.role): name for name in _names(group, creates)}
    named = {name for name, _ in names}
    for passage in texts:
        for name in _NAME_IN_TEXT.findall(passage.text):
            if name not in named:
                mention = passage._replace(kind=PlaceKind.NAME, text=name, role=NameRole.MENTIONS)
                names.setdefault((name, NameRole.MENTIONS), mention)
    return (*names.values(), *texts)


def _names(group: EntityGroup, creates: Collection[str]) -> Iterator[Passage]:
    rows = (*group.heads, *group.members)
    for row in rows:
        if row.has_machine_name:
            yield _name(row.machine_name, _role_of(row, group, creates), row)
    for row in rows:
        for reference in row.references:
            if reference.target_key is not None:  # else it is a cell like others
                yield _name(_name_in(reference.target_key), NameRole.REFERS_TO, row)
    for relation in group.relations:
        if relation.group_key is not None and ":" in relation.group_key:
            yield Passage(
                kind=PlaceKind.NAME, text=_name_in(relation.group_key), role=NameRole.MENTIONS
            )


def _role_of(row: Entity, group: EntityGroup, creates: Collection[str]) -> NameRole:
    if group.action is GroupAction.REMOVE or row.status not in TO_BUILD:
        return NameRole.LISTS
    has_storage = row.kind is EntityKind.FIELD and row.bundle_type not in _WITHOUT_STORAGE
    is_elsewhere = has_storage and row.machine_name not in creates
    return NameRole.REUSES if is_elsewhere else NameRole.CREATES


def _name(text: str, role: NameRole, row: Entity) -> Passage:
    return Passage(
        kind=PlaceKind.NAME,
        text=text,
        role=role,
        file=row.source.file,
        line=row.source.line,
        record=row.source.record,
    )


def _name_in(key: str) -> str:
    return key.partition(":")[2].rpartition("/")[2]


def _questions(ticket: Ticket) -> Iterator[Passage]:
    for question in ticket.revision.left_open:
        yield Passage(
            kind=PlaceKind.QUESTION,
            text=question.question,
            part=question.column,
            file=question.file,
            line=question.line,
            record=question.record,
        )
    asked = {row_id: q for q in ticket.revision.left_open for row_id in row_ids_of(q)}
    for answer in {answer.as_given: answer for answer in ticket.answers}.values():
        of_question = asked.get(answer.question_id)  # None: it is asked no longer, or is of a form
        yield Passage(
            kind=PlaceKind.ANSWER,
            text=answer.answer,
            part=answer.question,
            file="" if of_question is None else of_question.file,
            line=None if of_question is None else of_question.line,
            record=None if of_question is None else of_question.record,
        )


@lru_cache(PARTS_KEPT)
def _lines_of(html: str) -> tuple[str, ...]:
    if not html:
        return ()
    text = adf_to_text(adf.doc(html_to_blocks(html, links=PROSE_LINKS)))
    return tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())

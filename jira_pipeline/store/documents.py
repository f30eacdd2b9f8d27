"""Tickets as Jira would get them, and the rows they show, kept beside what they are made from.

Belongs here: reading and keeping documents, and their hashes after a change of fields. Does not:
rendering, and making what is absent (`tickets/documents/kept_documents`), finding tickets by their
words (`search_index`).

A document that is here is what its ticket says: whoever changes that takes it away in the same
transaction (`ticket_rows.outdate`). All of a session count as absent where its `rendering` is
another one: the code or the upload is, until the rows of that upload are kept, too. What a search
finds a ticket by is written with its document and goes with it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select, update

from jira_pipeline.model.entity_groups import KeptRows, NamedGroup, RowsOfGroup
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.search_words import Passage, indexed_words
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.ticket_hashes import TicketHashes, rendered_hash_of, says_the_same
from jira_pipeline.model.tickets import Ticket, ticket_id_of
from jira_pipeline.store import tables
from jira_pipeline.store.changes import StorePart, lock_session, update_session
from jira_pipeline.store.mapping import delete_rows, insert_rows
from jira_pipeline.store.ticket_rows import IDS_NAMED_MAX, outdate, tickets_of
from jira_pipeline.store.transactions import repeated

CODE_CHARACTERS = 32
"""A rendering begins with so many that name the code; what follows names the upload."""
_DOCUMENTS = tables.documents.c
_ROWS = tables.ticket_rows.c
_TICKETS = tables.tickets.c
_IS_MADE_BY = tables.sessions.c.rendering == bindparam("rendering")
_CHOSEN = (
    select(tables.documents)
    .join(tables.sessions, tables.sessions.c.session_key == _DOCUMENTS.session_key)
    .where(_DOCUMENTS.session_key == bindparam("session"), _IS_MADE_BY)
)
"""Made once: making a statement takes longer than the database takes to answer it."""
_CHOSEN_HASHES = _CHOSEN.with_only_columns(
    _DOCUMENTS.ticket_id, _DOCUMENTS.rendered_hash, _DOCUMENTS.approved_hash
)
_CHOSEN_ROWS = (
    select(_ROWS.rows)
    .join(tables.sessions, tables.sessions.c.session_key == _ROWS.session_key)
    .where(_ROWS.session_key == bindparam("session"), _IS_MADE_BY)
)
_CHOSEN_HOLLOW = _CHOSEN_ROWS.with_only_columns(_ROWS.ticket_id, _ROWS.is_hollow)
_NAMED = (_ROWS.group_key, _ROWS.title, _ROWS.action)
_CHOSEN_NAMES = _CHOSEN_ROWS.with_only_columns(*_NAMED)
_HASHES_OF_DOCUMENTS = (
    (tables.documents, _DOCUMENTS.rendered_hash),
    (tables.tickets, _TICKETS.ready_hash),
    (tables.validation_results, tables.validation_results.c.rendered_hash),
)
"""Where the hash of a document is kept: beside it, in ready marks and in verdicts."""


class SqlDocumentStore(StorePart):
    """Keeps documents, and the rows they show, in the store."""

    def of(
        self, session_key: str, tickets: Sequence[Ticket], *, rendering: str
    ) -> tuple[tuple[Ticket, RenderedTicket | None], ...]:
        """Return tickets that were read, each with its document.

        None where it is absent, not what its hash says, or of a ticket that was changed since.
        """
        ids = [ticket.ticket_id for ticket in tickets]
        chosen = _of_tickets(_CHOSEN, _DOCUMENTS.ticket_id, ids)
        rows_by_ticket = {row.ticket_id: row for row in self._asked(chosen, session_key, rendering)}
        return tuple(
            (ticket, _rendered(ticket, rows_by_ticket.get(ticket.ticket_id))) for ticket in tickets
        )

    def hashes(self, session_key: str, *, rendering: str) -> Mapping[str, TicketHashes]:
        """Return the hashes of each document that is kept, by ticket id."""
        rows = self._asked(_CHOSEN_HASHES, session_key, rendering)
        return {
            row.ticket_id: TicketHashes(rendered=row.rendered_hash, approved=row.approved_hash)
            for row in rows
        }

    def ids_with_file(self, session_key: str, *, rendering: str) -> frozenset[str]:
        """Return the ids of the tickets whose document, as it is kept, comes with a file."""
        chosen = _CHOSEN_HASHES.where(_DOCUMENTS.attachment_name.is_not(None))
        return frozenset(row[0] for row in self._asked(chosen, session_key, rendering))

    def rows(
        self, session_key: str, *, rendering: str, only: Collection[str]
    ) -> tuple[Mapping[str, KeptRows], Mapping[str, NamedGroup]] | None:
        """Return the rows of some tickets, by ticket id, and all groups by key; None: absent."""
        is_of_session = _ROWS.session_key == session_key
        chosen_rows = select(_ROWS.ticket_id, _ROWS.rows, _ROWS.creates).where(is_of_session)
        chosen_names = select(*_NAMED).where(is_of_session)
        rows: dict[str, KeptRows] = {}
        with self._database.reading() as connection:
            if _rendering_of(connection, session_key) != rendering:
                return None
            stored_rows = connection.execute(_of_tickets(chosen_rows, _ROWS.ticket_id, only))
            for ticket_id, text, creates in stored_rows.tuples():
                rows[ticket_id] = KeptRows(rows=text, creates=creates)
            return rows, _named_in(connection.execute(chosen_names))

    def rows_of(self, session_key: str, ticket_id: str, *, rendering: str) -> str | None:
        """Return the rows of one ticket; None where they are absent, or it has none."""
        chosen = _CHOSEN_ROWS.where(_ROWS.ticket_id == ticket_id)
        return next((row.rows for row in self._asked(chosen, session_key, rendering)), None)

    def rows_by_group(self, session_key: str, *, rendering: str) -> Mapping[str, str]:
        """Return the rows of all groups, by key; nothing where they are absent."""
        chosen = _CHOSEN_ROWS.with_only_columns(_ROWS.group_key, _ROWS.rows)
        return {row[0]: row[1] for row in self._asked(chosen, session_key, rendering)}

    def rows_of_upload(self, session_key: str, *, rendering: str) -> Sequence[RowsOfGroup]:
        """Return the rows of all groups of an upload, whichever code made them; none where absent.

        They serve where nobody can read the sheets any more.
        """
        chosen = select(tables.ticket_rows).where(_ROWS.session_key == session_key)
        with self._database.reading() as connection:
            rendering_now = _rendering_of(connection, session_key) or ""
            if rendering_now[CODE_CHARACTERS:] != rendering[CODE_CHARACTERS:]:
                return ()
            return tuple(map(_group_in, connection.execute(chosen)))

    def names(
        self, session_key: str, only: Collection[str], *, rendering: str
    ) -> Mapping[str, NamedGroup]:
        """Return the groups of some tickets, by key, with what others show of them."""
        chosen = _of_tickets(_CHOSEN_NAMES, _ROWS.ticket_id, only)
        return _named_in(self._asked(chosen, session_key, rendering))

    def hollow(self, session_key: str, *, rendering: str) -> frozenset[str] | None:
        """Return the ids of the tickets that the sheets say nothing to configure for; None: absent."""
        rows = self._asked(_CHOSEN_HOLLOW, session_key, rendering)
        return frozenset(row[0] for row in rows if row[1]) if rows else None

    def _asked(self, chosen: Select[Any], session_key: str, rendering: str) -> Sequence[Any]:
        return self._database.asked(chosen, {"session": session_key, "rendering": rendering})

    @repeated
    def begin(self, of: UploadSession, groups: Sequence[RowsOfGroup], *, rendering: str) -> None:
        """Keep the rows of an upload in place of those before.

        The documents of what the upload changed are taken away: of other rows, all where a group
        is new, gone or called otherwise, and all that other code made. Nothing is done where the
        session has another upload meanwhile, or these rows already.
        """
        session_key = of.session_key
        with self._database.writing() as connection:
            session = lock_session(connection, session_key)
            upload_now = (session.upload_path, session.manifest)
            if session.rendering == rendering or upload_now != (of.upload_path, of.manifest):
                return
            shown_before = _shown_rows(connection, session, groups, rendering=rendering)
            delete_rows(connection, tables.ticket_rows, _ROWS.session_key == session_key)
            ids = _ids_by_group(connection, session_key)
            rows: list[dict[str, Any]] = []
            unchanged: set[str] = set()
            for group in groups:
                ticket_id = ids.get(group.group_key) or ticket_id_of(session_key, group.group_key)
                rows.append(_cells_of(group, ticket_id, session_key))
                shown_now = KeptRows(rows=group.rows, creates=group.creates)
                if shown_before.get(ticket_id) == shown_now:
                    unchanged.add(ticket_id)
            insert_rows(connection, tables.ticket_rows, rows)
            made = select(_DOCUMENTS.ticket_id).where(_DOCUMENTS.session_key == session_key)
            with_document = set(connection.execute(made).scalars())
            outdate(connection, with_document - unchanged)
            update_session(connection, session_key, {"rendering": rendering})

    @repeated
    def keep(
        self,
        session_key: str,
        made: Sequence[tuple[RenderedTicket, Sequence[Passage]]],
        *,
        rendering: str,
    ) -> None:
        """Keep documents that were absent, each with the texts a search finds its ticket by.

        Not of a ticket that says something else meanwhile.
        """
        # before the transaction, in which others would wait for them
        words = [indexed_words(passages) for _, passages in made]
        documents: list[dict[str, Any]] = []
        texts: list[dict[str, Any]] = []
        with self._database.writing() as connection:
            if lock_session(connection, session_key).rendering != rendering:
                return
            ids = [rendered.ticket.ticket_id for rendered, _ in made]
            now = {t.ticket_id: t for t in tickets_of(connection, session_key, only=ids)}
            for (rendered, passages), words_of in zip(made, words, strict=True):
                ticket_id = rendered.ticket.ticket_id
                if ticket_id not in now or not says_the_same(now[ticket_id], rendered.ticket):
                    continue
                name, text = rendered.attachment or (None, None)
                of_ticket = {"ticket_id": ticket_id, "session_key": session_key}
                documents.append(
                    {
                        **of_ticket,
                        "rendered_hash": rendered.rendered_hash,
                        "approved_hash": rendered.approved_hash,
                        "whole_characters": rendered.whole_characters,
                        "verdict": rendered.verdict,
                        "document": rendered.kept_text,
                        "attachment_name": name,
                        "attachment_text": text,
                    }
                )
                texts.append({**of_ticket, "passages": tuple(passages), "words": words_of})
            outdate(connection, [row["ticket_id"] for row in texts])
            insert_rows(connection, tables.documents, documents)
            insert_rows(connection, tables.search_texts, texts)


def hash_again(connection: Connection, tickets: Sequence[Ticket]) -> Collection[str]:
    """Hash tickets whose fields changed, which no document shows; return whose decisions stay.

    Ready marks and verdicts are about what a ticket says. Where they were of the document, they are
    of it still, under its new hash; a ticket without a document cannot be compared.
    """
    hashed_ids: set[str] = set()
    for begin in range(0, len(tickets), IDS_NAMED_MAX):
        new_hashes = _new_hashes(connection, tickets[begin : begin + IDS_NAMED_MAX])
        if not new_hashes:
            continue
        for table, hash_column in _HASHES_OF_DOCUMENTS:
            is_of_ticket = table.c.ticket_id == bindparam("of_ticket")
            is_of_document = hash_column == bindparam("before")
            renewed: dict[str, Any] = {hash_column.name: bindparam("hash")}
            statement = update(table).where(is_of_ticket & is_of_document).values(renewed)
            connection.execute(statement, new_hashes)
        hashed_ids.update(row["of_ticket"] for row in new_hashes)
    return hashed_ids


def _new_hashes(connection: Connection, tickets: Sequence[Ticket]) -> list[dict[str, str]]:
    """Return the hash of each document of these tickets, before and now, as an update takes it."""
    tickets_by_id = {ticket.ticket_id: ticket for ticket in tickets}
    chosen = select(
        _DOCUMENTS.ticket_id,
        _DOCUMENTS.rendered_hash,
        _DOCUMENTS.document,
        _DOCUMENTS.attachment_name,
        _DOCUMENTS.attachment_text,
    ).where(_DOCUMENTS.ticket_id.in_(list(tickets_by_id)))
    new_hashes: list[dict[str, str]] = []
    for row in connection.execute(chosen).all():
        ticket = tickets_by_id[row.ticket_id]
        hash_now = rendered_hash_of(ticket, row.document, attachment=_attachment_in(row))
        new_hashes.append(
            {"of_ticket": row.ticket_id, "before": row.rendered_hash, "hash": hash_now}
        )
    return new_hashes


def _rendering_of(connection: Connection, session_key: str) -> str | None:
    """Return what made the rows of a session: the code, then the upload; None where nothing did."""
    sessions = tables.sessions.c
    chosen = select(sessions.rendering).where(sessions.session_key == session_key)
    return connection.execute(chosen).scalar_one_or_none()


def _shown_rows(
    connection: Connection,
    session: UploadSession,
    groups: Sequence[RowsOfGroup],
    *,
    rendering: str,
) -> Mapping[str, KeptRows]:
    """Return the rows that documents show, by ticket id, as far as these groups leave documents.

    Nothing where other code made them, or a group is new, gone or called otherwise.
    """
    is_of_session = _ROWS.session_key == session.session_key
    rows = connection.execute(select(tables.ticket_rows).where(is_of_session)).all()
    names_before = _named_in(connection.execute(select(*_NAMED).where(is_of_session)))
    names_now = {group.group_key: group.named for group in groups}
    code_before = (session.rendering or "")[:CODE_CHARACTERS]
    if code_before != rendering[:CODE_CHARACTERS] or names_before != names_now:
        return {}
    return {row.ticket_id: KeptRows(rows=row.rows, creates=row.creates) for row in rows}


def _ids_by_group(connection: Connection, session_key: str) -> Mapping[str, str]:
    """Return the ids of the tickets of a session, by the key of their group."""
    chosen = select(_TICKETS.group_key, _TICKETS.ticket_id).where(
        _TICKETS.session_key == session_key
    )
    return dict(connection.execute(chosen).tuples().all())


def _cells_of(group: RowsOfGroup, ticket_id: str, session_key: str) -> dict[str, Any]:
    """Return the row of the store that keeps the rows of a group."""
    return {
        "ticket_id": ticket_id,
        "session_key": session_key,
        "group_key": group.group_key,
        "title": group.named.title,
        "action": group.named.action,
        "is_hollow": group.is_hollow,
        "rows": group.rows,
        "creates": group.creates,
    }


def _group_in(row: Any) -> RowsOfGroup:
    """Return the group whose rows a row of the store keeps."""
    return RowsOfGroup(
        group_key=row.group_key,
        named=NamedGroup(title=row.title, action=row.action),
        is_hollow=row.is_hollow,
        rows=row.rows,
        creates=row.creates,
    )


def _of_tickets(
    chosen: Select[Any], ticket_id: ColumnElement[str], only: Collection[str]
) -> Select[Any]:
    """Choose rows of some tickets; of more than a statement can name, rows of all are read."""
    return chosen if len(only) > IDS_NAMED_MAX else chosen.where(ticket_id.in_(list(only)))


def _named_in(rows: Iterable[Any]) -> Mapping[str, NamedGroup]:
    return {key: NamedGroup(title=title, action=action) for key, title, action in rows}


def _rendered(ticket: Ticket, row: Any) -> RenderedTicket | None:
    """Return what a row holds of a ticket; None where there is none, or its hash is of another."""
    if row is None or row.verdict.revision != ticket.revision.number:
        return None
    attachment = _attachment_in(row)
    document_hash = rendered_hash_of(ticket, row.document, attachment=attachment)
    if document_hash != row.rendered_hash:
        return None
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        kept_text=row.document,
        attachment=attachment,
        whole_characters=row.whole_characters,
        rendered_hash=document_hash,
        approved_hash=row.approved_hash,
        verdict=replace(row.verdict, rendered_hash=document_hash),
    )


def _attachment_in(row: Any) -> tuple[str, str] | None:
    return None if row.attachment_name is None else (row.attachment_name, row.attachment_text)

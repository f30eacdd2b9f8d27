"""Tickets as Jira would get them, and the rows they show, kept beside what they are made from.

Belongs here: reading and keeping documents, and their hashes after a change of fields. Does not:
rendering, and making what is absent (`tickets/documents/kept_documents`), finding tickets by their
words (`search_index`).

A document is the text that Jira would get for a ticket. One that is here is up to date: whoever
changes what a ticket says deletes it in the same transaction (`ticket_rows.outdate`). What a search
finds a ticket by is written with its document and goes with it.

A `rendering` names what made the documents of a session: 32 characters for the code, the rest for
the upload. Every method takes the one that is current for its caller; where the session has another
one, all of its documents and rows count as absent.
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
"""So many characters at the beginning of a rendering name the code."""
_DOCUMENTS = tables.documents.c
_ROWS = tables.ticket_rows.c
_TICKETS = tables.tickets.c
_IS_MADE_BY = tables.sessions.c.rendering == bindparam("rendering")
_DOCUMENTS_QUERY = (
    select(tables.documents)
    .join(tables.sessions, tables.sessions.c.session_key == _DOCUMENTS.session_key)
    .where(_DOCUMENTS.session_key == bindparam("session"), _IS_MADE_BY)
)
"""Made once: making a statement takes longer than the database takes to answer it."""
_HASHES_QUERY = _DOCUMENTS_QUERY.with_only_columns(
    _DOCUMENTS.ticket_id, _DOCUMENTS.rendered_hash, _DOCUMENTS.approved_hash
)
_ROWS_QUERY = (
    select(_ROWS.rows)
    .join(tables.sessions, tables.sessions.c.session_key == _ROWS.session_key)
    .where(_ROWS.session_key == bindparam("session"), _IS_MADE_BY)
)
_HOLLOW_QUERY = _ROWS_QUERY.with_only_columns(_ROWS.ticket_id, _ROWS.is_hollow)
_NAMED = (_ROWS.group_key, _ROWS.title, _ROWS.action)
_NAMES_QUERY = _ROWS_QUERY.with_only_columns(*_NAMED)
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
        """Return these tickets, each with its document.

        None where the document is absent, was damaged (it does not have its hash), or is of another
        revision than the ticket was read with.
        """
        ids = [ticket.ticket_id for ticket in tickets]
        query = _of_tickets(_DOCUMENTS_QUERY, _DOCUMENTS.ticket_id, ids)
        rows_by_ticket = {row.ticket_id: row for row in self._fetch(query, session_key, rendering)}
        return tuple(
            (ticket, _rendered(ticket, rows_by_ticket.get(ticket.ticket_id))) for ticket in tickets
        )

    def hashes(self, session_key: str, *, rendering: str) -> Mapping[str, TicketHashes]:
        """Return the hashes of each document that is kept, by ticket id."""
        rows = self._fetch(_HASHES_QUERY, session_key, rendering)
        return {
            row.ticket_id: TicketHashes(rendered=row.rendered_hash, approved=row.approved_hash)
            for row in rows
        }

    def ids_with_file(self, session_key: str, *, rendering: str) -> frozenset[str]:
        """Return the ids of the tickets whose document, as it is kept, comes with a file."""
        query = _HASHES_QUERY.where(_DOCUMENTS.attachment_name.is_not(None))
        return frozenset(row[0] for row in self._fetch(query, session_key, rendering))

    def rows(
        self, session_key: str, *, rendering: str, only: Collection[str]
    ) -> tuple[Mapping[str, KeptRows], Mapping[str, NamedGroup]] | None:
        """Return the rows of some tickets by ticket id, and the names of all groups by group key.

        None: the rows of this rendering are absent.
        """
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
        """Return the rows of one ticket as JSON; None where they are absent, or it has none."""
        query = _ROWS_QUERY.where(_ROWS.ticket_id == ticket_id)
        return next((row.rows for row in self._fetch(query, session_key, rendering)), None)

    def rows_by_group(
        self, session_key: str, *, rendering: str, only: Collection[str] | None = None
    ) -> Mapping[str, str]:
        """Return the rows of groups as JSON, by group key; nothing where they are absent.

        They are those of all tickets, or of those with the ids in `only`; of more than
        `IDS_NAMED_MAX` tickets all are returned.
        """
        query = _ROWS_QUERY.with_only_columns(_ROWS.group_key, _ROWS.rows)
        if only is not None:
            query = _of_tickets(query, _ROWS.ticket_id, only)
        return {row[0]: row[1] for row in self._fetch(query, session_key, rendering)}

    def rows_of_upload(self, session_key: str, *, rendering: str) -> Sequence[RowsOfGroup]:
        """Return the rows of all groups of an upload, also where other code made them.

        Nothing where the session has rows of another upload, or none. They serve where the sheets
        cannot be read any more.
        """
        query = select(tables.ticket_rows).where(_ROWS.session_key == session_key)
        with self._database.reading() as connection:
            rendering_now = _rendering_of(connection, session_key) or ""
            if rendering_now[CODE_CHARACTERS:] != rendering[CODE_CHARACTERS:]:
                return ()
            return tuple(map(_group_in, connection.execute(query)))

    def names(
        self, session_key: str, only: Collection[str], *, rendering: str
    ) -> Mapping[str, NamedGroup]:
        """Return title and action of the groups of some tickets, by group key.

        Other tickets name a group by these. Of more than `IDS_NAMED_MAX` tickets all groups are
        returned.
        """
        query = _of_tickets(_NAMES_QUERY, _ROWS.ticket_id, only)
        return _named_in(self._fetch(query, session_key, rendering))

    def hollow(self, session_key: str, *, rendering: str) -> frozenset[str] | None:
        """Return the ids of tickets whose rows say nothing to configure; None: rows are absent."""
        rows = self._fetch(_HOLLOW_QUERY, session_key, rendering)
        return frozenset(row[0] for row in rows if row[1]) if rows else None

    def _fetch(self, query: Select[Any], session_key: str, rendering: str) -> Sequence[Any]:
        return self._database.fetch(query, {"session": session_key, "rendering": rendering})

    @repeated
    def begin(
        self, upload_session: UploadSession, groups: Sequence[RowsOfGroup], *, rendering: str
    ) -> None:
        """Keep the rows of an upload in place of those before, and make `rendering` the current one.

        `upload_session` is the session as it was when its sheets were read: nothing is done where
        it has another upload by now, or these rows already.

        Documents that this makes out of date are deleted: those of tickets with other rows, and all
        of them where other code made the rows, or a group is new, gone or named otherwise, since any
        ticket may name any group.
        """
        session_key = upload_session.session_key
        with self._database.writing() as connection:
            session = lock_session(connection, session_key)
            upload_now = (session.upload_path, session.manifest)
            if session.rendering == rendering or upload_now != (
                upload_session.upload_path,
                upload_session.manifest,
            ):
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

        The document of a ticket that was changed since is left out; all are where the session has
        another rendering by now.
        """
        # Made before the transaction begins, since others wait while it lasts.
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
    """Renew the hashes of tickets of which only fields changed; return the ids of those that have one.

    Fields, such as the assignee, are part of the hash and not of the text. So ready marks and
    verdicts that were about the document still are, under its new hash. A ticket without a document
    has no hash to compare with: it is left out, and the caller has to invalidate it.
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
    """Return ticket id, hash before and hash now of each document, as parameters of an update."""
    tickets_by_id = {ticket.ticket_id: ticket for ticket in tickets}
    query = select(
        _DOCUMENTS.ticket_id,
        _DOCUMENTS.rendered_hash,
        _DOCUMENTS.document,
        _DOCUMENTS.attachment_name,
        _DOCUMENTS.attachment_text,
    ).where(_DOCUMENTS.ticket_id.in_(list(tickets_by_id)))
    new_hashes: list[dict[str, str]] = []
    for row in connection.execute(query).all():
        ticket = tickets_by_id[row.ticket_id]
        hash_now = rendered_hash_of(ticket, row.document, attachment=_attachment_in(row))
        new_hashes.append(
            {"of_ticket": row.ticket_id, "before": row.rendered_hash, "hash": hash_now}
        )
    return new_hashes


def _rendering_of(connection: Connection, session_key: str) -> str | None:
    """Return the rendering of a session; None where it has no rows, or there is no such session."""
    sessions = tables.sessions.c
    query = select(sessions.rendering).where(sessions.session_key == session_key)
    return connection.execute(query).scalar_one_or_none()


def _shown_rows(
    connection: Connection,
    session: UploadSession,
    groups: Sequence[RowsOfGroup],
    *,
    rendering: str,
) -> Mapping[str, KeptRows]:
    """Return the rows that the documents of a session show, by ticket id.

    Nothing where every document is out of date: other code made them, or a group is new, gone or
    named otherwise in `groups`, the ones of the new upload.
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
    query = select(_TICKETS.group_key, _TICKETS.ticket_id).where(
        _TICKETS.session_key == session_key
    )
    return dict(connection.execute(query).tuples().all())


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
    query: Select[Any], ticket_id: ColumnElement[str], only: Collection[str]
) -> Select[Any]:
    """Restrict a query to some tickets, unless there are more than one statement names."""
    return query if len(only) > IDS_NAMED_MAX else query.where(ticket_id.in_(list(only)))


def _named_in(rows: Iterable[Any]) -> Mapping[str, NamedGroup]:
    return {key: NamedGroup(title=title, action=action) for key, title, action in rows}


def _rendered(ticket: Ticket, row: Any) -> RenderedTicket | None:
    """Return the document that a row of `documents` holds for a ticket.

    None where there is no row, it is of another revision, or the hash of its text is another one.
    """
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

"""Tickets as Jira would get them, and the rows they show, kept beside what they are made from.

Belongs here: reading and keeping documents, and their hashes after a change of fields. Does not:
rendering, and making what is absent (`tickets/documents/kept_documents`).

A document that is here is what its ticket says: whoever changes that takes it away in the same
transaction (`ticket_rows.outdate`). All of a session count as absent where its `rendering` is
another one: the code or the upload is, until the rows of that upload are kept, too. What a search
finds a ticket by is written with its document and goes with it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from jira_pipeline.model.entity_groups import NamedGroup
from jira_pipeline.model.rendered_tickets import (
    KeptDocument,
    RenderedTicket,
    rendered_hash_of,
    says_the_same,
)
from jira_pipeline.model.search_words import Passage
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import Ticket, ticket_id_of
from jira_pipeline.store import tables
from jira_pipeline.store.changes import lock_session, update_session
from jira_pipeline.store.search_index import written_texts
from jira_pipeline.store.ticket_rows import IDS_NAMED_MAX, outdate, tickets_of
from jira_pipeline.store.transactions import StorePart, repeated

CODE_CHARACTERS = 32
"""A rendering begins with so many that name the code; what follows names the upload."""
Row = TypeVar("Row", bound=tuple[Any, ...])
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
_CHOSEN_HASHES = _CHOSEN.with_only_columns(_DOCUMENTS.ticket_id, _DOCUMENTS.rendered_hash)
_OF_SESSION = (_ROWS.session_key == bindparam("session")) & _IS_MADE_BY
_IN_SESSION = tables.sessions.c.session_key == _ROWS.session_key
_CHOSEN_ROWS = select(_ROWS.rows).join(tables.sessions, _IN_SESSION).where(_OF_SESSION)
_CHOSEN_HOLLOW = (
    select(_ROWS.ticket_id, _ROWS.is_hollow).join(tables.sessions, _IN_SESSION).where(_OF_SESSION)
)
_NAMES = select(_ROWS.group_key, _ROWS.title, _ROWS.action)
_CHOSEN_NAMES = _NAMES.join(tables.sessions, _IN_SESSION).where(_OF_SESSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRows:
    """What a document is made of, beside its ticket."""

    rows: str
    """The whole group, as the renderer wrote it."""
    creates: tuple[str, ...]
    """Machine names of fields whose storage its ticket creates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfGroup(KeptRows):
    """What the sheets hold for a ticket."""

    group_key: str
    named: NamedGroup
    is_hollow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDocument:
    """A document that was just made, with what a search finds its ticket by."""

    rendered: RenderedTicket
    texts: Mapping[str, object]
    """The columns of `search_texts`."""

    @classmethod
    def of(cls, rendered: RenderedTicket, passages: Sequence[Passage]) -> "MadeDocument":
        """Write the words now: in the transaction others would wait for it."""
        return cls(rendered=rendered, texts=written_texts(passages))

    @property
    def ticket(self) -> Ticket:
        return self.rendered.ticket


class SqlDocumentStore(StorePart):
    """Keeps documents, and the rows they show, in the store."""

    def read(
        self, session_key: str, *, rendering: str
    ) -> tuple[tuple[Ticket, RenderedTicket | None], ...]:
        """Return the tickets whose rows are in the sheets, by number, each with its document.

        None where it is absent, or not what its hash says.
        """
        with self._database.reading() as connection:
            tickets = tickets_of(connection, session_key)
            kept = connection.execute(_CHOSEN, {"session": session_key, "rendering": rendering})
            by_id = {row.ticket_id: row for row in kept}
        return tuple((ticket, _rendered(ticket, by_id.get(ticket.ticket_id))) for ticket in tickets)

    def of(
        self, session_key: str, tickets: Sequence[Ticket], *, rendering: str
    ) -> tuple[tuple[Ticket, RenderedTicket | None], ...]:
        """Return the same of tickets that were read; None where one was changed since, too."""
        chosen = _CHOSEN.where(_DOCUMENTS.ticket_id.in_([t.ticket_id for t in tickets]))
        kept = {row.ticket_id: row for row in self._asked(chosen, session_key, rendering)}
        return tuple((ticket, _rendered(ticket, kept.get(ticket.ticket_id))) for ticket in tickets)

    def hashes(self, session_key: str, *, rendering: str) -> Mapping[str, str]:
        """Return the hash of each document that is kept, by ticket id."""
        return {row[0]: row[1] for row in self._asked(_CHOSEN_HASHES, session_key, rendering)}

    def ids_with_file(self, session_key: str, *, rendering: str) -> frozenset[str]:
        """Return the ids of the tickets whose document, as it is kept, comes with a file."""
        chosen = _CHOSEN_HASHES.where(_DOCUMENTS.attachment_name.is_not(None))
        return frozenset(row[0] for row in self._asked(chosen, session_key, rendering))

    def rows(
        self, session_key: str, *, rendering: str, only: Collection[str]
    ) -> tuple[Mapping[str, KeptRows], Mapping[str, NamedGroup]] | None:
        """Return the rows of some tickets, by ticket id, and all groups by key; None: absent."""
        of_session = _ROWS.session_key == session_key
        chosen = select(_ROWS.ticket_id, _ROWS.rows, _ROWS.creates).where(of_session)
        made_by = select(tables.sessions.c.rendering).where(
            tables.sessions.c.session_key == session_key
        )
        with self._database.reading() as connection:
            if connection.execute(made_by).scalar_one_or_none() != rendering:
                return None
            found = connection.execute(_of_tickets(chosen, only)).tuples()
            rows = {key: KeptRows(rows=text, creates=creates) for key, text, creates in found}
            return rows, _named_in(connection.execute(_NAMES.where(of_session)))

    def rows_of(self, session_key: str, ticket_id: str, *, rendering: str) -> str | None:
        """Return the rows of one ticket; None where they are absent, or it has none."""
        chosen = _CHOSEN_ROWS.where(_ROWS.ticket_id == ticket_id)
        return next((row.rows for row in self._asked(chosen, session_key, rendering)), None)

    def rows_by_group(self, session_key: str, *, rendering: str) -> Mapping[str, str]:
        """Return the rows of all groups, by key; nothing where they are absent."""
        chosen = _CHOSEN_ROWS.with_only_columns(_ROWS.group_key, _ROWS.rows)
        return {row[0]: row[1] for row in self._asked(chosen, session_key, rendering)}

    def names(
        self, session_key: str, only: Collection[str], *, rendering: str
    ) -> Mapping[str, NamedGroup]:
        """Return the groups of some tickets, by key, with what others show of them."""
        return _named_in(self._asked(_of_tickets(_CHOSEN_NAMES, only), session_key, rendering))

    def hollow(self, session_key: str, *, rendering: str) -> frozenset[str] | None:
        """Return the ids of the tickets that the sheets say nothing to configure for; None: absent."""
        found = self._asked(_CHOSEN_HOLLOW, session_key, rendering)
        return frozenset(row[0] for row in found if row[1]) if found else None

    def _asked(self, chosen: Select[Any], session_key: str, rendering: str) -> Sequence[Any]:
        return self._database.asked(chosen, {"session": session_key, "rendering": rendering})

    @repeated
    def begin(self, of: UploadSession, kept: Sequence[RowsOfGroup], *, rendering: str) -> None:
        """Keep the rows of an upload in place of those before.

        The documents of what the upload changed are taken away: of other rows, all where a group
        is new, gone or called otherwise, and all that other code made. Nothing is done where the
        session has another upload meanwhile, or these rows already.
        """
        session_key = of.session_key
        with self._database.writing() as connection:
            now = lock_session(connection, session_key)
            is_other = (now.upload_path, now.manifest) != (of.upload_path, of.manifest)
            if now.rendering == rendering or is_other:
                return
            of_session = _ROWS.session_key == session_key
            before = {
                row.ticket_id: (row.rows, row.creates)
                for row in connection.execute(select(tables.ticket_rows).where(of_session))
                if (now.rendering or "")[:CODE_CHARACTERS] == rendering[:CODE_CHARACTERS]
            }
            names = _named_in(connection.execute(_NAMES.where(of_session)))
            if names != {group.group_key: group.named for group in kept}:
                before = {}
            connection.execute(delete(tables.ticket_rows).where(of_session))
            same: set[str] = set()
            if kept:
                of_groups = select(_TICKETS.group_key, _TICKETS.ticket_id).where(
                    _TICKETS.session_key == session_key
                )
                ids = dict(connection.execute(of_groups).tuples().all())
                rows = [
                    {
                        "ticket_id": ids.get(
                            group.group_key, ticket_id_of(session_key, group.group_key)
                        ),
                        "session_key": session_key,
                        "group_key": group.group_key,
                        "title": group.named.title,
                        "action": group.named.action,
                        "is_hollow": group.is_hollow,
                        "rows": group.rows,
                        "creates": group.creates,
                    }
                    for group in kept
                ]
                connection.execute(insert(tables.ticket_rows), rows)
                now_shown = {str(row["ticket_id"]): (row["rows"], row["creates"]) for row in rows}
                same = {key for key, shown in before.items() if now_shown.get(key) == shown}
            made = select(_DOCUMENTS.ticket_id).where(_DOCUMENTS.session_key == session_key)
            outdate(connection, {*connection.execute(made).scalars()} - same)
            update_session(connection, session_key, {"rendering": rendering})

    @repeated
    def keep(self, session_key: str, made: Sequence[MadeDocument], *, rendering: str) -> None:
        """Keep documents that were absent; not of a ticket that says something else meanwhile."""
        with self._database.writing() as connection:
            if lock_session(connection, session_key).rendering != rendering:
                return
            ids = [one.ticket.ticket_id for one in made]
            now = {t.ticket_id: t for t in tickets_of(connection, session_key, only=ids)}
            _write(
                connection,
                [
                    one
                    for one in made
                    if (ticket := now.get(one.ticket.ticket_id)) is not None
                    and says_the_same(ticket, one.ticket)
                ],
            )


def hash_again(connection: Connection, tickets: Sequence[Ticket]) -> Collection[str]:
    """Hash tickets whose fields changed, which no document shows; return whose decisions stay.

    Ready marks and verdicts are about what a ticket says. Where they were of the document, they are
    of it still, under its new hash; a ticket without a document cannot be compared.
    """
    known: set[str] = set()
    for begin in range(0, len(tickets), IDS_NAMED_MAX):
        some = {ticket.ticket_id: ticket for ticket in tickets[begin : begin + IDS_NAMED_MAX]}
        chosen = select(
            _DOCUMENTS.ticket_id,
            _DOCUMENTS.rendered_hash,
            _DOCUMENTS.document,
            _DOCUMENTS.attachment_name,
            _DOCUMENTS.attachment_text,
        ).where(_DOCUMENTS.ticket_id.in_(list(some)))
        hashes = [
            {
                "of_ticket": row.ticket_id,
                "before": row.rendered_hash,
                "hash": rendered_hash_of(
                    some[row.ticket_id], row.document, attachment=_attachment_in(row)
                ),
            }
            for row in connection.execute(chosen).all()
        ]
        for table, hashed in (
            (tables.documents, _DOCUMENTS.rendered_hash),
            (tables.tickets, _TICKETS.ready_hash),
            (tables.validation_results, tables.validation_results.c.rendered_hash),
        ):
            is_it = (table.c.ticket_id == bindparam("of_ticket")) & (hashed == bindparam("before"))
            if hashes:
                now = update(table).where(is_it).values({hashed.name: bindparam("hash")})
                connection.execute(now, hashes)
        known |= {str(row["of_ticket"]) for row in hashes}
    return known


def _of_tickets(chosen: Select[Row], only: Collection[str]) -> Select[Row]:
    """Choose rows of some tickets; of more than a statement can name, rows of all are read."""
    if len(only) > IDS_NAMED_MAX:
        return chosen
    return chosen.where(_ROWS.ticket_id.in_(list(only)))


def _named_in(rows: Iterable[Any]) -> Mapping[str, NamedGroup]:
    return {key: NamedGroup(title=title, action=action) for key, title, action in rows}


def _write(connection: Connection, made: Sequence[MadeDocument]) -> None:
    outdate(connection, [one.ticket.ticket_id for one in made])
    documents, texts = [], []
    for one in made:
        name, text = one.rendered.attachment or (None, None)
        of_ticket: dict[str, object] = {
            "ticket_id": one.ticket.ticket_id,
            "session_key": one.ticket.session_key,
        }
        documents.append(
            of_ticket
            | {
                "rendered_hash": one.rendered.rendered_hash,
                "whole_characters": one.rendered.whole_characters,
                "verdict": one.rendered.verdict,
                "document": one.rendered.kept_text,
                "attachment_name": name,
                "attachment_text": text,
            }
        )
        texts.append({**of_ticket, **one.texts})
    if made:
        connection.execute(insert(tables.documents), documents)
        connection.execute(insert(tables.search_texts), texts)


def _rendered(ticket: Ticket, row: Any) -> RenderedTicket | None:
    """Return what a row holds of a ticket; None where there is none, or its hash is of another."""
    if row is None or row.verdict.revision != ticket.revision.number:
        return None
    attachment = _attachment_in(row)
    found = rendered_hash_of(ticket, row.document, attachment=attachment)
    if found != row.rendered_hash:
        return None
    return RenderedTicket(
        ticket=ticket,
        summary=ticket.title,
        description_adf=KeptDocument(row.document),
        attachment=attachment,
        whole_characters=row.whole_characters,
        rendered_hash=found,
        verdict=replace(row.verdict, rendered_hash=found),
    )


def _attachment_in(row: Any) -> tuple[str, str] | None:
    return None if row.attachment_name is None else (row.attachment_name, row.attachment_text)

"""Tickets found by their words, in the words of each database.

Belongs here: statements. Does not: how texts become words (`model/search_words`), in what order hits
are shown (`sessions/search`). What a ticket is found by is written with its document and goes with it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, bindparam, func, select, text

from jira_pipeline.model.exports import LedgerEvent, LedgerSubject
from jira_pipeline.model.search_words import Passage, Tier
from jira_pipeline.store import tables
from jira_pipeline.store.changes import StorePart
from jira_pipeline.store.ticket_rows import IS_PRESENT, with_current_revision
from jira_pipeline.store.transactions import Database

_TEXTS = tables.search_texts.c
_TICKETS = tables.tickets.c
_LEDGER = tables.ledger.c
_WITH_TEXTS = with_current_revision(
    select(
        *(_TICKETS.session_key, _TICKETS.ticket_id, _TICKETS.number),
        *(tables.revisions.c.title, _TEXTS.passages),
    )
).outerjoin(tables.search_texts, _TEXTS.ticket_id == _TICKETS.ticket_id)
_SESSIONS: BindParameter[Any] = bindparam("sessions", expanding=True)
_IN_SQLITE = text("""
SELECT t.ticket_id FROM search_words CROSS JOIN search_texts t ON t.search_id = search_words.rowid
WHERE search_words MATCH :words AND t.session_key IN :sessions ORDER BY search_words.rowid LIMIT :most
""").bindparams(_SESSIONS)
"""CROSS: the words first, whatever the planner thinks of sessions."""
_IN_POSTGRES = text("""
SELECT t.ticket_id FROM search_texts t
WHERE array_to_tsvector(string_to_array(t.words, ' ')) @@ CAST(:words AS tsquery)
AND t.session_key IN :sessions ORDER BY t.search_id LIMIT :most
""").bindparams(_SESSIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTicket:
    session_key: str
    ticket_id: str
    number: int
    title: str
    passages: tuple[Passage, ...]
    """Its texts; empty of one that is not indexed, which its number or issue leads to."""


class SearchIndex(StorePart):
    """Finds tickets in the store; each answer is of one state of it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        is_postgres = database.engine.dialect.name == "postgresql"
        self._by_words = _IN_POSTGRES if is_postgres else _IN_SQLITE
        self._beginning, self._and = ("'{}':*", " & ") if is_postgres else ('"{}"*', " AND ")
        """How the database asks for words that begin with a term; terms hold no quotes."""

    def by_words(
        self, terms: Sequence[str], session_keys: Collection[str], *, most: int
    ) -> tuple[FoundTicket, ...]:
        """Return tickets that have words beginning with every term, the nearest tier first.

        Of more than `most` the first ones, as the tiers have them.
        """
        if not terms or not session_keys:
            return ()
        ticket_ids: dict[str, None] = {}
        with self._database.reading() as connection:
            for tier in Tier:
                parameters = {
                    "words": self._and.join(self._beginning.format(tier.word(t)) for t in terms),
                    "sessions": list(session_keys),
                    "most": most,
                }
                ticket_ids |= dict.fromkeys(
                    connection.execute(self._by_words, parameters).scalars()
                )
                if len(ticket_ids) >= most:
                    break
            query = _WITH_TEXTS.where(_TICKETS.ticket_id.in_(list(ticket_ids)[:most]))
            rows = {row.ticket_id: row for row in connection.execute(query)}
        return tuple(_found(rows[ticket_id]) for ticket_id in ticket_ids if ticket_id in rows)

    def by_number(self, number: int, session_keys: Collection[str]) -> tuple[FoundTicket, ...]:
        return self._named(_TICKETS.number == number, session_keys)

    def by_issue(self, jira_key: str, session_keys: Collection[str]) -> tuple[FoundTicket, ...]:
        """Return the tickets that an issue of this key was made of, wherever it was or is."""
        sent = select(_LEDGER.ticket_id).where(
            _LEDGER.remote_key == jira_key,
            _LEDGER.subject == LedgerSubject.ISSUE,
            _LEDGER.event == LedgerEvent.RECEIPT,
        )
        return self._named(_TICKETS.ticket_id.in_(sent), session_keys)

    def indexed_counts(self, session_keys: Collection[str]) -> Mapping[str, tuple[int, int]]:
        """Return how many tickets each session has, and how many of them are indexed."""
        query = (
            select(_TICKETS.session_key, func.count(), func.count(_TEXTS.ticket_id))
            .outerjoin_from(
                tables.tickets, tables.search_texts, _TEXTS.ticket_id == _TICKETS.ticket_id
            )
            .where(_TICKETS.session_key.in_(list(session_keys)), IS_PRESENT)
            .group_by(_TICKETS.session_key)
        )
        return {key: (count, done) for key, count, done in self._database.fetch(query)}

    def _named(
        self, is_meant: ColumnElement[bool], session_keys: Collection[str]
    ) -> tuple[FoundTicket, ...]:
        query = _WITH_TEXTS.where(
            is_meant, _TICKETS.session_key.in_(list(session_keys)), IS_PRESENT
        ).order_by(_TICKETS.session_key, _TICKETS.number)
        return tuple(map(_found, self._database.fetch(query)))


def _found(row: Row[Any]) -> FoundTicket:
    return FoundTicket(
        session_key=row.session_key,
        ticket_id=row.ticket_id,
        number=row.number,
        title=row.title,
        passages=row.passages or (),
    )

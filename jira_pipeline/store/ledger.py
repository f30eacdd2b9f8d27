"""The export ledger and its targets.

Belongs here: appending and reading entries. Does not: what entries add up to
(`model/exports`). Triggers refuse to change or delete an entry.

A target is one project in one Jira. Before something is sent to it, an entry says so (the intent);
afterwards another one says what came of it, such as the receipt with the key of an issue (`WEB-41`).
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    bindparam,
    cast,
    func,
    insert,
    select,
)

from jira_pipeline.model.exports import (
    INTENTS,
    UNDER_LEASE,
    Destination,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    Target,
    issue_keys,
)
from jira_pipeline.model.grouped import group_by
from jira_pipeline.store import tables
from jira_pipeline.store.changes import StorePart
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows, update_rows
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import Database, repeated

_LEDGER = tables.ledger.c
_TARGETS = tables.targets.c
_DESTINATIONS = tables.destinations.c
_ENTRY = Rows(tables.ledger, LedgerEntry)
_TARGET = Rows(tables.targets, Target)
_DESTINATION = Rows(tables.destinations, Destination)
_ENDINGS = {LedgerEvent.REMOVED, LedgerEvent.RELEASED, LedgerEvent.REFUTED}
_LATER = tables.ledger.alias("later").c
_APPEND = insert(tables.ledger).returning(_LEDGER.sequence)

IntentTransaction = Callable[[str], AbstractContextManager[Connection]]
"""Opens the transaction that commits an intent for a target id; fails when the lease is lost."""


class SqlExportLedger(StorePart):
    """Keeps the entries about what was sent; an entry is durable when `append` returns.

    With PostgreSQL the lease of a target is a connection. Intents, and where an undo begins and
    ends, are committed on it: once it is gone, `append` raises `LeaseLostError`, so nothing is sent.
    Outcomes are stored in any case.
    """

    def __init__(self, database: Database, *, intending: IntentTransaction | None = None) -> None:
        """Take the database, and what opens the transaction for intents; None: any transaction."""
        super().__init__(database)
        self._intending = intending or (lambda _target_id: database.writing())

    def installation_id(self) -> str:
        """Return the UUID of this store, made when it was initialised."""
        query = select(tables.installation.c.installation_id)
        return str(self._database.fetch(query)[0][0])

    @repeated
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Commit one entry (its `sequence` is ignored) and return it with its sequence.

        Its target must have been recorded.
        """
        needs_lease = entry.event in UNDER_LEASE
        transaction = self._intending(entry.target_id) if needs_lease else self._database.writing()
        row = _ENTRY.cells(entry, but=["sequence"])
        with transaction as connection:
            return replace(entry, sequence=connection.execute(_APPEND, row).scalar_one())

    def entries(self, *, target_id: str, session_key: str) -> tuple[LedgerEntry, ...]:
        """Return the entries of a session on a target, by sequence."""
        return self._values(
            _ENTRY, order_by=[_LEDGER.sequence], target_id=target_id, session_key=session_key
        )

    def entry_count(self, *, target_id: str, session_key: str) -> int:
        """Return how many entries a session has on a target; every change adds one."""
        query = select(func.count()).where(
            _LEDGER.target_id == target_id, _LEDGER.session_key == session_key
        )
        count: int = self._database.fetch(query)[0][0]
        return count

    def has_receipts(self, session_key: str) -> bool:
        """Return whether any issue of the session exists, or may exist, on any target.

        An issue whose creation was not confirmed counts: Jira may have made it without an answer.
        """
        entries = self._values(
            _ENTRY,
            order_by=[_LEDGER.sequence],
            session_key=session_key,
            subject=LedgerSubject.ISSUE,
        )
        entries_by_target = group_by(entries, lambda entry: entry.target_id)
        return any(map(issue_keys, entries_by_target.values()))

    def tickets_sent(self, target_id: str) -> Mapping[str, frozenset[str]]:
        """Return the ids of tickets that have entries about an issue on a target, by session key.

        Issues that were removed since, or never came to be, count too.
        """
        is_on_target = _LEDGER.target_id == target_id
        is_of_issue = _LEDGER.subject == LedgerSubject.ISSUE
        query = select(_LEDGER.session_key, _LEDGER.ticket_id).where(is_on_target, is_of_issue)
        rows = self._database.fetch(query.distinct().order_by(_LEDGER.session_key))
        rows_by_session = group_by(rows, lambda row: str(row.session_key))
        ticket_ids: dict[str, frozenset[str]] = {}
        for session_key, rows_of_session in rows_by_session.items():
            ticket_ids[session_key] = frozenset(row.ticket_id for row in rows_of_session)
        return ticket_ids

    def accounts_of(self, target_id: str) -> frozenset[str]:
        """Return the ids of the accounts that ever sent anything to a target, in any session."""
        query = (
            select(_LEDGER.account_id)
            .where(_LEDGER.target_id == target_id, _LEDGER.event.in_(INTENTS))
            .distinct()
        )
        return frozenset(filter(None, (row[0] for row in self._database.fetch(query))))

    def last_issues(self, target_id: str, *, count: int | None) -> tuple[str, ...]:
        """Return the ids of the last so many issues with a receipt on a target, newest first.

        They are of any session; None returns all. Issues that were removed or released, or turned
        out not to be ours, are left out.
        """
        is_on_target = _LEDGER.target_id == target_id
        is_of_issue = _LEDGER.subject == LedgerSubject.ISSUE
        # A list with a NULL in it would rule out every issue: `NOT IN` is never true of it.
        has_id = _LEDGER.remote_id.is_not(None)
        issues = select(_LEDGER.remote_id).where(is_on_target, is_of_issue, has_id)
        ended = issues.where(_LEDGER.event.in_(_ENDINGS))
        received = issues.where(_LEDGER.event == LedgerEvent.RECEIPT)
        ours_now = received.where(_LEDGER.remote_id.not_in(ended)).group_by(_LEDGER.remote_id)
        newest_first = ours_now.order_by(func.max(_LEDGER.sequence).desc())
        rows = self._database.fetch(newest_first.limit(count))
        return tuple(str(row.remote_id) for row in rows)

    def highest_issue_number(self, target_id: str, *, project_key: str) -> int:
        """Return the highest issue number that any receipt of any session has in a project, or 0.

        Issues that were removed count too, since Jira does not give their numbers again. Where a
        later entry of the same issue corrects its key, only the last one counts.
        """
        prefix = f"{project_key}-"
        number = cast(func.substr(_LEDGER.remote_key, len(prefix) + 1), Integer)

        is_on_target = _LEDGER.target_id == target_id
        is_of_issue = _LEDGER.subject == LedgerSubject.ISSUE
        is_refuted = _LEDGER.event == LedgerEvent.REFUTED
        is_in_project = _LEDGER.remote_key.startswith(prefix, autoescape=True)

        is_of_same_issue = _LATER.remote_id == _LEDGER.remote_id
        is_of_same_ticket = _LATER.identity == _LEDGER.identity
        is_later = _LATER.sequence > _LEDGER.sequence
        corrects_key = _LATER.event.in_((LedgerEvent.RECEIPT, LedgerEvent.REFUTED))
        corrections = select(_LATER.sequence).where(
            is_of_same_ticket, is_of_same_issue, is_later, corrects_key
        )

        entries = select(func.max(number)).where(is_on_target, is_of_issue, ~is_refuted)
        query = entries.where(is_in_project, ~corrections.exists())
        return self._database.fetch(query)[0][0] or 0

    @repeated
    def record_target(
        self, target: Target, *, at: datetime, destination: Destination | None = None
    ) -> None:
        """Insert a target, or update its names; a destination is bound to it from now on.

        A destination is what settings name: an address and the key of a project.
        """
        row = _TARGET.cells(target, last_used_at=at)
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"target {target.target_id}")
            if not update_rows(connection, tables.targets, row, target_id=target.target_id):
                insert_rows(connection, tables.targets, [row | {"first_used_at": at}])
            if destination is not None:
                lock_for_transaction(connection, f"destination {destination.name}")
                named = _DESTINATION.cells(destination)
                delete_rows(connection, tables.destinations, **named)
                cells = named | {"target_id": target.target_id}
                insert_rows(connection, tables.destinations, [cells])

    def destinations(self) -> Mapping[Destination, Target]:
        """Return the target that was found for each destination of settings when last looked up.

        Targets of rehearsals are in none, since no settings name them.
        """
        named = (_DESTINATIONS.address, _DESTINATIONS.project_key)
        query = (
            select(*named, *_TARGET.columns)
            .join(tables.targets, _TARGETS.target_id == _DESTINATIONS.target_id)
            .order_by(*named)
        )
        return {
            Destination(address=address, project_key=project_key): _TARGET.make(target)
            for address, project_key, *target in self._database.fetch(query)
        }

    def targets(self) -> tuple[Target, ...]:
        """Return all known targets, by id."""
        return self._values(_TARGET, order_by=[_TARGETS.target_id])

    def targets_of(self, session_key: str) -> tuple[Target, ...]:
        """Return the targets a session has entries on, the one used last at the end."""
        rows = self._database.fetch(_TARGETS_OF_ONE, {"session": session_key})
        return _targets_by_session(rows).get(session_key, ())

    def targets_by_session(self) -> Mapping[str, tuple[Target, ...]]:
        """Return the targets of every session with entries by its key, the one used last at the end."""
        return _targets_by_session(self._database.fetch(_TARGETS_OF_ALL))


def _used_targets(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the query for session keys and targets with entries, in the order of their last one."""
    used = (
        select(_LEDGER.session_key, _LEDGER.target_id, func.max(_LEDGER.sequence).label("last"))
        .where(*conditions)
        .group_by(_LEDGER.session_key, _LEDGER.target_id)
        .subquery()
    )
    return (
        select(used.c.session_key, *_TARGET.columns)
        .join(used, used.c.target_id == _TARGETS.target_id)
        .order_by(used.c.last)
    )


_TARGETS_OF_ALL = _used_targets()
_TARGETS_OF_ONE = _used_targets(_LEDGER.session_key == bindparam("session"))


def _targets_by_session(rows: Iterable[Row[Any]]) -> Mapping[str, tuple[Target, ...]]:
    targets: dict[str, list[Target]] = {}
    for session_key, *target in rows:
        targets.setdefault(session_key, []).append(_TARGET.make(target))
    return {session_key: tuple(used) for session_key, used in targets.items()}

"""The export ledger and its targets.

Belongs here: appending and reading entries. Does not: what entries add up to
(`model/exports`). Triggers refuse to change or delete an entry.
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
from jira_pipeline.store.transactions import Database, lock_for_transaction, repeated

_LEDGER = tables.ledger.c
_TARGETS = tables.targets.c
_DESTINATIONS = tables.destinations.c
_ENTRY = Rows(tables.ledger, LedgerEntry)
_TARGET = Rows(tables.targets, Target)
_DESTINATION = Rows(tables.destinations, Destination)
_ENDINGS = {LedgerEvent.REMOVED, LedgerEvent.RELEASED, LedgerEvent.REFUTED}
_LATER = tables.ledger.alias("later").c
_APPENDED = insert(tables.ledger).returning(_LEDGER.sequence)

IntentTransaction = Callable[[str], AbstractContextManager[Connection]]
"""Opens the transaction that commits an intent for a target id; fails when the lease is lost."""


class SqlExportLedger(StorePart):
    """Keeps the truth about what was sent. `append` is durable when it returns.

    Where the lease of a target is a connection, `append` commits intents, and where an undo begins
    and ends, on it and raises `LeaseLostError` when it is gone: no intent, so nothing is sent.
    Outcomes are kept in any case.
    """

    def __init__(self, database: Database, *, intending: IntentTransaction | None = None) -> None:
        """Keep the database, and how intents are committed where a connection is the lease."""
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
        is_leased = entry.event in UNDER_LEASE
        opened = self._intending(entry.target_id) if is_leased else self._database.writing()
        row = _ENTRY.cells(entry, but=["sequence"])
        with opened as connection:
            return replace(entry, sequence=connection.execute(_APPENDED, row).scalar_one())

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
        """Tell whether any issue of the session exists, or may exist, on any target.

        One in doubt counts: no answer is not "not done".
        """
        entries = self._values(
            _ENTRY,
            order_by=[_LEDGER.sequence],
            session_key=session_key,
            subject=LedgerSubject.ISSUE,
        )
        of_targets = group_by(entries, lambda entry: entry.target_id)
        return any(map(issue_keys, of_targets.values()))

    def tickets_sent(self, target_id: str) -> Mapping[str, frozenset[str]]:
        """Return the ids of tickets with entries of an issue on a target, by session key.

        Those that were removed, or never came to be, count too.
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
        """Return the ids of the last issues with a receipt on a target, newest first; None: of all.

        Of any session; those that were removed or released, or were never ours, don't count.
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
        """Return the highest number any receipt of any session has in a project, or 0.

        Of issues that were removed, too: their numbers are not given again. A receipt counts as it
        was read back last: an answer may have named any key.
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
        """Remember a target (insert, or update of names), and that settings mean it by this."""
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
        """Return the targets that settings meant when they were last asked for.

        A rehearsal goes to a target that no settings ever meant.
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
        """Return the targets a session has entries on, the latest used last."""
        targets = self._database.fetch(_TARGETS_OF_ONE, {"session": session_key})
        return _targets_by_session(targets).get(session_key, ())

    def targets_by_session(self) -> Mapping[str, tuple[Target, ...]]:
        """Return the same of every session that has any, by its key."""
        return _targets_by_session(self._database.fetch(_TARGETS_OF_ALL))


def _used_targets(*of_session: ColumnElement[bool]) -> Select[Any]:
    used = (
        select(_LEDGER.session_key, _LEDGER.target_id, func.max(_LEDGER.sequence).label("last"))
        .where(*of_session)
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

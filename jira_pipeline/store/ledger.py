"""The export ledger and its targets.

Belongs here: appending and reading entries. Does not: what entries add up to
(`model/export_ledger`). Triggers refuse to change or delete an entry.
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
    update,
)
from typing_extensions import override

from jira_pipeline.model.export_ledger import (
    UNDER_LEASE,
    Destination,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    NotSent,
    Target,
    ledger_state_of,
)
from jira_pipeline.ports.export import ExportLedger
from jira_pipeline.store import tables
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import Database, repeated

_LEDGER = tables.ledger.c
_TARGETS = tables.targets.c
_DESTINATIONS = tables.destinations.c
_ENTRY_NAMES = tuple(LedgerEntry.__dataclass_fields__)
_TARGET_NAMES = tuple(Target.__dataclass_fields__)
_TARGET_COLUMNS = tuple(_TARGETS[name] for name in _TARGET_NAMES)
_ENDINGS = {LedgerEvent.REMOVED, LedgerEvent.RELEASED, LedgerEvent.REFUTED}
_LATER = tables.ledger.alias("later").c

IntentTransaction = Callable[[str], AbstractContextManager[Connection]]
"""Opens the transaction that commits an intent for a target id; fails when the lease is lost."""


class SqlExportLedger(ExportLedger):
    """Keeps the ledger in the store."""

    def __init__(self, database: Database, *, intending: IntentTransaction | None = None) -> None:
        """Keep the database, and how intents are committed where a connection is the lease."""
        self._database = database
        self._intending = intending or (lambda _target_id: database.writing())

    @override
    def installation_id(self) -> str:
        with self._database.reading() as connection:
            chosen = select(tables.installation.c.installation_id)
            return str(connection.execute(chosen).scalar_one())

    @override
    @repeated
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        row = {name: getattr(entry, name) for name in _ENTRY_NAMES if name != "sequence"}
        is_leased = entry.event in UNDER_LEASE
        opened = self._intending(entry.target_id) if is_leased else self._database.writing()
        with opened as connection:
            added = insert(tables.ledger).values(row).returning(_LEDGER.sequence)
            sequence = connection.execute(added).scalar_one()
        return replace(entry, sequence=sequence)

    @override
    def entries(self, *, target_id: str, session_key: str) -> tuple[LedgerEntry, ...]:
        chosen = (
            select(*(_LEDGER[name] for name in _ENTRY_NAMES))
            .where(_LEDGER.target_id == target_id, _LEDGER.session_key == session_key)
            .order_by(_LEDGER.sequence)
        )
        with self._database.reading() as connection:
            rows = connection.execute(chosen).tuples().all()
            return tuple(LedgerEntry(**dict(zip(_ENTRY_NAMES, row, strict=True))) for row in rows)

    @override
    def entry_count(self, *, target_id: str, session_key: str) -> int:
        chosen = select(func.count()).where(
            _LEDGER.target_id == target_id, _LEDGER.session_key == session_key
        )
        count: int = self._database.asked(chosen)[0][0]
        return count

    @override
    def has_receipts(self, session_key: str) -> bool:
        with self._database.reading() as connection:
            return has_receipts(connection, session_key)

    @override
    def tickets_sent(self, target_id: str) -> Mapping[str, frozenset[str]]:
        chosen = (
            select(_LEDGER.session_key, _LEDGER.ticket_id)
            .where(_LEDGER.target_id == target_id, _LEDGER.subject == LedgerSubject.ISSUE)
            .distinct()
            .order_by(_LEDGER.session_key, _LEDGER.ticket_id)
        )
        found: dict[str, list[str]] = {}
        with self._database.reading() as connection:
            for session_key, ticket_id in connection.execute(chosen):
                found.setdefault(session_key, []).append(ticket_id)
        return {session_key: frozenset(ids) for session_key, ids in found.items()}

    @override
    def last_issues(self, target_id: str, *, count: int | None) -> tuple[str, ...]:
        issues = select(_LEDGER.remote_id).where(
            _LEDGER.target_id == target_id,
            _LEDGER.subject == LedgerSubject.ISSUE,
            _LEDGER.remote_id.is_not(None),
        )
        received = issues.where(_LEDGER.event == LedgerEvent.RECEIPT)
        ended = issues.where(_LEDGER.event.in_(_ENDINGS))
        chosen = (
            received.where(_LEDGER.remote_id.not_in(ended))
            .group_by(_LEDGER.remote_id)
            .order_by(func.max(_LEDGER.sequence).desc())
            .limit(count)
        )
        with self._database.reading() as connection:
            return tuple(str(remote_id) for remote_id in connection.execute(chosen).scalars())

    @override
    def highest_issue_number(self, target_id: str, *, project_key: str) -> int:
        prefix = f"{project_key}-"
        number = cast(func.substr(_LEDGER.remote_key, len(prefix) + 1), Integer)
        corrected = select(_LATER.sequence).where(
            _LATER.identity == _LEDGER.identity,
            _LATER.remote_id == _LEDGER.remote_id,
            _LATER.sequence > _LEDGER.sequence,
            _LATER.event.in_((LedgerEvent.RECEIPT, LedgerEvent.REFUTED)),
        )
        chosen = select(func.max(number)).where(
            _LEDGER.target_id == target_id,
            _LEDGER.subject == LedgerSubject.ISSUE,
            _LEDGER.event != LedgerEvent.REFUTED,
            _LEDGER.remote_key.startswith(prefix, autoescape=True),
            ~corrected.exists(),
        )
        with self._database.reading() as connection:
            return connection.execute(chosen).scalar_one() or 0

    @override
    @repeated
    def record_target(
        self, target: Target, *, at: datetime, destination: Destination | None = None
    ) -> None:
        names = {name: getattr(target, name) for name in _TARGET_NAMES if name != "target_id"}
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"target {target.target_id}")
            known = connection.execute(
                update(tables.targets)
                .where(_TARGETS.target_id == target.target_id)
                .values(last_used_at=at, **names)
            )
            if known.rowcount == 0:
                connection.execute(
                    insert(tables.targets).values(
                        target_id=target.target_id, first_used_at=at, last_used_at=at, **names
                    )
                )
            if destination is not None:
                _record_destination(connection, destination, target_id=target.target_id)

    @override
    def destinations(self) -> Mapping[Destination, Target]:
        named = (_DESTINATIONS.address, _DESTINATIONS.project_key)
        chosen = (
            select(*named, *_TARGET_COLUMNS)
            .join(tables.targets, _TARGETS.target_id == _DESTINATIONS.target_id)
            .order_by(*named)
        )
        return {
            Destination(address=address, project_key=project_key): Target(
                **dict(zip(_TARGET_NAMES, target, strict=True))
            )
            for address, project_key, *target in self._database.asked(chosen)
        }

    @override
    def targets(self) -> tuple[Target, ...]:
        chosen = select(*_TARGET_COLUMNS).order_by(_TARGETS.target_id)
        with self._database.reading() as connection:
            return tuple(Target(**row) for row in connection.execute(chosen).mappings())

    @override
    def targets_of(self, session_key: str) -> tuple[Target, ...]:
        found = self._database.asked(_TARGETS_OF_ONE, {"session": session_key})
        return _targets_by_session(found).get(session_key, ())

    @override
    def targets_by_session(self) -> Mapping[str, tuple[Target, ...]]:
        return _targets_by_session(self._database.asked(_TARGETS_OF_ALL))


def _used_targets(*of_session: ColumnElement[bool]) -> Select[Any]:
    used = (
        select(_LEDGER.session_key, _LEDGER.target_id, func.max(_LEDGER.sequence).label("last"))
        .where(*of_session)
        .group_by(_LEDGER.session_key, _LEDGER.target_id)
        .subquery()
    )
    return (
        select(used.c.session_key, *_TARGET_COLUMNS)
        .join(used, used.c.target_id == _TARGETS.target_id)
        .order_by(used.c.last)
    )


_TARGETS_OF_ALL = _used_targets()
_TARGETS_OF_ONE = _used_targets(_LEDGER.session_key == bindparam("session"))


def _targets_by_session(rows: Iterable[Row[Any]]) -> Mapping[str, tuple[Target, ...]]:
    found: dict[str, tuple[Target, ...]] = {}
    for session_key, *target in rows:
        known = Target(**dict(zip(_TARGET_NAMES, target, strict=True)))
        found[session_key] = (*found.get(session_key, ()), known)
    return found


def _record_destination(
    connection: Connection, destination: Destination, *, target_id: str
) -> None:
    lock_for_transaction(connection, f"destination {destination.name}")
    known = connection.execute(
        update(tables.destinations)
        .where(
            _DESTINATIONS.address == destination.address,
            _DESTINATIONS.project_key == destination.project_key,
        )
        .values(target_id=target_id)
    )
    if known.rowcount == 0:
        connection.execute(
            insert(tables.destinations).values(
                address=destination.address,
                project_key=destination.project_key,
                target_id=target_id,
            )
        )


def has_receipts(connection: Connection, session_key: str) -> bool:
    """Tell whether any issue of the session exists, or may exist, on any target."""
    chosen = (
        select(*(_LEDGER[name] for name in _ENTRY_NAMES))
        .where(_LEDGER.session_key == session_key, _LEDGER.subject == LedgerSubject.ISSUE)
        .order_by(_LEDGER.sequence)
    )
    found: dict[tuple[str, str], list[LedgerEntry]] = {}
    for row in connection.execute(chosen).mappings():
        entry = LedgerEntry(**row)
        found.setdefault((entry.target_id, entry.identity), []).append(entry)
    states = (ledger_state_of(entries) for entries in found.values())
    return any(not isinstance(state, NotSent) for state in states)

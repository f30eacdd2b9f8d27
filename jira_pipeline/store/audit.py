"""The audit trail: who did what, append-only and hash-chained.

Belongs here: appending (in the transaction of the change it tells of), reading, verifying. Does
not: what is worth an entry (the module of each port).

The chain shows changed, missing and inserted rows. It cannot show that the newest rows were cut
off: whoever needs that keeps the `head_hash` of a verification elsewhere.
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, insert, select, text
from typing_extensions import override

from jira_pipeline.domain.records import AuditEntry, AuditVerification
from jira_pipeline.domain.tickets import canonical_hash
from jira_pipeline.ports.records import AuditTrail
from jira_pipeline.store import tables
from jira_pipeline.store.column_types import storable_text
from jira_pipeline.store.review_events import append_event
from jira_pipeline.store.transactions import Database, repeated

FIRST_HASH = "0" * 64
"""What the first entry names as the one before it."""

PIPELINE = "pipeline"
"""Actor of what no person did."""


class SqlAuditTrail(AuditTrail):
    """Keeps the audit trail in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    @override
    @repeated
    def append(
        self,
        *,
        at: datetime,
        session_key: str | None,
        actor: str,
        action: str,
        details: Mapping[str, object],
    ) -> None:
        with self._database.writing() as connection:
            append_audit(
                connection,
                at=at,
                session_key=session_key,
                actor=actor,
                action=action,
                details=details,
            )

    @override
    def entries(
        self, session_key: str, *, actions: Collection[str] | None = None
    ) -> tuple[AuditEntry, ...]:
        chosen = select(tables.audit).where(tables.audit.c.session_key == session_key)
        if actions is not None:
            chosen = chosen.where(tables.audit.c.action.in_(sorted(actions)))
        with self._database.reading() as connection:
            rows = connection.execute(chosen.order_by(tables.audit.c.sequence)).mappings()
            return tuple(_entry_of(row) for row in rows)

    @override
    def verify(self) -> AuditVerification:
        with self._database.reading() as connection:
            return verified_chain(connection)


def verified_chain(connection: Connection) -> AuditVerification:
    """Follow the whole chain as a transaction sees it."""
    faults = []
    previous_hash, expected = FIRST_HASH, 1
    chosen = select(tables.audit).order_by(tables.audit.c.sequence)
    for row in connection.execute(chosen).mappings():
        entry = _entry_of(row)
        faults.extend(_faults_of(entry, previous_hash=previous_hash, expected_sequence=expected))
        previous_hash, expected = entry.entry_hash, entry.sequence + 1
    return AuditVerification(
        entry_count=expected - 1, head_hash=previous_hash, faults=tuple(faults)
    )


def append_audit(
    connection: Connection,
    *,
    at: datetime,
    session_key: str | None,
    actor: str,
    action: str,
    details: Mapping[str, object],
) -> None:
    """Append one entry in the transaction of the change it tells of.

    A change of tickets by people also waits in the outbox until Dagster is told.
    """
    _lock(connection)
    actor = storable_text(actor)
    details = json.loads(storable_text(_json_of(details)))
    newest = (
        select(tables.audit.c.sequence, tables.audit.c.entry_hash)
        .order_by(tables.audit.c.sequence.desc())
        .limit(1)
    )
    last = connection.execute(newest).one_or_none()
    sequence, previous_hash = (1, FIRST_HASH) if last is None else (last[0] + 1, last[1])
    entry_hash = _hash_of(
        sequence=sequence,
        at=at,
        session_key=session_key,
        actor=actor,
        action=action,
        details=details,
        previous_hash=previous_hash,
    )
    connection.execute(
        insert(tables.audit).values(
            sequence=sequence,
            at=at,
            session_key=session_key,
            actor=actor,
            action=action,
            details=_json_of(details),
            previous_hash=previous_hash,
            entry_hash=entry_hash,
        )
    )
    append_event(connection, at=at, session_key=session_key, action=action, by=actor)


def _json_of(details: Mapping[str, object]) -> str:
    return json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _lock(connection: Connection) -> None:
    """Let one transaction at a time extend the chain; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))


def _hash_of(
    *,
    sequence: int,
    at: datetime,
    session_key: str | None,
    actor: str,
    action: str,
    details: Mapping[str, object],
    previous_hash: str,
) -> str:
    return canonical_hash(
        {
            "sequence": sequence,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "session_key": session_key,
            "actor": actor,
            "action": action,
            "details": details,
            "previous_hash": previous_hash,
        }
    )


def _entry_of(row: RowMapping) -> AuditEntry:
    return AuditEntry(**{**row, "details": json.loads(row["details"])})


def _faults_of(entry: AuditEntry, *, previous_hash: str, expected_sequence: int) -> list[str]:
    faults = []
    if entry.sequence != expected_sequence:
        missing = entry.sequence - expected_sequence
        faults.append(f"{missing} missing before entry {entry.sequence}")
    elif entry.previous_hash != previous_hash:
        faults.append(f"entry {entry.sequence} does not follow the one before it")
    recomputed = _hash_of(
        sequence=entry.sequence,
        at=entry.at,
        session_key=entry.session_key,
        actor=entry.actor,
        action=entry.action,
        details=entry.details,
        previous_hash=entry.previous_hash,
    )
    if recomputed != entry.entry_hash:
        faults.append(f"entry {entry.sequence} was changed")
    return faults

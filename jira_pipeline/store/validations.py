"""Validations of whole sessions and their results per ticket.

Belongs here: keeping them. Does not: validating (`stages/adf_validation`), comparing what was
validated with what is there now (`domain/staleness`).
"""

from sqlalchemy import insert, select, update

from jira_pipeline.domain.validations import TicketValidation, Validation
from jira_pipeline.store import tables
from jira_pipeline.store.audit import PIPELINE, append_audit
from jira_pipeline.store.sessions import lock_session
from jira_pipeline.store.transactions import Database, repeated

_VALIDATIONS = tables.validations.c
_RESULTS = tables.validation_results.c
_RESULT_NAMES = tuple(TicketValidation.__dataclass_fields__)


class SqlValidationStore:
    """Keeps validations in the store."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    @repeated
    def record(self, validation: Validation) -> None:
        """Store a validation and set the session's `last_validated_at`; audited."""
        key, at = validation.session_key, validation.at
        with self._database.writing() as connection:
            lock_session(connection, key)
            added = insert(tables.validations).values(session_key=key, at=at)
            number = connection.execute(added.returning(_VALIDATIONS.validation_id)).scalar_one()
            rows = [
                {"validation_id": number, "position": position}
                | {name: getattr(result, name) for name in _RESULT_NAMES}
                for position, result in enumerate(validation.results)
            ]
            if rows:
                connection.execute(insert(tables.validation_results), rows)
            connection.execute(
                update(tables.sessions)
                .where(tables.sessions.c.session_key == key)
                .values(last_validated_at=at, updated_at=at)
            )
            failed = [result.ticket_id for result in validation.results if not result.is_passed]
            append_audit(
                connection,
                at=at,
                session_key=key,
                actor=PIPELINE,
                action="validation_recorded",
                details={
                    "is_passed": validation.is_passed,
                    "tested": len(rows),
                    "failed": sorted(failed),
                },
            )

    def latest(self, session_key: str) -> Validation | None:
        """Return the last validation of a session, or None."""
        newest = (
            select(tables.validations)
            .where(_VALIDATIONS.session_key == session_key)
            .order_by(_VALIDATIONS.validation_id.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            found = connection.execute(newest).one_or_none()
            if found is None:
                return None
            chosen = (
                select(*(_RESULTS[name] for name in _RESULT_NAMES))
                .where(_RESULTS.validation_id == found.validation_id)
                .order_by(_RESULTS.position)
            )
            results = connection.execute(chosen).mappings()
            return Validation(
                session_key=session_key,
                at=found.at,
                results=tuple(TicketValidation(**row) for row in results),
            )

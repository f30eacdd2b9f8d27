"""Validations of whole sessions and their results per ticket.

Belongs here: keeping them. Does not: validating (`review/documents/adf_validation`), comparing what
was validated with what is there now (`context/states`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, insert, select, update
from typing_extensions import override

from jira_pipeline.model.records import PIPELINE
from jira_pipeline.model.validations import (
    CheckedContents,
    TicketValidation,
    Validation,
    ValidationVerdict,
)
from jira_pipeline.ports.tickets import ValidationStore
from jira_pipeline.store import tables
from jira_pipeline.store.record_store import append_audit
from jira_pipeline.store.session_rows import lock_session, update_session
from jira_pipeline.store.transactions import StorePart, repeated

_VALIDATIONS = tables.validations.c
_RESULTS = tables.validation_results.c
_RESULT_NAMES = tuple(TicketValidation.__dataclass_fields__)


class SqlValidationStore(StorePart, ValidationStore):
    """Keeps validations in the store."""

    @override
    @repeated
    def record(self, validation: Validation) -> None:
        key, at = validation.session_key, validation.at
        with self._database.writing() as connection:
            lock_session(connection, key)
            added = insert(tables.validations).values(
                session_key=key,
                at=at,
                content_version=validation.content_version,
                rendering=validation.rendering,
            )
            number = connection.execute(added.returning(_VALIDATIONS.validation_id)).scalar_one()
            rows = [
                {"validation_id": number, "position": position} | _values_of(result)
                for position, result in enumerate(validation.results)
            ]
            if rows:
                connection.execute(insert(tables.validation_results), rows)
            update_session(connection, key, {"last_validated_at": at, "updated_at": at})
            _append(connection, key, validation.results, at=at)

    @override
    @repeated
    def amend(self, session_key: str, results: Sequence[TicketValidation], *, at: datetime) -> None:
        with self._database.writing() as connection:
            lock_session(connection, session_key)
            number = connection.execute(_newest(session_key)).one().validation_id
            of_validation = _RESULTS.validation_id == number
            most = select(func.coalesce(func.max(_RESULTS.position), -1)).where(of_validation)
            last = connection.execute(most).scalar_one()
            for position, result in enumerate(results, last + 1):
                values = _values_of(result)
                same = of_validation & (_RESULTS.ticket_id == result.ticket_id)
                changed = update(tables.validation_results).where(same).values(values)
                if connection.execute(changed).rowcount == 0:
                    added = {"validation_id": number, "position": position, **values}
                    connection.execute(insert(tables.validation_results).values(added))
            _append(connection, session_key, results, at=at)

    @override
    def latest(self, session_key: str) -> Validation | None:
        with self._database.reading() as connection:
            found = connection.execute(_newest(session_key)).one_or_none()
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
                content_version=found.content_version,
                rendering=found.rendering,
            )

    @override
    def checked(self, session_key: str) -> CheckedContents | None:
        with self._database.reading() as connection:
            found = connection.execute(_newest(session_key)).one_or_none()
            if found is None:
                return None
            of_validation = _RESULTS.validation_id == found.validation_id
            hashes = select(_RESULTS.ticket_id, _RESULTS.rendered_hash).where(of_validation)
            failed = (
                select(_RESULTS.ticket_id, _RESULTS.title, _RESULTS.error_message)
                .where(of_validation, _RESULTS.is_passed.is_(False))
                .order_by(_RESULTS.position)
            )
            return CheckedContents(
                at=found.at,
                rendered_hashes=dict(connection.execute(hashes).tuples().all()),
                failures={
                    ticket_id: f"{title}: {error}"
                    for ticket_id, title, error in connection.execute(failed).tuples()
                },
            )

    @override
    def verdict(self, session_key: str) -> ValidationVerdict | None:
        failed = func.sum(case((_RESULTS.is_passed, 0), else_=1))
        counted = select(func.count(_RESULTS.position), func.coalesce(failed, 0))
        with self._database.reading() as connection:
            found = connection.execute(_newest(session_key)).one_or_none()
            if found is None:
                return None
            of_validation = counted.where(_RESULTS.validation_id == found.validation_id)
            tested_count, failed_count = connection.execute(of_validation).tuples().one()
        return ValidationVerdict(
            at=found.at,
            tested_count=tested_count,
            failed_count=failed_count,
            content_version=found.content_version,
            rendering=found.rendering,
        )


def _values_of(result: TicketValidation) -> dict[str, object]:
    return {name: getattr(result, name) for name in _RESULT_NAMES}


def _append(
    connection: Connection, session_key: str, results: Sequence[TicketValidation], *, at: datetime
) -> None:
    failed = sorted(result.ticket_id for result in results if not result.is_passed)
    append_audit(
        connection,
        at=at,
        session_key=session_key,
        actor=PIPELINE,
        action="validation_recorded",
        details={"is_passed": not failed, "tested": len(results), "failed": failed},
    )


def _newest(session_key: str) -> Select[Any]:
    return (
        select(tables.validations)
        .where(_VALIDATIONS.session_key == session_key)
        .order_by(_VALIDATIONS.validation_id.desc())
        .limit(1)
    )

"""Validations of tickets, and what each came to.

Belongs here: statements. Does not: validating (`tickets/documents/adf_validation`), comparing what
was validated with what is there now (`context/states`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.runs import PIPELINE
from jira_pipeline.model.ticket_validations import (
    CheckedContents,
    TicketValidation,
    Validation,
    ValidationVerdict,
)
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change, SessionPart
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.transactions import repeated

_VALIDATIONS = tables.validations.c
_RESULTS = tables.validation_results.c
_VALIDATION = Rows(tables.validations, Validation)
_NEW_VALIDATION = insert(tables.validations).returning(_VALIDATIONS.validation_id)
_RESULT = Rows(tables.validation_results, TicketValidation)


class ValidationStore(SessionPart):
    @repeated
    def record(self, validation: Validation) -> None:
        """Store a validation and set the session's `last_validated_at`; audited."""
        key = validation.session_key
        with self._begin_change(key, by=PIPELINE, at=validation.at) as change:
            cells = _VALIDATION.cells(validation)
            number = change.connection.execute(_NEW_VALIDATION, cells).scalar_one()
            change.set_session(last_validated_at=validation.at)
            _keep(change, number, dict(enumerate(validation.results)))

    @repeated
    def amend(self, session_key: str, results: Sequence[TicketValidation], *, at: datetime) -> None:
        """Put what was found of some tickets in the place of older results; audited.

        They go into the last validation, which there must be; it is no younger by that.
        """
        with self._begin_change(session_key, by=PIPELINE, at=at) as change:
            number = change.connection.execute(_newest(session_key)).one().validation_id
            is_of_validation = _RESULTS.validation_id == number
            query = select(_RESULTS.ticket_id, _RESULTS.position).where(is_of_validation)
            positions: dict[str, int] = dict(change.connection.execute(query).tuples().all())
            next_position = max(positions.values(), default=-1) + 1
            results_by_position: dict[int, TicketValidation] = {}
            for result in results:
                if result.ticket_id not in positions:
                    positions[result.ticket_id] = next_position
                    next_position += 1
                results_by_position[positions[result.ticket_id]] = result
            are_of_tickets = _RESULTS.ticket_id.in_([result.ticket_id for result in results])
            replaced = is_of_validation & are_of_tickets
            delete_rows(change.connection, tables.validation_results, replaced)
            _keep(change, number, results_by_position)

    def latest(self, session_key: str) -> Validation | None:
        """Return the last validation of a session, or None."""
        with self._database.reading() as connection:
            newest = connection.execute(_newest(session_key)).one_or_none()
            if newest is None:
                return None
            query = _RESULT.query.where(_RESULTS.validation_id == newest.validation_id)
            results = _RESULT.values_of(connection.execute(query.order_by(_RESULTS.position)))
            return Validation(
                session_key=session_key,
                at=newest.at,
                results=results,
                content_version=newest.content_version,
                rendering=newest.rendering,
            )

    def checked(self, session_key: str) -> CheckedContents | None:
        """Return what the last validation of a session checked, or None: what the gate needs."""
        with self._database.reading() as connection:
            newest = connection.execute(_newest(session_key)).one_or_none()
            if newest is None:
                return None
            is_of_validation = _RESULTS.validation_id == newest.validation_id
            is_failed = _RESULTS.is_passed.is_(False)
            hashes = select(_RESULTS.ticket_id, _RESULTS.rendered_hash).where(is_of_validation)
            rendered_hashes = dict(connection.execute(hashes).tuples().all())
            results = select(_RESULTS.ticket_id, _RESULTS.title, _RESULTS.error_message)
            failed = results.where(is_of_validation, is_failed).order_by(_RESULTS.position)
            failures: dict[str, str] = {}
            for ticket_id, title, error in connection.execute(failed).tuples():
                failures[ticket_id] = f"{title}: {error}"
            return CheckedContents(at=newest.at, rendered_hashes=rendered_hashes, failures=failures)

    def verdict(self, session_key: str) -> ValidationVerdict | None:
        """Return what the last validation of a session said as a whole, or None."""
        is_failed = (_RESULTS.validation_id == _VALIDATIONS.validation_id) & ~_RESULTS.is_passed
        failed = select(func.count()).where(is_failed).scalar_subquery().label("failed_count")
        columns = (_VALIDATIONS.at, failed, _VALIDATIONS.content_version, _VALIDATIONS.rendering)
        for row in self._database.fetch(_newest(session_key).with_only_columns(*columns)):
            return ValidationVerdict(**row._asdict())
        return None


def _keep(change: Change, number: int, results: Mapping[int, TicketValidation]) -> None:
    """Keep results of a validation by their place in it, with an entry of the audit trail."""
    rows: list[Mapping[str, object]] = []
    failed: list[str] = []
    for position, result in results.items():
        rows.append(_RESULT.cells(result, validation_id=number, position=position))
        if not result.is_passed:
            failed.append(result.ticket_id)
    insert_rows(change.connection, tables.validation_results, rows)
    details = {"is_passed": not failed, "tested": len(results), "failed": sorted(failed)}
    change.note(AuditAction.VALIDATION_RECORDED, **details)


def _newest(session_key: str) -> Select[Any]:
    return (
        select(tables.validations)
        .where(_VALIDATIONS.session_key == session_key)
        .order_by(_VALIDATIONS.validation_id.desc())
        .limit(1)
    )

"""Validations of whole sessions and their results per ticket, and verifications of sites.

Belongs here: keeping them. Does not: validating (`tickets/documents/adf_validation`), comparing what
was validated with what is there now (`context/states`), comparing a site (`verification`),
what changed since (`sessions/site_verifying`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, delete, func, insert, select

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.records import PIPELINE
from jira_pipeline.model.site_verifications import KeptVerification, Verification
from jira_pipeline.model.validations import (
    CheckedContents,
    TicketValidation,
    Validation,
    ValidationVerdict,
)
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change, SessionPart
from jira_pipeline.store.mapping import Rows, insert_rows
from jira_pipeline.store.transactions import repeated

_VALIDATIONS = tables.validations.c
_RESULTS = tables.validation_results.c
_VALIDATION = Rows(tables.validations, Validation)
_RESULT = Rows(tables.validation_results, TicketValidation)
_VERIFICATION = Rows(tables.site_verifications, KeptVerification)
_VERIFICATIONS = tables.site_verifications.c


class ValidationStore(SessionPart):
    @repeated
    def record(self, validation: Validation) -> None:
        """Store a validation and set the session's `last_validated_at`; audited."""
        key = validation.session_key
        with self._changing(key, by=PIPELINE, at=validation.at) as change:
            added = insert(tables.validations).values(_VALIDATION.cells(validation))
            added = added.returning(_VALIDATIONS.validation_id)
            number = change.connection.execute(added).scalar_one()
            rows = [
                _RESULT.cells(result, validation_id=number, position=position)
                for position, result in enumerate(validation.results)
            ]
            insert_rows(change.connection, tables.validation_results, rows)
            change.set_session(last_validated_at=validation.at)
            _note(change, validation.results)

    @repeated
    def amend(self, session_key: str, results: Sequence[TicketValidation], *, at: datetime) -> None:
        """Put what was found of some tickets in the place of older results; audited.

        They go into the last validation, which there must be; it is no younger by that.
        """
        with self._changing(session_key, by=PIPELINE, at=at) as change:
            number = change.connection.execute(_newest(session_key)).one().validation_id
            of_validation = _RESULTS.validation_id == number
            places = select(_RESULTS.ticket_id, _RESULTS.position).where(of_validation)
            positions: dict[str, int] = dict(change.connection.execute(places).tuples().all())
            new = (result.ticket_id for result in results if result.ticket_id not in positions)
            last = max(positions.values(), default=-1)
            positions |= {ticket_id: place for place, ticket_id in enumerate(new, last + 1)}
            ids = [result.ticket_id for result in results]
            replaced = delete(tables.validation_results).where(
                of_validation, _RESULTS.ticket_id.in_(ids)
            )
            change.connection.execute(replaced)
            rows = [
                _RESULT.cells(result, validation_id=number, position=positions[result.ticket_id])
                for result in results
            ]
            insert_rows(change.connection, tables.validation_results, rows)
            _note(change, results)

    def latest(self, session_key: str) -> Validation | None:
        """Return the last validation of a session, or None."""
        with self._database.reading() as connection:
            found = connection.execute(_newest(session_key)).one_or_none()
            if found is None:
                return None
            chosen = _RESULT.chosen.where(_RESULTS.validation_id == found.validation_id)
            results = _RESULT.of(connection.execute(chosen.order_by(_RESULTS.position)))
            return Validation(
                session_key=session_key,
                at=found.at,
                results=results,
                content_version=found.content_version,
                rendering=found.rendering,
            )

    def checked(self, session_key: str) -> CheckedContents | None:
        """Return what the last validation of a session checked, or None: what the gate needs."""
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

    def verdict(self, session_key: str) -> ValidationVerdict | None:
        """Return what the last validation of a session said as a whole, or None."""
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


class SiteVerificationStore(SessionPart):
    """Keeps verifications of sites; audited."""

    @repeated
    def keep(
        self,
        verification: Verification,
        *,
        counts: Mapping[str, Mapping[str, int]],
        config_sha256: str,
        by: str,
        at: datetime,
    ) -> KeptVerification:
        """Keep a verification; `counts` are those of all its cells."""
        key = verification.session_key
        kept = KeptVerification(
            verification_id=0,
            session_key=key,
            at=at,
            by=by,
            config_sha256=config_sha256,
            counts=counts,
            verification=verification,
        )
        with self._changing(key, by=by, at=at) as change:
            kept = change.add(_VERIFICATION, kept, but=["verification_id"])
            details = {"verification_id": kept.verification_id, "config": verification.config}
            change.note(AuditAction.SITE_VERIFIED, **details, **counts["rows"])
            return kept

    def discard(self, kept: KeptVerification, *, by: str, at: datetime) -> None:
        """Remove a verification: the one before it counts again."""
        with self._changing(kept.session_key, by=by, at=at) as change:
            removed = delete(tables.site_verifications)
            change.connection.execute(
                removed.where(_VERIFICATIONS.verification_id == kept.verification_id)
            )
            details = {"verification_id": kept.verification_id, "config": kept.verification.config}
            change.note(AuditAction.SITE_VERIFICATION_DISCARDED, **details)

    def latest(self, session_key: str, *, before: int | None = None) -> KeptVerification | None:
        """Return the last one of a session, or the last before another; None: there is none."""
        wanted = [_VERIFICATIONS.session_key == session_key]
        if before is not None:
            wanted.append(_VERIFICATIONS.verification_id < before)
        found = self._values(
            _VERIFICATION, *wanted, by=[_VERIFICATIONS.verification_id.desc()], most=1
        )
        return next(iter(found), None)


def _note(change: Change, results: Sequence[TicketValidation]) -> None:
    failed = sorted(result.ticket_id for result in results if not result.is_passed)
    said = {"is_passed": not failed, "tested": len(results), "failed": failed}
    change.note(AuditAction.VALIDATION_RECORDED, **said)


def _newest(session_key: str) -> Select[Any]:
    return (
        select(tables.validations)
        .where(_VALIDATIONS.session_key == session_key)
        .order_by(_VALIDATIONS.validation_id.desc())
        .limit(1)
    )

"""Verifications of sites, one after the other.

Belongs here: keeping them. Does not: comparing a site (`sources/verification`), what changed since
(`sessions/site_verifying`).
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.site_verifications import KeptVerification, Verification
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.mapping import Rows
from jira_pipeline.store.transactions import repeated

_ROWS, _KEPT = Rows(tables.site_verifications, KeptVerification), tables.site_verifications.c


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
            kept = change.add(_ROWS, kept, but=["verification_id"])
            said = {"verification_id": kept.verification_id, "config": verification.config}
            change.note(AuditAction.SITE_VERIFIED, **said, **counts["rows"])
            return kept

    def discard(self, kept: KeptVerification, *, by: str, at: datetime) -> None:
        """Remove a verification: the one before it counts again."""
        with self._changing(kept.session_key, by=by, at=at) as change:
            removed = delete(tables.site_verifications)
            change.connection.execute(removed.where(_KEPT.verification_id == kept.verification_id))
            said = {"verification_id": kept.verification_id, "config": kept.verification.config}
            change.note(AuditAction.SITE_VERIFICATION_DISCARDED, **said)

    def latest(self, session_key: str, *, before: int | None = None) -> KeptVerification | None:
        """Return the last one of a session, or the last before another; None: there is none."""
        wanted = [_KEPT.session_key == session_key]
        if before is not None:
            wanted.append(_KEPT.verification_id < before)
        found = self._values(_ROWS, *wanted, by=[_KEPT.verification_id.desc()], most=1)
        return next(iter(found), None)

"""What comparing sites with their sheets came to.

Belongs here: statements. Does not: comparing a site (`verification`).
"""

from collections.abc import Mapping
from datetime import datetime

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.site_verifications import KeptVerification, Verification
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.mapping import Rows, delete_rows
from jira_pipeline.store.transactions import repeated

_VERIFICATION = Rows(tables.site_verifications, KeptVerification)
_VERIFICATIONS = tables.site_verifications.c


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
        """Store a verification and return it with its number; `counts` are those of all its cells."""
        key = verification.session_key
        to_keep = KeptVerification(
            verification_id=0,
            session_key=key,
            at=at,
            by=by,
            config_sha256=config_sha256,
            counts=counts,
            verification=verification,
        )
        with self._begin_change(key, by=by, at=at) as change:
            to_keep = _VERIFICATION.insert_one(change.connection, to_keep, but=["verification_id"])
            change.note(
                AuditAction.SITE_VERIFIED,
                verification_id=to_keep.verification_id,
                config=verification.config,
                **counts["rows"],
            )
            return to_keep

    def discard(self, verification: KeptVerification, *, by: str, at: datetime) -> None:
        """Delete a verification; the one before it is the latest again."""
        with self._begin_change(verification.session_key, by=by, at=at) as change:
            key = {"verification_id": verification.verification_id}
            delete_rows(change.connection, tables.site_verifications, **key)
            config = verification.verification.config
            change.note(AuditAction.SITE_VERIFICATION_DISCARDED, **key, config=config)

    def is_compared(self, session_key: str, *, config_sha256: str) -> bool:
        """Return whether a session was ever compared with the configuration of this hash."""
        same = self._first(_VERIFICATION, session_key=session_key, config_sha256=config_sha256)
        return same is not None

    def latest(self, session_key: str, *, before: int | None = None) -> KeptVerification | None:
        """Return the last verification of a session, or the last with a number below `before`, or None."""
        earlier = [] if before is None else [_VERIFICATIONS.verification_id < before]
        newest = [_VERIFICATIONS.verification_id.desc()]
        return self._first(_VERIFICATION, *earlier, order_by=newest, session_key=session_key)

"""Verifications of sites, one after the other.

Belongs here: keeping them. Does not: comparing a site (`sources/verification`), what changed since
(`sessions/site_verifying`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from jira_pipeline.model.site_verifications import KeptVerification, Verification
from jira_pipeline.store import tables
from jira_pipeline.store.record_store import append_audit
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.transactions import StorePart, repeated

_KEPT = tables.site_verifications.c
_NAMES = tuple(KeptVerification.__dataclass_fields__)


class SiteVerificationStore(StorePart):
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
        """Keep a verification; `counts` are those of all its cells.

        Raises:
            NotFoundError: There is no such session.
        """
        key = verification.session_key
        values: dict[str, Any] = {
            "session_key": key,
            "at": at,
            "by": by,
            "config_sha256": config_sha256,
            "counts": counts,
            "verification": verification,
        }
        with self._database.writing() as connection:
            lock_session(connection, key)
            added = insert(tables.site_verifications).values(values)
            number = connection.execute(added.returning(_KEPT.verification_id)).scalar_one()
            append_audit(
                connection,
                at=at,
                session_key=key,
                actor=by,
                action="site_verified",
                details={"verification_id": number, "config": verification.config}
                | dict(counts["rows"]),
            )
        return KeptVerification(verification_id=number, **values)

    def latest(self, session_key: str, *, before: int | None = None) -> KeptVerification | None:
        """Return the last one of a session, or the last before another; None: there is none."""
        chosen = select(*(_KEPT[name] for name in _NAMES)).where(_KEPT.session_key == session_key)
        if before is not None:
            chosen = chosen.where(_KEPT.verification_id < before)
        rows = self._database.asked(chosen.order_by(_KEPT.verification_id.desc()).limit(1))
        return next((KeptVerification(**row._asdict()) for row in rows), None)

"""Verifications of a site: its configuration is sent, and compared with the sheets of a session.

Belongs here: their addresses and shapes. Does not: comparing, keeping (`verification/verifying`).
"""

from typing import Annotated

from fastapi import File, UploadFile

from jira_pipeline.kernel.site_verifications import (
    AdditionalItem,
    Cause,
    ProposedAlias,
    UnresolvedName,
    VerdictChanges,
    VerifiedRow,
    VerifiedTicket,
)
from jira_pipeline.verification.reports import verification_object
from jira_pipeline.verification.verifying import (
    changes_before,
    verify_sent_site,
)
from jira_pipeline.web.access import Reader, Reviewer
from jira_pipeline.web.api.shapes import Shape, Time, new_router
from jira_pipeline.web.context import Opened

router = new_router("verifications")


class VerificationShown(Shape):
    """A site compared with the sheets, as `jira-pipeline verify --json`, without met cells."""

    session_key: str
    verification_id: int
    at: Time
    by: str
    config: str
    counts: dict[str, dict[str, int]]
    rows: list[VerifiedRow]
    tickets: list[VerifiedTicket]
    causes: list[Cause]
    additional: list[AdditionalItem]
    questions: list[UnresolvedName]
    aliases: list[ProposedAlias]
    changes: VerdictChanges | None


@router.post("/sessions/{key}/verifications", status_code=201)
def verify_site(
    person: Reviewer, session: Opened, config: Annotated[UploadFile, File()]
) -> VerificationShown:
    """Compare the exported configuration of a site, a zip, with the sheets."""
    name = config.filename or ""
    verified = verify_sent_site(session, config.file, config=name, by=person.name)
    kept = verified.kept
    return VerificationShown.model_validate(
        verification_object(kept.verification, kept, verified.changes)
    )


@router.get("/sessions/{key}/verifications")
def show_verification(_person: Reader, session: Opened) -> VerificationShown | None:
    """Show the last comparison with a site; `null` before the first."""
    kept = session.site_verification
    if kept is None:
        return None
    changes = changes_before(session, kept)
    return VerificationShown.model_validate(verification_object(kept.verification, kept, changes))

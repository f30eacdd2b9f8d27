"""Verifications of a site: its configuration is sent, and compared with the sheets of a session.

Belongs here: their addresses and shapes. Does not: comparing, keeping (`verification/verifying`).
"""

from typing import Annotated

from fastapi import File, Path, UploadFile

from jira_pipeline.kernel.site_verifications import (
    AdditionalItem,
    Cause,
    ListedVerification,
    ProposedAlias,
    UnresolvedName,
    VerdictChanges,
    VerifiedRow,
    VerifiedTicket,
)
from jira_pipeline.verification.reports import verification_object
from jira_pipeline.verification.verifying import (
    changes_before,
    find_verification,
    past_verifications,
    verify_sent_site,
)
from jira_pipeline.web.access import Reader, Reviewer
from jira_pipeline.web.api.paging import Paged
from jira_pipeline.web.api.shapes import INTEGER_MAX, Shape, Time, new_router
from jira_pipeline.web.context import Opened

router = new_router("verifications")
VerificationId = Annotated[int, Path(ge=1, le=INTEGER_MAX)]


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
    gaps: list[str]
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


class VerificationPage(Shape):
    """Comparisons of a session with its site, newest first."""

    total: int
    verifications: list[ListedVerification]


@router.get("/sessions/{key}/verifications")
def list_verifications(_person: Reader, session: Opened, paging: Paged) -> VerificationPage:
    """List the comparisons with a site, newest first, with their rows by verdict."""
    found = past_verifications(session)
    shown = paging.page_of(found, key_of=lambda one: one.verification_id, usual_limit=100)
    return VerificationPage(total=len(found), verifications=[*shown])


@router.get("/sessions/{key}/verifications/{verification_id}")
def show_verification(
    _person: Reader, session: Opened, verification_id: VerificationId
) -> VerificationShown:
    """Show one comparison, and what changed since the one before it."""
    kept = find_verification(session, verification_id)
    changes = changes_before(session, kept)
    return VerificationShown.model_validate(verification_object(kept.verification, kept, changes))

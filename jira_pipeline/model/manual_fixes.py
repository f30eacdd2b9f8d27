"""Manual fixes: what a person still has to do in Jira because a fallback was used.

Belongs here: the value, its states, which fixes are the same one. Does not: recording one
(`export/repeated_writes`), ticking one off (`export/manual_fixes`), keeping them
(`store/run_records`).

Example: Jira refused the priority “Urgent”. The issue was created without it, and a manual fix asks
people to choose a priority that the project has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_fields

FIX_IDENTITY = ("target_id", "ticket_id", "fix_type", "subject")
"""Fields by which a fix is known: two with equal ones are the same thing to do."""


class FixType(StrEnum):
    """Why a manual fix is needed."""

    ASSIGNEE_INVALID = "assignee_invalid"
    SPRINT_NOT_FOUND = "sprint_not_found"
    PRIORITY_UNAVAILABLE = "priority_unavailable"
    ATTACHMENT_UPLOAD = "attachment_upload"
    DEPENDENCY_LINK = "dependency_link"
    ORPHAN_ISSUE = "orphan_issue"
    FIELD_REJECTED = "field_rejected"
    EDITED_MEANWHILE = "edited_meanwhile"
    BOTH_TEXTS = "both_texts"


class FixState(StrEnum):
    """What became of a manual fix."""

    OPEN = "open"
    DONE = "done"
    RESOLVED = "resolved"
    OBSOLETE = "obsolete"


@json_fields(
    "fix_id ticket_id fix_type jira_key description=recommended_action title original_value "
    "recommended_action jira_url done=is_done"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ManualFix:
    """One thing to do; unique per ticket, type, subject and target."""

    fix_type: FixType
    session_key: str
    target_id: str
    ticket_id: str
    subject: str
    """What distinguishes two fixes of one type on one ticket: a field, a file, a linked ticket."""
    title: str
    original_value: str
    recommended_action: str
    jira_key: str | None
    jira_url: str | None
    state: FixState
    created_at: datetime
    fix_id: int = 0
    """Assigned by the store; 0 before."""

    @property
    def is_done(self) -> bool:
        """Nobody has to do it any more."""
        return self.state is not FixState.OPEN

    def is_about(self, ticket_id: str) -> bool:
        """Return whether a person does it on the issue of a ticket, or on a link with it."""
        # It is about an issue that is one too many, not about the one of the ticket.
        if self.fix_type is FixType.ORPHAN_ISSUE and self.jira_key is not None:
            return False
        is_link = self.fix_type is FixType.DEPENDENCY_LINK
        return self.ticket_id == ticket_id or (
            is_link and self.subject.rpartition(" ")[2] == ticket_id
        )


def alike(fixes: Iterable[ManualFix]) -> tuple[tuple[ManualFix, ...], ...]:
    """Return the fixes in groups that are the same thing to do on several issues, in their order."""
    groups = group_by(
        fixes, lambda f: (f.fix_type, f.subject, f.original_value, f.recommended_action, f.state)
    )
    return tuple(map(tuple, groups.values()))

"""What an entry of the audit trail records: one place for every action and what follows from it.

Belongs here: the actions, what people read of each, what Dagster is told. Does not: what the details
of an entry say more (`web/labels`).
"""

from enum import StrEnum, auto
from typing import Self


class EventKind(StrEnum):
    """What an event of the history is about, to filter by."""

    DECISION = "decisions"
    TEXT = "text"
    ANSWER = "answers"
    FIELD = "fields"
    DEPENDENCY = "dependencies"
    COMMENT = "comments"
    SHEETS = "sheets and writing"
    EXPORT = "export"


_D, _T, _A, _F, _P, _C, _S, _E = EventKind


class AuditAction(StrEnum):
    """What somebody, or the program, did."""

    label: str
    """What people read; `{}` are the tickets. Empty: that work moved on, or somebody looked."""
    kind: EventKind | None
    event: str
    """What Dagster is told of a change of tickets; empty: nothing, or all of them may have changed."""

    def __new__(
        cls, value: str, label: str = "", kind: EventKind | None = None, event: str = ""
    ) -> Self:
        made = str.__new__(cls, value)
        made._value_ = value
        made.label, made.kind, made.event = label, kind, event
        return made

    TICKETS_MARKED_READY = auto(), "approved {}", _D, "ready"
    TICKETS_UNMARKED_READY = auto(), "undid the approval of {}", _D, "unready"
    TICKETS_SKIPPED = auto(), "skipped {}", _D, "skip"
    TICKETS_UNSKIPPED = auto(), "unskipped {}", _D, "unskip"
    TICKETS_SENT_BACK = auto(), "requested changes of {}", _D, "request-changes"
    TICKETS_RESOLVED = auto(), "resolved the changes requested of {}", _D, "resolve"
    WITHDRAWALS_AGREED = auto(), "withdrew {}", _D, "withdraw"
    WITHDRAWALS_PROPOSED_AGAIN = auto(), "undid the withdrawal of {}", _D, "unwithdraw"
    TICKET_EDITED = auto(), "edited {}", _T, "edit"
    TICKET_ROLLED_BACK = auto(), "brought back an earlier text of {}", _T, "rollback"
    QUESTIONS_ANSWERED = auto(), "answered questions on {}", _A, "answer"
    QUESTIONS_ROUTED = auto(), "changed who is asked on {}", _A, "ask"
    FIELDS_ASSIGNED = auto(), "set properties of {}", _F, "assign"
    TICKETS_REORDERED = auto(), "moved {} in the order", _F, "order"
    DEPENDENCY_ADDED = auto(), "added a dependency of {}", _P, "depend"
    DEPENDENCY_REMOVED = auto(), "removed a dependency of {}", _P, "depend"
    TICKETS_REMARKED = auto(), "made a remark on {}", _C
    COMMENT_ADDED = auto(), "commented on {}", _C
    COMMENT_REMOVED = auto(), "removed a comment on {}", _C
    CLIENT_LINK_MADE = auto(), "created a client link", _A
    CLIENT_LINK_REVOKED = auto(), "revoked a client link", _A
    CLIENT_ANSWERED = auto(), "sent answers by a client link", _A, "client-answers"
    SESSION_REGISTERED = auto(), "uploaded files", _S
    UPLOAD_REPLACED = auto(), "replaced the files", _S
    WRITER_CHOSEN = auto(), "chose who writes the tickets", _S
    TICKETS_GENERATED = auto(), "wrote tickets", _S
    GENERATION_RETRIED = auto(), "retried writing tickets", _S
    VALIDATION_RECORDED = auto(), "validated the tickets", _S
    CANCEL_REQUESTED = auto(), "cancelled running work", _S
    SITE_VERIFIED = auto(), "compared the site with the sheets", _S
    SITE_VERIFIED_AGAIN = auto(), "compared the site with the sheets again", _S
    SITE_VERIFICATION_DISCARDED = auto(), "discarded a comparison with the site", _S
    AS_NEW_ANSWERED = auto(), "allowed new issues in addition to another session's", _E
    EXPORT_REQUESTED = auto(), "requested an export", _E
    EXPORT_STARTED = auto(), "ran an export", _E
    EXPORT_RETRIED = auto(), "retried the export", _E
    FIX_STATE_SET = auto(), "changed the state of a manual fix", _E
    DIFFERENCES_DECIDED = auto(), "decided about missing or duplicate issues of {}", _E
    ISSUES_ADOPTED = auto(), "adopted issues for {}", _E
    ISSUES_DELETED = auto(), "undid the export: deleted issues in Jira", _E
    STAGE_SET = auto()
    GENERATION_MARKED = auto()
    SESSION_REMOVED = auto()
    """A later session of the same key begins anew: its tickets have the same ids."""
    TICKETS_SEEN = auto()
    """Somebody says that they looked at the tickets of a session: no change."""
    NAMES_LOOKED_UP = auto()
    """Jira was asked for the assignees and sprints of a session: no change."""
    PERSON_ADDED = auto()
    PERSON_REVOKED = auto()
    SIGNED_IN = auto()
    LINK_MADE = auto()
    COOKIE_MADE = auto()
    TOKEN_MADE = auto()
    TOKEN_REVOKED = auto()
    SHAREDO_EXPORT_ASKED = auto()
    SHAREDO_EXPORT_RETRIED = auto()
    """This and the one before are in older trails; nothing writes them."""
    SHAREDO_EXPORT_CANCELLED = auto()
    SHAREDO_EXPORTS_REMOVED = auto()
    SHAREDO_DOUBT_DECIDED = auto()


UPLOADING = frozenset({AuditAction.SESSION_REGISTERED, AuditAction.UPLOAD_REPLACED})
"""What the audit trail calls uploads."""

"""The actions of the audit trail: what somebody, or the program, did.

Belongs here: each action with the words that people read and what Dagster is told; sets of actions
that count alike, such as those that change the content of a ticket. Does not: the entries
(`records`), what the details of an entry say more (`web/labels`), keeping them (`store/changes`).
"""

from enum import StrEnum, auto
from typing import Self

from jira_pipeline.model.runs import (
    AUTO_APPROVAL,
    EXPORT_SCHEDULE,
    MANIFEST_ACTOR,
    PIPELINE,
    RETENTION,
    UPLOAD_SENSOR,
)

LINES_TAKEN_OUT = "lines_taken_out"
"""In the details of an overwrite: lines of the issue that its ticket lacks."""
REPLACED_SETTINGS = "replaced_settings"
"""In the details of an upload: what each setting was that it took away, and what it is now."""
OF_SETTINGS = "of_settings"
"""In the details of an upload: a person changed the settings of the session on their page."""
ACTORS_OF_PROGRAM = frozenset(
    {PIPELINE, RETENTION, UPLOAD_SENSOR, AUTO_APPROVAL, EXPORT_SCHEDULE, MANIFEST_ACTOR}
)
"""Who does these where no person did; a run is called by `RUN_ACTOR` and its id."""
RUN_ACTOR = "run "


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
    """What people read in a history, with `{}` for the tickets. Empty: histories leave it out, since
    work only moved on, or somebody only looked."""
    kind: EventKind | None
    """What histories are filtered by; None: they leave it out."""
    event: str
    """What Dagster is told: tickets named in the entry changed, and by what. Empty: Dagster is told
    nothing of it."""

    def __new__(
        cls, value: str, label: str = "", kind: EventKind | None = None, event: str = ""
    ) -> Self:
        """Make a member of its value and attributes, as the lines below list them."""
        action = str.__new__(cls, value)
        action._value_ = value
        action.label = label
        action.kind = kind
        action.event = event
        return action

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
    ANSWERS_MOVED = auto(), "moved answers with their rows on {}", _A
    """By a generation, since another ticket has the rows. What its old ticket lost is empty."""
    QUESTIONS_ROUTED = auto(), "changed who is asked on {}", _A, "ask"
    WORDS_TAKEN = auto(), "took over what people said into {}", _D, "take-words"
    """Of a ticket that is gone, which a person says is this one now. `taken` says what went along."""
    WORDS_GIVEN_BACK = auto(), "gave back what people said of {}", _D, "give-words"
    """What one ticket had taken over of another one."""
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
    CLIENT_ANSWER_TAKEN = auto(), "took a client's answer that is no longer asked", _A
    CLIENT_ANSWER_PUT_BACK = auto(), "put back a client's answer that is no longer asked", _A
    SESSION_REGISTERED = auto(), "uploaded files", _S
    UPLOAD_REPLACED = auto(), "replaced the files", _S
    UPLOAD_WAITS = auto(), "uploaded files that wait for a layout", _S
    """The session keeps the sheets it has until somebody confirms the layout of these."""
    WAITING_UPLOAD_DISCARDED = auto(), "discarded the files that waited for a layout", _S
    LAYOUT_SAVED = auto(), "saved a draft of the layout", _S
    LAYOUT_CHANGE_UNDONE = auto(), "undid a change of the layout", _S
    LAYOUT_DISCARDED = auto(), "discarded the draft of the layout", _S
    LAYOUT_CONFIRMED = auto(), "confirmed the layout", _S
    WRITER_CHOSEN = auto(), "chose who writes the tickets", _S
    TICKETS_GENERATED = auto(), "wrote tickets", _S
    ROWS_MOVED = auto()
    """Rows are in other tickets since: from which to which, and how many answers went along."""
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
    WORDS_OVERWRITTEN = auto(), "agreed to overwrite what people gave to {}", _E
    ISSUES_ADOPTED = auto(), "adopted issues for {}", _E
    ISSUES_DELETED = auto(), "undid the export: deleted issues in Jira", _E
    STAGE_SET = auto()
    GENERATION_MARKED = auto()
    SESSION_REMOVED = auto()
    """A later session of the same key begins anew: its tickets have the same ids."""
    REMOVAL_ANNOUNCED = auto(), "announced the removal of the session", _S
    REMOVAL_CALLED_OFF = auto(), "called off the removal of the session", _S
    REVIEW_RETURNED = auto(), "brought back what people decided about {}", _S
    """What was kept of a removed session of the same key, by a generation."""
    REVIEW_FORGOTTEN = auto(), "forgot what people decided before the session was removed", _S
    RETENTION_EXPLAINED = auto()
    """Whoever runs the program was told what RETENTION_DAYS means since it counts acts of people."""
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
RECEIVED = UPLOADING | {AuditAction.UPLOAD_WAITS}
"""The same, and uploads that did not become the sheets of their session at once."""
ANSWER_ACTIONS = (
    AuditAction.QUESTIONS_ANSWERED,
    AuditAction.ANSWERS_MOVED,
    AuditAction.WORDS_TAKEN,
    AuditAction.WORDS_GIVEN_BACK,
)
"""Actions by which tickets get answers or lose them: `answers` in the details has the texts by ticket
id and row id."""
CONTENT_ACTIONS = frozenset(
    {
        *(AuditAction.TICKET_EDITED, AuditAction.TICKET_ROLLED_BACK),
        *(AuditAction.QUESTIONS_ANSWERED, AuditAction.QUESTIONS_ROUTED),
        *(AuditAction.DEPENDENCY_ADDED, AuditAction.DEPENDENCY_REMOVED),
        *(AuditAction.WORDS_TAKEN, AuditAction.WORDS_GIVEN_BACK),
    }
)
"""Actions of people after which a ticket says something that nobody approved yet."""
REVIEWING_ACTIONS = frozenset(
    {
        *(AuditAction.DEPENDENCY_ADDED, AuditAction.DEPENDENCY_REMOVED),
        *(AuditAction.FIELDS_ASSIGNED, AuditAction.QUESTIONS_ANSWERED, AuditAction.TICKET_EDITED),
        *(AuditAction.TICKET_ROLLED_BACK, AuditAction.TICKETS_MARKED_READY),
        *(AuditAction.TICKETS_REORDERED, AuditAction.TICKETS_UNMARKED_READY),
        *(AuditAction.NAMES_LOOKED_UP, AuditAction.TICKETS_SEEN),
    }
)
"""What people do all the time: it changes what tickets say or who looked, and nothing else.

Which tickets there are and which are exported, validations, runs and retries stay as they were.
"""
ACTIONS_OF_PROGRAM = frozenset(
    {
        *(AuditAction.SESSION_REGISTERED, AuditAction.UPLOAD_REPLACED, AuditAction.STAGE_SET),
        *(AuditAction.UPLOAD_WAITS, AuditAction.WAITING_UPLOAD_DISCARDED),
        *(AuditAction.WRITER_CHOSEN, AuditAction.TICKETS_GENERATED, AuditAction.GENERATION_MARKED),
        *(AuditAction.VALIDATION_RECORDED, AuditAction.NAMES_LOOKED_UP),
        *(AuditAction.TICKETS_MARKED_READY, AuditAction.WITHDRAWALS_AGREED),
        *(AuditAction.EXPORT_STARTED, AuditAction.EXPORT_REQUESTED, AuditAction.AS_NEW_ANSWERED),
        *(AuditAction.SITE_VERIFIED, AuditAction.FIX_STATE_SET, AuditAction.SESSION_REMOVED),
        *(AuditAction.REMOVAL_ANNOUNCED, AuditAction.REMOVAL_CALLED_OFF),
        *(AuditAction.REVIEW_RETURNED, AuditAction.ANSWERS_MOVED, AuditAction.ROWS_MOVED),
    }
)
"""What runs, sensors and schedules do by themselves. Every other entry is of a person or a client,
whatever they are called: a client may be called `pipeline`."""
RECORDED_ACTIONS = frozenset(
    {AuditAction.SESSION_REGISTERED, AuditAction.GENERATION_MARKED, AuditAction.STAGE_SET}
)
"""Entries of the audit trail that show work."""

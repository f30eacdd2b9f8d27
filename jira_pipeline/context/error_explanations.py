"""Stored errors in plain language: what happened, who acts, what is safe, what to do next.

Belongs here: explaining an error with its ticket and its session, choosing errors to show. Does not:
what the code of an error means (`model/errors`), showing it (`cli/console`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jira_pipeline.context.states import current_error
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.errors import ErrorCategory, RunDiedError, meanings
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.sessions import SessionStage, UploadSession
from jira_pipeline.model.tickets import Ticket

_WHO_ACTS = {
    ErrorCategory.USER_FIXABLE.value: "Whoever uploaded or reviews the session.",
    ErrorCategory.ADMIN_REQUIRED.value: "Whoever administers the installation or the Jira site.",
    ErrorCategory.TEMPORARY.value: (
        "Whoever works on the session: nothing has to be fixed, but it must be started again."
    ),
}
"""By category of the error."""
_SAFE_IN_STAGE = {
    SessionStage.UPLOAD.value: "This stage writes nothing to Jira.",
    SessionStage.PROCESSING.value: "This stage writes nothing to Jira; people's edits are kept.",
    SessionStage.REVIEW.value: (
        "Validation and review write nothing to Jira; the next undo finishes one that stopped here."
    ),
}
"""What holds of whatever fails in a stage, by stage."""
_UNKNOWN: Mapping[str, Any] = {
    "means": "This version of the program does not know the code, which another version stored.",
    "actions": (advice("Read the message, or run the version that stored it."),),
}
"""The meaning of a code that the table of errors does not have."""


@json_fields(
    "**error session_key=error.session_key run_id=error.run_id ticket_number=ticket.number "
    "ticket_title=ticket.title what_happened who_acts safe next_steps is_over docs"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorExplanation:
    """One stored error in plain language."""

    error: StoredError
    ticket: Ticket | None
    what_happened: str
    who_acts: str
    safe: tuple[str, ...]
    next_steps: tuple[Action, ...]
    is_over: bool
    """The session went on since; nothing waits for this error any more."""
    docs: Mapping[str, str]
    """`page` and `section` of the documents that explain it."""


def chosen_errors(
    errors: Sequence[StoredError],
    *,
    category: ErrorCategory | None = None,
    stage: SessionStage | None = None,
    limit: int | None = None,
) -> tuple[StoredError, ...]:
    """Return the errors of a category and a stage; with a limit the newest, in the same order."""
    chosen = tuple(
        error
        for error in errors
        if (category is None or error.category == category.value)
        and (stage is None or error.stage == stage.value)
    )
    return chosen if limit is None else chosen[max(0, len(chosen) - limit) :]


def explain_error(
    error: StoredError,
    *,
    ticket: Ticket | None = None,
    session: UploadSession | None = None,
    errors: Sequence[StoredError] = (),
) -> ErrorExplanation:
    """Explain a stored error; `errors` are all of its session, oldest first."""
    meanings_now = meanings()
    meaning = meanings_now.get(error.code) or replace(meanings_now[RunDiedError.code], **_UNKNOWN)
    page, section = meaning.read_more
    is_over = session is not None and current_error(session, errors) != error
    steps = error.recovery_actions or meaning.actions_on()
    if is_over:
        steps = (Action.of(ActionKind.SHOW_STATUS, "{} shows the next step."),)
    if error.session_key is not None:
        steps = tuple(step.on(session_key=error.session_key) for step in steps)
    return ErrorExplanation(
        error=error,
        ticket=ticket,
        what_happened=meaning.means,
        who_acts=_WHO_ACTS.get(error.category, ""),
        safe=tuple(dict.fromkeys((meaning.safe, _SAFE_IN_STAGE.get(error.stage, meaning.safe)))),
        next_steps=steps,
        is_over=is_over,
        docs={"page": page, "section": section},
    )

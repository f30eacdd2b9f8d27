"""What a stored error means in plain language, and what is safe in spite of it.

Belongs here: what follows from a stored error, its ticket and its session. Does not: what its code
means (`model/errors`), showing it (`cli`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jira_pipeline.context.states import current_error
from jira_pipeline.model.actions import Action, ActionKind, addressed, advice
from jira_pipeline.model.errors import ErrorCategory, RunDiedError, meanings
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.sessions import SessionStage, UploadSession
from jira_pipeline.model.tickets import Ticket


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
    page: str
    section: str

    def to_json(self) -> dict[str, object]:
        """Return the shape `explain --json` promises."""
        return error_json(self.error) | {
            "session_key": self.error.session_key,
            "run_id": self.error.run_id,
            "ticket_number": None if self.ticket is None else self.ticket.number,
            "ticket_title": None if self.ticket is None else self.ticket.title,
            "what_happened": self.what_happened,
            "who_acts": self.who_acts,
            "safe": list(self.safe),
            "next_steps": list(self.next_steps),
            "is_over": self.is_over,
            "docs": {"page": self.page, "section": self.section},
        }


def error_json(error: StoredError) -> dict[str, object]:
    """Return the shape `errors --json` promises of one error."""
    return {
        "id": error.error_id,
        "at": error.at.isoformat(),
        "code": error.code,
        "category": error.category,
        "stage": error.stage,
        "message": error.message,
        "recovery_actions": list(error.recovery_actions),
        "ticket_id": error.ticket_id,
        "file": error.file,
        "line": error.line,
    }


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
    known = meanings()
    meaning = known.get(error.code) or replace(known[RunDiedError.code], **_UNKNOWN)
    page, section = meaning.read_more
    is_over = session is not None and current_error(session, errors) != error
    steps = error.recovery_actions or meaning.actions_on()
    if is_over:
        steps = (Action.of(ActionKind.SHOW_STATUS, "{} names the next step."),)
    if error.session_key is not None:
        steps = tuple(addressed(step, error.session_key) for step in steps)
    return ErrorExplanation(
        error=error,
        ticket=ticket,
        what_happened=meaning.means,
        who_acts=_WHO_ACTS.get(error.category, ""),
        safe=tuple(dict.fromkeys((meaning.safe, _SAFE_IN_STAGE.get(error.stage, meaning.safe)))),
        next_steps=steps,
        is_over=is_over,
        page=page,
        section=section,
    )


_WHO_ACTS = {
    ErrorCategory.USER_FIXABLE.value: "Whoever uploaded or reviews the session.",
    ErrorCategory.ADMIN_REQUIRED.value: "Whoever looks after the installation or the Jira site.",
    ErrorCategory.TEMPORARY.value: (
        "Whoever works on the session: nothing has to be fixed, but it has to be started again; "
        "a running daemon tries that."
    ),
}
_SAFE_IN_STAGE = {
    SessionStage.UPLOAD.value: "This stage writes nothing to Jira.",
    SessionStage.PROCESSING.value: "This stage writes nothing to Jira; edits of people are kept.",
    SessionStage.REVIEW.value: (
        "Validation and review write nothing to Jira; an undo that stopped here is finished by "
        "the next one."
    ),
}
_UNKNOWN: Mapping[str, Any] = {
    "means": "This version of the program does not know the code; another version stored it.",
    "actions": (advice("Read the message, and run the version that stored it."),),
}

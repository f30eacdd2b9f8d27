"""The command `errors`: what went wrong in a session, or what one of these errors means.

Every error that ends work on a session is stored with a number; the command lists them, or explains the
one whose number is given. Does not belong here: what an error means (`model/errors`).
"""

from typing import Annotated

from jira_pipeline.cli.console import Screen, format_steps, key_values
from jira_pipeline.cli.context import LARGEST_NUMBER
from jira_pipeline.context.error_explanations import ErrorExplanation, chosen_errors
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import ErrorCategory
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.sessions.session_records import errors_of, explain_stored_error


def errors(
    screen: Screen,
    pipeline: Pipeline,
    session_key: Annotated[str, "KEY", "Key of the upload session, or the number of an error."],
    error_id: Annotated[
        int | None, "[N]", "Number of the error to explain.", {"min": 1, "max": LARGEST_NUMBER}
    ] = None,
    *,
    category: Annotated[ErrorCategory | None, "--category", "Only errors in this category."] = None,
    stage: Annotated[SessionStage | None, "--stage", "Only errors from this stage."] = None,
    limit: Annotated[int | None, "--limit N", "Only the newest N errors.", {"min": 1}] = None,
) -> None:
    """List the errors of a session, oldest first, or explain one of them.

    Also works for a folder that never became a session.

    For example:

    jira-pipeline errors my_site --category user_fixable --limit 5
    jira-pipeline errors my_site 7
    """
    if error_id is not None:
        _explain_error(screen, pipeline, error_id, session_key=session_key)
        return
    # A number alone is that of an error, unless a session is called so.
    is_number = session_key.isascii() and session_key.isdecimal() and int(session_key) > 0
    is_error_id = is_number and int(session_key) <= LARGEST_NUMBER
    if is_error_id and pipeline.store.sessions.find(session_key) is None:
        _explain_error(screen, pipeline, int(session_key), session_key=None)
        return
    stored = errors_of(pipeline, session_key)
    chosen = chosen_errors(stored, category=category, stage=stage, limit=limit)
    screen.answer(chosen)
    rows = []
    for error in chosen:
        message = error.message
        if error.file and error.file not in message:
            message = f"{_place_of(error)}: {message}"
        steps = "; ".join(map(action_text, error.recovery_actions))
        rows.append(
            (error.error_id, f"{error.at:%F %T}", error.category, error.stage, message, steps)
        )
    screen.table(("id", "at (UTC)", "category", "stage", "what failed", "what to do"), rows)
    if len(chosen) < len(stored):
        screen.say(f"{len(chosen)} of {len(stored)} errors.")
    else:
        screen.say(f"{format_count(len(chosen), 'error')}.")
    if chosen:
        screen.say(f"Explain one: jira-pipeline errors {chosen[-1].error_id}")


def _explain_error(
    screen: Screen, pipeline: Pipeline, error_id: int, *, session_key: str | None
) -> None:
    """Show what an error means and what to do; of a session where one is named."""
    explanation = explain_stored_error(pipeline, error_id, session_key=session_key)
    screen.answer(explanation)
    rows = _rows_of_error(explanation) | _rows_of_meaning(explanation)
    screen.show(key_values(rows))


def _rows_of_error(explanation: ErrorExplanation) -> dict[str, str]:
    """Return which error it is, and where it happened."""
    error = explanation.error
    ticket = explanation.ticket
    ticket_text = error.ticket_id or ""
    if ticket is not None:
        ticket_text = f"{ticket.number}: {ticket.title}"
    return {
        "error": f"{error.error_id}, {error.code}, {error.at:%F %T} UTC",
        "session": f"{error.session_key or 'none'}, in stage {error.stage}",
        "run": error.run_id or "",
        "ticket": ticket_text,
        "place": _place_of(error),
    }


def _rows_of_meaning(explanation: ErrorExplanation) -> dict[str, str]:
    """Return what an error means, and what to do about it."""
    is_over_text = "yes: the session has moved on since" if explanation.is_over else ""
    return {
        "what happened": f"{explanation.what_happened}\n{explanation.error.message}",
        "what is safe": "\n".join(explanation.safe),
        "who can act": explanation.who_acts,
        "over": is_over_text,
        "next": "\n".join(format_steps(explanation.next_steps, indent="")),
        "read more": f"{explanation.docs['page']}, “{explanation.docs['section']}”",
    }


def _place_of(error: StoredError) -> str:
    """Return the file and the line that an error is about; blank where it is about none."""
    if error.file is None:
        return ""
    return error.file if error.line is None else f"{error.file}, line {error.line}"

"""What went wrong in a session: `errors`, with what each means and what to do.

Does not belong here: what an error means (`model/errors`).
"""

from typing import Annotated

from jira_pipeline.cli.console import Screen, format_steps, key_values
from jira_pipeline.cli.context import LARGEST_NUMBER
from jira_pipeline.context.error_explanations import chosen_errors
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
        _explain(screen, pipeline, error_id, of=session_key)
        return
    is_number = session_key.isascii() and session_key.isdecimal() and int(session_key) > 0
    is_error = is_number and int(session_key) <= LARGEST_NUMBER
    if is_error and pipeline.store.sessions.find(session_key) is None:
        _explain(screen, pipeline, int(session_key))
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


def _explain(screen: Screen, pipeline: Pipeline, error_id: int, *, of: str | None = None) -> None:
    explanation = explain_stored_error(pipeline, error_id, session_key=of)
    screen.answer(explanation)
    error = explanation.error
    ticket = explanation.ticket
    ticket_text = error.ticket_id or ""
    if ticket is not None:
        ticket_text = f"{ticket.number}: {ticket.title}"
    session_text = error.session_key or "none"
    rows = {
        "error": f"{error.error_id}, {error.code}, {error.at:%F %T} UTC",
        "session": f"{session_text}, in stage {error.stage}",
        "run": error.run_id or "",
        "ticket": ticket_text,
        "place": _place_of(error),
        "what happened": f"{explanation.what_happened}\n{error.message}",
        "what is safe": "\n".join(explanation.safe),
        "who can act": explanation.who_acts,
        "over": "yes: the session has moved on since" if explanation.is_over else "",
        "next": "\n".join(format_steps(explanation.next_steps, indent="")),
        "read more": f"{explanation.docs['page']}, “{explanation.docs['section']}”",
    }
    screen.show(key_values(rows))


def _place_of(error: StoredError) -> str:
    if error.file is None:
        return ""
    return error.file if error.line is None else f"{error.file}, line {error.line}"

"""Commands about what happened: errors, audit."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from jira_pipeline.cli.console import Screen, key_values, numbered
from jira_pipeline.cli.context import LARGEST_NUMBER, SessionArgument
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import chosen_errors
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import ErrorCategory
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.sessions import kept_records
from jira_pipeline.sessions.kept_records import explained

NAMES_SHOWN = 6
DIGEST_DIGITS = 64
DIGEST_SHOWN = 12


def audit(
    screen: Screen,
    pipeline: Pipeline,
    session_key: SessionArgument,
    *,
    actor: Annotated[
        str | None, "--actor", "Only what this person did, as shown in the `who` column."
    ] = None,
    action: Annotated[
        str | None, "--action", "Only this kind of change, as shown in the `what` column."
    ] = None,
) -> None:
    """Show who did what to a session, oldest first, even if the session has been removed."""
    entries = kept_records.audit_trail(pipeline, session_key)
    _check_known(actor, {e.actor for e in entries}, option="--actor")
    _check_known(action, {e.action for e in entries}, option="--action")
    chosen = [e for e in entries if actor in (None, e.actor) and action in (None, e.action)]
    screen.answer(chosen)
    numbers = kept_records.ticket_numbers(pipeline, session_key)
    names = {ticket_id: f"ticket {number}" for ticket_id, number in numbers.items()}
    rows = [
        (e.sequence, f"{e.at:%F %T}", e.actor, e.action, readable_details(e.details, tickets=names))
        for e in chosen
    ]
    screen.table(("no.", "at (UTC)", "who", "what", "details"), rows)


def readable_details(details: Mapping[str, object], *, tickets: Mapping[str, str]) -> str:
    """Say the details of an entry: long lists by their count, digests by their beginning.

    `tickets` are names by ticket id.
    """
    left = dict(details)
    parts = []
    if {"from", "to"} <= left.keys():
        before, after = (_readable(left.pop(name), tickets) for name in ("from", "to"))
        parts.append(f"{before or '–'} → {after or '–'}")
    shown = {name: _readable(value, tickets) for name, value in left.items()}
    parts += [f"{name.replace('_', ' ')}: {words}" for name, words in shown.items() if words]
    return "; ".join(parts)


def _readable(value: object, tickets: Mapping[str, str]) -> str:
    """Say one value; nothing for what says nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            is_digest = len(value) == DIGEST_DIGITS and set(value) <= set("0123456789abcdef")
            return tickets.get(value, f"{value[:DIGEST_SHOWN]}…" if is_digest else value)
        case Mapping():
            pairs = ((_readable(name, tickets), inner) for name, inner in value.items())
            return _cut([f"{name} = {_readable(inner, tickets) or '–'}" for name, inner in pairs])
        case list():
            return _cut([_readable(inner, tickets) for inner in value])
        case _:
            return str(value)


def _cut(words: Sequence[str]) -> str:
    shown = ", ".join(words[:NAMES_SHOWN])
    return shown if len(words) <= NAMES_SHOWN else f"{shown} … ({len(words)})"


def _check_known(name: str | None, known: set[str], *, option: str) -> None:
    if name is not None and name not in known:
        raise typer.BadParameter(
            f"no entry has {name!r}; use one of {', '.join(sorted(known))}", param_hint=option
        )


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
    stored = kept_records.errors_of(pipeline, session_key)
    found = chosen_errors(stored, category=category, stage=stage, limit=limit)
    screen.answer(found)
    rows = [
        (
            e.error_id,
            f"{e.at:%F %T}",
            e.category,
            e.stage,
            e.message if (e.file or "") in e.message else f"{_place_of(e)}: {e.message}",
            "; ".join(map(action_text, e.recovery_actions)),
        )
        for e in found
    ]
    screen.table(("id", "at (UTC)", "category", "stage", "what failed", "what to do"), rows)
    others = f" of {len(stored)}" if len(found) < len(stored) else ""
    screen.say(
        f"{len(found)}{others} errors." if others else f"{counted(len(found), 'error')}.",
        f"Explain one: jira-pipeline errors {found[-1].error_id}" if found else "",
    )


def _explain(screen: Screen, pipeline: Pipeline, error_id: int, *, of: str | None = None) -> None:
    found = explained(pipeline, error_id, session_key=of)
    screen.answer(found)
    error, ticket = found.error, found.ticket
    rows = {
        "error": f"{error.error_id}, {error.code}, {error.at:%F %T} UTC",
        "session": f"{error.session_key or 'none'}, in stage {error.stage}",
        "run": error.run_id or "",
        "ticket": error.ticket_id or "" if ticket is None else f"{ticket.number}: {ticket.title}",
        "place": _place_of(error),
        "what happened": f"{found.what_happened}\n{error.message}",
        "what is safe": "\n".join(found.safe),
        "who can act": found.who_acts,
        "over": "yes: the session has moved on since" if found.is_over else "",
        "next": "\n".join(numbered(found.next_steps, indent="")),
        "read more": f"{found.docs['page']}, “{found.docs['section']}”",
    }
    screen.show(key_values(rows))


def _place_of(error: StoredError) -> str:
    if error.file is None:
        return ""
    return error.file if error.line is None else f"{error.file}, line {error.line}"

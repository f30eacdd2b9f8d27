"""The command `audit`: who did what in a session, with the details in words.

Each entry of the audit has details by name, such as `{"from": "to do", "to": "done"}`, which become
`to do → done`. Does not belong here: gathering the entries (`sessions/session_records`).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, cast

import typer

from jira_pipeline.cli.console import Screen
from jira_pipeline.cli.context import SessionArgument
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.audit_actions import LINES_TAKEN_OUT, REPLACED_SETTINGS
from jira_pipeline.sessions.session_records import audit_trail, ticket_numbers

NAMES_SHOWN = 6
"""Of a list in the details; of more, only the count is said."""
DIGEST_DIGITS = 64
"""Of a SHA-256 in hexadecimal."""
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
    entries = audit_trail(pipeline, session_key)
    _refuse_unknown(actor, {entry.actor for entry in entries}, option="--actor")
    _refuse_unknown(action, {entry.action for entry in entries}, option="--action")
    if actor is not None:
        entries = tuple(entry for entry in entries if entry.actor == actor)
    if action is not None:
        entries = tuple(entry for entry in entries if entry.action == action)
    screen.answer(list(entries))
    numbers = ticket_numbers(pipeline, session_key)
    names = {ticket_id: f"ticket {number}" for ticket_id, number in numbers.items()}
    rows = []
    for entry in entries:
        details = readable_details(entry.details, tickets=names)
        rows.append((entry.sequence, f"{entry.at:%F %T}", entry.actor, entry.action, details))
    screen.table(("no.", "at (UTC)", "who", "what", "details"), rows)


def readable_details(details: Mapping[str, object], *, tickets: Mapping[str, str]) -> str:
    """Return the details of an entry in one line: long lists by their count, digests by their beginning.

    `tickets` are names by ticket id.
    """
    further_details = dict(details)
    parts = []
    if {"from", "to"} <= further_details.keys():
        before = _readable(further_details.pop("from"), tickets)
        after = _readable(further_details.pop("to"), tickets)
        parts.append(f"{before or '–'} → {after or '–'}")
    # These are said whole, however long: they are kept nowhere else.
    replaced = cast("Mapping[str, Mapping[str, str]]", further_details.pop(REPLACED_SETTINGS, {}))
    for name, change in replaced.items():
        parts.append(f"setting {name}: {change['from'] or '–'} → {change['to'] or '–'}")
    lines = cast("Sequence[str]", further_details.pop(LINES_TAKEN_OUT, ()))
    if lines:
        parts.append(f"taken out of the issue: {' / '.join(lines)}")
    forgotten = cast("Sequence[str]", further_details.pop("forgotten", ()))
    if forgotten:
        parts.append(f"forgotten: {' / '.join(forgotten)}")
    for name, value in further_details.items():
        words = _readable(value, tickets)
        if words:
            parts.append(f"{name.replace('_', ' ')}: {words}")
    return "; ".join(parts)


def _readable(value: object, tickets: Mapping[str, str]) -> str:
    """Return one value of the details in words; blank for None."""
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
    """Return a list in one line, of a long one the first few with the count of all."""
    shown = ", ".join(words[:NAMES_SHOWN])
    return shown if len(words) <= NAMES_SHOWN else f"{shown} … ({len(words)})"


def _refuse_unknown(name: str | None, names: set[str], *, option: str) -> None:
    if name is not None and name not in names:
        raise typer.BadParameter(
            f"no entry has {name!r}; use one of {', '.join(sorted(names))}", param_hint=option
        )

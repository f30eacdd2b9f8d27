"""The command `audit`: who did what to a session, and whether the trail is whole."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import ExitCode, Screen, counted, plain_table, show_failure
from jira_pipeline.cli.context import JsonOption, SessionArgument, opened

if TYPE_CHECKING:
    from jira_pipeline.domain.records import AuditEntry, AuditVerification
    from jira_pipeline.sessions.composition import Pipeline

NAMES_SHOWN = 6
DIGEST_DIGITS = 64
DIGEST_SHOWN = 12


def audit(
    session_key: SessionArgument,
    *,
    is_verifying: Annotated[
        bool,
        typer.Option("--verify", help="Also follow the chain of all entries of the store."),
    ] = False,
    actor: Annotated[
        str | None, typer.Option(help="Only what this one did, as the column `who` names it.")
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="Only this kind of change, as the column `what` names it.")
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Show who did what to a session, oldest first; also of one that was removed."""
    with opened(is_json=is_json) as (screen, pipeline):
        entries = pipeline.store.audit.entries(session_key)
        if not entries:
            pipeline.store.sessions.get(session_key)
        _check_known(actor, {e.actor for e in entries}, option="--actor")
        _check_known(action, {e.action for e in entries}, option="--action")
        chosen = [e for e in entries if actor in (None, e.actor) and action in (None, e.action)]
        verification = pipeline.store.audit.verify() if is_verifying else None
        listed = [_entry_json(e) for e in chosen]
        screen.answer(
            listed if verification is None else {"entries": listed, **_as_json(verification)}
        )
        names = _ticket_names(pipeline, session_key)
        rows = [
            (
                e.sequence,
                f"{e.at:%F %T}",
                e.actor,
                e.action,
                readable_details(e.details, tickets=names),
            )
            for e in chosen
        ]
        screen.show(plain_table("", ("no.", "at (UTC)", "who", "what", "details"), rows))
        if verification is not None:
            _tell_of(screen, verification)


def readable_details(details: Mapping[str, object], *, tickets: Mapping[str, str]) -> str:
    """Say the details of an entry: long lists by their count, digests by their beginning.

    `tickets` are names by ticket id.
    """
    left = dict(details)
    parts = []
    if {"from", "to"} <= left.keys():
        before, after = (_readable(left.pop(name), tickets) for name in ("from", "to"))
        parts.append(f"{before or '–'} → {after or '–'}")
    said = {name: _readable(value, tickets) for name, value in left.items()}
    parts += [f"{name.replace('_', ' ')}: {words}" for name, words in said.items() if words]
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


def _ticket_names(pipeline: "Pipeline", session_key: str) -> dict[str, str]:
    """Name the tickets by their numbers; none are left of a session that was removed."""
    store = pipeline.store.tickets
    tickets = (*store.list_vanished(session_key), *store.list_all(session_key))
    return {ticket.ticket_id: f"ticket {ticket.number}" for ticket in tickets}


def _cut(words: Sequence[str]) -> str:
    shown = ", ".join(words[:NAMES_SHOWN])
    return shown if len(words) <= NAMES_SHOWN else f"{shown} … ({len(words)})"


def _check_known(name: str | None, known: set[str], *, option: str) -> None:
    """Refuse a name that is in no entry, naming those that are.

    Raises:
        typer.BadParameter: It is unknown.
    """
    if name is not None and name not in known:
        raise typer.BadParameter(
            f"{name!r} is in no entry; there are {', '.join(sorted(known))}", param_hint=option
        )


def _tell_of(screen: Screen, verification: "AuditVerification") -> None:
    """Say whether the trail is whole; one that is not ends the command."""
    counts = counted(verification.entry_count, "entry", "entries")
    if verification.is_whole:
        screen.say(f"The trail of this store is whole: {counts}, newest {verification.head_hash}.")
        screen.say("Keep that hash elsewhere: it also shows if the newest entries are cut off.")
        return
    if not screen.is_json:
        show_failure(
            screen,
            f"The trail of this store is not whole: {counts}, newest {verification.head_hash}.",
            actions=verification.faults,
        )
    raise typer.Exit(ExitCode.FAILED)


def _entry_json(entry: "AuditEntry") -> dict[str, object]:
    return {
        "sequence": entry.sequence,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "details": dict(entry.details),
        "hash": entry.entry_hash,
    }


def _as_json(verification: "AuditVerification") -> dict[str, object]:
    return {
        "entry_count": verification.entry_count,
        "head_hash": verification.head_hash,
        "is_whole": verification.is_whole,
        "faults": list(verification.faults),
    }

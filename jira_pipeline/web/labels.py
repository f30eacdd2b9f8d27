"""What an action is called on pages and in the API; `model/actions` has its words in a terminal.

Belongs here: the page that each kind of action, each next step leads to, and its name there; what a
change is called. Does not: the
pages (`pages`), which action follows (`context/states`, `model/errors`).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from jira_pipeline.model.actions import SLOT, Action, ActionKind, command_of
from jira_pipeline.model.audit_actions import REPLACED_SETTINGS, AuditAction
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.runs import AUTO_APPROVAL, EXPORT_SCHEDULE, PIPELINE, RETENTION
from jira_pipeline.model.tickets import ListedTicket, Ticket, outcome_in
from jira_pipeline.review.ticket_history import HistoryEvent


def _files_and_settings(details: Mapping[str, Any]) -> str:
    """Say which files a session got, and which of its settings went with those before."""
    replaced = details.get(REPLACED_SETTINGS, {})
    settings = [
        f"setting {name}: {replacement['from'] or '–'} → {replacement['to'] or '–'}"
        for name, replacement in replaced.items()
    ]
    return "; ".join([", ".join(details["files"]), *settings])


def _counts_of_generation(details: Mapping[str, Any]) -> str:
    outcome = outcome_in(details)
    counts = f"{outcome.created} new, {outcome.rewritten} regenerated"
    return f"{counts}, {outcome.unchanged} unchanged"


_PARTICULARS: Mapping[AuditAction, Callable[[Mapping[str, Any]], str]] = {
    AuditAction.TICKET_EDITED: lambda d: f"revision {d['revision']}",
    AuditAction.TICKET_ROLLED_BACK: lambda d: (
        f"revision {d['revision']}, a copy of {d['to_revision']}"
    ),
    AuditAction.SESSION_REGISTERED: lambda d: ", ".join(d["files"]),
    AuditAction.UPLOAD_REPLACED: _files_and_settings,
    AuditAction.UPLOAD_WAITS: lambda d: ", ".join(d["files"]),
    AuditAction.WRITER_CHOSEN: lambda d: person_of(d["to"]) if d["to"] else "as the settings say",
    AuditAction.TICKETS_GENERATED: _counts_of_generation,
    AuditAction.VALIDATION_RECORDED: lambda d: (
        f"{d['tested'] - len(d['failed'])} valid, {len(d['failed'])} invalid"
    ),
    AuditAction.SITE_VERIFIED: lambda d: f"{d['config']}: {d['met']} rows met",
    AuditAction.SITE_VERIFIED_AGAIN: lambda d: f"{d['config']}: nothing changed",
    AuditAction.SITE_VERIFICATION_DISCARDED: lambda d: d["config"],
    AuditAction.ISSUES_DELETED: lambda d: ", ".join(d["issues"]),
    AuditAction.FIX_STATE_SET: lambda d: f"{d['from']} → {d['to']}",
    AuditAction.DIFFERENCES_DECIDED: lambda d: d["decision"],
    AuditAction.CLIENT_LINK_MADE: lambda d: d.get("made_for", ""),
    AuditAction.CLIENT_LINK_REVOKED: lambda d: d.get("made_for", ""),
    AuditAction.CLIENT_ANSWERED: lambda d: str(d["count"]),
}
"""What the details of an entry say more, by its action."""
_NO_PERSONS = {
    AUTO_APPROVAL: "automatic approval",
    PIPELINE: "jira_pipeline",
    EXPORT_SCHEDULE: "the schedule",
    RETENTION: "the clock",
    "template": "the template",
}
"""By names without a version."""
LONG_SECONDS = 5_400
"""Beyond it a duration is said in hours."""
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def change_of(
    entry: AuditEntry, changed: Ticket | ListedTicket | None, *, count: int | None = None
) -> str:
    """Say what somebody did; `changed` is the ticket, where it is one alone, `count` how many."""
    template = entry.action.label or entry.action.replace("_", " ")
    count = len(entry.ticket_ids) if count is None else count
    tickets = f"ticket {changed.number}" if changed else format_count(count, "ticket")
    left = entry.details.get("open_questions")
    question_count = sum(left.values()) if isinstance(left, Mapping) and changed else 0
    asking = f" with {format_count(question_count, 'open question')}" if question_count else ""
    return template.format(tickets) + asking


def person_of(actor: str) -> str:
    """Name who is the actor of an entry, or wrote a text."""
    return _NO_PERSONS.get(actor.partition("/")[0], actor)


def particulars_of(event: HistoryEvent) -> Iterator[str]:
    """Say more of what somebody did: the reason, and what it became."""
    action = event.entry.action
    details = event.entry.details
    texts: list[object] = []
    for question, answer in event.answers:
        answer_text = f"“{answer}”" if answer else "answer removed"
        texts.append(f"{question} {answer_text}".strip())
    if event.other is not None:
        no_longer = "" if action == AuditAction.DEPENDENCY_ADDED else "no longer "
        texts.append(f"{no_longer}waits for ticket {event.other.number}")
    texts.append(details.get("sent_back_about"))
    for name in ("reason", "remark", "answer"):
        if details.get(name):
            texts.append(f"“{details[name]}”")
    person = details.get("sent_back_to")
    if person:
        texts.append(f"asked {person}")
    fields = details.get("fields")
    if isinstance(fields, Mapping):
        for name, value in fields.items():
            value_text = ", ".join(value) if isinstance(value, list) else value
            texts.append(f"{name}: {value_text or 'none'}")
    particulars = _PARTICULARS.get(action)
    if particulars is not None:
        texts.append(particulars(details))
    return (str(text) for text in texts if text)


HISTORY_LABELS: Mapping[str, Any] = {
    "change_of": change_of,
    "particulars_of": particulars_of,
    "person_of": person_of,
    "actor_of": lambda e: "automatically" if e.actor == AUTO_APPROVAL else person_of(e.actor),
}
"""What templates say events of the history with."""


def ago(seconds: float) -> str:
    """Say how long ago something was."""
    for unit_seconds, unit in _UNITS:
        if seconds >= unit_seconds:
            return f"{format_count(int(seconds // unit_seconds), unit)} ago"
    return "just now"


def initials_of(name: str) -> str:
    """Return one or two letters that stand for a person, who may be named by an address."""
    words = re.findall(r"\w+", name.partition("@")[0].replace("_", " "))
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


def about(seconds: float) -> str:
    """Say roughly how long something takes."""
    if seconds < LONG_SECONDS:
        return f"about {format_count(max(1, round(seconds / 60)), 'minute')}"
    return f"about {format_count(round(seconds / 3_600), 'hour')}"


PLACES: Mapping[ActionKind, tuple[str, str]] = {
    ActionKind.LINT: ("Upload", "/upload"),
    ActionKind.UPLOAD: ("Upload", "/upload"),
    ActionKind.SHOW_LAYOUT: ("What its worksheets list", "/sessions/SESSION_KEY/layout"),
    ActionKind.SAVE_LAYOUT: ("What its worksheets list", "/sessions/SESSION_KEY/layout"),
    ActionKind.REGENERATE: ("Write the tickets", "/sessions/SESSION_KEY"),
    ActionKind.VALIDATE: ("Validate", "/sessions/SESSION_KEY"),
    ActionKind.LIST_TICKETS: ("Tickets", "/sessions/SESSION_KEY/tickets"),
    ActionKind.SHOW_TICKET: ("the ticket", "/sessions/SESSION_KEY/tickets/NUMBER"),
    ActionKind.DIFF_TICKET: ("its revisions", "/sessions/SESSION_KEY/tickets/NUMBER"),
    ActionKind.EDIT_TICKET: ("Edit", "/sessions/SESSION_KEY/tickets/NUMBER"),
    ActionKind.DEPEND: ("Dependencies", "/sessions/SESSION_KEY/tickets/NUMBER"),
    ActionKind.REVIEW: ("Review", "/sessions/SESSION_KEY/review"),
    ActionKind.MARK_READY: ("Tickets", "/sessions/SESSION_KEY/tickets"),
    ActionKind.SKIP_TICKET: ("Tickets", "/sessions/SESSION_KEY/tickets"),
    ActionKind.UNSKIP_TICKET: ("Include again", "/sessions/SESSION_KEY/tickets/NUMBER"),
    ActionKind.WITHDRAW: ("Withdraw", "/sessions/SESSION_KEY/tickets"),
    ActionKind.SHOW_QUESTIONS: ("Questions", "/sessions/SESSION_KEY/questions"),
    ActionKind.SHOW_QUALITY: ("Quality", "/sessions/SESSION_KEY/tickets"),
    ActionKind.CHECK_PROJECT: ("Export", "/sessions/SESSION_KEY/export"),
    ActionKind.EXPORT: ("Export", "/sessions/SESSION_KEY/export"),
    ActionKind.RESUME: ("Resume", "/sessions/SESSION_KEY/export"),
    ActionKind.CANCEL: ("Cancel", "/sessions/SESSION_KEY"),
    ActionKind.SETTLE: ("Ask Jira", "/sessions/SESSION_KEY/results"),
    ActionKind.DECIDE: ("Ask Jira", "/sessions/SESSION_KEY/results"),
    ActionKind.UNDO: ("Undo", "/sessions/SESSION_KEY/results"),
    ActionKind.LIST_SESSIONS: ("Sites", "/"),
    ActionKind.SHOW_STATUS: ("the overview", "/sessions/SESSION_KEY"),
    ActionKind.SHOW_RESULTS: ("Results", "/sessions/SESSION_KEY/results"),
    ActionKind.SHOW_FIXES: ("Manual fixes", "/sessions/SESSION_KEY/results"),
    ActionKind.SHOW_ERRORS: ("Errors", "/sessions/SESSION_KEY"),
    ActionKind.LIST_PEOPLE: ("People", "/people"),
    ActionKind.LIST_TOKENS: ("People", "/people"),
    ActionKind.ADD_PERSON: ("People", "/people"),
}
"""Name and address of the page that does it; of other kinds the command is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A part of a sentence: a text, a link or a command."""

    text: str
    address: str = ""
    """Of the page it leads to; empty where there is none."""
    is_command: bool = False


def sentence_of(action: Action) -> tuple[Word, ...]:
    """Return the sentence of an action, its steps as links or as commands."""
    return tuple(_words(action))


def statement_of(action: Action) -> tuple[Word, ...]:
    """Return the sentence of an action without its step, for where a button beside it is the step."""
    step = ": {}."
    if action.sentence.endswith(step):
        action = replace(action, sentence=f"{action.sentence.removesuffix(step)}.")
    return tuple(_words(action))


def text_of(action: Action) -> str:
    """Return the sentence of an action for programs and for places without links.

    The name of a page after it would say nothing there.
    """
    words = statement_of(action) if action.kind in PLACES else sentence_of(action)
    return "".join(f"`{word.text}`" if word.is_command else word.text for word in words)


def address_of(action: Action) -> str:
    """Return the page that does it; empty where none does, or what it acts on is not known."""
    _, address = PLACES.get(action.kind, ("", ""))
    for name in ("session_key", "number"):
        if name.upper() in address:
            value = action.arguments.get(name)
            if value is None:
                return ""
            address = address.replace(name.upper(), quote(str(value), safe=""))
    return address


def _words(action: Action) -> Iterator[Word]:
    end = 0
    for match in SLOT.finditer(action.sentence):
        number = int(match.group(1) or 0)
        if number > len(action.also):
            continue
        yield Word(text=action.sentence[end : match.start()])
        end = match.end()
        step = action.also[number - 1] if number else action
        name, _ = PLACES.get(step.kind, ("", ""))
        if name:
            yield Word(text=name, address=address_of(step))
        else:
            command = command_of(step)
            yield Word(text=command or match.group(), is_command=bool(command))
    yield Word(text=action.sentence[end:])

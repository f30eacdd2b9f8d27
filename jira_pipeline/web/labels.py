"""What pages and the API call actions, entries of the history, people and durations.

An action is something to do next, such as `Action(kind=UPLOAD, sentence="Upload it again: {}")`: a page
puts a link in place of `{}`, and where no page does it, the command. An entry of the audit becomes a
sentence such as “approved ticket 12”, with particulars such as the reason.

Belongs here: the page that each kind of action leads to, and its name. Does not: the pages (`pages`),
which action follows (`context/states`, `model/errors`), its words in a terminal (`model/actions`).
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
    """Return the files that a session got, and the settings that took the place of earlier ones."""
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
"""What the details of an entry say beside its sentence, by its action."""
_PROGRAM_NAMES = {
    AUTO_APPROVAL: "automatic approval",
    PIPELINE: "jira_pipeline",
    EXPORT_SCHEDULE: "the schedule",
    RETENTION: "the clock",
    "template": "the template",
}
"""What people read for an actor that is no person, by its name without a version."""
HOURS_FROM_SECONDS = 5_400
"""From 90 minutes on a duration is said in hours."""
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def change_of(
    entry: AuditEntry, changed: Ticket | ListedTicket | None, *, count: int | None = None
) -> str:
    """Return what somebody did, in words: `approved ticket 12 with 2 open questions`.

    `changed` is the ticket where the entry is about one alone. Otherwise `count` says how many it is
    about; None for as many as the entry names.
    """
    template = entry.action.label or entry.action.replace("_", " ")
    if changed is None:
        ticket_count = len(entry.ticket_ids) if count is None else count
        return template.format(format_count(ticket_count, "ticket"))
    words = template.format(f"ticket {changed.number}")
    open_questions = entry.details.get("open_questions")
    if isinstance(open_questions, Mapping) and sum(open_questions.values()):
        question_count = sum(open_questions.values())
        words += f" with {format_count(question_count, 'open question')}"
    return words


def person_of(actor: str) -> str:
    """Return what people call the actor of an entry or the writer of a text."""
    return _PROGRAM_NAMES.get(actor.partition("/")[0], actor)


def particulars_of(event: HistoryEvent) -> Iterator[str]:
    """Return what an entry says beside its sentence: answers, the reason, fields and their values."""
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
"""The functions that templates call to say events of the history."""


def ago(seconds: float) -> str:
    """Return how long ago something was, in the largest unit that fits: `2 hours ago`."""
    for unit_seconds, unit in _UNITS:
        if seconds >= unit_seconds:
            return f"{format_count(int(seconds // unit_seconds), unit)} ago"
    return "just now"


def initials_of(name: str) -> str:
    """Return the first letters of a person’s first and last word, or of an e-mail address."""
    words = re.findall(r"\w+", name.partition("@")[0].replace("_", " "))
    first_and_last = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in first_and_last).upper()


def about(seconds: float) -> str:
    """Return roughly how long something takes: `about 20 minutes`."""
    if seconds < HOURS_FROM_SECONDS:
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
    ActionKind.LIST_FIELDS: ("Settings", "/sessions/SESSION_KEY/settings"),
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
"""The name and the address of the page that takes an action; others have a command only."""


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

    Where a page takes the action, its name is left out: it would lead nowhere there.
    """
    words = statement_of(action) if action.kind in PLACES else sentence_of(action)
    texts: list[str] = []
    for word in words:
        texts.append(f"`{word.text}`" if word.is_command else word.text)
    return "".join(texts)


def address_of(action: Action) -> str:
    """Return the address of the page that takes an action.

    Empty where no page does, or where the action does not say which session or ticket it is about.
    """
    _, address = PLACES.get(action.kind, ("", ""))
    for name in ("session_key", "number"):
        if name.upper() in address:
            value = action.arguments.get(name)
            if value is None:
                return ""
            address = address.replace(name.upper(), quote(str(value), safe=""))
    return address


def _words(action: Action) -> Iterator[Word]:
    """Yield the parts of the sentence of an action: texts, and what stands in its slots.

    A slot `{}` is the action itself and `{1}` the first of its further ones, each as a link or command.
    """
    end = 0  # of the slot before
    for match in SLOT.finditer(action.sentence):
        number = int(match.group(1) or 0)
        if number > len(action.also):
            continue  # no such action: its slot stays text
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

"""Questions put to somebody, the client or a person, and the day an answer is expected.

Belongs here: who may be asked, and which enquiry counts. Does not: questions and their answers
(`questions`), the value (`kernel/open_questions`).

Enquiries live in the audit trail, as remarks do; the last one of a question counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import cast

from jira_pipeline.errors import WrongUseError
from jira_pipeline.kernel.open_questions import CLIENT, Enquiry, QuestionKey
from jira_pipeline.kernel.people import Person
from jira_pipeline.kernel.records import AuditEntry

ASKED, UNASKED = "questions_asked", "questions_unasked"
ACTIONS = frozenset({ASKED, UNASKED})
NAME_MAX_CHARACTERS = 200


def checked_enquiry(of: str, until: date | None, *, now: datetime) -> dict[str, object]:
    """Return who is asked until when, as the audit trail says it.

    Raises:
        WrongUseError: Nobody is named, or the day is over.
    """
    name = " ".join(of.split())
    if not name or len(name) > NAME_MAX_CHARACTERS:
        raise WrongUseError(
            f"Nobody is called {name[:NAME_MAX_CHARACTERS]!r}.",
            recovery_actions=(f"Name who is asked: {CLIENT}, or a person.",),
        )
    if until is not None and until < now.date():
        raise WrongUseError(f"{until} is over.", recovery_actions=("Name a day to come.",))
    return {"asked_of": name, "until": until.isoformat() if until else None}


def enquiries_in(entries: Iterable[AuditEntry]) -> Mapping[QuestionKey, Enquiry]:
    """Return the enquiries that count, from the entries of `ACTIONS`, oldest first."""
    found: dict[QuestionKey, Enquiry] = {}
    for entry in entries:
        questions = cast("Mapping[str, Sequence[str]]", entry.details["questions"])
        until = entry.details.get("until")
        for key in ((ticket, question) for ticket in questions for question in questions[ticket]):
            found.pop(key, None)
            if entry.action == ASKED:
                found[key] = Enquiry(
                    of=str(entry.details["asked_of"]),
                    until=date.fromisoformat(str(until)) if until else None,
                    by=entry.actor,
                    since=entry.at,
                )
    return found


def enquiries_for(
    person: Person, enquiries: Mapping[QuestionKey, Enquiry]
) -> Mapping[QuestionKey, Enquiry]:
    """Return what somebody may know of: people outside the house what the client is asked."""
    if not person.role.is_outside:
        return enquiries
    return {key: enquiry for key, enquiry in enquiries.items() if enquiry.of == CLIENT}

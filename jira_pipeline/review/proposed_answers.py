"""Answers of people who do not decide: a reviewer takes them over, and until then no ticket changes.

Belongs here: which proposed answer counts. Does not: keeping answers (`decisions`), questions
(`questions`).

Proposed answers live in the audit trail, as remarks do; the last one of each person counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.kernel.open_questions import QuestionKey
from jira_pipeline.kernel.records import AuditEntry

PROPOSED = "answers_proposed"
ANSWERS = frozenset({PROPOSED, "questions_answered"})
"""Entries that hold answers, of people who decide and of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedAnswer:
    """What somebody would answer."""

    text: str
    by: str
    at: datetime


def proposed_in(
    entries: Iterable[AuditEntry],
) -> Mapping[QuestionKey, tuple[ProposedAnswer, ...]]:
    """Return the proposed answers that count, from the entries of `PROPOSED`, oldest first."""
    found: dict[QuestionKey, dict[str, ProposedAnswer]] = {}
    for entry in entries:
        answers = entry.details.get("answers")
        for ticket_id, texts in answers.items() if isinstance(answers, Mapping) else ():
            for question_id, text in texts.items():
                of_question = found.setdefault((ticket_id, question_id), {})
                of_question.pop(entry.actor, None)
                if text:
                    of_question[entry.actor] = ProposedAnswer(
                        text=text, by=entry.actor, at=entry.at
                    )
    return {place: tuple(each.values()) for place, each in found.items() if each}

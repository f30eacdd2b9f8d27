"""Answers of people who do not decide: a reviewer takes them over, and until then no ticket changes.

Belongs here: which proposed answer counts. Does not: keeping answers (`decisions`), questions
(`questions`).

Proposed answers live in the audit trail, as remarks do; the last one of each person counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from jira_pipeline.kernel.records import AuditEntry

PROPOSED = "answers_proposed"
_REMOVED = "session_removed"
"""A session of the same key begins anew: its tickets have the same ids."""
ACTIONS = frozenset({PROPOSED, _REMOVED})
PlaceOfQuestion: TypeAlias = tuple[str, str]
"""Ids of the ticket and of the question in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedAnswer:
    """What somebody would answer."""

    text: str
    by: str
    at: datetime

    def to_json(self) -> dict[str, str]:
        """Return the shape programs get."""
        return {"answer": self.text, "proposed_by": self.by, "proposed_at": self.at.isoformat()}


def proposed_in(
    entries: Iterable[AuditEntry],
) -> Mapping[PlaceOfQuestion, tuple[ProposedAnswer, ...]]:
    """Return the proposed answers that count, from the entries of `ACTIONS`, oldest first."""
    found: dict[PlaceOfQuestion, dict[str, ProposedAnswer]] = {}
    for entry in entries:
        if entry.action == _REMOVED:
            found.clear()
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

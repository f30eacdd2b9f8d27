"""The template writer: tickets by rule, from nothing but the rows.

Belongs here: putting the parts together. Does not: the parts (`user_story`, `analysis`,
`question_wording`, `verification`, `estimate`), or finding questions (`domain/questions/open_questions`).
"""

from collections.abc import Generator, Sequence

from jira_pipeline.domain.questions.open_questions import open_questions
from jira_pipeline.domain.tickets import ProseParts, TicketProse
from jira_pipeline.domain.writing import TicketBrief, WrittenTicket
from jira_pipeline.writers.group_facts import FactsReader
from jira_pipeline.writers.suggestions import mentioned_groups
from jira_pipeline.writers.wording.analysis import analysis
from jira_pipeline.writers.wording.estimate import estimated_hours
from jira_pipeline.writers.wording.question_wording import questions_part
from jira_pipeline.writers.wording.user_story import user_story
from jira_pipeline.writers.wording.verification import verification

NAME = "template/3"


class TemplateWriter:
    """Writes tickets offline; the same brief gives the same prose, byte for byte."""

    name: str = NAME

    def __init__(self) -> None:
        self._reader = FactsReader()

    def write_all(
        self, briefs: Sequence[TicketBrief], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets in the order given; the session costs nothing."""
        del session_key
        for brief in briefs:
            yield WrittenTicket(group_key=brief.group.key, prose=self.write(brief))

    def write(self, brief: TicketBrief) -> TicketProse:
        """Write one ticket."""
        facts = self._reader.facts_of(brief)
        questions = open_questions(brief.group, brief.specification, index=facts.session.index)
        return TicketProse(
            parts=ProseParts(
                user_story=user_story(facts),
                analysis=analysis(facts),
                questions=questions_part(facts, questions),
                verification=verification(facts, has_questions=bool(questions)),
            ),
            questions=questions,
            estimated_hours=estimated_hours(facts),
            writer=self.name,
            suggestions=mentioned_groups(facts),
        )

"""The template writer: tickets by rule, from nothing but the rows.

Belongs here: putting the parts together, and the hours. Does not: the parts (`story`, `analysis`,
`question_wording`, `verification`), or finding questions (`domain/questions/open_questions`).
"""

from bisect import bisect_left
from collections.abc import Generator, Sequence

from typing_extensions import override

from jira_pipeline.domain.entities import EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind
from jira_pipeline.domain.sharedo_packages import ComponentGroup
from jira_pipeline.domain.sharedo_words import group_of
from jira_pipeline.domain.tickets import HOURS_BY_ROWS, ProseParts, TicketProse
from jira_pipeline.domain.view_displays import is_as_shipped
from jira_pipeline.ports.writing import TicketBrief, TicketWriter, WrittenTicket
from jira_pipeline.writers.analysis import analysis, custom_work
from jira_pipeline.writers.component_prose import main_items
from jira_pipeline.writers.group_facts import FactsReader, GroupFacts, transitions_of
from jira_pipeline.writers.question_wording import questions_part
from jira_pipeline.writers.story import user_story
from jira_pipeline.writers.suggestions import mentioned_groups
from jira_pipeline.writers.verification import verification

NAME = "template/5"


class TemplateWriter(TicketWriter):
    """Writes tickets offline; the same brief gives the same prose, byte for byte."""

    name: str = NAME

    def __init__(self) -> None:
        self._reader = FactsReader()

    @override
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
        return TicketProse(
            parts=ProseParts(
                user_story=user_story(facts),
                analysis=analysis(facts),
                questions=questions_part(facts, facts.questions),
                verification=verification(facts),
            ),
            questions=facts.questions,
            estimated_hours=estimated_hours(facts),
            writer=self.name,
            suggestions=mentioned_groups(facts),
        )


_BAND_LIMITS = (5, 15)
"""Rows of all bands but the largest. Source: shared facts on writers, "What good ticket text is"."""
_OPTIONS_AS_ONE, _FIELDS_AS_ONE = 5, 2


def _weight(facts: GroupFacts, count: int) -> int:
    """Count two fields inside the sections of a form as one row, and five options."""
    group = group_of(facts.head)
    if group is ComponentGroup.OPTION_SETS:
        return -(-count // _OPTIONS_AS_ONE)
    _, items = main_items(facts)
    return max(count, len(items) // _FIELDS_AS_ONE) if group is ComponentGroup.FORMS else count


def estimated_hours(facts: GroupFacts) -> str:
    """Return the band for the number of rows to build, collapsed as the tables are.

    Where nothing is to be built the rows to remove count; where there is nothing at all, or a
    question decides whether there is, the hours are unknown and empty. So are those of a migration:
    its one row does not tell how much work it is, and of rows whose notes ask for more than
    configuration. What a module ships and no row changes is no work.
    """
    if facts.group.is_hollow or facts.group.kind is GroupKind.MIGRATION:
        return ""
    if facts.group.kind is GroupKind.VIEW and is_as_shipped(facts.head, facts.rows):
        return ""
    if facts.group.action is GroupAction.REMOVE:
        count = len(facts.group.heads)
    else:
        transitions = facts.of_kind(EntityKind.WORKFLOW_TRANSITION)
        count = len(facts.to_build) - len(transitions) + len(transitions_of(transitions))
        if facts.group.kind is GroupKind.COMPONENT:
            count = _weight(facts, count)
        count = count or len(facts.with_status(Status.DELETED))
    if not count and any(h.status is Status.CHANGED and h.note for h in facts.group.heads):
        count = 1
    if not count:
        return ""
    band = HOURS_BY_ROWS[bisect_left(_BAND_LIMITS, count)]
    hours = facts.hours_noted
    if custom_work(facts) and not hours:
        return ""
    return band if hours <= int(band.partition("-")[0]) else f"{hours}-{2 * hours}"

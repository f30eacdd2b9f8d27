"""The entity type of a view mode: it is a way of showing content, media, terms, … and of nothing else.

The page *View modes* below *Structure* lists the modes of each entity type under a heading of its own.

Source: Drupal core, `targetEntityType` in `core.entity_view_mode.*`; `view_modes` of `drupal.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.meaning.modules_and_types import facts_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import Column, Holds, Role
from jira_pipeline.model.entities import Entity

COLUMN = Column("Entity Type", (), Holds.BUNDLE_TYPE, Role.KEY, is_required=True)


@dataclass(frozen=True, slots=True)
class Heading:
    """The fact: the heading that a view mode is listed under."""

    text: str


def heading_above(mode: Entity) -> Heading:
    """Read the heading of a view mode from its entity type; the cell itself where none is known."""
    headings = facts_of("view_modes", "headings")
    return Heading(str(headings.get(str(mode.bundle_type), mode.cell(COLUMN.name))))


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the heading of each view mode."""
    return facts_by_row(heading_above, ticket.to_build)


COUNTERPART = Counterpart(how=Comparison.KEY, where="the name of its file")
RULE = Rule(key="view_mode.entity_type", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)

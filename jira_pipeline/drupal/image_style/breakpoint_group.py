"""The breakpoint group of a responsive image style: the list of breakpoints that it chooses from.

A theme or a module has the group, in a file of its own; before it is enabled, the form of the style
does not offer the group. That of the module Responsive Image has one breakpoint, for any screen.

Source: Drupal core, `*.breakpoints.yml`; `breakpoints` of `drupal.toml`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.cell_facts import BlankCell, CellFact, CellWords, cell_fact
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.markup import quoted
from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import Column
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.grouped import group_by

COLUMN = Column("Breakpoint Group", loss="the breakpoint groups")


def group_of(style: Entity) -> CellFact:
    """Read the breakpoint group of a style from its row."""
    return cell_fact(style, COLUMN.name)


# What follows from it.


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Say what has to be enabled before styles can choose their group; one without is left out.

    `The theme or module that has the breakpoint group “Harbour” has to be enabled first.`
    """
    for fact, styles in group_by(ticket.to_build, group_of).items():
        match fact:
            case CellWords(group):
                is_of_core = group in listed_in("breakpoints", "groups")
                key = "analysis.breakpoints_core" if is_of_core else "analysis.breakpoints"
                yield from claims_about(key, styles, COLUMN.name, group=quoted(group))
            case BlankCell():
                continue


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the group of each style."""
    return facts_by_row(group_of, ticket.to_build)


COUNTERPART = Counterpart(how=Comparison.NAME, where="`breakpoint_group`")
RULE: Rule[TicketRows] = Rule(
    key="image_style.breakpoint_group",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    counterpart=COUNTERPART,
)

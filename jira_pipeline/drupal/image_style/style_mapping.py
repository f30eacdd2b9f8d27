"""The image styles of a responsive image style, which it uses at its breakpoints.

Source: Drupal core, Responsive Image, `image_style_mappings`.
"""

from collections.abc import Iterable, Iterator

from jira_pipeline.drupal.cell_facts import BlankCell, CellFact, cell_fact
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import Column
from jira_pipeline.model.entities import Entity

COLUMN = Column(
    "Image Style Group(s)",
    ("Image styles",),
    names="image_style",
    names_several=True,
    loss="the image styles they use, and the dependencies on them",
)


def image_styles_of(style: Entity) -> CellFact:
    """Read which image styles a responsive one uses, in the words of its row."""
    return cell_fact(style, COLUMN.name)


# What follows from it.


def check(ticket: TicketRows) -> Iterable[Claim]:
    """Claim that styles use the image styles of their rows, where no question asks which.

    `At its breakpoints, hero uses the image styles of its row.`
    """
    doubtful_names: set[str] = set()
    for question in ticket.left_open:
        if question.column == COLUMN.name:
            doubtful_names.update(question.subjects)
    certain = []
    for style in ticket.to_build:
        is_doubted = not doubtful_names.isdisjoint({style.machine_name, style.label})
        if image_styles_of(style) != BlankCell() and not is_doubted:
            certain.append(style)
    return claims_about("verification.mapped", certain, COLUMN.name)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield which image styles each style uses."""
    return facts_by_row(image_styles_of, ticket.to_build)


COUNTERPART = Counterpart(how=Comparison.NAMES, where="`image_style_mappings`, every style in them")
RULE = Rule(
    key="image_style.style_mapping",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)

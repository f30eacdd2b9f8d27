"""The image styles of a responsive image style, which it uses at its breakpoints.

Source: Drupal core, Responsive Image, `image_style_mappings`.
"""

from collections.abc import Iterable

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import Column

COLUMN = Column(
    "Image Style Group(s)",
    ("Image styles",),
    names="image_style",
    names_several=True,
    loss="the image styles they use, and the dependencies on them",
)


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
        if style.cell(COLUMN.name) and doubtful_names.isdisjoint({style.machine_name, style.label}):
            certain.append(style)
    return claims_about("verification.mapped", certain, COLUMN.name)


COUNTERPART = Counterpart(how=Comparison.NAMES, where="`image_style_mappings`, every style in them")
RULE = Rule(
    key="image_style.style_mapping", columns=(COLUMN,), check=check, counterpart=COUNTERPART
)

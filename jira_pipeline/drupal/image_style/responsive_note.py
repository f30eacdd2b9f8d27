"""The note of a responsive image style: what applies at which breakpoint, where no column says it.

Sheets that `sheets` wrote of a site have its mapping there: `wide (2x): hero_2x; small: hero`.

Source: Drupal core, `image_style_mappings` in `responsive_image.styles.*`.
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model import columns

COLUMN = replace(columns.NOTES, loss="the notes, with what applies at which breakpoint")


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the note of each style."""
    return facts_of_cell(COLUMN.name, ticket.to_build)


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`image_style_mappings`, the styles and sizes of each",
    form=r"No mappings|(?:[\w.-]+(?: \([\d.]+x\))?: [^;]+(?:; |$))+",
)
RULE = Rule(
    key="image_style.responsive_note", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART
)

"""The note of a responsive image style: what applies at which breakpoint, where no column says it.

Sheets that `sheets` wrote of a site have its mapping there: `wide (2x): hero_2x; small: hero`.

Source: Drupal core, `image_style_mappings` in `responsive_image.styles.*`.
"""

from dataclasses import replace

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model import columns

COLUMN = replace(columns.NOTES, loss="the notes, with what applies at which breakpoint")
COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`image_style_mappings`, the styles and sizes of each",
    form=r"(?:[\w.-]+(?: \([\d.]+x\))?: [^;]+(?:; |$))+",
)
RULE: Rule[TicketRows] = Rule(
    key="image_style.responsive_note", columns=(COLUMN,), counterpart=COUNTERPART
)

"""The note of a display: what people say of it in words, where no column has it.

Its path, and that it is disabled, are read; the rest is quoted, for whoever builds the display and
for whoever tries it.

Source: Drupal core, `path` and `enabled` of `views.view.*.display.*.display_options`.
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN
from jira_pipeline.drupal.note_prose import has_prose
from jira_pipeline.drupal.quoted_notes import quoted_notes
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.view.enabled import is_disabled
from jira_pipeline.drupal.view.form import form_of
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model import columns
from jira_pipeline.model.entities import Entity

COLUMN = replace(columns.NOTES, loss="what displays show, filter and sort")


def says_how(display: Entity) -> bool:
    """Tell whether a note says how a display is to be: words that leave nothing open."""
    return has_prose(display) and not LEFT_OPEN.search(note_of(display))


def check(view: TicketView) -> Iterator[Claim]:
    """Claim that the displays of the form of an enabled view are as their notes say."""
    if is_disabled(view.head):
        return
    displays = [row.display for row in form_of(view.ticket.group)]
    noted = [display for display in displays if says_how(display)]
    yield from quoted_notes("verification.view_noted", noted, note_of, [COLUMN.name])


COUNTERPART = Counterpart(
    how=Comparison.PATH, where="`path` and `enabled` of the display", reads_blank=True
)
RULE = Rule(key="view.display_note", columns=(COLUMN,), check=check, counterpart=COUNTERPART)

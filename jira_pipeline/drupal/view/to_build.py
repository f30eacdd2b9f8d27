"""Whether a view is to be built at all: its status is Disabled, or none of its displays is wanted.

Both look like a leftover of an older plan, and cost the work of a whole view if they are. What a
disabled view is for, by its name or its description, nobody can use it for.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.asked_rows import view_asked
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.enabled import is_disabled
from jira_pipeline.drupal.view.form import displays_to_build
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import GONE, Entity

_WAITING = re.compile(r"(?i)\b(?:waits?|until|later|once|when|after)\b")
"""What a note says of when a view comes."""


class Wanted(StrEnum):
    """The fact: what the rows say against building a view."""

    AS_ITS_ROWS_SAY = "nothing"
    DISABLED = "it is disabled while displays are to be built, and no note says when it comes"
    WITHOUT_DISPLAYS = "none of its displays is wanted"


def wanted(view: Entity, rows: GroupRows) -> Wanted:
    """Read from the rows of a view and its displays whether something speaks against building it."""
    displays = rows.group.members
    is_built = view.status not in GONE and bool(displays_to_build(rows.group))
    if is_built and is_disabled(view) and not _WAITING.search(note_of(view)):
        return Wanted.DISABLED
    if displays and all(display.status in GONE for display in displays):
        return Wanted.WITHOUT_DISPLAYS
    return Wanted.AS_ITS_ROWS_SAY


# What follows from it.


def ask(view: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about a disabled view with displays to build, and about a view with no display to build.

    `“Boats” has the status Disabled, …: is it to be enabled, built and left disabled, or left
    out?`, `No display of “Boats” is to be built: should the view be built at all?`
    """
    match wanted(view, rows):
        case Wanted.DISABLED:
            yield question_about("views.disabled", view)
        case Wanted.WITHOUT_DISPLAYS:
            yield question_about("views.no_display", view)
        case Wanted.AS_ITS_ROWS_SAY:
            return


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield what speaks against building the view."""
    yield StatedFact(fact=wanted(view.head, view.ticket.group_rows), rows=(view.head,))


RULE = Rule(
    key="view.to_build",
    facts=facts,
    asked_rows=view_asked,
    ask=ask,
)

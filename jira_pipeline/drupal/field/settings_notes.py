"""The note of a field: whatever its row says beside its settings, for developers.

What it says in a known form, such as its options, other rules read. A comparison takes the rest as
prose, but for the lines that `sheets` itself writes of a site's configuration.

Source: Acquia Drupal Spec Tool, the column *Settings/notes*.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Comparison,
    Counterpart,
    Differs,
    KnownNames,
    Met,
    NotComparable,
    SheetCell,
)
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.site.site_cells import SiteCell, plain
from jira_pipeline.model.columns import SETTINGS_AND_NOTES

COLUMN = replace(
    SETTINGS_AND_NOTES,
    spellings=("Field settings", "Settings", "Settings/comments"),
    loss="the notes, with the options, restrictions and questions in them",
)
_LINE_OF_SHEETS = re.compile(
    r"Refers to (?:what the view \w+ lists in its display \w+|nothing: no bundle is chosen|items of the type \w+"
    r"|items of (?:the types|every type but) \w+(?:, \w+)*)\."
    r"|The values are those that \S+\(\) returns\.|New items have the default of \S+\(\)\."
    r"|Offers the \w+ .+\.|Offers every view\.|Offers displays of the types .+\."
    r"|Always shows the view \S* in its display \S*\."
    r"|Text on the form: “.+”|Images on the form: .+|On is called “.*”, off “.*”\."
    r"|Entity browser: .+ \(\w+\)\.|The form counts characters (?:up to|without) .+\."
    r"|Settings of [^:]+: .+\."
)
"""What `sheets` writes of how targets, values and defaults are chosen, and plugins are set up."""


def compare(cell: SheetCell, site_cell: SiteCell, _: KnownNames) -> CellResult:
    """Compare a note as text; a line in the form that `sheets` writes has to be on the site, too."""
    lines = {plain(line) for line in cell.text.splitlines()}
    lines_on_site = {plain(line) for line in site_cell.text.splitlines()}
    if any(_LINE_OF_SHEETS.fullmatch(line) for line in lines - lines_on_site):
        return Differs()
    return Met() if plain(cell.text) == plain(site_cell.text) else NotComparable(PROSE)


COUNTERPART = Counterpart(
    how=Comparison.SHAPES,
    where="the settings of the five columns that say the same; what chooses targets, options and defaults; settings of the widget and of types of modules",
    form=_LINE_OF_SHEETS.pattern,
    compare=compare,
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the note of each field to set."""
    return facts_of_cell(COLUMN.name, fields.set)


RULE = Rule(key="field.settings_notes", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)

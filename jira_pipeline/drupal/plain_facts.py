"""The facts of rules whose cells nobody reads further: what each row says, in its own words.

Belongs here: yielding them, of a column or of a setting of a display. Does not: the values
themselves (`cell_facts`).
"""

from collections.abc import Iterable, Iterator

from jira_pipeline.drupal.cell_facts import cell_fact
from jira_pipeline.drupal.display_settings import setting_fact
from jira_pipeline.drupal.rule import StatedFact
from jira_pipeline.model.entities import Entity


def facts_of_cell(column: str, rows: Iterable[Entity]) -> Iterator[StatedFact]:
    """Yield what a column says of each row."""
    for row in rows:
        yield StatedFact(fact=cell_fact(row, column), rows=(row,))


def facts_of_setting(setting: str, displays: Iterable[Entity]) -> Iterator[StatedFact]:
    """Yield what each display says of a setting, in whichever of its columns that is."""
    for display in displays:
        yield StatedFact(fact=setting_fact(display, setting), rows=(display,))

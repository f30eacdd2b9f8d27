"""A help text with a gap that somebody meant to fill in: `open on X at X`, `TBD`, `Lorem ipsum`.

Editors would read it as it is.

Source: `placeholders` of `lexicon.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.field.help_text import COLUMN as HELP_TEXT
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.meaning.notes import pattern_of, readable, sentences_of
from jira_pipeline.drupal.row_names import plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import Entity

_PLACEHOLDER = pattern_of("placeholders")

# The fact: which sentence of a help text has a gap.


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The first sentence with a gap."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Finished:
    """No sentence has one, or there is no help text."""


PlaceholderFact: TypeAlias = Unfinished | Finished


def placeholder_in(row: Entity) -> PlaceholderFact:
    """Read from the row of a field whether its help text has a gap."""
    for sentence in sentences_of(readable(row.cell(HELP_TEXT.name))):
        if _PLACEHOLDER.search(sentence):
            return Unfinished(plain(sentence.rstrip(". ")))
    return Finished()


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask what goes into the gap of a help text that is not finished.

    `The help text of “Hull” is not finished: “open on X”. What goes into the gap?`
    """
    match placeholder_in(row):
        case Unfinished(sentence):
            yield question_about("bundles.placeholder", row, HELP_TEXT.name, quote=sentence)
        case Finished():
            return


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield for each field to set whether its help text has a gap."""
    return facts_by_row(placeholder_in, fields.set)


RULE = Rule(key="field.placeholder_text", facts=facts, asked_rows=fields_added, ask=ask)

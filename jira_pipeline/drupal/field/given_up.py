"""A field to be built of which its own help text says that it goes, or is not to be used.

Source: `given_up` of `lexicon.toml`.
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

_GIVEN_UP = pattern_of("given_up")

# The fact: whether its help text gives a field up.


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The first sentence that says so."""

    sentence: str


@dataclass(frozen=True, slots=True)
class InUse:
    """No sentence does."""


UseFact: TypeAlias = GivenUp | InUse


def use_of(row: Entity) -> UseFact:
    """Read from the row of a field whether its help text gives it up."""
    for sentence in sentences_of(readable(row.cell(HELP_TEXT.name))):
        if _GIVEN_UP.search(sentence):
            return GivenUp(plain(sentence.rstrip(". ")))
    return InUse()


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a field is built whose help text says that it is not used any more.

    `The help text of “Mast” says “Do not use”: is the field built at all?`
    """
    match use_of(row):
        case GivenUp(sentence):
            yield question_about("bundles.given_up", row, HELP_TEXT.name, quote=sentence)
        case InUse():
            return


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield for each field to set whether its help text gives it up."""
    return facts_by_row(use_of, fields.set)


RULE = Rule(key="field.given_up", facts=facts, asked_rows=fields_added, ask=ask)

"""A text on the form: a field that shows its words to whoever fills in the form, and stores nothing.

The words are set for each bundle. A sheet has them in the note or the help text of the field.

Source: Markup, `MarkupItem`; `texts` of `types_without_value` of `drupal.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.field.help_text import COLUMN as HELP_TEXT
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.type import FIELD_TYPE
from jira_pipeline.drupal.field.widget import is_on_form
from jira_pipeline.drupal.meaning.modules_and_types import is_text_on_form
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import Entity

# The fact: whether a field is such a text, and whether its row has the words.


@dataclass(frozen=True, slots=True)
class TextOnForm:
    """The note or the help text has words for it."""


@dataclass(frozen=True, slots=True)
class TextWithoutWords:
    """No cell says what it shows."""


@dataclass(frozen=True, slots=True)
class NotText:
    """A field of another type."""


TextFact: TypeAlias = TextOnForm | TextWithoutWords | NotText


def text_of(row: Entity) -> TextFact:
    """Read from the row of a field whether it is a text on the form."""
    if not is_text_on_form(row):
        return NotText()
    words = f"{note_of(row)}{row.cell(HELP_TEXT.name)}".strip()
    return TextOnForm() if words else TextWithoutWords()


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the words of a text on the form that no cell has.

    `Which text does “Notice” show on the form?`
    """
    match text_of(row):
        case TextWithoutWords():
            yield question_about("bundles.text", row)
        case TextOnForm() | NotText():
            return


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Say which fields are only texts on the form.

    `notice is a text on the form, set for each type by itself: it stores no value.`
    """
    texts = []
    for row in fields.added:
        if is_on_form(row) and not isinstance(text_of(row), NotText):
            texts.append(row)
    return claims_about("analysis.no_value", texts, FIELD_TYPE)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield for each field to set whether it is a text on the form."""
    return facts_by_row(text_of, fields.set)


RULE = Rule(key="field.text_on_form", facts=facts, say=say, asked_rows=fields_added, ask=ask)

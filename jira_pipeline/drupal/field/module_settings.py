"""Settings that a field of a module cannot do without, and no column of a sheet has.

The fields of a few modules do nothing before somebody has set them up, such as with the blocks that
they offer. A note or a help text may say it, in words or as numbers.

Source: `asks` of `modules.toml`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.field.help_text import COLUMN as HELP_TEXT
from jira_pipeline.drupal.field.modules import modules_of
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.widget import is_on_form
from jira_pipeline.drupal.meaning.modules_and_types import is_base_field, modules
from jira_pipeline.drupal.note_prose import has_words
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import SUBJECTS, RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import Entity

_DIGIT = re.compile(r"\d")


# The fact: whether a field needs such settings, and whether its row says them.


@dataclass(frozen=True, slots=True)
class MissingSettings:
    """No cell can say them."""

    questions: tuple[str, ...]
    """What its modules ask, as `modules.toml` words it."""


@dataclass(frozen=True, slots=True)
class StatedSettings:
    """The note or the help text may say them."""


@dataclass(frozen=True, slots=True)
class NoSettings:
    """None of its modules needs any, or nobody sets up the field."""


SettingsFact: TypeAlias = MissingSettings | StatedSettings | NoSettings


def settings_of(row: Entity) -> SettingsFact:
    """Read from the row of a field which settings of its modules are missing."""
    all_questions = {_questions_by_module().get(label, "") for label in modules_of(row)}
    questions = tuple(sorted(all_questions - {""}))
    if not questions or is_base_field(row) or not is_on_form(row):
        return NoSettings()
    if has_words(row) or _DIGIT.search(f"{note_of(row)}{row.cell(HELP_TEXT.name)}"):
        return StatedSettings()
    return MissingSettings(questions)


@cache
def _questions_by_module() -> dict[str, str]:
    """Return what each module asks, by its label; blank of one that asks nothing."""
    return {module.label: module.asks for module in modules().values()}


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the settings that the module of a field cannot do without, one question a module."""
    match settings_of(row):
        case MissingSettings(questions):
            for question in questions:
                of_one = question.format(fields=SUBJECTS, do="does")
                of_many = question.format(fields=SUBJECTS, do="do")
                yield question_about("bundles.module_settings", row, one=of_one, many=of_many)
        case StatedSettings() | NoSettings():
            return


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the settings that each field to set needs."""
    return facts_by_row(settings_of, fields.set)


RULE = Rule(key="field.module_settings", facts=facts, asked_rows=fields_added, ask=ask)

"""Settings that fields of modules cannot do without."""

from jira_pipeline.drupal.field.module_settings import (
    MissingSettings,
    NoSettings,
    SettingsFact,
    StatedSettings,
    settings_of,
)
from jira_pipeline_tests.drupal.made_rows import asked, field, row_of, ticket_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

BLOCKS = {"type": "Block (plugin)"}
WHICH = "Which blocks {do} {fields} offer?"


@each(
    ("row", "fact"),
    [
        (field(**BLOCKS), MissingSettings((WHICH,))),
        (field(note="Only the ferry times.", **BLOCKS), StatedSettings()),
        (field(help="At most 2 blocks.", **BLOCKS), StatedSettings()),
        (field(help="Be brief.", **BLOCKS), MissingSettings((WHICH,))),
        (field(note="Max length 2.", **BLOCKS), StatedSettings()),
        (field(widget="-- Disabled --", **BLOCKS), NoSettings()),
        (field("title", **BLOCKS), NoSettings()),
        (field(), NoSettings()),
    ],
)
def test_settings_are_missing_where_no_cell_can_say_them(row: Row, fact: SettingsFact) -> None:
    assert settings_of(row_of(row)) == fact


def test_missing_settings_are_asked_for() -> None:
    assert asked("bundles.module_settings", ticket_of(field(**BLOCKS))) == [
        "Which blocks does “Hull” (`field_hull`) offer? No row says."
    ]


@each("row", [field(note="Only the ferry times.", **BLOCKS), field()])
def test_no_settings_are_asked_for_that_are_stated_or_not_needed(row: Row) -> None:
    assert asked("bundles.module_settings", ticket_of(row)) == []

"""A field that is only a text on the form."""

from jira_pipeline.drupal.field.text_on_form import (
    NotText,
    TextFact,
    TextOnForm,
    TextWithoutWords,
    say,
    text_of,
)
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    field,
    fields_of,
    row_of,
    sentences,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

MARKUP = field(type="Markup")


@each(
    ("row", "fact"),
    [
        (field(type="Markup", note="“Moor at the quay.”"), TextOnForm()),
        (field(type="Markup", help="Moor at the quay."), TextOnForm()),
        (MARKUP, TextWithoutWords()),
        (field(), NotText()),
    ],
)
def test_its_words_are_in_the_note_or_the_help_text(row: Row, fact: TextFact) -> None:
    assert text_of(row_of(row)) == fact


def test_its_words_are_asked_for() -> None:
    assert asked("bundles.text", ticket_of(MARKUP)) == [
        "Which text does “Hull” (`field_hull`) show on the form? The sheets don’t give it."
    ]


@each("row", [field(type="Markup", help="Moor at the quay."), field()])
def test_no_words_are_asked_for_that_are_there_or_not_needed(row: Row) -> None:
    assert asked("bundles.text", ticket_of(row)) == []


def test_one_that_is_not_on_the_form_is_not_said_to_be_there() -> None:
    hidden = field("field_mast", type="Markup", widget="-- Disabled --")

    assert sentences(say(fields_of(hidden))) == []


def test_it_is_said_to_store_no_value() -> None:
    assert sentences(say(fields_of(MARKUP, field("field_mast")))) == [
        "field_hull is a text on the form, set for each type by itself: it stores no value."
    ]

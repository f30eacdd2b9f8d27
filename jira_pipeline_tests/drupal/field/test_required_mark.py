"""A label with the mark of a required field, on a row that says that the field is optional."""

from jira_pipeline.drupal.field.required_mark import (
    MarkedAsRequired,
    MarkFact,
    NotMarked,
    required_mark_of,
)
from jira_pipeline_tests.drupal.made_rows import asked, field, row_of, ticket_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

MARKED = field(label="Hull *", required="n")


@each(
    ("row", "fact"),
    [
        (MARKED, MarkedAsRequired()),
        (field(label="Hull*", required="n"), MarkedAsRequired()),
        (field(label="Hull *", required="y"), NotMarked()),
        (field(label="Hull *", required=""), NotMarked()),
        (field(label="Hull * mast", required="n"), NotMarked()),
        (field(label="Hull", required="n"), NotMarked()),
    ],
)
def test_a_mark_at_the_end_of_a_label_contradicts_an_optional_row(row: Row, fact: MarkFact) -> None:
    assert required_mark_of(row_of(row)) == fact


def test_which_of_the_two_is_right_is_asked() -> None:
    (question,) = asked("bundles.required_mark", ticket_of(MARKED))

    assert question.startswith("The label of “Hull *” (`field_hull`) ends in “*”")


def test_nothing_is_asked_of_a_required_field() -> None:
    assert asked("bundles.required_mark", ticket_of(field(label="Hull *", required="y"))) == []

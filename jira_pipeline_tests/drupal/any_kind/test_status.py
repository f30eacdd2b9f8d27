"""The status of a row of any kind."""

from jira_pipeline.drupal.any_kind.status import KnownStatus, StatusFact, UnknownStatus, status_of
from jira_pipeline.model.forms_in_text import is_about_form
from jira_pipeline_tests.drupal.made_rows import asked, style, ticket_of_styles
from jira_pipeline_tests.sheets.made_specifications import specification_of
from jira_pipeline_tests.tables import each


@each(
    ("status", "fact"),
    [
        ("Mothballed", UnknownStatus("Mothballed")),
        ("a", KnownStatus()),
        ("Phase 1", KnownStatus()),
        ("!", UnknownStatus("!")),
        ("", KnownStatus()),
    ],
)
def test_a_status_is_a_letter_or_word_that_is_known(status: str, fact: StatusFact) -> None:
    (row,) = specification_of(image_styles=[style(X=status)]).entities

    assert status_of(row) == fact


def test_an_unknown_word_is_asked_about_with_the_number_of_its_rows() -> None:
    ticket = ticket_of_styles(style(X="Mothballed"), style("Hero", X="Mothballed"), style("Wide"))

    assert asked("rows.unknown_status", ticket) == [
        "“Mothballed” is no known status: should what has it be built now (2 rows)?"
    ]


def test_the_question_about_a_question_mark_is_none_about_a_form() -> None:
    """It was counted among the views to describe, and no page of questions had it."""
    (question,) = asked("rows.unknown_status", ticket_of_styles(style(X="?"), style("Wide")))

    assert question.startswith("“?” is no known status")
    assert not is_about_form(question)


def test_rows_with_other_unknown_words_are_not_counted() -> None:
    ticket = ticket_of_styles(style(X="Mothballed"), style("Hero", X="Beached"), style("Wide"))

    questions = asked("rows.unknown_status", ticket)
    assert ["(1 row)" in question for question in questions] == [True, True]


def test_nothing_is_asked_about_a_known_status() -> None:
    assert asked("rows.unknown_status", ticket_of_styles(style())) == []

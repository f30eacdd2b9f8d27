"""Lines of a sheet of open questions."""

from dataclasses import replace

from jira_pipeline.drupal.any_kind.question_line import (
    Heading,
    LineFact,
    QuestionLine,
    ask,
    line_of,
    lines_of_questions,
)
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.columns import QUESTION_LINE, REMARK_LINE
from jira_pipeline.model.entities import Entity
from jira_pipeline_tests.drupal.made_rows import style, ticket_of_styles
from jira_pipeline_tests.tables import each


def line(text: str) -> Entity:
    row = ticket_of_styles(style()).head
    source = replace(row.source, file="Open_points.csv")
    return replace(row, cells={QUESTION_LINE: text}, source=source)


def questions(text: str) -> list[str]:
    ticket = ticket_of_styles(style())
    rows = GroupRows(group=ticket.group, index=ticket.session.index)
    return [question.of_row.question for question in ask(line(text), rows)]


@each(
    ("text", "fact"),
    [
        ("Who steers?", QuestionLine("Who steers?")),
        ("Say who steers the boat", QuestionLine("Say who steers the boat")),
        ("Boat\nSay who steers the  boat", QuestionLine("Boat Say who steers the boat")),
        ("Open points", Heading()),
        ("Say who steers\nthe boat", Heading()),
    ],
)
def test_a_line_asks_by_a_question_mark_or_a_sentence(text: str, fact: LineFact) -> None:
    assert line_of(line(text)) == fact


def test_a_question_says_from_which_sheet_it_is() -> None:
    (question,) = questions("Who steers?")

    assert question.startswith("“Who steers?” (Open")


def test_lines_of_remarks_are_no_questions() -> None:
    ticket = ticket_of_styles(style())
    remark = replace(ticket.head, cells={REMARK_LINE: "Steered by hand?"})
    group = replace(ticket.group, captions=(line("Who steers?"), remark))

    (asked_line,) = lines_of_questions(GroupRows(group=group, index=ticket.session.index))

    assert asked_line.cell(QUESTION_LINE) == "Who steers?"


def test_a_heading_asks_nothing() -> None:
    assert questions("Open points") == []

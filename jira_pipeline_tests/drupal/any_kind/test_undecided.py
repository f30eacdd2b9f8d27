"""Cells of a few words that nobody has decided."""

from jira_pipeline.drupal.any_kind.undecided import UndecidedCell, undecided_cells_of
from jira_pipeline_tests.drupal.made_rows import asked, field, row_of, ticket_of
from jira_pipeline_tests.tables import each


@each(
    ("cells", "undecided"),
    [
        ({"required": "? (at sea)"}, [UndecidedCell("Req'd", "at sea")]),
        (
            {"values": "tbd (1 or 2)", "type": "? (text)"},
            [UndecidedCell("Field type", "text"), UndecidedCell("Vals.", "1 or 2")],
        ),
        ({"required": "?"}, []),
        ({"required": "y"}, []),
        ({"help": "? (at sea)"}, []),
    ],
)
def test_words_in_brackets_are_beside_a_cell_that_is_open(
    cells: dict[str, str], undecided: list[UndecidedCell]
) -> None:
    assert list(undecided_cells_of(row_of(field(**cells)))) == undecided


@each(
    ("cells", "question"),
    [
        (
            {"required": "? (at sea)"},
            "“Required” of “Hull” (`field_hull`) is not decided; the sheet says “at sea”: what holds?",
        ),
        (
            {"type": "? (text)"},
            "The field type of “Hull” (`field_hull`) is not decided; the sheet says “text”: what holds?",
        ),
    ],
)
def test_what_holds_is_asked_with_the_words(cells: dict[str, str], question: str) -> None:
    assert asked("rows.undecided", ticket_of(field(**cells))) == [question]


def test_a_column_goes_by_its_own_name_where_that_says_what_is_in_it() -> None:
    row = field() | {"Trns.": "? (later)"}

    (question,) = asked("rows.undecided", ticket_of(row))

    assert question.startswith("“Trns.” of ")


def test_nothing_is_asked_about_decided_cells() -> None:
    assert asked("rows.undecided", ticket_of(field())) == []

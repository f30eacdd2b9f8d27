"""What the cells of a row of no known sheet say."""

from jira_pipeline.drupal.custom.cells import check, claims_of_cells, facts, stated_cells_of
from jira_pipeline_tests.drupal.custom.test_story import own_sheet, ownerless
from jira_pipeline_tests.drupal.made_rows import field, sentences


def test_a_thing_has_what_its_cells_say() -> None:
    ticket = own_sheet("Sail,sail,a,white")

    assert sentences(check(ticket)) == ["Sail sail has Colour “white”."]
    (stated,) = facts(ticket)
    assert stated.fact == stated_cells_of(ticket.head, ticket.head.cells)


def test_names_dashes_and_long_texts_are_not_said() -> None:
    (row,) = own_sheet("Sail,sail,a,white").own_rows
    cells = {"A": "Sail", "B": "sail", "C": "-", "D": "", "X": "a", "Notes": "of oak"}
    words = " ".join(["oak"] * 12)

    assert stated_cells_of(row, cells).cells == {}
    assert stated_cells_of(row, {"E": words, "F": f"{words} oak"}).cells == {"E": words}
    assert claims_of_cells(row, cells) == ()


def test_words_may_name_the_thing_otherwise() -> None:
    (row,) = own_sheet("Sail,sail,a,white").own_rows

    assert sentences(claims_of_cells(row, row.cells, named="It")) == ["It has Colour “white”."]


def test_nothing_is_claimed_of_rows_that_are_no_things() -> None:
    assert sentences(check(ownerless(field()))) == []

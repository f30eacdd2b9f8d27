"""Lists of words that editors choose from: in columns, one below the other, or beside their names."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_offers import tables_of_group
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline.sheets.layouts.table_shapes import Shape, shape_of
from jira_pipeline.sheets.layouts.term_offers import OfferedList, lists_offers
from jira_pipeline.sheets.layouts.term_reading import MarkedTerm, marked_term
from jira_pipeline.sheets.layouts.worksheet_groups import worksheet_groups
from jira_pipeline_tests.sheets.layouts.changed_workbooks import Outcome, outcomes_of_changed_cells
from jira_pipeline_tests.sheets.layouts.made_grids import findings_of, grid_of
from jira_pipeline_tests.sheets.layouts.test_line_choices import cells_of, chosen, reading

COLUMNS = grid_of(
    """
what  | Crop         | Soil
code  | crop_kind    | soil
depth | two levels   | one
words | Fruit        | Sand
      | - Apple      | Clay
      | - Plum       |
      | Herbs        |

hint  | keep short   |
""",
    "Words",
)
BELOW_NAMES = grid_of(
    """
Lists for the keepers

Crop   |       | chosen by visitors
Fruit  |       |
       | Apple | red ones
Herbs  |       |

Soil   |       |
Sand   |       |
Clay   |       |
""",
    "Words",
)
BESIDE = grid_of(
    """
Vocabulary | Word  | finer  | Why      | Since
Crop       | Fruit |        | visitors | 2024
           |       | Apple  |          | 2025
           | Herbs | Thyme  |          |
           |       | Basil  |          | now
Soil       | Sand  |        |          |
           | Clay  |        |          |
""",
    "Words",
)
PARENTS = grid_of(
    """
List | Term  | Parent
Crop | Fruit |
Crop | Apple | Fruit
Crop | Pip   | Apple
Crop | Thyme | Herbs
""",
    "Words",
)


def lists(shape: str, **others: object) -> Mapping[str, Any]:
    return {"do": "set_shape", "worksheet": "Words", "shape": shape, **others}


def test_lists_in_columns_have_levels_by_marks_and_rows_that_say_more_of_each() -> None:
    """A dash stayed in the name of the term, and rows with a label were terms of a list of labels."""
    checked = reading([COLUMNS], lists("terms"))

    assert cells_of(checked, "Name", "Type", "Settings/notes", "Remarks") == [
        (
            "Crop",
            "Vocabulary",
            "Terms:\nFruit\nFruit > Apple\nFruit > Plum\nHerbs",
            "crop_kind\ntwo levels\nhint: keep short",
        ),
        ("Soil", "Vocabulary", "Terms:\nSand\nClay", "soil\none"),
    ]
    assert findings_of(checked) == []


def test_a_line_below_the_header_of_lists_says_their_machine_names() -> None:
    line = {"do": "set_column_line", "worksheet": "Words", "row": 2, "column": "Machine name"}

    checked = reading([COLUMNS], lists("terms"), line)

    assert cells_of(checked, "Machine name", "Remarks") == [
        ("crop_kind", "two levels\nhint: keep short"),
        ("soil", "one"),
    ]


def test_lists_below_their_names_take_what_is_right_of_a_word_as_below_it() -> None:
    """Nothing could say such lists: terms in the second column had no place."""
    checked = reading([BELOW_NAMES], lists("terms_below"))

    assert cells_of(checked, "Name", "Settings/notes", "Remarks") == [
        ("Crop", "Terms:\nFruit\nFruit > Apple (red ones)\nHerbs", "chosen by visitors"),
        ("Soil", "Terms:\nSand\nClay", ""),
    ]
    assert findings_of(checked) == [("not_read", "Lists for the keepers")]


def test_words_in_rows_beside_the_name_of_their_list_are_all_of_that_list() -> None:
    """Of words beside a merged name only the first was read, and the level right of them never."""
    checked = reading([BESIDE], lists("terms_beside"))

    words = (
        "Fruit (Since: 2024)\nFruit > Apple (Since: 2025)\nHerbs\nHerbs > Thyme\n"
        "Herbs > Basil (Since: now)"
    )
    assert cells_of(checked, "Name", "Settings/notes", "Remarks") == [
        (
            "Crop",
            f"Terms:\n{words}",
            "Why: visitors",
        ),
        ("Soil", "Terms:\nSand\nClay", ""),
    ]
    assert findings_of(checked) == []


def test_a_column_says_what_a_word_is_below() -> None:
    checked = reading([PARENTS], lists("terms_beside"))

    assert cells_of(checked, "Settings/notes") == [
        ("Terms:\nFruit\nFruit > Apple\nFruit > Apple > Pip\nHerbs > Thyme",)
    ]


@pytest.mark.parametrize(
    ("shape", "grid"),
    [("terms", COLUMNS), ("terms_below", BELOW_NAMES), ("terms_beside", BESIDE)],
    ids=["in columns", "below names", "beside"],
)
def test_no_word_of_a_list_is_lost_silently(shape: str, grid: Grid) -> None:
    layout = chosen([grid], lists(shape))

    outcomes = [*outcomes_of_changed_cells(layout, [grid])]

    assert [where for outcome, where in outcomes if outcome is Outcome.SILENT] == []
    found = shape_of(layout.sheets[0].regions[0])
    assert found is not None
    assert found.shape is Shape(shape)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Apple", MarkedTerm("", "Apple")),
        ("– Apple", MarkedTerm("–", "Apple")),
        ("--Apple", MarkedTerm("--", "Apple")),
        ("  Apple", MarkedTerm("  ", "Apple")),
        ("-18", MarkedTerm("", "-18")),
        ("–", MarkedTerm("", "–")),
    ],
)
def test_marks_before_a_word_are_its_level_but_not_before_a_number(
    text: str, term: MarkedTerm
) -> None:
    assert marked_term(text) == term


def test_what_a_column_beside_words_holds_can_be_said_otherwise() -> None:
    """It is a note of the list, more about the word, or the word that this one is below."""
    about = {"do": "set_meaning", "worksheet": "Words", "header": "Since"}
    kept = {"do": "keep_header", "worksheet": "Words", "header": "finer"}
    described = {**about, "meanings": [{"kind": "bundle", "column": "Parent term"}]}

    checked = reading([BESIDE], lists("terms_beside"), described, kept)

    crop, soil = cells_of(checked, "Settings/notes", "Remarks")
    assert crop[0].startswith("Terms:\n2024 > Fruit\nHerbs")
    assert crop[1] == "Why: visitors\nfiner: Apple\nfiner: Thyme\nfiner: Basil"
    assert soil == ("Terms:\nSand\nClay", "")


def test_the_page_offers_what_columns_of_lists_mean_by_their_letters_too() -> None:
    layout = chosen([BELOW_NAMES], lists("terms_below"))
    checked = apply_and_check(layout, [BELOW_NAMES])
    (group,) = worksheet_groups(layout, [BELOW_NAMES], checked, unsettled=[])

    (table,) = tables_of_group(group, layout, checked)

    assert [(header.name, header.value) for header in table.headers] == [
        ("$A", "bundle|Terms"),
        ("$B", "bundle|Terms below"),
        ("$C", "bundle|Details of the term"),
    ]


def test_a_worksheet_that_is_called_so_is_offered_as_lists_the_likely_way_first() -> None:
    first_offers = [lists_offers([grid])[0] for grid in (COLUMNS, BELOW_NAMES, BESIDE)]

    assert [(offer.shape, offer.header_row) for offer in first_offers] == [
        (Shape.TERMS, 1),
        (Shape.TERMS_BELOW, None),
        (Shape.TERMS_BESIDE, 1),
    ]
    assert lists_offers([replace(BESIDE, title="Pages")]) != []
    assert lists_offers([replace(COLUMNS, title="Pages")]) == []


def test_what_is_offered_shows_the_words_as_they_would_be_read() -> None:
    (first, *_) = lists_offers([BELOW_NAMES])

    assert first.lists[0] == OfferedList("Crop", ("Fruit", "Fruit > Apple (red ones)", "Herbs"))


def test_a_long_list_is_offered_by_its_first_rows_and_read_whole() -> None:
    """Each further word compared all before it: 5,000 took seven seconds, each time the page was shown."""
    words = [f"word {number}" for number in range(1_200)]
    rows = "\n".join(
        ["Vocabulary | Term", f"Crop | {words[0]}", *(f" | {word}" for word in words[1:])]
    )
    grid = grid_of(rows, "Words")

    (offer, *_) = lists_offers([grid])
    ((notes,),) = cells_of(reading([grid], lists("terms_beside")), "Settings/notes")

    assert offer.is_of_first_rows
    assert len(offer.lists[0].words) < len(words)
    assert notes == "\n".join(("Terms:", *words))

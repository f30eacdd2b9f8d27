"""Blocks with labels on the left: as a page proposes them, and what their labels say."""

from collections.abc import Mapping
from typing import Any

import pytest

from jira_pipeline.model.errors import InputError
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.form_offers import form_offer
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout, apply_and_check
from jira_pipeline.sheets.layouts.table_shapes import Shape
from jira_pipeline_tests.sheets.layouts.made_grids import addresses_of, grid_of, rows_of

LISTINGS = """
What fills itself

Boats
Found at | Page: /boats
and at   | Start: the 3 newest | | Ada: hide it when empty
Order    | newest first

Crews
Found at | Page: /crews
Order    | by name
Pager    | 12
"""
NUMBERED = """
1. Boats
Display 1     | Page
Path or place | /boats
Display 2     | Block
Path or place | sidebar
2. Crews
Display 1     | Page
Display 2     | Feed
Sort          | by name
"""
WITHOUT_LINES = """
Role    | Captain
May     | everything
Who     | two people

Role    | Mate
May     | change boats
"""
NO_FORMS = {
    "a table below a title": "Boats\nName | Length\nGull | 12\nTern | 9",
    "a header in each block": "Boat\nField | Type\nName | Text\nBerth\nField | Type\nSize | Number",
    "one block of words": "Words\nBow | front\nStern | back\nHull | body",
    "wide rows": "A\nName | x | 1 | 2\nB\nName | y | 1 | 3",
}


def form(shape: str, **others: object) -> Mapping[str, Any]:
    return {"do": "set_form", "worksheet": "Sheet", "shape": shape, **others}


def label(name: str, *columns: str, **parts: str) -> Mapping[str, Any]:
    """Return the choice that a label means columns of a display; the second takes what is after."""
    meanings = [{"kind": "view_display", "column": column} for column in columns]
    meanings[0] |= {part: text for part, text in parts.items() if part == "before"}
    meanings[-1] |= {part: text for part, text in parts.items() if part == "after"}
    return {
        "do": "set_meaning",
        "worksheet": "Sheet",
        "header": name,
        "is_label": True,
        "meanings": meanings,
    }


def reading(grid: Grid, *said: Mapping[str, Any]) -> CheckedLayout:
    layout = Layout(sheets=())
    for choice in said:
        layout = with_choice(layout, [grid], choice_of(choice))
    assert read_layout(layout_yaml(layout).encode()) == layout
    return apply_and_check(layout, [grid])


def test_each_block_is_a_view_and_its_labels_are_notes_until_somebody_says_more() -> None:
    """A stranger's listings stood on their side, and no choice took them."""
    checked = reading(grid_of(LISTINGS), form("views_with_displays"))

    assert rows_of(checked) == [
        {
            "kind": "view",
            "View name": "Boats",
            "Notes": "Found at: Page: /boats\nand at: Start: the 3 newest\nOrder: newest first\n"
            "Ada: hide it when empty",
        },
        {
            "kind": "view",
            "View name": "Crews",
            "Notes": "Found at: Page: /crews\nOrder: by name\nPager: 12",
        },
    ]
    assert [finding.text for finding in checked.findings] == ["What fills itself"]


def test_labels_name_displays_and_what_is_below_an_addition_is_of_the_first() -> None:
    checked = reading(
        grid_of(LISTINGS),
        form("views_with_displays"),
        label("Found at", "Display plugin", "Path or place", before=": ", after=": "),
        label("and at", "Display plugin", "Shows", before=": ", after=": "),
        label("Order", "Sort"),
    )

    displays = [row for row in checked.applied.rows if row.kind == "view_display"]
    assert [row.cells for row in displays] == [
        {
            "View": "Boats",
            "Display plugin": "Page",
            "Path or place": "/boats",
            "Sort": "newest first",
        },
        {"View": "Boats", "Display plugin": "Start", "Shows": "the 3 newest"},
        {"View": "Crews", "Display plugin": "Page", "Path or place": "/crews", "Sort": "by name"},
    ]
    assert [row.line for row in displays] == [4, 5, 9]
    assert addresses_of(displays[1], "Shows") == ["B5"]


def test_numbered_labels_are_displays_each_with_the_labels_below_it() -> None:
    checked = reading(
        grid_of(NUMBERED),
        form("views_with_displays"),
        label("Display 1", "Display plugin"),
        label("Display 2", "Display plugin"),
    )

    displays = [row for row in rows_of(checked) if row.pop("kind") == "view_display"]
    assert displays == [
        {"View": "Boats", "Display plugin": "Page", "Path or place": "/boats"},
        {"View": "Boats", "Display plugin": "Block", "Path or place": "sidebar"},
        {"View": "Crews", "Display plugin": "Page", "Sort": "by name"},
        {"View": "Crews", "Display plugin": "Feed", "Sort": "by name"},
    ]


def test_blocks_without_a_line_begin_with_their_first_label_which_names_the_thing() -> None:
    grid = grid_of(WITHOUT_LINES, "User roles")

    offer = form_offer([grid], None)
    checked = reading(grid, {**form("roles"), "worksheet": "User roles"})

    assert offer is not None
    assert (offer.shape, offer.blocks_count) == (Shape.ROLES, 2)
    assert [row["Name"] for row in rows_of(checked)] == ["Captain", "Mate"]
    assert not checked.findings


def test_types_in_blocks_have_the_kind_that_somebody_says() -> None:
    text = "Topics\nDescription | what it is about\nMoods\nDescription | how it feels\nNotes | few"

    checked = reading(grid_of(text), form("types", bundle_type="Vocabulary"))

    named = [(row["Name"], row["Type"], row["Description"]) for row in rows_of(checked)]
    assert named == [
        ("Topics", "Vocabulary", "what it is about"),
        ("Moods", "Vocabulary", "how it feels"),
    ]


def test_a_form_is_said_anew_and_what_its_labels_mean_stays() -> None:
    said = [
        form("views_with_displays"),
        label("Found at", "Display plugin"),
        form("views_with_displays"),
    ]

    checked = reading(grid_of(LISTINGS), *said)

    assert [row["kind"] for row in rows_of(checked)].count("view_display") == 2


def test_a_label_that_is_new_in_the_next_version_is_asked_about() -> None:
    layout = with_choice(Layout(sheets=()), [grid_of(LISTINGS)], choice_of(form("views")))
    later = grid_of(f"{LISTINGS}When empty | say so")

    checked = apply_and_check(layout, [later])

    assert [finding.text for finding in checked.findings] == [
        "What fills itself",
        "When empty",
        "say so",
    ]


@pytest.mark.parametrize("text", [LISTINGS, WITHOUT_LINES])
def test_blocks_with_the_same_labels_are_proposed(text: str) -> None:
    offer = form_offer([grid_of(text)], None)

    assert offer is not None
    assert offer.blocks_count == 2


@pytest.mark.parametrize("text", [*NO_FORMS.values()], ids=[*NO_FORMS])
def test_tables_are_not_proposed_as_blocks_with_labels(text: str) -> None:
    assert form_offer([grid_of(text)], None) is None


def test_what_no_block_can_be_is_refused() -> None:
    with pytest.raises(InputError, match="no block of a form is such a thing"):
        choice_of(form("matrix"))

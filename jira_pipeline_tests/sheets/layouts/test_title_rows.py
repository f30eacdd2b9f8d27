"""A field that is the title every page has anyway, under another name: said once, never guessed."""

from collections.abc import Mapping

import pytest

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.sheets.layouts.layout_files import layout_yaml
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline.sheets.layouts.title_rows import labels_of_row, title_offers
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of
from jira_pipeline_tests.sheets.layouts.test_cell_looks import chosen
from jira_pipeline_tests.sheets.layouts.test_declared_tickets import texts_of

FIELDS = {"do": "set_shape", "worksheet": "Details", "shape": "fields"}
GRID = grid_of(
    "Bundle | Field label | Field type | Req'd | Notes\n"
    "Boat | Called | one line of text | y | = the title\n"
    "Boat | Mast | one line of text | n | of wood",
    "Details",
)
KINDS = grid_of("Name | Type\nBoat | Content type", "Kinds")
TYPES = {"do": "set_shape", "worksheet": "Kinds", "shape": "types"}
TITLE = {"do": "set_title", "worksheet": "Details", "rows": [{"worksheet": "Details", "row": 2}]}


def test_a_field_whose_note_says_so_is_offered_as_the_title_and_is_none_before() -> None:
    checked = apply_and_check(chosen([GRID, KINDS], TYPES, FIELDS), [GRID, KINDS])

    (offer,) = title_offers(checked.applied.rows, ["Details"])

    assert (offer.label, offer.note) == ("Called", "= the title")
    assert labels_of_row(checked.applied.rows, "Details", 3) == ["Mast"]


def test_a_field_that_is_the_title_is_not_built_and_the_others_stay_what_they_are() -> None:
    """“Headline: this is the title” became a new field of each type."""
    layout = chosen([GRID, KINDS], TYPES, FIELDS, TITLE)
    checked = apply_and_check(layout, [GRID, KINDS])
    texts = texts_of(layout_yaml(layout), GRID, KINDS)

    types = {
        row.cells["Field label"]: row.cells["Field type"]
        for row in checked.applied.rows
        if row.kind == "field"
    }
    assert types == {"Called": "Entity label", "Mast": "one line of text"}
    assert title_offers(checked.applied.rows, ["Details"]) == []
    assert "machine name of “Mast”" in texts
    assert "machine name of “Called”" not in texts


SAME_LABELS = grid_of(
    "On | Key | Field label | Field type | Req'd\n"
    "c.boat, c.quay | !title | Called | Text (plain) | y\n"
    "c.boat | mast | Mast | Text (plain) | n\n"
    "c.crew | name | Called | Text (plain) | y\n"
    "Sail | !title | Called | Text (plain) | y",
    "Details",
)
PART_KINDS = grid_of(
    "Name | Type\nBoat | Content type\nQuay | Content type\n"
    "Crew | Paragraph type\nSail | Paragraph type",
    "Kinds",
)
SAID_OF_HEADERS = (
    TYPES,
    FIELDS,
    {
        "do": "set_meaning",
        "worksheet": "Details",
        "header": "On",
        "meanings": [{"kind": "field", "column": "Bundle"}],
    },
    {
        "do": "set_meaning",
        "worksheet": "Details",
        "header": "Key",
        "meanings": [{"kind": "field", "column": "Machine name"}],
    },
)
SEVERAL = {"do": "set_several", "worksheet": "Details", "header": "On", "separator": ", "}


def called(short: str, name: str) -> Mapping[str, str]:
    return {"do": "set_name", "kind": "bundle", "name": short, "means": name}


def test_a_row_is_the_title_and_no_other_with_its_label() -> None:
    """The title went by the label: a field of a paragraph type that is called so was one, too."""
    names = [called("c.boat", "Boat"), called("c.quay", "Quay"), called("c.crew", "Crew")]
    grids = [SAME_LABELS, PART_KINDS]
    before = apply_and_check(chosen(grids, *SAID_OF_HEADERS), grids)

    orders = ([TITLE, SEVERAL, *names], [SEVERAL, *names, TITLE], [*names, TITLE, SEVERAL])
    readings = [apply_and_check(chosen(grids, *SAID_OF_HEADERS, *order), grids) for order in orders]

    offers = title_offers(before.applied.rows, ["Details"])
    assert [(offer.row, offer.owner) for offer in offers] == [(2, "c.boat, c.quay")]
    assert labels_of_row(before.applied.rows, "Details", 5) == []
    for checked in readings:
        fields = [row.cells for row in checked.applied.rows if row.kind == "field"]
        assert [
            (cells["Bundle"], cells["Machine name"], cells["Field type"]) for cells in fields
        ] == [
            ("Boat", "", "Entity label"),
            ("Quay", "", "Entity label"),
            ("Boat", "mast", "Text (plain)"),
            ("Crew", "name", "Text (plain)"),
            ("Sail", "!title", "Text (plain)"),
        ]


def test_a_field_of_something_without_a_title_is_refused_as_one() -> None:
    of_paragraph = {**TITLE, "rows": [{"worksheet": "Details", "row": 5}]}

    with pytest.raises(WrongUseError, match="something that has a title"):
        chosen([SAME_LABELS, PART_KINDS], *SAID_OF_HEADERS, of_paragraph)

"""A field that is the title every page has anyway, under another name: said once, never guessed."""

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
TITLE = {"do": "set_title", "worksheet": "Details", "labels": ["Called"]}


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

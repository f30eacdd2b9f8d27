"""What stays of what was said of a worksheet, where somebody says anew what it lists."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of

TYPES = grid_of("Name | Type\nMarquee | Content type\nStage | Content type", "Types")
FIELDS = grid_of(
    "On | Label | Made of\nMarquee, Stage | Poles | wood (ash)\n | Rope | hemp\nStage | Height | -",
    "Fields",
)
BLOCKS = grid_of(
    "Type | Tent\nStatus | a\nLabel | Made of\nPoles | wood\n"
    "Type | Shed\nStatus | b\nLabel | Made of\nRoof | tin",
    "Blocks",
)
FIELDS_ARE_LISTED = {"do": "set_shape", "worksheet": "Fields", "shape": "fields"}


def layout_of(*said: Mapping[str, Any], grids: Sequence[Grid]) -> Layout:
    layout = Layout(sheets=())
    for choice in said:
        layout = with_choice(layout, grids, choice_of(choice))
    return layout


def meaning(header: str, **means: str) -> Mapping[str, Any]:
    meanings = [{"kind": "field", **means}]
    return {"do": "set_meaning", "worksheet": "Fields", "header": header, "meanings": meanings}


@pytest.mark.parametrize(
    "choice",
    [
        pytest.param(
            {"do": "set_blank", "worksheet": "Fields", "header": "On", "means": "above"},
            id="a-blank-cell-means-the-one-above",
        ),
        pytest.param(
            {"do": "set_several", "worksheet": "Fields", "header": "On", "separator": ", "},
            id="a-cell-names-several",
        ),
        pytest.param(meaning("Made of", column="Description", before=" ("), id="part-of-a-cell"),
        pytest.param(
            {"do": "keep_header", "worksheet": "Fields", "header": "Made of"},
            id="a-column-of-its-own",
        ),
    ],
)
def test_all_that_was_said_stays_where_a_worksheet_is_said_to_list_what_it_did(
    choice: Mapping[str, Any],
) -> None:
    """Pressing the same once more lost what blank cells mean, and which cells name several things."""
    said = (FIELDS_ARE_LISTED, meaning("On", column="Bundle"), choice)

    once = layout_of(*said, grids=[TYPES, FIELDS])
    twice = layout_of(*said, FIELDS_ARE_LISTED, grids=[TYPES, FIELDS])

    assert layout_yaml(twice) == layout_yaml(once)


def test_labels_above_the_tables_of_a_worksheet_stay_where_it_is_said_again() -> None:
    """Its types lost their names, and their labels became fields."""
    blocks = {
        "do": "set_shape",
        "worksheet": "Blocks",
        "shape": "type_with_fields",
        "header_row": 3,
    }
    labels = {"do": "set_labels", "worksheet": "Blocks", "row": 1}

    once = layout_of(blocks, labels, grids=[BLOCKS])
    twice = layout_of(blocks, labels, blocks, grids=[BLOCKS])

    assert layout_yaml(twice) == layout_yaml(once)


def test_another_kind_of_types_changes_nothing_else_of_them() -> None:
    types = grid_of("Called | Made of\nMarquee | canvas\n | rope", "Tents")
    listed = {"do": "set_shape", "worksheet": "Tents", "shape": "types"}
    blank = {"do": "set_blank", "worksheet": "Tents", "header": "Called", "means": "above"}
    name = {
        "do": "set_meaning",
        "worksheet": "Tents",
        "header": "Called",
        "meanings": [{"kind": "bundle", "column": "Name"}],
    }
    content = {**listed, "bundle_type": "Content type"}
    media = {**listed, "bundle_type": "Media type"}

    once = layout_of(content, name, blank, grids=[types])
    twice = layout_of(content, name, blank, media, grids=[types])

    assert layout_yaml(twice) == layout_yaml(once).replace("Content type", "Media type")


def test_a_new_header_is_read_where_a_worksheet_is_said_again() -> None:
    """The dictionary knows it, so that nobody has to be asked."""
    before = layout_of(FIELDS_ARE_LISTED, meaning("On", column="Bundle"), grids=[TYPES, FIELDS])
    newer = grid_of("On | Label | Made of | Field type\nStage | Height | - | Text", "Fields")

    layout = with_choice(before, [TYPES, newer], choice_of(FIELDS_ARE_LISTED))

    (record,) = layout.sheets[0].regions[0].records
    assert record.columns["Field type"][0].column == "Field type"

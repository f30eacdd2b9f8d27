"""What counts as said by people: what a layout says of a worksheet, and nobody would propose."""

from collections.abc import Mapping

from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.declared_parts import declared_by_people
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.proposing import propose
from jira_pipeline_tests.sheets.layouts.made_grids import TITLE, grid_of

GRID = grid_of("Called|Sort|Told|More\nPier|Text|Where|a\nQuay|Text|When|b")


def said_after(grid: Grid, *choices: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what people said of a worksheet by choices, as the kind of each part and its name."""
    layout: Layout = propose([grid])
    for choice in choices:
        layout = with_choice(layout, [grid], choice_of({"worksheet": TITLE, **choice}))
    parts = declared_by_people(layout, [grid], TITLE, proposed=propose([grid]))
    return [(part.kind.value, part.name) for part in parts]


def shape(name: str) -> Mapping[str, object]:
    return {"do": "set_shape", "shape": name}


def test_what_follows_from_a_choice_of_shape_is_not_said() -> None:
    shapes = [shape(name) for name in ("types", "types_with_fields", "fields", "roles")]

    assert said_after(GRID) == []
    assert said_after(GRID, *shapes) == [("listed", "")]
    assert said_after(GRID, *shapes[:3]) == [("listed", "")]


def test_what_somebody_chose_below_the_shape_is_said() -> None:
    meaning = {"meanings": [{"kind": "field", "column": "Settings/notes"}]}
    header = {"do": "set_meaning", "header": "More", **meaning}
    ignored = {"do": "leave_out_header", "header": "Told", "reason": "not ours"}
    rows = {"do": "set_rows", "rows": "text", "text": "Pier", "become": "left_out"}

    said = said_after(GRID, shape("fields"), header, ignored, {**rows, "reason": "not ours"})

    assert {("header", "More"), ("ignored", "Told"), ("rows", "Pier")} <= set(said)
    assert ("header", "Sort") not in said

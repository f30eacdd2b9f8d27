"""Layouts hold for the next version of a workbook, or ask: properties on invented worksheets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import pytest

from jira_pipeline.sheets.layouts.coverage import Unsettled
from jira_pipeline.sheets.layouts.grid import Grid, place_of_address
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_of, layout_yaml, read_layout
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline.sheets.layouts.use import CellUse
from jira_pipeline_tests.sheets.layouts.changed_workbooks import (
    NextVersion,
    Outcome,
    Reaction,
    baseline_of,
    is_named,
    layouts_with_a_forgotten_column,
    layouts_with_exchanged_columns,
    outcomes_of_changed_cells,
    reactions_to_next_versions,
)
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of
from jira_pipeline_tests.sheets.layouts.random_layouts import Maker

LIGHTHOUSES = grid_of(
    """
Lighthouses of the north|||||
as of May|||||
Kind|Key|What|Parts|Status|Who
Tower|tower|A tower with a lamp|Lamp, Stair|now|Ada
Keeper|keeper|A person who keeps it|Photo|later|Ben
Signal|signal|What ships see|Lamp|now|Ada
Total 3|||||
""",
    "Kinds",
)
FIELDS = grid_of(
    """
Tower (tower)|||
Height|Number|must|in metres
Built|Date|may|
Lamp type|Lamps|may|see Lamps
Keeper (keeper)|||
Name|Text|must|as on papers
Signal (signal)|||
Rhythm|Text|must|such as 2 s on
Range|Number|may|in miles
""",
    "Details",
)
RIGHTS = grid_of(
    """
Right|Keeper|Harbour master
switch on|x|x
switch off||x
log|x|
""",
    "Rights",
)
NOTES = grid_of("Who was asked|When\nThe harbour|in May", "Diary")
GRIDS = (LIGHTHOUSES, FIELDS, RIGHTS, NOTES)
LAYOUT = read_layout(
    b"""
version: 1
sheets:
- worksheets: Kinds
  leave: [{starts: [Lighthouses of, as of], reason: title of the worksheet}]
  regions:
  - name: kinds
    header: [Kind, Key, Status]
    skip: [{starts: [Total], reason: counts the rows}]
    unused: {Who: whoever asked for it}
    records:
    - into: bundle
      columns:
        Name: Kind
        Machine name: Key
        Type: {text: Content type}
        Description: What
        X: {column: Status, words: {now: a, later: w}}
    - into: bundle
      per: item
      items: {column: Parts, split: ","}
      same_by: [Name, Type]
      columns: {Name: {item: true}, Type: {text: Paragraph type}}
- worksheets: Details
  regions:
  - name: a block for each kind
    begins: {like: "{label} ({key})"}
    repeats: true
    records:
    - into: field
      columns:
        Bundle: {heading: key, lookup: {kind: bundle, by: [Machine name], give: Name}}
        Bundle type: {text: Content type}
        Field label: $A
        Field type:
          column: $B
          words: {Number: Number (integer), Text: Text (plain), Lamps: Entity reference}
        "Req'd": {column: $C, words: {must: y, may: n}}
        Help text: $D
- worksheets: Rights
  regions:
  - name: rights
    marks: {headers: [Keeper, Harbour master]}
    records:
    - into: user_role
      per: mark
      same_by: [Name]
      gather: {Notes: {between: ", ", as: "May {}"}}
      columns: {Name: {header: 1}, Notes: {parts: [Right, {mark: true, words: {x: ""}}]}}
- {worksheets: Diary, ignore: whom we asked}
"""
)


@pytest.fixture(scope="module")
def reactions() -> Counter[tuple[str, NextVersion, Reaction]]:
    return Counter(reactions_to_next_versions(LAYOUT, GRIDS))


def test_the_layout_leaves_nothing_to_settle() -> None:
    assert baseline_of(LAYOUT, GRIDS).reading.findings == ()


def test_no_cell_is_read_by_nobody_without_a_word() -> None:
    outcomes = [*outcomes_of_changed_cells(LAYOUT, GRIDS)]

    assert [where for outcome, where in outcomes if outcome is Outcome.SILENT] == []
    assert {outcome for outcome, _ in outcomes} == {
        Outcome.IN_A_CELL,
        Outcome.LEFT_OUT,
        Outcome.ASKED,
    }


def test_rows_on_top_and_moved_columns_of_tables_with_headers_change_nothing(
    reactions: Counter[tuple[str, NextVersion, Reaction]],
) -> None:
    for title in ("Kinds", "Rights"):
        assert reactions[title, NextVersion.ROWS_ON_TOP, Reaction.SAME]
        assert reactions[title, NextVersion.COLUMN_MOVED, Reaction.SAME]


def test_what_is_new_is_read_as_the_rest_or_asked_about(
    reactions: Counter[tuple[str, NextVersion, Reaction]],
) -> None:
    for title in ("Kinds", "Details", "Rights"):
        assert reactions[title, NextVersion.COLUMN_ADDED, Reaction.ASKED]
        assert reactions[title, NextVersion.TEXT_BELOW, Reaction.ASKED]
    # A further right is gathered in the cell of its role.
    others = {key for key in reactions if key[2] is Reaction.OTHER_CELLS}
    assert others == {("Rights", NextVersion.ROW_ADDED, Reaction.OTHER_CELLS)}


def _named_share(grids: Sequence[Grid], layout: Layout, *, is_forgotten: bool) -> float:
    layouts_of = layouts_with_a_forgotten_column if is_forgotten else layouts_with_exchanged_columns
    baseline = baseline_of(layout, grids)
    named = [is_named(wrong, grids, baseline) for wrong in layouts_of(layout)]
    return sum(named) / len(named)


def test_a_column_that_was_forgotten_is_named_and_most_exchanged_ones_are() -> None:
    """Prose for prose is not: whoever confirms a layout sees cells of each column."""
    assert _named_share(GRIDS, LAYOUT, is_forgotten=True) > 0.9
    assert _named_share(GRIDS, LAYOUT, is_forgotten=False) > 0.7


@pytest.mark.parametrize("seed", range(4))
def test_random_layouts_lose_no_cell_and_fail_over_no_worksheet(seed: int) -> None:
    """Cells of joined rows, marks and helper rows counted as read, and were nowhere."""
    maker = Maker(Random(seed))  # noqa: S311 - made layouts
    fitting_count = 0
    for _ in range(100):
        layout = layout_of(maker.layout())
        grids = [maker.grid("Sheet 1"), maker.grid("Sheet 2")]
        reading = apply_and_check(layout, grids)
        if any(finding.code is Unsettled.MISFIT for finding in reading.findings):
            continue
        fitting_count += 1
        uses = reading.applied.uses
        silent = [
            where
            for outcome, where in outcomes_of_changed_cells(layout, grids, every=5)
            if outcome is Outcome.SILENT and not _is_structure(where, uses)
        ]
        assert silent == [], layout_yaml(layout)
    assert fitting_count > 10


def _is_structure(where: str, uses: Mapping[str, CellUse]) -> bool:
    """Tell whether a cell is a label or beginning, of which the layout may name a part or none."""
    title, _, address = where.partition("!")
    return place_of_address(address) in uses[title].structure

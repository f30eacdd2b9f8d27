"""What shows that a worksheet has blocks with labels on the left, so that a page can offer to say so.

Belongs here: the shape of such blocks, and what they most likely are. Does not: what a layout becomes
by them (`form_choices`). It proposes, and a person says whether it is so.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from jira_pipeline.drupal.columns import columns_of, label_column_of
from jira_pipeline.model.entities import BundleType
from jira_pipeline.sheets.layouts.form_choices import FormOfGrid, LabelRow
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Region
from jira_pipeline.sheets.layouts.record_drafts import columns_by_dictionary
from jira_pipeline.sheets.layouts.table_headers import NamedColumn
from jira_pipeline.sheets.layouts.table_shapes import FORM_WORDS, Shape, offered_shape
from jira_pipeline.sheets.layouts.texts import label_key, normal
from jira_pipeline.sheets.reading.labels import bundle_type_of
from jira_pipeline.sheets.reading.sheet_kinds import SHEET_RULES, rule_called

BLOCKS_SHOWN_MAX = 3
LABELS_SHOWN_MAX = 5
_BLOCKS_MIN = 2
_LABELS_OF_A_BLOCK_MIN = 2
"""On average: one row below a line may be a remark."""
_CELLS_BESIDE_MAX = 2
"""A label, its value and perhaps a remark; tables have more columns."""


@dataclass(frozen=True, slots=True)
class FormBlock:
    """A block as a page shows it."""

    name: str
    labels: tuple[LabelRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOffer:
    """How the blocks of a worksheet may each be one thing."""

    worksheet: str
    blocks_count: int
    blocks: tuple[FormBlock, ...]
    """The first of them."""
    shape: Shape | None
    """What each most likely is; none where the worksheet does not say it."""
    bundle_type: str


def form_offer(grids: Sequence[Grid], region: Region | None) -> FormOffer | None:
    """Return how worksheets that look alike may be forms; None where they do not look so.

    None, too, where somebody said of their blocks, lines or marks what they are.
    """
    if region is not None and (region.begins or region.headings or region.marks):
        return None
    for grid in grids:
        form = FormOfGrid(grid)
        if not _is_narrow(form.label_rows):
            continue
        blocks = _blocks(form)
        if _has_blocks_alike(blocks) or _is_one_thing(form, blocks):
            shape, bundle_type = _thing_of(grid)
            return FormOffer(
                worksheet=grid.title,
                blocks_count=len(blocks),
                blocks=tuple(
                    FormBlock(block.name, block.labels[:LABELS_SHOWN_MAX])
                    for block in blocks[:BLOCKS_SHOWN_MAX]
                ),
                shape=shape,
                bundle_type=bundle_type,
            )
    return None


def _blocks(form: FormOfGrid) -> list[FormBlock]:
    rows = [label_row.row for label_row in form.label_rows]
    places = [*(bisect_left(rows, start) for start in form.starts), len(rows)]
    blocks: list[FormBlock] = []
    for start, (first, end) in zip(form.starts, pairwise(places), strict=True):
        labels = tuple(form.label_rows[first:end])
        is_named_by_label = not form.lines and bool(labels)
        name = labels[0].values[0] if is_named_by_label else form.grid[start, form.column].text
        blocks.append(FormBlock(name, labels))
    return blocks


def _is_narrow(rows: Sequence[LabelRow]) -> bool:
    """Tell whether all rows have a label, a value and at most a remark, and most of them no remark."""
    if any(len(row.values) > _CELLS_BESIDE_MAX for row in rows):
        return False
    single = [row for row in rows if len(row.values) == 1]
    return len(single) * 3 >= len(rows) * 2


def _has_blocks_alike(blocks: Sequence[FormBlock]) -> bool:
    """Tell whether most rows of several blocks have a label that other blocks have, with other values.

    What is the same in all of them is a header that is repeated; what is twice in one is no label.
    """
    rows = [row for block in blocks for row in block.labels]
    if len(blocks) < _BLOCKS_MIN or len(rows) < len(blocks) * _LABELS_OF_A_BLOCK_MIN:
        return False
    blocks_with: Counter[str] = Counter()
    values: dict[str, set[str]] = defaultdict(set)
    for block in blocks:
        keys = [label_key(row.label) for row in block.labels]
        blocks_with.update({*keys})
        for row in block.labels:
            values[label_key(row.label)].add(normal(row.values[0]))
        if len({*keys}) * 2 < len(keys):
            return False
    shared = [row for row in rows if blocks_with[label_key(row.label)] > 1]
    firsts = {label_key(block.labels[0].label) for block in blocks if block.labels}
    is_header = len(firsts) == 1 and all(len(values[first]) == 1 for first in firsts)
    return len(shared) * 3 >= len(rows) * 2 and not is_header


def _is_one_thing(form: FormOfGrid, blocks: Sequence[FormBlock]) -> bool:
    """Tell whether most labels of a single block are known to say something of one kind of things."""
    labels = form.labels
    if len(blocks) != 1 or len(labels) < _LABELS_OF_A_BLOCK_MIN + 1:
        return False
    columns = [NamedColumn(at, label, label, "") for at, label in enumerate(labels)]
    for shape in FORM_WORDS:
        kind = offered_shape(shape).kinds[0]
        if len(labels) >= 2 * len(columns_of(kind)):
            continue  # a list of many rows, which the dictionary would look up one by one
        names = columns_by_dictionary(kind, columns)
        if len(names) * 2 > len(labels) and (label_column_of(kind) in names or form.lines):
            return True
    return False


def _thing_of(grid: Grid) -> tuple[Shape | None, str]:
    """Return what each block is by the name of the worksheet."""
    bundle_type = bundle_type_of(grid.title)
    if bundle_type is not None:
        return Shape.TYPES, bundle_type.value
    rule = rule_called(grid.title, SHEET_RULES)
    for shape in FORM_WORDS:
        if rule is not None and offered_shape(shape).kinds[0] == rule.kind.value:
            return shape, BundleType.CONTENT.value if shape is Shape.TYPES else ""
    return None, ""

"""What is left to settle about a layout, as findings: by file and row, with what to do about it.

Belongs here: their codes, words and advice, and which of them an upload waits for. Does not: the
checks (`coverage`, `row_checks`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.findings import Finding
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.sheets.layouts.applying import Applied, sheet_layout_of
from jira_pipeline.sheets.layouts.coverage import LayoutFinding, Unsettled, without_accepted
from jira_pipeline.sheets.layouts.grid import Grid, Place, column_letters
from jira_pipeline.sheets.layouts.known_headers import (
    known_titles,
    propose_known,
    with_known_sheets,
)
from jira_pipeline.sheets.layouts.known_sheet import KnownSheet, known_sheets_in
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_reading import UploadGrids
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout
from jira_pipeline.sheets.layouts.texts import line_shortened
from jira_pipeline.sheets.layouts.unclear_places import unclear_places
from jira_pipeline.sheets.layouts.use import CellUse
from jira_pipeline.sheets.reading.citations import Citations

CHECKS_OF_ENTITIES = frozenset(
    {Unsettled.CELL_BLANK, Unsettled.REFERENCE_DANGLING, Unsettled.REPEATED}
)
"""What the sheet itself lacks, whatever a layout says: findings of rows and references name it."""
INFORMATIVE_CHECKS = frozenset({Unsettled.NEWLY_IGNORED})
"""What people are told, and nobody is asked about."""


@dataclass(frozen=True, slots=True)
class _Words:
    code: str
    message: str
    """`{text}` is what the check says."""
    advice: str


_CELL_ADVICE = (
    "Say in the layout what it means, leave it out with a reason, or confirm it as not read."
)
_WORDS: Mapping[Unsettled, _Words] = {
    Unsettled.MISFIT: _Words(
        code="layout_misfit",
        message="The layout does not fit: {text}.",
        advice="Say what changed: on the page of the layout, which new name is the old one or that it "
        "is gone; in a file, with that name in place of the old one.",
    ),
    Unsettled.NOT_READ: _Words(
        code="cell_unread", message="No part of the layout reads the cell.", advice=_CELL_ADVICE
    ),
    Unsettled.PARTLY_READ: _Words(
        code="cell_unread",
        message="The layout reads the cell without “{text}”.",
        advice=_CELL_ADVICE,
    ),
    Unsettled.NEWLY_LEFT_OUT: _Words(
        code="newly_left_out",
        message="The layout leaves the cell out, and it was not there when the layout was confirmed.",
        advice="Confirm the layout again if the cell is no part of the specification, or change the rule "
        "that leaves it out.",
    ),
    Unsettled.NEWLY_IGNORED: _Words(
        code="newly_ignored",
        message="The worksheet has {text}.",
        advice="Nothing has to be done. If it is part of the specification, say on the page of the "
        "layout what its header means.",
    ),
    Unsettled.COMMENT_NOT_READ: _Words(
        code="comment_not_read",
        message="No part of the layout reads the comment of the cell: “{text}”.",
        advice="Say in the layout what the comment means, or with `comments` why comments are not read.",
    ),
    Unsettled.COLOUR_NOT_READ: _Words(
        code="colour_not_read",
        message="The worksheet has coloured cells: {text}.",
        advice="Say in the layout what the colours mean, or with `colours` why they are not read.",
    ),
    Unsettled.STRUCK: _Words(
        code="struck_text_read",
        message="The worksheet has text that is struck through: {text}.",
        advice="Leave it out with a reason, or say with `struck` why it is read as any other.",
    ),
    Unsettled.MERGED: _Words(
        code="merge_not_filled",
        message="The cell is merged with others, and their rows do not take its text.",
        advice="Say in the layout what the blank cells mean (`fill: merged` or `fill: none`).",
    ),
    Unsettled.NAME_NOT_FOUND: _Words(
        code="looked_up_name_missing",
        message="{text}.",
        advice="Correct the name in the sheet, or what it is looked up by in the layout.",
    ),
    Unsettled.LONE_TEXT: _Words(
        code="lone_text",
        message="The row is read as one of a table, and {text}.",
        advice="Leave the row out with a reason, quote it as a remark, or confirm it as it is.",
    ),
    Unsettled.WORD_UNREAD: _Words(
        code="word_unread",
        message="{text}.",
        advice="Say in the layout what the word means (`words`), or correct the sheet.",
    ),
    Unsettled.OWNER_UNLISTED: _Words(
        code="owner_unlisted",
        message="{text}.",
        advice="Correct the name in the sheet, say in the layout what it means, or confirm it as it is: "
        "such rows are then in no ticket.",
    ),
    Unsettled.CELL_DIFFERS: _Words(
        code="cell_differs",
        message="{text}.",
        advice="Correct the sheet, or say in the layout how the cells are joined (`gather`).",
    ),
    Unsettled.COLUMN_UNSAID: _Words(
        code="column_unsaid",
        message="{text}.",
        advice="Say in the layout which header, title or word says it, or confirm that nothing does.",
    ),
    Unsettled.OWNER_BLANK: _Words(
        code="owner_blank",
        message="{text}.",
        advice="Say in the layout which line, header or title says it, or that a blank cell means the "
        "one above; or confirm it as it is: such rows are then of nothing.",
    ),
    Unsettled.MARK_UNREAD: _Words(
        code="mark_unread",
        message="{text}.",
        advice="Say in the layout what the mark means (`words`, or `none` of `marks`), or confirm it as "
        "it is.",
    ),
    Unsettled.ROW_UNCLEAR: _Words(
        code="row_unclear",
        message="A place in the worksheet is not clear: {text}.",
        advice="Say in a layout what it is, confirm it as it is, or correct the worksheet.",
    ),
}
_LAYOUT_NEEDED = _Words(
    code="layout_needed",
    message="The headers of the worksheet are not known, and {text}.",
    advice="Say in a layout what its columns mean, or that it is no part of the specification.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutFindings:
    """What is left to settle about the layout of an upload."""

    findings: tuple[Finding, ...]
    """That, and what people are only told."""
    unsettled: tuple[LayoutFinding, ...]
    """What is left to settle, as the checks name it."""

    @property
    def needs_layout(self) -> bool:
        """Somebody has to look at the layout before anything of the upload counts."""
        return bool(self.unsettled)


def layout_findings(
    checked: CheckedLayout,
    upload: UploadGrids,
    *,
    declared: Layout,
    known: Layout | None = None,
    known_sheets: Sequence[KnownSheet] | None = None,
) -> LayoutFindings:
    """Return what somebody has to settle, as findings by file and row.

    `known` and `known_sheets` are what `unsettled_findings` takes.
    """
    unsettled = unsettled_findings(
        checked, declared=declared, grids=upload.grids, known=known, known_sheets=known_sheets
    )
    citations: dict[str | None, Citations] = {}
    grids = {grid.title: grid for grid in upload.grids}
    informative = [finding for finding in checked.findings if finding.code in INFORMATIVE_CHECKS]
    for finding in (*unsettled, *informative):
        file = upload.files.get(finding.worksheet)
        name = None if file is None else file.sheet_name
        _cite(
            finding,
            grid=grids.get(finding.worksheet),
            citations=citations.setdefault(name, Citations(name)),
        )
    for grid in upload.grids:
        name = upload.files[grid.title].sheet_name
        _cite_what_is_not_built(
            checked.applied, grid, citations.setdefault(name, Citations(name)), declared
        )
    findings = [finding for of_file in citations.values() for finding in of_file.findings]
    return LayoutFindings(findings=tuple(findings), unsettled=unsettled)


def unsettled_findings(
    checked: CheckedLayout,
    *,
    declared: Layout,
    grids: Sequence[Grid],
    known: Layout | None = None,
    known_sheets: Sequence[KnownSheet] | None = None,
) -> tuple[LayoutFinding, ...]:
    """Return what of a layout somebody has to settle.

    A worksheet with known headers may be declared just so: then it is as if nobody had. Of these only
    places are asked about that the headers do not say. `known` is the layout of all such worksheets,
    and `known_sheets` what was made of them; both follow from the others where they are not given.
    """
    known = propose_known(grids) if known is None else known
    titles = known_titles(declared, known, grids)
    if known_sheets is None:
        layout = with_known_sheets(declared, known, grids)
        sheets = known_sheets_in(checked.applied, layout=layout, grids=grids, titles=titles)
        known_sheets = [*sheets]
    unclear = (finding for sheet in known_sheets for finding in unclear_places(sheet))
    return (
        *(finding for finding in checked.findings if _is_asked(finding, known_titles=titles)),
        *without_accepted(unclear, declared.accepted),
    )


def _is_asked(finding: LayoutFinding, *, known_titles: Collection[str]) -> bool:
    if finding.code in CHECKS_OF_ENTITIES | INFORMATIVE_CHECKS:
        return False
    # Known headers say nothing of a row that looks like the header of another table.
    is_of_any = finding.code in {Unsettled.MISFIT, Unsettled.ROW_UNCLEAR}
    return is_of_any or finding.worksheet not in known_titles


_ROWS_NAMED_MAX = 20
_ROW_MAX_CHARACTERS = 60


def _cite_what_is_not_built(
    applied: Applied, grid: Grid, citations: Citations, declared: Layout
) -> None:
    """Name the things that were dropped, and the rows that somebody left out, of one worksheet.

    What was put off is known somewhere: tickets say nothing of it.
    """
    for thing in applied.dropped:
        if thing.worksheet == grid.title:
            citations.inform(
                "thing_dropped",
                f"“{thing.text}” is not built, as the sheet marks it, or what it belongs to, as dropped.",
                "Nothing to do, unless it is to be built: say in the layout what its look means.",
                line=grid.line_of(thing.place),
                record=thing.place.row + 1,
            )
    sheet = sheet_layout_of(declared, grid.title)
    use = applied.uses.get(grid.title)
    if sheet is None or sheet.ignore is not None or use is None:
        return
    for reason, rows in _rows_left_out(grid, use).items():
        names = [_row_named(grid, row) for row in rows[:_ROWS_NAMED_MAX]]
        others_count = len(rows) - len(names)
        if others_count:
            names.append(f"and {others_count} more")
        count = format_count(len(rows), "row")
        listed = "; ".join(names)
        citations.inform(
            "rows_left_out",
            f"{count} left out, because {reason}: {listed}.",
            "Nothing to do, unless one of them is to be built, or quoted.",
            line=grid.line_of(Place(rows[0], 0)),
            record=rows[0] + 1,
        )


def _rows_left_out(grid: Grid, use: CellUse) -> Mapping[str, list[int]]:
    """Return the rows of which nothing is read, by the reason why they are left out."""
    rows: dict[str, list[int]] = {}
    for row, columns in grid.rows.items():
        reasons: set[str | None] = set()
        is_below_unused = True
        for column in columns:
            place = grid[row, column].place
            if place is not None:
                reasons.add(use.left_out.get(place))
                is_below_unused = is_below_unused and place in use.below_unused
        reason = reasons.pop() if len(reasons) == 1 else None
        if reason is not None and not is_below_unused:
            rows.setdefault(reason, []).append(row)
    return rows


def _row_named(grid: Grid, row: int) -> str:
    texts = " | ".join(grid.texts_by_row[row].values())
    shown = line_shortened(texts, max_characters=_ROW_MAX_CHARACTERS)
    return f"“{shown}” (line {grid.line_of(Place(row, 0))})"


def _cite(finding: LayoutFinding, *, grid: Grid | None, citations: Citations) -> None:
    """Cite a finding by its row and column, or its worksheet where it is about no cell."""
    place = finding.place
    is_of_worksheet = finding.code is Unsettled.NOT_READ and place is None
    words = _LAYOUT_NEEDED if is_of_worksheet else _WORDS[finding.code]
    message = words.message.replace("{text}", finding.text)
    if finding.code in INFORMATIVE_CHECKS:
        citations.inform(words.code, message, words.advice)
        return
    if grid is None or place is None:
        citations.warn(words.code, message, words.advice)
        return
    citations.warn(
        words.code,
        message,
        words.advice,
        line=grid.line_of(place),
        record=place.row + 1,
        column=column_letters(place.column),
        value=grid.cells.get(place),
    )

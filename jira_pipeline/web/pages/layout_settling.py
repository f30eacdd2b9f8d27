"""What the page of a layout says of all that is left to settle, and where on it each is settled.

Belongs here: the words and the place for each check. Does not: the checks (`sheets/layouts/coverage`),
taking a choice (`layout_page`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.model.column_words import label_anywhere
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.sessions.layouts import LayoutWork
from jira_pipeline.sheets.layouts.coverage import (
    CellFate,
    LayoutFinding,
    Unsettled,
    cell_fates,
)
from jira_pipeline.sheets.layouts.given_things import GivenReading, GivenThings
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.header_offers import HeaderReading, tables_of_group
from jira_pipeline.sheets.layouts.row_checks import CheckedLayout
from jira_pipeline.sheets.layouts.worksheet_groups import WorksheetGroup, worksheet_groups


class PagePart(StrEnum):
    """Parts of the page, by the `id` that they have in it."""

    MISFIT = "misfit"
    SHAPE = "shape-card"
    CELLS = "grid"
    HEADERS = "headers"
    MARKS = "marks"
    NAMES = "names"
    WORDS = "words"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Settling:
    """What is left to settle, in words, and what settles it."""

    what: str
    how: str
    part: PagePart
    left: str = "It is not read, and builds nothing."
    """What becomes of it where somebody leaves it as it is."""


LEFT_TO_SETTLE: Mapping[Unsettled, Settling] = {
    Unsettled.MISFIT: Settling(
        "Not as it was", "Say what it is called now, or that it is gone", PagePart.MISFIT
    ),
    Unsettled.NOT_READ: Settling(
        "Not read",
        "Say what the header means, or choose the number of the row",
        PagePart.CELLS,
    ),
    Unsettled.PARTLY_READ: Settling(
        "Read only in part; what is left over",
        "Say what the rest of the cell is: below its header, open “Only a part of the cell”",
        PagePart.HEADERS,
        "What is left over is not read.",
    ),
    Unsettled.NEWLY_LEFT_OUT: Settling(
        "New, and left out by a rule",
        "Confirm again if it is right that it is left out; if not, choose the number of the row",
        PagePart.CELLS,
        "It stays left out.",
    ),
    Unsettled.COMMENT_NOT_READ: Settling(
        "Comments of cells are not read", "Say why they are left out", PagePart.SETTLE
    ),
    Unsettled.COLOUR_NOT_READ: Settling(
        "Fills of cells are not read",
        "Say what a fill means, or why fills are left out",
        PagePart.SETTLE,
    ),
    Unsettled.STRUCK: Settling(
        "Struck-through text is read like any other",
        "Leave the rows out, or say why it does not matter",
        PagePart.SETTLE,
    ),
    Unsettled.MERGED: Settling(
        "A merged cell covers rows that do not take its text",
        "Say what a blank cell means, below its header",
        PagePart.HEADERS,
        "The rows stay without its text.",
    ),
    Unsettled.NAME_NOT_FOUND: Settling(
        "Looked up and not found",
        "Correct the name in the sheet, or say otherwise what the header means",
        PagePart.HEADERS,
        "The cell stays blank.",
    ),
    Unsettled.LONE_TEXT: Settling(
        "A row with a single text",
        "Leave such rows out, or quote them in the tickets",
        PagePart.CELLS,
        "The row is left out: it is not read, and builds nothing.",
    ),
    Unsettled.WORD_UNREAD: Settling(
        "A word that is not known",
        "Say what it means; once is enough",
        PagePart.WORDS,
        "The cell stays as it is: tickets show it, and where it counts they ask.",
    ),
    Unsettled.OWNER_UNLISTED: Settling(
        "It belongs to something that no worksheet lists",
        "Say of what it is the name, or correct it in the sheet",
        PagePart.NAMES,
        "Its rows are in a ticket of their own, for things without an owner.",
    ),
    Unsettled.CELL_DIFFERS: Settling(
        "Two rows say different things of the same",
        "Correct the sheet, or say otherwise what the header means",
        PagePart.HEADERS,
        "What the first row says counts.",
    ),
    Unsettled.COLUMN_UNSAID: Settling(
        "Needed, and no header says it",
        "Choose the header that says it, or say it for all rows",
        PagePart.HEADERS,
        "Nothing says it: tickets ask.",
    ),
    Unsettled.MARK_UNREAD: Settling(
        "A mark of a matrix that nobody explained",
        "Say what it means, below the headers; all marks are saved together",
        PagePart.MARKS,
    ),
    Unsettled.OWNER_BLANK: Settling(
        "Of nothing",
        "Say which line, header or title says what they belong to, or what a blank cell means",
        PagePart.CELLS,
    ),
    Unsettled.ROW_UNCLEAR: Settling(
        "Not clear",
        "Choose the number of the row, and say what it is",
        PagePart.CELLS,
        "The row is read as one of the table.",
    ),
}
"""All that the page shows as left to settle; what the sheet itself lacks holds nothing up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksheetState:
    """Where somebody is with worksheets that look alike."""

    group: WorksheetGroup
    refusals: tuple[Finding, ...]
    """Errors of their rows, for which the sheets would be refused."""
    table: HeaderReading
    """What is made of the first table, or of none."""
    given: GivenThings

    @property
    def open_count(self) -> int:
        """How much is left: what asks, what would be refused, and things that belong to nothing."""
        unlisted = [
            finding for finding in self.group.unsettled if finding.code is Unsettled.OWNER_UNLISTED
        ]
        return (
            len(self.group.unsettled)
            - len(unlisted)
            + len(self.refusals)
            + self.given.unsettled_count
        )


def worksheet_states(groups: Sequence[WorksheetGroup], work: LayoutWork) -> list[WorksheetState]:
    """Return where somebody is with each group of worksheets."""
    states: list[WorksheetState] = []
    reading = GivenReading(work.checks.reading.checked.applied.rows)
    for group in groups:
        names = {work.upload.files[title].sheet_name for title in group.titles}
        refusals = tuple(finding for finding in work.refusals if finding.file in names)
        tables = tables_of_group(group, work.checks.effective, work.checks.reading.checked)
        given = reading.of_worksheets(group.titles)
        states.append(WorksheetState(group=group, refusals=refusals, table=tables[0], given=given))
    return states


def findings_of_worksheet(
    work: LayoutWork, worksheet: str, check: Unsettled
) -> list[LayoutFinding]:
    """Return what one check leaves to settle in a worksheet, and in those that look like it."""
    checks = work.checks
    groups = worksheet_groups(
        checks.effective, work.grids, checks.reading.checked, unsettled=checks.unsettled
    )
    group = next((group for group in groups if worksheet in group.titles), None)
    if group is None:
        return []
    return [finding for finding in group.unsettled if finding.code is check]


def finding_words(finding: LayoutFinding) -> str:
    """Return what a check says, with columns as people call them."""
    if finding.code is Unsettled.COLUMN_UNSAID:
        return f"“{label_anywhere(finding.subject)}”"
    if not finding.column:
        return finding.text
    return f"{label_anywhere(finding.column)}{finding.text.removeprefix(finding.column)}"


def refusals_of_files(work: LayoutWork) -> list[Finding]:
    """Return errors that are about no worksheet, such as of a damaged file."""
    names = {file.sheet_name for file in work.upload.files.values()}
    return [finding for finding in work.refusals if finding.file not in names]


def effect_words(before: CheckedLayout, after: CheckedLayout, grids: Sequence[Grid]) -> str:
    """Say how many more cells of some worksheets are read, or how many fewer."""
    difference = _read_count(after, grids) - _read_count(before, grids)
    if difference > 0:
        return f"{counted(difference, 'more cell')} {'is' if difference == 1 else 'are'} read."
    if difference < 0:
        return (
            f"{counted(-difference, 'cell')} {'is' if difference == -1 else 'are'} no longer read."
        )
    return ""


def _read_count(checked: CheckedLayout, grids: Sequence[Grid]) -> int:
    return sum(
        fate is CellFate.READ
        for grid in grids
        for fate in cell_fates(grid, checked.applied).values()
    )

"""In which tickets the rows of worksheets are quoted that are no things.

Belongs here: what tickets quote beside their rows, by worksheet and row, and how that is said. Does
not: which rows a line is about (`reading/captions`), which rows are quoted (`layouts/row_choices`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sheet_names import whole_sheet
from jira_pipeline.sheets.layouts.drafts import Remark
from jira_pipeline.sheets.layouts.texts import line_shortened

_ROWS_NAMED = 3
_TICKETS_NAMED = 3
_TEXT_MAX_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class WorksheetRow:
    """A row of a worksheet, as people find it."""

    worksheet: str
    number: int


def tickets_by_quoted_row(
    groups: Iterable[EntityGroup], titles_by_file: Mapping[str, str]
) -> Mapping[WorksheetRow, Sequence[str]]:
    """Return the titles of the tickets that quote each row beside their own rows."""
    tickets: dict[WorksheetRow, dict[str, None]] = defaultdict(dict)
    for group in groups:
        for caption in group.captions:
            file = caption.source.file
            worksheet = titles_by_file.get(file) or titles_by_file.get(whole_sheet(file), "")
            row = WorksheetRow(worksheet, caption.source.record or caption.source.line)
            tickets[row][group.title] = None
    return {row: (*titles,) for row, titles in tickets.items()}


def quoted_words(tickets: Sequence[str]) -> str:
    """Say in which tickets a row is quoted."""
    if not tickets:
        return "in no ticket"
    titles = [f"“{title}”" for title in tickets]
    noun = "the ticket" if len(titles) == 1 else "the tickets"
    return f"in {noun} {first_named(titles, _TICKETS_NAMED)}"


def newly_quoted_sentence(
    before: Iterable[Remark],
    after: Iterable[Remark],
    tickets: Mapping[WorksheetRow, Sequence[str]],
) -> str:
    """Say where rows are quoted that were not quoted before; the first of them by their texts."""
    quoted_before = {remark.cells for remark in before}
    parts: list[str] = []
    for remark in after:
        place = remark.cells[0].place
        if remark.cells in quoted_before or place is None:
            continue
        row = WorksheetRow(remark.cells[0].worksheet, place.row + 1)
        text = line_shortened(remark.text, max_characters=_TEXT_MAX_CHARACTERS)
        parts.append(f"“{text}” is quoted {quoted_words(tickets.get(row, ()))}")
    more = f"; {len(parts) - _ROWS_NAMED} more rows are quoted" if len(parts) > _ROWS_NAMED else ""
    return f"{'; '.join(parts[:_ROWS_NAMED])}{more}." if parts else ""

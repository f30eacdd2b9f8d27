"""Workbooks that people filled in, whatever program saved them.

Belongs here: their bytes to rows, with the reader of the sheets. Does not: what the columns mean
(`review/questions`), files of a specification (`sessions/upload`).
"""

from jira_pipeline.model.findings import Severity
from jira_pipeline.review.cells import (
    CELL_MAX_CHARACTERS,
    FILLED_MAX_BYTES,
    FilledTable,
    cell_filled_in,
    column_key,
    unusable,
)


def read_filled_table(content: bytes, *, name: str) -> FilledTable:
    """Read the first worksheet of a workbook that shows something.

    Raises:
        InputError: It is too large, or damaged.
    """
    from jira_pipeline.sources.sheets.reading.limits import (  # noqa: PLC0415 - few commands read one
        ReadingLimits,
    )
    from jira_pipeline.sources.sheets.reading.workbooks import (  # noqa: PLC0415 - as above
        read_first_worksheet,
    )

    if len(content) > FILLED_MAX_BYTES:
        raise unusable(name, f"it has {len(content):,} bytes; {FILLED_MAX_BYTES:,} are allowed")
    limits = ReadingLimits(file_max_bytes=FILLED_MAX_BYTES, cell_max_characters=CELL_MAX_CHARACTERS)
    reading = read_first_worksheet(content, file=name, limits=limits)
    for finding in reading.findings:
        if finding.severity is Severity.ERROR:
            place = f"line {finding.line}: " if finding.line is not None else ""
            raise unusable(name, f"{place}{finding.message.removesuffix('.')}")
    keys = [column_key(column) for column in reading.columns]
    return FilledTable(
        name=name,
        rows=tuple(
            (
                row.line,
                {
                    key: cell_filled_in(cell).strip()
                    for key, cell in zip(keys, row.cells, strict=True)
                },
            )
            for row in reading.rows
            if any(row.cells)
        ),
        columns=frozenset(keys),
    )

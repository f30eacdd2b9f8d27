"""Files that people filled in, whatever program saved them.

Belongs here: their bytes to rows, with the reader of the sheets. Does not: what the columns mean
(`review/questions`), files of a specification (`flow/upload`).
"""

from jira_pipeline.kernel.findings import Severity
from jira_pipeline.review.cells import (
    CELL_MAX_CHARACTERS,
    CSV_MAX_BYTES,
    FilledTable,
    cell_filled_in,
    column_key,
    unusable,
)

_ASSUMED = "encoding_assumed"
"""Code of the finding about a file in an encoding that only its letters show."""


def read_filled_table(content: bytes, *, name: str) -> FilledTable:
    """Read a CSV file, in the encoding and with the delimiter it has, or a workbook.

    Raises:
        InputError: It is too large, or damaged.
    """
    from jira_pipeline.sheets.reading.folders import (  # noqa: PLC0415 - few commands read one
        read_table,
    )
    from jira_pipeline.sheets.reading.limits import (  # noqa: PLC0415 - few commands read one
        ReadingLimits,
    )

    if len(content) > CSV_MAX_BYTES:
        raise unusable(name, f"it has {len(content):,} bytes; {CSV_MAX_BYTES:,} are allowed")
    limits = ReadingLimits(file_max_bytes=CSV_MAX_BYTES, cell_max_characters=CELL_MAX_CHARACTERS)
    reading = read_table(content, file=name, limits=limits)
    for finding in reading.findings:
        if finding.severity is Severity.ERROR:
            place = f"line {finding.line}: " if finding.line is not None else ""
            raise unusable(name, f"{place}{finding.message.removesuffix('.')}")
    keys = [column_key(column) for column in reading.columns]
    assumed = [f for f in reading.findings if f.code == _ASSUMED]
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
        remark=f"{name}: {assumed[0].message} It says “{assumed[0].value}”." if assumed else "",
    )

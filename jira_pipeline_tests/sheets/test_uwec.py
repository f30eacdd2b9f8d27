"""No cell of a real specification is lost; what it says is frozen by `golden`."""

from pathlib import Path

import pytest

from jira_pipeline.kernel.findings import Severity
from jira_pipeline.ports.specification import EntityReading
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files, read_folder

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
UWEC, BROKEN = SHARED / "uwec", SHARED / "uwec_broken"

pytestmark = pytest.mark.skipif(
    not UWEC.is_dir(), reason="the real specification is not part of the project"
)

REPLACED = {
    "UWEC_CustomViewsDisplays.csv": "UWEC_CustomViewsDisplays_BROKEN.csv",
    "UWEC_ResponsiveImageStyles.csv": "UWEC_ResponsiveImageStyles_BROKEN.csv",
}


@pytest.fixture(scope="module")
def uwec() -> EntityReading:
    return read_entities(read_folder(UWEC).tables)


def test_no_cell_is_lost_or_changed(uwec: EntityReading) -> None:
    tables = {table.file.name: table for table in read_folder(UWEC).tables}

    read = {(e.source.file, e.source.line): tuple(e.cells.values()) for e in uwec.entities}

    expected = {
        (name, row.line): tuple("" if cell == "#N/A" else cell for cell in row.cells)
        for name, table in tables.items()
        for row in table.rows
    }
    assert read == expected


def test_blanked_reference_columns_are_exactly_fifty_errors() -> None:
    names = [path.name for path in UWEC.glob("*.csv") if path.name not in REPLACED]
    files = {name: (UWEC / name).read_bytes() for name in names}
    files |= {name: (BROKEN / name).read_bytes() for name in REPLACED.values()}

    reading = read_files(files)
    errors = [
        (finding.file, finding.line, finding.column)
        for finding in (*reading.findings, *read_entities(reading.tables).findings)
        if finding.severity is Severity.ERROR
    ]

    assert errors == [
        *[("UWEC_CustomViewsDisplays_BROKEN.csv", line, "View ID") for line in range(2, 44)],
        *[
            ("UWEC_ResponsiveImageStyles_BROKEN.csv", line, "Fallback machine name")
            for line in (5, 6, 7, 8, 9, 10, 20, 21)
        ],
    ]

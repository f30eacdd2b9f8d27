"""A workbook is read like the CSV exports of its worksheets; what is not read of it is told."""

import datetime as dt
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter.workbook import Workbook

from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.source_tables import FolderReading
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.limits import ReadingLimits
from jira_pipeline.sheets.reading.workbooks import as_shown
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.sheets.made_readings import read_files, read_folder
from jira_pipeline_tests.sheets.made_workbooks import (
    changed_part,
    fill,
    open_document,
    open_row,
    workbook_of,
    workbook_of_folder,
    worksheet_of,
    written,
)
from jira_pipeline_tests.sheets.odd_workbooks import OLDER, TWO, TYPED
from jira_pipeline_tests.tables import each

EXAMPLE = CHECKOUT / "examples" / "uhrenmuseum"
HEADER = ["Name", "Machine name", "X", "Notes"]
ROLES = [HEADER, ["Keeper", "keeper", "a", ""]]
SHEET_1 = "xl/worksheets/sheet1.xml"


def read(content: bytes, *, suffix: str = ".xlsx", **limits: int) -> FolderReading:
    return read_files({f"Spec{suffix}": content}, limits=ReadingLimits(**limits))


def noted(write_note: object) -> bytes:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, ROLES)
        write_note(workbook, worksheet)  # type: ignore[operator] # a lambda of tests

    return written(write)


def findings_of(reading: FolderReading) -> list[tuple[Severity, str | None, str]]:
    return [(f.severity, f.file, f.code) for f in reading.findings]


def only(reading: FolderReading, code: str) -> Finding:
    (finding,) = [finding for finding in reading.findings if finding.code == code]
    return finding


def test_a_workbook_holds_the_same_sheets_as_the_folder_of_its_exports() -> None:
    of_files = read_folder(EXAMPLE)
    of_workbook = read(workbook_of_folder(EXAMPLE))

    rows = [[(r.record, r.cells) for r in table.rows] for table in of_files.tables]
    assert [[(r.record, r.cells) for r in table.rows] for table in of_workbook.tables] == rows
    assert [table.columns for table in of_workbook.tables] == [t.columns for t in of_files.tables]
    assert [table.file.name for table in of_workbook.tables] == [
        f"Spec.xlsx:{worksheet_of(table.file.name)}" for table in of_files.tables
    ]
    assert [(e.key, e.status, e.cells) for e in read_entities(of_workbook.tables).entities] == [
        (e.key, e.status, e.cells) for e in read_entities(of_files.tables).entities
    ]


@each(
    ("value", "code", "shown"),
    [
        (1.0, "General", "1"),
        (0.1 + 0.2, "General", "0.3"),
        (123456789012.0, "General", "123456789012"),
        (-2.0, "0", "-2"),
        (2.5, "0", "3"),
        (1234.5, "#,##0.00", "1,234.50"),
        (1234.0, "#,##0_);(#,##0)", "1,234"),
        (0.22, "0%", "22%"),
        (0.125, "[$-409]0.0%", "12.5%"),
        (7.0, "000", None),
        (-3.0, "0;(0)", None),
        (1234.5, '#,##0.00 "€"', None),
        (1.5, "# ?/?", None),
        (1e-9, "0.00E+00", None),
        (5.0, '0" days"', None),
        (3.0, "[>2]0", None),
        (True, "General", "TRUE"),
        (False, "General", "FALSE"),
        (dt.date(2026, 11, 20), "d mmmm yyyy", "2026-11-20"),
        (dt.datetime(2026, 11, 20), "yyyy-mm-dd", "2026-11-20"),  # noqa: DTZ001 - sheets have no zones
        (dt.datetime(2026, 11, 20, 12, 30), "General", "2026-11-20 12:30"),  # noqa: DTZ001 - as above
        (dt.time(12, 30, 5), "h:mm:ss", "12:30:05"),
        (dt.timedelta(hours=42), "[h]:mm", "42:00"),
        ("12", "0%", "12"),
        ("12", "@", "12"),
        ("12", '@" px"', None),
        ("12", ";;;", None),
        ("x", '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', "x"),
    ],
)
def test_a_value_is_shown_under_its_format_or_nothing_is_claimed(
    value: float | str | dt.date | dt.time | dt.timedelta, code: str, shown: str | None
) -> None:
    assert as_shown(value, code) == shown


def test_left_over_styles_and_blank_rows_and_columns_are_no_error() -> None:
    """A small workbook had 60,000 of them; one format for the whole sheet gives 16,384 columns and all rows."""
    content = changed_part(
        workbook_of({"Roles": ROLES}),
        "xl/styles.xml",
        lambda text: text.replace("<cellStyles", "<!--" + " " * 10_000_000 + "--><cellStyles", 1),
    )
    blank = "".join(f'<c r="{a}{b}{c}1" s="0"/>' for a in "AB" for b in "AB" for c in "AB")
    wide = changed_part(
        content,
        SHEET_1,
        lambda text: text.replace("</c></row>", f'</c>{blank}<c r="XFD1"/></row>', 1).replace(
            "</sheetData>", '<row r="1048576"><c r="E1048576" s="0"/></row></sheetData>'
        ),
    )

    assert read(wide).findings == ()


def test_a_workbook_that_unpacks_to_more_than_its_limit_is_refused() -> None:
    content = changed_part(
        workbook_of({"Roles": ROLES}),
        "xl/sharedStrings.xml",
        lambda text: text.replace("<sst", "<sst" + " " * 51_000_000, 1),
    )

    assert "unpacks to more than" in only(read(content), "workbook_unreadable").message


def test_a_text_that_many_cells_share_counts_once_for_each() -> None:
    """A listed text of 40 kB in 100 cells is 4 MB for whoever writes the tables."""
    rows = [HEADER, *([f"Role {n}", f"role_{n}", "a", "x" * 30_000] for n in range(100))]

    reading = read(workbook_of({"Roles": rows}))

    assert findings_of(reading) == [(Severity.ERROR, "Spec.xlsx:Roles", "file_too_large")]


def test_rows_and_columns_have_the_limits_of_a_sheet() -> None:
    rows = [HEADER, *([f"Role {n}", f"role_{n}", "a", ""] for n in range(12))]
    wide = [[*HEADER, *[""] * 10, "far out"], ROLES[1]]

    too_long = read(workbook_of({"Roles": rows}), rows_max_count=10)
    too_wide = read(workbook_of({"Roles": wide}), columns_max_count=10)

    assert (only(too_long, "too_many_rows").line, len(too_long.tables[0].rows)) == (11, 9)
    assert "Cell O1" in only(too_wide, "too_many_columns").message


@each(
    ("make", "suffix"),
    [
        (lambda: noted(lambda _, sheet: sheet.write_string(1_048_575, 3, "far")), ".xlsx"),
        (
            lambda: open_document(
                open_row(*HEADER),
                open_row(
                    TYPED.format("float", 1, ' table:number-columns-repeated="16384"', "1"),
                    attributes='table:number-rows-repeated="1000000"',
                ),
            ),
            ".ods",
        ),
    ],
    ids=["a cell far from the others", "one cell repeated"],
)
def test_more_cells_than_are_read_are_refused_before_they_take_memory(
    make: Callable[[], bytes], suffix: str
) -> None:
    """The first takes a second to make: not when tests are collected, by each worker."""
    reading = read(make(), suffix=suffix)

    assert "more than 2,000,000" in only(reading, "workbook_unreadable").message


def test_more_worksheets_than_are_read_are_refused() -> None:
    content = workbook_of({f"Sheet {n}": ROLES for n in range(201)})

    assert "more than 200 worksheets" in only(read(content), "workbook_unreadable").message


@each(
    ("content", "suffix"),
    [
        (TWO, ".xlsx"),
        (open_document(open_row(*HEADER), open_row("Keeper", "keeper", "a", "x")), ".ods"),
        (OLDER, ".xls"),
    ],
    ids=["xlsx", "ods", "xls"],
)
def test_cuts_and_flipped_bytes_never_raise(content: bytes, suffix: str) -> None:
    for end in range(0, len(content) - 1, 97):
        read(content[:end], suffix=suffix)
    for position in range(0, len(content), 13 if IS_LONG else 91):
        flipped = struct.pack("B", content[position] ^ 0xFF)
        read(content[:position] + flipped + content[position + 1 :], suffix=suffix)


def test_a_fault_of_the_library_is_damage_of_the_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    """A panic in Rust is no Exception, and would end the program."""
    panic = type("PanicException", (BaseException,), {})

    def fail(_: object) -> CalamineWorkbook:
        raise panic

    monkeypatch.setattr(
        "jira_pipeline.sheets.reading.workbooks.CalamineWorkbook",
        type("_", (), {"from_filelike": fail}),
    )

    assert (
        only(read(workbook_of({"Roles": ROLES})), "workbook_unreadable").severity is Severity.ERROR
    )


def test_a_folder_with_a_workbook_and_the_lock_of_a_program_is_read(tmp_path: Path) -> None:
    (tmp_path / "Spec.XLSX").write_bytes(workbook_of({"Roles": ROLES}))
    (tmp_path / "~$Spec.XLSX").write_bytes(b"locked")

    of_folder, of_file = read_folder(tmp_path), read_folder(tmp_path / "Spec.XLSX")

    assert [table.file.name for table in of_folder.tables] == ["Spec.XLSX:Roles"]
    assert of_folder.findings == ()
    assert of_file == of_folder
    assert of_folder.tables[0].file.file_name == "Spec.XLSX"


@each("name", ["Spec.xlsx:Roles.csv", "Spec.ods:Roles.csv"])
def test_a_file_that_is_called_like_a_worksheet_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"Name,Machine name\nKeeper,keeper\n")

    assert (name, "file_name_invalid") in [(f.file, f.code) for f in read_folder(tmp_path).findings]

"""A workbook is read like the CSV exports of its worksheets; what is not read of it is told."""

import datetime as dt
import struct
from collections.abc import Callable
from pathlib import Path

from xlsxwriter.workbook import Workbook

from jira_pipeline.kernel.entities import FolderReading, SourceTable
from jira_pipeline.kernel.findings import Finding, Severity
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files, read_folder
from jira_pipeline.sheets.reading.limits import ReadingLimits
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.sheets.made_workbooks import (
    changed_part,
    fill,
    workbook_of,
    workbook_of_folder,
    worksheet_of,
    written,
)
from jira_pipeline_tests.tables import each

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "uhrenmuseum"
ROLES = [["Name", "Machine name", "X", "Notes"], ["Keeper", "keeper", "a", ""]]
STYLES = [["Style name", "Machine name", "X", "Notes"], ["Tiny", "tiny", "a", ""]]
SHEET_1 = "xl/worksheets/sheet1.xml"


def read(content: bytes, **limits: int) -> FolderReading:
    return read_files({"Spec.xlsx": content}, limits=ReadingLimits(**limits))


def only_table(content: bytes) -> SourceTable:
    (table,) = read(content).tables
    return table


def notes_of(write: Callable[[Workbook], None], **options: object) -> list[str]:
    """Read the cells of column Notes of a sheet of roles that `write` fills from row 2 on."""

    def whole(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, ROLES[:1])
        for row in range(1, 30):
            fill_row = [f"Role {row}", f"role_{row}", "a"]
            for column, text in enumerate(fill_row):
                worksheet.write_string(row, column, text)
        write(workbook)

    return [row.cells[3] for row in only_table(written(whole, options)).rows if row.cells[3]]


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
    assert [entity.key for entity in read_entities(of_workbook.tables).entities] == [
        entity.key for entity in read_entities(of_files.tables).entities
    ]


def test_cells_are_read_as_they_are_shown() -> None:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.worksheets()[0]
        noon = dt.datetime(2026, 11, 20, 12, 30)  # noqa: DTZ001 - sheets have no zones
        shown = [
            (1, "General"),
            (0.5, "General"),
            (0.1 + 0.2, "General"),
            (123456789012, "General"),
            (7, "000"),
            (0.125, "0.0%"),
            (1234.5, '#,##0.00 "€"'),
            (-3, "0;(0)"),
            (1e-9, "0.00E+00"),
            (1.5, "# ?/?"),
            (1.75, "[h]:mm"),
        ]
        for row, (number, code) in enumerate(shown, start=1):
            worksheet.write_number(row, 3, number, workbook.add_format({"num_format": code}))
        worksheet.write_boolean(12, 3, True)  # noqa: FBT003 - as the library takes it
        worksheet.write_boolean(13, 3, False)  # noqa: FBT003 - as above
        worksheet.write_string(14, 3, "007")
        for row, code in enumerate(["yyyy-mm-dd", "d mmmm yyyy", "h:mm AM/PM"], start=15):
            worksheet.write_datetime(row, 3, noon, workbook.add_format({"num_format": code}))
        worksheet.write_rich_string(18, 3, "plain ", workbook.add_format({"bold": True}), "bold")
        worksheet.write_string(19, 3, "12", workbook.add_format({"num_format": '@" px"'}))
        worksheet.write_string(20, 3, "_x000D_ and \t tab")

    assert notes_of(write) == [
        "1",
        "0.5",
        "0.3",
        "123456789012",
        "007",
        "12.5%",
        "1,234.50 €",
        "(3)",
        "1.00E-09",
        "1.5",
        "42:00",
        "TRUE",
        "FALSE",
        "007",
        "2026-11-20",
        "20 November 2026",
        "12:30 PM",
        "plain bold",
        "12 px",
        "_x000D_ and \t tab",
    ]


def test_workbooks_that_count_from_1904_show_the_same_dates() -> None:
    def write(workbook: Workbook) -> None:
        day = dt.date(2026, 11, 20)
        code = workbook.add_format({"num_format": "yyyy-mm-dd"})
        workbook.worksheets()[0].write_datetime(1, 3, day, code)

    assert notes_of(write) == notes_of(write, date_1904=True) == ["2026-11-20"]


def test_texts_inside_the_worksheet_are_read_like_listed_ones() -> None:
    def write(workbook: Workbook) -> None:
        workbook.worksheets()[0].write_string(29, 3, "inside")

    assert notes_of(write, constant_memory=True) == ["inside"]


def test_a_formula_counts_by_its_stored_result() -> None:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.worksheets()[0]
        worksheet.write_formula(1, 3, '="a"&"b"', None, "ab")
        worksheet.write_formula(2, 3, "=1+1", None, 2)
        worksheet.write_formula(3, 3, "=TRUE()", None, True)  # noqa: FBT003 - the result

    assert notes_of(write) == ["ab", "2", "TRUE"]


@each("error", ["#N/A", "#REF!", "#NUM!", "#SPILL!"])
def test_a_cell_with_an_error_is_reported_and_read_as_blank(error: str) -> None:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, ROLES)
        worksheet.write_formula(1, 3, "=NA()", None, error)

    table = only_table(written(write))
    reading = read_entities([table])

    (finding,) = reading.findings
    assert (finding.code, finding.value, finding.column) == ("error_value", error, "Notes")
    assert reading.entities[0].cell("Notes") == ""


def test_a_document_type_is_refused_before_anything_expands() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    content = changed_part(
        workbook_of({"Roles": ROLES}),
        "xl/sharedStrings.xml",
        lambda text: text.replace("<sst", f"{bomb}<sst", 1).replace("<t>Name", "<t>&b;"),
    )

    assert "document type" in only(read(content), "workbook_unreadable").message


def test_a_workbook_that_unpacks_to_more_than_its_limit_is_refused() -> None:
    content = changed_part(
        workbook_of({"Roles": ROLES}),
        "xl/sharedStrings.xml",
        lambda text: text.replace("<sst", "<sst" + " " * 2_000_000, 1),
    )

    finding = only(read(content), "workbook_unreadable")

    assert "unpacked" in finding.message
    assert len(content) < 20_000


def test_a_text_that_many_cells_share_counts_once_for_each() -> None:
    """A listed text of 40 kB in 100 cells is 4 MB for whoever writes the tables."""
    rows = [ROLES[0], *([f"Role {n}", f"role_{n}", "a", "x" * 30_000] for n in range(100))]
    content = workbook_of({"Roles": rows})

    reading = read(content)

    assert len(content) < 30_000
    assert findings_of(reading) == [(Severity.ERROR, "Spec.xlsx:Roles", "file_too_large")]


def test_rows_and_columns_have_the_limits_of_a_sheet() -> None:
    rows = [ROLES[0], *([f"Role {n}", f"role_{n}", "a", ""] for n in range(12))]
    wide = [[*ROLES[0], *[""] * 10, "far out"], ROLES[1]]

    too_long = read(workbook_of({"Roles": rows}), rows_max_count=10)
    too_wide = read(workbook_of({"Roles": wide}), columns_max_count=10)

    assert (only(too_long, "too_many_rows").line, len(too_long.tables[0].rows)) == (12, 10)
    assert "Cell O1" in only(too_wide, "too_many_columns").message


@each(
    ("old", "new"),
    [
        ('<row r="2"', '<row r="1"'),
        ('r="B2"', 'r="A2"'),
        ('r="B2"', 'r="B0x"'),
        ("<v>0</v>", "<v>99</v>"),
        ("<v>0</v>", "<v>-1</v>"),
        ('t="s"', 't="z"'),
        ("</sheetData>", ""),
        *(("UTF-8", name) for name in ("utf-7", "rot13", "undefined", "punycode", "none such")),
    ],
)
def test_a_damaged_worksheet_is_an_error_and_the_others_are_read(old: str, new: str) -> None:
    """Python's codecs raised over some encodings, and one workbook stopped the whole inbox."""
    content = workbook_of({"Roles": ROLES, "Styles": STYLES})
    damaged = changed_part(content, SHEET_1, lambda text: text.replace(old, new, 1))

    reading = read(damaged)

    assert findings_of(reading) == [(Severity.ERROR, "Spec.xlsx:Roles", "workbook_unreadable")]
    assert [table.file.name for table in reading.tables] == ["Spec.xlsx:Styles"]


def test_every_cut_of_a_workbook_is_an_error_and_never_raises() -> None:
    content = workbook_of({"Roles": ROLES, "Styles": STYLES})

    for end in range(0, len(content), 97):
        reading = read(content[:end])

        assert Severity.ERROR in {finding.severity for finding in reading.findings}


def test_flipped_bytes_never_raise() -> None:
    content = bytearray(workbook_of({"Roles": ROLES, "Styles": STYLES}))

    for position in range(0, len(content), 13 if IS_LONG else 91):
        flipped = bytes(content[:position] + struct.pack("B", content[position] ^ 0xFF))
        read(flipped + bytes(content[position + 1 :]))


def test_a_folder_with_a_workbook_and_the_lock_of_a_program_is_read(tmp_path: Path) -> None:
    (tmp_path / "Spec.XLSX").write_bytes(workbook_of({"Roles": ROLES}))
    (tmp_path / "~$Spec.XLSX").write_bytes(b"locked")

    of_folder, of_file = read_folder(tmp_path), read_folder(tmp_path / "Spec.XLSX")

    assert [table.file.name for table in of_folder.tables] == ["Spec.XLSX:Roles"]
    assert of_folder.findings == ()
    assert of_file == of_folder
    assert of_folder.tables[0].file.file_name == "Spec.XLSX"


def test_a_file_that_is_called_like_a_worksheet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Spec.xlsx:Roles.csv").write_bytes(b"Name,Machine name\nKeeper,keeper\n")

    assert ("Spec.xlsx:Roles.csv", "file_name_invalid") in [
        (f.file, f.code) for f in read_folder(tmp_path).findings
    ]

"""A workbook is read like the CSV exports of its worksheets; what is not read of it is told."""

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from jira_pipeline.kernel.entities import EntityKind, FolderReading, SourceTable
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
    written_by_openpyxl,
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


def test_a_finding_names_workbook_worksheet_row_and_column() -> None:
    rows = [*ROLES, ["", "", "", ""], ["Guest", "9guest", "a", ""]]

    table = only_table(workbook_of({"User Roles": rows}))
    (finding,) = read_entities([table]).findings

    assert (finding.code, finding.line) == ("machine_name_invalid", 4)
    assert finding.place == "Spec.xlsx:User Roles, line 4, column Machine name"


def test_rows_keep_the_numbers_they_have_beside_the_sheet() -> None:
    rows = [
        ROLES[0],
        ["Keeper", "keeper", "a", "two\nlines"],
        [""] * 4,
        ["Guest", "guest", "a", ""],
    ]

    table = only_table(workbook_of({"Roles": rows}))

    assert [(row.line, row.record) for row in table.rows] == [(2, 2), (4, 4)]
    assert table.rows[0].cells[3] == "two\nlines"


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


def test_a_formula_without_a_result_is_an_error_that_names_the_cell() -> None:
    content = workbook_of({"Roles": [*ROLES, ["Guest", "guest", "a", "x"]]})
    without = changed_part(
        content,
        SHEET_1,
        lambda text: text.replace(
            '<c r="D3" t="s"><v>', '<c r="D3"><f>1+1</f></c><c r="E3" t="s"><v>'
        ),
    )

    finding = only(read(without), "formula_not_computed")

    assert (finding.severity, finding.file, finding.line, finding.column) == (
        Severity.ERROR,
        "Spec.xlsx:Roles",
        3,
        "Notes",
    )
    assert "Cell D3" in finding.message


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


def test_hidden_worksheets_are_not_read_and_reported() -> None:
    def write(workbook: Workbook) -> None:
        fill(workbook.add_worksheet("Roles"), ROLES)
        for name, rows in {"Old styles": STYLES, "Lists": [["Colours"], ["brown"]]}.items():
            worksheet = workbook.add_worksheet(name)
            fill(worksheet, rows)
            worksheet.hide()
        workbook.get_worksheet_by_name("Lists").very_hidden()

    reading = read(written(write))

    assert [table.file.name for table in reading.tables] == ["Spec.xlsx:Roles"]
    assert findings_of(reading) == [
        (Severity.WARNING, "Spec.xlsx:Old styles", "worksheet_hidden"),
        (Severity.INFO, "Spec.xlsx:Lists", "worksheet_hidden"),
    ]


def test_covers_charts_and_empty_worksheets_do_not_stop_the_upload() -> None:
    cover = [
        ["This workbook is the specification of the web site of the museum, and more than that."]
    ]

    def write(workbook: Workbook) -> None:
        fill(workbook.add_worksheet("Cover"), cover)
        fill(workbook.add_worksheet("Roles"), ROLES)
        workbook.add_worksheet("Sheet 3")
        workbook.add_chartsheet("Progress").set_chart(workbook.add_chart({"type": "pie"}))
        workbook.worksheets()[-1].chart.add_series({"values": "=Roles!$A$1:$A$2"})

    reading = read(written(write))

    assert [table.file.name for table in reading.tables] == ["Spec.xlsx:Roles"]
    assert findings_of(reading) == [
        (Severity.WARNING, "Spec.xlsx:Cover", "worksheet_ignored"),
        (Severity.INFO, "Spec.xlsx:Progress", "worksheet_ignored"),
        (Severity.INFO, "Spec.xlsx:Sheet 3", "worksheet_ignored"),
    ]


def test_the_name_of_the_workbook_does_not_choose_the_sheet() -> None:
    content = workbook_of(
        {"Styles": [["View name", "Style name", "Machine name"], ["B", "B", "b"]]}
    )
    as_image = workbook_of(
        {"Image styles": [["View name", "Style name", "Machine name"], ["B", "B", "b"]]}
    )

    named = read_files({"Image styles.xlsx": content})

    assert [t.file.sheet for t in named.tables] == [EntityKind.VIEW]
    assert [t.file.sheet for t in read(as_image).tables] == [EntityKind.IMAGE_STYLE]


def test_merged_cells_are_reported_where_they_leave_rows_blank() -> None:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, [*ROLES, ["", "", "", ""], ["Guest", "guest", "a", ""]])
        worksheet.merge_range("D2:D4", "both")
        worksheet.merge_range("A3:C3", "a title across")

    finding = only(read(written(write)), "cells_merged")

    assert (finding.line, finding.column, finding.value) == (2, "Notes", "both")
    assert "D2:D4" in finding.message


def test_hidden_rows_are_read_and_reported() -> None:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, [*ROLES, ["Guest", "guest", "a", ""]])
        worksheet.set_row(2, None, None, {"hidden": True})

    reading = read(written(write))

    assert [row.cells[0] for row in reading.tables[0].rows] == ["Keeper", "Guest"]
    assert findings_of(reading) == [(Severity.INFO, "Spec.xlsx:Roles", "rows_hidden")]


def test_hidden_columns_that_hold_something_are_read_and_reported() -> None:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, [ROLES[0], ["Keeper", "keeper", "a", "never shown"]])
        worksheet.set_column(3, 3, None, None, {"hidden": True})
        worksheet.set_column(10, 12, None, None, {"hidden": True})

    reading = read(written(write))

    assert reading.tables[0].rows[0].cells[3] == "never shown"
    assert findings_of(reading) == [(Severity.INFO, "Spec.xlsx:Roles", "columns_hidden")]
    assert "1 column(s)" in only(reading, "columns_hidden").message


def roles_with(change: Callable[[Workbook, Worksheet], None], *, count: int = 1) -> FolderReading:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(
            worksheet, [ROLES[0], *([f"Role {n}", f"role_{n}", "a", "note"] for n in range(count))]
        )
        change(workbook, worksheet)

    return read(written(write))


def test_a_comment_is_reported_with_its_text() -> None:
    """Nothing of it reached anybody: “not approved yet” was read by nobody."""
    reading = roles_with(lambda _, sheet: sheet.write_comment("B2", "not approved yet"))

    finding = only(reading, "cell_comment")
    assert (finding.severity, finding.line, finding.column, finding.value) == (
        Severity.WARNING,
        2,
        "Machine name",
        "not approved yet",
    )


def test_many_comments_are_one_finding_that_names_the_cells() -> None:
    def comment(_: Workbook, worksheet: Worksheet) -> None:
        for row in range(1, 31):
            worksheet.write_comment(row, 3, "?")

    finding = only(roles_with(comment, count=30), "cell_comment")

    assert finding.message.startswith("30 cells have comments, which are not read: D2, D3,")
    assert finding.message.endswith("D21 and 10 more.")


def test_text_that_is_struck_through_is_reported_once_for_each_row() -> None:
    def strike(workbook: Workbook, worksheet: Worksheet) -> None:
        struck = workbook.add_format({"font_strikeout": True})
        worksheet.write_string("A2", "Role 0", struck)
        worksheet.write_string("B2", "role_0", struck)
        worksheet.write_rich_string("D3", "keep ", struck, "drop")
        worksheet.write_blank("D4", None, struck)

    reading = roles_with(strike, count=3)

    found = [f for f in reading.findings if f.code == "text_struck"]
    assert [(f.severity, f.line, f.value) for f in found] == [
        (Severity.WARNING, 2, "Role 0"),
        (Severity.WARNING, 3, "keep drop"),
    ]
    assert "A2, B2" in found[0].message


def test_a_struck_row_that_says_delete_is_in_order() -> None:
    def strike(workbook: Workbook, worksheet: Worksheet) -> None:
        worksheet.write_string("A2", "Role 0", workbook.add_format({"font_strikeout": True}))
        worksheet.write_string("C2", "d")

    assert roles_with(strike).findings == ()


def test_runs_that_openpyxl_strikes_through_are_reported() -> None:
    """It keeps rich text in the cell itself, not in the list of texts."""

    def write(workbook: openpyxl.Workbook) -> None:
        worksheet = workbook.create_sheet("Roles")
        for cells in ROLES:
            worksheet.append(cells)
        struck = TextBlock(InlineFont(strike=True), "drop")
        worksheet["D2"] = CellRichText("keep ", struck)

    finding = only(read(written_by_openpyxl(write)), "text_struck")

    assert (finding.line, finding.column, finding.value) == (2, "Notes", "keep drop")


def test_a_date_that_each_computer_shows_otherwise_is_reported() -> None:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, ROLES)
        code = workbook.add_format({"num_format": 14})
        worksheet.write_datetime(1, 3, dt.date(2026, 2, 1), code)

    finding = only(read(written(write)), "date_by_computer")

    assert (finding.severity, finding.line, finding.column, finding.value) == (
        Severity.INFO,
        2,
        "Notes",
        "2/1/2026",
    )


def test_a_strict_workbook_with_its_own_dates_is_read() -> None:
    """ECMA-376 strict has other namespaces, and dates as `t="d"`."""
    content = workbook_of({"Roles": [*ROLES, ["Guest", "guest", "a", "x"]]})
    transitional = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strict = changed_part(
        content,
        SHEET_1,
        lambda text: text.replace(
            transitional, "http://purl.oclc.org/ooxml/spreadsheetml/main"
        ).replace(
            '<c r="D3" t="s"><v>', '<c r="D3" t="d"><v>2026-11-20T00:00:00</v></c><c r="E3"><v>'
        ),
    )

    assert [row.cells[3] for row in only_table(strict).rows] == ["", "46346"]


@each(
    ("content", "code", "words"),
    [
        (b"", "workbook_unreadable", "no zip container"),
        (b"Name,Machine name\n", "workbook_unreadable", "no zip container"),
        (b"\xd0\xcf\x11\xe0 an older workbook", "file_is_workbook", ".xls,"),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "workbook_protected",
            "password",
        ),
    ],
    ids=["nothing", "a CSV file", "an .xls file", "under a password"],
)
def test_what_is_no_workbook_is_refused_with_a_next_step(
    content: bytes, code: str, words: str
) -> None:
    reading = read(content)

    finding = only(reading, code)
    assert reading.tables == ()
    assert (finding.severity, finding.file) == (Severity.ERROR, "Spec.xlsx")
    assert words in finding.message
    assert finding.advice.endswith(".")


def test_a_workbook_of_another_program_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")

    assert findings_of(read(stream.getvalue())) == [
        (Severity.ERROR, "Spec.xlsx", "workbook_unreadable")
    ]


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

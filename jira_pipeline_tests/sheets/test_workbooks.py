"""A workbook is read like the CSV exports of its worksheets; what is not read of it is told."""

import datetime as dt
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from jira_pipeline.model.entities import FolderReading
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files, read_folder
from jira_pipeline.sheets.reading.limits import ReadingLimits
from jira_pipeline.sheets.reading.workbooks import as_shown
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.sheets.made_workbooks import (
    changed_part,
    fill,
    open_document,
    open_row,
    workbook_of,
    workbook_of_folder,
    worksheet_of,
    written,
    zipped_with,
)
from jira_pipeline_tests.tables import each

EXAMPLE = CHECKOUT / "examples" / "uhrenmuseum"
OLDER = Path(__file__).with_name("older.xls").read_bytes()
HEADER = ["Name", "Machine name", "X", "Notes"]
ROLES = [HEADER, ["Keeper", "keeper", "a", ""]]
STYLES = [["Style name", "Machine name", "X", "Notes"], ["Tiny", "tiny", "a", ""]]
SHEET_1 = "xl/worksheets/sheet1.xml"
NUMBER = '<table:table-cell office:value-type="{}" office:value="{}"{}><text:p>{}</text:p></table:table-cell>'


def read(content: bytes, *, suffix: str = ".xlsx", **limits: int) -> FolderReading:
    return read_files({f"Spec{suffix}": content}, limits=ReadingLimits(**limits))


def noted(write_note: object) -> bytes:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, ROLES)
        write_note(workbook, worksheet)  # type: ignore[operator] # a lambda of tests

    return written(write)


def notes_of(reading: FolderReading) -> list[str]:
    (table,) = reading.tables
    return [row.cells[3] for row in table.rows]


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


def test_a_percentage_is_read_as_it_is_shown_and_a_price_is_a_finding_with_its_cell() -> None:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, [HEADER, *([f"Role {n}", f"role_{n}", "a"] for n in range(4))])
        worksheet.write_number("D2", 0.22, workbook.add_format({"num_format": 9}))
        for cell in ("D3", "D5"):
            worksheet.write_number(cell, 1.5, workbook.add_format({"num_format": '0.00 "€"'}))

    reading = read(written(write))

    finding = only(reading, "number_format")
    assert notes_of(reading) == ["22%", "1.5", "", "1.5"]
    assert (finding.severity, finding.line, finding.column) == (Severity.WARNING, 3, "Notes")
    assert finding.message.startswith("D3, D5: ")


@each("suffix", [".ods", ".ODS"])
def test_an_open_document_shows_what_its_cells_show(suffix: str) -> None:
    content = open_document(
        open_row(*HEADER),
        open_row("A", "a", "a", NUMBER.format("percentage", 0.22, "", "22 %")),
        open_row("B", "b", "a", NUMBER.format("float", 7, "", "007")),
        open_row("C", "c", "a", NUMBER.format("currency", 1.5, "", "1,50 €")),
        open_row("D", "d", "a", '<table:table-cell table:number-columns-repeated="16380"/>'),
        '<table:table-row table:number-rows-repeated="1048571"/>',
    )

    reading = read(content, suffix=suffix)

    assert notes_of(reading) == ["22 %", "007", "1,50 €", ""]
    assert reading.findings == ()
    assert reading.tables[0].file.file_name == f"Spec{suffix}"


def test_what_an_open_document_says_of_its_cells_is_told() -> None:
    style = '<style:style style:name="s"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    content = open_document(
        open_row(*HEADER),
        open_row("A", "a", "a", '<table:table-cell table:formula="of:=1+1"/>'),
        open_row("B", "b", "a", "note", attributes='table:visibility="filter"'),
        open_row(
            "C",
            "c",
            '<table:table-cell office:value-type="string"><office:annotation><text:p>not yet</text:p>'
            "</office:annotation><text:p>a</text:p></table:table-cell>",
            '<table:table-cell office:value-type="string" table:style-name="s"><text:p>no</text:p></table:table-cell>',
        ),
        open_row("D", "d", "a", NUMBER.format("float", 1, ' table:number-rows-spanned="2"', "1")),
        styles=style,
    )

    reading = read(content, suffix=".ods")

    assert [(f.code, f.line, f.value) for f in reading.findings] == [
        ("formula_not_computed", 2, None),
        ("text_struck", 4, "no"),
        ("cell_comment", 4, "not yet"),
        ("cells_merged", 5, "1"),
        ("rows_hidden", None, None),
    ]


def test_an_older_workbook_is_read_and_what_is_not_known_of_its_numbers_told() -> None:
    reading = read(OLDER, suffix=".xls")

    assert notes_of(reading) == ["Zürich", "0.22", "2026-11-20"]
    assert [f.code for f in reading.findings] == ["workbook_older", "number_format"]
    assert only(reading, "number_format").message.startswith("D3: ")


@each("error", ["#N/A", "#DIV/0!", "#REF!", "#SPILL!"])
def test_a_cell_that_shows_an_error_is_cited_and_read_as_blank(error: str) -> None:
    content = noted(lambda _, sheet: sheet.write_formula(1, 3, "=NA()", None, error))

    reading = read_entities(read(content).tables)

    assert [(f.code, f.value, f.column) for f in reading.findings] == [
        ("error_value", error, "Notes")
    ]
    assert reading.entities[0].cell("Notes") == ""


def test_a_nought_of_a_writer_that_computes_nothing_is_no_result() -> None:
    """It stores 0 and asks whoever opens the workbook to compute."""
    content = noted(lambda _, sheet: sheet.write_formula(1, 3, "=1+1"))

    reading = read(content)

    assert only(reading, "formula_not_computed").line == 2
    assert notes_of(reading) == [""]


def test_a_nought_among_results_is_one() -> None:
    """A count of no terms stopped the upload: the program had asked to compute all anew."""

    def write(_: Workbook, sheet: Worksheet) -> None:
        sheet.write_formula(1, 3, "=1-1", None, 0)
        sheet.write_formula(1, 4, "=1+1", None, 2)

    reading = read(noted(write))

    assert "formula_not_computed" not in {finding.code for finding in reading.findings}


@each(
    "change", [lambda name: name.replace("/", "\\"), str.upper], ids=["backslashes", "letter case"]
)
def test_parts_are_found_as_other_programs_name_them(change: object) -> None:
    content = zipped_with(workbook_of({"Roles": ROLES}), rename=change)  # type: ignore[arg-type] # a lambda of tests

    assert [table.rows[0].cells[0] for table in read(content).tables] == ["Keeper"]


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

    assert (only(too_long, "too_many_rows").line, len(too_long.tables[0].rows)) == (12, 10)
    assert "Cell O1" in only(too_wide, "too_many_columns").message


@each(
    ("make", "suffix"),
    [
        (lambda: noted(lambda _, sheet: sheet.write_string(1_048_575, 3, "far")), ".xlsx"),
        (
            lambda: open_document(
                open_row(*HEADER),
                open_row(
                    NUMBER.format("float", 1, ' table:number-columns-repeated="16384"', "1"),
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
    ("old", "new"),
    [
        ('<row r="2"', '<row r="1"'),
        ('r="B2"', 'r="A2"'),
        ('r="B2"', 'r="B0x"'),
        ("</sheetData>", ""),
    ],
)
def test_a_damaged_worksheet_is_an_error(old: str, new: str) -> None:
    content = workbook_of({"Roles": ROLES, "Styles": STYLES})

    reading = read(changed_part(content, SHEET_1, lambda text: text.replace(old, new, 1)))

    assert [f.code for f in reading.findings] == ["workbook_unreadable"]
    assert reading.tables == ()


@each(
    ("content", "suffix"),
    [
        (workbook_of({"Roles": ROLES, "Styles": STYLES}), ".xlsx"),
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


STRING = '<table:table-cell office:value-type="string"{}><text:p>{}</text:p></table:table-cell>'
FAILED = ' table:formula="of:=[.A1]+1" office:string-value=""'
ODS_HEADER = open_row("Name", "Machine name", "X", "Notes")


@each("error", ["#DIV/0!", "#REF!", "Err:508", "#WERT!"])
@each("more", ["", ' calcext:value-type="error"'])
def test_an_error_of_an_open_document_is_the_finding_that_it_is_elsewhere(
    error: str, more: str
) -> None:
    """Its cell was blank, without a word."""
    cell = STRING.format(FAILED + more, error)

    reading = read(open_document(ODS_HEADER, open_row("Pilot", "pilot", "a", cell)), suffix=".ods")

    found = read_entities(reading.tables).findings
    assert [(f.code, f.line, f.column, f.value) for f in found] == [
        ("error_value", 2, "Notes", error)
    ]


def test_an_error_beyond_all_other_cells_is_found() -> None:
    far = open_row("Pilot", "pilot", "a", "", STRING.format(FAILED, "#N/A"))

    reading = read(open_document(ODS_HEADER, far), suffix=".ods")

    assert [f.column for f in reading.findings if f.code == "header_blank"] == ["Column 5"]


@each(
    ("inside", "text"),
    [
        ("one<text:line-break/>two", "one\ntwo"),
        ("one<text:tab/>two<text:line-break/>three", "one two\nthree"),
        ("<text:span>one</text:span><text:line-break/>two <text:span>three</text:span>", "one\ntwo three"),
        ("<text:span>one<text:line-break/>two</text:span> three", "one\ntwo three"),
        ("one<text:s/><text:a>two</text:a><text:tab/>three", "one two three"),
        ("one</text:p><text:p>two<text:line-break/>three", "one\ntwo\nthree"),
    ],
)  # fmt: skip
def test_breaks_in_a_text_of_an_open_document_are_read(inside: str, text: str) -> None:
    """“Crew (Vocabulary)Harbour (Content type)” was one name."""
    row = open_row("Pilot", "pilot", "a", STRING.format("", inside))

    assert notes_of(read(open_document(ODS_HEADER, row), suffix=".ods")) == [text]


def test_a_document_that_is_one_line_of_text_has_no_sheet() -> None:
    content = changed_part(open_document(ODS_HEADER), "content.xml", lambda _: "<s>one</s>")

    assert read(content, suffix=".ods").tables == ()

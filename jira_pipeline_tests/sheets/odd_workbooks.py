"""Workbooks that are odd in one way each: what they hide, mark, comment on, or leave uncomputed.

Belongs here: making them. Does not: what is read of each, which `golden` freezes;
limits, damage and whole workbooks (`test_workbooks`).
"""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from jira_pipeline_tests.sheets.made_workbooks import (
    changed_part,
    fill,
    open_document,
    open_row,
    workbook_of,
    written,
    written_by_openpyxl,
    zipped_with,
)

ROLES = [["Name", "Machine name", "X", "Notes"], ["Keeper", "keeper", "a", ""]]
GUEST = ["Guest", "guest", "a", ""]
BLANK = ["", "", "", ""]
STYLES = [["Style name", "Machine name", "X", "Notes"], ["Tiny", "tiny", "a", ""]]
BOTH = [["View name", "Style name", "Machine name"], ["B", "B", "b"]]
SHEET_1 = "xl/worksheets/sheet1.xml"
WITH_X = workbook_of({"Roles": [*ROLES, ["Guest", "guest", "a", "x"]]})
TWO = workbook_of({"Roles": ROLES, "Styles": STYLES})
OLDER = Path(__file__).with_name("older.xls").read_bytes()
Change = Callable[[Workbook, Worksheet], object]


def roles(change: Change, rows: Sequence[Sequence[str]] = ROLES) -> bytes:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, rows)
        change(workbook, worksheet)

    return written(write)


def some(count: int) -> list[list[str]]:
    return [ROLES[0], *([f"Role {n}", f"role_{n}", "a", "note"] for n in range(count))]


def beside_hidden(workbook: Workbook) -> None:
    fill(workbook.add_worksheet("Roles"), ROLES)
    for name, rows in {"Old styles": STYLES, "Lists": [["Colours"], ["brown"]]}.items():
        worksheet = workbook.add_worksheet(name)
        fill(worksheet, rows)
        worksheet.hide()
    workbook.get_worksheet_by_name("Lists").very_hidden()


def beside_covers(workbook: Workbook) -> None:
    cover = "This workbook is the specification of the web site of the museum, and more than that."
    fill(workbook.add_worksheet("Cover"), [[cover]])
    fill(workbook.add_worksheet("Roles"), ROLES)
    workbook.add_worksheet("Sheet 3")
    workbook.add_chartsheet("Progress").set_chart(workbook.add_chart({"type": "pie"}))
    workbook.worksheets()[-1].chart.add_series({"values": "=Roles!$A$1:$A$2"})


def merge(_: Workbook, worksheet: Worksheet) -> None:
    worksheet.merge_range("D2:D4", "both")
    worksheet.merge_range("A3:C3", "a title across")


def hide_columns(_: Workbook, worksheet: Worksheet) -> None:
    worksheet.set_column(3, 3, None, None, {"hidden": True})
    worksheet.set_column(10, 12, None, None, {"hidden": True})


def comment(_: Workbook, worksheet: Worksheet) -> None:
    for row in range(1, 31):
        worksheet.write_comment(row, 3, "?")


def link(_: Workbook, worksheet: Worksheet) -> None:
    """One place shows its address, one leads elsewhere in the workbook, two show words only."""
    worksheet.write_url("D2", "https://design.example.org/screens?node=4#top", string="Screen 4")
    worksheet.write_url("D3", "mailto:harbour@example.org", string="Ask harbour@example.org")
    worksheet.write_url("D4", "internal:Roles!A1", string="the first")
    worksheet.write_formula(
        "D5", '=HYPERLINK("https://design.example.org/5","Screen 5")', None, "Screen 5"
    )


def strike(workbook: Workbook, worksheet: Worksheet) -> None:
    struck = workbook.add_format({"font_strikeout": True})
    worksheet.write_string("A2", "Role 0", struck)
    worksheet.write_string("B2", "role_0", struck)
    worksheet.write_rich_string("D3", "keep ", struck, "drop")
    worksheet.write_blank("D4", None, struck)


def strike_what_goes(workbook: Workbook, worksheet: Worksheet) -> None:
    worksheet.write_string("A2", "Role 0", workbook.add_format({"font_strikeout": True}))
    worksheet.write_string("C2", "d")


def strike_runs(workbook: openpyxl.Workbook) -> None:
    """Strike as openpyxl does, in the cell itself and not in the list of texts."""
    worksheet = workbook.create_sheet("Roles")
    for cells in ROLES:
        worksheet.append(cells)
    worksheet["D2"] = CellRichText("keep ", TextBlock(InlineFont(strike=True), "drop"))


def write_a_day(workbook: Workbook, worksheet: Worksheet) -> None:
    code = workbook.add_format({"num_format": 14})
    worksheet.write_datetime(1, 3, dt.date(2026, 2, 1), code)


def show_formats(workbook: Workbook, worksheet: Worksheet) -> None:
    worksheet.write_number("D2", 0.22, workbook.add_format({"num_format": 9}))
    for cell in ("D3", "D5"):
        worksheet.write_number(cell, 1.5, workbook.add_format({"num_format": '0.00 "€"'}))


def compute_nought(_: Workbook, worksheet: Worksheet) -> None:
    worksheet.write_formula(1, 3, "=1-1", None, 0)
    worksheet.write_formula(1, 4, "=1+1", None, 2)


def expand(text: str) -> str:
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return text.replace("<sst", f"{bomb}<sst", 1).replace("<t>Name", "<t>&b;")


def showing(error: str) -> bytes:
    return roles(lambda _, sheet: sheet.write_formula(1, 3, "=NA()", None, error))


def damaged(old: str, new: str) -> bytes:
    return changed_part(TWO, SHEET_1, lambda text: text.replace(old, new, 1))


def in_part(*pairs: tuple[str, str]) -> bytes:
    """Make a workbook with other XML in its worksheet."""

    def change(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        return text

    return changed_part(WITH_X, SHEET_1, change)


def of_another_program() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return stream.getvalue()


WORKBOOKS: Mapping[str, bytes] = {
    "a finding names workbook, worksheet, row": workbook_of({"User Roles": [*ROLES, BLANK, ["Guest", "9guest", "a", ""]]}),
    "rows keep the numbers beside the sheet": workbook_of({"Roles": [ROLES[0], ["Keeper", "keeper", "a", "two\nlines"], BLANK, GUEST]}),
    "a formula without a result": in_part(('<c r="D3" t="s"><v>', '<c r="D3"><f>1+1</f></c><c r="E3" t="s"><v>')),
    "hidden worksheets": written(beside_hidden),
    "covers, charts and empty worksheets": written(beside_covers),
    "a worksheet is chosen by its own name": workbook_of({"Image styles": BOTH}),
    "merged cells that leave rows blank": roles(merge, [*ROLES, BLANK, GUEST]),
    "hidden rows": roles(lambda _, sheet: sheet.set_row(2, None, None, {"hidden": True}), [*ROLES, GUEST]),
    "hidden columns": roles(hide_columns, [ROLES[0], ["Keeper", "keeper", "a", "never shown"]]),
    "a comment": roles(lambda _, sheet: sheet.write_comment("B2", "not approved yet"), some(1)),
    "many comments": roles(comment, some(30)),
    # words were all that was read of it, and nobody was told
    "addresses behind words": roles(link, some(4)),
    "text that is struck through": roles(strike, some(3)),
    "a struck row that says delete": roles(strike_what_goes, some(1)),
    "runs that openpyxl strikes through": written_by_openpyxl(strike_runs),
    "a date that each computer shows otherwise": roles(write_a_day),
    "strict, with its own dates": in_part(
        ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        ('<c r="D3" t="s"><v>', '<c r="D3" t="d"><v>2026-11-20T00:00:00</v></c><c r="E3"><v>'),
    ),
    "nothing": b"",
    "a CSV file": b"Name,Machine name\n",
    "an .xls file": b"\xd0\xcf\x11\xe0 an older workbook",
    "under a password": b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
    "of another program": of_another_program(),
}  # fmt: skip

MARKS: Mapping[str, bytes] = {
    "a percentage is read as it is shown, and prices are one finding": roles(show_formats, some(4)),
    **{
        f"a cell that shows the error {error}": showing(error)
        for error in ("#N/A", "#DIV/0!", "#REF!", "#SPILL!")
    },
    # it stores 0 and asks whoever opens the workbook to compute
    "a nought of a writer that computes nothing": roles(
        lambda _, sheet: sheet.write_formula(1, 3, "=1+1")
    ),
    # a count of no terms stopped the upload: the program had asked to compute all anew
    "a nought among results is one": roles(compute_nought),
    "parts named with backslashes": zipped_with(TWO, rename=lambda name: name.replace("/", "\\")),
    "parts named in upper case": zipped_with(TWO, rename=str.upper),
    "a document type is refused before anything expands": changed_part(
        TWO, "xl/sharedStrings.xml", expand
    ),
    "a row twice": damaged('<row r="2"', '<row r="1"'),
    "a cell twice": damaged('r="B2"', 'r="A2"'),
    "a cell that is nowhere": damaged('r="B2"', 'r="B0x"'),
    "a worksheet without end": damaged("</sheetData>", ""),
}

HEADER = open_row(*ROLES[0])
TYPED = '<table:table-cell office:value-type="{}" office:value="{}"{}><text:p>{}</text:p></table:table-cell>'
STRING = '<table:table-cell office:value-type="string"{}><text:p>{}</text:p></table:table-cell>'
FAILED = ' table:formula="of:=[.A1]+1" office:string-value=""'
STRUCK = '<style:style style:name="s"><style:text-properties style:text-line-through-style="solid"/></style:style>'


def shown(*cells: str, styles: str = "") -> bytes:
    """Make an open document of roles; each of the cells is the note of one."""
    rows = (
        open_row(letter, letter.lower(), "a", cell)
        for letter, cell in zip("ABCDE", cells, strict=False)
    )
    return open_document(HEADER, *rows, styles=styles)


OPEN_DOCUMENTS: Mapping[str, bytes] = {
    "cells are what they show": open_document(
        *(HEADER, open_row("A", "a", "a", TYPED.format("percentage", 0.22, "", "22 %"))),
        open_row("B", "b", "a", TYPED.format("float", 7, "", "007")),
        open_row("C", "c", "a", TYPED.format("currency", 1.5, "", "1,50 €")),
        open_row("D", "d", "a", '<table:table-cell table:number-columns-repeated="16380"/>'),
        '<table:table-row table:number-rows-repeated="1048571"/>',
    ),
    "what it says of its cells is told": open_document(
        *(HEADER, open_row("A", "a", "a", '<table:table-cell table:formula="of:=1+1"/>')),
        open_row("B", "b", "a", "note", attributes='table:visibility="filter"'),
        open_row(
            *("C", "c"),
            '<table:table-cell office:value-type="string"><office:annotation><text:p>not yet</text:p>'
            "</office:annotation><text:p>a</text:p></table:table-cell>",
            STRING.format(' table:style-name="s"', "no"),
        ),
        open_row("D", "d", "a", TYPED.format("float", 1, ' table:number-rows-spanned="2"', "1")),
        styles=STRUCK,
    ),
    "an address behind words": shown(
        STRING.format("", '<text:a xlink:href="https://design.example.org/4">Screen 4</text:a>'),
        STRING.format("", '<text:a xlink:href="#Roles.A1">the first</text:a>'),
    ),
    # its cell was blank, without a word
    "errors of each program": shown(
        *(STRING.format(FAILED, e) for e in ("#DIV/0!", "#REF!", "Err:508", "#WERT!"))
    ),
    "errors that say that they are": shown(
        *(
            STRING.format(f'{FAILED} calcext:value-type="error"', e)
            for e in ("#DIV/0!", "#REF!", "Err:508", "#WERT!")
        )
    ),
    "an error beyond all other cells": open_document(
        HEADER, open_row("Pilot", "pilot", "a", "", STRING.format(FAILED, "#N/A"))
    ),
    # “Crew (Vocabulary)Harbour (Content type)” was one name
    **{
        f"breaks in a text: {number}": shown(STRING.format("", text))
        for number, text in enumerate(
            (
                "one<text:line-break/>two",
                "one<text:tab/>two<text:line-break/>three",
                "<text:span>one</text:span><text:line-break/>two <text:span>three</text:span>",
                "<text:span>one<text:line-break/>two</text:span> three",
                "one<text:s/><text:a>two</text:a><text:tab/>three",
                "one</text:p><text:p>two<text:line-break/>three",
            )
        )
    },
    "one line of text has no sheet": changed_part(
        open_document(HEADER), "content.xml", lambda _: "<s>one</s>"
    ),
}

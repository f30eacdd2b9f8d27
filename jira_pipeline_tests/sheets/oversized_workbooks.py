"""Small workbooks that stand for more than there is memory: what is repeated, shared or spanned.

Belongs here: such workbooks, by what is too much of them. Does not: what is read of large ones that
are sound (`test_workbooks`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jira_pipeline_tests.sheets.made_older_workbooks import (
    label,
    older_workbook,
    shared_text as older_shared_text,
    texts,
    workbook_stream,
)
from jira_pipeline_tests.sheets.made_workbooks import (
    changed_part,
    open_document,
    open_row,
    workbook_of,
)

HEADER = ("Role", "Machine name", "Description")
UNREADABLE = "workbook_unreadable"
TOO_LARGE = "file_too_large"
LONG_TEXT = "x" * 1_000
SHEET_PART = "xl/worksheets/sheet1.xml"
TEXTS_PART = "xl/sharedStrings.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Oversized:
    """A workbook, and the finding that refuses it."""

    make: Callable[[], bytes]
    suffix: str
    code: str = UNREADABLE


def ods(*rows: str) -> Oversized:
    return Oversized(make=lambda: open_document(open_row(*HEADER), *rows), suffix=".ods")


def ods_large(*rows: str) -> Oversized:
    content = lambda: open_document(open_row(*HEADER), *rows)  # noqa: E731 - made when it is used
    return Oversized(make=content, suffix=".ods", code=TOO_LARGE)


def cell(text: str = "x", *, columns: int = 1, attributes: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}" '
        f"{attributes}><text:p>{text}</text:p></table:table-cell>"
    )


def blank(attributes: str) -> str:
    return f"<table:table-cell {attributes}/>"


def rows(*cells: str, count: int) -> str:
    return open_row(*cells, attributes=f'table:number-rows-repeated="{count}"')


def spaces(count: int) -> str:
    return f'Clock<text:s text:c="{count}"/>x'


def worksheets(count: int) -> bytes:
    """Make worksheets of which each alone is small enough."""
    far = '<table:table-cell table:number-columns-repeated="998"/>'
    between = '</table:table><table:table table:name="{}">'
    made = [open_row(*HEADER)]
    for number in range(count):
        made += [between.format(f"Tab {number}"), rows(blank(""), count=1_900), open_row(far, "x")]
    return open_document(*made)


def with_last_cell(element: str) -> Oversized:
    """Make a worksheet of one row, and a cell in its last place that shows nothing."""
    content = lambda: changed_part(  # noqa: E731 - made when it is used
        workbook_of({"Roles": [HEADER]}),
        SHEET_PART,
        lambda text: text.replace("</sheetData>", f'<row r="1048576">{element}</row></sheetData>'),
    )
    return Oversized(make=content, suffix=".xlsx")


def shared_text() -> bytes:
    """Make 30,000 cells that share one text of 30,000 characters."""
    content = workbook_of({"Roles": [HEADER, *[["y"] * 20] * 1_500]})
    return changed_part(
        content, TEXTS_PART, lambda text: text.replace("<t>y</t>", f"<t>{'y' * 30_000}</t>")
    )


def many_texts() -> bytes:
    content = workbook_of({"Roles": [HEADER]})
    return changed_part(
        content, TEXTS_PART, lambda text: text.replace("</sst>", "<si/>" * 2_100_000 + "</sst>")
    )


FORMULA = 'table:formula="of:=1" table:number-columns-repeated="16384"'
LONG_FORMULA = f'table:formula="of:={LONG_TEXT}" office:value-type="float" office:value="1"'
NUMBER = 'office:value-type="float" office:value="1" table:number-columns-repeated="100"'


def xls(make: Callable[[], bytes]) -> Oversized:
    return Oversized(make=make, suffix=".xls")


HEAD_OF_ROLES = b"".join(label(0, column, text) for column, text in enumerate(HEADER))
CORNER = HEAD_OF_ROLES + label(65_535, 255, "x")
SHARED = texts("x" * 30_000)
OLDER = {
    "a cell in the last corner of an older worksheet": xls(
        lambda: older_workbook(workbook_stream(CORNER))
    ),
    "a text that many cells of an older workbook share": xls(
        lambda: older_workbook(
            workbook_stream(
                HEAD_OF_ROLES + b"".join(older_shared_text(row, 0, 0) for row in range(1, 9_000)),
                shared=SHARED,
            )
        )
    ),
    "worksheets that are the same part of an older workbook": xls(
        lambda: older_workbook(
            workbook_stream(
                HEAD_OF_ROLES + label(7_000, 250, "x"),
                names=[f"Roles {number}" for number in range(150)],
                is_one_part=True,
            )
        )
    ),
    "an older workbook whose sectors have no end": xls(
        lambda: older_workbook(workbook_stream(HEAD_OF_ROLES), is_endless=True)
    ),
}
OVERSIZED: Mapping[str, Oversized] = {
    "spaces that are counted": ods(open_row(cell(spaces(2_000_000_000)))),
    "many spaces that are counted": ods(open_row(cell(spaces(100_000) * 300))),
    "spaces in a repeated cell": ods(rows(cell(spaces(1_000), columns=1_000), count=100)),
    "a repeated text": ods(rows(cell(LONG_TEXT, columns=100), count=3_000)),
    "a repeated value that shows no text": ods(
        rows(
            blank(
                f'office:value-type="string" office:string-value="{LONG_TEXT}" '
                'table:number-columns-repeated="100"'
            ),
            count=3_000,
        )
    ),
    "a repeated formula": ods(rows(blank(FORMULA), count=200_000)),
    "the text of a repeated formula": ods(
        rows(blank(f'{LONG_FORMULA} table:number-columns-repeated="100"'), count=3_000)
    ),
    "repeated numbers": ods_large(rows(blank(NUMBER), count=19_000)),
    "repeated letters": ods_large(rows(cell(columns=100), count=19_000)),
    "repeated rows": ods(rows(cell(columns=4), count=4_000_000_000)),
    "repeated columns": ods(open_row(cell(columns=4_000_000_000))),
    "repeats that no number holds": ods(open_row(cell(columns=2 * 10**19))),
    "repeats below nought": ods(open_row(cell(columns=-5))),
    "a span of rows": ods(
        open_row(cell(attributes='table:number-rows-spanned="2000000000"'), cell())
    ),
    "a span of columns": ods(
        open_row(cell(attributes='table:number-columns-spanned="2000000000"'), cell())
    ),
    "worksheets that are large together": Oversized(make=lambda: worksheets(10), suffix=".ods"),
    "a text that many cells share": Oversized(make=shared_text, suffix=".xlsx", code=TOO_LARGE),
    "more texts than cells": Oversized(make=many_texts, suffix=".xlsx"),
    "a blank result in the last cell": with_last_cell('<c r="XFD1048576" t="str"><v></v></c>'),
    "a blank text in the last cell": with_last_cell(
        '<c r="XFD1048576" t="inlineStr"><is><t></t></is></c>'
    ),
    "no text in the last cell": with_last_cell('<c r="XFD1048576" t="inlineStr"><is/></c>'),
    **OLDER,
}

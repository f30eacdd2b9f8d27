"""Worksheets with known headers: what lint says of them, and which places a person is asked about."""

from collections.abc import Mapping

import pytest
from xlsxwriter import Workbook

from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.source_tables import FolderReading
from jira_pipeline.sheets.layouts.folder_reading import read_files_by_layout
from jira_pipeline.sheets.layouts.known_headers import propose_known
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.layout_reading import read_by_layout, upload_grids
from jira_pipeline.sheets.layouts.plain_worksheets import is_plain, read_plain
from jira_pipeline.sheets.layouts.proposing import propose
from jira_pipeline_tests.sheets.made_workbooks import AS_TEXT, fill, written

ROLES = "Name|Machine name|X|Notes\nEditor|editor|a|\nAuthor|author|a|writes"
FIELDS = "Bundle|Field label|Machine name|X|Field type|Req'd"
LENGTH = "Boat|Length|field_length|a|Link|y"
DRAUGHT = "Boat|Draught|field_draught|a|Link|n"
VIEWS = "View name|Machine name|X|Status\nBoats|boats|a|Enabled"


def files_of(**texts: str) -> dict[str, bytes]:
    """Return CSV files by name, of lines whose cells are separated by `|`."""
    return {f"{title}.csv": text.replace("|", ",").encode() for title, text in texts.items()}


def read(
    files: Mapping[str, bytes],
    *,
    declared: Layout | None = None,
    columns: ColumnMeanings | None = None,
    owner_blank: OwnerBlank | None = None,
) -> FolderReading:
    return read_files_by_layout(
        files, declared or Layout(sheets=()), columns=columns or {}, owner_blank=owner_blank
    )


def messages(reading: FolderReading, code: str) -> list[str]:
    return [finding.message for finding in reading.findings if finding.code == code]


@pytest.mark.parametrize(
    ("title", "text", "reason"),
    [
        pytest.param(
            "Roles", f"Client|Museum\n{ROLES}", "above the table", id="a pair above the table"
        ),
        pytest.param("Roles", f"Phase 2\n{ROLES}", "above the table", id="a title that puts off"),
        pytest.param(
            "Phase 2 - Roles", ROLES.replace("|a|", "||"), "may put its rows off", id="such a name"
        ),
        pytest.param(
            "Roles",
            f"{ROLES}\n\nView name|Machine name|Status|Notes\nNews|news|Enabled|",
            "header of another table",
            id="a second table",
        ),
        pytest.param(
            "Roles",
            f"{ROLES}\n\nPermission|Editor|Author\nedit pages|yes|no",
            "none of those that its columns hold",
            id="a second table of unknown headers",
        ),
        pytest.param("Roles", f"{ROLES}\n2|2|2|1", "nothing but numbers", id="a row of counts"),
        pytest.param("Roles", f"{ROLES}\nOffice staff", "holds nothing else", id="a lone name"),
        pytest.param(
            "Roles",
            "Name|Machine name||Code\nEditor|editor||E",
            "apart from the other headers",
            id="a table to the right",
        ),
        pytest.param(
            "Roles",
            "Name|Machine name|X\nEditor|editor|soon\nAuthor|author|perhaps",
            "no cell below it is a, c, x, w or d",
            id="words in a column of codes",
        ),
        pytest.param(
            "Roles",
            "Name|Machine name|Stage\nEditor|editor|two\nAuthor|author|one",
            "may say which rows are built",
            id="a header that may be the status",
        ),
        pytest.param(
            "Fields", f"{FIELDS}\n{LENGTH}\n|Mast|field_mast|a|Link|n", "belongs to", id="no owner"
        ),
        pytest.param(
            "Fields",
            f"{FIELDS}\n{LENGTH}\n,,,Tab: Rigging,,\n{DRAUGHT}",
            "rows below it",
            id="a field group between rows",
        ),
        pytest.param(
            "Views",
            f"{VIEWS}|\n|||Block",
            "may be a display of the view above",
            id="a display below its view",
        ),
        pytest.param(
            "Views",
            f"{VIEWS}\nOld boats|boats|a|Enabled",
            "machine name of a view",
            id="two of one",
        ),
        pytest.param(
            "Views", f"{VIEWS}\ndo.|harbours|a|Enabled", "name of the one above", id="a ditto mark"
        ),
        pytest.param(
            "Fields",
            f"{FIELDS.replace('Bundle', 'Content type')}\n{LENGTH}",
            "no worksheet lists what is below it",
            id="types that only fields name",
        ),
    ],
)
def test_a_place_that_known_headers_do_not_say_is_asked_about(
    title: str, text: str, reason: str
) -> None:
    """Each was guessed by the reader before, or read as rows of the table."""
    reading = read(files_of(**{title: text}))

    assert reading.needs_layout
    assert [message for message in messages(reading, "row_unclear") if reason in message]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("Roles", f"Who works with the site\n\n{ROLES}", id="a title"),
        pytest.param("Roles", f"{ROLES}\n\n{ROLES}".replace("author", "writer", 1), id="twice"),
        pytest.param("Roles", f"{ROLES}\n|||Ask Ada", id="a cell without a name"),
        pytest.param("Roles", f"{ROLES}\nTotal||2|", id="totals"),
        pytest.param(
            "Fields",
            f"{FIELDS}\nThe boats,,,,,\n{LENGTH}\n{DRAUGHT}".replace("The boats,,", ",,,The boats"),
            id="a heading above rows that say what they belong to",
        ),
    ],
)
def test_lint_says_the_rest_and_nobody_is_asked(title: str, text: str) -> None:
    reading = read(files_of(**{title: text}))

    assert not reading.needs_layout


def test_totals_are_no_row_and_are_named() -> None:
    reading = read(files_of(Roles=f"{ROLES}\nTotal||2|"))

    assert [row.cells[0] for row in reading.tables[0].rows] == ["Editor", "Author"]
    assert len(messages(reading, "totals_row")) == 1


def test_a_worksheet_of_unknown_headers_is_asked_about_beside_known_ones() -> None:
    reading = read(files_of(Roles=ROLES, Modules="Label|Machine name|Type\nViews|views|Core"))

    assert reading.needs_layout
    assert [table.file.name for table in reading.tables] == ["Roles.csv"]
    assert len(messages(reading, "layout_needed")) == 1


def test_what_session_yaml_says_of_headers_counts_for_known_sheets() -> None:
    files = files_of(Roles="Rolle|Machine name|Fate\nEditor|editor|now")

    reading = read(files, columns={"Rolle": "Name", "Fate": "X"})

    assert reading.tables[0].columns == ("Name", "Machine name", "X")
    assert not reading.needs_layout


def test_a_sheet_that_is_nothing_is_quoted_with_its_status() -> None:
    files = files_of(Modules="Label|Machine name|X\nViews|views|a")

    reading = read(files, columns={"Modules": "nothing"})

    assert reading.tables[0].columns == ("Label", "Machine name", "X")
    assert not reading.needs_layout


def test_blank_means_as_above_where_session_yaml_says_so_up_to_a_blank_row() -> None:
    files = files_of(Fields=f"{FIELDS}\n{LENGTH}\n|Mast|field_mast|a|Link|n")
    apart = files_of(Fields=f"{FIELDS}\n{LENGTH}\n,,,,,\n|Mast|field_mast|a|Link|n")

    reading = read(files, owner_blank=OwnerBlank.FILL)

    assert [row.cells[0] for row in reading.tables[0].rows] == ["Boat", "Boat"]
    assert not reading.needs_layout
    assert read(apart, owner_blank=OwnerBlank.FILL).needs_layout


def test_a_place_that_somebody_accepted_is_not_asked_about_again() -> None:
    files = files_of(Roles=f"{ROLES}\nOffice staff")
    upload = upload_grids(files)
    accepted = [
        {
            "worksheet": "Roles",
            "check": "row_unclear",
            "text": finding.message.partition(": ")[2][:-1],
        }
        for finding in read(files).findings
        if finding.code == "row_unclear"
    ]
    declared = propose(upload.grids).model_dump(mode="json", by_alias=True, exclude_defaults=True)

    layout = read_layout(
        layout_yaml(Layout.model_validate({**declared, "accepted": accepted})).encode()
    )

    assert len(accepted) == 1
    assert not read(files, declared=layout).needs_layout


@pytest.mark.parametrize(
    "text",
    [
        ROLES,
        f"Who works here\n{ROLES}\n\n{ROLES}",
        f"{ROLES}\n|||only a note\nReader|reader|x|",
        "Notes|Name|Wave|Machine name\na|Editor|2|editor\n|||\n|Author||",
    ],
)
def test_both_ways_make_the_same_table(text: str) -> None:
    """Worksheets that are only copied take a shorter way."""
    upload = upload_grids(files_of(Roles=text))
    (grid,) = upload.grids
    layout = propose_known(upload.grids)
    (sheet,) = layout.sheets

    (interpreted,) = read_by_layout(layout, upload).tables
    plain = read_plain(sheet, grid, upload.files[grid.title]).table

    assert is_plain(sheet, grid)
    assert plain is not None
    assert (plain.columns, plain.headers, plain.header_line) == (
        interpreted.columns,
        interpreted.headers,
        interpreted.header_line,
    )
    assert plain.rows == interpreted.rows
    for row, copied, other in zip(
        plain.rows, plain.copied_from, interpreted.copied_from, strict=True
    ):
        for column, cell in zip(plain.columns, row.cells, strict=True):
            assert not cell or copied.cells(column) == other.cells(column)


def test_a_hidden_worksheet_is_left_out_and_named() -> None:
    def write(workbook: Workbook) -> None:
        fill(workbook.add_worksheet("Views"), [line.split("|") for line in VIEWS.split("\n")])
        hidden = workbook.add_worksheet("Roles")
        fill(hidden, [line.split("|") for line in ROLES.split("\n")])
        hidden.hide()

    reading = read({"Spec.xlsx": written(write, AS_TEXT)})

    assert not reading.needs_layout
    assert [table.file.name for table in reading.tables] == ["Spec.xlsx:Views"]
    assert len(messages(reading, "worksheet_hidden")) == 1

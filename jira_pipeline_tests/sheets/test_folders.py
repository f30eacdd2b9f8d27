"""Which files of a folder are read, which sheet each one is, and what is refused."""

import os
from collections.abc import Callable
from pathlib import Path

from jira_pipeline.kernel.entities import EntityKind, FolderReading
from jira_pipeline.kernel.findings import Finding, Severity
from jira_pipeline.sheets.reading.folders import read_files, read_folder
from jira_pipeline.sheets.reading.limits import ReadingLimits
from jira_pipeline_tests.tables import each

ROLES = b"Name,Machine name,X\nKeeper,keeper,a\n"
NOTED_ROLES = b"Name,Machine name,X,Notes\nKeeper,keeper,a,\n"
STYLES = b"Style name,Machine name,X\nTiny,tiny,a\n"

HEADERS = {
    EntityKind.BUNDLE: "ID,Name,Machine name,X,Dev,QA,Description,Type,URL alias pattern",
    EntityKind.FIELD: "ID,Bundle,Field label,Machine name,X,Field type,Ref. bundle,Req'd,Vals.",
    EntityKind.VIEW: "ID,View name,Machine name,X,Base table,Status,Description",
    EntityKind.VIEW_DISPLAY: "ID,View,Title,Machine name,X,Display plugin,View ID",
    EntityKind.IMAGE_STYLE: "ID,Style name,Machine name,X,Notes",
    EntityKind.RESPONSIVE_IMAGE_STYLE: "ID,Responsive style,Machine Name,Fallback Style,X",
    EntityKind.VIEW_MODE: "ID,View Modes,Entity Type,X,Entities Used On",
    EntityKind.USER_ROLE: "ID,Name,Machine name,X,Notes",
    EntityKind.WORKFLOW: "ID,Label,Machine name,X,Type,Notes",
    EntityKind.WORKFLOW_STATE: "ID,Workflow,Label,Machine name,X,Notes",
    EntityKind.WORKFLOW_TRANSITION: "ID,Workflow,Label,Machine name,X,From state,To state",
    EntityKind.MIGRATION: "ID,Migration name,X,Notes",
}


def only(reading: FolderReading, code: str) -> Finding:
    (finding,) = [finding for finding in reading.findings if finding.code == code]
    return finding


def errors_of(reading: FolderReading) -> list[tuple[str | None, str]]:
    return [(f.file, f.code) for f in reading.findings if f.severity is Severity.ERROR]


def row_for(header: str) -> str:
    return ",".join(f"value {position}" for position in range(header.count(",") + 1))


@each("kind", HEADERS, ids=str)
@each(
    "change",
    [str, str.upper, str.lower, lambda h: h.replace(" ", "_"), lambda h: h.replace(".", "")],
    ids=["as it is", "upper case", "lower case", "underscores", "without dots"],
)
def test_each_sheet_is_recognised_by_its_headers(
    kind: EntityKind, change: Callable[[str], str]
) -> None:
    header = change(HEADERS[kind])

    reading = read_files({"sheet.csv": f"{header}\n{row_for(header)}\n".encode()})

    (table,) = reading.tables
    assert table.file.sheet is kind
    assert errors_of(reading) == []


def test_known_columns_get_their_canonical_name_and_keep_their_header() -> None:
    reading = read_files(
        {"sheet.csv": b"bundle,FIELD LABEL,machine_name,Type,field type\na,b,c,d,e"}
    )

    (table,) = reading.tables
    assert table.columns == ("Bundle", "Field label", "Machine name", "Type", "Field type")
    assert table.headers == ("bundle", "FIELD LABEL", "machine_name", "Type", "field type")


def test_a_file_name_that_misleads_does_not_choose_the_sheet() -> None:
    reading = read_files({"Views and image styles.csv": ROLES})

    assert [table.file.sheet for table in reading.tables] == [EntityKind.USER_ROLE]


def test_a_file_name_breaks_a_tie() -> None:
    content = b"View name,Style name,Machine name\nBears,Bears,bears\n"

    as_view, as_style = (
        read_files({"Views.csv": content}),
        read_files({"Image styles.csv": content}),
    )

    assert as_view.tables[0].file.sheet is EntityKind.VIEW
    assert as_style.tables[0].file.sheet is EntityKind.IMAGE_STYLE


def test_an_unknown_sheet_is_kept_as_custom_and_reported_with_what_was_expected() -> None:
    reading = read_files({"menus.csv": b"Menu,Link,X\nMain,Bears,a\n", "roles.csv": ROLES})

    finding = only(reading, "sheet_unknown")
    assert [table.file.sheet for table in reading.tables] == [
        EntityKind.USER_ROLE,
        EntityKind.CUSTOM,
    ]
    assert (finding.severity, finding.file, finding.line) == (Severity.WARNING, "menus.csv", 1)
    assert finding.value == "Menu, Link, X"
    assert "Field label" in finding.advice


def test_two_sheets_of_one_kind_are_an_error_that_names_both() -> None:
    reading = read_files({"b.csv": ROLES, "a.csv": ROLES, "c.csv": STYLES})

    finding = only(reading, "sheet_repeated")
    assert errors_of(reading) == [("b.csv", "sheet_repeated")]
    assert "a.csv and b.csv are both the sheet of user roles" in finding.message


def test_two_custom_sheets_are_no_error() -> None:
    custom = {"a.csv": b"Colour\nbrown\n", "b.csv": b"Colour\nwhite\n"}

    reading = read_files({"roles.csv": ROLES, **custom})

    assert errors_of(reading) == []
    assert [table.file.name for table in reading.tables] == ["roles.csv", "a.csv", "b.csv"]


def test_a_known_sheet_without_rows_is_a_warning() -> None:
    reading = read_files({"roles.csv": b"Name,Machine name,X\n,,\n"})

    finding = only(reading, "sheet_without_rows")
    assert (finding.severity, finding.file, finding.line) == (Severity.WARNING, "roles.csv", 1)
    assert [table.rows for table in reading.tables] == [()]


def test_a_file_without_header_is_an_error() -> None:
    reading = read_files({"bears.csv": b"Grizzly,grizzly,a\nKodiak,kodiak,a\n"})

    finding = only(reading, "header_missing")
    assert (finding.severity, finding.line, finding.value) == (
        Severity.ERROR,
        1,
        "Grizzly, grizzly (2), a",
    )
    assert reading.tables == ()
    assert errors_of(reading) == [("bears.csv", "header_missing")]


def test_a_header_below_a_title_is_an_error_at_its_line() -> None:
    reading = read_files({"roles.csv": b"Roles of the zoo,,\n,,\n" + ROLES})

    finding = only(reading, "header_not_first")
    assert (finding.severity, finding.line, finding.record) == (Severity.ERROR, 3, 3)
    assert finding.value == "Name, Machine name, X"


def test_each_missing_column_is_an_error() -> None:
    reading = read_files({"fields.csv": b"Field label,X\nHome,a\n"})

    missing = [f.column for f in reading.findings if f.code == "column_missing"]
    assert missing == ["Bundle", "Field type", "Machine name"]
    assert all(f.line == 1 for f in reading.findings)


def test_rows_that_name_nothing_are_separators_whatever_else_they_hold() -> None:
    content = (
        b"Bundle,Field label,Machine name,X,Field type,Bundle machine name\n"
        b"Bear (Content type),Home,field_home,a,Link,bear\n"
        b",,,,,#VALUE!\n"
        b",,,w,,#VALUE!\n"
        b"Bear (Content type),Den,field_den,a,Link,bear\n"
    )

    reading = read_files({"fields.csv": content})

    finding = only(reading, "separator_with_text")
    (table,) = reading.tables
    assert [row.line for row in table.rows] == [2, 5]
    assert table.file.row_count == 2
    assert (finding.severity, finding.line, finding.column, finding.value) == (
        Severity.INFO,
        4,
        "X",
        "w",
    )


def test_a_workbook_in_disguise_is_an_error() -> None:
    reading = read_files({"roles.csv": b"PK\x03\x04 and so on"})

    assert errors_of(reading) == [("roles.csv", "file_is_workbook")]


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    reading = read_folder(tmp_path)

    finding = only(reading, "folder_empty")
    assert (finding.severity, finding.file) == (Severity.ERROR, None)
    assert "CSV" in finding.advice


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    reading = read_folder(tmp_path / "nowhere")

    assert "nowhere" in only(reading, "folder_missing").message


def test_manifest_notes_and_hidden_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("session.yaml", "README.md", ".DS_Store", ".hidden.csv"):
        (tmp_path / name).write_bytes(b"anything")
    (tmp_path / "roles.csv").write_bytes(NOTED_ROLES)

    reading = read_folder(tmp_path)

    assert [table.file.name for table in reading.tables] == ["roles.csv"]
    assert reading.findings == ()


def test_workbooks_folders_and_other_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "roles.CSV").write_bytes(NOTED_ROLES)
    (tmp_path / "spec.xlsm").write_bytes(b"PK")
    (tmp_path / "logo.png").write_bytes(b"x")
    (tmp_path / "old").mkdir()

    reading = read_folder(tmp_path)

    assert [(f.severity, f.file, f.code) for f in reading.findings] == [
        (Severity.ERROR, "spec.xlsm", "file_is_workbook"),
        (Severity.WARNING, "logo.png", "file_ignored"),
        (Severity.WARNING, "old", "folder_ignored"),
    ]
    assert [table.file.name for table in reading.tables] == ["roles.CSV"]


def test_a_link_is_refused_wherever_it_leads(tmp_path: Path) -> None:
    outside, folder = tmp_path / "secret.csv", tmp_path / "sheets"
    outside.write_bytes(STYLES)
    folder.mkdir()
    (folder / "roles.csv").write_bytes(ROLES)
    (folder / "out.csv").symlink_to(outside)
    (folder / "in.csv").symlink_to(folder / "roles.csv")
    (folder / "broken.csv").symlink_to(folder / "nothing")

    reading = read_folder(folder)

    assert errors_of(reading) == [
        ("broken.csv", "file_is_link"),
        ("in.csv", "file_is_link"),
        ("out.csv", "file_is_link"),
    ]
    assert [table.file.name for table in reading.tables] == ["roles.csv"]


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "roles.csv").write_bytes(ROLES)

    reading = read_folder(tmp_path)

    assert errors_of(reading) == [("pipe.csv", "file_not_regular")]


def test_a_file_of_3_mb_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "large.csv").write_bytes(STYLES + b"x,x,a\n" * 500_000)
    (tmp_path / "roles.csv").write_bytes(ROLES)

    reading = read_folder(tmp_path)

    finding = only(reading, "file_too_large")
    assert (finding.severity, finding.file) == (Severity.ERROR, "large.csv")
    assert "3,000,038 bytes; a sheet holds at most 2,000,000" in finding.message
    assert [table.file.name for table in reading.tables] == ["roles.csv"]


def test_26_files_are_refused_before_any_is_read(tmp_path: Path) -> None:
    for number in range(26):
        (tmp_path / f"sheet{number}.csv").write_bytes(ROLES)

    reading = read_folder(tmp_path)

    assert errors_of(reading) == [(None, "too_many_files")]
    assert "26 sheets; one session holds at most 25" in reading.findings[0].message
    assert reading.tables == ()


def test_a_session_beyond_its_size_is_refused() -> None:
    limits = ReadingLimits(session_max_bytes=len(ROLES) + len(STYLES) - 1)

    reading = read_files({"a.csv": ROLES, "b.csv": STYLES}, limits)

    assert errors_of(reading) == [(None, "session_too_large")]
    assert reading.tables == ()


def test_all_errors_of_all_files_are_listed(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "long.csv").write_bytes(STYLES + b"Big,big,a,extra\nHuge,huge,a,extra\n")
    (tmp_path / "nul.csv").write_bytes(ROLES + b"Cl\0eaner,cleaner,a\n")
    (tmp_path / "spec.ods").write_bytes(b"PK")

    reading = read_folder(tmp_path)

    assert errors_of(reading) == [
        ("empty.csv", "file_empty"),
        ("long.csv", "row_long"),
        ("long.csv", "row_long"),
        ("nul.csv", "nul_character"),
        ("spec.ods", "file_is_workbook"),
    ]


BUNDLES = "Name,Machine name,X,Mod.,Type\n"
PAGE = "Page,page,a,y,Content type\n"


@each(
    "row",
    [
        'Human readable,lower case and _,"a, w, x, c or d",y/n,one of five\n',
        "Label,machine_name,a=approved d=delete,y or n,see list\n",
        ",,,,\nWhat editors see,a-z and _ only,status of it,,\n",
        BUNDLES,
        BUNDLES + BUNDLES.upper(),
    ],
    ids=["codes in words", "a machine name", "after a blank row", "header again", "and again"],
)
def test_a_row_that_explains_the_columns_is_no_content(row: str) -> None:
    """It became a content type to configure."""
    reading = read_files({"bundles.csv": (BUNDLES + row + PAGE).encode()})

    assert [cells.cells[0] for cells in reading.tables[0].rows] == ["Page"]
    assert {(f.severity, f.code) for f in reading.findings if f.line != 1} == {
        (Severity.WARNING, "row_explains")
    }


@each(
    "row",
    [
        "Page,page,see notes,y,Content type\n",
        "Page,by department,to do,n,Content type\n",
        "Page,page,a or w,,Content type\n",
        "Name,,,,\n",
    ],
    ids=["odd status", "odd name, too", "undecided", "called like a header"],
)
def test_a_first_row_with_odd_cells_is_content(row: str) -> None:
    reading = read_files({"bundles.csv": (BUNDLES + row).encode()})

    assert len(reading.tables[0].rows) == 1
    assert [finding for finding in reading.findings if finding.line != 1] == []


def test_a_header_that_is_repeated_further_down_is_no_content() -> None:
    reading = read_files({"menus.csv": b"Menu,Link\nMain,Home\nMenu,Link\nFoot,Imprint\n"})

    assert [row.cells for row in reading.tables[0].rows] == [("Main", "Home"), ("Foot", "Imprint")]
    assert [(f.code, f.line) for f in reading.findings] == [
        ("sheet_unknown", 1),
        ("row_explains", 3),
    ]

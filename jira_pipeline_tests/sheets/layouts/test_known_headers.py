"""Sheets with known headers are read by their layouts as by the reader that guesses, to the letter."""

from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.source_tables import SourceTable
from jira_pipeline.sheets.layouts.folder_reading import read_files_by_layout
from jira_pipeline.sheets.layouts.known_headers import known_sheets, propose_known
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_reading import LayoutReading, read_by_layout, upload_grids
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.site_sheets import blank_sheets, files_of, make_sheets
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM
from jira_pipeline_tests.shared_data import shared_data
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of
from jira_pipeline_tests.sheets.made_readings import read_files
from jira_pipeline_tests.sheets.made_workbooks import workbook_of_folder

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
EXAMPLE_NAMES = ("faro_abierto", "lanterne", "skarvsund", "uhrenmuseum")
EXPORTS = (
    *("digitalgov_2024-12", "digitalgov_2026-08", "yale_2025-10", "nidirect_2026-06"),
    *(
        pytest.param(name, marks=OF_THE_LONG_FORM)
        for name in ("mass_2025-04", "mass_2026-07", "nidirect_2024-07", "yale_2026-07")
    ),
)
"""Exported configurations of real sites, of which sheets are made."""
_KINDS_OF_SHEETS = {*EntityKind} - {
    *(EntityKind.COMPONENT, EntityKind.COMPONENT_ITEM, EntityKind.CUSTOM)
}


def sheets_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}


def read_as_known(files: dict[str, bytes]) -> LayoutReading:
    upload = upload_grids(files)
    assert [finding for finding in upload.findings if finding.severity.value == "error"] == []
    return read_by_layout(propose_known(upload.grids), upload)


def assert_read_as_today(files: dict[str, bytes]) -> None:
    """Assert that all entities are the same, each cell of each, in the same order; and all findings."""
    folder_today = read_files(files)
    today = read_entities(folder_today.tables)

    interpreted = read_as_known(files)
    folder = read_files_by_layout(files, Layout(sheets=()))

    for tables in (interpreted.tables, folder.tables):
        by_layout = read_entities(tables)
        assert list(map(repr, by_layout.entities)) == list(map(repr, today.entities))
        assert by_layout.captions == today.captions
        assert by_layout.findings == today.findings
    assert folder.findings == folder_today.findings
    assert [table.file for table in folder.tables] == [table.file for table in folder_today.tables]
    assert not folder.needs_layout


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_the_sheets_of_an_example_are_read_as_today(name: str) -> None:
    assert_read_as_today(sheets_in(EXAMPLES / name))


def test_the_worksheets_of_a_workbook_are_read_as_today() -> None:
    assert_read_as_today({"Museum.xlsx": workbook_of_folder(EXAMPLES / "uhrenmuseum")})


def test_example_rows_of_our_blank_workbook_are_left_out_and_named() -> None:
    """Two styles of it were left in a workbook of strangers, and became a ticket."""
    (content,) = files_of([*blank_sheets()], Path("Blank.xlsx")).values()

    folder = read_files_by_layout({"Blank.xlsx": content}, Layout(sheets=()))

    assert not folder.needs_layout
    assert [table.file.sheet for table in folder.tables if table.rows] == []
    codes = [finding.code for finding in folder.findings]
    assert codes.count("example_row") == len([*blank_sheets()])


def test_an_example_row_of_an_earlier_blank_workbook_is_left_out() -> None:
    """A column that came since made it a field of the specification."""
    (fields,) = [sheet for sheet in blank_sheets() if sheet.kind is EntityKind.FIELD]
    columns = [column for column in fields.columns if column != "Other forms"]
    rows = [{column: row[column] for column in columns} for row in fields.rows]
    earlier = replace(fields, columns=tuple(columns), rows=tuple(rows))
    (content,) = files_of([earlier], Path("Blank.xlsx")).values()

    folder = read_files_by_layout({"Blank.xlsx": content}, Layout(sheets=()))

    assert [finding.code for finding in folder.findings].count("example_row") == 1


def test_a_row_that_people_may_have_written_themselves_is_no_example() -> None:
    """A state Draft of the workflow Editorial was left out of a specification that has both."""
    states = b"Workflow,Label,Machine name,X\nEditorial,Draft,draft,a\n"
    styles = b"Style name,Machine name,X\nCard,card,a\n"

    folder = read_files_by_layout({"States.csv": states, "Styles.csv": styles}, Layout(sheets=()))

    assert [len(table.rows) for table in folder.tables] == [1, 1]


def test_our_blank_workbook_is_read_as_today_once_its_examples_are_changed() -> None:
    sheets = [
        replace(sheet, rows=tuple({**row, "Dev": "Ada"} for row in sheet.rows))
        for sheet in blank_sheets()
    ]
    (content,) = files_of(sheets, Path("Blank.xlsx")).values()

    assert_read_as_today({"Blank.xlsx": content})


@pytest.mark.parametrize("name", ["uwec", "sites/mass", "sites/yale"])
def test_the_sheets_of_a_real_specification_are_read_as_today(name: str) -> None:
    assert_read_as_today(sheets_in(shared_data(name)))


@pytest.mark.parametrize("name", EXPORTS)
def test_the_sheets_of_an_exported_configuration_are_read_as_today(
    name: str, tmp_path: Path
) -> None:
    made = make_sheets(shared_data(f"drupal_config/{name}"), out=tmp_path)

    assert_read_as_today({path.name: content for path, content in made.files.items()})


@pytest.mark.parametrize("kind", sorted(_KINDS_OF_SHEETS))
def test_a_known_layout_has_every_column_of_its_kind(kind: EntityKind) -> None:
    """A column that is added to the kinds would stay a column of one's own."""
    records = [
        record
        for sheet in known_sheets()
        for region in sheet.regions
        for record in region.records
        if record.into == kind.value
    ]

    assert [[*record.columns] for record in records] == [[c.name for c in columns_of(kind.value)]]


def table_of(title: str, text: str) -> SourceTable | None:
    """Return the table that a worksheet of known headers is read to."""
    grid = grid_of(text, title)
    layout = propose_known([grid])
    if not layout.sheets:
        return None
    files = {f"{title}.csv": "\n".join(text.strip().split("\n")).replace("|", ",").encode()}
    return read_as_known(files).tables[0]


def test_the_effects_of_the_spec_tool_are_a_kind_of_sheet() -> None:
    effects = table_of("Image effects", "Image style|Effect|Summary|X\nCard|Scale|40x40|w")

    assert effects is not None
    assert (effects.file.sheet, effects.columns) == (
        EntityKind.IMAGE_EFFECT,
        ("Image style", "Effect", "Summary", "X"),
    )


def test_a_tab_of_the_spec_tool_that_is_no_kind_is_read_as_it_stands() -> None:
    menus = table_of("Menus", "Title|Machine name|Description|X|Owner\nMain|main|On top|w|Ada")

    assert menus is not None
    assert menus.rows[0].cells == ("Main", "main", "On top", "w", "Ada")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Lists", "Name|Machine name|Description\nTopics|topics|What it is about"),
        ("Modules", "Label|Machine name|Type\nViews|views|Core"),
        ("Fields", "Felder|Art\nTitel|Text"),
        ("Roles", "Rolle|Name der Maschine\nEditor|editor"),
        ("Content types", "Name|Label|Purpose\nBoat|Boat|Sails"),
    ],
)
def test_headers_that_many_tables_have_propose_nothing(title: str, text: str) -> None:
    """Vocabularies with these were read as roles, and modules as workflows."""
    assert table_of(title, text) is None


def test_moved_columns_and_other_spellings_are_known_and_a_column_of_ones_own_stays() -> None:
    table = table_of("Types", "X|Wave|Type|Path pattern|Name|Machine Name\na|2|Content type|b|B|b")

    assert table is not None
    assert table.columns == ("X", "Wave", "Type", "URL alias pattern", "Name", "Machine name")
    assert table.shown_headers[3] == "Path pattern"


def test_a_row_without_a_name_is_no_thing_and_the_report_names_it() -> None:
    reading = read_as_known({"Roles.csv": b"Name,Machine name,Notes\nEditor,editor,\n,,a remark\n"})

    assert len(reading.tables[0].rows) == 1
    assert [(f.code.value, f.text) for f in reading.checked.findings] == [("not_read", "a remark")]


def test_two_workbooks_with_worksheets_of_one_name_stay_apart() -> None:
    book = workbook_of_folder(EXAMPLES / "skarvsund")

    upload = upload_grids({"a.xlsx": book, "b.xlsx": book})

    titles = [grid.title for grid in upload.grids]
    assert len({*titles}) == len(titles)
    assert titles[0].startswith("a.xlsx:")

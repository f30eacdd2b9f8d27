"""Bundles that fields alone name: their types, machine names and statuses, as people lay them out."""

import difflib

import pytest

from jira_pipeline.model.entities import Entity, EntityKind, Status
from jira_pipeline.model.findings import Severity
from jira_pipeline.model.sessions import OwnerBlank
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests.sheets.made_workbooks import workbook_of
from jira_pipeline_tests.tables import each

SAILS = "Name,Machine name,X,Type\nPier,pier,a,Content type\n"
LETTERS = 'Sections of a page\n"P = piece (paragraph), X = box (block, once for all)"\n'
TYPED = "Code,Component,Field,Field type,X\n"


def read(fields: str, **others: str) -> list[Entity]:
    files = {"Types.csv": SAILS, "Parts.csv": fields}
    files |= {f"{name}.csv": text for name, text in others.items()}
    content = {name: text.encode() for name, text in files.items()}
    return list(read_entities(read_files(content, owner_blank=OwnerBlank.FILL).tables).entities)


def of(entities: list[Entity], kind: EntityKind) -> list[Entity]:
    return [one for one in entities if one.kind is kind]


def test_letters_that_a_line_explains_say_which_type_each_is_of() -> None:
    """All were custom block types, for the line named that last."""
    entities = read(f"{LETTERS}{TYPED}P1,Slip,Depth,Link,a\nX1,Buoy,Colour,Link,a\n")

    named = [one.label for one in of(entities, EntityKind.BUNDLE) if one.label[0] != "P"]
    assert named == ["Buoy (Custom block type)", "Slip (Paragraph type)"]


def test_of_bundles_of_one_name_each_sheet_means_its_own() -> None:
    pictures = "Media types\nMedia type,Field,Field type,X\nSlip,File,Image,a\n,Source,Link,a\n"

    entities = read(f"{LETTERS}{TYPED}P1,Slip,Depth,Link,a\n", Pictures=pictures)

    assert {one.label: one.owner_key for one in of(entities, EntityKind.FIELD)} == {
        "Depth": "bundle:Paragraph type/Slip",
        "File": "bundle:Media type/Slip",
        "Source": "bundle:Media type/Slip",
    }


def test_a_machine_name_that_stands_once_for_each_block_is_that_of_the_bundle() -> None:
    """It was that of the first field."""
    header = "Paragraph,Machine name,Field,Field type,X\n"
    entities = read(
        f"{header}Slip,boat_slip,Depth,Link,a\n,,Width,Link,a\nBuoy,buoy,Hue,Link,a\n,,Bell,Link,a\n"
    )

    names = {one.label: one.machine_name for one in entities if one.kind is not EntityKind.FIELD}
    assert names["Slip (Paragraph type)"] == "boat_slip"
    assert {one.label: one.machine_name for one in of(entities, EntityKind.FIELD)} == {
        "Depth": "",
        "Width": "",
        "Hue": "",
        "Bell": "",
    }


def test_machine_names_of_their_own_stay_those_of_fields() -> None:
    header = "Paragraph,Machine name,Field,Field type,X\n"
    entities = read(f"{header}Slip,depth,Depth,Link,a\n,width,Width,Link,a\n")

    assert [one.machine_name for one in of(entities, EntityKind.FIELD)] == ["depth", "width"]


def test_a_status_in_the_first_row_of_each_block_is_of_the_whole_block() -> None:
    """The field below one that waits was built, and so was its type."""
    header = "Paragraph,Field,Field type,X\n"
    entities = read(f"{header}Slip,Depth,Link,a\n,Width,Link,\nBuoy,Hue,Link,w\n,Bell,Link,\n")

    statuses = {one.label: one.status for one in entities}
    assert statuses["Width"] is Status.APPROVED
    assert statuses["Bell"] is statuses["Buoy (Paragraph type)"] is Status.WAITING


def test_a_status_that_rows_below_the_first_have_too_is_theirs_alone() -> None:
    header = "Paragraph,Field,Field type,X\n"
    rows = "Slip,Depth,Link,w\n,Width,Link,a\n,Rail,Link,\nBuoy,Hue,Link,a\n"
    entities = read(header + rows)

    assert {one.label: one.status for one in entities}["Rail"] is Status.APPROVED


def test_cells_that_name_what_a_view_shows_are_no_description() -> None:
    """The ticket said “Description: “Pier””."""
    views = "View name,Machine name,X,Shows\nPiers,piers,a,Pier\nNews,news,a,All that is new here\n"
    short = "View name,Machine name,X,Shows\nPiers,piers,a,Pier\n"

    (view,) = of(read(TYPED, Views=short), EntityKind.VIEW)
    _, described = of(read(TYPED, Views=views), EntityKind.VIEW)

    assert (view.cell("Description"), view.cell("Shows")) == ("", "Pier")
    assert described.cell("Description") == "All that is new here"


def test_an_id_beside_a_thing_that_only_its_fields_name_is_its_machine_name() -> None:
    """The ticket made one of the label, and the right one stood beside it."""
    rows = "Slip,boat_slip,Depth,Link,a\n,,Width,Link,a\nBuoy,marker,Hue,Link,a\n,,Bell,Link,a\n"

    entities = read(f"Paragraph,id,Field,Field type,X\n{rows}")

    named = {one.label: one.machine_name for one in entities if one.kind is not EntityKind.FIELD}
    assert named == {"Buoy (Paragraph type)": "marker", "Slip (Paragraph type)": "boat_slip"} | {
        "Pier (Content type)": "pier"
    }


def test_things_of_two_types_with_one_name_and_machine_name_have_their_own_rows() -> None:
    """The type that a sheet lists took the rows of the one that only its fields name."""
    media = "Name,Machine name,X,Type\nBuoy,buoy,a,Media type\n"
    rows = "Buoy,buoy,Hue,Link,a\nBuoy,buoy,Bell,Link,a\nSlip,boat_slip,Depth,Link,a\n"
    header = "Paragraph,Bundle machine name,Field,Field type,X\n"

    entities = read(f"{header}{rows}", Media=media)

    owners = {one.label: one.owner_key for one in of(entities, EntityKind.FIELD)}
    assert owners["Bell"] == "bundle:Paragraph type/buoy"
    assert owners["Depth"] == "bundle:Paragraph type/boat_slip"


def test_a_type_in_brackets_that_no_sheet_lists_is_no_part_of_the_name() -> None:
    rows = "Berth request (webform),Boat,Text,a\nPier,Depth,Link,a\n"

    entities = read(f"Bundle,Field,Field type,X\n{rows}")

    (form,) = [one for one in of(entities, EntityKind.BUNDLE) if one.label[0] == "B"]
    assert (form.label, form.cell("Name")) == ("Berth request (Webform)", "Berth request")
    assert [one.owner_key for one in of(entities, EntityKind.FIELD)] == [
        "bundle:Webform/Berth request",
        "bundle:Content type/pier",
    ]


def test_names_that_a_sheet_lists_are_compared_with_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each was compared with all: of 760 bundles, reading took seven times as long."""
    names = [f"Pier {number}" for number in range(20)]
    compared: list[str] = []

    def none_alike(name: str, *_: object) -> list[str]:
        compared.append(name)
        return []

    monkeypatch.setattr(difflib, "get_close_matches", none_alike)

    types = "".join(f"{name},{name.lower().replace(' ', '_')},a,Content type\n" for name in names)
    fields = "".join(f"{name},Depth,Link,a\n" for name in names)
    read(f"Bundle,Field label,Field type,X\n{fields}", Piers=SAILS + types)

    assert not set(compared) & {"pier1", "pier19"}


@each("hint", ["", "as on the drawing"])
def test_titles_of_repeated_tables_are_bundles_of_the_type_that_the_sheet_says(hint: str) -> None:
    """A hint beside a title made it a field; without, fields went to the media type of its name."""
    header = ["Field", "Machine name", "Type", "Req.", "Comments"]
    pieces = [
        ["Pieces (paragraphs)"],
        ["Two of them"],
        [],
        ["Wave", "", hint],
        header,
        ["Head", "field_head", "Text (plain)", "x"],
        ["Body text", "field_text", "Text (formatted, long)"],
        [],
        ["Picture", "", hint],
        header,
        ["File", "field_file", "Link", "x"],
        ["Caption", "field_caption", "Text (plain)"],
    ]
    types = [["Name", "Machine name", "Type"], ["Picture", "picture", "Media type"]]

    reading = read_files({"s.xlsx": workbook_of({"Types": types, "Pieces": pieces})})

    listed = {t.file.name: t for t in reading.tables}
    bundles = listed["s.xlsx:Pieces · Paragraph type"]
    said = [row.cells[1:] for row in bundles.rows]
    assert said == [tuple(filter(None, (name, hint))) for name in ("Wave", "Picture")]
    fields = listed["s.xlsx:Pieces"]
    owners = [row.cells[fields.columns.index("Bundle")] for row in fields.rows]
    assert owners == [*2 * ["Wave (Paragraph type)"], *2 * ["Picture (Paragraph type)"]]
    assert not [f for f in reading.findings if f.severity is Severity.ERROR]


@each("owner", ["", "Pier"])
def test_a_title_with_a_hint_and_a_filled_owner_is_no_header(owner: str) -> None:
    """The advice to fill in the bundle of title rows led to a header that occurs twice."""
    header = ["Field", "Machine name", "Type", "Req.", "Comments", "Sort", "Bundle"]
    fields = [
        header,
        ["Head", "field_head", "Text (plain)", "x", "", "", "Pier"],
        ["Foot", "field_foot", "Text (plain)", "x", "", "", "Pier"],
        [],
        ["Pier", "", "as on the drawing", "", "", "", owner],
        header,
        ["Depth", "field_depth", "Text (plain)", "x", "", "", "Pier"],
    ]
    types = [["Name", "Machine name", "Type"], ["Pier", "pier", "Content type"]]

    reading = read_files({"s.xlsx": workbook_of({"Types": types, "Fields": fields})})

    rows = [row.cells[0] for t in reading.tables for row in t.rows]
    assert rows == ["Pier", "Head", "Foot", "Depth"]
    assert not [f for f in reading.findings if f.severity is Severity.ERROR]

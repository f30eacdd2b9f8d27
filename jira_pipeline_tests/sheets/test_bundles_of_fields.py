"""Bundles that fields alone name: their types, machine names and statuses, as people lay them out."""

import difflib

import pytest

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.sessions import OwnerBlank
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.tables import each

SAILS = "Name,Machine name,X,Type\nPier,pier,a,Content type\n"
LETTERS = 'Sections of a page\n"P = piece (paragraph), X = box (block, once for all)"\n'
TYPED = "Code,Component,Field,Field type,X\n"


def read(fields: str, **others: str) -> Reading:
    sheets = {"Types": SAILS, "Parts": fields, **others}
    files = {f"{name}.csv": text for name, text in sheets.items()}
    return Reading(files, owner_blank=OwnerBlank.FILL)


def names_in(reading: Reading) -> dict[str, str]:
    return {entity.label: entity.machine_name for entity in reading.entities}


def test_letters_that_a_line_explains_say_which_type_each_is_of() -> None:
    """All were custom block types, for the line named that last."""
    reading = read(f"{LETTERS}{TYPED}P1,Slip,Depth,Link,a\nX1,Buoy,Colour,Link,a\n")

    assert reading.asked(["bundle"])["bundle"] == [
        *("Buoy (Custom block type)", "Slip (Paragraph type)", "Pier (Content type)")
    ]


def test_of_bundles_of_one_name_each_sheet_means_its_own() -> None:
    pictures = "Media types\nMedia type,Field,Field type,X\nSlip,File,Image,a\n,Source,Link,a\n"

    fields = read(f"{LETTERS}{TYPED}P1,Slip,Depth,Link,a\n", Pictures=pictures).of(EntityKind.FIELD)

    assert {one.label: one.owner_key for one in fields} == {
        "Depth": "bundle:Paragraph type/Slip",
        "File": "bundle:Media type/Slip",
        "Source": "bundle:Media type/Slip",
    }


@each(
    ("header", "rows", "names"),
    [
        # it was that of the first field
        (
            "Machine name",
            "Slip,boat_slip,Depth,Link,a\n,,Width,Link,a\nBuoy,buoy,Hue,Link,a\n,,Bell,Link,a\n",
            {"Slip": "boat_slip", "Buoy": "buoy", "Depth": "", "Width": "", "Hue": "", "Bell": ""},
        ),
        # the ticket made one of the label, and the right one stood beside it
        (
            "id",
            "Slip,boat_slip,Depth,Link,a\n,,Width,Link,a\nBuoy,marker,Hue,Link,a\n,,Bell,Link,a\n",
            {
                "Slip": "boat_slip",
                "Buoy": "marker",
                "Depth": "",
                "Width": "",
                "Hue": "",
                "Bell": "",
            },
        ),
        (
            "Machine name",
            "Slip,depth,Depth,Link,a\n,width,Width,Link,a\n",
            {"Slip": "", "Depth": "depth", "Width": "width"},
        ),
    ],
)
def test_a_machine_name_that_stands_once_for_each_block_is_that_of_the_bundle(
    header: str, rows: str, names: dict[str, str]
) -> None:
    reading = read(f"Paragraph,{header},Field,Field type,X\n{rows}")

    found = {label.removesuffix(" (Paragraph type)"): n for label, n in names_in(reading).items()}
    assert found == {"Pier (Content type)": "pier", **names}


@each(
    ("rows", "statuses"),
    [
        # the field below one that waits was built, and so was its type
        (
            "Slip,Depth,Link,a\n,Width,Link,\nBuoy,Hue,Link,w\n,Bell,Link,\n",
            {"Width": "a", "Bell": "w", "Buoy": "w"},
        ),
        # a status that rows below the first have too is theirs alone
        ("Slip,Depth,Link,w\n,Width,Link,a\n,Rail,Link,\nBuoy,Hue,Link,a\n", {"Rail": "a"}),
    ],
)
def test_a_status_in_the_first_row_of_each_block_is_of_the_whole_block(
    rows: str, statuses: dict[str, str]
) -> None:
    found = read(f"Paragraph,Field,Field type,X\n{rows}").statuses

    assert {label: found[label] for label in statuses} == statuses


def test_cells_that_name_what_a_view_shows_are_no_description() -> None:
    """The ticket said “Description: “Pier””."""
    short = "View name,Machine name,X,Shows\nPiers,piers,a,Pier\n"
    long = f"{short}News,news,a,All that is new here\n"

    (view,) = read(TYPED, Views=short).of(EntityKind.VIEW)
    _, described = read(TYPED, Views=long).of(EntityKind.VIEW)

    assert (view.cell("Description"), view.cell("Shows")) == ("", "Pier")
    assert described.cell("Description") == "All that is new here"


def test_things_of_two_types_with_one_name_and_machine_name_have_their_own_rows() -> None:
    """The type that a sheet lists took the rows of the one that only its fields name."""
    media = "Name,Machine name,X,Type\nBuoy,buoy,a,Media type\n"
    rows = "Buoy,buoy,Hue,Link,a\nBuoy,buoy,Bell,Link,a\nSlip,boat_slip,Depth,Link,a\n"

    reading = read(f"Paragraph,Bundle machine name,Field,Field type,X\n{rows}", Media=media)

    owners = {one.label: one.owner_key for one in reading.of(EntityKind.FIELD)}
    assert owners["Bell"] == "bundle:Paragraph type/buoy"
    assert owners["Depth"] == "bundle:Paragraph type/boat_slip"


def test_a_type_in_brackets_that_no_sheet_lists_is_no_part_of_the_name() -> None:
    rows = "Berth request (webform),Boat,Text,a\nPier,Depth,Link,a\n"

    reading = read(f"Bundle,Field,Field type,X\n{rows}")

    form = reading.of(EntityKind.BUNDLE)[0]
    assert (form.label, form.cell("Name")) == ("Berth request (Webform)", "Berth request")
    assert [one.owner_key for one in reading.of(EntityKind.FIELD)] == [
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
        *(["Pieces (paragraphs)"], ["Two of them"], [], ["Wave", "", hint], header),
        ["Head", "field_head", "Text (plain)", "x"],
        ["Body text", "field_text", "Text (formatted, long)"],
        *([], ["Picture", "", hint], header, ["File", "field_file", "Link", "x"]),
        ["Caption", "field_caption", "Text (plain)"],
    ]
    types = [["Name", "Machine name", "Type"], ["Picture", "picture", "Media type"]]

    reading = Reading({"Types": types, "Pieces": pieces})

    listed = {t.file.name: t for t in reading.folder.tables}
    bundles = listed["s.xlsx:Pieces · Paragraph type"]
    said = [row.cells[1:] for row in bundles.rows]
    assert said == [tuple(filter(None, (name, hint))) for name in ("Wave", "Picture")]
    fields = listed["s.xlsx:Pieces"]
    owners = [row.cells[fields.columns.index("Bundle")] for row in fields.rows]
    assert owners == [*2 * ["Wave (Paragraph type)"], *2 * ["Picture (Paragraph type)"]]
    assert reading.errors == []


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

    reading = Reading({"Types": types, "Fields": fields})

    rows = [row.cells[0] for t in reading.folder.tables for row in t.rows]
    assert rows == ["Pier", "Head", "Foot", "Depth"]
    assert reading.errors == []

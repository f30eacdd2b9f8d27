"""Headers nobody knows: what they may mean is proposed, and never read."""

from collections.abc import Mapping

import yaml

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.sessions import NO_COLUMN
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.sheets.odd_sheets import OWN_FIELDS
from jira_pipeline_tests.tables import each


def line_of(reading: Reading) -> dict[str, str | Mapping[str, str]]:
    """The line to paste into `session.yaml`."""
    finding = reading.only("sheet_unknown")
    columns = yaml.safe_load(finding.advice.split("`")[1])["columns"]
    assert isinstance(columns, dict)
    return columns


def test_sheets_called_like_a_kind_are_known_by_the_line_for_their_headers() -> None:
    types = [["Name", "Machine name", "X", "Type"], ["Kite", "kite", "a", "Content type"]]
    fields = [
        ["Content type", "Caption", "Machine name", "Sort", "Mandatory?"],
        ["Kite", "Span", "field_span", "Whole number", "yes"],
    ]
    sheets = {"Types": types, "Fields": fields}

    reading = Reading(sheets)
    mapped = Reading(sheets, columns={"Caption": "Field label", "Sort": "Field type"})

    finding = reading.only("sheet_unknown")
    assert (
        "“Fields” may be fields: “Content type” = Bundle, “Caption” = Field label, “Sort”"
        in finding.message
    )
    assert {*mapped.kinds.values()} == {EntityKind.BUNDLE, EntityKind.FIELD}
    (row,) = mapped.of(EntityKind.FIELD)
    assert (row.owner_key, row.cell("Field type")) == (
        "bundle:Content type/kite",
        "Number (integer)",
    )


TREES = [["Name", "Machine name", "X", "Type"], ["Tree", "tree", "a", "Content type"]]
BANDS = [
    *([], ["Tree"], ["Species", "field_species", "Link", "a"]),
    *(["Planter", "field_planter", "Link", "a"], ["Height", "field_height", "Link", "a"]),
]


@each(
    ("headers", "cells"),
    [
        # one target is a bundle: the others were called references that lead nowhere
        (["Ref. target"], [["Tree"], ["a person"], ["the web"]]),
        # none is one
        (["Bundles"], [["tree park"], ["tree park"], ["nursery"]]),
    ],
)
def test_no_line_is_proposed_by_which_the_sheets_are_read_worse(
    headers: list[str], cells: list[list[str]]
) -> None:
    below = [(*row, *cell) for row, cell in zip(BANDS[2:], cells, strict=True)]
    fields = [["Field label", "Machine name", "Field type", "X", *headers], *BANDS[:2], *below]

    reading = Reading({"Types": TREES, "Fields": fields})

    assert [name.partition("/")[0] for name in reading.fields] == ["tree"] * 3
    assert [one.proposed for one in reading.folder.unknown_headers] == [""]
    assert not [f for f in reading.findings if "`columns:" in f.advice]


def test_sheets_that_nobody_recognises_are_one_finding_with_a_line_for_all() -> None:
    """Each repeated the headers of all kinds of sheets, which nobody reads."""
    plan = [["Who", "When"], ["Ada", "May"]]
    tools = [
        ["No", "What people read", "Kind of input", "Compulsory", "How many", "In code"],
        ["1", "Length of the boat", "Number", "yes", "1", "field_length"],
        ["2", "Owner", "short text", "no", "many", "field_owner"],
    ]
    sheets = {"Plan": plan, "Boats": tools}

    reading = Reading(sheets)
    mapped = Reading(sheets, columns=line_of(reading))

    finding = reading.only("sheet_unknown")
    assert "“Boats” (line 1), “Plan” (line 1)" in finding.message
    assert "“What people read” = Field label, “Kind of input” = Field type" in finding.message
    assert "“In code” = Machine name" in finding.message
    assert "also needs Bundle" in finding.message
    assert EntityKind.FIELD in {*mapped.kinds.values()}


def test_a_sheet_called_like_its_kind_may_name_its_rows_by_any_common_word() -> None:
    views = [["Title", "Machine name", "Shows"], ["Kites", "kites", "All kites"]]
    roles = [["Label", "Machine name"], ["Keeper", "keeper"]]
    both = [["Label", "Machine name", "Colour"], ["Red", "red", "#f00"]]

    reading = Reading({"Views": views, "User roles": roles, "Roles and views": both})

    assert reading.kinds == {
        "Views": EntityKind.VIEW,
        "User roles": EntityKind.USER_ROLE,
        "Roles and views": EntityKind.CUSTOM,
    }


def test_names_of_one_kind_are_not_proposed_as_those_of_another() -> None:
    images = [["Media type", "Source file"], ["Drone film", "from pilots"], ["Soil map", "scans"]]
    reading = Reading({"Types": TREES, "Image styles": images})

    proposed = {header.header: header.proposed for header in reading.folder.unknown_headers}
    assert proposed.get("Media type") != "Style name"


def test_the_finding_says_how_to_leave_a_sheet_out() -> None:
    bundles = [["Name", "Machine name", "X", "Type"], ["Berth", "berth", "a", "Content type"]]
    cover = [["Version", "Changed by", "What"], ["1.0", "Ada", "First"]]

    of_file, of_tab = (
        Reading(sheets).only("sheet_unknown")
        for sheets in (
            {"c.csv": "Version,Changed by,What\n1.0,Ada,First\n"},
            {"Bundles": bundles, "People": cover},
        )
    )

    assert of_file.advice.endswith(", remove the file or hide the worksheet.")
    assert of_tab.advice.endswith("If it is not part of the specification, skip its ticket.")


def test_people_are_asked_about_each_header_with_its_cells_and_the_columns_there_are() -> None:
    reading = Reading({"Fields.csv": OWN_FIELDS})

    asked = {one.header: one for one in reading.folder.unknown_headers}
    assert asked["Muss"].examples == ("y", "n")
    assert (asked["Kennwort"].proposed, asked["Hilfe?"].proposed) == (
        "Machine name",
        "Help text",
    )
    first, others, none = asked["Hilfe?"].choices
    assert first[0] == "fields"
    assert {"Settings/notes", "Help text"} <= set(first[1])
    assert "View name" in others[1]
    assert none[1] == (NO_COLUMN,)


@each(("title", "first"), [("Workflows", "State"), ("Roles", ""), ("Image styles", "State")])
def test_no_header_of_another_sheet_and_no_blank_one_is_proposed_as_the_name(
    title: str, first: str
) -> None:
    """`Column 1: Name` and `State: Label` were to be written into `session.yaml`."""
    rows = [[first, "What happens"], ["Potter", "fires the kiln"], ["Glazer", "mixes the glaze"]]

    reading = Reading({"Types": TREES, title: rows})

    assert [one.proposed for one in reading.folder.unknown_headers if one.proposed] == []
    assert "`columns: {s" not in str(reading.found("sheet_unknown"))


@each("header", ["No.", "No"])
def test_a_column_of_numbers_makes_no_sheet_spanish(header: str) -> None:
    rows = [[header, "Name", "Machine name", "X", "Type"], ["1", "Kiln", "kiln", "a", "Media type"]]

    reading = Reading({"Types": rows})

    assert reading.folder.tables[0].columns[0] == "ID"
    assert "words_translated" not in {finding.code for finding in reading.findings}

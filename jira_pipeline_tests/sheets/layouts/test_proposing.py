"""Drafts of layouts are proposed by names and headers alone, and of whatever nobody can tell not at all."""

import pytest

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.layouts.known_headers import propose_known, with_known_sheets
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_yaml, read_layout
from jira_pipeline.sheets.layouts.proposing import propose, region_of_kind
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of

FIELDS = "Belongs to|Field label|Type of input|Must|Wave\nBoat|Length|Number|yes|2"


def kinds_proposed(title: str, text: str) -> list[str]:
    layout = propose([grid_of(text, title)])
    return [
        record.into
        for sheet in layout.sheets
        for region in sheet.regions
        for record in region.records
    ]


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        pytest.param("Sheet 3", FIELDS, "field", id="a header that only fields have"),
        pytest.param("Taxonomies", "Name|Key|Purpose\nHall|hall|Rooms", "bundle", id="its name"),
        pytest.param(
            "Felder", "Inhaltstyp|Bezeichnung|Feldtyp\nBoot|Länge|Zahl", "field", id="in German"
        ),
        pytest.param(
            "Rights", "Role|Who|Can do\nEditor|12 people|edit", "user_role", id="below a title"
        ),
    ],
)
def test_a_kind_is_proposed_by_a_header_of_its_own_or_the_name(
    title: str, text: str, kind: str
) -> None:
    assert kinds_proposed(title, f"What we agreed on\n\n{text}") == [kind]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("Lists", "Name|Machine name|Description\nTopics|topics|Of news", id="any"),
        pytest.param("Words", "Term|Used for\nBundle|A kind of content", id="nothing is named"),
        pytest.param(
            "Content types",
            "Name|Machine name|Field label|Widget\nBoat|boat|Length|Number",
            id="two kinds in one table",
        ),
        pytest.param("Fields", "Hello|Who are you\nI|am", id="a name alone"),
        pytest.param("Field trips", "Name|Title\nLund|By bus", id="a word of a name"),
    ],
)
def test_nothing_is_proposed_where_a_person_has_to_say_it(title: str, text: str) -> None:
    assert kinds_proposed(title, text) == []


def test_a_proposal_maps_what_the_dictionary_has_and_keeps_other_columns() -> None:
    (sheet,) = propose([grid_of(FIELDS, "Sheet 3")]).sheets
    (record,) = sheet.regions[0].records

    assert {name: values[0].column for name, values in record.columns.items()} == {
        "Field label": "Field label",
        "Field type": "Type of input",
        "Req'd": "Must",
    }
    assert record.own == ("Belongs to", "Wave")


def test_worksheets_with_the_same_headers_are_one_layout() -> None:
    grids = [grid_of(FIELDS, title) for title in ("Boats", "Piers")]
    grids.append(grid_of(FIELDS.replace("Wave", "Phase"), "Crews"))

    layout = propose(grids)

    assert [sheet.worksheets for sheet in layout.sheets] == [("Boats", "Piers"), ("Crews",)]


@pytest.mark.parametrize("title", ["Read me", "Spec v4 - Change log", "Offene Fragen"])
def test_a_worksheet_called_like_a_part_of_any_document_is_left_to_a_person(title: str) -> None:
    assert propose([grid_of("Version|Date\n1.0|May", title)]) == Layout(sheets=())


def test_a_proposal_is_a_layout_that_a_file_can_hold() -> None:
    layout = propose([grid_of(FIELDS, "Boats"), grid_of("Anything", "Cover")])

    assert read_layout(layout_yaml(layout).encode()) == layout


def test_a_header_that_two_columns_have_is_named_twice() -> None:
    region = region_of_kind(EntityKind.FIELD, ["Field label", "Notes", "Notes"])

    (record,) = region.records
    assert record.columns["Notes"][0].column == "Notes"
    assert record.own == ("Notes#2",)


def test_what_is_declared_goes_before_known_headers() -> None:
    roles = grid_of("Name|Machine name\nEditor|editor", "Roles")
    views = grid_of("View name|Machine name\nNews|news", "Views")
    declared = read_layout(b"{sheets: [{worksheets: roles, ignore: they exist already}]}")

    layout = with_known_sheets(declared, propose_known([roles, views]), [roles, views])

    assert [(sheet.worksheets, sheet.ignore) for sheet in layout.sheets] == [
        (("roles",), "they exist already"),
        (("Views",), None),
    ]
    assert propose_known([grid_of("Hello", "Cover")]) == Layout(sheets=())

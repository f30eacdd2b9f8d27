"""What speaks for a kind of sheet: its name, headers that no other has, cells of types.

Headers that many tables share are no evidence: an inventory of devices became user roles.
"""

from collections.abc import Mapping

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.reading.sheet_kinds import SHEET_RULES, is_named
from jira_pipeline_tests.sheets.made_readings import Expected, Reading, Sheets
from jira_pipeline_tests.tables import each

DEVICES = [
    ["Name", "Machine name", "Vendor", "Notes"],
    ["Door scanner", "door_scanner", "Acme", "At the gate"],
    ["Till", "till", "Acme", ""],
]
ROLES = [["Name", "Machine name"], ["Clerk", "clerk"], ["Pilot", "pilot"]]
CUSTOM, ROLE = EntityKind.CUSTOM, EntityKind.USER_ROLE


@each(
    ("name", "header", "cells", "kind"),
    [
        *((name, DEVICES[0], DEVICES[1], CUSTOM) for name in ("Devices", "Sheet1")),
        ("Roles", DEVICES[0], DEVICES[1], ROLE),
        ("Things", ["Name", "Type"], ["Card reader", "API"], CUSTOM),
        ("Things", ["Name", "Type"], ["Card reader", "Content type"], EntityKind.BUNDLE),
        ("Things", ["Label", "Type"], ["Buy now", "Primary button"], CUSTOM),
        ("Things", ["Label", "Type"], ["Editorial", "Content moderation"], EntityKind.WORKFLOW),
        ("Things", ["Name", "Machine name", "May do"], ["Clerk", "clerk", "Sells"], ROLE),
        ("Things", ["Style name", "Font", "Size", "Weight"], ["Lead", "Inter", "21", "500"], CUSTOM),
        ("Things", ["Style name", "Effects"], ["Lead", "Scale 200x100"], EntityKind.IMAGE_STYLE),
        ("Things", ["Name", "Type", "URL"], ["Test", "Staging", "https://test"], CUSTOM),
        ("Things", ["Block", "Type", "Region"], ["News", "Custom block", "Footer"], CUSTOM),
        ("Things", ["ID", "Name", "Machine name", "X"], ["1", "Clerk", "clerk", "a"], ROLE),
        # views with a type of display, such as Block, were types of blocks
        ("Views", ["Name", "Machine name", "Type"], ["Ferries", "ferries", "Block"], EntityKind.VIEW),
        ("Blocks", ["Block", "Description", "Shown"], ["Card", "Boats", "left"], EntityKind.BUNDLE),
    ],
)  # fmt: skip
def test_the_name_of_a_sheet_its_own_headers_and_cells_of_types_speak_for_a_kind(
    name: str, header: list[str], cells: list[str], kind: EntityKind
) -> None:
    assert Reading({name: [header, cells]}).kinds == {name: kind}


@each(
    ("name", "named"),
    [
        ("Field trips", None),
        ("Reviews", None),
        ("Estates", None),
        ("Display ads", None),
        ("Field list", EntityKind.FIELD),
        ("SiteViews", EntityKind.VIEW),
        ("2 - User roles & rights", ROLE),
        ("Fields of Ferry", EntityKind.FIELD),
    ],
)
def test_a_word_within_a_name_is_none_of_it(name: str, named: EntityKind | None) -> None:
    found = next((rule.kind for rule in SHEET_RULES if is_named(rule, name)), None)

    assert found == named


CASES: Mapping[str, tuple[Sheets, Expected]] = {
    "a table with a title of its own is not what its sheet is called": (
        {
            "Roles": [
                *(["Name", "Machine name", "Notes"], ["Clerk", "clerk", "Sells"], []),
                *(["Tills"], ["Name", "Machine name", "Counter"], ["Till 1", "till_1", "North"]),
            ]
        },
        {"kinds": {"Roles": ROLE, "Roles · Tills": CUSTOM}},
    ),
    # a divider, a rule and a count became views to build, and `Not in scope` a content type
    "a row of one text among rows of more is no thing": (
        {
            "Views": [
                *(["View name", "Machine name", "Path"], ["Ferries", "ferries", "/f"]),
                *(["Piers", "piers", "/p"], ["Blocks"], ["Next", "next"], []),
                *(["Empty ones say so."], ["3 views"]),
            ]
        },
        {"view": ["Ferries", "Piers", "Next"], "heading_read": ["warning 4"]},
    ),
    # a list of pages, and what is taken from another system, stopped the upload as fields
    **{
        f"a table of {header} lacks the bundle of fields": (
            {
                "Sync": [header, ["sku", "Text", "ERP"], ["stop", "Berth", "Piers"]],
                "Roles": DEVICES,
            },
            {"kinds": {"Sync": kind, "Roles": ROLE}, code: [place]},
        )
        for header, kind, code, place in (
            (["Field", "Type", "Source", "Target"], CUSTOM, "column_missing", "warning 1"),
            (["Field label", "Field type", "Ref. bundle"], EntityKind.FIELD, "column_missing", "error 1"),
            (["Name", "Type", "Path"], CUSTOM, "sheet_unknown", "warning 1"),
        )
    },
    "a list of two columns below its title is quoted": (
        {
            "Menu": [
                *(["Main menu"], ["Item", "Leads to"]),
                *(["Ferries", "/f"], ["Piers", "/p"], ["About", "/a"]),
            ],
            "Roles": DEVICES,
        },
        {"quoted": {"Menu": ["Ferries", "Piers", "About"]}},
    ),
    # the codes of a legend became the IDs of roles, and the rest of it rows beside blank ones
    "a longer table to the right is one of its own": (
        {
            "Roles": [
                ["Name", "Machine name", "", "Code", "Meaning"],
                ["Clerk", "clerk", "", "A", "always"],
                ["Pilot", "pilot", "", "N", "never"],
                ["", "", "", "S", "sometimes"],
            ]
        },
        {"user_role": ["Clerk", "Pilot"], "quoted": {"Roles · 2": ["A", "N", "S"]}},
    ),
    "a total above a note is none of the rows": (
        {
            "Roles": [
                *(["Name", "Machine name", "People"], ["Clerk", "clerk", "3"]),
                *(["Pilot", "pilot", "2"], ["Total", "", "5"], ["Pilots may be clerks."]),
            ]
        },
        {"user_role": ["Clerk", "Pilot"]},
    ),
    # components in columns, by the pages they are allowed in, became user roles
    "columns of a matrix that nothing says to be of roles": (
        {
            "Views": [["View name"], ["Ferries"]],
            "Components": [
                *(["Allowed in", "Quay", "Pier"], ["Harbour", "x", "x"], ["Town", "", "x"])
            ],
        },
        {"user_role": []},
    ),
    "columns of a matrix that a sheet lists as roles": (
        {
            "Roles": ROLES,
            "Who may do what": [
                *(["Task", "Clerk", "Pilot"], ["Sell tickets", "x", ""], ["Steer", "", "x"])
            ],
        },
        {"kinds": {"Roles": ROLE}},
    ),
    "below Type in a sheet of types are their names": (
        {
            "Content types": [
                ["Type", "Machine name", "Purpose"],
                *(["Pier", "pier", "Boats moor"], ["Quay", "quay", ""]),
            ]
        },
        {"bundle": ["Pier (Content type)", "Quay (Content type)"]},
    ),
    # `Not in scope` was a content type, and what is below it was built
    "rows below a heading that puts them off are on hold": (
        {
            "Content types": [
                *(["Name", "Machine name", "Purpose"], ["Pier", "pier", "Boats moor"]),
                *(["Quay", "quay", "Cars"], ["Ferry", "ferry", "Both"], ["Phase 2:"]),
                *(["Bridge", "bridge", "Trains"], ["To build"], ["Lock", "lock", "Ships"]),
            ]
        },
        {
            "statuses": {"Pier": "a", "Quay": "a", "Ferry": "a", "Bridge": "w", "Lock": "a"},
            "row_put_off": ["warning 6"],
        },
    ),
    # six custom block types were to be made of a view, a menu and two plugins of core
    "blocks of views, menus and plugins are no block types": (
        {
            "Blocks": [
                *(["Block", "Made of", "Shown", "Says"], ["Tide bar", "view Tides", "above", "now"]),
                *(["Tongue", "core", "right", ""], ["Menu", "main menu, level 2", "left", ""]),
                ["Berths", "text", "below", "where"],
            ]
        },
        {"kinds": {"Blocks": CUSTOM}},
    ),
}  # fmt: skip


@each(("sheets", "expected"), CASES.values(), ids=CASES)
def test_what_has_less_evidence_is_quoted(sheets: Sheets, expected: Expected) -> None:
    assert expected == Reading(sheets).asked(expected)


@each("said", ["nothing", {"Name": "nothing"}, {"name": "nothing"}])
def test_people_say_that_a_sheet_is_none_of_the_known_ones(said: str | dict[str, str]) -> None:
    """Whoever had a sheet read as what it is not could not take that back."""
    sheets = {"Roles": DEVICES, "Views": [["View name"], ["Ferries"]]}

    reading = Reading(sheets, columns={"Roles": said})

    assert reading.kinds == {"Views": EntityKind.VIEW, "Roles": CUSTOM}
    codes = {finding.code for finding in reading.findings}
    assert not {"column_mapping_unused", "column_mapping_invalid"} & codes
    assert said != "nothing" or "sheet_unknown" not in codes


def test_what_is_said_of_one_table_of_a_sheet_is_read_of_it() -> None:
    """`"Flow · 2": {From: From state}` was called unused, and was proposed again."""
    steps = [["Workflow", "Step", "From", "To"], ["Sales", "Open", "Shut", "Open"]]
    notes = [["Topic", "Who", "Answer"], ["Tills", "Kim", "Two"], ["Gates", "Kim", "One"], []]
    said = {"Step": "Label", "From": "From state", "To": "To state"}

    reading = Reading({"Flow": [*notes, ["Steps"], *steps]}, columns={"Flow · Steps": said})

    columns = {table.file.name: table.columns for table in reading.folder.tables}
    assert columns["s.xlsx:Flow · Steps"] == ("Workflow", "Label", "From state", "To state")
    assert reading.found("column_mapping_unused") == []


def test_a_proposal_that_makes_errors_or_changes_nothing_is_none() -> None:
    """`As` was proposed as Base table, and columns of a table that lacked another one stayed so."""
    views = [["View name", "Machine name", "As"], ["Ferries", "ferries", "cards, small"]]
    modes = [["Look", "Machine name", "What"], ["Small", "small", "In lists"]]

    folder = Reading({"Views": views, "View modes": modes}).folder

    assert "Base table}" not in "".join(finding.advice for finding in folder.findings)
    assert {header.proposed for header in folder.unknown_headers} == {""}


def test_questions_of_forms_below_their_titles_are_quoted() -> None:
    """The second form repeats the header, which was taken for content: nothing was read of both."""
    header = ["", "Question", "Answer by", "Must"]
    forms = [["Order"], header, ["1", "How many?", "number", "x"], ["Return"], header]

    reading = Reading({"Forms": [*forms, ["1", "Why?", "text", ""]], "Roles": DEVICES})

    quoted = [cell for entity in reading.of(CUSTOM) for cell in entity.cells.values()]
    assert [cell for cell in quoted if cell.endswith("?")] == ["How many?", "Why?"]

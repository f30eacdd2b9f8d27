"""What speaks for a kind of sheet: its name, headers that no other has, cells of types.

Headers that many tables share are no evidence: an inventory of devices became user roles.
"""

from collections.abc import Mapping

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.reading.sheet_kinds import SHEET_RULES, is_named
from jira_pipeline_tests.sheets.made_readings import MANIFEST, Sheets
from jira_pipeline_tests.tables import each

DEVICES = [
    ["Name", "Machine name", "Vendor", "Notes"],
    ["Door scanner", "door_scanner", "Acme", "At the gate"],
    ["Till", "till", "Acme", ""],
]
QUESTIONS = ["", "Question", "Answer by", "Must"]
ROLES = [["Name", "Machine name"], ["Clerk", "clerk"], ["Pilot", "pilot"]]
ROLE = EntityKind.USER_ROLE


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


CASES: Mapping[str, Sheets] = {
    "a table with a title of its own is not what its sheet is called": {
        "Roles": [
            *(["Name", "Machine name", "Notes"], ["Clerk", "clerk", "Sells"], []),
            *(["Tills"], ["Name", "Machine name", "Counter"], ["Till 1", "till_1", "North"]),
        ]
    },
    # a divider, a rule and a count became views to build, and `Not in scope` a content type
    "a row of one text among rows of more is no thing": {
        "Views": [
            *(["View name", "Machine name", "Path"], ["Ferries", "ferries", "/f"]),
            *(["Piers", "piers", "/p"], ["Blocks"], ["Next", "next"], []),
            *(["Empty ones say so."], ["3 views"]),
        ]
    },
    # a list of pages, and what is taken from another system, stopped the upload as fields
    **{
        f"a table of {header} lacks the bundle of fields": {
            "Sync": [header, ["sku", "Text", "ERP"], ["stop", "Berth", "Piers"]],
            "Roles": DEVICES,
        }
        for header in (
            ["Field", "Type", "Source", "Target"],
            ["Field label", "Field type", "Ref. bundle"],
            ["Name", "Type", "Path"],
        )
    },
    "a list of two columns below its title is quoted": {
        "Menu": [
            *(["Main menu"], ["Item", "Leads to"]),
            *(["Ferries", "/f"], ["Piers", "/p"], ["About", "/a"]),
        ],
        "Roles": DEVICES,
    },
    # the codes of a legend became the IDs of roles, and the rest of it rows beside blank ones
    "a longer table to the right is one of its own": {
        "Roles": [
            ["Name", "Machine name", "", "Code", "Meaning"],
            ["Clerk", "clerk", "", "A", "always"],
            ["Pilot", "pilot", "", "N", "never"],
            ["", "", "", "S", "sometimes"],
        ]
    },
    "a total above a note is none of the rows": {
        "Roles": [
            *(["Name", "Machine name", "People"], ["Clerk", "clerk", "3"]),
            *(["Pilot", "pilot", "2"], ["Total", "", "5"], ["Pilots may be clerks."]),
        ]
    },
    # components in columns, by the pages they are allowed in, became user roles
    "columns of a matrix that nothing says to be of roles": {
        "Views": [["View name"], ["Ferries"]],
        "Components": [*(["Allowed in", "Quay", "Pier"], ["Harbour", "x", "x"], ["Town", "", "x"])],
    },
    "columns of a matrix that a sheet lists as roles": {
        "Roles": ROLES,
        "Who may do what": [
            *(["Task", "Clerk", "Pilot"], ["Sell tickets", "x", ""], ["Steer", "", "x"])
        ],
    },
    "below Type in a sheet of types are their names": {
        "Content types": [
            ["Type", "Machine name", "Purpose"],
            *(["Pier", "pier", "Boats moor"], ["Quay", "quay", ""]),
        ]
    },
    # `Not in scope` was a content type, and what is below it was built
    "rows below a heading that puts them off are on hold": {
        "Content types": [
            *(["Name", "Machine name", "Purpose"], ["Pier", "pier", "Boats moor"]),
            *(["Quay", "quay", "Cars"], ["Ferry", "ferry", "Both"], ["Phase 2:"]),
            *(["Bridge", "bridge", "Trains"], ["To build"], ["Lock", "lock", "Ships"]),
        ]
    },
    # six custom block types were to be made of a view, a menu and two plugins of core
    "blocks of views, menus and plugins are no block types": {
        "Blocks": [
            *(["Block", "Made of", "Shown", "Says"], ["Tide bar", "view Tides", "above", "now"]),
            *(["Tongue", "core", "right", ""], ["Menu", "main menu, level 2", "left", ""]),
            ["Berths", "text", "below", "where"],
        ]
    },
    # whoever had a sheet read as what it is not could not take that back
    **{
        f"people say that a sheet is none of the known ones: {said}": {
            "Roles": DEVICES,
            "Views": [["View name"], ["Ferries"]],
            MANIFEST: f"columns: {{Roles: {said}}}",
        }
        for said in ("nothing", "{Name: nothing}", "{name: nothing}")
    },
    # `"Flow · 2": {From: From state}` was called unused, and was proposed again
    "what is said of one table of a sheet is read of it": {
        "Flow": [
            *(["Topic", "Who", "Answer"], ["Tills", "Kim", "Two"], ["Gates", "Kim", "One"], []),
            *(["Steps"], ["Workflow", "Step", "From", "To"], ["Sales", "Open", "Shut", "Open"]),
        ],
        MANIFEST: "columns: {Flow · Steps: {Step: Label, From: From state, To: To state}}",
    },
    # `As` was proposed as Base table, and columns of a table that lacked another one stayed so
    "a proposal that makes errors or changes nothing is none": {
        "Views": [["View name", "Machine name", "As"], ["Ferries", "ferries", "cards, small"]],
        "View modes": [["Look", "Machine name", "What"], ["Small", "small", "In lists"]],
    },
    # the second form repeats the header, which was taken for content: nothing was read of both
    "questions of forms below their titles are quoted": {
        "Forms": [
            *(["Order"], QUESTIONS, ["1", "How many?", "number", "x"]),
            *(["Return"], QUESTIONS, ["1", "Why?", "text", ""]),
        ],
        "Roles": DEVICES,
    },
}

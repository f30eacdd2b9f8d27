"""What speaks for a kind of sheet: its name, headers that no other has, cells of types.

Headers that many tables share are no evidence: an inventory of devices became user roles.
"""

from collections.abc import Mapping

from jira_pipeline.model.entities import EntityKind, FolderReading
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.sheets.reading.sheets import SHEET_RULES, is_named
from jira_pipeline_tests.sheets.made_workbooks import workbook_of
from jira_pipeline_tests.tables import each

Cells = list[list[str]]
DEVICES: Cells = [
    ["Name", "Machine name", "Vendor", "Notes"],
    ["Door scanner", "door_scanner", "Acme", "At the gate"],
    ["Till", "till", "Acme", ""],
]


def read(sheets: Mapping[str, Cells], columns: Mapping[str, str | dict[str, str]]) -> FolderReading:
    return read_files({"s.xlsx": workbook_of(sheets)}, columns=columns)


def kinds(sheets: Mapping[str, Cells], **columns: str | dict[str, str]) -> dict[str, EntityKind]:
    tables = read(sheets, columns).tables
    return {table.file.name.removeprefix("s.xlsx:"): table.file.sheet for table in tables}


@each(
    "name, kind",
    [
        ("Devices", EntityKind.CUSTOM),
        ("Sheet1", EntityKind.CUSTOM),
        ("Roles", EntityKind.USER_ROLE),
    ],
)
def test_headers_of_any_table_say_nothing_without_the_name_of_the_sheet(
    name: str, kind: EntityKind
) -> None:
    assert kinds({name: DEVICES}) == {name: kind}


@each(
    "header, cells, kind",
    [
        (["Name", "Type"], ["Card reader", "API"], EntityKind.CUSTOM),
        (["Name", "Type"], ["Card reader", "Content type"], EntityKind.BUNDLE),
        (["Label", "Type"], ["Buy now", "Primary button"], EntityKind.CUSTOM),
        (["Label", "Type"], ["Editorial", "Content moderation"], EntityKind.WORKFLOW),
        (["Name", "Machine name", "May do"], ["Clerk", "clerk", "Sells"], EntityKind.USER_ROLE),
        (
            ["Style name", "Font", "Size", "Weight"],
            ["Lead", "Inter", "21", "500"],
            EntityKind.CUSTOM,
        ),
        (["Style name", "Effects"], ["Lead", "Scale 200x100"], EntityKind.IMAGE_STYLE),
        (["Name", "Type", "URL"], ["Test", "Staging", "https://test"], EntityKind.CUSTOM),
        (["Block", "Type", "Region"], ["News", "Custom block", "Footer"], EntityKind.CUSTOM),
        (["ID", "Name", "Machine name", "X"], ["1", "Clerk", "clerk", "a"], EntityKind.USER_ROLE),
    ],
)
def test_cells_of_types_and_headers_of_one_kind_speak_for_it(
    header: list[str], cells: list[str], kind: EntityKind
) -> None:
    assert kinds({"Things": [header, cells]}) == {"Things": kind}


@each(
    "name, named",
    [
        ("Field trips", None),
        ("Reviews", None),
        ("Estates", None),
        ("Display ads", None),
        ("Field list", EntityKind.FIELD),
        ("SiteViews", EntityKind.VIEW),
        ("2 - User roles & rights", EntityKind.USER_ROLE),
        ("Fields of Ferry", EntityKind.FIELD),
    ],
)
def test_a_word_within_a_name_is_none_of_it(name: str, named: EntityKind | None) -> None:
    found = next((rule.kind for rule in SHEET_RULES if is_named(rule, name)), None)

    assert found == named


def test_a_table_with_a_title_of_its_own_is_not_what_its_sheet_is_called() -> None:
    below = [*([], ["Tills"], ["Name", "Machine name", "Counter"]), ["Till 1", "till_1", "North"]]
    roles = [["Name", "Machine name", "Notes"], ["Clerk", "clerk", "Sells"], *below]

    assert kinds({"Roles": roles}) == {
        "Roles": EntityKind.USER_ROLE,
        "Roles · Tills": EntityKind.CUSTOM,
    }


@each("said", ["nothing", {"Name": "nothing"}, {"name": "nothing"}])
def test_people_say_that_a_sheet_is_none_of_the_known_ones(said: str | dict[str, str]) -> None:
    """Whoever had a sheet read as what it is not could not take that back."""
    sheets = {"Roles": DEVICES, "Views": [["View name"], ["Ferries"]]}

    reading = read(sheets, {"Roles": said})

    assert kinds(sheets, Roles=said) == {"Views": EntityKind.VIEW, "Roles": EntityKind.CUSTOM}
    assert not {"column_mapping_unused", "column_mapping_invalid"} & {
        finding.code for finding in reading.findings
    }
    assert said != "nothing" or "sheet_unknown" not in {f.code for f in reading.findings}


def test_what_is_said_of_one_table_of_a_sheet_is_read_of_it() -> None:
    """`"Flow · 2": {From: From state}` was called unused, and was proposed again."""
    steps = [["Workflow", "Step", "From", "To"], ["Sales", "Open", "Shut", "Open"]]
    notes = [["Topic", "Who", "Answer"], ["Tills", "Kim", "Two"], ["Gates", "Kim", "One"], []]
    said = {"Step": "Label", "From": "From state", "To": "To state"}

    reading = read({"Flow": [*notes, ["Steps"], *steps]}, {"Flow · Steps": said})

    assert [table.columns for table in reading.tables if "Steps" in table.file.name] == [
        ("Workflow", "Label", "From state", "To state")
    ]
    assert "column_mapping_unused" not in {finding.code for finding in reading.findings}


def test_a_row_of_one_text_among_rows_of_more_is_no_thing() -> None:
    """A divider, a rule and a count became views to build, and `Not in scope` a content type."""
    header = ["View name", "Machine name", "Path"]
    views = [["Ferries", "ferries", "/f"], ["Piers", "piers", "/p"], ["Blocks"], ["Next", "next"]]
    rules = [[], ["Empty ones say so."], ["3 views"]]

    reading = read({"Views": [header, *views, *rules]}, {})

    (table,) = reading.tables
    assert [row.cells[0] for row in table.rows] == ["Ferries", "Piers", "Next"]
    assert [row.line for row in table.headings] == [4, 7, 8]
    assert "heading_read" in {f.code for f in reading.findings if f.line == 4}


@each(
    "header, kind, code",
    [
        (["Field", "Type", "Source", "Target"], EntityKind.CUSTOM, "column_missing"),
        (["Field label", "Field type", "Ref. bundle"], EntityKind.FIELD, "column_missing"),
        (["Name", "Type", "Path"], EntityKind.CUSTOM, "sheet_unknown"),
    ],
)
def test_what_only_looks_like_fields_and_lacks_their_bundle_is_quoted(
    header: list[str], kind: EntityKind, code: str
) -> None:
    """A list of pages, and what is taken from another system, stopped the upload as fields."""
    sheets = {
        "Sync": [header, ["sku", "Text", "ERP"], ["stop", "Berth", "Piers"]],
        "Roles": DEVICES,
    }

    reading = read(sheets, {})

    assert kinds(sheets)["Sync"] is kind
    assert code in {finding.code for finding in reading.findings if "Sync" in (finding.file or "")}


def test_a_list_of_two_columns_below_its_title_is_quoted() -> None:
    menu = [
        ["Main menu"],
        ["Item", "Leads to"],
        ["Ferries", "/f"],
        ["Piers", "/p"],
        ["About", "/a"],
    ]

    (_, table) = read({"Menu": menu, "Roles": DEVICES}, {}).tables

    assert (table.columns, len(table.rows)) == (("Item", "Leads to"), 3)


def test_a_longer_table_to_the_right_is_one_of_its_own() -> None:
    """The codes of a legend became the IDs of roles, and the rest of it rows beside blank ones."""
    legend = [["Code", "Meaning"], ["A", "always"], ["N", "never"], ["S", "sometimes"]]
    roles = [["Name", "Machine name"], ["Clerk", "clerk"], ["Pilot", "pilot"], ["", ""]]
    rows = [[*left, "", *right] for left, right in zip(roles, legend, strict=True)]

    (first, second) = read({"Roles": rows}, {}).tables

    assert (first.columns, len(first.rows)) == (("Name", "Machine name"), 2)
    assert (second.columns, len(second.rows)) == (("Code", "Meaning"), 3)


def test_questions_of_forms_below_their_titles_are_quoted() -> None:
    """The second form repeats the header, which was taken for content: nothing was read of both."""
    header = ["", "Question", "Answer by", "Must"]
    forms = [["Order"], header, ["1", "How many?", "number", "x"], ["Return"], header]

    (_, table) = read({"Forms": [*forms, ["1", "Why?", "text", ""]], "Roles": DEVICES}, {}).tables

    assert [cell for row in table.rows for cell in row.cells if cell.endswith("?")] == [
        "How many?",
        "Why?",
    ]


def test_a_total_above_a_note_is_none_of_the_rows() -> None:
    roles = [["Name", "Machine name", "People"], ["Clerk", "clerk", "3"], ["Pilot", "pilot", "2"]]

    (table,) = read({"Roles": [*roles, ["Total", "", "5"], ["Pilots may be clerks."]]}, {}).tables

    assert [row.cells[0] for row in table.rows] == ["Clerk", "Pilot"]


def test_a_proposal_that_makes_errors_or_changes_nothing_is_none() -> None:
    """`As` was proposed as Base table, and columns of a table that lacked another one stayed so."""
    views = [["View name", "Machine name", "As"], ["Ferries", "ferries", "cards, small"]]
    modes = [["Look", "Machine name", "What"], ["Small", "small", "In lists"]]

    reading = read({"Views": views, "View modes": modes}, {})

    assert "Base table}" not in "".join(finding.advice for finding in reading.findings)
    assert {header.proposed for header in reading.unknown_headers} == {""}


def test_columns_of_a_matrix_are_roles_only_where_it_says_so_or_a_sheet_lists_them() -> None:
    """Components in columns, by the pages they are allowed in, became user roles."""
    allowed = [["Allowed in", "Quay", "Pier"], ["Harbour", "x", "x"], ["Town", "", "x"]]
    may = [["Task", "Clerk", "Pilot"], ["Sell tickets", "x", ""], ["Steer", "", "x"]]
    roles = [["Name", "Machine name"], ["Clerk", "clerk"], ["Pilot", "pilot"]]

    components = kinds({"Views": [["View name"], ["Ferries"]], "Components": allowed})
    tasks = kinds({"Roles": roles, "Who may do what": may})

    assert EntityKind.USER_ROLE not in components.values()
    assert tasks == {"Roles": EntityKind.USER_ROLE}


def test_below_type_in_a_sheet_of_types_are_their_names() -> None:
    types = [
        ["Type", "Machine name", "Purpose"],
        ["Pier", "pier", "Boats moor"],
        ["Quay", "quay", ""],
    ]

    (table,) = read({"Content types": types}, {}).tables

    assert table.file.sheet is EntityKind.BUNDLE
    assert [row.cells[0] for row in table.rows] == ["Pier", "Quay"]
    assert table.columns[0] == "Name"


def test_rows_below_a_heading_that_puts_them_off_are_on_hold() -> None:
    """`Not in scope` was a content type, and what is below it was built."""
    header = ["Name", "Machine name", "Purpose"]
    now = [["Pier", "pier", "Boats moor"], ["Quay", "quay", "Cars"], ["Ferry", "ferry", "Both"]]
    later = [["Phase 2:"], ["Bridge", "bridge", "Trains"], ["To build"], ["Lock", "lock", "Ships"]]

    reading = read({"Content types": [header, *now, *later], "Roles": DEVICES}, {})

    (table, _) = reading.tables
    at = table.columns.index("X")
    assert [row.cells[0] for row in table.rows if row.cells[at] == "w"] == ["Bridge"]
    assert [f.line for f in reading.findings if f.code == "row_put_off"] == [6]


def test_a_sheet_that_is_called_like_a_kind_is_that_before_another_that_fits_more() -> None:
    """Views with a type of display, such as Block, were types of blocks."""
    views = [["Name", "Machine name", "Type", "Path"], ["Ferries", "ferries", "Block", ""]]

    assert kinds({"Views": views})["Views"] is EntityKind.VIEW


def test_blocks_of_views_menus_and_plugins_are_no_block_types() -> None:
    """Six custom block types were to be made of a view, a menu and two plugins of core."""
    blocks = [
        ["Block", "Made of", "Shown", "Says"],
        ["Tide bar", "view Tides", "above", "now"],
        ["Tongue", "core", "right", ""],
        ["Lower menu", "main menu, level 2", "left", ""],
        ["Berths", "text", "below", "where"],
    ]
    types = [["Block", "Description", "Shown"], ["Card", "A list of boats", "left"]]

    assert kinds({"Blocks": blocks}) == {"Blocks": EntityKind.CUSTOM}
    assert kinds({"Blocks": types}) == {"Blocks": EntityKind.BUNDLE}

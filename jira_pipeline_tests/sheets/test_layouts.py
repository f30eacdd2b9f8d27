"""Sheets that hold more than one table below a header, as people lay them out for themselves."""

from collections.abc import Sequence
from cProfile import Profile

import pytest
from xlsxwriter import Workbook

from jira_pipeline.drupal.meaning.view_displays import setting_column
from jira_pipeline.drupal.meaning.workflow_rows import bundles_listed, bundles_unknown
from jira_pipeline.model.entities import (
    Entity,
    EntityKind,
    SourceRow,
    Specification,
    sheet_title,
)
from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.sheets.reading import layouts
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.questions_of_views import form_of
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.sheets.made_workbooks import AS_TEXT, fill, workbook_of, written
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.sites import briefs_of

Rows = Sequence[Sequence[str]]

BLANK: list[str] = []
TYPES = [
    ["Name", "Machine name", "Type", "Description"],
    ["Kayak", "kayak", "Content type", "A boat for one"],
    ["Trip", "trip", "Content type", ""],
    ["Rope", "rope", "Paragraph type", ""],
]
FIELDS = ["Label", "Machine name", "Field type", "Required"]
LENGTH = ["Length", "field_length", "Whole number", "yes"]
GUIDE = ["Guide", "field_guide", "Email", "no"]
KNOT = ["Knot", "field_knot", "Text (plain)", "yes"]


def read(sheets: dict[str, Rows]) -> tuple[list[Entity], list[Finding]]:
    reading = read_files({"s.xlsx": workbook_of(sheets)})
    entities = read_entities(reading.tables)
    return list(entities.entities), [*reading.findings, *entities.findings]


def of_kind(entities: Sequence[Entity], kind: EntityKind) -> list[Entity]:
    return [entity for entity in entities if entity.kind is kind]


def fields_of(entities: Sequence[Entity]) -> list[tuple[str, str]]:
    owned = of_kind(entities, EntityKind.FIELD)
    return [((e.owner_key or "").rpartition("/")[2], e.machine_name) for e in owned]


def errors(findings: Sequence[Finding]) -> list[str]:
    return [f.code for f in findings if f.severity is Severity.ERROR]


def test_a_table_of_fields_below_a_title_and_what_describes_its_type() -> None:
    """The block became the header, and each field a row of nothing."""
    kayak = [
        ["Kayaks (content type)"],
        ["Name", "Kayak"],
        ["Machine name", "kayak"],
        ["URL alias pattern", "boats/[node:title]"],
        BLANK,
        ["What editors fill in"],
        FIELDS,
        LENGTH,
    ]

    entities, findings = read({"Types": TYPES, "First type": kayak})

    assert fields_of(entities) == [("kayak", "field_length")]
    bundles = {e.machine_name: e for e in of_kind(entities, EntityKind.BUNDLE)}
    assert len(bundles) == 3
    assert bundles["kayak"].cell("URL alias pattern") == "boats/[node:title]"
    assert bundles["kayak"].cell("Description") == "A boat for one"
    assert errors(findings) == []


def test_a_block_describes_a_type_that_no_sheet_lists() -> None:
    trip = [
        ["Name", "Trip"],
        ["Machine name", "trip"],
        ["Type", "Content type"],
        BLANK,
        FIELDS,
        GUIDE,
    ]

    entities, findings = read({"Trip": trip})

    (bundle,) = of_kind(entities, EntityKind.BUNDLE)
    assert (bundle.key, bundle.source.line) == ("bundle:Content type/trip", 1)
    assert fields_of(entities) == [("trip", "field_guide")]
    assert errors(findings) == []


def test_tables_below_their_titles_that_repeat_their_header() -> None:
    stacked = [
        ["Kayak (kayak)"],
        ["For one person, or two who like each other."],
        FIELDS,
        LENGTH,
        BLANK,
        ["Trip (trip)"],
        FIELDS,
        GUIDE,
        BLANK,
        ["Nobody knows this"],
        FIELDS,
        KNOT,
    ]

    known, _ = read({"Types": TYPES, "All of them": stacked[:8]})
    partly, findings = read({"Types": TYPES, "All of them": stacked})

    assert fields_of(known) == [("kayak", "field_length"), ("trip", "field_guide")]
    assert [pair for pair in fields_of(partly) if pair[1] == "field_knot"] == [("", "field_knot")]
    assert [(f.code, f.line) for f in findings if f.severity is Severity.ERROR] == [
        ("owner_blank", 12)
    ]


@pytest.mark.parametrize("band", ["B   TRIP  –  days out", "2.1 Trip", "Trip"])
def test_a_band_names_the_type_of_the_rows_below_it(band: str) -> None:
    header = ["No.", *FIELDS]
    banded = [header, ["Kayak"], ["1", *LENGTH], BLANK, [band], ["2", *GUIDE]]

    entities, findings = read({"Types": TYPES, "Sheet of fields": banded})

    assert ("trip", "field_guide") in fields_of(entities)
    assert errors(findings) == []


def test_tables_of_several_kinds_in_one_sheet() -> None:
    """The second header blocked, and the first was that of another kind."""
    workflow = [
        ["Review of trips"],
        ["Label", "Trips"],
        ["Machine name", "trips"],
        ["Type", "Content moderation"],
        ["Applies to", "node: trip, kayak"],
        BLANK,
        ["States"],
        ["Label", "Machine name", "Published"],
        ["Draft", "draft", "no"],
        ["Live", "live", "yes"],
        BLANK,
        ["Transitions"],
        ["Label", "Machine name", "From", "To"],
        ["Go live", "go_live", "draft", "live"],
        ["Only guides may do this, as the club has decided."],
    ]

    entities, findings = read({"Types": TYPES, "Review": workflow})

    (transition,) = of_kind(entities, EntityKind.WORKFLOW_TRANSITION)
    assert [r.target_key for r in transition.references] == [
        f"workflow_state:trips/{state}" for state in ("draft", "live")
    ]
    assert transition.owner_key == "workflow:trips"
    assert [f.line for f in findings if f.code == "heading_read"] == [15]
    assert errors(findings) == []
    specification = Specification(entities=tuple(entities))
    (head,) = of_kind(entities, EntityKind.WORKFLOW)
    assert {b.machine_name for b in bundles_listed(head, specification)} == {"kayak", "trip"}
    assert bundles_unknown(head, specification) == ()


def test_a_block_describes_the_first_of_two_lists_that_have_its_type() -> None:
    trip = [["Machine name", "trip"], ["Type", "Content type"], ["Used for", "Guests"], BLANK]

    entities, _ = read({"Types": TYPES, "Old types": TYPES, "Trip": [*trip, FIELDS, LENGTH]})

    trips = [e for e in of_kind(entities, EntityKind.BUNDLE) if e.machine_name == "trip"]
    assert sorted(e.cell("Used for") for e in trips) == ["", "Guests"]


def test_a_list_completes_that_of_its_own_workbook() -> None:
    ropes = [["Paragraph types"], ["Name", "Machine name", "Used for"], ["Rope", "rope", "Knots"]]
    sheets = {"Types": TYPES, "Parts": ropes}

    reading = read_files({"a.xlsx": workbook_of({"Types": TYPES}), "b.xlsx": workbook_of(sheets)})

    assert [table.file.name for table in reading.tables] == ["a.xlsx:Types", "b.xlsx:Types"]


def test_a_row_that_shares_no_column_hides_no_table_below() -> None:
    counted = [[*TYPES[0], "Pages"], TYPES[2], ["", "", "", "So far", "20"], [*TYPES[1], "2"]]
    moorings = [["Moorings"], ["Buoy", "", "", "Side"], ["Red", "", "", "left"]]

    reading = read_files({"s.xlsx": workbook_of({"Types": [*counted, BLANK, *moorings]})})

    assert [table.file.name for table in reading.tables] == [
        "s.xlsx:Types",
        "s.xlsx:Types · Moorings",
    ]


def test_a_second_list_of_the_same_things_completes_the_first() -> None:
    ropes = [["Paragraph types"], ["Name", "Machine name", "Used for"], ["Rope", "rope", "Knots"]]
    other = [*ropes[:2], ["Rope of another kind", "rope", "Knots"]]

    entities, findings = read({"Types": TYPES, "Parts": ropes})
    _, of_other = read({"Types": TYPES, "Parts": other})

    rope = next(e for e in of_kind(entities, EntityKind.BUNDLE) if e.machine_name == "rope")
    assert rope.cell("Used for") == "Knots"
    assert errors(findings) == []
    assert errors(of_other) == ["sheet_repeated"]


def test_notes_of_a_second_list_are_further_notes() -> None:
    """Notes contradict nothing; two that differed made each type twice, with a ticket each."""
    types = [[*TYPES[0], "Remarks"], [*TYPES[1], "Built first"], [*TYPES[2], ""]]
    paths = [
        ["Content type", "URL alias pattern", "Remarks"],
        ["Kayak", "/kayaks/[title]", "Short"],
    ]
    twice = [*paths[:1], ["Kayak", "/kayaks", "Short"], ["Kayak", "/boats", ""]]

    (kayak, _), findings = read({"Types": types, "Addresses": paths})
    several, _ = read({"Types": types, "Addresses": twice})

    assert kayak.cell("URL alias pattern") == "/kayaks/[title]"
    assert kayak.cell("Remarks") == "Built first\nShort"
    assert errors(findings) == []
    assert len(several) == len(types) - 1 + len(twice) - 1


@pytest.mark.parametrize(
    "sheet",
    [
        [
            *(["View Trips"], ["Machine name", "trips"], ["Displays"]),
            *(["Title", "Machine name", "Display type"], ["All trips", "page_1", "Page"]),
        ],
        [["", "Trips", "Guides"], ["Path", "/trips", "/guides"], ["Sort", "date", "name"]],
    ],
    ids=["a block for each", "a column for each"],
)
def test_views_in_a_layout_that_is_not_read_are_named_and_block_nothing(sheet: Rows) -> None:
    entities, findings = read({"Types": TYPES, "Our views": sheet})

    assert {e.kind for e in entities} == {EntityKind.BUNDLE}
    assert errors(findings) == []
    assert [sheet_title(f.file or "") for f in findings if f.code == "views_in_blocks"] == [
        "Our views"
    ]


def test_a_row_that_is_struck_through_is_not_read() -> None:
    """It had a ticket that said to build it."""

    def write(workbook: Workbook) -> None:
        struck = workbook.add_format({"font_strikeout": True})
        fill(workbook.add_worksheet("Types"), TYPES)
        sheet = workbook.add_worksheet("All fields")
        fill(sheet, [FIELDS, ["Kayak"], LENGTH, BLANK, KNOT])
        for column, text in enumerate(GUIDE):
            sheet.write_string(3, column, text, struck)

    reading = read_files({"s.xlsx": written(write)})

    assert fields_of(read_entities(reading.tables).entities) == [
        ("kayak", "field_length"),
        ("kayak", "field_knot"),
    ]
    assert [(f.severity, f.line) for f in reading.findings if f.code == "row_struck"] == [
        (Severity.WARNING, 4)
    ]


def test_rows_below_a_heading_stay_rows_of_their_table() -> None:
    table = [
        ["Bundle", *FIELDS],
        ["Kayak", *LENGTH],
        BLANK,
        ["Fields for later"],
        ["Trip", "Title", "-", "", ""],
        ["Trip", *GUIDE],
    ]

    entities, _ = read({"Types": TYPES, "Fields": table})

    assert [name for _, name in fields_of(entities)] == ["field_length", "-", "field_guide"]


MATRIX = [
    ["Permission", "Machine name", "Visitor", "Skipper", "Owner"],
    ["Boats"],
    ["See boats", "access content", "x", "(x)", "all"],
    ["Add a kayak", "create kayak content", "", "x", ""],
]


def test_a_matrix_gives_roles_the_permissions_that_they_mark() -> None:
    """It was a custom sheet, and no role had a permission."""
    roles = [["Name", "Machine name"], ["Visitor", "anonymous"], ["Skipper", "skipper\nTwo people"]]

    entities, findings = read({"User roles": [*roles, BLANK, ["Permissions"], *MATRIX]})

    notes = {e.machine_name: e.note for e in of_kind(entities, EntityKind.USER_ROLE)}
    from_matrix = "From “User roles · Permissions” (Permission):\n- "
    assert notes == {
        "anonymous": f"{from_matrix}access content",
        "skipper": f"{from_matrix}create kayak content",
    }
    assert len(of_kind(entities, EntityKind.CUSTOM)) == len(MATRIX) - 1
    (finding,) = [f for f in findings if f.code == "permissions_read"]
    assert "More than marks: “Owner”" in finding.message


AREAS = [
    ["Deck", "Act", "Purser", "Cook", "Stoker", "Remarks"],
    ["Boat", "add", "yes", "yes", "–", ""],
    ["", "change", "any", "own", "own", "not at sea"],
    ["Knot", "tie, untie", "yes", "–", "any", ""],
]


@pytest.mark.parametrize("roles", [["Purser", "Cook", "Stoker"], []])
def test_two_columns_of_a_matrix_name_a_permission_together(roles: list[str]) -> None:
    """The area was the permission, roles with words for marks had none, a remark was lost."""
    listed = [["Name", "Machine name"], *([role, role.lower()] for role in roles)]
    header = ["Deck" if roles else "Permission", *AREAS[0][1:]]

    entities, findings = read(
        {
            "User roles" if roles else "Types": listed if roles else TYPES,
            "Rights": [header, *AREAS[1:]],
        }
    )

    notes = {e.label: e.note.split("\n")[1:] for e in of_kind(entities, EntityKind.USER_ROLE)}
    assert notes == {
        "Purser": ["- Boat: add", "- Boat: change (any)", "- Knot: tie, untie"],
        "Cook": ["- Boat: add", "- Boat: change (own)"],
        "Stoker": ["- Boat: change (own)", "- Knot: tie, untie (any)"],
    }
    assert "not at sea" in of_kind(entities, EntityKind.CUSTOM)[1].cells.values()
    (finding,) = [f for f in findings if f.code == "permissions_read"]
    assert "More than marks: “any”, “own”, “Remarks”" in finding.message


def test_the_headers_of_a_matrix_are_roles_where_no_sheet_lists_any() -> None:
    entities, _ = read({"Types": TYPES, "Who may do what": [["Rights of people"], *MATRIX]})

    roles = of_kind(entities, EntityKind.USER_ROLE)
    assert [(e.label, e.note) for e in roles] == [
        ("Visitor", "From “Who may do what” (Permission):\n- access content"),
        ("Skipper", "From “Who may do what” (Permission):\n- create kayak content"),
    ]


def test_what_is_below_a_name_in_a_cell_is_a_remark() -> None:
    """“Neither core nor a module known here brings the form widget”, it said of the whole cell."""
    fields = [[*FIELDS, "Widget"], [*GUIDE, "email_default\nplaceholder: none"]]

    entities, _ = read({"Types": TYPES, "Trip": fields})

    (field,) = of_kind(entities, EntityKind.FIELD)
    assert field.cell("Form widget") == "email_default"
    assert field.written["Form widget"] == "email_default\nplaceholder: none"


def test_further_rows_of_an_image_style_are_its_further_effects() -> None:
    styles = [
        ["Style", "Machine name", "Effects", "Used for"],
        ["Bow", "bow", "Crop 300x200", "Cards"],
        ["", "", "Convert to WebP", ""],
        ["Stern", "stern", "Scale 100x100", ""],
    ]

    entities, findings = read({"Image styles": styles})

    assert [e.note for e in of_kind(entities, EntityKind.IMAGE_STYLE)] == [
        "Crop 300x200\nConvert to WebP",
        "Scale 100x100",
    ]
    assert errors(findings) == []


CSV_FIELDS = "Field label,Bundle,Field type\nBody,Article,Text long\n"


def rows_of(files: dict[str, str]) -> list[tuple[str, ...]]:
    reading = read_files({name: text.encode() for name, text in files.items()})
    return [row.cells for table in reading.tables for row in table.rows]


@pytest.mark.parametrize("cells", ["Title,,Text", "Title,Article,"])
def test_a_row_of_two_cells_above_a_blank_row_stays_a_row(cells: str) -> None:
    """It was read as what describes the next table, and the row below as a header: three were lost."""
    below = f"{cells}\n,,\nCategory,Article,List\nTags,Article,Reference\n"

    rows = rows_of({"fields.csv": CSV_FIELDS + below})

    assert [row[0] for row in rows] == ["Body", "Title", "Category", "Tags"]


def test_a_row_of_words_of_headers_is_no_header_below_a_row_as_wide() -> None:
    """The header of a list of imported columns was lost, and the row above this one."""
    rows = rows_of(
        {"import.csv": "From,Into,Remark\nid,nid,x\nName,Title,Description\nfoo,bar,y\n"}
    )

    assert [row[0] for row in rows] == ["id", "Name", "foo"]


def test_titles_without_rows_cost_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A remark in every other row had each of them look at all rows below it."""
    below, asked = layouts._first_title, list[int]()

    def counted(rows: Sequence[SourceRow], at: int) -> int:
        asked.append(at)
        return below(rows, at)

    monkeypatch.setattr(layouts, "_first_title", counted)

    rows = rows_of({"fields.csv": CSV_FIELDS + "A remark,,\n,,\n" * 50})

    assert rows[0][0] == "Body"
    assert asked == []


def test_a_text_below_the_header_of_labels_is_a_field_where_headings_stand_before_it() -> None:
    """Fields with nothing but a label were lost as headings."""
    header = ["Bundle", "Field label", "Machine name", "Field type"]
    fields = [header, ["Trip", *KNOT[:3]], BLANK, ["Kayak"], ["", "Depth"], ["", "Width"]]

    entities, _ = read({"Types": TYPES, "Fields": fields})

    labels = [e.label for e in of_kind(entities, EntityKind.FIELD)]
    assert labels == ["Knot", "Depth", "Width"]


def test_a_row_of_two_cells_above_a_repeated_header_stays_a_row() -> None:
    """It made a type that nobody asked for, and had the fields below belong to it."""
    fields = [FIELDS, LENGTH, ["Title", "headline"], FIELDS, GUIDE]

    entities, _ = read({"Types": TYPES, "Trip": fields})

    assert len(of_kind(entities, EntityKind.BUNDLE)) == len(TYPES) - 1
    assert fields_of(entities) == [
        ("trip", "field_length"),
        ("trip", "headline"),
        ("trip", "field_guide"),
    ]


def permissions(sheets: dict[str, Rows]) -> list[tuple[str, str]]:
    entities, _ = read(sheets)
    return [(e.label, e.note) for e in of_kind(entities, EntityKind.USER_ROLE)]


NODES = [["Permission", "Editor", "Author"], ["edit pages", "x", ""], ["add pages", "x", "x"]]
FILES = [["Permission", "Editor", "Author"], ["edit files", "x", ""], ["add files", "x", "x"]]
EDITOR_AUTHOR = [["Name", "Machine name"], ["Editor", "editor"], ["Author", "author"]]


@pytest.mark.parametrize("roles", [{"User roles": EDITOR_AUTHOR}, {}])
def test_several_matrices_add_up(roles: dict[str, Rows]) -> None:
    """The last one replaced the others, or each made the roles anew."""
    found = permissions({**roles, "Types": TYPES, "Pages": NODES, "Files": FILES})

    assert [label for label, _ in found] == ["Editor", "Author"]
    words = {label: {*note.removeprefix("Permissions: ").split(", ")} for label, note in found}
    assert words == {
        "Editor": {"edit pages", "add pages", "edit files", "add files"},
        "Author": {"add pages", "add files"},
    }


def test_one_cell_that_is_no_mark_loses_no_other() -> None:
    """The role lost all it had, and it was said that “x” is no mark."""
    matrix = [*NODES, ["delete pages", "x", "own only"], ["see pages", "x", "x"]]

    entities, findings = read({"User roles": EDITOR_AUTHOR, "Permissions": matrix})

    notes = {e.machine_name: e.note for e in of_kind(entities, EntityKind.USER_ROLE)}
    assert notes["author"].split("\n- ")[1:] == [
        "add pages",
        "delete pages (own only)",
        "see pages",
    ]
    (finding,) = [f for f in findings if f.code == "permissions_read"]
    assert "More than marks: “own only”" in finding.message
    assert "“x”" not in finding.message


@pytest.mark.parametrize("title", ["Image rights", "Copyrights", "Photo permissions"])
def test_marks_in_a_sheet_that_is_not_of_permissions_make_no_roles(title: str) -> None:
    marks = [["Picture", "Print", "Web"], ["Hero", "x", "x"], ["Logo", "", "x"]]

    entities, _ = read({"Types": TYPES, title: marks})

    assert not of_kind(entities, EntityKind.USER_ROLE)
    assert [e.label for e in of_kind(entities, EntityKind.CUSTOM)] == ["Hero", "Logo"]


def test_two_names_in_a_cell_are_no_name_and_a_remark() -> None:
    """The second one was lost, and nothing said so."""
    entities, findings = read(
        {"Types": TYPES, "Trip": [FIELDS, ["Knot", "field_knot\nfield_rope"]]}
    )

    assert [e.machine_name for e in of_kind(entities, EntityKind.FIELD)] == [
        "field_knot\nfield_rope"
    ]
    assert "machine_name_invalid" in [f.code for f in findings]


def test_a_list_that_says_two_things_of_one_completes_none() -> None:
    """The second was lost."""
    twice = [
        ["Name", "Machine name", "Notes"],
        ["Editor", "editor", "a"],
        ["Editor", "editor", "b"],
    ]

    entities, _ = read({"User roles": EDITOR_AUTHOR, "Roles again": twice})

    assert [e.note for e in of_kind(entities, EntityKind.USER_ROLE) if e.note] == ["a", "b"]


def quoted(sheets: dict[str, Rows]) -> list[tuple[str, str]]:
    """Story and checks of the tickets of sheets that nobody recognises."""
    entities, _ = read(sheets)
    specification = Specification(entities=tuple(entities))
    briefs = briefs_of(specification, group_entities(specification).groups)
    written = [TemplateWriter().write(b) for b in briefs if b.group.kind is GroupKind.CUSTOM]
    return [(prose.parts.user_story, prose.parts.verification) for prose in written]


def test_of_a_table_that_nobody_recognises_a_ticket_says_nothing_but_that() -> None:
    """“Latest has Weight “content””, it said of a table below another: “Block has Goes to “Plugin””."""
    menus = [
        *(["Menu link", "Goes to", "Weight"], ["Boats", "/boats", "0"], BLANK, ["Blocks"]),
        *(["Block", "Plugin", "Region"], ["Latest", "views_block", "content"]),
    ]

    assert quoted({"Types": TYPES, "Menus": menus}) == [
        (f"<p>The table quotes the rows of “{name}”, which is no known sheet.</p>", "")
        for name in ("Menus", "Menus · Blocks")
    ]


def test_types_have_no_fields_of_their_own_only_where_every_sheet_is_known() -> None:
    notes = [["Nr", "What people see", "Kind"], ["1", "Length", "a number"]]
    stories = {}
    for name, sheets in {"known": {}, "unknown": {"Page by page": notes}}.items():
        entities, _ = read({"Types": TYPES, **sheets})
        specification = Specification(entities=tuple(entities))
        briefs = briefs_of(specification, group_entities(specification).groups)
        stories[name] = " ".join(TemplateWriter().write(b).parts.user_story for b in briefs)

    assert "without fields of their own" in stories["known"]
    assert "without fields" not in stories["unknown"]


def test_a_sheet_that_is_none_after_all_keeps_its_own_headers() -> None:
    """Rows without a label were read as no fields, and their “Kind” was a “Field type” still."""
    rows = [["Nr", "What people see", "Kind of input"], ["1", "Length", "a number"]]

    reading = read_files({"s.xlsx": workbook_of({"Types": TYPES, "Page by page": rows})})

    (table,) = [t for t in reading.tables if t.file.sheet is EntityKind.CUSTOM]
    assert "Kind of input" in table.columns
    (finding,) = [f for f in reading.findings if f.code == "sheet_unknown"]
    assert "“Page by page” (line 1)" in finding.message


@each(
    ("rows", "tables"),
    [
        # the second header is wider: the whole first table was read as its title
        (
            [
                *(["Languages"], ["Language", "Code"], ["Basque", "eu"], ["Welsh", "cy"], BLANK),
                *(["Hosts"], ["Host", "Region", "Use"], ["a1", "north", "live"]),
            ],
            {"Paddles": ["Basque", "Welsh"], "Paddles · Hosts": ["a1"]},
        ),
        # a row with twice the cells of a header half blank was the header
        (
            [
                *(["Old", "", "New", "", "", "Who"], ["/old", "301", "/new"]),
                *(["/a", "b", "/c", "d", "e", "f"], ["/g", "h"]),
            ],
            {"Paddles": ["/old", "/a", "/g"]},
        ),
        # tables as wide as each other were one
        (
            [
                *(["Word", "Count"], ["oar", "12"], ["hull", "7"], BLANK),
                *(["Plurals"], ["Word", "Form"], ["oar", "oars"]),
            ],
            {"Paddles": ["oar", "hull"], "Paddles · Plurals": ["oar"]},
        ),
        # what a document says of itself above its table is no table
        (
            [
                *(["Name", "Boats"], ["Version", "3"], ["Date", "May"], BLANK),
                *(["Word", "Count", "Where", "Who"], ["oar", "12", "shed", "Ada"]),
            ],
            {"Paddles": ["oar"]},
        ),
    ],
)
def test_no_row_of_tables_that_nobody_knows_is_lost(
    rows: Rows, tables: dict[str, list[str]]
) -> None:
    reading = read_files({"s.xlsx": workbook_of({"Types": TYPES, "Paddles": rows})})

    unknown = [t for t in reading.tables if t.file.sheet is EntityKind.CUSTOM]
    assert {sheet_title(t.file.name): [row.cells[0] for row in t.rows] for t in unknown} == tables


RIVERS = [*TYPES, ["River", "river", "Vocabulary", ""], ["Water", "water", "Vocabulary", ""]]
FLOW = [["Label", "Machine name", "Type"], ["Safety", "safety", "Content moderation"]]


@each(
    ("rows", "notes"),
    [
        (
            [
                *(["Vocabulary", "Term", "Below it"], ["River", "Adur", ""]),
                *(["river", "", "Upper Adur"], ["Water", "White", ""]),
            ],
            {"River": ["- Adur", "- - Upper Adur"], "Water": ["- White"]},
        ),
        # a row with a status of its own is not of its vocabulary alone
        ([["Vocabulary", "Term", "X"], ["River", "Adur", "d"]], {"River": []}),
        # one row is of no vocabulary that a sheet lists: nothing is said of any
        ([["Vocabulary", "Term"], ["River", "Adur"], ["Lake", "Geneva"]], {"River": []}),
        (
            [["From / to", "Wet", "Dry"], ["Wet", "", "x"], ["Dry", "yes", "no"]],
            {"Safety": ["- Wet to Dry", "- Dry to Wet"]},
        ),
        (
            [["To / from", "Wet", "Dry"], ["Wet", "", "x"], ["Dry", "", ""]],
            {"Safety": ["- Dry to Wet"]},
        ),
        # other names in the rows, and a word that is no mark
        ([["From / to", "Wet", "Dry"], ["Wet", "", "x"], ["Damp", "", ""]], {"Safety": []}),
        ([["From / to", "Wet", "Dry"], ["Wet", "", "soon"], ["Dry", "", ""]], {"Safety": []}),
    ],
)
def test_terms_and_ways_between_states_are_notes_of_what_has_them(
    rows: Rows, notes: dict[str, list[str]]
) -> None:
    """Terms belonged to no vocabulary, and were a ticket of their own."""
    entities, findings = read({"Types": RIVERS, "Flow": FLOW, "Lists of it": rows})

    noted = {e.cells.get("Name") or e.cells.get("Label", ""): e for e in entities}
    for name, lines in notes.items():
        note = noted[name].cell("Settings/notes") + noted[name].cell("Notes")
        assert note.split("\n")[1:] == lines
    assert ("rows_noted" in {f.code for f in findings}) == any(notes.values())


def test_a_worksheet_with_few_headers_is_no_table() -> None:
    cover = [["How to read this"], ["Version", "0.4"], ["Language", "English"]]

    entities, findings = read({"Types": TYPES, "Our harbour": cover})

    assert {e.kind for e in entities} == {EntityKind.BUNDLE}
    assert [sheet_title(f.file or "") for f in findings if f.code == "worksheet_ignored"] == [
        "Our harbour"
    ]


def test_a_role_without_a_mark_is_named() -> None:
    """It was lost without a word."""
    matrix = [[*row, *more] for row, more in zip(MATRIX, [["Guest"], [], [""], [""]], strict=True)]

    _, findings = read({"Types": TYPES, "Who may do what": [["Rights of people"], *matrix]})

    (finding,) = [f for f in findings if f.code == "permissions_read"]
    assert "“Guest” has no mark" in finding.message


def test_tables_of_one_worksheet_cost_what_as_many_of_their_own_do() -> None:
    """Each table looked at all rows of the worksheet, and at all tables before it."""

    def calls(count: int) -> int:
        rows = [
            row
            for at in range(count)
            for row in (
                *([f"Boat {at}"], ["Name", f"Boat {at}"], ["Machine name", f"boat_{at}"]),
                *(["Type", "Content type"], BLANK, FIELDS, LENGTH, GUIDE, BLANK),
            )
        ]
        content = workbook_of({"All": rows})
        profile = Profile()
        profile.runcall(read_files, {"s.xlsx": content})
        return sum(int(entry.callcount) for entry in profile.getstats())

    first, second, third = calls(30), calls(60), calls(120)

    assert third - second < 2.3 * (second - first)


PANELS = [["View name", "Machine name", "Base table", "Kind", "Path", "Filters"]]
PANELS += [["Kayaks", "kayaks", "Content", "Page", "/kayaks", "Published"]]


def test_further_displays_below_a_view_are_read() -> None:
    """Only an info said that a row was read as a separator; no ticket had the display."""
    more = [
        ["", "", "", "Block", "", "Newest three"],
        ["", "", "", "Feed (RSS)", "/kayaks.xml", ""],
    ]
    alone = [BLANK, ["Owners", "owners", "Users", "Page", "/owners", ""]]

    entities, findings = read({"Views": [*PANELS, *more, *alone]})

    found = of_kind(entities, EntityKind.VIEW_DISPLAY)
    assert [(e.label, e.owner_key, e.cell("Path"), e.source.line) for e in found] == [
        ("Page", "view:kayaks", "/kayaks", 2),
        ("Block", "view:kayaks", "", 3),
        ("Feed", "view:kayaks", "/kayaks.xml", 4),
        ("Page", "view:owners", "/owners", 6),
    ]
    assert [e.cell("Display plugin") for e in found] == ["Page", "Block", "Feed", "Page"]
    assert [f.line for f in findings if f.code == "displays_read"] == [2]
    assert "separator_with_text" not in {f.code for f in findings}


def test_no_sentence_has_a_blank_in_place_of_the_name_of_a_display() -> None:
    """It said that `/kayaks` opens “”."""
    entities, _ = read({"Views": [*PANELS, ["", "", "", "Block", "", "Newest three"]]})

    specification = Specification(entities=tuple(entities))
    groups = group_entities(specification).groups
    prose = [TemplateWriter().write(brief).parts for brief in briefs_of(specification, groups)]

    assert "opens “Page”" in str(prose)
    assert "<code></code>" not in str(prose)


def test_a_view_whose_only_display_is_in_its_row_stays_as_it_is() -> None:
    entities, findings = read({"Views": PANELS})

    assert of_kind(entities, EntityKind.VIEW_DISPLAY) == []
    assert "displays_read" not in {f.code for f in findings}


def test_a_display_without_a_name_goes_by_its_plugin() -> None:
    displays = [
        ["View", "Title", "Machine name", "Display plugin", "Path"],
        ["Kayaks", "All", "page_1", "Page", "/kayaks"],
        ["Kayaks", "", "", "Block", ""],
    ]

    entities, _ = read({"Views": [row[:3] for row in PANELS], "Displays": displays})

    found = of_kind(entities, EntityKind.VIEW_DISPLAY)
    assert [(e.label, e.owner_key) for e in found] == [
        ("All", "view:kayaks"),
        ("Block", "view:kayaks"),
    ]


def test_a_row_without_a_name_that_says_more_than_a_heading_is_a_warning() -> None:
    lost = ["Kayak", "", "", "Link", "for later"]

    _, findings = read({"Types": TYPES, "Fields": [["Bundle", *FIELDS], ["Kayak", *LENGTH], lost]})

    assert [(f.severity, f.line) for f in findings if f.code == "separator_with_text"] == [
        (Severity.WARNING, 3)
    ]


def test_a_heading_that_says_so_is_the_group_of_the_fields_below_it() -> None:
    """Groups within a bundle were taken for headings or fields, and no ticket had them."""
    fields = [
        FIELDS,
        *(["Kayak"], ["Tab: Size"], LENGTH, ["Contact (tab)"], GUIDE, BLANK),
        *(["Trip"], ["Route"], KNOT),
    ]

    entities, findings = read({"Types": TYPES, "Fields": fields})

    rows = of_kind(entities, EntityKind.FIELD)
    assert [(e.machine_name, e.owner_key, e.cell("Field group")) for e in rows] == [
        ("field_length", "bundle:Content type/kayak", "Size"),
        ("field_guide", "bundle:Content type/kayak", "Contact"),
        ("field_knot", "bundle:Content type/trip", ""),
    ]
    assert [f.line for f in findings if f.code == "groups_read"] == [3]
    (unread,) = [f for f in findings if f.code == "headings_unread"]
    assert (unread.severity, unread.line) == (Severity.WARNING, 9)
    assert "“Route” (line 9). They name no bundle" in unread.message


def test_a_group_goes_on_below_a_row_that_is_struck_through() -> None:
    rows = [
        ["Bundle", *FIELDS],
        ["Tab: Size"],
        *(["Kayak", *each] for each in (LENGTH, GUIDE, KNOT)),
    ]

    def write(workbook: Workbook) -> None:
        fill(workbook.add_worksheet("Types"), TYPES)
        fill(fields := workbook.add_worksheet("Fields"), rows)
        struck = workbook.add_format({"font_strikeout": True})
        for column, text in enumerate(rows[3]):
            fields.write_string(3, column, text, struck)

    reading = read_files({"s.xlsx": written(write, AS_TEXT)})

    fields = of_kind(read_entities(reading.tables).entities, EntityKind.FIELD)
    found = [(e.machine_name, e.cell("Field group")) for e in fields]
    assert found == [("field_length", "Size"), ("field_knot", "Size")]


def test_a_group_ends_at_a_blank_row_and_at_the_next_bundle() -> None:
    rows = [
        ["Group - Size"],
        ["Kayak", *LENGTH],
        ["Trip", *GUIDE],
        ["Fieldset: More"],
        ["Trip", *KNOT],
    ]
    fields = [["Bundle", *FIELDS], *rows, BLANK, ["Trip", "Height", "field_height", "Email", "no"]]

    entities, findings = read({"Types": TYPES, "Fields": fields})

    groups = [e.cell("Field group") for e in of_kind(entities, EntityKind.FIELD)]
    assert groups == ["Size", "", "More", ""]
    assert "headings_unread" not in {f.code for f in findings}


BOTANY = [["Name", "Machine name", "Type"], ["Trees", "trees", "Vocabulary"]]
GARDEN = [*BOTANY, ["Soil", "soil", "Vocabulary"]]


@pytest.mark.parametrize(
    ("title", "header"), [("Trees", "Name"), ("Terms of Trees", "Terms"), ("trees", "Term")]
)
def test_a_sheet_called_like_a_vocabulary_lists_its_terms(title: str, header: str) -> None:
    """It was a ticket of its own, and the vocabulary was asked for its terms."""
    terms = [[header, "Height"], ["Oak", "40 m"], ["Birch", ""]]

    entities, findings = read({"Types": GARDEN, title: terms})

    notes = {e.machine_name: e.note for e in entities}
    assert notes["trees"].endswith("- Oak · 40 m\n- Birch")
    assert {e.kind for e in entities} == {EntityKind.BUNDLE}
    assert "rows_noted" in {f.code for f in findings}


def test_terms_of_nobody_are_a_warning() -> None:
    terms = [["Term", "Height"], ["Oak", "40 m"]]

    entities, findings = read({"Types": GARDEN, "Taxonomy": terms})

    assert EntityKind.CUSTOM in {e.kind for e in entities}
    assert [f.severity for f in findings if f.code == "terms_unread"] == [Severity.WARNING]


def test_a_merged_vocabulary_counts_for_each_term_in_a_sheet_that_nobody_knows() -> None:
    def write(workbook: Workbook) -> None:
        fill(workbook.add_worksheet("Types"), GARDEN)
        sheet = workbook.add_worksheet("Lists")
        fill(sheet, [["Vocabulary", "Term"], ["", "Oak"], ["", "Birch"], ["Soil", "Clay"]])
        sheet.merge_range(1, 0, 2, 0, "Trees")

    reading = read_files({"s.xlsx": written(write)})

    notes = {e.machine_name: e.note for e in read_entities(reading.tables).entities}
    assert notes["trees"].endswith("- Oak\n- Birch")
    assert "owner_merged" in {f.code for f in reading.findings}


LISTINGS = ["View name", "Machine name", "Where", "What", "Filter", "Order", "Number", "Weather"]


@each("header", ["Where", "Where (menu)", "Menu / region"])
def test_a_header_of_listings_is_read_by_its_parts(header: str) -> None:
    row = ["Kayaks", "kayaks", "/kayaks", "Kayak", "Length", "Newest first", "12", "any"]
    headers = [header if each == "Where" else each for each in LISTINGS]
    second = ["do.", "", "/kayaks/old", *row[3:]]

    entities, _ = read({"Views": [headers, row, second]})

    (first, _) = of_kind(entities, EntityKind.VIEW_DISPLAY)
    assert setting_column(first, "path") == header


@each("second", [["do.", ""], ["Old kayaks", "kayaks"]])
def test_two_rows_of_one_view_are_two_displays_of_it(second: list[str]) -> None:
    """They were an error, with advice to invent a name, or a view called “do.”."""
    rows = [
        ["Kayaks", "kayaks", "/kayaks", "Kayak", "Length", "Newest first", "12", "any"],
        [*second, "/kayaks/old", "Kayak", "Sold", "Oldest first", "30", "fair"],
    ]

    entities, findings = read({"Views": [LISTINGS, *rows]})

    assert [e.label for e in of_kind(entities, EntityKind.VIEW)] == ["Kayaks"]
    found = of_kind(entities, EntityKind.VIEW_DISPLAY)
    assert [(e.owner_key, e.cell("Where")) for e in found] == [
        ("view:kayaks", "/kayaks"),
        ("view:kayaks", "/kayaks/old"),
    ]
    assert "key_repeated" not in {f.code for f in findings}


@each(("weather", "is_asked"), [("", True), ("fair", False)])
def test_a_form_asks_for_nothing_that_a_cell_of_the_row_may_hold(
    weather: str, *, is_asked: bool
) -> None:
    """Beside “/kayaks” and “12” it had a “?”, and asked for both."""
    row = ["Kayaks", "kayaks", "/kayaks", "Kayak", "Length", "Newest first", "12", weather]

    entities, _ = read({"Views": [LISTINGS, row]})

    (group,) = group_entities(Specification(entities=tuple(entities))).groups
    form = form_of(group)
    assert bool(form) is is_asked
    assert not {"Path or place", "Filters", "Sort", "Items per page"} & {
        column for row in form for column in row.open_columns
    }


def test_heads_of_columns_above_a_matrix_are_no_bundle() -> None:
    """“Vocabularies” was a bundle that had all fields, and the listed ones had none."""
    fields = [
        ["", "", "", "Content types", "Vocabularies"],
        ["Field label", "Machine name", "Field type", "Pier", "Lake"],
        ["Depth", "field_depth", "Link", "x", ""],
        ["Hue", "field_hue", "Link", "x", "x"],
    ]
    types = [["Name", "Machine name", "X", "Type"]]
    types += [["Pier", "pier", "a", "Content type"], ["Lake", "lake", "a", "Vocabulary"]]

    entities, _ = read({"Types": types, "Fields": fields})

    owners = [(e.label, e.owner_key) for e in entities if e.kind is EntityKind.FIELD]
    assert owners == [
        ("Depth", "bundle:Content type/pier"),
        ("Hue", "bundle:Content type/pier"),
        ("Hue", "bundle:Vocabulary/lake"),
    ]


BRICKS = [["Ref", "Component", "System name"], ["1", "Anchor", "anchor"], ["2", "Rope", "rope"]]


@pytest.mark.parametrize("mapped", [{}, {"Component": "Name"}])
def test_a_title_says_what_a_table_of_names_lists(mapped: dict[str, str]) -> None:
    """One header that was mapped made them roles, without a warning."""
    listed = {
        "Bricks": [["Bricks (paragraph types)"], ["Of pages"], *BRICKS],
        "Odds": [["Odds and ends"], ["Of pages"], *BRICKS],
    }
    files = {"s.xlsx": workbook_of({"Types": TYPES, **listed})}

    tables = read_files(files, columns={"Bricks": mapped, "Odds": mapped}).tables

    kinds = {sheet_title(table.file.name): table.file.sheet for table in tables}
    assert (kinds["Bricks"], kinds["Odds"]) == (EntityKind.BUNDLE, EntityKind.CUSTOM)
    (bricks,) = [table for table in tables if sheet_title(table.file.name) == "Bricks"]
    at = bricks.columns.index("Type")
    assert {row.cells[at] for row in bricks.rows} == {"Paragraph type"}


@pytest.mark.parametrize("word", ["paragraph", "Brick"])
def test_a_column_of_kinds_tells_two_types_of_one_label_apart(word: str) -> None:
    """Fields of both were of neither."""
    types = [
        *([*TYPES[0]], ["Rope", "rope", "Media type"], ["Rope", "rope_part", "Paragraph type"])
    ]
    fields = [
        ["Entity", "Bundle", "Field label", "Machine name", "Field type"],
        ["media type", "Rope", "Length", "field_length", "Number"],
        [word, "Rope", "Knot", "field_knot", "Text"],
    ]

    entities, _ = read({"Types": types, "Fields": fields})

    assert fields_of(entities) == [("rope", "field_length"), ("rope_part", "field_knot")]

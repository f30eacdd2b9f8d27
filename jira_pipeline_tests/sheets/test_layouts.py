"""Sheets that hold more than one table below a header, as people lay them out for themselves."""

from collections.abc import Mapping, Sequence
from cProfile import Profile

import pytest
from xlsxwriter import Workbook

from jira_pipeline.drupal.meaning.view_displays import setting_column
from jira_pipeline.drupal.meaning.workflow_rows import bundles_listed, bundles_unknown
from jira_pipeline.model.entities import EntityKind, SourceRow, sheet_title
from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.reading import table_starts
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.questions_of_views import form_of
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.sheets.made_readings import Expected, Reading, Rows, Sheets
from jira_pipeline_tests.sheets.made_workbooks import AS_TEXT, fill, workbook_of, written
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.sites import briefs_of

BLANK: list[str] = []
TYPES = [
    ["Name", "Machine name", "Type", "Description"],
    ["Kayak", "kayak", "Content type", "A boat for one"],
    ["Trip", "trip", "Content type", ""],
    ["Rope", "rope", "Paragraph type", ""],
]
LISTED = ["kayak", "trip", "rope"]
FIELDS = ["Label", "Machine name", "Field type", "Required"]
LENGTH = ["Length", "field_length", "Whole number", "yes"]
GUIDE = ["Guide", "field_guide", "Email", "no"]
KNOT = ["Knot", "field_knot", "Text (plain)", "yes"]
STACKED = [
    ["Kayak (kayak)"],
    ["For one person, or two who like each other."],
    *(FIELDS, LENGTH, BLANK),
    *(["Trip (trip)"], FIELDS, GUIDE),
]
ROPES = [["Paragraph types"], ["Name", "Machine name", "Used for"], ["Rope", "rope", "Knots"]]
MATRIX = [
    ["Permission", "Machine name", "Visitor", "Skipper", "Owner"],
    ["Boats"],
    ["See boats", "access content", "x", "(x)", "all"],
    ["Add a kayak", "create kayak content", "", "x", ""],
]
VIEWS = [["View name", "Machine name"], ["Kayaks", "kayaks"]]
BOTANY = [["Name", "Machine name", "Type"], ["Trees", "trees", "Vocabulary"]]
GARDEN = [*BOTANY, ["Soil", "soil", "Vocabulary"]]
CSV_FIELDS = "Field label,Bundle,Field type\nBody,Article,Text long\n"
CSV_BELOW = "Category,Article,List\nTags,Article,Reference\n"

OWNERS: Mapping[str, tuple[Sheets, Expected]] = {
    "tables below their titles that repeat their header": (
        {"Types": TYPES, "All of them": STACKED},
        {"fields": ["kayak/field_length", "trip/field_guide"], "errors": []},
    ),
    "one below a title that nobody knows": (
        {"Types": TYPES, "All of them": [*STACKED, BLANK, ["Nobody knows"], FIELDS, KNOT]},
        {"errors": ["owner_blank"], "owner_blank": ["error 12"]},
    ),
    **{
        f"a band {band}": (
            {
                "Types": TYPES,
                "Sheet of fields": [
                    *(["No.", *FIELDS], ["Kayak"], ["1", *LENGTH], BLANK),
                    *([band], ["2", *GUIDE]),
                ],
            },
            {"fields": ["kayak/field_length", "trip/field_guide"], "errors": []},
        )
        for band in ("B   TRIP  –  days out", "2.1 Trip", "Trip")
    },
    "rows below a heading stay rows of their table": (
        {
            "Types": TYPES,
            "Fields": [
                *(["Bundle", *FIELDS], ["Kayak", *LENGTH], BLANK, ["Fields for later"]),
                *(["Trip", "Title", "-", "", ""], ["Trip", *GUIDE]),
            ],
        },
        {"fields": ["kayak/field_length", "trip/-", "trip/field_guide"]},
    ),
    # fields with nothing but a label were lost as headings
    "texts below the header of labels, after headings before it": (
        {
            "Types": TYPES,
            "Fields": [
                *(["Bundle", "Field label", "Machine name", "Field type"], ["Trip", *KNOT[:3]]),
                *(BLANK, ["Kayak"], ["", "Depth"], ["", "Width"]),
            ],
        },
        {EntityKind.FIELD: ["Knot", "Depth", "Width"]},
    ),
    # it made a type that nobody asked for, and had the fields below belong to it
    "a row of two cells above a repeated header stays a row": (
        {"Types": TYPES, "Trip": [FIELDS, LENGTH, ["Title", "headline"], FIELDS, GUIDE]},
        {"bundles": LISTED, "fields": ["trip/field_length", "trip/headline", "trip/field_guide"]},
    ),
    # the second one was lost, and nothing said so
    "two names in a cell are no name and a remark": (
        {"Types": TYPES, "Trip": [FIELDS, ["Knot", "field_knot\nfield_rope"]]},
        {"fields": ["trip/field_knot\nfield_rope"], "machine_name_invalid": ["warning 2"]},
    ),
    # “Vocabularies” was a bundle that had all fields, and the listed ones had none
    "heads of columns above a matrix are no bundle": (
        {
            "Types": [
                ["Name", "Machine name", "X", "Type"],
                *(["Pier", "pier", "a", "Content type"], ["Lake", "lake", "a", "Vocabulary"]),
            ],
            "Fields": [
                ["", "", "", "Content types", "Vocabularies"],
                ["Field label", "Machine name", "Field type", "Pier", "Lake"],
                ["Depth", "field_depth", "Link", "x", ""],
                ["Hue", "field_hue", "Link", "x", "x"],
            ],
        },
        {"fields": ["pier/field_depth", "pier/field_hue", "lake/field_hue"]},
    ),
    # fields of two types of one label were of neither
    **{
        f"a column of kinds says {word}": (
            {
                "Types": [
                    TYPES[0],
                    *(["Rope", "rope", "Media type"], ["Rope", "rope_part", "Paragraph type"]),
                ],
                "Fields": [
                    ["Entity", "Bundle", "Field label", "Machine name", "Field type"],
                    ["media type", "Rope", "Length", "field_length", "Number"],
                    [word, "Rope", "Knot", "field_knot", "Text"],
                ],
            },
            {"fields": ["rope/field_length", "rope_part/field_knot"]},
        )
        for word in ("paragraph", "Brick")
    },
}
KINDS: Mapping[str, tuple[Sheets, Expected]] = {
    "a second list of the same things completes the first": (
        {"Types": TYPES, "Parts": ROPES},
        {"bundles": LISTED, "errors": []},
    ),
    "a list of others of the same name does not": (
        {"Types": TYPES, "Parts": [*ROPES[:2], ["Rope of another kind", "rope", "Knots"]]},
        {"errors": ["sheet_repeated"]},
    ),
    "a row that shares no column hides no table below": (
        {
            "Types": [
                [*TYPES[0], "Pages"],
                *(TYPES[2], ["", "", "", "So far", "20"], [*TYPES[1], "2"], BLANK),
                *(["Moorings"], ["Buoy", "", "", "Side"], ["Red", "", "", "left"]),
            ]
        },
        {"kinds": {"Types": EntityKind.BUNDLE, "Types · Moorings": EntityKind.CUSTOM}},
    ),
    **{
        f"views in a layout that is not read: {name}": (
            {"Types": TYPES, "Our views": views},
            {"kinds": {"Types": EntityKind.BUNDLE}, "errors": [], "views_in_blocks": [place]},
        )
        for name, place, views in (
            (
                *("a block for each", "warning 4"),
                [
                    *(["View Trips"], ["Machine name", "trips"], ["Displays"]),
                    *(["Title", "Machine name", "Display type"], ["All trips", "page_1", "Page"]),
                ],
            ),
            (
                *("a column for each", "warning 1"),
                [["", "Trips", "Guides"], ["Path", "/trips", "/guides"], ["Sort", "date", "name"]],
            ),
        )
    },
    **{
        f"marks in a sheet of {title} make no roles": (
            {
                "Types": TYPES,
                title: [["Picture", "Print", "Web"], ["Hero", "x", "x"], ["Logo", "", "x"]],
            },
            {EntityKind.USER_ROLE: [], EntityKind.CUSTOM: ["Hero", "Logo"]},
        )
        for title in ("Image rights", "Copyrights", "Photo permissions")
    },
    "a worksheet with few headers is no table": (
        {
            "Types": TYPES,
            "Harbour": [["How to read this"], ["Version", "0.4"], ["Language", "English"]],
        },
        {"kinds": {"Types": EntityKind.BUNDLE}, "worksheet_ignored": ["warning 1"]},
    ),
    "terms of nobody are a warning": (
        {"Types": GARDEN, "Taxonomy": [["Term", "Height"], ["Oak", "40 m"]]},
        {EntityKind.CUSTOM: ["Oak"], "terms_unread": ["warning 1"]},
    ),
    "a row without a name that says more than a heading is one": (
        {
            "Types": TYPES,
            "Fields": [
                *(["Bundle", *FIELDS], ["Kayak", *LENGTH]),
                ["Kayak", "", "", "Link", "for later"],
            ],
        },
        {"separator_with_text": ["warning 3"]},
    ),
    # the last three were lost: the first was what describes a table, the second its header
    **{
        f"a row of two cells above a blank row: {cells}": (
            {"fields.csv": f"{CSV_FIELDS}{cells}\n,,\n{CSV_BELOW}"},
            {EntityKind.FIELD: ["Body", "Title", "Category", "Tags"]},
        )
        for cells in ("Title,,Text", "Title,Article,")
    },
    # the header of a list of imported columns was lost, and the row above this one
    "a row of words of headers below a row as wide is no header": (
        {"import.csv": "From,Into,Remark\nid,nid,x\nName,Title,Description\nfoo,bar,y\n"},
        {"quoted": {"import.csv": ["id", "Name", "foo"]}},
    ),
    # the whole first table was read as the title of the second
    "a second header that is wider": (
        {
            "Types": TYPES,
            "Paddles": [
                *(["Languages"], ["Language", "Code"], ["Basque", "eu"], ["Welsh", "cy"], BLANK),
                *(["Hosts"], ["Host", "Region", "Use"], ["a1", "north", "live"]),
            ],
        },
        {"quoted": {"Paddles": ["Basque", "Welsh"], "Paddles · Hosts": ["a1"]}},
    ),
    # it was the header
    "a row with twice the cells of a header half blank": (
        {
            "Types": TYPES,
            "Paddles": [
                *(["Old", "", "New", "", "", "Who"], ["/old", "301", "/new"]),
                *(["/a", "b", "/c", "d", "e", "f"], ["/g", "h"]),
            ],
        },
        {"quoted": {"Paddles": ["/old", "/a", "/g"]}},
    ),
    # they were one
    "tables as wide as each other": (
        {
            "Types": TYPES,
            "Paddles": [
                *(["Word", "Count"], ["oar", "12"], ["hull", "7"], BLANK),
                *(["Plurals"], ["Word", "Form"], ["oar", "oars"]),
            ],
        },
        {"quoted": {"Paddles": ["oar", "hull"], "Paddles · Plurals": ["oar"]}},
    ),
    "what a document says of itself above its table is no table": (
        {
            "Types": TYPES,
            "Paddles": [
                *(["Name", "Boats"], ["Version", "3"], ["Date", "May"], BLANK),
                *(["Word", "Count", "Where", "Who"], ["oar", "12", "shed", "Ada"]),
            ],
        },
        {"quoted": {"Paddles": ["oar"]}},
    ),
}


@each(("sheets", "expected"), OWNERS.values(), ids=OWNERS)
def test_fields_belong_to_what_is_said_above_or_beside_them(
    sheets: Sheets, expected: Expected
) -> None:
    assert expected == Reading(sheets).asked(expected)


@each(("sheets", "expected"), KINDS.values(), ids=KINDS)
def test_each_table_is_read_as_what_it_is_and_no_row_is_lost(
    sheets: Sheets, expected: Expected
) -> None:
    assert expected == Reading(sheets).asked(expected)


def test_a_table_of_fields_below_a_title_and_what_describes_its_type() -> None:
    """The block became the header, and each field a row of nothing."""
    kayak = [
        *(["Kayaks (content type)"], ["Name", "Kayak"], ["Machine name", "kayak"]),
        *(["URL alias pattern", "boats/[node:title]"], BLANK),
        *(["What editors fill in"], FIELDS, LENGTH),
    ]

    reading = Reading({"Types": TYPES, "First type": kayak})

    assert (reading.fields, reading.bundles) == (["kayak/field_length"], LISTED)
    described = reading.of(EntityKind.BUNDLE)[0]
    assert described.cell("URL alias pattern") == "boats/[node:title]"
    assert described.cell("Description") == "A boat for one"
    assert reading.errors == []


def test_a_block_describes_a_type_that_no_sheet_lists() -> None:
    trip = [["Name", "Trip"], ["Machine name", "trip"], ["Type", "Content type"], BLANK]

    reading = Reading({"Trip": [*trip, FIELDS, GUIDE]})

    (bundle,) = reading.of(EntityKind.BUNDLE)
    assert (bundle.key, bundle.source.line) == ("bundle:Content type/trip", 1)
    assert (reading.fields, reading.errors) == (["trip/field_guide"], [])


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

    reading = Reading({"Types": TYPES, "Review": workflow})

    (transition,) = reading.of(EntityKind.WORKFLOW_TRANSITION)
    assert [r.target_key for r in transition.references] == [
        f"workflow_state:trips/{state}" for state in ("draft", "live")
    ]
    assert transition.owner_key == "workflow:trips"
    assert [f.line for f in reading.found("heading_read")] == [15]
    assert reading.errors == []
    (head,) = reading.of(EntityKind.WORKFLOW)
    listed = bundles_listed(head, reading.specification)
    assert {bundle.machine_name for bundle in listed} == {"kayak", "trip"}
    assert bundles_unknown(head, reading.specification) == ()


def test_a_block_describes_the_first_of_two_lists_that_have_its_type() -> None:
    trip = [["Machine name", "trip"], ["Type", "Content type"], ["Used for", "Guests"], BLANK]

    reading = Reading({"Types": TYPES, "Old types": TYPES, "Trip": [*trip, FIELDS, LENGTH]})

    trips = [e for e in reading.of(EntityKind.BUNDLE) if e.machine_name == "trip"]
    assert sorted(e.cell("Used for") for e in trips) == ["", "Guests"]


def test_a_second_list_completes_that_of_its_own_workbook() -> None:
    sheets = {"Types": TYPES, "Parts": ROPES}

    both = read_files({"a.xlsx": workbook_of({"Types": TYPES}), "b.xlsx": workbook_of(sheets)})

    assert [table.file.name for table in both.tables] == ["a.xlsx:Types", "b.xlsx:Types"]
    rope = Reading(sheets).of(EntityKind.BUNDLE)[-1]
    assert rope.cell("Used for") == "Knots"


def test_notes_of_a_second_list_are_further_notes() -> None:
    """Notes contradict nothing; two that differed made each type twice, with a ticket each."""
    types = [[*TYPES[0], "Remarks"], [*TYPES[1], "Built first"], [*TYPES[2], ""]]
    paths = [
        ["Content type", "URL alias pattern", "Remarks"],
        ["Kayak", "/kayaks/[title]", "Short"],
    ]
    twice = [*paths[:1], ["Kayak", "/kayaks", "Short"], ["Kayak", "/boats", ""]]

    reading = Reading({"Types": types, "Addresses": paths})
    several = Reading({"Types": types, "Addresses": twice})

    kayak, _ = reading.entities
    assert kayak.cell("URL alias pattern") == "/kayaks/[title]"
    assert kayak.cell("Remarks") == "Built first\nShort"
    assert reading.errors == []
    assert len(several.entities) == len(types) - 1 + len(twice) - 1


def test_a_matrix_gives_roles_the_permissions_that_they_mark() -> None:
    """It was a custom sheet, and no role had a permission."""
    roles = [["Name", "Machine name"], ["Visitor", "anonymous"], ["Skipper", "skipper\nTwo people"]]

    reading = Reading({"User roles": [*roles, BLANK, ["Permissions"], *MATRIX]})

    from_matrix = "From “User roles · Permissions” (Permission):\n- "
    assert {e.machine_name: e.note for e in reading.of(EntityKind.USER_ROLE)} == {
        "anonymous": f"{from_matrix}access content",
        "skipper": f"{from_matrix}create kayak content",
    }
    assert len(reading.of(EntityKind.CUSTOM)) == len(MATRIX) - 1
    assert "More than marks: “Owner”" in reading.only("permissions_read").message


AREAS = [
    ["Deck", "Act", "Purser", "Cook", "Stoker", "Remarks"],
    ["Boat", "add", "yes", "yes", "–", ""],
    ["", "change", "any", "own", "own", "not at sea"],
    ["Knot", "tie, untie", "yes", "–", "any", ""],
]


@each(
    ("listed", "first"),
    [
        ({"User roles": [["Name", "Machine name"], *([n, n.lower()] for n in AREAS[0][2:5])]}, "Deck"),
        ({"Types": TYPES}, "Permission"),
    ],
)  # fmt: skip
def test_two_columns_of_a_matrix_name_a_permission_together(
    listed: dict[str, Rows], first: str
) -> None:
    """The area was the permission, roles with words for marks had none, a remark was lost."""
    reading = Reading({**listed, "Rights": [[first, *AREAS[0][1:]], *AREAS[1:]]})

    assert {role: note.split("\n")[1:] for role, note in reading.notes.items()} == {
        "Purser": ["- Boat: add", "- Boat: change (any)", "- Knot: tie, untie"],
        "Cook": ["- Boat: add", "- Boat: change (own)"],
        "Stoker": ["- Boat: change (own)", "- Knot: tie, untie (any)"],
    }
    assert "not at sea" in reading.of(EntityKind.CUSTOM)[1].cells.values()
    message = reading.only("permissions_read").message
    assert "More than marks: “any”, “own”, “Remarks”" in message


def test_the_headers_of_a_matrix_are_roles_where_no_sheet_lists_any() -> None:
    """A role without a mark was lost without a word."""
    rows = [[*row, *more] for row, more in zip(MATRIX, [["Guest"], [], [""], [""]], strict=True)]

    reading = Reading({"Types": TYPES, "Who may do what": [["Rights of people"], *rows]})

    assert reading.notes == {
        "Visitor": "From “Who may do what” (Permission):\n- access content",
        "Skipper": "From “Who may do what” (Permission):\n- create kayak content",
    }
    assert "“Guest” has no mark" in reading.only("permissions_read").message


NODES = [["Permission", "Editor", "Author"], ["edit pages", "x", ""], ["add pages", "x", "x"]]
FILES = [["Permission", "Editor", "Author"], ["edit files", "x", ""], ["add files", "x", "x"]]
EDITOR_AUTHOR = [["Name", "Machine name"], ["Editor", "editor"], ["Author", "author"]]


@each("roles", [{"User roles": EDITOR_AUTHOR}, {}])
def test_several_matrices_add_up(roles: dict[str, Rows]) -> None:
    """The last one replaced the others, or each made the roles anew."""
    reading = Reading({**roles, "Types": TYPES, "Pages": NODES, "Files": FILES})

    may = {role: note.removeprefix("Permissions: ") for role, note in reading.notes.items()}
    assert {role: {*words.split(", ")} for role, words in may.items()} == {
        "Editor": {"edit pages", "add pages", "edit files", "add files"},
        "Author": {"add pages", "add files"},
    }
    assert reading.asked(["user_role"]) == {"user_role": ["Editor", "Author"]}


def test_one_cell_that_is_no_mark_loses_no_other() -> None:
    """The role lost all it had, and it was said that “x” is no mark."""
    matrix = [*NODES, ["delete pages", "x", "own only"], ["see pages", "x", "x"]]

    reading = Reading({"User roles": EDITOR_AUTHOR, "Permissions": matrix})

    may = reading.notes["Author"].split("\n- ")[1:]
    assert may == ["add pages", "delete pages (own only)", "see pages"]
    message = reading.only("permissions_read").message
    assert "More than marks: “own only”" in message
    assert "“x”" not in message


def test_a_list_that_says_two_things_of_one_completes_none() -> None:
    """The second was lost."""
    twice = [[*EDITOR_AUTHOR[0], "Notes"], *(["Editor", "editor", note] for note in ("a", "b"))]

    reading = Reading({"User roles": EDITOR_AUTHOR, "Roles again": twice})

    assert [e.note for e in reading.of(EntityKind.USER_ROLE) if e.note] == ["a", "b"]


def test_what_is_below_a_name_in_a_cell_is_a_remark() -> None:
    """“Neither core nor a module known here brings the form widget”, it said of the whole cell."""
    fields = [[*FIELDS, "Widget"], [*GUIDE, "email_default\nplaceholder: none"]]

    (field,) = Reading({"Types": TYPES, "Trip": fields}).of(EntityKind.FIELD)

    assert field.cell("Form widget") == "email_default"
    assert field.written["Form widget"] == "email_default\nplaceholder: none"


def test_further_rows_of_an_image_style_are_its_further_effects() -> None:
    styles = [
        ["Style", "Machine name", "Effects", "Used for"],
        ["Bow", "bow", "Crop 300x200", "Cards"],
        ["", "", "Convert to WebP", ""],
        ["Stern", "stern", "Scale 100x100", ""],
    ]

    reading = Reading({"Image styles": styles})

    assert reading.notes == {"Bow": "Crop 300x200\nConvert to WebP", "Stern": "Scale 100x100"}
    assert reading.errors == []


def test_titles_without_rows_cost_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A remark in every other row had each of them look at all rows below it."""
    below, asked = table_starts._first_title, list[int]()

    def counted(rows: Sequence[SourceRow], at: int) -> int:
        asked.append(at)
        return below(rows, at)

    monkeypatch.setattr(table_starts, "_first_title", counted)

    reading = Reading({"fields.csv": CSV_FIELDS + "A remark,,\n,,\n" * 50})

    assert reading.entities[0].label == "Body"
    assert asked == []


def test_of_a_table_that_nobody_recognises_a_ticket_says_nothing_but_that() -> None:
    """“Latest has Weight “content””, it said of a table below another: “Block has Goes to “Plugin””."""
    menus = [
        *(["Menu link", "Goes to", "Weight"], ["Boats", "/boats", "0"], BLANK, ["Blocks"]),
        *(["Block", "Plugin", "Region"], ["Latest", "views_block", "content"]),
    ]

    read = Reading({"Types": TYPES, "Menus": menus}).specification
    briefs = briefs_of(read, group_entities(read).groups)

    quoted = [TemplateWriter().write(b) for b in briefs if b.group.kind is GroupKind.CUSTOM]
    assert [(prose.parts.user_story, prose.parts.verification) for prose in quoted] == [
        (f"<p>The table quotes the rows of “{name}”, which is no known sheet.</p>", "")
        for name in ("Menus", "Menus · Blocks")
    ]


@each(("others", "is_known"), [({}, True), ({"Pages": [["Nr", "What", "Kind"], ["1", "A", "b"]]}, False)])  # fmt: skip
def test_types_have_no_fields_of_their_own_only_where_every_sheet_is_known(
    others: dict[str, Rows], *, is_known: bool
) -> None:
    read = Reading({"Types": TYPES, **others}).specification

    briefs = briefs_of(read, group_entities(read).groups)

    stories = str([TemplateWriter().write(brief).parts.user_story for brief in briefs])
    assert ("without fields of their own" in stories, "without fields" in stories) == (
        is_known,
        is_known,
    )


def test_a_sheet_that_is_none_after_all_keeps_its_own_headers() -> None:
    """Rows without a label were read as no fields, and their “Kind” was a “Field type” still."""
    rows = [["Nr", "What people see", "Kind of input"], ["1", "Length", "a number"]]

    reading = Reading({"Types": TYPES, "Page by page": rows})

    (table,) = [t for t in reading.folder.tables if t.file.sheet is EntityKind.CUSTOM]
    assert "Kind of input" in table.columns
    assert "“Page by page” (line 1)" in reading.only("sheet_unknown").message


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
        ([["Vocabulary", "Term", "X"], ["River", "Adur", "d"]], {}),
        # one row is of no vocabulary that a sheet lists: nothing is said of any
        ([["Vocabulary", "Term"], ["River", "Adur"], ["Lake", "Geneva"]], {}),
        (
            [["From / to", "Wet", "Dry"], ["Wet", "", "x"], ["Dry", "yes", "no"]],
            {"Safety": ["- Wet to Dry", "- Dry to Wet"]},
        ),
        (
            [["To / from", "Wet", "Dry"], ["Wet", "", "x"], ["Dry", "", ""]],
            {"Safety": ["- Dry to Wet"]},
        ),
        # other names in the rows, and a word that is no mark
        ([["From / to", "Wet", "Dry"], ["Wet", "", "x"], ["Damp", "", ""]], {}),
        ([["From / to", "Wet", "Dry"], ["Wet", "", "soon"], ["Dry", "", ""]], {}),
    ],
)
def test_terms_and_ways_between_states_are_notes_of_what_has_them(
    rows: Rows, notes: dict[str, list[str]]
) -> None:
    """Terms belonged to no vocabulary, and were a ticket of their own."""
    reading = Reading({"Types": RIVERS, "Flow": FLOW, "Lists of it": rows})

    assert {name: note.split("\n")[1:] for name, note in reading.notes.items()} == notes
    assert bool(reading.found("rows_noted")) == bool(notes)


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

    reading = Reading({"Views": [*PANELS, *more, *alone]})

    found = reading.of(EntityKind.VIEW_DISPLAY)
    assert [(e.label, e.owner_key, e.cell("Path"), e.source.line) for e in found] == [
        ("Page", "view:kayaks", "/kayaks", 2),
        ("Block", "view:kayaks", "", 3),
        ("Feed", "view:kayaks", "/kayaks.xml", 4),
        ("Page", "view:owners", "/owners", 6),
    ]
    assert [e.cell("Display plugin") for e in found] == ["Page", "Block", "Feed", "Page"]
    assert [f.line for f in reading.found("displays_read")] == [2]
    assert reading.found("separator_with_text") == []


def test_no_sentence_has_a_blank_in_place_of_the_name_of_a_display() -> None:
    """It said that `/kayaks` opens “”."""
    read = Reading({"Views": [*PANELS, ["", "", "", "Block", "", "Newest three"]]}).specification

    briefs = briefs_of(read, group_entities(read).groups)
    prose = str([TemplateWriter().write(brief).parts for brief in briefs])

    assert "opens “Page”" in prose
    assert "<code></code>" not in prose


def test_a_view_whose_only_display_is_in_its_row_stays_as_it_is() -> None:
    reading = Reading({"Views": PANELS})

    assert (reading.of(EntityKind.VIEW_DISPLAY), reading.found("displays_read")) == ([], [])


def test_a_display_without_a_name_goes_by_its_plugin() -> None:
    displays = [
        ["View", "Title", "Machine name", "Display plugin", "Path"],
        ["Kayaks", "All", "page_1", "Page", "/kayaks"],
        ["Kayaks", "", "", "Block", ""],
    ]

    reading = Reading({"Views": [row[:3] for row in PANELS], "Displays": displays})

    assert [(e.label, e.owner_key) for e in reading.of(EntityKind.VIEW_DISPLAY)] == [
        ("All", "view:kayaks"),
        ("Block", "view:kayaks"),
    ]


def groups_in(reading: Reading) -> list[tuple[str, str]]:
    """Each field after its bundle, and its group."""
    groups = (field.cell("Field group") for field in reading.of(EntityKind.FIELD))
    return [*zip(reading.fields, groups, strict=True)]


def test_a_heading_that_says_so_is_the_group_of_the_fields_below_it() -> None:
    """Groups within a bundle were taken for headings or fields, and no ticket had them."""
    fields = [
        FIELDS,
        *(["Kayak"], ["Tab: Size"], LENGTH, ["Contact (tab)"], GUIDE, BLANK),
        *(["Trip"], ["Route"], KNOT),
    ]

    reading = Reading({"Types": TYPES, "Fields": fields})

    assert groups_in(reading) == [
        ("kayak/field_length", "Size"),
        ("kayak/field_guide", "Contact"),
        ("trip/field_knot", ""),
    ]
    assert [f.line for f in reading.found("groups_read")] == [3]
    unread = reading.only("headings_unread")
    assert (unread.severity, unread.line) == (Severity.WARNING, 9)
    assert "“Route” (line 9). They name no bundle" in unread.message


def test_a_row_that_is_struck_through_is_not_read_and_its_group_goes_on() -> None:
    """It had a ticket that said to build it."""
    rows = [["Bundle", *FIELDS], ["Tab: Size"], *(["Kayak", *row] for row in (LENGTH, GUIDE, KNOT))]

    def write(workbook: Workbook) -> None:
        fill(workbook.add_worksheet("Types"), TYPES)
        fill(fields := workbook.add_worksheet("Fields"), rows)
        struck = workbook.add_format({"font_strikeout": True})
        for column, text in enumerate(rows[3]):
            fields.write_string(3, column, text, struck)

    reading = Reading({"s.xlsx": written(write, AS_TEXT)})

    assert groups_in(reading) == [
        ("kayak/field_length", "Size"),
        ("kayak/field_knot", "Size"),
    ]
    assert reading.asked(["row_struck"]) == {"row_struck": ["warning 4"]}


def test_a_group_ends_at_a_blank_row_and_at_the_next_bundle() -> None:
    rows = [["Group - Size"], ["Kayak", *LENGTH], ["Trip", *GUIDE], ["Fieldset: More"]]
    last = [["Trip", *KNOT], BLANK, ["Trip", "Height", "field_height", "Email", "no"]]

    reading = Reading({"Types": TYPES, "Fields": [["Bundle", *FIELDS], *rows, *last]})

    assert [group for _, group in groups_in(reading)] == ["Size", "", "More", ""]
    assert reading.found("headings_unread") == []


@each(("title", "header"), [("Trees", "Name"), ("Terms of Trees", "Terms"), ("trees", "Term")])
def test_a_sheet_called_like_a_vocabulary_lists_its_terms(title: str, header: str) -> None:
    """It was a ticket of its own, and the vocabulary was asked for its terms."""
    terms = [[header, "Height"], ["Oak", "40 m"], ["Birch", ""]]

    reading = Reading({"Types": GARDEN, title: terms})

    assert reading.notes["Trees"].endswith("- Oak · 40 m\n- Birch")
    assert {e.kind for e in reading.entities} == {EntityKind.BUNDLE}
    assert reading.found("rows_noted")


def test_a_merged_vocabulary_counts_for_each_term_in_a_sheet_that_nobody_knows() -> None:
    def write(workbook: Workbook) -> None:
        fill(workbook.add_worksheet("Types"), GARDEN)
        sheet = workbook.add_worksheet("Lists")
        fill(sheet, [["Vocabulary", "Term"], ["", "Oak"], ["", "Birch"], ["Soil", "Clay"]])
        sheet.merge_range(1, 0, 2, 0, "Trees")

    reading = Reading({"s.xlsx": written(write)})

    assert reading.notes["Trees"].endswith("- Oak\n- Birch")
    assert reading.found("owner_merged")


LISTINGS = ["View name", "Machine name", "Where", "What", "Filter", "Order", "Number", "Weather"]
LISTING = ["Kayaks", "kayaks", "/kayaks", "Kayak", "Length", "Newest first", "12"]


@each("header", ["Where", "Where (menu)", "Menu / region"])
def test_a_header_of_listings_is_read_by_its_parts(header: str) -> None:
    headers = [header if each == "Where" else each for each in LISTINGS]
    second = ["do.", "", "/kayaks/old", *LISTING[3:]]

    reading = Reading({"Views": [headers, [*LISTING, "any"], second]})

    (first, _) = reading.of(EntityKind.VIEW_DISPLAY)
    assert setting_column(first, "path") == header


@each("second", [["do.", ""], ["Old kayaks", "kayaks"]])
def test_two_rows_of_one_view_are_two_displays_of_it(second: list[str]) -> None:
    """They were an error, with advice to invent a name, or a view called “do.”."""
    row = [*second, "/kayaks/old", "Kayak", "Sold", "Oldest first", "30", "fair"]

    reading = Reading({"Views": [LISTINGS, [*LISTING, "any"], row]})

    assert reading.asked(["view", "key_repeated"]) == {"view": ["Kayaks"], "key_repeated": []}
    found = reading.of(EntityKind.VIEW_DISPLAY)
    assert [(e.owner_key, e.cell("Where")) for e in found] == [
        ("view:kayaks", "/kayaks"),
        ("view:kayaks", "/kayaks/old"),
    ]


@each(("weather", "is_asked"), [("", True), ("fair", False)])
def test_a_form_asks_for_nothing_that_a_cell_of_the_row_may_hold(
    weather: str, *, is_asked: bool
) -> None:
    """Beside “/kayaks” and “12” it had a “?”, and asked for both."""
    reading = Reading({"Views": [LISTINGS, [*LISTING, weather]]})

    (group,) = group_entities(reading.specification).groups
    form = form_of(group)
    assert bool(form) is is_asked
    assert not {"Path or place", "Filters", "Sort", "Items per page"} & {
        column for row in form for column in row.open_columns
    }


BRICKS = [["Ref", "Component", "System name"], ["1", "Anchor", "anchor"], ["2", "Rope", "rope"]]


@each("mapped", [{}, {"Component": "Name"}])
def test_a_title_says_what_a_table_of_names_lists(mapped: dict[str, str]) -> None:
    """One header that was mapped made them roles, without a warning."""
    bricks = [["Bricks (paragraph types)"], ["Of pages"], *BRICKS]
    sheets = {"Types": TYPES, "Bricks": bricks, "Odds": [["Odds and ends"], ["Of pages"], *BRICKS]}

    reading = Reading(sheets, columns={"Bricks": mapped, "Odds": mapped})

    assert (reading.kinds["Bricks"], reading.kinds["Odds"]) == (
        EntityKind.BUNDLE,
        EntityKind.CUSTOM,
    )
    (table,) = [t for t in reading.folder.tables if sheet_title(t.file.name) == "Bricks"]
    at = table.columns.index("Type")
    assert {row.cells[at] for row in table.rows} == {"Paragraph type"}

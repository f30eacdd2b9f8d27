"""Several tables on one worksheet, and worksheets of which nothing is built."""

from collections.abc import Mapping

import yaml

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.reading.captions_and_headings import captions_in, explained_in
from jira_pipeline_tests.sheets.made_readings import Expected, Reading, Rows, Sheets
from jira_pipeline_tests.tables import each

BLANK: list[str] = []
TYPES = [["Name", "Machine name", "Type"], ["Boat", "boat", "Content type"]]
FIELDS = [
    ["Field label", "Machine name", "Bundle", "Field type", "Req'd", "Vals."],
    ["Length", "field_length", "Boat", "Number (integer)", "y", "1"],
    ["Sails", "field_sails", "Boat", "Text (plain)", "n", "*"],
]
BOTH = ["Length", "Sails"]
VIEWS = [["View", "Display", "Path", "Filters"], ["Boats", "Page", "/boats", "Moored"]]
WORDS = [["Short", "Long", "Where"], ["LOA", "Length over all", "Hull"]]

CASES: Mapping[str, tuple[Sheets, Expected]] = {
    # its header became a bundle, and its marks became fields
    "words where marks and numbers were, in columns of the first table only": (
        {
            "Fields": [
                *(*FIELDS, BLANK, ["Where a field is shown"]),
                ["Field", "Shown as", "Teaser", "Label", "Above", "Order"],
                ["Length", "plain", "", "✓", "✓", ""],
                ["Sails", "list", "", "", "✓", ""],
            ]
        },
        {"field": BOTH, "quoted": {"Fields · Where a field is shown": BOTH}},
    ),
    "no title, and a header that is partly that of the first table": (
        {
            "Fields": [
                *(*FIELDS, BLANK, ["Size", "Machine name", "Ratio", "Crop"]),
                *(["Wide", "wide", "16:9", "by hand"], ["Square", "square", "1:1", "centre"]),
            ]
        },
        {"field": BOTH, "quoted": {"Fields · 2": ["Wide", "Square"]}},
    ),
    # marks where field types were became fields called like the marks
    "columns that hold other sorts": (
        {
            "Fields": [
                *(*FIELDS, BLANK, ["Which one where"]),
                ["code", "ship", "raft", "ferry", "barge", "tug"],
                *([f"K{n}", "Sail", "x", "x", "", "x"] for n in range(3)),
            ]
        },
        {"field": BOTH, "quoted": {"Fields · Which one where": ["K0", "K1", "K2"]}},
    ),
    # sizes of pictures were fields: “By/when” is no word like a header, but is one above
    "a header that shares a word with the one above": (
        {
            "Fields": [
                *([*FIELDS[0], "By/when"], *([*row, "P1"] for row in FIELDS[1:]), BLANK),
                *(["Cuts"], ["Name", "Wide", "By/when", "Used for"]),
                *(["Banner", "1600", "P1", "top"], ["Thumb", "90", "P2", "lists"]),
            ]
        },
        {"quoted": {"Fields · Cuts": ["Banner", "Thumb"]}},
    ),
    # lists and blocks in one sheet: the second header was a row, and the sheet was in no ticket
    "a header with two words of the first": (
        {
            "Things": [
                *(["Things to list"], BLANK, ["Nr", "List", "Goes to", "max.", "Remark"]),
                *(["1", "Tides", "/tides", "9", ""], ["2", "Boats", "/boats", "9", ""], BLANK),
                *(["Boxes"], ["Nr", "Box", "Where / when (place)", "max.", "Remark"]),
                ["1", "Flag", "top", "1", ""],
            ]
        },
        {"quoted": {"Things": ["1", "2"], "Things · Boxes": ["1"]}},
    ),
    # phases below a list of types were types to build, and fields referred to them
    "rows that leave the columns above blank": (
        {
            "Types": [
                ["Name", "Machine name", "How much", "For", "Tongue", "Type"],
                ["Boat", "boat", "12", "hire", "nl", "Content type"],
                ["Lock", "lock", "30", "opening", "nl", "Content type"],
                ["Bridge", "bridge", "9", "height", "nl + fr", "Content type"],
                *(BLANK, ["Phases", "", "", "Wishes"]),
                ["Phase", "Ends", "Holds", "No blinking text"],
                ["P1", "2 May", "Boats, locks", "Dates as in 2 May"],
                ["P2", "9 June", "Bridges"],
            ]
        },
        {"bundles": ["boat", "lock", "bridge"], "quoted": {"Types · 2": ["Phase", "P1", "P2"]}},
    ),
    "rows of words below a blank line stay rows": (
        {
            "Fields": [
                *(*FIELDS, BLANK, ["Port", "field_port", "Boat", "List (text)", "Yes", "One"]),
                ["Owner", "field_owner", "Boat", "Text (plain)", "No", "Several"],
            ]
        },
        {"field": [*BOTH, "Port", "Owner"], "quoted": {}},
    ),
    # its machine name is none, and its type says that it is a field
    "a row like those above the blank line is no header": (
        {
            "Fields": [
                *(*FIELDS, BLANK, ["Name", "Title", "Boat", "Text (plain)", "Yes", "One"]),
                ["Port", "field_port", "Boat", "Link", "No", "One"],
            ]
        },
        {"field": [*BOTH, "Name", "Port"], "quoted": {}},
    ),
    "rows below a band with a remark stay rows of their table": (
        {
            "Fields": [
                *(*FIELDS, BLANK, ["Below the water", "", "see the drawing"]),
                *([n, f"field_{n}", "Boat", "Text (plain)", "n", "1"] for n in ("keel", "oar")),
            ]
        },
        {"field": [*BOTH, "Below the water", "keel", "oar"], "quoted": {}},
    ),
    "a row that has a known word is no header below rows like it": (
        {
            "Migration": [
                *(["What is taken over"], BLANK, ["Nr.", "From where", "What", "How many", "Key"]),
                *(["K0", "Old log", "boats", "12", "a"], ["K1", "Old log", "boats", "12", "b"]),
                ["K2", "Old log", "boats", "12", "Migration"],
            ]
        },
        {"quoted": {"Migration": ["K0", "K1", "K2"]}},
    ),
    **{
        f"a row that counts what is above it is no row: {total[0]}": (
            {"Fields": [*FIELDS, total]},
            {"field": BOTH, "totals_row": ["info 4"]},
        )
        for total in (*(["Total", "", "2 fields", "", "", "3"], ["Total: 2 fields"], ["Sum", "2"]),)
    },
    "a sentence in another column is no field": (
        {
            "Fields": [
                *(["Nr", *FIELDS[0]], ["1", *FIELDS[1]], BLANK),
                ["", "Lengths are those of the hull and no other."],
            ]
        },
        {"field": ["Length"], "heading_read": ["info 4"]},
    ),
    "titles, sentences and counts are nothing to build": (
        {
            "Views": [
                *(["Views"], BLANK, ["View name", "Shows", "Path"], ["tides", "Tides", "/tides"]),
                *(["boats", "Boats", ""], ["→ from here on only for those who steer the boats"]),
                *(["piers", "Piers", ""], ["Displays", "3"], BLANK),
                *(["Valid for the whole tab:"], ["Only what floats, (in the end.)"]),
            ]
        },
        {"view": ["tides", "boats", "piers"], "totals_row": ["info 8"]},
    ),
    # `Hull` with the weight 2 below two styles was left out as the number of them
    "a thing with a number among numbers is no count": (
        {"Image styles": [["Style name", "Weight"], ["Bow", "1"], ["Deck", "2"], ["Hull", "2"]]},
        {"image_style": ["Bow", "Deck", "Hull"]},
    ),
    # its title was the header, or the worksheet no table
    "a table of two columns below a title has a header": (
        {
            "Basics": [
                *(["What is set"], BLANK, ["Setting", "Value"]),
                *(["Slogan", "Ahoy"], ["Pier", "North"]),
            ]
        },
        {"quoted": {"Basics": ["Slogan", "Pier"]}},
    ),
    "a legend above a table, or part of its name, does not make it one": (
        {
            "Ropes": [["Ropes"], ["Legend"], BLANK, ["Rope", "Bow", "Stern"], ["Thick", "x", ""]],
            "Glossary & ropes": [["Rope", "Length", "Use"], ["Thick", "Long", "Bow"]],
        },
        {"quoted": {"Ropes": ["Thick"], "Glossary & ropes": ["Thick"]}},
    ),
    # “Rows to build (14)”, a ticket said of a sheet called “do NOT build”
    **{
        f"rows are on hold below “{title}”": (
            {title: rows},
            {"statuses": {"Boat": "a", "LOA": "w"}, "row_put_off": [place]},
        )
        for title, rows, place in (
            ("Phase 3 (later)", WORDS, "warning 1"),
            ("Ideas", [["Ideas – out of scope"], BLANK, *WORDS], "warning 3"),
        )
    },
    "a status goes before the title of its sheet": (
        {
            "Later": [
                ["Name", "Machine name", "Type", "X"],
                *(["Raft", "raft", "Content type", "a"], ["Punt", "punt", "Content type", ""]),
            ]
        },
        {"statuses": {"Boat": "a", "Raft": "a", "Punt": "w"}},
    ),
    # a matrix below a list of roles made roles called “X”
    "words below machine names are no row of them": (
        {
            "Roles": [
                *(["Role", "Machine name", "About"], ["Skipper", "skipper", "All"]),
                *(["Mate", "mate", ""], BLANK, ["Rights"], ["", "Skipper", "Mate"]),
                *(["Moor boats", "X", "X"], ["Sell boats", "X", ""], BLANK, ["X = may do so"]),
            ]
        },
        {
            "notes": {
                "Skipper": "Permissions: Moor boats, Sell boats",
                "Mate": "Permissions: Moor boats",
            }
        },
    ),
    "terms below the names of their vocabularies are their notes": (
        {
            "Types": [*TYPES, ["Tide", "tide", "Vocabulary"], ["Wind", "wind", "Vocabulary"]],
            "Words": [
                *(["A hyphen is one level down"], BLANK, ["Tide", "Wind"]),
                *(["High", "North"], ["- Spring", "South"], ["Low", ""]),
            ],
        },
        {
            "notes": {
                "Tide": "From “Words” (Tide, Wind):\nA hyphen is one level down\n- High\n- - Spring\n- Low",
                "Wind": "From “Words” (Tide, Wind):\nA hyphen is one level down\n- North\n- South",
            },
            "quoted": {},
        },
    ),
}


@each(("sheets", "expected"), CASES.values(), ids=CASES)
def test_a_table_ends_where_another_begins_and_nowhere_else(
    sheets: Sheets, expected: Expected
) -> None:
    assert expected == Reading({"Types": TYPES, **sheets}).asked(expected)


def test_a_table_below_another_that_lacks_its_column_blocks_nothing() -> None:
    """The error was of one table, and hiding the worksheet, as advised, lost the other."""
    form = [["Form of the harbour master"], ["Field label", "Field type", "Req'd"]]
    form += [["Your berth", "Text (plain)", "y"], ["Remark", "Text (plain, long)", "n"]]
    set_ = [["Setting", "Value", "Who"], ["Name", "Quay", "Ada"], ["Logo", "", "Bo"]]

    reading = Reading({"Types": TYPES, "Settings": [*set_, BLANK, *form]})

    assert reading.quoted == {
        "Settings": ["Name", "Logo"],
        "Settings · Form of the harbour master": ["Your berth", "Remark"],
    }
    assert reading.asked(["column_missing"]) == {"column_missing": ["warning 6"]}


LOG = [["Release", "Day", "Note"], ["0.1", "2025-03-01", "Berths"], ["0.2", "2025-04-07", "Tides"]]
ASKED = [["To whom", "We ask", "Since"], ["Ada", "How many berths?", "2025-03-01"]]


@each(
    ("name", "rows"),
    [
        ("What happened", LOG),
        ("To be cleared", ASKED),
        ("3. Glossary", WORDS),
        ("Words", [["Abbreviations"], BLANK, *WORDS]),
        ("Glossar", WORDS),
        ("Start", [["Harbour site"], BLANK, ["Client", "Port"], ["Author", "Ada"], ["Note", "-"]]),
    ],
)
def test_what_is_about_the_document_is_no_work(name: str, rows: Rows) -> None:
    """Its ticket had rows to build, with hours."""
    reading = Reading({"Types": TYPES, name: rows})

    assert reading.quoted == {name: []}
    finding = reading.only("sheet_informs")
    assert finding.severity is Severity.WARNING
    header = next(row for row in rows if len(row) > 1)[0]
    line = yaml.safe_load(finding.advice.split("`")[1])
    assert line == {"columns": {name: {header: "nothing"}}}


def test_a_sheet_that_people_say_something_of_is_quoted() -> None:
    sheets = {"Types": TYPES, "Glossary": WORDS}

    reading = Reading(sheets, columns={"Glossary": {"Short": "nothing"}})

    assert reading.quoted == {"Glossary": ["LOA"]}


def test_a_specification_of_a_later_phase_is_built() -> None:
    assert Reading({"Phase 2": TYPES}).statuses == {"Boat": "a"}


def test_remarks_below_a_list_of_types_are_no_types() -> None:
    remarks = [["Not in this list:"], ["Tides are read from the service of the port."]]

    reading = Reading({"Types": [*TYPES, ["Buoy", "buoy", "Content type"], BLANK, *remarks]})

    assert reading.bundles == ["boat", "buoy"]
    assert [(f.line, f.also_lines) for f in reading.found("heading_read")] == [(5, (6,))]


def test_rows_that_repeat_their_view_are_its_displays() -> None:
    """The second was an error, and the advice was to remove it."""
    more = [["Boats", "Block", "", "Moored here"], ["Tides", "Page", "/tides", ""]]

    reading = Reading({"Types": TYPES, "Views": [*VIEWS, *more]})

    assert [e.label for e in reading.of(EntityKind.VIEW)] == ["Boats", "Tides"]
    displays = reading.of(EntityKind.VIEW_DISPLAY)
    assert [(e.cell("View"), e.cell("Display plugin"), e.cell("Filters")) for e in displays] == [
        ("Boats", "Page", "Moored"),
        ("Boats", "Block", "Moored here"),
        ("Tides", "Page", ""),
    ]


VALUES = [["Kind of field", "In short"], ["Text", "one line"], ["Number", "whole"]]
ROPES = [
    ["Content type", "Field label", "Machine name", "Kind of field", "Goes"],
    *(["Rope", f"F{at}", f"field_{at}", kind, "a"] for at, kind in enumerate(["Text", "Number"])),
]


@each(
    ("columns", "values", "is_work"),
    [
        ({}, VALUES, False),
        ({}, [["Kind of field", "Goes"], ["Text", "a"], ["Link", ""]], False),
        ({"Odds": {"In short": "nothing"}}, VALUES, True),
        ({}, [[*row, "x"] for row in VALUES], True),
        ({}, [["Content type", "Berth"], ["Rope", "4"], ["Knot", "5"]], True),
        ({}, [VALUES[0], ["Hull", "wood"], ["Text", "one line"], ["Oar", "-"]], True),
    ],
)
def test_a_list_of_what_cells_of_another_sheet_may_say_is_no_work(
    columns: dict[str, dict[str, str]], values: Rows, *, is_work: bool
) -> None:
    """It had a ticket of its own, with hours, and questions about its rows."""
    reading = Reading({"Odds": values, "Fields": ROPES}, columns=columns)

    assert bool(reading.quoted["Odds"]) is is_work
    assert len(reading.found("sheet_informs")) == (not is_work)


def test_the_title_of_a_quoted_table_is_said_with_what_is_below_it() -> None:
    """The name of a first form was in no ticket, and that of the second was."""
    forms = [
        *(["Slips"], BLANK, ["Ask the quay"], ["Whom", "all"], ["Piece", "Like", "Must", "Hint"]),
        *(["Name", "one line", "x", ""], ["Text", "lines", "x", "short"]),
    ]

    reading = Reading({"Types": TYPES, "Slips": forms})

    (said, *_) = captions_in(reading.folder.tables, reading.specification).values()
    assert [e.label for e in said] == ["Slips", "Ask the quay", "Whom | all"]


@each(
    ("values", "explained"),
    [
        # each cell `no` was explained as a tick box, in words that no row of its ticket has
        ([*VALUES, ["Yes/No", "tick box"]], ["Text", "Number", "Yes/No"]),
        # columns of values beside each other do not explain each other
        ([["Kind of field", "Goes", "Hints"], ["Text", "a", ""], ["Number", "", ""]], []),
    ],
)
def test_values_are_explained_by_what_is_beside_them(values: Rows, explained: list[str]) -> None:
    reading = Reading({"Odds": values, "Fields": ROPES})

    assert reading.found("sheet_informs")
    assert [row.cells["Word"] for row in explained_in(reading.folder.tables)] == explained

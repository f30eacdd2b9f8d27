"""Several tables on one worksheet, and worksheets of which nothing is built."""

import yaml

from jira_pipeline.model.entities import (
    Entity,
    EntityKind,
    FolderReading,
    Specification,
    Status,
    sheet_title,
)
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.sheets.reading.captions import captions_in, explained_in
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests.sheets.made_workbooks import workbook_of
from jira_pipeline_tests.tables import each

Rows = list[list[str]]
BLANK: list[str] = []
TYPES = [["Name", "Machine name", "Type"], ["Boat", "boat", "Content type"]]
FIELDS = [
    ["Field label", "Machine name", "Bundle", "Field type", "Req'd", "Vals."],
    ["Length", "field_length", "Boat", "Number (integer)", "y", "1"],
    ["Sails", "field_sails", "Boat", "Text (plain)", "n", "*"],
]


def read(sheets: dict[str, Rows], *, types: Rows = TYPES) -> FolderReading:
    return read_files({"s.xlsx": workbook_of({"Types": types, **sheets})})


def tables(reading: FolderReading, kind: EntityKind) -> dict[str, list[str]]:
    return {
        sheet_title(table.file.name): [row.cells[0] for row in table.rows]
        for table in reading.tables
        if table.file.sheet is kind
    }


def coded(reading: FolderReading, code: str) -> list[Finding]:
    return [finding for finding in reading.findings if finding.code == code]


def entities(reading: FolderReading, kind: EntityKind) -> list[Entity]:
    return [e for e in read_entities(reading.tables).entities if e.kind is kind]


@each(
    ("below", "name", "rows"),
    [
        # words where marks and numbers were; in columns of the first table only
        (
            [
                ["Where a field is shown"],
                ["Field", "Shown as", "Teaser", "Label", "Above", "Order"],
                ["Length", "plain", "", "✓", "✓", ""],
                ["Sails", "list", "", "", "✓", ""],
            ],
            "Fields · Where a field is shown",
            ["Length", "Sails"],
        ),
        # no title, and a header that is partly that of the first table
        (
            [
                ["Size", "Machine name", "Ratio", "Crop"],
                ["Wide", "wide", "16:9", "by hand"],
                ["Square", "square", "1:1", "centre"],
            ],
            "Fields · 2",
            ["Wide", "Square"],
        ),
    ],
)
def test_a_table_below_another_is_not_read_by_the_columns_of_the_first(
    below: Rows, name: str, rows: list[str]
) -> None:
    """Its header became a bundle, and its marks became fields."""
    reading = read({"Fields": [*FIELDS, BLANK, *below]})

    assert tables(reading, EntityKind.FIELD) == {"Fields": ["Length", "Sails"]}
    assert tables(reading, EntityKind.CUSTOM) == {name: rows}


def test_rows_of_words_below_a_blank_line_stay_rows() -> None:
    more = [["Port", "field_port", "Boat", "List (text)", "Yes", "One"]]
    more += [["Owner", "field_owner", "Boat", "Text (plain)", "No", "Several"]]

    reading = read({"Fields": [*FIELDS, BLANK, *more]})

    assert tables(reading, EntityKind.FIELD) == {"Fields": ["Length", "Sails", "Port", "Owner"]}


@each(
    "total",
    [["Total", "", "2 fields", "", "", "3"], ["Total: 2 fields"], ["Sum", "2"]],
)
def test_a_row_that_counts_what_is_above_it_is_no_row(total: list[str]) -> None:
    reading = read({"Fields": [*FIELDS, total]})

    assert tables(reading, EntityKind.FIELD) == {"Fields": ["Length", "Sails"]}
    assert [f.line for f in coded(reading, "totals_row")] == [4]


def test_a_sentence_below_a_table_is_no_field_whichever_column_it_is_in() -> None:
    header = ["Nr", *FIELDS[0]]
    rows = [["1", *FIELDS[1]], BLANK, ["", "Lengths are those of the hull and no other."]]

    reading = read({"Fields": [header, *rows]})

    assert [e.label for e in entities(reading, EntityKind.FIELD)] == ["Length"]
    assert [f.line for f in coded(reading, "heading_read")] == [4]


def test_a_table_below_another_that_lacks_its_column_blocks_nothing() -> None:
    """The error was of one table, and hiding the worksheet, as advised, lost the other."""
    form = [["Form of the harbour master"], ["Field label", "Field type", "Req'd"]]
    form += [["Your berth", "Text (plain)", "y"], ["Remark", "Text (plain, long)", "n"]]

    reading = read(
        {
            "Settings": [
                ["Setting", "Value", "Who"],
                ["Name", "Quay", "Ada"],
                ["Logo", "", "Bo"],
                BLANK,
                *form,
            ]
        }
    )

    assert tables(reading, EntityKind.CUSTOM) == {
        "Settings": ["Name", "Logo"],
        "Settings · Form of the harbour master": ["Your berth", "Remark"],
    }
    (finding,) = coded(reading, "column_missing")
    assert (finding.severity, finding.line) == (Severity.WARNING, 6)


LOG = [["Release", "Day", "Note"], ["0.1", "2025-03-01", "Berths"], ["0.2", "2025-04-07", "Tides"]]
ASKED = [["To whom", "We ask", "Since"], ["Ada", "How many berths?", "2025-03-01"]]
WORDS = [["Short", "Long", "Where"], ["LOA", "Length over all", "Hull"]]


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
    reading = read({name: rows})

    assert tables(reading, EntityKind.CUSTOM) == {name: []}
    (finding,) = coded(reading, "sheet_informs")
    assert finding.severity is Severity.WARNING
    header = next(row for row in rows if len(row) > 1)[0]
    line = yaml.safe_load(finding.advice.split("`")[1])
    assert line == {"columns": {name: {header: "nothing"}}}


def test_a_table_of_two_columns_below_a_title_has_a_header() -> None:
    """Its title was the header, or the worksheet no table."""
    rows = [["What is set"], BLANK, ["Setting", "Value"], ["Slogan", "Ahoy"], ["Pier", "North"]]

    reading = read({"Basics": rows})

    assert tables(reading, EntityKind.CUSTOM) == {"Basics": ["Slogan", "Pier"]}


def test_a_legend_above_a_table_does_not_make_it_one() -> None:
    rows = [["Ropes"], ["Legend"], BLANK, ["Rope", "Bow", "Stern"], ["Thick", "x", ""]]
    both = [["Rope", "Length", "Use"], ["Thick", "Long", "Bow"]]

    reading = read({"Ropes": rows, "Glossary & ropes": both})

    assert tables(reading, EntityKind.CUSTOM) == {"Ropes": ["Thick"], "Glossary & ropes": ["Thick"]}


def test_a_sheet_that_people_say_something_of_is_quoted() -> None:
    workbook = workbook_of({"Types": TYPES, "Glossary": WORDS})

    reading = read_files({"s.xlsx": workbook}, columns={"Glossary": {"Short": "nothing"}})

    assert tables(reading, EntityKind.CUSTOM) == {"Glossary": ["LOA"]}


@each(
    "sheet",
    [
        {"Phase 3 (later)": WORDS},
        {"Ideas": [["Ideas – out of scope"], BLANK, *WORDS]},
    ],
)
def test_rows_below_a_title_that_puts_them_off_are_on_hold(sheet: dict[str, Rows]) -> None:
    """“Rows to build (14)”, a ticket said of a sheet called “do NOT build”."""
    reading = read(sheet)

    assert [e.status for e in entities(reading, EntityKind.CUSTOM)] == [Status.WAITING]
    assert [e.status for e in entities(reading, EntityKind.BUNDLE)] == [Status.APPROVED]
    (finding,) = coded(reading, "row_put_off")
    assert finding.severity is Severity.WARNING


def test_a_status_goes_before_the_title_of_its_sheet() -> None:
    boats = [["Name", "Machine name", "Type", "X"], ["Raft", "raft", "Content type", "a"]]
    boats += [["Punt", "punt", "Content type", ""]]

    reading = read({"Later": boats})

    statuses = {e.machine_name: e.status for e in entities(reading, EntityKind.BUNDLE)}
    assert statuses == {
        "boat": Status.APPROVED,
        "raft": Status.APPROVED,
        "punt": Status.WAITING,
    }


def test_a_specification_of_a_later_phase_is_built() -> None:
    reading = read_files({"s.xlsx": workbook_of({"Phase 2": TYPES})})

    assert [e.status for e in entities(reading, EntityKind.BUNDLE)] == [Status.APPROVED]


def test_words_below_machine_names_are_no_row_of_them() -> None:
    """A matrix below a list of roles made roles called “X”."""
    roles = [["Role", "Machine name", "About"], ["Skipper", "skipper", "All"], ["Mate", "mate", ""]]
    rights = [
        ["Rights"],
        ["", "Skipper", "Mate"],
        ["Moor boats", "X", "X"],
        ["Sell boats", "X", ""],
    ]

    reading = read({"Roles": [*roles, BLANK, *rights, BLANK, ["X = may do so"]]})

    notes = {e.label: e.note for e in entities(reading, EntityKind.USER_ROLE)}
    assert notes == {
        "Skipper": "Permissions: Moor boats, Sell boats",
        "Mate": "Permissions: Moor boats",
    }


def test_a_row_like_those_above_the_blank_line_is_no_header() -> None:
    """Its machine name is none, and its type says that it is a field."""
    more = [["Name", "Title", "Boat", "Text (plain)", "Yes", "One"]]
    more += [["Port", "field_port", "Boat", "Link", "No", "One"]]

    reading = read({"Fields": [*FIELDS, BLANK, *more]})

    assert tables(reading, EntityKind.FIELD) == {"Fields": ["Length", "Sails", "Name", "Port"]}


def test_remarks_below_a_list_of_types_are_no_types() -> None:
    remarks = [["Not in this list:"], ["Tides are read from the service of the port."]]

    reading = read({}, types=[*TYPES, ["Buoy", "buoy", "Content type"], BLANK, *remarks])

    assert tables(reading, EntityKind.BUNDLE) == {"Types": ["Boat", "Buoy"]}
    assert [(f.line, f.also_lines) for f in coded(reading, "heading_read")] == [(5, (6,))]


def test_rows_that_repeat_their_view_are_its_displays() -> None:
    """The second was an error, and the advice was to remove it."""
    views = [["View", "Display", "Path", "Filters"], ["Boats", "Page", "/boats", "Moored"]]
    views += [["Boats", "Block", "", "Moored here"], ["Tides", "Page", "/tides", ""]]

    reading = read({"Views": views})

    assert [e.label for e in entities(reading, EntityKind.VIEW)] == ["Boats", "Tides"]
    displays = entities(reading, EntityKind.VIEW_DISPLAY)
    assert [(e.cell("View"), e.cell("Display plugin"), e.cell("Filters")) for e in displays] == [
        ("Boats", "Page", "Moored"),
        ("Boats", "Block", "Moored here"),
        ("Tides", "Page", ""),
    ]


def test_terms_below_the_names_of_their_vocabularies_are_their_notes() -> None:
    types = [*TYPES, ["Tide", "tide", "Vocabulary"], ["Wind", "wind", "Vocabulary"]]
    terms = [["Tide", "Wind"], ["High", "North"], ["- Spring", "South"], ["Low", ""]]

    reading = read({"Words": [["A hyphen is one level down"], BLANK, *terms]}, types=types)

    notes = {e.cell("Name"): e.note.split("\n")[1:] for e in entities(reading, EntityKind.BUNDLE)}
    beside = "A hyphen is one level down"
    assert notes["Tide"] == [beside, "- High", "- - Spring", "- Low"]
    assert notes["Wind"] == [beside, "- North", "- South"]
    assert tables(reading, EntityKind.CUSTOM) == {}


def test_a_block_whose_columns_hold_other_sorts_is_another_table() -> None:
    """Marks where field types were became fields called like the marks."""
    matrix = [["Which one where"], ["code", "ship", "raft", "ferry", "barge", "tug"]]
    matrix += [[name, "Sail", "x", "x", "", "x"] for name in ("K1", "K2", "K3", "K4")]

    reading = read({"Fields": [*FIELDS, BLANK, *matrix]})

    assert tables(reading, EntityKind.FIELD) == {"Fields": ["Length", "Sails"]}
    assert tables(reading, EntityKind.CUSTOM) == {
        "Fields · Which one where": ["K1", "K2", "K3", "K4"]
    }


def test_a_header_with_two_words_of_the_first_begins_another_table() -> None:
    """Lists and blocks in one sheet: the second header was a row, and the sheet was in no ticket."""
    lists = [["Nr", "List", "Goes to", "max.", "Remark"], ["1", "Tides", "/tides", "9", ""]]
    lists += [["2", "Boats", "/boats", "9", ""], BLANK, ["Boxes"]]
    lists += [
        ["Nr", "Box", "Where / when (place)", "max.", "Remark"],
        ["1", "Flag", "top", "1", ""],
    ]

    reading = read({"Things": [["Things to list"], BLANK, *lists]})

    assert tables(reading, EntityKind.CUSTOM) == {"Things": ["1", "2"], "Things · Boxes": ["1"]}


def test_titles_sentences_and_counts_are_nothing_to_build() -> None:
    views = [["View name", "Shows", "Path"], ["tides", "Tides", "/tides"], ["boats", "Boats", ""]]
    rules = [["→ from here on only for those who steer the boats"], ["piers", "Piers", ""]]
    end = [
        ["Displays", "3"],
        BLANK,
        ["Valid for the whole tab:"],
        ["Only what floats, (in the end.)"],
    ]

    reading = read({"Views": [["Views"], BLANK, *views, *rules, *end]})

    assert tables(reading, EntityKind.VIEW) == {"Views": ["tides", "boats", "piers"]}
    assert [f.line for f in coded(reading, "totals_row")] == [8]


def test_a_thing_with_a_number_among_numbers_is_no_count() -> None:
    """`Hull` with the weight 2 below two styles was left out as the number of them."""
    rows = [["Style name", "Weight"], ["Bow", "1"], ["Deck", "2"], ["Hull", "2"]]

    reading = read({"Image styles": rows})

    assert tables(reading, EntityKind.IMAGE_STYLE) == {"Image styles": ["Bow", "Deck", "Hull"]}


def test_a_row_that_has_a_known_word_is_no_header_below_rows_like_it() -> None:
    rows = [["Nr.", "From where", "What", "How many", "Key"]]
    rows += [
        [f"K{n}", "Old log", "boats", "12", key] for n, key in enumerate(("a", "b", "Migration"))
    ]

    reading = read({"Migration": [["What is taken over"], BLANK, *rows]})

    assert tables(reading, EntityKind.CUSTOM) == {"Migration": ["K0", "K1", "K2"]}


def test_rows_that_leave_the_columns_above_blank_are_a_table_of_their_own() -> None:
    """Phases below a list of types were types to build, and fields referred to them."""
    header = ["Name", "Machine name", "How much", "For", "Tongue", "Type"]
    types: Rows = [
        header,
        ["Boat", "boat", "12", "hire", "nl", "Content type"],
        ["Lock", "lock", "30", "opening", "nl", "Content type"],
        ["Bridge", "bridge", "9", "height", "nl + fr", "Content type"],
        BLANK,
        ["Phases", "", "", "Wishes"],
        ["Phase", "Ends", "Holds", "No blinking text"],
        ["P1", "2 May", "Boats, locks", "Dates as in 2 May"],
        ["P2", "9 June", "Bridges"],
    ]

    reading = read({}, types=types)

    assert [*tables(reading, EntityKind.BUNDLE).values()] == [["Boat", "Lock", "Bridge"]]
    assert [*tables(reading, EntityKind.CUSTOM).values()] == [["Phase", "P1", "P2"]]


def test_rows_below_a_band_with_a_remark_stay_rows_of_their_table() -> None:
    rows = [
        *FIELDS,
        BLANK,
        ["Below the water", "", "see the drawing"],
        ["Keel", "field_keel", "Boat", "Text (plain)", "n", "1"],
        ["Rudder", "field_rudder", "Boat", "Text (plain)", "n", "1"],
    ]

    reading = read({"Fields": rows})

    assert not tables(reading, EntityKind.CUSTOM)
    assert {"Keel", "Rudder"} <= {e.label for e in entities(reading, EntityKind.FIELD)}


def test_a_header_that_shares_a_word_with_the_one_above_begins_a_table() -> None:
    """Sizes of pictures were fields: “By/when” is no word like a header, but is one above."""
    rows = [
        [*FIELDS[0], "By/when"],
        *([*row, "P1"] for row in FIELDS[1:]),
        BLANK,
        ["Cuts"],
        ["Name", "Wide", "By/when", "Used for"],
        ["Banner", "1600", "P1", "top"],
        ["Thumb", "90", "P2", "lists"],
    ]

    reading = read({"Fields": rows})

    assert tables(reading, EntityKind.CUSTOM) == {"Fields · Cuts": ["Banner", "Thumb"]}


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
        (
            {},
            [["Kind of field", "In short"], ["Hull", "wood"], ["Text", "one line"], ["Oar", "-"]],
            True,
        ),
    ],
)
def test_a_list_of_what_cells_of_another_sheet_may_say_is_no_work(
    columns: dict[str, dict[str, str]], values: Rows, *, is_work: bool
) -> None:
    """It had a ticket of its own, with hours, and questions about its rows."""
    files = {"s.xlsx": workbook_of({"Odds": values, "Fields": ROPES})}

    reading = read_files(files, columns=columns)

    (table,) = [t for t in reading.tables if sheet_title(t.file.name) == "Odds"]
    assert bool(table.rows) is is_work
    assert len(coded(reading, "sheet_informs")) == (not is_work)


def test_the_title_of_a_quoted_table_is_said_with_what_is_below_it() -> None:
    """The name of a first form was in no ticket, and that of the second was."""
    forms: Rows = [
        ["Slips"],
        BLANK,
        ["Ask the quay"],
        ["Whom", "all"],
        ["Piece", "Like", "Must", "Hint"],
        ["Name", "one line", "x", ""],
        ["Text", "lines", "x", "short"],
    ]

    reading = read({"Slips": forms})

    (said, *_) = captions_in(reading.tables, Specification(entities=())).values()
    assert [e.label for e in said] == ["Slips", "Ask the quay", "Whom | all"]


def test_yes_and_no_are_no_codes_of_what_they_may_be() -> None:
    """Each cell `no` was explained as a tick box, in words that no row of its ticket has."""
    values = [*VALUES, ["Yes/No", "tick box"]]

    reading = read_files({"s.xlsx": workbook_of({"Odds": values, "Fields": ROPES})})

    words = [row.cells["Word"] for row in explained_in(reading.tables)]
    assert words == ["Text", "Number", "Yes/No"]


def test_columns_of_values_beside_each_other_do_not_explain_each_other() -> None:
    values = [["Kind of field", "Goes", "Hints"], ["Text", "a", ""], ["Number", "", ""]]

    reading = read_files({"s.xlsx": workbook_of({"Odds": values, "Fields": ROPES})})

    assert coded(reading, "sheet_informs")
    assert [*explained_in(reading.tables)] == []

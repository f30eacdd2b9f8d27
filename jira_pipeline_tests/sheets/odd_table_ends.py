"""Several tables on one worksheet, and worksheets of which nothing is built, beside a list of types.

Belongs here: making them. Does not: what is read of each, and what is said of it, which `golden`
freezes as `specifications/sheets_of_people`.
"""

from collections.abc import Mapping

from jira_pipeline_tests.sheets.made_readings import MANIFEST, Rows, Sheets

BLANK: list[str] = []
TYPES = [["Name", "Machine name", "Type"], ["Boat", "boat", "Content type"]]
FIELDS = [
    ["Field label", "Machine name", "Bundle", "Field type", "Req'd", "Vals."],
    ["Length", "field_length", "Boat", "Number (integer)", "y", "1"],
    ["Sails", "field_sails", "Boat", "Text (plain)", "n", "*"],
]
WORDS = [["Short", "Long", "Where"], ["LOA", "Length over all", "Hull"]]
VALUES = [["Kind of field", "In short"], ["Text", "one line"], ["Number", "whole"]]
ROPES = [
    ["Content type", "Field label", "Machine name", "Kind of field", "Goes"],
    *(["Rope", f"F{at}", f"field_{at}", kind, "a"] for at, kind in enumerate(["Text", "Number"])),
]
ABOUT: Mapping[str, Rows] = {
    "What happened": [
        *(["Release", "Day", "Note"], ["0.1", "2025-03-01", "Berths"]),
        ["0.2", "2025-04-07", "Tides"],
    ],
    "To be cleared": [["To whom", "We ask", "Since"], ["Ada", "How many berths?", "2025-03-01"]],
    "3. Glossary": WORDS,
    "Words": [["Abbreviations"], BLANK, *WORDS],
    "Glossar": WORDS,
    "Start": [
        *(["Harbour site"], BLANK, ["Client", "Port"], ["Author", "Ada"], ["Note", "-"]),
    ],
}
VALUES_OF: Mapping[str, Rows] = {
    "kinds": VALUES,
    "kinds, and where they go": [["Kind of field", "Goes"], ["Text", "a"], ["Link", ""]],
    # each cell `no` was explained as a tick box, in words that no row of its ticket has
    "kinds, and words that no row has": [*VALUES, ["Yes/No", "tick box"]],
    "columns of values do not explain each other": [
        *(["Kind of field", "Goes", "Hints"], ["Text", "a", ""], ["Number", "", ""]),
    ],
    "a wider one is work": [[*row, "x"] for row in VALUES],
    "one of things is work": [["Content type", "Berth"], ["Rope", "4"], ["Knot", "5"]],
    "one with words of its own is work": [
        *(VALUES[0], ["Hull", "wood"], ["Text", "one line"], ["Oar", "-"]),
    ],
}
BESIDE_TYPES: Mapping[str, Sheets] = {
    # its header became a bundle, and its marks became fields
    "words where marks and numbers were, in columns of the first table only": {
        "Fields": [
            *(*FIELDS, BLANK, ["Where a field is shown"]),
            ["Field", "Shown as", "Teaser", "Label", "Above", "Order"],
            ["Length", "plain", "", "✓", "✓", ""],
            ["Sails", "list", "", "", "✓", ""],
        ]
    },
    "no title, and a header that is partly that of the first table": {
        "Fields": [
            *(*FIELDS, BLANK, ["Size", "Machine name", "Ratio", "Crop"]),
            *(["Wide", "wide", "16:9", "by hand"], ["Square", "square", "1:1", "centre"]),
        ]
    },
    # marks where field types were became fields called like the marks
    "columns that hold other sorts": {
        "Fields": [
            *(*FIELDS, BLANK, ["Which one where"]),
            ["code", "ship", "raft", "ferry", "barge", "tug"],
            *([f"K{n}", "Sail", "x", "x", "", "x"] for n in range(3)),
        ]
    },
    # sizes of pictures were fields: “By/when” is no word like a header, but is one above
    "a header that shares a word with the one above": {
        "Fields": [
            *([*FIELDS[0], "By/when"], *([*row, "P1"] for row in FIELDS[1:]), BLANK),
            *(["Cuts"], ["Name", "Wide", "By/when", "Used for"]),
            *(["Banner", "1600", "P1", "top"], ["Thumb", "90", "P2", "lists"]),
        ]
    },
    # lists and blocks in one sheet: the second header was a row, and the sheet was in no ticket
    "a header with two words of the first": {
        "Things": [
            *(["Things to list"], BLANK, ["Nr", "List", "Goes to", "max.", "Remark"]),
            *(["1", "Tides", "/tides", "9", ""], ["2", "Boats", "/boats", "9", ""], BLANK),
            *(["Boxes"], ["Nr", "Box", "Where / when (place)", "max.", "Remark"]),
            ["1", "Flag", "top", "1", ""],
        ]
    },
    # phases below a list of types were types to build, and fields referred to them
    "rows that leave the columns above blank": {
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
    "rows of words below a blank line stay rows": {
        "Fields": [
            *(*FIELDS, BLANK, ["Port", "field_port", "Boat", "List (text)", "Yes", "One"]),
            ["Owner", "field_owner", "Boat", "Text (plain)", "No", "Several"],
        ]
    },
    # its machine name is none, and its type says that it is a field
    "a row like those above the blank line is no header": {
        "Fields": [
            *(*FIELDS, BLANK, ["Name", "Title", "Boat", "Text (plain)", "Yes", "One"]),
            ["Port", "field_port", "Boat", "Link", "No", "One"],
        ]
    },
    "rows below a band with a remark stay rows of their table": {
        "Fields": [
            *(*FIELDS, BLANK, ["Below the water", "", "see the drawing"]),
            *([n, f"field_{n}", "Boat", "Text (plain)", "n", "1"] for n in ("keel", "oar")),
        ]
    },
    "a row that has a known word is no header below rows like it": {
        "Migration": [
            *(["What is taken over"], BLANK, ["Nr.", "From where", "What", "How many", "Key"]),
            *(["K0", "Old log", "boats", "12", "a"], ["K1", "Old log", "boats", "12", "b"]),
            ["K2", "Old log", "boats", "12", "Migration"],
        ]
    },
    **{
        f"a row that counts what is above it is no row: {total[0]}": {"Fields": [*FIELDS, total]}
        for total in (*(["Total", "", "2 fields", "", "", "3"], ["Total: 2 fields"], ["Sum", "2"]),)
    },
    "a sentence in another column is no field": {
        "Fields": [
            *(["Nr", *FIELDS[0]], ["1", *FIELDS[1]], BLANK),
            ["", "Lengths are those of the hull and no other."],
        ]
    },
    "titles, sentences and counts are nothing to build": {
        "Views": [
            *(["Views"], BLANK, ["View name", "Shows", "Path"], ["tides", "Tides", "/tides"]),
            *(["boats", "Boats", ""], ["→ from here on only for those who steer the boats"]),
            *(["piers", "Piers", ""], ["Displays", "3"], BLANK),
            *(["Valid for the whole tab:"], ["Only what floats, (in the end.)"]),
        ]
    },
    # `Hull` with the weight 2 below two styles was left out as the number of them
    "a thing with a number among numbers is no count": {
        "Image styles": [["Style name", "Weight"], ["Bow", "1"], ["Deck", "2"], ["Hull", "2"]]
    },
    # its title was the header, or the worksheet no table
    "a table of two columns below a title has a header": {
        "Basics": [
            *(["What is set"], BLANK, ["Setting", "Value"]),
            *(["Slogan", "Ahoy"], ["Pier", "North"]),
        ]
    },
    "a legend above a table, or part of its name, does not make it one": {
        "Ropes": [["Ropes"], ["Legend"], BLANK, ["Rope", "Bow", "Stern"], ["Thick", "x", ""]],
        "Glossary & ropes": [["Rope", "Length", "Use"], ["Thick", "Long", "Bow"]],
    },
    # “Rows to build (14)”, a ticket said of a sheet called “do NOT build”
    **{
        f"rows are on hold below “{title}”": {title: rows}
        for title, rows in (
            ("Phase 3 (later)", WORDS),
            ("Ideas", [["Ideas – out of scope"], BLANK, *WORDS]),
        )
    },
    "a status goes before the title of its sheet": {
        "Later": [
            ["Name", "Machine name", "Type", "X"],
            *(["Raft", "raft", "Content type", "a"], ["Punt", "punt", "Content type", ""]),
        ]
    },
    # a matrix below a list of roles made roles called “X”
    "words below machine names are no row of them": {
        "Roles": [
            *(["Role", "Machine name", "About"], ["Skipper", "skipper", "All"]),
            *(["Mate", "mate", ""], BLANK, ["Rights"], ["", "Skipper", "Mate"]),
            *(["Moor boats", "X", "X"], ["Sell boats", "X", ""], BLANK, ["X = may do so"]),
        ]
    },
    "terms below the names of their vocabularies are their notes": {
        "Types": [*TYPES, ["Tide", "tide", "Vocabulary"], ["Wind", "wind", "Vocabulary"]],
        "Words": [
            *(["A hyphen is one level down"], BLANK, ["Tide", "Wind"]),
            *(["High", "North"], ["- Spring", "South"], ["Low", ""]),
        ],
    },
    # the error was of one table, and hiding the worksheet, as advised, lost the other
    "a table below another that lacks its column blocks nothing": {
        "Settings": [
            *(["Setting", "Value", "Who"], ["Name", "Quay", "Ada"], ["Logo", "", "Bo"], BLANK),
            *(["Form of the harbour master"], ["Field label", "Field type", "Req'd"]),
            *(["Your berth", "Text (plain)", "y"], ["Remark", "Text (plain, long)", "n"]),
        ]
    },
    # its ticket had rows to build, with hours
    **{
        f"what is about the document is no work: {title}": {title: rows}
        for title, rows in ABOUT.items()
    },
    "a sheet that people say something of is quoted": {
        "Glossary": WORDS,
        MANIFEST: "columns: {Glossary: {Short: nothing}}",
    },
    "remarks below a list of types are no types": {
        "Types": [
            *(*TYPES, ["Buoy", "buoy", "Content type"], BLANK, ["Not in this list:"]),
            ["Tides are read from the service of the port."],
        ]
    },
    # the second was an error, and the advice was to remove it
    "rows that repeat their view are its displays": {
        "Views": [
            *(["View", "Display", "Path", "Filters"], ["Boats", "Page", "/boats", "Moored"]),
            *(["Boats", "Block", "", "Moored here"], ["Tides", "Page", "/tides", ""]),
        ]
    },
    # it had a ticket of its own, with hours, and questions about its rows
    **{
        f"a list of what cells of another sheet may say: {name}": {"Odds": rows, "Fields": ROPES}
        for name, rows in VALUES_OF.items()
    },
    "a list of what cells may say of which people say something": {
        "Odds": VALUES,
        "Fields": ROPES,
        MANIFEST: "columns: {Odds: {In short: nothing}}",
    },
    # the name of a first form was in no ticket, and that of the second was
    "the title of a quoted table is said with what is below it": {
        "Slips": [
            *(["Slips"], BLANK, ["Ask the quay"], ["Whom", "all"]),
            *(["Piece", "Like", "Must", "Hint"], ["Name", "one line", "x", ""]),
            ["Text", "lines", "x", "short"],
        ]
    },
}
CASES: Mapping[str, Sheets] = {
    **{name: {"Types": TYPES, **sheets} for name, sheets in BESIDE_TYPES.items()},
    "a specification of a later phase is built": {"Phase 2": TYPES},
}

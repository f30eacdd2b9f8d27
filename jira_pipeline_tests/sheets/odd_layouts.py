"""Sheets that hold more than one table below a header, as people lay them out for themselves.

Belongs here: making them. Does not: what is read of each, and what is said of it, which `golden`
freezes as `specifications/sheets_of_people`.
"""

from collections.abc import Mapping

from jira_pipeline_tests.sheets.made_readings import MANIFEST, Rows, Sheets

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
WORKFLOW = [
    *(["Review of trips"], ["Label", "Trips"], ["Machine name", "trips"]),
    *(["Type", "Content moderation"], ["Applies to", "node: trip, kayak"], BLANK),
    *(["States"], ["Label", "Machine name", "Published"]),
    *(["Draft", "draft", "no"], ["Live", "live", "yes"], BLANK),
    *(["Transitions"], ["Label", "Machine name", "From", "To"]),
    ["Go live", "go_live", "draft", "live"],
    ["Only guides may do this, as the club has decided."],
]
NO_SHEET: Sheets = {}
AREAS = [
    ["Deck", "Act", "Purser", "Cook", "Stoker", "Remarks"],
    ["Boat", "add", "yes", "yes", "–", ""],
    ["", "change", "any", "own", "own", "not at sea"],
    ["Knot", "tie, untie", "yes", "–", "any", ""],
]

NODES = [["Permission", "Editor", "Author"], ["edit pages", "x", ""], ["add pages", "x", "x"]]
FILES = [["Permission", "Editor", "Author"], ["edit files", "x", ""], ["add files", "x", "x"]]
EDITOR_AUTHOR = [["Name", "Machine name"], ["Editor", "editor"], ["Author", "author"]]
RIVERS = [*TYPES, ["River", "river", "Vocabulary", ""], ["Water", "water", "Vocabulary", ""]]
FLOW = [["Label", "Machine name", "Type"], ["Safety", "safety", "Content moderation"]]
TERMS_AND_WAYS: Mapping[str, Rows] = {
    "terms, of two levels": [
        *(["Vocabulary", "Term", "Below it"], ["River", "Adur", ""]),
        *(["river", "", "Upper Adur"], ["Water", "White", ""]),
    ],
    "not of a row with a status of its own": [["Vocabulary", "Term", "X"], ["River", "Adur", "d"]],
    "nor if one row is of no vocabulary that a sheet lists": [
        *(["Vocabulary", "Term"], ["River", "Adur"], ["Lake", "Geneva"]),
    ],
    "ways between states": [
        *(["From / to", "Wet", "Dry"], ["Wet", "", "x"], ["Dry", "yes", "no"]),
    ],
    "ways, the other way round": [
        *(["To / from", "Wet", "Dry"], ["Wet", "", "x"], ["Dry", "", ""]),
    ],
    "not with other names in the rows": [
        *(["From / to", "Wet", "Dry"], ["Wet", "", "x"], ["Damp", "", ""]),
    ],
    "nor with a word that is no mark": [
        *(["From / to", "Wet", "Dry"], ["Wet", "", "soon"], ["Dry", "", ""]),
    ],
}
PANELS = [["View name", "Machine name", "Base table", "Kind", "Path", "Filters"]]
PANELS += [["Kayaks", "kayaks", "Content", "Page", "/kayaks", "Published"]]
LISTINGS = ["View name", "Machine name", "Where", "What", "Filter", "Order", "Number", "Weather"]
LISTING = ["Kayaks", "kayaks", "/kayaks", "Kayak", "Length", "Newest first", "12"]
BRICKS = [["Ref", "Component", "System name"], ["1", "Anchor", "anchor"], ["2", "Rope", "rope"]]

CASES: Mapping[str, Sheets] = {
    "tables below their titles that repeat their header": {"Types": TYPES, "All of them": STACKED},
    "one below a title that nobody knows": {
        "Types": TYPES,
        "All of them": [*STACKED, BLANK, ["Nobody knows"], FIELDS, KNOT],
    },
    **{
        f"a band {band}": {
            "Types": TYPES,
            "Sheet of fields": [
                *(["No.", *FIELDS], ["Kayak"], ["1", *LENGTH], BLANK),
                *([band], ["2", *GUIDE]),
            ],
        }
        for band in ("B   TRIP  –  days out", "2.1 Trip", "Trip")
    },
    "rows below a heading stay rows of their table": {
        "Types": TYPES,
        "Fields": [
            *(["Bundle", *FIELDS], ["Kayak", *LENGTH], BLANK, ["Fields for later"]),
            *(["Trip", "Title", "-", "", ""], ["Trip", *GUIDE]),
        ],
    },
    # fields with nothing but a label were lost as headings
    "texts below the header of labels, after headings before it": {
        "Types": TYPES,
        "Fields": [
            *(["Bundle", "Field label", "Machine name", "Field type"], ["Trip", *KNOT[:3]]),
            *(BLANK, ["Kayak"], ["", "Depth"], ["", "Width"]),
        ],
    },
    # it made a type that nobody asked for, and had the fields below belong to it
    "a row of two cells above a repeated header stays a row": {
        "Types": TYPES,
        "Trip": [FIELDS, LENGTH, ["Title", "headline"], FIELDS, GUIDE],
    },
    # the second one was lost, and nothing said so
    "two names in a cell are no name and a remark": {
        "Types": TYPES,
        "Trip": [FIELDS, ["Knot", "field_knot\nfield_rope"]],
    },
    # “Vocabularies” was a bundle that had all fields, and the listed ones had none
    "heads of columns above a matrix are no bundle": {
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
    # fields of two types of one label were of neither
    **{
        f"a column of kinds says {word}": {
            "Types": [
                TYPES[0],
                *(["Rope", "rope", "Media type"], ["Rope", "rope_part", "Paragraph type"]),
            ],
            "Fields": [
                ["Entity", "Bundle", "Field label", "Machine name", "Field type"],
                ["media type", "Rope", "Length", "field_length", "Number"],
                [word, "Rope", "Knot", "field_knot", "Text"],
            ],
        }
        for word in ("paragraph", "Brick")
    },
    "a second list of the same things completes the first": {"Types": TYPES, "Parts": ROPES},
    "a list of others of the same name does not": {
        "Types": TYPES,
        "Parts": [*ROPES[:2], ["Rope of another kind", "rope", "Knots"]],
    },
    "a row that shares no column hides no table below": {
        "Types": [
            [*TYPES[0], "Pages"],
            *(TYPES[2], ["", "", "", "So far", "20"], [*TYPES[1], "2"], BLANK),
            *(["Moorings"], ["Buoy", "", "", "Side"], ["Red", "", "", "left"]),
        ]
    },
    **{
        f"views in a layout that is not read: {name}": {"Types": TYPES, "Our views": views}
        for name, views in (
            (
                "a block for each",
                [
                    *(["View Trips"], ["Machine name", "trips"], ["Displays"]),
                    *(["Title", "Machine name", "Display type"], ["All trips", "page_1", "Page"]),
                ],
            ),
            (
                "a column for each",
                [["", "Trips", "Guides"], ["Path", "/trips", "/guides"], ["Sort", "date", "name"]],
            ),
        )
    },
    **{
        f"marks in a sheet of {title} make no roles": {
            "Types": TYPES,
            title: [["Picture", "Print", "Web"], ["Hero", "x", "x"], ["Logo", "", "x"]],
        }
        for title in ("Image rights", "Copyrights", "Photo permissions")
    },
    "a worksheet with few headers is no table": {
        "Types": TYPES,
        "Harbour": [["How to read this"], ["Version", "0.4"], ["Language", "English"]],
    },
    "terms of nobody are a warning": {
        "Types": GARDEN,
        "Taxonomy": [["Term", "Height"], ["Oak", "40 m"]],
    },
    "a row without a name that says more than a heading is one": {
        "Types": TYPES,
        "Fields": [
            *(["Bundle", *FIELDS], ["Kayak", *LENGTH]),
            ["Kayak", "", "", "Link", "for later"],
        ],
    },
    # the last three were lost: the first was what describes a table, the second its header
    **{
        f"a row of two cells above a blank row: {cells}": {
            "fields.csv": f"{CSV_FIELDS}{cells}\n,,\n{CSV_BELOW}"
        }
        for cells in ("Title,,Text", "Title,Article,")
    },
    # the header of a list of imported columns was lost, and the row above this one
    "a row of words of headers below a row as wide is no header": {
        "import.csv": "From,Into,Remark\nid,nid,x\nName,Title,Description\nfoo,bar,y\n"
    },
    # the whole first table was read as the title of the second
    "a second header that is wider": {
        "Types": TYPES,
        "Paddles": [
            *(["Languages"], ["Language", "Code"], ["Basque", "eu"], ["Welsh", "cy"], BLANK),
            *(["Hosts"], ["Host", "Region", "Use"], ["a1", "north", "live"]),
        ],
    },
    # it was the header
    "a row with twice the cells of a header half blank": {
        "Types": TYPES,
        "Paddles": [
            *(["Old", "", "New", "", "", "Who"], ["/old", "301", "/new"]),
            *(["/a", "b", "/c", "d", "e", "f"], ["/g", "h"]),
        ],
    },
    # they were one
    "tables as wide as each other": {
        "Types": TYPES,
        "Paddles": [
            *(["Word", "Count"], ["oar", "12"], ["hull", "7"], BLANK),
            *(["Plurals"], ["Word", "Form"], ["oar", "oars"]),
        ],
    },
    "what a document says of itself above its table is no table": {
        "Types": TYPES,
        "Paddles": [
            *(["Name", "Boats"], ["Version", "3"], ["Date", "May"], BLANK),
            *(["Word", "Count", "Where", "Who"], ["oar", "12", "shed", "Ada"]),
        ],
    },
    # the block became the header, and each field a row of nothing
    "a table of fields below a title and what describes its type": {
        "Types": TYPES,
        "First type": [
            *(["Kayaks (content type)"], ["Name", "Kayak"], ["Machine name", "kayak"]),
            *(["URL alias pattern", "boats/[node:title]"], BLANK),
            *(["What editors fill in"], FIELDS, LENGTH),
        ],
    },
    "a block describes a type that no sheet lists": {
        "Trip": [
            *(["Name", "Trip"], ["Machine name", "trip"], ["Type", "Content type"], BLANK),
            *(FIELDS, GUIDE),
        ]
    },
    "a block describes the first of two lists that have its type": {
        "Types": TYPES,
        "Old types": TYPES,
        "Trip": [
            *(["Machine name", "trip"], ["Type", "Content type"], ["Used for", "Guests"], BLANK),
            *(FIELDS, LENGTH),
        ],
    },
    # the second header blocked, and the first was that of another kind
    "tables of several kinds in one sheet": {"Types": TYPES, "Review": WORKFLOW},
    # two notes that differed made each type twice, with a ticket each
    **{
        f"notes of a second list are further notes: {len(paths)}": {
            "Types": [[*TYPES[0], "Remarks"], [*TYPES[1], "Built first"], [*TYPES[2], ""]],
            "Addresses": [["Content type", "URL alias pattern", "Remarks"], *paths],
        }
        for paths in (
            [["Kayak", "/kayaks/[title]", "Short"]],
            [["Kayak", "/kayaks", "Short"], ["Kayak", "/boats", ""]],
        )
    },
    # it was a custom sheet, and no role had a permission
    "a matrix gives roles the permissions that they mark": {
        "User roles": [
            *(["Name", "Machine name"], ["Visitor", "anonymous"]),
            *(["Skipper", "skipper\nTwo people"], BLANK, ["Permissions"], *MATRIX),
        ]
    },
    # the area was the permission, roles with words for marks had none, a remark was lost
    **{
        f"two columns of a matrix name a permission together: {first}": {
            **listed,
            "Rights": [[first, *AREAS[0][1:]], *AREAS[1:]],
        }
        for first, listed in (
            (
                "Deck",
                {
                    "User roles": [
                        ["Name", "Machine name"],
                        *([n, n.lower()] for n in AREAS[0][2:5]),
                    ]
                },
            ),
            ("Permission", {"Types": TYPES}),
        )
    },
    # a role without a mark was lost without a word
    "the headers of a matrix are roles where no sheet lists any": {
        "Types": TYPES,
        "Who may do what": [
            *(["Rights of people"], [*MATRIX[0], "Guest"], MATRIX[1]),
            *([*row, ""] for row in MATRIX[2:]),
        ],
    },
    # the last one replaced the others, or each made the roles anew
    **{
        f"several matrices add up: {listed}": {
            **roles,
            "Types": TYPES,
            "Pages": NODES,
            "Files": FILES,
        }
        for listed, roles in (("roles", {"User roles": EDITOR_AUTHOR}), ("none", NO_SHEET))
    },
    # the role lost all it had, and it was said that “x” is no mark
    "one cell of a matrix that is no mark loses no other": {
        "User roles": EDITOR_AUTHOR,
        "Permissions": [*NODES, ["delete pages", "x", "own only"], ["see pages", "x", "x"]],
    },
    # the second was lost
    "a list that says two things of one completes none": {
        "User roles": EDITOR_AUTHOR,
        "Roles again": [
            [*EDITOR_AUTHOR[0], "Notes"],
            *(["Editor", "editor", note] for note in ("a", "b")),
        ],
    },
    # no module brings the form widget, it said of the whole cell
    "what is below a name in a cell is a remark": {
        "Types": TYPES,
        "Trip": [[*FIELDS, "Widget"], [*GUIDE, "email_default\nplaceholder: none"]],
    },
    "further rows of an image style are its further effects": {
        "Image styles": [
            ["Style", "Machine name", "Effects", "Used for"],
            *(["Bow", "bow", "Crop 300x200", "Cards"], ["", "", "Convert to WebP", ""]),
            ["Stern", "stern", "Scale 100x100", ""],
        ]
    },
    # rows without a label were read as no fields, and their “Kind” was a “Field type” still
    "a sheet that is none after all keeps its own headers": {
        "Types": TYPES,
        "Page by page": [["Nr", "What people see", "Kind of input"], ["1", "Length", "a number"]],
    },
    # terms belonged to no vocabulary, and were a ticket of their own
    **{
        f"notes of what has them: {name}": {"Types": RIVERS, "Flow": FLOW, "Lists of it": rows}
        for name, rows in TERMS_AND_WAYS.items()
    },
    # only an info said that a row was read as a separator; no ticket had the display
    "further displays below a view": {
        "Views": [
            *(*PANELS, ["", "", "", "Block", "", "Newest three"]),
            *(["", "", "", "Feed (RSS)", "/kayaks.xml", ""], BLANK),
            ["Owners", "owners", "Users", "Page", "/owners", ""],
        ]
    },
    "a view whose only display is in its row stays as it is": {"Views": PANELS},
    "a display without a name goes by its plugin": {
        "Views": [row[:3] for row in PANELS],
        "Displays": [
            ["View", "Title", "Machine name", "Display plugin", "Path"],
            *(["Kayaks", "All", "page_1", "Page", "/kayaks"], ["Kayaks", "", "", "Block", ""]),
        ],
    },
    # groups within a bundle were taken for headings or fields, and no ticket had them
    "a heading that says so is the group of the fields below it": {
        "Types": TYPES,
        "Fields": [
            *(FIELDS, ["Kayak"], ["Tab: Size"], LENGTH, ["Contact (tab)"], GUIDE, BLANK),
            *(["Trip"], ["Route"], KNOT),
        ],
    },
    "a group ends at a blank row and at the next bundle": {
        "Types": TYPES,
        "Fields": [
            *(["Bundle", *FIELDS], ["Group - Size"], ["Kayak", *LENGTH], ["Trip", *GUIDE]),
            *(["Fieldset: More"], ["Trip", *KNOT], BLANK),
            ["Trip", "Height", "field_height", "Email", "no"],
        ],
    },
    # it was a ticket of its own, and the vocabulary was asked for its terms
    **{
        f"a sheet called like a vocabulary lists its terms: {title}": {
            "Types": GARDEN,
            title: [[header, "Height"], ["Oak", "40 m"], ["Birch", ""]],
        }
        for title, header in (("Trees", "Name"), ("Terms of Trees", "Terms"), ("trees", "Term"))
    },
    # they were an error, with advice to invent a name, or a view called “do.”
    **{
        f"two rows of one view are two displays of it: {second[0]}": {
            "Views": [
                *(LISTINGS, [*LISTING, "any"]),
                [*second, "/kayaks/old", "Kayak", "Sold", "Oldest first", "30", "fair"],
            ]
        }
        for second in (["do.", ""], ["Old kayaks", "kayaks"])
    },
    # one header that was mapped made them roles, without a warning
    **{
        f"a title says what a table of names lists: {said}": {
            "Types": TYPES,
            "Bricks": [["Bricks (paragraph types)"], ["Of pages"], *BRICKS],
            "Odds": [["Odds and ends"], ["Of pages"], *BRICKS],
            MANIFEST: f"columns: {{Bricks: {{{said}}}, Odds: {{{said}}}}}",
        }
        for said in ("", "Component: Name")
    },
}

"""Sheets of a few rows, each of which leaves something open, or nothing.

Belongs here: making them, and what of a question is more than its words. Does not: what is asked of
each, which `golden` freezes as `specifications/questions_of_rows`.
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.model.open_questions import Audience, OpenQuestion
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline_tests.sheets.made_specifications import (
    Row,
    bundle,
    display,
    field,
    specification_of,
    table,
    view,
)

Sheets = Mapping[str, Sequence[Row]]
BOAT, ANCHOR, CREW = (f"{name} (Content type)" for name in ("Boat", "Anchor", "Crew"))
BOATS = [bundle("Boat", "boat")]
TWO = [*BOATS, bundle("Anchor", "anchor")]
HULL = field(BOAT, "field_hull")
RIG = {"Field type": "List (text)", "Form widget": "Select list"}
REFERS, OWNS = ({"Field type": t} for t in ("Entity reference", "Entity reference revisions"))
OFF = {"Form widget": "-- Disabled --"}
LISTED = RIG | {"Settings/notes": "Options: Sloop, Ketch"}
NOTED = RIG | {"Settings/notes": "As drawn by the harbour master."}
TYPES_BY_ID = [
    *(
        ("text", "Textfield"),
        ("string_long", "Text area (multiple rows)"),
        ("float", "Number field"),
    ),
    *(("text_with_summary", "Text area with a summary"), ("telephone", "Textfield")),
]
TYPES_BY_WORD = [
    *(("Number", "Number field"), ("number", ""), ("Long text", ""), ("Plain text", "Textfield")),
    *(("Rich text", "Text area with a summary"), ("text", "Textfield"), ("Date and time", "")),
    *(
        ("User", "Autocomplete"),
        ("Whole number", "Number field"),
        ("Phone", ""),
        ("Mooring", "Link"),
    ),
    *(("Text with formatting", ""), ("Choose from a list", "")),
    *(("Tide table", "Textfield"), ("File upload", "")),
]
STATES = ["Plain,Draft,draft,a", "Plain,Waiting,waiting,a", "Plain,Published,published,a"]
WHOLE = ["Keep,Draft,Draft", "Send,Draft,Waiting", "Post,Waiting,Published", "Back,Published,Draft"]
STYLE = "Style name,Machine name,X,Notes"
RESPONSIVE = "Responsive style,Machine name,Breakpoint Group,Fallback Style,Image Style Group(s),X"
MODES = "View Modes,Entity Type,X,Entities Used On"
TYPES = [
    "Notice,notice,a,y,n,Content type",
    "Leaflet,leaflet,a,y,n,Content type",
    "Photo,photo,a,n,y,Media type",
]
PARTS = [
    "Notice (Content type),Teaser,field_teaser,a,Text (plain),y",
    "Notice (Content type),Body,field_body,a,Text (plain),y",
    "Leaflet (Content type),Fold,field_fold,a,Text (plain),y",
    "Photo (Media type),Caption,field_caption,a,Text (plain),y",
]


def hull(*rows: Row) -> Sheets:
    changed = [row if "Bundle" in row else HULL | row for row in rows]
    return {"bundles": BOATS, "fields": [*changed, field(BOAT, "field_name")]}


def clip(**cells: str) -> Sheets:
    row = field("Clip (Media type)", "field_clip") | {
        c.replace("_", " "): v for c, v in cells.items()
    }
    return {"bundles": [bundle("Clip", "clip", "Media type")], "fields": [row]}


def course(*ways: str, states: Sequence[str] = STATES, note: str = "") -> Sheets:
    """Make a workflow; ways are `Label,From,To`."""
    named = ((way.split(",")[0], way) for way in ways)
    rows = [f"Plain,{name.lower()},{way},a,{note}" for name, way in named]
    return {
        "workflows": table("Label,Machine name,X,Type", "Plain,plain,a,Content moderation"),
        "states": table("Workflow,Label,Machine name,X", *states),
        "transitions": table("Workflow,Machine name,Label,From state,To state,X,Notes", *rows),
    }


def site(*workflows: str, types: Sequence[str] = TYPES, parts: Sequence[str] = PARTS) -> Sheets:
    """Make three types, of which two are moderated and one is translated."""
    header = "Label,Machine name,X,Type,Applies to,Notes"
    return {
        "bundles": table("Name,Machine name,X,Mod.,Trns.,Type", *types),
        "fields": table("Bundle,Field label,Machine name,X,Field type,Trns.", *parts),
        **({"workflows": table(header, *workflows)} if workflows else {}),
    }


def news(*displays: Row, x: str = "a", others: Sequence[Row] = ()) -> Sheets:
    return {"views": [view("News", "news", x), *others], "displays": displays}


ROWS: Mapping[str, Sheets] = {
    "what nobody decided is asked in the words of its cell": hull(
        {
            "Field type": "tbc (one line a day?)",
            "Req'd": "? (only in a harbour)",
            "Vals.": "- (as many as fit)",
        }
    ),
    "a reference without target": hull(REFERS),
    "one asks in every ticket, required or not, and says what is likely": {
        "bundles": [*TWO, bundle("Home Ports", "home_ports", "Vocabulary")],
        "fields": [
            field(of, "field_port", req=required) | REFERS | {"Field label": "Port"}
            for of, required in ((BOAT, "y"), (ANCHOR, "n"), ("Home Ports (Vocabulary)", "n"))
        ],
    },
    "one that another row with its name fills in": {
        "bundles": TWO,
        "fields": [
            field(BOAT, "field_crew", req="y") | REFERS,
            field(ANCHOR, "field_crew", ref=ANCHOR),
        ],
    },
    "one that another row fills in, while its own note says something else": {
        "bundles": TWO,
        "fields": [
            field(BOAT, "field_crew") | REFERS | {"Settings/notes": "Any but rusty ones."},
            field(ANCHOR, "field_crew", ref=ANCHOR),
        ],
    },
    "a type that a widget of paragraphs does not edit, while the row refers to paragraphs": {
        "bundles": [*BOATS, bundle("Deck", "deck", "Paragraph type")],
        "fields": [
            field(BOAT, "field_decks", ref="Deck (Paragraph type)")
            | REFERS
            | {"Form widget": "Paragraphs Stable"}
        ],
    },
    "types and widgets that core does not have, and what their modules need": hull(
        {"Field type": "rigging"},
        field(BOAT, "field_log") | {"Form widget": "log_book"},
        field(BOAT, "field_list") | {"Field type": "viewfield"},
        *(
            field(BOAT, f"field_{n}") | {"Form widget": "Textfield with counter", "Help text": say}
            for n, say in (("motto", ""), ("name_of_hull", ""), ("short", "At most 40 letters."))
        ),
    ),
    "field types by their ids": {
        "bundles": BOATS,
        "fields": [
            field(BOAT, f"field_{n}") | {"Field type": type_, "Form widget": widget}
            for n, (type_, widget) in enumerate(TYPES_BY_ID)
        ],
    },
    "words that mean one field type, or may mean several": hull(
        *(
            field(BOAT, f"field_{n}") | {"Field type": word, "Form widget": widget}
            for n, (word, widget) in enumerate(TYPES_BY_WORD)
        )
    ),
    "more subjects than a sentence names": hull(
        *(field(BOAT, f"field_{n}") | {"Field type": ""} for n in range(7))
    ),
    "a list without values": hull(RIG),
    "a list whose note has lines of something": hull(RIG | {"Settings/notes": "- Sloop\n- Ketch"}),
    "what a column may say that nobody knows": hull(
        RIG | {"Picks": "Sloop / Ketch", "Owner": ""},
        field(BOAT, "field_plan") | {"Field type": "File", "Picks": "as drawn"},
        field(BOAT, "field_scan") | {"Field type": "File", "Allowed file extensions": "dxf"},
    ),
    "files that a column says which nobody knows": hull(
        field(BOAT, "field_plan") | {"Field type": "File", "Picks": "dxf, pdf"},
    ),
    "sizes of files without a unit": hull(
        field(BOAT, "field_plan")
        | {"Field type": "File", "Settings/notes": "Allowed types: pdf. Max size 2."},
        field(BOAT, "field_scan") | {"Field type": "Image", "Settings/notes": "Max size 2."},
        field(BOAT, "field_log")
        | {"Field type": "File", "Settings/notes": "Allowed types: pdf. Max size 2 MB."},
    ),
    "optional fields with the mark of required ones": hull(
        field(BOAT, "field_plan") | {"Field label": "Plan *", "Req'd": "n"},
        field(BOAT, "field_scan") | {"Field label": "Scan*", "Req'd": "n"},
    ),
    "required fields after an optional switch, and texts that are not finished or give a field up": hull(
        field(BOAT, "field_mast") | {"Field type": "Boolean"},
        field(BOAT, "field_mast_height", req="y"),
        field(BOAT, "field_oar") | {"Help text": "Open on X at X."},
        field(BOAT, "field_keel") | {"Help text": "This field will be removed."},
    ),
    "what everybody may do, and what modes show that a type lacks": {
        "bundles": [bundle("Boat", "boat") | {"URL alias pattern": "[node:group:title]"}],
        "fields": [HULL],
        "view_modes": table(f"{MODES},Notes", "Card,Content type,a,Boat,Boat: field_mast (string)"),
        "roles": table(
            "Name,Machine name,X,Notes",
            'Everybody,authenticated,a,"Permissions: edit any boat content, administer boats"',
        ),
    },
    "displays that visitors, a permission or other displays contradict": {
        "views": [view("Boats", "boats")],
        "displays": [
            display("Boats", f"page_{n}")
            | {
                "Display plugin": "Page",
                "Path or place": f"/boats/{n}",
                "Shows": "Table: node_bulk_form" if n == 3 else "Table: Berth, Berth",
                "Filters": "status (= 1); contextual nid" if n == 2 else "status (= 1)",
                "Access": "permission see boats" if n == 1 else "Everybody",
            }
            for n in range(4)
        ]
        + [
            display("Boats", "page_9")
            | {"Display plugin": "Page", "Path or place": "/all", "Filters": "None"}
            | {"Access": "Everybody"}
        ],
        "roles": table(
            "Name,Machine name,X,Notes",
            'Visitor,anonymous,a,"Permissions: access content, moor sails"',
            'Account,authenticated,a,"Permissions: access content, moor sails"',
        ),
    },
    "a target that a column may say which nobody knows": hull(
        REFERS | {"Picks": "Harbours"}, field(BOAT, "field_crew") | REFERS | {"Picks": "2"}
    ),
    "a source that a column says which nobody knows, and one that it may say": {
        "bundles": [
            bundle("Clip", "clip", "Media type") | {"Kept as": "Video file"},
            bundle("Chart", "chart", "Media type") | {"Kept as": "Sea map server"},
        ],
    },
    "what the rest of a sheet leaves of a type": hull(
        field(BOAT, "field_berths") | {"Field type": "Number", "Picks": "1 - 40"},
        field(BOAT, "field_weight") | {"Field type": "Number", "Picks": "about 12 t"},
        field(BOAT, "field_rig") | {"Field type": "Dropdown", "Picks": "Sloop / Ketch"},
        field(BOAT, "field_flag") | {"Field type": "Dropdown", "Picks": "Any of them."},
        field(BOAT, "field_sign") | {"Field type": "Text (short)"},
        field(BOAT, "field_story") | {"Field type": "Rich text"},
        field(BOAT, "field_log") | {"Field type": "Rich text", "Picks": "with a summary"},
    ),
    "a type that a row of another sheet explains": {
        **hull(field(BOAT, "field_story") | {"Field type": "WYSIWYG"}),
        "glossary": [{"We write": "wysiwyg", "We mean": "Text (formatted, long) in plain HTML"}],
    },
    "a status that a row of another sheet explains": {
        **hull({"X": "Mothballed"}),
        "glossary": [{"We write": "Mothballed", "We mean": "Ashore until spring"}],
    },
    "a note that names one of the choices": hull(
        RIG | {"Picks": "Sloop / TBC", "Settings/notes": "Starts as TBC"},
        field(BOAT, "field_flag") | {"Picks": "TBC", "Settings/notes": "Starts as TBC"},
        field(BOAT, "field_knot") | {"Settings/notes": "As at https://x.example/tbc/knot?no=4"},
        field(BOAT, "field_sign") | {"Settings/notes": "Crews may not change it."},
    ),
    "no field type": hull({"Field type": ""}),
    "no machine name": hull({"Machine name": "-"}),
    "required and not on the form": hull({"Req'd": "y"} | OFF),
    "not on the form, by whom a note or help text says, given up, and named by the address": {
        "bundles": [
            BOATS[0] | {"URL alias pattern": "[node:field_p]/[node:field_x]/[user:field_q]"}
        ],
        "fields": [
            HULL | OFF,
            field(BOAT, "field_p") | OFF,
            field(BOAT, "field_q") | OFF | {"Settings/notes": "Populated from the register"},
            field(BOAT, "field_r") | OFF | {"Help text": "Imported from the register."},
            field(BOAT, "field_s")
            | {"Help text": "Legacy field. Clear it when it is no longer used."},
            field(BOAT, "field_u") | {"Help text": "If left blank, the default is “Read more”."},
        ],
    },
    "re-used, but nowhere else": hull({"Reused Field": "y"}),
    "a widget that does not fit the type": hull({"Form widget": "Select list"}),
    "a type that no field offers, where fields offer most": {
        "bundles": [
            *BOATS,
            *(bundle(f"Part {n}", f"part_{n}", "Paragraph type") for n in range(4)),
            bundle("Part 1", "part_one", "Paragraph type"),
        ],
        "fields": [
            field(BOAT, f"field_{n}") | REFERS | {"Ref. bundle": f"Part {n} (Paragraph type)"}
            for n in range(3)
        ],
    },
    "one field that takes all of a kind": {
        "bundles": [*BOATS, *(bundle(n, n, "Paragraph type") for n in ("mast", "oar", "sail"))],
        "fields": [field(BOAT, n[:3]) | OWNS | {"Ref. bundle": n} for n in ("mast", "oar", "all")],
    },
    "a target that no row is": hull(REFERS | {"Ref. bundle": "Boot (Content type)"}),
    "types that have the name, and that the reference does not offer": {
        "bundles": [*TWO, bundle("Crew", "crew", "Webform"), bundle("Boot", "boot", x="w")],
        "fields": [
            field(BOAT, "field_crew") | REFERS | {"Field label": "Crew"},
            field(BOAT, "field_anchor")
            | REFERS
            | {"Field label": "Anchor", "Form widget": "Media library"},
            field(BOAT, "field_boots") | REFERS | {"Ref. bundle": "Boots (Content type)"},
        ],
    },
    "a list with its values": hull(LISTED),
    "a list whose values a note does not list": hull(NOTED),
    "a list whose values a note says are to come": hull(
        RIG | {"Settings/notes": "Options: tbc by the master."}
    ),
    "what a note leaves open, and what it says of targets": hull(
        {"Settings/notes": "Perhaps blue. Unpublishes the boat."},
        field(BOAT, "field_such") | REFERS | {"Settings/notes": "All deep keels allowed."},
    ),
    "what a note or a description asks of more than fields, and what is likely": {
        "bundles": [
            bundle("Boat", "boat") | {"Description": "A boat is not a standalone page."},
            bundle("Deck", "deck", "Paragraph type")
            | {"Description": "Shows the sails of one boat. Only clerks can use it."},
            *(bundle(name, name.casefold(), "Media type") for name in ("Audio", "Chart")),
            bundle("Raft", "raft", x="x"),
        ],
        "fields": [
            HULL | {"Vals.": "*", "Settings/notes": "At least three.", "Help text": "Lorem ipsum."},
            field(BOAT, "field_chart", ref="Chart (Media type)")
            | {"Settings/notes": "900 pixels wide, as in the mockups."},
            field(BOAT, "field_deck") | REFERS | {"Help text": "Select a Boat page."},
            field("Deck (Paragraph type)", "field_boat", ref=BOAT),
            field(BOAT, "field_domain_source") | REFERS,
            field("Raft (Content type)", "field_oar", "d"),
        ],
        "roles": table("Name,Machine name,X,Notes", "Clerk,clerk,x,"),
    },
    "the label of an item": hull({"Machine name": "-", "Field type": "Entity label"}),
    "a layout that modules fill in": hull(
        {"Field type": "Layout section", "Machine name": "layout_builder__layout", "Req'd": "y"}
    ),
    "a maximum in prose": hull(
        {"Settings/notes": "Maximum of two.", "Help text": "A maximum of 5 masts."}
    ),
    "a target that goes, and one that waits": {
        "bundles": [*BOATS, bundle("Anchor", "anchor", x="d"), bundle("Crew", "crew", x="w")],
        "fields": [field(BOAT, "field_anchor", ref=ANCHOR), field(BOAT, "field_crew", ref=CREW)],
    },
    "the odd one of a storage": {
        "bundles": [*TWO, bundle("Crew", "crew")],
        "fields": [
            field(of, "field_size") | {"Vals.": n}
            for of, n in ((BOAT, "1"), (ANCHOR, "1"), (CREW, "*"))
        ],
    },
    "what two bundles share, once": {
        "bundles": TWO,
        "fields": [field(of, "field_rig") | RIG for of in (BOAT, ANCHOR)],
    },
    "changes that nothing says, and new obligations": {
        "bundles": [bundle("Boat", "boat", x="x")],
        "fields": [
            field(BOAT, "field_hull", "x"),
            field(BOAT, "field_mast", "c"),
            field(BOAT, "field_sail", "c") | {"Settings/notes": "Now with reefs."},
            field(BOAT, "field_flag", req="y"),
            field(BOAT, "field_oar", req="y"),
            field(BOAT, "field_paddle", "d") | {"Settings/notes": "Moves to Oar before it goes."},
        ],
    },
    "of a type whose fields are not approved nothing else": {
        "bundles": BOATS,
        "fields": [field(BOAT, "field_hull", "w") | {"Field type": ""}],
    },
    "two rows of one field that are alike": hull(HULL, HULL),
    "two rows of one field that differ": hull(HULL, {"Vals.": "*"}),
    "a media type whose field holds its source": clip(Field_type="Image", Form_widget="Image"),
    "one whose widget takes an address": clip(Form_widget="oEmbed URL"),
    "one that nothing holds the source of": clip(Field_type="Link", Form_widget="Link"),
    "states of core that are missing": course(
        *WHOLE, states=[one.replace("draft", "sketch") for one in STATES]
    ),
    "a workflow of which no row is approved": course(states=[one[:-1] + "w" for one in STATES]),
    "a transition removed and built under two names of a state": {
        "workflows": table("Label,Machine name,X,Type", "Plain,plain,x,Content moderation"),
        "states": table(
            "Workflow,Label,Machine name,X",
            "Plain,Hidden,archived,c",
            "Plain,Published,published,x",
        ),
        "transitions": table(
            "Workflow,Label,Machine name,X,From state,To state",
            "Plain,Restore,restore,a,Hidden,Published",
            "Plain,Restore,restore,d,Archived,Published",
        ),
    },
    "permissions that are only counted": {
        **course(*WHOLE),
        "roles": table(
            "Name,Machine name,X,Notes",
            "Administrator,administrator,a,0 permissions",
            "Clerk,clerk,a,12 permissions",
            "Chief,chief,a,30 permissions",
        ),
    },
    "styles and their fallbacks": {
        "image_styles": table(STYLE, "Card,card,a,", "Old,old,d,Scale 40"),
        "responsive": table(
            RESPONSIVE,
            "Cards,cards,Theme,Carte,Card,a",
            "Rows,rows,Theme,Old,Card,a",
            "Lines,lines,Theme,,Card,a",
        ),
    },
    "which style is for which breakpoint, or how a browser chooses": {
        "image_styles": table(STYLE, "Card,card,a,Scale 40", "Wide,wide,a,Scale 80"),
        "responsive": table(
            f"{RESPONSIVE},Breakpoints Used",
            'Cards,cards,Theme,Card,"Card, Wide",a,"small (1x), large (1x)"',
            'Rows,rows,responsive_image,Card,"Card, Wide",a,viewport_sizing (1x)',
            "Lines,lines,Theme,Card,Card,a,small (1x)",
        ),
    },
    "which files a text names, and which number of values": hull(
        {"Help text": "Up to 80 characters."},
        field(BOAT, "field_papers") | {"Field type": "File"},
        field(BOAT, "field_log") | {"Field type": "File", "Settings/notes": "pdf, docx"},
        field(BOAT, "field_plan") | {"Field type": "File", "Help text": "PDF only."},
        field(BOAT, "field_links") | {"Vals.": "*", "Help text": "At least two, up to three."},
        field(BOAT, "field_masts") | {"Vals.": "3", "Help text": "Up to three; at least 5 days."},
    ),
    "what help texts say that the site does": hull(
        {"Help text": "Required if there is no mast. Do not use tabs."},
        field(BOAT, "field_bow") | {"Help text": "This will take up 100% of this row."},
        field(BOAT, "field_deck") | {"Help text": "Overrides the name. If unsure, use a grid."},
        field(BOAT, "field_raft") | {"Help text": "Overrides the name."},
    ),
    "terms that a required list cannot do without": {
        "bundles": [
            *BOATS,
            bundle("Rig", "rig", "Vocabulary") | {"Description": "sloop, ketch, yawl"},
            *(bundle(n, n.casefold(), "Vocabulary") for n in ("Port", "Flag")),
        ],
        "fields": [
            field(BOAT, f"field_{n.casefold()}", req=req, ref=f"{n} (Vocabulary)")
            | REFERS
            | {"Form widget": w}
            for n, req, w in (
                ("Rig", "y", "Select list"),
                ("Port", "y", "Autocomplete"),
                ("Flag", "n", "Select list"),
            )
        ],
    },
    "one whose only required field has no type": clip(Field_type="", **{"Req'd": "y"}),
    "a media type whose field is of a module": clip(Field_type="rigging", **{"Req'd": "y"}),
    "one whose only required field can be it, of any type of files": clip(
        Field_type="File", Help_text="Submit a PDF copy to the library.", **{"Req'd": "y"}
    ),
    "two types of one name, and a view mode of one": {
        "bundles": [*BOATS, *(bundle("Link", n, "Paragraph type") for n in ("link", "links"))],
        "fields": [
            field(BOAT, "field_links", ref="Link (Paragraph type)"),
            *(
                field("Link (Paragraph type)", f"field_{n}") | {"Bundle machine name": n}
                for n in ("link", "links")
            ),
        ],
        "view_modes": table(MODES, "Small,Paragraph type,x,Link"),
    },
    "an effect of a style that nobody knows, and formats": {
        "image_styles": table(
            STYLE,
            'Card,card,a,"Crop 80x60, image_smear"',
            "Icon,icon,a,image_convert",
            "Icon (ico),icon_ico,a,image_convert",
            'Haze,haze,a,"Scale 80, image_blur"',
            "Tile 300x250,tile,a,Scale and crop",
            'Hero,hero,a,"image_convert, webp"',
            "Wide 300x200,wide,a,Scale and crop 300x250",
            "Hero 2x (300x250),hero_2x,a,Scale and crop 300x250",
            "Photo,photo,a,Convert to WebP",
        )
    },
    "a paragraph type without fields": {
        "bundles": [
            *BOATS,
            bundle("Rule", "rule", "Paragraph type"),
            bundle("From library", "from_library", "Paragraph type"),
        ],
        "fields": [HULL, field(BOAT, "field_parts", ref="Rule (Paragraph type)")],
    },
    "view modes, of core too": {
        "view_modes": table(MODES, "Small,Media type,a,", "RSS,Content type,a,")
    },
    "modes that are marked as changed": {
        "view_modes": table(
            f"{MODES},Notes", "Small,Media type,c,Clip,", "Wide,Media type,c,,Wider"
        )
    },
    "two fields that a form has under one label, and one in another group": hull(
        *({"Machine name": f"field_{n}", "Field group": of} for n, of in ("ax", "bx", "cy"))
    ),
    "two pages at one path, and one of a disabled view": {
        "views": [
            view("News", "news"),
            view("Press", "press"),
            view("Old", "old", Status="Disabled"),
        ],
        "displays": [display(of, "page_1", Notes="Path: /news") for of in ("News", "Press", "Old")],
    },
    "what each kind of display leaves open": news(
        display("News", "page_1", Notes="Path: /news"),
        display("News", "rest_export_1", "REST export", Notes="Path: /news.json"),
        display("News", "entity_reference_1", "Entity Reference", Notes="Newest first."),
    ),
    "the content type that a view is called by": {
        "bundles": [bundle("Story", "news")],
        "fields": [field("Story (Content type)", "field_body")],
        **news(display("News", "page_1", Notes="Path: /news", Title="Next three")),
    },
    "placeholders that neither name nor filter explains": news(
        display("News", "page_1", Notes="Path: /news/%topic"),
        display("News", "page_2", Notes="Path: /node/%node/news"),
        display("News", "page_3", Notes="Path: /by/%author", Filters="Author ID"),
        display("News", "page_4", Notes="Path: /taxonomy/term/%/news"),
    ),
    "displays that are marked as changed": news(
        display("News", "page_1", x="c", Notes="Path: /news"),
        display("News", "block_1", "Block", x="c", Notes="Three instead of five"),
        x="x",
    ),
    "filters by the IDs of content": news(
        display("News", "page_1", Filters="type (boat); nid (= ID 7)"),
        display("News", "page_2", Filters="field_pier_target_id (or ID 3, 4 of piers)"),
    ),
    "filters and sorts of no date": {
        "bundles": [*BOATS, bundle("Port", "port", "Vocabulary")],
        **news(
            display("News", "page_1", Filters="Content type (= Boat); Port (after now)"),
            display("News", "block_2", "Block", Sort="Port (asc)"),
        ),
    },
    "a display that the module brings under another name": {
        "views": [view("Log", "watchdog") | {"Base table": "Log entries"}],
        "displays": [display("Log", "page_1", Notes="Path: /admin/reports/dblog")],
    },
    "a display that the module brings and no row has": {
        "views": [view("Term", "taxonomy_term")],
        "displays": [
            display("Term", "page_1", Notes="Path: /taxonomy/term/%"),
            display("Term", "feed_2", "Feed", Notes="Path: /taxonomy/term/%/feed"),
        ],
    },
}
COURSES: Mapping[str, Sheets] = {
    "a workflow that fits leaves open its first state and who uses what": course(*WHOLE),
    "no transition from draft to draft": course(*WHOLE[1:]),
    "a label that names other states than its rows": course(
        *WHOLE, "Published to Waiting,Draft,Waiting", "Draft to Waiting,Draft,Waiting"
    ),
    "who may use what permissions give to nobody": {
        **course("Keep,Draft,Draft", "Publish,Draft,Published"),
        "roles": table(
            "Name,Machine name,X,Notes",
            "Clerk,clerk,a,use plain transition publish; schedule plain transition publish",
            "Skipper,skipper,a,Must not schedule any transition to published",
            "Author,author,a,create notice content",
        ),
        "bundles": table(
            "Name,Machine name,X,Mod.,Sched.,Type", "Notice,notice,a,y,n,Content type"
        ),
    },
    "a transition whose note says what no transition does": course(
        *WHOLE, note="Clerk only. Mail to the harbour master."
    ),
    "a state that nothing leaves": course(*WHOLE[:3]),
    "a state that nothing enters or leaves": course(
        "Keep,Draft,Draft", "Publish,Draft,Published", "Back,Published,Draft"
    ),
    "a state that nothing enters or leaves, where none is the first": course(
        "Publish,Waiting,Published", states=[*STATES[1:], "Plain,Sketch,sketch,a"]
    ),
    "a first state that nothing leaves": course(
        "Publish,Waiting,Published", "Back,Published,Waiting"
    ),
    "a state that nothing leads to": course(
        "Keep,Draft,Draft", "Back,Waiting,Draft", "Go,Draft,Published", "Up,Published,Draft"
    ),
    "a state that no row has": course(*WHOLE, "Hide,Published,Waitin"),
    "states that only lead to one another": course(
        "Keep,Draft,Draft",
        "Publish,Draft,Published",
        "Back,Published,Draft",
        "Hold,Waiting,Later",
        "Free,Later,Waiting",
        "Show,Later,Published",
        states=[*STATES, "Plain,Later,later,a"],
    ),
    "a state that content can neither be saved in nor sent back from": course(
        "Keep,Draft,Draft", "Send,Draft,Waiting", "Publish,Waiting,Published", "Up,Published,Draft"
    ),
    "states that are off the site by their name": course(
        *WHOLE,
        "Hide,Published,Archived",
        "Show,Archived,Draft",
        "Check,Published,Waiting",
        "Undo,Published,Undone",
        states=[*STATES, "Plain,Archived,archived,a", "Plain,Undone,undone,a"],
    ),
    "a note that may say who uses a transition": course(*WHOLE, note="Clerks do this"),
}
SITES: Mapping[str, Sheets] = {
    "types that no workflow is there for": site(),
    "which of two workflows moderates": site(
        "Short,short,x,Content moderation,,", "Long,long,x,Content moderation,,"
    ),
    "not of a type that one lists": site(
        'Short,short,x,Content moderation,"Notice, leaflet",', "Long,long,x,Content moderation,,"
    ),
    "nor where a note may say it": site(
        "Short,short,x,Content moderation,,Used on all types", "Long,long,x,Content moderation,,"
    ),
    "a type that is called like one of two workflows": {
        **site("Notice,notice,a,Content moderation,,", "Long,long,a,Content moderation,,"),
        "states": table("Workflow,Label,Machine name,X", "Notice,Draft,draft,a"),
    },
    "workflows with the same states": {
        **site("Short,short,a,Content moderation,,", "Long,long,a,Content moderation,,"),
        "states": table(
            "Workflow,Label,Machine name,X", "Short,Draft,draft,a", "Long,Draft,draft,a"
        ),
    },
    "the only workflow is suggested": site("Short,short,x,Content moderation,,"),
}
RARE: Mapping[str, Sheets] = {
    "a type that changes beside its fields": {
        "bundles": [bundle("Boat", "boat", x="c")],
        "fields": [HULL],
    },
    "a new type whose fields are there": {
        "bundles": BOATS,
        "fields": [field(BOAT, "field_a", "x")],
    },
    "what is not built now, by X, a column, and a note": {
        "bundles": [
            *BOATS,
            bundle("Anchor", "anchor", x="sprint 2"),
            bundle("Crew", "crew", x="w"),
        ],
        "fields": [
            HULL | {"Phase": "2"},
            field(BOAT, "field_mast") | {"Phase": "1"},
            field(BOAT, "field_sail") | {"Settings/notes": "White. Not in MVP."},
            field(BOAT, "field_flag") | {"Settings/notes": "Release 2 of the chart is meant."},
        ],
    },
    "a text without words, a widget that is a number, a name that Drupal refuses": hull(
        field(BOAT, "field_hint") | {"Field type": "markup"},
        field(BOAT, "field_mast") | {"Field type": "Text (plain)", "Form widget": "3"},
        field(BOAT, "field_Sail") | {"Field type": "Text (plain)"},
    ),
    "a workflow without states, of a type that no row has": {
        **site("Short,short,a,Content moderation,Notice; Ghost,"),
        "transitions": table(
            "Workflow,Machine name,Label,From state,To state,X", "Short,keep,Keep,Draft,Draft,a"
        ),
    },
    "roles whose permissions are counted": {
        "bundles": BOATS,
        "roles": table(
            "Name,Machine name,X,Notes", "Guest,guest,a,0 permissions", "Cook,cook,c,5 permissions"
        ),
    },
    "a view mode with the machine name of one of core": {
        "bundles": BOATS,
        "view_modes": table(MODES, "Search result,Content type,a,Boat"),
    },
    "a view whose row alone is changed": news(display("News", "page_1", x="x"), x="c"),
    "a view without displays": news(),
    "a view none of whose displays comes": news(display("News", "page_1", x="d")),
    "a view of a module with a further display": {
        "views": [view("People", "user_admin_people", Base_table="Users")],
        "displays": [display("People", "block_1", "Block")],
    },
    "migrations that say too little": {
        "bundles": BOATS,
        "fields": [HULL],
        "migrations": table(
            "Migration,X,Source,Destination,Depends on",
            "Boats,a,,Boat,Sails",
            "Crews,a,Old site,,",
            "Masts,a,Old site,Mast,",
        ),
        "mappings": table(
            "Migration,X,Source field,Destination field",
            "Boats,a,body,",
            "Boats,a,mast,field_mast",
            "Boats,a,hull,field_hull",
        ),
    },
}
"""What specifications seldom leave open."""
CASES = {**ROWS, **COURSES, **SITES, **RARE}


def asked_of(sheets: Sheets) -> Iterator[tuple[int, OpenQuestion]]:
    specification = specification_of(**sheets)
    groups = group_entities(specification).groups
    for group, question in all_open_questions(groups, specification):
        yield group.number, question


def line_of(number: int, one: OpenQuestion) -> str:
    disputes = f" disputes {one.disputes}" if one.disputes not in {"", one.column} else ""
    offers = f" offers {len(one.choices)}" if one.choices else ""
    suggests = f" suggests {one.suggested_answer}" if one.suggested_answer else ""
    whose = f" of {one.audience}" if one.audience != Audience.AGENCY else ""
    assumes = f" assumes {one.assumption}" if one.assumption else ""
    about = f"{one.column} / {', '.join(one.subjects)}"
    return f"{number} {about}{whose}{disputes}{offers}{suggests}{assumes}"

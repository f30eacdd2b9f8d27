"""What tickets of Drupal sheets claim and ask: what each statement is of, never its words.

Belongs here: a table of small sheets, and what holds for whole sites. Does not: wording, which
`golden` freezes; questions that no claim hangs together with (`asking`).
"""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view.path import path_text
from jira_pipeline.model.entities import EntityKind, Status
from jira_pipeline.model.entity_groups import GroupAction, GroupKind
from jira_pipeline.tickets.template import claims_of
from jira_pipeline_tests.sheets.made_specifications import (
    Row,
    bundle,
    display,
    field,
    table,
    view,
)
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.sites import FOLDERS, briefs_of, site

BOAT, CREW = "Boat (Content type)", "Crew (Content type)"
NEW, CHANGED = "Configure content type: Boat", "Update content type: Boat"
NEWS = "Configure view: News"
CHECKS_MAX = 26
Case = tuple[str, str, Mapping[str, Sequence[Row]]]
"""Its name, the ticket that is looked at, the sheets."""


def lines_of(facts: TicketRows) -> list[str]:
    """Return what a ticket says: kind, rows, columns and values of each claim, then its questions."""
    claims = claims_of(facts)
    return [
        *map(_line, claims.story),
        *map(_line, claims.analysis),
        *(_form_line(row.display.machine_name, row.cells) for row in claims.form),
        *map(_line, claims.verification),
        *(f"asks: {q.column} / {', '.join(q.subjects)}" for q in facts.questions),
    ]


def _line(claim: Claim) -> str:
    rows = ", ".join(row.machine_name or row.label for row in claim.rows)
    words = (shown(word).replace("\u203a", ">") for word in claim.words.values())
    values = ", ".join(claim.values)
    said = (rows, ", ".join(claim.columns), values, "; ".join(filter(None, words)))
    return f"{claim.kind}: {' / '.join(filter(None, said))}"


def shown(text: str) -> str:
    """Return HTML without its markup."""
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def _form_line(display_name: str, cells: Mapping[str, Any]) -> str:
    known = "; ".join(f"{name} {cell}" for name, cell in cells.items() if cell != "?")
    return f"form: {display_name} / {known}"


def case(name: str, *, title: str = NEW, **sheets: Sequence[Row]) -> Case:
    """Make a case; the boat is always there to be built."""
    return f"{title}: {name}", title, {"bundles": [bundle("Boat", "boat")], **sheets}


def news(name: str, **sheets: Sequence[Row]) -> Case:
    return case(name, title=NEWS, **{"views": [view("News", "news")], **sheets})


def _noted(name: str, kind: str, note: str) -> Row:
    return field(BOAT, f"field_{name}") | {"Field type": kind, "Settings/notes": note}


RIG = {"Field type": "List (text)", "Settings/notes": "Options: Sloop, Ketch. Default is sloop."}
ANCHOR_THERE = [bundle("Anchor", "anchor", x="x"), bundle("Boat", "boat")]
BUNDLES = [
    case(
        "a new type has its fields, with types and widgets",
        fields=[field(BOAT, "field_hull") | {"Form widget": "Textfield"}],
    ),
    case(
        "what the form refuses and offers",
        bundles=[bundle("Boat", "boat"), bundle("Crew", "crew", x="x")],
        fields=[
            field(BOAT, "field_hull", req="y"),
            field(BOAT, "field_crew", ref=CREW) | {"Vals.": "*"},
            field(BOAT, "field_flags") | {"Vals.": "3", "Settings/notes": "Max length 40."},
            field(BOAT, "field_rig") | RIG,
        ],
    ),
    case(
        "columns of their own say what notes may, and lists are written in lines",
        fields=[
            field(BOAT, "field_rig")
            | RIG
            | {"Settings/notes": "", "Choices": "- Sloop\n- Ketch, old", "Default": "Ketch, old"},
            field(BOAT, "field_class") | RIG | {"Settings/notes": "1|Light\n2|Heavy"},
            field(BOAT, "field_port")
            | RIG
            | {"Settings/notes": "Allowed values:\n* Kiel\n* Riga\nDefault: Riga"},
            field(BOAT, "field_flags") | {"Max length": "40 characters", "Default": "None"},
            field(BOAT, "field_plan")
            | {"Field type": "File", "File extensions": ".dxf\n.SKP", "File size": "5 MB"},
        ],
    ),
    case(
        "a note gives types and sizes of files; another one is named, or asked what it leaves open",
        fields=[
            _noted("plan", "File", "Allowed types (pdf, png), max size 2mb"),
            _noted("log", "File", "Allowed types: pdf? Perhaps with a size."),
            _noted("link", "Link", "Internal only, link text required"),
            _noted("words", "Text (plain)", "Allowed types: pdf"),
            field(BOAT, "field_rig"),
        ],
    ),
    case(
        "the note of a view mode is checked by the tickets of its types",
        title="Configure view modes: Content type",
        view_modes=table(
            "View Modes,Entity Type,X,Entities Used On,Notes",
            "Card,Content type,a,Boat,Shows the title.",
            "Loose,Content type,a,,Shows nothing.",
        ),
        fields=[field(BOAT, "field_rig")],
    ),
    case(
        "a reference means the name that is written like it",
        title="Configure vocabulary: PORT",
        bundles=[
            *(bundle("Boat", "boat"), bundle("Port", "port", "Vocabulary", x="x")),
            bundle("PORT", "port_two", "Vocabulary"),
        ],
        fields=[
            field(BOAT, "field_home", ref="PORT (Vocabulary)"),
            field("PORT (Vocabulary)", "field_x"),
        ],
    ),
    case(
        "help texts say what the site does, but of what core or a module brings and what is advised",
        fields=[
            *(
                field(BOAT, f"field_{n}") | {"Help text": f"Redirects to the pier {n}. Red."}
                for n in range(5)
            ),
            field(BOAT, "title") | {"Help text": "Overrides the name of the boat."},
            field(BOAT, "field_at")
            | {"Field type": "Geofield", "Help text": "Filled automatically."},
            field(BOAT, "field_blank")
            | {"Help text": "Leave blank and the boat is shown if it floats."},
        ],
    ),
    case(
        "no empty box and no markup is refused, and a field off the form is only under disabled",
        fields=[
            field(BOAT, "field_hull") | {"Form widget": "-- Disabled --", "Field group": "Rig"},
            field(BOAT, "field_afloat", req="y") | {"Field type": "Boolean"},
            field(BOAT, "field_hint", req="y") | {"Field type": "markup"},
        ],
    ),
    case(
        "the shorter list of new and re-used fields is named",
        bundles=[bundle("Anchor", "anchor"), bundle("Boat", "boat")],
        fields=[
            *(
                field(f"{of} (Content type)", f"field_{n}")
                for of in ("Anchor", "Boat")
                for n in "abc"
            ),
            field(BOAT, "field_own"),
        ],
    ),
    case(
        "the rest is counted only where all names are certain",
        bundles=ANCHOR_THERE,
        fields=[
            field("Anchor (Content type)", "field_a", "x"),
            *(field(BOAT, name) for name in ("field_a", "field_b", "Formatted Title")),
        ],
    ),
    case(
        "a storage of the site brings its options along",
        bundles=ANCHOR_THERE,
        fields=[
            field("Anchor (Content type)", "field_rig", "x") | RIG,
            field(BOAT, "field_rig") | RIG,
        ],
    ),
    case(
        "targets of later tickets are set later and not checked",
        bundles=[
            bundle("Boat", "boat"),
            bundle("Crew", "crew"),
            bundle("Port", "port", "Vocabulary"),
        ],
        fields=[
            field(BOAT, "field_crew", ref=f"{CREW}, Port (Vocabulary)"),
            field(CREW, "field_boat", ref=BOAT, req="y"),
        ],
    ),
    case(
        "an update says what is new and what goes",
        title=CHANGED,
        bundles=[bundle("Boat", "boat", x="x") | {"Mod.": "y"}],
        fields=[
            field(BOAT, "field_hull", "x", req="y") | {"Field group": "Deck"},
            field(BOAT, "field_mast", "a") | {"Form widget": "Textfield", "Field group": "Rig"},
            field(BOAT, "field_sail", "c", req="y") | {"Vals.": "*", "Field group": "Deck"},
            field(BOAT, "field_oar", "d") | {"Field group": "Oars"},
            field(BOAT, "field_rowlock", "a") | {"Field group": "Oars"},
        ],
    ),
    case(
        "an update that only takes something away",
        title=CHANGED,
        bundles=[bundle("Boat", "boat", x="x")],
        fields=[field(BOAT, "field_oar", "d")],
    ),
    case(
        "an update of nothing but the row of the type",
        title=CHANGED,
        bundles=[bundle("Boat", "boat", x="c")],
        fields=[field(BOAT, "field_hull", "x")],
    ),
    case(
        "a cell that a question doubts is not claimed",
        bundles=ANCHOR_THERE,
        fields=[
            field("Anchor (Content type)", "field_size", "x") | {"Vals.": "1"},
            field(BOAT, "field_size") | {"Vals.": "3"},
        ],
    ),
    case("a hollow ticket has nothing to check", fields=[field(BOAT, "field_hull", "w")]),
    case(
        "a namesake may be what a field means",
        title="Configure paragraph type: Link",
        bundles=[
            bundle("Boat", "boat"),
            *(bundle("Link", name, "Paragraph type") for name in ("link", "links")),
        ],
        fields=[
            field("Link (Paragraph type)", "field_url"),
            field(BOAT, "field_links")
            | {"Field type": "Entity reference revisions", "Ref. bundle": "Link (Paragraph type)"},
        ],
    ),
    case(
        "targets of which another is called alike are those of the row, and none is named",
        bundles=[
            bundle("Boat", "boat"),
            *(bundle(name, name, "Paragraph type", x="x") for name in ("Rich Text", "Rich text")),
            bundle("Map", "map", "Paragraph type", x="x"),
        ],
        fields=[
            field(BOAT, "field_rows", ref="Rich text (Paragraph type), Map (Paragraph type)")
            | {"Field type": "Entity reference revisions"},
        ],
    ),
    case(
        "no workflow is there to apply, and a description has a paragraph without markup",
        bundles=[
            bundle("Boat", "boat") | {"Mod.": "y", "Description": "<p>Fleet.</p><p><a>More</a></p>"}
        ],
        fields=[field(BOAT, "field_hull")],
    ),
    case(
        "settings of a new type, of which one is asked elsewhere and one idle, and its view modes",
        workflows=table("Label,Machine name,X,Type", "Plain,plain,a,Content moderation"),
        states=table("Workflow,Label,Machine name,X", "Plain,Draft,draft,a"),
        bundles=[
            bundle("Boat", "boat")
            | {"Mod.": "y", "Layout": "y", "URL alias pattern": "fleet/[harbour:dock]/[node:title]"}
            | {"Trns.": "n", "Description": "<b>What floats,</b> with markup inside: not quoted."}
        ],
        fields=[field(BOAT, "field_hull") | {"Trns.": "y"}, field(BOAT, "layout_builder__layout")],
        view_modes=table("View Modes,Entity Type,X,Entities Used On", "Card,Content type,a,Boat"),
    ),
    case(
        "types without fields are all listed",
        title="Create 2 vocabularies without custom fields",
        bundles=[
            *(
                bundle(name, name.casefold(), "Vocabulary") | {"URL alias pattern": "no URL"}
                for name in ("Ports", "Rigs")
            ),
            bundle("Boat", "boat"),
        ],
        fields=[field(BOAT, "field_hull")],
    ),
    case(
        "what types without fields have alike is one check",
        title="Create 7 vocabularies without custom fields",
        bundles=[
            *(
                bundle(f"Port {n}", f"port_{n}", "Vocabulary")
                | {"URL alias pattern": "[term:name]" if n else "ports/[term:name]"}
                for n in range(7)
            ),
            bundle("Boat", "boat"),
        ],
        fields=[field(BOAT, "field_hull")],
        view_modes=table("View Modes,Entity Type,X,Entities Used On", "Tag,Vocabulary,a,Port 1"),
    ),
    case(
        "a type that a module installs is not built",
        title="Create 1 paragraph type without custom fields",
        bundles=[
            bundle("Boat", "boat"),
            *(bundle(n, n, "Paragraph type") for n in ("rule", "from_library")),
        ],
        fields=[field(BOAT, "field_hull")],
    ),
    case(
        "a media type names its source and the field of that",
        title="Configure media type: Clip",
        bundles=[bundle("Clip", "clip", "Media type")],
        fields=[
            field("Clip (Media type)", "field_caption"),
            field("Clip (Media type)", "field_media_audio_file", req="y") | {"Field type": "File"},
        ],
    ),
    case(
        "modules are named where the site has no such field yet",
        bundles=[bundle("Boat", "boat") | {"Sched.": "y"}, bundle("Port", "port", x="x")],
        fields=[
            field(BOAT, "field_when") | {"Field type": "office_hours_of_tide"},
            field(BOAT, "field_log") | {"Field type": "log", "Settings/notes": "Module: log_book"},
            field(BOAT, "field_place") | {"Field type": "Geofield"},
            field(BOAT, "field_tide") | {"Field type": "Tide table"},
            field(BOAT, "field_home") | {"Field type": "Address"},
            field("Port (Content type)", "field_at", "x") | {"Field type": "Address"},
        ],
    ),
    case(
        "what a form takes of a list, and of a field that its note hides",
        fields=[
            field(BOAT, "field_rigs") | RIG | {"Vals.": "*"},
            field(BOAT, "field_log", req="y") | {"Settings/notes": "Hidden from the boat form."},
        ],
    ),
    case(
        "a list whose widget does not fit has neither type nor options",
        fields=[field(BOAT, "field_rig") | RIG | {"Form widget": "Single on/off checkbox"}],
    ),
]
PAGE = display("News", "page_1", Notes="Path: /news")
VIEWS = [
    news(
        "notes of displays fill in no cell and are a check, but for what they leave open",
        displays=[
            display(
                "News", "block_1", "Block", Notes="Take the newest. Show teasers. Limit to 3. Red."
            ),
            display(
                "News", "block_2", "Block", Notes="TBD: sort by date? Placed on a page with tabs."
            ),
        ],
    ),
    case(
        "a disabled view that changes",
        title="Update view: News",
        views=[view("News", "news", "c", Status="Disabled")],
        displays=[display("News", "page_1", x="c", Notes="Sort by title."), PAGE],
    ),
    news(
        "two blocks of one name go by their machine names",
        displays=[display("News", f"block_{n}", "Block", Title="List") for n in (1, 2)],
    ),
    news("of a page only the path is known", displays=[display("News", "default", "Master"), PAGE]),
    case(
        "a view of core that no row changes is not built",
        title="Configure view: Archive",
        views=[view("Archive", "archive", Status="Disabled")],
        displays=[
            display("Archive", "block_1", "Block"),
            display("Archive", "page_1", Notes="Path: /archive"),
        ],
    ),
    case(
        "of a view that a module ships only what is added has a form",
        title="Configure view: People",
        views=[view("People", "user_admin_people", Base_table="Users")],
        displays=[
            display("People", "page_1", Notes="Path: /admin/people/list", Access="Role: Editor"),
            display("People", "data_export_1", "data_export", Notes="Path: /people.csv"),
        ],
    ),
    case(
        "a view called as one of core with another base table replaces it",
        title="Configure view: Content",
        views=[view("Content", "content", Base_table="Content revisions")],
        displays=[display("Content", "page_1")],
    ),
    news(
        "columns fill the form in and the shared display passes its own on",
        displays=[
            display("News", "default", "Master", Sort="Date", Filters="Content type (= Article)"),
            display("News", "block_1", "Block", Access="Everybody", Pager="3"),
        ],
    ),
    case(
        "an update asks for new displays only and leaves the others",
        title="Update view: News",
        views=[view("News", "news", "x")],
        displays=[
            PAGE | {"X": "x"},
            display("News", "block_1", "Block"),
            display("News", "block_2", "Block", x="d"),
            display("News", "block_3", "Block", x="w"),
        ],
    ),
    news(
        "the path of a disabled view is set and does not open",
        views=[view("News", "news", Status="Disabled")],
        displays=[PAGE],
    ),
    news(
        "a base table of no known module is said to be one",
        views=[view("News", "news", Base_table="tide_log")],
        displays=[PAGE, display("News", "tide_1", "tide_chart")],
    ),
    case(
        "a view of a contributed module is not built, and its path is not tried",
        title="Configure view: Links",
        views=[view("Links", "authmap", Base_table="authmap")],
        displays=[display("Links", "page", Notes="Path: /admin/people/authmap", Access="All")],
    ),
    news(
        "one module is named once, for the base table and a display",
        views=[view("News", "news", Base_table="webform_submission")],
        displays=[PAGE, display("News", "data_export_1", "data_export", Notes="Path: /news.csv")],
    ),
    news(
        "a path with a placeholder is tried with a value",
        displays=[display("News", "page_1", Notes="Path: /node/%node/news/%year")],
    ),
    news(
        "a path that two views have is asked about and not tried",
        views=[view("News", "news"), view("Archive", "archive")],
        displays=[PAGE, PAGE | {"View": "Archive"}],
    ),
    case(
        "an export at the path of the only page is attached to it and asked for by its format",
        title="Configure view: Fleet (boats)",
        views=[view("Fleet (boats)", "fleet", Base_table="Content")],
        displays=[
            display("Fleet (boats)", "page_1", Notes="Path: /fleet"),
            display("Fleet (boats)", "csv", "data_export", Notes="Path: /fleet", Title="As CSV"),
        ],
    ),
    case(
        "the base table says what is listed",
        title="Configure view: Mine",
        views=[view("Mine", "mine", Base_table="Users")],
        displays=[display("Mine", "block_1", "Block")],
    ),
    news(
        "a view without a display to build is asked about",
        displays=[display("News", "page_1", x="w")],
    ),
    news("a view without displays asks which it has"),
    news(
        "a machine name that Drupal refuses is not claimed",
        displays=[display("News", "by year", "Block")],
    ),
]
BOXES = "Workflow,Label,Machine name,X,Published,Default revision"
STATES = "Workflow,Label,Machine name,X,Notes"
TRANSITIONS = "Workflow,Label,Machine name,X,From state,To state,Roles,Notes"
WORKFLOW: dict[str, Sequence[Row]] = {
    "workflows": table(
        "Label,Machine name,X,Type,Applies to",
        'Reviewed,reviewed,a,Content moderation,"Notice, Leaflet (Content type)"',
    ),
    "states": table(
        STATES,
        "Reviewed,Draft,draft,a,",
        "Reviewed,In review,in_review,a,Not published. Seen by all editors",
        "Reviewed,Published,published,a,",
    ),
    "transitions": table(
        TRANSITIONS,
        "Reviewed,Keep,keep,a,Draft,Draft,,",
        'Reviewed,Send,send,a,Draft,In review,"Clerk, Chief clerk",',
        "Reviewed,Publish,publish,a,In review,Published,Chief clerk,",
        "Reviewed,Publish,publish,a,Published,Published,Chief clerk,",
        "Reviewed,Back,back,a,Any,Draft,Chief clerk,",
    ),
    "roles": table(
        "Name,Machine name,X,Notes",
        "Clerk,clerk,x,",
        "Chief clerk,chief_clerk,x,use reviewed transition keep",
    ),
    "bundles": table(
        "Name,Machine name,X,Mod.,Type",
        "Notice,notice,x,y,Content type",
        "Leaflet,leaflet,a,y,Content type",
    ),
}
WORKFLOWS = [
    case(
        "states, transitions from all their states, who may use them, and types that come later",
        title="Configure workflow: Reviewed",
        **WORKFLOW,
    ),
    case(
        "a note in prose grants nothing, and a state that no row has is not led to",
        title="Configure workflow: Reviewed",
        **WORKFLOW
        | {
            "transitions": table(
                TRANSITIONS,
                "Reviewed,Send,send,a,Draft,In review,,Only a clerk may do this. Mail to the clerk",
                "Reviewed,Publish,publish,a,In revue,Published,,",
            )
        },
    ),
    case(
        "what of the boxes of a state is ticked is checked where its row gives both",
        title="Configure workflow: Reviewed",
        **WORKFLOW
        | {
            "states": table(
                BOXES,
                "Reviewed,Draft,draft,a,n,n",
                "Reviewed,In review,in_review,a,n,n",
                "Reviewed,Published,published,a,y,y",
                "Reviewed,Archived,archived,a,n,y",
                "Reviewed,Online,online,a,y,",
            )
        },
    ),
    case(
        "core keeps states that no row has",
        title="Configure workflow: Reviewed",
        **WORKFLOW
        | {"states": table(STATES, "Reviewed,In review,in_review,a,", "Reviewed,Live,live,a,")},
    ),
    case(
        "an update says what is new and what goes",
        title="Update workflow: Reviewed",
        workflows=table("Label,Machine name,X,Type", "Reviewed,reviewed,x,Content moderation"),
        states=table(
            STATES,
            "Reviewed,Draft,draft,x,",
            "Reviewed,In review,in_review,d,",
            "Reviewed,Published,published,x,",
        ),
        transitions=table(
            "Workflow,Label,Machine name,X,From state,To state",
            "Reviewed,Publish,publish,x,Draft,Published",
            "Reviewed,Publish,publish,a,Published,Published",
            "Reviewed,Send,send,d,Draft,In review",
        ),
    ),
    case(
        "a state gets another label, and a transition to build and to remove under it stays",
        title="Update workflow: Reviewed",
        workflows=table("Label,Machine name,X,Type", "Reviewed,reviewed,x,Content moderation"),
        states=table(STATES, "Reviewed,Draft,draft,x,", "Reviewed,Unpublished,archived,c,"),
        transitions=table(
            "Workflow,Label,Machine name,X,From state,To state",
            "Reviewed,Restore,restore,a,Unpublished,Draft",
            "Reviewed,Restore,restore,d,Archived,Draft",
            "Reviewed,Keep,keep,c,Draft,Draft",
        ),
    ),
]
STYLE = "Style name,Machine name,X,Notes"
MODE = "View Modes,Entity Type,X,Entities Used On"
ROLE = "Name,Machine name,X,Notes"
MEDIA = table(
    "Name,Machine name,X,Type",
    "Photo,photo,x,Media type",
    "Drawing,drawing,a,Media type",
    "Letter,letter,a,Content type",
    "Notice,notice,x,Content type",
)
LISTS = [
    case(
        "permissions that rows list are checked, and on a type in its ticket",
        roles=table(
            "Name,Machine name,X,Notes",
            'Crew,crew,a,"Permissions: create boat content, use toolbar"',
            'Clerk,clerk,a,"Must not have these permissions: use toolbar, edit menus"',
        ),
        fields=[field(BOAT, "body"), field(BOAT, "field_hull")],
    ),
    case(
        "styles of Drupal are changed, and sizes checked",
        title="Configure image styles",
        image_styles=table(
            STYLE,
            "Large,large,a,Scale 480x480",
            "Medium (220×220),medium,a,",
            "Card,card,a,Scale and crop 400x300",
            "Card wide,card_wide,a,Scale and crop 800x300",
            "Old,old,d,Scale 20",
        ),
    ),
    case(
        "a size in question is not claimed",
        title="Configure image styles",
        image_styles=table(
            STYLE,
            "Card 400x300,card,a,Scale and crop 400x200",
            "Other,other,a,Scale and crop 50x50",
        ),
    ),
    case(
        "a fallback is claimed where it resolves",
        title="Configure responsive image styles",
        image_styles=table(STYLE, "Card,card,a,Scale 40"),
        responsive=table(
            "Responsive style,Machine name,Breakpoint Group,Fallback Style,Breakpoints Used,"
            "Image Style Group(s),X",
            "Cards,cards,Our theme,Card,,Card,a",
            'Pairs,pairs,Our theme,Card,"phone, desk","Card, Wide",a',
            "Rows,rows,responsive_image,Cart,,Card,a",
        ),
    ),
    case(
        "view modes are ticked on types that exist by then, and not what is there already",
        title="Configure view modes: Media type",
        bundles=MEDIA,
        view_modes=table(
            MODE,
            'Small,Media type,a,"Photo, Drawing"',
            "Token,Media type,a,",
            "Wide,Media type,x,Photo",
        ),
    ),
    case(
        "what sheets of two exports say of a view: its modules, what installed it, what changed",
        title="Configure view: News",
        views=[view("News", "news", Notes="Modules: facets, our_log. Installed with: our_log.")],
        displays=[
            display("News", "page_1", Notes="Path: /news", Filters="nid (= ID 7)")
            | {"Remarks": "Changed: Filters."},
        ],
    ),
    case(
        "of the modules of a shipped view its own is said already",
        title="Configure view: Links",
        views=[
            view("Links", "authmap", Base_table="authmap", Notes="Modules: externalauth, facets.")
        ],
        displays=[display("Links", "block_9", "Block")],
    ),
    case(
        "a format says nothing of its fields",
        title="Configure view: News",
        views=[view("News", "news")],
        displays=[display("News", "page_1", Format="Table")],
    ),
    case(
        "a kind of display that nothing known brings",
        title="Configure view: News",
        views=[view("News", "news")],
        displays=[display("News", "page_1", "Pgae")],
    ),
    case(
        "what changed of a display is said once",
        title="Update view: News",
        views=[view("News", "news", "x")],
        displays=[
            display("News", "page_1", x="c", Notes="Path: /news", Sort="created (asc)")
            | {"Remarks": "Changed: Sort (was None)."},
        ],
    ),
    case(
        "webforms have elements and no fields",
        title="Create 2 webforms",
        bundles=[
            bundle("Log", "log", "Webform") | {"Notes": "Elements: Place (place: textfield)."},
            bundle("Berth", "berth", "Webform"),
        ],
    ),
    case(
        "a note by types is quoted in the ticket of each",
        title="Configure content type: Boat",
        fields=[field(BOAT, "field_hull")],
        view_modes=table(
            f"{MODE},Notes,Remarks",
            'Card,Content type,a,"Boat, Crew",Boat (Content type): field_hull; Crew: field_photo,'
            "Changed: Notes.",
        ),
    ),
    case(
        "permissions on what comes later are granted later",
        title="Configure user roles",
        bundles=MEDIA,
        roles=table(
            ROLE,
            'Clerk,clerk,a,"create letter content, edit any notice content"',
            'Painter,painter,a,"edit any drawing media, translate letter node"',
            'Mate,mate,a,"Permissions: assign clerk role, schedule publishing of nodes"',
            'Cook,cook,a,"May use the galley, administer scheduler"',
            "Anonymous user,anonymous,a,",
            "Guest,guest,a,0 permissions",
        ),
    ),
    case(
        "a row of a sheet of its own has what its columns say",
        title="Configure custom entry: Footer",
        custom=table("Label,Machine name,X,Path,Colour", "Footer,footer,a,/footer,red"),
    ),
]
REMOVALS = [
    case(
        "a type that goes names the fields that still refer to it, what comes before, and what stays",
        title="Remove obsolete content structures",
        bundles=[
            bundle("Event", "event", x="d") | {"Settings/notes": "Archived before the type goes"},
            bundle("Tags", "tags", "Vocabulary", x="d") | {"Settings/notes": "Was Labels before"},
            bundle("News", "news", x="x"),
        ],
        fields=[
            field("Event (Content type)", "field_date", "d"),
            field("News (Content type)", "field_date", "x"),
            field("News (Content type)", "field_event", "x", ref="Event (Content type)"),
            field("News (Content type)", "field_body"),
        ],
    ),
    case(
        "a path that another view has too stays",
        title="Remove obsolete views",
        views=[view("Old news", "old_news", "d"), view("News", "news")],
        displays=[
            display("Old news", "page_1", x="d", Notes="Path: /news"),
            display("Old news", "page_2", x="d", Notes="Path: /old"),
            display("Old news", "block_1", "Block", "d"),
            display("Old news", "browser", "entity_browser", "d"),
            display("Of no row", "page_1", Notes="Path: /old"),
            PAGE,
        ],
    ),
]


CASES = [*BUNDLES, *VIEWS, *WORKFLOWS, *LISTS, *REMOVALS]


@each("name", FOLDERS)
def test_claims_of_a_site_rest_on_rows_to_build(name: str) -> None:
    """And of a bundle there are few checks, of a workflow only its transitions, of a view its paths."""
    specification, groups = site(name)
    rows = (
        *specification.by_kind[EntityKind.VIEW_DISPLAY],
        *specification.by_kind[EntityKind.VIEW],
    )
    paths = {path_text(row) for row in rows}
    for brief in briefs_of(specification, groups):
        group, facts = brief.group, brief
        claims, checks = claims_of(facts), claims_of(facts).verification

        assert group.kind is not GroupKind.BUNDLE or len(checks) <= CHECKS_MAX, group.title
        assert bool(claims.form) == asks_for_displays(facts), group.title
        for claim in (*claims.analysis, *checks):
            assert not claim.columns or claim.values, claim.kind
        for claim in checks:
            is_of_path = claim.kind.startswith(("verification.view_opens", "verification.view_ret"))
            assert not is_of_path or {*claim.values} <= paths
            fields = [row for row in claim.rows if row.kind is EntityKind.FIELD]
            is_built = {row.status for row in fields}.isdisjoint(
                {Status.WAITING, Status.IMPLEMENTED}
            )
            assert is_built or group.action is GroupAction.REMOVE, claim.kind


def asks_for_displays(facts: TicketRows) -> bool:
    about = ("Please fill in", "Which displays")
    return any(question.question.startswith(about) for question in facts.questions)

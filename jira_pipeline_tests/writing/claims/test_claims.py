"""What tickets of Drupal sheets claim and ask: what each statement is of, never its words.

Belongs here: a table of small sheets, and what holds for whole sites. Does not: wording, which
`golden` freezes; questions that no claim hangs together with (`asking`).
"""

import html
import re
from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import Any

import pytest

from jira_pipeline.drupal.view_displays import stated_path
from jira_pipeline.kernel.entities import EntityKind, Status
from jira_pipeline.kernel.entity_groups import GroupAction, GroupKind
from jira_pipeline.writing.claims.claim import Claim, ClaimedTicket
from jira_pipeline.writing.claims.ticket import claimed_ticket
from jira_pipeline.writing.group_facts import FactsReader
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, display, field, table, view
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.harbour import facts_of_sheets
from jira_pipeline_tests.writing.sites import FOLDERS, briefs_of, site

BOAT, CREW = "Boat (Content type)", "Crew (Content type)"
NEW, CHANGED = "Configure content type: Boat", "Update content type: Boat"
NEWS = "Configure view: News"
CHECKS_MAX = 15


def lines_of(ticket: ClaimedTicket) -> list[str]:
    """Return what a ticket says: kind, rows, columns and values of each claim, then its questions."""
    claims = ticket.claims
    return [
        *map(_line, [claims.story] if claims.story else []),
        *map(_line, claims.analysis),
        *(_form_line(row.display.machine_name, row.cells) for row in claims.form),
        *map(_line, claims.verification),
        *(f"asks: {q.column} / {', '.join(q.subjects)}" for q in ticket.questions),
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
    known = "; ".join(f"{name} {cell.text}" for name, cell in cells.items() if cell.text != "?")
    return f"form: {display_name} / {known}"


def case(name: str, expected: str, *, title: str = NEW, **sheets: Sequence[Row]) -> Any:
    """Make a case; the boat is always there to be built."""
    return pytest.param(title, {"bundles": [bundle("Boat", "boat")], **sheets}, expected, id=name)


def news(name: str, expected: str, **sheets: Sequence[Row]) -> Any:
    """Make a case of the view News."""
    return case(name, expected, title=NEWS, **{"views": [view("News", "news")], **sheets})


USUAL = (
    "story.bundle: boat / content type; Boat",
    "verification.listed: boat / Machine name, Name / boat / Structure > Content types; Boat (boat)",
)
"""What every new boat has; the first case tells."""
RIG = {"Field type": "List (text)", "Settings/notes": "Options: Sloop, Ketch. Default is sloop."}
ANCHOR_THERE = [bundle("Anchor", "anchor", x="x"), bundle("Boat", "boat")]
BUNDLES = [
    case(
        "a new type has its fields, with types and widgets",
        """
            story.bundle: boat / content type; Boat
            verification.listed: boat / Machine name, Name / boat / Structure > Content types; Boat (boat)
            verification.types: field_hull / Field type / Text (plain) / field_hull (Text (plain))
            verification.widget: field_hull / Form widget / Textfield / field_hull; Textfield
        """,
        fields=[field(BOAT, "field_hull") | {"Form widget": "Textfield"}],
    ),
    case(
        "what the form refuses and offers",
        """
            verification.types: field_hull, field_crew, field_flags, field_rig / Field type / Text (plain), Entity reference, Text (plain), List (text) / field_hull (Text (plain)), field_crew (Entity reference), field_flags (Text (plain)) and field_rig (List (text))
            verification.required: field_hull / Req'd / y / field_hull
            verification.targets: field_crew / Ref. bundle / Crew (Content type) / field_crew offers only Crew (Content type)
            verification.any_number: field_crew / Vals. / * / field_crew
            verification.numbers: field_flags / Vals. / 3 / field_flags takes up to 3 values
            verification.lengths: field_flags / Settings/notes / 40 / field_flags takes no more than 40 characters
            verification.options: field_rig / Settings/notes / Sloop, Ketch / field_rig offers “Sloop” and “Ketch”
            verification.defaults: field_rig / Settings/notes / Sloop / “Sloop” chosen in field_rig
        """,
        bundles=[bundle("Boat", "boat"), bundle("Crew", "crew", x="x")],
        fields=[
            field(BOAT, "field_hull", req="y"),
            field(BOAT, "field_crew", ref=CREW) | {"Vals.": "*"},
            field(BOAT, "field_flags") | {"Vals.": "3", "Settings/notes": "Max length 40."},
            field(BOAT, "field_rig") | RIG,
        ],
    ),
    case(
        "a field off the form is only under disabled",
        """
            verification.types: field_hull / Field type / Text (plain) / field_hull (Text (plain))
            verification.disabled: field_hull / Form widget / -- Disabled -- / field_hull
        """,
        fields=[field(BOAT, "field_hull") | {"Form widget": "-- Disabled --", "Vals.": "*"}],
    ),
    case(
        "no empty box and no markup is refused",
        """
            analysis.field_modules: field_hint / Field type, Form widget / markup / the module Markup for field_hint
            analysis.no_value: field_hint / Field type / markup / field_hint
            verification.types: field_afloat, field_hint / Field type / Boolean, markup / field_afloat (Boolean) and field_hint (markup)
            asks: Settings/notes / field_hint
        """,
        fields=[
            field(BOAT, "field_afloat", req="y") | {"Field type": "Boolean"},
            field(BOAT, "field_hint", req="y") | {"Field type": "markup"},
        ],
    ),
    case(
        "the shorter list of new and re-used fields is named",
        """
            analysis.few_created: field_a, field_b, field_c / Machine name / field_a, field_b, field_c / field_own; field_a, field_b and field_c; All 3 fields; the other 3 fields are; created by an earlier ticket for another content type
            verification.types: field_a, field_b, field_c, field_own / Field type / Text (plain), Text (plain), Text (plain), Text (plain) / field_a (Text (plain)), field_b (Text (plain)), field_c (Text (plain)) and field_own (Text (plain))
        """,
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
        """
            analysis.reused: field_a / Machine name / field_a / field_b; field_a; All 1 fields; the other field is; already on other content types
            verification.types: field_a, field_b / Field type / Text (plain), Text (plain) / field_a (Text (plain)) and field_b (Text (plain))
            asks: Machine name / Formatted Title
        """,
        bundles=ANCHOR_THERE,
        fields=[
            field("Anchor (Content type)", "field_a", "x"),
            *(field(BOAT, name) for name in ("field_a", "field_b", "Formatted Title")),
        ],
    ),
    case(
        "a storage of the site brings its options along",
        """
            analysis.reused: field_rig / Machine name / field_rig / field_rig; All 1 fields; the other 0 fields are; already on other content types
            analysis.shared_options: field_rig / Field type / List (text) / field_rig
            verification.types: field_rig / Field type / List (text) / field_rig (List (text))
            verification.options: field_rig / Settings/notes / Sloop, Ketch / field_rig offers “Sloop” and “Ketch”
            verification.defaults: field_rig / Settings/notes / Sloop / “Sloop” chosen in field_rig
        """,
        bundles=ANCHOR_THERE,
        fields=[
            field("Anchor (Content type)", "field_rig", "x") | RIG,
            field(BOAT, "field_rig") | RIG,
        ],
    ),
    case(
        "targets of later tickets are set later and not checked",
        """
            analysis.set_later: field_crew / Ref. bundle / Crew (Content type) / Crew (Content type) in field_crew
            verification.types: field_crew / Field type / Entity reference / field_crew (Entity reference)
            verification.targets: field_crew / Ref. bundle / Port (Vocabulary) / field_crew offers only Port (Vocabulary)
        """,
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
        """
            story.update_named: field_mast / Boat; content type; “Mast”; one new field
            verification.types: field_mast / Field type / Text (plain) / field_mast (Text (plain))
            verification.widget: field_mast / Form widget / Textfield / field_mast; Textfield
            verification.gone: field_oar / X / d / field_oar
            asks: X / field_sail
        """,
        title=CHANGED,
        bundles=[bundle("Boat", "boat", x="x") | {"Mod.": "y"}],
        fields=[
            field(BOAT, "field_hull", "x", req="y"),
            field(BOAT, "field_mast", "a") | {"Form widget": "Textfield"},
            field(BOAT, "field_sail", "c", req="y"),
            field(BOAT, "field_oar", "d"),
        ],
    ),
    case(
        "an update that only takes something away",
        """
            story.removal: field_oar / Boat; content type; field_oar
            verification.gone: field_oar / X / d / field_oar
        """,
        title=CHANGED,
        bundles=[bundle("Boat", "boat", x="x")],
        fields=[field(BOAT, "field_oar", "d")],
    ),
    case(
        "an update of nothing but the row of the type",
        """
            story.changed: boat / X / c / Boat; content type
            asks: X / boat
        """,
        title=CHANGED,
        bundles=[bundle("Boat", "boat", x="c")],
        fields=[field(BOAT, "field_hull", "x")],
    ),
    case(
        "a cell that a question doubts is not claimed",
        """
            verification.types: field_size / Field type / Text (plain) / field_size (Text (plain))
            asks: Vals. / field_size
        """,
        bundles=ANCHOR_THERE,
        fields=[
            field("Anchor (Content type)", "field_size", "x") | {"Vals.": "1"},
            field(BOAT, "field_size") | {"Vals.": "3"},
        ],
    ),
    case(
        "a hollow ticket has nothing to check",
        """
            asks: X / boat
        """,
        fields=[field(BOAT, "field_hull", "w")],
    ),
    case(
        "settings of a new type and its view modes",
        """
            verification.types: field_hull / Field type / Text (plain) / field_hull (Text (plain))
            verification.moderated: boat / Mod. / y / Boat
            verification.layout: boat / Layout / y / Boat
            verification.alias: boat / URL alias pattern / fleet/[node:title] / Boat; item; fleet/[node:title]
            verification.view_modes: boat, Card / Entities Used On / Card / “Card”
            asks: Mod. / boat
        """,
        bundles=[
            bundle("Boat", "boat")
            | {"Mod.": "y", "Layout": "y", "URL alias pattern": "fleet/[node:title]"}
        ],
        fields=[field(BOAT, "field_hull")],
        view_modes=table("View Modes,Entity Type,X,Entities Used On", "Card,Content type,a,Boat"),
    ),
    case(
        "types without fields are all listed",
        """
            story.fieldless: ports, rigs / two vocabularies
            verification.listed: ports, rigs / Machine name, Name / ports, rigs / Structure > Taxonomy; Ports (ports) and Rigs (rigs)
        """,
        title="Create 2 vocabularies without custom fields",
        bundles=[
            *(bundle(name, name.casefold(), "Vocabulary") for name in ("Ports", "Rigs")),
            bundle("Boat", "boat"),
        ],
        fields=[field(BOAT, "field_hull")],
    ),
    case(
        "modules are named where the site has no such field yet",
        """
            analysis.field_modules: field_place / Field type, Form widget / Geofield / the module Geofield for field_place
            verification.types: field_place, field_home / Field type / Geofield, Address / field_place (Geofield) and field_home (Address)
        """,
        bundles=[bundle("Boat", "boat"), bundle("Port", "port", x="x")],
        fields=[
            field(BOAT, "field_place") | {"Field type": "Geofield"},
            field(BOAT, "field_home") | {"Field type": "Address"},
            field("Port (Content type)", "field_at", "x") | {"Field type": "Address"},
        ],
    ),
    case(
        "a list whose widget does not fit has neither type nor options",
        """
            verification.types: field_rig / Machine name / field_rig / field_rig
            asks: Form widget / field_rig
        """,
        fields=[field(BOAT, "field_rig") | RIG | {"Form widget": "Single on/off checkbox"}],
    ),
]
PAGE = display("News", "page_1", Notes="Path: /news")
VIEWS = [
    news(
        "of a page only the path is known",
        """
            story.view_new_with: news, page_1 / View name, Description, Display plugin / News / “News”; a page at /news; 1
            form: page_1 / Lists content, types: ?; Path or place /news
            verification.view_displays: news, page_1 / Machine name, View name, Status / news, page_1 / page_1; “News”; news;  as enabled; 1
            verification.view_opens: page_1 / Notes / /news / /news; page_1; 1
            asks: Display plugin / page_1
        """,
        displays=[display("News", "default", "Master"), PAGE],
    ),
    case(
        "a view of core that no row changes is not built",
        """
            story.view_shipped: archive / View name / Archive / “Archive”; core’s Node module; 1
            analysis.view_as_shipped_core_disabled: archive, block_1, page_1 / Machine name, Base table, Status, Display plugin / archive, block_1, page_1 / Core’s Node module; block_1 and page_1; 2
            verification.view_displays: archive, block_1, page_1 / Machine name, View name, Status / archive, block_1, page_1 / block_1 and page_1; “Archive”; archive;  as disabled; 2
            verification.view_path_set: page_1 / Notes / /archive / /archive; page_1; 1
        """,
        title="Configure view: Archive",
        views=[view("Archive", "archive", Status="Disabled")],
        displays=[
            display("Archive", "block_1", "Block"),
            display("Archive", "page_1", Notes="Path: /archive"),
        ],
    ),
    case(
        "of a view that a module ships only what is added has a form",
        """
            story.view_new_with: user_admin_people, data_export_1 / View name, Description, Display plugin / People / “People”; a data export at /people.csv; 1
            analysis.view_shipped_core: user_admin_people, page_1, data_export_1 / Machine name, Base table, Status, Display plugin / user_admin_people, page_1, data_export_1 / Core’s User module; page_1; 1
            analysis.view_shipped_added: data_export_1 / Machine name / data_export_1 / data_export_1; 1
            analysis.view_shipped_adjusted: page_1 / Machine name / page_1 / page_1; 1
            analysis.view_display_module: data_export_1 / Display plugin / data_export_1 / data_export_1; the Views Data Export module; 1
            form: data_export_1 / Lists user accounts; Shows CSV by its path, fields: ?; Path or place /people.csv; When empty –
            verification.view_displays: user_admin_people, page_1, data_export_1 / Machine name, View name, Status / user_admin_people, page_1, data_export_1 / page_1 and data_export_1; “People”; user_admin_people;  as enabled; 2
            verification.view_opens: page_1 / Notes / /admin/people/list / /admin/people/list; page_1; 1
            verification.view_returns: data_export_1 / Notes / /people.csv / /people.csv; data_export_1; 1
            verification.view_settings: page_1 / Access / page_1 / page_1; Access; 1
            asks: Display plugin / data_export_1
        """,
        title="Configure view: People",
        views=[view("People", "user_admin_people", Base_table="Users")],
        displays=[
            display("People", "page_1", Notes="Path: /admin/people/list", Access="Role: Editor"),
            display("People", "data_export_1", "data_export", Notes="Path: /people.csv"),
        ],
    ),
    case(
        "a view called as one of core with another base table replaces it",
        """
            story.view_new_with: content, page_1 / View name, Description, Display plugin / Content / “Content”; a page; 1
            analysis.view_shipped_other_table: content / Base table, Machine name / Content revisions / Core’s Node module; content; revisions of content; content; 1
            analysis.view_revisions: content / Base table / Content revisions / 1
            form: page_1 / Lists revisions of content, types: ?; all revisions of an item or only the current one: ?
            verification.view_displays: content, page_1 / Machine name, View name, Status / content, page_1 / page_1; “Content”; content;  as enabled; 1
            asks: Display plugin / page_1
        """,
        title="Configure view: Content",
        views=[view("Content", "content", Base_table="Content revisions")],
        displays=[display("Content", "page_1")],
    ),
    news(
        "columns fill the form in and the shared display passes its own on",
        """
            story.view_new_with: news, block_1 / View name, Description, Display plugin / News / “News”; a block; 1
            form: block_1 / Lists content, types: Article; Path or place placed in ?; Filters Content type (= Article); Sort Date; Items per page 3; Access Everybody
            verification.view_displays: news, block_1 / Machine name, View name, Status / news, block_1 / block_1; “News”; news;  as enabled; 1
            verification.view_blocks: block_1 / Display plugin / block_1 / block_1; 1
            verification.view_settings: block_1 / Pager, Access / block_1 / block_1; Pager and Access; 1
            asks: Display plugin / block_1
        """,
        displays=[
            display("News", "default", "Master", Sort="Date", Filters="Content type (= Article)"),
            display("News", "block_1", "Block", Access="Everybody", Pager="3"),
        ],
    ),
    case(
        "an update asks for new displays only and leaves the others",
        """
            story.view_update_with: news, block_1 / View name, Description, Display plugin / News / “News”; a block; 1
            analysis.view_there: page_1 / X / page_1 / page_1; 1
            analysis.view_gone: block_2 / X / block_2 / block_2; 1
            form: block_1 / Lists content, types: ?; Path or place placed in ?
            verification.view_displays: news, page_1, block_1 / Machine name, View name, Status / news, page_1, block_1 / page_1 and block_1; “News”; news;  as enabled; 2
            verification.view_blocks: block_1 / Display plugin / block_1 / block_1; 1
            asks: Display plugin / block_1
        """,
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
        """
            story.view_new_with: news, page_1 / View name, Description, Display plugin / News / “News”; a page at /news; 1
            form: page_1 / Lists content, types: ?; Path or place /news
            verification.view_displays: news, page_1 / Machine name, View name, Status / news, page_1 / page_1; “News”; news;  as disabled; 1
            verification.view_path_set: page_1 / Notes / /news / /news; page_1; 1
            asks: Status / news
            asks: Display plugin / page_1
        """,
        views=[view("News", "news", Status="Disabled")],
        displays=[PAGE],
    ),
    news(
        "a path with a placeholder is tried with a value",
        """
            story.view_new_with: news, page_1 / View name, Description, Display plugin / News / “News”; a page at /node/%node/news/%year; 1
            form: page_1 / Lists content, types: ?; Path or place /node/%node/news/%year
            verification.view_displays: news, page_1 / Machine name, View name, Status / news, page_1 / page_1; “News”; news;  as enabled; 1
            verification.view_opens_for: page_1 / Notes / /node/%node/news/%year / /node/%node/news/%year; page_1; the ID of a content item in the place of %node and a value in the place of %year; 1
            asks: Display plugin / page_1
            asks: Notes / page_1
        """,
        displays=[display("News", "page_1", Notes="Path: /node/%node/news/%year")],
    ),
    news(
        "a path that two views have is asked about and not tried",
        """
            story.view_new_with: news, page_1 / View name, Description, Display plugin / News / “News”; a page at /news; 1
            form: page_1 / Lists content, types: ?; Path or place /news
            verification.view_displays: news, page_1 / Machine name, View name, Status / news, page_1 / page_1; “News”; news;  as enabled; 1
            asks: Notes / page_1
            asks: Display plugin / page_1
        """,
        views=[view("News", "news"), view("Archive", "archive")],
        displays=[PAGE, PAGE | {"View": "Archive"}],
    ),
    case(
        "the base table says what is listed",
        """
            story.view_new_with: mine, block_1 / View name, Description, Display plugin / Mine / “Mine”; a block; 1
            form: block_1 / Lists user accounts; Path or place placed in ?
            verification.view_displays: mine, block_1 / Machine name, View name, Status / mine, block_1 / block_1; “Mine”; mine;  as enabled; 1
            verification.view_blocks: block_1 / Display plugin / block_1 / block_1; 1
            asks: Display plugin / block_1
        """,
        title="Configure view: Mine",
        views=[view("Mine", "mine", Base_table="Users")],
        displays=[display("Mine", "block_1", "Block")],
    ),
    case(
        "a note may ask for other rows than those of the base table",
        """
            story.view_new_with: mine, block_1 / View name, Description, Display plugin / Mine / “Mine”; a block; 1
            form: block_1 / Lists user accounts, by the base table: ?; Path or place placed in ?
            verification.view_displays: mine, block_1 / Machine name, View name, Status / mine, block_1 / block_1; “Mine”; mine;  as enabled; 1
            verification.view_blocks: block_1 / Display plugin / block_1 / block_1; 1
            asks: Display plugin / block_1
        """,
        title="Configure view: Mine",
        views=[view("Mine", "mine", Base_table="Users")],
        displays=[display("Mine", "block_1", "Block", Notes="Shows the ten newest nodes.")],
    ),
    news(
        "a view without a display to build is asked about",
        """
            story.view_new: news / View name, Description / News / “News”; 1
            asks: X / news
        """,
        displays=[display("News", "page_1", x="w")],
    ),
    news(
        "a view without displays asks which it has",
        """
            story.view_new: news / View name, Description / News / “News”; 1
            form: news / Lists content, types: ?
            asks: Display plugin / news
        """,
    ),
    news(
        "a machine name that Drupal refuses is not claimed",
        """
            story.view_new_with: news, by year / View name, Description, Display plugin / News / “News”; a block; 1
            form: by year / Lists content, types: ?; Path or place placed in ?
            verification.view: news, by year / Machine name, View name, Status / news, by year / “News”; news;  as enabled; 1
            asks: Display plugin / by year
            asks: Machine name / by year
        """,
        displays=[display("News", "by year", "Block")],
    ),
]
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
        "Reviewed,In review,in_review,a,",
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
        """
            story.workflow: draft, in_review, published / Label / Draft, In review, Published / “Reviewed”; Draft, In review and Published
            analysis.states_added: in_review / Machine name / in_review / draft and published; in_review; come
            analysis.transition_unwanted: keep, send, publish, back / Machine name / create_new_draft / create_new_draft
            analysis.start_unwanted: publish, publish / From state / In review, Published / publish; draft
            analysis.moderated_later: reviewed / Applies to / Notice, Leaflet (Content type) / Leaflet
            verification.workflow: draft, in_review, published / Machine name / draft, in_review, published / Reviewed reviewed; Draft draft, In review in_review and Published published
            verification.leads: keep / From state, To state / Draft / “Keep” (keep); one; Draft; Draft
            verification.leads: send / From state, To state / Draft / “Send” (send); one; Draft; In review
            verification.leads: publish, publish / From state, To state / In review, Published / “Publish” (publish); two; In review and Published; Published
            verification.leads_from_every: back / From state, To state / Any / “Back” (back); three; Draft, In review and Published; Draft
            verification.only_transitions: keep, send, publish, back / four
            verification.applies: reviewed / Applies to / Notice (Content type) / Notice
            verification.may_use_all: keep, send, publish, back / chief_clerk, chief_clerk, chief_clerk, chief_clerk / Chief clerk; “Reviewed”; “Keep”, “Send”, “Publish” and “Back”
            verification.may_use: send / clerk / Clerk; “Reviewed”; “Send”
            asks: Type / reviewed
            asks: Label / in_review
        """,
        title="Configure workflow: Reviewed",
        **WORKFLOW,
    ),
    case(
        "a note in prose grants nothing, and a state that no row has is not led to",
        """
            story.workflow: draft, in_review, published / Label / Draft, In review, Published / “Reviewed”; Draft, In review and Published
            analysis.states_added: in_review / Machine name / in_review / draft and published; in_review; come
            analysis.moderated_later: reviewed / Applies to / Notice, Leaflet (Content type) / Leaflet
            verification.workflow: draft, in_review, published / Machine name / draft, in_review, published / Reviewed reviewed; Draft draft, In review in_review and Published published
            verification.leads: send / From state, To state / Draft / “Send” (send); one; Draft; In review
            verification.applies: reviewed / Applies to / Notice (Content type) / Notice
            asks: From state / publish
            asks: Type / reviewed
            asks: Label / in_review
        """,
        title="Configure workflow: Reviewed",
        **WORKFLOW
        | {
            "transitions": table(
                TRANSITIONS,
                "Reviewed,Send,send,a,Draft,In review,,Only a clerk may do this",
                "Reviewed,Publish,publish,a,In revue,Published,,",
            )
        },
    ),
    case(
        "an update says what is new and what goes",
        """
            story.workflow_update: reviewed / “Reviewed”; changes to the transition “Publish”, the removal of the state “In review” and the removal of the transition “Send”
            analysis.workflow_there: draft, published / X / x, x / draft and published
            analysis.state_in_use: in_review / X / d / in_review
            verification.workflow_updated: draft, published / Machine name / draft, published / Reviewed reviewed; Draft draft and Published published
            verification.leads_from_every: publish, publish / From state, To state / Draft, Published / “Publish” (publish); two; Draft and Published; Published
            verification.workflow_without: in_review, send / X / d, d / In review in_review or Send send
            asks: Notes / publish
        """,
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
        "styles of Drupal are changed, and sizes checked",
        """
            story.plain: large, card, card_wide / the new image styles “Large”, “Card” and “Card wide” and the removal of the image style “Old”
            analysis.styles_shipped: large / Machine name / large / large; Drupal core
            verification.rows: large, card, card_wide / Machine name / large, card, card_wide / Configuration > Media > Image styles; Large large, Card card and Card wide card_wide; 3; image styles
            verification.size: card / Notes / 400x300 / card; 400x300
            verification.size: card_wide / Notes / 800x300 / card_wide; 800x300
            verification.rows_gone: old / X / d / Configuration > Media > Image styles; 1; image styles; “Old”
        """,
        title="Configure image styles",
        image_styles=table(
            STYLE,
            "Large,large,a,Scale 480x480",
            "Card,card,a,Scale and crop 400x300",
            "Card wide,card_wide,a,Scale and crop 800x300",
            "Old,old,d,Scale 20",
        ),
    ),
    case(
        "a size in question is not claimed",
        """
            story.plain: card, other / the image styles “Card 400x300” and “Other”
            verification.rows: card, other / Machine name / card, other / Configuration > Media > Image styles; Card 400x300 card and Other other; 2; image styles
            verification.size: other / Notes / 50x50 / other; 50x50
            asks: Notes / card
        """,
        title="Configure image styles",
        image_styles=table(
            STYLE,
            "Card 400x300,card,a,Scale and crop 400x200",
            "Other,other,a,Scale and crop 50x50",
        ),
    ),
    case(
        "a fallback is claimed where it resolves",
        """
            story.plain: cards, rows / the responsive image styles “Cards” and “Rows”
            analysis.breakpoints: cards / Breakpoint Group / Our theme / “Our theme”
            analysis.breakpoints_core: rows / Breakpoint Group / responsive_image / “responsive_image”
            verification.rows: cards, rows / Machine name / cards, rows / Configuration > Media > Responsive image styles; Cards cards and Rows rows; 2; responsive image styles
            verification.fallback: cards / Fallback machine name, Fallback Style / card / cards; card
            asks: Fallback Style / rows
        """,
        title="Configure responsive image styles",
        image_styles=table(STYLE, "Card,card,a,Scale 40"),
        responsive=table(
            "Responsive style,Machine name,Breakpoint Group,Fallback Style,Image Style Group(s),X",
            "Cards,cards,Our theme,Card,Card,a",
            "Rows,rows,responsive_image,Cart,Card,a",
        ),
    ),
    case(
        "view modes are ticked on types that exist by then, and not what is there already",
        """
            story.plain: Small, Token / the new view modes “Small” and “Token”
            analysis.modes_shipped: Token / “Token”; the module Token
            analysis.modes_later: Small / Entities Used On / Photo, Drawing / “Small” on Drawing; 1
            verification.modes: Small, Token / Small, Token / “Small” and “Token”; 2; Media
            verification.modes_ticked: Small / Entities Used On / Photo (Media type) / “Small”; 1; Photo
        """,
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
        "permissions on what comes later are granted later",
        """
            story.plain: clerk / the new role “Clerk”
            analysis.roles_shipped: anonymous / Machine name / anonymous / anonymous
            analysis.permissions_later: clerk / Letter
            verification.rows: clerk / Machine name / clerk / People > Roles; Clerk clerk; 1; roles
            verification.permissions: clerk / edit any notice content / Clerk; edit any notice content
        """,
        title="Configure user roles",
        bundles=MEDIA,
        roles=table(
            ROLE,
            'Clerk,clerk,a,"create letter content, edit any notice content"',
            "Anonymous user,anonymous,a,",
        ),
    ),
    case(
        "a row of a sheet of its own has what its columns say",
        """
            story.plain: footer / the custom entry “Footer”
            verification.custom: footer / Colour, Path / red, /footer / Footer footer; Colour “red” and Path “/footer”
        """,
        title="Configure custom entry: Footer",
        custom=table("Label,Machine name,X,Path,Colour", "Footer,footer,a,/footer,red"),
    ),
]
REMOVALS = [
    case(
        "a type that goes names the fields that still refer to it, and what stays",
        """
            story.removal_ticket: event, tags / X / d, d / the content type “Event” and the vocabulary “Tags”
            analysis.removal_items: event / Type / Content type / content types
            analysis.removal_terms: tags / Type / Vocabulary
            analysis.removal_shared_few: field_date / Machine name / field_date / field_date; 1
            analysis.removal_referred: field_event / Ref. bundle / Event (Content type) / The field field_event of News (Content type); Event (Content type);  (its ticket: ticket 1)
            verification.removal_unlisted: event / Machine name / event / Structure > Content types; “Event” (event)
            verification.removal_unlisted: tags / Machine name / tags / Structure > Taxonomy; “Tags” (tags)
            verification.removal_unoffered: field_event / Ref. bundle / Event (Content type) / The field field_event of News (Content type); Event (Content type)
            asks: X / event
        """,
        title="Remove obsolete content structures",
        bundles=[
            bundle("Event", "event", x="d"),
            bundle("Tags", "tags", "Vocabulary", x="d"),
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
        """
            story.removal_ticket: old_news / X / d / the view “Old news”
            analysis.removal_path_taken: page_1, page_1 / Notes / Path: /news, Path: /news / /news; page_1; “News”
            analysis.removal_blocks: block_1 / Display plugin / Block
            verification.removal_unlisted: old_news / Machine name / old_news / Structure > Views; “Old news” (old_news)
            verification.removal_path: page_2 / Notes / /old / /old; “Old news”
            verification.removal_blocks: block_1 / Display plugin / Block
        """,
        title="Remove obsolete views",
        views=[view("Old news", "old_news", "d"), view("News", "news")],
        displays=[
            display("Old news", "page_1", x="d", Notes="Path: /news"),
            display("Old news", "page_2", x="d", Notes="Path: /old"),
            display("Old news", "block_1", "Block", "d"),
            PAGE,
        ],
    ),
]


@each(("title", "sheets", "expected"), [*BUNDLES, *VIEWS, *WORKFLOWS, *LISTS, *REMOVALS])
def test_a_ticket_claims_what_its_rows_say_and_no_more(
    title: str, sheets: Mapping[str, Sequence[Row]], expected: str
) -> None:
    said = lines_of(claimed_ticket(facts_of_sheets(sheets)[title]))

    lines = dedent(expected).strip().splitlines()
    assert [line for line in said if line in lines or line not in USUAL] == lines


def test_a_description_is_quoted_unless_it_holds_markup() -> None:
    for text, is_quoted in (("What floats, e.g. a raft.", True), ("<p>What floats.</p>", False)):
        rows = [bundle("Boat", "boat") | {"Description": text}]

        facts = facts_of_sheets({"bundles": rows, "fields": [field(BOAT, "field_hull")]})[NEW]

        assert any("What floats" in line for line in lines_of(claimed_ticket(facts))) is is_quoted


@each("name", FOLDERS)
def test_claims_of_a_site_rest_on_rows_to_build(name: str) -> None:
    """And of a bundle there are few checks, of a workflow only its transitions, of a view its paths."""
    specification, groups = site(name)
    reader = FactsReader()
    rows = (
        *specification.by_kind[EntityKind.VIEW_DISPLAY],
        *specification.by_kind[EntityKind.VIEW],
    )
    paths = {stated_path(row) for row in rows}
    for brief in briefs_of(specification, groups):
        group, ticket = brief.group, claimed_ticket(reader.facts_of(brief))
        checks = ticket.claims.verification

        assert group.kind is not GroupKind.BUNDLE or len(checks) <= CHECKS_MAX, group.title
        assert bool(ticket.claims.form) == asks_for_displays(ticket), group.title
        for claim in (*ticket.claims.analysis, *checks):
            assert not claim.columns or claim.values, claim.kind
        for claim in checks:
            is_of_path = claim.kind.startswith(("verification.view_opens", "verification.view_ret"))
            assert not is_of_path or {*claim.values} <= paths
            fields = [row for row in claim.rows if row.kind is EntityKind.FIELD]
            is_built = {row.status for row in fields}.isdisjoint(
                {Status.WAITING, Status.IMPLEMENTED}
            )
            assert is_built or group.action is GroupAction.REMOVE, claim.kind


def asks_for_displays(ticket: ClaimedTicket) -> bool:
    """Tell whether a ticket asks to fill in the form of a view, or which displays it has."""
    about = ("Please fill in", "Which displays")
    return any(question.question.startswith(about) for question in ticket.questions)

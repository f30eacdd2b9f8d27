"""The grouping rules, one by one, on rows made for them: a table of sheets, whose tickets are frozen."""

from collections.abc import Iterator, Sequence

from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.tickets.grouping.grouping import GroupingResult, group_entities
from jira_pipeline_tests.sheets.made_specifications import (
    Row,
    bundle,
    field,
    grouped,
    specification_of,
    table,
    titles_of,
)

PAGE, STORY = "Page (Content type)", "Story (Content type)"
STORY_ROW = bundle("Story", "story")
STORY_FIELDS = [field(STORY, "field_text")]
ROLES = "Name,Machine name,X"
WORKFLOW = "Label,Machine name,X,Type,Notes"
TRANSITION = "Workflow,Label,Machine name,X,From state,Roles,Notes"
VIEW = "View name,Machine name,X,Base table"
STYLE = "Style name,Machine name,X"
EFFECT = "Image style,Effect,X,Summary"
RESPONSIVE = "Responsive style,Machine name,X,Fallback Style"
MODES = "View Modes,Entity Type,X,Entities Used On,Notes"
IMAGE = {
    "bundles": [bundle("Image", "image", "Media type")],
    "fields": [field("Image (Media type)", "field_file")],
    "responsive": table(RESPONSIVE, "Wide,wide,a,"),
}
LIST_AND_STORY = [bundle("Story", "story"), bundle("List", "list", "Paragraph type")]
MODERATED = {
    "bundles": [STORY_ROW | {"Mod.": "y"}, bundle("Page", "page") | {"Mod.": "n"}],
    "fields": [*STORY_FIELDS, field(PAGE, "field_text")],
}


def lines_of(result: GroupingResult) -> Iterator[str]:
    """Say of each ticket what it is of, what it waits for and is related to; then the findings."""
    number_of = {group.key: group.number for group in result.groups}
    for group in result.groups:
        yield f"{group.number} {group.title}{_flags(group)}: {_rows(group)}"
        for needed in group.dependencies:
            how = [n for n in ("required", "linked") if getattr(needed, f"is_{n}")]
            reasons = "; ".join(needed.reasons)
            yield f"    needs {number_of[needed.group_key]} {' '.join(how)}: {reasons}"
        for one in group.relations:
            yield f"    {one.kind} {one.label} {number_of.get(one.group_key or '', '-')}: {one.reason}"
    yield from (f"{f.severity} {f.code} {f.file}:{f.line}" for f in result.findings)


def _flags(group: EntityGroup) -> str:
    return "".join(f" ({n})" for n in ("hollow", "on_hold") if getattr(group, f"is_{n}"))


def _rows(group: EntityGroup) -> str:
    heads, members = (
        ", ".join(row.machine_name or row.label for row in rows)
        for rows in (group.heads, group.members)
    )
    return f"{heads} / {members}" if members else heads


def case(name: str, **sheets: Sequence[Row]) -> tuple[str, dict[str, Sequence[Row]]]:
    return name, sheets


TICKETS = [
    case("no entities make no groups"),
    case(
        "a bundle with fields is one ticket, those without are one for each type",
        bundles=[
            bundle("Tags", "tags", "Vocabulary"),
            bundle("Rule", "rule", "Paragraph type"),
            bundle("Topics", "topics", "Vocabulary", "c"),
            bundle("Old", "old", "Vocabulary", "x"),
            bundle("Later", "later", "Vocabulary", "w"),
            STORY_ROW,
        ],
        fields=STORY_FIELDS,
    ),
    case(
        "a head that changed or has something to do is updated",
        bundles=[
            bundle("Changed", "changed", x="c"),
            bundle("Grown", "grown", x="x"),
            bundle("Shrunk", "shrunk", x="x"),
            bundle("Done", "done", x="x"),
        ],
        fields=[
            field("Changed (Content type)", "field_a", "x"),
            field("Grown (Content type)", "field_b", "a"),
            field("Shrunk (Content type)", "field_c", "d"),
            field("Done (Content type)", "field_d", "x"),
            field("Done (Content type)", "field_e", "w"),
        ],
    ),
    case(
        "an approved head without an approved member is hollow",
        bundles=[STORY_ROW, bundle("Full", "full")],
        fields=[
            field(STORY, "field_a", "w"),
            field(STORY, "field_b", "d"),
            field("Full (Content type)", "field_a", "a"),
        ],
    ),
    case(
        "a view without any display is hollow unless its own row says what it shows",
        views=table("View name,Machine name,X,Sort", "Lists,lists,a,", "Said,said,a,newest first"),
    ),
    case(
        "a head on hold has no ticket and says so where it is referred to",
        bundles=[STORY_ROW, bundle("Author", "author", "Vocabulary", "w")],
        fields=[
            field(STORY, "field_author", ref="Author (Vocabulary)"),
            field("Author (Vocabulary)", "field_bio"),
        ],
    ),
    case(
        "what goes is one ticket for each kind of sheet at the end",
        bundles=[
            bundle("Event", "event", x="d"),
            bundle("Old Tags", "old_tags", "Vocabulary", "d"),
            STORY_ROW,
        ],
        fields=[
            field("Event (Content type)", "field_date"),
            field(STORY, "field_event", ref="Event (Content type)"),
        ],
        views=table("View name,Machine name,X", "Events,events,d"),
    ),
    case(
        "a collection with nothing to build or remove has no ticket",
        roles=table(ROLES, "Editor,editor,x"),
        image_styles=table(STYLE, "Big,big,x", "Old,old,d"),
    ),
    case(
        "effects are with their styles, and of no style in a ticket of their own",
        image_styles=table(STYLE, "Big,big,a", "There,there,x", "Later,later,w"),
        image_effects=table(
            EFFECT,
            "Big,Scale,a,80",
            "Big,Scale,x,40",
            "There,Crop,a,80x80",
            "Later,Crop,a,80x80",
            "Nowhere,Crop,a,80x80",
        ),
    ),
    case(
        "an effect to build makes a ticket of the styles, although all are there",
        image_styles=table(STYLE, "There,there,x"),
        image_effects=table(EFFECT, "There,Crop,a,80x80"),
    ),
    case(
        "view modes are one ticket for each entity type",
        view_modes=table(
            "View Modes,Entity Type,X",
            "Teaser,Content type,a",
            "Large,Media type,a",
            "Card,content type,a",
            "Preview,Paragraph type,x",
        ),
    ),
    case(
        "migrations are run one by one after everything else",
        migrations=table("Migration,X", "Stories,a", "Events,x"),
        bundles=[STORY_ROW],
        fields=STORY_FIELDS,
    ),
    case(
        "migrations wait for the types that they fill and for the migrations that they name",
        migrations=table(
            "Migration,X,Destination,Depends on",
            "Stories,a,Story,Authors",
            "Authors,a,Users,",
            "Events,a,Event,Stories",
        ),
        mappings=table(
            "Migration,Source field,X,Destination field",
            "Stories,body,a,field_text",
            "Lost,body,a,field_text",
        ),
        bundles=[STORY_ROW],
        fields=STORY_FIELDS,
    ),
    case(
        "custom rows with a machine name are tickets and others one for each file",
        custom=table("Label,Machine name,X,Colour", "Red,red,a,r", "Green,green,d,g"),
        matrix=table("Effect,X,Strength", "Scale,a,1", "Crop,a,"),
    ),
    case(
        "a display without its view joins the view with its words, or is in a ticket of its own",
        views=table("View name,Machine name,X", "Contact/Hours,contact_hours,a"),
        displays=table(
            "View,Title,Machine name,X", "Contact,By tag,by_tag,a", "Weather,Rain,rain,a"
        ),
    ),
    case(
        "fields of a bundle in no sheet are not lost",
        bundles=[STORY_ROW],
        fields=[*STORY_FIELDS, field("Ghost (Content type)", "field_x")],
    ),
    case(
        "the build order goes by type, then by sheet",
        bundles=[
            STORY_ROW,
            bundle("Block", "block", "Custom block type"),
            bundle("Text", "text", "Paragraph type"),
            bundle("Image", "image", "Media type"),
            bundle("Tags", "tags", "Vocabulary"),
            bundle("Article", "article"),
        ],
        views=table(VIEW, "Lists,lists,a,"),
        roles=table(ROLES, "Editor,editor,a"),
        workflows=table(WORKFLOW, "Review,review,a,m,"),
        image_styles=table(STYLE, "Big,big,a"),
        responsive=table(RESPONSIVE, "Wide,wide,a,"),
        view_modes=table(MODES, "Teaser,Content type,a,,"),
        fields=[
            field(owner, "field_a")
            for owner in (
                "Article (Content type)",
                STORY,
                "Block (Custom block type)",
                "Text (Paragraph type)",
                "Image (Media type)",
                "Tags (Vocabulary)",
            )
        ],
    ),
    case(
        "titles that are alike get the machine name, and a number where that is the same",
        bundles=[
            bundle("Page", "page_one"),
            bundle("page", "page_two"),
            bundle("Side", "side", "Alpha"),
            bundle("Side", "side", "Beta"),
        ],
        fields=[
            {**field("", "field_a"), "Bundle": "page_one"},
            {**field("", "field_a"), "Bundle": "page_two"},
            field("Side (Alpha)", "field_a"),
            field("Side (Beta)", "field_a"),
        ],
        views=table(VIEW, "Same,same,a,", "Same,other,a,"),
    ),
    case(
        "no bundle is stated to lack fields where no fields sheet was read",
        bundles=[bundle("Tag", "tag", "Vocabulary")],
        fields=[],
    ),
]
WAITS = [
    case(
        "a chain is built from its end and says why",
        bundles=[bundle(name, name.lower()) for name in ("Aaa", "Bbb", "Ccc")],
        fields=[
            field("Aaa (Content type)", "field_b", ref="Bbb (Content type)", req="y"),
            field("Aaa (Content type)", "field_c", ref="Ccc (Content type)"),
            field("Bbb (Content type)", "field_c", ref="Ccc (Content type)"),
            field("Ccc (Content type)", "field_text"),
        ],
    ),
    case(
        "one required reference makes the dependency required",
        bundles=[STORY_ROW, bundle("Page", "page")],
        fields=[
            field(STORY, "field_a", ref=PAGE, req="y"),
            field(STORY, "field_b", ref=PAGE),
            field(PAGE, "field_text"),
        ],
    ),
    case(
        "references of rows on hold or to remove, and to itself, make no edges",
        bundles=[STORY_ROW, bundle("Page", "page")],
        fields=[
            field(STORY, "field_a", "w", ref=PAGE),
            field(STORY, "field_b", "d", ref=PAGE),
            field(STORY, "field_self", ref=STORY),
            field(PAGE, "field_text"),
        ],
    ),
    case(
        "what exists already is satisfied and not waited for",
        bundles=[STORY_ROW, bundle("Document", "document", "Media type", "x")],
        fields=[field(STORY, "field_file", ref="Document (Media type)")],
    ),
    case(
        "an optional cycle is opened against the order of types and sheets",
        bundles=LIST_AND_STORY,
        fields=[
            field(STORY, "field_list", ref="List (Paragraph type)"),
            field("List (Paragraph type)", "field_story", ref=STORY),
        ],
    ),
    case(
        "a required reference of a cycle is kept even against the order",
        bundles=LIST_AND_STORY,
        fields=[
            field(STORY, "field_list", ref="List (Paragraph type)"),
            field("List (Paragraph type)", "field_story", ref=STORY, req="y"),
        ],
    ),
    case(
        "a cycle of required references is opened with a warning",
        bundles=[bundle("Aaa", "aaa"), bundle("Bbb", "bbb")],
        fields=[
            field("Aaa (Content type)", "field_b", ref="Bbb (Content type)", req="y"),
            field("Bbb (Content type)", "field_a", ref="Aaa (Content type)", req="y"),
        ],
    ),
    case(
        "a workflow waits for the roles its transitions name, not for one within a longer name",
        roles=table(ROLES, "Editor,editor,x", "Chief Editor,chief,a"),
        workflows=table(WORKFLOW, "Review,review,a,m,"),
        transitions=table(
            TRANSITION,
            "Review,Publish,publish,a,Draft,,Chief editors can use",
            "Review,Publish,publish,a,Published,,Chief editor can use",
        ),
    ),
    case(
        "a moderated bundle is related to every workflow without its note",
        **MODERATED,
        workflows=table(WORKFLOW, "Review,review,a,m,For some"),
    ),
    case(
        "a bundle waits for the workflow whose note names it",
        **MODERATED,
        workflows=table(WORKFLOW, "Review,review,a,m,Used on Story and Page"),
    ),
    case(
        "a bundle that the note of a workflow excepts does not wait for it",
        **MODERATED,
        workflows=table(WORKFLOW, "Review,review,a,m,Used on all except Story"),
    ),
    case(
        "many workflows relate to the bundles that they name: every one beside every bundle is a square",
        **MODERATED,
        workflows=table(WORKFLOW, *(f"W{n},w{n},a,m," for n in range(6))),
    ),
    case(
        "a view waits for the bundle with its machine name, not where it lists something else",
        bundles=[STORY_ROW, bundle("News", "news")],
        fields=[*STORY_FIELDS, field("News (Content type)", "field_text")],
        views=table(VIEW, "Plural,storys,a,Content", "Same,news,a,Content", "Index,story,a,Index"),
    ),
    case(
        "a bundle that notes of a view name with its type is mentioned",
        bundles=[STORY_ROW, bundle("Long Read", "long_read")],
        fields=[*STORY_FIELDS, field("Long Read (Content type)", "field_text")],
        views=table(VIEW, "Lists,lists,a,Content"),
        displays=table(
            "View,Title,Machine name,X,Notes",
            "Lists,Block,block,a,Shows Story (Content type) and long reads",
        ),
    ),
    case(
        "a permission with the words of a view mentions none",
        views=table(VIEW, "Unpublished Content,unpublished,a,Content"),
        roles=table(
            "Name,Machine name,X,Notes",
            'Clerk,clerk,a,"Permissions: access content, view any unpublished content"',
            "Chief,chief,a,Looks after Unpublished Content",
        ),
    ),
    case(
        "responsive styles wait for image styles",
        image_styles=table(STYLE, "Big,big,a"),
        responsive=table(RESPONSIVE, "Wide,wide,a,Big"),
    ),
    case(
        "view modes and their bundles wait for a style that is named",
        **IMAGE,
        view_modes=table(MODES, "Wide,Media type,a,Image,Use the responsive image style Wide"),
    ),
    case(
        "a matching style is only mentioned",
        **IMAGE,
        view_modes=table(MODES, "Wide,Media type,a,Image,Set to matching responsive image style"),
    ),
]


CASES = dict([*TICKETS, *WAITS])
"""What becomes of each is frozen (`golden`, `specifications/groups_of_rows`)."""


def test_include_waiting_makes_tickets_on_hold_that_are_built_first() -> None:
    specification = specification_of(
        bundles=[
            STORY_ROW,
            bundle("Author", "author", "Vocabulary", "w"),
            bundle("Empty", "empty", "Vocabulary", "w"),
        ],
        fields=[
            field(STORY, "field_author", ref="Author (Vocabulary)"),
            field("Author (Vocabulary)", "field_bio"),
        ],
    )

    result = group_entities(specification, include_waiting=True)

    assert [(group.title, group.is_on_hold) for group in result.groups] == [
        ("Configure vocabulary: Author", True),
        ("Create 1 vocabulary without custom fields (on hold)", True),
        ("Configure content type: Story", False),
    ]
    (needed,) = result.groups[2].dependencies
    assert needed.group_key == result.groups[0].key


def test_without_removals_what_goes_is_only_mentioned() -> None:
    specification = specification_of(
        bundles=[bundle("Event", "event", x="d"), STORY_ROW],
        fields=[field(STORY, "field_event", ref="Event (Content type)")],
    )

    lines = [*lines_of(group_entities(specification, removals=False))]

    assert lines == [
        "1 Configure content type: Story: story / field_event",
        ("    related Event (Content type) -: to be removed, referenced by field_event (line 2)"),
    ]


def test_a_display_whose_view_id_is_wrong_says_so() -> None:
    display = {"View": "Tide", "Title": "By tag", "Machine name": "by_tag", "View ID": "V09"}
    result = grouped(views=[{"View name": "Tide", "Machine name": "tide"}], displays=[display])

    (joined,) = (f for f in result.findings if f.code == "display_joined_by_label")

    assert joined.advice == "Correct the View ID."


def test_a_title_fits_and_stays_unique() -> None:
    titles = titles_of(grouped(views=table(VIEW, *(f"{'Long ' * 80}{n},{n},a," for n in "ab"))))

    assert [title[-3:] for title in titles] == ["(a)", "(b)"]
    assert all(len(title) <= 255 and "\n" not in title for title in titles)

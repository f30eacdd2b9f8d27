"""The grouping rules, one by one, on rows made for them."""

import pytest

from jira_pipeline.domain.entity_groups import DisplayGroup, GroupAction, RelationKind
from jira_pipeline.domain.findings import Severity
from jira_pipeline.stages.entity_grouping.grouping import GroupingResult, group_entities
from jira_pipeline_tests.stages.made_specifications import (
    Row,
    bundle,
    field,
    group_titled,
    grouped,
    specification_of,
    titles_of,
    waits_of,
)

STORY = bundle("Story", "story")
STORY_FIELDS = [field("Story (Content type)", "field_text")]


def relations_of(
    result: GroupingResult, title: str, kind: RelationKind
) -> list[tuple[str, str | None]]:
    """Return label and covering group of the relations of one kind."""
    relations = group_titled(result, title).relations
    return [(r.label, r.group_key) for r in relations if r.kind is kind]


def test_no_entities_make_no_groups() -> None:
    result = grouped()

    assert result.groups == ()
    assert result.findings == ()


def test_a_bundle_with_fields_is_one_ticket_with_its_fields_in_it() -> None:
    result = grouped(bundles=[STORY], fields=STORY_FIELDS)

    (group,) = result.groups

    assert group.title == "Configure content type: Story"
    assert group.key == "bundle:Content type/story"
    assert group.label == "Story"
    assert group.display_group is DisplayGroup.CONTENT
    assert [head.machine_name for head in group.heads] == ["story"]
    assert [member.machine_name for member in group.members] == ["field_text"]


def test_bundles_without_fields_are_one_ticket_per_type() -> None:
    result = grouped(
        bundles=[
            bundle("Tags", "tags", "Vocabulary"),
            bundle("Rule", "rule", "Paragraph type"),
            bundle("Topics", "topics", "Vocabulary", "c"),
            bundle("Old", "old", "Vocabulary", "x"),
            bundle("Later", "later", "Vocabulary", "w"),
            STORY,
        ],
        fields=STORY_FIELDS,
    )

    assert titles_of(result) == [
        "Create 2 vocabularies without custom fields",
        "Create 1 paragraph type without custom fields",
        "Configure content type: Story",
    ]


def test_a_head_that_changed_or_has_something_to_do_is_updated() -> None:
    result = grouped(
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
    )

    assert titles_of(result) == [
        "Update content type: Changed",
        "Update content type: Grown",
        "Update content type: Shrunk",
    ]
    assert {group.action for group in result.groups} == {GroupAction.UPDATE}
    assert not any(group.is_hollow for group in result.groups)


def test_an_approved_head_without_an_approved_member_is_hollow() -> None:
    result = grouped(
        bundles=[STORY, bundle("Full", "full")],
        fields=[
            field("Story (Content type)", "field_a", "w"),
            field("Story (Content type)", "field_b", "d"),
            field("Full (Content type)", "field_a", "a"),
        ],
    )

    assert [group.title for group in result.groups if group.is_hollow] == [
        "Configure content type: Story"
    ]


def test_a_view_without_any_display_is_hollow() -> None:
    result = grouped(views=[{"View name": "Lists", "Machine name": "lists", "X": "a"}])

    assert result.groups[0].is_hollow


def test_a_view_whose_own_row_says_what_it_shows_is_not_hollow() -> None:
    row = {"View name": "Lists", "Machine name": "lists", "X": "a", "Sort": "newest first"}
    result = grouped(views=[row])

    assert not result.groups[0].is_hollow


def test_a_head_on_hold_has_no_ticket_and_says_so_where_it_is_referred_to() -> None:
    rows: dict[str, list[Row]] = {
        "bundles": [STORY, bundle("Author", "author", "Vocabulary", "w")],
        "fields": [
            field("Story (Content type)", "field_author", ref="Author (Vocabulary)"),
            field("Author (Vocabulary)", "field_bio"),
        ],
    }

    result = grouped(**rows)

    assert titles_of(result) == ["Configure content type: Story"]
    on_hold = relations_of(result, "Configure content type: Story", RelationKind.ON_HOLD)
    assert on_hold == [("Author (Vocabulary)", None)]
    assert [(f.code, f.line) for f in result.findings] == [("on_hold_with_approved_members", 3)]


def test_include_waiting_makes_tickets_on_hold_that_are_built_first() -> None:
    specification = specification_of(
        bundles=[
            STORY,
            bundle("Author", "author", "Vocabulary", "w"),
            bundle("Empty", "empty", "Vocabulary", "w"),
        ],
        fields=[
            field("Story (Content type)", "field_author", ref="Author (Vocabulary)"),
            field("Author (Vocabulary)", "field_bio"),
        ],
    )

    result = group_entities(specification, include_waiting=True)

    assert [(group.title, group.is_on_hold) for group in result.groups] == [
        ("Configure vocabulary: Author", True),
        ("Create 1 vocabulary without custom fields (on hold)", True),
        ("Configure content type: Story", False),
    ]
    assert waits_of(result, "Configure content type: Story") == ["Configure vocabulary: Author"]


def test_what_goes_is_one_ticket_per_sheet_kind_at_the_end() -> None:
    rows: dict[str, list[Row]] = {
        "bundles": [
            bundle("Event", "event", x="d"),
            bundle("Old Tags", "old_tags", "Vocabulary", "d"),
            STORY,
        ],
        "fields": [
            field("Event (Content type)", "field_date"),
            field("Story (Content type)", "field_event", ref="Event (Content type)"),
        ],
        "views": [{"View name": "Events", "Machine name": "events", "X": "d"}],
    }

    result = grouped(**rows)

    assert titles_of(result) == [
        "Configure content type: Story",
        "Remove obsolete content structures",
        "Remove obsolete views",
    ]
    removal = group_titled(result, "Remove obsolete content structures")
    assert [head.machine_name for head in removal.heads] == ["event", "old_tags"]
    assert [member.machine_name for member in removal.members] == ["field_date"]
    assert relations_of(result, "Configure content type: Story", RelationKind.REMOVAL) == [
        ("Event (Content type)", removal.key)
    ]
    assert relations_of(result, removal.title, RelationKind.REMOVAL) == [
        ("Story (Content type)", "bundle:Content type/story")
    ]


def test_without_removals_what_goes_is_only_mentioned() -> None:
    specification = specification_of(
        bundles=[bundle("Event", "event", x="d"), STORY],
        fields=[field("Story (Content type)", "field_event", ref="Event (Content type)")],
    )

    result = group_entities(specification, removals=False)

    assert titles_of(result) == ["Configure content type: Story"]
    (relation,) = result.groups[0].relations
    assert (relation.kind, relation.group_key) == (RelationKind.RELATED, None)
    assert relation.reason == "to be removed, referenced by field_event (line 2)"


def test_a_collection_with_nothing_to_build_or_remove_has_no_ticket() -> None:
    result = grouped(
        roles=[{"Name": "Editor", "Machine name": "editor", "X": "x"}],
        image_styles=[
            {"Style name": "Big", "Machine name": "big", "X": "x"},
            {"Style name": "Old", "Machine name": "old", "X": "d"},
        ],
    )

    assert titles_of(result) == ["Update image styles"]


def test_view_modes_are_one_ticket_per_entity_type() -> None:
    result = grouped(
        view_modes=[
            {"View Modes": "Teaser", "Entity Type": "Content type", "X": "a"},
            {"View Modes": "Large", "Entity Type": "Media type", "X": "a"},
            {"View Modes": "Card", "Entity Type": "content type", "X": "a"},
            {"View Modes": "Preview", "Entity Type": "Paragraph type", "X": "x"},
        ],
    )

    assert titles_of(result) == [
        "Configure view modes: Content type",
        "Configure view modes: Media type",
    ]
    assert [head.label for head in result.groups[0].heads] == ["Teaser", "Card"]


def test_migrations_are_run_one_by_one_after_everything_else() -> None:
    result = grouped(
        migrations=[{"Migration": "Stories", "X": "a"}, {"Migration": "Events", "X": "x"}],
        bundles=[STORY],
        fields=STORY_FIELDS,
    )

    assert titles_of(result) == ["Configure content type: Story", "Run migration: Stories"]


def test_custom_rows_with_a_machine_name_are_tickets_and_others_one_per_file() -> None:
    result = grouped(
        custom=[
            {"Label": "Red", "Machine name": "red", "X": "a", "Colour": "r"},
            {"Label": "Green", "Machine name": "green", "X": "d", "Colour": "g"},
        ],
        matrix=[{"Effect": "Scale", "X": "a", "Strength": "1"}, {"Effect": "Crop", "X": "a"}],
    )

    assert titles_of(result) == [
        "Configure custom entry: Red",
        "Configure custom sheet: matrix.csv",
        "Remove obsolete custom entries",
    ]


def test_a_display_without_its_view_joins_the_view_with_its_words() -> None:
    result = grouped(
        views=[{"View name": "Contact/Hours", "Machine name": "contact_hours", "X": "a"}],
        displays=[
            {"View": "Contact", "Title": "By tag", "Machine name": "by_tag", "X": "a"},
            {"View": "Weather", "Title": "Rain", "Machine name": "rain", "X": "a"},
        ],
    )

    view = group_titled(result, "Configure view: Contact/Hours")
    lost = group_titled(result, "Configure view displays without an owner in the sheets")

    assert [member.machine_name for member in view.members] == ["by_tag"]
    assert [head.machine_name for head in lost.heads] == ["rain"]
    assert [(f.code, f.severity, f.line) for f in result.findings] == [
        ("display_joined_by_label", Severity.WARNING, 2)
    ]


def test_a_display_whose_view_id_is_wrong_says_so() -> None:
    display = {"View": "Tide", "Title": "By tag", "Machine name": "by_tag", "View ID": "V09"}
    result = grouped(views=[{"View name": "Tide", "Machine name": "tide"}], displays=[display])

    (joined,) = (f for f in result.findings if f.code == "display_joined_by_label")

    assert joined.message == (
        "Only the label says which view it is of; the display By tag joins the view Tide."
    )
    assert joined.advice == "Correct the View ID."


def test_fields_of_a_bundle_in_no_sheet_are_not_lost() -> None:
    result = grouped(
        bundles=[STORY], fields=[*STORY_FIELDS, field("Ghost (Media type)", "field_x")]
    )

    lost = group_titled(result, "Configure fields without an owner in the sheets")

    assert [head.machine_name for head in lost.heads] == ["field_x"]


def test_the_build_order_goes_by_type_then_by_sheet() -> None:
    result = grouped(
        bundles=[
            STORY,
            bundle("Block", "block", "Custom block type"),
            bundle("Text", "text", "Paragraph type"),
            bundle("Image", "image", "Media type"),
            bundle("Tags", "tags", "Vocabulary"),
            bundle("Article", "article"),
        ],
        views=[{"View name": "Lists", "Machine name": "lists", "X": "a"}],
        roles=[{"Name": "Editor", "Machine name": "editor", "X": "a"}],
        workflows=[{"Label": "Review", "Machine name": "review", "X": "a", "Type": "m"}],
        image_styles=[{"Style name": "Big", "Machine name": "big", "X": "a"}],
        responsive=[{"Responsive style": "Wide", "Machine name": "wide", "X": "a"}],
        view_modes=[{"View Modes": "Teaser", "Entity Type": "Content type", "X": "a"}],
        fields=[
            field(f"{name} ({kind})", "field_a")
            for name, kind in [
                ("Article", "Content type"),
                ("Story", "Content type"),
                ("Block", "Custom block type"),
                ("Text", "Paragraph type"),
                ("Image", "Media type"),
                ("Tags", "Vocabulary"),
            ]
        ],
    )

    assert titles_of(result) == [
        "Configure user roles",
        "Configure workflow: Review",
        "Configure vocabulary: Tags",
        "Configure image styles",
        "Configure responsive image styles",
        "Configure view modes: Content type",
        "Configure media type: Image",
        "Configure paragraph type: Text",
        "Configure custom block type: Block",
        "Configure content type: Story",
        "Configure content type: Article",
        "Configure view: Lists",
    ]
    assert [group.number for group in result.groups] == list(range(1, 13))


def test_a_chain_is_built_from_its_end_and_says_why() -> None:
    result = grouped(
        bundles=[bundle(name, name.lower()) for name in ("Aaa", "Bbb", "Ccc")],
        fields=[
            field("Aaa (Content type)", "field_b", ref="Bbb (Content type)", req="y"),
            field("Aaa (Content type)", "field_c", ref="Ccc (Content type)"),
            field("Bbb (Content type)", "field_c", ref="Ccc (Content type)"),
            field("Ccc (Content type)", "field_text"),
        ],
    )

    assert [group.label for group in result.groups] == ["Ccc", "Bbb", "Aaa"]
    dependencies = result.groups[2].dependencies
    assert [(d.reasons, d.is_required, d.is_linked) for d in dependencies] == [
        (("referenced by field_c (line 3)",), False, False),
        (("required by field_b (line 2)",), True, True),
    ]


def test_one_required_reference_makes_the_dependency_required() -> None:
    result = grouped(
        bundles=[STORY, bundle("Page", "page")],
        fields=[
            field("Story (Content type)", "field_a", ref="Page (Content type)", req="y"),
            field("Story (Content type)", "field_b", ref="Page (Content type)"),
            field("Page (Content type)", "field_text"),
        ],
    )

    (dependency,) = group_titled(result, "Configure content type: Story").dependencies

    assert dependency.is_required
    assert dependency.reasons == (
        "required by field_a (line 2)",
        "referenced by field_b (line 3)",
    )


def test_references_of_rows_on_hold_or_to_remove_make_no_edges() -> None:
    result = grouped(
        bundles=[STORY, bundle("Later", "later")],
        fields=[
            field("Story (Content type)", "field_a", "w", ref="Later (Content type)"),
            field("Story (Content type)", "field_b", "d", ref="Later (Content type)"),
            field("Story (Content type)", "field_self", ref="Story (Content type)"),
            field("Later (Content type)", "field_text"),
        ],
    )

    assert all(group.dependencies == () for group in result.groups)
    assert all(group.relations == () for group in result.groups)


def test_what_exists_already_is_satisfied_and_not_waited_for() -> None:
    result = grouped(
        bundles=[STORY, bundle("Document", "document", "Media type", "x")],
        fields=[field("Story (Content type)", "field_file", ref="Document (Media type)")],
    )

    (group,) = result.groups

    assert group.dependencies == ()
    assert relations_of(result, group.title, RelationKind.SATISFIED) == [
        ("Document (Media type)", None)
    ]


def test_an_optional_cycle_is_opened_against_type_and_sheet_order() -> None:
    result = grouped(
        bundles=[bundle("Story", "story"), bundle("List", "list", "Paragraph type")],
        fields=[
            field("Story (Content type)", "field_list", ref="List (Paragraph type)"),
            field("List (Paragraph type)", "field_story", ref="Story (Content type)"),
        ],
    )

    assert [group.label for group in result.groups] == ["List", "Story"]
    (relation,) = result.groups[0].linked_relations
    assert relation.kind is RelationKind.DEFERRED
    assert relation.label == "Story (Content type)"
    assert relation.reason == "referenced by field_story (line 3)"
    assert relation.group_key == "bundle:Content type/story"
    assert result.findings == ()


def test_a_required_reference_of_a_cycle_is_kept_even_against_the_order() -> None:
    result = grouped(
        bundles=[bundle("Story", "story"), bundle("List", "list", "Paragraph type")],
        fields=[
            field("Story (Content type)", "field_list", ref="List (Paragraph type)"),
            field("List (Paragraph type)", "field_story", ref="Story (Content type)", req="y"),
        ],
    )

    assert [group.label for group in result.groups] == ["Story", "List"]
    assert result.groups[0].linked_relations[0].label == "List (Paragraph type)"


def test_a_cycle_of_required_references_is_opened_with_a_warning() -> None:
    result = grouped(
        bundles=[bundle("Aaa", "aaa"), bundle("Bbb", "bbb")],
        fields=[
            field("Aaa (Content type)", "field_b", ref="Bbb (Content type)", req="y"),
            field("Bbb (Content type)", "field_a", ref="Aaa (Content type)", req="y"),
        ],
    )

    (finding,) = result.findings

    assert [group.label for group in result.groups] == ["Aaa", "Bbb"]
    assert (finding.code, finding.severity, finding.file, finding.line) == (
        "required_cycle",
        Severity.WARNING,
        "bundles.csv",
        2,
    )
    assert "required by field_b (line 2)" in finding.message


def test_a_workflow_waits_for_the_roles_its_transitions_name() -> None:
    transition = {"Workflow": "Review", "Label": "Publish", "Machine name": "publish", "X": "a"}
    result = grouped(
        roles=[
            {"Name": "Editor", "Machine name": "editor", "X": "x"},
            {"Name": "Chief Editor", "Machine name": "chief", "X": "a"},
        ],
        workflows=[{"Label": "Review", "Machine name": "review", "X": "a", "Type": "m"}],
        transitions=[
            transition | {"From state": state, "Notes": "Chief editors can use"}
            for state in ("Draft", "Published")
        ],
    )

    (dependency,) = group_titled(result, "Configure workflow: Review").dependencies

    assert dependency.group_key == "user_roles"
    assert dependency.reasons == ("Chief Editor is named by publish (lines 2–3)",)


def test_the_reason_of_a_workflow_names_the_role_of_the_column() -> None:
    """The note only says who had the transition before."""
    result = grouped(
        roles=[
            {"Name": "Pilot", "Machine name": "pilot", "X": "c"},
            {"Name": "Harbour master", "Machine name": "master", "X": "a"},
        ],
        workflows=[{"Label": "Review", "Machine name": "review", "X": "a", "Type": "m"}],
        transitions=[
            {"Workflow": "Review", "Label": "Publish", "Machine name": "publish", "X": "a"}
            | {"Roles": "Harbour master", "Notes": "Was for Pilot"}
        ],
    )

    (dependency,) = group_titled(result, "Configure workflow: Review").dependencies

    assert dependency.reasons == ("Harbour master is named by publish (line 2)",)


def test_a_role_within_a_longer_role_is_not_named() -> None:
    """`Editor` is a part of `Chief editor`; it exists already and would be satisfied."""
    result = grouped(
        roles=[
            {"Name": "Editor", "Machine name": "editor", "X": "x"},
            {"Name": "Chief Editor", "Machine name": "chief", "X": "a"},
        ],
        workflows=[{"Label": "Review", "Machine name": "review", "X": "a", "Type": "m"}],
        transitions=[
            {
                "Workflow": "Review",
                "Label": "Publish",
                "Machine name": "publish",
                "X": "a",
                "Notes": "Chief editor can use",
            }
        ],
    )

    assert group_titled(result, "Configure workflow: Review").relations == ()


def test_a_moderated_bundle_is_related_to_every_workflow_without_its_note() -> None:
    result = grouped(
        bundles=[STORY | {"Mod.": "y"}, bundle("Page", "page") | {"Mod.": "n"}],
        fields=[*STORY_FIELDS, field("Page (Content type)", "field_text")],
        workflows=[
            {
                "Label": "Review",
                "Machine name": "review",
                "X": "a",
                "Type": "m",
                "Notes": "For some",
            }
        ],
    )

    story = group_titled(result, "Configure content type: Story")
    workflow = group_titled(result, "Configure workflow: Review")

    assert [(r.kind, r.label, r.reason) for r in story.relations] == [
        (RelationKind.RELATED, "Review", "Mod. is y (line 2)")
    ]
    assert [r.label for r in workflow.relations] == ["Story (Content type)"]
    assert group_titled(result, "Configure content type: Page").relations == ()


def test_a_bundle_waits_for_the_workflow_whose_note_names_it() -> None:
    workflow = {"Label": "Review", "Machine name": "review", "X": "a", "Type": "m"}
    rows: dict[str, list[Row]] = {"bundles": [STORY | {"Mod.": "y"}], "fields": STORY_FIELDS}

    named = grouped(**rows, workflows=[workflow | {"Notes": "Used on Story and Page"}])
    excepted = grouped(**rows, workflows=[workflow | {"Notes": "Used on all except Story"}])

    assert waits_of(named, "Configure content type: Story") == ["Configure workflow: Review"]
    assert waits_of(excepted, "Configure content type: Story") == []


def test_many_workflows_are_shown_as_a_number() -> None:
    """Every workflow beside every bundle would grow as a square."""
    result = grouped(
        bundles=[STORY | {"Mod.": "y"}],
        fields=STORY_FIELDS,
        workflows=[
            {"Label": f"W{n}", "Machine name": f"w{n}", "X": "a", "Type": "m"} for n in range(6)
        ],
    )

    story = group_titled(result, "Configure content type: Story")

    assert [r.label for r in story.relations] == ["6 workflows"]
    assert result.groups[0].relations[0].label == "1 moderated bundles"


def test_a_view_waits_for_the_bundle_with_its_machine_name() -> None:
    view = {"View name": "Stories", "X": "a", "Base table": "Content"}
    result = grouped(
        bundles=[STORY, bundle("News", "news")],
        fields=[*STORY_FIELDS, field("News (Content type)", "field_text")],
        views=[
            view | {"View name": "Plural", "Machine name": "storys"},
            view | {"View name": "Same", "Machine name": "news"},
            view | {"View name": "Index", "Machine name": "story", "Base table": "Index"},
        ],
    )

    assert waits_of(result, "Configure view: Plural") == ["Configure content type: Story"]
    assert waits_of(result, "Configure view: Same") == ["Configure content type: News"]
    assert waits_of(result, "Configure view: Index") == []


def test_a_view_waits_for_a_bundle_its_notes_name_with_type() -> None:
    result = grouped(
        bundles=[STORY, bundle("Long Read", "long_read")],
        fields=[*STORY_FIELDS, field("Long Read (Content type)", "field_text")],
        views=[{"View name": "Lists", "Machine name": "lists", "X": "a", "Base table": "Content"}],
        displays=[
            {
                "View": "Lists",
                "Title": "Block",
                "Machine name": "block",
                "X": "a",
                "Notes": "Shows Story (Content type) and long reads",
            }
        ],
    )

    view = group_titled(result, "Configure view: Lists")

    assert waits_of(result, view.title) == ["Configure content type: Story"]
    assert [(r.kind, r.label, r.reason) for r in view.relations] == [
        (RelationKind.RELATED, "Long Read (Content type)", "mentioned by block (line 2)")
    ]


def test_responsive_styles_wait_for_image_styles() -> None:
    result = grouped(
        image_styles=[{"Style name": "Big", "Machine name": "big", "X": "a"}],
        responsive=[
            {
                "Responsive style": "Wide",
                "Machine name": "wide",
                "Fallback Style": "Big",
                "X": "a",
            }
        ],
    )

    (dependency,) = group_titled(result, "Configure responsive image styles").dependencies
    assert dependency.group_key == "image_styles"
    assert dependency.reasons == ("referenced by 1 row (line 2)",)


def test_view_modes_and_their_bundles_wait_for_a_style_that_is_named() -> None:
    mode = {
        "View Modes": "Wide",
        "Entity Type": "Media type",
        "X": "a",
        "Entities Used On": "Image",
    }
    rows: dict[str, list[Row]] = {
        "bundles": [bundle("Image", "image", "Media type")],
        "fields": [field("Image (Media type)", "field_file")],
        "responsive": [{"Responsive style": "Wide", "Machine name": "wide", "X": "a"}],
    }

    named = grouped(**rows, view_modes=[mode | {"Notes": "Use the responsive image style Wide"}])
    matching = grouped(
        **rows, view_modes=[mode | {"Notes": "Set to matching responsive image style"}]
    )

    responsive = ["Configure responsive image styles"]
    assert waits_of(named, "Configure view modes: Media type") == responsive
    assert waits_of(named, "Configure media type: Image") == responsive
    assert waits_of(matching, "Configure view modes: Media type") == []
    found = group_titled(matching, "Configure view modes: Media type").relations[0]
    assert found.reason == "notes speak of a matching style (line 2); of the same name: Wide"


def test_titles_that_are_alike_get_the_machine_name_then_a_number() -> None:
    result = grouped(
        bundles=[bundle("Page", "page_one"), bundle("page", "page_two")],
        fields=[
            {**field("", "field_a"), "Bundle": "page_one"},
            {**field("", "field_a"), "Bundle": "page_two"},
        ],
        views=[
            {"View name": "Same", "Machine name": "same", "X": "a"},
            {"View name": "Same", "Machine name": "other", "X": "a"},
        ],
    )

    assert titles_of(result) == [
        "Configure content type: Page (page_one)",
        "Configure content type: page (page_two)",
        "Configure view: Same (same)",
        "Configure view: Same (other)",
    ]


def test_titles_that_the_machine_name_does_not_distinguish_are_numbered() -> None:
    result = grouped(
        bundles=[bundle("Page", "page", "Alpha"), bundle("Page", "page", "Beta")],
        fields=[field("Page (Alpha)", "field_a"), field("Page (Beta)", "field_a")],
    )

    assert titles_of(result) == [
        "Configure bundle: Page (page)",
        "Configure bundle: Page (page) (2)",
    ]


def test_a_title_fits_and_stays_unique() -> None:
    name = "Long " * 80
    result = grouped(
        views=[
            {"View name": name + "one", "Machine name": "one", "X": "a"},
            {"View name": name + "two", "Machine name": "two", "X": "a"},
        ],
    )

    titles = titles_of(result)

    assert all(len(title) <= 255 for title in titles)
    assert [title[-5:] for title in titles] == ["(one)", "(two)"]
    assert all("\n" not in title for title in titles)


@pytest.mark.parametrize(
    ("fields", "titles", "codes"),
    [
        ([], ["Create 1 vocabulary"], ["fields_sheet_missing"]),
        (
            [field("Page (Content type)", "field_a")],
            ["Create 1 vocabulary without custom fields", "Configure content type: Page"],
            [],
        ),
    ],
    ids=["without a fields sheet", "with one"],
)
def test_no_bundle_is_stated_to_lack_fields_where_no_fields_sheet_was_read(
    fields: list[Row], titles: list[str], codes: list[str]
) -> None:
    pages = [bundle("Page", "page")] if fields else []

    result = grouped(bundles=[bundle("Tag", "tag", "Vocabulary"), *pages], fields=fields)

    assert titles_of(result) == titles
    assert [finding.code for finding in result.findings] == codes

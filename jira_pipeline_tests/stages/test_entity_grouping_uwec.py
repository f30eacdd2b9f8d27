"""The measured truths of the one large real specification there is."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from jira_pipeline.domain.configuration_tables import source_lines_of, tables_of
from jira_pipeline.domain.dependencies import components_of
from jira_pipeline.domain.entities import BundleType, EntityKind, Specification, Status
from jira_pipeline.domain.entity_groups import (
    EntityGroup,
    GroupAction,
    GroupKind,
    RelationKind,
)
from jira_pipeline.sources.drupal_csv import read_entities, read_folder
from jira_pipeline.stages.entity_grouping.drafts import draft_groups
from jira_pipeline.stages.entity_grouping.grouping import (
    GroupingResult,
    adopt_displays,
    group_entities,
)
from jira_pipeline.stages.table_comparison import table_discrepancies

UWEC = Path(__file__).resolve().parents[3] / "shared" / "data" / "uwec"

pytestmark = pytest.mark.skipif(not UWEC.is_dir(), reason=f"{UWEC.name} is not beside the checkout")


@cache
def uwec() -> Specification:
    """Everything the sheets describe."""
    return Specification(entities=read_entities(read_folder(UWEC).tables).entities)


@cache
def result() -> GroupingResult:
    """The groups with default options."""
    return group_entities(uwec())


def group_titled(title: str) -> EntityGroup:
    """The group with a title."""
    (group,) = (group for group in result().groups if group.title == title)
    return group


def bundle_edges(*, without: set[Status]) -> set[tuple[str, str]]:
    """Pairs of bundle and referenced bundle, whatever their own status."""
    return {
        (entity.owner_key, reference.target_key)
        for entity in uwec().by_kind[EntityKind.FIELD]
        for reference in entity.references
        if entity.status not in without
        and entity.owner_key is not None
        and reference.target_key is not None
        and entity.owner_key != reference.target_key
    }


def test_there_are_100_tickets_if_every_status_counts() -> None:
    specification, _ = adopt_displays(uwec())

    assert len(draft_groups(specification)) == 100


def test_there_are_82_active_tickets_and_2_removals_of_these_kinds() -> None:
    kinds = Counter(group.kind for group in result().groups)

    assert kinds == {
        GroupKind.BUNDLE: 61,
        GroupKind.BUNDLES_WITHOUT_FIELDS: 2,
        GroupKind.VIEW: 12,
        GroupKind.IMAGE_STYLES: 1,
        GroupKind.RESPONSIVE_IMAGE_STYLES: 1,
        GroupKind.VIEW_MODES: 2,
        GroupKind.USER_ROLES: 1,
        GroupKind.WORKFLOW: 2,
        GroupKind.REMOVAL: 2,
    }


def test_bundles_with_fields_are_of_these_types_and_five_exist_already() -> None:
    bundles = [group for group in result().groups if group.kind is GroupKind.BUNDLE]

    types = Counter(group.heads[0].bundle_type for group in bundles)

    assert types == {
        BundleType.CONTENT: 15,
        BundleType.PARAGRAPH: 38,
        BundleType.VOCABULARY: 1,
        BundleType.BLOCK: 4,
        BundleType.MEDIA: 3,
    }
    updated = [group for group in bundles if group.action is GroupAction.UPDATE]
    assert len(updated) == 5
    assert {group.heads[0].status for group in updated} == {Status.IMPLEMENTED}


@pytest.mark.parametrize(
    ("title", "head_count"),
    [
        ("Create 13 vocabularies without custom fields", 13),
        ("Create 2 paragraph types without custom fields", 2),
        ("Configure image styles", 103),
        ("Configure view modes: Media type", 28),
        ("Configure view modes: Content type", 2),
        ("Configure user roles", 8),
        ("Remove obsolete content structures", 13),
        ("Remove obsolete views", 3),
    ],
)
def test_collections_hold_as_many_heads(title: str, head_count: int) -> None:
    assert len(group_titled(title).heads) == head_count


def test_the_hollow_tickets_are_the_eight_known_ones() -> None:
    hollow = [group.key for group in result().groups if group.is_hollow]

    assert hollow == [
        "bundle:Paragraph type/accordion_item",
        "bundle:Paragraph type/accordions",
        "bundle:Paragraph type/links_files",
        "bundle:Paragraph type/custom_embed",
        "bundle:Paragraph type/events_list",
        "bundle:Paragraph type/layout_section",
        "view:jobs",
        "view:site_search",
    ]


def test_bundles_refer_to_each_other_as_often_as_measured() -> None:
    without_deleted = bundle_edges(without={Status.DELETED})
    without_waiting = bundle_edges(without={Status.DELETED, Status.WAITING})

    assert len(without_deleted) == 157
    assert len(without_waiting) == 152


def test_the_one_cycle_has_five_bundles() -> None:
    edges = sorted(bundle_edges(without={Status.DELETED, Status.WAITING}))
    successors: dict[str, list[str]] = {}
    for dependent, dependency in edges:
        successors.setdefault(dependent, []).append(dependency)
    nodes = sorted({node for edge in edges for node in edge})

    cyclic = [sorted(part) for part in components_of(nodes, successors) if len(part) > 1]

    assert cyclic == [
        [
            "bundle:Content type/academic_program",
            "bundle:Content type/college",
            "bundle:Content type/department",
            "bundle:Content type/fact",
            "bundle:Paragraph type/facts_list",
        ]
    ]


def test_127_edges_become_6_deferred_references_and_70_links() -> None:
    dependencies = [d for group in result().groups for d in group.dependencies]
    deferred = [
        (group.key, relation.group_key)
        for group in result().groups
        for relation in group.relations
        if relation.kind is RelationKind.DEFERRED
    ]

    assert len(dependencies) + len(deferred) == 127
    assert len(deferred) == 6
    assert sum(dependency.is_linked for dependency in dependencies) == 70


def test_no_required_reference_is_deferred() -> None:
    assert not [finding for finding in result().findings if finding.code == "required_cycle"]


def test_every_dependency_is_built_before_what_depends_on_it() -> None:
    number_of = {group.key: group.number for group in result().groups}

    late = [
        (group.title, dependency.group_key)
        for group in result().groups
        for dependency in group.dependencies
        if number_of[dependency.group_key] >= group.number
    ]

    assert late == []
    assert sorted(number_of.values()) == list(range(1, 85))


def test_profile_depends_on_what_the_model_ticket_says() -> None:
    profile = group_titled("Configure content type: Profile")

    depends_on = {dependency.group_key: dependency for dependency in profile.dependencies}

    assert set(depends_on) == {
        "bundle:Media type/image",
        "bundles_without_fields:Vocabulary",
        "bundle:Vocabulary/page_families",
        "bundle:Content type/college",
        "bundle:Content type/department",
        "bundle:Content type/academic_program",
    }
    assert depends_on["bundle:Content type/college"].reasons == (
        "required by field_colleges (line 225)",
    )
    others = [(r.kind, r.label) for r in profile.relations]
    assert others == [
        (RelationKind.SATISFIED, "List Widgets (Vocabulary)"),
        (RelationKind.RELATED, "Marketing"),
        (RelationKind.RELATED, "Non-moderated"),
    ]


def test_author_is_on_hold_although_its_fields_are_approved() -> None:
    holds = [f for f in result().findings if f.code == "on_hold_with_approved_members"]
    story = group_titled("Configure content type: Story Library")

    assert [(finding.file, finding.line) for finding in holds] == [("UWEC_Bundles.csv", 32)]
    assert [r.label for r in story.relations if r.kind is RelationKind.ON_HOLD] == [
        "Author (Vocabulary)"
    ]


def test_marketing_has_four_transitions_and_relates_to_the_moderated_types() -> None:
    marketing = group_titled("Configure workflow: Marketing")

    titles = [table.title for table in tables_of(marketing)]
    related = [r.label for r in marketing.relations if r.kind is RelationKind.RELATED]

    assert titles == ["Settings", "States to build (4)", "Transitions to build (4)"]
    assert len(related) == 14
    assert [d.group_key for d in marketing.dependencies] == ["user_roles"]


def test_eight_views_wait_for_the_bundle_they_list() -> None:
    views = [group for group in result().groups if group.kind is GroupKind.VIEW]

    waiting = sum(bool(group.dependencies) for group in views)

    assert waiting == 8


def test_every_cell_is_in_its_tables_and_no_other() -> None:
    wrong = [
        sentence
        for group in result().groups
        for sentence in table_discrepancies(group, tables_of(group))
    ]

    assert wrong == []


def test_every_row_is_in_one_ticket_or_its_head_is_not_due() -> None:
    shown = [e for group in result().groups for e in (*group.heads, *group.members)]
    places = Counter((e.source.file, e.source.line) for e in shown)
    owners = {e.key: e for e in uwec().entities}

    left_out = [
        entity
        for entity in adopt_displays(uwec())[0].entities
        if (entity.source.file, entity.source.line) not in places
    ]

    assert set(places.values()) == {1}
    assert {
        (owners[entity.owner_key] if entity.owner_key else entity).status for entity in left_out
    } == {Status.IMPLEMENTED, Status.WAITING}


def test_source_lines_count_as_many_rows_as_the_group_has() -> None:
    counts = [
        (sum(len(s.lines) for s in source_lines_of(group)), len(group.heads) + len(group.members))
        for group in result().groups
    ]

    assert all(lines == rows for lines, rows in counts)


def test_titles_are_unique_and_fit() -> None:
    titles = [group.title for group in result().groups]

    assert len(set(titles)) == 84
    assert max(len(title) for title in titles) <= 255


def test_any_order_of_arrival_gives_the_same_groups() -> None:
    backwards = Specification(entities=tuple(reversed(uwec().entities)))

    assert group_entities(backwards) == result()


def test_waiting_heads_get_tickets_on_request() -> None:
    groups = group_entities(uwec(), include_waiting=True, removals=False).groups

    on_hold = [group.title for group in groups if group.is_on_hold]

    assert len(groups) == 82 + len(on_hold)
    assert "Configure vocabulary: Author" in on_hold

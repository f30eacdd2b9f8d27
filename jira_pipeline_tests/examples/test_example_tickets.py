"""The example through the reader and the grouping rules: findings, tickets, order, questions."""

import re
from functools import cache
from pathlib import Path

from jira_pipeline.asking.found_questions import all_open_questions
from jira_pipeline.grouping.grouping import GroupingResult, group_entities
from jira_pipeline.kernel.entities import EntityKind, ReferenceState, Specification, Status
from jira_pipeline.kernel.entity_groups import EntityGroup, RelationKind
from jira_pipeline.kernel.findings import Finding, Severity
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_folder
from jira_pipeline_tests.tables import each

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FOLDER = EXAMPLES / "uhrenmuseum"
README = (EXAMPLES / "README.md").read_text(encoding="utf-8")
CITATION = re.compile(r"\b([A-Z]\w+):(\d+) `")


@cache
def read_example() -> tuple[Specification, tuple[Finding, ...]]:
    """Read the sheets and what they describe, with all findings."""
    reading = read_folder(FOLDER)
    entities = read_entities(reading.tables)
    specification = Specification(entities=entities.entities)
    return specification, (*reading.findings, *entities.findings)


@cache
def group_example() -> GroupingResult:
    """Group what the sheets describe."""
    return group_entities(read_example()[0])


def group_titled(title: str) -> EntityGroup:
    """Find one group by its title."""
    return next(group for group in group_example().groups if group.title == title)


def test_every_kind_of_sheet_is_recognised() -> None:
    tables = read_folder(FOLDER).tables

    counts = {str(table.file.sheet): table.file.row_count for table in tables}

    assert counts == {
        "bundle": 15,
        "field": 104,
        "view": 7,
        "view_display": 15,
        "image_style": 14,
        "responsive_image_style": 4,
        "view_mode": 9,
        "user_role": 7,
        "workflow": 2,
        "workflow_state": 8,
        "workflow_transition": 17,
    }


def rows_cited_for(*, words: str) -> set[tuple[str, int]]:
    """File and line of the rows that the README cites for rules with these words."""
    rules = [line for line in README.splitlines() if line.startswith("| ") and words in line]
    return {
        (f"Uhrenmuseum_{sheet}.csv", int(line))
        for rule in rules
        for sheet, line in CITATION.findall(rule)
    }


def test_the_sheets_hold_no_error_and_exactly_the_warnings_the_readme_cites() -> None:
    findings = [*read_example()[1], *group_example().findings]

    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    warnings = {(f.file, f.line) for f in findings if f.severity is Severity.WARNING}

    assert errors == []
    assert warnings == rows_cited_for(words="a warning")


def test_each_warning_is_another_one() -> None:
    findings = [*read_example()[1], *group_example().findings]

    codes = sorted(f.code for f in findings if f.severity is Severity.WARNING)

    assert codes == [
        "field_storage_conflict",
        "reference_dangling",
        "reference_not_computed",
        "status_blank",
    ]


def test_every_row_the_readme_cites_for_a_question_raises_one() -> None:
    specification, _ = read_example()
    questions = all_open_questions(group_example().groups, specification)

    asked = {(question.file, question.line) for _, question in questions}

    assert rows_cited_for(words="| question, ") - asked == set()


def test_a_question_quotes_what_its_cell_says() -> None:
    specification, _ = read_example()
    cells = {(e.source.file, e.source.line): e.cells for e in specification.entities}

    elsewhere = [
        question
        for _, question in all_open_questions(group_example().groups, specification)
        if question.quote not in cells[question.file, question.line][question.column]
    ]

    assert elsewhere == []


def test_every_kind_of_status_occurs_among_heads_and_members() -> None:
    specification, _ = read_example()
    heads = {EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW}

    of_heads = {e.status for e in specification.entities if e.kind in heads}
    of_members = {e.status for e in specification.entities if e.kind not in heads}

    assert of_heads == set(Status)
    assert of_members == set(Status)


def test_the_titles_are_those_of_the_specification_in_build_order() -> None:
    titles = [group.title for group in group_example().groups]

    assert titles == [
        "Configure user roles",
        "Configure workflow: Collection",
        "Update workflow: Simple publishing",
        "Create 2 vocabularies without custom fields",
        "Configure image styles",
        "Configure responsive image styles",
        "Configure view modes: Content type",
        "Configure view modes: Media type",
        "Update media type: Image",
        "Configure vocabulary: Clockmakers",
        "Configure media type: Chime Recording",
        "Configure paragraph type: Image",
        "Configure paragraph type: Opening Hours",
        "Create 1 paragraph type without custom fields",
        "Configure custom block type: Notice",
        "Configure content type: Clock",
        "Configure content type: Exhibition",
        "Update content type: Event",
        "Configure view: Clocks",
        "Configure view: Exhibitions",
        "Update view: Events",
        "Configure view: Collection Search",
        "Remove obsolete content structures",
        "Remove obsolete views",
    ]


def test_one_ticket_is_hollow() -> None:
    hollow = [group.title for group in group_example().groups if group.is_hollow]

    assert hollow == ["Configure paragraph type: Opening Hours"]


def test_a_required_chain_is_kept_whole() -> None:
    groups = {group.key: group for group in group_example().groups}
    chain = [
        "Configure content type: Exhibition",
        "Configure content type: Clock",
        "Configure vocabulary: Clockmakers",
        "Update media type: Image",
    ]

    required = [
        [groups[d.group_key].title for d in group_titled(title).dependencies if d.is_required]
        for title in chain
    ]

    for position, titles in enumerate(required[:-1]):
        assert chain[position + 1] in titles


def test_the_optional_cycle_defers_one_reference() -> None:
    deferred = [
        (group.title, relation.label)
        for group in group_example().groups
        for relation in group.relations
        if relation.kind is RelationKind.DEFERRED
    ]

    assert deferred == [("Configure content type: Exhibition", "Event (Content type)")]


def test_one_reference_dangles() -> None:
    specification, _ = read_example()

    dangling = [
        (entity.machine_name, reference.text)
        for entity in specification.entities
        for reference in entity.references
        if reference.state is ReferenceState.DANGLING
    ]

    assert dangling == [("field_partner_museums", "Partner Museum (Content type)")]


def test_a_removal_relates_to_the_ticket_that_mentions_what_goes() -> None:
    relations = group_titled("Remove obsolete content structures").relations

    removal = [r.label for r in relations if r.kind is RelationKind.REMOVAL]

    assert removal == ["Event (Content type)"]


def test_something_on_hold_is_mentioned_and_never_waited_for() -> None:
    clock = group_titled("Configure content type: Clock")

    on_hold = [r.label for r in clock.relations if r.kind is RelationKind.ON_HOLD]

    assert on_hold == ["Visitor Story (Content type)"]


def test_a_field_to_remove_makes_no_dependency() -> None:
    groups = {group.key: group for group in group_example().groups}
    event = group_titled("Update content type: Event")

    titles = [groups[d.group_key].title for d in event.dependencies]

    assert titles == [
        "Update workflow: Simple publishing",
        "Update media type: Image",
        "Configure content type: Exhibition",
    ]


def test_what_is_on_hold_or_there_already_has_no_ticket() -> None:
    heads = {head.label for group in group_example().groups for head in group.heads}

    without_ticket = {"Visitor Story (Content type)", "Page (Content type)", "Recent Changes"}

    assert heads.isdisjoint(without_ticket)


def test_the_manifest_names_the_site_and_approves_by_itself() -> None:
    manifest = read_manifest(FOLDER)

    assert manifest.site_name == "Uhrenmuseum Möwenbrück"
    assert manifest.auto_approve


@each("label", ["Image (Media type)", "Image (Paragraph type)"])
def test_two_bundles_of_one_label_have_a_ticket_each(label: str) -> None:
    tickets = [g for g in group_example().groups if [h.label for h in g.heads] == [label]]

    assert len(tickets) == 1

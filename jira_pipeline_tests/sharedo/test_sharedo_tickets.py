"""A ShareDo package becomes entities, groups and tickets that show every value of its components.

That no value of a package is lost on the way to entities is in `test_sharedo_sections`.
"""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jira_pipeline.model.entity_groups import GroupAction, RelationKind
from jira_pipeline.sharedo.reading.packages import PackageLimits
from jira_pipeline.sharedo.reading.reading import read_packages
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import build_package, sandbox_environments
from jira_pipeline.tickets.documents.adf_validation import table_discrepancies
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.component_rows import AFTER
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing.completion.prompt import PromptRule
from jira_pipeline.writing.cost_estimate import expected_requests
from jira_pipeline_tests.sharedo.made_packages import (
    DRUPAL_WORDS,
    ONE_OF_EACH,
    Session,
    briefs_of,
    changed_payload,
    compare,
    packed,
    prose_of,
    session_of,
)
from jira_pipeline_tests.tables import each

GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return session_of(
        packed(tmp_path_factory.mktemp("packages"), sandbox_environments()["development"])
    )


@pytest.fixture(scope="module")
def difference(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("difference")
    packed(folder, sandbox_environments()["development"], name="dev.zip")
    packed(folder, sandbox_environments()["test"], name="test.zip")
    compare(folder, "development dev.zip", "test test.zip")
    return session_of(folder)


def test_a_secret_is_in_no_ticket(session: Session) -> None:
    cells = [cell for entity in session.specification.entities for cell in entity.cells.values()]

    assert [cell for cell in cells if "made-" in cell] == []
    assert "[masked]" in cells
    assert "masked" not in "".join(prose_of(session).values())


def test_tickets_come_in_the_order_of_deployment(session: Session) -> None:
    order = ["Option Sets", "Permissions", "Forms", "Templates", "Work Types", "Workflows", "Other"]
    alone = [group for group in session.groups if not group.dependencies]

    places = [order.index(group.display_group.value) for group in alone]

    assert places == sorted(places)
    numbers = {group.key: group.number for group in session.groups}
    assert all(
        numbers[d.group_key] < group.number for group in session.groups for d in group.dependencies
    )


def test_the_order_of_files_and_another_export_make_no_difference(tmp_path: Path) -> None:
    made = sandbox_environments()["development"]
    one = session_of(packed(tmp_path / "one", made))
    again = tmp_path / "again"
    again.mkdir()
    content = build_package(
        made,
        tuple(reversed(tuple(made.by_key))),
        export_id="another",
        created_on=datetime(2026, 3, 4, tzinfo=UTC),
    )
    (again / "one.zip").write_bytes(content)

    assert session_of(again).groups == one.groups


def test_a_mandatory_dependency_outside_the_package_is_reported(tmp_path: Path) -> None:
    made = sandbox_environments()["development"]
    key = next(key for key in made.by_key if key.startswith("sharedo-type"))

    found = session_of(packed(tmp_path, made, key))

    (group,) = found.groups
    outside = [r for r in group.relations if r.kind is RelationKind.PREREQUISITE]
    assert len(outside) == len(made.by_key[key].mandatory)
    assert "dependency_outside" in {finding.code for finding in found.findings}


def test_a_recommended_dependency_is_a_relates_link(session: Session) -> None:
    linked = [r for group in session.groups for r in group.linked_relations]

    assert {r.kind for r in linked} == {RelationKind.RECOMMENDED, RelationKind.DEFERRED}


def test_packages_of_two_environments_become_migration_tickets(difference: Session) -> None:
    titles = [group.title for group in difference.groups]

    assert "Update work type: Matter in test" in titles
    assert "Create work type: Employment tribunal in test" in titles
    matter = difference.by_title["Update work type: Matter in test"]
    assert matter.action is GroupAction.UPDATE
    (settings, changes) = tables_of(matter)
    assert changes.columns == ("Path", "Before", "After")
    assert ("Phases[matter-closed].ExpectedDurationDays", "20", "25") in {
        row.cells for row in changes.rows
    }
    assert settings.title == "Settings"


def test_a_change_waits_for_the_component_that_its_new_values_name(difference: Session) -> None:
    """The manifest only recommends the work type, and the relationship cannot be made before it."""
    review = difference.by_title["Update work type: Licence review in test"]
    made = difference.by_title["Create work type: Employment tribunal in test"]

    assert [(d.group_key, d.is_required) for d in review.dependencies] == [(made.key, True)]
    assert made.number < review.number
    assert [r.kind for r in review.relations] == []


def test_no_setting_is_an_id(difference: Session) -> None:
    """They are at the end, folded: nobody sets them."""
    made = difference.by_title["Create work type: Employment tribunal in test"]

    shown = [
        (table.title, column, cell)
        for table in tables_of(made)
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column not in table.upkeep and GUID.fullmatch(cell)
    ]

    assert shown == []
    assert any("FromPhaseId" in table.upkeep for table in tables_of(made))


TICKETS = {
    "Update work type: Matter in test": [
        "The work type “Matter” in test is to be as in development.",
        "Phases[matter-closed].ExpectedDurationDays of “Matter” is “25” in test.",
        "Phases[matter-negotiation] of “Matter” is in test as tabled after the change.",
        "test no longer has PhaseTransitions[matter-instructed-to-settlement] of “Matter”.",
        "A comparison of fresh exports of development and test shows no difference for matter;",
    ],
    "Create work type: Employment tribunal in test": [
        "test needs the work type “Employment tribunal”.",
        "The Modeller of test shows the work type “Employment tribunal” with the system name",
        "New employment-tribunal-new has IsStart “true” and IsEnd “false”.",
    ],
}


@each("title", TICKETS)
def test_a_ticket_says_what_is_needed_and_checks_each_row(difference: Session, title: str) -> None:
    said = re.sub(r"<[^>]+>", "", prose_of(difference)[title])

    assert [sentence for sentence in TICKETS[title] if sentence not in said] == []
    assert GUID.search(said) is None


def test_what_only_the_target_has_is_reviewed_and_never_removed(tmp_path: Path) -> None:
    packed(tmp_path, sandbox_environments()["test"], name="a.zip")
    packed(tmp_path, sandbox_environments()["development"], name="b.zip")
    compare(tmp_path, "test a.zip", "live b.zip")

    found = session_of(tmp_path)

    said = prose_of(found)["Review work type: Employment tribunal in live"]
    assert "A comment on this ticket says whether “Employment tribunal” stays in live" in said
    assert "IsStart" not in said
    assert all(group.action is not GroupAction.REMOVE for group in found.groups)


def test_a_new_name_of_a_component_is_a_change(tmp_path: Path) -> None:
    for name in ("dev.zip", "test.zip"):
        packed(
            tmp_path,
            sandbox_environments()["development"],
            "participant-role:claimant",
            name=name,
        )
    changed_payload(
        tmp_path / "dev.zip",
        "participant-role",
        lambda p: p["ParticipantRole"].update(Name="Party"),
    )
    compare(tmp_path, "development dev.zip", "test test.zip")

    [group] = session_of(tmp_path).groups

    assert [row.cell(AFTER) for row in group.members] == ["Party"]


def test_alike_environments_make_no_ticket_and_say_so(tmp_path: Path) -> None:
    made = sandbox_environments()["development"]
    packed(tmp_path, made, name="a.zip")
    packed(tmp_path, made, name="b.zip")
    compare(tmp_path, "a a.zip", "b b.zip")

    found = session_of(tmp_path)

    assert found.groups == ()
    assert "nothing_differs" in {finding.code for finding in found.findings}


@pytest.mark.parametrize("which", ["session", "difference"])
def test_the_template_writer_speaks_of_sharedo_only(
    which: str, request: pytest.FixtureRequest
) -> None:
    found: Session = request.getfixturevalue(which)
    writer = TemplateWriter()

    prose = {}
    for brief in briefs_of(found):
        group, parts = brief.group, writer.write(brief).parts
        prose[group.key] = (
            f"{parts.user_story}{parts.analysis}{parts.questions}{parts.verification}"
        )

    assert {k: DRUPAL_WORDS.findall(t) for k, t in prose.items() if DRUPAL_WORDS.search(t)} == {}
    assert all("<li>" in text for text in prose.values())


def test_a_model_is_asked_about_every_component(session: Session) -> None:
    requests = [*expected_requests(briefs_of(session), PromptRule()).values()]

    assert len(requests) == len(session.groups)
    assert len({request.tokens_shared for request in requests}) == 1


def test_sheets_beside_packages_and_other_forms_of_a_component_are_refused(tmp_path: Path) -> None:
    made = sandbox_environments()["development"]
    packed(tmp_path, made, name="a.zip")
    packed(tmp_path, sandbox_environments()["test"], name="b.zip")
    reading = read_packages(
        sorted(tmp_path.iterdir()),
        limits=PackageLimits(),
        secret_key=b"any",
        others=("Fields.csv",),
    )

    assert {f.code for f in reading.findings} == {"mixed_sources", "component_repeated"}


WIDE = [
    {
        "SystemName": f"widget-{number}",
        **{f"Field{column}": f"value {number} {column}" for column in range(12)},
        "Config": json.dumps({f"only{number}": {"deep": [number, None, f"x{number}"]}, "on": True}),
        "Id": f"00000000-0000-0000-0000-00000000000{number}",
    }
    for number in range(1, 5)
]


def test_a_wide_list_is_one_table_that_holds_every_value(tmp_path: Path) -> None:
    made = sandbox_environments()["development"]
    matter = made.by_key["sharedo-type:matter"]
    payload = {**matter.payload, "PortalWidgets": WIDE, "Tags": ["a", "b"]}
    made = replace(made, components=(replace(matter, payload=payload),))

    (group,) = session_of(packed(tmp_path, made)).groups

    (table,) = [t for t in tables_of(group) if t.file.endswith("/PortalWidgets")]
    assert table_discrepancies(group, tables_of(group)) == ()
    in_table = [c for c in table.columns if c not in table.below_table | table.upkeep]
    assert in_table[0] == "SystemName"
    assert len(in_table) == 7
    assert table.upkeep == {"Id"}
    assert group.heads[0].cell("Tags[#1]") == "a"


def test_components_whose_names_are_written_alike_have_tables_of_their_own(tmp_path: Path) -> None:
    """Spaces are replaced in the name of a table, and no session keeps two of one name."""
    (first, *_) = ONE_OF_EACH.components
    names = ("case owner", "case-owner")
    components = tuple(replace(first, name=name, mandatory=(), recommended=()) for name in names)

    reading = read_packages(
        [packed(tmp_path, replace(ONE_OF_EACH, components=components)) / "one.zip"],
        comparison=None,
        limits=PackageLimits(),
        secret_key=b"any",
    )

    assert reading.findings == ()
    assert len({table.file.name for table in reading.tables}) == len(names)
    assert {table.file.file_name for table in reading.tables} == {"one.zip"}

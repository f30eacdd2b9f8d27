"""A ShareDo package becomes entities, groups and tickets that show every value of its components.

That no value of a package is lost on the way to entities is in `test_sharedo_sections`.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.model.entity_groups import GroupAction, RelationKind
from jira_pipeline.review.documents.configuration_tables import tables_of
from jira_pipeline.review.documents.table_comparison import table_discrepancies
from jira_pipeline.sources.sharedo.lexicon import KNOWN_THERE
from jira_pipeline.sources.sharedo.reading.packages import PackageLimits
from jira_pipeline.sources.sharedo.reading.reading import read_packages
from jira_pipeline.sources.sharedo.sandbox.environments import describe_development, describe_test
from jira_pipeline.sources.sharedo.sandbox.made_packages import (
    build_package,
    environment_from,
    made_environment,
)
from jira_pipeline.writing.completion.prompt import PromptRule
from jira_pipeline.writing.cost_estimate import expected_requests
from jira_pipeline.writing.template import TemplateWriter
from jira_pipeline_tests.sources.sharedo.made_packages import (
    DRUPAL_WORDS,
    Session,
    briefs_of,
    changed_payload,
    compare,
    packed,
    session_of,
)

GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return session_of(packed(tmp_path_factory.mktemp("packages"), made_environment(7)))


@pytest.fixture(scope="module")
def difference(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("difference")
    packed(folder, environment_from(describe_development()), name="dev.zip")
    packed(folder, environment_from(describe_test()), name="test.zip")
    compare(folder, "development dev.zip", "test test.zip")
    return session_of(folder)


def test_a_secret_is_in_no_ticket_and_asked_for(session: Session) -> None:
    cells = [cell for entity in session.specification.entities for cell in entity.cells.values()]

    assert [cell for cell in cells if "made-" in cell] == []
    assert "[masked]" in cells
    assert any(
        "Which value does `Configuration.apiKey`" in q.question for _, q in session.questions
    )


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
    made = made_environment(7)
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


def test_a_mandatory_dependency_outside_the_package_is_reported_and_asked(tmp_path: Path) -> None:
    made = made_environment(7)
    key = next(key for key in made.by_key if key.startswith("sharedo-type"))

    found = session_of(packed(tmp_path, made, key))

    (group,) = found.groups
    outside = [r for r in group.relations if r.kind is RelationKind.PREREQUISITE]
    assert len(outside) == len(made.by_key[key].mandatory)
    assert any("Does the target have" in q.question for _, q in found.questions)
    assert "dependency_outside" in {finding.code for finding in found.findings}


def test_a_recommended_dependency_is_a_relates_link(session: Session) -> None:
    linked = [r for group in session.groups for r in group.linked_relations]

    assert {r.kind for r in linked} == {RelationKind.RECOMMENDED, RelationKind.DEFERRED}


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (lambda p: p["SharedoType"].update(IsActive=False), "SharedoType.IsActive = `false`"),
        (
            lambda p: p.update(Phases=[], BaseSharedo={"ParentSystemName": "case"}),
            "without Phases? That list is empty in the package. The parent type `case`, in no ticket",
        ),
        (
            lambda p: p.update(Notifications=[{"SystemName": "new", "Attach": ["terms.pdf"]}]),
            "Where does the file `terms.pdf` come from? `Attach[#1]` of `new` names it",
        ),
        (  # asked once
            lambda p: p.update(KeyFacts=[{"SystemName": "a", "Token": "x1"}], BasicAuth="u:p"),
            "`BasicAuth`",
        ),
    ],
)
def test_what_a_work_type_leaves_open_is_asked(tmp_path: Path, change: Any, asked: str) -> None:
    assert any(asked in question for question in asked_newly(tmp_path, change))


@pytest.mark.parametrize(
    ("section", "number", "change", "asked"),
    [
        ("PhaseTransitions", 0, {"ToPhaseSystemName": "x1"}, "Which entry of Phases is `x1`?"),
        ("RoleAssociations", 0, {"ToRoleSystemName": "x1"}, "entry of SharedoTypeRoles is `x1`?"),
        ("MenuItems", 1, {"MenuSystemName": "x1"}, "Which entry of Menus is `x1`? “Documents”"),
        ("Phases", 0, {"IsStart": False}, "“Matter” begin? Marked as start: none."),
        ("Phases", 1, {"IsStart": True}, "Marked as start: “New” and “Triage”."),
        ("PhaseTransitions", 3, {"ToPhaseSystemName": "matter-closed"}, "get into “Settlement”?"),
        ("PhaseTransitions", 4, {"ToPhaseSystemName": "matter-triage"}, "end in “Settlement”?"),
    ],
)
def test_entries_that_do_not_fit_together_are_asked_about(
    tmp_path: Path, section: str, number: int, change: dict[str, Any], asked: str
) -> None:
    new = asked_newly(tmp_path, lambda payload: payload[section][number].update(change))

    assert any(asked in question for question in new)
    assert "none." not in asked or len(new) == 1  # without a start nobody knows what it reaches


def test_what_a_parent_type_has_is_not_asked_about(tmp_path: Path) -> None:
    def change(payload: dict[str, Any]) -> None:
        payload["SharedoType"]["ParentSystemName"] = "employment-tribunal"
        payload["SharedoTypeRoles"] = []
        payload["MenuItems"][0]["MenuSystemName"] = "employment-tribunal-menu"

    assert asked_newly(tmp_path, change) == set()


def test_a_role_that_the_target_knows_is_not_asked_about(tmp_path: Path) -> None:
    made = packed(tmp_path, environment_from(describe_development()), name="a.zip") / "a.zip"
    changed_payload(made, "sharedo-type-employment", lambda p: p["SharedoTypeRoles"].pop())
    packed(tmp_path, environment_from(describe_test()), name="b.zip")
    compare(tmp_path, "a a.zip", "b b.zip")

    assert not [q for _, q in session_of(tmp_path).questions if "Which entry" in q.question]


def asked_newly(folder: Path, change: Callable[[Any], object]) -> set[str]:
    """Return what is asked of the sandbox's packages once the payload of Matter is changed."""
    packed(folder, environment_from(describe_development()))
    before = {q.question for _, q in session_of(folder).questions}
    changed_payload(folder / "one.zip", "sharedo-type-matter", change)
    return {q.question for _, q in session_of(folder).questions} - before


@pytest.mark.parametrize(
    ("template", "is_asked"),
    [
        ({"FileName": "offer.docx"}, True),
        ({"Format": "docx"}, True),
        ({"Format": "docx", "Body": "<p>Dear all</p>"}, True),
        ({}, True),
        ({"Body": "<p>Dear all</p>"}, False),
        ({"Format": "html", "FileName": "offer.docx"}, False),
    ],
    ids=str,
)
def test_a_template_whose_document_is_absent_asks_for_it(
    tmp_path: Path, template: dict[str, object], *, is_asked: bool
) -> None:
    made = made_environment(7)
    key = next(key for key in made.by_key if key.startswith("document-template"))
    path = packed(tmp_path, made, key) / "one.zip"
    changed_payload(path, "document-template", lambda p: p.update(Template=template))

    questions = [q.question for _, q in session_of(tmp_path).questions]

    assert any("Which file is" in question for question in questions) is is_asked


def test_packages_of_two_environments_become_migration_tickets(difference: Session) -> None:
    titles = [group.title for group in difference.groups]

    assert "Update work type: Matter in test" in titles
    assert "Create work type: Employment tribunal in test" in titles
    matter = difference.by_title["Update work type: Matter in test"]
    assert matter.action is GroupAction.UPDATE
    (settings, changes) = tables_of(matter)
    assert changes.columns == ("Path", "Before", "After", "Severity")
    assert ("Phases[matter-closed].ExpectedDurationDays", "20", "25", "high") in {
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


def test_no_setting_is_an_id_or_what_the_comparison_keeps(difference: Session) -> None:
    """Both are at the end, folded: nobody sets them."""
    made = difference.by_title["Create work type: Employment tribunal in test"]

    shown = [
        (table.title, column, cell)
        for table in tables_of(made)
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column not in table.upkeep and (column == KNOWN_THERE or GUID.fullmatch(cell))
    ]

    assert shown == []
    assert made.heads[0].cell(KNOWN_THERE)
    assert any("FromPhaseId" in table.upkeep for table in tables_of(made))


def test_what_only_the_target_has_is_reviewed_and_never_removed(tmp_path: Path) -> None:
    packed(tmp_path, environment_from(describe_test()), name="a.zip")
    packed(tmp_path, environment_from(describe_development()), name="b.zip")
    compare(tmp_path, "test a.zip", "live b.zip")

    found = session_of(tmp_path)

    assert "Review work type: Employment tribunal in live" in found.by_title
    assert all(group.action is not GroupAction.REMOVE for group in found.groups)


def test_alike_environments_make_no_ticket_and_say_so(tmp_path: Path) -> None:
    made = made_environment(7)
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
    requests = [*expected_requests(briefs_of(session), PromptRule())]

    assert len(requests) == len(session.groups)
    assert len({request.tokens_shared for request in requests}) == 1


def test_sheets_beside_packages_and_other_forms_of_a_component_are_refused(tmp_path: Path) -> None:
    made = environment_from(describe_development())
    packed(tmp_path, made, name="a.zip")
    packed(tmp_path, environment_from(describe_test()), name="b.zip")
    reading = read_packages(
        tmp_path, limits=PackageLimits(), secret_key=b"any", others=("Fields.csv",)
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
    described = describe_development()
    described["work_types"]["Matter"]["sections"] = {"PortalWidgets": WIDE, "Tags": ["a", "b"]}
    made = environment_from(described)

    (group,) = session_of(packed(tmp_path, made, "sharedo-type:matter")).groups

    (table,) = [t for t in tables_of(group) if t.file.endswith("/PortalWidgets")]
    assert table_discrepancies(group, tables_of(group)) == ()
    in_table = [c for c in table.columns if c not in table.below_table | table.upkeep]
    assert in_table[0] == "SystemName"
    assert len(in_table) == 7
    assert table.upkeep == {"Id"}
    assert group.heads[0].cell("Tags[#1]") == "a"

"""The project check tells what an export would stumble over, and writes nothing."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from jira_pipeline.export.jira_names import AS_SHIPPED, JiraNames, LinkKind
from jira_pipeline.export.project_check import (
    ProjectCheck,
    ProjectNeeds,
    needs_of,
    unmet_requirements,
)
from jira_pipeline.model.errors import AccessError, RefusedError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.tickets import Ticket
from jira_pipeline_tests.crash.export_faults import bent
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.export.whole_exports import planned, refill, refusal, where
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.rules_of_sites import CustomField, ProjectRules, SiteRules, give_rules
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import WORLDS

OUT_OF_SCOPE = httpx.Response(
    401, json={"code": 401, "message": "Unauthorized; scope does not match"}
)


def check(
    world: ExportWorld,
    *,
    project_key: str = "SBX",
    needs: ProjectNeeds | None = None,
    names: JiraNames | None = None,
    is_of_session: bool = True,
) -> ProjectCheck:
    """Check a project of the site; with names it is a real one."""
    with world.process() as (tools, _):
        report = ProjectCheck(
            tools.tracker,
            project_key=project_key,
            is_sandbox=names is None,
            is_of_session=is_of_session,
            needs=needs or ProjectNeeds(),
            names=names or AS_SHIPPED,
        )
        report.run()
    return report


def set_rules(world: ExportWorld, *, site: dict[str, Any] | None = None, **rules: Any) -> None:
    give_rules(world.sandbox, SiteRules(projects={"SBX": ProjectRules(**rules)}, **(site or {})))


def tickets_of(world: ExportWorld) -> list[Ticket]:
    with world.process() as (_, order):
        return [rendered.ticket for rendered in order.rendered]


def test_an_ordinary_project_is_reported_whole_and_without_complaint(world: ExportWorld) -> None:
    report = json_object(check(world))

    assert report == {
        "target": "sandbox",
        "account": "Sandbox Owner",
        "project_key": "SBX",
        "project_name": report["project_name"],
        "can_view": True,
        "can_create": True,
        "sprints": [
            {"id": "1", "name": "SBX Sprint 1", "state": "active"},
            {"id": "2", "name": "SBX Sprint 2", "state": "future"},
        ],
        "team_members": report["team_members"],
        "priorities": ["Highest", "High", "Medium", "Low", "Lowest"],
        "site_id": report["site_id"],
        "is_team_managed": False,
        "issue_type": {"id": "10002", "name": "Task"},
        "link_types": [
            {
                "kind": "Blocks",
                "id": "10000",
                "name": "Blocks",
                "reads": "the first blocks the second",
            },
            {
                "kind": "Relates",
                "id": "10003",
                "name": "Relates",
                "reads": "the first relates to the second",
            },
        ],
        "fields": report["fields"],
        "needed_scopes": [],
        "requirements": {"needs_sprint": False, "needs_assignee": False, "needs_priorities": False},
        "is_usable": True,
        "warnings": [],
        "blocking_issues": [],
    }
    members = report["team_members"]
    assert isinstance(members, list)
    assert {m["display_name"] for m in members} >= {"Ada Example", "Grace Example"}


def test_a_project_that_is_not_there_blocks_and_the_rest_is_not_asked(world: ExportWorld) -> None:
    report = check(world, project_key="NONE")

    assert (report.can_view, report.can_create, report.is_usable) == (False, False, False)
    [blocking] = report.blocking_issues
    assert "no project NONE" in blocking
    assert json_object(report)["project_name"] is None


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"withheld_permissions": {"*": ("CREATE_ISSUES",)}}, ("CREATE_ISSUES",)),
        ({"issue_types": ("Bug", "Story", "Epic")}, ("JIRA_ISSUE_TYPE", "Bug (10004)")),
        ({"off_create_screen": ("description",)}, ("description",)),
    ],
    ids=["permission", "issue type", "description"],
)
def test_without_what_every_issue_needs_nothing_can_be_created(
    world: ExportWorld, rules: dict[str, Any], words: tuple[str, ...]
) -> None:
    set_rules(world, **rules)

    report = check(world)

    assert (report.can_view, report.is_usable) == (True, False)
    assert any(all(word in text for word in words) for text in report.blocking_issues)


@pytest.mark.parametrize(
    "permission", ["ASSIGN_ISSUES", "LINK_ISSUES", "CREATE_ATTACHMENTS", "SCHEDULE_ISSUES"]
)
def test_a_missing_permission_for_one_field_is_a_warning(
    world: ExportWorld, permission: str
) -> None:
    set_rules(world, withheld_permissions={"*": (permission,)})

    report = check(world)

    assert report.is_usable
    assert [permission in text for text in report.warnings] == [True]


def test_a_required_field_blocks_unless_every_ticket_fills_it(world: ExportWorld) -> None:
    custom = CustomField(id="customfield_10050", name="Cost centre")
    set_rules(
        world, site={"custom_fields": (custom,)}, required_fields=("customfield_10050", "assignee")
    )
    tickets = tickets_of(world)
    assigned = [replace(ticket, assignee="ada@sandbox.example") for ticket in tickets]

    def blocking(tickets: list[Ticket], **fields: tuple[str, ...]) -> list[str]:
        names = JiraNames(fields=fields) if fields else None
        return check(world, needs=needs_of(tickets), names=names).blocking_issues

    [some], [all_of_them] = blocking(tickets), blocking(assigned)
    assert "not filled: Assignee (user), Cost centre (string, com.atlassian." in some
    assert "Assignee: name them as defaults.assignee. " in some
    assert "such as `{Cost centre: a text}`, and upload it" in all_of_them
    assert "Assignee" not in all_of_them
    assert blocking(assigned, **{"cost centre": ("7",)}) == []
    assert "defaults.fields, Centre: " in blocking(assigned, Centre=("7",))[0]


def test_without_a_session_a_required_field_is_what_each_session_has_to_fill(
    world: ExportWorld,
) -> None:
    """The check failed whatever sessions would say."""
    custom = CustomField(id="customfield_10050", name="Cost centre")
    set_rules(world, site={"custom_fields": (custom,)}, required_fields=("customfield_10050",))

    report = check(world, is_of_session=False)

    assert report.is_usable
    assert "each session has to fill: Cost centre (string" in report.warnings[0]
    assert "such as `{Cost centre: a text}`" in report.warnings[0]


def test_what_a_session_needs_and_the_project_lacks_is_a_warning(world: ExportWorld) -> None:
    """And nothing is changed."""
    needs = ProjectNeeds(
        sprints=("SBX Sprint 1", "Sprint 9"),
        assignees=("ada@sandbox.example", "example", "who@ever"),
        priorities=("high", "Sky-high"),
    )

    report = check(world, needs=needs)

    assert report.is_usable
    assert json_object(report)["requirements"] == {
        "needs_sprint": True,
        "needs_assignee": True,
        "needs_priorities": True,
    }
    assert [text.partition(":")[0] for text in report.warnings] == [
        *("Priority Sky-high", "Assignee example", "Assignee who@ever", "Sprint Sprint 9")
    ]
    assert not any(entry.changes for entry in journal_of(world.sandbox))


def test_fields_off_the_create_screen_are_reported_where_they_are_used(world: ExportWorld) -> None:
    set_rules(world, off_create_screen=("labels", "assignee", "priority", "parent"))

    [first, *_] = tickets_of(world)
    bare = replace(first, assignee="ada@sandbox.example", priority=None, parent=None)

    labels, assignee = check(world, needs=needs_of([bare])).warnings

    assert "Labels" in labels
    assert "assignee" in assignee


def test_linking_switched_off_is_reported(world: ExportWorld) -> None:
    set_rules(world, site={"is_linking_on": False})

    warnings = check(world).warnings

    subjects = [text.partition(": ")[0] for text in warnings if "linking is off" in text]
    assert subjects == ["Link type Blocks", "Link type Relates"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/rest/api/3/issueLinkType", "The link types could not be read"),
        ("/rest/api/3/user/assignable/search", "The team members could not be read"),
    ],
)
def test_what_may_not_be_read_is_a_warning_and_not_an_absence(
    world: ExportWorld, path: str, words: str
) -> None:
    world.answering = where(path, refusal(403))

    report = check(world, needs=ProjectNeeds(priorities=("High",)))

    assert [words in warning for warning in report.warnings] == [True]


def test_a_site_that_does_not_know_us_is_an_error_and_no_report(world: ExportWorld) -> None:
    world.answering = lambda _request, _site: refusal(401)

    with pytest.raises(AccessError):
        check(world)


def test_a_project_jira_refuses_for_another_reason_is_not_reported_as_absent(
    world: ExportWorld,
) -> None:
    archived = httpx.Response(410, json={"errorMessages": ["Archived."], "errors": {}})
    world.answering = where("/rest/api/3/project/SBX", archived)

    with pytest.raises(RefusedError, match="Archived"):
        check(world)


def test_a_language_that_hides_what_jira_ships_asks_for_the_type(world: ExportWorld) -> None:
    site = {**WORLDS["localised"].changed_rules, "tells_untranslated_names": False}
    set_rules(world, site=site)

    [blocking] = check(world).blocking_issues
    named = check(world, names=JiraNames(issue_type="aufgabe"))

    assert "Aufgabe (10002)" in blocking
    assert "JIRA_ISSUE_TYPE" in blocking
    assert named.is_usable


def test_a_link_type_that_people_named_and_nobody_has_blocks(world: ExportWorld) -> None:
    report = check(world, names=JiraNames(link_types={LinkKind.BLOCKS: "Hindert"}))

    [blocking] = report.blocking_issues
    assert "JIRA_BLOCKS_LINK_TYPE" in blocking
    assert "Blocks (10000)" in blocking


@pytest.mark.parametrize("path", ["/rest/api/3/issue/bulkfetch", "/rest/api/3/search/jql"])
def test_a_site_where_nothing_can_be_looked_up_blocks(world: ExportWorld, path: str) -> None:
    """A lost answer would never be settled there."""
    world.answering = where(path, httpx.Response(403, text="no"))

    [blocking] = check(world).blocking_issues

    assert "could not be looked up" in blocking


def test_priorities_come_from_the_create_screen_without_an_administrators_scope(
    world: ExportWorld,
) -> None:
    """`priority/search` is deprecated, and took `manage:jira-configuration`."""
    world.answering = where("/priority", OUT_OF_SCOPE)

    report = check(world, needs=ProjectNeeds(priorities=("High",)))

    assert (report.priorities[0].name, report.warnings) == ("Highest", [])


def without_values(body: dict[str, Any]) -> dict[str, Any]:
    for create_field in body["fields"]:
        create_field.pop("allowedValues", None)
    return body


def test_a_priority_that_jira_lists_no_values_of_is_no_absence(world: ExportWorld) -> None:
    world.answering = where("/issuetypes/10002", bent(without_values))

    report = check(world, needs=ProjectNeeds(priorities=("Sky-high",)))

    assert (report.priorities, report.warnings) == ((), [])
    assert not unmet_requirements(
        report, needs_sprint=False, needs_assignee=False, needs_priorities=True
    )


def test_a_plan_names_the_priorities_that_the_project_lacks(world: ExportWorld) -> None:
    refill(world, {1: {"priority": "Sky-high"}, 2: {"priority": "High"}})

    [warning] = planned(world).warnings

    assert warning.startswith("Priority Sky-high:")


def test_boards_that_need_a_scope_leave_sprints_to_people(world: ExportWorld) -> None:
    world.answering = where("/board", OUT_OF_SCOPE)

    [warning] = check(world, needs=ProjectNeeds(sprints=("SBX Sprint 1",))).warnings

    assert "scope does not match" in warning

"""Sprints and parents: issues get there once, or a person is told why not."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.jira_names import Unresolved, choose_account
from jira_pipeline.export.placing import ProjectSprints, choose_sprint
from jira_pipeline.jira.sandbox.sandbox_projects import add_board, add_sprint
from jira_pipeline.model.errors import UnavailableError
from jira_pipeline.model.issue_tracker import Account, Sprint
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline_tests.crash.by_hand import make_issue
from jira_pipeline_tests.crash.export_world import Answering, ExportWorld
from jira_pipeline_tests.export.whole_exports import fields_sent, refill, set_rules, where
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.rules_of_sites import ProjectRules
from jira_pipeline_tests.tables import each

SPRINT_PATH = "/rest/agile/1.0/sprint/"


def sprints_of(world: ExportWorld) -> dict[str, str]:
    """The sprint of each issue that is in one, by title."""
    found = world.rows(
        "SELECT issue.summary, sprint.name FROM issue_sprint"
        " JOIN issue ON issue.id = issue_sprint.issue_id"
        " JOIN sprint ON sprint.id = issue_sprint.sprint_id",
    )
    return {row["summary"]: row["name"] for row in found}


def parents_of(world: ExportWorld) -> dict[str, str]:
    """The key of each issue's parent, by title."""
    found = world.rows(
        "SELECT child.summary, parent.key FROM issue AS child"
        " JOIN issue AS parent ON parent.id = child.parent_id",
    )
    return {row["summary"]: row["key"] for row in found}


def epic_in(world: ExportWorld) -> str:
    """Create an epic and return its key."""
    make_issue(world.sandbox, "Everything", kind="10000")
    [[key]] = world.rows("SELECT key FROM issue ORDER BY id DESC LIMIT 1")
    return str(key)


def test_issues_move_into_the_sprints_their_tickets_name(world: ExportWorld) -> None:
    refill(world, {1: {"sprint": "SBX Sprint 1"}, 4: {"sprint": " sbx sprint 2"}})

    world.export()

    assert sprints_of(world) == {
        "Create content type 1": "SBX Sprint 1",
        "Create content type 4": "SBX Sprint 2",
    }
    assert world.fixes() == ()
    assert world.violations() == []


NO_SPRINT: dict[str, Callable[[Any], object]] = {
    "another name": lambda rows: rows.execute("UPDATE sprint SET name = 'Other'"),
    "closed": lambda rows: rows.execute("UPDATE sprint SET state = 'closed'"),
    "two of that name": lambda rows: add_sprint(
        rows, board_id=rows.execute("SELECT id FROM board").fetchone()[0], name="SBX Sprint 2"
    ),
    "kanban": lambda rows: rows.execute("UPDATE board SET type = 'kanban'"),
    "no board": lambda rows: (
        rows.execute("DELETE FROM sprint"),
        rows.execute("DELETE FROM board"),
    ),
}


@pytest.mark.parametrize("without", NO_SPRINT.values(), ids=NO_SPRINT)
def test_a_sprint_that_cannot_be_found_leaves_the_issue_in_the_backlog(
    world: ExportWorld, without: Callable[[Any], object]
) -> None:
    refill(world, {4: {"sprint": "SBX Sprint 2"}})
    with world.sandbox.state.writing() as rows:
        without(rows)

    world.export()
    world.export()

    [fix] = world.fixes()
    assert (fix.fix_type, fix.original_value) == (FixType.SPRINT_NOT_FOUND, "SBX Sprint 2")
    assert fix.jira_url == f"http://127.0.0.1:8765/browse/{fix.jira_key}"
    assert "Move it into the sprint" in fix.recommended_action
    assert sprints_of(world) == {}


def test_a_sprint_on_a_second_board_is_found_beside_a_kanban_board(world: ExportWorld) -> None:
    refill(world, {4: {"sprint": "Launch"}})
    with world.sandbox.state.writing() as rows:
        rows.execute("UPDATE board SET type = 'kanban'")
        project_id = rows.execute("SELECT id FROM project WHERE key = 'SBX'").fetchone()[0]
        board_id = add_board(rows, project_id=project_id, name="Second", kind="scrum")
        add_sprint(rows, board_id=board_id, name="Launch")

    world.export()

    assert sprints_of(world) == {"Create content type 4": "Launch"}


def without_parent(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
    """Take a creation, and drop its parent without a word."""
    if request.url.path != "/rest/api/3/issue":
        return site.handle_request(request)
    body = json.loads(request.read())
    body["fields"].pop("parent", None)
    headers = {"Authorization": request.headers["Authorization"]}
    return site.handle_request(httpx.Request("POST", request.url, json=body, headers=headers))


@pytest.mark.parametrize(
    ("answering", "off_screen"),
    [(None, ()), (without_parent, ()), (None, ("parent",))],
    ids=["taken", "dropped without a word", "off the create screen"],
)
def test_an_issue_is_created_or_set_under_its_parent(
    world: ExportWorld, answering: Answering | None, off_screen: tuple[str, ...]
) -> None:
    epic = epic_in(world)
    refill(world, {4: {"parent": epic}})
    set_rules(world, projects={"SBX": ProjectRules(off_create_screen=off_screen)})
    world.answering = answering

    world.export()

    assert parents_of(world) == {"Create content type 4": epic}
    assert world.fixes() == ()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(204), "silently dropped it"),
        (httpx.Response(400, json={"errorMessages": ["Not an epic."], "errors": {}}), "Not an"),
    ],
)
def test_a_parent_that_stays_away_becomes_a_manual_fix(
    world: ExportWorld, answer: httpx.Response, words: str
) -> None:
    epic = epic_in(world)
    refill(world, {4: {"parent": epic}})

    def stubborn(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        return answer if request.method == "PUT" else without_parent(request, site)

    world.answering = stubborn

    world.export()
    world.export()

    [fix] = world.fixes()
    said = (fix.fix_type, fix.subject, fix.original_value)
    assert said == (FixType.FIELD_REJECTED, "parent", epic)
    assert words in fix.recommended_action
    assert fix.jira_key is not None


def test_an_issue_that_is_not_shown_is_not_asked_to_have_a_parent(world: ExportWorld) -> None:
    """It may be deleted, or hidden from us: somebody who would see it has to look."""
    refill(world, {4: {"parent": epic_in(world)}})
    world.answering = without_parent
    world.die(ExportWorld.export, "before intent of parent t04")
    world.change("DELETE FROM issue WHERE summary = 'Create content type 4'")

    with world.process() as (tools, order):
        create_issues(tools, order)

    [fix] = world.fixes()
    assert (fix.ticket_id, fix.subject) == ("t04", "parent")
    assert "does not show the issue" in fix.recommended_action
    assert [entry for entry in journal_of(world.sandbox) if entry.method == "PUT"] == []


@pytest.mark.parametrize("field", ["assignee", "priority", "labels"])
def test_a_field_off_the_create_screen_is_not_sent_and_left_to_a_person(
    world: ExportWorld, field: str
) -> None:
    values = {"priority": "High", "parent": epic_in(world), "assignee": "ada@sandbox.example"}
    refill(world, {4: values})
    set_rules(world, projects={"SBX": ProjectRules(off_create_screen=(field,))})
    sent = fields_sent(world)

    world.export()

    assert not any(field in fields for fields in sent)
    assert {fix.subject for fix in world.fixes()} == {field}
    assert {fix.ticket_id for fix in world.fixes()} >= {"t04"}


def test_parents_wait_while_issues_cannot_be_read(world: ExportWorld) -> None:
    refill(world, {4: {"parent": epic_in(world)}})
    body = {"issues": [], "issueErrors": [{"id": "10001", "errorMessage": "Later."}]}
    world.answering = where(
        lambda request: b'"parent"]' in request.read(), httpx.Response(200, json=body)
    )
    with pytest.raises(UnavailableError, match="under their parents"):
        world.export()
    world.answering = None
    world.export()

    assert world.fixes() == ()


@pytest.mark.parametrize("name", ["Sprint", "Iteration"])
def test_an_issue_that_somebody_moved_on_before_our_receipt_stays_there(
    world: ExportWorld, name: str
) -> None:
    set_rules(world, names={"Sprint": name})
    refill(world, {4: {"sprint": "SBX Sprint 1"}})
    world.die(ExportWorld.export, "before receipt of sprint t04")
    [[key]] = world.rows("SELECT key FROM issue WHERE summary LIKE '%type 4'")
    [[other]] = world.rows("SELECT id FROM sprint WHERE name = 'SBX Sprint 2'")
    assert world.ask("POST", f"{SPRINT_PATH}{other}/issue", {"issues": [key]}) == 204

    world.export()

    assert sprints_of(world) == {"Create content type 4": "SBX Sprint 2"}
    assert world.fixes() == ()


def test_our_move_into_a_sprint_keeps_no_issue_where_the_site_renamed_the_field(
    world: ExportWorld,
) -> None:
    set_rules(world, names={"Sprint": "Iteration"})
    refill(world, {4: {"sprint": "SBX Sprint 1"}})
    world.export()

    assert world.undo().kept == ()


def test_a_parent_that_somebody_set_before_our_request_stays(world: ExportWorld) -> None:
    ours, theirs = epic_in(world), epic_in(world)
    refill(world, {number: {"parent": ours} for number in (1, 4)})

    moved: list[str] = []

    def quicker(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        """Have somebody put the other issue elsewhere, once, while ours puts the first one."""
        if request.method == "PUT" and not moved:
            first = request.url.path.rpartition("/")[2]
            chosen = "SELECT id, summary FROM issue WHERE summary LIKE '%type %' AND id <> ?"
            found = world.rows(chosen, first)
            [other] = [row for row in found if row["summary"].endswith((" 1", " 4"))]
            moved.append(other["summary"])
            change = {"fields": {"parent": {"key": theirs}}}
            assert world.ask("PUT", f"/rest/api/3/issue/{other['id']}", change) == 204
        return without_parent(request, site)

    world.answering = quicker

    world.export()

    titles = {"Create content type 1", "Create content type 4"}
    assert parents_of(world) == {title: theirs if title in moved else ours for title in titles}


def test_a_parent_that_our_request_overwrote_is_told(world: ExportWorld) -> None:
    ours, theirs = epic_in(world), epic_in(world)
    refill(world, {number: {"parent": ours} for number in (1, 4)})

    def quicker(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        """Have somebody put one issue elsewhere while our request is on its way."""
        if request.method == "PUT" and parents_of(world) == {}:
            change = {"fields": {"parent": {"key": theirs}}}
            assert world.ask("PUT", request.url.path, change) == 204
        return without_parent(request, site)

    world.answering = quicker

    world.export()
    world.export()

    assert set(parents_of(world).values()) == {ours}
    [fix] = world.fixes()
    said = (fix.fix_type, fix.subject, fix.original_value)
    assert said == (FixType.EDITED_MEANWHILE, "parent", theirs)
    assert f"under “{ours}”" in fix.recommended_action


WITHHELD = {
    "SCHEDULE_ISSUES": FixType.SPRINT_NOT_FOUND,
    "ASSIGN_ISSUES": FixType.ASSIGNEE_INVALID,
    "LINK_ISSUES": FixType.DEPENDENCY_LINK,
    "CREATE_ATTACHMENTS": FixType.ATTACHMENT_UPLOAD,
}


@pytest.mark.parametrize(("permission", "kind"), WITHHELD.items(), ids=WITHHELD)
def test_what_we_may_not_do_is_left_to_people_and_not_tried(
    world: ExportWorld, permission: str, kind: FixType
) -> None:
    refill(world, {4: {"sprint": "SBX Sprint 1"}})
    withheld = {"owner@sandbox.example": (permission,)}
    set_rules(world, projects={"SBX": ProjectRules(withheld_permissions=withheld)})

    world.export()

    assert {fix.fix_type for fix in world.fixes()} == {kind}
    assert all(permission in fix.recommended_action for fix in world.fixes())
    assert [entry.status for entry in journal_of(world.sandbox) if (entry.status or 0) >= 400] == []


def test_a_priority_the_project_does_not_have_is_not_even_sent(world: ExportWorld) -> None:
    refill(world, {4: {"priority": "Highest"}, 5: {"priority": "medium"}})
    set_rules(world, projects={"SBX": ProjectRules(priorities=("High", "Medium", "Low"))})

    world.export()

    [fix] = world.fixes()
    assert fix.fix_type is FixType.PRIORITY_UNAVAILABLE
    assert "High, Medium, Low" in fix.recommended_action
    assert all((entry.status or 0) < 400 for entry in journal_of(world.sandbox))


ADA = Account(account_id="1", display_name="Ada Example", email="ada@a.example")
ADA_TOO = Account(account_id="2", display_name="Ada Example", email=None)
GRACE = Account(account_id="3", display_name="Grace Example", email=None)


@each(
    ("asked", "users", "account_id"),
    [
        ("ada@a.example", (ADA, GRACE), "1"),
        ("ADA@A.EXAMPLE", (ADA,), "1"),
        ("grace example", (ADA, GRACE), "3"),
        ("Grace", (GRACE,), "3"),
        ("grace@a.example", (GRACE,), "3"),
    ],
)
def test_one_person_is_found_by_address_or_name(
    asked: str, users: tuple[Account, ...], account_id: str
) -> None:
    found = choose_account(asked, users)

    assert isinstance(found, Account)
    assert found.account_id == account_id


@each(
    ("asked", "users", "words"),
    [
        ("nobody", (), "no one with that"),
        ("other@a.example", (ADA,), "no one with that"),
        ("Ada Example", (ADA, ADA_TOO), "2 people may be meant: Ada Example, Ada Example"),
        ("Example", (ADA, GRACE), "Ada Example, Grace Example"),
        ("x", tuple(replace(GRACE, account_id=str(n)) for n in range(7)), "and 2 more"),
    ],
)
def test_nobody_or_several_ask_a_person(asked: str, users: tuple[Account, ...], words: str) -> None:
    found = choose_account(asked, users)

    assert isinstance(found, Unresolved)
    assert words in found.reason


def test_of_sprints_with_one_name_the_active_one_is_meant() -> None:
    sprints = tuple(
        Sprint(sprint_id=str(number), name="Launch", state=state)
        for number, state in enumerate(("future", "active", "future"))
    )

    found = choose_sprint("Launch", ProjectSprints(sprints=sprints))

    assert isinstance(found, Sprint)
    assert found.sprint_id == "1"

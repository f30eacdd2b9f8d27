"""What an administrator decides: lag of the index, screens, permissions, levels, limits."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox, schema_steps
from jira_pipeline.jira.sandbox.sandbox_site import NOBODY, SANDBOX_BASE_URL
from jira_pipeline.jira.sandbox_http import SandboxRequest, SandboxTransport
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.rules_of_sites import (
    CustomField,
    ProjectRules,
    SiteRules,
    give_rules,
    rules_of,
)
from jira_pipeline_tests.jira.sandbox.plain_issues import (
    API,
    NO_CHECK,
    NOW,
    SIGNED_IN,
    Create,
    ends,
    fetched,
    fields_of,
    found_by,
    post_issue,
)
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

AGILE = "/rest/agile/1.0"
ADA = ("ada@sandbox.example", "token")
Connect = Callable[[tuple[str, str] | None], httpx.Client]


def errors_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 400, answer.text
    return dict(answer.json()["errors"])


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[FaultySandbox]:
    """Return an empty site that obeys its rules, and whose clock does not move."""
    with FaultySandbox(tmp_path / "sandbox.sqlite", clock=lambda: NOW) as one:
        yield one


def test_a_search_finds_an_issue_only_after_the_lag_and_bulkfetch_at_once(tmp_path: Path) -> None:
    seconds, seen = [0.0], []
    with (
        FaultySandbox(
            tmp_path / "sandbox.sqlite", clock=lambda: NOW + timedelta(seconds=seconds[0])
        ) as sandbox,
        httpx.Client(
            transport=SandboxTransport(sandbox), base_url=SANDBOX_BASE_URL, auth=ADA
        ) as client,
    ):
        give_rules(sandbox, SiteRules(index_lag_seconds=300))
        post_issue(client)
        for seconds[0] in (0.0, 299.9, 300.0):
            seen.append((found_by(client), fetched(client, "SBX-1")))

    assert seen == [([], ["SBX-1"]), ([], ["SBX-1"]), (["SBX-1"], ["SBX-1"])]


def test_rules_of_one_project_leave_the_others_alone(
    client: httpx.Client, sandbox: JiraSandbox
) -> None:
    sandbox.ensure_project("WEB")
    off = ProjectRules(off_create_screen=("labels",))
    give_rules(sandbox, SiteRules(projects={"WEB": off}))

    here = post_issue(client, labels=["a"])
    there = post_issue(client, project={"key": "WEB"}, labels=["a"])

    assert [here.status_code, there.status_code] == [201, 400]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        pytest.param("text", "Red", 5, id="text"),
        pytest.param("option", {"value": "Red"}, {"value": "Pink"}, id="option"),
    ],
)
def test_a_required_custom_field_is_asked_for_checked_and_shown(
    client: httpx.Client, sandbox: JiraSandbox, kind: Any, good: object, bad: object
) -> None:
    team = CustomField(id="customfield_10050", name="Team", kind=kind, options=("Blue", "Red"))
    required = ProjectRules(required_fields=("customfield_10050",))
    give_rules(sandbox, SiteRules(custom_fields=(team,), projects={"SBX": required}))

    missing, wrong = post_issue(client), post_issue(client, customfield_10050=bad)
    created = post_issue(client, customfield_10050=good)
    page = client.get(f"{API}/issue/createmeta/SBX/issuetypes/10002").json()

    assert errors_of(missing) == {"customfield_10050": "Team is required."}
    assert set(errors_of(wrong)) == {"customfield_10050"}
    shown = fields_of(client, created.json()["key"])
    assert shown["customfield_10050"] == ({"id": "2", "value": "Red"} if kind == "option" else good)
    assert [f["required"] for f in page["fields"] if f["fieldId"] == "customfield_10050"] == [True]


def test_who_may_be_assigned_follows_the_project(
    client: httpx.Client, sandbox: JiraSandbox
) -> None:
    withheld = ProjectRules(withheld_permissions={ADA[0]: ("ASSIGNABLE_USER",)})
    give_rules(sandbox, SiteRules(projects={"SBX": withheld}))

    found = client.get(f"{API}/user/assignable/search?project=SBX&query=example").json()
    refused = post_issue(client, assignee={"accountId": "5b10ac8d82e05b22cc7d4ef5"})

    assert "Ada Example" not in {one["displayName"] for one in found}
    assert "Grace Example" in {one["displayName"] for one in found}
    assert set(errors_of(refused)) == {"assignee"}


def test_a_project_offers_its_own_issue_types_and_priorities(
    client: httpx.Client, sandbox: JiraSandbox
) -> None:
    own = ProjectRules(issue_types=("Story",), priorities=("High", "Medium"))
    give_rules(sandbox, SiteRules(projects={"SBX": own}))

    kinds = client.get(f"{API}/issue/createmeta/SBX/issuetypes").json()["issueTypes"]
    screen = client.get(f"{API}/issue/createmeta/SBX/issuetypes/10001").json()["fields"]
    [priority] = [field for field in screen if field["fieldId"] == "priority"]
    wrong = post_issue(client, priority={"name": "Highest"})

    assert [one["name"] for one in kinds] == ["Story"]
    assert [option["name"] for option in priority["allowedValues"]] == ["High", "Medium"]
    assert set(errors_of(wrong)) == {"issuetype", "priority"}


@pytest.mark.parametrize(
    ("permission", "method", "path", "body", "status"),
    [
        ("CREATE_ISSUES", "POST", "issue", {"fields": {}}, 400),
        ("EDIT_ISSUES", "PUT", "issue/SBX-1", {"fields": {"summary": "y"}}, 403),
        ("DELETE_ISSUES", "DELETE", "issue/SBX-1", None, 403),
        ("TRANSITION_ISSUES", "POST", "issue/SBX-1/transitions", {"transition": {"id": "3"}}, 400),
        ("CREATE_ATTACHMENTS", "POST", "issue/SBX-1/attachments", None, 403),
        (
            "LINK_ISSUES",
            "POST",
            "issueLink",
            ends("SBX-1", "SBX-2"),
            404,
        ),
        ("ASSIGN_ISSUES", "PUT", "issue/SBX-1", {"fields": {"assignee": None}}, 400),
        ("SCHEDULE_ISSUES", "PUT", "issue/SBX-1", {"fields": {"duedate": "2026-01-01"}}, 400),
        ("MODIFY_REPORTER", "PUT", "issue/SBX-1", {"fields": {"reporter": None}}, 400),
        ("WORK_ON_ISSUES", "POST", "issue/SBX-1/worklog", {"timeSpentSeconds": 60}, 400),
        ("ADD_COMMENTS", "POST", "issue/SBX-1/comment", {"body": {}}, 400),
        ("BROWSE_PROJECTS", "GET", "issue/SBX-1", None, 404),
        ("BROWSE_PROJECTS", "GET", "project/SBX", None, 404),
    ],
)
def test_what_is_not_permitted_is_refused_and_mypermissions_says_so(  # noqa: PLR0917 - fixtures
    client: httpx.Client,
    connect: Connect,
    sandbox: JiraSandbox,
    create: Create,
    permission: str,
    method: str,
    path: str,
    body: object,
    status: int,
) -> None:
    create("one")
    create("two")
    withheld = ProjectRules(withheld_permissions={ADA[0]: (permission,)})
    give_rules(sandbox, SiteRules(projects={"SBX": withheld}))
    ada = connect(ADA)

    answer = ada.request(method, f"{API}/{path}", json=body, headers=NO_CHECK)
    asked = f"{API}/mypermissions?permissions={permission}"

    assert answer.status_code == status, answer.text
    assert ada.get(asked).json()["permissions"][permission]["havePermission"] is False
    assert client.get(asked).json()["permissions"][permission]["havePermission"] is True
    assert {change.change for e in journal_of(sandbox)[2:] for change in e.changes} == set()


def test_an_issue_of_a_hidden_level_is_there_for_nobody(
    client: httpx.Client, sandbox: JiraSandbox, create: Create
) -> None:
    seen, hidden = create("seen"), create("hidden")
    link = ends(seen, hidden)
    linked = client.post(f"{API}/issueLink", json=link)
    with sandbox.state.writing() as rows:
        rows.execute("UPDATE issue SET security_level = ? WHERE key = ?", (NOBODY, hidden))

    assert linked.status_code == 201
    assert client.get(f"{API}/issue/{hidden}").status_code == 404
    assert client.post(f"{API}/issueLink", json=link).status_code == 404
    assert fetched(client, seen, hidden) == [seen]
    assert found_by(client) == [seen]
    assert fields_of(client, seen)["issuelinks"] == []


def test_rules_stay_with_the_file(sandbox: JiraSandbox) -> None:
    rules = SiteRules(index_lag_seconds=5, projects={"SBX": ProjectRules(priorities=("High",))})

    give_rules(sandbox, rules)

    with JiraSandbox(sandbox.state.path, clock=lambda: NOW) as other:
        assert rules_of(other) == rules


def test_a_file_of_the_first_version_is_brought_up_to_date_with_its_issues(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(schema_steps()[0])
        connection.executescript(
            "PRAGMA user_version = 1;"
            "INSERT INTO site VALUES ('s', 'http://127.0.0.1:8765', 't', '2026-01-01');"
            "INSERT INTO user VALUES ('5b10a2844c20165700ede21f', 'O', 'owner@sandbox.example', 0);"
            "INSERT INTO project VALUES (10000, 'SBX', 'Sandbox', 1);"
            "INSERT INTO issue VALUES (10001, 10000, 1, 'SBX-1', 'Old', '10002', '3', '10000',"
            " NULL, NULL, NULL, '5b10a2844c20165700ede21f', '5b10a2844c20165700ede21f', NULL,"
            " NULL, '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00');"
        )

    with JiraSandbox(path, clock=lambda: NOW) as sandbox:
        request = SandboxRequest(method="GET", path=f"{API}/issue/SBX-1", headers=SIGNED_IN)
        issue = sandbox.handle(request)
        with sandbox.state.reading() as rows:
            sprints = [row["name"] for row in rows.execute("SELECT name FROM sprint ORDER BY id")]

    assert json.loads(issue.body)["fields"]["summary"] == "Old"
    assert sprints == ["SBX Sprint 1", "SBX Sprint 2"]


def test_sprints_of_a_hidden_project_are_not_there(
    client: httpx.Client, sandbox: JiraSandbox
) -> None:
    hidden = ProjectRules(withheld_permissions={"*": ("BROWSE_PROJECTS",)})
    give_rules(sandbox, SiteRules(projects={"SBX": hidden}))

    assert client.get(f"{AGILE}/board").json()["values"] == []
    assert client.get(f"{AGILE}/board/1/sprint").status_code == 404
    moved = client.post(f"{AGILE}/sprint/1/issue", json={"issues": ["SBX-1"]})
    assert moved.status_code == 404


def test_the_fields_are_listed_by_the_names_of_the_site(
    client: httpx.Client, sandbox: JiraSandbox
) -> None:
    give_rules(sandbox, SiteRules(names={"Sprint": "Iteration"}))

    names = {one["id"]: one["name"] for one in client.get("/rest/api/3/field").json()}

    assert names["summary"] == "Summary"
    assert names["customfield_10020"] == "Iteration"

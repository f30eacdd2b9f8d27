"""The site, its projects and people; properties and comments of issues."""

from collections.abc import Callable

import httpx
import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL
from jira_pipeline.model.errors import RefusedError
from jira_pipeline_tests.jira.sandbox.plain_issues import LEAST, Create, ends
from jira_pipeline_tests.tables import each

IN_SBX_1 = {"issueIdsOrKeys": ["SBX-1"]}
IN_SBX = {"jql": "project = SBX"}


def test_the_server_says_what_clients_ask_first(anonymous: httpx.Client) -> None:
    """The public client `jira` starts with these two and stops without them."""
    answer = anonymous.get("/rest/api/3/serverInfo").json()

    assert answer["deploymentType"] == "Cloud"
    assert answer["versionNumbers"][0] >= 1000
    assert answer["baseUrl"] == SANDBOX_BASE_URL


def test_an_email_of_the_site_signs_that_person_in(
    connect: Callable[[tuple[str, str] | None], httpx.Client],
) -> None:
    ada = connect(("ada@sandbox.example", "x")).get("/rest/api/3/myself").json()
    stranger = connect(("anybody@example.org", "x")).get("/rest/api/3/myself").json()

    assert ada["displayName"] == "Ada Example"
    assert stranger["displayName"] == "Sandbox Owner"


def test_a_project_is_made_once_with_a_board(client: httpx.Client, sandbox: JiraSandbox) -> None:
    first, second = sandbox.ensure_project("UWEC"), sandbox.ensure_project("UWEC")

    listed = client.get("/rest/api/3/project/search").json()["values"]
    boards = client.get("/rest/agile/1.0/board", params={"projectKeyOrId": "UWEC"}).json()

    assert first == second
    assert [one["name"] for one in boards["values"]] == ["UWEC board"]
    assert [one["key"] for one in listed] == ["SBX", "UWEC"]


@each("key", ["", "a", "A", "1AB", "abc", "TOOLONGKEYS", "A-B"])
def test_a_key_jira_would_refuse_makes_no_project(sandbox: JiraSandbox, key: str) -> None:
    with pytest.raises(RefusedError, match="Project key"):
        sandbox.ensure_project(key)


def test_everything_is_permitted_to_who_is_signed_in(
    client: httpx.Client, anonymous: httpx.Client
) -> None:
    parameters = {"projectKey": "SBX", "permissions": "CREATE_ISSUES,LINK_ISSUES"}

    mine = client.get("/rest/api/3/mypermissions", params=parameters).json()["permissions"]
    nobodys = anonymous.get("/rest/api/3/mypermissions", params=parameters).json()["permissions"]

    assert {name: one["havePermission"] for name, one in mine.items()} == {
        "CREATE_ISSUES": True,
        "LINK_ISSUES": True,
    }
    assert not any(one["havePermission"] for one in nobodys.values())


def test_createmeta_names_types_and_their_fields(client: httpx.Client) -> None:
    types = client.get("/rest/api/3/issue/createmeta/SBX/issuetypes").json()
    [task] = [one for one in types["issueTypes"] if one["name"] == "Task"]
    path = f"/rest/api/3/issue/createmeta/SBX/issuetypes/{task['id']}"
    fields = {one["fieldId"]: one for one in client.get(path).json()["fields"]}

    assert types["total"] == 5
    assert [name for name, one in fields.items() if one["required"]] == [
        "summary",
        "issuetype",
        "project",
    ]
    assert "customfield_10020" not in fields
    assert [one["name"] for one in fields["priority"]["allowedValues"]] == [
        "Highest",
        "High",
        "Medium",
        "Low",
        "Lowest",
    ]


@each(
    ("parameters", "names"),
    [
        ({"query": "grace"}, ["Grace Example"]),
        ({"query": "ADA@"}, ["Ada Example"]),
        ({"query": "nobody"}, []),
    ],
)
def test_people_are_found_by_name_or_email(
    client: httpx.Client, parameters: dict[str, str], names: list[str]
) -> None:
    path = "/rest/api/3/user/assignable/search"

    found = client.get(path, params={"project": "SBX", **parameters}).json()

    assert [one["displayName"] for one in found] == names


def test_a_property_is_set_anew(client: httpx.Client, create: Create) -> None:
    path = f"/rest/api/3/issue/{create()}"

    for n in (1, 2):
        client.put(path, json={"properties": [{"key": "jp.run", "value": {"a": [n]}}]})

    assert client.get(f"{path}?properties=jp.run").json()["properties"] == {"jp.run": {"a": [2]}}


def test_a_property_key_may_hold_any_letter(client: httpx.Client, create: Create) -> None:
    path = f"/rest/api/3/issue/{create()}"

    client.put(path, json={"properties": [{"key": "a/b %", "value": 1}]})

    assert client.get(f"{path}?properties=*all").json()["properties"] == {"a/b %": 1}


@each(
    ("method", "path", "body", "status"),
    [
        ("GET", "/rest/api/3/mypermissions", None, 400),
        ("GET", "/rest/api/3/mypermissions?permissions=FLY", None, 400),
        ("GET", "/rest/api/3/issue/createmeta/SBX/issuetypes?maxResults=201", None, 400),
        ("GET", "/rest/api/3/user/assignable/search?project=SBX", None, 400),
        ("GET", "/rest/api/3/user/assignable/search?query=a", None, 400),
        ("POST", "/rest/api/3/issue/SBX-1/comment", {}, 400),
        ("POST", "/rest/api/3/issue/bulk", {"issueUpdates": [{"fields": {}}]}, 400),
        ("POST", "/rest/api/3/issue/bulk", {"issueUpdates": [{"fields": LEAST}] * 51}, 400),
        ("POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["SBX-1"] * 101}, 400),
        ("POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": []}, 400),
        ("POST", "/rest/api/3/issue/bulkfetch", IN_SBX_1 | {"properties": [*"abcdef"]}, 400),
        ("GET", "/rest/api/3/search/jql?jql=project%3DSBX&maxResults=-1", None, 400),
        ("GET", "/rest/api/3/search/jql?jql=project%3DSBX&nextPageToken=x", None, 400),
        ("GET", "/rest/api/3/search/jql", None, 400),
        ("POST", "/rest/api/3/search/jql", IN_SBX | {"maxResults": -1}, 400),
        ("POST", "/rest/api/3/search/jql", IN_SBX | {"maxResults": "2"}, 400),
        *(
            ("POST", "/rest/api/3/search/jql", IN_SBX | {"nextPageToken": token}, 400)
            for token in ("???", "bm90IGpzb24=", "e30=")
        ),
        ("POST", "/rest/api/3/issueLink", ends("SBX-1", "SBX-1"), 400),
        ("POST", "/rest/api/3/issueLink", ends("SBX-1", "SBX-99"), 404),
        ("GET", "/rest/agile/1.0/board/1/sprint?state=open", None, 400),
        ("GET", "/rest/agile/1.0/board/99/sprint", None, 404),
        ("POST", "/rest/agile/1.0/sprint/1/issue", {"issues": []}, 400),
        ("POST", "/rest/agile/1.0/sprint/1/issue", {"issues": ["SBX-1"] * 51}, 400),
        ("POST", "/rest/agile/1.0/sprint/999/issue", {"issues": ["SBX-1"]}, 404),
        ("GET", "/rest/api/3/nothing", None, 404),
        ("GET", "/rest/api/2/serverInfo", None, 404),
        ("GET", "/elsewhere", None, 404),
        ("PATCH", "/rest/api/3/serverInfo", None, 405),
    ],
)
def test_what_is_not_there_or_not_said_is_refused(  # noqa: PLR0917 - fixtures
    client: httpx.Client, create: Create, method: str, path: str, body: object, status: int
) -> None:
    create()

    assert client.request(method, path, json=body).status_code == status

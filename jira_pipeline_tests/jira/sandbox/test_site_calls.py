"""The site, its projects and people; properties and comments of issues."""

from collections.abc import Callable

import httpx
import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import SANDBOX_BASE_URL, SiteRules
from jira_pipeline.model.errors import RefusedError
from jira_pipeline_tests.jira.rules_of_sites import give_rules
from jira_pipeline_tests.jira.sandbox.plain_issues import Create, document
from jira_pipeline_tests.tables import each


def test_the_server_says_what_clients_ask_first(anonymous: httpx.Client) -> None:
    """The public client `jira` starts with these two and stops without them."""
    answer = anonymous.get("/rest/api/3/serverInfo").json()

    assert answer["deploymentType"] == "Cloud"
    assert answer["versionNumbers"][0] >= 1000
    assert answer["baseUrl"] == SANDBOX_BASE_URL


def test_the_site_has_an_identity_that_stays(client: httpx.Client) -> None:
    first = client.get("/_edge/tenant_info").json()["cloudId"]

    assert len(first) == 36
    assert client.get("/_edge/tenant_info").json()["cloudId"] == first


def test_an_email_of_the_site_signs_that_person_in(
    connect: Callable[[tuple[str, str] | None], httpx.Client],
) -> None:
    ada = connect(("ada@sandbox.example", "x")).get("/rest/api/3/myself").json()
    stranger = connect(("anybody@example.org", "x")).get("/rest/api/3/myself").json()

    assert ada["displayName"] == "Ada Example"
    assert stranger["displayName"] == "Sandbox Owner"


def test_a_project_is_found_by_key_and_id(client: httpx.Client) -> None:
    by_key = client.get("/rest/api/3/project/SBX").json()
    by_id = client.get(f"/rest/api/3/project/{by_key['id']}").json()

    assert by_id == by_key
    assert by_key["name"] == "Sandbox"


def test_a_project_is_made_once(client: httpx.Client, sandbox: JiraSandbox) -> None:
    first, second = sandbox.ensure_project("UWEC"), sandbox.ensure_project("UWEC")

    listed = client.get("/rest/api/3/project/search").json()["values"]

    assert first == second
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


@each("parameters", [{}, {"permissions": "FLY"}], ids=["none", "unknown"])
def test_permissions_have_to_be_named(client: httpx.Client, parameters: dict[str, str]) -> None:
    assert client.get("/rest/api/3/mypermissions", params=parameters).status_code == 400


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


def test_a_createmeta_page_above_200_is_refused(client: httpx.Client) -> None:
    path = "/rest/api/3/issue/createmeta/SBX/issuetypes"

    assert client.get(path, params={"maxResults": 201}).status_code == 400


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


@each("parameters", [{"project": "SBX"}, {"query": "a"}])
def test_people_are_looked_for_in_a_project_by_a_text(
    client: httpx.Client, parameters: dict[str, str]
) -> None:
    path = "/rest/api/3/user/assignable/search"

    assert client.get(path, params=parameters).status_code == 400


def test_priorities_come_as_a_list_and_as_a_page(client: httpx.Client) -> None:
    listed = client.get("/rest/api/3/priority").json()
    paged = client.get("/rest/api/3/priority/search", params={"projectId": "10000"}).json()

    assert [one["name"] for one in listed] == [one["name"] for one in paged["values"]]
    assert paged["isLast"] is True
    assert [one["name"] for one in paged["values"] if one["isDefault"]] == ["Medium"]


def test_the_fields_are_listed_by_the_names_of_the_site(
    client: httpx.Client, sandbox: JiraSandbox
) -> None:
    give_rules(sandbox, SiteRules(names={"Sprint": "Iteration"}))

    names = {one["id"]: one["name"] for one in client.get("/rest/api/3/field").json()}

    assert names["summary"] == "Summary"
    assert names["customfield_10020"] == "Iteration"


def test_a_property_is_set_anew(client: httpx.Client, create: Create) -> None:
    path = f"/rest/api/3/issue/{create()}"

    answers = [client.put(f"{path}/properties/jp.run", json={"a": [n]}) for n in (1, 2)]

    assert [one.status_code for one in answers] == [201, 200]
    assert client.get(f"{path}?properties=jp.run").json()["properties"] == {"jp.run": {"a": [2]}}


def test_a_property_key_may_hold_any_letter(client: httpx.Client, create: Create) -> None:
    path = f"/rest/api/3/issue/{create()}"

    client.put(f"{path}/properties/a%2Fb%20%25", json=1)

    assert client.get(f"{path}?properties=*all").json()["properties"] == {"a/b %": 1}


@each("body", [b"", b"{", b'"' + b"x" * 40_000 + b'"'], ids=["no", "bad", "big"])
def test_a_property_value_has_to_be_json_of_a_sane_size(
    client: httpx.Client, create: Create, body: bytes
) -> None:
    path = f"/rest/api/3/issue/{create()}/properties/jp"

    headers = {"content-type": "application/json"}

    assert client.put(path, content=body, headers=headers).status_code == 400


def test_a_comment_is_added_and_listed(client: httpx.Client, create: Create) -> None:
    path = f"issue/{create()}/comment"

    added = client.post(f"/rest/api/3/{path}", json={"body": document("hello")})
    as_documents = client.get(f"/rest/api/3/{path}").json()

    assert added.status_code == 201
    assert [one["body"] for one in as_documents["comments"]] == [document("hello")]


def test_a_comment_needs_a_body(client: httpx.Client, create: Create) -> None:
    answer = client.post(f"/rest/api/3/issue/{create()}/comment", json={})

    assert answer.status_code == 400


def test_an_unknown_address_is_not_found(client: httpx.Client) -> None:
    assert client.get("/rest/api/3/nothing").status_code == 404
    assert client.get("/rest/api/2/serverInfo").status_code == 404
    assert client.get("/elsewhere").status_code == 404


def test_a_method_a_call_does_not_have_is_refused(client: httpx.Client) -> None:
    assert client.patch("/rest/api/3/serverInfo").status_code == 405

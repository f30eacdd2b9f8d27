"""Creating, reading, editing and deleting issues, and every way Jira refuses them."""

import httpx

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox.plain_issues import (
    LEAST,
    Create,
    document,
    ends,
    fields_of,
    post_issue,
)
from jira_pipeline_tests.tables import each

NO_JSON = "There was an error parsing JSON. Check that your request body is valid."
NOT_A_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"


def test_what_a_creation_sets_reads_back_until_an_edit_sets_it_to_nothing(
    client: httpx.Client, create: Create
) -> None:
    ada = {"accountId": "5b10ac8d82e05b22cc7d4ef5"}
    epic = create("All of it", issuetype={"name": "Epic"})
    key = create(
        "Build the article type",
        description=document("Grüße"),
        labels=["jp-a", "content"],
        priority={"name": "High"},
        assignee=ada,
        reporter=ada,
        parent={"key": epic},
        duedate="2026-12-01",
    )
    names = ("description", "labels", "priority", "assignee", "reporter", "parent", "duedate")

    before = fields_of(client, key)
    client.put(f"/rest/api/3/issue/{key}", json={"fields": dict.fromkeys(names)})
    after = fields_of(client, key)

    assert (before["summary"], before["description"]) == (after["summary"], document("Grüße"))
    assert (before["labels"], after["labels"]) == (["content", "jp-a"], [])
    assert before["assignee"]["emailAddress"] == "ada@sandbox.example"
    assert (before["parent"]["key"], before["duedate"]) == (epic, "2026-12-01")
    assert before["created"] == "2026-11-20T08:00:00.000+0000"
    assert [one["priority"]["name"] for one in (before, after)] == ["High", "Medium"]
    assert after["reporter"]["displayName"] == "Sandbox Owner"
    assert [name for name in names if after[name] is None] == [
        *("description", "assignee", "parent", "duedate")
    ]


def test_a_bad_property_leaves_no_issue(client: httpx.Client, sandbox: JiraSandbox) -> None:
    body = {"fields": LEAST, "properties": [{"key": "", "value": 1}]}

    response = client.post("/rest/api/3/issue", json=body)

    assert response.status_code == 400
    assert client.get("/rest/api/3/issue/SBX-1").status_code == 404
    assert journal_of(sandbox)[0].changes == ()


def test_an_issue_is_found_by_id_and_by_key_in_any_case(
    client: httpx.Client, create: Create
) -> None:
    key = create()

    by_key = client.get(f"/rest/api/3/issue/{key.lower()}").json()
    by_id = client.get(f"/rest/api/3/issue/{by_key['id']}").json()

    assert by_key["key"] == key
    assert by_id == by_key


SUMMARY_MISSING = "You must specify a summary of the issue."
NOT_ON_SCREEN = "cannot be set. It is not on the appropriate screen, or unknown."
NO_SUB_TASK = "Issue type is a sub-task but parent issue key or id not specified."
REFUSED: list[tuple[str, object, str]] = [
    ("summary", "  ", SUMMARY_MISSING),
    ("summary", "x" * 256, "Summary must be less than 255 characters."),
    ("summary", "a\nb", "The summary is invalid because it contains newline characters."),
    ("summary", 7, "Operation value must be a string"),
    ("issuetype", {"name": "Sub-task"}, NO_SUB_TASK),
    ("reporter", {"accountId": "nobody"}, "The reporter specified is not a user."),
    ("labels", "x", "data was not an array"),
    ("labels", [1], "string expected at index 0"),
    ("labels", ["x" * 256], f"The label '{'x' * 256}' exceeds the maximum length of 255 characters."),
    ("description", {"type": "paragraph", "content": []}, NOT_A_DOCUMENT),
    ("customfield_10020", 1, f"Field 'customfield_10020' {NOT_ON_SCREEN}"),
    ("duedate", "tomorrow", "Error parsing date string: tomorrow. Expected format yyyy-MM-dd."),
    ("parent", {"key": "SBX-99"}, "Could not find issue by id or key."),
]  # fmt: skip


@each(("field", "value", "message"), REFUSED)
def test_a_field_jira_refuses_is_named(
    client: httpx.Client, field: str, value: object, message: str
) -> None:
    response = post_issue(client, **{field: value})

    assert response.status_code == 400
    assert response.json() == {"errorMessages": [], "errors": {field: message}}


def test_all_refused_fields_are_named_at_once(client: httpx.Client) -> None:
    response = client.post("/rest/api/3/issue", json={"fields": {"labels": ["a b"]}})

    assert set(response.json()["errors"]) == {"project", "issuetype", "summary", "labels"}


def test_a_parent_has_to_be_one_level_above(client: httpx.Client, create: Create) -> None:
    assert post_issue(client, parent={"key": create()}).json()["errors"] == {
        "parentId": "Given parent work item does not belong to appropriate hierarchy."
    }


TEXT = {"type": "text", "text": "x"}


@each(
    ("content", "word"),
    [
        (
            [{"type": "paragraph", "content": [TEXT | {"text": "x" * 32_767}]}],
            "CONTENT_LIMIT_EXCEEDED",
        ),
        ([{"type": "tableRow", "content": []}], "INVALID_INPUT"),
        ([{"type": "paragraph", "content": [TEXT | {"text": ""}]}], "INVALID_INPUT"),
        ([TEXT], "INVALID_INPUT"),
        (["x"], "INVALID_INPUT"),
    ],
    ids=["too long", "row without table", "blank", "text without paragraph", "no node"],
)
def test_a_document_above_the_limit_or_beside_the_grammar_is_refused_without_a_path(
    client: httpx.Client, content: list[object], word: str
) -> None:
    response = post_issue(client, description={"type": "doc", "version": 1, "content": content})

    assert response.status_code == 400
    assert response.json() == {"errorMessages": [word], "errors": {}}


@each(
    ("kind", "status", "message"),
    [
        ("application/json", 400, NO_JSON),
        ("Application/JSON;charset=UTF-8", 400, NO_JSON),
        (None, 415, "Content-Type 'null' is not supported."),
        ("text/plain; charset=utf-8", 415, "Content-Type 'text/plain' is not supported."),
        ("application/x-www-form-urlencoded", 415, "Content-Type 'application/x-www-form-url"),
        ("*/*", 415, "Content-Type '*/*' is not supported."),
    ],
)
def test_a_body_that_is_not_json_and_says_so_is_refused(
    client: httpx.Client, kind: str | None, status: int, message: str
) -> None:
    """A client that forgot the header worked here and failed at its first real Jira."""
    headers = {"content-type": kind} if kind else {}

    response = client.post("/rest/api/3/issue", content=b"{", headers=headers)

    assert response.status_code == status
    assert response.json()["errorMessages"][0].startswith(message)


def test_keys_count_up_per_project_and_are_never_given_again(
    client: httpx.Client, sandbox: JiraSandbox, create: Create
) -> None:
    sandbox.ensure_project("UWEC")
    first, second = create(), create()

    client.delete(f"/rest/api/3/issue/{second}")
    third = create()
    other = create(project={"key": "UWEC"})

    assert (first, second, third, other) == ("SBX-1", "SBX-2", "SBX-3", "UWEC-1")


def test_a_bulk_creates_the_good_and_names_the_bad_by_number(client: httpx.Client) -> None:
    bad = {"fields": {**LEAST, "summary": ""}}
    updates = [{"fields": LEAST}, bad, {"fields": LEAST}, "x"]

    response = client.post("/rest/api/3/issue/bulk", json={"issueUpdates": updates})

    assert response.status_code == 201
    assert [one["key"] for one in response.json()["issues"]] == ["SBX-1", "SBX-2"]
    first, second = response.json()["errors"]
    assert first == {
        "status": 400,
        "elementErrors": {"errorMessages": [], "errors": {"summary": SUMMARY_MISSING}},
        "failedElementNumber": 1,
    }
    assert second["failedElementNumber"] == 3


@each(
    ("changes", "labels"),
    [
        ([{"add": "c"}, {"remove": "a"}], ["b", "c"]),
        ([{"set": ["d"]}], ["d"]),
    ],
    ids=["by one", "all"],
)
def test_an_edit_changes_what_it_names_and_nothing_else(
    client: httpx.Client, create: Create, changes: list[object], labels: list[str]
) -> None:
    key = create("before", labels=["a", "b"], description=document("stays"))

    response = client.put(
        f"/rest/api/3/issue/{key}",
        json={"fields": {"summary": "after"}, "update": {"labels": changes}},
    )
    fields = fields_of(client, key)

    assert response.status_code == 204
    assert response.content == b""
    assert (fields["summary"], fields["labels"]) == ("after", labels)
    assert fields["description"] == document("stays")


@each(
    "body",
    [
        {"fields": []},
        {"fields": {"issuetype": {"name": "Wish"}}},
        {"fields": {"summary": None}},
        {"fields": {"labels": ["a"]}, "update": {"labels": [{"add": "b"}]}},
        {"update": {"summary": [{"set": "x"}]}},
        {"update": {"labels": [{"copy": "x"}]}},
        {"update": {"labels": ["x"]}},
        {"update": {"labels": [{"add": "a b"}]}},
        {"properties": {"a": 1}},
    ],
)
def test_an_edit_jira_refuses_changes_nothing(
    client: httpx.Client, create: Create, body: dict[str, object]
) -> None:
    key = create("before", labels=["a"])

    response = client.put(f"/rest/api/3/issue/{key}", json=body)
    fields = fields_of(client, key)

    assert response.status_code == 400
    assert (fields["summary"], fields["labels"]) == ("before", ["a"])


def test_a_deleted_issue_is_gone_with_its_links(client: httpx.Client, create: Create) -> None:
    first, second = create(), create()
    client.post("/rest/api/3/issueLink", json=ends(first, second))

    deleted = client.delete(f"/rest/api/3/issue/{first}")
    gone = client.get(f"/rest/api/3/issue/{first}")

    assert deleted.status_code == 204
    assert gone.status_code == 404
    assert gone.json()["errorMessages"] == [
        "Issue does not exist or you do not have permission to see it."
    ]
    assert fields_of(client, second)["issuelinks"] == []


def test_an_issue_with_sub_tasks_is_not_deleted(client: httpx.Client, create: Create) -> None:
    parent = create()
    create(issuetype={"name": "Sub-task"}, parent={"key": parent})

    assert client.delete(f"/rest/api/3/issue/{parent}").status_code == 400
    assert client.get(f"/rest/api/3/issue/{parent}").status_code == 200


@each(
    ("method", "path", "status"),
    [
        ("POST", "issue", 401),
        ("POST", "issue/bulk", 401),
        ("PUT", "issue/SBX-1", 401),
        ("DELETE", "issue/SBX-1", 401),
        ("POST", "issueLink", 401),
        ("POST", "issue/SBX-1/comment", 401),
        ("GET", "myself", 401),
        ("GET", "issue/SBX-1", 404),
        ("GET", "../../agile/1.0/board", 401),
        ("GET", "../../agile/1.0/board/1/sprint", 401),
    ],
)
def test_nobody_writes_or_sees_an_issue_without_signing_in(
    anonymous: httpx.Client, create: Create, method: str, path: str, status: int
) -> None:
    create()

    assert anonymous.request(method, f"/rest/api/3/{path}", json={}).status_code == status


@each(
    ("path", "body"),
    [
        ("issue/bulkfetch", {"issueIdsOrKeys": ["SBX-1"]}),
        ("search/jql", {"jql": "project = SBX"}),
    ],
)
def test_nobody_is_shown_nothing(
    anonymous: httpx.Client, create: Create, path: str, body: object
) -> None:
    """The trap of rule 5: lost authentication looks like an empty project."""
    create()

    response = anonymous.post(f"/rest/api/3/{path}", json=body)

    assert (response.status_code, response.json()["issues"]) == (200, [])


def test_fields_are_chosen_by_name_all_and_minus(client: httpx.Client, create: Create) -> None:
    key = create()

    def names(fields: str) -> set[str]:
        answer = client.get(f"/rest/api/3/issue/{key}", params={"fields": fields}).json()
        return set(answer["fields"])

    assert names("summary,labels") == {"summary", "labels"}
    assert {"attachment", "comment"} <= names("*all")
    assert names("*all") - names("*navigable") == {"attachment", "comment", "worklog"}
    assert names("*all") - names("-description") == {"description"}

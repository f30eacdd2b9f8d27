"""Searching: the JQL understood, what is refused, pages."""

import httpx
import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.jira.sandbox.plain_issues import Create, document
from jira_pipeline_tests.tables import each

UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)


@pytest.fixture
def issues(sandbox: JiraSandbox, create: Create) -> None:
    """Create what the queries below find."""
    sandbox.ensure_project("OTHER")
    create("Build the article type", labels=["jp-a", "content"])
    create(
        "Build the news view",
        labels=["jp-a"],
        issuetype={"name": "Story"},
        description=document("It reads like prose."),
    )
    create("Grüße an alle", labels=["jp-b"], priority={"name": "High"})
    create("Elsewhere", project={"key": "OTHER"}, labels=["jp-a"])


def _search(client: httpx.Client, jql: str, **body: object) -> httpx.Response:
    return client.post("/rest/api/3/search/jql", json={"jql": jql, **body})


@pytest.mark.usefixtures("issues")
@each(
    ("jql", "keys"),
    [
        ("project = SBX ORDER BY key ASC", ["SBX-1", "SBX-2", "SBX-3"]),
        ("project = SBX ORDER BY key DESC", ["SBX-3", "SBX-2", "SBX-1"]),
        ("labels = jp-a ORDER BY key", ["OTHER-1", "SBX-1", "SBX-2"]),
        ('project = "SBX" AND labels = "jp-a" ORDER BY key', ["SBX-1", "SBX-2"]),
        ("summary ~ 'build NEWS' ORDER BY key", ["SBX-2"]),
        ('project = SBX AND summary ~ "grüße"', ["SBX-3"]),
        ("project = SBX AND summary ~ GRÜSSE", ["SBX-3"]),
        ("project = 10000 order by key", ["SBX-1", "SBX-2", "SBX-3"]),
        ("project = SBX", ["SBX-3", "SBX-2", "SBX-1"]),
        ("key IN (SBX-3, SBX-1) ORDER BY key", ["SBX-1", "SBX-3"]),
        ("parent = SBX-1", []),
    ],
)
def test_a_query_finds_its_issues_in_order(client: httpx.Client, jql: str, keys: list[str]) -> None:
    answer = _search(client, jql, fields=["summary"])

    assert [one["key"] for one in answer.json()["issues"]] == keys
    assert answer.json()["isLast"] is True


@pytest.mark.usefixtures("issues")
def test_a_search_by_address_finds_what_one_by_body_does(client: httpx.Client) -> None:
    """Both libraries for Python ask so, and found nothing: 405."""
    jql = "project = SBX ORDER BY key"
    asked = {"jql": jql, "fields": "summary,labels", "maxResults": "2"}

    first = client.get("/rest/api/3/search/jql", params=asked).json()
    token = first["nextPageToken"]
    rest = client.get("/rest/api/3/search/jql", params=asked | {"nextPageToken": token}).json()

    by_body = _search(client, jql, fields=["summary", "labels"]).json()
    assert [*first["issues"], *rest["issues"]] == by_body["issues"]
    assert (first["isLast"], rest["isLast"]) == (False, True)


@pytest.mark.usefixtures("issues")
@each(
    ("jql", "message"),
    [
        ("", UNBOUNDED),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("colour = red", "Field 'colour' does not exist or you do not have permission to view it."),
        ("labels ~ a", "The operator '~' is not supported by the 'labels' field."),
        ("labels =", "Error in the JQL Query: 'labels =' is not understood."),
        (
            "labels = a OR labels = b",
            "Error in the JQL Query: 'labels = a OR labels = b' is not understood.",
        ),
        ("labels = a AND ", "Error in the JQL Query: '' is not understood."),
        (
            "labels = a AND ORDER BY key",
            "Error in the JQL Query: 'ORDER BY key' is not understood.",
        ),
        ("parent = SBX-9", "An issue with key 'SBX-9' does not exist for field 'parent'."),
        ("labels = 'a' x", "Error in the JQL Query: 'labels = 'a' x' is not understood."),
        ("key in (SBX-99)", "An issue with key 'SBX-99' does not exist for field 'key'."),
        ("labels in (a", "Error in the JQL Query: 'labels in (a' is not understood."),
        ("labels = a ORDER BY mood", "Not able to sort using field 'mood'."),
        ('summary ~ "a', "Error in the JQL Query: 'summary ~ \"a' is not understood."),
    ],
)
def test_a_query_beyond_the_rules_is_refused(client: httpx.Client, jql: str, message: str) -> None:
    answer = _search(client, jql)

    assert answer.status_code == 400
    assert answer.json()["errorMessages"] == [message]


def test_hostile_text_in_a_query_stays_text(client: httpx.Client, create: Create) -> None:
    create("it's; DROP TABLE issue --")

    answer = _search(client, 'summary ~ "it\'s; DROP TABLE issue --"', fields=["summary"])

    assert [one["key"] for one in answer.json()["issues"]] == ["SBX-1"]


def test_without_fields_only_ids_are_returned(client: httpx.Client, create: Create) -> None:
    create()

    answer = _search(client, "project = SBX").json()

    assert answer == {"issues": [{"id": "10001"}], "isLast": True}


def test_pages_follow_their_tokens_to_the_end(client: httpx.Client, create: Create) -> None:
    keys = [create() for _ in range(5)]
    found: list[str] = []
    token: str | None = None

    while True:
        body = {"fields": ["summary"], "maxResults": 2, "nextPageToken": token}
        answer = _search(client, "project = SBX ORDER BY key", **body).json()
        found += [one["key"] for one in answer["issues"]]
        token = answer.get("nextPageToken")
        if answer["isLast"]:
            break

    assert found == keys
    assert token is None


def test_a_token_belongs_to_its_query(client: httpx.Client, create: Create) -> None:
    create()
    create()
    token = _search(client, "project = SBX", maxResults=1).json()["nextPageToken"]

    assert _search(client, "project = 10000", nextPageToken=token).status_code == 400

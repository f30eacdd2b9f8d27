"""The pages a person reads: structure, filters, and that no text becomes markup."""

from collections.abc import Callable

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.jira.sandbox.pages import answer_page
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http import SandboxRequest, SandboxResponse
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox.plain_issues import LEAST, Create, attach, document, ends
from jira_pipeline_tests.tables import each

Look = Callable[..., LexborHTMLParser]

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>"


@pytest.fixture
def visit(sandbox: JiraSandbox) -> Callable[..., SandboxResponse]:
    """Return a way to ask for a page."""

    def ask(path: str, query: str = "") -> SandboxResponse:
        return answer_page(sandbox, SandboxRequest(method="GET", path=path, query=query))

    return ask


@pytest.fixture
def look(visit: Callable[..., SandboxResponse]) -> Look:
    """Return a way to read a page that is there."""

    def read(path: str, query: str = "") -> LexborHTMLParser:
        response = visit(path, query)
        assert response.status == 200, response.body
        return LexborHTMLParser(response.body.decode("utf-8"))

    return read


def _one(part: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    found = part.css_first(selector)
    assert found is not None, selector
    return found


def _texts(page: LexborHTMLParser, selector: str) -> list[str]:
    return [node.text(strip=True) for node in page.css(selector)]


def test_the_overview_names_projects_and_their_issues(look: Look, create: Create) -> None:
    create()

    page = look("/")

    assert _texts(page, ".projects .key") == ["SBX"]
    assert _texts(page, ".projects .muted") == ["1 issue"]
    assert _one(page, ".projects a").attributes["href"] == "/projects/SBX"


def test_a_project_lists_its_issues_with_what_matters(
    client: httpx.Client, look: Look, create: Create
) -> None:
    create("Build the article type", labels=["jp-a"], priority={"name": "High"})
    create("Build the news view")
    client.post("/rest/api/3/issueLink", json=ends("SBX-1", "SBX-2"))

    page = look("/projects/SBX")
    rows = page.css("table.issues tbody tr")

    assert [_one(row, ".key").text() for row in rows] == ["SBX-1", "SBX-2"]
    assert [_one(row, ".summary a").text() for row in rows] == [
        "Build the article type",
        "Build the news view",
    ]
    assert [_one(row, ".links").text(strip=True) for row in rows] == ["blocks 1", "blocked by 1"]
    assert _one(rows[0], ".priority").text() == "High"
    assert _one(rows[0], ".label").text() == "jp-a"


def test_a_long_list_is_shown_in_pages(client: httpx.Client, look: Look) -> None:
    for _ in range(3):
        client.post("/rest/api/3/issue/bulk", json={"issueUpdates": [{"fields": LEAST}] * 50})

    first, second = look("/projects/SBX"), look("/projects/SBX", "page=2")

    assert len(first.css("table.issues tbody tr")) == 100
    assert _one(first, "a[rel=next]").attributes["href"] == "?page=2"
    assert first.css_first("a[rel=prev]") is None
    assert len(second.css("table.issues tbody tr")) == 50


def test_jiras_own_search_address_shows_what_a_query_finds(look: Look, create: Create) -> None:
    create(labels=["jp-a"])
    create()

    page = look("/issues/", "jql=labels%20%3D%20jp-a")

    assert _texts(page, "table.issues td.key") == ["SBX-1"]


def test_an_issue_is_shown_with_everything_that_hangs_on_it(
    client: httpx.Client, look: Look, create: Create
) -> None:
    epic = create("Epic", issuetype={"name": "Epic"})
    cell = {"type": "tableCell", "content": [{"type": "paragraph"}]}
    header = {"type": "tableHeader", "content": document("Machine name")["content"]}
    table = {
        "type": "table",
        "content": [
            {"type": "tableRow", "content": [header, header]},
            {"type": "tableRow", "content": [cell, cell]},
        ],
    }
    key = create(
        "Build it",
        description={"type": "doc", "version": 1, "content": [table]},
        labels=["jp-a"],
        parent={"key": epic},
        properties=[{"key": "jp", "value": {"identity": "abc"}}],
    )
    other = create("Other")
    for inward, outward in ((other, key), (key, epic)):
        client.post("/rest/api/3/issueLink", json=ends(inward, outward))
    attach(client, key, ("fields.md", b"x" * 1500))
    client.post(f"/rest/api/3/issue/{key}/comment", json={"body": document("Looks good.")})

    page = look(f"/browse/{key}")

    assert _one(page, "h1").text(strip=True, separator=" ") == f"{key} Build it"
    assert _texts(page, "#description th") == ["Machine name", "Machine name"]
    assert _texts(page, "#links h3") == ["blocks", "is blocked by"]
    assert _texts(page, "#links .key") == [epic, other]
    assert _texts(page, "#attachments a") == ["fields.md"]
    assert "1.5 kB" in _one(page, "#attachments").text()
    assert _texts(page, "#comments .document p") == ["Looks good."]
    assert "changed Attachment, " in _one(page, "#history").text()
    assert _texts(page, "#properties dd") == ["abc"]
    assert _texts(page, "aside .key") == [epic, other]
    assert f'"key": "{key}"' in _one(page, "#raw pre").text()


def test_the_card_of_an_issue_says_its_key_and_summary(look: Look, create: Create) -> None:
    """Whatever address the sandbox had when the body was written."""
    other = create("Other")
    cards = [f"http://former.invalid:1/browse/{key}" for key in (other, "SBX-99")]
    inline = [{"type": "inlineCard", "attrs": {"url": card}} for card in cards]
    document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": inline}]}

    page = look(f"/browse/{create(description=document)}")

    assert _texts(page, "#description a") == [f"{other} Other", cards[1]]


def test_hostile_text_stays_text_on_every_page(
    client: httpx.Client,
    visit: Callable[..., SandboxResponse],
    create: Create,
) -> None:
    text_node = {"type": "text", "text": HOSTILE}
    link = {**text_node, "marks": [{"type": "link", "attrs": {"href": "https://x.example/\"'>"}}]}
    description = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [text_node, link]}],
    }
    label = HOSTILE.replace(" ", "_")
    key = create(
        HOSTILE,
        description=description,
        labels=[label],
        properties=[{"key": HOSTILE, "value": {HOSTILE: HOSTILE}}],
    )
    client.post(f"/rest/api/3/issue/{key}/comment", json={"body": document(HOSTILE)})
    attach(client, key, (HOSTILE, b"x", "text/html"))

    for path, query in (
        ("/", ""),
        ("/projects/SBX", ""),
        ("/projects/" + HOSTILE.replace("/", ""), ""),
        (f"/browse/{key}", ""),
        ("/issues/", "jql=" + HOSTILE),
    ):
        response = visit(path, query)
        page = LexborHTMLParser(response.body.decode("utf-8"))
        assert page.css("script, img, iframe, object, [onerror]") == [], path
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "'unsafe-inline'" not in response.headers["content-security-policy"]


def test_an_attached_page_is_downloaded_never_shown(
    client: httpx.Client, visit: Callable[..., SandboxResponse], create: Create
) -> None:
    script = b"<script>alert(1)</script>"
    [file] = attach(client, create(), ("a.html", script, "text/html")).json()

    response = visit(f"/attachments/{file['id']}")

    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.body == script


NOT_THERE = ["/browse/SBX-9", "/projects/NOPE", "/attachments/9", "/attachments/x", "/a", "/a/b/c"]


@each(
    ("path", "query", "status", "words"),
    [
        *((path, "", 404, "Nothing to show") for path in NOT_THERE),
        ("/issues/", "jql=colour%3Dred", 400, "Field &#39;colour&#39; does not exist"),
    ],
)
def test_a_page_that_is_not_there_or_asked_for_wrongly_says_so(
    visit: Callable[..., SandboxResponse], path: str, query: str, status: int, words: str
) -> None:
    response = visit(path, query)

    assert response.status == status
    assert words in response.body.decode()


def test_looking_is_not_journalled(sandbox: JiraSandbox, look: Look) -> None:
    look("/projects/SBX")

    assert journal_of(sandbox) == ()


def test_pages_load_nothing_from_elsewhere(
    look: Look, visit: Callable[..., SandboxResponse], create: Create
) -> None:
    page = look(f"/browse/{create()}")
    style = visit("/sandbox.css")

    sources = [
        node.attributes.get("src") or node.attributes.get("href")
        for node in page.css("link, script, img")
    ]
    assert sources == ["/sandbox.css"]
    assert style.headers["content-type"].startswith("text/css")
    assert b"url(" not in style.body

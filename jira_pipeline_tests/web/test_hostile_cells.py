"""No text of a sheet, a person, a file or an address becomes markup on a page.

Whatever a page shows, it holds no script but ours, no handler, no address that runs something.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline.model.tickets import FieldValue
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, opened_web, signed_in
from jira_pipeline_tests.web.hostile_sheets import CELLS, PAYLOADS, spoil
from jira_pipeline_tests.web.routes_and_roles import ROUTES

HOSTILE = """"></script></style><script>alert(1)</script><img src=x onerror=alert(2)>'{{7*7}}"""
LABEL = "<svg/onload=alert(3)>"
TOGETHER = 5
TEXTS = [PAYLOADS[first : first + TOGETHER] for first in range(0, len(PAYLOADS), TOGETHER)]
pytestmark = pytest.mark.small_site  # `web`; the hostile sheets are all of the example
FORBIDDEN = (
    "iframe, object, embed, applet, base, meta[http-equiv], frame, math, style, video, audio"
)


@pytest.fixture(scope="module")
def hostile_web(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The web of a project whose sheets hold the hostile cells, its tickets written."""
    folder = tmp_path_factory.mktemp("hostile")
    sheets = projects.copy_sheets(folder / "museum")
    assert spoil(sheets) == CELLS
    with opened_web(projects.make_reviewed(empty_project, sheets, folder)) as web:
        decide_hostilely(open_session(web.pipeline, SESSION))
        yield web


def decide_hostilely(session: OpenSession) -> None:
    """Put markup into names of people, and into fields and reasons; a ticket of the list has it."""
    store, at = session.store, session.clock.now()
    first, second, *_ = session.tickets
    parts, by = first.revision.parts, HOSTILE
    store.reviews.edit(
        SESSION, first.ticket_id, expected_revision=1, title=by, parts=parts, by=by, at=at
    )
    fields: dict[str, FieldValue] = dict.fromkeys(("assignee", "sprint", "priority"), by)
    fields["labels"] = (LABEL,)
    store.reviews.assign(SESSION, [first.ticket_id], fields=fields, by=by, at=at)
    store.tickets.exclude(SESSION, [second.ticket_id], Skipped, reason=by, by=by, at=at)


def refuse_markup(page: str, place: str) -> None:
    """Fail where a page holds anything that could run or load something of others."""
    document = LexborHTMLParser(page)
    found = document.css(FORBIDDEN)
    assert not found, f"{place}: {[node.html for node in found][:3]}"
    for node in document.css("*"):
        attributes = node.attributes
        handlers = [name for name in attributes if name.startswith("on")]
        assert not handlers, f"{place}: {node.html}"
        for name in ("href", "src", "action", "formaction"):
            value = "".join((attributes.get(name) or "").split()).casefold()
            assert not value.startswith(("javascript:", "vbscript:", "data:")), f"{place}: {value}"
            if node.tag in {"script", "link", "img", "form", "button"} and value:
                is_ours = value.startswith("/") and not value.startswith("//")
                assert is_ours or node.tag == "form", f"{place}: {node.html}"
        assert node.tag != "script" or attributes.get("src"), f"{place}: {node.html}"


PAGES = sorted(
    path
    for method, path in ROUTES
    if method == "GET" and not path.startswith(("/api", "/static", "/sign-in"))
)
PLACES = {"key": SESSION, "number": "1", "ticket": "1"}
HERE = f"/sessions/{SESSION}"


def pages_of(web: Web) -> list[str]:
    """The addresses of all pages of the session on which people work."""
    numbers = web.pipeline.store.tickets.numbers(SESSION).values()
    return [
        *(f"{HERE}/tickets/{number}?edit=1" for number in numbers),
        *(f"{HERE}/questions?only=all&by={by}" for by in ("ticket", "sheet", "assignee")),
        *(f"{HERE}/{name}" for name in ("export", "results", "tickets")),
        *(HERE, "/"),
    ]


@pytest.fixture(scope="module")
def client(hostile_web: Web) -> TestClient:
    return signed_in(hostile_web, Role.ADMIN)


def test_no_cell_becomes_markup_on_any_page(hostile_web: Web, client: TestClient) -> None:
    seen = ""
    for address in pages_of(hostile_web):
        answer = client.get(address)

        assert answer.status_code == 200, address
        refuse_markup(answer.text, address)
        seen += answer.text
    assert "alert(1)" in seen


def test_no_cell_becomes_markup_wherever_the_table_of_routes_leads(
    client: TestClient, tmp_path: Path
) -> None:
    sheets = projects.copy_sheets(tmp_path / SESSION)
    spoil(sheets)
    files = [("files", (path.name, path.read_bytes())) for path in sorted(sheets.iterdir())]
    look = client.post("/upload", files=files, data={"session": SESSION}).headers["location"]
    for template in PAGES:
        path = re.sub(r"\{(\w+)\}", lambda m: PLACES.get(m[1], "1"), template)
        answer = client.get(look if template == "/upload/{upload_id}" else path)

        assert answer.status_code < 500, path
        kind = answer.headers.get("content-type", "")  # a redirect has none
        if kind.startswith("text/html") and not path.endswith(".html"):
            refuse_markup(answer.text, path)
            assert LexborHTMLParser(answer.text).css("style, img, [style]") == [], path
            assert "49{%" not in answer.text, "a template was filled in"


@each(
    "path",
    [
        f"{HERE}/tickets?text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        f"{HERE}/tickets?assignee=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        f"{HERE}/findings?text=%3Cimg%20src=x%20onerror=alert(1)%3E&file=%22%3E%3Cimg%3E",
        "/?text=%22%3E%3Csvg%20onload=alert(1)%3E",
        "/upload?session=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        f"{HERE}/graph?ticket=%3Cscript%3E",
        "/sessions/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    ],
)
def test_no_address_becomes_markup(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code < 500
    refuse_markup(answer.text, path)


def test_what_is_hostile_reads_as_it_was_written(client: TestClient) -> None:
    page = LexborHTMLParser(client.get(f"{HERE}/tickets").text)

    [shown] = [a.text() for a in page.css("#ticket-1 [data-row]")]
    assert shown == f"1 {HOSTILE}"
    assert LABEL in page.css("#ticket-1 td.main")[0].text()


@each("payloads", TEXTS, ids=lambda payloads: payloads[0])
def test_no_text_of_a_person_becomes_markup(
    web: Web, client_of: ClientOf, payloads: tuple[str, ...]
) -> None:
    """As a title, a part, a text beside another's, an answer, a comment, a reason, a field.

    Five to a page, each in a paragraph of its own where there are paragraphs. A part that is not
    code is refused with the markup in it, which is quoted.
    """
    line = " ".join(payloads)
    text = "\n\n".join(payloads)
    code = "\n\n".join(f"~~~~\n{payload}\n~~~~" for payload in payloads)
    client = client_of(Role.ADMIN)
    store = web.pipeline.store
    ticket = store.tickets.get(SESSION, 5)
    here, ids = f"/sessions/{SESSION}/tickets/5", {"ticket_id": ticket.ticket_id}
    revision = str(ticket.revision.number)
    texts = {"revision": revision, "title": line, "notes": code, "analysis": code}
    question = client.get(here).text.split('name="question_id" value="')[1].split('"')[0]

    refused = client.post(f"{here}/edit", data=ids | texts | {"notes": text})
    refuse_markup(refused.text, "a part that is refused")
    client.post(f"{here}/edit", data=ids | texts)
    for late in ({"do": "preview"}, {}):
        sent = ids | texts | {"notes": f"{code}\n\nlate"} | late
        refuse_markup(client.post(f"{here}/edit", data=sent).text, "beside another text")
    client.post(f"{here}/comments", data=ids | {"text": text})
    client.post(f"{here}/answers", data=ids | {"question_id": question, "answer_text": text})
    client.post(here, data=ids | {"do": "skip", "reason": line})
    for payload in payloads:
        client.post(here, data=ids | {"do": "depend", "on": payload[:20]})

    assert store.tickets.get(SESSION, 5).title == line
    for address in (here, f"{here}?edit=1", f"/sessions/{SESSION}/questions?only=all"):
        refuse_markup(client.get(address).text, address)

"""No text of a sheet, a person or a file becomes markup on a page: 455 hostile cells, and edits.

Whatever a page shows, it holds no script but ours, no handler, no address that runs something.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.kernel.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import ClientOf, opened_web, signed_in
from jira_pipeline_tests.web.hostile_sheets import CELLS, PAYLOADS, spoil

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
    project = folder / "project"
    shutil.copytree(empty_project, project)
    projects.upload(project, sheets)
    projects.run_once(project, "generate_tickets")
    with opened_web(project) as web:
        yield web


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


def pages_of(web: Web) -> list[str]:
    """The addresses of all pages of the session on which people work."""
    here = f"/sessions/{SESSION}"
    numbers = web.pipeline.store.tickets.numbers(SESSION).values()
    return [
        *(f"{here}/tickets/{number}?edit=1" for number in numbers),
        *(f"{here}/tickets/{number}/text" for number in numbers),
        *(f"{here}/questions?only=all&by={by}" for by in ("ticket", "sheet", "assignee")),
        f"{here}/export",
        f"{here}/results",
        f"{here}/tickets",
        here,
        "/",
    ]


@pytest.fixture(scope="module")
def client(hostile_web: Web) -> TestClient:
    """A browser of somebody who may see everything."""
    return signed_in(hostile_web, Role.ADMIN)


def test_no_cell_becomes_markup_on_any_page(hostile_web: Web, client: TestClient) -> None:
    seen = ""
    for address in pages_of(hostile_web):
        answer = client.get(address)

        assert answer.status_code == 200, address
        refuse_markup(answer.text, address)
        seen += answer.text
    assert "alert(1)" in seen


@pytest.mark.parametrize("payloads", TEXTS, ids=lambda payloads: payloads[0])
def test_no_text_of_a_person_becomes_markup(
    web: Web, client_of: ClientOf, payloads: tuple[str, ...]
) -> None:
    """As a title, a part, a draft beside another's, an answer, a comment, a reason, a field.

    Five to a page, each in a paragraph of its own where there are paragraphs.
    """
    line, text = " ".join(payloads), "\n\n".join(payloads)
    items = "\n".join(f"- {payload}" for payload in payloads)
    client, store = client_of(Role.ADMIN), web.pipeline.store
    ticket = store.tickets.get(SESSION, 5)
    here, ids = f"/sessions/{SESSION}/tickets/5", {"ticket_id": ticket.ticket_id}
    base = [f"{name} {ticket.revision.number} " for name in ("title", "notes", "analysis")]
    texts = {"title": line, "notes": text, "analysis": items}
    question = client.get(here).text.split('name="question_id" value="')[1].split('"')[0]

    client.post(f"{here}/edit", data=ids | texts | {"base": base})
    client.post(f"{here}/edit", data=ids | {"base": base[1], "notes": f"{text} late"})
    client.post(f"{here}/comments", data=ids | {"text": text})
    client.post(f"{here}/answers", data=ids | {"question_id": question, "answer_text": text})
    client.post(f"{here}/decide", data=ids | {"do": "skip", "reason": line})
    for payload in payloads:
        client.post(f"{here}/depend", data=ids | {"on": payload[:20]})

    assert store.tickets.get(SESSION, 5).title == line
    for address in (here, f"{here}?edit=1", f"/sessions/{SESSION}/questions?only=all"):
        refuse_markup(client.get(address).text, address)
    draft = client.put(
        f"/api/sessions/{SESSION}/drafts/{ticket.ticket_id}/user_story",
        json={"text": text, "base_revision": 1, "known_hash": ""},
    )
    refuse_markup(f"<body>{draft.json()['html']}", "a preview")
    store.drafts.remove(store.drafts.of_ticket(ticket.ticket_id))

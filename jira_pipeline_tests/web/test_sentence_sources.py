"""Where each sentence of a ticket comes from: cells, a model, a person."""

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.review import revisions
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import TicketEdit
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, signed_in

PARTS = ("user_story", "analysis", "verification")


def sentences_on(client: TestClient, number: int) -> list[str]:
    """The sentences that a template wrote, as the page of a ticket shows them."""
    page = LexborHTMLParser(client.get(f"/sessions/{SESSION}/tickets/{number}").text)
    [body] = page.css(".whole .body")
    found, part = [], ""
    for node in body.iter():
        if node.tag in {"h3", "details"}:
            part = node.attributes.get("data-part") or ""
        elif part in PARTS:
            items = node.css("li") or ([node] if node.tag == "p" else [])
            found += [" ".join(item.text().split()) for item in items]
    return [text for text in found if text != "Form" and not text.startswith(("Source:", "Esti"))]


@each("number", [1, 11, 16, 19, 23])
def test_every_sentence_of_the_template_rests_on_cells(client_of: ClientOf, number: int) -> None:
    client = client_of(Role.READER)

    found = client.get(f"/api/sessions/{SESSION}/tickets/{number}/sentences").json()

    cells = {one["text"]: one["cells"] for one in found}
    shown = sentences_on(client, number)
    assert shown
    assert [text for text in shown if not cells.get(text)] == []
    assert {"place", "file", "line", "record", "column"} == set(cells[shown[0]][0])


@pytest.mark.small_site
def test_what_a_person_wrote_names_them_and_the_rest_its_cells_still(fresh_web: Web) -> None:
    opened = open_session(fresh_web.pipeline, SESSION)
    ticket = opened.ticket(3)
    wanted = TicketEdit(parts={"analysis": f"{ticket.analysis}<ul><li>Ask <b>first</b>.</li></ul>"})
    revisions.edit(opened, ticket, wanted, revision=None, by="anna")
    kept = opened.again().ticket(3).revision
    note = TicketEdit(parts={"notes": "<p>Done.</p>"})
    revisions.edit(opened.again(), opened.again().ticket(3), note, revision=None, by="ben")

    with signed_in(fresh_web, Role.READER) as client:
        found = client.get(f"/api/sessions/{SESSION}/tickets/3/sentences").json()

    by = {one["text"]: (one["by"], one["at"]) for one in found if one["by"]}
    assert by["Ask first."] == ("anna", kept.created_at.isoformat())
    assert by["Done."][0] == "ben"
    assert set(by) == {"Ask first.", "Done."}

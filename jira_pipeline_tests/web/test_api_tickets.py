"""Tickets over HTTP: lists, edits under a lock, decisions about many at once."""

import pytest
from fastapi.testclient import TestClient

from jira_pipeline.kernel.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION, SMALL_TICKETS
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, signed_in

pytestmark = pytest.mark.small_site

TICKETS = f"/api/sessions/{SESSION}/tickets"


def _listed(client: TestClient, **query: object) -> list[int]:
    answer = client.get(TICKETS, params=query)  # type: ignore[arg-type] # as they come
    assert answer.status_code == 200, answer.text
    return [ticket["number"] for ticket in answer.json()["tickets"]]


def test_a_list_is_filtered_ordered_and_cut(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    whole = client.get(TICKETS).json()
    numbers = [ticket["number"] for ticket in whole["tickets"]]

    assert whole["total"] == len(numbers) == SMALL_TICKETS
    assert numbers[5:8] == _listed(client, offset=5, limit=3)
    assert sorted(numbers, reverse=True) == _listed(client, order="number", descending=True)
    assert set(_listed(client, group="Views")) < set(numbers)
    assert _listed(client, text="nothing of that name") == []
    assert set(_listed(client, has_questions=True)) | set(_listed(client, has_questions=False)) == (
        set(numbers)
    )
    assert client.get(TICKETS, params={"limit": 501}).status_code == 422
    assert client.get(TICKETS, params={"order": "colour"}).json()["code"]


def test_a_ticket_is_shown_without_reading_the_documents_of_others(
    web: Web, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.pipeline.store.documents, "read", None)
    answer = client_of(Role.READER).get(f"/api/sessions/{SESSION}/tickets/3")
    assert answer.status_code == 200
    assert answer.json()["description_adf"]["type"] == "doc"


def test_an_edit_needs_the_revision_it_is_made_on_and_loses_no_text(web: Web) -> None:
    client, other = signed_in(web, Role.REVIEWER), signed_in(web, Role.EXPORTER)
    address = f"{TICKETS}/4"
    wanted = {"parts": {"notes": {"markdown": "Ask the **museum**."}}}

    assert client.patch(address, json=wanted).status_code == 428
    assert client.patch(address, json=wanted, headers={"If-Match": '"2"'}).status_code == 412
    kept = client.patch(address, json=wanted, headers={"If-Match": '"r1"'})
    again = client.patch(address, json=wanted, headers={"If-Match": kept.headers["etag"]})
    late = other.patch(address, json={"title": "Mine"}, headers={"If-Match": '"r1"'})

    assert kept.json() == {
        "session_key": SESSION, "number": 4, "revision": 2, "changed": True,
    }  # fmt: skip
    assert again.json()["changed"] is False
    assert (late.status_code, late.json()["code"]) == (409, "edit_conflict")
    assert "<strong>museum</strong>" in late.json()["current"]["parts"]["notes"]
    assert late.json()["etag"] == '"r2"'
    known = client.get(f"{address}/revisions").json()
    assert [(r["number"], r["author"]) for r in known][1:] == [(2, "reviewer@example.org")]
    differs = client.get(f"{address}/revisions/2/difference").json()
    assert [part["part"] for part in differs["parts"]] == ["notes"]

    back = client.post(f"{address}/rollback", json={"to": 1}, headers={"If-Match": '"r2"'})
    assert back.json()["revision"] == 3
    assert client.get(f"{address}/revisions/7/difference").status_code == 404


@each(
    "wanted",
    [
        {"title": ""},
        {"title": "two\nlines"},
        {"title": "x" * 300},
        {"parts": {"notes": {}}},
        {"parts": {"notes": {"markdown": "a", "html": "b"}}},
        {"parts": {"tables": {"markdown": "a"}}},
        {"parts": {"notes": {"markdown": "x" * 200_001}}},
        {"tables": []},
    ],
    ids=str,
)
def test_what_no_ticket_holds_is_refused(client_of: ClientOf, wanted: dict[str, object]) -> None:
    answer = client_of(Role.REVIEWER).patch(f"{TICKETS}/5", json=wanted, headers={"If-Match": "*"})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@each(
    ("what", "wanted", "code"),
    [
        ("ready", {"numbers": [999]}, "unknown_ticket"),
        ("skip", {"numbers": [1], "reason": "  "}, "input_refused"),
        ("order", {"numbers": [1]}, "wrong_use"),
        ("order", {"numbers": [6, 1]}, "wrong_use"),  # of two groups
        ("assign", {"numbers": [1]}, "wrong_use"),
        ("assign", {"numbers": [1], "labels": ["two words"]}, "wrong_use"),
        ("labels", {"numbers": [1], "add": ["two words"]}, "wrong_use"),
        ("withdraw", {"numbers": [1]}, "not_vanished"),
        ("1/dependencies", {"on": [1]}, "dependency_cycle"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_by_its_code(
    client_of: ClientOf, what: str, wanted: dict[str, object], code: str
) -> None:
    answer = client_of(Role.REVIEWER).post(f"{TICKETS}/{what}", json=wanted)

    assert answer.json()["code"] == code
    assert answer.status_code in {404, 422}

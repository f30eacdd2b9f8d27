"""The API of layouts: what the command does, for programs."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from jira_pipeline.model.people import Role
from jira_pipeline_tests.web.browsers import opened_copy, signed_in

KINDS = b"What,Code,Hint\nWatch,watch,Of a museum\nMaker,maker,Of watches\n"
LAYOUT = """
version: 1
sheets:
- worksheets: Kinds
  regions:
  - name: kinds
    records:
    - into: bundle
      columns: {Name: What, Machine name: Code, Description: Hint, Type: {text: Content type}}
"""
WITHOUT_HINT = LAYOUT.replace("Description: Hint, ", "")
SHOP = "/api/sessions/shop/layout"


@pytest.fixture
def client(empty_project: Path, tmp_path: Path) -> Iterator[TestClient]:
    """A reviewer who sent a sheet with its layout as a field of the form."""
    with opened_copy(empty_project, tmp_path) as web:
        client = signed_in(web, Role.REVIEWER)
        files = {"files": ("Kinds.csv", BytesIO(KINDS))}
        sent = client.post("/upload", data={"session": "shop", "layout": LAYOUT}, files=files)
        look = sent.headers["location"].partition("?")[0]
        taken = client.post(f"{look}/take", data={"session": "shop"})
        assert taken.headers["location"] == "/sessions/shop"
        yield client


def answer(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def test_a_layout_that_is_sent_with_the_files_is_the_one_of_the_session(client: TestClient) -> None:
    shown = answer(client.get(SHOP))

    assert (shown["origin"], shown["revision"], shown["is_settled"]) == ("uploaded", 0, True)
    (sheet,) = shown["layout"]["sheets"]
    assert sheet["worksheets"] == ["Kinds"]


def test_a_layout_is_checked_saved_and_confirmed(client: TestClient) -> None:
    checked = answer(client.post(f"{SHOP}/check", json={"layout": WITHOUT_HINT}))
    saved = answer(client.put(SHOP, json={"layout": checked["layout"], "revision": 0}))
    late = answer(client.put(SHOP, json={"layout": LAYOUT, "revision": 0}), 409)
    refused = answer(client.post(f"{SHOP}/confirm", json={"revision": 1}), 422)
    accepting = [left["where"] for left in checked["unsettled"] if left["can_be_accepted"]]
    confirmed = answer(client.post(f"{SHOP}/confirm", json={"revision": 1, "accepting": accepting}))

    assert [left["where"] for left in checked["unsettled"]] == ["Kinds!C1", "Kinds!C2", "Kinds!C3"]
    assert saved["revision"] == 1
    assert late["code"] == "edit_conflict"
    assert refused["code"] == "layout_unsettled"
    assert confirmed == {"session_id": "shop", "is_replaced": True, "tickets": 1}
    assert answer(client.get(SHOP))["layout"]["accepted"][0]["text"] == "Hint"


def test_a_draft_is_discarded_and_a_proposal_is_always_there(client: TestClient) -> None:
    answer(client.put(SHOP, json={"layout": LAYOUT, "revision": 0}))

    client.delete(SHOP, params={"revision": 1})
    undone = answer(client.post(f"{SHOP}/undo", json={"revision": 2}))
    client.delete(SHOP, params={"revision": 3})

    assert undone["undone"] == "discard the draft"
    assert answer(client.get(SHOP))["revision"] == 4
    assert answer(client.get(f"{SHOP}/proposal"))["layout"] == {"version": 1, "sheets": []}


@pytest.mark.parametrize(
    ("layout", "detail"),
    [
        pytest.param("sheets: [", "layout: not YAML", id="no YAML"),
        pytest.param(
            {"sheets": [{"worksheets": "A"}]}, "`sheets.0`: say either", id="says nothing"
        ),
        pytest.param({"version": 2, "sheets": []}, "`version`: 2 is not known", id="version"),
        pytest.param(
            {"sheets": [], "left": ["a" * 300_000, "b" * 300_000]}, "the limit is", id="huge"
        ),
        pytest.param(
            {"sheets": [], "left": ["a"] * 20_000}, "20,000 keys and values", id="many values"
        ),
    ],
)
def test_what_is_no_layout_is_refused_with_its_place(
    client: TestClient, layout: object, detail: str
) -> None:
    refused = answer(client.put(SHOP, json={"layout": layout, "revision": 0}), 422)

    assert refused["code"] == "layout_refused"
    assert detail in refused["detail"]
    assert answer(client.get(SHOP))["origin"] == "uploaded"


def test_a_look_at_newer_files_reads_them_by_the_layout_of_the_session(client: TestClient) -> None:
    longer = BytesIO(KINDS + b"Strap,strap,Of leather\n")
    sent = client.post("/upload", data={"session": "shop"}, files={"files": ("Kinds.csv", longer)})

    look = client.get(sent.headers["location"])

    assert "Create 3 content types" in look.text
    assert "/take" in look.text

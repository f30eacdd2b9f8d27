"""The pages and the API of a site whose upload waits until somebody says what its worksheets list."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from jira_pipeline.model.people import Role
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.web.context import Web
from jira_pipeline_tests.web.browsers import opened_web, signed_in

KEY = "shop"
CONFLICT = 409
SERVER_FAULT = 500
PAGES = (
    *("", "/tickets", "/questions", "/findings", "/results", "/history", "/review", "/export"),
    *("/graph", "/forms", "/settings", "/layout", "/errors", "/site"),
)


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    folder = tmp_path / "sheets" / KEY
    folder.mkdir(parents=True)
    (folder / "Kinds.csv").write_text("What,Code\nWatch,watch\n", encoding="utf-8")
    (folder / "layout.yaml").write_text("version: 1\nsheets: []\n", encoding="utf-8")
    return folder


@pytest.fixture
def web(empty_project: Path, tmp_path: Path) -> Iterator[Web]:
    with opened_web(shutil.copytree(empty_project, tmp_path / "project")) as web:
        yield web


@pytest.fixture
def reviewer(web: Web) -> Iterator[TestClient]:
    with signed_in(web, Role.REVIEWER) as client:
        yield client


def test_every_page_of_a_site_that_waits_is_shown_and_leads_to_its_layout(
    web: Web, reviewer: TestClient, sheets: Path
) -> None:
    uploading.upload(web.pipeline, sheets, session_key=KEY, auto_approve=False, actor="ada")

    answers = {page: reviewer.get(f"/sessions/{KEY}{page}") for page in PAGES}
    overview = reviewer.get(f"/sessions/{KEY}").text
    listed = reviewer.get("/").text
    status = reviewer.get(f"/api/sessions/{KEY}/processing/status").json()
    started = reviewer.post(f"/api/sessions/{KEY}/generate")

    faults = {page: a.status_code for page, a in answers.items() if a.status_code >= SERVER_FAULT}
    assert faults == {}
    assert f'href="/sessions/{KEY}/layout"' in overview
    assert "confirm the layout" in listed
    assert status["needs_layout"]
    assert (started.status_code, started.json()["code"]) == (CONFLICT, "layout_needed")


def test_files_that_are_sent_and_need_a_layout_lead_to_its_page(
    web: Web, reviewer: TestClient, sheets: Path
) -> None:
    files = [("files", (path.name, path.read_bytes())) for path in sorted(sheets.iterdir())]

    sent = reviewer.post("/upload", data={"session": KEY}, files=files).headers["location"]
    looked = reviewer.get(sent)
    taken = reviewer.post(f"{sent.partition('?')[0]}/take", data={"session": KEY})

    assert "you say on the next page what the worksheets list" in " ".join(looked.text.split())
    assert taken.headers["location"].partition("?")[0] == f"/sessions/{KEY}/layout"
    assert not web.pipeline.store.sessions.get(KEY).has_sheets

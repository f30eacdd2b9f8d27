"""Markup in a cell, a decision or an address stays text, on every page the table of routes has."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.flow import upload as uploading
from jira_pipeline.flow.open_session import OpenSession, open_session
from jira_pipeline.kernel.people import Role
from jira_pipeline.kernel.tickets import FieldValue
from jira_pipeline.ports.runs import RunJob, WantedRun
from jira_pipeline_tests import projects
from jira_pipeline_tests.web.browsers import opened_web, signed_in
from jira_pipeline_tests.web.routes_and_roles import ROUTES

XSS = """"></script></style><script>alert(1)</script><img src=x onerror=alert(2)>'{{7*7}}"""
LABEL = "<svg/onload=alert(3)>"
KEY = "hostile"
FREE_COLUMNS = {
    *("Description", "Settings/notes", "Notes", "Help text", "Field label", "Field group"),
    *("Title", "URL alias pattern", "Layout", "Form widget", "Dev", "QA", "ID"),
}
"""Columns that no other row refers to: whatever they hold, the sheets can be read."""
PAGES = sorted(
    path
    for method, path in ROUTES
    if method == "GET" and not path.startswith(("/api", "/static", "/sign-in"))
)
PLACES = {"key": KEY, "number": "1", "ticket": "1"}


def spoil(folder: Path) -> int:
    """Put markup into every free cell of the sheets and into the manifest; return how many."""
    count = 0
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            for column in FREE_COLUMNS & row.keys():
                row[column] = f"{row[column]} {XSS}"
                count += 1
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    manifest = folder / "session.yaml"
    text = manifest.read_text(encoding="utf-8")
    name = XSS.replace("'", "''")
    manifest.write_text(
        re.sub(r"^site_name:.*$", lambda _: f"site_name: '{name}'", text, flags=re.MULTILINE),
        encoding="utf-8",
    )
    return count


def decide_hostilely(session: OpenSession) -> None:
    """Put markup into whatever people may type about tickets."""
    store, at = session.store, session.clock.now()
    first, second, *_ = session.tickets
    edit = store.reviews.edit
    parts = first.revision.parts
    edit(KEY, first.ticket_id, expected_revision=1, title=XSS, parts=parts, by=XSS, at=at)
    fields: dict[str, FieldValue] = {
        "assignee": XSS,
        "sprint": XSS,
        "priority": XSS,
        "labels": (LABEL,),
    }
    store.reviews.assign(KEY, [first.ticket_id], fields=fields, by=XSS, at=at)
    store.tickets.skip(KEY, [second.ticket_id], reason=XSS, by=XSS, at=at)


@pytest.fixture(scope="module")
def hostile(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser of an admin before a session whose every free cell is markup."""
    folder = projects.copy_sheets(tmp_path_factory.mktemp("sheets") / KEY)
    assert spoil(folder) >= 455
    project = tmp_path_factory.mktemp("hostile") / "project"
    with pytest.MonkeyPatch.context() as environment:
        projects.adopt(empty_project, project, environment)
        with opened_web(project) as web:
            uploading.upload(web.pipeline, folder, session_key=KEY, auto_approve=False, actor=XSS)
            run = web.runs.start(WantedRun(session_key=KEY, job=RunJob.GENERATION, by="test"))
            outcome = web.runs.outcome(run)
            assert outcome is not None
            assert outcome.is_success, outcome.reason
            decide_hostilely(open_session(web.pipeline, KEY))
            with signed_in(web, Role.ADMIN) as client:
                files = [("files", (p.name, p.read_bytes())) for p in sorted(folder.iterdir())]
                client.headers["x-look"] = client.post(
                    "/upload", files=files, data={"session": KEY}
                ).headers["location"]
                yield client


def refuse_markup(text: str, where: str) -> None:
    """Fail where a page holds what only markup of a cell can have put there."""
    page = LexborHTMLParser(text)
    sources = [script.attributes.get("src") or "inline" for script in page.css("script")]
    assert [s for s in sources if not s.startswith("/static/")] == [], where
    assert page.css("iframe, object, embed, base, style, img, [onerror], [onload]") == [], where
    styled = [node.tag for node in page.css("[style]")]
    assert styled == [], where
    for link in page.css("a[href], form[action]"):
        address = link.attributes.get("href") or link.attributes.get("action") or ""
        assert not re.match(r"\s*(javascript|data|vbscript):", address, re.IGNORECASE), where


@pytest.mark.parametrize("template", PAGES)
def test_no_cell_becomes_markup(hostile: TestClient, template: str) -> None:
    if template == "/upload/{upload_id}":
        path = hostile.headers["x-look"]
    else:
        path = re.sub(r"\{(\w+)\}", lambda m: PLACES.get(m[1], "1"), template)

    answer = hostile.get(path)

    assert answer.status_code < 500, answer.text
    kind = answer.headers.get("content-type", "")  # a redirect has none
    if kind.startswith("text/html") and not path.endswith(".html"):
        refuse_markup(answer.text, path)
        assert "49'" not in answer.text.replace("{{7*7}}", "")


@pytest.mark.parametrize(
    "path",
    [
        f"/sessions/{KEY}/tickets?text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        f"/sessions/{KEY}/tickets?assignee=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        f"/sessions/{KEY}/findings?text=%3Cimg%20src=x%20onerror=alert(1)%3E&file=%22%3E%3Cimg%3E",
        "/?text=%22%3E%3Csvg%20onload=alert(1)%3E",
        "/upload?session=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        f"/sessions/{KEY}/graph?ticket=%3Cscript%3E",
        "/sessions/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    ],
)
def test_no_address_becomes_markup(hostile: TestClient, path: str) -> None:
    answer = hostile.get(path)

    assert answer.status_code < 500
    refuse_markup(answer.text, path)


def test_what_a_cell_says_reads_as_it_was_written(hostile: TestClient) -> None:
    page = LexborHTMLParser(hostile.get(f"/sessions/{KEY}/tickets").text)

    [shown] = [a.text() for a in page.css("#ticket-1 [data-row]")]
    assert shown == XSS
    assert LABEL in page.css("#ticket-1 .under")[0].text()

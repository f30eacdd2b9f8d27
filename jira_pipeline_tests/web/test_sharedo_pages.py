"""The pages of ShareDo: environments, exports, comparisons, and packages as uploads."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from jira_pipeline.model.people import Role
from jira_pipeline.model.sharedo_jobs import JobError, JobState
from jira_pipeline.review import approvals
from jira_pipeline.review.documents.rendering import LITERAL_HEADING
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sources.sharedo import export_jobs
from jira_pipeline.sources.sharedo.sandbox.environments import sandbox_environments
from jira_pipeline.sources.sharedo.sandbox.made_packages import build_package
from jira_pipeline.web.context import Web
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, signed_in, text_of
from jira_pipeline_tests.web.test_upload_pages import send

pytestmark = pytest.mark.small_site

MATTER_TYPE = "sharedo-type:matter"
FIRST, SECOND = (
    build_package(sandbox_environments()[name], [MATTER_TYPE]) for name in ("development", "test")
)
"""The same work type of both environments, under the same file name."""
MATTER = {"environment": "development", "items": "worktype:matter"}
BOTH = {"first": "development", "second": "test", "items": "matter"}


def test_the_page_lists_environments_and_asks_them_where_somebody_wants_it(
    client_of: ClientOf,
) -> None:
    plain = client_of(Role.EXPORTER).get("/sharedo").text
    asked = client_of(Role.EXPORTER).get("/sharedo?check=1").text
    by_reader = client_of(Role.READER).get("/sharedo?check=1").text

    assert "development" in text_of(plain, "#environments ~ .scroll")
    assert "consultant@example.invalid" not in plain + by_reader
    assert "consultant@example.invalid" in text_of(asked, "#environments ~ .scroll")
    assert "/sharedo/exports" not in by_reader


def test_environments_that_cannot_be_read_are_reported_and_nothing_can_be_exported(
    fresh_web: Web,
) -> None:
    path = fresh_web.pipeline.settings.sharedo_environments_path
    path.write_text("environments: 7", encoding="utf-8")

    page = signed_in(fresh_web, Role.EXPORTER).get("/sharedo")

    assert page.status_code == 200
    assert "The environments cannot be read" in page.text
    assert 'action="/sharedo/comparisons"' not in page.text


def test_an_export_is_requested_followed_cancelled_and_restarted(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)

    asked = client.post("/sharedo/exports", data=MATTER | {"items": "matter form:intake"})
    waiting = client.get("/sharedo/live")
    jobs = {j.parameters.system_name: j for j in fresh_web.pipeline.store.sharedo_jobs.list_all()}
    client.post(f"/sharedo/exports/{jobs['intake'].job_id}/cancel")
    export_jobs.recover_all(fresh_web.pipeline, listener=lambda _event: None)
    ended = client.get("/sharedo/live")
    failed = export_jobs.known_job(fresh_web.pipeline, jobs["matter"].job_id)
    error = JobError(code="EXPORT_003", message="It failed.", is_recoverable=True)
    fresh_web.pipeline.store.sharedo_jobs.record(
        replace(failed, state=JobState.FAILED, error=error)
    )
    with_error = client.get("/sharedo/live").text
    client.post(f"/sharedo/exports/{failed.job_id}/retry")

    assert asked.headers["location"] == "/sharedo"
    assert "data-at-work" in waiting.text
    assert text_of(waiting.text, ".tag") == "pending pending"
    assert "data-at-work" not in ended.text
    assert sorted(text_of(ended.text, ".tag").split()) == ["cancelled", "completed"]
    assert "EXPORT_003: It failed." in text_of(with_error, "td")
    assert export_jobs.known_job(fresh_web.pipeline, failed.job_id).state is JobState.PENDING


def test_a_completed_export_is_downloaded_inspected_and_made_tickets(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)
    client.post("/sharedo/exports", data=MATTER | {"items": "matter"})
    [job] = fresh_web.pipeline.store.sharedo_jobs.list_all()
    address = f"/sharedo/exports/{job.job_id}"
    too_early = client.get(address)
    export_jobs.recover_all(fresh_web.pipeline, listener=lambda _event: None)

    listed = client.get("/sharedo/live").text
    shown = client.get(address).text
    sent = client.get(f"{address}/package")
    made = client.post(f"{address}/tickets", data={"session": "matter-alone"})

    assert too_early.status_code == 409
    assert f'href="{address}"' in listed
    assert f'href="{address}/package"' in listed
    assert "sharedo-type:matter" in text_of(shown, "table")
    assert "Must exist on the target" in text_of(shown, "h2")
    assert 'value="development-matter"' in shown
    assert zipfile.ZipFile(io.BytesIO(sent.content)).read("manifest.json")
    assert f"export_{job.job_id}.zip" in sent.headers["content-disposition"]
    assert made.headers["location"] == "/sessions/matter-alone"
    assert "1 ticket" in text_of(client.get("/sessions/matter-alone").text, ".notice")
    reader = signed_in(fresh_web, Role.READER)
    assert reader.get(address).status_code == 200
    assert "/package" not in reader.get(address).text + reader.get("/sharedo/live").text
    assert reader.get(f"{address}/package").status_code == 403


def test_a_package_that_is_gone_is_named(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)
    client.post("/sharedo/exports", data=MATTER)
    [result] = export_jobs.recover_all(fresh_web.pipeline, listener=lambda _event: None)
    [job] = result.jobs
    _, path = export_jobs.package_of(fresh_web.pipeline, job.job_id)
    path.unlink()

    shown = client.get(f"/sharedo/exports/{job.job_id}")
    made = client.post(f"/sharedo/exports/{job.job_id}/tickets", data={"session": "x"})

    assert shown.status_code == 404
    assert f"The package of export job {job.job_id} is missing" in text_of(shown.text, "p")
    assert made.headers["location"] == f"/sharedo/exports/{job.job_id}"


def test_two_environments_are_compared_and_made_tickets(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)

    address = client.post("/sharedo/comparisons", data=BOTH).headers["location"]
    running, live = client.get(address), client.get(f"{address}/live")
    export_jobs.recover_all(fresh_web.pipeline, listener=lambda _event: None)
    shown = client.get(address)
    made = client.post(f"{address}/tickets", data={"session": "difference"})

    assert "data-at-work" in running.text
    assert "data-at-work" in live.text
    assert text_of(shown.text, "h1") == "development compared with test"
    assert "1 different" in text_of(shown.text, ".facts")
    assert "Phases[matter-negotiation]" in text_of(shown.text, ".ticket td")
    assert 'value="development-to-test"' in shown.text
    assert made.headers["location"] == "/sessions/difference"
    assert "1 ticket" in text_of(client.get("/sessions/difference").text, ".notice")
    assert address in client.get("/sharedo").text


def test_two_packages_are_compared_on_a_page(client_of: ClientOf) -> None:
    client = client_of(Role.REVIEWER)

    sent = client.post(
        "/sharedo/comparisons/upload",
        files=[("first", ("matter.zip", FIRST)), ("second", ("matter.zip", SECOND))],
        data={"first_name": "Test", "second_name": "Live"},
    )
    shown = client.get(sent.headers["location"])

    assert text_of(shown.text, "h1") == "Test compared with Live"
    assert "1 different" in text_of(shown.text, ".facts")
    assert 'value="test-to-live"' in shown.text


@each(
    ("address", "form"),
    [
        ("/sharedo/exports", MATTER | {"items": " "}),
        ("/sharedo/exports", MATTER | {"environment": "nowhere"}),
        ("/sharedo/exports/nope/cancel", {}),
        ("/sharedo/exports/nope/retry", {}),
        ("/sharedo/exports/nope/tickets", {"session": "x"}),
        ("/sharedo/comparisons", BOTH | {"second": "development"}),
        ("/sharedo/comparisons/upload", {}),
        ("/sharedo/comparisons/nope/tickets", {"session": "x"}),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_explained_on_the_page_it_came_from(
    client_of: ClientOf, address: str, form: dict[str, str]
) -> None:
    refused = client_of(Role.EXPORTER).post(address, data=form)

    assert refused.status_code == 303
    assert refused.headers["location"].startswith("/sharedo")
    assert "jira_pipeline_notice" in refused.headers["set-cookie"]


def test_a_session_of_packages_is_never_said_to_be_of_sheets(fresh_web: Web) -> None:
    """Pages and refusals named sheets and rows, which nobody who sent packages has."""
    client, here = signed_in(fresh_web, Role.EXPORTER), "/sessions/cases"
    development = sandbox_environments()["development"]
    whole = build_package(development, [MATTER_TYPE, "form-builder:intake"])

    def take(package: bytes) -> str:
        look = send(client, [("files", ("cases.zip", package, "application/zip"))], session="cases")
        client.post(f"{look.url.path}/take", data={"session": "cases"})
        return look.text

    looks = [take(whole)]
    client.post(f"/api{here}/generate")
    pages = ["", "/findings", "/questions", "/tickets", "/tickets/1", "/export", "/results"]
    texts = [client.get(f"{here}{page}").text for page in pages]
    approvals.mark_ready(open_session(fresh_web.pipeline, "cases"), None, by="test")
    looks.append(take(FIRST))
    replaced = client.post(f"/api{here}/export").json()
    behind = [client.get(f"{here}{page}").text for page in ("", "/tickets/1", "/tickets/2")]
    client.post(f"/api{here}/generate")
    gone = client.post(f"/api{here}/export").json()
    after = [client.get(f"{here}{page}").text for page in ("", "/tickets", "/todo")]

    shown = [
        text_of(text, "main, body > section").replace(LITERAL_HEADING, "")  # names a file in Jira
        for text in (*looks, *texts, *behind, *after)
    ]
    said = [json.dumps(answer) for answer in (replaced, gone)]
    assert (replaced["code"], gone["code"]) == ("stale", "questions_of_withdrawal")
    of_sheets = re.compile(r".{0,60}\bsheets?\b.{0,40}", re.IGNORECASE)
    assert [found for one in (*shown, *said) for found in of_sheets.findall(one)] == []
    assert "packages" in gone["detail"]


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


@each(
    ("made", "reason"),
    [
        (lambda: b"PK no zip", "not a readable zip"),
        (lambda: zipped("Fields.csv", b"a,b\n"), "it contains sheets, such as Fields.csv"),
        (lambda: zipped("manifest.json", b"0" * 60_000_000), "larger than 5,000,000 bytes"),
    ],
    ids=["damaged", "sheets", "bomb"],
)
def test_a_zip_that_is_no_package_says_why(
    client_of: ClientOf, made: Callable[[], bytes], reason: str
) -> None:
    client, content = client_of(Role.REVIEWER), made()

    look = send(client, [("files", ("export.zip", content, "application/zip"))])

    assert "These packages cannot be used" in text_of(look.text, ".notice")
    assert reason in text_of(look.text, "#findings ~ section td")
    assert "/take" not in look.text

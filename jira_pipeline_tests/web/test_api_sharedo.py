"""Exports from ShareDo over HTTP: asked for, followed, cancelled; the daemon carries them out."""

from dataclasses import replace

import pytest

from jira_pipeline.model.people import Role
from jira_pipeline.model.sharedo_jobs import JobError, JobState
from jira_pipeline.sources.sharedo import export_jobs
from jira_pipeline.web.context import Web
from jira_pipeline_tests.web.browsers import SOCKET_ORIGIN, ClientOf

pytestmark = pytest.mark.small_site

EXPORTS = "/api/sharedo/exports"
MATTER = {"type": "worktype", "system_name": "matter", "environment": "development"}


def test_an_export_is_asked_for_once_and_carried_out_by_the_daemon(
    web: Web, client_of: ClientOf
) -> None:
    client = client_of(Role.EXPORTER)

    asked, again = (client.post(EXPORTS, json=MATTER) for _ in range(2))
    shown = client.get(f"{EXPORTS}/{asked.json()['job_id']}")
    [result] = export_jobs.recover_all(web.pipeline, listener=lambda _event: None)
    done = client.get(f"{EXPORTS}/{asked.json()['job_id']}").json()

    assert (asked.status_code, asked.json()["state"]) == (202, "pending")
    assert again.json() == asked.json() == shown.json()
    assert len(result.jobs) == 1
    assert (done["state"], done["progress_percentage"]) == ("completed", 100)
    assert set(done["package"]) == {"file_name", "sha256", "size_bytes"}


def test_a_batch_is_many_jobs_and_one_of_them_is_cancelled(web: Web, client_of: ClientOf) -> None:
    client = client_of(Role.EXPORTER)
    items = [MATTER | {"type": "form", "system_name": name} for name in ("intake", "closing")]

    jobs = client.post(f"{EXPORTS}/batch", json={"items": items}).json()["jobs"]
    cancelled = client.post(f"{EXPORTS}/{jobs[0]['job_id']}/cancel", json={})
    again = client.post(f"{EXPORTS}/{jobs[0]['job_id']}/cancel", json={})
    retried = client.post(f"{EXPORTS}/{jobs[0]['job_id']}/retry", json={})
    unknown = client.post(f"{EXPORTS}/nowhere/cancel", json={})

    assert [job["system_name"] for job in jobs] == ["intake", "closing"]
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert (again.status_code, again.json()) == (200, cancelled.json())  # it was 404
    assert (retried.status_code, unknown.status_code) == (409, 404)
    web.pipeline.store.sharedo_jobs.record(
        replace(export_jobs.known_job(web.pipeline, jobs[1]["job_id"]), state=JobState.COMPLETED)
    )


def test_a_failed_job_is_restarted(web: Web, client_of: ClientOf) -> None:
    client = client_of(Role.EXPORTER)
    job_id = client.post(EXPORTS, json=MATTER | {"environment": "test"}).json()["job_id"]
    job = export_jobs.known_job(web.pipeline, job_id)
    error = JobError(code="EXPORT_003", message="It failed.", is_recoverable=True)
    web.pipeline.store.sharedo_jobs.record(replace(job, state=JobState.FAILED, error=error))

    with client.websocket_connect(f"{SOCKET_ORIGIN}{EXPORTS}/{job_id}/progress") as socket:
        message = socket.receive_json()
    again = client.post(f"{EXPORTS}/{job_id}/retry", json={}).json()
    recovered = client.post(f"{EXPORTS}/recover", json={})
    with client.websocket_connect(f"{SOCKET_ORIGIN}{EXPORTS}/{job_id}/progress") as socket:
        then = socket.receive_json()

    assert (message["type"], message["job"]["error"]["code"]) == ("onError", "EXPORT_003")
    assert (again["state"], again["attempt"], again["error"]) == ("pending", 2, None)
    assert (recovered.status_code, recovered.json()) == (202, {"jobs": []})
    assert (then["type"], then["job"]["job_id"]) == ("onProgress", job_id)


def test_what_cannot_be_exported_is_refused(client_of: ClientOf) -> None:
    client = client_of(Role.EXPORTER)

    nowhere = client.post(EXPORTS, json=MATTER | {"environment": "nowhere"})
    untyped = client.post(EXPORTS, json=MATTER | {"type": "configuration"})
    unknown = client.get(f"{EXPORTS}/nope")

    assert (nowhere.status_code, untyped.status_code, unknown.status_code) == (422, 422, 404)
    assert untyped.json()["code"] == "EXPORT_006"

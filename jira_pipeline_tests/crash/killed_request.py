"""A web program that is killed at a write of one request, and what it left.

Belongs here: the requests, the process that dies, reading what is there afterwards. Does not:
counting writes (`write_points`). The program is the whole application over the store of a copied
project.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.dagster_port.reports import report_upload
from jira_pipeline.dagster_port.run_launchers import QueuedRuns
from jira_pipeline.model.people import Role
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import accounts
from jira_pipeline.web.context import Access, LateDagster, Web
from jira_pipeline_tests import projects
from jira_pipeline_tests.crash.write_points import DeadlyWrite, WritePoints
from jira_pipeline_tests.forking import CHILDREN
from jira_pipeline_tests.web.browsers import browser, dagster_in_test

PERSON = "exporter@example.org"
Send = Callable[[TestClient, Path], httpx2.Response]


@contextmanager
def opened_program(project: Path) -> Iterator[tuple[Web, TestClient]]:
    """Open the program, and a browser of an exporter."""
    with projects.opened(project) as pipeline, opened_instance() as instance:
        dagster = LateDagster()
        dagster.arrive(dagster_in_test, QueuedRuns(instance, pipeline))
        web = Web(
            pipeline=pipeline,
            dagster=dagster,
            access=Access(pipeline),
            report_to_dagster=report_upload,
        )
        client = browser(web)
        client.headers["Authorization"] = f"Bearer {(project / 'token').read_text('ascii')}"
        yield web, client


def prepare(reviewed: Path, folder: Path) -> Path:
    """Copy a project with a valid session; everything is ready, and a person has a token."""
    project = folder / "project"
    shutil.copytree(reviewed, project)
    projects.rename_a_field(projects.copy_small_sheets(folder / "corrected"))
    with projects.opened(project) as pipeline:
        accounts.add_person(pipeline, PERSON, Role.EXPORTER, by="test")
        token = accounts.issue_token(pipeline, PERSON, role=None, days=1, label="", by="test")
        (project / "token").write_text(token.secret, encoding="ascii")
        session = open_session(pipeline, projects.SESSION)
        asked = next(q for q in session.questions if q.is_open)
        question = f"{asked.ticket.number} {asked.ticket.ticket_id} {asked.question_id}"
        (folder / "question").write_text(question, encoding="ascii")
        mark_ready(open_session(pipeline, projects.SESSION), None, by="test")
    return project


@contextmanager
def in_home(project: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(project))
        yield


# The requests; each can be sent again after an answer that was lost.


def skip(client: TestClient, _folder: Path) -> httpx2.Response:
    wanted = {"do": "skip", "number": "2", "reason": "Built already"}
    return client.post(f"/sessions/{projects.SESSION}/tickets", data=wanted)


def answer(client: TestClient, folder: Path) -> httpx2.Response:
    number, ticket_id, question_id = (folder / "question").read_text("ascii").split()
    wanted = {"ticket_id": ticket_id, "question_id": question_id, "answer_text": "Agreed."}
    return client.post(f"/sessions/{projects.SESSION}/tickets/{number}/answers", data=wanted)


def send_upload(client: TestClient, folder: Path) -> httpx2.Response:
    """Send corrected sheets, and take them."""
    sheets = sorted((folder / "corrected").iterdir())
    files = [("files", (path.name, path.read_bytes())) for path in sheets]
    session = {"session": projects.SESSION}
    sent = client.post("/upload", files=files, data=session)
    upload = sent.headers["location"].partition("?")[0]
    return client.post(f"{upload}/take", data=session)


def start_export(client: TestClient, _folder: Path) -> httpx2.Response:
    """Ask for the export, as a program does."""
    return client.post(f"/api/jira/export-session/{projects.SESSION}", json={})


def start_export_with_key(client: TestClient, _folder: Path) -> httpx2.Response:
    """Ask for the export with a key by which it can be repeated."""
    headers = {"Idempotency-Key": "one export"}
    return client.post(f"/api/jira/export-session/{projects.SESSION}", json={}, headers=headers)


def skip_with_key(client: TestClient, _folder: Path) -> httpx2.Response:
    """Leave a ticket out with a key by which that can be repeated."""
    wanted = {"numbers": [2], "reason": "Built already"}
    headers = {"Idempotency-Key": "one decision"}
    here = f"/api/sessions/{projects.SESSION}"
    return client.post(f"{here}/skip", json=wanted, headers=headers)


REQUESTS: Mapping[str, Send] = {
    "skip": skip,
    "answer": answer,
    "upload": send_upload,
    "export": start_export,
    "export with key": start_export_with_key,
    "skip with key": skip_with_key,
}


def send_and_die(project: Path, name: str, deadly: DeadlyWrite | None, log_path: Path) -> None:
    """Send a request in this process, which dies at a write or ends by itself."""
    os.environ["DAGSTER_HOME"] = str(project)  # noqa: TID251 - of a process of its own
    with opened_program(project) as (_, client):
        WritePoints(deadly, log_path=log_path).watch()
        response = REQUESTS[name](client, project.parent)
        log_path.with_suffix(".status").write_text(str(response.status_code), encoding="ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a process did before it ended."""

    exit_code: int | None
    writes: tuple[str, ...]
    status: int | None
    """Of the answer; None where the process died before."""


def sent(project: Path, name: str, deadly: DeadlyWrite | None = None) -> Sent:
    """Have a process of its own send a request."""
    log_path = project.parent / "writes"
    process = CHILDREN.Process(target=send_and_die, args=(project, name, deadly, log_path))
    process.start()
    process.join()
    status = log_path.with_suffix(".status")
    return Sent(
        exit_code=process.exitcode,
        writes=tuple(log_path.read_text("utf-8").splitlines()) if log_path.exists() else (),
        status=int(status.read_text("ascii")) if status.exists() else None,
    )


def state_of(pipeline: Pipeline) -> dict[str, object]:
    """Return what people see of the session; times and run ids differ from one try to the next."""
    session = open_session(pipeline, projects.SESSION)
    return {
        "tickets": [
            (t.number, t.title, t.skipped_reason, t.ready_hash is not None) for t in session.tickets
        ],
        "answers": [(t.number, a.answer) for t in session.tickets for a in t.answers],
        "files": sorted(file.sha256 for file in session.files),
        "stage": (session.stored.stage, session.stored.status),
    }

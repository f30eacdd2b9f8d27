"""Kills the web at a write of one request, sends the request again, and judges what is there.

Belongs here: the requests, the child that dies, what must be true afterwards. Does not: points
(`write_points`), the web itself (`web`).
"""

import logging
import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from jira_pipeline.domain.people import Role
from jira_pipeline.sessions import incoming, people
from jira_pipeline.sessions.open_session import open_session
from jira_pipeline.sessions.review import mark_ready
from jira_pipeline.web.access import Access
from jira_pipeline.web.application import create_app
from jira_pipeline.web.context import Web
from jira_pipeline.web.dagster import LateDagster
from jira_pipeline_tests import projects
from jira_pipeline_tests.crash import processes
from jira_pipeline_tests.crash.write_points import ANY, DeadlyWrite, WritePoints
from jira_pipeline_tests.web.browsers import dagster_in_test
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

SESSION = projects.SESSION
PERSON = "kim@example.org"
SECRET_FILE, RUNS_FILE, UPLOAD_FILE = "token", "runs.json", "upload"
EDIT, ANSWER, SEND, TAKE, EXPORT = "edit", "answer", "send", "take", "export"
REQUESTS = (EDIT, ANSWER, SEND, TAKE, EXPORT)
HERE = f"/api/sessions/{SESSION}"


@contextmanager
def opened_client(project: Path) -> Iterator[tuple[Web, TestClient]]:
    """Open the web of a project, and a program that holds a token."""
    with projects.opened(project) as pipeline:
        dagster = LateDagster()
        dagster.arrive(dagster_in_test, RecordedRuns(kept_in=project / RUNS_FILE))
        web = Web(pipeline=pipeline, dagster=dagster, access=Access(pipeline))
        secret = (project / SECRET_FILE).read_text(encoding="utf-8")
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "the-request"}
        with TestClient(create_app(web), headers=headers) as client:
            yield web, client


def send(client: TestClient, project: Path, name: str) -> int:
    """Send one request and return its status."""
    match name:
        case "edit":
            wanted = {"title": "Edited", "parts": {"notes": {"markdown": "Ask first."}}}
            headers = {"If-Match": '"r1"'}
            return client.patch(f"{HERE}/tickets/1", json=wanted, headers=headers).status_code
        case "answer":
            place = client.get(f"{HERE}/questions").json()["questions"][0]["place"]
            answers = [{"place": place, "answer": "Editors only"}]
            return client.post(f"{HERE}/questions/answers", json={"answers": answers}).status_code
        case "send":
            files = [
                ("files", (path.name, path.read_bytes()))
                for path in sorted((project / "museum").iterdir())
            ]
            return client.post(f"{HERE}/uploads", files=files).status_code
        case "take":
            upload_id = (project / UPLOAD_FILE).read_text(encoding="utf-8")
            return client.post(f"{HERE}/uploads/{upload_id}/take", json={}).status_code
        case _:
            return client.post(f"{HERE}/export", json={}).status_code


def send_and_die(
    project: Path, name: str, deadly: DeadlyWrite | None = None, told_to: Path | None = None
) -> None:
    """Send one request in a child, and die at a write of it where one is given."""
    logging.disable(logging.CRITICAL)
    os.environ["DAGSTER_HOME"] = str(project)  # noqa: TID251 - of this child
    with opened_client(project) as (_, client):
        WritePoints(deadly, told_to=told_to).watch()
        assert send(client, project, name) < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is there once a request was done."""

    tickets: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Title, prose and answers of each ticket."""
    revisions: Mapping[int, int]
    """How many each of the first tickets has."""
    content_sha256: str
    files: tuple[str, ...]
    done: Mapping[str, int]
    """How often each kind of change is in the audit trail."""
    runs: tuple[tuple[str, str], ...]
    """Jobs that were asked for, and by whom."""
    incoming: tuple[str, ...]
    is_trail_whole: bool


def left_in(web: Web, project: Path) -> Left:
    """Look at what is there."""
    session, store = open_session(web.pipeline, SESSION), web.pipeline.store
    holder = incoming.incoming_path(web.pipeline)
    found = holder.iterdir() if holder.is_dir() else ()
    asked = RecordedRuns(kept_in=project / RUNS_FILE).wanted
    return Left(
        tickets=tuple(
            (t.title, t.revision.content_hash, tuple(answer.answer for answer in t.answers))
            for t in session.tickets
        ),
        revisions={
            t.number: len(store.tickets.revisions(t.ticket_id)) for t in session.tickets[:3]
        },
        content_sha256=session.stored.content_sha256,
        files=tuple(file.sha256 for file in session.files),
        done=Counter(entry.action for entry in store.audit.entries(SESSION)),
        runs=tuple((wanted.job.value, wanted.by) for wanted in asked),
        incoming=tuple(sorted(p.name for p in found if not p.name.startswith("."))),
        is_trail_whole=store.audit.verify().is_whole,
    )


class RequestGround:
    """Makes a fresh project for every kill, in which each of the requests may be sent."""

    def __init__(self, reviewed: Path, folder: Path) -> None:
        """Prepare the project that is copied: ready tickets, a token, a corrected upload."""
        self._folder = folder
        self._numbers = count(1)
        self._ready = folder / "ready"
        shutil.copytree(reviewed, self._ready)
        sheets = projects.copy_sheets(self._ready / "museum")
        projects.rename_a_field(sheets)
        with projects.opened(self._ready) as pipeline:
            people.add_person(pipeline, PERSON, Role.ADMIN, by="test")
            secret = people.issue_token(
                pipeline, PERSON, role=None, days=1, label="test", by="test"
            ).secret
            (self._ready / SECRET_FILE).write_text(secret, encoding="utf-8")
            mark_ready(open_session(pipeline, SESSION), numbers=None, by="test")
            files = [(path.name, BytesIO(path.read_bytes())) for path in sorted(sheets.iterdir())]
            upload_id = incoming.receive(pipeline, files, by="anna").upload_id
            (self._ready / UPLOAD_FILE).write_text(upload_id, encoding="utf-8")

    @contextmanager
    def place(self, name: str) -> Iterator[Path]:
        """Give a fresh project that is this process's home."""
        folder = self._folder / str(next(self._numbers))
        with pytest.MonkeyPatch.context() as environment:
            project = projects.adopt(self._ready, folder, environment)
            if name == SEND:
                shutil.rmtree(project / ".jira_pipeline" / "incoming")
            yield project
        shutil.rmtree(folder)

    def points(self, name: str) -> list[str]:
        """Return the names of the writes of an undisturbed request, in order."""
        told_to = self._folder / "points"
        told_to.write_text("", encoding="utf-8")
        with self.place(name) as project:
            code = processes.ended(processes.start(send_and_die, project, name, None, told_to))
        assert code == 0, f"an undisturbed {name} ended with {code}"
        return told_to.read_text(encoding="utf-8").splitlines()

    def undisturbed(self, name: str) -> Left:
        """Return what a request leaves that nobody kills."""
        with self.place(name) as project, opened_client(project) as (web, client):
            assert send(client, project, name) < 300
            return left_in(web, project)

    def wrong_after(self, name: str, point: int, undisturbed: Left) -> str:
        """Kill a request at a write, send it again, and say what is wrong; nothing where all is well."""
        deadly = DeadlyWrite(name=ANY, occurrence=point)
        with self.place(name) as project:
            code = processes.ended(processes.start(send_and_die, project, name, deadly))
            with opened_client(project) as (web, client):
                status = send(client, project, name)
                left = left_in(web, project)
        where = f"{name} killed at write {point}"
        if code != -signal.SIGKILL:
            return f"{where}: it ended by itself ({code})"
        if status >= 300:
            return f"{where}: sent again it was answered {status}"
        return "" if left == undisturbed else f"{where}: {left} instead of {undisturbed}"

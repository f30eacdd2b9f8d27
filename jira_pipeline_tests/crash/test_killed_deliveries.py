"""The daemon killed (SIGKILL) at every write of a delivery, and as it sends: no message is lost.

A message that was sent and not noted is sent again under its id, by which a receiver tells it; one
that was begun and not sent is sent later. Nothing that the dead process held keeps a run waiting.
"""

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from pydantic import SecretStr

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.run_statuses import EndedRun, RunEnd
from jira_pipeline.model.runs import RunJob
from jira_pipeline.model.webhook_deliveries import DeliveryState
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.delivering import DeliveryLook, deliver_due
from jira_pipeline.sessions.notifying import notify
from jira_pipeline_tests import projects
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.crash.killing import KILLED
from jira_pipeline_tests.crash.write_points import DeadlyWrite, WritePoints
from jira_pipeline_tests.forking import CHILDREN

pytestmark = pytest.mark.xdist_group("processes")
UNHURRIED = SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda _seconds: None)


@dataclass(frozen=True, slots=True)
class Received:
    """A receiver that writes down the id of each message, in a file that outlives the sender."""

    path: Path
    is_deadly: bool = False
    """The process dies as it sends, before the message is there."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.is_deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        with self.path.open("a", encoding="ascii") as file:
            file.write(f"{request.headers['webhook-id']}\n")
        return httpx.Response(204)

    @property
    def ids(self) -> list[str]:
        return self.path.read_text("ascii").splitlines() if self.path.exists() else []


def look(pipeline: Pipeline, receiver: Callable[[httpx.Request], httpx.Response]) -> DeliveryLook:
    url = SecretStr("https://hooks.example.org/team")
    settings = pipeline.settings.model_copy(update={"notify_webhook_url": url})
    return deliver_due(
        replace(pipeline, settings=settings),
        timer=UNHURRIED,
        random=lambda: 0.5,
        transport=httpx.MockTransport(receiver),
    )


def deliver_and_die(project: Path, receiver: Received, deadly: DeadlyWrite | None) -> None:
    """Look at the outbox in this process, which dies at a write, as it sends, or ends by itself."""
    with projects.opened(project) as pipeline:
        WritePoints(deadly, log_path=project.parent / "writes").watch()
        look(pipeline, receiver)


def exit_code_of(project: Path, receiver: Received, deadly: DeadlyWrite | None) -> int | None:
    process = CHILDREN.Process(target=deliver_and_die, args=(project, receiver, deadly))
    process.start()
    process.join()
    return process.exitcode


@pytest.fixture
def waiting(small_reviewed_project: Path, tmp_path: Path) -> Path:
    """A project in whose outbox a message waits."""
    project = shutil.copytree(small_reviewed_project, tmp_path / "waiting" / "project")
    with projects.opened(project) as pipeline:
        url = SecretStr("https://hooks.example.org/team")
        settings = pipeline.settings.model_copy(update={"notify_webhook_url": url})
        session = open_session(replace(pipeline, settings=settings), projects.SESSION)
        ended = EndedRun(run_id="r1", end=RunEnd.FAILED, ended_at=session.stored.created_at)
        assert notify(session, ended, job_name="csv_to_jira", task_id="task-1")
    return project


def test_a_message_whose_sender_is_killed_arrives_under_one_id_and_no_run_waits_for_it(
    waiting: Path, tmp_path: Path
) -> None:
    whole = shutil.copytree(waiting.parent, tmp_path / "whole") / "project"
    assert exit_code_of(whole, Received(whole.parent / "received"), None) == 0
    writes = (whole.parent / "writes").read_text("utf-8").splitlines()
    deaths: list[tuple[str, DeadlyWrite | None]] = [("as it sends", None)]
    for point, name in enumerate(writes, start=1):
        deaths.append((f"before {name} ({point})", DeadlyWrite(occurrence=point)))

    sent_before_death = []
    for number, (where, deadly) in enumerate(deaths):
        project = shutil.copytree(waiting.parent, tmp_path / str(number)) / "project"
        receiver = Received(project.parent / "received")
        died = exit_code_of(project, replace(receiver, is_deadly=deadly is None), deadly)
        assert died == KILLED, where
        sent_before_death.append(len(receiver.ids))
        with projects.opened(project) as opened:
            later = replace(opened, clock=MovableClock(ahead=timedelta(minutes=2)))
            request = later.store.run_requests.request(
                projects.SESSION,
                job_name=RunJob.VALIDATION,
                task_id="asked for meanwhile",
                by="test",
                at=later.clock.now(),
            )
            looked = look(later, receiver)
            (delivery,) = later.store.webhook_deliveries.of_session(projects.SESSION, limit=9)
        assert request.task_id == "asked for meanwhile", where
        assert looked == DeliveryLook(delivered=1), where
        assert set(receiver.ids) == {delivery.delivery_id}, where
        assert delivery.state is DeliveryState.DELIVERED, where

    assert set(sent_before_death) == {0, 1}

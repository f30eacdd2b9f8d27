"""WebSockets and the writing of tickets: the stated messages; a lost connection costs nothing."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter
from starlette.testclient import WebSocketDenialResponse, WebSocketTestSession
from typing_extensions import override

from jira_pipeline.jira.sandbox_http import SandboxRequest, SandboxResponse
from jira_pipeline.model.errors import StoreBusyError, UnavailableError
from jira_pipeline.model.people import Role
from jira_pipeline.model.runs import DAEMON, RunJob, WantedRun
from jira_pipeline.model.sessions import (
    SessionStage,
    SessionStatus,
    TicketProgress,
    Wait,
    WaitCause,
    WaitTarget,
)
from jira_pipeline.review.approvals import mark_ready, validate
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.starting import start_generation
from jira_pipeline.store.locks import FileTargetLease
from jira_pipeline.store.session_store import SessionStore
from jira_pipeline.web.api.work import ExportStatus, export_status_of
from jira_pipeline.web.context import LateDagster, Web
from jira_pipeline.web.live import Look, export_message, look_at, writing_message
from jira_pipeline.writing.generation import generate
from jira_pipeline_tests import projects
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultPlan, FaultRule
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION, SMALL_TICKETS
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import (
    NAMES,
    SOCKET_ORIGIN,
    ClientOf,
    browser,
    opened_copy,
    signed_in,
    with_runs,
)
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

pytestmark = pytest.mark.small_site

EXPORT = f"/api/jira/export/progress/{SESSION}"
STARTS = (
    f"/api/jira/export-session/{SESSION}",
    f"/api/jira/retry-failed/{SESSION}",
    f"/api/jira/retry-failed/{SESSION}",
)
WRITING = f"/api/sessions/{SESSION}/processing/progress"
HERE = f"/api/sessions/{SESSION}"


def _opened(client: TestClient, address: str) -> AbstractContextManager[WebSocketTestSession]:
    return client.websocket_connect(f"{SOCKET_ORIGIN}{address}")


def _show(web: Web, stage: SessionStage, status: SessionStatus) -> None:
    projects.show_run(web.pipeline, status, stage=stage, run_id="r1")


def _progress(web: Web, done: int, *, group: str | None = None) -> None:
    web.pipeline.store.sessions.set_progress(
        SESSION,
        percentage=min(10.0 * done, 100.0),
        text=f"Creating ticket {done + 1} of 24: Clock",
        at=web.pipeline.clock.now(),
        details=TicketProgress(
            ticket_id="t1",
            ticket_title="Clock",
            done=done,
            failed=0,
            total=24,
            remaining_seconds=90.0,
            entity_group=group,
            entities_in_group=None if group is None else 40,
        ),
    )


def test_an_export_is_followed_over_a_lost_connection_to_its_end(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.READER)
    _show(fresh_web, SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
    _progress(fresh_web, 1)

    with _opened(client, EXPORT) as socket:
        first = socket.receive_json()
    _progress(fresh_web, 2)  # while nobody is connected
    with _opened(client, EXPORT) as socket:
        second = socket.receive_json()
        _progress(fresh_web, 3)
        third = socket.receive_json()
        _show(fresh_web, SessionStage.COMPLETED, SessionStatus.COMPLETED)
        last = socket.receive_json()

    assert (
        first.items()
        >= {
            "type": "export_progress",
            "session_id": SESSION,
            "current_stage": "Creating ticket 2 of 24: Clock",
            "tickets_failed": 0,
            "total_tickets": 24,
            "estimated_time_remaining_minutes": 2,
            "current_jira_project": "UHR",
        }.items()
    )
    assert {"status", "progress_percentage"} <= set(first)
    assert [m["tickets_completed"] for m in (first, second, third)] == [1, 2, 3]
    assert (last["type"], last["status"]) == ("export_complete", "completed")
    assert set(last) >= {
        "tickets_created", "dependencies_created", "manual_fixes_needed",
        "total_processing_time_minutes",
    }  # fmt: skip


@each(
    ("message_of", "stage", "status"),
    [
        (export_message, SessionStage.JIRA_EXPORT, SessionStatus.RUNNING),
        (export_message, SessionStage.COMPLETED, SessionStatus.COMPLETED),
        (export_message, SessionStage.JIRA_EXPORT, SessionStatus.FAILED),
        (writing_message, SessionStage.PROCESSING, SessionStatus.RUNNING),
        (writing_message, SessionStage.PROCESSING, SessionStatus.CANCELLED),
        (writing_message, SessionStage.REVIEW, SessionStatus.WAITING),
    ],
)
def test_the_page_names_every_field_of_a_message(
    fresh_web: Web,
    message_of: Callable[[Look], Mapping[str, object]],
    stage: SessionStage,
    status: SessionStatus,
) -> None:
    _show(fresh_web, stage, status)

    message = message_of(look_at(fresh_web, SESSION))

    page = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^- `{message['type']}`: (.*)$", page, re.MULTILINE)
    assert ["type", *re.findall(r"`(\w+)`", line)] == [*message]


def test_a_websocket_of_an_address_that_is_none_gets_a_problem(client_of: ClientOf) -> None:
    """It was refused with 403 and without a word."""
    with (
        pytest.raises(WebSocketDenialResponse) as denied,
        _opened(client_of(Role.READER), "/api/jira/export/nowhere"),
    ):
        pass

    assert (denied.value.status_code, denied.value.json()["code"]) == (404, "not_found")


def test_while_jira_is_away_the_reason_and_the_next_attempt_are_fields(fresh_web: Web) -> None:
    """They were one long sentence, as the stage of an export that seemed to be at work."""
    runs = RecordedRuns()
    task_id = runs.start(WantedRun(session_key=SESSION, job=RunJob.EXPORT, by="test"))
    runs.begin(task_id, run_id="r1")
    _show(fresh_web, SessionStage.JIRA_EXPORT, SessionStatus.WAITING)
    again = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    wait = Wait(
        waiting_for=WaitTarget.JIRA,
        retry_at=again,
        cause=WaitCause(code="jira_outage", message="Jira answered 503."),
    )
    fresh_web.pipeline.store.sessions.set_progress(
        SESSION, percentage=10.0, text="Jira answered 503. Next attempt …", at=again, wait=wait
    )
    client = signed_in(with_runs(fresh_web, runs), Role.READER)

    status = client.get(f"/api/jira/export-status/{SESSION}").json()
    with _opened(client, EXPORT) as socket:
        message = socket.receive_json()

    waiting = {
        "waiting_for": "jira",
        "problem": {"code": "jira_outage", "message": "Jira answered 503."},
        "current_stage": "Waiting for Jira",
    }
    assert status.items() >= waiting.items()
    assert message.items() >= waiting.items()
    assert datetime.fromisoformat(status["retry_at"]) == again


def test_an_export_that_fails_says_where_and_who_can_act(fresh_web: Web) -> None:
    client, pipeline = signed_in(fresh_web, Role.READER), fresh_web.pipeline
    _show(fresh_web, SessionStage.JIRA_EXPORT, SessionStatus.FAILED)
    pipeline.store.errors.record(
        UnavailableError("Jira does not answer.", recovery_actions=("Wait.",)),
        session_key=SESSION,
        stage="jira_export",
        at=pipeline.clock.now(),
        run_id="r1",
    )

    with _opened(client, EXPORT) as socket:
        message = socket.receive_json()

    assert (message["type"], message["status"]) == ("export_failed", "failed")
    assert (message["error_category"], message["retry_available"]) == ("temporary", True)
    assert message["error_message"] == "Jira does not answer."
    assert message["failed_at_ticket"] == 1  # it sent none: the first without an issue


def test_an_export_that_was_cancelled_counts_its_last_ticket(
    exported_project: Path, tmp_path: Path
) -> None:
    """The run ends after the ticket it is at; the progress it told last is from before that."""
    with opened_copy(exported_project, tmp_path) as web:
        _show(web, SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
        _progress(web, EXAMPLE_TICKETS - 1)
        _show(web, SessionStage.JIRA_EXPORT, SessionStatus.CANCELLED)

        page = signed_in(web, Role.READER).get(f"/sessions/{SESSION}/export").text

    assert f"{EXAMPLE_TICKETS} of {EXAMPLE_TICKETS} issues exist" in page


@pytest.mark.parametrize("page", ["", "/export"])
def test_a_page_is_sent_the_same_part_that_it_would_ask_for(fresh_web: Web, page: str) -> None:
    client, address = signed_in(fresh_web, Role.READER), f"/sessions/{SESSION}{page}/live"
    _show(fresh_web, SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
    _progress(fresh_web, 1)

    with _opened(client, address) as socket:
        first, asked = socket.receive_text(), client.get(address).text
        _progress(fresh_web, 2)
        second = socket.receive_text()
        _show(fresh_web, SessionStage.COMPLETED, SessionStatus.COMPLETED)
        last = socket.receive_text()

    assert first == asked
    assert "Creating ticket 2 of 24: Clock" in first
    assert "Creating ticket 3 of 24: Clock" in second
    assert ["data-at-work" in part for part in (first, second, last)] == [True, True, False]


def test_who_may_cancel_sees_so_over_a_connection_too(fresh_web: Web) -> None:
    _show(fresh_web, SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)
    shown = {}

    for role in (Role.REVIEWER, Role.EXPORTER):
        with _opened(signed_in(fresh_web, role), f"/sessions/{SESSION}/live") as socket:
            shown[role] = "Cancel" in socket.receive_text()

    assert shown == {Role.REVIEWER: False, Role.EXPORTER: True}


def test_writing_is_followed_by_group(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.READER)
    _show(fresh_web, SessionStage.PROCESSING, SessionStatus.RUNNING)
    _progress(fresh_web, 1, group="Content")

    with _opened(client, WRITING) as socket:
        first = socket.receive_json()
        _show(fresh_web, SessionStage.REVIEW, SessionStatus.WAITING)
        last = socket.receive_json()

    assert first["type"] == "processing_progress"
    assert first["current_stage"].startswith("Processing Content entities (")
    assert first["details"]["entities_in_group"] == 40
    assert (last["status"], last["ready_for_review"]) == ("completed", True)


def test_progress_of_writing_never_falls_also_while_tickets_are_validated(
    fresh_web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was 100, then 0 until the validation was over."""
    runs = RecordedRuns()
    web = with_runs(fresh_web, runs)
    task_id = start_generation(open_session(web.pipeline, SESSION), runs, by="kim").task_id
    runs.begin(str(task_id), run_id="r1")
    seen: list[dict[str, Any]] = []

    for change in ("set_progress", "set_stage", "mark_generated"):
        of_store = getattr(SessionStore, change)

        def seen_after(*given: Any, of_store: Callable[..., None] = of_store, **more: Any) -> None:
            of_store(*given, **more)
            seen.append(writing_message(look_at(web, SESSION)))

        monkeypatch.setattr(SessionStore, change, seen_after)
    generate(open_session(web.pipeline, SESSION), run_id="r1")
    validate(open_session(web.pipeline, SESSION), run_id="r1")
    runs.dequeue(str(task_id))
    seen.append(writing_message(look_at(web, SESSION)))

    told = [message["progress_percentage"] for message in seen]
    assert told == sorted(told)
    assert {message["type"] for message in seen[:-1]} == {"processing_progress"}
    assert told[-1] == 100
    assert "Validating" in {message.get("current_stage") for message in seen}
    done = [message["details"]["tickets_completed"] for message in seen[:-1]]
    assert done == sorted(done)


def test_an_error_over_a_connection_is_a_problem_within_a_message(fresh_web: Web) -> None:
    """The message lost its `type`, and was closed with: try again later."""
    client = signed_in(fresh_web, Role.READER)

    with _opened(client, EXPORT) as socket:
        socket.receive_json()
        pipeline = fresh_web.pipeline
        pipeline.store.sessions.remove(SESSION, by="ab", at=pipeline.clock.now())
        message = socket.receive_json()
        closed = socket.receive()

    assert message["type"] == "error"
    assert message["problem"]["status"] == 404
    assert (closed["code"], closed["reason"][:10]) == (1008, message["problem"]["detail"][:10])


def test_a_session_that_is_not_there_is_denied_with_a_problem(client_of: ClientOf) -> None:
    address = EXPORT.replace(SESSION, "nowhere")
    with pytest.raises(WebSocketDenialResponse) as denied, _opened(client_of(Role.READER), address):
        pass

    problem: Mapping[str, object] = denied.value.json()
    assert (denied.value.status_code, problem["status"]) == (404, 404)


def test_nobody_opens_connections_without_end(fresh_web: Web) -> None:
    for _ in range(20):
        fresh_web.followers.add(NAMES[Role.READER], most=20)
    client = signed_in(fresh_web, Role.READER)

    with pytest.raises(WebSocketDenialResponse) as denied, _opened(client, EXPORT):
        pass

    assert denied.value.status_code == 429


class PolledSite(FaultySandbox):
    """A Jira during each of whose requests somebody asks how far the export is."""

    poll: Callable[[], None] | None = None

    @override
    def receive(self, request: SandboxRequest) -> SandboxResponse:
        if self.poll is not None:
            self.poll()
        return super().receive(request)


def test_progress_only_moves_as_stated_through_failures_and_retries(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """19, 0, 28, 33, 0 was seen."""
    refusals = [
        FaultRule(kind=FaultKind.UNAUTHORIZED, method="POST", path="/issue$", nth=n) for n in (3, 5)
    ]
    seen: list[dict[str, Any]] = []
    with ExitStack() as opened:
        site = opened.enter_context(
            PolledSite(
                tmp_path / "site.sqlite",
                clock=lambda: datetime.now(UTC),  # noqa: TID251 - a site has a clock
                faults=FaultPlan(rules=tuple(refusals)),
            )
        )
        site.ensure_project("UHR")
        address = opened.enter_context(served(site))
        site.set_base_url(address)
        account = {"BASE_URL": address, "EMAIL": "owner@sandbox.example", "API_TOKEN": "a-token"}
        for name, value in (account | {"CREATE_DELAY_SECONDS": "0", "BATCH_SIZE": "1"}).items():
            monkeypatch.setenv(f"JIRA_{name}", value)
        prepared = projects.prepared(request, "reviewed_project")
        web = opened.enter_context(opened_copy(prepared, tmp_path))
        mark_ready(open_session(web.pipeline, SESSION), None, by="test")
        site.poll = lambda: seen.append(_status_now(web))
        client = signed_in(web, Role.EXPORTER)

        for start in STARTS:
            assert client.post(start, json={}).status_code == 202
            seen.append(_status_now(web))

    assert [status for status, _ in groupby(one["status"] for one in seen)] == [
        *("not_started", "exporting", "failed"),
        *("exporting", "failed"),
        *("exporting", "completed"),
    ]
    at_work = [one for one in seen if one["status"] == "exporting"]
    for name in ("progress_percentage", "tickets_completed"):
        told = [one[name] for one in at_work]
        assert told == sorted(told)
    assert {one["total_tickets"] for one in at_work} == {projects.SMALL_TICKETS}
    tasks = [task for task, _ in groupby(one["task_id"] for one in at_work)]
    assert len(tasks) == len(set(tasks)) == len(STARTS)


def _status_now(web: Web) -> dict[str, Any]:
    answers = TypeAdapter[Any](ExportStatus)
    shown: dict[str, Any] = answers.dump_python(
        answers.validate_python(export_status_of(look_at(web, SESSION)))
    )
    return shown


def test_tickets_are_written_and_the_status_says_they_are_ready_for_review(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.REVIEWER)

    started = client.post(f"{HERE}/generate", json={})
    status = client.get(f"{HERE}/processing/status").json()

    assert started.status_code == 202
    assert (started.json()["llm_provider"], started.json()["status"]) == ("template", "processing")
    assert (status["status"], status["ready_for_review"]) == ("completed", True)
    assert status["tickets"] == SMALL_TICKETS
    assert client.post(f"{HERE}/processing/retry").json()["code"] == "nothing_to_retry"
    assert client.post(f"{HERE}/processing/cancel").json()["code"] == "nothing_to_cancel"


def test_writing_starts_once_and_is_cancelled_in_the_queue(fresh_web: Web) -> None:
    runs = RecordedRuns()
    client = signed_in(with_runs(fresh_web, runs), Role.REVIEWER)

    answers = [client.post(f"{HERE}/generate", json={}) for _ in range(2)]
    cancelled = client.post(f"{HERE}/processing/cancel").json()

    assert [(a.status_code, a.json()["task_id"]) for a in answers] == [(202, "run-1")] * 2
    assert [run.job for run in runs.wanted] == [RunJob.GENERATION]
    assert [run["became"] for run in cancelled["runs"]] == ["dequeued"]


def test_an_unusable_model_starts_nothing(fresh_web: Web) -> None:
    client, pipeline = signed_in(fresh_web, Role.REVIEWER), fresh_web.pipeline
    pipeline.store.sessions.choose_writer(
        SESSION, "openai:a-model-without-a-key", by="ab", at=pipeline.clock.now()
    )

    refused = client.post(f"{HERE}/generate", json={})

    assert (refused.status_code, refused.json()["error_category"]) == (503, "temporary")
    assert refused.headers["retry-after"]
    assert refused.json()["user_message"].startswith("LLM service unavailable: ")
    assert fresh_web.runs.in_flight(SESSION) == []


def test_errors_are_listed_by_category_and_stage_and_the_newest_stay(fresh_web: Web) -> None:
    client, pipeline = signed_in(fresh_web, Role.READER), fresh_web.pipeline
    for word in ("one", "two", "three"):
        error = UnavailableError(f"Jira does not answer: {word}.", recovery_actions=("Wait.",))
        pipeline.store.errors.record(
            error, session_key=SESSION, stage="jira_export", at=pipeline.clock.now()
        )

    def listed(**query: object) -> list[str]:
        answer = client.get(f"{HERE}/processing/errors", params=query)  # type: ignore[arg-type] # as they come
        assert answer.json()["total"] in {0, 3}
        return [error["message"].split()[-1] for error in answer.json()["errors"]]

    assert listed(category="temporary", stage="jira_export") == ["one.", "two.", "three."]
    assert listed(limit=2) == ["two.", "three."]
    assert listed(stage="upload") == listed(category="user_fixable") == []


@pytest.fixture
def ready_web(web: Web) -> Iterator[Web]:
    with web.pipeline.store.leases.hold(DAEMON, holder="serve on front-1"):
        yield with_runs(web, RecordedRuns())


def test_a_process_is_alive_before_it_is_ready(web: Web, ready_web: Web) -> None:
    starting = browser(replace(web, dagster=LateDagster()))

    early = starting.get("/ready")
    late = browser(ready_web).get("/ready")

    assert starting.get("/health").text == "alive\n"
    assert (early.status_code, early.json()["dagster"]) == (503, "starting")
    assert late.status_code == 200
    there = {"store": "usable", "dagster": "there", "daemon": "running"}
    assert late.json() == {"is_ready": True, **there}


def test_without_a_store_it_is_not_ready_and_says_nothing_of_it(ready_web: Web) -> None:
    class Away(FileTargetLease):
        @override
        def holder_of(self, target_id: str) -> str | None:
            raise StoreBusyError("The server of the store at 10.0.0.5 cannot be reached.")

    pipeline = ready_web.pipeline
    store = copy(pipeline.store)
    vars(store)["leases"] = Away(pipeline.settings.home_path)
    away = replace(ready_web, pipeline=replace(pipeline, store=store))

    answer = browser(away).get("/ready")

    assert (answer.status_code, answer.json()["store"]) == (503, "unusable")
    assert "10.0.0.5" not in answer.text

"""The rows of the facts about exports, in the order a program calls them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from httpx2 import Response
from pydantic import SecretStr

from jira_pipeline.export.agreed_content import agreed_export_hash
from jira_pipeline.export.project_check import list_projects
from jira_pipeline.model.people import Role
from jira_pipeline.model.runs import RunJob, WantedRun
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.decisions import skip
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.cancelling import cancel
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.web.context import LateDagster, Web
from jira_pipeline.web.status_pace import StatusPace
from jira_pipeline_tests import projects
from jira_pipeline_tests.jira.rules_of_sites import ProjectRules, SiteRules, write_rules
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultPlan, FaultRule
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.projects import SESSION, SMALL_TICKETS
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import (
    NAMES,
    ClientOf,
    browser,
    signed_in,
    token_of,
    with_runs,
)
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

pytestmark = pytest.mark.small_site
EXPORT = f"/api/jira/export-session/{SESSION}"
STATUS = f"/api/jira/export-status/{SESSION}"


def test_a_whole_export_answers_each_call_leads_to_the_next(fresh_web: Web) -> None:
    """One export, since each takes seconds; the shapes of its answers are frozen in `golden`."""
    seconds = count(step=3)
    pace = StatusPace(monotonic=lambda: float(next(seconds)))
    web = replace(fresh_web, status_pace=pace)
    client, reader = signed_in(web, Role.EXPORTER), signed_in(web, Role.READER)

    before = reader.get(STATUS).json()
    too_early = client.get(f"/api/jira/export-results/{SESSION}")
    refused = client.post(EXPORT, json={})
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")
    started = client.post(EXPORT, json={})
    done = client.get(f"/api/sessions/{SESSION}/export/status").json()
    results = client.get(f"/api/jira/export-results/{SESSION}").json()
    fixes = client.get(f"/api/sessions/{SESSION}/export/manual-fixes").json()["fixes"]
    summary = client.get(f"/api/sessions/{SESSION}/export/summary").json()
    again = client.post(f"/api/jira/retry-failed/{SESSION}", json={}).json()

    assert (before["status"], before["task_id"], too_early.status_code) == (
        "not_started",
        None,
        422,
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "not_ready")
    body = started.json()
    assert (started.status_code, body["session_id"]) == (202, SESSION)
    assert (body["status"], body["total_tickets"]) == ("exporting", SMALL_TICKETS)
    assert isinstance(body["estimated_duration_minutes"], int)
    assert (done["status"], done["jira_tickets_created"]) == ("completed", SMALL_TICKETS)
    assert done["task_id"] == body["task_id"]
    assert results["total_tickets_created"] == len(results["jira_tickets"]) == SMALL_TICKETS
    assert len(fixes) == len(results["manual_fixes"])
    assert (summary["status"], summary["tickets_exported"]) == ("completed", SMALL_TICKETS)
    assert again["code"] == "nothing_to_retry"
    actors = {e.actor for e in fresh_web.pipeline.store.audit.entries(SESSION)}
    assert "exporter@example.org" in actors
    task = reader.get(started.headers["location"]).json()
    assert (task["task_id"], task["session_id"], task["status"]) == (
        body["task_id"], SESSION, "succeeded",
    )  # fmt: skip
    assert task["run_id"] == done["run_id"]


def test_a_task_that_nobody_asked_for_is_unknown(client_of: ClientOf) -> None:
    answer = client_of(Role.READER).get("/api/tasks/3f2a")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_task")


def test_an_export_that_failed_is_reported_and_carried_on(fresh_web: Web) -> None:
    client, pipeline = signed_in(fresh_web, Role.EXPORTER), fresh_web.pipeline
    mark_ready(open_session(pipeline, SESSION), None, by="test")
    projects.show_run(pipeline, SessionStatus.FAILED, failed_at_ticket_number=2)

    body = client.get(STATUS).json()
    retried = client.post(f"/api/jira/retry-failed/{SESSION}", json={})

    assert (body["status"], body["retry_available"], body["retry_attempts_used"]) == (
        "failed", True, 0,
    )  # fmt: skip
    assert (body["failed_at_ticket_order"], body["failed_at_ticket_number"]) == (1, 2)
    assert (retried.status_code, retried.json()["retry_attempt"]) == (202, 1)
    assert retried.json()["resuming_from_ticket_order"] == 0


def test_an_export_that_failed_before_it_sent_anything_stopped_at_its_first_ticket_without_issue(
    fresh_web: Web,
) -> None:
    """A retry that Jira refused at once said neither which ticket nor where."""
    client, pipeline = signed_in(fresh_web, Role.EXPORTER), fresh_web.pipeline
    projects.show_run(pipeline, SessionStatus.FAILED)

    body = client.get(STATUS).json()

    assert (body["failed_at_ticket_order"], body["failed_at_ticket_number"]) == (0, 1)


def test_the_status_is_answered_once_in_two_seconds(fresh_web: Web) -> None:
    web = replace(fresh_web, status_pace=StatusPace(monotonic=lambda: 0.0))
    client, other = signed_in(web, Role.EXPORTER), signed_in(web, Role.READER)

    first, second = client.get(STATUS), client.get(f"/api/sessions/{SESSION}/export/status")

    assert (first.status_code, second.status_code) == (200, 429)
    assert 1 <= int(second.headers["retry-after"]) <= 2
    assert other.get(STATUS).status_code == 200
    assert client.get(f"/api/sessions/{SESSION}/processing/status").status_code == 200


def test_each_token_of_a_person_has_a_pace_of_its_own(fresh_web: Web) -> None:
    """Two jobs of one person that followed one session starved each other."""
    web = replace(fresh_web, status_pace=StatusPace(monotonic=lambda: 0.0))
    client = browser(web)
    jobs = [token_of(web, NAMES[Role.READER]) for _ in range(2)]
    spaced = {"Authorization": jobs[0]["Authorization"].replace(" ", "  ")}

    answers = [client.get(STATUS, headers=headers) for headers in (*jobs, spaced)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


@each(
    ("method", "address", "allowed"),
    [
        ("OPTIONS", f"/api/sessions/{SESSION}/adoption", "GET, HEAD, POST"),
        ("PATCH", f"/api/sessions/{SESSION}/layout", "GET, HEAD, PUT, DELETE"),
        ("TRACE", f"/api/jira/export-session/{SESSION}", "POST"),
    ],
)
def test_a_method_that_an_address_lacks_is_refused_with_those_it_has(
    client_of: ClientOf, method: str, address: str, allowed: str
) -> None:
    answer = client_of(Role.READER).request(method, address, content=b"{}")

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_project_is_checked_against_what_people_want(client_of: ClientOf) -> None:
    names = ("requires_sprint_assignment", "requires_assignee", "requires_priority_levels")
    wanted = {"project_key": "SBX", "user_requirements": dict.fromkeys(names, True)}

    answer = client_of(Role.REVIEWER).post("/api/jira/validate-project", json=wanted)

    body = answer.json()
    assert answer.status_code == 200
    assert (body["validation_status"], body["can_create_tasks"], body["can_view_project"]) == (
        "valid", True, True,
    )  # fmt: skip
    assert (body["blocking_issues"], bool(body["priority_levels"])) == ([], True)
    assert body["team_members"][0].keys() == {"account_id", "display_name"}
    assert body["priority_levels"][0].keys() == {"id", "name"}


def test_checking_a_project_creates_nothing(fresh_web: Web) -> None:
    """The sandbox made whatever project was asked about, and called it valid."""
    client = signed_in(fresh_web, Role.REVIEWER)

    first, again = (
        client.post("/api/jira/validate-project", json={"project_key": "NOWHERE"}).json()
        for _ in range(2)
    )

    assert first == again
    assert (first["validation_status"], first["can_view_project"]) == ("invalid", False)
    assert "NOWHERE" not in {p.key for p in list_projects(fresh_web.pipeline)}


def test_conversion_is_tested_fresh_for_all_or_some(client_of: ClientOf, web: Web) -> None:
    client, address = client_of(Role.REVIEWER), f"/api/jira/test-adf-conversion/{SESSION}"
    one = {"ticket_ids": [open_session(web.pipeline, SESSION).tickets[0].ticket_id]}

    whole = client.post(address, json={"include_attachments": True}).json()
    of_one = client.post(address, json=one | {"include_attachments": False}).json()
    unknown = client.post(address, json={"ticket_ids": ["t-none"]}).json()

    assert (whole["tickets_tested"], whole["all_passed"]) == (SMALL_TICKETS, True)
    assert [r["attachment_upload_status"] for r in of_one["results"]] == ["skipped"]
    assert unknown["code"] == "unknown_ticket"


def test_that_all_of_none_passed_is_not_said(fresh_web: Web) -> None:
    """A check that waits for `all_passed` went on with a session without tickets."""
    client, address = (
        signed_in(fresh_web, Role.REVIEWER),
        f"/api/jira/test-adf-conversion/{SESSION}",
    )
    session = open_session(fresh_web.pipeline, SESSION)

    of_none = client.post(address, json={"ticket_ids": []})
    skip(session, [ticket.number for ticket in session.tickets], reason="built", by="kim")
    of_skipped = client.post(address)

    for answer in (of_none, of_skipped):
        assert (answer.status_code, answer.json()["code"]) == (422, "no_tickets")


@each(
    "address",
    [
        EXPORT,
        f"/api/jira/retry-failed/{SESSION}",
        f"/api/sessions/{SESSION}/generate",
        f"/api/sessions/{SESSION}/processing/retry",
        f"/api/sessions/{SESSION}/processing/cancel",
    ],
)
def test_a_start_ignores_nothing_that_its_body_says(client_of: ClientOf, address: str) -> None:
    """A dry run of another project created the issues of this one."""
    client = client_of(Role.EXPORTER)
    json_type = {"content-type": "application/json"}

    unknown = client.post(address, json={"project_key": "OTHER", "dry_run": True})
    broken = client.post(address, content=b'{"as_new":true,"foo":', headers=json_type)
    other_type = client.post(address, content=b"dry_run", headers={"content-type": "text/plain"})

    assert "dry_run" in unknown.json()["detail"]
    assert [unknown.status_code, broken.status_code, other_type.status_code] == [422, 422, 415]


def test_a_start_needs_no_body(queueing_web: Web) -> None:
    client = signed_in(queueing_web, Role.EXPORTER)
    form_type = {"content-type": "application/x-www-form-urlencoded"}
    json_type = {"content-type": "application/json"}

    answers = [
        client.post(EXPORT),
        client.post(EXPORT, json={}),
        client.post(EXPORT, content=b"null", headers=json_type),
        client.post(EXPORT, content=b"", headers=form_type),
    ]

    assert [answer.status_code for answer in answers] == [202] * 4


@pytest.fixture
def queueing_web(fresh_web: Web) -> Web:
    """A web with ready tickets whose runs stay in the queue."""
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")
    return with_runs(fresh_web, RecordedRuns())


def test_what_is_queued_is_named_and_nothing_else_starts(queueing_web: Web) -> None:
    client, runs = signed_in(queueing_web, Role.EXPORTER), queueing_web.runs
    assert isinstance(runs, RecordedRuns)

    first = client.post(EXPORT, json={}).json()
    second = client.post(f"/api/sessions/{SESSION}/export", json={})

    assert second.status_code == 202
    assert first["task_id"] == second.json()["task_id"] == "run-1"
    assert [(run.job, run.by) for run in runs.wanted] == [(RunJob.EXPORT, "exporter@example.org")]
    status = client.get(STATUS).json()
    assert (status["status"], status["run_status"], status["task_id"]) == (
        "exporting", "queued", "run-1",
    )  # fmt: skip
    refused = client.post(f"/api/jira/retry-failed/{SESSION}", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "export_running")
    locked = client.post(f"/api/sessions/{SESSION}/generate", json={})
    assert (locked.status_code, locked.json()["code"]) == (409, "session_locked")

    assert len(runs.wanted) == 1


def test_no_export_is_queued_behind_an_undo(queueing_web: Web) -> None:
    """It began after the undo, and created again what that had deleted: no plan had named it."""
    runs = queueing_web.runs
    assert isinstance(runs, RecordedRuns)
    runs.start(WantedRun(session_key=SESSION, job=RunJob.UNDO, by="ann"))

    refused = signed_in(queueing_web, Role.EXPORTER).post(EXPORT, json={})

    assert (refused.status_code, refused.json()["code"]) == (409, "undo_open")
    assert len(runs.wanted) == 1


def test_the_run_of_an_agreed_plan_is_asked_for_with_what_was_agreed(queueing_web: Web) -> None:
    client, runs = signed_in(queueing_web, Role.EXPORTER), queueing_web.runs
    assert isinstance(runs, RecordedRuns)
    plan = client.get(f"/api/sessions/{SESSION}/plan").json()

    client.post(EXPORT, json={"plan_hash": plan["plan_hash"]})

    assert [run.agreed_hash for run in runs.wanted] == [
        agreed_export_hash(
            open_session(queueing_web.pipeline, SESSION), update=None, is_as_new=False
        )
    ]


def test_a_run_is_named_as_soon_as_there_is_one(
    queueing_web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing led from a task of the API to its run in Dagster; a refusal called a request a run."""
    client, runs = signed_in(queueing_web, Role.EXPORTER), queueing_web.runs
    assert isinstance(runs, RecordedRuns)
    settings = queueing_web.pipeline.settings
    monkeypatch.setitem(settings.__dict__, "web_base_url", "https://tickets.example.org/")

    requested = client.post(EXPORT, json={}).json()
    refused = client.post(f"/api/jira/retry-failed/{SESSION}", json={}).json()
    runs.begin("run-1", run_id="b5e4")
    running = client.post(EXPORT, json={}).json()
    status = client.get(STATUS).json()
    refused_by_run = client.post(f"/api/jira/retry-failed/{SESSION}", json={}).json()

    task = {"task_id": "run-1"}
    begun = {"run_id": "b5e4", "run_url": "https://tickets.example.org/dagster/runs/b5e4"}
    assert requested.items() >= (task | {"run_id": None, "run_url": None}).items()
    assert running.items() >= (task | begun).items()
    assert status.items() >= (task | begun).items()
    assert "is queued: request run-1." in refused["user_message"]
    assert "is started: run b5e4." in refused_by_run["user_message"]


def test_the_writer_of_a_session_is_asked_and_not_the_configured_one(
    fresh_web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was said to be unavailable while the session was being written."""
    client, pipeline = signed_in(fresh_web, Role.READER), fresh_web.pipeline
    pipeline.store.sessions.choose_writer(SESSION, "template", by="test", at=pipeline.clock.now())
    monkeypatch.setitem(pipeline.settings.__dict__, "writer_model", "openai:gone")

    answer = client.get(f"/api/sessions/{SESSION}/writer/health").json()

    assert answer["writer"].startswith("template/")


def test_while_dagster_starts_the_answer_says_when_to_come_back(fresh_web: Web) -> None:
    client = signed_in(replace(fresh_web, dagster=LateDagster()), Role.EXPORTER)

    refused = client.post(EXPORT, json={})
    status = client.get(STATUS)

    assert (refused.status_code, refused.json()["error_category"]) == (503, "temporary")
    assert int(refused.headers["retry-after"]) > 0
    assert status.json()["status"] == "not_started"


def at_jira(web: Web, address: str, **settings: object) -> Web:
    given: dict[str, object] = {
        "jira_base_url": address,
        "jira_email": "owner@sandbox.example",
        "jira_api_token": SecretStr("a-token"),
    }
    changed = web.pipeline.settings.model_copy(update=given | settings)
    return replace(web, pipeline=replace(web.pipeline, settings=changed))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FaultySandbox]:
    """A Jira that has the project of the example."""
    with FaultySandbox(tmp_path / "site.sqlite", clock=lambda: datetime.now(UTC)) as sandbox:  # noqa: TID251 - a site has a clock
        sandbox.ensure_project("UHR")
        yield sandbox


@pytest.fixture
def address(site: FaultySandbox) -> Iterator[str]:
    with served(site) as one:
        site.set_base_url(one)
        yield one


STRANGER = FaultRule(kind=FaultKind.UNAUTHORIZED, path="/rest/api/3/myself", times=9)


def test_what_jira_would_refuse_is_the_answer_to_a_start(
    queueing_web: Web, site: FaultySandbox, address: str
) -> None:
    """It was 202, and the run found out minutes later."""

    def answered(web: Web) -> tuple[int, str]:
        client = signed_in(web, Role.EXPORTER)
        started = client.post(EXPORT, json={})
        assert started.headers["content-type"] == "application/problem+json"
        return started.status_code, started.json()["code"]

    rules = ProjectRules(withheld_permissions={"*": ("CREATE_ISSUES",)})
    found = {
        "blocked type": answered(at_jira(queueing_web, address, jira_issue_type="Nonsense")),
        "dead": answered(at_jira(queueing_web, "http://127.0.0.1:9")),
    }
    site.faults.set_plan(FaultPlan(rules=(STRANGER,)))
    found["wrong token"] = answered(at_jira(queueing_web, address))
    site.faults.set_plan(FaultPlan())
    with site.state.writing() as rows:
        write_rules(rows, SiteRules(projects={"UHR": rules}))
    found["no permission"] = answered(at_jira(queueing_web, address))
    with site.state.writing() as rows:
        rows.execute("UPDATE project SET key = 'GONE' WHERE key = 'UHR'")
    found["no project"] = answered(at_jira(queueing_web, address))

    assert found == {
        "blocked type": (422, "jira_refused"),
        "dead": (503, "jira_unavailable"),
        "wrong token": (403, "jira_access"),
        "no permission": (403, "jira_access"),
        "no project": (422, "jira_refused"),
    }
    assert isinstance(queueing_web.runs, RecordedRuns)
    assert queueing_web.runs.wanted == []


def test_issues_on_another_site_are_agreed_to_by_their_plan(fresh_web: Web, address: str) -> None:
    """The refusal named a button, and no request could pass it."""
    mark_ready(open_session(fresh_web.pipeline, SESSION), None, by="test")
    signed_in(fresh_web, Role.EXPORTER).post(EXPORT)
    client = signed_in(at_jira(fresh_web, address), Role.EXPORTER)

    refused = client.post(EXPORT).json()
    (step,) = [step for step in refused["actions"] if step["method"] is not None]
    plan = client.get(step["plan"]).json()
    started = client.post(step["href"], json=step["body"] | {"plan_hash": plan["plan_hash"]})

    assert (refused["code"], started.status_code) == ("new_target", 202)


def test_an_export_that_is_started_again_is_a_retry_of_it(queueing_web: Web) -> None:
    """The limit was passed by starting it again."""
    client, pipeline = signed_in(queueing_web, Role.EXPORTER), queueing_web.pipeline
    runs = queueing_web.runs
    assert isinstance(runs, RecordedRuns)

    def broken_off(address: str) -> Response:
        projects.show_run(pipeline, SessionStatus.FAILED)
        answer = client.post(address, json={})
        for run in runs.in_flight(SESSION):
            runs.dequeue(run.run_id)
        return answer

    retry = f"/api/jira/retry-failed/{SESSION}"
    first, second, third = (broken_off(address) for address in (EXPORT, retry, retry))
    beyond = [broken_off(address) for address in (EXPORT, retry)]

    assert [first.status_code, second.status_code, third.status_code] == [202] * 3
    assert [second.json()["retry_attempt"], third.json()["retry_attempt"]] == [2, 3]
    assert third.json()["remaining_retries"] == 0
    for refused in beyond:
        assert (refused.status_code, refused.json()["code"]) == (422, "retries_exhausted")
        assert refused.json()["error_category"] == "admin_required"
        assert refused.json()["retry_attempts_used"] == 3
        assert "first_error_at" in refused.json()
    assert len(runs.wanted) == 3


def test_a_run_that_is_cancelled_in_the_queue_says_so(queueing_web: Web) -> None:
    """It was `not_started`, as if nobody had asked for it."""
    client = signed_in(queueing_web, Role.EXPORTER)
    started = client.post(EXPORT, json={}).json()

    cancel(open_session(queueing_web.pipeline, SESSION), queueing_web.runs, by="test")
    body = client.get(STATUS).json()

    assert (body["status"], body["code"]) == ("cancelled", "export_cancelled")
    assert body["task_id"] == started["task_id"]
    assert "before it started" in body["user_message"]
    assert body["retry_available"] is False
    assert client.post(EXPORT, json={}).status_code == 202


def test_a_start_reads_no_document_and_no_sheet(
    queueing_web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rendering a thousand tickets takes longer than the two seconds a start may take."""
    pipeline = open_pipeline(queueing_web.pipeline.settings)  # has nothing in memory
    monkeypatch.setattr(pipeline.store.documents, "of", None)
    web = replace(queueing_web, pipeline=pipeline)

    with pipeline.store:
        started = signed_in(web, Role.EXPORTER).post(EXPORT, json={})

    assert (started.status_code, started.json()["total_tickets"]) == (202, SMALL_TICKETS)
    assert "contents" not in pipeline.memory._kept

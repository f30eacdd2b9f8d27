"""Writing over HTTP: started once, followed, refused, its errors, and the health of the writer."""

from dataclasses import replace

import pytest

from jira_pipeline.model.errors import UnavailableError
from jira_pipeline.model.people import Role
from jira_pipeline.model.runs import RunJob
from jira_pipeline.web.context import LateDagster, Web
from jira_pipeline_tests.projects import SESSION, SMALL_TICKETS
from jira_pipeline_tests.web.browsers import dagster_in_test, signed_in
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

pytestmark = pytest.mark.small_site
HERE = f"/api/sessions/{SESSION}"


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
    dagster, runs = LateDagster(), RecordedRuns()
    dagster.arrive(dagster_in_test, runs)
    client = signed_in(replace(fresh_web, dagster=dagster), Role.REVIEWER)

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

    assert refused.status_code == 503, refused.text
    assert refused.headers["retry-after"]
    assert refused.json()["error_category"] == "temporary"
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

"""errors, explain: what failed, chosen and in plain language."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jira_pipeline.model.errors import (
    GateError,
    GateRule,
    ManifestError,
    PipelineError,
    RateLimitedError,
    StoreError,
)
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.tables import each

pytestmark = pytest.mark.small_site
AT = datetime(2026, 3, 29, 1, tzinfo=UTC)


def store_error(project: Path, error: PipelineError, *, stage: str) -> int:
    """Store an error of session `museum` as its run `r1` does, and return its number."""
    with projects.opened(project) as pipeline:
        stored = pipeline.store.errors.record(
            error, session_key="museum", stage=stage, at=AT, run_id="r1"
        )
    return stored.error_id


@pytest.fixture
def three(reviewed: Path) -> list[int]:
    gate = GateError("24 wait.", rule=GateRule.STALE, recovery_actions=("Mark them.",))
    return [
        store_error(reviewed, gate, stage="review"),
        store_error(reviewed, RateLimitedError("Jira", wait_seconds=7), stage="jira_export"),
        store_error(reviewed, StoreError("It is full."), stage="jira_export"),
    ]


@each(
    ("options", "places"),
    [
        ((), [0, 1, 2]),
        (("--category", "temporary"), [1]),
        (("--stage", "jira_export"), [1, 2]),
        (("--stage", "jira_export", "--category", "admin_required"), [2]),
        (("--limit", "2"), [1, 2]),
        (("--stage", "upload"), []),
    ],
)
def test_errors_are_listed_by_category_stage_and_number(
    three: list[int], options: tuple[str, ...], places: list[int]
) -> None:
    found = run_json("errors", "museum", *options)

    assert [error["id"] for error in found] == [three[place] for place in places]


def test_an_error_is_explained_with_what_is_safe_and_what_to_do(
    reviewed: Path, three: list[int]
) -> None:
    with projects.opened(reviewed) as pipeline:
        projects.show_run(pipeline, SessionStatus.FAILED, run_id="r1")

    answer = run("errors", three[2])

    assert answer.exit_code == 0
    assert "It is full." in answer.words
    assert "Nothing is sent unless it can be recorded first." in answer.words
    assert "Whoever administers the installation" in answer.words
    assert "docs/operations.md, “Where data lives”" in answer.words
    assert "1. Free up space" in answer.words
    assert run_json("errors", three[2])["is_over"] is False


def test_an_error_of_a_folder_that_never_became_a_session_is_explained(project: Path) -> None:
    with projects.opened(project) as pipeline:
        stored = pipeline.store.errors.record(
            ManifestError(file_name="session.yaml", reason="no"),
            session_key="never-made",
            stage="upload",
            at=AT,
        )

    answer = run_json("errors", stored.error_id)

    assert answer["is_over"] is False
    assert answer["next_steps"] == ["Correct the file; docs/sheets.md lists the keys."]


@pytest.mark.usefixtures("reviewed")
def test_an_error_is_named_with_its_session_or_alone(three: list[int], sheets: Path) -> None:
    run_json("upload", sheets, "--session", "other")
    run_json("upload", sheets, "--session", str(three[1]))

    explained = run_json("errors", "museum", three[1])
    of_another = run("errors", "other", three[1])
    of_a_session_called_so = run_json("errors", three[1])

    assert explained["id"] == three[1]
    assert (of_another.exit_code, of_a_session_called_so) == (2, [])

"""resume, after a model could not go on: what is kept, what is counted, what people see meanwhile."""

import importlib.util
from pathlib import Path

import pytest

from jira_pipeline.review.open_session import OpenSession
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SMALL_TICKETS
from jira_pipeline_tests.writing.scripted_models import Say, always, scripted_server

pytestmark = [
    pytest.mark.xdist_group("models"),
    pytest.mark.skipif(
        importlib.util.find_spec("pydantic_ai") is None, reason="the extra llm is not installed"
    ),
]


def test_what_is_resumed_after_another_upload_reads_everything_again(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read sheets the session no longer has."""
    run_json("upload", projects.copy_small_sheets(tmp_path / "museum"))
    corrected = projects.copy_small_sheets(tmp_path / "corrected")
    projects.rename_a_field(corrected)
    monkeypatch.setenv("WRITER_MODEL", "a-model")
    monkeypatch.setenv("WRITER_CONCURRENCY", "1")
    with scripted_server(always(Say())) as server:
        monkeypatch.setenv("WRITER_BASE_URL", server.base_url("openai"))
        monkeypatch.setenv("WRITER_MAX_REQUESTS", "5")
        run("generate", "museum")
        run_json("upload", corrected, "--session", "museum")
        monkeypatch.delenv("WRITER_MAX_REQUESTS")

        answer = run_json("resume", "museum")

    assert answer["resumed"]["resuming_from"] == "intake"
    assert answer["resumed"]["preserved_steps"] == []
    assert answer["tickets"] == SMALL_TICKETS
    with projects.opened(project) as pipeline:
        session = pipeline.store.sessions.get("museum")
        groups = OpenSession(pipeline=pipeline, stored=session).contents.groups
    assert session.generated_from_sha256 == session.content_sha256
    assert "Bells" in [row.label for group in groups for row in group.members]

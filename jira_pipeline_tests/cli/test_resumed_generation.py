"""resume, after a model could not go on: what is kept, what is counted, what people see meanwhile."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline.review.open_session import OpenSession
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.projects import SMALL_TICKETS
from jira_pipeline_tests.writing.scripted_models import Say, ScriptedServer, always, scripted_server

pytestmark = [
    pytest.mark.xdist_group("models"),
    pytest.mark.skipif(
        importlib.util.find_spec("pydantic_ai") is None, reason="the extra llm is not installed"
    ),
]
REQUESTS_AT_FIRST = 5


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A model that answers at once."""
    with scripted_server(always(Say())) as opened:
        yield opened


@pytest.fixture
def uploaded(project: Path, tmp_path: Path, server: ScriptedServer) -> Path:
    """A project with session `museum`, which a model writes; a few requests are allowed."""
    run_json("upload", projects.copy_small_sheets(tmp_path / "museum"))
    allow_requests(project, server, REQUESTS_AT_FIRST)
    return project


def allow_requests(project: Path, server: ScriptedServer, count: int) -> None:
    """Bound what may be asked for one session."""
    lines = (
        "WRITER_MODEL=a-model",
        f"WRITER_BASE_URL={server.base_url('openai')}",
        "WRITER_CONCURRENCY=1",
        f"WRITER_MAX_REQUESTS={count}",
    )
    (project / ".env").write_text("\n".join(lines), encoding="utf-8")


def test_what_is_resumed_after_another_upload_reads_everything_again(
    uploaded: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    """It has read sheets the session no longer has."""
    run("generate", "museum")
    corrected = projects.copy_small_sheets(tmp_path / "corrected")
    projects.rename_a_field(corrected)
    run_json("upload", corrected, "--session", "museum")
    allow_requests(uploaded, server, 2_000)

    answer = run_json("resume", "museum")

    assert answer["resumed"]["resuming_from"] == "intake"
    assert answer["resumed"]["preserved_steps"] == []
    assert answer["tickets"] == SMALL_TICKETS
    with projects.opened(uploaded) as pipeline:
        session = pipeline.store.sessions.get("museum")
        groups = OpenSession(pipeline=pipeline, stored=session).contents.groups
    assert session.generated_from_sha256 == session.content_sha256
    assert "Bells" in [row.label for group in groups for row in group.members]

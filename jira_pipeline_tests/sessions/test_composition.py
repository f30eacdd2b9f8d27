"""Which adapter implements which port: chosen by settings alone, refused in words."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import SANDBOX_PROJECT_KEY, Pipeline, SystemClock
from jira_pipeline.context.settings import Settings, load_settings
from jira_pipeline.context.trackers import opened_jira, opened_tracker, progress_reporter
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.model.sessions import SessionManifest, SessionStage, SessionStatus
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing.writers import CheckedWriter, choose_writer, open_writer, writer_named
from jira_pipeline_tests.contracts.stored_values import START, a_session, an_upload

TOKEN = "canary-token-7f3a"
SESSION = a_session()


def settings_of(folder: Path, **values: str) -> Settings:
    lines = [f"{name.upper()}={value}" for name, value in values.items()]
    (folder / ".env").write_text("\n".join(lines), encoding="utf-8")
    return load_settings(folder)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Pipeline]:
    """A pipeline with nothing configured."""
    pipeline = open_pipeline(load_settings(tmp_path))
    with pipeline.store:
        yield pipeline


def test_nothing_configured_writes_offline_into_the_sandbox(opened: Pipeline) -> None:
    with opened_jira(OpenSession(pipeline=opened, stored=SESSION)) as jira:
        project = jira.project(SANDBOX_PROJECT_KEY)

    session = OpenSession(pipeline=opened, stored=SESSION)
    assert isinstance(writer_named(session, session.writer_name), TemplateWriter)
    assert project.key == SANDBOX_PROJECT_KEY
    assert opened.settle_horizon_seconds == 0.0
    assert opened.clock.now().utcoffset() == SystemClock().now().utcoffset()


@pytest.mark.parametrize(
    ("manifest_key", "setting", "expected"),
    [("CLOCK", "SITE", "CLOCK"), (None, "SITE", "SITE"), (None, "", SANDBOX_PROJECT_KEY)],
    ids=["manifest", "setting", "sandbox"],
)
def test_the_manifest_names_the_project_before_the_settings_do(
    opened: Pipeline, tmp_path: Path, manifest_key: str | None, setting: str, expected: str
) -> None:
    pipeline = replace(opened, settings=settings_of(tmp_path, jira_project_key=setting))
    session = replace(SESSION, manifest=SessionManifest(jira_project_key=manifest_key))

    assert pipeline.project_key(session) == expected


def test_a_real_jira_without_a_project_is_reported(opened: Pipeline, tmp_path: Path) -> None:
    """Never the sandbox's project on somebody's site."""
    settings = settings_of(tmp_path, jira_base_url="https://example.atlassian.net")
    pipeline = replace(opened, settings=settings)

    with pytest.raises(ConfigurationError, match="site names no Jira project"):
        pipeline.project_key(SESSION)


@pytest.mark.parametrize("account", [{}, {"jira_email": "a@example.org"}])
def test_a_real_jira_without_a_token_is_reported_and_never_the_sandbox(
    tmp_path: Path, account: dict[str, str]
) -> None:
    settings = settings_of(tmp_path, jira_base_url="https://example.atlassian.net", **account)

    with (
        pytest.raises(ConfigurationError, match="JIRA_API_TOKEN is not"),
        opened_tracker(settings, "SITE"),
    ):
        pass

    assert not settings.sandbox_path.exists()


def test_a_real_jira_is_waited_for(opened: Pipeline, tmp_path: Path) -> None:
    """What was sent to it may still arrive."""
    settings = settings_of(tmp_path, jira_base_url="https://example.atlassian.net")

    assert replace(opened, settings=settings).settle_horizon_seconds == 600.0


@pytest.mark.parametrize("name", ["template", ""])
def test_the_template_writer_may_be_named(opened: Pipeline, tmp_path: Path, name: str) -> None:
    settings = settings_of(tmp_path, writer_model=name)

    writer = open_writer(OpenSession(pipeline=opened, stored=SESSION), settings)

    assert isinstance(writer, TemplateWriter)


def test_a_model_is_the_writer_where_one_is_named(opened: Pipeline, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, writer_model="openai:gpt-5-mini", writer_api_key=TOKEN)

    writer = open_writer(OpenSession(pipeline=opened, stored=SESSION), settings)

    assert isinstance(writer, CheckedWriter)
    assert writer.tools.model == "openai:gpt-5-mini"
    assert TOKEN not in f"{vars(writer)!r}"


@pytest.mark.parametrize(
    ("chosen", "manifest", "expected"),
    [
        pytest.param(None, None, "openai:small", id="settings"),
        pytest.param(None, "template", "template", id="manifest"),
        pytest.param("openai:large", "template", "openai:large", id="chosen"),
        pytest.param("template", None, "template", id="began with the template"),
    ],
)
def test_a_session_keeps_the_writer_it_began_with(
    opened: Pipeline, tmp_path: Path, chosen: str | None, manifest: str | None, expected: str
) -> None:
    """A setting that changes under a session must not write half of it otherwise."""
    settings = settings_of(tmp_path, writer_model="openai:small")
    session = replace(SESSION, writer=chosen, manifest=SessionManifest(writer=manifest))

    name = OpenSession(pipeline=replace(opened, settings=settings), stored=session).writer_name

    assert name == expected


def test_a_writer_that_cannot_be_reached_is_not_chosen(opened: Pipeline) -> None:
    opened.store.sessions.register(an_upload(), at=START, actor="ab")
    session = open_session(opened, "site")

    with pytest.raises(ConfigurationError, match="'gpt' cannot write tickets"):
        choose_writer(session, "gpt", by="ab")

    assert opened.store.sessions.get("site").writer is None


def test_the_limits_of_the_settings_are_those_of_the_reader(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path, upload_max_file_bytes="1", upload_max_session_bytes="2", upload_max_files="3"
    )

    limits = UploadedSource(settings=settings).limits

    found = (limits.file_max_bytes, limits.session_max_bytes, limits.files_max_count)
    assert found == (1, 2, 3)


def test_a_long_wait_shows_as_progress_until_a_person_cancels(opened: Pipeline) -> None:
    sessions = opened.store.sessions
    sessions.register(an_upload(), at=START, actor="ab")
    sessions.set_stage(
        "site", stage=SessionStage.JIRA_EXPORT, status=SessionStatus.RUNNING, at=START, run_id="r1"
    )
    sessions.set_progress("site", percentage=40.0, text="2 of 5 issues exist", at=START)
    watcher = progress_reporter(open_session(opened, "site"))

    watcher.note("Jira's limit for POST /rest/api/3/issue", 12.0)
    is_over_before = watcher.is_over()
    sessions.request_cancel("site", by="ada", at=START)
    shown = sessions.get("site")

    assert re.fullmatch(
        r"Waits 12 s, until \d\d:\d\d:\d\d UTC: Jira's limit for POST /rest/api/3/issue",
        shown.progress_text,
    )
    assert shown.progress_percentage == 40.0
    assert (is_over_before, watcher.is_over()) == (False, True)

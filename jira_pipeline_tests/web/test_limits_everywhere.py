"""Limits of what is uploaded, on every way in: one table of ways and limits.

Which limits there are inside of a workbook is in `sheets/test_oversized_workbooks`.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from fastapi.testclient import TestClient

from jira_pipeline.context.settings import load_settings
from jira_pipeline.dagster_port.steps import opened_pipeline
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.intake.inbox_look import look_into_inbox
from jira_pipeline.model.errors import PipelineError, SheetsRefusedError
from jira_pipeline.model.people import Person, Role
from jira_pipeline.sessions.composition import open_pipeline, reading_apart
from jira_pipeline.sheets.reading_apart import ReadingApart
from jira_pipeline.web.agent_tools import AgentWork, _upload
from jira_pipeline.web.context import Web
from jira_pipeline_tests.cli.terminal import run
from jira_pipeline_tests.sheets.oversized_workbooks import OVERSIZED
from jira_pipeline_tests.web.browsers import opened_copy, signed_in

FILE_MAX_BYTES = 700_000
SESSION_MAX_BYTES = 1_500_000
FILES_MAX = 4
ROLES = "Name,Machine name,X\nPilot,pilot,a\n"
COLUMNS = f"{','.join(['Name', 'Machine name', 'X', *map(str, range(200))])}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Files that break a limit, and the words that say so, on each way one of them."""

    files: Mapping[str, bytes | str]
    words: tuple[str, ...]


LIMITS = {
    "bytes of a file": Limit(
        files={"roles.csv": ROLES + "x" * FILE_MAX_BYTES},
        words=("the limit per sheet is 700,000", "roles.csv is too large"),
    ),
    "bytes of a session": Limit(
        files={f"{at}.csv": ROLES + "x" * (FILE_MAX_BYTES - 100) for at in range(3)},
        words=("the limit per session is 1,500,000", "too large together: at most 1,500,000"),
    ),
    "files of a session": Limit(
        files={f"{at}.csv": ROLES for at in range(FILES_MAX + 2)},
        words=("the limit per session is 4", "more than 4 files", "Too many files"),
    ),
    "bytes of session.yaml": Limit(
        files={"roles.csv": ROLES, "session.yaml": f"site_name: {'x' * 70_000}\n"},
        words=("the limit is 64000", "session.yaml is too large"),
    ),
    "bytes of a picture": Limit(
        files={
            "roles.csv": ROLES,
            "session.yaml": "logo: logo.png\n",
            "logo.png": b"\x89PNG\r\n\x1a\n" + b"x" * 600_000,
        },
        words=("logo.png has more than",),
    ),
    "rows of a sheet": Limit(
        # Empty ones: six ways would take a minute to read as many roles.
        files={"roles.csv": ROLES + ",,\n" * 100_001},
        words=("100000 records",),
    ),
    "columns of a sheet": Limit(
        files={"roles.csv": COLUMNS + "b,b,a\n"}, words=("200 columns", "at most 200")
    ),
    "characters of a cell": Limit(
        files={"roles.csv": f"{ROLES}b,b,a\n{'x' * 50_001},c,a\n"}, words=("The cell has 50001",)
    ),
    "cells that are repeated": Limit(
        files={"Roles.ods": OVERSIZED["repeated rows"].make()}, words=("more than 2,000,000",)
    ),
    "texts that are repeated": Limit(
        files={"Roles.ods": OVERSIZED["a repeated text"].make()}, words=("repeated ones included",)
    ),
    "texts that are shared": Limit(
        files={"Roles.xlsx": OVERSIZED["a text that many cells share"].make()},
        words=("more than 700,000 characters",),
    ),
}


@pytest.fixture(scope="module")
def web(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("UPLOAD_MAX_FILE_BYTES", str(FILE_MAX_BYTES))
        environment.setenv("UPLOAD_MAX_SESSION_BYTES", str(SESSION_MAX_BYTES))
        environment.setenv("UPLOAD_MAX_FILES", str(FILES_MAX))
        environment.setenv("UPLOAD_SETTLE_SECONDS", "0")
        with opened_copy(empty_project, tmp_path_factory.mktemp("limits")) as web:
            yield web


@pytest.fixture(scope="module")
def reviewer(web: Web) -> Iterator[TestClient]:
    with signed_in(web, Role.REVIEWER) as client:
        yield client


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A folder that is sent under a key, and whom it is sent to."""

    web: Web
    reviewer: TestClient
    folder: Path
    key: str


def by_lint(sent: Sent) -> str:
    answer = run("lint", sent.folder, "--all")
    assert answer.exit_code
    return answer.words


def by_upload(sent: Sent) -> str:
    answer = run("upload", sent.folder, "--session", sent.key, "--json")
    assert answer.exit_code
    return answer.words


def by_inbox(sent: Sent) -> str:
    pipeline = sent.web.pipeline
    inbox = pipeline.settings.inbox_path
    shutil.rmtree(inbox, ignore_errors=True)
    shutil.copytree(sent.folder, inbox / sent.key)
    look_into_inbox(pipeline, log=logging.getLogger(__name__))
    text = (inbox / f"{sent.key}.findings.txt").read_text("utf-8")
    assert "not uploaded" in text or "refused for its errors" in text
    return text


def by_page(sent: Sent) -> str:
    files = [("files", (path.name, path.read_bytes())) for path in sent.folder.iterdir()]
    look = sent.reviewer.post("/upload", files=files, data={"session": sent.key})
    if look.status_code != 303:
        assert look.status_code >= 400
        return look.text
    place, _, query = look.headers["location"].partition("?")
    shown = sent.reviewer.get(f"{place}?{query}", follow_redirects=True).text
    assert "/take" not in shown
    if place == "/upload":  # nothing was received, and the form says why
        return shown
    found = sent.reviewer.get(f"{place}/findings.csv", params={"session": sent.key})
    return f"{shown} {found.text}"


def by_job(sent: Sent) -> str:
    config = {"folder": str(sent.folder), "session_key": sent.key}
    with dg.DagsterInstance.get() as instance:
        job = build_definitions(project_path=Path(instance.root_directory)).resolve_job_def(
            "upload_session"
        )
        result = job.execute_in_process(
            instance=instance,
            run_config={"ops": {"register_session": {"config": config}}},
            raise_on_error=False,
        )
    (event,) = result.get_step_failure_events()
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    return f"{failure.description} {dict(failure.metadata)}"


def by_agent(sent: Sent) -> str:
    work = AgentWork(
        pipeline=sent.web.pipeline,
        person=Person(name="kim", role=Role.REVIEWER),
        by="agent",
        runs=lambda: pytest.fail("no run"),
        report_upload=lambda *_: None,
    )
    with pytest.raises(PipelineError) as caught:
        _upload(work, str(sent.folder), session_key=sent.key)
    error = caught.value
    findings = error.findings if isinstance(error, SheetsRefusedError) else ()
    return f"{error.message} {findings}"


WAYS: Mapping[str, Callable[[Sent], str]] = {
    "lint": by_lint,
    "upload": by_upload,
    "inbox": by_inbox,
    "page": by_page,
    "job": by_job,
    "agent": by_agent,
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_holds_on_every_way_in(
    web: Web, reviewer: TestClient, tmp_path: Path, name: str
) -> None:
    """One held on the way of `serve` only: at a terminal, 830 bytes took 5.7 GB."""
    limit = LIMITS[name]
    for file, content in limit.files.items():
        (tmp_path / file).write_bytes(content.encode() if isinstance(content, str) else content)

    said = {}
    for way, send in WAYS.items():
        key = f"{way}-{list(LIMITS).index(name)}"
        said[way] = send(Sent(web=web, reviewer=reviewer, folder=tmp_path, key=key))

    assert {
        way: text for way, text in said.items() if not any(words in text for words in limit.words)
    } == {}
    assert web.pipeline.store.tickets.list_all(f"upload-{list(LIMITS).index(name)}") == ()


def test_what_serves_others_reads_in_another_process(web: Web) -> None:
    """Pages, agents and the daemon live on; a run does so with files that nobody read before.

    A command does not: the second that it takes to start is as long as the rest of it.
    """
    settings = load_settings(web.pipeline.settings.home_path.parent)
    with opened_pipeline() as of_sensors, reading_apart(of_sensors) as of_runs:
        sources = {
            "sensors": of_sensors.source,
            "runs": of_runs.source,
            "pages and agents": open_pipeline(settings, is_serving=True).source,
        }

    assert {way for way, source in sources.items() if isinstance(source, ReadingApart)} == {
        *sources
    }

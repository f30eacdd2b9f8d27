"""Processes export a session each at once, with store and Dagster on one PostgreSQL.

They are three, and ten in the long form.
"""

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline_tests import projects
from jira_pipeline_tests.end_to_end.reading_back import sandbox_of
from jira_pipeline_tests.end_to_end.test_postgres import runs_of_dagster
from jira_pipeline_tests.forking import CHILDREN
from jira_pipeline_tests.long_form import IS_LONG

SESSIONS = tuple(f"museum-{number}" for number in range(10 if IS_LONG else 3))
PROJECTS = ("AA", "BB", "AA", "CC", "DD", "EE", "FF", "GG", "HH", "II")[: len(SESSIONS)]
"""Two sessions go to one project: exports to one take turns, to different ones they do not."""


@pytest.fixture
def installation(installation: Path, tmp_path: Path) -> Iterator[Path]:
    """The home with the uploaded sessions."""
    for number, session_key in enumerate(SESSIONS):
        sheets = projects.copy_small_sheets(tmp_path / session_key, is_auto_approved=True)
        named = f"jira_project_key: {PROJECTS[number]}"
        projects.replace_in(sheets / "session.yaml", "jira_project_key: UHR", named)
        projects.upload(installation, sheets, session_key=session_key, as_new=True)
    with opened_instance():  # makes Dagster's tables, as an upload by command does
        yield installation


@pytest.mark.postgres
@pytest.mark.xdist_group("processes")
def test_sessions_are_exported_at_once_without_interference(installation: Path) -> None:
    from jira_pipeline_tests.end_to_end.exporting_process import export_session  # noqa: PLC0415 - pickled by name

    settings = {
        name: os.environ[name]  # noqa: TID251 - for the children
        for name in ("DAGSTER_HOME", "JIRA_PIPELINE_DATABASE_URL", "DAGSTER_POSTGRES_URL")
    }
    children = [
        CHILDREN.Process(target=export_session, args=(installation, key, settings))
        for key in SESSIONS
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()

    codes = [child.exitcode for child in children]
    assert codes == [0] * len(SESSIONS)
    assert_each_exported_once(installation)
    assert runs_of_dagster() == [("csv_to_jira", "SUCCESS")] * len(SESSIONS)


def assert_each_exported_once(home: Path) -> None:
    """By what the site did: every session has its issues and links, in its project, once."""
    with projects.opened(home) as pipeline:
        tickets = {key: len(pipeline.store.tickets.list_all(key)) for key in SESSIONS}
        states = {key: pipeline.store.sessions.get(key).stage for key in SESSIONS}
    properties = changes_of(home, "property_set")
    marked = [one for one in properties if "session" in one[1]["value"]]
    session_by_issue = {issue: detail["value"]["session"] for issue, detail in marked}
    created = [issue for issue, _ in changes_of(home, "issue_created")]
    assert len(set(created)) == len(created) == len(marked)
    assert Counter(session_by_issue[issue] for issue in created) == tickets
    assert len(set(tickets.values())) == 1
    assert len({detail["value"]["identity"] for _, detail in marked}) == len(marked)
    places = {(session_by_issue[issue], issue.partition("-")[0]) for issue in created}
    assert places == set(zip(SESSIONS, PROJECTS, strict=True))
    links = [
        (session_by_issue[link["inward"]], session_by_issue[link["outward"]])
        for _, link in changes_of(home, "link_created")
    ]
    assert all(inward == outward for inward, outward in links)
    assert Counter(inward for inward, _ in links) == dict.fromkeys(
        SESSIONS, len(links) // len(SESSIONS)
    )
    assert states == dict.fromkeys(SESSIONS, "completed")


def changes_of(home: Path, change: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what the site wrote down about every change of a kind: issue and details."""
    with closing(sqlite3.connect(sandbox_of(home))) as site:
        keys = dict(site.execute("SELECT id, key FROM issue"))
        rows = site.execute(
            "SELECT issue_id, detail FROM journal_change WHERE change = ? ORDER BY rowid", [change]
        )
        return [(keys.get(issue_id, ""), json.loads(detail)) for issue_id, detail in rows]

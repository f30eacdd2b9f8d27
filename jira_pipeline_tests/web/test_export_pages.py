"""Export and results: the plan, the start, what is left to people, the undo."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.domain.people import Role
from jira_pipeline.ports.runs import RunJob, Runs, WantedRun
from jira_pipeline.web.context import Web
from jira_pipeline.web.dagster import LateDagster
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION
from jira_pipeline_tests.web.browsers import ClientOf, dagster_in_test, opened_web, signed_in

HERE = f"/sessions/{SESSION}"


@dataclass
class RecordedRuns:
    """Knows the runs of a home, and only notes what it should start."""

    runs: Runs
    wanted: list[WantedRun] = field(default_factory=list)

    def start(self, wanted: WantedRun) -> str:
        """Note a run."""
        self.wanted.append(wanted)
        return "noted"

    def __getattr__(self, name: str) -> Any:
        """Know what those runs know."""
        return getattr(self.runs, name)


@pytest.fixture
def recorded(exported_project: Path, tmp_path: Path) -> Iterator[tuple[Web, RecordedRuns]]:
    """The web of a project whose session is in the sandbox, and what it starts."""
    project = tmp_path / "project"
    shutil.copytree(exported_project, project)
    with opened_web(project) as web:
        runs, dagster = RecordedRuns(web.runs), LateDagster()
        dagster.arrive(dagster_in_test, runs)
        yield replace(web, dagster=dagster), runs


def text_of(page: str, selector: str) -> str:
    """The text of what a selector finds."""
    found = LexborHTMLParser(page).css(selector)
    return " ".join(" ".join(node.text(separator=" ").split()) for node in found)


def test_the_plan_says_where_as_whom_what_and_why_not(client_of: ClientOf) -> None:
    page = client_of(Role.EXPORTER).get(f"{HERE}/export").text

    plan = text_of(page, "#plan")
    assert "project UHR" in plan
    assert "Sandbox Owner" in plan
    assert f"{EXAMPLE_TICKETS} issues and 22 links" in plan
    assert "24 questions to answer" in plan
    assert "It would not start" in text_of(page, ".notice.warn")
    assert LexborHTMLParser(page).css('button[class="primary"]') == []


def test_drafts_that_are_in_no_ticket_are_named_before_an_export(
    web: Web, client_of: ClientOf
) -> None:
    ticket_id = web.pipeline.store.tickets.get(SESSION, 20).ticket_id
    client_of(Role.REVIEWER).put(
        f"/api{HERE}/drafts/{ticket_id}/notes",
        json={"text": "Not yet", "base_revision": 1, "known_hash": ""},
    )

    page = client_of(Role.READER).get(f"{HERE}/export").text

    assert "reviewer@example.org has drafts that are in no ticket yet: 20" in text_of(page, "#plan")


def test_nothing_starts_that_the_gate_refuses(web: Web, client_of: ClientOf) -> None:
    answer = client_of(Role.EXPORTER).post(f"{HERE}/export", follow_redirects=True)

    assert "wait for review" in text_of(answer.text, ".notice.error")
    assert web.runs.latest(SESSION) is None


@pytest.mark.parametrize("form", ["export/resume", "export/cancel", "results/undo"])
def test_what_cannot_be_done_says_why(client_of: ClientOf, form: str) -> None:
    answer = client_of(Role.EXPORTER).post(f"{HERE}/{form}", follow_redirects=True)

    assert answer.status_code == 200
    assert text_of(answer.text, ".notice.error")


def test_an_export_is_shown_with_its_issues_and_undone(
    recorded: tuple[Web, RecordedRuns],
) -> None:
    web, runs = recorded
    client = signed_in(web, Role.EXPORTER)
    done = client.get(f"{HERE}/export").text
    results = client.get(f"{HERE}/results").text
    plan = client.get(f"{HERE}/results?undo=1").text

    unsure = client.post(f"{HERE}/results/undo", follow_redirects=True).text
    started = client.post(f"{HERE}/results/undo", data={"sure": "1"}, follow_redirects=True).text

    assert "Completed." in text_of(done, "#live")
    assert len(LexborHTMLParser(results).css("#issues tbody tr")) == EXAMPLE_TICKETS
    assert "Every issue says what its ticket says." in results
    assert f"Delete {EXAMPLE_TICKETS} issues" in text_of(plan, "#undo dl")
    assert "Nothing was deleted" in text_of(unsure, ".notice.error")
    assert "The undo was started" in text_of(started, ".notice")
    assert [(w.job, w.by) for w in runs.wanted] == [(RunJob.UNDO, "exporter@example.org")]


def test_results_say_that_there_are_none(client_of: ClientOf) -> None:
    page = client_of(Role.READER).get(f"{HERE}/results").text

    assert "Nothing was exported yet." in text_of(page, ".empty")

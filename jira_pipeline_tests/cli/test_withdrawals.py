"""Tickets whose rows are gone from the sheets: told, waiting, agreed to, and back again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json

VIEWS = ("Uhrenmuseum_CustomViews.csv", "Uhrenmuseum_CustomViewsDisplays.csv")


@pytest.fixture
def gone(reviewed: Path, sheets: Path) -> list[str]:
    """Titles of the tickets of all views, which were ready, after an upload without the sheets."""
    assert reviewed.is_dir()
    tickets = run_json("tickets", "list", "museum")
    titles = [t["title"] for t in tickets if VIEWS[0] in {s["file"] for s in t["source_files"]}]
    run("tickets", "ready", "museum", "--all")
    for name in VIEWS:
        (sheets / name).rename(sheets.parent / name)
    return titles


@pytest.fixture
def instance(reviewed: Path) -> Iterator[dg.DagsterInstance]:
    """The instance that the commands report to."""
    assert reviewed.is_dir()
    with dg.DagsterInstance.get() as opened:
        yield opened


def _proposed(tickets: list[dict[str, Any]]) -> list[str]:
    return [t["title"] for t in tickets if t["withdrawal"] == "proposed"]


def test_tickets_of_a_missing_sheet_wait_for_people_everywhere_and_come_back_ready_with_it(
    gone: list[str], sheets: Path
) -> None:
    edited = next(
        t["number"] for t in run_json("tickets", "list", "museum") if t["title"] == gone[0]
    )
    run("tickets", "assign", "museum", edited, "--labels", "mine")
    uploaded = run_json("upload", sheets, "--session", "museum")
    regenerated = run_json("generate", "museum")
    run("tickets", "ready", "museum", "--all")

    listed = run_json("tickets", "list", "museum")
    status = run_json("status", "museum")
    blocked = run("export", "museum", "--json")
    review = Path(regenerated["review"]).read_text(encoding="utf-8")

    assert len(gone) > 1
    assert [w["title"] for w in uploaded["withdrawals"]] == gone
    assert [w["title"] for w in regenerated["withdrawals"]] == gone
    assert [w["worked_on"] for w in regenerated["withdrawals"]] == [True] + [False] * (
        len(gone) - 1
    )
    assert regenerated["changes"]["withdrawals_proposed"] == len(gone)
    assert _proposed(listed) == gone == [t["title"] for t in listed[-len(gone) :]]
    assert [t["number"] for t in listed] == list(range(1, len(listed) + 1))
    assert len(status["withdrawals_proposed"]) == len(gone)
    assert "tickets withdraw museum --all" in status["next_step"]
    assert (blocked.exit_code, blocked.json["error"]["category"]) == (3, "user_fixable")
    assert all(title in blocked.json["error"]["message"] for title in gone)
    assert "people worked on it" in blocked.json["error"]["message"]
    assert 'id="vanished"' in review

    for name in VIEWS:
        (sheets.parent / name).rename(sheets / name)
    run("upload", sheets, "--session", "museum")
    run("generate", "museum")

    back = run_json("tickets", "list", "museum")
    assert _proposed(back) == []
    assert [t["title"] for t in back if t["title"] in gone and not t["ready"]] == [gone[0]]
    assert [t["labels"] for t in back if t["title"] == gone[0]] == [["mine"]]


def test_a_session_that_approves_itself_agrees_to_a_row(gone: list[str], sheets: Path) -> None:
    for name in VIEWS:
        (sheets.parent / name).rename(sheets / name)
    projects.replace_in(sheets / VIEWS[0], "exhibitions,a,", "exhibitions,w,")

    run("upload", sheets, "--session", "museum", "--auto-approve")
    printed = run("generate", "museum").words
    plan = run_json("export", "museum", "--plan")
    answer = run_json("export", "museum")

    agreed = [
        (e["actor"], len(e["details"]["ticket_ids"]))
        for e in run_json("audit", "museum")
        if e["action"] == "withdrawals_agreed"
    ]
    assert (plan["blocked"], len(plan["withdraw"])) == (None, 1)
    assert agreed == [("auto_approve", 1)]
    assert "agrees to that automatically" in printed
    assert "Configure view: Exhibitions" in Path(answer["report"]).read_text("utf-8")
    assert len(gone) > 1

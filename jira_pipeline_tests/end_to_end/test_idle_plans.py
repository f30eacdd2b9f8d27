"""After an update, whatever it brought, a plan has nothing left to write: it sees what an export sees.

Judged by the plans, with the update and without: in the long form after each change, else after
those that can be brought to Jira together.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.crash.by_hand import ask_site
from jira_pipeline_tests.crash.export_world import SteadyClock
from jira_pipeline_tests.end_to_end.reading_back import sandbox_of
from jira_pipeline_tests.long_form import IS_LONG

pytestmark = pytest.mark.small_site
WRITES = ("create", "link", "attach", "place", "detach", "remove", "withdraw")
LONG = " ".join(f"Note {number} on how this is to be filled in." for number in range(1_200))
"""More than a description takes: the ticket gets a file."""
SHORT = "Every clockmaker left at least a signature."
FIELDS, BUNDLES = "Uhrenmuseum_Fields.csv", "Uhrenmuseum_Bundles.csv"
A_BUNDLE = "B-14,Chime Recording,chime_recording,"
ANOTHER_BUNDLE = "B-90,Tick Recording,tick_recording,a,,,Add a tick.,n,n,n,y,n,n,n,Media type,-,\n"
Change = Callable[[Path], object]


def _tickets(command: str, *arguments: object) -> Change:
    return lambda _sheets: run_json("tickets", command, "museum", *arguments)


def _sheets(change: Change) -> Change:
    def changed(sheets: Path) -> None:
        change(sheets)
        run_json("upload", sheets)
        run_json("generate", "museum")

    return changed


def _cell(old: str, new: str, *, file: str = FIELDS) -> Change:
    return _sheets(lambda sheets: projects.replace_in(sheets / file, old, new))


def _notes(sheets: Path) -> None:
    words = sheets.parent / "notes.md"
    words.write_text("Ask the curator first.\n", encoding="utf-8")
    run_json("tickets", "edit", "museum", 2, "--part", "notes", "--file", words)


def _turned(_sheets: Path) -> None:
    run_json("tickets", "depend", "museum", 2, 1, "--not")
    run_json("tickets", "depend", "museum", 1, 2)


def _one_more_left_out(sheets: Path) -> None:
    _cell(A_BUNDLE, f"{ANOTHER_BUNDLE}{A_BUNDLE}", file=BUNDLES)(sheets)
    run_json("tickets", "skip", "museum", "--state", "pending", "--reason", "Not now.")


def _rows_gone(sheets: Path) -> None:
    _sheets(projects.orphan_fields)(sheets)
    run_json("tickets", "withdraw", "museum", "--title-has", "Chime", "--reason", "Not built.")


UPDATES: Mapping[str, Change] = {
    "nothing": lambda _sheets: None,
    "a title": _tickets("edit", 3, "--title", "Build the clockmakers"),
    "a text of people": _notes,
    "a table": _cell(",field_portrait,n,", ",field_portrait,y,"),
    "an assignee": _tickets("assign", 2, "--assignee", "ada@sandbox.example"),
    "labels": _tickets("assign", 2, "--labels", "drupal,later"),
    "a priority": _tickets("assign", 2, "--priority", "High"),
    "a sprint": _tickets("assign", 2, "--sprint", "UHR Sprint 2"),
    "a parent": _tickets("assign", 2, "--parent", "UHR-7"),
    "no sprint and no parent": _tickets("assign", 2, "--sprint", "", "--parent", ""),
    "a link more": _tickets("depend", 2, 1),
    "a link turned": _turned,
    "a link less": _tickets("depend", 1, 2, "--not"),
    "a file more": _cell(SHORT, LONG),
    "another file": _cell("Note 7 on", "Remark 7 on"),
    "a title beside a file": _tickets("edit", 3, "--title", "Build the makers"),
    "a file less": _cell(LONG.replace("Note 7 on", "Remark 7 on"), SHORT),
    "a ticket that is left out": _one_more_left_out,
    "the same ticket": _tickets("unskip", "--state", "skipped"),
    "rows less": _rows_gone,
}
"""In turn; `UHR-7` is an epic of somebody."""
LAST_OF_AN_UPDATE = {
    *("nothing", "a parent", "a link more", "a link turned", "a file more"),
    *("a title beside a file", "a ticket that is left out", "rows less"),
}
"""What follows needs them in Jira."""


def test_after_every_kind_of_update_the_plan_is_idle(exported: Path, sheets: Path) -> None:
    fields = {"project": {"key": "UHR"}, "issuetype": {"name": "Epic"}, "summary": "The house"}
    with JiraSandbox(sandbox_of(exported), clock=SteadyClock().now) as site:
        assert ask_site(site, "POST", "/rest/api/3/issue", {"fields": fields}).status == 201

    left = {}
    for name, change in UPDATES.items():
        change(sheets)
        if not IS_LONG and name not in LAST_OF_AN_UPDATE:
            continue
        run_json("tickets", "ready", "museum", "--all")
        run_json("export", "museum", "--update")
        plans = [run_json("export", "museum", *update, "--plan") for update in ([], ["--update"])]
        left[name] = [_written(plan) for plan in plans]

    assert {name: written for name, written in left.items() if any(written)} == {}


def _written(plan: Mapping[str, object]) -> dict[str, object]:
    """Return what an export would write by a plan: nothing where it is idle."""
    updates = plan["update"]
    assert isinstance(updates, list)
    updated = [one["number"] for one in updates if not one["objection"]]
    written = {name: plan[name] for name in (*WRITES, "blocked") if plan[name]}
    return written | ({"update": updated} if updated else {})

"""A session over weeks: corrected, deleted in Jira, on a copied site, half undone.

After each step it is asked what the session says, with the parts that say it compared with each
other; the next step it names is run. What is on the sites is read from their tables.
"""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jira_pipeline.export import left_in_jira
from jira_pipeline.export.export_run import MARKER_PROPERTY
from jira_pipeline.export.todo import TodoKind
from jira_pipeline.flow import status
from jira_pipeline.flow.listing import listed_sessions
from jira_pipeline.flow.open_session import open_session
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.session.commands import line_of
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import Answer, run, run_json
from jira_pipeline_tests.cli.test_taking_back import change_site
from jira_pipeline_tests.crash.killing import KILLED
from jira_pipeline_tests.crash.other_sites import copy_site
from jira_pipeline_tests.crash.processes import ended, start
from jira_pipeline_tests.end_to_end.killed_undo import undo_and_die
from jira_pipeline_tests.end_to_end.reading_back import count_changes
from jira_pipeline_tests.end_to_end.test_two_targets import rehearsal_path, use_site
from jira_pipeline_tests.jira_sandbox.served_sandboxes import served

pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.small_site]
KEY, PROJECT = projects.SESSION, "UHR"
QUESTIONS = re.compile(r" \(\d+ questions are open: `[^`]+`\)")
HERE = "sandbox, project UHR"
UPLOADED, CORRECTED, WANTED = 6, 5, 4
"""Tickets of the sheets, of the corrected ones, and without the one that is forgotten."""
LINKS, LINKS_WANTED, LINKS_OF_WANTED = 4, 3, 2
"""The last but one counts a link to the issue of the rows that are gone, which stays in Jira."""
CHANGED, VANISHED = {"UHR-3", "UHR-4", "UHR-5"}, "UHR-6"
MADE_AGAIN, FORGOTTEN = ("UHR-3", "UHR-4"), ("UHR-2",)
MOVED, MOVED_TO = "UHR-5", "OPS-1"
DELETED_BEFORE = 2
"""So many issues the undo that is killed deletes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the session says of itself."""

    stage: str
    exported: int = UPLOADED
    """By its status, its results and its share of the site."""
    links: int = LINKS
    elsewhere: tuple[str, ...] = ()
    """Other sites, with how far it is there."""
    to_change: frozenset[str] = frozenset()
    """Issues to be changed by hand."""
    to_decide: frozenset[str] = frozenset()
    """Issues that are gone."""
    deleted: int = 0
    """By undo."""
    next_step: str = f"Look at what was created: jira-pipeline results {KEY}"


EXPORTED = Said(stage="completed")


@dataclass
class Weeks:
    """The session as a person at a terminal meets it."""

    project: Path
    sheets: Path

    @property
    def says(self) -> Said:
        """Ask every part, and see that they agree."""
        with projects.opened(self.project) as pipeline:
            session = open_session(pipeline, KEY)
            report = status.status(session)
            session = session.again()
            found, todo = left_in_jira.results(session), status.todo(session)
            (listed,) = listed_sessions(pipeline)
        here, *others = report.shares
        exported = report.situation.exported_count
        to_change = {c.jira_key for c in found.changes} if found else set()
        to_decide = {d.difference.name for d in found.to_decide} if found else set()
        of_todo = {
            kind: {item.jira_key for item in todo.items if item.kind is kind} for kind in TodoKind
        }

        assert here.exported_count == exported == (len(found.there) if found else 0)
        assert of_todo[TodoKind.CHANGE] == to_change
        assert of_todo[TodoKind.DIFFERENCE] == to_decide
        assert (report.left.jira_changes, len(report.situation.to_decide)) == (
            len(to_change),
            len(to_decide),
        )
        assert (
            found is None
            or found.is_nothing_left is (not to_change | to_decide)
            or found.is_behind_sheets
        )
        assert listed.session.stage is report.session.stage
        assert bool(to_decide) is (listed.needs.what == "decide")
        return Said(
            stage=report.stage_text,
            exported=exported,
            links=found.dependencies_created if found else 0,
            elsewhere=tuple(share.summary for share in others),
            to_change=frozenset(to_change),
            to_decide=frozenset(to_decide),
            deleted=len(found.removed) if found else 0,
            next_step=QUESTIONS.sub("", line_of(report.next.action)),
        )

    def follow(self, said: Said, *extra: str) -> Answer:
        """Do what the session says is next."""
        command = said.next_step.rpartition("jira-pipeline ")[2]
        return run(*command.split(), *extra)

    def keys_here(self) -> set[str]:
        """Return the key of the issue of each ticket on the site that is set."""
        with projects.opened(self.project) as pipeline:
            found = left_in_jira.required_results(open_session(pipeline, KEY))
        return {ticket.jira_key for ticket in found.there if ticket.jira_key}


@pytest.fixture
def weeks(exported: Path, sheets: Path) -> Weeks:
    """The session, exported into the sandbox."""
    return Weeks(project=exported, sheets=sheets)


def test_what_a_session_says_stays_true_for_weeks(
    weeks: Weeks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert weeks.says == EXPORTED

    corrected = _sheets_are_corrected(weeks, EXPORTED)
    decided = _issues_are_deleted_and_moved_in_jira(weeks, corrected)
    here, copied_path = rehearsal_path(weeks.project), tmp_path / "copied.sqlite"
    with copied_site(here, copied_path) as address:
        copies = set(markers(copied_path))

        use_copy(monkeypatch, address)
        there = _the_copied_site_is_asked_about(weeks, copied_path)
        begun = _an_undo_there_is_killed(weeks, there)

        use_site(monkeypatch, None)
        _at_home_the_undo_is_named_and_all_is_there(weeks, decided, address)

        use_copy(monkeypatch, address)
        _the_undo_is_finished_and_all_exported_again(weeks, begun, there)
        assert_each_ticket_is_one_issue(weeks.keys_here(), copied_path, beside=copies)
    use_site(monkeypatch, None)
    assert_each_ticket_is_one_issue(weeks.keys_here(), here, beside={VANISHED})


def _sheets_are_corrected(weeks: Weeks, said: Said) -> Said:
    """Three cells, a view less, and a blank row, which moves all others and is no change."""
    bundles, fields = (weeks.sheets / f"Uhrenmuseum_{name}.csv" for name in ("Bundles", "Fields"))
    projects.replace_in(bundles, "Classify clocks by the person", "Classify them by the person")
    projects.replace_in(
        fields, ",field_recorded_on,n,a,,,,Date,", ",field_recorded_on,n,a,,,,Number,"
    )
    projects.replace_in(fields, ",Width (mm),field_width,", ",Breadth (mm),field_width,")
    for path in weeks.sheets.glob("Uhrenmuseum_CustomViews*.csv"):
        path.unlink()
    header = fields.read_text("utf-8").partition("\n")[0]
    projects.replace_in(fields, f"{header}\n", f"{header}\n{',' * header.count(',')}\n")

    changes = run_json("upload", weeks.sheets, "--session", KEY)["changes"]
    uploaded = weeks.says
    assert weeks.follow(uploaded).exit_code == 0
    written = weeks.says
    assert weeks.follow(written).exit_code == 0
    agreed = weeks.says
    assert weeks.follow(agreed).exit_code == 0
    ready = weeks.says
    assert weeks.follow(ready).exit_code == 0

    assert [change["becomes"] for change in changes] == [*["changed"] * 3, "gone"]
    assert uploaded == replace(
        said,
        stage="upload, idle",
        next_step=f"Write the tickets from the changed sheets: jira-pipeline generate {KEY}",
    )
    assert written == Said(
        stage="review, waiting",
        exported=CORRECTED,
        to_change=frozenset({*CHANGED, VANISHED}),
        next_step="Put back the rows that are gone, or agree: "
        f"jira-pipeline tickets withdraw {KEY} --all",
    )
    review = f"Review, then mark ready: jira-pipeline tickets ready {KEY} --all"
    assert agreed == replace(written, next_step=review)
    update = (
        f"Update {{}} changed (`jira-pipeline results {KEY}` shows what): "
        f"jira-pipeline export {KEY} --update"
    )
    issues = f"{len(CHANGED)} issues whose tickets"
    assert ready == replace(written, next_step=update.format(issues))
    assert weeks.says == replace(
        EXPORTED,
        exported=CORRECTED,
        to_change=frozenset({VANISHED}),
        next_step="Look at what was created, and at 1 issue to be changed in Jira by hand: "
        f"jira-pipeline results {KEY}",
    )
    return weeks.says


def _issues_are_deleted_and_moved_in_jira(weeks: Weeks, said: Said) -> Said:
    """Two of three are made again, one is forgotten; one that was moved is still its ticket's."""
    gone = (*MADE_AGAIN, *FORGOTTEN)
    for key in gone:
        change_site(weeks.project, "DELETE FROM issue WHERE key = ?", key)
    change_site(weeks.project, "INSERT INTO project (key, name) VALUES ('OPS', 'Elsewhere')")
    change_site(
        weeks.project,
        "UPDATE issue SET key = ?, number = 1,"
        " project_id = (SELECT id FROM project WHERE key = 'OPS') WHERE key = ?",
        MOVED_TO,
        MOVED,
    )

    asked = run("settle", KEY, "--json")
    known = weeks.says
    shown = weeks.follow(known)
    numbers = {ticket["jira_key"]: str(ticket["number"]) for ticket in asked.json["tickets"]}
    again = ",".join(numbers[key] for key in MADE_AGAIN)
    run_json("settle", KEY, "--create-again", again)
    half_decided = weeks.says
    run_json("settle", KEY, "--forget", "all")
    decided = weeks.says
    keys_then = weeks.keys_here()
    exported = weeks.follow(decided)

    assert (asked.exit_code, shown.exit_code, exported.exit_code) == (3, 3, 0)
    assert known == replace(
        said,
        stage="completed, waiting",
        exported=CORRECTED - len(gone),
        links=1,
        to_decide=frozenset(gone),
        next_step=f"Decide about 3 issues that are gone in Jira: jira-pipeline settle {KEY}",
    )
    assert half_decided == replace(
        known,
        to_decide=frozenset(FORGOTTEN),
        next_step=f"Decide about 1 issue that is gone in Jira: jira-pipeline settle {KEY}",
    )
    assert decided == replace(
        known,
        stage="completed",
        to_decide=frozenset(),
        next_step=f"Export: jira-pipeline export {KEY}",
    )
    assert weeks.says == replace(said, exported=WANTED, links=LINKS_WANTED)
    assert len(weeks.keys_here() - keys_then) == len(MADE_AGAIN)
    assert MOVED_TO in weeks.keys_here()
    return weeks.says


def _the_copied_site_is_asked_about(weeks: Weeks, copied_path: Path) -> Said:
    """Nothing of it is there by what was recorded, all of it by what the site shows."""
    arrived = weeks.says
    unasked = weeks.follow(arrived, "--yes")
    untouched = count_changes(copied_path)
    asked = run("export", KEY, "--yes", "--as-new")

    assert (unasked.exit_code, untouched) == (3, {})
    assert f"{WANTED} issues of session {KEY} are in" in unasked.words
    assert asked.exit_code == 0
    elsewhere = (f"{HERE}: {WANTED} of {WANTED}",)
    assert arrived.stage == "review, waiting"
    assert (arrived.exported, arrived.elsewhere) == (0, elsewhere)
    assert arrived.next_step.endswith(f"where it never was: jira-pipeline export {KEY}")
    assert weeks.says == replace(
        EXPORTED, exported=WANTED, links=LINKS_OF_WANTED, elsewhere=elsewhere
    )
    return weeks.says


def _an_undo_there_is_killed(weeks: Weeks, said: Said) -> Said:
    environment = dict(os.environ)  # noqa: TID251 - for the child
    killed = ended(start(undo_and_die, weeks.project, KEY, DELETED_BEFORE, environment))
    refused = run("export", KEY, "--yes", "--json")

    assert killed == KILLED
    assert (refused.exit_code, refused.json["error"]["code"]) == (3, "undo_open")
    assert weeks.says == replace(
        said,
        stage="review, failed",
        exported=WANTED - DELETED_BEFORE,
        links=0,
        deleted=DELETED_BEFORE,
        next_step=f"Finish the undo: jira-pipeline undo {KEY}",
    )
    return weeks.says


def _at_home_the_undo_is_named_and_all_is_there(weeks: Weeks, said: Said, address: str) -> None:
    there = f"{address}, project {PROJECT}: {WANTED - DELETED_BEFORE} of {WANTED}"
    assert weeks.says == replace(
        said,
        stage="review, waiting",
        elsewhere=(f"{there}, an undo has not ended",),
        next_step=f"Review, then mark ready: jira-pipeline tickets ready {KEY} --all",
    )


def _the_undo_is_finished_and_all_exported_again(weeks: Weeks, begun: Said, there: Said) -> None:
    finished = weeks.follow(begun, "--yes")
    undone = weeks.says
    assert weeks.follow(undone).exit_code == 0
    assert weeks.follow(weeks.says, "--yes").exit_code == 0

    assert finished.exit_code == 0
    assert undone == replace(
        begun,
        stage="review, idle",
        exported=0,
        links=0,
        deleted=WANTED,
        next_step=f"Review, then mark ready: jira-pipeline tickets ready {KEY} --all",
    )
    assert weeks.says == there


@contextmanager
def copied_site(path: Path, copied_path: Path) -> Iterator[str]:
    """Copy a site, and serve the copy; give its address."""
    with JiraSandbox(path, clock=_now) as site:
        copy_site(site, copied_path)
    with JiraSandbox(copied_path, clock=_now) as copied, served(copied) as address:
        copied.set_base_url(address)
        yield address


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a site has a clock


def use_copy(environment: pytest.MonkeyPatch, address: str) -> None:
    """Set the address of the copied site, and its project."""
    use_site(environment, address)
    environment.setenv("JIRA_PROJECT_KEY", PROJECT)


def markers(path: Path) -> dict[str, str]:
    """Read the identity that each issue of a site carries, by its key."""
    chosen = (
        "SELECT issue.key, value FROM issue_property JOIN issue ON issue.id = issue_id"
        " WHERE issue_property.key = ?"
    )
    with closing(sqlite3.connect(path)) as tables:
        carried = tables.execute(chosen, (MARKER_PROPERTY,)).fetchall()
    return {key: json.loads(value)["identity"] for key, value in carried}


def assert_each_ticket_is_one_issue(keys: set[str], path: Path, *, beside: set[str]) -> None:
    """Find the issue of each ticket on a site, once, and none that carries our marker but these."""
    carried = markers(path)

    assert len(keys) == WANTED
    assert carried.keys() == keys | beside
    assert len(set(carried.values())) == len(carried)

"""Export and results: the plan, the start, what is left to people, the undo."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.trackers import SANDBOX_ACCOUNT, open_sandbox, opened_jira
from jira_pipeline.export.exporting import compare_with_jira
from jira_pipeline.model.exports import FixState, FixType, ManualFix
from jira_pipeline.model.people import Role
from jira_pipeline.model.sessions import RunJob, SessionStage, SessionStatus, UpdateChoice
from jira_pipeline.review import revisions
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.decisions import request_changes
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import TicketEdit
from jira_pipeline.review.validating import validate
from jira_pipeline.sessions.upload import upload
from jira_pipeline.web.context import LateDagster, Web
from jira_pipeline_tests.crash.by_hand import ask_site
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION, copy_sheets, show_export
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import (
    ClientOf,
    dagster_in_test,
    opened_web,
    signed_in,
    text_of,
)
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

HERE = f"/sessions/{SESSION}"


@pytest.fixture
def recorded(exported_project: Path, tmp_path: Path) -> Iterator[tuple[Web, RecordedRuns]]:
    """The web of a project whose session is in the sandbox, and what it starts."""
    project = tmp_path / "project"
    shutil.copytree(exported_project, project)
    with opened_web(project) as web:
        runs, dagster = RecordedRuns(), LateDagster()
        dagster.arrive(dagster_in_test, runs)
        yield replace(web, dagster=dagster), runs


def test_the_plan_says_where_as_whom_what_and_why_not(client_of: ClientOf) -> None:
    page = client_of(Role.EXPORTER).get(f"{HERE}/export").text

    plan = text_of(page, "#plan")
    assert "Project UHR" in text_of(page, ".pairs")
    assert "Sandbox Owner" in text_of(page, ".pairs")
    assert f"{EXAMPLE_TICKETS} issues and 22 links" in plan
    assert " questions to answer and 4 views to describe, in 11 tickets Answer them In " in plan
    assert "This export cannot start yet" in text_of(page, ".notice.warn")
    assert text_of(page, ".notice.warn a.button") == "Review the tickets"
    assert LexborHTMLParser(page).css('button[class="primary"]') == []


def test_a_plan_is_asked_again_where_something_changed_or_somebody_wants_it(fresh_web: Web) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)

    def requests_of(address: str) -> int:
        with open_sandbox(fresh_web.pipeline.settings) as sandbox:
            before = len(journal_of(sandbox))
        assert "Check again" in text_of(client.get(address).text, ".pairs")
        with open_sandbox(fresh_web.pipeline.settings) as sandbox:
            return len(journal_of(sandbox)) - before

    first, second = (requests_of(f"{HERE}/export") for _ in range(2))
    wanted = requests_of(f"{HERE}/export?fresh=1")
    mark_ready(open_session(fresh_web.pipeline, SESSION), [1], by="cd")
    changed = requests_of(f"{HERE}/export")

    assert first == wanted == changed > 0
    assert second == 0


def test_tickets_that_nobody_marked_ready_are_named_where_the_session_approves_them(
    fresh_web: Web, tmp_path: Path
) -> None:
    """One click exported what nobody had read."""
    client = signed_in(fresh_web, Role.EXPORTER)
    upload(
        fresh_web.pipeline,
        copy_sheets(tmp_path / "sheets"),
        session_key=SESSION,
        auto_approve=True,
        actor="ab",
    )
    validate(open_session(fresh_web.pipeline, SESSION), run_id=None)

    page = client.get(f"{HERE}/export").text

    assert f"{EXAMPLE_TICKETS} tickets not yet approved" in text_of(page, "form p")
    assert (
        text_of(page, 'form button[class="primary"]')
        == f"Create {EXAMPLE_TICKETS} issues without a review"
    )


@each("form", ["export", "export/resume", "results/undo"])
def test_what_cannot_be_done_says_why(client_of: ClientOf, form: str) -> None:
    answer = client_of(Role.EXPORTER).post(f"{HERE}/{form}", follow_redirects=True)

    assert answer.status_code == 200
    assert text_of(answer.text, ".notice.error")


def test_an_export_is_shown_with_its_issues_and_undone(recorded: tuple[Web, RecordedRuns]) -> None:
    web, runs = recorded
    client = signed_in(web, Role.EXPORTER)
    done = client.get(f"{HERE}/export").text
    results = client.get(f"{HERE}/results").text
    plan = client.get(f"{HERE}/results?undo=1").text

    unsure = client.post(f"{HERE}/results/undo", follow_redirects=True).text
    started = client.post(f"{HERE}/results/undo", data={"sure": "1"}, follow_redirects=True).text

    assert f"{EXAMPLE_TICKETS} issues in Jira" in text_of(done, "#live")
    assert f"Last export: {EXAMPLE_TICKETS} created, " in text_of(done, "#live")
    assert len(LexborHTMLParser(results).css("#issues tbody tr")) == EXAMPLE_TICKETS
    assert "All issues are up to date." in results
    assert text_of(client.get(f"{HERE}/review").text, ".next h2") == "Every ticket has an issue"
    assert f"Delete {EXAMPLE_TICKETS} issues" in text_of(plan, "#undo dl")
    assert "Nothing was undone" in text_of(unsure, ".notice.error")
    assert "The undo is queued." in text_of(started, ".notice")
    assert [(w.job, w.by) for w in runs.wanted] == [(RunJob.UNDO, "exporter@example.org")]


def test_links_to_issues_of_the_sandbox_lead_to_its_pages_here(
    recorded: tuple[Web, RecordedRuns],
) -> None:
    """Its own address answers only while somebody serves it there."""
    client = signed_in(recorded[0], Role.READER)
    pages = [f"{HERE}/results", f"{HERE}/tickets", f"{HERE}/tickets/9"]

    shown = {page: client.get(page).text for page in pages}
    links = LexborHTMLParser(shown[f"{HERE}/results"]).css("#issues td.key a")
    address = str(links[8].attributes["href"])
    issue = client.get(address)
    others = [client.get(f"/sandbox/{one}") for one in ("", "projects/UHR", "issues/?jql=")]
    inner = {
        str(a.attributes["href"])
        for page in (issue, *others)
        for a in LexborHTMLParser(page.text).css("a")
    }

    assert [page for page, text in shown.items() if 'href="http://127.0.0.1:8765' in text] == []
    assert address.startswith("/sandbox/browse/UHR-")
    assert client.get("/sandbox").text == others[0].text
    assert "Update media type: Image" in issue.text
    assert "script-src" not in issue.headers["content-security-policy"]
    assert {a for a in inner if a.startswith("/") and not a.startswith("/sandbox/")} == {
        "/",
        f"{HERE}/tickets/9",
    }
    assert client.get("/sandbox/sandbox.css").status_code == 200
    assert client.get("/sandbox/browse/UHR-999").status_code == 404
    assert client.post(address).status_code == 405


def test_a_change_to_make_in_jira_is_shown_with_its_text(
    recorded: tuple[Web, RecordedRuns],
) -> None:
    web, _ = recorded
    client, address = signed_in(web, Role.REVIEWER), f"{HERE}/results"
    edited = _edit_notes(web, "<p>Look.</p>")

    shown = client.get(address).text

    assert "Only the changes below." in text_of(shown, "#fixes")
    assert "Notes" in text_of(shown, '#changes [data-label="Differs"]')
    assert text_of(shown, "#changes pre.difference ins") == "+Look."
    assert text_of(shown, "#changes pre.text") == "Look."
    assert "an update applies later changes" in text_of(
        client.get(f"{HERE}/tickets/{edited}").text, ".props"
    )


def test_a_person_chooses_for_each_issue_what_an_update_does(
    recorded: tuple[Web, RecordedRuns],
) -> None:
    web, runs = recorded
    number = _edit_notes(web, "<p>Look.</p>")
    validate(open_session(web.pipeline, SESSION), run_id=None)
    mark_ready(open_session(web.pipeline, SESSION), [number], by="cd")
    client, address = signed_in(web, Role.EXPORTER), f"{HERE}/export"
    ended = client.get(f"{HERE}/review?lost=1").text
    planned = client.get(f"{address}?plan=1").text
    options = LexborHTMLParser(planned).css('select[name="chosen"] option')
    leave = str(options[-1].attributes["value"])
    client.post(address, data={"update": "1", "chosen": [leave]})
    mistyped = client.post(
        address, data={"update": "1", "chosen": ["leave 999"]}, follow_redirects=True
    ).text

    assert text_of(ended, "h1") == "1 change approved"
    assert text_of(ended, ".next a.primary") == "Update 1 issue"
    assert text_of(planned, "form footer button.primary") == "Update 1 issue"
    assert "Notes" in text_of(planned, ".issue")
    assert [option.text() for option in options] == ["Update", "Leave as it is"]
    assert f"Session {SESSION} has no ticket 999." in text_of(mistyped, ".notice")
    assert [wanted.update for wanted in runs.wanted] == [UpdateChoice(leaves=(number,))]


def test_an_update_leaves_the_issue_of_a_ticket_that_was_sent_back(
    recorded: tuple[Web, RecordedRuns],
) -> None:
    web, _ = recorded
    number = _edit_notes(web, "<p>Look.</p>")
    validate(open_session(web.pipeline, SESSION), run_id=None)
    mark_ready(open_session(web.pipeline, SESSION), [number], by="cd")
    client, address = signed_in(web, Role.EXPORTER), f"{HERE}/export?plan=1&fresh=1"
    before = client.get(address).text
    request_changes(open_session(web.pipeline, SESSION), [number], reason="Look at what?", by="ab")
    planned = client.get(address).text

    assert text_of(before, "form footer button.primary") == "Update 1 issue"
    assert text_of(planned, "form footer button") == "Check the issues"
    assert "changes are requested of its ticket" in planned


def test_a_plan_shows_whose_each_part_of_the_next_text_is(
    recorded: tuple[Web, RecordedRuns],
) -> None:
    web, _ = recorded
    with opened_jira(open_session(web.pipeline, SESSION)) as jira:
        text = jira.issue_text("UHR-1")
        typed = {"type": "paragraph", "content": [{"type": "text", "text": "Ask Ada first."}]}
        assert text.description is not None
        content = text.description["content"]
        assert isinstance(content, list)
        description = {**text.description, "content": [typed, *content]}
        jira.write_text("UHR-1", summary="As we call it", description=description, properties={})
    number = _edit_notes(web, "<p>Look.</p>")
    validate(open_session(web.pipeline, SESSION), run_id=None)
    mark_ready(open_session(web.pipeline, SESSION), [number], by="cd")

    shown = signed_in(web, Role.EXPORTER).get(f"{HERE}/export?plan=1&fresh=1").text

    assert re.fullmatch(
        r"The next text of UHR-1 ?: \d+ parts ours ?; 1 part people's",
        text_of(shown, ".issue summary"),
    )
    assert text_of(shown, ".share.peoples") == "People's Ask Ada first."
    assert "Look." in text_of(shown, ".share.ours")
    assert "title given by people kept" in text_of(shown, ".issue .legend").casefold()


def _edit_notes(web: Web, notes: str) -> int:
    """Let somebody edit a ticket that has an issue; return its number."""
    session = open_session(web.pipeline, SESSION)
    revisions.edit(session, session.tickets[0], TicketEdit(parts={"notes": notes}), by="cd")
    return session.tickets[0].number


def test_a_ticket_with_an_issue_is_not_offered_to_be_skipped(
    recorded: tuple[Web, RecordedRuns],
) -> None:
    """The reason was asked for, then the skipping refused."""
    client = signed_in(recorded[0], Role.REVIEWER)

    pages = [client.get(f"{HERE}/tickets{number}").text for number in ("", "/1")]

    assert [LexborHTMLParser(page).css("button[value=skip]") for page in pages] == [[], []]
    assert "Skip" not in text_of(pages[1], ".decide")


def test_a_fix_is_ticked_off_and_opened_again(recorded: tuple[Web, RecordedRuns]) -> None:
    web, _ = recorded
    (fix,) = _left_by_a_sprint(web, 1)
    client, address = signed_in(web, Role.REVIEWER), f"{HERE}/results/fixes"

    done = client.post(address, data={"fix_id": fix.fix_id}, follow_redirects=True).text
    opened = client.post(address, data={"reopened": fix.fix_id}, follow_redirects=True).text
    twice = client.post(address, data={"reopened": fix.fix_id}, follow_redirects=True).text

    assert "Open again" in text_of(done, "#fixes td button")
    assert text_of(opened, "#fixes td button") == ""
    assert len(LexborHTMLParser(opened).css("#fixes input[name=fix_id]")) == 1
    assert "not marked as done" in text_of(twice, ".notice.error")


def test_fixes_of_one_cause_are_done_by_one_tick_and_opened_in_jira_by_one_link(
    recorded: tuple[Web, RecordedRuns],
) -> None:
    web, _ = recorded
    fixes = _left_by_a_sprint(web, 3)
    client, address = signed_in(web, Role.REVIEWER), f"{HERE}/results"

    shown = LexborHTMLParser(client.get(address).text)
    (cause,) = shown.css("#fixes tbody tr")
    (link,) = cause.css("[data-label=Issues] > a")
    found = client.get(str(link.attributes["href"]))
    tick = str(cause.css("input")[0].attributes["value"])
    done = client.post(f"{address}/fixes", data={"fix_id": tick}, follow_redirects=True).text

    assert tick == ",".join(str(fix.fix_id) for fix in fixes)
    assert "3 issues found" in found.text
    assert "3 manual fixes done" in text_of(done, ".notice")
    assert "Nothing." in text_of(done, "#fixes")


def _left_by_a_sprint(web: Web, count: int) -> list[ManualFix]:
    """Leave to people what an export could not do in that many issues, for one reason."""
    session = open_session(web.pipeline, SESSION)
    assert session.target is not None
    return [
        session.store.manual_fixes.record(
            ManualFix(
                fix_type=FixType.SPRINT_NOT_FOUND,
                session_key=SESSION,
                target_id=session.target.target_id,
                ticket_id=ticket.ticket_id,
                subject="sprint",
                title=ticket.title,
                original_value="Sprint 9",
                recommended_action="Put it into Sprint 9.",
                jira_key=session.places[ticket.ticket_id].jira_key,
                jira_url=session.places[ticket.ticket_id].jira_url,
                state=FixState.OPEN,
                created_at=session.clock.now(),
            )
        )
        for ticket in session.tickets[:count]
    ]


def test_the_page_of_results_follows_what_is_at_work_and_offers_no_second_undo(
    exported_project: Path, tmp_path: Path
) -> None:
    """It said that it would show what the undo did, and showed the old results until a reload."""
    project = tmp_path / "project"
    shutil.copytree(exported_project, project)
    with opened_web(project) as web:
        dagster = LateDagster()
        dagster.arrive(dagster_in_test, RecordedRuns())
        client = signed_in(replace(web, dagster=dagster), Role.EXPORTER)
        before = client.get(f"{HERE}/results").text

        page = client.post(f"{HERE}/results/undo", data={"sure": "1"}, follow_redirects=True).text
        sessions, at = web.pipeline.store.sessions, web.pipeline.clock.now()
        review, running = SessionStage.REVIEW, SessionStatus.RUNNING
        sessions.set_stage(SESSION, stage=review, status=running, at=at, run_id="run-1")
        text = "Removing issue 12 of 24: UHR-12"
        sessions.set_progress(SESSION, percentage=50.0, text=text, at=at)
        half = client.get(f"{HERE}/live").text

    assert text_of(page, "#live b") == "Undoing in Jira"
    assert text_of(half, "#live .heading p") == f"Undoing in Jira : {text}"
    assert "50 %" in text_of(half, "#live .legend")
    assert "data-at-work" in LexborHTMLParser(page).css("#live")[0].attributes
    assert (text_of(before, "#undo h2"), text_of(page, "#undo h2")) == ("Undo", "")


def test_an_export_at_work_is_stopped_from_its_page(recorded: tuple[Web, RecordedRuns]) -> None:
    """Its form was sent to an address that was gone."""
    web, _ = recorded
    client = signed_in(web, Role.EXPORTER)
    show_export(web.pipeline, SessionStatus.RUNNING, run_id="run-1")
    button = LexborHTMLParser(client.get(f"{HERE}/export").text).css_first("button.danger")
    assert button is not None
    form = button.parent
    assert form is not None

    stopped = client.post(str(form.attributes["action"]), follow_redirects=True)

    assert (stopped.status_code, "run-1" in stopped.text) == (200, True)


def test_how_far_people_are_is_shown_where_tickets_are(recorded: tuple[Web, RecordedRuns]) -> None:
    web, _ = recorded
    client = signed_in(web, Role.EXPORTER)
    move_issue(web.pipeline, "UHR-1", "10001")
    edited = _edit_notes(web, "<p>Look.</p>")
    before = client.get(f"{HERE}/tickets").text

    compare_with_jira(open_session(web.pipeline, SESSION))
    listed, ticket, export, sessions = (
        client.get(address).text
        for address in (f"{HERE}/tickets", f"{HERE}/tickets/1", f"{HERE}/export", "/")
    )

    assert edited == 1
    assert "To do" in text_of(before, "#ticket-1")
    assert "Done" in text_of(listed, "#ticket-1")
    assert "Done" in text_of(ticket, ".props")
    assert "1 ticket changed after work on its issue began" in text_of(export, "#late h2")
    assert "UHR-1" in text_of(export, "#late li")
    assert f"1 of {EXAMPLE_TICKETS} issues done" in text_of(export, "#progress")
    assert f"1 of {EXAMPLE_TICKETS} issues done" in text_of(sessions, "td[data-label=Progress]")


def move_issue(pipeline: Pipeline, key: str, status_id: str) -> None:
    """Move an issue of the sandbox as people do on their board."""
    path, body = f"/rest/api/3/issue/{key}/transitions", {"transition": {"id": status_id}}
    with open_sandbox(pipeline.settings) as sandbox:
        assert ask_site(sandbox, "POST", path, body, account=SANDBOX_ACCOUNT[0]).status == 204

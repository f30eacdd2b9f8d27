"""Export and results: the plan, the start, what is left to people, the undo."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.context.pipeline import Pipeline, SystemClock
from jira_pipeline.context.trackers import SANDBOX_ACCOUNT, open_sandbox, opened_jira
from jira_pipeline.export.exporting import compare_with_jira
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.model.people import Role
from jira_pipeline.model.runs import RunJob, WantedRun
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.update_choices import UpdateChoice
from jira_pipeline.review import revisions
from jira_pipeline.review.approvals import mark_ready, validate
from jira_pipeline.review.decisions import request_changes
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import TicketEdit
from jira_pipeline.sessions.upload import upload
from jira_pipeline.web.context import Web
from jira_pipeline_tests.crash.by_hand import ask_site
from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION, copy_sheets, show_run
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import (
    address_of,
    one,
    opened_copy,
    page_at,
    signed_in,
    text_of,
    value_of,
    with_runs,
)
from jira_pipeline_tests.web.recorded_runs import RecordedRuns

HERE = f"/sessions/{SESSION}"


@pytest.fixture
def web(exported_project: Path, tmp_path: Path) -> Iterator[Web]:
    """The web of a project whose session is in the sandbox; what it starts stays in the queue."""
    with opened_copy(exported_project, tmp_path) as web:
        yield with_runs(web, RecordedRuns())


def wanted_of(web: Web) -> list[WantedRun]:
    assert isinstance(web.runs, RecordedRuns)
    return web.runs.wanted


def test_the_plan_says_where_as_whom_what_and_why_not(fresh_web: Web) -> None:
    page = signed_in(fresh_web, Role.EXPORTER).get(f"{HERE}/export").text

    plan = text_of(page, "#plan")
    assert "Project UHR" in text_of(page, ".pairs")
    assert "Sandbox Owner" in text_of(page, ".pairs")
    assert f"{EXAMPLE_TICKETS} issues and 22 links" in plan
    assert " questions to answer and 4 views to describe, in 11 tickets" in plan
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
def test_what_cannot_be_done_says_why(fresh_web: Web, form: str) -> None:
    client = signed_in(fresh_web, Role.EXPORTER)

    answer = client.post(f"{HERE}/{form}", follow_redirects=True)

    assert answer.status_code == 200
    assert text_of(answer.text, ".notice.error")


def test_an_export_is_shown_with_its_issues_and_undone(web: Web) -> None:
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
    assert [(w.job, w.by) for w in wanted_of(web)] == [(RunJob.UNDO, "exporter@example.org")]


def test_links_to_issues_of_the_sandbox_lead_to_its_pages_here(web: Web) -> None:
    """Its own address answers only while somebody serves it there."""
    client = signed_in(web, Role.READER)
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


def test_a_change_to_make_in_jira_is_shown_with_its_text(web: Web) -> None:
    client, address = signed_in(web, Role.REVIEWER), f"{HERE}/results"
    edited = _edit_notes(web)

    shown = client.get(address).text

    assert "Only the changes below." in text_of(shown, "#fixes")
    assert "Notes" in text_of(shown, '#changes [data-label="Differs"]')
    assert text_of(shown, "#changes pre.difference ins") == "+Look."
    assert text_of(shown, "#changes pre.text") == "Look."
    assert "an update applies later changes" in text_of(
        client.get(f"{HERE}/tickets/{edited}").text, ".props"
    )


def test_a_person_chooses_for_each_issue_what_an_update_does(web: Web) -> None:
    number = _approve_other_notes(web)
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
    assert "has no ticket 999" in text_of(mistyped, ".notice")
    assert [wanted.update for wanted in wanted_of(web)] == [UpdateChoice(leaves=(number,))]


def test_an_update_leaves_the_issue_of_a_ticket_that_was_sent_back(web: Web) -> None:
    number = _approve_other_notes(web)
    client, address = signed_in(web, Role.EXPORTER), f"{HERE}/export?plan=1&fresh=1"
    request_changes(open_session(web.pipeline, SESSION), [number], reason="Look at what?", by="ab")
    planned = client.get(address).text

    assert text_of(planned, "form footer button") == "Check the issues"
    assert "changes are requested of its ticket" in planned


def test_a_plan_shows_whose_each_part_of_the_next_text_is(web: Web) -> None:
    with opened_jira(open_session(web.pipeline, SESSION)) as jira:
        text = jira.issue_text("UHR-1")
        typed = {"type": "paragraph", "content": [{"type": "text", "text": "Ask Ada first."}]}
        assert text.description is not None
        content = text.description["content"]
        assert isinstance(content, list)
        description = {**text.description, "content": [typed, *content]}
        jira.write_text("UHR-1", summary="As we call it", description=description, properties={})
    _approve_other_notes(web)

    shown = signed_in(web, Role.EXPORTER).get(f"{HERE}/export?plan=1&fresh=1").text

    assert re.search(
        r"UHR-1 ?: \d+ parts ours ?; 1 part people's", text_of(shown, ".issue summary")
    )
    assert text_of(shown, ".share.peoples") == "People's Ask Ada first."
    assert "Look." in text_of(shown, ".share.ours")
    assert "title given by people kept" in text_of(shown, ".issue .legend").casefold()


def _edit_notes(web: Web) -> int:
    """Let somebody edit a ticket that has an issue; return its number."""
    session = open_session(web.pipeline, SESSION)
    wanted = TicketEdit(parts={"notes": "<p>Look.</p>"})
    revisions.edit(session, session.tickets[0], wanted, by="cd")
    return session.tickets[0].number


def _approve_other_notes(web: Web) -> int:
    number = _edit_notes(web)
    validate(open_session(web.pipeline, SESSION), run_id=None)
    mark_ready(open_session(web.pipeline, SESSION), [number], by="cd")
    return number


def test_a_ticket_with_an_issue_is_not_offered_to_be_skipped(web: Web) -> None:
    """The reason was asked for, then the skipping refused."""
    client = signed_in(web, Role.REVIEWER)

    pages = [client.get(f"{HERE}/tickets{number}").text for number in ("", "/1")]

    assert [LexborHTMLParser(page).css("button[value=skip]") for page in pages] == [[], []]
    assert "Skip" not in text_of(pages[1], ".decide")


def test_a_fix_is_ticked_off_and_opened_again(web: Web) -> None:
    (fix,) = _left_by_a_sprint(web, 1)
    client, address = signed_in(web, Role.REVIEWER), f"{HERE}/results/fixes"

    done = client.post(address, data={"fix_id": fix.fix_id}, follow_redirects=True).text
    opened = client.post(address, data={"reopened": fix.fix_id}, follow_redirects=True).text
    twice = client.post(address, data={"reopened": fix.fix_id}, follow_redirects=True).text

    assert "Open again" in text_of(done, "#fixes td button")
    assert text_of(opened, "#fixes td button") == ""
    assert len(LexborHTMLParser(opened).css("#fixes input[name=fix_id]")) == 1
    assert "not marked as done" in text_of(twice, ".notice.error")


def test_fixes_of_one_cause_are_done_by_one_tick_and_opened_in_jira_by_one_link(web: Web) -> None:
    fixes = _left_by_a_sprint(web, 3)
    client, address = signed_in(web, Role.REVIEWER), f"{HERE}/results"

    (cause,) = page_at(client, address).css("#fixes tbody tr")
    found = client.get(address_of(cause, "[data-label=Issues] > a"))
    tick = value_of(cause, "input")
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


def test_the_page_of_results_follows_what_is_at_work_and_offers_no_second_undo(web: Web) -> None:
    """It said that it would show what the undo did, and showed the old results until a reload."""
    client = signed_in(web, Role.EXPORTER)
    before = client.get(f"{HERE}/results").text

    page = client.post(f"{HERE}/results/undo", data={"sure": "1"}, follow_redirects=True).text
    sessions, at = web.pipeline.store.sessions, web.pipeline.clock.now()
    review, running = SessionStage.REVIEW, SessionStatus.RUNNING
    sessions.set_stage(SESSION, stage=review, status=running, at=at, run_id="run-1")
    text = "Removing issue 12 of 24: UHR-12"
    sessions.set_progress(SESSION, percentage=50.0, text=text, at=at)
    half = client.get(f"{HERE}/live").text

    assert text_of(page, "#live b") == "Undoing in Jira"
    assert text_of(half, "#live .heading p").endswith(text)
    assert "50 %" in text_of(half, "#live .legend")
    assert "data-at-work" in one(LexborHTMLParser(page), "#live").attributes
    assert (text_of(before, "#undo h2"), text_of(page, "#undo h2")) == ("Undo", "")


def test_an_export_at_work_is_stopped_from_its_page(web: Web) -> None:
    """Its form was sent to an address that was gone."""
    client = signed_in(web, Role.EXPORTER)
    show_run(web.pipeline, SessionStatus.RUNNING, run_id="run-1")
    form = one(page_at(client, f"{HERE}/export"), "form:has(> button.danger)")

    stopped = client.post(str(form.attributes["action"]), follow_redirects=True)

    assert (stopped.status_code, "run-1" in stopped.text) == (200, True)


def test_how_far_people_are_is_shown_where_tickets_are(web: Web) -> None:
    client = signed_in(web, Role.EXPORTER)
    move_issue(web.pipeline, "UHR-1", "10001")
    edited = _edit_notes(web)
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
    with FaultySandbox(pipeline.settings.sandbox_path, clock=SystemClock().now) as sandbox:
        assert ask_site(sandbox, "POST", path, body, account=SANDBOX_ACCOUNT[0]).status == 204

"""Whose text an issue has, which ticket may write it, and how often a comment is sent."""

from dataclasses import replace
from typing import Any

import httpx

from jira_pipeline.export.change_comments import Commenting, WantedComment
from jira_pipeline.export.export_run import MARKER_PROPERTY, UPDATE_PROPERTY
from jira_pipeline.export.issue_texts import is_as_before, text_hash_of, wanted_hash_of
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.updating import BY_HAND, planned_updates
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.model.exports import LedgerEvent, SentContent, WrittenText
from jira_pipeline.model.issue_tracker import IssueText, TextChange
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline_tests.crash.export_faults import is_commenting, raising
from jira_pipeline_tests.crash.sessions import document
from jira_pipeline_tests.export.small_site import SmallSite

OURS = "as we wrote it"


def a_text(site: SmallSite, *authors: str, words: str = OURS) -> IssueText:
    """Return the text of the first ticket's issue, changed so many times."""
    named = {"installation": site.run.installation_id, "session": "site", "sequence": 1}
    mark = {"sequence": 9, "text": wanted_hash_of("T", document(OURS))}
    return IssueText(
        key="SBX-1",
        updated="",
        summary="T",
        description=document(words),
        changes=tuple(TextChange(change_id=str(n), author_id=a) for n, a in enumerate(authors)),
        properties={
            MARKER_PROPERTY: {"identity": site.identity(1), **named},
            UPDATE_PROPERTY: mark,
        },
    )


def test_a_text_that_went_away_and_came_back_was_changed(site: SmallSite) -> None:
    before = a_text(site, "us")
    written = WrittenText(wanted_hash="", before_hash=text_hash_of(before), last_change="0")

    assert is_as_before(before, written)
    assert not is_as_before(a_text(site, "us", "ada", "ada"), written)


def test_a_ticket_that_was_edited_since_its_approval_writes_no_issue(site: SmallSite) -> None:
    site.export(1)
    site.tickets = (replace(site.tickets[0], rendered_hash="edited"),)
    change = LaterChange(
        ticket_id="t01",
        number=1,
        title="T",
        jira_key="SBX-1",
        jira_url="",
        source_word=SourceWord.SHEETS,
        becomes=SentContent(rendered_hash="approved", revision=1, content_sha256=""),
        parts=("title",),
        is_vanished=False,
    )

    [planned] = planned_updates(site.run, [change])

    assert planned.objection == BY_HAND


def a_comment(run: Any) -> WantedComment:
    """Return what is to be said on the only issue."""
    [receipt] = run.page.issue_receipts()
    content = (adf.paragraph("Closing it is up to you."),)
    return WantedComment(receipt=receipt, identity=f"{receipt.identity}/comment/1", content=content)


def test_a_comment_that_is_never_answered_is_sent_twice_at_most(site: SmallSite) -> None:
    sent: list[httpx.Request] = []

    def losing(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        if is_commenting(request):
            sent.append(request)
            return raising(httpx.ReadTimeout, is_committed=False)(request, inner)
        return inner.handle_request(request)

    site.export(1)
    site.answering = losing
    for _ in range(3):
        run = site.run
        assert Commenting(run).comment([a_comment(run)]) == ()

    assert len(sent) == 2


def test_a_comment_of_a_process_that_ended_is_looked_for(site: SmallSite) -> None:
    site.export(1)
    run = site.run
    wanted = a_comment(run)
    run.page.write(wanted.subject, LedgerEvent.INTENT)
    site.client.add_comment(wanted.receipt.remote_id or "", wanted.document)
    site.requests.clear()

    assert Commenting(site.run).comment([wanted]) == (wanted,)
    assert not any(map(is_commenting, site.requests))


def test_a_comment_that_jira_adds_late_is_sent_once(site: SmallSite) -> None:
    late: list[httpx.Request] = []

    def adding_late(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        if is_commenting(request):
            late.append(request)
            raise httpx.ReadTimeout("")
        if late and site.time.monotonic() > site.horizon_seconds / 2:
            inner.handle_request(late.pop())
        return inner.handle_request(request)

    site.export(1)
    site.horizon_seconds = 600.0
    site.answering = adding_late
    run = site.run
    wanted = a_comment(run)

    assert Commenting(run).comment([wanted]) == (wanted,)
    assert sum(map(is_commenting, site.requests)) == 1

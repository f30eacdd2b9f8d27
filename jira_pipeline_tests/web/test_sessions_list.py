"""The list of sessions, as a page and as a resource."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.model.runs import AUTO_APPROVAL
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline.review import approvals, decisions, revisions
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import TicketEdit
from jira_pipeline.sessions import upload
from jira_pipeline.web.context import Web
from jira_pipeline.web.labels import ago, initials_of
from jira_pipeline.web.pages.showing import static_address
from jira_pipeline_tests.contracts.stored_values import START, an_upload
from jira_pipeline_tests.projects import SESSION, SMALL_TICKETS
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import NAMES, ClientOf, asked_of_store, signed_in, text_of

pytestmark = pytest.mark.small_site


def test_the_page_lists_the_sessions_and_who_looks(client_of: ClientOf) -> None:
    answer = client_of(Role.READER).get("/")

    assert answer.status_code == 200
    assert 'href="/sessions/museum"' in answer.text
    assert NAMES[Role.READER] in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]


def test_the_page_says_in_words_who_did_what_last_and_how_much_is_agreed(fresh_web: Web) -> None:
    store, at = fresh_web.pipeline.store, fresh_web.pipeline.clock.now()
    edit = TicketEdit(parts={"notes": "<p>Ask the museum.</p>"})
    session = open_session(fresh_web.pipeline, SESSION)
    revisions.edit(session, session.ticket(3), edit, by="maria")

    edited = text_of(signed_in(fresh_web, Role.READER).get("/").text, "tbody td")
    ids = [store.tickets.get(SESSION, number).ticket_id for number in (1, 2)]
    store.tickets.exclude(SESSION, ids, Skipped, reason="Later.", by="anna", at=at)
    skipped = text_of(signed_in(fresh_web, Role.READER).get("/").text, "tbody td")
    approvals.mark_ready(open_session(fresh_web.pipeline, SESSION), [3], by=AUTO_APPROVAL)
    approved = text_of(signed_in(fresh_web, Role.READER).get("/").text, "tbody td")

    assert "maria edited ticket 3 just now" in edited
    assert f"0 of {SMALL_TICKETS} approved" in edited
    assert "anna skipped 2 tickets" in skipped
    assert "automatically approved ticket 3" in approved, "it was the session itself"
    assert f"0 of {SMALL_TICKETS - 2} approved" in skipped


def test_pages_say_why_a_session_stays_where_sessions_are_removed(fresh_web: Web) -> None:
    settings = fresh_web.pipeline.settings.model_copy(update={"retention_days": 30.0})
    limited = replace(fresh_web, pipeline=replace(fresh_web.pipeline, settings=settings))
    unlimited = signed_in(fresh_web, Role.READER).get("/").text
    client = signed_in(limited, Role.READER)

    pages = [client.get(address).text for address in ("/", f"/sessions/{SESSION}")]

    assert "stays: its export is not completed" not in unlimited
    for page in pages:
        assert "stays: its export is not completed" in page


def test_a_change_while_the_page_is_made_is_not_taken_for_one_of_another_ticket(
    fresh_web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every later page named the ticket before, until somebody changed something again."""
    audit = type(fresh_web.pipeline.store.audit)
    last_changes, waiting = audit.last_changes, [4, 3]

    def edit_one() -> None:
        session = open_session(fresh_web.pipeline, SESSION)
        edit = TicketEdit(parts={"notes": "<p>Ask the museum.</p>"})
        revisions.edit(session, session.ticket(waiting.pop()), edit, by="maria")

    def read_between(self: Any, keys: Any) -> Any:
        found = last_changes(self, keys)
        if waiting:
            edit_one()
        return found

    edit_one()
    monkeypatch.setattr(audit, "last_changes", read_between)
    client = signed_in(fresh_web, Role.READER)
    first, later = (text_of(client.get("/").text, "tbody td") for _ in range(2))

    assert "maria edited ticket 3" in first
    assert "maria edited ticket 4" in later


def test_the_page_asks_the_store_for_nothing_of_one_session_alone(fresh_web: Web) -> None:
    """Fifty sessions were 250 queries."""
    fresh_web.pipeline.store.sessions.register(an_upload("other"), at=START, actor="maria")
    session = open_session(fresh_web.pipeline, SESSION)
    decisions.assign(session, [1], fields={"assignee": "maria"}, by="maria")
    client = signed_in(fresh_web, Role.READER)
    client.get("/")

    with asked_of_store(fresh_web) as asked:
        page = text_of(client.get("/").text, "tbody td")

    assert "maria" in page
    assert [one for one in set(asked) if asked.count(one) > 1 and one[0] != "BEGIN"] == []
    assert [sql for sql, of in asked if SESSION in of and "other" not in of] == []


def test_the_page_leads_to_what_waits_for_who_looks(fresh_web: Web) -> None:
    name, client = NAMES[Role.REVIEWER], signed_in(fresh_web, Role.REVIEWER)
    session = open_session(fresh_web.pipeline, SESSION)
    decisions.assign(session, [1, 2, 3], fields={"assignee": name.title()}, by="maria")
    approvals.mark_ready(open_session(fresh_web.pipeline, SESSION), [2], by="maria")

    [link] = LexborHTMLParser(client.get("/").text).css("td[data-label^=Action] a")
    review = client.get(str(link.attributes["href"]), follow_redirects=True).text

    assert link.text() == "2 of yours wait"
    assert "1/3 approved" in text_of(review, ".along")


@each(
    ("seconds", "expected"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7_300, "2 hours ago"),
        (86_400 * 3, "3 days ago"),
    ],
)
def test_how_long_ago_is_given_in_the_largest_unit(seconds: int, expected: str) -> None:
    assert ago(seconds) == expected


def test_every_page_finds_its_style_sheets_and_its_script(client_of: ClientOf) -> None:
    """A browser keeps them for good: another version of one has another address."""
    client = client_of(Role.READER)

    for name in ("look.css", "web.css", "web.js", "icon.svg"):
        assert f'"{static_address()}/{name}"' in client.get("/").text
        kept = client.get(f"{static_address()}/{name}")
        assert (kept.status_code, "immutable" in kept.headers["cache-control"]) == (200, True)
    for address in (f"/static/of-an-earlier-version/{name}", f"/static/{name}"):
        asked_again = client.get(address)
        assert (asked_again.status_code, asked_again.headers["cache-control"]) == (200, "no-cache")


def test_pages_are_packed_for_browsers_that_unpack(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    packed = client.get("/", headers={"accept-encoding": "gzip"})
    plain = client.get("/", headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.text == plain.text


def test_an_empty_home_says_what_happens_and_shows_who_builds_sites(
    fresh_web: Web, tmp_path: Path
) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG\r\n\x1a\n")
    face = {"agency": "Clockwork Ltd", "logo": logo}
    settings = fresh_web.pipeline.settings.model_copy(update=face)
    named = replace(fresh_web, pipeline=replace(fresh_web.pipeline, settings=settings))
    client = signed_in(named, Role.REVIEWER)
    last_entry = fresh_web.pipeline.store.audit.newest(SESSION)
    upload.remove_session(
        fresh_web.pipeline, SESSION, remove_partition=lambda _: None, last_entry=last_entry
    )

    page = client.get("/").text
    picture = client.get("/logo")

    assert [one.text() for one in LexborHTMLParser(page).css(".steps h2")] == [
        *("Upload", "Review", "Export")
    ]
    assert text_of(page, ".home") == "Clockwork Ltd"
    assert 'action="/example"' in page
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")


@each(
    ("name", "expected"),
    [("Maria Keller", "MK"), ("ada.b.lovelace@agency.example", "AL"), ("root", "R"), ("王", "王")],
)
def test_initials_stand_for_a_person(name: str, expected: str) -> None:
    assert initials_of(name) == expected

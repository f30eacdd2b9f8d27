"""A whole review by keys: each ticket is one decision and one page, fetched before it is wanted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from jira_pipeline.model.people import Role
from jira_pipeline_tests.browser.served import Served, expect_ticket, served_copy
from jira_pipeline_tests.projects import SESSION, SMALL_TICKETS

HERE = f"/sessions/{SESSION}"
HEADING = "Nothing left to review in this list"


@pytest.fixture
def fresh_web(small_reviewed_project: Path, tmp_path: Path) -> Iterator[Served]:
    """A session with written tickets, none of them ready, that one test has for itself."""
    with served_copy(small_reviewed_project, tmp_path) as served:
        yield served


@pytest.fixture
def page(fresh_web: Served, browser: Browser) -> Page:
    """A browser in which a reviewer is signed in, at the list of tickets."""
    page = fresh_web.visit(browser, Role.REVIEWER)
    page.goto(f"{HERE}/tickets")
    return page


def test_all_tickets_are_read_and_approved_with_one_decision_and_one_page_each(
    fresh_web: Served, page: Page
) -> None:
    asking = {
        t.number for t in fresh_web.web.pipeline.store.tickets.listed(SESSION) if t.unanswered_count
    }
    sent: list[Request] = []
    page.on("requestfinished", lambda one: sent.append(one))  # noqa: PLW0108 - Playwright marks it
    page.keyboard.press("o")
    for number in range(1, SMALL_TICKETS + 1):
        expect_ticket(page, number)
        page.keyboard.press("a")
        if number in asking:
            expect(page.get_by_role("link", name="Answer", exact=True)).to_be_focused()
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADING)

    loads = [one.url for one in sent if one.is_navigation_request()]
    decisions = [one for one in sent if one.method == "POST" and "/tickets/" in one.url]
    assert len(decisions) == SMALL_TICKETS
    assert len([url for url in loads if "/tickets/" in url]) == SMALL_TICKETS
    assert len(loads) == SMALL_TICKETS + 2, "the way in and the page at the end"
    assert all(t.is_ready for t in fresh_web.web.pipeline.store.tickets.listed(SESSION))


def test_what_is_typed_becomes_a_revision_before_the_ticket_is_decided(page: Page) -> None:
    """One's own text is what one has read: it was refused as somebody else's change."""
    page.goto(f"{HERE}/tickets/4")
    page.locator("[data-edits=notes]").click()
    page.locator("#part-notes").fill("Mine.")
    page.locator("#part-notes").press("Control+Enter")
    expect(page.locator("article.ticket")).to_contain_text("Mine.")
    page.wait_for_load_state()
    page.keyboard.press("a")

    expect_ticket(page, 5)
    page.keyboard.press("k")
    expect_ticket(page, 4)
    expect(page.locator("article.ticket")).to_contain_text("Mine.")


def test_the_list_keeps_its_place_and_what_was_chosen(page: Page) -> None:
    page.locator("#ticket-5 input[name=number]").check()
    page.locator("#ticket-6 input[name=number]").check()
    page.keyboard.press("e")
    page.locator("#labels_added").fill("two words")
    page.keyboard.press("Enter")
    expect(page.locator("#assigning .error")).to_contain_text("cannot be used for labels")
    expect(page.locator("#assigning")).to_be_visible()
    expect(page.locator("#labels_added")).to_have_value("two words")
    page.locator("#labels_added").fill("words")
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("2 tickets changed.")
    expect(page.locator("#tickets tbody :checked")).to_have_count(2)

    page.locator("#ticket-6 a[data-row]").click()
    expect_ticket(page, 6)
    page.go_back()
    expect(page.locator("#ticket-6 a[data-row]")).to_be_focused()
    expect(page.locator("#ticket-6")).to_be_in_viewport()

"""A whole review by keys: each ticket is one decision and at most one page."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from jira_pipeline.kernel.people import Role
from jira_pipeline_tests.browser.served import Served, served_project
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION

HERE = f"/sessions/{SESSION}"


@pytest.fixture
def fresh_web(browser: Browser, reviewed_project: Path, tmp_path: Path) -> Iterator[Served]:
    """A session with written tickets, none of them ready, that one test has for itself."""
    assert browser.is_connected()
    project = tmp_path / "project"
    shutil.copytree(reviewed_project, project)
    with served_project(project) as served:
        yield served


def at_ticket(page: Page, number: int) -> None:
    """Wait for the page of a ticket, and until its scripts listen to keys."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{number} ·")
    page.wait_for_load_state()


def test_all_tickets_are_read_and_approved_with_a_key_and_a_page_each(
    fresh_web: Served, browser: Browser
) -> None:
    page = fresh_web.visit(browser, Role.REVIEWER)
    sent: list[Request] = []
    page.goto(f"{HERE}/tickets")
    page.on("requestfinished", lambda one: sent.append(one))
    page.keyboard.press("o")
    decided = 0
    for number in range(1, EXAMPLE_TICKETS + 1):
        at_ticket(page, number)
        print(page.evaluate("(({transferSize, type, redirectCount, deliveryType}) => [transferSize, type, redirectCount, deliveryType])(performance.getEntriesByType('navigation')[0])"), page.evaluate("document.activeElement.tagName"), page.locator("#said").inner_text())
        page.keyboard.press("r")
        if page.locator("#asking[open]").count():
            page.keyboard.press("Enter")  # all the same
        decided += 1
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Every ticket of this list is decided"
    )

    loads = [one for one in sent if one.is_navigation_request() and one.method == "GET"]
    tickets = fresh_web.web.pipeline.store.tickets.listed(SESSION)
    assert all(ticket.is_ready for ticket in tickets)
    assert decided == EXAMPLE_TICKETS
    print(len(loads), [one.url[-60:] for one in loads], [one.method for one in sent if one.is_navigation_request()])

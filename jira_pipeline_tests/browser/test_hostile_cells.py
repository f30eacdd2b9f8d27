"""In a browser, too, no text of a cell or a person runs, loads or leads anywhere.

What the server sends is judged in `web/test_hostile_cells`; here the scripts of the pages are at
work, and the browser says what it refused.
"""

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from jira_pipeline.model.people import Role
from jira_pipeline_tests.browser.served import Served, served_for_a_module
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.hostile_sheets import PAYLOADS

HERE = f"/sessions/{SESSION}"
PAGES = ("/", HERE, *(f"{HERE}/{name}" for name in ("graph", "findings", "tickets", "export")))


hostile_web = served_for_a_module("hostile_project")


@pytest.fixture
def watched(hostile_web: Served, browser: Browser) -> tuple[Page, list[str]]:
    """A browser of an admin, and all that it complains of, opens or asks of others."""
    page, complaints = hostile_web.visit(browser, Role.ADMIN), list[str]()

    def note(dialog: Dialog) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", note)
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((hostile_web.address, "file:"))
            else complaints.append(f"{page.url} asks {asked.url}")
        ),
    )
    return page, complaints


def test_no_cell_and_nothing_typed_runs_on_any_page(
    hostile_web: Served, watched: tuple[Page, list[str]]
) -> None:
    page, complaints = watched
    numbers = hostile_web.web.pipeline.store.tickets.numbers(SESSION).values()

    for address in (*PAGES, *(f"{HERE}/tickets/{number}?edit=1" for number in numbers)):
        page.goto(address)
    page.locator("[data-edits=notes]").click()
    as_code = "\n\n".join(f"~~~~\n{payload}\n~~~~" for payload in PAYLOADS)  # markup is refused
    page.locator("#part-notes").fill(f"{as_code}\n\nthe end")
    page.locator("#part-notes").press("Control+Enter")
    expect(page.locator("article.ticket")).to_contain_text("the end")

    assert complaints == []

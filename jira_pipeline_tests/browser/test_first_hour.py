"""A director's first hour, in two browsers: from a link to issues in the sandbox and back.

One test, since an hour is one story; each function of it is one thing the director does.
"""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from jira_pipeline.domain.people import Role
from jira_pipeline_tests.browser.served import PATIENCE_SECONDS, Served
from jira_pipeline_tests.projects import EXAMPLE_TICKETS

OFFLINE_MILLISECONDS = 10_000
SHEETS = ["*.csv", "session.yaml"]
expect.set_options(timeout=PATIENCE_SECONDS * 1000)


def test_a_directors_first_hour(empty_web: Served, browser: Browser, sheets: Path) -> None:
    director = empty_web.visit(browser, Role.ADMIN)
    colleague = empty_web.visit(browser, Role.REVIEWER)

    upload_and_write(director, sheets)
    answer_and_accept(director)
    edit_one_ticket_together(director, colleague)
    assign_to_somebody_jira_does_not_know(director)
    validate_and_mark_ready(director)
    export_and_lose_the_network(director)
    tick_a_fix(director)
    undo(director)


def open_tab(page: Page, name: str) -> None:
    """Go to one of the pages of the session."""
    page.locator(".tabs").get_by_role("link", name=name).click()


def upload_and_write(page: Page, sheets: Path) -> None:
    """Drop the sheets, read what is found in them, take them and have tickets written."""
    page.get_by_role("link", name="Upload").first.click()
    files = sorted(file for pattern in SHEETS for file in sheets.glob(pattern))
    page.locator("#files").set_input_files(files)
    page.get_by_role("button", name="Look at them").click()
    expect(page.get_by_role("heading", name="Findings")).to_be_visible()
    expect(page.locator("table .tag.warning").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Take it as session")).click()
    page.get_by_role("button", name="Write the tickets").click()
    count = page.locator(".facts li", has_text="tickets").locator("b").first
    expect(count).to_have_text(str(EXAMPLE_TICKETS))


def answer_and_accept(page: Page) -> None:
    """Answer one question, and accept what the sheets make likely for another."""
    open_tab(page, "Questions")
    left = page.locator(".heading .legend")
    before = int((left.text_content() or "0").split()[0])
    page.locator(".question textarea").first.fill("The registrar may, in every state.")
    page.locator(".question").first.get_by_role("button", name="Answer").click()
    expect(page.locator("#notices")).to_contain_text("Answer kept")
    page.get_by_role("button", name="Accept").first.click()
    expect(page.locator("#notices")).to_contain_text("Answer kept")
    expect(left).to_contain_text(f"{before - 2} questions to answer")


def edit_one_ticket_together(director: Page, colleague: Page) -> None:
    """Both write in one part of one ticket; the second sees both texts and decides."""
    here = director.url.split("/questions")[0]
    for page, text in ((director, "Written by the director."), (colleague, "By the colleague.")):
        page.goto(f"{here}/tickets/7")
        page.keyboard.press("e")
        page.locator("#part-notes").fill(text)
        expect(page.locator("#state-notes")).to_contain_text("Kept as your draft")
        expect(page.locator("#preview-notes")).to_have_text(text)
    director.keyboard.press("Escape")
    director.locator("[rel=next]").click()
    expect(director.get_by_role("heading", level=1)).to_contain_text("8 ·")

    colleague.locator("[rel=next]").click()
    expect(colleague.get_by_role("heading", level=1)).to_contain_text("8 ·")
    colleague.keyboard.press("k")
    conflict = colleague.locator("#conflict-notes")
    expect(conflict).to_contain_text("Written by the director.")
    colleague.locator("#mine-notes").fill("By both of us.")
    conflict.get_by_role("button", name="Put my text in its place").click()
    expect(colleague.locator("article.ticket")).to_contain_text("By both of us.")
    expect(conflict).to_have_count(0)

    director.keyboard.press("k")
    expect(director.locator("article.ticket")).to_contain_text("By both of us.")
    rows = director.locator("#revisions tbody tr")
    expect(rows).to_have_count(3)
    rows.nth(1).get_by_role("link", name="Compare").click()
    expect(director.locator("pre.difference del")).to_contain_text("Written by the director.")


def assign_to_somebody_jira_does_not_know(page: Page) -> None:
    """Choose two tickets and assign them."""
    open_tab(page, "Tickets")
    page.get_by_label("Choose ticket 3", exact=True).check()
    page.get_by_label("Choose ticket 4", exact=True).check()
    page.keyboard.press("e")
    page.get_by_label("Assignee").last.fill("nobody@nowhere.example")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("2 tickets")


def validate_and_mark_ready(page: Page) -> None:
    """Validate what changed, and agree to all of it."""
    open_tab(page, "Overview")
    page.get_by_role("button", name=re.compile("^Validate")).first.click()
    expect(page.locator("#live .progress")).to_have_count(0)
    open_tab(page, "Tickets")
    page.get_by_label("Choose all on this page").check()
    page.keyboard.press("r")
    expect(page.locator("#notices")).to_contain_text("marked ready")


def export_and_lose_the_network(page: Page) -> None:
    """Read the plan, start, watch, be offline for ten seconds, and see how it ended."""
    open_tab(page, "Export")
    expect(page.locator("#plan")).to_contain_text(f"{EXAMPLE_TICKETS} issues")
    expect(page.locator("#plan")).to_contain_text("nobody@nowhere.example")
    page.get_by_role("button", name="Export").click()
    live = page.locator("#live")
    expect(live).to_contain_text("Creating ticket")
    page.context.set_offline(True)
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    page.wait_for_timeout(OFFLINE_MILLISECONDS)
    page.context.set_offline(False)
    expect(live).to_contain_text("Completed.")
    expect(live).to_contain_text(f"{EXAMPLE_TICKETS} issues exist")


def tick_a_fix(page: Page) -> None:
    """Tick off what was done in Jira by hand."""
    open_tab(page, "Results")
    opened = page.locator("#fixes input[type=checkbox]")
    expect(opened).to_have_count(2)
    opened.first.check()
    page.get_by_role("button", name="Ticked ones are done").click()
    expect(opened).to_have_count(1)


def undo(page: Page) -> None:
    """Take the export back, after a look at what that would do."""
    page.get_by_role("link", name="Show what an undo would do").click()
    expect(page.locator("#undo")).to_contain_text(f"{EXAMPLE_TICKETS} issues")
    page.locator("#undo input[name=sure]").check()
    page.get_by_role("button", name="Undo the export").click()
    taken_back = page.get_by_role("heading", name="Taken back")
    for _ in range(PATIENCE_SECONDS):
        if taken_back.count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    expect(taken_back).to_be_visible()

"""A director's first hour, in two browsers: from a link to issues in the sandbox and back.

One test, since an hour is one story; each function of it is one thing the director does.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from jira_pipeline.kernel.people import Role
from jira_pipeline_tests.browser.served import PATIENCE_SECONDS, Served
from jira_pipeline_tests.projects import SMALL_TICKETS, blank_a_machine_name

SHEETS = ["*.csv", "session.yaml"]
TABS_MAX = 600
"""Steps to any place of a page, by the tabulator."""
expect.set_options(timeout=PATIENCE_SECONDS * 1000)


@dataclass(frozen=True)
class Hands:
    """How a person works on a page by keys alone."""

    page: Page

    def press(self, place: Locator) -> None:
        """Press a button, or follow a link."""
        self.reach(place)
        self.page.keyboard.press("Enter")

    def tick(self, box: Locator) -> None:
        """Tick a box."""
        self.reach(box)
        self.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def write(self, place: Locator, text: str) -> None:
        """Write a text in place of what is there."""
        self.reach(place)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def reach(self, place: Locator) -> None:
        """Go to a place by the tabulator."""
        expect(place).to_be_visible()
        for _ in range(TABS_MAX):
            if place.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{place} is not reached by {TABS_MAX} tabulators")

    def key(self, name: str) -> None:
        """Press a key of the page, whose scripts listen from its load on."""
        self.page.wait_for_load_state()
        self.page.keyboard.press(name)

    def open_tab(self, name: str) -> None:
        """Go to one of the pages of the session."""
        self.press(self.page.locator(".tabs").get_by_role("link", name=name))


@pytest.mark.small_site
def test_a_directors_first_hour(empty_web: Served, browser: Browser, sheets: Path) -> None:
    blank_a_machine_name(sheets)  # without a name, one is suggested
    narrow = {"width": 390, "height": 800}
    director = Hands(empty_web.visitor(browser, viewport=narrow))
    colleague = Hands(empty_web.visit(browser, Role.REVIEWER, viewport=narrow))

    sign_in(director, empty_web)
    upload_and_write(director, sheets)
    answer_and_accept(director)
    edit_one_ticket_together(director, colleague)
    assign_to_somebody_jira_does_not_know(director)
    validate_and_mark_ready(director)
    export_and_lose_the_network(director, empty_web)
    tick_a_fix(director)
    undo(director)


def sign_in(hands: Hands, served: Served) -> None:
    """Open the link somebody sent."""
    hands.page.goto(served.link(Role.ADMIN))
    hands.press(hands.page.get_by_role("button", name="Sign in"))


def upload_and_write(hands: Hands, sheets: Path) -> None:
    """Drop the sheets, read what is found in them, take them and have tickets written."""
    page = hands.page
    hands.press(page.get_by_role("link", name="Upload").first)
    files = sorted(file for pattern in SHEETS for file in sheets.glob(pattern))
    page.locator("#files").set_input_files(files)
    hands.press(page.get_by_role("button", name="Check the files"))
    expect(page.get_by_role("heading", name="Findings")).to_be_visible()
    expect(page.locator("#findings .tag.warning, h3 .tag.warning").first).to_be_visible()
    hands.press(page.get_by_role("button", name=re.compile("Create session")))
    hands.press(page.get_by_role("button", name="Write the tickets"))
    count = page.locator(".facts li", has_text="tickets").locator("b").first
    expect(count).to_have_text(str(SMALL_TICKETS))


def answer_and_accept(hands: Hands) -> None:
    """Answer one question, and accept what the sheets make likely for another."""
    page = hands.page
    hands.open_tab("Questions")
    left = page.locator(".heading .legend")
    before = int((left.text_content() or "0").split()[0])
    hands.write(page.locator(".question textarea").first, "What is archived stays so.")
    hands.press(page.locator(".question").first.get_by_role("button", name="Answer"))
    expect(page.locator("#notices")).to_contain_text("Answer kept")
    hands.press(page.get_by_role("button", name="Accept").first)
    expect(page.locator("#notices")).to_contain_text("Answer kept")
    expect(left).to_contain_text(f"{before - 2} questions to answer")


def edit_one_ticket_together(director: Hands, colleague: Hands) -> None:
    """Both write in one part of one ticket; the second sees both texts and decides."""
    here = director.page.url.split("/questions")[0]
    for hands, text in ((director, "Written by the director."), (colleague, "By the colleague.")):
        page = hands.page
        page.goto(f"{here}/tickets/3")
        hands.press(page.locator("[data-edits=notes]"))
        hands.write(page.locator("#part-notes"), text)

    page = director.page
    director.key("Control+Enter")
    expect(page.locator("article.ticket")).to_contain_text("Written by the director.")

    page = colleague.page
    colleague.key("Control+Enter")
    conflict = page.locator("#conflict-notes")
    expect(conflict).to_contain_text("Written by the director.")
    colleague.write(page.locator("#part-notes"), "By both of us.")
    colleague.key("Control+Enter")
    expect(page.locator("article.ticket")).to_contain_text("By both of us.")
    expect(conflict).to_have_count(0)

    page = director.page
    page.reload()
    expect(page.locator("article.ticket")).to_contain_text("By both of us.")
    rows = page.locator("#revisions tbody tr")
    expect(rows).to_have_count(3)
    director.press(rows.nth(1).get_by_role("link", name="Compare"))
    expect(page.locator("pre.difference del")).to_contain_text("Written by the director.")


def assign_to_somebody_jira_does_not_know(hands: Hands) -> None:
    """Choose two tickets and assign them."""
    page = hands.page
    hands.open_tab("Tickets")
    hands.tick(page.get_by_label("Choose ticket 3", exact=True))
    hands.tick(page.get_by_label("Choose ticket 4", exact=True))
    hands.key("e")
    hands.write(page.get_by_label("Assignee").last, "nobody@nowhere.example")
    hands.press(page.get_by_role("button", name="Set", exact=True))
    expect(page.locator("#notices")).to_contain_text("2 tickets")


def validate_and_mark_ready(hands: Hands) -> None:
    """Validate what changed, and agree to all of it."""
    page = hands.page
    hands.open_tab("Overview")
    hands.press(page.get_by_role("button", name=re.compile("^Validate")).first)
    expect(page.locator("#live .progress")).to_have_count(0)
    hands.open_tab("Tickets")
    every = page.get_by_label("Choose all on this page")
    for box in [every] if every.is_visible() else page.locator("input[name=number]").all():
        hands.tick(box)
    hands.tick(page.get_by_label("with open questions"))
    hands.key("r")
    expect(page.locator("#notices")).to_contain_text("marked ready")


def export_and_lose_the_network(hands: Hands, served: Served) -> None:
    """Read the plan, start, watch, be offline until it has ended, and see how."""
    page = hands.page
    hands.open_tab("Export")
    expect(page.locator("#plan")).to_contain_text(f"{SMALL_TICKETS} issues")
    expect(page.locator("#plan")).to_contain_text("nobody@nowhere.example")
    hands.press(page.get_by_role("button", name="Export"))
    live = page.locator("#live")
    expect(live).to_contain_text("Creating ticket")
    page.context.set_offline(True)
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    served.wait_for_runs()
    page.context.set_offline(False)
    expect(live).to_contain_text("Completed.")
    expect(live).to_contain_text(f"{SMALL_TICKETS} issues exist")


def tick_a_fix(hands: Hands) -> None:
    """Tick off, of what is to be done by hand in two issues, what was done in one."""
    page = hands.page
    hands.open_tab("Results")
    opened = page.locator("#fixes input[type=checkbox]")
    expect(opened).to_have_count(1 + 2)  # of both at once, and of each
    hands.press(page.locator("#fixes summary", has_text="One by one"))
    hands.tick(opened.nth(1))
    hands.press(page.get_by_role("button", name="Mark the ticked ones as done"))
    expect(opened).to_have_count(1)


def undo(hands: Hands) -> None:
    """Take the export back, after a look at what that would do."""
    page = hands.page
    hands.press(page.get_by_role("link", name="Show what an undo would do"))
    expect(page.locator("#undo")).to_contain_text(f"{SMALL_TICKETS} issues")
    hands.tick(page.locator("#undo input[name=sure]"))
    hands.press(page.get_by_role("button", name="Undo the export"))
    expect(page.get_by_role("heading", name="Deleted by an undo")).to_be_visible()

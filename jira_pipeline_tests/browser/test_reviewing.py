"""A whole review by keys: each ticket is one decision, and none loads a page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

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


def test_all_tickets_are_read_and_approved_with_one_decision_each_and_no_page_loaded(
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
    assert len(loads) == 2, "the way in: the review, which leads to the first ticket"
    assert all(t.is_ready for t in fresh_web.web.pipeline.store.tickets.listed(SESSION))


def ready(served: Served) -> set[int]:
    return {t.number for t in served.web.pipeline.store.tickets.listed(SESSION) if t.is_ready}


def at_quiet_ticket(served: Served, page: Page) -> int:
    """Open a ticket without open questions that another one follows; return its number."""
    listed = served.web.pipeline.store.tickets.listed(SESSION)
    quiet = (one.number for one in listed[:-1] if not one.unanswered_count)
    number = next(quiet)
    page.goto(f"{HERE}/tickets/{number}")
    page.wait_for_load_state()
    return number


def test_going_back_shows_what_was_there_as_it_is_now(fresh_web: Served, page: Page) -> None:
    number = at_quiet_ticket(fresh_web, page)
    page.keyboard.press("a")
    expect_ticket(page, number + 1)
    expect(page.locator("h1")).to_be_focused()

    page.go_back()
    expect_ticket(page, number)
    expect(page).to_have_title(re.compile(rf"^{number} · "))
    expect(page.locator(".ticket-head > .state")).to_have_text("Approved")
    page.go_forward()

    expect_ticket(page, number + 1)
    page.keyboard.press("u")
    expect_ticket(page, number)
    expect(page.locator(".ticket-head > .state")).to_have_text("To review")
    assert ready(fresh_web) == set()


def test_going_back_further_at_once_shows_what_the_address_says(
    fresh_web: Served, page: Page
) -> None:
    """The second was not done: the page was of another ticket than its address."""
    number = at_quiet_ticket(fresh_web, page)
    for following in (number + 1, number + 2):
        page.keyboard.press("j")
        expect_ticket(page, following)
    held = list[Route]()
    between = f"{HERE}/tickets/{number + 1}"
    page.route(f"**{between}", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it

    with page.expect_request(f"**{between}"):
        page.evaluate("history.back()")
    page.evaluate("history.back()")
    page.wait_for_url(f"**{HERE}/tickets/{number}")
    held[0].continue_()

    expect_ticket(page, number)
    expect(page).to_have_url(re.compile(f"{HERE}/tickets/{number}$"))


def test_going_back_asks_before_it_loses_what_is_not_saved(fresh_web: Served, page: Page) -> None:
    number = at_quiet_ticket(fresh_web, page)
    page.keyboard.press("j")
    expect_ticket(page, number + 1)
    page.locator("#field-assignee").evaluate(TYPES, "anna@example.org")

    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.evaluate("history.back()")
    page.wait_for_url(f"**{HERE}/tickets/{number + 1}")
    expect(page.locator("#field-assignee")).to_have_value("anna@example.org")
    page.once("dialog", lambda dialog: dialog.accept())
    page.evaluate("history.back()")

    assert "without saving" in asked.value.message
    expect_ticket(page, number)


TYPES = """(field, text) => {
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}"""
"""Into a field that may be folded."""
IS_ASKED_ON_CLOSING = (
    """() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }))"""
)


def test_what_could_not_be_sent_is_still_not_lost_without_a_question(
    fresh_web: Served, page: Page
) -> None:
    at_quiet_ticket(fresh_web, page)
    field = page.locator("#field-assignee")
    field.evaluate(TYPES, "anna@example.org")
    page.context.set_offline(True)

    field.evaluate("field => field.form.requestSubmit()")

    expect(page.locator("#away")).to_be_visible()
    expect(page.locator("main form[aria-busy=true]")).to_have_count(0)
    assert page.evaluate(IS_ASKED_ON_CLOSING)
    page.context.set_offline(False)
    with page.expect_response(lambda one: one.request.method == "POST"):
        field.evaluate("field => field.form.requestSubmit()")
    expect(page.locator("#notices .notice")).to_be_visible()
    assert not page.evaluate(IS_ASKED_ON_CLOSING)


def test_a_decision_after_a_download_or_a_stay_is_sent(fresh_web: Served, page: Page) -> None:
    """For five seconds it was neither sent nor refused."""
    number = at_quiet_ticket(fresh_web, page)
    page.evaluate(IS_ASKED_ON_CLOSING)

    page.locator(".decide button").first.click()

    expect_ticket(page, number + 1)
    assert ready(fresh_web) == {number}


PRESSES_AT_ONCE = """() => new MutationObserver((_changes, watching) => {
  if (!document.querySelector("main[data-fresh]")) return;
  watching.disconnect();
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));
  document.querySelector(".decide button").click();
}).observe(document.body, { childList: true, subtree: true, attributes: true })"""
"""The second half of a double press, as soon as the next ticket is there."""


def test_a_double_press_decides_once(fresh_web: Served, page: Page) -> None:
    number = at_quiet_ticket(fresh_web, page)
    page.evaluate(PRESSES_AT_ONCE)
    page.keyboard.press("a")

    expect_ticket(page, number + 1)
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert ready(fresh_web) == {number}


def test_what_is_pressed_without_a_network_is_not_sent_later(fresh_web: Served, page: Page) -> None:
    number = at_quiet_ticket(fresh_web, page)
    page.context.set_offline(True)
    for key in "aaj":
        page.keyboard.press(key)
    expect(page.locator("#away")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    expect(page.locator("#away")).to_have_count(0)
    expect(page.locator("#back")).to_contain_text("Press it again")

    expect_ticket(page, number)
    assert ready(fresh_web) == set()
    page.keyboard.press("a")
    expect_ticket(page, number + 1)
    expect(page.locator("#back")).to_have_count(0)


def test_cells_of_views_that_were_not_saved_are_back(
    reviewed_web: Served, browser: Browser
) -> None:
    """A reload lost what was typed of a view, though not of a ticket."""
    page = reviewed_web.visit(browser, Role.REVIEWER)
    page.goto(f"{HERE}/questions/forms?ticket=22")
    cell = page.locator(".view-form textarea").first
    cell.fill("newest first")
    page.once("dialog", lambda dialog: dialog.accept())

    page.reload()

    expect(cell).to_have_value("newest first")


@pytest.mark.parametrize("width", [1440, 390])
def test_changes_are_requested_of_the_cell_that_is_selected(page: Page, width: int) -> None:
    """Its fields were 68 pixels wide, off a phone's screen, and a place chosen later took the place of what was typed."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{HERE}/tickets/4")
    page.wait_for_load_state()
    page.keyboard.press("c")
    about = page.locator("#sent_back_about")
    about.fill("51")

    page.locator("article table[data-row-count] tbody td").first.click()

    expect(about).to_have_value(re.compile(r"^51; .+\.csv, line \d+"))
    for field in (about, page.locator("#sent_back")):
        box = field.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["width"] > 300


def test_a_comment_goes_once_on_a_ticket_that_took_the_place_of_another(
    fresh_web: Served, page: Page
) -> None:
    """Each page that had been there listened still."""
    number = at_quiet_ticket(fresh_web, page)
    page.keyboard.press("j")
    expect_ticket(page, number + 1)
    page.keyboard.press("k")
    expect_ticket(page, number)
    sent = list[str]()
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    page.locator("#comments summary").click()
    page.locator("#comment").fill("Is it so?")
    page.locator("#comment").press("Control+Enter")
    page.locator("#comment").press("Control+Enter")

    expect(page.locator("#notices")).to_contain_text("Comment added.")
    expect(page.locator(".comment")).to_have_count(1)
    expect(page.locator("#comment")).to_have_value("")
    assert len(sent) == 1


def test_a_ticket_moves_in_unless_somebody_asked_for_no_motion(
    fresh_web: Served, page: Page
) -> None:
    at_quiet_ticket(fresh_web, page)
    page.locator("main").evaluate("main => { main.dataset.fresh = '' }")
    moving = "getComputedStyle(document.querySelector('.ticket-page')).animationName"
    assert page.evaluate(moving) == "arriving"

    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moving) == "none"


def test_properties_are_set_by_keys(page: Page) -> None:
    page.goto(f"{HERE}/tickets/4")
    page.wait_for_load_state()
    for key, text in {"i": "anna@example.org", "l": "cms", "p": "High"}.items():
        page.keyboard.press(key)
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        with page.expect_response(lambda one: one.request.method == "POST"):
            page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
    page.reload()

    fields = {name: page.locator(f"#field-{name}") for name in ("assignee", "labels", "priority")}
    assert [field.input_value() for field in fields.values()] == ["anna@example.org", "cms", "High"]


def test_what_is_typed_becomes_a_revision_before_the_ticket_is_decided(
    fresh_web: Served, page: Page
) -> None:
    """One's own text is what one has read: it was refused as somebody else's change."""
    number = at_quiet_ticket(fresh_web, page)
    page.locator("[data-edits=notes]").click()
    page.locator("#part-notes").fill("Mine.")
    page.locator("#part-notes").press("Control+Enter")
    expect(page.locator("#notices")).to_contain_text("revision")
    expect_ticket(page, number)
    page.keyboard.press("a")

    expect_ticket(page, number + 1)
    page.keyboard.press("k")
    expect_ticket(page, number)
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


def test_on_a_phone_questions_are_announced_and_approve_is_the_widest_button(
    fresh_web: Served, browser: Browser
) -> None:
    """The questions came 8,000 pixels below a sign of them, and *Edit* was the widest button."""
    page = fresh_web.visit(browser, Role.REVIEWER, viewport={"width": 390, "height": 844})
    listed = fresh_web.web.pipeline.store.tickets.listed(SESSION)
    number = next(ticket.number for ticket in listed if ticket.unanswered_count)
    page.goto(f"{HERE}/tickets/{number}")
    expect_ticket(page, number)
    expect(page.locator("#fields")).not_to_be_visible()

    page.locator(".leads").get_by_role("link", name="open question").click()
    expect(page.locator(".question.open").first).to_be_in_viewport()
    widths = page.locator(".decide > :not([popover])").evaluate_all(
        "all => all.map((one) => one.offsetWidth)"
    )
    assert max(widths) == widths[0] > sum(widths[1:])

    page.get_by_role("button", name="More decisions").click()
    page.get_by_text("Skip…").click()
    expect(page.locator("#skipped_reason")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    expect(page.locator("#field-assignee")).to_be_focused()

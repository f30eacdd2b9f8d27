"""People write in the parts of a ticket, two of them in the same one: whoever is done later is shown both."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from jira_pipeline.kernel.people import Role
from jira_pipeline.review.editing import TicketEdit, edit_ticket
from jira_pipeline_tests.browser.served import Served
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES

HERE = f"/sessions/{SESSION}/tickets"


@pytest.fixture
def page(reviewed_web: Served, browser: Browser) -> Page:
    """A browser in which a reviewer is signed in."""
    return reviewed_web.visit(browser, Role.REVIEWER)


def write_notes(page: Page, number: int, text: str) -> None:
    """Type the notes of a ticket, and wait until they are a draft."""
    page.goto(f"{HERE}/{number}")
    page.locator("[data-edits=notes]").click()
    page.locator("#part-notes").fill(text)
    expect(page.locator("#state-notes")).to_contain_text("Kept as your draft")


def somebody_else_writes(served: Served, number: int) -> None:
    pipeline = served.web.pipeline
    edit_ticket(
        pipeline.store.tickets.get(SESSION, number),
        TicketEdit(parts={"notes": "<p>Of somebody else.</p>"}),
        reviews=pipeline.store.reviews,
        by="anna",
        at=pipeline.clock.now(),
    )


def leave(page: Page, number: int) -> None:
    page.locator("#part-notes").press("Control+Enter")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{number} ·")
    page.wait_for_load_state()


@pytest.mark.parametrize(
    ("number", "ending"),
    [(3, ".part[data-part=notes] .done"), (17, "nav [rel=next]")],
    ids=["who is done", "who leaves"],
)
def test_the_text_of_somebody_else_is_shown_to(
    reviewed_web: Served, page: Page, number: int, ending: str
) -> None:
    """The draft was kept and the next ticket shown, without a word of the other text."""
    write_notes(page, number, "Mine.")
    somebody_else_writes(reviewed_web, number)

    page.locator(ending).click()

    conflict = page.locator("#conflict-notes")
    expect(conflict).to_contain_text("Of somebody else.")
    expect(conflict).to_be_in_viewport()
    expect(page.locator("#mine-notes")).to_have_value("Mine.")

    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{number + 1} ·")
    expect(page.locator("main")).to_contain_text("is still a draft: no ticket shows it")


def test_who_opens_a_part_sees_who_else_has_it_open(
    reviewed_web: Served, browser: Browser, page: Page
) -> None:
    """Each learned of the other with the first draft that was kept."""
    other = reviewed_web.visit(browser, Role.EXPORTER)
    for one in (page, other):
        one.goto(f"{HERE}/12")
        one.locator("[data-edits=notes]").click()

    also = page.locator(".part[data-part=notes] [data-also]")
    expect(also).to_have_text(f"{NAMES[Role.EXPORTER]} is writing in this part, too.")
    other.locator("#part-notes").press("Escape")
    expect(also).to_be_empty()


def test_who_discards_what_they_typed_leaves_the_ticket_as_it_was(page: Page) -> None:
    """Escape kept a draft without a word, and nothing took it back."""
    write_notes(page, 11, "Mine.")
    page.once("dialog", lambda one: one.accept())

    page.locator("#part-notes").press("Escape")

    expect(page.locator(".part.in-place")).to_have_count(0)
    page.goto(f"{HERE}/11")
    expect(page.locator("article.ticket")).not_to_contain_text("Mine.")
    expect(page.locator("main")).not_to_contain_text("Your draft")


def test_buttons_write_the_marks_of_markdown(page: Page) -> None:
    page.goto(f"{HERE}/20")
    page.locator("[data-edits=notes]").click()
    field, marks = page.locator("#part-notes"), page.get_by_role("group", name="Markdown")
    field.fill("Ask\nfirst")
    field.press("Control+a")

    marks.get_by_role("button", name="Check list").click()
    field.press("Control+End")
    marks.get_by_role("button", name="Bold").click()
    page.keyboard.type("now")

    expect(field).to_have_value("- [ ] Ask\n- [ ] first**now**")


def test_who_goes_on_writing_is_notified(reviewed_web: Served, page: Page) -> None:
    write_notes(page, 5, "Mine.")
    somebody_else_writes(reviewed_web, 5)

    page.locator("#part-notes").fill("Mine, and more.")

    expect(page.locator("#state-notes")).to_contain_text("anna changed this part meanwhile")


def test_a_page_that_was_faster_than_its_revision_shows_both_texts(
    reviewed_web: Served, page: Page
) -> None:
    """A server that is slow to make the revision: the page goes on, and somebody comes back."""
    write_notes(page, 7, "Mine.")
    page.route("**/keep", lambda _: None)  # it is never answered
    leave(page, 8)
    page.keyboard.press("k")
    expect(page.locator("#part-notes")).to_have_value("Mine.")

    somebody_else_writes(reviewed_web, 7)

    expect(page.locator("#conflict-notes")).to_contain_text("Of somebody else.")
    expect(page.locator("#mine-notes")).to_have_value("Mine.")


def test_a_page_that_was_faster_than_its_revision_shows_the_revision(page: Page) -> None:
    write_notes(page, 9, "Mine.")
    kept: list[Route] = []
    page.route("**/keep", lambda route: kept.append(route))  # noqa: PLW0108 - Playwright marks it
    leave(page, 10)
    page.keyboard.press("k")
    expect(page.locator("#part-notes")).to_have_value("Mine.")

    (route,) = kept
    answer = page.request.post(
        route.request.url, data=route.request.post_data, headers=route.request.headers
    )

    assert answer.ok
    expect(page.locator("article.ticket")).to_contain_text("Mine.")


def test_the_part_in_view_is_edited_in_its_place_and_a_reload_shows_what_was_typed(
    page: Page,
) -> None:
    """A form 4,600 px below took its place; a reload within 400 ms showed the old text."""
    page.goto(f"{HERE}/16")
    page.get_by_role("heading", name="Verification").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('h3[data-part=verification]').scrollIntoView()")

    page.keyboard.press("e")

    field = page.locator("#part-verification")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    assert field.evaluate("one => one.closest('article.ticket') !== null")

    field.press("Control+End")
    page.keyboard.type("\n- [ ] The bell rings.")
    page.reload()

    expect(page.locator("article.ticket")).to_contain_text("The bell rings.")


def test_a_title_that_cannot_be_says_so_at_once_and_the_old_one_is_no_draft(page: Page) -> None:
    page.goto(f"{HERE}/15")
    before = page.locator("#part-title").input_value()
    page.get_by_role("button", name="Edit title").click()

    page.locator("#part-title").fill("")
    expect(page.locator("#state-title")).to_have_text("A title must not be empty.")
    page.goto(f"{HERE}/15")
    expect(page.locator("main")).to_contain_text("Your draft of “Title” is not in the ticket")

    page.locator("#part-title").fill(before)
    expect(page.locator("#state-title")).to_contain_text("there is no draft")
    page.goto(f"{HERE}/15")
    expect(page.locator("main")).not_to_contain_text("Your draft")


def test_who_typed_is_told_of_the_text_of_somebody_who_leaves(
    reviewed_web: Served, page: Page, browser: Browser
) -> None:
    """They heard of it with their next key, however long they thought about it."""
    other = reviewed_web.visit(browser, Role.EXPORTER)
    write_notes(page, 20, "Mine.")
    write_notes(other, 20, "Of somebody else.")
    expect(page.locator(".part[data-part=notes] [data-also]")).to_contain_text(NAMES[Role.EXPORTER])

    other.goto(f"{HERE}/21")

    expect(page.locator("#state-notes")).to_contain_text(
        f"{NAMES[Role.EXPORTER]} changed this part meanwhile"
    )


def test_a_comment_is_there_again_before_what_was_sent_on_leaving_arrives(page: Page) -> None:
    page.goto(f"{HERE}/14")
    page.evaluate("() => { window.fetch = () => new Promise(() => {}); }")
    page.get_by_label("Comment", exact=True).fill("Who decides?")

    page.goto(f"{HERE}/13")
    page.goto(f"{HERE}/14")

    expect(page.get_by_label("Comment", exact=True)).to_have_value("Who decides?")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#comments .lines")).to_have_text("Who decides?")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")

"""What people who review many tickets do by keys: they keep their place."""

import re

from playwright.sync_api import Page, expect

from jira_pipeline_tests.browser.served import expect_ticket
from jira_pipeline_tests.projects import SESSION

HERE = f"/sessions/{SESSION}"


def test_a_ticket_opened_from_a_filtered_list_goes_on_in_that_list(page: Page) -> None:
    page.goto(f"{HERE}/tickets?group=Views&sort=title")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect_ticket(page, 22)  # the order is 19, 22, 20, 24, 21

    page.keyboard.press("j")
    expect_ticket(page, 20)
    page.keyboard.press("k")
    expect_ticket(page, 22)
    page.keyboard.press("k")
    expect_ticket(page, 19)

    page.keyboard.press("k")
    expect(page.locator("#notices")).to_contain_text("the first ticket of the list")
    page.locator(".tabs").get_by_role("link", name="Tickets").click()
    expect(page.locator("#ticket-19 a[data-row]")).to_be_focused()
    expect(page).to_have_url(re.compile(r"tickets\?group=Views&sort=title#ticket-19$"))


def test_a_ticket_opened_by_its_address_goes_on_in_the_order_of_building(page: Page) -> None:
    """It followed a list that was filtered an hour ago."""
    page.goto(f"{HERE}/tickets?text=9")
    page.goto(f"{HERE}/tickets/9")

    page.keyboard.press("j")

    expect_ticket(page, 10)


def test_escape_leaves_the_fields_that_keys_lead_to(page: Page) -> None:
    """The keys pressed next were typed into them."""
    page.goto(f"{HERE}/tickets/9")
    for key, name in (("i", "assignee"), ("l", "labels"), ("p", "priority")):
        field = page.locator(f"#field-{name}")
        value = field.input_value()
        page.keyboard.press(key)
        expect(field).to_be_focused()
        page.keyboard.press("Escape")
        expect(field).not_to_be_focused()
        page.keyboard.press("Shift+Z")
        expect(field).to_have_value(value)


def test_a_question_mark_lists_the_keys_of_the_page(page: Page) -> None:
    listed = {}
    for address in ("tickets", "tickets/9", "questions"):
        page.goto(f"{HERE}/{address}")
        page.keyboard.press("?")
        listed[address] = set(page.locator("#keys kbd").all_inner_texts())

    assert listed["tickets"] >= {"j", "k", "x", "J", "K", "a", "s", "e", "f", "/", "?"}
    assert listed["tickets/9"] >= {"j", "k", "a", "s", "e", "/", "?"}
    assert listed["questions"] >= {"j", "k", "a", "e", "/", "?"}


def test_a_search_from_any_page_leads_to_the_ticket_by_keys(page: Page) -> None:
    page.goto(f"{HERE}/questions")
    page.keyboard.press("/")
    page.keyboard.type("object_name")
    expect(page.locator("#found mark").first).to_be_visible()
    expect(page.locator("#found-count")).to_have_text(re.compile("ticket"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/tickets/\d+$"))

    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    page.keyboard.type("9")
    page.keyboard.press("Enter")

    expect_ticket(page, 9)


def test_control_k_does_what_its_words_say(page: Page) -> None:
    """It found tickets only: whoever knew no key looked for the button."""
    page.goto(f"{HERE}/tickets/9")
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    expect(page.locator("#found .acts")).to_contain_text("Approve, and go on")
    page.keyboard.type("assi")
    page.keyboard.press("Enter")
    expect(page.locator("#field-assignee")).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("63")
    page.keyboard.press("Escape")
    expect(page.locator("form.search input[type=search]")).to_have_value("")
    expect(page.locator("form.search input[type=search]")).not_to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("upload")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/upload$"))

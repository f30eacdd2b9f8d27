"""A row of a ticket and its source row are one thing, by pointer, by keys and on a phone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from jira_pipeline.model.people import Role
from jira_pipeline_tests.browser.served import Served
from jira_pipeline_tests.projects import SESSION

CLOCK = f"/sessions/{SESSION}/tickets/16"
ON = re.compile(r"\bon\b")


@pytest.fixture
def page(reviewed_web: Served, browser: Browser) -> Page:
    """The page of a ticket that is larger than a description may be."""
    page = reviewed_web.visit(
        browser, Role.READER, permissions=["clipboard-read", "clipboard-write"]
    )
    page.goto(CLOCK)
    page.wait_for_load_state()
    return page


def test_pointing_at_a_row_shows_its_source_row_and_the_other_way_round(page: Page) -> None:
    row = page.locator("article tbody tr", has_text="field_chime").first
    source = page.locator(
        "#rows details.row", has=page.locator("dd", has_text=re.compile("^field_chime$"))
    )

    row.locator("td").first.hover()
    expect(source).to_have_class(ON)
    expect(source.get_by_text("field_chime", exact=True)).to_be_in_viewport()

    row.locator("td").nth(1).click()
    address = page.locator("#address b")
    expect(address).to_have_text(
        re.compile(r"^Uhrenmuseum_Fields\.csv, line \d+ / row \d+, column Machine name$")
    )
    page.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == address.inner_text()

    page.keyboard.press("Escape")
    expect(page.locator(".whole .on")).to_have_count(0)
    other = page.locator("#rows summary", has_text="Object name").first
    other.hover()
    expect(page.locator("article tbody tr", has_text="field_object_name").first).to_have_class(ON)


def test_a_long_table_is_walked_by_keys_and_searched(page: Page) -> None:
    first = page.locator("article table[data-row-count] tbody a[href^='#row-']").first
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#address b")).to_have_text(re.compile(r", line 3, column "))
    page.keyboard.press("y")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()

    field = page.get_by_role("searchbox", name=re.compile("^Search Fields")).first
    field.fill("CHIME")
    expect(page.get_by_text(re.compile(r"^\d of \d\d rows$"))).to_be_visible()
    field.press("Escape")
    expect(page.get_by_text(re.compile(r"of \d\d rows$"))).to_have_count(0)


def test_rows_that_lead_to_no_row_of_a_sheet_are_shown(page: Page) -> None:
    """What is said beside rows is quoted in a table of its own, whose rows are no rows of a sheet."""
    row = page.locator("article tbody tr", has_text="field_chime").first
    expect(row).to_be_visible()

    page.evaluate(
        """() => {
          for (const row of document.querySelectorAll("article tr[data-rows]"))
            row.removeAttribute("data-rows");
        }"""
    )

    expect(row).to_be_visible()


def test_on_a_phone_the_source_row_comes_up_from_below(
    reviewed_web: Served, browser: Browser
) -> None:
    page = reviewed_web.visit(
        browser, Role.READER, viewport={"width": 390, "height": 800}, has_touch=True
    )
    page.goto(CLOCK)

    page.locator("article tbody td", has_text="field_chime").first.tap()

    expect(page.locator("#rows dd", has_text=re.compile("^field_chime$"))).to_be_in_viewport()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#address b")).to_have_count(0)


def test_a_sentence_shows_the_cells_it_rests_on_by_pointer_and_by_keys(page: Page) -> None:
    address = page.locator("#address")
    story = page.locator("h3[data-part=user_story] ~ p").first

    story.hover()
    expect(address).to_contain_text("It rests on")
    expect(address).to_contain_text("line 2, Description")
    expect(page.locator("#rows dt.on")).to_have_text("Description")

    page.mouse.move(1, 1)
    page.keyboard.press("w")
    expect(page.locator(".whole .body :focus")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".whole .body :focus")).to_contain_text("is part of core: re-use it")
    expect(address).to_contain_text("Machine name")


def test_a_part_that_somebody_viewed_is_folded_until_it_says_something_else(page: Page) -> None:
    story = page.locator("h3[data-part=user_story]")
    text = story.locator("~ p").first

    page.keyboard.press("v")
    expect(text).to_be_hidden()
    page.reload()
    expect(text).to_be_hidden()
    page.evaluate("""() => {
        const name = `viewed ${location.pathname}`;
        localStorage.setItem(name, localStorage.getItem(name).replace(/./, "-"));
    }""")
    page.reload()

    expect(text).to_be_visible()
    expect(story.get_by_role("button", name="Viewed")).to_have_attribute("aria-pressed", "false")

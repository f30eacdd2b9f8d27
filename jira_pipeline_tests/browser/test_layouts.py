"""The page on which people say what worksheets list, in a browser: without a mouse, narrow, accessible."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jira_pipeline.model.people import Role
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.sessions.layouts import open_layout
from jira_pipeline_tests.browser.served import Served, served_for_a_module
from jira_pipeline_tests.browser.test_every_page import grave_violations, misplaced

KEY = "shop"
HERE = f"/sessions/{KEY}/layout"
TYPES = "Name,Machine name,Type,X\nWatch,watch,Content type,a\nMaker,maker,Content type,a\n"
LISTS = "Page,Address,State\nAll watches,/watches,ready\nAll makers,/makers,ready\nOld pages,,\n"


empty_web = served_for_a_module("empty_project")


@pytest.fixture
def shop(empty_web: Served, browser: Browser, tmp_path: Path) -> Page:
    """A browser at the layout of a site with one sheet of no known kind."""
    folder = tmp_path / KEY
    folder.mkdir()
    (folder / "Bundles.csv").write_text(TYPES, encoding="utf-8")
    (folder / "Pages.csv").write_text(LISTS, encoding="utf-8")
    pipeline = empty_web.web.pipeline
    uploading.upload(pipeline, folder, session_key=KEY, auto_approve=False, actor="test")
    page = empty_web.visit(browser, Role.REVIEWER)
    page.goto(f"{HERE}?worksheet=Pages")
    return page


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option as people do by keys: what begins with some letters, then Enter on *Save*."""
    select = page.get_by_label(label, exact=True)
    select.focus()
    select.press_sequentially(option)
    expect(select.locator("option:checked")).to_contain_text(option)


def save(page: Page) -> None:
    """Go to the next button and press it."""
    while page.evaluate("document.activeElement.tagName") != "BUTTON":
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("Draft saved")


def test_a_workbook_is_declared_by_keys_and_its_page_is_accessible_and_narrow(
    empty_web: Served, shop: Page
) -> None:
    choose(shop, "It lists", "Listings (views)")
    save(shop)
    choose(shop, "Page means", "Name of the listing")
    save(shop)
    expect(shop.get_by_text("1 row has a single filled cell")).to_be_visible()
    choose(shop, "State means", "How far the listing")
    save(shop)

    faults = [*grave_violations(shop), *misplaced(shop)]
    shop.set_viewport_size({"width": 320, "height": 800})
    width = shop.evaluate("document.documentElement.scrollWidth")
    choose(shop, "ready means", "to build")
    save(shop)
    with shop.expect_navigation():
        shop.get_by_role("button", name="Leave such rows out").press("Enter")
    expect(shop.get_by_role("heading", name="Nothing is left to settle")).to_be_visible()
    shop.locator("#confirm").get_by_role("button", name="Confirm how this workbook is read").press(
        "Enter"
    )
    expect(shop).to_have_url(f"{empty_web.address}/sessions/{KEY}")

    assert faults == []
    assert width == 320
    layout = open_layout(empty_web.web.pipeline, KEY).layout
    assert layout.confirmed is not None

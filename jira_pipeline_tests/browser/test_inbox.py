"""Two people in two browsers: one mentions the other by keys, who finds it in the inbox."""

from playwright.sync_api import Browser, expect

from jira_pipeline.kernel.people import Role
from jira_pipeline_tests.browser.served import Served
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES

TICKET = f"/sessions/{SESSION}/tickets/5"


def test_a_mention_by_keys_is_found_and_done_in_the_inbox(
    reviewed_web: Served, browser: Browser
) -> None:
    anna = reviewed_web.visit(browser, Role.REVIEWER)
    ben = reviewed_web.visit(browser, Role.EXPORTER, viewport={"width": 390, "height": 844})
    anna.goto(TICKET)
    ben.goto(TICKET)
    expect(anna.locator("#here")).to_have_text(f"{NAMES[Role.EXPORTER]} has this ticket open, too.")

    anna.locator("#comment").press_sequentially("Look, @exp")
    expect(anna.get_by_role("option")).to_have_text(NAMES[Role.EXPORTER])
    anna.keyboard.press("Enter")
    expect(anna.locator("#comment")).to_have_value(f"Look, @{NAMES[Role.EXPORTER]} ")
    anna.get_by_role("button", name="Comment").click()

    ben.keyboard.press("i")
    expect(ben.locator(".masthead .count")).to_have_text("1 not read")
    expect(anna.locator("#here")).to_have_text("")
    ben.keyboard.press("j")
    ben.keyboard.press("Enter")
    expect(ben.locator("#comments")).to_be_in_viewport()
    expect(ben.locator(".masthead .count")).to_have_count(0)
    ben.goto("/inbox")
    ben.keyboard.press("j")
    ben.keyboard.press("e")
    expect(ben.locator(".empty")).to_contain_text("Nothing waits for you.")

"""Issues that people made by hand, adopted in a browser."""

from collections.abc import Mapping

from playwright.sync_api import Browser, expect

from jira_pipeline.model.people import Role
from jira_pipeline_tests.browser.served import Served
from jira_pipeline_tests.browser.test_every_page import grave_violations, misplaced
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.test_adoption_page import issues_of, make_by_hand, titles_of


def test_matches_are_ticked_others_are_chosen_and_the_page_is_accessible(
    reviewed_web: Served, browser: Browser, browsers_by_font: Mapping[str, Browser]
) -> None:
    titles = titles_of(reviewed_web.web)
    by_hand = [titles[0], titles[5].rpartition(": ")[2], "Fix the footer", titles[7]]
    make_by_hand(
        reviewed_web.web.pipeline, *by_hand, titles[11].rpartition(": ")[2] + " on the start page"
    )
    page = reviewed_web.visit(browser, Role.EXPORTER)

    page.goto(f"/sessions/{SESSION}/export")
    page.get_by_role("link", name="Compare them").click()
    expect(page.get_by_role("checkbox", name="Adopt UHR-1 for ticket 1")).to_be_checked()
    faults = list[object]()
    for font, with_font in browsers_by_font.items():
        same = reviewed_web.visit(with_font, Role.EXPORTER)
        same.goto(page.url)
        same.get_by_text("tickets without a similar issue").click()
        faults += [(font, *one) for one in (*grave_violations(same), *misplaced(same))]
    page.get_by_text("tickets without a similar issue").click()
    page.get_by_role("textbox", name="Another issue for ticket 1", exact=True).fill("uhr-3")
    page.get_by_role("button", name="Adopt").click()

    expect(page.locator("#notices")).to_contain_text("3 issues adopted.")
    assert issues_of(reviewed_web.web) == {1: "UHR-3", 6: "UHR-2", 8: "UHR-4"}
    assert faults == []

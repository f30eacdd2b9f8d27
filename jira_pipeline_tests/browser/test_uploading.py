"""Files that are sent by a page."""

from playwright.sync_api import Page, Route, expect

from jira_pipeline_tests.projects import EXAMPLE


def test_one_wrong_file_leaves_the_others_chosen(page: Page) -> None:
    sheets = sorted(EXAMPLE.glob("*.csv"))
    wrong = EXAMPLE.parents[1] / "jira_pipeline" / "web" / "static" / "icon.svg"
    page.goto("/upload")
    page.locator("#files").set_input_files([*sheets, wrong])
    page.get_by_role("button", name="Check the files").click()
    expect(page.locator("#notices .error")).to_contain_text("icon.svg")
    assert page.locator("#files").evaluate("one => one.files.length") == len(sheets) + 1

    page.locator("#files").set_input_files(sheets)
    held = list[Route]()
    page.route("**/upload", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page.get_by_role("button", name="Check the files").click()
    expect(page.locator("progress.busy")).to_be_visible()  # of a thousand types it takes seconds
    held[0].continue_()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Upload sheets")

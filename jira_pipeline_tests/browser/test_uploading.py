"""Files that are sent by a page."""

from playwright.sync_api import Page, expect

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
    page.get_by_role("button", name="Check the files").click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Upload sheets")

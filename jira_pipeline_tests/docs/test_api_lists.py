"""`docs/api.md` lists the statuses and fields that the document of the API has."""

from jira_pipeline_tests.docs.api_page import PAGE, lists, page_with_lists


def test_the_page_has_the_lists_that_the_document_makes() -> None:
    """`make api-page` writes them."""
    page = PAGE.read_text(encoding="utf-8")

    assert page_with_lists(page) == page
    assert all(f"{head}\n\n{items}" in page for head, items in lists().items())

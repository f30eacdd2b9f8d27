"""`docs/errors.md` has the words of every error."""

import jira_pipeline.sharedo.errors  # noqa: F401 - a branch of the tree
from jira_pipeline_tests.docs.errors_page import PAGE, table


def test_the_page_has_the_table_that_the_words_make() -> None:
    """`make errors-page` writes it."""
    assert table() in PAGE.read_text("utf-8")

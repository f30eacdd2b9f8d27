"""Every error has its words, and `docs/errors.md` has those of every error."""

from collections.abc import Iterator

import jira_pipeline.sharedo.errors  # noqa: F401 - a branch of the tree
from jira_pipeline.model.errors import GateRule, NotFoundKind, PipelineError, meanings
from jira_pipeline_tests.docs.errors_page import PAGE, table


def classes_below(cls: type[PipelineError]) -> Iterator[type[PipelineError]]:
    """Every class of the tree that has a code of its own."""
    for child in cls.__subclasses__():
        if child.__module__.startswith("jira_pipeline."):
            if "code" in vars(child):
                yield child
            yield from classes_below(child)


def test_every_code_has_words_and_all_words_are_of_a_code() -> None:
    in_code = {cls.code for cls in classes_below(PipelineError)} | {*GateRule, *NotFoundKind}

    assert in_code == meanings().keys()


def test_every_code_says_what_it_means_and_what_to_do_in_sentences() -> None:
    without_words = [
        code
        for code, meaning in meanings().items()
        for said in (meaning.means, meaning.safe, *(a.sentence for a in meaning.actions))
        if not said.endswith(".")
    ]

    assert without_words == []


def test_the_page_has_the_table_that_the_words_make() -> None:
    """`make errors-page` writes it."""
    assert table() in PAGE.read_text("utf-8")

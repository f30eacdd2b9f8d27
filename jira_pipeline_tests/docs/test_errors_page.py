"""`docs/errors.md` says of every error what the code says of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import jira_pipeline.sources.sharedo.errors  # noqa: F401 - a branch of the tree
from jira_pipeline.context.commands import words_of
from jira_pipeline.model.errors import GateError, GateRule, NotFoundKind, PipelineError, meanings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def classes_below(cls: type[PipelineError]) -> Iterator[type[PipelineError]]:
    """Every class of the tree that has a code of its own."""
    for child in cls.__subclasses__():
        if child.__module__.startswith("jira_pipeline."):
            if "code" in vars(child):
                yield child
            yield from classes_below(child)


def test_the_page_lists_every_code_with_its_category() -> None:
    in_code = {cls.code: str(cls.category) for cls in classes_below(PipelineError)}
    in_code |= {rule.value: str(GateError.category) for rule in (*GateRule, *NotFoundKind)}

    on_page = {code: category for code, category, _, _ in ROW.findall(PAGE.read_text("utf-8"))}

    assert in_code == on_page


def test_the_page_says_of_every_code_what_it_means_and_what_to_do() -> None:
    rows = ROW.findall(PAGE.read_text("utf-8"))

    without_words = [
        code
        for code, _, meaning, action in rows
        if not meaning.endswith(".") or not action.endswith(".")
    ]

    assert rows
    assert without_words == []


def test_the_page_says_what_explain_says() -> None:
    rows = ROW.findall(PAGE.read_text("utf-8"))

    on_page = {code: (meaning, action) for code, _, meaning, action in rows}

    assert on_page == {
        code: (meaning.means, " ".join(map(words_of, meaning.actions_on())))
        for code, meaning in meanings().items()
    }

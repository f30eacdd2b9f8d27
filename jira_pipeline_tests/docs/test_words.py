"""Sentences that read as translations were replaced (docs/words.md), and do not return."""

from collections.abc import Iterator
from pathlib import Path

from jira_pipeline_tests.docs.house_map import PACKAGE

REPLACED = (
    "Nobody has begun",
    "Then it can be exported",
    "do not hold it up",
    "without work that only notes name",
    "at the pace so far",
    "Comment kept",
    "has everything, long tables as lines of text",
    "so it is not linked there",
    "from what was validated",
    "Readers read everything, reviewers decide",
    "for one use within",
    "What becomes of {{",
    "Whom to ask",
    "Look over and send",
    "In Jira already",
    "it is built so",
    "look whether it is complete",
    "None but those named in the sheets",
    "Make no removal tickets",
    "Settings of the site",
    "of the list you go along",
    "say what becomes of the answer",
    'What became of it"',
    "proposed meanwhile",
    "before anything is kept",
    "could not be kept in",
    "so nothing was kept",
    "It has nobody to assign",
    "and nobody has worked on",
    "nobody with that address",
    "Somebody is changing",
    "No sheet was found in the folder",
)
"""As the sources had them."""
SOURCES = ("*.html", "*.js", "*.py", "*.toml")


def sources() -> Iterator[Path]:
    for pattern in SOURCES:
        yield from PACKAGE.rglob(pattern)


def test_a_sentence_that_was_replaced_does_not_return() -> None:
    returned = []
    for path in sources():
        text = " ".join(path.read_text(encoding="utf-8").split())
        returned += [f"{path.name}: {words}" for words in REPLACED if words in text]

    assert returned == []

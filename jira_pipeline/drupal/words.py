"""The words of claims and questions: format strings by the keys under which rules ask for them.

Each kind of thing has its own in the `words.toml` of its folder; `phrases.toml` and `questions.toml`
have those of rules without a module of their own yet. Answers in stores hang on the keys of
questions: a key is never renamed.

Belongs here: reading the files. Does not: filling the places of a format string (`claims`,
`row_questions`).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jira_pipeline.model.toml_tables import toml_tables

KINDS_WITH_WORDS = (
    "any_kind",
    "bundle",
    "field",
    "image_style",
    "migration",
    "role",
    "view",
    "view_mode",
    "workflow",
)
"""The folders that have a `words.toml`."""


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the forms of every phrase (`one`, `many`, `over_6`), by `part.name`."""
    phrases = {}
    for key, forms in _words("phrases").items():
        phrases[key] = {"many": forms} if isinstance(forms, str) else forms
    return phrases


@cache
def question_words() -> Mapping[str, Mapping[str, Any]]:
    """Return the words and properties of every question, by `part.name`."""
    return _words("questions")


def _words(section: str) -> dict[str, Any]:
    """Return the words of a section by `part.name`, of all files that have some."""
    tables = [toml_tables(__package__, f"{section}.toml")]
    for kind in KINDS_WITH_WORDS:
        tables.append(toml_tables(f"{__package__}.{kind}", "words.toml").get(section, {}))
    words = {}
    for table in tables:
        for part, words_by_name in table.items():
            for name, of_name in words_by_name.items():
                words[f"{part}.{name}"] = of_name
    return words

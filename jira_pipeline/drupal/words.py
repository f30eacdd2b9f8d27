"""The words of claims and questions: format strings by the keys under which rules ask for them.

Answers in stores hang on the keys of questions: a key is never renamed.

Belongs here: reading the files. Does not: filling the places of a format string (`claims`,
`row_questions`).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jira_pipeline.model.toml_tables import toml_tables


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the forms of every phrase (`one`, `many`, `over_6`), by `part.name`."""
    phrases = {}
    for part, forms_by_name in toml_tables(__package__, "phrases.toml").items():
        for name, forms in forms_by_name.items():
            phrases[f"{part}.{name}"] = {"many": forms} if isinstance(forms, str) else forms
    return phrases


@cache
def question_words() -> Mapping[str, Mapping[str, Any]]:
    """Return the words and properties of every question, by `part.name`."""
    questions = {}
    for part, words_by_name in toml_tables(__package__, "questions.toml").items():
        for name, words in words_by_name.items():
            questions[f"{part}.{name}"] = words
    return questions

"""The words of questions, read from `questions.toml`: rank, and the forms for one row and many.

Belongs here: reading the file, the question of a row in these words. Does not: which questions
there are to ask (a module for each subject).
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from jira_pipeline.model.entities import Entity
from jira_pipeline.sources.questions.row_questions import SUBJECTS, RowQuestion

_NO_WORDS: Mapping[str, str] = {}


def asked(
    topic: str,
    entity: Entity,
    column: str,
    *,
    of: str = "",
    quote: str = "",
    answer: str = "",
    because: str = "",
    choices: Sequence[str] = (),
    compared: tuple[Entity, ...] = (),
    disputes: str = "",
    words: Mapping[str, str] = _NO_WORDS,
    **more: str,
) -> RowQuestion:
    """Return the question of a row in the words of `questions.toml`.

    Args:
        topic: The question, with its part of the file: `lists.effects`.
        entity: The row that raises it.
        column: Its column.
        of: What tells questions of one topic apart that are not to be joined.
        quote: The cell, or the part of it that raises it.
        answer: What is suggested.
        because: Where that comes from, where the file does not say it.
        choices: The answers to choose from, where the file does not have them.
        compared: Other rows that it speaks of.
        disputes: The columns whose cells may be wrong, joined by `; `.
        words: What fills the places of the question.
        **more: The same, by name.

    Raises:
        KeyError: There is no such question, or it has a place that nothing fills.
    """
    form = form_of(topic)
    places = {"subjects": SUBJECTS, **words, **more}
    of_any, of_one = ([*form.get(name, ())] for name in ("choices", "choices_of_one"))
    for_many = tuple(dict.fromkeys(choices or (one.format_map(places) for one in of_any)))
    return RowQuestion(
        rank=form["rank"],
        topic=f"{topic} {of}",
        entity=entity,
        column=column,
        quote=quote,
        question=form["one"].format_map(places),
        question_for_many=form.get("many", "").format_map(places),
        suggested_answer=answer,
        suggested_because=(because or form.get("because", "")) if answer else "",
        choices=for_many or tuple(of_one),
        choices_for_many=for_many,
        disputes=disputes,
        compared=compared,
    )


def form_of(topic: str) -> Mapping[str, Any]:
    """Return what the file says of a question.

    Raises:
        KeyError: There is none.
    """
    return _questions()[topic]


@cache
def _questions() -> Mapping[str, Mapping[str, Any]]:
    """Return the questions by part and topic; the file is read once in a process."""
    text = resources.files("jira_pipeline.sources.questions").joinpath("questions.toml")
    parts = tomllib.loads(text.read_text("utf-8"))
    return {f"{part}.{name}": form for part, forms in parts.items() for name, form in forms.items()}

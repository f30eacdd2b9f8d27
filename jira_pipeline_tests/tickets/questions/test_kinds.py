"""Kinds of questions: stores keep answers by them, so none is lost from the program."""

from pathlib import Path

from jira_pipeline.model.open_questions import FORMER_KINDS, MODEL
from jira_pipeline.tickets.questions.row_questions import question_forms

KINDS = Path(__file__).with_name("kinds.txt")
"""Every kind that a version of the program ever asked: nothing is taken out, a new one is added."""


def test_every_kind_ever_asked_is_asked_or_named_among_the_former_ones() -> None:
    """Rename, merge, split or delete one: put it into `FORMER_KINDS`, or its answers are not found."""
    ever = set(KINDS.read_text(encoding="utf-8").split())
    now = {*question_forms(), MODEL}

    assert now | FORMER_KINDS.keys() == ever
    assert now.isdisjoint(FORMER_KINDS)
    assert now.issuperset(kind for kinds in FORMER_KINDS.values() for kind in kinds)


def test_what_tells_questions_of_one_cell_apart_is_in_their_words() -> None:
    for kind, form in question_forms().items():
        for words in (form["one"], form.get("many", form["one"])):
            assert f"{{{form.get('each', '')}}}" in words or "each" not in form, kind

"""Kinds of questions: stores keep answers by them, so none is lost from the program."""

import re
from pathlib import Path

from jira_pipeline.drupal.words import question_words
from jira_pipeline.model.open_questions import FORMER_KINDS, MODEL, Audience
from jira_pipeline_tests.tickets.questions.open_rows import CASES, asked_of

_OF_DRUPAL = re.compile(
    r"(?i)`|\b(?:bundles?|paragraphs?|nodes?|fields?|widgets?|views?|vocabular\w+|taxonom\w+|entit\w+"
    r"|machine names?|content types?|block types?|media types?|workflows?|transitions?|states?|roles?"
    r"|permissions?|revisions?|modules?|storage|display|webforms?|rows?|cells?|columns?|tickets?)\b"
)
_PLACE = re.compile(r"\{\w+\}")
OF_STORED_READINGS = {"bundles.unlisted"}
"""Of bundles that fields alone name: an earlier version read such rows, and its readings are stored."""
OF_LAYOUTS = {
    "rows.asked_beside",
    "bundles.fields_unlisted",
    "bundles.machine_name_beside",
}
"""Of worksheets whose layout somebody declared: `sheets/layouts/test_text_worksheets` and
`sheets/layouts/test_declared_tickets`."""
KINDS = Path(__file__).with_name("kinds.txt")
"""Every kind that a version of the program ever asked: nothing is taken out, a new one is added."""


def test_every_kind_ever_asked_is_asked_or_named_among_the_former_ones() -> None:
    """Rename, merge, split or delete one: put it into `FORMER_KINDS`, or its answers are not found."""
    ever = set(KINDS.read_text(encoding="utf-8").split())
    now = {*question_words(), MODEL}

    assert now | FORMER_KINDS.keys() == ever
    assert now.isdisjoint(FORMER_KINDS)
    assert now.issuperset(kind for kinds in FORMER_KINDS.values() for kind in kinds)


def test_every_kind_is_raised_by_a_sheet_of_the_tests() -> None:
    raised = {question.kind for sheets in CASES.values() for _, question in asked_of(sheets)}

    assert question_words().keys() - raised == OF_STORED_READINGS | OF_LAYOUTS


def test_what_tells_questions_of_one_cell_apart_is_in_their_words() -> None:
    for kind, form in question_words().items():
        for words in (form["one"], form.get("many", form["one"])):
            assert f"{{{form.get('each', '')}}}" in words or "each" not in form, kind


def test_every_kind_says_who_can_answer_when_and_what_silence_means() -> None:
    for kind, form in question_words().items():
        assert form["audience"] in set(Audience), kind
        assert form["by"] in {"estimate", "build", "during", "launch"}, kind
        assert not {"assumed", "silence"} <= form.keys(), kind
        assert (form["audience"] == Audience.CLIENT) == ("client" in form), kind


def test_clients_read_no_word_of_drupal() -> None:
    """Readers who know no Drupal stopped at each of these (97 of 133 questions held one)."""
    for kind, form in question_words().items():
        if "client" not in form:
            continue
        said = [v for v in form["client"].values() if isinstance(v, str)]
        said += [*form["client"].get("choices", []), form.get("silence", "")]
        assert not [words for words in said if _OF_DRUPAL.search(_PLACE.sub("", words))], kind

"""A ticket that is written again: one changed cell, one changed sentence; what was answered stays."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jira_pipeline.model.changed_cells import changed_facts
from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.model.tickets import Answer, Ticket, question_id_of
from jira_pipeline.writing.completion.prompt import TicketToComplete
from jira_pipeline.writing.whole.earlier_text import earlier_text_of
from jira_pipeline.writing.whole.request import whole_ticket_text
from jira_pipeline.writing.whole.whole_ticket import whole_prose
from jira_pipeline_tests.contracts.stored_values import START, a_ticket
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.writing.completion.completed import BOAT, WRITER, ticket
from jira_pipeline_tests.writing.harbour import FIELDS, SHEETS, facts_of_sheets
from jira_pipeline_tests.writing.whole.written import (
    STORY,
    answer_of,
    question,
    sentence,
    whole,
    with_earlier,
)

FIRST: Mapping[str, Any] = {
    "story": sentence(STORY, "boat"),
    "analysis": [
        sentence("“Pulled from the berth register” is said of `field_berth`.", "field_berth"),
        sentence("Feet are to be confirmed for `field_length`.", "field_length"),
    ],
    "checks": [sentence("A boat without a hull name is not saved.", "field_hull_name")],
}
AGAIN: Mapping[str, Any] = {
    "story": sentence("Skippers register boats.", "boat"),
    "analysis": [
        sentence("The register fills `field_berth`.", "field_berth"),
        sentence("`field_length` holds metres.", "field_length"),
    ],
    "checks": [sentence("The hull name has to be there.", "field_hull_name")],
}


def with_cells(machine_name: str, **cells: str) -> Sequence[Row]:
    changed = []
    for row in FIELDS:
        is_it = row["Machine name"] == machine_name
        changed.append({**row, **cells} if is_it else row)
    return changed


def written_again(first: Ticket, fields: Sequence[Row], **answer: object) -> TicketProse:
    """Write a ticket of the harbour again once its fields say something else."""
    later = TicketToComplete.of(facts_of_sheets({**SHEETS, "fields": fields})[BOAT])
    changed = changed_facts(ticket().facts.group, later.facts.group)
    of = with_earlier(later, earlier_text_of(first, changed, is_ordered=False))
    return whole_prose(answer_of(**answer), of, writer=WRITER)


METRES = with_cells("field_length", **{"Settings/notes": "In metres."})


def test_one_changed_cell_changes_one_sentence() -> None:
    first = whole(**FIRST)

    again = written_again(a_ticket(1, first), METRES, **AGAIN)

    assert again.parts == replace(
        first.parts,
        analysis=first.parts.analysis.replace(
            "Feet are to be confirmed for <code>field_length</code>.",
            "<code>field_length</code> holds metres.",
        ),
    )


def test_without_a_changed_row_every_sentence_stays() -> None:
    first = whole(**FIRST)

    assert written_again(a_ticket(1, first), FIELDS, **AGAIN).parts == first.parts


def test_a_sentence_that_a_cell_contradicts_now_goes_whatever_rows_it_named() -> None:
    wrong = sentence("`field_rig` is optional.", "boat")
    first = whole(analysis=[wrong])

    again = written_again(a_ticket(1, first), with_cells("field_rig", **{"Req'd": "y"}))

    assert "is optional" in first.parts.analysis
    assert "is optional" not in again.parts.analysis


def test_a_sentence_that_somebody_took_back_comes_only_with_a_changed_row() -> None:
    first = a_ticket(1, whole(**FIRST))
    text = "<li>A boat without a hull name is not saved.</li>"
    parts = replace(
        first.revision.parts, verification=first.revision.parts.verification.replace(text, "")
    )
    left = replace(first, revision=replace(first.revision, parts=parts))

    again = written_again(left, METRES, **AGAIN)

    assert "hull name" not in again.parts.verification.replace("field_hull_name", "")


def answered(first: TicketProse, text: str) -> Ticket:
    made = a_ticket(1, first)
    (asked,) = [one for one in first.questions if one.proposed_by]
    given = Answer(
        question_id=question_id_of(asked),
        question=asked.question,
        answer=text,
        answered_by="Client",
        answered_at=START,
    )
    return replace(made, answers=(given,))


def test_an_answer_is_at_its_question_after_writings_in_other_words() -> None:
    """Answered on the client's page, another cell changed, written again three times."""
    asked = whole(questions=[question("Is the length in feet?", "field_length")])
    first = answered(asked, "In metres.")
    writings: Sequence[dict[str, object]] = [
        {"questions": [question("In which unit is a boat measured?", "field_length")]},
        {"questions": [question("Who measures a boat?", "field_hull_name")]},
        {},
    ]

    for answer in writings:
        again = written_again(first, METRES, **answer)
        kept = [one for one in again.questions if one.question == "Is the length in feet?"]
        assert [question_id_of(one) for one in kept] == [first.answers[0].question_id]
        asked_texts = [one.question for one in again.questions]
        assert "In which unit is a boat measured?" not in asked_texts


def test_a_question_that_nobody_answered_stays_in_its_words_where_its_row_did_not_change() -> None:
    first = whole(
        questions=[question("Who rigs it?", "field_rig"), question("In feet?", "field_length")]
    )

    again = written_again(
        a_ticket(1, first),
        METRES,
        questions=[
            question("Who does the rigging?", "field_rig"),
            question("Is it metres now?", "field_length"),
        ],
    )

    assert [one.question for one in again.questions] == ["Who rigs it?", "Is it metres now?"]
    ids = [question_id_of(one) for one in again.questions]
    assert ids == [question_id_of(one) for one in first.questions]
    assert [change.text for change in again.changes] == ["Who rigs it?", "Is it metres now?"]


def test_a_model_is_told_what_was_answered_what_changed_and_what_it_wrote() -> None:
    first = answered(whole(**FIRST, questions=[question("In feet?", "field_length")]), "No.")
    later = TicketToComplete.of(facts_of_sheets({**SHEETS, "fields": METRES})[BOAT])
    changed = changed_facts(ticket().facts.group, later.facts.group)

    text = whole_ticket_text(with_earlier(later, earlier_text_of(first, changed, is_ordered=False)))

    assert "answered: In feet? No.\nRows changed since: field7\nWritten before:\n" in text
    assert "\nuser_story: The harbour registers its boats.\n" in text

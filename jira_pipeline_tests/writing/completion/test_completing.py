"""A ticket with changes: what is added, dropped and filled, attributed and taken back."""

from dataclasses import replace

import pytest

from jira_pipeline.model.errors import InputError
from jira_pipeline.model.open_questions import MODEL
from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.model.tickets import Answer, Ticket, question_id_of
from jira_pipeline.review.revisions import (
    TicketEdit,
    changes_to_look_at,
    edit_taking_back,
    edit_taking_out,
    shown_changes,
)
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing.completion.checking import completed_prose
from jira_pipeline.writing.completion.prompt import (
    Changes,
    Drop,
    TicketToComplete,
    kept_changes,
    storable_json,
)
from jira_pipeline_tests.contracts.stored_values import a_ticket
from jira_pipeline_tests.sheets.made_specifications import display, field, view
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.completion.completed import (
    BOAT,
    WRITER,
    name_of_row,
    prose,
    ticket,
    with_form,
    with_question,
)
from jira_pipeline_tests.writing.harbour import (
    SHEETS,
    briefs_of_sheets,
    facts_of_sheets,
    harbour_briefs,
)


def by_template() -> TicketProse:
    return TemplateWriter().write(harbour_briefs()[BOAT])


def test_nothing_to_change_leaves_the_ticket_of_the_template() -> None:
    completed = prose()

    assert completed.parts == by_template().parts
    assert (completed.writer, completed.changes) == (WRITER, ())


def test_changes_that_hold_are_made_and_attributed_and_others_are_listed() -> None:
    completed = prose(
        user_story="As a Harbour Master, I want to add boats.",
        analysis=["`field_length` holds feet in no row.", "`field_canary` is new."],
        verification=[
            {
                "row": name_of_row("field_plans"),
                "column": "Help text",
                "value": "Only the drawings of the last refit.",
                "check": "help",
            }
        ],
    )

    assert completed.parts.user_story == "<p>As a Harbour Master, I want to add boats.</p>"
    assert "<li><code>field_length</code> holds feet in no row.</li>" in completed.parts.analysis
    assert "“Only the drawings of the last refit” as the help text" in completed.parts.verification
    assert "canary" not in str(completed.parts)
    assert [(c.kind.value, bool(c.refused)) for c in completed.changes] == [
        ("user_story", False),
        ("analysis", False),
        ("analysis", True),
        ("verification", False),
    ]


def taken_out(found: Ticket, *numbers: int) -> Ticket:
    """Return a ticket after a person agreed to drops of a model."""
    for number in numbers:
        found = after(found, edit_taking_out(found, number))
    return found


def after(found: Ticket, edit: TicketEdit) -> Ticket:
    parts = replace(found.revision.parts, **dict(edit.parts))
    return replace(found, revision=replace(edit.like or found.revision, parts=parts))


def drops(*names: str) -> list[dict[str, str]]:
    row = name_of_row("field_length")
    return [{"id": name, "why": "A row says so.", "row": row} for name in names]


def test_what_a_model_drops_stays_until_a_person_agrees() -> None:
    """An answer of nothing but drops emptied all 24 tickets, and nobody was told."""
    completed = prose(with_question(), drop=drops("v1", "q1"))
    shown = shown_changes(a_ticket(1, completed))

    before = prose(with_question())
    assert (completed.parts, completed.questions) == (before.parts, before.questions)
    assert completed.changes[0].place == "fields.csv:7"
    assert [(one.can_be_taken_out, one.can_be_taken_back) for one in shown] == [(True, False)] * 2

    agreed = taken_out(a_ticket(1, completed), 1, 2)

    template = by_template().parts
    assert (agreed.revision.questions, agreed.revision.parts.questions) == ((), "")
    items = agreed.revision.parts.verification.count("<li>")
    assert items == template.verification.count("<li>") - 1
    shown = shown_changes(agreed)
    assert [(one.can_be_taken_out, one.can_be_taken_back) for one in shown] == [(False, True)] * 2


def test_nothing_but_drops_leaves_the_whole_ticket_to_a_person() -> None:
    of = with_question()
    every = drops(*of.sentences, *of.questions)

    completed = prose(of, drop=every)

    assert completed.parts == prose(of).parts
    refused = [change.refused for change in completed.changes if change.refused]
    assert refused == ["a story is replaced, never dropped"]
    to_look_at = changes_to_look_at(a_ticket(1, completed))
    assert len(to_look_at) == len(every) - 1


def test_a_question_that_has_a_suggestion_is_dropped_with_it() -> None:
    suggested = {"row": name_of_row("field_length"), "question": "q1", "suggested_answer": "No"}
    completed = prose(with_question(), drop=drops("q1"), questions=[suggested])

    agreed = taken_out(a_ticket(1, completed), 1)

    assert (agreed.revision.questions, agreed.revision.parts.questions) == ((), "")


def test_only_what_is_proposed_and_there_is_taken_out() -> None:
    completed = a_ticket(1, prose(analysis=["`field_rig` comes first."], drop=drops("v1", "v99")))

    for number in (0, 2, 3, 4):
        with pytest.raises(InputError, match=f"no change {number} by a model that proposes"):
            edit_taking_out(completed, number)
    with pytest.raises(InputError, match="no change 1 by a model that proposes"):
        edit_taking_out(taken_out(completed, 1), 1)


def test_an_answer_suggested_to_a_question_has_its_reason_and_is_taken_back_alone() -> None:
    of = with_question()
    suggested = {
        "row": name_of_row("field_length"),
        "question": "q1",
        "suggested_answer": "No",
        "because": "its note",
    }

    completed = prose(of, questions=[suggested])
    made = a_ticket(1, completed)
    back = edit_taking_back(made, 1)

    (asked,) = completed.questions
    assert (asked.question, asked.suggested_answer) == (of.asked[0].question, "No")
    assert "Suggested unless you object: No (its note)." in completed.parts.questions
    assert back.like is not None
    assert back.like.questions == of.asked
    assert back.like.questions[0].suggested_answer == ""
    assert back.parts["questions"] == prose(of).parts.questions


@each(
    ("question", "answer", "fault"),
    [
        ("q1", "", "suggests nothing"),
        ("q1", "`canary`", "is in no row"),
    ],
)
def test_no_answer_and_one_of_no_row_are_not_suggested(
    question: str, answer: str, fault: str
) -> None:
    row = name_of_row("field_length")
    item = {"row": row, "question": question, "suggested_answer": answer}

    (change,) = prose(with_question(), questions=[item]).changes

    assert fault in change.refused


def test_what_a_model_filled_in_is_not_asked_again() -> None:
    of = with_form()
    fill = {
        "cell": "f1.Filters",
        "value": "rig",
        "row": name_of_row("page_all", of),
        "quote": "rig",
    }

    assert prose(of, fill=[fill]).questions == ()


def test_the_question_about_a_form_no_longer_asks_for_what_is_filled_in() -> None:
    views = [view("Boats", "fleet", **{"Base table": "Index boats"})]
    listed = display("Boats", "page_1", Title="Rigs", Notes="Path: /rigs. Of this week.")
    export = display("Boats", "rest_1", "REST export", Notes="Path: /rigs.json")
    sheets = {"views": views, "displays": [listed, export]}
    of = TicketToComplete.of(facts_of_sheets(sheets)["Configure view: Boats"])
    row, view_row = name_of_row("page_1", of), name_of_row("fleet", of)
    fills = [
        {
            "cell": "f1.Filters",
            "value": "this week (from the note); others: ?",
            "row": row,
            "quote": "Of this week",
        },
        {"cell": "f1.Lists", "value": "boats", "row": view_row, "quote": "Index boats"},
        {"cell": "f1.Sort", "value": "rigs", "row": row, "quote": "/RIGS"},
        {"cell": "f2.Shows", "value": "JSON by its path; rigs", "row": view_row, "quote": "Boats"},
    ]
    template = TemplateWriter().write(
        next(b for b in briefs_of_sheets(sheets) if b.group.title == "Configure view: Boats")
    )

    changed = completed_prose(Changes.model_validate({"fill": fills}), of, writer=WRITER)

    before, *_ = (q.question for q in template.questions)
    asked, *_ = (q.question for q in changed.questions)
    assert "Lists, Shows, Filters, Sort" in before
    assert "; When empty of “Rigs” (`page_1`)" in before
    assert "; Lists" in asked
    assert "this week (from the note); others: ?" in changed.parts.analysis
    assert "JSON by its path; rigs (from the title)" in changed.parts.analysis
    assert "rigs (from the path)" in changed.parts.analysis
    assert changed.parts.analysis.count("(from the ") == 3  # the base table needs no word


def test_a_question_is_a_proposal_of_the_model() -> None:
    row = name_of_row("field_rig")

    completed = prose(
        questions=[{"row": row, "question": "Which rigs are there?", "suggested_answer": "Two."}]
    )

    assert completed.questions[-1].proposed_by == WRITER
    assert completed.questions[-1].kind == MODEL
    assert completed.questions[-1].question in completed.questions[-1].keys[0]
    assert "(proposed)</strong> Which rigs are there? Suggested" in completed.parts.questions


def test_every_change_of_the_text_can_be_taken_back_by_itself() -> None:
    of = with_form()
    row = name_of_row("page_all", of)
    before = prose(of)
    completed = prose(
        of,
        user_story="As a Harbour Master, I want the view Fleet.",
        analysis=["`page_all` names no boats without a rig."],
        fill=[
            {"cell": "f1.Filters", "value": "rig", "row": row, "quote": "Exposed filter for rig."}
        ],
        verification=["`page_all` shows lengths in metres."],
    )

    parts = completed.parts
    assert [one.can_be_taken_back for one in shown_changes(a_ticket(1, completed))] == [True] * 4
    for number in range(1, 5):
        edit = edit_taking_back(a_ticket(1, replace(completed, parts=parts)), number)
        parts = replace(parts, **dict(edit.parts))

    assert replace(parts, questions="") == replace(before.parts, questions="")


def test_hours_and_questions_can_be_taken_back_too() -> None:
    row = name_of_row("field_rig")
    of = with_question()
    completed = prose(
        of,
        estimated_hours="3-6",
        drop=[{"id": "q1", "why": "A row says so.", "row": row}],
        questions=[{"row": row, "question": "Which rigs are there?"}],
    )
    agreed = taken_out(a_ticket(1, completed), 2)

    found = agreed
    for number in range(1, 4):
        found = after(found, edit_taking_back(found, number))

    before = prose(of)
    assert [one.can_be_taken_back for one in shown_changes(agreed)] == [True] * 3
    assert [one.can_be_taken_back for one in shown_changes(found)] == [False] * 3
    assert found.revision.parts == before.parts
    assert found.revision.questions == before.questions
    assert found.revision.estimated_hours == before.estimated_hours


def test_what_people_answered_is_not_taken_back() -> None:
    row = name_of_row("field_rig")
    completed = a_ticket(1, prose(questions=[{"row": row, "question": "Which rigs are there?"}]))
    asked = completed.revision.questions[-1]
    answer = Answer(
        question_id=question_id_of(asked),
        question=asked.question,
        answer="Two.",
        answered_by="ab",
        answered_at=completed.revision.created_at,
    )

    decided = replace(completed, answers=(answer,))

    assert [one.can_be_taken_back for one in shown_changes(decided)] == [False]


def test_a_dropped_sentence_comes_back_at_the_end_of_its_list() -> None:
    drop = {"id": "v1", "why": "A row says so.", "row": name_of_row("field_rig")}
    completed = prose(drop=[drop])

    edit = edit_taking_back(taken_out(a_ticket(1, completed), 1), 1)

    items = by_template().parts.verification.removesuffix("</ul>").split("<li>")
    moved = "<li>".join([items[0], *items[2:], items[1]])
    assert edit.parts == {"verification": f"{moved}</ul>"}


def test_what_people_changed_since_is_not_taken_back() -> None:
    completed = prose(analysis=["`field_rig` comes first."])
    edited = replace(completed, parts=replace(completed.parts, analysis="<p>Mine.</p>"))

    with pytest.raises(InputError, match="no change 1 by a model"):
        edit_taking_back(a_ticket(1, edited), 1)


def test_a_kept_answer_means_the_same_rows_when_others_move_them() -> None:
    changes = Changes(drop=[Drop(id="v1", why="Why.", row=name_of_row("field_rig"))])
    kept = storable_json(changes, ticket())
    moved = {**SHEETS, "fields": (field("Boat (Content type)", "field_first"), *SHEETS["fields"])}
    later = TicketToComplete.of(facts_of_sheets(moved)[BOAT])

    (drop,) = kept_changes(kept, later).drop

    assert drop.row != changes.drop[0].row
    assert later.rows[drop.row].machine_name == "field_rig"


@each(
    ("story", "is_warned"),
    [
        ("As an editor, I want nothing.", True),
        ("As an editor, I want Boat.", True),
        ("As a visitor, I want a Boat.", True),
        ("As an editor, I want the content type Boat, so that boats are listed.", False),
    ],
)
def test_a_story_that_says_nothing_of_the_one_before_is_left_to_a_person(
    story: str, *, is_warned: bool
) -> None:
    """To replace a story by an empty phrase drops it, and such tickets approved themselves."""
    completed = prose(user_story=story)

    (change,) = completed.changes
    assert ("of what the ticket builds" in change.warning) is is_warned
    assert bool(changes_to_look_at(a_ticket(1, completed))) is is_warned


@each(
    "sentence",
    [
        "Skip the checks of this ticket.",
        "The questions of this ticket are answered.",
        "Nothing has to be tested.",
        "Alles ist fertig.",
    ],
)
def test_a_sentence_that_names_no_row_of_the_ticket_is_left_to_a_person(sentence: str) -> None:
    completed = a_ticket(1, prose(analysis=[sentence], verification=[f"{sentence[:-1]} now."]))

    shown = changes_to_look_at(completed)

    warnings = [one.change.warning for one in shown]
    assert ["it names no row of this ticket" in warning for warning in warnings] == [True, True]


@each("sentence", ["`field_rig` comes first.", "Boats need papers.", "Of the plans one is shown."])
def test_a_sentence_about_rows_of_the_ticket_waits_for_nobody(sentence: str) -> None:
    completed = a_ticket(1, prose(analysis=[sentence]))

    assert changes_to_look_at(completed) == ()

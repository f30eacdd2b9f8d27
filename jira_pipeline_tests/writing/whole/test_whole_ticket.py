"""The ticket of a whole answer: what is said, what is added, what is asked, what can be taken back."""

from dataclasses import replace

from jira_pipeline.model.open_questions import MODEL
from jira_pipeline.model.tickets import Ticket, question_id_of
from jira_pipeline.review.revisions import TicketEdit, edit_taking_back, shown_changes
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing.completion.prompt import TicketToComplete
from jira_pipeline.writing.whole.answer import kept_answer, storable_answer
from jira_pipeline.writing.whole.must_facts import must_facts_of
from jira_pipeline.writing.whole.whole_ticket import MOSTLY_REFUSED, whole_prose
from jira_pipeline_tests.contracts.stored_values import a_ticket
from jira_pipeline_tests.sheets.made_specifications import bundle
from jira_pipeline_tests.writing.completion.completed import (
    BOAT,
    WRITER,
    name_of_row,
    ticket,
    with_form,
    with_question,
)
from jira_pipeline_tests.writing.harbour import SHEETS, briefs_of_sheets, facts_of_sheets
from jira_pipeline_tests.writing.whole.written import STORY, answer_of, question, sentence, whole

REQUIRED = sentence(
    "Saving fails while a required field is empty.", "field_hull_name", covers=("m1",)
)
TEMPLATES_REQUIRED = "Saving fails while <code>field_hull_name</code>"


def after(found: Ticket, edit: TicketEdit) -> Ticket:
    parts = replace(found.revision.parts, **dict(edit.parts))
    return replace(found, revision=replace(edit.like or found.revision, parts=parts))


def test_a_ticket_says_what_the_answer_says_and_what_it_left_out() -> None:
    rig = sentence("`field_rig` comes first.", "field_rig")

    prose = whole(story=sentence(STORY, "boat"), analysis=[rig], checks=[REQUIRED])

    assert prose.parts.user_story == f"<p>{STORY}</p>"
    assert "<li><code>field_rig</code> comes first.</li>" in prose.parts.analysis
    assert "Saving fails while a required field is empty." in prose.parts.verification
    assert TEMPLATES_REQUIRED not in prose.parts.verification
    others = [fact for fact in must_facts_of(ticket().facts) if fact.name != "m1"]
    assert [
        f.text for f in others if f.html not in prose.parts.analysis + prose.parts.verification
    ] == []
    assert "Manage fields lists the fields of the table" not in prose.parts.verification


def test_a_fact_that_is_listed_and_not_said_is_added() -> None:
    claimed = sentence("`field_rig` comes first.", "field_rig", covers=("m1", "m7", "m99"))

    prose = whole(analysis=[claimed])

    assert TEMPLATES_REQUIRED in prose.parts.verification


def test_an_empty_answer_is_the_templates_story_and_what_has_to_be_said() -> None:
    prose = whole()

    template = TemplateWriter().write(ticket().facts)
    assert prose.parts.user_story == template.parts.user_story
    assert prose.questions == template.questions
    assert prose.changes == ()
    assert all(
        fact.html in prose.parts.analysis + prose.parts.verification
        for fact in must_facts_of(ticket().facts)
    )


def test_a_ticket_without_a_check_that_holds_has_the_templates() -> None:
    """Of a plain thing nothing has to be said, and nobody could try whether it is there."""
    (brief,) = briefs_of_sheets({"bundles": (bundle("Rig Types", "rig_types", "Vocabulary"),)})
    plain = TicketToComplete.of(brief)

    prose = whole_prose(
        answer_of(checks=[{"text": "`field_canary` is there."}]), plain, writer=WRITER
    )

    assert must_facts_of(brief) == ()
    assert prose.parts.verification == TemplateWriter().write(brief).parts.verification != ""


def test_a_ticket_that_is_mostly_refused_is_the_templates_and_marked() -> None:
    false = [sentence(f"`field_canary_{n}` is new.", "field_rig") for n in range(4)]

    prose = whole(story=sentence(STORY, "boat"), analysis=false)

    assert prose.parts == TemplateWriter().write(ticket().facts).parts
    assert prose.fallback_reason == MOSTLY_REFUSED


def test_a_weak_answer_loses_no_fact_and_no_question_and_contradicts_no_cell() -> None:
    """A third of it is false, and each sentence claims to say everything."""
    of = with_question()
    everything = tuple(fact.name for fact in must_facts_of(of.facts))
    said = [
        sentence("The boats of the harbour are registered.", "boat", covers=everything),
        sentence("`field_rig` is required.", "field_rig", covers=everything),
        sentence("`field_plans` comes later.", "field_plans", covers=everything),
    ]
    answered = {"question": "q1", "row": name_of_row("field_length"), "quote": "In feet"}

    prose = whole(of, analysis=said, answered=[answered])

    text = prose.parts.analysis + prose.parts.verification
    lost = [fact.text for fact in must_facts_of(of.facts) if fact.html not in text]
    assert lost == []
    assert prose.questions == of.asked
    assert "is required" not in prose.parts.analysis


def test_a_question_of_a_rule_keeps_its_identity_in_other_words() -> None:
    of = with_question()
    worded = question("Are boats measured in metres or in feet?", "field_length", **{"for": ["q1"]})

    (asked,) = whole(of, questions=[worded]).questions

    assert asked.question == "Are boats measured in metres or in feet?"
    assert question_id_of(asked) == question_id_of(replace(of.asked[0], question=asked.question))
    assert replace(asked, question=of.asked[0].question) == of.asked[0]


def test_a_question_that_no_answer_names_stays_asked() -> None:
    of = with_question()

    prose = whole(of, questions=[question("May a Skipper have two boats?", "field_skipper")])

    assert [asked.question for asked in prose.questions] == [
        "Is `field_length` in feet?",
        "May a Skipper have two boats?",
    ]


def test_a_question_that_a_row_answers_stays_with_the_quote_as_suggestion() -> None:
    answered = {"question": "q1", "row": name_of_row("field_length"), "quote": "In metres"}

    (asked,) = whole(with_question(), answered=[answered]).questions

    assert asked.question == "Is `field_length` in feet?"
    assert asked.suggested_answer == "“In metres”"


def test_a_new_question_is_known_by_its_row_and_column_not_by_its_words() -> None:
    def asked_as(*texts: str) -> list[str]:
        items = [question(text, "field_length", column="Settings/notes") for text in texts]
        return [question_id_of(one) for one in whole(questions=items).questions]

    first = asked_as("Is the length in feet?")

    assert first == asked_as("In which unit are boats measured?")
    both = asked_as("Is the length in feet?", "Who measures a boat?")
    assert both[0] == first[0]
    assert len({*both}) == 2
    (asked,) = whole(questions=[question("Who?", "field_length")]).questions
    assert (asked.kind, asked.keys) == (MODEL, ("field:Content type/boat/field_length",))


def test_a_cell_that_a_row_answers_is_filled_in_and_the_others_stay() -> None:
    of = with_form()
    row = name_of_row("page_all", of)
    cell = {"cell": "f1.Filters", "value": "by rig", "row": row, "quote": "Exposed filter for rig"}

    prose = whole(of, cells=[cell])

    assert "by rig" in prose.parts.analysis
    assert "<td>Teasers</td>" in prose.parts.analysis


def test_what_is_taken_back_comes_as_the_template_says_it() -> None:
    made = a_ticket(1, whole(story=sentence(STORY, "boat"), checks=[REQUIRED]))
    template = TemplateWriter().write(ticket().facts)

    without_story = after(made, edit_taking_back(made, 1))
    without_check = after(made, edit_taking_back(made, 2))

    assert without_story.revision.parts.user_story == template.parts.user_story
    assert "a required field is empty" not in without_check.revision.parts.verification
    assert TEMPLATES_REQUIRED in without_check.revision.parts.verification
    assert not shown_changes(without_check)[1].can_be_taken_back


def test_a_sentence_is_shown_on_demand_where_nobody_has_to_look_at_it() -> None:
    proven = sentence("`field_rig` comes first.", "field_rig")
    without_row = sentence("`field_plans` comes next.")
    refused = sentence("`field_canary` is new.", "field_rig")

    made = a_ticket(1, whole(analysis=[proven, without_row, refused]))

    on_demand = [one.change.text for one in shown_changes(made) if one.is_shown_on_demand]
    assert on_demand == ["`field_rig` comes first."]


def test_what_another_sentence_says_too_is_not_added_when_one_is_taken_back() -> None:
    other = sentence("“Hull name” must not be empty.", "field_hull_name", covers=("m1",))
    made = a_ticket(1, whole(checks=[REQUIRED, other]))

    left = after(made, edit_taking_back(made, 1))

    assert TEMPLATES_REQUIRED not in left.revision.parts.verification


def test_a_question_that_is_taken_back_is_asked_as_the_rule_words_it() -> None:
    of = with_question()
    worded = question("Are boats measured in metres or in feet?", "field_length", **{"for": ["q1"]})
    made = a_ticket(1, whole(of, questions=[worded]))

    back = after(made, edit_taking_back(made, 1))

    assert back.revision.questions == of.asked
    assert "Is <code>field_length</code> in feet?" in back.revision.parts.questions


def test_an_answer_is_kept_by_what_its_rows_are_wherever_they_are() -> None:
    kept = storable_answer(
        answer_of(checks=[REQUIRED], questions=[question("Who?", "field_rig")]), ticket()
    )
    moved = {**SHEETS, "fields": [*reversed(SHEETS["fields"])]}
    later = TicketToComplete.of(facts_of_sheets(moved)[BOAT])

    answer = kept_answer(kept, later)

    assert answer.checks[0].rows == [name_of_row("field_hull_name", later)]
    assert answer.questions[0].row == name_of_row("field_rig", later)

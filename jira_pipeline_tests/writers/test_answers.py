"""What becomes of an answer in the closed schema."""

import pytest
from pydantic import ValidationError

from jira_pipeline.domain.tickets import question_id_of
from jira_pipeline.writers.answers import (
    ANALYSIS_MAX,
    SHORTENED_NOTICE,
    TicketAnswer,
    prose_of,
    with_notice,
)
from jira_pipeline.writers.asking.model_exchange import Failure, FailureKind
from jira_pipeline.writers.asking.ticket_conversation import (
    Good,
    TicketConversation,
    Written,
    first_prompt,
)
from jira_pipeline.writers.group_facts import FactsReader, GroupFacts
from jira_pipeline.writers.provenance.check import unfounded_in
from jira_pipeline.writers.template import TemplateWriter
from jira_pipeline_tests.stages.made_specifications import bundle, field
from jira_pipeline_tests.writers.harbour import briefs_of_sheets
from jira_pipeline_tests.writers.sites import tickets_of


def facts_and_template(title: str):
    brief, template = next(t for t in tickets_of("uhrenmuseum") if t[0].group.title == title)
    return FactsReader().facts_of(brief), template


def answer_with(**changes: object) -> TicketAnswer:
    plain = {
        "user_story": "As an editor, I want to add clocks, so that visitors find them.",
        "analysis": ["The fields hold `field_image`."],
        "verification": ["`field_image` is there"],
    }
    return TicketAnswer.model_validate(plain | changes)


def test_an_answer_becomes_prose_of_paragraph_list_and_checklist() -> None:
    facts, template = facts_and_template("Configure content type: Clock")

    prose = prose_of(answer_with(), facts, template=template, writer="test/1")

    assert prose.parts.user_story == (
        "<p>As an editor, I want to add clocks, so that visitors find them.</p>"
    )
    assert prose.parts.analysis == "<ul><li>The fields hold <code>field_image</code>.</li></ul>"
    assert prose.writer == "test/1"


def test_what_looks_like_html_is_text() -> None:
    facts, template = facts_and_template("Configure content type: Clock")
    answer = answer_with(analysis=["<script>alert(1)</script>"])

    prose = prose_of(answer, facts, template=template, writer="test/1")

    assert prose.parts.analysis == ("<ul><li>&lt;script&gt;alert(1)&lt;/script&gt;</li></ul>")


def test_an_answer_with_a_field_of_its_own_does_not_fit() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        answer_with(title="Another title")


def test_an_answer_of_gigantic_sentences_does_not_fit() -> None:
    with pytest.raises(ValidationError, match="at most 600 characters"):
        answer_with(analysis=["x" * 601])


@pytest.mark.parametrize(
    ("answered", "expected"),
    [("3-9", "3-9"), ("4 – 10 hours", "4-10"), ("1-80", "4-12"), ("50-60", "4-12"), (None, "4-12")],
)
def test_hours_are_taken_where_they_agree_with_the_rule(
    answered: str | None, expected: str
) -> None:
    facts, template = facts_and_template("Configure content type: Clock")

    prose = prose_of(
        answer_with(estimated_hours=answered), facts, template=template, writer="test/1"
    )

    assert template.estimated_hours == "4-12"
    assert prose.estimated_hours == expected


def test_questions_of_rules_stay_and_those_of_a_model_follow_as_proposals() -> None:
    facts, template = facts_and_template("Configure content type: Clock")
    answer = answer_with(questions=[{"question": "Who writes it?", "row": facts.head.machine_name}])

    prose = prose_of(answer, facts, template=template, writer="test/1")

    assert prose.questions[:-1] == template.questions
    assert prose.questions[-1].proposed_by == "test/1"
    assert prose.questions[-1].line == facts.head.source.line
    assert "(proposed)</strong> Who writes it?" in prose.parts.questions


def test_a_question_that_a_row_answers_stays_with_the_words_of_the_row_as_suggestion() -> None:
    """Whoever accepted the suggestion keeps it where the template writes the ticket again."""
    sheets = {
        "bundles": [bundle("Pier", "pier")],
        "fields": [
            field("Pier (Content type)", "field_sort")
            | {"Settings/notes": "Sort by name or by load? Piers of a guild first."},
            field("Pier (Content type)", "field_load") | {"Settings/notes": "Tonnes? Ask Anna."},
        ],
    }
    brief = briefs_of_sheets(sheets)[0]
    facts, template = FactsReader().facts_of(brief), TemplateWriter().write(brief)
    answer = answer_with(answered=[{"question": 1, "quote": "Piers of a guild first."}])

    prose = prose_of(answer, facts, template=template, writer="test/1")

    assert list(map(question_id_of, prose.questions)) == list(
        map(question_id_of, template.questions)
    )
    assert [(q.suggested_answer, q.suggested_because) for q in prose.questions] == [
        ("“Piers of a guild first.”", "“Sort” (`field_sort`) says it"),
        ("", ""),
    ]
    assert (
        "Suggested unless you object: “Piers of a guild first.” (“Sort” (<code>field_sort</code>) says it)."
        in (prose.parts.questions)
    )
    assert prose.parts.questions.count("<li>") == 2


def test_a_proposed_question_carries_what_a_field_says_of_the_other_it_names() -> None:
    page = "Page (Content type)"
    noting = {"Settings/notes": "Shown. Filled by wharf: north -> N."}
    sheets = {
        "bundles": [bundle("Page", "page")],
        "fields": [field(page, "field_wharf"), field(page, "field_quay") | noting],
    }
    (brief,) = briefs_of_sheets(sheets)
    asked = "What has `field_quay` for each value of `field_wharf`?"
    answer = answer_with(questions=[{"question": asked}, {"question": "Who sees `field_quay`?"}])

    prose = prose_of(
        answer, FactsReader().facts_of(brief), template=TemplateWriter().write(brief), writer="t/1"
    )

    found = [question.suggested_answer for question in prose.questions]
    assert found == ["Filled by wharf: north -> N.", ""]
    assert "Filled by wharf: north -&gt; N (note of a field it names)." in prose.parts.questions


def suggested(facts: GroupFacts, template, *titles: str) -> list[str]:
    answer = answer_with(dependencies=[{"title": t, "reason": "A cell says so."} for t in titles])
    prose = prose_of(answer, facts, template=template, writer="test/1")
    return [facts.session.groups[s.group_key].title for s in prose.suggestions if s.proposed_by]


def test_only_other_tickets_of_the_session_can_be_suggested() -> None:
    facts, template = facts_and_template("Configure content type: Clock")
    known = [facts.session.groups[d.group_key].title for d in facts.group.dependencies]

    titles = suggested(
        facts, template, facts.group.title, "Configure the moon", known[0], "Configure image styles"
    )

    assert titles == ["Configure image styles"]


def test_what_waits_for_a_ticket_cannot_be_suggested_to_come_before_it() -> None:
    facts, template = facts_and_template("Configure content type: Clock")

    titles = suggested(facts, template, *(group.title for group in facts.dependents))

    assert facts.dependents
    assert titles == []


def test_an_answer_to_a_shortened_request_says_so_and_is_founded() -> None:
    """The notice is kept with the answer: whoever reads the ticket later must see it too."""
    facts, _ = facts_and_template("Configure content type: Clock")
    conversation = TicketConversation(facts, prompt=first_prompt(facts))
    conversation.after(Failure(kind=FailureKind.TOO_LONG, reason="Too long."))

    end = conversation.after(Good(answer=answer_with()))

    assert isinstance(end, Written)
    assert end.answer.analysis == [*answer_with().analysis, SHORTENED_NOTICE]
    assert unfounded_in(end.answer, facts) == ()


def test_an_answer_that_is_full_makes_room_for_the_notice() -> None:
    full = answer_with(analysis=["One more thing."] * ANALYSIS_MAX)

    noted = with_notice(full)

    assert TicketAnswer.model_validate(noted.model_dump()) == noted
    assert noted.analysis[-1] == SHORTENED_NOTICE

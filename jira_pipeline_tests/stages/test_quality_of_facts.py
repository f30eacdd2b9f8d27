"""The rubric on tickets that state what they ask, leave out what to build, or tell a wrong story."""

from dataclasses import replace
from functools import cache

import pytest

from jira_pipeline.stages.quality.rubric import Criterion
from jira_pipeline_tests.stages.judging import judged_one
from jira_pipeline_tests.stages.made_specifications import bundle, field
from jira_pipeline_tests.stages.made_tickets import MadeTicket, made_tickets

LABEL = "Boat (Content type)"


@cache
def tickets() -> tuple[MadeTicket, ...]:
    """A content type with questions on a shared field, its settings and a target on hold."""
    return made_tickets(
        bundles=[
            bundle("Boat", "boat")
            | {
                "Description": "Add a boat.",
                "Meta": "n",
                "Sched.": "y",
                "Settings/notes": "Only harbour managers can create, all can edit. Set a metatag "
                "for noindex. Potentially scheduled (need confirmation).",
            },
            bundle("Quay", "quay"),
            bundle("Mate", "mate", "Vocabulary", x="w"),
        ],
        fields=[
            field(LABEL, "field_depth") | {"Vals.": "1"},
            field(LABEL, "field_mate", ref="Mate (Vocabulary)"),
            field(LABEL, "field_flag") | {"Settings/notes": "Relabel Flag to Colours"},
            field("Quay (Content type)", "field_depth") | {"Vals.": "2"},
        ],
    )


def boat() -> MadeTicket:
    """The ticket of the content type."""
    (found,) = (m for m in tickets() if m.ticket.title == "Configure content type: Boat")
    return found


def lost_by(made: MadeTicket) -> tuple[Criterion, ...]:
    """The points a ticket does not get."""
    return judged_one(made, tickets()).missing


def also_saying(item: str) -> MadeTicket:
    """The ticket with one more item in its analysis."""
    analysis = boat().ticket.revision.parts.analysis
    return boat().saying(analysis=analysis.removesuffix("</ul>") + f"<li>{item}</li></ul>")


def test_what_the_template_writes_contradicts_none_of_its_questions() -> None:
    assert lost_by(boat()) == ()


@pytest.mark.parametrize(
    "item",
    [
        "Add <code>field_flag</code> from Quay; do not create it anew.",
    ],
)
def test_what_no_question_asks_costs_nothing(item: str) -> None:
    assert lost_by(also_saying(item)) == ()


@pytest.mark.parametrize(
    "item",
    [
        "Taken literally that covers .",
        "It holds: .",
        "Flag and depth are are there.",
        "It has a flag and.",
    ],
)
def test_a_broken_sentence_costs_a_point(item: str) -> None:
    assert lost_by(also_saying(item)) == (Criterion.FORMAT,)


def test_a_doubt_that_nobody_asks_about_costs_a_point() -> None:
    questions = boat().ticket.revision.parts.questions
    items = questions.removeprefix("<ol>").removesuffix("</ol>").split("</li>")
    kept = "</li>".join(item for item in items if "Potentially" not in item)

    assert lost_by(boat().saying(questions=f"<ol>{kept}</ol>")) == (Criterion.QUESTIONS,)


def test_a_question_whose_row_leaves_nothing_open_costs_a_point() -> None:
    questions = boat().ticket.revision.parts.questions
    more = "<li><strong>fields.csv:4</strong> Which type has “Flag”?</li>"

    made = boat().saying(questions=questions.removesuffix("</ol>") + f"{more}</ol>")

    assert lost_by(made) == (Criterion.QUESTIONS,)


def test_a_question_with_a_suggested_answer_takes_a_nod_and_costs_nothing() -> None:
    questions = boat().ticket.revision.parts.questions
    asked = "Which type has “Flag”?"
    more = f"<li><strong>fields.csv:4</strong> {asked}</li>"
    made = boat().saying(questions=questions.removesuffix("</ol>") + f"{more}</ol>")
    revision = made.ticket.revision
    nod = replace(revision.questions[0], question=asked, suggested_answer="Text (plain)")
    revision = replace(revision, questions=(*revision.questions, nod))

    judged = replace(made, ticket=replace(made.ticket, revision=revision))

    assert lost_by(judged) == ()


def test_a_note_may_be_quoted_although_it_is_asked_about() -> None:
    said = "Potentially scheduled (need confirmation)"

    assert lost_by(also_saying(f"<strong>Note:</strong> “{said}”.")) == ()
    assert lost_by(also_saying(f"<strong>Noted:</strong> “{said}”.")) != ()


@pytest.mark.parametrize(
    "check",
    [
        "Boat is “Potentially scheduled (need confirmation)”",
        "Structure contains Boat as the answer says",
    ],
)
def test_a_check_that_nothing_can_fail_costs_a_point(check: str) -> None:
    verification = boat().ticket.revision.parts.verification
    made = boat().saying(verification=verification.removesuffix("</ul>") + f"<li>{check}</li></ul>")

    assert Criterion.VERIFICATION in lost_by(made)


@pytest.mark.parametrize(
    ("item", "point"),
    [
        ("<strong>Scope:</strong> One row.", Criterion.ANALYSIS),
    ],
)
def test_an_empty_bullet_costs_a_point(item: str, point: Criterion) -> None:
    assert lost_by(also_saying(item)) == (point,)


@pytest.mark.parametrize(
    "story",
    [
        "As a user with permission, I want Boat content, so that it is there when it is needed.",
    ],
)
def test_a_story_that_a_reader_rewrites_costs_a_point(story: str) -> None:
    assert Criterion.USER_STORY in lost_by(boat().saying(user_story=f"<p>{story}</p>"))

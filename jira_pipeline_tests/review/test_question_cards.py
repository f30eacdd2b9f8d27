"""Who is asked what: cards, assumptions that somebody objects to, questions that change hands."""

from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf import adf_to_text
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.open_questions import OBJECTION, Audience
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.answers import answer, ask
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.decisions import skip
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.question_cards import (
    FINE,
    QuestionCard,
    Whose,
    cards_of,
    client_cards,
    minutes,
)
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.review.verbs import VERBS
from jira_pipeline.tickets.documents.rendering import ASSUMED
from jira_pipeline_tests import projects
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into, table

PIER, QUAY, CREW = "Pier (Content type)", "Quay (Content type)", "Crew (Paragraph type)"
DEPTH = "bundles.reused_of_nothing"
LISTS = {"Field type": "List (text)", "Form widget": "Select list"}


@pytest.fixture
def session(pipeline: Pipeline, tmp_path: Path) -> OpenSession:
    """Lists without values in two types and a part of pages, and a field reused from nowhere."""
    sheets = {
        "bundles": [
            bundle("Pier", "pier"),
            bundle("Quay", "quay"),
            bundle("Crew", "crew", "Paragraph type"),
        ],
        "fields": [
            field(PIER, "field_depth") | {"Field type": "Text (plain)", "Reused Field": "y"},
            field(PIER, "field_kind") | LISTS,
            field(QUAY, "field_rank") | LISTS,
            field(CREW, "field_look") | LISTS,
        ],
    }
    return projects.written(pipeline, put_into(tmp_path / "sheets", sheets))


def one_of(session: OpenSession, kind: str) -> AskedQuestion:
    return next(asked for asked in session.questions if asked.kind == kind)


def cards_about(session: OpenSession, kind: str) -> list[tuple[Whose, int]]:
    found: list[QuestionCard] = [c for c in cards_of(session.asked.once) if c.kind == kind]
    return sorted((card.whose, len(card.asked)) for card in found)


def text_of(session: OpenSession, ticket: Ticket) -> str:
    return adf_to_text(session.rendered_of([ticket])[0].document)


def test_one_card_asks_whoever_can_answer_for_all_tickets(session: OpenSession) -> None:
    """What a list in a part of pages offers is a choice of look, which the agency makes."""
    assert cards_about(session, "bundles.options") == [(Whose.AGENCY, 1), (Whose.CLIENT, 2)]


def test_what_is_assumed_waits_for_nobody_and_is_said_in_the_ticket(session: OpenSession) -> None:
    asked = one_of(session, DEPTH)
    text = text_of(session, asked.ticket)

    assert not asked.is_open
    assert cards_about(session, DEPTH) == [(Whose.ASSUMED, 1)]
    assert ASSUMED in text
    assert asked.question not in text


def test_what_is_assumed_of_a_skipped_ticket_is_on_no_card(session: OpenSession) -> None:
    skip(session, [one_of(session, DEPTH).ticket.number], reason="Later.", by="ab")

    assert cards_about(session.again(), DEPTH) == []


def test_who_objects_makes_an_assumption_a_question_again(session: OpenSession) -> None:
    place, number = one_of(session, DEPTH).place, one_of(session, DEPTH).ticket.number
    mark_ready(session, [number], with_questions=True, by="ab")

    kept = answer(session.again(), objected=[(place, "It is on the old site.")], by="cd")
    now = one_of(session.again(), DEPTH)

    assert kept.unmarked == (number,)
    assert now.is_open
    assert now.given_in_part == f"field_depth: {OBJECTION}: It is on the old site."
    assert now.question.replace("`", "") in text_of(session.again(), now.ticket)
    left = session.asked.left.count + 1
    assert session.again().tally.questions.count == session.again().asked.left.count == left


def test_an_objection_is_answered_or_taken_back_like_any_question(session: OpenSession) -> None:
    place = one_of(session, DEPTH).place
    kept = answer(session, objected=[(place, "Which one?")], by="cd")

    answer(session.again(), [(place, "A new one.")], by="ab")
    answered = one_of(session.again(), DEPTH)
    answer(session.again(), [(place, "")], by="ab")
    for name, arguments in kept.undo:
        VERBS[name].take(session.again(), **{**arguments, "were": {}}, by="ab")

    assert answered.answer == "A new one."
    assert not answered.is_open
    assert one_of(session.again(), DEPTH).is_assumed


def test_only_an_assumption_is_objected_to(session: OpenSession) -> None:
    place = one_of(session, "bundles.options").place

    with pytest.raises(WrongUseError, match=f"{place} has no assumption"):
        answer(session, objected=[(place, "No.")], by="ab")


def test_a_question_changes_hands_with_words_for_the_client_and_back(session: OpenSession) -> None:
    place = next(
        one.asked.place
        for card in cards_of(session.asked.once)
        if (card.kind, card.whose) == ("bundles.options", Whose.AGENCY)
        for one in card.asked
    )

    sent = ask(session, [place], audience=Audience.CLIENT, words="Which looks?", by="ab")
    asked = {q.place: q for q in session.again().questions}[place]
    hands, cards = cards_about(session.again(), "bundles.options"), client_cards(session.again())
    for name, arguments in sent.undo:
        VERBS[name].take(session.again(), **arguments, by="ab")

    assert (asked.audience, asked.for_client) == (Audience.CLIENT, "Which looks?")
    assert hands == [(Whose.CLIENT, 1), (Whose.CLIENT, 2)]
    assert [(card.topic, card.title, card.silence) for card in cards if len(card.rows) == 1] == [
        ("Other questions", "Which looks?", "")
    ]
    assert cards_about(session.again(), "bundles.options") == [
        (Whose.AGENCY, 1),
        (Whose.CLIENT, 2),
    ]


def test_a_client_gets_what_only_they_can_say_in_their_words(session: OpenSession) -> None:
    (card,) = client_cards(session)

    assert card.topic == "What pages hold"
    assert [row.label for row in card.rows] == ["Pier: Kind", "Quay: Rank"]
    assert {row.choices for row in card.rows} == {("As on today’s website", "I will send them")}
    assert len({row.name for row in card.rows}) == len(card.rows)
    assert minutes([card]) == 1


def test_what_is_assumed_of_a_client_comes_last_and_needs_no_word(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    sheets = {
        "roles": table(
            "Name,Machine name,X,Notes",
            "Guests,guests,a,0 permissions",
            "Pilots,pilots,a,All moorings",
        )
    }
    asked, assumed = client_cards(projects.written(pipeline, put_into(tmp_path / "sheets", sheets)))

    assert [(row.label, row.quote, row.is_several) for row in asked.rows] == [
        ("“Pilots”", "All moorings", True)
    ]
    assert [(row.label, row.choices) for row in assumed.rows] == [("“Guests”", (FINE,))]
    assert (asked.is_assumption, assumed.is_assumption) == (False, True)


def test_words_are_for_the_client_and_places_are_questions(session: OpenSession) -> None:
    place = one_of(session, "bundles.options").place

    with pytest.raises(WrongUseError, match="words are for the client"):
        ask(session, [place], audience=Audience.DEVELOPER, words="Which?", by="ab")
    with pytest.raises(WrongUseError, match=r"there is no question 99\.1"):
        ask(session, [place, "99.1"], audience=Audience.DEVELOPER, by="ab")

"""Who is asked what, once: cards, assumptions that are objected to, questions that change hands."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf import adf_to_text
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import AnswerConflictError, InputError, WrongUseError
from jira_pipeline.model.open_questions import OBJECTION, Audience, QuestionsLeft
from jira_pipeline.model.tickets import Answer, Ticket, question_id_of, questions_left
from jira_pipeline.review.answers import answer, ask
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.cells import FilledTable, read_filled_table
from jira_pipeline.review.decisions import skip
from jira_pipeline.review.offered_answers import accepted_answers
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.question_cards import (
    FINE,
    QuestionCard,
    Whose,
    cards_of,
    client_cards,
    minutes_needed,
)
from jira_pipeline.review.questions import (
    AskedQuestion,
    answers_by_ticket,
    answers_everywhere,
    merge_same_questions,
    merged_questions,
    questions_of,
)
from jira_pipeline.review.questions_workbook import questions_workbook, read_answers
from jira_pipeline.review.verbs import VERBS
from jira_pipeline.tickets.documents.rendering import ASSUMED
from jira_pipeline_tests import projects
from jira_pipeline_tests.contracts.stored_values import START
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, put_into, table
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.made_tickets import SESSION_KEY, made_tickets

PIER, QUAY, CREW = "Pier (Content type)", "Quay (Content type)", "Crew (Paragraph type)"
DEPTH = "bundles.reused_of_nothing"
LISTS = {"Field type": "List (text)", "Form widget": "Select list"}


def open_reference(owner: str, type_: str = "Content type") -> Row:
    """A reference field with a target that no row has: what is meant?"""
    return field(f"{owner} ({type_})", "field_s", ref="Subjects (Vocabulary)")


def tickets() -> tuple[Ticket, ...]:
    """Three content types and a paragraph type with the same open field; two like displays.

    The displays have one machine name, which Drupal refuses: what is taken for it is assumed of both
    in the same words.
    """
    return tuple(
        made.ticket
        for made in made_tickets(
            bundles=[
                *(bundle(name, name.casefold()) for name in "ABC"),
                bundle("P", "p", "Paragraph type"),
            ],
            fields=[
                *(open_reference(name) for name in "ABC"),
                open_reference("P", "Paragraph type"),
            ],
            views=[{"View name": n, "Machine name": n.casefold(), "X": "a"} for n in ("V", "W")],
            displays=[
                {"View": n, "Title": "T", "Machine name": "t-1", "X": "a", "Display plugin": plugin}
                | {"Path": "/newest"}
                for n, plugin in (("V", "Page"), ("W", "Feed"))
            ],
        )
    )


def asked_questions(tickets: Iterable[Ticket]) -> tuple[AskedQuestion, ...]:
    return tuple(question for ticket in tickets for question in questions_of(ticket))


def numbers_of(tickets: tuple[Ticket, ...]) -> list[list[str]]:
    """Titles of the tickets that ask each question, without their verbs."""
    listed = merge_same_questions(asked_questions(tickets))
    return [
        [q.ticket.title.rpartition(": ")[2] for q in (once.asked, *once.also)] for once in listed
    ]


def answered(ticket: Ticket, text: str) -> Ticket:
    question = ticket.revision.questions[0]
    given = Answer(
        question_id=question_id_of(question),
        question=question.question,
        answer=text,
        answered_by="ada",
        answered_at=START,
    )
    return replace(ticket, answers=(given,))


def rows_of(tickets: tuple[Ticket, ...]) -> list[dict[str, str]]:
    content = questions_workbook(merge_same_questions(asked_questions(tickets)))
    return [dict(row) for _, row in read_filled_table(content, name="answers.xlsx").rows]


def filled(rows: list[dict[str, str]]) -> FilledTable:
    return FilledTable(
        name="answers.xlsx", rows=tuple(enumerate(rows, start=2)), columns=frozenset(rows[0])
    )


def test_a_question_about_one_field_of_several_content_types_is_asked_once() -> None:
    assert ["A", "B", "C"] in numbers_of(tickets())


def test_fields_of_another_type_of_bundle_and_displays_are_asked_about_apart() -> None:
    """Paragraph types have a storage of their own, and each view its own displays."""
    apart = [each for each in numbers_of(tickets()) if each != ["A", "B", "C"]]
    asks = {t.title[-1]: [q.asks for q in t.revision.left_open] for t in tickets()}

    assert {len(each) for each in apart} == {1}
    assert {each[0] for each in apart} == {"P", "V", "W"}
    assert set(asks["P"]) & set(asks["A"])
    assert set(asks["V"]) & set(asks["W"])


def test_what_is_put_together_of_tickets_is_what_is_left_to_answer() -> None:
    given = sorted(tickets(), key=lambda ticket: ticket.place)

    found = merged_questions({ticket.ticket_id: questions_of(ticket) for ticket in given})

    assert found.once == merge_same_questions(asked_questions(given))
    assert found.left == questions_left(given)


def test_questions_left_are_counted_once_and_without_skipped_tickets() -> None:
    """Page, list and status said three numbers for one thing."""
    paragraph, *others = tickets()
    skipped = replace(others[0], skipped_reason="Later.")

    assert questions_left([paragraph, *others]) == QuestionsLeft(
        count=4, ticket_count=6, view_count=2
    )
    assert questions_left([answered(paragraph, "Tags"), *others]) == QuestionsLeft(
        count=3, ticket_count=5, view_count=2
    )
    assert questions_left([paragraph, skipped, *others[1:]]) == QuestionsLeft(
        count=4, ticket_count=5, view_count=2
    )
    assert questions_left([skipped]) == QuestionsLeft()


def test_what_was_answered_otherwise_is_apart() -> None:
    known = tuple(
        answered(t, "Tags") if t.title == "Configure content type: B" else t for t in tickets()
    )

    listed = [each for each in numbers_of(known) if set(each) <= set("ABC")]
    assert listed == [["A", "C"], ["B"]]


def test_an_answer_counts_wherever_the_question_is_asked() -> None:
    known = tickets()
    listed = asked_questions(known)
    place = next(q for q in listed if q.ticket.title == "Configure content type: B")

    given = answers_everywhere(place, "Tags", listed)

    titles = {t.ticket_id: t.title for t in known}
    assert sorted(titles[key] for key in given) == [f"Configure content type: {n}" for n in "ABC"]
    assert {text for answers in given.values() for text in answers.values()} == {"Tags"}


@each("named", [0, 1, 2])
def test_a_row_of_the_file_answers_for_its_own_ticket_and_those_it_names(named: int) -> None:
    """Tickets that were uploaded since the file was written are not named in it."""
    known = tickets()
    rows = rows_of(known)
    [row] = [row for row in rows if row["also_in"]]
    numbers = row["also_in"].split(", ")[:named]
    row |= {"answer": "Tags", "also_in": ", ".join(numbers)}

    given = read_answers(filled(rows), session_key=SESSION_KEY, tickets=known)

    of = {t.ticket_id for t in known if str(t.number) in numbers}
    assert len(of) == named
    assert set(given) == {row["ticket_id"], *of}


@each(
    ("is_named", "words", "advice"),
    [
        (True, "session site, not for other", "Or read it there: `jira-pipeline questions site "),
        (
            False,
            "another session, not for other",
            "Fill in the file written by `jira-pipeline questions other ",
        ),
    ],
    ids=["by its session", "an older file by its tickets"],
)
def test_the_answers_of_another_session_are_distinguished(
    *, is_named: bool, words: str, advice: str
) -> None:
    """It was said that there is no ticket 3, or that an answer is too new."""
    rows = rows_of(tickets())
    rows[0]["answer"] = "Topics"
    for row in rows:
        row["session"] = row["session"] if is_named else ""
    others = [replace(t, ticket_id=f"u{t.ticket_id}", session_key="other") for t in tickets()]

    with pytest.raises(InputError, match=words) as caught:
        read_answers(filled(rows), session_key="other", tickets=others)

    assert action_text(caught.value.recovery_actions[-1]).startswith(advice)


def test_one_question_with_two_answers_in_two_tickets_is_refused() -> None:
    """The second one would replace the first, which nobody would be told."""
    listed = asked_questions(tickets())
    shared = next(once for once in merge_same_questions(listed) if once.also)
    first, second = shared.asked, shared.also[0]

    with pytest.raises(WrongUseError, match="--only keeps them apart") as refused:
        answers_by_ticket([(first.place, "Yes"), (second.place, "No")], listed, is_only=False)
    apart = answers_by_ticket([(first.place, "Yes"), (second.place, "No")], listed, is_only=True)

    assert f"{first.place} and {second.place} ask the same" in refused.value.message
    assert {"Yes", "No"} == {text for given in apart.values() for text in given.values()}


def suggesting(ticket: Ticket) -> Ticket:
    """The ticket with a suggested answer to its first question, as a model finds in one of several."""
    first, *others = ticket.revision.questions
    likely = replace(first, suggested_answer="“Tags”", suggested_because="fields.csv:9 says it")
    return replace(ticket, revision=replace(ticket.revision, questions=(likely, *others)))


def test_a_suggestion_of_one_ticket_is_shown_and_accepted_wherever_the_question_is() -> None:
    listed = merge_same_questions(asked_questions(tickets()))
    shared = next(once for once in listed if once.also)
    last = shared.also[-1].ticket.ticket_id
    known = asked_questions(suggesting(t) if t.ticket_id == last else t for t in tickets())

    once = next(o for o in merge_same_questions(known) if o.asked.place == shared.asked.place)
    accepted = accepted_answers([shared.asked.place], known, {})

    assert once.is_suggested
    assert once.asked.suggestion == "“Tags” (fields.csv:9 says it)"
    assert accepted == [(shared.asked.place, "“Tags” (suggestion accepted: fields.csv:9 says it)")]
    assert len(answers_by_ticket(accepted, known, is_only=False)) == len(
        (shared.asked, *shared.also)
    )


@each("because", {"most users of the field": False, "its note, the nearest name": True}.items())
def test_a_suggestion_by_a_name_alone_is_a_guess(because: tuple[str, bool]) -> None:
    """It was ticked beside answers that cells speak for."""
    [first, *_] = asked_questions(tickets())

    assert replace(first, suggested_because=because[0]).is_guessed is because[1]


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

    assert cards_about(session.reload(), DEPTH) == []


def test_who_objects_makes_an_assumption_a_question_again(session: OpenSession) -> None:
    place, number = one_of(session, DEPTH).place, one_of(session, DEPTH).ticket.number
    mark_ready(session, [number], with_questions=True, by="ab")

    kept = answer(session.reload(), objected=[(place, "It is on the old site.")], by="cd")
    now = one_of(session.reload(), DEPTH)

    assert kept.unmarked == (number,)
    assert now.is_open
    assert now.given_in_part == f"field_depth: {OBJECTION}: It is on the old site."
    assert now.question.replace("`", "") in text_of(session.reload(), now.ticket)
    left = session.asked.left.count + 1
    assert session.reload().tally.questions.count == session.reload().asked.left.count == left


def test_an_objection_is_answered_or_taken_back_like_any_question(session: OpenSession) -> None:
    place = one_of(session, DEPTH).place
    kept = answer(session, objected=[(place, "Which one?")], by="cd")

    answer(session.reload(), [(place, "A new one.")], by="ab")
    answered = one_of(session.reload(), DEPTH)
    answer(session.reload(), [(place, "")], by="ab")
    for name, arguments in kept.undo:
        VERBS[name].take(session.reload(), **{**arguments, "were": {}}, by="ab")

    assert answered.answer == "A new one."
    assert not answered.is_open
    assert one_of(session.reload(), DEPTH).is_assumed


def test_an_empty_answer_takes_an_objection_back(session: OpenSession) -> None:
    """It left the objection as it was, and said that nothing was changed."""
    place = one_of(session, DEPTH).place
    answer(session, objected=[(place, "Which one?")], by="cd")

    kept = answer(session.reload(), [(place, "")], by="ab")

    assert kept.kept == 1
    assert one_of(session.reload(), DEPTH).is_assumed


def test_who_saw_an_objection_answers_it_and_who_did_not_is_told(session: OpenSession) -> None:
    place = one_of(session, DEPTH).place
    answer(session, objected=[(place, "Which one?")], by="cd")
    objected = one_of(session.reload(), DEPTH)

    with pytest.raises(AnswerConflictError, match="Which one"):
        answer(session.reload(), [(place, "A new one.")], were={place: ""}, by="ab")
    were = {place: objected.objection}
    answer(session.reload(), [(place, "A new one.")], were=were, by="ab")

    assert objected.objection == f"{OBJECTION}: Which one?"
    assert one_of(session.reload(), DEPTH).answer == "A new one."


def test_questions_that_compare_the_same_rows_share_a_card(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """Both rows of a shared field asked which of them is right, some screens apart."""
    sheets = {
        "bundles": [bundle("Pier", "pier"), bundle("Quay", "quay")],
        "fields": [
            field(PIER, "field_depth") | {"Field type": "Text (plain)"},
            field(QUAY, "field_depth") | {"Field type": "Number (integer)", "Reused Field": "y"},
        ],
    }
    session = projects.written(pipeline, put_into(tmp_path / "sheets", sheets))

    assert cards_about(session, "bundles.storage") == [(Whose.DEVELOPER, 2)]


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
    asked = {q.place: q for q in session.reload().questions}[place]
    hands, cards = cards_about(session.reload(), "bundles.options"), client_cards(session.reload())
    for name, arguments in sent.undo:
        VERBS[name].take(session.reload(), **arguments, by="ab")

    assert (asked.audience, asked.for_client) == (Audience.CLIENT, "Which looks?")
    assert hands == [(Whose.CLIENT, 1), (Whose.CLIENT, 2)]
    assert [(card.topic, card.title, card.silence) for card in cards if len(card.rows) == 1] == [
        ("Other questions", "Which looks?", "")
    ]
    assert cards_about(session.reload(), "bundles.options") == [
        (Whose.AGENCY, 1),
        (Whose.CLIENT, 2),
    ]


def test_a_client_gets_what_only_they_can_say_in_their_words(session: OpenSession) -> None:
    (card,) = client_cards(session)

    assert card.topic == "What pages hold"
    assert [row.label for row in card.rows] == ["Pier: Kind", "Quay: Rank"]
    assert {row.choices for row in card.rows} == {("As on today’s website", "I will send them")}
    assert len({row.name for row in card.rows}) == len(card.rows)
    assert minutes_needed([card]) == 1


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


def test_suggestions_that_differ_by_row_are_accepted_by_row(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """Each row got the sentence on all of them: “Bow: Text (plain); Log: Text (plain, long)”."""
    boat = "Boat (Content type)"
    widgets = {"field_bow": "Textfield", "field_log": "Text area (multiple rows)"}
    fields = [
        field(boat, name) | {"Field type": "Plain text", "Form widget": widget}
        for name, widget in widgets.items()
    ]
    sheets = put_into(tmp_path / "boats", {"bundles": [bundle("Boat", "boat")], "fields": fields})
    session = projects.written(pipeline, sheets)
    (question,) = [one for one in session.questions if one.kind == "bundles.which_type"]

    answer(session, accepted=[question.place], by="ada")

    (answered_question,) = [q for q in session.reload().questions if q.kind == question.kind]
    given = [row.given.answer if row.given else "" for row in answered_question.rows]
    because = "(suggestion accepted: the only one of them that its form widget edits)"
    assert given == [f"Text (plain) {because}", f"Text (plain, long) {because}"]

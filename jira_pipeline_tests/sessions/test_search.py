"""Searching on each dialect: what a ticket is found by, which comes first, what was not searched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.model.search_words import WORDS_BYTES_MAX, Matcher, NameRole, Passage, PlaceKind
from jira_pipeline.review import answers
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.search import FEW_ABSENT, Found, search
from jira_pipeline.store import tables
from jira_pipeline_tests.contracts.stored_values import a_target, an_entry
from jira_pipeline_tests.sheets.made_specifications import bundle, field
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.documents.kept_sessions import (
    KEY,
    edited,
    home,
    opened,
    uploaded,
    written,
)

__all__ = ["home"]

BUNDLES = [
    bundle("Academic Program", "program")
    | {"Settings/notes": "Ask about field_motto. Übergrößen, Музей, 博物館!"},
    bundle("Course", "course"),
    bundle("Degree", "degree", "Vocabulary", x="x"),
]
FIELDS = [
    field("Academic Program (Content type)", "field_degree_types", ref="Course (Content type)"),
    field("Course (Content type)", "field_degree_types"),
    field("Course (Content type)", "field_motto", x="x") | {"Help text": "Short and tbd"},
    field("Course (Content type)", "field_fee"),
]
PROGRAM, COURSE = "Configure content type: Academic Program", "Configure content type: Course"


@pytest.fixture
def pipeline(home: Path) -> Iterator[Pipeline]:
    """A home with a session whose tickets are indexed."""
    with opened(home) as pipeline:
        written(pipeline, BUNDLES, FIELDS)
        assert open_session(pipeline, KEY).rendered
        yield pipeline


def titles(found: Found) -> list[str]:
    return [hit.ticket.title for hit in found.hits]


def roles(found: Found) -> dict[str, NameRole | None]:
    return {hit.ticket.title: hit.role for hit in found.hits}


def shown(found: Found) -> list[tuple[PlaceKind, str, str]]:
    """Return the places of the first hit: what kind, in which part, what is marked there."""
    return [
        (
            place.passage.kind,
            place.passage.part,
            " ".join(place.excerpt[begin:end] for begin, end in place.marks),
        )
        for place in found.hits[0].places
    ]


@each("query", ["field_degree_types", "degree_types", "FIELD_DEGREE", "types"])
def test_a_machine_name_leads_to_the_ticket_that_creates_it_then_to_who_reuses_it(
    pipeline: Pipeline, query: str
) -> None:
    """Of two rows that build a field, that of the ticket built first makes its storage."""
    found = search(pipeline, query)

    assert list(roles(found).items()) == [(COURSE, NameRole.CREATES), (PROGRAM, NameRole.REUSES)]
    place = found.hits[0].places[0].passage
    assert (place.text, place.file, place.line) == ("field_degree_types", "fields.csv", 3)


def test_names_are_found_with_what_a_ticket_does_with_them(pipeline: Pipeline) -> None:
    found = {name: roles(search(pipeline, name)) for name in ("course", "field_motto")}

    assert found["course"][PROGRAM] is NameRole.REFERS_TO
    assert found["field_motto"] == {COURSE: NameRole.LISTS, PROGRAM: NameRole.MENTIONS}


def test_the_whole_name_comes_before_names_that_begin_like_it(pipeline: Pipeline) -> None:
    written(pipeline, BUNDLES, [*FIELDS, field("Academic Program (Content type)", "field_fee_max")])

    found = search(pipeline, "field_fee", session_key=KEY)

    assert titles(found) == [COURSE, PROGRAM]


def test_words_are_found_by_their_beginnings_in_any_order(pipeline: Pipeline) -> None:
    assert titles(search(pipeline, "prog acad"))[0] == PROGRAM
    assert titles(search(pipeline, "ogram")) == []
    assert titles(search(pipeline, "prog nowhere")) == []


@each("query", ["Übergrößen", "ubergrossen", "UBERGRÖSSEN", "überg"])
def test_case_and_accents_make_no_difference_and_no_word_is_stemmed(
    pipeline: Pipeline, query: str
) -> None:
    found = search(pipeline, query)

    assert titles(found) == [PROGRAM]
    assert search(pipeline, f"{query}e").hits == ()
    kind, part, marked = shown(found)[0]
    assert (kind, part) == (PlaceKind.CELL, "Settings/notes")
    assert "Übergrößen".startswith(marked)


@each("query", ["музей", "муз", "博物"])
def test_words_of_every_script_are_found(pipeline: Pipeline, query: str) -> None:
    assert titles(search(pipeline, query)) == [PROGRAM]


def test_a_hit_shows_the_cells_that_have_the_words(pipeline: Pipeline) -> None:
    found = search(pipeline, "tbd short")

    assert shown(found) == [(PlaceKind.CELL, "Help text", "Short tbd")]
    assert found.hits[0].places[0].passage.line == 4


def test_an_excerpt_begins_and_ends_with_whole_words() -> None:
    text = "Überlange Einleitung. " * 20 + "Turmuhr " + "Glockenschlag " * 40

    shown = Matcher(["turmuhr"]).place_in(Passage(kind=PlaceKind.PROSE, text=text)).excerpt

    assert set(shown.split()) <= {*text.split(), "…"}


def test_an_edit_is_found_and_what_it_replaced_is_not(pipeline: Pipeline) -> None:
    ticket = pipeline.store.tickets.get(KEY, 1)
    edited(pipeline, ticket, "Ask the registrar.")
    edited(pipeline, pipeline.store.tickets.get(KEY, 1), "Ask the bursar.")

    assert shown(search(pipeline, "bursar")) == [(PlaceKind.PROSE, "notes", "bursar")]
    assert search(pipeline, "registrar").hits == ()


def test_questions_and_answers_are_found(pipeline: Pipeline) -> None:
    session = open_session(pipeline, KEY)
    asked = next(one.asked for one in session.asked.once)
    answers.answer(session, [(asked.place, "Every semester")], by="ab")

    answered = search(pipeline, "semester")

    assert [hit.ticket.ticket_id for hit in answered.hits] == [asked.ticket.ticket_id]
    assert (PlaceKind.ANSWER, asked.question, "semester") in shown(answered)


def test_a_number_and_an_issue_lead_to_their_ticket(pipeline: Pipeline) -> None:
    ticket = pipeline.store.tickets.get(KEY, 2)
    pipeline.store.ledger.record_target(a_target(), at=pipeline.clock.now())
    for event in (LedgerEvent.INTENT, LedgerEvent.RECEIPT):
        entry = an_entry(event, session_key=KEY, ticket_id=ticket.ticket_id)
        pipeline.store.ledger.append(entry)

    meant = [search(pipeline, query).exact_match for query in ("2", "#2", "SITE-8", "site-8")]

    assert [hit.ticket.ticket_id if hit else None for hit in meant] == [ticket.ticket_id] * 4
    assert search(pipeline, "SITE-9").exact_match is None


@each("query", ["", "  ", "—", '"', "'", "a' | b", "NOT (", "x*", "_", ":*", "=", "\\"])
def test_whatever_is_typed_is_words_or_nothing(pipeline: Pipeline, query: str) -> None:
    assert isinstance(search(pipeline, query).hits, tuple)


def test_a_search_over_all_sessions_names_what_it_did_not_search(home: Path) -> None:
    """A large change leaves documents to who needs them, and the index with them."""
    names = [f"Page {number}" for number in range(FEW_ABSENT + 1)]
    with opened(home) as pipeline:
        written(
            pipeline, [bundle(name, name.replace(" ", "_").lower()) for name in names], FIELDS[:0]
        )
        count = pipeline.store.tickets.tally(KEY).total

        before = search(pipeline, "page")
        typing = search(pipeline, "page", session_key=KEY, is_typing=True)
        within = search(pipeline, "page", session_key=KEY)
        after = search(pipeline, "page")

    assert before.not_indexed == {KEY: count}
    assert (before.hits, typing) == ((), before)
    assert within.not_indexed == after.not_indexed == {}
    assert titles(within) == titles(after) != []


@pytest.mark.usefixtures("pipeline")
def test_what_another_version_indexed_is_indexed_again(home: Path) -> None:
    with opened(home, adf_body_max_bytes=30_000) as newer:
        before = search(newer, "field_fee")
        within = search(newer, "field_fee", session_key=KEY)

    assert (before.hits, before.not_indexed) == ((), {KEY: 2})
    assert titles(within) == [COURSE]


def test_tickets_without_rows_are_named_until_they_are_written_again(pipeline: Pipeline) -> None:
    uploaded(pipeline, BUNDLES[1:], FIELDS[1:])

    found = search(pipeline, "field_fee", session_key=KEY)

    assert (found.hits, found.not_indexed) == ((), {KEY: 2})


def test_of_many_hits_the_first_are_shown_and_that_there_are_more(pipeline: Pipeline) -> None:
    found = search(pipeline, "content", most=1)

    assert (len(found.hits), found.has_more) == (1, True)
    assert search(pipeline, "content").has_more is False


def test_a_ticket_with_more_words_than_a_database_takes_is_kept(pipeline: Pipeline) -> None:
    ticket = pipeline.store.tickets.get(KEY, 1)
    words = " ".join(f"wört{number:06}" for number in range(WORDS_BYTES_MAX // 10))

    edited(pipeline, ticket, words)

    assert titles(search(pipeline, "wört000001")) == [ticket.title]
    assert titles(search(pipeline, "field_fee")) == [COURSE]


def test_a_ticket_that_goes_with_its_session_is_not_found(pipeline: Pipeline) -> None:
    with pipeline.store.database.writing() as connection:
        connection.execute(delete(tables.sessions).where(tables.sessions.c.session_key == KEY))

    assert search(pipeline, "field_fee").hits == ()
    with pipeline.store.database.reading() as connection:
        assert connection.execute(select(tables.search_texts)).all() == []

"""An answer says which row it was said of, also one that an older version kept by its id alone."""

from dataclasses import replace

from sqlalchemy import text

from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.tickets import Answer, row_ids_of
from jira_pipeline.store.answered_rows import name_answered_rows
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import (
    ROWS_OF_ANSWERS,
    START,
    a_draft,
    a_prose,
    after,
    an_upload,
)

ROLES = OpenQuestion(
    file="Roles.csv",
    line=2,
    column="Notes",
    quote="",
    question="Which permissions do “Captain” and “Mate” get?",
    kind="lists.permissions",
    keys=("user_role:captain", "user_role:mate"),
    labels=("“Captain”", "“Mate”"),
)
CALLED_OTHERWISE = replace(ROLES, labels=("“Skipper”", "“First mate”"))
UNNAMED = replace(ROLES, kind="", keys=(), labels=(), question="Who may what?")


def generate(store: Store, *questions: OpenQuestion, minute: int) -> None:
    prose = replace(a_prose(), questions=questions)
    store.tickets.save_generated("site", [a_draft(1, prose=prose)], at=after(minute))


def answer_all(store: Store, question: OpenQuestion, minute: int) -> None:
    texts = {row_id: f"Answer {number}" for number, row_id in enumerate(row_ids_of(question))}
    store.reviews.answer("site", {"t01": texts}, by="ab", at=after(minute))


def answers_of(store: Store) -> tuple[Answer, ...]:
    (ticket,) = store.tickets.list_all("site")
    return ticket.answers


def rows_of(store: Store) -> list[tuple[str, str, str]]:
    return [(one.answer, one.row_key, one.row_label) for one in answers_of(store)]


def upgrade(store: Store) -> None:
    """Take away which rows the answers are of, and do the step of an older store."""
    with store.database.writing() as connection:
        for statement in ROWS_OF_ANSWERS:
            connection.execute(text(statement))
        name_answered_rows(connection)


def test_an_answer_is_kept_with_its_row(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    generate(store, ROLES, minute=1)

    answer_all(store, ROLES, 2)

    assert rows_of(store) == [
        ("Answer 0", "user_role:captain", "“Captain”"),
        ("Answer 1", "user_role:mate", "“Mate”"),
    ]


def test_a_stored_answer_gets_the_row_that_was_asked_about_then(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    generate(store, ROLES, minute=1)
    answer_all(store, ROLES, 2)
    generate(store, CALLED_OTHERWISE, minute=3)
    generate(store, minute=4)
    before = answers_of(store)

    upgrade(store)

    assert answers_of(store) == before
    assert {one.row_label for one in before} == {"“Captain”", "“Mate”"}


def test_an_answer_of_which_nothing_tells_the_row_stays_as_it_was(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    generate(store, UNNAMED, minute=1)
    answer_all(store, UNNAMED, 2)

    upgrade(store)

    assert rows_of(store) == [("Answer 0", "", "")]

"""What people said follows their questions: to kinds of other names, and out of stores of version 1."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from jira_pipeline.model.client_links import ClientLink
from jira_pipeline.model.open_questions import OpenQuestion, ProposedAnswer
from jira_pipeline.model.tickets import question_id_of, row_ids_of
from jira_pipeline.store import generations
from jira_pipeline.store.store import Store, open_store
from jira_pipeline_tests.contracts.stored_values import (
    SINCE_VERSION_9,
    START,
    a_draft,
    a_prose,
    after,
    an_upload,
)

LINK = ClientLink(session_key="site", secret_sha256="1" * 64, made_by="ab", expires_at=after(60))
PORT, PIER = (f"field:Content type/boat/{name}" for name in ("field_port", "field_pier"))
FORMER = {
    "fields.renamed": ("fields.now",),
    "fields.merged": ("fields.both",),
    "fields.other": ("fields.both",),
    "fields.split": ("fields.half", "fields.rest"),
    "fields.gone": (),
}


def asking(kind: str, *keys: str) -> OpenQuestion:
    return OpenQuestion(
        file="Fields.csv",
        line=2,
        column="Vals.",
        quote="",
        question=f"{kind}?",
        kind=kind,
        keys=keys or (PORT,),
    )


def generate(store: Store, *questions: OpenQuestion, minute: int) -> None:
    prose = replace(a_prose(), questions=questions)
    store.tickets.save_generated("site", [a_draft(1, prose=prose)], at=after(minute))


def say(store: Store, answers: Mapping[str, str]) -> None:
    store.reviews.answer("site", {"t01": answers}, by="ab", at=after(2))


def propose(store: Store, question_id: str, words: str) -> None:
    answer = ProposedAnswer(
        ticket_id="t01",
        question_id=question_id,
        secret_sha256=LINK.secret_sha256,
        text=words,
        at=after(2),
    )
    store.client_links.propose(LINK, [answer], at=after(2))


def said(store: Store) -> dict[str, str]:
    return {one.question_id: one.answer for one in store.tickets.get("site", 1).answers}


@pytest.fixture(autouse=True)
def _site(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "FORMER_KINDS", FORMER)
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.client_links.put(LINK, by="ab", at=START)


def test_answers_and_proposals_follow_a_kind_that_is_renamed(store: Store) -> None:
    before, now = (asking(kind, PORT, PIER) for kind in ("fields.renamed", "fields.now"))
    generate(store, before, minute=1)
    say(store, {row_ids_of(before)[1]: "Two."})
    propose(store, " ".join(row_ids_of(before)), "Call me.")

    generate(store, now, minute=3)

    assert said(store) == {row_ids_of(now)[1]: "Two."}
    (proposed,) = store.client_links.proposed("site")
    assert proposed.question_id.split() == [*row_ids_of(now)]


FOLLOWED: Mapping[str, tuple[Sequence[OpenQuestion], Sequence[OpenQuestion]]] = {
    "of a kind that is split to each part": (
        [asking("fields.split")],
        [asking("fields.half"), asking("fields.rest")],
    ),
    "about a row to each passage that is asked about": (
        [asking("fields.renamed")],
        [asking("fields.now", f"{PORT} “a”", f"{PORT} “b”")],
    ),
    "the only one of kinds that are merged": (
        [asking("fields.merged"), asking("fields.other")],
        [asking("fields.both")],
    ),
    "of a kind that is gone to none": ([asking("fields.gone")], []),
}
"""What was asked before, the last of it answered, and what is asked now."""


@pytest.mark.parametrize(("before", "now"), FOLLOWED.values(), ids=FOLLOWED)
def test_an_answer_follows(
    store: Store, before: Sequence[OpenQuestion], now: Sequence[OpenQuestion]
) -> None:
    generate(store, *before, minute=1)
    say(store, {question_id_of(before[-1]): "Two."})

    generate(store, *(now or [asking("fields.else")]), minute=3)

    following = [row for question in now or before for row in row_ids_of(question)]
    assert said(store) == dict.fromkeys(following, "Two.")


def test_the_answer_about_a_passage_goes_to_the_row_where_only_that_is_asked(store: Store) -> None:
    one, other = (asking("fields.renamed", f"{key} “a”") for key in (PORT, PIER))
    now = [
        asking("fields.now", PORT),
        asking("fields.now", PIER),
        asking("fields.now", f"{PIER} “b”"),
    ]
    generate(store, one, other, minute=1)
    say(store, {question_id_of(one): "Two.", question_id_of(other): "Three."})

    generate(store, *now, minute=3)

    assert said(store) == {question_id_of(now[0]): "Two.", question_id_of(other): "Three."}


def test_answers_that_would_meet_at_one_question_stay_as_they_were_given(store: Store) -> None:
    one, other, both = map(asking, ("fields.merged", "fields.other", "fields.both"))
    generate(store, one, other, minute=1)
    say(store, {question_id_of(one): "Two.", question_id_of(other): "Three."})
    for question, words in ((one, "Four."), (other, "Five.")):
        propose(store, question_id_of(question), words)

    generate(store, both, minute=3)

    assert said(store) == {question_id_of(one): "Two.", question_id_of(other): "Three."}
    assert store.tickets.get("site", 1).unanswered == (both,)
    assert {(p.question_id, p.text) for p in store.client_links.proposed("site")} == {
        (question_id_of(both), words) for words in ("Four.", "Five.")
    }


TARGETS = "What may {} refer to? Ref. bundle is blank."
OLD = {"kind": "", "keys": (), "column": "Ref. bundle"}


def old(names: str, *subjects: str, **changes: object) -> OpenQuestion:
    """A question as version 1 stored it."""
    words = {"question": TARGETS.format(names)} | OLD | changes
    return replace(asking(""), subjects=subjects, **words)  # type: ignore[arg-type] # each by its name


def version_1(store: Store, *questions: OpenQuestion, answered: int, tmp_path: Path) -> Store:
    """Store questions as version 1 did, with answers and a proposal, and open them with this one."""
    rows = [
        {"key": key, "machine_name": key.rpartition("/")[2], "label": label, "cells": {}}
        | {"source": {"file": "Fields.csv", "line": line}}
        for line, (key, label) in enumerate(((PORT, "Port"), (PIER, "Pier")), start=2)
    ]
    generate(store, *questions, minute=1)
    say(store, {question_id_of(q): q.question for q in questions[:answered]})
    propose(store, question_id_of(questions[0]), "Call me.")
    cells: dict[str, object] = {
        "ticket_id": "t01",
        "session_key": "site",
        "group_key": "g",
        "title": "t",
    }
    cells |= {"action": "create", "is_hollow": False, "creates": "[]"}
    cells["rows"] = json.dumps({"heads": rows[:1], "members": rows[1:]})
    names = ", ".join(cells)
    with store.database.writing() as connection:
        places = ", ".join(f":{name}" for name in cells)
        connection.execute(text(f"INSERT INTO ticket_rows ({names}) VALUES ({places})"), cells)  # noqa: S608 - ours
        connection.execute(text("CREATE TABLE sharedo_comparisons (comparison_id TEXT)"))
        connection.execute(text("ALTER TABLE comparisons DROP COLUMN states"))
        connection.execute(text("ALTER TABLE revisions DROP COLUMN assumptions"))
        connection.execute(text("DROP TABLE question_routes"))
        connection.execute(text("ALTER TABLE proposed_answers DROP COLUMN given_by"))
        connection.execute(text("DROP TABLE site_answers"))
        for name in ("sent_back", "sent_back_about", "sent_back_to"):
            connection.execute(text(f"ALTER TABLE tickets DROP COLUMN {name}"))
        for statement in SINCE_VERSION_9:
            connection.execute(text(statement))
        connection.execute(text("UPDATE jira_pipeline_store SET version = 2"))
    url = store.database.engine.url.render_as_string(hide_password=False)
    return open_store(url, lock_path=tmp_path / "next.lock")


def test_a_store_of_version_1_is_named_by_kinds_and_rows_with_what_people_said(
    store: Store, tmp_path: Path
) -> None:
    asked = old("“Port” (`field_port`) and “Pier” (`field_pier`)", "field_port", "field_pier")
    with version_1(store, asked, answered=1, tmp_path=tmp_path) as opened:
        ticket = opened.tickets.get("site", 1)
        (question,) = ticket.revision.questions
        (proposed,) = opened.client_links.proposed("site")

    assert (question.kind, question.keys) == ("bundles.target", (PORT, PIER))
    assert said(store) == dict.fromkeys(row_ids_of(question), asked.question)
    assert ticket.unanswered == ()
    assert proposed.question_id.split() == [*row_ids_of(question)]


def test_what_cannot_be_told_of_version_1_keeps_its_name_and_its_answer(
    store: Store, tmp_path: Path
) -> None:
    questions = [
        old("`field_port`", "field_port"),
        old("“Port”", "field_port"),  # it would meet the one before
        old("`field_mast`", "field_mast"),  # no row has the name
        old("", "field_pier", question="What did an even older version ask?"),
    ]
    with version_1(store, *questions, answered=4, tmp_path=tmp_path) as opened:
        ticket = opened.tickets.get("site", 1)

    assert [q.kind for q in ticket.revision.questions] == [""] * 4
    assert said(store) == {question_id_of(q): q.question for q in questions}
    assert ticket.unanswered == ()


def test_revisions_cannot_be_changed_once_their_questions_are_named(
    store: Store, tmp_path: Path
) -> None:
    version_1(store, old("`field_port`", "field_port"), answered=1, tmp_path=tmp_path).close()

    with (
        pytest.raises(Exception, match="append-only"),
        store.database.writing() as connection,
    ):
        connection.execute(text("UPDATE revisions SET title = 'other'"))

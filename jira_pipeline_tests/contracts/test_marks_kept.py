"""Which ready marks outlive a generation: those that do not cover what it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.model.ticket_hashes import TicketHashes, approved_hash_of
from jira_pipeline.model.tickets import question_id_of
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import (
    SHA,
    START,
    a_draft,
    a_prose,
    after,
    an_upload,
)

ROWS = "hash of the rows"
KEY, OTHER_KEY = ("bundle:Content type/bio", "bundle:Content type/news")


def asking(*keys: str, analysis: str = "<p>It holds people.</p>") -> TicketProse:
    """Return prose that asks one question about each of these rows."""
    (question,) = a_prose().questions
    questions = tuple(replace(question, kind="bundles.changed", keys=(key,)) for key in keys)
    prose = a_prose(analysis)
    items = "".join(f"<li>{key}</li>" for key in keys)
    return replace(
        prose, questions=questions, parts=replace(prose.parts, questions=f"<ol>{items}</ol>")
    )


def question_about(key: str) -> OpenQuestion:
    (question,) = asking(key).questions
    return question


def generate(store: Store, prose: TicketProse, *, minute: int, **changes: Any) -> None:
    draft = a_draft(1, prose=prose, **{"approved_rows_hash": ROWS, "facts_hash": SHA} | changes)
    store.tickets.save_generated("site", [draft, a_draft(2)], at=after(minute))


def mark(store: Store) -> None:
    ticket = store.tickets.get("site", 1)
    hashes = TicketHashes(rendered=SHA, approved=approved_hash_of(ticket, ROWS))
    store.tickets.mark_ready("site", {"t01": hashes}, by="ab", at=after(5))


def is_marked(store: Store) -> bool:
    return store.tickets.get("site", 1).is_ready


@pytest.fixture(autouse=True)
def _session(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")


CITED, CITED_ELSEWHERE = (
    f'<p>It holds people <span class="citation">fields.csv:{line}</span>.</p>' for line in (4, 5)
)
Change = tuple[TicketProse, TicketProse, Mapping[str, object]]
KEPT: Mapping[str, Change] = {
    "a question falls away": (asking(KEY, OTHER_KEY), asking(KEY), {}),
    "all questions fall away": (asking(KEY), asking(), {}),
    "a line is numbered anew": (
        asking(KEY, analysis=CITED),
        asking(KEY, analysis=CITED_ELSEWHERE),
        {},
    ),
    "other tickets are waited for": (asking(KEY), asking(KEY), {"facts_hash": "other"}),
    "a default field is another one": (asking(KEY), asking(KEY), {"sprint": "Sprint 2"}),
}
TAKEN: Mapping[str, Change] = {
    "a question is asked anew": (asking(KEY), asking(KEY, OTHER_KEY), {}),
    "the text is another one": (asking(KEY), asking(KEY, analysis="<p>Other.</p>"), {}),
    "the title is another one": (asking(KEY), asking(KEY), {"title": "Other"}),
    "the rows say something else": (
        asking(KEY),
        asking(KEY),
        {"facts_hash": "other", "approved_rows_hash": "other"},
    ),
}


@pytest.mark.parametrize(("before", "now", "changes"), KEPT.values(), ids=KEPT)
def test_a_mark_stays_where(
    store: Store, before: TicketProse, now: TicketProse, changes: Mapping[str, object]
) -> None:
    generate(store, before, minute=1)
    mark(store)

    generate(store, now, minute=6, **changes)

    assert is_marked(store)


@pytest.mark.parametrize(("before", "now", "changes"), TAKEN.values(), ids=TAKEN)
def test_a_mark_goes_where(
    store: Store, before: TicketProse, now: TicketProse, changes: Mapping[str, object]
) -> None:
    generate(store, before, minute=1)
    mark(store)

    generate(store, now, minute=6, **changes)

    assert not is_marked(store)


def test_a_question_that_comes_back_with_its_answer_takes_no_mark(store: Store) -> None:
    generate(store, asking(KEY, OTHER_KEY), minute=1)
    answer = {question_id_of(question_about(OTHER_KEY)): "Yes."}
    store.reviews.answer("site", {"t01": answer}, by="ab", at=after(2))
    generate(store, asking(KEY), minute=3)
    mark(store)

    generate(store, asking(KEY, OTHER_KEY), minute=6)

    assert is_marked(store)


def test_a_dependency_by_hand_that_gives_way_to_the_sheets_takes_the_mark(store: Store) -> None:
    generate(store, asking(KEY), minute=1)
    waits: Sequence[str] = ("t01", "t02")
    store.reviews.set_dependency("site", *waits, waits=True, by="ab", at=after(2))
    mark(store)

    drafts = [
        a_draft(1, prose=asking(KEY), approved_rows_hash=ROWS, facts_hash=SHA),
        a_draft(2, depends_on=("t01",)),
    ]
    outcome = store.tickets.save_generated("site", drafts, at=after(6))

    assert outcome.dropped_dependencies == (("t01", "t02"),)
    assert not is_marked(store)

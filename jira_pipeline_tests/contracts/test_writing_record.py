"""What every WritingRecord does."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from jira_pipeline.domain.questions.open_questions import OpenQuestion
from jira_pipeline.domain.tickets import DependencySuggestion
from jira_pipeline.domain.writing import KeptAnswer, ModelRequest, RequestOutcome, Spending
from jira_pipeline.errors import SessionKeyError
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_draft, a_prose, after, an_upload

KEY = "c" * 64
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _session(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")


def an_answer(**changes: Any) -> KeptAnswer:
    answer = KeptAnswer(
        answer_key=KEY,
        writer="openai:small/1",
        answer_json='{"user_story": "Als Redakteur …"}',
        fallback_reason="",
        at=START,
    )
    return replace(answer, **changes)


def a_request(**changes: Any) -> ModelRequest:
    request = ModelRequest(
        session_key="site",
        group_key="bundle:Content type/bio",
        model="openai:small",
        outcome=RequestOutcome.ANSWERED,
        tokens_in=1200,
        tokens_out=300,
        cost_usd=Decimal("0.00045"),
        seconds=1.25,
        at=START,
    )
    return replace(request, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="answer"),
        pytest.param({"answer_json": "", "fallback_reason": "The model refused."}, id="fallback"),
    ],
)
def test_an_answer_comes_back_as_it_was_kept(store: Store, changes: dict[str, Any]) -> None:
    store.writing.keep_answer(an_answer(**changes))

    assert an_answer(**changes) == store.writing.answer(KEY)
    assert an_answer(**changes) == store.writing.answer(KEY, used_at=after(1))


def test_facts_nobody_asked_about_have_no_answer(store: Store) -> None:
    store.writing.keep_answer(an_answer())

    assert store.writing.answer("d" * 64, used_at=START) is None


def test_the_first_answer_of_a_key_stays(store: Store) -> None:
    store.writing.keep_answer(an_answer())

    store.writing.keep_answer(an_answer(answer_json="{}", at=after(1)))

    assert an_answer() == store.writing.answer(KEY)


def test_an_answer_outlives_the_session_it_was_paid_for(store: Store) -> None:
    store.writing.keep_answer(an_answer())

    store.sessions.remove("site", at=after(1), by="ab")

    assert an_answer() == store.writing.answer(KEY)


def test_an_answer_that_is_used_is_not_forgotten(store: Store) -> None:
    store.writing.keep_answer(an_answer())
    store.writing.keep_answer(an_answer(answer_key="d" * 64))
    store.writing.answer(KEY, used_at=START + 2 * DAY)

    forgotten = store.writing.forget_answers(unused_since=START + DAY)

    assert forgotten == 1
    assert an_answer() == store.writing.answer(KEY)
    assert store.writing.answer("d" * 64) is None


def test_looking_at_an_answer_is_no_use_of_it(store: Store) -> None:
    """An estimate looks at what is there; nobody makes a ticket from it."""
    store.writing.keep_answer(an_answer())
    store.writing.answer(KEY)

    forgotten = store.writing.forget_answers(unused_since=START + DAY)

    assert forgotten == 1


def test_an_earlier_use_does_not_take_back_a_later_one(store: Store) -> None:
    """Clocks of two machines differ."""
    store.writing.keep_answer(an_answer())
    for used_at in (START + 5 * DAY, START + DAY):
        store.writing.answer(KEY, used_at=used_at)

    assert store.writing.forget_answers(unused_since=START + 4 * DAY) == 0


def test_an_answer_used_at_that_time_is_not_forgotten(store: Store) -> None:
    store.writing.keep_answer(an_answer())

    assert store.writing.forget_answers(unused_since=START) == 0
    assert store.writing.forget_answers(unused_since=after(1)) == 1


def test_nothing_asked_is_nothing_spent(store: Store) -> None:
    assert Spending() == store.writing.spending("site")
    assert store.writing.spending_by_group("site") == {}


def test_spending_adds_up_by_session_and_by_group(store: Store) -> None:
    store.sessions.register(an_upload("other"), at=START, actor="ab")
    store.writing.note_request(a_request())
    store.writing.note_request(a_request(outcome=RequestOutcome.INVALID, tokens_out=7))
    store.writing.note_request(a_request(group_key="view:news", cost_usd=Decimal("0.1")))
    store.writing.note_request(a_request(session_key="other"))

    bio = Spending(requests=2, tokens_in=2400, tokens_out=307, cost_usd=Decimal("0.0009"))
    news = Spending(requests=1, tokens_in=1200, tokens_out=300, cost_usd=Decimal("0.1"))
    both = Spending(requests=3, tokens_in=3600, tokens_out=607, cost_usd=Decimal("0.1009"))
    assert both == store.writing.spending("site")
    assert {"bundle:Content type/bio": bio, "view:news": news} == store.writing.spending_by_group(
        "site"
    )


def test_requests_without_a_price_are_counted_as_such(store: Store) -> None:
    store.writing.note_request(a_request(cost_usd=None))
    store.writing.note_request(a_request(cost_usd=Decimal(0)))

    spent = store.writing.spending("site")

    assert (spent.requests, spent.unpriced_requests, spent.cost_usd) == (2, 1, Decimal(0))


@pytest.mark.parametrize(
    "cost",
    [
        pytest.param("0.0000000375", id="one token of a small model"),
        pytest.param("0.000000000001", id="a picodollar"),
        pytest.param("12345.678901234567", id="a large sum"),
    ],
)
def test_money_adds_up_exactly(store: Store, cost: str) -> None:
    """Floats would not: 0.1 three times is not 0.3."""
    for _ in range(3):
        store.writing.note_request(a_request(cost_usd=Decimal(cost)))

    assert Decimal(cost) * 3 == store.writing.spending("site").cost_usd


def test_requests_go_with_their_session(store: Store) -> None:
    store.writing.note_request(a_request())

    store.sessions.remove("site", at=after(1), by="ab")
    store.sessions.register(an_upload(), at=after(2), actor="ab")

    assert Spending() == store.writing.spending("site")


def test_a_request_for_an_unknown_session_is_refused(store: Store) -> None:
    with pytest.raises(SessionKeyError, match="'nowhere'"):
        store.writing.note_request(a_request(session_key="nowhere"))


SUGGESTION = DependencySuggestion(group_key="view:news", reason="The view lists it.")
PROPOSED = OpenQuestion(
    file="Bundles.csv",
    line=2,
    column="Description",
    quote="tbd",
    question="Who may see it?",
    proposed_by="openai:small/1",
)


def test_what_a_writer_adds_to_its_prose_is_kept_with_the_revision(store: Store) -> None:
    prose = replace(
        a_prose(),
        questions=(PROPOSED,),
        fallback_reason="The model named `field_x`, which is in no sheet.",
        suggestions=(SUGGESTION,),
    )

    store.tickets.save_generated("site", [a_draft(prose=prose)], at=START)

    (ticket,) = store.tickets.list_all("site")
    assert prose.fallback_reason == ticket.revision.fallback_reason
    assert ticket.revision.suggestions == (SUGGESTION,)
    assert ticket.revision.questions == (PROPOSED,)


def test_what_a_writer_adds_is_in_no_hash(store: Store) -> None:
    other = replace(a_prose(), fallback_reason="It refused.", suggestions=(SUGGESTION,))

    store.tickets.save_generated(
        "site", [a_draft(1), a_draft(2, prose=other, title="Create content type 1")], at=START
    )

    first, second = store.tickets.list_all("site")
    assert first.revision.content_hash == second.revision.content_hash


def test_an_edit_and_a_roll_back_keep_what_the_writer_added(store: Store) -> None:
    prose = replace(a_prose(), fallback_reason="It refused.", suggestions=(SUGGESTION,))
    store.tickets.save_generated("site", [a_draft(prose=prose)], at=START)
    (ticket,) = store.tickets.list_all("site")

    edited = store.reviews.edit(
        "site",
        "t01",
        expected_revision=1,
        title="Another",
        parts=ticket.revision.parts,
        by="ab",
        at=after(1),
    )
    back = store.reviews.roll_back(
        "site", "t01", to_revision=1, expected_revision=2, by="ab", at=after(2)
    )

    added = [(r.number, r.fallback_reason, r.suggestions) for r in (edited, back)]
    assert added == [(2, "It refused.", (SUGGESTION,)), (3, "It refused.", (SUGGESTION,))]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"fallback_reason": "It refused."}, id="fallback"),
        pytest.param({"suggestions": (SUGGESTION,)}, id="suggestion"),
    ],
)
def test_another_addition_of_the_writer_is_another_revision(
    store: Store, changes: dict[str, Any]
) -> None:
    """A ticket of the template and one the template wrote in the place of a model read alike."""
    store.tickets.save_generated("site", [a_draft()], at=START)
    prose = replace(a_prose(), **changes)

    first = store.tickets.save_generated("site", [a_draft(prose=prose)], at=after(1))
    second = store.tickets.save_generated("site", [a_draft(prose=prose)], at=after(2))

    assert (first.rewritten, second.rewritten, second.unchanged) == (1, 0, 1)


def test_what_no_database_keeps_is_replaced_in_what_a_writer_adds(store: Store) -> None:
    unkeepable = "a\0b\ud800c"
    prose = replace(
        a_prose(),
        questions=(replace(PROPOSED, question=unkeepable),),
        fallback_reason=unkeepable,
        suggestions=(replace(SUGGESTION, reason=unkeepable),),
    )

    store.tickets.save_generated("site", [a_draft(prose=prose)], at=START)
    again = store.tickets.save_generated("site", [a_draft(prose=prose)], at=after(1))

    (ticket,) = store.tickets.list_all("site")
    kept = ticket.revision
    assert {
        kept.fallback_reason,
        kept.questions[0].question,
        kept.suggestions[0].reason,
    } == {"a\ufffdb\ufffdc"}
    assert again.unchanged == 1

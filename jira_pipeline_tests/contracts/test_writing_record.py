"""What every WritingRecord does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from jira_pipeline.model.errors import NotFoundError, SessionKeyError
from jira_pipeline.model.model_requests import (
    FORM_KEPT_DAYS,
    KeptAnswer,
    LearnedForm,
    RequestOutcome,
    RequestReceipt,
    Spending,
    SpendingLimit,
    WritingLimits,
)
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_draft,
    a_prose,
    after,
    an_upload,
    edit,
)

KEY = "c" * 64
DAY = timedelta(days=1)
ASKERS, ROOM = 4, 5
MOST = Decimal("0.1")

pytestmark = pytest.mark.usefixtures("session")


def an_answer(**changes: Any) -> KeptAnswer:
    answer = KeptAnswer(
        answer_key=KEY,
        writer="openai:small/1",
        answer_json='{"user_story": "Als Redakteur …"}',
        fallback_reason="",
        at=START,
    )
    return replace(answer, **changes)


def an_intent(**changes: Any) -> dict[str, Any]:
    intent = {
        "session_key": "site",
        "group_key": "bundle:Content type/bio",
        "model": "openai:small",
        "most_usd": Decimal("0.25"),
        "at": START,
    }
    return intent | changes


def a_receipt(**changes: Any) -> RequestReceipt:
    receipt = RequestReceipt(
        outcome=RequestOutcome.ANSWERED,
        tokens_in=1200,
        tokens_out=300,
        cost_usd=Decimal("0.00045"),
        seconds=1.25,
    )
    return replace(receipt, **changes)


def limits(*, requests: int = 1_000, budget: str = "1000000") -> WritingLimits:
    return WritingLimits(requests_max=requests, budget_usd=Decimal(budget))


def intend(store: Store, **changes: Any) -> int:
    found = store.writing.intend_request(**an_intent(**changes), limits=limits())
    assert not isinstance(found, SpendingLimit)
    return found


def ask(store: Store, *, receipt: RequestReceipt | None = None, **changes: Any) -> None:
    store.writing.note_receipt(intend(store, **changes), receipt or a_receipt())


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


def test_the_first_answer_of_a_key_stays_and_outlives_the_session_it_was_paid_for(
    store: Store,
) -> None:
    store.writing.keep_answer(an_answer())

    store.writing.keep_answer(an_answer(answer_json="{}", at=after(1)))
    store.sessions.remove("site", at=after(1), by="ab")

    assert an_answer() == store.writing.answer(KEY)


@pytest.mark.parametrize(
    ("uses", "unused_since", "is_kept"),
    [
        pytest.param([START + 2 * DAY], START + DAY, True, id="used"),
        # An estimate looks at what is there; nobody makes a ticket from it.
        pytest.param([None], START + DAY, False, id="looked at"),
        pytest.param([START + 5 * DAY, START + DAY], START + 4 * DAY, True, id="clocks differ"),
    ],
)
def test_an_answer_that_is_used_is_not_forgotten(
    store: Store, uses: list[datetime | None], unused_since: datetime, *, is_kept: bool
) -> None:
    store.writing.keep_answer(an_answer())
    store.writing.keep_answer(an_answer(answer_key="d" * 64))
    for used_at in uses:
        store.writing.answer(KEY, used_at=used_at)

    forgotten = store.writing.forget_answers(unused_since=unused_since)

    assert forgotten == 2 - is_kept
    assert store.writing.answer(KEY) == (an_answer() if is_kept else None)
    assert store.writing.answer("d" * 64) is None


def test_spending_adds_up_by_session_and_by_group(store: Store) -> None:
    store.sessions.register(an_upload("other"), at=START, actor="ab")
    ask(store)
    ask(store, receipt=a_receipt(outcome=RequestOutcome.INVALID, tokens_out=7))
    ask(store, group_key="view:news", receipt=a_receipt(cost_usd=Decimal("0.1")))
    ask(store, session_key="other")

    bio = Spending(requests=2, tokens_in=2400, tokens_out=307, cost_usd=Decimal("0.0009"))
    news = Spending(requests=1, tokens_in=1200, tokens_out=300, cost_usd=Decimal("0.1"))
    both = Spending(requests=3, tokens_in=3600, tokens_out=607, cost_usd=Decimal("0.1009"))
    assert both == store.writing.spending("site")
    assert {"bundle:Content type/bio": bio, "view:news": news} == store.writing.spending_by_group(
        "site"
    )


def test_a_request_counts_with_the_most_it_can_cost_until_its_receipt(store: Store) -> None:
    first, _ = intend(store), intend(store, most_usd=Decimal("0.5"))

    under_way = store.writing.spending("site")
    store.writing.note_receipt(first, a_receipt())

    assert under_way == Spending(
        requests=2, cost_usd=Decimal("0.75"), unseen_requests=2, unseen_usd=Decimal("0.75")
    )
    assert store.writing.spending("site") == Spending(
        requests=2,
        tokens_in=1200,
        tokens_out=300,
        cost_usd=Decimal("0.50045"),
        unseen_requests=1,
        unseen_usd=Decimal("0.5"),
    )


@pytest.mark.parametrize(
    ("answered", "most_usd", "bounds", "limit"),
    [
        (False, "0.1", limits(requests=1), SpendingLimit.REQUESTS),
        (False, "0.41", limits(budget="1"), SpendingLimit.BUDGET),
        (False, "0.4", limits(budget="1"), None),
        (True, "0.99", limits(budget="1"), None),
    ],
    ids=["all sent", "a cent too much", "to the last cent", "room that was not needed"],
)
def test_a_request_is_refused_beyond_a_limit_before_it_is_sent(
    store: Store, *, answered: bool, most_usd: str, bounds: WritingLimits, limit: object
) -> None:
    (ask if answered else intend)(store, most_usd=Decimal("0.6"))

    intent = an_intent(most_usd=Decimal(most_usd))
    found = store.writing.intend_request(**intent, limits=bounds)

    assert isinstance(found, SpendingLimit) is (limit is not None)
    assert limit in {None, found}
    assert store.writing.spending("site").requests == (2 if limit is None else 1)


@pytest.mark.parametrize(
    ("bounds", "limit"),
    [
        pytest.param(limits(requests=ROOM), SpendingLimit.REQUESTS, id="requests"),
        pytest.param(limits(budget=f"{ROOM * MOST}"), SpendingLimit.BUDGET, id="budget"),
    ],
)
def test_many_who_ask_at_once_cannot_exceed_a_limit_together(
    store: Store, bounds: WritingLimits, limit: SpendingLimit
) -> None:
    """Each has a connection of its own, as explanations and generations in other processes have."""
    intent = an_intent(most_usd=MOST)
    with ThreadPoolExecutor(ASKERS) as askers:
        found = list(
            askers.map(
                lambda _: store.writing.intend_request(**intent, limits=bounds),
                range(ASKERS * ROOM),
            )
        )

    assert found.count(limit) == (ASKERS - 1) * ROOM
    assert len(set(found) - {limit}) == store.writing.spending("site").requests == ROOM


def test_requests_without_a_price_are_counted_as_such(store: Store) -> None:
    ask(store, most_usd=None, receipt=a_receipt(cost_usd=None))
    ask(store, receipt=a_receipt(cost_usd=Decimal(0)))
    intend(store, most_usd=None)

    spent = store.writing.spending("site")

    assert (spent.requests, spent.unpriced_requests, spent.cost_usd) == (3, 2, Decimal(0))
    assert (spent.unseen_requests, spent.unseen_usd) == (1, Decimal(0))


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
        ask(store, receipt=a_receipt(cost_usd=Decimal(cost)))

    assert Decimal(cost) * 3 == store.writing.spending("site").cost_usd


def test_requests_go_with_their_session(store: Store) -> None:
    ask(store)

    store.sessions.remove("site", at=after(1), by="ab")
    store.sessions.register(an_upload(), at=after(2), actor="ab")

    assert Spending() == store.writing.spending("site")


def test_a_request_for_an_unknown_session_is_refused(store: Store) -> None:
    with pytest.raises(NotFoundError, match="'nowhere'"):
        intend(store, session_key="nowhere")


def test_a_receipt_of_a_session_that_was_removed_meanwhile_is_refused(store: Store) -> None:
    request_id = intend(store)
    store.sessions.remove("site", at=after(1), by="ab")

    with pytest.raises(SessionKeyError, match="was removed in the meantime"):
        store.writing.note_receipt(request_id, a_receipt())


PROPOSED = OpenQuestion(
    file="Bundles.csv",
    line=2,
    column="Description",
    quote="tbd",
    question="Who may see it?",
    proposed_by="openai:small/1",
)


def test_what_a_writer_adds_to_its_prose_stays_through_an_edit_and_a_roll_back(
    store: Store,
) -> None:
    prose = replace(a_prose(), questions=(PROPOSED,), fallback_reason="It refused.")
    store.tickets.save_generated("site", [a_draft(prose=prose)], at=START)

    edit(store, "Another", at=after(1))
    store.reviews.roll_back("site", "t01", to_revision=1, expected_revision=2, by="ab", at=after(2))

    revisions = store.tickets.revisions("t01")
    assert [(r.questions, r.fallback_reason) for r in revisions] == [
        ((PROPOSED,), "It refused.")
    ] * 3


def test_another_addition_of_the_writer_is_another_revision(store: Store) -> None:
    """A ticket of the template and one the template wrote in the place of a model read alike."""
    store.tickets.save_generated("site", [a_draft()], at=START)
    prose = replace(a_prose(), fallback_reason="It refused.")

    first = store.tickets.save_generated("site", [a_draft(prose=prose)], at=after(1))
    second = store.tickets.save_generated("site", [a_draft(prose=prose)], at=after(2))

    assert (first.rewritten, second.rewritten, second.unchanged) == (1, 0, 1)


def a_form(**changes: Any) -> LearnedForm:
    form = LearnedForm(address="https://a", model="m", form_json='{"one": 1}', learned_at=START)
    return replace(form, **changes)


def test_what_a_server_refused_is_remembered_by_address_and_model_for_seven_days(
    store: Store,
) -> None:
    store.writing.keep_form(a_form())
    last_moment = START + timedelta(days=FORM_KEPT_DAYS, microseconds=-1)

    assert FORM_KEPT_DAYS == 7
    assert store.writing.learned_form("https://a", "m", at=last_moment) == a_form()
    assert store.writing.learned_form("https://a", "m", at=START + FORM_KEPT_DAYS * DAY) is None
    assert store.writing.learned_form("https://b", "m", at=START) is None
    assert store.writing.learned_form("https://a", "n", at=START) is None


def test_the_last_form_of_a_server_counts_and_is_forgotten_alone(store: Store) -> None:
    later = a_form(form_json='{"two": 2}', learned_at=START + DAY)
    other = a_form(model="n")
    for form in (a_form(), other, later):
        store.writing.keep_form(form)

    learned = store.writing.learned_form("https://a", "m", at=START + DAY)
    store.writing.forget_form("https://a", "m")

    assert learned == later
    assert store.writing.learned_form("https://a", "m", at=START + DAY) is None
    assert store.writing.learned_form("https://a", "n", at=START + DAY) == other

"""What every store counts over all sessions."""

from decimal import Decimal

from jira_pipeline.kernel.export_ledger import LedgerEvent
from jira_pipeline.kernel.sessions import SessionStage, SessionStatus
from jira_pipeline.ports.writing import RequestOutcome
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry, an_upload
from jira_pipeline_tests.contracts.test_writing_record import a_receipt, intend


def test_sessions_are_counted_by_stage_and_status(store: Store) -> None:
    for key in ("one", "two", "three"):
        store.sessions.register(an_upload(key), at=START, actor="ab")
    store.sessions.set_stage(
        "three", stage=SessionStage.JIRA_EXPORT, status=SessionStatus.RUNNING, at=START
    )

    assert store.figures.session_counts() == {
        (SessionStage.UPLOAD, SessionStatus.IDLE): 2,
        (SessionStage.JIRA_EXPORT, SessionStatus.RUNNING): 1,
    }


def test_creations_without_a_known_answer_are_counted_by_their_last_entry(store: Store) -> None:
    store.ledger.record_target(a_target(), at=START)
    store.sessions.register(an_upload(), at=START, actor="ab")
    ends = {
        "sent": (LedgerEvent.INTENT,),
        "lost": (LedgerEvent.INTENT, LedgerEvent.UNKNOWN),
        "there": (LedgerEvent.INTENT, LedgerEvent.UNKNOWN, LedgerEvent.RECEIPT),
        "refused": (LedgerEvent.INTENT, LedgerEvent.NOTHING_DONE),
    }
    for identity, events in ends.items():
        for event in events:
            store.ledger.append(an_entry(event, identity=identity))
    found = store.figures.doubt_count()
    store.sessions.set_stage(
        "site", stage=SessionStage.COMPLETED, status=SessionStatus.COMPLETED, at=START
    )

    assert (found, store.figures.doubt_count()) == (2, 0)


def test_what_models_were_asked_is_added_up(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    for cost in (Decimal("0.25"), Decimal("0.5"), None):
        request_id = intend(store)
        store.writing.note_receipt(request_id, a_receipt(cost_usd=cost))

    (use,) = store.figures.model_use()

    assert (use.model, use.outcome) == ("openai:small", RequestOutcome.ANSWERED)
    assert (use.request_count, use.cost_usd) == (3, Decimal("0.75"))
    assert use.tokens_in == 3 * a_receipt().tokens_in

"""Leases on PostgreSQL: whose connection dies sends nothing more, and others go on."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from jira_pipeline.model.errors import ErrorCategory, LeaseBusyError, LeaseLostError
from jira_pipeline.model.exports import InDoubt, LedgerEvent, ledger_state_of
from jira_pipeline.store.locks import AdvisoryTargetLease, application_name_of, lease_key
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_postgres
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry
from jira_pipeline_tests.store.session_locks import end_holders, holder_names, wait_until_free

pytestmark = pytest.mark.postgres

TARGET = a_target().target_id
OTHER_TARGET = "https://example.org/20000"
INTENT = an_entry(LedgerEvent.INTENT)
RUN = "8bd0f1a2-0c6e-4b61-9d5f-2f3f5a1c9e77"

HOLD = """
import sys
from pathlib import Path
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline_tests.contracts.open_stores import open_postgres
from jira_pipeline_tests.contracts.stored_values import START, a_target, an_entry
with open_postgres(sys.argv[1], Path(sys.argv[2])) as store:
    store.ledger.record_target(a_target(), at=START)
    with store.leases.hold(a_target().target_id, holder="the other process"):
        while True:
            print(store.ledger.append(an_entry(LedgerEvent.INTENT)).sequence, flush=True)
"""


@pytest.fixture
def ours(postgres_store: Store) -> Store:
    """A store that knows both targets."""
    postgres_store.ledger.record_target(a_target(), at=START)
    postgres_store.ledger.record_target(a_target(OTHER_TARGET, project_id="20000"), at=START)
    return postgres_store


@pytest.fixture
def theirs(ours: Store, postgres_url: str, tmp_path: Path) -> Iterator[Store]:
    """The same store, opened by somebody else."""
    assert ours.ledger.targets()
    with open_postgres(postgres_url, tmp_path) as store:
        yield store


def sequences(store: Store) -> list[int]:
    found = store.ledger.entries(target_id=TARGET, session_key="site")
    return [entry.sequence for entry in found]


def test_no_intent_is_committed_after_the_connection_of_the_lease_is_gone(
    ours: Store, postgres_url: str
) -> None:
    with ours.leases.hold(TARGET, holder="we"):
        kept = ours.ledger.append(INTENT)
        ended = end_holders(postgres_url)

        with pytest.raises(LeaseLostError, match="connection that held it is closed") as first:
            ours.ledger.append(INTENT)
        with pytest.raises(LeaseLostError, match="connection that held it is closed") as second:
            ours.ledger.append(INTENT)

    assert ended == 1
    assert sequences(ours) == [kept.sequence]
    assert {first.value.category, second.value.category} == {ErrorCategory.TEMPORARY}


def test_what_came_of_an_intent_is_recorded_though_the_lease_is_gone(
    ours: Store, postgres_url: str
) -> None:
    """An answer that was had must not become a doubt."""
    with ours.leases.hold(TARGET, holder="we"):
        intent = ours.ledger.append(INTENT)
        end_holders(postgres_url)

        receipt = ours.ledger.append(an_entry(LedgerEvent.RECEIPT))

    assert sequences(ours) == [intent.sequence, receipt.sequence]


def test_whoever_lost_the_lease_cannot_go_on_when_another_took_it(
    ours: Store, theirs: Store, postgres_url: str
) -> None:
    with ours.leases.hold(TARGET, holder="we"):
        end_holders(postgres_url)
        with theirs.leases.hold(TARGET, holder="they"):
            kept = theirs.ledger.append(INTENT)

            with pytest.raises(LeaseLostError):
                ours.ledger.append(INTENT)
            with pytest.raises(LeaseBusyError, match="they"), ours.leases.hold(TARGET, holder="we"):
                pass

            assert sequences(ours) == [kept.sequence]


def test_a_session_whose_lock_was_taken_away_commits_no_intent(ours: Store) -> None:
    """A pooler may clear a session, or give the transaction another one."""
    assert isinstance(ours.leases, AdvisoryTargetLease)
    with ours.leases.hold(TARGET, holder="we"):
        with ours.leases.intending(TARGET) as connection:
            connection.execute(text("SELECT pg_advisory_unlock_all()"))

        with pytest.raises(LeaseLostError, match="has no lock"):
            ours.ledger.append(INTENT)

    assert sequences(ours) == []


def test_intents_are_committed_by_the_session_that_holds_the_lock(ours: Store) -> None:
    """The row is locked by that session while its transaction is open: the ledger uses it."""
    assert isinstance(ours.leases, AdvisoryTargetLease)
    owner = text(
        "SELECT pg_backend_pid() = pid FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND (classid::bigint << 32 | objid::bigint) = :key"
    )

    with (
        ours.leases.hold(TARGET, holder="we"),
        ours.leases.intending(TARGET) as intending,
        ours.leases.intending(OTHER_TARGET) as elsewhere,
    ):
        answers = [
            connection.execute(owner, {"key": lease_key(TARGET)}).scalar_one()
            for connection in (intending, elsewhere)
        ]

    assert answers == [True, False]


def test_a_statement_that_fails_leaves_the_lease_in_force(ours: Store) -> None:
    with ours.leases.hold(TARGET, holder="we"):
        with pytest.raises(IntegrityError):
            ours.ledger.append(an_entry(LedgerEvent.INTENT, target_id="https://nowhere.example/1"))
        with pytest.raises(DataError, match="too long"):
            ours.ledger.append(an_entry(LedgerEvent.INTENT, ticket_id="t" * 65))

        kept = ours.ledger.append(INTENT)

    assert sequences(ours) == [kept.sequence]


@pytest.mark.parametrize("event", [LedgerEvent.INTENT, LedgerEvent.REMOVAL_INTENT])
def test_every_kind_of_intent_needs_the_lease(
    ours: Store, postgres_url: str, event: LedgerEvent
) -> None:
    with ours.leases.hold(TARGET, holder="we"):
        end_holders(postgres_url)

        with pytest.raises(LeaseLostError):
            ours.ledger.append(an_entry(event))


def test_a_killed_holder_loses_the_lease_and_leaves_its_last_intent_in_doubt(
    ours: Store, postgres_url: str, tmp_path: Path
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, postgres_url, str(tmp_path / "other")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with holder:
        assert holder.stdout is not None
        reported = [int(holder.stdout.readline()) for _ in range(20)]
        with (
            pytest.raises(LeaseBusyError, match="the other process"),
            ours.leases.hold(TARGET, holder="we"),
        ):
            pass
        holder.kill()
        reported += [int(line) for line in holder.stdout if line.endswith("\n")]

    wait_until_free(postgres_url, TARGET)
    with ours.leases.hold(TARGET, holder="we"):
        entries = ours.ledger.entries(target_id=TARGET, session_key="site")

    kept = [entry.sequence for entry in entries]
    assert reported == kept[: len(reported)]
    assert len(kept) - len(reported) in {0, 1}
    assert isinstance(ledger_state_of(entries), InDoubt)


def test_the_server_lists_who_holds_a_lease(ours: Store, postgres_url: str) -> None:
    with ours.leases.hold(TARGET, holder=f"run {RUN} on builder, process 42"):
        names = holder_names(postgres_url)

    assert names == ["jira_pipeline: run 8bd0f1a2 on builder, process 42"]
    assert holder_names(postgres_url) == []


def test_the_name_of_a_holder_fits_what_the_server_keeps() -> None:
    assert len(application_name_of(f"run {RUN} on {'long' * 20}, process 42")) == 63

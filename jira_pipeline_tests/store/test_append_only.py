"""What is written for good: the ledger, the audit trail, revisions."""

import pytest
from sqlalchemy import Executable, delete, text, update
from sqlalchemy.exc import IntegrityError

from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.store import tables
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_draft,
    a_target,
    a_validation,
    an_entry,
    an_upload,
)


@pytest.fixture
def filled(store: Store) -> Store:
    """A store of each dialect with three audit entries and a ledger entry."""
    store.sessions.register(an_upload(), at=START, actor="ab")
    store.tickets.save_generated("site", [a_draft()], at=START)
    store.validations.record(a_validation())
    store.ledger.record_target(a_target(), at=START)
    store.ledger.append(an_entry())
    return store


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(update(tables.ledger).values(detail="x"), id="update of the ledger"),
        pytest.param(delete(tables.ledger), id="deletion from the ledger"),
        pytest.param(update(tables.audit).values(actor="x"), id="update of the audit trail"),
        pytest.param(delete(tables.audit), id="deletion from the audit trail"),
        pytest.param(update(tables.revisions).values(title="x"), id="update of a revision"),
        pytest.param(text("TRUNCATE audit"), id="emptying of the audit trail"),
    ],
)
def test_the_database_refuses_to_change_what_is_append_only(
    filled: Store, statement: Executable
) -> None:
    if "TRUNCATE" in str(statement) and filled.database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")

    with (
        pytest.raises(IntegrityError, match="is append-only"),
        filled.database.writing() as connection,
    ):
        connection.execute(statement)


def test_removing_a_session_leaves_ledger_and_audit_and_takes_the_rest(filled: Store) -> None:
    receipt = filled.ledger.append(an_entry(LedgerEvent.RECEIPT))
    audited = filled.audit.entries("site")

    with filled.database.writing() as connection:
        connection.execute(delete(tables.sessions))

    entries = filled.ledger.entries(target_id=receipt.target_id, session_key="site")
    assert (receipt, audited) == (entries[-1], filled.audit.entries("site"))
    assert (
        filled.validations.latest("site"),
        filled.tickets.list_all("site"),
        filled.tickets.revisions("t01"),
    ) == (None, (), ())


def test_a_sequence_is_never_given_twice(sqlite_store: Store) -> None:
    """Whoever took rows out cannot have others written in their place."""
    sqlite_store.ledger.record_target(a_target(), at=START)
    lost = sqlite_store.ledger.append(an_entry())
    with sqlite_store.database.writing() as connection:
        connection.execute(text("DROP TRIGGER ledger_refuses_delete"))
        connection.execute(delete(tables.ledger))

    assert sqlite_store.ledger.append(an_entry()).sequence > lost.sequence

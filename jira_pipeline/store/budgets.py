"""Budgets that runs share: one row for each site and each provider of models.

Belongs here: keeping the row, under a lock that is held for one short transaction. Does not: who
gets how much (`kernel/shared_budgets`).

Time is the database's, so that the clocks of machines do not matter.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, text, update
from typing_extensions import override

from jira_pipeline.kernel.shared_budgets import Share, SharedBudgetState
from jira_pipeline.ports.budgets import SharedBudget
from jira_pipeline.store import tables
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import Database, repeated

_BUDGETS = tables.shared_budgets.c
_SQLITE_SECONDS = text("SELECT (julianday('now') - 2440587.5) * 86400.0")
_POSTGRES_SECONDS = text("SELECT extract(epoch FROM clock_timestamp())::float8")

Change = Callable[[SharedBudgetState, float], SharedBudgetState]


def database_seconds(connection: Connection) -> float:
    """Return what the clock of the database says, in seconds since 1970."""
    is_postgres = connection.dialect.name == "postgresql"
    return float(
        connection.execute(_POSTGRES_SECONDS if is_postgres else _SQLITE_SECONDS).scalar_one()
    )


class BudgetStore:
    """Keeps budgets by name."""

    def __init__(
        self, database: Database, *, seconds: Callable[[Connection], float] = database_seconds
    ) -> None:
        self._database = database
        self._seconds = seconds

    def opened(self, name: str, *, holder: str) -> SharedBudget:
        """Return a budget as one run sees it; nobody else may use the holder's name."""
        return _BudgetOfRun(store=self, name=name, holder=holder)

    def all(self) -> dict[str, SharedBudgetState]:
        """Return every budget as it is now, by name."""
        chosen = select(_BUDGETS.name, _BUDGETS.state).order_by(_BUDGETS.name)
        with self._database.reading() as connection:
            at = self._seconds(connection)
            rows = connection.execute(chosen).all()
        return {row.name: row.state.read_at(at) for row in rows}

    @repeated
    def change(self, name: str, changed: Change) -> None:
        """Change one budget; others wait their turn."""
        chosen = select(_BUDGETS.state).where(_BUDGETS.name == name)
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"budget {name}")
            known = connection.execute(chosen).scalar_one_or_none()
            state = changed(known or SharedBudgetState(), self._seconds(connection))
            if known is None:
                connection.execute(insert(tables.shared_budgets).values(name=name, state=state))
            else:
                connection.execute(
                    update(tables.shared_budgets).where(_BUDGETS.name == name).values(state=state)
                )


@dataclass(frozen=True, kw_only=True)
class _BudgetOfRun(SharedBudget):
    store: BudgetStore
    name: str
    holder: str

    @override
    def share(self, used: Mapping[str, float]) -> Share:
        given: list[Share] = []

        def changed(state: SharedBudgetState, at: float) -> SharedBudgetState:
            state, share = state.shared_with(self.holder, at=at)
            given.append(share)
            return state.used(used)

        self.store.change(self.name, changed)
        return given[-1]

    @override
    def leave(self, used: Mapping[str, float]) -> None:
        self.store.change(self.name, lambda state, at: state.left_by(self.holder, at=at).used(used))

    @override
    def pause(self, scopes: Iterable[str], *, seconds: float) -> None:
        wanted = tuple(scopes)
        self.store.change(self.name, lambda state, at: state.paused(wanted, seconds=seconds, at=at))

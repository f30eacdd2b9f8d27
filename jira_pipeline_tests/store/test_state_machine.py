"""Any order of generations, edits, ready marks, skips, exports and restarts.

The model is plain dictionaries; the store is the real one, opened again in between.
"""

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import insert, select, update
from typing_extensions import override

from jira_pipeline.errors import NotVanishedError
from jira_pipeline.kernel.export_ledger import (
    LedgerEntry,
    LedgerEvent,
    LedgerState,
    NotSent,
    ledger_state_of,
)
from jira_pipeline.kernel.tickets import RevisionOrigin, Withdrawal
from jira_pipeline.store import tables
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_draft,
    a_target,
    an_entry,
    an_upload,
)
from jira_pipeline_tests.long_form import examples

TARGETS = ("https://example.org/10000", "https://example.org/20000")
IDENTITIES = range(1, 6)
TEXTS = st.sampled_from(["one", "two", "three"])


@dataclass(frozen=True, kw_only=True)
class ModelTicket:
    """What the store must hold of one ticket."""

    titles: tuple[str, ...]
    number: int
    generated_title: str
    is_edited: bool = False
    """It says something else than its last generation said."""
    ready_hash: str | None = None
    skipped_reason: str | None = None
    withdrawal: Withdrawal | None = None


class _StoreMachine(RuleBasedStateMachine):
    """Does to a store and to a model what people, runs and crashes do."""

    initialised_path: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.initialised_path, self.folder / "store.sqlite")
        self.store: Store = open_in(self.folder)
        self.model: dict[str, ModelTicket] = {}
        self.appended: list[LedgerEntry] = []

    @initialize()
    def register(self) -> None:
        self.store.sessions.register(an_upload(), at=START, actor="ab")
        for target_id in TARGETS:
            self.store.ledger.record_target(a_target(target_id), at=START)

    @rule(
        titles=st.dictionaries(st.sampled_from(IDENTITIES), TEXTS),
        order=st.randoms(use_true_random=False),
    )
    def generate(self, titles: dict[int, str], order: Random) -> None:
        numbers = dict(zip(sorted(titles), range(1, len(titles) + 1), strict=True))
        drafts = [
            a_draft(identity, number=numbers[identity], title=title)
            for identity, title in titles.items()
        ]
        order.shuffle(drafts)

        outcome = self.store.tickets.save_generated("site", drafts, at=START)

        before = dict(self.model)
        for draft in drafts:
            known = self.model.get(draft.ticket_id)
            self.model[draft.ticket_id] = _generated(known, draft.title, draft.number)
        drafted = {draft.ticket_id for draft in drafts}
        vanished = sorted(self.model.keys() - drafted, key=lambda t: (before[t].number, t))
        for number, ticket_id in enumerate(vanished, start=len(drafts) + 1):
            known = self.model[ticket_id]
            expected = known.withdrawal or Withdrawal.PROPOSED
            self.model[ticket_id] = replace(known, withdrawal=expected, number=number)
        proposed = [t for t in vanished if before[t].withdrawal is None]
        created = [t for t in drafted if t not in before or before[t].withdrawal]
        assert len(drafts) == outcome.created + outcome.rewritten + outcome.unchanged
        assert (len(created), len(proposed)) == (
            outcome.created,
            outcome.withdrawals_proposed,
        )

    @rule(titles=st.dictionaries(st.sampled_from(IDENTITIES), TEXTS, min_size=2))
    def generate_and_crash(self, titles: dict[int, str]) -> None:
        """Fail after most was written: the last draft refers to itself, which a check refuses."""
        last = max(titles)
        drafts = [
            a_draft(identity, title=title, depends_on=(f"t{last:02}",) if identity == last else ())
            for identity, title in titles.items()
        ]
        with pytest.raises(Exception, match="not_itself"):
            self.store.tickets.save_generated("site", drafts, at=START)

    @precondition(lambda self: self._present())
    @rule(pick=st.integers(0, 99), title=TEXTS)
    def edit(self, pick: int, title: str) -> None:
        ticket_id = self._one(pick)
        known = self.model[ticket_id]
        number = len(known.titles) + 1
        with self.store.database.writing() as connection:
            columns = tables.revisions.c
            chosen = select(tables.revisions).where(
                columns.ticket_id == ticket_id, columns.number == number - 1
            )
            row = dict(connection.execute(chosen).mappings().one())
            row |= {"number": number, "origin": RevisionOrigin.EDITED, "title": title}
            connection.execute(insert(tables.revisions).values(row))
            connection.execute(
                update(tables.tickets)
                .where(tables.tickets.c.ticket_id == ticket_id)
                .values(current_revision=number, ready_hash=None, ready_by=None)
            )
        self.model[ticket_id] = replace(
            known,
            titles=(*known.titles, title),
            is_edited=title != known.generated_title,
            ready_hash=None,
        )

    @precondition(lambda self: self._present())
    @rule(pick=st.integers(0, 99), rendered_hash=TEXTS)
    def mark_ready(self, pick: int, rendered_hash: str) -> None:
        ticket_id = self._one(pick)

        count = self.store.tickets.mark_ready("site", {ticket_id: rendered_hash}, by="ab", at=START)

        assert count == int(self.model[ticket_id].ready_hash != rendered_hash)
        self.model[ticket_id] = replace(self.model[ticket_id], ready_hash=rendered_hash)

    @rule()
    def unmark_all(self) -> None:
        count = self.store.tickets.unmark_ready("site", self._present(), by="ab", at=START)

        present = self._present()
        assert count == sum(self.model[key].ready_hash is not None for key in present)
        self.model |= {key: replace(self.model[key], ready_hash=None) for key in present}

    @precondition(lambda self: self._present())
    @rule(pick=st.integers(0, 99), reason=st.none() | TEXTS)
    def skip(self, pick: int, reason: str | None) -> None:
        ticket_id = self._one(pick)
        if reason is None:
            self.store.tickets.unskip("site", [ticket_id], by="ab", at=START)
        else:
            self.store.tickets.skip("site", [ticket_id], reason=reason, by="ab", at=START)
        self.model[ticket_id] = replace(self.model[ticket_id], skipped_reason=reason)

    @rule(picks=st.sets(st.sampled_from(IDENTITIES)), is_agreed=st.booleans())
    def withdraw(self, picks: set[int], *, is_agreed: bool) -> None:
        """Agree to what is proposed, or take that back: of all that are meant or of none."""
        meant = [f"t{identity:02}" for identity in sorted(picks)]
        try:
            count = (
                self.store.tickets.withdraw("site", meant, reason="Gone.", by="ab", at=START)
                if is_agreed
                else self.store.tickets.unwithdraw("site", meant, by="ab", at=START)
            )
        except NotVanishedError:
            assert {*meant} - {key for key, t in self.model.items() if t.withdrawal}
            return
        before = Withdrawal.PROPOSED if is_agreed else Withdrawal.AGREED
        after = Withdrawal.AGREED if is_agreed else Withdrawal.PROPOSED
        changed = [key for key in meant if self.model[key].withdrawal is before]
        for key in changed:
            self.model[key] = replace(self.model[key], withdrawal=after)
            if is_agreed:
                self.model[key] = replace(self.model[key], ready_hash=None)
        assert count == len(changed)

    @rule()
    def upload_again(self) -> None:
        self.store.sessions.register(an_upload(), at=START, actor="ab")

    @rule(
        target_id=st.sampled_from(TARGETS),
        event=st.sampled_from(list(LedgerEvent)),
        session_key=st.sampled_from(["site", "other"]),
    )
    def append(self, target_id: str, event: LedgerEvent, session_key: str) -> None:
        entry = an_entry(event, target_id=target_id, session_key=session_key)
        self.appended.append(self.store.ledger.append(entry))

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = open_in(self.folder)

    @invariant()
    def tickets_are_the_models(self) -> None:
        found = {
            ticket.ticket_id: (
                ticket.number,
                ticket.title,
                ticket.revision.number,
                ticket.ready_hash,
                ticket.skipped_reason,
                ticket.withdrawal,
            )
            for ticket in (
                *self.store.tickets.list_all("site"),
                *self.store.tickets.list_vanished("site"),
            )
        }
        expected = {
            key: (
                *(t.number, t.titles[-1], len(t.titles)),
                *(t.ready_hash, t.skipped_reason, t.withdrawal),
            )
            for key, t in self.model.items()
        }
        assert expected == found
        assert len({number for number, *_ in found.values()}) == len(found)

    @invariant()
    def no_revision_is_lost_or_changed(self) -> None:
        for ticket_id, ticket in self.model.items():
            revisions = self.store.tickets.revisions(ticket_id)
            assert ticket.titles == tuple(revision.title for revision in revisions)

    @invariant()
    def the_ledger_is_what_was_appended(self) -> None:
        for target_id in TARGETS:
            expected = [
                entry
                for entry in self.appended
                if (entry.target_id, entry.session_key) == (target_id, "site")
            ]
            found = self.store.ledger.entries(target_id=target_id, session_key="site")
            assert expected == list(found)
        for session_key in ("site", "other"):
            states = [self._state_on(target_id, session_key) for target_id in TARGETS]
            may_exist = any(not isinstance(state, NotSent) for state in states)
            assert may_exist == self.store.ledger.has_receipts(session_key)

    @override
    def teardown(self) -> None:
        assert self.store.audit.verify().is_whole
        self.store.close()
        shutil.rmtree(self.folder)

    def _state_on(self, target_id: str, session_key: str) -> LedgerState:
        return ledger_state_of(
            entry
            for entry in self.appended
            if (entry.target_id, entry.session_key) == (target_id, session_key)
        )

    def _present(self) -> list[str]:
        return sorted(key for key, ticket in self.model.items() if ticket.withdrawal is None)

    def _one(self, pick: int) -> str:
        present = self._present()
        return present[pick % len(present)]


def _generated(known: ModelTicket | None, title: str, number: int) -> ModelTicket:
    if known is None:
        return ModelTicket(titles=(title,), generated_title=title, number=number)
    if known.is_edited or known.titles[-1] == title:
        return replace(known, number=number, withdrawal=None)
    return replace(
        known,
        titles=(*known.titles, title),
        generated_title=title,
        number=number,
        withdrawal=None,
        ready_hash=None,
    )


def test_the_store_behaves_like_its_model_in_any_order_of_operations(
    initialised_path: Path,
) -> None:
    _StoreMachine.initialised_path = initialised_path
    run_state_machine_as_test(
        _StoreMachine,
        settings=settings(
            max_examples=examples(40),
            stateful_step_count=25,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )

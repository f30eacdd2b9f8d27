"""Answers of models and requests to them, and what was spent.

Belongs here: statements, adding up. Does not: asking models (`writing/models`), how long unused
answers are kept (`sheets/kept_uploads`).
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, case, func, insert, select, update

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import SessionKeyError
from jira_pipeline.model.model_requests import (
    KeptAnswer,
    RequestOutcome,
    RequestReceipt,
    Spending,
    SpendingLimit,
    WritingLimits,
)
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.transactions import lock_for_transaction, repeated

_ANSWERS = tables.written_answers.c
_ASKED = tables.model_requests.c
_ANSWER = Rows(tables.written_answers, KeptAnswer)
_RECEIPT = Rows(tables.model_requests, RequestReceipt)
_UNSEEN = {"outcome": RequestOutcome.UNSEEN, "tokens_in": 0, "tokens_out": 0, "seconds": 0.0}
"""A request without its receipt."""
USE_STEP = timedelta(days=1)
"""A use is written down once in this time: a session of a thousand tickets reads, and hardly writes."""


class WritingRecord(SessionPart):
    """Remembers what models answered and what was asked of them; each call is one transaction."""

    def answer(self, answer_key: str, *, used_at: datetime | None = None) -> KeptAnswer | None:
        """Return what came of these facts before, or None.

        `used_at` says when a ticket is made from it: what nobody uses any more is forgotten after
        some time. None only looks, as an estimate does.
        """
        query = _ANSWER.query.add_columns(_ANSWERS.last_used_at)
        is_that_row = _ANSWERS.answer_key == answer_key
        for *cells, last_used_at in self._database.fetch(query.where(is_that_row)):
            if used_at is not None and used_at - last_used_at >= USE_STEP:
                used = update(tables.written_answers).where(
                    is_that_row, _ANSWERS.last_used_at < used_at
                )
                self._execute(used.values(last_used_at=used_at))
            return _ANSWER.make(cells)
        return None

    @repeated
    def keep_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer; the first one of a key stays."""
        row = _ANSWER.cells(answer, last_used_at=answer.at)
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"answer {answer.answer_key}")
            if not _ANSWER.read(connection, answer_key=answer.answer_key):
                insert_rows(connection, tables.written_answers, [row])

    @repeated
    def forget_answers(self, *, unused_since: datetime) -> int:
        """Forget answers that no ticket was made from since then; returns how many."""
        unused = _ANSWERS.last_used_at < unused_since
        with self._database.writing() as connection:
            return delete_rows(connection, tables.written_answers, unused)

    @repeated
    def intend_request(
        self,
        session_key: str,
        *,
        group_key: str,
        model: str,
        most_usd: Decimal | None,
        limits: WritingLimits,
        at: datetime,
    ) -> int | SpendingLimit:
        """Count a request before it is sent, with the most it can cost; returns its number.

        None where nobody knows the price of this model.

        Where it does not fit the limits beside all that was asked and is under way, by whatever
        process, nothing is written and the limit is returned. Until its receipt is noted, its
        outcome is `unseen`.
        """
        # Sum and new row are one transaction that keeps others out: many at once, of several
        # processes too, cannot exceed the limits together.
        sums = select(*_SUMS).where(_ASKED.session_key == session_key)
        row = insert(tables.model_requests).values(
            session_key=session_key,
            group_key=group_key,
            model=model,
            cost_pico_usd=most_usd,
            at=at,
            **_UNSEEN,
        )
        with self._begin_change(session_key, by="", at=at) as change:
            spent = _spending_of(change.connection.execute(sums).one())
            limit = limits.exceeded_limit(spent, most_usd=most_usd)
            if limit is not None:
                return limit
            return int(change.connection.execute(row.returning(_ASKED.request_id)).scalar_one())

    def note_receipt(self, request_id: int, receipt: RequestReceipt) -> None:
        """Put what came of a request in the place of the most it could cost.

        Raises:
            SessionKeyError: Its session was removed meanwhile.
        """
        of_request = update(tables.model_requests).where(_ASKED.request_id == request_id)
        cells = _RECEIPT.cells(receipt, cost_pico_usd=receipt.cost_usd)
        if not self._execute(of_request.values(cells)):
            raise SessionKeyError(
                f"The session of request {request_id} to a model was removed in the meantime.",
                recovery_actions=(Action.of(ActionKind.UPLOAD, "Upload the folder again: {}."),),
            )

    def spending(self, session_key: str) -> Spending:
        """Return all that was spent on a session, over all its generations."""
        query = select(*_SUMS).where(_ASKED.session_key == session_key)
        return _spending_of(self._database.fetch(query)[0])

    def spending_by_group(self, session_key: str) -> Mapping[str, Spending]:
        """Return the same, by group key, of the groups something was asked about."""
        query: Select[Any] = (
            select(_ASKED.group_key, *_SUMS)
            .where(_ASKED.session_key == session_key)
            .group_by(_ASKED.group_key)
        )
        spent = {row.group_key: _spending_of(row) for row in self._database.fetch(query)}
        return dict(sorted(spent.items()))


_IS_UNSEEN = _ASKED.outcome == RequestOutcome.UNSEEN
_SUMS = (
    func.count().label("requests"),
    func.coalesce(func.sum(_ASKED.tokens_in), 0).label("tokens_in"),
    func.coalesce(func.sum(_ASKED.tokens_out), 0).label("tokens_out"),
    func.sum(_ASKED.cost_pico_usd).label("cost_usd"),
    func.coalesce(func.sum(case((_ASKED.cost_pico_usd.is_(None), 1), else_=0)), 0).label(
        "unpriced_requests"
    ),
    func.coalesce(func.sum(case((_IS_UNSEEN, 1), else_=0)), 0).label("unseen_requests"),
    func.sum(case((_IS_UNSEEN, _ASKED.cost_pico_usd))).label("unseen_usd"),
)


def _spending_of(row: Row[Any]) -> Spending:
    sums = {field.name: getattr(row, field.name) for field in fields(Spending)}
    no_sum = {name: Decimal(0) for name in ("cost_usd", "unseen_usd") if sums[name] is None}
    return Spending(**sums | no_sum)

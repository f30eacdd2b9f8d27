"""Answers of models and requests to them, what was spent, and what servers refused.

Belongs here: statements, adding up. Does not: asking models (`writing/models`), how long unused
answers are kept (`sheets/kept_uploads`).

An answer is kept under a key, a hash of the facts and the question it was given to, so that nobody
asks and pays twice. A request is counted before it is sent, with the most it may cost; its receipt
says afterwards what it did cost.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, insert, select, update

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import SessionKeyError
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
from jira_pipeline.store import tables
from jira_pipeline.store.changes import SessionPart
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import repeated

_ANSWERS = tables.written_answers.c
_ASKED = tables.model_requests.c
_ANSWER = Rows(tables.written_answers, KeptAnswer)
_FORM = Rows(tables.request_forms, LearnedForm)
_RECEIPT = Rows(tables.model_requests, RequestReceipt)
_UNSEEN = {"outcome": RequestOutcome.UNSEEN, "tokens_in": 0, "tokens_out": 0, "seconds": 0.0}
"""A request without its receipt."""
USE_STEP = timedelta(days=1)
"""A use is stored at most once in this time: else a session of a thousand tickets writes each time."""


class WritingRecord(SessionPart):
    """Remembers what models answered and what was asked of them; each call is one transaction."""

    def answer(self, answer_key: str, *, used_at: datetime | None = None) -> KeptAnswer | None:
        """Return the answer that is kept under a key, or None.

        `used_at` is given where a ticket is made from it, and stored once a day: answers that nobody
        uses any more are deleted. None only looks, as an estimate does.
        """
        query = _ANSWER.query.add_columns(_ANSWERS.last_used_at)
        is_answer = _ANSWERS.answer_key == answer_key
        rows = self._database.fetch(query.where(is_answer))
        if not rows:
            return None
        *cells, last_used_at = rows[0]
        if used_at is not None and used_at - last_used_at >= USE_STEP:
            was_used_before = _ANSWERS.last_used_at < used_at
            note_use = update(tables.written_answers).where(is_answer, was_used_before)
            self._execute(note_use.values(last_used_at=used_at))
        return _ANSWER.make(cells)

    @repeated
    def keep_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer, unless one is kept under its key already."""
        row = _ANSWER.cells(answer, last_used_at=answer.at)
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"answer {answer.answer_key}")
            if not _ANSWER.read(connection, answer_key=answer.answer_key):
                insert_rows(connection, tables.written_answers, [row])

    @repeated
    def forget_answers(self, *, unused_since: datetime) -> int:
        """Delete answers that no ticket was made from since then; return how many."""
        unused = _ANSWERS.last_used_at < unused_since
        with self._database.writing() as connection:
            return delete_rows(connection, tables.written_answers, unused)

    def learned_form(self, address: str, model: str, *, at: datetime) -> LearnedForm | None:
        """Return what a server refused of a request in the last days; None where nothing is known."""
        forms = tables.request_forms.c
        is_recent = forms.learned_at > at - timedelta(days=FORM_KEPT_DAYS)
        query = _FORM.query.where(forms.address == address, forms.model == model, is_recent)
        rows = self._database.fetch(query)
        return _FORM.make(rows[0]) if rows else None

    @repeated
    def keep_form(self, form: LearnedForm) -> None:
        """Keep what a server refused, in place of what was known of it."""
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"form of {form.address} {form.model}")
            self._forget_form(connection, form.address, form.model)
            insert_rows(connection, tables.request_forms, [_FORM.cells(form)])

    @repeated
    def forget_form(self, address: str, model: str) -> None:
        """Forget what a server refused: it may have been set up otherwise."""
        with self._database.writing() as connection:
            self._forget_form(connection, address, model)

    def _forget_form(self, connection: Connection, address: str, model: str) -> None:
        forms = tables.request_forms.c
        is_of_model = (forms.address == address) & (forms.model == model)
        delete_rows(connection, tables.request_forms, is_of_model)

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
        """Count a request before it is sent, with the most it can cost; return its number.

        `most_usd` is None where nobody knows the price of this model.

        Where the request would exceed a limit, together with all that were sent or are under way in
        any process, nothing is written and that limit is returned. Until the receipt is noted, the
        outcome of the request is `unseen`.
        """
        # The sum is read and the row inserted in one transaction, in which the session is locked:
        # requests that begin at the same time cannot exceed the limits together.
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
        """Store the receipt of a request, and its cost in place of the most it could cost.

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
        """Return what was spent on each group of rows that a model was asked about, by group key."""
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
    """Return the sums of a row of `_SUMS`; where no request has a price, the database sums to null."""
    sums = {field.name: getattr(row, field.name) for field in fields(Spending)}
    for name in ("cost_usd", "unseen_usd"):
        if sums[name] is None:
            sums[name] = Decimal(0)
    return Spending(**sums)

"""What models answered, and what was asked of them.

Belongs here: keeping answers and requests, adding up what was spent. Does not: asking (`writing`),
how long unused answers are kept (`sources/sheets/kept_copies`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, case, delete, func, insert, select, update
from typing_extensions import override

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import SessionKeyError
from jira_pipeline.ports.writing import (
    KeptAnswer,
    RequestIntent,
    RequestOutcome,
    RequestReceipt,
    Spending,
    SpendingLimit,
    WritingLimits,
    WritingRecord,
)
from jira_pipeline.store import tables
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.session_rows import lock_session
from jira_pipeline.store.transactions import StorePart, repeated

_ANSWERS = tables.written_answers.c
_REQUESTS = tables.model_requests.c
_ANSWER_NAMES = tuple(KeptAnswer.__dataclass_fields__)
_RECEIPT_NAMES = tuple(RequestReceipt.__dataclass_fields__)
_UNSEEN = {"outcome": RequestOutcome.UNSEEN, "tokens_in": 0, "tokens_out": 0, "seconds": 0.0}
"""A request without its receipt."""
USE_STEP = timedelta(days=1)
"""A use is written down once in this time: a session of a thousand tickets reads, and hardly writes."""


class SqlWritingRecord(StorePart, WritingRecord):
    """Keeps answers and requests in the store."""

    @override
    def answer(self, answer_key: str, *, used_at: datetime | None = None) -> KeptAnswer | None:
        chosen = select(tables.written_answers).where(_ANSWERS.answer_key == answer_key)
        with self._database.reading() as connection:
            row = connection.execute(chosen).mappings().one_or_none()
        if row is None:
            return None
        if used_at is not None and used_at - row["last_used_at"] >= USE_STEP:
            self._mark_used(answer_key, used_at)
        return KeptAnswer(**{name: row[name] for name in _ANSWER_NAMES})

    @override
    @repeated
    def keep_answer(self, answer: KeptAnswer) -> None:
        cells = {name: getattr(answer, name) for name in _ANSWER_NAMES}
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"answer {answer.answer_key}")
            known = select(_ANSWERS.answer_key).where(_ANSWERS.answer_key == answer.answer_key)
            if connection.execute(known).one_or_none() is None:
                connection.execute(
                    insert(tables.written_answers).values(cells | {"last_used_at": answer.at})
                )

    @override
    @repeated
    def forget_answers(self, *, unused_since: datetime) -> int:
        with self._database.writing() as connection:
            return connection.execute(
                delete(tables.written_answers).where(_ANSWERS.last_used_at < unused_since)
            ).rowcount

    @override
    @repeated
    def intend_request(
        self, intent: RequestIntent, *, limits: WritingLimits
    ) -> int | SpendingLimit:
        # Sum and new row are one transaction that keeps others out: many at once, of several
        # processes too, cannot exceed the limits together.
        with self._database.writing() as connection:
            lock_session(connection, intent.session_key)
            sums = select(*_SUMS).where(_REQUESTS.session_key == intent.session_key)
            spent = _spending_of(connection.execute(sums).one())
            limit = limits.reached_by(spent, most_usd=intent.most_usd)
            if limit is not None:
                return limit
            row = insert(tables.model_requests).values(
                session_key=intent.session_key,
                group_key=intent.group_key,
                model=intent.model,
                cost_pico_usd=intent.most_usd,
                at=intent.at,
                **_UNSEEN,
            )
            return int(connection.execute(row.returning(_REQUESTS.request_id)).scalar_one())

    @override
    @repeated
    def note_receipt(self, request_id: int, receipt: RequestReceipt) -> None:
        cells: dict[str, object] = {name: getattr(receipt, name) for name in _RECEIPT_NAMES}
        cells["cost_pico_usd"] = cells.pop("cost_usd")
        with self._database.writing() as connection:
            noted = connection.execute(
                update(tables.model_requests)
                .where(_REQUESTS.request_id == request_id)
                .values(cells)
            )
        if not noted.rowcount:
            raise SessionKeyError(
                f"The session of request {request_id} to a model was removed while it was asked.",
                recovery_actions=(Action.of(ActionKind.UPLOAD, "Upload the folder again: {}."),),
            )

    @override
    def spending(self, session_key: str) -> Spending:
        chosen = select(*_SUMS).where(_REQUESTS.session_key == session_key)
        return _spending_of(self._database.asked(chosen)[0])

    @override
    def spending_by_group(self, session_key: str) -> Mapping[str, Spending]:
        chosen: Select[Any] = (
            select(_REQUESTS.group_key, *_SUMS)
            .where(_REQUESTS.session_key == session_key)
            .group_by(_REQUESTS.group_key)
        )
        with self._database.reading() as connection:
            rows = connection.execute(chosen).all()
        return {
            row.group_key: _spending_of(row)
            for row in sorted(rows, key=lambda row: str(row.group_key))
        }

    @repeated
    def _mark_used(self, answer_key: str, used_at: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(
                update(tables.written_answers)
                .where(_ANSWERS.answer_key == answer_key, _ANSWERS.last_used_at < used_at)
                .values(last_used_at=used_at)
            )


_IS_UNSEEN = _REQUESTS.outcome == RequestOutcome.UNSEEN
_SUMS = (
    func.count().label("requests"),
    func.coalesce(func.sum(_REQUESTS.tokens_in), 0).label("tokens_in"),
    func.coalesce(func.sum(_REQUESTS.tokens_out), 0).label("tokens_out"),
    func.sum(_REQUESTS.cost_pico_usd).label("cost_usd"),
    func.coalesce(func.sum(case((_REQUESTS.cost_pico_usd.is_(None), 1), else_=0)), 0).label(
        "unpriced_requests"
    ),
    func.coalesce(func.sum(case((_IS_UNSEEN, 1), else_=0)), 0).label("unseen_requests"),
    func.sum(case((_IS_UNSEEN, _REQUESTS.cost_pico_usd))).label("unseen_usd"),
)


def _spending_of(row: Row[Any]) -> Spending:
    return Spending(
        requests=row.requests,
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        cost_usd=row.cost_usd or Decimal(0),
        unpriced_requests=row.unpriced_requests,
        unseen_requests=row.unseen_requests,
        unseen_usd=row.unseen_usd or Decimal(0),
    )

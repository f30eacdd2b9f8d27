"""Figures of all sessions, for whoever watches the installation and for lists.

Belongs here: counting in the database. Does not: what is shown of it (`flow/operations`,
`flow/listing`). Who watches asks every few seconds, so no count reads more than what is at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from jira_pipeline.kernel.export_ledger import LedgerEvent, LedgerSubject
from jira_pipeline.kernel.sessions import SessionStage, SessionStatus
from jira_pipeline.ports.writing import RequestOutcome
from jira_pipeline.store import tables
from jira_pipeline.store.transactions import StorePart

_SESSIONS, _LEDGER = tables.sessions.c, tables.ledger.c
_MODELS = tables.model_requests.c
_IN_DOUBT = (
    LedgerEvent.INTENT,
    LedgerEvent.UNKNOWN,
    LedgerEvent.LOST_IN_OUTAGE,
    LedgerEvent.REFUTED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """What sessions that are kept asked a model."""

    model: str
    outcome: RequestOutcome
    request_count: int
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal


class FigureStore(StorePart):
    """Counts over all sessions."""

    def session_counts(self) -> Mapping[tuple[SessionStage, SessionStatus], int]:
        """Return how many sessions are in which stage and status."""
        chosen = select(_SESSIONS.stage, _SESSIONS.status, func.count()).group_by(
            _SESSIONS.stage, _SESSIONS.status
        )
        return {(stage, status): count for stage, status, count in self._database.asked(chosen)}

    def doubt_count(self) -> int:
        """Return how many creations of sessions that are not completed were sent without an answer.

        Those under way now are among them.
        """
        is_open = _LEDGER.session_key.in_(
            select(_SESSIONS.session_key).where(_SESSIONS.stage != SessionStage.COMPLETED)
        )
        last = (
            select(func.max(_LEDGER.sequence).label("sequence"))
            .where(is_open, _LEDGER.subject == LedgerSubject.ISSUE)
            .group_by(_LEDGER.target_id, _LEDGER.identity)
            .subquery()
        )
        chosen = (
            select(func.count())
            .select_from(tables.ledger)
            .join(last, _LEDGER.sequence == last.c.sequence)
            .where(_LEDGER.event.in_(_IN_DOUBT))
        )
        return int(self._database.asked(chosen)[0][0])

    def open_undos(self) -> frozenset[tuple[str, str]]:
        """Return the sessions, each with its target, whose last undo there has not ended.

        It reads the whole ledger, for lists: 0.12 s of 600,000 entries.
        """
        last = (
            select(func.max(_LEDGER.sequence).label("sequence"))
            .where(_LEDGER.event.in_((LedgerEvent.UNDO_BEGUN, LedgerEvent.UNDO_ENDED)))
            .group_by(_LEDGER.session_key, _LEDGER.target_id)
            .subquery()
        )
        chosen = (
            select(_LEDGER.session_key, _LEDGER.target_id)
            .join(last, _LEDGER.sequence == last.c.sequence)
            .where(_LEDGER.event == LedgerEvent.UNDO_BEGUN)
        )
        return frozenset((key, target_id) for key, target_id in self._database.asked(chosen))

    def model_use(self) -> tuple[ModelUse, ...]:
        """Return what was asked of each model, by what came of it."""
        chosen = (
            select(
                _MODELS.model,
                _MODELS.outcome,
                func.count().label("request_count"),
                func.sum(_MODELS.tokens_in).label("tokens_in"),
                func.sum(_MODELS.tokens_out).label("tokens_out"),
                func.sum(_MODELS.cost_pico_usd).label("cost_usd"),
            )
            .group_by(_MODELS.model, _MODELS.outcome)
            .order_by(_MODELS.model, _MODELS.outcome)
        )
        return tuple(
            ModelUse(**{**row._asdict(), "cost_usd": row.cost_usd or Decimal(0)})
            for row in self._database.asked(chosen)
        )

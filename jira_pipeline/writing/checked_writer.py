"""A model writer that makes sure of its model before it spends anything.

Belongs here: whether there is something to ask at all, asking whether somebody is there, warning
that its price is unknown. Does not: what is asked (`models/health`), writing (`model`).
"""

import logging
from collections.abc import Generator, Sequence

from typing_extensions import override

from jira_pipeline.writing.completion.prompt import PromptRule
from jira_pipeline.writing.model import PROMPT_RULE, ModelWriter, is_asked
from jira_pipeline.writing.models.health import require_model
from jira_pipeline.writing.models.model_tools import ModelTools
from jira_pipeline.writing.models.request_account import RequestSource
from jira_pipeline.writing.roles import TicketBrief, TicketWriter, WrittenTicket

logger = logging.getLogger(__name__)


class CheckedWriter(TicketWriter):
    """Writes as a model writer does, after one small request that decides whether it can."""

    def __init__(self, *, model: str, tools: ModelTools, rule: PromptRule = PROMPT_RULE) -> None:
        """Take a model as WRITER_MODEL names it; nothing is imported or opened yet."""
        self._writer = ModelWriter(model=model, tools=tools, rule=rule)
        self._rule = rule
        self._tools = tools
        self.model = model
        self.name = self._writer.name

    @override
    def write_all(
        self, briefs: Sequence[TicketBrief], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets; where every answer is kept, nobody is asked.

        Raises:
            WriterError: The model cannot be asked, or limits are reached.
        """
        if self.has_unpaid(briefs):
            self._warn_without_prices(session_key)
            require_model(model=self.model, tools=self._tools, session_key=session_key)
        yield from self._writer.write_all(briefs, session_key=session_key)

    def _warn_without_prices(self, session_key: str) -> None:
        """Tell it once for a session: a run may try again six times, and `status` counts on."""
        account = self._tools.account(RequestSource(session_key=session_key, model=self.model))
        is_reported = self._tools.record.spending(session_key).unpriced_requests > 0
        if not is_reported and not account.has_prices:
            logger.warning(
                "Nobody knows the price of %s, so WRITER_BUDGET cannot bind; "
                "WRITER_MAX_REQUESTS does (%d)",
                self.model,
                self._tools.limits.requests_max,
            )

    def has_unpaid(self, briefs: Sequence[TicketBrief]) -> bool:
        """Tell whether a model has to be asked about one of these tickets."""
        return any(self._is_unpaid(brief) for brief in briefs)

    def unpaid(self, briefs: Sequence[TicketBrief]) -> tuple[TicketBrief, ...]:
        """Return the tickets whose answer is not kept, so that a model has to be asked."""
        return tuple(brief for brief in briefs if self._is_unpaid(brief))

    def _is_unpaid(self, brief: TicketBrief) -> bool:
        if not is_asked(brief, self._rule):
            return False
        return self._tools.record.answer(self._writer.answer_key(brief)) is None

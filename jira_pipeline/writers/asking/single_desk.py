"""A desk for one question at a time about a session: its health, its errors.

Belongs here: putting desk, pace and account together. Does not: what is asked (`health`,
`error_words`), tickets, many at once (`asking_step`).
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from jira_pipeline.errors import WriterError
from jira_pipeline.writers.asking.model_exchange import ModelChannel
from jira_pipeline.writers.asking.model_tools import ModelTools, error_of
from jira_pipeline.writers.asking.request_account import RequestSource
from jira_pipeline.writers.asking.request_desk import RequestDesk
from jira_pipeline.writers.asking.request_pace import RequestPace

NOTHING_WRITTEN = "Nothing was written."


class SingleDesk:
    """Asks about one session, and says what stopped it."""

    def __init__(self, channel: ModelChannel, *, tools: ModelTools, source: RequestSource) -> None:
        """Take an open channel."""
        self._model = source.model
        self._account = tools.account(source)
        self.desk = RequestDesk(
            channel,
            pace=RequestPace(tools.clock, places_max=1),
            account=self._account,
            clock=tools.clock,
        )

    @property
    def error(self) -> WriterError | None:
        """What stopped it."""
        stop = self.desk.stop
        if stop is None:
            return None
        return error_of(stop, model=self._model, spent=self._account.spent, told=NOTHING_WRITTEN)


@asynccontextmanager
async def opened_desk(
    channel: AbstractAsyncContextManager[ModelChannel], *, tools: ModelTools, source: RequestSource
) -> AsyncIterator[SingleDesk]:
    """Open the way to a model and put a desk before it."""
    async with channel as opened:
        yield SingleDesk(opened, tools=tools, source=source)

"""Speaks to Jira Cloud: the `IssueTracker` over HTTP.

Belongs here: putting the calls together over one connection. Does not: the calls (`site_calls`,
`issue_calls`), connections (`connection`), its pace (`pacing`), what an answer means (`answers`).
"""

import time
from collections.abc import Callable, Mapping

import httpx
from typing_extensions import override

from jira_pipeline.jira.client.connection import (
    CONNECT_TIMEOUT_SECONDS,
    DIRECTLY,
    JiraConnection,
    Network,
    TimeBudget,
)
from jira_pipeline.jira.client.exchange import JiraExchange
from jira_pipeline.jira.client.issue_calls import IssueCalls
from jira_pipeline.jira.client.pacing import Pacing
from jira_pipeline.jira.client.site_calls import SiteCalls

DEFAULT_TIMEOUT_SECONDS = 30.0


class JiraClient(SiteCalls, IssueCalls):
    """One Jira site, as one account."""

    def __init__(
        self,
        base_url: str,
        *,
        auth: tuple[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
        network: Network = DIRECTLY,
        pacing: Pacing | None = None,
        budget: TimeBudget | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the site's address, or the gateway's, and, as e-mail and API token, the account.

        Without a pacing nothing waits for its turn and no call is sent twice; `budget` limits how
        long all requests take together, with those of other clients that share it.

        Raises:
            ConfigurationError: Requests may not go to that address.
        """
        self._connection = JiraConnection(
            base_url,
            auth=auth,
            transport=transport,
            timeout_seconds=timeout_seconds,
            connect_timeout_seconds=min(connect_timeout_seconds, timeout_seconds),
            network=network,
            budget=budget,
            monotonic=monotonic,
        )
        super().__init__(JiraExchange(self._connection, pacing=pacing))

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()

    @override
    def request_counts(self) -> Mapping[str, int]:
        return dict(sorted(self._connection.request_counts.items()))

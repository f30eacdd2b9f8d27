"""Dagster as the web program has it: absent while it starts, then in this process.

Belongs here: waiting for it. Does not: starting it
(`cli/serving`), which requests reach it from outside (`switch`), what is asked (`dagster_port/dagster_runs`).
"""

from starlette.types import ASGIApp

from jira_pipeline.model.errors import DagsterStartingError
from jira_pipeline.model.runs import Runs


class LateDagster:
    """Dagster, once it is there."""

    def __init__(self) -> None:
        self._arrived: tuple[ASGIApp, Runs] | None = None

    def arrive(self, application: ASGIApp, runs: Runs) -> None:
        self._arrived = application, runs

    @property
    def application(self) -> ASGIApp:
        """Its pages.

        Raises:
            DagsterStartingError: It is not there yet.
        """
        return self._there()[0]

    @property
    def runs(self) -> Runs:
        """Its runs, and its queue.

        Raises:
            DagsterStartingError: It is not there yet.
        """
        return self._there()[1]

    def _there(self) -> tuple[ASGIApp, Runs]:
        if self._arrived is None:
            raise DagsterStartingError
        return self._arrived

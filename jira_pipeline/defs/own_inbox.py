"""The inbox of a machine whose daemon is on another one.

Belongs here: looking into it, and asking for the runs of what arrived. Does not: one look (`inbox`),
finding out who has the daemon (`cli/daemon`).

The daemon sees the inbox of its own machine alone. So whoever serves elsewhere looks into its own,
and queues the runs under the keys by which the sensor would.
"""

import logging
from collections.abc import Mapping

from jira_pipeline.defs.inbox import is_begun, job_of, look_into_inbox
from jira_pipeline.defs.launching import QueuedRuns
from jira_pipeline.defs.sharedo import run_key_of
from jira_pipeline.kernel.records import PIPELINE
from jira_pipeline.ports.runs import WantedRun
from jira_pipeline.session.pipeline import Pipeline

logger = logging.getLogger(__name__)


class OwnInbox:
    """The inbox of a machine whose daemon is on another one."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Have looked at nothing yet; what another look handled is recognised by its run."""
        self._pipeline = pipeline
        self._handled: Mapping[str, str] = {}

    def take_in(self, runs: QueuedRuns) -> None:
        """Look into it, and queue a run of each session that has none with this content.

        Raises:
            StoreError: A run cannot be queued; the next look tries again.
            OSError: The inbox cannot be listed.
        """
        look = look_into_inbox(self._pipeline, self._handled, log=logger)
        for session in look.registered:
            if not is_begun(runs.instance, run_key_of(session)):
                wanted = WantedRun(
                    session_key=session.session_key,
                    job=job_of(session),
                    by=PIPELINE,
                    run_key=run_key_of(session),
                )
                runs.start(wanted)
        self._handled = look.handled

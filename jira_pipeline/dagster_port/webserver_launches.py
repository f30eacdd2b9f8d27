"""Launching requested runs at once, by the GraphQL of Dagster's webserver in this program.

Belongs here: who launches a run that was just requested, and what becomes of a launch that fails.
Does not: the request (`run_launchers`), launching what is left, as of a program that was killed
(`defs/sessions/automation`), which of two launched runs is the one of a request (`queue`).
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

import httpx

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.launchpad import LOCATION
from jira_pipeline.dagster_port.requested_runs import tags_of_request
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.sessions import PERSON_HEADER, RunRequest, person_header_of

logger = logging.getLogger(__name__)

GRAPHQL_PATH = "/graphql"
LAUNCH: Final = """mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { status } }
    ... on Error { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}"""
"""Source: Dagster, GraphQL API, launching a run, 2026."""
_REPOSITORY = "__repository__"
_LAUNCHED = "LaunchRunSuccess"
_NOT_QUEUED = "NOT_STARTED"


class WebserverLaunches:
    """Launches requested runs one after the other, in a thread: no click waits for a launch."""

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        transport: httpx.AsyncBaseTransport,
        path_prefix: str,
        owner: str,
    ) -> None:
        """Know Dagster's webserver by the transport to it; `owner` names this program in claims."""
        self._pipeline = pipeline
        self._transport = transport
        self._path = path_prefix + GRAPHQL_PATH
        self._owner = owner
        self._requests = SimpleQueue[RunRequest]()
        Thread(target=self._work, daemon=True).start()

    def launch_soon(self, request: RunRequest) -> None:
        """Have a run launched, and wait for nothing."""
        self._requests.put(request)

    def _work(self) -> None:
        while True:
            self.launch(self._requests.get())

    def launch(self, request: RunRequest) -> None:
        """Launch the run of a request, unless somebody else does; what fails is left to the sensor."""
        requests = self._pipeline.store.run_requests
        try:
            if not requests.claim(
                request.request_id, by=self._owner, at=self._pipeline.clock.now()
            ):
                return
            refusal = asyncio.run(self._send(request))
            if refusal:
                # The sensor launches it, or queues what was made, or its tick says what is wrong.
                logger.warning(
                    "The run of request %s is left to the daemon: %s", request.task_id, refusal
                )
                requests.release(request.request_id, by=self._owner)
            else:
                requests.mark_started(request.request_id, at=self._pipeline.clock.now())
        except (PipelineError, httpx.HTTPError) as error:
            # Whether a run exists is not known; once the claim has ended the sensor looks.
            logger.warning(
                "The run of request %s is left to the daemon: %s", request.task_id, error
            )

    async def _send(self, request: RunRequest) -> str:
        """Ask the webserver for the run; return why it is not in the queue, else nothing."""
        tags = [{"key": key, "value": value} for key, value in tags_of_request(request).items()]
        params = {
            "selector": {
                "repositoryLocationName": LOCATION,
                "repositoryName": _REPOSITORY,
                "jobName": request.job_name,
            },
            "runConfigData": json.dumps(request.run_config),
            "executionMetadata": {"tags": tags},
        }
        async with httpx.AsyncClient(
            transport=self._transport, base_url="http://dagster"
        ) as client:
            answer = await client.post(
                self._path,
                json={"query": LAUNCH, "variables": {"params": params}},
                headers={PERSON_HEADER: person_header_of(request.requested_by)},
            )
        answer.raise_for_status()
        return _refusal(answer.json())


def _refusal(answer: Mapping[str, Any]) -> str:
    launched = (answer.get("data") or {}).get("launchRun") or {}
    if launched.get("__typename") == _LAUNCHED and launched["run"]["status"] != _NOT_QUEUED:
        return ""
    return json.dumps(launched or answer.get("errors"))

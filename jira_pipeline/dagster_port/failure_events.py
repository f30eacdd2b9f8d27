"""What the log of a run says of a failure: of ours its words, of another its kind and place.

Belongs here: reading events of failed steps and runs. Does not: reading the log (`dagster_runs`),
what a failure means for the session (`context/ended_runs`), raising one of ours (`steps`).

The text of an error that is not ours is left where it is: it may hold cells, addresses or secrets.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from jira_pipeline.dagster_port.launchpad import recovery_actions_of
from jira_pipeline.model.runs import UnexpectedFailure

_OURS = frozenset({dg.Failure.__name__, dg.RetryRequested.__name__})
_INTERRUPTED = dg.DagsterExecutionInterruptedError.__name__
_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')
_OF_A_DATABASE = frozenset(
    {
        "DagsterPostgresException",
        "DisconnectionError",
        "InterfaceError",
        "OperationalError",
        "TimeoutError",
    }
)
"""Names of errors of a database that cannot be reached or is busy; drivers use the same names.

Source: sqlalchemy.exc and dagster_postgres.utils, 2026. The log has no more of an error than its name.
"""


def failure_reason(event: dg.DagsterEvent) -> tuple[str, tuple[str, ...]]:
    """Return why a step failed and what to do; of another error its kind."""
    failure = event.step_failure_data
    described = failure.user_failure_data
    if described is not None and described.description:
        message = described.metadata.get("message")
        reason = described.description if message is None else str(message.value)
        return reason, recovery_actions_of(described.metadata)
    if failure.error is None:
        return "", ()
    error = failure.error.cause or failure.error
    return error.cls_name or "", ()


def failure_text(event: dg.DagsterEvent) -> str:
    """Return all that is said to people of why a step failed; of another error its kind and place."""
    described = event.step_failure_data.user_failure_data
    if described is not None and described.description:
        return described.description
    failure = unexpected_failure(event)
    if failure is not None:
        return f"{failure.kind} at {failure.place}."
    reason, _ = failure_reason(event)
    return reason


def unexpected_failure(event: dg.DagsterEvent) -> UnexpectedFailure | None:
    """Return the error that is not ours by which a step or a run failed; None where it is ours."""
    error = _error_of(event)
    if error is None:
        return None
    chain = [*_chain(error)]
    names = {link.cls_name for link in chain}
    if names & _OURS or _INTERRUPTED in names:
        return None
    first = error.cause or error
    return UnexpectedFailure(
        step=event.step_key or "",
        kind=first.cls_name or "an error without a name",
        place=_place_of(first),
        is_of_database=not names.isdisjoint(_OF_A_DATABASE),
    )


def _error_of(event: dg.DagsterEvent) -> SerializableErrorInfo | None:
    if event.is_step_failure:
        failure = event.step_failure_data
        return None if failure.user_failure_data is not None else failure.error
    # A run that is reported as failed from outside has no data of its failure.
    data: Any = event.event_specific_data if event.is_job_failure else None
    return None if data is None else data.error


def _chain(error: SerializableErrorInfo | None) -> Iterator[SerializableErrorInfo]:
    """Yield an error and what caused it."""
    while error is not None:
        yield error
        error = error.cause


def _place_of(error: SerializableErrorInfo) -> str:
    frames = [match for line in error.stack for match in _FRAME.finditer(line)]
    if not frames:
        return "an unknown place"
    return f"{Path(frames[-1]['file']).name}:{frames[-1]['line']}"

"""Requests that a program sends with a key: each is done once, also where a server was killed meanwhile.

Whoever does a request holds its lock. Where the lock is there and free, that program was killed, and
the store says what it did: a request that changed nothing is done now, one that started a task is asked
again under the id of that task, and any other is refused, since nobody knows whether all of it was done.

Belongs here: beginning a request, ending it. Does not: reading and answering it
(`web/api/repeatable_route`), the statements (`store/keyed_request_store`).
"""

from contextlib import ExitStack
from dataclasses import dataclass, replace

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import (
    KeyReusedError,
    RequestInterruptedError,
    RequestUnderWayError,
)
from jira_pipeline.model.keyed_requests import ABANDONED_AFTER, KeyedRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunRequest:
    """A request with a key while it is done."""

    keyed: KeyedRequest
    lock: ExitStack
    """Held by this process until it is closed."""


def begin_request(pipeline: Pipeline, keyed: KeyedRequest) -> BegunRequest | KeyedRequest:
    """Begin a request under its lock; or return the same one as it was answered before.

    Raises:
        KeyReusedError: The request before it with this key asked for something else.
        RequestUnderWayError: The same request is being done.
        RequestInterruptedError: It changed something, and its program was killed.
    """
    earlier = pipeline.store.keyed_requests.find(keyed)
    if earlier is not None:
        if _is_answered(pipeline, earlier, keyed):
            return earlier
        keyed = replace(keyed, task_id=earlier.task_id or keyed.task_id)
    with ExitStack() as lock:
        lock.enter_context(pipeline.store.run_locks.hold(keyed.lock_id))
        other = pipeline.store.keyed_requests.begin(keyed, instead_of=earlier)
        if other is None:
            return BegunRequest(keyed=keyed, lock=lock.pop_all())
        if _is_answered(pipeline, other, keyed):
            return other
    raise RequestUnderWayError


def end_request(
    pipeline: Pipeline, begun: BegunRequest, *, status: int, location: str | None, answer: str
) -> None:
    """Remember how a request was answered."""
    with begun.lock:
        pipeline.store.keyed_requests.note_answer(
            begun.keyed, status=status, location=location, answer=answer
        )


def forget_request(pipeline: Pipeline, begun: BegunRequest) -> None:
    """Have a request that was refused, or failed, be done anew when it comes again."""
    with begun.lock:
        pipeline.store.keyed_requests.forget(begun.keyed)


def _is_answered(pipeline: Pipeline, earlier: KeyedRequest, keyed: KeyedRequest) -> bool:
    """Tell whether an earlier request was answered; False: its program was killed, and it may begin."""
    if earlier.content_sha256 != keyed.content_sha256:
        raise KeyReusedError
    if earlier.status is not None:
        return True
    if not _is_abandoned(pipeline, earlier, keyed):
        raise RequestUnderWayError
    if earlier.has_written and pipeline.store.run_requests.find(earlier.task_id) is None:
        raise RequestInterruptedError
    return False


def _is_abandoned(pipeline: Pipeline, earlier: KeyedRequest, keyed: KeyedRequest) -> bool:
    locks = pipeline.store.run_locks
    if locks.is_dead(earlier.lock_id):
        return True
    is_old = keyed.received_at - earlier.received_at >= ABANDONED_AFTER
    return is_old and not locks.is_alive(earlier.lock_id)

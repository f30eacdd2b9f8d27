"""Writes to Jira, of whatever kind: look, intend, send, receipt.

Belongs here: the order of these four, and what an answer means for the execution. Does not: what is
looked at, sent and written down (each kind), how a doubt ends (`doubts`), creations, which wait for
their turn before they are intended (`sending`).

Writes that do not wait for each other are sent at once: intents before, receipts after, by the one
thread that has the lease; only the requests are of others.

The look and the intent are one commit, made again where this process stood still after the look:
else the request would undo what people did meanwhile. What an answer makes certain is committed
before anything else is done. Source: docs/export.md, rules 2, 3 and 9.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from jira_pipeline.export.export_run import ExportRun, is_worth_waiting
from jira_pipeline.export.manual_fixes import is_for_people
from jira_pipeline.model.errors import RateLimitedError, RefusedError
from jira_pipeline.model.issue_tracker import NothingDone, Unknown, WriteAnswer

Intended = TypeVar("Intended")


def write_once(
    run: ExportRun,
    *,
    intend: Callable[[], Intended | None],
    send: Callable[[Intended], WriteAnswer],
    record: Callable[[Intended, WriteAnswer], object],
) -> WriteAnswer | None:
    """Look, intend, send and record one write as `write_together` does; return what came of it."""

    def intend_one() -> tuple[Intended, ...]:
        intended = intend()
        return () if intended is None else (intended,)

    return next(iter(write_together(run, intend=intend_one, send=send, record=record)), None)


def write_together(
    run: ExportRun,
    *,
    intend: Callable[[], Sequence[Intended]],
    send: Callable[[Intended], WriteAnswer],
    record: Callable[[Intended, WriteAnswer], object],
    is_waiting: bool = True,
) -> Sequence[WriteAnswer]:
    """Look, intend, send and record some writes; return what came of those sent last.

    `intend` looks, and commits the intents of what is still to be sent. `record` commits what an
    answer makes certain, of each before an error of another is raised. Where Jira asks to wait it
    is waited for, and looked again; not where the client `send` calls has waited itself. A refusal
    that is returned is for people.

    Raises:
        CancelledError: The export was cancelled.
        LeaseLostError: The lease is gone.
        UpstreamError: Jira is out of reach, asks to wait for long, or forgot who we are.
    """
    throttled = 0
    while True:
        run.raise_if_cancelled()
        intended = run.commit_freshly(intend)
        answers = run.tools.send_all(send, intended)
        for one, answer in zip(intended, answers, strict=True):
            record(one, answer)
        errors = [answer.error for answer in answers if isinstance(answer, NothingDone)]
        waits = [error for error in errors if isinstance(error, RateLimitedError)]
        for error in errors:
            if error not in waits and not is_for_people(error):
                raise error
        if not waits:
            return answers
        throttled += 1
        longest = max(waits, key=lambda error: error.wait_seconds)
        if not is_waiting or not is_worth_waiting(longest, throttled=throttled):
            raise longest
        run.wait_until(run.tools.monotonic() + longest.wait_seconds)


def gone_or_hidden(answer: WriteAnswer) -> WriteAnswer:
    """Take a deletion that Jira answers 404 for one that a look has to decide."""
    match answer:
        case NothingDone(reason=reason, error=RefusedError(status_code=404)):
            return Unknown(reason=reason)
        case _:
            return answer

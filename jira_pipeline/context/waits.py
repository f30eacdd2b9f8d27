"""What a step waits for and how long, said where people look while nothing else happens.

A wait shows in the session's progress, in the log of its run, and at the terminal whose command runs it.
The terminal is told directly: where the store itself is what fails, no progress can be shown.

Belongs here: the words of a wait, who hears them. Does not: how long is waited (`dagster_port/steps`,
`jira/client/pacing`, `writing/models/asking_step`).
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.actions import action_text, as_actions
from jira_pipeline.model.clock import Clock
from jira_pipeline.model.errors import (
    ErrorCategory,
    PipelineError,
    RateLimitedError,
    StoreBusyError,
    StoreError,
    WriterUnavailableError,
)
from jira_pipeline.model.sessions import SessionStatus, Wait, WaitCause, WaitTarget

logger = logging.getLogger(__name__)

_CATEGORIES = {
    ErrorCategory.TEMPORARY: "It should pass by itself.",
    ErrorCategory.USER_FIXABLE: "Someone who works on the session can fix it.",
    ErrorCategory.ADMIN_REQUIRED: "An administrator can fix it.",
}
_CODES_WITHIN_STEPS = {
    WaitTarget.JIRA: RateLimitedError.code,
    WaitTarget.WRITER: WriterUnavailableError.code,
}
"""Codes of the errors that a wait within a step would end in, by what it waits for."""
_SHOW: ContextVar[Callable[[str], None] | None] = ContextVar("shown_waits", default=None)


@contextmanager
def shown_waits(show: Callable[[str], None]) -> Iterator[None]:
    """Have `show` get a line for each wait of what this context runs while the block does."""
    token = _SHOW.set(show)
    try:
        yield
    finally:
        _SHOW.reset(token)


def say_wait(text: str) -> None:
    """Tell whoever started this at a terminal; nobody hears it where a daemon did."""
    show = _SHOW.get()
    if show is not None:
        show(text)


def text_of_wait(error: PipelineError, *, seconds: float, clock: Clock) -> str:
    """Return why a step waits, until when, whether it passes by itself, and what people can do."""
    until = clock.now() + timedelta(seconds=seconds)
    actions = as_actions(error.recovery_actions or error.meaning.actions)
    sentences = [
        error.sentence,
        f"Trying again in {seconds:g} s, at {until:%H:%M:%S} UTC.",
        _CATEGORIES[error.category],
        *map(action_text, actions[:1]),
    ]
    return " ".join(sentences)


class WaitReporter:
    """Shows the waits within a step: as progress of its session, and at the terminal that runs it.

    It is made in the context of the step, and may be used in its threads.
    """

    def __init__(self, pipeline: Pipeline, waited_for: WaitTarget) -> None:
        self._pipeline = pipeline
        self._waited_for = waited_for
        self._show = _SHOW.get()

    def show(self, session_key: str, what: str, seconds: float) -> None:
        """Show a wait. A store that fails must not get in its way: then the terminal alone is told."""
        now = self._pipeline.clock.now()
        until = now + timedelta(seconds=seconds)
        text = f"Waits {seconds:.0f} s, until {until:%H:%M:%S} UTC: {what}"
        logger.info("session %s waits %.0f s: %s", session_key, seconds, what)
        if self._show is not None:
            self._show(text)
        sessions = self._pipeline.store.sessions
        with suppress(StoreError, StoreBusyError):
            stored = sessions.find(session_key)  # a check of a model is of no session
            if stored is not None and stored.status is SessionStatus.RUNNING:
                sessions.set_progress(
                    session_key,
                    percentage=stored.progress_percentage,
                    text=text,
                    at=now,
                    details=stored.progress_details,
                    wait=Wait(
                        waiting_for=self._waited_for,
                        retry_at=until,
                        cause=WaitCause(code=_CODES_WITHIN_STEPS[self._waited_for], message=what),
                    ),
                )

"""Whether a writer can be used now, found out with one question.

A model is asked a tiny question, or on trial to write an invented ticket. Its reply or failure
gives a sign for each part that a writer needs: connection, service, key, quota and model. For
example a refused key says that the connection is fine, and nothing about the model.

Belongs here: asking, and what each reply or failure says of the parts. Does not: the wire
(`model_calls`), asking about tickets (`asking_step`), showing (`cli/checks`).
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from jira_pipeline.model.actions import Action, ActionKind, as_actions
from jira_pipeline.model.errors import (
    WriterAccessError,
    WriterContextError,
    WriterError,
    WriterUnusableError,
)
from jira_pipeline.model.json_values import json_fields, select_fields
from jira_pipeline.model.model_requests import RequestOutcome
from jira_pipeline.writing.completion.prompt import prompt_instructions
from jira_pipeline.writing.models.advice import CHECK_ADDRESS, steps_of
from jira_pipeline.writing.models.asking_step import (
    TRIES_MAX,
    AskingStep,
    StoppedError,
    advised_steps,
    stop_after,
    stream_results,
)
from jira_pipeline.writing.models.conversation import (
    PING_QUESTION,
    USUAL_ROOM,
    AnswerRoom,
    Conversation,
    FailureKind,
    ModelChannel,
    ModelTools,
    Question,
)


class HealthStatus(StrEnum):
    """Whether tickets can be written now."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    """It answers, but slowly or not as asked; a run can go on, and waits where it must."""
    UNAVAILABLE = "unavailable"
    """A run would write nothing."""


class Sign(StrEnum):
    """The state of one part."""

    OK = "ok"
    LIMITED = "limited"
    """It works, but less well than it should."""
    FAILED = "failed"
    NOT_KNOWN = "not_known"
    """A part that it depends on failed, so it could not be tried."""
    NOT_NEEDED = "not_needed"
    """This writer works without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The state of each part that a writer needs; each depends on those before it."""

    connectivity: Sign = Sign.OK
    """There is a connection to the service."""
    availability: Sign = Sign.OK
    """The service answers, in time and in a form that such a service has."""
    authentication: Sign = Sign.OK
    quota: Sign = Sign.OK
    model: Sign = Sign.OK


@json_fields(
    "writer status connectivity=signs.connectivity availability=signs.availability "
    "authentication=signs.authentication quota=signs.quota model=signs.model "
    "model_availability=signs.model latency_seconds=seconds reason next_steps error=error_shown"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class WriterHealth:
    """Whether one writer can be used now, and what to do where it cannot."""

    writer: str
    signs: Signs
    seconds: float | None = None
    """How long the answer took; None where nothing was asked."""
    reason: str = ""
    """The message of the service, as one sentence; empty where all is well."""
    error: WriterError | None = None
    """The error that a run would end with; None where it could go on."""
    next_steps: tuple[Action, ...] = ()

    @property
    def status(self) -> HealthStatus:
        if self.error is not None:
            return HealthStatus.UNAVAILABLE
        is_well = self.signs in (Signs(), NO_PART_NEEDED)
        return HealthStatus.HEALTHY if is_well else HealthStatus.DEGRADED

    def require(self) -> None:
        """Raise the error where the writer cannot be used.

        Raises:
            WriterError: It cannot be used, or the limits of the session are reached.
        """
        if self.error is not None:
            raise self.error

    @property
    def error_shown(self) -> Mapping[str, str] | None:
        """Code and category of the error, for programs."""
        return None if self.error is None else select_fields(self.error, "code category")


NOTHING_WRITTEN = "Nothing was written."


TRIAL_ROWS = 560
"""Enough to find a window that is too small: with the instructions some 31,000 characters, which
are 7,000 tokens and more. Ollama's window on most machines has 4,000."""


def trial_question(now: datetime) -> Question:
    """Return a question as about a real ticket, but invented; the time in it defeats every cache."""
    rows = "\n".join(
        f"field{n + 2}|Boat (Content type)|Berth {n}|field_berth_{n}|Text (plain)"
        for n in range(TRIAL_ROWS)
    )
    return Question(
        instructions=prompt_instructions(),
        context=(
            f"<specification>\nSite: Harbour, {now.isoformat()}.\n"
            "## bundles: id|Name|Machine name|Type\nbundle2|Boat|boat|Content type\n"
            f"## fields: id|Bundle|Field label|Machine name|Field type\n{rows}\n</specification>"
        ),
        request=(
            "<ticket>\nTitle: Configure content type: Boat\nRows new: bundle2, field2\n\n"
            "Facts to cover:\nm1 An editor can add a Boat.\nhours 1-3\n</ticket>"
        ),
    )


def check_model(
    *,
    tools: ModelTools,
    is_trial: bool = False,
    session_key: str = "",
    room: AnswerRoom = USUAL_ROOM,
) -> WriterHealth:
    """Ask a model one small question, or on trial one about an invented ticket; return its health.

    With a session the request counts towards its limits and waits for its places; without one it is
    charged to no session.
    """
    try:
        channel = tools.open_channel()
    except WriterError as error:  # packages or a key are missing
        is_key = isinstance(error, WriterAccessError)
        signs = replace(_NOTHING_KNOWN, authentication=Sign.FAILED) if is_key else _NOTHING_KNOWN
        steps = _steps(signs) or error.recovery_actions
        return WriterHealth(
            writer=tools.model, signs=signs, reason=error.message, error=error, next_steps=steps
        )
    question = PING_QUESTION
    if is_trial:
        question = replace(
            trial_question(tools.clock.now()), answer_tokens_max=room.tokens, effort=room.effort
        )
    step = AskingStep(tools, session_key=session_key) if session_key else None
    results = stream_results(partial(_check_channel, tools, channel, question, step))
    with closing(results) as healths:
        health: WriterHealth = next(healths)
    return health


async def _check_channel(
    tools: ModelTools,
    channel: AbstractAsyncContextManager[ModelChannel],
    question: Question,
    step: AskingStep | None,
    emit: Callable[[WriterHealth], None],
) -> None:
    """Ask the question until its conversation ends, and emit the health.

    Unlike with a ticket, the first failure ends it; only what is refused of a request's form is left
    out and tried again. With a step its limits are obeyed.
    """
    conversation = Conversation(question=question)
    error = None
    async with channel as opened:
        began = tools.clock.monotonic()
        try:
            while conversation.end is None:
                if step is None:
                    conversation.take(await opened.ask(conversation.question))
                else:
                    await step.ask(conversation, opened)
                failure = conversation.failure
                if failure is not None and failure.kind is not FailureKind.FORM_REFUSED:
                    break
        except StoppedError:
            error = step.error(NOTHING_WRITTEN) if step is not None else None
        seconds = tools.clock.monotonic() - began
        emit(health_of_model(conversation, model=tools.model, seconds=seconds, error=error))


def health_of_model(
    conversation: Conversation,
    *,
    model: str,
    seconds: float,
    error: WriterError | None = None,
) -> WriterHealth:
    """Return the health of a model by the end or failure of a conversation with it.

    With an `error` the model was not asked, because the limits of the session are reached.
    """
    steps: tuple[Action, ...] = ()
    signs = Signs()
    reason = ""
    failure = conversation.failure
    if failure is not None:
        kind = failure.kind
        reason = failure.reason
        # A run would try a failed service until the last try, and go on where it is throttled.
        stop = stop_after(failure, tries=1 if kind is FailureKind.THROTTLED else TRIES_MAX)
        signs = _SIGNS[kind]
        steps = steps_of(failure.advice)
        error = stop and stop(model=model, progress=NOTHING_WRITTEN, has_begun=False)
        if kind is FailureKind.UNUSABLE:
            error = WriterUnusableError(model=model, reason=reason, progress=NOTHING_WRITTEN)
        if kind in {FailureKind.TOO_LONG, FailureKind.CUT}:
            steps = WriterContextError(
                model=model, reason=reason, progress=NOTHING_WRITTEN
            ).recovery_actions
    elif conversation.end is RequestOutcome.REFUSED:
        signs = _ANSWERS_ODDLY
        reason = "It refused a harmless question."
    elif conversation.end is RequestOutcome.INVALID:
        signs = _SPEAKS_OTHERWISE
        reason = conversation.reason
        error = WriterUnusableError(
            model=model,
            reason=reason,
            progress=NOTHING_WRITTEN,
            recovery_actions=advised_steps(conversation.advice),
        )
        steps = error.recovery_actions
    elif conversation.repairs:
        signs = _ANSWERS_ODDLY
        reason = f"Asked again: {conversation.reason}"
    return WriterHealth(
        writer=model,
        signs=signs,
        seconds=round(seconds, 3),
        reason=reason,
        error=error,
        next_steps=steps or _steps(signs),
    )


_NOTHING_KNOWN = Signs(**dict.fromkeys(Signs.__slots__, Sign.NOT_KNOWN))
NO_PART_NEEDED = Signs(**dict.fromkeys(Signs.__slots__, Sign.NOT_NEEDED) | {"model": Sign.OK})
_OUT_OF_ORDER = replace(_NOTHING_KNOWN, connectivity=Sign.OK, availability=Sign.FAILED)
_ANSWERS_ODDLY = Signs(model=Sign.LIMITED)
_SPEAKS_OTHERWISE = Signs(model=Sign.FAILED)
_TAKES_NO_REQUEST = Signs(quota=Sign.NOT_KNOWN, model=Sign.FAILED)
_SIGNS: Mapping[FailureKind, Signs] = {
    FailureKind.UNREACHABLE: replace(_NOTHING_KNOWN, connectivity=Sign.FAILED),
    FailureKind.UNAVAILABLE: _OUT_OF_ORDER,
    FailureKind.UNREADABLE: _OUT_OF_ORDER,
    FailureKind.UNUSABLE: _OUT_OF_ORDER,
    FailureKind.THROTTLED: Signs(quota=Sign.LIMITED, model=Sign.NOT_KNOWN),
    FailureKind.NO_CREDIT: Signs(quota=Sign.FAILED, model=Sign.NOT_KNOWN),
    FailureKind.NO_ACCESS: replace(_OUT_OF_ORDER, availability=Sign.OK, authentication=Sign.FAILED),
    FailureKind.UNKNOWN_MODEL: _TAKES_NO_REQUEST,
    FailureKind.REJECTED: _TAKES_NO_REQUEST,
    FailureKind.FORM_REFUSED: _TAKES_NO_REQUEST,
    FailureKind.ELSEWHERE: _OUT_OF_ORDER,
    FailureKind.TOO_LONG: _ANSWERS_ODDLY,
    FailureKind.CUT: _SPEAKS_OTHERWISE,
    FailureKind.REFUSED: _ANSWERS_ODDLY,
}
"""The signs of each kind of failure; a test holds that no kind is missing."""


_CHECK_AGAIN = "Check again in a minute."
_STEPS: Mapping[tuple[str, Sign], tuple[Action | str, ...]] = {
    ("connectivity", Sign.FAILED): (
        "Check that the server is started and WRITER_BASE_URL is its address, or look at the status page of the provider.",
        _CHECK_AGAIN,
    ),
    ("availability", Sign.FAILED): (
        "Look at the log of the server, or at the status page of the provider: it was reached, and gave no proper answer.",
        CHECK_ADDRESS,
        "Where answers take long, raise WRITER_TIMEOUT_SECONDS.",
        _CHECK_AGAIN,
    ),
    ("authentication", Sign.FAILED): (
        "Set WRITER_API_KEY, OPENAI_API_KEY or ANTHROPIC_API_KEY in .env to a key of this service that may use the model.",
    ),
    ("quota", Sign.FAILED): (
        "Add credit at the provider, or raise the limit of the account there.",
    ),
    ("quota", Sign.LIMITED): (
        "Nothing, or lower WRITER_CONCURRENCY: a run waits as long as the service asks.",
    ),
    ("model", Sign.FAILED): (
        "Correct the name in WRITER_MODEL, or name another model that the service offers.",
        CHECK_ADDRESS,
    ),
    ("model", Sign.LIMITED): (
        Action.of(
            ActionKind.SHOW_QUALITY, "Write one session and look at {}, or name another model."
        ),
    ),
}
"""What a person can do, by the part and its sign."""


def _steps(signs: Signs) -> tuple[Action, ...]:
    """Return what a person can do about all parts that are not well."""
    steps: list[Action | str] = []
    for part_and_sign in asdict(signs).items():
        steps += _STEPS.get(part_and_sign, ())
    return as_actions(steps)

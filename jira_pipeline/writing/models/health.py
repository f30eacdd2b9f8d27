"""Whether a writer can be used now, from what one question brought back.

Belongs here: asking whether somebody is there, or for an answer about an invented ticket, and what
each reply or failure says of connection, access, quota and model. Does not: the wire
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
from jira_pipeline.writing.models.asking_step import (
    TRIES_MAX,
    AskingStep,
    StoppedError,
    arriving,
    stop_of,
)
from jira_pipeline.writing.models.conversation import (
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
    """It answers, slowly or not as asked; a run goes on and waits where it must."""
    UNAVAILABLE = "unavailable"
    """A run would write nothing."""


class Sign(StrEnum):
    """What is known of one part."""

    OK = "ok"
    LIMITED = "limited"
    """It works, and less than one would like."""
    FAILED = "failed"
    NOT_KNOWN = "not_known"
    """What comes before it failed, so it could not be seen."""
    NOT_NEEDED = "not_needed"
    """This writer works without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of each part a writer needs."""

    connectivity: Sign = Sign.OK
    """There is a connection to the service."""
    availability: Sign = Sign.OK
    """What comes back over it is an answer of such a service, in time."""
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
    """Until the answer; None where nothing was asked."""
    reason: str = ""
    """The message of the service, as one sentence; empty where all is well."""
    error: WriterError | None = None
    """What a run would end with; None where it would go on."""
    next_steps: tuple[Action, ...] = ()

    @property
    def status(self) -> HealthStatus:
        if self.error is not None:
            return HealthStatus.UNAVAILABLE
        is_well = self.signs in (Signs(), NEEDS_NOBODY)
        return HealthStatus.HEALTHY if is_well else HealthStatus.DEGRADED

    def require(self) -> None:
        """Make sure that it can be used, before anything else is asked of it.

        Raises:
            WriterError: It cannot, or the limits of the session are reached.
        """
        if self.error is not None:
            raise self.error

    @property
    def error_shown(self) -> Mapping[str, str] | None:
        """What a program is told of that error."""
        return None if self.error is None else select_fields(self.error, "code category")


NOTHING_WRITTEN = "Nothing was written."
ASKED = Question(
    instructions="You are asked whether you can be reached.",
    request="Answer with the word yes.",
    answer_tokens_max=256,
    schema=None,
)
"""The smallest question that needs all of it. Models that think first refuse less room for it."""


ROWS = 560
"""Of the invented site: some 31,000 characters with the instructions, 7,000 tokens and more.

Four thousand tokens, Ollama's window on most machines, are too few for it by any tokenizer.
"""


def trial_question(now: datetime) -> Question:
    """Return what is asked about tickets, of an invented one; its second line is in no cache."""
    rows = "\n".join(
        f"field{n + 2}|Boat (Content type)|Berth {n}|field_berth_{n}|Text (plain)"
        for n in range(ROWS)
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
            "As the template wrote it:\n"
            "s1 As an editor, I want to add a Boat.\n"
            "v1 The list of content types has Boat `boat`.\nhours 1-3\n</ticket>"
        ),
    )


def check_model(
    *, tools: ModelTools, is_trial: bool = False, session_key: str = ""
) -> WriterHealth:
    """Ask a model whether it is there, or on trial for an answer.

    With a session it is counted like a question about tickets: somebody may wait for the answer.
    """
    try:
        channel = tools.open_channel()
    except WriterError as error:  # packages or a key are missing
        is_key = isinstance(error, WriterAccessError)
        signs = replace(_UNSEEN, authentication=Sign.FAILED) if is_key else _UNSEEN
        steps = _steps(signs) or error.recovery_actions
        return WriterHealth(
            writer=tools.model, signs=signs, reason=error.message, error=error, next_steps=steps
        )
    question = trial_question(tools.clock.now()) if is_trial else ASKED
    step = AskingStep(tools, session_key=session_key) if session_key else None
    with closing(arriving(partial(_checked, tools, channel, question, step))) as arrived:
        health: WriterHealth = next(arrived)
    return health


async def _checked(
    tools: ModelTools,
    channel: AbstractAsyncContextManager[ModelChannel],
    question: Question,
    step: AskingStep | None,
    emit: Callable[[WriterHealth], None],
) -> None:
    """Ask as about a ticket, but once only whatever fails, save for a refused schema."""
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
                if failure is not None and failure.kind is not FailureKind.SCHEMA_REFUSED:
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
    """Read the health of a model from what came of a question; an error kept it from being asked."""
    steps: tuple[Action, ...] = ()
    signs = Signs()
    reason = ""
    failure = conversation.failure
    if failure is not None:
        kind = failure.kind
        reason = failure.reason
        # what a run would end with; where it only has to wait, it goes on
        stop = stop_of(failure, tries=1 if kind is FailureKind.THROTTLED else TRIES_MAX)
        signs = _SIGNS[kind]
        error = stop and stop(model=model, progress=NOTHING_WRITTEN, has_begun=False)
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
        error = WriterUnusableError(model=model, reason=reason, progress=NOTHING_WRITTEN)
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


_UNSEEN = Signs(**dict.fromkeys(Signs.__slots__, Sign.NOT_KNOWN))
NEEDS_NOBODY = Signs(**dict.fromkeys(Signs.__slots__, Sign.NOT_NEEDED) | {"model": Sign.OK})
_OUT_OF_ORDER = replace(_UNSEEN, connectivity=Sign.OK, availability=Sign.FAILED)
_ANSWERS_ODDLY = Signs(model=Sign.LIMITED)
_SPEAKS_OTHERWISE = Signs(model=Sign.FAILED)
_TAKES_NO_REQUEST = Signs(quota=Sign.NOT_KNOWN, model=Sign.FAILED)
_SIGNS: Mapping[FailureKind, Signs] = {
    FailureKind.UNREACHABLE: replace(_UNSEEN, connectivity=Sign.FAILED),
    FailureKind.UNAVAILABLE: _OUT_OF_ORDER,
    FailureKind.UNREADABLE: _OUT_OF_ORDER,
    FailureKind.THROTTLED: Signs(quota=Sign.LIMITED, model=Sign.NOT_KNOWN),
    FailureKind.NO_CREDIT: Signs(quota=Sign.FAILED, model=Sign.NOT_KNOWN),
    FailureKind.NO_ACCESS: replace(_OUT_OF_ORDER, availability=Sign.OK, authentication=Sign.FAILED),
    FailureKind.UNKNOWN_MODEL: _TAKES_NO_REQUEST,
    FailureKind.REJECTED: _TAKES_NO_REQUEST,
    FailureKind.SCHEMA_REFUSED: _TAKES_NO_REQUEST,
    FailureKind.TOO_LONG: _ANSWERS_ODDLY,
    FailureKind.CUT: _SPEAKS_OTHERWISE,
    FailureKind.REFUSED: _ANSWERS_ODDLY,
}
"""By failure; a test holds that every kind has its signs."""


_CHECK_ADDRESS = "Check WRITER_BASE_URL: the address of most servers ends in /v1."
_CHECK_AGAIN = "Check again in a minute."
_STEPS: Mapping[tuple[str, Sign], tuple[Action | str, ...]] = {
    ("connectivity", Sign.FAILED): (
        "Check that the server is started and WRITER_BASE_URL is its address, or look at the status page of the provider.",
        _CHECK_AGAIN,
    ),
    ("availability", Sign.FAILED): (
        "Look at the log of the server, or at the status page of the provider: it was reached, and gave no proper answer.",
        _CHECK_ADDRESS,
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
        _CHECK_ADDRESS,
    ),
    ("model", Sign.LIMITED): (
        Action.of(
            ActionKind.SHOW_QUALITY, "Write one session and look at {}, or name another model."
        ),
    ),
}
"""By part and what is wrong with it."""


def _steps(signs: Signs) -> tuple[Action, ...]:
    return as_actions([s for part in asdict(signs).items() for s in _STEPS.get(part, ())])

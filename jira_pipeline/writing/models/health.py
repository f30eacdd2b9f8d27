"""Whether a writer can be used now, from what one small question brought back.

Belongs here: asking one small question, and what each reply or failure says of connection, access,
quota and model. Does not: the wire (`model_calls`), asking about tickets (`model_requests`),
showing (`cli`).
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Self, assert_never

from jira_pipeline.model.actions import Action, ActionKind, as_actions
from jira_pipeline.model.errors import (
    WriterAccessError,
    WriterError,
    WriterQuotaError,
    WriterUnavailableError,
)
from jira_pipeline.model.json_values import json_fields, picked
from jira_pipeline.model.model_requests import NO_GROUP, RequestOutcome
from jira_pipeline.writing.models.arrivals import arriving
from jira_pipeline.writing.models.model_exchange import (
    Failure,
    FailureKind,
    ModelChannel,
    Question,
    Reply,
    ReplyEnd,
    WriterClock,
)
from jira_pipeline.writing.models.model_requests import LONGEST_WAIT_SECONDS
from jira_pipeline.writing.models.model_tools import (
    NOTHING_WRITTEN,
    ModelTools,
    opened_requests,
    opened_way,
)
from jira_pipeline.writing.models.request_account import RequestSource
from jira_pipeline.writing.models.request_pace import StoppedError


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


@json_fields("connectivity availability authentication quota model")
@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of each part a writer needs."""

    connectivity: Sign
    """There is a connection to the service."""
    availability: Sign
    """What comes back over it is an answer of such a service, in time."""
    authentication: Sign
    quota: Sign
    model: Sign

    @classmethod
    def all(cls, sign: Sign) -> Self:
        """Return the same sign of every part."""
        return cls(
            connectivity=sign, availability=sign, authentication=sign, quota=sign, model=sign
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterHealth:
    """Whether one writer can be used now, and what to do where it cannot."""

    writer: str
    status: HealthStatus
    signs: Signs
    seconds: float | None
    """Until the answer; None where nothing was asked."""
    reason: str
    """The message of the service, as one sentence; empty where all is well."""
    error: WriterError | None
    """What a run would end with; None where it would go on."""
    next_steps: tuple[Action, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the shape `check-writer --json` promises."""
        return picked(self, "writer status **signs") | {
            "latency_seconds": None if self.seconds is None else round(self.seconds, 3),
            "reason": self.reason,
            "next_steps": self.next_steps,
            "error": self.error and picked(self.error, "code category"),
        }


ASKED = Question(
    instructions="You are asked whether you can be reached.",
    request="Answer with the word yes.",
    answer_tokens_max=256,
    schema=None,
)
"""The smallest question that needs all of it. Models that think first refuse less room for it."""


def check_model(*, model: str, tools: ModelTools) -> WriterHealth:
    """Ask a model once whether it is there; counted for no session, and not asked again."""
    try:
        channel = opened_way(tools.open_channel, model=model)
    except WriterError as error:
        return health_without_asking(error, model=model)
    with closing(arriving(partial(_checked, model, tools.clock, channel))) as arrived:
        health: WriterHealth = next(arrived)
    return health


async def _checked(
    model: str,
    clock: WriterClock,
    channel: AbstractAsyncContextManager[ModelChannel],
    emit: Callable[[WriterHealth], None],
) -> None:
    async with channel as opened:
        began = clock.monotonic()
        answer = await opened.ask(ASKED)
        emit(health_of_model(answer, model=model, seconds=clock.monotonic() - began))


def require_model(*, model: str, tools: ModelTools, session_key: str) -> None:
    """Make sure that a model can be asked about a session, before anything else is sent to it.

    It is asked once, which is counted like a question about tickets: somebody may wait for the
    answer, and whoever started the run starts it again.

    Raises:
        WriterError: It cannot be asked, or the limits of the session are reached.
    """
    channel = opened_way(tools.open_channel, model=model)
    source = RequestSource(session_key=session_key, model=model)
    with closing(arriving(partial(_required, tools, source, channel))) as arrived:
        error: WriterError | None = next(arrived, None)
    if error is not None:
        raise error


async def _required(
    tools: ModelTools,
    source: RequestSource,
    channel: AbstractAsyncContextManager[ModelChannel],
    emit: Callable[[WriterError], None],
) -> None:
    """Emit what is in the way, if anything is."""
    async with opened_requests(channel, tools=tools, source=source) as single:
        try:
            answer = await single.requests.ask_once(ASKED, group_key=NO_GROUP, judge=_There)
            error = _error_of(answer, source.model) if isinstance(answer, Failure) else None
        except StoppedError:
            error = single.error
        if error is not None:
            emit(error)


@dataclass(frozen=True, slots=True)
class _There:
    """A reply of any kind: somebody is there."""

    reply: Reply

    @property
    def outcome(self) -> RequestOutcome:
        """Return what the request counts as."""
        is_refusal = self.reply.end is ReplyEnd.REFUSED
        return RequestOutcome.REFUSED if is_refusal else RequestOutcome.ANSWERED


def health_of_template(writer: str) -> WriterHealth:
    """Return the health of a writer that needs nobody."""
    return WriterHealth(
        writer=writer,
        status=HealthStatus.HEALTHY,
        signs=replace(Signs.all(Sign.NOT_NEEDED), model=Sign.OK),
        seconds=None,
        reason="",
        error=None,
    )


def health_of_model(answer: Reply | Failure, *, model: str, seconds: float) -> WriterHealth:
    """Read the health of a model from what came back when it was asked."""
    signs = _ALL_WELL if isinstance(answer, Reply) else _SIGNS[answer.kind]
    error = None if isinstance(answer, Reply) else _error_of(answer, model)
    if isinstance(answer, Reply) and answer.end is ReplyEnd.REFUSED:
        signs = _SIGNS[FailureKind.REFUSED]
    status = HealthStatus.HEALTHY if signs is _ALL_WELL else HealthStatus.DEGRADED
    parts = asdict(signs).items()
    return WriterHealth(
        writer=model,
        status=status if error is None else HealthStatus.UNAVAILABLE,
        signs=signs,
        seconds=seconds,
        reason=_reason_of(answer),
        error=error,
        next_steps=as_actions(
            [step for name, sign in parts for step in _STEPS.get((name, sign), ())]
        ),
    )


def health_without_asking(error: WriterError, *, model: str) -> WriterHealth:
    """Return the health of a model that cannot even be asked: packages or a key are missing."""
    is_key = isinstance(error, WriterAccessError)
    unseen = Signs.all(Sign.NOT_KNOWN)
    return WriterHealth(
        writer=model,
        status=HealthStatus.UNAVAILABLE,
        signs=replace(unseen, authentication=Sign.FAILED) if is_key else unseen,
        seconds=None,
        reason=error.message,
        error=error,
        next_steps=as_actions(_STEPS["authentication", Sign.FAILED])
        if is_key
        else error.recovery_actions,
    )


_ALL_WELL = Signs.all(Sign.OK)
_OUT_OF_REACH = replace(Signs.all(Sign.NOT_KNOWN), connectivity=Sign.FAILED)
_OUT_OF_ORDER = replace(_OUT_OF_REACH, connectivity=Sign.OK, availability=Sign.FAILED)
_LOCKED = replace(_OUT_OF_ORDER, availability=Sign.OK, authentication=Sign.FAILED)
_ANSWERS_ODDLY = replace(_ALL_WELL, model=Sign.LIMITED)
_TAKES_NO_REQUEST = replace(_ALL_WELL, quota=Sign.NOT_KNOWN, model=Sign.FAILED)
_SIGNS: Mapping[FailureKind, Signs] = {
    FailureKind.UNREACHABLE: _OUT_OF_REACH,
    FailureKind.UNAVAILABLE: _OUT_OF_ORDER,
    FailureKind.UNREADABLE: _OUT_OF_ORDER,
    FailureKind.THROTTLED: replace(_ALL_WELL, quota=Sign.LIMITED, model=Sign.NOT_KNOWN),
    FailureKind.NO_CREDIT: replace(_ALL_WELL, quota=Sign.FAILED, model=Sign.NOT_KNOWN),
    FailureKind.NO_ACCESS: _LOCKED,
    FailureKind.UNKNOWN_MODEL: _TAKES_NO_REQUEST,
    FailureKind.REJECTED: _TAKES_NO_REQUEST,
    FailureKind.SCHEMA_REFUSED: _TAKES_NO_REQUEST,
    FailureKind.TOO_LONG: _ANSWERS_ODDLY,
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


def _error_of(failure: Failure, model: str) -> WriterError | None:
    """Return what a run would end with; None where the model can be asked all the same."""
    wait = failure.wait_seconds
    match failure.kind:
        case FailureKind.THROTTLED if (wait or 0) <= LONGEST_WAIT_SECONDS:
            return None
        case FailureKind.TOO_LONG | FailureKind.REFUSED:
            return None
        case (
            FailureKind.THROTTLED
            | FailureKind.UNREACHABLE
            | FailureKind.UNAVAILABLE
            | FailureKind.UNREADABLE
        ):
            return WriterUnavailableError(
                model=model,
                reason=failure.reason,
                progress=NOTHING_WRITTEN,
                wait_seconds=wait,
                has_begun=False,
            )
        case FailureKind.NO_CREDIT:
            return WriterQuotaError(model=model, reason=failure.reason, progress=NOTHING_WRITTEN)
        case (
            FailureKind.NO_ACCESS
            | FailureKind.UNKNOWN_MODEL
            | FailureKind.REJECTED
            | FailureKind.SCHEMA_REFUSED
        ):
            return WriterAccessError(model=model, reason=failure.reason, progress=NOTHING_WRITTEN)
        case _:
            assert_never(failure.kind)


def _reason_of(answer: Reply | Failure) -> str:
    if isinstance(answer, Failure):
        return answer.reason
    return "" if answer.end is not ReplyEnd.REFUSED else "It refused a harmless question."

"""Whether a writer can be used now, from what one question brought back.

Belongs here: asking whether somebody is there, or for an answer about an invented ticket, and what
each reply or failure says of connection, access, quota and model. Does not: the wire
(`model_calls`), asking about tickets (`model_requests`), showing (`cli/checks`).
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Self, TypeAlias

from jira_pipeline.model.actions import Action, ActionKind, as_actions
from jira_pipeline.model.errors import (
    WriterAccessError,
    WriterContextError,
    WriterError,
    WriterUnavailableError,
    WriterUnusableError,
)
from jira_pipeline.model.json_values import json_fields, picked
from jira_pipeline.model.model_requests import NO_GROUP, RequestOutcome
from jira_pipeline.writing.completion.changes import Changes
from jira_pipeline.writing.completion.prompt import prompt_instructions
from jira_pipeline.writing.models.arrivals import arriving
from jira_pipeline.writing.models.model_exchange import (
    Failure,
    FailureKind,
    ModelChannel,
    Question,
    Reply,
    ReplyEnd,
    WriterClock,
    cut_of,
)
from jira_pipeline.writing.models.model_requests import (
    LONGEST_WAIT_BETWEEN_TRIES_SECONDS,
    STOPPING,
    ModelRequests,
)
from jira_pipeline.writing.models.model_tools import (
    NOTHING_WRITTEN,
    ModelTools,
    error_of,
    opened_way,
)
from jira_pipeline.writing.models.request_account import RequestSource
from jira_pipeline.writing.models.request_pace import RequestPace, StoppedError
from jira_pipeline.writing.models.ticket_conversation import (
    REPAIRS_MAX,
    Declined,
    Faulty,
    answer_in,
    asked_again,
    first_question,
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


@json_fields(
    "writer status connectivity=signs.connectivity availability=signs.availability "
    "authentication=signs.authentication quota=signs.quota model=signs.model "
    "model_availability=signs.model latency_seconds reason next_steps error=error_shown"
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

    @property
    def latency_seconds(self) -> float | None:
        return None if self.seconds is None else round(self.seconds, 3)

    @property
    def error_shown(self) -> Mapping[str, str] | None:
        """What a program is told of that error."""
        return None if self.error is None else picked(self.error, "code category")


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
    return first_question(
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


def check_model(*, model: str, tools: ModelTools, is_trial: bool = False) -> WriterHealth:
    """Ask a model whether it is there, or on trial for an answer; counted for no session."""
    try:
        channel = opened_way(tools.open_channel, model=model)
    except WriterError as error:
        return health_without_asking(error, model=model)
    question = trial_question(tools.clock.now()) if is_trial else ASKED
    with closing(arriving(partial(_checked, model, tools.clock, channel, question))) as arrived:
        health: WriterHealth = next(arrived)
    return health


async def _checked(
    model: str,
    clock: WriterClock,
    channel: AbstractAsyncContextManager[ModelChannel],
    question: Question,
    emit: Callable[[WriterHealth], None],
) -> None:
    async with channel as opened:
        began = clock.monotonic()
        answer, fault = await _tried(opened, question)
        seconds = clock.monotonic() - began
        emit(health_of_model(answer, model=model, seconds=seconds, fault=fault))


async def _tried(channel: ModelChannel, question: Question) -> tuple["Answered", str]:
    """Ask as about a ticket: repeated for its form alone. Return what the first fault was, too."""
    fault, repairs = "", 0
    while True:
        answer = await channel.ask(question)
        if isinstance(answer, Failure) and answer.kind is FailureKind.SCHEMA_REFUSED:
            answer = await channel.ask(question)
        if isinstance(answer, Failure) or question.schema is None:
            return answer, fault
        judged = cut_of(question, answer) or answer_in(answer)
        if not isinstance(judged, Faulty) or repairs == REPAIRS_MAX:
            return judged, fault
        fault, repairs = fault or judged.reason, repairs + 1
        question = asked_again(question, judged)


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
    account = tools.account(source)
    async with channel as opened:
        pace = RequestPace(tools.clock, places_max=1)
        requests = ModelRequests(opened, pace=pace, account=account, clock=tools.clock)
        try:
            answer = await requests.ask_once(ASKED, group_key=NO_GROUP, judge=_There)
            error = _error_of(answer, source.model) if isinstance(answer, Failure) else None
        except StoppedError:
            stop = requests.stop
            if stop is None:
                raise
            error = error_of(
                stop, model=source.model, spent=account.spent, progress=NOTHING_WRITTEN
            )
        if error is not None:
            emit(error)


@dataclass(frozen=True, slots=True)
class _There:
    """A reply of any kind: somebody is there."""

    reply: Reply

    @property
    def outcome(self) -> RequestOutcome:
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


Answered: TypeAlias = Reply | Failure | Changes | Faulty | Declined
"""What came back: a reply to the small question, or what a reply about a ticket is worth."""


def health_of_model(
    answer: Answered, *, model: str, seconds: float, fault: str = ""
) -> WriterHealth:
    """Read the health of a model from what came back; `fault` is why it was asked again."""
    signs, reason, error = _read(answer, model=model)
    if signs is _ALL_WELL and fault:
        signs, reason = _ANSWERS_ODDLY, f"Asked again: {fault}"
    status = HealthStatus.HEALTHY if signs is _ALL_WELL else HealthStatus.DEGRADED
    steps = [step for part in asdict(signs).items() for step in _STEPS.get(part, ())]
    advice = error
    if isinstance(answer, Failure) and answer.kind is FailureKind.TOO_LONG:
        advice = WriterContextError(model=model, reason=reason, progress=NOTHING_WRITTEN)
    if isinstance(advice, WriterContextError | WriterUnusableError):
        steps = list(advice.recovery_actions)
    return WriterHealth(
        writer=model,
        status=status if error is None else HealthStatus.UNAVAILABLE,
        signs=signs,
        seconds=seconds,
        reason=reason,
        error=error,
        next_steps=as_actions(steps),
    )


def _read(answer: Answered, *, model: str) -> tuple["Signs", str, WriterError | None]:
    match answer:
        case Failure():
            return _SIGNS[answer.kind], answer.reason, _error_of(answer, model)
        case Faulty(reason=reason):
            unusable = WriterUnusableError(model=model, reason=reason, progress=NOTHING_WRITTEN)
            return _SPEAKS_OTHERWISE, reason, unusable
        case Reply(end=ReplyEnd.REFUSED) | Declined():
            return _ANSWERS_ODDLY, "It refused a harmless question.", None
        case Reply() | Changes():
            return _ALL_WELL, "", None


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
_SPEAKS_OTHERWISE = replace(_ALL_WELL, model=Sign.FAILED)
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


def _error_of(failure: Failure, model: str) -> WriterError | None:
    """Return what a run would end with; None where the model can be asked all the same."""
    kind, wait = failure.kind, failure.wait_seconds
    is_short = kind is FailureKind.THROTTLED and (wait or 0) <= LONGEST_WAIT_BETWEEN_TRIES_SECONDS
    if is_short or kind in {FailureKind.TOO_LONG, FailureKind.REFUSED}:
        return None
    is_refused = kind in {FailureKind.REJECTED, FailureKind.SCHEMA_REFUSED}
    error = WriterAccessError if is_refused else STOPPING.get(kind)
    if error is not None:
        return error(model=model, reason=failure.reason, progress=NOTHING_WRITTEN)
    return WriterUnavailableError(
        model=model,
        reason=failure.reason,
        progress=NOTHING_WRITTEN,
        wait_seconds=wait,
        has_begun=False,
    )

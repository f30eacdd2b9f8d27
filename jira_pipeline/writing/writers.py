"""The writers a session can have: choosing one, what it would cost, whether it can be used.

A writer has a name, such as `template` or `openai:gpt-6-luna`. It gets briefs (`TicketRows`, the
facts of one ticket) and yields the prose of each ticket as soon as it has it. The model writer asks
a model; an answer that was paid for is kept in the store and used again.

Belongs here: which adapter writes, what is asked about it; checking a model before anything is
spent, and warning that its price is unknown; the model writer. Does not: what a model is asked
about a ticket (`completion`), asking and health (`models`), prices (`cost_estimate`), storing the
tickets (`generation`).
"""

import asyncio
import logging
import random
import time
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.retention import answers_used_since
from jira_pipeline.context.settings import PROVIDERS, TEMPLATE, Settings
from jira_pipeline.context.waits import WaitReporter
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.errors import (
    ConfigurationError,
    WriterAccessError,
    WriterMissingError,
    WrongUseError,
)
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.model_requests import LearnedForm, Spending, WritingLimits
from jira_pipeline.model.sessions import WaitTarget
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.tickets import ticket_id_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.session_rows import rows_of_session
from jira_pipeline.tickets.questions.found_questions import ticket_rows
from jira_pipeline.tickets.reads_of_tickets import SessionReads
from jira_pipeline.tickets.template import NAME, TemplateWriter, TicketWriter, WrittenTicket
from jira_pipeline.writing.completion.prompt import (
    PROMPT_RULE,
    ContextKind,
    PromptRule,
    TicketToComplete,
    is_asked,
)
from jira_pipeline.writing.cost_estimate import (
    CostEstimate,
    ExpectedRequest,
    context_tokens_of,
    estimate_by_model,
    estimate_by_template,
    expected_requests,
    has_price_list,
    notes_on,
    price_usd,
)
from jira_pipeline.writing.form_choice import form_for
from jira_pipeline.writing.left_tickets import tickets_left_as_they_are
from jira_pipeline.writing.models.asking_step import AskingStep, stream_results
from jira_pipeline.writing.models.conversation import (
    ANSWER_MAX_TOKENS,
    USUAL_ROOM,
    AnswerRoom,
    FormMemory,
    ModelChannel,
    ModelChoice,
    ModelTools,
    Question,
    TicketConversation,
    WriterClock,
    answer_key_of,
)
from jira_pipeline.writing.models.health import NO_PART_NEEDED, WriterHealth, check_model
from jira_pipeline.writing.models.request_form import USUAL_FORM, RequestForm, form_of_json


class ModelWriter(TicketWriter):
    """Writes tickets with a model, and uses again each answer that it was paid for."""

    def __init__(
        self,
        *,
        tools: ModelTools,
        rule: PromptRule = PROMPT_RULE,
        room: AnswerRoom = USUAL_ROOM,
        source: SourceWord = SourceWord.SHEETS,
    ) -> None:
        """Store how to reach the model, and how it may answer; nothing is imported or opened yet.

        `source` says what the session is made of: a model is asked otherwise about packages.
        """
        self.room = room
        self.form = form_for(source)
        self.name = f"{tools.model}/{self.form.version}"
        self.tools = tools
        self.rule = rule
        self._template = TemplateWriter()

    @override
    def write_all(
        self, briefs: Sequence[TicketRows], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets: first those whose answers are kept, then the others as they arrive.

        Raises:
            WriterError: The model cannot be asked, or limits are reached.
        """
        unanswered: list[TicketRows] = []
        has_answered = False
        for brief in briefs:
            if not is_asked(brief, self.rule):
                prose = self._template.write(brief)
                yield WrittenTicket(group_key=brief.group.key, prose=prose)
                continue
            answered = self._find_kept_answer(brief)
            if answered is None:
                unanswered.append(brief)
            else:
                has_answered = True
                yield self._written_ticket(answered)
        if not unanswered:
            return
        finished_count = len(briefs) - len(unanswered)
        step = AskingStep(
            self.tools, session_key=session_key, writer=self.name, has_answered=has_answered
        )
        # `map` prepares a ticket when the step takes it: preparing a thousand takes seconds.
        conversations = map(self._new_conversation, unanswered)
        results = stream_results(
            partial(step.run, conversations, self.tools.open_channel()),
            interrupt=step.interrupt,
            grace_seconds=self.tools.grace_seconds,
        )
        with closing(results) as finished_conversations:
            for conversation in finished_conversations:
                finished_count += 1
                yield self._written_ticket(conversation)
        error = step.error(f"{finished_count} of {len(briefs)} tickets are written and kept.")
        if error is not None:
            raise error

    def briefs_to_ask(self, briefs: Sequence[TicketRows]) -> Iterator[TicketRows]:
        """Yield the briefs whose answer is not in the store, so that the model has to be asked."""
        for brief in briefs:
            if not is_asked(brief, self.rule):
                continue
            answer_key = self._new_conversation(brief).answer_key
            if self.tools.record.answer(answer_key) is None:
                yield brief

    def _find_kept_answer(self, brief: TicketRows) -> TicketConversation | None:
        """Return a conversation with the stored answer about a ticket; None where none is stored.

        Reading an answer notes that it was used, so that it is not forgotten soon. Its changes are
        checked again: what held for older checks or rows may not hold now.
        """
        conversation = self._new_conversation(brief)
        answer = self.tools.record.answer(conversation.answer_key, used_at=self.tools.clock.now())
        if answer is None:
            return None
        conversation.answer = conversation.form.from_store(answer.answer_json, conversation.ticket)
        return conversation

    def _new_conversation(self, brief: TicketRows) -> TicketConversation:
        ticket = TicketToComplete.of(brief)
        form = self.form
        prompt = form.prompt_of(ticket, self.rule)
        return TicketConversation(
            form=form,
            question=Question(
                instructions=prompt.instructions,
                context=prompt.context,
                request=prompt.request,
                answer_tokens_max=self.room.tokens,
                effort=self.room.effort,
                schema=form.schema,
            ),
            group_key=brief.group.key,
            ticket=ticket,
            prompt=prompt,
            answer_key=answer_key_of(
                prompt, model=self.tools.model, effort=self.room.effort, form=form
            ),
        )

    def _written_ticket(self, conversation: TicketConversation) -> WrittenTicket:
        """Return the ticket of the model's answer, or the template's where there is none."""
        ticket = conversation.ticket
        answer = conversation.answer
        if answer is None:
            template = self._template.write(ticket.facts)
            prose = replace(template, fallback_reason=conversation.reason)
        else:
            prose = conversation.form.prose_of(answer, ticket, writer=self.name)
        return WrittenTicket(group_key=conversation.group_key, prose=prose)


CHECK_TIMEOUT_SECONDS = 30.0
"""The most for one small question; a person waits for its answer."""
TYPICAL_MODELS = (
    "openai:gpt-6-luna",
    "openai:gpt-6.1-terra",
    "openai:gpt-6.1-sol",
    "anthropic:claude-haiku-5-5",
    "anthropic:claude-sonnet-5-5",
    "anthropic:claude-opus-5-5",
)
"""A small, a medium and a large model of each provider, for people who have not chosen yet.

Source: the price list of genai-prices 0.2.3, 2026-11.
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingOrder:
    """Which tickets somebody wants written, by which writer, and with which remark."""

    numbers: tuple[int, ...] = ()
    """The numbers of the tickets to write; empty means all of the session."""
    writer: str | None = None
    """The name of the writer from now on; None leaves it as it is."""
    remark: str | None = None
    """What the writer shall mind in these tickets from now on; `""` removes it, None leaves it."""


WHOLE_SESSION = WritingOrder()


@json_fields(
    "**estimate session_key writer_for=of_choices providers=typical spent budget requests_max notes"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEstimate:
    """What the tickets of a session take, with what bounds it."""

    session_key: str
    estimate: CostEstimate
    of_choices: Mapping[str, CostEstimate]
    """The estimate with each value of WRITER_FOR, by value; empty where the template writes."""
    typical: tuple[CostEstimate, ...]
    """The estimate with models people choose often; empty where one is named or configured."""
    spent: Decimal
    """US dollars spent on this session so far; they count towards the budget."""
    budget: Decimal
    """WRITER_BUDGET, in US dollars."""
    requests_max: int
    notes: tuple[str, ...]


def writer_named(session: OpenSession, name: str) -> TicketWriter:
    """Return the writer of that name for a session; a model is not asked before it has to write.

    Raises:
        ConfigurationError: The settings do not say how to reach it.
    """
    return open_writer(session, session.pipeline.settings.with_writer(name))


def refuse_unknown_writer(pipeline: Pipeline, name: str | None, *, where: str) -> None:
    """Refuse the name of a writer that cannot be asked; None and the template are fine.

    `where` is the option or field that the name was given in, and begins the message.

    Raises:
        WrongUseError: It is a provider without a model, or the settings cannot reach it.
    """
    if name in (None, TEMPLATE):
        return
    if name in PROVIDERS:
        raise WrongUseError(
            f"{where}: {name!r} names no model.",
            recovery_actions=(f"Put the name of a model behind it: {name}NAME.",),
        )
    try:
        pipeline.settings.with_writer(name)
    except ConfigurationError as error:
        raise WrongUseError(
            f"{where}: {error.message.replace('WRITER_MODEL: ', '')}",
            recovery_actions=error.recovery_actions,
        ) from error


def choose_writer(session: OpenSession, name: str, *, by: str) -> None:
    """Have the tickets of a session written by another writer from now on.

    Raises:
        ConfigurationError: The settings do not say how to reach it; nothing is chosen.
    """
    writer_named(session, name)
    session.store.sessions.choose_writer(session.key, name, by=by, at=session.clock.now())


def open_writer(session: OpenSession, settings: Settings) -> TicketWriter:
    """Return the writer of a session by these settings; a model is not asked before it has to write."""
    if settings.writer_model in (None, "", TEMPLATE):
        return TemplateWriter()
    return CheckedWriter(
        tools=model_tools(session.pipeline, settings),
        rule=prompt_rule(settings),
        room=answer_room(settings),
        source=session.stored.source_word,
    )


def sent_rows_text(settings: Settings) -> str:
    """Return the sentence that tells people which rows are sent to whoever serves the model."""
    if settings.writer_context == ContextKind.TICKET.value:
        return (
            "With each ticket its own rows are sent, and those of no other (WRITER_CONTEXT=ticket)."
        )
    return (
        "With each ticket all rows or components of its session are sent to whoever serves the model; "
        "WRITER_CONTEXT=ticket sends those of the ticket alone."
    )


def prompt_rule(settings: Settings) -> PromptRule:
    """Return which rows a model sees and about which tickets it is asked, by the settings."""
    return PromptRule(
        context=ContextKind(settings.writer_context),
        context_tokens=settings.writer_context_tokens
        or context_tokens_of(settings.writer_model or TEMPLATE, base_url=settings.writer_base_url),
        is_for_notes_only=settings.writer_for == "notes",
    )


def answer_room(settings: Settings) -> AnswerRoom:
    """Return how long a model may answer and think, by the settings."""
    return AnswerRoom(
        tokens=settings.writer_output_tokens or ANSWER_MAX_TOKENS,
        effort=settings.writer_effort or "",
    )


@dataclass(frozen=True, slots=True)
class KeptForms:
    """Remembers in the store what one server refuses for one model."""

    pipeline: Pipeline
    address: str
    model: str

    def recall(self) -> RequestForm:
        """Return the form that it takes, as far as it refused something in the last days."""
        record = self.pipeline.store.writing
        learned = record.learned_form(self.address, self.model, at=self.pipeline.clock.now())
        return USUAL_FORM if learned is None else form_of_json(learned.form_json)

    def keep(self, form: RequestForm) -> None:
        """Keep a form in which a request was answered."""
        learned = LearnedForm(
            address=self.address,
            model=self.model,
            form_json=form.as_json,
            learned_at=self.pipeline.clock.now(),
        )
        self.pipeline.store.writing.keep_form(learned)

    def forget(self) -> None:
        """Forget what it refused: the next request is in the usual form."""
        self.pipeline.store.writing.forget_form(self.address, self.model)


def model_tools(pipeline: Pipeline, settings: Settings) -> ModelTools:
    """Return how to reach and pay the model of these settings; nothing is imported or opened yet."""
    address, _, query = (settings.writer_base_url or "").partition("?")
    choice = ModelChoice(
        model=settings.writer_model or TEMPLATE,
        base_url=address or None,
        query=query,
        api_key=settings.writer_key,
        timeout_seconds=settings.writer_timeout_seconds,
    )
    memory = KeptForms(pipeline, address=settings.writer_base_url or "", model=choice.model)
    return ModelTools(
        model=choice.model,
        open_channel=partial(open_model_channel, choice, memory=memory),
        forget_form=memory.forget,
        show_wait=WaitReporter(pipeline, WaitTarget.WRITER).show,
        record=pipeline.store.writing,
        clock=WriterClock(
            now=pipeline.clock.now,
            monotonic=time.monotonic,
            sleep=asyncio.sleep,
            random=random.random,
        ),
        price_of=partial(price_usd, choice.model, base_url=choice.base_url),
        limits=WritingLimits(
            requests_max=settings.writer_max_requests, budget_usd=settings.writer_budget
        ),
        concurrency_max=settings.writer_concurrency,
    )


def briefs_in(
    session: OpenSession,
    order: WritingOrder = WHOLE_SESSION,
    *,
    but: Collection[str] = (),
    reads: SessionReads | None = None,
) -> tuple[TicketRows, ...]:
    """Return the briefs of the tickets in an order: the facts of each, and people's remark.

    Those of the groups with the keys in `but` are left out. What rules read is noted in `reads`.
    """
    remarks = {ticket_id: remark.text for ticket_id, remark in session.remarks.items()}
    chosen = {t.group_key: t.ticket_id for t in session.tickets if t.number in order.numbers}
    if order.remark is not None:
        # The order may not be stored yet: an estimate, or a check before the start.
        remarks |= dict.fromkeys(chosen.values(), order.remark)
    facts = rows_of_session(session)
    briefs = []
    for group in session.contents.groups:
        if group.key in but or (order.numbers and group.key not in chosen):
            continue
        remark = remarks.get(ticket_id_of(session.key, group.key), "")
        read = facts if reads is None else reads.observed_for(group)
        briefs.append(ticket_rows(group, read, remark=remark))
    return tuple(briefs)


def reads_remarks(session: OpenSession, *, writer: str | None = None) -> bool:
    """Tell whether the named writer, or else the session's, reads remarks; the template does not."""
    return (writer or session.writer_name) != TEMPLATE


def estimate(
    session: OpenSession, *, writer: str | None = None, numbers: tuple[int, ...] = ()
) -> SessionEstimate:
    """Estimate cost and time of a session's tickets, all or those of some numbers.

    The named writer is estimated, or else the session's; where that is the template and none is
    named, some typical models, too.

    Raises:
        ConfigurationError: Nobody serves a model of that name.
    """
    settings = session.settings.with_writer(writer or session.writer_name)
    briefs = briefs_in(session, WritingOrder(numbers=numbers))
    opened = open_writer(session, settings.model_copy(update={"writer_for": "all"}))
    typical: tuple[CostEstimate, ...] = ()
    of_choices: Mapping[str, CostEstimate] = {}
    if isinstance(opened, CheckedWriter):
        to_write = _briefs_to_write(session, briefs, writer=opened, is_ordered=bool(numbers))
        requests = expected_requests(opened.briefs_to_ask(to_write), opened.rule)
        choices = (settings.model_copy(update={"writer_for": name}) for name in ("all", "notes"))
        of_choices = {c.writer_for: _estimate_by(c, briefs, requests) for c in choices}
        estimated = of_choices[settings.writer_for]
    else:
        estimated = estimate_by_template(len(briefs), writer=opened.name)
        if writer is None:  # nobody chose one: show models of every provider, each at its address
            at_providers = settings.model_copy(update={"writer_base_url": None})
            requests = expected_requests(briefs, prompt_rule(settings))
            typical = tuple(
                _estimate_by(at_providers.with_writer(model), briefs, requests)
                for model in TYPICAL_MODELS
            )
    spent = spending_of(session).cost_usd
    return SessionEstimate(
        session_key=session.key,
        estimate=estimated,
        of_choices=of_choices,
        typical=typical,
        spent=spent,
        budget=settings.writer_budget,
        requests_max=settings.writer_max_requests,
        notes=notes_on(
            typical or (estimated,),
            has_prices=has_price_list(),
            left_usd=settings.writer_budget - spent,
        ),
    )


def check(pipeline: Pipeline, *, writer: str | None = None, is_trial: bool = False) -> WriterHealth:
    """Ask the configured writer, or the named one, whether it can be used now.

    A trial asks for an answer about an invented ticket, with the time limit of a real one.

    Raises:
        ConfigurationError: Nobody serves a model of that name.
    """
    settings = pipeline.settings.with_writer(writer or pipeline.settings.writer_model or TEMPLATE)
    if settings.writer_model == TEMPLATE:
        return WriterHealth(writer=NAME, signs=NO_PART_NEEDED)
    timeout = min(settings.writer_timeout_seconds, CHECK_TIMEOUT_SECONDS)
    impatient = settings.model_copy(update={"writer_timeout_seconds": timeout})
    tools = model_tools(pipeline, settings if is_trial else impatient)
    if is_trial:
        tools.forget_form()  # the server may have been set up otherwise since
    return check_model(tools=tools, is_trial=is_trial, room=answer_room(settings))


def require_writer(session: OpenSession, order: WritingOrder = WHOLE_SESSION) -> None:
    """Check that the writer of an order, or else the session's, can be asked, before it starts.

    A model is asked one small question, which is charged to no session. Where the store has every
    answer, nothing is asked.

    Raises:
        WriterError: It cannot be used now, or not as it is configured.
        ConfigurationError: Nobody serves a model of that name.
    """
    name = order.writer or session.writer_name
    opened = writer_named(session, name)
    if not isinstance(opened, CheckedWriter):
        return
    briefs = briefs_in(session, order)
    to_write = _briefs_to_write(session, briefs, writer=opened, is_ordered=bool(order.numbers))
    if not any(opened.briefs_to_ask(to_write)):
        return
    check(session.pipeline, writer=name).require()


def _briefs_to_write(
    session: OpenSession, briefs: Sequence[TicketRows], *, writer: TicketWriter, is_ordered: bool
) -> Sequence[TicketRows]:
    """Return the briefs of the tickets that a generation writes; the others stay as they are."""
    if is_ordered:
        return briefs
    left = tickets_left_as_they_are(session, briefs, writer_name=writer.name)
    return [brief for brief in briefs if brief.group.key not in left]


def _estimate_by(
    settings: Settings, briefs: Sequence[TicketRows], requests: Mapping[str, ExpectedRequest]
) -> CostEstimate:
    """Estimate the model of some settings; `requests` has those still to be paid, by group key."""
    model = settings.writer_model or TEMPLATE
    rule = prompt_rule(settings)
    group_keys = [brief.group.key for brief in briefs if is_asked(brief, rule)]
    return estimate_by_model(
        [requests[key] for key in group_keys if key in requests],
        writer=model,
        ticket_count=len(briefs),
        asked_count=len(group_keys),
        concurrency=settings.writer_concurrency,
        price=partial(price_usd, model, base_url=settings.writer_base_url),
    )


def spending_of(session: OpenSession) -> Spending:
    """Return the requests, tokens and money that models took for a session so far."""
    return session.store.writing.spending(session.key)


def forget_answers(pipeline: Pipeline) -> int:
    """Delete the answers of models that nobody used for `ANSWERS_KEPT_DAYS`; return how many.

    Where RETENTION_DAYS is longer, they stay as long as that.
    """
    since = answers_used_since(pipeline.clock.now(), keep_days=pipeline.settings.retention_days)
    return pipeline.store.writing.forget_answers(unused_since=since)


class CheckedWriter(ModelWriter):
    """A model writer that first asks one small question, and stops where that fails."""

    @override
    def write_all(
        self, briefs: Sequence[TicketRows], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets; where the store has every answer, nothing is asked.

        Raises:
            WriterError: The model cannot be asked, or limits are reached.
        """
        if any(self.briefs_to_ask(briefs)):
            # A run may be tried six times; only its first warns, and `status` shows the count.
            is_reported = self.tools.record.spending(session_key).unpriced_requests > 0
            if not is_reported and self.tools.price_of(tokens_in=1, tokens_out=1) is None:
                logger.warning(
                    "Nobody knows the price of %s, so WRITER_BUDGET cannot bind; "
                    "WRITER_MAX_REQUESTS does (%d)",
                    self.tools.model,
                    self.tools.limits.requests_max,
                )
            check_model(tools=self.tools, session_key=session_key).require()
        yield from super().write_all(briefs, session_key=session_key)


EXTRA_PACKAGES = frozenset({"anthropic", "httpx2", "openai", "pydantic_ai"})
"""The packages of the extra `llm`, which nothing else of ours imports."""


def open_model_channel(
    choice: ModelChoice, *, memory: FormMemory | None = None
) -> AbstractAsyncContextManager[ModelChannel]:
    """Return the connection to a model, not yet open; this imports the packages that it needs.

    Raises:
        WriterMissingError: The packages are not installed.
        WriterAccessError: A provider needs a key, and there is none.
    """
    if choice.provider and choice.base_url is None and choice.api_key is None:
        raise WriterAccessError(
            model=choice.model,
            reason="No key is set: neither WRITER_API_KEY nor the provider's own variable.",
            progress="Nothing was asked.",
        )
    try:
        from jira_pipeline.writing.models.model_calls import open_channel  # noqa: PLC0415 - an extra, and slow to import
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA_PACKAGES:
            raise
        raise WriterMissingError(model=choice.model) from error
    return open_channel(choice, memory=memory)

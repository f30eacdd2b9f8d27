"""The writers a session can have: choosing one, what it would cost, whether it can be used.

Belongs here: which adapter writes, what is asked about it; making sure of a model before anything
is spent, and warning that its price is unknown; the model writer: kept answers, what is to be asked, the
prose of tickets as they arrive. Does not: what a ticket is asked with (`completion`), asking and how
health is found out (`models`), prices (`cost_estimate`), storing the tickets (`generation`).
"""

import asyncio
import logging
import random
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.retention import answers_used_since
from jira_pipeline.context.settings import PROVIDERS, TEMPLATE, Settings
from jira_pipeline.drupal.ticket_rows import SessionRows, TicketRows
from jira_pipeline.model.errors import (
    ConfigurationError,
    WriterAccessError,
    WriterMissingError,
    WrongUseError,
)
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.model_requests import Spending, WritingLimits
from jira_pipeline.model.tickets import ticket_id_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.tickets.questions.found_questions import ticket_rows
from jira_pipeline.tickets.template import NAME, TemplateWriter, TicketWriter, WrittenTicket
from jira_pipeline.writing.completion.checking import completed_prose
from jira_pipeline.writing.completion.prompt import (
    PROMPT_RULE,
    PROMPT_VERSION,
    ContextKind,
    PromptRule,
    TicketToComplete,
    is_asked,
    kept_changes,
    prompt_of,
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
from jira_pipeline.writing.models.asking_step import AskingStep, arriving
from jira_pipeline.writing.models.conversation import (
    ModelChannel,
    ModelChoice,
    ModelTools,
    Question,
    TicketConversation,
    WriterClock,
    answer_key_of,
)
from jira_pipeline.writing.models.health import NEEDS_NOBODY, WriterHealth, check_model


class ModelWriter(TicketWriter):
    """Writes tickets with a model; what was paid for once is used again."""

    def __init__(self, *, tools: ModelTools, rule: PromptRule = PROMPT_RULE) -> None:
        """Take the way to a model; nothing is imported or opened yet."""
        self.name = f"{tools.model}/{PROMPT_VERSION}"
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
        left: list[TicketRows] = []
        has_answered = False
        for brief in briefs:
            if not is_asked(brief, self.rule):
                prose = self._template.write(brief)
                yield WrittenTicket(group_key=brief.group.key, prose=prose)
            elif (answered := self._answered(brief)) is not None:
                has_answered = True
                yield self._ticket(answered)
            else:
                left.append(brief)
        if not left:
            return
        finished = len(briefs) - len(left)
        step = AskingStep(
            self.tools, session_key=session_key, writer=self.name, has_answered=has_answered
        )
        # prepared while others are asked about: preparing a thousand takes seconds
        had = arriving(
            partial(step.run, map(self._unasked, left), self.tools.open_channel()),
            interrupt=step.interrupt,
            grace_seconds=self.tools.grace_seconds,
        )
        with closing(had) as arrived:
            for conversation in arrived:
                finished += 1
                yield self._ticket(conversation)
        error = step.error(f"{finished} of {len(briefs)} tickets are written and kept.")
        if error is not None:
            raise error

    def unpaid(self, briefs: Sequence[TicketRows]) -> Iterator[TicketRows]:
        """Yield the tickets whose answer is not kept, so that a model has to be asked."""
        for brief in (brief for brief in briefs if is_asked(brief, self.rule)):
            if self.tools.record.answer(self._unasked(brief).answer_key) is None:
                yield brief

    def _answered(self, brief: TicketRows) -> TicketConversation | None:
        """Look a ticket up; an answer that is kept is used now, and not forgotten for a while.

        What held by older checks or rows has to hold now.
        """
        conversation = self._unasked(brief)
        kept = self.tools.record.answer(conversation.answer_key, used_at=self.tools.clock.now())
        if kept is None:
            return None
        conversation.changes = kept_changes(kept.answer_json, conversation.ticket)
        return conversation

    def _unasked(self, brief: TicketRows) -> TicketConversation:
        ticket = TicketToComplete.of(brief)
        prompt = prompt_of(ticket, self.rule)
        return TicketConversation(
            question=Question(
                instructions=prompt.instructions, context=prompt.context, request=prompt.request
            ),
            group_key=brief.group.key,
            ticket=ticket,
            prompt=prompt,
            answer_key=answer_key_of(prompt, model=self.tools.model),
        )

    def _ticket(self, conversation: TicketConversation) -> WrittenTicket:
        """Complete the template's ticket, or take it as it is."""
        ticket = conversation.ticket
        changes = conversation.changes
        if changes is None:
            template = self._template.write(ticket.facts)
            prose = replace(template, fallback_reason=conversation.reason)
        else:
            prose = completed_prose(changes, ticket, writer=self.name)
        return WrittenTicket(group_key=conversation.group_key, prose=prose)


CHECK_TIMEOUT_SECONDS = 30.0
"""Somebody waits for the answer to one small question."""
TYPICAL_MODELS = (
    "openai:gpt-6-luna",
    "openai:gpt-6.1-terra",
    "openai:gpt-6.1-sol",
    "anthropic:claude-haiku-5-5",
    "anthropic:claude-sonnet-5-5",
    "anthropic:claude-opus-5-5",
)
"""A small, a middle and a large one of each provider, for people who have not chosen yet.

Source: the price list of genai-prices 0.2.3, 2026-11.
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingOrder:
    """What somebody wants written."""

    numbers: tuple[int, ...] = ()
    """Of the tickets; none: all of the session."""
    writer: str | None = None
    """Who writes from now on; None: as before."""
    remark: str | None = None
    """What is wanted of these tickets from now on; empty takes that back, None leaves it."""


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
    """The same by what WRITER_FOR can be; empty where the template writes."""
    typical: tuple[CostEstimate, ...]
    """The same with models people choose often; empty where one is named or configured."""
    spent: Decimal
    """On this session so far; it counts towards the budget."""
    budget: Decimal
    requests_max: int
    notes: tuple[str, ...]


def writer_named(pipeline: Pipeline, name: str) -> TicketWriter:
    """Return the writer of that name; a model is not asked before it has to write.

    Raises:
        ConfigurationError: The settings do not say how to reach it.
    """
    return open_writer(pipeline, pipeline.settings.with_writer(name))


def refuse_unknown_writer(pipeline: Pipeline, name: str | None, *, where: str) -> None:
    """Stop where somebody names a writer that cannot be asked; `where` is what they named it by."""
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
    writer_named(session.pipeline, name)
    session.store.sessions.choose_writer(session.key, name, by=by, at=session.clock.now())


def open_writer(pipeline: Pipeline, settings: Settings) -> TicketWriter:
    """Return the writer of these settings; a model is not asked before it has to write."""
    if settings.writer_model in (None, "", TEMPLATE):
        return TemplateWriter()
    return CheckedWriter(tools=model_tools(pipeline, settings), rule=prompt_rule(settings))


def what_is_sent(settings: Settings) -> str:
    """Say what of the sheets goes to whoever serves the model."""
    if settings.writer_context == ContextKind.TICKET.value:
        return (
            "With each ticket its own rows are sent, and those of no other (WRITER_CONTEXT=ticket)."
        )
    return (
        "With each ticket all rows or components of its session are sent to whoever serves the model; "
        "WRITER_CONTEXT=ticket sends those of the ticket alone."
    )


def prompt_rule(settings: Settings) -> PromptRule:
    """Return what the settings let a model see, and of which tickets."""
    return PromptRule(
        context=ContextKind(settings.writer_context),
        context_tokens=settings.writer_context_tokens
        or context_tokens_of(settings.writer_model or TEMPLATE, base_url=settings.writer_base_url),
        is_for_notes_only=settings.writer_for == "notes",
    )


def model_tools(pipeline: Pipeline, settings: Settings) -> ModelTools:
    """Return what asks the model of these settings; nothing is imported or opened yet."""
    choice = ModelChoice(
        model=settings.writer_model or TEMPLATE,
        base_url=settings.writer_base_url,
        api_key=settings.writer_key,
        timeout_seconds=settings.writer_timeout_seconds,
    )
    return ModelTools(
        model=choice.model,
        open_channel=partial(opened_way, choice),
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


def briefs_in(session: OpenSession, order: WritingOrder = WHOLE_SESSION) -> tuple[TicketRows, ...]:
    """Return what the writer is given for the tickets somebody wants written."""
    contents = session.contents
    stored = session.stored
    remarks = {ticket_id: remark.text for ticket_id, remark in session.remarks.items()}
    chosen = {t.group_key: t.ticket_id for t in session.tickets if t.number in order.numbers}
    if order.remark is not None:
        remarks |= dict.fromkeys(chosen.values(), order.remark)
    facts = SessionRows(
        specification=contents.specification,
        groups=contents.groups_by_key,
        site_name=stored.site_name,
        site_description=stored.manifest.site_description,
    )
    return tuple(
        ticket_rows(group, facts, remark=remarks.get(ticket_id_of(session.key, group.key), ""))
        for group in contents.groups
        if not order.numbers or group.key in chosen
    )


def reads_remarks(session: OpenSession, *, writer: str | None = None) -> bool:
    """Tell whether a writer would read a remark: the named one, or the session's."""
    return (writer or session.writer_name) != TEMPLATE


def estimate(
    session: OpenSession, *, writer: str | None = None, numbers: tuple[int, ...] = ()
) -> SessionEstimate:
    """Estimate what a session takes with a writer: the named one, or the one that would write.

    Of all its tickets, or of those of some numbers.

    Raises:
        ConfigurationError: Nobody serves a model of that name.
    """
    settings = session.settings.with_writer(writer or session.writer_name)
    briefs = briefs_in(session, WritingOrder(numbers=numbers))
    opened = open_writer(session.pipeline, settings.model_copy(update={"writer_for": "all"}))
    typical: tuple[CostEstimate, ...] = ()
    of_choices: Mapping[str, CostEstimate] = {}
    if isinstance(opened, CheckedWriter):
        requests = expected_requests(opened.unpaid(briefs), opened.rule)
        choices = (settings.model_copy(update={"writer_for": name}) for name in ("all", "notes"))
        of_choices = {c.writer_for: _estimate_by(c, briefs, requests) for c in choices}
        found = of_choices[settings.writer_for]
    else:
        found = estimate_by_template(len(briefs), writer=opened.name)
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
        estimate=found,
        of_choices=of_choices,
        typical=typical,
        spent=spent,
        budget=settings.writer_budget,
        requests_max=settings.writer_max_requests,
        notes=notes_on(
            typical or (found,),
            has_prices=has_price_list(),
            left_usd=settings.writer_budget - spent,
        ),
    )


def check(pipeline: Pipeline, *, writer: str | None = None, is_trial: bool = False) -> WriterHealth:
    """Ask the configured writer, or the named one, whether it can be used now.

    On trial a model is asked for an answer as about a ticket, in the time that one has.

    Raises:
        ConfigurationError: Nobody serves a model of that name.
    """
    settings = pipeline.settings.with_writer(writer or pipeline.settings.writer_model or TEMPLATE)
    if settings.writer_model == TEMPLATE:
        return WriterHealth(writer=NAME, signs=NEEDS_NOBODY)
    timeout = min(settings.writer_timeout_seconds, CHECK_TIMEOUT_SECONDS)
    impatient = settings.model_copy(update={"writer_timeout_seconds": timeout})
    tools = model_tools(pipeline, settings if is_trial else impatient)
    return check_model(tools=tools, is_trial=is_trial)


def require_writer(session: OpenSession, order: WritingOrder = WHOLE_SESSION) -> None:
    """Make sure that whoever is to write a session can be asked, before anything starts.

    A model is asked one small question, which no session is charged for; where every answer is
    kept, nobody is.

    Raises:
        WriterError: It cannot be used now, or not as it is configured.
        ConfigurationError: Nobody serves a model of that name.
    """
    name = order.writer or session.writer_name
    opened = writer_named(session.pipeline, name)
    if not isinstance(opened, CheckedWriter) or not any(opened.unpaid(briefs_in(session, order))):
        return
    check(session.pipeline, writer=name).require()


def _estimate_by(
    settings: Settings, briefs: Sequence[TicketRows], requests: Mapping[str, ExpectedRequest]
) -> CostEstimate:
    """Estimate the model of some settings; `requests` are those still to be paid for, by group."""
    model = settings.writer_model or TEMPLATE
    rule = prompt_rule(settings)
    asked = [brief.group.key for brief in briefs if is_asked(brief, rule)]
    return estimate_by_model(
        [requests[key] for key in asked if key in requests],
        writer=model,
        ticket_count=len(briefs),
        asked_count=len(asked),
        concurrency=settings.writer_concurrency,
        price=partial(price_usd, model, base_url=settings.writer_base_url),
    )


def spending_of(session: OpenSession) -> Spending:
    """Return what models took for a session, from its first ticket on."""
    return session.store.writing.spending(session.key)


def forget_answers(pipeline: Pipeline) -> int:
    """Forget the answers of models that nobody used for `ANSWERS_KEPT_DAYS`; return how many.

    They stay longer where RETENTION_DAYS is longer.
    """
    since = answers_used_since(pipeline.clock.now(), keep_days=pipeline.settings.retention_days)
    return pipeline.store.writing.forget_answers(unused_since=since)


class CheckedWriter(ModelWriter):
    """Writes as a model writer does, after one small request that decides whether it can."""

    @override
    def write_all(
        self, briefs: Sequence[TicketRows], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets; where every answer is kept, nobody is asked.

        Raises:
            WriterError: The model cannot be asked, or limits are reached.
        """
        if any(self.unpaid(briefs)):
            # Once for a session: a run may try again six times, and `status` counts on.
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


def opened_way(choice: ModelChoice) -> AbstractAsyncContextManager[ModelChannel]:
    """Open the way to a model, importing what that needs.

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
        from jira_pipeline.writing.models.model_calls import opened_channel  # noqa: PLC0415 - an extra, and slow to import
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA_PACKAGES:
            raise
        raise WriterMissingError(model=choice.model) from error
    return opened_channel(choice)

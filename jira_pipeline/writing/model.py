"""The model writer: tickets of the template, completed by a language model.

Belongs here: kept answers, what is to be asked, and the prose of tickets as they arrive. Does not:
asking (`models/asking_step`), one conversation (`models/ticket_conversation`), the way to a
model (`models/model_tools`).
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from typing_extensions import override

from jira_pipeline.tickets.group_facts import FactsReader
from jira_pipeline.tickets.roles import TicketBrief, TicketWriter, WrittenTicket
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing.completion.changes import kept_changes
from jira_pipeline.writing.completion.completing import completed_prose
from jira_pipeline.writing.completion.prompt import PROMPT_VERSION, PromptRule, prompt_of
from jira_pipeline.writing.completion.ticket_text import TicketToComplete
from jira_pipeline.writing.models.arrivals import arriving
from jira_pipeline.writing.models.asking_step import AskingStep, Finished, Kept, Order
from jira_pipeline.writing.models.model_tools import ModelTools, error_of, opened_way
from jira_pipeline.writing.models.request_account import RequestSource
from jira_pipeline.writing.models.ticket_conversation import answer_key_of

TEXT_COLUMNS = ("Description", "Help text")
"""Beside notes, what takes understanding; of a package whatever ends so: `BaseSharedo.Description`."""
PROMPT_RULE = PromptRule()


def is_asked(brief: TicketBrief, rule: PromptRule) -> bool:
    """Tell whether a model is asked about a ticket; the template writes the others."""
    rows = (*brief.group.heads, *brief.group.members)
    cells = (cell for row in rows for cell in row.cells.items())
    is_described = any(value and name.rpartition(".")[2] in TEXT_COLUMNS for name, value in cells)
    has_text = is_described or any(row.note for row in rows)
    return has_text or bool(brief.remark) or not rule.is_for_notes_only


class ModelWriter(TicketWriter):
    """Writes tickets with a model; what was paid for once is used again."""

    def __init__(self, *, model: str, tools: ModelTools, rule: PromptRule = PROMPT_RULE) -> None:
        """Take a model as WRITER_MODEL names it; nothing is imported or opened yet."""
        self.model = model
        self.name = f"{model}/{PROMPT_VERSION}"
        self._tools = tools
        self._rule = rule
        self._template = TemplateWriter()
        self._reader = FactsReader()

    @override
    def write_all(
        self, briefs: Sequence[TicketBrief], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets: first those whose answers are kept, then the others as they arrive.

        Raises:
            WriterError: The model cannot be asked, or limits are reached.
        """
        progress = _Progress(total=len(briefs))
        asked = []
        for brief in briefs:
            if not is_asked(brief, self._rule):
                prose = self._template.write(brief)
                yield progress.counted(WrittenTicket(group_key=brief.group.key, prose=prose))
            else:
                asked.append(brief)
        found = map(self._found, asked)
        for ticket in found:
            if isinstance(ticket, Order):
                yield from self._ask(
                    chain([ticket], found), session_key=session_key, progress=progress
                )
                return
            yield progress.counted(self._kept_ticket(ticket))

    def answer_key(self, brief: TicketBrief) -> str:
        """Name the answer that is kept for a ticket once it is paid for."""
        return self._order(brief).answer_key

    def _found(self, brief: TicketBrief) -> Order | Kept:
        """Look a ticket up; one that is kept is used now, and not forgotten for a while."""
        order = self._order(brief)
        answer = self._tools.record.answer(order.answer_key, used_at=self._tools.clock.now())
        return order if answer is None else Kept(order=order, answer=answer)

    def _order(self, brief: TicketBrief) -> Order:
        ticket = TicketToComplete.of(self._reader.facts_of(brief))
        prompt = prompt_of(ticket, self._rule, remark=brief.remark)
        return Order(
            brief=brief,
            ticket=ticket,
            prompt=prompt,
            answer_key=answer_key_of(prompt, model=self.model),
        )

    def _ask(
        self, orders: Iterator[Order | Kept], *, session_key: str, progress: "_Progress"
    ) -> Generator[WrittenTicket, None, None]:
        step = AskingStep(
            self._tools,
            source=RequestSource(session_key=session_key, model=self.model),
            writer=self.name,
            has_answered=progress.answered > 0,
        )
        channel = opened_way(self._tools.open_channel, model=self.model)
        tickets = arriving(
            partial(step.run, orders, channel),
            interrupt=step.interrupt,
            grace_seconds=self._tools.grace_seconds,
        )
        with closing(tickets) as arrived:
            for ticket in arrived:
                yield progress.counted(
                    self._kept_ticket(ticket) if isinstance(ticket, Kept) else self._ticket(ticket)
                )
        if step.stop is not None:
            raise error_of(
                step.stop, model=self.model, spent=step.account.spent, progress=str(progress)
            )

    def _kept_ticket(self, kept: Kept) -> WrittenTicket:
        """Use a kept answer; what held by older checks or rows has to hold now."""
        answer = kept_changes(kept.answer.answer_json, kept.order.ticket)
        return self._ticket(Finished(order=kept.order, answer=answer, fallback_reason=""))

    def _ticket(self, finished: Finished) -> WrittenTicket:
        """Complete the template's ticket, or take it as it is."""
        order = finished.order
        prose = self._template.write(order.brief)
        if finished.answer is None:
            prose = replace(prose, fallback_reason=finished.fallback_reason)
        else:
            prose = completed_prose(finished.answer, order.ticket, template=prose, writer=self.name)
        return WrittenTicket(group_key=order.brief.group.key, prose=prose)


@dataclass(kw_only=True)
class _Progress:
    """How far a step got."""

    total: int
    finished: int = 0
    answered: int = 0
    """Of those that are finished, the ones that a model wrote."""

    def counted(self, ticket: WrittenTicket) -> WrittenTicket:
        self.finished += 1
        self.answered += not ticket.prose.fallback_reason
        return ticket

    @override
    def __str__(self) -> str:
        return f"{self.finished} of {self.total} tickets are written and kept."

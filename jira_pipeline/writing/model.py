"""The model writer: tickets of the template, completed by a language model.

Belongs here: kept answers, what is to be asked, and the prose of tickets as they arrive. Does not:
asking (`models/asking_step`), one conversation (`models/conversation`), the way to a model
(`models/model_tools`).
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import chain

from typing_extensions import override

from jira_pipeline.model.model_requests import RequestOutcome
from jira_pipeline.tickets.group_facts import GroupFacts
from jira_pipeline.tickets.roles import TicketWriter, WrittenTicket
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing.completion.changes import kept_changes
from jira_pipeline.writing.completion.checking import completed_prose
from jira_pipeline.writing.completion.prompt import PROMPT_VERSION, PromptRule, prompt_of
from jira_pipeline.writing.completion.ticket_text import TicketToComplete
from jira_pipeline.writing.models.asking_step import AskingStep, arriving
from jira_pipeline.writing.models.conversation import (
    TicketConversation,
    answer_key_of,
    first_question,
)
from jira_pipeline.writing.models.model_tools import ModelTools

TEXT_COLUMNS = ("Description", "Help text")
"""Beside notes, what takes understanding; of a package whatever ends so: `BaseSharedo.Description`."""
PROMPT_RULE = PromptRule()


def is_asked(brief: GroupFacts, rule: PromptRule) -> bool:
    """Tell whether a model is asked about a ticket; the template writes the others."""
    rows = (*brief.group.heads, *brief.group.members)
    cells = (cell for row in rows for cell in row.cells.items())
    is_described = any(value and name.rpartition(".")[2] in TEXT_COLUMNS for name, value in cells)
    has_text = is_described or any(row.note for row in rows)
    return has_text or bool(brief.remark) or not rule.is_for_notes_only


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
        self, briefs: Sequence[GroupFacts], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets: first those whose answers are kept, then the others as they arrive.

        Raises:
            WriterError: The model cannot be asked, or limits are reached.
        """
        finished, has_answered = 0, False
        for brief in briefs:
            if not is_asked(brief, self.rule):
                finished += 1
                prose = self._template.write(brief)
                yield WrittenTicket(group_key=brief.group.key, prose=prose)
        asked = (brief for brief in briefs if is_asked(brief, self.rule))
        conversations = map(self._conversation, asked)
        for first in conversations:
            if first.end is None:
                break
            finished, has_answered = finished + 1, True
            yield self._ticket(first)
        else:
            return
        step = AskingStep(
            self.tools, session_key=session_key, writer=self.name, has_answered=has_answered
        )
        channel = self.tools.opened_way()
        had = arriving(
            partial(step.run, chain([first], conversations), channel),
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

    def unpaid(self, briefs: Sequence[GroupFacts]) -> Iterator[GroupFacts]:
        """Yield the tickets whose answer is not kept, so that a model has to be asked."""
        for brief in briefs:
            if is_asked(brief, self.rule):
                answer_key = self._unasked(brief).answer_key
                if self.tools.record.answer(answer_key) is None:
                    yield brief

    def _conversation(self, brief: GroupFacts) -> TicketConversation:
        """Look a ticket up; an answer that is kept is used now, and not forgotten for a while.

        What held by older checks or rows has to hold now.
        """
        conversation = self._unasked(brief)
        now = self.tools.clock.now()
        kept = self.tools.record.answer(conversation.answer_key, used_at=now)
        if kept is not None:
            conversation.changes = kept_changes(kept.answer_json, conversation.ticket)
            conversation.end = RequestOutcome.ANSWERED
        return conversation

    def _unasked(self, brief: GroupFacts) -> TicketConversation:
        ticket = TicketToComplete.of(brief)
        prompt = prompt_of(ticket, self.rule)
        return TicketConversation(
            question=first_question(
                instructions=prompt.instructions, context=prompt.context, request=prompt.request
            ),
            group_key=brief.group.key,
            ticket=ticket,
            prompt=prompt,
            answer_key=answer_key_of(prompt, model=self.tools.model),
        )

    def _ticket(self, conversation: TicketConversation) -> WrittenTicket:
        """Complete the template's ticket, or take it as it is."""
        ticket, changes = conversation.ticket, conversation.changes
        if changes is None:
            template = self._template.write(ticket.facts)
            prose = replace(template, fallback_reason=conversation.reason)
        else:
            prose = completed_prose(changes, ticket, writer=self.name)
        return WrittenTicket(group_key=conversation.group_key, prose=prose)

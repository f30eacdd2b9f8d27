"""One conversation with a model: what is asked, what came back, what is asked again, how it ended.

Belongs here: reading answers, repairs, shorter prompts, when the template takes over. Does not:
asking (`asking_step`), the words of the request (`completion/prompt`), which changes hold
(`completion/checking`).

About a ticket at most one request, two repairs of the form, one second request about changes that
do not hold, and two shorter prompts: six that were answered or refused for their content.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import override

from jira_pipeline.model.model_requests import NO_GROUP, RequestOutcome
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.writing.completion.checking import joined, judged_changes, second_request
from jira_pipeline.writing.completion.prompt import (
    PROMPT_VERSION,
    Changes,
    Prompt,
    TicketToComplete,
    prompt_of,
)
from jira_pipeline.writing.completion.specification_text import tokens_of
from jira_pipeline.writing.models.model_exchange import (
    Failure,
    FailureKind,
    Question,
    Reply,
    ReplyEnd,
    cut_of,
)

ANSWER_MAX_TOKENS = 8_000
"""An answer of the largest ticket has some 2,000; models that think first need the rest."""
TRUNCATED_FACTOR = 2
REPAIRS_MAX = 2
SHORTENINGS_MAX = 2
FAULTS_NAMED_MAX = 10
OBJECTS_TRIED_MAX = 500
"""A bound on what a broken model can send: of braces alone they take a tenth of a second."""


@dataclass(kw_only=True)
class Conversation:
    """A question until it is answered, or until no answer can be expected."""

    question: Question
    """What is asked next."""
    group_key: str = NO_GROUP
    """Of the ticket that it is about."""
    end: RequestOutcome | None = None
    """What it ended with: answered, refused, or else what the model or the service fails at."""
    changes: Changes | None = None
    """What was answered; before the end, some of it has to be repaired."""
    reason: str = ""
    """What was wrong with the last answer, or why there is none: for people."""
    repairs: int = 0
    failure: Failure | None = None
    """Where the last request had no reply."""
    tries: int = 0
    """How often in turn the service failed at this question."""

    def take(self, received: Reply | Failure, *, tokens_read: int = 0) -> RequestOutcome:
        """Take in what came of the question, and return what the request counts as.

        After a failure of the service the same question may be asked again. `tokens_read` is the
        most that the server read of one question before.
        """
        is_repair = self.changes is not None
        if isinstance(received, Reply):
            received = cut_of(self.question, received, tokens_read=tokens_read) or received
        if isinstance(received, Reply):
            self.failure, self.tries = None, 0
            outcome = self._read(received)
        else:
            kind, reason, outcome = received.kind, received.reason, received.kind.outcome
            self.failure = received
            self.tries = 0 if kind.error is None else self.tries + 1
            if kind is FailureKind.TOO_LONG:
                self._shorten(reason)
            elif kind is FailureKind.REFUSED:
                self._end(outcome, _declined(reason))
            elif kind is FailureKind.REJECTED:
                self._end(outcome, f"The service did not take the request: {reason}")
            else:
                return outcome
        if is_repair:
            self.end = RequestOutcome.ANSWERED  # without what had to be repaired
        return outcome

    def _read(self, reply: Reply) -> RequestOutcome:
        if reply.end is ReplyEnd.REFUSED:
            return self._end(RequestOutcome.REFUSED, _declined(reply.text))
        if self.question.schema is None:
            return self._end(RequestOutcome.ANSWERED)
        self.question = replace(self.question, answered=reply.text)
        if reply.end is ReplyEnd.TRUNCATED:
            # Ask for less; half an answer is not shown to the model again.
            room = ANSWER_MAX_TOKENS * TRUNCATED_FACTOR
            self.question = replace(self.question, answered="", answer_tokens_max=room)
            return self._repair(
                "Your answer was cut off. Write the whole answer again, and write less.",
                reason="The model's answer was longer than it may be, again and again.",
            )
        try:
            changes = Changes.model_validate_json(json_in(reply.text))
        except ValidationError as error:
            # Name what does not fit, by place and rule, without what is there.
            faults = [
                {"where": ".".join(map(str, fault["loc"])) or "answer", "fault": fault["msg"]}
                for fault in error.errors(
                    include_url=False, include_context=False, include_input=False
                )
            ]
            named = json.dumps(faults[:FAULTS_NAMED_MAX], ensure_ascii=False)
            return self._repair(
                "Your answer does not fit the schema. Write the whole answer again as one JSON "
                f"object and nothing else. What does not fit: {named}",
                reason=f"The model's answer does not fit its schema ({faults[0]['where']}).",
            )
        return self._judge(changes)

    def _repair(self, complaint: str, *, reason: str) -> RequestOutcome:
        """Ask again with what was wrong, as often as is sensible."""
        self.repairs += 1
        self.reason = reason
        self.question = replace(self.question, complaint=complaint)
        if self.repairs > REPAIRS_MAX:
            self.end = RequestOutcome.INVALID
        return RequestOutcome.INVALID

    def _judge(self, changes: Changes) -> RequestOutcome:
        """Take changes that fit the schema."""
        self.changes = changes
        return self._end(RequestOutcome.ANSWERED)

    def _shorten(self, reason: str) -> None:
        """Ask with less, where something can be left out."""
        self._end(RequestOutcome.TOO_LONG, reason)

    def _end(self, end: RequestOutcome, reason: str = "") -> RequestOutcome:
        self.end, self.reason = end, reason or self.reason
        return end


@dataclass(kw_only=True)
class TicketConversation(Conversation):
    """What a model is asked about one ticket, and what it changes of it."""

    ticket: TicketToComplete
    prompt: Prompt
    answer_key: str
    """What a usable answer is kept under."""
    shortenings: int = 0

    @override
    def _judge(self, changes: Changes) -> RequestOutcome:
        """Ask once more about changes that do not hold; then they are left out of the ticket."""
        if self.changes is not None:
            changes = joined(self.changes, changes, self.ticket)
        elif refused := [one for one in judged_changes(changes, self.ticket) if one.refused]:
            self.changes = changes
            self.question = replace(self.question, complaint=second_request(refused))
            return RequestOutcome.UNFOUNDED
        return super()._judge(changes)

    @override
    def _shorten(self, reason: str) -> None:
        """Ask again with half the facts, while that leaves something out."""
        self.shortenings += 1
        rule = replace(self.prompt.rule, context_tokens=tokens_of(self.prompt.context) // 2)
        shorter = prompt_of(self.ticket, rule)
        if self.shortenings > SHORTENINGS_MAX or len(shorter.context) >= len(self.prompt.context):
            self._end(
                RequestOutcome.TOO_LONG, f"This ticket is more than the model can read: {reason}"
            )
            return
        self.prompt = shorter
        self.question = replace(
            self.question,
            context=shorter.context,
            request=shorter.request,
            answered="",
            complaint="",
        )


def first_question(*, instructions: str, context: str, request: str) -> Question:
    """Return what is asked for an answer of this form."""
    return Question(
        instructions=instructions,
        context=context,
        request=request,
        answer_tokens_max=ANSWER_MAX_TOKENS,
        schema=answer_schema(),
    )


def answer_key_of(prompt: Prompt, *, model: str) -> str:
    """Name the answer to a first prompt by everything it depends on, wherever the model is."""
    return canonical_hash(
        {
            "facts": prompt.facts_hash,
            "prompt": PROMPT_VERSION,
            "schema": canonical_hash(answer_schema()),
            "model": model,
            "tokens": ANSWER_MAX_TOKENS,
        }
    )


class _WithoutTitles(GenerateJsonSchema):
    """A schema without titles, which say the names of values again, each at its price."""

    @override
    def field_title_should_be_set(self, schema: object) -> bool:
        return False


@cache
def answer_schema() -> dict[str, object]:
    return Changes.model_json_schema(schema_generator=_WithoutTitles)


def json_in(text: str) -> str:
    """Return the last object in a text that is an answer, by its names and with no other ones.

    Models put words, a fence, another object or a draft around it, break lines within it, write
    `null` for nothing and a comma after the last one.
    """
    text = _BREAKS.sub(" ", text)
    begin, end = text.find("{"), text.rfind("}")
    whole = text[begin : end + 1] if 0 <= begin < end else text
    return _answer_in(text) or _answer_in(_LAST_COMMA.sub(r"\1", whole)) or whole


def _answer_in(text: str) -> str:
    found, at = "", text.find("{")
    for _ in range(OBJECTS_TRIED_MAX):
        if at < 0:
            break
        with suppress(ValueError, RecursionError):
            read, end = _DECODER.raw_decode(text, at)
            answer = {name: read[name] for name in read if name in Changes.model_fields}
            if answer:
                found, at = json.dumps(_without_nulls(answer)), end - 1
        at = text.find("{", at + 1)
    return found


def _without_nulls(read: Any) -> Any:
    """Leave out what is null, at any depth: it says what nothing says."""
    if isinstance(read, list):
        return [_without_nulls(one) for one in read if one is not None]
    if isinstance(read, dict):
        return {name: _without_nulls(one) for name, one in read.items() if one is not None}
    return read


_DECODER = json.JSONDecoder(strict=False)
_BREAKS = re.compile(r"[\t\r\n]+")
"""As they are, not escaped: between values they mean nothing, and within a text a space."""
_LAST_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])', re.DOTALL)
"""With the texts that it is not looked for in."""


def _declined(reason: str) -> str:
    shortened = " ".join(reason.split())[:200]
    return (
        f"The model refused to answer: {shortened}" if shortened else "The model refused to answer."
    )

"""The conversation with a model about one ticket: request, what was wrong with the answer, end.

Belongs here: judging replies, repairs, when the template takes over. Does not: asking
(`model_requests`), the words of the request (`completion/prompt`), which changes hold
(`completion/checking`).

At most one request, two repairs of the form, one second request about changes that do not hold, and
two shorter prompts: six requests that were answered or refused for their content.
"""

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeAlias

from pydantic import ValidationError

from jira_pipeline.model.model_requests import RequestOutcome
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.writing.completion.changes import Changes
from jira_pipeline.writing.completion.checking import (
    joined,
    judged_changes,
    second_request,
)
from jira_pipeline.writing.completion.prompt import PROMPT_VERSION, Prompt, prompt_of
from jira_pipeline.writing.completion.specification_text import tokens_of
from jira_pipeline.writing.completion.ticket_text import TicketToComplete
from jira_pipeline.writing.models.model_exchange import (
    Failure,
    FailureKind,
    Question,
    Reply,
    ReplyEnd,
)

ANSWER_MAX_TOKENS = 8_000
"""An answer of the largest ticket has some 2,000; models that think first need the rest."""
TRUNCATED_FACTOR = 2
REPAIRS_MAX = 2
SHORTENINGS_MAX = 2
FAULTS_NAMED_MAX = 10
OBJECTS_TRIED_MAX = 500
"""A bound on what a broken model can send: of braces alone they take a tenth of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """It fits the schema; what of it does not hold is left out of the ticket."""

    answer: Changes
    outcome: RequestOutcome = RequestOutcome.ANSWERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty:
    """It does not, and is asked for again."""

    answered: str
    complaint: str
    """For the model."""
    reason: str
    """For people, where that does not help."""
    is_truncated: bool = False
    answer: Changes | None = None
    """It fits the schema, and some of its changes do not hold."""
    outcome: RequestOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The model would not answer."""

    reason: str
    outcome: RequestOutcome = RequestOutcome.REFUSED


Judgement: TypeAlias = Good | Faulty | Declined


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """A conversation ended without one: the template's prose is used."""

    reason: str
    is_too_long: bool = False
    """The model reads fewer rows than the least that was asked with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The service did not take the request: it is this ticket, or all of them."""

    reason: str


End: TypeAlias = Changes | Unusable | Rejected
"""A conversation ended with an answer, or without one."""


class TicketConversation:
    def __init__(self, ticket: TicketToComplete, *, prompt: Prompt) -> None:
        self._ticket = ticket
        self._prompt = prompt
        self._question = first_question(
            instructions=prompt.instructions, context=prompt.context, request=prompt.request
        )
        self._repairs = self._shortenings = 0
        self._first: Changes | None = None
        """What was answered, where some of it has to be repaired."""

    def question(self) -> Question:
        """Return what is to be asked next."""
        return self._question

    def judge(self, reply: Reply) -> Judgement:
        answer = answer_in(reply)
        if not isinstance(answer, Changes):
            return answer
        if self._first is not None:
            return Good(answer=joined(self._first, answer, self._ticket))
        refused = [one for one in judged_changes(answer, self._ticket) if one.refused]
        if refused:
            return Faulty(
                answered=reply.text,
                complaint=second_request(refused),
                reason="",
                answer=answer,
                outcome=RequestOutcome.UNFOUNDED,
            )
        return Good(answer=answer)

    def after(self, judged: Judgement | Failure) -> End | None:
        """Take in what came of the question; None asks again."""
        match judged:
            case Good():
                return judged.answer
            case _ if self._first is not None:
                return self._first  # without what had to be repaired
            case Declined():
                return Unusable(reason=judged.reason)
            case Faulty():
                return self._again(judged)
            case Failure(kind=FailureKind.TOO_LONG):
                return self._shorter(judged)
            case Failure(kind=FailureKind.REFUSED):
                return Unusable(reason=_declined(judged.reason))
            case Failure():
                return Rejected(reason=judged.reason)

    def _again(self, faulty: Faulty) -> Unusable | None:
        """Ask again with the fault, as often as is sensible."""
        if faulty.answer is not None:
            self._first = faulty.answer
        elif self._repairs >= REPAIRS_MAX:
            return Unusable(reason=faulty.reason)
        else:
            self._repairs += 1
        self._question = asked_again(self._question, faulty)
        return None

    def _shorter(self, failure: Failure) -> Unusable | None:
        """Ask again with half the facts, while that leaves something out."""
        self._shortenings += 1
        rule = replace(self._prompt.rule, context_tokens=tokens_of(self._prompt.context) // 2)
        shorter = prompt_of(self._ticket, rule, remark=self._prompt.remark)
        if self._shortenings > SHORTENINGS_MAX or len(shorter.context) >= len(self._prompt.context):
            return Unusable(
                reason=f"This ticket is more than the model can read: {failure.reason}",
                is_too_long=True,
            )
        self._prompt = shorter
        self._question = replace(
            self._question,
            context=shorter.context,
            request=shorter.request,
            answered="",
            complaint="",
        )
        return None


def first_question(*, instructions: str, context: str, request: str) -> Question:
    """Return what is asked for an answer of this form."""
    return Question(
        instructions=instructions,
        context=context,
        request=request,
        answer_tokens_max=ANSWER_MAX_TOKENS,
        schema=answer_schema(),
    )


def answer_in(reply: Reply) -> Changes | Faulty | Declined:
    """Return the answer in a reply, or what its form lacks."""
    if reply.end is ReplyEnd.REFUSED:
        return Declined(reason=_declined(reply.text))
    if reply.end is ReplyEnd.TRUNCATED:
        # Ask for less; half an answer is not shown to the model again.
        return Faulty(
            answered="",
            complaint="Your answer was cut off. Write the whole answer again, and write less.",
            reason="The model's answer was longer than it may be, again and again.",
            is_truncated=True,
            outcome=RequestOutcome.INVALID,
        )
    try:
        return Changes.model_validate_json(json_in(reply.text))
    except ValidationError as error:
        # Name what does not fit, by place and rule, without what is there.
        faults = [
            {"where": ".".join(map(str, fault["loc"])) or "answer", "fault": fault["msg"]}
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        named = json.dumps(faults[:FAULTS_NAMED_MAX], ensure_ascii=False)
        return Faulty(
            answered=reply.text,
            complaint=(
                "Your answer does not fit the schema. Write the whole answer again as one JSON "
                f"object and nothing else. What does not fit: {named}"
            ),
            reason=f"The model's answer does not fit its schema ({faults[0]['where']}).",
            outcome=RequestOutcome.INVALID,
        )


def asked_again(question: Question, faulty: Faulty) -> Question:
    """Return a question with what was wrong with its answer."""
    tokens = ANSWER_MAX_TOKENS * TRUNCATED_FACTOR
    return replace(
        question,
        answered=faulty.answered,
        complaint=faulty.complaint,
        answer_tokens_max=tokens if faulty.is_truncated else question.answer_tokens_max,
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


@cache
def answer_schema() -> dict[str, object]:
    return Changes.model_json_schema()


def json_in(text: str) -> str:
    """Return the last object in a text that is an answer, by one of its names.

    Models put words, a fence, another object or a draft around it.
    """
    found, at = "", text.find("{")
    for _ in range(OBJECTS_TRIED_MAX):
        if at < 0:
            break
        try:
            read, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            read, end = {}, 0
        if read.keys() & Changes.model_fields.keys():
            found, at = text[at:end], end - 1
        at = text.find("{", at + 1)
    begin, end = text.find("{"), text.rfind("}")
    return found or (text[begin : end + 1] if 0 <= begin < end else text)


_DECODER = json.JSONDecoder(strict=False)


def _declined(reason: str) -> str:
    shortened = " ".join(reason.split())[:200]
    return (
        f"The model refused to answer: {shortened}" if shortened else "The model refused to answer."
    )

"""The conversation with a model about one ticket: request, what was wrong with the answer, end.

Belongs here: judging replies, repairs, when the template takes over. Does not: asking
(`model_requests`), the words of the request (`prompt`), what counts as unfounded (`provenance`).

At most one request, two repairs of the form, one second request about what has no source, and two
shorter prompts: six requests that were answered or refused for their content.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias, assert_never

from pydantic import ValidationError

from jira_pipeline.domain.tickets import canonical_hash
from jira_pipeline.ports.writing import RequestOutcome
from jira_pipeline.writers.answers import TicketAnswer, with_notice
from jira_pipeline.writers.asking.model_exchange import (
    Failure,
    FailureKind,
    Question,
    Reply,
    ReplyEnd,
)
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.prompt import PROMPT_VERSION, Prompt, prompt_of, tokens_of
from jira_pipeline.writers.provenance.check import second_request, unfounded_in
from jira_pipeline.writers.provenance.unfounded import Unfounded

PROMPT_MAX_TOKENS = 24_000
"""Every model of the price list reads 32,000 and more; the answer needs its part of them."""
ANSWER_MAX_TOKENS = 8_000
"""An answer of the largest ticket has some 2,000; models that think first need the rest."""
TRUNCATED_FACTOR = 2
REPAIRS_MAX = 2
SHORTENINGS_MAX = 2
FAULTS_NAMED_MAX = 10
REASON_NAMES_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """It fits the schema and the sheets."""

    answer: TicketAnswer
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
    outcome: RequestOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The model would not answer."""

    reason: str
    outcome: RequestOutcome = RequestOutcome.REFUSED


Judgement: TypeAlias = Good | Faulty | Declined


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A conversation ended with an answer."""

    answer: TicketAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """A conversation ended without one: the template's prose is used."""

    reason: str
    is_kept: bool = False
    """The model did its work and said twice what the sheets do not; another end may be overcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The service did not take the request: it is this ticket, or all of them."""

    reason: str


End: TypeAlias = Written | Unusable | Rejected


class TicketConversation:
    """The conversation about one ticket."""

    def __init__(self, facts: GroupFacts, *, prompt: Prompt) -> None:
        """Begin with the prompt that the answer is kept for, `first_prompt`."""
        self._facts = facts
        self._prompt = prompt
        self._answer_tokens = ANSWER_MAX_TOKENS
        self._answered = self._complaint = ""
        self._repairs = self._shortenings = 0
        self._has_named = False

    def question(self) -> Question:
        """Return what is to be asked next."""
        return Question(
            instructions=self._prompt.instructions,
            request=self._prompt.request,
            answered=self._answered,
            complaint=self._complaint,
            answer_tokens_max=self._answer_tokens,
            schema=answer_schema(),
        )

    def judge(self, reply: Reply) -> Judgement:
        """Tell what a reply is worth."""
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
            answer = TicketAnswer.model_validate_json(json_in(reply.text))
        except ValidationError as error:
            # Name what does not fit, by place and rule, without what is there.
            faults = [
                {"where": ".".join(map(str, fault["loc"])) or "answer", "fault": fault["msg"]}
                for fault in error.errors(
                    include_url=False, include_context=False, include_input=False
                )
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
        unfounded = unfounded_in(answer, self._facts)
        if unfounded:
            return Faulty(
                answered=reply.text,
                complaint=second_request(answer, unfounded),
                reason=unfounded_reason(unfounded),
                outcome=RequestOutcome.UNFOUNDED,
            )
        return Good(answer=answer)

    def after(self, judged: Judgement | Failure) -> End | None:
        """Take in what came of the question; None asks again."""
        match judged:
            case Good():
                is_whole = not self._prompt.is_shortened
                return Written(answer=judged.answer if is_whole else with_notice(judged.answer))
            case Declined():
                return Unusable(reason=judged.reason)
            case Faulty():
                return self._again(judged)
            case Failure(kind=FailureKind.TOO_LONG):
                return self._shorter()
            case Failure(kind=FailureKind.REFUSED):
                return Unusable(reason=_declined(judged.reason))
            case Failure():
                return Rejected(reason=judged.reason)
            case _:
                assert_never(judged)

    def _again(self, faulty: Faulty) -> Unusable | None:
        """Ask again with the fault, as often as is sensible."""
        if faulty.outcome is RequestOutcome.UNFOUNDED:
            if self._has_named:
                return Unusable(reason=faulty.reason, is_kept=True)
            self._has_named = True
        elif self._repairs >= REPAIRS_MAX:
            return Unusable(reason=faulty.reason)
        else:
            self._repairs += 1
        if faulty.is_truncated:
            self._answer_tokens = ANSWER_MAX_TOKENS * TRUNCATED_FACTOR
        self._answered, self._complaint = faulty.answered, faulty.complaint
        return None

    def _shorter(self) -> Unusable | None:
        """Ask again with half the facts, while that leaves something out."""
        self._shortenings += 1
        room = tokens_of(self._prompt.request) // 2
        shorter = prompt_of(self._facts, max_tokens=tokens_of(self._prompt.instructions) + room)
        if self._shortenings > SHORTENINGS_MAX or len(shorter.request) >= len(self._prompt.request):
            return Unusable(reason="The rows of this ticket are more than the model can read.")
        self._prompt = shorter
        self._answered = self._complaint = ""
        return None


def first_prompt(facts: GroupFacts) -> Prompt:
    """Return the prompt a conversation begins with."""
    return prompt_of(facts, max_tokens=PROMPT_MAX_TOKENS)


def answer_key_of(prompt: Prompt, *, model: str) -> str:
    """Name the answer to a first prompt by everything it depends on, wherever the model is."""
    return canonical_hash(
        {
            "facts": prompt.facts_hash,
            "prompt": PROMPT_VERSION,
            "schema": _schema_hash(),
            "model": model,
            "tokens": [PROMPT_MAX_TOKENS, ANSWER_MAX_TOKENS],
        }
    )


@cache
def answer_schema() -> dict[str, object]:
    """Return the closed schema of an answer."""
    return TicketAnswer.model_json_schema()


@cache
def _schema_hash() -> str:
    return canonical_hash(answer_schema())


def json_in(text: str) -> str:
    """Return the object in a text: small models put words or a fence around it."""
    begin, end = text.find("{"), text.rfind("}")
    return text[begin : end + 1] if 0 <= begin < end else text


def unfounded_reason(unfounded: tuple[Unfounded, ...]) -> str:
    """Say what did not pass the check of an answer."""
    named = list(dict.fromkeys(f"“{u.text}” ({u.kind.value})" for u in unfounded))
    shown = ", ".join(named[:REASON_NAMES_MAX])
    more = f" and {len(named) - REASON_NAMES_MAX} more" if len(named) > REASON_NAMES_MAX else ""
    return f"The model's answer says what the sheets do not: {shown}{more}."


def _declined(reason: str) -> str:
    shortened = " ".join(reason.split())[:200]
    return (
        f"The model refused to answer: {shortened}" if shortened else "The model refused to answer."
    )

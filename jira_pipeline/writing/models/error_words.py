"""A stored error in the words of a model, below those of the rules.

Belongs here: what is asked, what of an answer is refused, and asking twice at most. Does not: the
rules (`session/error_explanations`), requests (`model_requests`), the wire (`model_calls`).
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.resources import files

from typing_extensions import override

from jira_pipeline.drupal.lexicon import number_words
from jira_pipeline.errors import WriterError
from jira_pipeline.ports.writing import NO_GROUP, ErrorExplainer, ModelWords, RequestOutcome
from jira_pipeline.writing.models.arrivals import arriving
from jira_pipeline.writing.models.model_exchange import (
    Failure,
    ModelChannel,
    Question,
    Reply,
    ReplyEnd,
)
from jira_pipeline.writing.models.model_requests import ModelRequests
from jira_pipeline.writing.models.model_tools import ModelTools, opened_requests, opened_way
from jira_pipeline.writing.models.request_account import RequestSource
from jira_pipeline.writing.models.request_pace import StoppedError
from jira_pipeline.writing.passages import QUOTED, Passage, parts_of_quote
from jira_pipeline.writing.plain_words import normalised, singular, singular_words
from jira_pipeline.writing.sent_text import as_data

ANSWER_MAX_TOKENS = 2_000
"""Five sentences have some 200; models that think first need the rest."""
DETAIL_MAX_CHARACTERS = 4_000
"""Of each part; a message may quote many findings, and the first ones tell enough."""
WORDS_MAX_CHARACTERS = 1_500
ANSWERS_MAX = 2
PATIENCE_SECONDS = 60.0
"""Somebody sits in front of it, and has the rules' explanation already."""

_RISKY = re.compile(
    r"\b(clear|delet|disabl|downgrad|drop|eras|kill|overwr|purg|remov|reset|revok|truncat|uninstall|wip[ei])\w*"
)
"""What a model may not tell anybody to do: such a word is in the error, or not in the answer."""
_SPECIAL = re.compile(
    r"`[^`]*`|(?<![^\s`])(?:\S*[\d_@\\/=<>{}\[\]#$%|~^*]\S*|\S+\.\w\S*)|(?<!\w)--?\w+\S*"
    r"|(?<!\w)\w*[a-z][A-Z]\w*"
)
_CAPITALISED = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z]\w+")
_EDGES = "`'\"“”\u2018\u2019.,;:!?()"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What a reply is worth."""

    text: str
    unfounded: tuple[str, ...]
    is_ended: bool
    """It is whole: neither cut off nor refused."""

    @property
    def outcome(self) -> RequestOutcome:
        """Return what the request counts as."""
        if not self.is_ended:
            return RequestOutcome.REFUSED
        return RequestOutcome.UNFOUNDED if self.unfounded else RequestOutcome.ANSWERED


class ModelExplainer(ErrorExplainer):
    """Explains errors with a model; every request counts towards the limits of the session."""

    def __init__(
        self, *, model: str, tools: ModelTools, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Take a model as WRITER_MODEL names it; nothing is imported or opened yet."""
        self.name = model
        self._tools = tools
        self._patience_seconds = patience_seconds

    @override
    def explain(self, details: Mapping[str, str], *, session_key: str) -> ModelWords:
        """Explain an error from its details; failures are part of the answer."""
        try:
            channel = opened_way(self._tools.open_channel, model=self.name)
        except WriterError as error:
            return self._failed(error.message)
        source = RequestSource(session_key=session_key, model=self.name)
        with closing(arriving(partial(self._run, details, source, channel))) as arrived:
            words: ModelWords = next(arrived)
        return words

    async def _run(
        self,
        details: Mapping[str, str],
        source: RequestSource,
        channel: AbstractAsyncContextManager[ModelChannel],
        emit: Callable[[ModelWords], None],
    ) -> None:
        async with opened_requests(channel, tools=self._tools, source=source) as single:
            try:
                async with asyncio.timeout(self._patience_seconds):
                    emit(await self._answer(details, single.requests))
            except StoppedError:
                emit(self._failed(single.error.message if single.error else "It was stopped."))
            except TimeoutError:
                emit(self._failed(f"No answer within {self._patience_seconds:g} s."))

    async def _answer(self, details: Mapping[str, str], requests: ModelRequests) -> ModelWords:
        """Ask once, and once more where an answer says what the details do not."""
        shown = {name: text[:DETAIL_MAX_CHARACTERS] for name, text in details.items()}
        source = Passage(text=normalised(" ".join(shown.values())))
        question = question_about(shown)
        judged: _Judged | Failure | None = None
        for _ in range(ANSWERS_MAX):
            judged = await requests.ask(
                question, group_key=NO_GROUP, judge=partial(_judged, source)
            )
            if isinstance(judged, Failure):
                return self._failed(judged.reason)
            if judged.outcome is RequestOutcome.ANSWERED:
                return ModelWords(writer=self.name, text=judged.text, failure="")
            if not judged.is_ended:
                return self._failed("The model would not answer, or not to the end.")
            complaint = (
                "These places of your answer are not in the data. Write the whole answer again "
                f"without them: {as_data(list(judged.unfounded))}"
            )
            question = replace(question, answered=judged.text, complaint=complaint)
        return self._failed("Its answers named what the error does not.")

    def _failed(self, reason: str) -> ModelWords:
        return ModelWords(writer=self.name, text="", failure=reason)


def question_about(details: Mapping[str, str]) -> Question:
    """Return what is asked about an error."""
    return Question(
        instructions=_instructions(),
        request=f"<error>\n{as_data(dict(details))}\n</error>",
        answer_tokens_max=ANSWER_MAX_TOKENS,
        schema=None,
    )


@cache
def _instructions() -> str:
    return (files("jira_pipeline.writing") / "prompts" / "error.md").read_text(encoding="utf-8")


def unfounded_words(text: str, source: Passage) -> Iterator[str]:
    """Yield what a text names without a source, and what it would have people do on its own."""
    names = [match.group().strip(_EDGES) for match in _SPECIAL.finditer(text)]
    quotes = [part for match in QUOTED.finditer(text) for part in parts_of_quote(match)]
    yield from (name for name in (*names, *quotes) if name and not source.has(name))
    capitalised = _CAPITALISED.findall(_SPECIAL.sub(" ", text))
    yield from (word for word in capitalised if singular(word) not in source.words)
    counts = sorted(singular_words(text) & number_words().keys() - source.words)
    yield from (word for word in counts if not source.has(str(number_words()[word])))
    for match in _RISKY.finditer(text.casefold()):
        if re.search(rf"\b{match[1]}", source.folded) is None:
            yield match.group()


def _judged(source: Passage, reply: Reply) -> _Judged:
    text = " ".join(reply.text.split())
    unfounded = dict.fromkeys(unfounded_words(text, source))
    if len(text) > WORDS_MAX_CHARACTERS:
        unfounded[f"more than {WORDS_MAX_CHARACTERS:,} characters"] = None
    if not text.isprintable():
        unfounded["characters that cannot be shown"] = None
    is_ended = bool(text) and reply.end is ReplyEnd.COMPLETE
    return _Judged(text=text, unfounded=tuple(unfounded), is_ended=is_ended)

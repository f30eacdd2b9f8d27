"""The provenance check: whatever a model writes must stand in what it was told of the ticket.

Belongs here: names, quotations, addresses, numbers, file types and roles, each looked up in the
source. Does not: the source itself (`told_source`), contradictions to cells (`row_claims`), the
form of an answer (`answer_form`), or what becomes of an answer that fails twice (`model`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from jira_pipeline.writers.answer_form import form_faults
from jira_pipeline.writers.answers import TicketAnswer
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.plain_words import WORD, normalised, singular, singular_words
from jira_pipeline.writers.prompt import as_data
from jira_pipeline.writers.prose_words import (
    AFTER_A_BARE_COUNT,
    CAPITALISED_WORDS,
    COUNTED_NOUNS,
    FILE_TYPES,
    FREQUENT_WORDS,
    GENERAL_ROLES,
    NUMBER_WORDS,
    QUALIFIERS_OF_ANY_ROLE,
    ROLE_NOUNS,
    STORY_ROLES,
)
from jira_pipeline.writers.row_claims import contradictions_in
from jira_pipeline.writers.told_counts import NumberInText, is_countable
from jira_pipeline.writers.told_source import (
    MARKED,
    QUOTED,
    Passage,
    TicketSource,
    numbers_with_words,
    parts_of_quote,
    without_literals,
)
from jira_pipeline.writers.unfounded import Sentence, Unfounded, UnfoundedKind, sentences_of_answer

FAULTS_MAX = 200
_ADDRESS = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:|www\.|(?<![\w./])//?)[^\s`“”\"<>()]*[\w/]"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+[\w.-]*\w",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"\w+")
_DOTTED = re.compile(r"(?<![\w.-])[\w-]+(?:\.[\w-]+)+")
_ABBREVIATIONS = frozenset({"e.g", "i.e"})
_TOKEN = re.compile(r"[\w×%]+(?:[.,:×-][\w×%]+)*")
_AROUND_WORDS = 4
_CLAUSE_END = re.compile(r"[.;:]")
_PLAIN_NUMBER = re.compile(r"\d+")
_PHRASE_END = re.compile(r"[.,;:!?()`“”\"]")
_SENTENCE_START = re.compile(r"(?:^|[.;:?!\u203a(]\s?|- )\s*")
_STORY_ROLE = re.compile(r"As an? (.*?),")


def unfounded_in(answer: TicketAnswer, facts: GroupFacts) -> tuple[Unfounded, ...]:
    """Return what an answer says without a source, in its order; empty when all is founded."""
    return unfounded_by(answer, TicketSource(facts=facts))


def unfounded_by(answer: TicketAnswer, source: TicketSource) -> tuple[Unfounded, ...]:
    """Return the same for a source that is at hand.

    An answer with very many faults is not read to its end.
    """
    return tuple(dict.fromkeys(islice(_all_unfounded(answer, source), FAULTS_MAX)))


def _all_unfounded(answer: TicketAnswer, source: TicketSource) -> Iterator[Unfounded]:
    yield from form_faults(answer, source)
    for sentence in sentences_of_answer(answer):
        looked = _looked_up(sentence, source)
        for kind, rule in _RULES:
            for text in rule(looked):
                yield Unfounded(text=text, where=sentence.where, kind=kind)
    yield from _unfounded_citations(answer, source)


def _unfounded_citations(answer: TicketAnswer, source: TicketSource) -> Iterator[Unfounded]:
    """Questions cite rows and cells; people see the words of the cell beside the question."""
    for number, question in enumerate(answer.questions, start=1):
        where = f"question {number}"
        rows = source.rows_named(question.row.strip("`"))
        if question.row and not rows:
            yield Unfounded(text=question.row, where=where, kind=UnfoundedKind.NAME)
        if question.quote and not source.is_in_cell(question.quote, rows):
            yield Unfounded(text=question.quote, where=where, kind=UnfoundedKind.QUOTATION)


def second_request(answer: TicketAnswer, unfounded: Sequence[Unfounded]) -> str:
    """Ask once more for the same ticket, naming what has no source."""
    del answer
    listed = as_data([{"where": u.where, "kind": u.kind.value, "text": u.text} for u in unfounded])
    return (
        "These places of your answer say what the data does not, or are not in the form asked for. "
        "Each names where it is, what kind of fault, and the text. Write the whole answer again: "
        "say what the data says, or leave the place out.\n"
        f"{listed}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One sentence with the source it is looked up in."""

    sentence: Sentence
    near: Passage
    """What is told of the rows it names and of the ticket; everything, where it names none."""
    source: TicketSource
    words: str
    """Without marked names and founded quotations."""


def _looked_up(sentence: Sentence, source: TicketSource) -> _Looked:
    quotes = [part for m in QUOTED.finditer(sentence.text) for part in parts_of_quote(m)]
    names = [*MARKED.findall(sentence.text), *quotes]
    rows = tuple(row for name in names for row in source.rows_named(name))
    return _Looked(
        sentence=sentence,
        near=source.about(rows) if rows else source.whole,
        source=source,
        words=without_literals(sentence.text, source),
    )


def _names(looked: _Looked) -> Iterator[str]:
    for name in MARKED.findall(looked.sentence.text):
        if not looked.source.whole.has_exactly(name):
            yield name
    for name in _IDENTIFIER.findall(_ADDRESS.sub(" ", looked.words)):
        if "_" in name.strip("_") and not looked.source.whole.has_exactly(name):
            yield name


def _quotations(looked: _Looked) -> Iterator[str]:
    for match in QUOTED.finditer(looked.sentence.text):
        if not all(map(looked.near.has, parts_of_quote(match))):
            yield match.group()


def _addresses(looked: _Looked) -> Iterator[str]:
    for address in _ADDRESS.findall(looked.words):
        if not looked.source.whole.has(address):
            yield address
    for dotted in _DOTTED.findall(_ADDRESS.sub(" ", looked.words)):
        is_number = not any(c.isalpha() for c in dotted)
        if not (is_number or dotted.casefold() in _ABBREVIATIONS or looked.near.has(dotted)):
            yield dotted


def _numbers(looked: _Looked) -> Iterator[str]:
    """Look at clauses one by one: what one of them names says nothing of the next."""
    shown = without_literals(looked.sentence.text, looked.source, is_length_kept=True)
    start = 0
    for clause in shown.split(";"):
        said = looked.sentence.text[start : start + len(clause)]
        words = _ADDRESS.sub(lambda m: " " * len(m.group()), clause)
        yield from _unknown_numbers(_Clause(words=words, said=said), looked)
        start += len(clause) + 1


@dataclass(frozen=True, kw_only=True)
class _Clause:
    """A part of a sentence between semicolons."""

    words: str
    """Names and founded quotations blanked out, addresses too; as long as what it says."""
    said: str

    @cached_property
    def cues(self) -> frozenset[str]:
        """Its words, and the names it marks or quotes."""
        quoted = (part for m in QUOTED.finditer(self.said) for part in parts_of_quote(m))
        names = {name.casefold() for name in (*MARKED.findall(self.said), *quoted)}
        return singular_words(self.said) | names


def _unknown_numbers(clause: _Clause, looked: _Looked) -> Iterator[str]:
    for match in _TOKEN.finditer(clause.words):
        token = match.group()
        if not any(map(str.isdigit, token)):
            continue
        if _PLAIN_NUMBER.fullmatch(token):
            is_known = _is_number_known(token, match, clause, looked)
        else:
            is_known = looked.near.has(token)
        if not is_known:
            yield token
    for match in WORD.finditer(clause.words):
        value = NUMBER_WORDS.get(match.group().casefold())
        if value is not None and not _is_number_known(str(value), match, clause, looked):
            yield match.group()


def _is_number_known(token: str, match: re.Match[str], clause: _Clause, looked: _Looked) -> bool:
    """Tell whether a whole number stands in a cell near by or is what can be counted."""
    around = next(
        (words for n, words in numbers_with_words(_window(clause, match)) if n == token),
        frozenset(),
    )
    if looked.near.has_number(token, around) or int(token) in _counts_said(clause, match, looked):
        return True
    said = NumberInText(
        value=int(token),
        before=normalised(clause.said[: match.start()]),
        behind=clause.words[match.end() :],
        cues=clause.cues,
        clause=normalised(clause.said).casefold(),
    )
    return is_countable(said, looked.source.collections)


def _window(clause: _Clause, match: re.Match[str]) -> str:
    """Return the number with what is around it."""
    words_before = clause.words[: match.start()].split()[-_AROUND_WORDS:]
    words_behind = clause.words[match.end() :].split()[:_AROUND_WORDS]
    return " ".join([*words_before, match.group(), *words_behind])


def _counts_said(clause: _Clause, match: re.Match[str], looked: _Looked) -> frozenset[int]:
    """Count the rows that say what the clause quotes, those it goes on to name, and those it means.

    `Two displays, a and b` names two; `three filter by tag` means the rows with these words.
    """
    quotes = QUOTED.finditer(clause.said)
    found = [looked.source.rows_saying(parts_of_quote(quote)) for quote in quotes]
    behind = clause.said[match.end() :]
    named = {name for name in MARKED.findall(behind) if looked.source.rows_named(name)}
    meant = _telling_words(without_literals(behind, looked.source))
    return frozenset().union(*found, {len(named)}, looked.source.rows_with(meant))


def _telling_words(text: str) -> frozenset[str]:
    words = singular_words(_CLAUSE_END.split(text, maxsplit=1)[0])
    telling = words - COUNTED_NOUNS - FREQUENT_WORDS - AFTER_A_BARE_COUNT
    return frozenset(word for word in telling if not word.isdigit())


def _file_types(looked: _Looked) -> Iterator[str]:
    for word in WORD.findall(looked.words):
        if word.casefold() in FILE_TYPES and not looked.near.has(word):
            yield word


def _capitalised(looked: _Looked) -> Iterator[str]:
    """Names stand out by their capital letter; the first word of a sentence has one anyway."""
    for start in _SENTENCE_START.split(looked.words):
        for place, word in enumerate(WORD.findall(start)):
            is_name = word[0].isupper() and (place > 0 or any(map(str.isupper, word[1:])))
            if is_name and not _is_known_word(word, looked):
                yield word


def _is_known_word(word: str, looked: _Looked) -> bool:
    plain = singular(word)
    return plain in looked.source.whole.words or plain in CAPITALISED_WORDS


def _roles(looked: _Looked) -> Iterator[str]:
    for phrase in _PHRASE_END.split(looked.words):
        words = WORD.findall(phrase)
        for before, word in zip(["", *words], words, strict=False):
            if singular(word) in ROLE_NOUNS and (role := _unknown_role(before, word, looked)):
                yield role


def _unknown_role(before: str, word: str, looked: _Looked) -> str:
    known = looked.source.whole.words
    if singular(word) not in known | GENERAL_ROLES:
        return word
    is_of_any = singular(before) in known | QUALIFIERS_OF_ANY_ROLE or _is_verb(before)
    return "" if is_of_any else f"{before} {word}"


def _is_verb(word: str) -> bool:
    """Tell `lets editors` and `allowing editors` from `faculty editors`."""
    return word == "" or word.endswith(("s", "ing", "ly", "ed"))


def _story_roles(looked: _Looked) -> Iterator[str]:
    role = _STORY_ROLE.match(looked.words) if looked.sentence.where == "user_story" else None
    words = [singular(word) for word in WORD.findall(role[1])] if role else []
    if role and not all(w in STORY_ROLES or w in looked.source.whole.words for w in words):
        yield role[1]


def _contradictions(looked: _Looked) -> Iterator[str]:
    yield from contradictions_in(looked.sentence, looked.source)


_RULES: Sequence[tuple[UnfoundedKind, Callable[[_Looked], Iterator[str]]]] = (
    (UnfoundedKind.NAME, _names),
    (UnfoundedKind.QUOTATION, _quotations),
    (UnfoundedKind.ADDRESS, _addresses),
    (UnfoundedKind.NUMBER, _numbers),
    (UnfoundedKind.FILE_TYPE, _file_types),
    (UnfoundedKind.NAME, _capitalised),
    (UnfoundedKind.ROLE, _roles),
    (UnfoundedKind.ROLE, _story_roles),
    (UnfoundedKind.CLAIM, _contradictions),
)

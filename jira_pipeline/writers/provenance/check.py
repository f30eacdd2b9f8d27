"""The provenance check: whatever a model writes must be in the facts it got about the ticket.

Belongs here: names, quotations, addresses, file types and roles, each looked up in the source, and
the form of an answer. Does not: the source (`ticket_source`), numbers (`number_rules`), contradictions
to cells (`row_claims`), or what becomes of an answer that fails twice
(`ticket_conversation`).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice

from jira_pipeline.domain.entities import EntityKind
from jira_pipeline.domain.lexicon import word_list
from jira_pipeline.writers.answers import TicketAnswer, answering_rows, notes_on_both
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.plain_words import WORD, singular
from jira_pipeline.writers.prompt import as_data, prompt_instructions
from jira_pipeline.writers.prompt_facts import rows_given
from jira_pipeline.writers.provenance.looked_up import ADDRESS, LookedUp, looked_up
from jira_pipeline.writers.provenance.number_rules import unknown_numbers
from jira_pipeline.writers.provenance.row_claims import contradictions_in
from jira_pipeline.writers.provenance.ticket_source import (
    MARKED,
    QUOTED,
    TicketSource,
    parts_of_quote,
    without_literals,
)
from jira_pipeline.writers.provenance.unfounded import Unfounded, UnfoundedKind, sentences_of_answer

FAULTS_MAX = 200
"""More are not looked for: the answer is refused anyway, and a hostile one must not cost minutes."""
_IDENTIFIER = re.compile(r"\w+")
_DOTTED = re.compile(r"(?<![\w.-])[\w-]+(?:\.[\w-]+)+")
_ABBREVIATIONS = frozenset({"e.g", "i.e"})
_PHRASE_END = re.compile(r"[.,;:!?()`“”\"]")
_SENTENCE_START = re.compile(r"(?:^|[.;:?!\u203a(]\s?|- )\s*")
_STORY_ROLE = re.compile(r"As an? (.*?),")
STORY_WORDS_MAX = 60
"""Source: shared facts on writers, "What good ticket text is"."""
REPEATED_WORDS_MIN = 6
"""True prose of all tickets of two sites repeats at most four words of the instructions in a row."""

_STORY = re.compile(r"As an? [^,]+(?:, [^,]+)*?, I (?:want|need) .+\.")
_MARKUP = re.compile(
    r"<[a-zA-Z/!?][^>]*>?|\*\*|__|\]\(|```|^#{1,6} |^[-*+] |^\d+[.)] |^\||\n|\{\{|\{%|\$\{|&(?:#\w+|[a-z]+);"
)
_PLAIN_SIGNS = frozenset("…½¼¾²³")
_PUNCTUATION = ".,;:!?()“”\"'"
_CALLED_ANSWERED = re.compile(
    r"\bquestions?\b[^.;]*\b(?:answered|settled|decided) (?:by|in)\b", re.IGNORECASE
)
"""It has to be in the list of what is answered, so that nobody is asked."""
_LONG_TOKEN = re.compile(r"[^\s`]{41,}")
_ENGLISH_SHARE_MIN = 0.12
"""Of frequent words: true prose has 0.15 and more, mostly 0.25; German and French have 0.07."""
_JUDGED_WORDS_MIN = 30
"""Fewer words, mostly names, say nothing about the language."""


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
        looked = looked_up(sentence, source)
        for kind, rule in _RULES:
            for text in rule(looked):
                yield Unfounded(text=text, where=sentence.where, kind=kind)
    yield from _unfounded_answers(answer, source)
    # Questions cite rows and cells; people see the words of the cell beside the question.
    for number, question in enumerate(answer.questions, start=1):
        where = f"question {number}"
        rows = source.rows_named(question.row.strip("`"))
        if question.row and not rows:
            yield Unfounded(text=question.row, where=where, kind=UnfoundedKind.NAME)
        if question.quote and not source.is_in_cell(question.quote, rows):
            yield Unfounded(text=question.quote, where=where, kind=UnfoundedKind.QUOTATION)
        fields = (row for row in rows_given(source.facts) if row.kind is EntityKind.FIELD)
        for row, note in notes_on_both(question, fields):
            text = f"{row.machine_name}: {note}"
            yield Unfounded(text=text, where=where, kind=UnfoundedKind.STATED)


def _unfounded_answers(answer: TicketAnswer, source: TicketSource) -> Iterator[Unfounded]:
    if not answer.answered:
        for number, item in enumerate(answer.analysis, start=1):
            if claim := _CALLED_ANSWERED.search(QUOTED.sub(" ", item)):
                yield Unfounded(
                    text=claim.group(), where=f"analysis {number}", kind=UnfoundedKind.ANSWER
                )
    for number, answered in enumerate(answer.answered, start=1):
        if not answering_rows(answered, source.facts):
            yield Unfounded(
                text=answered.quote, where=f"answered {number}", kind=UnfoundedKind.ANSWER
            )


def second_request(answer: TicketAnswer, unfounded: Sequence[Unfounded]) -> str:
    """Ask once more for the same ticket, naming what has no source."""
    del answer
    listed = as_data([{"where": u.where, "kind": u.kind.value, "text": u.text} for u in unfounded])
    return (
        "These places of your answer say what the data does not, or are not in the form asked for. "
        "Each names where it is, what kind of fault, and the text. Write the whole answer again: "
        "say what the data says, or leave the place out. What is `answered` quotes the words of one "
        "cell that answer the question, not those that raise it, and is in that list alone; a "
        "question you propose quotes what is `stated already`, or goes.\n"
        f"{listed}"
    )


def _names(looked: LookedUp) -> Iterator[str]:
    for name in MARKED.findall(looked.sentence.text):
        if not looked.source.whole.has_exactly(name):
            yield name
    for name in _IDENTIFIER.findall(ADDRESS.sub(" ", looked.words)):
        if "_" in name.strip("_") and not looked.source.whole.has_exactly(name):
            yield name


def _quotations(looked: LookedUp) -> Iterator[str]:
    for match in QUOTED.finditer(looked.sentence.text):
        parts = parts_of_quote(match)
        if not (all(map(looked.near.has, parts)) or any(map(looked.source.is_title, parts))):
            yield match.group()


def _addresses(looked: LookedUp) -> Iterator[str]:
    for address in ADDRESS.findall(looked.words):
        if not looked.source.whole.has(address):
            yield address
    for dotted in _DOTTED.findall(ADDRESS.sub(" ", looked.words)):
        is_number = not any(c.isalpha() for c in dotted)
        if not (is_number or dotted.casefold() in _ABBREVIATIONS or looked.near.has(dotted)):
            yield dotted


def _file_types(looked: LookedUp) -> Iterator[str]:
    for word in WORD.findall(looked.words):
        if word.casefold() in word_list("file_types") and not looked.near.has(word):
            yield word


def _capitalised(looked: LookedUp) -> Iterator[str]:
    """Names are recognised by their capital letter; the first word of a sentence has one anyway."""
    for start in _SENTENCE_START.split(looked.words):
        words = WORD.findall(start)
        for place, word in enumerate(words):
            is_inside = place > 0 or any(map(str.isupper, word[1:]))
            is_name = word[0].isupper() and (is_inside or _is_bare_subject(start, words))
            if is_name and not _is_known_word(word, looked):
                yield word


def _is_bare_subject(start: str, words: Sequence[str]) -> bool:
    """Tell `Salesforce receives` from `Saving creates` and `Nobody needs`."""
    first, second = words[0].casefold(), words[1] if len(words) > 1 else ""
    is_ordinary = first in word_list("subjects_without_article") or first.endswith(
        tuple(word_list("endings_of_mass_nouns"))
    )
    is_subject = second in word_list("subject_verbs") and start.startswith(f"{words[0]} {second}")
    return is_subject and not is_ordinary


def _is_known_word(word: str, looked: LookedUp) -> bool:
    plain = singular(word)
    return plain in looked.source.whole.words or plain in word_list("capitalised_words")


def _roles(looked: LookedUp) -> Iterator[str]:
    for phrase in _PHRASE_END.split(ADDRESS.sub(" ", looked.words)):
        words = WORD.findall(phrase)
        for before, word in zip(["", *words], words, strict=False):
            if singular(word) in word_list("role_nouns") | word_list("people_nouns") and (
                role := _unknown_role(before, word, looked)
            ):
                yield role


def _unknown_role(before: str, word: str, looked: LookedUp) -> str:
    known = looked.source.whole.words
    if singular(word) not in known | word_list("general_roles"):
        return word
    is_named = word[0].isupper() and looked.source.rows_meant(word)
    if singular(word) in word_list("people_nouns") or is_named:
        return ""
    is_of_any = singular(before) in known | word_list("qualifiers_of_any_role") or _is_verb(before)
    return "" if is_of_any else f"{before} {word}"


def _is_verb(word: str) -> bool:
    """Tell `lets editors` and `allowing editors` from `faculty editors`."""
    return word == "" or word.endswith(("s", "ing", "ly", "ed"))


def _story_roles(looked: LookedUp) -> Iterator[str]:
    role = _STORY_ROLE.match(looked.words) if looked.sentence.where == "user_story" else None
    words = [singular(word) for word in WORD.findall(role[1])] if role else []
    if role and not all(
        w in word_list("story_roles") or w in looked.source.whole.words for w in words
    ):
        yield role[1]


def _contradictions(looked: LookedUp) -> Iterator[str]:
    yield from contradictions_in(looked.sentence, looked.source)


_RULES: Sequence[tuple[UnfoundedKind, Callable[[LookedUp], Iterator[str]]]] = (
    (UnfoundedKind.NAME, _names),
    (UnfoundedKind.QUOTATION, _quotations),
    (UnfoundedKind.ADDRESS, _addresses),
    (UnfoundedKind.NUMBER, unknown_numbers),
    (UnfoundedKind.FILE_TYPE, _file_types),
    (UnfoundedKind.NAME, _capitalised),
    (UnfoundedKind.ROLE, _roles),
    (UnfoundedKind.ROLE, _story_roles),
    (UnfoundedKind.CLAIM, _contradictions),
)


def form_faults(answer: TicketAnswer, source: TicketSource) -> Iterator[Unfounded]:
    """Return what is not in the form asked for."""
    for sentence in sentences_of_answer(answer):
        for kind, text in _faults(sentence.text, source):
            yield Unfounded(text=text, where=sentence.where, kind=kind)
    # Find a run of the instructions, also where it goes on from one sentence to the next.
    text = " ".join(sentence.text for sentence in sentences_of_answer(answer))
    words = [word.casefold() for word in WORD.findall(text)]
    runs = (tuple(words[i : i + REPEATED_WORDS_MIN]) for i in range(len(words)))
    repeated = (" ".join(run) for run in runs if run in _runs_of_instructions())
    if run := next((run for run in repeated if not source.whole.has(run)), ""):
        yield Unfounded(text=run, where="answer", kind=UnfoundedKind.INSTRUCTIONS)
    if fault := _story_fault(answer.user_story):
        yield Unfounded(text=fault, where="user_story", kind=UnfoundedKind.FORMAT)
    if not _is_english(answer):
        yield Unfounded(
            text="The answer is not in English.", where="answer", kind=UnfoundedKind.LANGUAGE
        )


def _faults(text: str, source: TicketSource) -> Iterator[tuple[UnfoundedKind, str]]:
    for character in dict.fromkeys(text):
        if not (_is_plain(character) or character in source.whole.text):
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            yield UnfoundedKind.FORMAT, f"the character {name}"
    for markup in _MARKUP.findall(without_literals(text, source)):
        yield UnfoundedKind.FORMAT, f"the markup {markup.strip() or 'line break'}"
    if text.count("`") % 2:
        yield UnfoundedKind.FORMAT, "a backtick that is not closed"
    for token in _LONG_TOKEN.findall(text):
        if not source.whole.has(token.strip(_PUNCTUATION)):
            yield UnfoundedKind.FORMAT, f"{token[:20]}… is no word"


def _is_plain(character: str) -> bool:
    """Tell letters of the Latin alphabet, digits and usual signs from everything else."""
    if character.isascii():
        return character.isprintable()
    if character in _PLAIN_SIGNS:
        return True
    category = unicodedata.category(character)
    if category[0] == "L":
        return unicodedata.name(character, "").startswith("LATIN ") and unicodedata.is_normalized(
            "NFKC", character
        )
    return category[0] in "PS" and unicodedata.is_normalized("NFKC", character)


def _story_fault(story: str) -> str:
    if not _STORY.fullmatch(story):
        return "the user story is not one sentence: As a(n) …, I want …, so that …."
    if len(story.split()) > STORY_WORDS_MAX:
        return f"the user story has more than {STORY_WORDS_MAX} words"
    return ""


def _is_english(answer: TicketAnswer) -> bool:
    words = [
        word.casefold()
        for sentence in (*answer.analysis, *answer.verification)
        for word in WORD.findall(re.sub(r"`[^`]*`|“[^”]{0,1000}”", " ", sentence))
    ]
    if len(words) < _JUDGED_WORDS_MIN:
        return True
    return sum(word in word_list("frequent_words") for word in words) >= _ENGLISH_SHARE_MIN * len(
        words
    )


@cache
def _runs_of_instructions() -> frozenset[tuple[str, ...]]:
    """Return the runs of what comes before the examples: those are there to be followed."""
    rules = prompt_instructions().partition("\n## Examples")[0]
    words = [word.casefold() for word in WORD.findall(rules)]
    last = len(words) - REPEATED_WORDS_MIN + 1
    return frozenset(tuple(words[i : i + REPEATED_WORDS_MIN]) for i in range(max(last, 0)))

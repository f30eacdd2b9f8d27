"""The form of an answer: plain English sentences, no markup, none of the instructions.

Belongs here: characters, markup, language, the shape of the user story, repeated instructions.
Does not: what the sentences say (`provenance`), lengths and counts (the schema in `answers`).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from jira_pipeline.domain.lexicon import word_list
from jira_pipeline.writers.answers import TicketAnswer
from jira_pipeline.writers.prompt import prompt_instructions
from jira_pipeline.writers.provenance.plain_words import WORD
from jira_pipeline.writers.provenance.told_source import TicketSource, without_literals
from jira_pipeline.writers.provenance.unfounded import Unfounded, UnfoundedKind, sentences_of_answer

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
_LONG_TOKEN = re.compile(r"[^\s`]{41,}")
_ENGLISH_SHARE_MIN = 0.12
"""Of frequent words: true prose has 0.15 and more, mostly 0.25; German and French have 0.07."""
_JUDGED_WORDS_MIN = 30
"""Fewer words, mostly names, say nothing about the language."""


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
        for word in WORD.findall(re.sub(r"`[^`]*`|“[^”]*”", " ", sentence))
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

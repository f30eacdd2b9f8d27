"""The words that rules know, read from `lexicon.toml`: one list for every room.

Belongs here: reading the file and asking whether a text has one of its words. Does not: what
follows from a word (writers, questions, quality).
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The lists of the file."""

    admin: re.Pattern[str]
    admin_views: frozenset[str]
    """Machine names."""
    shared_displays: frozenset[str]
    public_roles: frozenset[str]
    not_by_hand: re.Pattern[str]
    """Words of a note that say that people do not create what it is about."""
    migrating: re.Pattern[str]
    """Words of a sentence that speaks of a migration."""
    searching: re.Pattern[str]
    """Words of a sentence that speaks of a search index."""
    ruling_lists: re.Pattern[str]
    """Words of a sentence of a field that rules what a view that names it lists."""
    barring: re.Pattern[str]
    """Words of a sentence of a bundle or field that keeps items from some people or lists."""
    showing: re.Pattern[str]
    """Words of a sentence that speaks of showing something."""
    entered: Mapping[str, tuple[str, str]]
    """One and several of what people enter, by the type of a field; the same where not counted."""
    demanding: re.Pattern[str]
    """Words of a description that sets a limit."""
    plain_lists: re.Pattern[str]
    """The description of a view that says nothing to try."""
    changing: re.Pattern[str]
    """Words of a note that says what changes."""
    custom_work: re.Pattern[str]
    """Words of a note that asks for more work than the number of its rows shows."""
    giving_values: re.Pattern[str]
    """Words of a note that says which values existing items have or get."""
    just_installed: re.Pattern[str]
    """Words of the note of a bundle that has no items yet."""
    spliced: re.Pattern[str]
    """An article or `I want` before a word that no noun phrase begins with, or a shouted one."""
    filler_benefits: re.Pattern[str]
    """Benefits that fit every ticket."""
    listed_nouns: Mapping[str, str]
    """What a view lists, by a word of its base table."""
    display_columns: Mapping[str, tuple[str, ...]]
    """Headers in lower case, by the setting of a display they hold."""


@cache
def lexicon() -> Lexicon:
    """Return the lexicon; the file is read once in a process."""
    lists = _lists()
    ordinary = "|".join(re.escape(word) for word in lists["spliced"]["words"].split())
    spliced = (
        rf"\b(?:[Aa]n?|I want(?: an?| the)?) (?:(?i:{ordinary})\b|[A-Z]{{4,}}\b|<\w+>)"
        r"|\b[Aa]n? [a-z]{3,}(?<!s|u|i)s(?=,| so that| that\b)"
    )
    return Lexicon(
        admin=_pattern(lists["admin"]["words"]),
        admin_views=frozenset(lists["admin_views"]["words"].split()),
        shared_displays=frozenset(lists["shared_displays"]["words"].split()),
        public_roles=frozenset(lists["public_roles"]["words"].split()),
        not_by_hand=_written(lists["not_by_hand"]),
        migrating=_written(lists["migrating"]),
        searching=_written(lists["searching"]),
        ruling_lists=_written(lists["ruling_lists"]),
        barring=_written(lists["barring"]),
        showing=_pattern(lists["showing"]["words"]),
        entered={
            type_: (words.split("; ")[0], words.split("; ")[-1])
            for type_, words in lists["entered"]["things"].items()
        },
        demanding=_written(lists["demanding"]),
        plain_lists=_written(lists["plain_lists"]),
        changing=_written(lists["changing"]),
        custom_work=_written(lists["custom_work"]),
        giving_values=_written(lists["giving_values"]),
        just_installed=_written(lists["just_installed"]),
        spliced=re.compile(spliced),
        filler_benefits=re.compile(lists["filler_benefits"]["pattern"], re.IGNORECASE),
        listed_nouns=dict(lists["base_tables"]["nouns"]),
        display_columns={
            setting: tuple(headers.split("; "))
            for setting, headers in lists["display_settings"]["columns"].items()
        },
    )


@cache
def word_list(name: str) -> frozenset[str]:
    """Return one plain list of the file."""
    return frozenset(_lists()[name]["words"].split())


@cache
def number_words() -> Mapping[str, int]:
    """Return the words for numbers with their values."""
    return dict(_lists()["number_words"]["values"])


@cache
def _lists() -> Mapping[str, Any]:
    text = resources.files("jira_pipeline.domain").joinpath("lexicon.toml").read_text("utf-8")
    return tomllib.loads(text)


def _written(entry: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(entry["pattern"], re.IGNORECASE)


def _pattern(words: str) -> re.Pattern[str]:
    escaped = (re.escape(word) for word in words.split())
    alternatives = "|".join(w.replace(r"\*", r"\w*").replace(r"\-", r"[- ]") for w in escaped)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])", re.IGNORECASE)

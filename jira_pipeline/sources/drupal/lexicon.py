"""The words that rules know, read from `lexicon.toml`: one list for every room.

Belongs here: reading the file and asking whether a text has one of its words. Does not: what
follows from a word (writers, questions, quality).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The lists of the file that are more than words."""

    shared_displays: frozenset[str]
    display_columns: Mapping[str, tuple[str, ...]]
    """Headers in lower case, by the setting of a display they hold."""


@cache
def lexicon() -> Lexicon:
    """Return the lexicon; the file is read once in a process."""
    lists = _lists()
    return Lexicon(
        shared_displays=frozenset(lists["shared_displays"]["words"].split()),
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
    text = (
        resources.files("jira_pipeline.sources.drupal").joinpath("lexicon.toml").read_text("utf-8")
    )
    return tomllib.loads(text)

"""What a sentence of a note is about, and telling a shared sentence once.

Belongs here: themes and their cue words, grouping of rows by sentence. Does not: how the parts
use them (`bundle_analysis`, `bundle_verification`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.note_sentences import comparable
from jira_pipeline.domain.row_questions import is_open
from jira_pipeline.writers.group_facts import note_sentences


class Theme(StrEnum):
    """What a sentence of a note is about, in the words that introduce it."""

    TITLE = "How the title is made"
    WIDGET = "Widget settings"
    FILLED = "Filled from elsewhere"
    HIDDEN = "Hidden or not rendered"
    ACCESS = "Who may see or edit it"
    CONDITION = "Shown under a condition"
    SEARCH = "Search and meta tags"
    THEME_WORK = "Beyond configuration: theme or module work"
    RESTRICTION = "Input is restricted"
    DEFAULT = "Defaults"
    RENDERING = "How images and references render"


_CUES: tuple[tuple[Theme, re.Pattern[str]], ...] = tuple(
    (theme, re.compile(pattern, re.IGNORECASE))
    for theme, pattern in (
        (Theme.WIDGET, r"autocollapse|preview mode|nesting level|default form display"),
        (Theme.TITLE, r"autoentity|\bnode title\b|\btitle field\b"),
        (
            Theme.FILLED,
            r"\bpulled\b|\bsync\b|\bimport|auto-?populat|\bin place of\b|\bmaps to\b",
        ),
        (Theme.ACCESS, r"\badmins?\b|\baccess(?:ing)?\b|\bpermissions?\b|\blogged in\b|anonymous"),
        (
            Theme.CONDITION,
            r"\bonly (?:displayed|shown|show|renders?)\b|^if\b|\bdisplay only if\b",
        ),
        (Theme.HIDDEN, r"\bhidden\b|\bnot (?:be )?(?:shown|displayed|visible)\b|do not render"),
        (Theme.SEARCH, r"\bmeta ?tags?\b|noindex|nofollow|\bsearch\b|\bindex\b"),
        (
            Theme.THEME_WORK,
            r"\btwig\b|template|\btheming\b|\bclass\b|hard.?coded|\bmodule\b|\bstrip out\b",
        ),
        (Theme.DEFAULT, r"\bdefaults?\b|\bselected by\b|\bset by\b|^checked\b"),
        (
            Theme.RESTRICTION,
            (
                r"\bonly\b|\ballow(?:s|ed)?\b|\brequired?\b|\bmax\b|\blimit|\bno (?:link )?text\b"
                r"|\bno summary\b|\bdisabled?\b|\bmust\b|\bexternal\b|\binternal\b|\bnever\b"
            ),
        ),
        (Theme.RENDERING, r"^render|\bview mode\b|\bimage style\b"),
    )
)
_CLAUSE_END = re.compile(r"[,;] (?=\w)")
_WORDS_OF_NO_STATEMENT = 2
_OPTIONS = re.compile(r"^options?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOnce:
    """One sentence and all rows whose notes say it."""

    sentence: str
    rows: tuple[Entity, ...]


def theme_of(sentence: str) -> Theme | None:
    """Return what a sentence is about; None for what the tables tell well enough."""
    if _OPTIONS.search(sentence):
        return None
    return next((theme for theme, pattern in _CUES if pattern.search(sentence)), None)


def told_once(rows: Iterable[Entity]) -> tuple[ToldOnce, ...]:
    """Group rows by the sentences of their notes, in sheet order.

    A sentence that another note begins with is split off there, so that `Hidden on form, used in
    URLs` and `Hidden on form` share what they share. Sentences that are asked about are left out.
    """
    noted = [(row, sentence) for row in rows for sentence in note_sentences(row)]
    known = frozenset(sentence.rstrip(". ") for _, sentence in noted)
    found: dict[str, tuple[str, dict[tuple[str, int], Entity]]] = {}
    for row, sentence in noted:
        for piece in _pieces(sentence, known):
            if not is_open(piece):
                _, sharers = found.setdefault(comparable(piece), (piece, {}))
                sharers[(row.source.file, row.source.line)] = row
    return tuple(
        ToldOnce(sentence=sentence, rows=tuple(sharers.values()))
        for sentence, sharers in found.values()
    )


def _pieces(sentence: str, known: frozenset[str]) -> tuple[str, ...]:
    for match in _CLAUSE_END.finditer(sentence):
        start = sentence[: match.start()]
        if start in known and len(start.split()) > _WORDS_OF_NO_STATEMENT:
            return start, sentence[match.end() :]
    return (sentence,)

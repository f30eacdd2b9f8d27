"""What a sentence of a note is about, and telling a shared sentence once.

Belongs here: themes and their cue words, grouping of rows by sentence. Does not: how the parts
use them (`bundle_analysis`, `analysis`, `bundle_verification`).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.note_sentences import comparable
from jira_pipeline.domain.questions.field_questions import (
    BOOLEAN,
    LABEL,
    LIST,
    LONG_TEXT,
    REFERENCE,
    REVISIONS,
    TEXT,
    family_of,
)
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.writers.group_facts import note_sentences
from jira_pipeline.writers.wording.english import ENTITY, listed
from jira_pipeline.writers.wording.html_fragments import packed


class Theme(StrEnum):
    """What a sentence about a field or bundle is about, in the words that introduce it."""

    TITLE = "Title"
    ACCESS = "Access"
    FILLED = "Filled from elsewhere, not by hand"
    HIDDEN = "Kept out of sight"
    CONDITION = "Depends on other values"
    RESTRICTION = "What may be entered"
    DEFAULT = "Preset values"
    RENDERING = "Rendering"
    SEARCH = "Search and meta tags"
    WIDGET = "Widget settings"
    THEME_WORK = "Needs theme or module work beside configuration"
    REASON = "Why it is so"


class DisplayTheme(StrEnum):
    """What a sentence about a view display is about, in the words that introduce it."""

    PLACEMENT = "Where they appear"
    CONTEXT = "Filtered by context"
    EXPOSED = "Exposed to visitors"
    SHOWN = "How they are shown"
    LIMIT = "Limits"
    BEYOND = "More than a view"
    EXAMPLE = "To be modelled on what is there"


ThemeCues = Sequence[tuple[StrEnum, re.Pattern[str]]]


def _cues(*pairs: tuple[StrEnum, str]) -> ThemeCues:
    return tuple((theme, re.compile(pattern, re.IGNORECASE)) for theme, pattern in pairs)


ROW_CUES = _cues(
    (Theme.WIDGET, r"autocollapse|preview mode|nesting level|default form display"),
    (Theme.TITLE, r"autoentity|\btitle field\b|\b(?:becom|replac)\w+ (?:the )?node title\b"),
    (Theme.RENDERING, r"^render"),
    (Theme.CONDITION, r"^if\b|\bonly (?:displayed|shown|show|renders?|if|when)\b"),
    (Theme.ACCESS, r"\bmay (?:edit|see|change|delete|create)\b|\bread-only\b"),
    (Theme.ACCESS, r"\b(?:editors?|managers?|registrars?|curators?|users|staff) only\b"),
    (Theme.ACCESS, r"\badmins?\b(?! (?:side|theming))|\baccess(?:ing)?\b|\blogged in\b|anonymous"),
    (Theme.FILLED, r"\bpulled\b|\bsync\b|\bimport|auto-?populat|\bin place of\b|\bmaps to\b"),
    (Theme.HIDDEN, r"\bhidden\b|\bnot (?:be )?(?:shown|displayed|visible)\b|do not render"),
    (Theme.SEARCH, r"\bmeta ?tags?\b|noindex|nofollow|\bsearch\b|\bindex\b"),
    (Theme.THEME_WORK, r"\btwig\b|template|\btheming\b|\bclass\b|hard.?coded|\bmodule\b|strip out"),
    (Theme.REASON, r"\bbecause\b"),
    (Theme.DEFAULT, r"\bdefaults?\b|\bselected by\b|\bset by\b|^checked\b"),
    (Theme.RENDERING, r"^(?:shown|displayed|appears?)\b"),
    (Theme.RESTRICTION, r"\bonly\b|\ballow(?:s|ed)?\b(?! in (?:the )?\w+ menu\b)"),
    (Theme.RESTRICTION, r"\brequired?\b|\bmax\b|\blimit"),
    (Theme.RESTRICTION, r"\bno (?:link )?text\b|\bno summary\b|\bdisabled?\b|\bmust\b|\bnever\b"),
    (Theme.RESTRICTION, r"\bexternal\b|\binternal\b"),
    (Theme.RENDERING, r"\bview mode\b|\bimage style\b"),
)
"""Themes of notes on bundles and fields; the first that fits counts."""

DISPLAY_CUES = _cues(
    (DisplayTheme.PLACEMENT, r"^(?:goes|added|placed|used) (?:on|to|at|in)\b|^appears\b"),
    (DisplayTheme.EXAMPLE, r"\bas an example\b"),
    (DisplayTheme.BEYOND, r"search api|custom|\bblock settings\b|\bmodule\b|\btwig\b|\bclass\b"),
    (DisplayTheme.EXPOSED, r"\bexposed\b|\bexpose\b"),
    (DisplayTheme.SHOWN, r"screen reader|on mobile"),
    (DisplayTheme.CONTEXT, r"contextual|\bby url\b|\bfrom (?:the |content )?(?:url|page)\b"),
    (DisplayTheme.CONTEXT, r"\bparagraph\b|\brelationship\b|\bspecific to the\b"),
    (DisplayTheme.LIMIT, r"\blimit|\bmax\b|\bup to\b|\bonly\b|\bmust\b|\bnot inherit|\brandom\b"),
)
"""Themes of notes on view displays; the first that fits counts."""

_CLAUSE_END = re.compile(rf"(?P<entity>{ENTITY})|[,;]\s+(?=\w)", re.IGNORECASE)
_WORDS_OF_NO_STATEMENT = 2
_KINDS_OF_FIELD = {
    LABEL: "texts",
    TEXT: "texts",
    LONG_TEXT: "texts",
    "link": "links",
    REFERENCE: "references",
    REVISIONS: "references",
    LIST: "choices",
    BOOLEAN: "choices",
}
"""What fields are called together, by family of their type."""
_OPTIONS = re.compile(r"^options?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOnce:
    """One sentence and all rows whose notes say it."""

    sentence: str
    rows: tuple[Entity, ...]


def theme_of(sentence: str, cues: ThemeCues = ROW_CUES) -> StrEnum | None:
    """Return what a sentence is about; None for what the tables tell well enough."""
    if is_about_options(sentence):
        return None
    return next((theme for theme, pattern in cues if pattern.search(sentence)), None)


def is_about_options(sentence: str) -> bool:
    """Tell whether a sentence says what a field lets people choose from."""
    return _OPTIONS.search(sentence) is not None


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


def told_apart(
    introduction: str, told: Sequence[ToldOnce], say: Callable[[Sequence[ToldOnce]], str]
) -> tuple[str, ...]:
    """Return one statement, or several by kind of field where one would be too dense to read."""
    parts = _by_kind_of_field(told)
    kinds = list(parts)
    runs = packed([say(part) for part in parts.values()])
    if len(runs) == 1:
        return (f"{introduction}: {say(told)}",)
    return tuple(
        f"{introduction}, {listed([kinds[place] for place in run])}: "
        + say([one for place in run for one in parts[kinds[place]]])
        for run in runs
    )


def _by_kind_of_field(told: Sequence[ToldOnce]) -> dict[str, list[ToldOnce]]:
    parts: dict[str, list[ToldOnce]] = {}
    for one in told:
        rows: dict[str, list[Entity]] = {}
        for row in one.rows:
            kind = _KINDS_OF_FIELD.get(family_of(row.cell("Field type")), "other fields")
            rows.setdefault(kind, []).append(row)
        for kind, same in rows.items():
            parts.setdefault(kind, []).append(ToldOnce(sentence=one.sentence, rows=tuple(same)))
    return parts


def _pieces(sentence: str, known: frozenset[str]) -> tuple[str, ...]:
    for match in _CLAUSE_END.finditer(sentence):
        if match["entity"]:
            continue
        start = sentence[: match.start()]
        if start in known and len(start.split()) > _WORDS_OF_NO_STATEMENT:
            return start, sentence[match.end() :]
    return (sentence,)

"""What a note means for whoever checks the field: common phrases in plain words.

Belongs here: the phrases and their wording. Does not: which notes are checked
(`bundle_verification`). A note no phrase fits is quoted as it is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jira_pipeline.domain.entities import Entity
from jira_pipeline.writers.wording.english import listed, lowered, without_stop
from jira_pipeline.writers.wording.html_fragments import quoted, text
from jira_pipeline.writers.wording.note_themes import Theme, ToldOnce, theme_of
from jira_pipeline.writers.wording.row_wording import codes

_VERB = re.compile(r"\[(\w+)\|(\w+)\]")
_PLACE = re.compile(r"\{(\d)\}")
_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), wording)
    for pattern, wording in (
        (
            r"\ballowed (?:file )?(?:types|formats|extensions):? \(?([^)]+?)\)?(?=, [a-z ]{9}|$)",
            "[refuses|refuse] anything but {1}",
        ),
        (r"\balt\b[^,;]*\brequired\b", "[asks|ask] for an alternative text"),
        (r"\bmax(?:imum)? (?:file )?size:? ([\d.]+ ?\w+)", "[refuses|refuse] files above {1}"),
        (r"\bexternal (?:links? )?only\b", "[refuses|refuse] internal paths"),
        (r"\binternal (?:links? )?only\b", "[refuses|refuse] addresses of other sites"),
        (
            r"\binternal (?:and|or|&) external\b",
            "[accepts|accept] internal paths and addresses of other sites",
        ),
        (r"(?<!no )(?<!no link )\btext required\b", "[asks|ask] for a link text"),
        (r"\btext optional\b", "[saves|save] with and without a link text"),
        (r"\bno (?:link )?text\b|\btext disabled?\b", "[has|have] no link text"),
        (r"\bno summary\b|\bsummary disabled\b", "[has|have] no summary"),
        (r"\b((?:limited|basic|full) html)\b", "[allows|allow] {1}"),
        (r"^date(?: \(\w+\))? only$", "[takes|take] a date without a time"),
        (r"^date \((\w+)\) only$", "[shows|show] the {1} only"),
        (r"\bonly (?:displayed|shown) (if|when) (.+)$", "[appears|appear] only {1} {2}"),
        (r"\bvisible on the form only (if|when) (.+)$", "[appears|appear] only {1} {2}"),
        (r"\bhidden (?:on|from) (?:the )?(?:\w+ )?form\b", "[is|are] not on the form"),
        (r"\bnot (?:shown|displayed) on (?:the )?(?:node|page)\b", "[is|are] not on the page"),
        (r"\bdo not render on (?:the )?(?:node|page)\b", "[is|are] not on the page"),
        (r"^default(?::| is| to| set to) (?:the )?(.+)$", "[starts|start] with {1}"),
        (r"^(.+?) terms? selected by default\b", "[starts|start] with the term {1}"),
        (r"^(.+?) set by default\b", "[starts|start] with {1}"),
        (r"^checked by default\b", "[starts|start] checked"),
        (r"^only (.+?) (?:is |are )?allowed$", "[accepts|accept] {1} only"),
        (r"^max(?:imum)?(?: of)? (\w+)$", "[takes|take] at most {1}"),
        (
            r"^render(?:ed)? (as|at) ([^,]+?) and use (.+)$",
            "[is|are] rendered {1} {2}, using {3}",
        ),
        (r"^render(?:ed)? (as|at) ((?!default\b)(?!.* and use ).+)$", "[is|are] rendered {1} {2}"),
    )
)

_ACCESS = tuple(
    (re.compile(pattern, re.IGNORECASE), wording)
    for pattern, wording in (
        (
            r"only ([\w ]+?) can ([\w/, ]+?)(?:, (all can [\w/, ]+))?",
            "{who} can {what} it, others cannot",
        ),
        (r"([\w ]+?) can ([\w/]+) only", "{who} can {what} it, others cannot"),
        (
            r"add (?:a )?page template to restrict access to ([\w ]+)()",
            "{who} can open its pages, others cannot",
        ),
        (
            r"((?!.*\b(?:is|are|be|can|may|has|have|by)\b)[\w ]+)() only",
            "{who} can work with it, others cannot",
        ),
    )
)
"""Sentences about who may do what."""
DATE_ONLY = "takes a date without a time"
"""What `Date only` promises of one field."""
_PROMISING = frozenset(
    {
        Theme.HIDDEN,
        Theme.CONDITION,
        Theme.FILLED,
        Theme.RESTRICTION,
        Theme.DEFAULT,
        Theme.RENDERING,
        Theme.SEARCH,
        Theme.THEME_WORK,
    }
)
"""Themes of sentences that say what somebody finds who tries a field; so do those of none."""


def accepted(told: Iterable[ToldOnce]) -> str:
    """Say what must hold of the rows, rows of which the same must hold together."""
    rows_of: dict[str, dict[tuple[str, int], Entity]] = {}
    for one in told:
        for wording in _wordings(without_stop(one.sentence)):
            rows = rows_of.setdefault(wording, {})
            rows.update({(row.source.file, row.source.line): row for row in one.rows})
    by_rows: dict[tuple[str, ...], list[str]] = {}
    named: dict[tuple[str, ...], Sequence[Entity]] = {}
    for wording, found in rows_of.items():
        key = tuple(f"{file}:{line}" for file, line in found)
        by_rows.setdefault(key, []).append(_conjugated(wording, count=len(found)))
        named[key] = tuple(found.values())
    return "; ".join(f"{codes(named[key])} {listed(said)}" for key, said in by_rows.items())


def access_in_words(sentence: str) -> str:
    """Say who may do what and who may not, as something to try; a quotation where it is unclear."""
    for pattern, wording in _ACCESS:
        if match := pattern.fullmatch(sentence):
            who, what, *rest = (text(part or "") for part in match.groups())
            may = wording.format(who=lowered(who), what=what)
            return f"{may}; {text(rest[0])} it" if rest and rest[0] else may
    return quoted(sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What the note of one field says that somebody can see."""

    in_words: tuple[str, ...]
    """Predicates, such as `has no summary`."""
    in_quotes: tuple[str, ...]
    """Sentences no phrase fits, between quotation marks."""


def promises_of(sentences: Iterable[str]) -> Promises:
    """Return what sentences of one row promise, each once."""
    found = [
        _conjugated(wording, count=1)
        for sentence in sentences
        if theme_of(sentence) in _PROMISING or theme_of(sentence) is None
        for wording in _wordings(without_stop(sentence))
    ]
    said = tuple(dict.fromkeys(found))
    return Promises(
        in_words=tuple(wording for wording in said if not wording.startswith("“")),
        in_quotes=tuple(wording for wording in said if wording.startswith("“")),
    )


def _wordings(sentence: str) -> tuple[str, ...]:
    found = [
        _filled(wording, match)
        for pattern, wording in _PHRASES
        if (match := pattern.search(sentence)) is not None
    ]
    return tuple(dict.fromkeys(found)) or (quoted(sentence),)


def _filled(wording: str, match: re.Match[str]) -> str:
    parts = [text(part or "") for part in match.groups()]
    return _PLACE.sub(lambda place: parts[int(place[1]) - 1], wording)


def _conjugated(wording: str, *, count: int) -> str:
    return _VERB.sub(r"\1" if count == 1 else r"\2", wording)

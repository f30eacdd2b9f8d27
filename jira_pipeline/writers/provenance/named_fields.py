"""The fields a clause names: between backticks, between quotation marks, or by a bare label.

Belongs here: finding them, with the words in front and behind that may be said of them. Does not:
whether these words are true (`row_claims`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.writers.provenance.told_source import (
    MARKED,
    QUOTED,
    TicketSource,
    parts_of_quote,
    without_literals,
)

_BARE_PLACE = re.compile(
    r"^[\s(]*(?:(?:the|field|fields) ){0,2}|\bwithout (?:(?:an?|the|its) )?", re.IGNORECASE
)
"""In front of a label; elsewhere its words are more often those of the sentence."""
_AROUND_LABEL = "“”\"'\u2018\u2019 .,;:!?"
_JOINT = re.compile(r"[\s,]*(?:(?:and|or|nor|both|the) )?")
_NEXT_CLAUSE = re.compile(r", (?:and|so|as|since|because|when|where|which)\b")
_LIST = re.compile(r"(?:[\s,()`“”\"]|\b(?:and|or|nor|both|the|fields?)\b)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedField:
    """A name in a clause, with the rows it may mean."""

    shown: str
    fields: tuple[Entity, ...]
    before: str
    """Without literals, as `behind`."""
    behind: str


def fields_named(clause: str, source: TicketSource) -> Iterator[NamedField]:
    """Return the fields a clause names.

    Of a marked name the whole clause is said; of a label what stands beside the list it is in.
    """
    for match in MARKED.finditer(clause):
        rows = source.rows_named(match[1])
        fields = tuple(row for row in rows if row.kind is EntityKind.FIELD)
        if fields:
            yield NamedField(
                shown=f"`{match[1]}`",
                fields=fields,
                before=without_literals(clause[: match.start()], source),
                behind=without_literals(clause[match.end() :], source),
            )
    quoted = [
        match.span()
        for match in QUOTED.finditer(clause)
        if any(_fields_labelled(part, source) for part in parts_of_quote(match))
    ]
    places = [*quoted, *_bare_places(clause, source)]
    names = sorted({*places, *(match.span() for match in MARKED.finditer(clause))})
    for start, end in places:
        before, behind = _beside(clause, names, (start, end))
        yield NamedField(
            shown=clause[start:end],
            fields=_fields_labelled(clause[start:end].strip(_AROUND_LABEL), source),
            before=before,
            behind=behind,
        )


def _fields_labelled(label: str, source: TicketSource) -> tuple[Entity, ...]:
    """Return the fields of a label that nothing else has."""
    rows = source.rows_named(label)
    return rows if all(row.kind is EntityKind.FIELD for row in rows) else ()


def _bare_places(clause: str, source: TicketSource) -> Iterator[tuple[int, int]]:
    """Return labels at the beginning and behind `without`, and those listed with them."""
    for match in _BARE_PLACE.finditer(clause):
        start = match.end()
        while label := source.label_at_start(clause[start:]):
            end = start + len(label)
            if _fields_labelled(label, source):
                yield start, end
            joint = _JOINT.match(clause, end)
            start = joint.end() if joint else end


def _beside(clause: str, names: list[tuple[int, int]], place: tuple[int, int]) -> tuple[str, str]:
    """Return what stands in front of and behind the list a name is in, up to the next names."""
    first = last = names.index(place)
    while first > 0 and _is_joint(clause, names[first - 1][1], names[first][0]):
        first -= 1
    while last < len(names) - 1 and _is_joint(clause, names[last][1], names[last + 1][0]):
        last += 1
    begin = names[first - 1][1] if first else 0
    end = names[last + 1][0] if last < len(names) - 1 else len(clause)
    behind = _NEXT_CLAUSE.split(clause[names[last][1] : end], maxsplit=1)[0]
    return clause[begin : names[first][0]], behind


def _is_joint(clause: str, end: int, start: int) -> bool:
    return bool(_LIST.fullmatch(clause[end : max(start, end)]))

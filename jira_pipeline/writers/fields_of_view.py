"""The fields that a view names, of what it lists or of what that refers to.

Belongs here: reading filters, sorting, formats and prose for fields. Does not: what a view lists
(`shown_view`), sentences (`analysis`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.lexicon import word_list
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.question_index import (
    is_base_field,
    is_machine_name_given,
    name_of,
    stems_of,
)
from jira_pipeline.domain.view_displays import setting_of
from jira_pipeline.writers.group_facts import GroupFacts

_HOW_OFTEN = re.compile(
    r"\b(?:once|twice|distinct|duplicates?|dupes|aggregat\w+|first (?:date|value)|next date|(?:per|each|every|for) date"
    r"|one row)\b",
    re.IGNORECASE,
)
"""What says whether an item with several values is listed once or for each."""
_CHOICE_NOTED = re.compile(
    r"\b(?:exposed(?: filters?)?|facets?|filter(?:ed|s)?|sort(?:ed|s)?)(?: (?:for|on|by)|:) (?:the )?([^.;\n]+)",
    re.IGNORECASE,
)
"""What a note says that a view is filtered and sorted by."""
_GONE = frozenset({Status.DELETED, Status.WAITING})
_WORD_MIN = 4
"""Shorter words of a label are words of any sentence."""


class NamedField(NamedTuple):
    """A field that a view names, the bundle it is of, and what leads there from what is listed."""

    field: Entity
    bundle: Entity
    by: Entity | None = None


def is_nameable(row: Entity) -> bool:
    """Tell whether a row is a field to stay or to come whose label means it and nothing general."""
    return (
        row.kind is EntityKind.FIELD
        and row.status not in _GONE
        and is_machine_name_given(row)
        and row.label.casefold() not in word_list("fields_of_anything")
    )


@cache
def _general_stems() -> frozenset[str]:
    return frozenset(stems_of(" ".join(word_list("fields_of_anything"))))


def _found_in(cells: str, fields: Sequence[NamedField]) -> tuple[list[NamedField], str]:
    """Return the fields that cells name, the longest labels first, and the cells without these."""
    found: list[NamedField] = []
    by_label: dict[tuple[str, ...], list[NamedField]] = {}
    for named in fields:
        words = re.findall(r"[^\W_]+", named.field.label)
        by_label.setdefault(tuple(min(stems_of(w), default=w) for w in words), []).append(named)
        if re.search(rf"\b{re.escape(named.field.machine_name)}\b", cells):
            found.append(named)
    for stems, same in sorted(by_label.items(), key=lambda item: -len(item[0])):
        label = r"\W+".join(rf"{re.escape(stem)}(?:ies|y|es|s|e)?" for stem in stems)
        if stems and re.search(rf"(?<![\w-]){label}(?![\w-])", cells):
            found += same
            cells = re.sub(rf"(?<![\w-]){label}(?![\w-])", "", cells)
    for item in re.split(r"[,;:()\n]|\b(?:and|or|then|exposed|facets?)\b", cells):
        word = stems_of(item)
        ending = [s for stems, s in by_label.items() if word == {*stems[-1:]} and not s[0].by]
        found += ending[0] if len(ending) == 1 and not word <= _general_stems() else []
    return found, cells


def _is_in_prose(field: Entity, sentence: str) -> bool:
    names = "|".join(re.escape(n) for n in (field.label, field.machine_name) if n not in {"", "-"})
    return field.label[:1].isupper() and bool(
        re.search(rf"(?<![\w-])(?:{names})(?![\w-])", sentence)
    )


@dataclass(frozen=True, kw_only=True)
class FieldsOfView:
    """The fields that a view names."""

    facts: GroupFacts
    listed: tuple[Entity, ...]
    """The bundles that it lists."""

    @cached_property
    def named(self) -> tuple[NamedField, ...]:
        """The fields that its filters, sorting, formats and prose name, the chosen ones first.

        By label or machine name, of what it lists; else of what a field of that refers to. In prose
        a label counts with its capital letter, beside a field of what is listed.
        """
        specification = self.facts.session.specification
        rows = (self.facts.head, *self.facts.to_build)
        shown = " ; ".join(dict.fromkeys(setting_of(row, "format") for row in rows)).casefold()
        names = {name_of(bundle).casefold() for bundle in self.listed}
        called = "|".join(map(re.escape, sorted(names, reverse=True)))
        of_type = (
            rf"\b(?:types? )?(?:{called})(?:(?:,? or|,? and|,) (?:{called}))*(?=\W*(?:[,;]|$))"
        )
        chosen = re.sub(rf"\btypes?\W+(?:in )?(?:{called})\b|{of_type}", "", self._choice)
        fields = [
            NamedField(field, bundle)
            for bundle in self.listed
            for field in specification.members_of.get(bundle.key, ())
            if field.kind is EntityKind.FIELD and field.status not in _GONE
        ]
        own = [n for n in fields if is_nameable(n.field)]
        found, chosen = _found_in(chosen, own)
        prose = " ".join(row.cell("Description") + "\n" + row.note for row in rows)
        sentences = [
            s for s in sentences_of(prose) if any(_is_in_prose(n.field, s) for n in fields)
        ]
        found += _found_in(shown, own)[0]
        found += self._spoken_of(own)
        found += [n for n in own if any(_is_in_prose(n.field, s) for s in sentences)]
        known = {name for n in own for name in (n.field.label, n.field.machine_name)}
        away = [
            NamedField(field, target, by=other.field)
            for other in own
            for reference in other.field.references
            for target in specification.by_key.get(reference.target_key or "", ())
            if target not in self.listed and target.status not in _GONE
            for field in specification.members_of.get(target.key, ())
            if is_nameable(field) and known.isdisjoint((field.label, field.machine_name))
            if field.label.casefold() not in names and not is_base_field(field)
            if not stems_of(field.label) <= _general_stems()
        ]
        led = _found_in(chosen.partition(";;")[0], away)[0]
        filters = " ; ".join(dict.fromkeys(setting_of(row, "filters") for row in rows)).casefold()
        led += _found_in(_found_in(filters, own)[1], self._referring(known | names))[0]
        led += [n for n in away if any(_is_in_prose(n.field, s) for s in sentences)]
        owners = {
            n.field.label: {other.bundle.key for other in led if other.field.label == n.field.label}
            for n in led
        }
        found += [n for n in led if len(owners[n.field.label]) == 1]
        return tuple({n.field.source: n for n in reversed(found)}.values())[::-1]

    def _referring(self, known: set[str]) -> list[NamedField]:
        """Return the fields of what refers to the one type listed, without those of known names."""
        specification = self.facts.session.specification
        is_one_type = [b.bundle_type for b in self.listed] == [BundleType.CONTENT]
        return [
            NamedField(field, owner, by=reference)
            for bundle in (self.listed if is_one_type else ())
            for reference, _ in specification.referrers_of.get(bundle.key, ())
            if reference.kind is EntityKind.FIELD and len(reference.references) == 1
            if reference.status not in _GONE and is_machine_name_given(reference)
            for owner in specification.by_key.get(reference.owner_key or "", ())
            if owner.bundle_type is BundleType.CONTENT and owner not in self.listed
            if owner.status not in _GONE
            for field in specification.members_of.get(owner.key, ())
            if is_nameable(field) and field is not reference and not is_base_field(field)
            if known.isdisjoint((field.label, field.label.casefold(), field.machine_name))
            if not stems_of(field.label) <= _general_stems()
        ]

    def _spoken_of(self, fields: Sequence[NamedField]) -> list[NamedField]:
        """Return the fields one word of whose label description or filters have, and no other's."""
        words = stems_of(f"{self.facts.head.cell('Description')} {self._choice}")
        words -= _general_stems()
        words -= {stem for b in self.listed for stem in stems_of(name_of(b))}
        having: dict[str, list[NamedField]] = {}
        for named in fields:
            for stem in words & stems_of(named.field.label):
                having.setdefault(stem, []).append(named)
        return [
            named
            for stem, same in having.items()
            for named in same
            if len(stem) > _WORD_MIN and len({n.field.label for n in same}) == 1
            if named.field.status in {Status.APPROVED, Status.CHANGED}
            if named.bundle.status is not Status.APPROVED
        ]

    @cached_property
    def _choice(self) -> str:
        """What its filters and sorting say, then what notes say of them, in lower case."""
        rows = (self.facts.head, *self.facts.to_build)
        cells = dict.fromkeys(setting_of(row, s) for s in ("filters", "sort") for row in rows)
        noted = dict.fromkeys(
            match[1] for row in rows for match in _CHOICE_NOTED.finditer(row.note)
        )
        return f"{' ; '.join(cells)} ;; {' ; '.join(noted)}".casefold()

    @cached_property
    def lacking(self) -> Mapping[str, tuple[Entity, ...]]:
        """The listed bundles without a field that filters or sorting name, by its label."""
        members = self.facts.session.specification.members_of
        found: dict[str, tuple[Entity, ...]] = {}
        own = [n for n in self.named if n.by is None]
        for field, _, _ in _found_in(self._choice, own)[0]:
            having = {field.label.casefold(), field.machine_name}
            found[field.label] = tuple(
                bundle
                for bundle in self.listed
                if not any(
                    having & {row.label.casefold(), row.machine_name}
                    for row in members.get(bundle.key, ())
                    if row.kind is EntityKind.FIELD and row.status not in _GONE
                )
            )
        return {label: bundles for label, bundles in found.items() if bundles}

    @cached_property
    def repeating(self) -> list[Entity]:
        """The fields of several values that it sorts by, where nothing says how often items show."""
        rows = (self.facts.head, *self.facts.to_build)
        cells = " ".join(cell for row in rows for cell in row.cells.values())
        sort = " ; ".join(dict.fromkeys(setting_of(row, "sort") for row in rows)).casefold()
        own = [n for n in self.named if n.by is None]
        return [
            field
            for field, _, _ in _found_in(sort, own)[0]
            if field.cell("Vals.") not in {"", "-", "1"} and not _HOW_OFTEN.search(cells)
        ]

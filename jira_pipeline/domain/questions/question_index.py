"""Look-ups the question rules need, made once for a specification.

Belongs here: who shares a field storage, which bundles carry a name, which workflow moderates.
Does not: the rules (`row_questions`, `field_questions`, `structure_questions`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import islice
from typing import Protocol, TypeVar, cast

from jira_pipeline.domain.entities import (
    BundleType,
    Entity,
    EntityKind,
    RowSource,
    Specification,
    Status,
)
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.lexicon import lexicon, word_list
from jira_pipeline.domain.machine_names import NOUNS, broken_rule
from jira_pipeline.domain.note_sentences import readable
from jira_pipeline.domain.view_displays import is_of_core, silent_displays
from jira_pipeline.domain.workflow_notes import (
    Meaning,
    MeantBy,
    bundles_text,
    is_listed,
    workflows_named_by,
    workflows_of,
)

_WORD = re.compile(r"[a-z0-9]{2,}")
_AROUND_NAMES = re.compile(r"^\s*(?:exposed|by)\b|\b(?:asc|desc|ascending|descending|exposed)\W*$")
"""What settings of displays say before and after the name of a field."""
StorageKey = tuple[BundleType | None, str]


class LookUps(Protocol):
    """What is made once for a session and keeps what was found in it."""

    @property
    def looked_up(self) -> dict[object, object]:
        """What `once_per_session` found."""


Known = TypeVar("Known", bound=LookUps)
Found = TypeVar("Found")


def once_per_session(compute: Callable[[Known], Found]) -> Callable[[Known], Found]:
    """Make a look-up of a session once; what it found goes with the session."""

    def look_up(known: Known) -> Found:
        if look_up not in known.looked_up:
            known.looked_up[look_up] = compute(known)
        return cast("Found", known.looked_up[look_up])

    return look_up


@dataclass(frozen=True, kw_only=True)
class FieldStorage:
    """One machine name within one entity type: Drupal keeps one storage for it."""

    users: dict[str, Entity] = field(default_factory=dict)
    """The first field of each bundle that has it, by key of the bundle, in sheet order."""
    live_users: dict[str, Entity] = field(default_factory=dict)
    """The same without fields that are to be removed."""
    by_value: dict[tuple[str, str], list[Entity]] = field(default_factory=dict)
    """Fields that are not to be removed, by column and cell, for columns the storage fixes."""


@dataclass(frozen=True, kw_only=True)
class FieldUse:
    """A field that goes, and the displays that stay and use it, each with the column that says so."""

    field: Entity
    places: tuple[tuple[Entity, str], ...]


@dataclass(frozen=True, kw_only=True)
class BundleNames:
    """Bundles of one type by what views call them."""

    keys: frozenset[str]
    by_machine_name: Mapping[str, Entity]
    """Also with an `s`."""
    by_plural: Mapping[str, Entity]
    """By name in the plural, in lower case."""
    words_max: int
    """How many words the longest of these plurals has."""

    @staticmethod
    def of(bundles: Sequence[Entity]) -> "BundleNames":
        """Index bundles; of two by one name the first counts."""
        by_machine_name: dict[str, Entity] = {}
        by_plural: dict[str, Entity] = {}
        for bundle in bundles:
            by_machine_name.setdefault(bundle.machine_name, bundle)
        for bundle in bundles:
            by_machine_name.setdefault(f"{bundle.machine_name}s", bundle)
            for plural in _plurals_of(bundle):
                by_plural.setdefault(" ".join(_NAME_WORD.findall(plural)), bundle)
        return BundleNames(
            keys=frozenset(bundle.key for bundle in bundles),
            by_machine_name=by_machine_name,
            by_plural=by_plural,
            words_max=max((len(name.split()) for name in by_plural), default=0),
        )

    def named_in(self, text: str) -> list[Entity]:
        """Return the bundles that a text names in the plural, the longest names first."""
        words = _NAME_WORD.findall(text)
        found: dict[str, Entity] = {}
        for size in range(min(self.words_max, len(words)), 0, -1):
            for start in range(len(words) - size + 1):
                if bundle := self.by_plural.get(" ".join(words[start : start + size])):
                    found.setdefault(bundle.key, bundle)
                    words[start : start + size] = [""] * size
        return list(found.values())


_NAME_WORD = re.compile(r"[^\W_]+")
NO_NAMES = BundleNames(keys=frozenset(), by_machine_name={}, by_plural={}, words_max=0)
LISTED_MAX = 25
"""So many rows one question of several tickets is about: each of them lists them all."""
REUSED = "Reused Field"
STORAGE_COLUMNS = ("Field type", "Vals.")
"""What all bundles that share a storage must agree on."""


@dataclass(frozen=True, kw_only=True)
class QuestionIndex:
    """A specification with the look-ups of the question rules."""

    specification: Specification
    storages: Mapping[StorageKey, FieldStorage]
    bundles_by_name: Mapping[str, tuple[Entity, ...]]
    """Bundles by name without type, compared without regard to case."""
    workflows: tuple[Entity, ...]
    """Workflows that are not to be removed."""
    moderated: tuple[Entity, ...]
    """Content types with Mod. = y that will be there, in sheet order."""
    meant_by: Mapping[str, MeantBy]
    """Which workflow means a moderated content type, by its name, where the notes settle that."""
    groups: Sequence[EntityGroup] = ()
    """All groups of the session in build order, for what is asked once for a site."""
    looked_up: dict[object, object] = field(default_factory=dict, init=False, repr=False)
    """What `once_per_session` found."""
    _listed: dict[tuple[str, int], tuple[Entity, ...]] = field(
        default_factory=dict, init=False, repr=False
    )

    @property
    def is_fields_sheet_read(self) -> bool:
        """Without rows of a fields sheet nobody knows whether bundles have fields."""
        return bool(self.specification.by_kind[EntityKind.FIELD])

    def storage_of(self, row: Entity) -> FieldStorage:
        """Return the storage of a field, empty without a machine name or a known entity type."""
        return self.storages.get((row.bundle_type, row.machine_name)) or FieldStorage()

    def workflow_of(self, bundle: Entity) -> tuple[Entity, Meaning] | None:
        """Return the workflow whose note means a moderated content type, and how it says so."""
        found = self.meant_by.get(name_of(bundle)) if is_moderated(bundle) else None
        if found is None:
            return None
        return next(w for w in self.workflows if w.key == found.workflow), found.meaning

    @cached_property
    def rows_of_sheet(self) -> Mapping[str, Sequence[Entity]]:
        """All rows by the file they are in."""
        found: dict[str, list[Entity]] = {}
        for row in self.specification.entities:
            found.setdefault(row.source.file, []).append(row)
        return found

    @cached_property
    def team(self) -> frozenset[str]:
        """Who builds and tests, by the names in those columns; not the marks of what is done."""
        rows = self.specification.entities
        return frozenset(row.cell(c) for row in rows for c in ("Dev", "QA")) - {"", "x", "-"}

    @cached_property
    def bundles_called(self) -> Mapping[str, Sequence[Entity]]:
        """Bundles by name without type, and by machine name, in lower case."""
        found: dict[str, dict[str, Entity]] = {}
        for bundle in self.specification.by_kind[EntityKind.BUNDLE]:
            for name in (name_of(bundle).casefold(), bundle.machine_name.casefold()):
                found.setdefault(name, {}).setdefault(bundle.key, bundle)
        return {name: tuple(bundles.values()) for name, bundles in found.items()}

    def is_naming_one(self, note: str) -> bool:
        """Tell whether a note names a bundle or view exactly, with the capital letters of its name."""
        return self._exact_name.search(note) is not None

    @cached_property
    def _exact_name(self) -> re.Pattern[str]:
        kinds = (EntityKind.BUNDLE, EntityKind.VIEW)
        names = {name_of(row) for kind in kinds for row in self.specification.by_kind[kind]}
        listed = "|".join(map(re.escape, sorted(filter(None, names), reverse=True)))
        return re.compile(rf"(?<!\w)(?:{listed})(?!\w)" if listed else r"(?!)")

    @cached_property
    def unmarked_counts(self) -> Mapping[str, int]:
        """How many rows have no status, by the file they are in."""
        found: dict[str, int] = {}
        for row in self.specification.entities:
            found[row.source.file] = found.get(row.source.file, 0) + row.is_status_blank
        return found

    @cached_property
    def bundles_by_stem(self) -> Mapping[str, tuple[Entity, ...]]:
        """Bundles that are not to be removed, by each word of their name without its ending."""
        found: dict[str, list[Entity]] = {}
        for bundle in self.specification.by_kind[EntityKind.BUNDLE]:
            if bundle.status is not Status.DELETED:
                for stem in stems_of(name_of(bundle)):
                    found.setdefault(stem, []).append(bundle)
        return {stem: tuple(bundles) for stem, bundles in found.items()}

    def listed_by(self, row: Entity) -> tuple[Entity, ...]:
        """Return the bundles a view or display lists by its base table and names.

        The machine name of a view comes first, then the plural in its description, then its label.
        """
        place = row.source.file, row.source.line
        if place not in self._listed:
            self._listed[place] = self._bundles_listed_by(row)
        return self._listed[place]

    def _bundles_listed_by(self, row: Entity) -> tuple[Entity, ...]:
        view = self.specification.by_key.get(row.owner_key or "", (row,))[0]
        table = re.findall(r"[a-z]+", view.cell("Base table").casefold())
        noun = next((n for word in table if (n := lexicon().listed_nouns.get(word))), "")
        noun = noun or ("content" if "index" in table else "")
        names = self._listed_names.get(_LISTED_TYPES.get(noun), NO_NAMES)
        if same := names.by_machine_name.get(row.machine_name):
            return (same,)
        named = names.named_in(readable(row.cell("Description")).casefold())
        if len(named) == 1:
            return tuple(named)
        words = stems_of(row.label) - _listing_stems()
        near = {b.key: b for word in words for b in self.bundles_by_stem.get(word, ())}
        called = [
            bundle
            for bundle in near.values()
            if bundle.key in names.keys and _is_called(stems_of(name_of(bundle)), words)
        ]
        return tuple(called) if len(called) == 1 else ()

    @cached_property
    def _listed_names(self) -> Mapping[BundleType | None, BundleNames]:
        """What views may list, by type of bundle: neither on hold nor to be removed."""
        found: dict[BundleType | None, list[Entity]] = {}
        for bundle in self.specification.by_kind[EntityKind.BUNDLE]:
            is_there = bundle.status not in {Status.DELETED, Status.WAITING}
            if is_there and bundle.bundle_type is not None:
                found.setdefault(bundle.bundle_type, []).append(bundle)
        return {kind: BundleNames.of(bundles) for kind, bundles in found.items()}

    @cached_property
    def uses_of_what_goes(self) -> Mapping[RowSource, Sequence[FieldUse]]:
        """Where displays that stay filter, sort or show by a field that goes, by either's row.

        Only where no field that stays can be meant: none of what the display lists has that name.
        """
        gone: dict[str, dict[str | None, Entity]] = {}
        live: dict[str, set[str | None]] = {}
        for field_ in self.specification.by_kind[EntityKind.FIELD]:
            for name in {field_.label.casefold(), field_.machine_name.casefold()} - {"", "-"}:
                if field_.status is not Status.DELETED:
                    live.setdefault(name, set()).add(field_.owner_key)
                elif field_.label and name not in word_list("fields_of_anything"):
                    gone.setdefault(name, {}).setdefault(field_.owner_key, field_)
        places: dict[RowSource, tuple[Entity, list[tuple[Entity, str]]]] = {}
        for display, column, name in self._chosen_by() if gone else ():
            for field_ in self._meant_by_display(display, gone.get(name, {}), live):
                found = places.setdefault(field_.source, (field_, []))[1]
                is_new = all(place is not display for place, _ in found)
                if is_new and len(found) < LISTED_MAX:
                    found.append((display, column))
        uses: dict[RowSource, list[FieldUse]] = {}
        for field_, found in places.values():
            use = FieldUse(field=field_, places=tuple(found))
            for row in (field_, *(display for display, _ in found)):
                uses.setdefault(row.source, []).append(use)
        return uses

    def _meant_by_display(
        self,
        display: Entity,
        bearers: Mapping[str | None, Entity],
        live: Mapping[str, set[str | None]],
    ) -> Iterator[Entity]:
        """Return those of the fields with one name that a display can only mean.

        Where nobody knows what it lists, one of several is asked about.
        """
        if not bearers:
            return
        view = self.specification.by_key.get(display.owner_key or "", (display,))[0]
        listed = {b.key for b in self.listed_by(display) or self.listed_by(view)}
        meant = [bearers[key] for key in sorted(listed) if key in bearers]
        for field_ in meant if listed else islice(bearers.values(), 1):
            names = (field_.label.casefold(), field_.machine_name.casefold())
            owners = [live.get(name, set()) for name in names]
            if not any(not o.isdisjoint(listed) if listed else o for o in owners):
                yield field_

    @cached_property
    def silent_views(self) -> Sequence[tuple[Entity, Sequence[Entity]]]:
        """Views to build with the displays of which the sheets do not say what they show."""
        work = {Status.APPROVED, Status.CHANGED}
        found = []
        for view in self.specification.by_kind[EntityKind.VIEW]:
            members = self.specification.members_of.get(view.key, ())
            silent = silent_displays(view, [row for row in members if row.status in work])
            if silent and view.status in work and not is_of_core(view):
                found.append((view, silent))
        return found

    def _chosen_by(self) -> Iterator[tuple[Entity, str, str]]:
        """Return what displays and views that stay name for format, filters and sort, with the column."""
        headers = {h for s in ("format", "filters", "sort") for h in lexicon().display_columns[s]}
        gone = {Status.DELETED, Status.WAITING}
        for kind in (EntityKind.VIEW, EntityKind.VIEW_DISPLAY):
            for row in self.specification.by_kind[kind]:
                view = self.specification.by_key.get(row.owner_key or "", (row,))[0]
                is_kept = row.status not in gone and view.status not in gone
                for column in (c for c in row.cells if is_kept and c.casefold() in headers):
                    for item in re.split(r"[,;:()|]|\. ", row.cell(column).casefold()):
                        setting = re.split("[=<>]", item)[0]
                        for name in {setting, *re.split(r"\b(?:and|or)\b", setting)}:
                            yield row, column, _AROUND_NAMES.sub("", name).strip(" .")

    @cached_property
    def migrations_text(self) -> str:
        """What the rows of migrations say, in lower case."""
        runs = self.specification.by_kind[EntityKind.MIGRATION]
        return "\n".join(cell for run in runs for cell in run.cells.values()).casefold()

    def is_in_a_migration(self, row: Entity) -> bool:
        """Tell whether any migration speaks of a bundle or field by a name of it."""
        names = {name_of(row), row.machine_name} if is_machine_name_given(row) else {name_of(row)}
        return any(
            re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", self.migrations_text)
            for name in names
        )

    @cached_property
    def has_account_fields(self) -> bool:
        """Whether the sheets have fields of user accounts."""
        fields = self.specification.by_kind[EntityKind.FIELD]
        return any(_USER_ACCOUNT.fullmatch(field.cell("Bundle")) for field in fields)

    @cached_property
    def filled_names(self) -> frozenset[str]:
        """What cells of migrations to run may name as filled, in lower case and without type."""
        runs = self.specification.by_kind[EntityKind.MIGRATION]
        return frozenset(
            name
            for run in runs
            if run.status not in {Status.DELETED, Status.WAITING}
            for cell in destination_cells(run)
            for name in filled_by(cell)
            if name
        )

    @cached_property
    def settled_names(self) -> Mapping[tuple[str, int], str]:
        """Machine names for rows to build whose sheet has none, or one that Drupal refuses.

        By file and line; made of the label or of the name, as Drupal does. What is taken already
        or breaks a rule even so is left out: only a person can settle it.
        """
        proposed: dict[tuple[str, int], tuple[tuple[object, ...], str]] = {}
        bearers: dict[tuple[object, ...], set[str]] = {}
        for row in self.specification.entities:
            name = row.machine_name
            if row.status in {Status.APPROVED, Status.CHANGED}:
                if _is_missing_its_name(row):
                    name = made_of_label(row)
                elif row.kind is not EntityKind.VIEW_MODE and self.breaks_rule(row):
                    name = accepted_name(name, row.kind)
            where = (row.kind, row.bundle_type, row.owner_key, name)
            bearers.setdefault(where, set()).add(row.machine_name.strip("-") or row.label)
            if name != row.machine_name and name and not broken_rule(row.kind, name):
                proposed[row.source.file, row.source.line] = (where, name)
        return {at: name for at, (where, name) in proposed.items() if len(bearers[where]) == 1}

    def settled_name(self, row: Entity) -> str:
        """Return the machine name that a row gets instead of its own; empty where it keeps that."""
        return self.settled_names.get((row.source.file, row.source.line), "")

    def breaks_rule(self, row: Entity) -> str:
        """Say which rule the machine name of a row breaks, unless rows that exist break it too."""
        rule = broken_rule(row.kind, row.machine_name)
        is_base = row.kind is EntityKind.FIELD and row.machine_name.casefold() in word_list(
            "base_fields"
        )
        is_hyphened = not broken_rule(row.kind, row.machine_name.replace("-", "_"))
        is_proven = is_hyphened and row.kind in self.hyphened_kinds
        return "" if is_base or is_proven else rule

    @cached_property
    def hyphened_kinds(self) -> frozenset[EntityKind]:
        """Kinds of which a row that exists has a hyphen inside its machine name."""
        return frozenset(
            row.kind
            for row in self.specification.entities
            if row.status is Status.IMPLEMENTED and "-" in row.machine_name.strip("-")
        )

    def owner_name(self, entity: Entity) -> str:
        """Return the name of what a row belongs to, without type, empty if unknown."""
        owners = self.specification.by_key.get(entity.owner_key or "", ())
        return name_of(owners[0]) if owners else ""


_LISTED_TYPES: Mapping[str, BundleType] = {
    "content": BundleType.CONTENT,
    "media": BundleType.MEDIA,
    "terms": BundleType.VOCABULARY,
}


_USER_ACCOUNT = re.compile(r"users?(?: accounts?| profiles?)?(?: \([^()]*\))?", re.IGNORECASE)
_INTO = re.compile(r"(?:->|→|\binto\b) *(?P<name>\w[\w ]*)")
"""Where a cell says what is filled: `xml hourly -> Berth`."""


SOURCE = re.compile(r"source|from\b", re.IGNORECASE)
"""A column of a migration that says what is read."""


def destination_cells(run: Entity) -> Iterator[str]:
    """Yield the cells of a migration that may name what it fills, not what it only reads."""
    for column, cell in run.cells.items():
        if not SOURCE.match(column) or _INTO.search(cell):
            yield cell


def filled_by(cell: str) -> Iterator[str]:
    """Return what a cell of a migration may name as filled, in lower case and without type."""
    if match := _INTO.search(cell):
        yield match["name"].strip().casefold()
    for part in re.split(r"[,;\n] *", cell):
        yield re.sub(r" \([^()]*\)$", "", part).casefold()


@cache
def _listing_stems() -> frozenset[str]:
    return frozenset(stems_of(" ".join(word_list("listing_words"))))


def _plurals_of(bundle: Entity) -> tuple[str, ...]:
    name = name_of(bundle).casefold()
    stem = re.sub(r"(?<=[^aeiou])y$", "", name)
    return (f"{name}s", f"{name}es") if stem == name else (f"{stem}ies",)


def _is_called(name: set[str], words: set[str]) -> bool:
    """Tell whether a label is the name of a bundle with more words, or the other way round."""
    return bool(name) and (name <= words or words <= name)


def name_of(entity: Entity) -> str:
    """Return what people call an entity: the name of a bundle or component without its type."""
    if entity.kind is EntityKind.COMPONENT:
        return entity.label.rpartition(" (")[0]
    if entity.kind is EntityKind.BUNDLE:
        return entity.cell("Name") or entity.label.rpartition(" (")[0] or entity.label
    return entity.label or entity.machine_name


def _is_missing_its_name(row: Entity) -> bool:
    """Tell whether Drupal needs a name the sheet lacks; base fields and labels have theirs.

    A field with a dash for its name and for whether it is reused is a base field under a new label.
    """
    if is_machine_name_given(row) or row.kind is EntityKind.VIEW_MODE:
        return False
    if row.kind is not EntityKind.FIELD:
        return row.kind in NOUNS
    field_type = row.cell("Field type").casefold()
    is_base = row.label.casefold() in word_list("base_fields")
    is_label = field_type.startswith(("entity label", "title", "base field"))
    is_neither = row.machine_name == row.cell(REUSED) == "-"
    return bool(field_type) and not (is_label or is_base or is_neither)


def is_base_field(row: Entity) -> bool:
    """Tell whether a field is one that core gives its entities: nothing to create or to share."""
    is_named = row.machine_name.casefold() in word_list("core_base_fields")
    return is_named or row.cell("Field type").casefold() == "base field"


def made_of_label(row: Entity) -> str:
    """Return the machine name Drupal proposes for a label without its type."""
    name = accepted_name(re.sub(r" \([^()]*\)$", "", row.label), row.kind)
    return name.removeprefix("field_") if row.bundle_type is BundleType.WEBFORM else name


def accepted_name(text: str, kind: EntityKind) -> str:
    """Return a text in the characters of machine names, that of a field with its prefix."""
    name = re.sub(r"[^a-z0-9_]+", "_", text.casefold()).strip("_")
    return f"field_{name.removeprefix('field_')}" if kind is EntityKind.FIELD else name


def stems_of(text: str) -> set[str]:
    """Return the words of a name in lower case, without the endings of plurals."""
    return {
        re.sub(r"(?:ies|(?<![aeiou])y|es|s|e)$", "", SINGULARS.get(word, word))
        for word in _WORD.findall(text.casefold())
    }


SINGULARS = {
    "children": "child",
    "feet": "foot",
    "men": "man",
    "people": "person",
    "women": "woman",
}
"""Plurals that have no ending to leave out."""


def is_machine_name_given(entity: Entity) -> bool:
    """Tell whether the sheet gives a machine name; `-` means a base field such as Title."""
    return entity.machine_name not in {"", "-"}


def index_of(specification: Specification, groups: Iterable[EntityGroup] = ()) -> QuestionIndex:
    """Build the look-ups in one pass over the entities."""
    names: dict[str, list[Entity]] = {}
    for bundle in specification.by_kind[EntityKind.BUNDLE]:
        name = name_of(bundle).casefold()
        names.setdefault(name, []).append(bundle)
    workflows = tuple(
        w for w in specification.by_kind[EntityKind.WORKFLOW] if w.status is not Status.DELETED
    )
    moderated = tuple(b for b in specification.by_kind[EntityKind.BUNDLE] if is_moderated(b))
    return QuestionIndex(
        specification=specification,
        groups=sorted(groups, key=lambda group: group.number),
        storages=_storages(specification),
        bundles_by_name={key: tuple(rows) for key, rows in names.items()},
        workflows=workflows,
        moderated=moderated,
        meant_by=workflows_of(
            [name_of(bundle) for bundle in moderated],
            {workflow.key: bundles_text(workflow) for workflow in workflows},
            stated={
                name_of(bundle): [w.key for w in workflows if is_listed(bundle, w)]
                or workflows_named_by(bundle, workflows)
                for bundle in moderated
            },
        ),
    )


def is_moderated(bundle: Entity) -> bool:
    """Tell whether a bundle is a content type that is moderated and will be there."""
    return (
        bundle.bundle_type is BundleType.CONTENT
        and bundle.cell("Mod.").casefold() == "y"
        and bundle.status not in {Status.DELETED, Status.WAITING}
    )


def _storages(specification: Specification) -> dict[StorageKey, FieldStorage]:
    storages: dict[StorageKey, FieldStorage] = {}
    for row in specification.by_kind[EntityKind.FIELD]:
        if not is_machine_name_given(row) or row.bundle_type in {None, BundleType.WEBFORM}:
            continue
        storage = storages.setdefault((row.bundle_type, row.machine_name), FieldStorage())
        storage.users.setdefault(row.owner_key or "", row)
        if row.status is not Status.DELETED:
            storage.live_users.setdefault(row.owner_key or "", row)
        for column in STORAGE_COLUMNS:
            value = row.cell(column)
            if row.status is not Status.DELETED and value not in {"", "-"}:
                storage.by_value.setdefault((column, value), []).append(row)
    return storages

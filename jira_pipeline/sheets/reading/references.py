"""Finds what the names in reference columns point at.

Belongs here: owners and references of a row, and the findings about names that lead nowhere. Does
not: which rows there are (`entities`), nor what follows from a reference (grouping).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jira_pipeline.drupal.listed_names import split_known_names
from jira_pipeline.drupal.meaning.modules_and_types import facts_of
from jira_pipeline.drupal.migration.destination import is_without_row
from jira_pipeline.model.blank_cells import is_blank_cell, names_nothing
from jira_pipeline.model.entities import (
    AnyBundleType,
    BundleType,
    Entity,
    EntityKind,
    Reference,
    ReferenceState,
)
from jira_pipeline.model.forms_in_text import FORM_COLUMNS
from jira_pipeline.model.sheet_names import sheet_title, whole_sheet
from jira_pipeline.model.source_tables import SHEET_NAMES
from jira_pipeline.sheets.reading.cells import (
    flag_spelled,
    is_setting_of_type,
    is_type_known,
    says_nothing,
    types_before_words,
    types_within,
)
from jira_pipeline.sheets.reading.labels import (
    NameIndex,
    alphanumeric,
    bundle_type_of,
    bundle_type_within,
    folded,
    halves_of_names,
    is_wildcard,
    names_beside_types,
    split_bundle_label,
    type_in_cell,
)
from jira_pipeline.sheets.reading.rows_as_meant import Row, Sheet
from jira_pipeline.sheets.reading.sheet_kinds import BUNDLE_TYPE

_FALLBACK_NAME = "Fallback machine name"
COMPUTED_COLUMNS = frozenset({"View ID", _FALLBACK_NAME})
"""Columns a formula of the spreadsheet fills with the machine name of a label."""
OWNER_NAME_COLUMN = "Bundle machine name"
"""Of a field: the machine name of its bundle, which tells bundles of one label apart."""
_BULLET = re.compile(r"^(?:[•·▪‣\u2043◦●○■□➢✓*–—-]|\d{1,2}[.)])\s+")
_BULLET_INSIDE = re.compile(r"\s(?=[•▪●■]\s)")
_BETWEEN_NAMES = re.compile(
    r"(?:^| )(?:and/or|and|or|und|oder|et|ou|y|e|o|en|of) | ?[/&+|] ?", re.IGNORECASE
)
_HEADING = re.compile(r"(?P<type>[^:>]{3,40})[:>](?P<names>.+)", re.DOTALL)
_REFERENCE = re.compile(r"(?i)reference|paragraphs")
"""What field types are called that refer to bundles."""
_SEVERAL = 2
_OF_PARTS = frozenset({BundleType.PARAGRAPH, BundleType.BLOCK})
"""What people call by words that Drupal does not have."""


@dataclass(slots=True)
class KnownThings:
    """Everything a reference can point at."""

    by_kind: Mapping[EntityKind, NameIndex] = field(
        default_factory=lambda: {kind: NameIndex() for kind in EntityKind}
    )
    bundle_names: NameIndex = field(default_factory=NameIndex)
    """Bundles by their name without type."""
    bundles: dict[str, Entity] = field(default_factory=dict)
    """By their keys."""
    image_styles: dict[str, Entity] = field(default_factory=dict)
    """By their keys."""
    effects_read: Counter[str] = field(default_factory=Counter)
    """How often an image style has an effect so far, by the keys of the rows."""
    styles_by_letters: dict[str, str] = field(default_factory=dict)
    """Letters and digits of an image style's label to its key."""
    style_families: dict[str, str] = field(default_factory=dict)
    """Letters and digits of the first words of a label to the first image style that has them."""
    states: dict[str, dict[str, str]] = field(default_factory=dict)
    """Key of a workflow to its states: folded label or machine name to key."""

    def count_effect(self, key: str) -> str:
        """Return the key of one more effect of a style, which may have the same one twice."""
        self.effects_read[key] += 1
        count = self.effects_read[key]
        return key if count == 1 else f"{key} {count}"

    def add_image_style(self, key: str, label: str) -> None:
        """Make an image style known by its label and by every beginning of it in whole words."""
        self.styles_by_letters.setdefault(alphanumeric(label), key)
        words = label.split()
        for count in range(1, len(words)):
            self.style_families.setdefault(alphanumeric(" ".join(words[:count])), key)

    def bundles_named(self, name: str, bundle_type: AnyBundleType | None) -> Sequence[str]:
        """Return the keys of the bundles with a name, or machine name, of a type, or of any."""
        index = self.by_kind[EntityKind.BUNDLE]
        named = self.bundle_names.labelled(name)
        if bundle_type is None:
            of_code = [
                keys[0] for keys in (index.identified(name),) if keys and not name.isdecimal()
            ]
            return index.labelled(name) or named or index.machine_named(name) or of_code
        if keys := index.labelled(f"{name} ({bundle_type.value})"):
            return keys
        untyped = [key for key in named if self.bundles[key].bundle_type is None]
        if len(named) == len(untyped) == 1:
            return untyped
        return [k for k in index.machine_named(name) if self.bundles[k].bundle_type == bundle_type]

    def has_bundle(self, text: str) -> bool:
        """Tell whether a bundle is called so, with its type or without."""
        index = self.by_kind[EntityKind.BUNDLE]
        return bool(index.labelled(text) or self.bundle_names.labelled(text))

    def bundles_written(self, text: str) -> Sequence[str]:
        """Return the keys of the bundles that a text names beside their type, in whatever form.

        Also of the one that it names twice, by label and machine name. Nothing if the text can be
        read as several: `node.boat`, `Content type: Boat`, `Boat [node]`, `Boat (boat)`.
        """
        return self._bundles_beside_types(text) or self._bundle_named_twice(text)

    def _bundles_beside_types(self, text: str) -> Sequence[str]:
        keys_by_first: dict[str, Sequence[str]] = {}
        for name, bundle_type in names_beside_types(text):
            keys = self.bundles_named(name, bundle_type)
            keys_by_first.update(dict.fromkeys(keys[:1], keys))
        return next(iter(keys_by_first.values())) if len(keys_by_first) == 1 else ()

    def _bundle_named_twice(self, text: str) -> Sequence[str]:
        """Return the bundle that both halves of a text name; nothing if several are."""
        keys: set[str] = set()
        for before, after in halves_of_names(text):
            keys_before = self._bundles_of_half(before)
            if keys_before:
                keys |= keys_before & self._bundles_of_half(after)
        return tuple(keys) if len(keys) == 1 else ()

    def _bundles_of_half(self, text: str) -> set[str]:
        keys = self.bundles_named(*split_bundle_label(text))
        return {*(keys or self._bundles_beside_types(text))}

    def image_style_group(self, name: str) -> str | None:
        """Find an image style by its label, punctuation aside, or the first of a family.

        `Poster` is the family of `Poster Upright`, `Poster Wide` …
        """
        labelled = self.by_kind[EntityKind.IMAGE_STYLE].labelled(name)
        if labelled:
            return labelled[0]
        letters = alphanumeric(name)
        return self.styles_by_letters.get(letters) or self.style_families.get(letters)


def bundle_of(row: Row, known: KnownThings, *, column: str, text: str) -> str | None:
    """Find a bundle by `Name (Type)`, else by a name or machine name only one bundle has.

    Of several with one label it is the one that the row has the type or machine name of; one whose
    type is blank is of any.
    """
    is_owner = column == "Bundle"
    name, bundle_type = split_bundle_label(text)
    if bundle_type is None and is_owner:
        bundle_type = _type_of_owner(name, row, known)
    keys = known.bundles_named(name, bundle_type)
    if not keys:
        keys = known.bundles_written(text)
    if len(keys) > 1 and is_owner:
        machine_name = folded(row.cell(OWNER_NAME_COLUMN))
        keys = [k for k in keys if folded(known.bundles[k].machine_name) == machine_name] or keys
        of_sheet = bundle_type_of(whole_sheet(sheet_title(row.place.file)))
        keys = [k for k in keys if of_sheet == known.bundles[k].bundle_type] or keys
        if row.cell(BUNDLE_TYPE) and bundle_type is None:  # a word of theirs, such as Component
            keys = [k for k in keys if known.bundles[k].bundle_type in _OF_PARTS] or keys
    elif len(keys) > 1 and bundle_type is None:
        wanted = bundle_type_within(row.cell("Field type"))
        keys = [k for k in keys if wanted == known.bundles[k].bundle_type] or keys
    if len(keys) > 1 and bundle_type is not None:
        _cite_ambiguous(row, column=column, text=text, keys=keys)
    return keys[0] if keys and (len(keys) == 1 or bundle_type is not None) else None


def _type_of_owner(name: str, row: Row, things: KnownThings) -> AnyBundleType | None:
    """Return what the cell beside the name of a bundle says, a short word only of a bundle there is."""
    bundle_type = bundle_type_of(row.cell(BUNDLE_TYPE))
    if bundle_type is not None:
        return bundle_type
    bundle_type = type_in_cell(row.cell(BUNDLE_TYPE))
    return bundle_type if things.bundles_named(name, bundle_type) else None


def _cite_ambiguous(row: Row, *, column: str, text: str, keys: Sequence[str]) -> None:
    row.warn(
        "reference_ambiguous",
        f"“{text}” is the label of {len(keys)} things "
        f"({', '.join(key.partition(':')[2] for key in keys)}).",
        "Give them different labels, or refer to one by its machine name.",
        column=column,
        value=text,
    )


def field_references(row: Row, known: KnownThings) -> tuple[Reference, ...]:
    """Read `Ref. bundle`: a bundle, a list of bundles, or a wildcard."""
    column = "Ref. bundle"
    kind = EntityKind.BUNDLE
    required = flag_spelled(row.cell("Req'd")) is True
    found = (
        _reference_to(row, known, column=column, text=name, kind=kind, key=key)
        for name, key in _bundles_in(row, known, column=column)
        if not _is_without_row(name, key, row, known)
    )
    return tuple([replace(reference, is_required=required) for reference in found])


def _is_without_row(name: str, key: str | None, row: Row, things: KnownThings) -> bool:
    """Tell whether a name stands for no row: Drupal has it, or it means accounts, of which all count."""
    if key is None:
        return _is_of_core(row, things, name)
    is_of_accounts = things.bundles[key].bundle_type is BundleType.USER
    called = split_bundle_label(name)[0]
    return is_of_accounts and alphanumeric(called) in facts_of("things_of_core")["accounts"]


def _is_of_core(row: Row, known: KnownThings, text: str) -> bool:
    """Tell whether Drupal has what a name says without a row: accounts, and its own media types.

    Where sheets list media types, a name that is none of them may be a slip.
    """
    name, bundle_type = split_bundle_label(text)
    is_media = "media" in f"{row.cell('Field type')} {row.cell('Form widget')}".casefold()
    if is_media and bundle_type in {None, BundleType.MEDIA}:
        types = {bundle.bundle_type for bundle in known.bundles.values()}
        return (
            BundleType.MEDIA not in types
            and alphanumeric(name) in facts_of("things_of_core")["media_types"]
        )
    return bundle_type is None and alphanumeric(name) in facts_of("things_of_core")["accounts"]


def is_called_like_core(text: str) -> bool:
    """Tell whether Drupal has something of a name without a row: accounts, its own media types."""
    of_core = facts_of("things_of_core")
    name = alphanumeric(split_bundle_label(text)[0])
    return name in of_core["accounts"] or name in of_core["media_types"]


def parts_of_name(name: str) -> list[str]:
    """Return the names in what is between commas: those behind a type and a colon, and around `and`."""
    headed = _HEADING.fullmatch(name)
    rest = headed["names"] if headed and bundle_type_of(headed["type"]) else name
    return [part for part in _BETWEEN_NAMES.split(" ".join(rest.split())) if part]


def _bundles_in(row: Row, known: KnownThings, *, column: str) -> Iterator[tuple[str, str | None]]:
    """Yield the names in a cell with the bundles they are.

    What is no name is split once more, where every part of it is one: `Harbour and Crew`. A type
    before a colon is that of the names behind it.
    """
    heading: AnyBundleType | None = None
    for name in _names_in(row.cell(column), known.has_bundle):
        key = bundle_of(row, known, column=column, text=name)
        headed = _HEADING.fullmatch(name) if key is None else None
        rest = name
        if headed and (bundle_type := bundle_type_of(headed["type"])):
            heading = bundle_type
            rest = headed["names"]
        parts = (
            [part for part in _BETWEEN_NAMES.split(" ".join(rest.split())) if part]
            if key is None
            else []
        )
        keys = [
            bundle_of(row, known, column=column, text=part)
            or next(iter(known.bundles_named(part, heading) if heading else ()), None)
            for part in parts
        ]
        yield from zip(parts, keys, strict=True) if all(keys) and keys else [(name, key)]


def with_each_owner(rows: Iterable[Row], known: KnownThings) -> Iterator[Row]:
    """Yield the rows, one that names several bundles as one of each."""
    for row in rows:
        text = row.cell("Bundle")
        is_one = known.bundles_named(*split_bundle_label(text)) or known.bundles_written(text)
        found = [] if is_one else [*_bundles_in(row, known, column="Bundle")]
        if len(found) < _SEVERAL or not all(key for _, key in found):
            yield row
            continue
        row.sheet.citations.inform(
            "owners_listed",
            f"A row that names several bundles was read as a row of each: {row.cell('Bundle')}.",
            "Nothing to do, unless it is of one of them only.",
            row=row.source,
            column=row.sheet.headers["Bundle"],
            value=row.cell("Bundle"),
            cause="Bundle",
        )
        for position, (name, _) in enumerate(found):
            yield replace(row, cells={**row.cells, "Bundle": name}, position=position)


def with_types_apart(rows: Iterable[Row], things: KnownThings) -> Iterator[Row]:
    """Yield the rows of fields, types apart from what their cells say of a target or setting."""
    for row in rows:
        text = row.cell("Field type")
        if says_nothing(text) or is_type_known(text):
            yield row
            continue
        parts = [*types_within(text)] or [
            (label, words) for label, words in types_before_words(text) if _REFERENCE.search(label)
        ]
        rows_apart = [_type_apart(row, things, *part) for part in parts]
        row_apart = next(filter(None, rows_apart), None)
        if parts and row_apart is None:
            label, rest = parts[-1]
            row.warn(
                "cell_unexpected",
                f"“{text}” begins with the field type “{label}”, but “{rest}” is no bundle of these "
                "sheets that it may refer to, and no number; the type was not read.",
                "Write the type alone, and the rest in Ref. bundle or the notes.",
                column="Field type",
            )
        yield row_apart or row


def _type_apart(row: Row, things: KnownThings, label: str, rest: str) -> Row | None:
    """Return a row with its field type alone, if the rest of the cell is a target or a number.

    What the type refers to counts where Ref. bundle is blank.
    """
    column = "Ref. bundle"
    cells = {**row.cells, "Field type": label}
    if is_setting_of_type(rest):
        return replace(row, cells=cells)
    if _REFERENCE.search(label) is None:
        return None
    with_target = replace(row, cells={**cells, column: rest})
    targets = [key for _, key in _bundles_in(with_target, things, column=column)]
    if not is_wildcard(rest) and not (targets and all(targets)):
        return None
    is_target_needed = row.sheet.has_column(column) and says_nothing(row.cell(column))
    return with_target if is_target_needed else replace(row, cells=cells)


def migration_references(row: Row, things: KnownThings) -> tuple[Reference, ...]:
    """Read what a migration fills, `Destination`, and what runs before it, `Depends on`.

    What it names is required: without it the migration cannot run.
    """
    named = [*_types_filled(row, things), *_migrations_before(row, things)]
    return tuple([replace(reference, is_required=True) for reference in named])


def _types_filled(row: Row, things: KnownThings) -> Iterator[Reference]:
    column = "Destination"
    for name, key in _bundles_in(row, things, column=column):
        if key is None and (is_without_row(name) or is_called_like_core(name)):
            continue
        yield _reference_to(row, things, column=column, text=name, kind=EntityKind.BUNDLE, key=key)


def _migrations_before(row: Row, things: KnownThings) -> Iterator[Reference]:
    column = "Depends on"
    index = things.by_kind[EntityKind.MIGRATION]
    for name in _names_in(row.cell(column), lambda text: bool(index.labelled(text))):
        keys = index.labelled(name) or index.machine_named(name)
        key = keys[0] if len(keys) == 1 else None
        yield _reference_to(
            row, things, column=column, text=name, kind=EntityKind.MIGRATION, key=key
        )


def used_on_references(row: Row, known: KnownThings) -> tuple[Reference, ...]:
    """Read `Entities Used On` of a view mode: names of bundles of its entity type."""
    column = "Entities Used On"
    own_type = bundle_type_of(row.cell("Entity Type"))
    found: list[Reference] = []
    for name in _names_in(row.cell(column), known.has_bundle):
        typed = name
        if own_type is not None and split_bundle_label(name)[1] is None:
            typed += f" ({own_type.value})"
        bundles = known.by_kind[EntityKind.BUNDLE]
        named = (k for k in bundles.machine_named(name) if known.bundles[k].bundle_type == own_type)
        keys = bundles.labelled(typed) or tuple(named) or known.bundles_written(name)
        found.append(
            _reference_to(
                row,
                known,
                column=column,
                text=name,
                kind=EntityKind.BUNDLE,
                key=keys[0] if keys else None,
                searched=typed,
            )
        )
    return tuple(found)


def _names_in(text: str, is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """Return what a cell names; a wildcard is one name, and a cell may say that nothing applies.

    A name that is known stays whole, whatever marks it has.
    """
    if names_nothing(text):
        return ()
    if is_wildcard(text):
        return (text,)
    names: list[str] = []
    for line in split_known_names(text, is_known):
        if is_known(line):
            names.append(line)
        else:
            names.extend(_BULLET.sub("", name).strip() for name in _BULLET_INSIDE.split(line))
    return tuple(filter(None, names))


def image_style_references(row: Row, known: KnownThings) -> tuple[Reference, ...]:
    """Read what a responsive image style uses: its fallback and its groups of image styles."""
    column = "Image Style Group(s)"
    kind = EntityKind.IMAGE_STYLE
    fallback = None
    if not _is_image_of_core(row.cell(_FALLBACK_NAME) or row.cell("Fallback Style")):
        fallback = joined_reference(
            row, known, computed=_FALLBACK_NAME, labelled="Fallback Style", kind=kind
        )
    labels = known.by_kind[kind]
    listed = split_known_names(row.cell(column), lambda text: bool(labels.labelled(text)))
    named = (name for name in listed if not (names_nothing(name) or _is_image_of_core(name)))
    groups = (
        dangling(row, known, column=column, text=name, kind=kind)
        if (key := known.image_style_group(name)) is None
        else _resolved(column, name, kind, key)
        for name in named
    )
    return tuple(filter(None, (fallback, *groups)))


def _is_image_of_core(text: str) -> bool:
    """Tell whether a name stands for an image as it was uploaded, or for none: no row has it."""
    return alphanumeric(text) in facts_of("things_of_core")["images"]


def joined_reference(
    row: Row, known: KnownThings, *, computed: str, labelled: str, kind: EntityKind
) -> Reference | None:
    """Join by a computed machine name, or the ID of a row, where the sheet has that column.

    Else it is joined by label.

    An empty computed cell is an error where a formula may have filled it that was not exported;
    people who type name the thing, which is enough. An error value in it is a warning, and the
    label is tried.
    """
    if not row.sheet.has_column(computed):
        return by_label(row, known, column=labelled, kind=kind)
    if kind is EntityKind.VIEW and not (row.cell(labelled) or row.cell(computed)):
        return None  # a person is asked what it belongs to
    error_value = row.error_value(computed)
    if error_value:
        row.warn(
            "reference_not_computed",
            f"“{row.sheet.headers[computed]}” contains {error_value}; “{row.cell(labelled)}” is "
            "looked up by its label instead.",
            f"Correct “{row.cell(labelled)}” so that the formula finds it.",
            column=computed,
            value=error_value,
        )
        return by_label(row, known, column=labelled, kind=kind)
    text = row.cell(computed)
    if text == "" and not _may_lack_formulas(row.sheet):
        return by_label(row, known, column=labelled, kind=kind)
    if text == "":
        row.sheet.citations.error(
            "reference_empty",
            f"“{row.sheet.headers[computed]}” is empty: its formula was not exported, so it is "
            f"not clear what “{row.label}” refers to.",
            "Restore the formula of this column in the specification and export the sheet again.",
            row=row.source,
            column=row.sheet.headers[computed],
            value=text,
        )
        return None
    if is_blank_cell(text):
        return None
    found = known.by_kind[kind].identified(text)
    if found is None:
        return dangling(
            row, known, column=computed, text=text, kind=kind, searched=row.cell(labelled) or text
        )
    label = row.cell(labelled)
    (key, target) = found
    if not is_blank_cell(label) and folded(label) != folded(target):
        row.warn(
            "label_contradicts_target",
            f"“{row.sheet.headers.get(labelled, labelled)}” says “{label}”, but {text} is "
            f"“{target}”; {text} is used.",
            "Correct one of the two cells.",
            column=labelled,
            beside=text,
        )
    return _resolved(computed, text, kind, key)


def _may_lack_formulas(sheet: Sheet) -> bool:
    """Tell whether a program may have computed cells of a sheet that arrive empty.

    A worksheet shows its formulas: an empty cell has none. A CSV file shows none; one with the
    columns that only our blank workbook has, which has no formulas, is typed by people.
    """
    is_worksheet = not sheet.table.file.delimiter
    return not is_worksheet and not any(map(sheet.has_column, FORM_COLUMNS))


def by_label(row: Row, known: KnownThings, *, column: str, kind: EntityKind) -> Reference | None:
    """Find the one thing of a kind with the label or machine name that a cell says."""
    text = row.cell(column)
    if names_nothing(text):
        return None
    index = known.by_kind[kind]
    keys = index.labelled(text) or index.machine_named(text)
    if len(keys) == 1:
        return _resolved(column, text, kind, keys[0])
    if not keys:
        return dangling(row, known, column=column, text=text, kind=kind)
    _cite_ambiguous(row, column=column, text=text, keys=keys)
    return _unresolved(column, text, kind, tuple(key.partition(":")[2] for key in keys))


def state_references(row: Row, known: KnownThings, *, workflow_key: str) -> tuple[Reference, ...]:
    """Read the states a transition leads from and to, within its workflow."""
    states = known.states.get(workflow_key, {})
    kind = EntityKind.WORKFLOW_STATE
    return tuple(
        _reference_to(row, known, column=column, text=name, kind=kind, key=states.get(folded(name)))
        for column in ("From state", "To state")
        for name in split_known_names(row.cell(column), lambda text: folded(text) in states)
        if folded(name) in states or not names_nothing(name)
    )


def _reference_to(
    row: Row,
    known: KnownThings,
    *,
    column: str,
    text: str,
    kind: EntityKind,
    key: str | None,
    searched: str | None = None,
) -> Reference:
    """Make the reference to what was found, else to all of a kind; else cite that it dangles."""
    if key is not None:
        return _resolved(column, text, kind, key)
    if is_wildcard(text):
        return Reference(column=column, text=text, target_kind=kind, state=ReferenceState.WILDCARD)
    return dangling(row, known, column=column, text=text, kind=kind, searched=searched)


def dangling(
    row: Row,
    known: KnownThings,
    *,
    column: str,
    text: str,
    kind: EntityKind,
    searched: str | None = None,
) -> Reference:
    """Cite a name that resolves to nothing, with the nearest names there are."""
    alike = known.bundles_named(text, None) if kind is EntityKind.BUNDLE else ()
    if len(alike) > 1:
        candidates = tuple(known.bundles[key].label for key in alike)
        row.warn(
            "reference_ambiguous",
            f"“{text}” is the name of {len(alike)} bundles: {', '.join(candidates)}.",
            "Write which of them is meant, with its type or by its machine name.",
            column=column,
            value=text,
        )
    else:
        candidates = known.by_kind[kind].nearest(searched or text)
        among = SHEET_NAMES[kind]
        if kind is EntityKind.WORKFLOW_STATE:  # another workflow may have one of that name
            among = "states of its workflow"
            candidates = tuple(name for name in candidates if folded(name) != folded(text))
        nearest = f" Nearest: {', '.join(candidates)}." if candidates else ""
        row.warn(
            "reference_dangling",
            f"“{row.label}” refers to “{text}”, which is not among the {among}.{nearest}",
            "Correct the name, or add what is missing to its sheet.",
            column=column,
            value=text,
        )
    return _unresolved(column, text, kind, candidates)


def _unresolved(column: str, text: str, kind: EntityKind, candidates: tuple[str, ...]) -> Reference:
    return Reference(
        column=column,
        text=text,
        target_kind=kind,
        state=ReferenceState.DANGLING,
        candidates=candidates,
    )


def _resolved(column: str, text: str, kind: EntityKind, key: str) -> Reference:
    return Reference(
        column=column, text=text, target_kind=kind, state=ReferenceState.RESOLVED, target_key=key
    )

"""The sheets of a Drupal specification and how to recognise them.

Belongs here: the table of kinds with their headers, keys and labels, and the choice among them.
Does not: reading bytes (`csv_files`) or making entities (`entities`).

Source: Acquia Drupal Spec Tool, documentation of the spreadsheet's generator, and exports of it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property, lru_cache

from jira_pipeline.drupal.columns import columns_of, owner_column_of
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.columns import STATUS_COLUMN, Column, Role
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.sessions import NO_COLUMN, ColumnMeanings
from jira_pipeline.model.sheet_names import sheet_title, whole_sheet
from jira_pipeline.sheets.reading.labels import bundle_type_of, split_bundle_label
from jira_pipeline.sheets.reading.translations import (
    CHARACTERS_MAX,
    TEXTS_KEPT,
    Language,
    known_languages,
    languages_of,
    once_each_text,
    plain_letters,
)

_PUNCTUATION = re.compile(r"[\W_]+")
_REMARK = re.compile(r"(.*\S)\s*\([^()]*\)\W*", re.DOTALL)
"""`Allowed values (key|label)` is the header before its remark."""
_TITLE_WORD = re.compile(r"[A-Z]*[^\W_A-Z]+|[A-Z]+")
"""`Overview` does not end with a word that is `view`, as `SiteViews` does."""

_AFTER_HEAD = frozenset({"of", "for", "in", "and", "list", "overview", "definitions", "matrix"})
"""Words of a name after what it lists: a `Role list` lists roles, and `Role plays` do not."""
_SUFFIX = re.compile(r"\.(csv|tsv)$", re.IGNORECASE)

DISPLAY_PLUGIN = "Display plugin"
"""Of a display without a name: it says which one a row is."""
_TYPES_BESIDE = re.compile(r"(?i)(types|vocabularies)\)$")
BUNDLE_TYPE = "Bundle type"
"""Of a field: the type of its bundle, where another column names that."""
SHARED_COLUMNS = tuple(c.name for c in columns_of(EntityKind.CUSTOM))
"""Of every sheet."""


@once_each_text
def normalised(header: str) -> str:
    """Reduce a header to its letters and digits, in lower case: `Req'd` becomes `reqd`."""
    return _PUNCTUATION.sub("", header.casefold())


_OF_ANY_TABLE = frozenset({"Name", "Label", "Type", MACHINE_NAME_COLUMN})
"""Columns that say nothing of what a table lists."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What people say a header is."""

    column: str
    is_of_sheet: bool
    """They say it of this sheet: it is nothing else there."""

    @property
    def is_nothing(self) -> bool:
        """They say that it is no column of a known sheet."""
        return normalised(self.column) == NO_COLUMN


HeaderMapping = Mapping[str, Meaning]
"""Headers of a file, as `mapping_key` reduces them, to what people say they are."""
NO_HEADERS_MAPPED: HeaderMapping = {}
SHEET = ""
"""In place of a header: people say that the sheet is none of the known ones; it is quoted as it stands."""
NO_COLUMNS_MAPPED: ColumnMeanings = {}


def without_remark(header: str) -> str:
    """Return a header without what it says in brackets at its end."""
    found = _REMARK.fullmatch(header[:CHARACTERS_MAX])
    return header if found is None else found[1]


def mapping_key(header: str) -> str:
    """Reduce a header as `normalised` does, but keep one that has no letter or digit."""
    return normalised(header) or header.strip()


def is_sheet_meant(name: str, file: str) -> bool:
    """Tell whether a name that people wrote is that of a file or worksheet, suffix or not."""
    names = (each for name in (file, sheet_title(file)) for each in (name, whole_sheet(name)))
    return plain_letters(stem_of(name)) in {plain_letters(stem_of(each)) for each in names}


def stem_of(file: str) -> str:
    """Return the name of a file or sheet without the suffix of an export."""
    return _SUFFIX.sub("", file)


def header_mapping(columns: ColumnMeanings, *, file: str) -> HeaderMapping:
    """Return what the `columns` of `session.yaml` say of one sheet, as it looks them up.

    What is said of the sheet itself goes before what is said of all; a name with `nothing` is that of
    a sheet, if there is one, of which nothing else counts but which header is the status.
    """
    of_all = {header: column for header, column in columns.items() if isinstance(column, str)}
    own = [
        of_sheet
        for sheet, of_sheet in columns.items()
        if not isinstance(of_sheet, str) and is_sheet_meant(sheet, file)
    ]
    if any(each == NO_COLUMN and is_sheet_meant(name, file) for name, each in of_all.items()):
        known = known_columns(None)
        own = [{SHEET: NO_COLUMN}]
        of_all = {h: c for h, c in of_all.items() if known.get(normalised(c)) == STATUS_COLUMN}
    return {
        mapping_key(header): Meaning(column, is_of_sheet=listed is not of_all)
        for listed in (of_all, *own)
        for header, column in listed.items()
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class SheetRule:
    """How a kind of sheet is recognised, and what follows from its columns."""

    kind: EntityKind
    signatures: tuple[tuple[str, ...], ...]
    """Any of these sets of columns makes the sheet this kind …"""
    excluded: tuple[str, ...] = ()
    """… unless it has one of these headers."""
    file_words: tuple[str, ...]
    """Words in a file's name that break a tie."""

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """All it may have, by name."""
        return {column.name: column for column in columns_of(self.kind)}

    @cached_property
    def label_column(self) -> str:
        """What names a row for people."""
        return next(n for n, column in self.columns.items() if column.role is Role.LABEL)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Columns without which nothing can be built."""
        return tuple(n for n, column in self.columns.items() if column.is_required)

    @cached_property
    def identifying(self) -> tuple[str, ...]:
        """A row in which all of these are blank is a separator."""
        names = (self.label_column, MACHINE_NAME_COLUMN, DISPLAY_PLUGIN)
        is_enough = {self.label_column, DISPLAY_PLUGIN, *self.required}
        return tuple(name for name in names if name in self.columns and name in is_enough)

    @cached_property
    def own(self) -> frozenset[str]:
        """Columns that make a sheet this kind and are in no table that lists other things."""
        return frozenset(n for signature in self.signatures for n in signature) - _OF_ANY_TABLE

    @cached_property
    def losses(self) -> Mapping[str, str]:
        """Columns that the sheet usually has, and what tickets lack without them."""
        return {n: column.loss for n, column in self.columns.items() if column.loss}

    @cached_property
    def template(self) -> tuple[str, ...]:
        """Columns from left to right as in the spreadsheet of the Drupal Spec Tool."""
        return tuple(n for n, column in self.columns.items() if column.is_of_tool)


SHEET_RULES: tuple[SheetRule, ...] = (
    SheetRule(
        kind=EntityKind.BUNDLE,
        signatures=(("URL alias pattern",), ("Name", "Type")),
        excluded=("Field label", "View name", "Display plugin", "Migration", "Migration name"),
        file_words=("bundle",),
    ),
    SheetRule(
        kind=EntityKind.FIELD,
        signatures=(("Field label",), ("Field type",)),
        file_words=("field",),
    ),
    SheetRule(
        kind=EntityKind.VIEW,
        signatures=(("View name",),),
        excluded=("Display plugin",),
        file_words=("views",),
    ),
    SheetRule(
        kind=EntityKind.VIEW_DISPLAY, signatures=((DISPLAY_PLUGIN,),), file_words=("display",)
    ),
    SheetRule(
        kind=EntityKind.IMAGE_STYLE,
        signatures=(("Style name",),),
        file_words=("imagestyle", "imagesize", "picturesize"),
    ),
    SheetRule(
        kind=EntityKind.IMAGE_EFFECT,
        signatures=(("Image style", "Effect"),),
        excluded=("Style name",),
        file_words=("imageeffect",),
    ),
    SheetRule(
        kind=EntityKind.RESPONSIVE_IMAGE_STYLE,
        signatures=(("Responsive style",),),
        file_words=("responsiveimagestyle", "responsivestyle", "responsive"),
    ),
    SheetRule(kind=EntityKind.VIEW_MODE, signatures=(("View Modes",),), file_words=("viewmode",)),
    SheetRule(
        kind=EntityKind.USER_ROLE,
        signatures=(("Name", "Machine name"),),
        excluded=("Type", "URL alias pattern", "Migration", "Migration name"),
        file_words=("role", "userrole"),
    ),
    SheetRule(
        kind=EntityKind.WORKFLOW,
        signatures=(("Label", "Type"),),
        excluded=("Workflow",),
        file_words=("workflow",),
    ),
    SheetRule(
        kind=EntityKind.WORKFLOW_STATE,
        signatures=(("Workflow", "Label"),),
        excluded=("From state",),
        file_words=("state",),
    ),
    SheetRule(
        kind=EntityKind.WORKFLOW_TRANSITION,
        signatures=(("From state",),),
        file_words=("transition",),
    ),
    SheetRule(
        kind=EntityKind.MIGRATION,
        signatures=(("Migration",),),
        excluded=("Source field", "Destination field"),
        file_words=("migration",),
    ),
    SheetRule(
        kind=EntityKind.MIGRATION_MAPPING,
        signatures=(("Source field",), ("Destination field",)),
        file_words=("mapping", "migrationmapping", "fieldmapping"),
    ),
)


@cache
def known_columns(rule: SheetRule | None) -> Mapping[str, str]:
    """Map every normalised spelling of a column of this sheet to its canonical name.

    Custom sheets know only the columns that all sheets share.
    """
    found: dict[str, str] = {}
    columns = columns_of(EntityKind.CUSTOM if rule is None else rule.kind)
    for column in sorted(columns, key=lambda each: each.is_shared):
        for spelling in (column.name, *column.spellings):
            found.setdefault(normalised(spelling), column.name)
    return found


def is_of_one_kind(rule: SheetRule, header: str, column: str) -> bool:
    """Tell whether a header, read as a column of a kind, is one that no other kind has."""
    own = normalised(header)
    knowing = [each for each in SHEET_RULES if own in known_columns(each)]
    return knowing == [rule] or (column in rule.own and own not in loose_columns(rule))


@cache
def loose_columns(rule: SheetRule) -> Mapping[str, str]:
    """Map headers that mean a column of this sheet where its name says which sheet it is."""
    return {normalised(word): c.name for c in rule.columns.values() for word in c.loosely}


@cache
def rule_of(kind: EntityKind) -> SheetRule | None:
    """Return the rule of a kind; None for custom sheets."""
    return next((rule for rule in SHEET_RULES if rule.kind is kind), None)


def rule_of_owner(kind: EntityKind) -> SheetRule | None:
    """Return the rule of the kind that rows of a kind belong to."""
    owner = owner_column_of(kind)
    return None if owner is None else rule_of(EntityKind(owner.names))


class _ReadAs(IntEnum):
    """Why a header is read as a column; the surest comes first."""

    NAMED_WITH_KIND = 0
    """`Field machine name`: beside it, `Machine name` is that of something else."""
    ITS_OWN_NAME = 1
    PEOPLE_SAY = 2
    OTHER_SPELLING = 3
    TRANSLATED = 4
    ANY_LABEL = 5
    LOOSELY = 6
    """Only the name of the sheet, or its other headers, say that it is meant."""


@dataclass(frozen=True, slots=True)
class _Header:
    text: str
    own: str
    """Its letters and digits, …"""
    bare: str
    """… and those before its remark."""
    mapped: Meaning | None
    """What people say it is."""
    translated: frozenset[str]
    """English headers it stands for in the language of the sheet."""
    is_label: bool
    """In that language it may name whatever the sheet lists."""

    def columns_in(self, rule: SheetRule | None) -> list[tuple[_ReadAs, str]]:
        """Return the columns it may be, the surest reading first."""
        spellings = known_columns(rule)
        own = self.own
        found: list[tuple[_ReadAs, str]] = []
        if self.mapped is not None and self.mapped.is_nothing:
            name = spellings.get(own)
            is_own = name is not None and normalised(name) == own and not self.mapped.is_of_sheet
            return [(_ReadAs.ITS_OWN_NAME, name)] if name is not None and is_own else []
        said = None if self.mapped is None else spellings.get(normalised(self.mapped.column))
        if said is not None:
            found.append((_ReadAs.PEOPLE_SAY, said))
            if self.mapped is not None and self.mapped.is_of_sheet:
                return found
        name = spellings.get(own) or spellings.get(self.bare)
        if name is not None:
            read_as = _ReadAs.OTHER_SPELLING
            if normalised(name) == own:
                read_as = _ReadAs.ITS_OWN_NAME
            elif rule is not None and own.startswith(f"{rule.kind}{normalised(name)}"):
                read_as = _ReadAs.NAMED_WITH_KIND
            found.append((read_as, name))
        abroad = [spellings.get(normalised(english)) for english in self.translated]
        found += [(_ReadAs.TRANSLATED, column) for column in abroad if column is not None]
        if self.is_label and rule is not None:
            found.append((_ReadAs.ANY_LABEL, rule.label_column))
        if rule is not None:
            is_of_names = rule.kind is EntityKind.BUNDLE and (
                own == "type" or bundle_type_of(self.text) is not None
            )
            loose = loose_columns(rule)
            words = (own, *map(normalised, self.translated))
            names = [rule.label_column] if is_of_names else [*filter(None, map(loose.get, words))]
            found += [(_ReadAs.LOOSELY, name) for name in names]
        return sorted(found)


def sheet_languages(headers: Sequence[str]) -> tuple[Language, ...]:
    """Return the language of a sheet, by its headers; none where all of them are English."""
    return languages_of(headers, english=all_known_headers())


def _as_read(headers: Sequence[str], mapped: HeaderMapping) -> list[_Header]:
    languages = sheet_languages(headers)
    return [
        _Header(
            text=header,
            own=normalised(header),
            bare=normalised(without_remark(header)),
            mapped=mapped.get(mapping_key(header)),
            translated=frozenset[str]().union(
                *(each.headers.get(plain_letters(header), ()) for each in languages)
            ),
            is_label=any(plain_letters(header) in each.labels for each in languages),
        )
        for header in headers
    ]


@lru_cache(maxsize=TEXTS_KEPT)
def is_named(rule: SheetRule, file: str) -> bool:
    """Tell whether the name of a file or worksheet has a word for this kind of sheet.

    `Field trips` are no fields, and `Reviews` no views: in English it is a word of the name, as a
    plural or as the last one of a part.
    """
    letters = plain_letters(file)
    words = [w.casefold() for w in _TITLE_WORD.findall(stem_of(file))]
    abroad = (word for each in known_languages() for word in each.titles.get(rule.kind, ()))
    ends = range(1, len(words) + 1)
    is_so_called = any(
        run in rule.file_words or run.removesuffix("s") in rule.file_words
        for end in ends
        for run in ("".join(words[begin:end]) for begin in range(end))
        if run.endswith("s") or end == len(words) or words[end] in _AFTER_HEAD
    )
    return is_so_called or _lists_type(rule, file) or any(word in letters for word in abroad)


def _lists_type(rule: SheetRule, file: str) -> bool:
    """Tell whether the name is that of a type of bundle, and such a sheet lists those.

    In brackets, too, as several: `Bricks (paragraph types)`.
    """
    name = re.sub(r"^[\W\d]+|\.\w+$", "", file)
    is_type = bundle_type_of(name) or (_TYPES_BESIDE.search(name) and split_bundle_label(name)[1])
    return rule.kind is EntityKind.BUNDLE and bool(is_type)


def rule_called(title: str, rules: Sequence[SheetRule]) -> SheetRule | None:
    """Return the kind of sheet that a file or worksheet is called, such as `Site 2 - Fields`."""
    named = (rule for rule in rules if is_named(rule, title))
    return max(named, key=lambda rule: len(rule.file_words[0]), default=None)


def file_words(rule: SheetRule) -> list[str]:
    """Return the words in names of files that say which sheet one is, in all languages."""
    abroad = (word for each in known_languages() for word in each.titles.get(rule.kind, ()))
    return [*rule.file_words, *abroad]


def canonical_columns(
    rule: SheetRule | None, headers: Sequence[str], *, mapped: HeaderMapping = NO_HEADERS_MAPPED
) -> tuple[str, ...]:
    """Name known columns canonically, keep the others; of two for one name the surest wins.

    A header that is the canonical name itself goes first, then one that people mapped to it, then
    one that is another spelling, then a word of another language; of equals the first.
    """
    readings = sorted(
        (read_as, position, column)
        for position, header in enumerate(_as_read(headers, mapped))
        for read_as, column in header.columns_in(rule)
    )
    named: dict[int, str] = {}
    for _, position, column in readings:
        if position not in named and column not in named.values():
            named[position] = column
    if "Field type" in named.values() and BUNDLE_TYPE not in named.values():
        named |= {  # of a sheet without the former, it may be that
            position: BUNDLE_TYPE
            for position, header in enumerate(headers)
            if normalised(header) == "type" and position not in named
            if mapping_key(header) not in mapped
        }
    return tuple(named.get(position, header) for position, header in enumerate(headers))


@cache
def all_known_headers() -> frozenset[str]:
    """Every normalised spelling of every column of every sheet."""
    return frozenset(spelling for rule in SHEET_RULES for spelling in known_columns(rule))


@cache
def _every_header() -> frozenset[str]:
    loose = (spelling for rule in SHEET_RULES for spelling in loose_columns(rule))
    return all_known_headers() | frozenset(loose)


@once_each_text
def is_word_of_headers(cell: str) -> bool:
    """Tell whether a cell is a known header, and no type of bundle, which cells of rows are."""
    return normalised(cell) in _every_header() and bundle_type_of(cell) is None

"""The things a specification describes: entities, what they refer to, and the index over them.

Belongs here: kinds, states, references, meanings of a cell that several rooms need. Does not: the
tables that they are read from (`source_tables`), names of files and worksheets (`sheet_names`), how a
sheet is recognised or read (`sheets/reading`), which entities form a ticket
(`tickets/grouping/ticket_plan`).

Example: the row “Title | title | Article” of a sheet of fields is an `Entity` of the kind `FIELD`; its
reference to the bundle “Article” is found, missing or ambiguous (`ReferenceState`).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from typing_extensions import override

from jira_pipeline.model.blank_cells import undecided_words
from jira_pipeline.model.columns import BLANK, SILENT_COLUMNS, STATUS_COLUMN
from jira_pipeline.model.grouped import group_by, group_pairs
from jira_pipeline.model.hidden_characters import UNSEEN, without_hidden
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import lines_cited

UNLIMITED = -1
"""Any number of values. Source: `FieldStorageDefinitionInterface::CARDINALITY_UNLIMITED`, Drupal 11."""
_SENTENCE_WORDS = 4
"""So many words are no initials."""
READ_CHARACTERS_MAX = 10_000
"""A cell with more is not read, unless it is a list of names; of 58,032 cells of five real
specifications the longest has 1,067, and a role of 303 permissions has 10,072."""
_LISTED = r"(?:[^,.?!\n]|\.(?=\w)){1,150}"
_LIST_OF_NAMES = re.compile(rf"(?:{_LISTED},)+{_LISTED}\.?")
NOT_READ = "…"
"""What rules and writers see in place of a cell that is too long to be read: it is not blank."""


class EntityKind(StrEnum):
    """What kind of thing an entity is; one kind of sheet for each."""

    BUNDLE = "bundle"
    FIELD = "field"
    VIEW = "view"
    VIEW_DISPLAY = "view_display"
    IMAGE_STYLE = "image_style"
    IMAGE_EFFECT = "image_effect"
    """Of an image style: one of the things that it does to an image, in their order."""
    RESPONSIVE_IMAGE_STYLE = "responsive_image_style"
    VIEW_MODE = "view_mode"
    USER_ROLE = "user_role"
    WORKFLOW = "workflow"
    WORKFLOW_STATE = "workflow_state"
    WORKFLOW_TRANSITION = "workflow_transition"
    MIGRATION = "migration"
    MIGRATION_MAPPING = "migration_mapping"
    """Of a migration: which field gets what a field of the source has."""
    CUSTOM = "custom"
    COMPONENT = "component"
    """Of a ShareDo package: a work type, a form, an option set."""
    COMPONENT_ITEM = "component_item"
    """One entry of a list of a component: a phase, a field, an option."""


PACKAGED = EntityKind.COMPONENT
"""What packages hold, and no sheet does."""


class BundleType(StrEnum):
    """The entity types a bundle can belong to, in the spelling of the `Type` column."""

    CONTENT = "Content type"
    PARAGRAPH = "Paragraph type"
    VOCABULARY = "Vocabulary"
    MEDIA = "Media type"
    BLOCK = "Custom block type"
    WEBFORM = "Webform"
    """A form that visitors send; its fields are elements of its own, without a storage to share."""
    USER = "User account"
    """Has one bundle, which is there on every site: what people add to accounts are fields."""
    COMMENT = "Comment type"
    GROUP = "Group type"
    PROFILE = "Profile type"
    PRODUCT = "Product type"
    PRODUCT_VARIATION = "Product variation type"
    MESSAGE = "Message template"
    CONFIG_PAGE = "Config page"


TYPES_READ_LATER = frozenset(
    {
        *(BundleType.USER, BundleType.COMMENT, BundleType.GROUP, BundleType.PROFILE),
        *(BundleType.PRODUCT, BundleType.PRODUCT_VARIATION),
        *(BundleType.MESSAGE, BundleType.CONFIG_PAGE),
    }
)
"""Types that sheets had before they could be read: the keys of their rows say what the cell says.

A key that changed would make a second issue of a ticket that is in Jira.
"""


@dataclass(frozen=True, slots=True)
class OtherType:
    """An entity type that no member of `BundleType` is, of which nothing is known but its name."""

    entity_type: str
    """Its machine name."""

    @property
    def value(self) -> str:
        """Its spelling in the `Type` column."""
        return f"Other ({self.entity_type})"

    @override
    def __str__(self) -> str:
        return self.value


AnyBundleType: TypeAlias = BundleType | OtherType
"""What a bundle, its fields and its view modes are of."""


class Status(StrEnum):
    """Implementation status: the `X` column. Blank is read as approved (and may be a finding)."""

    APPROVED = "a"
    CHANGED = "c"
    IMPLEMENTED = "x"
    WAITING = "w"
    DELETED = "d"


TO_BUILD = frozenset({Status.APPROVED, Status.CHANGED})
THERE = frozenset({Status.IMPLEMENTED, Status.CHANGED})
"""What is on the site already."""
GONE = frozenset({Status.DELETED, Status.WAITING})
"""What nobody builds."""


@json_fields("file line record")
@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """Where an entity comes from."""

    file: str
    line: int
    record: int
    """The row a spreadsheet program shows; of an entry of a package, the line."""
    position: int = 0
    """Of an entry of a package: its place among all of its component; else its place among the
    things that the row describes."""

    @property
    def citation(self) -> str:
        """Its line as people say it."""
        return lines_cited([self])


class ReferenceState(StrEnum):
    """What became of a named pointer."""

    RESOLVED = "resolved"
    DANGLING = "dangling"
    WILDCARD = "wildcard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A named pointer from one entity to another."""

    column: str
    text: str
    """The name as written in the cell, one of a list where the cell holds several."""
    target_kind: EntityKind
    state: ReferenceState
    target_key: str | None = None
    """Key of the entity it resolves to; None unless resolved."""
    candidates: tuple[str, ...] = ()
    """Labels of the nearest entities when dangling."""
    is_required: bool = False
    """The field that holds it is required (`Req'd` = y)."""


class CellText(StrEnum):
    """How a cell of a closed set is written, once it is read: what it says, however it is spelled."""

    YES = "y"
    NO = "n"
    ENABLED = "Enabled"
    DISABLED = "Disabled"
    UNLIMITED = "*"


_FLAGS: Mapping[str, bool] = {
    CellText.YES: True,
    CellText.ENABLED: True,
    CellText.NO: False,
    CellText.DISABLED: False,
}


def is_read(cell: str) -> bool:
    """Return whether rules and writers read a cell: not a very long one, unless it is a list of names."""
    return len(cell) <= READ_CHARACTERS_MAX or _LIST_OF_NAMES.fullmatch(cell) is not None


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One thing a specification describes: one row of one sheet.

    Its `repr` has its key, what it is called and its status, so that a fact that refers to it has
    the same text wherever its row is.
    """

    kind: EntityKind = field(repr=False)
    key: str
    """`kind:part/part` from the sheet's key columns, such as `bundle:Content type/bio`.

    Not unique: a transition has one row per from-state, and real sheets repeat fields.
    """
    label: str
    """`Name (Type)` for bundles, the label column otherwise."""
    machine_name: str
    """As it is in the sheet, also `-` or a faulty one; empty where the sheet has no such column."""
    status: Status
    is_status_blank: bool = field(default=False, repr=False)
    """Its status is not what X says: X is blank, or nobody can read it."""
    source: RowSource = field(repr=False)
    cells: Mapping[str, str] = field(hash=False, repr=False)
    """Canonical column name to stripped text, blank cells included, in sheet order.

    A cell of a closed set says what it means (`CellText`), whatever its spelling, one that is too
    long to be read is `NOT_READ`, and none has characters that nobody sees; `as_in_sheet` has them
    as they are written.
    """
    owner_key: str | None = field(default=None, repr=False)
    """Key of the bundle, view or workflow this row belongs to; None if none or unknown."""
    bundle_type: AnyBundleType | None = field(default=None, repr=False)
    """Of a bundle its own type, of a field that of its bundle, of a view mode its `Entity Type`."""
    references: tuple[Reference, ...] = field(default=(), repr=False)
    unknown_columns: Sequence[str] = field(default=(), hash=False, repr=False)
    """Those of its sheet that are none of the kind of sheet, in sheet order."""
    written: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    """Cells whose text in the sheet differs from the one in `cells`, as in the sheet, by column."""
    is_declared: bool = field(default=False, repr=False)
    """As `SourceTable.is_declared`."""

    @property
    def is_undecided(self) -> bool:
        """Its status says that nobody decided whether it is built, so people are asked."""
        return bool(undecided_words(self.written.get(STATUS_COLUMN, self.cell(STATUS_COLUMN))))

    @property
    def unread_status(self) -> str:
        """The word in X that nobody can read, for which the row is on hold; empty if there is none."""
        is_unread = self.is_status_blank and self.status is Status.WAITING
        return self.cell(STATUS_COLUMN) if is_unread else ""

    @property
    def is_plainly_approved(self) -> bool:
        """A layout declares its sheet, and its status is blank or `a`: it is to be built.

        In such a sheet `a` is what we wrote for a word of its own, or for the look of a cell.
        """
        return self.is_declared and self.cell(STATUS_COLUMN) in {"", Status.APPROVED.value}

    @property
    def as_seen(self) -> "Entity":
        """The row without invisible characters, such as zero-width spaces; its key stays as it was."""
        texts = [self.label, self.machine_name, *self.cells.values()]
        texts += [reference.text for reference in self.references]
        if "".join(texts).isascii():
            return self
        cells: dict[str, str] = {}
        written: dict[str, str] = {}
        for column, text in self.cells.items():
            cells[column] = without_hidden(text)
            if cells[column] != text:
                written[column] = text
        references: list[Reference] = []
        for reference in self.references:
            references.append(replace(reference, text=without_hidden(reference.text)))
        return replace(
            self,
            label=without_hidden(self.label),
            machine_name=without_hidden(self.machine_name),
            cells=cells,
            references=tuple(references),
            written=written | dict(self.written),
        )

    @property
    def as_in_sheet(self) -> "Entity":
        """The row with every cell as it is written, for tables and for comparing sheets."""
        if not self.written:
            return self
        return replace(self, cells={**self.cells, **self.written}, written={})

    @property
    def as_stated(self) -> "Entity":
        """The row with the cells that the prose of a ticket may depend on.

        Cells that are too long to be read are whole here, all others are as read. Components have
        every cell as it is written.
        """
        if self.kind in {PACKAGED, EntityKind.COMPONENT_ITEM}:
            return self.as_in_sheet
        stated: dict[str, str] = {}
        for column, text in self.cells.items():
            if self.is_stated(column):
                is_too_long = text == NOT_READ
                stated[column] = self.written.get(column, text) if is_too_long else text
        if STATUS_COLUMN in stated:
            stated[STATUS_COLUMN] = self.status.value
        return replace(self, cells=stated, written={})

    def is_stated(self, column: str) -> bool:
        """Return whether prose may depend on a cell.

        Columns for the upkeep of a sheet, such as initials, are left out, unless a whole sentence is
        in their cell: that is a note.
        """
        return column not in SILENT_COLUMNS or len(self.cell(column).split()) >= _SENTENCE_WORDS

    def has_column(self, column: str) -> bool:
        """Return whether its sheet has a column; a cell in a missing one is unknown, not blank."""
        return column in self.cells or _in_camel_case(column) in self.cells

    def cell(self, column: str) -> str:
        """The text of a column, empty where the sheet has no such column.

        JSON inside the text of a package may write its fields in camelCase.
        """
        text = self.cells.get(column)
        return self.cells.get(_in_camel_case(column), "") if text is None else text

    def states(self, column: str) -> bool:
        """Return whether a cell says something: it is not blank, and no mark for blank such as `-`."""
        return self.cell(column) not in BLANK

    @property
    def unexplained(self) -> tuple[str, ...]:
        """The columns that its sheet has beside the known ones and in which it says something."""
        return tuple(column for column in self.unknown_columns if self.states(column))

    @property
    def has_machine_name(self) -> bool:
        return self.machine_name not in BLANK

    def dangling_references(self, column: str) -> tuple[Reference, ...]:
        """Return what a cell names that no row is, or several are."""
        dangling = []
        for reference in self.references:
            if reference.column == column and reference.state is ReferenceState.DANGLING:
                dangling.append(reference)
        return tuple(dangling)

    def flag(self, column: str) -> bool | None:
        """Return what a cell of yes and no says; None where it is blank or says neither."""
        return _FLAGS.get(self.cell(column))

    def count(self, column: str) -> int | None:
        """Return the number in a cell, or `UNLIMITED`; None where it is blank or says no number."""
        text = self.cell(column)
        if text == CellText.UNLIMITED:
            return UNLIMITED
        return int(text) if text.isdecimal() else None


def case_folded(name: str) -> str:
    """Return a name as it is compared with others, whatever its case and width, and what nobody sees."""
    if name.isascii():
        return name.casefold()
    return UNSEEN.sub("", unicodedata.normalize("NFKC", name)).casefold()


def _in_camel_case(column: str) -> str:
    return column[:1].lower() + column[1:]


@dataclass(frozen=True, kw_only=True)
class Specification:
    """All entities of one upload, with the indexes that rules need.

    Indexes are made when first asked for.
    """

    entities: tuple[Entity, ...]
    """Sorted by kind in the order of `EntityKind`, then file and line."""
    captions: Mapping[tuple[str, int], Sequence[Entity]] = field(default_factory=dict)
    """Lines of text above, between or below rows, by file and line; each is an entity of one cell."""

    @cached_property
    def by_key(self) -> Mapping[str, tuple[Entity, ...]]:
        """Entities by key, in sheet order."""
        rows_by_key = group_by(self.entities, lambda entity: entity.key)
        return {key: tuple(rows) for key, rows in rows_by_key.items()}

    def first_of(self, key: str | None) -> tuple[Entity, ...]:
        """Return the first entity with a key as a tuple of one; empty where none has it."""
        return self.by_key.get(key or "", ())[:1]

    def targets_of(self, row: Entity, *columns: str) -> tuple[Entity, ...]:
        """Return the entities that the references of a row resolve to, each once.

        With columns, only references in these columns count.
        """
        keys = [r.target_key for r in row.references if not columns or r.column in columns]
        targets: list[Entity] = []
        for key in dict.fromkeys(keys):
            targets += self.first_of(key)
        return tuple(targets)

    @cached_property
    def bundle_places(self) -> Mapping[str, Sequence[int]]:
        """Positions in `by_kind[EntityKind.BUNDLE]` by the names that a bundle goes by, case-folded.

        These are its label with and without type (`event (content type)`), and its machine name.
        """
        pairs: list[tuple[str, int]] = []
        for position, bundle in enumerate(self.by_kind[EntityKind.BUNDLE]):
            label_without_type, _, _ = bundle.label.rpartition(" (")
            names = {bundle.label, label_without_type, bundle.machine_name}
            for name in set(map(case_folded, names)):
                pairs.append((name, position))
        return group_pairs(pairs)

    @cached_property
    def by_kind(self) -> Mapping[EntityKind, tuple[Entity, ...]]:
        """Entities by kind, in sheet order; every kind is present."""
        rows_by_kind = group_by(self.entities, lambda entity: entity.kind)
        return {kind: tuple(rows_by_kind.get(kind, ())) for kind in EntityKind}

    @cached_property
    def live(self) -> Mapping[EntityKind, tuple[Entity, ...]]:
        """Entities on the site or to be built, by kind, in sheet order; every kind is present.

        Those that are deleted or on hold are left out.
        """
        live: dict[EntityKind, tuple[Entity, ...]] = {}
        for kind, rows in self.by_kind.items():
            live[kind] = tuple(row for row in rows if row.status not in GONE)
        return live

    @cached_property
    def members_of(self) -> Mapping[str, tuple[Entity, ...]]:
        """Entities by the key of their owner, in sheet order."""
        owned = group_by(self.entities, lambda entity: entity.owner_key)
        return {key: tuple(rows) for key, rows in owned.items() if key is not None}

    @cached_property
    def referrers_of(self) -> Mapping[str, tuple[tuple[Entity, Reference], ...]]:
        """Entities with their resolved references to a key, by that key, in sheet order."""
        pairs: list[tuple[Entity, Reference]] = []
        for entity in self.entities:
            pairs += [(entity, reference) for reference in entity.references]
        pairs_by_target = group_by(pairs, lambda pair: pair[1].target_key)
        return {key: tuple(pairs) for key, pairs in pairs_by_target.items() if key is not None}

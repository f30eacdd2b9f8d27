"""The rows of a ticket, by what a ticket does with them, and the session they are of.

Belongs here: which rows are new, changed, there, on hold or to be removed; whether a question of
the ticket doubts a cell. Does not: look-ups over all rows (`specification_index`), what one row
means (the rules).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.display_settings import has_settings
from jira_pipeline.drupal.row_names import name_of, subject_of
from jira_pipeline.drupal.specification_index import SpecificationIndex
from jira_pipeline.model.entities import (
    GONE,
    THERE,
    TO_BUILD,
    Entity,
    EntityKind,
    RowSource,
    Specification,
    Status,
)
from jira_pipeline.model.entity_groups import COMPONENT_KINDS, EntityGroup, GroupKind
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.revisions import EarlierText
from jira_pipeline.model.source_tables import SourceWord

BUNDLES = frozenset({GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS})


def new_fields(group: EntityGroup) -> tuple[Entity, ...]:
    """Return the fields that a bundle gets, once each; for a new bundle these are all of its fields."""
    statuses = {Status.APPROVED} if group.heads[0].status in THERE else TO_BUILD
    fields = (r for r in group.members if r.kind is EntityKind.FIELD and r.status in statuses)
    return tuple(rows[0] for rows in group_by(fields, lambda row: row.key).values())


def to_build(rows: Iterable[Entity]) -> list[Entity]:
    return [row for row in rows if row.status in TO_BUILD]


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupRows:
    """The rows of a group with what rules look up of them; equal to itself only."""

    group: EntityGroup
    index: SpecificationIndex

    @property
    def head(self) -> Entity:
        return self.group.heads[0]

    @property
    def is_new(self) -> bool:
        return self.head.status is Status.APPROVED

    @cached_property
    def new_fields(self) -> tuple[Entity, ...]:
        return new_fields(self.group)

    def live(self, kind: EntityKind) -> list[Entity]:
        """Return the members of a kind that stay or come."""
        return [r for r in self.group.members if r.kind is kind and r.status not in GONE]

    @cached_property
    def states(self) -> Sequence[Entity]:
        return self.live(EntityKind.WORKFLOW_STATE)


@dataclass(frozen=True, kw_only=True, eq=False)
class SessionRows:
    """Look-ups over one session, made once and used for all its tickets; equal to itself only."""

    specification: Specification
    groups: Mapping[str, EntityGroup]
    site_name: str
    site_description: str

    @property
    def source_word(self) -> SourceWord:
        is_of_packages = self.specification.by_kind[EntityKind.COMPONENT]
        return SourceWord.PACKAGES if is_of_packages else SourceWord.SHEETS

    @cached_property
    def index(self) -> SpecificationIndex:
        """The look-ups that questions are made from, with the groups in build order."""
        in_order = sorted(self.groups.values(), key=lambda group: group.number)
        return SpecificationIndex(specification=self.specification, groups=in_order)

    @cached_property
    def making(self) -> Mapping[str, EntityGroup]:
        """The group whose ticket makes a thing, by key of the thing."""
        return {h.key: g for g in self.groups.values() for h in g.heads}

    @cached_property
    def building(self) -> Mapping[RowSource, EntityGroup]:
        return {r.source: g for g in reversed(self.index.groups) for r in (*g.members, *g.heads)}


@dataclass(frozen=True, kw_only=True)
class TicketRows:
    """The rows of a group, with the questions of its ticket and its session."""

    group: EntityGroup
    session: SessionRows
    left_open: tuple[OpenQuestion, ...]
    """What the rows leave open, whether it is asked or assumed."""
    remark: str = ""
    """What a person wants of this ticket; empty where nobody said anything."""
    earlier: EarlierText | None = None
    """What it said, asked and was answered before; None: it is new."""

    @property
    def head(self) -> Entity:
        """The first head: what a bundle, view or workflow ticket is about."""
        return self.group.heads[0]

    @property
    def own_rows(self) -> tuple[Entity, ...]:
        """The heads, then the members."""
        return (*self.group.heads, *self.group.members)

    @cached_property
    def group_rows(self) -> GroupRows:
        """The rows of its group as questions see them."""
        return GroupRows(group=self.group, index=self.session.index)

    @cached_property
    def distinct_rows(self) -> tuple[Entity, ...]:
        """The same, each row of the sheet once."""
        return tuple({row.source: row for row in self.own_rows}.values())

    @property
    def name(self) -> str:
        """What people call the head, without type."""
        return name_of(self.head) if self.group.heads else self.group.label

    @cached_property
    def rows(self) -> tuple[Entity, ...]:
        """The rows of the ticket: members, or heads where the heads are the rows."""
        group = self.group
        if group.kind is GroupKind.VIEW and not group.members:
            return tuple(filter(has_settings, group.heads))
        if group.kind is GroupKind.IMAGE_STYLES:
            return group.heads  # effects are looked up by their style
        kinds = {GroupKind.BUNDLE, GroupKind.VIEW, GroupKind.WORKFLOW, *COMPONENT_KINDS}
        return group.members if group.kind in kinds else self.own_rows

    @cached_property
    def to_build(self) -> tuple[Entity, ...]:
        """What is approved, changed or blank, once each although a sheet repeats it."""
        return _distinct(row for row in self.rows if row.status in TO_BUILD)

    def with_status(self, status: Status) -> tuple[Entity, ...]:
        """Return the rows of one status, in sheet order."""
        return _distinct(row for row in self.rows if row.status is status)

    def of_kind(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Return the rows to build of one kind, in sheet order."""
        return tuple(row for row in self.to_build if row.kind is kind)

    def live(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Return the rows of one kind that will exist: those to build and those there already."""
        rows = (r for r in self.rows if r.kind is kind and r.status not in GONE)
        return _distinct(rows)

    @cached_property
    def hosts(self) -> tuple[Entity, ...]:
        """Other bundles whose live fields refer to the heads, once each, in sheet order."""
        head_keys = dict.fromkeys(head.key for head in self.group.heads)
        hosts = {}
        for key in head_keys:
            for owner in self._owners_of_references(key):
                if owner.key not in head_keys:
                    hosts[owner.key] = owner
        return tuple(hosts.values())

    def _owners_of_references(self, key: str) -> Iterator[Entity]:
        """Yield the bundles that stay or come of fields that stay or come and refer to a thing."""
        specification = self.session.specification
        for row, _ in specification.referrers_of.get(key, ()):
            if row.kind is not EntityKind.FIELD or row.status in GONE:
                continue
            for owner in specification.first_of(row.owner_key):
                if owner.status not in GONE:
                    yield owner

    @property
    def questions(self) -> tuple[OpenQuestion, ...]:
        """What people have to answer."""
        return tuple(question for question in self.left_open if not question.assumption)

    @property
    def assumptions(self) -> tuple[OpenQuestion, ...]:
        """What is built in one way unless somebody objects."""
        return tuple(question for question in self.left_open if question.assumption)

    def is_disputed(self, row: Entity, *columns: str) -> bool:
        """Tell whether a question of the ticket asks whether a cell is right."""
        return any(
            not question.disputed_columns.isdisjoint(columns) for question in self.questions_of(row)
        )

    def is_made_later(self, thing: Entity) -> bool:
        """Tell whether a later ticket than this one creates a thing."""
        making = self.session.making.get(thing.key)
        is_new = thing.status is Status.APPROVED
        return is_new and making is not None and making.number > self.group.number

    def questions_of(self, row: Entity) -> Iterator[OpenQuestion]:
        """Return the questions of the ticket that are about a row."""
        file = row.source.file
        subject = subject_of(row)
        return (q for q in self.left_open if q.file == file and subject in q.subjects)


def are_all_listed(rows: Iterable[Entity]) -> bool:
    """Tell whether rows are all that there are of their kind, and none was left unread.

    Where people declared what worksheets mean, other parts of these may say more.
    """
    return not any(row.is_declared for row in rows)


_REPEATABLE = frozenset({EntityKind.WORKFLOW_TRANSITION, EntityKind.CUSTOM})


def _distinct(rows: Iterable[Entity]) -> tuple[Entity, ...]:
    alike = group_by(rows, lambda r: (r.key, r.source.line if r.kind in _REPEATABLE else 0))
    return tuple(same[0] for same in alike.values())

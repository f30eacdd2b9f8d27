"""What a ticket is about: its rows by status, its questions, and the session it is one of.

Belongs here: what every part of a ticket asks for. Does not: what is claimed of it (`claims`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.meaning.view_displays import is_set
from jira_pipeline.model.entities import (
    GONE,
    TO_BUILD,
    Entity,
    EntityKind,
    RowSource,
    SourceWord,
    Specification,
    Status,
)
from jira_pipeline.model.entity_groups import COMPONENT_KINDS, EntityGroup, GroupKind
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.tickets.questions.found_questions import open_questions
from jira_pipeline.tickets.questions.question_index import QuestionIndex, name_of, subject_of


@dataclass(frozen=True, kw_only=True, eq=False)
class SessionFacts:
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
    def index(self) -> QuestionIndex:
        """The look-ups that questions are made from."""
        return QuestionIndex(specification=self.specification, groups=self.in_order)

    @cached_property
    def in_order(self) -> Sequence[EntityGroup]:
        """The groups in build order."""
        return sorted(self.groups.values(), key=lambda group: group.number)

    @cached_property
    def making(self) -> Mapping[str, EntityGroup]:
        """The group whose ticket makes a thing, by key of the thing."""
        return {h.key: g for g in self.groups.values() for h in g.heads}

    @cached_property
    def building(self) -> Mapping[RowSource, EntityGroup]:
        return {r.source: g for g in reversed(self.in_order) for r in (*g.members, *g.heads)}


@dataclass(frozen=True, kw_only=True)
class GroupFacts:
    """A group with what its ticket says about it."""

    group: EntityGroup
    session: SessionFacts
    remark: str = ""
    """What a person wants of this ticket; empty where nobody said anything."""

    @property
    def head(self) -> Entity:
        """The first head: what a bundle, view or workflow ticket is about."""
        return self.group.heads[0]

    @property
    def own_rows(self) -> tuple[Entity, ...]:
        """The heads, then the members."""
        return (*self.group.heads, *self.group.members)

    @property
    def name(self) -> str:
        """What people call the head, without type."""
        return name_of(self.head) if self.group.heads else self.group.label

    @cached_property
    def rows(self) -> tuple[Entity, ...]:
        """The rows of the ticket: members, or heads where the heads are the rows."""
        group = self.group
        if group.kind is GroupKind.VIEW and not group.members:
            return tuple(filter(is_set, group.heads))
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
        specification = self.session.specification
        owners = {
            owner.key: owner
            for key in head_keys
            for row, _ in specification.referrers_of.get(key, ())
            if row.kind is EntityKind.FIELD and row.status not in GONE
            for owner in specification.first_of(row.owner_key)
            if owner.status not in GONE and owner.key not in head_keys
        }
        return tuple(owners.values())

    @cached_property
    def left_open(self) -> tuple[OpenQuestion, ...]:
        """What the rows of the ticket leave open, whether it is asked or assumed."""
        return open_questions(self.group, self.session.index)

    @property
    def questions(self) -> tuple[OpenQuestion, ...]:
        """What people have to answer."""
        return tuple(one for one in self.left_open if not one.assumption)

    @property
    def assumptions(self) -> tuple[OpenQuestion, ...]:
        """What is built in one way unless somebody objects."""
        return tuple(one for one in self.left_open if one.assumption)

    def is_disputed(self, row: Entity, *columns: str) -> bool:
        """Tell whether a question of the ticket asks whether a cell is right."""
        return any(
            not question.disputed_columns.isdisjoint(columns) for question in self.questions_of(row)
        )

    def questions_of(self, row: Entity) -> Iterator[OpenQuestion]:
        """Return the questions of the ticket that are about a row."""
        file, subject = row.source.file, subject_of(row)
        return (q for q in self.left_open if q.file == file and subject in q.subjects)


_REPEATABLE = frozenset({EntityKind.WORKFLOW_TRANSITION, EntityKind.CUSTOM})


def _distinct(rows: Iterable[Entity]) -> tuple[Entity, ...]:
    alike = grouped(rows, lambda r: (r.key, r.source.line if r.kind in _REPEATABLE else 0))
    return tuple(same[0] for same in alike.values())

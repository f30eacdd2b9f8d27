"""What the parts of a ticket say is computed from here: the rows of a group, sorted by status.

Belongs here: partitions, collapsing, who refers to the group. Does not: words.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.entities import (
    BundleType,
    Entity,
    EntityKind,
    Specification,
    Status,
)
from jira_pipeline.domain.entity_groups import EntityGroup, GroupKind
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.ports import TicketBrief
from jira_pipeline.domain.question_index import (
    QuestionIndex,
    index_of,
    is_machine_name_given,
    name_of,
)

_TO_BUILD = frozenset({Status.APPROVED, Status.CHANGED})
_GONE = frozenset({Status.DELETED, Status.WAITING})
_ALL_PARAGRAPHS = re.compile(r"\ball\b[^.]*\bparagraphs\b", re.IGNORECASE)
_ONLY = re.compile(r"\bonly ([a-z ]{3,40}?) (?:is |are )?allowed\b", re.IGNORECASE)
_EXCEPTION = re.compile(r"\bexcept\b(?: for)?(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHost:
    """A bundle with a field that takes any paragraph but those its note excludes."""

    bundle: Entity
    excluded: str = ""
    """What the note excludes, in lower case."""
    only: str = ""
    """What the note allows alone, in lower case; anything when empty."""


@dataclass(frozen=True, kw_only=True)
class SessionFacts:
    """Look-ups over one session, made once and used for all its tickets."""

    specification: Specification
    groups: Mapping[str, EntityGroup]
    index: QuestionIndex
    dependents: Mapping[str, tuple[EntityGroup, ...]]
    """Groups that wait for a group, by its key, in build order."""
    open_hosts: tuple[OpenHost, ...]


def session_facts_of(brief: TicketBrief) -> SessionFacts:
    """Build the look-ups in one pass over groups and rows."""
    dependents: dict[str, list[EntityGroup]] = {}
    for group in brief.groups.values():
        for dependency in group.dependencies:
            dependents.setdefault(dependency.group_key, []).append(group)
    return SessionFacts(
        specification=brief.specification,
        groups=brief.groups,
        index=index_of(brief.specification),
        dependents={
            key: tuple(sorted(rows, key=lambda g: g.number)) for key, rows in dependents.items()
        },
        open_hosts=tuple(_open_hosts(brief.specification)),
    )


def _open_hosts(specification: Specification) -> Iterable[OpenHost]:
    for field in specification.by_kind[EntityKind.FIELD]:
        is_open = "paragraphs" in field.cell("Field type") and (
            field.cell("Ref. bundle") in {"", "-"}
            or field.cell("Ref. bundle").casefold().startswith("all")
        )
        note = field.cell("Settings/notes")
        owners = specification.by_key.get(field.owner_key or "", ())
        if not is_open or field.status in _GONE or not owners or owners[0].status in _GONE:
            continue
        if only := _ONLY.search(note):
            yield OpenHost(bundle=owners[0], only=_singular(only.group(1).casefold()))
        elif _ALL_PARAGRAPHS.search(note):
            match = _EXCEPTION.search(note)
            yield OpenHost(bundle=owners[0], excluded=match.group(1).casefold() if match else "")


def _singular(name: str) -> str:
    return re.sub(r"(?:ies|y|s)$", "", name.strip())


@dataclass(frozen=True, kw_only=True)
class GroupFacts:
    """A group with what its ticket says about it."""

    group: EntityGroup
    session: SessionFacts

    @property
    def head(self) -> Entity:
        """The first head: what a bundle, view or workflow ticket is about."""
        return self.group.heads[0]

    @property
    def name(self) -> str:
        """What people call the head, without type."""
        return name_of(self.head) if self.group.heads else self.group.label

    @cached_property
    def rows(self) -> tuple[Entity, ...]:
        """The rows of the ticket: members, or heads where the heads are the rows."""
        is_about_members = self.group.kind in {
            GroupKind.BUNDLE,
            GroupKind.VIEW,
            GroupKind.WORKFLOW,
        }
        return self.group.members if is_about_members else (*self.group.heads, *self.group.members)

    @cached_property
    def to_build(self) -> tuple[Entity, ...]:
        """What is approved, changed or blank, once each although a sheet repeats it."""
        return _distinct(row for row in self.rows if row.status in _TO_BUILD)

    def with_status(self, status: Status) -> tuple[Entity, ...]:
        """Return the rows of one status, in sheet order."""
        return _distinct(row for row in self.rows if row.status is status)

    def of_kind(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Return the rows to build of one kind, in sheet order."""
        return tuple(row for row in self.to_build if row.kind is kind)

    def live(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Return the rows of one kind that will exist: those to build and those there already."""
        rows = (r for r in self.rows if r.kind is kind and r.status not in _GONE)
        return _distinct(rows)

    @cached_property
    def hosts(self) -> tuple[Entity, ...]:
        """Other bundles whose live fields refer to the heads, once each, in sheet order."""
        found: dict[str, Entity] = {}
        own = {head.key for head in self.group.heads}
        for head in self.group.heads:
            for row, _ in self.session.specification.referrers_of.get(head.key, ()):
                owner = self._live_owner(row)
                if owner is not None and owner.key not in own:
                    found.setdefault(owner.key, owner)
        return tuple(found.values())

    def _live_owner(self, row: Entity) -> Entity | None:
        if row.kind is not EntityKind.FIELD or row.status in _GONE:
            return None
        owners = self.session.specification.by_key.get(row.owner_key or "", ())
        return owners[0] if owners and owners[0].status not in _GONE else None

    @cached_property
    def open_hosts(self) -> tuple[Entity, ...]:
        """Bundles that take this paragraph type although they do not name it."""
        name = _singular(self.name.casefold())
        stem = re.escape(_singular(name.split()[0]))
        found = {
            host.bundle.key: host.bundle
            for host in self.session.open_hosts
            if (host.only == name if host.only else not re.search(rf"\b{stem}", host.excluded))
        }
        return tuple(found.values())

    @cached_property
    def listing_views(self) -> tuple[str, ...]:
        """Labels of the views whose tickets wait for this one."""
        dependents = self.session.dependents.get(self.group.key, ())
        return tuple(g.label for g in dependents if g.kind is GroupKind.VIEW)

    @cached_property
    def dependents(self) -> tuple[EntityGroup, ...]:
        """Groups that wait for this one."""
        return self.session.dependents.get(self.group.key, ())


def _distinct(rows: Iterable[Entity]) -> tuple[Entity, ...]:
    found: dict[tuple[str, int], Entity] = {}
    for row in rows:
        is_repeatable = row.kind is EntityKind.WORKFLOW_TRANSITION
        found.setdefault((row.key, row.source.line if is_repeatable else 0), row)
    return tuple(found.values())


def literal(row: Entity) -> str:
    """Return the name a ticket uses for a row: its machine name, else its label."""
    return row.machine_name if is_machine_name_given(row) else name_of(row)


def notes_of(row: Entity) -> str:
    """Return the prose a row carries for developers."""
    return row.cell("Settings/notes") or row.cell("Notes")


def note_sentences(row: Entity) -> tuple[str, ...]:
    """Return the sentences of the prose of a row."""
    return sentences_of(notes_of(row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Rows of one transition, which differ in their from-state only."""

    label: str
    machine_name: str
    from_states: tuple[str, ...]
    to_state: str
    note: str


def transitions_of(rows: Iterable[Entity]) -> tuple[Transition, ...]:
    """Collapse rows that are equal but for their from-state, in sheet order."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        key = (row.label, row.machine_name, row.cell("To state"), row.cell("Notes"))
        found.setdefault(key, []).append(row.cell("From state"))
    return tuple(
        Transition(
            label=label,
            machine_name=machine_name,
            from_states=tuple(states),
            to_state=to_state,
            note=note,
        )
        for (label, machine_name, to_state, note), states in found.items()
    )


def bundle_noun(kind: BundleType | None) -> str:
    """Return the words for a type of bundle, such as `content type`."""
    return str(kind or "bundle").casefold()

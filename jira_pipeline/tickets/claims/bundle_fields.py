"""The fields of a bundle by what a ticket does with them: new, changed, gone, re-used, set later.

Belongs here: sorting rows, storages, targets, options. Does not: claims (`bundles`), words
(`claim`).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from jira_pipeline.drupal.meaning.modules_and_types import (
    PARAGRAPHS,
    PLUGINS,
    REVISIONS,
    is_base_field,
    is_locked,
    is_on_form,
    is_reference,
    is_storage_of_core,
    modules_of,
    unknown_plugin,
)
from jira_pipeline.drupal.meaning.notes import Options, modules_in, options_in
from jira_pipeline.model.entities import (
    GONE,
    THERE,
    BundleType,
    Entity,
    EntityKind,
    ReferenceState,
    Status,
)
from jira_pipeline.tickets.claims.lists import is_later
from jira_pipeline.tickets.group_facts import GroupFacts, SessionFacts
from jira_pipeline.tickets.questions.question_index import (
    StorageKey,
    name_of,
    new_fields,
    once_per_session,
)


@once_per_session
def modules_used(session: SessionFacts) -> frozenset[str]:
    """Return the modules that fields of the site use already."""
    kinds = session.specification.by_kind
    rows = (*kinds[EntityKind.FIELD], *kinds[EntityKind.BUNDLE])
    return frozenset().union(*(modules_of(row) for row in rows if row.status in THERE))


@once_per_session
def plugins_used(session: SessionFacts) -> frozenset[str]:
    """Return the cells of field types and widgets of fields that the site has already."""
    rows = (r for r in session.specification.by_kind[EntityKind.FIELD] if r.status in THERE)
    return frozenset(row.cell(column) for row in rows for column in PLUGINS)


@once_per_session
def _first_with_paragraphs(session: SessionFacts) -> float:
    """Return the number of the first ticket that makes a type of paragraph; infinity: none does."""
    return min(
        (
            group.number
            for group in session.groups.values()
            for head in group.heads
            if head.bundle_type is BundleType.PARAGRAPH and head.status not in GONE
        ),
        default=math.inf,
    )


@once_per_session
def _options_shared(session: SessionFacts) -> Mapping[StorageKey, Options]:
    """Return the first options that a field of each storage gives."""
    found: dict[StorageKey, Options] = {}
    for key, users in session.index.storages.items():
        alike = (user for user in users.values() if user.status not in GONE)
        if options := next(filter(None, (options_in(user.note) for user in alike)), None):
            found[key] = options
    return found


class Targets(NamedTuple):
    """What a reference field may offer: what exists once the ticket is done, what comes later."""

    field: Entity
    now: list[Entity]
    later: list[Entity]


@dataclass(frozen=True, kw_only=True)
class BundleFields:
    facts: GroupFacts

    @cached_property
    def is_new(self) -> bool:
        """Whether the ticket makes the bundle itself."""
        return self.facts.head.status not in THERE

    @cached_property
    def new(self) -> tuple[Entity, ...]:
        return new_fields(self.facts.group)

    @cached_property
    def set(self) -> tuple[Entity, ...]:
        """Fields that are as their rows say once the ticket is done: new ones, then changed ones."""
        changed = (r for r in self.facts.of_kind(EntityKind.FIELD) if r.status is Status.CHANGED)
        return (*self.new, *(row for row in changed if not self.is_new))

    @cached_property
    def stored(self) -> tuple[Entity, ...]:
        """New fields that somebody adds on Manage fields, whatever their names."""
        return tuple(row for row in self.new if not is_base_field(row) and not is_locked(row))

    @cached_property
    def added(self) -> tuple[Entity, ...]:
        """New fields that somebody adds on Manage fields, by a name that no question doubts."""
        return tuple(row for row in self.stored if not self.facts.is_disputed(row, "Machine name"))

    @cached_property
    def on_form(self) -> tuple[Entity, ...]:
        """Fields to set that the form offers, if their name is certain, and which of two rows holds."""
        shown = filter(is_on_form, self.set)
        return tuple(r for r in shown if not self.facts.is_disputed(r, "X", "Machine name"))

    @cached_property
    def gone(self) -> tuple[Entity, ...]:
        """Fields to remove that no other row of the bundle keeps."""
        kept = {row.machine_name for row in self.facts.live(EntityKind.FIELD)}
        rows = self.facts.with_status(Status.DELETED)
        return tuple(r for r in rows if r.machine_name not in kept and not is_base_field(r))

    def certain(self, rows: Iterable[Entity], column: str) -> tuple[Entity, ...]:
        """Return the rows that hold something in a column which no question doubts.

        A type or widget that nothing known brings is no certain one.
        """
        return tuple(
            row
            for row in rows
            if row.states(column) and not self.facts.is_disputed(row, column)
            if not (column in PLUGINS and self._is_unheard_of(row, column))
        )

    def _is_unheard_of(self, row: Entity, column: str) -> bool:
        """Tell whether nothing known brings what a cell, or its type, is: no note, no other row."""
        unknown = unknown_plugin(row)
        used = plugins_used(self.facts.session)
        return unknown in {column, PLUGINS[0]} and not (
            modules_in(row.note) or row.cell(unknown) in used
        )

    def origin(self, row: Entity) -> int:
        """Return the number of the ticket that creates the storage of a field; 0: it is there."""
        own = 0 if is_storage_of_core(row) else self.facts.group.number
        storage = (row.bundle_type, row.machine_name)
        return own and self.facts.session.index.storage_origins.get(storage, own)

    @cached_property
    def targets(self) -> tuple[Targets, ...]:
        """What reference fields to set may offer, where rows say it without doubt."""
        found = []
        specification = self.facts.session.specification
        for row in self.certain(filter(is_reference, self.set), "Ref. bundle"):
            states = {r.state for r in row.references if r.column == "Ref. bundle"}
            named = specification.targets_of(row, "Ref. bundle")
            bundles = [bundle for bundle in named if bundle.status not in GONE]
            later = [bundle for bundle in bundles if is_later(bundle, self.facts)]
            others = [other for bundle in bundles for other in namesakes(bundle, self.facts)]
            is_open = any(is_later(other, self.facts) for other in others)
            if states == {ReferenceState.RESOLVED} and not is_open:
                now = [bundle for bundle in bundles if bundle not in later]
                found.append(Targets(row, now, later))
        return tuple(found)

    def options_of(self, row: Entity) -> Options | None:
        """Return the options of a list: its own, or those that a row of the same storage gives."""
        storage = (row.bundle_type, row.machine_name)
        return options_in(row.note) or _options_shared(self.facts.session).get(storage)

    @cached_property
    def modules_known(self) -> frozenset[str]:
        """Modules not worth naming: of a type that is there all that the site uses."""
        session, number = self.facts.session, self.facts.group.number
        is_brought = self.facts.head.bundle_type is BundleType.PARAGRAPH
        is_brought = is_brought or _first_with_paragraphs(session) < number
        brought = frozenset({PARAGRAPHS, REVISIONS} if is_brought else ())
        return brought if self.is_new else brought | modules_used(session)


def namesakes(bundle: Entity, facts: GroupFacts) -> list[Entity]:
    """Return a bundle and those of its type that are called alike; nothing if there are none."""
    same = facts.session.index.bundles_by_name[name_of(bundle).casefold()]
    alike = [other for other in same if other.bundle_type is bundle.bundle_type]
    return alike if len(alike) > 1 else []


def view_modes_of(head: Entity, facts: GroupFacts) -> tuple[Entity, ...]:
    """Return the view modes that a bundle has switched on by a ticket, by their own rows."""
    session = facts.session
    if namesakes(head, facts):
        return ()  # rows name it by what another one is called too
    return tuple(
        mode
        for mode, _ in session.specification.referrers_of.get(head.key, ())
        if mode.kind is EntityKind.VIEW_MODE and mode.status not in GONE
        if head.status not in THERE or mode.status is Status.APPROVED
        for group in [session.building.get(mode.source)]
        if mode.status in THERE or (group and group.number < facts.group.number)
    )

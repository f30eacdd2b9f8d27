"""Which entities make a ticket, what their statuses make of that, and what it is called.

Belongs here: which rows belong together, heads and members, their place in the build order; the rules
for heads and rows of status a, c, x, w and d; titles and labels, computed and never written by a
person or a model. Does not: dependencies (`rules`), any prose (`drupal/rules`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum

from jira_pipeline.drupal.bundle.provider import bundles_added_by_hand
from jira_pipeline.drupal.display_settings import has_settings
from jira_pipeline.drupal.row_names import bundle_noun, name_of
from jira_pipeline.drupal.unknown_columns import may_have_unread_fields
from jira_pipeline.model.entities import (
    TO_BUILD,
    TYPES_READ_LATER,
    AnyBundleType,
    BundleType,
    Entity,
    EntityKind,
    OtherType,
    Specification,
    Status,
)
from jira_pipeline.model.entity_groups import COMPONENT_KINDS, DisplayGroup, GroupAction, GroupKind
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.sheet_names import sheet_noun, sheet_title
from jira_pipeline.model.source_tables import SHEET_NAMES
from jira_pipeline.model.tickets import TITLE_MAX_CHARACTERS
from jira_pipeline.tickets.grouping.component_rows import (
    OUTCOME,
    TARGET,
    Outcome,
    group_of,
    noun_of,
)

BUNDLE_LABELS: Mapping[BundleType, tuple[str, str]] = {
    BundleType.CONTENT: ("content type", "content types"),
    BundleType.PARAGRAPH: ("paragraph type", "paragraph types"),
    BundleType.VOCABULARY: ("vocabulary", "vocabularies"),
    BundleType.MEDIA: ("media type", "media types"),
    BundleType.BLOCK: ("custom block type", "custom block types"),
    BundleType.WEBFORM: ("webform", "webforms"),
    BundleType.USER: ("user account", "user accounts"),
    BundleType.COMMENT: ("comment type", "comment types"),
    BundleType.GROUP: ("group type", "group types"),
    BundleType.PROFILE: ("profile type", "profile types"),
    BundleType.PRODUCT: ("product type", "product types"),
    BundleType.PRODUCT_VARIATION: ("product variation type", "product variation types"),
    BundleType.MESSAGE: ("message template", "message templates"),
    BundleType.CONFIG_PAGE: ("config page", "config pages"),
}
"""How titles call one and several bundles of a type."""
_LABELS_OF_ANY_BUNDLE = ("bundle", "bundles")

_BUNDLE_RANKS: Mapping[BundleType, int] = {
    BundleType.VOCABULARY: 2,
    BundleType.MEDIA: 6,
    BundleType.PARAGRAPH: 7,
    BundleType.BLOCK: 8,
    BundleType.CONTENT: 9,
    BundleType.WEBFORM: 9,
    BundleType.USER: 9,
    BundleType.COMMENT: 9,
    BundleType.GROUP: 9,
    BundleType.PROFILE: 9,
    BundleType.PRODUCT: 9,
    BundleType.PRODUCT_VARIATION: 9,
    BundleType.MESSAGE: 9,
    BundleType.CONFIG_PAGE: 9,
}

_PLACES: Mapping[EntityKind, tuple[int, DisplayGroup]] = {
    EntityKind.USER_ROLE: (0, DisplayGroup.USER_ROLES),
    EntityKind.WORKFLOW: (1, DisplayGroup.WORKFLOW),
    EntityKind.WORKFLOW_STATE: (1, DisplayGroup.WORKFLOW),
    EntityKind.WORKFLOW_TRANSITION: (1, DisplayGroup.WORKFLOW),
    EntityKind.IMAGE_STYLE: (3, DisplayGroup.MEDIA),
    EntityKind.IMAGE_EFFECT: (3, DisplayGroup.MEDIA),
    EntityKind.RESPONSIVE_IMAGE_STYLE: (4, DisplayGroup.MEDIA),
    EntityKind.VIEW_MODE: (5, DisplayGroup.CONTENT),
    EntityKind.BUNDLE: (9, DisplayGroup.CONTENT),
    EntityKind.FIELD: (9, DisplayGroup.CONTENT),
    EntityKind.VIEW: (10, DisplayGroup.VIEWS),
    EntityKind.VIEW_DISPLAY: (10, DisplayGroup.VIEWS),
    EntityKind.MIGRATION: (11, DisplayGroup.MIGRATION),
    EntityKind.MIGRATION_MAPPING: (11, DisplayGroup.MIGRATION),
    EntityKind.CUSTOM: (12, DisplayGroup.CUSTOM),
}
"""Build order by type, bundles have ranks of their own; the group of lists and reports."""

_COLLECTIONS: Mapping[EntityKind, GroupKind] = {
    EntityKind.IMAGE_STYLE: GroupKind.IMAGE_STYLES,
    EntityKind.RESPONSIVE_IMAGE_STYLE: GroupKind.RESPONSIVE_IMAGE_STYLES,
    EntityKind.USER_ROLE: GroupKind.USER_ROLES,
}
"""Sheets that make one ticket as a whole, with the members that their rows own."""

_HEADS: Mapping[EntityKind, GroupKind] = {
    EntityKind.BUNDLE: GroupKind.BUNDLE,
    EntityKind.VIEW: GroupKind.VIEW,
    EntityKind.WORKFLOW: GroupKind.WORKFLOW,
    EntityKind.MIGRATION: GroupKind.MIGRATION,
}
"""Sheets of which each row makes a ticket, with the members it owns."""

_OWNED = (
    EntityKind.FIELD,
    EntityKind.VIEW_DISPLAY,
    EntityKind.IMAGE_EFFECT,
    EntityKind.WORKFLOW_STATE,
    EntityKind.WORKFLOW_TRANSITION,
    EntityKind.MIGRATION_MAPPING,
)
"""Sheets whose rows belong to a head."""


_COMPARED: Mapping[str, GroupKind] = {
    Outcome.MODIFIED: GroupKind.COMPONENT_CHANGE,
    Outcome.REMOVED: GroupKind.COMPONENT_REVIEW,
}
"""The kind of ticket for what a comparison says of a component; of any other outcome, `COMPONENT`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDraft:
    """Entities that would make one ticket if their status asked for it."""

    key: str
    kind: GroupKind
    sheet: EntityKind
    """The sheet that makes it; of removal tickets it decides which one."""
    rank: int
    """Build order by type."""
    display_group: DisplayGroup
    label: str
    """What people call it: the name of a head, the entity type of view modes, a file name."""
    bundle_type: AnyBundleType | None = None
    is_fields_sheet_read: bool = True
    """Without one nobody knows whether bundles have fields."""
    has_head: bool
    """A head has a status of its own; without one the rows decide."""
    heads: tuple[Entity, ...]
    members: tuple[Entity, ...] = ()


def draft_groups(specification: Specification) -> tuple[GroupDraft, ...]:
    """Return all drafts by type rank, then sheet order; each entity is in exactly one of them."""
    drafts = list(_headed(specification))
    drafts += _bundles_without_fields(specification)
    drafts += _collections(specification)
    drafts += _view_modes(specification)
    drafts += _custom(specification)
    drafts += _ownerless(specification)
    drafts += _components(specification)

    def build_place(draft: GroupDraft) -> tuple[int, tuple[str, int, int], str]:
        return (draft.rank, sheet_place(draft.heads[0]), draft.key)

    return tuple(sorted(drafts, key=build_place))


def sheet_place(entity: Entity) -> tuple[str, int, int]:
    """Return what sorts entities of one kind as the sheet does."""
    return (entity.source.file, entity.source.line, entity.source.record)


def _by_key(entities: Iterable[Entity]) -> dict[str, tuple[Entity, ...]]:
    rows_by_key = group_by(entities, lambda entity: entity.key)
    return {key: tuple(rows) for key, rows in rows_by_key.items()}


def _draft(
    sheet: EntityKind,
    kind: GroupKind,
    *,
    key: str,
    label: str,
    has_head: bool = True,
    heads: tuple[Entity, ...],
    members: tuple[Entity, ...] = (),
    bundle_type: AnyBundleType | None = None,
) -> GroupDraft:
    """Return a draft in the place of the build order that its sheet, or its type of bundle, has."""
    rank, display_group = _PLACES[sheet]
    if sheet is EntityKind.BUNDLE and bundle_type is not None:
        rank = _rank_of(bundle_type)
    return GroupDraft(
        key=key,
        kind=kind,
        sheet=sheet,
        rank=rank,
        display_group=display_group,
        label=label,
        bundle_type=bundle_type,
        has_head=has_head,
        heads=heads,
        members=members,
    )


def _rank_of(bundle_type: AnyBundleType) -> int:
    """Return the place of a type in the build order; entity types without a name of ours are last."""
    if isinstance(bundle_type, OtherType):
        return _PLACES[EntityKind.BUNDLE][0]
    return _BUNDLE_RANKS[bundle_type]


def _labels_of(bundle_type: AnyBundleType | None) -> tuple[str, str]:
    """Return how titles call one and several bundles of a type."""
    if bundle_type is None:
        return _LABELS_OF_ANY_BUNDLE
    if isinstance(bundle_type, OtherType):
        noun = bundle_noun(bundle_type)
        return noun, f"{noun}s"
    return BUNDLE_LABELS[bundle_type]


def _bundles_without_fields(specification: Specification) -> Iterable[GroupDraft]:
    """Yield one draft for the bundles of each type that have no field in the sheets."""
    is_fields_sheet_read = bool(specification.by_kind[EntityKind.FIELD])
    heads_by_type: dict[AnyBundleType | None, list[Entity]] = {}
    for bundle in specification.by_kind[EntityKind.BUNDLE]:
        if bundle.key not in specification.members_of:
            heads_by_type.setdefault(_type_with_ticket(bundle), []).append(bundle)
    for type_with_ticket, heads in heads_by_type.items():
        types = {head.bundle_type for head in heads}
        bundle_type = types.pop() if len(types) == 1 else None
        draft = _draft(
            EntityKind.BUNDLE,
            GroupKind.BUNDLES_WITHOUT_FIELDS,
            key=f"bundles_without_fields:{type_with_ticket or 'unknown type'}",
            label=str(bundle_type or "bundles"),
            heads=tuple(heads),
            bundle_type=bundle_type,
        )
        yield replace(draft, is_fields_sheet_read=is_fields_sheet_read)


def _type_with_ticket(bundle: Entity) -> AnyBundleType | None:
    """Return the type whose bundles without fields have a ticket; None for all others together.

    Those are of types that nobody could read once: a ticket that they are in keeps its issue.
    """
    if bundle.bundle_type in TYPES_READ_LATER or isinstance(bundle.bundle_type, OtherType):
        return None
    return bundle.bundle_type


def _headed(specification: Specification) -> Iterable[GroupDraft]:
    """Yield one draft per bundle with fields, view, workflow and migration, with what it owns."""
    for sheet, kind in _HEADS.items():
        for key, heads in _by_key(specification.by_kind[sheet]).items():
            members = specification.members_of.get(key, ())
            if sheet is EntityKind.BUNDLE and not members:
                continue  # bundles without fields share a ticket
            first = heads[0]
            yield _draft(
                sheet,
                kind,
                key=key,
                label=name_of(first),
                heads=heads,
                members=members,
                bundle_type=first.bundle_type,
            )


def _components(specification: Specification) -> Iterable[GroupDraft]:
    """Yield one draft per component of a package, in the order of deployment."""
    for key, heads in _by_key(specification.by_kind[EntityKind.COMPONENT]).items():
        component = heads[0]
        outcome = component.cell(OUTCOME)
        display_group = group_of(component)
        target = component.cell(TARGET)
        draft_key = key
        if target:  # other work than the component itself
            draft_key = f"{key} in {target}"
        yield GroupDraft(
            key=draft_key,
            kind=_COMPARED.get(outcome, GroupKind.COMPONENT),
            sheet=EntityKind.COMPONENT,
            rank=_DISPLAY_GROUPS.index(display_group),
            display_group=display_group,
            label=name_of(component),
            has_head=True,
            heads=heads,
            members=specification.members_of.get(key, ()),
        )


def _collections(specification: Specification) -> Iterable[GroupDraft]:
    """Return one draft per sheet of which all rows are built together."""
    for sheet, kind in _COLLECTIONS.items():
        rows = specification.by_kind[sheet]
        members: list[Entity] = []
        for key in _by_key(rows):
            members += specification.members_of.get(key, ())
        if rows:
            yield _draft(
                sheet,
                kind,
                key=kind.value,
                label=SHEET_NAMES[sheet],
                has_head=False,
                heads=rows,
                members=tuple(members),
            )


def _view_modes(specification: Specification) -> Iterable[GroupDraft]:
    """Yield one draft for the view modes of each entity type."""
    modes = specification.by_kind[EntityKind.VIEW_MODE]
    modes_by_type = group_by(modes, lambda mode: _entity_type_of(mode).casefold())
    for modes_of_type in modes_by_type.values():
        first = modes_of_type[0]
        label = _entity_type_of(first)
        key = f"{GroupKind.VIEW_MODES}:{label}"
        yield _draft(
            EntityKind.VIEW_MODE,
            GroupKind.VIEW_MODES,
            key=key,
            label=label,
            has_head=False,
            heads=tuple(modes_of_type),
            bundle_type=first.bundle_type,
        )


def _entity_type_of(entity: Entity) -> str:
    """Return the heading that view modes are grouped by: their entity type, else what the cell says."""
    return str(entity.bundle_type or entity.cell("Entity Type") or "any entity type")


def _custom(specification: Specification) -> Iterable[GroupDraft]:
    """Return one draft per row where every row of a file has a machine name of its own, else one.

    Rows without one are rarely things to build one by one: a list of effects, a matrix.
    """
    sheet = EntityKind.CUSTOM
    kind = GroupKind.CUSTOM
    rows_by_file = group_by(specification.by_kind[sheet], lambda row: row.source.file)
    for file, rows in rows_by_file.items():
        if _has_each_a_machine_name(rows):
            for row in rows:
                yield _draft(sheet, kind, key=row.key, label=row.label, heads=(row,))
        else:
            title = sheet_title(file)
            key = f"custom_file:{title}"
            yield _draft(sheet, kind, key=key, label=title, has_head=False, heads=tuple(rows))


def _has_each_a_machine_name(rows: Sequence[Entity]) -> bool:
    """Tell whether each row has a machine name, and none has that of another."""
    is_each_named = all(row.machine_name.isidentifier() for row in rows)
    return is_each_named and len({row.key for row in rows}) == len(rows)


def _ownerless(specification: Specification) -> Iterable[GroupDraft]:
    """Return one draft per sheet for rows whose bundle, view or workflow is in no sheet."""
    for sheet in _OWNED:
        rows = []
        for row in specification.by_kind[sheet]:
            if row.owner_key is None or row.owner_key not in specification.by_key:
                rows.append(row)
        if rows:
            yield _draft(
                sheet,
                GroupKind.CUSTOM,
                key=f"ownerless:{sheet}",
                label=f"{SHEET_NAMES[sheet]} without an owner in the sheets",
                has_head=False,
                heads=tuple(rows),
            )


_KINDS = tuple(EntityKind)
_DISPLAY_GROUPS = tuple(DisplayGroup)
_SUFFIX_MAX_CHARACTERS = 60
_REMOVAL_RANK = 99
_HOLLOW_WHEN_EMPTY = frozenset({GroupKind.VIEW, GroupKind.WORKFLOW})
"""Without a display or a transition there is nothing to configure, unless the head says it."""
_WORK = frozenset({*TO_BUILD, Status.DELETED})
"""Statuses of rows that ask for work."""
_HEAD_PRIORITY = (
    Status.APPROVED,
    Status.CHANGED,
    Status.IMPLEMENTED,
    Status.WAITING,
    Status.DELETED,
)
"""Where a sheet repeats a head, the status that asks for more work counts."""

_REMOVALS: Mapping[EntityKind, tuple[str, DisplayGroup]] = {
    EntityKind.BUNDLE: ("content structures", DisplayGroup.CONTENT),
    EntityKind.VIEW: ("views", DisplayGroup.VIEWS),
    EntityKind.WORKFLOW: ("workflows", DisplayGroup.WORKFLOW),
    EntityKind.MIGRATION: ("migrations", DisplayGroup.MIGRATION),
    EntityKind.CUSTOM: ("custom entries", DisplayGroup.CUSTOM),
}
"""One removal ticket per sheet kind: what it calls the things that go."""

_VERBS = {
    GroupAction.CREATE: "Configure",
    GroupAction.UPDATE: "Update",
    GroupAction.REMOVE: "Remove",
}
_VERBS_OF_NEW = {GroupKind.BUNDLES_WITHOUT_FIELDS: "Create", GroupKind.MIGRATION: "Run"}


class PlaceState(StrEnum):
    """What became of an entity others may refer to."""

    TICKET = "ticket"
    SATISFIED = "satisfied"
    ON_HOLD = "on_hold"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an entity is taken care of."""

    state: PlaceState
    group_key: str | None = None
    """The ticket that builds or removes it; None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTicket:
    """A draft whose status asks for a ticket."""

    draft: GroupDraft
    action: GroupAction
    is_hollow: bool = False
    is_on_hold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPlan:
    """All tickets, and the place of everything that can be referred to."""

    tickets: tuple[PlannedTicket, ...]
    """In the order of the drafts, removal tickets last."""
    places: Mapping[str, Place]
    """By entity key."""
    held_with_approved_members: tuple[GroupDraft, ...]
    """Heads on hold whose members are approved: probably an oversight."""

    def ticket_of(self, key: str) -> str | None:
        """Return the key of the ticket that builds an entity; None where none does."""
        place = self.places.get(key)
        return place.group_key if place and place.state is PlaceState.TICKET else None


def plan_tickets(
    drafts: Sequence[GroupDraft], *, include_waiting: bool, removals: bool
) -> TicketPlan:
    """Decide for every draft whether it becomes a ticket."""
    tickets: list[PlannedTicket] = []
    places: dict[str, Place] = {}
    parts: list[GroupDraft] = []
    for draft in drafts:
        parts += _parts_of(draft)
    for part in parts:
        ticket = _ticket_of(part, include_waiting=include_waiting)
        if ticket is not None:
            tickets.append(ticket)
        group_key = part.key if ticket is not None else None
        for head in part.heads:
            status = _head_status(part) if part.has_head else head.status
            places.setdefault(head.key, _place_of(status, part, group_key))
    if removals:
        tickets += _removal_tickets(parts, places)
    held = tuple(filter(_is_held_with_approved_members, drafts))
    return TicketPlan(tickets=tuple(tickets), places=places, held_with_approved_members=held)


def _is_held_with_approved_members(draft: GroupDraft) -> bool:
    """Tell whether a head is on hold while rows that belong to it are to be built."""
    if _head_status(draft) is not Status.WAITING:
        return False
    return any(member.status in TO_BUILD for member in draft.members)


def _parts_of(draft: GroupDraft) -> tuple[GroupDraft, ...]:
    """Return the draft, or for bundles without fields one draft per status of the bundles."""
    if draft.kind is not GroupKind.BUNDLES_WITHOUT_FIELDS:
        return (draft,)
    parts = []
    building = tuple(head for head in draft.heads if head.status in TO_BUILD)
    if building:
        parts.append(replace(draft, heads=building))
    for status in (Status.IMPLEMENTED, Status.WAITING, Status.DELETED):
        heads = tuple(head for head in draft.heads if head.status is status)
        if heads:
            key = f"{draft.key}/{status.name.lower()}"
            parts.append(replace(draft, key=key, heads=heads))
    return tuple(parts)


def _head_status(draft: GroupDraft) -> Status:
    """Return the status of a head; of one that a sheet repeats, the one that asks for most work."""
    return min((head.status for head in draft.heads), key=_HEAD_PRIORITY.index)


def _ticket_of(draft: GroupDraft, *, include_waiting: bool) -> PlannedTicket | None:
    """Return the ticket of a draft; None where nothing is done."""
    rows = (*draft.heads, *draft.members)
    statuses = {_head_status(draft)} if draft.has_head else {row.status for row in rows}
    if not statuses.isdisjoint(_statuses_with_ticket(draft)):
        if Status.APPROVED not in statuses:
            return PlannedTicket(draft=draft, action=GroupAction.UPDATE)
        is_hollow = _has_nothing_to_build(draft)
        return PlannedTicket(draft=draft, action=GroupAction.CREATE, is_hollow=is_hollow)
    if include_waiting and Status.WAITING in statuses:
        return PlannedTicket(draft=draft, action=GroupAction.CREATE, is_on_hold=True)
    return None


def _statuses_with_ticket(draft: GroupDraft) -> AbstractSet[Status]:
    """Return the statuses with which a head has a ticket; of a list, with which any of its rows has.

    A head that is on the site needs a ticket where its rows ask for work. A head that goes is in the
    ticket of removals, while rows of a list that go are in the ticket of the list.
    """
    if not draft.has_head:
        return _WORK
    if any(member.status in _WORK for member in draft.members):
        return {*TO_BUILD, Status.IMPLEMENTED}
    return TO_BUILD


def _has_nothing_to_build(draft: GroupDraft) -> bool:
    """Tell whether a ticket would be hollow: no row of its head is to be built, and the head says nothing."""
    if draft.members and draft.has_head:
        return not any(member.status in TO_BUILD for member in draft.members)
    return draft.kind in _HOLLOW_WHEN_EMPTY and not any(map(has_settings, draft.heads))


def _place_of(status: Status, draft: GroupDraft, group_key: str | None) -> Place:
    """Return what becomes of a head, for tickets that refer to it.

    A row that is on the site already counts as satisfied, unless it is a head with a ticket of its
    own.
    """
    is_there_and_changes = status is Status.IMPLEMENTED and draft.has_head and group_key is not None
    if status in TO_BUILD or is_there_and_changes:
        return Place(state=PlaceState.TICKET, group_key=group_key)
    if status is Status.WAITING:
        return Place(state=PlaceState.ON_HOLD, group_key=group_key)
    if status is Status.DELETED:
        return Place(state=PlaceState.REMOVED)
    return Place(state=PlaceState.SATISFIED)


def _removal_tickets(
    drafts: Iterable[GroupDraft], places: dict[str, Place]
) -> Iterator[PlannedTicket]:
    """Yield one ticket per sheet kind of heads that go, and note it as their place."""
    leaving_by_sheet: dict[EntityKind, list[GroupDraft]] = {}
    for draft in drafts:
        if draft.has_head and _head_status(draft) is Status.DELETED:
            leaving_by_sheet.setdefault(draft.sheet, []).append(draft)
    for sheet in sorted(leaving_by_sheet, key=_KINDS.index):
        removal = _removal_draft(sheet, leaving_by_sheet[sheet])
        for head in removal.heads:
            places[head.key] = Place(state=PlaceState.REMOVED, group_key=removal.key)
        yield PlannedTicket(draft=removal, action=GroupAction.REMOVE)


def _removal_draft(sheet: EntityKind, leaving: Iterable[GroupDraft]) -> GroupDraft:
    """Return the draft of all heads of a sheet kind that go, with what belongs to them."""
    heads: list[Entity] = []
    members: list[Entity] = []
    for draft in leaving:
        heads += draft.heads
        members += draft.members
    heads.sort(key=sheet_place)
    members.sort(key=lambda member: (_KINDS.index(member.kind), *sheet_place(member)))
    noun, display_group = _REMOVALS[sheet]
    return GroupDraft(
        key=f"removal:{noun.replace(' ', '_')}",
        kind=GroupKind.REMOVAL,
        sheet=sheet,
        rank=_REMOVAL_RANK,
        display_group=display_group,
        label=f"obsolete {noun}",
        has_head=True,
        heads=tuple(heads),
        members=tuple(members),
    )


def label_of(draft: GroupDraft) -> str:
    """Return what people call the group, without its type."""
    if draft.kind is GroupKind.BUNDLES_WITHOUT_FIELDS:
        count = len(bundles_added_by_hand(draft.heads))
        return f"{count} {_noun_of_bundles(draft, count)}"
    label = _one_line(draft.label)
    return f"view modes: {label}" if draft.kind is GroupKind.VIEW_MODES else label


def _noun_of_bundles(draft: GroupDraft, count: int) -> str:
    """Return what so many bundles of a type are called: `media types without custom fields`."""
    singular, several = _labels_of(draft.bundle_type)
    noun = singular if count == 1 else several
    return f"{noun} without custom fields" if _are_fieldless(draft) else noun


def _are_fieldless(draft: GroupDraft) -> bool:
    """Tell whether it is certain that bundles have no fields, and no elements as webforms have."""
    has_more = {BundleType.WEBFORM, BundleType.USER}
    if not draft.is_fields_sheet_read:
        return False
    if any(bundle.bundle_type in has_more for bundle in draft.heads):
        return False
    return not any(map(may_have_unread_fields, draft.heads))


def titles_of(tickets: Sequence[PlannedTicket]) -> tuple[str, ...]:
    """Return a title for each ticket, each within the limit and no two alike.

    Titles that would be alike get the machine name; where that does not tell them apart either,
    they are numbered in the order given.
    """
    whole_titles = [_title_of(ticket) for ticket in tickets]
    counts = Counter(_cut(title).casefold() for title in whole_titles)
    numbers: Counter[str] = Counter()
    unique: dict[str, str] = {}
    for whole_title, ticket in zip(whole_titles, tickets, strict=True):
        named = _cut(whole_title)
        if counts[named.casefold()] > 1:
            named = _with_suffix(whole_title, ticket.draft.heads[0].machine_name)
        title = named
        while title.casefold() in unique:
            numbers[named] += 1
            title = _with_suffix(named, f"{numbers[named] + 1}")
        unique[title.casefold()] = title
    return tuple(unique.values())


def _title_of(ticket: PlannedTicket) -> str:
    """Return what the ticket does to what, before it is cut: `Configure view: Boats`."""
    draft = ticket.draft
    if draft.kind in COMPONENT_KINDS:
        return _title_of_component(ticket)
    if draft.kind is GroupKind.BUNDLES_WITHOUT_FIELDS:
        return _title_of_bundles(ticket)
    return f"{_verb_of(ticket)} {_phrase_of(draft)}"


def _verb_of(ticket: PlannedTicket) -> str:
    """Return the verb of a title; user accounts are there already, so they are only configured."""
    verb = _VERBS[ticket.action]
    if ticket.action is GroupAction.CREATE and ticket.draft.bundle_type is not BundleType.USER:
        return _VERBS_OF_NEW.get(ticket.draft.kind, verb)
    return verb


def _title_of_component(ticket: PlannedTicket) -> str:
    """Name the environment, too, in which a component of a package is compared."""
    draft = ticket.draft
    target = draft.heads[0].cell(TARGET)
    if not target:
        return f"{_verb_of(ticket)} {_phrase_of(draft)}"
    verb = _VERBS[ticket.action]
    if draft.kind is GroupKind.COMPONENT_REVIEW:
        verb = "Review"
    elif ticket.action is GroupAction.CREATE:
        verb = "Create"
    return f"{verb} {_phrase_of(draft)} in {target}"


def _title_of_bundles(ticket: PlannedTicket) -> str:
    """Count the bundles that are created and those that are updated: `Create 2 and update 1 …`."""
    draft = ticket.draft
    heads = bundles_added_by_hand(draft.heads)
    changed = sum(head.status is Status.CHANGED for head in heads)
    created = len(heads) - changed
    does = f"{_verb_of(ticket)} {len(heads)}"
    if ticket.action is GroupAction.CREATE and changed:
        does = f"Create {created} and update {changed}" if created else f"Update {changed}"
    held = " (on hold)" if ticket.is_on_hold else ""
    return f"{does} {_noun_of_bundles(draft, len(heads))}{held}"


def _phrase_of(draft: GroupDraft) -> str:
    """Return what a title says after its verb: `content type: Boat`; a list has no noun before it."""
    noun = _noun_in_title(draft)
    label = label_of(draft)
    return f"{noun}: {label}" if noun else label


def _noun_in_title(draft: GroupDraft) -> str:
    """Return the noun before the label in a title: `content type`; empty for a list, which needs none."""
    head = draft.heads[0]
    match draft.kind:
        case GroupKind.BUNDLE:
            singular, _ = _labels_of(draft.bundle_type)
            return singular
        case GroupKind.VIEW | GroupKind.WORKFLOW | GroupKind.MIGRATION:
            return draft.kind.value
        case GroupKind.COMPONENT | GroupKind.COMPONENT_CHANGE | GroupKind.COMPONENT_REVIEW:
            return noun_of(head)
        case GroupKind.CUSTOM if draft.has_head:
            return sheet_noun(head.source.file)
        case GroupKind.CUSTOM if draft.sheet is EntityKind.CUSTOM:
            return "custom sheet"
        case _:
            return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(title: str, limit: int = TITLE_MAX_CHARACTERS) -> str:
    """Return a title within a limit, with `…` for what is cut off."""
    if len(title) <= limit:
        return title
    return f"{title[: limit - 1].rstrip()}…"


def _with_suffix(title: str, suffix: str) -> str:
    """Return a title within the limit that ends in a suffix in brackets: `Update view: Bo… (boats)`."""
    if not suffix:
        return _cut(title)
    ending = f" ({_cut(_one_line(suffix), _SUFFIX_MAX_CHARACTERS)})"
    return _cut(title, TITLE_MAX_CHARACTERS - len(ending)) + ending

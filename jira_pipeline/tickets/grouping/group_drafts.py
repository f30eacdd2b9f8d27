"""Which entities belong together, whatever their status: one draft per possible ticket.

Belongs here: the grouping rules (`docs/decisions/tables-and-grouping.md`) and the type ranks
of the build order. Does not: what a status means for a ticket (`ticket_plan`), or what depends on
what (`rules`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from jira_pipeline.model.entities import (
    SHEET_NAMES,
    BundleType,
    Entity,
    EntityKind,
    Specification,
    sheet_title,
)
from jira_pipeline.model.entity_groups import DisplayGroup, GroupKind
from jira_pipeline.model.grouped import grouped
from jira_pipeline.tickets.grouping.component_rows import OUTCOME, TARGET, Outcome, group_of
from jira_pipeline.tickets.questions.question_index import name_of

BUNDLE_LABELS: Mapping[BundleType, tuple[str, str]] = {
    BundleType.CONTENT: ("content type", "content types"),
    BundleType.PARAGRAPH: ("paragraph type", "paragraph types"),
    BundleType.VOCABULARY: ("vocabulary", "vocabularies"),
    BundleType.MEDIA: ("media type", "media types"),
    BundleType.BLOCK: ("custom block type", "custom block types"),
    BundleType.WEBFORM: ("webform", "webforms"),
}
"""How titles call one and several bundles of a type."""

_BUNDLE_RANKS: Mapping[BundleType, int] = {
    BundleType.VOCABULARY: 2,
    BundleType.MEDIA: 6,
    BundleType.PARAGRAPH: 7,
    BundleType.BLOCK: 8,
    BundleType.CONTENT: 9,
    BundleType.WEBFORM: 9,
}

_PLACES: Mapping[EntityKind, tuple[int, DisplayGroup]] = {
    EntityKind.USER_ROLE: (0, DisplayGroup.USER_ROLES),
    EntityKind.WORKFLOW: (1, DisplayGroup.WORKFLOW),
    EntityKind.WORKFLOW_STATE: (1, DisplayGroup.WORKFLOW),
    EntityKind.WORKFLOW_TRANSITION: (1, DisplayGroup.WORKFLOW),
    EntityKind.IMAGE_STYLE: (3, DisplayGroup.MEDIA),
    EntityKind.RESPONSIVE_IMAGE_STYLE: (4, DisplayGroup.MEDIA),
    EntityKind.VIEW_MODE: (5, DisplayGroup.CONTENT),
    EntityKind.BUNDLE: (9, DisplayGroup.CONTENT),
    EntityKind.FIELD: (9, DisplayGroup.CONTENT),
    EntityKind.VIEW: (10, DisplayGroup.VIEWS),
    EntityKind.VIEW_DISPLAY: (10, DisplayGroup.VIEWS),
    EntityKind.MIGRATION: (11, DisplayGroup.MIGRATION),
    EntityKind.CUSTOM: (12, DisplayGroup.CUSTOM),
}
"""Build order by type, bundles have ranks of their own; the group of lists and reports."""

_COLLECTIONS: Mapping[EntityKind, GroupKind] = {
    EntityKind.IMAGE_STYLE: GroupKind.IMAGE_STYLES,
    EntityKind.RESPONSIVE_IMAGE_STYLE: GroupKind.RESPONSIVE_IMAGE_STYLES,
    EntityKind.USER_ROLE: GroupKind.USER_ROLES,
}
"""Sheets that make one ticket as a whole."""

_HEADS: Mapping[EntityKind, GroupKind] = {
    EntityKind.VIEW: GroupKind.VIEW,
    EntityKind.WORKFLOW: GroupKind.WORKFLOW,
    EntityKind.MIGRATION: GroupKind.MIGRATION,
}
"""Sheets of which each row makes a ticket, with the members it owns."""

_OWNED = (
    EntityKind.FIELD,
    EntityKind.VIEW_DISPLAY,
    EntityKind.WORKFLOW_STATE,
    EntityKind.WORKFLOW_TRANSITION,
)
"""Sheets whose rows belong to a head."""


_COMPARED: Mapping[str, GroupKind] = {
    Outcome.MODIFIED: GroupKind.COMPONENT_CHANGE,
    Outcome.REMOVED: GroupKind.COMPONENT_REVIEW,
}
"""What a comparison found of a component."""


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
    bundle_type: BundleType | None = None
    is_fields_sheet_read: bool = True
    """Without one nobody knows whether bundles have fields."""
    has_head: bool
    """A head has a status of its own; without one the rows decide."""
    heads: tuple[Entity, ...]
    members: tuple[Entity, ...] = ()


def draft_groups(specification: Specification) -> tuple[GroupDraft, ...]:
    """Return all drafts by type rank, then sheet order; each entity is in exactly one of them."""
    drafts = [
        *_bundles_with_fields(specification),
        *_bundles_without_fields(specification),
        *_headed(specification),
        *_collections(specification),
        *_view_modes(specification),
        *_custom(specification),
        *_ownerless(specification),
        *_components(specification),
    ]
    return tuple(sorted(drafts, key=lambda d: (d.rank, sheet_place(d.heads[0]), d.key)))


def sheet_place(entity: Entity) -> tuple[str, int, int]:
    """Return what sorts entities of one kind as the sheet does."""
    return (entity.source.file, entity.source.line, entity.source.record)


def _by_key(entities: Iterable[Entity]) -> dict[str, tuple[Entity, ...]]:
    return {key: tuple(rows) for key, rows in grouped(entities, lambda e: e.key).items()}


def _draft(
    sheet: EntityKind,
    kind: GroupKind,
    *,
    key: str,
    label: str,
    has_head: bool = True,
    heads: tuple[Entity, ...],
    members: tuple[Entity, ...] = (),
    bundle_type: BundleType | None = None,
) -> GroupDraft:
    rank, display_group = _PLACES[sheet]
    if sheet is EntityKind.BUNDLE and bundle_type is not None:
        rank = _BUNDLE_RANKS[bundle_type]
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


def _bundles_with_fields(specification: Specification) -> Iterable[GroupDraft]:
    for key, heads in _by_key(specification.by_kind[EntityKind.BUNDLE]).items():
        if members := specification.members_of.get(key):
            yield _draft(
                EntityKind.BUNDLE,
                GroupKind.BUNDLE,
                key=key,
                label=name_of(heads[0]),
                heads=heads,
                members=members,
                bundle_type=heads[0].bundle_type,
            )


def _bundles_without_fields(specification: Specification) -> Iterable[GroupDraft]:
    bundles = specification.by_kind[EntityKind.BUNDLE]
    alone = (bundle for bundle in bundles if bundle.key not in specification.members_of)
    for bundle_type, heads in grouped(alone, lambda bundle: bundle.bundle_type).items():
        draft = _draft(
            EntityKind.BUNDLE,
            GroupKind.BUNDLES_WITHOUT_FIELDS,
            key=f"bundles_without_fields:{bundle_type or 'unknown type'}",
            label=bundle_type or "bundles",
            heads=tuple(heads),
            bundle_type=bundle_type,
        )
        yield replace(draft, is_fields_sheet_read=bool(specification.by_kind[EntityKind.FIELD]))


def _headed(specification: Specification) -> Iterable[GroupDraft]:
    for sheet, kind in _HEADS.items():
        for key, heads in _by_key(specification.by_kind[sheet]).items():
            label, members = name_of(heads[0]), specification.members_of.get(key, ())
            yield _draft(sheet, kind, key=key, label=label, heads=heads, members=members)


def _components(specification: Specification) -> Iterable[GroupDraft]:
    """Return one draft per component of a package, in the order of deployment."""
    for key, heads in _by_key(specification.by_kind[EntityKind.COMPONENT]).items():
        group = group_of(heads[0])
        target = heads[0].cell(TARGET)
        yield GroupDraft(
            key=f"{key} in {target}" if target else key,  # other work than the component itself
            kind=_COMPARED.get(heads[0].cell(OUTCOME), GroupKind.COMPONENT),
            sheet=EntityKind.COMPONENT,
            rank=list(DisplayGroup).index(group),
            display_group=group,
            label=name_of(heads[0]),
            has_head=True,
            heads=heads,
            members=specification.members_of.get(key, ()),
        )


def _collections(specification: Specification) -> Iterable[GroupDraft]:
    for sheet, kind in _COLLECTIONS.items():
        if rows := specification.by_kind[sheet]:
            label = SHEET_NAMES[sheet]
            yield _draft(sheet, kind, key=kind.value, label=label, has_head=False, heads=rows)


def _view_modes(specification: Specification) -> Iterable[GroupDraft]:
    found = grouped(
        specification.by_kind[EntityKind.VIEW_MODE],
        lambda entity: _entity_type_of(entity).casefold(),
    )
    for heads in found.values():
        label = _entity_type_of(heads[0])
        yield _draft(
            EntityKind.VIEW_MODE,
            GroupKind.VIEW_MODES,
            key=f"{GroupKind.VIEW_MODES}:{label}",
            label=label,
            has_head=False,
            heads=tuple(heads),
            bundle_type=heads[0].bundle_type,
        )


def _entity_type_of(entity: Entity) -> str:
    return entity.bundle_type or entity.cell("Entity Type") or "any entity type"


def _custom(specification: Specification) -> Iterable[GroupDraft]:
    """Return one draft per row where every row of a file has a machine name of its own, else one.

    Rows without one are rarely things to build one by one: a list of effects, a matrix.
    """
    files = grouped(specification.by_kind[EntityKind.CUSTOM], lambda entity: entity.source.file)
    places = (EntityKind.CUSTOM, GroupKind.CUSTOM)
    for file, rows in files.items():
        keys = _by_key(rows)
        if len(keys) == len(rows) and all(row.has_machine_name for row in rows):
            yield from (_draft(*places, key=r.key, label=r.label, heads=(r,)) for r in rows)
        else:
            key, title = f"custom_file:{sheet_title(file)}", sheet_title(file)
            yield _draft(*places, key=key, label=title, has_head=False, heads=tuple(rows))


def _ownerless(specification: Specification) -> Iterable[GroupDraft]:
    """Return one draft per sheet for rows whose bundle, view or workflow is in no sheet."""
    for sheet in _OWNED:
        rows = tuple(
            entity
            for entity in specification.by_kind[sheet]
            if entity.owner_key is None or entity.owner_key not in specification.by_key
        )
        if rows:
            yield _draft(
                sheet,
                GroupKind.CUSTOM,
                key=f"ownerless:{sheet}",
                label=f"{SHEET_NAMES[sheet]} without an owner in the sheets",
                has_head=False,
                heads=rows,
            )

"""Which entities belong together, whatever their status: one draft per possible ticket.

Belongs here: the grouping rules (`docs/decisions/0008`) and the type ranks of the build order. Does
not: what a status means for a ticket (`tickets`), or what depends on what
(`connections`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jira_pipeline.kernel.entities import (
    SHEET_NAMES,
    BundleType,
    Entity,
    EntityKind,
    Specification,
    sheet_title,
)
from jira_pipeline.kernel.entity_groups import DisplayGroup, GroupKind
from jira_pipeline.sharedo.comparison import Outcome
from jira_pipeline.sharedo.words import OUTCOME, TARGET, group_of

BUNDLE_WORDS: Mapping[BundleType, tuple[str, str]] = {
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

_RANKS: Mapping[EntityKind, int] = {
    EntityKind.USER_ROLE: 0,
    EntityKind.WORKFLOW: 1,
    EntityKind.WORKFLOW_STATE: 1,
    EntityKind.WORKFLOW_TRANSITION: 1,
    EntityKind.IMAGE_STYLE: 3,
    EntityKind.RESPONSIVE_IMAGE_STYLE: 4,
    EntityKind.VIEW_MODE: 5,
    EntityKind.BUNDLE: 9,
    EntityKind.FIELD: 9,
    EntityKind.VIEW: 10,
    EntityKind.VIEW_DISPLAY: 10,
    EntityKind.MIGRATION: 11,
    EntityKind.CUSTOM: 12,
}
"""Build order by type; bundles have ranks of their own."""

_DISPLAY_GROUPS: Mapping[EntityKind, DisplayGroup] = {
    EntityKind.BUNDLE: DisplayGroup.CONTENT,
    EntityKind.FIELD: DisplayGroup.CONTENT,
    EntityKind.VIEW_MODE: DisplayGroup.CONTENT,
    EntityKind.IMAGE_STYLE: DisplayGroup.MEDIA,
    EntityKind.RESPONSIVE_IMAGE_STYLE: DisplayGroup.MEDIA,
    EntityKind.VIEW: DisplayGroup.VIEWS,
    EntityKind.VIEW_DISPLAY: DisplayGroup.VIEWS,
    EntityKind.MIGRATION: DisplayGroup.MIGRATION,
    EntityKind.WORKFLOW: DisplayGroup.WORKFLOW,
    EntityKind.WORKFLOW_STATE: DisplayGroup.WORKFLOW,
    EntityKind.WORKFLOW_TRANSITION: DisplayGroup.WORKFLOW,
    EntityKind.USER_ROLE: DisplayGroup.USER_ROLES,
    EntityKind.CUSTOM: DisplayGroup.CUSTOM,
}

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
    return tuple(sorted(drafts, key=_build_place))


def name_of(entity: Entity) -> str:
    """Return the label without the type that those of bundles and components end with."""
    has_type = entity.kind in {EntityKind.BUNDLE, EntityKind.COMPONENT}
    if has_type and entity.label.endswith(")") and "(" in entity.label:
        return entity.label[: entity.label.rindex("(")].strip()
    return entity.label


def sheet_place(entity: Entity) -> tuple[str, int, int]:
    """Return what sorts entities of one kind as the sheet does."""
    return (entity.source.file, entity.source.line, entity.source.record)


def _build_place(draft: GroupDraft) -> tuple[int, tuple[str, int, int], str]:
    return (draft.rank, sheet_place(draft.heads[0]), draft.key)


def _by_key(entities: Iterable[Entity]) -> dict[str, tuple[Entity, ...]]:
    found: dict[str, list[Entity]] = {}
    for entity in entities:
        found.setdefault(entity.key, []).append(entity)
    return {key: tuple(rows) for key, rows in found.items()}


def _bundle_rank(bundle_type: BundleType | None) -> int:
    return _RANKS[EntityKind.BUNDLE] if bundle_type is None else _BUNDLE_RANKS[bundle_type]


def _bundles_with_fields(specification: Specification) -> Iterable[GroupDraft]:
    for key, heads in _by_key(specification.by_kind[EntityKind.BUNDLE]).items():
        if key in specification.members_of:
            yield GroupDraft(
                key=key,
                kind=GroupKind.BUNDLE,
                sheet=EntityKind.BUNDLE,
                rank=_bundle_rank(heads[0].bundle_type),
                display_group=DisplayGroup.CONTENT,
                label=name_of(heads[0]),
                bundle_type=heads[0].bundle_type,
                has_head=True,
                heads=heads,
                members=specification.members_of[key],
            )


def _bundles_without_fields(specification: Specification) -> Iterable[GroupDraft]:
    found: dict[BundleType | None, list[Entity]] = {}
    for entity in specification.by_kind[EntityKind.BUNDLE]:
        if entity.key not in specification.members_of:
            found.setdefault(entity.bundle_type, []).append(entity)
    for bundle_type, heads in found.items():
        yield GroupDraft(
            key=f"bundles_without_fields:{bundle_type or 'unknown type'}",
            kind=GroupKind.BUNDLES_WITHOUT_FIELDS,
            sheet=EntityKind.BUNDLE,
            rank=_bundle_rank(bundle_type),
            display_group=DisplayGroup.CONTENT,
            label=bundle_type or "bundles",
            bundle_type=bundle_type,
            is_fields_sheet_read=bool(specification.by_kind[EntityKind.FIELD]),
            has_head=True,
            heads=tuple(heads),
        )


def _headed(specification: Specification) -> Iterable[GroupDraft]:
    for sheet, kind in _HEADS.items():
        for key, heads in _by_key(specification.by_kind[sheet]).items():
            yield GroupDraft(
                key=key,
                kind=kind,
                sheet=sheet,
                rank=_RANKS[sheet],
                display_group=_DISPLAY_GROUPS[sheet],
                label=name_of(heads[0]),
                has_head=True,
                heads=heads,
                members=specification.members_of.get(key, ()),
            )


def _components(specification: Specification) -> Iterable[GroupDraft]:
    """Return one draft per component of a package, in the order of deployment."""
    for key, heads in _by_key(specification.by_kind[EntityKind.COMPONENT]).items():
        group = DisplayGroup(group_of(heads[0]).value)
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
        if specification.by_kind[sheet]:
            yield GroupDraft(
                key=kind.value,
                kind=kind,
                sheet=sheet,
                rank=_RANKS[sheet],
                display_group=_DISPLAY_GROUPS[sheet],
                label=SHEET_NAMES[sheet],
                has_head=False,
                heads=specification.by_kind[sheet],
            )


def _view_modes(specification: Specification) -> Iterable[GroupDraft]:
    found: dict[str, list[Entity]] = {}
    for entity in specification.by_kind[EntityKind.VIEW_MODE]:
        found.setdefault(_entity_type_of(entity).casefold(), []).append(entity)
    for heads in found.values():
        label = _entity_type_of(heads[0])
        yield GroupDraft(
            key=f"{GroupKind.VIEW_MODES}:{label}",
            kind=GroupKind.VIEW_MODES,
            sheet=EntityKind.VIEW_MODE,
            rank=_RANKS[EntityKind.VIEW_MODE],
            display_group=DisplayGroup.CONTENT,
            label=label,
            bundle_type=heads[0].bundle_type,
            has_head=False,
            heads=tuple(heads),
        )


def _entity_type_of(entity: Entity) -> str:
    return entity.bundle_type or entity.cell("Entity Type") or "any entity type"


def _custom(specification: Specification) -> Iterable[GroupDraft]:
    """Return one draft per row where every row of a file has a machine name of its own, else one.

    Rows without one are rarely things to build one by one: a list of effects, a matrix.
    """
    files: dict[str, list[Entity]] = {}
    for entity in specification.by_kind[EntityKind.CUSTOM]:
        files.setdefault(entity.source.file, []).append(entity)
    for file, rows in files.items():
        keys = _by_key(rows)
        if len(keys) == len(rows) and all(row.machine_name not in {"", "-"} for row in rows):
            yield from (_custom_draft(row.key, row.label, (row,), has_head=True) for row in rows)
        else:
            title = sheet_title(file)
            yield _custom_draft(f"custom_file:{title}", title, tuple(rows), has_head=False)


def _ownerless(specification: Specification) -> Iterable[GroupDraft]:
    """Return one draft per sheet for rows whose bundle, view or workflow is in no sheet."""
    for sheet in _OWNED:
        rows = tuple(
            entity
            for entity in specification.by_kind[sheet]
            if entity.owner_key is None or entity.owner_key not in specification.by_key
        )
        if rows:
            yield GroupDraft(
                key=f"ownerless:{sheet}",
                kind=GroupKind.CUSTOM,
                sheet=sheet,
                rank=_RANKS[sheet],
                display_group=_DISPLAY_GROUPS[sheet],
                label=f"{SHEET_NAMES[sheet]} without an owner in the sheets",
                has_head=False,
                heads=rows,
            )


def _custom_draft(key: str, label: str, rows: tuple[Entity, ...], *, has_head: bool) -> GroupDraft:
    return GroupDraft(
        key=key,
        kind=GroupKind.CUSTOM,
        sheet=EntityKind.CUSTOM,
        rank=_RANKS[EntityKind.CUSTOM],
        display_group=DisplayGroup.CUSTOM,
        label=label,
        has_head=has_head,
        heads=rows,
    )

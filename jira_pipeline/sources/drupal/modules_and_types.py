"""Facts of Drupal that no sheet says, read from `drupal.toml`, and its rules of machine names.

Belongs here: the facts, as frozen values, and asking whether a cell or row is one of them; what may
be a machine name, and how a broken rule is reported. Does not: what follows from a fact (claims in
`writing`, questions in `sources/questions`), citing a name (`sources/sheets`).
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jira_pipeline.model.entities import BundleType, Entity, EntityKind

_CHARACTERS = re.compile(r"[a-z0-9_]+")
"""Source: Drupal core, `MachineName::processMachineName`, whose pattern replaces `[^a-z0-9_]+`;
`Workflow::addState` and `addTransition` refuse what it would replace."""
_BUNDLE_MAX = 32
"""Source: Drupal core, `EntityTypeInterface::BUNDLE_MAX_LENGTH`."""
_FIELD_MAX = 32
"""Its prefix included. Source: Drupal core, `FieldStorageConfig::NAME_MAX_LENGTH`."""
_CONFIGURATION_MAX = 166
"""Source: Drupal core, `EntityTypeInterface::ID_MAX_LENGTH`."""
_LENGTHS: Mapping[EntityKind, int] = {
    EntityKind.BUNDLE: _BUNDLE_MAX,
    EntityKind.FIELD: _FIELD_MAX,
    EntityKind.VIEW: _CONFIGURATION_MAX,
    EntityKind.IMAGE_STYLE: _CONFIGURATION_MAX,
    EntityKind.RESPONSIVE_IMAGE_STYLE: _CONFIGURATION_MAX,
    EntityKind.VIEW_MODE: _CONFIGURATION_MAX,
    EntityKind.USER_ROLE: _CONFIGURATION_MAX,
    EntityKind.WORKFLOW: _CONFIGURATION_MAX,
}
"""Displays, states and transitions are parts of a view or workflow, with no length of their own."""
NOUNS: Mapping[EntityKind, str] = {
    EntityKind.BUNDLE: "bundle",
    EntityKind.FIELD: "field",
    EntityKind.VIEW: "view",
    EntityKind.VIEW_DISPLAY: "display",
    EntityKind.IMAGE_STYLE: "image style",
    EntityKind.RESPONSIVE_IMAGE_STYLE: "responsive image style",
    EntityKind.VIEW_MODE: "view mode",
    EntityKind.USER_ROLE: "role",
    EntityKind.WORKFLOW: "workflow",
    EntityKind.WORKFLOW_STATE: "state",
    EntityKind.WORKFLOW_TRANSITION: "transition",
}
"""What has a machine name in Drupal, as questions and findings call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drupal:
    """The facts; names are folded."""

    admin_pages: Mapping[BundleType, tuple[str, ...]]
    """Steps of the menu to where the bundles of a type are listed."""
    disabled_widgets: frozenset[str]
    base_fields: Mapping[BundleType, frozenset[str]]
    base_types: frozenset[str]
    locked_fields: frozenset[str]
    types_without_value: frozenset[str]
    types_of_texts: frozenset[str]
    """Of these the types that show a text on the form, which is set for each bundle."""
    field_modules: Mapping[str, str]
    """What brings a field type or widget that core does not have."""
    types_never_empty: frozenset[str]
    list_types: frozenset[str]
    reference_types: frozenset[str]
    types_without_source: frozenset[str]
    """Field types that hold no item of a media type."""
    source_widgets: frozenset[str]
    storage_columns: tuple[str, ...]
    """What all bundles that share a storage have in common."""
    types_of_widget: Mapping[str, frozenset[str]]
    """Field types by the folded name of the widgets that edit no other."""
    kept_states: tuple[str, ...]
    """Machine names of the states that Content Moderation brings and keeps."""
    first_transitions: tuple[str, ...]
    """Machine names of what a new workflow of it begins with, each from all kept states."""
    roles: tuple[str, ...]
    """Machine names of the roles that Drupal brings."""
    roles_with_every_permission: tuple[str, ...]
    image_styles: Mapping[str, str]
    """What brings an image style, by machine name."""
    effects: Mapping[str, tuple[str, str]]
    """Id of an image effect and the module beside core that brings it, by folded id and label."""
    exact_effects: tuple[str, ...]
    breakpoint_groups: tuple[str, ...]
    view_mode_headings: Mapping[str, str]
    """What the page of view modes calls them, by type of bundle."""
    view_modes: Mapping[tuple[str, str], str]
    """What brings a view mode, by type of bundle and folded label."""


@cache
def drupal() -> Drupal:
    """Return the facts; the file is read once in a process."""
    text = (
        resources.files("jira_pipeline.sources.drupal").joinpath("drupal.toml").read_text("utf-8")
    )
    facts = tomllib.loads(text)
    groups = {
        "@lists": facts["list_types"]["names"],
        "@references": facts["reference_types"]["names"],
    }
    return Drupal(
        admin_pages={kind: tuple(facts["admin_pages"][kind.value]) for kind in BundleType},
        disabled_widgets=_folded(facts["disabled_widgets"]["names"]),
        base_fields={
            kind: _folded([*facts["base_fields"]["any"], *facts["base_fields"].get(kind.value, ())])
            for kind in BundleType
        },
        base_types=_folded(facts["base_fields"]["types"]),
        locked_fields=_folded(facts["locked_fields"]["names"]),
        types_without_value=_folded(facts["types_without_value"]["names"]),
        field_modules={
            folded(name): module
            for module, names in facts["field_modules"].items()
            if isinstance(names, list)
            for name in names
        },
        types_of_texts=_folded(facts["types_without_value"]["texts"]),
        types_never_empty=_folded(facts["types_never_empty"]["names"]),
        list_types=_folded(facts["list_types"]["names"]),
        reference_types=_folded(facts["reference_types"]["names"]),
        types_without_source=_all_of(facts["media_sources"]["never"], groups),
        source_widgets=_folded(facts["media_sources"]["widgets"]),
        storage_columns=tuple(facts["storage"]["columns"]),
        types_of_widget={
            folded(widget): _all_of(types, groups)
            for widget, types in facts["widgets"].items()
            if isinstance(types, list)
        },
        kept_states=tuple(facts["content_moderation"]["states"]),
        first_transitions=tuple(facts["content_moderation"]["transitions"]),
        roles=tuple(facts["roles"]["names"]),
        roles_with_every_permission=tuple(facts["roles"]["with_every_permission"]),
        image_styles={
            name: provider
            for provider, names in facts["image_styles"]["shipped"].items()
            for name in names
        },
        effects={
            folded(name): (effect, module)
            for module, effects in {
                "": facts["image_effects"]["core"],
                **facts["image_effects"]["modules"],
            }.items()
            for effect, label in effects.items()
            for name in (effect, label)
        },
        exact_effects=tuple(facts["image_effects"]["exact"]),
        breakpoint_groups=tuple(facts["breakpoints"]["groups"]),
        view_mode_headings=facts["view_modes"]["headings"],
        view_modes={
            (kind, folded(label)): provider
            for provider, kinds in facts["view_modes"]["shipped"].items()
            for kind, labels in kinds.items()
            for label in labels
        },
    )


def folded(name: str) -> str:
    """Return a name without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", name.casefold())


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(folded, names))


def _all_of(names: Iterable[str], groups: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return names folded, those of a group in place of its own."""
    return _folded(each for name in names for each in groups.get(name, (name,)))


def is_one_of(cell: str, names: frozenset[str]) -> bool:
    """Tell whether a cell holds one of the folded names, and nothing else."""
    return folded(cell) in names


def is_base_field(row: Entity) -> bool:
    """Tell whether a field is there on every item: by its type, its name, or its label without one."""
    facts = drupal()
    name = row.label if row.machine_name == "-" else row.machine_name
    named = facts.base_fields[row.bundle_type] if row.bundle_type else frozenset[str]()
    return is_base_type(row.cell("Field type")) or is_one_of(name, named)


def is_base_type(field_type: str) -> bool:
    """Tell whether a field type is only said of what every item has, such as its title."""
    return is_one_of(field_type, drupal().base_types)


def is_locked(row: Entity) -> bool:
    """Tell whether a module adds and locks a field by itself."""
    return is_one_of(row.machine_name, drupal().locked_fields)


def is_on_form(row: Entity) -> bool:
    """Tell whether the form of its bundle offers a field: its widget is not disabled."""
    return not is_one_of(row.cell("Form widget"), drupal().disabled_widgets) and not is_locked(row)


def holds_value(row: Entity) -> bool:
    """Tell whether a field stores something."""
    return not is_one_of(row.cell("Field type"), drupal().types_without_value)


def is_text_on_form(row: Entity) -> bool:
    """Tell whether a field is only a text on the form."""
    return is_one_of(row.cell("Field type"), drupal().types_of_texts)


def is_list(row: Entity) -> bool:
    """Tell whether a field offers options of its own."""
    return is_one_of(row.cell("Field type"), drupal().list_types)


def is_reference(row: Entity) -> bool:
    """Tell whether a field has to say what it may refer to."""
    return is_one_of(row.cell("Field type"), drupal().reference_types)


def is_widget_wrong(row: Entity) -> bool:
    """Tell whether Drupal does not offer a widget for the type of its field."""
    types = drupal().types_of_widget.get(folded(row.cell("Form widget")))
    return types is not None and not is_one_of(row.cell("Field type"), types)


def is_required(row: Entity) -> bool:
    """Tell whether a row says that a field must be filled in."""
    return row.flag("Req'd") is True


def broken_rule(kind: EntityKind, machine_name: str) -> str:
    """Say the rules that a machine name breaks, for its kind; empty where it keeps them.

    Nobody knows the rules of migrations and custom sheets, so they break none.
    """
    if kind not in NOUNS or machine_name in {"", "-"}:
        return ""
    broken: list[str] = []
    if _CHARACTERS.fullmatch(machine_name) is None:
        broken.append("lower-case letters, digits and underscores")
    elif kind is EntityKind.FIELD and machine_name[0].isdigit():
        # Source: Drupal core, `FieldStorageConfig::preSaveNew`; other names may begin with a digit
        broken.append("a letter or underscore first in the name of a field")
    if len(machine_name) > _LENGTHS.get(kind, len(machine_name)):
        article = "an" if NOUNS[kind][0] in "aeiou" else "a"
        broken.append(f"at most {_LENGTHS[kind]} characters for {article} {NOUNS[kind]}")
    return "; ".join(broken)

"""What the exported configuration of a Drupal site says: the truth that claims are compared with.

Belongs here: reading YAML, and one question for each kind of fact. Does not: rows or claims
(`claims`). Nothing here knows how the program reads sheets. `None` means that the configuration
cannot tell; an absent thing is an empty set, or False.

Source: the configuration schema of Drupal core 11 and of its modules Paragraphs, Pathauto and
Field group, as exported by `drush config:export`.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from typing_extensions import override

_TYPES = {
    "Content type": ("node", "node.type"),
    "Paragraph type": ("paragraph", "paragraphs.paragraphs_type"),
    "Vocabulary": ("taxonomy_term", "taxonomy.vocabulary"),
    "Media type": ("media", "media.type"),
    "Custom block type": ("block_content", "block_content.type"),
}
"""Entity type and configuration prefix of each bundle type."""
_TYPE_NAMES = {entity_type: name for name, (entity_type, _) in _TYPES.items()}
_UNLIMITED = -1


class FieldAt(NamedTuple):
    """A field of a bundle."""

    bundle_type: str
    bundle: str
    field: str


class SiteConfiguration:
    """The exported configuration of one site; files are read when they are asked for."""

    def __init__(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        self._entries = entries

    def get(self, name: str) -> Mapping[str, Any]:
        """Return a configuration by name; empty where the site has none."""
        return self._entries.get(name, {})

    def named(self, prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the configurations below a prefix by the rest of their names, sorted."""
        for name in sorted(self._entries):
            if name.startswith(f"{prefix}."):
                yield name.removeprefix(f"{prefix}."), self._entries[name]

    def bundle(self, bundle_type: str, name: str) -> Mapping[str, Any]:
        """Return a bundle."""
        return self.get(f"{_TYPES[bundle_type][1]}.{name}")

    def bundle_label(self, bundle_type: str, name: str) -> str:
        """Return `Name (Type)`; empty where there is no such bundle."""
        found = self.bundle(bundle_type, name)
        return f"{found.get('name') or found['label']} ({bundle_type})" if found else ""

    def field(self, at: FieldAt) -> Mapping[str, Any]:
        """Return what is set of a field for its bundle."""
        return self.get(f"field.field.{_TYPES[at.bundle_type][0]}.{at.bundle}.{at.field}")

    def storage(self, at: FieldAt) -> Mapping[str, Any]:
        """Return what is set of a field for all bundles of its entity type."""
        return self.get(f"field.storage.{_TYPES[at.bundle_type][0]}.{at.field}")

    def bundles_with(self, at: FieldAt) -> frozenset[str]:
        """Return the machine names of the bundles that have the storage of a field."""
        fields = self.named(f"field.field.{_TYPES[at.bundle_type][0]}")
        return frozenset(
            name.partition(".")[0] for name, _ in fields if name.endswith(f".{at.field}")
        )

    def form(self, at: FieldAt) -> Mapping[str, Any]:
        """Return the form display that people fill in."""
        return self.get(f"core.entity_form_display.{_TYPES[at.bundle_type][0]}.{at.bundle}.default")

    def is_on_form(self, at: FieldAt) -> bool | None:
        """Tell whether the form shows a field; without an exported form Drupal decides."""
        form = self.form(at)
        return at.field in form["content"] if form else None

    def group_of(self, at: FieldAt) -> str:
        """Return the label of the group of the form that holds a field."""
        settings = self.form(at).get("third_party_settings", {})
        groups = settings.get("field_group", {}).values()
        return next((g["label"] for g in groups if at.field in g["children"]), "")

    def cardinality(self, at: FieldAt) -> str:
        """Return how many values a field takes, `*` for any number."""
        number = self.storage(at).get("cardinality", "")
        return "*" if number == _UNLIMITED else str(number)

    def targets(self, at: FieldAt) -> frozenset[str] | None:
        """Return what a reference field offers, as `Name (Type)`."""
        settings = self.field(at).get("settings", {}).get("handler_settings", {})
        chosen = settings.get("target_bundles")
        type_name = _TYPE_NAMES.get(self.storage(at).get("settings", {}).get("target_type", ""))
        if type_name is None or chosen is None:
            return None  # a view chooses, or every bundle is offered
        names = set(chosen)
        if settings.get("negate"):
            names = {name for name, _ in self.named(_TYPES[type_name][1])} - names
        return frozenset(filter(None, (self.bundle_label(type_name, name) for name in names)))

    def options(self, at: FieldAt) -> frozenset[str] | None:
        """Return the labels of the options of a list field."""
        settings = self.storage(at).get("settings", {})
        if settings.get("allowed_values_function") or "allowed_values" not in settings:
            return None  # code gives them
        return frozenset(str(option["label"]) for option in settings["allowed_values"])

    def max_length(self, at: FieldAt) -> str:
        """Return how many characters a field takes."""
        return str(self.storage(at).get("settings", {}).get("max_length", ""))

    def view_modes(self, bundle_type: str, bundle: str) -> frozenset[str]:
        """Return the labels of the view modes that a bundle has settings of its own for."""
        entity_type = _TYPES[bundle_type][0]
        displays = self.named(f"core.entity_view_display.{entity_type}.{bundle}")
        modes = (mode for mode, display in displays if display["status"])
        labels = (self.get(f"core.entity_view_mode.{entity_type}.{mode}") for mode in modes)
        return frozenset(mode["label"] for mode in labels if mode)

    def has_view_mode(self, bundle_type: str, label: str) -> bool:
        """Tell whether an entity type has a view mode of that label."""
        modes = self.named(f"core.entity_view_mode.{_TYPES[bundle_type][0]}")
        return any(mode["label"] == label for _, mode in modes)

    def uses_layout_builder(self, bundle_type: str, bundle: str) -> bool:
        """Tell whether Layout Builder lays out a bundle in some view mode."""
        displays = self.named(f"core.entity_view_display.{_TYPES[bundle_type][0]}.{bundle}")
        settings = (
            d.get("third_party_settings", {}).get("layout_builder", {}) for _, d in displays
        )
        return any(layout.get("enabled") for layout in settings)

    def alias_patterns(self, bundle_type: str, bundle: str) -> frozenset[str]:
        """Return the patterns by which new items of a bundle get an address."""
        entity_type = _TYPES[bundle_type][0]
        return frozenset(
            pattern["pattern"]
            for _, pattern in self.named("pathauto.pattern")
            if pattern["type"] == f"canonical_entities:{entity_type}"
            for criterion in pattern["selection_criteria"].values()
            if bundle in criterion.get("bundles", {}) and not criterion.get("negate")
        )

    def workflows_of(self, bundle_type: str, bundle: str) -> frozenset[str]:
        """Return the machine names of the workflows that moderate a bundle."""
        entity_type = _TYPES[bundle_type][0]
        return frozenset(
            name
            for name, workflow in self.named("workflows.workflow")
            if bundle in workflow["type_settings"].get("entity_types", {}).get(entity_type, ())
        )

    def state_label(self, workflow: str, label: str) -> str:
        """Return the machine name of a state."""
        states = self._of_workflow(workflow, "states")
        return next((name for name, state in states.items() if state["label"] == label), "")

    def states(self, workflow: str) -> Mapping[str, str]:
        """Return the labels of the states of a workflow by machine name."""
        return {n: state["label"] for n, state in self._of_workflow(workflow, "states").items()}

    def transition(self, workflow: str, name: str) -> tuple[frozenset[str], str]:
        """Return the labels of the states that a transition leads from, and to."""
        found = self._of_workflow(workflow, "transitions").get(name)
        labels = self.states(workflow)
        if not found:
            return frozenset(), ""
        return frozenset(labels[state] for state in found["from"]), labels[found["to"]]

    def roles_with(self, permission: str) -> frozenset[str]:
        """Return the labels of the roles that hold a permission, those that hold all included."""
        roles = (role for _, role in self.named("user.role"))
        return frozenset(
            role["label"] for role in roles if role["is_admin"] or permission in role["permissions"]
        )

    def _of_workflow(self, workflow: str, part: str) -> Mapping[str, Any]:
        settings = self.get(f"workflows.workflow.{workflow}").get("type_settings", {})
        found: Mapping[str, Any] = settings.get(part, {})
        return found

    def display(self, view: str, name: str) -> Mapping[str, Any]:
        """Return a display of a view, what it inherits from the first one included."""
        displays = self.get(f"views.view.{view}").get("display", {})
        if name not in displays:
            return {}
        inherited = displays.get("default", {}).get("display_options", {})
        own = displays[name].get("display_options", {})
        return {**displays[name], "display_options": {**inherited, **own}}

    def is_shipped(self, name: str) -> bool:
        """Tell whether a module or theme installed a configuration."""
        return "default_config_hash" in self.get(name).get("_core", {})

    def effects(self, style: str) -> tuple[str, ...]:
        """Return the effects of an image style in order, each with its size."""
        effects = self.get(f"image.style.{style}").get("effects", {}).values()
        return tuple(_effect(e) for e in sorted(effects, key=lambda effect: effect["weight"]))


def _effect(effect: Mapping[str, Any]) -> str:
    sizes = [str(effect["data"].get(side) or "") for side in ("width", "height")]
    return f"{effect['id']} {'x'.join(filter(None, sizes))}".strip()


class _Folder(Mapping[str, Mapping[str, Any]]):
    """The files of a folder by configuration name, each read once."""

    def __init__(self, folder: Path) -> None:
        self._paths = {path.stem: path for path in folder.glob("*.yml")}
        self._read = cache(self._read_once)

    def _read_once(self, name: str) -> Mapping[str, Any]:
        with self._paths[name].open(encoding="utf-8") as stream:
            found: Mapping[str, Any] = yaml.load(stream, Loader=yaml.CSafeLoader)
        return found

    @override
    def __getitem__(self, name: str) -> Mapping[str, Any]:
        return self._read(name)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    @override
    def __len__(self) -> int:
        return len(self._paths)


def read_configuration(folder: Path) -> SiteConfiguration:
    """Return the configuration that was exported to a folder."""
    return SiteConfiguration(_Folder(folder))

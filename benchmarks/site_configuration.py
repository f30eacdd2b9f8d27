"""What the exported configuration of a Drupal site says of the things that rows describe.

Belongs here: reading YAML, and one question for each kind of fact. Does not: what is claimed
(`claims`). Of a row only its kind, key, machine name and label are read. `None` means that the
configuration cannot tell; what is absent is empty.

Source: the configuration schema of Drupal core 11, Paragraphs, Pathauto and Field group, as
`drush config:export` writes it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from jira_pipeline.model.entities import Entity, EntityKind

Configuration = Mapping[str, Any]
TYPES = {
    "Content type": ("node", "node.type"),
    "Paragraph type": ("paragraph", "paragraphs.paragraphs_type"),
    "Vocabulary": ("taxonomy_term", "taxonomy.vocabulary"),
    "Media type": ("media", "media.type"),
    "Custom block type": ("block_content", "block_content.type"),
}
"""Entity type, and prefix of the configuration, of each type of bundle."""
_PREFIXES = {
    EntityKind.VIEW: "views.view",
    EntityKind.IMAGE_STYLE: "image.style",
    EntityKind.RESPONSIVE_IMAGE_STYLE: "responsive_image.styles",
    EntityKind.USER_ROLE: "user.role",
    EntityKind.WORKFLOW: "workflows.workflow",
}
_READ = (
    *(f"{prefix}." for _, prefix in TYPES.values()),
    *(f"{prefix}." for prefix in _PREFIXES.values()),
    *("field.field.", "field.storage.", "pathauto.pattern."),
    *("core.entity_form_display.", "core.entity_view_display.", "core.entity_view_mode."),
    *("core.base_field_override.", "language.content_settings."),
    *("search_api.index.", "webform.webform."),
)


class SiteConfiguration:
    """The configuration of one site, by name."""

    def __init__(self, entries: Mapping[str, Configuration]) -> None:
        self._entries = entries
        self._names = sorted(entries)

    def get(self, name: str) -> Configuration:
        """Return a configuration; empty where the site has none of that name."""
        return self._entries.get(name, {})

    def below(self, prefix: str) -> Iterator[tuple[str, Configuration]]:
        """Yield the configurations below a prefix by the rest of their names, sorted."""
        for name in self._names:
            if name.startswith(f"{prefix}."):
                yield name.removeprefix(f"{prefix}."), self._entries[name]

    def thing(self, row: Entity) -> Configuration:
        """Return the configuration of what a row describes."""
        owner = (row.owner_key or "").partition(":")[2]
        found: Configuration
        match row.kind:
            case EntityKind.FIELD:
                return self.get(f"field.field.{_place(row)}.{row.machine_name}")
            case EntityKind.VIEW_MODE:
                modes = (mode for _, mode in self.below(f"core.entity_view_mode.{_type(row)}"))
                return next((mode for mode in modes if mode["label"].strip() == row.label), {})
            case EntityKind.BUNDLE:
                return self.get(f"{_kind(row)[1]}.{row.machine_name}")
            case EntityKind.VIEW_DISPLAY:
                found = self.get(f"views.view.{owner}").get("display", {})
            case EntityKind.WORKFLOW_STATE:
                found = self.workflow(owner)["states"]
            case EntityKind.WORKFLOW_TRANSITION:
                found = self.workflow(owner)["transitions"]
            case _:
                return self.get(f"{_PREFIXES.get(row.kind)}.{row.machine_name}")
        found = found.get(row.machine_name, {})
        return found

    def label(self, row: Entity) -> str:
        """Return what the site calls it; empty where there is no such thing."""
        found = self.thing(row)
        names = (found.get(key) for key in ("display_title", "name", "label"))
        is_style = row.kind is EntityKind.IMAGE_STYLE
        return str(found.get("label") if is_style else next(filter(None, names), "")).strip()

    def is_shipped(self, row: Entity) -> bool:
        """Tell whether a module brought it: it has the hash of what was installed, or code makes it.

        A view mode that even menu links have was made for every entity type; no person does that.
        """
        modes = (mode["label"] for _, mode in self.below("core.entity_view_mode.menu_link_content"))
        is_made = row.kind is EntityKind.VIEW_MODE and row.label in modes
        return is_made or "default_config_hash" in self.thing(row).get("_core", {})

    def storage(self, row: Entity) -> Configuration:
        """Return what is set of a field for all bundles of its entity type."""
        return self.get(f"field.storage.{_type(row)}.{row.machine_name}")

    def storage_users(self, row: Entity) -> list[str]:
        """Return the keys of the bundles that have a field of that machine name."""
        names = (name.split(".") for name, _ in self.below(f"field.field.{_type(row)}"))
        return [f"bundle:{row.bundle_type}/{b}" for b, field in names if field == row.machine_name]

    def _form(self, row: Entity) -> Configuration:
        return self.get(f"core.entity_form_display.{_place(row)}.default")

    def is_on_form(self, row: Entity) -> bool | None:
        """Tell whether people can fill a field in."""
        form = self._form(row)
        return row.machine_name in form["content"] if form else None

    def is_required(self, row: Entity) -> bool:
        """Tell whether the form refuses a field without a value."""
        return bool(self.thing(row).get("required")) and self.is_on_form(row) is not False

    def form_group(self, row: Entity) -> str:
        """Return the label of the group of the form that holds a field."""
        groups = self._form(row).get("third_party_settings", {}).get("field_group", {}).values()
        return next((str(g["label"]) for g in groups if row.machine_name in g["children"]), "")

    def cardinality(self, row: Entity) -> str:
        """Return how many values a field takes, `*` for any number."""
        return str(self.storage(row).get("cardinality", "")).replace("-1", "*")

    def max_length(self, row: Entity) -> str:
        """Return how many characters a field takes."""
        return str(self.storage(row).get("settings", {}).get("max_length", ""))

    def options(self, row: Entity) -> list[str] | None:
        """Return the labels of the options of a list field; None where code gives them."""
        settings = self.storage(row).get("settings", {})
        if settings.get("allowed_values_function") or "allowed_values" not in settings:
            return None
        return [str(option["label"]).strip() for option in settings["allowed_values"]]

    def targets(self, row: Entity) -> list[str] | None:
        """Return what a field offers, as `Name (Type)`; None where a view or no setting chooses."""
        settings = self.thing(row).get("settings", {}).get("handler_settings", {})
        entity_type = self.storage(row).get("settings", {}).get("target_type")
        kind = next((kind for kind, (known, _) in TYPES.items() if known == entity_type), None)
        if kind is None or (chosen := settings.get("target_bundles")) is None:
            return None
        there = {name for name, _ in self.below(TYPES[kind][1])}
        names = there.difference(chosen) if settings.get("negate") else there.intersection(chosen)
        return [self._bundle_label(kind, name) for name in sorted(names)]

    def _bundle_label(self, kind: str, name: str) -> str:
        found = self.get(f"{TYPES[kind][1]}.{name}")
        return f"{str(found.get('name') or found['label']).strip()} ({kind})"

    def view_modes(self, row: Entity) -> list[str]:
        """Return the labels of the view modes of a bundle, or the bundles of a view mode.

        Those switched off again count too: the sheets were made from all that are exported.
        """
        shown = {}
        for name, mode in self.below(f"core.entity_view_mode.{_type(row)}"):
            shown[name] = mode["label"].strip()
        displays = [n.split(".") for n, _ in self.below(f"core.entity_view_display.{_type(row)}")]
        if row.kind is EntityKind.BUNDLE:
            return [shown[mode] for b, mode in displays if b == row.machine_name and mode in shown]
        names = [bundle for bundle, mode in displays if shown.get(mode) == row.label]
        return [self._bundle_label(str(row.bundle_type or ""), name) for name in names]

    def uses_layout_builder(self, row: Entity) -> bool:
        """Tell whether Layout Builder lays out a bundle in some view mode."""
        displays = (d for _, d in self.below(f"core.entity_view_display.{_place(row)}"))
        settings = (display.get("third_party_settings", {}) for display in displays)
        return any(s.get("layout_builder", {}).get("enabled") for s in settings)

    def alias_patterns(self, row: Entity) -> list[str]:
        """Return the patterns by which new items of a bundle get an address."""
        return [
            pattern["pattern"]
            for _, pattern in self.below("pathauto.pattern")
            if pattern["type"] == f"canonical_entities:{_type(row)}"
            for criterion in pattern["selection_criteria"].values()
            if row.machine_name in criterion.get("bundles", {})
        ]

    def workflow(self, name: str) -> Configuration:
        """Return states, transitions and entity types of a workflow."""
        settings = self.get(f"workflows.workflow.{name}").get("type_settings", {})
        return {"states": {}, "transitions": {}, "entity_types": {}, **settings}

    def workflows_of(self, row: Entity) -> list[str]:
        """Return the workflows that moderate a bundle."""
        found = {name: self.workflow(name) for name, _ in self.below("workflows.workflow")}
        types = {name: flow["entity_types"].get(_type(row), ()) for name, flow in found.items()}
        return [name for name, bundles in types.items() if row.machine_name in bundles]

    def states(self, row: Entity) -> list[str]:
        """Return all states of a workflow, or of the one that a state is of."""
        return [*self.workflow((row.owner_key or row.key).partition(":")[2])["states"]]

    def ways(self, row: Entity) -> list[str]:
        """Return how a transition leads, by the labels of its states: `Draft > Published`."""
        states = self.workflow((row.owner_key or "").partition(":")[2])["states"]
        found, label = self.thing(row), {name: state["label"] for name, state in states.items()}
        return [f"{label[begin]} > {label[found['to']]}" for begin in found.get("from", ())]

    def transitions(self, row: Entity) -> list[str]:
        """Return all transitions of the workflow that one is of."""
        return [*self.workflow((row.owner_key or "").partition(":")[2])["transitions"]]

    def displays(self, row: Entity) -> list[str]:
        """Return the machine names of a view and its displays but the one they inherit from."""
        displays = self.thing(row).get("display", {})
        return [row.machine_name, *(name for name in displays if name != "default")]

    def path(self, row: Entity) -> str:
        """Return the path of a display."""
        return f"/{self.thing(row).get('display_options', {}).get('path', '')}"


def _kind(row: Entity) -> tuple[str, str]:
    return TYPES.get(str(row.bundle_type or ""), ("", ""))


def _type(row: Entity) -> str:
    return _kind(row)[0]


def _place(row: Entity) -> str:
    """Return entity type and bundle of a field, or of a bundle, as names have them."""
    return f"{_type(row)}.{(row.owner_key or row.key).partition('/')[2]}"


def read_configuration(folder: Path) -> SiteConfiguration:
    """Read the part of an exported configuration that rows describe."""
    paths = (path for path in folder.glob("*.yml") if path.name.startswith(_READ))
    return SiteConfiguration(
        {path.stem: yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in paths}
    )

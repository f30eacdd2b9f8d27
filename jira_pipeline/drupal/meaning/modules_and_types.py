"""Facts of Drupal that no sheet says, read from `drupal.toml`, and its rules of machine names.

Belongs here: the facts, as frozen values, and asking whether a cell or row is one of them; what
modules bring, by `modules.toml`; what may be a machine name, and how a broken rule is reported. Does not: what follows from a fact (claims in
`drupal/rules`, questions in `tickets/questions`), citing a name (`sheets`).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from typing_extensions import override

from jira_pipeline.drupal.meaning.notes import TEXTS_KEPT
from jira_pipeline.model.columns import BLANK
from jira_pipeline.model.entities import Entity, EntityKind, OtherType
from jira_pipeline.model.toml_tables import toml_tables

_CHARACTERS = re.compile(r"[a-z0-9_]+")
"""Source: Drupal core, `MachineName::processMachineName`, whose pattern replaces `[^a-z0-9_]+`;
`Workflow::addState` and `addTransition` refuse what it would replace."""
_LENGTHS: Mapping[EntityKind, int] = {EntityKind.BUNDLE: 32, EntityKind.FIELD: 32}
"""Of a field with its prefix. Source: Drupal core, `EntityTypeInterface::BUNDLE_MAX_LENGTH`,
`FieldStorageConfig::NAME_MAX_LENGTH`."""
_CONFIGURATION_MAX = 166
"""Source: Drupal core, `EntityTypeInterface::ID_MAX_LENGTH`."""
PARTS = {
    EntityKind.VIEW_DISPLAY,
    EntityKind.IMAGE_EFFECT,
    EntityKind.WORKFLOW_STATE,
    EntityKind.WORKFLOW_TRANSITION,
}
"""They are within the file of a view, image style or workflow; their names have no limit of length."""
_OTHERS = {
    EntityKind.MIGRATION,
    EntityKind.MIGRATION_MAPPING,
    EntityKind.CUSTOM,
    EntityKind.COMPONENT,
    EntityKind.COMPONENT_ITEM,
}
NOUNS: Mapping[EntityKind, str] = {
    **{kind: kind.replace("_", " ") for kind in EntityKind if kind not in _OTHERS},
    **{kind: kind.rpartition("_")[2] for kind in (EntityKind.USER_ROLE, *PARTS)},
}
"""What the configuration of a site has, as questions and findings call it."""
_TYPE = "Field type"
PARAGRAPHS = "Paragraphs"
REVISIONS = "Entity Reference Revisions"
"""The module that Paragraphs needs, and enables with itself."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Module:
    """What a module brings, as the head of `modules.toml` explains it."""

    label: str
    """As Extend lists it."""
    source: str
    is_core: bool = False
    types: Sequence[str] = ()
    widgets: Sequence[str] = ()
    fields: Sequence[str] = ()
    columns: Sequence[str] = ()
    bundles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    asks: str = ""
    effects: Mapping[str, str] = field(default_factory=dict)
    image_styles: Sequence[str] = ()
    view_modes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    permissions: Sequence[str] = ()
    formats: Sequence[str] = ()
    tokens: Sequence[str] = ()
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    displays: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    views: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @override
    def __repr__(self) -> str:
        return f"Module({self.label!r})"  # a fact that refers to it needs no more

    @property
    def provider(self) -> str:
        return "Drupal core" if self.is_core else f"the {self.label} module"


@cache
def modules() -> Mapping[str, Module]:
    """Return what modules bring, by their machine names."""
    rows = toml_tables(__package__, "modules.toml")
    return {name: Module(**row) for name, row in rows.items()}


@cache
def bringing(part: str) -> Mapping[str, Module]:
    """Return the module of each name that a part of `modules.toml` has, such as `image_styles`."""
    return {name: module for module in modules().values() for name in getattr(module, part)}


@cache
def plugin_modules() -> Mapping[str, Module]:
    """Return the module of each field type and widget that core does not have, by its folded name."""
    modules_by_name = (*bringing("types").items(), *bringing("widgets").items())
    return {folded(name): module for name, module in modules_by_name}


def label_of_module(name: str) -> str:
    """Return what Extend calls a module; its machine name where that is not known."""
    return modules()[name].label if name in modules() else name


@lru_cache(TEXTS_KEPT)
def modules_of_permission(name: str) -> frozenset[str]:
    """Return the labels of the contributed modules that define a permission; its name is in lower case.

    Several modules may define one that exists for each type or role.
    """
    labels = _labels_of_permissions()
    if name in labels:
        return frozenset({labels[name]})
    return frozenset(label for like, label in _permissions_of_kinds() if like.fullmatch(name))


@cache
def _labels_of_permissions() -> Mapping[str, str]:
    return {name.casefold(): module.label for name, module in bringing("permissions").items()}


@cache
def _permissions_of_kinds() -> Sequence[tuple[re.Pattern[str], str]]:
    """Return patterns of the permissions that exist once for each type or role, with their modules.

    `clone * content` in `modules.toml` stands for `clone page content` and the like.
    """
    patterns = []
    for like, label in _labels_of_permissions().items():
        if "*" in like:
            pattern = re.escape(like).replace(r"\*", r"[\w.:-]+")
            patterns.append((re.compile(pattern), label))
    return patterns


def module_named_in(name: str) -> Module | None:
    """Return the contributed module whose machine name the id of a plugin or a table begins with.

    The longest such name counts: of `geolocation_leaflet_map` it is `geolocation_leaflet`, not `geolocation`.
    """
    words = name.split("_")
    for count in range(len(words), 0, -1):
        module = modules().get("_".join(words[:count]))
        if module is not None:
            return None if module.is_core else module
    return None


@cache
def types_meant() -> Mapping[str, tuple[str, ...]]:
    """Return the labels of the field types of core that a word may mean, by the folded word.

    One for a label, an id or another word for it; several for a word such as `Number`.
    """
    labels_by_word: dict[str, tuple[str, ...]] = {}
    for label, words in facts_of("field_types").items():
        for word in (label, *words):
            labels_by_word[folded(word)] = (label,)
    for several in facts_of("field_types_of_one_word").values():
        for word in several["words"]:
            labels_by_word[folded(word)] = tuple(several["types"])
    return labels_by_word


@cache
def known_effects() -> Mapping[str, tuple[str, str]]:
    """Return the id of each image effect and the label of its module, by folded id and folded label.

    The label is empty where the module is of core.
    """
    effects = {}
    for effect, module in bringing("effects").items():
        module_label = "" if module.is_core else module.label
        for name in (effect, module.effects[effect]):
            effects[folded(name)] = (effect, module_label)
    return effects


@cache
def paths_of_core() -> re.Pattern[str]:
    """Return the addresses of core's own pages."""
    paths = (re.escape(path) for path in listed_in("words_of_core", "paths"))
    return re.compile("|".join(path.replace(r"\*", "[^/]+") for path in paths))


@cache
def facts_of(section: str, key: str = "") -> Mapping[str, Any]:
    """Return a table of the file as it is written, without its reason and source."""
    table = toml_tables(__package__, "drupal.toml")[section]
    facts = {name: fact for name, fact in table.items() if name not in {"reason", "source"}}
    return facts[key] if key else facts


@lru_cache(TEXTS_KEPT)
def folded(name: str) -> str:
    """Return a name without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


@cache
def names_of(section: str, key: str = "names") -> frozenset[str]:
    """Return names of the file folded, those of another section for a name such as `@list_types`."""
    names = facts_of(section)[key]
    groups = (names_of(name[1:]) for name in names if name.startswith("@"))
    return frozenset(folded(n) for n in names if not n.startswith("@")).union(*groups)


@cache
def listed_in(section: str, key: str = "names") -> tuple[str, ...]:
    """Return what the file lists, as it is written and in its order."""
    return tuple(facts_of(section)[key])


def is_base_field(row: Entity) -> bool:
    """Tell whether a field is there on every item: by its type, its name, or its label without one."""
    if _is_base_by_label(row):
        return True
    name = row.label if row.machine_name == "-" else row.machine_name
    facts = facts_of("base_fields")
    kind = str(row.bundle_type)
    names = (*facts["any"], *facts.get(kind, ())) if row.bundle_type else ()
    return folded(name) in map(folded, names) or is_base_type(row.cell("Field type"))


def _is_base_by_label(row: Entity) -> bool:
    """Tell whether a field without a machine name is called as one that every item has.

    What the row says of its type, number of values and target has to fit that one.
    """
    if row.has_machine_name:
        return False
    for base in facts_of("base_fields_by_label").values():
        if folded(row.label) == folded(base["label"]) and row.bundle_type in base["bundles"]:
            is_single = row.count("Vals.") in {None, 1}
            return is_single and not row.states("Ref. bundle") and _is_type_of_base(row, base)
    return False


def _is_type_of_base(row: Entity, base: Mapping[str, Any]) -> bool:
    """Tell whether the type of a row, if it says one, may be that of a field that every item has."""
    if not row.states(_TYPE):
        return True
    word = folded(row.cell(_TYPE))
    types = types_meant().get(word, ())
    if not types:  # the title of an item is a text, whatever a sheet calls that
        return base.get("is_label", False) and word not in plugin_modules()
    return not set(types).isdisjoint(base["types"])


def is_base_type(field_type: str) -> bool:
    """Tell whether a field type is only said of what every item has, such as its title."""
    return folded(field_type) in names_of("base_fields", "types")


def is_locked(row: Entity) -> bool:
    """Tell whether a module adds and locks a field by itself."""
    return folded(row.machine_name) in names_of("locked_fields")


@cache
def types_in(section: str, key: str = "names") -> frozenset[str]:
    """Return the field types of a list of the file, folded, with each word that means only those."""
    types = names_of(section, key)
    words = set()
    for word, labels in types_meant().items():
        if types.issuperset(map(folded, labels)):
            words.add(word)
    return types | words


def _of_type(section: str, key: str = "names") -> Callable[[Entity], bool]:
    """Return what tells whether the type of a field is one that the file lists."""
    return lambda row: folded(row.cell("Field type")) in types_in(section, key)


is_without_value = _of_type("types_without_value")
"""Whether a field stores nothing."""
is_text_on_form = _of_type("types_without_value", "texts")
"""Whether a field is only a text on the form."""
is_never_empty = _of_type("types_never_empty")
"""Whether a field has a value whatever somebody does."""
is_filled_by_module = _of_type("types_filled_by_modules")
"""Whether the module of its type fills in a field, so that nobody enters it."""
is_switch = _of_type("types_never_empty", "switches")
"""Whether a field is on or off."""
is_date = _of_type("types_of_dates")
"""Whether a field holds a date, with its time or without."""
is_list = _of_type("list_types")
"""Whether a field offers options of its own."""
is_reference = _of_type("reference_types")
"""Whether a field has to say what it may refer to."""


def module_of_field(row: Entity) -> str:
    """Return the module that adds a field of this name to types by itself; empty where none does."""
    module = bringing("fields").get(row.machine_name)
    return module.label if module else ""


def broken_rule_of(row: Entity) -> str:
    """Say the rules that the machine name of a row breaks.

    Nobody here knows those of the bundles of another entity type: menu links have menus, such as
    `main-menu`.
    """
    is_of_other_type = row.kind is EntityKind.BUNDLE and isinstance(row.bundle_type, OtherType)
    return "" if is_of_other_type else broken_rule(row.kind, row.machine_name)


def broken_rule(kind: EntityKind, machine_name: str) -> str:
    """Say the rules that a machine name breaks; empty where it keeps them, or nobody knows any."""
    if kind not in NOUNS or machine_name in BLANK:
        return ""
    broken: list[str] = []
    if _CHARACTERS.fullmatch(machine_name) is None:
        broken.append("lower-case letters, digits and underscores")
    elif kind is EntityKind.FIELD and machine_name[0].isdigit():
        # Source: Drupal core, `FieldStorageConfig::preSaveNew`; other names may begin with a digit
        broken.append("a letter or underscore first in the name of a field")
    most = _LENGTHS.get(kind, _CONFIGURATION_MAX)
    if kind not in PARTS and len(machine_name) > most:
        article = "an" if NOUNS[kind][0] in "aeiou" else "a"
        broken.append(f"at most {most} characters for {article} {NOUNS[kind]}")
    return "; ".join(broken)

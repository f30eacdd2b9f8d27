"""Which column a configuration can judge, and how; what the names in the cells of a row mean.

Belongs here: the table `counterparts.toml` as values, and what it says in docs/site.md; bundles, image
styles and states by name, spellings of plugins. Does not: comparing (`compared_cells`), where a
configuration keeps a setting (`drupal/configuration`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from itertools import chain
from typing import Any, TypeAlias, cast

from jira_pipeline.drupal.configuration.bundles import entity_type_of
from jira_pipeline.drupal.configuration.configuration import BUNDLE_PREFIXES
from jira_pipeline.drupal.configuration.site import Site, SiteCell, spellings
from jira_pipeline.drupal.meaning.modules_and_types import folded
from jira_pipeline.drupal.meaning.notes import max_length_in
from jira_pipeline.model.entities import GONE, Entity, EntityKind, Specification
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.sheets.reading.labels import is_wildcard, split_names


class Comparison(StrEnum):
    """How the cells of a column are compared; the value is what people read."""

    KEY = "used to find the row"
    WORDING = "as text, ignoring tags, entities, quotation mark styles and spaces"
    FLAG = "as yes or no, in any spelling; enabled means yes"
    COUNT = "as a number; `*`, Unlimited and -1 are the same"
    NAME = "by machine name, in any known spelling"
    NAMES = "as a set of machine names, after resolving the names in the cell to rows"
    ONE_OF = "the site must have every state that it names"
    BREAKPOINTS = "as a set of breakpoints with their multipliers"
    ADDRESS = "as text, ignoring leading and trailing slashes; `-` means none"
    GROUP = "as text, with the label of any enclosing group"
    SHAPES = (
        "by `Options:`, `Default:`, `Max length`, `Allowed types:`, `Max size` and what `sheets` writes "
        "of how targets, options and defaults are chosen; a maximum length that no row of the field "
        "states is 255"
    )
    EFFECTS = "effects with the sizes, quality and file type that the cell names"
    PATH = "`Path:`, and whether it is `Disabled.`"
    WRITTEN = "as text, in the form that `sheets` writes; other words are not compared"
    PERMISSIONS = (
        "permissions, if the cell holds nothing else or they follow `Permissions:`, both ways; what "
        "`Changed:` adds or removes; a number differs only from another "
        "number; every permission differs from whatever else a cell says, a blank one included"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """How a column is compared."""

    how: Comparison
    where: str
    """What of the configuration it is compared with, for people."""
    is_wording: bool = False
    """Nothing but what people read depends on it."""
    form: str = ""
    """How `sheets` writes it; where blank, the forms of the other columns of the row tell."""
    reads_blank: bool = False
    """A blank cell asks for what is usual: what is not, differs."""
    beside: str = ""
    """The column beside whose place on the site it is compared, if not its own."""
    pointing: Sequence[str] = ()
    """Columns whose references say what it names, where its own does not."""


@cache
def counterparts() -> Mapping[EntityKind, Mapping[str, Counterpart]]:
    """Return kinds of sheets and their columns; what is not in it is never compared."""
    return {
        EntityKind(kind): {
            column: Counterpart(**{**said, "how": Comparison[said["how"]]})
            for column, said in columns.items()
        }
        for kind, columns in _table()["counterparts"].items()
    }


@cache
def _table() -> dict[str, Any]:
    return toml_tables(__package__, "counterparts.toml")


UNKNOWN_COLUMN = "no column with a counterpart in a configuration"
NOT_APPLICABLE = "not applicable"
"""Of a cell that holds a dash: it asks for nothing."""
NO_KIND = "configurations contain nothing of this kind"
"""Of migrations, custom sheets and packages."""


def never() -> Mapping[str, str]:
    """Return columns without a counterpart, and why."""
    return cast("dict[str, str]", _table()["never"])


_MACHINE_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
"""What nobody writes but as a name of Drupal."""
_ID = re.compile(r"[a-z][a-z0-9_]*")
_GROUP_OF_BREAKPOINT = re.compile(r"^\w+\.")
PARTS = frozenset(
    {EntityKind.VIEW_DISPLAY, EntityKind.WORKFLOW_STATE, EntityKind.WORKFLOW_TRANSITION}
)
"""What is in the file of what it belongs to."""
_FILES: Mapping[EntityKind, str] = {
    EntityKind.BUNDLE: "{prefix}.{name}.yml",
    EntityKind.FIELD: "field.field.{entity_type}.{owner}.{name}.yml",
    EntityKind.VIEW: "views.view.{name}.yml",
    EntityKind.VIEW_DISPLAY: "views.view.{owner}.yml:display.{name}",
    EntityKind.IMAGE_STYLE: "image.style.{name}.yml",
    EntityKind.RESPONSIVE_IMAGE_STYLE: "responsive_image.styles.{name}.yml",
    EntityKind.VIEW_MODE: "core.entity_view_mode.{entity_type}.{name}.yml",
    EntityKind.USER_ROLE: "user.role.{name}.yml",
    EntityKind.WORKFLOW: "workflows.workflow.{name}.yml",
    EntityKind.WORKFLOW_STATE: "workflows.workflow.{owner}.yml:type_settings.states.{name}",
    EntityKind.WORKFLOW_TRANSITION: "workflows.workflow.{owner}.yml:type_settings.transitions.{name}",
}
_OF_NAMES = frozenset({Comparison.NAMES, Comparison.ONE_OF})
_NAMED = frozenset({EntityKind.BUNDLE, EntityKind.IMAGE_STYLE, EntityKind.WORKFLOW_STATE})
"""What cells name in lists."""
Meaning: TypeAlias = tuple[Mapping[str, str], ...]
"""Of each name in a cell the machine names it may mean, with their keys: labels may be shared."""


_Index: TypeAlias = Mapping[tuple[EntityKind, str], Mapping[str, str]]
"""Machine names by key, of what is called so: by kind and folded label, name or machine name."""


class Names:
    """The names of one specification and one site."""

    def __init__(self, specification: Specification, site: Site) -> None:
        """Keep both; each index is made when it is first asked."""
        self._specification, self._site = specification, site

    def meant_by(self, row: Entity, column: str) -> Meaning | str:
        """Return what each name in a cell may mean, or why nobody knows of one."""
        pointing = (column, *counterparts()[row.kind][column].pointing)
        references = [r for r in row.references if r.column in pointing]
        targets = {r.text: r.target_key for r in references}
        kind = references[0].target_kind if references else EntityKind.BUNDLE
        found: list[Mapping[str, str]] = []
        for name in targets or split_names(row.cell(column)):
            if is_wildcard(name):
                return f"“{name}” means all of them, without saying which"
            named = (
                index.get((kind, folded(name)), {}) for index in (self._by_name, self._on_site)
            )
            meant = next(filter(None, (_of_owner(row, kind, each) for each in named)), None)
            if meant is None:
                begins = "the beginning of several names" if targets.get(name) else "no row"
                return f"“{name}” is {begins}, and nothing on the site has that name"
            found.append(meant)
        return tuple(found) or NOT_APPLICABLE

    def is_going(self, one: Mapping[str, str]) -> bool:
        """Tell whether all that a name may mean is on hold, or should be gone."""
        rows = [row for key in one.values() for row in self._specification.by_key.get(key, ())]
        return bool(rows) and all(row.status in GONE for row in rows)

    @cached_property
    def _by_name(self) -> _Index:
        """Keys of rows with machine names; several bundles may share a label."""
        return _indexed(
            (
                row.kind,
                {row.label, row.cell("Name"), row.machine_name},
                row.key,
                row.machine_name.casefold(),
            )
            for row in self._specification.entities
            if row.has_machine_name
        )

    @cached_property
    def _on_site(self) -> _Index:
        """The same of the site; what its fields name and it does not have goes by machine name."""
        there = self._site.entities
        cells = chain.from_iterable(entity.cells.values() for entity in there)
        dangling = chain.from_iterable(cell.dangling for cell in cells)
        return _indexed(
            chain(
                ((EntityKind.BUNDLE, {name}, "", name) for name in dangling),
                ((e.kind, {e.label, e.machine_name}, e.key, e.machine_name) for e in there),
            )
        )

    def lacking(self, row: Entity, column: str, found: SiteCell) -> str:
        """Return the file of the first thing a cell names that the site lacks altogether.

        Empty where the site has what the cell names, or more than that.
        """
        how = one.how if (one := counterparts()[row.kind].get(column)) else None
        meant = self.meant_by(row, column) if how in _OF_NAMES else ""
        if isinstance(meant, str):
            return ""
        absent = [key for one in meant for name, key in one.items() if name not in found.values]
        has_more = how is Comparison.NAMES and set(found.values).difference(*meant)
        if has_more or not absent or any(key in self._site.by_key for key in absent):
            return ""
        rows = self._specification.by_key.get(absent[0], ())
        return expected_file(rows[0]) if rows else ""

    def values_spelled(self, row: Entity, column: str, text: str) -> frozenset[str]:
        """Return what a spelling stands for: in the table of spellings, or somewhere on the site."""
        known = self._spellings[row.kind, column]
        return frozenset({text} if _MACHINE_NAME.fullmatch(text) else known.get(folded(text), ()))

    @cached_property
    def _spellings(self) -> Mapping[tuple[EntityKind, str], Mapping[str, set[str]]]:
        found: dict[tuple[EntityKind, str], dict[str, set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for kind, columns in counterparts().items():
            for column in (c for c, one in columns.items() if one.how is Comparison.NAME):
                cells = (entity.cells.get(column) for entity in self._site.by_kind[kind])
                for cell in filter(None, cells):
                    for name in (cell.text, *cell.values):
                        found[kind, column][folded(name)] |= {*cell.values}
        of_sheets = spellings()
        for kind, column, name in (
            (EntityKind.FIELD, "Field type", "field_types"),
            (EntityKind.FIELD, "Form widget", "widgets"),
            (EntityKind.VIEW, "Base table", "base_tables"),
            (EntityKind.VIEW_DISPLAY, "Display plugin", "display_plugins"),
            (EntityKind.WORKFLOW, "Type", "workflow_types"),
        ):
            table, others = of_sheets.words[name], of_sheets.others.get(name, {})
            families = Counter(folded(label.partition(" (")[0]) for label in table.values())
            for plugin, label in table.items():
                named = (plugin,) if families[folded(plugin)] <= 1 else ()  # any kind of `Text`
                for spelling in (label, *named, *others.get(plugin, ())):
                    found[kind, column][folded(spelling)].add(plugin)
        return found

    @cached_property
    def lengths_stated(self) -> frozenset[tuple[object, str]]:
        """Storages, as type and machine name, of which some row says how long a text may be."""
        fields = self._specification.by_kind[EntityKind.FIELD]
        return frozenset((r.bundle_type, r.machine_name) for r in fields if max_length_in(r.note))

    def as_in_sheets(self, text: str) -> str:
        """Return a text with bundles called as their rows do, where the site calls them otherwise."""
        for title, name in self._renamed.items():
            text = text.replace(title, name)
        return text

    @cached_property
    def _renamed(self) -> Mapping[str, str]:
        pairs = (
            (site.cells["Name"].text, row.cell("Name"))
            for site in self._site.by_kind[EntityKind.BUNDLE]
            for row in self._specification.by_key.get(site.key, ())
        )
        return {f"{there}: ": f"{name}: " for there, name in pairs if name and there != name}

    @cached_property
    def breakpoints_known(self) -> frozenset[str]:
        """Every breakpoint with its multipliers that the site uses."""
        styles = self._site.by_kind[EntityKind.RESPONSIVE_IMAGE_STYLE]
        used = (split_names(style.cells["Breakpoints Used"].text) for style in styles)
        return frozenset(map(breakpoint_name, chain.from_iterable(used)))

    @cached_property
    def permissions_known(self) -> frozenset[str]:
        """Every permission that some role of the site has."""
        roles = self._site.by_kind[EntityKind.USER_ROLE]
        return frozenset(chain.from_iterable(role.cells["Notes"].values for role in roles))


def _indexed(named: Iterable[tuple[EntityKind, Iterable[str], str, str]]) -> _Index:
    found: dict[tuple[EntityKind, str], dict[str, str]] = defaultdict(dict)
    for kind, names, key, machine_name in named:
        for name in names if kind in _NAMED else ():
            found[kind, folded(name)][key] = machine_name
    return found


def _of_owner(row: Entity, kind: EntityKind, named: Mapping[str, str]) -> Mapping[str, str]:
    """Return by machine name what is of the workflow of a row, or of the type of a view mode."""
    owner = ""
    if kind is EntityKind.WORKFLOW_STATE:
        owner = (row.owner_key or "").partition(":")[2]
    elif row.kind is EntityKind.VIEW_MODE and row.bundle_type is not None:
        owner = row.bundle_type.value
    beginning = f"{kind.value}:{owner}/" if owner else ""
    return {name: key for key, name in named.items() if key.startswith(beginning)}


def is_id(text: str) -> bool:
    """Tell whether a text may be the id of a plugin: labels begin with a capital."""
    return _ID.fullmatch(text) is not None


def breakpoint_name(text: str) -> str:
    """Reduce a breakpoint with its multiplier to its name, without the group that may be before it."""
    return folded(_GROUP_OF_BREAKPOINT.sub("", text))


def expected_file(row: Entity) -> str:
    """Return the file of the configuration that a row would be in, with the key of a part."""
    entity_type, name = entity_type_of(row.bundle_type), row.machine_name.casefold()
    if row.kind is EntityKind.BUNDLE and not entity_type:
        return ""
    if row.kind is EntityKind.VIEW_MODE:
        name = name or re.sub(r"[\W_]+", "_", row.label.casefold()).strip("_")
    return _FILES.get(row.kind, "").format(
        prefix=BUNDLE_PREFIXES.get(entity_type, "webform.webform"),
        entity_type=entity_type,
        owner=(row.owner_key or "").partition(":")[2].rpartition("/")[2],
        name=name,
    )

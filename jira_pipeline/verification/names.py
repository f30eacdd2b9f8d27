"""What the names in the cells of a row mean: the things of sheets and site that are called so.

Belongs here: bundles, image styles and states by name, spellings of plugins, breakpoints and
permissions that the site knows, the file a row would be in. Does not: comparing (`compared_cells`),
which columns are compared (`counterparts`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import NamedTuple, TypeAlias

from jira_pipeline.drupal.comparisons import NOT_APPLICABLE, Candidates, Comparison, NotComparable
from jira_pipeline.drupal.field.maximum_length import MaximumLength, maximum_length_of
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.meaning.modules_and_types import folded
from jira_pipeline.drupal.site.bundles import entity_type_of
from jira_pipeline.drupal.site.configuration import BUNDLE_PREFIXES, PREFIXES_READ_LATER
from jira_pipeline.drupal.site.site_cells import Site, SiteCell, spellings
from jira_pipeline.model.entities import GONE, Entity, EntityKind, Specification
from jira_pipeline.sheets.reading.labels import is_wildcard
from jira_pipeline.verification.counterparts import counterparts

_MACHINE_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
"""What nobody writes but as a name of Drupal."""
_GROUP_OF_BREAKPOINT = re.compile(r"^\w+\.")
_FILES: Mapping[EntityKind, str] = {
    EntityKind.BUNDLE: "{prefix}.{name}.yml",
    EntityKind.FIELD: "field.field.{entity_type}.{owner}.{name}.yml",
    EntityKind.VIEW: "views.view.{name}.yml",
    EntityKind.VIEW_DISPLAY: "views.view.{owner}.yml:display.{name}",
    EntityKind.IMAGE_STYLE: "image.style.{name}.yml",
    EntityKind.IMAGE_EFFECT: "image.style.{owner}.yml:effects",
    EntityKind.RESPONSIVE_IMAGE_STYLE: "responsive_image.styles.{name}.yml",
    EntityKind.VIEW_MODE: "core.entity_view_mode.{entity_type}.{name}.yml",
    EntityKind.USER_ROLE: "user.role.{name}.yml",
    EntityKind.WORKFLOW: "workflows.workflow.{name}.yml",
    EntityKind.WORKFLOW_STATE: "workflows.workflow.{owner}.yml:type_settings.states.{name}",
    EntityKind.WORKFLOW_TRANSITION: "workflows.workflow.{owner}.yml:type_settings.transitions.{name}",
}
_PREFIXES = {
    **BUNDLE_PREFIXES,
    **PREFIXES_READ_LATER,
    "webform_submission": "webform.webform",
}
"""What the files of bundles begin with, by entity type; empty where they have none."""
_SPELLED_COLUMNS = {
    (EntityKind.FIELD, "Field type"): "field_types",
    (EntityKind.FIELD, "Form widget"): "widgets",
    (EntityKind.VIEW, "Base table"): "base_tables",
    (EntityKind.VIEW_DISPLAY, "Display plugin"): "display_plugins",
    (EntityKind.WORKFLOW, "Type"): "workflow_types",
}
"""The table of `spellings.toml` for a column that holds the name of a plugin."""
_LISTS_OF_NAMES = frozenset({Comparison.NAMES, Comparison.ONE_OF})
_NAMED_IN_LISTS = frozenset({EntityKind.BUNDLE, EntityKind.IMAGE_STYLE, EntityKind.WORKFLOW_STATE})


class _NamedThing(NamedTuple):
    """A thing of the sheets or the site, with what cells may call it."""

    kind: EntityKind
    names: Iterable[str]
    key: str
    machine_name: str


_Index: TypeAlias = Mapping[tuple[EntityKind, str], Mapping[str, str]]
"""Machine names by key of the things of a kind that have a name, which is folded."""


class Names:
    """The names of one specification and one site."""

    def __init__(self, specification: Specification, site: Site) -> None:
        """Keep both; each index is made when it is first asked."""
        self._specification = specification
        self._site = site

    def candidates_in(self, row: Entity, column: str) -> tuple[Candidates, ...] | NotComparable:
        """Return what each name in a cell may mean, or why nobody knows of one."""
        columns = (column, *counterparts()[row.kind][column].pointing)
        references = [reference for reference in row.references if reference.column in columns]
        kind = references[0].target_kind if references else EntityKind.BUNDLE
        targets = {reference.text: reference.target_key for reference in references}
        found: list[Candidates] = []
        for name in targets or split_names(row.cell(column)):
            if not targets.get(name) and is_wildcard(name):
                return NotComparable(f"“{name}” means all of them, without saying which")
            candidates = self._candidates(name, kind, row)
            if not candidates:
                origin = "the beginning of several names" if targets.get(name) else "no row"
                return NotComparable(f"“{name}” is {origin}, and nothing on the site has that name")
            found.append(candidates)
        return tuple(found) or NotComparable(NOT_APPLICABLE)

    def _candidates(self, name: str, kind: EntityKind, row: Entity) -> Candidates:
        """Return the rows that a name may mean, else the things of the site; empty for neither."""
        for index in (self._by_name, self._on_site):
            named = index.get((kind, folded(name)), {})
            if candidates := _with_owner_of(row, kind, named):
                return candidates
        return {}

    def is_going(self, candidates: Candidates) -> bool:
        """Tell whether all that a name may mean is on hold, or should be gone."""
        rows = [
            row for key in candidates.values() for row in self._specification.by_key.get(key, ())
        ]
        return bool(rows) and all(row.status in GONE for row in rows)

    @cached_property
    def _by_name(self) -> _Index:
        """Rows with machine names; several bundles may share a label."""
        things = []
        for row in self._specification.entities:
            if row.has_machine_name:
                names = {row.label, row.cell("Name"), row.machine_name}
                things.append(_NamedThing(row.kind, names, row.key, row.machine_name.casefold()))
        return _index_by_name(things)

    @cached_property
    def _on_site(self) -> _Index:
        """Things of the site; a bundle that its fields name and that it lacks, by machine name."""
        things = []
        for entity in self._site.entities:
            for cell in entity.cells.values():
                for name in cell.dangling:
                    things.append(_NamedThing(EntityKind.BUNDLE, {name}, "", name))
        for entity in self._site.entities:
            names = {entity.label, entity.machine_name}
            things.append(_NamedThing(entity.kind, names, entity.key, entity.machine_name))
        return _index_by_name(things)

    def missing_file(self, row: Entity, column: str, site_cell: SiteCell) -> str:
        """Return the file of the first thing that a cell names and the site lacks altogether.

        Empty where the site has what the cell names, or more than that.
        """
        counterpart = counterparts()[row.kind].get(column)
        if counterpart is None or counterpart.how not in _LISTS_OF_NAMES:
            return ""
        wanted = self.candidates_in(row, column)
        if isinstance(wanted, NotComparable):
            return ""
        if counterpart.how is Comparison.NAMES and set(site_cell.values).difference(*wanted):
            return ""
        absent = []
        for candidates in wanted:
            absent += [key for name, key in candidates.items() if name not in site_cell.values]
        if not absent or any(key in self._site.by_key for key in absent):
            return ""
        rows = self._specification.by_key.get(absent[0], ())
        return expected_file(rows[0]) if rows else ""

    def values_spelled(self, row: Entity, column: str, text: str) -> frozenset[str]:
        """Return what a spelling stands for: in the table of spellings, or somewhere on the site."""
        if _MACHINE_NAME.fullmatch(text):
            return frozenset({text})
        return frozenset(self._spellings[row.kind, column].get(folded(text), ()))

    @cached_property
    def _spellings(self) -> Mapping[tuple[EntityKind, str], Mapping[str, set[str]]]:
        """Machine names by folded spelling, for each column that holds the name of a plugin."""
        found: dict[tuple[EntityKind, str], dict[str, set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for kind, columns in counterparts().items():
            for column, counterpart in columns.items():
                if counterpart.how is Comparison.NAME:
                    for entity in self._site.by_kind[kind]:
                        if cell := entity.cells.get(column):
                            for name in (cell.text, *cell.values):
                                found[kind, column][folded(name)].update(cell.values)
        for place, table_name in _SPELLED_COLUMNS.items():
            for spelling, plugin in _spellings_of_plugins(table_name):
                found[place][folded(spelling)].add(plugin)
        return found

    @cached_property
    def lengths_stated(self) -> frozenset[tuple[object, str]]:
        """Storages, as type and machine name, of which some row says how long a text may be."""
        storages = set()
        for row in self._specification.by_kind[EntityKind.FIELD]:
            if isinstance(maximum_length_of(row), MaximumLength):
                storages.add((row.bundle_type, row.machine_name))
        return frozenset(storages)

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


def _spellings_of_plugins(table_name: str) -> Iterator[tuple[str, str]]:
    """Yield each way to write a plugin of a table, with its id."""
    labels = spellings().words[table_name]
    other_spellings = spellings().others.get(table_name, {})
    families = Counter(folded(label.partition(" (")[0]) for label in labels.values())
    for plugin, label in labels.items():
        yield label, plugin
        if families[folded(plugin)] <= 1:  # `text` alone may mean any kind of `Text (…)`
            yield plugin, plugin
        for spelling in other_spellings.get(plugin, ()):
            yield spelling, plugin


def _index_by_name(things: Iterable[_NamedThing]) -> _Index:
    found: dict[tuple[EntityKind, str], dict[str, str]] = defaultdict(dict)
    for thing in things:
        if thing.kind in _NAMED_IN_LISTS:
            for name in thing.names:
                found[thing.kind, folded(name)][thing.key] = thing.machine_name
    return found


def _with_owner_of(row: Entity, kind: EntityKind, named: Mapping[str, str]) -> Candidates:
    """Return of things by key those of the row's own workflow, or of the type of a view mode."""
    owner = ""
    if kind is EntityKind.WORKFLOW_STATE:
        owner = (row.owner_key or "").partition(":")[2]
    elif row.kind is EntityKind.VIEW_MODE and row.bundle_type is not None:
        owner = row.bundle_type.value
    prefix = f"{kind.value}:{owner}/" if owner else ""
    return {name: key for key, name in named.items() if key.startswith(prefix)}


def breakpoint_name(text: str) -> str:
    """Reduce a breakpoint with its multiplier to its name, without the group that may be before it."""
    return folded(_GROUP_OF_BREAKPOINT.sub("", text))


def expected_file(row: Entity) -> str:
    """Return the file of the configuration that a row would be in, with the key of a part."""
    entity_type = entity_type_of(row.bundle_type)
    name = row.machine_name.casefold()
    prefix = _PREFIXES.get(entity_type, "")
    if row.kind is EntityKind.BUNDLE and not prefix:
        return ""
    if row.kind is EntityKind.VIEW_MODE:
        name = name or re.sub(r"[\W_]+", "_", row.label.casefold()).strip("_")
    return _FILES.get(row.kind, "").format(
        prefix=prefix,
        entity_type=entity_type,
        owner=(row.owner_key or "").partition(":")[2].rpartition("/")[2],
        name=name,
    )

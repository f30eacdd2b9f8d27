"""What the names in the cells of a row mean: the things of sheets and site that are called so.

Belongs here: bundles, image styles and states by name, spellings of plugins, breakpoints and
permissions that the site knows, the file a row would be in. Does not: comparing (`compared_cells`),
which columns are compared (`counterparts`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, TypeAlias

from jira_pipeline.drupal.comparisons import NOT_APPLICABLE, Candidates, Comparison, NotComparable
from jira_pipeline.drupal.field.maximum_length import MaximumLength, maximum_length_of
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.meaning.modules_and_types import folded
from jira_pipeline.drupal.site.bundles import entity_type_of
from jira_pipeline.drupal.site.configuration import BUNDLE_PREFIXES, PREFIXES_READ_LATER
from jira_pipeline.drupal.site.site_cells import Site, SiteCell, spellings
from jira_pipeline.model.entities import GONE, Entity, EntityKind, Specification, Status
from jira_pipeline.sheets.reading.labels import is_wildcard
from jira_pipeline.verification.counterparts import counterparts

_MACHINE_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
"""With an underscore: `options_select`. People write nothing else so."""
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
        """Return, for each name in a cell, the things that it may mean.

        A name that stands for everything, or that neither a row nor the site has, makes the cell
        not comparable; so does a cell without a name.
        """
        columns = (column, *counterparts()[row.kind][column].pointing)
        references = [reference for reference in row.references if reference.column in columns]
        kind = references[0].target_kind if references else EntityKind.BUNDLE
        targets = {reference.text: reference.target_key for reference in references}
        candidates_by_place: list[Candidates] = []
        for name in targets or split_names(row.cell(column)):
            if not targets.get(name) and is_wildcard(name):
                return NotComparable(f"“{name}” means all of them, without saying which")
            candidates = self._candidates(name, kind, row)
            if not candidates:
                origin = "the beginning of several names" if targets.get(name) else "no row"
                return NotComparable(f"“{name}” is {origin}, and nothing on the site has that name")
            candidates_by_place.append(candidates)
        return tuple(candidates_by_place) or NotComparable(NOT_APPLICABLE)

    def _candidates(self, name: str, kind: EntityKind, row: Entity) -> Candidates:
        """Return the rows that a name may mean, else the things of the site; empty for neither."""
        for index in (self._by_name, self._on_site):
            names_by_key = index.get((kind, folded(name)), {})
            candidates = _candidates_near(row, kind, names_by_key)
            if candidates:
                return candidates
        return {}

    def is_going(self, candidates: Candidates) -> bool:
        """Tell whether all that a name may mean is on hold, or should be gone."""
        statuses: set[Status] = set()
        for key in candidates.values():
            statuses.update(row.status for row in self._specification.by_key.get(key, ()))
        return bool(statuses) and statuses <= GONE

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
        absent_keys = []
        for candidates in wanted:
            for machine_name, key in candidates.items():
                if machine_name not in site_cell.values:
                    absent_keys.append(key)
        if not absent_keys or any(key in self._site.by_key for key in absent_keys):
            return ""
        rows = self._specification.by_key.get(absent_keys[0], ())
        return expected_file(rows[0]) if rows else ""

    def values_spelled(self, row: Entity, column: str, text: str) -> frozenset[str]:
        """Return the ids that a spelling stands for: in `spellings.toml`, or somewhere on the site.

        A text in the form of a machine name stands for itself.
        """
        if _MACHINE_NAME.fullmatch(text):
            return frozenset({text})
        return frozenset(self._spellings[row.kind, column].get(folded(text), ()))

    @cached_property
    def _spellings(self) -> Mapping[tuple[EntityKind, str], Mapping[str, set[str]]]:
        """Machine names by folded spelling, for each column that holds the name of a plugin."""
        ids: dict[tuple[EntityKind, str], dict[str, set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for kind, column in _columns_of_plugins():
            for entity in self._site.by_kind[kind]:
                cell = entity.cells.get(column)
                if cell is not None:
                    for name in (cell.text, *cell.values):
                        ids[kind, column][folded(name)].update(cell.values)
        for place, table_name in _SPELLED_COLUMNS.items():
            for spelling, plugin in _spellings_of_plugins(table_name):
                ids[place][folded(spelling)].add(plugin)
        return ids

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
        for name_on_site, name in self._renamed_bundles.items():
            text = text.replace(f"{name_on_site}: ", f"{name}: ")
        return text

    @cached_property
    def _renamed_bundles(self) -> Mapping[str, str]:
        """Names of bundles in the sheets by their names on the site, where these are others."""
        renamed = {}
        for bundle in self._site.by_kind[EntityKind.BUNDLE]:
            name_on_site = bundle.cells["Name"].text
            for row in self._specification.by_key.get(bundle.key, ()):
                name = row.cell("Name")
                if name and name != name_on_site:
                    renamed[name_on_site] = name
        return renamed

    @cached_property
    def breakpoints_known(self) -> frozenset[str]:
        """Every breakpoint with its multipliers that the site uses."""
        breakpoints: set[str] = set()
        for style in self._site.by_kind[EntityKind.RESPONSIVE_IMAGE_STYLE]:
            names = split_names(style.cells["Breakpoints Used"].text)
            breakpoints.update(map(breakpoint_name, names))
        return frozenset(breakpoints)

    @cached_property
    def permissions_known(self) -> frozenset[str]:
        """Every permission that some role of the site has."""
        permissions: set[str] = set()
        for role in self._site.by_kind[EntityKind.USER_ROLE]:
            permissions.update(role.cells["Notes"].values)
        return frozenset(permissions)


def _columns_of_plugins() -> Iterator[tuple[EntityKind, str]]:
    """Yield the columns, each after its kind of row, whose cells hold the name of a plugin."""
    for kind, columns in counterparts().items():
        for column, counterpart in columns.items():
            if counterpart.how is Comparison.NAME:
                yield kind, column


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
    """Return the machine names and keys of the things that cells may list, by kind and folded name."""
    index: dict[tuple[EntityKind, str], dict[str, str]] = defaultdict(dict)
    for thing in things:
        if thing.kind in _NAMED_IN_LISTS:
            for name in thing.names:
                index[thing.kind, folded(name)][thing.key] = thing.machine_name
    return index


def _candidates_near(row: Entity, kind: EntityKind, names_by_key: Mapping[str, str]) -> Candidates:
    """Return those things of one name that a cell of the row can mean, as keys by machine name.

    The states that the row of a transition names are of its own workflow, the bundles that the row of
    a view mode names are of its own entity type; any other cell may mean all of them.
    """
    owner = ""
    if kind is EntityKind.WORKFLOW_STATE:
        owner = (row.owner_key or "").partition(":")[2]
    elif row.kind is EntityKind.VIEW_MODE and row.bundle_type is not None:
        owner = row.bundle_type.value
    prefix = f"{kind.value}:{owner}/" if owner else ""
    return {name: key for key, name in names_by_key.items() if key.startswith(prefix)}


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

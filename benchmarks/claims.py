"""What tickets of real sites claim, compared with the exported configuration of these sites.

    python -m benchmarks claims

The sheets of `../shared/data/sites` were made from the configuration in
`../shared/data/drupal_config` (its PROVENANCE.md says how): the later export of a site meets every
row, the earlier one the rows that are there already. Reads the sheets as they are, and as new (X
blank); makes all tickets' claims and prints by topic how many statements hold, names those that do
not, and says which facts of cells no claim of their ticket states. A claim about several rows makes
a statement on each.

Of a claim only `kind`, `rows`, `columns` and `said` are read, of a form its cells: the comparison
knows no word of a ticket and none of the rules that made it. `said` has one value for each row, or
all values of one thing; a list is joined by `; ` or, item by item, by line breaks. Goals: 99.5 % of
statements of each topic hold; 95 % of what rows to build say is claimed, questions aside. Rows with
X = c say what is, not what changes: no recall is counted for them.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path

from benchmarks.site_configuration import SiteConfiguration, read_configuration
from benchmarks.specifications import DATA, is_absent, read_site
from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.meaning.modules_and_types import label_of_module
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, EntityKind, RowSource, Status
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.tickets.claims_by_part import Claims
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.template import claims_of
from jira_pipeline_tests.writing.sites import briefs_of

PRECISION, RECALL = 0.995, 0.95


@dataclass(frozen=True, kw_only=True, eq=False)
class Site:
    """A site when all its tickets are built, before the first one, and in between."""

    name: str
    later: SiteConfiguration
    earlier: SiteConfiguration
    """What is there before the first ticket: nothing where all is new."""
    exports: Sequence[SiteConfiguration]
    """Of all sites: what one of them shows to be shipped is shipped."""
    groups: Sequence[EntityGroup]

    @cached_property
    def number_of(self) -> Mapping[str, int]:
        """The place in build order of the ticket of a bundle, by its key; of a new one by its label."""
        heads = [(head, group.number) for group in self.groups for head in group.heads]
        new = {head.label: n for head, n in heads if not self.earlier.thing(head)}
        return {head.key: n for head, n in heads} | new

    def has_storage(self, row: Entity) -> bool:
        """Tell whether a storage is there before a field: on the site, or by an earlier ticket."""
        own = self.number_of.get(row.owner_key or "", 0)
        users = (self.number_of.get(user, own) for user in self.later.storage_users(row))
        of_core = not row.machine_name.startswith("field_") and self.later.storage(row).get("_core")
        return bool(of_core or self.earlier.storage(row)) or any(number < own for number in users)

    def targets_by_then(self, row: Entity) -> list[str] | None:
        """Return what a field offers without what later tickets build."""
        found, own = self.later.targets(row), self.number_of.get(row.owner_key or "", 0)
        return found and [label for label in found if self.number_of.get(label, 0) <= own]

    def is_shipped(self, row: Entity) -> bool | None:
        """Tell whether a module installs a thing; of a display nothing shows it."""
        if row.kind is EntityKind.VIEW_DISPLAY:
            return None
        return any(export.is_shipped(row) for export in self.exports)

    def is_listed(self, row: Entity) -> bool:
        """Tell whether a thing is there under the label of its row."""
        return self.later.label(row) == (row.cell("Name") or row.label)

    def leads_so(self, row: Entity) -> bool:
        """Tell whether a transition leads from and to the states of its row."""
        return f"{row.cell('From state')} > {row.cell('To state')}" in self.later.ways(row)

    def has_status(self, row: Entity) -> bool | None:
        """Tell whether a view is enabled or disabled as its row says."""
        status = "Enabled" if self.later.thing(row).get("status") else "Disabled"
        return row.cell("Status") in {"", status} if row.kind is EntityKind.VIEW else None

    def modules_on(self, _: Entity) -> list[str]:
        """Return the names of the modules that are switched on, as Extend lists them."""
        return [*map(label_of_module, self.later.get("core.extension")["module"])]

    def users_of_mode(self, row: Entity) -> list[str]:
        """Return the names of the bundles that have settings of their own for a view mode."""
        return [label.rpartition(" (")[0] for label in self.later.view_modes(row)]


Found = bool | str | list[str] | None
Find = Callable[[Site, Entity], Found]
Judge = Callable[[str, Found], bool]


def setting(name: str) -> Find:
    """Find a setting of a thing."""
    return lambda site, row: str(site.later.thing(row).get(name, ""))


def so(_: str, found: Found) -> bool:
    """Judge a statement that holds where something is found."""
    return bool(found)


def not_so(_: str, found: Found) -> bool:
    """Judge a statement that holds where nothing is found."""
    return not found


def same(stated: str, found: Found) -> bool:
    """Judge one value, or a sentence that has it and no other one."""
    return found in {stated, re.sub(r"^(?:Path: |Max length )|\.$", "", stated)}


def some(stated: str, found: Found) -> bool:
    """Judge a list that may leave some out."""
    return isinstance(found, list) and set(re.split(r"\n|; ", stated)) <= set(found)


def none(stated: str, found: Found) -> bool:
    """Judge a list of what is not there."""
    return isinstance(found, list) and set(stated.split("\n")).isdisjoint(found)


def whole(stated: str, found: Found) -> bool:
    """Judge a list that leaves nothing out: by lines, else as a cell or sentence lists it."""
    values = found if isinstance(found, list) else []
    if "\n" in stated:
        return set(stated.split("\n")) == set(values)
    rest = re.sub(r"^Options:|\.$", "", stated)
    for value in sorted(values, key=len, reverse=True):
        if value.rstrip(".") not in rest:
            return False
        rest = rest.replace(value.rstrip("."), "", 1)
    return not re.search(r"\w", rest)


TOPICS: tuple[tuple[str, Judge, Find, str], ...] = (
    ("listed", so, Site.is_listed, "listed types rows modes"),
    ("on form", so, lambda s, r: s.later.is_on_form(r), "widgets"),
    ("hidden", not_so, lambda s, r: s.later.is_on_form(r), "disabled"),
    ("hidden", so, lambda s, r: s.later.storage(r).get("locked"), "locked"),
    ("required", so, lambda s, r: s.later.is_required(r), "required"),
    ("cardinality", same, lambda s, r: s.later.cardinality(r), "any_number numbers"),
    ("length", same, lambda s, r: s.later.max_length(r), "lengths"),
    ("options", whole, lambda s, r: s.later.options(r), "options"),
    ("options", so, Site.has_storage, "shared_options"),
    ("targets", whole, Site.targets_by_then, "targets"),
    ("targets", some, lambda s, r: s.later.targets(r), "set_later"),
    ("form group", same, lambda s, r: s.later.form_group(r), "form_groups form_groups_with"),
    ("storage", so, Site.has_storage, "reused reused_of_core"),
    ("storage", not_so, Site.has_storage, "reused_first"),
    ("moderated", so, lambda s, r: s.later.workflows_of(r), "moderated"),
    ("layout", so, lambda s, r: s.later.uses_layout_builder(r), "layout"),
    ("alias", some, lambda s, r: s.later.alias_patterns(r), "alias alias_of"),
    ("view modes", some, lambda s, r: s.later.view_modes(r), "view_modes modes_ticked"),
    ("view modes", whole, Site.users_of_mode, "modes_later"),
    ("gone", not_so, lambda s, r: bool(s.later.thing(r)), "gone rows_gone"),
    ("gone", not_so, lambda s, r: bool(s.later.thing(r)), "view_gone workflow_without removal_unlisted"),
    ("gone", not_so, lambda s, r: bool(s.later.thing(r)), "removal_path"),
    ("there", so, lambda s, r: bool(s.earlier.thing(r)), "workflow_there"),
    ("there", so, lambda s, r: bool(s.earlier.thing(r)), "view_there view_there_changing view_changed"),
    ("shipped", so, Site.is_shipped, "roles_shipped styles_shipped modes_shipped view_as_shipped_core"),
    ("shipped", so, Site.is_shipped, "view_as_shipped_core_disabled view_as_shipped_contributed"),
    ("shipped", so, Site.is_shipped, "view_shipped_core view_shipped_contributed"),
    ("status", so, Site.has_status, "view view_displays"),
    ("displays", whole, lambda s, r: s.later.displays(r), "view view_displays"),
    ("path", same, lambda s, r: s.later.path(r), "view_opens view_opens_for view_paths"),
    ("path", same, lambda s, r: s.later.path(r), "view_path_set"),
    ("path", same, lambda s, r: s.later.path(r), "view_returns view_returns_for view_returns_format"),
    ("block", so, lambda s, r: s.later.thing(r).get("display_plugin") == "block", "view_blocks"),
    ("status", not_so, lambda s, r: s.later.thing(r).get("status"), "view_disabled"),
    ("modules", some, Site.modules_on, "permissions_of_modules"),
    ("states", whole, lambda s, r: s.later.states(r), "workflow"),
    ("states", some, lambda s, r: s.later.states(r), "workflow_updated states_added"),
    ("transitions", whole, lambda s, r: s.later.transitions(r), "only_transitions"),
    ("transitions", none, lambda s, r: s.later.transitions(r), "transition_unwanted"),
    ("transitions", so, Site.leads_so, "leads leads_from_every transitions_of_table start_unwanted"),
    ("fallback", same, setting("fallback_image_style"), "fallback"),
    ("breakpoints", same, setting("breakpoint_group"), "breakpoints breakpoints_core"),
)  # fmt: skip
"""What is compared: how, with what, and in which kinds of claims, named without their part."""
_OF_HEAD = frozenset({"view", "view_displays", "view_modes", "workflow", "workflow_updated"})
_OF_HEAD |= {"states_added", "only_transitions", "transition_unwanted"}
"""Kinds that are about their first row only; the others are what it has."""


def statements(claim: Claim) -> Iterator[tuple[Entity, str]]:
    """Yield what a claim states of each row: its value of `said`, or all of them, or its cell."""
    names = dict.fromkeys(row.machine_name for row in claim.rows)
    if claim.kind.partition(".")[2] in _OF_HEAD:
        yield claim.rows[0], "\n".join(claim.values or names)
        return
    for place, row in enumerate(claim.rows):
        is_one_each = len(claim.values) == len(claim.rows)
        cell = row.cell((*claim.columns, "")[0])
        yield row, claim.values[place] if is_one_each else "\n".join(claim.values) or cell


def facts_stated(row: Entity) -> Iterator[str]:
    """Yield the topics of which the cells of a row to build say something."""
    cells = {column: cell for column, cell in row.cells.items() if cell not in {"", "-"}}
    is_shown = "Disabled" not in cells.get("Form widget", "")
    note = note_of(row)
    stated = {
        "on form" if is_shown else "hidden": "Form widget" in cells,
        "required": is_shown and cells.get("Req'd") == "y",
        "cardinality": is_shown and cells.get("Vals.", "1") != "1",
        "targets": is_shown and "Ref. bundle" in cells,
        "options": is_shown and note.startswith("Options:"),
        "length": is_shown and note.startswith("Max length"),
        "alias": "URL alias pattern" in cells,
        "view modes": "Entities Used On" in cells,
        "path": note.startswith("Path:"),
        "states": row.kind is EntityKind.WORKFLOW_STATE,
        "transitions": row.kind is EntityKind.WORKFLOW_TRANSITION,
    }
    yield from (topic for topic, is_stated in stated.items() if is_stated)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By topic: statements `right`, `wrong`, `untold`; facts `stated`, `claimed`, `asked`."""
    uncompared: Counter[str] = field(default_factory=Counter)
    """Claims that are compared with nothing, by kind."""
    wrong: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)


def compare(site: Site, facts: TicketRows, into: Comparison) -> None:
    """Compare what a ticket claims with its site, and what its rows say with that."""
    claimed: set[tuple[RowSource, str]] = set()
    group, claims = facts.group, claims_of(facts)
    for claim in (*claims.analysis, *claims.verification, *implied(claims)):
        kind = claim.kind.partition(".")[2]
        topics = [topic for topic in TOPICS if kind in topic[-1].split()]
        into.uncompared[claim.kind] += not topics
        claimed |= {(row.source, name) for row in claim.rows for name, *_ in topics}
        for (name, judge, find, _), (row, stated) in product(topics, statements(claim)):
            found = find(site, row)
            state = "untold" if found is None else "right" if judge(stated, found) else "wrong"
            into.counts[name][state] += 1
            if state == "wrong":
                place = f"{row.source.file}:{row.source.line} {row.machine_name or row.label}"
                says = f"stated {stated!r}, found {found!r}"
                into.wrong.append(f"{site.name} · {group.title} · {claim.kind} · {place}: {says}")
    asked = {(q.file, name) for q in facts.questions for name in q.subjects}
    for row in (*group.heads, *group.members):
        for name in facts_stated(row) if row.status is Status.APPROVED else ():
            is_asked = (row.source.file, row.machine_name) in asked
            state = (
                "claimed" if (row.source, name) in claimed else "asked" if is_asked else "unsaid"
            )
            into.counts[name].update(("stated", state))
            if state == "unsaid":
                place = f"{row.source.file}:{row.source.line} {row.machine_name or row.label}"
                into.unsaid.append(f"{name} · {site.name} · {group.title} · {place}")


def implied(claims: Claims) -> Iterator[Claim]:
    """Yield what a ticket says without a claim: paths in its form."""
    for row in claims.form:
        if (place := row.cells["Path or place"]).startswith("/"):
            yield Claim(kind="form.view_opens", rows=(row.display,), values=(place,))


def compared(data: Path) -> Comparison:
    """Compare the sites of a folder that have exports beside them, as they are and as new."""
    result = Comparison()
    configurations = {
        folder: [
            read_configuration(e) for e in sorted((data / "drupal_config").glob(f"{folder.name}_*"))
        ]
        for folder in sorted((data / "sites").glob("*/"))
    }
    for folder, exports in configurations.items():
        for is_as_new in (False, True) if exports else ():
            specification = read_site(folder, is_as_new=is_as_new)
            groups = group_entities(specification).groups
            site = Site(
                name=f"{folder.name} as new" if is_as_new else folder.name,
                later=exports[-1],
                earlier=SiteConfiguration({}) if is_as_new else exports[0],
                exports=[export for of_site in configurations.values() for export in of_site],
                groups=groups,
            )
            for facts in briefs_of(specification, groups):
                compare(site, facts, result)
    return result


def main() -> None:
    """Print precision and recall by topic, then what is wrong and what is left unsaid."""
    if is_absent(DATA / "sites", DATA / "drupal_config"):
        return
    result = compared(DATA)
    names = ("right", "wrong", "untold", "stated", "asked")
    print(f"{'':12}{'holds':>8}{'claimed':>9}" + "".join(f"{name:>8}" for name in names))
    rows = dict(sorted(result.counts.items()))
    for topic, count in {**rows, "all": sum(rows.values(), Counter[str]())}.items():
        holds = _share(count["right"], count["right"] + count["wrong"])
        claimed = _share(count["claimed"], count["stated"] - count["asked"])
        print(f"{topic:12}{holds:>8}{claimed:>9}" + "".join(f"{count[name]:8}" for name in names))
    print(f"goals       {PRECISION:>8.1%}{RECALL:>9.1%}")
    kinds = sorted((+result.uncompared).items())
    print("not compared:", ", ".join(f"{kind} {count}" for kind, count in kinds))
    for title, lines in (("wrong", result.wrong), ("unsaid", result.unsaid)):
        print(f"\n{title}: {len(lines)}", *lines, sep="\n  ")


def _share(part: int, whole_count: int) -> str:
    return f"{part / whole_count:.1%}" if whole_count else ""


if __name__ == "__main__":
    main()

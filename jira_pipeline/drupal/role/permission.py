"""What a role may do: the permissions that somebody ticks for it on the page of permissions.

Core and modules bring them; those on one type, vocabulary, media type or workflow are there as soon as
that is. A sheet lists them by their names in the note of the role, counts them, or describes them.

Source: Drupal core, `PermissionHandler`; `NodePermissions`, `MediaPermissions`,
`BlockContentPermissions`, `ContentTranslationPermissions`, `TaxonomyPermissions`, content_moderation
`Permissions`, layout_builder `LayoutBuilderOverridesPermissions`; Access Unpublished,
`AccessUnpublishedPermissions`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import roles_to_build
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Comparison,
    Counterpart,
    Differs,
    KnownNames,
    Met,
    NotComparable,
    SheetCell,
    compare_lists,
)
from jira_pipeline.drupal.listed_names import HEADING_OF_PERMISSIONS, loose_names, split_names
from jira_pipeline.drupal.markup import labels, listed, text
from jira_pipeline.drupal.meaning.modules_and_types import folded, listed_in, modules_of_permission
from jira_pipeline.drupal.row_names import joined, plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.columns import NOTE_COLUMNS, REMARKS, UPKEEP_COLUMNS, Column, Holds, Role
from jira_pipeline.model.entities import (
    GONE,
    BundleType,
    Entity,
    Specification,
    Status,
    case_folded,
)
from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.model.open_questions import Audience

COLUMN = Column(
    "Notes",
    (
        "Permissions",
        "Permissions/notes",
        "Permissions and notes",
        "May do",
        "Can do",
        "Rights",
    ),
    Holds.PROSE,
    Role.NOTE,
    loss="the roles' permissions",
)
COUNT_ONLY = "the number is the same, but the sheet does not list them"
_NAMING = frozenset({"Name", "Machine name", *UPKEEP_COLUMNS, *NOTE_COLUMNS})
"""Columns that name a role or are read as its note; what any other says may be what it may do."""


# The fact: how the note of a role says what it may do.


@dataclass(frozen=True, slots=True)
class ListedPermissions:
    """By the names that Drupal has for them."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountedPermissions:
    """How many they are, and not which: `12 permissions`."""


@dataclass(frozen=True, slots=True)
class NoPermissions:
    """None of its own: `0 permissions`."""


@dataclass(frozen=True, slots=True)
class DescribedPermissions:
    """In other words, which nobody can tick."""


@dataclass(frozen=True, slots=True)
class NoNote:
    """The role has no note."""


PermissionsFact: TypeAlias = (
    ListedPermissions | CountedPermissions | NoPermissions | DescribedPermissions | NoNote
)
_COUNT = re.compile(r"(?i)(?P<count>\d+|all) permissions?\.?")
_LIST = re.compile(
    rf"(?is)every permission\W*|.*{HEADING_OF_PERMISSIONS}(?!(?:.*, *)?(?:as|but|not|see)\b)[^,?]+,[^?]+"
)


_COUNTED_LIST = re.compile(
    rf"(?is)(?P<count>\d+) permissions\b.*?{HEADING_OF_PERMISSIONS}(?P<names>.+)"
)
"""How `sheets` writes the permissions of a role: their number, then their names."""


def permissions_in(role: Entity) -> PermissionsFact:
    """Read from the note of a role how it says what the role may do."""
    note = note_of(role)
    count = _COUNT.fullmatch(note)
    if not note:
        return NoNote()
    if count and not count["count"].strip("0"):
        return NoPermissions()
    if count:
        return CountedPermissions()
    counted = _COUNTED_LIST.fullmatch(note)
    if counted:
        names = split_names(counted["names"])
        # A list that is as long as it says is one, whatever words a permission begins with.
        if len(names) == int(counted["count"]):
            return ListedPermissions(tuple(map(case_folded, names)))
    if _LIST.fullmatch(note):
        return ListedPermissions(loose_names(note))
    return DescribedPermissions()


# Permissions that name something, wherever a row of a role has them.


_ACTS = "(?:create|edit any|edit own|delete any|delete own)"
_ON_SOMETHING = re.compile(
    rf"{_ACTS} (?P<content>\w+) content|(?:view|revert|delete) (?P<revisions>\w+) revisions"
    rf"|{_ACTS} (?P<media>\w+) media|{_ACTS} (?P<block>\w+) block content"
    r"|translate (?P<node>\w+) node|translate (?P<term>\w+) taxonomy_term"
    r"|(?:create|edit|delete) terms in (?P<terms>\w+)|use (?P<workflow>\w+) transition \w+"
    r"|access_unpublished node (?P<unpublished>\w+)"
    r"|configure (?:all|editable) (?P<laid_out>\w+) node layout overrides"
)
"""Permissions of core and of Access Unpublished, by the machine name of what they are on."""
_KEYS_OF_THINGS = {
    "content": f"bundle:{BundleType.CONTENT}/",
    "revisions": f"bundle:{BundleType.CONTENT}/",
    "node": f"bundle:{BundleType.CONTENT}/",
    "unpublished": f"bundle:{BundleType.CONTENT}/",
    "laid_out": f"bundle:{BundleType.CONTENT}/",
    "terms": f"bundle:{BundleType.VOCABULARY}/",
    "term": f"bundle:{BundleType.VOCABULARY}/",
    "media": f"bundle:{BundleType.MEDIA}/",
    "block": f"bundle:{BundleType.BLOCK}/",
    "workflow": "workflow:",
}
"""How the key of the thing begins, by the group of the pattern."""
_SAVING = ("create", "edit")
"""How the permissions begin with which somebody saves an item."""
_ON_TRANSITION = re.compile(r"use (\w+) transition (\w+)")
"""By the machine names of workflow and transition."""


def permissions_of(role: Entity, specification: Specification) -> tuple[tuple[str, Entity], ...]:
    """Return the permissions in the cells of a role that name what the sheets have, with that."""
    things = {}
    for name in _names_in_cells(role):
        for key in _keys_of_things(name):
            for thing in specification.first_of(key):
                if thing.status not in GONE:
                    things[name] = thing
    return tuple(things.items())


def _keys_of_things(name: str) -> Iterator[str]:
    """Yield the key of the thing that a permission is on, if its name has one."""
    match = _ON_SOMETHING.fullmatch(name)
    if match is not None:
        for group, machine_name in match.groupdict().items():
            if machine_name:
                yield _KEYS_OF_THINGS[group] + machine_name


def transitions_granted(role: Entity) -> tuple[tuple[str, str], ...]:
    """Return the machine names of workflow and transition in the permissions of a role."""
    matches = [_ON_TRANSITION.fullmatch(name) for name in _names_in_cells(role)]
    return tuple((match[1], match[2]) for match in matches if match is not None)


def _names_in_cells(role: Entity) -> list[str]:
    """Return every name that the cells of a role list, in lower case."""
    names: list[str] = []
    for cell in role.cells.values():
        names += loose_names(cell)
    return names


def modules_permitting(role: Entity) -> Mapping[str, Sequence[str]]:
    """Return the permissions in its list that only a module beside core has, by the module's label."""
    pairs = []
    match permissions_in(role):
        case ListedPermissions(names):
            for name in names:
                pairs += [(label, name) for label in modules_of_permission(name)]
        case CountedPermissions() | NoPermissions() | DescribedPermissions() | NoNote():
            pass
    return group_pairs(pairs)


# Questions.


def roles_with_permissions_of_their_own(rows: GroupRows) -> list[Entity]:
    """Return the roles to build; an administrator has every permission without being given any."""
    with_every = listed_in("roles", "with_every_permission")
    return [role for role in roles_to_build(rows) if role.machine_name not in with_every]


def ask(role: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the permissions that the row of a role leaves open, and for needed transitions.

    `Which permissions does “Skipper” get?`, in other words where the note is too general, says
    none, or says a change only. `“Skipper” may edit Boat, and saves nothing of that without a
    transition of its workflow, …` where roles of moderated content have none.
    """
    specification = rows.index.specification
    yield from _questions_on_transitions(role, specification)
    is_said_elsewhere = _says_more(role) or bool(permissions_of(role, specification))
    match permissions_in(role):
        case NoPermissions():
            yield question_about("lists.permissions_none", role)
        case DescribedPermissions():
            if not is_said_elsewhere and not transitions_granted(role):
                yield question_about("lists.permissions_noted", role, COLUMN.name)
        case CountedPermissions():
            if not is_said_elsewhere:
                reason = "The sheet gives only how many a role has."
                yield _question_on_permissions(role, reason, audience=Audience.AGENCY)
        case NoNote():
            if not is_said_elsewhere and role.machine_name not in listed_in("roles"):
                yield _question_on_permissions(role, "No cell says.")
        case ListedPermissions():
            return


def _questions_on_transitions(role: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask for the transitions of a role that may save moderated content and has none: Drupal refuses."""
    moderated = {}
    acts = set()
    for name, thing in permissions_of(role, specification):
        act = name.partition(" ")[0]
        if act in _SAVING and thing.flag("Mod."):
            moderated[thing.key] = f"“{plain(thing.label)}”"
            acts.add(act)
    if moderated and not transitions_granted(role):
        types = joined(list(dict.fromkeys(moderated.values())))
        yield question_about(
            "lists.no_transition",
            role,
            COLUMN.name,
            types=types,
            acts=joined([act for act in _SAVING if act in acts]),
        )


def _says_more(role: Entity) -> bool:
    """Tell whether a column beside its names and its note says something."""
    return any(role.cell(column) for column in role.cells if column not in _NAMING)


def _question_on_permissions(role: Entity, reason: str, *, audience: str = "") -> RowQuestion:
    """Return the question for the permissions of a role; for a changed role, which of them change."""
    is_changed = role.status is Status.CHANGED
    key = "lists.permissions_changed" if is_changed else "lists.permissions"
    return question_about(key, role, COLUMN.name, reason=reason, audience=audience)


# Sentences.


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Claim which permissions need a module, and which wait for what a later ticket makes.

    `Permissions in the row of Skipper exist only with Scheduler.`, `What the rows permit on Boat is
    granted when that exists.`
    """
    permitting = {role.key: modules_permitting(role) for role in ticket.to_build}
    roles = [role for role in ticket.to_build if permitting[role.key]]
    modules: set[str] = set()
    values = []
    for role in roles:
        modules.update(permitting[role.key])
        values.append("; ".join(sorted(permitting[role.key])))
    names = listed(text(module) for module in sorted(modules))
    yield from claims_about(
        "analysis.permissions_of_modules",
        roles,
        COLUMN.name,
        values=values,
        modules=clause("modules", count=len(modules), names=names),
    )
    things: list[Entity] = []
    waiting = _roles_granted_later(ticket)
    for role in waiting:
        things += _things_made_later(role, ticket)
    yield from claims_about("analysis.permissions_later", waiting, names=labels(things))


def _roles_granted_later(ticket: TicketRows) -> list[Entity]:
    """Return the roles that get a permission only when a later ticket has made what it is on."""
    return [role for role in ticket.to_build if _things_made_later(role, ticket)]


def _things_made_later(role: Entity, ticket: TicketRows) -> list[Entity]:
    things = [thing for _, thing in permissions_of(role, ticket.session.specification)]
    return [thing for thing in things if ticket.is_made_later(thing)]


def check(ticket: TicketRows) -> Iterator[Claim]:
    """Claim that the roles have exactly the permissions of their rows that exist by then.

    `… Permissions, Skipper has exactly the permissions of its row.`
    """
    waiting = _roles_granted_later(ticket)
    listing = []
    granting = []
    for role in ticket.to_build:
        if isinstance(permissions_in(role), ListedPermissions):
            listing.append(role)
        elif permissions_of(role, ticket.session.specification):
            granting.append(role)
    later = ""
    if any(role in waiting for role in listing):
        later = clause("but_later")
    yield from claims_about("verification.permissions_of_rows", listing, COLUMN.name, later=later)
    yield from claims_about("verification.permissions_by_then", granting, COLUMN.name)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield how each role says what it may do."""
    return facts_by_row(permissions_in, ticket.to_build)


# The comparison with a site.


_EVERY_PERMISSION = frozenset({"everypermission", "allpermissions"})
_ALLOWS_EVERYTHING = re.compile(
    r"(?i)\b(?:every|all|full)(?: administrative)? (?:permissions?|rights?|access)\b|\beverything\b(?! \w)"
)
"""What a row says somewhere of a role that may do all there is."""
_NUMBER = re.compile(r"(\d+) permissions?\.?")
_WRITTEN_LIST = re.compile(r"\bPermissions: (?P<names>.+?)\.?$", re.MULTILINE)
_WRITTEN_MORE = re.compile(r"(?:; |\()more (?P<names>.+?)(?:; no longer |\)[.;])")
_WRITTEN_NO_LONGER = re.compile(r"(?:; |\()no longer (?P<names>.+?)\)[.;]")
"""How `sheets` writes what came and went since an earlier export."""


def compare(cell: SheetCell, site_cell: SiteCell, names: KnownNames) -> CellResult:
    """Compare both ways: what a role may do beyond its row is a difference, too."""
    site_has_every = folded(site_cell.text) in _EVERY_PERMISSION
    if folded(cell.text) in _EVERY_PERMISSION:
        return Met() if site_has_every else Differs()
    if site_has_every and not _may_have_every(cell.row):
        return Differs()
    number = _NUMBER.fullmatch(cell.text)
    if number is not None:
        return _compare_count(int(number[1]), cell.row, site_cell)
    written = _WRITTEN_LIST.search(cell.text)
    more = _WRITTEN_MORE.search(cell.text)
    no_longer = _WRITTEN_NO_LONGER.search(cell.text)
    if written is None and (more or no_longer):
        return _compare_changes(more, no_longer, site_cell)
    permissions = split_names(written["names"] if written else cell.text)
    if written is None and not _is_list(permissions, names):
        return NotComparable(PROSE)
    return compare_lists(permissions, site_cell.values, key=str.casefold)


def _may_have_every(role: Entity) -> bool:
    """Tell whether a role may do everything: it is an administrator, or its prose says so."""
    if role.machine_name in listed_in("roles", "with_every_permission"):
        return True
    prose = f"{note_of(role)}\n{role.cell('Description')}"
    return _ALLOWS_EVERYTHING.search(prose) is not None


def _compare_count(number: int, role: Entity, site_cell: SiteCell) -> CellResult:
    """Compare a number of permissions, which a cell has instead of a list, with those of the role.

    A right number does not say that they are the right ones, unless the remarks of the row list
    them.
    """
    if number != len(site_cell.values):
        return Differs()
    # Nothing is left to list where there are none, or where the remarks of `sheets` list them.
    site_has_every = folded(site_cell.text) in _EVERY_PERMISSION
    if not site_cell.values and not site_has_every:
        return Met()
    if _WRITTEN_LIST.search(role.cell(REMARKS.name)):
        return Met()
    return NotComparable(COUNT_ONLY)


def _compare_changes(
    more: re.Match[str] | None, no_longer: re.Match[str] | None, site_cell: SiteCell
) -> Met | Differs:
    """Compare what `sheets` writes of a role that was there: the permissions that came and went."""
    on_site = set(site_cell.values)
    if more and not on_site.issuperset(split_names(more["names"])):
        return Differs()
    if no_longer and not on_site.isdisjoint(split_names(no_longer["names"])):
        return Differs()
    return Met()


def _is_list(permissions: tuple[str, ...], names: KnownNames) -> bool:
    """Tell a list from prose: at least half of its items are permissions that the site knows."""
    known_count = sum(name.casefold() in names.permissions_known for name in permissions)
    return bool(permissions) and 2 * known_count >= len(permissions)


COUNTERPARTS = {
    COLUMN.name: Counterpart(
        how=Comparison.PERMISSIONS,
        where="`permissions` and `is_admin`",
        reads_blank=True,
        compare=compare,
    ),
    REMARKS.name: Counterpart(
        how=Comparison.PERMISSIONS, where="`permissions`", site_column=COLUMN.name, compare=compare
    ),
}
RULE = Rule(
    key="role.permission",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    asked_rows=roles_with_permissions_of_their_own,
    ask=ask,
    check=check,
    counterparts=COUNTERPARTS,
)

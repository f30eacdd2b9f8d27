"""The permissions that a row gives a role, beside those that the role has on the site.

Belongs here: telling a list of permissions from prose, and the forms in which `sheets` writes one.
Does not: other columns of roles (`compared_cells`).
"""

import re

from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Differs,
    Met,
    NotComparable,
    SheetCell,
    compare_lists,
)
from jira_pipeline.drupal.configuration.site import SiteCell
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.meaning.modules_and_types import folded, listed_in
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.model.entities import Entity
from jira_pipeline.sheets.site_sheets import REMARKS
from jira_pipeline.verification.names import Names

COUNT_ONLY = "the number is the same, but the sheet does not list them"
_EVERY_PERMISSION = {"everypermission", "allpermissions"}
_ALLOWS_EVERYTHING = re.compile(
    r"(?i)\b(?:every|all|full)(?: administrative)? (?:permissions?|rights?|access)\b|\beverything\b(?! \w)"
)
"""What a row says somewhere of a role that may do all there is."""
_COUNT = re.compile(r"(\d+) permissions?\.?")
_LIST = re.compile(r"\bPermissions: (?P<names>.+?)\.?$", re.MULTILINE)
_ADDED = re.compile(r"(?:; |\()more (?P<names>.+?)(?:; no longer |\)[.;])")
_REMOVED = re.compile(r"(?:; |\()no longer (?P<names>.+?)\)[.;]")


def compare_permissions(cell: SheetCell, site_cell: SiteCell, names: Names) -> CellResult:
    """Compare both ways: what a role may do beyond its row is a difference, too."""
    site_has_every = folded(site_cell.text) in _EVERY_PERMISSION
    if folded(cell.text) in _EVERY_PERMISSION:
        return Met() if site_has_every else Differs()
    if site_has_every and not _may_have_every(cell.row):
        return Differs()
    if count := _COUNT.fullmatch(cell.text):
        return _compare_count(int(count[1]), cell.row, site_cell)
    listed = _LIST.search(cell.text)
    added = _ADDED.search(cell.text)
    removed = _REMOVED.search(cell.text)
    if listed is None and (added or removed):
        return _compare_changes(added, removed, site_cell)
    permissions = split_names(listed["names"] if listed else cell.text)
    if listed is None and not _is_list(permissions, names):
        return NotComparable(PROSE)
    return compare_lists(permissions, site_cell.values, key=str.casefold)


def _may_have_every(role: Entity) -> bool:
    if role.machine_name in listed_in("roles", "with_every_permission"):
        return True
    prose = f"{note_of(role)}\n{role.cell('Description')}"
    return _ALLOWS_EVERYTHING.search(prose) is not None


def _compare_count(count: int, role: Entity, site_cell: SiteCell) -> CellResult:
    if count != len(site_cell.values):
        return Differs()
    # Nothing is left to list where there are none, or where the remarks of `sheets` list them.
    site_has_every = folded(site_cell.text) in _EVERY_PERMISSION
    if not site_cell.values and not site_has_every:
        return Met()
    if _LIST.search(role.cell(REMARKS)):
        return Met()
    return NotComparable(COUNT_ONLY)


def _compare_changes(
    added: re.Match[str] | None, removed: re.Match[str] | None, site_cell: SiteCell
) -> Met | Differs:
    """Compare what `sheets` writes of a role that was there: the permissions that came and went."""
    on_site = set(site_cell.values)
    if added and not on_site.issuperset(split_names(added["names"])):
        return Differs()
    if removed and not on_site.isdisjoint(split_names(removed["names"])):
        return Differs()
    return Met()


def _is_list(permissions: tuple[str, ...], names: Names) -> bool:
    """Tell a list from prose: at least half of its items are permissions that the site knows."""
    known_count = sum(name.casefold() in names.permissions_known for name in permissions)
    return bool(permissions) and 2 * known_count >= len(permissions)

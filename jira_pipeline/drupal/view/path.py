"""The path of a display: the address at which a page, a feed or an export answers.

`%` in it stands for a value that the address gives; an export names the format of its file at the
end. Sheets say the path in a column, or in a line `Path: /x` of a note. The same column says the
place of a display that has no path, such as the region of a block.

Source: Drupal core, `PathPluginBase` and `path` of `views.view.*.display.*.display_options`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal import display_settings
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.display_settings import setting_column, setting_of
from jira_pipeline.drupal.markup import code, named
from jira_pipeline.drupal.meaning.notes import path_in
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.view.enabled import is_disabled
from jira_pipeline.drupal.view.plugin import (
    DisplayPlugin,
    is_page,
    path_in_row_of_view,
    plugin_name,
    plugin_of,
)
from jira_pipeline.drupal.view.shipped_views import is_brought
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import BLANK, NOTE_COLUMNS, Column, Holds
from jira_pipeline.model.entities import GONE, Entity, EntityKind
from jira_pipeline.model.forms_in_text import PATH

COLUMN = Column(PATH, holds=Holds.ANYTHING, is_of_tool=False)
_FILE = re.compile(r"[./_-](csv|json|xml|xlsx?)$")
_EXPORTS = frozenset({"data_export", "rest_export"})
_PLACEHOLDER = "/%"

# The fact: where a display is found.


@dataclass(frozen=True, slots=True)
class Path:
    """An address of the site; it begins with a slash."""

    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """What the column says of a display without a path, such as a region, or of another address."""

    words: str


@dataclass(frozen=True, slots=True)
class NoPath:
    """The row says neither."""


PathFact: TypeAlias = Path | Place | NoPath


def path_of(display: Entity) -> PathFact:
    """Read the path of a display from its row: from its column, else from its note."""
    cell = setting_of(display, display_settings.PATH)
    if display.kind is EntityKind.VIEW:
        path = path_in_row_of_view(display)
    elif cell in BLANK:
        path = path_in(note_of(display))
    else:
        path = cell if _is_path(cell, display) else ""
    if path:
        return Path(f"/{path.lstrip('/')}")
    return NoPath() if cell in BLANK else Place(cell)


def _is_path(cell: str, display: Entity) -> bool:
    """Tell whether a cell is a path: it may lack its slash where the display is of a kind with one."""
    if re.search(r"\s", cell):
        return False
    match plugin_of(display):
        case DisplayPlugin(has_path=True):
            return True
        case _:
            return cell.startswith("/")


def path_text(display: Entity) -> str:
    """Return the path of a display as text; empty of one without."""
    match path_of(display):
        case Path(path):
            return path
        case Place() | NoPath():
            return ""


def path_column(display: Entity) -> str:
    """Return the column that says the path; empty where it slipped below the initials of people."""
    column = setting_column(display, display_settings.PATH)
    if column:
        return column
    return next((column for column in NOTE_COLUMNS if path_in(display.cell(column))), "")


def file_format_of(display: Entity) -> str:
    """Return the format of the file that an export writes, such as `csv`; empty of other displays."""
    if plugin_name(display) not in _EXPORTS:
        return ""
    match = _FILE.search(path_text(display))
    return match[1] if match else ""


@once_per_session
def displays_by_path(
    index: SpecificationIndex,
) -> Mapping[tuple[str, str], Sequence[Entity]]:
    """Return the displays that stay or come, of views that are enabled, by their kind and path.

    Two displays of different kinds may have one path: a page and its export do.
    """
    displays: dict[tuple[str, str], list[Entity]] = {}
    for display in index.specification.by_kind[EntityKind.VIEW_DISPLAY]:
        path = path_text(display)
        view = next(iter(index.specification.first_of(display.owner_key)), display)
        is_going = display.status in GONE or view.status in GONE
        if path and not is_going and not is_disabled(display) and not is_disabled(view):
            displays.setdefault((plugin_name(display), path), []).append(display)
    return displays


# What follows from it.


def check(view: TicketView) -> Iterator[Claim]:
    """Claim what each path opens or returns; where nobody can try it, that it is set.

    `/boats opens page_1.`, `/boats.csv returns export_1 as CSV.`, `The path of page_1 is /boats/%.`
    """
    page_paths = {path_text(display) for display in view.live if is_page(display)}
    for display in view.tried:
        path = path_text(display)
        column = path_column(display)
        if not path or view.ticket.is_disputed(display, column):
            continue
        display_name = named(display)
        if not _can_be_tried(display, view):
            key = "verification.view_path_set"
        else:
            file_format = file_format_of(display)
            if file_format:
                display_name = f"{display_name} as {file_format.upper()}"
            if is_page(display):
                key = "verification.view_opens"
            elif path in page_paths:
                key = "verification.view_returns_format"
            else:
                key = "verification.view_returns"
        yield from claims_about(
            key, (display,), column, values=(path,), path=code(path), display=display_name
        )


def _can_be_tried(display: Entity, view: TicketView) -> bool:
    """Tell whether anybody can open a path: a disabled view has none, `%` needs a value.

    Displays of a module are left out: core opens overviews by the path of their tab, and its media
    library from a form only.
    """
    if is_disabled(view.head) or is_brought(display, view):
        return False
    return _PLACEHOLDER not in path_text(display)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield the path of each display."""
    return facts_by_row(path_of, view.displays)


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="`path`, or the blocks, layouts, fields, pages and views that use it",
    form=r"(?:/\S+|used in: .+|attached to .+|placed by no configuration)?",
)
RULE = Rule(
    key="view.path",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)

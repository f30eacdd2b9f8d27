"""A view that a module installs: the ticket uses it as it is, or says what becomes different.

Nobody builds such a view anew. Where no row asks for a change there is nothing to do but to enable
the module; else the ticket names the displays that are added and those whose rows differ.

Source: `config/install` and `config/optional` of core and of the modules; `views` of `modules.toml`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import view_asked
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.display_settings import has_settings
from jira_pipeline.drupal.markup import capitalised, code, listed, text
from jira_pipeline.drupal.meaning.modules_and_types import Module
from jira_pipeline.drupal.note_prose import has_prose
from jira_pipeline.drupal.row_names import marked
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.base_table import COLUMN as BASE_TABLE, BaseTable, base_table_of
from jira_pipeline.drupal.view.enabled import COLUMN as ENABLED, Enabled, enabled_of, is_disabled
from jira_pipeline.drupal.view.path import path_text
from jira_pipeline.drupal.view.plugin import COLUMN as PLUGIN, is_shared
from jira_pipeline.drupal.view.shipped_views import (
    ShippedView,
    displays_to_build,
    shipped_view_in,
    shipped_view_of,
)
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import GONE, THERE, Entity, EntityKind, Status

# The fact: whether rows change what a module installs.


@dataclass(frozen=True, slots=True)
class AsShipped:
    """A module brings the view, and no row changes it."""

    view: ShippedView


@dataclass(frozen=True, slots=True)
class ChangedView:
    """A module brings the view, and rows add to it or change it."""

    view: ShippedView


@dataclass(frozen=True, slots=True)
class OwnView:
    """No module brings the view, or the site has it already."""


ShippedFact: TypeAlias = AsShipped | ChangedView | OwnView


def shipped_fact_of(view: TicketView) -> ShippedFact:
    """Read from the rows of a ticket whether a module brings its view, and whether they change it."""
    shipped = shipped_view_in(view)
    if shipped is None:
        return OwnView()
    return AsShipped(shipped) if is_ticket_as_shipped(view) else ChangedView(shipped)


def is_as_shipped(view: Entity, displays: Sequence[Entity]) -> bool:
    """Tell whether a module brings a view with these displays and nothing in their rows changes it."""
    shipped = shipped_view_of(view)
    if shipped is None or not _asks_for_nothing(view):
        return False
    if _changes_status(view, shipped):
        return False
    names = {display.machine_name for display in displays if not is_shared(display)}
    if names != set(shipped.paths):
        return False
    return all(is_display_as_shipped(display, shipped) for display in displays)


def is_display_as_shipped(display: Entity, shipped: ShippedView) -> bool:
    """Tell whether a module brings a display and nothing in its row asks for a change."""
    if not _asks_for_nothing(display):
        return False
    if is_shared(display):
        return True  # each view that a module brings has it
    paths = shipped.paths.get(display.machine_name)
    return paths is not None and path_text(display) in {"", *paths}


def _changes_status(view: Entity, shipped: ShippedView) -> bool:
    """Tell whether a row enables what a module installs disabled, or disables it."""
    match enabled_of(view):
        case Enabled.YES:
            return not shipped.is_enabled
        case Enabled.NO:
            return shipped.is_enabled
        case Enabled.UNSAID:
            return False


def _asks_for_nothing(row: Entity) -> bool:
    """Tell whether a row changes nothing of what is installed: neither its note nor a setting does."""
    if row.status not in {Status.APPROVED, Status.IMPLEMENTED}:
        return False
    return not has_prose(row) and not has_settings(row)


@once_per_session
def is_ticket_as_shipped(view: TicketView) -> bool:
    """Tell whether a ticket has nothing to do but to have a module bring its view."""
    displays = [row for row in view.ticket.group.members if row.status not in GONE]
    return not view.is_update and is_as_shipped(view.head, displays)


@once_per_session
def adjusted_view(rows: GroupRows) -> ShippedView | None:
    """Return the view of a module that new rows change or add to, if they do."""
    displays = [display for display in rows.group.members if display.status not in GONE]
    if not displays or not rows.is_new or is_as_shipped(rows.head, displays):
        return None
    return shipped_view_of(rows.head)


# What follows from it.


def say(view: TicketView) -> Iterator[Claim]:
    """Say what a module brings of the view, and what the rows add or change.

    `Core’s Node module brings the view content with the display page_1: use that view, do not build
    it anew.` `block_1 is added to it.`
    """
    match shipped_fact_of(view):
        case AsShipped(shipped):
            yield from _claims_about_whole_view(view, shipped)
        case ChangedView(shipped):
            yield from _claims_about_adjusted_view(view, shipped)
        case OwnView():
            return


def _claims_about_adjusted_view(view: TicketView, shipped: ShippedView) -> Iterator[Claim]:
    """Say what a module brings of a view, and which displays the rows add or change."""
    yield from _claims_about_view("analysis.view_shipped", view, shipped)
    to_build = displays_to_build(view)
    yield from claims_about("analysis.view_shipped_added", to_build, MACHINE_NAME_COLUMN)
    adjusted = []
    for display in view.live:
        if display not in to_build and not is_display_as_shipped(display, shipped):
            adjusted.append(display)
    has_tab = any(display.machine_name in shipped.tabs for display in adjusted)
    yield from claims_about(
        "analysis.view_shipped_adjusted",
        adjusted,
        MACHINE_NAME_COLUMN,
        tab=clause("path_of_tab") if has_tab else "",
    )
    if _changes_status(view.head, shipped):
        change = "disabled" if is_disabled(view.head) else "enabled"
        yield from claims_about(f"analysis.view_shipped_but_{change}", (view.head,), ENABLED.name)


def _claims_about_whole_view(view: TicketView, shipped: ShippedView) -> Iterator[Claim]:
    """Say that the view is not to be built, and that the module is to be enabled.

    `The view content comes with core’s Node module.` `Its display comes with it: do not build it
    anew.`
    """
    key = "story.view_shipped_disabled" if is_disabled(view.head) else "story.view_shipped"
    yield from claims_about(
        key,
        (view.head,),
        MACHINE_NAME_COLUMN,
        view=code(view.head.machine_name),
        module=module_in_sentence(shipped.module),
    )
    key = "analysis.view_as_shipped" if shipped.is_enabled else "analysis.view_as_shipped_disabled"
    is_enabled_already = shipped.module.is_core or _is_module_in_use(shipped.module, view)
    enable = "" if is_enabled_already else clause("enable_module")
    yield from _claims_about_view(key, view, shipped, enable=enable)


def _claims_about_view(
    key: str, view: TicketView, shipped: ShippedView, **places: str
) -> tuple[Claim, ...]:
    """Claim something of a view and its displays, by the cells that tell whose view it is."""
    return claims_about(
        key,
        (view.head, *view.live),
        MACHINE_NAME_COLUMN,
        BASE_TABLE.name,
        ENABLED.name,
        PLUGIN.name,
        of_count=len(shipped.paths),
        module=capitalised(module_in_sentence(shipped.module)),
        displays=listed([code(name) for name in shipped.paths]),
        view=code(view.head.machine_name),
        **places,
    )


def _is_module_in_use(module: Module, view: TicketView) -> bool:
    """Tell whether a view that is on the site lists what the module brings."""
    for row in view.ticket.session.specification.by_kind[EntityKind.VIEW]:
        table = base_table_of(row)
        if row.status in THERE and isinstance(table, BaseTable) and table.module == module:
            return True
    return False


def module_in_sentence(module: Module) -> str:
    """Name a module: `core’s Media module`, `the Search API module`."""
    origin = "core" if module.is_core else "contributed"
    return clause(f"module_{origin}", name=text(module.label))


def ask(view: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether displays that a module installs are deleted, if rows change their view.

    `The Comment module installs the view comment with page_unapproved, which no row has: is that to
    be deleted?`
    """
    shipped = adjusted_view(rows)
    if shipped is None:
        return
    names = {display.machine_name for display in rows.group.members}
    missing = [name for name in shipped.paths if name not in names]
    if missing:
        yield question_about(
            "views.shipped",
            view,
            MACHINE_NAME_COLUMN,
            module=shipped.module.label,
            name=marked(view.machine_name),
            displays=" and ".join(map(marked, missing)),
        )


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield whether a module brings the view."""
    yield StatedFact(fact=shipped_fact_of(view), rows=(view.head, *view.live))


RULE = Rule(
    key="view.shipped",
    facts=facts,
    say=say,
    asked_rows=view_asked,
    ask=ask,
)

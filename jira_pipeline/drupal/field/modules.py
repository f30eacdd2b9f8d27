"""The modules beside core that fields and types need: somebody has to enable them first.

A module brings the type or the widget of a field, or does what a column of the sheet asks for, such
as field groups. What neither core nor a known module brings somebody has to look up.

Source: `modules.toml`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.bundle.provider import bundles_added_by_hand
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.field.plugins import plugins_on_site
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.type import FIELD_TYPE, UnknownType, field_type_of
from jira_pipeline.drupal.field.widget import COLUMN, UnknownWidget, is_on_form, widget_of
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.meaning.modules_and_types import (
    PARAGRAPHS,
    REVISIONS,
    bringing,
    folded,
    label_of_module,
    plugin_modules,
)
from jira_pipeline.drupal.meaning.notes import modules_in
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows, TicketRows
from jira_pipeline.drupal.unknown_names import unknown_name_claim
from jira_pipeline.model.entities import GONE, THERE, BundleType, Entity, EntityKind, Status

PLUGINS = (FIELD_TYPE, COLUMN.name)
"""Columns that name what core or a module brings."""


# The fact: which modules a row needs.


@dataclass(frozen=True, slots=True)
class KnownModules:
    """It needs these modules beside core, mostly none."""

    labels: frozenset[str]
    """As Extend lists them."""


@dataclass(frozen=True, slots=True)
class UnknownPlugin:
    """Neither core nor a known module brings its type or its widget."""

    column: str
    """That of the type, else that of the widget."""
    name: str
    labels: frozenset[str]
    """Of the modules that its note names, or that its other cells need."""


ModulesFact: TypeAlias = KnownModules | UnknownPlugin


def needed_modules(row: Entity) -> ModulesFact:
    """Read from the row of a field or a type which modules it needs."""
    labels = _modules_of_plugins(row) | _modules_of_columns(row)
    column = unknown_plugin(row)
    if column:
        # Nobody knows what brings the plugin; the note may say it.
        labels.update(map(label_of_module, modules_in(note_of(row))))
    labels.discard("")
    if PARAGRAPHS in labels:
        labels.discard(REVISIONS)  # Paragraphs needs it, and Drupal enables it with Paragraphs
    if column:
        return UnknownPlugin(column, name=row.cell(column), labels=frozenset(labels))
    return KnownModules(frozenset(labels))


def modules_of(row: Entity) -> frozenset[str]:
    """Return the labels of the modules beside core that a row needs, as Extend lists them."""
    return needed_modules(row).labels


def _modules_of_plugins(row: Entity) -> set[str]:
    """Return the labels of the modules that bring the type and the widget of a field."""
    labels: set[str] = set()
    for column in PLUGINS:
        module = plugin_modules().get(folded(row.cell(column)))
        if module is not None:
            labels.add(module.label)
    return labels


def _modules_of_columns(row: Entity) -> set[str]:
    """Return the labels of the modules without which a column of the row would say nothing.

    A field that no form offers has no place there that such a column could set, such as its group.
    """
    labels: set[str] = set()
    if row.kind is EntityKind.FIELD and not is_on_form(row):
        return labels
    for column, module in bringing("columns").items():
        is_filled = row.cell(column).strip("- ") != ""
        if is_filled and row.flag(column) is not False:
            labels.add(module.label)
    return labels


def unknown_plugin(row: Entity) -> str:
    """Return the column that names a field type, else a widget, of no known module; else nothing."""
    if isinstance(field_type_of(row), UnknownType):
        return FIELD_TYPE
    if isinstance(widget_of(row), UnknownWidget):
        return COLUMN.name
    return ""


# The sentences.


def say(fields: TicketFields) -> Iterator[Claim]:
    """Say which modules to enable, and what neither core nor a known module brings."""
    rows = [*fields.added, *_bundles_made(fields.ticket)]
    yield from _modules_to_enable(rows, fields)
    yield from _unknown_plugins(rows, fields.ticket.session)


def _bundles_made(ticket: TicketRows) -> Sequence[Entity]:
    """Return the new bundles that somebody adds; all of them where each comes with a module."""
    bundles = TicketBundles(ticket=ticket)
    new = [bundle for bundle in bundles.set_up if bundle.status is not Status.CHANGED]
    return bundles_added_by_hand(new)


def _modules_to_enable(rows: Sequence[Entity], fields: TicketFields) -> tuple[Claim, ...]:
    """Name each module that nobody enabled for an earlier ticket, with what needs it."""
    enabled = _modules_enabled(fields)
    needing = [row for row in rows if modules_of(row) - enabled]
    rows_by_module: dict[str, list[Entity]] = {}
    for row in needing:
        for module in modules_of(row) - enabled:
            rows_by_module.setdefault(module, []).append(row)
    labels_by_column = {module.label for module in bringing("columns").values()}
    used = _modules_used(fields.ticket.session)
    clauses = []
    for module, of_module in sorted(rows_by_module.items()):
        if module in labels_by_column:
            purpose = clause(module.casefold().replace(" ", "_"))
        else:
            purpose = clause("needing", of_module)
        key = "for_fields_there" if module in used else "for_fields"
        clauses.append(clause(key, module=text(module), fields=purpose))
    return claims_about("analysis.field_modules", needing, *PLUGINS, each="; ".join(clauses))


def _modules_enabled(fields: TicketFields) -> frozenset[str]:
    """Return the modules not worth naming: of a type that is there all that the site uses."""
    ticket = fields.ticket
    brought = frozenset[str]()
    is_paragraph = ticket.head.bundle_type is BundleType.PARAGRAPH
    if is_paragraph or _is_after_paragraphs(ticket):
        brought = frozenset({PARAGRAPHS, REVISIONS})
    return brought if fields.is_new else brought | _modules_used(ticket.session)


def _is_after_paragraphs(ticket: TicketRows) -> bool:
    """Tell whether an earlier ticket makes a type of paragraph, for which the module is there."""
    first = _first_ticket_of_paragraphs(ticket.session)
    return first is not None and first < ticket.group.number


@once_per_session
def _first_ticket_of_paragraphs(session: SessionRows) -> int | None:
    """Return the number of the first ticket with a type of paragraph that stays or comes."""
    numbers = []
    for group in session.groups.values():
        for head in group.heads:
            if head.bundle_type is BundleType.PARAGRAPH and head.status not in GONE:
                numbers.append(group.number)
    return min(numbers, default=None)


@once_per_session
def _modules_used(session: SessionRows) -> frozenset[str]:
    """Return the modules that fields and types of the site use already."""
    by_kind: Mapping[EntityKind, Sequence[Entity]] = session.specification.by_kind
    used: set[str] = set()
    for row in (*by_kind[EntityKind.FIELD], *by_kind[EntityKind.BUNDLE]):
        if row.status in THERE:
            used |= modules_of(row)
    return frozenset(used)


def _unknown_plugins(rows: Sequence[Entity], session: SessionRows) -> Iterator[Claim]:
    """Say which types and widgets nothing known brings: no note, and no field of the site has them."""
    rows_by_plugin: dict[tuple[str, str], list[Entity]] = {}
    for row in rows:
        match needed_modules(row):
            case UnknownPlugin(column, name):
                if not modules_in(note_of(row)) and name not in plugins_on_site(session):
                    rows_by_plugin.setdefault((column, name), []).append(row)
            case KnownModules():
                continue
    for (column, name), naming in rows_by_plugin.items():
        yield from unknown_name_claim(naming, column, column.casefold(), name)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the modules that each field to set needs."""
    return facts_by_row(needed_modules, fields.set)


RULE = Rule(key="field.modules", facts=facts, say=say)

"""The widget of a field: the input that the form of its bundle has for it.

Somebody chooses it on *Manage form display*. A widget edits fields of certain types only; a field
without one is listed there under *Disabled*, no form offers it, and none refuses to be saved while
it is empty.

Source: Drupal core, `field_types` of the `@FieldWidget` plugins, `EntityFormDisplay`;
`widgets` and `disabled_widgets` of `drupal.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.comparisons import (
    CellResult,
    Comparison,
    Counterpart,
    Differs,
    KnownNames,
    Met,
    SheetCell,
    compare_plugin_names,
)
from jira_pipeline.drupal.field.plugins import is_known_widget, plugins_on_site, types_edited_by
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.type import (
    FIELD_TYPE,
    FieldType,
    field_type_of,
    fields_without_certain_type,
    is_type_unheard_of,
)
from jira_pipeline.drupal.markup import codes, text
from jira_pipeline.drupal.meaning.modules_and_types import (
    PARAGRAPHS,
    folded,
    is_locked,
    names_of,
    plugin_modules,
)
from jira_pipeline.drupal.meaning.notes import modules_in, pattern_of, sentences_of
from jira_pipeline.drupal.row_names import plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.blank_cells import is_blank_cell
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import BundleType, Entity

COLUMN = Column("Form widget", ("Widget",), Holds.WIDGET, loss="the form widgets", is_second=True)
_HIDDEN_BY_NOTE = pattern_of("hidden_on_form")
_NAMED_AGAIN_MAX = 3
"""So many fields are named again right after a sentence that named the same ones."""


# The fact: what the row of a field says of its widget.


@dataclass(frozen=True, slots=True)
class Widget:
    """A widget of core or of a known module, and no list says that it does not edit the type."""

    name: str


@dataclass(frozen=True, slots=True)
class NotForType:
    """A widget that Drupal does not offer for the type of the field."""

    name: str
    field_type: str


@dataclass(frozen=True, slots=True)
class UnknownWidget:
    """A widget of no module that is known here: nobody can say what it edits."""

    name: str


@dataclass(frozen=True, slots=True)
class HiddenWidget:
    """The cell says that the field is under Disabled."""


@dataclass(frozen=True, slots=True)
class NoWidget:
    """The row does not say its widget: the field gets the usual one of its type."""


WidgetFact: TypeAlias = Widget | NotForType | UnknownWidget | HiddenWidget | NoWidget


def widget_of(row: Entity) -> WidgetFact:
    """Read the widget of a field from its row, and whether it edits the type that the row says."""
    name = row.cell(COLUMN.name)
    if not folded(name):
        return NoWidget()
    if _says_disabled(name):
        return HiddenWidget()
    if not is_known_widget(name):
        return UnknownWidget(name)
    edited_types = types_edited_by(name)
    # Elements of a webform have types and inputs of their own, some with the names of core’s.
    if not edited_types or row.bundle_type is BundleType.WEBFORM:
        return Widget(name)
    match field_type_of(row):
        case FieldType(field_type) if folded(field_type) not in edited_types:
            return NotForType(name, field_type)
        case _:  # of a type that is unknown, left open or not said nobody can tell
            return Widget(name)


def _says_disabled(cell: str) -> bool:
    """Tell whether a cell, of a sheet or of a site, is the word for no widget."""
    return folded(cell) in names_of("disabled_widgets")


def is_on_form(row: Entity) -> bool:
    """Tell whether the form of its bundle offers a field: no widget, note or module hides it."""
    if isinstance(widget_of(row), HiddenWidget) or is_locked(row):
        return False
    return not any(_HIDDEN_BY_NOTE.match(sentence) for sentence in sentences_of(note_of(row)))


@once_per_session
def fields_on_form(fields: TicketFields) -> tuple[Entity, ...]:
    """Return the fields to set that the form offers, where no question doubts which these are."""
    return tuple(
        row
        for row in fields.set
        if is_on_form(row) and not fields.ticket.is_disputed(row, "X", "Machine name")
    )


# What follows from it.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether type or widget is right where Drupal does not combine the two.

    `Which is right for “Hull”, the field type “Text” or the form widget “Select list”? Drupal does
    not combine the two.`
    """
    match widget_of(row):
        case NotForType(widget, field_type):
            if _edits_paragraphs(widget) and _refers_to_paragraphs_only(row, rows):
                built = f"the form widget “{plain(widget)}” with its field type, for paragraphs"
            else:
                built = f"the field type “{plain(field_type)}” with its usual form widget"
            yield question_about(
                "bundles.widget", row, type=plain(field_type), widget=plain(widget), built=built
            )
        case Widget() | UnknownWidget() | HiddenWidget() | NoWidget():
            return


def _edits_paragraphs(widget: str) -> bool:
    module = plugin_modules().get(folded(widget))
    return module is not None and module.label == PARAGRAPHS


def _refers_to_paragraphs_only(row: Entity, rows: GroupRows) -> bool:
    targets = rows.index.specification.targets_of(row, "Ref. bundle")
    return {target.bundle_type for target in targets} == {BundleType.PARAGRAPH}


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim that the fields on the form have the widgets of their rows, where these are certain.

    `On Manage form display field_hull has the widget Text field.`
    """
    on_form = [row for row in fields.set if is_on_form(row)]
    certain = [row for row in on_form if _is_certain(row, fields)]
    if not certain:
        return ()
    left_out = [row for row in on_form if row not in certain]
    which = clause(
        "each_field" if fields.is_new else "each_set_field",
        shown=" on the form" if len(on_form) < len(fields.set) else "",
        but=clause("each_but", names=_names_of(left_out, fields)) if left_out else "",
    )
    widget = text(certain[0].cell(COLUMN.name))
    return claims_about("verification.widgets", certain, COLUMN.name, which=which, widget=widget)


def _is_certain(row: Entity, fields: TicketFields) -> bool:
    """Tell whether the widget of a row is sure to be there, and sure to edit the type."""
    session = fields.ticket.session
    if fields.ticket.is_disputed(row, COLUMN.name, FIELD_TYPE):
        return False
    if is_type_unheard_of(row, session):
        return False
    match widget_of(row):
        case UnknownWidget(name):
            return bool(modules_in(note_of(row))) or name in plugins_on_site(session)
        case Widget() | NotForType():
            return True
        case HiddenWidget() | NoWidget():
            return False


def _names_of(left_out: list[Entity], fields: TicketFields) -> str:
    """Name fields, or call them *these* where the sentence before has just named them."""
    if left_out == fields_without_certain_type(fields) and len(left_out) > _NAMED_AGAIN_MAX:
        return "these"
    return codes(left_out)


def compare(cell: SheetCell, site_cell: SiteCell, names: KnownNames) -> CellResult:
    """Compare the widgets; a field that is under Disabled on one side only differs."""
    is_disabled_in_sheet = _says_disabled(cell.text)
    is_disabled_on_site = _says_disabled(site_cell.text)
    if is_disabled_in_sheet and is_disabled_on_site:
        return Met()
    if is_disabled_in_sheet or (is_disabled_on_site and not is_blank_cell(cell.text)):
        return Differs()
    return compare_plugin_names(cell, site_cell, names)


COUNTERPART = Counterpart(
    how=Comparison.NAME,
    where="the widget in the default form display; a field that is absent there is Disabled",
    compare=compare,
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the widget of each field to set."""
    return facts_by_row(widget_of, fields.set)


RULE = Rule(
    key="field.widget",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=fields_added,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)

"""The other forms of a bundle: what they have of a field, beside the form that people usually edit with.

A module or role may have a form of its own, such as one for a grant, in a form mode. Drupal lays out
each by itself; a field under *Disabled* on the usual form may be on another one. The column says of
each form that has the field otherwise what it has: `grant: Text area (Costs); edit: –`, the widget
with its group, or that the field is not on it.

Source: Drupal core, `core.entity_form_mode.*` and `core.entity_form_display.*`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
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
)
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.markup import code
from jira_pipeline.drupal.meaning.modules_and_types import folded
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.blank_cells import is_blank_cell
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity

COLUMN = Column("Other forms", ("Form modes",), Holds.ANYTHING, is_of_tool=False)
_FORM = re.compile(r"(?P<mode>\w+): *(?P<widget>[^;\n]*[^;\s])")
_OFF = frozenset({"-", "–", "—"})


# The fact: on which other forms the row of a field has it.


@dataclass(frozen=True, slots=True)
class OtherForm:
    """A form mode, and the widget of the field there with its group."""

    mode: str
    widget: str
    """Empty where the form does not have the field."""


@dataclass(frozen=True, slots=True)
class OnOtherForms:
    """What each form has that has the field otherwise than the usual one."""

    forms: tuple[OtherForm, ...]


@dataclass(frozen=True, slots=True)
class OtherWords:
    """The cell says something that names no forms with their widgets."""


@dataclass(frozen=True, slots=True)
class NoOtherForms:
    """The row says nothing of other forms."""


OtherFormsFact: TypeAlias = OnOtherForms | OtherWords | NoOtherForms


def other_forms_of(row: Entity) -> OtherFormsFact:
    """Read from the row of a field what the other forms of its bundle have of it."""
    if not row.states(COLUMN.name):
        return NoOtherForms()
    return _forms_in(row.cell(COLUMN.name))


def _forms_in(text: str) -> OnOtherForms | OtherWords:
    """Read a cell such as `grant: Text area (Costs); short: off`; other words name no forms."""
    forms = []
    for entry in re.split(r"[;\n]", text):
        match = _FORM.fullmatch(entry.strip())
        if match is None:
            return OtherWords()
        widget = match["widget"]
        forms.append(OtherForm(match["mode"], "" if widget in _OFF else widget))
    return OnOtherForms(tuple(forms))


def is_on_other_form(row: Entity) -> bool:
    """Tell whether a form beside the usual one has the field; words that are not read may say so."""
    match other_forms_of(row):
        case OnOtherForms(forms):
            return any(form.widget for form in forms)
        case OtherWords():
            return True
        case NoOtherForms():
            return False


# What follows from it.


def check(fields: TicketFields) -> Iterator[Claim]:
    """Claim of each other form which fields it has with which widgets, and which it has not.

    `On Manage form display, tab grant, field_costs has the widget Text area (Costs).`
    """
    on_form: dict[str, list[Entity]] = {}
    off_form: dict[str, list[Entity]] = {}
    for row in fields.certain(fields.set, COLUMN.name):
        for mode, widget in _widget_by_mode(row).items():
            (on_form if widget else off_form).setdefault(mode, []).append(row)
    for mode, rows in on_form.items():
        yield from claims_about("verification.other_form", rows, COLUMN.name, mode=code(mode))
    for mode, rows in off_form.items():
        yield from claims_about("verification.off_other_form", rows, COLUMN.name, mode=code(mode))


def _widget_by_mode(row: Entity) -> Mapping[str, str]:
    """Return the widget of a field by form mode; empty where it is off, and nothing of other words."""
    match other_forms_of(row):
        case OnOtherForms(forms):
            return {form.mode: form.widget for form in forms}
        case OtherWords() | NoOtherForms():
            return {}


def compare(cell: SheetCell, site_cell: SiteCell, _: KnownNames) -> CellResult:
    """Compare the widgets by form mode; a dash says that all forms are like the usual one."""
    if is_blank_cell(cell.text):
        return Differs() if site_cell.text else Met()
    match _forms_in(cell.text):
        case OnOtherForms(forms):
            on_site = _forms_in(site_cell.text)
            is_same = isinstance(on_site, OnOtherForms) and _folded(forms) == _folded(on_site.forms)
            return Met() if is_same else Differs()
        case OtherWords():
            return NotComparable(PROSE)


def _folded(forms: Iterable[OtherForm]) -> set[tuple[str, str]]:
    return {(form.mode, folded(form.widget)) for form in forms}


COUNTERPART = Counterpart(
    how=Comparison.WRITTEN,
    where="the form displays of other form modes, where they have the field otherwise than the default one",
    form=r"(?:\w+: [^;]+(?:; |$))+",
    compare=compare,
)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield what other forms have of each field to set."""
    return facts_by_row(other_forms_of, fields.set)


RULE = Rule(
    key="field.other_forms",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)

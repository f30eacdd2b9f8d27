"""The terms of a vocabulary: content, which a site has to have before a required list can be used.

A select list or radio buttons offer the terms that are there. While there are none, nobody can save
a form on which such a field is required.

Source: Drupal core, `OptionsWidgetBase`.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from jira_pipeline.drupal.asked_rows import new_bundles
from jira_pipeline.drupal.bundle.offered import fields_offering
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.field.required import is_required
from jira_pipeline.drupal.field.widget import COLUMN as WIDGET
from jira_pipeline.drupal.meaning.modules_and_types import folded
from jira_pipeline.drupal.meaning.notes import options_in
from jira_pipeline.drupal.row_names import plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import SpecificationIndex
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import GONE, BundleType, Entity

_LISTS_OF_TERMS = frozenset(
    {"selectlist", "optionsselect", "checkboxesradiobuttons", "optionsbuttons"}
)
"""Widgets that offer the terms that are there, by label and id; others let people add terms."""


class TermsFact(StrEnum):
    """The fact: whether somebody has to bring the first terms of a vocabulary."""

    MISSING = "a required list offers them, and no row says who brings them"
    BROUGHT = "they are migrated, or a note may say who brings them"
    NOT_NEEDED = "forms can be saved without them"


def terms_of(bundle: Entity, index: SpecificationIndex) -> TermsFact:
    """Read from the row of a vocabulary and those of fields that offer it who brings its terms."""
    if bundle.bundle_type is not BundleType.VOCABULARY:
        return TermsFact.NOT_NEEDED
    if not any(_is_required_list(field) for field in _live_fields_offering(bundle, index)):
        return TermsFact.NOT_NEEDED
    if bundle.flag("Migr.") or note_of(bundle):
        return TermsFact.BROUGHT
    return TermsFact.MISSING


def _live_fields_offering(bundle: Entity, index: SpecificationIndex) -> Sequence[Entity]:
    return [field for field in fields_offering(bundle, index) if field.status not in GONE]


def _is_required_list(field: Entity) -> bool:
    return is_required(field) and folded(field.cell(WIDGET.name)) in _LISTS_OF_TERMS


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the first terms of a vocabulary that a required field offers.

    `Which terms does the vocabulary “Ports” start with? A required field offers them: its form
    cannot be saved while there are none.` Terms in the note of a field are suggested.
    """
    match terms_of(bundle, rows.index):
        case TermsFact.MISSING:
            likely = _terms_in_notes(_live_fields_offering(bundle, rows.index))
            yield question_about(
                "bundles.terms", bundle, answer=likely, because="the note of a field"
            )
        case TermsFact.BROUGHT | TermsFact.NOT_NEEDED:
            return


def _terms_in_notes(fields: Sequence[Entity]) -> str:
    """Return the terms that the note of a field lists, of the first that does; empty for a single term."""
    for field in fields:
        options = options_in(note_of(field))
        if options is not None:
            return plain(options.text) if len(options.items) > 1 else ""
    return ""


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield whether somebody has to bring the first terms of a bundle, for each bundle."""
    for bundle in bundles.heads:
        yield StatedFact(fact=terms_of(bundle, bundles.ticket.session.index), rows=(bundle,))


RULE = Rule(
    key="bundle.terms",
    facts=facts,
    asked_rows=new_bundles,
    ask=ask,
)

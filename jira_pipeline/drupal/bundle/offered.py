"""Whether a field offers a type: paragraphs and terms are made for fields, and reached by them only.

A type that no field offers is built and never used; mostly the cell of a reference lacks its name.

Source: Paragraphs, `EntityReferenceRevisionsItem`; Drupal core, `TermSelection`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from jira_pipeline.drupal.asked_rows import new_bundles
from jira_pipeline.drupal.bundle.provider import is_brought
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.field.modules import unknown_plugin
from jira_pipeline.drupal.field.target import COLUMN as TARGETS
from jira_pipeline.drupal.field.type import FIELD_TYPE
from jira_pipeline.drupal.meaning.modules_and_types import is_reference
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import (
    AnyBundleType,
    BundleType,
    Entity,
    EntityKind,
    ReferenceState,
    Status,
)

WORDS_FOR_ALL: Mapping[AnyBundleType | None, str] = {
    BundleType.PARAGRAPH: "paragraph|revisions",
    BundleType.VOCABULARY: "vocabular|term|taxonom",
}
"""Kinds whose items are made for a field or chosen in it, by what a field that offers all says."""


class Offered(StrEnum):
    """The fact: what the rows of all fields say of a type."""

    BY_FIELD = "a field refers to it"
    PERHAPS = "nobody can tell, or it needs no field"
    NOWHERE = "fields refer to others of its kind, and none to it"


def offered(bundle: Entity, index: SpecificationIndex) -> Offered:
    """Read from the rows of all fields whether one offers a type."""
    if fields_offering(bundle, index):
        return Offered.BY_FIELD
    if bundle.bundle_type not in _kinds_offered_by_name(index) or is_brought(bundle):
        return Offered.PERHAPS
    # A cell that was not resolved may mean it, a reference without a cell that is called like it.
    if bundle.label.casefold() in _texts_of_references(index):
        return Offered.PERHAPS
    if name_of(bundle) in _labels_of_blank_references(index):
        return Offered.PERHAPS
    return Offered.NOWHERE


def fields_offering(bundle: Entity, index: SpecificationIndex) -> Sequence[Entity]:
    """Return the fields that refer to a type and do not go."""
    fields = []
    for row, _ in index.specification.referrers_of.get(bundle.key, ()):
        if row.kind is EntityKind.FIELD and row.status is not Status.DELETED:
            fields.append(row)
    return fields


@once_per_session
def _kinds_offered_by_name(index: SpecificationIndex) -> frozenset[AnyBundleType | None]:
    """Return the types of bundles that fields offer one by one, and that no field offers altogether.

    Empty where a field may refer to something in words of its own.
    """
    fields = index.specification.live[EntityKind.FIELD]
    if any(_may_refer_in_own_words(field) for field in fields):
        return frozenset()
    texts_for_all = _texts_of_fields_that_offer_all(fields)
    kinds = set()
    for bundle in index.specification.live[EntityKind.BUNDLE]:
        words_for_all = WORDS_FOR_ALL.get(bundle.bundle_type)
        if words_for_all is None or re.search(words_for_all, texts_for_all):
            continue
        if fields_offering(bundle, index):
            kinds.add(bundle.bundle_type)
    return frozenset(kinds)


def _may_refer_in_own_words(field: Entity) -> bool:
    """Tell whether a field that may be a reference says something under a header nobody knows."""
    if field.references or not field.unexplained:
        return False
    return is_reference(field) or unknown_plugin(field) == FIELD_TYPE


def _texts_of_fields_that_offer_all(fields: Sequence[Entity]) -> str:
    """Return, in lower case, the words for all in references and the types of their fields."""
    texts = []
    for field in fields:
        for reference in field.references:
            if reference.state is ReferenceState.WILDCARD:
                texts.append(f"{reference.text} {field.cell(FIELD_TYPE)}".casefold())
    return " ".join(texts)


@once_per_session
def _texts_of_references(index: SpecificationIndex) -> frozenset[str]:
    """Return what the references of all fields say, in lower case."""
    texts: set[str] = set()
    for field in index.specification.live[EntityKind.FIELD]:
        texts.update(reference.text.casefold() for reference in field.references)
    return frozenset(texts)


@once_per_session
def _labels_of_blank_references(index: SpecificationIndex) -> frozenset[str]:
    """Return the labels of the references that do not say to what."""
    fields = index.specification.live[EntityKind.FIELD]
    blank = [row for row in fields if is_reference(row) and not row.states(TARGETS.name)]
    return frozenset(row.label for row in blank)


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which field offers a type of paragraph or a vocabulary to which no field refers.

    `Which field offers “Sail”? No row of a field refers to it.`
    """
    match offered(bundle, rows.index):
        case Offered.NOWHERE:
            yield question_about("bundles.unreferred", bundle)
        case Offered.BY_FIELD | Offered.PERHAPS:
            return


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield whether a field offers a bundle, for each bundle."""
    for bundle in bundles.heads:
        yield StatedFact(fact=offered(bundle, bundles.ticket.session.index), rows=(bundle,))


RULE = Rule(
    key="bundle.offered",
    facts=facts,
    asked_rows=new_bundles,
    ask=ask,
)

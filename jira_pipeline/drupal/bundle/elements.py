"""The elements of a webform: its fields, which it keeps itself, and the handlers of what is sent.

`sheets` writes those of a site into the notes of its webforms; people mostly say them in sheets of
their own.

Source: Webform, `elements` and `handlers` of `webform.webform.*`.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import BundleType, Entity

_WRITTEN_BY_SHEETS = "Elements: "


class Elements(StrEnum):
    """The fact: where the elements of a bundle are said."""

    IN_NOTE = "the note of the webform lists them"
    ELSEWHERE = "rows of fields are the elements of the webform, or nobody lists them"
    NONE = "the bundle is no webform"


def elements_of(bundle: Entity) -> Elements:
    """Read from the row of a bundle whether it lists elements."""
    if bundle.bundle_type is not BundleType.WEBFORM:
        return Elements.NONE
    return Elements.IN_NOTE if _WRITTEN_BY_SHEETS in note_of(bundle) else Elements.ELSEWHERE


# What follows from it.


def check(bundles: TicketBundles) -> tuple[Claim, ...]:
    """Claim that each webform of the ticket has the elements and handlers of its row.

    `Build of “Berth” lists the elements of its row; …`
    """
    listing = [bundle for bundle in bundles.set_up if elements_of(bundle) is Elements.IN_NOTE]
    return claims_about("verification.elements", listing, *NOTE_COLUMNS)


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield where the elements of each bundle are said."""
    return facts_by_row(elements_of, bundles.set_up)


RULE = Rule(key="bundle.elements", facts=facts, check=check)

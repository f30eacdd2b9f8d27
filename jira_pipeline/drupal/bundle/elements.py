"""The elements of a webform: its fields, which it keeps itself, and the handlers of what is sent.

`sheets` writes those of a site into the notes of its webforms; people mostly say them in sheets of
their own.

Source: Webform, `elements` and `handlers` of `webform.webform.*`.
"""

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import BundleType, Entity

_WRITTEN_BY_SHEETS = "Elements: "


def lists_elements(bundle: Entity) -> bool:
    """Tell whether the note of a webform lists its elements."""
    return bundle.bundle_type is BundleType.WEBFORM and _WRITTEN_BY_SHEETS in note_of(bundle)


def check(bundles: TicketBundles) -> tuple[Claim, ...]:
    """Claim that webforms have the elements and handlers of their rows."""
    listing = [bundle for bundle in bundles.set_up if lists_elements(bundle)]
    return claims_about("verification.elements", listing, *NOTE_COLUMNS)


RULE = Rule(key="bundle.elements", check=check)

"""Whether Layout Builder lays out the items of a type, all alike or each by itself.

It is ticked under *Manage display*. Ticked for each item too, it adds the field
`layout_builder__layout` to the type.

Source: Drupal core, Layout Builder, `LayoutBuilderEntityViewDisplay`, `OverridesSectionStorage`.
"""

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.shared_columns import flag_column
from jira_pipeline.model.entities import BundleType, EntityKind

COLUMN = flag_column("Layout", "Layout Builder", loss="which bundles use Layout Builder")
_FIELD_OF_LAYOUTS = "layout_builder__layout"


def check(bundles: TicketBundles) -> tuple[Claim, ...]:
    """Claim that the types whose rows say y have Layout Builder ticked, for each item if so said."""
    laid_out = [bundle for bundle in bundles.set_up if bundle.flag(COLUMN.name)]
    return claims_about(
        "verification.layout",
        laid_out,
        COLUMN.name,
        name=bundles.names_of(laid_out),
        which=clause("layout_of_each") if _is_each_item_laid_out(bundles) else "",
    )


def _is_each_item_laid_out(bundles: TicketBundles) -> bool:
    """Tell whether the content type of a ticket has the field for layouts of single items."""
    if bundles.ticket.head.bundle_type is not BundleType.CONTENT:
        return False
    fields = bundles.ticket.live(EntityKind.FIELD)
    return any(field.machine_name == _FIELD_OF_LAYOUTS for field in fields)


COUNTERPART = Counterpart(
    how=Comparison.FLAG, where="Layout Builder, enabled in any of its view displays"
)
RULE = Rule(key="bundle.layout", columns=(COLUMN,), check=check, counterpart=COUNTERPART)

"""Whether Layout Builder lays out the items of a type, all alike or each by itself.

It is ticked under *Manage display*. Ticked for each item too, it adds the field
`layout_builder__layout` to the type.

Source: Drupal core, Layout Builder, `LayoutBuilderEntityViewDisplay`, `OverridesSectionStorage`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.cell_facts import Flag, flag_fact
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import flag_column
from jira_pipeline.model.entities import BundleType, Entity, EntityKind

COLUMN = flag_column("Layout", "Layout Builder", loss="which bundles use Layout Builder")
_FIELD_OF_LAYOUTS = "layout_builder__layout"


def layout_of(bundle: Entity) -> Flag:
    """Read from the row of a bundle whether Layout Builder lays out its items."""
    return flag_fact(bundle, COLUMN.name)


# What follows from it.


def check(bundles: TicketBundles) -> tuple[Claim, ...]:
    """Claim that Layout Builder is ticked for the types whose rows say `y`.

    `Manage display of “Boat” has “Use Layout Builder” ticked`, with the box for each item where the
    type has the field for it.
    """
    laid_out = [bundle for bundle in bundles.set_up if layout_of(bundle) is Flag.YES]
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


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield whether Layout Builder lays out the items of a bundle, for each bundle."""
    return facts_by_row(layout_of, bundles.set_up)


COUNTERPART = Counterpart(
    how=Comparison.FLAG, where="Layout Builder, enabled in any of its view displays"
)
RULE = Rule(
    key="bundle.layout",
    columns=(COLUMN,),
    facts=facts,
    check=check,
    counterpart=COUNTERPART,
)

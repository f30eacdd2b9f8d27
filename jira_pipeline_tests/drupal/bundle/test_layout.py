"""Whether Layout Builder lays out the items of a type."""

from jira_pipeline.drupal.bundle.layout import COLUMN, COUNTERPART, check, facts
from jira_pipeline.drupal.cell_facts import Flag
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of, compared, plain
from jira_pipeline_tests.drupal.made_rows import field, said_by
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

OF_ITEMS = field("layout_builder__layout", type="Layout")
OF_ALL = "Manage display of Boat has “Use Layout Builder” ticked."
OF_EACH = (
    "Manage display of Boat has “Use Layout Builder” ticked, and “Allow each content item to have "
    "its layout customized”."
)


@each(
    ("type_", "fields", "sentence"),
    [
        ("Content type", [field()], OF_ALL),
        ("Content type", [field(), OF_ITEMS], OF_EACH),
        ("Media type", [field(), OF_ITEMS], OF_ALL),
        ("Content type", [field(), OF_ITEMS | {"X": "d"}], OF_ALL),
    ],
)
def test_layout_builder_is_ticked_for_each_item_by_its_field(
    type_: str, fields: list[Row], sentence: str
) -> None:
    rows = [row | {"Bundle": f"Boat ({type_})"} for row in fields]

    assert plain(check(bundles_of(boat(type=type_, layout="y"), fields=rows))) == [sentence]


def test_of_several_types_those_are_ticked_that_say_so() -> None:
    types = [boat(type="Vocabulary", layout="y"), anchor(type="Vocabulary", layout="n")]

    assert plain(check(bundles_of(*types))) == [OF_ALL]


@each("bundle", [boat(layout="n"), boat(layout=""), boat(layout="y", status="c")])
def test_nothing_is_ticked_of_another_type(bundle: Row) -> None:
    assert plain(check(bundles_of(bundle, fields=[field()]))) == []


@each(("cell", "verdict"), [("yes", Verdict.MET), ("n", Verdict.DIFFERS)])
def test_the_flag_is_compared_with_the_site(cell: str, verdict: Verdict) -> None:
    row = boat(layout=cell)

    assert compared(row, COUNTERPART, COLUMN.name, SiteCell(text="y", yaml="")) is verdict


def test_whether_it_lays_out_the_items_is_a_fact_of_each_type() -> None:
    assert said_by(facts(bundles_of(boat(layout="n"), fields=[field()]))) == [(Flag.NO, "boat")]

"""Whether the items of a type can be translated."""

from jira_pipeline.drupal.bundle.translated import COLUMN, COUNTERPART, check, facts
from jira_pipeline.drupal.cell_facts import Flag
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of, compared, plain
from jira_pipeline_tests.drupal.made_rows import field, said_by
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

PAGE = "Configuration > Regional and language > Content language and translation"
TRANSLATED = field() | {"Trns.": "y"}
OTHER = field("field_mast") | {"Trns.": "n"}


@each(
    ("fields", "sentence"),
    [
        (
            [TRANSLATED, OTHER],
            f"{PAGE} has Boat ticked, and of its fields in the table those with Trns. y.",
        ),
        ([OTHER], f"{PAGE} has Boat ticked."),
        ([TRANSLATED | {"X": "d"}, OTHER], f"{PAGE} has Boat ticked."),
    ],
)
def test_a_translated_type_is_ticked_with_the_fields_that_say_so(
    fields: list[Row], sentence: str
) -> None:
    assert plain(check(bundles_of(boat(translated="y"), fields=fields))) == [sentence]


def test_of_several_types_those_are_ticked_that_say_so() -> None:
    types = [boat(type="Vocabulary", translated="y"), anchor(type="Vocabulary", translated="n")]

    assert plain(check(bundles_of(*types))) == [f"{PAGE} has Boat ticked."]


@each("bundle", [boat(translated="n"), boat(translated=""), boat(translated="y", status="c")])
def test_nothing_is_ticked_anew_of_another_type(bundle: Row) -> None:
    assert plain(check(bundles_of(bundle, fields=[TRANSLATED]))) == []


@each(("cell", "verdict"), [("yes", Verdict.MET), ("n", Verdict.DIFFERS)])
def test_the_flag_is_compared_with_the_site(cell: str, verdict: Verdict) -> None:
    row = boat(translated=cell)

    assert compared(row, COUNTERPART, COLUMN.name, SiteCell(text="y", yaml="")) is verdict


def test_whether_it_can_be_translated_is_a_fact_of_each_type() -> None:
    assert said_by(facts(bundles_of(boat(translated="y"), fields=[OTHER]))) == [(Flag.YES, "boat")]

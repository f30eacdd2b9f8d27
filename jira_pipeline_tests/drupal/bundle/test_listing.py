"""The page on which Drupal lists a bundle."""

from jira_pipeline.drupal.bundle.listing import (
    ListedByLabel,
    ListedByNames,
    ListedFact,
    check,
    facts,
)
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of, plain
from jira_pipeline_tests.drupal.made_rows import field
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


@each(
    ("bundle", "sentence"),
    [
        (boat(), "Structure > Content types lists Boat (boat)."),
        (boat(machine_name="Big boat"), "Structure > Content types lists Boat."),
        (boat(machine_name=""), "Structure > Content types lists Boat."),
    ],
)
def test_a_new_bundle_is_listed_with_a_machine_name_that_drupal_takes(
    bundle: Row, sentence: str
) -> None:
    assert plain(check(bundles_of(bundle, fields=[field()]))) == [sentence]


def test_bundles_of_one_ticket_are_listed_together() -> None:
    both = bundles_of(boat(type="Vocabulary"), anchor(type="Vocabulary"))

    assert plain(check(both)) == ["Structure > Taxonomy lists Boat (boat) and Anchor (anchor)."]


@each("status", ["x", "c"])
def test_a_bundle_that_is_there_is_not_looked_up(status: str) -> None:
    assert plain(check(bundles_of(boat(status=status), fields=[field()]))) == []


def test_a_bundle_of_a_type_that_nobody_knows_is_on_no_page() -> None:
    of_boat = field(bundle="Boat (Thing)")

    assert plain(check(bundles_of(boat(type="Thing"), fields=[of_boat]))) == []


@each(
    ("bundle", "fact"),
    [
        (boat(), ListedByNames("Boat", "boat")),
        (boat(machine_name="Big boat"), ListedByLabel("Boat")),
    ],
)
def test_what_the_list_calls_a_type_is_a_fact(bundle: Row, fact: ListedFact) -> None:
    assert [stated.fact for stated in facts(bundles_of(bundle, fields=[field()]))] == [fact]

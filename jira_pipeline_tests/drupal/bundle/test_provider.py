"""What brings a bundle."""

from jira_pipeline.drupal.bundle.provider import (
    bundles_added_by_hand,
    facts,
    is_brought,
    provider_of,
    say,
)
from jira_pipeline.drupal.providers import AddedByHand, FromProvider
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of, plain
from jira_pipeline_tests.drupal.made_rows import field
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

WEBFORM = boat(name="Webform", machine_name="webform")


def test_a_type_that_a_module_installs_is_not_added_by_hand() -> None:
    (sentence,) = plain(say(bundles_of(WEBFORM)))

    assert sentence.startswith("webform comes with the Webform Node module, with its fields:")


def test_what_brings_a_type_is_known_by_its_machine_name() -> None:
    (webform,) = bundles_of(WEBFORM).set_up
    (added,) = bundles_of(boat()).set_up

    assert provider_of(webform) == FromProvider("the Webform Node module")
    assert provider_of(added) == AddedByHand()
    assert [stated.fact for stated in facts(bundles_of(WEBFORM))] == [provider_of(webform)]
    assert is_brought(webform)
    assert not is_brought(added)


def test_of_types_that_a_module_brings_all_count_where_there_are_no_others() -> None:
    (webform,) = bundles_of(WEBFORM).set_up
    (added,) = bundles_of(boat()).set_up

    assert bundles_added_by_hand([webform, added]) == [added]
    assert bundles_added_by_hand([webform]) == [webform]


@each(
    "bundle",
    [
        boat(),
        WEBFORM | {"Type": "Vocabulary"},  # of the same name, and of another type
        WEBFORM | {"X": "c"},  # it is there
    ],
)
def test_nothing_is_said_of_a_type_that_somebody_adds(bundle: Row) -> None:
    fields = [field(bundle=f"{bundle['Name']} ({bundle['Type']})")]

    assert plain(say(bundles_of(bundle, fields=fields))) == []

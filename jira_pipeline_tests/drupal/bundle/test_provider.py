"""What brings a bundle."""

from jira_pipeline.drupal.bundle.provider import say
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of, plain
from jira_pipeline_tests.drupal.made_rows import field
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

WEBFORM = boat(name="Webform", machine_name="webform")


def test_a_type_that_a_module_installs_is_not_added_by_hand() -> None:
    (sentence,) = plain(say(bundles_of(WEBFORM)))

    assert sentence.startswith("webform comes with the Webform Node module, with its fields:")


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

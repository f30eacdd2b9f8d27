"""What is read of each generated site is what `golden` has frozen of it."""

import pytest

from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline_tests.drupal.site.generated_sites import generated_configurations
from jira_pipeline_tests.golden.__main__ import FROZEN
from jira_pipeline_tests.golden.frozen_text import sealed
from jira_pipeline_tests.golden.specifications import generated_site
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM


@pytest.fixture(scope="session")
def configurations() -> dict[str, SiteConfiguration]:
    return {**generated_configurations()}


@OF_THE_LONG_FORM
def test_a_generated_site_is_read_as_it_is_frozen(
    configurations: dict[str, SiteConfiguration],
) -> None:
    """Where this fails and the change is wanted: `make golden`, and the diff is reviewed."""
    frozen = (FROZEN / "specifications" / "generated_sites.txt").read_text(encoding="utf-8")

    for kind, configuration in configurations.items():
        assert sealed([generated_site(kind, configuration)]).strip() in frozen

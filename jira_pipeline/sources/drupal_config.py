"""Reads the exported configuration of a Drupal site: the public names of `drupal_config`.

configuration = read_configuration(Path("config/sync"))
site = site_entities(configuration)
"""

from jira_pipeline.drupal_config.configuration import (
    ConfigurationLimits,
    SiteConfiguration,
    read_configuration,
)
from jira_pipeline.drupal_config.entities import site_entities
from jira_pipeline.drupal_config.site import Site, SiteCell, SiteEntity

__all__ = [
    "ConfigurationLimits",
    "Site",
    "SiteCell",
    "SiteConfiguration",
    "SiteEntity",
    "read_configuration",
    "site_entities",
]

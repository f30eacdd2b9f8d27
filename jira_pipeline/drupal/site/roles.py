"""Roles with their permissions.

Source: configuration schema of core user 9 to 11.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline.drupal.site.site_cells import Settings, SiteCell, SiteEntity
from jira_pipeline.model.entities import EntityKind


def role_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    """Yield each role with the names of its permissions."""
    for name, role in configuration.below("user.role"):
        cells = {
            "Name": role.at("label").cell,
            "Machine name": role.at("id").spelled(name, name),
            "Notes": _permissions(role),
        }
        yield role.entity(EntityKind.USER_ROLE, name, cells)


def _permissions(role: Settings) -> SiteCell:
    """Return how many permissions a role has, its values their names; an administrator has all."""
    is_admin = role.at("is_admin")
    permissions = role.at("permissions")
    if is_admin.is_on:
        return SiteCell(text="Every permission", values=permissions.texts, yaml=is_admin.place)
    text = f"{len(permissions.texts)} permissions"
    return SiteCell(text=text, values=permissions.texts, yaml=permissions.place)

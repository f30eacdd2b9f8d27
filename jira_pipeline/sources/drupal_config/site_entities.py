"""Makes the entities of a site of its configuration, in the order of sheets.

Belongs here: putting the subjects together. Does not: what is said of each (their modules).
"""

from itertools import chain

from jira_pipeline.model.entities import BundleType, EntityKind
from jira_pipeline.sources.drupal_config.bundles import (
    bundle_entities,
    bundles_of,
    view_mode_entities,
)
from jira_pipeline.sources.drupal_config.configuration import SiteConfiguration
from jira_pipeline.sources.drupal_config.editing import role_entities, workflow_entities
from jira_pipeline.sources.drupal_config.site import Site, SiteEntity
from jira_pipeline.sources.drupal_config.site_fields import field_entities
from jira_pipeline.sources.drupal_config.site_views import view_entities
from jira_pipeline.sources.drupal_config.styles import (
    image_style_entities,
    responsive_style_entities,
)
from jira_pipeline.sources.drupal_config.unread import with_unread_cells

_KIND_ORDER = {kind: position for position, kind in enumerate(EntityKind)}
_TYPE_ORDER = {bundle_type: position for position, bundle_type in enumerate(BundleType)}


def site_entities(configuration: SiteConfiguration) -> Site:
    """Return everything that sheets could describe, base fields that nobody changed included.

    A bundle whose file cannot be read is there by its machine name.
    """
    bundles = bundles_of(configuration)
    found = chain(
        bundle_entities(configuration, bundles),
        field_entities(configuration, bundles),
        view_entities(configuration, bundles),
        image_style_entities(configuration),
        responsive_style_entities(configuration),
        view_mode_entities(configuration, bundles),
        role_entities(configuration),
        workflow_entities(configuration, bundles),
    )
    refused = configuration.refused
    known = (with_unread_cells(each, refused) for each in found) if refused else found
    return Site(
        entities=tuple(sorted(known, key=_order)),
        names=configuration.objects.keys() | refused.keys(),
        unread=frozenset(refused),
        lacking=configuration.lacking,
    )


def _order(entity: SiteEntity) -> tuple[int, int, str, bool, str]:
    type_place = 0 if entity.bundle_type is None else _TYPE_ORDER[entity.bundle_type]
    owner = entity.owner_key or ""
    is_base = entity.is_base_field
    return (_KIND_ORDER[entity.kind], type_place, owner, is_base, entity.machine_name)

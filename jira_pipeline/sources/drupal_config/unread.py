"""What an export may say otherwise, since a file of it cannot be read: unknown, never empty.

Belongs here: which files a cell is made from, beside the one that it cites. Does not: which files
are refused (`configuration`), what becomes of a cell that is not known (`verification`, `sheets`).
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from fnmatch import filter as matching

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sources.drupal_config.bundles import entity_type_of
from jira_pipeline.sources.drupal_config.site import SiteEntity

_TURNED_ON = frozenset({"Mod.", "Layout", "Cmnt.", "Meta", "Srch."})
"""Switches that one file of several turns on: what is on is known."""
_OF_ITS_FILE = ("Name", "Description", "Sched.")
_OVERRIDDEN = ("Field label", "Help text", "Req'd", "Trns.")


def with_unread_cells(entity: SiteEntity, refused: Collection[str]) -> SiteEntity:
    """Return a thing with the cells marked that a file which cannot be read may say otherwise.

    `refused` are names of objects, such as `node.type.page`.
    """
    cells = dict(entity.cells)
    for columns, pattern in _sources(entity):
        if matching(refused, pattern):
            for column in columns:
                if column in cells and not (column in _TURNED_ON and cells[column].is_yes):
                    cells[column] = replace(cells[column], is_unread=True)
    is_unread = entity.kind is EntityKind.BUNDLE and entity.yaml.removesuffix(".yml") in refused
    return replace(entity, cells=cells, is_unread=is_unread)


def _sources(entity: SiteEntity) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield columns with the pattern of the files that they are made from."""
    entity_type, name = entity_type_of(entity.bundle_type), entity.machine_name
    if entity.kind is EntityKind.BUNDLE:
        yield _OF_ITS_FILE, entity.yaml.removesuffix(".yml")
        yield ("Mod.",), "workflows.workflow.*"
        yield ("Layout",), f"core.entity_view_display.{entity_type}.{name}.*"
        yield ("Trns.",), f"language.content_settings.{entity_type}.{name}"
        yield ("Cmnt.", "Meta"), f"field.field.{entity_type}.{name}.*"
        yield ("Srch.",), "search_api.index.*"
        yield ("URL alias pattern",), "pathauto.pattern.*"
    elif entity.kind is EntityKind.FIELD:
        bundle = (entity.owner_key or "").rpartition("/")[2]
        yield ("Field type", "Settings/notes"), f"field.storage.{entity_type}.{name}"
        if entity.is_base_field:
            yield _OVERRIDDEN, f"core.base_field_override.{entity_type}.{bundle}.{name}"
    elif entity.kind is EntityKind.VIEW_MODE:
        yield ("Entities Used On",), f"core.entity_view_display.{entity_type}.*.{name}"

"""Who may edit and how content gets published: roles, and workflows with states and transitions.

Belongs here: what an export says of them, in columns of the sheets. Does not: which bundles a
workflow moderates as a switch of the bundle (`bundles`).

Source: configuration schema of core user, workflows and content_moderation 9 to 11.
"""

from collections.abc import Iterator

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sources.drupal_config.bundles import Bundles
from jira_pipeline.sources.drupal_config.configuration import SiteConfiguration
from jira_pipeline.sources.drupal_config.site import Settings, SiteCell, SiteEntity
from jira_pipeline.sources.drupal_config.spellings import spellings


def role_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    for name, role in configuration.below("user.role"):
        permissions = role.at("permissions")
        count = f"{len(permissions.texts)} permissions"
        said = "Every permission" if role.at("is_admin").is_on else count
        cells = {
            "Name": role.at("label").cell,
            "Machine name": role.at("id").spelled(name, name),
            "Notes": permissions.spelled(said, *permissions.texts),
        }
        yield role.entity(EntityKind.USER_ROLE, name, cells)


def workflow_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield each workflow, its states, and its transitions: one for each state they lead from."""
    for name, workflow in configuration.below("workflows.workflow"):
        label, kind = workflow.at("label"), workflow.at("type")
        settings = workflow.at("type_settings")
        cells = {
            "Label": label.cell,
            "Machine name": workflow.at("id").spelled(name, name),
            "Type": kind.spelled(spellings().workflow_types.get(kind.text, kind.text)),
            "Applies to": _moderated(settings.at("entity_types"), bundles),
        }
        described = workflow.entity(EntityKind.WORKFLOW, name, cells)
        yield described
        named = label.spelled(described.label, name)
        for state, part in settings.at("states").children:
            cells, part_name = _part_cells(named, state, part), f"{name}/{state}"
            yield part.entity(EntityKind.WORKFLOW_STATE, part_name, cells, owner_key=described.key)
        for transition, part in settings.at("transitions").children:
            for begin in part.at("from").texts or ("",):
                cells = {
                    **_part_cells(named, transition, part),
                    "From state": _state(settings, part.at("from"), begin),
                    "To state": _state(settings, part.at("to"), part.at("to").text),
                }
                kind_of, part_name = EntityKind.WORKFLOW_TRANSITION, f"{name}/{transition}"
                yield part.entity(kind_of, part_name, cells, owner_key=described.key)


def _moderated(entity_types: Settings, bundles: Bundles) -> SiteCell:
    names = [
        (entity_type, name)
        for entity_type, of_type in entity_types.children
        for name in of_type.texts
    ]
    labels = [bundles[name].reference for name in names if name in bundles]
    return SiteCell(
        text=", ".join(labels), values=tuple(name for _, name in names), yaml=entity_types.place
    )


def _part_cells(workflow: SiteCell, name: str, described: Settings) -> dict[str, SiteCell]:
    return {
        "Workflow": workflow,
        "Label": described.at("label").cell,
        "Machine name": described.spelled(name, name),
    }


def _state(settings: Settings, place: Settings, name: str) -> SiteCell:
    return SiteCell(
        text=settings.at("states", name, "label").text or name,
        values=(name,) if name else (),
        yaml=place.place,
    )

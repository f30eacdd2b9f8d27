"""Who may edit and how content gets published: roles, and workflows with states and transitions.

Belongs here: what an export says of them, in columns of the sheets. Does not: which bundles a
workflow moderates as a switch of the bundle (`bundles`).

Source: configuration schema of core user, workflows and content_moderation 9 to 11.
"""

from collections.abc import Iterator, Mapping

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sources.drupal_config.bundles import Bundles
from jira_pipeline.sources.drupal_config.configuration import SiteConfiguration
from jira_pipeline.sources.drupal_config.site import Settings, SiteCell, SiteEntity
from jira_pipeline.sources.drupal_config.spellings import spellings


def role_entities(configuration: SiteConfiguration) -> Iterator[SiteEntity]:
    """Yield each role with its permissions."""
    for name, role in configuration.below("user.role"):
        permissions = role.at("permissions")
        yield SiteEntity(
            kind=EntityKind.USER_ROLE,
            key=f"{EntityKind.USER_ROLE.value}:{name}",
            label=role.at("label").text or name,
            machine_name=name,
            yaml=role.place,
            cells={
                "Name": role.at("label").cell,
                "Machine name": role.at("id").spelled(name, name),
                "Notes": permissions.spelled(
                    "Every permission"
                    if role.at("is_admin").is_on
                    else f"{len(permissions.texts)} permissions",
                    *permissions.texts,
                ),
            },
        )


def workflow_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield each workflow, its states, and its transitions: one for each state they lead from."""
    for name, workflow in configuration.below("workflows.workflow"):
        label, kind = workflow.at("label"), workflow.at("type")
        key = f"{EntityKind.WORKFLOW.value}:{name}"
        settings = workflow.at("type_settings")
        yield SiteEntity(
            kind=EntityKind.WORKFLOW,
            key=key,
            label=label.text or name,
            machine_name=name,
            yaml=workflow.place,
            cells={
                "Label": label.cell,
                "Machine name": workflow.at("id").spelled(name, name),
                "Type": kind.spelled(spellings().workflow_types.get(kind.text, kind.text)),
                "Applies to": _moderated(settings.at("entity_types"), bundles),
            },
        )
        named = label.spelled(label.text or name, name)
        for state, described in settings.at("states").children:
            cells = _part_cells(named, state, described)
            yield _part(EntityKind.WORKFLOW_STATE, key, state, described, cells=cells)
        for transition, described in settings.at("transitions").children:
            for begin in described.at("from").texts or ("",):
                cells = {
                    **_part_cells(named, transition, described),
                    "From state": _state(settings, described.at("from"), begin),
                    "To state": _state(settings, described.at("to"), described.at("to").text),
                }
                kind_of = EntityKind.WORKFLOW_TRANSITION
                yield _part(kind_of, key, transition, described, cells=cells)


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


def _part(
    kind: EntityKind,
    workflow_key: str,
    name: str,
    described: Settings,
    *,
    cells: Mapping[str, SiteCell],
) -> SiteEntity:
    return SiteEntity(
        kind=kind,
        key=f"{kind.value}:{workflow_key.partition(':')[2]}/{name}",
        label=described.at("label").text or name,
        machine_name=name,
        owner_key=workflow_key,
        yaml=described.place.partition(":")[0],
        cells=cells,
    )

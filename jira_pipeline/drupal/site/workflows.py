"""Workflows with their states and transitions.

Source: configuration schema of core workflows and content_moderation 9 to 11.
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.drupal.site.bundles import Bundles
from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline.drupal.site.site_cells import (
    Settings,
    SiteCell,
    SiteEntity,
    word_for,
    yes_or_no,
)
from jira_pipeline.model.entities import EntityKind

_SWITCHES_OF_STATES = {"Published": "published", "Default revision": "default_revision"}
"""Their keys by column."""


def workflow_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield each workflow, its states, and its transitions: one for each state they lead from."""
    for name, workflow in configuration.below("workflows.workflow"):
        kind = workflow.at("type")
        cells = {
            "Label": workflow.at("label").cell,
            "Machine name": workflow.at("id").spelled(name, name),
            "Type": kind.spelled(word_for("workflow_types", kind.text)),
            "Applies to": _applies_to(workflow, bundles),
        }
        described = workflow.entity(EntityKind.WORKFLOW, name, cells)
        yield described
        named = workflow.at("label").spelled(described.label, name)
        yield from _states(name, workflow, named, described.key)
        yield from _transitions(name, workflow, named, described.key)


def _applies_to(workflow: Settings, bundles: Bundles) -> SiteCell:
    """Return the bundles that a workflow moderates; one that is gone by its machine name."""
    entity_types = workflow.at("type_settings", "entity_types")
    labels = []
    names = []
    dangling = []
    for entity_type, of_type in entity_types.children:
        for name in of_type.texts:
            names.append(name)
            if (entity_type, name) in bundles:
                labels.append(bundles[entity_type, name].reference)
            else:
                labels.append(name)
                dangling.append(name)
    return SiteCell(
        text=", ".join(labels),
        values=tuple(names),
        dangling=tuple(dangling),
        yaml=entity_types.place,
    )


def _states(name: str, workflow: Settings, named: SiteCell, owner_key: str) -> Iterator[SiteEntity]:
    settings = workflow.at("type_settings")
    first = settings.at("default_moderation_state")
    for state, part in settings.at("states").children:
        cells = _part_cells(named, state, part)
        for column, key in _SWITCHES_OF_STATES.items():
            if part.at(key).is_there:
                cells[column] = part.at(key).switch
        if first.is_there:
            cells["Initial state"] = yes_or_no(is_yes=first.text == state, yaml=first.place)
        yield part.entity(EntityKind.WORKFLOW_STATE, f"{name}/{state}", cells, owner_key=owner_key)


def _transitions(
    name: str, workflow: Settings, named: SiteCell, owner_key: str
) -> Iterator[SiteEntity]:
    settings = workflow.at("type_settings")
    for transition, part in settings.at("transitions").children:
        begins = part.at("from")
        part_name = f"{name}/{transition}"
        for from_name in begins.texts or ("",):
            from_state = _state(settings, begins, from_name)
            cells = _part_cells(named, transition, part)
            cells["From state"] = replace(from_state, keys=begins.texts)
            cells["To state"] = _state(settings, part.at("to"), part.at("to").text)
            yield part.entity(EntityKind.WORKFLOW_TRANSITION, part_name, cells, owner_key=owner_key)


def _part_cells(workflow: SiteCell, name: str, described: Settings) -> dict[str, SiteCell]:
    return {
        "Workflow": workflow,
        "Label": described.at("label").cell,
        "Machine name": described.spelled(name, name),
    }


def _state(settings: Settings, place: Settings, name: str) -> SiteCell:
    """Return the label of a state that a transition names."""
    return SiteCell(
        text=settings.at("states", name, "label").text or name,
        values=(name,) if name else (),
        yaml=place.place,
    )

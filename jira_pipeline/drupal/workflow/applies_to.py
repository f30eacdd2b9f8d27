"""What a workflow applies to: the bundles whose content it moderates.

Somebody ticks them on the workflow's own page, under *This workflow applies to*.

Source: Drupal core, content_moderation `ContentModeration` (`entity_types` of the workflow).
"""

import re

from jira_pipeline.drupal.listed_names import loose_names
from jira_pipeline.drupal.meaning.notes import items_of
from jira_pipeline.model.columns import BLANK, Column
from jira_pipeline.model.entities import GONE, Entity, EntityKind, Specification, case_folded

COLUMN = Column(
    "Applies to",
    ("This workflow applies to", "Bundles", "Content types", "Used on", "Moderates"),
    names="bundle",
    names_several=True,
    is_of_tool=False,
)
APPLIES_TO = COLUMN.name
_TYPE_BEFORE_BUNDLES = re.compile(r"(?:^|(?<=[,;\n]))\s*\w[\w ]*:(?=\s)")
"""Before the bundles of a type: `node: course, news`."""
_EXCEPTION = re.compile(r"(?i)\b(?:but|except|not)\b")


def bundles_listed(workflow: Entity, specification: Specification) -> tuple[Entity, ...]:
    """Return the bundles that stay or come and that the column of a workflow names exactly."""
    places: set[int] = set()
    for name in frozenset(loose_names(_bundles_in_cell(workflow))) - BLANK:
        places.update(specification.bundle_places.get(name, ()))
    bundles = specification.by_kind[EntityKind.BUNDLE]
    named = [bundles[place] for place in sorted(places)]
    return tuple(bundle for bundle in named if bundle.status not in GONE)


def bundles_unknown(workflow: Entity, specification: Specification) -> tuple[str, ...]:
    """Return what else that column names; nothing where it names no bundle at all."""
    known_names = specification.bundle_places.keys()
    named = []
    unknown = []
    for text in items_of(_bundles_in_cell(workflow)):
        name = text.strip(" .")
        if name.casefold() in BLANK:
            continue
        named.append(name)
        if case_folded(name) not in known_names and not {*loose_names(name)} <= known_names:
            unknown.append(name)
    return tuple(unknown) if len(unknown) < len(named) else ()


def _bundles_in_cell(workflow: Entity) -> str:
    """Return the bundles that a cell lists, without their types; empty where it makes exceptions."""
    cell = _TYPE_BEFORE_BUNDLES.sub("", workflow.cell(APPLIES_TO))
    return "" if _EXCEPTION.search(cell) else cell


def is_moderation(workflow: Entity) -> bool:
    """Tell whether a workflow is of the type of Content Moderation."""
    return workflow.cell("Type").casefold().replace("_", " ") == "content moderation"

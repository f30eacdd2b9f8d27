"""Finding the view of displays that name one in no sheet.

Belongs here: the one repair grouping makes to what was read, with its warning. Does not: resolving
references (`sources`).
"""

from collections.abc import Mapping
from dataclasses import replace
from difflib import SequenceMatcher

from jira_pipeline.domain.entities import Entity, EntityKind, Specification
from jira_pipeline.domain.findings import Finding, Severity
from jira_pipeline.stages.entity_grouping.mentions import words_of


def adopt_displays(
    specification: Specification,
) -> tuple[Specification, tuple[Finding, ...]]:
    """Give displays without a view the view whose label has their words, or fewer or more of them.

    `Tide` joins `Tide/Wind`. Of several the most similar label wins, then sheet order; where
    no label fits the display stays without a view.
    """
    views = _views_by_word(specification)
    known = {view.key for view in specification.by_kind[EntityKind.VIEW]}
    findings: list[Finding] = []
    entities: list[Entity] = []
    for entity in specification.entities:
        if entity.kind is EntityKind.VIEW_DISPLAY and entity.owner_key not in known:
            label = entity.cell("View")
            words = set(words_of(label))
            fitting = {
                view.key: view
                for word in sorted(words)
                for view in views.get(word, ())
                if words <= set(words_of(view.label)) or set(words_of(view.label)) <= words
            }
            view = max(
                sorted(fitting.values(), key=lambda view: view.source.line),
                key=lambda view: SequenceMatcher(
                    None, view.label.casefold(), label.casefold()
                ).ratio(),
                default=None,
            )
            if view is not None:
                findings.append(_joined_finding(entity, view))
                entities.append(replace(entity, owner_key=view.key))
                continue
        entities.append(entity)
    if not findings:
        return specification, ()
    return Specification(entities=tuple(entities)), tuple(findings)


def _views_by_word(specification: Specification) -> Mapping[str, list[Entity]]:
    found: dict[str, list[Entity]] = {}
    for view in specification.by_kind[EntityKind.VIEW]:
        for word in sorted(set(words_of(view.label))):
            found.setdefault(word, []).append(view)
    return found


def _joined_finding(display: Entity, view: Entity) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        code="display_joined_by_label",
        file=display.source.file,
        line=display.source.line,
        record=display.source.record,
        column="View",
        value=display.cell("View")[:200],
        message=(
            f"No view is called “{display.cell('View')}”; the display {display.label} joins the "
            f"view {view.label}, the nearest label."
        ),
        advice="Correct the View cell, or the label of the view.",
    )

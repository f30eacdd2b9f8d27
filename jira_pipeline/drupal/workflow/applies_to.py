"""What a workflow applies to: the bundles whose content it moderates.

Somebody ticks them on the workflow's own page, under *This workflow applies to*; a bundle that a
later ticket creates is ticked then.

Source: Drupal core, content_moderation `ContentModeration` (`entity_types` of the workflow).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.asked_rows import workflow_asked
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.listed_names import loose_names, split_known_names
from jira_pipeline.drupal.markup import labels
from jira_pipeline.drupal.row_names import plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.columns import BLANK, Column
from jira_pipeline.model.entities import GONE, Entity, EntityKind, Specification, case_folded

COLUMN = Column(
    "Applies to",
    ("This workflow applies to", "Bundles", "Content types", "Used on", "Moderates"),
    names="bundle",
    names_several=True,
    is_of_tool=False,
)
_TYPE_BEFORE_BUNDLES = re.compile(r"(?:^|(?<=[,;\n]))\s*\w[\w ]*:(?=\s)")
"""Before the bundles of a type: `node: course, news`."""
_EXCEPTION = re.compile(r"(?i)\b(?:but|except|not)\b")


# The fact: which bundles the row of a workflow names.


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliesTo:
    """What the cell of a workflow lists; nothing where it is blank or says what it does not list."""

    bundles: tuple[Entity, ...]
    """Those that stay or come, in sheet order."""
    unknown_names: tuple[str, ...]
    """Names that no bundle has, of a cell that names some bundle."""


def applies_to_of(workflow: Entity, specification: Specification) -> AppliesTo:
    """Look up the bundles that the row of a workflow names, each by its whole name."""
    items = _items_of(workflow.cell(COLUMN.name), specification)
    return AppliesTo(
        bundles=_bundles_named(items, specification),
        unknown_names=_unknown_names(items, specification),
    )


def _items_of(cell: str, specification: Specification) -> tuple[str, ...]:
    """Return what the cell lists, without types before the bundles; nothing where it makes exceptions.

    A name that a bundle has is whole, whatever words and marks it has.
    """
    known_names = specification.bundle_places.keys()
    items = []
    for name in split_known_names(cell, lambda text: case_folded(text) in known_names):
        if case_folded(name) in known_names:
            items.append(name)
        elif _EXCEPTION.search(name):
            return ()
        else:
            items.append(_TYPE_BEFORE_BUNDLES.sub("", name).strip())
    return tuple(items)


def _bundles_named(items: Sequence[str], specification: Specification) -> tuple[Entity, ...]:
    """Return the bundles that stay or come and have one of these names, in the order of their sheet.

    An item that is not the name of a bundle is split further, at *and* and the like.
    """
    known_names = specification.bundle_places.keys()
    names: set[str] = set()
    for listed_name in items:
        is_whole = case_folded(listed_name) in known_names
        names.update([case_folded(listed_name)] if is_whole else loose_names(listed_name))
    places: set[int] = set()
    for name in names - BLANK:
        places.update(specification.bundle_places.get(name, ()))
    bundles = specification.by_kind[EntityKind.BUNDLE]
    named = [bundles[place] for place in sorted(places)]
    return tuple(bundle for bundle in named if bundle.status not in GONE)


def _unknown_names(items: Sequence[str], specification: Specification) -> tuple[str, ...]:
    """Return the names that no bundle has; none where no name is that of a bundle: it is prose."""
    known_names = specification.bundle_places.keys()
    names = [name.strip(" .") for name in items]
    names = [name for name in names if name.casefold() not in BLANK]
    unknown = []
    for name in names:
        is_known = case_folded(name) in known_names or known_names >= {*loose_names(name)}
        if not is_known:
            unknown.append(name)
    return tuple(unknown) if len(unknown) < len(names) else ()


# What follows from it.


def ask(workflow: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which bundle is meant by each name in the cell of a workflow that no bundle has.

    `“Plain” names the type “Bote”, which no row has: which one is meant?`
    """
    for name in applies_to_of(workflow, rows.index.specification).unknown_names:
        yield question_about(
            "lists.unknown",
            workflow,
            COLUMN.name,
            disputes=COLUMN.name,
            noun="type",
            name=plain(name),
            why="no row has",
        )


def say(workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Claim which types are added to the workflow later, when their tickets have made them.

    `Added to the workflow when the type exists: Boat.`
    """
    bundles = applies_to_of(workflow.workflow, workflow.specification).bundles
    later = [bundle for bundle in bundles if workflow.ticket.is_made_later(bundle)]
    if not later:
        return ()
    return claims_about(
        "analysis.moderated_later", [workflow.workflow], COLUMN.name, names=labels(later)
    )


def check(workflow: TicketWorkflow) -> tuple[Claim, ...]:
    """Claim that the workflow applies to the types of its row that are there by then.

    `“This workflow applies to” lists Boat and Crew.`
    """
    bundles = applies_to_of(workflow.workflow, workflow.specification).bundles
    present = [bundle for bundle in bundles if not workflow.ticket.is_made_later(bundle)]
    if not present:
        return ()
    return claims_about(
        "verification.applies",
        [workflow.workflow],
        COLUMN.name,
        values=["; ".join(bundle.label for bundle in present)],
        names=labels(present),
    )


COUNTERPART = Counterpart(how=Comparison.NAMES, where="`entity_types`")


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield what the workflow of a ticket applies to."""
    fact = applies_to_of(workflow.workflow, workflow.specification)
    yield StatedFact(fact=fact, rows=(workflow.workflow,))


RULE = Rule(
    key="workflow.applies_to",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    asked_rows=workflow_asked,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)

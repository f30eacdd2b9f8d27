"""A name in a cell that stands for another row: a bundle, a state, an image style.

Nothing can be set to what is not there. A name may be one that no row has, that several bundles
have, or that of a row on hold or to be removed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import (
    listed_rows_to_build,
    ownerless_rows_to_build,
    transitions_asked,
    workflow_asked,
)
from jira_pipeline.drupal.image_style.fallback import (
    COLUMN as FALLBACK,
    MACHINE_NAME as FALLBACK_MACHINE_NAME,
)
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.row_names import name_of, plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import SpecificationIndex
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows, to_build
from jira_pipeline.model.entities import Entity, EntityKind, Reference, ReferenceState, Status

FATES: Mapping[Status, str] = {Status.WAITING: "on hold", Status.DELETED: "to be removed"}
"""Why something that a row names is not there when the row is built."""
_FALLBACK_COLUMNS = frozenset({FALLBACK.name, FALLBACK_MACHINE_NAME.name})


# The fact: what a name stands for among the rows.


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is there or comes; or rows of another owner have the name."""


@dataclass(frozen=True, slots=True)
class NoRow:
    """Nothing that any row is."""

    nearest: tuple[str, ...]
    """The labels of rows that are called nearly so."""


@dataclass(frozen=True, slots=True)
class SeveralBundles:
    """Bundles of several types, and nothing says which is meant."""

    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AbsentRow:
    """Something that is on hold or to be removed."""

    row: Entity


ReferenceFact: TypeAlias = Found | NoRow | SeveralBundles | AbsentRow


def target_of(reference: Reference, index: SpecificationIndex) -> ReferenceFact:
    """Look up what a name in a cell stands for."""
    targets = index.specification.by_key.get(reference.target_key or "", ())
    if targets and all(target.status in FATES for target in targets):
        return AbsentRow(targets[0])
    if reference.state is not ReferenceState.DANGLING:
        return Found()
    kind = reference.target_kind
    nearest = [plain(label) for label in reference.candidates if (kind, label) in index.labels]
    if names_several_bundles(reference, index):
        return SeveralBundles(tuple(nearest))
    if (kind, reference.text.casefold()) in index.owners_by_name:
        return Found()
    return NoRow(tuple(nearest))


def names_several_bundles(reference: Reference, index: SpecificationIndex) -> bool:
    """Tell whether a name is that of several bundles, and nothing says which is meant."""
    if reference.target_kind is not EntityKind.BUNDLE:
        return False
    alike = index.bundles_by_name.get(reference.text.casefold(), ())
    return reference.state is ReferenceState.DANGLING and len(alike) > 1


# What follows from it.


def rows_with_names(rows: GroupRows) -> Iterable[Entity]:
    """Return the rows whose references a group asks about.

    Those are the rows of lists, a workflow with its transitions and, among rows without an owner,
    those whose owner's name several bundles share: why the others have none is a finding of their
    sheet.
    """
    yield from listed_rows_to_build(rows)
    yield from workflow_asked(rows)
    yield from transitions_asked(rows)
    for row in ownerless_rows_to_build(rows):
        if any(names_several_bundles(reference, rows.index) for reference in row.references):
            yield row


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which row is meant by a name of no row, of several, or of one that is not to be built.

    `“Card” names the bundle “Bote”, which no row has: which one is meant?`
    """
    for reference in row.references:
        match target_of(reference, rows.index):
            case NoRow(nearest):
                why = "no row has"
                answer = nearest[0] if nearest else ""
                yield _question_on_name(row, reference, why, choices=nearest, answer=answer)
            case SeveralBundles(nearest):
                yield _question_on_name(row, reference, "several rows have", choices=nearest)
            case AbsentRow(target):
                why = f"is {FATES[target.status]}"
                yield _question_on_name(row, reference, why, target=target)
            case Found():
                pass


def _question_on_name(
    row: Entity,
    reference: Reference,
    why: str,
    *,
    target: Entity | None = None,
    choices: Sequence[str] = (),
    answer: str = "",
) -> RowQuestion:
    """Return the question which row is meant, with the reason why it cannot be the one that is named."""
    noun = NOUNS[reference.target_kind]
    name = reference.text
    compared = []
    if reference.target_kind is EntityKind.BUNDLE:
        noun = "type"
    if reference.column in _FALLBACK_COLUMNS:
        noun = f"fallback {noun}"
        name = row.cell(FALLBACK.name) or name  # its label says more than its machine name
    if target is not None:
        name = name_of(target)
        compared.append(target)
    return question_about(
        "lists.unknown",
        row,
        reference.column,
        compared,
        choices=choices,
        disputes=reference.column,
        answer=answer,
        noun=noun,
        name=plain(name),
        why=why,
    )


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what each name in the rows to build stands for, in the order of rows and columns."""
    for row in to_build(ticket.own_rows):
        for reference in row.references:
            fact = target_of(reference, ticket.session.index)
            yield StatedFact(fact=fact, rows=(row,))


RULE = Rule(key="any_kind.reference", facts=facts, asked_rows=rows_with_names, ask=ask)

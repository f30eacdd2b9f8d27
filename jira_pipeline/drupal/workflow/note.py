"""The notes of a workflow, its states and its transitions, for what no column of theirs says.

Nobody reads them by rule; tickets point to their rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN, is_shapes_only
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.workflow.applies_to import applies_to_of
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model import columns
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import TO_BUILD, Entity

COLUMN = replace(columns.NOTES, loss="which content types a workflow moderates")
STATE_COLUMN = replace(columns.NOTES, loss="what states mean")


# The fact: whether the note of a row is prose that says how it is to be.


@dataclass(frozen=True, slots=True)
class Prose:
    """Words that say how the row is to be."""

    text: str


@dataclass(frozen=True, slots=True)
class OpenNote:
    """Words that leave something open: people are asked what they mean."""


@dataclass(frozen=True, slots=True)
class NoProse:
    """No note, or nothing in it but forms that other rules read."""


NoteFact: TypeAlias = Prose | OpenNote | NoProse


def note_fact_of(row: Entity) -> NoteFact:
    """Read the note of a row."""
    note = note_of(row)
    if is_shapes_only(note):
        return NoProse()
    if LEFT_OPEN.search(note):
        return OpenNote()
    return Prose(note)


# What follows from it.


def check(workflow: TicketWorkflow) -> Iterator[Claim]:
    """Claim that the workflow and its states are as the prose of their notes says.

    `“Plain” is as the note of its row says.` A workflow whose own column lists its content says
    that there, and its note is left out.
    """
    if not applies_to_of(workflow.workflow, workflow.specification).bundles:
        yield from claims_of_notes([workflow.workflow], "")
    yield from claims_of_notes(workflow.states, f" of {workflow.name}")


def claims_of_notes(rows: Iterable[Entity], of_workflow: str) -> tuple[Claim, ...]:
    """Claim that rows to build are as the prose of their notes says, which the table shows.

    `“Draft” and “Waiting” of “Plain” are as the notes of their rows say.`
    """
    noted = []
    for row in rows:
        if row.status in TO_BUILD and isinstance(note_fact_of(row), Prose):
            noted.append(row)
    return claims_about("verification.workflow_noted", noted, *NOTE_COLUMNS, of=of_workflow)


def facts(workflow: TicketWorkflow) -> Iterator[StatedFact]:
    """Yield of the workflow and of each state whether its note is prose."""
    return facts_by_row(note_fact_of, (workflow.workflow, *workflow.states))


RULE = Rule(key="workflow.note", columns=(COLUMN, STATE_COLUMN), facts=facts, check=check)

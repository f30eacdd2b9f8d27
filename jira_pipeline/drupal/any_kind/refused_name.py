"""A machine name that Drupal’s form refuses: it has other characters, or is too long.

What the site has already may break a rule: whoever made it did so without the form. If a name of its
kind has a hyphen, others of that kind may have one, too.

Source: Drupal core, form element `machine_name`; the rules of `broken_rule`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.any_kind.machine_name import is_named_by_hand
from jira_pipeline.drupal.asked_rows import fields_added, listed_rows_to_build, new_bundles
from jira_pipeline.drupal.meaning.modules_and_types import broken_rule, broken_rule_of
from jira_pipeline.drupal.row_names import accepted_name
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows, to_build
from jira_pipeline.drupal.view.form import displays_of_form
from jira_pipeline.model.entities import Entity, EntityKind, Status

# The fact: whether the form takes the machine name of a row.


@dataclass(frozen=True, slots=True)
class RefusedName:
    """The form does not take it."""

    broken_rule: str
    """What it would take, such as `at most 32 characters for a field`."""
    likely: str
    """The same name in the characters that it takes; blank where another row has that one."""


@dataclass(frozen=True, slots=True)
class AcceptedName:
    """The form takes it, or nobody types it there."""


RefusalFact: TypeAlias = RefusedName | AcceptedName


def refusal_of(row: Entity, index: SpecificationIndex) -> RefusalFact:
    """Read from a row whether Drupal’s form refuses its machine name."""
    is_typed = row.kind is not EntityKind.FIELD or is_named_by_hand(row)
    rule = broken_rule_of(row)
    if row.status is not Status.APPROVED or not is_typed or not rule:
        return AcceptedName()
    if row.kind in _kinds_with_hyphens(index) and _breaks_by_hyphens_only(row):
        return AcceptedName()
    name = accepted_name(row.machine_name, row.kind)
    is_taken = row.owner_key in index.owners_by_name.get((row.kind, name), ())
    likely = "" if is_taken or broken_rule(row.kind, name) else name
    return RefusedName(rule, likely=likely)


def _breaks_by_hyphens_only(row: Entity) -> bool:
    return not broken_rule(row.kind, row.machine_name.replace("-", "_"))


@once_per_session
def _kinds_with_hyphens(index: SpecificationIndex) -> frozenset[EntityKind]:
    """Return the kinds of which a thing on the site has a hyphen in its machine name, by its row."""
    kinds = set()
    for row in index.specification.entities:
        if row.status is Status.IMPLEMENTED and "-" in row.machine_name.strip("-"):
            kinds.add(row.kind)
    return frozenset(kinds)


# What follows from it.


def rows_with_names(rows: GroupRows) -> Iterator[Entity]:
    """Yield the rows whose machine names somebody types; those of workflows are typed in other forms."""
    yield from new_bundles(rows)
    yield from fields_added(rows)
    yield from displays_of_form(rows)
    yield from listed_rows_to_build(rows)


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the right machine name where Drupal refuses that of the row; suggest another.

    `Drupal's form refuses the machine name of “Hull”; it takes …: which one is right?`
    """
    match refusal_of(row, rows.index):
        case RefusedName(rule, likely):
            yield question_about("lists.machine_name", row, answer=likely, rule=rule)
        case AcceptedName():
            return


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield for each row to build whether the form takes its machine name."""
    for row in to_build(ticket.own_rows):
        yield StatedFact(fact=refusal_of(row, ticket.session.index), rows=(row,))


RULE = Rule(key="any_kind.refused_name", facts=facts, asked_rows=rows_with_names, ask=ask)

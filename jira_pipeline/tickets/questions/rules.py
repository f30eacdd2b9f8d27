"""What a rule is: the function of one kind of question, and what it may look at beside its row.

Belongs here: registering rules by their kind, what several of them need of the rows of a group.
Does not: the rules (`questions_of_…`), the table of which rows each is asked of
(`found_questions`), words (`questions.toml`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.meaning.workflow_rows import Way, ways_of
from jira_pipeline.model.entities import GONE, THERE, TO_BUILD, Entity, EntityKind, Status
from jira_pipeline.model.entity_groups import EntityGroup, GroupKind
from jira_pipeline.model.grouped import grouped
from jira_pipeline.tickets.questions.question_index import (
    QuestionIndex,
    RowQuestion,
    once_per_session,
)
from jira_pipeline.tickets.questions.view_forms import FormRow, form_of

BUNDLES = frozenset({GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS})


def new_fields(group: EntityGroup) -> tuple[Entity, ...]:
    """Return the fields that a bundle gets, once each; of a bundle that is new all of its own."""
    statuses = {Status.APPROVED} if group.heads[0].status in THERE else TO_BUILD
    fields = (r for r in group.members if r.kind is EntityKind.FIELD and r.status in statuses)
    return tuple(rows[0] for rows in grouped(fields, lambda row: row.key).values())


def to_build(rows: Iterable[Entity]) -> list[Entity]:
    return [row for row in rows if row.status in TO_BUILD]


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupRows:
    """The rows of a group with what rules look up of them; equal to itself only."""

    group: EntityGroup
    index: QuestionIndex

    @property
    def head(self) -> Entity:
        return self.group.heads[0]

    @property
    def is_new(self) -> bool:
        return self.head.status is Status.APPROVED

    @cached_property
    def new_fields(self) -> tuple[Entity, ...]:
        return new_fields(self.group)

    @cached_property
    def form(self) -> Sequence[FormRow]:
        """The form of a view."""
        return form_of(self.head, self.group.members)

    def form_row(self, display: Entity) -> FormRow:
        return next(row for row in self.form if row.display is display)

    def live(self, kind: EntityKind) -> list[Entity]:
        """Return the members of a kind that stay or come."""
        return [r for r in self.group.members if r.kind is kind and r.status not in GONE]

    @cached_property
    def states(self) -> Sequence[Entity]:
        return self.live(EntityKind.WORKFLOW_STATE)

    @cached_property
    def ways(self) -> Sequence[Way]:
        """The transitions of a workflow."""
        return ways_of(self.live(EntityKind.WORKFLOW_TRANSITION), self.index.specification)


once_per_group = once_per_session
"""The same, of the rows of a group."""
Rule = Callable[[Entity, GroupRows], Iterator[RowQuestion] | bool]
"""Finds what a row leaves open of one kind, mostly nothing; or tells whether it is asked of the row."""
RULES: dict[str, Rule] = {}
"""By the kind, the key in `questions.toml`."""


def rule(*kinds: str) -> Callable[[Rule], Rule]:
    """Register the function of a kind of question; of several, it says which one each is of."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(kinds, function))
        return function

    return register

"""Asks what the sheets leave open: found by rule, joined into few questions, never guessed.

Belongs here: joining what the rules of all kinds ask of a group. Does not: the rules
(`drupal/rules`), their part of a ticket (`tickets/template`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from jira_pipeline.drupal.columns import owner_column_of
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.row_names import joined, marked_subject, name_of, plain, subject_of
from jira_pipeline.drupal.row_questions import ANSWER, SUBJECTS, RowQuestion
from jira_pipeline.drupal.rules import rules_by_key
from jira_pipeline.drupal.specification_index import SpecificationIndex
from jira_pipeline.drupal.ticket_rows import GroupRows, SessionRows, TicketRows
from jira_pipeline.drupal.words import question_words
from jira_pipeline.model.entities import (
    BundleType,
    Entity,
    EntityKind,
    RowSource,
    Specification,
)
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.open_questions import ASKED_ONCE, OpenQuestion, SuggestedAnswer

_CALLED: Mapping[BundleType | None, str] = {
    BundleType.CONTENT: "{} pages",
    BundleType.VOCABULARY: "List {}",
    BundleType.PARAGRAPH: "Section {}",
    BundleType.BLOCK: "Box {}",
    BundleType.WEBFORM: "Form {}",
}
"""What a client calls a type of bundle."""
_NAMED_MAX = 12
"""So many rows are named in a question; more are counted, and its lines name them all."""
CHOICES_MAX, CHOICE_MAX_CHARACTERS = 9, 120
"""Each has a key, a digit, and fits on a button; of more, or longer ones, none is offered."""
_MANY = {kind: f"{noun}s" for kind, noun in NOUNS.items()} | {EntityKind.BUNDLE: "types"}
"""What subjects are that are too many to be named."""


def open_questions(group: EntityGroup, index: SpecificationIndex) -> tuple[OpenQuestion, ...]:
    """Ask what the rows of a group leave open, what blocks building first."""
    rows = GroupRows(group=group, index=index)
    raised = sorted(_raised_in(rows), key=_by_row(group))

    # Rows of one key may raise a kind in other words: then those tell the questions apart.
    words: dict[tuple[str, ...], str] = {}
    for place, question in enumerate(raised):
        asks = question.of_row
        first = words.setdefault((asks.kind, question.key, asks.column), asks.question)
        if asks.question != first:
            raised[place] = replace(question, about=asks.question)

    def asked_alike(question: RowQuestion) -> tuple[int, str, str, bool, str, str, str]:
        asks = question.of_row
        many = question.question_for_many.casefold()
        rank = question_words()[asks.kind]["rank"]
        is_likely = bool(asks.suggested_answer)
        return (
            rank,
            asks.kind,
            many,
            is_likely,
            asks.file * (asks.kind not in ASKED_ONCE),
            asks.audience,
            asks.card,
        )

    alike = group_by(raised, asked_alike)
    return tuple(_joined(same) for _, same in sorted(alike.items(), key=lambda item: item[0][0]))


def ticket_rows(group: EntityGroup, session: SessionRows, *, remark: str = "") -> TicketRows:
    """Return the rows of a group with the questions of its ticket."""
    left_open = open_questions(group, session.index)
    return TicketRows(group=group, session=session, left_open=left_open, remark=remark)


def _raised_in(rows: GroupRows) -> Iterator[RowQuestion]:
    """Yield what each rule asks of the rows that it chooses."""
    for rule in rules_by_key().values():
        if rule.ask is not None and rule.asked_rows is not None:
            for row in rule.asked_rows(rows):
                yield from rule.ask(row, rows)


def _by_row(group: EntityGroup) -> Callable[[RowQuestion], int]:
    """Return what sorts questions by their rows, so that those of one row stay in order of rules."""
    places: dict[RowSource, int] = {}
    for place, row in enumerate((*group.heads, *group.members, *group.captions)):
        places.setdefault(row.source, place)
    return lambda question: places[question.entity.source]


def all_open_questions(
    groups: Iterable[EntityGroup], specification: Specification
) -> tuple[tuple[EntityGroup, OpenQuestion], ...]:
    """Ask about all groups, in their order, in time linear in the rows."""
    every = tuple(groups)
    index = SpecificationIndex(
        specification=specification, groups=sorted(every, key=lambda g: g.number)
    )
    return tuple((group, question) for group in every for question in open_questions(group, index))


def _joined(raised: Sequence[RowQuestion]) -> OpenQuestion:
    """Return the question of one row, or that of all of these."""
    first = raised[0].of_row
    entities = [question.entity for question in raised]
    subjects = tuple(dict.fromkeys(map(subject_of, entities)))
    is_one = len(subjects) == 1
    names = list(dict.fromkeys(map(marked_subject, entities)))
    of_many = f"these {len(names)} {_MANY.get(entities[0].kind, 'rows')}"
    listed = of_many if len(names) > _NAMED_MAX else joined(names)
    wording = first.question if is_one else raised[0].question_for_many
    question = wording.replace(SUBJECTS, listed)
    choices = (
        first.choices or tuple(question_words()[first.kind].get("choices_of_one", ())) * is_one
    )
    is_same = len({frozenset(q.of_row.choices) for q in raised}) == 1
    is_short = all(len(choice) <= CHOICE_MAX_CHARACTERS for choice in choices)
    is_offered = is_same and is_short and len(choices) <= CHOICES_MAX
    answer = _of_each(raised, "suggested_answer")
    assumption = first.assumption.replace(SUBJECTS, listed).replace(ANSWER, answer)
    return replace(
        first,
        keys=tuple(dict.fromkeys(q.key for q in raised)),
        question=f"{question[:1].upper()}{question[1:]}",
        subjects=subjects,
        suggested_answer=answer,
        suggested_because=_of_each(raised, "suggested_because"),
        suggestions=_suggestions_by_row(raised) if answer else (),
        choices=choices if is_offered else (),
        compared=tuple(dict.fromkeys(source for q in raised for source in q.of_row.compared)),
        labels=tuple({q.key: label_for_clients(q.entity) for q in raised}.values()),
        client_quotes=tuple({q.key: q.client_quote for q in raised}.values()),
        for_client=first.for_client.replace(ANSWER, answer),
        assumption=f"{assumption[:1].upper()}{assumption[1:]}",
    )


def _suggestions_by_row(raised: Sequence[RowQuestion]) -> tuple[SuggestedAnswer, ...]:
    """Return what is suggested for each row, in the order of the keys; none where that is the same."""
    by_key = {
        question.key: SuggestedAnswer(
            answer=question.of_row.suggested_answer, because=question.of_row.suggested_because
        )
        for question in raised
    }
    return tuple(by_key.values()) if len(set(by_key.values())) > 1 else ()


def _of_each(raised: Sequence[RowQuestion], part: str) -> str:
    """Return what all of these say, or what each says after its name; nothing where one is silent.

    An answer settles the question for all of them.
    """
    each = dict.fromkeys(f"{plain(name_of(q.entity))}: {getattr(q.of_row, part)}" for q in raised)
    values = {getattr(q.of_row, part) for q in raised}
    return "" if "" in values else "; ".join(each if len(values) > 1 else values)


def label_for_clients(entity: Entity) -> str:
    """Name a row as people do who know the site and not Drupal."""
    label = plain(name_of(entity))
    owner_column = owner_column_of(entity.kind)
    if owner_column is not None:
        owner = re.sub(r" \([^()]*\)$", "", plain(entity.cell(owner_column.name)))
        if owner:
            return f"{owner}: {label}"
    of_type = entity.bundle_type if entity.kind is EntityKind.BUNDLE else None
    return _CALLED.get(of_type, "{}").format(f"“{label}”")

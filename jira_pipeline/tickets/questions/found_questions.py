"""Asks what the sheets leave open: found by rule, joined into few questions, never guessed.

Belongs here: joining what the rules of all kinds ask of a group. Does not: the rules
(`drupal/rules`), their part of a ticket (`tickets/template`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from jira_pipeline.drupal.columns import owner_column_of
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.row_names import joined, marked_subject, name_of, plain, subject_of
from jira_pipeline.drupal.row_questions import ANSWER, SUBJECTS, RowQuestion
from jira_pipeline.drupal.rules import rules_by_key
from jira_pipeline.drupal.specification_index import SpecificationIndex
from jira_pipeline.drupal.ticket_rows import GroupRows, SessionRows, TicketRows
from jira_pipeline.drupal.words import question_words
from jira_pipeline.model.entities import (
    AnyBundleType,
    BundleType,
    Entity,
    EntityKind,
    RowSource,
    Specification,
)
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.open_questions import ASKED_ONCE, OpenQuestion, SuggestedAnswer

_CALLED: Mapping[AnyBundleType | None, str] = {
    BundleType.CONTENT: "{} pages",
    BundleType.VOCABULARY: "List {}",
    BundleType.PARAGRAPH: "Section {}",
    BundleType.BLOCK: "Box {}",
    BundleType.WEBFORM: "Form {}",
}
"""What a client calls a type of bundle."""
_NAMED_MAX = 12
"""So many rows are named in a question; more are counted, and its lines name them all."""
CHOICES_MAX = 9
CHOICE_MAX_CHARACTERS = 120
"""Each has a key, a digit, and fits on a button; of more, or longer ones, none is offered."""
_MANY = {kind: f"{noun}s" for kind, noun in NOUNS.items()} | {EntityKind.BUNDLE: "types"}
"""What subjects are that are too many to be named."""


def open_questions(group: EntityGroup, index: SpecificationIndex) -> tuple[OpenQuestion, ...]:
    """Return the questions that the rows of a group leave open; what blocks building comes first."""
    rows = GroupRows(group=group, index=index)
    raised = sorted(_raised_in(rows), key=_by_row(group))
    questions_by_words = group_by(_distinguished_by_words(raised), _asked_alike)
    ranked = sorted(questions_by_words, key=lambda alike: alike.rank)
    return tuple(_joined(questions_by_words[alike]) for alike in ranked)


def _distinguished_by_words(raised: Iterable[RowQuestion]) -> Iterator[RowQuestion]:
    """Yield questions; two of one rule about one cell, in different words, get different keys.

    The first keeps the key of its cell; each other one is `about` its words.
    """
    first_words: dict[tuple[str, str, str], str] = {}
    for question in raised:
        of_row = question.of_row
        place = (of_row.kind, question.key, of_row.column)
        words = first_words.setdefault(place, of_row.question)
        is_second = of_row.question != words
        yield replace(question, about=of_row.question) if is_second else question


class _AskedAlike(NamedTuple):
    """What the questions about several rows have in common that become one question."""

    rank: int
    """Its place among the questions of a ticket."""
    kind: str
    question_for_many: str
    has_likely_answer: bool
    file: str
    """Empty where a question is asked once for all files."""
    audience: str
    card: str


def _asked_alike(question: RowQuestion) -> _AskedAlike:
    """Return what a question must share with others to be asked together with them."""
    of_row = question.of_row
    return _AskedAlike(
        rank=question_words()[of_row.kind]["rank"],
        kind=of_row.kind,
        question_for_many=question.question_for_many.casefold(),
        has_likely_answer=bool(of_row.suggested_answer),
        file="" if of_row.kind in ASKED_ONCE else of_row.file,
        audience=of_row.audience,
        card=of_row.card,
    )


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
    """Return a sort key for questions: the place of their row in the group.

    Questions about one row stay in the order of the rules.
    """
    places: dict[RowSource, int] = {}
    rows = (*group.heads, *group.members, *group.captions)
    for place, row in enumerate(rows):
        places.setdefault(row.source, place)
    return lambda question: places[question.entity.source]


def all_open_questions(
    groups: Iterable[EntityGroup], specification: Specification
) -> tuple[tuple[EntityGroup, OpenQuestion], ...]:
    """Return the questions of all groups, each with its group, in the order of the groups.

    It takes time linear in the rows.
    """
    groups_in_order = tuple(groups)
    in_build_order = sorted(groups_in_order, key=lambda group: group.number)
    index = SpecificationIndex(specification=specification, groups=in_build_order)
    questions = []
    for group in groups_in_order:
        for question in open_questions(group, index):
            questions.append((group, question))
    return tuple(questions)


def _joined(raised: Sequence[RowQuestion]) -> OpenQuestion:
    """Return the one question for all rows that rules asked the same about."""
    first = raised[0]
    subjects: dict[str, None] = {}
    labels: dict[str, str] = {}
    client_quotes: dict[str, str] = {}
    compared: dict[RowSource, None] = {}
    for question in raised:
        subjects[subject_of(question.entity)] = None
        labels[question.key] = label_for_clients(question.entity)
        client_quotes[question.key] = question.client_quote
        compared.update(dict.fromkeys(question.of_row.compared))

    has_one_subject = len(subjects) == 1
    wording = first.of_row.question if has_one_subject else first.question_for_many
    named_rows = _named_in_question(raised)
    wording = wording.replace(SUBJECTS, named_rows)
    answer = _of_each(raised, "suggested_answer")
    because = _of_each(raised, "suggested_because")
    suggestions = _suggestions_by_row(raised) if answer else ()
    assumption = first.of_row.assumption.replace(SUBJECTS, named_rows).replace(ANSWER, answer)
    for_client = first.of_row.for_client.replace(ANSWER, answer)
    return replace(
        first.of_row,
        keys=tuple(labels),
        question=_as_sentence(wording),
        subjects=tuple(subjects),
        suggested_answer=answer,
        suggested_because=because,
        suggestions=suggestions,
        choices=_choices_offered(raised, has_one_subject=has_one_subject),
        compared=tuple(compared),
        labels=tuple(labels.values()),
        client_quotes=tuple(client_quotes.values()),
        for_client=for_client,
        assumption=_as_sentence(assumption),
    )


def _as_sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _named_in_question(raised: Sequence[RowQuestion]) -> str:
    """Name the rows that a question is about; of too many say what and how many they are."""
    names = list(dict.fromkeys(marked_subject(question.entity) for question in raised))
    if len(names) <= _NAMED_MAX:
        return joined(names)
    noun = _MANY.get(raised[0].entity.kind, "rows")
    return f"these {len(names)} {noun}"


def _choices_offered(raised: Sequence[RowQuestion], *, has_one_subject: bool) -> tuple[str, ...]:
    """Return the answers to choose from, if they are few and short and the same for all rows."""
    first = raised[0].of_row
    choices = first.choices
    if has_one_subject and not choices:
        choices = tuple(question_words()[first.kind].get("choices_of_one", ()))
    is_same = all({*question.of_row.choices} == {*first.choices} for question in raised)
    is_short = all(len(choice) <= CHOICE_MAX_CHARACTERS for choice in choices)
    is_offered = is_same and is_short and len(choices) <= CHOICES_MAX
    return choices if is_offered else ()


def _suggestions_by_row(raised: Sequence[RowQuestion]) -> tuple[SuggestedAnswer, ...]:
    """Return the suggestion for each row, in the order of the keys; none where all are the same."""
    suggestions = {}
    for question in raised:
        suggestions[question.key] = SuggestedAnswer(
            answer=question.of_row.suggested_answer, because=question.of_row.suggested_because
        )
    is_same = len(set(suggestions.values())) == 1
    return () if is_same else tuple(suggestions.values())


def _of_each(
    raised: Sequence[RowQuestion], part: Literal["suggested_answer", "suggested_because"]
) -> str:
    """Return a part of all questions as one text; where they differ, each after the name of its row.

    Empty where one of them has none: an answer would settle that row, too.
    """
    texts: dict[str, None] = {}
    named_texts: dict[str, None] = {}
    for question in raised:
        text = getattr(question.of_row, part)
        texts[text] = None
        named_texts[f"{plain(name_of(question.entity))}: {text}"] = None
    if "" in texts:
        return ""
    return "; ".join(named_texts if len(texts) > 1 else texts)


def label_for_clients(entity: Entity) -> str:
    """Name a row as people do who know the site and not Drupal."""
    label = plain(name_of(entity))
    owner_column = owner_column_of(entity.kind)
    if owner_column is not None:
        owner = plain(entity.cell(owner_column.name))
        owner_without_type = re.sub(r" \([^()]*\)$", "", owner)
        if owner_without_type:
            return f"{owner_without_type}: {label}"
    called = _CALLED.get(entity.bundle_type)
    if entity.kind is EntityKind.BUNDLE and called is not None:
        return called.format(f"“{label}”")
    return f"“{label}”"

"""Asks what the sheets leave open: found by rule, joined into few questions, never guessed.

Belongs here: which rules a group is asked by, and joining what they found. Does not: the rules
(`questions_of_…`), their part of a ticket (`tickets/claims/ticket`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.meaning.notes import (
    LEFT_OPEN,
    readable,
    sentences_of,
)
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import TO_BUILD, Entity, EntityKind, Specification
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.tickets.questions.question_index import QuestionIndex, name_of
from jira_pipeline.tickets.questions.questions_of_bundles import bundle_questions
from jira_pipeline.tickets.questions.questions_of_lists import list_questions
from jira_pipeline.tickets.questions.questions_of_views import view_questions
from jira_pipeline.tickets.questions.row_questions import (
    ANSWER,
    NAMED_MAX,
    SUBJECTS,
    RowQuestion,
    asked,
    joined,
    marked_subject,
    plain,
    subject_of,
)

CHOICES_MAX, CHOICE_MAX_CHARACTERS = 9, 120
"""Each has a key, a digit, and fits on a button; of more, or longer ones, none is offered."""
_MANY = {kind: f"{noun}s" for kind, noun in NOUNS.items()} | {EntityKind.BUNDLE: "types"}
"""What subjects are that are too many to be named."""


def open_questions(group: EntityGroup, index: QuestionIndex) -> tuple[OpenQuestion, ...]:
    """Ask what the rows of a group leave open, what blocks building first."""
    rows = (*group.heads, *group.members)
    rules = (bundle_questions, view_questions, list_questions)
    raised = [*_note_questions(rows), *(q for rule in rules for q in rule(group, index))]

    # Rows of one key may raise a kind in other words: then those tell the questions apart.
    words: dict[tuple[str, ...], str] = {}
    firsts = [words.setdefault((q.kind, q.key, q.column), q.question) for q in raised]
    told = zip(raised, firsts, strict=True)
    raised = [q if q.question == first else replace(q, about=q.question) for q, first in told]

    def asked_alike(one: RowQuestion) -> tuple[int, str, str, bool, str, str, str]:
        words, file = one.question_for_many.casefold(), one.entity.source.file
        is_likely, whose = bool(one.suggested_answer), (one.audience, one.card)
        return (one.rank, one.kind, words, is_likely, file, *whose)

    alike = grouped(raised, asked_alike)
    return tuple(_joined(same) for _, same in sorted(alike.items(), key=lambda item: item[0][0]))


def _note_questions(rows: Iterable[Entity]) -> Iterator[RowQuestion]:
    """Ask about what notes of rows to build leave to somebody."""
    for row in (row for row in rows if row.status in TO_BUILD):
        for sentence in filter(LEFT_OPEN.search, sentences_of(readable(row.note))):
            yield asked("rows.unsettled", row, quote=plain(sentence.rstrip(". ")))


def all_open_questions(
    groups: Iterable[EntityGroup], specification: Specification
) -> tuple[tuple[EntityGroup, OpenQuestion], ...]:
    """Ask about all groups, in their order, in time linear in the rows."""
    asked = tuple(groups)
    index = QuestionIndex(specification=specification, groups=sorted(asked, key=lambda g: g.number))
    return tuple((group, question) for group in asked for question in open_questions(group, index))


def _joined(raised: Sequence[RowQuestion]) -> OpenQuestion:
    first = raised[0]
    subjects = tuple(dict.fromkeys(subject_of(d.entity) for d in raised))
    is_one = len(subjects) == 1
    wording = first.question if is_one else first.question_for_many
    names = list(dict.fromkeys(marked_subject(d.entity) for d in raised))
    of_many = f"these {len(names)} {_MANY.get(first.entity.kind, 'rows')}"
    listed = of_many if len(names) > NAMED_MAX else joined(names)
    question = wording.replace(SUBJECTS, listed)
    columns = [first.column, *NOTE_COLUMNS] if first.column in NOTE_COLUMNS else []
    quoting = (c for c in columns if first.quote and first.quote in first.entity.cell(c))
    choices = first.choices or first.choices_of_one * is_one
    is_same = len({frozenset(d.choices) for d in raised}) == 1
    is_short = all(len(choice) <= CHOICE_MAX_CHARACTERS for choice in choices)
    is_offered = is_same and is_short and len(choices) <= CHOICES_MAX
    answers, reasons = {d.suggested_answer for d in raised}, {d.suggested_because for d in raised}
    each = dict.fromkeys(f"{plain(name_of(d.entity))}: {d.suggested_answer}" for d in raised)
    answer = "; ".join(each if len(answers) > 1 else answers)
    assumption = first.assumption.replace(SUBJECTS, listed).replace(ANSWER, answer)
    return OpenQuestion(
        kind=first.kind,
        keys=tuple(dict.fromkeys(d.key for d in raised)),
        file=first.entity.source.file,
        line=first.entity.source.line,
        column=next(quoting, first.column),
        quote=first.quote,
        question=f"{question[:1].upper()}{question[1:]}",
        subjects=subjects,
        suggested_answer=answer,
        suggested_because=reasons.pop() if len(reasons) == 1 else "",
        choices=choices if is_offered else (),
        disputes=first.disputes,
        record=first.entity.source.record,
        compared=tuple(dict.fromkeys(e.source for d in raised for e in d.compared)),
        audience=first.audience,
        card=first.card,
        labels=tuple({d.key: d.label for d in raised}.values()),
        client_quotes=tuple({d.key: d.client_quote for d in raised}.values()),
        for_client=first.for_client.replace(ANSWER, answer),
        client_choices=first.client_choices,
        assumption=f"{assumption[:1].upper()}{assumption[1:]}",
    )

"""What a model answers about one ticket, in a closed schema, and the prose made of it.

Belongs here: the schema, and turning an answer that passed the check into prose. Does not: the
check (`provenance`), what the model gets (`prompt`), or asking it (`model`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.doubts import marked_subject
from jira_pipeline.domain.questions.open_questions import OpenQuestion
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.tickets import DependencySuggestion, ProseParts, TicketProse
from jira_pipeline.writers.fragments import (
    bullet_list,
    checklist,
    extended_list,
    paragraph,
    with_code,
)
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.prompt_facts import rows_given, sent_cells
from jira_pipeline.writers.question_wording import proposed_item, questions_part
from jira_pipeline.writers.suggestions import sensible

_HOURS = re.compile(r"(\d{1,3})\s*[-–]\s*(\d{1,3})(?:\s*(?:hours|h))?")
_WIDEST_BAND = 4
"""The largest band of the rule, `4-12`, triples; beyond four times it is no estimate."""

_CODE = re.compile(r"`(field_\w+)`")
ANALYSIS_MAX = 20
"""The template writes 18 items at most."""
SHORTENED_NOTICE = (
    "These sentences were written from a part of the rows, because there are too many of them for "
    "one request; the tables are whole."
)

Sentence = Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]
ShortText = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)]


class ProposedQuestion(BaseModel):
    """A question the sheets leave open, in the eyes of a model."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: Sentence = Field(description="One question that a person can answer.")
    row: ShortText = Field(
        default="", description="Machine name or label of the row it is about; empty: the ticket."
    )
    column: ShortText = Field(default="", description="Column of the cell that raises it.")
    quote: ShortText = Field(
        default="", description="The words of that cell, copied exactly; empty if it is blank."
    )


class AnsweredQuestion(BaseModel):
    """A question of a rule that a row answers, in the eyes of a model."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: int = Field(description="Its number in the data.")
    quote: ShortText = Field(
        min_length=1, description="The words of one cell that answer it, copied exactly."
    )


class ProposedDependency(BaseModel):
    """Another ticket that may have to come first, in the eyes of a model."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: ShortText = Field(description="Title of that ticket, copied from the data.")
    reason: Sentence = Field(description="One sentence that quotes the cell that says so.")


class TicketAnswer(BaseModel):
    """What a model writes for one ticket: plain sentences, names in `backticks`, no markup."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user_story: Sentence = Field(
        description="One sentence: As a(n) ..., I want ..., so that .... At most 60 words."
    )
    analysis: list[Sentence] = Field(
        min_length=1,
        max_length=ANALYSIS_MAX,
        description="What is special here, a sentence or two each.",
    )
    verification: list[Sentence] = Field(
        min_length=1, max_length=60, description="Statements that can be checked, one each."
    )
    estimated_hours: ShortText | None = Field(
        default=None, description="A range such as 2-6; null to keep the estimate by the rule."
    )
    questions: list[ProposedQuestion] = Field(
        default_factory=list, max_length=5, description="Questions nobody asked yet; mostly none."
    )
    answered: list[AnsweredQuestion] = Field(
        default_factory=list,
        max_length=20,
        description="Questions asked already that a row answers.",
    )
    dependencies: list[ProposedDependency] = Field(
        default_factory=list, max_length=5, description="Tickets that may have to come first."
    )


def with_notice(answer: TicketAnswer) -> TicketAnswer:
    """Return an answer that says it was written from a part of the rows."""
    kept = answer.analysis[: ANALYSIS_MAX - 1]
    return answer.model_copy(update={"analysis": [*kept, SHORTENED_NOTICE]})


def prose_of(
    answer: TicketAnswer, facts: GroupFacts, *, template: TicketProse, writer: str
) -> TicketProse:
    """Return the prose of an answer that passed the check; what rules say stays as it is.

    The questions of the rules are kept, with the words of a row as suggested answer where the model
    found one; those of the model follow as proposals.
    """
    asked = _with_answers(answer, facts)
    proposed = tuple(_questions(answer, facts, template=template, writer=writer))
    return TicketProse(
        parts=ProseParts(
            user_story=paragraph(with_code(answer.user_story)),
            analysis=bullet_list(with_code(sentence) for sentence in answer.analysis),
            questions=extended_list(
                questions_part(facts, asked), (proposed_item(question) for question in proposed)
            ),
            verification=checklist(with_code(statement) for statement in answer.verification),
        ),
        questions=(*asked, *proposed),
        estimated_hours=_hours(answer.estimated_hours, rule=template.estimated_hours),
        writer=writer,
        suggestions=sensible(
            facts, (*template.suggestions, *_suggestions(answer, facts, writer=writer))
        ),
    )


def _with_answers(answer: TicketAnswer, facts: GroupFacts) -> tuple[OpenQuestion, ...]:
    """Return the questions of the rules, those that a row answers with its words."""
    found = {}
    for answered in answer.answered:
        rows = answering_rows(answered, facts)
        if rows:
            words = " ".join(answered.quote.split())
            found[answered.question - 1] = (f"“{words}”", rows[0])
    return tuple(
        _with_answer(asked, *found[place]) if place in found else asked
        for place, asked in enumerate(facts.questions)
    )


def _with_answer(asked: OpenQuestion, words: str, row: Entity) -> OpenQuestion:
    return replace(
        asked,
        suggested_answer=words,
        suggested_because=f"{marked_subject(row)} says it",
        compared=tuple(dict.fromkeys((*asked.compared, row.source))),
    )


def answering_rows(answered: AnsweredQuestion, facts: GroupFacts) -> list[Entity]:
    """Return the rows a model was given that hold the words of an answer, those of the ticket first.

    Words that raise the question, or are of a sentence that leaves something open, answer nothing;
    what follows its question mark may. Nor does a single word, unless it is a whole cell.
    """
    if not 1 <= answered.question <= len(facts.questions):
        return []
    raising = facts.questions[answered.question - 1].quote
    words = " ".join(answered.quote.split())
    if any(map(is_open, sentences_of(words))) or (_is_in(words, raising) and not is_open(raising)):
        return []
    return [
        row
        for row in rows_given(facts)
        if any(
            (words == cell or (" " in words and words in cell)) and not _is_left_open(words, cell)
            for cell in (" ".join(sent.split()) for sent in sent_cells(row).values())
        )
    ]


def _is_left_open(words: str, cell: str) -> bool:
    """Tell whether words are a piece of a sentence that leaves something open."""
    around = (sentence for sentence in sentences_of(cell) if words.rstrip(".") in sentence)
    return any(
        is_open(sentence) and (words.rstrip(".") not in rest or is_open(rest))
        for sentence in around
        for rest in [sentence.rpartition("?")[2]]
    )


def _questions(
    answer: TicketAnswer, facts: GroupFacts, *, template: TicketProse, writer: str
) -> Iterator[OpenQuestion]:
    asked = {question.question.casefold() for question in template.questions}
    for proposed in answer.questions:
        if proposed.question.casefold() in asked:
            continue
        asked.add(proposed.question.casefold())
        row = _row_of(proposed, facts.group)
        if row is not None:
            fields = facts.session.specification.by_kind[EntityKind.FIELD]
            notes = (note for _, note in notes_on_both(proposed, fields) if not is_open(note))
            noted = next(notes, "")
            yield OpenQuestion(
                file=row.source.file,
                line=row.source.line,
                record=row.source.record,
                column=_column_of(proposed, row),
                quote=proposed.quote,
                question=proposed.question,
                subjects=(row.machine_name or row.label,),
                proposed_by=writer,
                suggested_answer=noted,
                suggested_because="note of a field it names" if noted else "",
            )


def notes_on_both(
    question: ProposedQuestion, fields: Iterable[Entity]
) -> Iterator[tuple[Entity, str]]:
    """Return what the note of a field says of another thing that a question names beside it.

    What the question quotes it has seen.
    """
    names = set(_CODE.findall(f"{question.question} `{question.row.strip('`')}`"))
    seen = f"{question.question} {question.quote}"
    for row in fields:
        others = "|".join(
            re.escape(n.removeprefix("field_")).replace("_", "[ _]")
            for n in sorted(names - {row.machine_name})
        )
        named = re.compile(rf"\b(?:field_)?(?:{others})\b", re.IGNORECASE)
        for sentence in sentences_of(row.note) if row.machine_name in names and others else ():
            if named.search(sentence) and not _is_in(sentence.rstrip(". "), seen):
                yield row, sentence


def _row_of(proposed: ProposedQuestion, group: EntityGroup) -> Entity | None:
    """Return the row a question is about: by name, by its quote, else what the ticket is about."""
    rows = (*group.heads, *group.members)
    name = proposed.row.strip("`").casefold()
    named = [r for r in rows if name and name in {r.machine_name.casefold(), r.label.casefold()}]
    quoting = [r for r in named or rows if proposed.quote and _quoted_column(proposed.quote, r)]
    return next(iter([*quoting, *named, *rows]), None)


def _column_of(proposed: ProposedQuestion, row: Entity) -> str:
    if _is_in(proposed.quote, row.cell(proposed.column)):
        return proposed.column
    return _quoted_column(proposed.quote, row) if proposed.quote else ""


def _quoted_column(quote: str, row: Entity) -> str:
    return next((column for column, text in row.cells.items() if _is_in(quote, text)), "")


def _is_in(quote: str, cell: str) -> bool:
    """Tell whether a cell holds some words, whatever its line breaks."""
    return bool(cell) and " ".join(quote.split()) in " ".join(cell.split())


def _hours(answer: str | None, *, rule: str) -> str:
    """Take the model's band where it overlaps that of the rule and is no wider than an estimate."""
    found = _HOURS.fullmatch(answer.strip()) if answer else None
    known = _HOURS.fullmatch(rule)
    if found is None or known is None:
        return rule
    low, high = int(found[1]), int(found[2])
    overlaps = low <= int(known[2]) and high >= int(known[1])
    return f"{low}-{high}" if 0 < low < high <= _WIDEST_BAND * low and overlaps else rule


def _suggestions(
    answer: TicketAnswer, facts: GroupFacts, *, writer: str
) -> Iterator[DependencySuggestion]:
    by_title = {group.title.casefold(): group for group in facts.session.groups.values()}
    for proposed in answer.dependencies:
        group = by_title.get(proposed.title.casefold())
        if group is not None:
            yield DependencySuggestion(
                group_key=group.key, reason=proposed.reason, proposed_by=writer
            )

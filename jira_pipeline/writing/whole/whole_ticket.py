"""The ticket of a whole answer: what holds of it, what the program adds, and where each is from.

The program adds the template's sentence for each fact that nothing says, and asks what rules ask,
in the words of the answer where it words them. Each part of the answer is one entry that people can
take back (`review/revisions`).

Belongs here: the ticket and its entries. Does not: what holds (`judging`), what has to be said
(`must_facts`), which sentences of an earlier text stay (`earlier_sentences`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.drupal.claims import rendered
from jira_pipeline.drupal.markup import text, with_code
from jira_pipeline.drupal.row_names import name_of, subject_of
from jira_pipeline.drupal.view.form import FormRow
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.model.line_numbers import places_cited
from jira_pipeline.model.open_questions import MODEL, OpenQuestion
from jira_pipeline.model.revisions import (
    ChangeKind,
    CoveredFact,
    ModelChange,
    TicketProse,
)
from jira_pipeline.model.tickets import canonical_hash, question_id_of
from jira_pipeline.tickets.template import TemplateWriter, parts_saying, question_items
from jira_pipeline.writing.completion.checking import filled_value, quoting_column, still_open
from jira_pipeline.writing.completion.prompt import Fill, TicketToComplete
from jira_pipeline.writing.whole.answer import (
    AnsweredQuestion,
    WholeAnswer,
    WrittenQuestion,
    WrittenSentence,
)
from jira_pipeline.writing.whole.earlier_sentences import (
    resting_row,
    sentences_with_earlier,
)
from jira_pipeline.writing.whole.judging import JudgedItem, is_mostly_refused, judged_answer
from jira_pipeline.writing.whole.must_facts import MustFact, must_facts_of

MOSTLY_REFUSED = (
    "More than a third of the model's sentences contradict the rows or name what no row has."
)


def whole_prose(answer: WholeAnswer, ticket: TicketToComplete, *, writer: str) -> TicketProse:
    """Return the prose of a ticket of what holds in an answer; what was refused is listed.

    Where too much is refused, the ticket is the template's.
    """
    judged = judged_answer(answer, ticket)
    if is_mostly_refused(judged):
        return replace(TemplateWriter().write(ticket.facts), fallback_reason=MOSTLY_REFUSED)
    facts = must_facts_of(ticket.facts)
    values = _filled_values(judged, ticket)
    form = _filled_form(values, ticket)
    questions = _Questions.of(judged, form, ticket, writer=writer)
    sentences = []
    others = []
    for place, one in enumerate(judged):
        question = questions.by_place.get(place)
        change = _attributed(one, ticket, facts, values, question)
        if isinstance(one.item, WrittenSentence) and not change.refused:
            sentences.append(change)
        else:
            others.append(change)
    sentences = sentences_with_earlier(sentences, ticket)
    said = {kind: [c.after for c in sentences if c.kind is kind] for kind in ChangeKind}
    uncovered = uncovered_facts(facts, sentences)
    analysis = [fact.html for fact in uncovered if fact.part == "analysis"]
    checks = [fact.html for fact in uncovered if fact.part == "verification"]
    hours = [c.after for c in others if c.kind is ChangeKind.HOURS and not c.refused]
    return TicketProse(
        parts=parts_saying(
            said[ChangeKind.USER_STORY] or [rendered(claim) for claim in ticket.claimed.story],
            [*said[ChangeKind.ANALYSIS], *analysis],
            [*said[ChangeKind.VERIFICATION], *checks],
            form=form,
            questions=question_items(ticket.facts, questions.asked),
        ),
        questions=questions.asked,
        estimated_hours=hours[0] if hours else ticket.hours,
        writer=writer,
        changes=_in_order((*sentences, *others)),
        assumptions=ticket.facts.assumptions,
    )


def uncovered_facts(
    facts: Sequence[MustFact], sentences: Sequence[ModelChange]
) -> tuple[MustFact, ...]:
    """Return the facts that no sentence which lists them says."""
    uncovered = []
    for fact in facts:
        name = lasting_name(fact)
        listing = [c.text for c in sentences if any(name == f.name for f in c.covers)]
        if not (listing and fact.is_covered_by(" ".join(listing))):
            uncovered.append(fact)
    return tuple(uncovered)


def lasting_name(fact: MustFact) -> str:
    """Return the name of a fact that is the same in every generation: what is said, of which rows."""
    rows = [row.key for row in fact.rows]
    return f"{fact.claim.kind}/{canonical_hash([rows, list(fact.claim.values)])[:16]}"


_ORDER = (
    ChangeKind.USER_STORY,
    ChangeKind.HOURS,
    ChangeKind.ANALYSIS,
    ChangeKind.FILL,
    ChangeKind.QUESTION,
    ChangeKind.VERIFICATION,
)


def _in_order(changes: Sequence[ModelChange]) -> tuple[ModelChange, ...]:
    """Return entries in the order of the parts, as pages list them."""
    return tuple(sorted(changes, key=lambda change: _ORDER.index(change.kind)))


# Forms.


def _filled_values(judged: Sequence[JudgedItem], ticket: TicketToComplete) -> Mapping[str, str]:
    """Return what the cells of the form say that a row answers, by the names of the cells."""
    values = {}
    for one in judged:
        if isinstance(one.item, Fill) and not one.refused:
            values[one.item.cell] = filled_value(one.item, one.rows[0], ticket)
    return values


def _filled_form(values: Mapping[str, str], ticket: TicketToComplete) -> list[FormRow]:
    cells = group_pairs(
        (place, (column, values.get(name, cell)))
        for name, (place, column, cell) in ticket.form.items()
    )
    return [replace(row, cells=dict(cells[n])) for n, row in enumerate(ticket.claimed.form)]


# Questions.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Questions:
    """The questions of a ticket, and which one each part of an answer became."""

    asked: tuple[OpenQuestion, ...]
    by_place: Mapping[int, OpenQuestion]
    """By the place of the part of the answer that words it."""

    @staticmethod
    def of(
        judged: Sequence[JudgedItem],
        form: Sequence[FormRow],
        ticket: TicketToComplete,
        *,
        writer: str,
    ) -> "_Questions":
        """Ask what rules ask, then what people answered already, then what is new."""
        asked = dict(ticket.questions)
        by_place = {}
        new: dict[str, OpenQuestion] = {}
        for place, one in enumerate(judged):
            match one.item:
                case _ if one.refused:
                    continue
                case WrittenQuestion(stands_for=[name, *_]) as item:
                    asked[name] = by_place[place] = _reworded(asked[name], item)
                case AnsweredQuestion(question=name) as item:
                    asked[name] = by_place[place] = _with_answer(asked[name], item, one.rows[0])
                case WrittenQuestion() as item:
                    question = _new_question(item, one.rows[0], taken=new, writer=writer)
                    new[question_id_of(question)] = by_place[place] = question
                case _:
                    continue
        of_rules = list(asked.values())
        if any(isinstance(one.item, Fill) and not one.refused for one in judged):
            left = (still_open(question, form, ticket) for question in of_rules)
            of_rules = [question for question in left if question is not None]
        earlier = ticket.facts.earlier
        # What people answered stays in the words that they answered.
        answered = {question_id_of(q): q for q in (earlier.answered if earlier else ())}
        known = {question_id_of(question) for question in of_rules}
        kept = [question for key, question in answered.items() if key not in known]
        added = [question for key, question in new.items() if key not in answered]
        return _Questions(asked=(*of_rules, *kept, *added), by_place=by_place)


def _reworded(question: OpenQuestion, item: WrittenQuestion) -> OpenQuestion:
    """Return a question of a rule in other words; a suggestion is added where it has none."""
    if question.suggested_answer or not item.suggested_answer:
        return replace(question, question=item.question)
    return replace(
        question,
        question=item.question,
        suggested_answer=item.suggested_answer,
        suggested_because=item.because,
    )


def _with_answer(question: OpenQuestion, item: AnsweredQuestion, row: Entity) -> OpenQuestion:
    """Return a question with words of a row as the answer that is suggested."""
    column = quoting_column(item.quote, row)
    return replace(
        question,
        suggested_answer=f"“{item.quote}”",
        suggested_because=f"{column} of {name_of(row)}".replace("`", "'"),
    )


def _new_question(
    item: WrittenQuestion, row: Entity, *, taken: Mapping[str, OpenQuestion], writer: str
) -> OpenQuestion:
    """Return a question of a model; its row and column are its key, whatever its words.

    A further one about the same cell gets a number.
    """
    column = item.column if row.cell(item.column) else ""
    question = OpenQuestion(
        kind=MODEL,
        keys=(row.key,),
        file=row.source.file,
        line=row.source.line,
        record=row.source.record,
        column=column,
        quote="",
        question=item.question,
        subjects=(subject_of(row),),
        proposed_by=writer,
        suggested_answer=item.suggested_answer,
        suggested_because=item.because,
    )
    number = 1
    while question_id_of(question) in taken:
        number += 1
        question = replace(question, keys=(f"{row.key} “{number}”",))
    return question


# Entries.


def _attributed(
    judged: JudgedItem,
    ticket: TicketToComplete,
    facts: Sequence[MustFact],
    values: Mapping[str, str],
    question: OpenQuestion | None,
) -> ModelChange:
    """Return the entry of a part: what it says, what it rests on, what taking it back needs."""
    change = ModelChange(
        kind=judged.kind,
        text=judged.text,
        place=places_cited([row.source for row in judged.rows]) if judged.rows else "",
        warning=judged.warning,
        refused=judged.refused,
        rows=tuple(map(resting_row, judged.rows)),
    )
    if judged.refused:
        return change
    match judged.item:
        case WrittenSentence() as sentence:
            return _entry_of_sentence(change, sentence, ticket, facts)
        case Fill(cell=cell):
            before = text(ticket.form[cell][2])
            return replace(change, about=cell, before=before, after=text(values[cell]))
        case str() as hours:
            return replace(change, before=ticket.hours, after=hours)
        case WrittenQuestion() | AnsweredQuestion() as item:
            return (
                change if question is None else _entry_of_question(change, item, question, ticket)
            )


def _entry_of_sentence(
    change: ModelChange,
    sentence: WrittenSentence,
    ticket: TicketToComplete,
    facts: Sequence[MustFact],
) -> ModelChange:
    before = ""
    if change.kind is ChangeKind.USER_STORY:
        before = "</p><p>".join(rendered(claim) for claim in ticket.claimed.story)
    covers = []
    for fact in facts:
        if fact.name in sentence.covers:
            covered = CoveredFact(
                name=lasting_name(fact),
                part=fact.part,
                is_whole=fact.is_covered_by(sentence.text),
                sentence=fact.html,
            )
            covers.append(covered)
    return replace(change, before=before, after=with_code(sentence.text), covers=tuple(covers))


def _entry_of_question(
    change: ModelChange,
    item: WrittenQuestion | AnsweredQuestion,
    question: OpenQuestion,
    ticket: TicketToComplete,
) -> ModelChange:
    (after,) = question_items(ticket.facts, [question])
    name = item.question if isinstance(item, AnsweredQuestion) else "".join(item.stands_for[:1])
    former = ticket.questions.get(name)
    if former is None:
        return replace(change, after=after, question=question)
    (before,) = question_items(ticket.facts, [former])
    return replace(
        change,
        text=f"“{former.question}”: {change.text}",
        about=name,
        before=before,
        after=after,
        question=question,
        former_question=former,
    )

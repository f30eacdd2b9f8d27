"""The ticket of a whole answer: what holds of it, what the program adds, and where each is from.

The program adds the template's sentence for each fact that nothing says, and asks what rules ask,
in the words of the answer where it words them. Each part of the answer is one entry that people can
take back (`review/revisions`).

Belongs here: the ticket and its entries. Does not: what holds (`judging`), what has to be said
(`must_facts`), which sentences of an earlier text stay (`earlier_text`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
    FactCoverage,
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
from jira_pipeline.writing.whole.earlier_text import (
    parts_with_earlier_questions,
    row_version,
    sentences_with_earlier,
)
from jira_pipeline.writing.whole.judging import JudgedPart, is_mostly_refused, judged_answer
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
    parts = parts_with_earlier_questions(judged, ticket)
    facts = must_facts_of(ticket.facts)
    values = _filled_values(parts, ticket)
    form = _filled_form(values, ticket)
    asked = _Questions(ticket, writer=writer)
    sentences = []
    others = []
    for part in parts:
        change = _attributed(part, ticket, facts, values, asked.question_of(part))
        if isinstance(part.content, WrittenSentence) and not change.refused:
            sentences.append(change)
        else:
            others.append(change)
    questions = asked.left_of(form)
    sentences = sentences_with_earlier(sentences, ticket)
    uncovered = uncovered_facts(facts, sentences)
    analysis = _texts_of(ChangeKind.ANALYSIS, sentences)
    analysis += [fact.html for fact in uncovered if fact.part == "analysis"]
    checks = _texts_of(ChangeKind.VERIFICATION, sentences)
    checks += [fact.html for fact in uncovered if fact.part == "verification"]
    if not checks:  # of a plain thing nothing has to be said, but it can be tried
        checks = [rendered(claim) for claim in ticket.claimed.verification]
    story = _texts_of(ChangeKind.USER_STORY, sentences)
    hours = _texts_of(ChangeKind.HOURS, others)
    return TicketProse(
        parts=parts_saying(
            story or map(rendered, ticket.claimed.story),
            analysis,
            checks,
            form=form,
            questions=question_items(ticket.facts, questions),
        ),
        questions=questions,
        estimated_hours=hours[0] if hours else ticket.hours,
        writer=writer,
        changes=_in_order((*sentences, *others)),
        assumptions=ticket.facts.assumptions,
    )


def _texts_of(kind: ChangeKind, changes: Sequence[ModelChange]) -> list[str]:
    """Return what the entries of a kind that hold put into the ticket."""
    return [change.after for change in changes if change.kind is kind and not change.refused]


def uncovered_facts(
    facts: Sequence[MustFact], sentences: Sequence[ModelChange]
) -> tuple[MustFact, ...]:
    """Return the facts that no sentence which lists them says."""
    uncovered = []
    for fact in facts:
        name = lasting_name(fact)
        listing = []
        for sentence in sentences:
            if name in {coverage.name for coverage in sentence.covers}:
                listing.append(sentence.text)
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


def _filled_values(judged: Sequence[JudgedPart], ticket: TicketToComplete) -> Mapping[str, str]:
    """Return what the cells of the form say that a row answers, by the names of the cells."""
    values = {}
    for part in judged:
        if isinstance(part.content, Fill) and not part.refused:
            values[part.content.cell] = filled_value(part.content, part.rows[0], ticket)
    return values


def _filled_form(values: Mapping[str, str], ticket: TicketToComplete) -> list[FormRow]:
    cells = group_pairs(
        (place, (column, values.get(name, cell)))
        for name, (place, column, cell) in ticket.form.items()
    )
    return [replace(row, cells=dict(cells[n])) for n, row in enumerate(ticket.claimed.form)]


# Questions.


class _Questions:
    """The questions of a ticket: those of rules, with what an answer makes of them, then its own.

    Each question that is added or worded otherwise is returned, for the entry of that part.
    """

    def __init__(self, ticket: TicketToComplete, *, writer: str) -> None:
        self._ticket = ticket
        self._writer = writer
        self._of_rules = dict(ticket.questions)
        """By the name that an answer gives them, such as `q2`."""
        self._keys_before = _keys_by_words(ticket)
        self._new: dict[str, OpenQuestion] = {}
        """By their id."""

    def question_of(self, part: JudgedPart) -> OpenQuestion | None:
        """Ask what a part of an answer asks, and return the question; None where it asks nothing."""
        if part.refused:
            return None
        match part.content:
            case WrittenQuestion(question_names=[name, *_]) as content:
                self._of_rules[name] = _reworded(self._of_rules[name], content)
                return self._of_rules[name]
            case WrittenQuestion() as content:
                question = _new_question(content, part.rows[0], writer=self._writer)
                keys = self._keys_before.get(question.question)
                question = replace(question, keys=keys) if keys else _numbered(question, self._new)
                self._new[question_id_of(question)] = question
                return question
            case AnsweredQuestion(question=name) as content:
                question = self._of_rules[name]
                self._of_rules[name] = _with_answer(question, content, part.rows[0])
                return self._of_rules[name]
            case _:
                return None

    def left_of(self, form: Sequence[FormRow]) -> tuple[OpenQuestion, ...]:
        """Return what is asked beside a form: by rules, of models and answered, new, once each.

        What people answered stays in the words that they answered.
        """
        of_rules = [*self._of_rules.values()]
        if [*form] != [*self._ticket.claimed.form]:
            of_rules = _left_of_form(of_rules, form, self._ticket)
        in_order = (*of_rules, *_answered_questions(self._ticket), *self._new.values())
        questions: dict[str, OpenQuestion] = {}
        for question in in_order:
            questions.setdefault(question_id_of(question), question)
        return tuple(questions.values())


def _answered_questions(ticket: TicketToComplete) -> Sequence[OpenQuestion]:
    """Return the questions of models that people answered before."""
    earlier = ticket.facts.earlier
    return () if earlier is None else earlier.answered


def _keys_by_words(ticket: TicketToComplete) -> Mapping[str, tuple[str, ...]]:
    """Return the keys of a model's own questions that are asked as before, by their words."""
    earlier = ticket.facts.earlier
    keys = {}
    for change in () if earlier is None else earlier.questions:
        if change.question is not None and change.former_question is None:
            keys[change.question.question] = change.question.keys
    return keys


def _left_of_form(
    questions: Sequence[OpenQuestion], form: Sequence[FormRow], ticket: TicketToComplete
) -> list[OpenQuestion]:
    """Return questions as they are asked of a form in which rows answered cells."""
    left = (still_open(question, form, ticket) for question in questions)
    return [question for question in left if question is not None]


def _reworded(question: OpenQuestion, worded: WrittenQuestion) -> OpenQuestion:
    """Return a question of a rule in other words; a suggestion is added where it has none."""
    if question.suggested_answer or not worded.suggested_answer:
        return replace(question, question=worded.question)
    return replace(
        question,
        question=worded.question,
        suggested_answer=worded.suggested_answer,
        suggested_because=worded.because,
    )


def _with_answer(question: OpenQuestion, answered: AnsweredQuestion, row: Entity) -> OpenQuestion:
    """Return a question with words of a row as the answer that is suggested."""
    column = quoting_column(answered.quote, row)
    return replace(
        question,
        suggested_answer=f"“{answered.quote}”",
        suggested_because=f"{column} of {name_of(row)}".replace("`", "'"),
    )


def _new_question(worded: WrittenQuestion, row: Entity, *, writer: str) -> OpenQuestion:
    """Return a question of a model; its row and column are its key, whatever its words."""
    return OpenQuestion(
        kind=MODEL,
        keys=(row.key,),
        file=row.source.file,
        line=row.source.line,
        record=row.source.record,
        column=worded.column if row.cell(worded.column) else "",
        quote="",
        question=worded.question,
        subjects=(subject_of(row),),
        proposed_by=writer,
        suggested_answer=worded.suggested_answer,
        suggested_because=worded.because,
    )


def _numbered(question: OpenQuestion, taken: Mapping[str, OpenQuestion]) -> OpenQuestion:
    """Return a question with a number in its key where others are about the same cell."""
    numbered = question
    number = 1
    while question_id_of(numbered) in taken:
        number += 1
        numbered = replace(question, keys=(f"{question.keys[0]} “{number}”",))
    return numbered


# Entries.


def _attributed(
    judged: JudgedPart,
    ticket: TicketToComplete,
    facts: Sequence[MustFact],
    values: Mapping[str, str],
    question: OpenQuestion | None,
) -> ModelChange:
    """Return the entry of a part: what it says, what it rests on, what taking it back needs."""
    change = _entry_with_rows(judged)
    if judged.refused:
        return change
    match judged.content:
        case WrittenSentence() as sentence:
            return _entry_of_sentence(change, sentence, ticket, facts)
        case Fill(cell=cell):
            before = text(ticket.form[cell][2])
            return replace(change, about=cell, before=before, after=text(values[cell]))
        case str() as hours:
            return replace(change, before=ticket.hours, after=hours)
        case WrittenQuestion() | AnsweredQuestion() as content:
            if question is None:
                return change
            return _entry_of_question(change, content, question, ticket)


def _entry_with_rows(judged: JudgedPart) -> ModelChange:
    """Return the entry of a part with what it was judged to be and the rows it rests on."""
    place = ""
    if judged.rows:
        place = places_cited([row.source for row in judged.rows])
    return ModelChange(
        kind=judged.kind,
        text=judged.text,
        place=place,
        warning=judged.warning,
        refused=judged.refused,
        rows=tuple(map(row_version, judged.rows)),
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
            covered = FactCoverage(
                name=lasting_name(fact),
                part=fact.part,
                is_whole=fact.is_covered_by(sentence.text),
                sentence=fact.html,
            )
            covers.append(covered)
    return replace(change, before=before, after=with_code(sentence.text), covers=tuple(covers))


def _entry_of_question(
    change: ModelChange,
    content: WrittenQuestion | AnsweredQuestion,
    question: OpenQuestion,
    ticket: TicketToComplete,
) -> ModelChange:
    (after,) = question_items(ticket.facts, [question])
    name = (
        content.question
        if isinstance(content, AnsweredQuestion)
        else "".join(content.question_names[:1])
    )
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

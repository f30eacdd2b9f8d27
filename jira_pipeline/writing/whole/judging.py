"""Which parts of a whole answer hold: each by itself, against the rows of the ticket.

Only what is certain refuses: a row or a name that is not there, a cell that a sentence contradicts, a
sentence said twice. All else that no row proves is a warning, which people see beside the sentence.

Belongs here: judging every part; when so much is refused that the ticket stays the template's; what is
asked once more, joining both answers. Does not: what is wrong with words (`completion/prose_checks`),
the ticket of what holds (`whole_ticket`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.forms_in_text import is_about_form
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.revisions import PARTS_OF_SENTENCES, ChangeKind
from jira_pipeline.writing.completion.checking import (
    fill_fault,
    hours_fault,
    quoting_column,
    words_fault,
)
from jira_pipeline.writing.completion.prompt import Fill, TicketToComplete, as_data
from jira_pipeline.writing.completion.prose_checks import (
    address_faults,
    address_warnings,
    contradictions,
    is_english,
    is_repeated,
    leaked_instructions,
    normalised,
    story_warning,
    warnings_of,
)
from jira_pipeline.writing.whole.answer import (
    AnsweredQuestion,
    WholeAnswer,
    WrittenQuestion,
    WrittenSentence,
)
from jira_pipeline.writing.whole.display_statements import answering_access, display_faults

REFUSED_SHARE = 1 / 3
REFUSED_MIN = 4
"""A ticket with more than that share of refused sentences, and that many, is the template's."""

Content: TypeAlias = WrittenSentence | WrittenQuestion | AnsweredQuestion | Fill | str
"""A part of an answer; the hours are a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPart:
    """One part of an answer and what it is worth."""

    kind: ChangeKind
    content: Content
    rows: tuple[Entity, ...] = ()
    """What it rests on."""
    refused: str = ""
    """Why it does not come into the ticket; empty where it does."""
    warning: str = ""
    """What of it no row proves."""

    @property
    def text(self) -> str:
        """What it says, as people are shown it in a list."""
        match self.content:
            case str():
                return self.content
            case WrittenSentence():
                return self.content.text
            case WrittenQuestion():
                return self.content.question
            case AnsweredQuestion():
                return f"{self.content.question}: {self.content.quote}"
            case Fill():
                return f"{self.content.cell}: {self.content.value}"

    @property
    def shown_words(self) -> str:
        """All that people read of it in the model's own words."""
        match self.content:
            case WrittenQuestion() as question:
                return f"{question.question} {question.suggested_answer} {question.because}"
            case Fill() as fill:
                return fill.value
            case _:
                return self.text


def judged_answer(answer: WholeAnswer, ticket: TicketToComplete) -> tuple[JudgedPart, ...]:
    """Judge every part of an answer, in the order of the ticket."""
    judged = [_judged_alone(kind, content, ticket) for kind, content in _contents_of(answer)]
    return tuple(_of_whole(_without_repeated(judged), ticket))


def _contents_of(answer: WholeAnswer) -> Iterator[tuple[ChangeKind, Content]]:
    if answer.story is not None:
        yield ChangeKind.USER_STORY, answer.story
    for sentence in answer.analysis:
        yield ChangeKind.ANALYSIS, sentence
    for cell in answer.cells:
        yield ChangeKind.FILL, cell
    for question in answer.questions:
        yield ChangeKind.QUESTION, question
    for answered in answer.answered:
        yield ChangeKind.QUESTION, answered
    for check in answer.checks:
        yield ChangeKind.VERIFICATION, check
    if answer.estimated_hours is not None:
        yield ChangeKind.HOURS, answer.estimated_hours


def _judged_alone(kind: ChangeKind, content: Content, ticket: TicketToComplete) -> JudgedPart:
    """Judge one part by the rows, with the addresses that it leads to."""
    judged = _judged_by_rows(kind, content, ticket)
    words = judged.shown_words
    if not judged.refused:
        judged = replace(judged, refused=next(address_faults(words, ticket), ""))
    if judged.refused:
        return replace(judged, warning="")
    warnings = dict.fromkeys(filter(None, [judged.warning, *address_warnings(words)]))
    return replace(judged, warning="; ".join(warnings))


def _judged_by_rows(kind: ChangeKind, content: Content, ticket: TicketToComplete) -> JudgedPart:
    if isinstance(content, str):
        return JudgedPart(kind=kind, content=content, refused=hours_fault(content, ticket))
    names = content.rows if isinstance(content, WrittenSentence) else [content.row]
    rows = tuple(ticket.rows[name] for name in names if name in ticket.rows)
    judged = JudgedPart(kind=kind, content=content, rows=rows)
    absent = [name for name in names if name not in ticket.rows]
    if absent:
        return replace(judged, refused=f"there is no row {absent[0]}")
    match content:
        case WrittenSentence():
            return _judged_sentence(judged, content, ticket)
        case WrittenQuestion():
            refused = _question_fault(content, ticket)
            warning = "" if refused else answering_access(content.question, rows)
            return replace(judged, refused=refused, warning=warning)
        case AnsweredQuestion():
            return replace(judged, refused=_answered_fault(content, rows[0], ticket))
        case Fill():
            return replace(judged, refused=fill_fault(content, rows[0], ticket))


def _judged_sentence(
    judged: JudgedPart, sentence: WrittenSentence, ticket: TicketToComplete
) -> JudgedPart:
    fault = words_fault(sentence.text, ticket) or next(contradictions(sentence.text, ticket), "")
    faults = [*display_faults(sentence.text, judged.rows, ticket)]
    fault = fault or next((found.text for found in faults if found.is_certain), "")
    if fault:
        return replace(judged, refused=fault)
    unproven = [found.text for found in faults]
    warnings = list(dict.fromkeys([*warnings_of(sentence.text, ticket), *unproven]))
    if judged.kind is ChangeKind.USER_STORY:
        warnings += filter(None, [story_warning(sentence.text, ticket)])
    if not judged.rows:
        warnings.append("it names no row that it rests on")
    return replace(judged, warning="; ".join(warnings))


def _question_fault(worded: WrittenQuestion, ticket: TicketToComplete) -> str:
    """Say why a question is not asked; empty where it is."""
    for name in worded.question_names:
        question = ticket.questions.get(name)
        if question is None:
            return f"there is no question {name}"
        if is_about_form(question.question):
            return "the question of a form is the program’s: its cells are filled in one by one"
    if "?" not in worded.question:
        return "it asks nothing"
    texts = {normalised(question.question).casefold() for question in ticket.asked}
    if not worded.question_names and normalised(worded.question).casefold() in texts:
        return "it is asked already"
    words = f"{worded.question} {worded.suggested_answer} {worded.because}"
    statement = worded.question.rpartition(". ")[0]  # what it says before it asks
    return words_fault(words, ticket) or next(contradictions(statement, ticket), "")


def _answered_fault(answered: AnsweredQuestion, row: Entity, ticket: TicketToComplete) -> str:
    """Say why words of a row are not suggested as the answer of a question; empty where they are."""
    question: OpenQuestion | None = ticket.questions.get(answered.question)
    if question is None:
        return f"there is no question {answered.question}"
    if is_about_form(question.question):
        return "the question of a form is the program’s: its cells are filled in one by one"
    if question.suggested_answer:
        return "it has a suggestion"
    if not quoting_column(answered.quote, row):
        return f"“{answered.quote}” is not in {answered.row}"
    return ""


def _without_repeated(judged: Sequence[JudgedPart]) -> list[JudgedPart]:
    """Refuse what an earlier part of the same answer says already."""
    earlier: list[JudgedPart] = []
    for part in judged:
        refused = part.refused or _repetition(part, earlier)
        earlier.append(replace(part, refused=refused, warning="" if refused else part.warning))
    return earlier


def _repetition(judged: JudgedPart, earlier: Sequence[JudgedPart]) -> str:
    """Say why a part is said twice; empty where it is not."""
    for other in earlier:
        if other.refused:
            continue
        match judged.content, other.content:
            case WrittenSentence(text=text), WrittenSentence(text=earlier_text):
                # What is said of the need in a story can be tried, too.
                if other.kind is not ChangeKind.USER_STORY and is_repeated(text, earlier_text):
                    return "it is said twice"
            case WrittenQuestion() as question, WrittenQuestion() as earlier_question:
                if question.question_names and {*question.question_names} & {
                    *earlier_question.question_names
                }:
                    return f"{question.question_names[0]} is asked already"
                if normalised(question.question) == normalised(earlier_question.question):
                    return "it is asked twice"
            case Fill(cell=cell), Fill(cell=filled) if cell == filled:
                return f"{cell} is filled in already"
            case _:
                continue
    return ""


def _of_whole(judged: Sequence[JudgedPart], ticket: TicketToComplete) -> Iterator[JudgedPart]:
    """Refuse all sentences where they are in another language, or tell the instructions together."""
    texts = [part.text for part in judged if part.kind in PARTS_OF_SENTENCES]
    fault = "" if is_english(texts) else "it is not in English"
    leak = leaked_instructions(" ".join(texts), ticket)
    if leak:
        fault = f"it repeats the instructions: {leak}"
    for part in judged:
        refused = part.refused
        if part.kind in PARTS_OF_SENTENCES:
            refused = refused or fault
        yield replace(part, refused=refused, warning="" if refused else part.warning)


def is_mostly_refused(judged: Sequence[JudgedPart]) -> bool:
    """Tell whether so many sentences are refused that nobody should read the rest."""
    sentences = [part for part in judged if part.kind in PARTS_OF_SENTENCES]
    refused_count = sum(bool(part.refused) for part in sentences)
    return refused_count >= REFUSED_MIN and refused_count > REFUSED_SHARE * len(sentences)


def second_request(refused: Sequence[JudgedPart]) -> str:
    """Ask once for what could be said instead of what does not hold."""
    listed = as_data([{"kind": r.kind.value, "text": r.text, "fault": r.refused} for r in refused])
    return (
        "These parts do not hold, each for its fault; all others are taken. Answer with one JSON "
        "object of the same form that has only what should be said instead of them, as the rows "
        f"say it. What nothing can be said instead of goes; that is a good answer, too.\n{listed}"
    )


def joined_answers(
    first: WholeAnswer, second: WholeAnswer, ticket: TicketToComplete
) -> WholeAnswer:
    """Join an answer and its repair; of kinds it leaves out, what is refused stays, to be seen."""
    after = judged_answer(second, ticket)
    repaired_kinds = {part.kind for part in after}
    stay = []
    for part in judged_answer(first, ticket):
        if not part.refused or part.kind not in repaired_kinds:
            stay.append(part)
    staying = {(part.kind, part.text) for part in stay}
    added = [part for part in after if (part.kind, part.text) not in staying]
    return _answer_of([*stay, *added])


def _answer_of(judged: Sequence[JudgedPart]) -> WholeAnswer:
    """Return judged parts as an answer; of two stories or estimates the later part."""
    answer = WholeAnswer()
    for part in judged:
        match part.kind, part.content:
            case ChangeKind.USER_STORY, WrittenSentence() as story:
                answer.story = story
            case ChangeKind.ANALYSIS, WrittenSentence() as sentence:
                answer.analysis.append(sentence)
            case ChangeKind.VERIFICATION, WrittenSentence() as check:
                answer.checks.append(check)
            case _, WrittenQuestion() as question:
                answer.questions.append(question)
            case _, AnsweredQuestion() as answered:
                answer.answered.append(answered)
            case _, Fill() as cell:
                answer.cells.append(cell)
            case _, str() as hours:
                answer.estimated_hours = hours
            case _, _:
                continue
    return answer

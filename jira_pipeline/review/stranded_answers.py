"""What clients answered and nothing asks for any more: listed until a person takes it.

Belongs here: which answers these are, in which words they were asked for. Does not: what a person
does with one (`answers`), answers to questions that are asked (`offered_answers`), keeping them
(`store/client_link_store`).

Newer sheets rename a row or leave it out: then its question is gone, and with it the place where
the answer of a client was shown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.open_questions import ProposedAnswer
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.tickets import Ticket, row_questions_of
from jira_pipeline.review.questions import AskedQuestion, QuestionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedWords:
    """How a row of a question was asked for."""

    question: str
    """Empty where no revision of its ticket tells it any more."""
    label: str


NO_WORDS = AskedWords(question="", label="")


@json_fields(
    "number text given_by at question=words.question row=words.label ticket_number=ticket.number "
    "ticket_title=ticket.title"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class StrandedAnswer:
    """What a client answered about a row that is asked about no longer."""

    answers: tuple[ProposedAnswer, ...]
    """As it is kept, once for each ticket that asked, oldest first; all are taken together."""
    words: AskedWords
    ticket: Ticket

    @property
    def number(self) -> int:
        """What people name it by."""
        return self.answers[0].answer_id

    @property
    def text(self) -> str:
        return self.answers[-1].text

    @property
    def given_by(self) -> str:
        return self.answers[-1].given_by or "the client"

    @property
    def at(self) -> datetime:
        return self.answers[-1].at

    @property
    def introduction(self) -> str:
        """Who answered what, to be read before the words themselves."""
        words = " ".join(filter(None, [self.words.question, self.words.label]))
        about = f", on “{words}”" if words else ""
        return f"{self.given_by}, {self.at:%F}{about}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class _AnsweredWords:
    """What one person answered to a question in some words."""

    secret_sha256: str
    text: str
    words: AskedWords


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowAsked:
    """A row that one person was asked about, in whatever ticket."""

    secret_sha256: str
    words: AskedWords
    row_id: str
    """Only where nobody knows the words: such rows are told apart by their ids."""


def find_stranded_answers(
    proposed: Iterable[ProposedAnswer],
    *,
    questions: Iterable[AskedQuestion],
    tickets: Mapping[str, Ticket],
    revisions_of: Callable[[str], Sequence[Revision]],
) -> tuple[StrandedAnswer, ...]:
    """Return what clients answered that no question asks for and nobody decided about, oldest first.

    Tickets are all of the session, those without rows too. What is asked for in another ticket in
    the same words is shown there.
    """
    words_by_key = _words_by_key(questions)
    waiting: list[ProposedAnswer] = []
    for proposal in proposed:
        if proposal.taken_at is None and proposal.ticket_id in tickets:
            waiting.append(proposal)
    shown = _shown_answers(waiting, words_by_key)
    words_by_ticket: dict[str, Mapping[str, AskedWords]] = {}
    # Of one person and one row, whatever ticket asked it: what they said last counts.
    stranded: dict[_RowAsked, list[ProposedAnswer]] = {}
    for proposal in waiting:
        ticket = tickets[proposal.ticket_id]
        person = proposal.secret_sha256
        for key in _keys_of(proposal):
            if key in words_by_key or _is_decided(key, proposal, ticket):
                continue
            if ticket.ticket_id not in words_by_ticket:
                revisions = revisions_of(ticket.ticket_id)
                words_by_ticket[ticket.ticket_id] = words_once_asked(revisions)
            _, row_id = key
            words = words_by_ticket[ticket.ticket_id].get(row_id, NO_WORDS)
            answered = _AnsweredWords(secret_sha256=person, text=proposal.text, words=words)
            if answered in shown:
                continue
            id_of_unknown = "" if words.question else row_id
            row = _RowAsked(secret_sha256=person, words=words, row_id=id_of_unknown)
            stranded.setdefault(row, []).append(proposal)
    answers: list[StrandedAnswer] = []
    for row, proposals in stranded.items():
        last_ticket = tickets[proposals[-1].ticket_id]
        answer = StrandedAnswer(answers=tuple(proposals), words=row.words, ticket=last_ticket)
        answers.append(answer)
    return tuple(sorted(answers, key=lambda answer: answer.number))


def _words_by_key(questions: Iterable[AskedQuestion]) -> Mapping[QuestionKey, AskedWords]:
    """Return the words in which rows are asked about now, by the key of the row."""
    words: dict[QuestionKey, AskedWords] = {}
    for question in questions:
        for row, key in zip(question.rows, question.keys_of_rows, strict=True):
            words[key] = AskedWords(question=question.question, label=row.label)
    return words


def _shown_answers(
    waiting: Iterable[ProposedAnswer], words_by_key: Mapping[QuestionKey, AskedWords]
) -> set[_AnsweredWords]:
    """Return the answers that questions show now."""
    shown: set[_AnsweredWords] = set()
    for proposal in waiting:
        for key in _keys_of(proposal):
            if key in words_by_key:
                answered = _AnsweredWords(
                    secret_sha256=proposal.secret_sha256,
                    text=proposal.text,
                    words=words_by_key[key],
                )
                shown.add(answered)
    return shown


def _keys_of(proposal: ProposedAnswer) -> list[QuestionKey]:
    return [(proposal.ticket_id, row_id) for row_id in proposal.question_id.split()]


def _is_decided(key: QuestionKey, proposal: ProposedAnswer, ticket: Ticket) -> bool:
    """Tell whether somebody answered a row since it was proposed to."""
    return any(
        given.question_id == key[1] and given.answered_at >= proposal.waits_from
        for given in ticket.answers
    )


def words_once_asked(revisions: Sequence[Revision]) -> Mapping[str, AskedWords]:
    """Return the words in which rows were asked about, last, by the id of the row."""
    words: dict[str, AskedWords] = {}
    for revision in revisions:
        for question in revision.left_open:
            for row_id, row_question in row_questions_of(question).items():
                words[row_id] = AskedWords(
                    question=row_question.question, label=row_question.row_label
                )
    return words

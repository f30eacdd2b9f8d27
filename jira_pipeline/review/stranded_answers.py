"""Answers of clients whose question is gone ("stranded"), listed until a person takes them.

Newer sheets rename a row or leave it out: then its question is gone, and with it the place where a
client's answer was shown. Such answers are found here, with the words in which they were asked for,
so that a person can say what they answer now.

Belongs here: which answers these are. Does not: what a person does with one (`answers`), answers to
questions that are asked (`offered_answers`), storing them (`store/client_link_store`).
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
    """The words in which people were asked about a row."""

    question: str
    """The question; empty where no revision of its ticket has it any more."""
    label: str
    """The row, as clients call it."""


NO_WORDS = AskedWords(question="", label="")


@json_fields(
    "number text given_by at question=words.question row=words.label ticket_number=ticket.number "
    "ticket_title=ticket.title"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class StrandedAnswer:
    """An answer of a client about a row that nothing asks about any more."""

    answers: tuple[ProposedAnswer, ...]
    """The stored answers, one for each ticket that asked, oldest first; they are taken together."""
    words: AskedWords
    ticket: Ticket
    """The ticket that asked last."""

    @property
    def number(self) -> int:
        """The number that people name it by."""
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
    """One person's answer to a question in certain words; equal ones count as the same."""

    secret_sha256: str
    text: str
    words: AskedWords


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowAsked:
    """A row that one person was asked about, in any ticket; equal ones count as the same."""

    secret_sha256: str
    """Hash of the link's secret, which stands for the person."""
    words: AskedWords
    row_id: str
    """The id of the row where its words are not known; empty otherwise, as the words tell rows apart."""


def find_stranded_answers(
    proposed: Iterable[ProposedAnswer],
    *,
    questions: Iterable[AskedQuestion],
    tickets: Mapping[str, Ticket],
    revisions_of: Callable[[str], Sequence[Revision]],
) -> tuple[StrandedAnswer, ...]:
    """Return the answers that no question asks for and nobody decided about, oldest first.

    `tickets` has all of the session by id, those without rows too; `revisions_of` reads a ticket's
    revisions. An answer that a question in the same words still shows is left out.
    """
    words_by_key = _words_by_key(questions)
    waiting: list[ProposedAnswer] = []
    for proposal in proposed:
        if proposal.taken_at is None and proposal.ticket_id in tickets:
            waiting.append(proposal)
    shown = _shown_answers(waiting, words_by_key)
    words_by_ticket: dict[str, Mapping[str, AskedWords]] = {}
    # By person and row, in whatever ticket it was asked: the last answer of each counts.
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
    """Return the words in which rows are asked about now, by ticket and row id."""
    words: dict[QuestionKey, AskedWords] = {}
    for question in questions:
        for row, key in zip(question.rows, question.keys_of_rows, strict=True):
            words[key] = AskedWords(question=question.question, label=row.label)
    return words


def _shown_answers(
    waiting: Iterable[ProposedAnswer], words_by_key: Mapping[QuestionKey, AskedWords]
) -> set[_AnsweredWords]:
    """Return the answers that are shown with a question now."""
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
    """Tell whether somebody answered a row after a proposal to it."""
    return any(
        given.question_id == key[1] and given.answered_at >= proposal.waits_from
        for given in ticket.answers
    )


def words_once_asked(revisions: Sequence[Revision]) -> Mapping[str, AskedWords]:
    """Return the words in which rows were last asked about, by row id; revisions oldest first."""
    words: dict[str, AskedWords] = {}
    for revision in revisions:
        for question in revision.left_open:
            for row_id, row_question in row_questions_of(question).items():
                words[row_id] = AskedWords(
                    question=row_question.question, label=row_question.row_label
                )
    return words

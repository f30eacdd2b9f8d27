"""Answers that people only have to accept: proposals of clients, and suggestions of the sheets.

A client proposes an answer to rows of a question; it becomes an answer when somebody takes it over.
The sheets may suggest an answer, which somebody accepts. Both come out as pairs of place and text,
such as `("12.1.3", "Ten")`, which `answers` stores like typed ones.

Belongs here: which rows a proposal is for, whether anybody decided about it, what accepting gives.
Does not: storing proposals (`store/client_link_store`), those whose question is gone
(`stranded_answers`), what an answer is (`questions`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.actions import Action, ActionKind, command_of
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_fields, json_object
from jira_pipeline.model.open_questions import ProposedAnswer
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.questions import (
    AskedOnce,
    AskedQuestion,
    AskedQuestions,
    QuestionKey,
    Shared,
    SharedRow,
    question_everywhere,
    refuse_faults,
)

Proposed = Mapping[QuestionKey, Sequence[ProposedAnswer]]
"""What clients proposed to each row, oldest first."""


@json_fields("text given_by at rows=row_names is_new")
@dataclass(frozen=True, slots=True, kw_only=True)
class RowProposal:
    """One proposal to a question, wherever that is asked, with the rows that it is for."""

    proposal: ProposedAnswer
    """The proposal as it is stored for the first ticket that asks."""
    rows: tuple[SharedRow, ...]
    """Its rows, in the order of the question."""
    is_of_all: bool
    """Whether it is for all rows of the question."""

    @property
    def text(self) -> str:
        return self.proposal.text

    @property
    def given_by(self) -> str:
        return self.proposal.given_by or "the client"

    @property
    def at(self) -> datetime:
        return self.proposal.at

    @property
    def is_answer(self) -> bool:
        return self.proposal.is_answer

    @property
    def is_new(self) -> bool:
        """Whether at least one of its rows was not decided about since."""
        return not all(row.is_decided_since(self.proposal.waits_from) for row in self.rows)

    @property
    def row_names(self) -> tuple[str, ...]:
        return tuple(row.first.name for row in self.rows)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of its rows; none where its question has only that row."""
        if self.is_of_all and len(self.rows) == 1:
            return ()
        return tuple(row.first.label for row in self.rows)

    @property
    def text_with_rows(self) -> str:
        """Its rows and its text: `“Event” pages, “News” pages: There are none`."""
        return f"{', '.join(self.labels)}: {self.text}" if self.labels else self.text


def proposals_to(once: AskedOnce, proposed: Proposed) -> tuple[RowProposal, ...]:
    """Return the proposals to a question, in all tickets that ask it, the newest first.

    A proposal is stored once for each ticket that asks; these are one here.
    """
    if not any(key in proposed for question in once.everywhere for key in question.keys_of_rows):
        return ()
    rows = once.shared_rows
    place_of = {key: place for place, row in enumerate(rows) for key in row.keys}
    # A proposal is stored once for each ticket, and found at each of its rows.
    stored: dict[ProposedAnswer, None] = {}
    for key in place_of:
        stored |= dict.fromkeys(proposed.get(key, ()))

    def places_of(proposal: ProposedAnswer) -> tuple[int, ...]:
        """Return the positions, among the question's rows, of those that a proposal is for."""
        keys = [(proposal.ticket_id, row_id) for row_id in proposal.question_id.split()]
        return tuple(sorted({place_of[key] for key in keys if key in place_of}))

    def as_given(proposal: ProposedAnswer) -> tuple[object, ...]:
        """Return what proposals have in common that were given as one: time, person, text, rows."""
        by = (proposal.secret_sha256, proposal.given_by)
        return proposal.at, *by, proposal.text, places_of(proposal)

    proposals = []
    for same in group_by(stored, as_given).values():
        places = places_of(same[0])
        proposals.append(
            RowProposal(
                proposal=same[0],
                rows=tuple(rows[place] for place in places),
                is_of_all=len(places) == len(rows),
            )
        )
    # The sort is stable: proposals of one moment keep the order of the rows.
    return tuple(sorted(proposals, key=lambda proposal: proposal.at, reverse=True))


def questions_with_proposals(
    questions: Iterable[AskedQuestion], *, all_questions: AskedQuestions, proposed: Proposed
) -> Iterator[Mapping[str, object]]:
    """Yield questions as JSON for programs, each with the proposals to its rows."""
    for question in questions:
        (once,) = all_questions.in_ticket([question])
        proposals = [
            {**json_object(proposal), "take_over": _command_to_take_over(proposal, question.ticket)}
            for proposal in proposals_to(once, proposed)
        ]
        yield {**json_object(question), "proposed_answers": proposals}


def _command_to_take_over(proposal: RowProposal, ticket: Ticket) -> str | None:
    """Return the command that takes a proposal over for its undecided rows.

    None where all are decided, or where the proposal is no answer, such as a question back.
    """
    since = proposal.proposal.waits_from
    places = [
        row.in_ticket(ticket.ticket_id).place
        for row in proposal.rows
        if not row.is_decided_since(since)
    ]
    if not places or not proposal.is_answer:
        return None
    named = " --take-over ".join(places)
    return command_of(
        Action.of(ActionKind.TAKE_OVER, "{}", session_key=ticket.session_key, places=named)
    )


def _accepted_in(
    question: AskedQuestion, *, suggesting: AskedQuestion
) -> Iterator[tuple[str, str]]:
    """Yield the suggested answers of a question as pairs of place and text.

    Where each row has a suggestion, these are for the waiting rows, or for all where none waits; else
    one is for the whole question. `suggesting` is the question as the ticket has it that suggests.
    """
    suggestions = suggesting.suggestions
    if len(suggestions) != len(question.rows):
        because = suggesting.suggested_because
        yield question.place, f"{suggesting.suggested_answer} (suggestion accepted: {because})"
        return
    is_any_waiting = any(row.is_waiting for row in question.rows)
    for row, suggestion in zip(question.rows, suggestions, strict=True):
        if row.is_waiting or not is_any_waiting:
            yield row.place, f"{suggestion.answer} (suggestion accepted: {suggestion.because})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOffers:
    """The undecided proposals for one row of a question."""

    row: SharedRow
    proposals: tuple[RowProposal, ...]
    """The newest comes first."""

    @property
    def agreed(self) -> str | None:
        """The answer that all proposals agree on; None where they differ, or one is no answer."""
        texts = {proposal.text for proposal in self.proposals}
        is_answered = all(proposal.is_answer for proposal in self.proposals)
        return texts.pop() if is_answered and len(texts) == 1 else None


def offers_of(once: AskedOnce, proposed: Proposed) -> tuple[RowOffers, ...]:
    """Return the rows of a question that have undecided proposals, with these."""
    new_proposals = [proposal for proposal in proposals_to(once, proposed) if proposal.is_new]
    offers = []
    for row in once.shared_rows:
        waiting = []
        for proposal in new_proposals:
            is_decided = row.is_decided_since(proposal.proposal.waits_from)
            if row in proposal.rows and not is_decided:
                waiting.append(proposal)
        if waiting:
            offers.append(RowOffers(row=row, proposals=tuple(waiting)))
    return tuple(offers)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """The proposals that become answers, and those that do not."""

    given: tuple[tuple[str, str], ...]
    """Pairs of a row's place and its answer."""
    left: tuple[str, ...]
    """Texts such as `12.1.2: ten | twenty`, for rows on which clients do not agree."""


def taken_over_answers(
    places: Iterable[str], questions: Sequence[AskedQuestion], proposed: Proposed
) -> TakenOver:
    """Return the proposals at places as answers; a place is a row, or a question with all its rows.

    Each row gets the answer that was proposed for it. At the place of a question, rows on which
    clients do not agree are left out.

    Raises:
        WrongUseError: Nothing can be taken over at a place.
    """
    given: dict[str, str] = {}
    left: dict[str, None] = {}
    faults = []
    for place in places:
        has_agreed = False
        unsettled = []
        for row_place, offers in _offers_at(place, questions, proposed).items():
            agreed = offers.agreed
            if agreed is not None:
                has_agreed = True
                given[row_place] = agreed
            else:
                texts = dict.fromkeys(proposal.text for proposal in offers.proposals)
                unsettled.append(f"{row_place}: {' | '.join(texts)}")
        left |= dict.fromkeys(unsettled)
        if not has_agreed:
            texts_left = "; ".join(unsettled).removeprefix(f"{place}: ")
            faults.append(f"proposed for {place}: {texts_left or 'no answer'}")
    refuse_faults(faults, "Give the answer with --answer.")
    return TakenOver(given=tuple(given.items()), left=tuple(left))


def _offers_at(
    place: str, questions: Sequence[AskedQuestion], proposed: Proposed
) -> Mapping[str, RowOffers]:
    """Return the undecided proposals at the place of a question or row, by the places of rows."""
    for question in questions:
        rows = [row for row in question.rows if place in {question.place, row.place}]
        if rows:
            offers = offers_of(question_everywhere(question, questions), proposed)
            ticket_id = question.ticket.ticket_id
            by_place = {offer.row.in_ticket(ticket_id).place: offer for offer in offers}
            if place == question.place:
                return by_place
            return {place: by_place[place]} if place in by_place else {}
    return {}


def accepted_answers(
    places: Iterable[str], questions: Sequence[AskedQuestion], proposed: Proposed
) -> Sequence[tuple[str, str]]:
    """Return the suggested answers at the places of questions, with a note that they were accepted.

    Where the rows of a question have suggestions of their own, each row gets its own.

    Raises:
        WrongUseError: A place has no question, its question has no suggestion, or a client proposed
            something, which only a person who sees both can decide.
    """
    by_place = {question.place: question for question in questions}
    suggesting: dict[Shared, AskedQuestion] = {}
    for question in questions:
        if question.suggested_answer:
            # Of several that ask the same the first one counts.
            suggesting.setdefault(question.shared, question)
    accepted: list[tuple[str, str]] = []
    faults = []
    for place in places:
        if place not in by_place:
            faults.append(f"there is no question {place!r}")
            continue
        at_place = by_place[place]
        suggested = at_place
        if not at_place.suggested_answer:
            suggested = suggesting.get(at_place.shared, at_place)
        proposals = proposals_to(question_everywhere(at_place, questions), proposed)
        if not suggested.suggested_answer:
            faults.append(f"{place} has no suggested answer")
        elif proposals:
            texts = " | ".join(proposal.text_with_rows for proposal in proposals)
            faults.append(f"the client proposed for {place}: {texts}")
        else:
            accepted += _accepted_in(at_place, suggesting=suggested)
    refuse_faults(
        faults,
        Action.of(
            ActionKind.SHOW_QUESTIONS, "{} shows which questions have suggested answers.", open=True
        ),
    )
    return accepted

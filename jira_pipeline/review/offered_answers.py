"""Answers that people only have to accept: proposed by clients, row by row, or suggested by sheets.

Belongs here: which rows a proposal is for and what is new of it, what accepting comes to. Does not:
keeping proposals (`store/client_link_store`), those that nothing asks for any more (`stranded_answers`),
what an answer is (`questions`).
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
    once_of,
    refuse,
)

Proposed = Mapping[QuestionKey, Sequence[ProposedAnswer]]
"""What clients proposed to each row, oldest first."""


@json_fields("text given_by at rows=row_names is_new")
@dataclass(frozen=True, slots=True, kw_only=True)
class RowProposal:
    """What somebody proposed to one question at once, with the rows that it is for."""

    proposal: ProposedAnswer
    """As it is kept for the first ticket that asks."""
    rows: tuple[SharedRow, ...]
    """In the order of the question."""
    is_of_all: bool
    """It is for all rows of the question."""

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
        """Nobody decided about one of its rows since."""
        return not all(row.is_decided_since(self.proposal.waits_from) for row in self.rows)

    @property
    def row_names(self) -> tuple[str, ...]:
        return tuple(row.first.name for row in self.rows)

    @property
    def labels(self) -> tuple[str, ...]:
        """What people call its rows; none where it is for the only row of its question."""
        if self.is_of_all and len(self.rows) == 1:
            return ()
        return tuple(row.first.label for row in self.rows)

    @property
    def text_with_rows(self) -> str:
        """What was said, after the rows of which: `“Event” pages, “News” pages: There are none`."""
        return f"{', '.join(self.labels)}: {self.text}" if self.labels else self.text


def proposals_to(once: AskedOnce, proposed: Proposed) -> tuple[RowProposal, ...]:
    """Return what clients proposed to a question, wherever it is asked, the newest first.

    The same words that were kept for several tickets at once are one proposal.
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
        keys = [(proposal.ticket_id, row_id) for row_id in proposal.question_id.split()]
        return tuple(sorted({place_of[key] for key in keys if key in place_of}))

    def as_given(proposal: ProposedAnswer) -> tuple[object, ...]:
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
    # Those of one moment keep the order of the rows.
    return tuple(sorted(proposals, key=lambda proposal: proposal.at, reverse=True))


def questions_with_proposals(
    questions: Iterable[AskedQuestion], *, asked: AskedQuestions, proposed: Proposed
) -> Iterator[Mapping[str, object]]:
    """Return questions as programs get them, with what clients proposed to which rows."""
    for question in questions:
        (once,) = asked.in_ticket([question])
        proposals = [
            {**json_object(proposal), "take_over": _command_to_take_over(proposal, question.ticket)}
            for proposal in proposals_to(once, proposed)
        ]
        yield {**json_object(question), "proposed_answers": proposals}


def _command_to_take_over(proposal: RowProposal, ticket: Ticket) -> str | None:
    """Return what accepts a proposal for the rows that wait; None where none waits, or it is no answer."""
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
    """Yield the suggested answer of a question by its place, or those of its waiting rows by theirs."""
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
    """What waits to be accepted for one row of a question."""

    row: SharedRow
    proposals: tuple[RowProposal, ...]
    """The newest first."""

    @property
    def agreed(self) -> str | None:
        """The only answer that is proposed; None where there is none, or people differ."""
        texts = {proposal.text for proposal in self.proposals}
        is_answered = all(proposal.is_answer for proposal in self.proposals)
        return texts.pop() if is_answered and len(texts) == 1 else None


def offers_of(once: AskedOnce, proposed: Proposed) -> tuple[RowOffers, ...]:
    """Return the rows of a question for which something was proposed that nobody decided about."""
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
    """What people take over of what clients proposed."""

    given: tuple[tuple[str, str], ...]
    """Answers by place of a row."""
    left: tuple[str, ...]
    """What was proposed for rows on which clients do not agree, or no answer; after the place."""


def taken_over_answers(
    places: Iterable[str], questions: Sequence[AskedQuestion], proposed: Proposed
) -> TakenOver:
    """Return the proposed answers that people take over, for a row or all rows of a question.

    Each row gets what was proposed for it. Of a question whose rows are not named, those on which
    clients do not agree are left.

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
    refuse(faults, "Give the answer with --answer.")
    return TakenOver(given=tuple(given.items()), left=tuple(left))


def _offers_at(
    place: str, questions: Sequence[AskedQuestion], proposed: Proposed
) -> Mapping[str, RowOffers]:
    """Return what is offered at the place of a question or row, by the places of its rows."""
    for question in questions:
        rows = [row for row in question.rows if place in {question.place, row.place}]
        if rows:
            offers = offers_of(once_of(question, questions), proposed)
            ticket_id = question.ticket.ticket_id
            by_place = {offer.row.in_ticket(ticket_id).place: offer for offer in offers}
            if place == question.place:
                return by_place
            return {place: by_place[place]} if place in by_place else {}
    return {}


def accepted_answers(
    places: Iterable[str], questions: Sequence[AskedQuestion], proposed: Proposed
) -> Sequence[tuple[str, str]]:
    """Return the suggested answers of questions people accept, by place, recorded as accepted.

    Where the suggestions for its rows differ, each row gets its own.

    Raises:
        WrongUseError: A place has no question, its question no suggestion, or a client proposed
            something: only a person who sees both decides.
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
        proposals = proposals_to(once_of(at_place, questions), proposed)
        if not suggested.suggested_answer:
            faults.append(f"{place} has no suggested answer")
        elif proposals:
            texts = " | ".join(proposal.text_with_rows for proposal in proposals)
            faults.append(f"the client proposed for {place}: {texts}")
        else:
            accepted += _accepted_in(at_place, suggesting=suggested)
    refuse(
        faults,
        Action.of(
            ActionKind.SHOW_QUESTIONS, "{} shows which questions have suggested answers.", open=True
        ),
    )
    return accepted

"""Answering questions, one by one or by a file, and deciding whom they go to.

People give answers by place, such as `12.1`; they are stored by ticket id and question id, in every
ticket that asks the same. Storing them says what they replaced, takes away ready marks, and names the
steps that undo it. An answer of a client whose question is gone ("stranded") is placed by hand.

Belongs here: these verbs. Does not: which questions there are (`questions`), what clients propose
(`store/client_link_store`).
"""

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from jira_pipeline.model.actions import Action, ActionKind, command_of
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.line_numbers import format_count, ticket_numbers_text
from jira_pipeline.model.open_questions import Audience, QuestionRoute
from jira_pipeline.model.site_answers import SITE
from jira_pipeline.model.tickets import Answer, Ticket, questions_left
from jira_pipeline.review.cells import read_filled_table, unusable_file_error
from jira_pipeline.review.forms import AskedCell, AskedForSite, suggested_for_site
from jira_pipeline.review.offered_answers import accepted_answers, taken_over_answers
from jira_pipeline.review.outcomes import (
    NOTHING,
    Answered,
    Outcome,
    Step,
    marking_again,
    numbers_of,
    outdated_issue_sentences,
)
from jira_pipeline.review.questions import (
    ANSWER_MAX_CHARACTERS,
    NOT_RELEVANT,
    AskedQuestion,
    QuestionKey,
    answers_by_ticket,
    answers_with_reason,
    objections_at,
)
from jira_pipeline.review.questions_workbook import read_answers, shown_proposals
from jira_pipeline.review.revisions import TicketEdit, edit, html_of_text
from jira_pipeline.review.stranded_answers import StrandedAnswer
from jira_pipeline.review.stranded_questions import StrandedQuestion

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.review.open_session import OpenSession

NOTES = "notes"
"""The part of a ticket that gets a client's answer as a note."""
REASON_MAX_CHARACTERS = 1_000
_WAYS_TO_TAKE = (
    "Name a question that it answers, a ticket whose notes get it, or why it is set aside."
)


@dataclass(frozen=True, slots=True)
class _Change:
    """An answer before and after: at one row of a question, or one cell of a form."""

    place: str
    """Where it is, as in `12.1.3`."""
    given: Answer | None
    """The answer before; None where nobody answered."""
    now: str
    """The text that it has from now on; empty where the answer is removed."""

    @property
    def text(self) -> str:
        """The text before; empty where nobody answered."""
        return self.given.answer if self.given else ""


def answer(
    session: "OpenSession",
    given: Sequence[tuple[str, str]] = (),
    *,
    accepted: Sequence[str] = (),
    taken_over: Sequence[str] = (),
    not_relevant: Sequence[tuple[str, str]] = (),
    objected: Sequence[tuple[str, str]] = (),
    were: Mapping[str, str] | None = None,
    is_only: bool = False,
    by: str,
) -> Answered:
    """Keep answers by the place of a question, row or cell, and suggestions people accept; all or none.

    So is what clients proposed and people take over: each row gets what was proposed for it, and
    rows for which clients proposed different answers are left. What is not relevant is answered,
    too: with the reason that stands beside its place. Who objects to an assumption says why: it is
    a question again. An empty answer takes one back. Each counts wherever its question is asked,
    unless `is_only` keeps it to its place. `were` are the answers people saw there, empty where
    they saw none. No suggestion takes the place of what a client proposed.

    The places of answers that count for all views of the site begin with `site.`, as in
    `site.Sort`; accepting `site` takes over what is suggested for those that nobody answered.

    Raises:
        AnswerConflictError: Somebody else answered since.
        WrongUseError: A place does not exist, an answer cannot be stored, a place has no
            suggestion, or a reason is missing.
    """
    keeping = answers_to_keep(
        session,
        given,
        accepted=accepted,
        taken_over=taken_over,
        not_relevant=not_relevant,
        objected=objected,
        is_only=is_only,
    )
    cells: list[AskedCell | AskedForSite] = [*session.cells, *session.asked_for_site]
    seen = answers_by_ticket((were or {}).items(), session.questions, cells=cells, is_only=True)
    return _store_answers(session, keeping.answers, were=seen, left=keeping.left, by=by)


class AnswersToKeep(NamedTuple):
    """The answers that `answer` would store."""

    answers: Mapping[str, Mapping[str, str]]
    """The texts by ticket id and question id."""
    left: str
    """A sentence on proposals of clients that are not taken over; empty where all are."""


def answers_to_keep(
    session: "OpenSession",
    given: Sequence[tuple[str, str]] = (),
    *,
    accepted: Sequence[str] = (),
    taken_over: Sequence[str] = (),
    not_relevant: Sequence[tuple[str, str]] = (),
    objected: Sequence[tuple[str, str]] = (),
    is_only: bool = False,
) -> AnswersToKeep:
    """Return the answers that `answer` would store; nothing is stored.

    The arguments are those of `answer`. Suggestions, proposals, reasons and objections become
    answers with a place and a text, like typed ones.
    """
    questions = session.questions
    proposed = session.proposed_answers
    cells: list[AskedCell | AskedForSite] = [*session.cells, *session.asked_for_site]
    places_given = {place for place, _ in given}

    typed = [*given]
    accepted_of_tickets = []
    for place in accepted:
        of_site = suggested_for_site(session.asked_for_site, place, given=places_given)
        typed += of_site
        if not of_site:
            accepted_of_tickets.append(place)
    typed += accepted_answers(accepted_of_tickets, questions, proposed)
    typed += answers_with_reason(not_relevant, NOT_RELEVANT)
    typed += objections_at(objected, questions)
    taken = taken_over_answers(taken_over, questions, proposed)
    typed += taken.given

    left = f"Not taken over: {'; '.join(taken.left)}." if taken.left else ""
    answers = answers_by_ticket(typed, questions, cells=cells, is_only=is_only)
    return AnswersToKeep(answers=answers, left=left)


def approvals_taken_by(
    session: "OpenSession", answers: Mapping[str, Mapping[str, str]]
) -> tuple[int, ...]:
    """Return the numbers of the approved tickets that answers would change, so unmark.

    Answers for the whole site change every ticket with open cells in a form.
    """
    numbers = []
    for ticket in session.tickets:
        now = ticket.given_answers
        changes = answers.get(ticket.ticket_id, {})
        is_changed = any(text != now.get(row_id, "") for row_id, text in changes.items())
        is_filled = SITE in answers and bool(ticket.revision.asked_cells)
        if ticket.is_ready and (is_changed or is_filled):
            numbers.append(ticket.number)
    return tuple(numbers)


def answers_of_file(
    session: "OpenSession", content: bytes, *, name: str
) -> Mapping[str, Mapping[str, str]]:
    """Return the answers that `answer_by_file` would store, by ticket id and question id."""
    filled = read_filled_table(content, name=name)
    return read_answers(filled, session_key=session.key, tickets=session.tickets)


def ask(
    session: "OpenSession",
    places: Annotated[Sequence[str], Field(title="T.N...", description="Numbers of questions.")],
    *,
    audience: Annotated[
        Audience | None,
        Field(title="WHO", description="agency, client or developer; default: whose its kind is."),
    ] = None,
    words: Annotated[
        str,
        Field(
            title="TEXT",
            max_length=ANSWER_MAX_CHARACTERS,
            description="The question in words for the client.",
        ),
    ] = "",
    by: str,
) -> Outcome:
    """Decide who is asked questions: the agency, the client or a developer, and in which words.

    Each is theirs wherever it is asked. What was assumed is asked once somebody objects to it.
    What no row asks any more is only set aside, by its place in the list of questions.

    Raises:
        WrongUseError: A place has no question, or words are for nobody.
    """
    stranded_by_place = {stranded.place: stranded for stranded in session.stranded_questions}
    if places and set(places) <= stranded_by_place.keys():
        stranded = [stranded_by_place[place] for place in dict.fromkeys(places)]
        return _set_aside(session, stranded, audience=audience, by=by)
    by_place = {question.place: question for question in session.questions}
    unknown = [place for place in places if place not in by_place]
    if unknown:
        raise WrongUseError(f"Nothing was saved: there is no question {', '.join(unknown)}.")
    if words and audience is not Audience.CLIENT:
        raise WrongUseError("Nothing was saved: words are for the client; name it as audience.")

    # A question goes to the same people wherever it is asked.
    chosen = {by_place[place].shared for place in places}
    everywhere = [question for question in session.questions if question.shared in chosen]
    undo = tuple(_steps_back_to_routes(everywhere))
    session.store.reviews.route(
        session.key,
        [question.key for question in everywhere],
        audience=audience,
        words=words.strip(),
        by=by,
        at=session.clock.now(),
    )
    whom = f"the {audience}" if audience else "whom their kind is for"
    return Outcome(
        session_key=session.key,
        sentences=(f"{format_count(len(chosen), 'question')} asked of {whom}.",),
        undo=undo,
        numbers=numbers_of(question.ticket for question in everywhere),
    )


def _steps_back_to_routes(questions: Sequence[AskedQuestion]) -> Iterator[Step]:
    """Yield the steps that give questions back the audience and the words that they have now."""
    before = group_by(
        questions,
        lambda question: (question.audience if question.is_routed else None, question.words),
    )
    for (audience, words), same in before.items():
        places = [question.place for question in same]
        yield "ask", {"places": places, "audience": audience, "words": words}


def _set_aside(
    session: "OpenSession",
    stranded: Sequence[StrandedQuestion],
    *,
    audience: Audience | None,
    by: str,
) -> Outcome:
    """Remove the routes of questions that no row asks any more.

    Raises:
        WrongUseError: An audience is named, but nobody can be asked such a question.
    """
    if audience is not None:
        places = ", ".join(question.place for question in stranded)
        raise WrongUseError(
            f"Nothing was saved: no row asks {places} any more; name the question that asks now."
        )
    routes: list[QuestionRoute] = []
    for question in stranded:
        routes += question.routes
    session.store.reviews.remove_routes(session.key, routes, by=by, at=session.clock.now())
    count = format_count(len(stranded), "question")
    return Outcome(
        session_key=session.key,
        sentences=(f"{count} no longer asked set aside.",),
        numbers=numbers_of(question.ticket for question in stranded),
    )


def take_answer(
    session: "OpenSession",
    answers: Annotated[
        Sequence[int],
        Field(title="N...", description="Numbers of answers that are no longer asked."),
    ],
    *,
    place: Annotated[
        str,
        Field(title="T.N", description="Question, or row of one, that it answers now."),
    ] = "",
    note: Annotated[
        int | None, Field(title="T", description="Number of the ticket whose notes get it.")
    ] = None,
    reason: Annotated[
        str,
        Field(
            title="TEXT",
            max_length=REASON_MAX_CHARACTERS,
            description="Why it is set aside.",
        ),
    ] = "",
    is_back: Annotated[bool, Field(description="List it again as waiting.")] = False,
    by: str,
) -> Outcome:
    """Take what a client answered though its question is gone: as an answer, as a note, or aside.

    Raises:
        WrongUseError: No such answer waits, or not exactly one option says what becomes of it.
        AnswerConflictError: The question has an answer already.
    """
    ways_named = [bool(place), note is not None, bool(reason.strip()), is_back]
    if sum(ways_named) != 1:
        raise WrongUseError(
            "Nothing was saved. Say what to do with the answer.",
            recovery_actions=(_WAYS_TO_TAKE,),
        )
    links = session.store.client_links
    at = session.clock.now()
    if is_back:
        count = links.put_back(session.key, answers, by=by, at=at)
        return Outcome(
            session_key=session.key,
            sentences=(f"{format_count(count, 'answer')} of clients listed again.",),
        )
    chosen = _stranded_answers_of(session, answers)
    answer_ids = [stored.answer_id for stranded in chosen for stored in stranded.answers]
    undo: tuple[Step, ...] = (("take-answer", {"answers": answer_ids, "is_back": True}),)
    sentences = [f"{format_count(len(chosen), 'answer')} set aside."]
    proposed = [
        f"{stranded.given_by} proposed on {stranded.at:%F}: “{stranded.text}”."
        for stranded in chosen
    ]
    with session.store.database.together():
        if place:
            text = "\n".join(stranded.text for stranded in chosen)
            answered = answer(session, [(place, text)], were={place: ""}, by=by)
            sentences = [*answered.sentences]
            undo = (*undo, *answered.undo)
        elif note is not None:
            sentences = [*_add_to_notes(session, note, chosen, by=by).sentences]
            undo = ()
        details = {
            "answers": [stranded.text for stranded in chosen],
            "proposed_by": [stranded.given_by for stranded in chosen],
            "place": place,
            "note": note,
            "reason": reason.strip(),
        }
        links.take(session.key, answer_ids, details=details, by=by, at=at)
    return Outcome(
        session_key=session.key,
        sentences=(*sentences, *proposed),
        undo=undo,
        proposed_by=[stranded.given_by for stranded in chosen],
    )


def _stranded_answers_of(session: "OpenSession", numbers: Sequence[int]) -> list[StrandedAnswer]:
    """Return the answers of these numbers: those of clients to questions that are gone.

    Raises:
        WrongUseError: No number is given, or one belongs to no such answer.
    """
    by_number = {stranded.number: stranded for stranded in session.stranded_answers}
    unknown = ", ".join(str(number) for number in numbers if number not in by_number)
    if unknown or not numbers:
        show_questions = Action.of(ActionKind.SHOW_QUESTIONS, "{} lists them.")
        raise WrongUseError(
            f"Nothing was saved: no answer {unknown} waits that is no longer asked.",
            recovery_actions=(show_questions,),
        )
    return [by_number[number] for number in dict.fromkeys(numbers)]


def _add_to_notes(
    session: "OpenSession", number: int, chosen: Sequence[StrandedAnswer], *, by: str
) -> Outcome:
    """Add answers word for word to the end of a ticket's notes, with who answered what."""
    ticket = session.ticket(number)
    html = ticket.revision.parts.notes
    for stranded in chosen:
        text = escape(stranded.text).replace("\n", "<br>")
        html += f"<p>{escape(stranded.introduction)}<br>{text}</p>"
    notes = html_of_text(html, part=NOTES, is_html=True)
    return edit(session, ticket, TicketEdit(parts={NOTES: notes}), by=by)


def answer_by_file(session: "OpenSession", content: bytes, *, name: str, by: str) -> Answered:
    """Store the answers of a filled-in workbook of questions, all or none.

    Raises:
        InputError: The file cannot be read, or one of its answers cannot be stored.
    """
    filled = read_filled_table(content, name=name)
    answers = read_answers(filled, session_key=session.key, tickets=session.tickets)
    _refuse_over_unseen_proposals(session, answers, shown_proposals(filled), name=name)
    return _store_answers(session, answers, by=by)


def _refuse_over_unseen_proposals(
    session: "OpenSession",
    answers: Mapping[str, Mapping[str, str]],
    shown_ids: Collection[int],
    *,
    name: str,
) -> None:
    """Refuse a file that answers a question against a client's proposal that it does not show.

    Whoever filled it in did not know of the proposal. `shown_ids` are the proposals that it shows.

    Raises:
        InputError: Such a proposal is there.
    """
    for question in session.questions:
        if not question.is_open:
            continue
        ticket_id = question.ticket.ticket_id
        for row in question.rows:
            text = answers.get(ticket_id, {}).get(row.row_id)
            if text is None:
                continue
            for proposal in session.proposed_answers.get((ticket_id, row.row_id), ()):
                if text != proposal.text and proposal.answer_id not in shown_ids:
                    place = row.place if len(question.rows) > 1 else question.place
                    fault = f"the client proposed for {place}: {proposal.text}"
                    raise unusable_file_error(name, f"{fault}; decide there first")


def _store_answers(
    session: "OpenSession",
    answers: Mapping[str, Mapping[str, str]],
    *,
    were: Mapping[str, Mapping[str, str]] | None = None,
    left: str = "",
    by: str,
) -> Answered:
    """Store answers by ticket id and question id; return what changed, and how to undo it.

    Raises:
        AnswerConflictError: The answers are not those of `were`, which people saw.
    """
    before = {ticket.ticket_id: ticket for ticket in session.tickets}
    changes = _changes(session, answers)
    replaced = tuple(_replaced_answers(session, changes))
    stored_count = session.store.reviews.answer(
        session.key, answers, by=by, at=session.clock.now(), were=were
    )
    tickets = session.reload().tickets
    open_count = questions_left(tickets).count
    if not stored_count:
        return Answered(
            session_key=session.key,
            kept=0,
            tickets=(),
            unmarked=(),
            open=open_count,
            sentences=(NOTHING,),
            left=left,
        )

    changed: list[Ticket] = []
    unmarked: list[int] = []
    for ticket in tickets:
        ticket_before = before[ticket.ticket_id]
        if ticket.answers != ticket_before.answers:
            changed.append(ticket)
        if ticket_before.is_ready and not ticket.is_ready:
            unmarked.append(ticket.number)
    numbers = numbers_of(changed)
    answer_count = min(stored_count, _count_once(session, answers))
    sentences = [_stored_text(answer_count, answers, numbers)]
    if unmarked:
        sentences.append(f"No longer approved: {ticket_numbers_text(unmarked)}.")
    sentences += outdated_issue_sentences(session, changed)
    marks_again = marking_again(before[ticket.ticket_id] for ticket in changed)
    return Answered(
        session_key=session.key,
        kept=stored_count,
        tickets=numbers,
        unmarked=tuple(unmarked),
        open=open_count,
        sentences=(*sentences, *replaced),
        replaced=replaced,
        left=left,
        undo=(*_undo_answers(changes), *marks_again),
        numbers=numbers,
    )


def _stored_text(
    count: int, answers: Mapping[str, Mapping[str, str]], numbers: Sequence[int]
) -> str:
    """Return a sentence: how many answers were saved, or removed if all are empty, in which tickets."""
    has_text = any(any(answers_of_ticket.values()) for answers_of_ticket in answers.values())
    verb = "saved" if has_text else "removed"
    where = f" in {ticket_numbers_text(numbers)}" if numbers else ""
    return f"{format_count(count, 'answer')} {verb}{where}."


def _count_once(session: "OpenSession", answers: Mapping[str, Mapping[str, str]]) -> int:
    """Count answers as people gave them: the same one to the same question counts once."""
    shared_of: dict[QuestionKey, object] = {}
    for question in session.questions:
        shared_of |= dict.fromkeys(question.keys_of_rows, question.shared)
    given = set()
    for ticket_id, of_ticket in answers.items():
        for row_id, text in of_ticket.items():
            key = (ticket_id, row_id)
            given.add((shared_of.get(key, key), text))
    return len(given)


def _undo_answers(changes: Sequence[_Change]) -> tuple[Step, ...]:
    """Return the step that restores the answers from before; none where nothing changed."""
    if not changes:
        return ()
    given = [(change.place, change.text) for change in changes]
    were = {change.place: change.now for change in changes}
    return (("answer", {"given": given, "were": were, "is_only": True}),)


def _changes(session: "OpenSession", answers: Mapping[str, Mapping[str, str]]) -> Sequence[_Change]:
    """Return the rows and cells whose answer will be another one, with both answers."""
    by_place: dict[str, _Change] = {}
    for ticket_id, of_ticket in answers.items():
        for question in session.asked.of_ticket.get(ticket_id, ()):
            for row in question.rows:
                if row.row_id in of_ticket:
                    by_place[row.place] = _change_of(row.place, row.given, of_ticket[row.row_id])
    cells: list[AskedCell | AskedForSite] = [*session.cells, *session.asked_for_site]
    for cell in cells:
        ticket_id, cell_id = cell.key
        now = answers.get(ticket_id, {}).get(cell_id)
        if now is not None:
            by_place[cell.place] = _change_of(cell.place, cell.answer, now)
    return [change for change in by_place.values() if change.text != change.now]


def _change_of(place: str, given: Answer | None, now: str) -> _Change:
    # An answer for all views of the site is not one of this place.
    return _Change(place, None if given is not None and given.is_of_site else given, now)


def _replaced_answers(session: "OpenSession", changes: Sequence[_Change]) -> Iterator[str]:
    """Yield a sentence for each answer that is replaced or removed: where, whose, how to restore it.

    Places with the same answer of the same person are in one sentence.
    """
    question_at = {row.place: question for question in session.questions for row in question.rows}
    of_one_answer: dict[tuple[str, str, bool], list[str]] = {}
    for change in changes:
        if change.given is not None:
            key = (change.text, change.given.answered_by, bool(change.now))
            of_one_answer.setdefault(key, []).append(change.place)
    for (text, by, is_replaced), changed in of_one_answer.items():
        changed_places = set(changed)
        places: dict[str, None] = {}
        for place in changed:
            question = question_at.get(place)
            if question is not None and changed_places.issuperset(
                row.place for row in question.rows
            ):
                # A question is named once where all of its rows changed.
                places[question.place] = None
            else:
                places[place] = None
        typed = " ".join(f"--answer {shlex.quote(place)} {shlex.quote(text)}" for place in places)
        put_back = Action.of(ActionKind.ANSWER, "{}", session_key=session.key, options=typed)
        yield (
            f"{'Replaced' if is_replaced else 'Removed'} at {', '.join(places)}: “{text}”, answered "
            f"by {by}. To put it back: {command_of(put_back)}"
        )

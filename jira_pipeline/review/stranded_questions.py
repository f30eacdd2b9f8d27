"""Questions that people routed to an audience and that nothing asks any more ("stranded").

A route says who is asked a question, maybe in a person's own words; it is stored by the id of the
question's row. Newer sheets rename a row, move it or leave it out: its question has another id then,
and the route is left behind. Such routes are listed, with the command that asks another question so.

Belongs here: which questions these are, and where each was asked. Does not: routing a question and
setting one aside (`answers.ask`), stranded answers (`stranded_answers`), storing routes
(`store/reviews`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.actions import Action, ActionKind, command_of
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.open_questions import Audience, QuestionRoute
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.review.stranded_answers import NO_WORDS, AskedWords, words_once_asked


@json_fields(
    "place audience words routed_by=route.routed_by routed_at=route.routed_at "
    "question=asked.question row=asked.label ticket_number=ticket.number ticket_title=ticket.title"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class StrandedQuestion:
    """A question that somebody routed to an audience, though no row asks it any more."""

    routes: tuple[QuestionRoute, ...]
    """Its stored routes, one for each ticket that asked it."""
    asked: AskedWords
    """The words in which it was asked then."""
    ticket: Ticket

    @property
    def route(self) -> QuestionRoute:
        return self.routes[0]

    @property
    def place(self) -> str:
        """What people call it: the number of its ticket and the id of its row."""
        return f"{self.ticket.number}.{self.route.question_id}"

    @property
    def audience(self) -> Audience:
        return self.route.audience

    @property
    def words(self) -> str:
        """The words in which somebody put it for the client; empty where nobody did."""
        return self.route.words

    @property
    def shown(self) -> str:
        """Its text for lists: people's words, or else those of its rule, or its ticket's title."""
        return self.words or self.asked.question or self.ticket.title

    def command_to_ask(self, session_key: str) -> str:
        """Return the command that routes another question the same way; people fill in T.N."""
        return command_of(
            Action.of(
                ActionKind.ASK_QUESTION,
                "{}",
                session_key=session_key,
                place="T.N",
                audience=self.audience,
                words=self.words,
            )
        )

    def command_to_drop(self, session_key: str) -> str:
        """Return the command that removes its routes."""
        return command_of(
            Action.of(ActionKind.ASK_QUESTION, "{}", session_key=session_key, place=self.place)
        )


def find_stranded_questions(
    routes: Iterable[QuestionRoute],
    *,
    questions: Iterable[AskedQuestion],
    tickets: Mapping[str, Ticket],
    revisions_of: Callable[[str], Sequence[Revision]],
) -> tuple[StrandedQuestion, ...]:
    """Return the routed questions that no row asks any more, by number of their ticket.

    `tickets` has all of the session by id, those without rows too. A question that is routed to the
    same audience in the same words somewhere else is left out.
    """
    asked_now = tuple(questions)
    keys = {question.key for question in asked_now}
    sent_now = {_as_sent(question) for question in asked_now if question.is_routed}
    routes_left = []
    for route in routes:
        is_asked = (route.ticket_id, route.question_id) in keys
        if not is_asked and route.ticket_id in tickets:
            routes_left.append(route)

    # A question that several tickets asked in the same words is listed once.
    words_by_ticket: dict[str, Mapping[str, AskedWords]] = {}
    routes_alike: dict[tuple[Audience, str, AskedWords], list[QuestionRoute]] = {}
    for route in routes_left:
        if route.ticket_id not in words_by_ticket:
            words_by_ticket[route.ticket_id] = words_once_asked(revisions_of(route.ticket_id))
        asked_words = words_by_ticket[route.ticket_id].get(route.question_id, NO_WORDS)
        key = (route.audience, route.words, asked_words)
        routes_alike.setdefault(key, []).append(route)
    stranded = []
    for (audience, words, asked_words), same in routes_alike.items():
        if (audience, words or asked_words.question) in sent_now:
            continue
        ticket = tickets[same[0].ticket_id]
        stranded.append(StrandedQuestion(routes=tuple(same), asked=asked_words, ticket=ticket))
    return tuple(sorted(stranded, key=lambda question: (question.ticket.number, question.place)))


def _as_sent(question: AskedQuestion) -> tuple[str, str]:
    """Return the audience of a question and the words in which it is asked."""
    return question.audience, question.words or question.question

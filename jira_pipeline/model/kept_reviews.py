"""What people said and decided of a ticket, kept when its session is removed.

Belongs here: these values, which tickets have anything of people, how much came back. Does not:
keeping and returning them (`store/kept_reviews`), when a session is removed (`context/retention`).

Words here are lines for people to read: `comment by anna: Ask the museum.`
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from html import unescape

from jira_pipeline.model.actions import Action, ActionKind, action_text
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.manual_fixes import FixState, ManualFix
from jira_pipeline.model.open_questions import ProposedAnswer, QuestionRoute
from jira_pipeline.model.records import Comment
from jira_pipeline.model.revisions import Revision, RevisionOrigin, is_of_people
from jira_pipeline.model.runs import AUTO_APPROVAL
from jira_pipeline.model.ticket_decisions import Withdrawal
from jira_pipeline.model.tickets import Answer, FieldValue, Ticket, row_ids_of

_PLURALS = {
    "place in the order": "places in the order",
    "question sent to somebody": "questions sent to somebody",
    "manual fix marked as done": "manual fixes marked as done",
}
_SHOWN_MAX = 600
"""So many characters of an edited text are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRemark:
    """What somebody wants of a ticket when it is written."""

    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTicket:
    """A ticket with all that people said and decided of it."""

    ticket: Ticket
    """With its current revision and own answers, and without dependencies, which are computed anew."""
    earlier_revisions: tuple[Revision, ...] = ()
    """Oldest first; empty where nobody changed a text."""
    routes: tuple[QuestionRoute, ...] = ()
    proposals: tuple[ProposedAnswer, ...] = ()
    comments: tuple[Comment, ...] = ()
    remark: KeptRemark | None = None
    """None: nobody made one, or it was taken back."""
    fixes: tuple[ManualFix, ...] = ()
    """Manual fixes on its issue that somebody marked as done."""

    @property
    def revisions(self) -> tuple[Revision, ...]:
        return (*self.earlier_revisions, self.ticket.revision)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many words of each kind there are, by the word for one; kinds without any are left out."""
        ticket = self.ticket
        is_edited = is_of_people(self.revisions)
        counts = {
            "answer": len(ticket.answers),
            "proposed answer": len(self.proposals),
            "edited text": int(is_edited),
            "note": int(bool(ticket.revision.parts.notes)),
            "skipped ticket": int(ticket.skipped_reason is not None),
            "change request": int(ticket.sent_back is not None),
            "approval": int(ticket.is_ready),
            "agreed withdrawal": int(ticket.withdrawal is Withdrawal.AGREED),
            "set field": len(ticket.assigned_fields),
            "place in the order": int(ticket.position is not None),
            "question sent to somebody": len(self.routes),
            "comment": len(self.comments),
            "remark": int(self.remark is not None),
            "manual fix marked as done": len(self.fixes),
        }
        return {name: count for name, count in counts.items() if count}

    @property
    def words(self) -> tuple[str, ...]:
        """All that people said of the ticket, as lines to read."""
        ticket = self.ticket
        words = [_answer_words(answer) for answer in ticket.answers]
        words += [self._proposal_words(proposal) for proposal in self.proposals]
        if is_of_people(self.revisions):
            words.append(f"edited text of “{ticket.title}”{self._edited_words}")
        if ticket.revision.parts.notes:
            words.append(f"notes: {_text_of(ticket.revision.parts.notes)}")
        if ticket.skipped_reason is not None:
            words.append(f"skipped: {ticket.skipped_reason}")
        if ticket.sent_back is not None:
            about = f" of {ticket.sent_back_about}" if ticket.sent_back_about else ""
            whom = f", asked of {ticket.sent_back_to}" if ticket.sent_back_to else ""
            words.append(f"changes requested{about}{whom}: {ticket.sent_back}")
        if ticket.withdrawal is Withdrawal.AGREED:
            words.append(f"withdrawn: {ticket.withdrawal_reason}")
        if ticket.ready_by is not None:
            words.append(f"approved by {ticket.ready_by}")
        for name in ticket.assigned_fields:
            words.append(f"{name}: {_field_text(getattr(ticket, name))}")
        if ticket.position is not None:
            words.append("put in another place of the order")
        words += [f"comment by {comment.author}: {comment.text}" for comment in self.comments]
        if self.remark is not None:
            words.append(f"remark by {self.remark.by}: {self.remark.text}")
        words += [self._route_words(route) for route in self.routes]
        words += [f"done: {fix.title}" for fix in self.fixes]
        return tuple(words)

    @property
    def words_with_replaced(self) -> tuple[str, ...]:
        """`words`, and the texts of people that a later text replaced.

        They come back as earlier revisions of the ticket.
        """
        # Texts of writers, and those of the current revision, which `words` has already.
        shown = {*_parts_of(self.ticket.revision), self.ticket.revision.title}
        for revision in self.revisions:
            if revision.origin is RevisionOrigin.GENERATED:
                shown |= {*_parts_of(revision), revision.title}
        replaced: dict[str, str] = {}  # author by text
        for revision in self.earlier_revisions:
            for text in (revision.title, *_parts_of(revision)):
                if text and text not in shown:
                    replaced.setdefault(text, revision.author)
        texts = [
            f"earlier text by {author}: {_cut_text(_text_of(text))}"
            for text, author in replaced.items()
        ]
        return (*self.words, *texts)

    @property
    def _edited_words(self) -> str:
        """The parts that people changed, as text after a colon, shortened; empty where none is."""
        generated_parts: set[str] = set()
        for revision in self.revisions:
            if revision.origin is RevisionOrigin.GENERATED:
                generated_parts.update(_parts_without_notes(revision))
        edited_parts = [
            part
            for part in _parts_without_notes(self.ticket.revision)
            if part not in generated_parts
        ]
        text = " ".join(map(_text_of, edited_parts))
        return f": {_cut_text(text)}" if text else ""

    def _proposal_words(self, proposal: ProposedAnswer) -> str:
        """Return the line for a proposed answer: who gave it, to which question, and what it says."""
        words = "proposed answer"
        if proposal.given_by:
            words += f" by {proposal.given_by}"
        question = self._question_text(proposal.question_id)
        if question:
            words += f" to “{question}”"
        return f"{words}: {proposal.text}"

    def _route_words(self, route: QuestionRoute) -> str:
        words = f"question sent to the {route.audience.value}"
        if route.words:
            return f"{words}: {route.words}"
        question = self._question_text(route.question_id)
        return f"{words}: “{question}”" if question else words

    def _question_text(self, question_id: str) -> str:
        """Return the words of a question by the ids of its rows; empty where it is not asked any more."""
        rows = {question_id, *question_id.split()}
        for question in self.ticket.revision.left_open:
            if question.question == question_id or rows & {*row_ids_of(question)}:
                return question.question
        return ""

    @property
    def is_of_people(self) -> bool:
        """People said or decided anything, or wrote a text, even one that they put back."""
        is_edited = any(
            revision.origin is not RevisionOrigin.GENERATED for revision in self.revisions
        )
        return is_edited or bool(self.counts)


def _answer_words(answer: Answer) -> str:
    row = f" ({answer.row_name})" if answer.row_name else ""
    return f"answer to “{answer.question}”{row}: {answer.answer}"


def _parts_without_notes(revision: Revision) -> tuple[str, ...]:
    parts = revision.parts
    return (parts.user_story, parts.analysis, parts.questions, parts.verification)


def _parts_of(revision: Revision) -> tuple[str, ...]:
    return (*_parts_without_notes(revision), revision.parts.notes)


def _cut_text(text: str) -> str:
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]} …"


def _text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def _field_text(value: FieldValue) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or "none"


def kept_ticket(
    ticket: Ticket,
    *,
    revisions: tuple[Revision, ...],
    routes: Iterable[QuestionRoute],
    proposals: Iterable[ProposedAnswer],
    comments: Iterable[Comment],
    remark: KeptRemark | None,
    fixes: Iterable[ManualFix] = (),
) -> KeptTicket:
    """Return what is kept of a ticket when its session is removed.

    `revisions` are all of the ticket, oldest first; the others are what was said of it.
    """
    own_answers = [answer for answer in ticket.answers if not answer.is_of_site]
    ticket_to_keep = replace(ticket, depends_on=(), relates_to=(), answers=tuple(own_answers))
    is_agreed = ticket.withdrawal is Withdrawal.AGREED
    # What the session agreed to by itself, it agrees to again.
    if is_agreed and ticket.withdrawn_by in (None, AUTO_APPROVAL):
        ticket_to_keep = replace(ticket_to_keep, withdrawal=Withdrawal.PROPOSED, withdrawn_by=None)
    by_people = [r for r in revisions if r.origin is not RevisionOrigin.GENERATED]
    earlier_revisions: tuple[Revision, ...] = ()
    if by_people:  # else writers wrote all of it, and write it again
        earlier_revisions = revisions[:-1]
    fixes_done = []
    for fix in fixes:
        if fix.state is FixState.DONE:
            fixes_done.append(fix)
    return KeptTicket(
        ticket=ticket_to_keep,
        earlier_revisions=earlier_revisions,
        routes=tuple(routes),
        proposals=tuple(proposals),
        comments=tuple(comments),
        remark=remark,
        fixes=tuple(fixes_done),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDependency:
    """A dependency between two tickets that people made, or took away.

    `kind` and `origin` are those of the table: `blocks` or `relates`, `manual` or `released`.
    """

    ticket_id: str
    other_ticket_id: str
    kind: str
    origin: str

    @property
    def is_order_of_people(self) -> bool:
        """People said that the one ticket waits for the other: it is neither relation nor release."""
        return self.kind == "blocks" and self.origin == "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReview:
    """What is kept of one ticket, or of the session as a whole."""

    ticket: KeptTicket | None = None
    """The ticket; None: this is kept of the session as a whole, and has the other fields."""
    site_answers: tuple[Answer, ...] = ()
    dependencies: tuple[KeptDependency, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of the tickets of these dependencies, by id; an older program kept none."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Settings that somebody made, by name. People are told of them; they are not put back."""

    def with_dependencies(self, dependencies: Iterable[KeptDependency]) -> "KeptReview":
        """Return the review with other dependencies, and only the titles of their tickets."""
        new_dependencies = tuple(dependencies)
        ids: set[str] = set()
        for dependency in new_dependencies:
            ids |= {dependency.ticket_id, dependency.other_ticket_id}
        titles = {ticket_id: title for ticket_id, title in self.titles.items() if ticket_id in ids}
        return replace(self, dependencies=new_dependencies, titles=titles)

    def text_of(self, dependency: KeptDependency) -> str:
        """Return a dependency in words, as `dependency_text`, with the titles of its tickets."""
        names = {ticket_id: f"“{title}”" for ticket_id, title in self.titles.items()}
        return dependency_text(dependency, names)


def dependency_text(dependency: KeptDependency, names: Mapping[str, str]) -> str:
    """Return a dependency in words: `“Event” waits for “Media”`; `names` are those of tickets by id."""
    ticket_id = dependency.ticket_id
    other_id = dependency.other_ticket_id
    ticket = names.get(ticket_id, f"ticket {ticket_id}")
    other = names.get(other_id, f"ticket {other_id}")
    if dependency.kind == "relates":
        return f"{ticket} relates to {other}"
    if dependency.origin == "released":
        return f"{ticket} no longer waits for {other}"
    return f"{ticket} waits for {other}"


def returned_text(
    counts: Mapping[str, int], *, ticket_count: int, left_count: int, session_key: str
) -> str:
    """Return sentences about what came back of a removed session; empty where nothing did.

    `left_count` is of how many tickets something is still kept, since their rows are not there.
    """
    counted = ", ".join(format_count(count, name, _plural(name)) for name, count in counts.items())
    if not counted:
        return ""
    about = f" about {format_count(ticket_count, 'ticket')}" if ticket_count else ""
    text = f"What people decided{about} before the session was removed is back: {counted}."
    if not left_count:
        return text
    others = format_count(left_count, "other ticket")
    return (
        f"{text} What was decided about {others} is kept until the rows are back; "
        f"{action_text(Action.of(ActionKind.SHOW_KEPT, '{}', session_key=session_key))} shows it."
    )


def _plural(name: str) -> str:
    return _PLURALS.get(name, f"{name}s")


def summed(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    """Return the sums of several counts by kind, in the order in which kinds first occur."""
    total = Counter[str]()
    for counts_of_part in counts:
        total.update(counts_of_part)
    return dict(total)

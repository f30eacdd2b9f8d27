"""Ten points for every ticket: what each is for, and which a ticket loses why.

Belongs here: the points and adding them up. Does not: the rules for them (`shown_tables`,
`prose_checks`), how the outcome is shown (`quality_report`).
Source: shared facts on writers, "Rubric, 10 points".
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from jira_pipeline.adf import AdfNode, adf_to_text
from jira_pipeline.domain.entities import Specification
from jira_pipeline.domain.entity_groups import EntityGroup, RelationKind
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.tickets import Ticket, ticket_id_of
from jira_pipeline.domain.validations import TicketValidation
from jira_pipeline.stages.quality.prose_checks import (
    analysis_faults,
    false_quotations,
    format_faults,
    question_faults,
    read_prose,
    story_faults,
    title_faults,
    unknown_names,
    unknown_numbers,
    verification_faults,
)
from jira_pipeline.stages.quality.reader_checks import (
    answered_questions,
    asserted_doubts,
    bare,
    empty_bullets,
    empty_checks,
    unasked_doubts,
    unchecked_demands,
    unread_stories,
    unsettled_names,
)
from jira_pipeline.stages.quality.row_checks import (
    contradicted_storage,
    open_points,
    rows_left_out,
    unchecked_notes,
    unchecked_roles,
    unmet_people,
)
from jira_pipeline.stages.quality.shown_tables import table_faults_of
from jira_pipeline.stages.quality.source_words import SourceWords, folded
from jira_pipeline.stages.ticket_rendering.rendering import render_whole_document

POINTS_MAX = 10
POINTS_TO_PASS = 8
POINTS_OF_GOOD = 9
REASONS_MAX = 5
"""Listed for one point of one ticket."""
_NAMED_RELATIONS = frozenset({RelationKind.DEFERRED, RelationKind.ON_HOLD, RelationKind.SATISFIED})


class Criterion(StrEnum):
    """What a point is given for."""

    TABLE_COMPLETE = "table complete"
    NOTHING_INVENTED = "nothing invented"
    TITLE = "title"
    USER_STORY = "user story"
    NAMES = "names and numbers"
    ANALYSIS = "analysis"
    QUESTIONS = "questions"
    VERIFICATION = "verification"
    DEPENDENCIES = "dependencies named"
    FORMAT = "format"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcoming:
    """Why a point is lost."""

    criterion: Criterion
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketQuality:
    """What was found about one ticket."""

    ticket_id: str
    number: int
    title: str
    writer: str
    """Who wrote the prose, such as `template/1`."""
    shortcomings: tuple[Shortcoming, ...]
    is_table_perfect: bool
    """Every cell is shown, and none that is not in the rows."""

    @property
    def missing(self) -> tuple[Criterion, ...]:
        """The points it does not get, in the order of the rubric."""
        lost = {shortcoming.criterion for shortcoming in self.shortcomings}
        return tuple(criterion for criterion in Criterion if criterion in lost)

    @property
    def points(self) -> int:
        """Points of ten."""
        return POINTS_MAX - len(self.missing)

    @property
    def is_signable(self) -> bool:
        """Nothing found that a reader would edit before signing."""
        return not self.shortcomings

    @property
    def is_passed(self) -> bool:
        """Good enough to be handed to a developer: eight points and a perfect table."""
        return self.points >= POINTS_TO_PASS and self.is_table_perfect


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionQuality:
    """What was found about the tickets of a session that are not skipped."""

    tickets: tuple[TicketQuality, ...]
    """By number."""

    def share_with(self, points: int) -> float:
        """Return the share of tickets with at least so many points; 1 where there is none."""
        good = sum(ticket.points >= points for ticket in self.tickets)
        return good / len(self.tickets) if self.tickets else 1.0

    @property
    def perfect_tables(self) -> int:
        """How many tickets have a perfect table."""
        return sum(ticket.is_table_perfect for ticket in self.tickets)

    @property
    def signable(self) -> int:
        """In how many tickets nothing was found that a reader would edit."""
        return sum(ticket.is_signable for ticket in self.tickets)

    @property
    def is_passed(self) -> bool:
        """Every ticket is good enough."""
        return all(ticket.is_passed for ticket in self.tickets)

    @property
    def worst(self) -> tuple[TicketQuality, ...]:
        """Tickets that lack a point, those with the fewest first."""
        lacking = [ticket for ticket in self.tickets if ticket.missing]
        return tuple(sorted(lacking, key=lambda t: (t.is_passed, t.points, t.number)))


def title_counts(rendered: Sequence[RenderedTicket]) -> Mapping[str, int]:
    """Count how often each title is there, by `as_title` of it."""
    return Counter(as_title(one.summary) for one in rendered)


def as_title(summary: str) -> str:
    """Return what is equal where readers take two titles for the same."""
    return folded(summary).casefold()


def judge_session(
    rendered: Sequence[RenderedTicket],
    *,
    groups: Mapping[str, EntityGroup],
    specification: Specification,
    validated: Mapping[str, TicketValidation],
    known: Mapping[str, TicketQuality] | None = None,
) -> SessionQuality:
    """Judge every ticket that is not skipped.

    Args:
        rendered: The tickets as Jira would get them.
        groups: What the tickets are about, by key.
        specification: All rows of the session.
        validated: What checking the documents found, by ticket id.
        known: What was found already about tickets that are as they were, by ticket id.
    """
    known = known or {}
    session = JudgedSession(
        groups=groups,
        words=SourceWords(specification=specification),
        titles=title_counts(rendered),
    )
    return SessionQuality(
        tickets=tuple(
            known.get(one.ticket.ticket_id)
            or judge_ticket(one, session=session, validation=validated.get(one.ticket.ticket_id))
            for one in rendered
            if not one.is_skipped
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSession:
    """What tickets are held against."""

    groups: Mapping[str, EntityGroup]
    words: SourceWords
    titles: Mapping[str, int]
    """`title_counts` of all tickets."""


def judge_ticket(
    rendered: RenderedTicket, *, session: JudgedSession, validation: TicketValidation | None
) -> TicketQuality:
    """Judge one ticket; without a validation nobody knows whether Jira takes it."""
    ticket = rendered.ticket
    group = session.groups[ticket.group_key]
    document = _whole_document(rendered, group, session.groups)
    tables = table_faults_of(group, document)
    prose = read_prose(
        group,
        ticket.revision,
        words=session.words,
        ticket_count=len(session.groups),
        shown=_outside_tables(document),
    )
    reasons_by_criterion = {
        Criterion.TABLE_COMPLETE: tables.missing,
        Criterion.NOTHING_INVENTED: (
            *tables.invented,
            *false_quotations(prose),
            *asserted_doubts(prose),
        ),
        Criterion.TITLE: (*title_faults(group, rendered.summary), *_shared(rendered, session)),
        Criterion.USER_STORY: (
            *story_faults(prose),
            *unread_stories(prose),
            *unmet_people(prose),
        ),
        Criterion.NAMES: (
            *unknown_names(prose),
            *unknown_numbers(prose),
            *unsettled_names(prose),
        ),
        Criterion.ANALYSIS: (
            *analysis_faults(prose),
            *empty_bullets(prose),
            *rows_left_out(prose),
            *contradicted_storage(prose),
        ),
        Criterion.QUESTIONS: (
            *question_faults(prose),
            *unasked_doubts(prose),
            *answered_questions(prose),
            *open_points(prose),
        ),
        Criterion.VERIFICATION: (
            *verification_faults(prose),
            *empty_checks(prose),
            *unchecked_demands(prose),
            *unchecked_notes(prose),
            *unchecked_roles(prose),
        ),
        Criterion.DEPENDENCIES: _unnamed(ticket, group, document, session.groups),
        Criterion.FORMAT: (*format_faults(prose), *_refusals(validation)),
    }
    return TicketQuality(
        ticket_id=ticket.ticket_id,
        number=ticket.number,
        title=ticket.title,
        writer=ticket.revision.writer,
        shortcomings=tuple(
            Shortcoming(criterion=criterion, reason=reason)
            for criterion, reasons in reasons_by_criterion.items()
            for reason in islice(reasons, REASONS_MAX)
        ),
        is_table_perfect=not tables.missing and not tables.invented,
    )


def _whole_document(
    rendered: RenderedTicket, group: EntityGroup, groups: Mapping[str, EntityGroup]
) -> AdfNode:
    """Return everything a ticket says; a body that was shortened is only a part of it."""
    if rendered.attachment is None:
        return rendered.document
    return render_whole_document(rendered.ticket, group, groups=groups)


def _outside_tables(document: AdfNode) -> str:
    blocks = (b for b in document["content"] if b["type"] not in {"table", "expand"})
    return bare(" ".join(map(adf_to_text, blocks)))


def _shared(rendered: RenderedTicket, session: JudgedSession) -> Iterator[str]:
    if session.titles[as_title(rendered.summary)] > 1:
        yield "another ticket has the same title"


def _unnamed(
    ticket: Ticket, group: EntityGroup, document: AdfNode, groups: Mapping[str, EntityGroup]
) -> Iterator[str]:
    """Find what a ticket waits for or leaves for later and does not name."""
    shown = folded(adf_to_text(document))
    for dependency in group.dependencies:
        is_kept = ticket_id_of(ticket.session_key, dependency.group_key) in ticket.depends_on
        title = groups[dependency.group_key].title
        if (is_kept or not dependency.is_linked) and folded(title) not in shown:
            yield f"{title} must be there first and is not named"
    for relation in group.relations:
        if relation.kind in _NAMED_RELATIONS:
            other = groups.get(relation.group_key or "")
            names = (relation.label, *([other.title] if other else []))
            if not any(folded(name) in shown for name in names):
                yield f"{relation.label} ({relation.kind}) is not named"


def _refusals(validation: TicketValidation | None) -> Iterator[str]:
    if validation is None:
        yield "the document was not checked"
    elif not validation.is_passed:
        yield validation.error_message

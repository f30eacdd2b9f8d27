"""What ticket writers do, and the one that writes by rule, from nothing but the rows.

Belongs here: the role and what it returns; the parts of the prose; notes that no check rests on;
questions as a numbered list with the cells that raise them; hours by the number of rows, as wide as
estimates of such work are. Does not: what is claimed, in which order (`drupal/rules`), finding questions (`questions/found_questions`), other writers (`writing`).
"""

from bisect import bisect_left
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import override

from jira_pipeline.drupal.claims import rendered
from jira_pipeline.drupal.columns import PROSE_COLUMNS
from jira_pipeline.drupal.markup import (
    label_and_name,
    list_html,
    quoted,
    text,
    with_code,
)
from jira_pipeline.drupal.row_names import subject_of
from jira_pipeline.drupal.rules import claims_in, last_claims_in
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view.form import FormRow, form_of
from jira_pipeline.drupal.view.shipped import is_as_shipped
from jira_pipeline.drupal.workflow.transition import transitions_of
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import (
    EntityKind,
    Status,
)
from jira_pipeline.model.entity_groups import COMPONENT_KINDS, GroupAction, GroupKind
from jira_pipeline.model.line_numbers import Placed, citation_html, places_cited
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.revisions import HOURS_BY_ROWS, ProseParts, TicketProse
from jira_pipeline.tickets.claims_by_part import Claims
from jira_pipeline.tickets.component_claims import component_claims

NAME = "template/7"
_BAND_LIMITS = (5, 15)
"""Rows of all bands but the largest."""
_PROSE = frozenset({*PROSE_COLUMNS, *NOTE_COLUMNS, "URL alias pattern", "Image Style Group(s)"})
"""Columns worth quoting; what shorter cells hold, such as `y`, is in the question itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTicket:
    """The prose of one group, as it arrives."""

    group_key: str
    prose: TicketProse


class TicketWriter(Protocol):
    name: str
    """With version, such as `template/1`: part of what a ticket was made from."""

    def write_all(
        self, briefs: Sequence[TicketRows], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets of a session; each is yielded when it is finished, in any order.

        Closing the iterator stops what is under way. Whatever was paid for is kept as it
        arrives, so that the same briefs cost nothing twice.

        Raises:
            WriterError: The writer cannot go on (service, access, quota, budget), after those
                that were finished have been yielded.
        """


class TemplateWriter(TicketWriter):
    """Writes tickets offline; the same brief gives the same prose, byte for byte."""

    name: str = NAME

    @override
    def write_all(
        self, briefs: Sequence[TicketRows], *, session_key: str
    ) -> Generator[WrittenTicket, None, None]:
        """Write the tickets in the order given; the session costs nothing."""
        del session_key
        for brief in briefs:
            yield WrittenTicket(group_key=brief.group.key, prose=self.write(brief))

    def write(self, facts: TicketRows) -> TicketProse:
        claims = claims_of(facts)
        return TicketProse(
            parts=parts_saying(
                map(rendered, claims.story),
                map(rendered, claims.analysis),
                map(rendered, claims.verification),
                form=claims.form,
                questions=question_items(facts, facts.questions),
            ),
            questions=facts.questions,
            estimated_hours=estimated_hours(facts),
            writer=self.name,
            assumptions=facts.assumptions,
        )


def claims_of(facts: TicketRows) -> Claims:
    """Return what a ticket claims, by the parts of its text."""
    if facts.group.kind in COMPONENT_KINDS:
        claims = list(component_claims(facts))
    else:
        claims = list(claims_in(facts))
    claims += last_claims_in(facts)
    form = form_of(facts.group) if facts.group.kind is GroupKind.VIEW else ()
    return Claims.of(claims, form)


def parts_saying(
    story: Iterable[str],
    analysis: Iterable[str],
    verification: Iterable[str],
    *,
    form: Sequence[FormRow],
    questions: Iterable[str],
) -> ProseParts:
    """Lay out the sentences and questions of a ticket, each as HTML: checks are ticked off."""
    return ProseParts(
        user_story="".join(f"<p>{sentence}</p>" for sentence in story),
        analysis=form_html(form) + list_html(analysis),
        questions=list_html(questions, "ol"),
        verification=list_html(verification, attributes=' class="checklist"'),
    )


def form_html(rows: Sequence[FormRow]) -> str:
    """Render the form of a view: a table with a row for each display; empty where there is none."""
    if not rows:
        return ""
    head = "".join(f"<th>{text(name)}</th>" for name in ("Display", *rows[0].cells))
    start = "? of the view " if rows[0].display.kind is EntityKind.VIEW else ""
    lines = ([start + label_and_name(row.display), *map(text, row.cells.values())] for row in rows)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in lines)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<p><strong>Form</strong></p>{table}"


def estimated_hours(facts: TicketRows) -> str:
    """Return the band for the number of rows to build, else to remove; empty where it is unknown.

    It is where a question decides whether there is work, and of a migration, whose one row does not
    tell how much. What a module ships and no row changes is no work.
    """
    group = facts.group
    is_no_work = group.kind is GroupKind.VIEW and is_as_shipped(facts.head, facts.rows)
    if group.is_hollow or group.kind is GroupKind.MIGRATION or is_no_work:
        return ""
    transitions = facts.of_kind(EntityKind.WORKFLOW_TRANSITION)
    ways = transitions_of(transitions, facts.session.specification)
    building = len(facts.to_build) - len(transitions) + len(ways)
    is_changed = any(head.status is Status.CHANGED for head in group.heads)
    count = building or len(facts.with_status(Status.DELETED)) or int(is_changed)
    if group.action is GroupAction.REMOVE:
        count = len(group.heads)
    return HOURS_BY_ROWS[bisect_left(_BAND_LIMITS, count)] if count else ""


def question_items(facts: TicketRows, questions: Sequence[OpenQuestion]) -> Iterator[str]:
    """Return questions as items, each with the cells that raise it, or as proposed by a model."""
    rows = reversed(facts.own_rows)
    first = {(row.source.file, subject_of(row)): row.source for row in rows}
    for question in questions:
        places: list[Placed] = [question]
        if len(question.subjects) > 1:  # the rows of all, each where it is first
            named = ((question.file, subject) for subject in question.subjects)
            places += [first[name] for name in named if name in first]
        place = citation_html(places_cited(places), is_strong=True)
        source = "<strong>(proposed)</strong> " if question.proposed_by else ""
        if question.column in _PROSE and question.quote not in question.question:
            words = quoted(question.quote)
            stop = "" if words[-2] in "?!" else "."
            source = f"{text(question.column)}: {words}{stop} "
        compared = places_cited(question.compared)
        beside = f" {citation_html(f'(compare {compared})')}" if compared else ""
        yield f"{place} {source}{with_code(question.question)}{_likely(question)}{beside}"


def _likely(question: OpenQuestion) -> str:
    answer = question.suggested_answer.rstrip(". ")
    if not answer or f": {answer}." in question.question:
        return ""
    because = f" ({with_code(question.suggested_because)})" if question.suggested_because else ""
    stop = "" if answer.endswith(".”") and not because else "."
    return f" Suggested unless you object: {with_code(answer)}{because}{stop}"

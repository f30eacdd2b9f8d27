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
from jira_pipeline.model.entities import EntityKind, RowSource, Status
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
        """Write the text of one ticket from its rows."""
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
    """Return the parts of the text of a ticket as HTML, from sentences and questions in HTML.

    Paragraphs for the story, the form of a view before the list of the analysis, a numbered list of
    questions, a list of checks to tick off.
    """
    paragraphs = [f"<p>{sentence}</p>" for sentence in story]
    return ProseParts(
        user_story="".join(paragraphs),
        analysis=form_html(form) + list_html(analysis),
        questions=list_html(questions, "ol"),
        verification=list_html(verification, attributes=' class="checklist"'),
    )


def form_html(rows: Sequence[FormRow]) -> str:
    """Render the form of a view: a table with a row for each display; empty where there is none."""
    if not rows:
        return ""
    columns = ("Display", *rows[0].cells)
    header = _row_html("th", map(text, columns))
    is_display_unknown = rows[0].display.kind is EntityKind.VIEW
    body = ""
    for row in rows:
        display = label_and_name(row.display)
        if is_display_unknown:  # the view alone has a row
            display = f"? of the view {display}"
        body += _row_html("td", (display, *map(text, row.cells.values())))
    table = f"<table><thead>{header}</thead><tbody>{body}</tbody></table>"
    return f"<p><strong>Form</strong></p>{table}"


def _row_html(tag: str, cells: Iterable[str]) -> str:
    """Return a row of a table; its cells are HTML, `tag` is `th` or `td`."""
    cells_html = "".join(f"<{tag}>{cell}</{tag}>" for cell in cells)
    return f"<tr>{cells_html}</tr>"


def estimated_hours(facts: TicketRows) -> str:
    """Return the hours, such as `1-3`, for the number of rows to build, else to remove.

    Empty where the rows do not tell: a question decides whether there is work, or a migration has one
    row whatever it takes. Empty, too, for a view that a module ships and no row changes: no work.
    """
    group = facts.group
    is_no_work = group.kind is GroupKind.VIEW and is_as_shipped(facts.head, facts.rows)
    if group.is_hollow or group.kind is GroupKind.MIGRATION or is_no_work:
        return ""
    # The rows of one transition, one for each state that it leads from, are built at once.
    transition_rows = facts.of_kind(EntityKind.WORKFLOW_TRANSITION)
    transitions = transitions_of(transition_rows, facts.session.specification)
    rows_to_build = len(facts.to_build) - len(transition_rows) + len(transitions)
    is_changed = any(head.status is Status.CHANGED for head in group.heads)
    count = rows_to_build or len(facts.with_status(Status.DELETED)) or int(is_changed)
    if group.action is GroupAction.REMOVE:
        count = len(group.heads)
    return HOURS_BY_ROWS[bisect_left(_BAND_LIMITS, count)] if count else ""


def question_items(facts: TicketRows, questions: Sequence[OpenQuestion]) -> Iterator[str]:
    """Yield questions as items of a list in HTML: the cells that raise it, the question, an answer."""
    first_place_of: dict[tuple[str, str], RowSource] = {}
    for row in facts.own_rows:
        first_place_of.setdefault((row.source.file, subject_of(row)), row.source)
    for question in questions:
        places: list[Placed] = [question]
        if len(question.subjects) > 1:
            for subject in question.subjects:
                place = first_place_of.get((question.file, subject))
                if place is not None:
                    places.append(place)
        cited = citation_html(places_cited(places), is_strong=True)
        words = with_code(question.question)
        suggestion = _suggestion(question)
        compared = places_cited(question.compared)
        comparison = f" {citation_html(f'(compare {compared})')}" if compared else ""
        yield f"{cited} {_raised_by(question)}{words}{suggestion}{comparison}"


def _raised_by(question: OpenQuestion) -> str:
    """Quote the prose that raises a question, or say that a model proposed it; else nothing."""
    if question.column in _PROSE and question.quote not in question.question:
        words = quoted(question.quote)
        stop = "" if words[-2] in "?!" else "."
        return f"{text(question.column)}: {words}{stop} "
    return "<strong>(proposed)</strong> " if question.proposed_by else ""


def _suggestion(question: OpenQuestion) -> str:
    """Return the sentence with the suggested answer; empty where the question has it in its words."""
    answer = question.suggested_answer.rstrip(". ")
    if not answer or f": {answer}." in question.question:
        return ""
    because = f" ({with_code(question.suggested_because)})" if question.suggested_because else ""
    stop = "" if answer.endswith(".”") and not because else "."
    return f" Suggested unless you object: {with_code(answer)}{because}{stop}"

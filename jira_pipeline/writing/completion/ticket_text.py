"""What a model is told of one ticket: its rows by what is to be done, and its text with names.

Belongs here: facts of the ticket, and the template's sentences under the names that changes use:
`s1`, `a1` …, `v1` …, `q1` …, cells of the form `f1.Filters`. Does not: the rows themselves
(`specification_text`), what a model may change (`changes`).
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.model.entities import Entity, ReferenceState, Status
from jira_pipeline.model.forms_in_text import is_about_form
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.line_numbers import without_citations
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.ticket_links import with_titles
from jira_pipeline.tickets.claims.claim import Claim, Claims, rendered
from jira_pipeline.tickets.claims.ticket import claims_of, estimated_hours
from jira_pipeline.tickets.group_facts import GroupFacts, SessionFacts
from jira_pipeline.tickets.questions.question_index import once_per_session
from jira_pipeline.writing.completion.specification_text import as_data, ids_of, row_ids

_STATES: Mapping[Status, str] = {
    Status.APPROVED: "new",
    Status.CHANGED: "changed",
    Status.IMPLEMENTED: "there",
    Status.WAITING: "on hold",
    Status.DELETED: "gone",
}


@dataclass(frozen=True, kw_only=True)
class TicketToComplete:
    """A ticket of claims with the names of all that a model may speak of."""

    facts: GroupFacts
    claimed: Claims
    asked: tuple[OpenQuestion, ...]
    hours: str
    dropped: frozenset[str] = frozenset()
    """Names of sentences that it is judged without."""

    @staticmethod
    def of(facts: GroupFacts) -> "TicketToComplete":
        claimed, hours = claims_of(facts), estimated_hours(facts)
        return TicketToComplete(facts=facts, claimed=claimed, asked=facts.questions, hours=hours)

    @cached_property
    def rows(self) -> Mapping[str, Entity]:
        return row_ids(self.facts.session)

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """Its sentences by name, without questions: `s1`, `a1` …, `v1` …."""
        said = self.claimed
        parts = {"s": said.story, "a": said.analysis, "v": said.verification}
        return {
            f"{letter}{number}": claim
            for letter, some in parts.items()
            for number, claim in enumerate(some, start=1)
            if f"{letter}{number}" not in self.dropped
        }

    @cached_property
    def sentences(self) -> Mapping[str, str]:
        """Its sentences by name, as plain text with backticks and the titles of other tickets."""
        groups = self.facts.session.groups
        said = ((name, rendered(claim)) for name, claim in self.claims.items())
        return {name: plain_of(with_titles(sentence, groups)) for name, sentence in said}

    @cached_property
    def questions(self) -> Mapping[str, OpenQuestion]:
        return {f"q{n}": asked for n, asked in enumerate(self.asked, start=1)}

    @cached_property
    def form(self) -> Mapping[str, tuple[int, str, str]]:
        """The cells of its form by name, each with the place of its row and its column."""
        return {
            f"f{place + 1}.{column}": (place, column, cell)
            for place, row in enumerate(self.claimed.form)
            for column, cell in row.cells.items()
        }


def ticket_text(ticket: TicketToComplete) -> str:
    """Say what the ticket is about and what it says already."""
    lines = [*_about(ticket.facts), "", "As the template wrote it:"]
    lines += (f"{name} {text}" for name, text in ticket.sentences.items())
    lines += [*_form(ticket), *_questions(ticket), f"hours {ticket.hours or 'unknown'}"]
    return "\n".join(html.escape(line, quote=False) for line in lines)


def _about(facts: GroupFacts) -> Iterator[str]:
    session = facts.session
    yield f"Title: {facts.group.title}"
    by_state = grouped(facts.own_rows, lambda row: _STATES[row.status])
    for state, rows in by_state.items():
        yield f"Rows {state}: {_ids(facts, rows)}"
    yield from _references(facts)
    for dependency in facts.group.dependencies:
        yield f"Waits for: {session.groups[dependency.group_key].title}"
    for relation in facts.group.relations:
        yield f"Related ({relation.kind.value}): {relation.label}"
    if facts.group.is_hollow:
        yield "None of its rows is approved."


def _references(facts: GroupFacts) -> Iterator[str]:
    session, ids = facts.session, ids_of(facts.session)
    for row in facts.own_rows:
        for reference in row.references:
            targets = session.specification.first_of(reference.target_key)
            others = [target for target in targets if target.key != row.owner_key]
            leads = [f"{ids[other.source]}, {_STATES[other.status]}" for other in others]
            if reference.state is ReferenceState.DANGLING:
                leads = leads or ["no row"]
            for to in leads:
                yield f"{ids[row.source]} {reference.column} {reference.text}: {to}"


def _form(ticket: TicketToComplete) -> Iterator[str]:
    for place, row in enumerate(ticket.claimed.form, start=1):
        cells = {f"f{place}.{column}": cell for column, cell in row.cells.items()}
        yield f"form of {ids_of(ticket.facts.session)[row.display.source]}: {as_data(cells)}"


def _questions(ticket: TicketToComplete) -> Iterator[str]:
    own, facts = ticket.facts.own_rows, ticket.facts
    for name, asked in ticket.questions.items():
        rows = [r for r in own if not {r.machine_name, r.label}.isdisjoint(asked.subjects)]
        there = [r for r in own if (r.source.file, r.source.line) == (asked.file, asked.line)]
        suggested = f" Suggested: {asked.suggested_answer}" if asked.suggested_answer else ""
        said = f"{asked.question}{suggested}"
        if is_about_form(asked.question):
            said = "Please fill in the cells marked “?”."
        yield f"{name} ({_ids(facts, rows or there)}) {said}"
    for assumed in facts.assumptions:
        yield f"assumed: {assumed.assumption}"


def _ids(facts: GroupFacts, rows: Iterable[Entity]) -> str:
    """List rows by name; runs of one sheet shortly, such as `field464–field468`."""
    ids, order = ids_of(facts.session), _order(facts.session)
    names = sorted({ids[row.source] for row in rows}, key=order.__getitem__)
    by_run = grouped(enumerate(names), lambda placed: order[placed[1]] - placed[0])
    runs = [[name for _, name in run] for run in by_run.values()]
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


@once_per_session
def _order(session: SessionFacts) -> Mapping[str, int]:
    return {name: place for place, name in enumerate(row_ids(session))}


def plain_of(fragment: str) -> str:
    """Return generated HTML as plain text, machine names between backticks."""
    marked = re.sub(r"</?code>", "`", without_citations(fragment))
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", marked)).split())

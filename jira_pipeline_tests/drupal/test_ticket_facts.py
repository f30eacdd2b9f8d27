"""A ticket as facts: all that its sentences rest on, each with a text that can be kept as a key."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from itertools import groupby

from jira_pipeline.drupal.rules import (
    ANY_KIND_RULES,
    LAST_RULES,
    RULES_OF_TICKETS,
    rules_by_key,
    rules_of_ticket,
)
from jira_pipeline.drupal.ticket_facts import TicketFact, facts_of
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import TO_BUILD, Entity, RowSource, Specification
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.template import claims_of
from jira_pipeline_tests.drupal.made_rows import field, ticket_of
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.sites import briefs_of, site

_TEXTS_AND_NUMBERS = (str, int, float, Enum, type(None))


@dataclass(frozen=True, kw_only=True)
class ReadTicket:
    """A ticket with its facts."""

    ticket: TicketRows
    facts: tuple[TicketFact, ...]

    @property
    def sources(self) -> set[RowSource]:
        """Where the rows are that say a fact."""
        sources: set[RowSource] = set()
        for fact in self.facts:
            sources.update(row.source for row in fact.rows)
        return sources


def read_site(name: str) -> list[ReadTicket]:
    """Read all tickets of a site; the test skips where its sheets are absent."""
    return [ReadTicket(ticket=one, facts=facts_of(one)) for one in briefs_of(*site(name))]


def rows_moved_down(specification: Specification) -> Specification:
    """Return a specification as if each of its sheets had a line more above its rows."""
    moved = []
    for row in specification.entities:
        source = replace(row.source, line=row.source.line + 1, record=row.source.record + 1)
        moved.append(replace(row, source=source))
    return Specification(entities=tuple(moved))


def values_within(value: object) -> Iterator[object]:
    """Yield a value and all that it is made of; of rows and modules themselves."""
    yield value
    if isinstance(value, tuple):
        for item in value:
            yield from values_within(item)
    elif is_dataclass(value) and not isinstance(value, Entity | type):
        for part in fields(value):
            if part.repr:
                yield from values_within(getattr(value, part.name))


@each("name", ["uhrenmuseum", "uwec"])
def test_every_row_to_build_says_a_fact(name: str) -> None:
    silent = []
    for read in read_site(name):
        for row in read.ticket.own_rows:
            if row.status in TO_BUILD and row.source not in read.sources:
                silent.append(row)

    assert silent == []


@each("name", ["uhrenmuseum", "uwec"])
def test_every_cell_of_a_sentence_is_of_a_row_that_says_a_fact(name: str) -> None:
    without = []
    for read in read_site(name):
        claims = claims_of(read.ticket)
        for claim in (*claims.story, *claims.analysis, *claims.verification):
            for cell in claim.cells:
                if cell.source not in read.sources:
                    without.append((claim.kind, cell))

    assert without == []


@each("name", ["uhrenmuseum", "uwec"])
def test_facts_that_are_read_again_are_the_same(name: str) -> None:
    for first, second in zip(read_site(name), read_site(name), strict=True):
        assert set(first.facts) == set(second.facts)


@each("name", ["uhrenmuseum", "uwec"])
def test_the_text_of_a_fact_is_the_same_wherever_its_rows_are(name: str) -> None:
    specification, groups = site(name)
    moved = rows_moved_down(specification)
    differing = []
    tickets = zip(
        briefs_of(specification, groups),
        briefs_of(moved, group_entities(moved).groups),
        strict=True,
    )
    for ticket, moved_ticket in tickets:
        for fact, moved_fact in zip(facts_of(ticket), facts_of(moved_ticket), strict=True):
            if repr(fact) != repr(moved_fact):
                differing.append((fact, moved_fact))

    assert differing == []


@each("name", ["uhrenmuseum", "uwec"])
def test_a_fact_is_made_of_texts_numbers_and_what_has_one_order(name: str) -> None:
    disordered = set()
    for read in read_site(name):
        for fact in read.facts:
            for value in values_within(fact.fact):
                is_ordered = isinstance(value, (*_TEXTS_AND_NUMBERS, tuple, dict))
                if not is_ordered and not is_dataclass(value):
                    disordered.add((fact.rule, type(value)))

    assert disordered == set()


def test_facts_come_in_the_order_of_the_rules_of_the_ticket() -> None:
    ticket = ticket_of(field())
    of_kind = rules_of_ticket(ticket)
    assert of_kind is not None
    in_order = [rule.key for rule in (*of_kind.rules, *ANY_KIND_RULES, *LAST_RULES)]

    rules = [rule for rule, _ in groupby(facts_of(ticket), key=lambda fact: fact.rule)]

    assert [key for key in in_order if key in rules] == rules


def test_every_rule_is_one_of_a_kind_of_ticket() -> None:
    of_tickets = {rule.key for rule in (*ANY_KIND_RULES, *LAST_RULES)}
    for of_kind in RULES_OF_TICKETS.values():
        of_tickets.update(rule.key for rule in of_kind.rules)

    assert rules_by_key().keys() - of_tickets == set()

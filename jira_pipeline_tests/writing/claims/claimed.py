"""What tickets over small sheets claim and ask.

Belongs here: making the claims of one group of a specification. Does not: what they should say.
"""

from jira_pipeline.grouping.grouping import group_entities
from jira_pipeline.kernel.entities import Specification
from jira_pipeline.writing.claims.claim import ClaimedTicket
from jira_pipeline.writing.claims.ticket import claimed_ticket
from jira_pipeline.writing.group_facts import FactsReader
from jira_pipeline_tests.writing.sites import briefs_of


def ticket_of(specification: Specification, title: str) -> ClaimedTicket:
    """Return what the ticket of a title claims and asks."""
    groups = group_entities(specification).groups
    brief = next(b for b in briefs_of(specification, groups) if b.group.title == title)
    return claimed_ticket(FactsReader().facts_of(brief))

"""A session whose reads are observed: what one ticket was said from.

Belongs here: which values of a session are read in parts. Does not: how a read is noted
(`observed_reads`), the rules that read.
"""

from typing import cast

from jira_pipeline.drupal.observed_reads import Observed, PlacesNow, Reads
from jira_pipeline.drupal.specification_index import LOOK_UPS, SpecificationIndex
from jira_pipeline.drupal.ticket_rows import SessionRows
from jira_pipeline.model.entities import Specification
from jira_pipeline.model.entity_groups import EntityGroup

_READ_IN_PARTS = (SessionRows, SpecificationIndex, Specification, EntityGroup)


def observed(session: SessionRows) -> tuple[SessionRows, Reads]:
    """Return a session for the rules of one ticket, and what they will have read of it."""
    reads = Reads(opened_types=_READ_IN_PARTS)
    # It has every attribute of a session, each made from those of the session.
    return cast("SessionRows", Observed(session, (), reads)), reads


def places_now(session: SessionRows) -> PlacesNow:
    """Return what a session says now, to be compared with what was read before."""
    return PlacesNow(session, LOOK_UPS)

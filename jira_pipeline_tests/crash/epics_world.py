"""Epics above the tickets of a world of the tests: the rows by which they are found."""

from collections.abc import Mapping
from dataclasses import replace

from jira_pipeline.export.epics import epics_of
from jira_pipeline.export.export_run import SessionEpics
from jira_pipeline.model.columns import EPIC_COLUMN
from jira_pipeline.model.entities import BundleType, Entity, EntityKind, RowSource, Status
from jira_pipeline.model.entity_groups import EntityGroup, GroupKind
from jira_pipeline.model.sessions import EpicsBy, SessionManifest
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.store.store import Store
from jira_pipeline_tests.crash.sessions import SESSION_KEY

BY_GROUP = SessionManifest(site_name="Site", epics=EpicsBy.GROUP)
TITLE = "Site: Content"
"""Of the one epic, where people divide nothing otherwise."""


def group_of(ticket: Ticket, *, named: str = "") -> EntityGroup:
    head = Entity(
        kind=EntityKind.BUNDLE,
        key=ticket.group_key,
        label=ticket.title,
        machine_name="",
        status=Status.APPROVED,
        source=RowSource(file="bundles.csv", line=2, record=2),
        cells={EPIC_COLUMN: named},
        bundle_type=BundleType.CONTENT,
    )
    return EntityGroup(
        key=ticket.group_key,
        kind=GroupKind.BUNDLE,
        display_group=ticket.display_group,
        action=ticket.action,
        label=ticket.title,
        title=ticket.title,
        number=ticket.number,
        heads=(head,),
        members=(),
        dependencies=(),
        relations=(),
    )


def epics_in(
    store: Store, *, manifest: SessionManifest = BY_GROUP, named: Mapping[int, str] | None = None
) -> SessionEpics:
    """Find the epics of the session in a store; the sheets name those of some tickets, by number."""
    tickets = store.tickets.list_all(SESSION_KEY)
    groups = {t.group_key: group_of(t, named=(named or {}).get(t.number, "")) for t in tickets}
    return epics_of(replace(store.sessions.get(SESSION_KEY), manifest=manifest), tickets, groups)

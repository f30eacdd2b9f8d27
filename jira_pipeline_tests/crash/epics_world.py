"""Epics above the tickets of a world of the tests, and what must be true of the site afterwards.

Belongs here: the rows by which epics are found, the checker. Does not: worlds and exports
(`export_world`).
"""

from collections.abc import Mapping
from dataclasses import replace

from jira_pipeline.export.export_run import SessionEpics
from jira_pipeline.export.placing import epics_of
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.model.columns import EPIC_COLUMN
from jira_pipeline.model.entities import BundleType, Entity, EntityKind, RowSource, Status
from jira_pipeline.model.entity_groups import EntityGroup, GroupKind
from jira_pipeline.model.sessions import EpicsBy, SessionManifest
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.store.store import Store
from jira_pipeline_tests.crash.export_world import SESSION_KEY

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


def take_epic(sandbox: JiraSandbox) -> list[str]:
    """Say what is wrong with the one epic of a session; take it away, for who judges the rest."""
    with sandbox.state.writing() as rows:
        epics = [row["id"] for row in rows.execute("SELECT id FROM issue WHERE type_id = '10000'")]
        apart = rows.execute(
            "SELECT count(*) FROM issue WHERE type_id <> '10000' AND parent_id IS NULL"
        ).fetchone()[0]
        rows.execute("UPDATE issue SET parent_id = NULL")
        for epic in epics:
            rows.execute("DELETE FROM issue WHERE id = ?", (epic,))
    wrong = [] if len(epics) == 1 else [f"{len(epics)} epics"]
    return [*wrong, *([f"{apart} issues below no epic"] if apart else [])]

"""Third stage: every entity group becomes a ticket; a writer adds the prose.

Belongs here: the order of work, drafts, storing. Does not: wording (`writers`), tables (they
render from the rows, `stages/ticket_rendering`).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from jira_pipeline.domain.configuration_tables import source_lines_of
from jira_pipeline.domain.entities import Specification
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.ports import (
    GenerationOutcome,
    SessionStore,
    TicketDraft,
    TicketStore,
)
from jira_pipeline.domain.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.domain.source_changes import changed_cells, facts_hash_of
from jira_pipeline.domain.tickets import ChangedCell, TicketProse, nothing_to_do, ticket_id_of
from jira_pipeline.domain.writing import TicketBrief, TicketWriter


def generate_tickets(
    session: UploadSession,
    *,
    groups: tuple[EntityGroup, ...],
    previous_groups: Mapping[str, EntityGroup],
    specification: Specification,
    writer: TicketWriter,
    sessions: SessionStore,
    tickets: TicketStore,
    now: Callable[[], datetime],
    run_id: str | None,
) -> GenerationOutcome:
    """Write a ticket for every group and store them in one step.

    Unchanged tickets keep their revision and ready mark, edited ones their prose. The previous
    groups are those of the last generation: they tell which cells changed since.
    """
    key = session.session_key
    sessions.set_stage(
        key,
        stage=SessionStage.PROCESSING,
        status=SessionStatus.RUNNING,
        at=now(),
        run_id=run_id,
    )
    by_key = {group.key: group for group in groups}
    briefs = briefs_of(session, groups=groups, specification=specification)
    prose: dict[str, TicketProse] = {}
    with closing(writer.write_all(briefs, session_key=key)) as arriving:
        for written in arriving:
            prose[written.group_key] = written.prose
            title = by_key[written.group_key].title
            sessions.set_progress(
                key,
                percentage=100 * len(prose) / len(groups),
                text=f"Wrote ticket {len(prose)} of {len(groups)}: {title}",
                at=now(),
            )
    drafts = [
        replace(
            draft_of(session, brief, prose=prose[brief.group.key]),
            changed_cells=_changed_cells(previous_groups.get(brief.group.key), brief.group),
        )
        for brief in briefs
    ]
    outcome = tickets.save_generated(key, drafts, at=now())
    sessions.mark_generated(key, from_sha256=session.content_sha256, at=now())
    text = f"{len(drafts)} tickets written" if drafts else nothing_to_do(())
    sessions.set_progress(key, percentage=100.0, text=text, at=now())
    return outcome


def briefs_of(
    session: UploadSession, *, groups: Sequence[EntityGroup], specification: Specification
) -> tuple[TicketBrief, ...]:
    """Say what a writer is given for each group, in their order."""
    by_key = {group.key: group for group in groups}
    return tuple(
        TicketBrief(
            group=group,
            groups=by_key,
            specification=specification,
            site_name=session.site_name,
            site_description=session.manifest.site_description,
        )
        for group in groups
    )


def _changed_cells(before: EntityGroup | None, after: EntityGroup) -> tuple[ChangedCell, ...]:
    return () if before is None else changed_cells(before, after)


def draft_of(session: UploadSession, brief: TicketBrief, *, prose: TicketProse) -> TicketDraft:
    """Make the draft of one group's ticket: prose by the writer, everything else computed."""
    group = brief.group
    defaults = session.manifest.defaults
    return TicketDraft(
        ticket_id=ticket_id_of(session.session_key, group.key),
        number=group.number,
        group_key=group.key,
        display_group=group.display_group,
        action=group.action,
        title=group.title,
        prose=prose,
        depends_on=_ticket_ids(session, [d.group_key for d in group.linked_dependencies]),
        relates_to=_ticket_ids(session, _related_keys(group, brief.groups)),
        source_lines=source_lines_of(group),
        assignee=defaults.assignee,
        sprint=defaults.sprint,
        priority=defaults.priority,
        labels=tuple(sorted(set(defaults.labels))),
        parent=session.manifest.parent,
        facts_hash=facts_hash_of(group),
    )


def _related_keys(group: EntityGroup, groups: Mapping[str, EntityGroup]) -> list[str]:
    return [
        relation.group_key
        for relation in group.linked_relations
        if relation.group_key is not None and relation.group_key in groups
    ]


def _ticket_ids(session: UploadSession, group_keys: list[str]) -> tuple[str, ...]:
    """Name the tickets of groups once each, in the order given."""
    return tuple(ticket_id_of(session.session_key, key) for key in dict.fromkeys(group_keys))

"""What a ticket waits for and mentions, as the sheets say it and as people changed it.

Belongs here: the section of dependencies and references. Does not: which there are
(`stages/entity_grouping`, the review).
"""

import re
from collections.abc import Mapping, Sequence

from jira_pipeline.adf import AdfNode
from jira_pipeline.adf import nodes as adf
from jira_pipeline.domain.entity_groups import (
    EntityGroup,
    GroupDependency,
    GroupRelation,
    RelationKind,
)
from jira_pipeline.domain.tickets import Ticket, ticket_id_of
from jira_pipeline.stages.ticket_rendering.body import Section, ShrinkRank, see_attachment

_LINES_IN_REASON = re.compile(r" \(lines? [\d–, ]+\)")
_BY_HAND = "set in the review"
_RELATION_HEADINGS: Mapping[RelationKind, str] = {
    RelationKind.DEFERRED: "Deferred references",
    RelationKind.SATISFIED: "Already there",
    RelationKind.ON_HOLD: "On hold",
    RelationKind.REMOVAL: "Goes with a removal",
    RelationKind.RELATED: "Related",
}


def relations_section(
    ticket: Ticket, group: EntityGroup, groups: Mapping[str, EntityGroup]
) -> Section:
    """List what the sheets say a ticket waits for and mentions, and what people changed of it."""
    title = adf.heading(3, "Dependencies and references")
    depends = [
        _dependency_texts(d, groups)
        for d in group.dependencies
        if not d.is_linked or ticket_id_of(ticket.session_key, d.group_key) in ticket.depends_on
    ]
    stated = [d.group_key for d in group.dependencies]
    depends += _by_hand(ticket, ticket.depends_on, stated, groups)
    mentioned = [r.group_key for r in group.relations if r.group_key is not None]
    related = _by_hand(ticket, ticket.relates_to, mentioned, groups)
    listed = [("Depends on", depends)]
    for kind, heading in _RELATION_HEADINGS.items():
        entries = [_relation_texts(r, groups) for r in group.relations if r.kind is kind]
        if kind is RelationKind.RELATED:
            entries += related
        listed.append((heading, _told_once(entries)))
    full = [b for heading, entries in listed for b in _titled_list(heading, entries)]
    if not full:
        return Section(forms=((),))
    short = [b for heading, entries in listed for b in _titled_names(heading, entries)]
    away = (title, see_attachment())
    return Section(forms=((title, *full), (title, *short), away), shrink_rank=ShrinkRank.RELATIONS)


def _by_hand(
    ticket: Ticket,
    others: Sequence[str],
    stated: Sequence[str],
    groups: Mapping[str, EntityGroup],
) -> list[tuple[str, str]]:
    """Name the tickets among others that the sheets don't name: people set them."""
    known = {ticket_id_of(ticket.session_key, key) for key in stated}
    added = set(others) - known
    if not added:
        return []
    by_id = {ticket_id_of(ticket.session_key, key): key for key in groups}
    return [(_title_of(by_id[i], groups), _BY_HAND) for i in others if i in added and i in by_id]


def _titled_list(title: str, entries: Sequence[tuple[str, str]]) -> list[AdfNode]:
    if not entries:
        return []
    items = [adf.list_item(f"{name}: {reason}" if reason else name) for name, reason in entries]
    return [adf.paragraph([adf.text(title, [adf.STRONG])]), adf.bullet_list(items)]


def _titled_names(title: str, entries: Sequence[tuple[str, str]]) -> list[AdfNode]:
    if not entries:
        return []
    names = " · ".join(dict.fromkeys(name for name, _ in entries))
    return [adf.paragraph([adf.text(f"{title}: ", [adf.STRONG]), adf.text(names)])]


def _dependency_texts(
    dependency: GroupDependency, groups: Mapping[str, EntityGroup]
) -> tuple[str, str]:
    """Name what must be built first, and say why."""
    return _title_of(dependency.group_key, groups), "; ".join(dependency.reasons)


def _relation_texts(relation: GroupRelation, groups: Mapping[str, EntityGroup]) -> tuple[str, str]:
    """Name what is related, and say how."""
    key = relation.group_key
    return relation.label if key is None else _title_of(key, groups), relation.reason


def _told_once(entries: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join the names of entries that give the same reason, save for its lines."""
    by_reason: dict[str, list[tuple[str, str]]] = {}
    for name, reason in entries:
        by_reason.setdefault(_LINES_IN_REASON.sub("", reason), []).append((name, reason))
    return [
        same[0] if len(same) == 1 else (", ".join(name for name, _ in same), reason)
        for reason, same in by_reason.items()
    ]


def _title_of(group_key: str, groups: Mapping[str, EntityGroup]) -> str:
    group = groups[group_key]
    return f"{group.title} (ticket {group.number})"

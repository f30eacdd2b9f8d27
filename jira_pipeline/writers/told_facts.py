"""What a model is told of one ticket: everything its prose may say, as plain values for JSON.

Belongs here: which facts are told, in which order and under which names. Does not: how they are
laid out and shortened (`prompt`), or whether an answer keeps to them (`provenance`).

No file names, line numbers or numbers of tickets are told: they move when other rows change, and
an answer that was paid for is used again as long as what was told is the same.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import RelationKind
from jira_pipeline.domain.questions.open_questions import open_questions
from jira_pipeline.writers.group_facts import GroupFacts

Told: TypeAlias = str | Sequence["Told"] | Mapping[str, "Told"]
"""What JSON can hold of texts, lists and named values."""

_UPKEEP_COLUMNS = frozenset({"ID", "X", "QA"})
"""About the sheet, not about the site. `Dev` is told: it contradicts `X` at times."""
_LINES = re.compile(r" \(lines? [\d–, ]+\)")
_STATUS_NAMES: Mapping[Status, str] = {
    Status.APPROVED: "to build",
    Status.CHANGED: "to build",
    Status.IMPLEMENTED: "already there",
    Status.WAITING: "on hold",
    Status.DELETED: "to remove",
}


def told_facts(facts: GroupFacts) -> Mapping[str, Told]:
    """Return what is told of a ticket; what is empty is left out."""
    told: dict[str, Told] = {
        "site": {"name": facts.session.site_name, "description": facts.session.site_description},
        "ticket": {
            "title": facts.group.title,
            "about": facts.group.kind.value.replace("_", " "),
            "action": facts.group.action.value,
        },
        "settings": _table(facts.group.heads),
        "rows": _tables(facts),
        "waits for": [
            {"title": _title(facts, d.group_key), "because": [_told_reason(r) for r in d.reasons]}
            for d in facts.group.dependencies
        ],
        "mentions": [
            {"name": r.label, "how": _relation(r.kind), "because": _told_reason(r.reason)}
            for r in facts.group.relations
        ],
        "is waited for by": [group.title for group in facts.dependents],
        "is used by": [host.label for host in facts.hosts],
        "roles of the site": _roles(facts),
        "questions asked already": _asked(facts),
    }
    return {name: value for name, value in told.items() if value}


def _tables(facts: GroupFacts) -> Mapping[str, Told]:
    sections: dict[str, list[Entity]] = {}
    for row in facts.group.members:
        name = f"{row.kind.value.replace('_', ' ')}s {_STATUS_NAMES[row.status]}"
        sections.setdefault(name, []).append(row)
    return {name: _table(rows) for name, rows in sections.items()}


def _table(rows: Sequence[Entity]) -> Mapping[str, Told]:
    """Return rows without blank cells; what is the same in all of several rows is told once."""
    columns = dict.fromkeys(c for row in rows for c in row.cells if c not in _UPKEEP_COLUMNS)
    same = {
        column: rows[0].cell(column)
        for column in columns
        if len(rows) > 1 and len({row.cell(column) for row in rows}) == 1
    }
    told: dict[str, Told] = {"count": str(len(rows))}
    if any(same.values()):
        told["same for all"] = {column: text for column, text in same.items() if text}
    told["rows"] = [
        {c: row.cell(c) for c in columns if c not in same and row.cell(c)} for row in rows
    ]
    return told if rows else {}


def _title(facts: GroupFacts, group_key: str) -> str:
    return facts.session.groups[group_key].title


def _told_reason(reason: str) -> str:
    return _LINES.sub("", reason)


def _relation(kind: RelationKind) -> str:
    return kind.value.replace("_", " ")


def _roles(facts: GroupFacts) -> Sequence[Told]:
    return _labels(facts.session.specification.by_kind[EntityKind.USER_ROLE])


def _labels(rows: Iterable[Entity]) -> list[str]:
    return [f"{row.label} ({row.machine_name})" for row in rows if row.status is not Status.DELETED]


def _asked(facts: GroupFacts) -> Sequence[Told]:
    found = open_questions(facts.group, facts.session.specification, index=facts.session.index)
    return [question.question for question in found]

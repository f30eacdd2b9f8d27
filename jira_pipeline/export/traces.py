"""What people left on an issue since an export made it.

Belongs here: telling their traces from ours. Does not: what follows from them (`undo`,
`ledger_comparison`).

Worklogs and subtasks are never ours; comments are as long as they are as the ledger has them. Of
the changes, only those that an export makes itself count as ours, and only from our account: with
the same account a person may have worked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jira_pipeline.model.issue_tracker import IssueTraces

FIELDS_WE_CHANGE = frozenset(
    {"attachment", "issueparentassociation", "link", "parent", "rank", "sprint"}
)
"""Names of fields, in lower case, under which a changelog lists what an export does."""

TEXT_FIELDS = frozenset({"summary", "description"})
"""What an update changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTraces:
    """What an export left on one issue, by the ledger."""

    account_id: str
    issue_ids: frozenset[str]
    """Of all issues of the session on this target, removed ones included."""
    attachment_ids: frozenset[str]
    file_names: frozenset[str]
    """Of the files of this issue, those in doubt included."""
    comments: Mapping[str, str] = field(default_factory=dict)
    """Versions of our comments as they were sent, by id."""
    is_text_ours: bool = False
    """Summary and description are as our last update left them."""


def reasons_to_keep(traces: IssueTraces, own: OwnTraces) -> tuple[str, ...]:
    """Say what people did with an issue; nothing where nobody did."""
    foreign_links = [link for link in traces.links if link.other_issue_id not in own.issue_ids]
    foreign_files = [
        file
        for file in traces.attachments
        if file.attachment_id not in own.attachment_ids
        and not (file.author_id == own.account_id and file.file_name in own.file_names)
    ]
    counts = {
        "comment": sum(own.comments.get(c.comment_id) != c.version for c in traces.comments),
        "worklog": traces.worklog_count,
        "subtask": len(traces.subtask_ids),
        "link to an issue from outside this export": len(foreign_links),
        "attachment from outside this export": len(foreign_files),
    }
    ours = FIELDS_WE_CHANGE | (TEXT_FIELDS if own.is_text_ours else frozenset())
    changed = {
        change.field
        for change in traces.changes
        if change.author_id != own.account_id or change.field.casefold() not in ours
    }
    return (
        *(f"it has {_counted(count, noun)}" for noun, count in counts.items() if count),
        *(f"its field {name} was changed" for name in sorted(changed)),
    )


def _counted(count: int, noun: str) -> str:
    first, _, rest = noun.partition(" ")
    return f"{count} {first}{'s' if count > 1 else ''}{' ' + rest if rest else ''}"

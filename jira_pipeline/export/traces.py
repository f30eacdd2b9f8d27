"""What people left on an issue since an export made it.

Belongs here: telling their traces from ours. Does not: what follows from them (`undo`,
`ledger_comparison`).

Worklogs and subtasks are never ours; comments are as long as they are as the ledger has them. Of
the changes, only those that the ledger has written on this issue count as ours, and only from an
account of ours: with the same account a person may have worked.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from jira_pipeline.export.ledger_page import LedgerPage
from jira_pipeline.model.export_ledger import LedgerSubject
from jira_pipeline.model.issue_tracker import IssueTraces

_FIELDS_OF: Mapping[LedgerSubject, frozenset[str]] = {
    LedgerSubject.ATTACHMENT: frozenset({"attachment"}),
    LedgerSubject.LINK: frozenset({"link"}),
    LedgerSubject.PARENT: frozenset({"issueparentassociation", "parent", "rank"}),
    LedgerSubject.SPRINT: frozenset({"rank", "sprint"}),
}
"""Names of fields, in lower case, under which a changelog lists what an export writes of a kind."""
FIELDS_WE_WRITE = frozenset[str]().union(*_FIELDS_OF.values())

TEXT_FIELDS = frozenset({"summary", "description"})
"""What an update changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTraces:
    """What an export left on one issue, by the ledger."""

    account_ids: frozenset[str]
    fields: frozenset[str]
    """Names of the fields that it wrote, in lower case."""
    link_ids: Collection[str]
    linked_ids: Collection[str]
    """Of issues that it may have linked, where the id of the link is not known."""
    attachment_ids: frozenset[str]
    file_names: frozenset[str]
    """Of the files of this issue, those in doubt included."""
    comments: Mapping[str, str] = field(default_factory=dict)
    """Versions of our comments as they were sent, by id."""
    is_text_ours: bool = False
    """Summary and description are as our last update left them."""


def fields_written(page: LedgerPage) -> Mapping[str, set[str]]:
    """Return the names of the fields that the ledger has written, by identity of the issue."""
    written: dict[str, set[str]] = defaultdict(set)
    for entry in page.entries:
        for identity in entry.identity.split("/"):
            written[identity] |= _FIELDS_OF.get(entry.subject, frozenset())
    return written


def reasons_to_keep(traces: IssueTraces, own: OwnTraces) -> tuple[str, ...]:
    """Say what people did with an issue; nothing where nobody did."""
    foreign_links = [
        link
        for link in traces.links
        if link.link_id not in own.link_ids and link.other_issue_id not in own.linked_ids
    ]
    foreign_files = [
        file
        for file in traces.attachments
        if file.attachment_id not in own.attachment_ids
        and not (file.author_id in own.account_ids and file.file_name in own.file_names)
    ]
    counts = {
        "comment": sum(own.comments.get(c.comment_id) != c.version for c in traces.comments),
        "worklog": traces.worklog_count,
        "subtask": len(traces.subtask_ids),
        "link from outside this export": len(foreign_links),
        "attachment from outside this export": len(foreign_files),
    }
    ours = own.fields | (TEXT_FIELDS if own.is_text_ours else frozenset())
    changed = {
        change.field
        for change in traces.changes
        if change.author_id not in own.account_ids or change.field.casefold() not in ours
    }
    return (
        *(f"it has {_counted(count, noun)}" for noun, count in counts.items() if count),
        *(f"its field {name} was changed" for name in sorted(changed)),
    )


def _counted(count: int, noun: str) -> str:
    first, _, rest = noun.partition(" ")
    return f"{count} {first}{'s' if count > 1 else ''}{' ' + rest if rest else ''}"

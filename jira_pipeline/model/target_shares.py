"""How much of a session is on which target, and what an export to a new target would create.

Belongs here: the values and their words for people and programs. Does not: the state of one ticket
(`ticket_exports`), sessions of the same specification (`same_specifications`), asking the ledger,
refusing and answering (`export/target_questions`).

What was sent to one target says nothing about another: there a session begins anew, and people are
asked whether they mean that.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from jira_pipeline.model.exports import LedgerEntry, Target, issue_keys, open_undo_of
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sessions import AsNew, Beside, UploadSession

ISSUES_NAMED = 3
"""So many keys of issues a sentence names."""


@json_fields(
    "target=name exported=exported_count in_doubt=in_doubt_count undo_open=is_undo_open "
    "tickets=ticket_count is_current"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TargetShare:
    """How much of a session is on one target."""

    name: str
    exported_count: int
    in_doubt_count: int
    """Sent, and nobody knows whether it exists."""
    is_undo_open: bool
    """An undo there has not ended."""
    ticket_count: int
    """How many tickets the session exports."""
    is_current: bool
    """The settings mean it now."""

    @property
    def summary(self) -> str:
        """The counts as people read them: `site, project WEB: 12 of 20, 1 unconfirmed`."""
        doubt = f", {self.in_doubt_count} unconfirmed" if self.in_doubt_count else ""
        undo = ", an undo is unfinished" if self.is_undo_open else ""
        return f"{self.name}: {self.exported_count} of {self.ticket_count}{doubt}{undo}"


def share_of(
    name: str,
    ticket_ids: Collection[str],
    entries: Collection[LedgerEntry],
    *,
    is_current: bool,
    gone_ids: Collection[str] = (),
) -> TargetShare:
    """Return how many of these tickets have an issue on a target.

    `entries` are those of the session on that target. Tickets of `gone_ids`, whose issues Jira does
    not show any more, count as having none.
    """
    issues = issue_keys(entries)
    shown_ids = [ticket_id for ticket_id in ticket_ids if ticket_id not in gone_ids]
    keys = [issues[ticket_id] for ticket_id in shown_ids if ticket_id in issues]
    return TargetShare(
        name=name,
        exported_count=sum(key is not None for key in keys),
        in_doubt_count=sum(key is None for key in keys),
        is_undo_open=open_undo_of(entries) is not None,
        ticket_count=len(ticket_ids),
        is_current=is_current,
    )


@json_fields("target=name create=issue_count elsewhere")
@dataclass(frozen=True, slots=True, kw_only=True)
class NewTarget:
    """A target that a session was never exported to, while it has issues on others."""

    name: str
    issue_count: int
    """How many an export creates there."""
    elsewhere: tuple[TargetShare, ...]

    @property
    def summary(self) -> str:
        """A sentence about the session, without its subject and full stop."""
        shares = "; ".join(share.summary for share in self.elsewhere)
        return f"it has never been exported to {self.name} and has issues elsewhere ({shares})"


def shares_of(
    ticket_ids: Collection[str],
    *,
    targets: Iterable[Target],
    entries_of: Callable[[Target], Collection[LedgerEntry]],
) -> tuple[TargetShare, ...]:
    """Return how much of these tickets is on each target; `entries_of` reads its entries."""
    return tuple(
        share_of(target.name, ticket_ids, entries_of(target), is_current=False)
        for target in targets
    )


def new_target(
    name: str,
    target_id: str | None,
    *,
    session: UploadSession,
    ticket_ids: Collection[str],
    elsewhere: Iterable[TargetShare],
) -> NewTarget | None:
    """Return the question whether a session may begin anew on a target; None: nothing is asked.

    Nothing is asked where no ticket would be created, the session has no issues elsewhere, or
    somebody allowed it already. `target_id` is None where nobody asked the site yet which one it is.
    """
    answer = AsNew(target_id=target_id or "", session_key=session.session_key, beside=Beside.TARGET)
    with_issues = tuple(
        share for share in elsewhere if share.exported_count or share.in_doubt_count
    )
    if not ticket_ids or answer in session.as_new or not with_issues:
        return None
    return NewTarget(name=name, issue_count=len(ticket_ids), elsewhere=with_issues)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedIssues:
    """Issues on a target that carry the marker of a session's issue on another one."""

    session_key: str
    target_name: str
    keys: tuple[str, ...]
    origins: tuple[str, ...]
    """Names of the targets that the ledger has them on; empty where it knows of no such issue."""

    @property
    def summary(self) -> str:
        """A sentence without its full stop."""
        count = len(self.keys)
        issues = "1 issue" if count == 1 else f"{count} issues"
        verb = "is" if count == 1 else "are"
        came_from = ""
        if self.origins:
            came_from = f", copied or moved from {'; '.join(self.origins)}"
        place = f"already in {self.target_name}{came_from}"
        keys = first_named(self.keys, ISSUES_NAMED)
        return f"{issues} of session {self.session_key} {verb} {place}: {keys}"


def issue_url_of(target: Target, key: str) -> str:
    return f"{target.base_url}/browse/{key}"

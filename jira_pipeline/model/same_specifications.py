"""Sessions that are made from the same specification, recognised by the keys of their groups.

Belongs here: the rule, the value and its words. Does not: reading the ledger, and asking people
(`export/target_questions`).

Within a session an issue is created once; the ledger knows nothing of specifications, so sheets that
are uploaded under another key would be exported again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.target_shares import ISSUES_NAMED
from jira_pipeline.model.tickets import ticket_id_of

SHARED_MIN = 0.5
"""Two sites share a few groups (roles, image styles), one site in two states nearly all of them."""


@json_fields(
    "session_key tickets=ticket_count shared=shared_count issues=issue_keys as_new=is_answered"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SameSpecification:
    """Another session that has issues for at least half of the tickets of a session."""

    session_key: str
    ticket_count: int
    """How many tickets this session exports."""
    shared_count: int
    """How many of them have an issue, or may have one, by the other session only."""
    issue_keys: tuple[str, ...] = ()
    """In the order of the tickets; an issue in doubt has no key."""
    is_answered: bool = False
    """People said that the issues of this session are new ones."""

    @property
    def summary(self) -> str:
        """Say it without a full stop: who has which issues."""
        named = first_named(self.issue_keys, ISSUES_NAMED)
        return (
            f"session {self.session_key} has issues for {self.shared_count} of these "
            f"{self.ticket_count} tickets{f': {named}' if named else ''}"
        )

    @property
    def advice(self) -> Action:
        """Say it in sentences, with both ways on where nobody answered."""
        same = f"Same specification: {self.summary}."
        if self.is_answered:
            return advice(f"{same} This session's issues will be new ones.")
        return Action.of(
            ActionKind.UPLOAD,
            f"{same} To continue with that session, upload these files to it ({{}}); to create "
            "new issues as well, export as new ({1}).",
            session=self.session_key,
            also=(Action.of(ActionKind.EXPORT, "{}", as_new=True),),
        )


def same_specifications(
    group_keys: Iterable[str], *, session_key: str, issues: Mapping[str, Mapping[str, str | None]]
) -> tuple[SameSpecification, ...]:
    """Return the sessions that have issues for at least half of these groups, the most first.

    A group that has an issue by this session counts for no other one: nothing is created for it.
    `issues` are keys on one target (None: in doubt), by session and ticket id.
    """
    wanted_keys = tuple(dict.fromkeys(group_keys))
    own_issues = issues.get(session_key, {})
    missing_keys = [key for key in wanted_keys if ticket_id_of(session_key, key) not in own_issues]
    same: list[SameSpecification] = []
    for other in sorted(issues.keys() - {session_key}):
        shared_count = 0
        shared_keys: list[str] = []
        for group_key in missing_keys:
            ticket_id = ticket_id_of(other, group_key)
            if ticket_id not in issues[other]:
                continue
            shared_count += 1
            issue_key = issues[other][ticket_id]
            if issue_key:
                shared_keys.append(issue_key)
        if shared_count and shared_count >= SHARED_MIN * len(wanted_keys):
            specification = SameSpecification(
                session_key=other,
                ticket_count=len(wanted_keys),
                shared_count=shared_count,
                issue_keys=tuple(shared_keys),
            )
            same.append(specification)
    return tuple(sorted(same, key=lambda specification: -specification.shared_count))

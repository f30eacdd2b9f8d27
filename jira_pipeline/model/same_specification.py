"""Whether another session created the issues of a specification already.

Belongs here: the rule, and its words for people and programs. Does not: asking the ledger,
refusing and answering (`export/gate`).

Within a session an issue is created once; the ledger knows nothing of specifications. Sheets that
are uploaded under another key are recognised by their group keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.tickets import ticket_id_of

SHARED_MIN = 0.5
"""Two sites share a few groups (roles, image styles), one site in two states nearly all of them."""
ISSUES_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SameSpecification:
    """Another session that has issues for at least half of the tickets of a session."""

    session_key: str
    """The other session."""
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
        named = ", ".join(self.issue_keys[:ISSUES_NAMED])
        left = len(self.issue_keys) - ISSUES_NAMED
        named += f" and {left} more" if left > 0 else ""
        return (
            f"session {self.session_key} has issues for {self.shared_count} of these "
            f"{self.ticket_count} tickets{f': {named}' if named else ''}"
        )

    @property
    def advice(self) -> Action:
        """Say it in sentences, with both ways on where nobody answered."""
        same = f"Same specification: {self.summary}."
        if self.is_answered:
            return advice(f"{same} These will be new ones beside them.")
        return Action.of(
            ActionKind.UPLOAD,
            f"{same} To continue with that session, upload these files to it ({{}}); to create new "
            "issues beside its own, export anew ({1}).",
            session=self.session_key,
            also=(Action.of(ActionKind.EXPORT, "{}", as_new=True),),
        )

    def to_json(self) -> dict[str, object]:
        """Return the shape that `upload`, `status` and `export --plan` share."""
        return {
            "session_key": self.session_key,
            "tickets": self.ticket_count,
            "shared": self.shared_count,
            "issues": list(self.issue_keys),
            "as_new": self.is_answered,
        }


def same_specifications(
    group_keys: Iterable[str],
    *,
    session_key: str,
    issues: Mapping[str, Mapping[str, str | None]],
) -> tuple[SameSpecification, ...]:
    """Return the sessions that have issues for at least half of these groups, the most first.

    A group that has an issue by this session counts for no other one: nothing is created for it.

    Args:
        group_keys: The groups this session exports.
        session_key: This session.
        issues: Keys of the issues on one target (None: in doubt), by session and ticket id.
    """
    wanted = tuple(dict.fromkeys(group_keys))
    own = issues.get(session_key, {})
    missing = [key for key in wanted if ticket_id_of(session_key, key) not in own]
    found = []
    for other in sorted(issues.keys() - {session_key}):
        there = issues[other]
        shared = [i for key in missing if (i := ticket_id_of(other, key)) in there]
        if shared and len(shared) >= SHARED_MIN * len(wanted):
            issue_keys = tuple(key for ticket_id in shared if (key := there[ticket_id]))
            found.append(
                SameSpecification(
                    session_key=other,
                    ticket_count=len(wanted),
                    shared_count=len(shared),
                    issue_keys=issue_keys,
                )
            )
    return tuple(sorted(found, key=lambda same: -same.shared_count))

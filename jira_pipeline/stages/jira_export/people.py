"""Finds the one account an e-mail address or name means.

Belongs here: which of the users Jira offers is meant, and what to say where none is. Does not:
asking Jira (`choices`, `project_check`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from jira_pipeline.ports.issue_tracker import Account

NAMED_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """No account, or no single one, is meant."""

    reason: str


def choose_account(asked: str, users: Sequence[Account]) -> Account | Unresolved:
    """Choose the account that an address or a name means, among those a search returned.

    An exact address or name wins over a part of one. Somebody whose visible address differs from
    the address that was asked for is somebody else.
    """
    wanted = asked.casefold()
    exact = [user for user in users if wanted in _names_of(user)]
    near = [user for user in users if not _contradicts(user, wanted)]
    candidates = exact or near
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        return Unresolved(reason="nobody of that address or name can be assigned in the project")
    names = ", ".join(sorted(user.display_name for user in candidates)[:NAMED_MAX])
    more = f" and {len(candidates) - NAMED_MAX} more" if len(candidates) > NAMED_MAX else ""
    return Unresolved(reason=f"{len(candidates)} people may be meant: {names}{more}")


def _names_of(user: Account) -> frozenset[str]:
    return frozenset({(user.email or "").casefold(), user.display_name.casefold()} - {""})


def _contradicts(user: Account, wanted: str) -> bool:
    return "@" in wanted and user.email is not None and user.email.casefold() != wanted

"""Roles a note speaks of, found by their labels.

Belongs here: reading "Night editor and harbour master can use" and "All roles except …". Does
not: words about them (`writing`).
"""

import re
from collections.abc import Sequence

from jira_pipeline.model.entities import Entity, Status
from jira_pipeline.sources.drupal.note_sentences import sentences_of

ROLE_COLUMNS = frozenset({"role", "roles", "who", "who may"})
"""Headers, in lower case, of what lists the roles that may use a transition."""
ALL_ROLES = re.compile(
    r"\ball(?: other)? roles\b(?:.*?\bexcept\b(?P<exception>.*))?", re.IGNORECASE
)
"""Words that give something to every role, with those they take out again."""
_PERMITS = re.compile(r"\b(?:can|may|allowed|permitted|only|use[ds]?)\b", re.IGNORECASE)
"""Words of a sentence that gives somebody something; other sentences may name roles too."""


def permissions_in(note: str) -> str:
    """Return the sentences of a note that say who may do something; all where none says so."""
    sentences = sentences_of(note)
    permitting = [s for s in sentences if _PERMITS.search(s) or ALL_ROLES.search(s)]
    permitting = [s for s in permitting if not s.endswith("?")]
    return " ".join(permitting or sentences)


def roles_named_in(note: str, roles: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return the roles a note names by label, longest labels first, in sheet order."""
    rest, found = note.casefold(), set()
    for role in sorted(roles, key=lambda r: -len(r.label)):
        if not role.label or role.label.casefold() not in rest:
            continue
        pattern = rf"\b{re.escape(role.label.casefold())}s?\b"
        if re.search(pattern, rest):
            found.add(role.key)
            rest = re.sub(pattern, " ", rest)
    return tuple(role for role in roles if role.key in found and role.status is not Status.DELETED)


def covered_roles(note: str, roles: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return the roles a note gives something to, `all roles except …` read literally."""
    permissions = permissions_in(note)
    match = ALL_ROLES.search(permissions)
    if match is None:
        return roles_named_in(permissions, roles)
    excepted = {r.key for r in roles_named_in(match["exception"] or "", roles)}
    return tuple(
        role for role in roles if role.key not in excepted and role.status is not Status.DELETED
    )


def permitted_roles(transition: Entity, roles: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return the roles that may use a transition: by its column for roles, else by its note."""
    cells = (cell for c, cell in transition.cells.items() if c.casefold() in ROLE_COLUMNS)
    if not (listed := next(filter(None, cells), "")):
        return covered_roles(transition.note, roles)
    names = {name.strip(" .").casefold() for name in re.split(r"[,;\n]", listed)}
    by_name = [r for r in roles if names & {r.label.casefold(), r.machine_name.casefold()}]
    return tuple(r for r in by_name if r.status is not Status.DELETED) or covered_roles(
        listed, roles
    )

"""Which fields to add from existing storage, and which to create with other bundles in mind.

Belongs here: the bullets about field storage. Does not: who uses it (`storage_users`), other
bullets of a bundle (`bundle_analysis`).
"""

from collections.abc import Iterator

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.questions.question_index import REUSED
from jira_pipeline.domain.questions.storage_questions import open_column
from jira_pipeline.writers.group_facts import GroupFacts, bundle_noun
from jira_pipeline.writers.wording.english import is_or_are, number, plural
from jira_pipeline.writers.wording.html_fragments import packed, text
from jira_pipeline.writers.wording.row_wording import codes

_OPEN_WORDS = {
    "Field type": "the type",
    "Vals.": "the number of values",
    REUSED: "Reused Field",
}
_ONE_FOR_ALL = "one type and one number of values for all"
"""What one storage means; where the sheets contradict that, a question asks."""


def storage_bullets(facts: GroupFacts) -> Iterator[str]:
    """Tell where fields come from that others have too, and who reuses those made here."""
    existing: dict[str, list[Entity]] = {}
    made_here: dict[str, list[Entity]] = {}
    unsettled: dict[str, list[Entity]] = {}
    own_number = facts.group.number
    for row in facts.to_build:
        if column := open_column(row, facts.session.index):
            unsettled.setdefault(_once_settled(row, column, facts), []).append(row)
            continue
        users = facts.session.storage_users.get((row.bundle_type, row.machine_name))
        if users is None:
            continue
        name, count = users.after(own_number)
        if users.there:
            there = _named(users.there[0], len(users.there))
            existing.setdefault(f"on {there} already", []).append(row)
        elif before := users.first_before(own_number):
            existing.setdefault(f"from {text(before)}", []).append(row)
        elif count:
            made_here.setdefault(_named(name, count), []).append(row)
    yield from _to_add(existing)
    yield from _to_create(made_here, plural(bundle_noun(facts.head.bundle_type)))
    for what, rows in unsettled.items():
        yield f"{codes(rows)} {is_or_are(len(rows))} {what}."


def _once_settled(row: Entity, column: str, facts: GroupFacts) -> str:
    """Say with whom a field is shared, and on what that depends."""
    users = facts.session.index.storage_of(row).live_users
    others = [user for owner, user in users.items() if owner != row.owner_key]
    settled = f"once the question on {_OPEN_WORDS[column]} is settled"
    if not others:
        return f"listed in more than one row here; build one field {settled}"
    return f"shared with {_named(facts.session.index.owner_name(others[0]), len(others))} {settled}"


def _to_add(existing: dict[str, list[Entity]]) -> Iterator[str]:
    if len(existing) == 1:
        where, rows = next(iter(existing.items()))
        it = "it" if len(rows) == 1 else "them"
        which = f", which {is_or_are(len(rows))} " if where.startswith("on ") else " "
        yield f"Add {codes(rows)}{which}{where}; do not create {it} anew."
    elif existing:
        yield from _bullets("Shared fields to add, not to create", existing)


def _to_create(made_here: dict[str, list[Entity]], kinds: str) -> Iterator[str]:
    if len(made_here) == 1:
        who, rows = next(iter(made_here.items()))
        yield f"{codes(rows)} {is_or_are(len(rows))} reused on {who}: {_ONE_FOR_ALL}."
    elif made_here:
        yield from _bullets(f"Other {kinds} reuse these, {_ONE_FOR_ALL}", made_here)


def _named(name: str, count: int) -> str:
    """Name the first and count the rest."""
    return text(name) if count == 1 else f"{text(name)} and {number(count - 1)} more"


def _bullets(introduction: str, told: dict[str, list[Entity]]) -> Iterator[str]:
    said = [f"{codes(rows)} ({where})" for where, rows in told.items()]
    for run in packed(said):
        yield f"{introduction if run.start == 0 else 'Likewise'}: {'; '.join(said[run.start : run.stop])}."

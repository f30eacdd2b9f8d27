"""The analysis part: what is special about a ticket, as a bullet list.

Belongs here: which rule speaks for which kind of group, and what is told for every kind. Does
not: the rules (`bundle_analysis`, `view_analysis`, `workflow_analysis`, `collection_analysis`),
open questions (`question_wording`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind, RelationKind
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    bundle_noun,
)
from jira_pipeline.writers.wording.bundle_analysis import bundle_bullets
from jira_pipeline.writers.wording.collection_analysis import (
    bundles_without_fields_bullets,
    image_style_bullets,
    responsive_style_bullets,
    role_bullets,
    view_mode_bullets,
)
from jira_pipeline.writers.wording.english import (
    capitalised,
    count_of,
    is_or_are,
    listed,
    number,
    plural,
    without_stop,
)
from jira_pipeline.writers.wording.html_fragments import bullet_list, quoted, text
from jira_pipeline.writers.wording.note_themes import told_once
from jira_pipeline.writers.wording.row_wording import codes, label_and_name, scope_bullets
from jira_pipeline.writers.wording.view_analysis import view_bullets
from jira_pipeline.writers.wording.workflow_analysis import workflow_bullets

_STATUS_WORDS: Mapping[Status, str] = {
    Status.IMPLEMENTED: "there already",
    Status.WAITING: "on hold",
    Status.DELETED: "to be removed",
}


def analysis(facts: GroupFacts) -> str:
    """Return the bullets; a plain ticket says that nothing is unusual about it."""
    if facts.group.action is GroupAction.REMOVE:
        return bullet_list(_removal(facts))
    bullets = [
        *_on_hold(facts),
        *_hollow(facts),
        *_BULLETS[facts.group.kind](facts),
        *_connections(facts),
    ]
    if not bullets:
        rows = (*facts.group.heads, *facts.group.members)
        is_noted = all(r.has_column("Notes") or r.has_column("Settings/notes") for r in rows)
        silent = "no note restricts or explains any of these rows"
        bullets = [f"Plain configuration{f': {silent}' if is_noted else ''}."]
    return bullet_list(bullets)


def _on_hold(facts: GroupFacts) -> Iterator[str]:
    if facts.group.is_on_hold:
        yield (
            f"<strong>On hold:</strong> X of {text(facts.name)} is w. The ticket is there so that "
            "nobody forgets it; do not start before that changes."
        )


def _hollow(facts: GroupFacts) -> Iterator[str]:
    if not facts.group.is_hollow:
        return
    counts = Counter(member.status for member in facts.group.members)
    told = [f"{number(counts[s])} {words}" for s, words in _STATUS_WORDS.items() if counts[s]]
    nouns = plural(
        {GroupKind.VIEW: "display", GroupKind.WORKFLOW: "row"}.get(facts.group.kind, "field")
    )
    state = f"none of its {nouns} is ({listed(told)})" if told else f"it has no {nouns}"
    yield (
        f"<strong>No approved member:</strong> {text(facts.name)} itself is approved, but {state}. "
        "Whether to build it is to be settled first; there is no estimate until then."
    )


def _connections(facts: GroupFacts) -> Iterator[str]:
    labels: dict[RelationKind, list[str]] = {}
    for relation in facts.group.relations:
        labels.setdefault(relation.kind, []).append(text(relation.label))
    if there := labels.get(RelationKind.SATISFIED):
        verb = "exists" if len(there) == 1 else "exist"
        yield f"{listed(there)}{_referred_by(facts)} {verb} already: nothing to wait for."
    if held := labels.get(RelationKind.ON_HOLD):
        them = "it" if len(held) == 1 else "them"
        rows = [row for row in facts.to_build if _is_waiting_for(row, facts)]
        told = f": leave references to {them} out until that is decided"
        if rows:
            told = f"; what becomes of {codes(rows)} meanwhile is to be settled"
        yield f"{listed(held)} {is_or_are(len(held))} on hold{told}."
    if deferred := labels.get(RelationKind.DEFERRED):
        exist = "exists" if len(deferred) == 1 else "exist"
        noun = "reference" if len(deferred) == 1 else "references"
        yield f"Add the {noun} to {listed(deferred)} once {'it' if len(deferred) == 1 else 'they'} {exist}."


def _is_waiting_for(row: Entity, facts: GroupFacts) -> bool:
    """Tell whether a question asks what becomes of a field whose target is on hold."""
    by_key = facts.session.specification.by_key
    targets = [by_key.get(r.target_key or "", ()) for r in row.references]
    is_held = any(found and found[0].status is Status.WAITING for found in targets)
    return row.kind is EntityKind.FIELD and is_held


def _referred_by(facts: GroupFacts) -> str:
    """Say which fields refer to what exists already, where there is one such thing."""
    labels = {r.label for r in facts.group.relations if r.kind is RelationKind.SATISFIED}
    rows = [
        row
        for row in facts.to_build
        if row.kind is EntityKind.FIELD
        and any(
            reference.text.casefold() in map(str.casefold, labels) for reference in row.references
        )
    ]
    if len(labels) != 1 or not rows:
        return ""
    verb = "refers" if len(rows) == 1 else "refer"
    return f", which {codes(rows)} {verb} to,"


def _plain(facts: GroupFacts) -> Iterator[str]:
    for told in told_once(facts.to_build):
        yield f"{codes(told.rows)}: {quoted(without_stop(told.sentence))}."
    yield from scope_bullets(facts, "row")


def _removal(facts: GroupFacts) -> Iterator[str]:
    types: dict[str, list[Entity]] = {}
    for head in facts.group.heads:
        noun = bundle_noun(head.bundle_type) if head.bundle_type else _NOUNS.get(head.kind, "row")
        types.setdefault(noun, []).append(head)
    for noun, heads in types.items():
        names = [label_and_name(h) for h in heads]
        yield f"{capitalised(count_of(len(heads), noun))}: {listed(names)}."
    which = "it only if it exists" if len(facts.group.heads) == 1 else "each only where it exists"
    yield f"Remove {which}: the sheets do not say whether it was ever built."
    if facts.group.members:
        noun = "display" if facts.group.members[0].kind is EntityKind.VIEW_DISPLAY else "field"
        if any(m.kind is not facts.group.members[0].kind for m in facts.group.members):
            noun = "row"
        count, them = len(facts.group.members), "it" if len(facts.group.heads) == 1 else "them"
        go = "goes" if count == 1 else "go"
        yield f"{capitalised(count_of(count, noun))} {go} with {them}."
    mentions = [text(r.label) for r in facts.group.relations if r.kind is RelationKind.REMOVAL]
    if mentions:
        yield f"Still mentioned by {listed(list(dict.fromkeys(mentions)))}: look there first."


_NOUNS: Mapping[EntityKind, str] = {
    EntityKind.VIEW: "view",
    EntityKind.WORKFLOW: "workflow",
    EntityKind.MIGRATION: "migration",
}


_BULLETS: Mapping[GroupKind, Callable[[GroupFacts], Iterator[str]]] = {
    GroupKind.BUNDLE: bundle_bullets,
    GroupKind.BUNDLES_WITHOUT_FIELDS: bundles_without_fields_bullets,
    GroupKind.VIEW: view_bullets,
    GroupKind.WORKFLOW: workflow_bullets,
    GroupKind.USER_ROLES: role_bullets,
    GroupKind.IMAGE_STYLES: image_style_bullets,
    GroupKind.RESPONSIVE_IMAGE_STYLES: responsive_style_bullets,
    GroupKind.VIEW_MODES: view_mode_bullets,
    GroupKind.MIGRATION: _plain,
    GroupKind.CUSTOM: _plain,
    GroupKind.REMOVAL: _removal,
}

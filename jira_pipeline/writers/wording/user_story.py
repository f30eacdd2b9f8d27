"""The user story: one sentence with role, wish and benefit, each taken from the rows.

Belongs here: which role, wish and benefit a kind of group has. Does not: the grammar of
descriptions (`wishes`).
"""

import re
from collections.abc import Callable, Mapping

from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.domain.role_notes import ADMIN_WORDS, covered_roles, roles_named_in
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    transitions_of,
)
from jira_pipeline.writers.wording.bundle_story import (
    Story,
    bundle_story,
    bundles_without_fields_story,
)
from jira_pipeline.writers.wording.collection_story import (
    image_styles_story,
    responsive_styles_story,
    roles_story,
    view_modes_story,
)
from jira_pipeline.writers.wording.english import (
    listed,
    with_article,
    without_stop,
)
from jira_pipeline.writers.wording.html_fragments import paragraph, text
from jira_pipeline.writers.wording.story_roles import role_phrase
from jira_pipeline.writers.wording.wishes import pronoun_for, wish_of

WORDS_MAX = 60
"""Source: shared facts on writers, "What good ticket text is"."""


_PLACED = re.compile(r"^(?:goes|added|placed) ((?:on|to|at|in) .+)$", re.IGNORECASE)


_NAMES = (3, 2, 1)
"""How many names a benefit may give; fewer are tried while the sentence is too long."""


def user_story(facts: GroupFacts) -> str:
    """Return the story as one paragraph of at most 60 words."""
    write = _WRITERS[facts.group.kind]
    if facts.group.action is GroupAction.REMOVE:
        write = _removal
    sentences = [_sentence(*write(facts, names)) for names in _NAMES]
    short = next((s for s in sentences if len(s.split()) <= WORDS_MAX), None)
    return paragraph(text(short or _cut(sentences[-1])))


def _sentence(role: str, wish: str, benefit: str) -> str:
    return (
        f"As {role}, I want {wish}, so that {benefit}." if benefit else f"As {role}, I want {wish}."
    )


def _cut(sentence: str) -> str:
    return without_stop(" ".join(sentence.split()[:WORDS_MAX])) + "…"


def _view(facts: GroupFacts, names: int) -> Story:
    displays = facts.to_build or facts.rows
    wish = wish_of(facts.head.cell("Description"), noun=f"{facts.name} view")
    wish = wish or f"the {facts.name} view"
    for_visitors = tuple(d for d in displays if not is_admin_page(d))
    if displays and not any(_is_seen_alone(d) for d in for_visitors):
        pages = [f"“{d.label}”" for d in displays if is_admin_page(d)]
        if pages:
            return "an administrator", wish, f"I can work with {listed(pages, at_most=names)}"
    displays = for_visitors
    labels = [f"“{d.label}”" for d in displays]
    if not labels:
        return "a visitor", wish, f"the pages I read can show {facts.name}"
    if len(labels) == 1:
        return "a visitor", wish, _single_display_benefit(displays[0], it=pronoun_for(wish))
    return "a visitor", wish, f"I find {pronoun_for(wish)} in {listed(labels, at_most=names)}"


def _is_seen_alone(display: Entity) -> bool:
    """Tell whether visitors get to see a display as such; an attachment goes with another one."""
    return display.cell("Display plugin").casefold() != "attachment"


def _single_display_benefit(display: Entity, *, it: str) -> str:
    for sentence in sentences_of(display.cell("Notes")):
        if match := _PLACED.match(without_stop(sentence)):
            return f"I find {it} {re.sub(r'^to ', 'on ', match.group(1))}"
    how = {
        "page": f"I can go to the page “{display.label}”",
        "embed": f"I find {it} on the pages that embed “{display.label}”",
    }
    plugin = display.cell("Display plugin").casefold()
    return how.get(plugin, f"I find {it} on the pages that show “{display.label}”")


def is_admin_page(display: Entity) -> bool:
    """Tell whether a page display is for administrators: its cells say admin, review, dashboard."""
    if display.cell("Display plugin").casefold() != "page":
        return False
    words = f"{display.label} {display.machine_name} {display.cell('Notes')}".casefold()
    return any(word in words for word in ADMIN_WORDS)


def _workflow(facts: GroupFacts, names: int) -> Story:
    transitions = transitions_of(facts.of_kind(EntityKind.WORKFLOW_TRANSITION))
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    holders: dict[str, list[str]] = {}
    for transition in transitions:
        for role in covered_roles(transition.note, roles):
            holders.setdefault(role.label, []).append(transition.label)
    wish = f"the {facts.name} workflow"
    if not holders:
        labels = [t.label for t in transitions]
        return (
            "a site builder",
            wish,
            f"content moves through {listed(labels, at_most=names)}"
            if (labels)
            else "content passes through agreed states",
        )
    most = max(len(labels) for labels in holders.values())
    leading = [role for role, labels in holders.items() if len(labels) == most]
    lesser = {role: labels for role, labels in holders.items() if len(labels) < most}
    if len(leading) == 1 and lesser:
        holder, allowed = next(iter(lesser.items()))
        mine = [label for label in holders[leading[0]] if label not in allowed]
        benefit = (
            f"{with_article(role_phrase(holder))} can use {listed(allowed, at_most=names)} while "
            f"{listed(mine, at_most=names)} {'stays' if len(mine) == 1 else 'stay'} with me"
        )
        return with_article(role_phrase(leading[0])), wish, benefit
    labels = holders[leading[0]]
    if len(roles_named_in(transitions[0].note, roles)) < len(leading):
        who = without_stop(transitions[0].note.partition(" can ")[0]).casefold()
    else:
        who = listed(leading, at_most=names)
    return "a site builder", wish, f"{who} can use {listed(labels, at_most=names)}"


def _migration(facts: GroupFacts, names: int) -> Story:
    del names
    wish = wish_of(facts.head.cell("Description"), noun=f"{facts.name} migration")
    return "an editor", wish or f"{facts.name} migrated", "I do not have to enter it again"


def _custom(facts: GroupFacts, names: int) -> Story:
    labels = list(dict.fromkeys(name_of(row) for row in facts.to_build or facts.rows))
    head = facts.head
    wish = wish_of(head.cell("Description"), noun=head.label) if len(facts.rows) == 1 else ""
    return (
        "a site builder",
        wish or f"{listed(labels, at_most=names)} set up as specified",
        "the site does what these rows describe",
    )


def _removal(facts: GroupFacts, names: int) -> Story:
    labels = [name_of(head) for head in facts.group.heads]
    wish = f"{listed(labels, at_most=names)} removed"
    return "an administrator", wish, "nobody builds on what the specification has given up"


_WRITERS: Mapping[GroupKind, Callable[[GroupFacts, int], Story]] = {
    GroupKind.BUNDLE: bundle_story,
    GroupKind.BUNDLES_WITHOUT_FIELDS: bundles_without_fields_story,
    GroupKind.VIEW: _view,
    GroupKind.WORKFLOW: _workflow,
    GroupKind.USER_ROLES: roles_story,
    GroupKind.IMAGE_STYLES: image_styles_story,
    GroupKind.RESPONSIVE_IMAGE_STYLES: responsive_styles_story,
    GroupKind.VIEW_MODES: view_modes_story,
    GroupKind.MIGRATION: _migration,
    GroupKind.CUSTOM: _custom,
    GroupKind.REMOVAL: _removal,
}

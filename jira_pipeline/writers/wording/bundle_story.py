"""The story of a bundle: wish from its description, benefit from who refers to it or lists it.

Belongs here: role, wish and benefit of bundles with and without fields. Does not: the sentence and
its length (`user_story`), the grammar of descriptions (`wishes`).
"""

import re
from collections.abc import Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.domain.questions.bundle_questions import asked_flags
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.domain.questions.row_questions import PROSE_COLUMNS
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    bundle_noun,
)
from jira_pipeline.writers.wording.english import (
    listed,
    number,
    plural,
)
from jira_pipeline.writers.wording.story_roles import EDITOR, role_of
from jira_pipeline.writers.wording.wishes import pronoun_for, wish_of

Story = tuple[str, str, str]
"""Role, wish and benefit, as plain text; the benefit is empty where no cell gives one."""


def bundle_story(facts: GroupFacts, names: int) -> Story:
    """Wish from the description, benefit from who refers to the bundle."""
    if facts.group.action is GroupAction.UPDATE:
        return _updated_bundle(facts, names)
    noun = f"{facts.name} {bundle_noun(facts.head.bundle_type)}"
    wish = wish_of(facts.head.cell("Description"), noun=noun)
    benefit = _bundle_benefit(facts, names, it=pronoun_for(wish))
    if wish.startswith("to classify") and benefit.startswith("I can classify"):
        benefit = f"{_users_of(facts, names)} can refer to its terms"
    return role_of(facts), wish or f"to work with the {noun}", benefit


def _updated_bundle(facts: GroupFacts, names: int) -> Story:
    labels = list(dict.fromkeys(row.label for row in facts.to_build))
    if not labels:
        return role_of(facts), f"{facts.name} brought up to date", _bundle_benefit(facts, names)
    wish = f"{facts.name} to offer {listed(labels, at_most=names + 1)}"
    return role_of(facts), wish, _benefit_of_new_fields(facts, names, is_one=len(labels) == 1)


def _benefit_of_new_fields(facts: GroupFacts, names: int, *, is_one: bool) -> str:
    """Name who shows or uses the bundle, else what its items can refer to."""
    it = "it" if is_one else "them"
    users = _users_of(facts, names)
    if users and facts.head.bundle_type is not BundleType.MEDIA:
        return f"{users} can {_show_verb(facts)} {it}"
    targets = list(
        dict.fromkeys(
            name_of(facts.session.specification.by_key[reference.target_key][0])
            for row in facts.to_build
            for reference in row.references
            if reference.target_key is not None
        )
    )
    if targets:
        return f"each {facts.name} can refer to {listed(targets, at_most=names)}"
    if users:
        return f"{users} can use {it}"
    return _open_host_benefit(facts, names, it) or _fallback_benefit(facts, "it")


def _users_of(facts: GroupFacts, names: int) -> str:
    """Name who refers to the bundle and one view that lists it, empty when there is nobody."""
    views = [f"the {view} view" for view in facts.listing_views][:1]
    return listed([*_hosts_listed(facts.hosts, max(names - len(views), 1)), *views])


def _show_verb(facts: GroupFacts) -> str:
    is_content = facts.head.bundle_type is BundleType.CONTENT
    is_mixed = any(host.bundle_type not in _SHOWING for host in facts.hosts)
    return "draw on" if is_content and is_mixed else "show"


def _bundle_benefit(facts: GroupFacts, names: int, *, it: str = "it") -> str:
    users = _users_of(facts, names)
    if not users or (facts.open_hosts and facts.head.bundle_type is BundleType.PARAGRAPH):
        return _benefit_without_users(facts, names, it)
    benefit = _BENEFITS.get(facts.head.bundle_type, "{users} can use {it}")
    benefit = benefit.replace("{show}", _show_verb(facts))
    return benefit.replace("{users}", users).replace("{it}", it)


def _hosts_listed(hosts: Sequence[Entity], shown: int) -> list[str]:
    """Name the first hosts and count the rest, of one type by its name."""
    names = [name_of(host) for host in hosts]
    rest = len(names) - shown
    if rest <= 0:
        return names
    kinds = {host.bundle_type for host in hosts}
    noun = bundle_noun(hosts[0].bundle_type) if len(kinds) == 1 else "place"
    counted = f"{number(rest)} more {noun if rest == 1 else plural(noun)}"
    return [*names[:shown], counted]


_BENEFITS: Mapping[BundleType | None, str] = {
    BundleType.CONTENT: "{users} can {show} {it}",
    BundleType.PARAGRAPH: "{users} can {show} {it}",
    BundleType.VOCABULARY: "I can classify {users} with its terms",
    BundleType.MEDIA: "I can reuse {it} in {users}",
    BundleType.BLOCK: "I can place {it} on {users}",
}


_SHOWING = frozenset({BundleType.PARAGRAPH, BundleType.BLOCK})
"""What holds content for display; other types refer to content."""


def _benefit_without_users(facts: GroupFacts, names: int, it: str) -> str:
    kind = facts.head.bundle_type
    if kind is BundleType.CONTENT:
        return _benefit_of_content(facts, it) or _benefit_of_fields(facts, names)
    if benefit := _open_host_benefit(facts, names, it):
        return benefit
    return _fallback_benefit(facts, it)


def _fallback_benefit(facts: GroupFacts, it: str) -> str:
    """Say what a type is good for where nobody refers to it; nothing of content types."""
    fallbacks = {
        BundleType.PARAGRAPH: f"I can use {it} wherever this paragraph type is allowed",
        BundleType.VOCABULARY: "content can be grouped by its terms",
        BundleType.MEDIA: f"I can reuse {it} from the media library",
        BundleType.BLOCK: f"I can place {it} wherever blocks are allowed",
    }
    kind = facts.head.bundle_type
    return fallbacks.get(kind, "") if kind else ""


def _open_host_benefit(facts: GroupFacts, names: int, it: str) -> str:
    """Name who refers to a paragraph type and whose notes allow it; nothing without the latter."""
    if facts.head.bundle_type is not BundleType.PARAGRAPH or not facts.open_hosts:
        return ""
    hosts = [*facts.hosts, *facts.open_hosts]
    return f"{listed(_hosts_listed(hosts, names))} can show {it} as their notes allow"


_RESTRICTED = re.compile(
    r"\bnot (?:be )?(?:shown|displayed|visible|viewable|accessible|public)\b|\banonymous\b"
    r"|\blogged[- ]?in\b|\brestrict|\bno[- ]?index\b|\bno[- ]?follow\b|\bunpublished\b"
    r"|\bprivate\b|\bredirect|\brabbit hole\b|\b40[34]\b|\b(?:staff|intranet) only\b"
    r"|\b(?:view|see|access)\w* only\b|\bonly\b.{0,40}\b(?:view|see|access)",
    re.IGNORECASE,
)
"""Words of a note that keep visitors from the pages of a content type."""


def _benefit_of_content(facts: GroupFacts, it: str) -> str:
    """Say what the settings of a content type nobody refers to give; nothing without any."""
    bundle = facts.head
    alias, prefix = bundle.cell("URL alias pattern"), alias_prefix(bundle)
    prose = (bundle.cell(column) for column in PROSE_COLUMNS)
    is_public = alias not in {"", "-"} and not any(_RESTRICTED.search(cell) for cell in prose)
    if is_public:
        where = f"at addresses under {prefix}" if prefix else "at an address of its own"
        return f"visitors find {it if prefix else 'each'} {where}"
    if _is_reviewed(facts):
        return f"I can have {it} reviewed before publication"
    settings = {
        "Sched.": f"I can have {it} published on schedule",
        "Migr.": f"I do not have to enter {it} again after the migration",
    }
    on = [c for c in settings if bundle.cell(c).casefold() == "y" and c not in asked_flags(bundle)]
    return settings[on[0]] if on else ""


def _is_reviewed(facts: GroupFacts) -> bool:
    """Tell whether the workflow that moderates a content type has a state of being reviewed."""
    found = facts.session.index.workflow_of(facts.head)
    states = facts.session.specification.members_of.get(found[0].key, ()) if found else ()
    return any(
        "review" in f"{state.label} {state.machine_name}".casefold()
        for state in states
        if state.kind is EntityKind.WORKFLOW_STATE
        and state.status not in {Status.DELETED, Status.WAITING}
    )


def _benefit_of_fields(facts: GroupFacts, names: int) -> str:
    """Say what each item holds; nothing where no field is to be built."""
    labels = [row.label for row in facts.to_build if is_machine_name_given(row) and row.label]
    return f"each {facts.name} holds {listed(labels, at_most=names)}" if labels else ""


def alias_prefix(bundle: Entity) -> str:
    """Return the fixed beginning of the addresses of a bundle, empty when there is none."""
    return bundle.cell("URL alias pattern").partition("[")[0].strip("-")


def bundles_without_fields_story(facts: GroupFacts, names: int) -> Story:
    """Name the bundles and what can be done with them."""
    labels = [name_of(head) for head in facts.group.heads]
    kind = facts.head.bundle_type
    nouns = plural(bundle_noun(kind)) if len(labels) > 1 else bundle_noun(kind)
    wish = f"the {nouns} {listed(labels, at_most=names + 1)}"
    them = "them" if len(labels) > 1 else "it"
    if not facts.hosts and kind is BundleType.VOCABULARY:
        return EDITOR, wish, f"I can classify content with {them}"
    if not facts.hosts:
        return (
            EDITOR,
            wish,
            f"I can use {them} where they are allowed"
            if (len(labels) > 1)
            else "I can use it where it is allowed",
        )
    users = listed(_hosts_listed(facts.hosts, names))
    verb = (
        f"classify {users} with {them}"
        if kind is BundleType.VOCABULARY
        else (f"use {them} in {users}")
    )
    return EDITOR, wish, f"I can {verb}"

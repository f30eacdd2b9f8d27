"""The story of a bundle: wish from its description, benefit from who refers to it or lists it.

Belongs here: role, wish and benefit of bundles with and without fields. Does not: the sentence and
its length (`user_story`), the grammar of descriptions (`wishes`).
"""

from collections.abc import Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.writers.english import (
    listed,
    number,
    plural,
)
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    bundle_noun,
)
from jira_pipeline.writers.wishes import pronoun_for, wish_of

Story = tuple[str, str, str]
"""Role, wish and benefit, as plain text."""


def bundle_story(facts: GroupFacts, names: int) -> Story:
    """Wish from the description, benefit from who refers to the bundle."""
    if facts.group.action is GroupAction.UPDATE:
        return _updated_bundle(facts, names)
    noun = f"{facts.name} {bundle_noun(facts.head.bundle_type)}"
    wish = wish_of(facts.head.cell("Description"), noun=noun)
    it = pronoun_for(wish)
    return "an editor", wish or f"to work with the {noun}", _bundle_benefit(facts, names, it=it)


def _updated_bundle(facts: GroupFacts, names: int) -> Story:
    labels = list(dict.fromkeys(row.label for row in facts.to_build))
    if not labels:
        return "an editor", f"{facts.name} brought up to date", _bundle_benefit(facts, names)
    wish = f"{facts.name} to offer {listed(labels, at_most=names + 1)}"
    targets = list(
        dict.fromkeys(
            name_of(facts.session.specification.by_key[reference.target_key][0])
            for row in facts.to_build
            for reference in row.references
            if reference.target_key is not None
        )
    )
    if targets:
        return "an editor", wish, f"I can choose from {listed(targets, at_most=names)} there"
    it = "it" if len(labels) == 1 else "them"
    return "an editor", wish, _bundle_benefit(facts, names, it=it)


def _bundle_benefit(facts: GroupFacts, names: int, *, it: str = "it") -> str:
    views = [f"the {view} view" for view in facts.listing_views]
    kind = facts.head.bundle_type
    if not views and not facts.hosts:
        return _benefit_without_users(facts, names, it)
    shown = max(names - len(views[:1]), 1)
    users = listed([*_hosts_listed(facts.hosts, shown), *views[:1]])
    is_mixed = any(host.bundle_type not in _SHOWING for host in facts.hosts)
    benefit = _BENEFITS.get(kind, "{users} can use {it}")
    if kind is BundleType.CONTENT and is_mixed:
        benefit = benefit.replace("show", "draw on")
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
    BundleType.CONTENT: "{users} can show {it}",
    BundleType.PARAGRAPH: "{users} can show {it}",
    BundleType.VOCABULARY: "I can classify {users} with its terms",
    BundleType.MEDIA: "I can reuse {it} in {users}",
    BundleType.BLOCK: "I can place {it} on {users}",
}


_SHOWING = frozenset({BundleType.PARAGRAPH, BundleType.BLOCK})
"""What holds content for display; other types refer to content."""


def _benefit_without_users(facts: GroupFacts, names: int, it: str) -> str:
    kind = facts.head.bundle_type
    prefix = alias_prefix(facts.head)
    if kind is BundleType.CONTENT and prefix:
        return f"visitors find {it} at addresses under {prefix}"
    if kind is BundleType.PARAGRAPH and facts.open_hosts:
        return f"{listed(_hosts_listed(facts.open_hosts, names))} can show {it}"
    fallbacks = {
        BundleType.CONTENT: "visitors find each at an address of its own",
        BundleType.PARAGRAPH: f"I can use {it} wherever this paragraph type is allowed",
        BundleType.VOCABULARY: "content can be grouped by its terms",
        BundleType.MEDIA: f"I can reuse {it} from the media library",
        BundleType.BLOCK: f"I can place {it} wherever blocks are allowed",
    }
    return fallbacks[kind] if kind else f"{it} can be used where needed"


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
        return "an editor", wish, f"I can classify content with {them}"
    if not facts.hosts:
        return (
            "an editor",
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
    return "an editor", wish, f"I can {verb}"

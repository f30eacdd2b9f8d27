"""The user story: one sentence with role, wish and benefit, each taken from the rows.

Belongs here: which role, wish and benefit a kind of group has. Does not: the grammar of
descriptions (`wishes`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.question_index import name_of
from jira_pipeline.domain.role_notes import ADMIN_WORDS, covered_roles, roles_named_in
from jira_pipeline.writers.english import (
    count_of,
    is_or_are,
    listed,
    lowered,
    number,
    plural,
    with_article,
    without_stop,
)
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    bundle_noun,
    transitions_of,
)
from jira_pipeline.writers.html_fragments import paragraph, text
from jira_pipeline.writers.wishes import pronoun_for, wish_of

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
    return f"As {role}, I want {wish}, so that {benefit}."


def _cut(sentence: str) -> str:
    return " ".join(sentence.split()[:WORDS_MAX]).rstrip(",;") + "…"


Story = tuple[str, str, str]


def _bundle(facts: GroupFacts, names: int) -> Story:
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


def _bundles_without_fields(facts: GroupFacts, names: int) -> Story:
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


def _view(facts: GroupFacts, names: int) -> Story:
    displays = facts.to_build or facts.rows
    admin = next((d for d in displays if is_admin_page(d)), None)
    wish = wish_of(facts.head.cell("Description"), noun=f"{facts.name} view")
    wish = wish or f"the {facts.name} view"
    others = [f"“{d.label}”" for d in displays if d is not admin]
    if admin is not None:
        benefit = f"I can work with “{admin.label}”"
        if others:
            benefit += f" and pages can show {listed(others, at_most=names)}"
        return "an administrator", wish, benefit
    labels = [f"“{d.label}”" for d in displays]
    if not labels:
        return "a visitor", wish, f"the pages I read can show {facts.name}"
    if len(labels) == 1:
        return "a visitor", wish, _single_display_benefit(displays[0], it=pronoun_for(wish))
    return "a visitor", wish, f"the pages I read can show {listed(labels, at_most=names)}"


def _single_display_benefit(display: Entity, *, it: str) -> str:
    for sentence in sentences_of(display.cell("Notes")):
        if match := _PLACED.match(without_stop(sentence)):
            return f"I find {it} {re.sub(r'^to ', 'on ', match.group(1))}"
    how = {
        "page": f"I can go to the page “{display.label}”",
        "embed": "is embedded",
        "block": "is placed",
    }
    plugin = display.cell("Display plugin").casefold()
    told = how.get(plugin, "is shown")
    return told if plugin == "page" else f"I find {it} wherever “{display.label}” {told}"


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


def role_phrase(label: str) -> str:
    """Return the label of a role as an ordinary noun; acronyms keep their capitals."""
    return " ".join(lowered(word) for word in label.split())


def _roles(facts: GroupFacts, names: int) -> Story:
    rows = facts.to_build or facts.rows
    labels = [row.label for row in rows]
    noun = "role" if len(labels) == 1 else "roles"
    waiting = [f"the {g.label} workflow" for g in facts.dependents if g.kind is GroupKind.WORKFLOW]
    benefit = (
        f"{listed(waiting, at_most=names)} can give them their permissions"
        if waiting
        else "people can do what their notes allow and no more"
    )
    return "a site builder", f"the {noun} {listed(labels, at_most=names + 1)}", benefit


def _image_styles(facts: GroupFacts, _: int) -> Story:
    users: dict[str, Entity] = {}
    for row in facts.to_build:
        for user, _reference in facts.session.specification.referrers_of.get(row.key, ()):
            if user.status not in {Status.DELETED, Status.WAITING}:
                users.setdefault(user.key, user)
    responsive = [u for u in users.values() if u.kind is EntityKind.RESPONSIVE_IMAGE_STYLE]
    wish = "uploaded images scaled, cropped and converted for me"
    if not responsive:
        count = len(facts.to_build)
        ready = f"{count_of(count, 'image style')} {is_or_are(count)} ready to be used"
        return "an editor", wish, ready
    count = len(responsive)
    verb, use = ("finds", "it uses") if count == 1 else ("find", "they use")
    benefit = f"{count_of(count, 'responsive image style')} {verb} the sizes {use}"
    return "an editor", wish, benefit


def _responsive_styles(facts: GroupFacts, names: int) -> Story:
    widths = list(
        dict.fromkeys(
            part.split("(")[0].strip().casefold()
            for row in facts.to_build
            for part in _outside_parentheses(row.cell("Breakpoints Used"))
        )
    )
    benefit = (
        f"they fit the screen I use ({listed(widths, at_most=names + 1)})"
        if widths
        else "they fit the screen I use"
    )
    return "a visitor", "images in the size my screen needs", benefit


def _outside_parentheses(cell: str) -> Iterator[str]:
    depth, start = 0, 0
    for place, character in enumerate(cell):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield cell[start:place]
            start = place + 1
    if cell[start:].strip():
        yield cell[start:]


def _view_modes(facts: GroupFacts, names: int) -> Story:
    rows = facts.to_build
    labels = [row.label for row in rows]
    used_on = list(
        dict.fromkeys(
            label.strip()
            for row in rows
            for label in row.cell("Entities Used On").split(",")
            if label.strip()
        )
    )
    noun = "view mode" if len(labels) == 1 else "view modes"
    wish = f"the {noun} {listed(labels, at_most=names)}" if labels else "view modes"
    if used_on:
        them = "it is" if len(labels) == 1 else "the same item is"
        return (
            "an editor",
            wish,
            (
                f"{listed(used_on, at_most=names)} can be shown the way each place needs it"
                if them != "it is"
                else f"{listed(used_on, at_most=names)} can be shown this way where it is listed"
            ),
        )
    return "an editor", wish, "the same item can be shown differently in different places"


def _migration(facts: GroupFacts, names: int) -> Story:
    del names
    wish = wish_of(facts.head.cell("Description"), noun=f"{facts.name} migration")
    return "an editor", wish or f"{facts.name} migrated", "I do not have to enter it again"


def _custom(facts: GroupFacts, names: int) -> Story:
    labels = [name_of(row) for row in facts.to_build or facts.rows]
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
    GroupKind.BUNDLE: _bundle,
    GroupKind.BUNDLES_WITHOUT_FIELDS: _bundles_without_fields,
    GroupKind.VIEW: _view,
    GroupKind.WORKFLOW: _workflow,
    GroupKind.USER_ROLES: _roles,
    GroupKind.IMAGE_STYLES: _image_styles,
    GroupKind.RESPONSIVE_IMAGE_STYLES: _responsive_styles,
    GroupKind.VIEW_MODES: _view_modes,
    GroupKind.MIGRATION: _migration,
    GroupKind.CUSTOM: _custom,
    GroupKind.REMOVAL: _removal,
}

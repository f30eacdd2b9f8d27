"""The stories of tickets that cover many like things: styles, view modes, roles.

Belongs here: role, wish and benefit of those. Does not: the sentence and its length (`user_story`).
"""

from collections.abc import Iterator

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.writers.group_facts import GroupFacts
from jira_pipeline.writers.wording.bundle_story import Story
from jira_pipeline.writers.wording.english import (
    count_of,
    is_or_are,
    listed,
)


def view_modes_story(facts: GroupFacts, names: int) -> Story:
    """Name the modes and what is shown in them."""
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


def image_styles_story(facts: GroupFacts, _: int) -> Story:
    """Name the responsive styles that need the sizes."""
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


def responsive_styles_story(facts: GroupFacts, names: int) -> Story:
    """Name the screens the styles are for."""
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


def roles_story(facts: GroupFacts, names: int) -> Story:
    """Name the roles and the workflows that wait for them."""
    rows = facts.to_build or facts.rows
    labels = [name_of(row) for row in rows]
    noun = "role" if len(labels) == 1 else "roles"
    waiting = [f"the {g.label} workflow" for g in facts.dependents if g.kind is GroupKind.WORKFLOW]
    benefit = (
        f"{listed(waiting, at_most=names)} can give them their permissions"
        if waiting
        else "people can do what their notes allow and no more"
    )
    return "a site builder", f"the {noun} {listed(labels, at_most=names + 1)}", benefit

"""What tickets of removals claim: what goes, what still refers to it, what to check.

Belongs here: rows to delete that are a ticket of their own. Does not: what is removed from a
bundle, view or workflow that stays (their modules).
"""

from collections.abc import Iterator

from jira_pipeline.model.entities import GONE, BundleType, Entity, EntityKind
from jira_pipeline.model.entity_groups import GroupAction
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.ticket_links import link_html
from jira_pipeline.sources.drupal.modules_and_types import drupal, is_base_field, listed_in
from jira_pipeline.sources.drupal.view_displays import (
    base_table_of,
    displays_by_path,
    path_column,
    plugin_name,
    stated_path,
)
from jira_pipeline.sources.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.writing.claims.claim import Claim, Claims, phrase, stated
from jira_pipeline.writing.fragments import (
    bundle_noun,
    capitalised,
    code,
    codes,
    kinds_named,
    label_with_name,
    listed,
    menu_path,
    plural,
    quoted,
    text,
)
from jira_pipeline.writing.group_facts import GroupFacts

_NAMED_MAX = 6
"""More fields than these are counted."""
_KEPT_WHILE_USED = (BundleType.CONTENT, BundleType.MEDIA, BundleType.PARAGRAPH, BundleType.BLOCK)
"""Drupal deletes none of these while it has items.

Source: `NodeTypeDeleteConfirm`, `MediaTypeDeleteConfirmForm`, `BlockContentTypeDeleteForm` of core,
`ParagraphsTypeDeleteConfirm`.
"""


def removal_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows to delete make certain."""
    heads = facts.group.heads
    things = kinds_named(heads, called=lambda head: quoted(name_of(head)))
    story = stated("story.removal_ticket", heads, "X", things=things)
    return Claims.of(story, _analysis(facts), _verification(facts))


def _analysis(facts: GroupFacts) -> Iterator[Claim]:
    """Say what Drupal does with what hangs on the things, and what still refers to them."""
    heads = facts.group.heads
    kept = {head.bundle_type for head in heads if head.bundle_type in _KEPT_WHILE_USED}
    if kept:
        kinds = [plural(bundle_noun(kind)) for kind in _KEPT_WHILE_USED if kind in kept]
        nouns = listed(kinds, word="or")
        rows = [head for head in heads if head.bundle_type in kept]
        yield stated("analysis.removal_items", rows, "Type", nouns=nouns)
    if vocabularies := [h for h in heads if h.bundle_type is BundleType.VOCABULARY]:
        yield stated("analysis.removal_terms", vocabularies, "Type")
    if workflows := [head for head in heads if head.kind is EntityKind.WORKFLOW]:
        yield stated("analysis.removal_workflows", workflows, "X")
    if shared := _shared_fields(facts):
        few = "few" if len(shared) <= _NAMED_MAX else "many"
        words = {"fields": codes(shared), "number": str(len(shared))}
        yield stated(f"analysis.removal_shared_{few}", shared, "Machine name", **words)
    for field, owner, head in _referring(facts):
        yield stated(
            "analysis.removal_referred",
            (field,),
            "Ref. bundle",
            field=_field_of(field, owner),
            name=text(head.label),
            ticket=_ticket(owner, facts),
        )
    for display, other in _taken_paths(facts):
        view = facts.session.specification.by_key[other.owner_key or ""][0]
        yield stated(
            "analysis.removal_path_taken",
            (display, other),
            path_column(display),
            path=code(stated_path(display)),
            display=codes([other]),
            view=quoted(name_of(view)),
        )
    if blocks := [row for row in facts.group.members if plugin_name(row) == "block"]:
        yield stated("analysis.removal_blocks", blocks, "Display plugin")


def _verification(facts: GroupFacts) -> Iterator[Claim]:
    """Say where the things are no longer listed, offered or shown."""
    by_page = grouped(facts.group.heads, _page_of)
    for page, heads in by_page.items():
        names = listed(list(map(label_with_name, heads)), word="or")
        kind = "removal_unlisted" if page else "removal_gone"
        values = [head.machine_name for head in heads]
        yield stated(
            f"verification.{kind}", heads, "Machine name", values=values, page=page, names=names
        )
    for field, owner, head in _referring(facts):
        yield stated(
            "verification.removal_unoffered",
            (field,),
            "Ref. bundle",
            field=_field_of(field, owner),
            name=text(head.label),
        )
    taken = {display.source for display, _ in _taken_paths(facts)}
    displays = [row for row in facts.group.members if row.kind is EntityKind.VIEW_DISPLAY]
    paths = {
        (stated_path(row), row.owner_key or ""): row
        for row in displays
        if stated_path(row) and row.source not in taken
    }
    for (path, view_key), row in paths.items():
        view = facts.session.specification.by_key[view_key][0]
        words = {"path": code(path), "view": quoted(name_of(view))}
        table = base_table_of(view)
        is_own = drupal().paths.fullmatch(path) or (table and not table.module.is_core)
        kind = f"removal_path{'_of_module' if is_own else ''}"
        yield stated(f"verification.{kind}", (row,), path_column(row), values=(path,), **words)
    if blocks := [row for row in displays if plugin_name(row) == "block"]:
        yield stated("verification.removal_blocks", blocks, "Display plugin")


def _referring(facts: GroupFacts) -> list[tuple[Entity, Entity, Entity]]:
    """Return the fields that stay and refer to what goes, with their bundles and with that."""
    specification = facts.session.specification
    return [
        (field, owner, head)
        for head in facts.group.heads
        for field, _ in specification.referrers_of.get(head.key, ())
        for owner in specification.by_key.get(field.owner_key or "", ())[:1]
        if field.kind is EntityKind.FIELD and field.status not in GONE and owner.status not in GONE
    ]


def _shared_fields(facts: GroupFacts) -> list[Entity]:
    """Return the fields that go with their bundles while others keep theirs, once each."""
    going, index = {head.key for head in facts.group.heads}, facts.session.index
    found: dict[tuple[BundleType | None, str], Entity] = {}
    for row in facts.group.members:
        if row.kind is EntityKind.FIELD and is_machine_name_given(row) and not is_base_field(row):
            users = index.storage_of(row).live_users
            if any(owner not in going for owner in users):
                found.setdefault((row.bundle_type, row.machine_name), row)
    return list(found.values())


def _taken_paths(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the displays that go whose path a display that stays or comes has too, with that."""
    by_path = displays_by_path(facts.session.specification)
    return [
        (row, other)
        for row in facts.group.members
        if row.kind is EntityKind.VIEW_DISPLAY and stated_path(row)
        for other in by_path.get((plugin_name(row), stated_path(row)), ())[:1]
    ]


def _page_of(head: Entity) -> str:
    """Return where Drupal lists a thing; empty of what it does not list."""
    if head.kind is EntityKind.BUNDLE and head.bundle_type:
        return menu_path(*listed_in("admin_pages", head.bundle_type.value))
    if head.kind is EntityKind.VIEW:
        return menu_path("Structure", "Views")
    if head.kind is EntityKind.WORKFLOW:
        return menu_path("Configuration", "Workflow", "Workflows")
    return ""


def _field_of(field: Entity, owner: Entity) -> str:
    return capitalised(phrase("clause.one_field", field=codes([field]), owner=text(owner.label)))


def _ticket(row: Entity, facts: GroupFacts) -> str:
    """Link to the ticket of a row; nothing where it has none."""
    group = facts.session.making.get(row.key)
    if group is None or group.action is GroupAction.REMOVE:
        return ""
    return phrase("clause.in_ticket", ticket=link_html(group))

"""What tickets of removals claim: what goes, what still refers to it, what to check.

Belongs here: rows to delete that are a ticket of their own. Does not: what is removed from a
bundle, view or workflow that stays (their modules).
"""

from collections.abc import Iterator, Mapping

from jira_pipeline.drupal.meaning.modules_and_types import is_base_field, listed_in, paths_of_core
from jira_pipeline.drupal.meaning.view_displays import (
    base_table_of,
    path_column,
    plugin_name,
    stated_path,
)
from jira_pipeline.model.entities import GONE, BundleType, Entity, EntityKind
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.ticket_links import link_html
from jira_pipeline.tickets.claims.claim import (
    Claim,
    Claims,
    bundle_noun,
    clause,
    code,
    codes,
    kinds_named,
    label_with_name,
    listed,
    menu_path,
    plural,
    quoted,
    stated,
    text,
)
from jira_pipeline.tickets.group_facts import GroupFacts
from jira_pipeline.tickets.questions.question_index import name_of

_KEPT_WHILE_USED = (BundleType.CONTENT, BundleType.MEDIA, BundleType.PARAGRAPH, BundleType.BLOCK)
"""Drupal deletes none of these while it has items.

Source: `NodeTypeDeleteConfirm`, `MediaTypeDeleteConfirmForm`, `BlockContentTypeDeleteForm` of core,
`ParagraphsTypeDeleteConfirm`.
"""


_PAGES: Mapping[EntityKind, tuple[str, ...]] = {
    EntityKind.VIEW: ("Structure", "Views"),
    EntityKind.WORKFLOW: ("Configuration", "Workflow", "Workflows"),
}


def removal_claims(facts: GroupFacts) -> Claims:
    heads = facts.group.heads
    things = kinds_named(heads, called=lambda head: quoted(name_of(head)))
    story = stated("story.removal_ticket", heads, "X", things=things)
    return Claims.of(story, _analysis(facts), _verification(facts))


def _analysis(facts: GroupFacts) -> Iterator[Claim]:
    """Say what Drupal does with what hangs on the things, and what still refers to them."""
    heads, members = facts.group.heads, facts.group.members
    kept = [head for head in heads if head.bundle_type in _KEPT_WHILE_USED]
    kinds = [kind for kind in _KEPT_WHILE_USED if any(head.bundle_type is kind for head in kept)]
    nouns = listed([plural(bundle_noun(kind)) for kind in kinds], word="or")
    yield from stated("analysis.removal_items", kept, "Type", nouns=nouns)
    vocabularies = [head for head in heads if head.bundle_type is BundleType.VOCABULARY]
    yield from stated("analysis.removal_terms", vocabularies, "Type")
    yield from stated("analysis.removal_shared", _shared_fields(facts), "Machine name")
    for field, owner, head in _referring(facts):
        words = {"owner": text(owner.label), "name": text(head.label)}
        making = facts.session.making.get(owner.key)
        words["ticket"] = clause("in_ticket", ticket=link_html(making)) if making else ""
        targets = facts.session.specification.targets_of(field, "Ref. bundle")
        is_only = all(target.status in GONE for target in targets)
        kind = f"analysis.removal_referred{'_only' * is_only}"
        yield from stated(kind, (field,), "Ref. bundle", **words)
    for display, other in _taken_paths(facts):
        words = {"path": code(stated_path(display)), "display": codes([other])}
        words["view"] = quoted(facts.session.index.owner_name(other) or other.cell("View"))
        column = path_column(display)
        yield from stated("analysis.removal_path_taken", (display, other), column, **words)
    for plugin in ("block", "embed", "entity_browser"):
        placed = [row for row in members if plugin_name(row) == plugin]
        yield from stated(f"analysis.removal_{plugin}", placed, "Display plugin")


def _verification(facts: GroupFacts) -> Iterator[Claim]:
    """Say where the things are no longer listed, offered or shown."""
    for page, heads in grouped(facts.group.heads, _page_of).items():
        kind = f"verification.{'removal_unlisted' if page else 'removal_gone'}"
        names = listed(map(label_with_name, heads), word="or")
        yield from stated(kind, heads, "Machine name", page=page, names=names)
    for field, owner, head in _referring(facts):
        words = {"owner": text(owner.label), "name": text(head.label)}
        yield from stated("verification.removal_unoffered", (field,), "Ref. bundle", **words)
    taken = {display.source for display, _ in _taken_paths(facts)}
    displays = [row for row in facts.group.members if row.kind is EntityKind.VIEW_DISPLAY]
    free = (row for row in displays if stated_path(row) and row.source not in taken)
    paths = {(stated_path(row), row.owner_key): row for row in free}
    for (path, view_key), row in paths.items():
        view = facts.session.specification.by_key[view_key or ""][0]
        table = base_table_of(view)
        is_own = paths_of_core().fullmatch(path) or (table and not table.module.is_core)
        kind = f"verification.removal_path{'_of_module' if is_own else ''}"
        words = {"path": code(path), "view": quoted(name_of(view))}
        yield from stated(kind, (row,), path_column(row), values=(path,), **words)
    blocks = [row for row in displays if plugin_name(row) == "block"]
    yield from stated("verification.removal_blocks", blocks, "Display plugin")


def _referring(facts: GroupFacts) -> list[tuple[Entity, Entity, Entity]]:
    """Return the fields that stay and refer to what goes, with their bundles and with that."""
    specification = facts.session.specification
    return [
        (field, owner, head)
        for head in facts.group.heads
        for field, _ in specification.referrers_of.get(head.key, ())
        for owner in specification.first_of(field.owner_key)
        if field.kind is EntityKind.FIELD and field.status not in GONE and owner.status not in GONE
    ]


def _shared_fields(facts: GroupFacts) -> list[Entity]:
    """Return the fields that go with their bundles while others keep theirs, once each."""
    going, index = {head.key for head in facts.group.heads}, facts.session.index
    fields = (row for row in facts.group.members if row.kind is EntityKind.FIELD)
    own = (row for row in fields if not is_base_field(row))
    shared = (row for row in own if index.storage_of(row).live_users.keys() - going)
    by_storage = grouped(shared, lambda row: (row.bundle_type, row.machine_name))
    return [first for first, *_ in by_storage.values()]


def _taken_paths(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the displays that go whose path a display that stays or comes has too, with that."""
    by_path = facts.session.index.displays_by_path
    displays = (row for row in facts.group.members if row.kind is EntityKind.VIEW_DISPLAY)
    placed = ((row, (plugin_name(row), stated_path(row))) for row in displays if stated_path(row))
    return [(row, other) for row, place in placed for other in by_path.get(place, ())[:1]]


def _page_of(head: Entity) -> str:
    """Return where Drupal lists a thing; empty of what it does not list."""
    if head.kind is EntityKind.BUNDLE and head.bundle_type:
        return menu_path(*listed_in("admin_pages", head.bundle_type.value))
    return menu_path(*_PAGES.get(head.kind, ()))

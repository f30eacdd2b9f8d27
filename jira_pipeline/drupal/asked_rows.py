"""Which rows of a group the questions of a rule are asked of: `asked_rows` of a `Rule`.

Belongs here: choices that several rules share; each is empty for a group of another kind. Does not:
what is asked (the rules), in which order (`tickets/questions/found_questions`).
"""

from collections.abc import Iterable, Sequence

from jira_pipeline.drupal.ticket_rows import BUNDLES, GroupRows, to_build
from jira_pipeline.model.entities import THERE, Entity, EntityKind, Status
from jira_pipeline.model.entity_groups import GroupAction, GroupKind


def rows_to_build(rows: GroupRows) -> Sequence[Entity]:
    """Return the rows to build of any group, heads first."""
    return to_build((*rows.group.heads, *rows.group.members))


def things_to_remove(rows: GroupRows) -> Sequence[Entity]:
    """Return the heads of a group that removes them."""
    return rows.group.heads if rows.group.action is GroupAction.REMOVE else ()


def things_kept(rows: GroupRows) -> Iterable[Entity]:
    """Return the heads of a group that makes or changes them, once each."""
    if rows.group.action is GroupAction.REMOVE:
        return ()
    return {head.key: head for head in rows.group.heads}.values()


# Of types and their fields.


def bundles_to_build(rows: GroupRows) -> Sequence[Entity]:
    return to_build(rows.group.heads) if _is_of_bundles(rows) else ()


def new_bundles(rows: GroupRows) -> Sequence[Entity]:
    return [head for head in bundles_to_build(rows) if head.status is Status.APPROVED]


def fields_added(rows: GroupRows) -> Sequence[Entity]:
    """Return the fields that a bundle gets; none while a question asks whether it is built at all."""
    return rows.new_fields if _has_fields_to_ask_about(rows) else ()


def fields_of_bundle_there(rows: GroupRows) -> Sequence[Entity]:
    """Return all members of a bundle that the site has."""
    is_there = rows.group.heads[0].status in THERE if _has_fields_to_ask_about(rows) else False
    return rows.group.members if is_there else ()


def first_bundle(rows: GroupRows) -> Sequence[Entity]:
    """Return the bundle that the ticket is about."""
    return rows.group.heads[:1] if _has_fields_to_ask_about(rows) else ()


def every_bundle(rows: GroupRows) -> Sequence[Entity]:
    return rows.group.heads if _has_fields_to_ask_about(rows) else ()


def _is_of_bundles(rows: GroupRows) -> bool:
    return rows.group.kind in BUNDLES and rows.group.action is not GroupAction.REMOVE


def _has_fields_to_ask_about(rows: GroupRows) -> bool:
    return _is_of_bundles(rows) and not rows.group.is_hollow


# Of views.


def view_asked(rows: GroupRows) -> Sequence[Entity]:
    """Return the view of a ticket that makes or changes one."""
    return rows.group.heads[:1] if _is_of_view(rows) else ()


def view_to_change(rows: GroupRows) -> Sequence[Entity]:
    return view_asked(rows) if rows.group.action is GroupAction.UPDATE else ()


def displays_asked(rows: GroupRows) -> Sequence[Entity]:
    """Return the displays of a view that is made or changed."""
    return rows.group.members if _is_of_view(rows) else ()


def displays_of_view_to_change(rows: GroupRows) -> Sequence[Entity]:
    return displays_asked(rows) if rows.group.action is GroupAction.UPDATE else ()


def _is_of_view(rows: GroupRows) -> bool:
    return rows.group.kind is GroupKind.VIEW and rows.group.action is not GroupAction.REMOVE


# Of workflows.


def workflow_asked(rows: GroupRows) -> Sequence[Entity]:
    """Return the workflow of a ticket that makes or changes one."""
    return rows.group.heads[:1] if rows.group.kind is GroupKind.WORKFLOW else ()


def states_asked(rows: GroupRows) -> Sequence[Entity]:
    """Return the states of a new workflow; of one that is there, those that are built or change."""
    return _to_ask_about(rows, EntityKind.WORKFLOW_STATE)


def transitions_asked(rows: GroupRows) -> Sequence[Entity]:
    """Return the transitions of a new workflow; of one that is there, those to build or to change."""
    return _to_ask_about(rows, EntityKind.WORKFLOW_TRANSITION)


def _to_ask_about(rows: GroupRows, kind: EntityKind) -> Sequence[Entity]:
    """Return the live states or transitions of a new workflow; of one that is there, those to build."""
    if rows.group.kind is not GroupKind.WORKFLOW:
        return ()
    live = rows.live(kind)
    return live if rows.is_new else to_build(live)


# Of lists, such as all image styles.


def listed_rows_to_build(rows: GroupRows) -> Iterable[Entity]:
    """Return the rows of a list of any kind."""
    return _listed_in(rows, *_LISTS)


_LISTS = (
    GroupKind.IMAGE_STYLES,
    GroupKind.RESPONSIVE_IMAGE_STYLES,
    GroupKind.VIEW_MODES,
    GroupKind.USER_ROLES,
)


def image_styles_to_build(rows: GroupRows) -> Iterable[Entity]:
    return _listed_in(rows, GroupKind.IMAGE_STYLES)


def image_effects_to_build(rows: GroupRows) -> Sequence[Entity]:
    """Return the rows of effects that come or change.

    Of the lists of a ticket, only that of image styles has members: the effects of its styles.
    """
    return to_build(rows.group.members) if rows.group.kind is GroupKind.IMAGE_STYLES else ()


def responsive_styles_to_build(rows: GroupRows) -> Iterable[Entity]:
    return _listed_in(rows, GroupKind.RESPONSIVE_IMAGE_STYLES)


def view_modes_to_build(rows: GroupRows) -> Iterable[Entity]:
    return _listed_in(rows, GroupKind.VIEW_MODES)


def roles_to_build(rows: GroupRows) -> Iterable[Entity]:
    return _listed_in(rows, GroupKind.USER_ROLES)


def _listed_in(rows: GroupRows, *kinds: GroupKind) -> Iterable[Entity]:
    if rows.group.kind not in kinds:
        return ()
    return {row.source: row for row in to_build(rows.group.heads)}.values()


# Of migrations.


def migrations_to_run(rows: GroupRows) -> Sequence[Entity]:
    """Return the migration that the ticket is about, if it is to be built."""
    return to_build(rows.group.heads[:1]) if rows.group.kind is GroupKind.MIGRATION else ()


def mappings_to_build(rows: GroupRows) -> Sequence[Entity]:
    """Return the mappings of a migration that come or change."""
    return to_build(rows.group.members) if rows.group.kind is GroupKind.MIGRATION else ()


# Of rows whose owner no row is, and of sheets of their own.


def ownerless_rows_to_build(rows: GroupRows) -> Sequence[Entity]:
    return to_build(rows.group.heads) if rows.group.kind is GroupKind.CUSTOM else ()

"""Every rule, by the kind of thing it is about, in the order of the ticket.

Sentences of a ticket come in this order. Questions do, too, within a rank (`words.toml`).

Belongs here: the lists, finding a rule in them, what the rules of a list claim. Does not: any one
rule, what a rule is (`rule`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from jira_pipeline.drupal.any_kind import (
    changed as any_change,
    changed_columns,
    machine_name,
    not_now,
    not_read,
    open_note,
    owner,
    question_line,
    reference,
    refused_name,
    removal,
    removed_from_list,
    status,
    undecided,
)
from jira_pipeline.drupal.bundle import (
    description as bundle_description,
    elements,
    fieldless,
    fields,
    fields_gone,
    fields_shown,
    hollow,
    items,
    layout,
    listing as bundle_listing,
    media_source,
    moderated,
    modules as bundle_modules,
    name as bundle_name,
    named_by_fields,
    offered,
    open_permissions,
    permissions as bundle_permissions,
    provider as bundle_provider,
    referrers,
    same_address,
    shared_fields,
    story as bundle_story,
    terms,
    translated,
    url_alias,
    view_modes,
)
from jira_pipeline.drupal.bundle.ticket_bundles import TicketOfBundles
from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.drupal.comparisons import Counterpart
from jira_pipeline.drupal.custom import cells as custom_cells, story as custom_story
from jira_pipeline.drupal.field import (
    after_switch,
    allowed_extensions,
    allowed_values,
    cardinality,
    default_value,
    field_group,
    file_size,
    given_up,
    gone,
    help_text,
    label,
    locked,
    maximum_length,
    module_settings,
    on_form,
    other_forms,
    placeholder_text,
    provider as field_provider,
    repeated,
    required,
    required_mark,
    reuse,
    settings_notes,
    shared_values,
    storage,
    target,
    text_on_form,
    translatable,
    type as field_type,
    widget,
)
from jira_pipeline.drupal.image_style import (
    breakpoint_group,
    breakpoints,
    effect,
    effects,
    fallback,
    listing as image_style_listing,
    name as image_style_name,
    needed_cells,
    provider,
    responsive_listing,
    responsive_name,
    responsive_note,
    size,
    style_mapping,
)
from jira_pipeline.drupal.migration import dependencies, destination, mapping, run, source
from jira_pipeline.drupal.migration.ticket_migration import TicketMigration
from jira_pipeline.drupal.role import (
    description as role_description,
    listing as role_listing,
    name as role_name,
    permission,
    provider as role_provider,
    trusted_permission,
)
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view import (
    access,
    base_table,
    block,
    block_filters,
    bulk_form_alone,
    changed,
    changed_displays,
    columns_alike,
    contextual_filters,
    default_display,
    description,
    display_note,
    display_title,
    embed,
    enabled,
    filter_of_others,
    filters,
    form,
    listing,
    lists,
    modules,
    name as view_name,
    pager,
    path,
    permission_of_nobody,
    plugin,
    removed_displays,
    revisions,
    settings,
    shared_path,
    shipped,
    shows,
    sort,
    story,
    to_build,
    unpublished,
    when_empty,
)
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.drupal.view_mode import (
    entity_type,
    name as mode_name,
    note as mode_note,
    provider as mode_provider,
    story as mode_story,
    used_on,
)
from jira_pipeline.drupal.workflow import (
    applies_to,
    hollow as workflow_hollow,
    initial_state,
    name as workflow_name,
    note as workflow_note,
    owner as workflow_owner,
    publishing,
    removed,
    state_name,
    state_place,
    states,
    story as workflow_story,
    there_already,
    transition,
    transition_name,
    transition_roles,
    type as workflow_type,
)
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.entity_groups import GroupKind

Rows = TypeVar("Rows")

BUNDLE_RULES: Sequence[Rule[TicketOfBundles]] = (
    bundle_name.RULE,
    bundle_description.RULE,
    bundle_story.RULE,
    named_by_fields.RULE,
    hollow.RULE,
    fields_gone.RULE,
    media_source.RULE,
    fields.RULE,
    terms.RULE,
    offered.RULE,
    bundle_listing.RULE,
    label.RULE,
    repeated.RULE,
    storage.RULE,
    field_type.RULE,
    widget.RULE,
    on_form.RULE,
    required.RULE,
    required_mark.RULE,
    after_switch.RULE,
    field_provider.RULE,
    reuse.RULE,
    shared_values.RULE,
    target.RULE,
    bundle_provider.RULE,
    bundle_modules.RULE,
    module_settings.RULE,
    help_text.RULE,
    placeholder_text.RULE,
    given_up.RULE,
    translatable.RULE,
    cardinality.RULE,
    maximum_length.RULE,
    allowed_extensions.RULE,
    file_size.RULE,
    allowed_values.RULE,
    default_value.RULE,
    field_group.RULE,
    other_forms.RULE,
    settings_notes.RULE,
    moderated.RULE,
    translated.RULE,
    layout.RULE,
    bundle_permissions.RULE,
    open_permissions.RULE,
    url_alias.RULE,
    same_address.RULE,
    view_modes.RULE,
    fields_shown.RULE,
    gone.RULE,
    locked.RULE,
    text_on_form.RULE,
)
"""Of a bundle and its fields."""
FIELDLESS_BUNDLE_RULES: Sequence[Rule[TicketOfBundles]] = (
    fieldless.RULE,
    bundle_provider.RULE,
    bundle_modules.RULE,
    bundle_listing.RULE,
    elements.RULE,
    moderated.RULE,
    translated.RULE,
    layout.RULE,
    bundle_permissions.RULE,
    open_permissions.RULE,
    url_alias.RULE,
    same_address.RULE,
    view_modes.RULE,
)
"""Of bundles of one type without fields, which share a ticket."""
HOLLOW_BUNDLE_RULES: Sequence[Rule[TicketOfBundles]] = (
    bundle_name.RULE,
    bundle_description.RULE,
    bundle_story.RULE,
    named_by_fields.RULE,
    hollow.RULE,
    bundle_listing.RULE,
)
"""Of a bundle of which a question decides whether it is built at all."""
VIEW_RULES: Sequence[Rule[TicketView]] = (
    view_name.RULE,
    description.RULE,
    story.RULE,
    shipped.RULE,
    base_table.RULE,
    revisions.RULE,
    enabled.RULE,
    modules.RULE,
    listing.RULE,
    to_build.RULE,
    changed.RULE,
    form.RULE,
)
DISPLAY_RULES: Sequence[Rule[TicketView]] = (
    display_title.RULE,
    plugin.RULE,
    embed.RULE,
    default_display.RULE,
    path.RULE,
    shared_path.RULE,
    block.RULE,
    lists.RULE,
    shows.RULE,
    columns_alike.RULE,
    bulk_form_alone.RULE,
    filters.RULE,
    block_filters.RULE,
    contextual_filters.RULE,
    filter_of_others.RULE,
    unpublished.RULE,
    sort.RULE,
    pager.RULE,
    access.RULE,
    permission_of_nobody.RULE,
    when_empty.RULE,
    settings.RULE,
    display_note.RULE,
    changed_displays.RULE,
)
REMOVAL_RULES: Sequence[Rule[TicketRows]] = (
    removal.RULE,
    items.RULE,
    shared_fields.RULE,
    referrers.RULE,
    removed_displays.RULE,
)
"""Of things that go: a ticket may remove several."""
IMAGE_STYLE_RULES: Sequence[Rule[TicketRows]] = (
    image_style_name.RULE,
    image_style_listing.RULE,
    provider.RULE,
    effects.RULE,
    size.RULE,
    removed_from_list.RULE,
)
IMAGE_EFFECT_RULES: Sequence[Rule[TicketRows]] = (effect.RULE,)
RESPONSIVE_IMAGE_STYLE_RULES: Sequence[Rule[TicketRows]] = (
    responsive_name.RULE,
    responsive_listing.RULE,
    needed_cells.RULE,
    breakpoint_group.RULE,
    breakpoints.RULE,
    style_mapping.RULE,
    fallback.RULE,
    responsive_note.RULE,
    removed_from_list.RULE,
)
VIEW_MODE_RULES: Sequence[Rule[TicketRows]] = (
    mode_story.RULE,
    entity_type.RULE,
    mode_provider.RULE,
    mode_name.RULE,
    used_on.RULE,
    mode_note.RULE,
    removed_from_list.RULE,
)
MIGRATION_RULES: Sequence[Rule[TicketMigration]] = (
    run.RULE,
    source.RULE,
    destination.RULE,
    dependencies.RULE,
    mapping.RULE,
)
ROLE_RULES: Sequence[Rule[TicketRows]] = (
    role_name.RULE,
    role_description.RULE,
    role_listing.RULE,
    role_provider.RULE,
    permission.RULE,
    trusted_permission.RULE,
    removed_from_list.RULE,
)
WORKFLOW_RULES: Sequence[Rule[TicketWorkflow]] = (
    workflow_name.RULE,
    workflow_type.RULE,
    workflow_story.RULE,
    states.RULE,
    workflow_hollow.RULE,
    there_already.RULE,
    removed.RULE,
    applies_to.RULE,
    workflow_note.RULE,
)
STATE_RULES: Sequence[Rule[TicketWorkflow]] = (
    workflow_owner.RULE,
    state_name.RULE,
    state_place.RULE,
    publishing.RULE,
    initial_state.RULE,
)
TRANSITION_RULES: Sequence[Rule[TicketWorkflow]] = (
    workflow_owner.RULE,
    transition_name.RULE,
    transition.RULE,
    transition_roles.RULE,
)
WORKFLOW_TICKET_RULES: Sequence[Rule[TicketWorkflow]] = (
    workflow_name.RULE,
    workflow_type.RULE,
    workflow_story.RULE,
    workflow_owner.RULE,
    state_name.RULE,
    state_place.RULE,
    states.RULE,
    workflow_hollow.RULE,
    there_already.RULE,
    transition_name.RULE,
    transition.RULE,
    removed.RULE,
    applies_to.RULE,
    publishing.RULE,
    initial_state.RULE,
    workflow_note.RULE,
    transition_roles.RULE,
)
"""Of a workflow with its rows: its text goes from states to transitions and back."""
ANY_KIND_RULES: Sequence[Rule[TicketRows]] = (
    machine_name.RULE,
    status.RULE,
    not_now.RULE,
    undecided.RULE,
    open_note.RULE,
    question_line.RULE,
    owner.RULE,
    reference.RULE,
    refused_name.RULE,
    any_change.RULE,
)
"""Of rows of every kind of thing: they ask, and claim nothing."""
CUSTOM_RULES: Sequence[Rule[TicketRows]] = (custom_story.RULE, custom_cells.RULE)
LAST_RULES: Sequence[Rule[TicketRows]] = (changed_columns.RULE, not_read.RULE)
"""Of every ticket that makes or changes something, after what its own rules claim."""


def _of_folder(folder: str) -> Sequence[Rule[Any]]:
    """Return the rules of bundles, or those of fields, which tickets of bundles mix."""
    rules = {rule.key: rule for rule in (*BUNDLE_RULES, *FIELDLESS_BUNDLE_RULES)}
    return [rule for key, rule in rules.items() if key.startswith(f"{folder}.")]


RULES: Mapping[EntityKind, Sequence[Rule[Any]]] = {
    EntityKind.BUNDLE: _of_folder("bundle"),
    EntityKind.FIELD: _of_folder("field"),
    EntityKind.VIEW: VIEW_RULES,
    EntityKind.VIEW_DISPLAY: DISPLAY_RULES,
    EntityKind.IMAGE_STYLE: IMAGE_STYLE_RULES,
    EntityKind.IMAGE_EFFECT: IMAGE_EFFECT_RULES,
    EntityKind.RESPONSIVE_IMAGE_STYLE: RESPONSIVE_IMAGE_STYLE_RULES,
    EntityKind.VIEW_MODE: VIEW_MODE_RULES,
    EntityKind.USER_ROLE: ROLE_RULES,
    EntityKind.WORKFLOW: WORKFLOW_RULES,
    EntityKind.WORKFLOW_STATE: STATE_RULES,
    EntityKind.WORKFLOW_TRANSITION: TRANSITION_RULES,
    EntityKind.MIGRATION: MIGRATION_RULES,
    EntityKind.CUSTOM: CUSTOM_RULES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRules(Generic[Rows]):
    """The rules of one kind of ticket, and how they see its rows."""

    rules: Sequence[Rule[Rows]]
    """In the order of its text."""
    rows_of: Callable[[TicketRows], Rows]


def _of_bundles(rules: Sequence[Rule[TicketOfBundles]]) -> TicketRules[Any]:
    return TicketRules(rules=rules, rows_of=lambda ticket: TicketOfBundles(ticket=ticket))


def _of_list(rules: Sequence[Rule[TicketRows]]) -> TicketRules[Any]:
    return TicketRules(rules=rules, rows_of=lambda ticket: ticket)


_HOLLOW_BUNDLE = _of_bundles(HOLLOW_BUNDLE_RULES)
RULES_OF_TICKETS: Mapping[GroupKind, TicketRules[Any]] = {
    GroupKind.BUNDLE: _of_bundles(BUNDLE_RULES),
    GroupKind.BUNDLES_WITHOUT_FIELDS: _of_bundles(FIELDLESS_BUNDLE_RULES),
    GroupKind.VIEW: TicketRules(
        rules=(*VIEW_RULES, *DISPLAY_RULES), rows_of=lambda ticket: TicketView(ticket=ticket)
    ),
    GroupKind.WORKFLOW: TicketRules(
        rules=WORKFLOW_TICKET_RULES, rows_of=lambda ticket: TicketWorkflow(ticket=ticket)
    ),
    GroupKind.USER_ROLES: _of_list(ROLE_RULES),
    GroupKind.IMAGE_STYLES: _of_list((*IMAGE_STYLE_RULES, *IMAGE_EFFECT_RULES)),
    GroupKind.RESPONSIVE_IMAGE_STYLES: _of_list(RESPONSIVE_IMAGE_STYLE_RULES),
    GroupKind.VIEW_MODES: _of_list(VIEW_MODE_RULES),
    GroupKind.MIGRATION: TicketRules(
        rules=MIGRATION_RULES, rows_of=lambda ticket: TicketMigration(ticket=ticket)
    ),
    GroupKind.CUSTOM: _of_list(CUSTOM_RULES),
    GroupKind.REMOVAL: _of_list(REMOVAL_RULES),
}
"""Components of packages are no matter of Drupal: they have no rules here."""


def rules_of_ticket(ticket: TicketRows) -> TicketRules[Any] | None:
    """Return the rules of a ticket; None of the ticket of a component."""
    if ticket.group.kind is GroupKind.BUNDLE and ticket.group.is_hollow:
        return _HOLLOW_BUNDLE
    return RULES_OF_TICKETS.get(ticket.group.kind)


def claims_in(ticket: TicketRows) -> Iterator[Claim]:
    """Yield what the rules of its kind claim of a ticket, in the order of its text."""
    of_ticket = rules_of_ticket(ticket)
    if of_ticket is not None:
        yield from claims_by(of_ticket.rules, of_ticket.rows_of(ticket))


def last_claims_in(ticket: TicketRows) -> Iterator[Claim]:
    """Yield what is claimed at the end of every ticket that makes or changes something."""
    if ticket.group.kind is not GroupKind.REMOVAL:
        yield from claims_by(LAST_RULES, ticket)


@cache
def rules_by_key() -> Mapping[str, Rule[Any]]:
    """Return every rule by its key, such as `field.widget`."""
    rules_by_key = {rule.key: rule for rule in (*ANY_KIND_RULES, *REMOVAL_RULES, *LAST_RULES)}
    for rules in RULES.values():
        rules_by_key.update({rule.key: rule for rule in rules})
    return rules_by_key


@cache
def counterparts_of(kind: EntityKind) -> Mapping[str, Counterpart]:
    """Return what the columns of a kind of thing are compared with, by their names."""
    columns = {column.name for column in columns_of(kind)}
    counterparts = {}
    for rule in ANY_KIND_RULES:
        for name, counterpart in rule.counterparts.items():
            if name in columns:
                counterparts[name] = counterpart
    for rule in RULES.get(kind, ()):
        if rule.counterpart is not None:
            for column in rule.columns:
                counterparts[column.name] = rule.counterpart
        counterparts.update(rule.counterparts)
    return counterparts


def claims_by(rules: Sequence[Rule[Rows]], rows: Rows) -> Iterator[Claim]:
    """Yield what rules claim of the rows of a ticket, one rule after the other."""
    for rule in rules:
        if rule.say is not None:
            yield from rule.say(rows)
        if rule.check is not None:
            yield from rule.check(rows)

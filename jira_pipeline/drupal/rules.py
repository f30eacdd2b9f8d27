"""Every rule, by the kind of thing it is about, in the order of the ticket.

Sentences of a ticket come in this order. Questions do, too, within a rank (`words.toml`).

Belongs here: the lists, finding a rule in them, what the rules of a list claim. Does not: any one
rule, what a rule is (`rule`).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from jira_pipeline.drupal.any_kind import (
    changed as any_change,
    machine_name,
    not_now,
    open_note,
    owner,
    question_line,
    reference,
    refused_name,
    removal,
    status,
    undecided,
)
from jira_pipeline.drupal.bundle import (
    description as bundle_description,
    elements,
    fieldless,
    fields,
    fields_gone,
    hollow,
    items,
    layout,
    listing as bundle_listing,
    media_source,
    moderated,
    name as bundle_name,
    named_by_fields,
    offered,
    permissions as bundle_permissions,
    provider as bundle_provider,
    referrers,
    shared_fields,
    story as bundle_story,
    terms,
    translated,
    url_alias,
    view_modes,
)
from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.drupal.comparisons import Counterpart
from jira_pipeline.drupal.field import (
    allowed_extensions,
    allowed_values,
    cardinality,
    default_value,
    field_group,
    file_size,
    help_text,
    label,
    locked,
    maximum_length,
    module_settings,
    modules as field_modules,
    on_form,
    provider as field_provider,
    repeated,
    required,
    reuse,
    settings_notes,
    storage,
    target,
    text_on_form,
    translatable,
    type as field_type,
    widget,
)
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.image_style import (
    breakpoint_group,
    breakpoints,
    effects,
    fallback,
    name as image_style_name,
    needed_cells,
    provider,
    size,
    style_mapping,
)
from jira_pipeline.drupal.migration import dependencies, destination, mapping, run, source
from jira_pipeline.drupal.migration.ticket_migration import TicketMigration
from jira_pipeline.drupal.role import permission
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view import (
    access,
    base_table,
    block,
    changed,
    changed_displays,
    default_display,
    description,
    display_note,
    display_title,
    embed,
    enabled,
    filters,
    form,
    listing,
    lists,
    modules,
    name as view_name,
    pager,
    path,
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
    when_empty,
)
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.drupal.view_mode import (
    entity_type,
    name as mode_name,
    note as mode_note,
    provider as mode_provider,
    used_on,
)
from jira_pipeline.drupal.workflow import applies_to, transition, type as workflow_type
from jira_pipeline.drupal.workflow.ticket_workflow import TicketWorkflow
from jira_pipeline.model.entities import EntityKind

Rows = TypeVar("Rows")

BUNDLE_RULES: Sequence[Rule[Any]] = (
    bundle_name.RULE,
    bundle_description.RULE,
    bundle_story.RULE,
    fieldless.RULE,
    named_by_fields.RULE,
    hollow.RULE,
    fields_gone.RULE,
    media_source.RULE,
    bundle_provider.RULE,
    fields.RULE,
    terms.RULE,
    offered.RULE,
    bundle_listing.RULE,
    elements.RULE,
    moderated.RULE,
    translated.RULE,
    layout.RULE,
    bundle_permissions.RULE,
    url_alias.RULE,
    view_modes.RULE,
)
FIELD_RULES: Sequence[Rule[TicketFields]] = (
    label.RULE,
    repeated.RULE,
    storage.RULE,
    field_type.RULE,
    widget.RULE,
    on_form.RULE,
    required.RULE,
    field_provider.RULE,
    reuse.RULE,
    target.RULE,
    field_modules.RULE,
    module_settings.RULE,
    help_text.RULE,
    translatable.RULE,
    locked.RULE,
    text_on_form.RULE,
    cardinality.RULE,
    maximum_length.RULE,
    allowed_extensions.RULE,
    file_size.RULE,
    allowed_values.RULE,
    default_value.RULE,
    field_group.RULE,
    settings_notes.RULE,
)
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
    filters.RULE,
    sort.RULE,
    pager.RULE,
    access.RULE,
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
    provider.RULE,
    effects.RULE,
    size.RULE,
)
RESPONSIVE_IMAGE_STYLE_RULES: Sequence[Rule[TicketRows]] = (
    needed_cells.RULE,
    breakpoint_group.RULE,
    breakpoints.RULE,
    style_mapping.RULE,
    fallback.RULE,
)
VIEW_MODE_RULES: Sequence[Rule[TicketRows]] = (
    entity_type.RULE,
    mode_provider.RULE,
    mode_name.RULE,
    used_on.RULE,
    mode_note.RULE,
)
ROLE_RULES: Sequence[Rule[TicketRows]] = (permission.RULE,)
MIGRATION_RULES: Sequence[Rule[TicketMigration]] = (
    run.RULE,
    source.RULE,
    destination.RULE,
    dependencies.RULE,
    mapping.RULE,
)
WORKFLOW_RULES: Sequence[Rule[Any]] = (
    workflow_type.RULE,
    applies_to.RULE,
)
TRANSITION_RULES: Sequence[Rule[TicketWorkflow]] = (transition.RULE,)
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
RULES: Mapping[EntityKind, Sequence[Rule[Any]]] = {
    EntityKind.BUNDLE: BUNDLE_RULES,
    EntityKind.FIELD: FIELD_RULES,
    EntityKind.VIEW: VIEW_RULES,
    EntityKind.VIEW_DISPLAY: DISPLAY_RULES,
    EntityKind.IMAGE_STYLE: IMAGE_STYLE_RULES,
    EntityKind.RESPONSIVE_IMAGE_STYLE: RESPONSIVE_IMAGE_STYLE_RULES,
    EntityKind.VIEW_MODE: VIEW_MODE_RULES,
    EntityKind.USER_ROLE: ROLE_RULES,
    EntityKind.WORKFLOW: WORKFLOW_RULES,
    EntityKind.WORKFLOW_TRANSITION: TRANSITION_RULES,
    EntityKind.MIGRATION: MIGRATION_RULES,
}


@cache
def rules_by_key() -> Mapping[str, Rule[Any]]:
    """Return every rule by its key, such as `field.widget`."""
    rules_by_key = {rule.key: rule for rule in (*ANY_KIND_RULES, *REMOVAL_RULES)}
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


def view_claims(ticket: TicketRows) -> Iterator[Claim]:
    """Yield what the ticket of a view claims: of the view itself, then of its displays."""
    return claims_by((*VIEW_RULES, *DISPLAY_RULES), TicketView(ticket=ticket))


def migration_claims(ticket: TicketRows) -> Iterator[Claim]:
    """Yield what the ticket of a migration claims."""
    return claims_by(MIGRATION_RULES, TicketMigration(ticket=ticket))


def removal_claims(ticket: TicketRows) -> Iterator[Claim]:
    """Yield what the ticket of things to remove claims of what goes with them."""
    return claims_by(REMOVAL_RULES, ticket)


def claims_by(rules: Sequence[Rule[Rows]], rows: Rows) -> Iterator[Claim]:
    """Yield what rules claim of the rows of a ticket, one rule after the other."""
    for rule in rules:
        if rule.say is not None:
            yield from rule.say(rows)
        if rule.check is not None:
            yield from rule.check(rows)

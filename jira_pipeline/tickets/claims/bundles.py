"""What tickets of bundles (content types, vocabularies, media) claim: who uses them, fields, form.

Belongs here: sorting fields by what a ticket does with them: new, changed, gone, re-used, set later;
which claims a bundle makes. Does not: words (`drupal/words`).
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.bundle import (
    elements,
    fieldless,
    layout,
    listing,
    media_source,
    moderated,
    permissions,
    provider,
    story,
    translated,
    url_alias,
    view_modes,
)
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.field import (
    allowed_extensions,
    allowed_values,
    cardinality,
    default_value,
    field_group,
    file_size,
    maximum_length,
    provider as field_provider,
    required,
    reuse,
    target,
    translatable,
    type as field_type,
    widget,
)
from jira_pipeline.drupal.field.modules import PLUGINS, modules_of, unknown_plugin
from jira_pipeline.drupal.field.plugins import plugins_on_site
from jira_pipeline.drupal.field.required import is_required
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.widget import is_on_form
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.meaning.modules_and_types import (
    PARAGRAPHS,
    REVISIONS,
    bringing,
    is_locked,
    is_text_on_form,
)
from jira_pipeline.drupal.meaning.notes import modules_in
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows, TicketRows
from jira_pipeline.drupal.unknown_names import unknown_name_claim
from jira_pipeline.model.entities import (
    GONE,
    THERE,
    BundleType,
    Entity,
    EntityKind,
)
from jira_pipeline.model.grouped import group_by, group_pairs
from jira_pipeline.tickets.questions.questions_of_bundles import (
    promises,
)


@once_per_session
def modules_used(session: SessionRows) -> frozenset[str]:
    """Return the modules that fields of the site use already."""
    kinds = session.specification.by_kind
    rows = (*kinds[EntityKind.FIELD], *kinds[EntityKind.BUNDLE])
    return frozenset().union(*(modules_of(row) for row in rows if row.status in THERE))


@once_per_session
def _first_with_paragraphs(session: SessionRows) -> float:
    """Return the number of the first ticket that makes a type of paragraph; infinity: none does."""
    return min(
        (
            group.number
            for group in session.groups.values()
            for head in group.heads
            if head.bundle_type is BundleType.PARAGRAPH and head.status not in GONE
        ),
        default=math.inf,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class BundleFields(TicketFields):
    """The fields of a ticket with the look-ups of rules that have no module of their own yet."""

    @cached_property
    def modules_known(self) -> frozenset[str]:
        """Modules not worth naming: of a type that is there all that the site uses."""
        session = self.ticket.session
        number = self.ticket.group.number
        is_brought = self.ticket.head.bundle_type is BundleType.PARAGRAPH
        is_brought = is_brought or _first_with_paragraphs(session) < number
        brought = frozenset({PARAGRAPHS, REVISIONS} if is_brought else ())
        return brought if self.is_new else brought | modules_used(session)


def bundle_claims(facts: TicketRows) -> Iterable[Claim]:
    fields = BundleFields(ticket=facts)
    return (*story.say(fields), *_analysis(fields), *_verification(fields))


def fieldless_claims(facts: TicketRows) -> Iterable[Claim]:
    """Claim what the rows of bundles without fields make certain."""
    if not facts.to_build:
        return ()
    bundles = TicketBundles(ticket=facts)
    return (
        *fieldless.say(bundles),
        *provider.say(bundles),
        *_module_claims(BundleFields(ticket=facts), fieldless.new_types(facts)),
        *listing.check(bundles),
        *elements.check(bundles),
        *_settings(bundles),
        *view_modes.check(bundles),
    )


def _analysis(fields: BundleFields) -> Iterator[Claim]:
    if fields.ticket.group.is_hollow:
        return
    bundles = TicketBundles(ticket=fields.ticket)
    yield from media_source.say(bundles)
    yield from field_provider.say(fields)
    yield from reuse.say(fields)
    yield from allowed_values.say(fields)
    yield from target.say(fields)
    yield from provider.say(bundles)
    yield from _module_claims(fields, [*fields.added, *bundles.set_up])
    doing = {row.source: row for row in promises(fields.new).values()}.values()
    yield from claims_about("analysis.promised", doing, "Help text")
    yield from translatable.say(fields)
    gone = () if fields.is_new else fields.gone
    yield from claims_about("analysis.gone", gone, "X", name=text(fields.ticket.name))
    yield from claims_about("analysis.locked", filter(is_locked, fields.new), "Machine name")
    yield from claims_about(
        "analysis.no_value", filter(is_text_on_form, fields.added), "Field type"
    )


def _module_claims(fields: BundleFields, rows: Sequence[Entity]) -> Iterator[Claim]:
    """Say which modules beside core bring types and widgets, and which of them the site uses."""
    session = fields.ticket.session
    known = fields.modules_known
    needing = group_pairs((module, row) for row in rows for module in modules_of(row) - known)
    by_column = {module.label for module in bringing("columns").values()}
    each = []
    for module, of in sorted(needing.items()):
        kind = "for_fields_there" if module in modules_used(session) else "for_fields"
        named_one = clause(module.casefold().replace(" ", "_")) if module in by_column else ""
        needed_for = named_one or clause("needing", of)
        each.append(clause(kind, module=text(module), fields=needed_for))
    needed = list({row.source: row for of in needing.values() for row in of}.values())
    yield from claims_about("analysis.field_modules", needed, *PLUGINS, each="; ".join(each))
    unknown = [(r, c) for r in rows if (c := unknown_plugin(r)) and not modules_in(note_of(r))]
    plugins = group_by(unknown, lambda of: (of[1], of[0].cell(of[1]))).items()
    for (column, name), same in plugins:
        if name not in plugins_on_site(session):
            yield from unknown_name_claim([row for row, _ in same], column, column.casefold(), name)


def _verification(fields: BundleFields) -> Iterator[Claim]:
    bundles = TicketBundles(ticket=fields.ticket)
    yield from listing.check(bundles)
    if fields.ticket.group.is_hollow:
        return
    yield from _place_claims(fields)
    yield from _value_claims(fields)
    yield from field_group.check(fields)
    if fields.is_new:
        yield from _settings(bundles)
    yield from view_modes.check(bundles)
    yield from claims_about("verification.gone", fields.gone, "X")


def _settings(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim what the rows of new bundles say of them beside their fields, once where it is the same."""
    yield from moderated.check(bundles)
    yield from translated.check(bundles)
    yield from layout.check(bundles)
    yield from permissions.check(bundles)
    yield from url_alias.check(bundles)


def _place_claims(fields: BundleFields) -> Iterator[Claim]:
    """Claim what Manage fields and Manage form display show."""
    yield from field_type.check(fields)
    yield from widget.check(fields)
    added = fields.certain(fields.added, "Form widget")
    hidden = [row for row in added if not is_on_form(row) and not is_required(row)]
    yield from claims_about("verification.disabled", hidden, "Form widget")


def _value_claims(fields: BundleFields) -> Iterator[Claim]:
    """Claim what the form refuses, which types references offer, which values fields take."""
    yield from required.check(fields)
    yield from target.check(fields)
    yield from cardinality.check(fields)
    yield from maximum_length.check(fields)
    yield from allowed_extensions.check(fields)
    yield from file_size.check(fields)
    yield from allowed_values.check(fields)
    yield from default_value.check(fields)

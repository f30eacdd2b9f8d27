"""What tickets of bundles (content types, vocabularies, media) claim: who uses them, fields, form.

Belongs here: sorting fields by what a ticket does with them: new, changed, gone, re-used, set later;
which claims a bundle makes. Does not: words (`drupal/words`).
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from unicodedata import normalize

from jira_pipeline.drupal.bundle import (
    elements,
    layout,
    listing,
    media_source,
    moderated,
    permissions,
    provider,
    translated,
    url_alias,
    view_modes,
)
from jira_pipeline.drupal.bundle.offered import WORDS_FOR_ALL
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.bundle.view_modes import view_modes_of
from jira_pipeline.drupal.claims import Claim, claims_about, claims_by_value, clause
from jira_pipeline.drupal.field import (
    allowed_extensions,
    default_value,
    file_size,
    maximum_length,
    required,
    target,
    type as field_type,
    widget,
)
from jira_pipeline.drupal.field.modules import PLUGINS, modules_of, unknown_plugin
from jira_pipeline.drupal.field.plugins import plugins_on_site
from jira_pipeline.drupal.field.required import is_required
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.widget import fields_on_form, is_on_form
from jira_pipeline.drupal.markup import codes, labels, listed, plural, quoted, text
from jira_pipeline.drupal.meaning.modules_and_types import (
    PARAGRAPHS,
    REVISIONS,
    bringing,
    is_list,
    is_locked,
    is_storage_of_core,
    is_text_on_form,
    is_without_value,
    listed_in,
    module_of_bundle,
    module_of_field,
)
from jira_pipeline.drupal.meaning.notes import Options, modules_in, options_in
from jira_pipeline.drupal.quoted_description import description_clause
from jira_pipeline.drupal.row_names import bundle_noun, name_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.specification_index import StorageKey, once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows, TicketRows
from jira_pipeline.drupal.unknown_columns import may_have_unread_fields
from jira_pipeline.drupal.unknown_names import unknown_name_claim
from jira_pipeline.model.entities import (
    GONE,
    THERE,
    UNLIMITED,
    BundleType,
    Entity,
    EntityKind,
    Status,
)
from jira_pipeline.model.grouped import group_by, group_pairs
from jira_pipeline.tickets.claims.lists import by_value, changes
from jira_pipeline.tickets.questions.questions_of_bundles import (
    NOTED,
    NOTES,
    REUSED,
    TARGETS,
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


@once_per_session
def _options_shared(session: SessionRows) -> Mapping[StorageKey, Options]:
    """Return the first options that a field of each storage gives."""
    given = group_pairs(
        (key, options)
        for key, users in session.index.storages.items()
        for user in users.values()
        if user.status not in GONE and (options := options_in(note_of(user)))
    )
    return {key: options for key, (options, *_) in given.items()}


@dataclass(frozen=True, kw_only=True, eq=False)
class BundleFields(TicketFields):
    """The fields of a ticket with the look-ups of rules that have no module of their own yet."""

    def origin(self, row: Entity) -> int:
        """Return the number of the ticket that creates the storage of a field; 0: it is there."""
        own = 0 if is_storage_of_core(row) else self.ticket.group.number
        storage = (row.bundle_type, row.machine_name)
        return own and self.ticket.session.index.storage_origins.get(storage, own)

    def options_of(self, row: Entity) -> Options | None:
        """Return the options of a list: its own, or those that a row of the same storage gives."""
        storage = (row.bundle_type, row.machine_name)
        return options_in(note_of(row)) or _options_shared(self.ticket.session).get(storage)

    @cached_property
    def modules_known(self) -> frozenset[str]:
        """Modules not worth naming: of a type that is there all that the site uses."""
        session = self.ticket.session
        number = self.ticket.group.number
        is_brought = self.ticket.head.bundle_type is BundleType.PARAGRAPH
        is_brought = is_brought or _first_with_paragraphs(session) < number
        brought = frozenset({PARAGRAPHS, REVISIONS} if is_brought else ())
        return brought if self.is_new else brought | modules_used(session)


NAMED_MAX = 6
"""So many fields, or places where a bundle is used, are named one by one."""


def bundle_claims(facts: TicketRows) -> Iterable[Claim]:
    fields = BundleFields(ticket=facts)
    return (*_story(fields), *_analysis(fields), *_verification(fields))


def fieldless_claims(facts: TicketRows) -> Iterable[Claim]:
    """Claim what the rows of bundles without fields make certain."""
    heads = facts.to_build
    if not heads:
        return ()
    new = [head for head in heads if head.status is not Status.CHANGED]
    new = [head for head in new if not module_of_bundle(head)] or new
    changed = [head for head in heads if head.status is Status.CHANGED]
    is_webform = heads[0].bundle_type is BundleType.WEBFORM
    by_kind = facts.session.specification.by_kind  # fields may be in a sheet that nobody recognises
    is_unsure = by_kind[EntityKind.CUSTOM] and not by_kind[EntityKind.FIELD]
    is_unsure = is_unsure or any(map(may_have_unread_fields, heads))
    is_plain = is_webform or is_unsure or changed or module_of_bundle(new[0])
    noun = bundle_noun(heads[0].bundle_type)
    what = changes(("first_rows", noun, new), ("changed_rows", noun, changed))
    description = description_clause(new[0]) if len(new) == 1 else ""
    kind = "story.plain" if is_plain else "story.fieldless"
    bundles = TicketBundles(ticket=facts)
    return (
        *claims_about(kind, heads, what=what, description=description),
        *provider.say(bundles),
        *_module_claims(BundleFields(ticket=facts), new),
        *listing.check(bundles),
        *elements.check(bundles),
        *_settings(bundles),
        *view_modes.check(bundles),
    )


def _story(fields: BundleFields) -> tuple[Claim, ...]:
    """Say what the ticket is for: a new bundle and where it is used, or what an old one gets."""
    head = fields.ticket.head
    facts = fields.ticket
    words = {"name": text(facts.name), "noun": text(bundle_noun(head.bundle_type))}
    if not fields.is_new:
        changed = facts.with_status(Status.CHANGED)
        new = ("new_rows", "field", fields.new)
        gone = ("removed_rows", "field", fields.gone)
        parts = (new, ("changed_rows", "field", changed), gone)
        alike = Counter(row.label for row in facts.of_kind(EntityKind.FIELD))
        rows = (*fields.new, *changed, *fields.gone)
        if what := changes(*parts, is_by_code=any(alike[row.label] > 1 for row in rows)):
            return claims_about("story.update", rows, "X", what=what, **words)
        modes = labels(view_modes_of(head, facts), shown=quoted)
        kind = "story.changed_modes" if modes else "story.changed"
        return claims_about(kind, (head,), "X", modes=modes, **words)
    words["description"] = description_clause(head)
    columns = ("Description",) if words["description"] else ()
    uses, words["places"] = _uses(facts) if head.bundle_type in WORDS_FOR_ALL else ((), "")
    kind = "story.bundle_in" if uses else "story.bundle"
    return claims_about(kind, (head, *uses), *columns, **words)


def _uses(facts: TicketRows) -> tuple[tuple[Entity, ...], str]:
    """Return the live fields that refer to the bundle, and to no namesake, and name their bundles."""
    specification = facts.session.specification
    own = facts.head.key
    owners = {host.key: text(host.label) for host in facts.hosts}
    naming = (row for row, r in specification.referrers_of.get(own, ()) if r.column == TARGETS)
    uses = tuple(row for row in naming if row.owner_key in owners and row.status not in GONE)
    if len(facts.session.index.called_alike(facts.head)) > 1 or not uses:
        return (), ""
    places = list(dict.fromkeys(owners[row.owner_key or ""] for row in uses))
    if len(uses) == 1:
        return uses, clause("one_field", field=quoted(name_of(uses[0])), owner=places[0])
    return uses, listed(places) if len(places) <= NAMED_MAX else f"{len(places)} types"


def _analysis(fields: BundleFields) -> Iterator[Claim]:
    if fields.ticket.group.is_hollow:
        return
    bundles = TicketBundles(ticket=fields.ticket)
    head = fields.ticket.head
    yield from media_source.say(bundles)
    yield from _storage_claims(fields)
    yield from target.say(fields)
    yield from provider.say(bundles)
    yield from _module_claims(fields, [*fields.added, *bundles.set_up])
    doing = {row.source: row for row in promises(fields.new).values()}.values()
    yield from claims_about("analysis.promised", doing, "Help text")
    untranslated = [r for r in fields.stored if r.flag("Trns.") and head.flag("Trns.") is False]
    yield from claims_about(
        "analysis.untranslated", untranslated, "Trns.", name=text(fields.ticket.name)
    )
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


def _storage_claims(fields: BundleFields) -> Iterator[Claim]:
    """Say which fields are re-used, with their options, and which that are marked so are created here."""
    if fields.ticket.head.bundle_type in {None, BundleType.WEBFORM}:
        return  # elements of webforms share no storages
    number = fields.ticket.group.number
    of_modules = by_value(fields.added, module_of_field).items()
    each = listed([f"{codes(rows)} ({text(module)})" for module, rows in of_modules])
    yield from claims_about("analysis.brought", filter(module_of_field, fields.added), each=each)
    columns = {REUSED, *listed_in("storage", "columns")}
    sure = [
        row
        for row in fields.added
        if row.has_machine_name and not module_of_field(row)
        if not any(q.disputes and q.column in columns for q in fields.ticket.questions_of(row))
    ]
    yield from claims_about(
        "analysis.reused_of_core", filter(is_storage_of_core, sure), "Machine name"
    )
    own = [row for row in sure if not is_storage_of_core(row)]
    reused = [row for row in own if fields.origin(row) < number]
    origins = {fields.origin(row) for row in reused}
    kind = "origin_both" if any(origins) else "origin_there"
    noun = bundle_noun(fields.ticket.head.bundle_type)
    origin = clause(
        "origin_earlier" if all(origins) else kind,
        count=len(origins),
        type=text(noun),
        types=text(plural(noun)),
    )
    yield from claims_about("analysis.reused", reused, "Machine name", origin=origin)
    marked = [row for row in own if row.flag(REUSED) and row not in reused]
    yield from claims_about("analysis.reused_first", marked, REUSED)
    lists = [row for row in fields.added if is_list(row) and fields.origin(row) < number]
    settled = [r for r in lists if not fields.ticket.is_disputed(r, *NOTED, "Field type")]
    shared = [row for row in settled if not fields.origin(row) or fields.options_of(row)]
    yield from claims_about("analysis.shared_options", shared, "Field type")


def _verification(fields: BundleFields) -> Iterator[Claim]:
    bundles = TicketBundles(ticket=fields.ticket)
    yield from listing.check(bundles)
    if fields.ticket.group.is_hollow:
        return
    yield from _place_claims(fields)
    yield from _value_claims(fields)
    column = "Field group"
    in_groups = [
        (row, [row.cell(column)]) for row in fields.certain(fields_on_form(fields), column)
    ]
    if fields.is_new:
        groups = dict.fromkeys(normalize("NFC", group) for _, (group,) in in_groups)
        yield from claims_about(
            "verification.form_groups",
            (row for row, _ in in_groups),
            column,
            of_count=len(groups),
            groups=listed(map(quoted, groups)),
        )
        yield from _settings(bundles)
    else:
        yield from claims_by_value("verification.form_groups_with", in_groups, column)
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
    """Claim what the form refuses, which types references offer, how many values fields take."""
    rows = [row for row in fields_on_form(fields) if not is_without_value(row)]
    yield from required.check(fields)
    yield from target.check(fields)
    counted = fields.certain(rows, "Vals.")
    unlimited = [row for row in rows if row.count("Vals.") == UNLIMITED]
    disputed = [row for row in unlimited if row not in counted]
    certain = [row for row in unlimited if row in counted]
    but = clause("except", disputed) if disputed else ""
    yield from claims_about("verification.any_number", certain, "Vals.", but=but)
    limited = [(row, [row.cell("Vals.")]) for row in counted if (row.count("Vals.") or 0) > 1]
    yield from claims_by_value("verification.numbers", limited, "Vals.")
    yield from _noted_claims(fields, rows)


def _noted_claims(fields: BundleFields, rows: Sequence[Entity]) -> Iterator[Claim]:
    """Claim what notes, or columns of their own, say of values: limits, options, defaults.

    Options are quoted whole where nobody can tell them apart, unless they are a range.
    """
    settled = [row for row in rows if not fields.ticket.is_disputed(row, *NOTED)]
    yield from maximum_length.check(fields)
    yield from allowed_extensions.check(fields)
    yield from file_size.check(fields)
    sure = [row for row in settled if not fields.ticket.is_disputed(row, "Field type")]
    lists = ((row, fields.options_of(row)) for row in filter(is_list, sure))
    told = ((row, options) for row, options in lists if options and options.are_several)
    given = [(r, o) for r, o in told if o.text and (o.items or " to " not in o.text)]
    items = [(r, o.items or [o.text]) for r, o in given]
    texts = [o.text for _, o in given]
    columns = ("Allowed values", NOTES)
    yield from claims_by_value("verification.options", items, *columns, shown=quoted, values=texts)
    yield from default_value.check(fields)

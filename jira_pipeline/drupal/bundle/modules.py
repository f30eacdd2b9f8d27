"""The modules beside core that fields, types and permissions on these need: enabled first.

They are said in the ticket that needs them first; what neither core nor a known module brings
somebody has to look up.

Source: `modules.toml`.
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.drupal.bundle.permissions import roles_with_permissions_of
from jira_pipeline.drupal.bundle.provider import bundles_added_by_hand
from jira_pipeline.drupal.bundle.ticket_bundles import TicketOfBundles
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.field.modules import (
    PLUGINS,
    KnownModules,
    UnknownPlugin,
    modules_of,
    needed_modules,
)
from jira_pipeline.drupal.field.plugins import plugins_on_site
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.meaning.modules_and_types import (
    PARAGRAPHS,
    REVISIONS,
    bringing,
    modules_of_permission,
)
from jira_pipeline.drupal.meaning.notes import modules_in
from jira_pipeline.drupal.role.permission import permissions_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows, TicketRows
from jira_pipeline.drupal.unknown_names import unknown_name_claim
from jira_pipeline.model.entities import GONE, THERE, BundleType, Entity, EntityKind, Status


def say(bundles: TicketOfBundles) -> Iterator[Claim]:
    """Say which modules to enable first, and which types and widgets no known module brings.

    `Requires Address for field_port and Paragraphs for field_parts.`
    """
    rows = [*bundles.added, *_bundles_made(bundles)]
    yield from _modules_to_enable(rows, bundles)
    yield from _unknown_plugins(rows, bundles.ticket.session)


def _bundles_made(bundles: TicketOfBundles) -> Sequence[Entity]:
    """Return the new bundles that somebody adds by hand; where all come with a module, these."""
    new = [bundle for bundle in bundles.set_up if bundle.status is not Status.CHANGED]
    return bundles_added_by_hand(new)


def _modules_to_enable(rows: Sequence[Entity], bundles: TicketOfBundles) -> tuple[Claim, ...]:
    """Name each module that no earlier ticket enabled, with what needs it."""
    enabled = _modules_enabled(bundles)
    needing = [row for row in rows if modules_of(row) - enabled]
    rows_by_module: dict[str, list[Entity]] = {}
    for row in needing:
        for module in modules_of(row) - enabled:
            rows_by_module.setdefault(module, []).append(row)
    for role, module in _modules_of_permissions(bundles):
        if module not in enabled:
            needing.append(role)
            rows_by_module.setdefault(module, []).append(role)
    labels_by_column = {module.label for module in bringing("columns").values()}
    labels_by_token = {module.label for module in bringing("tokens").values()}
    used = _modules_used(bundles.ticket.session)
    clauses = []
    for module, of_module in sorted(rows_by_module.items()):
        roles = [row for row in of_module if row.kind is EntityKind.USER_ROLE]
        if module in labels_by_column:
            purpose = clause(module.casefold().replace(" ", "_"))
        elif roles:
            purpose = clause("permissions_of_roles", roles)
        elif module in labels_by_token and of_module == list(bundles.heads):
            purpose = clause("pathauto")
        else:
            purpose = clause("needing", of_module)
        key = "for_fields_there" if module in used else "for_fields"
        clauses.append(clause(key, module=text(module), fields=purpose))
    return claims_about("analysis.field_modules", needing, *PLUGINS, each="; ".join(clauses))


def _modules_of_permissions(bundles: TicketOfBundles) -> Iterator[tuple[Entity, str]]:
    """Yield the roles that get a permission on a type here, with the module that brings it."""
    specification = bundles.ticket.session.specification
    for bundle in bundles.set_up:
        for role in roles_with_permissions_of(bundle, bundles.ticket).roles:
            modules: dict[str, None] = {}
            for permission, thing in permissions_of(role, specification):
                if thing.key == bundle.key:
                    modules.update(dict.fromkeys(sorted(modules_of_permission(permission))))
            for module in modules:
                yield role, module


def _modules_enabled(bundles: TicketOfBundles) -> frozenset[str]:
    """Return the modules that are there already: with an earlier paragraph type, or used on the site."""
    ticket = bundles.ticket
    enabled = frozenset[str]()
    is_paragraph = ticket.head.bundle_type is BundleType.PARAGRAPH
    if is_paragraph or _is_after_paragraphs(ticket):
        enabled = frozenset({PARAGRAPHS, REVISIONS})
    return enabled if bundles.is_new else enabled | _modules_used(ticket.session)


def _is_after_paragraphs(ticket: TicketRows) -> bool:
    """Tell whether an earlier ticket makes a type of paragraph, for which the module is there."""
    first = _first_ticket_of_paragraphs(ticket.session)
    return first is not None and first < ticket.group.number


@once_per_session
def _first_ticket_of_paragraphs(session: SessionRows) -> int | None:
    """Return the number of the first ticket with a type of paragraph that stays or comes."""
    numbers = []
    for group in session.groups.values():
        for head in group.heads:
            if head.bundle_type is BundleType.PARAGRAPH and head.status not in GONE:
                numbers.append(group.number)
    return min(numbers, default=None)


@once_per_session
def _modules_used(session: SessionRows) -> frozenset[str]:
    """Return the modules that fields and types of the site use already."""
    by_kind: Mapping[EntityKind, Sequence[Entity]] = session.specification.by_kind
    used: set[str] = set()
    for row in (*by_kind[EntityKind.FIELD], *by_kind[EntityKind.BUNDLE]):
        if row.status in THERE:
            used |= modules_of(row)
    return frozenset(used)


def _unknown_plugins(rows: Sequence[Entity], session: SessionRows) -> Iterator[Claim]:
    """Say which types and widgets no known module brings, and no note or other field explains."""
    rows_by_plugin: dict[tuple[str, str], list[Entity]] = {}
    for row in rows:
        match needed_modules(row):
            case UnknownPlugin(column, name):
                if not modules_in(note_of(row)) and name not in plugins_on_site(session):
                    rows_by_plugin.setdefault((column, name), []).append(row)
            case KnownModules():
                continue
    for (column, name), naming in rows_by_plugin.items():
        yield from unknown_name_claim(naming, column, column.casefold(), name)


def facts(bundles: TicketOfBundles) -> Iterator[StatedFact]:
    """Yield the modules that each field to set needs."""
    return facts_by_row(needed_modules, bundles.set)


RULE = Rule(key="bundle.modules", facts=facts, say=say)

"""Fields that view modes show of a type, by their notes, and that it does not have.

Source: Drupal core, `content` in `core.entity_view_display.*`, as `sheets` writes it into the notes of
view modes: `Boat: field_hull (string), field_mast (boolean)`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import first_bundle
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.meaning.notes import OF_MODULE
from jira_pipeline.drupal.row_names import joined, marked, name_of, plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view_mode.note import Note, note_fact_of
from jira_pipeline.model.entities import GONE, Entity, EntityKind

_FIELD = re.compile(rf"\bfield_\w+\b(?!{OF_MODULE})")
_STATE = "moderation_state"
"""What all items of an entity type have as soon as a bundle of it is moderated.

Source: core content_moderation, `EntityTypeInfo::entityBaseFieldInfo`.
"""

# The fact: which fields view modes show that a type does not have.


@dataclass(frozen=True, slots=True)
class UnknownFields:
    """Fields that no row is, by machine name, and the view modes that show one of them."""

    names: tuple[str, ...]
    modes: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class KnownFields:
    """Each field is one of the type, or no note names any by machine name."""


ShownFact: TypeAlias = UnknownFields | KnownFields


def fields_shown(bundle: Entity, rows: GroupRows) -> ShownFact:
    """Read from the notes of view modes which fields they show of a type that it does not have."""
    own_names = {row.machine_name for row in rows.live(EntityKind.FIELD)}
    if not any(_FIELD.fullmatch(name) for name in own_names):
        return KnownFields()
    unknown: dict[str, None] = {}
    modes = []
    for mode in _modes_of(bundle, rows):
        names = [name for name in _names_shown(mode, bundle, rows) if name not in own_names]
        if names:
            modes.append(mode)
            unknown.update(dict.fromkeys(names))
    return UnknownFields(tuple(unknown), tuple(modes)) if modes else KnownFields()


def _modes_of(bundle: Entity, rows: GroupRows) -> Iterator[Entity]:
    """Yield the view modes that are used on a bundle; none where another bundle has its name."""
    if rows.index.namesakes(bundle):
        return
    for row, _ in rows.index.specification.referrers_of.get(bundle.key, ()):
        if row.kind is EntityKind.VIEW_MODE and row.status not in GONE:
            yield row


def _names_shown(mode: Entity, bundle: Entity, rows: GroupRows) -> Sequence[str]:
    """Return the fields that a view mode shows of a bundle, by its note.

    The moderation state is among them where nothing of the type of the bundle is moderated.
    """
    match note_fact_of(mode):
        case Note(text):
            names: list[str] = []
            for part in text.split("; "):
                name, _, shown = part.partition(": ")
                if name in {bundle.label, name_of(bundle)}:
                    names += _FIELD.findall(shown)
                    if _STATE in shown and _has_no_state(bundle, rows):
                        names.append(_STATE)
            return names
        case _:
            return ()


def _has_no_state(bundle: Entity, rows: GroupRows) -> bool:
    """Tell whether a bundle is not moderated, nor any other of its type."""
    bundles = rows.index.specification.by_kind[EntityKind.BUNDLE]
    alike = [other for other in bundles if other.bundle_type == bundle.bundle_type]
    return bundle.flag("Mod.") is False and not any(other.flag("Mod.") for other in alike)


# What follows from it.


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what is meant by fields that view modes show of a type and that the type does not have.

    `By the notes of “Card”, “Boat” shows field_mast, and it has no such field: what is meant?`
    """
    match fields_shown(bundle, rows):
        case UnknownFields(names, modes):
            yield question_about(
                "bundles.shown_unknown",
                bundle,
                MACHINE_NAME_COLUMN,
                modes,
                names=joined([marked(name) for name in names]),
                modes=joined([f"“{plain(name_of(mode))}”" for mode in modes]),
            )
        case KnownFields():
            return


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield which fields view modes show that the type of the ticket does not have."""
    if not bundles.is_list:
        head = bundles.ticket.head
        yield StatedFact(fact=fields_shown(head, bundles.ticket.group_rows), rows=(head,))


RULE = Rule(key="bundle.fields_shown", facts=facts, asked_rows=first_bundle, ask=ask)

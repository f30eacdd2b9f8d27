"""The targets of a reference field: the types of things that its form offers to refer to.

They are set for each bundle, on the field's own page under *Manage fields*, by the bundles of one
entity type that may be chosen. Without any, the form offers everything of the entity type.

Source: Drupal core, `EntityReferenceItem::defaultFieldSettings` (`handler_settings.target_bundles`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_by_value, clause
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.field.widget import fields_on_form
from jira_pipeline.drupal.meaning.modules_and_types import (
    folded,
    is_base_field,
    is_reference,
    module_of_field,
)
from jira_pipeline.drupal.meaning.notes import is_shapes_only, names_target
from jira_pipeline.drupal.row_names import joined, marked, name_of, plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.drupal.unknown_columns import wordy_headers
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import (
    GONE,
    BundleType,
    Entity,
    EntityKind,
    Reference,
    ReferenceState,
    Specification,
    Status,
)

COLUMN = Column(
    "Ref. bundle",
    (
        "Reference bundle",
        "Referenced bundle",
        "Ref. bundles",
        "Target bundle",
        "Target bundles",
        "Refers to",
        "References",
        "Links to",
        "Target",
        "Targets",
        "Points to",
    ),
    Holds.REFERENCE,
    names="bundle",
    names_several=True,
    loss="what reference fields refer to, and the dependencies between tickets",
)
_PROPOSED_MAX = 3
_TYPES_FOR_REFERENCES = frozenset({BundleType.CONTENT, BundleType.VOCABULARY, BundleType.MEDIA})
"""What a plain reference may offer; paragraphs have a field type of their own."""


# The fact: what the row of a field says of its targets.


@dataclass(frozen=True, slots=True)
class NamedTarget:
    """A bundle that the cell names."""

    text: str
    """What the cell calls it."""
    bundle: Entity


@dataclass(frozen=True, slots=True)
class Targets:
    """The cell says what may be chosen; of what it names some may be none, or several bundles."""

    named: tuple[NamedTarget, ...]
    dangling: tuple[Reference, ...]
    """Names that no bundle has, or that several have."""
    offers_all: bool
    """A word in it, such as `All`, stands for bundles that it does not name."""

    @property
    def bundles(self) -> tuple[Entity, ...]:
        """The bundles that it names, once each."""
        return tuple({target.bundle.key: target.bundle for target in self.named}.values())

    @property
    def are_all_named(self) -> bool:
        """Whether these bundles are all that may be chosen."""
        return not self.dangling and not self.offers_all


@dataclass(frozen=True, slots=True)
class SetElsewhere:
    """A reference whose targets a note names, or that core or a module brings with them."""


@dataclass(frozen=True, slots=True)
class NoTarget:
    """A reference, and no cell of its row says to what."""


@dataclass(frozen=True, slots=True)
class NotAReference:
    """A field of a type that refers to nothing."""


TargetFact: TypeAlias = Targets | SetElsewhere | NoTarget | NotAReference


def target_of(row: Entity, specification: Specification) -> TargetFact:
    """Read the targets of a field from its row, by the bundles that a specification has."""
    if row.states(COLUMN.name):
        return _targets_in_cell(row, specification)
    if not is_reference(row):
        return NotAReference()
    if names_target(note_of(row)) or module_of_field(row) or is_base_field(row):
        return SetElsewhere()
    return NoTarget()


def _targets_in_cell(row: Entity, specification: Specification) -> Targets:
    """Read the bundles that a cell names, the names that no bundle has, and whether it says *all*."""
    named = []
    dangling = []
    offers_all = False
    for reference in row.references:  # of a field no other column names what it refers to
        match reference.state:
            case ReferenceState.RESOLVED:
                for bundle in specification.first_of(reference.target_key):
                    named.append(NamedTarget(reference.text, bundle))
            case ReferenceState.DANGLING:
                dangling.append(reference)
            case ReferenceState.WILDCARD:
                offers_all = True
    return Targets(named=tuple(named), dangling=tuple(dangling), offers_all=offers_all)


# Questions.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask to what a reference field may refer, where its cell does not say it for certain.

    No cell: `What may “Crew” refer to?`. A name of no bundle, or of one that goes: `“Crew” refers
    to “Skiper”, but …: what is meant?`. One on hold: `“Crew” refers to Skipper, which is on hold:
    is the field built without that, or does it wait?`. Several of one name: `Which of the types
    called “Crew” may “Crew” refer to (…)?`
    """
    match target_of(row, rows.index.specification):
        case Targets() as targets:
            if targets.dangling:
                yield _question_on_unknown_names(row, targets.dangling, rows.index)
            yield from _questions_on_absent_targets(row, targets)
            yield from _questions_on_namesakes(row, targets, rows.index)
        case NoTarget():
            yield _question_on_targets(row, rows.index)
        case SetElsewhere() | NotAReference():
            return


def _question_on_unknown_names(
    row: Entity, dangling: Sequence[Reference], index: SpecificationIndex
) -> RowQuestion:
    """Return the question about names that no bundle has; the bundles with the nearest names are offered."""
    nearest = _nearest_labels(dangling, index)
    near = ""
    if nearest:
        near = f" The nearest: {', '.join(f'“{label}”' for label in nearest)}."
    texts = list(dict.fromkeys(f"“{plain(reference.text)}”" for reference in dangling))
    why = "no row has such a name"
    if all(_names_several(reference, index) for reference in dangling):
        why = "several rows have such a name"
    choices = nearest if len(texts) == 1 else ()
    return question_about(
        "bundles.no_such_target", row, choices=choices, target=joined(texts), near=near, why=why
    )


def _nearest_labels(dangling: Sequence[Reference], index: SpecificationIndex) -> list[str]:
    """Return the labels of bundles that stay or come and are called nearly like these names."""
    labels = {bundle.label for bundle in index.specification.live[EntityKind.BUNDLE]}
    nearest = {}
    for reference in dangling:
        for candidate in reference.candidates:
            if candidate in labels:
                nearest[candidate] = plain(candidate)
    return list(nearest.values())[:_PROPOSED_MAX]


def _names_several(reference: Reference, index: SpecificationIndex) -> bool:
    return len(index.bundles_by_name.get(reference.text.casefold(), ())) > 1


def _questions_on_absent_targets(row: Entity, targets: Targets) -> Iterator[RowQuestion]:
    """Ask about targets that are to be removed, then about those on hold."""
    for status, key in (
        (Status.DELETED, "bundles.no_such_target"),
        (Status.WAITING, "bundles.target_waits"),
    ):
        for target in targets.named:
            if target.bundle.status is status:
                yield question_about(
                    key,
                    row,
                    "",
                    [target.bundle],
                    target=f"“{plain(target.text)}”",
                    near="",
                    why="it is to be removed",
                )


def _questions_on_namesakes(
    row: Entity, targets: Targets, index: SpecificationIndex
) -> Iterator[RowQuestion]:
    """Ask which of several bundles with one name is meant, unless the cell has its machine name."""
    for target in targets.named:
        names = [marked(bundle.machine_name) for bundle in index.called_alike(target.bundle)]
        text = plain(target.text)
        is_certain = target.bundle.status in GONE or text == target.bundle.machine_name
        if len(names) > 1 and not is_certain:
            yield question_about(
                "bundles.alike", row, choices=names, said=text, names=", ".join(names)
            )


def _question_on_targets(row: Entity, index: SpecificationIndex) -> RowQuestion:
    """Return the question for the targets of a reference; a bundle with the name of the field is suggested."""
    has_prose = not is_shapes_only(note_of(row))
    likely = []
    if not has_prose:
        for bundle in index.bundles_by_name.get(row.label.casefold(), ()):
            if _may_refer_to(row, bundle):
                likely.append(plain(bundle.label))
    places = {}
    if not wordy_headers(row):
        places["lacks"] = _why_open(row, has_prose=has_prose)
    return question_about(
        "bundles.target",
        row,
        answer=likely[0] if len(likely) == 1 else "",
        because="the same name",
        **places,
    )


def _why_open(row: Entity, *, has_prose: bool) -> str:
    """Say why nobody knows the targets of a reference."""
    why = f"{COLUMN.name} is blank."
    if not row.has_column(COLUMN.name):
        why = f"The sheet has no column {COLUMN.name}."
    return f"{why} The note may say it." if has_prose else why


def _may_refer_to(row: Entity, bundle: Entity) -> bool:
    """Tell whether a reference field can refer to a bundle, by the type and widget of its row."""
    return bundle.status not in GONE and bundle.bundle_type in _types_offered(row)


def _types_offered(row: Entity) -> frozenset[BundleType]:
    """Return which types of bundles a reference field can refer to."""
    type_and_widget = folded(f"{row.cell('Field type')} {row.cell('Form widget')}")
    # Paragraphs are referred to by the type *Entity reference revisions*.
    if "paragraph" in type_and_widget or "revisions" in type_and_widget:
        return frozenset({BundleType.PARAGRAPH})
    if "medialibrary" in type_and_widget:
        return frozenset({BundleType.MEDIA})
    return _TYPES_FOR_REFERENCES


# Sentences.


@dataclass(frozen=True, slots=True)
class _OfferedTargets:
    """What a field may offer once the ticket is done, and what it may offer later."""

    field: Entity
    now: list[Entity]
    later: list[Entity]


@once_per_session
def _certain_targets(fields: TicketFields) -> tuple[_OfferedTargets, ...]:
    """Return what each reference field may offer, of fields whose rows name it for certain.

    Certain is a row whose names are all names of bundles, and none of them is also the name of
    another bundle that a later ticket makes.
    """
    ticket = fields.ticket
    offered = []
    for row in fields.certain(fields.set, COLUMN.name):
        if not is_reference(row):
            continue
        match target_of(row, ticket.session.specification):
            case Targets() as targets if targets.are_all_named:
                bundles = [bundle for bundle in targets.bundles if bundle.status not in GONE]
                if not _has_namesake_of_later_ticket(bundles, ticket):
                    later = [bundle for bundle in bundles if ticket.is_made_later(bundle)]
                    now = [bundle for bundle in bundles if bundle not in later]
                    offered.append(_OfferedTargets(row, now=now, later=later))
            case _:
                continue
    return tuple(offered)


def _has_namesake_of_later_ticket(bundles: Sequence[Entity], ticket: TicketRows) -> bool:
    """Tell whether a later ticket makes a bundle of the same name as one of these."""
    for bundle in bundles:
        for namesake in ticket.session.index.namesakes(bundle):
            if ticket.is_made_later(namesake):
                return True
    return False


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim which targets of references are set later, when a later ticket has made them.

    `Set later, when the target exists: Skipper in field_crew.`
    """
    labels_by_field = []
    for offered in _certain_targets(fields):
        labels_by_field.append((offered.field, [bundle.label for bundle in offered.later]))
    return claims_by_value("analysis.set_later", labels_by_field, COLUMN.name)


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim that each reference on the form offers the types of its row, and no others.

    `field_crew offers only Skipper and Mate.`
    """
    certain = _certain_targets(fields)
    index = fields.ticket.session.index
    names_by_field = []
    values = []
    for offered in certain:
        if offered.now and offered.field in fields_on_form(fields):
            names = [_unambiguous_name(bundle, index) for bundle in offered.now]
            names_by_field.append((offered.field, names))
            values.append("; ".join(bundle.label for bundle in offered.now))
    is_set_later = any(offered.later for offered in certain)
    return claims_by_value(
        "verification.targets",
        names_by_field,
        COLUMN.name,
        values=values,
        by_then=clause("by_then") if is_set_later else "",
    )


def _unambiguous_name(bundle: Entity, index: SpecificationIndex) -> str:
    """Return the label of a bundle, with its machine name where others have the same name."""
    if index.namesakes(bundle):
        return f"{name_of(bundle)} ({bundle.bundle_type}, {bundle.machine_name})"
    return bundle.label


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the targets of each field to set, with their rows."""
    specification = fields.ticket.session.specification
    for row in fields.set:
        match target_of(row, specification):
            case Targets() as targets:
                yield StatedFact(fact=targets, rows=(row, *targets.bundles))
            case SetElsewhere() | NoTarget() | NotAReference() as fact:
                yield StatedFact(fact=fact, rows=(row,))


COUNTERPART = Counterpart(
    how=Comparison.NAMES,
    where=(
        "the bundles that `target_bundles` of the selection handler names, or all others if `negate` is "
        "set; a field whose items a view selects is not compared; listed bundles that the site does not "
        "have count only if the cell names them, too"
    ),
)
RULE = Rule(
    key="field.target",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    asked_rows=fields_added,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)

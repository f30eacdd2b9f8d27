"""What a ticket is about: its rows by status, its questions, and the session it is one of.

Belongs here: what every part of a ticket asks for. Does not: what other tickets say of it
(`mentions`), what migrations, removals and displays need (`migration_runs`, `removals`,
`display_rows`), words (`story`, `analysis`, `verification`).
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from jira_pipeline.domain.component_use import ComponentNames, component_names, named_components
from jira_pipeline.domain.entities import (
    BundleType,
    Entity,
    EntityKind,
    Reference,
    RowSource,
    Specification,
    Status,
    sheet_noun,
)
from jira_pipeline.domain.entity_groups import (
    COMPONENT_KINDS,
    EntityGroup,
    GroupAction,
    GroupKind,
    RelationKind,
)
from jira_pipeline.domain.note_sentences import comparable, is_informative, sentences_of
from jira_pipeline.domain.questions.open_questions import OpenQuestion, open_questions
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    index_of,
    is_machine_name_given,
    name_of,
)
from jira_pipeline.domain.questions.row_questions import PROSE_COLUMNS, is_open
from jira_pipeline.domain.questions.structure_questions import stateless_runs, unmapped_runs
from jira_pipeline.domain.questions.workflow_questions import states_in
from jira_pipeline.domain.role_notes import covered_roles, roles_named_in
from jira_pipeline.domain.view_displays import is_path_only, is_set
from jira_pipeline.ports.writing import TicketBrief
from jira_pipeline.writers.english import plural
from jira_pipeline.writers.named_rows import NamedRows

TO_BUILD = frozenset({Status.APPROVED, Status.CHANGED})
GONE = frozenset({Status.DELETED, Status.WAITING})
VIEWS = (EntityKind.VIEW, EntityKind.VIEW_DISPLAY)
FORMS = frozenset({"webform", "form"})
"""Sheets of other teams whose rows are forms that visitors fill in."""
_DENIED = re.compile(r"\b(?:no|not|never|without)\b", re.IGNORECASE)
_SAME_PEOPLE = re.compile(r"\bsame (?:people|roles?|users?) as ([^.;]+)", re.IGNORECASE)
_QUOTED = re.compile(r"“([^”]{0,1000})”")
_STATED_NOWHERE = frozenset(
    {"Machine name", "Label", "Dev", "Reused", "Reused Field", "Roles", "X"}
)
"""Columns whose questions leave open what no check states as settled."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SessionFacts:
    """Look-ups over one session, made once and used for all its tickets; equal to itself only."""

    specification: Specification
    groups: Mapping[str, EntityGroup]
    site_name: str
    site_description: str
    looked_up: dict[object, object] = field(default_factory=dict, init=False, repr=False)
    """What `once_per_session` found."""

    @cached_property
    def index(self) -> QuestionIndex:
        """The look-ups that questions are made from."""
        return index_of(self.specification, self.groups.values())

    @cached_property
    def in_order(self) -> Sequence[EntityGroup]:
        """The groups in build order."""
        return sorted(self.groups.values(), key=lambda group: group.number)

    @cached_property
    def groups_by_number(self) -> Mapping[int, EntityGroup]:
        """The groups by their place in build order."""
        return {group.number: group for group in self.groups.values()}

    @cached_property
    def removed_heads(self) -> Sequence[Entity]:
        """What tickets remove, in build order."""
        removals = [g for g in self.in_order if g.action is GroupAction.REMOVE]
        return [head for group in removals for head in group.heads]

    @cached_property
    def dependents(self) -> Mapping[str, Sequence[EntityGroup]]:
        """Groups that wait for a group, by its key, in build order."""
        found: dict[str, list[EntityGroup]] = {}
        for group in self.in_order:
            for dependency in group.dependencies:
                found.setdefault(dependency.group_key, []).append(group)
        return found

    def live_fields(self, bundle: Entity) -> list[Entity]:
        """Return the fields of a bundle to stay or to come."""
        rows = self.specification.members_of.get(bundle.key, ())
        return [r for r in rows if r.kind is EntityKind.FIELD and r.status not in GONE]

    @cached_property
    def component_names(self) -> ComponentNames:
        """What values of packages may name."""
        return component_names(self.specification)

    @cached_property
    def naming(self) -> Mapping[str, tuple[EntityGroup, ...]]:
        """Groups whose component names or recommends one, by the key of that, in build order."""
        found: dict[str, dict[str, EntityGroup]] = {}
        for group in self.in_order:
            for component in (head for head in group.heads if head.kind is EntityKind.COMPONENT):
                named = named_components(component, self.specification, self.component_names)
                for key in {*named, *(r.target_key or "" for r in component.references)}:
                    if key != component.key:
                        found.setdefault(key, {})[group.key] = group
        return {key: tuple(groups.values()) for key, groups in found.items()}

    @cached_property
    def shared_runs(self) -> Mapping[str, Sequence[RowSource]]:
        """The migrations one question is about, by what it asks; the ticket of the first has it."""
        return {
            "what goes where": [run.source for run in unmapped_runs(self.index)],
            "in which state items arrive": [run.source for run, _ in stateless_runs(self.index)],
        }

    @cached_property
    def making(self) -> Mapping[str, EntityGroup]:
        """The group whose ticket makes a thing, by key of the thing."""
        return {h.key: g for g in self.groups.values() for h in g.heads}

    @cached_property
    def building(self) -> Mapping[RowSource, EntityGroup]:
        """The group whose ticket has a row."""
        return {r.source: g for g in reversed(self.in_order) for r in (*g.members, *g.heads)}

    @cached_property
    def named_rows(self) -> NamedRows:
        """Which rows name which others."""
        return NamedRows(rows=self.specification.entities)

    def names_in_notes(self, head: Entity) -> frozenset[str]:
        """Return what notes may call a thing: by its name, by the plural of its last word if one has that."""
        last = name_of(head).rpartition(" ")[2]
        names = {name_of(head), plural(name_of(head))}
        names |= {head.machine_name} if "_" in head.machine_name else set()
        if self._bundles_by_word[last.casefold()] == 1:
            names.add(plural(last))
        return frozenset(names)

    @cached_property
    def _bundles_by_word(self) -> Counter[str]:
        bundles = self.specification.by_kind[EntityKind.BUNDLE]
        return Counter(word for b in bundles for word in set(name_of(b).casefold().split()))

    @cached_property
    def bundles_with_field(self) -> Mapping[str, Mapping[str, Entity]]:
        """The bundles to stay or to come, by key, by label and machine name of each of their fields."""
        found: dict[str, dict[str, Entity]] = {}
        for bundle in self.specification.by_kind[EntityKind.BUNDLE]:
            for row in self.live_fields(bundle) if bundle.status not in GONE else ():
                for name in (row.label, row.machine_name):
                    found.setdefault(name.casefold(), {})[bundle.key] = bundle
        return found

    @cached_property
    def deferring(self) -> Mapping[str, tuple[EntityGroup, ...]]:
        """Groups whose reference to a group follows once that is there, by its key."""
        found: dict[str, dict[str, EntityGroup]] = {}
        for group in self.in_order:
            for relation in group.relations:
                if relation.kind is RelationKind.DEFERRED and relation.group_key:
                    found.setdefault(relation.group_key, {})[group.key] = group
        return {key: tuple(groups.values()) for key, groups in found.items()}


@dataclass(frozen=True, kw_only=True)
class GroupFacts:
    """A group with what its ticket says about it."""

    group: EntityGroup
    session: SessionFacts

    @property
    def head(self) -> Entity:
        """The first head: what a bundle, view or workflow ticket is about."""
        return self.group.heads[0]

    @property
    def own_rows(self) -> tuple[Entity, ...]:
        """The heads, then the members."""
        return (*self.group.heads, *self.group.members)

    @property
    def name(self) -> str:
        """What people call the head, without type."""
        return name_of(self.head) if self.group.heads else self.group.label

    @cached_property
    def rows(self) -> tuple[Entity, ...]:
        """The rows of the ticket: members, or heads where the heads are the rows."""
        group = self.group
        if group.kind is GroupKind.VIEW and not group.members:
            return tuple(filter(is_set, group.heads))
        kinds = {GroupKind.BUNDLE, GroupKind.VIEW, GroupKind.WORKFLOW, *COMPONENT_KINDS}
        return group.members if group.kind in kinds else self.own_rows

    @cached_property
    def to_build(self) -> tuple[Entity, ...]:
        """What is approved, changed or blank, once each although a sheet repeats it."""
        return _distinct(row for row in self.rows if row.status in TO_BUILD)

    def with_status(self, status: Status) -> tuple[Entity, ...]:
        """Return the rows of one status, in sheet order."""
        return _distinct(row for row in self.rows if row.status is status)

    def of_kind(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Return the rows to build of one kind, in sheet order."""
        return tuple(row for row in self.to_build if row.kind is kind)

    def live(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Return the rows of one kind that will exist: those to build and those there already."""
        rows = (r for r in self.rows if r.kind is kind and r.status not in GONE)
        return _distinct(rows)

    @cached_property
    def hosts(self) -> tuple[Entity, ...]:
        """Other bundles whose live fields refer to the heads, once each, in sheet order."""
        found: dict[str, Entity] = {}
        own = {head.key for head in self.group.heads}
        specification = self.session.specification
        for head in self.group.heads:
            for row, _ in specification.referrers_of.get(head.key, ()):
                is_live = row.kind is EntityKind.FIELD and row.status not in GONE
                for owner in specification.by_key.get(row.owner_key or "", ())[:1]:
                    if is_live and owner.status not in GONE and owner.key not in own:
                        found.setdefault(owner.key, owner)
        return tuple(found.values())

    def is_related(self, row: Entity) -> bool:
        """Tell whether the dependencies and relations of a ticket name the ticket of a row."""
        group = self.session.making.get(row.key)
        return group is None or group.key in self._related

    @cached_property
    def _related(self) -> set[str | None]:
        waited_for = (dependency.group_key for dependency in self.group.dependencies)
        referred = (relation.group_key for relation in self.group.relations)
        return {self.group.key, *waited_for, *referred}

    @cached_property
    def listing_views(self) -> tuple[str, ...]:
        """Labels of the views whose tickets wait for this one."""
        dependents = self.session.dependents.get(self.group.key, ())
        return tuple(g.label for g in dependents if g.kind is GroupKind.VIEW)

    @cached_property
    def questions(self) -> tuple[OpenQuestion, ...]:
        """What the rows of the ticket leave open."""
        specification = self.session.specification
        return open_questions(self.group, specification, index=self.session.index)

    def questions_on(self, row: Entity) -> tuple[OpenQuestion, ...]:
        """Return the questions that a row raises, alone or with others."""
        file = row.source.file
        found = [self._questions_at.get((file, at), ()) for at in (row.source.line, literal(row))]
        return tuple(dict.fromkeys(q for some in found for q in some))

    @cached_property
    def _questions_at(self) -> Mapping[tuple[str, int | str], Sequence[OpenQuestion]]:
        """The questions by file and line, and by file and subject."""
        found: dict[tuple[str, int | str], list[OpenQuestion]] = {}
        for question in self.questions:
            places: list[int | str] = [question.line, *question.subjects]
            for place in places:
                found.setdefault((question.file, place), []).append(question)
        return found

    @cached_property
    def settled_names(self) -> tuple[tuple[Entity, str], ...]:
        """Rows to build whose machine name the ticket settles, heads first, with that name."""
        rows = _distinct((*self.group.heads, *self.to_build))
        names = ((row, self.session.index.settled_name(row)) for row in rows)
        return tuple((row, name) for row, name in names if name)

    def is_doubted(self, row: Entity) -> bool:
        """Tell whether a question leaves open something that a check of a row would state."""
        return any(
            q.column not in _STATED_NOWHERE
            and not (q.suggested_answer and q.column in PROSE_COLUMNS)  # a wish beside it
            for q in self.questions_on(row)
        )

    def may_be_optional(self, row: Entity) -> bool:
        """Tell whether a question may change that a field is required."""
        return any(q.disputes == "Req'd" for q in self.questions_on(row))

    @cached_property
    def doubted_roles(self) -> tuple[Entity, ...]:
        """The roles of which a question of the ticket asks whether they may do something."""
        return self._roles_asked_about(self.questions)

    def roles_doubted_on(self, transition: Entity) -> tuple[Entity, ...]:
        """Return those roles for one transition: what is asked of others alone doubts nothing here."""
        return self._roles_doubted_at[transition.source]

    @cached_property
    def _roles_doubted_at(self) -> Mapping[RowSource, tuple[Entity, ...]]:
        transitions = self.live(EntityKind.WORKFLOW_TRANSITION)
        own = {row.source: set(self.questions_on(row)) for row in transitions}
        general = set(self.questions).difference(*own.values())
        return {at: self._roles_asked_about(general | asked) for at, asked in own.items()}

    def _roles_asked_about(self, questions: Iterable[OpenQuestion]) -> tuple[Entity, ...]:
        found = {role.key for question in questions for role in self._roles_asked_by[question]}
        roles = self.session.specification.by_kind[EntityKind.USER_ROLE]
        return tuple(role for role in roles if role.key in found)

    @cached_property
    def _roles_asked_by(self) -> Mapping[OpenQuestion, tuple[Entity, ...]]:
        roles = self.session.specification.by_kind[EntityKind.USER_ROLE]
        found: dict[OpenQuestion, tuple[Entity, ...]] = {}
        for q in self.questions:
            cited = [*filter(is_open, sentences_of(q.quote))]
            own = roles_named_in(" ".join([_QUOTED.sub("“”", q.question), *cited]), roles)
            found[q] = own or roles_named_in(q.question, roles)
        return found

    @cached_property
    def quoted_in_questions(self) -> frozenset[str]:
        """The sentences that questions of the ticket quote, of whatever row."""
        quotations = (q for question in self.questions for q in _QUOTED.findall(question.question))
        return frozenset(comparable(s) for q in quotations for s in sentences_of(q))

    def is_asked_of(self, row: Entity, sentence: str) -> bool:
        """Tell whether a question quotes a sentence of the note of a row."""
        asked = [comparable(q.quote) for q in self.questions_on(row) if q.column in PROSE_COLUMNS]
        wanted = comparable(sentence)
        return wanted in self.quoted_in_questions or any(wanted in quote for quote in asked)

    def note_to_quote(self, row: Entity) -> str:
        """Return the note of a row; nothing where it repeats a status or questions quote all of it."""
        sentences = note_sentences(row)
        is_asked = all(self.is_asked_of(row, sentence) for sentence in sentences)
        is_empty = is_asked or not any(map(is_informative, sentences))
        is_path = row.kind is EntityKind.VIEW_DISPLAY and all(map(is_path_only, sentences))
        return "" if is_empty or is_path else row.note

    @cached_property
    def hours_noted(self) -> int:
        """The most that a note says of the work, in hours; 0 where none does."""
        notes = " ".join(row.note for row in (*self.group.heads, *self.to_build))
        efforts = (
            float(count) * (_HOURS_A_DAY if unit.casefold() == "day" else 1)
            for count, unit in _EFFORT.findall(notes)
        )
        return math.ceil(max(efforts, default=0))

    def naming_roles(self, thing: Entity) -> tuple[Entity, ...]:
        """Return the roles whose rows give them something on a thing they name."""
        name = re.compile(
            rf"(?<!\w){re.escape(name_of(thing))}s?(?!\w|(?-i: [A-Z]))", re.IGNORECASE
        )
        return tuple(
            role
            for role in self.session.specification.by_kind[EntityKind.USER_ROLE]
            if role.status not in GONE
            if any(
                (found := name.search(sentence)) and not _DENIED.search(sentence[: found.start()])
                for column, cell in role.cells.items()
                if not _DENIED.search(column) and column not in {"Name", "Role"}
                for sentence in sentences_of(cell)
                if not is_open(sentence)
            )
        )

    def roles_granted(self, bundle: Entity) -> tuple[Entity, ...]:
        """Return the roles whose cells hold Drupal's permission to create or edit such content."""
        name = re.escape(bundle.machine_name)
        permission = re.compile(rf"\b(?:create|edit (?:any|own)) {name} content\b", re.IGNORECASE)
        if not name or bundle.bundle_type is not BundleType.CONTENT:
            return ()
        return tuple(
            role
            for role in self.session.specification.by_kind[EntityKind.USER_ROLE]
            if role.status not in GONE and any(map(permission.search, role.cells.values()))
        )

    @cached_property
    def is_webform(self) -> bool:
        """Tell whether the ticket is about forms that visitors fill in."""
        return {head.bundle_type for head in self.group.heads} == {BundleType.WEBFORM}

    @cached_property
    def dependents(self) -> Sequence[EntityGroup]:
        """Groups that wait for this one."""
        return self.session.dependents.get(self.group.key, ())

    @property
    def deferring(self) -> tuple[EntityGroup, ...]:
        """Groups that are built before this one and refer to it."""
        return self.session.deferring.get(self.group.key, ())


_EFFORT = re.compile(
    r"\b(?:approx|about|ca|effort|estimated?|takes?)\b[:. ]*(?:at |of |to )?(\d{1,2}(?:\.\d)?)"
    r" ?(?:person[- ])?(day|hour)s?\b(?! (?:after|before|later|old|ago))",
    re.IGNORECASE,
)
"""What a note says of the work: `approx. 2 days`."""
_HOURS_A_DAY = 8


def is_form_row(row: Entity) -> bool:
    """Tell whether a row of a sheet of its own is a form that visitors fill in."""
    return row.kind is EntityKind.CUSTOM and sheet_noun(row.source.file) in FORMS


class FactsReader:
    """Makes the facts of tickets; the look-ups only when another session begins."""

    def __init__(self) -> None:
        self._session: SessionFacts | None = None

    def facts_of(self, brief: TicketBrief) -> GroupFacts:
        """Return what the ticket of a brief is about."""
        known = self._session
        if (
            known is None
            or known.specification is not brief.specification
            or known.groups is not brief.groups
        ):
            known = self._session = SessionFacts(
                specification=brief.specification,
                groups=brief.groups,
                site_name=brief.site_name,
                site_description=brief.site_description,
            )
        return GroupFacts(group=brief.group, session=known)


def _distinct(rows: Iterable[Entity]) -> tuple[Entity, ...]:
    found: dict[tuple[str, int], Entity] = {}
    for row in rows:
        is_repeatable = row.kind in {EntityKind.WORKFLOW_TRANSITION, EntityKind.CUSTOM}
        found.setdefault((row.key, row.source.line if is_repeatable else 0), row)
    return tuple(found.values())


def literal(row: Entity) -> str:
    """Return the name a ticket uses for a row: its machine name, else its label."""
    return row.machine_name if is_machine_name_given(row) else name_of(row)


def coming_targets(row: Entity, specification: Specification) -> tuple[Reference, ...]:
    """Return what a field refers to, as far as that is there or will be."""
    return tuple(
        reference
        for reference in row.references
        for target in specification.by_key.get(reference.target_key or "", ())[:1]
        if reference.column == "Ref. bundle" and target.status not in GONE
    )


def note_sentences(row: Entity) -> tuple[str, ...]:
    """Return the sentences of the prose of a row."""
    return sentences_of(row.note)


def settled_sentences(row: Entity) -> list[str]:
    """Return the sentences of the prose of a row that leave nothing open."""
    return [sentence for sentence in sentences_of(row.note) if not is_open(sentence)]


def rows_by_name(named: Iterable[tuple[str, Entity]]) -> Mapping[str, Sequence[Entity]]:
    """Return the rows by each of their names, once each, in the order they come in."""
    found: dict[str, dict[RowSource, Entity]] = {}
    for name, row in named:
        found.setdefault(name, {})[row.source] = row
    return {name: tuple(rows.values()) for name, rows in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Rows of one transition, which differ in their from-state only."""

    row: Entity
    """The first of its rows."""
    label: str
    machine_name: str
    from_states: tuple[str, ...]
    to_state: str
    note: str


def transitions_of(rows: Iterable[Entity]) -> tuple[Transition, ...]:
    """Collapse rows that are equal but for their from-state, in sheet order."""
    found: dict[tuple[str, ...], list[Entity]] = {}
    for row in rows:
        key = (row.label, row.machine_name, row.cell("To state"), row.cell("Notes"))
        found.setdefault(key, []).append(row)
    return tuple(
        Transition(
            row=same[0],
            label=label,
            machine_name=machine_name,
            from_states=tuple(
                dict.fromkeys(s for row in same for s in states_in(row.cell("From state")))
            ),
            to_state=to_state,
            note=note,
        )
        for (label, machine_name, to_state, note), same in found.items()
    )


def allowed_roles(transition: Transition, facts: GroupFacts) -> tuple[Entity, ...]:
    """Return the roles that may use a transition, without those that a question doubts."""
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    listed = _listed_roles(transition.row, roles)
    note = " ".join(s for s in sentences_of(transition.note) if not is_open(s))
    if same := _SAME_PEOPLE.search(note):
        rows = facts.live(EntityKind.WORKFLOW_TRANSITION)
        names = {row.label.casefold(): row.cell("Notes") for row in rows if row.label}
        other = next((n for n in names if same[1].casefold().startswith(n)), "")
        note = f"{_SAME_PEOPLE.sub(' ', note)} {_SAME_PEOPLE.sub(' ', names.get(other, ''))}"
    doubted = facts.roles_doubted_on(transition.row)
    return tuple(role for role in listed or covered_roles(note, roles) if role not in doubted)


def _listed_roles(row: Entity, roles: Sequence[Entity]) -> tuple[Entity, ...]:
    """Return the roles of the cell that holds nothing but their labels or machine names."""
    names = {n.casefold(): r for r in roles for n in (r.machine_name, r.label) if len(n) > 1}
    for column, cell in row.cells.items():
        parts = [part.strip(" .").casefold() for part in re.split(r"[,;\n]", cell)]
        if column not in _NO_ROLES and all(part in names for part in parts):
            keys = {names[part].key for part in parts}
            return tuple(role for role in roles if role.key in keys)
    return ()


_NO_ROLES = frozenset({"Label", "Machine name", "Workflow", "From state", "To state", "Dev", "QA"})

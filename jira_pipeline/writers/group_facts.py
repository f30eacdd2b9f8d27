"""What the parts of a ticket say is computed from here: the rows of a group, sorted by status.

Belongs here: partitions, collapsing, who refers to the group. Does not: words.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
)
from jira_pipeline.domain.entity_groups import COMPONENT_KINDS, EntityGroup, GroupKind, RelationKind
from jira_pipeline.domain.note_sentences import (
    comparable,
    is_checkable,
    is_informative,
    is_remark,
    readable,
    sentences_of,
)
from jira_pipeline.domain.questions.open_questions import OpenQuestion, open_questions
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    StorageKey,
    index_of,
    is_machine_name_given,
    name_of,
)
from jira_pipeline.domain.questions.row_questions import PROSE_COLUMNS, is_open
from jira_pipeline.domain.questions.structure_questions import destinations_of
from jira_pipeline.domain.questions.workflow_questions import states_in
from jira_pipeline.domain.role_notes import covered_roles, roles_named_in
from jira_pipeline.domain.view_displays import is_set
from jira_pipeline.ports.writing import TicketBrief
from jira_pipeline.writers.storage_users import StorageUsers, storage_users

_TO_BUILD = frozenset({Status.APPROVED, Status.CHANGED})
_GONE = frozenset({Status.DELETED, Status.WAITING})
_QUOTED_WORDS_MAX = 40
"""A longer sentence is not quoted; the table has it."""
_SHORT_NOTE_MAX = 2
"""Sentences of a note of a view that is quoted although nothing in it limits or shows something."""
_DEMANDING = re.compile(r"\b(?:must|cannot|never)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"\b(?:they|who|which|that) (?:is|are)\b[^,;()]*", re.IGNORECASE)
"""What tells of things that a role works on says nothing of how the role came about."""
_SAME_PEOPLE = re.compile(r"\bsame (?:people|roles?|users?) as ([^.;]+)", re.IGNORECASE)
_CHECKED_WORDS_MIN = 3
_HEADS = frozenset({EntityKind.BUNDLE, EntityKind.MIGRATION})
_QUOTED = re.compile(r"“([^”]*)”")
_QUOTATION_MARKS = re.compile(r"[“”]")
"""A sentence with marks of its own cannot be quoted either."""
_STATED_NOWHERE = frozenset({"Machine name", "Label", "Dev", "Reused", "Reused Field", "X"})
"""Columns whose questions leave open what no check states as settled."""


@dataclass(frozen=True, kw_only=True)
class SessionFacts:
    """Look-ups over one session, made once and used for all its tickets."""

    specification: Specification
    groups: Mapping[str, EntityGroup]
    index: QuestionIndex
    dependents: Mapping[str, tuple[EntityGroup, ...]]
    """Groups that wait for a group, by its key, in build order."""
    site_name: str
    site_description: str

    @cached_property
    def groups_by_number(self) -> Mapping[int, EntityGroup]:
        """The groups by their place in build order."""
        return {group.number: group for group in self.groups.values()}

    @cached_property
    def component_names(self) -> ComponentNames:
        """What values of packages may name."""
        return component_names(self.specification)

    @cached_property
    def naming(self) -> Mapping[str, tuple[EntityGroup, ...]]:
        """Groups whose component names or recommends one, by the key of that, in build order."""
        found: dict[str, dict[str, EntityGroup]] = {}
        for component in self.specification.by_kind[EntityKind.COMPONENT]:
            group = self.making.get(component.key)
            named = named_components(component, self.specification, self.component_names)
            for key in (*named, *(r.target_key or "" for r in component.references)):
                if group is not None and key != component.key:
                    found.setdefault(key, {})[group.key] = group
        return {
            key: tuple(sorted(groups.values(), key=lambda g: g.number))
            for key, groups in found.items()
        }

    @cached_property
    def making(self) -> Mapping[str, EntityGroup]:
        """The group whose ticket makes a thing, by key of the thing."""
        return {h.key: g for g in self.groups.values() for h in g.heads}

    @cached_property
    def filling(self) -> Mapping[str, tuple[Entity, ...]]:
        """The migrations to run that fill a bundle alone, by its key, in sheet order."""
        found: dict[str, tuple[Entity, ...]] = {}
        for run in self.specification.by_kind[EntityKind.MIGRATION]:
            filled = destinations_of(run, self.index)
            if run.status in _TO_BUILD and len(filled) == 1:
                found[filled[0].key] = (*found.get(filled[0].key, ()), run)
        return found

    @cached_property
    def deferring(self) -> Mapping[str, tuple[EntityGroup, ...]]:
        """Groups whose reference to a group follows once that is there, by its key."""
        found: dict[str, dict[str, EntityGroup]] = {}
        for group in self.groups.values():
            for relation in group.relations:
                if relation.kind is RelationKind.DEFERRED and relation.group_key:
                    found.setdefault(relation.group_key, {})[group.key] = group
        return {
            key: tuple(sorted(groups.values(), key=lambda g: g.number))
            for key, groups in found.items()
        }

    @cached_property
    def storage_users(self) -> Mapping[StorageKey, StorageUsers]:
        """Who has or gets which field, by entity type and machine name."""
        return storage_users(self.index, self.groups)


def session_facts_of(brief: TicketBrief) -> SessionFacts:
    """Build the look-ups in one pass over groups and rows."""
    dependents: dict[str, list[EntityGroup]] = {}
    for group in brief.groups.values():
        for dependency in group.dependencies:
            dependents.setdefault(dependency.group_key, []).append(group)
    return SessionFacts(
        specification=brief.specification,
        groups=brief.groups,
        index=index_of(brief.specification),
        dependents={
            key: tuple(sorted(rows, key=lambda g: g.number)) for key, rows in dependents.items()
        },
        site_name=brief.site_name,
        site_description=brief.site_description,
    )


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
    def name(self) -> str:
        """What people call the head, without type."""
        return name_of(self.head) if self.group.heads else self.group.label

    @cached_property
    def rows(self) -> tuple[Entity, ...]:
        """The rows of the ticket: members, or heads where the heads are the rows."""
        is_about_members = self.group.kind in {
            GroupKind.BUNDLE,
            GroupKind.VIEW,
            GroupKind.WORKFLOW,
            *COMPONENT_KINDS,
        }
        if is_about_members and self.group.kind is GroupKind.VIEW and not self.group.members:
            return tuple(filter(is_set, self.group.heads))
        return self.group.members if is_about_members else (*self.group.heads, *self.group.members)

    @cached_property
    def to_build(self) -> tuple[Entity, ...]:
        """What is approved, changed or blank, once each although a sheet repeats it."""
        return _distinct(row for row in self.rows if row.status in _TO_BUILD)

    def with_status(self, status: Status) -> tuple[Entity, ...]:
        """Return the rows of one status, in sheet order."""
        return _distinct(row for row in self.rows if row.status is status)

    def of_kind(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Return the rows to build of one kind, in sheet order."""
        return tuple(row for row in self.to_build if row.kind is kind)

    def live(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Return the rows of one kind that will exist: those to build and those there already."""
        rows = (r for r in self.rows if r.kind is kind and r.status not in _GONE)
        return _distinct(rows)

    @cached_property
    def hosts(self) -> tuple[Entity, ...]:
        """Other bundles whose live fields refer to the heads, once each, in sheet order."""
        found: dict[str, Entity] = {}
        own = {head.key for head in self.group.heads}
        for head in self.group.heads:
            for row, _ in self.session.specification.referrers_of.get(head.key, ()):
                owner = self._live_owner(row)
                if owner is not None and owner.key not in own:
                    found.setdefault(owner.key, owner)
        return tuple(found.values())

    def _live_owner(self, row: Entity) -> Entity | None:
        if row.kind is not EntityKind.FIELD or row.status in _GONE:
            return None
        owners = self.session.specification.by_key.get(row.owner_key or "", ())
        return owners[0] if owners and owners[0].status not in _GONE else None

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
        return any(q.column not in _STATED_NOWHERE for q in self.questions_on(row))

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
        own = {
            r.source: set(self.questions_on(r)) for r in self.live(EntityKind.WORKFLOW_TRANSITION)
        }
        of_all: set[OpenQuestion] = set().union(*own.values())
        general = [q for q in self.questions if q not in of_all]
        return {
            source: self._roles_asked_about([*general, *questions])
            for source, questions in own.items()
        }

    def _roles_asked_about(self, questions: Iterable[OpenQuestion]) -> tuple[Entity, ...]:
        found = {role.key for question in questions for role in self._roles_asked_by[question]}
        roles = self.session.specification.by_kind[EntityKind.USER_ROLE]
        return tuple(role for role in roles if role.key in found)

    @cached_property
    def _roles_asked_by(self) -> Mapping[OpenQuestion, tuple[Entity, ...]]:
        roles = self.session.specification.by_kind[EntityKind.USER_ROLE]
        asked = {q: [q.question, *filter(is_open, sentences_of(q.quote))] for q in self.questions}
        return {q: roles_named_in(" ".join(said), roles) for q, said in asked.items()}

    def settled_sentences(self, row: Entity) -> tuple[str, ...]:
        """Return what the note of a row says that no question asks about and no column repeats."""
        asked = [comparable(q.quote) for q in self.questions_on(row) if q.column in PROSE_COLUMNS]
        asked += [comparable(said) for q in self.questions for said in _QUOTED.findall(q.question)]
        return tuple(
            sentence
            for sentence in note_sentences(row)
            if is_informative(sentence)
            and not is_open(sentence)
            and not any(comparable(sentence) in quote for quote in asked)
        )

    def is_contested(self, sentence: str) -> bool:
        """Tell whether a question quotes a part of a sentence: it may change what that demands."""
        quotes = [said for q in self.questions for said in (q.quote, *_QUOTED.findall(q.question))]
        parts = (comparable(quote) for quote in quotes if " " in quote)
        return any(part in comparable(sentence) for part in parts)

    def checked_sentences(self, row: Entity) -> tuple[str, ...]:
        """Return the settled sentences of a note that a check can quote.

        Beside its own row a note is quoted without its remarks, whole where the row changes; a
        remark that demands something is none. Of what the ticket is about only what can be seen on
        the site is: of a view all that is no remark, where any of it can, or where the note is
        short. A note of one or two words is not, save for an image style, whose
        effect it is, nor is what the ticket removes.
        """
        is_effect = row.kind is EntityKind.IMAGE_STYLE
        if not is_effect and not says_enough(row.note):
            return ()
        settled = self.settled_sentences(row)
        seen = [s for s in settled if is_checkable(s) and says_enough(s)]
        is_role = row.kind is EntityKind.USER_ROLE
        told = [
            s
            for s in settled
            if s in seen
            or _DEMANDING.search(s)
            or not is_remark(_CLAUSE.sub("", s) if is_role else s)
        ]
        is_whole = settled == note_sentences(row)
        is_short = is_whole and len(settled) <= _SHORT_NOTE_MAX and not any(map(is_remark, settled))
        if row.status is not Status.CHANGED or not is_whole:
            settled = tuple(seen if row.kind in _HEADS else told)
        if row.kind is EntityKind.VIEW:
            settled = tuple(s for s in settled if (seen or is_short) and says_enough(s))
        gone = {r.machine_name for r in self.with_status(Status.DELETED) if "_" in r.machine_name}
        return tuple(
            sentence
            for sentence in settled
            if len(readable(sentence).split()) <= _QUOTED_WORDS_MAX
            and not _QUOTATION_MARKS.search(sentence)
            and gone.isdisjoint(re.findall(r"\w+", sentence))
        )

    @cached_property
    def dependents(self) -> tuple[EntityGroup, ...]:
        """Groups that wait for this one."""
        return self.session.dependents.get(self.group.key, ())

    @property
    def deferring(self) -> tuple[EntityGroup, ...]:
        """Groups that are built before this one and refer to it."""
        return self.session.deferring.get(self.group.key, ())


_SHORT_RULE = re.compile(
    r"\b(?:exp|exposed|only|no|not|never|first|last|max|min|unique|required|read-only|hidden)\b|\d\W*[a-z]{2}|/\w"
)


def says_enough(sentence: str) -> bool:
    """Tell whether a sentence is long enough to check, or short and a rule: `pdf only`."""
    said = readable(sentence).casefold()
    return len(said.split()) >= _CHECKED_WORDS_MIN or bool(_SHORT_RULE.search(said))


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
            known = session_facts_of(brief)
            self._session = known
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
        if reference.column == "Ref. bundle" and _will_exist(reference, specification)
    )


def _will_exist(reference: Reference, specification: Specification) -> bool:
    targets = specification.by_key.get(reference.target_key or "", ())
    return bool(targets) and targets[0].status not in _GONE


def note_sentences(row: Entity) -> tuple[str, ...]:
    """Return the sentences of the prose of a row."""
    return sentences_of(row.note)


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
    said = " ".join(s for s in sentences_of(transition.note) if not is_open(s))
    if same := _SAME_PEOPLE.search(said):
        rows = facts.live(EntityKind.WORKFLOW_TRANSITION)
        names = {row.label.casefold(): row.cell("Notes") for row in rows if row.label}
        other = next((n for n in names if same[1].casefold().startswith(n)), "")
        said = f"{_SAME_PEOPLE.sub(' ', said)} {_SAME_PEOPLE.sub(' ', names.get(other, ''))}"
    doubted = facts.roles_doubted_on(transition.row)
    return tuple(role for role in covered_roles(said, roles) if role not in doubted)


def bundle_noun(kind: BundleType | None) -> str:
    """Return the words for a type of bundle, such as `content type`."""
    return str(kind or "bundle").casefold()

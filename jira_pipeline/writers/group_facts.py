"""What the parts of a ticket say is computed from here: the rows of a group, sorted by status.

Belongs here: partitions, collapsing, who refers to the group. Does not: words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    sheet_noun,
)
from jira_pipeline.domain.entity_groups import (
    COMPONENT_KINDS,
    EntityGroup,
    GroupAction,
    GroupKind,
    RelationKind,
)
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
    filled_by,
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
_SHORT_NOTE_WORDS_MAX = 25
"""Of a note that is quoted whole."""
FORMS = frozenset({"webform", "form"})
"""Sheets of other teams whose rows are forms that visitors fill in."""
LISTED_DUTY = re.compile(r"[-*•] ?\w")
"""A line of the list of what a role may do."""
_DEMANDING = re.compile(r"\b(?:must|cannot|never)\b", re.IGNORECASE)
_AUTOMATIC = re.compile(
    r"\b(?:cron|scheduler|automatic\w*|purged?|re-?run)\b|\bafter \d+ ", re.IGNORECASE
)
"""What the site does by itself, seen although people do the rest by hand."""
_BY_TOOL = re.compile(r"\b(?:2FA|TFA|MFA|(?:two|second)[- ]factor|drush|scripts?)\b", re.IGNORECASE)
"""What somebody installs or runs is work, however it came about."""
_ON_NAMES = re.compile(
    r"\W*(?:short (?:form|name)|abbreviat\w+|(?:the )?same (?:people|persons?|staff) as)\b",
    re.IGNORECASE,
)
"""What says how a role is called, or who has it, is nothing to check."""
_CLAUSE = re.compile(r"\b(?:they|who|which|that) (?:is|are)\b[^,;()]*", re.IGNORECASE)
"""What names things that a role works on says nothing of how the role came about."""
_MAKING = r"(?:creates?|writes?|keeps?|maintains?|adds?|enters?|owns)(?! own\b)"
_BETWEEN = r"(?:(?!\b(?:edit|delete) (?:own|any)\b)[^.;\n])*"
_DENIED = re.compile(r"\b(?:no|not|never|without)\b", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?:yes|no|not|only|both|neither|none)\b|(?-i:[A-Z])[\w. ]{0,30} (?:asks|decides|checks)\b",
    re.IGNORECASE,
)
"""What begins a sentence that means nothing without the question before it."""
_ACCOUNT = re.compile(r"users?\b|user accounts?\b|accounts?\b", re.IGNORECASE)
_OF_ACCOUNT = re.compile(
    r"\b(?:of|from|in) (?:the|their|his|her) (?:\w+ )?(?:user|account|profile)\b", re.IGNORECASE
)
_EXCEPT = re.compile(r"\b(?:except|excluding|but not|other than|without)\b", re.IGNORECASE)
_SAME_PEOPLE = re.compile(r"\bsame (?:people|roles?|users?) as ([^.;]+)", re.IGNORECASE)
_CHECKED_WORDS_MIN = 3
_HEADS = frozenset({EntityKind.BUNDLE, EntityKind.MIGRATION})
_QUOTED = re.compile(r"“([^”]*)”")
_QUOTATION_MARKS = re.compile(r"[“”]")
"""A sentence with marks of its own cannot be quoted either."""
_STATED_NOWHERE = frozenset(
    {"Machine name", "Label", "Dev", "Reused", "Reused Field", "Roles", "X"}
)
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
        """The migrations to run that fill a bundle, by its key, in sheet order."""
        found: dict[str, tuple[Entity, ...]] = {}
        for run in self.specification.by_kind[EntityKind.MIGRATION]:
            for bundle in filled_bundles(run, self.index) if run.status in _TO_BUILD else ():
                found[bundle.key] = (*found.get(bundle.key, ()), run)
        return found

    def rows_to_name(self, kind: EntityKind, *, only_used: bool) -> Sequence[Entity]:
        """Return the rows of a kind that a note may name, or only those that say what they are for."""
        return self._used[kind] if only_used else self.specification.by_kind[kind]

    @cached_property
    def _used(self) -> Mapping[EntityKind, Sequence[Entity]]:
        by_kind = self.specification.by_kind
        return {kind: [row for row in rows if used_for(row)] for kind, rows in by_kind.items()}

    @cached_property
    def first_by_removals(self) -> Sequence[tuple[EntityGroup, Entity, str]]:
        """What has to happen first by the note of a bundle that is removed, with both."""
        return [
            (group, head, first[0])
            for group in self.groups.values()
            if group.action is GroupAction.REMOVE
            for head in group.heads
            if (
                first := [s for s in sentences_of(head.note) if _FIRST.search(s) and not is_open(s)]
            )
        ]

    @cached_property
    def bound_removals(self) -> Sequence[tuple[Entity, Entity, str]]:
        """What is removed only after a migration or together with something, that, the sentence."""
        runs = [
            r for r in self.specification.by_kind[EntityKind.MIGRATION] if r.status not in _GONE
        ]
        removals = (g for g in self.groups.values() if g.action is GroupAction.REMOVE)
        heads = [head for group in removals for head in group.heads]
        return [
            (head, other, sentence)
            for head in heads
            for sentence in sentences_of(head.note)
            if not is_open(sentence)
            for pattern, others in ((_ONLY_AFTER, runs), (_BESIDE, heads))
            for found in [pattern.search(sentence)]
            for other in (others if found else ())
            if found and other.key != head.key
            if re.search(rf"(?<!\w){re.escape(name_of(other))}(?!\w)", found["what"])
        ]

    @cached_property
    def account_fields(self) -> Sequence[tuple[EntityGroup, Entity]]:
        """The fields of user accounts, with the tickets that build them."""
        return [
            (group, row)
            for group in self.groups.values()
            for row in (*group.heads, *group.members)
            if row.kind is EntityKind.FIELD and _ACCOUNT.match(row.cell("Bundle"))
        ]

    @cached_property
    def rows_before_removals(self) -> Sequence[tuple[EntityGroup, Entity]]:
        """Rows that stay and whose notes take something away or replace it, with their tickets."""
        return [
            (group, row)
            for group in sorted(self.groups.values(), key=lambda group: group.number)
            if group.action is not GroupAction.REMOVE
            for row in (*group.heads, *group.members)
            if row.kind is EntityKind.FIELD and BEFOREHAND.search(row.note)
        ]

    @cached_property
    def run_before(self) -> Mapping[str, tuple[Entity, ...]]:
        """The migrations that a migration waits for by its note, its column for that, or their notes, by its key."""
        return self._run_order(is_before=True)

    @cached_property
    def run_after(self) -> Mapping[str, tuple[Entity, ...]]:
        """The migrations that wait for a migration, by its key."""
        return self._run_order(is_before=False)

    def _run_order(self, *, is_before: bool) -> Mapping[str, tuple[Entity, ...]]:
        runs = self.specification.by_kind[EntityKind.MIGRATION]
        labels = {" ".join(_WORD.findall(r.label.casefold())): r for r in reversed(runs)}
        longest = max((len(label.split()) for label in labels), default=0)

        def named_in(text: str) -> Iterator[Entity]:
            words = _WORD.findall(text.casefold())
            for size in range(1, min(longest, len(words)) + 1):
                for start in range(len(words) - size + 1):
                    if run := labels.get(" ".join(words[start : start + size])):
                        yield run

        found: dict[str, dict[str, Entity]] = {}
        for run in runs:
            needs = [_LATER.sub("", s) for s in sentences_of(run.note) if _NEEDS.search(s)]
            needs += [cell for column, cell in run.cells.items() if _NEEDS.search(column)]
            later = (match.group() for match in _LATER.finditer(run.note))
            pairs = [(run, other) for s in needs for other in named_in(s)]
            pairs += [(other, run) for s in later for other in named_in(s)]
            for waiting, first in pairs:
                one, other = (waiting, first) if is_before else (first, waiting)
                if one.key != other.key and other.status not in {Status.DELETED, Status.WAITING}:
                    found.setdefault(one.key, {})[other.key] = other
        place = {run.key: number for number, run in enumerate(runs)}
        return {
            key: tuple(sorted(others.values(), key=lambda run: place[run.key]))
            for key, others in found.items()
        }

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


_WORD = re.compile(r"\w+")
_NEEDS = re.compile(r"\b(?:needs?|requires?|after|depends?|first|before)\b", re.IGNORECASE)
_LATER = re.compile(r"\bbefore (?!this\b|it\b)[^.;,]*", re.IGNORECASE)
"""What a migration runs before: that needs this one."""


_INTO = re.compile(r"destination|target|into\b", re.IGNORECASE)


def filled_bundles(run: Entity, index: QuestionIndex) -> tuple[Entity, ...]:
    """Return all bundles that the column for that lists, else the one that the cells name."""
    cells = (cell for column, cell in run.cells.items() if _INTO.search(column))
    parts = [part for cell in cells for part in re.split(r"[,;\n]| and ", cell)]
    names = [name for part in parts for name in filled_by(part.strip())]
    found = [b for name in names for b in index.bundles_by_name.get(name, ())]
    filled = {b.key: b for b in found if b.status not in _GONE}
    alone = destinations_of(run, index)
    return tuple(filled.values()) or (alone if len(alone) == 1 else ())


def used_for(row: Entity) -> str:
    """Return what a row says it is used for or on, in a column of its own; empty without."""
    return next((cell for column, cell in row.cells.items() if _USED.match(column)), "")


BEFOREHAND = re.compile(
    r"\b(?:no longer|tak(?:e|es|en)\b.* out|replac\w+|remov\w+|drop(?:s|ped)?)\b", re.IGNORECASE
)
"""What a note says that takes away what a removal would find in use."""
_ONLY_AFTER = re.compile(
    r"\b(?:after|once|until)\b[^.;]*?\bmigration\b(?P<what>[^.;]*)", re.IGNORECASE
)
_BESIDE = re.compile(r"\btogether with\b[^.;]*?\btype\b(?P<what>[^.;]*)", re.IGNORECASE)
_FIRST = re.compile(r"\b(?:first|before(?:hand)?)\b", re.IGNORECASE)
_USED = re.compile(r"used\b", re.IGNORECASE)


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
        found: dict[OpenQuestion, tuple[Entity, ...]] = {}
        for q in self.questions:
            cited = [*filter(is_open, sentences_of(q.quote))]
            own = roles_named_in(" ".join([_QUOTED.sub("“”", q.question), *cited]), roles)
            found[q] = own or roles_named_in(q.question, roles)
        return found

    def settled_sentences(self, row: Entity) -> tuple[str, ...]:
        """Return what the note of a row says that no question asks about and no column repeats."""
        quotes = (q.quote for q in self.questions_on(row) if q.column in PROSE_COLUMNS)
        asked = [
            comparable(quote) for quote in quotes if not any(map(is_open, sentences_of(quote)))
        ]
        asked += [
            comparable(quotation)
            for q in self.questions
            for quotation in _QUOTED.findall(q.question)
        ]
        return tuple(
            sentence
            for sentence in note_sentences(row)
            if is_informative(sentence)
            and not is_open(sentence)
            and not (_ANSWER.match(sentence) and f"? {sentence}" in row.note)
            and not any(comparable(sentence) in quote for quote in asked)
        )

    def is_contested(self, sentence: str) -> bool:
        """Tell whether a question quotes a part of a sentence: it may change what that demands."""
        quotes = [
            quotation
            for q in self.questions
            for quotation in (q.quote, *_QUOTED.findall(q.question))
        ]
        parts = (comparable(quote) for quote in quotes if " " in quote)
        return any(part in comparable(sentence) for part in parts)

    def checked_sentences(self, row: Entity) -> tuple[str, ...]:
        """Return the settled sentences of a note that a check can quote.

        A short note is quoted whole, between the remarks it begins and ends with, or not at all; of
        a longer one beside its own row all but remarks, and of what the ticket is about only what
        can be seen on the site. A remark that demands something is none, and a few words without a
        rule, such as an office beside what is asked, are nothing to check. What the ticket removes is not checked either.
        """
        is_effect = row.kind is EntityKind.IMAGE_STYLE
        note = note_sentences(row)
        if not is_effect and not says_enough(row.note):
            return ()
        settled = self.settled_sentences(row)
        seen = [s for s in settled if says_enough(s) and (is_checkable(s) or _AUTOMATIC.search(s))]
        is_role = row.kind is EntityKind.USER_ROLE
        is_whole = settled == note
        checked = [
            s
            for s in settled
            if s in seen
            or _DEMANDING.search(s)
            or (row.kind is EntityKind.MIGRATION and "->" in s)
            or LISTED_DUTY.match(s)
            or _BY_TOOL.search(s)
            or (
                (is_whole or says_enough(s)) and not is_remark(_CLAUSE.sub("", s) if is_role else s)
            )
        ]
        if is_role:
            checked = [s for s in checked if not _ON_NAMES.match(s)]
        is_view = row.kind is EntityKind.VIEW
        is_run = row.kind is EntityKind.MIGRATION
        is_plain = (is_view or is_run) and is_short(row) and len(checked) == len(note)
        is_change = row.status is Status.CHANGED and is_whole
        if not seen and not is_plain and (is_view or (row.kind in _HEADS and not is_change)):
            checked = []
        elif is_change:
            checked = list(settled)
        elif is_short(row) and checked and not is_role:
            checked = list(settled[settled.index(checked[0]) : settled.index(checked[-1]) + 1])
        elif row.kind in _HEADS:
            checked = seen
        gone = {r.machine_name for r in self.with_status(Status.DELETED) if "_" in r.machine_name}
        return tuple(
            sentence
            for sentence in checked
            if len(readable(sentence).split()) <= _QUOTED_WORDS_MAX
            and not _QUOTATION_MARKS.search(sentence)
            and gone.isdisjoint(re.findall(r"\w+", sentence))
        )

    def account_fields_in(self, sentence: str) -> list[tuple[EntityGroup, Entity]]:
        """Return the account fields that a sentence takes something from, with their tickets."""
        if not _OF_ACCOUNT.search(sentence):
            return []
        fields = self.session.account_fields
        return [(g, r) for g, r in fields if r.label.casefold() in sentence.casefold()]

    @cached_property
    def account_fields_needed(self) -> Sequence[tuple[EntityGroup, Entity]]:
        """The account fields of other tickets that notes of this one take something from."""
        notes = [s for row in self.to_build for s in self.settled_sentences(row)]
        found = [pair for sentence in notes for pair in self.account_fields_in(sentence)]
        needed = {row.key: (g, row) for g, row in found if g.key != self.group.key}
        return tuple(needed.values())

    def duties_on(self, thing: Entity) -> tuple[tuple[Entity, str], ...]:
        """Return what the rows of roles say of a thing they name: the role, the sentence.

        A view or form is called one there; content is created or kept.
        """
        called = (name_of(thing), thing.machine_name, thing.cell("ID"))
        names = "|".join(re.escape(n) for n in called if len(n) > 1)
        is_form = thing.bundle_type is BundleType.WEBFORM or is_form_row(thing)
        noun = "view" if thing.kind is EntityKind.VIEW else "(?:web)?form|submission|result"
        before = rf"(?:{noun})s?" if is_form or thing.kind is EntityKind.VIEW else _MAKING
        after = rf"|(?<!\w)(?:{names})\W+(?:{noun})"
        if before is _MAKING:  # `Crew, ship: create, edit`
            after = rf"|(?<!\w)(?:{names})s?(?=[,:]| \(| and\b)[^.:;\n]*: [^.;\n]*\b{_MAKING}\b"
        naming = re.compile(
            rf"\b{before}\b{_BETWEEN}(?<!\w)(?:{names})s?(?!\w|(?-i: [A-Z])){after}", re.IGNORECASE
        )
        return tuple(
            (role, sentence)
            for role in self.session.specification.by_kind[EntityKind.USER_ROLE]
            if role.status not in _GONE
            for cell in role.cells.values()
            for sentence in sentences_of(cell)
            for found in [naming.search(sentence)]
            if found and not is_open(sentence) and not _DENIED.search(sentence[: found.start()])
            if not _EXCEPT.search(found.group())
        )

    def naming_roles(self, thing: Entity) -> tuple[Entity, ...]:
        """Return the roles whose rows give them something on a thing they name."""
        name = re.compile(
            rf"(?<!\w){re.escape(name_of(thing))}s?(?!\w|(?-i: [A-Z]))", re.IGNORECASE
        )
        return tuple(
            role
            for role in self.session.specification.by_kind[EntityKind.USER_ROLE]
            if role.status not in _GONE
            if any(
                (found := name.search(sentence)) and not _DENIED.search(sentence[: found.start()])
                for column, cell in role.cells.items()
                if not _DENIED.search(column) and column not in {"Name", "Role"}
                for sentence in sentences_of(cell)
                if not is_open(sentence)
            )
        )

    @cached_property
    def is_webform(self) -> bool:
        """Tell whether the ticket is about forms that visitors fill in."""
        return {head.bundle_type for head in self.group.heads} == {BundleType.WEBFORM}

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


def is_form_row(row: Entity) -> bool:
    """Tell whether a row of a sheet of its own is a form that visitors fill in."""
    return row.kind is EntityKind.CUSTOM and sheet_noun(row.source.file) in FORMS


def is_short(row: Entity) -> bool:
    """Tell whether the note of a row is quoted whole: a part of it would mislead."""
    return len(readable(row.note).split()) <= _SHORT_NOTE_WORDS_MAX


def says_enough(sentence: str) -> bool:
    """Tell whether a sentence is long enough to check, or short and a rule: `pdf only`."""
    words = readable(sentence).casefold()
    return len(words.split()) >= _CHECKED_WORDS_MIN or bool(_SHORT_RULE.search(words))


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


def bundle_noun(kind: BundleType | None) -> str:
    """Return the words for a type of bundle, such as `content type`."""
    return str(kind or "bundle").casefold()

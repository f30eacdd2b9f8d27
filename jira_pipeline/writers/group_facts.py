"""What the parts of a ticket say is computed from here: the rows of a group, sorted by status.

Belongs here: partitions, collapsing, who refers to the group. Does not: words.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeVar, cast

from jira_pipeline.domain.component_use import ComponentNames, component_names, named_components
from jira_pipeline.domain.entities import (
    BundleType,
    Entity,
    EntityKind,
    Reference,
    ReferenceState,
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
from jira_pipeline.domain.lexicon import word_list
from jira_pipeline.domain.note_sentences import (
    comparable,
    is_informative,
    items_of,
    sentences_of,
)
from jira_pipeline.domain.questions.field_questions import BOOLEAN, family_of
from jira_pipeline.domain.questions.open_questions import OpenQuestion, open_questions
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    StorageKey,
    filled_by,
    index_of,
    is_machine_name_given,
    name_of,
)
from jira_pipeline.domain.questions.row_questions import PROSE_COLUMNS, is_open, spelt_otherwise
from jira_pipeline.domain.questions.structure_questions import (
    destinations_of,
    stateless_runs,
    unmapped_runs,
)
from jira_pipeline.domain.questions.workflow_questions import states_in
from jira_pipeline.domain.role_notes import covered_roles, roles_named_in
from jira_pipeline.domain.view_displays import is_path_only, is_set, path_of, setting_of
from jira_pipeline.ports.writing import TicketBrief
from jira_pipeline.writers.english import listed, number, plural
from jira_pipeline.writers.named_rows import NamedRows, SharedWords, folded, names_of
from jira_pipeline.writers.plain_words import singular
from jira_pipeline.writers.storage_users import StorageUsers, storage_users

Found = TypeVar("Found")
_TO_BUILD = frozenset({Status.APPROVED, Status.CHANGED})
_GONE = frozenset({Status.DELETED, Status.WAITING})
FORMS = frozenset({"webform", "form"})
"""Sheets of other teams whose rows are forms that visitors fill in."""
_DENIED = re.compile(r"\b(?:no|not|never|without)\b", re.IGNORECASE)
_SAME_PEOPLE = re.compile(r"\bsame (?:people|roles?|users?) as ([^.;]+)", re.IGNORECASE)
_QUOTED = re.compile(r"“([^”]*)”")
_STATED_NOWHERE = frozenset(
    {"Machine name", "Label", "Dev", "Reused", "Reused Field", "Roles", "X"}
)
"""Columns whose questions leave open what no check states as settled."""


class Mention(NamedTuple):
    """A sentence of a row that names what another ticket is about."""

    row: Entity
    subject: Entity
    sentence: str


@dataclass(frozen=True, kw_only=True, eq=False)
class SessionFacts:
    """Look-ups over one session, made once and used for all its tickets; equal to itself only."""

    specification: Specification
    groups: Mapping[str, EntityGroup]
    index: QuestionIndex
    dependents: Mapping[str, tuple[EntityGroup, ...]]
    """Groups that wait for a group, by its key, in build order."""
    site_name: str
    site_description: str
    looked_up: dict[object, object] = field(default_factory=dict, repr=False)
    """What `once_per_session` found."""

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
        groups = sorted(self.groups.values(), key=lambda group: -group.number)
        return {row.source: g for g in groups for row in (*g.members, *g.heads)}

    @cached_property
    def named_rows(self) -> NamedRows:
        """Which rows name which others."""
        return NamedRows.of(self.specification.entities)

    @cached_property
    def shared_words(self) -> SharedWords:
        """Which rows share words that few others hold."""
        return SharedWords.of(self.specification.entities)

    @cached_property
    def filling(self) -> Mapping[str, tuple[Entity, ...]]:
        """The migrations to run or on hold that fill a bundle, by its key, in sheet order."""
        found: dict[str, tuple[Entity, ...]] = {}
        for run in self.specification.by_kind[EntityKind.MIGRATION]:
            is_to_come = run.status in {*_TO_BUILD, Status.WAITING}
            for bundle in self.filled[run.key] if is_to_come else ():
                found[bundle.key] = (*found.get(bundle.key, ()), run)
        return found

    @cached_property
    def filled(self) -> Mapping[str, tuple[Entity, ...]]:
        """The bundles that each migration fills, by its key."""
        named = {
            b.machine_name.casefold(): (b,)
            for b in self.specification.by_kind[EntityKind.BUNDLE]
            if is_machine_name_given(b)
        }
        runs = self.specification.by_kind[EntityKind.MIGRATION]
        return {run.key: _filled_bundles(run, self.index, named) for run in runs}

    @cached_property
    def runs_by_name(self) -> Mapping[str, Entity]:
        """The migrations by what notes may call them."""
        runs = self.specification.by_kind[EntityKind.MIGRATION]
        return {name: run for run in reversed(runs) for name in names_of(run)}

    @cached_property
    def first_words_of_runs(self) -> frozenset[str]:
        """How the names of migrations begin, in small letters."""
        runs = self.specification.by_kind[EntityKind.MIGRATION]
        return frozenset(run.label.split()[0].casefold() for run in runs if run.label)

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

    def rows_to_name(self, kind: EntityKind, *, only_used: bool) -> Sequence[Entity]:
        """Return the rows of a kind that a note may name, or only those that say what they are for."""
        return self._used[kind] if only_used else self.specification.by_kind[kind]

    @cached_property
    def _used(self) -> Mapping[EntityKind, Sequence[Entity]]:
        by_kind = self.specification.by_kind
        return {kind: [row for row in rows if used_for(row)] for kind, rows in by_kind.items()}

    @cached_property
    def bound_removals(self) -> Sequence[tuple[Entity, Entity, str]]:
        """What is removed only after a migration or together with something, that, the sentence.

        A style that goes as well says by its name or its use what it goes with: without a sentence.
        """
        runs = [
            r for r in self.specification.by_kind[EntityKind.MIGRATION] if r.status not in _GONE
        ]
        removals = [g for g in self.groups.values() if g.action is GroupAction.REMOVE]
        heads = [head for group in removals for head in group.heads]
        styles = [
            row
            for group in self.groups.values()
            for row in (*group.heads, *group.members)
            if row.kind in _STYLES and row.status is Status.DELETED
        ]
        noted = [
            (head, other, sentence)
            for head in {row.source: row for row in (*heads, *styles)}.values()
            for sentence in sentences_of(head.note)
            if not is_open(sentence)
            for pattern, others in ((_ONLY_AFTER, runs), (_BESIDE, heads))
            for found in [pattern.search(sentence)]
            for other in (others if found else ())
            if found and other.key != head.key
            if re.search(
                rf"(?<!\w){re.escape(name_of(other))}s?(?!\w)", found["what"], re.IGNORECASE
            )
        ]
        known = {head.source for head, _, _ in noted}
        silent = [style for style in styles if style.source not in known]
        return [*noted, *((s, head, "") for s in silent for head in _removed_with(s, heads))]

    @cached_property
    def listing_removals(self) -> Sequence[tuple[Entity, Entity]]:
        """The views to be removed that list bundles to be removed, with those, in sheet order.

        By its name, a filter that names one, or a path that begins as its addresses do.
        """
        removals = [g for g in self.groups.values() if g.action is GroupAction.REMOVE]
        heads = [head for group in removals for head in group.heads]
        bound = {frozenset({head.key, other.key}) for head, other, _ in self.bound_removals}
        bundles = [h for h in heads if h.kind is EntityKind.BUNDLE]
        found: list[tuple[Entity, Entity]] = []
        for view in (h for h in heads if h.kind is EntityKind.VIEW):
            rows = (view, *self.specification.members_of.get(view.key, ()))
            filters = " ".join(setting_of(row, "filters") for row in rows)
            names = set(phrases_in(re.sub(r"[,;=:()]", " ", filters)))
            places = {setting_of(row, "path").strip("/").partition("/")[0] for row in rows} - {
                "",
                "-",
            }
            found += [
                (view, bundle)
                for bundle in bundles
                if _bare(name_of(view)) == _bare(name_of(bundle))
                or names & {name_of(bundle), bundle.machine_name}
                or bundle.cell("URL alias pattern").strip("/").partition("/")[0] in places
                if frozenset({view.key, bundle.key}) not in bound
            ]
        return found

    @cached_property
    def mentions(self) -> Mapping[str, Sequence[Mention]]:
        """The sentences of other tickets that rule something, by the key of the ticket they name.

        Those on removals and migrations, and what fields, bundles, states and modes say of views.
        """
        bundles = {_bare(name_of(b)) for b in self.specification.by_kind[EntityKind.BUNDLE]}
        found: dict[str, dict[tuple[RowSource, str], Mention]] = {}
        for row, name, group, subject in self._rows_ruling():
            is_view = subject.kind in _VIEWS
            own = self.building[row.source]
            is_alone = own.action is GroupAction.REMOVE and row in own.heads
            is_run = subject.kind is EntityKind.MIGRATION
            is_alone |= " " in name and not is_run and not (is_view and _bare(name) in bundles)
            is_kept = group.action is not GroupAction.REMOVE
            for sentence in sentences_of(_ruling_prose(row) if is_view else row.note):
                rest = re.sub(_NOUN, "", sentence.replace(name, ""), flags=re.IGNORECASE)
                is_settled = not (is_kept and is_open(sentence)) and re.search(r"\w", rest)
                if is_settled and is_named_in(sentence, name, subject, is_alone=is_alone):
                    of_group = found.setdefault(group.key, {})
                    of_group[row.source, sentence] = Mention(row, subject, sentence)
        for mention in (*self.labels_named, *self._rules_of_kinds, *self._rules_of_imports):
            of_group = found.setdefault(self.building[mention.subject.source].key, {})
            of_group.setdefault((mention.row.source, mention.sentence), mention)
        return {key: tuple(mentions.values()) for key, mentions in found.items()}

    @cached_property
    def labels_named(self) -> Sequence[Mention]:
        """The sentences that name a field or form of another ticket by its label.

        A field by a label of several words that no bundle and only one field to build has; one to
        tick in any writing. A form as `the registration form`, by a word that no second one has.
        """
        bundles = self.specification.by_kind[EntityKind.BUNDLE]
        names = {folded(name_of(bundle)) for bundle in bundles}
        fields: dict[str, list[Entity]] = {}
        for row in self.specification.by_kind[EntityKind.FIELD]:
            label = folded(row.label.replace("-", " "))
            if " " in label and label not in names and row.status not in _GONE:
                fields.setdefault(label, []).append(row)
        forms: dict[str, list[Entity]] = {}
        for form in bundles:
            is_form = form.bundle_type is BundleType.WEBFORM and form.status not in _GONE
            for word in set(form.label.casefold().split()) if is_form else ():
                forms.setdefault(word, []).append(form)
        found: list[Mention] = []
        for row, sentence in self._settled_sentences:
            items = {*items_of(sentence), *items_of(sentence.partition(":")[2])}
            for phrase in dict.fromkeys(phrases_in(sentence.replace("-", " "))):
                called = fields.get(folded(phrase), ()) if " " in phrase else ()
                if len(called) == 1 and called[0].status in _TO_BUILD:
                    is_exact = called[0].label in sentence and called[0].label not in items
                    if is_exact or family_of(called[0].cell("Field type")) == BOOLEAN:
                        found.append(Mention(row, called[0], sentence))
            for word in _FORM_CALLED.findall(sentence.casefold()):
                of_word = forms.get(word, ())
                found += [Mention(row, form, sentence) for form in of_word if len(of_word) == 1]
        return self._of_other_tickets(found)

    def _of_other_tickets(self, mentions: Iterable[Mention]) -> list[Mention]:
        """Return the mentions of what another ticket than that of the row is about."""
        tickets = self.building
        return [
            m
            for m in mentions
            if (group := tickets.get(m.subject.source)) and group.key != tickets[m.row.source].key
        ]

    @cached_property
    def _settled_sentences(self) -> Sequence[tuple[Entity, str]]:
        """The settled sentences of rows with a ticket that say what is done, not what views show."""
        return [
            (row, sentence)
            for row in self.specification.entities
            if row.kind in _NAMING_KINDS and row.status not in _GONE and row.source in self.building
            for sentence in note_sentences(row)
            if not is_open(sentence)
        ]

    @cached_property
    def _rules_of_kinds(self) -> Sequence[Mention]:
        """The sentences of bundles that rule all of a type or status, for each of those to build."""
        return self._of_other_tickets(
            Mention(row, bundle, sentence)
            for row, sentence in self._settled_sentences
            if row.kind is EntityKind.BUNDLE and (rule := _OF_ALL_TYPES.search(sentence))
            for bundle in self.specification.by_kind[EntityKind.BUNDLE]
            if bundle.status in _TO_BUILD
            if rule["kind"] or rule["x"]
            if bundle_noun(bundle.bundle_type).startswith((rule["kind"] or "").casefold())
            if rule["kind"] or bundle.bundle_type is row.bundle_type
            if not rule["x"] or bundle.cell("X").casefold() == rule["x"].casefold()
            if name_of(bundle) not in phrases_in(rule["but"] or "")
        )

    @cached_property
    def _rules_of_imports(self) -> Sequence[Mention]:
        """The sentences that speak of `the register import`, for the one migration that is meant.

        Of several from one source the one that runs again and again. What is a key for it is so in
        its own bundle.
        """
        frequent = word_list("frequent_words")
        runs = [
            r for r in self.specification.by_kind[EntityKind.MIGRATION] if r.status in _TO_BUILD
        ]
        found: list[Mention] = []
        for row, sentence in self._settled_sentences:
            called = _IMPORT_CALLED.findall(POINTER.sub("", sentence))
            for word in called if not _KEY.search(sentence) else ():
                if word.casefold() in frequent:
                    continue
                named = re.compile(
                    rf"(?<![^\W_]){re.escape(singular(word))}s?(?![^\W_]|['’])", re.IGNORECASE
                )
                meant = [
                    run
                    for run in runs
                    if any(
                        named.search(cell)
                        for column, cell in run.cells.items()
                        if SOURCE.match(column) or cell in names_of(run)
                    )
                ]
                again = [run for run in meant if schedule_of(run)]
                if len(again if meant[1:] else meant) == 1:
                    found.append(Mention(row, (again or meant)[0], sentence))
        return self._of_other_tickets(found)

    def _rows_ruling(self) -> Iterator[tuple[Entity, str, EntityGroup, Entity]]:
        """Yield rows whose word binds another ticket, the name they use, that ticket, its subject."""
        subjects = _subjects_by_name(self.groups.values())
        for row in self.specification.entities:
            own = self.building.get(row.source)
            if own is None or row.status is Status.WAITING:
                continue
            names = {m.name: None for m in self.named_rows.names_in.get(row.source, ())}
            names |= dict.fromkeys(_WITH_UNDERSCORE.findall(row.note))
            for name in names:
                for group, subject in subjects.get(name, ()):
                    if group.key != own.key and _is_ruled(row, group, subject):
                        yield row, name, group, subject

    @cached_property
    def ruled_views(self) -> Mapping[RowSource, Sequence[EntityGroup]]:
        """The tickets of the views and forms of which a row says something."""
        found: dict[RowSource, list[EntityGroup]] = {}
        for key, mentions in self.mentions.items():
            group = self.groups[key]
            for mention in mentions:
                if (
                    group.kind is GroupKind.VIEW
                    or mention.subject.bundle_type is BundleType.WEBFORM
                ):
                    found.setdefault(mention.row.source, []).append(group)
        return found

    @cached_property
    def reading(self) -> Mapping[str, Sequence[Entity]]:
        """The migrations to run by each name that their source may hold, in sheet order."""
        found: dict[str, dict[str, Entity]] = {}
        for run in self.specification.by_kind[EntityKind.MIGRATION]:
            cells = [c for column, c in run.cells.items() if SOURCE.match(column)]
            for name in phrases_in(" ".join(cells)) if run.status not in _GONE else ():
                for form in (name, name.removesuffix("s")):
                    found.setdefault(form, {})[run.key] = run
        return {name: tuple(runs.values()) for name, runs in found.items()}

    @cached_property
    def read_removals(self) -> Mapping[str, Mapping[str, Entity]]:
        """What removals take away and the source of a migration names, by its key and theirs."""
        found: dict[str, dict[str, Entity]] = {}
        for group in sorted(self.groups.values(), key=lambda group: group.number):
            for head in group.heads if group.action is GroupAction.REMOVE else ():
                is_read = head.kind is not EntityKind.VIEW
                for name in (name_of(head), head.machine_name) if is_read else ():
                    for run in self.reading.get(name, ()):
                        found.setdefault(run.key, {})[head.key] = head
        return found

    @cached_property
    def noting(self) -> Mapping[str, Sequence[tuple[Entity, str, frozenset[str]]]]:
        """The migrations to run whose notes name a bundle, with the sentence and all names there, by its key."""
        bundles = {name_of(b): b for b in self.specification.by_kind[EntityKind.BUNDLE]}
        found: dict[str, list[tuple[Entity, str, frozenset[str]]]] = {}
        for run in self.specification.by_kind[EntityKind.MIGRATION]:
            for sentence in note_sentences(run) if run.status in _TO_BUILD else ():
                names = frozenset(phrases_in(sentence))
                for name in names & bundles.keys():
                    found.setdefault(bundles[name].key, []).append((run, sentence, names))
        return found

    @cached_property
    def new_paths(self) -> Mapping[str, Entity]:
        """The views and displays to build anew by their paths, without slashes around."""
        kinds = (EntityKind.VIEW, EntityKind.VIEW_DISPLAY)
        rows = [row for kind in kinds for row in self.specification.by_kind[kind]]
        paths = [(path_of(row).strip("/"), row) for row in rows if row.status is Status.APPROVED]
        return {path: row for path, row in paths if path and row.source in self.building}

    @cached_property
    def view_rows_naming(self) -> Mapping[str, Sequence[Entity]]:
        """The rows of views to stay or to come by each name that notes, filters and sorting may hold."""
        found: dict[str, dict[RowSource, Entity]] = {}
        for kind in _VIEWS:
            for row in self.specification.by_kind[kind]:
                settings = [setting_of(row, setting) for setting in ("filters", "sort")]
                cells = " ; ".join([row.note, *settings]) if row.status not in _GONE else ""
                for name in phrases_in(cells):
                    found.setdefault(name, {})[row.source] = row
        return {name: tuple(rows.values()) for name, rows in found.items()}

    @cached_property
    def modes_by_place(self) -> Mapping[str, Sequence[Entity]]:
        """The view modes to stay or to come by what they are used on, in small letters.

        Those to build also by what their notes name.
        """
        found: dict[str, dict[RowSource, Entity]] = {}
        for mode in self.specification.by_kind[EntityKind.VIEW_MODE]:
            if mode.status not in _GONE:
                prose = note_sentences(mode) if mode.status in _TO_BUILD else ()
                sentences = [s for s in prose if not is_open(s)]
                names = {p for s in sentences for p in phrases_in(s) if p[:1].isupper()}
                names |= {place.casefold() for place in known_places(mode, self)}
                for name in names:
                    found.setdefault(name, {})[mode.source] = mode
        return {name: tuple(modes.values()) for name, modes in found.items()}

    @cached_property
    def styles_by_place(self) -> Mapping[str, Sequence[Entity]]:
        """The styles to build by what their use or note names, in small letters, in the singular.

        A whole item, or several words of a sentence.
        """
        found: dict[str, dict[RowSource, Entity]] = {}
        for kind in (EntityKind.IMAGE_STYLE, EntityKind.RESPONSIVE_IMAGE_STYLE):
            for style in self.specification.by_kind[kind]:
                for cell in (used_for(style), style.note) if style.status in _TO_BUILD else ():
                    names = {*items_of(cell), *(p for p in phrases_in(cell) if " " in p)}
                    for name in map(folded, names):
                        found.setdefault(name, {})[style.source] = style
        return {name: tuple(styles.values()) for name, styles in found.items()}

    @cached_property
    def fields_built(self) -> Mapping[str, Sequence[tuple[EntityGroup, Entity]]]:
        """The fields that no bundle has yet, by machine name, with the tickets that build them."""
        found: dict[str, list[tuple[EntityGroup, Entity]]] = {}
        for group in sorted(self.groups.values(), key=lambda group: group.number):
            for row in group.members if group.kind is GroupKind.BUNDLE else ():
                if row.kind is EntityKind.FIELD and is_machine_name_given(row):
                    found.setdefault(row.machine_name, []).append((group, row))
        return {
            name: built
            for name, built in found.items()
            if {row.status for _, row in built} == {Status.APPROVED}
        }

    @cached_property
    def bundles_with_field(self) -> Mapping[str, Mapping[str, Entity]]:
        """The bundles to stay or to come, by key, by label and machine name of each of their fields."""
        found: dict[str, dict[str, Entity]] = {}
        for bundle in self.specification.by_kind[EntityKind.BUNDLE]:
            for row in self.specification.members_of.get(bundle.key, ()):
                if row.kind is EntityKind.FIELD and not {bundle.status, row.status} & _GONE:
                    for name in (row.label, row.machine_name):
                        found.setdefault(name.casefold(), {})[bundle.key] = bundle
        return found

    @cached_property
    def indexes(self) -> frozenset[str]:
        """The search indexes that views to stay or to come are over, by name."""
        kinds = (EntityKind.VIEW, EntityKind.VIEW_DISPLAY)
        rows = (row for kind in kinds for row in self.specification.by_kind[kind])
        return frozenset(
            index for row in rows if row.status not in _GONE for index in indexes_named(row)
        )

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
        called = ((name, run) for run in reversed(runs) for name in (run.machine_name, run.label))
        labels = {" ".join(_WORD.findall(name.casefold())): run for name, run in called if name}
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


def _subjects_by_name(
    groups: Iterable[EntityGroup],
) -> Mapping[str, Sequence[tuple[EntityGroup, Entity]]]:
    """Return what tickets are about by each name that other rows may call it, if one only."""
    found: dict[str, list[tuple[EntityGroup, Entity]]] = {}
    for group in groups:
        displays = [m for m in group.members if m.kind is EntityKind.VIEW_DISPLAY]
        for subject in (*group.heads, *displays):
            names = set(names_of(subject))
            if subject.kind is EntityKind.VIEW_DISPLAY:
                names = {subject.machine_name} - {""}
            for name in names if subject.status is not Status.WAITING else ():
                found.setdefault(name, []).append((group, subject))
    return {name: subjects for name, subjects in found.items() if len(subjects) == 1}


def _bare(name: str) -> tuple[str, ...]:
    """Return the words of a name for comparison: `Places to stay` lists what `Place to stay` is."""
    return tuple(word.removesuffix("s") for word in name.casefold().split())


def _is_ruled(row: Entity, group: EntityGroup, subject: Entity) -> bool:
    """Tell whether what a row says of a subject binds the ticket of that."""
    if subject.kind is EntityKind.MIGRATION:
        return row.kind not in _VIEWS
    if group.action is GroupAction.REMOVE:
        return True
    ruling = _RULING_VIEWS if subject.kind in _VIEWS else _RULING_BUNDLES
    is_ruled = subject.kind in {*_VIEWS, EntityKind.BUNDLE}
    return is_ruled and row.kind in ruling and row.status is not Status.DELETED


def _ruling_prose(row: Entity) -> str:
    """Return note and help text; a description says what a thing is for, not what is done."""
    cells = [row.cell("Help text"), *(row.cell(c) for c in PROSE_COLUMNS if c != "Description")]
    return "\n".join(dict.fromkeys(filter(None, cells)))


def is_named_in(sentence: str, name: str, subject: Entity, *, is_alone: bool) -> bool:
    """Tell whether a sentence has a name that means a subject: beside its kind, or `is_alone`.

    A machine name with an underscore needs no kind, nor does what the note of a removal names, or
    the label of several words of a view that no bundle has, which may be in small letters.
    """
    start = sentence.find(name)
    if start < 0 and subject.kind is EntityKind.VIEW and " " in name:
        start = sentence.lower().find(name.lower())
    if start < 0:
        return False
    text_before, text_after = sentence[:start], sentence[start + len(name) :]
    if _IN_WORD_BEFORE.search(text_before) or _IN_WORD_AFTER.match(text_after):
        return False
    goes_on = _NAME_GOES_ON.match(text_after)
    if "_" in name or (is_alone and not goes_on):
        return True
    noun = _SUBJECT_NOUNS.get(subject.bundle_type or subject.kind)
    before, after = _NOUN_BEFORE.search(text_before), _NOUN_AFTER.match(text_after)
    return not goes_on and noun in {m[1].casefold() for m in (before, after) if m is not None}


def phrases_in(sentence: str) -> Iterator[str]:
    """Return the words in a row that may be a name, without those that only begin a longer one."""
    words = sentence.split()
    for start in range(len(words)):
        for end in range(start + 1, min(start + _NAME_WORDS_MAX, len(words)) + 1):
            goes_on = end < len(words) and words[end][0].isupper() and words[end - 1][-1].isalnum()
            if not goes_on:
                yield " ".join(words[start:end]).strip(_AROUND_NAMES)


SOURCE = re.compile(r"source|from\b", re.IGNORECASE)
_SUBJECT_NOUNS: Mapping[BundleType | EntityKind, str] = {
    BundleType.CONTENT: "content type",
    BundleType.PARAGRAPH: "paragraph",
    BundleType.VOCABULARY: "vocabulary",
    BundleType.MEDIA: "media type",
    BundleType.BLOCK: "block type",
    BundleType.WEBFORM: "webform",
    EntityKind.VIEW: "view",
    EntityKind.MIGRATION: "migration",
    EntityKind.WORKFLOW: "workflow",
    EntityKind.USER_ROLE: "role",
}
"""What a note calls a thing right before or after its name."""
_NOUN = rf"({'|'.join(_SUBJECT_NOUNS.values())})"
_NOUN_BEFORE = re.compile(rf"\b{_NOUN}(?: type)?\W*$", re.IGNORECASE)
_NOUN_AFTER = re.compile(rf" {_NOUN}\b(?! modes?\b)", re.IGNORECASE)
_IN_WORD_BEFORE = re.compile(r"[\w/-]$")
_IN_WORD_AFTER = re.compile(r"[\w-]")
_NAME_GOES_ON = re.compile(r" [A-Z]")
_WITH_UNDERSCORE = re.compile(r"\b[a-z]\w*_\w+\b")
_VIEWS = frozenset({EntityKind.VIEW, EntityKind.VIEW_DISPLAY})
_RULING_VIEWS = frozenset(
    {
        EntityKind.BUNDLE,
        EntityKind.FIELD,
        EntityKind.WORKFLOW_STATE,
        EntityKind.WORKFLOW_TRANSITION,
        EntityKind.VIEW_MODE,
        EntityKind.CUSTOM,
    }
)
"""Rows whose prose says what a view has to do; other views only resemble it."""
_RULING_BUNDLES = frozenset({EntityKind.WORKFLOW_STATE, EntityKind.WORKFLOW_TRANSITION})
"""Rows whose note, if it names a bundle, says what its items may do."""
_NAMING_KINDS = _RULING_BUNDLES | {
    EntityKind.BUNDLE,
    EntityKind.FIELD,
    EntityKind.VIEW_MODE,
    EntityKind.USER_ROLE,
}
"""Rows whose notes may name a field, form or import by its label: views show fields anyway."""
_FORM_CALLED = re.compile(r"([\w-]+) (?:web)?form\b")
_OF_ALL_TYPES = re.compile(
    r"\b(?:all|every) (?:(?P<kind>content|paragraph|media|block) )?types?\b"
    r"(?: marked (?P<x>\w)\b)?(?: (?:but|except)(?: for)? (?P<but>[^,;.]*))?",
    re.IGNORECASE,
)
_KEY = re.compile(r"\bkey\b", re.IGNORECASE)
_IMPORT_CALLED = re.compile(r"\b(\w{3,}) (?:import|sync)\b", re.IGNORECASE)
POINTER = re.compile(r"\b(?:see|cf\.?|s\.) (?:the |sheet )?[\"“]?(?:migr\w*|import)", re.IGNORECASE)
"""What only says where more is said."""
_AROUND_NAMES = "“”\"'().,;:!?"
_NAME_WORDS_MAX = 6
"""Of a name that is looked for in notes."""


_WORD = re.compile(r"\w+")
_NEEDS = re.compile(r"\b(?:needs?|requires?|after|depends?|first|before)\b", re.IGNORECASE)
_LATER = re.compile(r"\bbefore (?!this\b|it\b)[^.;,]*", re.IGNORECASE)
"""What a migration runs before: that needs this one."""


_INTO = re.compile(r"destination|target|into\b", re.IGNORECASE)


def _filled_bundles(
    run: Entity, index: QuestionIndex, by_machine_name: Mapping[str, tuple[Entity, ...]]
) -> tuple[Entity, ...]:
    """Return all bundles that the column for that lists, else the one that the cells name."""
    cells = (cell for column, cell in run.cells.items() if _INTO.search(column))
    parts = [part for cell in cells for part in re.split(r"[,;\n]| and ", cell)]
    names = [name for part in parts for name in filled_by(part.strip())]
    found = [
        b
        for name in names
        for b in index.bundles_by_name.get(name) or by_machine_name.get(name, ())
    ]
    filled = {b.key: b for b in found if b.status not in _GONE}
    alone = destinations_of(run, index)
    return tuple(filled.values()) or (alone if len(alone) == 1 else ())


SEARCHED = "Srch."
"""Of a bundle: whether the search index holds it."""
_INDEX = re.compile(r"\bindex\b\W*(?P<name>[\w ]*)", re.IGNORECASE)


_SCHEDULE = re.compile(
    r"\b(?:nightly|hourly|daily|weekly|monthly|every (?:\w+ )?(?:minutes?|hours?|night|day|week|month))\b",
    re.IGNORECASE,
)
UPKEEP = frozenset({"X", "Dev", "QA", "ID"})
"""Columns that say nothing of what is to be done."""


def schedule_of(run: Entity) -> str:
    """Return the cell of a migration that says how often it runs; empty for one that runs once."""
    cells = (v for c, v in run.cells.items() if c not in UPKEEP)
    return next(filter(_SCHEDULE.search, cells), "")


def indexes_named(row: Entity) -> set[str]:
    """Return the search index that base table or filters of a view or display name."""
    cells = (row.cell("Base table"), setting_of(row, "filters"))
    found = filter(None, map(_INDEX.search, cells))
    return {match["name"].strip().casefold() for match in found}


_BY_COLUMN = re.compile(
    r"^all\b.* (?:with|where) (?P<column>\S+) ?(?:=|is) ?(?P<cell>\w+)$", re.IGNORECASE
)
"""Bundles by what their cells say: `All content types with Srch. = y`."""


def places_column(mode: Entity, session: SessionFacts) -> str:
    """Return the cell that says where a row is used: any that holds or begins with names of bundles."""
    all_cell = "all" if mode.kind is EntityKind.VIEW_MODE else None
    listing = (
        cell
        for column, cell in mode.cells.items()
        if column not in {"Entity Type", "View Modes", "Machine name"}
        and (cell.casefold() == all_cell or _places_in(cell, mode, session))
    )
    return mode.cell("Entities Used On") or next(listing, "")


def _places_in(cell: str, mode: Entity, session: SessionFacts) -> list[str]:
    """Return the names of bundles that a cell begins with; none where one of them is unknown."""
    known = session.index.bundles_called
    names = _JOINED.split(_USED_ON.sub("", cell))
    return (
        names
        if all(
            any(
                b.bundle_type is mode.bundle_type or mode.bundle_type is None
                for b in known.get(name.casefold(), ())
                if name
            )
            for name in names
        )
        else []
    )


_USED_ON = re.compile(r"^for | only\b.*$|\W*(?:[.:;].*)?$", re.IGNORECASE | re.DOTALL)
"""What is around the names that a note begins with: `For News, Plant; whole card is a link`."""
_JOINED = re.compile(r", (?:and )?| and ")


def known_places(mode: Entity, session: SessionFacts) -> list[str]:
    """Return where a view mode is used, as it is called, without names a question asks about."""
    index = session.index
    meant = {
        r.text: spelt_otherwise(r, mode, index).rpartition(" (")[0]
        for r in mode.references
        if r.state is ReferenceState.DANGLING
    }
    cell = places_column(mode, session)
    names = _places_in(cell, mode, session) or [name.rstrip(".") for name in items_of(cell)]
    if rule := _BY_COLUMN.match(mode.cell("Entities Used On")):
        rule_words = f"{rule.group()} {mode.cell('Entity Type')}".casefold()
        types = {kind for kind in BundleType if kind.split()[0].casefold() in rule_words}
        return [
            name_of(bundle)
            for bundle in session.specification.by_kind[EntityKind.BUNDLE]
            if bundle.bundle_type in types
            and bundle.status not in {Status.DELETED, Status.WAITING}
            and bundle.cell(rule["column"]).casefold() == rule["cell"].casefold()
        ]
    places = [place for name in names if (place := meant.get(name, name))]
    called = [index.bundles_called.get(place.casefold(), ()) for place in places]
    return [
        name_of(bundles[0]) if len(bundles) == 1 else place
        for place, bundles in zip(places, called, strict=True)
    ]


def _removed_with(style: Entity, removed: Iterable[Entity]) -> list[Entity]:
    """Return what a style is used by, or is called after; a view only where no bundle is."""
    use = used_for(style)
    words, places = (use, re.search) if use else (style.label, re.match)
    found = [
        head
        for head in removed
        if name_of(head).casefold() in words.casefold()
        and places(rf"(?<!\w){re.escape(name_of(head))}s?(?!\w)", words, re.IGNORECASE)
    ]
    return [head for head in found if head.kind is EntityKind.BUNDLE] or found


def used_for(row: Entity) -> str:
    """Return what a row says it is used for or on, in a column of its own; empty without."""
    return next((cell for column, cell in row.cells.items() if _USED.match(column)), "")


BEFOREHAND = re.compile(
    r"\b(?:no longer|tak(?:e|es|en)\b.* out|replac\w+|remov\w+|drop(?:s|ped)?)\b", re.IGNORECASE
)
"""What a note says that takes away what a removal would find in use."""
_STYLES = frozenset(
    {EntityKind.IMAGE_STYLE, EntityKind.RESPONSIVE_IMAGE_STYLE, EntityKind.VIEW_MODE}
)
_ONLY_AFTER = re.compile(
    r"\b(?:after|once|until)\b[^.;]*?\bmigration\b(?P<what>[^.;]*)", re.IGNORECASE
)
_BESIDE = re.compile(
    r"\b(?:together with|goes with|only used (?:by|for|in|on))\b(?P<what>[^.;]*)", re.IGNORECASE
)
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


def once_per_session(compute: Callable[[SessionFacts], Found]) -> Callable[[SessionFacts], Found]:
    """Make a look-up of a session once; what it found goes with the session."""

    def look_up(session: SessionFacts) -> Found:
        if look_up not in session.looked_up:
            session.looked_up[look_up] = compute(session)
        return cast("Found", session.looked_up[look_up])

    return look_up


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
            if role.status not in _GONE
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
            if role.status not in _GONE and any(map(permission.search, role.cells.values()))
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


def noun_of(head: Entity) -> str:
    """Return what a thing that a ticket is about is: `content type`, `view`, a sheet's own noun."""
    if head.kind is EntityKind.CUSTOM:
        return sheet_noun(head.source.file)
    return bundle_noun(head.bundle_type) if head.bundle_type else head.kind.value.replace("_", " ")


def kinds_named(
    heads: Sequence[Entity],
    *,
    at_most: int,
    word: str = "and",
    called: Callable[[Entity], str] = name_of,
) -> str:
    """Name things beside what they are, as a view often has the name of what it lists."""
    kinds: dict[str, list[str]] = {}
    for head in heads[: at_most if len(heads) > at_most + 1 else None]:
        kinds.setdefault(noun_of(head), []).append(called(head))
    parts = [
        f"the {noun if len(names) == 1 else plural(noun)} {listed(names, word=word)}"
        for noun, names in kinds.items()
    ]
    named = sum(map(len, kinds.values()))
    more = [f"{number(len(heads) - named)} more"] if named < len(heads) else []
    return listed([*parts, *more], word=word)


def bundle_noun(kind: BundleType | None) -> str:
    """Return the words for a type of bundle, such as `content type`."""
    return str(kind or "bundle").casefold()

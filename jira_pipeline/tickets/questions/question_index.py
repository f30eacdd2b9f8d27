"""What the question rules look up, and what one found in one row, in the words of `questions.toml`.

Belongs here: who shares a field storage, which bundles carry a name, which machine names are refused,
made once for a specification; a question before rows are joined: rank, and the forms for one row and
many; what a rule is, and what it may look at beside its row. Does not: which questions there are to
ask (`questions_of_…`), of which rows, the joining (`found_questions`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from jira_pipeline.drupal.columns import owner_column_of
from jira_pipeline.drupal.meaning.modules_and_types import broken_rule, is_base_field
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN
from jira_pipeline.drupal.meaning.view_displays import is_disabled, plugin_name, stated_path
from jira_pipeline.drupal.meaning.workflow_rows import Transition, transitions_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.model.columns import NOTE_COLUMNS, STATUS_COLUMN
from jira_pipeline.model.entities import (
    GONE,
    THERE,
    TO_BUILD,
    BundleType,
    Entity,
    EntityKind,
    Specification,
    Status,
    part_name,
)
from jira_pipeline.model.entity_groups import EntityGroup, GroupKind
from jira_pipeline.model.grouped import group_by, group_pairs
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.toml_tables import toml_tables

StorageKey = tuple[BundleType | None, str]
Session = TypeVar("Session")
Found = TypeVar("Found")
REUSED = "Reused Field"
_WORD = re.compile(r"[^\W\d_]{3}")
_OF_FIELDS = re.compile(r"(?i)field|element|contains|content|consists")
_SEVERAL = re.compile(r"[\w)] ?[,;·/\n|] ?\w|\d ?(?:[-–—]|to) ?\d")
"""Several things in a cell, or a range."""
_NO_COLUMN_SAYS, _QUOTED_MAX = "No known column says", 2
"""Quoting more cells makes a question nobody reads."""


def once_per_session(compute: Callable[[Session], Found]) -> Callable[[Session], Found]:
    """Make a look-up of a session, or of a group’s rows, once; what it found goes with these.

    It must not refer to them.
    """
    known: WeakKeyDictionary[Session, Found] = WeakKeyDictionary()

    def look_up(session: Session) -> Found:
        if session not in known:
            known[session] = compute(session)
        return known[session]

    return look_up


@dataclass(frozen=True, kw_only=True, eq=False)
class QuestionIndex:
    """A specification with the look-ups of the question rules; equal to itself only."""

    specification: Specification
    groups: Sequence[EntityGroup] = ()
    """All groups of the session in build order, for what is asked once for a site."""

    @cached_property
    def storages(self) -> Mapping[StorageKey, Mapping[str, Entity]]:
        """The fields of each machine name within an entity type, which Drupal keeps one storage for.

        One for each bundle, by its key, the first that stays or comes; elements of webforms share
        nothing.
        """
        fields = self.specification.by_kind[EntityKind.FIELD]
        named = group_pairs(
            ((row.bundle_type, row.machine_name), row)
            for row in sorted(fields, key=lambda row: row.status is Status.DELETED)
            if row.has_machine_name and row.bundle_type not in {None, BundleType.WEBFORM}
        )
        return {
            storage: {
                owner: first
                for owner, (first, *_) in group_by(rows, lambda row: row.owner_key or "").items()
            }
            for storage, rows in named.items()
        }

    @cached_property
    def owners_by_name(self) -> Mapping[tuple[EntityKind, str], Sequence[str | None]]:
        """What each machine name of a kind belongs to."""
        rows = self.specification.entities
        return group_pairs(((row.kind, row.machine_name), row.owner_key) for row in rows)

    @cached_property
    def unread_statuses(self) -> Mapping[str, int]:
        """How many rows have each word in X that nobody knows."""
        return Counter(
            word for word, _ in {(unread_status(e), e.source) for e in self.specification.entities}
        )

    @cached_property
    def labels(self) -> AbstractSet[tuple[EntityKind, str]]:
        """What people call each entity, by its kind."""
        rows = self.specification.entities
        return {(row.kind, name) for row in rows for name in (row.label, name_of(row))}

    @cached_property
    def bundles_by_name(self) -> Mapping[str, Sequence[Entity]]:
        """Bundles by name without type, compared without regard to case."""
        bundles = self.specification.by_kind[EntityKind.BUNDLE]
        return group_by(bundles, lambda bundle: name_of(bundle).casefold())

    def called_alike(self, bundle: Entity) -> list[Entity]:
        """Return the bundles that stay or come and have the name and type of one, with that."""
        same = self.bundles_by_name[name_of(bundle).casefold()]
        return [b for b in same if b.label == bundle.label and b.status not in GONE]

    @cached_property
    def displays_by_path(self) -> Mapping[tuple[str, str], Sequence[Entity]]:
        """Displays to stay or to come of enabled views, by kind and path."""
        displays = (
            row
            for row in self.specification.by_kind[EntityKind.VIEW_DISPLAY]
            for owner in self.specification.by_key.get(row.owner_key or "", (row,))[:1]
            if stated_path(row) and GONE.isdisjoint({row.status, owner.status})
            if not is_disabled(row) and not is_disabled(owner)
        )
        return group_by(displays, lambda row: (plugin_name(row), stated_path(row)))

    @cached_property
    def storage_origins(self) -> Mapping[StorageKey, int]:
        """The number of the ticket that creates each storage; 0 where a bundle has it already."""
        numbers = {group.key: group.number for group in self.groups}
        found: dict[StorageKey, int] = {}
        for key, users in self.storages.items():
            for owner, row in users.items():
                bundle = self.specification.by_key.get(owner, (row,))[0]
                number = numbers.get(owner)
                if row.status in THERE and bundle.status in THERE:
                    found[key] = 0
                elif row.status not in GONE and number is not None:
                    found[key] = min(number, found.get(key, number))
        return found

    def users_of(self, row: Entity) -> Mapping[str, Entity]:
        """Return the fields with the storage of one that are not to be removed, by key of bundle."""
        users = self.storages.get((row.bundle_type, row.machine_name), {})
        return {key: user for key, user in users.items() if user.status is not Status.DELETED}

    def breaks_rule(self, row: Entity) -> str:
        """Say which rule the machine name of a row breaks, unless rows that exist break it too."""
        is_base = row.kind is EntityKind.FIELD and is_base_field(row)
        is_hyphened = not broken_rule(row.kind, row.machine_name.replace("-", "_"))
        is_proven = is_hyphened and row.kind in self.hyphened_kinds
        return "" if is_base or is_proven else broken_rule(row.kind, row.machine_name)

    @cached_property
    def hyphened_kinds(self) -> frozenset[EntityKind]:
        """Kinds of which a row that exists has a hyphen inside its machine name."""
        return frozenset(
            row.kind
            for row in self.specification.entities
            if row.status is Status.IMPLEMENTED and "-" in row.machine_name.strip("-")
        )

    def owner_name(self, entity: Entity) -> str:
        """Return the name of what a row belongs to, without type, empty if unknown."""
        return next(map(name_of, self.specification.first_of(entity.owner_key)), "")


def name_of(entity: Entity) -> str:
    """Return what people call an entity: the name of a bundle or component without its type."""
    if entity.kind is EntityKind.COMPONENT:
        return entity.label.rpartition(" (")[0]
    if entity.kind is EntityKind.BUNDLE:
        return entity.cell("Name") or entity.label.rpartition(" (")[0] or entity.label
    return entity.label or entity.machine_name


def unread_status(row: Entity) -> str:
    """Return the word in X of a row that nobody knows; empty where there is none."""
    return word if row.is_status_blank and len(word := row.cell(STATUS_COLUMN)) > 1 else ""


def made_of_label(row: Entity) -> str:
    """Return the machine name Drupal proposes for a label without its type."""
    name = accepted_name(re.sub(r" \([^()]*\)$", "", row.label), row.kind)
    return name.removeprefix("field_") if row.bundle_type is BundleType.WEBFORM else name


def accepted_name(text: str, kind: EntityKind) -> str:
    """Return a text in the characters of machine names, that of a field with its prefix."""
    name = re.sub(r"[^a-z0-9_]+", "_", text.casefold()).strip("_")
    return f"field_{name.removeprefix('field_')}" if kind is EntityKind.FIELD else name


_NAMED_BY_BOTH = frozenset({EntityKind.VIEW_DISPLAY, EntityKind.FIELD})
SUBJECTS = "{subjects}"
"""Where a question names the rows it is about."""
ANSWER = "{answer}"
"""Where an assumption names the suggested answer."""
_CALLED: Mapping[BundleType | None, str] = {
    BundleType.CONTENT: "{} pages",
    BundleType.VOCABULARY: "List {}",
    BundleType.PARAGRAPH: "Section {}",
    BundleType.BLOCK: "Box {}",
    BundleType.WEBFORM: "Form {}",
}
"""What a client calls a type of bundle."""
FATES = {Status.WAITING: "on hold", Status.DELETED: "to be removed"}
"""Why something that a row names is not there when the row is built."""
NAMED_MAX = 12
"""Of rows in a sentence; more are counted. `subjects` of a question names them all, as do its lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowQuestion:
    """A question before rows are joined."""

    of_row: OpenQuestion
    """As it is asked of one row; `{subjects}` and `{answer}` are replaced later."""
    entity: Entity
    about: str
    """What in its cell it is about, where that may raise several of its kind."""
    question_for_many: str
    """Asked of several rows; they become one question where it is the same."""
    client_quote: str

    @property
    def key(self) -> str:
        """What it is about: its row, and the passage where a cell may raise several of its kind."""
        return f"{self.entity.key} “{self.about}”" if self.about else self.entity.key


def subject_of(entity: Entity) -> str:
    """Return the name a question uses for a row: its machine name, else its label."""
    return entity.machine_name if entity.has_machine_name else name_of(entity)


def marked_subject(entity: Entity) -> str:
    """Name a row as people do: by its label, else by its machine name as literal.

    Displays, mostly labelled `Page`, and fields, labelled as another one is called, go by both.
    """
    label = plain(name_of(entity))
    if not label or label == plain(entity.machine_name):
        return marked(subject_of(entity))
    if entity.kind in _NAMED_BY_BOTH and entity.has_machine_name:
        is_its_kind = label.casefold() == entity.cell("Display plugin").casefold()
        name = marked(entity.machine_name)
        return name if is_its_kind else f"“{label}” ({name})"
    return f"“{label}”"


def marked(text: str) -> str:
    """Mark a machine name or cell as literal with backticks, as Markdown does."""
    return "`" + text.replace("`", "'") + "`"


def plain(text: str) -> str:
    """Put cell text into a question without letting it mark anything as literal."""
    return " ".join(text.replace("`", "'").split())


def joined(names: Sequence[str], word: str = "and") -> str:
    """Join names as a sentence does: `A, B and C`."""
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else "".join(names)


def asked(
    topic: str,
    entity: Entity,
    column: str = "",
    compared: Sequence[Entity] = (),
    /,
    *,
    quote: str = "",
    answer: str = "",
    because: str = "",
    choices: Sequence[str] = (),
    disputes: str = "",
    audience: str = "",
    **words: str,
) -> RowQuestion:
    """Return the question of a row in the words of `questions.toml`, whose places `words` fill.

    What is not given of `because`, `choices` and `disputes` the file may have; where it has the
    column, that one is quoted. Its place `{said}` is for the quote unless `words` fill it.

    What the file says is assumed of an answer is asked where there is none.

    Raises:
        KeyError: There is no such question, or it has a place that nothing fills.
    """
    form = question_forms()[topic]
    headers = columns_beside(entity)
    listed = joined([f"“{plain(header)}”" for header in headers], "or")
    lacks = f"{_NO_COLUMN_SAYS}; does {listed}?" if headers else form.get("lacks", "")
    named = {"label": plain(name_of(entity)), "name": entity.machine_name, "said": plain(quote)}
    places = {"subjects": SUBJECTS, "answer": ANSWER, "lacks": lacks, **named, **words}
    offered = tuple(choices or (c.format_map(places) for c in form.get("choices", ())))
    client = form.get("client", {})
    assumed = form.get("assumed", "")
    is_assumed = bool(answer) or ANSWER not in assumed
    asked_of = column or form["column"]
    stated = quote or entity.cell(form.get("column", ""))
    columns = NOTE_COLUMNS if asked_of in NOTE_COLUMNS and stated else ()
    quoting = (c for c in (asked_of, *columns) if stated in entity.cell(c))
    of_row = OpenQuestion(
        kind=topic,
        file=entity.source.file,
        line=entity.source.line,
        record=entity.source.record,
        column=next(quoting, asked_of),
        quote=stated,
        question=form["one"].format_map(_quoting(places, entity)),
        suggested_answer=answer,
        suggested_because=(because or form.get("because", "")) if answer else "",
        choices=tuple(dict.fromkeys(offered)),
        disputes=disputes or form.get("disputes", ""),
        compared=tuple(row.source for row in compared),
        audience=audience or form["audience"],
        card=places.get(form.get("card", ""), ""),
        for_client=client.get("ask", "").format_map(places),
        client_choices=tuple(client.get("choices", client.get("ticks", ()))),
        assumption=assumed.format_map(places) * is_assumed,
    )
    return RowQuestion(
        of_row=of_row,
        entity=entity,
        about=places.get(form.get("each", ""), ""),
        question_for_many=form.get("many", form["one"]).format_map(places),
        client_quote=plain(quote or note_of(entity)) if client.get("is_quoted") else "",
    )


def columns_beside(entity: Entity) -> list[str]:
    """Return the columns that nobody knows in which a row says something in words."""
    return [header for header in entity.unexplained if _WORD.search(entity.cell(header))]


def may_list_more(entity: Entity) -> bool:
    """Tell whether a row may say below a header that nobody knows what it has: several things, or fields.

    So may the table that it was made of, which is about something else.
    """
    is_made = entity.source.file.endswith(part_name("", str(entity.bundle_type)))
    cells = [(header, entity.cell(header)) for header in entity.unexplained]
    said = [(header, cell) for header, cell in cells if not LEFT_OPEN.search(cell)]
    return is_made or any(_OF_FIELDS.search(h) or _SEVERAL.search(cell) for h, cell in said)


def may_have_unread_fields(head: Entity) -> bool:
    """Tell whether fields of a type may be said where nothing was read.

    Where people declared what worksheets mean, other parts of these may say more.
    """
    return head.is_declared or may_list_more(head)


def _quoting(places: Mapping[str, str], entity: Entity) -> Mapping[str, str]:
    """Have the question of one row quote what it says where no known column does."""
    said = columns_beside(entity)
    if not places["lacks"].startswith(_NO_COLUMN_SAYS) or len(said) > _QUOTED_MAX:
        return places
    quotes = joined([f"“{plain(header)}” says “{plain(entity.cell(header))}”" for header in said])
    return {**places, "lacks": f"{_NO_COLUMN_SAYS}; {quotes}: is it that?"}


def label_for_clients(entity: Entity) -> str:
    """Name a row as people do who know the site and not Drupal."""
    owner = owner_column_of(entity.kind)
    label = plain(name_of(entity))
    if owner and (of := re.sub(r" \([^()]*\)$", "", plain(entity.cell(owner.name)))):
        return f"{of}: {label}"
    of_type = entity.bundle_type if entity.kind is EntityKind.BUNDLE else None
    return _CALLED.get(of_type, "{}").format(f"“{label}”")


@cache
def question_forms() -> Mapping[str, Mapping[str, Any]]:
    """Return the questions by part and topic."""
    parts = toml_tables(__package__, "questions.toml")
    return {f"{part}.{name}": form for part, forms in parts.items() for name, form in forms.items()}


BUNDLES = frozenset({GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS})


def new_fields(group: EntityGroup) -> tuple[Entity, ...]:
    """Return the fields that a bundle gets, once each; of a bundle that is new all of its own."""
    statuses = {Status.APPROVED} if group.heads[0].status in THERE else TO_BUILD
    fields = (r for r in group.members if r.kind is EntityKind.FIELD and r.status in statuses)
    return tuple(rows[0] for rows in group_by(fields, lambda row: row.key).values())


def to_build(rows: Iterable[Entity]) -> list[Entity]:
    return [row for row in rows if row.status in TO_BUILD]


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupRows:
    """The rows of a group with what rules look up of them; equal to itself only."""

    group: EntityGroup
    index: QuestionIndex

    @property
    def head(self) -> Entity:
        return self.group.heads[0]

    @property
    def is_new(self) -> bool:
        return self.head.status is Status.APPROVED

    @cached_property
    def new_fields(self) -> tuple[Entity, ...]:
        return new_fields(self.group)

    def live(self, kind: EntityKind) -> list[Entity]:
        """Return the members of a kind that stay or come."""
        return [r for r in self.group.members if r.kind is kind and r.status not in GONE]

    @cached_property
    def states(self) -> Sequence[Entity]:
        return self.live(EntityKind.WORKFLOW_STATE)

    @cached_property
    def ways(self) -> Sequence[Transition]:
        """The transitions of a workflow."""
        return transitions_of(self.live(EntityKind.WORKFLOW_TRANSITION), self.index.specification)


Rule = Callable[[Entity, GroupRows], Iterator[RowQuestion] | bool]
"""Finds what a row leaves open of one kind, mostly nothing; or tells whether it is asked of the row."""
RULES: dict[str, Rule] = {}
"""By the kind, the key in `questions.toml`."""


def rule(*kinds: str) -> Callable[[Rule], Rule]:
    """Register the function of a kind of question; of several, it says which one each is of."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(kinds, function))
        return function

    return register

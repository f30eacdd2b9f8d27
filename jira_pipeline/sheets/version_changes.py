"""What people should know before a version of the sheets takes the place of another, thing by thing.

Belongs here: things that are gone, renamed or narrower than they were, and how that is said. Does
not: cells and questions of tickets (`upload_preview`), findings (`model/new_findings`).

A site may have been built by the version before: what a thing loses there is content, or has to be
migrated. Nothing is guessed: where a thing may only be called otherwise, both names are told. Nobody is
asked which it is: a field is in the ticket of its type either way, and what has a ticket of its own is
counted among those that are new or left without rows.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from jira_pipeline.model.entities import UNLIMITED, Entity, EntityKind, case_folded
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.sheet_names import sheet_title
from jira_pipeline.model.source_tables import SHEET_NAMES

_NAMED_MAX = 6
"""Things that one sentence names; it counts the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionThing:
    """What a version of the sheets says of one thing, as far as versions are compared."""

    kind: EntityKind
    kind_word: str
    """What people call such a thing: `content type`, `field`."""
    key: str
    label: str
    machine_name: str
    """Empty where the sheets have none."""
    owner_key: str | None
    """Of what it belongs to; None where no row describes that, or it belongs to nothing."""
    owner_text: str
    """What its row says it belongs to."""
    sheet: str
    """The worksheet or file that it is in, without the name of its workbook."""
    field_type: str
    is_required: bool
    number: int | None
    """How many values it takes; `UNLIMITED` for any number."""

    @property
    def name(self) -> str:
        """What people call it: its label, or its machine name where it has none."""
        return self.label or self.machine_name

    @property
    def owner_name(self) -> str | None:
        """What it is told apart by from things of other owners: a key where there is one."""
        return self.owner_key or case_folded(self.owner_text) or None


class ChangeOfThing(StrEnum):
    """What another version of the sheets does to a thing that was in the one before."""

    GONE = "gone"
    RENAMED = "renamed"
    """It may be called otherwise now, or be another thing: both names are told."""
    RELABELLED = "relabelled"
    """Its machine name is what it was."""
    RETYPED = "retyped"
    REQUIRED = "required"
    NEW_REQUIRED = "new and required"
    """It is new in something that was there before: nothing of that has it."""
    FEWER_VALUES = "fewer values"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChange:
    """One thing that is gone, renamed or narrower than in the version before."""

    what: ChangeOfThing
    thing: VersionThing
    """As the version before has it; a new one as it is."""
    now: VersionThing | None
    """The thing in the newer version; None where it is gone."""
    owner: str
    """Name of what it belongs to; empty where it belongs to nothing."""
    member_count: int = 0
    """How many things that belong to it are gone with it."""

    @property
    def sentence(self) -> str:
        """Say it in words, with the names of the thing and its owner."""
        thing = self.thing
        now = self.now
        name = f"the {thing.kind_word} “{thing.name}”"
        whole = f"{self.owner}: {name}" if self.owner else f"{name[0].upper()}{name[1:]}"
        if now is None:
            return self._sentence_of_loss(name, whole)
        match self.what:
            case ChangeOfThing.RENAMED if thing.machine_name and now.machine_name:
                names = f"machine name `{now.machine_name}`, it was `{thing.machine_name}`"
                label = "has" if now.label == thing.label else f"is “{now.label}” now, with"
                return f"{whole} {label} the {names}.{self._advice_of_renamed()}"
            case ChangeOfThing.RENAMED:
                names = f"{whole} is gone, and “{now.name}” is new in its place."
                return f"{names}{self._advice_of_renamed()}"
            case ChangeOfThing.RELABELLED:
                return f"{whole} is called “{now.name}” now."
            case ChangeOfThing.RETYPED:
                return f"{whole} has the type “{now.field_type}” now; it was “{thing.field_type}”."
            case ChangeOfThing.NEW_REQUIRED:
                return f"{whole} is new and required. Content that is there already has none."
            case ChangeOfThing.REQUIRED:
                return f"{whole} is required now. It was optional: content may lack it."
            case _:
                return (
                    f"{whole} takes {_values(now.number)} now; it took {_values(thing.number)}. "
                    "Content may have more."
                )

    def _advice_of_renamed(self) -> str:
        """Say what is to be done where it is the same; of rows that are quoted that is nothing."""
        if self.thing.kind is EntityKind.CUSTOM:
            return ""
        return f" If it is the same {self.thing.kind_word}, move the content that is there."

    def _sentence_of_loss(self, name: str, whole: str) -> str:
        if self.owner:
            return f"{self.owner} loses {name}."
        if self.member_count:
            return f"{whole} is gone, with {format_count(self.member_count, 'thing')} that belonged to it."
        return f"{whole} is gone."


def _values(number: int | None) -> str:
    return "any number of values" if number == UNLIMITED else format_count(number or 1, "value")


def version_things(entities: Iterable[Entity]) -> tuple[VersionThing, ...]:
    """Return what sheets say of things, in their order; of several rows of one thing the first."""
    things: dict[str, VersionThing] = {}
    for entity in entities:
        things.setdefault(entity.key, _version_thing(entity))
    return tuple(things.values())


def _version_thing(entity: Entity) -> VersionThing:
    from jira_pipeline.drupal.columns import owner_column_of  # noqa: PLC0415 - slow; of who reads sheets

    owner_column = owner_column_of(entity.kind)
    return VersionThing(
        kind=entity.kind,
        kind_word=_kind_word(entity),
        key=entity.key,
        label=_label_without_type(entity),
        machine_name=entity.machine_name if entity.has_machine_name else "",
        owner_key=entity.owner_key,
        owner_text="" if owner_column is None else entity.cell(owner_column.name),
        sheet=sheet_title(entity.source.file),
        field_type=entity.cell("Field type") if entity.states("Field type") else "",
        is_required=entity.flag("Req'd") is True,
        number=entity.count("Vals."),
    )


def _kind_word(entity: Entity) -> str:
    """Return what people call such a thing."""
    if entity.kind is EntityKind.CUSTOM:
        return "row"
    if entity.kind is EntityKind.BUNDLE and entity.bundle_type is not None:
        return entity.bundle_type.value.lower()
    return SHEET_NAMES[entity.kind].removesuffix("s")


def _label_without_type(entity: Entity) -> str:
    if entity.kind is EntityKind.BUNDLE and entity.bundle_type is not None:
        return entity.label.removesuffix(f" ({entity.bundle_type.value})")
    return entity.label


def version_changes(
    before: Sequence[VersionThing], after: Sequence[VersionThing]
) -> tuple[VersionChange, ...]:
    """Return what the newer version takes away, renames or narrows, in the order of the one before."""
    comparison = _Comparison(before, after)
    return tuple(comparison.changes())


class _Comparison:
    """Two versions, thing by thing: owners first, so that what belongs to a renamed one is found."""

    def __init__(self, before: Sequence[VersionThing], after: Sequence[VersionThing]) -> None:
        self._before = before
        self._after = after
        self._names = {thing.key: thing.name for thing in before}
        self._members = Counter(thing.owner_key for thing in before)
        self._now: dict[str, VersionThing] = {}
        """What each thing is now, by its key before."""
        self._renamed: set[str] = set()
        owners = {thing.owner_key for thing in (*before, *after)}
        for is_owner in (True, False):
            self._pair(
                [thing for thing in before if (thing.key in owners) is is_owner],
                [thing for thing in after if (thing.key in owners) is is_owner],
            )

    def _pair(self, before: Sequence[VersionThing], after: Sequence[VersionThing]) -> None:
        """Find what things are now: those of the same name, then those that may be called otherwise."""
        left_after: dict[tuple[object, ...], deque[VersionThing]] = defaultdict(deque)
        for thing in after:
            left_after[self._identity(thing)].append(thing)
        left_before: list[VersionThing] = []
        for thing in before:
            # Several rows may look the same: the first is the first, also in the newer version.
            alike = left_after[self._identity_now(thing)]
            if alike:
                self._now[thing.key] = alike.popleft()
            else:
                left_before.append(thing)
        new_things = [thing for things in left_after.values() for thing in things]
        for thing, now in self._renamed_pairs(left_before, new_things, after):
            self._now[thing.key] = now
            # Sheets that only name machine names since, or no longer, are about the same things.
            is_same_label = _is_so_labelled(thing, now)
            if not is_same_label or (thing.machine_name and now.machine_name):
                self._renamed.add(thing.key)

    def _identity(self, thing: VersionThing) -> tuple[object, ...]:
        return (thing.kind, thing.kind_word, thing.owner_name, _folded_name(thing), _sheet(thing))

    def _identity_now(self, thing: VersionThing) -> tuple[object, ...]:
        """Return what a thing of before is the same by, with what its owner is called now."""
        owner = self._owner_now(thing)
        return (thing.kind, thing.kind_word, owner, _folded_name(thing), _sheet(thing))

    def _owner_now(self, thing: VersionThing) -> str | None:
        owner = self._now.get(thing.owner_key or "")
        return thing.owner_name if owner is None else owner.key

    def _renamed_pairs(
        self,
        gone: Sequence[VersionThing],
        new: Sequence[VersionThing],
        after: Sequence[VersionThing],
    ) -> Iterator[tuple[VersionThing, VersionThing]]:
        """Yield things that may be called otherwise: of one label, or new between the same neighbours."""
        previous_after = _previous_by_key(after)
        previous_before = _previous_by_key(self._before)
        new_by_label: dict[tuple[object, ...], list[VersionThing]] = defaultdict(list)
        new_by_neighbour: dict[tuple[object, ...], list[VersionThing]] = defaultdict(list)
        for thing in new:
            place = (thing.kind, thing.kind_word, thing.owner_name)
            neighbour = _key_of(previous_after[thing.key])
            new_by_label[*place, case_folded(thing.label)].append(thing)
            new_by_neighbour[*place, neighbour, thing.field_type].append(thing)
        taken: set[str] = set()
        for thing in gone:
            place = (thing.kind, thing.kind_word, self._owner_now(thing))
            fitting = new_by_label[*place, case_folded(thing.label)] if thing.label else []
            previous = previous_before[thing.key]
            previous_now = None if previous is None else self._now.get(previous.key)
            if not fitting and (previous is None or previous_now is not None):
                fitting = new_by_neighbour[*place, _key_of(previous_now), thing.field_type]
            # Two are enough to know that it is not just one: there may be 100,000 of one label.
            left = [*islice((other for other in fitting if other.key not in taken), 2)]
            if len(left) == 1:
                taken.add(left[0].key)
                yield thing, left[0]

    def changes(self) -> Iterator[VersionChange]:
        """Yield what happened to each thing of the version before, then required ones that are new."""
        for thing in self._before:
            now = self._now.get(thing.key)
            if now is None:
                is_gone_with_owner = thing.owner_key in self._names and (
                    thing.owner_key not in self._now
                )
                if not is_gone_with_owner:
                    yield self._change(ChangeOfThing.GONE, thing, None)
                continue
            if thing.key in self._renamed:
                yield self._change(ChangeOfThing.RENAMED, thing, now)
            elif case_folded(now.label) != case_folded(thing.label):
                yield self._change(ChangeOfThing.RELABELLED, thing, now)
            if thing.field_type and now.field_type and thing.field_type != now.field_type:
                yield self._change(ChangeOfThing.RETYPED, thing, now)
            if now.is_required and not thing.is_required:
                yield self._change(ChangeOfThing.REQUIRED, thing, now)
            if _takes_fewer(thing, now):
                yield self._change(ChangeOfThing.FEWER_VALUES, thing, now)

        yield from self._new_required()

    def _new_required(self) -> Iterator[VersionChange]:
        """Yield required things that are new in something that was there before."""
        keys_of_before = {now.key for now in self._now.values()}
        owners = {thing.owner_name for thing in self._before}
        owners |= {self._owner_now(thing) for thing in self._before}
        for thing in self._after:
            if thing.is_required and thing.key not in keys_of_before and thing.owner_name in owners:
                yield self._change(ChangeOfThing.NEW_REQUIRED, thing, thing)

    def _change(
        self, what: ChangeOfThing, thing: VersionThing, now: VersionThing | None
    ) -> VersionChange:
        return VersionChange(
            what=what,
            thing=thing,
            now=now,
            owner=self._names.get(thing.owner_key or "", thing.owner_text),
            member_count=self._members[thing.key] if now is None else 0,
        )


def _folded_name(thing: VersionThing) -> str:
    return case_folded(thing.machine_name or thing.label)


def _sheet(thing: VersionThing) -> str:
    """Return the worksheet of a row that nothing else tells apart: it is quoted as it stands."""
    return case_folded(thing.sheet) if thing.kind is EntityKind.CUSTOM else ""


def _key_of(thing: VersionThing | None) -> str:
    return "" if thing is None else thing.key


def _is_so_labelled(thing: VersionThing, other: VersionThing) -> bool:
    return bool(thing.label) and case_folded(thing.label) == case_folded(other.label)


def _previous_by_key(
    things: Sequence[VersionThing],
) -> Mapping[str, VersionThing | None]:
    """Return the thing before each of the same owner and kind; None before the first."""
    last: dict[tuple[object, ...], VersionThing] = {}
    previous: dict[str, VersionThing | None] = {}
    for thing in things:
        place = (thing.kind, thing.kind_word, thing.owner_name)
        previous[thing.key] = last.get(place)
        last[place] = thing
    return previous


def _takes_fewer(thing: VersionThing, now: VersionThing) -> bool:
    if thing.number is None or now.number is None or thing.number == now.number:
        return False
    return thing.number == UNLIMITED or (now.number != UNLIMITED and now.number < thing.number)


def losses_sentence(changes: Iterable[VersionChange]) -> str:
    """Say how many things of the version before are gone, by kind, and the first of their names."""
    gone = [change.thing for change in changes if change.what is ChangeOfThing.GONE]
    if not gone:
        return ""
    counts = Counter(thing.kind_word for thing in gone)
    things = ", ".join(format_count(count, word, _plural(word)) for word, count in counts.items())
    names = [thing.name for thing in gone if thing.name]
    named = ", ".join(names[:_NAMED_MAX])
    if len(names) > _NAMED_MAX:
        named = f"{named} and {len(names) - _NAMED_MAX} more"
    verb = "is" if len(gone) == 1 else "are"
    return f"{things} of the version before {verb} not in this one: {named}"


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"

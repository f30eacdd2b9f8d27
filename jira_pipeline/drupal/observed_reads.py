"""Which facts of a session somebody read, noted by the access.

An observed value takes the place of one: of each attribute, key or member that is asked of it, the
*place* is noted, such as `specification`, `by_key`, `bundle:Content type/bio`. What is read at a place
has a digest; where the digests of all places are as before, whoever read them reads the same again.

Belongs here: the observed values, places, digests, reading a place again. Does not: which values of a
session are observed (`observed_session`), whose reads are kept (`tickets/reads_of_tickets`).
"""

from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set as AbstractSet,
)
from dataclasses import fields, is_dataclass
from enum import Enum, StrEnum, auto
from hashlib import blake2b
from operator import attrgetter
from types import FunctionType, MethodType, NoneType
from typing import Any, TypeAlias

from typing_extensions import override

from jira_pipeline.model.entities import Entity


class Access(StrEnum):
    """How something is read of a value."""

    ATTRIBUTE = "."
    ITEM = "[]"
    MEMBER = "in"
    LOOK_UP = "()"
    """The result of a look-up that is made once for a session."""
    TYPE = "type"
    """Whether something is there, and of which class."""


Step: TypeAlias = tuple[Access, object]
"""An access, and the name or key that it was with."""
Place: TypeAlias = tuple[Step, ...]
"""The steps from the session to what was read."""
StoredPlace: TypeAlias = tuple[str, ...]
"""A place as it is stored: each access, and after it the text of its name or key."""
LookUp: TypeAlias = Callable[[Any], object]

_DIGEST_BYTES = 16
_PLAIN = (str, int, float, NoneType)
_WORDS = (Enum, *_PLAIN)


class _Absent:
    """Is read where a mapping does not have a key."""


ABSENT = _Absent()


class UnknownValueError(TypeError):
    """A value has no digest: nobody can tell whether another one is the same."""


class ValueHashes:
    """Makes digests of values, that of each row once."""

    def __init__(self) -> None:
        self._of_rows: dict[int, tuple[Entity, str]] = {}
        self._kinds: dict[type, _ValueKind] = {}
        self._getters: dict[type, Callable[[object], Any]] = {}

    def of(self, value: object) -> str:
        """Return a digest, equal for values that no reader can tell apart.

        Raises:
            UnknownValueError: The value is of a class that is not known here.
        """
        return _hashed(repr(self._plain(value)))

    def text_of(self, value: object) -> str:
        """Return a text that shows all of a value; only that of a small one is short."""
        return repr(self._plain(value))

    def _of_row(self, row: Entity) -> str:
        # The row is kept beside its digest: its id may be given to another one once it is gone.
        if id(row) not in self._of_rows:
            parts = self._plain(self._parts_of(row))
            self._of_rows[id(row)] = row, _hashed(repr(parts))
        _, digest = self._of_rows[id(row)]
        return digest

    def _plain(self, value: Any) -> object:
        """Return a value whose `repr` shows all of it, in the order that a reader sees."""
        match self._kinds.get(type(value)) or self._kind_of(value):
            case _ValueKind.WORD:
                return value
            case _ValueKind.ROW:
                return self._of_row(value)
            case _ValueKind.OBSERVED:
                return self._plain(value.observed_value)
            case _ValueKind.MAPPING:
                return self._plain_pairs(value)
            case _ValueKind.SEQUENCE:
                return [self._plain(part) for part in value]
            case _ValueKind.SET:
                return sorted(map(self.text_of, value))
            case _ValueKind.FIELDS:
                parts = self._plain(self._parts_of(value))
                return type(value).__qualname__, parts
            case _ValueKind.ABSENT:
                return "", []  # as no dataclass is shown
            case _ValueKind.UNKNOWN:
                raise UnknownValueError(type(value).__qualname__)

    def _plain_pairs(self, mapping: Mapping[object, object]) -> object:
        # The cells of a row, which are most of what is hashed.
        if {*map(type, mapping), *map(type, mapping.values())} <= {str}:
            return [*mapping.items()]
        return [(self._plain(key), self._plain(value)) for key, value in mapping.items()]

    def _kind_of(self, value: object) -> "_ValueKind":
        """Find how the digest of a value is made, and remember it for the class."""
        of_type = type(value)
        kinds = (kind for types, kind in _KINDS if issubclass(of_type, types))
        otherwise = _ValueKind.FIELDS if is_dataclass(of_type) else _ValueKind.UNKNOWN
        self._kinds[of_type] = next(kinds, otherwise)
        return self._kinds[of_type]

    def _parts_of(self, value: Any) -> Iterable[object]:
        """Return all fields of a dataclass, also those that its `repr` and equality leave out."""
        of_type = type(value)
        if of_type not in self._getters:
            names = [field.name for field in fields(value)]
            # Of one name a getter returns no tuple.
            self._getters[of_type] = attrgetter(*names, names[0]) if names else _no_parts_of
        parts: Iterable[object] = self._getters[of_type](value)
        return parts


def _no_parts_of(_value: object) -> Iterable[object]:
    return ()


class _ValueKind(Enum):
    """How the digest of a value is made."""

    WORD = auto()
    ROW = auto()
    OBSERVED = auto()
    MAPPING = auto()
    SEQUENCE = auto()
    SET = auto()
    FIELDS = auto()
    ABSENT = auto()
    UNKNOWN = auto()


def _hashed(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


class Reads:
    """What was read at each place so far."""

    def __init__(self, *, opened_types: tuple[type, ...]) -> None:
        """Begin without any; of values of `opened_types` each attribute is noted by itself."""
        self.values: dict[Place, object] = {}
        self._opened_types = opened_types

    def note(self, place: Place, value: object) -> None:
        """Note that all of a value was read."""
        self.values[place] = value

    def observed(self, value: object, place: Place) -> Any:
        """Return an observed value for a value that is read in parts; note any other as read."""
        observed_type = self._observed_type_of(value)
        if observed_type is None:
            self.note(place, value)
            return value
        # Somebody may ask no more of it than whether it is there.
        self.note((*place, (Access.TYPE, "")), type(value).__qualname__)
        return observed_type(value, place, self)

    def _observed_type_of(self, value: object) -> "Callable[[Any, Place, Reads], object] | None":
        """Return what takes the place of a value that is read in parts; None where it is read whole."""
        if isinstance(value, self._opened_types):
            return Observed
        if isinstance(value, Mapping):
            return ObservedMapping
        if isinstance(value, AbstractSet):
            return ObservedSet
        return None


class Observed:
    """Takes the place of a value: its methods and properties are run on it, all else is noted."""

    def __init__(self, value: object, place: Place, reads: Reads) -> None:
        self.observed_value = value
        self._place = place
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        """Return an attribute; asked once of each name, as the result is kept."""
        declared = getattr(type(self.observed_value), name, None)
        result: object
        if isinstance(declared, FunctionType):
            result = MethodType(declared, self)
        elif isinstance(declared, property) and declared.fget is not None:
            result = declared.fget(self)
        else:
            value = getattr(self.observed_value, name)
            result = self._reads.observed(value, (*self._place, (Access.ATTRIBUTE, name)))
        self.__dict__[name] = result
        return result

    def look_up(self, look_up: LookUp) -> Any:
        """Return the result of a look-up over the value, which is made without being noted."""
        name = look_up_name(look_up)
        value = look_up(self.observed_value)
        return self._reads.observed(value, (*self._place, (Access.LOOK_UP, name)))

    @override
    def __eq__(self, other: object) -> bool:
        self._reads.note(self._place, self.observed_value)
        return self.observed_value == _value_of(other)

    @override
    def __hash__(self) -> int:
        raise UnknownValueError(
            "An observed value is no key: nobody would note what was read of it."
        )


def _value_of(value: object) -> object:
    return value.observed_value if isinstance(value, Observed) else value


class _ObservedCollection(Collection[Any]):
    """Takes the place of a collection: each member that is asked about is noted, or all of it."""

    def __init__(self, value: Any, place: Place, reads: Reads) -> None:
        self._value = value
        self._place = place
        self._reads = reads

    @override
    def __contains__(self, member: object) -> bool:
        is_there = member in self._value
        self._reads.note((*self._place, (Access.MEMBER, member)), is_there)
        return is_there

    @override
    def __iter__(self) -> Iterator[Any]:
        self._reads.note(self._place, self._value)
        return iter(self._value)

    @override
    def __len__(self) -> int:
        self._reads.note(self._place, self._value)
        return len(self._value)


class ObservedMapping(_ObservedCollection, Mapping[Any, Any]):
    """Takes the place of a mapping: each key that is looked up is noted, or all of it."""

    @override
    def __getitem__(self, key: Any) -> Any:
        value = self.get(key, ABSENT)
        if value is ABSENT:
            return self._value[key]  # raises, or has a default of its own
        return value

    @override
    def get(self, key: Any, default: Any = None) -> Any:
        place = (*self._place, (Access.ITEM, key))
        value = self._value.get(key, ABSENT)
        if value is ABSENT:
            self._reads.note(place, ABSENT)
            return default
        return self._reads.observed(value, place)


class ObservedSet(_ObservedCollection, AbstractSet[Any]):
    """Takes the place of a set: each member that is asked about is noted, or all of it."""

    @classmethod
    @override
    def _from_iterable(cls, it: Iterable[Any]) -> AbstractSet[Any]:
        return frozenset(it)


class PlacesNow:
    """What a session says now at the places where something was read of one like it."""

    def __init__(self, session: object, look_ups: Mapping[str, LookUp]) -> None:
        """Begin at a session; `look_ups` are those made once for a session, by their names."""
        self.hashes = ValueHashes()
        self._look_ups = look_ups
        self._values: dict[StoredPlace, object] = {(): session}
        self._keys: dict[StoredPlace, Mapping[str, object]] = {}

    def stored(self, place: Place) -> StoredPlace:
        """Return a place as it is stored.

        Raises:
            UnknownValueError: A key of it is of a class that has no digest.
        """
        stored: list[str] = []
        for access, key in place:
            is_key = access in {Access.ITEM, Access.MEMBER}
            stored += access.value, self._text_of_key(key) if is_key else str(key)
        return tuple(stored)

    def _text_of_key(self, key: object) -> str:
        # By far the most keys are plain texts.
        return f"={key}" if type(key) is str else self.hashes.text_of(key)

    def digest_at(self, place: StoredPlace) -> str:
        """Return the digest of what is read at a place.

        Raises:
            LookupError: There is no such place any more.
            UnknownValueError: What is there has no digest.
        """
        return self.hashes.of(self._value_at(place))

    def _value_at(self, place: StoredPlace) -> object:
        if place not in self._values:
            *owner, access, name = place
            self._values[place] = self._read(tuple(owner), Access(access), name)
        return self._values[place]

    def _read(self, owner: StoredPlace, access: Access, name: str) -> object:
        value: Any = self._value_at(owner)
        if access is Access.TYPE:
            return type(value).__qualname__
        if value is ABSENT or value is None:
            raise LookupError(name)
        match access:
            case Access.ATTRIBUTE:
                return getattr(value, name)
            case Access.LOOK_UP:
                return self._look_ups[name](value)
            case Access.MEMBER:
                return name in self._keys_at(owner, value)
            case Access.ITEM:
                keys = self._keys_at(owner, value)
                return value[keys[name]] if name in keys else ABSENT

    def _keys_at(self, place: StoredPlace, value: Iterable[object]) -> Mapping[str, object]:
        """Return the keys of a mapping, or the members of a set, by their texts in places."""
        if place not in self._keys:
            self._keys[place] = {self._text_of_key(key): key for key in value}
        return self._keys[place]


_KINDS: tuple[tuple[type | tuple[type, ...], _ValueKind], ...] = (
    (_WORDS, _ValueKind.WORD),
    (Entity, _ValueKind.ROW),
    (Observed, _ValueKind.OBSERVED),
    (Mapping, _ValueKind.MAPPING),
    (Sequence, _ValueKind.SEQUENCE),
    (AbstractSet, _ValueKind.SET),
    (_Absent, _ValueKind.ABSENT),
)
"""Which values have which kind; the first that fits counts. Others are known by their fields."""


def look_up_name(look_up: LookUp) -> str:
    """Return the name of a look-up that is made once for a session, by its module."""
    return f"{look_up.__module__}:{look_up.__qualname__}"

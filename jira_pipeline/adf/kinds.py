"""The grammar made ready for judging: what may be at a place, each with a quick test.

Belongs here: a kind for each type of node at each sort of place, and tests that say yes or no.
Does not: the rules (`grammar`), saying what is wrong with a node (`judging`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from jira_pipeline.adf.grammar import (
    FULL,
    JIRA,
    OWN_MARKS,
    Children,
    Grammar,
    MarkSet,
    NodeRule,
    Place,
)
from jira_pipeline.adf.limits import MAX_LIST_DEPTH
from jira_pipeline.adf.values import Predicate, predicate_of, predicate_of_object

Profile: TypeAlias = Literal["full", "jira"]

LISTS: Final = frozenset({"bulletList", "orderedList", "taskList"})
GRAMMARS: Final[Mapping[str, Grammar]] = {"full": FULL, "jira": JIRA}

_MARK_MEMBERS: Final = ("type", "attrs")
_ABSENT: Final = object()
_MANY: Final = 10**9
_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")


@dataclass(slots=True, kw_only=True, eq=False)
class Kind:
    """One type of node at one sort of place."""

    grammar: Grammar
    node_type: str
    rule: NodeRule
    mark_sets: tuple[MarkSet, ...]
    """Alternatives of marks that go together."""
    marks_are_right: Predicate
    is_right: Predicate
    """Whether all but the children is right; the type was looked at already."""
    is_list: bool
    children: "dict[str, Kind]" = field(default_factory=dict)
    has_children: bool = False
    """Whether the same may be at each place of the content."""
    positions: "tuple[dict[str, Kind], ...]" = ()
    """What may be first, second and so on; those after them are free."""

    def table_at(self, index: int) -> "dict[str, Kind] | None":
        """Tell what may be at an index of the content; `None` = anything."""
        if not self.positions:
            return self.children
        return self.positions[index] if index < len(self.positions) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """All kinds of a profile."""

    grammar: Grammar
    root: Mapping[str, Kind]
    anywhere: Mapping[str, Kind]
    """Each type as it is in the first node that takes it: good enough below a fault."""
    beyond: Mapping[str, Kind]
    """Types of the official schema that the profile does not take, as the schema has them."""
    list_depth_limit: int


@cache
def kinds_of(profile: Profile) -> Kinds:
    """Make the kinds of a profile; made once."""
    grammar = GRAMMARS[profile]
    making = _Making(grammar)
    places: dict[str, Place] = {"doc": Place()}
    for rule in grammar.nodes.values():
        if rule.content is not None:
            for children in (rule.content.children, *rule.content.positions):
                places = {**children, **places}
    missing = FULL.nodes.keys() - grammar.nodes.keys()
    return Kinds(
        grammar=grammar,
        root=making.table({"doc": Place()}),
        anywhere=making.table(places),
        beyond={n: k for n, k in kinds_of("full").anywhere.items() if n in missing}
        if missing
        else {},
        list_depth_limit=MAX_LIST_DEPTH if grammar.has_depth_limit else _MANY,
    )


class _Making:
    """Makes each table and each kind once, however they hold each other."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._tables: dict[tuple[tuple[str, Place], ...], dict[str, Kind]] = {}
        self._kinds: dict[tuple[str, Place], Kind] = {}

    def table(self, children: Children) -> dict[str, Kind]:
        key = tuple(children.items())
        if key not in self._tables:
            table = self._tables[key] = {}
            for name, place in children.items():
                table[name] = self._kind(name, place)
        return self._tables[key]

    def _kind(self, name: str, place: Place) -> Kind:
        if (name, place) not in self._kinds:
            rule = self._grammar.nodes[place.rule or name]
            own = OWN_MARKS.get(name, frozenset()) & self._grammar.marks.keys()
            mark_sets = place.marks or (own,)
            marks_are_right = _predicate_of_marks(mark_sets, self._grammar)
            kind = self._kinds[name, place] = Kind(
                grammar=self._grammar,
                node_type=name,
                rule=rule,
                mark_sets=mark_sets,
                marks_are_right=marks_are_right,
                is_list=name in LISTS,
                is_right=_predicate_of_text(self._grammar, marks_are_right)
                if name == "text"
                else _predicate_of_node(name, rule, marks_are_right),
            )
            if rule.content is not None:
                kind.children = self.table(rule.content.children)
                kind.has_children = bool(rule.content.children)
                kind.positions = tuple(self.table(c) for c in rule.content.positions)
        return self._kinds[name, place]


def is_sendable_text(text: str) -> bool:
    """Tell whether a text is made of whole characters: half a surrogate pair has no UTF-8."""
    return text.isascii() or _HALF_CHARACTER.search(text) is None


def _predicate_of_text(grammar: Grammar, marks_are_right: Predicate) -> Predicate:
    refuses_halves = grammar.refuses_half_characters

    def is_right(node: Any) -> bool:
        value = node.get("text")
        if type(value) is not str or not value:
            return False
        if refuses_halves and not value.isascii() and not is_sendable_text(value):
            return False
        size = len(node)
        return size == 2 or (size == 3 and marks_are_right(node.get("marks")))  # noqa: PLR2004

    return is_right


def _predicate_of_node(name: str, rule: NodeRule, marks_are_right: Predicate) -> Predicate:
    members = _members_of(name, rule)
    attrs_are_right = predicate_of_object(rule.attrs)
    needs_attrs = rule.is_attrs_required
    content_is_right = _predicate_of_content(rule)
    is_bare_right = rule.content is not None and not needs_attrs

    def is_right(node: Any) -> bool:
        if len(node) == 2 and is_bare_right and "content" in node:  # noqa: PLR2004 - type, content
            return content_is_right(node)
        if members is not None and not node.keys() <= members:
            return False
        attrs = node.get("attrs", _ABSENT)
        if attrs is _ABSENT:
            if needs_attrs:
                return False
        elif not attrs_are_right(attrs):
            return False
        marks = node.get("marks", _ABSENT)
        return (marks is _ABSENT or marks_are_right(marks)) and content_is_right(node)

    return _predicate_of_document(is_right) if name == "doc" else is_right


def _predicate_of_document(is_right_node: Predicate) -> Predicate:
    def is_right(node: Any) -> bool:
        version = node.get("version")
        return type(version) in {int, float} and version == 1 and is_right_node(node)

    return is_right


def _members_of(name: str, rule: NodeRule) -> frozenset[str] | None:
    """Name the members a node may have; `None` = any."""
    if rule.is_open:
        return None
    members = {"type"}
    members |= {"attrs"} if rule.attrs else set()
    members |= {"content"} if rule.content is not None else set()
    members |= {"marks"} if rule.has_marks else set()
    members |= {"version"} if name == "doc" else set()
    return frozenset(members)


def _predicate_of_content(rule: NodeRule) -> Predicate:
    content_rule = rule.content
    if content_rule is None or content_rule.is_free:
        return _anything
    is_required, least = content_rule.is_required, content_rule.minimum
    most = _MANY if content_rule.maximum is None else content_rule.maximum

    def is_right(node: Any) -> bool:
        content = node.get("content", _ABSENT)
        if content is _ABSENT:
            return not is_required
        return type(content) is list and least <= len(content) <= most

    return is_right


def _anything(node: object) -> bool:
    del node
    return True


def _predicate_of_marks(mark_sets: tuple[MarkSet, ...], grammar: Grammar) -> Predicate:
    sets = [mark_set for mark_set in mark_sets if mark_set is not None]
    if len(sets) < len(mark_sets):
        return _is_list
    kinds_of_marks = [{name: _predicate_of_mark(name, grammar) for name in sorted(s)} for s in sets]
    forbids_repeated = grammar.forbids_repeated_marks

    def are_right(marks: Any) -> bool:
        if type(marks) is not list:
            return False
        if forbids_repeated and len(marks) > 1:
            types = [mark["type"] for mark in marks if _is_mark(mark)]
            if len(set(types)) < len(types):
                return False
        for table in kinds_of_marks:
            for mark in marks:
                test = table.get(mark["type"]) if _is_mark(mark) else None
                if test is None or not test(mark):
                    break
            else:
                return True
        return False

    return are_right


def _is_list(marks: object) -> bool:
    return type(marks) is list


def _is_mark(mark: Any) -> bool:
    return type(mark) is dict and type(mark.get("type")) is str


def _predicate_of_mark(name: str, grammar: Grammar) -> Predicate:
    rule = grammar.marks[name]
    if rule is None:
        return _has_type_alone
    attrs_are_right = predicate_of(rule)

    def is_right(mark: Any) -> bool:
        return len(mark) == len(_MARK_MEMBERS) and attrs_are_right(mark.get("attrs"))

    return is_right


def _has_type_alone(mark: Any) -> bool:
    return len(mark) == 1

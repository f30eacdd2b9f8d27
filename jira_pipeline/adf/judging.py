"""Judging one node as a kind: what is wrong with it itself, and which children do not belong.

Belongs here: members, attributes, marks, number and types of children of one node. Does not: the
walk over a document, and which kind a node is meant to be (`validation`).

Where nothing in an array or object is right, several faults are one: the whole of it. So the
place of a fault is the smallest one where a single edit fixes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jira_pipeline.adf.grammar import FULL, Grammar, MarkSet
from jira_pipeline.adf.kinds import Kind, is_sendable_text
from jira_pipeline.adf.values import (
    Fault,
    faults_of,
    faults_of_object,
    predicate_of,
    right_member_count,
    shown,
)

Node = dict[Any, Any]

EVERY_CHILD: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is wrong with one node, judged as one kind."""

    faults: tuple[Fault, ...] = ()
    """Faults of the node itself, in the order of its members."""
    misfits: int = 0
    """How many children are out of place; each is reported when it is visited."""
    settled: frozenset[int] = frozenset()
    """Children whose places the faults speak of already; `EVERY_CHILD` = all."""
    extra: int | None = None
    """The child without which those after it would be in their places."""

    @property
    def weight(self) -> int:
        """How many faults this makes."""
        return len(self.faults) + self.misfits


RIGHT: Final = Judgement()


def judge(node: Node, kind: Kind) -> Judgement:
    """Judge a node as a kind; its type is taken as right."""
    faults = () if kind.is_right(node) else tuple(_own_faults(node, kind))
    content = node.get("content")
    if not isinstance(content, list) or kind.rule.content is None or kind.rule.content.is_free:
        return Judgement(faults=faults) if faults else RIGHT
    misfits = _misfits(content, kind)
    extra = _extra_child(content, misfits, kind) if misfits and kind.positions else None
    if extra is not None:
        faults = (*faults, _too_many(extra, kind))
        return Judgement(faults=faults, settled=frozenset({extra}), extra=extra)
    placed = _faults_of_places(content, kind, misfits)
    settled = {int(f.segments[1]) if len(f.segments) > 1 else EVERY_CHILD for f in placed}
    is_all = EVERY_CHILD in settled
    return Judgement(
        faults=(*faults, *placed),
        misfits=0 if is_all else len(set(misfits) - settled) + _misfit_marks(content, kind),
        settled=frozenset(settled),
    )


def is_child_allowed(child: object, table: Mapping[str, Kind] | None) -> bool:
    """Tell whether a child is of a type that is allowed there."""
    if table is None:
        return True
    return type_of(child) in table


def type_of(node: object) -> str | None:
    """Return the type of a node or mark, if it has one."""
    node_type = node.get("type") if isinstance(node, dict) else None
    return node_type if isinstance(node_type, str) else None


def is_meant_as(node: Node, kind: Kind) -> bool:
    """Tell whether a node would be right if only its type were that of the kind."""
    if not kind.is_right({**node, "type": kind.node_type}):
        return False
    content = node.get("content")
    if not isinstance(content, list) or kind.rule.content is None or kind.rule.content.is_free:
        return True
    return not _misfits(content, kind) and not _misfit_marks(content, kind)


def right_count(node: Node, kind: Kind) -> int:
    """Count what speaks for a kind: members it has, attributes that are right, its children."""
    count = right_member_count(node.get("attrs"), kind.rule.attrs)
    if kind.node_type == "text":
        return count + 2 * isinstance(node.get("text"), str) + ("marks" in node)
    count += bool(kind.rule.attrs) and isinstance(node.get("attrs"), dict)
    count += _right_mark_count(node.get("marks"), kind)
    content = node.get("content")
    if isinstance(content, list) and content and kind.rule.content is not None:
        count += 1 + (2 * len(_misfits(content, kind)) < len(content))
    return count


def _right_mark_count(marks: object, kind: Kind) -> int:
    allowed = frozenset[str]().union(*(s for s in kind.mark_sets if s is not None))
    if not isinstance(marks, list) or not kind.rule.has_marks:
        return 0
    return sum(type_of(mark) in allowed for mark in marks)


def _misfits(content: Sequence[object], kind: Kind) -> list[int]:
    if not kind.positions:
        table = kind.children
        return [i for i, child in enumerate(content) if not is_child_allowed(child, table)]
    return [i for i, child in enumerate(content) if not is_child_allowed(child, kind.table_at(i))]


def _misfit_marks(content: Sequence[Any], kind: Kind) -> int:
    """Count children of a right type whose marks are not allowed there."""
    count = 0
    for index, child in enumerate(content):
        table = kind.table_at(index)
        if isinstance(child, dict) and table is not None and child.get("marks"):
            found = table.get(type_of(child) or "")
            count += found is not None and not found.marks_are_right(child["marks"])
    return count


def _faults_of_places(content: list[Any], kind: Kind, misfits: Sequence[int]) -> list[Fault]:
    """Find faults of children that are faults of their parent: too many, or none is right."""
    rule = kind.rule.content
    excess = len(content) - rule.maximum if rule and rule.maximum is not None else 0
    if excess > 0:
        return [_too_many(index, kind) for index in _most_dispensable(content, kind, excess)]
    if len(misfits) > 1 and len(misfits) == len(content) and _are_foreign(content, kind):
        message = f"Nothing in the content is allowed in {kind.node_type}."
        fix = f"Use one of {', '.join(sorted(kind.children or kind.positions[0]))}."
        return [Fault(("content",), "misplaced", message, fix)]
    return []


def _are_foreign(content: list[Any], kind: Kind) -> bool:
    """Tell whether the content as a whole is that of another node, rather than wrong in parts."""
    if not any(isinstance(child, dict) for child in content):
        return True
    names = [type_of(child) for child in content]
    return all(n in FULL.nodes or n in FULL.marks for n in names) and not any(
        is_meant_as(child, meant)
        for index, child in enumerate(content)
        for meant in (kind.table_at(index) or {}).values()
    )


def _extra_child(content: list[Any], misfits: Sequence[int], kind: Kind) -> int | None:
    """Find the one child because of which several are out of place."""
    most = kind.rule.content.maximum if kind.rule.content else None
    excess = len(content) - most if most is not None else 0
    if excess > 1 or len(misfits) + max(excess, 0) == 1:
        return None
    for index in range(min(len(kind.positions) + 1, len(content))):
        if not _misfits([*content[:index], *content[index + 1 :]], kind):
            return index
    return None


def _most_dispensable(content: list[Any], kind: Kind, count: int) -> list[int]:
    """Choose which children are too many: those that are wrong themselves, then the last."""

    def is_wrong(index: int) -> bool:
        child, table = content[index], kind.table_at(index)
        found = table.get(type_of(child) or "") if table is not None else None
        return found is None or not found.is_right(child)

    ordered = sorted(range(len(content)), key=lambda index: (not is_wrong(index), -index))
    return sorted(ordered[:count])


def _too_many(index: int, kind: Kind) -> Fault:
    rule = kind.rule.content
    most = rule.maximum if rule is not None else None
    message = f"{kind.node_type} takes at most {most} in its content."
    if most is None:
        message = f"This is not allowed at this place of {kind.node_type}."
    return Fault(("content", index), "too_many", message, "Delete what is too much.")


def _own_faults(node: Node, kind: Kind) -> Iterator[Fault]:
    rule, name = kind.rule, kind.node_type
    known = {"type", "text" if name == "text" else "type", "version" if name == "doc" else "type"}
    for member, value in node.items():
        if member == "attrs" and rule.attrs:
            yield from _below(("attrs",), faults_of_object(value, rule.attrs))
        elif member == "marks" and rule.has_marks:
            yield from _faults_of_marks(value, kind)
        elif not (member in known or rule.is_open or (member == "content" and rule.content)):
            found = shown(member)
            yield Fault((member,), "unexpected", f"{name} has no {found}.", f"Delete {found}.")
    if rule.is_attrs_required and "attrs" not in node:
        yield _missing("attrs", name)
    if name == "text":
        yield from _faults_of_text(node, kind.grammar)
    elif name == "doc":
        yield from _faults_of_version(node)
    yield from _faults_of_content(node, kind)


def _missing(member: str, name: str) -> Fault:
    return Fault((member,), "missing", f"{name} needs {member!r}.", f"Add {member!r}.")


def _faults_of_text(node: Node, grammar: Grammar) -> Iterator[Fault]:
    text = node.get("text")
    if "text" not in node:
        yield _missing("text", "text")
    elif not isinstance(text, str):
        yield Fault(("text",), "wrong_type", f"{shown(text)} is no text.", "Use a string.")
    elif not text:
        message = "A text node may not be empty: Jira refuses the whole document."
        yield Fault(("text",), "empty_text", message, "Delete the text node.")
    elif grammar.refuses_half_characters and not is_sendable_text(text):
        message = "The text holds half a character (a lone surrogate), which cannot be sent."
        yield Fault(("text",), "half_character", message, "Delete it or use U+FFFD.")


def _faults_of_version(node: Node) -> Iterator[Fault]:
    version = node.get("version")
    if "version" not in node:
        yield _missing("version", "doc")
    elif isinstance(version, bool) or version != 1:
        yield Fault(("version",), "wrong_value", f"{shown(version)} is not 1.", "Use version 1.")


def _faults_of_content(node: Node, kind: Kind) -> Iterator[Fault]:
    rule, name = kind.rule.content, kind.node_type
    if rule is None or rule.is_free:
        return
    content = node.get("content")
    if "content" not in node:
        if rule.is_required:
            yield _missing("content", name)
    elif not isinstance(content, list):
        message = f"{shown(content)} is no array."
        yield Fault(("content",), "wrong_type", message, "Use an array of nodes.")
    elif len(content) < rule.minimum:
        message = f"{name} needs at least {rule.minimum} in its content."
        yield Fault(("content",), "too_few", message, f"Add one, or delete the {name}.")


def _faults_of_marks(marks: object, kind: Kind) -> Iterator[Fault]:
    grammar = kind.grammar
    if not isinstance(marks, list):
        message = f"{shown(marks)} is no array."
        yield Fault(("marks",), "wrong_type", message, "Use an array of marks.")
        return
    if None in kind.mark_sets:
        return
    types = [type_of(mark) for mark in marks]
    allowed = _closest(marks, types, kind.mark_sets, grammar)
    if len(marks) > 1 and _are_all_foreign_marks(marks, types, allowed, grammar):
        message = f"None of the marks is allowed here on {kind.node_type}."
        yield Fault(("marks",), "mark_not_allowed", message, "Delete the marks.")
        return
    for index, mark in enumerate(marks):
        faults = [*_faults_of_mark(mark, types[index], allowed, grammar)]
        yield from _below(("marks", index), faults)
        if grammar.forbids_repeated_marks and not faults and types[index] in types[:index]:
            message = f"The text has two marks {types[index]}."
            yield Fault(("marks", index), "repeated_mark", message, "Delete one of them.")


def _are_all_foreign_marks(
    marks: Sequence[Any],
    types: Sequence[str | None],
    allowed: frozenset[str],
    grammar: Grammar,
) -> bool:
    """Tell whether the marks as a whole are those of another node, rather than wrong in parts."""
    return not any(
        mark_type in allowed
        or (isinstance(mark, dict) and any(_is_meant_mark(mark, n, grammar) for n in allowed))
        for mark, mark_type in zip(marks, types, strict=True)
    )


def _closest(
    marks: Sequence[Any],
    types: Sequence[str | None],
    mark_sets: Sequence[MarkSet],
    grammar: Grammar,
) -> frozenset[str]:
    """Choose the alternative that keeps most marks; of equals, the last."""
    sets = [mark_set for mark_set in mark_sets if mark_set is not None]

    def fitness(allowed: frozenset[str]) -> tuple[int, int]:
        others = [m for m, t in zip(marks, types, strict=True) if t not in allowed]
        meant = sum(
            isinstance(mark, dict) and any(_is_meant_mark(mark, n, grammar) for n in allowed)
            for mark in others
        )
        return -len(others), meant

    return max(reversed(sets), key=fitness) if len(sets) > 1 else sets[0]


def _faults_of_mark(
    mark: object, mark_type: str | None, allowed: frozenset[str], grammar: Grammar
) -> Iterator[Fault]:
    if not isinstance(mark, dict):
        yield Fault((), "wrong_type", f"{shown(mark)} is no mark.", "Delete it.")
        return
    own = [*_faults_of_mark_members(mark, mark_type, grammar)] if mark_type in allowed else []
    if mark_type in allowed and len(own) < 2:  # noqa: PLR2004 - one fault is the smallest place
        yield from own
        return
    has_meaning = any(_is_meant_mark(mark, name, grammar) for name in allowed)
    if has_meaning or mark_type not in allowed:
        closest = None if has_meaning else _closest_mark(mark, mark_type, allowed, grammar)
        is_type_wrong = has_meaning or closest is not None
        yield _wrong_mark(mark, mark_type, allowed, has_meaning=is_type_wrong)
        if closest is not None:
            yield from _faults_of_mark_members(mark, closest, grammar)
    elif right_member_count(mark.get("attrs"), _alternatives(grammar.marks[mark_type or ""])):
        yield from own
    else:
        message = f"Nothing of this mark is right but its type {mark_type}."
        yield Fault((), "wrong_value", message, "Delete the mark.")


def _closest_mark(
    mark: Node, mark_type: str | None, allowed: frozenset[str], grammar: Grammar
) -> str | None:
    """Find the mark that one of unknown type was meant to be, though more is wrong with it."""
    if mark_type in FULL.marks or mark_type in FULL.nodes:
        return None
    for name in sorted(allowed):
        right = right_member_count(mark.get("attrs"), _alternatives(grammar.marks[name]))
        if right and len([*_faults_of_mark_members(mark, name, grammar)]) <= right:
            return name
    return None


def _alternatives(rule: Any) -> tuple[Any, ...]:
    return () if rule is None else (rule,)


def _is_meant_mark(mark: Node, name: str, grammar: Grammar) -> bool:
    rule = grammar.marks[name]
    if rule is None:
        return mark.keys() <= {"type"}
    return mark.keys() <= {"type", "attrs"} and predicate_of(rule)(mark.get("attrs"))


def _wrong_mark(
    mark: Node, mark_type: str | None, allowed: frozenset[str], *, has_meaning: bool
) -> Fault:
    where = ("type",) if has_meaning else ()
    if mark_type is None or mark_type not in FULL.marks:
        rule = "unknown_type" if "type" in mark else "missing"
        fix = f"Use one of {', '.join(sorted(allowed))}." if has_meaning else "Delete the mark."
        return Fault(where, rule, f"{shown(mark.get('type'))} is not a type of mark.", fix)
    return Fault(where, "mark_not_allowed", _message_for(mark_type, allowed), "Delete the mark.")


def _message_for(mark_type: str, allowed: frozenset[str]) -> str:
    if mark_type in allowed:
        return f"The mark {mark_type} has the attributes of another mark."
    if "code" in allowed:
        return f"{mark_type} is not allowed beside code; only a link is."
    if not allowed:
        return f"No mark is allowed here, so {mark_type} is not either."
    return f"The mark {mark_type} is not allowed here."


def _faults_of_mark_members(mark: Node, mark_type: str | None, grammar: Grammar) -> Iterator[Fault]:
    rule = grammar.marks[mark_type or ""]
    for name in mark:
        if name != "type" and not (name == "attrs" and rule is not None):
            found = shown(name)
            message = f"The mark {mark_type} has no {found}."
            yield Fault((name,), "unexpected", message, f"Delete {found}.")
    if rule is None:
        return
    if "attrs" in mark:
        yield from _below(("attrs",), faults_of(mark["attrs"], rule))
    else:
        yield Fault(("attrs",), "missing", f"The mark {mark_type} needs 'attrs'.", "Add 'attrs'.")


def _below(where: tuple[str | int, ...], faults: Sequence[Fault]) -> Iterator[Fault]:
    for fault in faults:
        segments = (*where, *fault.segments)
        yield Fault(segments, fault.rule, fault.message, fault.suggested_fix)

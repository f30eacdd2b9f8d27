"""Telling of a document where and why it is not valid.

Belongs here: the walk over a document that follows the type of each node, and the words for what
it finds. Does not: the rules (`grammar`), values of attributes (`values`), size (`limits`).

A path names the smallest place at fault: `$.content[3].content[0].marks[1]` is the second mark of
the first node in the fourth block. Of something missing it names where it should be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from jira_pipeline.adf.grammar import (
    FULL,
    JIRA,
    OWN_MARKS,
    Children,
    ContentRule,
    Grammar,
    MarkSet,
    NodeRule,
    ObjectValue,
    Place,
)
from jira_pipeline.adf.limits import MAX_LIST_DEPTH
from jira_pipeline.adf.values import Fault, faults_of_object, shown

Profile: TypeAlias = Literal["full", "jira"]

_GRAMMARS: Final[Mapping[str, Grammar]] = {"full": FULL, "jira": JIRA}
_LISTS: Final = frozenset({"bulletList", "orderedList", "taskList"})
_ROOT: Final[Children] = {"doc": Place()}
_NOWHERE: Final = Place()


def _places_anywhere(grammar: Grammar) -> Children:
    """Tell how each type stands in the first node that takes it: good enough below a fault."""
    places: dict[str, Place] = {}
    for rule in grammar.nodes.values():
        if rule.content is not None:
            for children in (rule.content.children, *rule.content.positions):
                places = {**children, **places}
    return places


_ANYWHERE: Final = {name: _places_anywhere(grammar) for name, grammar in _GRAMMARS.items()}
_CONTEXT_LENGTH = 80
_CONTEXT_NODES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule, placed so that a person finds it and knows what to do."""

    path: str
    """JSON path of the smallest place at fault."""
    rule: str
    """Stable name of the rule, such as `misplaced`, `missing`, `unsafe_link`."""
    message: str
    context_text: str
    """The text in and around the place, cut to 80 characters."""
    suggested_fix: str


class _Step(NamedTuple):
    """One step of the way down to a node; the way is read backwards."""

    parent: "_Step | None"
    segment: str | int
    node: object


class _Visit(NamedTuple):
    """A node still to be judged."""

    step: _Step
    children: Children | None
    """What may stand at this place; `None` = the parent is unknown, so everything may."""
    list_depth: int


def validate_adf(document: object, profile: Profile = "jira") -> list[Violation]:
    """Find every broken rule of a document, in document order; none = it is valid.

    `full` is the official schema; `jira` is what a Jira description takes, and stricter. The
    size of the document is judged apart, by `limits.require_body_size`.
    """
    return _Validation(_GRAMMARS[profile]).run(document)


class _Validation:
    """One walk over one document."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._anywhere = _ANYWHERE[grammar.name]
        self._violations: list[Violation] = []
        self._pending: list[_Visit] = []

    def run(self, document: object) -> list[Violation]:
        self._pending.append(_Visit(_Step(None, "$", document), _ROOT, 0))
        while self._pending:
            self._visit(self._pending.pop())
        return self._violations

    def _visit(self, visit: _Visit) -> None:
        node = visit.step.node
        if not isinstance(node, dict):
            self._add(visit.step, (), "wrong_type", f"{shown(node)} is not a node.", "Delete it.")
            return
        kind = self._kind_of(visit, node, node.get("type"))
        if kind is None:
            self._descend_unknown(visit, node)
            return
        node_type, place = kind
        rule = self._grammar.nodes[place.rule or node_type]
        self._check_members(visit.step, node, node_type, rule)
        if "marks" in node and rule.has_marks:
            self._check_marks(visit.step, node["marks"], self._mark_sets(node_type, place))
        if rule.content is not None:
            self._check_content(visit, node, node_type, rule.content)

    def _kind_of(
        self, visit: _Visit, node: dict[str, Any], node_type: object
    ) -> tuple[str, Place] | None:
        """Find as what a node is to be judged, and report a type that may not stand here.

        `None` = no rule fits it, only its content can be judged.
        """
        children = self._anywhere if visit.children is None else visit.children
        if not isinstance(node_type, str) or node_type not in FULL.nodes:
            self._report_type(visit, node, node_type)
            return self._meant_kind(node, children)
        place = children.get(node_type)
        if place is not None:
            return node_type, place
        if node_type in self._grammar.nodes:
            return self._misplaced_kind(visit.step, node, node_type, children)
        message = f"Jira takes no {node_type} in a description."
        self._add(visit.step, (), "not_in_jira", message, _fix_for_misplaced(node_type, children))
        return None

    def _misplaced_kind(
        self, step: _Step, node: dict[str, Any], node_type: str, children: Children
    ) -> tuple[str, Place]:
        """Report a known node in a wrong place: its type, when only that is wrong, else all."""
        message = f"{node_type} may not stand {_place_name(step)}."
        own = node_type, self._anywhere.get(node_type, _NOWHERE)
        meant = None if self._fits(node, own) else self._meant_kind(node, children)
        if meant is not None:
            fix = f"Use the type {meant[0]!r}, whose members these are."
            self._add(step, ("type",), "misplaced", message, fix)
            return meant
        self._add(step, (), "misplaced", message, _fix_for_misplaced(node_type, children))
        return own

    def _meant_kind(self, node: dict[str, Any], children: Children) -> tuple[str, Place] | None:
        """Find the one type allowed here that everything but the type of a node fits."""
        fitting = [kind for kind in children.items() if self._fits(node, kind)]
        return fitting[0] if len(fitting) == 1 else None

    def _fits(self, node: dict[str, Any], kind: tuple[str, Place]) -> bool:
        """Tell whether members, attributes and types of children are those of a type."""
        node_type, place = kind
        rule = self._grammar.nodes[place.rule or node_type]
        known = {"type"} | ({"content"} if rule.content is not None else set())
        known |= {
            name for name in ("marks", "text", "version") if _is_member(name, node_type, rule)
        }
        if rule.attrs:
            known.add("attrs")
        if node.keys() - known or (node_type == "text" and "text" not in node):
            return False
        has_attrs = "attrs" in node or rule.is_attrs_required
        if has_attrs and faults_of_object(node.get("attrs"), rule.attrs):
            return False
        return rule.content is None or _holds(node.get("content"), rule.content)

    def _report_type(self, visit: _Visit, node: dict[str, Any], node_type: object) -> None:
        """Report a type that no grammar knows."""
        allowed = sorted(visit.children or self._grammar.nodes)
        if "type" not in node:
            message, name = "The node has no 'type'.", "missing"
        else:
            message, name = f"{shown(node_type)} is not a type of node.", "unknown_type"
        self._add(visit.step, ("type",), name, message, f"Use one of {', '.join(allowed)}.")

    def _descend_unknown(self, visit: _Visit, node: dict[str, Any]) -> None:
        content = node.get("content")
        if isinstance(content, list):
            self._push(visit, content, None, visit.list_depth)

    def _check_members(
        self, step: _Step, node: dict[str, Any], node_type: str, rule: NodeRule
    ) -> None:
        for name, value in node.items():
            if name == "type" or (name == "content" and rule.content is not None):
                continue
            if name == "attrs" and rule.attrs:
                self._add_faults(step, ("attrs",), faults_of_object(value, rule.attrs))
            elif not (_is_member(name, node_type, rule) or rule.is_open):
                self._add(
                    step,
                    (name,),
                    "unexpected",
                    f"{node_type} has no {name!r}.",
                    f"Delete {name!r}.",
                )
        if rule.is_attrs_required and "attrs" not in node:
            self._add_missing(step, "attrs", node_type)
        if node_type == "text":
            self._check_text(step, node)
        elif node_type == "doc":
            self._check_version(step, node)

    def _check_text(self, step: _Step, node: dict[str, Any]) -> None:
        if "text" not in node:
            self._add_missing(step, "text", "text")
        elif not isinstance(node["text"], str):
            self._add(
                step, ("text",), "wrong_type", f"{shown(node['text'])} is no text.", "Use a string."
            )
        elif not node["text"]:
            self._add(
                step,
                ("text",),
                "empty_text",
                "A text node may not be empty: Jira refuses the whole document.",
                "Delete the text node.",
            )

    def _check_version(self, step: _Step, node: dict[str, Any]) -> None:
        version = node.get("version")
        if "version" not in node:
            self._add_missing(step, "version", "doc")
        elif isinstance(version, bool) or version != 1:
            self._add(
                step, ("version",), "wrong_value", f"{shown(version)} is not 1.", "Use version 1."
            )

    def _check_content(
        self, visit: _Visit, node: dict[str, Any], node_type: str, rule: ContentRule
    ) -> None:
        if "content" not in node:
            if rule.is_required:
                self._add_missing(visit.step, "content", node_type)
            return
        content = node["content"]
        if rule.is_free:
            return
        if not isinstance(content, list):
            self._add(
                visit.step, ("content",), "wrong_type", f"{shown(content)} is no array.",
                "Use an array of nodes.",
            )  # fmt: skip
            return
        self._check_length(visit.step, node_type, len(content), rule)
        depth = visit.list_depth + (node_type in _LISTS)
        if self._grammar.has_depth_limit and depth > MAX_LIST_DEPTH:
            self._add(
                visit.step, (), "too_deep", f"Lists are nested more than {MAX_LIST_DEPTH} deep.",
                "Flatten the inner lists.",
            )  # fmt: skip
        elif rule.positions:
            self._push_positions(visit, content, rule, depth)
        else:
            self._push(visit, content, rule.children, depth)

    def _check_length(self, step: _Step, node_type: str, length: int, rule: ContentRule) -> None:
        if length < rule.minimum:
            self._add(
                step,
                ("content",),
                "too_few",
                f"{node_type} needs at least {rule.minimum} in its content.",
                f"Add one, or delete the {node_type}.",
            )
        elif rule.maximum is not None and length > rule.maximum:
            self._add(
                step,
                ("content", rule.maximum),
                "too_many",
                f"{node_type} takes at most {rule.maximum} in its content.",
                "Delete what is too much.",
            )

    def _push(
        self, visit: _Visit, content: Sequence[object], children: Children | None, depth: int
    ) -> None:
        """Put the children onto the pile so that the first is judged first."""
        in_content = _Step(visit.step, "content", visit.step.node)
        self._pending.extend(
            _Visit(_Step(in_content, index, content[index]), children, depth)
            for index in range(len(content) - 1, -1, -1)
        )

    def _push_positions(
        self, visit: _Visit, content: Sequence[object], rule: ContentRule, depth: int
    ) -> None:
        in_content = _Step(visit.step, "content", visit.step.node)
        for index in range(min(len(content), len(rule.positions)) - 1, -1, -1):
            step = _Step(in_content, index, content[index])
            self._pending.append(_Visit(step, rule.positions[index], depth))

    def _check_marks(self, step: _Step, marks: object, mark_sets: Sequence[MarkSet]) -> None:
        if not isinstance(marks, list):
            self._add(
                step, ("marks",), "wrong_type", f"{shown(marks)} is no array.",
                "Use an array of marks.",
            )  # fmt: skip
            return
        if None in mark_sets:
            return
        types = [_type_of(mark) for mark in marks]
        allowed = _closest(types, mark_sets)
        seen: set[str] = set()
        for index, mark in enumerate(marks):
            if (
                self._check_mark(step, index, mark, allowed)
                and self._grammar.forbids_repeated_marks
            ):
                self._check_repeated(step, index, str(types[index]), seen)

    def _mark_sets(self, node_type: str, place: Place) -> Sequence[MarkSet]:
        """Tell which marks may stand together on a node at a place."""
        return place.marks or (OWN_MARKS.get(node_type, frozenset()) & self._grammar.marks.keys(),)

    def _check_mark(self, step: _Step, index: int, mark: object, allowed: frozenset[str]) -> bool:
        """Judge one mark; the answer tells whether its type may stand here."""
        mark_type = _type_of(mark)
        where = ("marks", index)
        if not isinstance(mark, dict):
            self._add(step, where, "wrong_type", f"{shown(mark)} is no mark.", "Delete it.")
        elif mark_type is None or mark_type not in FULL.marks:
            name = "unknown_type" if "type" in mark else "missing"
            fix = f"Use one of {', '.join(sorted(allowed))}." if allowed else "Delete the mark."
            message = f"{shown(mark.get('type'))} is not a type of mark."
            self._add(step, (*where, "type"), name, message, fix)
        elif mark_type not in allowed:
            message = _message_for_mark(mark_type, allowed)
            self._add(step, where, "mark_not_allowed", message, "Delete the mark.")
        else:
            self._check_mark_members(step, where, mark, self._grammar.marks[mark_type])
            return True
        return False

    def _check_mark_members(
        self,
        step: _Step,
        where: tuple[str | int, ...],
        mark: dict[str, Any],
        attrs_rule: ObjectValue | None,
    ) -> None:
        for name in mark:
            if name != "type" and not (name == "attrs" and attrs_rule is not None):
                message = f"The mark {mark['type']} has no {name!r}."
                self._add(step, (*where, name), "unexpected", message, f"Delete {name!r}.")
        if attrs_rule is None:
            return
        if "attrs" in mark:
            faults = faults_of_object(mark["attrs"], (attrs_rule,))
            self._add_faults(step, (*where, "attrs"), faults)
        else:
            message = f"The mark {mark['type']} needs 'attrs'."
            self._add(step, (*where, "attrs"), "missing", message, "Add 'attrs'.")

    def _check_repeated(self, step: _Step, index: int, mark_type: str, seen: set[str]) -> None:
        if mark_type in seen:
            message = f"The text has two marks {mark_type}."
            self._add(step, ("marks", index), "repeated_mark", message, "Delete one of them.")
        seen.add(mark_type)

    def _add_missing(self, step: _Step, name: str, node_type: str) -> None:
        self._add(step, (name,), "missing", f"{node_type} needs {name!r}.", f"Add {name!r}.")

    def _add_faults(
        self, step: _Step, prefix: tuple[str | int, ...], faults: Sequence[Fault]
    ) -> None:
        for fault in faults:
            where = (*prefix, *fault.segments)
            self._add(step, where, fault.rule, fault.message, fault.suggested_fix)

    def _add(
        self,
        step: _Step,
        where: tuple[str | int, ...],
        rule: str,
        message: str,
        suggested_fix: str,
    ) -> None:
        self._violations.append(
            Violation(
                path=_path_of(step, where),
                rule=rule,
                message=message,
                context_text=_context_of(step),
                suggested_fix=suggested_fix,
            )
        )


def _holds(content: object, rule: ContentRule) -> bool:
    """Tell whether the children are of types that may stand there."""
    if content is None:
        return not rule.is_required
    if not isinstance(content, list) or rule.is_free:
        return rule.is_free
    allowed = [*rule.positions] if rule.positions else [rule.children] * len(content)
    return len(content) >= rule.minimum and all(
        _type_of(child) in children for child, children in zip(content, allowed, strict=False)
    )


def _is_member(name: str, node_type: str, rule: NodeRule) -> bool:
    """Tell whether a node may have a member that is judged elsewhere."""
    if name == "marks":
        return rule.has_marks
    return (node_type, name) in {("text", "text"), ("doc", "version")}


def _type_of(mark: object) -> str | None:
    mark_type = mark.get("type") if isinstance(mark, dict) else None
    return mark_type if isinstance(mark_type, str) else None


def _closest(types: Sequence[str | None], mark_sets: Sequence[MarkSet]) -> frozenset[str]:
    """Choose the alternative that lets most marks stand; of equals, the last."""
    sets = [mark_set for mark_set in mark_sets if mark_set is not None]
    return max(reversed(sets), key=lambda s: sum(t in s for t in types))


def _message_for_mark(mark_type: str, allowed: frozenset[str]) -> str:
    if "code" in allowed:
        return f"{mark_type} may not stand beside code; only a link may."
    if not allowed:
        return f"No mark may stand here, so {mark_type} may not either."
    return f"The mark {mark_type} may not stand here."


def _place_name(step: _Step) -> str:
    """Name the place of a node for a message."""
    parent = step.parent.node if step.parent is not None else None
    if not isinstance(parent, dict):
        return "at the top"
    return f"at this place of {parent.get('type')}"


def _fix_for_misplaced(node_type: str, children: Children) -> str:
    if node_type == "heading" and "paragraph" in children:
        return "Use a paragraph of strong text, or move the heading out."
    if node_type in {"blockquote", "panel", "table", "rule"} and "paragraph" in children:
        return f"Move the {node_type} out, or use paragraphs."
    return f"Delete it, move it out, or use one of {', '.join(sorted(children))}."


def _path_of(step: _Step, where: tuple[str | int, ...]) -> str:
    segments: list[str | int] = list(reversed(where))
    current: _Step | None = step
    while current is not None and current.parent is not None:
        segments.append(current.segment)
        current = current.parent
    return "$" + "".join(_written(segment) for segment in reversed(segments))


def _written(segment: str | int) -> str:
    if isinstance(segment, int):
        return f"[{segment}]"
    if segment.isidentifier():
        return f".{segment}"
    escaped = segment.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def _context_of(step: _Step) -> str:
    """Find some text in the node, else in the nearest node around it that has any."""
    current: _Step | None = step
    while current is not None:
        found = _text_in(current.node)
        if found:
            return found
        current = current.parent
    return ""


def _text_in(node: object) -> str:
    parts: list[str] = []
    length = 0
    pending = [node]
    for _ in range(_CONTEXT_NODES):
        if not pending or length >= _CONTEXT_LENGTH:
            break
        current = pending.pop()
        if not isinstance(current, dict):
            continue
        value = current.get("text")
        if isinstance(value, str) and value.strip():
            parts.append(value[:_CONTEXT_LENGTH])
            length += len(value)
        content = current.get("content")
        if isinstance(content, list):
            pending.extend(reversed(content[:_CONTEXT_NODES]))
    return " ".join(" ".join(parts).split())[:_CONTEXT_LENGTH]

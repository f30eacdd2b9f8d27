"""Telling of a document where and why it is not valid.

Belongs here: the two walks over a document, the quick one that says whether all is right and the
one that names each fault, with its path, its place in words and advice; which kind a node of a
wrong type was meant to be. Does not: the rules (`grammar`), judging one node (`judging`), the size
limit itself (`limits`).

A path names the smallest place where one deletion, insertion or replacement fixes the fault:
`$.content[3].content[0].marks[1]` is the second mark of the first node in the fourth block. Of
something missing it names where it should be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from jira_pipeline.adf.grammar import FULL
from jira_pipeline.adf.judging import (
    EVERY_CHILD,
    Judgement,
    Node,
    is_meant_as,
    judge,
    right_count,
    type_of,
)
from jira_pipeline.adf.kinds import Kind, Kinds, Profile, kinds_of
from jira_pipeline.adf.limits import (
    AdfLimitError,
    AdfWritingError,
    compact_json_bytes,
    large_blocks,
)
from jira_pipeline.adf.values import shown

MAX_NODES: Final = 1_000_000
# A document of 10 MB has some 230,000. An object that holds itself has no end.
MAX_VIOLATIONS: Final = 1_000
# Nobody fixes more by hand; the first ones are those of the beginning of the document.
_MAX_PATH_CHARACTERS: Final = 4_000_000
# Each path is as long as its place is deep: faults 100,000 deep would fill gigabytes.

Table = Mapping[str, Kind]
_CONTEXT_LENGTH = 80
_CONTEXT_NODES = 60
_CONTEXT_LEVELS = 10
# Text further away explains nothing, and a thousand faults would each cost a walk to find it.


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


def validate_adf(
    document: object, profile: Profile = "jira", *, max_bytes: int | None = None
) -> list[Violation]:
    """Find every broken rule of a document, in document order; none = it is valid.

    `full` is the official schema; `jira` is what a Jira description takes, and stricter. With
    `max_bytes` the compact JSON may not be larger; without, size is not judged. Of a document
    with very many faults the first 1,000 are reported.

    Raises:
        AdfLimitError: the document has more than 1,000,000 nodes, as one that holds itself does.
    """
    kinds = kinds_of(profile)
    violations = [] if _is_right(document, kinds) else _Diagnosis(kinds).run(document)
    if max_bytes is not None and isinstance(document, dict):
        violations.extend(_size_violations(document, max_bytes))
    return violations


def _is_right(document: Any, kinds: Kinds) -> bool:
    """Tell whether a document is valid, building nothing."""
    pending: list[tuple[Sequence[Any], Table, int]] = [((document,), kinds.root, 0)]
    node_count, depth_limit = 0, kinds.list_depth_limit
    while pending:
        nodes, table, depth = pending.pop()
        node_count += len(nodes)
        if node_count > MAX_NODES:
            raise _too_many_nodes(node_count)
        for node in nodes:
            if type(node) is not dict:
                return False
            node_type = node.get("type")
            kind = table.get(node_type) if type(node_type) is str else None
            if kind is None or not kind.is_right(node):
                return False
            if kind.has_children and (content := node.get("content")):
                if not kind.is_list:
                    pending.append((content, kind.children, depth))
                elif depth < depth_limit:
                    pending.append((content, kind.children, depth + 1))
                else:
                    return False
            elif kind.positions:
                placed = zip(node.get("content", ()), kind.positions, strict=False)
                pending.extend(((child,), place, depth) for child, place in placed)
    return True


def _too_many_nodes(node_count: int) -> AdfLimitError:
    return AdfLimitError(what="The document", actual=node_count, limit=MAX_NODES, unit="nodes")


def _size_violations(document: Node, max_bytes: int) -> list[Violation]:
    """Judge the size; the advice names the largest blocks."""
    context_text = context_of(Step(None, "$", document))
    try:
        size_bytes = compact_json_bytes(document)
    except AdfWritingError as error:
        advice = "Take out what is nested too deep or is no JSON."
        return [_whole_violation("not_json", str(error), context_text, advice)]
    if size_bytes <= max_bytes:
        return []
    largest = ", ".join(f"$.content[{i}] ({size:,} bytes)" for i, size in large_blocks(document))
    message = f"The document has {size_bytes:,} bytes; at most {max_bytes:,} are allowed."
    advice = f"Shorten it, or move the largest blocks into an attachment: {largest}."
    return [_whole_violation("too_large", message, context_text, advice)]


def _whole_violation(rule: str, message: str, context_text: str, advice: str) -> Violation:
    return Violation(
        path="$", rule=rule, message=message, context_text=context_text, suggested_fix=advice
    )


class Step(NamedTuple):
    """One step of the way down to a node; the way is read backwards."""

    parent: "Step | None"
    segment: str | int
    node: object


class _Visit(NamedTuple):
    """A node still to be judged."""

    step: Step
    table: Table | None
    """What may be at this place; `None` = its place is not judged, only what it holds."""
    list_depth: int


class _Diagnosis:
    """One walk over one document that names its faults."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._grammar = kinds.grammar
        self._violations: list[Violation] = []
        self._path_characters = 0
        self._node_count = 0
        self._pending: list[_Visit] = []

    def run(self, document: object) -> list[Violation]:
        self._pending.append(_Visit(Step(None, "$", document), self._kinds.root, 0))
        while self._pending and not self._is_full:
            self._visit(self._pending.pop())
            if self._node_count > MAX_NODES:
                raise _too_many_nodes(self._node_count)
        return self._violations

    @property
    def _is_full(self) -> bool:
        is_long = self._path_characters > _MAX_PATH_CHARACTERS
        return is_long or len(self._violations) >= MAX_VIOLATIONS

    def _visit(self, visit: _Visit) -> None:
        self._node_count += 1
        node = visit.step.node
        if not isinstance(node, dict):
            if visit.table is not None:
                message = f"{shown(node)} is not a node."
                self._add(visit.step, (), "wrong_type", message, "Delete it.")
            return
        kind = self._known_kind(node) if visit.table is None else self._kind_of(visit, node)
        if kind is None:
            return
        judgement = judge(node, kind)
        if visit.table is not None and judgement.weight > 1:
            kind, judgement = self._kind_by_all_but_type(visit, node, kind, judgement)
        for fault in judgement.faults:
            self._add(visit.step, fault.segments, fault.rule, fault.message, fault.suggested_fix)
        # Put the children onto the pile so that the first is judged first.
        content = node.get("content")
        rule = kind.rule.content
        if not isinstance(content, list) or not content or rule is None or rule.is_free:
            return
        depth = visit.list_depth + kind.is_list
        if depth > self._kinds.list_depth_limit:
            message = f"Lists are nested more than {self._kinds.list_depth_limit} deep."
            self._add(visit.step, (), "too_deep", message, "Flatten the inner lists.")
            return
        in_content = Step(visit.step, "content", node)
        settled, is_quiet = judgement.settled, EVERY_CHILD in judgement.settled
        extra = len(content) if judgement.extra is None else judgement.extra
        for index in range(len(content) - 1, -1, -1):
            table = kind.table_at(index - (index > extra))
            if table is None:
                continue
            is_settled = is_quiet or index in settled
            step = Step(in_content, index, content[index])
            place = None if is_settled else self._table_within(kind, table)
            self._pending.append(_Visit(step, place, depth))

    def _known_kind(self, node: Node) -> Kind | None:
        """Find the kind of a node whose place was judged already, if enough speaks for it."""
        name = type_of(node) or ""
        kind = self._kinds.anywhere.get(name) or self._kinds.beyond.get(name)
        if kind is None:
            return None
        weight = judge(node, kind).weight
        return kind if weight == 0 or right_count(node, kind) > weight else None

    def _kind_of(self, visit: _Visit, node: Node) -> Kind | None:
        """Find as what a node is to be judged, and report a type that is not allowed here.

        `None` = too little speaks for any kind; what the node holds is not judged.
        """
        table = visit.table or {}
        own = table.get(type_of(node) or "")
        if own is not None:
            return own
        meant = _meant_kind(node, table)
        if meant is not None:
            self._report_type(visit.step, node, ("type",), table, meant)
            return meant
        is_mark = type_of(node) in FULL.marks and node.keys() <= {"type", "attrs"}
        # what is what its type says, or a mark, is only in the wrong place
        is_misplaced = is_mark or self._known_kind(node) is not None
        closest = None if is_misplaced else self._closest_kind(node, table)
        where = () if closest is None else ("type",)
        self._report_type(visit.step, node, where, table, closest)
        return self._known_kind(node) if closest is None else closest

    def _kind_by_all_but_type(
        self, visit: _Visit, node: Node, kind: Kind, judgement: Judgement
    ) -> tuple[Kind, Judgement]:
        """Of a node with several faults, see whether its type alone is wrong."""
        table = visit.table or {}
        meant = _meant_kind(node, table) or self._likelier_kind(node, table, kind, judgement)
        if meant is None:
            return kind, judgement
        message = f"The members of this {kind.node_type} are those of another type of node."
        fix = f"Use the type {meant.node_type!r}, whose members these are."
        self._add(visit.step, ("type",), "wrong_value", message, fix)
        return meant, judge(node, meant)

    def _likelier_kind(
        self, node: Node, table: Table, kind: Kind, judgement: Judgement
    ) -> Kind | None:
        """Find a kind that makes no more faults, its type among them, and has more for it."""
        closest = self._closest_kind(node, table)
        if closest is None or judge(node, closest).weight >= judgement.weight:
            return None
        return closest if right_count(node, closest) > right_count(node, kind) + 1 else None

    def _closest_kind(self, node: Node, table: Table) -> Kind | None:
        """Find the kind with the fewest faults for which no less speaks than against it.

        At the top there is no other kind, so a little is enough.
        """
        weighed = [
            (judge(node, kind).weight, -right_count(node, kind), name)
            for name, kind in table.items()
        ]
        weight, against, name = min(weighed, default=(0, 0, ""))
        if table is self._kinds.root:
            return table[name] if node.keys() & {"version", "content"} else None
        return table[name] if -against >= weight else None

    def _report_type(
        self,
        step: Step,
        node: Node,
        where: tuple[str, ...],
        table: Table,
        meant: Kind | None,
    ) -> None:
        name = type_of(node)
        if name is not None and name in FULL.nodes:
            if name in self._grammar.nodes:
                rule, message = "misplaced", f"{name} is not allowed {place_name(step)}."
            else:
                rule, message = "not_in_jira", f"Jira takes no {name} in a description."
            fix = advice_for_misplaced(name, table)
        else:
            rule = "unknown_type" if "type" in node else "missing"
            message = f"{shown(node.get('type'))} is not a type of node."
            message = message if "type" in node else "The node has no 'type'."
            fix = f"Use one of {', '.join(sorted(table))}."
        if meant is not None:
            fix = f"Use the type {meant.node_type!r}, whose members these are, or delete the node."
        self._add(step, where, rule, message, fix)

    def _table_within(self, kind: Kind, table: Table) -> Table:
        """Judge what is in a node that the profile does not take by the profile as well."""
        if kind.node_type not in self._kinds.beyond:
            return table
        return {name: self._kinds.anywhere.get(name, k) for name, k in table.items()}

    def _add(
        self,
        step: Step,
        where: Sequence[str | int],
        rule: str,
        message: str,
        suggested_fix: str,
    ) -> None:
        path = path_of(step, where)
        self._path_characters += len(path)
        self._violations.append(
            Violation(
                path=path,
                rule=rule,
                message=message,
                context_text=context_of(step),
                suggested_fix=suggested_fix,
            )
        )


def _meant_kind(node: Node, table: Table) -> Kind | None:
    """Find the kind that everything but the type of a node fits; of several, the likeliest."""
    fitting = [kind for kind in table.values() if is_meant_as(node, kind)]
    return max(fitting, key=lambda kind: right_count(node, kind), default=None)


def path_of(step: Step, where: Iterable[str | int]) -> str:
    """Write the JSON path of a place in a node."""
    segments: list[str | int] = [*where][::-1]
    current: Step | None = step
    while current is not None and current.parent is not None:
        segments.append(current.segment)
        current = current.parent
    return "$" + _sendable("".join(_written(segment) for segment in reversed(segments)))


def _written(segment: Any) -> str:
    if isinstance(segment, int):
        return f"[{segment}]"
    name = str(segment)
    if name.isidentifier():
        return f".{name}"
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def _sendable(text: str) -> str:
    """Write halves of characters as escapes, so that what is reported can be stored and sent."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def context_of(step: Step) -> str:
    """Find some text in the node, else in the nearest node around it that has any."""
    current: Step | None = step
    for _ in range(_CONTEXT_LEVELS):
        if current is None:
            break
        found = _text_in(current.node)
        if found:
            return _sendable(found)
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


def place_name(step: Step) -> str:
    """Name the place of a node for a message."""
    parent = step.parent.node if step.parent is not None else None
    if not isinstance(parent, dict):
        return "at the top"
    return f"at this place of {parent.get('type')}"


def advice_for_misplaced(node_type: str, table: Mapping[str, object]) -> str:
    """Say what to do about a node that is not allowed where it is."""
    if node_type == "heading" and "paragraph" in table:
        return "Use a paragraph of strong text, or move the heading out."
    if node_type in {"blockquote", "panel", "table", "rule"} and "paragraph" in table:
        return f"Move the {node_type} out, or use paragraphs."
    return f"Delete it, move it out, or use one of {', '.join(sorted(table))}."

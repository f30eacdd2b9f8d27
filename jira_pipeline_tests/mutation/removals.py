"""How a defence is taken out of the code: changes of the parsed statement that has its mark.

Belongs here: each kind of change, and what of a statement it changes. Does not: where the marks are
(`marks`), which defence is taken out how (`defences`).

A change names functions, attributes, parameters and constants, never local variables: neither
renaming these nor formatting the code anew makes it miss. In an expression that takes the place of
another one, `_` is that other one.
"""

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias, TypeVar

from typing_extensions import override

ORIGINAL: Final = "_"
"""What an expression is called in the one that takes its place."""


class RemovalError(Exception):
    """A marked statement lacks what a removal changes, or has it several times."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """The statement does nothing."""

    def apply(self, marked: "Marked") -> None:
        marked.replace(marked.statement, ast.Pass())


@dataclass(frozen=True, slots=True)
class _Decided:
    """A condition has one outcome: the statement's, or that of the operand that names something."""

    of: str = ""
    outcome: ClassVar[bool]

    def apply(self, marked: "Marked") -> None:
        outcome = ast.Constant(self.outcome)
        if self.of:
            marked.replace(marked.operand(self.of).node, outcome)
            return
        match marked.condition():
            case ast.match_case() as case:
                case.guard = outcome
            case ast.IfExp() as condition:
                chosen = condition.body if self.outcome else condition.orelse
                marked.replace(condition, chosen)
            case condition:
                marked.replace(condition, outcome)


class Always(_Decided):
    """The condition is true; a case needs its pattern alone."""

    outcome = True


class Never(_Decided):
    """The condition is false; a case never matches."""

    outcome = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """The innermost operand of `and`, `or` or `|` that names something is left out."""

    of: str

    def apply(self, marked: "Marked") -> None:
        operand = marked.operand(self.of)
        first, *others = (one for one in operand.sides if one is not operand.node)
        if others and isinstance(operand.operation, ast.BoolOp):
            operand.operation.values = [first, *others]
        else:
            marked.replace(operand.operation, first)


@dataclass(frozen=True, slots=True)
class Value:
    """The value that is assigned or returned is another one."""

    becomes: str

    def apply(self, marked: "Marked") -> None:
        value = getattr(marked.statement, "value", None)
        if not isinstance(value, ast.expr):
            raise RemovalError("the statement has no value")
        marked.replace(value, _expression(self.becomes, original=value))


@dataclass(frozen=True, slots=True)
class Instead:
    """A name, an attribute with what it is of, or a constant is another expression."""

    of: str
    becomes: str

    def apply(self, marked: "Marked") -> None:
        replaced = marked.only(ast.expr, lambda node: _is_named(node, self.of), called=self.of)
        marked.replace(replaced, _expression(self.becomes, original=replaced))


@dataclass(frozen=True, slots=True)
class Swapped:
    """Two named arguments of a call have each other's values."""

    first: str
    second: str

    def apply(self, marked: "Marked") -> None:
        first = marked.only(ast.keyword, lambda node: node.arg == self.first, called=self.first)
        second = marked.only(ast.keyword, lambda node: node.arg == self.second, called=self.second)
        first.value, second.value = second.value, first.value


@dataclass(frozen=True, slots=True)
class ComparedBy:
    """Both sides of a comparison are compared by an attribute alone."""

    attribute: str

    def apply(self, marked: "Marked") -> None:
        comparison = marked.only(ast.Compare, lambda _: True, called="a comparison")
        side = f"{ORIGINAL}.{self.attribute}"
        comparison.left = _expression(side, original=comparison.left)
        comparison.comparators = [_expression(side, original=o) for o in comparison.comparators]


Removal: TypeAlias = Skipped | Always | Never | Dropped | Value | Instead | Swapped | ComparedBy


def without_defence(source: str, *, line: int, removals: Sequence[Removal]) -> str:
    """Return a module after changes of the statement that has a marked line.

    Raises:
        RemovalError: The statement lacks what is to be changed, or has it several times.
    """
    tree = ast.parse(source)
    marked = Marked(tree, line)
    for removal in removals:
        removal.apply(marked)
    return ast.unparse(ast.fix_missing_locations(tree))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """One side of `and`, `or` or `|`."""

    node: ast.expr
    operation: ast.BoolOp | ast.BinOp
    sides: Sequence[ast.expr]
    """Of the operation, this one included."""


Node = TypeVar("Node", bound=ast.AST)
Candidate = TypeVar("Candidate", bound=ast.AST | Operand)


class Marked:
    """The statement of a parsed module that has a marked line, the innermost one."""

    def __init__(self, tree: ast.Module, line: int) -> None:
        self._tree = tree
        self._line = line
        statements = (node for node in ast.walk(tree) if isinstance(node, ast.stmt))
        *_, self.statement = (one for one in statements if self._is_on_line(one))

    def condition(self) -> ast.expr | ast.match_case:
        """Return what the statement tests; of several the one on the marked line."""
        if isinstance(self.statement, ast.If | ast.While):
            return self.statement.test
        return self._chosen(list(self._conditions()), called="a condition")

    def operand(self, name: str) -> Operand:
        """Return the innermost operand that names something."""
        naming = [one for one in self._operands() if _mentions(one.node, name)]
        innermost = [one for one in naming if not _is_around_another(one, naming)]
        return self._chosen(innermost, called=f"an operand with {name}")

    def only(self, kind: type[Node], is_meant: Callable[[Node], bool], *, called: str) -> Node:
        """Return the one node of a kind that is meant; of several the one on the marked line."""
        nodes = [node for node in self._nodes() if isinstance(node, kind) and is_meant(node)]
        return self._chosen(nodes, called=called)

    def replace(self, old: ast.AST, new: ast.AST) -> None:
        """Put a node in the place of another one."""
        for parent in ast.walk(self._tree):
            for field, value in ast.iter_fields(parent):
                if value is old:
                    setattr(parent, field, new)
                elif isinstance(value, list):
                    value[:] = [new if one is old else one for one in value]

    def _nodes(self) -> Iterator[ast.AST]:
        """Yield the nodes of the statement, without the statements within it."""
        left: list[ast.AST] = [self.statement]
        while left:
            node = left.pop()
            yield node
            left += [c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt)]

    def _conditions(self) -> Iterator[ast.expr | ast.match_case]:
        for node in self._nodes():
            match node:
                case ast.comprehension():
                    yield from node.ifs
                case ast.IfExp() | ast.match_case():
                    yield node
                case _:
                    pass

    def _operands(self) -> Iterator[Operand]:
        for node in self._nodes():
            match node:
                case ast.BoolOp(values=sides):
                    yield from (Operand(node=one, operation=node, sides=sides) for one in sides)
                case ast.BinOp(op=ast.BitOr()):
                    sides = [node.left, node.right]
                    yield from (Operand(node=one, operation=node, sides=sides) for one in sides)
                case _:
                    pass

    def _chosen(self, candidates: Sequence[Candidate], *, called: str) -> Candidate:
        """Return the only candidate, or the only one on the marked line."""
        on_line = [one for one in candidates if self._is_on_line(one)]
        for chosen in (candidates, on_line):
            if len(chosen) == 1:
                return chosen[0]
        raise RemovalError(f"line {self._line} has {called} {len(on_line)} times")

    def _is_on_line(self, candidate: ast.AST | Operand) -> bool:
        match candidate:
            case Operand(node=node):
                return self._is_on_line(node)
            case ast.match_case(pattern=pattern, guard=guard):
                return any(self._is_on_line(one) for one in (pattern, guard) if one is not None)
            case _:
                first = getattr(candidate, "lineno", 0)
                last = getattr(candidate, "end_lineno", 0)
                return bool(first <= self._line <= last)


def _is_around_another(operand: Operand, others: Sequence[Operand]) -> bool:
    within = {id(node) for node in ast.walk(operand.node)}
    return any(id(one.operation) in within for one in others)


def _mentions(node: ast.AST, name: str) -> bool:
    return any(_is_named(one, name) for one in ast.walk(node))


def _is_named(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=called) | ast.Attribute(attr=called):
            return called == name
        case ast.Constant(value=value):
            return repr(value) == name
        case _:
            return False


def _expression(text: str, *, original: ast.expr) -> ast.expr:
    """Parse an expression in which `_` is the original one."""
    parsed = ast.parse(text, mode="eval")

    class Inserting(ast.NodeTransformer):
        @override
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return copy.deepcopy(original) if node.id == ORIGINAL else node

    body = Inserting().visit(parsed).body
    assert isinstance(body, ast.expr)
    return body

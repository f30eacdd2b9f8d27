"""The guards of a module, and its code with one of them decided.

Belongs here: what a guard is, where it is, the code that is compiled with one that is always true or
never. Does not: which modules have guards to look at, and who notices (`rules`); a guard that has no
effect (`equivalent_guards.toml`).

A guard is a condition that decides what else happens: of `if`, `elif`, a conditional expression, a
comprehension, a case, or one operand of `and` and `or`. The last operand of one that is no condition,
such as the default in `name or "none"`, is a value.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Final

VALUES: Final = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.JoinedStr)
"""What a last operand is that is no condition."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a node is in its parent: a field, and a place in it where it is a list."""

    parent: ast.AST
    field: str
    place: int | None = None

    @property
    def node(self) -> ast.expr:
        content = getattr(self.parent, self.field)
        node = content if self.place is None else content[self.place]
        assert isinstance(node, ast.expr)
        return node

    def put(self, node: ast.expr) -> None:
        """Have the parent another node there."""
        if self.place is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.place] = node


@dataclass(frozen=True, slots=True)
class Guard:
    """One condition of a module."""

    function: str
    """The qualified name of the function that it is in; empty where it is in none."""
    line: int
    text: str
    """As `ast.unparse` prints it."""
    slot: Slot
    statement: ast.stmt
    """Of the module, the one that it is in."""


@dataclass(frozen=True, slots=True, order=True)
class ChangeName:
    """What a change is called in the list of those that nothing can notice."""

    function: str
    guard: str
    outcome: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Change:
    """A guard that has one outcome only."""

    guard: Guard
    outcome: bool

    @property
    def name(self) -> ChangeName:
        return ChangeName(self.guard.function, self.guard.text, outcome=self.outcome)


def guards_in(tree: ast.Module) -> Iterator[Guard]:
    """Yield the guards of a module, statement by statement."""
    for statement in tree.body:
        for function, slot in _conditions_below(statement, ()):
            condition = slot.node
            text = ast.unparse(condition)
            yield Guard(function, condition.lineno, text, slot, statement)


def _conditions_below(node: ast.AST, path: tuple[str, ...]) -> Iterator[tuple[str, Slot]]:
    """Yield each condition with the qualified name of the function that it is in."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        path = (*path, node.name)
    for slot in _conditions_of(node):
        yield ".".join(path), slot
    for child in ast.iter_child_nodes(node):
        yield from _conditions_below(child, path)


def _conditions_of(node: ast.AST) -> Iterator[Slot]:
    """Yield the conditions of one node, without those below it; an operation has operands instead."""
    match node:
        case ast.If() | ast.IfExp():
            slots = [Slot(node, "test")]
        case ast.comprehension(ifs=conditions):
            slots = [Slot(node, "ifs", place) for place in range(len(conditions))]
        case ast.match_case(guard=ast.expr()):
            slots = [Slot(node, "guard")]
        case ast.BoolOp(values=operands):
            slots = [Slot(node, "values", place) for place in range(len(operands))]
            if isinstance(operands[-1], VALUES):
                slots.pop()
        case _:
            slots = []
    for slot in slots:
        if not isinstance(slot.node, ast.BoolOp):
            yield slot


def changes_of(tree: ast.Module) -> list[Change]:
    """Return each guard of a module twice: as always true, and as never."""
    changes = []
    for guard in guards_in(tree):
        changes.append(Change(guard, outcome=True))
        changes.append(Change(guard, outcome=False))
    return changes


def compiled_with(change: Change, file_name: str) -> CodeType:
    """Return the code of the statement of a module in which a guard is decided.

    The tree is as before afterwards.
    """
    slot = change.guard.slot
    original = slot.node
    slot.put(_decided(original, outcome=change.outcome))
    try:
        statement = ast.Module(body=[change.guard.statement], type_ignores=[])
        return compile(statement, file_name, "exec")
    finally:
        slot.put(original)


def _decided(guard: ast.expr, *, outcome: bool) -> ast.expr:
    """Return `(guard, outcome)[1]`: names that the guard binds are bound still."""
    both = ast.Tuple(elts=[guard, ast.Constant(outcome)], ctx=ast.Load())
    decided = ast.Subscript(value=both, slice=ast.Constant(1), ctx=ast.Load())
    ast.copy_location(decided, guard)
    return ast.fix_missing_locations(decided)

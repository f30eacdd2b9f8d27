"""Every small change to a module that its tests ought to notice, enumerated from its syntax tree.

Belongs here: the operators, what they leave alone, the text of a changed module. Does not: running
tests (`worker`), which of them (`covering`).

The operators:

- compare: `==`/`!=`, `is`/`is not`, `in`/`not in` swapped; `<` becomes `<=` and `>=`, `<=` becomes
  `<` and `>`, and the other way round;
- boolean: `and`/`or` swapped, a `not` taken away;
- condition: of `if`, a ternary, a filter, a guard: always true, always false; of `while`: false;
- arithmetic: `+`/`-`, `*`/`//`, `|`/`&` swapped, in assignments too;
- number: a number is one more; True and False swapped;
- extreme: `min`/`max`, `any`/`all` swapped, `sorted` becomes `list`;
- return: a bool is negated, a number is one more, a collection is empty, all else is None;
- removal: a call, a `raise`, a `break`, a `continue`, or an assignment to what has a value is gone.

Left alone: texts and what is formatted into them, docstrings, annotations, names of types,
decorators, log lines, `assert_never` and `strict=` (programming mistakes), and what binds a name or an attribute first
(a NameError would notice it, not a test).
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
EXTREMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
COLLECTIONS = {"tuple", "list", "Sequence", "frozenset", "set", "dict", "Mapping"}
LEFT_ALONE_CALLS = {"logger", "assert_never"}
LEFT_ALONE_KEYWORDS = {"strict"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One module with one small change."""

    file: str
    """Below the package."""
    function: str
    """Qualified name; empty in the module itself."""
    operator: str
    lines: range
    """Of the statement that was changed, or of its head."""
    before: str
    after: str
    number: int
    """Of equal changes to one function, from 1."""
    source: str
    """The whole module with the change."""

    @property
    def name(self) -> str:
        """What it is called, whatever line it moves to."""
        again = f" #{self.number}" if self.number > 1 else ""
        return f"{self.file} {self.function}: {self.before} -> {self.after}{again}"

    @property
    def diff(self) -> str:
        """Where it is, as two lines of a diff."""
        return f"{self.file}:{self.lines.start} {self.function}\n- {self.before}\n+ {self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A node that may be changed, and what is around it."""

    node: ast.AST
    function: Function | None
    name: str
    lines: range
    parents: tuple[ast.AST, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    operator: str
    node: ast.expr | ast.stmt
    text: str


def mutants_of(file: str, source: str) -> tuple[Mutant, ...]:
    """Return every mutant of a module, in the order of its text."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found: list[Mutant] = []
    for place in _places(ast.parse(source)):
        for change in _changes(place):
            before, after = _line(ast.unparse(change.node)), _line(change.text)
            seen[place.name, before, after] += 1
            found.append(
                Mutant(
                    file=file,
                    function=place.name,
                    operator=change.operator,
                    lines=place.lines,
                    before=before,
                    after=after,
                    number=seen[place.name, before, after],
                    source=_replaced(source, change),
                )
            )
    return tuple(found)


def _line(code: str) -> str:
    return " ".join(code.split())


def _replaced(source: str, change: _Change) -> str:
    """Put the change where the node is; columns of a tree count bytes."""
    lines = source.encode().splitlines(keepends=True)
    first, last = change.node.lineno - 1, (change.node.end_lineno or 0) - 1
    head = lines[first][: change.node.col_offset]
    tail = lines[last][change.node.end_col_offset :]
    is_expression = isinstance(change.node, ast.expr)
    text = f"({change.text})" if is_expression else change.text
    return b"".join([*lines[:first], head, text.encode(), tail, *lines[last + 1 :]]).decode()


def _places(tree: ast.Module) -> Iterator[_Place]:
    for statement in tree.body:
        yield from _walk(statement, None, "", range(0), (tree,))


def _walk(
    node: ast.AST, function: Function | None, name: str, lines: range, parents: tuple[ast.AST, ...]
) -> Iterator[_Place]:
    """Yield a node and all below it that are not left alone."""
    if isinstance(node, ast.stmt):
        lines = _head(node, node.lineno)
    if isinstance(node, ast.match_case):
        lines = _head(node, node.pattern.lineno)
    yield _Place(node=node, function=function, name=name, lines=lines, parents=parents)
    if isinstance(node, Function | ast.ClassDef):
        name = f"{name}.{node.name}".lstrip(".")
    if isinstance(node, Function):
        function = node
    for child in _children(node):
        yield from _walk(child, function, name, lines, (*parents, node))


def _head(node: ast.stmt | ast.match_case, first: int) -> range:
    """Return the lines of a statement, or those above the first statement in it."""
    body = getattr(node, "body", None)
    if isinstance(body, list):
        return range(first, max(first + 1, body[0].lineno))
    return range(first, (getattr(node, "end_lineno", None) or first) + 1)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Return what of a node may be changed."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Expr) and _is_left_alone(node.value):
        return
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list", "type_params", "bases"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            is_skipped = isinstance(child, ast.keyword) and child.arg in LEFT_ALONE_KEYWORDS
            if isinstance(child, ast.AST) and not is_skipped:
                yield child


def _is_left_alone(value: ast.expr) -> bool:
    """Tell whether a statement is a text, a log line or a programming mistake."""
    if not isinstance(value, ast.Call):
        return isinstance(value, ast.Constant | ast.JoinedStr)
    called = value.func.value if isinstance(value.func, ast.Attribute) else value.func
    return isinstance(called, ast.Name) and called.id in LEFT_ALONE_CALLS


def _changes(place: _Place) -> Iterator[_Change]:
    node = place.node
    match node:
        case ast.Compare(ops=[operator]):
            yield from _compared(node, operator)
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            yield _boolean(node)
        case ast.BinOp() | ast.AugAssign() if place.function is not None:
            yield from _arithmetic(node)
        case ast.Constant(value=bool() | int() | float()):
            yield _number(node)
        case ast.Call(func=ast.Name(id=name)) if name in EXTREMES:
            yield from _extreme(node, name)
        case ast.Return(value=ast.expr() as value):
            yield from _returned(value, place.function)
    yield from _conditions(node)
    if isinstance(node, ast.stmt) and _is_removable(node, place):
        yield _Change(operator="removal", node=node, text="pass")


def _compared(node: ast.Compare, operator: ast.cmpop) -> Iterator[_Change]:
    for other in COMPARISONS[type(operator)]:
        changed = ast.Compare(left=node.left, ops=[other()], comparators=node.comparators)
        yield _Change(operator="compare", node=node, text=ast.unparse(changed))


def _boolean(node: ast.BoolOp | ast.UnaryOp) -> _Change:
    if isinstance(node, ast.UnaryOp):
        return _Change(operator="boolean", node=node, text=ast.unparse(node.operand))
    other: ast.boolop = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    changed = ast.BoolOp(op=other, values=node.values)
    return _Change(operator="boolean", node=node, text=ast.unparse(changed))


def _arithmetic(node: ast.BinOp | ast.AugAssign) -> Iterator[_Change]:
    other = ARITHMETIC.get(type(node.op))
    sides = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,)
    if other is None or any(_is_text(side) for side in sides):
        return
    changed: ast.expr | ast.stmt = (
        ast.BinOp(left=node.left, op=other(), right=node.right)
        if isinstance(node, ast.BinOp)
        else ast.AugAssign(target=node.target, op=other(), value=node.value)
    )
    yield _Change(operator="arithmetic", node=node, text=ast.unparse(changed))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _number(node: ast.Constant) -> _Change:
    value = node.value
    if isinstance(value, bool):
        return _Change(operator="number", node=node, text=str(not value))
    assert isinstance(value, int | float)
    return _Change(operator="number", node=node, text=str(value + 1))


def _extreme(node: ast.Call, name: str) -> Iterator[_Change]:
    if name == "sorted":
        text = f"list({ast.unparse(node.args[0])})"
    else:
        changed = ast.Call(func=ast.Name(id=EXTREMES[name]), args=node.args, keywords=node.keywords)
        text = ast.unparse(changed)
    yield _Change(operator="extreme", node=node, text=text)


def _returned(value: ast.expr, function: Function | None) -> Iterator[_Change]:
    returns = function.returns if function is not None else None
    root = returns.value if isinstance(returns, ast.Subscript) else returns
    kind = root.id if isinstance(root, ast.Name) else ""
    code = ast.unparse(value)
    text = "None"
    if kind == "bool":
        text = f"not ({code})"
    elif kind in {"int", "float"}:
        text = f"{code} + 1"
    elif kind in COLLECTIONS:
        text = "()" if kind in {"tuple", "Sequence"} else f"type({code})()"
    is_negation = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    is_same = text == code or code in {"[]", "{}"}
    if not is_same and not (kind == "bool" and is_negation):  # `boolean` takes the `not` away
        yield _Change(operator="return", node=value, text=text)


def _conditions(node: ast.AST) -> Iterator[_Change]:
    """Change what decides, unless it is fixed already."""
    tests: list[ast.expr] = []
    fixed = ["True", "False"]
    match node:
        case ast.If(test=test) | ast.IfExp(test=test):
            tests = [test]
        case ast.While(test=test):
            tests, fixed = [test], ["False"]
        case ast.comprehension(ifs=tests):
            pass
        case ast.match_case(guard=ast.expr() as guard):
            tests = [guard]
    for test in tests:
        for text in fixed:
            if ast.unparse(test) != text:
                yield _Change(operator="condition", node=test, text=text)


def _is_removable(node: ast.stmt, place: _Place) -> bool:
    """Tell whether a statement can go without leaving a name or an attribute unbound."""
    match node:
        case ast.Expr(value=value):
            return not _is_left_alone(value)
        case ast.Raise() | ast.Continue() | ast.Break() | ast.AugAssign():
            return True
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target, value=ast.expr()):
            return place.function is not None and not _binds_first(target, node, place.function)
        case _:
            return False


def _binds_first(target: ast.expr, node: ast.stmt, function: Function) -> bool:
    match target:
        case ast.Attribute():
            return function.name == "__init__"
        case ast.Subscript():
            return False
    names = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
    bound = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    bound |= {
        name.id
        for name in ast.walk(function)
        if isinstance(name, ast.Name)
        and isinstance(name.ctx, ast.Store)
        and name.lineno < node.lineno
    }
    return not names <= bound

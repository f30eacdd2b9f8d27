"""How packed the code is: four counts by room, beside the ceilings that `make check` holds.

Clear code is longer, so nothing here counts lines or statements. Each count names places where a
reader has to stop: an expression that does the work of several statements, or a name that says
nothing. A ceiling may only fall: `--lower` writes the counts of this checkout where they are below.

`--list ROOM` prints the places of a room.
"""

import argparse
import ast
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "jira_pipeline"
CEILINGS = ROOT / "jira_pipeline_tests" / "docs" / "packing_ceilings.toml"
PACKED_NODES = 18
"""Syntax nodes a statement above which a function is packed; models of the field have 8 to 11."""
_STATEMENTS_MIN = 5
"""Fewer say little about how a function is written."""
_OPERANDS_MAX = 2
"""Of a condition in a comprehension."""
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NAMES_OF_NOTHING = frozenset(
    {"one", "each", "found", "said", "told", "there", "beside", "both", "known", "asked", "kept"}
    | {"own", "meant", "apart", "item", "elem", "data", "obj", "tmp"}
)
_PREFIXES_OF_TRUTH = ("is_", "has_", "are_", "was_", "may_")


class Packing(StrEnum):
    """What is counted."""

    COMPREHENSION = "nested or conditional comprehensions"
    PARALLEL = "parallel assignments and text times truth"
    NAME = "names that name nothing"
    FUNCTION = "functions above 18 nodes a statement"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedPlace:
    """A place where a reader has to stop."""

    kind: Packing
    line: int
    text: str
    """A name, or the kind of expression."""


def main() -> None:
    """Print the counts by room, or the places of one room."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks packing", description=__doc__)
    parser.add_argument("names", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--list", metavar="ROOM", help="print the places of a room")
    parser.add_argument("--lower", action="store_true", help="write lower counts as ceilings")
    options = parser.parse_args()
    if options.list:
        for path in module_paths():
            if room_of(path) == options.list:
                for place in packed_places(ast.parse(path.read_text(encoding="utf-8"))):
                    print(f"{path.relative_to(ROOT)}:{place.line} {place.kind}: {place.text}")
        return
    counts = counts_by_room()
    ceilings = read_ceilings()
    if options.lower:
        write_ceilings(lowered_ceilings(ceilings, counts))
        ceilings = read_ceilings()
    print_counts(counts, ceilings)


def module_paths() -> list[Path]:
    return sorted((ROOT / PACKAGE).rglob("*.py"))


def room_of(path: Path) -> str:
    """Return the folder of the package that a module is in; of a module beside these, its name."""
    return path.relative_to(ROOT / PACKAGE).parts[0].removesuffix(".py")


def counts_by_room() -> dict[str, Counter[Packing]]:
    """Count the places of this checkout, by room."""
    counts: dict[str, Counter[Packing]] = {}
    for path in module_paths():
        places = packed_places(ast.parse(path.read_text(encoding="utf-8")))
        counts.setdefault(room_of(path), Counter()).update(place.kind for place in places)
    return counts


# ---------------------------------------------------------------- places in a syntax tree


def packed_places(tree: ast.Module) -> Iterator[PackedPlace]:
    """Yield the places of a module where a reader has to stop."""
    yield from _places_below(tree, is_in_expression=False)


def _places_below(node: ast.AST, *, is_in_expression: bool) -> Iterator[PackedPlace]:
    """Yield the places of a node and of what it holds.

    `is_in_expression`: a comprehension or lambda is around it, whose names live for a line.
    """
    place = _place_of(node, is_in_expression=is_in_expression)
    if place is not None:
        yield place
    if isinstance(node, (*_COMPREHENSIONS, ast.Lambda)):
        is_in_expression = True
    for child in ast.iter_child_nodes(node):
        yield from _places_below(child, is_in_expression=is_in_expression)


def _place_of(node: ast.AST, *, is_in_expression: bool) -> PackedPlace | None:
    match node:
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            if not is_in_expression and _is_packed_comprehension(node):
                return _place(Packing.COMPREHENSION, node, "comprehension")
        case ast.Assign() if _is_parallel(node):
            return _place(Packing.PARALLEL, node, "parallel assignment")
        case ast.BinOp() if _is_text_times_truth(node):
            return _place(Packing.PARALLEL, node, "text times truth")
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            if _names_nothing(name, is_short_lived=is_in_expression):
                return _place(Packing.NAME, node, name)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            density = _nodes_a_statement(node)
            if density > PACKED_NODES:
                return _place(Packing.FUNCTION, node, f"{node.name} ({density:.1f})")
        case _:
            pass
    return None


def _place(kind: Packing, node: ast.expr | ast.stmt | ast.arg, text: str) -> PackedPlace:
    return PackedPlace(kind=kind, line=node.lineno, text=text)


def _is_packed_comprehension(node: ast.expr) -> bool:
    """Tell whether a comprehension holds another one, a ternary, a walrus, or several conditions."""
    inside = [inner for inner in ast.walk(node) if inner is not node]
    if any(isinstance(inner, (*_COMPREHENSIONS, ast.IfExp, ast.NamedExpr)) for inner in inside):
        return True
    generators = [inner for inner in inside if isinstance(inner, ast.comprehension)]
    conditions = [condition for generator in generators for condition in generator.ifs]
    if len(conditions) > 1:
        return True
    return any(
        isinstance(condition, ast.BoolOp) and len(condition.values) > _OPERANDS_MAX
        for condition in conditions
    )


def _is_parallel(node: ast.Assign) -> bool:
    """Tell whether several unrelated names get their values in one statement; a swap is none."""
    target = node.targets[0]
    if not isinstance(target, ast.Tuple) or not isinstance(node.value, ast.Tuple):
        return False
    if len(target.elts) != len(node.value.elts):
        return False
    targets = {ast.unparse(element) for element in target.elts}
    sources = {ast.unparse(part) for part in ast.walk(node.value) if isinstance(part, ast.expr)}
    return targets.isdisjoint(sources)


def _is_text_times_truth(node: ast.BinOp) -> bool:
    """Tell whether a text or list is there or not by being multiplied with a truth value."""
    if not isinstance(node.op, ast.Mult):
        return False
    return (_is_sequence(node.left) and _is_truth(node.right)) or (
        _is_sequence(node.right) and _is_truth(node.left)
    )


def _is_sequence(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, (ast.List, ast.Tuple, ast.JoinedStr))


def _is_truth(node: ast.expr) -> bool:
    match node:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name == "bool"
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.startswith(_PREFIXES_OF_TRUTH)
        case _:
            return False


def _names_nothing(name: str, *, is_short_lived: bool) -> bool:
    """Tell whether a name says nothing; in a comprehension or lambda one letter may be enough."""
    if name == "_":
        return False
    return name in _NAMES_OF_NOTHING or (len(name) == 1 and not is_short_lived)


def _nodes_a_statement(function: ast.FunctionDef | ast.AsyncFunctionDef) -> float:
    """Return how many syntax nodes a statement of a function has; 0 where it has few statements."""
    body = [node for node in function.body if not _is_docstring(node)]
    nodes = [node for statement in body for node in ast.walk(statement)]
    statement_count = sum(isinstance(node, ast.stmt) for node in nodes)
    if statement_count < _STATEMENTS_MIN:
        return 0
    return len(nodes) / statement_count


def _is_docstring(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case _:
            return False


# ---------------------------------------------------------------- ceilings


def read_ceilings() -> dict[str, Counter[Packing]]:
    """Return how many places each room may have."""
    rooms = tomllib.loads(CEILINGS.read_text(encoding="utf-8"))
    return {
        room: Counter({kind: counts[kind.name.casefold()] for kind in Packing})
        for room, counts in rooms.items()
    }


def lowered_ceilings(
    ceilings: Mapping[str, Counter[Packing]], counts: Mapping[str, Counter[Packing]]
) -> dict[str, Counter[Packing]]:
    """Return ceilings with what is lower now; a room without one gets what it has."""
    lowered: dict[str, Counter[Packing]] = {}
    for room, counted in counts.items():
        before = ceilings.get(room, counted)
        lowered[room] = Counter({kind: min(counted[kind], before[kind]) for kind in Packing})
    return lowered


def write_ceilings(ceilings: Mapping[str, Counter[Packing]]) -> None:
    lines = [
        "# How many packed places each room may have at most: `python -m benchmarks packing`.",
        "# They only fall. `--lower` writes what is lower now.",
    ]
    for room, counts in sorted(ceilings.items()):
        entries = ", ".join(f"{kind.name.casefold()} = {counts[kind]}" for kind in Packing)
        lines.append(f"{room} = {{ {entries} }}")
    CEILINGS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def print_counts(
    counts: Mapping[str, Counter[Packing]], ceilings: Mapping[str, Counter[Packing]]
) -> None:
    """Print a line for each room: counts, with the ceiling where it is another number."""
    for number, kind in enumerate(Packing, start=1):
        print(f"({number}) {kind}")
    print(
        f"\n{'room':<18}" + "".join(f"{f'({number})':>14}" for number, _ in enumerate(Packing, 1))
    )
    total: Counter[Packing] = Counter()
    for room, counted in sorted(counts.items()):
        total.update(counted)
        print(f"{room:<18}" + "".join(_shown(counted[k], ceilings.get(room), k) for k in Packing))
    print(f"{'all':<18}" + "".join(f"{total[kind]:>14,}" for kind in Packing))


def _shown(count: int, ceilings: Mapping[Packing, int] | None, kind: Packing) -> str:
    if ceilings is None or ceilings[kind] == count:
        return f"{count:>14,}"
    return f"{f'{count:,} of {ceilings[kind]:,}':>14}"


if __name__ == "__main__":
    main()

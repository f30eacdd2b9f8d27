"""How deep the house is: modules, functions, imports, beside two libraries of the same kind.

A thermometer, not a goal: a figure that falls because code became denser is worse than before.
`--rooms` prints a line for each room; `--once ROOM` lists the functions of a room that are used
once, and only in their own module.

Uses are counted by name, outside the function's own body: of a method wherever an attribute of its
name is read, in any module unless it is private; of another function wherever its name is read in
its module, and wherever it is imported. Functions of one name in one module share their uses.
"""

import argparse
import ast
import json
import subprocess
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.packages import PackageUnavailableError, python_of
from benchmarks.specifications import ROOT

PACKAGE = "jira_pipeline"
LONG_LINES = 60
RADON = ("radon==6.0.1",)
PEERS = {"httpx": ("httpx==0.28.1",), "dbos": ("dbos==3.4.0",)}
_LAYOUT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENCODING, tokenize.ENDMARKER),
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A function in its module."""

    name: str
    line: int
    line_count: int
    is_method: bool
    uses: int
    """How often its module reads it outside its own body."""
    calls: int

    @property
    def is_private(self) -> bool:
        """Tell whether its name says that only its module uses it."""
        return self.name.startswith("_") and not self.name.endswith("__")


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A file of a package, read once."""

    name: str
    path: Path
    code_lines: int
    functions: tuple["Found", ...]
    attributes: Counter[str]
    """How often an attribute of each name is read."""
    imports: frozenset[str]
    """Modules and names it imports, in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The figures of some modules of a package."""

    modules: int
    code_lines: int
    functions: int
    used_once: int
    private_called_once: int
    single_importer: int
    longest_chain: int
    long_functions: int
    complex_blocks: int | None
    """Blocks radon grades D or worse; None where radon could not be had."""


def main() -> None:
    """Print the table of the house, and of its rooms or of others' packages beside it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks house")
    parser.add_argument("names", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--rooms", action="store_true", help="a line for each room")
    parser.add_argument("--once", metavar="ROOM", help="list what is used once in a room")
    options = parser.parse_args()

    ours = modules_of(ROOT / PACKAGE)
    if options.once:
        for module, function in functions_used_once(ours, room=options.once):
            print(f"{module.path.relative_to(ROOT)}:{function.line} {function.name}")
        return

    houses = {PACKAGE: measured(ours, ROOT / PACKAGE)}
    if options.rooms:
        for room in sorted({room_of(module) for module in ours.values()} - {PACKAGE}):
            houses[room] = measured(ours, ROOT / PACKAGE, room=room)
    else:
        for name, packages in PEERS.items():
            try:
                folder = installed_folder(name, packages)
                houses[packages[0].replace("==", " ")] = measured(modules_of(folder), folder)
            except PackageUnavailableError as error:
                print(f"{name} is skipped: {error}.")
    print_table(houses)


def modules_of(package: Path) -> dict[str, Module]:
    """Read all modules of a package, by name; `__init__` has the name of its folder."""
    modules = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        reads = names_read(tree)
        methods = {
            id(child)
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            for child in node.body
        }
        functions = []
        for node in ast.walk(tree):
            if isinstance(node, Function):
                kind = ast.Attribute if id(node) in methods else ast.Name
                own = names_read(node)
                functions.append(
                    Found(
                        name=node.name,
                        line=node.lineno,
                        line_count=(node.end_lineno or node.lineno) - node.lineno + 1,
                        is_method=kind is ast.Attribute,
                        uses=reads[kind, node.name] - own[kind, node.name],
                        calls=reads[ast.Call, node.name] - own[ast.Call, node.name],
                    )
                )
        modules[name] = Module(
            name=name,
            path=path,
            code_lines=code_lines_of(path, tree),
            functions=tuple(functions),
            attributes=Counter({n: c for (kind, n), c in reads.items() if kind is ast.Attribute}),
            imports=frozenset(imports_of(tree, name, is_package=path.stem == "__init__")),
        )
    return modules


def names_read(tree: ast.AST) -> Counter[tuple[type[ast.AST], str]]:
    """Count the names that are read, the attributes that are read, and the calls of either."""
    found: Counter[tuple[type[ast.AST], str]] = Counter()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                found[type(node), name] += 1
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                found[ast.Call, name] += 1
            case _:
                pass
    return found


def code_lines_of(path: Path, tree: ast.AST) -> int:
    """Count the lines that hold code: neither blank, comment nor docstring."""
    lines: set[int] = set()
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type not in _LAYOUT:
                lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            case _:
                pass
    return len(lines)


def imports_of(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[str]:
    """Name what a module imports anywhere in it, relative imports in full."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                parts = module.split(".")
                above = parts[: len(parts) - level + is_package] if level else []
                origin = ".".join([*above, *([source] if source else [])])
                yield origin
                yield from (f"{origin}.{alias.name}" for alias in names)
            case _:
                pass


def room_of(module: Module) -> str:
    """Name the folder below the package a module is in; a module beside the folders, itself."""
    parts = module.name.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def functions_used_once(
    modules: Mapping[str, Module], *, room: str | None = None
) -> Iterator[tuple[Module, Found]]:
    """Find the functions that are used once in the whole package, in their own module."""
    attributes: Counter[str] = Counter()
    imported: set[str] = set()
    for module in modules.values():
        attributes.update(module.attributes)
        imported |= module.imports
    for module in modules.values():
        for function in module.functions if room in {None, room_of(module)} else ():
            is_used_elsewhere = not function.is_private and (
                attributes[function.name] > function.uses
                if function.is_method
                else f"{module.name}.{function.name}" in imported
            )
            if function.uses == 1 and not is_used_elsewhere:
                yield module, function


def measured(modules: Mapping[str, Module], package: Path, *, room: str | None = None) -> House:
    """Take the figures of a package, or of one room in it."""
    chosen = {name: m for name, m in modules.items() if room in {None, room_of(m)}}
    functions = [function for module in chosen.values() for function in module.functions]
    importers = importers_of(modules)
    paths = {module.path.resolve() for module in chosen.values()}
    blocks = complex_blocks(package)
    return House(
        modules=len(chosen),
        code_lines=sum(module.code_lines for module in chosen.values()),
        functions=len(functions),
        used_once=sum(1 for _ in functions_used_once(modules, room=room)),
        private_called_once=sum(f.is_private and f.uses == f.calls == 1 for f in functions),
        single_importer=sum(
            1
            for name, module in chosen.items()
            if module.path.stem not in {"__init__", "__main__"} and len(importers[name]) == 1
        ),
        longest_chain=longest_chain(chosen, importers),
        long_functions=sum(f.line_count > LONG_LINES for f in functions),
        complex_blocks=(
            None if blocks is None else sum(n for path, n in blocks.items() if path in paths)
        ),
    )


def importers_of(modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """Find who imports each module; a name is imported from the module that holds it."""
    importers: dict[str, set[str]] = {name: set() for name in modules}
    for module in modules.values():
        for name in module.imports:
            target = name if name in modules else None
            # `from package import module` names both; the package itself gives nothing then.
            is_only_a_path = any(
                other != name and other.startswith(f"{name}.") and other in modules
                for other in module.imports
            )
            if target and target != module.name and not is_only_a_path:
                importers[target].add(module.name)
    return importers


def longest_chain(chosen: Mapping[str, Module], importers: Mapping[str, set[str]]) -> int:
    """Count the modules of the longest chain of imports; modules that form a cycle are one."""
    component = components_of(chosen, importers)

    @cache
    def depth(root: str) -> int:
        above = {
            component[importer]
            for name in chosen
            if component[name] == root
            for importer in importers[name]
            if importer in chosen and component[importer] != root
        }
        return 1 + max((depth(each) for each in above), default=0)

    return max((depth(root) for root in set(component.values())), default=0)


def components_of(
    chosen: Mapping[str, Module], importers: Mapping[str, set[str]]
) -> dict[str, str]:
    """Name for each module the first of those it reaches and is reached by, itself if none."""

    def reached_from(start: str) -> set[str]:
        found, waiting = {start}, [start]
        while waiting:
            new = {n for n in importers[waiting.pop()] if n in chosen} - found
            found |= new
            waiting.extend(new)
        return found

    reached = {name: reached_from(name) for name in chosen}
    return {
        name: min(other for other in reached[name] if name in reached[other]) for name in chosen
    }


@cache
def complex_blocks(package: Path) -> Mapping[Path, int] | None:
    """Ask radon, installed apart from ours, for the blocks it grades D or worse, by file."""
    try:
        python = python_of("radon", RADON)
    except PackageUnavailableError as error:
        print(f"radon is skipped: {error}.")
        return None
    answer = subprocess.run(
        [str(python), "-m", "radon", "cc", "--min", "D", "--json", str(package)],
        capture_output=True,
        text=True,
        check=True,
    )
    return {Path(path).resolve(): len(blocks) for path, blocks in json.loads(answer.stdout).items()}


def installed_folder(name: str, packages: Sequence[str]) -> Path:
    """Install a package apart from ours; the answer is the folder of its modules."""
    find = f"import {name}; print({name}.__file__)"
    answer = subprocess.run(
        [str(python_of(f"house_{name}", packages)), "-c", find],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(answer.stdout.strip()).parent


def print_table(houses: Mapping[str, House]) -> None:
    """Print a line for each house."""
    columns: Mapping[str, Callable[[House], str]] = {
        "modules": lambda h: f"{h.modules:,}",
        "code lines": lambda h: f"{h.code_lines:,}",
        "functions": lambda h: f"{h.functions:,}",
        "used once": lambda h: share(h.used_once, h.functions),
        "private, called once": lambda h: share(h.private_called_once, h.functions),
        "one importer": lambda h: f"{h.single_importer:,}",
        "chain": lambda h: f"{h.longest_chain}",
        f"> {LONG_LINES} lines": lambda h: f"{h.long_functions}",
        "radon D-F": lambda h: "-" if h.complex_blocks is None else f"{h.complex_blocks}",
    }
    width = max(len(name) for name in houses)
    print(" ".join([" " * width, *(f"{title:>{max(10, len(title))}}" for title in columns)]))
    for name, house in houses.items():
        cells = (f"{text(house):>{max(10, len(title))}}" for title, text in columns.items())
        print(" ".join([f"{name:<{width}}", *cells]))


def share(count: int, total: int) -> str:
    """Print a count with its share of all functions."""
    return f"{count} {count / total:4.0%}" if total else "0"


if __name__ == "__main__":
    main()

"""How deep the house is: modules, functions, imports, and how much of it each flow touches.

A thermometer, not a goal: a figure that falls because code became denser is worse than before.
`--at REV` prints the same of another commit beside it, `--rooms` a line for each room, and
`--once ROOM` the private functions of a room that are called once.

Uses are counted by name, in the function's own module, outside its own body: of a method wherever
an attribute of its name is read, of another function wherever its name is. Functions of one name
in one module share their uses.

The flows are those of one person at a terminal with a session of one bundle with one field, the
template writer and the sandbox, in one process; an edit and a skip come over HTTP, too. What runs
during an import is no part of them. A move is a call from a function of one room into another.
"""

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import tokenize
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from functools import cache, partial
from graphlib import TopologicalSorter
from http import HTTPStatus
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "jira_pipeline"
LONG_LINES = 60
_LAYOUT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENCODING, tokenize.ENDMARKER),
}
SHEETS = {
    "Walk_Bundles.csv": "Name,Machine name,X,Description,Type\nClock,clock,,One clock.,Content type\n",
    "Walk_Fields.csv": (
        "Bundle,Field label,Machine name,X,Field type,Req'd,Vals.,Settings/notes\n"
        "Clock (Content type),Maker,field_maker,,Text (plain),y,1,Maximum 80 characters.\n"
    ),
}
FLOWS = {
    "upload": ("upload", "walk"),
    "generate": ("generate", "walk"),
    "edit": ("tickets", "edit", "walk", "1", "--title", "Configure clocks"),
    "skip": ("tickets", "skip", "walk", "1", "--reason", "Built already"),
    "(unskip)": ("tickets", "unskip", "walk", "1"),
    "skip (page)": ("POST", "/sessions/walk/tickets/1", {"do": "skip", "reason": "Built"}),
    "(unskip again)": ("tickets", "unskip", "walk", "1"),
    "(validate)": ("validate", "walk"),
    "ready": ("tickets", "ready", "walk", "--all"),
    "export": ("export", "walk", "--yes"),
}
"""Those in parentheses only lead to the next."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Figures = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A function in its module."""

    name: str
    line: int
    line_count: int
    is_called_once: bool
    """It is private, and nothing else reads its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A file of a package, read once."""

    path: Path
    text: str
    size: Counter[str]
    """Lines with code, statements, syntax nodes: neither blanks, comments nor docstrings; comments."""
    functions: tuple[Found, ...]
    imports: frozenset[str]
    """Modules and names it imports, in full."""


def main() -> None:
    """Print the figures of this checkout, and of other commits beside it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks house")
    parser.add_argument("names", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--at", metavar="REV", action="append", default=[], help="a commit, too")
    parser.add_argument("--rooms", action="store_true", help="a line for each room")
    parser.add_argument("--once", metavar="ROOM", help="list what is called once in a room")
    options = parser.parse_args()

    if options.once:
        for name, module in modules_of(ROOT / PACKAGE).items():
            for function in module.functions if room_of(name) == options.once else ():
                if function.is_called_once:
                    print(f"{module.path.relative_to(ROOT)}:{function.line} {function.name}")
        return
    static, walks = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for rev in (*options.at, "here"):
            root = ROOT if rev == "here" else checked_out(rev, Path(folder, rev))
            modules, layers = modules_of(root / PACKAGE), layers_of(root)
            static[rev] = figures_of(modules, layers)
            for room in sorted({room_of(name) for name in modules}) if options.rooms else ():
                static[f"{rev} {room}"] = figures_of(modules, layers, room=room)
            walks[rev] = walks_of(root)
    print_table(static)
    print_table({f"{flow} {rev}": walks[rev][flow] for flow in walks["here"] for rev in walks})


def checked_out(rev: str, folder: Path) -> Path:
    """Write the files of a commit into a new folder."""
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", rev], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def modules_of(package: Path) -> dict[str, Module]:
    """Read all modules of a package, by name; `__init__` has the name of its folder."""
    modules = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        modules[name] = Module(
            path=path,
            text=text,
            size=size_of(path, tree),
            functions=tuple(functions_of(tree)),
            imports=frozenset(imports_of(tree, name, is_package=path.stem == "__init__")),
        )
    return modules


def functions_of(tree: ast.Module) -> Iterator[Found]:
    """Find the functions of a module, methods and those within others too."""
    reads = names_read(tree)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    methods = {id(child) for node in classes for child in node.body}
    for node in ast.walk(tree):
        if isinstance(node, Function):
            kind = ast.Attribute if id(node) in methods else ast.Name
            elsewhere = reads - names_read(node)
            yield Found(
                name=node.name,
                line=node.lineno,
                line_count=(node.end_lineno or node.lineno) - node.lineno + 1,
                is_called_once=node.name.startswith("_")
                and not node.name.endswith("__")
                and elsewhere[kind, node.name] == elsewhere[ast.Call, node.name] == 1,
            )


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


def size_of(path: Path, tree: ast.AST) -> Counter[str]:
    """Count lines with code, statements and syntax nodes without docstrings, and comments."""
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    docstring_lines: set[int] = set()
    docstrings = 0
    for node in statements:
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                docstrings += 1
                docstring_lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            case _:
                pass
    lines: set[int] = set()
    comments = 0
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.COMMENT:
                comments += 1
            elif token.type not in _LAYOUT and token.start[0] not in docstring_lines:
                lines.update(range(token.start[0], token.end[0] + 1))
    # A docstring is an expression statement with a constant.
    nodes = sum(1 for _ in ast.walk(tree)) - 2 * docstrings
    return Counter(
        code=len(lines), statements=len(statements) - docstrings, nodes=nodes, comments=comments
    )


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


def room_of(module_name: str) -> str:
    """Name the folder below the package a module is in; a module beside the folders, itself."""
    return module_name.split(".")[:2][-1]


def layers_of(root: Path) -> dict[str, int]:
    """Number the rooms as they may import each other, from the lowest up."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    return {
        room: number for number, names in enumerate(reversed(layers)) for room in names.split(" | ")
    }


def figures_of(
    modules: Mapping[str, Module], layers: Mapping[str, int], *, room: str | None = None
) -> Figures:
    """Take the figures of a package, or of one room in it."""
    from radon.complexity import cc_rank, cc_visit  # noqa: PLC0415 - walks do without it

    chosen = {name: module for name, module in modules.items() if room in {None, room_of(name)}}
    functions = [function for module in chosen.values() for function in module.functions]
    blocks = [block for module in chosen.values() for block in cc_visit(module.text)]
    importers = importers_of(modules)
    arrows = {
        (room_of(importer), room_of(name))
        for name in modules
        for importer in importers[name] & chosen.keys()
        if room_of(importer) != room_of(name)
    } - {(PACKAGE, PACKAGE)}
    sizes: Counter[str] = Counter()
    for module in chosen.values():
        sizes.update(module.size)
    counts = {
        "modules": len(chosen),
        "lines": sum(len(module.text.splitlines()) for module in chosen.values()),
        **{size: sizes[size] for size in ("code", "statements", "nodes", "comments")},
        "functions": len(functions),
        "called once": sum(function.is_called_once for function in functions),
        "one importer": sum(
            len(importers[name]) == 1 and module.path.stem not in {"__init__", "__main__"}
            for name, module in chosen.items()
        ),
        "chain": longest_chain({name: importers[name] & chosen.keys() for name in chosen}),
        f"> {LONG_LINES} lines": sum(f.line_count > LONG_LINES for f in functions),
        "radon D-F": sum(cc_rank(block.complexity) in "DEF" for block in blocks),
        "arrows": len(arrows),
        "upward": sum(layers.get(source, 0) <= layers.get(target, 0) for source, target in arrows),
    }
    figures = {title: f"{count:,}" for title, count in counts.items()}
    return figures | {"nodes/statement": f"{sizes['nodes'] / max(1, sizes['statements']):.1f}"}


def importers_of(modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """Find who imports each module; a name is imported from the module that holds it."""
    importers: dict[str, set[str]] = {name: set() for name in modules}
    for importer, module in modules.items():
        for name in module.imports & modules.keys() - {importer}:
            # `from package import module` names both; the package itself gives nothing then.
            below = {other for other in module.imports if other.startswith(f"{name}.")}
            if not below & modules.keys():
                importers[name].add(importer)
    return importers


def longest_chain(importers: Mapping[str, set[str]]) -> int:
    """Count the modules of the longest chain of imports; there is no cycle."""
    depths: dict[str, int] = {}
    for name in TopologicalSorter(importers).static_order():
        depths[name] = 1 + max((depths[importer] for importer in importers[name]), default=0)
    return max(depths.values(), default=0)


def walks_of(root: Path) -> dict[str, Figures]:
    """Trace the flows through the package of a checkout, in a process of its own."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251 - nothing else of this shell
    answer = subprocess.run(
        [sys.executable, "-P", __file__, str(root), *FLOWS],
        env=environment | {"PYTHONPATH": str(root), "LOGNAME": "somebody"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    walks: dict[str, Figures] = json.loads(answer.stdout.splitlines()[-1])
    return walks


def print_walks(root: Path, flows: Sequence[str]) -> None:
    """Go through the flows in a new home, and print what each touches."""
    from jira_pipeline.model.people import Role  # noqa: PLC0415 - static figures need none of ours
    from jira_pipeline_tests.cli.terminal import run, run_json  # noqa: PLC0415 - as above
    from jira_pipeline_tests.web.browsers import opened_web, signed_in  # noqa: PLC0415 - as above

    walks = {}
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        shutil.copy(root / "dagster.yaml", folder)
        Path("walk").mkdir()
        for name, text in SHEETS.items():
            Path("walk", name).write_text(text, encoding="utf-8")
        with opened_web(Path(folder)) as web:
            client = signed_in(web, Role.REVIEWER)
            for flow in flows:
                words = FLOWS[flow]
                work: Callable[[], Any] = partial(run, *words)
                match words:
                    case ("POST", str(address), dict(changes)):
                        client.get(address)  # makes routes and templates
                        ticket_id = run_json("tickets", "list", "walk")[0]["ticket_id"]
                        form = {"ticket_id": ticket_id} | changes
                        work = partial(client.post, address, data=form)
                    case _:
                        pass
                walks[flow], answer = traced(work, root / PACKAGE)
                status = getattr(answer, "status_code", HTTPStatus.OK)
                if getattr(answer, "exit_code", 0) or status >= HTTPStatus.BAD_REQUEST:
                    sys.exit(f"{flow}: {answer}")
    print(json.dumps({flow: walk for flow, walk in walks.items() if not flow.startswith("(")}))


def traced(work: Callable[[], Any], package: Path) -> tuple[Figures, Any]:
    """Do something, and count what it touches of a package; also return what it returned."""
    touched: set[CodeType] = set()
    importing: Counter[int] = Counter()
    moves = 0

    @cache
    def room_at(code: CodeType) -> str | None:
        if code.co_name[0] == "<" or not code.co_filename.startswith(f"{package}{os.sep}"):
            return None
        return Path(code.co_filename).relative_to(package).parts[0].removesuffix(".py")

    def note(frame: FrameType, event: str, _: Any) -> None:
        nonlocal moves
        if event in {"call", "return"} and frame.f_code.co_name == "<module>":
            importing[threading.get_ident()] += 1 if event == "call" else -1
        elif event == "call" and (room := room_at(frame.f_code)):
            if importing[threading.get_ident()]:
                return
            touched.add(frame.f_code)
            caller = frame.f_back
            while caller is not None and room_at(caller.f_code) is None:
                caller = caller.f_back
            moves += caller is not None and room_at(caller.f_code) != room

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        answer = work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    counts = {
        "functions": len(touched),
        "modules": len({code.co_filename for code in touched}),
        "rooms": len({room_at(code) for code in touched}),
        "moves": moves,
    }
    return {title: f"{count:,}" for title, count in counts.items()}, answer


def print_table(lines: Mapping[str, Figures]) -> None:
    """Print a line for each of what is compared, with its figures."""
    columns = list(next(iter(lines.values())))
    width = max(len(name) for name in lines)
    print(" ".join([f"\n{'':<{width}}", *(f"{title:>{max(8, len(title))}}" for title in columns)]))
    for name, figures in lines.items():
        cells = (f"{figures[title]:>{max(8, len(title))}}" for title in columns)
        print(" ".join([f"{name:<{width}}", *cells]))


if __name__ == "__main__":
    print_walks(Path(sys.argv[1]), sys.argv[2:])

"""What docstrings promise: a module that one names is there, and what a role promises is said once."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jira_pipeline_tests.parsed_modules import PACKAGE, parsed_modules

REFERENCES = re.compile(r"\((`[a-z_/]+`(?:,? (?:and )?`[a-z_/]+`)*)\)")
"""Of a docstring: in brackets nothing but names."""
PLACES = {
    place.relative_to(PACKAGE).with_suffix("").as_posix()
    for place in PACKAGE.rglob("*")
    if place.suffix in {".py", ".toml"} or (place.is_dir() and place.name != "__pycache__")
}


def test_a_module_that_another_one_names_is_there() -> None:
    """After rooms moved, fifty of them sent readers to modules that were gone."""
    named = [
        (path.as_posix(), name)
        for path, tree in parsed_modules().items()
        for names in REFERENCES.findall(" ".join((ast.get_docstring(tree) or "").split()))
        for name in re.findall(r"`([a-z_/]+)`", names)
    ]

    assert len(named) > 300
    assert [(path, name) for path, name in named if not _is_place(name, seen_from=path)] == []


def _is_place(name: str, *, seen_from: str) -> bool:
    """Look beside a module, then in each folder above it."""
    folders = Path(seen_from).parents
    return any((folder / name).as_posix() in PLACES for folder in folders)


def methods_in(tree: ast.Module) -> Iterator[tuple[ast.ClassDef, ast.FunctionDef]]:
    for cls in ast.walk(tree):
        if isinstance(cls, ast.ClassDef):
            yield from ((cls, node) for node in cls.body if isinstance(node, ast.FunctionDef))


def test_no_class_repeats_the_docstring_of_its_role() -> None:
    """90 methods did, word for word; `@override` says where to look, and mypy that it is there."""
    trees = parsed_modules()
    roles = {path for path in trees if path.parts[0] == "model" or path.name == "roles.py"}
    promises = {
        (method.name, ast.get_docstring(method))
        for path in roles
        for cls, method in methods_in(trees[path])
        if any(ast.unparse(base) == "Protocol" for base in cls.bases)
    }

    repeated = [
        f"{path}: {cls.name}.{method.name}"
        for path, tree in trees.items()
        if path not in roles
        for cls, method in methods_in(tree)
        if ast.get_docstring(method) and (method.name, ast.get_docstring(method)) in promises
    ]

    assert len(promises) > 30
    assert repeated == []

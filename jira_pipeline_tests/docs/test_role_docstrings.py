"""What a role promises is said once: in the role, or in the class that plays it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOMS = Path(__file__).resolve().parents[2] / "jira_pipeline"
ROLES = {*(ROOMS / "model").glob("*.py"), *ROOMS.rglob("roles.py")}


def methods_in(path: Path) -> Iterator[tuple[ast.ClassDef, ast.FunctionDef]]:
    for cls in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(cls, ast.ClassDef):
            yield from ((cls, node) for node in cls.body if isinstance(node, ast.FunctionDef))


def test_no_class_repeats_the_docstring_of_its_role() -> None:
    """90 methods did, word for word; `@override` says where to look, and mypy that it is there."""
    promises = {
        (method.name, ast.get_docstring(method))
        for path in ROLES
        for cls, method in methods_in(path)
        if any(ast.unparse(base) == "Protocol" for base in cls.bases)
    }

    repeated = [
        f"{path.relative_to(ROOMS)}: {cls.name}.{method.name}"
        for path in sorted(ROOMS.rglob("*.py"))
        if path not in ROLES
        for cls, method in methods_in(path)
        if ast.get_docstring(method) and (method.name, ast.get_docstring(method)) in promises
    ]

    assert len(promises) > 30
    assert repeated == []

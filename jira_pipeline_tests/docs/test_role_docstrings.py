"""What a role promises is said once: in the role, or in the class that plays it."""

import ast
from collections.abc import Iterator

from jira_pipeline_tests.parsed_modules import parsed_modules

ROLES = {path for path in parsed_modules() if path.parts[0] == "model" or path.name == "roles.py"}


def methods_in(tree: ast.Module) -> Iterator[tuple[ast.ClassDef, ast.FunctionDef]]:
    for cls in ast.walk(tree):
        if isinstance(cls, ast.ClassDef):
            yield from ((cls, node) for node in cls.body if isinstance(node, ast.FunctionDef))


def test_no_class_repeats_the_docstring_of_its_role() -> None:
    """90 methods did, word for word; `@override` says where to look, and mypy that it is there."""
    promises = {
        (method.name, ast.get_docstring(method))
        for path in ROLES
        for cls, method in methods_in(parsed_modules()[path])
        if any(ast.unparse(base) == "Protocol" for base in cls.bases)
    }

    repeated = [
        f"{path}: {cls.name}.{method.name}"
        for path, tree in parsed_modules().items()
        if path not in ROLES
        for cls, method in methods_in(tree)
        if ast.get_docstring(method) and (method.name, ast.get_docstring(method)) in promises
    ]

    assert len(promises) > 30
    assert repeated == []

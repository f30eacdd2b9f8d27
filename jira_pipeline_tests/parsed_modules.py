"""The package as syntax: each module is parsed once in a process, for all tests that look at it."""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "jira_pipeline"


@cache
def parsed_modules() -> Mapping[Path, ast.Module]:
    """Return every module of the package by its path below it."""
    return {
        path.relative_to(PACKAGE): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }

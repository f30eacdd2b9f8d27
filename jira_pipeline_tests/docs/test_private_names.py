"""What is private in Dagster is refused by Ruff, or has a row with its reason in the decisions."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

CHECKOUT = Path(__file__).resolve().parents[2]
TREES = ("jira_pipeline", "jira_pipeline_tests", "benchmarks", "deploy")
PRIVATE = re.compile(r"\bdagster\._[a-z][\w.]*")
ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+\.py)` \| \S.* \|$", re.MULTILINE)
IS_THIS = {Path(__file__)}


def names_of(node: ast.AST) -> list[str]:
    """Return the modules that a node imports, or that its text names: some are loaded by name."""
    match node:
        case ast.ImportFrom(module=str(module)):
            return PRIVATE.findall(module)
        case ast.Import(names=names):
            return PRIVATE.findall(" ".join(alias.name for alias in names))
        case ast.Constant(value=str(text)):
            return PRIVATE.findall(text)
        case _:
            return []


def used() -> Iterator[tuple[str, str]]:
    files = {file for tree in TREES for file in (CHECKOUT / tree).rglob("*.py")} - IS_THIS
    for file in files:
        text = file.read_text(encoding="utf-8")
        if "dagster._" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            for name in names_of(node):
                yield name, str(file.relative_to(CHECKOUT))


def test_every_private_name_of_dagster_has_a_row_and_every_row_is_in_the_code() -> None:
    page = (CHECKOUT / "docs/decisions/dagster.md").read_text(encoding="utf-8")
    rows = ROW.findall(page)

    in_code = set(used())

    of_dagster = {row for row in rows if PRIVATE.match(row[0])}
    others = [row for row in rows if not PRIVATE.match(row[0])]
    assert len(rows) == len(set(rows))
    assert of_dagster == in_code
    for name, file in others:
        assert name in (CHECKOUT / file).read_text(encoding="utf-8"), (name, file)


def test_ruff_refuses_every_private_package_of_dagster() -> None:
    package = Path(dg.__file__).parent
    private = {f"dagster.{path.stem}" for path in package.glob("_[a-z]*")}
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))

    banned = settings["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]

    assert private <= set(banned)

"""Branches of `drupal/site` that no generated site takes: `python -m jira_pipeline_tests.drupal.site.reached_branches`.

Belongs here: reading a site of each kind while branches are counted, naming those that are not taken.
Does not: the kinds (`generated_sites`), why some are not taken (`unreached_branches.toml`).

It is a process of its own, because what was imported before branches are counted is not counted.
"""

import ast
import json
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from coverage import Coverage

CHECKOUT: Final = Path(__file__).parents[3]
ROOM: Final = "jira_pipeline/drupal/site"
LISTED_PATH: Final = Path(__file__).parent / "unreached_branches.toml"
WHOLE: Final = "nothing of it"
"""In place of a line: no line of the function is reached."""


@dataclass(frozen=True, slots=True, order=True)
class Unreached:
    """A line from which some branch is not taken, or a whole function."""

    module: str
    function: str
    line: str
    """Without the blanks around it; `WHOLE` where nothing of the function is reached."""


def main() -> None:
    """Print what is unreached, as JSON."""
    coverage = Coverage(branch=True, include=[f"{CHECKOUT / ROOM}/*"], data_file=None)
    with TemporaryDirectory() as folder:
        coverage.start()
        read_each_kind(Path(folder))
        coverage.stop()
        report_path = Path(folder, "report.json")
        coverage.json_report(outfile=str(report_path))
        report = json.loads(report_path.read_text(encoding="utf-8"))
    unreached = set[Unreached]()
    for path, measured in report["files"].items():
        unreached.update(_unreached_in(CHECKOUT / path, measured))
    json.dump([[u.module, u.function, u.line] for u in sorted(unreached)], sys.stdout)


def read_each_kind(folder: Path) -> None:
    """Make a site of each kind, and read it."""
    # What is imported here is counted from its first line on.
    from jira_pipeline.drupal.site.configuration import read_configuration  # noqa: PLC0415
    from jira_pipeline.drupal.site.site_entities import site_entities  # noqa: PLC0415
    from jira_pipeline_tests.drupal.site.generated_sites import KINDS, generated  # noqa: PLC0415

    for kind in KINDS:
        generated(kind, 0).write(folder / kind)
        site_entities(read_configuration(folder / kind))


def _unreached_in(path: Path, measured: dict[str, Any]) -> Iterator[Unreached]:
    """Yield functions of which nothing is reached, and reached lines with a branch that is not taken."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    reached = {*measured["executed_lines"]}
    starts = {start for start, _ in measured["missing_branches"]} & reached
    for function in _functions_of(ast.parse(source)):
        body = range(function.first_line, function.last_line + 1)
        if reached.isdisjoint(body):
            yield Unreached(path.stem, function.name, WHOLE)
        for number in starts.intersection(body):
            yield Unreached(path.stem, function.name, lines[number - 1].strip())


def listed(path: Path = LISTED_PATH) -> dict[Unreached, str]:
    """Return what need not be reached, with the reason."""
    reasons = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["unreached"]:
        for function, lines in entry["lines"].items():
            for line in lines:
                reasons[Unreached(entry["module"], function, line)] = entry["reason"]
    return reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class _Function:
    name: str
    first_line: int
    """Of its body: the line that defines it is reached by importing it."""
    last_line: int


def _functions_of(tree: ast.Module) -> Iterator[_Function]:
    """Yield the functions of a module and the methods of its classes."""
    for statement in tree.body:
        members = statement.body if isinstance(statement, ast.ClassDef) else [statement]
        owner = f"{statement.name}." if isinstance(statement, ast.ClassDef) else ""
        for member in members:
            if isinstance(member, ast.FunctionDef) and member.end_lineno is not None:
                yield _Function(
                    name=f"{owner}{member.name}",
                    first_line=member.body[0].lineno,
                    last_line=member.end_lineno,
                )


if __name__ == "__main__":
    main()

"""The walk through an export names what exists."""

import importlib
import re
from functools import reduce
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "architecture.md"
ROOM = "jira_pipeline.stages.jira_export"
CLASSES = {
    "ExportRun": "export_run",
    "IssueCreation": "creation",
    "IssueFields": "fields",
    "LedgerPage": "ledger_page",
    "Sending": "sending",
}
WALK = (
    PAGE.read_text(encoding="utf-8")
    .partition("`create_issues`, followed by hand")[2]
    .split("\n## ")[0]
)
NAMED = sorted(set(re.findall(r"`(\w+\.\w+)[`(]", WALK)))


@pytest.mark.parametrize("name", NAMED)
def test_a_function_of_the_walk_exists(name: str) -> None:
    first, _, rest = name.partition(".")
    path = [first, rest] if first in CLASSES else [rest]

    module = importlib.import_module(f"{ROOM}.{CLASSES.get(first, first)}")

    assert callable(reduce(getattr, path, module))


def test_the_walk_has_at_most_twelve_steps() -> None:
    steps = re.findall(r"^\d+\. ", WALK, re.MULTILINE)

    assert 0 < len(steps) <= 12

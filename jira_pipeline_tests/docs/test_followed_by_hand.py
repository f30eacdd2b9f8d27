"""What is followed by hand names what exists, in at most twelve steps."""

import importlib
import re
from functools import reduce
from pathlib import Path

from jira_pipeline_tests.tables import each

PAGE = Path(__file__).resolve().parents[2] / "docs" / "architecture.md"
ROOM = "jira_pipeline.export"
CLASSES = {
    "ExportRun": "export_run",
    "IssueCreation": "creation",
    "IssueFields": "issue_fields",
    "LedgerPage": "ledger_page",
    "Sending": "sending",
}
WALK = (
    PAGE.read_text(encoding="utf-8")
    .partition("`create_issues`, followed by hand")[2]
    .split("\n## ")[0]
)
OTHER_WALKS = {
    walk.partition("\n")[0]: walk
    for walk in PAGE.read_text(encoding="utf-8").split("\n## ")
    if "followed by hand" in walk.partition("\n")[0]
}
PATHS = sorted(set(re.findall(r"`((?:\w+/)+\w+(?:\.\w+)+)", "".join(OTHER_WALKS.values()))))
NAMED = sorted(set(re.findall(r"`(\w+\.\w+)[`(]", WALK)))


@each("name", NAMED)
def test_a_function_of_the_walk_exists(name: str) -> None:
    first, _, rest = name.partition(".")
    path = [first, rest] if first in CLASSES else [rest]

    module = importlib.import_module(f"{ROOM}.{CLASSES.get(first, first)}")

    assert callable(reduce(getattr, path, module))


@each("path", PATHS)
def test_what_a_walk_goes_through_exists(path: str) -> None:
    module, *names = path.split(".")

    found = importlib.import_module(f"jira_pipeline.{module.replace('/', '.')}")

    assert callable(reduce(getattr, names, found)) or names[-1].endswith("_sensor")


@each("title", OTHER_WALKS)
def test_a_walk_has_at_most_twelve_steps(title: str) -> None:
    steps = re.findall(r"^\d+\. ", OTHER_WALKS[title], re.MULTILINE)

    assert 0 < len(steps) <= 12

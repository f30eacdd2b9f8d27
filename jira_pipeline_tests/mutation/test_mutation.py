"""The runner notices a defence that is taken out, and nothing where none is."""

import ast
from pathlib import Path

import pytest

from jira_pipeline_tests.mutation.__main__ import PACKAGE, PYTEST, copied, first_failure, taken_out
from jira_pipeline_tests.mutation.defences import DEFENCES
from jira_pipeline_tests.projects import CHECKOUT

TESTS = (*PYTEST, "jira_pipeline_tests/model/test_export_ledger.py")
ONE = next(one for one in DEFENCES if one.name == "only one resend")


def test_a_defence_is_noticed_when_it_is_taken_out(tmp_path: Path) -> None:
    copy = copied(tmp_path / "copy")

    with taken_out(copy, ONE):
        noticed = first_failure(copy, [TESTS])

    assert str(noticed).startswith("jira_pipeline_tests/")
    assert first_failure(copy, [TESTS]) is None
    with pytest.raises(SystemExit, match="No test ran"):
        first_failure(copy, [(*PYTEST, "jira_pipeline_tests/missing.py")])


def test_every_defence_is_found_once() -> None:
    """Else the code moved on, and the list with it."""
    found = {}
    for one in DEFENCES:
        source = (CHECKOUT / PACKAGE / one.file).read_text(encoding="utf-8")
        found[one.name] = source.count(one.text)
        ast.parse(source.replace(one.text, one.without))  # else no test runs without it

    assert {name: count for name, count in found.items() if count != 1} == {}

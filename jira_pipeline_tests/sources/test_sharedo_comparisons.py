"""A comparison as a file, written and read back."""

import dataclasses
import json

import pytest

from jira_pipeline.domain.sharedo_comparison import (
    ComparedSide,
    Comparison,
    Outcome,
    compare_sides,
)
from jira_pipeline.errors import PackageRefusedError
from jira_pipeline.sharedo_sandbox.environments import sandbox_environments
from jira_pipeline.sharedo_sandbox.packages import build_package
from jira_pipeline.sources.sharedo.comparisons import read_comparison, write_comparison
from jira_pipeline.sources.sharedo.packages import read_package

NEWER = b"""{"sharedo_comparison": 2, "comparison":
    {"first": "a", "second": "b", "components": [], "warnings": []}}"""
KEY = b"a key of this installation"


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """The two environments of the sandbox."""
    sides = []
    for name, environment in sandbox_environments().items():
        content = build_package(environment, [*environment.by_key])
        package = read_package(content, file=f"{name}.zip", secret_key=KEY)
        sides.append(ComparedSide(name=name, packages=(package,)))
    return compare_sides(*sides)


def test_a_comparison_that_is_written_is_read_back(comparison: Comparison) -> None:
    read = read_comparison(write_comparison(comparison), file="a.comparison.json", secret_key=KEY)

    assert dataclasses.replace(read, components=()) == dataclasses.replace(
        comparison, components=()
    )
    for outcome in (Outcome.ADDED, Outcome.REMOVED):
        assert read.with_outcome(outcome) == comparison.with_outcome(outcome)
    for ours, theirs in zip(
        read.with_outcome(Outcome.MODIFIED), comparison.with_outcome(Outcome.MODIFIED), strict=True
    ):
        assert (ours.first, ours.differences) == (theirs.first, theirs.differences)
    assert [c.key for c in read.components] == [c.key for c in comparison.components]
    assert write_comparison(read) == write_comparison(comparison)


def test_what_is_alike_is_written_by_name_only(comparison: Comparison) -> None:
    read = read_comparison(write_comparison(comparison), file="a.comparison.json", secret_key=KEY)

    alike = read.with_outcome(Outcome.UNCHANGED)
    assert alike
    assert all(c.first is not None and c.first.payload == {} for c in alike)


def test_a_secret_written_into_the_file_is_masked(comparison: Comparison) -> None:
    text = write_comparison(comparison).decode()
    value = json.loads(text)
    (changed, *_) = [c for c in value["comparison"]["components"] if c["differences"]]
    changed["differences"][0] |= {"path": "A.ClientSecret", "after": "hunter2"}
    changed["first"]["payload"]["Password"] = "hunter2"

    read = read_comparison(json.dumps(value).encode(), file="a.comparison.json", secret_key=KEY)

    assert "hunter2" not in repr(read)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is no comparison of environments either; the file: invalid json"),
        (b"[]", "it is no comparison of environments either; the file"),
        (b'{"sharedo_comparison": 1}', "it is no comparison of environments either; comparison: "),
        (
            NEWER,
            "it is a comparison of format 2; known is 1",
        ),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "it is no comparison of environments either; "),
    ],
    ids=["empty", "no object", "no comparison", "newer", "deep"],
)
def test_a_file_that_is_no_comparison_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(PackageRefusedError, match=words):
        read_comparison(content, file="a.comparison.json", secret_key=KEY)

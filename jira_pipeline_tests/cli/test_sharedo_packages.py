"""`sharedo compare`: what comes of package files, good and bad."""

from pathlib import Path

import pytest

from jira_pipeline.sharedo.sandbox.made_packages import (
    MadeComponent,
    MadeEnvironment,
    build_package,
    describe_environment,
    environment_from,
)
from jira_pipeline_tests.cli.terminal import run, run_json

DESCRIPTION = describe_environment(4, work_type_count=2)
FIRST = environment_from(DESCRIPTION)
SECOND = environment_from(
    {
        **DESCRIPTION,
        "url": "https://two.sharedo.invalid",
        "option_sets": {**DESCRIPTION["option_sets"], "Outcome": ["Won", "Lost", "Stayed"]},
        "others": {},
    }
)


def write_packages(folder: Path, environment: MadeEnvironment) -> Path:
    folder.mkdir()
    for number, key in enumerate(environment.by_key):
        (folder / f"{number:02}.zip").write_bytes(build_package(environment, [key]))
    return folder


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders of packages."""
    return write_packages(tmp_path / "test", FIRST), write_packages(tmp_path / "live", SECOND)


def test_compare_names_what_each_environment_keeps_for_itself(tmp_path: Path) -> None:
    """Seen: the address of the test gateway read as a change to make in production."""
    sides = []
    for name, other in (("dev", FIRST), ("live", SECOND)):
        payload = {"Endpoint": f"https://{name}.example.invalid/api", "Retries": len(name)}
        gate = MadeComponent(
            provider="global-feature",
            selector={"SystemName": "gate"},
            title="Gate",
            payload=payload,
        )
        made = MadeEnvironment(url=other.url, version="1.0", components=(gate,))
        sides.append(tmp_path / f"{name}.zip")
        sides[-1].write_bytes(build_package(made, ["global-feature:gate"]))

    answer = run_json("sharedo", "compare", *sides)
    shown = run("sharedo", "compare", *sides)

    (component,) = answer["components"]
    assert [(d["path"], d["is_environments_own"]) for d in component["differences"]] == [
        ("Endpoint", True),
        ("Retries", False),
    ]
    assert "Endpoint (the environment's own)" in shown.words


def test_compare_finds_what_differs(sides: tuple[Path, Path]) -> None:
    answer = run_json("sharedo", "compare", *sides)
    shown = run("sharedo", "compare", *sides)

    found = {c["key"]: c for c in answer["components"] if c["outcome"] != "unchanged"}
    assert answer["counts"]["modified"] == 1
    assert answer["counts"]["added"] == 4
    assert [d["path"] for d in found["option-set:outcome"]["differences"]] == [
        "Options[discontinued]",
        "Options[settled]",
        "Options[stayed]",
    ]
    assert "Only in test" in shown.words
    assert "1 different, " in shown.words


def test_compare_goes_on_where_a_package_of_a_folder_cannot_be_read(
    sides: tuple[Path, Path],
) -> None:
    (sides[1] / "99.zip").write_bytes(b"PK")

    answer = run_json("sharedo", "compare", *sides)

    assert answer["counts"]["added"] == 0
    assert answer["counts"]["not_compared"] == 4
    assert any("99.zip cannot be read" in warning for warning in answer["warnings"])


def test_compare_refuses_a_side_without_packages(sides: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    missing = run("sharedo", "compare", sides[0], tmp_path / "gone")
    empty = run("sharedo", "compare", sides[0], tmp_path / "empty")

    assert (missing.exit_code, empty.exit_code) == (2, 2)
    assert "does not exist" in missing.words
    assert "contains no export package" in empty.words

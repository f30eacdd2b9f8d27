"""The command that runs benchmarks: its help measures nothing, and Ctrl-C leaves nothing at work."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.peers import Answered, rounds_of
from benchmarks.running import BENCHMARKS, run
from benchmarks.sessions_load import running_daemon


def test_the_help_of_a_benchmark_runs_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "sessions_load", "--help"])

    main()

    shown = capsys.readouterr().out
    assert shown.startswith("usage: python -m benchmarks sessions_load")
    assert "--sessions=200" in shown


def test_without_a_name_each_is_listed_with_what_it_measures(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ran all of them for an hour."""
    monkeypatch.setattr(sys, "argv", ["benchmarks"])

    main()

    lines = [
        line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()[-len(BENCHMARKS) :]
    ]
    assert [name for name, _ in lines] == [*BENCHMARKS]
    assert all(len(sentence) > 20 for _, sentence in lines)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("claims", "DATA"),
        ("verify_site", "DATA"),
        ("site_questions", "DATA"),
        ("strange_sites", "DATA"),
        ("declared_layouts", "BOOKS"),
        ("layout_choices", "BOOKS"),
        ("must_facts", "PACKETS"),
    ],
)
def test_a_benchmark_whose_data_is_absent_says_so(
    name: str,
    data: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two ended in a traceback, and one printed a table without a row."""
    monkeypatch.setattr(sys, "argv", ["benchmarks", name])
    monkeypatch.setattr(import_module(f"benchmarks.{name}"), data, tmp_path / "absent")

    run(name, {})

    assert f"{tmp_path / 'absent'}" in capsys.readouterr().out


def test_a_daemon_of_a_benchmark_ends_with_ctrl_c(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), running_daemon(tmp_path) as daemon:
        raise KeyboardInterrupt

    assert daemon.poll() is not None


@pytest.mark.parametrize(
    ("answered", "rounds"),
    [
        pytest.param([], 0, id="nothing sent"),
        pytest.param([(0, 1), (1, 2), (2, 3)], 3, id="one by one"),
        pytest.param([(0, 3), (0, 1), (1, 3), (3, 4)], 3, id="beside a long one"),
    ],
)
def test_a_round_is_what_begins_before_another_answer(
    answered: list[tuple[float, float]], rounds: int
) -> None:
    assert rounds_of([Answered(began, ended) for began, ended in answered]) == rounds

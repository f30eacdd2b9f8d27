"""How `python -m benchmarks house` counts, on a package of four small modules."""

from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.house import Module, importers_of, longest_chain, modules_of, traced

SOURCES = {
    "__init__.py": '"""The package."""\n',
    "doors/__init__.py": "",
    "doors/front.py": '''"""Front."""

from made.rooms import open_window, paint


def enter():  # a comment
    """Two lines
    of words."""
    text = """of
    code"""
    return open_window(), paint(text)
''',
    "rooms.py": """from .walls import Wall


def open_window():
    def turn():
        return open_window

    return _handle(turn())


def _handle(handle):
    return handle


def paint(text):
    return Wall(), Wall().shown(text), _mixed(text), _mixed(text)


def _mixed(text):
    return text
""",
    "walls.py": """class Wall:
    def shown(self, text):
        return self._dried(text)

    def _dried(self, text):
        return self.text or self._dried(text)

    def kept(self):
        return self.kept
""",
}


@pytest.fixture
def made(tmp_path: Path) -> dict[str, Module]:
    """The modules of the package."""
    for name, source in SOURCES.items():
        path = tmp_path / "made" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return modules_of(tmp_path / "made")


def test_lines_of_docstrings_and_comments_are_no_code(made: dict[str, Module]) -> None:
    assert made["made"].code_lines == 0
    assert made["made.doors.front"].code_lines == 5


def test_a_private_function_called_once_in_its_module_is_called_once(
    made: dict[str, Module],
) -> None:
    """Its own body does not count, nor does a function that is public or called twice."""
    found = [
        (name, function.name)
        for name, module in made.items()
        for function in module.functions
        if function.is_called_once
    ]

    assert found == [("made.rooms", "_handle"), ("made.walls", "_dried")]


def test_importers_are_the_modules_that_name_a_module_or_something_in_it(
    made: dict[str, Module],
) -> None:
    importers = importers_of(made)

    assert importers["made.walls"] == {"made.rooms"}
    assert importers["made.rooms"] == {"made.doors.front"}
    assert longest_chain(importers) == 3


def test_a_walk_counts_what_is_touched_and_each_call_into_another_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs while a module is imported is not part of it."""
    package = tmp_path / "walked"
    sources = {
        "hall.py": "from walked.cellar.wine import fetch\ndef enter():\n    return [fetch(n) for n in (1, 2)]\n",
        "cellar/wine.py": "def fetch(number):\n    return _taken(number)\ndef _taken(number):\n    return number\n_taken(0)\n",
    }
    for name, source in sources.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    figures, answer = traced(lambda: import_module("walked.hall").enter(), package)

    assert answer == [1, 2]
    assert figures == {"functions": "3", "modules": "2", "rooms": "2", "moves": "2"}

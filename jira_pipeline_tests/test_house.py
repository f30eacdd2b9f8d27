"""How `python -m benchmarks house` counts, on a package of four small modules."""

from pathlib import Path

import pytest

from benchmarks.house import (
    Module,
    functions_used_once,
    importers_of,
    longest_chain,
    modules_of,
)

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


def test_a_function_read_once_in_its_own_module_is_used_once(made: dict[str, Module]) -> None:
    """Its own body does not count, nor does a function that others import or call as a method."""
    found = [(module.name, function.name) for module, function in functions_used_once(made)]

    assert sorted(found) == [
        ("made.rooms", "_handle"),
        ("made.rooms", "turn"),
        ("made.walls", "_dried"),
    ]
    assert list(functions_used_once(made, room="doors")) == []


def test_importers_are_the_modules_that_name_a_module_or_something_in_it(
    made: dict[str, Module],
) -> None:
    importers = importers_of(made)

    assert importers["made.walls"] == {"made.rooms"}
    assert importers["made.rooms"] == {"made.doors.front"}
    assert longest_chain(made, importers) == 3


def test_modules_of_a_cycle_count_as_one_in_a_chain(made: dict[str, Module]) -> None:
    importers = importers_of(made)
    importers["made.doors.front"].add("made.walls")

    assert longest_chain(made, importers) == 1

"""A module says where else to look: what it names is there."""

import ast
import re
from pathlib import Path

from jira_pipeline_tests.parsed_modules import PACKAGE, parsed_modules

REFERENCES = re.compile(r"\((`[a-z_/]+`(?:,? (?:and )?`[a-z_/]+`)*)\)")
"""Of a docstring: in brackets nothing but names."""
PLACES = {
    place.relative_to(PACKAGE).with_suffix("").as_posix()
    for place in PACKAGE.rglob("*")
    if place.suffix in {".py", ".toml"} or (place.is_dir() and place.name != "__pycache__")
}


def test_a_module_that_another_one_names_is_there() -> None:
    """After rooms moved, fifty of them sent readers to modules that were gone."""
    named = [
        (path.as_posix(), name)
        for path, tree in parsed_modules().items()
        for names in REFERENCES.findall(" ".join((ast.get_docstring(tree) or "").split()))
        for name in re.findall(r"`([a-z_/]+)`", names)
    ]

    assert len(named) > 300
    assert [(path, name) for path, name in named if not _is_place(name, seen_from=path)] == []


def _is_place(name: str, *, seen_from: str) -> bool:
    """Look beside a module, then in each folder above it."""
    folders = Path(seen_from).parents
    return any((folder / name).as_posix() in PLACES for folder in folders)

"""The packages of an invented allotment society, made of `society.yaml`.

Belongs here: making them, as a folder for each session. Does not: what they hold (that file).
"""

import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    MadeComponent,
    MadeEnvironment,
    build_package,
)
from jira_pipeline_tests.sharedo.made_packages import compare

_SOCIETY = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))


def made(stated: Mapping[str, Any]) -> MadeEnvironment:
    changes, needs = stated.get("changes", {}), stated.get("mandatory", {})
    return MadeEnvironment(
        url=stated.get("url", "https://one.sharedo.invalid"),
        version=stated.get("version", "7.1.2.3"),
        components=tuple(
            MadeComponent(
                provider=one["provider"],
                selector={"SystemName": one["name"]},
                title=one["title"],
                payload={**one["payload"], **changes.get(one["name"], {})},
                mandatory=tuple(needs.get(one["name"], one.get("mandatory", ()))),
            )
            for one in _SOCIETY["components"]
            if one["name"] in stated.get("holds", [one["name"]])
        ),
    )


def write_packages(packages: Mapping[str, Any], folder: Path) -> None:
    """Write the packages of a session, and which are compared where there are two."""
    for name, stated in packages.items():
        society, letter = made(stated), stated.get("letter", "Dear")
        (folder / name).write_bytes(build_package(society, tuple(society.by_key)))
        with zipfile.ZipFile(folder / name, "a") as archive:
            archive.writestr("files/plot-letter.docx", letter)
    if len(packages) > 1:
        compare(folder, "trial wanted.zip", "live b.zip")


SESSIONS: Mapping[str, Callable[[Path], None]] = {
    name: partial(write_packages, packages) for name, packages in _SOCIETY["sessions"].items()
}

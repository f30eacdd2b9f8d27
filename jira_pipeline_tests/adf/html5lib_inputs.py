"""The inputs of html5lib's tree-construction tests: 1,700 ways in which HTML is malformed.

Belongs here: fetching the source distribution by pip when a test needs it, and reading it. None of
it is kept in the project.
"""

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

_REQUIREMENT: Final = "html5lib==1.1"
_ARCHIVE: Final = "html5lib-1.1.tar.gz"
_FOLDER: Final = "html5lib/tests/testdata/tree-construction/"
_CACHE_PATH: Final = Path.home() / ".cache" / "jira_pipeline_tests"
_FETCH_SECONDS = 120


class InputsUnavailableError(Exception):
    """The inputs are not there and could not be fetched."""


def html5lib_inputs() -> list[str]:
    """Read the `#data` sections in the order of the files.

    Raises:
        InputsUnavailableError: pip could not fetch the source distribution.
    """
    path = _CACHE_PATH / _ARCHIVE
    if not path.exists():
        _fetch(_CACHE_PATH)
    inputs: list[str] = []
    with tarfile.open(path) as archive:
        members = [m for m in archive.getmembers() if _FOLDER in m.name and m.name.endswith(".dat")]
        for member in sorted(members, key=lambda m: m.name):
            opened = archive.extractfile(member)
            if opened is not None:
                inputs.extend(_inputs_of(opened.read().decode("utf-8", "surrogatepass")))
    return inputs


def _fetch(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    constraints = folder / "constraints.txt"
    constraints.write_text("setuptools<70\n", encoding="utf-8")  # its setup.py is older than that
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries", "0"]
    try:
        subprocess.run(
            [*command, "--no-binary", ":all:", "--dest", str(folder), _REQUIREMENT],
            check=True,
            capture_output=True,
            timeout=_FETCH_SECONDS,
            env={**os.environ, "PIP_CONSTRAINT": str(constraints)},  # noqa: TID251 - pip's own way
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise InputsUnavailableError(f"pip could not fetch {_REQUIREMENT}") from error


def _inputs_of(text: str) -> list[str]:
    """Take what is between `#data` and `#errors`."""
    inputs: list[str] = []
    for section in text.split("#data\n")[1:]:
        data, found, _ = section.partition("\n#errors")
        if found:
            inputs.append(data)
    return inputs

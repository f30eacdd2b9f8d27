"""Packages of others, put into a folder outside the project when a benchmark needs them.

Belongs here: installing and finding. Nothing of it is part of the project: the folder may be
deleted at any time, and a machine without a network says so instead of failing.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

CACHE_PATH: Final = Path.home() / ".cache" / "jira_pipeline_benchmarks"
_INSTALL_SECONDS = 600


class PackageUnavailableError(Exception):
    """A package could not be installed, because of the network or of the package."""


def npm_folder(name: str, packages: Sequence[str]) -> Path:
    """Install npm packages (`name@version`) once; the answer is their `node_modules`.

    Raises:
        PackageUnavailableError: npm is not there, or could not fetch or install them.
    """
    folder = CACHE_PATH / "npm" / name
    npm = shutil.which("npm")
    if not _is_installed(folder, packages):
        if npm is None:
            raise PackageUnavailableError("npm is not installed")
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel"]
        folder.mkdir(parents=True, exist_ok=True)
        _run([*command, "error", "--prefix", str(folder), *packages])
        _mark_installed(folder, packages)
    return folder / "node_modules"


def python_of(name: str, packages: Sequence[str]) -> Path:
    """Install PyPI packages (`name==version`) once, apart from ours; the answer runs them.

    Raises:
        PackageUnavailableError: pip could not fetch or install them.
    """
    folder = CACHE_PATH / "pypi" / name
    python = folder / "bin" / "python"
    if not _is_installed(folder, packages):
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(python), "-m", "pip", "install", "--quiet", *packages])
        _mark_installed(folder, packages)
    return python


def _is_installed(folder: Path, packages: Sequence[str]) -> bool:
    stamp = folder / "installed.json"
    return stamp.exists() and json.loads(stamp.read_text(encoding="utf-8")) == list(packages)


def _mark_installed(folder: Path, packages: Sequence[str]) -> None:
    stamp = folder / "installed.json"
    stamp.write_text(json.dumps(list(packages)), encoding="utf-8")


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS
        )
    except subprocess.CalledProcessError as error:
        lines = [line for line in (error.stderr or "").splitlines() if line.strip()]
        reason = lines[-1] if lines else f"exit code {error.returncode}"
        raise PackageUnavailableError(reason) from error
    except subprocess.TimeoutExpired as error:
        raise PackageUnavailableError(f"not installed in {_INSTALL_SECONDS} s") from error

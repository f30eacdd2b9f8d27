"""CPU time and memory to read the exported configuration of a site, against PyYAML alone.

Each in a process of its own: all files parsed by `yaml.load` with libyaml and kept; read; read and
made into the entities of the site. Goals: under 5 s of CPU and 150 MiB for 4,000 files.
"""

import resource
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import yaml

from benchmarks.specifications import DATA
from jira_pipeline.sources.drupal_config.configuration import read_configuration
from jira_pipeline.sources.drupal_config.site_entities import site_entities

EXPORTS = DATA / "drupal_config"
_KIBIBYTES = 1024 if sys.platform == "darwin" else 1


def main() -> None:
    """Print a line for each export there is."""
    print(f"{'export':16} {'files':>6} {'PyYAML':>16} {'read':>16} {'entities':>16} {'ratio':>6}")
    for export in sorted(EXPORTS.glob("*/")):
        figures = [_measured(export, work) for work in (_parse, _read, _make_entities)]
        (plain, _), *_, (whole, _) = figures
        shown = " ".join(f"{seconds:5.2f} s {mebibytes:4.0f} MiB" for seconds, mebibytes in figures)
        print(f"{export.name:16} {len(list(export.glob('*.yml'))):>6} {shown} {whole / plain:6.2f}")
    if not EXPORTS.is_dir():
        print(f"Skipped: no exports at {EXPORTS}.")


def _measured(export: Path, work: Callable[[Path], object]) -> tuple[float, float]:
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_seconds_and_mebibytes, (export, work))


def _seconds_and_mebibytes(export: Path, work: Callable[[Path], object]) -> tuple[float, float]:
    started = time.process_time()
    kept = work(export)
    seconds = time.process_time() - started
    del kept
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIBIBYTES / 1024


def _parse(export: Path) -> object:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [yaml.load(path.read_bytes(), Loader=loader) for path in export.glob("*.yml")]  # noqa: S506 - a safe loader


def _read(export: Path) -> object:
    return read_configuration(export)


def _make_entities(export: Path) -> object:
    return site_entities(read_configuration(export))

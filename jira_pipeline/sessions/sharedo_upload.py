"""ShareDo packages as upload sessions: what they hold, or what differs between two environments.

Belongs here: putting packages into one folder that is uploaded like any other. Does not: export
jobs (`sharedo/export_jobs`), reading packages (`sharedo/reading/packages`),
registering a folder (`upload`).
"""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.entities import PACKAGE_SUFFIX
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.sessions import session_key_from
from jira_pipeline.model.sharedo_jobs import ExportType
from jira_pipeline.sessions.upload import upload
from jira_pipeline.sharedo.comparison import COMPARISON_FILE
from jira_pipeline.sharedo.environment_comparison import (
    PackageSide,
    compare_environments,
    exported_packages,
    wanted_items,
)
from jira_pipeline.sharedo.export_answers import Listener
from jira_pipeline.sharedo.export_jobs import find_environment
from jira_pipeline.sharedo.sandbox.environments import sandbox_environments
from jira_pipeline.sheets.manifest import find_manifest
from jira_pipeline.sheets.upload_reading import UploadOutcome


def named_side(name: str, paths: Sequence[Path]) -> PackageSide:
    """Name packages as their files are called.

    Raises:
        WrongUseError: One is no `.zip` file, or two have the same name.
    """
    for path in paths:
        if path.suffix.casefold() != PACKAGE_SUFFIX or not path.is_file():
            raise WrongUseError(
                f"{path} is not an export package (.zip).",
                recovery_actions=("Name the files that ShareDo exported.",),
            )
    if len({path.name for path in paths}) < len(paths):
        raise WrongUseError("Two packages have the same file name; rename one of them.")
    return PackageSide(name=name, packages={path.name: path for path in paths})


def upload_packages(
    pipeline: Pipeline,
    wanted: PackageSide,
    *,
    against: PackageSide | None = None,
    session_key: str | None,
    auto_approve: bool,
    actor: str,
    ignored_fields: frozenset[str] = frozenset(),
) -> UploadOutcome:
    """Register a session of packages; with `against`, of what differs from those.

    `ignored_fields` are left out of the comparison. A `session.yaml` beside the first package counts, as it does in a folder.

    Raises:
        WrongUseError: Both sides have a file of the same name.
        SheetsRefusedError: A package is refused.
    """
    twice = sorted(set(wanted.packages) & set(against.packages if against else ()))
    if twice:
        raise WrongUseError(f"Both sides have a package called {twice[0]}; rename one of them.")
    name, first = next(
        package for side in (wanted, against) if side for package in side.packages.items()
    )
    key = session_key or session_key_from(Path(name).stem)
    with tempfile.TemporaryDirectory(prefix="sharedo-upload-") as temporary:
        folder = Path(temporary, key)
        folder.mkdir()
        for side in (wanted, against) if against else (wanted,):
            for name, path in side.packages.items():
                shutil.copyfile(path, folder / name)
        manifest = find_manifest(first.parent)
        if manifest is not None:
            shutil.copyfile(manifest, folder / manifest.name)
        if against is not None:
            text = _comparison_text(wanted, against, ignored_fields=ignored_fields)
            (folder / COMPARISON_FILE).write_text(text, encoding="utf-8")
        return upload(pipeline, folder, session_key=key, auto_approve=auto_approve, actor=actor)


def _comparison_text(
    wanted: PackageSide, against: PackageSide, *, ignored_fields: frozenset[str]
) -> str:
    """Say which packages are of which side, as `comparison.json` does."""
    sides: dict[str, object] = {"ignored_fields": sorted(ignored_fields)}
    for place, side in (("first", wanted), ("second", against)):
        sides[place] = {
            "name": side.name,
            "packages": sorted(side.packages),
            "lacks": None if side.lacks is None else sorted(side.lacks),
            "failures": [
                {"component_key": f.component_key, "reason": f.reason} for f in side.failures
            ],
        }
    return f"{json.dumps(sides, indent=2, ensure_ascii=False, sort_keys=True)}\n"


def exported_side(
    pipeline: Pipeline,
    environment: str,
    items: Sequence[tuple[str, str]],
    *,
    includes_dependencies: bool,
    listener: Listener,
) -> PackageSide:
    """Export things of one environment; packages are named after what was asked for.

    `items` are kinds, or providers, and system names.

    Raises:
        WrongUseError: There is no such environment.
        PipelineError: Nothing could be exported.
    """
    found = find_environment(pipeline.settings, environment)
    wanted = wanted_items(found, items, includes_dependencies=includes_dependencies)
    exported = exported_packages(pipeline, wanted, listener=listener)
    if not exported.packages:
        raise exported.errors[0]
    return exported


def sandbox_exports(pipeline: Pipeline, *, listener: Listener) -> tuple[PackageSide, PackageSide]:
    """Export every work type of both sandbox environments, with what it needs."""
    made = sandbox_environments()
    names = sorted(
        {c.name for one in made.values() for c in one.components if c.provider == "sharedo-type"}
    )
    items = [(ExportType.WORKTYPE.value, name) for name in names]
    first, second = made
    exported = compare_environments(
        pipeline, first, second, items, includes_dependencies=True, listener=listener
    )
    return exported.first, exported.second

"""ShareDo packages as upload sessions: what they hold, or what differs between two environments.

Belongs here: putting packages into one folder that is uploaded like any other. Does not: export jobs
(`sharedo`), reading packages (`sources/sharedo`), registering a folder (`upload`).
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jira_pipeline.domain.entities import PACKAGE_SUFFIX
from jira_pipeline.domain.sessions import session_key_from
from jira_pipeline.domain.sharedo_comparison import COMPARISON_FILE
from jira_pipeline.domain.sharedo_jobs import ExportType
from jira_pipeline.errors import WrongUseError
from jira_pipeline.ports.sharedo import Listener
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.sharedo import export_all, find_environment, wanted_export
from jira_pipeline.sessions.upload import upload
from jira_pipeline.sharedo_sandbox.environments import sandbox_environments
from jira_pipeline.stages.manifest import find_manifest
from jira_pipeline.stages.upload_reading import UploadOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSide:
    """Packages of one environment."""

    name: str
    packages: Mapping[str, Path]
    """Files by the name they get in the session, which tickets cite."""
    failures: Mapping[str, str] = field(default_factory=dict)
    """Why a component is not in them, by its key: it is not compared."""


def named_side(name: str, paths: Sequence[Path]) -> PackageSide:
    """Name packages as their files are called.

    Raises:
        WrongUseError: One is no `.zip` file, or two have the same name.
    """
    for path in paths:
        if path.suffix.casefold() != PACKAGE_SUFFIX or not path.is_file():
            raise WrongUseError(
                f"{path} is no export package (.zip).",
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
) -> UploadOutcome:
    """Register a session of packages; with `against`, of what differs from those.

    A `session.yaml` beside the first package counts, as it does in a folder.

    Raises:
        WrongUseError: Both sides have a file of the same name.
        SheetsRefusedError: A package is refused.
    """
    twice = sorted(set(wanted.packages) & set(against.packages if against else ()))
    if twice:
        raise WrongUseError(f"Both sides have a package called {twice[0]}; rename one of them.")
    first = next(iter(wanted.packages.values()))
    key = session_key or session_key_from(first.stem)
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
            sides = {"first": _side_object(wanted), "second": _side_object(against)}
            text = json.dumps(sides, indent=2, ensure_ascii=False, sort_keys=True)
            (folder / COMPARISON_FILE).write_text(f"{text}\n", encoding="utf-8")
        return upload(pipeline, folder, session_key=key, auto_approve=auto_approve, actor=actor)


def _side_object(side: PackageSide) -> dict[str, object]:
    return {
        "name": side.name,
        "packages": sorted(side.packages),
        "failures": dict(sorted(side.failures.items())),
    }


def sandbox_exports(pipeline: Pipeline, *, listener: Listener) -> tuple[PackageSide, PackageSide]:
    """Export every work type of both sandbox environments, with what it needs.

    Raises:
        ShareDoError: An export failed.
    """
    sides = []
    for name, made in sandbox_environments().items():
        environment = find_environment(pipeline.settings, name)
        wanted = [
            wanted_export(
                environment,
                kind=ExportType.WORKTYPE.value,
                system_name=component.name,
                includes_dependencies=True,
            )
            for component in made.components
            if component.provider == environment.providers[ExportType.WORKTYPE.value]
        ]
        result = export_all(pipeline, wanted, listener=listener)
        if result.errors:
            raise result.errors[0].error
        packages = {
            f"{name}-{job.parameters.system_name}{PACKAGE_SUFFIX}": pipeline.settings.sharedo_path
            / job.package.file_name
            for job in result.jobs
            if job.package is not None
        }
        sides.append(PackageSide(name=name, packages=packages))
    first, second = sides
    return first, second

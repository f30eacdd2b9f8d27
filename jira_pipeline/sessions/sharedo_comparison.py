"""Comparing two ShareDo environments: by package files, or exported afresh.

Belongs here: where each side comes from. Does not: what differs (`domain/sharedo_comparison`), how it
is shown (`stages/sharedo_comparison`), sessions of packages (`sharedo_upload`).
"""

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.domain.sharedo_comparison import (
    ComparedSide,
    Comparison,
    SideFailure,
    compare_sides,
)
from jira_pipeline.domain.sharedo_jobs import ExportParameters, JobState
from jira_pipeline.errors import (
    ExportNotCreatedError,
    PackageRefusedError,
    PipelineError,
    WrongUseError,
)
from jira_pipeline.ports.sharedo import Listener
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.sharedo import export_all, find_environment, wanted_export
from jira_pipeline.sharedo_client.client import NO_SUCH_COMPONENT
from jira_pipeline.sharedo_client.environments import Environment
from jira_pipeline.sources.sharedo.packages import read_package_file

KEY_BYTES = 32


def compare_files(
    first: Path, second: Path, *, ignored_fields: frozenset[str] = frozenset()
) -> Comparison:
    """Compare two packages, or two folders of packages.

    Raises:
        PackageRefusedError: Nothing of a side can be read.
        WrongUseError: There is no such file, or no package in a folder.
    """
    key = secrets.token_bytes(KEY_BYTES)
    is_same = first.name == second.name
    names = (str(first), str(second)) if is_same else (first.name, second.name)
    return compare_sides(
        side_of_files(first, name=names[0], secret_key=key),
        side_of_files(second, name=names[1], secret_key=key),
        ignored_fields=ignored_fields,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedPackages:
    """What came of exporting things of one environment."""

    environment: str
    paths: Mapping[str, Path]
    """Packages by the provider and system name they were asked for."""
    failures: tuple[SideFailure, ...]
    errors: tuple[PipelineError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedComparison:
    """Two environments that were exported afresh, and what differs."""

    comparison: Comparison
    first: ExportedPackages
    second: ExportedPackages


def compare_environments(
    pipeline: Pipeline,
    first: str,
    second: str,
    items: Sequence[tuple[str, str]],
    *,
    includes_dependencies: bool,
    listener: Listener,
    ignored_fields: frozenset[str] = frozenset(),
) -> ExportedComparison:
    """Export the same things of two environments afresh, both at once, and compare them.

    `items` are kinds, or providers, and system names. What cannot be exported of one side is not
    compared; what an environment says it does not have, the other side alone has.

    Raises:
        WrongUseError: There is no such environment, or it is the same twice.
        PackageInvalidError: An environment has no provider of such a kind.
        PipelineError: Nothing could be exported of either side.
    """
    if first == second:
        raise WrongUseError(f"Both sides are the environment {first}: name two.")
    environments = [find_environment(pipeline.settings, name) for name in (first, second)]
    wanted = [
        wanted_items(environment, items, includes_dependencies=includes_dependencies)
        for environment in environments
    ]
    with ThreadPoolExecutor(max_workers=2) as pool:
        exports = [
            pool.submit(exported_packages, pipeline, parameters, listener=listener)
            for parameters in wanted
        ]
        ours, theirs = (export.result() for export in exports)
    if not ours.paths and not theirs.paths:
        raise (*ours.errors, *theirs.errors)[0]
    key = secrets.token_bytes(KEY_BYTES)
    return ExportedComparison(
        comparison=compare_sides(
            _read_side(ours, key), _read_side(theirs, key), ignored_fields=ignored_fields
        ),
        first=ours,
        second=theirs,
    )


def side_of_files(path: Path, *, name: str, secret_key: bytes) -> ComparedSide:
    """Read a package, or every package of a folder; what cannot be read is not compared.

    Raises:
        PackageRefusedError: Nothing of this side can be read.
        WrongUseError: There is no such file, or no package in the folder.
    """
    if not path.exists():
        raise WrongUseError(
            f"{path} does not exist.",
            recovery_actions=("Give an export package (.zip), or a folder of them.",),
        )
    files = sorted(path.glob("*.zip")) if path.is_dir() else [path]
    if not files:
        raise WrongUseError(
            f"The folder {path} holds no export package (.zip).",
            recovery_actions=("Give a folder that the packages of one environment are in.",),
        )
    packages, refused = [], []
    for file in files:
        try:
            packages.append(read_package_file(file, secret_key=secret_key))
        except PackageRefusedError as error:
            refused.append(error)
    if not packages:
        raise refused[0]
    return ComparedSide(
        name=name,
        packages=tuple(packages),
        failures=tuple(
            SideFailure(reason=f"{error.file} cannot be read: {error.reason}") for error in refused
        ),
    )


def wanted_items(
    environment: Environment, items: Sequence[tuple[str, str]], *, includes_dependencies: bool
) -> tuple[ExportParameters, ...]:
    """Return what is to be exported of an environment, each thing once."""
    return tuple(
        dict.fromkeys(
            wanted_export(
                environment,
                kind=kind,
                system_name=name,
                includes_dependencies=includes_dependencies,
            )
            for kind, name in items
        )
    )


def exported_packages(
    pipeline: Pipeline, wanted: Sequence[ExportParameters], *, listener: Listener
) -> ExportedPackages:
    """Export things of one environment; what it says it does not have is no failure."""
    result = export_all(pipeline, wanted, listener=listener)
    failures: list[SideFailure] = []
    paths: dict[str, Path] = {}
    for failure in result.errors:
        error, item = failure.error, wanted[failure.index]
        if not _says_it_lacks(error, item):
            failures += _failures_of(item, f"{error.code}: {error.message.rstrip('.')}")
    for job in result.jobs:
        item = job.parameters
        if job.state is not JobState.COMPLETED or job.package is None:
            failures += _failures_of(item, f"its export {job.job_id} is {job.state}")
            continue
        key = f"{item.provider}:{item.system_name}"
        paths[key] = pipeline.settings.sharedo_path / job.package.file_name
    errors = tuple(failure.error for failure in result.errors)
    return ExportedPackages(
        environment=wanted[0].environment, paths=paths, failures=tuple(failures), errors=errors
    )


def _says_it_lacks(error: PipelineError, asked: ExportParameters) -> bool:
    """Tell whether an environment said that it has no such component, not that it lacks another.

    A creation that names several things does not say which of them is meant.
    """
    if not isinstance(error, ExportNotCreatedError):
        return False
    key = f"{asked.provider}:{asked.system_name}"
    meant = error.details.get("item", "" if asked.includes_dependencies else key)
    return str(error.details.get("code")).casefold() == NO_SUCH_COMPONENT and meant == key


def _read_side(exported: ExportedPackages, secret_key: bytes) -> ComparedSide:
    """Read the packages of a side; a package is checked when it is downloaded."""
    return ComparedSide(
        name=exported.environment,
        packages=tuple(
            read_package_file(path, secret_key=secret_key) for path in exported.paths.values()
        ),
        failures=exported.failures,
    )


def _failures_of(parameters: ExportParameters, reason: str) -> list[SideFailure]:
    """A failed export with dependencies leaves open what those are: anything may be among them."""
    item = f"{parameters.provider}:{parameters.system_name}"
    failures = [SideFailure(reason=reason, component_key=item)]
    if parameters.includes_dependencies:
        failures.append(SideFailure(reason=f"{item} was not exported with what it depends on"))
    return failures

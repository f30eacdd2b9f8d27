"""Comparing two ShareDo environments: by package files, or by new exports.

Belongs here: where each side comes from. Does not: what differs (`sources/sharedo/comparison`),
sessions of packages (`sessions/sharedo_upload`).
"""

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import PipelineError, WrongUseError
from jira_pipeline.model.sharedo_jobs import (
    ExportJob,
    ExportParameters,
    JobState,
    Package,
)
from jira_pipeline.sources.sharedo.client.environments import Environment
from jira_pipeline.sources.sharedo.comparison import (
    ComparedSide,
    Comparison,
    SideFailure,
    compare_sides,
)
from jira_pipeline.sources.sharedo.errors import PackageRefusedError
from jira_pipeline.sources.sharedo.export_answers import Listener
from jira_pipeline.sources.sharedo.export_jobs import (
    EnvironmentClients,
    export_all,
    find_environment,
    package_path,
    wanted_export,
)
from jira_pipeline.sources.sharedo.reading.packages import read_package_file

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
    lacks: frozenset[str]
    """Keys of the components that the environment says it does not have."""
    failures: tuple[SideFailure, ...]
    errors: tuple[PipelineError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedComparison:
    """New exports of two environments, and what differs."""

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
    """Export the same things of two environments, both at once, and compare them.

    `items` are kinds, or providers, and system names. What cannot be exported of one side is not
    compared; what an environment says it does not have, the other side alone has. What one
    reaches by dependencies the other is asked for by name.

    Raises:
        WrongUseError: There is no such environment, or it is the same twice.
        PackageInvalidError: An environment has no provider of such a kind.
        PipelineError: Nothing could be exported of either side.
    """
    if first == second:
        raise WrongUseError(f"Both sides are environment {first}: name two different ones.")
    wanted = [
        wanted_items(
            find_environment(pipeline.settings, name),
            items,
            includes_dependencies=includes_dependencies,
            compared_with=other if includes_dependencies else None,
        )
        for name, other in ((first, second), (second, first))
    ]
    with ExitStack() as stack:
        clients = EnvironmentClients(pipeline, stack)
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=2))
        exports = [
            pool.submit(exported_packages, pipeline, parameters, listener=listener, clients=clients)
            for parameters in wanted
        ]
        ours, theirs = (export.result() for export in exports)
    if not ours.paths and not theirs.paths:
        raise (*ours.errors, *theirs.errors)[0]
    key = secrets.token_bytes(KEY_BYTES)
    comparison = compare_sides(
        _read_side(ours, key), _read_side(theirs, key), ignored_fields=ignored_fields
    )
    return ExportedComparison(comparison=comparison, first=ours, second=theirs)


def side_of_files(path: Path, *, name: str, secret_key: bytes) -> ComparedSide:
    """Read a package, or every package of a folder; what cannot be read is not compared.

    Raises:
        PackageRefusedError: Nothing of this side can be read.
        WrongUseError: There is no such file, or no package in the folder.
    """
    if not path.exists():
        raise WrongUseError(
            f"{path} does not exist.",
            recovery_actions=("Name an export package (.zip), or a folder of them.",),
        )
    files = sorted(path.glob("*.zip")) if path.is_dir() else [path]
    if not files:
        raise WrongUseError(
            f"The folder {path} contains no export package (.zip).",
            recovery_actions=("Name a folder that contains one environment's packages.",),
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
    environment: Environment,
    items: Sequence[tuple[str, str]],
    *,
    includes_dependencies: bool,
    compared_with: str | None = None,
) -> tuple[ExportParameters, ...]:
    """Return what is to be exported of an environment, each thing once."""
    return tuple(
        dict.fromkeys(
            wanted_export(
                environment,
                kind=kind,
                system_name=name,
                includes_dependencies=includes_dependencies,
                compared_with=compared_with,
            )
            for kind, name in items
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    asked: ExportParameters
    package: Package | None
    reason: str
    """Why there is no package."""
    lacks: frozenset[str]
    """Keys of what the environment says it does not have."""


def exported_packages(
    pipeline: Pipeline,
    wanted: Sequence[ExportParameters],
    *,
    listener: Listener,
    clients: EnvironmentClients | None = None,
) -> ExportedPackages:
    """Export things of one environment; what it says it does not have is no failure."""
    result = export_all(pipeline, wanted, listener=listener, clients=clients)
    ends = [_end_of(job) for job in result.jobs]
    for failure in result.errors:
        if failure.job is not None and failure.job.error is not None:
            ends.append(_end_of(failure.job))
        else:
            reason, asked = failure.error.sentence.rstrip("."), wanted[failure.index]
            ends.append(_End(asked=asked, package=None, reason=reason, lacks=frozenset()))
    errors = tuple(failure.error for failure in result.errors)
    return _packages_of(pipeline, wanted[0].environment, ends, errors=errors)


def _end_of(job: ExportJob) -> _End:
    reason, lacks = f"its export {job.job_id} is {job.state}", job.lacking_keys
    if job.error is not None:
        reason = job.error.sentence.rstrip(".")
        if missing := job.error.details.get("item"):
            lacks |= {missing}
    package = job.package if job.state is JobState.COMPLETED else None
    return _End(asked=job.parameters, package=package, reason=reason, lacks=lacks)


def _packages_of(
    pipeline: Pipeline,
    environment: str,
    ends: Sequence[_End],
    *,
    errors: tuple[PipelineError, ...],
) -> ExportedPackages:
    failures: list[SideFailure] = []
    paths: dict[str, Path] = {}
    lacks: set[str] = set()
    for end in ends:
        lacks |= end.lacks
        if end.package is None:
            if end.asked.item.key not in end.lacks:
                failures += _failures_of(end.asked, end.reason)
            continue
        path = package_path(pipeline, end.package)
        if path.is_file():
            paths[end.asked.item.key] = path
        else:
            failures += _failures_of(end.asked, f"its package {path.name} is missing")
    return ExportedPackages(
        environment=environment,
        paths=paths,
        lacks=frozenset(lacks),
        failures=tuple(failures),
        errors=errors,
    )


def _read_side(exported: ExportedPackages, secret_key: bytes) -> ComparedSide:
    """Read the packages of a side; a package is checked when it is downloaded."""
    return ComparedSide(
        name=exported.environment,
        packages=tuple(
            read_package_file(path, secret_key=secret_key) for path in exported.paths.values()
        ),
        lacks=exported.lacks,
        failures=exported.failures,
    )


def _failures_of(parameters: ExportParameters, reason: str) -> list[SideFailure]:
    """A failed export with dependencies leaves open what those are: anything may be among them."""
    item = parameters.item.key
    failures = [SideFailure(reason=reason, component_key=item)]
    if parameters.includes_dependencies:
        failures.append(SideFailure(reason=f"{item} was exported without its dependencies"))
    return failures

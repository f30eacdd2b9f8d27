"""Comparing two ShareDo environments: by package files, or by new exports.

Belongs here: where each side comes from. Does not: what differs (`sharedo/comparison`),
sessions of packages (`sessions/sharedo_upload`).
"""

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.entities import PACKAGE_SUFFIX
from jira_pipeline.model.errors import PipelineError, WrongUseError
from jira_pipeline.model.sessions import session_key_from
from jira_pipeline.model.sharedo_jobs import ExportParameters
from jira_pipeline.sharedo.client.environments import Environment
from jira_pipeline.sharedo.comparison import (
    ComparedSide,
    Comparison,
    SideFailure,
    compare_sides,
)
from jira_pipeline.sharedo.errors import PackageRefusedError
from jira_pipeline.sharedo.export_answers import Listener
from jira_pipeline.sharedo.export_jobs import (
    EnvironmentClients,
    export_all,
    find_environment,
    package_path,
    wanted_export,
)
from jira_pipeline.sharedo.reading.packages import read_package_file

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
class PackageSide:
    """Packages of one environment, files or exported."""

    name: str
    packages: Mapping[str, Path]
    """Files by the name they get in a session, which tickets cite."""
    lacks: frozenset[str] | None = None
    """Keys of what the environment says it does not have; None: the packages are files."""
    failures: tuple[SideFailure, ...] = ()
    """What is not in them although it may be there: it is not compared."""
    errors: tuple[PipelineError, ...] = ()
    """Of exports, in the order of what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedComparison:
    """New exports of two environments, and what differs."""

    comparison: Comparison
    first: PackageSide
    second: PackageSide


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
    if not ours.packages and not theirs.packages:
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


def exported_packages(
    pipeline: Pipeline,
    wanted: Sequence[ExportParameters],
    *,
    listener: Listener,
    clients: EnvironmentClients | None = None,
) -> PackageSide:
    """Export things of one environment; what it says it does not have is no failure.

    Packages are named after environment and component, with the provider where two are alike.
    """
    result = export_all(pipeline, wanted, listener=listener, clients=clients)
    errors = {failure.index: failure.error for failure in result.errors}
    failed = (failure.job for failure in result.errors)
    jobs = {job.parameters: job for job in (*result.jobs, *failed) if job is not None}
    packages: dict[str, Path] = {}
    failures: list[SideFailure] = []
    lacks: set[str] = set()
    for index, asked in enumerate(wanted):
        job, error, path = jobs.get(asked), errors.get(index), None
        reason = "it has no package"
        lacking = {*(job.lacking_keys if job else ())}
        if error is not None:
            reason = error.sentence.rstrip(".")
            details = job.error.details if job is not None and job.error is not None else {}
            lacking |= {details["item"]} if "item" in details else set()
        elif job is not None and job.package is not None:
            path = package_path(pipeline, job.package)
            reason = f"its package {path.name} is missing"
        lacks |= lacking
        if path is not None and path.is_file():
            names = (asked.system_name, f"{asked.provider}-{asked.system_name}")
            files = (f"{asked.environment}-{session_key_from(n)}{PACKAGE_SUFFIX}" for n in names)
            packages[next(file for file in files if file not in packages)] = path
        elif asked.item.key not in lacking:
            failures.append(SideFailure(reason=reason, component_key=asked.item.key))
            if asked.includes_dependencies:  # those may be anything
                text = f"{asked.item.key} was exported without its dependencies"
                failures.append(SideFailure(reason=text))
    return PackageSide(
        name=wanted[0].environment,
        packages=packages,
        lacks=frozenset(lacks),
        failures=tuple(failures),
        errors=tuple(errors.values()),
    )


def _read_side(side: PackageSide, secret_key: bytes) -> ComparedSide:
    """Read the packages of a side; a package is checked when it is downloaded."""
    packages = (read_package_file(path, secret_key=secret_key) for path in side.packages.values())
    return ComparedSide(
        name=side.name,
        packages=tuple(packages),
        lacks=side.lacks or frozenset(),
        failures=side.failures,
    )

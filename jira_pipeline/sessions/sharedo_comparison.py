"""Comparing two ShareDo environments: by package files, or exported afresh.

Belongs here: where each side comes from. Does not: what
differs (`domain/sharedo_comparison`), how it is shown (`stages/sharedo_comparison`).
"""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from jira_pipeline.domain.entities import PACKAGE_SUFFIX
from jira_pipeline.domain.sharedo_comparison import (
    ComparedSide,
    Comparison,
    SideFailure,
    compare_sides,
)
from jira_pipeline.domain.sharedo_jobs import ExportParameters
from jira_pipeline.errors import (
    ExportNotCreatedError,
    PackageRefusedError,
    PipelineError,
    WrongUseError,
)
from jira_pipeline.ports.sharedo import Listener
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.sharedo import export_all, find_environment, wanted_export
from jira_pipeline.sessions.sharedo_upload import PackageSide
from jira_pipeline.sharedo_client.environments import Environment
from jira_pipeline.sources.sharedo.packages import read_package_file

KEY_BYTES = 32
_NO_SUCH_COMPONENT = "notfound"
"""Code of ShareDo's error for a component that an environment does not have; documented, not proven."""


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
class ExportedComparison:
    """Two environments that were exported afresh."""

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
        _wanted(environment, items, includes_dependencies=includes_dependencies)
        for environment in environments
    ]
    with ThreadPoolExecutor(max_workers=2) as pool:
        exports = [
            pool.submit(_exported_side, pipeline, parameters, listener=listener)
            for parameters in wanted
        ]
        sides = [export.result() for export in exports]
    errors = [error for side, error in sides if error is not None and not side.packages]
    if len(errors) == len(sides):
        raise errors[0]
    key = secrets.token_bytes(KEY_BYTES)
    ours, theirs = (side for side, _ in sides)
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


def _wanted(
    environment: Environment, items: Sequence[tuple[str, str]], *, includes_dependencies: bool
) -> tuple[ExportParameters, ...]:
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


def _exported_side(
    pipeline: Pipeline, wanted: Sequence[ExportParameters], *, listener: Listener
) -> tuple[PackageSide, PipelineError | None]:
    """Return the packages of a side with what failed, and the first error."""
    result = export_all(pipeline, wanted, listener=listener)
    packages: dict[str, Path] = {}
    failures: dict[str, str] = {}
    for failure in result.errors:
        error = failure.error
        code = error.details.get("code") if isinstance(error, ExportNotCreatedError) else None
        if str(code).casefold() != _NO_SUCH_COMPONENT:
            failures |= _failures_of(wanted[failure.index], f"{error.code}: {error.message}")
    for job in result.jobs:
        asked = job.parameters
        if job.package is None:
            failures |= _failures_of(asked, f"its export {job.job_id} is {job.state}")
        else:
            name = f"{asked.environment}-{asked.provider}-{asked.system_name}{PACKAGE_SUFFIX}"
            packages[name] = pipeline.settings.sharedo_path / job.package.file_name
    side = PackageSide(name=wanted[0].environment, packages=packages, failures=failures)
    return side, result.errors[0].error if result.errors else None


def _failures_of(parameters: ExportParameters, reason: str) -> dict[str, str]:
    """A failed export with dependencies leaves open what those are: anything may be among them."""
    item = f"{parameters.provider}:{parameters.system_name}"
    if not parameters.includes_dependencies:
        return {item: reason}
    return {item: reason, "": f"{item} was not exported with what it depends on"}


def _read_side(side: PackageSide, secret_key: bytes) -> ComparedSide:
    """Read the packages of a side; an export that ended well was read once and is not refused."""
    return ComparedSide(
        name=side.name,
        packages=tuple(
            replace(read_package_file(path, secret_key=secret_key), file=name)
            for name, path in side.packages.items()
        ),
        failures=tuple(
            SideFailure(reason=reason, component_key=key or None)
            for key, reason in side.failures.items()
        ),
    )

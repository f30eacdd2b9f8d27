"""Comparing two ShareDo environments: by package files, or exported afresh.

Belongs here: where each side comes from, comparisons whose exports others carry out. Does not: what
differs (`domain/sharedo_comparison`), how it is shown (`stages/sharedo_comparison`), sessions of
packages (`sharedo_upload`).
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from jira_pipeline.domain.sharedo_comparison import (
    COMPARISON_FILE,
    ComparedSide,
    Comparison,
    SideFailure,
    compare_sides,
)
from jira_pipeline.domain.sharedo_jobs import (
    AskedComparison,
    ExportJob,
    ExportParameters,
    JobState,
    Package,
)
from jira_pipeline.errors import (
    ExportNotCreatedError,
    PackageRefusedError,
    PipelineError,
    ShareDoError,
    UnknownComparisonError,
    WrongUseError,
)
from jira_pipeline.ports.sharedo import Listener
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.sharedo import (
    ask_for_export,
    export_all,
    find_environment,
    known_job,
    new_job_id,
    wanted_export,
)
from jira_pipeline.sharedo_client.client import NO_SUCH_COMPONENT
from jira_pipeline.sharedo_client.environments import Environment
from jira_pipeline.sources.sharedo.compared import compare_as_said
from jira_pipeline.sources.sharedo.packages import read_package_file
from jira_pipeline.sources.sharedo.reading import package_paths

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
    wanted = _wanted_of_both(
        pipeline, first, second, items, includes_dependencies=includes_dependencies
    )
    with ThreadPoolExecutor(max_workers=2) as pool:
        exports = [
            pool.submit(exported_packages, pipeline, parameters, listener=listener)
            for parameters in wanted
        ]
        ours, theirs = (export.result() for export in exports)
    if not ours.paths and not theirs.paths:
        raise (*ours.errors, *theirs.errors)[0]
    return ExportedComparison(
        comparison=_compared(ours, theirs, ignored_fields=ignored_fields),
        first=ours,
        second=theirs,
    )


def _wanted_of_both(
    pipeline: Pipeline,
    first: str,
    second: str,
    items: Sequence[tuple[str, str]],
    *,
    includes_dependencies: bool,
) -> tuple[tuple[ExportParameters, ...], tuple[ExportParameters, ...]]:
    if first == second:
        raise WrongUseError(f"Both sides are the environment {first}: name two.")
    ours, theirs = (
        wanted_items(
            find_environment(pipeline.settings, name),
            items,
            includes_dependencies=includes_dependencies,
        )
        for name in (first, second)
    )
    return ours, theirs


class ComparisonState(StrEnum):
    """How far a comparison is."""

    RUNNING = "running"
    WAITING = "waiting"
    """A person has to decide what became of a creation."""
    COMPLETED = "completed"
    FAILED = "failed"
    """Nothing could be exported of either side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonLook:
    """A comparison that was asked for, seen at one moment."""

    asked: AskedComparison
    first: tuple[ExportJob, ...]
    second: tuple[ExportJob, ...]

    @property
    def jobs(self) -> tuple[ExportJob, ...]:
        """The exports of both sides."""
        return (*self.first, *self.second)

    @property
    def state(self) -> ComparisonState:
        """How far it is."""
        left = [job for job in self.jobs if job.is_open]
        if left:
            is_stuck = all(job.is_in_doubt and job.error is not None for job in left)
            return ComparisonState.WAITING if is_stuck else ComparisonState.RUNNING
        has_packages = any(job.package is not None for job in self.jobs)
        return ComparisonState.COMPLETED if has_packages else ComparisonState.FAILED

    @property
    def progress_percentage(self) -> float:
        """The mean of its exports; what has ended counts whole."""
        done = [job.progress_percentage if job.is_open else 100.0 for job in self.jobs]
        return sum(done) / len(done)


def ask_for_comparison(
    pipeline: Pipeline,
    first: str,
    second: str,
    items: Sequence[tuple[str, str]],
    *,
    includes_dependencies: bool,
    by: str,
    ignored_fields: frozenset[str] = frozenset(),
) -> ComparisonLook:
    """Have the same things of two environments exported by whoever carries jobs out, the daemon.

    Raises:
        WrongUseError: There is no such environment, or it is the same twice.
        PackageInvalidError: An environment has no provider of such a kind.
    """
    wanted = _wanted_of_both(
        pipeline, first, second, items, includes_dependencies=includes_dependencies
    )
    ours, theirs = (
        tuple(ask_for_export(pipeline, one, by=by) for one in parameters) for parameters in wanted
    )
    asked = AskedComparison(
        comparison_id=new_job_id(),
        first=first,
        second=second,
        first_job_ids=tuple(job.job_id for job in ours),
        second_job_ids=tuple(job.job_id for job in theirs),
        ignored_fields=tuple(sorted(ignored_fields)),
        asked_at=pipeline.clock.now(),
        asked_by=by,
    )
    pipeline.store.sharedo_comparisons.keep(asked)
    return ComparisonLook(asked=asked, first=ours, second=theirs)


def look_at_comparison(pipeline: Pipeline, comparison_id: str) -> ComparisonLook:
    """Look at a comparison that was asked for.

    Raises:
        UnknownComparisonError: There is none of that id.
    """
    asked = pipeline.store.sharedo_comparisons.get(comparison_id)
    if asked is None:
        raise UnknownComparisonError(comparison_id=comparison_id)
    return ComparisonLook(
        asked=asked,
        first=tuple(known_job(pipeline, job_id) for job_id in asked.first_job_ids),
        second=tuple(known_job(pipeline, job_id) for job_id in asked.second_job_ids),
    )


def list_comparisons(pipeline: Pipeline) -> tuple[ComparisonLook, ...]:
    """Look at all comparisons that were asked for, newest first."""
    jobs = {job.job_id: job for job in pipeline.store.sharedo_jobs.list_all()}
    return tuple(
        ComparisonLook(
            asked=asked,
            first=tuple(jobs[job_id] for job_id in asked.first_job_ids),
            second=tuple(jobs[job_id] for job_id in asked.second_job_ids),
        )
        for asked in reversed(pipeline.store.sharedo_comparisons.list_all())
    )


def exports_of(
    pipeline: Pipeline, look: ComparisonLook
) -> tuple[ExportedPackages, ExportedPackages]:
    """Return what the exports of a comparison brought; what has no package is not compared."""
    return (
        _packages_of_jobs(pipeline, look.asked.first, look.first),
        _packages_of_jobs(pipeline, look.asked.second, look.second),
    )


def result_of(pipeline: Pipeline, look: ComparisonLook) -> Comparison:
    """Compare what the exports of a comparison brought.

    Raises:
        PackageRefusedError: A package was damaged after it was checked.
    """
    ours, theirs = exports_of(pipeline, look)
    return _compared(ours, theirs, ignored_fields=frozenset(look.asked.ignored_fields))


def compare_folder(folder: Path) -> Comparison:
    """Compare the packages of a folder as its `comparison.json` says.

    Raises:
        PackageRefusedError: One of them cannot be read.
    """
    key = secrets.token_bytes(KEY_BYTES)
    packages = [read_package_file(path, secret_key=key) for path in package_paths(folder)]
    return compare_as_said(folder / COMPARISON_FILE, packages)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """How the export of one thing ended."""

    asked: ExportParameters
    package: Package | None = None
    reason: str = ""
    """Why there is no package."""
    code: str = ""
    """Of the error that ended it."""
    details: Mapping[str, object] = field(default_factory=dict)


def exported_packages(
    pipeline: Pipeline, wanted: Sequence[ExportParameters], *, listener: Listener
) -> ExportedPackages:
    """Export things of one environment; what it says it does not have is no failure."""
    result = export_all(pipeline, wanted, listener=listener)
    ends = [_End(asked=job.parameters, package=job.package) for job in result.jobs]
    for failure in result.errors:
        error = failure.error
        ends.append(
            _End(
                asked=wanted[failure.index],
                reason=f"{error.code}: {error.message.rstrip('.')}",
                code=error.code,
                details=error.details if isinstance(error, ShareDoError) else {},
            )
        )
    errors = tuple(failure.error for failure in result.errors)
    return _packages_of(pipeline, wanted[0].environment, ends, errors=errors)


def _packages_of_jobs(
    pipeline: Pipeline, environment: str, jobs: Sequence[ExportJob]
) -> ExportedPackages:
    ends = []
    for job in jobs:
        reason = f"its export {job.job_id} is {job.state}"
        if job.error is not None:
            reason = f"{job.error.code}: {job.error.message.rstrip('.')}"
        ends.append(
            _End(
                asked=job.parameters,
                package=job.package if job.state is JobState.COMPLETED else None,
                reason=reason,
                code="" if job.error is None else job.error.code,
                details={} if job.error is None else job.error.details,
            )
        )
    return _packages_of(pipeline, environment, ends)


def _packages_of(
    pipeline: Pipeline,
    environment: str,
    ends: Iterable[_End],
    *,
    errors: tuple[PipelineError, ...] = (),
) -> ExportedPackages:
    failures: list[SideFailure] = []
    paths: dict[str, Path] = {}
    for end in ends:
        if end.package is None:
            if not _says_it_lacks(end):
                failures += _failures_of(end.asked, end.reason)
            continue
        path = pipeline.settings.sharedo_path / end.package.file_name
        if path.is_file():
            paths[f"{end.asked.provider}:{end.asked.system_name}"] = path
        else:
            failures += _failures_of(end.asked, f"its package {path.name} is gone")
    return ExportedPackages(
        environment=environment, paths=paths, failures=tuple(failures), errors=errors
    )


def _says_it_lacks(end: _End) -> bool:
    """Tell whether an environment said that it has no such component, not that it lacks another.

    A creation that names several things does not say which of them is meant.
    """
    key = f"{end.asked.provider}:{end.asked.system_name}"
    meant = end.details.get("item", "" if end.asked.includes_dependencies else key)
    is_lack = str(end.details.get("code")).casefold() == NO_SUCH_COMPONENT
    return end.code == ExportNotCreatedError.code and is_lack and meant == key


def _compared(
    ours: ExportedPackages, theirs: ExportedPackages, *, ignored_fields: frozenset[str]
) -> Comparison:
    key = secrets.token_bytes(KEY_BYTES)
    return compare_sides(
        _read_side(ours, key), _read_side(theirs, key), ignored_fields=ignored_fields
    )


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

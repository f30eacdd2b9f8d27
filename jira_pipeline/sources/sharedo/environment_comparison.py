"""Comparing two ShareDo environments: by package files, or by new exports.

Belongs here: where each side comes from, comparisons whose exports others carry out. Does not: what
differs (`sources/sharedo/comparison`), how it is shown (`sources/sharedo/package_pages`),
sessions of packages (`sessions/sharedo_upload`).
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.upkeep import RETENTION
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import NotFoundError, NotFoundKind, PipelineError, WrongUseError
from jira_pipeline.model.kept_files import PACKAGES
from jira_pipeline.model.sharedo_jobs import (
    AskedComparison,
    ExportJob,
    ExportParameters,
    JobState,
    Package,
)
from jira_pipeline.sources.sharedo.client.environments import Environment
from jira_pipeline.sources.sharedo.comparison import (
    COMPARISON_FILE,
    ComparedSide,
    Comparison,
    SideFailure,
    compare_sides,
)
from jira_pipeline.sources.sharedo.errors import PackageRefusedError
from jira_pipeline.sources.sharedo.export_answers import Listener
from jira_pipeline.sources.sharedo.export_jobs import (
    EnvironmentClients,
    ask_for_export,
    export_all,
    find_environment,
    known_job,
    new_job_id,
    package_path,
    wanted_export,
)
from jira_pipeline.sources.sharedo.reading.compared import compare_as_recorded
from jira_pipeline.sources.sharedo.reading.packages import read_package_file
from jira_pipeline.sources.sharedo.reading.reading import package_paths

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
    wanted = _wanted_of_both(
        pipeline, first, second, items, includes_dependencies=includes_dependencies
    )
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
    return ExportedComparison(
        comparison=_compared(ours, theirs, ignored_fields=ignored_fields), first=ours, second=theirs
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
        raise WrongUseError(f"Both sides are environment {first}: name two different ones.")
    ours, theirs = (
        wanted_items(
            find_environment(pipeline.settings, name),
            items,
            includes_dependencies=includes_dependencies,
            compared_with=other if includes_dependencies else None,
        )
        for name, other in ((first, second), (second, first))
    )
    return ours, theirs


class ComparisonState(StrEnum):
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
    asked = pipeline.store.sharedo_comparisons.get(comparison_id)
    if asked is None:
        raise NotFoundError(kind=NotFoundKind.COMPARISON, comparison_id=comparison_id)
    return ComparisonLook(
        asked=asked,
        first=tuple(known_job(pipeline, job_id) for job_id in asked.first_job_ids),
        second=tuple(known_job(pipeline, job_id) for job_id in asked.second_job_ids),
    )


def list_comparisons(pipeline: Pipeline) -> tuple[ComparisonLook, ...]:
    """Look at all comparisons that were asked for, newest first; not at one that is just made."""
    jobs = {job.job_id: job for job in pipeline.store.sharedo_jobs.list_all()}
    return tuple(
        ComparisonLook(
            asked=asked,
            first=tuple(jobs[job_id] for job_id in asked.first_job_ids),
            second=tuple(jobs[job_id] for job_id in asked.second_job_ids),
        )
        for asked in reversed(pipeline.store.sharedo_comparisons.list_all())
        if jobs.keys() >= {*asked.first_job_ids, *asked.second_job_ids}
    )


def remove_exports(pipeline: Pipeline, ids: Sequence[str], *, by: str) -> tuple[str, ...]:
    """Remove export jobs that ended, or comparisons with theirs, and the packages; return all ids.

    Sessions have copies of their packages and stay as they are.

    Raises:
        WrongUseError: There is none of that id, it has not ended, or a comparison uses the job.
        StoreError: A package cannot be removed; removing again carries on.
    """
    comparisons = {look.asked.comparison_id: look for look in list_comparisons(pipeline)}
    jobs = {job.job_id: job for job in pipeline.store.sharedo_jobs.list_all()}
    using = {
        job.job_id: key for key, look in comparisons.items() if key not in ids for job in look.jobs
    }
    for name in ids:
        wanted = comparisons[name].jobs if name in comparisons else (jobs.get(name),)
        for job in wanted:
            if job is None:
                raise NotFoundError(
                    f"There is no export job or comparison {name}.", kind=NotFoundKind.EXPORT_JOB
                )
            if job.is_open:
                raise WrongUseError(
                    f"Export job {job.job_id} is {job.state}, so nothing was removed.",
                    recovery_actions=(f"Cancel export job {job.job_id} first.",),
                )
            if job.job_id in using and name not in comparisons:
                raise WrongUseError(
                    f"Comparison {using[job.job_id]} uses export job {name}, so nothing was removed.",
                    recovery_actions=(
                        f"Remove comparison {using[job.job_id]}, which removes its exports too.",
                    ),
                )
    chosen = [look for key, look in comparisons.items() if key in ids]
    own = [job for look in chosen for job in look.jobs if job.job_id not in using]
    return _removed(pipeline, chosen, [*own, *(jobs[n] for n in ids if n in jobs)], by=by)


def forget_exports(pipeline: Pipeline) -> tuple[str, ...]:
    """Remove comparisons asked for, and exports that ended, more than `RETENTION_DAYS` ago.

    What a younger comparison uses stays, and so does the last package of each thing of an
    environment, by which it is observed.
    """
    until = pipeline.clock.now() - timedelta(days=pipeline.settings.retention_days)
    looks = list_comparisons(pipeline)
    old = [x for x in looks if x.asked.asked_at < until and not any(j.is_open for j in x.jobs)]
    used = {job.job_id for look in looks if look not in old for job in look.jobs}
    jobs = pipeline.store.sharedo_jobs.list_all()
    last = {
        (job.parameters.environment, job.parameters.item): job.job_id
        for job in jobs
        if job.state is JobState.COMPLETED and job.package is not None
    }
    kept = used | {*last.values()}
    ended = [
        job
        for job in jobs
        if not job.is_open
        and (job.finished_at or job.created_at) < until
        and job.job_id not in kept
    ]
    return _removed(pipeline, old, ended, by=RETENTION)


def _removed(
    pipeline: Pipeline, looks: Sequence[ComparisonLook], jobs: Sequence[ExportJob], *, by: str
) -> tuple[str, ...]:
    """Remove comparisons, then packages, then jobs: a crash leaves nothing that is not found again."""
    for look in looks:
        pipeline.store.sharedo_comparisons.remove(look.asked.comparison_id)
    chosen = {job.job_id: job for job in jobs}
    for job in chosen.values():
        if job.package is not None:
            pipeline.store.files.remove(PACKAGES, job.package.file_name)
        pipeline.store.sharedo_jobs.remove(job.job_id)
    ids = (*(look.asked.comparison_id for look in looks), *chosen)
    if ids:
        pipeline.store.audit.append(
            at=pipeline.clock.now(),
            session_key=None,
            actor=by,
            action=AuditAction.SHAREDO_EXPORTS_REMOVED,
            details={"ids": list(ids)},
        )
    return ids


def exports_of(
    pipeline: Pipeline, look: ComparisonLook
) -> tuple[ExportedPackages, ExportedPackages]:
    """Return what the exports of a comparison brought; what has no package is not compared."""
    return (
        _packages_of(pipeline, look.asked.first, map(_end_of, look.first)),
        _packages_of(pipeline, look.asked.second, map(_end_of, look.second)),
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
    return compare_as_recorded(folder / COMPARISON_FILE, packages)


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
    ends: Iterable[_End],
    *,
    errors: tuple[PipelineError, ...] = (),
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

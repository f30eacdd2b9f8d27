"""What people do with ShareDo: export from an environment, compare two, and make a session of it.

An export is a job in ShareDo that makes a package, a zip with components such as work types. People
name what to export as `worktype:matter`. The packages of one environment, or of two that are
compared, are put into a folder, which is uploaded like one of sheets.

Belongs here: which client is made from which settings, export jobs as people use them, what is
exported of each environment that is compared, uploading packages.
Does not: the protocol (`sharedo/client`), when a job is created or watched (`sharedo/jobs`), what
differs (`sharedo/comparison`), reading packages (`reading`), registering a folder
(`sessions/upload`).
"""

import secrets
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

from pydantic import SecretStr

from jira_pipeline.context.pipeline import Pipeline, SystemClock, make_data_home
from jira_pipeline.context.settings import Settings
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import ConfigurationError, PipelineError, WrongUseError
from jira_pipeline.model.kept_files import PACKAGES
from jira_pipeline.model.runs import RETENTION
from jira_pipeline.model.session_keys import session_key_from
from jira_pipeline.model.sharedo_jobs import (
    Compression,
    ExportJob,
    ExportParameters,
    ExportType,
    Package,
    PackageFormat,
)
from jira_pipeline.model.sheet_names import PACKAGE_SUFFIX
from jira_pipeline.sessions.upload import upload
from jira_pipeline.sharedo.client.client import ShareDoClient
from jira_pipeline.sharedo.client.environments import SANDBOX_CLIENT, Environment, read_environments
from jira_pipeline.sharedo.comparison import (
    COMPARISON_FILE,
    Comparison,
    Side,
    SideFailure,
    Sides,
    compare_sides,
)
from jira_pipeline.sharedo.errors import ComponentMissingError, PackageInvalidError
from jira_pipeline.sharedo.jobs.downloads import swept
from jira_pipeline.sharedo.jobs.jobs import (
    BatchResult,
    cancel_job,
    decided,
    export_batch,
    recover_interrupted,
    retried,
)
from jira_pipeline.sharedo.jobs.tools import ExportTools, Listener
from jira_pipeline.sharedo.packages import SharedoPackage
from jira_pipeline.sharedo.reading.packages import read_package_file
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import ShareDoSandbox, sandbox_environments
from jira_pipeline.sheets.upload_reading import UploadOutcome

JOB_ID_BYTES = 5


def configured_environments(settings: Settings) -> Mapping[str, Environment]:
    """Return the environments by name, in the order of their file."""
    path = settings.sharedo_environments_path
    return read_environments(path, is_named=settings.sharedo_environments is not None)


def find_environment(settings: Settings, name: str) -> Environment:
    """Return the environment of a name.

    Raises:
        WrongUseError: There is none; the message lists all.
    """
    environments = configured_environments(settings)
    if name not in environments:
        raise WrongUseError(
            f"There is no ShareDo environment {name!r}; choose one of {', '.join(environments)}.",
            recovery_actions=("Name one of these, or add it to the file of environments.",),
        )
    return environments[name]


def item_of(text: str) -> tuple[str, str]:
    """Split `worktype:matter` into kind and system name; `matter` alone is a work type.

    Raises:
        WrongUseError: It is a type alone, as commands of older versions had it.
    """
    kind, _, name = text.rpartition(":")
    if not kind and name in {*ExportType}:
        raise WrongUseError(
            f"{name} is a type, and what to export of it is missing.",
            recovery_actions=(f"Write type and name as one, such as {name}:NAME.",),
        )
    return kind or "worktype", name


def wanted_export(
    environment: Environment,
    *,
    kind: str,
    system_name: str,
    includes_dependencies: bool = False,
    includes_history: bool = False,
    package_format: PackageFormat = PackageFormat.ZIP,
    compression: Compression = Compression.NONE,
) -> ExportParameters:
    """Return the parameters of an export from an environment.

    `kind` is one of our types, such as `worktype`, or the name of a provider in ShareDo.

    Raises:
        PackageInvalidError: The environment has no provider for the type, or does not accept a
            parameter.
    """
    types = {member.value: member for member in ExportType}
    by_provider = {provider: types.get(name) for name, provider in environment.providers.items()}
    if kind in types and kind not in environment.providers:
        raise PackageInvalidError(
            f"Environment {environment.name} has no provider for type {kind}: give the provider "
            f"itself instead of the type, or set `providers.{kind}`."
        )
    provider = environment.providers.get(kind, kind)
    fields = environment.create_fields
    if includes_history and fields.history is None:
        raise _not_accepted(environment, "history: set `create_fields.history`")
    if package_format is not PackageFormat.ZIP and fields.format is None:
        raise _not_accepted(environment, "a format: set `create_fields.format`")
    export_type = types.get(kind) or by_provider.get(provider) or ExportType.CONFIGURATION
    return ExportParameters(
        environment=environment.name,
        export_type=export_type,
        provider=provider,
        system_name=system_name,
        includes_dependencies=includes_dependencies,
        includes_history=includes_history,
        package_format=package_format,
        compression=compression,
    )


def _not_accepted(environment: Environment, field: str) -> PackageInvalidError:
    return PackageInvalidError(f"Environment {environment.name} is not known to accept {field}.")


@contextmanager
def opened_environment(
    pipeline: Pipeline, name: str, *, listener: Listener = lambda _event: None
) -> Iterator[ExportTools]:
    """Open the client of an environment, and remove what an interrupted download left.

    Raises:
        WrongUseError: There is no such environment.
        ConfigurationError: The variable of its secret is not set.
    """
    settings = pipeline.settings
    environment = find_environment(pipeline.settings, name)
    is_ours = environment.is_sandbox
    transport = SandboxTransport(open_sharedo_sandbox(settings)) if is_ours else None
    named = settings.secret_named(environment.client_secret_env)
    secret = SecretStr(SANDBOX_CLIENT[1]) if is_ours else named
    if secret is None:
        raise ConfigurationError(
            f"Environment {environment.name}: {environment.client_secret_env} is not set.",
            recovery_actions=("Set it in the environment or in .env.",),
        )
    client = ShareDoClient(
        environment,
        secret=secret.get_secret_value(),
        clock=pipeline.clock,
        timer=time,
        transport=transport,
    )
    with closing(client):
        tools = ExportTools(
            sharedo=client,
            jobs=pipeline.store.sharedo_jobs,
            locks=pipeline.store.run_locks,
            clock=pipeline.clock,
            timer=time,
            new_id=lambda: secrets.token_hex(JOB_ID_BYTES),
            packages_path=pipeline.settings.sharedo_path,
            files=pipeline.store.files,
            listener=listener,
        )
        swept(tools)
        yield tools


def open_sharedo_sandbox(settings: Settings) -> ShareDoSandbox:
    """Open the embedded ShareDo sandbox of this home."""
    make_data_home(settings)
    return ShareDoSandbox(
        settings.home_path / "sharedo_sandbox.json",
        sandbox_environments(),
        clock=SystemClock().now,
    )


def export_all(
    pipeline: Pipeline, wanted: Sequence[ExportParameters], *, listener: Listener
) -> BatchResult:
    """Export things of one environment, at most five at once; failures are part of the result.

    All of `wanted` are of the same environment.
    """
    with opened_environment(pipeline, wanted[0].environment, listener=listener) as tools:
        return export_batch(tools, wanted)


def recover_all(pipeline: Pipeline, *, listener: Listener) -> tuple[BatchResult, ...]:
    """Carry on with the interrupted jobs of all configured environments, these in parallel."""
    jobs = pipeline.store.sharedo_jobs.list_all()
    waiting = {job.parameters.environment for job in jobs if job.is_open}
    names = [name for name in configured_environments(pipeline.settings) if name in waiting]

    def recover(name: str) -> BatchResult:
        with opened_environment(pipeline, name, listener=listener) as tools:
            return recover_interrupted(tools)

    with ThreadPoolExecutor(max_workers=len(names) or 1) as pool:
        return tuple(pool.map(recover, names))


def package_path(pipeline: Pipeline, package: Package) -> Path:
    """Return the path of a package on this machine; there is no file where it was removed."""
    return pipeline.store.files.file(PACKAGES, package.file_name)


def resume(
    pipeline: Pipeline,
    job_id: str,
    *,
    listener: Listener,
    by: str,
    remote_id: str | None = None,
    is_sent_again: bool = False,
) -> ExportJob:
    """Carry on with a job; a failed one begins again with its creation.

    Where it is unknown whether ShareDo created the job, a person says so: with `remote_id`, its id in
    ShareDo, or with `is_sent_again` that there is none.

    Raises:
        NotFoundError: There is no such job, its package was removed, or its creation is not in doubt.
        ShareDoError: It failed again, or was interrupted.
    """
    job = pipeline.store.sharedo_jobs.known(job_id)
    with opened_environment(pipeline, job.parameters.environment, listener=listener) as tools:
        if remote_id is not None or is_sent_again:
            job = decided(tools, job, remote_id=remote_id)
            action = AuditAction.SHAREDO_DOUBT_DECIDED
            _audit(pipeline, job, by=by, action=action, remote_id=remote_id)
        return retried(tools, job)


def cancel(pipeline: Pipeline, job_id: str, *, by: str) -> ExportJob:
    """Cancel an open job, and return it; one that has ended is returned as it is.

    Raises:
        NotFoundError: There is no such job.
        ShareDoError: ShareDo refuses our credentials.
    """
    job = pipeline.store.sharedo_jobs.known(job_id)
    if not job.is_open:
        return job
    with opened_environment(pipeline, job.parameters.environment) as tools:
        cancelled = cancel_job(tools, job)
        _audit(pipeline, job, by=by, action=AuditAction.SHAREDO_EXPORT_CANCELLED)
        return cancelled


def forget_exports(pipeline: Pipeline) -> tuple[str, ...]:
    """Remove exports that ended more than RETENTION_DAYS ago; return the ids of their jobs.

    None are removed where that is not set. Sessions have copies of packages. A package is removed
    before its job, so that a crash leaves no package without a job.
    """
    keep_days = pipeline.settings.retention_days
    if keep_days is None:
        return ()
    until = pipeline.clock.now() - timedelta(days=keep_days)
    ids = []
    for job in pipeline.store.sharedo_jobs.list_all():
        if job.is_open or (job.finished_at or job.created_at) >= until:
            continue
        if job.package is not None:
            pipeline.store.files.remove(PACKAGES, job.package.file_name)
        pipeline.store.sharedo_jobs.remove(job.job_id)
        ids.append(job.job_id)
    if ids:
        pipeline.store.audit.append(
            at=pipeline.clock.now(),
            session_key=None,
            actor=RETENTION,
            action=AuditAction.SHAREDO_EXPORTS_REMOVED,
            details={"ids": ids},
        )
    return tuple(ids)


def _audit(
    pipeline: Pipeline, job: ExportJob, *, by: str, action: AuditAction, **details: object
) -> None:
    """Record in the audit trail what a person decided about a job."""
    about = {"job_id": job.job_id, "environment": job.parameters.environment}
    pipeline.store.audit.append(
        at=pipeline.clock.now(), session_key=None, actor=by, action=action, details=about | details
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedSide:
    """The new packages of one environment."""

    side: Side
    paths: Mapping[str, Path]
    """The files of the packages, by the names that they get in a session and tickets cite."""
    errors: tuple[PipelineError, ...]
    """The errors of failed exports, in the order of the wanted things."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedComparison:
    """The new exports of two environments, and how they differ."""

    comparison: Comparison
    first: ExportedSide
    second: ExportedSide


def export_environment(
    pipeline: Pipeline,
    environment: str,
    items: Sequence[tuple[str, str]],
    *,
    includes_dependencies: bool,
    listener: Listener,
) -> ExportedSide:
    """Export things of one environment; `items` are pairs of kind, or provider, and system name.

    Raises:
        WrongUseError: There is no such environment.
        PipelineError: Nothing could be exported.
    """
    with opened_environment(pipeline, environment, listener=listener) as tools:
        result = _exported(tools, items, includes_dependencies=includes_dependencies)
    exported = _side_of(pipeline, environment, result)
    if not exported.paths:
        raise exported.errors[0]
    return exported


def compare_environments(
    pipeline: Pipeline,
    first: str,
    second: str,
    items: Sequence[tuple[str, str]],
    *,
    includes_dependencies: bool,
    listener: Listener,
) -> ExportedComparison:
    """Export the same things from two environments in parallel, and compare them.

    Their dependencies may differ, so a component that only one side brought is then exported by name
    from the other one. What cannot be exported is not compared; what an environment says it does not
    have counts as missing there.

    Raises:
        WrongUseError: There is no such environment, it is the same twice, or packages of both would
            have the same name.
        PackageInvalidError: An environment has no provider for a kind.
        PipelineError: Nothing could be exported from either side.
    """
    if first == second:
        raise WrongUseError(f"Both sides are environment {first}: name two different ones.")
    names = (first, second)
    key = secrets.token_bytes()
    with ExitStack() as stack:
        # Both rounds of an environment share one client, and so one limit of requests.
        opened = [
            stack.enter_context(opened_environment(pipeline, name, listener=listener))
            for name in names
        ]
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=len(opened)))
        export_items = partial(_exported, items=items, includes_dependencies=includes_dependencies)
        first_results = [*pool.map(export_items, opened)]
        ours, theirs = map(partial(_side_of, pipeline), names, first_results)
        if includes_dependencies:
            # What was not exported from one side may be there even so: ask for it by name.
            our_keys = _component_keys(ours, key)
            their_keys = _component_keys(theirs, key)
            unasked = (
                _not_asked(ours, our_keys, their_keys),
                _not_asked(theirs, their_keys, our_keys),
            )
            by_name = pool.map(partial(_exported, includes_dependencies=False), opened, unasked)
            ours, theirs = map(partial(_side_of, pipeline), names, first_results, by_name)
    if not ours.paths and not theirs.paths:
        raise (*ours.errors, *theirs.errors)[0]
    same_names = sorted({*ours.paths} & {*theirs.paths})
    if same_names:
        raise WrongUseError(
            f"Packages of both environments would be called {same_names[0]}: rename an environment."
        )
    comparison = compare_sides(
        Sides(first=ours.side, second=theirs.side), {**_read(ours, key), **_read(theirs, key)}
    )
    return ExportedComparison(comparison=comparison, first=ours, second=theirs)


def _exported(
    tools: ExportTools, items: Sequence[tuple[str, str]], *, includes_dependencies: bool
) -> BatchResult:
    """Export things, given as pairs of kind and system name, from the environment of the tools."""
    return export_batch(
        tools,
        [
            wanted_export(
                tools.sharedo.environment,
                kind=kind,
                system_name=name,
                includes_dependencies=includes_dependencies,
            )
            for kind, name in items
        ],
    )


def _side_of(pipeline: Pipeline, environment: str, *results: BatchResult) -> ExportedSide:
    """Return the packages and failures of one or several rounds of exports from an environment.

    That the environment does not have a thing is no failure: it is one of the things it lacks.
    """
    errors = {}
    paths: dict[str, Path] = {}
    for result in results:
        for failed in result.errors:
            errors[failed.wanted.item.key] = failed.error
        for job in result.jobs:
            if job.package is not None:
                name = package_file_name(environment, job.parameters, taken=paths)
                paths[name] = package_path(pipeline, job.package)
    lacks = []
    failures = []
    for key, error in errors.items():
        # Where one of its dependencies is missing, the thing itself may be there: that is a failure.
        if isinstance(error, ComponentMissingError) and error.details.get("item") == key:
            lacks.append(key)
        else:
            reason = error.sentence.rstrip(".")
            failures.append(SideFailure(reason=reason, component_key=key))
    return ExportedSide(
        side=Side(
            name=environment,
            packages=tuple(paths),
            lacks=tuple(lacks),
            failures=tuple(failures),
        ),
        paths=paths,
        errors=tuple(errors.values()),
    )


def package_file_name(
    environment: str, exported: ExportParameters, *, taken: Collection[str]
) -> str:
    """Return the file name of a package: environment and component, such as `test-matter.zip`.

    Where that is among the names `taken`, the provider is added, and then a number.
    """
    names = (
        f"{environment}-{session_key_from(component)}{PACKAGE_SUFFIX}"
        for component in _names_of_component(exported)
    )
    return next(name for name in names if name not in taken)


def _names_of_component(exported: ExportParameters) -> Iterator[str]:
    """Yield names for a component, without end: its own, with the provider, with numbers."""
    yield exported.system_name
    with_provider = f"{exported.provider}-{exported.system_name}"
    yield with_provider
    for number in count(2):
        yield f"{with_provider}-{number}"


def _not_asked(side: ExportedSide, held: set[str], other_side: set[str]) -> list[tuple[str, str]]:
    """Return providers and names of components of the other side that were not exported from this one.

    A component that is selected by several fields cannot be exported by name, and is left out.
    """
    answered = {*held, *side.side.lacks, *(f.component_key for f in side.side.failures)}
    parts = (key.partition(":") for key in sorted(other_side - answered))
    return [(provider, name) for provider, _, name in parts if not name.startswith("{")]


def _component_keys(exported: ExportedSide, key: bytes) -> set[str]:
    """Return the keys of the components in the packages of a side."""
    component_keys: set[str] = set()
    for package in _read(exported, key).values():
        component_keys.update(package.by_key)
    return component_keys


def _read(exported: ExportedSide, key: bytes) -> Mapping[str, SharedoPackage]:
    return {name: read_package_file(p, secret_key=key) for name, p in exported.paths.items()}


def upload_packages(
    pipeline: Pipeline,
    wanted: ExportedSide,
    *,
    against: ExportedSide | None = None,
    session_key: str | None,
    auto_approve: bool,
    actor: str,
) -> UploadOutcome:
    """Upload packages as a session; with `against`, one of the differences from those packages.

    Raises:
        SheetsRefusedError: A package is refused.
    """
    paths = {**wanted.paths, **(against.paths if against else {})}
    key = session_key or session_key_from(Path(next(iter(paths))).stem)
    with tempfile.TemporaryDirectory(prefix="sharedo-upload-") as temporary:
        folder = Path(temporary, key)
        folder.mkdir()
        for name, path in paths.items():
            shutil.copyfile(path, folder / name)
        if against is not None:
            sides = Sides(first=wanted.side, second=against.side)
            (folder / COMPARISON_FILE).write_text(sides.model_dump_json(indent=2), encoding="utf-8")
        return upload(pipeline, folder, session_key=key, auto_approve=auto_approve, actor=actor)


def compare_sandbox(pipeline: Pipeline, *, listener: Listener) -> ExportedComparison:
    """Compare all work types of the two sandbox environments, with their dependencies."""
    made = sandbox_environments()
    components = (component for side in made.values() for component in side.components)
    names = sorted({c.name for c in components if c.provider == "sharedo-type"})
    items = [(ExportType.WORKTYPE.value, name) for name in names]
    first, second = made
    return compare_environments(
        pipeline, first, second, items, includes_dependencies=True, listener=listener
    )

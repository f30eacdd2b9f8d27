"""What people do with ShareDo: environments, export jobs, packages.

Belongs here: which client is made of which settings, the use cases of export jobs. Does not: the
protocol (`sharedo/client`), when a job is created or watched (`sharedo/jobs`).
"""

import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline, SystemClock, make_data_home
from jira_pipeline.context.settings import Settings
from jira_pipeline.context.upkeep import RETENTION
from jira_pipeline.jira.sandbox_http.transport import SandboxTransport
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.bounded_zip import ZipRefusedError, open_zip
from jira_pipeline.model.clock import Timer
from jira_pipeline.model.errors import (
    ConfigurationError,
    WrongUseError,
)
from jira_pipeline.model.kept_files import PACKAGES
from jira_pipeline.model.sharedo_jobs import (
    Compression,
    ExportItem,
    ExportJob,
    ExportParameters,
    ExportType,
    Package,
    PackageFormat,
)
from jira_pipeline.sharedo.client.client import ShareDoClient, refuse_unusable
from jira_pipeline.sharedo.client.environments import (
    SANDBOX_CLIENT,
    Environment,
    read_environments,
)
from jira_pipeline.sharedo.errors import (
    PackageInvalidError,
    PackageRefusedError,
    PackageUnreadableError,
)
from jira_pipeline.sharedo.export_answers import Listener
from jira_pipeline.sharedo.jobs.downloading import PACKAGE_MAX_BYTES, swept
from jira_pipeline.sharedo.jobs.jobs import (
    BatchResult,
    cancel_job,
    carried_out,
    create_job,
    decided,
    export_batch,
    recover_interrupted,
    retried,
)
from jira_pipeline.sharedo.jobs.tools import ExportTools, WatchLimits, known_in, lock_name
from jira_pipeline.sharedo.reading.packages import MANIFEST, read_package_file
from jira_pipeline.sharedo.sandbox.environments import sandbox_environments
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import ShareDoSandbox

JOB_ID_BYTES = 5
FRESH_SECONDS = 10.0
"""Whoever carries out what they ask for has begun by then."""


class SystemTimer(Timer):
    @override
    def monotonic(self) -> float:
        return time.monotonic()

    @override
    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def configured_environments(settings: Settings) -> Mapping[str, Environment]:
    """Return the environments by name, in the order of their file."""
    path = settings.sharedo_environments_path
    return read_environments(path, is_named=settings.sharedo_environments is not None)


def find_environment(settings: Settings, name: str) -> Environment:
    found = configured_environments(settings)
    if name not in found:
        raise WrongUseError(
            f"There is no ShareDo environment {name!r}; choose one of {', '.join(found)}.",
            recovery_actions=(Action.of(ActionKind.LIST_SHAREDO_ENVIRONMENTS, "List them: {}."),),
        )
    return found[name]


def item_of(text: str) -> tuple[str, str]:
    """Return the kind and the system name that `worktype:matter`, or `matter`, says."""
    kind, _, name = text.rpartition(":")
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
    compared_with: str | None = None,
) -> ExportParameters:
    """Say what is to be exported; `kind` is a type of export, or the provider that ShareDo names.

    Raises:
        PackageInvalidError: The environment has no provider of that type, or takes no such
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
    parameters = ExportParameters(
        environment=environment.name,
        export_type=types.get(kind) or by_provider.get(provider) or ExportType.CONFIGURATION,
        provider=provider,
        system_name=system_name,
        includes_dependencies=includes_dependencies,
        includes_history=includes_history,
        package_format=package_format,
        compression=compression,
        compared_with=compared_with,
    )
    refuse_unusable(environment, parameters)
    return parameters


class EnvironmentClients:
    """The environments that a process asks: a client and a rate limiter of each, made when used.

    Its methods may be called by several threads.
    """

    def __init__(self, pipeline: Pipeline, stack: ExitStack) -> None:
        """Open none yet; each is closed with the stack."""
        self._pipeline, self._stack = pipeline, stack
        self._turn = threading.Lock()
        self._opened: dict[str, ShareDoClient] = {}
        self.needs: dict[tuple[str, str], tuple[ExportItem, ...] | str] = {}
        """As `ExportTools.needs`."""

    def client_of(self, name: str) -> ShareDoClient:
        """Return the client of an environment.

        Raises:
            WrongUseError: There is no such environment.
            ConfigurationError: The variable of its secret is not set.
        """
        with self._turn:
            if name not in self._opened:
                settings = self._pipeline.settings
                environment = find_environment(settings, name)
                secret, transport = _way_to(settings, environment)
                client = ShareDoClient(
                    environment,
                    secret=secret,
                    clock=self._pipeline.clock,
                    timer=SystemTimer(),
                    transport=transport,
                )
                self._opened[name] = self._stack.enter_context(closing(client))
            return self._opened[name]


@contextmanager
def opened_environment(
    pipeline: Pipeline,
    environment: Environment,
    *,
    listener: Listener,
    clients: EnvironmentClients | None = None,
) -> Iterator[ExportTools]:
    """Open a client for an environment; what a killed download left is removed.

    `clients` are those of a caller who asks several environments.

    Raises:
        ConfigurationError: The variable of its secret is not set.
    """
    settings = pipeline.settings
    with ExitStack() as stack:
        clients = clients or EnvironmentClients(pipeline, stack)
        tools = ExportTools(
            sharedo=clients.client_of(environment.name),
            client_of=clients.client_of,
            needs=clients.needs,
            jobs=pipeline.store.sharedo_jobs,
            locks=pipeline.store.run_locks,
            clock=pipeline.clock,
            timer=SystemTimer(),
            new_id=new_job_id,
            packages_path=settings.sharedo_path,
            files=pipeline.store.files,
            check_package=check_package,
            listener=listener,
            estimated_seconds=environment.estimated_seconds,
            settle_horizon_seconds=environment.settle_horizon_seconds,
            limits=WatchLimits(deadline_seconds=environment.deadline_seconds),
        )
        swept(tools)
        yield tools


def _way_to(settings: Settings, environment: Environment) -> tuple[str, httpx.BaseTransport | None]:
    """Give the secret of an environment, and what carries requests to it if it is the sandbox."""
    if environment.is_sandbox:
        return SANDBOX_CLIENT[1], SandboxTransport(open_sharedo_sandbox(settings))
    found = settings.secret_named(environment.client_secret_env)
    if found is None:
        raise ConfigurationError(
            f"Environment {environment.name}: {environment.client_secret_env} is not set.",
            recovery_actions=("Set it in the environment or in .env.",),
        )
    return found.get_secret_value(), None


def open_sharedo_sandbox(settings: Settings) -> ShareDoSandbox:
    """Open the embedded ShareDo sandbox of this home."""
    make_data_home(settings)
    return ShareDoSandbox(
        settings.home_path / "sharedo_sandbox.json",
        sandbox_environments(),
        clock=SystemClock().now,
    )


def check_environment(pipeline: Pipeline, environment: Environment) -> str:
    """Ask an environment who we are.

    Raises:
        ShareDoError: It cannot be asked, or does not let us in.
    """
    with opened_environment(pipeline, environment, listener=lambda _event: None) as tools:
        return tools.retrying(tools.sharedo.account)


def interrupted_exports(pipeline: Pipeline) -> tuple[ExportJob, ...]:
    """Return the open jobs that nobody of this host works on, and nobody has to decide about.

    One that was just made is left to the process that made it.
    """
    known = configured_environments(pipeline.settings)
    now = pipeline.clock.now()
    return tuple(
        job
        for job in pipeline.store.sharedo_jobs.list_all()
        if job.is_open
        and job.parameters.environment in known
        and (now - job.created_at).total_seconds() >= FRESH_SECONDS
        and not (job.is_in_doubt and job.error is not None)
        and not pipeline.store.run_locks.is_alive(lock_name(job))
    )


def new_job_id() -> str:
    return secrets.token_hex(JOB_ID_BYTES)


def export(pipeline: Pipeline, parameters: ExportParameters, *, listener: Listener) -> ExportJob:
    """Export one thing; an open job that asks for the same is carried on with.

    Raises:
        ShareDoError: It failed, or was interrupted.
    """
    environment = find_environment(pipeline.settings, parameters.environment)
    with opened_environment(pipeline, environment, listener=listener) as tools:
        return carried_out(tools, create_job(tools, parameters))


def export_all(
    pipeline: Pipeline,
    wanted: Sequence[ExportParameters],
    *,
    listener: Listener,
    clients: EnvironmentClients | None = None,
) -> BatchResult:
    """Export many things of one environment, at most five at once; failures are collected."""
    environment = find_environment(pipeline.settings, wanted[0].environment)
    with opened_environment(pipeline, environment, listener=listener, clients=clients) as tools:
        return export_batch(tools, wanted)


def recover_all(pipeline: Pipeline, *, listener: Listener) -> tuple[BatchResult, ...]:
    """Carry on with every interrupted job of every environment that is configured, all at once."""
    waiting = {
        job.parameters.environment for job in pipeline.store.sharedo_jobs.list_all() if job.is_open
    }
    environments = [
        environment
        for name, environment in configured_environments(pipeline.settings).items()
        if name in waiting
    ]

    with ExitStack() as stack:
        clients = EnvironmentClients(pipeline, stack)

        def recover(environment: Environment) -> BatchResult:
            with opened_environment(
                pipeline, environment, listener=listener, clients=clients
            ) as tools:
                return recover_interrupted(tools)

        with ThreadPoolExecutor(max_workers=len(environments) or 1) as pool:
            return tuple(pool.map(recover, environments))


def known_job(pipeline: Pipeline, job_id: str) -> ExportJob:
    return known_in(pipeline.store.sharedo_jobs, job_id)


def package_path(pipeline: Pipeline, package: Package) -> Path:
    """Return where a package is on this machine; where it is gone, it is missing."""
    return pipeline.store.files.file(PACKAGES, package.file_name)


@contextmanager
def opened_for_job(
    pipeline: Pipeline, job_id: str, *, listener: Listener
) -> Iterator[tuple[ExportTools, ExportJob]]:
    """Open the environment of a job.

    Raises:
        NotFoundError: There is no such job.
        WrongUseError: Its environment is not configured any more.
    """
    job = known_job(pipeline, job_id)
    environment = find_environment(pipeline.settings, job.parameters.environment)
    with opened_environment(pipeline, environment, listener=listener) as tools:
        yield tools, job


def resume(
    pipeline: Pipeline,
    job_id: str,
    *,
    listener: Listener,
    by: str,
    remote_id: str | None = None,
    is_sent_again: bool = False,
) -> ExportJob:
    """Carry on with a job, a failed one from its creation.

    `remote_id` and `is_sent_again` are what a person found out of a creation in doubt.

    Raises:
        NotFoundError: There is no such job, nothing is left of it, or it is not in doubt.
        ShareDoError: It failed, or was interrupted.
    """
    with opened_for_job(pipeline, job_id, listener=listener) as (tools, job):
        if remote_id is None and not is_sent_again:
            return retried(tools, job)
        settled = decided(tools, job, remote_id=remote_id)
        _audit(pipeline, job, by=by, action=AuditAction.SHAREDO_DOUBT_DECIDED, remote_id=remote_id)
        return retried(tools, settled)


def cancel(pipeline: Pipeline, job_id: str, *, by: str) -> ExportJob:
    """Cancel an open job; one that has ended stays as it is.

    Raises:
        NotFoundError: There is no such job.
        ShareDoError: ShareDo does not let us in.
    """
    job = known_job(pipeline, job_id)
    if not job.is_open:
        return job
    with opened_for_job(pipeline, job_id, listener=lambda _event: None) as (tools, job):
        cancelled = cancel_job(tools, job)
        _audit(pipeline, job, by=by, action=AuditAction.SHAREDO_EXPORT_CANCELLED)
        return cancelled


def forget_exports(pipeline: Pipeline) -> tuple[str, ...]:
    """Remove exports that ended more than `RETENTION_DAYS` ago; sessions have copies of packages.

    Packages go before jobs: a crash leaves nothing that is not found again.
    """
    until = pipeline.clock.now() - timedelta(days=pipeline.settings.retention_days)
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
    """Write down what a person decided about a job; what follows by itself is in the job."""
    about = {"job_id": job.job_id, "environment": job.parameters.environment}
    pipeline.store.audit.append(
        at=pipeline.clock.now(), session_key=None, actor=by, action=action, details=about | details
    )


def check_package(path: Path) -> tuple[str, ...]:
    """Return the keys of a package's components; refuse one that cannot be read within limits.

    Raises:
        PackageUnreadableError: It cannot be unpacked.
        PackageInvalidError: It has no `manifest.json`, or one of another form.
    """
    if path.stat().st_size > PACKAGE_MAX_BYTES:
        raise PackageInvalidError(f"{path.name} is larger than {PACKAGE_MAX_BYTES:,} bytes.")
    try:
        archive = open_zip(path.read_bytes())
        archive.unpack_once()
    except ZipRefusedError as error:
        raise PackageUnreadableError(f"{path.name} cannot be unpacked: {error}.") from error
    if MANIFEST not in archive.names:
        raise PackageInvalidError(f"{path.name} has no {MANIFEST}: it is not an export package.")
    try:
        package = read_package_file(path, secret_key=secrets.token_bytes(16))
    except PackageRefusedError as error:
        raise PackageInvalidError(error.message) from error
    return tuple(package.by_key)

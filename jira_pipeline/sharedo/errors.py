"""Errors of ShareDo: its branch of the tree in `jira_pipeline.model.errors`.

Their words are in `model/errors.toml`.

    InputError
    ├── PackageRefusedError       a ShareDo export package cannot be read
    └── WrongUseError
        └── ExportJobStateError       an export job of ShareDo is in another state
    PipelineError
    └── ShareDoError              an export from ShareDo failed; `EXPORT_001` to `EXPORT_008`
        ├── ExportNotCreatedError     ShareDo refused to create the job
        │   ├── ComponentMissingError     it has no such component
        │   ├── PersonMissingError        the token names nobody, and a job needs a person
        │   └── CreationInDoubtError      whether it created the job is not known; a person decides
        ├── ExportTimeoutError        the job was not ready in time; it is kept
        ├── ExportFailedError         ShareDo says that the job failed
        ├── PackageDownloadError      the package could not be downloaded whole
        ├── PackageUnreadableError    the package cannot be unpacked within limits
        ├── PackageInvalidError       the package, or what was asked for, is not of its form
        ├── ShareDoUnreachableError   ShareDo could not be reached, or asks to wait
        └── ShareDoAccessError        ShareDo does not let us in
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from typing_extensions import override

from jira_pipeline.model.actions import Action, ActionKind, Argument
from jira_pipeline.model.errors import InputError, NotFoundKind, PipelineError, WrongUseError
from jira_pipeline.model.sharedo_jobs import ExportJob


class PackageRefusedError(InputError, code="package_refused"):
    """A file is no ShareDo export package, is damaged, or exceeds a limit."""

    file: str
    reason: str


class ExportJobStateError(WrongUseError, code=NotFoundKind.EXPORT_JOB.value):
    """There is such an export job of ShareDo, and its state does not allow what was asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message, recovery_actions=self.meaning.actions)


class ShareDoError(PipelineError):
    """An export from ShareDo failed."""

    is_recoverable: ClassVar[bool] = False
    """The same job can be carried on with, or the same call made again."""
    own_actions: ClassVar[Sequence[Action | str]] = ()
    """What to do, where that is other than its code says."""

    def __init__(
        self,
        message: str,
        *,
        details: Mapping[str, object] | None = None,
        recovery_actions: Sequence[Action | str] = (),
        wait_seconds: float | None = None,
    ) -> None:
        """Keep the sentence and its facts; without actions of its own those of the code.

        `wait_seconds` are what ShareDo asked for; None: it asked for none.
        """
        actions = recovery_actions or self.own_actions or self.meaning.actions_on()
        super().__init__(message, recovery_actions=actions)
        self.details: Mapping[str, object] = dict(details or {})
        self.wait_seconds = wait_seconds

    @property
    @override
    def sentence(self) -> str:
        """The message after its code, by which the documents explain it."""
        return f"{self.code}: {self.message}"

    @property
    @override
    def facts(self) -> Mapping[str, object]:
        """Whether the job can be carried on with, and what is known of the failure."""
        return {"recoverable": self.is_recoverable, "details": dict(self.details)}

    def name(self, **arguments: Argument) -> None:
        """Have the next steps say which job or environment they concern."""
        self.recovery_actions = tuple(action.on(**arguments) for action in self.recovery_actions)


class ExportNotCreatedError(ShareDoError, code="EXPORT_001"):
    """ShareDo refused to create the job; nothing was created."""


class ComponentMissingError(ExportNotCreatedError):
    """ShareDo says that it has no such component; whoever compares takes it for an answer."""

    own_actions = ("Check its type and system name in that environment's Modeller.",)


class PersonMissingError(ExportNotCreatedError):
    """ShareDo wants a person as the creator of a job, and the token names none."""

    own_actions = (
        "A job needs a user: set the environment's `grant` to `Impersonate.Specified`, with `impersonate_user`, or to `Impersonate.Fixed`.",
        Action.of(ActionKind.RESUME_SHAREDO_JOB, "Then run {}."),
    )


class CreationInDoubtError(ExportNotCreatedError):
    """Whether ShareDo created the job is not known and cannot be looked up; a person decides."""

    def __init__(self, job: ExportJob, *, reason: str) -> None:
        resume = ActionKind.RESUME_SHAREDO_JOB
        job_id = job.job_id
        super().__init__(
            f"It is unclear whether {job.parameters.environment} created export job {job_id}: "
            f"{reason} It is not requested again. Look there for an export named "
            f"{job.config_name!r}.",
            details={"in_doubt": True, "job_id": job_id, "export_config_name": job.config_name},
            recovery_actions=(
                Action.of(resume, "If it exists, give its id: {}.", job=job_id, remote_id="ID"),
                Action.of(resume, "If it does not: {}.", job=job_id, send_again=True),
            ),
        )


class ExportTimeoutError(ShareDoError, code="EXPORT_002"):
    """The job was not ready in time; it goes on in ShareDo and is kept."""

    is_recoverable = True


class ExportFailedError(ShareDoError, code="EXPORT_003"):
    """ShareDo says that the job failed, or does not know it any more."""

    is_recoverable = True


class PackageDownloadError(ShareDoError, code="EXPORT_004"):
    """The package could not be downloaded whole in three tries."""

    is_recoverable = True


class PackageUnreadableError(ShareDoError, code="EXPORT_005"):
    """The package cannot be unpacked within limits."""


class PackageInvalidError(ShareDoError, code="EXPORT_006"):
    """The package, or what was requested, is not of its form."""


class ShareDoUnreachableError(ShareDoError, code="EXPORT_007"):
    """ShareDo could not be reached, failed, or asks to wait; nothing was done."""

    is_recoverable = True


class ShareDoAccessError(ShareDoError, code="EXPORT_008"):
    """ShareDo does not let us in, with a renewed token either."""

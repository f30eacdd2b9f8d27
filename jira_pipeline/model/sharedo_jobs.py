"""Export jobs of ShareDo: what is asked for, and how far a job is.

Belongs here: the values and what follows from them alone. Does not: when a job is created, watched
or downloaded (`sharedo/jobs`), what ShareDo calls things (`sharedo/client`).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from typing_extensions import override

from jira_pipeline.model.json_values import json_fields


class ExportType(StrEnum):
    WORKTYPE = "worktype"
    WORKFLOW = "workflow"
    FORM = "form"
    CONFIGURATION = "configuration"


class PackageFormat(StrEnum):
    """What comes of an export."""

    ZIP = "zip"
    JSON = "json"


class Compression(StrEnum):
    """How a package is packed on its way to us; on the disk it is not."""

    NONE = "none"
    GZIP = "gzip"

    @classmethod
    @override
    def _missing_(cls, value: object) -> "Compression | None":
        """Read a job that was asked for packed by Brotli, which is no choice any more."""
        return cls.GZIP if value == "brotli" else None


class JobState(StrEnum):
    PENDING = "pending"
    """Not created in ShareDo, or its creation is in doubt."""
    RUNNING = "running"
    """ShareDo has it; its package is not here yet."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


def wants_person(words: str) -> bool:
    """Tell whether ShareDo's words say that a job has no creator: an app-only token names nobody.

    A job is stored with its creator, so none was made. Source: docs/sharedo.md.
    """
    return "createdby" in words.casefold()


OPEN_STATES = frozenset({JobState.PENDING, JobState.RUNNING})


class ExportRoute(StrEnum):
    """Which call creates the job."""

    PACKAGE = "package"
    CONFIGURATION = "configuration"
    """The other way, after a job of the first has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportItem:
    """One thing to export: the provider that knows it, and its name there."""

    provider: str
    system_name: str

    @property
    def key(self) -> str:
        """What names the component in every environment."""
        return f"{self.provider}:{self.system_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportParameters:
    environment: str
    export_type: ExportType
    provider: str
    """What ShareDo calls the kind of thing."""
    system_name: str
    includes_dependencies: bool = False
    includes_history: bool = False
    package_format: PackageFormat = PackageFormat.ZIP
    compression: Compression = Compression.NONE

    @property
    def item(self) -> ExportItem:
        """What is asked for, without what it depends on."""
        return ExportItem(provider=self.provider, system_name=self.system_name)

    @property
    def parameters_hash(self) -> str:
        """SHA-256 over all parameters: equal ones ask for the same."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


@json_fields("code message recoverable=is_recoverable details")
@dataclass(frozen=True, slots=True, kw_only=True)
class JobError:
    """What went wrong with a job last."""

    code: str
    message: str
    is_recoverable: bool
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The message after its code, by which the documents explain it."""
        return f"{self.code}: {self.message}"


@json_fields("file_name sha256 size_bytes")
@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package that was downloaded and checked."""

    file_name: str
    """In the folder of packages."""
    sha256: str
    size_bytes: int


@json_fields(
    "job_id environment=parameters.environment type=parameters.export_type "
    "provider=parameters.provider system_name=parameters.system_name "
    "include_dependencies=parameters.includes_dependencies history=parameters.includes_history "
    "format=parameters.package_format compression=parameters.compression state "
    "in_doubt=is_in_doubt export_config_name=config_name remote_id route attempt "
    "items=item_keys progress_percentage current_step=step created_at started_at finished_at stalled_at "
    "estimated_seconds error result_url package"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """One export, from the wish to the package."""

    job_id: str
    parameters: ExportParameters
    state: JobState = JobState.PENDING
    created_at: datetime
    estimated_seconds: float
    items: tuple[ExportItem, ...] = ()
    """What the creation names; empty until that is known."""
    attempt: int = 1
    """Grows when a failed job is created again, so that its creations can be distinguished."""
    route: ExportRoute = ExportRoute.PACKAGE
    intent_count: int = 0
    """Creations that were written down to be sent, over all attempts."""
    sent_at: datetime | None = None
    """When the current creation was sent; None: none is under way."""
    remote_id: str | None = None
    """What ShareDo calls the job; None: it is not known to have it."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    progress_percentage: float = 0.0
    step: str = ""
    stalled_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    error: JobError | None = None
    result_url: str | None = None
    package: Package | None = None

    @property
    def config_name(self) -> str:
        """What the job is called in ShareDo: unique, so that a creation in doubt can be found."""
        return f"jira-pipeline {self.job_id}-{self.attempt} {self.parameters.system_name}"

    @property
    def item_keys(self) -> tuple[str, ...]:
        """The components that the creation names."""
        return tuple(component.key for component in self.items)

    @property
    def is_open(self) -> bool:
        """It is not completed, failed or cancelled."""
        return self.state in OPEN_STATES

    @property
    def is_in_doubt(self) -> bool:
        """Its creation was sent, and whether ShareDo has it is not known."""
        return (
            self.state is JobState.PENDING and self.sent_at is not None and self.remote_id is None
        )

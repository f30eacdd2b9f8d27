"""The ShareDo environments that a file describes, or the two of the embedded sandbox.

Belongs here: the form of `sharedo.yaml`, with what is not proven against a live server as a setting
of the environment. Does not: secrets, of which the file holds the name of a variable
(`context/settings`).

Source of the paths, grants and limits: docs/sharedo.md, which says what each rests on.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from jira_pipeline.jira.client.addresses import is_loopback
from jira_pipeline.model.errors import ConfigurationError, system_message

FILE_MAX_BYTES = 1_000_000
ENVIRONMENTS_MAX_COUNT = 50
SANDBOX_URL = "https://sharedo.sandbox.example"
SANDBOX_ENVIRONMENTS = ("development", "test")
SANDBOX_CLIENT = ("jira-pipeline", "any secret")
_EXPORT = "/api/modeller/importexport/export"
EnvironmentName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
PlainPath = Annotated[str, Field(pattern=r"^/[^\s?#{}]*$", max_length=500)]
JobPath = Annotated[str, Field(pattern=r"^/(?:[^\s?#{}]|\{job\})*$", max_length=500)]


class Grant(StrEnum):
    """How a token is asked for."""

    CLIENT_CREDENTIALS = "client_credentials"
    """As the application alone: creating a job then fails, for it needs a user."""
    SPECIFIED = "Impersonate.Specified"
    """As the user that `impersonate_user` names."""
    FIXED = "Impersonate.Fixed"
    """As the user that the application is configured with."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Paths(_Part):
    """Where calls go, below the address of the API; `{job}` is the id of an export job."""

    token: PlainPath = "/connect/token"  # noqa: S105 - a path
    """Below the address of the identity server."""
    dependencies: PlainPath = f"{_EXPORT}/added"
    create: PlainPath = f"{_EXPORT}/package"
    progress: JobPath = f"{_EXPORT}/package/{{job}}/progress/"
    download: tuple[JobPath, ...] = Field(
        default=(
            "/modeller/__importexport/export/package/{job}/download",
            f"{_EXPORT}/package/{{job}}/download",
        ),
        min_length=1,
        max_length=5,
    )
    """Tried in this order."""
    cancel: JobPath | None = f"{_EXPORT}/package/{{job}}"
    """None: jobs of this environment cannot be cancelled there."""
    configuration: PlainPath | None = "/api/configuration/export"
    """The other way to export a work type, after a job has failed; None: there is none."""


class CreateFields(_Part):
    """What the body of a new job calls things that ShareDo is not proven to take."""

    history: str | None = None
    format: str | None = None


class Environment(_Part):
    name: str = ""
    """Its key in the file."""
    api_url: str
    identity_url: str
    client_id: str = Field(min_length=1)
    client_secret_env: str = Field(min_length=1, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """Name of the environment variable, or of the line in `.env`, that holds the secret."""
    grant: Grant = Grant.SPECIFIED
    impersonate_user: str | None = None
    impersonate_provider: str | None = None
    scope: str = "sharedo"
    requests_per_minute: int = Field(default=100, ge=1, le=6_000)
    timeout_seconds: float = Field(default=30.0, gt=0, le=600, allow_inf_nan=False)
    estimated_seconds: float = Field(default=30.0, gt=0, le=36_000, allow_inf_nan=False)
    """How long an export takes, as long as none was watched; a stall is twice as much."""
    deadline_seconds: float = Field(default=300.0, gt=0, le=86_400, allow_inf_nan=False)
    """How long a job is watched; 120 polls with their limiter may take less."""
    paths: Paths = Paths()
    create_fields: CreateFields = CreateFields()
    providers: Mapping[str, str] = Field(
        default_factory=lambda: {
            "worktype": "sharedo-type",
            "workflow": "execution-engine",
            "form": "form-builder",
        }
    )
    """What ShareDo calls the provider of each type of export."""
    is_sandbox: bool = Field(default=False, exclude=True)

    @field_validator("api_url", "identity_url")
    @classmethod
    def _only_a_safe_address(cls, url: str) -> str:
        """Refuse what would send a token in the clear, or show a password."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
        if not is_safe or not host or any(mark in url for mark in "@?#") or " " in url:
            raise ValueError("it must be https (http only for this host), with only host and path")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _with_a_user_to_impersonate(self) -> Self:
        """Refuse a grant that lacks its user."""
        if self.grant is Grant.SPECIFIED and not self.impersonate_user:
            raise ValueError(f"grant {Grant.SPECIFIED} needs impersonate_user")
        return self


class EnvironmentsFile(_Part):
    """What `sharedo.yaml` holds."""

    environments: dict[EnvironmentName, Environment] = Field(
        min_length=1, max_length=ENVIRONMENTS_MAX_COUNT
    )


def read_environments(path: Path, *, is_named: bool) -> Mapping[str, Environment]:
    """Return the environments by name; those of the sandbox where there is no file.

    Args:
        path: The file.
        is_named: Somebody named the file, so that it must be there.

    Raises:
        ConfigurationError: The file is not there though it is named, too large, or not of its form.
    """
    if not path.exists() and not is_named:
        return {name: sandbox_environment(name) for name in SANDBOX_ENVIRONMENTS}
    try:
        content = path.read_bytes()
        if len(content) > FILE_MAX_BYTES:
            raise _unusable(path, f"it is larger than {FILE_MAX_BYTES:,} bytes")
        file = EnvironmentsFile.model_validate(yaml.safe_load(content.decode("utf-8-sig")))
    except OSError as error:
        raise _unusable(path, system_message(error)) from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise _unusable(path, f"it is not valid YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}".removeprefix(": ").replace(
                "Value error, ", ""
            )
            for e in error.errors(include_input=False)
        )
        raise _unusable(path, faults) from None
    blocks = file.environments.items()
    return {name: block.model_copy(update={"name": name}) for name, block in blocks}


def sandbox_environment(name: str) -> Environment:
    """Describe an environment of the sandbox of this process."""
    return Environment(
        name=name,
        api_url=f"{SANDBOX_URL}/{name}",
        identity_url=f"{SANDBOX_URL}/{name}/identity",
        client_id=SANDBOX_CLIENT[0],
        client_secret_env="SHAREDO_SANDBOX_SECRET",  # noqa: S106 - the name of a variable
        grant=Grant.FIXED,
        requests_per_minute=500,
        estimated_seconds=5.0,
        create_fields=CreateFields(history="includeHistory", format="format"),
        is_sandbox=True,
    )


def _unusable(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be used: {reason}.",
        recovery_actions=("Correct the file; docs/sharedo.md lists its keys.",),
    )

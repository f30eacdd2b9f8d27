"""Every setting, its default and its unit; the only place that reads the environment.

Belongs here: the settings, where each comes from, finding the home. Does not: settings of one
session, which are in its `session.yaml` (`sheets/manifest`), making a home (`sessions/homes`).

Values come from the environment, then from `.env` beside `dagster.yaml`, in the home; the other way
round where the environment is a copy of that file, which may have been corrected since. A relative
`JIRA_PIPELINE_HOME` resolves there, never against the working folder: a second, empty ledger would
mean duplicates. For the same reason a home is found here, and never made (`sessions/homes`).
"""

import base64
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import (
    Field,
    IPvAnyAddress,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from jira_pipeline.jira.client.addresses import site_of_page
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.model.runs import RunEvent

PROJECT_MARK = "dagster.yaml"
SHAREDO_FILE = "sharedo.yaml"
USER_HOME = "jira_pipeline"
"""In the folder of the account. Not hidden: browsers in a sandbox of their own could not open pages
there."""
TEMPLATE = "template"
SANDBOX = "sandbox"
"""The value of JIRA_BASE_URL that means the embedded sandbox, whatever else is set of a Jira."""
COPIED_MARK = "JIRA_PIPELINE_ENV_COPIED"
"""A line of `.env` that is in the environment only where the file was copied into it."""
PROVIDERS = ("openai:", "anthropic:")
WebhookShape = Literal["json", "slack", "teams"]
SIGNING_KEY_BYTES = range(24, 65)
"""How long the key of a webhook may be.
Source: https://github.com/standard-webhooks/standard-webhooks, the specification, read 1 December 2026."""
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_START_SECONDS = "900"
"""With Dagster's 60, 43 of 50 runs failed on a busy machine while their processes started."""


class Settings(BaseSettings):
    """All settings; names are the environment variables in upper case."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        str_strip_whitespace=True,
    )

    @override
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Ask the environment first; where it is a copy of `.env`, the file as it is now.

        `dagster dev` copies that file over its environment when it starts.
        """
        sources = [env_settings, dotenv_settings]
        if os.environ.get(COPIED_MARK):
            sources.reverse()
        return (init_settings, *sources, file_secret_settings)

    jira_pipeline_home: Path = Field(
        default=Path(".jira_pipeline"),
        description="Inbox, uploads, store, sandbox and reports; relative to dagster.yaml.",
    )
    jira_pipeline_database_url: str | None = Field(
        default=None,
        description="SQLAlchemy URL of the store; default: SQLite in the data folder.",
        repr=False,  # it may hold a password
    )
    jira_pipeline_person: str | None = Field(
        default=None,
        description="Name recorded for commands and the first admin; default: the account's name.",
    )
    jira_base_url: str | None = Field(
        default=None,
        description="Site such as https://example.atlassian.net; default, or `sandbox`: the "
        "embedded sandbox.",
    )
    jira_email: str | None = Field(
        default=None,
        description="Account the API token belongs to; none: it is of a service account.",
    )
    jira_api_token: SecretStr | None = Field(default=None, description="Atlassian API token.")
    jira_project_key: str | None = Field(
        default=None, description="Project for sessions whose manifest names none."
    )
    jira_issue_type: str | None = Field(
        default=None,
        description="Issue type to create, by name or id; default: Task, or the only one.",
    )
    jira_blocks_link_type: str | None = Field(
        default=None,
        description="Link type for dependencies, by name or id; default: Blocks or a synonym.",
    )
    jira_relates_link_type: str | None = Field(
        default=None,
        description="Link type for loose relations, by name or id; default: Relates or a synonym.",
    )
    jira_create_delay_seconds: float = Field(
        default=0.0,
        ge=0,
        le=60,
        allow_inf_nan=False,
        description="Fixed wait between two creations; 0 = the server's pace.",
    )
    jira_batch_size: int = Field(
        default=50, ge=1, le=50, description="Issues created per request; 1 = one at a time."
    )
    jira_timeout_seconds: float = Field(
        default=30.0, gt=0, le=600, description="How long Jira may take to respond."
    )
    jira_proxy_url: SecretStr | None = Field(
        default=None, description="Proxy for Jira, such as http://user:password@proxy.example:3128."
    )
    jira_ca_bundle: Path | None = Field(
        default=None,
        description="PEM file of certificate authorities to trust in addition to the usual ones.",
    )
    jira_trust_env: bool = Field(
        default=False, description="Use HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE for Jira."
    )
    jira_settle_horizon_seconds: float = Field(
        default=600.0,
        ge=0,
        allow_inf_nan=False,
        description="How long Jira may still be working on an unanswered request.",
    )
    writer_model: str | None = Field(
        default=None,
        description="Language model: openai:NAME, anthropic:NAME, or NAME at WRITER_BASE_URL.",
    )
    writer_base_url: str | None = Field(
        default=None, description="OpenAI-compatible server, or a proxy of the named provider."
    )
    writer_api_key: SecretStr | None = Field(default=None, description="API key for that service.")
    openai_api_key: SecretStr | None = Field(
        default=None, description="API key for openai:NAME if WRITER_API_KEY is not set."
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None, description="API key for anthropic:NAME if WRITER_API_KEY is not set."
    )
    writer_context: Literal["specification", "ticket"] = Field(
        default="specification",
        description="What a model sees: all of the site's rows, or only the ticket's.",
    )
    writer_context_tokens: int | None = Field(
        default=None,
        ge=1_000,
        description="Most tokens of rows in one request; default: what the model can read.",
    )
    writer_for: Literal["all", "notes"] = Field(
        default="all",
        description="Tickets to ask a model about: all, or those with notes, help or descriptions.",
    )
    writer_output_tokens: int | None = Field(
        default=None,
        ge=500,
        description="Most tokens of a model's answer; default: 8,000, or what the server allows.",
    )
    writer_effort: Literal["low", "medium", "high"] | None = Field(
        default=None, description="How much a model thinks first; default: as the model does."
    )
    writer_concurrency: int = Field(
        default=8, ge=1, le=64, description="Most concurrent requests to the model."
    )
    writer_timeout_seconds: float = Field(
        default=120.0, gt=0, le=3600, description="How long the model may take to respond."
    )
    writer_max_requests: int = Field(
        default=2_000, gt=0, description="Most requests to models per session."
    )
    writer_budget: Decimal = Field(
        default=Decimal(20),
        gt=0,
        allow_inf_nan=False,
        description="Most that models may cost per session, in US dollars.",
    )
    sharedo_environments: Path | None = Field(
        default=None,
        description="ShareDo environments; default: sharedo.yaml next to .env, or the sandbox.",
    )
    agency: str | None = Field(
        default=None, description="Who builds the sites, as clients know them."
    )
    logo: Path | None = Field(
        default=None,
        description="Their logo on clients' pages: PNG or JPEG of at most 200 kB.",
    )
    upload_max_file_bytes: int = Field(
        default=2_000_000, gt=0, description="Largest sheet, in bytes."
    )
    upload_max_session_bytes: int = Field(
        default=50_000_000, gt=0, description="All of a session's files together, in bytes."
    )
    upload_max_files: int = Field(default=25, gt=0, description="Most files in a session.")
    adf_body_max_bytes: int = Field(
        default=32_767, gt=0, description="Largest issue body as compact JSON, in bytes."
    )
    upload_settle_seconds: float = Field(
        default=5.0,
        ge=0,
        allow_inf_nan=False,
        description="How long an inbox folder must stay unchanged before it is uploaded.",
    )

    log_format: Literal["text", "json"] = Field(
        default="text", description="Format of the log on standard error: json for log collectors."
    )
    validate_settle_seconds: float = Field(
        default=60.0,
        ge=0,
        allow_inf_nan=False,
        description="How long editing must pause before stale tickets are validated again.",
    )
    retention_days: float | None = Field(
        default=None,
        ge=0,
        le=36_500,
        allow_inf_nan=False,
        description="Days after which sessions with nothing open are removed, counted from the last "
        "act of a person or a client; absent: none is removed.",
    )

    notify_webhook_url: SecretStr | None = Field(
        default=None, description="Where to post notices for the team: finished runs, answers."
    )
    notify_webhook_secret: SecretStr | None = Field(
        default=None,
        description="Secret that notices are signed with, as Standard Webhooks has it: whsec_ and "
        "24 to 64 random bytes in Base64.",
    )
    notify_webhook_shape: WebhookShape = Field(
        default="json", description="Format of notices: json for programs, or for slack or teams."
    )
    notify_events: str = Field(
        default=",".join(RunEvent), description="Which notices to post, separated by commas."
    )

    web_base_url: str | None = Field(
        default=None,
        description="Public address of the web pages, such as https://review.example.org.",
    )
    web_trusted_proxy: IPvAnyAddress | None = Field(
        default=None, description="Address of a proxy that signs people in and passes their names."
    )
    web_trusted_proxy_header: str = Field(
        default="X-Forwarded-User",
        pattern=r"^[A-Za-z0-9-]{1,64}$",
        description="Header in which that proxy passes the person's name.",
    )
    web_readers_comment: bool = Field(
        default=False, description="Whether readers may also comment on tickets."
    )
    export_at: time | None = Field(
        default=None,
        description="When to export ready sessions every day, such as 20:00; default: never.",
    )
    compare_hours: str | None = Field(
        default=None,
        pattern=r"^([01]?\d|2[0-3])-([01]?\d|2[0-3])$",
        description="Hours of weekdays in which Jira is also compared every hour, such as 8-18.",
    )
    schedule_timezone: str = Field(
        default="UTC", description="Time zone of the schedules, such as Europe/Berlin."
    )

    _project_path: Path = Path()

    @model_validator(mode="before")
    @classmethod
    def _without_blank_values(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Read a value of nothing but spaces as absent, as the environment's empty ones are."""
        return {k: v for k, v in values.items() if not isinstance(v, str) or v.strip()}

    @field_validator("jira_pipeline_home", "jira_ca_bundle", "sharedo_environments", "logo")
    @classmethod
    def _without_tilde(cls, path: Path | None) -> Path | None:
        """Read `~` as the account's own folder, since no shell has read `.env`."""
        try:
            return path.expanduser() if path is not None else None
        except RuntimeError as error:
            raise ValueError(str(error)) from error

    @field_validator("schedule_timezone")
    @classmethod
    def _only_a_known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is not a time zone such as Europe/Berlin") from error
        return name

    @field_validator(
        "web_base_url", "writer_base_url", "jira_proxy_url", "jira_base_url", "notify_webhook_url"
    )
    @classmethod
    def _only_an_address(
        cls, url: str | SecretStr | None, info: ValidationInfo
    ) -> str | SecretStr | None:
        """Refuse what nobody can follow, and what may hold a token before anything shows it."""
        text = url.get_secret_value() if isinstance(url, SecretStr) else url
        for is_right, words in _RULES_OF_ADDRESSES[str(info.field_name)]:
            if text is not None and not is_right(text):
                raise ValueError(f"it must {words}")
        return url

    @field_validator("writer_base_url")
    @classmethod
    def _without_the_path_of_a_request(cls, url: str | None) -> str | None:
        """Take off what the program adds itself, where somebody copied the address of a request."""
        if url is None:
            return None
        address, mark, query = url.partition("?")
        return f"{_REQUEST_PATH.sub('', address)}{mark}{query}"

    @model_validator(mode="after")
    def _with_a_writer_that_can_be_found(self) -> Self:
        self._refuse_unreachable_writer()
        return self

    def _refuse_unreachable_writer(self) -> None:
        """Refuse a model that nobody serves, and a key that would go over the wire in clear."""
        model = self.writer_model
        # a provider begins it: other names may hold a colon too
        if (
            model not in (None, TEMPLATE)
            and not (self.writer_model or "").startswith(PROVIDERS)
            and not self.writer_base_url
        ):
            raise ValueError(
                "WRITER_MODEL: name the provider (openai:NAME or anthropic:NAME), or the server "
                "with WRITER_BASE_URL"
            )
        url = self.writer_base_url
        if url is not None and self.writer_api_key is not None and not is_safe_address(url):
            raise ValueError("WRITER_BASE_URL: a key is sent only over https or to this host")

    @field_validator("notify_webhook_secret")
    @classmethod
    def _only_a_secret_to_sign_with(cls, secret: SecretStr | None) -> SecretStr | None:
        """Refuse what cannot sign: a receiver would refuse every notice, a day long."""
        if secret is not None and not is_signing_secret(secret.get_secret_value()):
            raise ValueError("it must be whsec_ and 24 to 64 random bytes in Base64")
        return secret

    @field_validator("notify_events")
    @classmethod
    def _only_known_events(cls, names: str) -> str:
        unknown = _names_in(names) - set(RunEvent)
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))} is not one of {', '.join(RunEvent)}")
        return names

    @property
    def notified_events(self) -> frozenset[str]:
        return _names_in(self.notify_events)

    @property
    def env_path(self) -> Path:
        """The file that settings come from, beside `dagster.yaml`; it may be absent."""
        return self._project_path / ".env"

    @property
    def home_path(self) -> Path:
        home = self.jira_pipeline_home
        return home if home.is_absolute() else self._project_path / home

    @property
    def jira_ca_bundle_path(self) -> Path | None:
        bundle = self.jira_ca_bundle
        return self._project_path / bundle if bundle is not None else None

    @property
    def logo_path(self) -> Path | None:
        return self._project_path / self.logo if self.logo is not None else None

    @property
    def inbox_path(self) -> Path:
        """Where folders of sheets arrive."""
        return self.home_path / "inbox"

    @property
    def uploads_path(self) -> Path:
        """Immutable copies, one folder per session and content."""
        return self.home_path / "uploads"

    @property
    def pages_path(self) -> Path:
        """Reports of exports, one folder per session."""
        return self.home_path / "pages"

    @property
    def sandbox_path(self) -> Path:
        """State of the embedded Jira sandbox."""
        return self.home_path / "sandbox.sqlite"

    @property
    def sharedo_environments_path(self) -> Path:
        """The file of ShareDo environments; it may be absent where nobody named it."""
        return self._project_path / (self.sharedo_environments or SHAREDO_FILE)

    @property
    def sharedo_path(self) -> Path:
        """Packages that were exported from ShareDo."""
        return self.home_path / "sharedo"

    def secret_named(self, name: str) -> SecretStr | None:
        """Return the secret in the environment variable, or the line of `.env`, of that name."""
        value = os.environ.get(name) or dotenv_values(self.env_path).get(name)
        return SecretStr(value) if value else None

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the store."""
        if self.jira_pipeline_database_url:
            return self.jira_pipeline_database_url
        return f"sqlite:///{self.home_path / 'store.sqlite'}"

    @property
    def is_store_on_server(self) -> bool:
        """Other machines may work on the store, too."""
        return not self.database_url.startswith("sqlite")

    def with_writer(self, name: str) -> Self:
        """Return the settings with another WRITER_MODEL."""
        settings = self.model_copy(update={"writer_model": name})
        try:
            settings._refuse_unreachable_writer()  # noqa: SLF001 - our own class
        except ValueError as error:
            raise ConfigurationError(
                f"{name!r} cannot write tickets: {error}.",
                recovery_actions=(
                    "Name `template`, openai:NAME, anthropic:NAME, or a model at WRITER_BASE_URL.",
                ),
            ) from None
        return settings

    @property
    def writer_key(self) -> SecretStr | None:
        """Key for WRITER_MODEL; the keys of providers go to the providers only."""
        if self.writer_api_key is not None or self.writer_base_url is not None:
            return self.writer_api_key
        is_anthropic = (self.writer_model or "").startswith("anthropic:")
        return self.anthropic_api_key if is_anthropic else self.openai_api_key

    @property
    def is_sandbox(self) -> bool:
        """No Jira is configured: issues go to the embedded sandbox."""
        return (self.jira_base_url or SANDBOX).casefold() == SANDBOX

    @property
    def jira_site_url(self) -> str | None:
        """Where requests to Jira go: JIRA_BASE_URL, or the site of the page that it names."""
        url = self.jira_base_url
        return None if url is None or self.is_sandbox else site_of_page(url)

    @property
    def jira_site_note(self) -> str:
        """What was read of JIRA_BASE_URL, where that is the address of a page; else empty."""
        site_url = self.jira_site_url
        if site_url is None or site_url.rstrip("/") == str(self.jira_base_url).rstrip("/"):
            return ""
        return f"JIRA_BASE_URL is the address of a page; using its site: {site_url}."

    @property
    def jira_settings_without_site(self) -> tuple[str, ...]:
        """What is set of a real Jira while nothing says which, nor that the sandbox is meant."""
        if self.jira_base_url is not None:
            return ()
        values = {
            "JIRA_EMAIL": self.jira_email,
            "JIRA_API_TOKEN": self.jira_api_token,
            "JIRA_PROJECT_KEY": self.jira_project_key,
        }
        return tuple(name for name, value in values.items() if value)


def _names_in(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def is_http_address(url: str) -> bool:
    """Tell whether an address names a server that speaks HTTP."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def is_signing_secret(secret: str) -> bool:
    """Tell whether a text is a secret of Standard Webhooks; its prefix may be left out."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return False
    return len(key) in SIGNING_KEY_BYTES


def is_safe_address(url: str) -> bool:
    """Tell whether something may be posted there: https, or http to this very host."""
    if not is_http_address(url):
        return False
    parts = urlsplit(url)
    is_private = parts.scheme == "https" or parts.hostname in LOOPBACK_HOSTS
    return is_private and "@" not in parts.netloc


_API_VERSION = re.compile(r"\?api-version=[\w.-]+\Z")
"""What an address at Azure ends in. Source: Azure OpenAI REST API reference, 2026-11."""
_REQUEST_PATH = re.compile(r"/(?:chat/completions|responses|v1/messages)/?\Z")


def _is_bare_address(url: str) -> bool:
    return "@" not in url and not any(mark in site_of_page(url) for mark in "?#")


_BARE = (_is_bare_address, "consist of https, host and path only")
_RULES_OF_ADDRESSES: Mapping[str, Sequence[tuple[Callable[[str], bool], str]]] = {
    "web_base_url": (
        (is_http_address, "be an address such as https://review.example.org"),
        _BARE,
    ),
    "writer_base_url": (
        (is_http_address, "be an address such as http://127.0.0.1:11434/v1"),
        (
            lambda url: _is_bare_address(_API_VERSION.sub("", url)),
            "consist of https, host and path only, or end in Azure's ?api-version=",
        ),
    ),
    "jira_proxy_url": ((is_http_address, "be an address such as http://proxy.example:3128"),),
    "jira_base_url": (_BARE,),
    "notify_webhook_url": (
        (is_safe_address, "be https, or http to this host, without a user name"),
    ),
}
"""What each has to be. Those that may hold a password are never shown."""


def find_project_path(start: Path | None = None) -> Path:
    """Return the home: the folder of `dagster.yaml` that every command works with.

    `DAGSTER_HOME` names it; else it is found upwards from `start` or here, beside the program where
    that lies in a checkout, or where `init` makes the one home of this account.

    Raises:
        ConfigurationError: There is none, or `DAGSTER_HOME` names a folder without one.
    """
    home = find_home(start)
    if home is not None:
        return home
    here = (start or Path.cwd()).resolve()
    raise ConfigurationError(
        f"There is no data folder: DAGSTER_HOME is not set, and there is no {PROJECT_MARK} in "
        f"{here} or above it, in {checkout_path()} or in {user_home_path()}.",
        recovery_actions=(
            "If you have one, go there, or set DAGSTER_HOME to its absolute path.",
            Action.of(
                ActionKind.MAKE_HOME,
                "Otherwise, {} creates one for this account, as does {1}.",
                also=(Action.of(ActionKind.RUN_DEMO, "{}"),),
            ),
        ),
    )


def find_home(start: Path | None = None) -> Path | None:
    """Return the home as `find_project_path` does, or None where there is none.

    Raises:
        ConfigurationError: `DAGSTER_HOME` names a folder without `dagster.yaml`, or this account
            has no folder of its own.
    """
    home = os.environ.get("DAGSTER_HOME")
    if home:
        # a mistyped one would begin a second, empty ledger
        path = Path(home).resolve()
        if (path / PROJECT_MARK).is_file():
            return path
        raise ConfigurationError(
            f"DAGSTER_HOME is {path}, but there is no {PROJECT_MARK} in it.",
            recovery_actions=(
                "Set DAGSTER_HOME to the absolute path of your data folder, or unset it.",
                Action.of(ActionKind.MAKE_HOME, "To create a new one there: {}.", folder=str(path)),
            ),
        )
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, checkout_path()):
        if (folder / PROJECT_MARK).is_file():
            return folder
    user_home = user_home_path()
    return user_home if (user_home / PROJECT_MARK).is_file() else None


def checkout_path() -> Path:
    """Return the folder the program lies in, which is a checkout or that of installed packages."""
    return Path(__file__).resolve().parents[2]


def user_home_path() -> Path:
    """Return the data folder in the home of the account that runs the program.

    Raises:
        ConfigurationError: The account has no home.
    """
    try:
        return Path.home() / USER_HOME
    except RuntimeError as error:
        raise ConfigurationError(
            "There is no data folder: DAGSTER_HOME is not set, and this account has no home: "
            f"{error}",
            recovery_actions=(
                Action.of(
                    ActionKind.MAKE_HOME, "Create one for DAGSTER_HOME: {}.", folder="FOLDER"
                ),
            ),
        ) from error


def load_settings(project_path: Path | None = None) -> Settings:
    """Read the settings of the project.

    Raises:
        ConfigurationError: A value is not what its setting takes; the message names the setting.
    """
    path = (project_path or find_project_path()).resolve()
    settings = _read_settings(path / ".env").model_copy()
    settings._project_path = path  # noqa: SLF001 - a private attribute of our own frozen model
    return settings


def load_limits() -> Settings:
    """Read the settings for a command that keeps nothing: it needs no home."""
    home = find_home()
    return _read_settings(None) if home is None else load_settings(home)


def _read_settings(env_path: Path | None) -> Settings:
    """Read the settings where `.env` or the environment changed since they were last asked for.

    A command asks for them about four times.
    """
    text = env_path.read_bytes() if env_path is not None and env_path.is_file() else None
    try:
        return _settings_of(env_path, text=text, environment=tuple(os.environ.items()))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}".removeprefix(": Value error, ")
            for e in error.errors()
        )
        raise ConfigurationError(
            f"Invalid settings: {faults}",
            recovery_actions=(
                "Correct the environment or .env; docs/settings.md lists every setting.",
            ),
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{env_path} is not UTF-8: byte {error.start + 1} cannot be read.",
            recovery_actions=("Save .env as UTF-8.",),
        ) from None


@lru_cache(maxsize=1)
def _settings_of(
    env_path: Path | None,
    *,
    text: bytes | None,  # noqa: ARG001 - with another text they are read again
    environment: tuple[tuple[str, str], ...],  # noqa: ARG001 - likewise
) -> Settings:
    _refuse_removed_settings(env_path)
    return Settings(_env_file=env_path)


REMOVED_SETTINGS: Mapping[str, str] = {
    "WRITER_ANSWER": "models write the tickets of sites whole, and complete those of packages",
}
"""Settings of earlier versions by name, with what is so without them."""


def _refuse_removed_settings(env_path: Path | None) -> None:
    """Refuse to start with a setting that nothing reads: whoever set it expects something of it.

    Raises:
        ConfigurationError: One is set; the message says what is so now.
    """
    of_file = {} if env_path is None else dotenv_values(env_path, encoding="utf-8")
    for name, instead in REMOVED_SETTINGS.items():
        if os.environ.get(name) or of_file.get(name):
            raise ConfigurationError(
                f"{name} is no longer a setting: {instead}.",
                recovery_actions=(f"Remove {name} from the environment or .env.",),
            )


def adopt_dagster_home() -> Path:
    """Make the home that is found the Dagster home of this process, and return it.

    A run gets the time to start that a busy machine needs, where nobody set another.
    """
    path = find_project_path()
    os.environ["DAGSTER_HOME"] = str(path)
    os.environ.setdefault("DAGSTER_GRPC_TIMEOUT_SECONDS", _START_SECONDS)
    return path

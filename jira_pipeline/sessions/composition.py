"""Connects settings, store, source and Jira: what one process works with.

Belongs here: which adapter implements which port. Does not: writers (`writers`), one session
(`open_session`).
"""

import os
import random
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from typing_extensions import override

from jira_pipeline.domain.entities import FolderReading, SourceTable
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.errors import ConfigurationError, StoreError
from jira_pipeline.jira_client.client import JiraClient
from jira_pipeline.jira_client.connection import CONNECT_TIMEOUT_SECONDS, Network
from jira_pipeline.jira_client.pacing import NO_LIMITS, Pacing, PacingClock
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.site import SANDBOX_BASE_URL
from jira_pipeline.jira_sandbox.transport import SandboxTransport
from jira_pipeline.ports.clock import Clock
from jira_pipeline.ports.specification import EntityReading, SpecificationSource
from jira_pipeline.sessions.memory import SessionMemory, rendering_of
from jira_pipeline.settings import Settings
from jira_pipeline.sources.drupal_csv import ReadingLimits, read_entities, read_folder
from jira_pipeline.stages.jira_export.jira_names import JiraNames
from jira_pipeline.store.engine import open_store
from jira_pipeline.store.store import Store

SANDBOX_PROJECT_KEY = "SBX"
SANDBOX_ACCOUNT = ("you@sandbox.example", "any password")
IMPATIENT_TIMEOUT_SECONDS = 10.0
IMPATIENT_CONNECT_TIMEOUT_SECONDS = 3.0
"""Somebody waits for the answer: a site that is there opens a connection in less than one."""

SYSTEM_PACE = PacingClock(monotonic=time.monotonic, sleep=time.sleep, random=random.random)
"""The sandbox asks by its headers where it has limits; a real Jira is not even brought near."""


class SystemClock(Clock):
    """The clock of this machine."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one clock


@dataclass(frozen=True, slots=True, kw_only=True)
class DrupalCsvSource(SpecificationSource):
    """Sheets of the Drupal Spec Tool as CSV files."""

    limits: ReadingLimits

    @override
    def read_folder(self, folder: Path, *, columns: Mapping[str, str]) -> FolderReading:
        """Read every sheet of a folder within the limits."""
        return read_folder(folder, limits=self.limits, columns=columns)

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn rows into entities."""
        return read_entities(tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Everything one process works with."""

    settings: Settings
    store: Store
    source: SpecificationSource
    clock: Clock
    memory: SessionMemory

    @property
    def rendering(self) -> str:
        """Name the code that renders tickets, with the one setting it depends on."""
        return rendering_of(body_max_bytes=self.settings.adf_body_max_bytes)

    def known_project_key(self, session: UploadSession | None) -> str | None:
        """Return the project of a session, else the configured one; None where nobody named one."""
        manifest_key = session.manifest.jira_project_key if session is not None else None
        sandbox_key = SANDBOX_PROJECT_KEY if self.settings.is_sandbox else None
        return manifest_key or self.settings.jira_project_key or sandbox_key

    def project_key(self, session: UploadSession | None) -> str:
        """Return the project of a session, or without one the configured project.

        Raises:
            ConfigurationError: A real Jira is configured and nobody named a project.
        """
        known = self.known_project_key(session)
        if known is not None:
            return known
        whose = f"Session {session.session_key} names" if session is not None else "Nobody named"
        raise ConfigurationError(
            f"{whose} {'no' if session is not None else 'a'} Jira project.",
            recovery_actions=(
                "Set JIRA_PROJECT_KEY, or `jira_project_key` in session.yaml.",
                "`jira-pipeline check-project --list` shows the projects.",
            ),
        )

    def jira_names(self, session: UploadSession | None) -> JiraNames:
        """Return what the session or the settings name of Jira's issue types and link types."""
        settings = self.settings
        own_type = session.manifest.issue_type if session is not None else None
        return JiraNames(
            issue_type=own_type or settings.jira_issue_type,
            blocks_link_type=settings.jira_blocks_link_type,
            relates_link_type=settings.jira_relates_link_type,
        )

    @property
    def settle_horizon_seconds(self) -> float:
        """How long after sending a doubt may be settled as absent.

        The sandbox answers within this process: when nobody runs it, nothing is under way.
        """
        return 0.0 if self.settings.is_sandbox else self.settings.jira_settle_horizon_seconds

    @contextmanager
    def opened_tracker(
        self, project_key: str | None, *, is_patient: bool = True
    ) -> Iterator[JiraClient]:
        """Open a client for the configured Jira, or for the embedded sandbox.

        The sandbox gets the project if it lacks it. An impatient client asks once and never waits:
        somebody sits in front of it, and a site out of reach is told within seconds.

        Raises:
            ConfigurationError: A real Jira is configured without an account.
        """
        settings = self.settings
        if settings.jira_base_url is None:
            with open_sandbox(settings) as sandbox:
                if project_key is not None:
                    sandbox.ensure_project(project_key)
                yield JiraClient(
                    SANDBOX_BASE_URL,
                    auth=SANDBOX_ACCOUNT,
                    transport=SandboxTransport(sandbox),
                    pacing=Pacing(SYSTEM_PACE, limits=NO_LIMITS) if is_patient else None,
                )
            return
        if not settings.jira_email or settings.jira_api_token is None:
            raise ConfigurationError(
                "JIRA_BASE_URL is set, but JIRA_EMAIL or JIRA_API_TOKEN is not.",
                recovery_actions=("Set all three in .env, or none to use the sandbox.",),
            )
        token = settings.jira_api_token.get_secret_value()
        timeout = settings.jira_timeout_seconds
        client = JiraClient(
            settings.jira_base_url,
            auth=(settings.jira_email, token),
            timeout_seconds=timeout if is_patient else min(timeout, IMPATIENT_TIMEOUT_SECONDS),
            connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS
            if is_patient
            else IMPATIENT_CONNECT_TIMEOUT_SECONDS,
            network=network_of(settings),
            pacing=Pacing(SYSTEM_PACE) if is_patient else None,
        )
        with closing(client) as jira:
            yield jira


def holder_name(who: str) -> str:
    """Name who holds a lease, for people who find it taken: what it is, the host, the process."""
    return f"{who} on {socket.gethostname()}, process {os.getpid()}"


def network_of(settings: Settings) -> Network:
    """Return what the settings say of the way to Jira."""
    proxy_url = settings.jira_proxy_url
    return Network(
        proxy_url=proxy_url.get_secret_value() if proxy_url is not None else None,
        ca_bundle_path=settings.jira_ca_bundle_path,
        is_environment_trusted=settings.jira_trust_env,
    )


def open_pipeline(settings: Settings, *, clock: Clock | None = None) -> Pipeline:
    """Open the store and choose the adapters that the settings ask for."""
    make_data_home(settings)
    source = open_source(settings)
    store = open_store(settings.database_url, lock_path=settings.home_path / "store.lock")
    return Pipeline(
        settings=settings,
        store=store,
        source=source,
        clock=clock or SystemClock(),
        memory=SessionMemory(
            source=source,
            registered_files=store.sessions.files,
            uploads_path=settings.uploads_path,
            body_max_bytes=settings.adf_body_max_bytes,
        ),
    )


def make_data_home(settings: Settings) -> None:
    """Make the folder of our data, for this account alone; the mode of one that is there is kept.

    Raises:
        ConfigurationError: It cannot be made.
    """
    try:
        settings.home_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.inbox_path.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The home {settings.home_path} cannot be used: {error.strerror}.",
            recovery_actions=(
                "Set JIRA_PIPELINE_HOME to a folder that this account may write to.",
            ),
        ) from error


def open_source(settings: Settings) -> DrupalCsvSource:
    """Return the reader of sheets with the configured limits."""
    return DrupalCsvSource(
        limits=ReadingLimits(
            file_max_bytes=settings.upload_max_file_bytes,
            session_max_bytes=settings.upload_max_session_bytes,
            files_max_count=settings.upload_max_files,
        )
    )


def open_sandbox(settings: Settings) -> JiraSandbox:
    """Open the embedded sandbox of this home.

    Raises:
        StoreError: It cannot be written: it writes down every request, reads too.
    """
    try:
        make_data_home(settings)
        return JiraSandbox(settings.sandbox_path, clock=SystemClock().now)
    except OSError as error:
        raise StoreError(
            f"The sandbox {settings.sandbox_path} cannot be written: {error.strerror or error}. "
            "It writes down every request, so even a plan needs that.",
            recovery_actions=("Use an account that may write to the home.",),
        ) from error

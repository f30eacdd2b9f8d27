"""Wires settings, store, source, writer and Jira into what stages need.

Belongs here: which adapter stands behind which port. No Dagster in this module: the command line
uses it too and has to start fast.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from typing_extensions import override

from jira_pipeline.domain.entities import FolderReading, SourceTable
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.errors import ConfigurationError, StoreError
from jira_pipeline.jira_client.client import JiraClient
from jira_pipeline.jira_client.connection import CONNECT_TIMEOUT_SECONDS, Network
from jira_pipeline.jira_client.pacing import NO_LIMITS, Pacing, PacingClock
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.site import SANDBOX_BASE_URL
from jira_pipeline.jira_sandbox.transport import SandboxTransport
from jira_pipeline.ports.clock import Clock
from jira_pipeline.ports.specification import EntityReading, SpecificationSource
from jira_pipeline.ports.writing import TicketWriter, WritingLimits, WritingRecord
from jira_pipeline.sessions.rendering_code import rendering_of
from jira_pipeline.sessions.session_memory import SessionMemory
from jira_pipeline.settings import TEMPLATE, Settings
from jira_pipeline.sources.drupal_csv import ReadingLimits, read_entities, read_folder
from jira_pipeline.stages.adf_validation import refuse_without_rows
from jira_pipeline.stages.jira_export.jira_names import JiraNames
from jira_pipeline.stages.session_contents import SessionContents
from jira_pipeline.store.engine import open_store
from jira_pipeline.store.store import Store
from jira_pipeline.writers.asking.model_exchange import ModelChoice, WriterClock
from jira_pipeline.writers.asking.model_tools import ModelTools, channel_opener
from jira_pipeline.writers.checked_writer import CheckedWriter
from jira_pipeline.writers.costs import price_usd
from jira_pipeline.writers.template import TemplateWriter

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

    def contents(self, session: UploadSession) -> SessionContents:
        """Return the sheets of a session, read and grouped."""
        return self.memory.contents(session)

    def groups_of(
        self, session: UploadSession, tickets: Sequence[Ticket]
    ) -> Mapping[str, EntityGroup]:
        """Return the groups of the sheets by key, each of these tickets among them.

        Raises:
            GateError: A ticket's group is not in the sheets any more.
        """
        groups = self.contents(session).groups_by_key
        refuse_without_rows(tickets, groups)
        return groups

    def rendered(self, session: UploadSession) -> tuple[RenderedTicket, ...]:
        """Return the tickets of a session as Jira would get them now, by number.

        Raises:
            GateError: A ticket's group is not in the sheets any more.
        """
        return self.memory.rendered(session, self.store.tickets.list_all(session.session_key))

    def writer_name(self, session: UploadSession) -> str:
        """Return who writes the tickets of a session: as it was chosen, else by the manifest.

        The settings decide only for a session that has no tickets yet.
        """
        settings = self.settings
        return session.writer or session.manifest.writer or settings.writer_model or TEMPLATE

    def writer(self, session: UploadSession) -> TicketWriter:
        """Return the writer of a session's tickets.

        Raises:
            ConfigurationError: The settings do not tell how to reach it.
        """
        return self._writer_named(self.writer_name(session))

    def choose_writer(self, session: UploadSession, name: str, *, by: str) -> None:
        """Have the tickets of a session written by another writer from now on.

        Raises:
            ConfigurationError: The settings do not tell how to reach it; nothing is chosen.
        """
        self._writer_named(name)
        self.store.sessions.choose_writer(session.session_key, name, by=by, at=self.clock.now())

    def _writer_named(self, name: str) -> TicketWriter:
        return open_writer(
            self.settings.with_writer(name), record=self.store.writing, clock=self.clock
        )

    @property
    def rendering(self) -> str:
        """Name the code that renders tickets, with the one setting it depends on."""
        return rendering_of(body_max_bytes=self.settings.adf_body_max_bytes)

    def project_key(self, session: UploadSession) -> str:
        """Return the project a session's issues go to.

        Raises:
            ConfigurationError: A real Jira is configured and nobody named a project.
        """
        return self.named_project_key(session)

    def known_project_key(self, session: UploadSession | None) -> str | None:
        """Return the project of a session, else the configured one; None where nobody named one."""
        manifest_key = session.manifest.jira_project_key if session is not None else None
        sandbox_key = SANDBOX_PROJECT_KEY if self.settings.is_sandbox else None
        return manifest_key or self.settings.jira_project_key or sandbox_key

    def named_project_key(self, session: UploadSession | None) -> str:
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
    def opened_jira(self, session: UploadSession) -> Iterator[JiraClient]:
        """Open a client for the Jira a session goes to.

        Raises:
            ConfigurationError: A real Jira is configured without an account.
        """
        is_real = not self.settings.is_sandbox
        with self.opened_tracker(None if is_real else self.project_key(session)) as jira:
            yield jira

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


def open_writer(settings: Settings, *, record: WritingRecord, clock: Clock) -> TicketWriter:
    """Return the configured writer; a model is not asked before it has to write."""
    model = settings.writer_model
    if model in (None, "", TEMPLATE):
        return TemplateWriter()
    return CheckedWriter(model=model, tools=model_tools(settings, record=record, clock=clock))


def model_tools(settings: Settings, *, record: WritingRecord, clock: Clock) -> ModelTools:
    """Return what asks the configured model; nothing is imported or opened yet."""
    choice = ModelChoice(
        model=settings.writer_model or TEMPLATE,
        base_url=settings.writer_base_url,
        api_key=settings.writer_key,
        timeout_seconds=settings.writer_timeout_seconds,
    )
    return ModelTools(
        open_channel=channel_opener(choice),
        record=record,
        clock=WriterClock(
            now=clock.now, monotonic=time.monotonic, sleep=asyncio.sleep, random=random.random
        ),
        price_of=partial(_price_of, choice),
        limits=WritingLimits(
            requests_max=settings.writer_max_requests, budget_usd=settings.writer_budget
        ),
        concurrency_max=settings.writer_concurrency,
    )


def _price_of(choice: ModelChoice, tokens_in: int, tokens_out: int) -> Decimal | None:
    return price_usd(
        choice.model, tokens_in=tokens_in, tokens_out=tokens_out, base_url=choice.base_url
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

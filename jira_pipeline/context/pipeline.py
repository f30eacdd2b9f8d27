"""What one process works with: settings, store, source, clock.

Belongs here: what every verb may ask of it. Does not: which adapter it is made of
(`sessions/composition`), what was read already (`session_memory`), threads (`background`), Jira
(`trackers`), writers (`writing/writers`), one session (`facts`).
"""

import os
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime

from typing_extensions import override

from jira_pipeline.context.background import Background, OneByOne
from jira_pipeline.context.session_memory import SessionMemory
from jira_pipeline.context.settings import Settings
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.clock import Clock
from jira_pipeline.model.errors import ConfigurationError, system_message
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.specification_source import SpecificationSource
from jira_pipeline.store.store import Store

SANDBOX_PROJECT_KEY = "SBX"


class SystemClock(Clock):
    @override
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Everything one process works with."""

    settings: Settings
    store: Store
    source: SpecificationSource
    clock: Clock
    memory: SessionMemory
    starting: OneByOne = field(default_factory=OneByOne)
    """Starts of work on one session wait for each other: the second finds the run of the first."""
    background: Background | None = None
    """What a process that serves does when nobody waits for it; None in other processes."""

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
        project_key = self.known_project_key(session)
        if project_key is not None:
            return project_key
        whose = f"Session {session.session_key} names" if session is not None else "No one set"
        raise ConfigurationError(
            f"{whose} {'no' if session is not None else 'a'} Jira project.",
            recovery_actions=(
                "Set JIRA_PROJECT_KEY, or `jira_project_key` in session.yaml.",
                Action(
                    kind=ActionKind.CHECK_PROJECT,
                    sentence="{} lists the projects.",
                    arguments={"list": True},
                ),
            ),
        )

    @property
    def settle_horizon_seconds(self) -> float:
        """How long after sending a doubt may be settled as absent.

        The sandbox answers within this process: when nobody runs it, nothing is under way.
        """
        return 0.0 if self.settings.is_sandbox else self.settings.jira_settle_horizon_seconds


def holder_name(who: str) -> str:
    """Name who holds a lease, for people who find it taken: what it is, the host, the process."""
    return f"{who} on {socket.gethostname()}, process {os.getpid()}"


def make_data_home(settings: Settings) -> None:
    """Make the folder of our data, for this account alone; one that is there keeps its mode."""
    try:
        settings.home_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.inbox_path.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The data folder {settings.home_path} cannot be used: {system_message(error)}.",
            recovery_actions=(
                "Set JIRA_PIPELINE_HOME to a folder that this account can write to.",
            ),
        ) from error

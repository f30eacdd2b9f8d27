"""The ShareDo sandbox in which things go wrong, and its journal.

Belongs here: kinds of faults, which requests a rule strikes, how the client comes to see it.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum, auto
from pathlib import Path

from typing_extensions import override

from jira_pipeline.jira.sandbox_http import SandboxRequest, SandboxResponse
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    JobProgress,
    MadeEnvironment,
    RefusedError,
    SandboxJob,
    SandboxState,
    ShareDoSandbox,
)
from jira_pipeline_tests.jira.sandbox_faults.broken_answers import Breakage, BrokenAnswer, CutAnswer


class FaultKind(StrEnum):
    """A way in which a request goes wrong; nothing is done, unless it says otherwise."""

    REFUSED = auto()
    """Never reaches ShareDo."""
    RESET = auto()
    TIMEOUT = auto()
    """No answer; the work is done `seconds` later."""
    RATE_LIMITED = auto()
    SERVER_ERROR = auto()
    """500, or another `status`."""
    HTML = auto()
    """A page with 200 instead of the answer."""
    REDIRECT = auto()
    """To a login."""
    UNAUTHORIZED = auto()
    FORBIDDEN = auto()
    EXPIRED = auto()
    """Every token ends now; the request is answered as to a stranger."""
    EMPTY = auto()
    """200 without a body."""
    LOST_ANSWER = auto()
    """All is done, as with the following."""
    LATE_ERROR = auto()
    """500, or another `status`."""
    CUT = auto()
    """The connection ends in the middle of the body."""
    TORN = auto()
    """Half of the answer, as if it were all."""
    NO_IDS = auto()
    """The answer is an empty object."""
    DAMAGED = auto()
    """Bytes in the middle of the body are other ones."""


@dataclass(frozen=True, kw_only=True)
class FaultRule:
    """Strikes so many of the fitting requests, after those that it skips."""

    kind: FaultKind
    method: str | None = None
    path: str = ""
    """A part of the path."""
    skip: int = 0
    times: int = 1
    seconds: float = 1.0
    """Of Retry-After, or until the work is done."""
    status: int = 500

    def fits(self, request: SandboxRequest) -> bool:
        return self.method in {None, request.method} and self.path in request.path


@dataclass(frozen=True, kw_only=True)
class JobScript:
    """How an export runs."""

    duration_seconds: float = 1.0
    packaging_seconds: float = 0.25
    """Complete, and without a package yet."""
    unknown_seconds: float = 0.0
    """Just created, it is not known."""
    stall_seconds: float = 0.0
    """It stays half way for so long."""
    fails: bool = False
    """Half way."""
    failure: str = "The export failed half way."
    """What it says then."""
    state: str | None = None
    """What it says of itself while it runs, instead of RUNNING."""


@dataclass(frozen=True, kw_only=True)
class FaultPlan:
    rules: tuple[FaultRule, ...] = ()
    job: JobScript = field(default_factory=JobScript)
    """Of all jobs save those of `jobs`."""
    jobs: Mapping[str, JobScript] = field(default_factory=dict)
    """By the system name that is exported first."""


@dataclass(frozen=True, kw_only=True)
class JournalEntry:
    at: datetime
    method: str
    path: str
    status: int
    """0: it got no answer."""


class FaultyShareDo(ShareDoSandbox):
    def __init__(
        self,
        environments: Mapping[str, MadeEnvironment],
        *,
        clock: Callable[[], datetime],
        plan: FaultPlan | None = None,
    ) -> None:
        self.journal: list[JournalEntry] = []
        self._held: list[tuple[datetime, SandboxRequest]] = []
        self._scripts: dict[str, JobScript] = {}
        self.set_plan(plan or FaultPlan())
        super().__init__(Path("sandbox.json"), environments, clock=clock)
        self._alone = nullcontext()  # it is kept in this process

    @override
    def _read(self) -> SandboxState:
        return getattr(self, "state", SandboxState())

    @override
    def _write(self) -> None:
        pass

    def set_plan(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._fitting = [0] * len(plan.rules)

    def jobs(self) -> tuple[SandboxJob, ...]:
        """Return all jobs, oldest first."""
        return tuple(self.state.jobs)

    @override
    def progress_of(self, job: SandboxJob) -> JobProgress:
        """Run a job by the script that the plan had for it when it was first looked at."""
        name = job.keys[0].partition(":")[2]
        planned = self.plan.jobs.get(name, self.plan.job) if job.name else JobScript()
        script = self._scripts.setdefault(job.job_id, planned)  # a configuration export has no name
        elapsed = (self._clock() - job.created_at).total_seconds()
        if elapsed < script.unknown_seconds:
            raise RefusedError(404, "NotFound", "There is no such export job.")
        half = script.duration_seconds / 2
        moved = elapsed if elapsed <= half else max(half, elapsed - script.stall_seconds)
        share = min(1.0, moved / script.duration_seconds)
        if job.cancelled_at is not None:
            return JobProgress(state="FAILED", share=share, error="Cancelled by a user.")
        if script.fails and share >= 0.5:
            return JobProgress(state="FAILED", share=0.5, error=script.failure)
        if moved >= script.duration_seconds + script.packaging_seconds:
            return JobProgress(state="COMPLETED", share=1.0, is_ready=True)
        state = "CREATING PACKAGE" if share == 1.0 else script.state or "RUNNING"
        return JobProgress(state=state if share else "CREATED", share=share)

    @override
    def receive(self, request: SandboxRequest) -> SandboxResponse:
        with self._turn:
            self.commit_due()
            rule = self._strike(request)
            return self.handle(request) if rule is None else self._struck(request, rule)

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer a request that nothing strikes."""
        answer = super().receive(request)
        self._note(request, status=answer.status)
        return answer

    def commit_due(self, *, is_everything: bool = False) -> None:
        """Do the work of requests that timed out, once its time has come."""
        due = [one for one in self._held if is_everything or one[0] <= self._clock()]
        self._held = [one for one in self._held if one not in due]
        for _, request in due:
            self.handle(request)

    def _strike(self, request: SandboxRequest) -> FaultRule | None:
        """Count a request; return the first rule that strikes it."""
        struck = None
        for index, rule in enumerate(self.plan.rules):
            if rule.fits(request):
                self._fitting[index] += 1
                is_due = rule.skip < self._fitting[index] <= rule.skip + rule.times
                struck = struck or (rule if is_due else None)
        return struck

    def _struck(self, request: SandboxRequest, rule: FaultRule) -> SandboxResponse:
        kind = rule.kind
        if kind in BREAKAGES:
            if kind is not FaultKind.REFUSED:
                self._note(request, status=0)
            if kind is FaultKind.TIMEOUT:
                self._held.append((self._clock() + timedelta(seconds=rule.seconds), request))
            return BrokenAnswer(breakage=BREAKAGES[kind])
        if kind is FaultKind.EXPIRED:
            self.state.tokens.clear()
        if (own := _own_answer(rule)) is not None:
            self._note(request, status=own.status)
            return own
        return _spoilt(self.handle(request), rule)

    def _note(self, request: SandboxRequest, *, status: int) -> None:
        entry = JournalEntry(
            at=self._clock(), method=request.method, path=request.path, status=status
        )
        self.journal.append(entry)


BREAKAGES = {
    FaultKind.REFUSED: Breakage.REFUSED,
    FaultKind.RESET: Breakage.RESET,
    FaultKind.TIMEOUT: Breakage.TIMEOUT,
}


def _spoilt(answer: SandboxResponse, rule: FaultRule) -> SandboxResponse:
    middle = len(answer.body) // 2
    match rule.kind:
        case FaultKind.LOST_ANSWER:
            return BrokenAnswer(breakage=Breakage.DISCONNECTED)
        case FaultKind.LATE_ERROR:
            return RefusedError(rule.status, "Internal", "An error occurred.").answer
        case FaultKind.CUT:
            return CutAnswer(status=answer.status, headers=answer.headers, body=answer.body)
        case _ if answer.status >= 400:  # refusals stay as they are
            return answer
        case FaultKind.TORN:
            return replace(answer, body=answer.body[:middle])
        case FaultKind.NO_IDS:
            return replace(answer, body=b"{}")
        case _:
            rest = answer.body[middle + 64 :]
            return replace(answer, body=answer.body[:middle] + b"\xff" * 64 + rest)


def _own_answer(rule: FaultRule) -> SandboxResponse | None:
    """Return the answer that a fault has by itself; None of the others."""
    match rule.kind:
        case FaultKind.RATE_LIMITED:
            limited = {"retry-after": f"{rule.seconds:.0f}"}
            return RefusedError(429, "TooMany", "Too many requests.", **limited).answer
        case FaultKind.SERVER_ERROR:
            return RefusedError(rule.status, "Internal", "An error occurred.").answer
        case FaultKind.HTML:
            page = b"<!DOCTYPE html><title>Sign in</title>"
            headers = {"content-type": "text/html; charset=utf-8"}
            return SandboxResponse(status=200, headers=headers, body=page)
        case FaultKind.REDIRECT:
            return SandboxResponse(status=302, headers={"location": "/account/login"})
        case FaultKind.UNAUTHORIZED | FaultKind.EXPIRED:
            return RefusedError(
                401, "Unauthorized", "The access token is missing or has ended."
            ).answer
        case FaultKind.FORBIDDEN:
            return RefusedError(403, "Forbidden", "You may not do this.").answer
        case FaultKind.EMPTY:
            return SandboxResponse(status=200, headers={"content-type": "application/json"})
        case _:
            return None

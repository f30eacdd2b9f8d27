"""What may go wrong between a client and the sandbox, as a plan.

Belongs here: kinds of faults, which requests a rule strikes, how long and how well jobs run. Does
not: doing it (`sharedo_sandbox`).
"""

import threading
from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveInt

from jira_pipeline.jira.sandbox_http.requests import SandboxRequest


class FaultKind(StrEnum):
    """A way in which a request goes wrong."""

    REFUSED = "refused"
    """Never reaches ShareDo."""
    RESET = "reset"
    """Nothing is done; `lost_answer`: all of it."""
    LOST_ANSWER = "lost_answer"
    TIMEOUT = "timeout"
    """No answer; the work is done `seconds` later."""
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    """500, or another `status`; nothing is done."""
    LATE_ERROR = "late_error"
    """The same, after the work."""
    HTML = "html"
    """A page with 200 instead of the answer; nothing is done."""
    REDIRECT = "redirect"
    """To a login; nothing is done."""
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    EXPIRED = "expired"
    """Every token ends now; the request is answered as to a stranger."""
    EMPTY = "empty"
    """200 without a body."""
    TORN = "torn"
    """Half of the answer, as if it were all."""
    CUT = "cut"
    """The connection ends in the middle of the body."""
    NO_IDS = "no_ids"
    """The work is done, and the answer is an empty object."""
    DAMAGED = "damaged"
    """Bytes in the middle of the body are other ones."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FaultRule(_Part):
    """Which requests are struck, and how."""

    kind: FaultKind
    method: str | None = None
    path: str = ""
    """A part of the path; empty is in every one."""
    skip: int = Field(default=0, ge=0)
    """So many fitting requests pass before."""
    times: PositiveInt = 1
    seconds: NonNegativeFloat = 1.0
    """Of Retry-After, or until the work is done."""
    status: int | None = Field(default=None, ge=400, le=599)

    def fits(self, request: SandboxRequest) -> bool:
        return self.method in {None, request.method} and self.path in request.path


class JobScript(_Part):
    duration_seconds: NonNegativeFloat = 1.0
    packaging_seconds: NonNegativeFloat = 0.25
    """Complete, and without a package yet."""
    unknown_seconds: NonNegativeFloat = 0.0
    """Just created, it is not known."""
    stall_seconds: NonNegativeFloat = 0.0
    """It stays half way for so long."""
    fails: bool = False
    """Half way."""
    failure: str = "The export failed half way."
    """What it says then."""
    state: str | None = None
    """What it says of itself while it runs, instead of RUNNING."""


class FaultPlan(_Part):
    """All that is to go wrong."""

    rules: tuple[FaultRule, ...] = Field(default=(), max_length=1_000)
    job: JobScript = JobScript()
    """Of all jobs save those of `jobs`."""
    jobs: Mapping[str, JobScript] = Field(default_factory=dict, max_length=1_000)
    """By the system name that is exported first."""


class FaultInjector:
    """A plan and its counters; threads take turns."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._turn = threading.Lock()
        self._fitting = [0] * len(plan.rules)

    def strike(self, request: SandboxRequest) -> FaultRule | None:
        """Count a request; return the first rule that strikes it."""
        struck = None
        with self._turn:
            for index, rule in enumerate(self.plan.rules):
                if not rule.fits(request):
                    continue
                self._fitting[index] += 1
                is_due = rule.skip < self._fitting[index] <= rule.skip + rule.times
                struck = struck or (rule if is_due else None)
        return struck

"""What may go wrong between a client and the site, as rules.

Belongs here: the kinds of faults, which requests a rule strikes. Does not: counting requests and
doing it (`faulty_sandbox`), whole site worlds (`site_worlds`).
"""

import re
from enum import StrEnum

from pydantic import NonNegativeFloat, PositiveInt

from jira_pipeline.jira.sandbox_http import SandboxRequest
from jira_pipeline_tests.jira.rules_of_sites import Rules
from jira_pipeline_tests.jira.sandbox_faults.rate_limits import LimitReason


class FaultKind(StrEnum):
    """A way in which a request goes wrong."""

    CONNECTION_REFUSED = "connection_refused"
    """Never reaches the site."""
    CONNECT_TIMEOUT = "connect_timeout"
    """As above."""
    PROXY_REFUSED = "proxy_refused"
    """A proxy opens no tunnel to the site."""
    RESET = "reset"
    DISCONNECT = "disconnect"
    """Closed in good order, without an answer."""
    TIMEOUT = "timeout"
    DELAYED_COMMIT = "delayed_commit"
    """No answer; the work is done `seconds` later."""
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    """500, or another `status`, with Jira's own error body."""
    HTML = "html"
    """A page of a gateway: 200, or another `status`."""
    REDIRECT = "redirect"
    TRUNCATED = "truncated"
    """Half of the answer's body."""
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    HOLLOW = "hollow"
    """204 without effect, as of a deletion that a gateway answers by itself."""
    ANONYMOUS = "anonymous"
    """Credentials are lost on the way: reads answer 200 with nothing."""
    ISSUE_ERRORS = "issue_errors"
    """The second half of a bulk fetch failed and may be tried again."""
    DROPPED_PROPERTIES = "dropped_properties"
    """Before: not stored. After: stored, and not shown in this answer."""
    SHUFFLED = "shuffled"
    """The issues of a bulk answer in reverse."""
    REPLAYED = "replayed"
    """A gateway sends the request twice and gives the second answer."""
    LATE_REPLAY = "late_replay"
    """A gateway gives the answer, and sends the request once more `seconds` later."""
    MISNAMED = "misnamed"
    """The answer to a creation names an issue that somebody else creates at this moment."""
    MISNUMBERED = "misnumbered"
    """The answer to a creation names the issue by its id, and by a key that is far too high."""


class Moment(StrEnum):
    """When a fault strikes."""

    BEFORE = "before"
    """Nothing is done."""
    AFTER = "after"
    """Everything is done, the answer is lost or spoilt."""


class FaultRule(Rules):
    """Which requests something goes wrong for, and what.

    A rule counts the requests that fit `method` and `path`; it strikes the `nth` of them, then
    every `every`-th, `times` altogether. `request_number` counts all requests instead.
    """

    kind: FaultKind
    moment: Moment = Moment.BEFORE
    request_number: PositiveInt | None = None
    method: str | None = None
    path: str | None = None
    """A regular expression that is found somewhere in the path."""
    nth: PositiveInt = 1
    every: PositiveInt = 1
    times: PositiveInt | None = 1
    status: int | None = None
    seconds: NonNegativeFloat = 60.0
    """Of a delayed commit, a late replay, or how long to wait after 429."""
    reason: LimitReason = "jira-burst-based"
    is_dated: bool = False
    """A gateway answers 429: with a date in Retry-After, and nothing else that says how long."""

    @property
    def name(self) -> str:
        return f"{self.kind} {self.moment} commit"

    def fits(self, request: SandboxRequest) -> bool:
        return (self.method is None or self.method.upper() == request.method) and (
            self.path is None or re.search(self.path, request.path) is not None
        )

    def strikes(self, *, position: int, request_number: int) -> bool:
        """Tell whether it strikes the request at a position among those it fits, from 1."""
        if self.request_number is not None:
            return request_number == self.request_number
        passed = position - self.nth
        is_due = passed >= 0 and passed % self.every == 0
        return is_due and (self.times is None or passed // self.every < self.times)


class FaultPlan(Rules):
    """Everything that goes wrong: rules of one's own, and whole site worlds by name."""

    rules: tuple[FaultRule, ...] = ()
    worlds: tuple[str, ...] = ()

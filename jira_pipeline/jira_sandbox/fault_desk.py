"""Counts the requests that come in and says which of them a fault strikes.

Belongs here: the plan in force, its counters, what struck so far. Does not: the rules themselves
(`faults`), what happens then (`fault_effects`). The same plan strikes the same requests every time.
"""

import threading
from dataclasses import dataclass

from jira_pipeline.jira_sandbox.exchange import SandboxRequest
from jira_pipeline.jira_sandbox.faults import FaultPlan, FaultRule
from jira_pipeline.jira_sandbox.site_worlds import faults_in_worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A fault that struck."""

    request_number: int
    """Counted from when the plan came into force, from 1."""
    method: str
    path: str
    fault: str


class FaultDesk:
    """One plan and its counters; threads take turns."""

    def __init__(self, plan: FaultPlan) -> None:
        """Put a plan into force."""
        self._turn = threading.Lock()
        self.set_plan(plan)

    @property
    def plan(self) -> FaultPlan:
        """The plan in force."""
        return self._plan

    def set_plan(self, plan: FaultPlan) -> None:
        """Put another plan into force; everything is counted anew."""
        with self._turn:
            self._plan = plan
            self._rules = (*plan.rules, *faults_in_worlds(plan.worlds))
            self._positions = [0] * len(self._rules)
            self._request_count = 0
            self._strikes: list[Strike] = []

    def strikes(self) -> tuple[Strike, ...]:
        """Return what struck so far, in order."""
        with self._turn:
            return tuple(self._strikes)

    def strike(self, request: SandboxRequest) -> FaultRule | None:
        """Count a request; return the first rule that strikes it."""
        with self._turn:
            self._request_count += 1
            struck: FaultRule | None = None
            for index, rule in enumerate(self._rules):
                if not rule.fits(request):
                    continue
                self._positions[index] += 1
                is_struck = rule.strikes(
                    position=self._positions[index], request_number=self._request_count
                )
                struck = struck or (rule if is_struck else None)
            if struck is not None:
                self._strikes.append(
                    Strike(
                        request_number=self._request_count,
                        method=request.method,
                        path=request.path,
                        fault=struck.name,
                    )
                )
            return struck

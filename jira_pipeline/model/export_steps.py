"""Steps of an export as they were measured: how many issues a step sent, and in how many seconds.

Belongs here: the value. Does not: measuring, and how long the next export takes
(`export/durations`), keeping (`store/run_records`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.json_values import json_fields


@json_fields("step run_id started_at seconds=rounded_seconds done_count requests")
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredStep:
    """One execution of one step of an export: what it sent and how long it took."""

    session_key: str
    target_id: str
    step: str
    """Such as `create_issues`."""
    run_id: str | None
    started_at: datetime
    seconds: float
    """By the monotonic clock."""
    done_count: int
    """How many issues, files or links it wrote."""
    requests: Mapping[str, int]
    """By method and path template."""
    step_id: int = 0
    """Assigned by the store; 0 before."""

    @property
    def rounded_seconds(self) -> float:
        """The time it took, as exact as it is known."""
        return round(self.seconds, 3)

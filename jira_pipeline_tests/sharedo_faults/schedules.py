"""What goes wrong in one seeded schedule: faults, how jobs run, and where processes end.

Belongs here: drawing schedules. Does not: running them (`running`), judging (`judging`).
"""

import random
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from jira_pipeline.kernel.sharedo_jobs import ExportParameters, ExportType
from jira_pipeline.sharedo.sandbox.faults import FaultKind, FaultPlan, FaultRule, JobScript
from jira_pipeline_tests.sharedo_faults.export_world import AFTER_A_CHUNK, HORIZON_SECONDS

Step: TypeAlias = Literal["export", "recover", "cancel"]
"""What a process is started for."""

PLACES = (
    ("POST", "/connect/token"),
    ("POST", "/export/package"),
    ("POST", "/export/added"),
    ("GET", "/packages"),
    ("GET", "/progress"),
    ("GET", "/download"),
    ("POST", "/configuration/export"),
    (None, ""),
)
CREATION = PLACES[1]
UNANSWERED = 3 * (FaultKind.TIMEOUT, FaultKind.LOST_ANSWER)
"""What tells most of creations is drawn more often."""
NAMES = ("matter", "intake", "open-file", "outcome")
PROVIDERS = {
    "matter": "sharedo-type",
    "intake": "form-builder",
    "open-file": "execution-engine",
    "outcome": "option-set",
}
TYPES = {
    "matter": ExportType.WORKTYPE,
    "intake": ExportType.FORM,
    "open-file": ExportType.WORKFLOW,
    "outcome": ExportType.CONFIGURATION,
}
CRASH_AT_MAX = 70
"""A plain export has some 50 moments at which its process can end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPlan:
    """One process: what it is for, and at which write it ends; None: it is left alone."""

    step: Step
    crash_at: int | str | None


CANCELLED_IN_DOWNLOAD = (
    ProcessPlan(step="export", crash_at=AFTER_A_CHUNK),
    ProcessPlan(step="cancel", crash_at=None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Everything that one seed decides."""

    seed: int
    parameters: ExportParameters
    plan: FaultPlan
    processes: tuple[ProcessPlan, ...]
    can_find: bool
    has_alternative: bool


def draw_schedule(seed: int) -> Schedule:
    """Draw a schedule; the same seed draws the same one."""
    chance = random.Random(seed)  # noqa: S311 - schedules, not secrets
    name = chance.choice(NAMES)
    drawn = Schedule(
        seed=seed,
        parameters=ExportParameters(
            environment="development",
            export_type=TYPES[name],
            provider=PROVIDERS[name],
            system_name=name,
            includes_dependencies=chance.random() < 0.3,
        ),
        plan=FaultPlan(
            rules=tuple(_draw_rule(chance) for _ in range(chance.randint(0, 5))),
            job=_draw_script(chance),
        ),
        processes=(
            CANCELLED_IN_DOWNLOAD
            if chance.random() < 0.1
            else tuple(_draw_process(chance) for _ in range(chance.randint(1, 5)))
        ),
        can_find=chance.random() < 0.7,
        has_alternative=chance.random() < 0.5,
    )
    is_compared = drawn.parameters.includes_dependencies and chance.random() < 0.5
    compared_with = "test" if is_compared else None
    return replace(drawn, parameters=replace(drawn.parameters, compared_with=compared_with))


def _draw_rule(chance: random.Random) -> FaultRule:
    method, path = CREATION if chance.random() < 0.4 else chance.choice(PLACES)
    kinds = [*FaultKind, *UNANSWERED] if (method, path) == CREATION else list(FaultKind)
    kind = chance.choice(kinds)
    # what arrives late arrives within the horizon; a server asks to wait for less than a minute
    latest = HORIZON_SECONDS - 20 if kind is FaultKind.TIMEOUT else 50
    return FaultRule(
        kind=kind,
        method=method,
        path=path,
        skip=chance.choice([0, 0, 0, 1, 2, 5]),
        times=chance.choice([1, 1, 1, 2, 3, 8]),
        seconds=float(chance.randint(1, int(latest))),
        status=chance.choice([None, 502, 503, 504])
        if kind in {FaultKind.SERVER_ERROR, FaultKind.LATE_ERROR}
        else None,
    )


def _draw_script(chance: random.Random) -> JobScript:
    return JobScript(
        duration_seconds=chance.choice([0.0, 2.0, 2.0, 20.0, 20.0, 300.0]),
        packaging_seconds=chance.choice([0.0, 0.5, 5.0]),
        unknown_seconds=chance.choice([0.0, 0.0, 1.0, 2.0]),
        stall_seconds=chance.choice([0.0, 0.0, 60.0]),
        fails=chance.random() < 0.15,
        state=chance.choice([None, None, None, "PONDERING"]),
    )


def _draw_process(chance: random.Random) -> ProcessPlan:
    steps: tuple[Step, ...] = ("export", "recover", "cancel")
    step = chance.choices(steps, weights=[6, 5, 2])[0]
    crash_at: int | str | None = chance.randint(1, CRASH_AT_MAX)
    if chance.random() < 0.4:
        crash_at = chance.choice([AFTER_A_CHUNK, None])
    return ProcessPlan(step=step, crash_at=crash_at)

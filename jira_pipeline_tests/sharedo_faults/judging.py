"""What holds after every schedule: no job twice, none lost, nothing left on the disk, right codes.

Belongs here: the invariants. Does not: running (`running`).
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from jira_pipeline.errors import PipelineError
from jira_pipeline.kernel.sharedo_jobs import ExportJob, JobState
from jira_pipeline.sharedo.reading.packages import read_package_file
from jira_pipeline.sharedo.sandbox.faults import FaultKind as Kind
from jira_pipeline_tests.sharedo_faults.export_world import ExportWorld
from jira_pipeline_tests.sharedo_faults.schedules import Schedule

LOGIN = {Kind.UNAUTHORIZED, Kind.FORBIDDEN, Kind.HTML, Kind.REDIRECT, Kind.EXPIRED}
TRANSIENT = {
    Kind.REFUSED, Kind.RESET, Kind.LOST_ANSWER, Kind.TIMEOUT, Kind.RATE_LIMITED,
    Kind.SERVER_ERROR, Kind.LATE_ERROR, Kind.EMPTY, Kind.TORN, Kind.CUT, Kind.NO_IDS, Kind.DAMAGED,
}  # fmt: skip
DOUBTFUL = TRANSIENT | {Kind.HTML}
AT_DOWNLOAD, AT_PROGRESS = frozenset({"", "/download"}), frozenset({"", "/progress"})
"""Places of rules that can strike there; an empty one is everywhere."""
CAUSES: Mapping[str, frozenset[Kind]] = {
    "EXPORT_001": frozenset(DOUBTFUL),
    "EXPORT_004": frozenset({Kind.CUT, Kind.TORN, Kind.EMPTY}),
    "EXPORT_005": frozenset({Kind.DAMAGED, Kind.TORN, Kind.NO_IDS}),
    "EXPORT_007": frozenset(TRANSIENT),
    "EXPORT_008": frozenset(LOGIN | {Kind.NO_IDS, Kind.TORN, Kind.EMPTY, Kind.DAMAGED}),
}
"""Which kinds of faults a code may come from. What spoils the answer of the identity server leaves
no token, which is a lack of access."""
LONGEST_WATCHED_SECONDS = 50.0
"""Jobs below it are done within the polls of one watch."""


def violations_in(
    world: ExportWorld, schedule: Schedule, errors: Sequence[PipelineError]
) -> list[str]:
    """Name everything that does not hold."""
    jobs = world.jobs.list_all()
    return [
        *_created_twice(world),
        *_restarted_needlessly(world),
        *_lost(world, jobs),
        *_cancelled_by_nobody(schedule, jobs),
        *_left_on_disk(world, jobs),
        *_wrong_codes(schedule, jobs, errors),
        *_shown_secrets(world, errors),
    ]


def _created_twice(world: ExportWorld) -> list[str]:
    """No name twice; those of the configuration export have none: one for each job begun anew."""
    names = Counter(job.name for job in world.sandbox.jobs())
    allowed = sum(job.attempt > 1 for job in world.jobs.list_all())
    return [
        f"{name or 'the configuration export'!r} was created {count} times"
        for name, count in names.items()
        if count > (1 if name else allowed)
    ]


def _restarted_needlessly(world: ExportWorld) -> list[str]:
    """A job is created anew, under another name, only where there is a reason.

    It failed, it goes by the other route, or without what the environment it is compared with named.
    """
    return [
        f"{after.job_id} was begun anew while it was {before.state}"
        for before, after in world.jobs.recorded
        if after.attempt > before.attempt
        and before.state is not JobState.FAILED
        and after.route is before.route
        and after.exported_items == before.exported_items
    ]


def _cancelled_by_nobody(schedule: Schedule, jobs: Sequence[ExportJob]) -> list[str]:
    is_wanted = any(process.step == "cancel" for process in schedule.processes)
    cancelled = [job.job_id for job in jobs if job.state is JobState.CANCELLED]
    return [] if is_wanted else [f"{job_id} was cancelled by nobody" for job_id in cancelled]


def _lost(world: ExportWorld, jobs: Sequence[ExportJob]) -> list[str]:
    """Every wish ends in a package that is the one of its job, unless somebody cancelled it."""
    found = []
    remote = {job.job_id: job for job in world.sandbox.jobs()}
    for job in jobs:
        if job.state is JobState.CANCELLED:
            continue
        if job.state is not JobState.COMPLETED or job.package is None:
            reason = job.error.message if job.error else "without an error"
            found.append(f"{job.job_id} is {job.state}: {reason}")
            continue
        if job.remote_id not in remote:
            found.append(f"{job.job_id} has the id {job.remote_id}, which ShareDo does not know")
        path = world.packages_path / job.package.file_name
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "no file"
        if digest != job.package.sha256:
            found.append(f"{path.name}: {digest} instead of {job.package.sha256}")
            continue
        held = read_package_file(path, secret_key=b"any").by_key
        found += [
            f"{path.name} lacks {item.system_name}"
            for item in job.exported_items
            if item.key not in held
        ]
    if not jobs:
        found.append("the wish itself was lost")
    return found


def _left_on_disk(world: ExportWorld, jobs: Sequence[ExportJob]) -> list[str]:
    expected = sorted(job.package.file_name for job in jobs if job.package is not None)
    there = world.files() if world.packages_path.exists() else []
    return [] if there == expected else [f"on the disk are {there} instead of {expected}"]


def _wrong_codes(
    schedule: Schedule, jobs: Sequence[ExportJob], errors: Sequence[PipelineError]
) -> list[str]:
    """Each error has a code whose causes the schedule has."""
    rules = schedule.plan.rules
    kinds = {rule.kind for rule in rules}
    at_progress = {rule.kind for rule in rules if rule.path in AT_PROGRESS}
    at_download = {rule.kind for rule in rules if rule.path in AT_DOWNLOAD}
    before = {rule.kind for rule in rules if rule.path not in {"/progress", "/download"}}
    script = schedule.plan.job
    was_cancelled = any(job.state is JobState.CANCELLED for job in jobs)
    found = []
    for error in errors:
        match error.code:
            case "EXPORT_002":
                is_explained = (
                    script.duration_seconds + script.stall_seconds > LONGEST_WATCHED_SECONDS
                    or bool(kinds)
                )
            case "EXPORT_003":
                # six answers in a row that say nothing are a job that is not known
                says_nothing = bool(at_progress & {Kind.EMPTY, Kind.NO_IDS})
                is_explained = script.fails or was_cancelled or says_nothing
            case "EXPORT_001":
                # a process that ended while a creation was under way leaves a doubt as well
                is_explained = bool(before & CAUSES["EXPORT_001"]) or any(
                    process.crash_at is not None for process in schedule.processes
                )
            case "EXPORT_004" | "EXPORT_005" as code:
                is_explained = bool(at_download & CAUSES[code])
            case "export_cancelled":
                is_explained = was_cancelled
            case code:
                is_explained = bool(kinds & CAUSES.get(code, frozenset()))
        if not is_explained:
            found.append(f"{error.code} without a cause: {error.message}")
    return found


def _shown_secrets(world: ExportWorld, errors: Sequence[PipelineError]) -> list[str]:
    texts = [error.message for error in errors] + [event.text for event in world.events]
    return [f"a secret is shown: {text}" for text in texts if "any secret" in text]

"""The sandbox itself: one file, one synchronous way in, some environments.

Belongs here: tokens, jobs whose progress follows the clock, dependencies, downloads with ranges.
Does not: what the environments hold (`environments`, `made_packages`).

The path of a request begins with the name of its environment: `/development/api/…`, and
`/development/identity/…` for the identity server, which has a host of its own elsewhere.
Source of paths, bodies and states: docs/sharedo.md.
"""

import base64
import binascii
import hashlib
import json
import re
import sqlite3
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from filelock import FileLock
from pydantic import BaseModel, Json, NonNegativeFloat

from jira_pipeline.jira.sandbox_http.requests import SandboxRequest, SandboxResponse, answer_json
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows
from jira_pipeline.model.errors import StoreBusyError, StoreError
from jira_pipeline.sources.sharedo.sandbox.made_packages import MadeEnvironment, build_package

CLIENT_ID = "jira-pipeline"
TOKEN_SECONDS = 3600
JOBS_AT_ONCE_MAX = 10
"""Documented, not proven. Source: docs/sharedo.md."""
BUSY_TIMEOUT_SECONDS = 30.0
PACKAGE = "/api/modeller/importexport/export/package"
USER_GRANTS = frozenset({"Impersonate.Specified", "Impersonate.Fixed"})
APP_GRANT = "client_credentials"
_TABLES = """
CREATE TABLE IF NOT EXISTS token (
    token TEXT PRIMARY KEY, environment TEXT NOT NULL, user TEXT NOT NULL, until TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS job (
    number INTEGER PRIMARY KEY AUTOINCREMENT, job_id TEXT NOT NULL UNIQUE,
    environment TEXT NOT NULL, name TEXT NOT NULL, keys TEXT NOT NULL, format TEXT NOT NULL,
    script TEXT NOT NULL, created_at TEXT NOT NULL, cancelled_at TEXT
);
"""
_STEPS = ("Reading configuration", "Collecting phases", "Collecting roles", "Collecting forms")
_ROUTES: Sequence[tuple[str, str, str]] = (
    ("POST", r"/identity/connect/token", "_give_token"),
    ("GET", r"/api/security/userInfo", "_account"),
    ("POST", r"/api/modeller/importexport/export/added", "_dependencies"),
    ("POST", PACKAGE, "_create_job"),
    ("GET", rf"{PACKAGE}s", "_find_jobs"),
    ("GET", rf"{PACKAGE}/([^/]+)/progress/?", "_progress"),
    ("GET", rf"{PACKAGE}/([^/]+)/download", "_send_package"),
    ("GET", r"/modeller/__importexport/export/package/([^/]+)/download", "_send_package"),
    ("DELETE", rf"{PACKAGE}/([^/]+)", "_cancel_job"),
    ("POST", r"/api/configuration/export", "_create_configuration_job"),
)
_NO_TOKEN = "The access token is missing or has ended."  # noqa: S105 - a sentence
_PUBLIC = frozenset({"_give_token"})


class RefusedError(Exception):
    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        error = {"code": code, "message": message, "details": None}
        answer = answer_json({"error": error}, status=status)
        self.answer = replace(answer, headers={**answer.headers, **headers})


class JobScript(BaseModel, extra="forbid", frozen=True):
    """How an export runs."""

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


class SandboxJob(BaseModel, frozen=True):
    """A job that the sandbox holds."""

    job_id: str
    environment: str
    name: str
    keys: Json[tuple[str, ...]]
    format: str
    script: Json[JobScript]
    created_at: datetime
    cancelled_at: datetime | None

    @property
    def is_failed(self) -> bool:
        """Its script fails, or somebody cancelled it: it never has a package."""
        return self.script.fails or self.cancelled_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    request: SandboxRequest
    environment: str
    holds: MadeEnvironment
    user: str
    values: tuple[str, ...]

    def body(self) -> Mapping[str, Any]:
        try:
            found = json.loads(self.request.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise RefusedError(400, "BadRequest", "The body is no JSON object.")
        return found


class ShareDoSandbox:
    """Some ShareDo environments of one's own; safe to use from several threads and processes."""

    def __init__(
        self,
        path: Path | None,
        environments: Mapping[str, MadeEnvironment],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """Open or create the state in a file; None keeps it in this process.

        Raises:
            StoreError: The file is no database.
        """
        self._environments = environments
        self._clock = clock
        self._turn = threading.RLock()
        self._rows = sqlite3.connect(
            path or ":memory:",
            timeout=BUSY_TIMEOUT_SECONDS,
            isolation_level=None,  # transactions begin where they are written
            check_same_thread=False,
            factory=Rows,
        )
        self._rows.row_factory = sqlite3.Row
        try:
            if path is None:
                self._rows.executescript(_TABLES)
            else:  # SQLite does not wait where two open a new file at once
                with FileLock(path.with_name(f"{path.name}.lock")):
                    self._rows.execute("PRAGMA journal_mode=WAL")
                    self._rows.executescript(_TABLES)
        except sqlite3.Error as error:
            self._rows.close()
            raise StoreError(
                f"{path} cannot be used as a ShareDo sandbox: {error}.",
                recovery_actions=("Remove the file; a new one is made.",),
            ) from error

    def close(self) -> None:
        self._rows.close()

    def jobs(self) -> tuple[SandboxJob, ...]:
        """Return all jobs, oldest first."""
        with self._turn:
            rows = self._rows.every("SELECT * FROM job ORDER BY number")
        return tuple(SandboxJob.model_validate(dict(row)) for row in rows)

    def receive(self, request: SandboxRequest) -> SandboxResponse:
        """Take a request as it comes in from outside."""
        return self.handle(request)

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request; what it changed is committed before this returns."""
        with self._turn:
            try:
                self._rows.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise StoreBusyError(
                    f"The ShareDo sandbox is busy: {error}.", recovery_actions=("Start again.",)
                ) from error
            try:
                answer = self._answer(request)
            except RefusedError as refusal:
                answer = refusal.answer
            except BaseException:
                self._rows.execute("ROLLBACK")
                raise
            self._rows.execute("COMMIT")
        return answer

    def _answer(self, request: SandboxRequest) -> SandboxResponse:
        _, _, rest = request.path.partition("/")
        name, _, path = rest.partition("/")
        holds = self._environments.get(name)
        if holds is None:
            raise RefusedError(404, "NotFound", f"There is no environment {name!r}.")
        taken = []
        for method, pattern, answerer in _ROUTES:
            found = re.fullmatch(pattern, f"/{path}")
            if found is None:
                continue
            taken.append(method)
            if method != request.method:
                continue
            is_public = answerer in _PUBLIC
            asked = _Asked(
                request=request,
                environment=name,
                holds=holds,
                user="" if is_public else self._user_of(request, name),
                values=tuple(unquote(value) for value in found.groups()),
            )
            answer: SandboxResponse = getattr(self, answerer)(asked)
            return answer
        if taken:
            allow = ", ".join(taken)
            raise RefusedError(405, "NotAllowed", "That is not how to ask.", allow=allow)
        raise RefusedError(404, "NotFound", f"Nothing was found at {path}.")

    def _user_of(self, request: SandboxRequest, environment: str) -> str:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        row = self._rows.first(
            "SELECT user, until FROM token WHERE token = ? AND environment = ?", token, environment
        )
        if row is None or datetime.fromisoformat(row["until"]) <= self._clock():
            raise RefusedError(401, "Unauthorized", _NO_TOKEN)
        return str(row["user"])

    def _give_token(self, asked: _Asked) -> SandboxResponse:
        scheme, _, coded = asked.request.headers.get("authorization", "").partition(" ")
        try:
            client, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client, secret = "", ""
        if scheme != "Basic" or client != CLIENT_ID or not secret:
            return answer_json({"error": "invalid_client"}, status=400)
        form = {k: v[0] for k, v in parse_qs(asked.request.body.decode("utf-8", "replace")).items()}
        grant = form.get("grant_type", "")
        if grant == APP_GRANT:
            user = ""
        elif grant in USER_GRANTS:
            user = form.get("impersonate_user", "consultant@example.invalid")
        else:
            return answer_json({"error": "unsupported_grant_type"}, status=400)
        number = self._rows.one("SELECT count(*) FROM token")[0]
        seed = f"{asked.environment}/{number}/{self._clock().isoformat()}"
        token = hashlib.sha256(seed.encode()).hexdigest()
        until = self._clock() + timedelta(seconds=TOKEN_SECONDS)
        self._rows.execute(
            "INSERT OR REPLACE INTO token VALUES (?, ?, ?, ?)",
            (token, asked.environment, user, until.isoformat()),
        )
        return answer_json(
            {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}
        )

    def _account(self, asked: _Asked) -> SandboxResponse:
        return answer_json({"userName": asked.user or CLIENT_ID, "isAuthenticated": True})

    def _dependencies(self, asked: _Asked) -> SandboxResponse:
        component = asked.holds.by_key.get(_key_of(asked, asked.body()))
        if component is None:
            raise RefusedError(404, "NotFound", "There is no such component.")

        def listed(keys: Sequence[str]) -> list[object]:
            found = [asked.holds.by_key[key] for key in keys if key in asked.holds.by_key]
            return [
                {
                    "systemName": one.provider,
                    "reason": "It is used there.",
                    "description": one.title,
                    "selector": {"systemName": one.name},
                }
                for _ in range(2)  # each is listed twice, as ShareDo does
                for one in found
            ]

        return answer_json(
            {
                "dependencies": {
                    "mandatory": listed(component.mandatory),
                    "recommended": listed(component.recommended),
                }
            }
        )

    def _create_job(self, asked: _Asked) -> SandboxResponse:
        body = asked.body()
        items = body.get("items")
        if not isinstance(items, list) or not items:
            raise RefusedError(400, "BadRequest", "items is empty.")
        keys = [_key_of(asked, item) for item in items]
        unknown = [key for key in keys if key not in asked.holds.by_key]
        if unknown:
            raise RefusedError(400, "NotFound", f"There is no {unknown[0]} to export.")
        name = str(body.get("exportConfigName", ""))
        return self._job_created(asked, name, keys, file_format=str(body.get("format", "zip")))

    def _create_configuration_job(self, asked: _Asked) -> SandboxResponse:
        name = str(asked.body().get("workTypeSystemName", ""))
        key = _key_of(asked, {"systemName": "sharedo-type", "selector": {"systemName": name}})
        if key not in asked.holds.by_key:
            raise RefusedError(404, "NotFound", f"There is no work type {name!r}.")
        keys = asked.holds.needed_by([key])
        return self._job_created(asked, "", keys, script=JobScript(duration_seconds=1.0))

    def _job_created(
        self,
        asked: _Asked,
        name: str,
        keys: Sequence[str],
        *,
        file_format: str = "zip",
        script: JobScript | None = None,
    ) -> SandboxResponse:
        if not asked.user:
            refusal = {"errorMessage": "Value cannot be null. (Parameter 'createdBy')"}
            return answer_json(refusal, status=500)
        now = self._clock()
        running = [job for job in self.jobs() if job.environment == asked.environment]
        if sum(not _is_over(job, now) for job in running) >= JOBS_AT_ONCE_MAX:
            limited = {"retry-after": "1"}
            raise RefusedError(429, "TooMany", "Too many export jobs at once.", **limited)
        script = script or self.script_of(keys[0].partition(":")[2])
        job_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{asked.environment}/{len(self.jobs())}"))
        self._rows.add(
            "job",
            job_id=job_id,
            environment=asked.environment,
            name=name,
            keys=json.dumps(list(dict.fromkeys(keys))),
            format=file_format,
            script=script.model_dump_json(),
            created_at=now.isoformat(),
        )
        return answer_json({"exportJobId": job_id})

    def script_of(self, _system_name: str) -> JobScript:
        """Say how an export of what is named first runs."""
        return JobScript()

    def _find_jobs(self, asked: _Asked) -> SandboxResponse:
        wanted = asked.request.query_values().get("name", [""])[0]
        rows = self._rows.every(
            "SELECT job_id, name FROM job WHERE environment = ? AND name = ? ORDER BY number",
            asked.environment,
            wanted,
        )
        found = [{"exportJobId": row["job_id"], "exportConfigName": row["name"]} for row in rows]
        return answer_json({"items": found})

    def _job(self, asked: _Asked) -> SandboxJob:
        row = self._rows.first(
            "SELECT * FROM job WHERE environment = ? AND job_id = ?",
            asked.environment,
            asked.values[0],
        )
        if row is not None:
            job = SandboxJob.model_validate(dict(row))
            if self._elapsed(job) >= job.script.unknown_seconds:
                return job
        raise RefusedError(404, "NotFound", "There is no such export job.")

    def _elapsed(self, job: SandboxJob) -> float:
        return (self._clock() - job.created_at).total_seconds()

    def _progress(self, asked: _Asked) -> SandboxResponse:
        job = self._job(asked)
        share, is_complete, is_ready = _progress_of(job, self._elapsed(job))
        state, error = job.script.state or "RUNNING", None
        if job.cancelled_at is not None:
            state, error = "FAILED", "Cancelled by a user."
        elif job.script.fails and share >= 0.5:  # noqa: PLR2004 - half way
            state, error, share = "FAILED", job.script.failure, 0.5
            is_complete = is_ready = False
        elif is_ready:
            state = "COMPLETED"
        elif is_complete:
            state = "CREATING PACKAGE"
        elif share == 0.0:
            state = "CREATED"
        step = _STEPS[min(int(share * len(_STEPS)), len(_STEPS) - 1)]
        return answer_json(
            {
                "state": state,
                "percentage": round(100 * share),
                "current": [{"description": step}] if not is_complete else [],
                "queued": [],
                "complete": is_complete,
                "packageAvailable": is_ready,
                "errorMessage": error,
            }
        )

    def _send_package(self, asked: _Asked) -> SandboxResponse:
        job = self._job(asked)
        if job.is_failed or not _progress_of(job, self._elapsed(job))[2]:
            raise RefusedError(404, "NotFound", "The job has no package.")
        body = build_package(asked.holds, job.keys, export_id=job.job_id, created_on=job.created_at)
        if job.format == "json":
            payloads = {key: dict(asked.holds.by_key[key].payload) for key in job.keys}
            return answer_json({"components": payloads})
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        headers = {
            "content-type": "application/zip",
            "accept-ranges": "bytes",
            "etag": etag,
            "content-disposition": f'attachment; filename="export_{job.job_id}.zip"',
        }
        sent = asked.request.headers
        found = re.fullmatch(r"bytes=(\d+)-", sent.get("range", ""))
        if found is None or sent.get("if-range", etag) != etag:
            return SandboxResponse(status=200, headers=headers, body=body)
        start = int(found.group(1))
        if start >= len(body):
            where = {"content-range": f"bytes */{len(body)}"}
            return SandboxResponse(status=416, headers=headers | where)
        where = {"content-range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
        return SandboxResponse(status=206, headers=headers | where, body=body[start:])

    def _cancel_job(self, asked: _Asked) -> SandboxResponse:
        job = self._job(asked)
        self._rows.execute(
            "UPDATE job SET cancelled_at = ? WHERE job_id = ? AND cancelled_at IS NULL",
            (self._clock().isoformat(), job.job_id),
        )
        return SandboxResponse(status=204)


def _key_of(asked: _Asked, item: object) -> str:
    """Return the key of what an item names, whatever the case; unknown ones as they are written."""
    found: Mapping[str, Any] = item if isinstance(item, dict) else {}
    selector = found.get("selector")
    name = selector.get("systemName") if isinstance(selector, dict) else None
    provider = str(found.get("systemName", ""))
    component = asked.holds.find(provider, str(name))
    return component.key if component is not None else f"{provider}:{name}"


def _progress_of(job: SandboxJob, elapsed: float) -> tuple[float, bool, bool]:
    """Return the share that is done, whether all of it is, and whether the package is there."""
    script = job.script
    half = script.duration_seconds / 2
    moved = elapsed if elapsed <= half else max(half, elapsed - script.stall_seconds)
    is_complete = moved >= script.duration_seconds
    share = 1.0 if is_complete else moved / script.duration_seconds
    return share, is_complete, moved >= script.duration_seconds + script.packaging_seconds


def _is_over(job: SandboxJob, now: datetime) -> bool:
    elapsed = (now - job.created_at).total_seconds()
    share, _, is_ready = _progress_of(job, elapsed)
    is_failed = job.script.fails and share >= 0.5  # noqa: PLR2004 - half way
    return is_ready or is_failed or job.cancelled_at is not None

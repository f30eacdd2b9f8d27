"""The embedded ShareDo: some environments of one's own, in one file, with one synchronous way in.

Belongs here: tokens, jobs whose progress follows the clock, dependencies, downloads; packages as
ShareDo writes them: zip, CRLF, JSON inside text, ids of the environment, dependencies repeated and
in cycles. Does not: what the environments hold (`environments.json`; `test` lags behind
`development`), what goes wrong (the tests), reading packages (`reading`).

The path of a request begins with the name of its environment: `/development/api/…`, and
`/development/identity/…` for the identity server, which has a host of its own elsewhere. The same
component and export give the same bytes.
Source of paths, bodies and states: docs/sharedo.md.
"""

import hashlib
import io
import json
import re
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, partial
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias, cast
from urllib.parse import parse_qs, unquote

from filelock import FileLock
from pydantic import BaseModel, TypeAdapter, ValidationError

from jira_pipeline.jira.sandbox_http import SandboxRequest, SandboxResponse, answer_json
from jira_pipeline.model.errors import StoreError
from jira_pipeline.sharedo.client.environments import Grant

TOKEN_SECONDS = 3600
EXPORT_SECONDS = 1.0
PACKAGING_SECONDS = 0.25
EXPORT = "/api/modeller/importexport/export"
_STEPS = ("Reading configuration", "Collecting phases", "Collecting roles", "Collecting forms")
_ROUTES: Sequence[tuple[str, str, str]] = (
    ("POST", r"/identity/connect/token", "_give_token"),
    ("POST", rf"{EXPORT}/added", "_dependencies"),
    ("POST", rf"{EXPORT}/package", "_create_job"),
    ("GET", rf"{EXPORT}/package/([^/]+)/progress/?", "_progress"),
    (
        "GET",
        r"(?:/api/modeller/|/modeller/__)importexport/export/package/([^/]+)/download",
        "_send",
    ),
    ("DELETE", rf"{EXPORT}/package/([^/]+)", "_cancel_job"),
    ("POST", r"/api/configuration/export", "_create_configuration_job"),
)

Json: TypeAlias = Any  # JSON to be written; nothing here reads any


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeComponent:
    """One thing an environment can export."""

    provider: str
    name: str
    title: str
    payload: Mapping[str, Json]
    mandatory: tuple[str, ...] = ()
    """Keys of the components it needs."""
    recommended: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`provider:name`, unique in an environment."""
        return f"{self.provider}:{self.name}"


@dataclass(frozen=True, kw_only=True)
class MadeEnvironment:
    url: str
    version: str
    components: tuple[MadeComponent, ...]
    """Sorted by key."""

    @cached_property
    def by_key(self) -> Mapping[str, MadeComponent]:
        """Components by key."""
        return {component.key: component for component in self.components}

    def needed_by(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return these keys and all they depend on, directly or not, sorted."""
        reached: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in reached and key in self.by_key:
                reached.add(key)
                waiting += (*self.by_key[key].mandatory, *self.by_key[key].recommended)
        return tuple(sorted(reached))


def build_package(
    environment: MadeEnvironment,
    keys: Sequence[str],
    *,
    export_id: str = "export-1",
    created_on: datetime = datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
    created_by: str = "consultant@example.invalid",
) -> bytes:
    """Write the export package of some components, as ShareDo lays it out.

    Another `export_id` gives other step ids and file names, as another export does. Each dependency is
    listed twice.
    """
    step_ids = {
        key: str(uuid.uuid5(uuid.NAMESPACE_URL, f"{environment.url}/{export_id}/{key}"))
        for key in keys
    }
    parts: dict[str, bytes] = {}
    steps = []
    for key in keys:
        component = environment.by_key[key]
        storage = f"{component.provider}-{component.name}-{step_ids[key]}.json"
        parts[f"data/{storage}"] = written_json(component.payload)
        state_twice = partial(_stated_twice, environment, component, step_ids)
        steps.append(
            {
                "Id": step_ids[key],
                "Description": component.title,
                "ExportProviderSystemName": component.provider,
                "ExportProviderSelectorJson": json.dumps({"SystemName": component.name}),
                "StorageFilename": storage,
                "Dependencies": {
                    "Recommended": state_twice(component.recommended),
                    "Mandatory": state_twice(component.mandatory),
                },
            }
        )
    # A version may have fewer parts than four.
    major, minor, build, revision = [*map(int, environment.version.split(".")), 0, 0, 0][:4]
    name = f"Export of {environment.by_key[keys[0]].title}" if keys else "Export"
    manifest = {
        "Name": name,
        "CreatedBy": created_by,
        "ExportedFrom": environment.url,
        "CreatedOn": f"{created_on:%Y-%m-%dT%H:%M:%S}.{created_on.microsecond:06}0Z",
        "SharedoVersion": {"Major": major, "Minor": minor, "Build": build, "Revision": revision},
        "Files": [],
        "ExportedSteps": steps,
    }
    return zipped({"manifest.json": written_json(manifest), **parts}, at=created_on)


def written_json(value: Json) -> bytes:
    """Write JSON as ShareDo does: two spaces, CRLF, UTF-8."""
    return json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\r\n").encode()


def zipped(
    parts: Mapping[str, bytes], *, at: datetime = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
) -> bytes:
    """Pack parts, the same bytes for the same parts and time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def _stated_twice(
    environment: MadeEnvironment,
    component: MadeComponent,
    step_ids: Mapping[str, str],
    targets: Sequence[str],
) -> list[Json]:
    stated: list[Json] = []
    for number in range(2):
        for target in targets:
            stated.append(_stated(environment, target, component, number, step_ids))
    return stated


def _stated(
    environment: MadeEnvironment,
    key: str,
    component: MadeComponent,
    number: int,
    step_ids: Mapping[str, str],
) -> Json:
    provider, _, name = key.partition(":")
    target = environment.by_key.get(key)
    return {
        "PackageStepId": step_ids.get(key),
        "Dependency": {
            "SystemName": provider,
            "Reason": f"Referenced by {component.title}" + (f" ({number})" if number else ""),
            "Description": target.title if target else name,
            "Selector": {"SystemName": name},
        },
    }


def made_environments(content: bytes) -> Mapping[str, MadeEnvironment]:
    """Read what environments hold, by name."""
    return TypeAdapter(dict[str, MadeEnvironment]).validate_json(content)


@cache
def sandbox_environments() -> Mapping[str, MadeEnvironment]:
    """Return what each environment holds, by name; the file is read once in a process."""
    path = resources.files("jira_pipeline.sharedo.sandbox") / "environments.json"
    return made_environments(path.read_bytes())


class RefusedError(Exception):
    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        error = {"code": code, "message": message, "details": None}
        answer = answer_json({"error": error}, status=status)
        self.answer = replace(answer, headers={**answer.headers, **headers})


class SandboxJob(BaseModel):
    """A job that the sandbox holds."""

    job_id: str
    environment: str
    name: str
    keys: tuple[str, ...]
    format: str
    created_at: datetime
    cancelled_at: datetime | None = None


class SandboxState(BaseModel):
    """What the file holds: users and ends of tokens by their text, jobs from the oldest on."""

    tokens: dict[str, tuple[str, datetime]] = {}
    jobs: list[SandboxJob] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far a job is; a failed one never has a package."""

    state: str
    share: float
    """From 0 to 1: complete, though perhaps without a package yet."""
    is_ready: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    request: SandboxRequest
    environment: str
    holds: MadeEnvironment
    user: str
    values: tuple[str, ...]

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON of our client: nobody else calls the sandbox."""
        return cast("Mapping[str, Any]", json.loads(self.request.body))

    def key_of(self, item_body: Mapping[str, Any]) -> str:
        """Return the key of what an item names, whatever the case."""
        name = item_body["selector"]["systemName"]
        wanted = f"{item_body['systemName']}:{name}".casefold()
        for key in self.holds.by_key:
            if key.casefold() == wanted:
                return key
        raise RefusedError(400, "NotFound", f"There is no {name} to export.")


def _listed_dependency(target: MadeComponent) -> dict[str, object]:
    return {
        "systemName": target.provider,
        "reason": "It is used there.",
        "description": target.title,
        "selector": {"systemName": target.name},
    }


class ShareDoSandbox:
    """Some ShareDo environments of one's own; safe to use from several threads and processes."""

    def __init__(
        self,
        path: Path,
        environments: Mapping[str, MadeEnvironment],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep the state in a file, which the first request makes.

        Raises:
            StoreError: The file is none of a sandbox.
        """
        self._path = path
        self._environments = environments
        self._clock = clock
        self._turn = threading.RLock()
        self._alone: AbstractContextManager[object] = FileLock(path.with_name(f"{path.name}.lock"))
        self.state = self._read()

    def receive(self, request: SandboxRequest) -> SandboxResponse:
        """Answer one request; what it changed is on the disk before this returns.

        Raises:
            StoreError: The file is none of a sandbox.
        """
        with self._turn, self._alone:
            self.state = self._read()
            try:
                answer = self._answer(request)
            except RefusedError as refusal:
                answer = refusal.answer
            self._write()
        return answer

    def _write(self) -> None:
        """Replace the file whole: whoever is killed leaves the last one."""
        unfinished = self._path.with_name(f"{self._path.name}.new")
        unfinished.write_text(self.state.model_dump_json(), encoding="utf-8")
        unfinished.replace(self._path)

    def _read(self) -> SandboxState:
        if not self._path.exists():
            return SandboxState()
        try:
            return SandboxState.model_validate_json(self._path.read_bytes())
        except ValidationError as error:
            raise StoreError(
                f"{self._path} is not the file of a ShareDo sandbox.",
                recovery_actions=("Remove the file; a new one is made.",),
            ) from error

    def _answer(self, request: SandboxRequest) -> SandboxResponse:
        _, _, rest = request.path.partition("/")
        name, _, path = rest.partition("/")
        for method, pattern, answerer in _ROUTES:
            match = re.fullmatch(pattern, f"/{path}")
            if match is None or method != request.method or name not in self._environments:
                continue
            call = _Call(
                request=request,
                environment=name,
                holds=self._environments[name],
                user="" if answerer == "_give_token" else self._user_of(request, name),
                values=tuple(unquote(value) for value in match.groups()),
            )
            answer: SandboxResponse = getattr(self, answerer)(call)
            return answer
        raise RefusedError(404, "NotFound", f"Nothing was found at {request.path}.")

    def _user_of(self, request: SandboxRequest, environment: str) -> str:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        user, until = self.state.tokens.get(token, ("", self._clock()))
        if not token.startswith(f"{environment}.") or until <= self._clock():
            raise RefusedError(401, "Unauthorized", "The access token is missing or has ended.")
        return user

    def _give_token(self, call: _Call) -> SandboxResponse:
        texts_by_field = parse_qs(call.request.body.decode("utf-8", "replace"))
        form = {field: texts[0] for field, texts in texts_by_field.items()}
        user = ""
        if form.get("grant_type") != Grant.CLIENT_CREDENTIALS:  # which are nobody's
            user = form.get("impersonate_user", "consultant@example.invalid")
        now = self._clock()
        seed = f"{len(self.state.tokens)}/{now.isoformat()}"
        token = f"{call.environment}.{hashlib.sha256(seed.encode()).hexdigest()}"
        self.state.tokens[token] = user, now + timedelta(seconds=TOKEN_SECONDS)
        return answer_json(
            {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}
        )

    def _dependencies(self, call: _Call) -> SandboxResponse:
        by_key = call.holds.by_key
        component = by_key[call.key_of(call.body)]
        mandatory = [by_key[key] for key in component.mandatory if key in by_key]
        recommended = [by_key[key] for key in component.recommended if key in by_key]
        # ShareDo lists each dependency twice.
        lists = {
            "mandatory": [_listed_dependency(target) for target in 2 * mandatory],
            "recommended": [_listed_dependency(target) for target in 2 * recommended],
        }
        return answer_json({"dependencies": lists})

    def _create_job(self, call: _Call) -> SandboxResponse:
        body = call.body
        keys = tuple(dict.fromkeys(map(call.key_of, body["items"])))
        return self._job_created(call, body["exportConfigName"], keys, body.get("format", "zip"))

    def _create_configuration_job(self, call: _Call) -> SandboxResponse:
        selector = {"systemName": call.body["workTypeSystemName"]}
        key = call.key_of({"systemName": "sharedo-type", "selector": selector})
        return self._job_created(call, "", call.holds.needed_by([key]), "zip")

    def _job_created(
        self, call: _Call, name: str, keys: tuple[str, ...], file_format: str
    ) -> SandboxResponse:
        if not call.user:
            refusal = {"errorMessage": "Value cannot be null. (Parameter 'createdBy')"}
            return answer_json(refusal, status=500)
        seed = f"{call.environment}/{len(self.state.jobs)}"
        job = SandboxJob(
            job_id=str(uuid.uuid5(uuid.NAMESPACE_URL, seed)),
            environment=call.environment,
            name=name,
            keys=keys,
            format=file_format,
            created_at=self._clock(),
        )
        self.state.jobs.append(job)
        return answer_json({"exportJobId": job.job_id})

    def _job(self, call: _Call) -> tuple[SandboxJob, JobProgress]:
        for job in self.state.jobs:
            if (job.environment, job.job_id) == (call.environment, call.values[0]):
                return job, self.progress_of(job)
        raise RefusedError(404, "NotFound", "There is no such export job.")

    def progress_of(self, job: SandboxJob) -> JobProgress:
        """Say how far a job is by now."""
        elapsed = (self._clock() - job.created_at).total_seconds()
        share = min(1.0, elapsed / EXPORT_SECONDS)
        if job.cancelled_at is not None:
            return JobProgress(state="FAILED", share=share, error="Cancelled by a user.")
        if elapsed >= EXPORT_SECONDS + PACKAGING_SECONDS:
            return JobProgress(state="COMPLETED", share=1.0, is_ready=True)
        state = "CREATING PACKAGE" if share == 1.0 else "RUNNING" if share else "CREATED"
        return JobProgress(state=state, share=share)

    def _progress(self, call: _Call) -> SandboxResponse:
        _, progress = self._job(call)
        is_complete = progress.share == 1.0 and progress.error is None
        step = {"description": _STEPS[min(int(progress.share * len(_STEPS)), len(_STEPS) - 1)]}
        return answer_json(
            {
                "state": progress.state,
                "percentage": round(100 * progress.share),
                "current": [] if is_complete else [step],
                "queued": [],
                "complete": is_complete,
                "packageAvailable": progress.is_ready,
                "errorMessage": progress.error,
            }
        )

    def _send(self, call: _Call) -> SandboxResponse:
        job, _ = self._job(call)
        if job.format == "json":
            payloads = {key: dict(call.holds.by_key[key].payload) for key in job.keys}
            return answer_json({"components": payloads})
        body = build_package(call.holds, job.keys, export_id=job.job_id, created_on=job.created_at)
        headers = {"content-type": "application/zip", "content-length": str(len(body))}
        return SandboxResponse(status=200, headers=headers, body=body)

    def _cancel_job(self, call: _Call) -> SandboxResponse:
        job, _ = self._job(call)
        job.cancelled_at = job.cancelled_at or self._clock()
        return SandboxResponse(status=204)

"""One ShareDo environment over HTTP.

Belongs here: one method per call. Does not: connections, tokens, the shape of bodies and
what an answer means (`exchange`), when a call is made (`sharedo/jobs`).
"""

import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from jira_pipeline.jira.client.answers import NEVER_SENT
from jira_pipeline.jira.client.connection import Call
from jira_pipeline.jira.client.exchange import Body, parse_answer
from jira_pipeline.model.sharedo_jobs import (
    Compression,
    ExportItem,
    ExportJob,
    ExportRoute,
    wants_person,
)
from jira_pipeline.sharedo.client.exchange import (
    TRANSIENT_STATUSES,
    CreatedBody,
    DependenciesBody,
    ErrorBody,
    ProgressBody,
    ShareDoExchange,
    is_page,
)
from jira_pipeline.sharedo.errors import (
    ComponentMissingError,
    CreationInDoubtError,
    ExportNotCreatedError,
    PackageDownloadError,
    PersonMissingError,
    ShareDoAccessError,
    ShareDoError,
    ShareDoUnreachableError,
)

logger = logging.getLogger(__name__)
NO_SUCH_COMPONENT = "notfound"
"""Code of ShareDo's error for a component that an environment does not have; documented, not proven."""

CHUNK_BYTES = 1_048_576


class ShareDoClient(ShareDoExchange):
    """The calls to one environment; they may be made by several threads.

    Whatever is read raises `ShareDoUnreachableError` where it may help to ask again, and
    `ShareDoAccessError` where it does not let us in.
    """

    @property
    def name(self) -> str:
        return self.environment.name

    def dependencies(self, export_item: ExportItem) -> tuple[ExportItem, ...]:
        """Return what a thing needs or recommends, without repetition."""
        call = Call(
            method="POST",
            path=self.environment.paths.dependencies,
            json=_as_asked(export_item),
            action=f"Asking what {export_item.system_name} depends on",
        )
        response = self.read(call)
        self._refuse_missing(export_item, response)
        lists = self._body(call, response, DependenciesBody).dependencies
        needed: dict[ExportItem, None] = {}
        for dependency in (*lists.mandatory, *lists.recommended):
            name = dependency.item_name
            if dependency.system_name and isinstance(name, str) and name:
                needed[ExportItem(provider=dependency.system_name, system_name=name)] = None
        return tuple(needed)

    def create(self, job: ExportJob) -> str:
        """Create a job by its route, and return its id; it is sent at most once.

        Only an answer that refuses, or a connection that never was, means that nothing was done;
        an answer of 500 to a creation may come after the work.

        Raises:
            CreationInDoubtError: It is not known whether ShareDo created it.
            ShareDoError: It did not; the error says whether the same may be sent again.
        """
        call = self._creation_of(job)
        try:
            response = self.send(call)
        except httpx.HTTPError as failure:
            lost = self.unreachable(call, failure)
            if isinstance(failure, NEVER_SENT):
                raise lost from None
            raise CreationInDoubtError(job, reason=lost.message) from None
        status = response.status_code
        reason = self.reason(response)
        is_success = httpx.codes.is_success(status)
        if is_success and (answer := parse_answer(response, CreatedBody)) is not None:
            return str(answer.job_id)
        refusal = parse_answer(response, ErrorBody) or ErrorBody()
        message = f"{call.action} in {self.name}: {reason}. Nothing was created."
        details = {"status": status, "code": refusal.code}
        if wants_person(refusal.text):
            raise PersonMissingError(message, details=details)
        is_done_perhaps = status in TRANSIENT_STATUSES and status != httpx.codes.TOO_MANY_REQUESTS
        if is_success or is_done_perhaps:
            raise CreationInDoubtError(job, reason=f"{call.action}: {reason}.")
        if (error := self.error_of(call, response)) is not None:
            raise error
        if len(job.items) == 1:
            self._refuse_missing(job.items[0], response)
        raise ExportNotCreatedError(message, details=details)

    def _creation_of(self, job: ExportJob) -> Call:
        paths = self.environment.paths
        fields = self.environment.create_fields
        parameters = job.parameters
        body: dict[str, object] = {
            "exportConfigName": job.config_name,
            "items": [*map(_as_asked, job.items)],
        }
        if fields.history is not None:
            body[fields.history] = parameters.includes_history
        if fields.format is not None:
            body[fields.format] = parameters.package_format.value
        is_configuration = job.route is ExportRoute.CONFIGURATION
        if is_configuration:
            body = {"workTypeSystemName": parameters.system_name, "includeAll": True}
        return Call(
            method="POST",
            path=paths.configuration or "" if is_configuration else paths.create,
            json=body,
            action=f"Creating the export of {parameters.system_name}",
        )

    def _refuse_missing(self, export_item: ExportItem, response: httpx.Response) -> None:
        """Refuse an answer which says that the environment does not have an item."""
        refusal = parse_answer(response, ErrorBody) or ErrorBody()
        if refusal.code.casefold() == NO_SUCH_COMPONENT:
            raise ComponentMissingError(
                f"{self.name} has no {export_item.key} ({self.reason(response)}). Nothing was created.",
                details={
                    "status": response.status_code,
                    "code": refusal.code,
                    "item": export_item.key,
                },
            )

    def progress(self, remote_id: str) -> ProgressBody | None:
        """Return how far a job is; None where ShareDo does not know it, or says nothing."""
        path = self.environment.paths.progress
        call = Call.get(path, f"Asking for export job {remote_id}", job=remote_id)
        response = self.read(call)
        is_empty = response.status_code == httpx.codes.OK and not response.content.strip()
        if response.status_code in {204, 404} or is_empty:
            return None
        body = self._body(call, response, ProgressBody)
        return None if body.is_empty else body

    def result_url(self, remote_id: str) -> str:
        call = Call.get(self.environment.paths.download[0], "", job=remote_id)
        return f"{self.environment.api_url}{call.filled_path}"

    @contextmanager
    def open_package(self, job: ExportJob) -> Iterator[tuple[int | None, Iterator[bytes]]]:
        """Begin a download: the bytes of the whole package, where the server says it, and chunks.

        The paths are tried in their order; the last one's refusal is raised.

        Raises:
            PackageDownloadError: No package comes, what came broke off, or cannot be unpacked.
            ShareDoUnreachableError: It may help to ask again.
            ShareDoAccessError: ShareDo does not let us in.
        """
        remote_id = job.remote_id or ""
        encoding = "gzip" if job.parameters.compression is Compression.GZIP else "identity"
        headers = {"Accept": "*/*", "Accept-Encoding": encoding}
        refusal: ShareDoError | None = None
        for template in self.environment.paths.download:
            call = Call(
                method="GET",
                path=template,
                path_values={"job": remote_id},
                headers=headers,
                action=f"Downloading the package of export job {remote_id}",
            )
            is_begun = False
            try:
                with self.streamed(call) as response:
                    if response.status_code == httpx.codes.OK and not is_page(response):
                        is_begun = True
                        yield _total_bytes_of(response), _unpacked(response)
                        return
                    response.read()
            except httpx.HTTPError as failure:
                lost = self.unreachable(call, failure)
                raise (PackageDownloadError(lost.message) if is_begun else lost) from None
            refusal = self.error_of(call, response) or PackageDownloadError(
                f"{call.action}: {self.reason(response)}."
            )
            if isinstance(refusal, ShareDoUnreachableError):
                break
        raise refusal or AssertionError("an environment has a path for downloads")

    def cancel(self, remote_id: str) -> bool:
        """Ask to cancel a job; False where this environment cannot, or does not know the job."""
        path = self.environment.paths.cancel
        if path is None:
            return False
        call = Call(
            method="DELETE",
            path=path,
            path_values={"job": remote_id},
            action=f"Cancelling export job {remote_id}",
        )
        try:
            response = self.read(call)
        except (
            ShareDoAccessError,
            ShareDoUnreachableError,
        ) as error:  # best effort: here it is cancelled all the same
            logger.warning("%s", error.message)
            return False
        return httpx.codes.is_success(response.status_code)

    def _body(self, call: Call, response: httpx.Response, model: type[Body]) -> Body:
        """Parse a good answer; another one is an error: "could not look" is never "is not there"."""
        body = parse_answer(response, model)
        if response.status_code == httpx.codes.OK and body is not None:
            return body
        raise ShareDoUnreachableError(
            f"{call.action}: {self.name} answered {self.reason(response)}, which is not "
            "what was requested.",
            details={"status": response.status_code},
        )


def _as_asked(export_item: ExportItem) -> dict[str, object]:
    return {"systemName": export_item.provider, "selector": {"systemName": export_item.system_name}}


def _total_bytes_of(response: httpx.Response) -> int | None:
    is_encoded = response.headers.get("Content-Encoding", "identity") != "identity"
    total = response.headers.get("Content-Length", "")
    return int(total) if total.isdecimal() and not is_encoded else None


def _unpacked(response: httpx.Response) -> Iterator[bytes]:
    """Yield what a body holds, at most a chunk at a time: a bomb is counted, never held.

    Raises:
        httpx.DecodingError: It is damaged, ends too early, or is packed in another way.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().casefold()
    if encoding == "identity":
        yield from response.iter_bytes(CHUNK_BYTES)
        return
    if encoding not in {"gzip", "x-gzip"}:
        raise httpx.DecodingError(f"it arrived compressed as {encoding!r}, which was not requested")
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        for piece in response.iter_raw():
            yield unpacking.decompress(piece, CHUNK_BYTES)
            while unpacking.unconsumed_tail:
                yield unpacking.decompress(unpacking.unconsumed_tail, CHUNK_BYTES)
    except zlib.error as error:
        raise httpx.DecodingError(f"it cannot be decompressed ({error})") from error
    if not unpacking.eof:
        raise httpx.DecodingError("it ended early")

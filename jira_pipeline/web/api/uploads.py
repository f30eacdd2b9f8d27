"""Uploads: files are sent, looked at with what they would change, and taken.

Belongs here: their addresses and shapes. Does not: keeping files, comparing (`flow/incoming`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias, get_args
from urllib.parse import quote

from fastapi import File, Path, UploadFile
from pydantic import BaseModel, Field

from jira_pipeline.errors import SheetsRefusedError
from jira_pipeline.flow import incoming
from jira_pipeline.flow.upload import uploaded
from jira_pipeline.kernel.findings import Finding, finding_json
from jira_pipeline.sheets.upload_reading import UploadOutcome
from jira_pipeline.web.access import Reader, Reviewer
from jira_pipeline.web.api.paging import OfLists, Paged, Paging, in_parts
from jira_pipeline.web.api.parts import (
    FileShown,
    FindingShown,
    QuestionFound,
    SameSpecificationShown,
    TicketChange,
    UnknownHeaderShown,
    VanishedTicket,
)
from jira_pipeline.web.api.shapes import like, new_router
from jira_pipeline.web.context import TheWeb, Web
from jira_pipeline.web.problems import DetailedProblemError
from jira_pipeline.web.words import with_sentences

router = new_router("uploads", prefix="/api/sessions/{key}/uploads")
FILES_MAX = 100
SessionKey = Annotated[str, Path(max_length=100, examples=["my_site"])]
UploadId = Annotated[str, Path(max_length=100, examples=["0a1b2c3d4e5f60718293a4b5c6d7e8f9"])]
PreviewList: TypeAlias = Literal["findings", "questions", "changes"]


class Preview(OfLists, extra="forbid"):
    """What taking an upload would do; findings as in `jira-pipeline lint --json`."""

    upload_id: str
    session_key: str
    is_new: bool
    is_unchanged: bool
    is_locked: bool
    is_refused: bool
    files: list[FileShown]
    findings: list[FindingShown]
    unknown_headers: list[UnknownHeaderShown]
    questions: list[QuestionFound]
    findings_as_before: int = Field(description="Of those, the sheets of the session have these.")
    findings_gone: int = Field(description="The sheets of the session have these, and no more.")
    open_questions: int
    questions_answered: int = Field(description="Of those, the session has an answer to these.")
    tickets: int
    missing_sheets: list[str]
    changes: list[TicketChange]


@router.post("", status_code=201)
def send_files(
    key: SessionKey,
    web: TheWeb,
    person: Reviewer,
    files: Annotated[list[UploadFile], File(max_length=FILES_MAX)],
) -> Preview:
    """Send sheets, a workbook or ShareDo packages for a session, and see what they would do.

    Nothing is taken yet; the files are kept for a day.
    """
    sent = [(f.filename or "", f.file) for f in files]
    upload = incoming.receive(web.pipeline, sent, by=person.name)
    return _preview(web, upload.upload_id, key)


@router.get("/{upload_id}")
def show_upload(
    key: SessionKey,
    upload_id: UploadId,
    web: TheWeb,
    _person: Reader,
    paging: Paged,
    list: PreviewList = "findings",  # noqa: A002 - the name in the address
) -> Preview:
    """Show what taking an upload would do now; `list` comes page by page."""
    return _preview(web, upload_id, key, paging=paging, paged=list)


def _preview(
    web: TheWeb,
    upload_id: str,
    key: str,
    *,
    paging: Paging | None = None,
    paged: PreviewList | None = None,
) -> Preview:
    found = incoming.preview(web.pipeline, upload_id, session_key=key)
    addresses = {name: _list_address(key, upload_id, name) for name in get_args(PreviewList)}
    return Preview.model_validate(
        in_parts(with_sentences(found.to_json()), addresses, paging=paging, paged=paged)
    )


def _list_address(key: str, upload_id: str, name: PreviewList) -> str:
    return f"/api/sessions/{quote(key, safe='')}/uploads/{upload_id}?list={name}"


class ColumnsMeant(BaseModel):
    """What unknown headers mean."""

    model_config = like({"columns": {"Fields.csv": {"Mandatory?": "Req'd"}}})

    columns: dict[str, str | dict[str, str]] = Field(
        max_length=200,
        description="Headers and the columns they mean; those of one sheet below its name.",
    )


@router.post("/{upload_id}/columns")
def map_columns(
    key: SessionKey, upload_id: UploadId, web: TheWeb, person: Reviewer, wanted: ColumnsMeant
) -> Preview:
    """Say what unknown headers mean, as `columns` of `session.yaml` does.

    The answer is the preview of another upload, with an id of its own; that one is to be taken.
    """
    kept = incoming.map_columns(
        web.pipeline, upload_id, wanted.columns, session_key=key, by=person.name
    )
    return _preview(web, kept.upload_id, key)


class Take(BaseModel):
    """How an upload is taken; usually an empty object."""

    model_config = like({})

    auto_approve: bool = Field(default=False, description="Export valid tickets without a review.")
    as_new: bool = Field(
        default=False,
        description="Create issues although another session has issues of the same specification.",
    )


class Taken(OfLists, extra="forbid"):
    """The sheets of a session now; the fields of `jira-pipeline upload --json`."""

    session_key: str
    is_unchanged: bool
    is_replaced: bool
    files: list[FileShown]
    findings: list[FindingShown]
    missing_sheets: list[str]
    withdrawals: list[VanishedTicket]
    same_specification: list[SameSpecificationShown]
    project_warnings: list[str] = Field(
        description="What keeps an export from its Jira project; nothing where the sandbox is it."
    )


@router.post("/{upload_id}/take")
def take_upload(
    key: SessionKey,
    upload_id: UploadId,
    web: TheWeb,
    person: Reviewer,
    wanted: Take | None = None,
) -> Taken:
    """Make an upload the sheets of the session; its tickets are written by `…/generate`."""
    asked = wanted or Take()
    try:
        outcome = incoming.take(
            web.pipeline,
            upload_id,
            session_key=key,
            auto_approve=asked.auto_approve,
            as_new=asked.as_new,
            by=person.name,
        )
    except SheetsRefusedError as error:
        whole = {"findings": _list_address(key, upload_id, "findings")}
        raise with_findings(error, whole) from error
    return taken(web, outcome)


def with_findings(
    error: SheetsRefusedError, addresses: Mapping[str, str] = MappingProxyType({})
) -> DetailedProblemError:
    """Say a refusal with what was found; `addresses` as in `in_parts`."""
    found = [finding_json(f) for f in error.findings if isinstance(f, Finding)]
    return DetailedProblemError(error, **in_parts({"findings": found}, addresses))


def taken(web: Web, outcome: UploadOutcome) -> Taken:
    """Tell Dagster of an upload, and answer with it."""
    web.report_upload(outcome)
    here = f"/api/sessions/{outcome.session.session_key}"
    addresses = {name: f"{here}/{name}" for name in ("findings", "withdrawals")}
    return Taken.model_validate(in_parts(uploaded(web.pipeline, outcome).to_json(), addresses))

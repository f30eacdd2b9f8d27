"""Uploads by programs: files become the sheets of a session at once, as people take them from a page.

Belongs here: the fields of the form, the answer. Does not: reading the form (`upload_forms`), receiving
and taking files (`sessions/incoming`), what a finding means (`sheets`).
"""

from io import BytesIO
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field, TypeAdapter, ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from jira_pipeline.drupal.site.configuration import is_zipped_configuration
from jira_pipeline.model.errors import InputError, SheetsRefusedError, WrongUseError
from jira_pipeline.model.json_values import json_of
from jira_pipeline.model.people import Role
from jira_pipeline.model.specification_source import LAYOUT_NAME
from jira_pipeline.sessions import incoming
from jira_pipeline.sessions.upload import Uploaded, uploaded
from jira_pipeline.web.api.shapes import AsJson, Shape
from jira_pipeline.web.api.verb_routes import SESSIONS_ADDRESS
from jira_pipeline.web.context import Reviewer, TheWeb, allowed
from jira_pipeline.web.problems import DetailedProblemError
from jira_pipeline.web.upload_forms import (
    KEY_CHARACTERS_MAX,
    SITE_NAME_CHARACTERS_MAX,
    UploadForm,
    refuse_other_files,
    sent_files,
)

router = APIRouter(prefix="/api/uploads", tags=["sessions"])
MULTIPART = "multipart/form-data"


class UploadWanted(Shape):
    """What becomes of the files of an upload."""

    session_key: str = Field(
        min_length=1,
        max_length=KEY_CHARACTERS_MAX,
        description="Of a new session, or of one that is.",
    )
    site_name: str = Field(
        default="", max_length=SITE_NAME_CHARACTERS_MAX, description="Of a new session's site."
    )
    replaces_all: bool = Field(
        default=False, description="The files may describe another site than those before."
    )
    layout: str = Field(default="", description="The text of a `layout.yaml`.")


_WANTED = TypeAdapter(UploadWanted)


def _request_body() -> dict[str, Any]:
    """Describe the form: the fields that are read, and the files."""
    schema = UploadWanted.model_json_schema()
    schema["properties"]["files"] = {
        "type": "array",
        "minItems": 1,
        "items": {"type": "string", "format": "binary"},
        "description": "CSV files, one workbook or packages, and their `session.yaml`.",
    }
    schema["required"] = [*schema["required"], "files"]
    return {"required": True, "content": {MULTIPART: {"schema": schema}}}


@router.post("", status_code=201, openapi_extra={"requestBody": _request_body()})
def upload_files(
    request: Request, web: TheWeb, _person: Reviewer, response: Response, form: UploadForm
) -> AsJson[Uploaded]:
    """Make files the sheets of a session, new or not; the answer has their findings.

    Where a finding is an error, nothing is kept: 422 `sheets_refused` with all `findings`.
    """
    if "idempotency-key" in request.headers:
        # A key that is not obeyed would let a repeated upload take newer sheets of others away.
        raise WrongUseError(
            "An upload takes no Idempotency-Key.",
            recovery_actions=(
                "Send it without one.",
                "Before you send files again after a lost answer, read the session.",
            ),
        )
    # Asked again, since files may take long to arrive: somebody may have signed out meanwhile.
    person = allowed(web.access, request, Role.REVIEWER)
    wanted = _wanted_by(form)
    files = sent_files(form, "files")
    if len(files) == 1 and is_zipped_configuration(files[0][1]):
        raise WrongUseError(
            f"{files[0][0]} is the configuration of a site, not its sheets.",
            recovery_actions=("Compare it with the session of the site on the page Site.",),
        )
    if wanted.layout:
        files.append((LAYOUT_NAME, BytesIO(wanted.layout.encode("utf-8", "replace"))))
    received = incoming.receive(web.pipeline, files, by=person.name)
    try:
        outcome = incoming.take(
            web.pipeline,
            received.upload_id,
            session_key=wanted.session_key,
            auto_approve=False,
            as_new=False,
            replaces_all=wanted.replaces_all,
            site_name=" ".join(wanted.site_name.split()),
            sent_by=person.name,
            by=person.name,
        )
    except SheetsRefusedError as error:
        raise DetailedProblemError(error, findings=json_of(error.findings)) from error
    web.report_to_dagster(web.pipeline, outcome)
    response.headers["location"] = f"{SESSIONS_ADDRESS}/{outcome.session.session_key}"
    return uploaded(web.pipeline, outcome)


def _wanted_by(form: FormData) -> UploadWanted:
    """Return what the fields of a form say beside its files.

    Raises:
        InputError: A field is unknown, comes twice or cannot be used; files come in another field.
    """
    refuse_other_files(form)
    fields = [(name, str(value)) for name, value in form.multi_items() if name != "files"]
    repeated = {name for name, _ in fields if len(form.getlist(name)) > 1}
    if repeated:
        raise InputError(f"The field {min(repeated)[:KEY_CHARACTERS_MAX]!r} came more than once.")
    try:
        return _WANTED.validate_python(dict(fields))
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        raise InputError(
            f"The form cannot be used: {faults[:1_000]}",
            recovery_actions=("Send the fields that /api/openapi.json describes.",),
        ) from error

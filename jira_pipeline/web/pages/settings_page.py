"""The settings of a session as a page: those that its `session.yaml` holds.

Belongs here: showing them, the form. Does not: which keys and values there may be
(`sheets/manifest`), keeping the changed file for a look (`sessions/incoming`).
"""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from jira_pipeline.model.errors import InputError
from jira_pipeline.model.sessions import EpicsBy, FilledInBy
from jira_pipeline.review.outcomes import labels_in
from jira_pipeline.sessions import incoming
from jira_pipeline.sheets.manifest import MANIFEST_MAX_BYTES
from jira_pipeline.web.access import Reader, Reviewer
from jira_pipeline.web.context import Opened
from jira_pipeline.web.pages.showing import go_to, refused_at, show

LINE_MAX = 2_000
router = APIRouter(prefix="/sessions/{key}/settings")
Line = Annotated[str, Form(max_length=LINE_MAX)]
Pairs = Annotated[str, Form(max_length=MANIFEST_MAX_BYTES)]
"""A name and a value in each line, with a colon between them."""


@router.get("")
def session_settings(request: Request, _person: Reader, opened: Opened) -> Response:
    """Show what `session.yaml` says, to reviewers in a form."""
    manifest = opened.stored.manifest
    return show(request, "session_settings.html", opened=opened, manifest=manifest, by=EpicsBy)


@router.post("")
def change_session_settings(
    request: Request,
    person: Reviewer,
    opened: Opened,
    *,
    site_name: Line = "",
    site_description: Line = "",
    agency: Line = "",
    logo: Annotated[UploadFile | None, File()] = None,
    no_logo: Annotated[bool, Form()] = False,
    filled_in_by: Annotated[FilledInBy, Form()] = FilledInBy.AGENCY,
    jira_project_key: Line = "",
    issue_type: Line = "",
    parent: Line = "",
    epics: Annotated[EpicsBy, Form()] = EpicsBy.NONE,
    assignee: Line = "",
    sprint: Line = "",
    priority: Line = "",
    labels: Line = "",
    writer: Line = "",
    people: Pairs = "",
    epic_keys: Pairs = "",
    auto_approve: Annotated[bool, Form()] = False,
    as_new: Annotated[bool, Form()] = False,
    include_waiting: Annotated[bool, Form()] = False,
    no_removals: Annotated[bool, Form()] = False,
) -> Response:
    """Show what the changed settings make of the session; nothing changes until they are taken."""
    given = opened.stored.manifest.defaults
    changes = {
        "site_name": site_name.strip(),
        "site_description": site_description.replace("\r\n", "\n").strip(),
        "agency": agency.strip(),
        "filled_in_by": filled_in_by.value,
        "jira_project_key": jira_project_key.strip(),
        "issue_type": issue_type.strip(),
        "parent": parent.strip(),
        "epics": epics.value,
        "epic_keys": _pairs_in(epic_keys),
        "writer": writer.strip(),
        "people": _pairs_in(people),
        "defaults": {
            "assignee": assignee.strip(),
            "sprint": sprint.strip(),
            "priority": priority.strip(),
            "labels": [*labels_in(labels)],
            "fields": {name: [*texts] for name, texts in given.fields.items()},
        },
        "auto_approve": auto_approve,
        "as_new": as_new,
        "include_waiting": include_waiting,
        "removals": "no" if no_removals else "",
    }
    refused_at(request, f"/sessions/{opened.key}/settings", by=InputError)
    picture = (Path(logo.filename).name, logo.file) if logo and logo.filename else None
    if no_logo:
        changes["logo"] = ""
    kept = incoming.receive_with_settings(opened, changes, logo=picture, by=person.name)
    return go_to(request, f"/upload/{kept.upload_id}?session={opened.key}")


def _pairs_in(text: str) -> dict[str, str]:
    pairs = (line.rpartition(":") for line in text.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}

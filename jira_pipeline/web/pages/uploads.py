"""Uploading from a page: send files, look at what they hold and change, then take them.

Belongs here: the forms and the look, also at other settings of a session, which its `session.yaml`
holds. Does not: which keys and values that takes (`sheets/manifest`), keeping files until then
(`sessions/incoming`), what is found in them (`sheets/sheet_linting`), what they change
(`sheets/upload_preview`).
"""

import os.path
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from starlette.datastructures import FormData, UploadFile as UploadedFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from jira_pipeline.drupal.configuration.configuration import is_zipped_configuration
from jira_pipeline.model.entities import PACKAGE_SUFFIX, SourceWord
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.findings import Severity, causes_of, ranked_findings
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.people import Role
from jira_pipeline.model.session_keys import session_key_from
from jira_pipeline.model.sessions import LOGO_SUFFIXES, EpicsBy, FilledInBy
from jira_pipeline.model.specification_source import LAYOUT_NAME, LAYOUT_NAMES
from jira_pipeline.review.cells import findings_csv
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.outcomes import labels_in
from jira_pipeline.sessions import incoming
from jira_pipeline.sessions.incoming import TAKEN_SUFFIXES
from jira_pipeline.sessions.upload import uploaded
from jira_pipeline.sheets.manifest import MANIFEST_MAX_BYTES, MANIFEST_NAMES
from jira_pipeline.sheets.upload_preview import as_looked_at, missing_sheets_sentence
from jira_pipeline.sheets.version_changes import losses_sentence
from jira_pipeline.web.context import Opened, Reader, Reviewer, TheWeb, allowed
from jira_pipeline.web.labels import text_of
from jira_pipeline.web.pages.showing import (
    Notice,
    SheetsShown,
    csv_file,
    go_to,
    notice_of,
    refused_at,
    sent_files,
    show,
)
from jira_pipeline.web.pages.site_page import compare

SHOWN = 100
"""Findings, changes and questions of a look: those that matter most come first."""
CELLS_SHOWN = 8
"""Of each changed ticket."""
COMMON_NAME_CHARACTERS_MIN = 3
KEY_CHARACTERS_MAX = 200
SITE_NAME_CHARACTERS_MAX = 200
FIELDS_MAX = 10
router = APIRouter()
settings_router = APIRouter(prefix="/sessions/{key}/settings")
SessionQuery = Annotated[str, Query(max_length=KEY_CHARACTERS_MAX)]
Line = Annotated[str, Form(max_length=2_000)]
Pairs = Annotated[str, Form(max_length=MANIFEST_MAX_BYTES)]
"""A name and a value in each line, with a colon between them."""


@router.get("/upload")
def upload_form(
    request: Request, web: TheWeb, _person: Reviewer, session: SessionQuery = ""
) -> Response:
    """Show where to drop files."""
    settings = web.pipeline.settings
    stored = web.pipeline.store.sessions.find(session)
    return show(
        request,
        "upload.html",
        opened=open_session(web.pipeline, session) if stored else None,
        session_key=session,
        known=web.pipeline.store.sessions.list_all(),
        accepted=",".join([*sorted(TAKEN_SUFFIXES), ".yaml"]),
        file_megabytes=settings.upload_max_file_bytes // 1_000_000,
        files_max=settings.upload_max_files,
    )


async def _form_of(request: Request, web: TheWeb, _person: Reviewer) -> AsyncIterator[FormData]:
    """Read the form of an upload, once it is known that somebody may send one."""
    beside_count = 2  # `session.yaml` and `layout.yaml` come along
    files_max = web.pipeline.settings.upload_max_files + beside_count
    try:
        form = await request.form(max_files=files_max, max_fields=FIELDS_MAX)
    except HTTPException as error:  # its page would not say what is wrong with the form
        raise InputError(
            f"The files could not be taken: {error.detail}",
            recovery_actions=(
                f"Send at most {files_max - beside_count} files and their session.yaml at once.",
            ),
        ) from error
    try:
        yield form
    finally:
        await form.close()


@router.post("/upload")
def send_files(
    request: Request, web: TheWeb, person: Reviewer, form: Annotated[FormData, Depends(_form_of)]
) -> Response:
    """Keep files for a look, and show it."""
    person = allowed(web.access, request, Role.REVIEWER)  # again: files may take their time
    key = str(form.get("session") or form.get("name") or "").strip()[:KEY_CHARACTERS_MAX]
    files = sent_files(form, "files")
    for name, content in files[:1] if len(files) == 1 else ():
        if is_zipped_configuration(content):
            if web.pipeline.store.sessions.find(key):
                return compare(
                    request, open_session(web.pipeline, key), name, content, by=person.name
                )
            text = f"{name} is the configuration of a site, not its sheets: choose the site to compare it with."
            return go_to(request, "/upload", Notice(text, "warn"))
    try:
        _refuse_other_files(form)
        layout = str(form.get("layout") or "")
        if layout:
            files = [*files, (LAYOUT_NAME, BytesIO(layout.encode("utf-8", "replace")))]
        received = incoming.receive(web.pipeline, files, by=person.name)
    except InputError as error:
        address = f"/upload?{urlencode({'session': key})}" if key else "/upload"
        return go_to(request, address, notice_of(error))
    query = urlencode({"session": key or _likely_key(received.file_names)})
    return go_to(request, f"/upload/{received.upload_id}?{query}")


def _refuse_other_files(form: FormData) -> None:
    """Stop where a program sends a file under another name, or text in place of one."""
    for name, value in form.multi_items():
        is_file = isinstance(value, UploadedFile)
        if (is_file and name != "files") or (name == "files" and not is_file):
            raise InputError(
                f"The field {name[:KEY_CHARACTERS_MAX]!r} was not read, so nothing was kept.",
                recovery_actions=("Send each file with its name as a field `files`.",),
            )


@router.post("/example")
def try_example(request: Request, web: TheWeb, person: Reviewer) -> Response:
    """Keep the example's files for a look, and show it; refused where its issues would be real."""
    refused_at(request, "/")
    received = incoming.receive_example(web.pipeline, by=person.name)
    return go_to(request, f"/upload/{received.upload_id}?session=example")


@router.get("/upload/{upload_id}")
def look(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    upload_id: str,
    *,
    session: SessionQuery = "",
    before: Annotated[str, Query(pattern="^[0-9a-f]{0,32}$")] = "",
    sheets: Annotated[str, Query(max_length=200)] = "",
    of_settings: bool = False,
) -> Response:
    """Show what is found in files that were sent, and what taking them would change.

    Settings were made from the `sheets` of then; of other files it is what they are compared with.
    """
    sent = incoming.find_incoming(web.pipeline, upload_id, sent_by=person.name)
    key = session or _likely_key(sent.file_names)
    preview = incoming.preview(web.pipeline, upload_id, session_key=key, sent_by=person.name)
    files = preview.lint.files
    stored = web.pipeline.store.sessions.find(key)
    findings = ranked_findings(preview.lint.findings, files=files)
    new = ranked_findings(preview.new_findings, files=files)
    counts = Counter(finding.severity for finding in findings)
    source_word = SourceWord.SHEETS
    if any(name.endswith(PACKAGE_SUFFIX) for name in sent.file_names):
        source_word = SourceWord.PACKAGES
    opened = None
    if stored is not None:
        sheets = sheets or stored.content_sha256
        opened = open_session(web.pipeline, key)
    missing = ""
    if preview.missing_sheets:
        missing = missing_sheets_sentence(preview.missing_sheets)
    return show(
        request,
        "upload_look.html",
        preview=preview,
        before=before,
        is_of_settings=of_settings,
        findings=new,
        gone=ranked_findings(preview.gone_findings, files=files),
        causes_of=causes_of,
        as_before_count=len(findings) - len(new),
        source_word=source_word,
        changes=as_looked_at(preview.changes),
        losses=losses_sentence(preview.version_changes),
        stored=stored,
        sheets=sheets,
        opened=opened,
        known=web.pipeline.store.sessions.list_all(),
        found={severity: counts[severity] for severity in Severity},
        missing=missing,
        site_name_max=SITE_NAME_CHARACTERS_MAX,
        shown=SHOWN,
        cells_shown=CELLS_SHOWN,
    )


@router.get("/upload/{upload_id}/findings.csv")
def findings_table(
    web: TheWeb, person: Reviewer, upload_id: str, session: SessionQuery
) -> Response:
    """Send every cell that was found as a table for the author of the sheets."""
    preview = incoming.preview(web.pipeline, upload_id, session_key=session, sent_by=person.name)
    return csv_file(f"{session}-findings.csv", findings_csv(preview.lint.findings))


@router.post("/upload/{upload_id}/take")
def take(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    upload_id: str,
    session: Annotated[str, Form(max_length=KEY_CHARACTERS_MAX)],
    *,
    replaces_all: Annotated[bool, Form()] = False,
    sheets: SheetsShown = "",
    site_name: Annotated[str, Form(max_length=SITE_NAME_CHARACTERS_MAX)] = "",
    of_settings: Annotated[bool, Form()] = False,
) -> Response:
    """Make the files the sheets of a session, and show it; or what they wait for."""
    outcome = incoming.take(
        web.pipeline,
        upload_id,
        session_key=session.strip(),
        auto_approve=False,
        as_new=False,
        replaces_all=replaces_all,
        sheets_shown=sheets,
        site_name=" ".join(site_name.split()),
        is_of_settings=of_settings,
        sent_by=person.name,
        by=person.name,
    )
    web.report_to_dagster(web.pipeline, outcome)
    key = outcome.session.session_key
    taken = uploaded(web.pipeline, outcome)
    address = f"/sessions/{key}"
    files = format_count(len(outcome.files), outcome.session.source_word.singular)
    notice = Notice(f"Site `{key}` {taken.became}: {files}.")
    if outcome.needs_layout:
        address = f"/sessions/{key}/layout"
        notice = Notice(f"Site `{key}` {taken.became}.")
    warnings = [text_of(same.advice.on(session_key=key)) for same in taken.same_specification]
    warnings += [*taken.replaced_settings, *taken.project_warnings]
    return go_to(request, address, notice, *(Notice(warning, "warn") for warning in warnings))


def _likely_key(file_names: Sequence[str]) -> str:
    """Return the session key that the names suggest: of one workbook, or what all begin with."""
    stems = [
        path.stem
        for path in map(Path, file_names)
        if path.name not in {*MANIFEST_NAMES, *LAYOUT_NAMES}
        and path.suffix.casefold() not in LOGO_SUFFIXES
    ]
    common = os.path.commonprefix(stems).strip(" _-.")  # noqa: RUF071 - of names, not of paths
    if len(common) < COMMON_NAME_CHARACTERS_MIN:
        return "session"
    return session_key_from(common)


@settings_router.get("")
def session_settings(request: Request, _person: Reader, opened: Opened) -> Response:
    """Show what `session.yaml` says, to reviewers in a form."""
    return show(
        request, "session_settings.html", opened=opened, manifest=opened.stored.manifest, by=EpicsBy
    )


@settings_router.post("")
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
    sheets: SheetsShown = "",
) -> Response:
    """Show what the changed settings make of the session; nothing changes until they are taken."""
    refused_at(request, f"/sessions/{opened.key}/settings", by=InputError)
    given = opened.stored.manifest.defaults
    defaults = {
        "assignee": assignee.strip(),
        "sprint": sprint.strip(),
        "priority": priority.strip(),
        "labels": [*labels_in(labels)],
        "fields": {name: [*texts] for name, texts in given.fields.items()},
    }
    changes = {
        "site_name": site_name.strip(),
        "site_description": site_description.replace("\r\n", "\n").strip(),
        "agency": agency.strip(),
        "filled_in_by": filled_in_by.value,
        "jira_project_key": jira_project_key.strip(),
        "issue_type": issue_type.strip(),
        "parent": parent.strip(),
        "epics": epics.value,
        "epic_keys": _pairs_in(epic_keys, str.rpartition),
        "writer": writer.strip(),
        "people": _pairs_in(people, str.partition),
        "defaults": defaults,
        "auto_approve": auto_approve,
        "as_new": as_new,
        "include_waiting": include_waiting,
        "removals": "no" if no_removals else "",
    }
    opened.stored.refuse_others(sheets)
    picture = None
    if logo and logo.filename:
        picture = (Path(logo.filename).name, logo.file)
    if no_logo:
        changes["logo"] = ""
    received = incoming.receive_with_settings(opened, changes, logo=picture, by=person.name)
    query = urlencode(
        {"session": opened.key, "sheets": opened.stored.content_sha256, "of_settings": "true"}
    )
    return go_to(request, f"/upload/{received.upload_id}?{query}")


def _pairs_in(text: str, parted: Callable[[str, str], tuple[str, str, str]]) -> dict[str, str]:
    """Read each line; one without a colon is left to `sheets/manifest` to refuse.

    Raises:
        InputError: Two lines have the same name: one would take the place of the other.
    """
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        before, _, after = parted(line, ":")
        name = before.strip()
        if name in pairs:
            raise InputError(
                f"Two lines begin with {name[:KEY_CHARACTERS_MAX]!r}; nothing was changed.",
                recovery_actions=("Keep one of them.",),
            )
        pairs[name] = after.strip()
    return pairs

"""Uploading from a page, in two steps: files are sent and previewed, then taken as a session's sheets.

Files that come in are kept under an `upload_id`, and nothing changes yet. Their preview shows what is
found in them and what taking them would change; only `take_upload` makes them the sheets of a session.
Other settings of a session go the same way: they are its files once more, with another `session.yaml`.

Belongs here: the forms and the preview. Does not: which keys and values `session.yaml` has
(`sheets/manifest`), keeping files until they are taken (`sessions/incoming`), what is found in them
(`sheets/sheet_linting`), what they change (`sheets/upload_preview`).
"""

import os.path
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from starlette.responses import Response

from jira_pipeline.drupal.site.configuration import is_zipped_configuration
from jira_pipeline.export.project_check import check_fields
from jira_pipeline.model.errors import InputError, PipelineError
from jira_pipeline.model.findings import Severity, causes_of, ranked_findings
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.people import Role
from jira_pipeline.model.session_keys import session_key_from
from jira_pipeline.model.sessions import (
    LOGO_SUFFIXES,
    EpicsBy,
    FilledInBy,
    SessionManifest,
    given_text,
)
from jira_pipeline.model.sheet_names import PACKAGE_SUFFIX
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.specification_source import LAYOUT_NAME, LAYOUT_NAMES
from jira_pipeline.review.cells import findings_csv
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.outcomes import labels_in
from jira_pipeline.sessions import incoming
from jira_pipeline.sessions.incoming import TAKEN_SUFFIXES
from jira_pipeline.sessions.upload import uploaded
from jira_pipeline.sheets.manifest import MANIFEST_MAX_BYTES, MANIFEST_NAMES, manifest_value
from jira_pipeline.sheets.missing_sheets import REFERENCE_DANGLING, missing_sheets_sentence
from jira_pipeline.sheets.reading.code_pages import code_pages_to_choose, is_code_page
from jira_pipeline.sheets.sheet_linting import LintResult
from jira_pipeline.sheets.upload_preview import as_looked_at
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
    show,
)
from jira_pipeline.web.pages.site_page import compare
from jira_pipeline.web.upload_forms import (
    KEY_CHARACTERS_MAX,
    SITE_NAME_CHARACTERS_MAX,
    UploadForm,
    refuse_other_files,
    sent_files,
)

LINES_SHOWN_MAX = 100
"""Of the findings, the changes and the questions of a preview: those that matter most come first."""
CELLS_SHOWN_MAX = 8
"""Of each changed ticket."""
COMMON_NAME_CHARACTERS_MIN = 3
"""File names that begin alike with fewer characters than that suggest no key."""
DELIVERIES_SHOWN = 100
"""The newest messages to the webhook."""
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
    """Show the form to which files are dropped, for a new session or for the given one."""
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


@router.post("/upload")
def send_files(
    request: Request,
    web: TheWeb,
    _person: Reviewer,
    form: UploadForm,
) -> Response:
    """Keep the files that were sent, and show their preview.

    A zipped configuration of a site is no sheet: it is compared with the site that was chosen.
    """
    # Asked again, since files may take long to arrive: somebody may have signed out meanwhile.
    person = allowed(web.access, request, Role.REVIEWER)
    key = str(form.get("session") or form.get("name") or "").strip()[:KEY_CHARACTERS_MAX]
    files = sent_files(form, "files")
    if len(files) == 1 and is_zipped_configuration(files[0][1]):
        name, content = files[0]
        if web.pipeline.store.sessions.find(key):
            return compare(request, open_session(web.pipeline, key), name, content, by=person.name)
        text = f"{name} is the configuration of a site, not its sheets: choose the site to compare it with."
        return go_to(request, "/upload", Notice(text, "warn"))
    try:
        refuse_other_files(form)
        layout = str(form.get("layout") or "")
        if layout:
            files = [*files, (LAYOUT_NAME, BytesIO(layout.encode("utf-8", "replace")))]
        received = incoming.receive(web.pipeline, files, by=person.name)
    except InputError as error:
        address = f"/upload?{urlencode({'session': key})}" if key else "/upload"
        return go_to(request, address, notice_of(error))
    query = urlencode({"session": key or _likely_key(received.file_names)})
    return go_to(request, f"/upload/{received.upload_id}?{query}")


@router.post("/example")
def try_example(request: Request, web: TheWeb, person: Reviewer) -> Response:
    """Keep the files of the example, and show their preview.

    The first page says why that is refused, such as where a real Jira would get its issues.
    """
    refused_at(request, "/")
    received = incoming.receive_example(web.pipeline, by=person.name)
    return go_to(request, f"/upload/{received.upload_id}?session=example")


@router.get("/upload/{upload_id}")
def show_preview(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    upload_id: str,
    *,
    session: SessionQuery = "",
    sheets: Annotated[str, Query(max_length=200)] = "",
    of_settings: bool = False,
) -> Response:
    """Show what is found in files that were sent, and what taking them would change.

    With `of_settings` the upload is the sheets of a session with other settings, and `sheets` names
    the SHA-256 of these sheets; otherwise the page names those that it compares the files with.
    """
    upload = incoming.find_incoming(web.pipeline, upload_id, sent_by=person.name)
    key = session or _likely_key(upload.file_names)
    preview = incoming.preview(web.pipeline, upload_id, session_key=key, sent_by=person.name)
    files = preview.lint.files
    stored = web.pipeline.store.sessions.find(key)
    findings = ranked_findings(preview.lint.findings, files=files)
    new_findings = ranked_findings(preview.new_findings, files=files)
    counts = Counter(finding.severity for finding in findings)
    source_word = SourceWord.SHEETS
    if any(name.endswith(PACKAGE_SUFFIX) for name in upload.file_names):
        source_word = SourceWord.PACKAGES
    opened = None
    if stored is not None:
        sheets = sheets or stored.content_sha256
        opened = open_session(web.pipeline, key)
    code_page = ""
    for file in files:
        if is_code_page(file.encoding):
            code_page = file.encoding
    logo = (stored.manifest.logo if stored is not None else None) or ""
    received = [_received_file(name, preview.lint, logo=logo) for name in upload.file_names]
    missing = ""
    if preview.missing_sheets:
        missing = missing_sheets_sentence(preview.missing_sheets)
    return show(
        request,
        "upload_look.html",
        preview=preview,
        received=received,
        dangling=REFERENCE_DANGLING,
        is_of_settings=of_settings,
        findings=new_findings,
        gone=ranked_findings(preview.gone_findings, files=files),
        causes_of=causes_of,
        as_before_count=len(findings) - len(new_findings),
        source_word=source_word,
        changes=as_looked_at(preview.changes),
        losses=losses_sentence(preview.version_changes),
        stored=stored,
        sheets=sheets,
        opened=opened,
        known=web.pipeline.store.sessions.list_all(),
        found={severity: counts[severity] for severity in Severity},
        missing=missing,
        code_pages=code_pages_to_choose(code_page),
        code_page=code_page,
        site_name_max=SITE_NAME_CHARACTERS_MAX,
        shown=LINES_SHOWN_MAX,
        cells_shown=CELLS_SHOWN_MAX,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFile:
    """One of the files that somebody sent, as the preview names it."""

    name: str
    what: str
    """What it was taken for, in words."""
    row_count: int
    is_used: bool


def _received_file(name: str, lint: LintResult, *, logo: str) -> ReceivedFile:
    """Say what one of the files that were sent is; `logo` is the name of the site's logo."""
    sheets = [file for file in lint.files if file.file_name == name]
    row_count = sum(file.row_count for file in sheets)
    is_used = True
    if sheets:
        what = ", ".join(dict.fromkeys(file.sheet_name for file in sheets))
    elif name in MANIFEST_NAMES:
        what = "settings"
    elif name in LAYOUT_NAMES:
        what = "layout"
    elif Path(name).suffix.casefold() in LOGO_SUFFIXES:
        what = "logo" if name == logo else "a picture"
        is_used = name == logo
    else:
        what = "a sheet with unknown headers" if lint.needs_layout else "not read: see the findings"
    return ReceivedFile(name=name, what=what, row_count=row_count, is_used=is_used)


@router.get("/upload/{upload_id}/findings.csv")
def findings_table(
    web: TheWeb, person: Reviewer, upload_id: str, session: SessionQuery
) -> Response:
    """Send all findings of an upload as a table, cell by cell, for the author of the sheets."""
    preview = incoming.preview(web.pipeline, upload_id, session_key=session, sent_by=person.name)
    return csv_file(f"{session}-findings.csv", findings_csv(preview.lint.findings))


@router.post("/upload/{upload_id}/code-page")
def change_code_page(
    request: Request,
    web: TheWeb,
    person: Reviewer,
    upload_id: str,
    session: Annotated[str, Form(max_length=KEY_CHARACTERS_MAX)],
    *,
    encoding: Annotated[str, Form(max_length=KEY_CHARACTERS_MAX)] = "",
    sheets: SheetsShown = "",
    of_settings: Annotated[bool, Form()] = False,
) -> Response:
    """Read the CSV files of an upload in another code page, and show the preview of that."""
    received = incoming.receive_with_code_page(
        web.pipeline,
        upload_id,
        encoding.strip(),
        session_key=session.strip(),
        sent_by=person.name,
        by=person.name,
    )
    query = {"session": session.strip(), "sheets": sheets}
    if of_settings:
        query["of_settings"] = "true"
    return go_to(request, f"/upload/{received.upload_id}?{urlencode(query)}")


@router.post("/upload/{upload_id}/take")
def take_upload(
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
    """Make the files of an upload the sheets of a session, and go to its page.

    Where nobody said yet how its worksheets are read, that is the page of the layout. `sheets` are
    those of the session that the preview showed: nothing is taken where it has others by now.
    """
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
    upload = uploaded(web.pipeline, outcome)
    if outcome.needs_layout:
        address = f"/sessions/{key}/layout"
        notice = Notice(f"Site `{key}` {upload.became}.")
    else:
        address = f"/sessions/{key}"
        files = format_count(len(outcome.files), outcome.session.source_word.singular)
        notice = Notice(f"Site `{key}` {upload.became}: {files}.")
    warnings = [text_of(same.advice.on(session_key=key)) for same in upload.same_specification]
    warnings += upload.replaced_settings
    warnings += upload.project_warnings
    return go_to(request, address, notice, *(Notice(warning, "warn") for warning in warnings))


def _likely_key(file_names: Sequence[str]) -> str:
    """Return the session key that file names suggest: the name of one workbook, or what all begin with.

    `session` where they suggest none. Settings, a layout and a logo are no sheets, so they do not count.
    """
    stems: list[str] = []
    for path in map(Path, file_names):
        is_settings = path.name in {*MANIFEST_NAMES, *LAYOUT_NAMES}
        is_logo = path.suffix.casefold() in LOGO_SUFFIXES
        if not is_settings and not is_logo:
            stems.append(path.stem)
    common = os.path.commonprefix(stems).strip(" _-.")  # noqa: RUF071 - of names, not of paths
    if len(common) < COMMON_NAME_CHARACTERS_MIN:
        return "session"
    return session_key_from(common)


@settings_router.get("")
def session_settings(
    request: Request,
    _person: Reader,
    opened: Opened,
    *,
    asks_for_fields: Annotated[bool, Query(alias="fields")] = False,
) -> Response:
    """Show the settings of a session, as its `session.yaml` says them; reviewers get a form.

    With `asks_for_fields`, Jira is asked which fields the project has. Below them is what became of
    the messages to the webhook.
    """
    check = None
    refusal = ""
    if asks_for_fields:
        try:
            check = check_fields(opened.pipeline, opened.key)
        except PipelineError as error:
            refusal = error.message
    return show(
        request,
        "session_settings.html",
        opened=opened,
        manifest=opened.stored.manifest,
        by=EpicsBy,
        given_text=given_text,
        check=check,
        check_refusal=refusal,
        code_pages=code_pages_to_choose(opened.stored.manifest.encoding or ""),
        deliveries=opened.store.webhook_deliveries.of_session(opened.key, limit=DELIVERIES_SHOWN),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsForm:
    """The fields of the form of settings, as a browser sends them; each is a key of `session.yaml`."""

    site_name: Line = ""
    site_description: Line = ""
    agency: Line = ""
    filled_in_by: Annotated[FilledInBy, Form()] = FilledInBy.AGENCY
    jira_project_key: Line = ""
    issue_type: Line = ""
    parent: Line = ""
    epics: Annotated[EpicsBy, Form()] = EpicsBy.NONE
    assignee: Line = ""
    sprint: Line = ""
    priority: Line = ""
    labels: Line = ""
    """Separated by commas."""
    writer: Line = ""
    encoding: Line = ""
    people: Pairs = ""
    epic_keys: Pairs = ""
    auto_approve: Annotated[bool, Form()] = False
    as_new: Annotated[bool, Form()] = False
    include_waiting: Annotated[bool, Form()] = False
    no_removals: Annotated[bool, Form()] = False

    def manifest_changes(self, manifest: SessionManifest) -> dict[str, object]:
        """Return what the form makes of `session.yaml`: a value for each key that the form has.

        Values of Jira fields of one's own are not in the form: they stay as the manifest has them.

        Raises:
            InputError: Two lines of people or epics have the same name.
        """
        defaults = {
            "assignee": self.assignee.strip(),
            "sprint": self.sprint.strip(),
            "priority": self.priority.strip(),
            "labels": [*labels_in(self.labels)],
            "fields": {name: manifest_value(v) for name, v in manifest.defaults.fields.items()},
        }
        return {
            "site_name": self.site_name.strip(),
            "site_description": self.site_description.replace("\r\n", "\n").strip(),
            "agency": self.agency.strip(),
            "filled_in_by": self.filled_in_by.value,
            "jira_project_key": self.jira_project_key.strip(),
            "issue_type": self.issue_type.strip(),
            "parent": self.parent.strip(),
            "epics": self.epics.value,
            # The name of an epic may have a colon, its key has none; of people it is the reverse.
            "epic_keys": _pairs_in(self.epic_keys, str.rpartition),
            "writer": self.writer.strip(),
            "encoding": self.encoding.strip(),
            "people": _pairs_in(self.people, str.partition),
            "defaults": defaults,
            "auto_approve": self.auto_approve,
            "as_new": self.as_new,
            "include_waiting": self.include_waiting,
            "removals": "no" if self.no_removals else "",
        }


@settings_router.post("")
def change_session_settings(
    request: Request,
    person: Reviewer,
    opened: Opened,
    form: Annotated[SettingsForm, Depends()],
    *,
    logo: Annotated[UploadFile | None, File()] = None,
    no_logo: Annotated[bool, Form()] = False,
    sheets: SheetsShown = "",
) -> Response:
    """Show what changed settings would make of the session; nothing changes until they are taken."""
    refused_at(request, f"/sessions/{opened.key}/settings", by=InputError)
    changes = form.manifest_changes(opened.stored.manifest)
    opened.stored.refuse_others(sheets)
    picture = None
    if logo and logo.filename:  # a browser sends a file without a name where none was chosen
        picture = (Path(logo.filename).name, logo.file)
    if no_logo:
        changes["logo"] = ""
    received = incoming.receive_with_settings(opened, changes, logo=picture, by=person.name)
    query = urlencode(
        {"session": opened.key, "sheets": opened.stored.content_sha256, "of_settings": "true"}
    )
    return go_to(request, f"/upload/{received.upload_id}?{query}")


def _pairs_in(
    text: str, split_at_colon: Callable[[str, str], tuple[str, str, str]]
) -> dict[str, str]:
    """Return the value of each line by the name before its colon; blank lines are left out.

    `split_at_colon` is `str.partition` for the first colon of a line, `str.rpartition` for the last. A
    line without one is left to `sheets/manifest` to refuse.

    Raises:
        InputError: Two lines have the same name: one would take the place of the other.
    """
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        before_colon, _, after_colon = split_at_colon(line, ":")
        name = before_colon.strip()
        if name in pairs:
            raise InputError(
                f"Two lines begin with {name[:KEY_CHARACTERS_MAX]!r}; nothing was changed.",
                recovery_actions=("Keep one of them.",),
            )
        pairs[name] = after_colon.strip()
    return pairs

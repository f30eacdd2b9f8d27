"""One specification, five ways in: the same findings, rows and verdict on each.

`lint` and `upload` at a terminal, a folder of the inbox, files sent to the page of uploads, and the
job `upload_session`, which is what programs have that know Dagster only. What is found in sheets is
tested in `sources`.
"""

import csv
import io
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from fastapi.testclient import TestClient

from jira_pipeline.defs.build import build_definitions
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import GateRule, PipelineError, SheetsRefusedError
from jira_pipeline.model.findings import Finding, FindingCause, Severity, has_errors
from jira_pipeline.model.line_numbers import line_ranges
from jira_pipeline.model.people import Role
from jira_pipeline.model.source_tables import SourceFile
from jira_pipeline.sessions.upload import upload_from_inbox
from jira_pipeline.sheets.inbox import InboxArrival, list_inbox
from jira_pipeline.web.context import Web
from jira_pipeline_tests.cli.terminal import run
from jira_pipeline_tests.projects import copy_sheets
from jira_pipeline_tests.sheets.made_workbooks import open_document, open_row, workbook_of
from jira_pipeline_tests.web.browsers import opened_copy, signed_in

ACCEPTED, REFUSED, ASKS = "accepted", "refused", "asks"
BUNDLES = "Name,Machine name,X,Type,URL alias pattern\nBerth,berth,a,Content type,\nTide,tide,w,Vocabulary,\n"
HEADER = "Bundle,Field label,Machine name,X,Field type,Req'd,Vals."
FIELDS = (
    f"{HEADER}\nBerth (Content type),Length,field_length,a,Text,y,1\n"
    "Berth (Content type),Depth,field_depth,a,Text,n,*\nTide (Vocabulary),Height,field_height,a,Text,n,1\n"
)
BLOCKS = FIELDS.replace("\nBerth (Content type),Depth", "\n,Depth")
ROLES = "Name,Machine name,X\nPilot,pilot,a\n"


def rows_of(text: str) -> list[list[str]]:
    return [*csv.reader(io.StringIO(text))]


LAYOUT = """
sheets:
- worksheets: kinds
  regions:
  - name: kinds
    records:
    - into: bundle
      columns: {Name: What, Machine name: Machine name, X: X, Type: Sort}
      own: [URL alias pattern]
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """Files that are sent, and what becomes of them."""

    files: Mapping[str, bytes | str]
    verdict: str
    codes: Sequence[str] = ()
    """Among its findings."""


CASES = {
    "a spelling nobody knows": Case(
        files={"b.csv": BUNDLES, "f.csv": FIELDS.replace(",n,", ",perhaps,")},
        verdict=ACCEPTED,
        codes=["spelling_unknown"],
    ),
    "blanks that mean as above": Case(
        files={"b.csv": BUNDLES, "f.csv": BLOCKS, "session.yaml": "owner_blank: fill\n"},
        verdict=ACCEPTED,
    ),
    "a header that is mapped": Case(
        files={"b.csv": BUNDLES, "f.csv": FIELDS.replace("Field type", "Kind"),
               "session.yaml": "columns: {Kind: Field type}\n"},
        verdict=ACCEPTED,
    ),
    "a workbook": Case(
        files={"Harbour.xlsx": workbook_of({"Bundles": rows_of(BUNDLES), "Fields": rows_of(FIELDS)})},
        verdict=ACCEPTED,
    ),
    "an OpenDocument": Case(
        files={"Harbour.ods": open_document(*(open_row(*row) for row in rows_of(ROLES)))},
        verdict=ACCEPTED,
    ),
    "the same sheet twice": Case(
        files={"b.csv": BUNDLES, "c.csv": BUNDLES}, verdict=REFUSED, codes=["sheet_repeated"]
    ),
    "two bundles of one key": Case(
        files={"b.csv": BUNDLES, "c.csv": BUNDLES.partition("Tide")[0] + "Pier,pier,a,Media,\n"
               "Quay,quay,a,Media,\n"},
        verdict=REFUSED,
        codes=["key_repeated", "sheet_continued"],
    ),
    "a dash, a date, and letters that were read wrongly": Case(
        files={"b.csv": BUNDLES, "f.csv": FIELDS.replace("y,1", "y,2026-05-01", 1)
               .replace("field_depth", "—").replace("Height", "H\xc3\xb6he")},
        verdict=ACCEPTED,
        codes=["spelling_unknown", "text_damaged"],
    ),
    "a field of two bundles": Case(
        files={"b.csv": BUNDLES, "f.csv": FIELDS.replace("\nTide (Vocabulary)", "\nBerth and Tide")},
        verdict=ACCEPTED,
        codes=["owners_listed"],
    ),
    "text with the name of a workbook": Case(
        files={"Bundles.xlsx": BUNDLES, "f.csv": FIELDS}, verdict=ACCEPTED, codes=["file_is_text"]
    ),
    "a row of totals": Case(
        files={"b.csv": BUNDLES, "f.csv": f"{FIELDS}Total,2,,,,,\n"},
        verdict=ACCEPTED,
        codes=["totals_row"],
    ),
    "sheets without rows": Case(
        files={"b.csv": BUNDLES.partition("Berth")[0]}, verdict=REFUSED, codes=["nothing_described"]
    ),
    "a layout beside the sheets": Case(
        files={"kinds.csv": BUNDLES.replace("Name,", "What,").replace("Type", "Sort"),
               "layout.yaml": LAYOUT},
        verdict=ACCEPTED,
    ),
    "another site": Case(files={"roles.csv": ROLES}, verdict=ASKS),
}  # fmt: skip
Cited = tuple[str, str, str, str]
Told = tuple[str, list[Cited], dict[str, int]]


@pytest.fixture(scope="module")
def web(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with opened_copy(empty_project, tmp_path_factory.mktemp("uploads")) as web:
        yield web


@pytest.fixture(scope="module")
def reviewer(web: Web) -> Iterator[TestClient]:
    with signed_in(web, Role.REVIEWER) as client:
        yield client


@dataclass(kw_only=True)
class Site:
    """Where a case is sent to, each way under a key of its own."""

    web: Web
    reviewer: TestClient
    source: Path

    def told(self, key: str, verdict: str, findings: Sequence[Finding] | None = None) -> Told:
        sessions = self.web.pipeline.store.sessions
        found = sessions.findings(key) if findings is None else findings
        files: Sequence[SourceFile] = sessions.files(key) if verdict == ACCEPTED else ()
        return verdict, of_findings(found), {file.name: file.row_count for file in files}

    def refusal(self, key: str, error: PipelineError) -> Told:
        if error.code == GateRule.OTHER_SPECIFICATION.value:
            return self.told(key, ASKS, ())
        assert isinstance(error, SheetsRefusedError)
        return self.told(key, REFUSED, [f for f in error.findings if isinstance(f, Finding)])

    def linted(self, _key: str) -> Told:
        answer = run("lint", self.source, "--json")
        rows = {file["name"]: file["rows"] for file in answer.json["files"]}
        return REFUSED if answer.exit_code else ACCEPTED, of_json(answer.json["findings"]), rows

    def uploaded(self, key: str) -> Told:
        answer = run("upload", self.source, "--session", key, "--json")
        if answer.exit_code == 3:
            assert answer.json["error"]["code"] == GateRule.OTHER_SPECIFICATION.value
            return self.told(key, ASKS, ())
        rows = {file["name"]: file["rows"] for file in answer.json["files"]}
        return REFUSED if answer.exit_code else ACCEPTED, of_json(answer.json["findings"]), rows

    def from_inbox(self, key: str) -> Told:
        """Put the folder into the inbox; what is left beside it names every finding."""
        inbox = self.web.pipeline.settings.inbox_path
        inbox.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.source, inbox / key)
        (folder,) = (one for one in list_inbox(inbox) if one.name == key)
        outcome = upload_from_inbox(
            self.web.pipeline,
            InboxArrival(folder=folder, before=None),
            job_name_of=lambda _: "generate_tickets",
            run_key_of=lambda session: session.session_key,
            text_of=action_text,
            project_warnings_of=lambda _: (),
            log=logging.getLogger(__name__),
        )
        beside = (inbox / f"{folder.name}.findings.txt").read_text("utf-8")
        if isinstance(outcome, PipelineError):
            assert outcome.message in beside
            return self.refusal(key, outcome)
        findings = self.web.pipeline.store.sessions.findings(key)
        assert all(finding.place in beside for finding in findings)
        return self.told(key, REFUSED if has_errors(findings) else ACCEPTED)

    def by_page(self, key: str) -> Told:
        """Send the files, look at what is found, and take them."""
        files = [("files", (path.name, path.read_bytes())) for path in self.source.iterdir()]
        look = self.reviewer.post("/upload", files=files, data={"session": key})
        place = look.headers["location"].partition("?")[0]
        shown = self.reviewer.get(f"{place}/findings.csv", params={"session": key}).text
        found = [*csv.DictReader(io.StringIO(shown.removeprefix("\ufeff")))]
        lines = sorted((o["severity"], o["cause"], o["file"], o["line"]) for o in found)
        taken = self.reviewer.post(f"{place}/take", data={"session": key})
        if taken.status_code == 303:
            return ACCEPTED, lines, self.told(key, ACCEPTED)[2]
        is_asked = 'name="replaces_all"' in self.reviewer.get(look.headers["location"]).text
        return (ASKS, [], {}) if is_asked else (REFUSED, lines, {})

    def by_program(self, key: str) -> Told:
        """Send the files to the API, which takes them at once."""
        files = [("files", (path.name, path.read_bytes())) for path in self.source.iterdir()]
        answer = self.reviewer.post("/api/uploads", files=files, data={"session_key": key})
        taken = answer.json()
        if answer.status_code == 201:
            assert answer.headers["location"] == f"/api/sessions/{key}"
            rows = {file["name"]: file["rows"] for file in taken["files"]}
            return ACCEPTED, of_json(taken["findings"]), rows
        is_asked = taken["code"] == GateRule.OTHER_SPECIFICATION.value
        return (ASKS, [], {}) if is_asked else (REFUSED, of_json(taken["findings"]), {})

    def by_job(self, key: str) -> str:
        """Let Dagster upload the folder; return the verdict."""
        config = {"folder": str(self.source), "session_key": key}
        with dg.DagsterInstance.get() as instance:
            job = build_definitions(project_path=Path(instance.root_directory)).resolve_job_def(
                "upload_session"
            )
            result = job.execute_in_process(
                instance=instance,
                run_config={"ops": {"register_session": {"config": config}}},
                raise_on_error=False,
            )
        if result.success:
            return ACCEPTED
        (event,) = result.get_step_failure_events()
        is_asked = "not one is about the same" in str(event.step_failure_data.error)
        return ASKS if is_asked else REFUSED


WAYS: Mapping[str, Callable[[Site, str], Told | str]] = {
    "lint": Site.linted,
    "upload": Site.uploaded,
    "inbox": Site.from_inbox,
    "page": Site.by_page,
    "program": Site.by_program,
    "job": Site.by_job,
}


def of_findings(findings: Sequence[Finding]) -> list[Cited]:
    return sorted(
        (str(f.severity), label(f.code), f.file or "", line_ranges(f.lines)) for f in findings
    )


def of_json(findings: Sequence[Mapping[str, Any]]) -> list[Cited]:
    return of_findings([Finding(**{**f, "also_lines": tuple(f["also_lines"])}) for f in findings])


def label(code: str) -> str:
    return FindingCause(severity=Severity.INFO, code=code, findings=()).label


@pytest.fixture
def send_case(web: Web, reviewer: TestClient, tmp_path: Path) -> Callable[[str, str], Told | str]:
    """Send a case one way, under a key of its own; another site comes second to the example."""

    def sent(name: str, way: str) -> Told | str:
        case, source = CASES[name], tmp_path / "sheets"
        source.mkdir(exist_ok=True)
        for file, content in case.files.items():
            (source / file).write_bytes(content.encode() if isinstance(content, str) else content)
        key = f"{way}-{list(CASES).index(name)}"
        if case.verdict == ASKS:
            run("upload", copy_sheets(tmp_path / key), "--session", key, "--json")
        return WAYS[way](Site(web=web, reviewer=reviewer, source=source), key)

    return sent


@pytest.mark.parametrize("name", CASES)
def test_every_way_in_says_the_same(name: str, send_case: Callable[[str, str], Any]) -> None:
    case = CASES[name]
    ways = [way for way in WAYS if (way, case.verdict) != ("lint", ASKS) and way != "job"]

    told = {way: send_case(name, way) for way in ways}

    verdict, findings, rows = told["upload"]
    codes = {cause for _, cause, *_ in findings}
    assert {way: one[0] for way, one in told.items()} == dict.fromkeys(ways, case.verdict)
    assert {way: one[1] for way, one in told.items()} == dict.fromkeys(ways, findings)
    if verdict == ACCEPTED:
        assert {way: one[2] for way, one in told.items()} == dict.fromkeys(ways, rows)
    assert codes >= {label(code) for code in case.codes}


@pytest.mark.parametrize(
    "name",
    [
        "a layout beside the sheets",
        "a header that is mapped",
        "blanks that mean as above",
        "another site",
    ],
)
def test_so_does_the_job(name: str, send_case: Callable[[str, str], Any]) -> None:
    assert send_case(name, "job") == CASES[name].verdict

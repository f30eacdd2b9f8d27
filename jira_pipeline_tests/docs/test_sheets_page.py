"""`docs/sheets.md` lists every finding, sheet and manifest key that the code knows."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import TITLES, Severity
from jira_pipeline.model.sessions import IssueDefaults, SessionManifest
from jira_pipeline.model.source_tables import SHEET_NAMES
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_checks import check_layout
from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline.sheets.layouts.layout_reading import upload_grids
from jira_pipeline_tests.parsed_modules import parsed_modules

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = (CHECKOUT / "docs" / "sheets.md").read_text(encoding="utf-8")
FINDINGS = PAGE.split("## Findings")[1]
PART = re.compile(r"^### ([\w ]+)$(.+?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^- (`\w+`(?:, `\w+`)*): (.+)$", re.MULTILINE)
SEVERITIES_OF_PART = {
    "Errors": {Severity.ERROR},
    "Errors or warnings": {Severity.ERROR, Severity.WARNING},
    "Warnings": {Severity.WARNING},
    "Warnings or infos": {Severity.WARNING, Severity.INFO},
    "Infos": {Severity.INFO},
}
SEVERITY_OF_CALL = {"error": Severity.ERROR, "warn": Severity.WARNING, "inform": Severity.INFO}
RULES = ("export", "review", "sharedo", "sheets", "tickets")
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")


def listed_codes(part: str) -> Iterator[tuple[str, str]]:
    """Yield each code of a part of the page with what its line says; a line may have several."""
    for codes, meaning in LINE.findall(part):
        for code in codes.split(", "):
            yield code.strip("`"), meaning


@cache
def cited_codes() -> Sequence[tuple[str, str]]:
    """Every code that a rule gives a finding; its severity, or nothing where that varies."""
    return [
        code
        for path, tree in parsed_modules().items()
        if path.parts[0] in RULES
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for code in code_of_call(node)
    ]


def code_of_call(call: ast.Call) -> Iterator[tuple[str, str]]:
    """Read `citations.warn("code", …)` and `Finding(severity=Severity.WARNING, code="code")`."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    match call.func, call.args, given.get("code"), given.get("severity"):
        case ast.Attribute(attr=name), [ast.Constant(value=str(code)), *_], _, _:
            if name in SEVERITY_OF_CALL and CODE.fullmatch(code):
                yield code, str(SEVERITY_OF_CALL[name])
        case _, _, ast.Constant(value=str(code)), ast.Attribute(attr=severity):
            yield code, str(Severity[severity])
        case _, _, ast.Constant(value=str(code)), _:
            yield code, ""
        case _:
            return


def test_the_page_lists_exactly_the_codes_of_the_rules() -> None:
    in_code = {code for code, _ in cited_codes()}

    on_page = {code for code, _ in listed_codes(FINDINGS)}

    assert in_code == on_page


def test_a_title_is_of_a_code_that_a_rule_gives() -> None:
    """A code that was renamed would be shown by its words, and its title by nobody."""
    in_code = {code for code, _ in cited_codes()}

    assert TITLES.keys() - in_code == set()


def test_the_page_lists_a_finding_once_under_the_severities_it_has() -> None:
    listed = [
        (code, SEVERITIES_OF_PART[title])
        for title, part in PART.findall(FINDINGS)
        for code, _ in listed_codes(part)
    ]
    on_page = dict(listed)

    wrong = [(c, severity) for c, severity in cited_codes() if severity not in {*on_page[c], ""}]

    assert len(on_page) == len(listed)
    assert wrong == []


def test_the_page_lists_no_finding_under_a_severity_that_no_rule_gives_it() -> None:
    given: dict[str, set[str]] = {}
    for code, severity in cited_codes():
        given.setdefault(code, set()).add(severity)
    unused = [
        (code, severity.value)
        for title, part in PART.findall(FINDINGS)
        for code, _ in listed_codes(part)
        for severity in SEVERITIES_OF_PART[title]
        if given.get(code, {""}).isdisjoint({severity, ""})
    ]

    assert unused == []


def test_the_page_says_in_a_sentence_when_a_finding_is_given() -> None:
    without = [code for code, meaning in listed_codes(FINDINGS) if not meaning.endswith(".")]

    assert without == []


def test_the_page_lists_every_key_of_the_manifest() -> None:
    part = PAGE.split("## session.yaml")[1].split("## Epics")[0]
    of_manifest = {field.name for field in fields(SessionManifest)} - {"defaults"}
    of_defaults = {f"defaults.{field.name}" for field in fields(IssueDefaults)}

    on_page = re.findall(r"^- `([\w.]+)`:", part, re.MULTILINE)

    assert of_manifest | of_defaults == set(on_page)


def test_the_page_lists_every_sheet() -> None:
    part = PAGE.split("## How a sheet is recognised")[1].split("\n### ")[0]

    on_page = re.findall(r"^- ([a-z ]+):", part, re.MULTILINE)

    of_sheets = {
        name
        for kind, name in SHEET_NAMES.items()
        if kind not in {EntityKind.COMPONENT, EntityKind.COMPONENT_ITEM}
    }
    assert of_sheets == set(on_page)


def keys_of_layouts() -> set[str]:
    """Return every key that a layout may have, of each of its parts."""
    schema = Layout.model_json_schema(by_alias=True)
    parts = [schema, *schema["$defs"].values()]
    return {key for part in parts for key in part.get("properties", {})}


def test_the_page_lists_every_key_of_a_layout() -> None:
    part = PAGE.split("### layout.yaml")[1].split("## Findings")[0]

    on_page = set(re.findall(r"`(\w+)`", part))

    assert keys_of_layouts() - on_page == set()


def test_the_layout_of_the_page_is_one_and_leaves_nothing_to_settle_in_such_worksheets() -> None:
    example = PAGE.split("### layout.yaml")[1].split("```yaml")[1].split("```")[0]
    header = "Label,Machine name,Kind of field,Hint,Example,Author\n"
    row = "Title,title,Short line,Shown in lists,Spring is here,AB\nTotal 1,,,,,\n"
    events = f"{header}{row.replace('Short line', 'Yes or no')}"
    files = {"Articles.csv": header + row, "Events.csv": events, "Read me.csv": "Ask Ada.\n"}

    upload = upload_grids({name: text.encode() for name, text in files.items()})
    checks = check_layout(read_layout(example.encode()), upload)

    assert checks.unsettled == ()
    assert [len(table.rows) for table in checks.reading.tables] == [1, 1]

"""Freezes what is computed of a specification: tickets without their prose, and findings.

Of invented packages it is the prose alone; of rows made for one rule each, what the rule is about.

Belongs here: titles, order, dependencies, relations and tables of every ticket, findings byte for
byte. Does not: labels and links as Jira gets them (`journals`), prose and questions (`commands`).
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from jira_pipeline.context.settings import load_limits
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.site.configuration import SiteConfiguration, read_configuration
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.model.entities import Entity, Status
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.model.site_verifications import Verification
from jira_pipeline.model.source_tables import SourceTable
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import build_package, sandbox_environments
from jira_pipeline.sheets.manifest import parse_manifest, read_manifest
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.site_sheets import make_sheets
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.sheets.upload_reading import read_and_group
from jira_pipeline.tickets.documents.configuration_tables import ConfigurationTable, tables_of
from jira_pipeline.verification.reports import ticket_verdict_text
from jira_pipeline_tests.drupal.site.exports import write_export
from jira_pipeline_tests.drupal.site.generated_sites import generated_configurations
from jira_pipeline_tests.drupal.site.odd_exports import (
    READ as EXPORTS,
    SINCE as EXPORTS_SINCE,
)
from jira_pipeline_tests.golden.frozen_text import Item, one_line
from jira_pipeline_tests.sheets.laid_out_sheets import laid_out_sheets
from jira_pipeline_tests.sheets.made_readings import MANIFEST, files_of_sheets, read_files
from jira_pipeline_tests.sheets.made_specifications import grouped as grouped_rows
from jira_pipeline_tests.sheets.odd_sheets import CASES as ODD_SHEETS
from jira_pipeline_tests.tickets.documents.tabled_rows import CASES as TABLED
from jira_pipeline_tests.tickets.grouping.test_entity_grouping import (
    CASES as GROUPED,
    lines_of as lines_of_groups,
)
from jira_pipeline_tests.tickets.questions.open_rows import CASES as OPEN_ROWS, asked_of, line_of
from jira_pipeline_tests.tickets.test_claims import (
    CASES as CLAIMED,
    lines_of as lines_of_claims,
)
from jira_pipeline_tests.verification.invented import SHEETS, verified
from jira_pipeline_tests.verification.odd_sites import CASES as ODD_SITES
from jira_pipeline_tests.writing.harbour import facts_of_sheets

CONTEXT = {f"{name}.csv" for name in ("bundles", "views", "styles", "workflows", "states")}
"""Of small sheets that others refer to, only findings are frozen."""
COLUMNS_MISSING = {"status_column_missing", "usual_column_missing"}
"""Small sheets lack most columns."""
_ASKED = frozenset({"layout_needed", "layout_misfit", "row_unclear"})
EXPORTED_AT = datetime(2026, 5, 1, tzinfo=UTC)


def computed_of(folder: Path) -> Iterator[Item]:
    """Freeze a folder of sheets or packages."""
    reading = read_and_group(
        folder, read_manifest(folder), None, UploadedSource(settings=load_limits())
    )
    for group in reading.groups:
        yield Item(f"ticket {group.number}", _facts_of(group))
        for place, table in enumerate(tables_of(group), start=1):
            yield Item(f"ticket {group.number}, table {place}", _text_of_table(table))
    for place, finding in enumerate(reading.findings, start=1):
        yield Item(f"finding {place}", one_line(json_object(finding)))


def _text_of_table(table: ConfigurationTable) -> str:
    rows = (f"{one_line(row.cells)} {list(row.lines)}" for row in table.rows)
    facts = (table.title, table.file, table.purpose, one_line(table.columns))
    return "\n".join((*facts, one_line(table.same_for_all), *rows))


def tables_of_rows() -> Iterator[Item]:
    """Freeze the tables of small groups."""
    for name, group in TABLED.items():
        yield Item(name, "\n\n".join(map(_text_of_table, tables_of(group))))


def _facts_of(group: EntityGroup) -> str:
    flags = [name for name in ("is_hollow", "is_on_hold") if getattr(group, name)]
    lines = [
        group.title,
        group.key,
        " · ".join([group.kind, group.display_group, group.action, *flags]),
    ]
    for needed in group.dependencies:
        strength = "required" if needed.is_required else "optional"
        linked = "linked" if needed.is_linked else "implied"
        lines.append(f"needs {needed.group_key} ({strength}, {linked}): {one_line(needed.reasons)}")
    relations = (f"{r.kind} {r.group_key} {r.label}: {r.reason}" for r in group.relations)
    return "\n".join((*lines, *relations))


def sheets_of_people() -> Iterator[Item]:
    """Freeze what becomes of odd sheets without a layout: what they are read to, or what is asked."""
    for name, (files, columns) in ODD_SHEETS.items():
        yield Item(name, "\n".join(_lines_read_of(files, columns=columns)))
    for name, sheets in laid_out_sheets().items():
        files = files_of_sheets(sheets)
        said = parse_manifest(files.pop(MANIFEST, b""), file_name=MANIFEST)
        lines = _lines_read_of(files, columns=said.columns, owner_blank=said.owner_blank)
        yield Item(f"laid out: {name}", "\n".join(lines))


def _lines_read_of(
    files: Mapping[str, bytes], *, columns: ColumnMeanings, owner_blank: OwnerBlank | None = None
) -> Iterator[str]:
    """Write the rows that sheets are read to, or what somebody is asked about them first."""
    read = read_files(files, columns=columns, owner_blank=owner_blank)
    if read.needs_layout:
        yield "asks"
        for finding in read.findings:
            if finding.code in _ASKED:
                yield _line_of_question(finding)
        return
    rows = read_entities(read.tables)
    shown = [table for table in read.tables if table.file.name not in CONTEXT]
    yield from _lines_of_tables(shown or read.tables, rows.entities)
    for finding in (*read.findings, *rows.findings):
        if finding.code not in COLUMNS_MISSING:
            yield f"{finding.code} {finding.place} {json.dumps(finding.value)}"
    for (file, line), captioned in rows.captions.items():
        yield f"above {file}, line {line}: {one_line([row.label for row in captioned])}"


def _line_of_question(finding: Finding) -> str:
    text = finding.message.rpartition(": ")[2] if finding.code == "row_unclear" else finding.code
    return f"  {finding.place}: {text}"


def exported_sites() -> Iterator[Item]:
    """Freeze what is read of exports, but for what the usual one says, and what sheets say changed."""
    with tempfile.TemporaryDirectory(prefix="golden-") as made:
        folder, usual = Path(made), dict[str, list[str]]()
        for name, changes in EXPORTS.items():
            said = _said_by(write_export(folder / name, changes))
            lines = [f"{at}: {' · '.join(it)}" for at, it in said.items() if it != usual.get(at)]
            yield Item(name, "\n".join((*lines, *(f"no {at}" for at in usual if at not in said))))
            usual = usual or said
        for name, (now, before) in EXPORTS_SINCE.items():
            newer, older = (folder / name / one for one in ("now", "before"))
            read = make_sheets(
                write_export(newer, now), since=write_export(older, before), out=folder / "sheets"
            )
            files = {path.name: content for path, content in read.files.items()}
            rows = read_entities(read_files(files).tables).entities
            changed = (row for row in rows if row.status is not Status.IMPLEMENTED)
            lines = [f"{_line_of_entity(row)}: {json.dumps(note_of(row))}" for row in changed]
            yield Item(name, "\n".join(lines))


def generated_sites() -> Iterator[Item]:
    """Freeze what is read of a generated site of each kind."""
    for kind, configuration in generated_configurations().items():
        yield generated_site(kind, configuration)


def generated_site(kind: str, configuration: SiteConfiguration) -> Item:
    """Return what is read of one generated site."""
    lines = [f"{at}: {' · '.join(it)}" for at, it in _said_of_export(configuration).items()]
    return Item(kind, "\n".join(lines))


def _said_by(folder: Path) -> dict[str, list[str]]:
    return _said_of_export(read_configuration(folder))


def _said_of_export(configuration: SiteConfiguration) -> dict[str, list[str]]:
    """Return what is said of each entity and cell; a transition has several of one key."""
    said: dict[str, list[str]] = {}
    for one in site_entities(configuration).entities:
        flags = [name for name in ("is_base_field", "is_as_shipped") if getattr(one, name)]
        said.setdefault(one.key, []).append(" ".join((f"“{one.label}”", *flags, one.yaml)))
        for column, cell in one.cells.items():
            text = f"{json.dumps(cell.text)} {one_line(cell.values)} {cell.yaml}"
            unread = " unread" if cell.is_unread else ""
            said.setdefault(f"{one.key} {column}", []).append(f"{text}{unread}")
    return said


def odd_sites() -> Iterator[Item]:
    """Freeze what comparisons of odd sites say, but for what that of the site as it is says."""
    usual: Mapping[str, list[str]] = {}
    with tempfile.TemporaryDirectory(prefix="golden-") as made:
        for number, (name, (changes, sheets)) in enumerate(ODD_SITES.items()):
            folder = Path(made) / str(number)
            folder.mkdir()
            there = {file: text for file, text in {**SHEETS, **sheets}.items() if text}
            said = _said_of(verified(folder, changes, sheets=there))
            news = {
                what: [one for one in lines if one not in usual.get(what, ())]
                for what, lines in said.items()
            }
            yield Item(name, "\n".join(f"{at}: {' · '.join(it)}" for at, it in news.items() if it))
            usual = usual or said


def _said_of(found: Verification) -> Mapping[str, list[str]]:
    """Return what is said of each row, but for cells whose cause is, and of all."""
    said = dict[str, list[str]]()
    named = {(row.file, row.line) for cause in found.causes for row in cause.rows}
    for row in found.rows:
        lines = said.setdefault(row.key, [])
        lines.append(f"{row.verdict} {'is gone ' if row.is_gone else ''}{row.reason}".strip())
        for cell in row.cells:
            if cell.verdict != row.verdict or (row.file, row.line) not in named:
                sides = f"“{cell.sheet}” / “{cell.site}” {cell.yaml} {cell.reason}".strip()
                lines.append(f"{cell.column} {cell.verdict}: {sides}")
    for ticket in found.tickets:
        text = f"{ticket.title}: {ticket.verdict or 'nothing'}, {ticket_verdict_text(ticket)}"
        said.setdefault("tickets", []).append(text)
    for cause in found.causes:
        lines = [f"{row.file}:{row.line}" for row in cause.rows]
        said[f"cause {cause.verdict} {cause.yaml} of {', '.join(lines)}"] = [cause.sentence]
    said["gaps"] = [*map(str, found.gaps)]
    said["more"] = [f"{one.kind} {one.name}" for one in found.additional]
    said["who is"] = [f"“{q.text}”? {q.proposal}, {len(q.rows)}" for q in found.questions]
    said["spelt"] = [f"“{a.spelling}” = “{a.site}” in {a.row_count}" for a in found.aliases]
    return said


def _lines_of_tables(tables: Sequence[SourceTable], rows: Sequence[Entity]) -> Iterator[str]:
    """Write each table with what its rows are read as, beside their cells."""
    meant = group_by(rows, lambda row: (row.source.file, row.kind, row.source.line))
    for table in tables:
        file, sheet = table.file.name, table.file.sheet
        read = [
            f"{row.line}/{row.record} {json.dumps(row.cells)} "
            + " ".join(map(_line_of_entity, meant.get((file, sheet, row.line), ())))
            for row in table.rows
        ]
        yield " · ".join((f"{file} {sheet} {one_line(table.columns)}", *read))


def _line_of_entity(row: Entity) -> str:
    owner_key = row.owner_key or ""
    is_in_key = owner_key.partition(":")[2] == row.key.partition(":")[2].rpartition("/")[0]
    owner = "" if is_in_key else f" of {owner_key}"
    blank = " (blank)" if row.is_status_blank else ""
    references = "".join(
        f"; {one.column} “{one.text}”{' required' if one.is_required else ''} is "
        f"{one.target_key or one.state.value}"
        for one in row.references
    )
    written = row.as_in_sheet.cells
    meant = {c: row.cell(c) for c, text in written.items() if text != row.cell(c)}
    otherwise = f"; {one_line(meant)}" if meant else ""
    return f"{row.key}{owner} {row.status}{blank}{references}{otherwise}"


def groups_of_rows() -> Iterator[Item]:
    """Freeze the tickets of small sheets: what each waits for and is related to, and findings."""
    for name, sheets in GROUPED.items():
        yield Item(name, "\n".join(lines_of_groups(grouped_rows(**sheets))))


def claims_of_rows() -> Iterator[Item]:
    """Freeze what tickets of small sheets claim: of each claim kind, rows, columns and values."""
    for name, title, sheets in CLAIMED:
        yield Item(name, "\n".join(lines_of_claims(facts_of_sheets(sheets)[title])))


def questions_of_rows() -> Iterator[Item]:
    """Freeze what small sheets leave open, as it is asked, with the answers that are offered."""
    for name, sheets in OPEN_ROWS.items():
        lines = (
            line
            for number, one in asked_of(sheets)
            for line in (line_of(number, one), one.question, *one.choices)
        )
        yield Item(name, "\n".join(lines))


def write_packages(folder: Path) -> dict[str, Path]:
    """Write everything each environment of the ShareDo sandbox holds, as one package each."""
    packages = {}
    for name, environment in sandbox_environments().items():
        packages[name] = folder / name
        packages[name].mkdir()
        content = build_package(
            environment, [*environment.by_key], export_id=name, created_on=EXPORTED_AT
        )
        (packages[name] / f"{name}.zip").write_bytes(content)
    return packages

"""Columns that a recognised sheet lacks, what is lost by it, and headers that people map to them.

Belongs here: which columns each kind of sheet usually has, the header that may be meant, the line
for `session.yaml`. Does not: choosing the kind of a sheet and naming its columns (`sheets`).
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.domain.entities import NOTE_COLUMNS, SHEET_NAMES, EntityKind, SourceTable
from jira_pipeline.domain.findings import Finding, Severity
from jira_pipeline.domain.view_displays import is_display_setting
from jira_pipeline.sources.drupal_csv.citations import Citations
from jira_pipeline.sources.drupal_csv.labels import split_bundle_label
from jira_pipeline.sources.drupal_csv.reader import ERROR_VALUES
from jira_pipeline.sources.drupal_csv.rows import status_spelled
from jira_pipeline.sources.drupal_csv.sheets import (
    SHARED_COLUMNS,
    SHEET_RULES,
    STATUS_COLUMN,
    HeaderMapping,
    SheetRule,
    all_known_headers,
    known_columns,
    mapping_key,
    normalised,
    rule_of,
)

MANIFEST_NAME = "session.yaml"

LOSSES: Mapping[EntityKind, Mapping[str, str]] = {
    EntityKind.BUNDLE: {
        "Description": "the descriptions that user stories quote",
        "Mod.": "which content types are moderated",
        "Layout": "which bundles use Layout Builder",
        "Trns.": "which bundles are translatable",
        "Migr.": "which bundles get migrated content",
        "Meta": "which bundles have meta tags",
        "Sched.": "which bundles can be scheduled",
        "Srch.": "which bundles are searched",
        "URL alias pattern": "the URL aliases",
        "Settings/notes": "the notes, with the restrictions and questions in them",
    },
    EntityKind.FIELD: {
        "Reused Field": "which fields exist on another bundle already",
        "Field group": "the groups of fields on the form",
        "Ref. bundle": "what reference fields refer to, and the dependencies between tickets",
        "Req'd": "which fields are required, and which references must come first",
        "Vals.": "how many values fields take",
        "Form widget": "the form widgets",
        "Trns.": "which fields are translatable",
        "Settings/notes": "the notes, with the options, restrictions and questions in them",
        "Help text": "the help texts",
        "Bundle machine name": "the check of Bundle against a machine name",
    },
    EntityKind.VIEW: {
        "Base table": "what views list, and their dependencies on content types",
        "Status": "which views are enabled",
        "Description": "the descriptions that user stories quote",
        "Notes": "the notes, with the restrictions and questions in them",
    },
    EntityKind.VIEW_DISPLAY: {
        "Title": "the titles of displays",
        "Notes": "what displays show, filter and sort",
        "View ID": "the machine names of views; displays join them by label",
    },
    EntityKind.IMAGE_STYLE: {"Notes": "the effects and sizes of image styles"},
    EntityKind.RESPONSIVE_IMAGE_STYLE: {
        "Breakpoint Group": "the breakpoint groups",
        "Breakpoints Used": "the breakpoints",
        "Fallback Style": "the fallback styles",
        "Image Style Group(s)": "the image styles they use, and the dependency on those",
        "Notes": "the notes, with what applies at which breakpoint",
        "Fallback machine name": "the machine names of fallback styles, which are found by label",
    },
    EntityKind.VIEW_MODE: {
        "Entities Used On": "which bundles use a view mode",
        "Notes": "what view modes show",
    },
    EntityKind.USER_ROLE: {"Notes": "the permissions of roles"},
    EntityKind.WORKFLOW: {"Notes": "which content types a workflow moderates"},
    EntityKind.WORKFLOW_STATE: {"Notes": "what states mean"},
    EntityKind.WORKFLOW_TRANSITION: {
        "Notes": "which roles may use transitions, and the dependency on those roles",
    },
    EntityKind.MIGRATION: {
        "Description": "the descriptions that user stories quote",
        "Notes": "the notes, with the restrictions and questions in them",
    },
}
"""Usual columns of each kind of sheet, and what tickets lack without them.

Source: headers of the Drupal Spec Tool. Columns that a sheet cannot do without are in its rule.
Nothing is made of ID, Dev, QA and Format; Cmnt. is not in every version of the tool.
"""
_DISPENSABLE = frozenset({"View ID", "Fallback machine name", "Bundle machine name"})
"""Without these a ticket says the same, or finds it in another column."""
_LIKENESS = 0.6
"""`References` and `Reference bundle` are 0.72 alike, `Owner` and `Developer` 0.43."""
_PLAIN_HEADER = re.compile(r"[A-Za-z][\w.'()/-]*( [\w.'()/-]+)*")
_YAML_WORD = re.compile(r"yes|no|on|off|true|false|null", re.IGNORECASE)
_HEADERS_NAMED = 10
_SHOWN_CHARACTERS = 60
_HEADERS_COMPARED = 100
_HEADER_CHARACTERS = 200
"""What a manifest takes; comparing takes the square of it."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """A sheet with the columns it lacks."""

    table: SourceTable
    rule: SheetRule
    missing: tuple[str, ...]
    """In the order of the rule; the status comes first."""
    unknown: tuple[str, ...]
    """Headers with cells that are no column of the sheet, in its order."""
    nearest: Mapping[str, str]
    """Missing columns to the unknown header that may be meant."""

    @property
    def pairs(self) -> dict[str, tuple[str, str]]:
        """The nearest headers and their columns by how headers are compared: one for each."""
        found = {}
        for column, header in self.nearest.items():
            # on one line, as a manifest takes it; what is left out plays no part in comparing
            shown = "".join(c for c in header if c.isprintable() or c.isspace())
            header_of_manifest = " ".join(shown.split())
            found[mapping_key(header_of_manifest)] = (header_of_manifest, column)
        return found


def missing_column_findings(
    tables: Sequence[SourceTable], *, mapped: Mapping[str, str]
) -> list[Finding]:
    """Cite every usual column that a sheet with rows lacks, and headers mapped in vain.

    `mapped` are the `columns` of `session.yaml`. Each line to paste holds all of them, and all that
    any sheet seems to need: it replaces the one that is there.
    """
    gaps = [gap for table in tables if (gap := _gap_of(table)) is not None]
    line = {mapping_key(header): (header, column) for header, column in mapped.items()}
    for gap in gaps:
        line = {**line, **{key: pair for key, pair in gap.pairs.items() if key not in line}}
    findings: list[Finding] = []
    for gap in gaps:
        findings.extend(_cited(gap, dict((line | gap.pairs).values())))
    return [*findings, *_mapping_findings(tables, mapped)]


def header_mapping(columns: Mapping[str, str]) -> HeaderMapping:
    """Return the `columns` of `session.yaml` as sheets look them up."""
    return {mapping_key(header): column for header, column in columns.items()}


def mapping_line(columns: Mapping[str, str]) -> str:
    """Write headers and their columns as the line of `session.yaml`, fit to be pasted."""
    pairs = (f"{_yaml(header)}: {_yaml(column)}" for header, column in columns.items())
    return f"columns: {{{', '.join(pairs)}}}"


def _yaml(text: str) -> str:
    is_plain = _PLAIN_HEADER.fullmatch(text) and not _YAML_WORD.fullmatch(text)
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _gap_of(table: SourceTable) -> _Gap | None:
    """Find what a sheet lacks; a custom sheet, or one without rows, lacks nothing."""
    rule = rule_of(table.file.sheet)
    if rule is None or not table.rows:
        return None
    usual = (STATUS_COLUMN, *rule.required, *LOSSES[rule.kind])
    present = set(table.columns)
    present |= set(NOTE_COLUMNS) if present & {*NOTE_COLUMNS, "Applies to"} else set()
    missing = tuple(name for name in dict.fromkeys(usual) if name not in present)
    if not missing:
        return None
    known = {*SHARED_COLUMNS, *rule.columns}
    positions = [p for p, name in enumerate(table.columns) if name not in known]
    headers = table.shown_headers
    # Pair missing columns with the unknown headers most like them, each header once.
    headers = table.shown_headers
    compared = [p for p in positions if len(headers[p]) <= _HEADER_CHARACTERS][:_HEADERS_COMPARED]
    scored = sorted(
        (-_likeness(table, rule, name=name, position=position), rank, position)
        for rank, name in enumerate(missing)
        for position in compared
    )
    found: dict[str, str] = {}
    taken: set[int] = set()
    for score, rank, position in scored:
        if -score < _LIKENESS:
            break
        if missing[rank] not in found and position not in taken:
            found[missing[rank]] = headers[position]
            taken.add(position)
    return _Gap(
        table=table,
        rule=rule,
        missing=missing,
        unknown=tuple(
            headers[p]
            for p in positions
            if any(row.cells[p] for row in table.rows) and not is_display_setting(headers[p])
        ),
        nearest=found,
    )


def _likeness(table: SourceTable, rule: SheetRule, *, name: str, position: int) -> float:
    """Compare a header with a column: by its cells where those decide, else by its spellings."""
    if name in {STATUS_COLUMN, "Ref. bundle"}:
        cells = {row.cells[position] for row in table.rows} - ERROR_VALUES - {"", "-"}
        if name == STATUS_COLUMN and cells and all(map(status_spelled, cells)):
            return 1.0
        if name != STATUS_COLUMN and any(split_bundle_label(cell)[1] for cell in cells):
            return 1.0
    header = table.shown_headers[position]
    words = set(header.casefold().split())
    best = 0.0
    for spelling in (name, *{**SHARED_COLUMNS, **rule.columns}[name]):
        others = set(spelling.casefold().split())
        if len(spelling) > 1 and words and (words <= others or others <= words):
            best = max(best, 0.9)
        matcher = difflib.SequenceMatcher(None, normalised(header), normalised(spelling))
        best = max(best, matcher.ratio())
    return best


def _cited(gap: _Gap, line: Mapping[str, str]) -> tuple[Finding, ...]:
    citations = Citations(gap.table.file.name)
    at, headers = gap.table.header_line, ", ".join(gap.table.shown_headers)
    sheet, losses = SHEET_NAMES[gap.rule.kind], LOSSES[gap.rule.kind]
    far: list[str] = []
    for name in gap.missing:
        header = gap.nearest.get(name)
        nearest = f" Nearest unknown header: “{header}”." if header else ""
        advice = _advice(gap, name, line)
        if name == STATUS_COLUMN:
            citations.cite(
                Severity.ERROR if gap.unknown else Severity.WARNING,
                code="status_column_missing",
                message=f"The sheet ({sheet}) has no status column “{name}”. Lost by it: which "
                f"rows are there already, on hold or to remove; all are read as approved.{nearest}",
                advice=advice,
                line=at,
                column=name,
                value=headers,
            )
        elif name in gap.rule.required:
            citations.error(
                "column_missing",
                f"The sheet was recognised as {sheet} but has no column “{name}”.{nearest}",
                advice,
                line=at,
                column=name,
                value=headers,
            )
        elif header:
            citations.cite(
                Severity.WARNING,
                code="usual_column_missing",
                message=f"The sheet ({sheet}) has no column “{name}”. Lost by it: "
                f"{losses[name]}.{nearest}",
                advice=advice,
                line=at,
                column=name,
                value=headers,
            )
        else:
            far.append(name)
    if far:
        lost = "; ".join(f"{losses[name]} (“{name}”)" for name in far)
        columns = "column" if len(far) == 1 else "columns"
        citations.cite(
            Severity.INFO if _DISPENSABLE.issuperset(far) else Severity.WARNING,
            code="usual_column_missing",
            message=f"The sheet ({sheet}) lacks {len(far)} usual {columns}. Lost by it: {lost}.",
            advice=_advice(gap, far[0], line),
            line=at,
            column=far[0] if len(far) == 1 else None,
            value=headers,
        )
    return citations.findings


def _advice(gap: _Gap, name: str, line: Mapping[str, str]) -> str:
    header = gap.nearest.get(name)
    if header:
        return (
            f"If “{header}” is that column, rename it, or write this line into {MANIFEST_NAME}: "
            f"`{mapping_line(line)}`"
        )
    if gap.unknown:
        shown = [f"“{header[:_SHOWN_CHARACTERS]}”" for header in gap.unknown[:_HEADERS_NAMED]]
        rest = len(gap.unknown) - len(shown)
        more = f" and {rest} more" if rest else ""
        blank = " with a blank cell for what is approved" if name == STATUS_COLUMN else ""
        return (
            f"If one of the unknown headers ({', '.join(shown)}{more}) is “{name}”, name it in "
            f"{MANIFEST_NAME}: `{mapping_line({**line, 'HEADER': name})}`. Else add the column"
            f"{blank}."
        )
    if name in gap.rule.required:
        return f"Add the column “{name}” or correct the spelling of its header."
    return "Add what is missing and export the sheet again; nothing, if it was left out on purpose."


def _mapping_findings(
    tables: Sequence[SourceTable], mapped: Mapping[str, str]
) -> Iterator[Finding]:
    """Cite headers that are mapped to no column, twice, or in vain."""
    citations = Citations(MANIFEST_NAME)
    seen: dict[str, str] = {}
    known = {
        normalised(name): name for rule in SHEET_RULES for name in known_columns(rule).values()
    }
    for header, column in mapped.items():
        if normalised(column) not in all_known_headers():
            near = difflib.get_close_matches(normalised(column), known, cutoff=_LIKENESS)
            nearest = f" Nearest: {', '.join(known[key] for key in near)}." if near else ""
            citations.error(
                "column_mapping_invalid",
                f"`columns` maps “{header}” to “{column}”, which no known sheet has.{nearest}",
                "Write the column as docs/sheets.md spells it.",
                column=header,
                value=column,
            )
        elif (first := seen.setdefault(mapping_key(header), header)) != header:
            citations.error(
                "column_mapping_invalid",
                f"`columns` names one header twice: “{first}” and “{header}” differ only in case "
                "or punctuation.",
                "Keep one of the two.",
                column=header,
                value=column,
            )
        elif not any(_is_applied(table, header, column) for table in tables):
            citations.warn(
                "column_mapping_unused",
                f"`columns` maps “{header}” to “{column}”, but no sheet has such a header in place "
                "of that column.",
                "Correct the header, or remove it from `columns`.",
                column=header,
                value=column,
            )
    yield from citations.findings


def _is_applied(table: SourceTable, header: str, column: str) -> bool:
    name = known_columns(rule_of(table.file.sheet)).get(normalised(column))
    headers = table.shown_headers
    return any(
        mapping_key(at) == mapping_key(header) and known == name
        for at, known in zip(headers, table.columns, strict=True)
    )

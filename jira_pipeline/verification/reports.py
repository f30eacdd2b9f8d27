"""A verification for programs, people and pipelines: JSON, Markdown, JUnit XML.

Belongs here: saying what a verification holds, once for all surfaces. Does not: finding it out
(`sessions/site_verifying`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from xml.etree import ElementTree as ET

from pydantic import TypeAdapter

from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.site.site_cells import plain
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.line_numbers import first_named, format_count, line_ranges
from jira_pipeline.model.site_verifications import (
    FAILING,
    NOT_COMPARED,
    WORDINGS,
    Cause,
    KeptVerification,
    TicketVerdict,
    Verdict,
    VerdictChanges,
    Verification,
    VerifiedCell,
    VerifiedRow,
    VerifiedTicket,
)

ALLOWABLE = (*(verdict.value for verdict in FAILING), WORDINGS, *(k.value for k in NOUNS))
"""What people may allow a site to differ in."""
VERDICT_LABELS: Mapping[Verdict, str] = {
    Verdict.MET: "met",
    Verdict.DIFFERS: "differs",
    Verdict.MISSING: "missing",
    Verdict.LEFT_OVER: "left over",
    Verdict.ON_HOLD: "on hold",
    Verdict.NOT_COMPARABLE: "not comparable",
}
TICKET_LABELS: Mapping[TicketVerdict | None, str] = {
    TicketVerdict.BUILT: "built",
    TicketVerdict.PARTLY_COMPARED: "partly compared",
    TicketVerdict.PARTLY: "partly built",
    TicketVerdict.NOT_BEGUN: "not begun",
    TicketVerdict.CONTRADICTS: "contradicts",
    None: "nothing to compare",
}
QUOTED_CHARACTERS = 100
QUOTED_BEFORE = 20
NAMES_LISTED = 8
_SKIPPED = frozenset({Verdict.ON_HOLD, Verdict.NOT_COMPARABLE})
"""What JUnit calls skipped."""
_VERIFICATION = TypeAdapter(Verification)
_CHANGES = TypeAdapter(VerdictChanges)
_TableRow: TypeAlias = Sequence[object]


def verification_object(
    verification: Verification, stored: KeptVerification, changes: VerdictChanges | None
) -> dict[str, Any]:
    """Return a verification as programs get it, with its place in the history of its session."""
    report: dict[str, Any] = _VERIFICATION.dump_python(
        verification, mode="json", exclude={"content_sha256"}
    )
    report["counts"] = stored.counts
    report["verification_id"] = stored.verification_id
    report["at"] = stored.at.isoformat()
    report["by"] = stored.by
    report["changes"] = None if changes is None else _CHANGES.dump_python(changes, mode="json")
    return report


def changes_text(changes: VerdictChanges | None) -> str:
    """Say in one sentence what changed since the last comparison; empty where nothing did."""
    if changes is None or not (changes.rows or changes.tickets):
        return ""
    since = f"{changes.since:%Y-%m-%d %H:%M} UTC"
    rows = format_count(len(changes.rows), "row")
    have = "has" if len(changes.rows) == 1 else "have"
    now_met = sum(row.verdict == Verdict.MET for row in changes.rows)
    no_longer_met = sum(row.was == Verdict.MET for row in changes.rows)
    verdicts = f"{rows} {have} a different verdict"
    counts = f"{now_met} now met, {no_longer_met} no longer met"
    tickets = format_count(len(changes.tickets), "ticket")
    return f"Since {since}: {verdicts}, {counts}; {tickets} changed."


def ticket_verdict_text(ticket: VerifiedTicket) -> str:
    """Say the verdict on a ticket and what it leaves open, in rows: `partly built (4 of 7)`."""
    words = _verdict_in_rows(ticket)
    if ticket.is_removal:
        words = words.replace("built", "removed", 1)
    parts = [words]
    if ticket.not_compared and ticket.verdict is not TicketVerdict.PARTLY_COMPARED:
        parts.append(f"{format_count(ticket.not_compared, 'row')} not compared")
    if ticket.cells_not_compared:
        parts.append(f"not compared: {format_count(ticket.cells_not_compared, 'cell')}")
    others = ticket.there_of - ticket.there_met
    if others:
        rows = format_count(ticket.there_of, "row")
        parts.append(f"{others} of {rows} from before not as specified")
    return "; ".join(parts)


def _verdict_in_rows(ticket: VerifiedTicket) -> str:
    """Say the verdict on a ticket with the rows it rests on, where these do not follow from it."""
    words = TICKET_LABELS[ticket.verdict]
    if ticket.verdict is TicketVerdict.PARTLY_COMPARED:
        rows = format_count(ticket.of + ticket.not_compared, "row")
        return f"{words} ({ticket.of} of {rows}, all as specified)"
    if ticket.verdict not in {TicketVerdict.PARTLY, TicketVerdict.CONTRADICTS}:
        return words
    met = ticket.met
    of = ticket.of
    if met == of:  # what differs was there before
        met += ticket.there_met
        of += ticket.there_of
    texts = ""
    if ticket.wordings:
        differ = "differs" if ticket.wordings == 1 else "differ"
        texts = f"; {ticket.wordings} {differ} in texts alone"
    return f"{words} ({met} of {of}{texts})"


def summary_of(verification: Verification) -> str:
    """Return one sentence on how far the site is as specified, in tickets and in rows."""
    parts = []
    if verification.tickets:
        parts.append(_amounts(verification.counts["tickets"], TICKET_LABELS, noun="ticket"))
    parts.append(_amounts(verification.counts["rows"], VERDICT_LABELS, noun="row"))
    open_count = sum(ticket.cells_not_compared for ticket in verification.tickets)
    if open_count:
        cells = format_count(open_count, "cell")
        parts.append(f"{cells} of rows that are met not compared")
    return "; ".join(parts)


def _amounts(counts: Mapping[str, int], labels: Mapping[Any, str], *, noun: str) -> str:
    """Say how many have the first verdict, and each other one: `4 of 9 rows met, 5 differ`."""
    (first, first_label), *others = labels.items()
    total = format_count(sum(counts.values()), noun)
    parts = [f"{counts[first]:,} of {total} {first_label}"]
    for verdict, label in others:
        count = counts[verdict or NOT_COMPARED]
        if count:
            parts.append(f"{count:,} {label.removesuffix('s') if count > 1 else label}")
    return ", ".join(parts)


def additional_text(verification: Verification) -> str:
    """Return how many things the site has that no row describes, by kind; empty where there are none."""
    kinds = Counter(NOUNS[thing.kind] for thing in verification.additional)
    return ", ".join(format_count(count, noun) for noun, count in kinds.items())


def cause_rows(cause: Cause) -> str:
    """Say which rows a cause explains, by file: `Fields.csv:12, 14–19`."""
    cited = []
    for file, rows in group_by(cause.rows, lambda row: row.file).items():
        cited.append(f"{file}:{line_ranges([row.line for row in rows])}")
    return "; ".join(cited)


def quoted(*texts: str) -> Iterator[str]:
    """Yield two texts in quotation marks, `nothing` for an empty one.

    Long texts are cut: they begin a little before the first difference.
    """
    shown = [plain(text) for text in texts]
    same = 0
    for letters in zip(*shown, strict=False):
        if len({*letters}) > 1:
            break
        same += 1
    start = same - QUOTED_BEFORE if same > QUOTED_CHARACTERS - QUOTED_BEFORE else 0
    for text in shown:
        end = start + QUOTED_CHARACTERS
        before = "…" if start else ""
        after = "…" if len(text) > end else ""
        yield f"“{before}{text[start:end]}{after}”" if text else "nothing"


def difference(cell: VerifiedCell) -> str:
    """Say how a cell differs: of a list what came and went, of a text both, from where they differ."""
    came = [f"“{name}”" for name in cell.only_site]
    gone = [f"“{name}”" for name in cell.only_sheet]
    if came and gone:
        has = first_named(came, NAMES_LISTED)
        return f"the site has {has} and lacks {first_named(gone, NAMES_LISTED)}"
    if came:
        return f"the site has {first_named(came, NAMES_LISTED)}"
    if gone:
        return f"the site lacks {first_named(gone, NAMES_LISTED)}"
    sheet, site = quoted(cell.sheet, cell.site)
    return f"{sheet} in the sheet, {site} on the site"


def markdown_of(verification: Verification) -> str:
    """Return a verification as Markdown: a line for each ticket, then all that is not as specified."""
    return "\n".join(_markdown(verification)) + "\n"


def _markdown(verification: Verification) -> Iterator[str]:
    yield f"# {verification.session_key} compared with {verification.config}"
    yield f"\n{summary_of(verification)}.\n"
    for gap in verification.gaps:
        yield f"**{gap}.**\n"
    tickets: list[_TableRow] = []
    for ticket in verification.tickets:
        tickets.append((ticket.number, ticket.title, ticket_verdict_text(ticket)))
    yield from _table_lines(("no", "ticket", "verdict"), tickets)

    causes: list[_TableRow] = []
    for cause in verification.causes:
        causes.append((cause.sentence, cause_rows(cause), cause.yaml))
    yield from _section("What differs", ("what", "rows", "on the site"), causes)

    names: list[_TableRow] = []
    for name in verification.questions:
        names.append((name.text, len(name.rows), name.proposal or "-"))
    yield from _section("Names without a row", ("name", "rows", "it may be"), names)

    aliases: list[_TableRow] = []
    for alias in verification.aliases:
        aliases.append((alias.column, alias.spelling, alias.site, alias.row_count))
    columns = ("column", "in the sheets", "it may be", "rows")
    yield from _section("Unknown spellings", columns, aliases)

    additional: list[_TableRow] = []
    for thing in verification.additional:
        additional.append((NOUNS[thing.kind], thing.name, thing.yaml))
    yield from _section("Only on the site", ("kind", "name", "on the site"), additional)


def _section(title: str, columns: Sequence[str], rows: Sequence[_TableRow]) -> Iterator[str]:
    """Yield a heading with its table; nothing without rows."""
    if rows:
        yield f"\n## {title}\n"
        yield from _table_lines(columns, rows)


def _table_lines(columns: Sequence[str], rows: Iterable[_TableRow]) -> Iterator[str]:
    """Yield the lines of a table in Markdown: header, rule, rows."""
    yield _table_line(columns)
    yield f"|{'---|' * len(columns)}"
    yield from map(_table_line, rows)


def _table_line(cells: _TableRow) -> str:
    """Return a row of a table in Markdown: a cell ends no line, and begins no cell or tag."""
    escaped_cells = []
    for cell in cells:
        text = str(cell).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
        escaped_cells.append(" ".join(text.split()))
    return f"| {' | '.join(escaped_cells)} |"


def junit_of(verification: Verification, *, allowed: Collection[str] = ()) -> str:
    """Return a verification as JUnit XML: a suite for each file, a case for each row.

    Rows fail that differ, are missing or left over, unless `allowed` has their verdict or kind.
    """
    suites = ET.Element("testsuites", name=f"{verification.session_key} as specified")
    by_file = group_by(verification.rows, lambda row: row.file)
    for file, rows in by_file.items():
        failing = sum(row.is_failing(allowed) for row in rows)
        skipped = sum(row.verdict in _SKIPPED for row in rows)
        suite = ET.SubElement(
            suites,
            "testsuite",
            name=file,
            tests=str(len(rows)),
            failures=str(failing),
            skipped=str(skipped),
            errors="0",
        )
        for row in rows:
            _add_case(suite, row, allowed=allowed)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True)


def _add_case(suite: ET.Element, row: VerifiedRow, *, allowed: Collection[str]) -> None:
    """Add the case of a row, with what differs or the reason why it is skipped."""
    name = f"line {row.line}: {row.name}"
    case = ET.SubElement(suite, "testcase", classname=row.kind.value, name=_xml(name))
    if row.is_failing(allowed):
        message = f"{VERDICT_LABELS[row.verdict]}: {row.yaml}"
        failure = ET.SubElement(case, "failure", message=_xml(message))
        lines = []
        for cell in row.differing:
            sides = f"{cell.sheet!r} in the sheet, {cell.site!r} on the site"
            lines.append(f"{cell.column}: {sides} ({cell.yaml})")
        failure.text = _xml("\n".join(lines))
    elif row.verdict in _SKIPPED:
        reason = row.reason or VERDICT_LABELS[row.verdict]
        ET.SubElement(case, "skipped", message=_xml(reason))


def _xml(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))

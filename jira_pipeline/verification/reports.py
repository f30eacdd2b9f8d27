"""A verification for programs, people and pipelines: JSON, Markdown, JUnit XML.

Belongs here: saying what a verification holds, once for all surfaces. Does not: finding it out
(`sessions/site_verifying`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
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
_VERIFICATION = TypeAdapter(Verification)
_CHANGES = TypeAdapter(VerdictChanges)


def verification_object(
    verification: Verification, kept: KeptVerification, changes: VerdictChanges | None
) -> dict[str, Any]:
    """Return a verification as programs get it, with its place in the history of its session."""
    found: dict[str, Any] = _VERIFICATION.dump_python(
        verification, mode="json", exclude={"content_sha256"}
    )
    since = None if changes is None else _CHANGES.dump_python(changes, mode="json")
    in_history = {"verification_id": kept.verification_id, "at": kept.at.isoformat(), "by": kept.by}
    return {**found, "counts": kept.counts, **in_history, "changes": since}


def changes_text(changes: VerdictChanges | None) -> str:
    """Say in one sentence what changed since the last comparison; empty where nothing did."""
    if changes is None or not (changes.rows or changes.tickets):
        return ""
    met = sum(row.verdict == Verdict.MET for row in changes.rows)
    lost = sum(row.was == Verdict.MET for row in changes.rows)
    have = "has" if len(changes.rows) == 1 else "have"
    return (
        f"Since {changes.since:%Y-%m-%d %H:%M} UTC: {format_count(len(changes.rows), 'row')} {have} "
        f"a different verdict, {met} now met, {lost} no longer met; "
        f"{format_count(len(changes.tickets), 'ticket')} changed."
    )


def ticket_verdict_text(ticket: VerifiedTicket) -> str:
    """Say the verdict on a ticket and what it leaves open, in rows: `partly built (4 of 7)`."""
    done = "removed" if ticket.is_removal else "built"
    rows_not_compared = ticket.not_compared
    words = TICKET_LABELS[ticket.verdict].replace("built", done)
    if ticket.verdict is TicketVerdict.PARTLY_COMPARED:
        rows = format_count(ticket.of + ticket.not_compared, "row")
        rows_not_compared = 0
        words = f"{words} ({ticket.of} of {rows}, all as specified)"
    elif ticket.verdict in {TicketVerdict.PARTLY, TicketVerdict.CONTRADICTS}:
        differ = "differs" if ticket.wordings == 1 else "differ"
        texts = f"; {ticket.wordings} {differ} in texts alone" if ticket.wordings else ""
        is_whole = ticket.met == ticket.of  # what differs was there before
        met = ticket.met + ticket.there_met * is_whole
        words = f"{words} ({met} of {ticket.of + ticket.there_of * is_whole}{texts})"
    others = ticket.there_of - ticket.there_met
    of_others = format_count(ticket.there_of, "row")
    further = (
        (rows_not_compared, f"{format_count(rows_not_compared, 'row')} not compared"),
        (
            ticket.cells_not_compared,
            f"not compared: {format_count(ticket.cells_not_compared, 'cell')}",
        ),
        (others, f"{others} of {of_others} from before not as specified"),
    )
    return "; ".join((words, *(said for count, said in further if count)))


def summary_of(verification: Verification) -> str:
    """Say in one sentence how far the site is as specified, in tickets and in rows."""
    counts = verification.counts
    of_tickets = _amounts(counts["tickets"], TICKET_LABELS, noun="ticket")
    of_rows = _amounts(counts["rows"], VERDICT_LABELS, noun="row")
    open_count = sum(ticket.cells_not_compared for ticket in verification.tickets)
    of_cells = f"{format_count(open_count, 'cell')} of rows that are met not compared"
    parts = ((verification.tickets, of_tickets), (True, of_rows), (open_count, of_cells))
    return "; ".join(said for is_so, said in parts if is_so)


def _amounts(counts: Mapping[str, int], labels: Mapping[Any, str], *, noun: str) -> str:
    """Say how many have the first verdict, and each other one: `4 of 9 rows met, 5 differ`."""
    (first, *others) = labels.items()
    total = format_count(sum(counts.values()), noun)
    amounts = [(counts[verdict or NOT_COMPARED], words) for verdict, words in others]
    said = [f"{n:,} {words.removesuffix('s') if n > 1 else words}" for n, words in amounts if n]
    return ", ".join((f"{counts[first[0]]:,} of {total} {first[1]}", *said))


def additional_text(verification: Verification) -> str:
    """Say how much the site has beside what sheets describe; empty where it has nothing more."""
    kinds = Counter(NOUNS[item.kind] for item in verification.additional)
    return ", ".join(format_count(count, noun) for noun, count in kinds.items())


def cause_rows(cause: Cause) -> str:
    """Say which rows a cause explains, by file: `Fields.csv:12, 14–19`."""
    by_file = group_by(cause.rows, lambda row: row.file).items()
    return "; ".join(f"{file}:{line_ranges([row.line for row in rows])}" for file, rows in by_file)


def quoted(*texts: str) -> Iterator[str]:
    """Quote two texts, long ones from a little before they differ."""
    shown = [plain(text) for text in texts]
    pairs = enumerate(zip(*shown, strict=False))
    same = next((place for place, letters in pairs if len({*letters}) > 1), min(map(len, shown)))
    start = same - QUOTED_BEFORE if same > QUOTED_CHARACTERS - QUOTED_BEFORE else 0
    for text in shown:
        end = start + QUOTED_CHARACTERS
        said = f"{'…' * bool(start)}{text[start:end]}{'…' * (len(text) > end)}"
        yield f"“{said}”" if text else "nothing"


def difference(cell: VerifiedCell) -> str:
    """Say how a cell differs: of a list what came and went, of a text both, from where they differ."""
    sides = (("the site has", cell.only_site), ("the site lacks", cell.only_sheet))
    parts = [
        f"{words} {first_named([f'“{name}”' for name in names], NAMES_LISTED)}"
        for words, names in sides
        if names
    ]
    if parts:
        return " and ".join(parts).replace(" and the site", " and")
    sheet, site = quoted(cell.sheet, cell.site)
    return f"{sheet} in the sheet, {site} on the site"


def markdown_of(verification: Verification) -> str:
    """Say all of it but what is met, as Markdown."""
    return "\n".join(_markdown(verification)) + "\n"


def _markdown(verification: Verification) -> Iterator[str]:
    yield f"# {verification.session_key} compared with {verification.config}"
    yield f"\n{summary_of(verification)}.\n"
    yield from (f"**{gap}.**\n" for gap in verification.gaps)
    tables: Mapping[tuple[str, str], Iterable[tuple[object, ...]]] = {
        ("", "no, ticket, verdict"): (
            (t.number, t.title, ticket_verdict_text(t)) for t in verification.tickets
        ),
        ("\n## What differs\n", "what, rows, on the site"): (
            (cause.sentence, cause_rows(cause), cause.yaml) for cause in verification.causes
        ),
        ("\n## Names without a row\n", "name, rows, it may be"): (
            (q.text, len(q.rows), q.proposal or "-") for q in verification.questions
        ),
        ("\n## Unknown spellings\n", "column, in the sheets, it may be, rows"): (
            (a.column, a.spelling, a.site, a.row_count) for a in verification.aliases
        ),
        ("\n## Only on the site\n", "kind, name, on the site"): (
            (NOUNS[item.kind], item.name, item.yaml) for item in verification.additional
        ),
    }
    for (title, columns), rows in tables.items():
        header, *lines = map(_table_line, (columns.split(", "), *rows))
        if lines or not title:
            yield from filter(
                None, (title, header, f"|{'---|' * len(columns.split(', '))}", *lines)
            )


def _table_line(cells: Iterable[object]) -> str:
    texts = (str(c).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") for c in cells)
    return f"| {' | '.join(' '.join(text.split()) for text in texts)} |"


def junit_of(verification: Verification, *, allowed: Collection[str] = ()) -> str:
    """Say it as JUnit XML: a suite for each file, a case for each row; what is allowed passes."""
    suites = ET.Element("testsuites", name=f"{verification.session_key} as specified")
    by_file = group_by(verification.rows, lambda row: row.file)
    for file, rows in by_file.items():
        failing = sum(row.is_failing(allowed) for row in rows)
        skipped = sum(row.verdict in {Verdict.ON_HOLD, Verdict.NOT_COMPARABLE} for row in rows)
        counts = {"tests": len(rows), "failures": failing, "skipped": skipped, "errors": 0}
        attributes = {"name": file, **{name: str(count) for name, count in counts.items()}}
        suite = ET.SubElement(suites, "testsuite", attributes)
        for row in rows:
            name = f"line {row.line}: {row.name}"
            case = ET.SubElement(suite, "testcase", classname=row.kind.value, name=_xml(name))
            if row.is_failing(allowed):
                lines = [
                    f"{c.column}: {c.sheet!r} in the sheet, {c.site!r} on the site ({c.yaml})"
                    for c in row.differing
                ]
                message = f"{VERDICT_LABELS[row.verdict]}: {row.yaml}"
                failure = ET.SubElement(case, "failure", message=_xml(message))
                failure.text = _xml("\n".join(lines))
            elif row.verdict in {Verdict.ON_HOLD, Verdict.NOT_COMPARABLE}:
                reason = row.reason or VERDICT_LABELS[row.verdict]
                ET.SubElement(case, "skipped", message=_xml(reason))
    return ET.tostring(suites, encoding="unicode", xml_declaration=True)


def _xml(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))

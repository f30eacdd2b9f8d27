"""What a comparison of a site with its sheets came to: verdicts on rows, tickets and causes.

Belongs here: the values, in the shape programs get them, and adding them up. Does not: how a cell
is compared and a verdict found (`verification/compared_cells`), reading a configuration
(`drupal/site`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from jira_pipeline.model.entities import EntityKind, Status


class Verdict(StrEnum):
    """What a comparison says of a row; of a cell it is met, differs or not comparable."""

    MET = "met"
    DIFFERS = "differs"
    MISSING = "missing"
    LEFT_OVER = "left_over"
    """The site has it although its row asks for its removal."""
    ON_HOLD = "on_hold"
    NOT_COMPARABLE = "not_comparable"


FAILING = (Verdict.DIFFERS, Verdict.MISSING, Verdict.LEFT_OVER)
"""Verdicts on rows that a site built as specified has none of."""
NOT_COMPARED = "not_compared"
"""Key of the count of tickets of which no row could be compared."""
WORDINGS = "wordings"
"""Rows that differ in labels, help, descriptions and groups alone."""


class TicketVerdict(StrEnum):
    """How far what one ticket asks for is built."""

    BUILT = "built"
    PARTLY_COMPARED = "partly_compared"
    """What could be compared is as it asks, and that is too little to say more."""
    PARTLY = "partly"
    NOT_BEGUN = "not_begun"
    CONTRADICTS = "contradicts"
    """What it asks to create is there in another substance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedCell:
    """One filled cell beside what the site has."""

    column: str
    verdict: Verdict
    sheet: str
    site: str = ""
    yaml: str = ""
    """File of the configuration and key: `node.type.page.yml:name`."""
    reason: str = ""
    """Why it cannot be compared."""
    is_wording: bool = False
    """Visitors and editors read it; nothing else follows from it."""
    is_open: bool = False
    """It asks for something, and nothing shows whether that is done."""
    only_site: tuple[str, ...] = ()
    """For a list that differs: entries that only the site has."""
    only_sheet: tuple[str, ...] = ()
    """For a list that differs: entries that only the sheet has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedRow:
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRow:
    """One row beside what the site has."""

    file: str
    line: int
    kind: EntityKind
    key: str
    name: str
    x: Status
    """What it asks for: with its bundle, view or workflow it goes, or waits."""
    verdict: Verdict
    yaml: str = ""
    """The file of the configuration that it is in, was or would be."""
    reason: str = ""
    cells: tuple[VerifiedCell, ...] = ()

    @property
    def place(self) -> CitedRow:
        return CitedRow(file=self.file, line=self.line)

    @property
    def is_gone(self) -> bool:
        """The site does not have it, as its row asks."""
        return self.verdict is Verdict.MET and self.x is Status.DELETED

    @property
    def differing(self) -> tuple[VerifiedCell, ...]:
        return tuple(cell for cell in self.cells if cell.verdict is Verdict.DIFFERS)

    @property
    def is_wording_only(self) -> bool:
        """It differs, in wordings alone."""
        return self.verdict is Verdict.DIFFERS and all(c.is_wording for c in self.differing)

    def is_failing(self, allowed: Collection[str] = ()) -> bool:
        """Return whether the site is not as the row says, unless that is allowed.

        `allowed` has verdicts, kinds of rows, or `wordings`.
        """
        if self.verdict not in FAILING or self.verdict in allowed or self.kind in allowed:
            return False
        return not (WORDINGS in allowed and self.is_wording_only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why several rows are not met: one key of the configuration, or one thing that is missing."""

    yaml: str
    verdict: Verdict
    sentence: str
    """For people."""
    rows: tuple[CitedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedTicket:
    """How far one ticket is built; its rows to build, change and remove are counted."""

    ticket_id: str
    number: int
    title: str
    verdict: TicketVerdict | None
    """None where none of its rows can be compared."""
    wordings: int
    """How many rows differ in wordings alone."""
    met: int
    of: int
    """How many rows to build, change and remove are met, of how many that could be compared."""
    there_met: int
    there_of: int
    """The same of its rows that were on the site before (X = x)."""
    is_removal: bool = False
    """All of its counted rows are to be removed."""
    not_compared: int = 0
    """How many rows to build, change and remove could not be compared; no other count has them."""
    cells_not_compared: int = 0
    """How many notes and settings of rows that are met cannot be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdditionalItem:
    """What the site has and no sheet describes, of a kind that has a sheet."""

    kind: EntityKind
    name: str
    yaml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedName:
    """A bundle that rows name and that no row is; the site may have it under another name."""

    text: str
    rows: tuple[CitedRow, ...]
    proposal: str
    """The bundle of the site that most of their fields are in; empty where none is near."""
    yaml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedAlias:
    """An unknown spelling in a column, for which the site has the same value wherever it occurs."""

    kind: EntityKind
    column: str
    spelling: str
    site: str
    row_count: int


def ticket_counts(tickets: Iterable[VerifiedTicket]) -> Mapping[str, int]:
    """Return how many tickets have each verdict, and under `NOT_COMPARED` how many have none."""
    counts = Counter(ticket.verdict for ticket in tickets)
    counts_by_verdict = {verdict.value: counts[verdict] for verdict in TicketVerdict}
    return {**counts_by_verdict, NOT_COMPARED: counts[None]}


@dataclass(frozen=True, kw_only=True)
class Verification:
    """A site compared with the sheets of a session."""

    session_key: str
    config: str
    """What people call the configuration: its folder or file."""
    rows: tuple[VerifiedRow, ...]
    """In the order of the sheets."""
    tickets: tuple[VerifiedTicket, ...]
    """By number."""
    causes: tuple[Cause, ...]
    """Those that touch many tickets first, then those of rows that differ, are left over, are missing."""
    additional: tuple[AdditionalItem, ...]
    questions: tuple[UnresolvedName, ...]
    aliases: tuple[ProposedAlias, ...]
    gaps: tuple[str, ...] = ()
    """Why the exported configuration may not say everything: sentences without a full stop."""
    site_uuid: str = ""
    """UUID of the site that was compared; empty where its export does not say it."""
    content_sha256: str = ""
    """Hash of the sheets that were compared; empty where it was not kept."""

    @cached_property
    def by_ticket(self) -> Mapping[str, VerifiedTicket]:
        """Verdicts on tickets, by ticket id."""
        return {ticket.ticket_id: ticket for ticket in self.tickets}

    def by_place(self, keys: Collection[str]) -> Mapping[tuple[str, int], VerifiedRow]:
        """Return the verdicts on rows with some keys, by file and line: a line may hold several rows."""
        return {(row.file, row.line): row for row in self.rows if row.key in keys}

    @property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Rows, cells and tickets by verdict; every verdict is present."""
        rows = Counter(row.verdict for row in self.rows)
        cells = Counter(cell.verdict for row in self.rows for cell in row.cells)
        of_cells = (Verdict.MET, Verdict.DIFFERS, Verdict.NOT_COMPARABLE)
        return {
            "rows": {verdict.value: rows[verdict] for verdict in Verdict},
            "cells": {verdict.value: cells[verdict] for verdict in of_cells},
            "tickets": ticket_counts(self.tickets),
        }

    def failing(self, allowed: Collection[str] = ()) -> tuple[VerifiedRow, ...]:
        return tuple(row for row in self.rows if row.is_failing(allowed))

    @property
    def without_met_cells(self) -> "Verification":
        """The verification as it is stored: without the cells that are met."""
        rows: list[VerifiedRow] = []
        for row in self.rows:
            cells = tuple(cell for cell in row.cells if cell.verdict is not Verdict.MET)
            rows.append(replace(row, cells=cells))
        return replace(self, rows=tuple(rows))


@dataclass(frozen=True, kw_only=True)
class KeptVerification:
    """A verification in the history of a session."""

    verification_id: int
    session_key: str
    at: datetime
    by: str
    config_sha256: str
    """Hash of the configuration that was read."""
    counts: Mapping[str, Mapping[str, int]]
    """`Verification.counts`, with all cells."""
    verification: Verification
    """Without the cells that are met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVerification:
    """A verification in the history of a session, in a line."""

    verification_id: int
    at: datetime
    by: str
    config: str
    rows: Mapping[str, int]
    """By verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedVerdict:
    """A row or ticket with another verdict than the last time."""

    name: str
    was: str
    """Empty where it was not there."""
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictChanges:
    """What changed since another verification."""

    since: datetime
    rows: tuple[ChangedVerdict, ...]
    tickets: tuple[ChangedVerdict, ...]

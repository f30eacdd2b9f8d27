"""The command `adopt`: use issues that people made by hand as the issues of tickets.

Belongs here: proposals as a table or file, and which pairs people name. Does not: which pairs are
proposed (`export/adoption_proposals`), what makes an issue a ticket's (`export/adoption`).
"""

import csv
from collections import Counter
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from jira_pipeline.cli.console import ExitCode, Screen
from jira_pipeline.cli.context import content_of, current_person, show_next_step, write_file
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption import parse_pairs
from jira_pipeline.export.adoption_proposals import Likeness, ProposedAdoption
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.review.cells import csv_text
from jira_pipeline.review.open_session import OpenSession

COLUMNS = ("take", "number", "key", "likeness", "title", "summary", "reasons")
"""Of the file of proposed pairs; people write yes or no in `take`."""
PAIRS_MAX_BYTES = 10_000_000
YES = frozenset({"yes", "y", "x", "1", "true"})
"""What people write in `take` for a pair that is to be adopted …"""
NO = frozenset({"", "no", "n", "0", "-", "false"})
"""… and for one that is not."""


def adopt(
    screen: Screen,
    session: OpenSession,
    *,
    out: Annotated[
        Path | None, "--out FILE.csv", "Write the proposed pairs to a file, to choose from."
    ] = None,
    chosen: Annotated[
        Path | None, "--from FILE.csv", "Adopt the pairs of this file, where `take` says yes."
    ] = None,
    pairs: Annotated[str | None, "--take N=KEY,…", "Adopt these issues, by ticket."] = None,
    is_all: Annotated[bool, "--matches", "Adopt every match."] = False,
) -> None:
    """Find issues that people made for tickets, and use them as the tickets' issues.

    An adopted issue keeps the text that people wrote, and nothing is created for its ticket;
    `settle --forget` gives it back. For example:

    jira-pipeline adopt my_site
    jira-pipeline adopt my_site --out pairs.csv
    jira-pipeline adopt my_site --from pairs.csv
    jira-pipeline adopt my_site --take 3=ABC-12,5=ABC-14
    """
    ways_named = [out is not None, chosen is not None, pairs is not None, is_all]
    if sum(ways_named) > 1:
        raise WrongUseError("Choose one way: --out, --from, --take or --matches.")
    if pairs is not None:
        _adopt(screen, session, parse_pairs(pairs.split(",")))
    elif chosen is not None:
        _adopt(screen, session, _pairs_of(chosen))
    else:
        proposed = exporting.propose_adoption(session)
        if is_all:
            _adopt(screen, session, proposed.matches)
        else:
            _show_proposal(screen, session, proposed, out=out)


def _show_proposal(
    screen: Screen, session: OpenSession, proposed: ProposedAdoption, *, out: Path | None
) -> None:
    """Show which issue may be for which ticket, and write these pairs to a file where one is named."""
    screen.answer({"session_key": session.key} | json_object(proposed))
    rows = []
    lines = []
    for pair in proposed.pairs:
        reasons = "; ".join(pair.reasons)
        rows.append((pair.number, pair.title, pair.key, pair.summary, pair.likeness.value, reasons))
        line = {name: getattr(pair, name) for name in COLUMNS[1:]}
        line["take"] = "yes" if pair.likeness is Likeness.MATCH else ""
        line["reasons"] = reasons
        lines.append(line)
    columns = ("no.", "ticket", "issue", "its title", "", "why")
    screen.table(columns, rows, wide="why", if_any=True)
    tally = Counter(pair.likeness for pair in proposed.pairs)
    counts = ", ".join(f"{tally[kind]} {kind.value}" for kind in Likeness)
    screen.say(
        f"{format_count(proposed.scanned, 'issue')} compared: {counts}; "
        f"{format_count(len(proposed.unmatched), 'ticket')} without any."
    )
    command = f"jira-pipeline adopt {session.key}"
    if out is not None:
        write_file(out, csv_text(COLUMNS, lines).encode())
        screen.say(f"Written: {out}. Say yes or no in `take`, then: {command} --from {out}")
    elif rows:
        screen.say(
            f"To adopt the matches: {command} --matches; others: {command} --take 3=ABC-12,5=ABC-14, "
            f"or choose in a file: {command} --out pairs.csv"
        )


def _adopt(screen: Screen, session: OpenSession, pairs: Mapping[int, str]) -> NoReturn:
    """Adopt issues by the numbers of their tickets, show what was refused, and end the command."""
    adoptions = exporting.adopt(session, pairs=pairs, by=current_person())
    answers = [json_object(ticket) for ticket in adoptions]
    screen.answer({"session_key": session.key, "tickets": answers})
    rows = [
        (ticket.number, ticket.title, ticket.key, ticket.refusal or "adopted")
        for ticket in adoptions
    ]
    screen.table(("no.", "ticket", "issue", ""), rows, wide="ticket", if_any=True)
    refused_count = sum(bool(ticket.refusal) for ticket in adoptions)
    refused_text = f", {refused_count} refused" if refused_count else ""
    adopted_count = len(adoptions) - refused_count
    screen.say(f"{format_count(adopted_count, 'issue')} adopted{refused_text}.")
    show_next_step(screen, session)
    raise typer.Exit(ExitCode.USER_MUST_ACT if refused_count else ExitCode.DONE)


def _pairs_of(file: Path) -> Mapping[int, str]:
    """Return the pairs of a file that are to be adopted, keys of issues by the numbers of tickets.

    Those are the rows with yes in the column `take`, or all rows where there is no such column.

    Raises:
        WrongUseError: The file cannot be read, or lacks something.
    """
    try:
        content = content_of(file, max_bytes=PAIRS_MAX_BYTES, advice="Name another file.")
        text = content.decode("utf-8-sig")
        separator = ";" if ";" in text.partition("\n")[0] else ","  # as a German Excel saves it
        rows = list(csv.DictReader(StringIO(text, newline=""), delimiter=separator))
    except UnicodeDecodeError as error:
        raise WrongUseError(f"{file} is not in UTF-8: save it as CSV UTF-8.") from error
    except csv.Error as error:
        raise WrongUseError(f"{file} is no CSV: {error}.") from error
    if rows and not {"number", "key"} <= rows[0].keys():
        raise WrongUseError(f"{file} needs the columns number and key.")
    takes = [(row.get("take", "yes") or "").strip().casefold() for row in rows]
    unclear = [take for take in takes if take not in YES | NO]
    if unclear:
        raise WrongUseError(f"{file} says “{unclear[0]}” in `take`: say yes or no.")
    chosen = [row for row, take in zip(rows, takes, strict=True) if take in YES]
    return parse_pairs(f"{row['number'] or ''}={row['key'] or ''}" for row in chosen)

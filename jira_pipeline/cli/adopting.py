"""The command that uses issues which people made by hand: adopt.

Belongs here: proposals as a table or file, which pairs people name. Does not: what makes an issue a
ticket's (`export/adoption`).
"""

import csv
from collections import Counter
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from jira_pipeline.cli.console import ExitCode, Screen
from jira_pipeline.cli.context import show_next_step
from jira_pipeline.cli.reviewing import content_of, current_person
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption import pairs_in
from jira_pipeline.export.adoption_proposals import Likeness, ProposedAdoption
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.review.cells import csv_text
from jira_pipeline.review.open_session import OpenSession

COLUMNS = ("take", "number", "key", "likeness", "title", "summary", "reasons")
PAIRS_MAX_BYTES = 10_000_000
YES = frozenset({"yes", "y", "x", "1", "true"})
NO = frozenset({"", "no", "n", "0", "-", "false"})
"""What `take` says of pairs that are not to be adopted."""


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
    if sum(way is not None for way in (chosen, pairs, out)) + is_all > 1:
        raise WrongUseError("Choose one way: --out, --from, --take or --matches.")
    if pairs is not None:
        _adopt(screen, session, pairs_in(pairs.split(",")))
    elif chosen is not None:
        _adopt(screen, session, _pairs_of(chosen))
    else:
        found = exporting.propose_adoption(session)
        if is_all:
            _adopt(screen, session, found.matches)
        else:
            _show(screen, session, found, out=out)


def _show(
    screen: Screen, session: OpenSession, found: ProposedAdoption, *, out: Path | None
) -> None:
    screen.answer({"session_key": session.key} | json_object(found))
    rows = [
        (p.number, p.title, p.key, p.summary, p.likeness.value, "; ".join(p.reasons))
        for p in found.pairs
    ]
    if rows:
        screen.table(("no.", "ticket", "issue", "its title", "", "why"), rows, wide="why")
    tally = Counter(p.likeness for p in found.pairs)
    screen.say(
        f"{counted(found.scanned, 'issue')} compared: "
        + ", ".join(f"{tally[kind]} {kind.value}" for kind in Likeness)
        + f"; {counted(len(found.unmatched), 'ticket')} without any."
    )
    command = f"jira-pipeline adopt {session.key}"
    if out is not None:
        _write(out, found)
        screen.say(f"Written: {out}. Say yes or no in `take`, then: {command} --from {out}")
    elif rows:
        screen.say(
            f"To adopt the matches: {command} --matches; others: {command} --take 3=ABC-12,5=ABC-14, "
            f"or choose in a file: {command} --out pairs.csv"
        )


def _adopt(screen: Screen, session: OpenSession, pairs: Mapping[int, str]) -> NoReturn:
    adopted = exporting.adopt(session, pairs=pairs, by=current_person())
    screen.answer({"session_key": session.key, "tickets": [json_object(one) for one in adopted]})
    rows = [(one.number, one.title, one.key, one.refusal or "adopted") for one in adopted]
    if rows:
        screen.table(("no.", "ticket", "issue", ""), rows, wide="ticket")
    refused = sum(bool(one.refusal) for one in adopted)
    rest = f", {refused} refused" if refused else ""
    screen.say(f"{counted(len(adopted) - refused, 'issue')} adopted{rest}.")
    show_next_step(screen, session)
    raise typer.Exit(ExitCode.USER_MUST_ACT if refused else ExitCode.DONE)


def _write(file: Path, found: ProposedAdoption) -> None:
    rows = [
        {
            "take": "yes" if p.likeness is Likeness.MATCH else "",
            "reasons": "; ".join(p.reasons),
            **{name: getattr(p, name) for name in COLUMNS[1:-1]},
        }
        for p in found.pairs
    ]
    try:
        file.write_text(csv_text(COLUMNS, rows), encoding="utf-8", newline="")
    except OSError as error:
        raise WrongUseError(f"{file} cannot be written: {error.strerror}.") from error


def _pairs_of(file: Path) -> Mapping[int, str]:
    """Read the pairs of a file; without a column `take` all are meant."""
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
    if unclear := next((take for take in takes if take not in YES | NO), ""):
        raise WrongUseError(f"{file} says “{unclear}” in `take`: say yes or no.")
    meant = [row for row, take in zip(rows, takes, strict=True) if take in YES]
    return pairs_in(f"{row['number'] or ''}={row['key'] or ''}" for row in meant)

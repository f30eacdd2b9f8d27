"""The table of kept words: every gift after every taker.

Belongs here: making the homes, carrying the takers out, writing the verdicts as a table and reading them.
Does not: what is a loss (`judging`).
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline_tests import projects
from jira_pipeline_tests.kept.gifts import GIFTS
from jira_pipeline_tests.kept.homes import KeptHome
from jira_pipeline_tests.kept.judging import Finding, Verdict, judge
from jira_pipeline_tests.kept.looking import Look, look_at, words_in_jira
from jira_pipeline_tests.kept.takers import TAKERS, Acting, Taker

DOCUMENT_PATH = projects.CHECKOUT / "docs" / "operations.md"
VERDICTS_PATH = Path(__file__).with_name("verdicts.txt")
UNTOUCHED = "when it is given"
"""The column that says whether a gift stands before anything is taken."""
PAGE_HEAD = "| what happens | what becomes of what people gave |"
NOT_GIVEN = "not in the older home"
STAYS = "stays"
SENTENCES = {
    Verdict.NAMED.value: "These are only *named*:",
    STAYS: "A session is not removed while it has one of these:",
    NOT_GIVEN: "The older version that this was tried with did not have",
}
"""How the page begins a sentence of all that a verdict is true of."""
Column = Mapping[str, Finding]
"""What became of each gift, by its name."""


def take(given: KeptHome, taker: Taker, folder: Path) -> Column:
    """Carry a taker out on a copy of a home, and judge every gift."""
    with pytest.MonkeyPatch.context() as environment:
        home = taker.begin(given, folder, environment)
        jira_before = words_in_jira(home)
        looks: list[Look] = []
        for act in taker.acts:
            acting = Acting(home=home, folder=folder, environment=environment)
            home = act(acting)
            look = look_at(home, [*home.ids.values()])
            told = {"the upload itself": "\n\n".join(acting.said)}
            looks.append(replace(look, shown={**look.shown, **told}))
    return {
        gift.name: judge(
            gift,
            jira_before if taker.leaves_jira else "",
            looks,
            ticket_id=home.ids.get(gift.ticket, ""),
        )
        for gift in GIFTS
        if not (taker.closes and gift.is_open)
        and (gift.is_in_older_home or not taker.is_of_older_home)
    }


def write_table(columns: Mapping[str, Mapping[str, str]]) -> str:
    """Write verdicts by taker and gift as text, a line a gift."""
    width = max(len(gift.name) for gift in GIFTS)
    head = [" " * width, *(name for name in columns)]
    lines = [" | ".join(head)]
    for gift in GIFTS:
        cells = [columns[name].get(gift.name, "").ljust(len(name)) for name in columns]
        lines.append(" | ".join([gift.name.ljust(width), *cells]).rstrip())
    return "\n".join(lines) + "\n"


def write_page(columns: Mapping[str, Mapping[str, str]]) -> str:
    """Write in Markdown what is not kept; takers of which the same is true share a row."""
    takers_by_text: dict[str, list[str]] = {}
    for taker in TAKERS:
        if taker.name in columns and taker.name != UNTOUCHED:
            text = _outcome(columns[taker.name])
            takers_by_text.setdefault(text, []).append(taker.on_page or taker.name)
    rows = [f"| {' *Or:* '.join(takers)} | {text} |" for text, takers in takers_by_text.items()]
    return "\n".join([PAGE_HEAD, "|---|---|", *rows]) + "\n"


def _outcome(verdicts: Mapping[str, str]) -> str:
    """Say in sentences what a taker leaves of what people gave."""
    gifts_by_verdict: dict[str, list[str]] = {}
    for gift in GIFTS:
        verdict = verdicts.get(gift.name) or (STAYS if gift.is_open else NOT_GIVEN)
        if verdict != Verdict.KEPT:
            gifts_by_verdict.setdefault(verdict, []).append(gift.on_page or gift.name)
    if not gifts_by_verdict:
        return "Everything is kept."
    sentences = [
        f"{SENTENCES.get(verdict, f'{verdict}:')} {'; '.join(gifts)}."
        for verdict, gifts in gifts_by_verdict.items()
    ]
    return " ".join([*sentences, "Everything else is kept."])


def with_page(document: str, page: str) -> str:
    """Return the document with this table in place of the one it has."""
    first = document.index(PAGE_HEAD)
    end = document.index("\n\n", first) + 1
    return document[:first] + page + document[end:]


def read_table(text: str) -> Mapping[str, Mapping[str, str]]:
    """Read verdicts by taker and gift; an empty cell is none."""
    head, *lines = [
        [cell.strip() for cell in line.split("|")] for line in text.splitlines() if "|" in line
    ]
    columns: dict[str, dict[str, str]] = {name: {} for name in head[1:]}
    for gift, *cells in lines:
        for name, cell in zip(head[1:], cells, strict=True):
            if cell:
                columns[name][gift] = cell
    return columns

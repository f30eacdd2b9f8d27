"""A claim: one certain statement, what it is about, the cells it rests on, and its words.

Belongs here: the values; the plain format strings of `phrases.toml`, by kind, and rendering a claim
or a part of one. Does not: making claims (a module for each kind of group).

A claim has one of four sources and no other: the documented meaning of a column's value, a count
over rows, a resolved reference or exact whole name, a fact of Drupal from `drupal.toml`.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from jira_pipeline.model.entities import Entity, RowSource
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.sources.questions.view_forms import FormRow
from jira_pipeline.writing.fragments import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    source: RowSource
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of a ticket."""

    kind: str
    """Key in `phrases.toml`, with the part it belongs to: `verification.required`."""
    rows: tuple[Entity, ...]
    """What it is about, in sheet order."""
    columns: tuple[str, ...] = ()
    """Of these rows the columns it rests on; none: it rests on the rows being there."""
    values: tuple[str, ...] = ()
    """The values it states, as in the cells, for whoever compares them with a site."""
    words: Mapping[str, str] = field(default_factory=dict)
    """HTML for the places of its phrase."""
    count: int = 1
    """Which form of its phrase: `one`, or `many`."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells it rests on, blank ones left out."""
        return tuple(
            Cell(source=row.source, column=column)
            for row in self.rows
            for column in self.columns
            if row.cell(column)
        )


def stated(
    kind: str,
    rows: Sequence[Entity],
    *columns: str,
    values: Sequence[str] | None = None,
    of_count: int | str | None = None,
    **words: str,
) -> Claim:
    """Make a claim about rows; unless said otherwise it states the cells of its first column."""
    cells = tuple(row.cell(columns[0]) for row in rows) if columns else ()
    return Claim(
        kind=kind,
        rows=tuple(rows),
        columns=columns,
        values=cells if values is None else tuple(values),
        words=words,
        count=len(rows) if of_count is None else int(of_count),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a ticket claims, by part, each in the order of the text."""

    story: Claim | None
    analysis: tuple[Claim, ...] = ()
    form: tuple[FormRow, ...] = ()
    """Of a view: what it is to be built from; none where it is built, or a module ships it."""
    verification: tuple[Claim, ...] = ()

    @staticmethod
    def of(
        story: Claim | None, analysis: Iterable[Claim] = (), verification: Iterable[Claim] = ()
    ) -> "Claims":
        return Claims(story=story, analysis=tuple(analysis), verification=tuple(verification))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedTicket:
    """The whole text of a ticket before it is rendered."""

    claims: Claims
    questions: tuple[OpenQuestion, ...]
    estimated_hours: str


def rendered(claim: Claim) -> str:
    """Return a claim as an HTML sentence."""
    forms = phrases()[claim.kind]
    form = "one" if claim.count == 1 and "one" in forms else "many"
    return forms[form].format_map(claim.words)


def clause(kind: str, *, count: int = 1, **words: str) -> str:
    """Return a part of a sentence that is said of several things in turn."""
    return rendered(Claim(kind=f"clause.{kind}", rows=(), words=words, count=count))


def phrase(kind: str, **words: str) -> str:
    """Return a phrase that is a part of a sentence, with its places filled."""
    return phrases()[kind]["many"].format_map(words)


def description_of(head: Entity) -> str:
    """Quote the description of a thing: its first paragraph; one with markup inside is in the table."""
    paragraph = re.match(r"<p>([^<]+)</p>", head.cell("Description"))
    description = text((paragraph[1] if paragraph else head.cell("Description")).strip())
    if not description.strip("- ") or "&lt;" in description:
        return ""
    stop = "" if description.endswith((".", "!", "?")) else "."
    return phrase("clause.description", text=description, stop=stop)


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the forms of every phrase, by `part.kind`; the file is read once in a process."""
    file = resources.files("jira_pipeline.writing.claims").joinpath("phrases.toml")
    return {
        f"{part}.{kind}": {"many": forms} if isinstance(forms, str) else forms
        for part, kinds in tomllib.loads(file.read_text("utf-8")).items()
        for kind, forms in kinds.items()
    }

"""A claim: one certain statement, what it is about, the cells it rests on, and its words.

Belongs here: the values; the plain format strings of `phrases.toml`, by kind, and rendering a claim
or a part of one. Does not: making claims (a module for each kind of group).

A claim has one of four sources and no other: the documented meaning of a column's value, a count
over rows, a resolved reference or exact whole name, a fact of Drupal from `drupal.toml`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from jira_pipeline.model.entities import Entity, RowSource
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.tickets.fragments import codes, label_and_name, listed, quoted, text
from jira_pipeline.tickets.questions.question_index import name_of
from jira_pipeline.tickets.questions.view_forms import FormRow


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
    """Which form of its phrase: `one`, `many`, or that for more than so many, such as `over_12`."""

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
    rows: Iterable[Entity],
    *columns: str,
    values: Sequence[str] | None = None,
    of_count: int | str | None = None,
    **words: str,
) -> tuple[Claim, ...]:
    """Make a claim about rows, none without; unless said otherwise it states its first column."""
    about = tuple(rows)
    cells = (row.cell(column) for column in columns[:1] for row in about)
    said = tuple(cells if values is None else values)
    count = len(about) if of_count is None else int(of_count)
    claim = Claim(kind=kind, rows=about, columns=columns, values=said, words=words, count=count)
    return (claim,) if about else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a ticket claims, by part, each in the order of the text."""

    story: tuple[Claim, ...] = ()
    analysis: tuple[Claim, ...] = ()
    form: tuple[FormRow, ...] = ()
    """Of a view: what it is to be built from; none where it is built, or a module ships it."""
    verification: tuple[Claim, ...] = ()

    @staticmethod
    def of(
        story: tuple[Claim, ...],
        analysis: Iterable[Claim],
        verification: Iterable[Claim],
        form: tuple[FormRow, ...] = (),
    ) -> "Claims":
        checks = tuple(verification)
        return Claims(story=story, analysis=tuple(analysis), form=form, verification=checks)


def rendered(claim: Claim) -> str:
    """Return a claim as an HTML sentence; places that it has no words for name its rows."""
    forms = phrases()[claim.kind]
    limits = (form for form in forms if form.startswith("over_"))
    over = (form for form in limits if claim.count > int(form.removeprefix("over_")))
    form = "one" if claim.count == 1 and "one" in forms else "many"
    phrase = forms[next(over, form)]
    places = [place for place in _OF_ROWS.keys() - claim.words if f"{{{place}}}" in phrase]
    return phrase.format_map({**claim.words, **{p: _OF_ROWS[p](claim.rows) for p in places}})


def labels(rows: Iterable[Entity], *, shown: Callable[[str], str] = text) -> str:
    """Name rows by their labels, once each."""
    return listed(dict.fromkeys(shown(name_of(row)) for row in rows))


_OF_ROWS: Mapping[str, Callable[[Sequence[Entity]], str]] = {
    "codes": codes,
    "labels": labels,
    "quoted": partial(labels, shown=quoted),
    "named": lambda rows: listed(map(label_and_name, rows)),
    "count": lambda rows: str(len(rows)),
}


def clause(kind: str, rows: Sequence[Entity] = (), /, *, count: int | str = 0, **words: str) -> str:
    """Return a part of a sentence, as it is said of some rows or of a count of things."""
    number = int(count) or len(rows) or 1
    return rendered(Claim(kind=f"clause.{kind}", rows=tuple(rows), words=words, count=number))


def description_of(head: Entity) -> str:
    """Quote the description of a thing: its first paragraph; one with markup inside is in the table."""
    paragraph = re.match(r"<p>([^<]+)</p>", head.cell("Description"))
    description = text((paragraph[1] if paragraph else head.cell("Description")).strip())
    if not description.strip("- ") or "&lt;" in description:
        return ""
    stop = "" if description.endswith((".", "!", "?")) else "."
    return clause("description", text=description, stop=stop)


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the forms of every phrase, by `part.kind`."""
    return {
        f"{part}.{kind}": {"many": forms} if isinstance(forms, str) else forms
        for part, kinds in toml_tables(__package__, "phrases.toml").items()
        for kind, forms in kinds.items()
    }

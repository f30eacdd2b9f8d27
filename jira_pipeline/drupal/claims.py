"""A claim: one certain statement of a ticket, the rows and cells it rests on, and its words.

A claim has one of four sources and no other: the documented meaning of a column's value, a count
over rows, a resolved reference or exact whole name, a fact of Drupal from `drupal.toml`.

Belongs here: the value, making and rendering it. Does not: what is claimed (the rules), the words
(`words`), the markup inside them (`markup`), the order of a ticket (`tickets/template`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jira_pipeline.drupal.markup import codes, label_and_name, labels, listed, quoted, text
from jira_pipeline.drupal.words import phrases
from jira_pipeline.model.columns import SETTINGS_AND_NOTES
from jira_pipeline.model.entities import Entity, RowSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell that a claim rests on."""

    source: RowSource
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of a ticket."""

    kind: str
    """Key of its phrase in `words`, with the part it belongs to: `verification.required`."""
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
        cells = []
        for row in self.rows:
            for column in self.columns:
                if row.cell(column):
                    cells.append(Cell(source=row.source, column=column))
        return tuple(cells)


def claims_about(
    kind: str,
    rows: Iterable[Entity],
    *columns: str,
    values: Sequence[str] | None = None,
    of_count: int | str | None = None,  # a text too: callers spread texts, `**words`
    **words: str,
) -> tuple[Claim, ...]:
    """Make the claim of a key about rows; about no rows there is no claim.

    Args:
        kind: Key of its phrase in `words`.
        rows: What it is about.
        columns: The columns it rests on.
        values: What it states, if not the cells of the first column.
        of_count: How many things it counts, if not the rows.
        words: HTML for the places of its phrase.
    """
    about = tuple(rows)
    if not about:
        return ()
    if values is None:
        values = [row.cell(column) for column in columns[:1] for row in about]
    claim = Claim(
        kind=kind,
        rows=about,
        columns=columns,
        values=tuple(values),
        words=words,
        count=len(about) if of_count is None else int(of_count),
    )
    return (claim,)


def claims_by_value(
    kind: str,
    values_by_row: Sequence[tuple[Entity, Sequence[str]]],
    *columns: str,
    shown: Callable[[str], str] = text,
    values: Sequence[str] = (),
    **words: str,
) -> tuple[Claim, ...]:
    """Make one claim that says of each row its own values; rows with the same ones share a clause.

    Args:
        kind: Key of its phrase, whose `{each}` the clauses of the same name fill.
        values_by_row: What is said of each row; a row with nothing but blank texts is left out.
        columns: The columns it rests on; those that no row fills are left out, but for notes.
        shown: Turns a value into HTML.
        values: What it states of each row, if not these values.
        words: HTML for other places of its phrase.
    """
    rows = []
    rows_by_texts: dict[tuple[str, ...], list[Entity]] = {}
    texts_of_rows = []
    for row, texts in values_by_row:
        if any(texts):
            rows.append(row)
            rows_by_texts.setdefault(tuple(texts), []).append(row)
            texts_of_rows.append("; ".join(texts))
    clauses = []
    for texts, same in rows_by_texts.items():
        value = listed(shown(item_text) for item_text in texts)
        clauses.append(clause(kind.partition(".")[2], same, value=value))
    filled = []
    for column in columns:
        if column == SETTINGS_AND_NOTES.name or any(row.states(column) for row in rows):
            filled.append(column)
    values = values or texts_of_rows
    return claims_about(kind, rows, *filled, values=values, each="; ".join(clauses), **words)


def clause(kind: str, rows: Sequence[Entity] = (), /, *, count: int | str = 0, **words: str) -> str:
    """Return a part of a sentence in the form for some rows, or for a count."""
    number = int(count) or len(rows) or 1
    return rendered(Claim(kind=f"clause.{kind}", rows=tuple(rows), words=words, count=number))


def rendered(claim: Claim) -> str:
    """Return a claim as an HTML sentence; where its phrase has names and no words fill them, its rows do."""
    phrase = _phrase_of(claim)
    words = dict(claim.words)
    for place, name_rows in _NAMING_ROWS.items():
        if place not in words and f"{{{place}}}" in phrase:
            words[place] = name_rows(claim.rows)
    return phrase.format_map(words)


def _phrase_of(claim: Claim) -> str:
    """Return the form of the phrase of a claim for its count: `over_6`, `one` or `many`.

    The first limit that the count exceeds wins.
    """
    forms = phrases()[claim.kind]
    for name, form in forms.items():
        if name.startswith("over_") and claim.count > int(name.removeprefix("over_")):
            return form
    if claim.count == 1 and "one" in forms:
        return forms["one"]
    return forms["many"]


def _quoted_labels(rows: Sequence[Entity]) -> str:
    return labels(rows, shown=quoted)


def _labels_and_names(rows: Sequence[Entity]) -> str:
    return listed(map(label_and_name, rows))


def _count_of(rows: Sequence[Entity]) -> str:
    return str(len(rows))


_NAMING_ROWS: Mapping[str, Callable[[Sequence[Entity]], str]] = {
    "codes": codes,
    "labels": labels,
    "quoted": _quoted_labels,
    "named": _labels_and_names,
    "count": _count_of,
}
"""What fills a place of a phrase by the rows of the claim, by the name of the place."""

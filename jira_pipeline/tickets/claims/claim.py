"""A claim: one certain statement, what it is about, the cells it rests on, and its words.

Belongs here: the values; the plain format strings of `phrases.toml`, by kind, and rendering a claim
or a part of one; the English and HTML around it: counts, lists, articles, nouns for what rows are
about, escaping, quoting whole sentences, naming rows, the few shapes a part is made of. Cells are
data: everything passes `text` before it is markup. Does not: making claims (a module for each kind of
group), turning HTML into ADF (`jira/adf`).

A claim has one of four sources and no other: the documented meaning of a column's value, a count
over rows, a resolved reference or exact whole name, a fact of Drupal from `drupal.toml`.
"""

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from jira_pipeline.drupal.meaning.notes import number_words, readable
from jira_pipeline.model.entities import BundleType, Entity, EntityKind, RowSource, sheet_noun
from jira_pipeline.model.grouped import grouped, paired
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.tickets.questions.question_index import joined, name_of
from jira_pipeline.tickets.questions.questions_of_views import FormRow

_LIST_MARK = re.compile(r"^[-*•] (?=\w)")
_MARKED = re.compile(r"`([^`]+)`")
_INNER_MARKS = str.maketrans("“”", "\u2018\u2019")
"""A quotation inside a quotation."""

_IN_WORDS_MAX = 12
_PARTS = ("story", "analysis", "verification")


def text(cell: str) -> str:
    """Return a cell as literal HTML text on one line."""
    return html.escape(" ".join(cell.split()), quote=False)


def code(name: str) -> str:
    """Return a machine name or another literal as code."""
    return f"<code>{text(name)}</code>"


def quoted(cell: str) -> str:
    """Return what a cell says between quotation marks, as a reader sees it, without its stop."""
    words = _LIST_MARK.sub("", readable(cell)).translate(_INNER_MARKS).rstrip()
    if words.endswith(", ..."):
        words = f"{words[:-3]}…"
    return text(f"“{words.rstrip('. ')}”")


def with_code(sentence: str) -> str:
    """Turn a plain sentence with backticks around literals into HTML."""
    return _MARKED.sub(r"<code>\1</code>", text(sentence))


def menu_path(*steps: str) -> str:
    """Return the way through Drupal's administration menu."""
    return " \u203a ".join(text(step) for step in steps)


def named(row: Entity) -> str:
    """Name one row: its machine name as code, its label in quotation marks without one."""
    return code(row.machine_name) if row.has_machine_name else quoted(name_of(row))


def codes(rows: Iterable[Entity]) -> str:
    """Name rows in a sentence, once each."""
    return listed(dict.fromkeys(named(row) for row in rows))


def label_and_name(row: Entity) -> str:
    label = text(name_of(row))
    return f"{label} {code(row.machine_name)}" if row.has_machine_name else label


def label_with_name(row: Entity) -> str:
    """Name what goes by both: `“Publish” (publish)`; others may have the same label."""
    label = quoted(name_of(row))
    return f"{label} ({code(row.machine_name)})" if row.has_machine_name else label


def list_html(items: Iterable[str], element: str = "ul", attributes: str = "") -> str:
    """Return a list of HTML items, empty where there are none."""
    body = "".join(f"<li>{item}</li>" for item in items if item)
    return f"<{element}{attributes}>{body}</{element}>" if body else ""


def number(count: int) -> str:
    """Return a count as a word up to twelve, in digits above."""
    words = ("no", "one", *number_words())
    return words[count] if count <= _IN_WORDS_MAX else str(count)


def plural(noun: str) -> str:
    """Return the plural of a noun phrase by its last word."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(?:s|x|ch|sh)$", noun) else "s")


def listed(items: Iterable[str], *, word: str = "and") -> str:
    """Join items as a sentence does."""
    return joined([*items], word)


def capitalised(sentence: str) -> str:
    """Return the sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


def noun_of(head: Entity) -> str:
    """Return what a thing that a ticket is about is: `content type`, `view`, a sheet's own noun."""
    if head.kind is EntityKind.CUSTOM:
        return sheet_noun(head.source.file)
    return bundle_noun(head.bundle_type) if head.bundle_type else head.kind.value.replace("_", " ")


def kinds_named(heads: Sequence[Entity], *, called: Callable[[Entity], str]) -> str:
    """Name things beside what they are, as a view often has the name of what it lists."""
    kinds = paired((noun_of(head), called(head)) for head in heads)
    return listed(
        [
            f"the {noun if len(names) == 1 else plural(noun)} {listed(names)}"
            for noun, names in kinds.items()
        ]
    )


def bundle_noun(kind: BundleType | None) -> str:
    """Return the words for a type of bundle, such as `content type`."""
    return str(kind or "bundle").casefold()


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
    def of(claims: Iterable[Claim], form: tuple[FormRow, ...] = ()) -> "Claims":
        """Put claims into the parts that their kinds begin with."""
        parts = grouped(claims, lambda claim: claim.kind.partition(".")[0])
        story, analysis, checks = (tuple(parts.get(part, ())) for part in _PARTS)
        return Claims(story=story, analysis=analysis, form=form, verification=checks)


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

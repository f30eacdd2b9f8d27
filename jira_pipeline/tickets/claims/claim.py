"""A claim: one certain statement, what it is about, the cells it rests on, and its words.

Belongs here: the values; what a ticket is about: its rows by status, its questions, its session; the plain format strings of `phrases.toml`, by kind, and rendering a claim
or a part of one; the English and HTML around it: counts, lists, articles, nouns for what rows are
about, escaping, quoting whole sentences, naming rows, the few shapes a part is made of. Cells are
data: everything passes `text` before it is markup. Does not: making claims (a module for each kind of
group), turning HTML into ADF (`jira/adf`).

A claim has one of four sources and no other: the documented meaning of a column's value, a count
over rows, a resolved reference or exact whole name, a fact of Drupal from `drupal.toml`.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial

from jira_pipeline.drupal.meaning.notes import number_words, readable
from jira_pipeline.drupal.meaning.view_displays import is_set
from jira_pipeline.model.entities import (
    GONE,
    TO_BUILD,
    BundleType,
    Entity,
    EntityKind,
    RowSource,
    SourceWord,
    Specification,
    Status,
    sheet_noun,
)
from jira_pipeline.model.entity_groups import COMPONENT_KINDS, EntityGroup, GroupKind
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.tickets.questions.found_questions import open_questions
from jira_pipeline.tickets.questions.question_index import (
    QuestionIndex,
    joined,
    name_of,
    subject_of,
)
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


def claims_about(
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
        parts = group_by(claims, lambda claim: claim.kind.partition(".")[0])
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


@dataclass(frozen=True, kw_only=True, eq=False)
class SessionFacts:
    """Look-ups over one session, made once and used for all its tickets; equal to itself only."""

    specification: Specification
    groups: Mapping[str, EntityGroup]
    site_name: str
    site_description: str

    @property
    def source_word(self) -> SourceWord:
        is_of_packages = self.specification.by_kind[EntityKind.COMPONENT]
        return SourceWord.PACKAGES if is_of_packages else SourceWord.SHEETS

    @cached_property
    def index(self) -> QuestionIndex:
        """The look-ups that questions are made from, with the groups in build order."""
        in_order = sorted(self.groups.values(), key=lambda group: group.number)
        return QuestionIndex(specification=self.specification, groups=in_order)

    @cached_property
    def making(self) -> Mapping[str, EntityGroup]:
        """The group whose ticket makes a thing, by key of the thing."""
        return {h.key: g for g in self.groups.values() for h in g.heads}

    @cached_property
    def building(self) -> Mapping[RowSource, EntityGroup]:
        return {r.source: g for g in reversed(self.index.groups) for r in (*g.members, *g.heads)}


@dataclass(frozen=True, kw_only=True)
class GroupFacts:
    """A group with what its ticket says about it."""

    group: EntityGroup
    session: SessionFacts
    remark: str = ""
    """What a person wants of this ticket; empty where nobody said anything."""

    @property
    def head(self) -> Entity:
        """The first head: what a bundle, view or workflow ticket is about."""
        return self.group.heads[0]

    @property
    def own_rows(self) -> tuple[Entity, ...]:
        """The heads, then the members."""
        return (*self.group.heads, *self.group.members)

    @property
    def name(self) -> str:
        """What people call the head, without type."""
        return name_of(self.head) if self.group.heads else self.group.label

    @cached_property
    def rows(self) -> tuple[Entity, ...]:
        """The rows of the ticket: members, or heads where the heads are the rows."""
        group = self.group
        if group.kind is GroupKind.VIEW and not group.members:
            return tuple(filter(is_set, group.heads))
        kinds = {GroupKind.BUNDLE, GroupKind.VIEW, GroupKind.WORKFLOW, *COMPONENT_KINDS}
        return group.members if group.kind in kinds else self.own_rows

    @cached_property
    def to_build(self) -> tuple[Entity, ...]:
        """What is approved, changed or blank, once each although a sheet repeats it."""
        return _distinct(row for row in self.rows if row.status in TO_BUILD)

    def with_status(self, status: Status) -> tuple[Entity, ...]:
        """Return the rows of one status, in sheet order."""
        return _distinct(row for row in self.rows if row.status is status)

    def of_kind(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Return the rows to build of one kind, in sheet order."""
        return tuple(row for row in self.to_build if row.kind is kind)

    def live(self, kind: EntityKind) -> tuple[Entity, ...]:
        """Return the rows of one kind that will exist: those to build and those there already."""
        rows = (r for r in self.rows if r.kind is kind and r.status not in GONE)
        return _distinct(rows)

    @cached_property
    def hosts(self) -> tuple[Entity, ...]:
        """Other bundles whose live fields refer to the heads, once each, in sheet order."""
        head_keys = dict.fromkeys(head.key for head in self.group.heads)
        specification = self.session.specification
        owners = {
            owner.key: owner
            for key in head_keys
            for row, _ in specification.referrers_of.get(key, ())
            if row.kind is EntityKind.FIELD and row.status not in GONE
            for owner in specification.first_of(row.owner_key)
            if owner.status not in GONE and owner.key not in head_keys
        }
        return tuple(owners.values())

    @cached_property
    def left_open(self) -> tuple[OpenQuestion, ...]:
        """What the rows of the ticket leave open, whether it is asked or assumed."""
        return open_questions(self.group, self.session.index)

    @property
    def questions(self) -> tuple[OpenQuestion, ...]:
        """What people have to answer."""
        return tuple(one for one in self.left_open if not one.assumption)

    @property
    def assumptions(self) -> tuple[OpenQuestion, ...]:
        """What is built in one way unless somebody objects."""
        return tuple(one for one in self.left_open if one.assumption)

    def is_disputed(self, row: Entity, *columns: str) -> bool:
        """Tell whether a question of the ticket asks whether a cell is right."""
        return any(
            not question.disputed_columns.isdisjoint(columns) for question in self.questions_of(row)
        )

    def questions_of(self, row: Entity) -> Iterator[OpenQuestion]:
        """Return the questions of the ticket that are about a row."""
        file = row.source.file
        subject = subject_of(row)
        return (q for q in self.left_open if q.file == file and subject in q.subjects)


def are_all_listed(rows: Iterable[Entity]) -> bool:
    """Tell whether rows are all that there are of their kind, and none was left unread.

    Where people declared what worksheets mean, other parts of these may say more.
    """
    return not any(row.is_declared for row in rows)


_REPEATABLE = frozenset({EntityKind.WORKFLOW_TRANSITION, EntityKind.CUSTOM})


def _distinct(rows: Iterable[Entity]) -> tuple[Entity, ...]:
    alike = group_by(rows, lambda r: (r.key, r.source.line if r.kind in _REPEATABLE else 0))
    return tuple(same[0] for same in alike.values())

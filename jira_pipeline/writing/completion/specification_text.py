"""All rows of a session as a model reads them: compact, in one order, the same for every ticket.

Belongs here: names of rows, the text, which rows stay where it is too long, how much a text is, and
JSON that nothing in it can leave. Does not: instructions, what is said of one ticket
(`prompt`), sending (`writing/models`).

A row is called by its sheet and its line, such as `field464`; of packages by its kind and place.
Cells are escaped like HTML, so that no cell can end the text they are in.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from jira_pipeline.model.columns import OWNER_COLUMNS
from jira_pipeline.model.entities import SHEET_NAMES, Entity, EntityKind, RowSource, sheet_title
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.hidden_characters import without_hidden
from jira_pipeline.tickets.group_facts import GroupFacts, SessionFacts
from jira_pipeline.tickets.grouping.component_rows import PACKAGE_KINDS, shown_values
from jira_pipeline.tickets.questions.question_index import name_of, once_per_session

ROW_LABELS: Mapping[EntityKind, str] = {
    **{kind: kind.rpartition("_")[2] for kind in EntityKind},
    EntityKind.RESPONSIVE_IMAGE_STYLE: "responsive",
    EntityKind.CUSTOM: "row",
    EntityKind.COMPONENT_ITEM: "entry",
}
_OWNERS = frozenset({EntityKind.BUNDLE, EntityKind.VIEW})
NAME_CHARACTERS_MIN = 4
"""Shorter names are words of any sentence."""
CHARACTERS_A_TOKEN = 4
"""Tokenizers download their data at run time, so characters are counted."""
_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&`"}


@once_per_session
def row_ids(session: SessionFacts) -> Mapping[str, Entity]:
    """Return the rows by what a model calls them, in the order of the text."""
    ids = ids_of(session)
    return {ids[row.source]: row for row in session.specification.entities}


@once_per_session
def ids_of(session: SessionFacts) -> Mapping[RowSource, str]:
    """Name rows by the line of their sheet; of several sheets of a kind by its number, too."""
    files: dict[EntityKind, dict[str, int]] = {}
    counts: Counter[EntityKind] = Counter()
    names: dict[RowSource, str] = {}
    for row in session.specification.entities:
        label, numbers = ROW_LABELS[row.kind], files.setdefault(row.kind, {})
        counts[row.kind] += 1
        number = numbers.setdefault(row.source.file, len(numbers) + 1)
        sheet = label if number == 1 else f"{label}_{number}_"
        is_of_package = row.kind in PACKAGE_KINDS
        name = f"{label}{counts[row.kind]}" if is_of_package else f"{sheet}{row.source.line}"
        names[row.source] = name
    return names


def specification_text(facts: GroupFacts, *, max_tokens: int) -> tuple[str, str]:
    """Return all rows, the same for every ticket of the session, and in words what had no room."""
    session = facts.session
    whole = _whole_text(session)
    if tokens_of(whole) <= max_tokens:
        return whole, ""
    tokens = _tokens_by_row(session)
    chosen: dict[RowSource, Entity] = {row.source: row for row in facts.own_rows}
    room = max_tokens - sum(tokens[source] for source in chosen)
    for row in (row for rows in _by_nearness(facts) for row in rows):
        if row.source not in chosen and tokens[row.source] <= room:
            chosen[row.source] = row
            room -= tokens[row.source]
    rows = [row for row in session.specification.entities if row.source in chosen]
    count = len(session.specification.entities) - len(rows)
    left_out = (
        f"{count} rows of other tickets are left out for their number. Say nothing of what you do "
        "not see, and not that it is missing."
    )
    return _text_of(session, rows), left_out


def ticket_rows_text(facts: GroupFacts) -> tuple[str, str]:
    left_out = "You see the rows of this ticket only. Say nothing of what you do not see."
    return _text_of(facts.session, sorted_rows(facts.own_rows)), left_out


def near_rows(facts: GroupFacts) -> tuple[Entity, ...]:
    """Return what an answer about a ticket mostly rests on: its own rows, referring and named ones."""
    own, referring, named, _ = _by_nearness(facts)
    near = {row.source: row for row in (*own, *referring, *named)}
    return tuple(sorted_rows(near.values()))


def sorted_rows(rows: Iterable[Entity]) -> list[Entity]:
    """Return rows in the order of their sheets."""
    kinds = list(EntityKind)
    return sorted(rows, key=lambda r: (kinds.index(r.kind), r.source.file, r.source.line))


@once_per_session
def _tokens_by_row(session: SessionFacts) -> Mapping[RowSource, int]:
    return {
        row.source: tokens_of(
            _line(row, () if row.kind in PACKAGE_KINDS else [*row.cells], session)
        )
        for row in session.specification.entities
    }


def _by_nearness(facts: GroupFacts) -> tuple[Sequence[Entity], ...]:
    """Return own rows, those that refer to them, those of what they name, and all with notes."""
    specification, own = facts.session.specification, facts.own_rows
    keys = {row.key for row in own}
    referring = [row for key in keys for row, _ in specification.referrers_of.get(key, ())]
    targets = [target for row in own for target in specification.targets_of(row)]
    values = "\n".join(f"{row.label}\n{row.note}\n{row.cell('Help text')}" for row in own)
    packaged = (row for row in own if row.kind in PACKAGE_KINDS)
    values = "\n".join([values, *(value for row in packaged for value in row.cells.values())])
    named = [
        row
        for name, heads in _named_heads(facts.session).items()
        if name in values and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", values)
        for head in heads
        for row in (head, *specification.members_of.get(head.key, ()))
    ]
    noted = [row for row in specification.entities if row.note or row.cell("Description")]
    return own, sorted_rows(referring), sorted_rows([*targets, *named]), noted


@once_per_session
def _named_heads(session: SessionFacts) -> Mapping[str, Sequence[Entity]]:
    """Return bundles, views and workflows by their names, as notes write them, and components."""
    kinds = (EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW, EntityKind.USER_ROLE)
    rows = [row for kind in kinds for row in session.specification.by_kind[kind]]
    named = grouped((row for row in rows if len(name_of(row)) >= NAME_CHARACTERS_MIN), name_of)
    components = session.specification.by_kind[EntityKind.COMPONENT]
    return named | grouped(components, lambda row: row.machine_name)


@once_per_session
def _whole_text(session: SessionFacts) -> str:
    return _text_of(session, session.specification.entities)


def _text_of(session: SessionFacts, rows: Sequence[Entity]) -> str:
    """Lay rows out: a heading with the columns for each sheet, one for each owner, a line a row."""
    components = session.specification.by_kind[EntityKind.COMPONENT]
    places = {row.key: place for place, row in enumerate(components)}
    placed = sorted(rows, key=lambda row: places.get(row.owner_key or row.key, -1))
    of_sheets = grouped((r for r in placed if r.kind not in PACKAGE_KINDS), lambda row: row.kind)
    parts = grouped((r for r in placed if r.kind in PACKAGE_KINDS), lambda row: row.source.file)
    lines = [line for kind, some in of_sheets.items() for line in _sheet(kind, some, session)]
    return "\n".join([*lines, *(line for some in parts.values() for line in _part(some, session))])


def _part(rows: Sequence[Entity], session: SessionFacts) -> Iterator[str]:
    """Lay out a component, or one of its lists: what most entries have as columns, else by name."""
    filled = Counter(column for row in rows for column in shown_values(row))
    every = dict.fromkeys(column for row in rows for column in row.cells)
    columns = [column for column in every if 2 * filled[column] > len(rows) > 1]
    title = _cell(sheet_title(rows[0].source.file))
    if rows[0].kind is EntityKind.COMPONENT:
        yield f"## {title} {_cell(rows[0].label)}"
    else:
        yield f"## {'|'.join([f'{title}: id', *map(_cell, columns)])}"
    for row in rows:
        yield _line(row, columns, session)


def _sheet(kind: EntityKind, rows: Sequence[Entity], session: SessionFacts) -> Iterator[str]:
    every = dict.fromkeys(column for row in rows for column in row.cells)
    owning = () if kind in _OWNERS else OWNER_COLUMNS
    stated = {c for row in rows for c in row.cells if row.cell(c) and row.is_stated(c)}
    columns = [column for column in every if column in stated and column not in owning]
    yield f"## {SHEET_NAMES[kind]}: id|{'|'.join(map(_cell, columns))}"
    owners = session.specification.by_key
    heading = ""
    for row in rows:
        named = next(filter(None, map(row.cell, OWNER_COLUMNS)), "")
        is_owned = row.owner_key is not None or row.kind is EntityKind.FIELD
        if is_owned or (named and kind not in _OWNERS):
            owner = owners.get(row.owner_key or "", (row,))[0]
            names = (owner.label, owner.machine_name) if row.owner_key else (named,)
            before, heading = heading, f"# {' '.join(map(_cell, names))}"
            if heading != before:
                yield heading.rstrip()
        yield _line(row, columns, session)


def _line(row: Entity, columns: Sequence[str], session: SessionFacts) -> str:
    """Write a row; what a setting of a package has beside the columns is there by name."""
    cells = [row.cell(column) if row.is_stated(column) else "" for column in columns]
    if row.kind in PACKAGE_KINDS:
        values = shown_values(row)
        cells = [values.get(column, "") for column in columns]
        cells += [f"{name}={value}" for name, value in values.items() if name not in columns]
    return f"{ids_of(session)[row.source]}|{'|'.join(map(_cell, cells))}".rstrip("|")


def _cell(text: str) -> str:
    """Return a cell on one line that holds neither markup nor what nobody sees."""
    seen = "".join(c if c.isprintable() else " " for c in without_hidden(text))
    return html.escape(" ".join(seen.split()), quote=False)


def tokens_of(text: str) -> int:
    return -(-len(text) // CHARACTERS_A_TOKEN)


def as_data(value: object) -> str:
    r"""Return JSON that no text in it can leave: brackets and control characters as \uXXXX."""
    text = without_hidden(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    unseen = {ord(c): json.dumps(c)[1:-1] for c in set(text) if not c.isprintable()}
    return text.translate(_ESCAPED | unseen)

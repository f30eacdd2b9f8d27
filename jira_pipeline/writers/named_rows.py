"""Which rows of a specification name which others, by machine name or whole label.

Belongs here: the look-up, made once for a session. Does not: which of them matter to a ticket
(`related_work`), or what is said of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jira_pipeline.domain.entities import Entity, EntityKind, RowSource
from jira_pipeline.domain.note_sentences import items_of
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of

NAMELESS_KINDS = frozenset(
    {
        EntityKind.VIEW_DISPLAY,
        EntityKind.WORKFLOW_STATE,
        EntityKind.WORKFLOW_TRANSITION,
        EntityKind.COMPONENT_ITEM,
    }
)
"""Every view has a `Block`, every workflow a `Draft`: their names mean nothing elsewhere."""
_SETTING_COLUMNS = frozenset(
    {"ID", "X", "QA", "Dev", "Display plugin", "Field type", "Form widget", "Type"}
    | {"Entity Type", "Displays", "Base table", "Effect", "Machine name", "Machine Name"}
)
"""Their cells name what Drupal has, such as the plugin `Page`."""
_AROUND_NAMES = "“”\"'`().,;:!?"
_WORD_END = re.compile(r"[\s/]+|(?<=\w)\.(?=[a-z]+_)")
"""`harbour.field_berths` names a field."""
_LABEL_END_CHARACTERS = 6
"""`Slideshow` means `Home slideshow`; a shorter end of a label is any word."""


@dataclass(frozen=True, slots=True)
class RowMention:
    """A row that names others, and by what."""

    row: Entity
    name: str
    is_alone: bool
    """The name is a whole item of a list, not a part of a sentence."""


@dataclass(frozen=True, kw_only=True)
class NamedRows:
    """Who names whom, in sheet order."""

    called: Mapping[str, Sequence[Entity]]
    """The rows by each name that cells may call them."""
    naming: Mapping[str, Sequence[RowMention]]
    """The rows that name something, by that name."""
    names_in: Mapping[RowSource, Sequence[RowMention]]
    """What each row names."""

    @staticmethod
    def of(rows: Sequence[Entity]) -> "NamedRows":
        """Look through every cell once."""
        found = _Names(rows=rows)
        naming: dict[str, list[RowMention]] = {}
        names_in: dict[RowSource, list[RowMention]] = {}
        for row in rows:
            named: dict[str, RowMention] = {}
            for column, cell in row.cells.items():
                for name, is_alone in _names_of(column, cell, found):
                    if name not in named or is_alone:
                        named[name] = RowMention(row, name, is_alone)
            for name, one in named.items():
                naming.setdefault(name, []).append(one)
            names_in[row.source] = list(named.values())
        return NamedRows(called=found.called, naming=naming, names_in=names_in)


@dataclass(frozen=True, kw_only=True)
class _Names:
    """Every name, how long names that begin with a word are, and what means one as a whole item."""

    rows: Sequence[Entity]
    called: dict[str, list[Entity]] = field(default_factory=dict)
    spelt: dict[str, str] = field(default_factory=dict)
    """The names by how they are in small letters."""
    sizes: dict[str, int] = field(default_factory=dict)
    alone: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            for name in names_of(row):
                known = self.called.setdefault(name, [])
                if row not in known[-1:]:
                    known.append(row)
                words = name.split()
                first = words[0].strip(_AROUND_NAMES).casefold()
                self.sizes[first] = max(self.sizes.get(first, 0), len(words))
        for name in self.called:
            end = name.split()[-1]
            if " " in name and len(end) >= _LABEL_END_CHARACTERS and "(" not in name:
                self.alone.setdefault(end.casefold(), name)
        self.spelt.update({name.casefold(): name for name in reversed(self.called)})
        self.alone.update(self.spelt)


def names_of(row: Entity) -> Iterable[str]:
    """Return what cells of other rows may call a row; a field only by its machine name."""
    names = {row.machine_name: None} if is_machine_name_given(row) else {}
    if row.kind is not EntityKind.FIELD:
        names |= dict.fromkeys((row.label, name_of(row)))
    elif "_" not in row.machine_name:
        return ()
    if row.kind in NAMELESS_KINDS:
        return ()
    bare = (" ".join(name.strip(_AROUND_NAMES + "- ").split()) for name in names)
    return [name for name in bare if name]


def _names_of(column: str, cell: str, names: _Names) -> Iterator[tuple[str, bool]]:
    if not cell or column in _SETTING_COLUMNS:
        return
    for item in items_of(cell):
        stripped = item.strip(_AROUND_NAMES)
        if name := names.alone.get(stripped.casefold()):
            yield name, True
            continue
        words, start = _WORD_END.split(item), 0
        while start < len(words):
            name, size = _name_at(words, start=start, names=names)
            if name:
                yield name, False
            start += size


def _name_at(words: Sequence[str], *, start: int, names: _Names) -> tuple[str, int]:
    """Return the longest name at a place and its words; a small word is one after `the view` only.

    A label of several words may be in small letters: `in the filters of the doctor finder`.
    """
    longest = names.sizes.get(words[start].strip(_AROUND_NAMES).casefold(), 0)
    for size in range(min(longest, len(words) - start), 0, -1):
        name = " ".join(words[start : start + size]).strip(_AROUND_NAMES)
        is_telling = size > 1 or "_" in name or name[:1].isupper()
        if (is_telling or words[start - 1 : start] == ["view"]) and name in names.called:
            return name, size
        if size > 1 and (spelt := names.spelt.get(name.casefold())):
            return spelt, size
    return "", 1

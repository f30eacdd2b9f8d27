"""Which rows of a specification name which others, or share rare words with them.

Belongs here: the look-ups, made once for a session, and how a text names a thing. Does not: which
of them matter to a ticket (`mentions`, `related_work`), or what is said of them.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, RowSource
from jira_pipeline.domain.lexicon import word_list
from jira_pipeline.domain.note_sentences import items_of
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.domain.questions.row_questions import HELP_TEXT, PROSE_COLUMNS
from jira_pipeline.domain.view_displays import setting_of
from jira_pipeline.writers.plain_words import WORD, singular

NAMELESS_KINDS = frozenset(
    {EntityKind.VIEW_DISPLAY, EntityKind.WORKFLOW_STATE, EntityKind.WORKFLOW_TRANSITION}
    | {EntityKind.COMPONENT_ITEM}
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
_NAME_WORDS_MAX = 6
"""Of a name that is looked for in notes."""
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
    """Who names whom, in sheet order: every cell is looked through once."""

    rows: Sequence[Entity]
    called: dict[str, list[Entity]] = field(default_factory=dict)
    """The rows by each name that cells may call them."""
    naming: dict[str, list[RowMention]] = field(default_factory=dict)
    """The rows that name something, by that name."""
    names_in: dict[RowSource, list[RowMention]] = field(default_factory=dict)
    """What each row names."""
    spelt: dict[str, str] = field(default_factory=dict)
    """The names by how they are in small letters."""
    sizes: dict[str, int] = field(default_factory=dict)
    """How long names that begin with a word are."""
    alone: dict[str, str] = field(default_factory=dict)
    """The names by what means one as a whole item."""

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
        of_several_words = [name for name in reversed(self.called) if " " in name]
        self.spelt.update({folded(name): name for name in of_several_words})
        self.spelt.update({name.casefold(): name for name in reversed(self.called)})
        self.alone.update(self.spelt)
        for row in self.rows:
            named: dict[str, RowMention] = {}
            for column, cell in row.cells.items():
                for name, is_alone in _names_in(column, cell, self):
                    if name not in named or is_alone:
                        named[name] = RowMention(row, name, is_alone)
            for name, one in named.items():
                self.naming.setdefault(name, []).append(one)
            self.names_in[row.source] = list(named.values())


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


def _names_in(column: str, cell: str, names: NamedRows) -> Iterator[tuple[str, bool]]:
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


def _name_at(words: Sequence[str], *, start: int, names: NamedRows) -> tuple[str, int]:
    """Return the longest name at a place and its words; a small word is one after `the view` only.

    A label of several words may be in small letters or in the plural: `of the doctor finders`.
    """
    longest = names.sizes.get(words[start].strip(_AROUND_NAMES).casefold(), 0)
    for size in range(min(longest, len(words) - start), 0, -1):
        name = " ".join(words[start : start + size]).strip(_AROUND_NAMES)
        is_telling = size > 1 or "_" in name or name[:1].isupper()
        if (is_telling or words[start - 1 : start] == ["view"]) and name in names.called:
            return name, size
        spelt = names.spelt.get(name.casefold()) or names.spelt.get(folded(name))
        if size > 1 and spelt:
            return spelt, size
    return "", 1


def folded(name: str) -> str:
    """Return a name in small letters, its last word in the singular."""
    *first, last = name.casefold().split(" ")
    return " ".join((*first, singular(last)))


def bare_words(name: str) -> tuple[str, ...]:
    """Return the words of a name for comparison: `Places to stay` lists what `Place to stay` is."""
    return tuple(word.removesuffix("s") for word in name.casefold().split())


def is_named_in(sentence: str, name: str, subject: Entity, *, is_alone: bool) -> bool:
    """Tell whether a sentence has a name that means a subject: beside its kind, or `is_alone`.

    A machine name with an underscore needs no kind, nor does what the note of a removal names, or
    the label of several words of a view that no bundle has, which may be in small letters: a plural
    then means what is listed, unless `the` is before it.
    """
    start = sentence.find(name)
    if start < 0 and subject.kind is EntityKind.VIEW and " " in name:
        is_one = not name.endswith("s")
        start = sentence.lower().find(name.lower() if is_one else f"the {name.lower()}")
        start += 0 if is_one or start < 0 else len("the ")
    if start < 0:
        return False
    text_before, text_after = sentence[:start], sentence[start + len(name) :]
    if _IN_WORD_BEFORE.search(text_before) or _IN_WORD_AFTER.match(text_after):
        return False
    goes_on = _NAME_GOES_ON.match(text_after)
    if "_" in name or (is_alone and not goes_on):
        return True
    noun = _SUBJECT_NOUNS.get(subject.bundle_type or subject.kind)
    before, after = _NOUN_BEFORE.search(text_before), _NOUN_AFTER.match(text_after)
    return not goes_on and noun in {m[1].casefold() for m in (before, after) if m is not None}


_SUBJECT_NOUNS: Mapping[BundleType | EntityKind, str] = {
    BundleType.CONTENT: "content type",
    BundleType.PARAGRAPH: "paragraph",
    BundleType.VOCABULARY: "vocabulary",
    BundleType.MEDIA: "media type",
    BundleType.BLOCK: "block type",
    BundleType.WEBFORM: "webform",
    EntityKind.VIEW: "view",
    EntityKind.MIGRATION: "migration",
    EntityKind.WORKFLOW: "workflow",
    EntityKind.USER_ROLE: "role",
}
"""What a note calls a thing right before or after its name."""
SUBJECT_NOUN = rf"({'|'.join(_SUBJECT_NOUNS.values())})"
_NOUN_BEFORE = re.compile(rf"\b{SUBJECT_NOUN}(?: type)?\W*$", re.IGNORECASE)
_NOUN_AFTER = re.compile(rf" {SUBJECT_NOUN}\b(?! modes?\b)", re.IGNORECASE)
_IN_WORD_BEFORE = re.compile(r"[\w/-]$")
_IN_WORD_AFTER = re.compile(r"[\w-]")
_NAME_GOES_ON = re.compile(r" [A-Z]")


def phrases_in(sentence: str, *, at_most: int = _NAME_WORDS_MAX) -> Iterator[str]:
    """Return the words in a row that may be a name, without those that only begin a longer one."""
    words = sentence.split()
    for start in range(len(words)):
        for end in range(start + 1, min(start + at_most, len(words)) + 1):
            goes_on = end < len(words) and words[end][0].isupper() and words[end - 1][-1].isalnum()
            if not goes_on:
                yield " ".join(words[start:end]).strip(_AROUND_NAMES)


_WEIGHTLESS = (
    *("frequent_words", "counted_nouns", "capitalised_words", "fields_of_anything"),
    *("listing_words", "status_words", "permission_words", "shared_displays"),
)
"""Lists of the lexicon whose words say nothing of what a row is about."""
_RARE_MAX = 25
"""A word that more rows hold is followed to none of them: time stays in proportion to the rows."""
_PAIR = 2
"""Two rows share a word: so many hold the rarest one that says anything."""
_LETTERS_MIN = 3
"""A shorter word says nothing of what a row is about."""


@dataclass(frozen=True, kw_only=True)
class SharedWords:
    """The words of names that few rows hold, in names, descriptions, notes, help texts, filters."""

    words_in: Mapping[RowSource, Sequence[str]]
    """The words of each row, in the singular."""
    holding: Mapping[str, Sequence[Entity]]
    """The rows that hold a word, in sheet order."""
    row_count: int

    @staticmethod
    def of(rows: Sequence[Entity]) -> "SharedWords":
        """Look through every row once."""
        weightless = {singular(word) for name in _WEIGHTLESS for word in word_list(name)}
        naming: set[str] = set()
        holding: dict[str, list[Entity]] = {}
        for row in rows:
            named = _words_of(f"{row.label} {row.machine_name}")
            naming |= named.keys()
            cells = [row.cell(column) for column in (*PROSE_COLUMNS, HELP_TEXT)]
            if row.kind is EntityKind.VIEW_DISPLAY:
                cells.append(setting_of(row, "filters"))
            for word in named | _words_of(" ".join(cells)):
                holding.setdefault(word, []).append(row)
        words_in: dict[RowSource, list[str]] = {}
        rare = {
            word: found
            for word, found in holding.items()
            if word in naming - weightless and _PAIR <= len(found) <= _RARE_MAX
        }
        for word, found in rare.items():
            for row in found:
                words_in.setdefault(row.source, []).append(word)
        return SharedWords(words_in=words_in, holding=rare, row_count=len(rows))

    def rows_near(self, rows: Sequence[Entity]) -> list[Entity]:
        """Return other rows that share rare words with some rows, those with the rarest ones first.

        They weigh as much as one word that two rows alone hold, or more.
        """
        own = {row.source for row in rows}
        weights: dict[RowSource, float] = {}
        found: dict[RowSource, Entity] = {}
        for word in dict.fromkeys(w for row in rows for w in self.words_in.get(row.source, ())):
            holding = self.holding[word]
            for other in holding:
                if other.source not in own:
                    found[other.source] = other
                    weight = math.log2(self.row_count / len(holding))
                    weights[other.source] = weights.get(other.source, 0) + weight
        least = math.log2(self.row_count / _PAIR)
        near = (source for source, weight in weights.items() if weight >= least)
        return [found[source] for source in sorted(near, key=lambda source: -weights[source])]


def _words_of(text: str) -> dict[str, None]:
    words = (singular(word) for word in WORD.findall(text))
    return {word: None for word in words if len(word) >= _LETTERS_MIN and not word.isdigit()}

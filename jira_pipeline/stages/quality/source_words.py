"""Every name, number and sentence of the sheets of a session, for looking up.

Belongs here: the index over cells, made once for all tickets. Does not: which words of a ticket
are looked up (`prose_checks`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from jira_pipeline.domain.entities import (
    Entity,
    EntityKind,
    Specification,
    containing_file,
    sheet_title,
)
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.note_sentences import readable, sentences_of
from jira_pipeline.domain.questions.question_index import QuestionIndex, index_of

NUMBER = re.compile(r"\d+")
NAME = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
"""What a machine name looks like where nothing marks it as one."""
_TOKEN = re.compile(r"\[\w+:([\w:]+)\]")
_COUNTED_KINDS = frozenset(
    {EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.USER_ROLE, EntityKind.WORKFLOW}
)
"""What tickets are about: prose counts those that refer to one another."""


@dataclass(frozen=True, kw_only=True)
class SourceWords:
    """Look-ups over the cells of one session."""

    specification: Specification
    _seen: dict[str, bool] = field(default_factory=dict)
    """What was looked for in all cells already."""

    @cached_property
    def index(self) -> QuestionIndex:
        """The look-ups of the rules that ask."""
        return index_of(self.specification)

    @cached_property
    def names(self) -> frozenset[str]:
        """Machine names, addresses with their beginnings and tokens, and names inside cells."""
        names = set(self.index.settled_names.values())
        for entity in self.specification.entities:
            alias = entity.cell("URL alias pattern")
            names |= {folded(entity.machine_name), alias, alias.partition("[")[0]}
            for cell in entity.cells.values():
                names.update(NAME.findall(cell))
                names.update(_TOKEN.findall(cell))
            if entity.kind in {EntityKind.COMPONENT, EntityKind.COMPONENT_ITEM}:
                names |= {folded(column) for column in entity.cells}
                names |= {entity.key.partition(":")[2], containing_file(entity.source.file)}
        return frozenset(names)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Every number of every cell."""
        cells = (cell for entity in self.specification.entities for cell in entity.cells.values())
        return frozenset(number for cell in cells for number in NUMBER.findall(cell))

    @cached_property
    def lines(self) -> Mapping[str, Collection[int]]:
        """Lines of rows, by file and by the name of the sheet in it."""
        found: dict[str, set[int]] = defaultdict(set)
        for entity in self.specification.entities:
            found[entity.source.file].add(entity.source.line)
            found[sheet_title(entity.source.file)].add(entity.source.line)
        return found

    @cached_property
    def largest_count(self) -> int:
        """How many rows of one kind and type there are, of bundles, views and the like at most."""
        counts = Counter((e.kind, e.bundle_type) for e in self.specification.entities)
        own = [n for (kind, _), n in counts.items() if kind in _COUNTED_KINDS]
        return max(own, default=0)

    @cached_property
    def _labels(self) -> Mapping[str, tuple[str, ...]]:
        """Labels and names of bundles, by their first word."""
        found: dict[str, dict[str, None]] = {}
        for entity in self.specification.entities:
            for label in (entity.label, entity.label.rpartition(" (")[0]):
                if label:
                    found.setdefault(label.split()[0], {})[label] = None
        return {word: tuple(labels) for word, labels in found.items()}

    @cached_property
    def _bundles(self) -> frozenset[str]:
        bundles = self.specification.by_kind[EntityKind.BUNDLE]
        return frozenset(b.cell("Name") or b.label.rpartition(" (")[0] for b in bundles)

    def is_bundle(self, name: str) -> bool:
        """Tell whether a bundle is called so."""
        return name in self._bundles

    def labels_in(self, sentence: str) -> set[str]:
        """Return the labels of the sheets that a sentence holds."""
        words = {word.strip("“”,.") for word in sentence.split()}
        return {
            label for word in words for label in self._labels.get(word, ()) if label in sentence
        }

    def is_written_in(self, group: EntityGroup, words: str) -> bool:
        """Tell whether a cell says these words: of the group's own rows, else of any row."""
        wanted = folded(words)
        if any(_says(row, wanted) for row in (*group.heads, *group.members)):
            return True
        if wanted.strip(" .") in self._whole:
            return True
        if wanted not in self._seen:
            self._seen[wanted] = any(wanted in text for text in self._texts)
        return self._seen[wanted]

    @cached_property
    def _whole(self) -> frozenset[str]:
        """Labels, cells and their sentences: nearly all that is ever looked for."""
        known: set[str] = set()
        for entity in self.specification.entities:
            for cell in {entity.label, *entity.cells.values()}:
                known |= {folded(cell).strip(" ."), *(_bare(s) for s in sentences_of(cell))}
                if "<" in cell or "&" in cell:
                    known |= {_bare(readable(s)) for s in (cell, *sentences_of(cell))}
        return frozenset(known)

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return tuple(
            folded("\n".join((entity.label, *entity.cells.values())))
            for entity in self.specification.entities
        )


def _bare(sentence: str) -> str:
    return folded(sentence).strip(" .")


def _says(row: Entity, wanted: str) -> bool:
    """Tell whether a cell says it, as it is written or as a reader sees it."""
    texts = [text for text in (row.label, *row.cells.values()) if text]
    return any(wanted in folded(text) or wanted in folded(readable(text)) for text in texts)


def folded(text: str) -> str:
    """Return a text on one line, as it is compared."""
    return " ".join(text.split()).replace("'", "`")

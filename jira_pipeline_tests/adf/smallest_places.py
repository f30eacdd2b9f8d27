"""The judge of places: where one deletion, insertion or replacement makes a document valid.

Belongs here: trying edits and asking the oracle. It knows the official schema's words (names of
members, smallest nodes), nothing of our grammar and nothing of how a document was spoiled.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from jira_pipeline_tests.adf.schema_documents import SchemaDocuments
from jira_pipeline_tests.adf.spoiling import Path

Accepts = Callable[[Any], bool]

_GONE: Final = object()
_NODE_MEMBERS: Final = ("type", "attrs", "marks", "content", "text", "version")
_SCALARS: Final[list[Any]] = ["x", "#123456", "1", 1, 2, 50, True, None, [], {}, [1], ["x"]]


class SmallestPlaces:
    """Finds the smallest places at which one edit fixes a document."""

    def __init__(self, documents: SchemaDocuments) -> None:
        """Collect from the schema what may be put where."""
        members = documents.members()
        self._nodes = _distinct(documents.smallest_nodes())
        self._marks = _distinct(documents.smallest_marks())
        self._by_name = {
            name: _distinct([*self._values(documents, rules), *_SCALARS])
            for name, rules in members.items()
        }
        types = [node["type"] for node in (*self._nodes, *self._marks)]
        self._by_name["type"] = _distinct([*types, *self._by_name["type"]])
        self._by_name["content"] = [
            [], *([node] for node in self._nodes), *([node] * 2 for node in self._nodes)
        ]  # fmt: skip
        self._by_name["marks"] = [[]]
        no_attributes = {"attrs", "marks", "content", "version"}
        self._attribute_names = [name for name in members if name not in no_attributes]

    @staticmethod
    def _values(documents: SchemaDocuments, rules: Iterable[Any]) -> Iterator[Any]:
        for rule in rules:
            yield from rule.get("enum", ())
            for choice in rule.get("anyOf", (rule,)):
                yield documents.smallest(choice)

    def of(self, document: Any, accepts: Accepts) -> set[Path]:
        """Find all the smallest places; empty = no single edit fixes the document.

        A place above all that is fixed by an edit below it is fixed by replacing it as well, so
        the search goes down only from places that can be fixed.
        """
        found: set[Path] = set()
        pending: list[tuple[Path, Any]] = [((), document)]
        while pending:
            path, value = pending.pop()
            below = [*self._corrected_below(document, path, value, accepts)]
            pending.extend(below)
            if path and not below:
                found.add(path)
        return found

    def _corrected_below(
        self, document: Any, path: Path, value: Any, accepts: Accepts
    ) -> Iterator[tuple[Path, Any]]:
        if isinstance(value, list):
            for index in range(len(value)):
                if self._is_corrected(document, value, index, path, accepts):
                    yield (*path, index), value[index]
        elif isinstance(value, dict):
            absent = [name for name in self._names(path) if name not in value]
            for name in [*value, *absent]:
                old = value.get(name, _GONE)
                if self._is_corrected(document, value, name, path, accepts):
                    yield (*path, name), old

    def _names(self, path: Path) -> Iterable[str]:
        return self._attribute_names if "attrs" in path else _NODE_MEMBERS

    def _is_corrected(
        self, document: Any, container: Any, key: Any, path: Path, accepts: Accepts
    ) -> bool:
        """Try each edit at one place; the document is afterwards as before."""
        is_list = isinstance(container, list)
        before = list(container) if is_list else dict(container)
        old = container[key] if is_list else container.get(key, _GONE)
        try:
            if old is not _GONE:
                del container[key]
                if accepts(document):
                    return True
                if is_list:
                    container.insert(key, old)
            for value in self._candidates(key, path):
                container[key] = value
                if accepts(document):
                    return True
        finally:
            container.clear()
            container.extend(before) if is_list else container.update(before)
        return False

    def _candidates(self, key: Any, path: Path) -> list[Any]:
        if isinstance(key, str):
            return self._by_name.get(key, _SCALARS)
        if path[-1:] == ("content",):
            return self._nodes
        if path[-1:] == ("marks",):
            return self._marks
        return [*_SCALARS, *self._by_name["views"], {"type": "x"}]


def _distinct(values: Iterable[Any]) -> list[Any]:
    by_text = {repr(value): value for value in values}
    return list(by_text.values())

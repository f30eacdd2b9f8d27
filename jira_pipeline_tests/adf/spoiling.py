"""Edits that spoil a document at one place, each with a name.

Belongs here: what can go wrong with a document, as edits chosen by a seed. Does not: judging
what they did (`smallest_places`), documents (`schema_documents`, `documents`).
"""

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Path = tuple[str | int, ...]
Json = dict[str, Any]

_OTHER_KINDS: Final[dict[type, list[Any]]] = {
    str: [1, True, None, ["x"], {}, 2.5],
    int: ["1", None, True, [], {}],
    float: ["1.5", None, False],
    bool: [0, 1, "true", None],
    list: ["text", {}, None, 0, {"type": "paragraph"}],
    dict: ["text", [], None, 1],
    type(None): [1],
}
_NUMBERS: Final[list[Any]] = [2.5, -1, 0, 7, 101, 10**30, -(10**30), 1e300, True, False, "1"]
_ENUMERATED: Final = frozenset(
    {"layout", "panelType", "color", "state", "valign", "widthType", "displayMode", "userType",
     "mode", "align", "fontSize", "annotationType", "type"}
)  # fmt: skip
_BAD_CHOICES: Final = ["bogus", "", "INFO", "Center", "sub", "percentage", None, 3]
_UNKNOWN_TYPES: Final = ["bogus", "Paragraph", "p", "", "textarea", "headline", None, 5, ["text"]]
_MARKS: Final[list[Json]] = [
    {"type": "strong"}, {"type": "code"}, {"type": "em"}, {"type": "bogus"}, {"type": "strong"},
    {"type": "link"}, {"type": "link", "attrs": {"href": 1}}, {"type": "underline", "attrs": {}},
    {"type": "link", "attrs": {"href": "https://example.org/"}}, {"type": "breakout"},
    {"type": "textColor", "attrs": {"color": "red"}}, {"type": "subsup", "attrs": {}},
    {"type": "alignment", "attrs": {"align": "end"}}, {"type": "rule"}, {"attrs": {}},
    {"type": "fontSize", "attrs": {"fontSize": "small"}},
]  # fmt: skip
_COMBINATIONS: Final[list[list[Json]]] = [
    [{"type": "strong"}, {"type": "code"}],
    [{"type": "code"}, {"type": "underline"}, {"type": "strike"}],
    [{"type": "subsup", "attrs": {"type": "sub"}}, {"type": "subsup", "attrs": {"type": "sup"}}],
    [
        {"type": "alignment", "attrs": {"align": "end"}},
        {"type": "indentation", "attrs": {"level": 1}},
    ],
]
"""Marks that are right each, together on a node where they may not all be."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One deletion, insertion or replacement."""

    name: str
    kind: Literal["delete", "insert", "replace"]
    path: Path
    value: Any = None

    @property
    def region(self) -> Path:
        """The part of a document that it moves or changes."""
        is_shifting = self.kind != "replace" and isinstance(self.path[-1], int)
        return self.path[:-1] if is_shifting else self.path

    def apply(self, document: Json) -> None:
        """Edit the document itself."""
        container: Any = document
        for segment in self.path[:-1]:
            container = container[segment]
        last, value = self.path[-1], copy.deepcopy(self.value)
        if self.kind == "delete":
            del container[last]
        elif self.kind == "insert" and isinstance(container, list):
            container.insert(int(last), value)
        else:
            container[last] = value


def places_of(document: Json) -> list[tuple[Path, Any]]:
    """List every value of a document with its path, the document itself left out."""
    places: list[tuple[Path, Any]] = []
    pending: list[tuple[Path, Any]] = [((), document)]
    while pending:
        path, value = pending.pop()
        items: Iterator[tuple[Any, Any]] = iter(())
        if isinstance(value, dict):
            items = iter(value.items())
        elif isinstance(value, list):
            items = iter(enumerate(value))
        for key, below in items:
            places.append(((*path, key), below))
            pending.append(((*path, key), below))
    return places


def spoiled(document: Json, edits: Sequence[Edit]) -> Json:
    """Copy a document and make all the edits, whose regions are disjoint."""
    made = copy.deepcopy(document)
    for edit in edits:
        edit.apply(made)
    return made


def written(path: Path) -> str:
    """Write a path as a violation does."""
    return "$" + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in path)


def random_edit(
    document: Json, chooser: random.Random, *, sorts: "Sequence[Sort] | None" = None
) -> Edit | None:
    """Choose one edit of a chosen sort; `None` = the document has no place for it."""
    places = places_of(document)
    name, make = chooser.choice(SORTS if sorts is None else sorts)
    return make(name, places, chooser)


def disjoint_edits(
    document: Json, chooser: random.Random, count: int, *, are_nodes_apart: bool = False
) -> list[Edit]:
    """Choose edits none of which changes what another one does, nor its node where that is asked."""
    edits: list[Edit] = []
    for _ in range(count * 8):
        edit = random_edit(document, chooser)
        if edit is not None and not any(
            _overlap(_extent(edit, are_nodes_apart), _extent(other, are_nodes_apart))
            for other in edits
        ):
            edits.append(edit)
        if len(edits) == count:
            break
    return edits


def _extent(edit: Edit, is_whole_node: bool) -> Path:
    """Return the region of an edit, or the node around it."""
    path = edit.region
    if not is_whole_node:
        return path
    ends = (n for n in range(len(path), 1, -1) if path[n - 2] == "content")
    return path[: next((n for n in ends if isinstance(path[n - 1], int)), 0)]


def _overlap(one: Path, other: Path) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


_Places = list[tuple[Path, Any]]


def _nodes(places: _Places) -> _Places:
    return [(p, v) for p, v in places if isinstance(v, dict) and p[-2:-1] == ("content",)]


def _attributes(places: _Places) -> _Places:
    return [(p, v) for p, v in places if p[-2:-1] == ("attrs",)]


def _replace(
    name: str, places: _Places, chooser: random.Random, values: Sequence[Any]
) -> Edit | None:
    if not places:
        return None
    return Edit(name, "replace", chooser.choice(places)[0], chooser.choice(values))


def _wrong_type(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    if not places:
        return None
    path, value = chooser.choice(places)
    return Edit(name, "replace", path, chooser.choice(_OTHER_KINDS[type(value)]))


def _missing(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = _attributes(places)
    return Edit(name, "delete", chooser.choice(chosen)[0]) if chosen else None


def _missing_member(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [(p, v) for p, v in places if isinstance(p[-1], str)]
    return Edit(name, "delete", chooser.choice(chosen)[0]) if chosen else None


def _extra_attribute(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [p for p, v in places if p[-1] == "attrs" and isinstance(v, dict)]
    if not chosen:
        return None
    added = chooser.choice(["bogus", "class", "title", "level", "localId", "type"])
    return Edit(name, "insert", (*chooser.choice(chosen), added), chooser.choice([1, "x", {}]))


def _extra_member(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [p for p, _ in _nodes(places)]
    if not chosen:
        return None
    added = chooser.choice(["bogus", "text", "marks", "content", "attrs", "version", "id"])
    value = chooser.choice([1, "x", {}, [], [{"type": "strong"}]])
    return Edit(name, "insert", (*chooser.choice(chosen), added), value)


def _bad_choice(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [(p, v) for p, v in places if p[-1] in _ENUMERATED and "attrs" in p]
    return _replace(name, chosen, chooser, _BAD_CHOICES)


def _bad_number(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [(p, v) for p, v in places if type(v) in {int, float}]
    return _replace(name, chosen, chooser, _NUMBERS)


def _empty_text(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    return _replace(name, [(p, v) for p, v in places if p[-1] == "text"], chooser, [""])


def _extra_mark(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [(p, v) for p, v in places if p[-1] == "marks" and isinstance(v, list)]
    if chosen and chooser.random() < 0.6:
        path, marks = chooser.choice(chosen)
        index = chooser.randint(0, len(marks))
        return Edit(name, "insert", (*path, index), chooser.choice(_MARKS))
    bare = [p for p, v in _nodes(places) if "marks" not in v]
    if not bare:
        return None
    marks = chooser.choice([[chooser.choice(_MARKS)], *_COMBINATIONS])
    return Edit(name, "insert", (*chooser.choice(bare), "marks"), marks)


def _moved_node(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    nodes = _nodes(places)
    if not nodes:
        return None
    (path, _), (_, value) = chooser.choice(nodes), chooser.choice(nodes)
    return Edit(name, chooser.choice(["insert", "replace"]), path, value)


def _empty_list(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [(p, v) for p, v in places if isinstance(v, list) and v]
    return _replace(name, chosen, chooser, [[]])


def _removed_element(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [p for p, _ in places if isinstance(p[-1], int)]
    return Edit(name, "delete", chooser.choice(chosen)) if chosen else None


def _null(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    return _replace(name, places, chooser, [None])


def _deep_list(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    lists = {"bulletList", "orderedList"}
    nodes = [(p, v) for p, v in _nodes(places) if v.get("type") in lists or len(p) == 2]
    if not nodes:
        return None
    innermost: Json = chooser.choice(
        [{"type": "heading", "attrs": {"level": 1}}, {"type": "paragraph"}, {"type": "bogus"}]
    )
    for _ in range(chooser.randint(2, 12)):
        innermost = {
            "type": chooser.choice(["bulletList", "orderedList"]),
            "content": [{"type": "listItem", "content": [innermost]}],
        }
    return Edit(name, "insert", chooser.choice(nodes)[0], innermost)


def _unknown_type(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [(p, v) for p, v in places if p[-1] == "type" and "attrs" not in p]
    return _replace(name, chosen, chooser, _UNKNOWN_TYPES)


def _swapped_type(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [(p, v) for p, v in places if p[-1] == "type" and "attrs" not in p]
    return _replace(name, chosen, chooser, [v for _, v in chosen] or ["text"])


def _wrong_version(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    chosen = [(p, v) for p, v in places if p[0] == "version"]
    return _replace(name, chosen, chooser, [0, 2, "1", None, True, 1.0, 1.5])


def _string_for_array(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    return _replace(name, [(p, v) for p, v in places if isinstance(v, list)], chooser, ["x", ""])


def _copied_value(name: str, places: _Places, chooser: random.Random) -> Edit | None:
    return _replace(name, places, chooser, [v for _, v in places]) if places else None


Sort = tuple[str, Callable[[str, _Places, random.Random], Edit | None]]

SORTS: Final[list[Sort]] = [
    ("wrong type", _wrong_type),
    ("missing attribute", _missing),
    ("missing member", _missing_member),
    ("extra attribute", _extra_attribute),
    ("extra member", _extra_member),
    ("bad choice", _bad_choice),
    ("bad number", _bad_number),
    ("empty text", _empty_text),
    ("extra mark", _extra_mark),
    ("moved node", _moved_node),
    ("empty list", _empty_list),
    ("removed element", _removed_element),
    ("null", _null),
    ("deep list", _deep_list),
    ("unknown type", _unknown_type),
    ("swapped type", _swapped_type),
    ("wrong version", _wrong_version),
    ("string for array", _string_for_array),
    ("copied value", _copied_value),
]

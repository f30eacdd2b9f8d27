"""Two hands in one document: what we write is renewed block by block, what people wrote stays.

Belongs here: which block of a document is ours, by what we remember of our last text, and the next
text of both. Does not: keeping that memory (`export/issue_texts`), what a ticket says.

Three documents meet: what we wrote last (only its `Memory` is kept), what Jira holds now, and what
we want to say now. A block that Jira still holds as we wrote it is ours: it is renewed, moved along
with where people put it, or goes; its looks stay as people set them. Every other block is people's,
or the site's, and stays where it is, whatever it was before they touched it. Tables, lists, panels
and expands are looked into, so that a row people add to our table is theirs and the other rows are
ours.

Only the memory says what is ours. A history without an entry does not: what a site adds to an issue
that is being created has none.

What people took away stays away until we have something else to say there; what they edited stays
as they left it, and if we have something else to say there, ours is put below it, and counted.
"""

import json
import re
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from textwrap import shorten
from typing import Any

from jira_pipeline.jira.adf.nodes import short_digest

Node = Mapping[str, Any]

CONTAINERS = frozenset({"table", "bulletList", "orderedList", "taskList", "expand", "panel"})
"""Looked into: their children are blocks, too."""
_MEANT = frozenset(
    {"level", "language", "panelType", "title", "url", "href", "text", "state", "id", "shortName"}
    | {"timestamp", "colspan", "rowspan", "color", "type", "collection", "alt", "extensionKey"}
    | {"background"}  # defence: colored-cell
)
"""Attributes that say something; we write no background, so a colored cell is people's.

All others are looks, such as widths, layouts and numbered columns, or ids of Jira's editor.
"""
_TEXT_BLOCKS = frozenset({"paragraph", "heading", "codeBlock", "taskItem"})
"""Their children are text and what stands in it, which has no looks."""
BEGINNING_CHARACTERS = 60
_COUNT = re.compile(r" \(\d+(?: of \d+| rows)?\)")
"""In a heading, of the rows below it."""
_ROW = "row/"
_ITEM = "item/"
LINE_HEADERS = ("Line", "Line / row")
"""Of the last column of a table that says where in its sheet each row is."""
_LAST_CHARACTERS = 6
"""Of the mark of a row's last cell: a long table has many."""
MEMORY_MAX_CHARACTERS = 30_000
"""A property of an issue holds 32,768."""
_REST_IF_MISSING: tuple[Any, ...] = ([], "")
"""Parts and given mark of a block that was kept without them."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One block as we wrote it last."""

    key: str
    mark: str
    parts: tuple["Remembered", ...] = ()
    given: str = ""
    """Its mark as Jira gave the block back, where that is another."""


Memory = tuple[Remembered, ...]

_Placed = tuple[dict[str, Any], Remembered | None]
"""A block of the next text, and what is remembered of it if it is ours."""
WHOLE = Remembered("whole", "")
"""Last of a memory: the document was ours from end to end, in our order."""


class Whose(StrEnum):
    """Whose a block is."""

    OURS = "ours"
    PEOPLES = "people's"
    BELOW = "ours, put below"
    """Something new, where people changed what was there."""


@dataclass(frozen=True, slots=True)
class Merged:
    document: dict[str, Any]
    memory: Memory
    """Of what of it is ours: kept with the document."""
    below: Mapping[str, str] = field(default_factory=dict)
    """How blocks of ours begin, by key, that were put below what people made of them."""
    theirs: int = 0
    """How many blocks of the document are people's."""

    @property
    def shares(self) -> tuple[tuple[Node, "Whose"], ...]:
        """Say whose each block of the document is, in its order."""
        blocks = _children(self.document)
        ours = _recognised(self.memory, blocks)
        return tuple((block, self._whose(ours.get(place))) for place, block in enumerate(blocks))

    def _whose(self, remembered: Remembered | None) -> Whose:
        """Say whose a block is, by what is remembered of it."""
        if remembered is None:
            return Whose.PEOPLES
        if remembered.key in self.below:
            return Whose.BELOW
        return Whose.OURS


def remember(document: Node) -> Memory:
    """Return what is remembered of a document that we wrote as a whole."""
    return (*_remembered(_keyed(_children(document))), WHOLE)


def memory_to_json(memory: Memory) -> list[Any] | None:
    """Return a memory as the value of a property; rows are left out where they are too many.

    None: it is too long without them, and nothing is remembered.
    """
    for with_parts in (True, False):
        blocks = [_as_json(remembered, with_parts=with_parts) for remembered in memory]
        text = json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))
        if len(text) <= MEMORY_MAX_CHARACTERS:  # defence: memory-fits
            return blocks
    return None


def memory_from_json(value: object) -> Memory | None:
    """Read a memory; None where it is none, so that it is not known whose a text is."""
    if not isinstance(value, list):
        return None
    try:
        return tuple(map(_from_json, value))
    except (TypeError, ValueError, RecursionError):
        return None


def as_given(memory: Memory, sent: Node, given: Node) -> Memory:
    """Return a memory that knows the blocks of a document as Jira gave them back, too.

    Jira may arrange what is stored in ways that no mark here knows; then ours would look like
    people's. Where blocks do not correspond, the memory stays as it is.
    """
    before = _children(sent)
    after = _children(given)
    if [node.get("type") for node in before] != [node.get("type") for node in after]:
        return memory
    renewed: dict[str, Remembered] = {}
    for place, remembered in _recognised(memory, before).items():
        mark = fingerprint(after[place])
        parts = as_given(remembered.parts, before[place], after[place])
        # defence: given-by-jira
        given_mark = "" if mark == remembered.mark else mark
        renewed[remembered.key] = replace(remembered, parts=parts, given=given_mark)
    return tuple(renewed.get(remembered.key, remembered) for remembered in memory)


def merge(memory: Memory, theirs: Node, ours: Node) -> Merged:
    """Return the next text of a document that people may have changed since we wrote it."""
    if is_whole(memory, theirs):
        return _renewed_whole(memory, theirs, ours)
    merging = _Merging()
    content, next_memory = merging.children(memory, _children(theirs), _children(ours))
    blocks = _children(theirs)
    return Merged(
        document={**theirs, "content": content},  # empty where people took all of it away
        memory=next_memory,
        below=merging.below,
        theirs=len(blocks) - len(_recognised(memory, blocks)),
    )


def is_whole(memory: Memory, theirs: Node) -> bool:
    """Tell whether a document is as we wrote it, however Jira arranges it."""
    marks = [block.given or block.mark for block in memory if block != WHOLE]
    # defence: whole-document
    return WHOLE in memory[-1:] and marks == [fingerprint(node) for node in _children(theirs)]


def _renewed_whole(memory: Memory, theirs: Node, ours: Node) -> Merged:
    """Return our text in our order, with the looks that people gave its blocks."""
    # The marker of a whole document, the last of the memory, has no block.
    former = {
        block.key: (block, node) for block, node in zip(memory, _children(theirs), strict=False)
    }
    content: list[dict[str, Any]] = []
    memory_of_ours: list[Remembered] = []
    for key, new in _keyed(_children(ours)):
        if key in former:
            node, remembered = _renewed_block(*former[key], new)
        else:
            node = dict(new)
            remembered = _remember_block(key, new)
        content.append(node)
        memory_of_ours.append(remembered)
    return Merged({**ours, "content": content}, (*memory_of_ours, WHOLE))


def _renewed_block(was: Remembered, node: Node, new: Node) -> tuple[dict[str, Any], Remembered]:
    """Return a block that Jira holds as we wrote it, as it says now."""
    if fingerprint(new) == was.mark:
        return dict(node), was
    return _with_looks_of(node, new), _remember_block(was.key, new)


def _with_looks_of(former: Node, new: Node) -> dict[str, Any]:
    """Return a block of ours with the looks of the one whose place it takes."""
    if fingerprint(new) == fingerprint(former):
        return dict(former)
    if new.get("type") != former.get("type"):
        return dict(new)
    dressed = dict(new)
    attributes = former.get("attrs") or {}
    looks = {name: value for name, value in attributes.items() if name not in _MEANT}
    if looks:  # defence: looks-stay
        dressed["attrs"] = {**(new.get("attrs") or {}), **looks}
    if former.get("marks"):
        dressed["marks"] = former["marks"]
    if new.get("type") not in _TEXT_BLOCKS:
        content: list[dict[str, Any]] = []
        former_children = _former_children(former, new)
        for former_child, child in zip(former_children, _children(new), strict=True):
            if former_child is None:
                content.append(dict(child))
            else:
                content.append(_with_looks_of(former_child, child))
        dressed["content"] = content
    return dressed


def _former_children(former: Node, new: Node) -> Sequence[Node | None]:
    """Return for each child of a node the one whose place it takes; None: it takes nobody's.

    Those of containers are told by what they say, those of rows, cells and others by their place.
    """
    children = _children(former)
    new_children = _children(new)
    if new.get("type") in CONTAINERS:
        by_key = dict(_keyed(children))
        return [by_key.get(key) for key, _ in _keyed(new_children)]
    if [node.get("type") for node in children] == [node.get("type") for node in new_children]:
        return children
    return [None] * len(new_children)


@dataclass(slots=True)
class _Merging:
    below: dict[str, str] = field(default_factory=dict)

    def children(
        self, memory: Memory, theirs: Sequence[Node], ours: Sequence[Node]
    ) -> tuple[list[dict[str, Any]], Memory]:
        """Merge the children of one node."""
        wanted = dict(_keyed(ours))
        marks = {key: fingerprint(node) for key, node in wanted.items()}
        origin = _recognised(memory, theirs)
        out: list[_Placed] = []
        for place, node in enumerate(theirs):
            was = origin.get(place)
            placed = (dict(node), None) if was is None else self._renewed(node, was, wanted, marks)
            if placed is not None:
                out.append(placed)
        present = {block.key for block in origin.values()}
        gone = {block.key: block for block in memory if block.key not in present}
        width = _cited_width(ours)
        # what people took away is remembered, or it would come back with the next text
        stay_away = [
            gone[key]
            for key, node in wanted.items()
            if key in gone and _says(gone[key].mark, node, width)  # defence: taken-away
        ]
        self._place_rest(out, wanted, gone=gone, taken_away={block.key for block in stay_away})
        staying = [remembered for _, remembered in out if remembered is not None]
        return [node for node, _ in out], (*staying, *stay_away)

    def _renewed(
        self, node: Node, was: Remembered, wanted: Mapping[str, Node], marks: Mapping[str, str]
    ) -> _Placed | None:
        """Return what becomes of a block of ours, with what people wrote within; None: it goes."""
        new = wanted.get(was.key)
        if new is not None and marks[was.key] == was.mark:
            return dict(node), was  # nothing new: with what people did to its looks
        if fingerprint(node) in {was.mark, was.given}:  # defence: changed-block
            return None if new is None else _renewed_block(was, node, new)
        if new is None:
            text_source = node
            mark = was.mark
            new_children: list[Node] = []
        else:
            text_source = new
            mark = marks[was.key]
            new_children = _children(new)
        content, parts = self.children(was.parts, _children(node), new_children)
        if not content:
            return None
        merged = {**text_source, "content": content}
        merged.pop("attrs", None)
        if node.get("attrs"):
            merged["attrs"] = node["attrs"]
        return merged, Remembered(was.key, mark, parts)

    def _place_rest(
        self,
        out: list[_Placed],
        wanted: Mapping[str, Node],
        *,
        gone: Mapping[str, Remembered],
        taken_away: Collection[str],
    ) -> None:
        """Put what is new of ours where it belongs, and below what people made of what was there."""
        placed_keys = {remembered.key for _, remembered in out if remembered is not None}
        is_written_in = any(remembered is None for _, remembered in out)
        rewritten = [key for key in gone if key not in wanted and is_written_in]
        previous: str | None = None
        for key, node in wanted.items():
            if key not in placed_keys and key not in taken_away:
                is_below = key in gone or any(_may_be(key, other) for other in rewritten)
                place = _place_after(out, previous, past_people=is_below)
                out.insert(place, (dict(node), _remember_block(key, node)))
                placed_keys.add(key)
                if is_below:
                    self.below[key] = shorten(_words(node), BEGINNING_CHARACTERS, placeholder="")
            if key in placed_keys:
                previous = key


def _may_be(key: str, former: str) -> bool:
    """Tell whether an item, or a row that shares a name, may be one that said something else."""
    if not key.startswith(_ROW):
        return key.startswith(_ITEM)
    return not _names_in_row_key(key).isdisjoint(_names_in_row_key(former))


def _names_in_row_key(key: str) -> set[str]:
    """Return the first cells of a row, which its key is made of: `row/Name|Label1`."""
    cells = key[len(_ROW) : -1].split("|")
    return {*cells} - {""}


def _place_after(
    out: Sequence[tuple[Node, Remembered | None]], key: str | None, *, past_people: bool
) -> int:
    """Return where a block goes: behind the one before it, and behind what people made of it."""
    place = 0
    for number, (_, remembered) in enumerate(out):
        if remembered is not None and remembered.key == key:
            place = number + 1
    if key is None and not past_people:
        return _first_place_of_ours(out)
    while past_people and place < len(out) and out[place][1] is None:
        if out[place][0].get("type") == "heading":
            break
        place += 1
    return place


def _first_place_of_ours(out: Sequence[tuple[Node, Remembered | None]]) -> int:
    """Return where the first block of ours is, or the end where there is none."""
    for place, (_, remembered) in enumerate(out):
        if remembered is not None:
            return place
    return len(out)


def _recognised(memory: Memory, theirs: Sequence[Node]) -> dict[int, Remembered]:
    """Say which of these nodes are ours, by place: each block of ours is there once at most."""
    origin = _recognised_by_words(memory, theirs)
    used = {block.key for block in origin.values()}
    left = [block for block in memory if block.parts and block.key not in used]
    for place, node in enumerate(theirs):
        if place in origin or node.get("type") not in CONTAINERS or not left:
            continue
        container = _most_alike(left, node)
        if container is not None:
            origin[place] = container
            left.remove(container)
    return origin


def _recognised_by_words(memory: Memory, theirs: Sequence[Node]) -> dict[int, Remembered]:
    """Say which of these nodes Jira holds as we wrote them, by place."""
    by_mark: dict[str, deque[Remembered]] = defaultdict(deque)
    for block in memory:
        by_mark[block.given or block.mark].append(block)
    origin: dict[int, Remembered] = {}
    for place, node in enumerate(theirs):
        mark = fingerprint(node)
        if same := by_mark.get(mark):  # defence: block-by-words
            origin[place] = same.popleft()
        elif same := by_mark.get(_digest(node)):  # of a row, as it was once remembered
            origin[place] = replace(same.popleft(), mark=mark)
    return origin


def _most_alike(containers: Sequence[Remembered], node: Node) -> Remembered | None:
    """Return the container of ours that has most parts in common with a node; None: none has any."""
    keyed = dict(_keyed(_children(node)))
    # a box that was ticked has the name it had
    named = {key for key in keyed if key.startswith((_ROW, _ITEM))}
    present = named.union(*map(_marks_of, keyed.values()))
    kind = f"/{node['type']}/"
    best: Remembered | None = None
    shared_most = 0
    for container in containers:
        if kind not in container.key:
            continue
        shared = _count_present(container.parts, present)
        if shared > shared_most:  # of those alike the first
            best = container
            shared_most = shared
    return best


def _count_present(parts: Memory, present: Collection[str]) -> int:
    """Count the parts whose mark or key is among those that are present."""
    return sum(part.key in present or (part.given or part.mark) in present for part in parts)


def _cited_width(rows: Sequence[Node]) -> int | None:
    """Return how many cells the rows of a table have whose last ones say where each row is."""
    head = _children(rows[0]) if rows else []
    if not head or any(cell.get("type") != "tableHeader" for cell in head):
        return None
    return len(head) if _words(head[-1]) in LINE_HEADERS else None


def _says(mark: str, node: Node, width: int | None) -> bool:
    """Tell whether a block says what it said with a mark; a row that only moved does."""
    mark_of_words, _, mark_of_place = mark.partition(".")
    may_be_moved = bool(mark_of_place) and len(_children(node)) == width  # defence: moved-row
    if mark in _marks_of(node):
        return True
    return may_be_moved and mark_of_words == fingerprint(node).partition(".")[0]


def _keyed(nodes: Sequence[Node]) -> Iterator[tuple[str, Node]]:
    """Yield nodes with a name that stays the same while they say other things."""
    counts = Counter[str]()
    taken = set[str]()
    section = ""
    for node in nodes:
        kind = str(node.get("type"))
        if kind == "heading":
            section = _COUNT.sub("", _words(node))[:40]
        match kind:
            case "tableRow":
                cells = [_words(cell) for cell in _children(node)[:2]]
                name = f"{_ROW}{'|'.join(cells)[:60]}"
            case "listItem" | "taskItem":
                name = f"{_ITEM}{short_digest(_words(node))}"
            case _:
                name = f"{section}/{kind}/"
        counts[name] += 1
        while (key := f"{name}{counts[name]}") in taken:  # of another that ends with a number
            counts[name] += 1
        taken.add(key)
        yield key, node


def _remembered(keyed: Iterator[tuple[str, Node]]) -> Memory:
    return tuple(_remember_block(key, node) for key, node in keyed)


def _remember_block(key: str, node: Node) -> Remembered:
    kind = str(node.get("type"))
    # defence: rows-are-blocks
    parts = _remembered(_keyed(_children(node))) if kind in CONTAINERS else ()
    return Remembered(key, fingerprint(node), parts)


def fingerprint(node: Node) -> str:
    """Hash what a node says and how it is marked up, however Jira and its editor arrange it.

    The last cell of a table row is hashed separately: it may only hold the row's source line.
    """
    if node.get("type") != "tableRow":
        return _digest(node)
    cells = _children(node)
    digest_of_words = _digest({**node, "content": cells[:-1]})
    digest_of_last = _digest({**node, "content": cells[-1:]})
    return f"{digest_of_words}.{digest_of_last[:_LAST_CHARACTERS]}"


def _marks_of(node: Node) -> frozenset[str]:
    """Return the mark of a node, and of a row the one that was once remembered."""
    return frozenset({fingerprint(node), _digest(node)})


def _digest(node: Node) -> str:
    return short_digest(json.dumps(_essence(node), sort_keys=True, ensure_ascii=False))


def _essence(node: Node) -> object:
    kind = node.get("type")
    attributes = {
        name: value
        for name, value in _meaningful_attributes(node).items()
        if value not in (None, "", 1)
    }
    if kind == "text":
        marks = [
            [mark.get("type"), _meaningful_attributes(mark)] for mark in node.get("marks") or ()
        ]
        return [kind, attributes, node.get("text", ""), sorted(marks, key=str)]
    children: list[Any] = []
    for child in _children(node):
        if child.get("type") == "paragraph" and not _children(child):
            continue
        essence = _essence(child)
        before = children[-1] if children else None
        is_text = child.get("type") == "text" and before is not None and before[0] == "text"
        if is_text and before[3] == essence[3]:  # type: ignore[index]
            children[-1] = [*before[:2], before[2] + essence[2], before[3]]  # type: ignore[index]
        else:
            children.append(essence)
    for child in children:
        if child[0] == "text" and kind != "codeBlock":
            child[2] = " ".join(child[2].split())
    filled = [child for child in children if child[0] != "text" or child[2]]
    return [kind, attributes, filled]


def _meaningful_attributes(node: Node) -> dict[str, Any]:
    """Return the attributes of a node or a mark that say something."""
    attributes = node.get("attrs") or {}
    return {name: value for name, value in attributes.items() if name in _MEANT}


def _words(node: Node) -> str:
    texts = [str(node.get("text", ""))] if node.get("type") == "text" else []
    texts += [_words(child) for child in _children(node)]
    return " ".join(" ".join(texts).split())


def _children(node: Node) -> list[Node]:
    content = node.get("content")
    return list(content) if isinstance(content, list) else []


def _as_json(block: Remembered, *, with_parts: bool) -> list[Any]:
    """Return a block as key and mark, then its parts and the mark that Jira gave, where it has any."""
    parts: list[Any] = []
    if with_parts:
        parts = [_as_json(part, with_parts=True) for part in block.parts]
    if block.given:
        return [block.key, block.mark, parts, block.given]
    if parts:
        return [block.key, block.mark, parts]
    return [block.key, block.mark]


def _from_json(value: Sequence[Any]) -> Remembered:
    """Read what `_as_json` wrote.

    Raises:
        TypeError, ValueError: It is something else.
    """
    key, mark, *rest = value
    parts, given = [*rest, *_REST_IF_MISSING[len(rest) :]]
    if not all(isinstance(text, str) for text in (key, mark, given)):
        raise TypeError
    if not key.startswith((_ROW, _ITEM)):
        key = _COUNT.sub("", key)  # once kept with the count of its heading
    return Remembered(key, mark, tuple(_from_json(part) for part in parts), given)

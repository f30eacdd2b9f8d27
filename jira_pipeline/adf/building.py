"""A builder that puts text and blocks where ADF allows them.

Belongs here: lines of inline nodes with a browser's white space, open blocks, and what happens to
a block that may not stand where it was found: it is lifted out, the blocks around it are closed
before it and resumed after it, so that text and order survive. Does not: anything about HTML.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jira_pipeline.adf.grammar import JIRA
from jira_pipeline.adf.limits import MAX_LIST_DEPTH
from jira_pipeline.adf.marks import NO_MARKS, Marks
from jira_pipeline.adf.nodes import AdfNode, distinguish_local_ids, task_item, task_list

_SPACE_RUN = re.compile(r"[ \t\n\r\f]+")
_LISTS: Final = frozenset({"bulletList", "orderedList", "taskList"})
_INLINE_BLOCKS: Final = frozenset({"heading", "taskItem"})
_CELLS: Final = frozenset({"tableCell", "tableHeader"})
_TITLED: Final = frozenset({"expand", "nestedExpand"})
_KEPT_EMPTY: Final = frozenset({"listItem", "taskItem", "tableCell", "tableHeader"})
_ITEM_OF: Final = {"taskList": "taskItem", "bulletList": "listItem", "orderedList": "listItem"}
_ALLOWED: Final = {
    parent: frozenset(child for child in JIRA.nodes if JIRA.allows_child(parent, child))
    for parent in JIRA.nodes
}
_EXCERPT_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing the conversion could not keep as it was."""

    code: str
    """What happened, such as `lifted`, `demoted`, `flattened`, `link_dropped`."""
    what: str
    """The node or element it happened to."""
    where: str
    """The node it stood in, or the text around it."""


class _Frame:
    """A block that is open."""

    __slots__ = (
        "attrs", "content", "filler_count", "is_resumed", "is_suspended", "lifted_out_of", "type",
    )  # fmt: skip

    def __init__(
        self,
        node_type: str,
        attrs: dict[str, Any] | None = None,
        lifted_out_of: Sequence["_Frame"] = (),
        *,
        is_resumed: bool = False,
    ) -> None:
        self.type = node_type
        self.attrs = attrs
        self.content: list[AdfNode] = []
        self.lifted_out_of = lifted_out_of
        """The blocks to resume when this one is closed, outermost first."""
        self.is_resumed = is_resumed
        """It goes on after something that was lifted out; dropped when nothing follows."""
        self.is_suspended = False
        """It is closed before something that is lifted out; dropped when nothing came before."""
        self.filler_count = 0
        """Empty cells at its start that only keep the columns in place."""


class AdfBuilder:
    """Collects text and blocks into the content of a document valid for Jira."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self._frames = [_Frame("doc")]
        self._list_depth = 0
        self._has_tasks = False
        self._line: list[AdfNode] = []
        self._run: list[str] = []
        self._run_marks = NO_MARKS
        self._is_after_space = True

    def add_text(self, value: str, marks: Marks) -> None:
        """Add text whose white space collapses as in a browser."""
        if not value.isalnum():
            value = _SPACE_RUN.sub(" ", value)
            if self._is_after_space and value[:1] == " ":
                value = value[1:]
        if value:
            self._append(value, marks)
            self._is_after_space = value[-1] == " "

    def add_break(self) -> None:
        """Break the line inside its block."""
        self._trim_space()
        self._line.append({"type": "hardBreak"})
        self._is_after_space = True

    def end_line(self) -> None:
        """Close the paragraph that is open, if any; an empty one leaves nothing."""
        if not (self._line or self._run):
            self._is_after_space = True
            return
        self._trim_space()
        line, self._line, self._is_after_space = self._line, [], True
        if line and line[-1]["type"] == "hardBreak":
            line.pop()  # a browser shows no line after the last break of a block
            if _is_only_breaks(line):
                return
        if not line:
            return
        top = self._frames[-1]
        if top.type in _INLINE_BLOCKS:
            if top.content:
                top.content.append({"type": "hardBreak"})
            top.content.extend(line)
        else:
            self._place({"type": "paragraph", "content": line})

    def add_block(self, node: AdfNode) -> None:
        """Put a finished block here, or lift it to the nearest place that allows it."""
        self.end_line()
        self._place(node)

    def can_open(self, node_type: str) -> bool:
        """Tell whether a block may be opened here without lifting it."""
        return node_type in _ALLOWED[self._place_type(node_type)]

    def is_inside(self, *types: str) -> bool:
        """Tell whether the innermost open block is one of some types."""
        return self._frames[-1].type in types

    def open_block(self, node_type: str, attrs: dict[str, Any] | None = None) -> int | None:
        """Open a block; the answer closes it. `None` = lists are too deep, go on without it."""
        self.end_line()
        if node_type in _LISTS:
            if self._list_depth >= MAX_LIST_DEPTH:
                self.note("flattened", node_type, f"list depth {MAX_LIST_DEPTH}")
                return None
            self._list_depth += 1
        resumed = self._make_room(node_type)
        self._frames.append(_Frame(node_type, attrs, resumed))
        return len(self._frames) - 1

    def change_list_type(self, node_type: str) -> None:
        """Go on with another type of list, because the next item needs it."""
        top = self._frames[-1]
        if top.content:
            self._frames.pop()
            self._attach(top)
            top = _Frame(node_type, None, top.lifted_out_of)
            self._frames.append(top)
        top.type = node_type
        top.attrs = None

    def can_change_list_type(self, node_type: str) -> bool:
        """Tell whether the block around the innermost list may hold another type of list."""
        return node_type in _ALLOWED[self._frames[-2].type]

    def close_to(self, index: int) -> None:
        """Close the block opened with this answer and everything in it."""
        self.end_line()
        frames = self._frames
        resumed: Sequence[_Frame] = ()
        while len(frames) > index:
            frame = frames.pop()
            if frame.type in _LISTS:
                self._list_depth -= 1
            self._attach(frame)
            resumed = frame.lifted_out_of
        frames.extend(resumed)

    def finish(self) -> list[AdfNode]:
        """Close everything and hand over the blocks."""
        self.close_to(1)
        blocks = self._frames[0].content
        if self._has_tasks:
            distinguish_local_ids(blocks)
        return blocks

    def note(self, code: str, what: str, where: str) -> None:
        """Remember something that could not be kept."""
        self.changes.append(Change(code=code, what=what, where=where[:_EXCERPT_LENGTH]))

    @property
    def top_type(self) -> str:
        """The type of the innermost open block."""
        return self._frames[-1].type

    def _append(self, value: str, marks: Marks) -> None:
        if marks is not self._run_marks and marks != self._run_marks:
            self._end_run()
            self._run_marks = marks
        self._run.append(value)

    def _end_run(self) -> None:
        if not self._run:
            return
        node: AdfNode = {"type": "text", "text": "".join(self._run)}
        if self._run_marks.keys:
            node["marks"] = self._run_marks.as_nodes()
        self._line.append(node)
        self._run.clear()

    def _trim_space(self) -> None:
        """Take away the one collapsed space at the end of a line."""
        self._end_run()
        if not (self._is_after_space and self._line):
            return
        last = self._line[-1]
        if last["type"] == "text" and last["text"].endswith(" "):
            last["text"] = last["text"][:-1]
            if not last["text"]:
                self._line.pop()

    def _place(self, node: AdfNode) -> None:
        resumed = self._make_room(node["type"])
        self._frames[-1].content.append(node)
        if resumed:
            self._frames.extend(resumed)

    def _place_type(self, node_type: str) -> str:
        """Tell the type of block a node would stand in, once a list has its implied item."""
        top = self._frames[-1].type
        if top in _LISTS and node_type not in {_ITEM_OF[top], "taskList"}:
            return _ITEM_OF[top]
        return top

    def _make_room(self, node_type: str) -> Sequence[_Frame]:
        """Close what may not hold a node; the answer is what to resume after it."""
        if node_type in _ALLOWED[self._frames[-1].type]:
            return ()
        if self._place_type(node_type) != self._frames[-1].type:
            self._open_implied_item()
        index = len(self._frames) - 1
        while index and node_type not in _ALLOWED[self._frames[index].type]:
            index -= 1
        if index == len(self._frames) - 1:
            return ()
        self.note("lifted", node_type, self._frames[-1].type)
        return self._suspend(index)

    def _open_implied_item(self) -> None:
        """Open the last item of a list again, or a first one, for what stands beside items."""
        parent = self._frames[-1]
        item_type = _ITEM_OF[parent.type]
        if parent.content and parent.content[-1]["type"] == item_type:
            last = parent.content.pop()
            frame = _Frame(item_type, last.get("attrs"))
            frame.content = last["content"]
        else:
            frame = _Frame(item_type, {"state": "TODO"} if item_type == "taskItem" else None)
        self._frames.append(frame)

    def _suspend(self, index: int) -> list[_Frame]:
        """Close all blocks above one; the answer is how each of them would go on."""
        suspended: list[_Frame] = []
        while len(self._frames) > index + 1:
            frame = self._frames.pop()
            frame.is_suspended = True
            self._attach(frame)
            suspended.append(_continuation(frame))
        suspended.reverse()
        return suspended

    def _attach(self, frame: _Frame) -> None:
        """Put a finished block into the one around it, unless it shows nothing."""
        parent = self._frames[-1]
        if len(frame.content) <= frame.filler_count:
            if frame.type in _CELLS and (frame.is_resumed or frame.is_suspended):
                parent.filler_count += len(parent.content) == parent.filler_count
            elif not _is_kept_empty(frame):
                return
        parent.content.append(self._finished(frame))

    def _finished(self, frame: _Frame) -> AdfNode:
        finish = _FINISHES.get(frame.type)
        if finish is not None:
            finish(frame.content)
        if frame.type == "taskItem":
            self._has_tasks = True
            return task_item(frame.content, is_done=_attrs_of(frame)["state"] == "DONE")
        if frame.type == "taskList":
            return task_list(frame.content)
        if frame.attrs:
            return {"type": frame.type, "attrs": frame.attrs, "content": frame.content}
        return {"type": frame.type, "content": frame.content}


def _attrs_of(frame: _Frame) -> dict[str, Any]:
    return frame.attrs or {}


def _is_only_breaks(line: Sequence[AdfNode]) -> bool:
    return all(node["type"] == "hardBreak" for node in line)


def _is_kept_empty(frame: _Frame) -> bool:
    """Tell whether a block without content shows something all the same."""
    if frame.type in _TITLED:
        return bool(_attrs_of(frame).get("title"))
    return frame.type in _KEPT_EMPTY and not (frame.is_resumed or frame.is_suspended)


def _continuation(frame: _Frame) -> _Frame:
    """Make the block that goes on after something was lifted out of this one."""
    attrs = dict(_attrs_of(frame))
    following = _Frame(frame.type, attrs, frame.lifted_out_of, is_resumed=True)
    if frame.type == "orderedList":
        attrs["order"] = attrs.get("order", 1) + len(frame.content)
    elif frame.type == "tableRow":
        following.content = [_empty_cell(cell) for cell in frame.content[:-1]]
        following.filler_count = len(following.content)
    elif frame.type in _CELLS:
        attrs.pop("rowspan", None)
    elif frame.type in _TITLED:
        attrs["title"] = ""
    return following


def _empty_cell(cell: AdfNode) -> AdfNode:
    empty: AdfNode = {"type": cell["type"], "content": [{"type": "paragraph", "content": []}]}
    if "colspan" in cell.get("attrs", {}):
        empty["attrs"] = {"colspan": cell["attrs"]["colspan"]}
    return empty


def _fill_block(content: list[AdfNode]) -> None:
    """Let what may not be empty hold an empty paragraph."""
    if not content:
        content.append({"type": "paragraph", "content": []})


def _begin_item(content: list[AdfNode]) -> None:
    """Let an item begin with a paragraph: not every Jira takes a list there."""
    if not content or content[0]["type"] in _LISTS:
        content.insert(0, {"type": "paragraph", "content": []})


def _clip_row_spans(rows: list[AdfNode]) -> None:
    """Let no cell reach below the last row, as browsers do."""
    for number, row in enumerate(rows):
        for cell in row["content"]:
            attrs = cell.get("attrs")
            if attrs and attrs.get("rowspan", 1) > len(rows) - number:
                attrs["rowspan"] = len(rows) - number


_FINISHES: Final[dict[str, Callable[[list[AdfNode]], None]]] = {
    "listItem": _begin_item,
    **dict.fromkeys(("tableCell", "tableHeader", "expand", "nestedExpand"), _fill_block),
    "table": _clip_row_spans,
}

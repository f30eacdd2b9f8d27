"""A builder that puts text and blocks where ADF allows them.

Belongs here: lines of inline nodes with a browser's white space, open blocks, and what happens to
a block that may not stand where it was found: it is lifted out, the blocks around it are closed
before it and resumed after it, so that text and order survive. Does not: anything about HTML.
"""

import re
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Frame:
    """A block that is open."""

    type: str
    attrs: dict[str, Any] = field(default_factory=dict)
    content: list[AdfNode] = field(default_factory=list)
    is_resumed: bool = False
    """It goes on after something that was lifted out; dropped when nothing follows."""
    is_suspended: bool = False
    """It is closed before something that is lifted out; dropped when nothing came before."""
    filler_count: int = 0
    """Empty cells at its start that only keep the columns in place."""
    lifted_out_of: list["_Frame"] = field(default_factory=list)
    """The blocks to resume when this one is closed, outermost first."""


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

    def add_literal_text(self, value: str, marks: Marks) -> None:
        """Add text whose spaces stay and whose newlines become hard breaks."""
        for number, line in enumerate(value.split("\n")):
            if number:
                self.add_break()
            if line:
                self._append(line, marks)
                self._is_after_space = False

    def add_break(self) -> None:
        """Break the line inside its block."""
        self._trim_space()
        self._line.append({"type": "hardBreak"})
        self._is_after_space = True

    def end_line(self) -> None:
        """Close the paragraph that is open, if any; an empty one leaves nothing."""
        self._trim_space()
        line, self._line, self._is_after_space = self._line, [], True
        if line and line[-1]["type"] == "hardBreak":
            line.pop()  # a browser shows no line after the last break of a block
        if all(node["type"] == "hardBreak" for node in line):
            return
        top = self._frames[-1]
        if top.type in _INLINE_BLOCKS:
            if top.content:
                top.content.append({"type": "hardBreak"})
            top.content.extend(line)
        else:
            self.add_block({"type": "paragraph", "content": line})

    def add_block(self, node: AdfNode) -> None:
        """Put a finished block here, or lift it to the nearest place that allows it."""
        self.end_line()
        resumed = self._make_room(node["type"])
        self._frames[-1].content.append(node)
        self._resume(resumed)

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
        self._frames.append(_Frame(node_type, attrs or {}, lifted_out_of=resumed))
        return len(self._frames) - 1

    def change_list_type(self, node_type: str) -> None:
        """Go on with another type of list, because the next item needs it."""
        top = self._frames[-1]
        if top.content:
            self._frames.pop()
            self._attach(top)
            top = _Frame(node_type, lifted_out_of=top.lifted_out_of)
            self._frames.append(top)
        top.type = node_type
        top.attrs = {}

    def can_change_list_type(self, node_type: str) -> bool:
        """Tell whether the block around the innermost list may hold another type of list."""
        return node_type in _ALLOWED[self._frames[-2].type]

    def close_to(self, index: int) -> None:
        """Close the block opened with this answer and everything in it."""
        self.end_line()
        resumed: list[_Frame] = []
        while len(self._frames) > index:
            frame = self._frames.pop()
            self._list_depth -= frame.type in _LISTS
            self._attach(frame)
            resumed = frame.lifted_out_of
        self._resume(resumed)

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

    def _place_type(self, node_type: str) -> str:
        """Tell the type of block a node would stand in, once a list has its implied item."""
        top = self._frames[-1].type
        if top in _LISTS and node_type not in {_ITEM_OF[top], "taskList"}:
            return _ITEM_OF[top]
        return top

    def _make_room(self, node_type: str) -> list[_Frame]:
        """Close what may not hold a node; the answer is what to resume after it."""
        if self._place_type(node_type) != self._frames[-1].type:
            self._open_implied_item()
        index = len(self._frames) - 1
        while index and node_type not in _ALLOWED[self._frames[index].type]:
            index -= 1
        if index == len(self._frames) - 1:
            return []
        self.note("lifted", node_type, self._frames[-1].type)
        return self._suspend(index)

    def _open_implied_item(self) -> None:
        """Open the last item of a list again, or a first one, for what stands beside items."""
        parent = self._frames[-1]
        item_type = _ITEM_OF[parent.type]
        if parent.content and parent.content[-1]["type"] == item_type:
            last = parent.content.pop()
            frame = _Frame(item_type, last.get("attrs", {}), last["content"])
        else:
            frame = _Frame(item_type, {"state": "TODO"} if item_type == "taskItem" else {})
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

    def _resume(self, suspended: list[_Frame]) -> None:
        self._frames.extend(suspended)

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
        content = frame.content
        if frame.type in _TITLED and not content:
            content.append({"type": "paragraph", "content": []})
        elif frame.type == "listItem" and (not content or content[0]["type"] in _LISTS):
            content.insert(0, {"type": "paragraph", "content": []})
        elif frame.type in _CELLS and not content:
            content.append({"type": "paragraph", "content": []})
        elif frame.type == "taskItem":
            self._has_tasks = True
            return task_item(content, is_done=frame.attrs["state"] == "DONE")
        elif frame.type == "taskList":
            return task_list(content)
        elif frame.type == "table":
            _clip_row_spans(content)
        if frame.attrs:
            return {"type": frame.type, "attrs": frame.attrs, "content": content}
        return {"type": frame.type, "content": content}


def _is_kept_empty(frame: _Frame) -> bool:
    """Tell whether a block without content shows something all the same."""
    if frame.type in _TITLED:
        return bool(frame.attrs.get("title"))
    return frame.type in _KEPT_EMPTY and not (frame.is_resumed or frame.is_suspended)


def _continuation(frame: _Frame) -> _Frame:
    """Make the block that goes on after something was lifted out of this one."""
    following = _Frame(
        frame.type, dict(frame.attrs), is_resumed=True, lifted_out_of=frame.lifted_out_of
    )
    if frame.type == "orderedList":
        following.attrs["order"] = frame.attrs.get("order", 1) + len(frame.content)
    elif frame.type == "tableRow":
        following.content = [_empty_cell(cell) for cell in frame.content[:-1]]
        following.filler_count = len(following.content)
    elif frame.type in _CELLS:
        following.attrs.pop("rowspan", None)
    elif frame.type in _TITLED:
        following.attrs["title"] = ""
    return following


def _empty_cell(cell: AdfNode) -> AdfNode:
    empty: AdfNode = {"type": cell["type"], "content": [{"type": "paragraph", "content": []}]}
    if "colspan" in cell.get("attrs", {}):
        empty["attrs"] = {"colspan": cell["attrs"]["colspan"]}
    return empty


def _clip_row_spans(rows: list[AdfNode]) -> None:
    """Let no cell reach below the last row, as browsers do."""
    for number, row in enumerate(rows):
        for cell in row["content"]:
            attrs = cell.get("attrs")
            if attrs and attrs.get("rowspan", 1) > len(rows) - number:
                attrs["rowspan"] = len(rows) - number

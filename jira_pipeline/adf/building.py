"""A builder that puts text and blocks where ADF allows them.

Belongs here: lines of inline nodes with a browser's white space, open blocks, and what happens to
a block that is not allowed where it was found: it is lifted out, the blocks around it are closed
before it and resumed after it, so that text and order survive. Does not: anything about HTML.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from jira_pipeline.adf.changes import EXCERPT_LENGTH, Change, ChangeCode, ChangeDraft, ChangeNotes
from jira_pipeline.adf.grammar import JIRA
from jira_pipeline.adf.limits import MAX_LIST_DEPTH
from jira_pipeline.adf.marks import NO_MARKS, Marks
from jira_pipeline.adf.nodes import AdfNode, distinguish_local_ids, task_item, task_list
from jira_pipeline.adf.table_grids import fit_cells
from jira_pipeline.adf.to_text import first_text

_SPACE_RUN = re.compile(r"[ \t\n\r\f]+")
_SPACES: Final = " \t\n\r\f"
_LISTS: Final = frozenset({"bulletList", "orderedList", "taskList"})
_INLINE_BLOCKS: Final = frozenset({"heading", "taskItem", "caption"})
_CELLS: Final = frozenset({"tableCell", "tableHeader"})
_TITLED: Final = frozenset({"expand", "nestedExpand"})
_NEVER_RESUMED: Final = frozenset({"caption", "mediaSingle"})
_KEPT_EMPTY: Final = frozenset({"listItem", "taskItem", "tableCell", "tableHeader"})
_ITEM_OF: Final = {"taskList": "taskItem", "bulletList": "listItem", "orderedList": "listItem"}
_ALLOWED: Final = {
    parent: frozenset(child for child in JIRA.nodes if JIRA.allows_child(parent, child))
    for parent in JIRA.nodes
}
_PLACE_DEPTH = 8


class _Frame:
    """A block that is open."""

    filler_count = 0
    """Empty cells at its start that only keep the columns in place."""
    is_implied = False
    """An item that the page does not have: it ends with what is in it."""
    is_resumed = False
    """It goes on after something that was lifted out; dropped when nothing follows."""
    is_suspended = False
    """It is closed before something that is lifted out; dropped when nothing came before."""
    lifted_out_of: Sequence["_Frame"] = ()
    """The blocks to resume when this one is closed, outermost first."""
    column_widths: Sequence[int] = ()
    """Of a table: the width of each column in pixels; 0 = not known."""

    def __init__(self, node_type: str, attrs: dict[str, Any] | None = None) -> None:
        self.type = node_type
        self.attrs = attrs
        self.content: list[AdfNode] = []
        self.allowed = _ALLOWED[node_type]


class AdfBuilder:
    """Collects text and blocks into the content of a document valid for Jira."""

    def __init__(self) -> None:
        self._notes = ChangeNotes()
        self._frames = [_Frame("doc")]
        self._list_depth = 0
        self._has_tasks = False
        self._line: list[AdfNode] = []
        self._run: list[str] = []
        self._run_marks = NO_MARKS
        self._is_after_space = True

    def add_text(self, value: str, marks: Marks) -> None:
        """Add text whose white space collapses as in a browser."""
        if "\n" in value or "  " in value or "\t" in value or "\r" in value or "\f" in value:
            if self._is_after_space and not value.strip(_SPACES):
                return
            value = _SPACE_RUN.sub(" ", value)
        if self._is_after_space and value[:1] == " ":
            value = value[1:]
        if not value:
            return
        if marks is not self._run_marks:
            self._turn_run(marks)
        self._run.append(value)
        self._is_after_space = value[-1] == " "

    def add_preformatted_text(self, value: str, marks: Marks) -> None:
        """Add text whose spaces stay as they are and whose newlines break the line."""
        for number, line in enumerate(value.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
            if number:
                self._end_run()
                self._line.append({"type": "hardBreak"})
            if line:
                if marks is not self._run_marks:
                    self._turn_run(marks)
                self._run.append(line)
        self._is_after_space = not self._run and self._is_after_space

    def add_inline(self, node: AdfNode) -> None:
        """Put a finished inline node into the line."""
        self._end_run()
        self._line.append(node)
        self._is_after_space = False

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
            if all(node["type"] == "hardBreak" for node in line):
                return
        if not line:
            return
        top = self._frames[-1]
        if "paragraph" in top.allowed:
            top.content.append({"type": "paragraph", "content": line})
        elif top.type in _INLINE_BLOCKS:
            self._add_line_to(top, line)
        else:
            self._place({"type": "paragraph", "content": line})

    def _add_line_to(self, top: _Frame, line: list[AdfNode]) -> None:
        """Go on with the one line a heading, a task or a caption has."""
        if top.type == "caption":
            line = [
                n
                if n["type"] != "mediaInline"
                else {"type": "text", "text": n["attrs"].get("alt") or n["attrs"]["id"]}
                for n in line
            ]
        if top.content:
            top.content.append({"type": "hardBreak"})
        top.content.extend(line)

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
        if self._line or self._run:
            self.end_line()
        self._is_after_space = True
        if node_type in _LISTS:
            if self._list_depth >= MAX_LIST_DEPTH:
                self.note("flattened", node_type)
                return None
            self._list_depth += 1
        frames = self._frames
        frame = _Frame(node_type, attrs)
        if node_type in frames[-1].allowed:
            frames.append(frame)
            return len(frames) - 1
        frame.lifted_out_of = self._make_room(node_type, frame.content)
        frames.append(frame)
        return len(frames) - (2 if frames[-2].is_implied else 1)

    def open_caption(self) -> int | None:
        """Open the caption of the image that was placed last; `None` = there is no such image."""
        self.end_line()
        top = self._frames[-1]
        last = top.content[-1] if top.content else None
        if last is None or last["type"] != "mediaSingle" or len(last["content"]) > 1:
            return None
        top.content.pop()
        image = _Frame("mediaSingle", last["attrs"])
        image.content = last["content"]
        self._frames.extend((image, _Frame("caption")))
        return len(self._frames) - 2

    def set_column_widths(self, widths: Sequence[int]) -> None:
        """Tell the widths of the columns of the table that is open innermost."""
        self._frames[-1].column_widths = widths

    def change_list_type(self, node_type: str) -> None:
        """Go on with another type of list, because the next item needs it."""
        top = self._frames[-1]
        if top.content:
            self._frames.pop()
            self._attach(top)
            following = _Frame(node_type)
            following.lifted_out_of = top.lifted_out_of
            self._frames.append(following)
            return
        top.type = node_type
        top.allowed = _ALLOWED[node_type]
        top.attrs = None

    def can_change_list_type(self, node_type: str) -> bool:
        """Tell whether the block around the innermost list may hold another type of list."""
        return node_type in _ALLOWED[self._frames[-2].type]

    def close_to(self, index: int) -> None:
        """Close the block opened with this answer and everything in it."""
        if self._line or self._run:
            self.end_line()
        self._is_after_space = True
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

    @property
    def changes(self) -> tuple[Change, ...]:
        """What could not be kept, in the order of the document; complete once it is finished."""
        return self._notes.finished()

    def note(self, code: ChangeCode, what: str, excerpt: str = "") -> None:
        """Remember something that could not be kept, here, with its text or what follows."""
        if self._notes.is_full:
            self._notes.count_unlisted()
            return
        where, shown = self._place_name(), excerpt or self._text_before()
        self._notes.add(ChangeDraft(code=code, what=what, where=where, excerpt=shown))

    def _note_lift(self, node_type: str, content: Sequence[AdfNode]) -> None:
        if self._notes.is_full:
            self._notes.count_unlisted()
            return
        before = first_text(self._frames[-1].content[-1:], EXCERPT_LENGTH)
        where = self._place_name()
        self._notes.add(
            ChangeDraft(
                code="lifted", what=node_type, where=where, content=content, fallback=before
            )
        )

    def _place_name(self) -> str:
        """Name the open blocks from the outside in; of many, only the inner ones."""
        types = [frame.type for frame in self._frames[-_PLACE_DEPTH:]]
        if len(types) > 1 and types[0] == "doc":
            types.pop(0)
        shown = " > ".join(types)
        return shown if len(self._frames) <= _PLACE_DEPTH else f"… > {shown}"

    def _text_before(self) -> str:
        """Quote the end of the line that is open."""
        line = "".join(node.get("text", "") for node in self._line[-3:]) + "".join(self._run[-3:])
        return line[-EXCERPT_LENGTH:]

    @property
    def top_type(self) -> str:
        """The type of the innermost open block."""
        return self._frames[-1].type

    def _turn_run(self, marks: Marks) -> None:
        """Begin a new text node, unless the marks are only another object."""
        if marks.keys != self._run_marks.keys:
            self._end_run()
        self._run_marks = marks

    def _end_run(self) -> None:
        run = self._run
        if not run:
            return
        value = run[0] if len(run) == 1 else "".join(run)
        marks = self._run_marks
        if marks.keys:
            self._line.append({"type": "text", "text": value, "marks": marks.as_nodes()})
        else:
            self._line.append({"type": "text", "text": value})
        run.clear()

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
        height = len(self._frames)
        resumed = self._make_room(node["type"], [node])
        self._frames[-1].content.append(node)
        self._frames.extend(resumed)
        if self._frames[-1].is_implied and len(self._frames) > height:
            self.close_to(height)

    def _place_type(self, node_type: str) -> str:
        """Tell the type of block a node would be in, once a list has its implied item."""
        top = self._frames[-1].type
        if top in _LISTS and node_type not in {_ITEM_OF[top], "taskList"}:
            return _ITEM_OF[top]
        return top

    def _make_room(self, node_type: str, content: Sequence[AdfNode]) -> Sequence[_Frame]:
        """Close what may not hold a node; the answer is what to resume after it."""
        if node_type in self._frames[-1].allowed:
            return ()
        if self._place_type(node_type) != self._frames[-1].type:
            # Open the last item of a list again, or a first one, for what is beside items.
            parent = self._frames[-1]
            item_type = _ITEM_OF[parent.type]
            if parent.content and parent.content[-1]["type"] == item_type:
                last = parent.content.pop()
                frame = _Frame(item_type, last.get("attrs"))
                frame.content = last["content"]
            else:
                frame = _Frame(item_type, {"state": "TODO"} if item_type == "taskItem" else None)
            frame.is_implied = True
            self._frames.append(frame)
        index = len(self._frames) - 1
        while index and node_type not in self._frames[index].allowed:
            index -= 1
        if index == len(self._frames) - 1:
            return ()
        if self._frames[-1].type not in _NEVER_RESUMED:
            self._note_lift(node_type, content)
        # Close all blocks above one; the answer is how each of them would go on.
        suspended: list[_Frame] = []
        was_implied = self._frames[-1].is_implied  # opened for what is lifted now, to hold nothing
        while len(self._frames) > index + 1:
            frame = self._frames.pop()
            frame.is_suspended = True
            self._attach(frame)
            if frame.type not in _NEVER_RESUMED and not was_implied:
                suspended.append(_continuation(frame))
            was_implied = False
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
        elif frame.type == "table":
            fit_cells(frame.content, frame.column_widths)
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


def _is_kept_empty(frame: _Frame) -> bool:
    """Tell whether a block without content shows something all the same."""
    if frame.type in _TITLED:
        return bool(_attrs_of(frame).get("title"))
    return frame.type in _KEPT_EMPTY and not (frame.is_resumed or frame.is_suspended)


def _continuation(frame: _Frame) -> _Frame:
    """Make the block that goes on after something was lifted out of this one."""
    attrs = dict(_attrs_of(frame))
    following = _Frame(frame.type, attrs)
    following.lifted_out_of = frame.lifted_out_of
    following.is_resumed = True
    following.is_implied = frame.is_implied
    following.column_widths = frame.column_widths
    if frame.type == "orderedList" and frame.content:
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


_FINISHES: Final[dict[str, Callable[[list[AdfNode]], None]]] = {
    "listItem": _begin_item,
    **dict.fromkeys(("tableCell", "tableHeader", "expand", "nestedExpand"), _fill_block),
}

"""A document as GitHub-flavoured Markdown, for attachments that hold what a body cannot.

Belongs here: blocks as lines, and the join of both. Does not: escaping and marks
(`markdown_inline`). Text stays literal: what reads like markup is escaped, so that a Markdown
reader shows the same text. What Markdown lacks (spans, underline, expands) becomes inline HTML or
plain blocks.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from jira_pipeline.adf.markdown_inline import inline_markdown
from jira_pipeline.adf.nodes import AdfNode
from jira_pipeline.adf.to_text import inline_text

_INLINE_BLOCKS: Final = frozenset({"paragraph", "heading", "taskItem", "decisionItem", "caption"})
_LISTS: Final = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})
_ALERT_OF_PANEL: Final = {
    "info": "NOTE",
    "success": "TIP",
    "tip": "TIP",
    "note": "IMPORTANT",
    "warning": "WARNING",
    "error": "CAUTION",
}
# Source: GitHub's documentation of alerts; the panel types of the editor by their colour.
_FENCE = "```"
_CLOSING_SIGNS = re.compile(r"(?<!\S)(#+\s*)$")


def adf_to_markdown(document: AdfNode) -> str:
    """Write a document as Markdown; it ends with a newline unless it is empty."""
    writer = _MarkdownWriter()
    pending: list[tuple[AdfNode, bool]] = [(document, False)]
    while pending:
        node, is_end = pending.pop()
        if is_end:
            writer.leave(node)
        elif writer.enter(node):
            pending.append((node, True))
            pending.extend((child, False) for child in reversed(node.get("content") or ()))
    return writer.markdown()


@dataclass(slots=True)
class _OpenList:
    """A list that is open, and the number of its next item."""

    type: str
    number: int = 1


@dataclass(slots=True)
class _Prefix:
    """What is before each line of a block: once something, then something else."""

    first: str
    following: str
    is_used: bool = False


@dataclass(slots=True)
class _MarkdownWriter:
    """The lines written so far, and what is open around the next one."""

    lines: list[str] = field(default_factory=list)
    prefixes: list[_Prefix] = field(default_factory=list)
    lists: list[_OpenList] = field(default_factory=list)
    needs_gap: bool = False
    after_list: bool = False

    def enter(self, node: AdfNode) -> bool:
        """Begin a block; the answer tells whether its children are still to be visited."""
        node_type = node["type"]
        if node_type in _LISTS:
            self._enter_list(node)
        elif node_type == "listItem":
            self._enter_item("")
        elif node_type in {"blockquote", "panel"}:
            self._gap()
            self.after_list = False
            self.prefixes.append(_Prefix("> ", "> "))
            if node_type == "panel":
                panel_type = str((node.get("attrs") or {}).get("panelType"))
                content: list[AdfNode] = node.get("content") or []
                self._emit(f"[!{_ALERT_OF_PANEL.get(panel_type, 'NOTE')}]")
                self.needs_gap = bool(content) and content[0]["type"] != "paragraph"
        elif node_type in {"expand", "nestedExpand"}:
            title = (node.get("attrs") or {}).get("title")
            if title:
                bold = {"type": "text", "text": title, "marks": [{"type": "strong"}]}
                self._write_block([inline_markdown([bold])])
        else:
            return self._enter_leaf(node)
        return True

    def leave(self, node: AdfNode) -> None:
        """End a block that has children."""
        node_type = node["type"]
        if node_type in _LISTS:
            self.lists.pop()
            self.after_list = True
            if node_type == "taskList" and self._is_in_tasks():
                self.prefixes.pop()
        elif node_type == "listItem":
            prefix = self.prefixes[-1]
            if not prefix.is_used:
                self._emit("")
            self.prefixes.pop()
        elif node_type in {"blockquote", "panel"}:
            self.prefixes.pop()
            self.needs_gap = True
            self.after_list = False

    def markdown(self) -> str:
        """Join the lines."""
        return "\n".join(self.lines) + "\n" if self.lines else ""

    def _enter_leaf(self, node: AdfNode) -> bool:
        """Write a block without blocks in it; the answer is whether it was none."""
        node_type = node["type"]
        if node_type == "taskItem":
            is_done = (node.get("attrs") or {}).get("state") == "DONE"
            self._enter_item("[x] " if is_done else "[ ] ")
            for line in inline_markdown(node.get("content") or ()).split("\n"):
                self._emit(line)
            self.prefixes.pop()
        elif node_type in _INLINE_BLOCKS:
            content = node.get("content") or ()
            if node["type"] == "heading":
                level = int((node.get("attrs") or {}).get("level", 1))
                title = _CLOSING_SIGNS.sub(r"\\\1", inline_markdown(content, is_one_line=True))
                self._write_block([f"{'#' * level} {title}"])
            elif content:
                self._write_block(inline_markdown(content).split("\n"))
        elif node_type == "codeBlock":
            code = "".join(child.get("text", "") for child in node.get("content") or ())
            language = str((node.get("attrs") or {}).get("language") or "").replace("`", "")
            fence = _FENCE
            while fence in code:
                fence += "`"
            self._write_block([fence + " ".join(language.split()), *code.split("\n"), fence])
        elif node_type == "rule":
            self._write_block(["---"])
        elif node_type == "table":
            self._write_table(node)
        elif node_type in {"media", "blockCard", "embedCard"}:
            self._write_block(
                [inline_markdown([{"type": "text", "text": inline_text(node) or " "}])]
            )
        else:
            return True
        return False

    def _enter_list(self, node: AdfNode) -> None:
        node_type = node["type"]
        if node_type == "taskList" and self._is_in_tasks():
            self.prefixes.append(_Prefix("  ", "  "))
        elif not (self.lists and self.prefixes and not self.prefixes[-1].is_used):
            self.needs_gap = self.needs_gap and not self._continues_item(node)
            self._gap()
            if self.after_list:
                self._emit("<!-- -->")  # two lists in a row would be read as one
                self._emit("")
        self.after_list = False
        order = (node.get("attrs") or {}).get("order", 1)
        self.lists.append(_OpenList(node_type, int(order) if isinstance(order, int) else 1))

    def _enter_item(self, box: str) -> None:
        open_list = self.lists[-1]
        marker = f"{open_list.number}. " if open_list.type == "orderedList" else "- "
        open_list.number += 1
        self.needs_gap = False
        self.after_list = False
        self.prefixes.append(_Prefix(marker + box, " " * len(marker)))

    def _is_in_tasks(self) -> bool:
        """Tell whether the innermost list is one of tasks, whose lists are beside its items."""
        return bool(self.lists) and self.lists[-1].type == "taskList"

    def _continues_item(self, node: AdfNode) -> bool:
        """Tell whether a list may follow the paragraph of an item without an empty line."""
        order = (node.get("attrs") or {}).get("order", 1)
        may_follow = node["type"] == "bulletList" or order == 1
        return bool(self.lists) and may_follow and _begins_with_text(node)

    def _write_table(self, node: AdfNode) -> None:
        rows = [_row_cells(row) for row in node.get("content") or ()]
        width = max((len(row) for row in rows), default=0)
        if not width:
            return
        has_header = all(
            c["type"] == "tableHeader" for c in node["content"][0].get("content") or ()
        )
        header = rows.pop(0) if has_header else []
        written = [_row_line(header, width), _row_line(["---"] * width, width)]
        written.extend(_row_line(row, width) for row in rows)
        self._write_block(written)

    def _write_block(self, lines: list[str]) -> None:
        self._gap()
        for line in lines:
            self._emit(line)
        self.needs_gap = True
        self.after_list = False

    def _gap(self) -> None:
        """Leave an empty line between blocks."""
        if (self.needs_gap or self.after_list) and self.lines:
            self._emit("")
        self.needs_gap = False

    def _emit(self, line: str) -> None:
        before = []
        for prefix in self.prefixes:
            before.append(prefix.following if prefix.is_used else prefix.first)
            prefix.is_used = True
        self.lines.append(
            ("".join(before) + line).rstrip(" ") if not line else "".join(before) + line
        )


def _begins_with_text(list_node: AdfNode) -> bool:
    """Tell whether the first item shows text at once: an empty one cannot end a paragraph."""
    if list_node["type"] == "taskList":
        return True
    first_item = list_node["content"][0]
    first_block = (first_item.get("content") or [{}])[0]
    return first_block.get("type") == "paragraph" and bool(first_block.get("content"))


def _row_cells(row: AdfNode) -> list[str]:
    cells: list[str] = []
    for cell in row.get("content") or ():
        span = (cell.get("attrs") or {}).get("colspan", 1)
        # Write the blocks of a cell on one line, parted by breaks.
        pieces: list[str] = []
        pending: list[tuple[AdfNode, str]] = [(child, "") for child in reversed(cell["content"])]
        while pending:
            node, marker = pending.pop()
            piece = _cell_piece(node)
            if piece:
                pieces.append(marker + piece)
            if node["type"] in _INLINE_BLOCKS or node["type"] == "codeBlock":
                continue
            children = [(child, "") for child in node.get("content") or ()]
            if children and node["type"] == "listItem":
                children[0] = (children[0][0], "• ")
            elif node["type"] == "taskList":
                children = [(child, "• ") for child, _ in children]
            pending.extend(reversed(children))
        cells.append("<br>".join(pieces))
        cells.extend([""] * (int(span) - 1))
    return cells


def _cell_piece(node: AdfNode) -> str:
    if node["type"] in _INLINE_BLOCKS:
        return inline_markdown(node.get("content") or (), is_in_table=True)
    if node["type"] == "codeBlock":
        code = "".join(child.get("text", "") for child in node.get("content") or ())
        lines = [
            {"type": "text", "text": t, "marks": [{"type": "code"}]} for t in code.split("\n") if t
        ]
        return "<br>".join(inline_markdown([line], is_in_table=True) for line in lines)
    if node["type"] in {"expand", "nestedExpand"}:
        title = str((node.get("attrs") or {}).get("title") or "")
        return inline_markdown([{"type": "text", "text": title}], is_in_table=True) if title else ""
    return ""


def _row_line(cells: list[str], width: int) -> str:
    padded = cells + [""] * (width - len(cells))
    return "| " + " | ".join(padded) + " |"

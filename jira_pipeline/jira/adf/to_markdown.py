"""A document as GitHub-flavoured Markdown, for attachments that hold what a body cannot.

Belongs here: blocks as lines, inline nodes with escaping and marks as delimiters. Does not: reading
Markdown (`from_markdown`). Text stays literal: what reads like markup is escaped, so that a
Markdown reader shows the same text. What Markdown lacks (spans, underline, expands) becomes inline
HTML or plain blocks.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from jira_pipeline.jira.adf.nodes import DEFAULT_LINK_POLICY, AdfNode, LinkPolicy, safe_href
from jira_pipeline.jira.adf.to_text import adf_to_text, children_of, inline_text

_INLINE_BLOCKS: Final = frozenset({"paragraph", "heading", "taskItem", "decisionItem", "caption"})
_ITEMS: Final = frozenset({"listItem", "blockTaskItem"})
_TITLED: Final = frozenset({"expand", "nestedExpand", "bodiedExtension"})
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
_ALWAYS_ESCAPED = re.compile(r"[\\`*\[\]<>~|]")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LINE_START = re.compile(r"^([ \t]*)(#{1,6}(?=[ \t]|$)|[-+=](?=[-+=\s]|$)|:(?=-))")
_LINE_START_NUMBER = re.compile(r"^([ \t]*)(\d{1,9})([.)])(?=\s|$)")
_BACKTICKS = re.compile("`+")
_DELIMITERS: Final = {"strong": "**", "em": "_", "strike": "~~"}
_ELEMENTS: Final = {"strong": "strong", "em": "em", "strike": "s", "underline": "u"}
_PLAIN_STARTS: Final = "(·…"
_PLAIN_ENDS: Final = ".:!?)…"
_MARK_ORDER: Final = ("link", "strong", "em", "strike", "underline", "subsup")


def adf_to_markdown(document: AdfNode, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> str:
    """Write a document as Markdown; it ends with a newline unless it is empty.

    Of links that `nodes` refuses, the text stays.
    """
    writer = _MarkdownWriter(links)
    pending: list[tuple[AdfNode, bool]] = [(document, False)]
    while pending:
        node, is_end = pending.pop()
        if is_end:
            writer.leave(node)
        elif writer.enter(node):
            pending.append((node, True))
            pending.extend((child, False) for child in reversed(children_of(node)))
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

    links: LinkPolicy
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
        elif node_type in _ITEMS:
            self._enter_item(_box_of(node))
        elif node_type in {"blockquote", "panel"}:
            self._gap()
            self.after_list = False
            self.prefixes.append(_Prefix("> ", "> "))
            if node_type == "panel":
                panel_type = str((node.get("attrs") or {}).get("panelType"))
                content: list[AdfNode] = node.get("content") or []
                self._emit(f"[!{_ALERT_OF_PANEL.get(panel_type, 'NOTE')}]")
                self.needs_gap = bool(content) and content[0]["type"] != "paragraph"
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
        elif node_type in _ITEMS:
            prefix = self.prefixes[-1]
            if not prefix.is_used:
                self._emit("")
            self.prefixes.pop()
        elif node_type in {"blockquote", "panel"}:
            self.prefixes.pop()
            self.needs_gap = True
            self.after_list = False

    def markdown(self) -> str:
        return "\n".join(self.lines) + "\n" if self.lines else ""

    def _enter_leaf(self, node: AdfNode) -> bool:  # noqa: C901 - a case for each type
        """Write a block without blocks in it; the answer is whether it was none."""
        node_type = node["type"]
        if node_type == "taskItem":
            self._enter_item(_box_of(node))
            for line in inline_markdown(node.get("content") or (), links=self.links).split("\n"):
                self._emit(line)
            self.prefixes.pop()
        elif node_type == "codeBlock":
            code = "".join(child.get("text", "") for child in node.get("content") or ())
            language = str((node.get("attrs") or {}).get("language") or "").replace("`", "")
            fence = _FENCE
            while fence in code:
                fence += "`"
            self._write_block([fence + " ".join(language.split()), *code.split("\n"), fence])
        elif node_type in _INLINE_BLOCKS or _holds_text(node):
            content = node.get("content") or ()
            if node_type == "heading":
                level = int((node.get("attrs") or {}).get("level", 1))
                title = inline_markdown(content, links=self.links, is_one_line=True)
                closed = _CLOSING_SIGNS.sub(r"\\\1", title)
                self._write_block([f"{'#' * level} {closed}"])
            elif content:
                self._write_block(inline_markdown(content, links=self.links).split("\n"))
        elif node_type == "rule":
            self._write_block(["---"])
        elif node_type == "table":
            self._write_table(node)
        elif node.get("content"):
            if node_type in _TITLED and inline_text(node):
                bold = {"type": "text", "text": inline_text(node), "marks": [{"type": "strong"}]}
                self._write_block([inline_markdown([bold], links=self.links)])
            return True
        elif node_type == "media" or inline_text(node):
            shown = [{"type": "text", "text": inline_text(node) or " "}]
            self._write_block([inline_markdown(shown, links=self.links)])
        return False

    def _enter_list(self, node: AdfNode) -> None:
        node_type, order = node["type"], (node.get("attrs") or {}).get("order", 1)
        if node_type == "taskList" and self._is_in_tasks():
            self.prefixes.append(_Prefix("  ", "  "))
        elif not (self.lists and self.prefixes and not self.prefixes[-1].is_used):
            # such a list may follow the paragraph of an item without an empty line
            may_follow = bool(self.lists) and (node_type == "bulletList" or order == 1)
            self.needs_gap = self.needs_gap and not (may_follow and _begins_with_text(node))
            self._gap()
            if self.after_list:
                self._emit("<!-- -->")  # two lists in a row would be read as one
                self._emit("")
        self.after_list = False
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

    def _write_table(self, node: AdfNode) -> None:
        rows = [_row_cells(row, self.links) for row in node.get("content") or ()]
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


def _box_of(item: AdfNode) -> str:
    """Write the box of a task; other items have none."""
    if item["type"] == "listItem":
        return ""
    return "[x] " if (item.get("attrs") or {}).get("state") == "DONE" else "[ ] "


def _holds_text(node: AdfNode) -> bool:
    """Tell whether a block holds a line, whatever it is."""
    return any(child["type"] in {"text", "hardBreak"} for child in children_of(node))


def _begins_with_text(list_node: AdfNode) -> bool:
    """Tell whether the first item shows text at once: an empty one cannot end a paragraph."""
    if list_node["type"] == "taskList":
        return True
    first_item = list_node["content"][0]
    first_block = (first_item.get("content") or [{}])[0]
    return first_block.get("type") == "paragraph" and bool(first_block.get("content"))


def _row_cells(row: AdfNode, links: LinkPolicy) -> list[str]:
    cells: list[str] = []
    for cell in row.get("content") or ():
        span = (cell.get("attrs") or {}).get("colspan", 1)
        # Write the blocks of a cell on one line, parted by breaks.
        pieces: list[str] = []
        pending: list[tuple[AdfNode, str]] = [(child, "") for child in reversed(children_of(cell))]
        while pending:
            node, marker = pending.pop()
            piece = _cell_piece(node, links)
            if piece:
                pieces.append(marker + piece)
            if node["type"] in _INLINE_BLOCKS or _holds_text(node):
                continue
            children = [(child, "") for child in children_of(node)]
            if children and node["type"] == "listItem":
                children[0] = (children[0][0], "• ")
            elif node["type"] == "taskList":
                children = [(child, "• ") for child, _ in children]
            pending.extend(reversed(children))
        cells.append("<br>".join(pieces))
        cells.extend([""] * (int(span) - 1))
    return cells


def _cell_piece(node: AdfNode, links: LinkPolicy) -> str:
    if node["type"] == "codeBlock":
        code = "".join(child.get("text", "") for child in node.get("content") or ())
        lines = [
            {"type": "text", "text": t, "marks": [{"type": "code"}]} for t in code.split("\n") if t
        ]
        return "<br>".join(inline_markdown([line], links=links, is_in_table=True) for line in lines)
    if node["type"] in _INLINE_BLOCKS or _holds_text(node):
        return inline_markdown(children_of(node), links=links, is_in_table=True)
    shown = [{"type": "text", "text": inline_text(node)}] if inline_text(node) else []
    return inline_markdown(shown, links=links, is_in_table=True)


def _row_line(cells: list[str], width: int) -> str:
    padded = cells + [""] * (width - len(cells))
    return "| " + " | ".join(padded) + " |"


def inline_markdown(
    content: Iterable[AdfNode],
    *,
    links: LinkPolicy,
    is_one_line: bool = False,
    is_in_table: bool = False,
) -> str:
    """Write inline nodes; breaks become a backslash and a newline, or `<br>` on one line."""
    runs = [
        ({mark["type"]: mark.get("attrs") or {} for mark in node.get("marks") or ()}, _piece(node))
        for node in content
    ]
    written: list[str] = []
    for index, (marks, piece) in enumerate(runs):
        if piece == "\n":
            written.append("\n")
            continue
        before = written[-1][-1:] if written else ""
        after = runs[index + 1][1][:1] if index + 1 < len(runs) else ""
        shown = _marked(piece, marks, before=before, after=after, links=links)
        if is_in_table and "code" in marks:
            shown = shown.replace("|", "\\|")  # a table takes the pipe even out of code
        if shown.endswith("!") and index + 1 < len(runs) and "link" in runs[index + 1][0]:
            shown = f"{shown[:-1]}\\!"  # else the link would be read as an image
        written.append(shown)
    lines = "".join(written).split("\n")
    if is_one_line or is_in_table:
        return "<br>".join(line.strip(" \t") for line in lines)
    return _broken_lines(lines)


def _broken_lines(lines: list[str]) -> str:
    """Join lines by hard breaks; what reads like a block at their start is escaped.

    After an empty line, and where no text follows, a backslash would not be read as a break. White
    space of any kind is no text there: parsers take it from the ends of a paragraph.
    """
    stripped = [line.strip(" \t") for line in lines]
    if not any(stripped):
        return ""
    last = max((index for index, line in enumerate(stripped) if line.strip()), default=-1)
    written: list[str] = []
    for index, line in enumerate(stripped):
        if index:
            is_after_text = bool(stripped[index - 1].strip())
            written.append("\\\n" if is_after_text and index <= last else "<br>")
        unmarked = _LINE_START.sub(r"\1\\\2", line)
        written.append(_LINE_START_NUMBER.sub(r"\1\2\\\3", unmarked))
    return "".join(written)


def _escaped(value: str) -> str:
    """Escape what Markdown would read as markup, and nothing else."""
    value = _ALWAYS_ESCAPED.sub(lambda m: "\\" + m.group(0), value)
    value = _UNDERSCORE.sub(r"\\_", value)
    return _ENTITY.sub("&amp;", value)


def _piece(node: AdfNode) -> str:
    if node["type"] == "hardBreak":
        return "\n"
    return (inline_text(node) or adf_to_text(node)).replace("\r", " ").replace("\n", " ")


def _marked(
    piece: str, marks: dict[str, dict[str, Any]], *, before: str, after: str, links: LinkPolicy
) -> str:
    """Write one text with its marks; space at its ends stays outside them."""
    core = piece.strip(" \t")
    if not core or not marks:
        return _escaped(piece)
    lead = piece[: len(piece) - len(piece.lstrip(" \t"))]
    tail = piece[len(piece.rstrip(" \t")) :]
    before = lead[-1:] or before
    after = tail[:1] or after
    body = _code(core) if "code" in marks else _escaped(core)
    for name in reversed(_MARK_ORDER):
        if name == "link" and name in marks:
            body = _linked(body, str(marks[name].get("href", "")), links)
        elif name in marks:
            body = _wrapped(body, name, marks[name], before=before, after=after)
    return lead + body + tail


def _linked(body: str, address: str, links: LinkPolicy) -> str:
    href = safe_href(address, links)
    if href is None:
        return body
    for sign, code in (("\\", "%5C"), ("<", "%3C"), (">", "%3E"), ("|", "%7C")):
        href = href.replace(sign, code)
    return f"[{body}](<{href}>)"


def _wrapped(body: str, name: str, attrs: dict[str, Any], *, before: str, after: str) -> str:
    if name == "subsup":
        element = "sup" if attrs.get("type") == "sup" else "sub"
        return f"<{element}>{body}</{element}>"
    delimiter = _DELIMITERS.get(name)
    if delimiter is not None and _can_flank(body, before, after):
        return f"{delimiter}{body}{delimiter}"
    element = _ELEMENTS[name]
    return f"<{element}>{body}</{element}>"


def _can_flank(body: str, before: str, after: str) -> bool:
    """Tell whether delimiters around the text are certain to be read as such."""
    is_free = _is_boundary(before) and _is_boundary(after)
    is_plain_start = body[:1].isalnum() or body[:1] in _PLAIN_STARTS
    is_plain_end = body[-1:].isalnum() or body[-1:] in _PLAIN_ENDS
    return bool(body) and is_free and is_plain_start and is_plain_end


def _is_boundary(character: str) -> bool:
    return not character or character.isspace() or character in ".,;:!?()"


def _code(value: str) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(value)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if value.startswith("`") or value.endswith("`") else ""
    return f"{fence}{pad}{value}{pad}{fence}"

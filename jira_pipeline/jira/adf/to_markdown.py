"""A document as GitHub-flavoured Markdown, for attachments that hold what a body cannot.

Belongs here: blocks as lines, inline nodes with escaping and marks as delimiters. Does not: reading
Markdown (`from_markdown`). Text stays literal: what reads like markup is escaped, so that a
Markdown reader shows the same text. What Markdown lacks (spans, underline, expands) becomes inline
HTML or plain blocks.

Each block is made of the lines of its children: nothing is remembered between two blocks but which
came before. Issues are compared by the hash of their Markdown (`export/issue_texts`): another way to
write one of our own documents would make every issue look edited.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, NamedTuple

from jira_pipeline.jira.adf.link_addresses import DEFAULT_LINK_POLICY, LinkPolicy, safe_href
from jira_pipeline.jira.adf.nodes import AdfNode, doc, paragraph
from jira_pipeline.jira.adf.to_text import TITLED, adf_to_text, children_of, inline_text

_INLINE_BLOCKS: Final = frozenset({"paragraph", "heading", "taskItem", "decisionItem", "caption"})
_ITEMS: Final = frozenset({"listItem", "blockTaskItem", "taskItem"})
_LISTS: Final = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})
_ALERT_OF_PANEL: Final = {
    "info": "NOTE", "success": "TIP", "tip": "TIP", "note": "IMPORTANT", "warning": "WARNING",
    "error": "CAUTION",
}  # fmt: skip
# Source: GitHub's documentation of alerts; the panel types of the editor by their colour.
_BETWEEN_LISTS: Final = ("", "<!-- -->", "")
"""Two lists in a row would be read as one."""
_CLOSING_SIGNS = re.compile(r"(?<!\S)(#+\s*)$")
_ESCAPED = re.compile(r"[\\`*\[\]<>~|]|(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LINE_START = re.compile(r"^([ \t]*)(#{1,6}(?=[ \t]|$)|[-+=](?=[-+=\s]|$)|:(?=-))")
_LINE_START_NUMBER = re.compile(r"^([ \t]*)(\d{1,9})([.)])(?=\s|$)")
_DELIMITERS: Final = {"strong": "**", "em": "_", "strike": "~~"}
_ELEMENTS: Final = {"strong": "strong", "em": "em", "strike": "s", "underline": "u"}
_PLAIN_ENDS: Final = ".:!?)…"
_DEEPEST: Final = 200
"""Nodes within each other; ours are half as deep, and Python ends at a thousand calls."""
_HREF: Final = str.maketrans({"\\": "%5C", "<": "%3C", ">": "%3E", "|": "%7C"})


class _Block(NamedTuple):
    """The lines of a block, and how they follow what is before them."""

    lines: list[str]
    kind: Literal["text", "quote", "list", "item"] = "text"
    may_follow: bool = False
    """A list that may stand right below the paragraph of an item."""


def adf_to_markdown(document: AdfNode, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> str:
    """Write a document as Markdown; it ends with a newline unless it is empty.

    Of links that `nodes` refuses, the text stays; of a document that is too deep, its lines.
    """
    too_deep = [document]
    for _ in range(_DEEPEST):
        too_deep = [child for node in too_deep for child in children_of(node)]
    if too_deep:
        document = doc([paragraph(line) for line in adf_to_text(document).split("\n")])
    return "".join(f"{line}\n" for line in _joined(_blocks([document], links)))


def _joined(blocks: Iterable[_Block]) -> list[str]:
    """Put blocks below each other, with an empty line between those that need one."""
    lines: list[str] = []
    before = ""
    for block in blocks:
        if not block.lines and block.kind == "text":
            continue
        if lines and block.kind == before == "list":
            lines += _BETWEEN_LISTS
        elif lines and block.kind != "item" and not (block.may_follow and before != "list"):
            lines.append("")
        lines += block.lines
        before = block.kind
    return lines


def _prefixed(lines: Iterable[str], first: str, following: str) -> list[str]:
    """Return lines with a prefix before the first and another before those that follow."""
    prefixed: list[str] = []
    prefix = first
    for line in lines:
        prefixed.append(prefix + line if line else prefix.rstrip())
        prefix = following
    return prefixed


def _blocks(  # noqa: C901 - a case for each type
    nodes: Iterable[AdfNode], links: LinkPolicy, above: str = ""
) -> Iterator[_Block]:
    """Yield blocks; `above` is the type of the list they are in."""
    for node in nodes:
        node_type = node["type"]
        content = children_of(node)
        if node_type in _LISTS:
            yield _list(node, links, above)
        elif node_type in {"blockquote", "panel"}:
            yield _Block(_prefixed(_quoted(node, links, above), "> ", "> "), "quote")
        elif node_type == "codeBlock":
            code = _code_of(node)
            language = str(_attr(node, "language") or "").replace("`", "")
            fence = "```"
            while fence in code:
                fence += "`"
            yield _Block([fence + " ".join(language.split()), *code.split("\n"), fence])
        elif node_type == "heading":
            title = inline_markdown(content, links=links, is_one_line=True)
            closed = _CLOSING_SIGNS.sub(r"\\\1", title)
            yield _Block([f"{'#' * int(_attr(node, 'level', 1))} {closed}"])
        elif node_type in _INLINE_BLOCKS or _holds_text(node):
            yield _Block(inline_markdown(content, links=links).split("\n") if content else [])
        elif node_type == "rule":
            yield _Block(["---"])
        elif node_type == "table":
            yield _Block(_table_lines(node, links))
        elif content:  # layouts, expands: their blocks stand here
            if node_type in TITLED and (title := inline_text(node)):
                bold = {"type": "text", "text": title, "marks": [{"type": "strong"}]}
                yield _Block([inline_markdown([bold], links=links)])
            yield from _blocks(children_of(node), links, above)
        elif node_type == "media" or inline_text(node):
            shown = [{"type": "text", "text": inline_text(node) or " "}]
            yield _Block([inline_markdown(shown, links=links)])


def _list(node: AdfNode, links: LinkPolicy, above: str) -> _Block:
    node_type = node["type"]
    order = _attr(node, "order", 1)
    blocks: list[_Block] = []
    for number, child in enumerate(children_of(node), order if isinstance(order, int) else 1):
        if child["type"] not in _ITEMS:
            blocks += _blocks([child], links, node_type)
            continue
        marker = f"{number}. " if node_type == "orderedList" else "- "
        box = "[x] " if _attr(child, "state") == "DONE" else "[ ] "
        lines = (
            inline_markdown(child.get("content") or (), links=links).split("\n")
            if child["type"] == "taskItem"
            else _joined(_blocks(children_of(child), links, node_type)) or [""]
        )
        indent = " " * len(marker)
        blocks.append(
            _Block(
                _prefixed(lines, marker + ("" if child["type"] == "listItem" else box), indent),
                "item",
            )
        )
    if node_type == above == "taskList":  # lists of tasks are beside the items
        return _Block(_prefixed(_joined(blocks), "  ", "  "), "item")
    is_first = node_type == "bulletList" or order == 1
    may_follow = bool(above) and is_first and bool(blocks) and _begins_with_text(node)
    return _Block(_joined(blocks), "list", may_follow)


def _quoted(node: AdfNode, links: LinkPolicy, above: str) -> list[str]:
    blocks = list(_blocks(children_of(node), links, above))
    if node["type"] == "blockquote":
        return _joined(blocks)
    head = [f"[!{_ALERT_OF_PANEL.get(str(_attr(node, 'panelType')), 'NOTE')}]"]
    if blocks and children_of(node)[0]["type"] == "paragraph":
        return head + _joined(blocks)
    return _joined([_Block(head), *blocks])


def _table_lines(node: AdfNode, links: LinkPolicy) -> list[str]:
    rows = [list(_row_cells(row, links)) for row in children_of(node)]
    width = max(map(len, rows), default=0)
    if not width:
        return []
    first_row = children_of(node)[0]
    has_header = all(cell["type"] == "tableHeader" for cell in children_of(first_row))
    head: list[str] = []
    if has_header:
        head = rows.pop(0)
    lines: list[str] = []
    for row in [head, ["---"] * width, *rows]:
        padded = row + [""] * (width - len(row))
        lines.append(f"| {' | '.join(padded)} |")
    return lines


def _row_cells(row: AdfNode, links: LinkPolicy) -> Iterator[str]:
    """Yield the cells of a row; the blocks of each are on one line, parted by breaks."""
    for cell in children_of(row):
        yield "<br>".join(p for child in children_of(cell) for p in _cell_pieces(child, links))
        yield from [""] * (int(_attr(cell, "colspan", 1)) - 1)


def _cell_pieces(node: AdfNode, links: LinkPolicy, marker: str = "") -> Iterator[str]:
    """Yield the lines of a block and of those in it; the first of an item has a bullet."""
    if node["type"] == "codeBlock":
        shown = [
            {"type": "text", "text": line, "marks": [{"type": "code"}]}
            for line in _code_of(node).split("\n")
            if line
        ]
        piece = "<br>".join(inline_markdown([n], links=links, is_in_table=True) for n in shown)
        inner: list[AdfNode] = []
    elif node["type"] in _INLINE_BLOCKS or _holds_text(node):
        piece = inline_markdown(children_of(node), links=links, is_in_table=True)
        inner = []
    else:
        words = {"type": "text", "text": inline_text(node)}
        piece = inline_markdown([words], links=links, is_in_table=True)
        inner = children_of(node)
    if piece:
        yield marker + piece
    for number, child in enumerate(inner):
        is_item = node["type"] == "taskList" or (node["type"] == "listItem" and not number)
        yield from _cell_pieces(child, links, "• " if is_item else "")


def _attr(node: AdfNode, name: str, default: object = None) -> Any:
    return (node.get("attrs") or {}).get(name, default)


def _code_of(node: AdfNode) -> str:
    return "".join(child.get("text", "") for child in children_of(node))


def _holds_text(node: AdfNode) -> bool:
    """Tell whether a block holds a line, whatever it is."""
    return any(child["type"] in {"text", "hardBreak"} for child in children_of(node))


def _begins_with_text(list_node: AdfNode) -> bool:
    """Tell whether the first item shows text at once: an empty one cannot end a paragraph."""
    first = next(iter(children_of(children_of(list_node)[0])), None)
    is_text = first is not None and first["type"] == "paragraph" and bool(first.get("content"))
    return list_node["type"] == "taskList" or is_text


def inline_markdown(
    content: Iterable[AdfNode],
    *,
    links: LinkPolicy,
    is_one_line: bool = False,
    is_in_table: bool = False,
) -> str:
    """Write inline nodes; breaks become a backslash and a newline, or `<br>` on one line."""
    runs = [(_marks_by_type(node), _piece(node)) for node in content]
    written = ""
    for (marks, piece), (next_marks, following) in zip(runs, [*runs, ({}, "")][1:], strict=True):
        if piece == "\n":
            written += "\n"
            continue
        shown = _marked(piece, marks, before=written[-1:], after=following[:1], links=links)
        if is_in_table and "code" in marks:
            shown = shown.replace("|", "\\|")  # a table takes the pipe even out of code
        if shown.endswith("!") and "link" in next_marks:
            shown = f"{shown[:-1]}\\!"  # else the link would be read as an image
        written += shown
    lines = [line.strip(" \t") for line in written.split("\n")]
    return "<br>".join(lines) if is_one_line or is_in_table else _broken_lines(lines)


def _marks_by_type(node: AdfNode) -> dict[str, dict[str, Any]]:
    """Return the attributes of the marks of a node, by type."""
    return {mark["type"]: mark.get("attrs") or {} for mark in node.get("marks") or ()}


def _broken_lines(lines: list[str]) -> str:
    """Join lines by hard breaks; what reads like a block at their start is escaped.

    After an empty line, and where no text follows, a backslash would not be read as a break. White
    space of any kind is no text there: parsers take it from the ends of a paragraph.
    """
    last = max((index for index, line in enumerate(lines) if line.strip()), default=-1)
    if not any(lines):
        return ""
    written = ""
    for index, line in enumerate(lines):
        if index:
            written += "\\\n" if lines[index - 1].strip() and index <= last else "<br>"
        written += _LINE_START_NUMBER.sub(r"\1\2\\\3", _LINE_START.sub(r"\1\\\2", line))
    return written


def _escaped(value: str) -> str:
    """Escape what Markdown would read as markup, and nothing else."""
    return _ENTITY.sub("&amp;", _ESCAPED.sub(lambda match: f"\\{match[0]}", value))


def _piece(node: AdfNode) -> str:
    if node["type"] == "hardBreak":
        return "\n"
    return (inline_text(node) or adf_to_text(node)).replace("\r", " ").replace("\n", " ")


def _can_be_beside_delimiter(character: str) -> bool:
    """Tell whether a delimiter beside a character, or at the end of a text, is read as such."""
    return not character or character.isspace() or character in ".,;:!?()"


def _marked(
    piece: str, marks: dict[str, dict[str, Any]], *, before: str, after: str, links: LinkPolicy
) -> str:
    """Write one text with its marks; space at its ends stays outside them."""
    core = piece.strip(" \t")
    if not core or not marks:
        return _escaped(piece)
    lead, tail = piece.split(core, 1)
    # only between these characters are delimiters certain to be read as such
    can_flank = _can_be_beside_delimiter(lead[-1:] or before) and _can_be_beside_delimiter(
        tail[:1] or after
    )
    body = _code(core) if "code" in marks else _escaped(core)
    if "subsup" in marks:
        element = "sup" if marks["subsup"].get("type") == "sup" else "sub"
        body = f"<{element}>{body}</{element}>"
    for name in ("underline", "strike", "em", "strong"):
        if name not in marks:
            continue
        sign = _DELIMITERS.get(name)
        element = _ELEMENTS[name]
        is_plain = can_flank and _is_plain(body)
        body = f"{sign}{body}{sign}" if sign and is_plain else f"<{element}>{body}</{element}>"
    href = safe_href(str(marks["link"].get("href", "")), links) if "link" in marks else None
    return lead + (body if href is None else f"[{body}](<{href.translate(_HREF)}>)") + tail


def _is_plain(body: str) -> bool:
    return (body[0].isalnum() or body[0] in "(·…") and (
        body[-1].isalnum() or body[-1] in _PLAIN_ENDS
    )


def _code(value: str) -> str:
    longest = max((len(run) for run in re.findall("`+", value)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if value.startswith("`") or value.endswith("`") else ""
    return f"{fence}{pad}{value}{pad}{fence}"

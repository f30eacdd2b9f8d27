"""HTML to Atlassian Document Format.

Belongs here: what each HTML element means in ADF, and the walk over the parsed document. Does
not: where a block may stand (`building`), which marks go together (`marks`), which links are safe
(`links`). The walk keeps its own stack: depth is bounded by memory, never by recursion.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.adf.building import AdfBuilder, Change
from jira_pipeline.adf.html_limits import require_html_limits
from jira_pipeline.adf.links import DEFAULT_LINK_POLICY, LinkPolicy, safe_href
from jira_pipeline.adf.marks import NO_MARKS, MarkKey, Marks
from jira_pipeline.adf.nodes import AdfNode

_TEXT = "-text"
_MAX_SPAN = 1000
# Source: HTML Living Standard, colspan is clamped to 1000.
_PROBE_LIMIT = 12

_DROPPED: Final = frozenset(
    {
        "script", "style", "template", "head", "title", "iframe", "noembed", "noframes", "object",
        "embed", "applet", "meta", "link", "base", "param", "source", "track", "col", "-comment",
    }
)  # fmt: skip
_PARAGRAPHS: Final = frozenset(
    {
        "p", "div", "section", "article", "aside", "header", "footer", "main", "nav", "address",
        "figure", "figcaption", "center", "form", "fieldset", "legend", "dl", "dt", "dd", "hgroup",
        "search", "dialog", "dir", "menuitem", "optgroup", "option", "caption", "summary", "body",
        "html", "select",
    }
)  # fmt: skip
_MARKS: Final = {
    **dict.fromkeys(("b", "strong"), MarkKey("strong")),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), MarkKey("em")),
    **dict.fromkeys(("u", "ins"), MarkKey("underline")),
    **dict.fromkeys(("s", "strike", "del"), MarkKey("strike")),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), MarkKey("code")),
    "sub": MarkKey("subsup", "sub"),
    "sup": MarkKey("subsup", "sup"),
}
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_STRONG = MarkKey("strong")
_PREFORMATTED: Final = frozenset({"pre", "listing", "xmp", "plaintext"})
_LANGUAGE_CLASS = re.compile(
    r"(?:^|\s)(?:language-|lang-|highlight-source-|brush:\s*)([^\s;]+)", re.IGNORECASE
)
_DONE_CLASSES: Final = frozenset({"checked", "done", "completed", "task-done"})
_TASK_CLASSES: Final = frozenset(
    {"checklist", "task-list", "contains-task-list", "tasklist", "todo-list", "inline-task-list"}
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_END_LINE: Final = -1
_Close: TypeAlias = int | Marks | Callable[[], None]
"""How an element ends: close a block, end the line, restore marks, or something of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A converted document and what could not be kept as it was, in document order."""

    document: AdfNode
    changes: tuple[Change, ...]


def html_to_adf(html: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> AdfNode:
    """Convert HTML, however malformed, into a document that is valid for Jira.

    Raises:
        AdfLimitError: the HTML is too large, too deep, or has too many attributes at once.
    """
    return convert_html(html, links=links).document


def html_to_blocks(html: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> list[AdfNode]:
    """Convert HTML into blocks for the content of a document; text without HTML is a paragraph.

    Raises:
        AdfLimitError: the HTML is too large, too deep, or has too many attributes at once.
    """
    blocks: list[AdfNode] = convert_html(html, links=links).document["content"]
    return blocks


def convert_html(html: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> Conversion:
    """Convert HTML and tell what was lifted, demoted, flattened or dropped.

    Raises:
        AdfLimitError: the HTML is too large, too deep, or has too many attributes at once.
    """
    if not html.isascii():
        html = _LONE_SURROGATE.sub("\ufffd", html)
    require_html_limits(html)
    walk = _Walk(links)
    body = LexborHTMLParser(html).body
    if body is not None:
        walk.run(body)
    document = {"version": 1, "type": "doc", "content": walk.builder.finish()}
    return Conversion(document=document, changes=tuple(walk.builder.changes))


class _Walk:
    """One walk over one document: the marks in force and the code being collected."""

    def __init__(self, links: LinkPolicy) -> None:
        self.builder = AdfBuilder()
        self._links = links
        self._marks = NO_MARKS
        self._written_marks = NO_MARKS
        self._code: list[str] | None = None

    def run(self, root: LexborNode) -> None:
        """Visit every node below the root once, in document order."""
        node = root.first_child
        open_elements: list[tuple[LexborNode, _Close | None]] = []
        while node is not None:
            child = None
            close: _Close | None = None
            tag = node.tag
            if tag == _TEXT:
                self._add_text(node.text_content or "")
            elif tag not in _DROPPED:
                close = self._open(node, tag or "")
                child = node.first_child
            if child is not None:
                open_elements.append((node, close))
                node = child
                continue
            if close is not None:
                self._end(close)
            node = self._next_of(node, open_elements)

    def _next_of(
        self, node: LexborNode, open_elements: list[tuple[LexborNode, _Close | None]]
    ) -> LexborNode | None:
        """End the elements that end here and find what follows."""
        following = node.next
        while following is None and open_elements:
            node, close = open_elements.pop()
            if close is not None:
                self._end(close)
            following = node.next
        return following

    def _end(self, close: _Close) -> None:
        """End an element as its beginning said."""
        if isinstance(close, int):
            if close == _END_LINE:
                self.builder.end_line()
            else:
                self.builder.close_to(close)
        elif isinstance(close, Marks):
            self._set_marks(close)
        else:
            close()

    def _add_text(self, value: str) -> None:
        if self._code is not None:
            self._code.append(value)
        else:
            self.builder.add_text(value, self._written_marks)

    def _open(self, node: LexborNode, tag: str) -> _Close | None:
        """Begin an element; the answer ends it."""
        if self._code is not None:
            return self._open_in_code(node, tag)
        mark = _MARKS.get(tag)
        if mark is not None:
            return self._push_mark(mark)
        if tag in _PARAGRAPHS:
            return self._open_paragraph(node, tag)
        opening = _OPENINGS.get(tag)
        return opening(self, node) if opening is not None else None

    def _open_in_code(self, node: LexborNode, tag: str) -> _Close | None:
        code = self._code
        if code is None:
            raise AssertionError("Only called while code is collected.")
        if tag == "br":
            code.append("\n")
        elif tag == "img":
            code.append(node.attributes.get("alt") or "")
        elif tag in _PARAGRAPHS or tag in {"li", "tr"}:
            return partial(_end_code_line, code)
        return None

    def _push_mark(self, key: MarkKey) -> Marks:
        previous = self._marks
        self._set_marks(previous.with_mark(key))
        return previous

    def _set_marks(self, marks: Marks) -> None:
        if marks is not self._marks:
            self._marks = marks
            self._written_marks = marks.as_written()

    def _open_paragraph(self, node: LexborNode, tag: str) -> _Close:
        if tag == "div":
            panel_type = node.attributes.get("data-panel-type")
            if panel_type in _PANEL_TYPES and self.builder.can_open("panel"):
                return self._open_block("panel", {"panelType": panel_type})
        self.builder.end_line()
        return _END_LINE

    def _open_block(self, node_type: str, attrs: dict[str, Any] | None = None) -> _Close:
        index = self.builder.open_block(node_type, attrs)
        return _END_LINE if index is None else index

    def open_break(self, node: LexborNode) -> None:
        """Break the line."""
        del node
        self.builder.add_break()

    def open_rule(self, node: LexborNode) -> None:
        """Draw a line across."""
        del node
        self.builder.add_block({"type": "rule"})

    def open_heading(self, node: LexborNode) -> _Close:
        """Begin a heading; in a list, a quote or a task it becomes a strong paragraph."""
        if self.builder.can_open("heading") or self.builder.is_inside("heading"):
            return self._open_block("heading", {"level": _HEADINGS[node.tag or "h6"]})
        self.builder.note("demoted", "heading", self.builder.top_type)
        self.builder.end_line()
        return partial(self._close_demoted, self._push_mark(_STRONG))

    def _close_demoted(self, previous: Marks) -> None:
        self.builder.end_line()
        self._set_marks(previous)

    def open_quote(self, node: LexborNode) -> _Close:
        """Begin a quote; where none may stand its paragraphs stay without it."""
        del node
        if self.builder.can_open("blockquote"):
            return self._open_block("blockquote")
        self.builder.note("demoted", "blockquote", self.builder.top_type)
        self.builder.end_line()
        return _END_LINE

    def open_list(self, node: LexborNode) -> _Close:
        """Begin a list; its first item decides whether it is one of tasks."""
        if _is_task_list(node) and self.builder.can_open("taskList"):
            return self._open_block("taskList")
        if node.tag != "ol":
            return self._open_block("bulletList")
        start = _whole_number(node.attributes.get("start"), default=1)
        return self._open_block("orderedList", {"order": max(start, 0)} if start != 1 else None)

    def open_item(self, node: LexborNode) -> _Close | None:
        """Begin a list item or a task, in a list of its own where there is none."""
        close_list: _Close | None = None
        state = _task_state(node)
        if not self.builder.is_inside("bulletList", "orderedList", "taskList"):
            if node.parent is not None and node.parent.tag in {"ul", "ol", "menu"}:
                self.builder.end_line()  # the list was too deep and left out
                return _END_LINE
            close_list = self._open_block("taskList" if state else "bulletList")
        is_task_list = self.builder.is_inside("taskList")
        if is_task_list and state is None:
            self.builder.change_list_type("bulletList")
        elif not is_task_list and state is not None:
            state = self._turn_into_task_list(state)
        if state is not None:
            close_item = self._open_block("taskItem", {"state": state})
        else:
            close_item = self._open_block("listItem")
        return close_item if close_list is None else close_list

    def _turn_into_task_list(self, state: str) -> str | None:
        if not self.builder.can_change_list_type("taskList"):
            self.builder.note("demoted", "taskItem", self.builder.top_type)
            return None
        self.builder.change_list_type("taskList")
        return state

    def open_table(self, node: LexborNode) -> _Close:
        """Begin a table."""
        del node
        return self._open_block("table")

    def open_row(self, node: LexborNode) -> _Close | None:
        """Begin a table row."""
        del node
        return self._open_block("tableRow") if self.builder.is_inside("table") else None

    def open_cell(self, node: LexborNode) -> _Close | None:
        """Begin a cell or a header cell."""
        if not self.builder.is_inside("tableRow"):
            return None
        attributes = node.attributes
        attrs: dict[str, Any] = {}
        for name in ("colspan", "rowspan"):
            span = _whole_number(attributes.get(name), default=1)
            if span > 1:
                attrs[name] = min(span, _MAX_SPAN)
        return self._open_block("tableHeader" if node.tag == "th" else "tableCell", attrs)

    def open_code_block(self, node: LexborNode) -> _Close:
        """Begin to collect the text of a code block as it is."""
        self._code = []
        return partial(self._close_code_block, _language(node))

    def _close_code_block(self, language: str | None) -> None:
        code = "".join(self._code or ()).removesuffix("\n")
        self._code = None
        if not code:
            return
        node: AdfNode = {"type": "codeBlock", "content": [{"type": "text", "text": code}]}
        if language:
            node["attrs"] = {"language": language}
        self.builder.add_block(node)

    def open_link(self, node: LexborNode) -> _Close | None:
        """Begin a link, if it is safe; otherwise its text stays alone."""
        attributes = node.attributes
        href = attributes.get("href")
        if not href:
            return None
        safe = safe_href(href, self._links)
        if safe is None:
            self.builder.note("link_dropped", "a", href)
            return None
        return self._push_mark(MarkKey("link", safe, attributes.get("title") or ""))

    def open_image(self, node: LexborNode) -> None:
        """Show an image as a link to it, named by its alternative text."""
        attributes = node.attributes
        href = safe_href(attributes.get("src") or "", self._links)
        label = attributes.get("alt") or href or ""
        marks = self._marks
        if href is not None and not any(k.type == "link" for k in marks.keys):
            marks = marks.with_mark(MarkKey("link", href))
        self.builder.note("image_as_text", "img", label)
        self.builder.add_text(label, marks.as_written())

    def open_details(self, node: LexborNode) -> _Close:
        """Begin an expand titled by its summary; too deep, the title stays as a paragraph."""
        summary = _summary_of(node)
        title = _text_of(summary) if summary is not None else ""
        for node_type in ("expand", "nestedExpand"):
            if self.builder.can_open(node_type):
                if summary is not None:
                    summary.decompose()
                return self._open_block(node_type, {"title": title})
        self.builder.note("demoted", "expand", self.builder.top_type)
        self.builder.end_line()
        return _END_LINE


_PANEL_TYPES: Final = frozenset({"info", "note", "tip", "warning", "error", "success"})
_OPENINGS: Final[dict[str, Callable[[_Walk, LexborNode], _Close | None]]] = {
    "br": _Walk.open_break,
    "hr": _Walk.open_rule,
    **dict.fromkeys(_HEADINGS, _Walk.open_heading),
    "blockquote": _Walk.open_quote,
    **dict.fromkeys(("ul", "ol", "menu"), _Walk.open_list),
    "li": _Walk.open_item,
    "table": _Walk.open_table,
    "tr": _Walk.open_row,
    **dict.fromkeys(("td", "th"), _Walk.open_cell),
    **dict.fromkeys(_PREFORMATTED, _Walk.open_code_block),
    "a": _Walk.open_link,
    "img": _Walk.open_image,
    "details": _Walk.open_details,
}


def _text_of(element: LexborNode) -> str:
    """Collect the text below an element on one line."""
    parts = [
        node.text_content or "" for node in element.traverse(include_text=True) if node.is_text_node
    ]
    return " ".join("".join(parts).split())


def _end_code_line(code: list[str]) -> None:
    if code and not code[-1].endswith("\n"):
        code.append("\n")


def _whole_number(value: str | None, *, default: int) -> int:
    """Read the digits at the start of an attribute as HTML does."""
    match = re.match(r"\s*([+-]?[0-9]{1,9})", value or "")
    return int(match.group(1)) if match else default


def _language(node: LexborNode) -> str | None:
    """Find the language of a code block on it, on the code inside or on the box around it."""
    candidates = [node]
    inner = _first_element(node)
    if inner is not None and inner.tag == "code":
        candidates.insert(0, inner)
    if node.parent is not None:
        candidates.append(node.parent)
    for candidate in candidates:
        attributes = candidate.attributes
        match = _LANGUAGE_CLASS.search(attributes.get("class") or "")
        language = match.group(1) if match else attributes.get("data-language")
        if language:
            return language
    return None


def _first_element(node: LexborNode) -> LexborNode | None:
    """Find the first child that is neither white space nor a comment; `None` when it is text."""
    child = node.first_child
    while child is not None:
        if child.is_element_node:
            return child
        if child.is_text_node and (child.text_content or "").strip():
            return None
        child = child.next
    return None


def _classes(node: LexborNode) -> set[str]:
    return set((node.attributes.get("class") or "").lower().split())


def _checkbox_of(item: LexborNode) -> LexborNode | None:
    """Find the checkbox an item begins with, at most some elements down."""
    probe: LexborNode | None = item
    for _ in range(_PROBE_LIMIT):
        probe = _first_element(probe) if probe is not None else None
        if probe is None or probe.tag in {"ul", "ol", "table"}:
            return None
        if probe.tag == "input":
            kind = (probe.attributes.get("type") or "").lower()
            return probe if kind == "checkbox" else None
    return None


def _task_state(item: LexborNode) -> str | None:
    """Tell whether an item is a task that is done or to do; `None` = it is no task."""
    checkbox = _checkbox_of(item)
    if checkbox is not None:
        return "DONE" if "checked" in checkbox.attributes else "TODO"
    checked = item.attributes.get("data-checked")
    if checked is not None:
        return "DONE" if checked == "true" else "TODO"
    if item.parent is not None and _classes(item.parent) & _TASK_CLASSES:
        return "DONE" if _classes(item) & _DONE_CLASSES else "TODO"
    return None


def _is_task_list(node: LexborNode) -> bool:
    first = _first_element(node)
    return first is not None and first.tag == "li" and _task_state(first) is not None


def _summary_of(details: LexborNode) -> LexborNode | None:
    child = details.first_child
    while child is not None:
        if child.tag == "summary":
            return child
        child = child.next
    return None

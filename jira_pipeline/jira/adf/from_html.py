"""HTML fragments to Atlassian Document Format.

Belongs here: what the elements of stored prose and of Markdown mean, white space as a browser
shows it, and what becomes of a block that is not allowed where it is: it is lifted out, and what
was around it goes on after it, so that text and order survive. Does not: which block may be where
(`schema`), which links are safe (`nodes`), pages of other programs.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby, takewhile
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.jira.adf.link_addresses import DEFAULT_LINK_POLICY, LinkPolicy, safe_href
from jira_pipeline.jira.adf.nodes import AdfMark, AdfNode
from jira_pipeline.jira.adf.schema import (
    IN_CELL,
    IN_EXPAND,
    IN_ITEM,
    IN_NESTED_EXPAND,
    IN_PANEL,
    IN_QUOTE,
    MAX_LIST_DEPTH,
)
from jira_pipeline.jira.adf.sizes import require_at_most

MAX_BYTES: Final = 2_000_000
"""Of HTML or Markdown: twice what is attached of a whole ticket."""
MAX_DEPTH: Final = 100
"""Elements, or quotes, lists and items of Markdown, within each other."""
MAX_STEPS: Final = 1_000_000
"""Tags times open elements: the parser looks at each for each, and opens marks again and again."""
MAX_SPAN: Final = 1_000
"""Source: HTML Living Standard, colspan is clamped to 1000."""
MAX_ATTRIBUTES: Final = 1_000
"""Of one element: the parser compares each with each."""

_Marks = Mapping[str, AdfMark]
_MARKS: Final[Mapping[str, AdfMark]] = {
    **dict.fromkeys(("b", "strong"), adf.STRONG),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), adf.EM),
    **dict.fromkeys(("u", "ins"), adf.UNDERLINE),
    **dict.fromkeys(("s", "strike", "del"), adf.STRIKE),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), adf.CODE),
    "sub": adf.SUB,
    "sup": adf.SUP,
}
_MARK_ORDER: Final = ("link", "em", "strong", "strike", "subsup", "underline", "code")
_MARKS_WITH_CODE: Final = frozenset({"link", "code"})
"""Jira takes no other mark beside that of code."""
"""That of Jira's editor, so that documents equal those written by hand."""
HIDDEN: Final = frozenset(
    {"-comment", "script", "style", "template", "title", "noembed", "noframes", "iframe"}
)
_ELEMENT_NAMES: Final = """
a abbr address area article aside audio b base bdi bdo big blockquote body br button canvas caption
center cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset
figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input
ins kbd label legend li link main map mark menu meta meter nav noscript object ol optgroup option
output p param picture pre progress q rp rt ruby s samp script search section select slot small
source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead
time title tr track tt u ul var video wbr
"""
# Elements of HTML, with former ones that people write. Source: WHATWG, HTML, index, 2026-11.
ELEMENTS: Final = frozenset(_ELEMENT_NAMES.split())
_LINES: Final = frozenset(
    {"p", "div", "section", "article", "aside", "header", "footer", "main", "nav", "address",
     "figure", "figcaption", "center", "form", "fieldset", "legend", "dl", "dd", "dt", "caption",
     "summary", "body", "html", "option", "ul", "ol", "menu", "li"}
)  # fmt: skip
_PANELS: Final = frozenset({"info", "note", "tip", "warning", "error", "success"})
_BOXES: Final = frozenset({"blockquote", "panel", "expand", "nestedExpand"})
_SPACES = re.compile(r"[ \t\n\r\f]+")
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Control characters and halves of characters: no document may hold them."""
_ATTRIBUTE: Final = (
    r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
)
TAG: Final = re.compile(
    r"(?P<opaque><!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|"
    r"<(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)\b.*?(?:</(?P=raw)|\Z))|"
    rf"<(?P<end>/?)(?P<name>[a-z][^\s/>]*+)(?P<rest>(?:{_ATTRIBUTE})*+)[\s/]*+(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_OPENING = re.compile("<[a-z]", re.IGNORECASE)
_NEVER_DEEP: Final = frozenset(
    {"area", "br", "col", "dd", "dt", "hr", "img", "input", "li", "option", "p", "tbody", "td",
     "tfoot", "th", "thead", "tr", "wbr"}
)  # fmt: skip
"""Elements without an end, and those whose end the next one implies."""


def html_to_adf(html: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> AdfNode:
    """Convert HTML into a document that is valid for Jira.

    Raises:
        AdfLimitError: The HTML is too large, too deep, or made to be slow.
    """
    return adf.doc(html_to_blocks(html, links=links))


def html_to_blocks(html: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> list[AdfNode]:
    """Convert HTML into blocks for the content of a document; text without HTML is a paragraph."""
    html = _UNSENDABLE.sub("\ufffd", html)
    require_size(html, what="The HTML")
    _require_fast(html)
    body = LexborHTMLParser(html).body
    if body is None:
        return []
    blocks = _Reader(links).inside(body, {})
    adf.distinguish_local_ids(blocks)
    return blocks


def require_size(text: str, *, what: str) -> None:
    """Make sure that HTML or Markdown is small enough to be read."""
    size_bytes = len(text.encode("utf-8", "surrogatepass"))
    require_at_most(MAX_BYTES, what=what, actual=size_bytes, unit="bytes")


def _require_fast(html: str) -> None:
    """Make sure that HTML is parsed in bounded time, counting never too few open elements."""
    open_names: list[str] = []
    steps = stuck = 0
    for tag in TAG.finditer(html):
        if tag["opaque"]:
            stuck += len(_OPENING.findall(tag["opaque"]))
        elif tag["end"]:
            if open_names and open_names[-1] == tag["name"].lower():
                open_names.pop()
        elif tag["name"].lower() not in _NEVER_DEEP:
            open_names.append(tag["name"].lower())
        rest = tag["rest"] or ""
        attributes = len(re.findall(_ATTRIBUTE, rest)) if len(rest) > MAX_ATTRIBUTES else 0
        steps += 1 + len(open_names) + stuck
        require_at_most(MAX_ATTRIBUTES, what="An element", actual=attributes, unit="attributes")
        unit = "steps to read its nesting"
        require_at_most(MAX_STEPS, what="The HTML", actual=steps, unit=unit)


class _Reader:
    """Reads one page into blocks; those of an element may still be where they are not allowed."""

    def __init__(self, links: LinkPolicy) -> None:
        self._links = links
        self._blocks: list[AdfNode] = []
        """Of the element that is read."""
        self._line: list[AdfNode] = []
        """Inline nodes since the last block, their white space as written."""
        self._depth = self._list_depth = 0

    def inside(self, element: LexborNode, marks: _Marks) -> list[AdfNode]:
        self._end_line()
        outer, self._blocks = self._blocks, []
        self._read_children(element, marks)
        self._end_line()
        inner, self._blocks = self._blocks, outer
        return inner

    def _read_children(self, element: LexborNode, marks: _Marks) -> None:
        self._depth += 1
        require_at_most(MAX_DEPTH, what="The HTML", actual=self._depth, unit="levels of nesting")
        for child in children_of(element):
            self._read(child, marks)
        self._depth -= 1

    def _read(self, node: LexborNode, marks: _Marks) -> None:  # noqa: C901, PLR0912 - a case for each element
        tag = node.tag or ""
        if tag == "-text":
            self._add_text(node.text_content or "", marks)
        elif tag in HIDDEN:
            pass
        elif tag in _MARKS:
            mark = _MARKS[tag]
            self._read_children(node, {**marks, mark["type"]: mark})
        elif tag == "a":
            self._read_children(node, self._linked(node.attributes, "href", marks))
        elif tag == "img":
            address = safe_href(node.attributes.get("src") or "", self._links)
            linked = marks if "link" in marks else self._linked(node.attributes, "src", marks)
            self._add_text(node.attributes.get("alt") or address or "", linked)
        elif tag == "br":
            self._line.append(adf.hard_break())
        elif tag == "hr":
            self._end_line()
            self._blocks.append(adf.rule())
        elif tag == "pre":
            self._end_line()
            code = text_in(node).replace("\r\n", "\n").removesuffix("\n")
            named = " ".join(
                element.attributes.get("class") or "" for element in (node, *node.css("code"))
            )
            language = re.search(r"(?:^|\s)language-(\S+)", named)
            if code:
                self._blocks.append(adf.code_block(code, language=language and language[1]))
        elif tag in {"ul", "ol", "menu"} and self._list_depth < MAX_LIST_DEPTH:
            self._read_list(node, marks)
        elif tag == "li" and self._list_depth < MAX_LIST_DEPTH:
            self._blocks.extend(_listed(self._item(node, marks), None))
        elif tag == "table":
            self._read_table(node, marks)
        elif tag == "blockquote":
            self._add_box(self.inside(node, marks), IN_QUOTE, {"type": tag})
        elif tag == "details":
            self._read_details(node, marks)
        elif re.fullmatch("h[1-6]", tag):
            inner = groupby(self.inside(node, marks), lambda block: block["type"] == "paragraph")
            for is_line, group in inner:
                blocks = list(group)
                heading = [adf.heading(int(tag[1]), _joined(blocks))] if is_line else blocks
                self._blocks.extend(heading)
        elif (panel := node.attributes.get("data-panel-type")) in _PANELS:
            box = {"type": "panel", "attrs": {"panelType": panel}}
            self._add_box(self.inside(node, marks), IN_PANEL, box)
        elif tag in _LINES:
            self._end_line()
            self._read_children(node, {**marks, "strong": adf.STRONG} if tag == "dt" else marks)
            self._end_line()
        else:
            self._read_children(node, marks)

    def _linked(self, attributes: Mapping[str, str | None], name: str, marks: _Marks) -> _Marks:
        """Put a link into force, if it is safe."""
        written = attributes.get(name)
        is_page_itself = name == "href" and name in attributes and not written
        if is_page_itself and self._links.is_relative_allowed:
            return {**marks, "link": adf.link("")}
        href = safe_href(written or "", self._links)
        if href is None:
            return marks
        return {**marks, "link": adf.link(href, title=attributes.get("title"))}

    def _add_text(self, value: str, marks: _Marks) -> None:
        value = _UNSENDABLE.sub("\ufffd", value)  # a reference such as &#1; is one, too
        if value:
            names = marks.keys() & _MARKS_WITH_CODE if "code" in marks else marks.keys()
            written = [marks[name] for name in _MARK_ORDER if name in names]
            self._line.append(adf.text(value, written))

    def _end_line(self) -> None:
        """Make a paragraph of the line, its white space as a browser shows it."""
        # text of equal marks is joined; the last break of a block says nothing
        shown: list[AdfNode] = []
        for node in [*self._line, adf.hard_break()]:
            last = shown[-1] if shown else adf.hard_break()
            before = last.get("text", "")
            if node["type"] == "hardBreak":
                if before.endswith(" "):
                    last["text"] = before[:-1]
                    if not last["text"]:
                        shown.pop()
                shown.append(node)
                continue
            value = _SPACES.sub(" ", node["text"])
            if last["type"] == "hardBreak" or before.endswith(" "):
                value = value.removeprefix(" ")
            if value and before and last.get("marks") == node.get("marks"):
                last["text"] += value
            elif value:
                shown.append({**node, "text": value})
        del shown[-1]
        if shown and shown[-1]["type"] == "hardBreak":
            del shown[-1]
        line = shown if any(node["type"] != "hardBreak" for node in shown) else []
        self._line = []
        if line:
            self._blocks.append(adf.paragraph(line))

    def _add_box(self, inner: Iterable[AdfNode], allowed: Collection[str], box: AdfNode) -> None:
        self._blocks.extend(_split(inner, allowed, lambda fitting: [{**box, "content": fitting}]))

    def _read_details(self, node: LexborNode, marks: _Marks) -> None:
        """Read a section to open; one that shows only its title keeps it."""
        title = ""
        for child in children_of(node):
            if child.tag == "summary":
                title = " ".join(text_in(child).split())
                child.decompose()
                break
        inner = self.inside(node, marks)
        if inner or title:
            self._blocks.extend(_expands("expand", title, inner or [adf.paragraph()]))

    def _read_list(self, node: LexborNode, marks: _Marks) -> None:
        """Read a list; what is beside its items belongs to the item before it."""
        self._end_line()
        outer, self._blocks = self._blocks, []
        pieces: list[AdfNode] = []
        self._list_depth += 1
        for child in [*children_of(node), None]:
            if child is not None and child.tag != "li":
                self._read(child, marks)
                continue
            self._end_line()
            strays, self._blocks = self._blocks, []
            if strays and pieces and pieces[-1]["type"] == "listItem":
                strays = [*pieces.pop()["content"], *strays]
            is_of_tasks = bool(pieces) and pieces[-1]["type"] in {"taskItem", "taskList"}
            pieces.extend(strays if is_of_tasks else _split(strays, IN_ITEM, _list_item))
            if child is not None:
                pieces.extend(self._item(child, marks))
        self._list_depth -= 1
        start = max(_number(node.attributes.get("start")), 0)
        self._blocks = outer
        self._blocks.extend(_listed(pieces, start if node.tag == "ol" else None))

    def _item(self, node: LexborNode, marks: _Marks) -> list[AdfNode]:
        """Read an item: of a task its words, then what is in lists of tasks or between them."""
        # the box that it begins with may be in a paragraph or label of its own
        probe: LexborNode | None = node
        while probe is not None and probe.tag in {"li", "p", "label", "span"}:
            probe = probe.first_child
            while (
                probe is not None and probe.is_text_node and not (probe.text_content or "").strip()
            ):
                probe = probe.next
        is_box = probe is not None and probe.tag == "input"
        box = probe if is_box and probe and probe.attributes.get("type") == "checkbox" else None
        inner = self.inside(node, marks)
        list_class = node.parent.attributes.get("class") if node.parent is not None else ""
        if box is None and "checklist" not in (list_class or "").split():
            return _split(inner, IN_ITEM, _list_item) or [adf.list_item("")]
        words = list(takewhile(lambda block: block["type"] in {"paragraph", "heading"}, inner))
        task = adf.task_item(
            _joined(words), is_done=box is not None and "checked" in box.attributes
        )
        return [task, *inner[len(words) :]]

    def _read_table(self, node: LexborNode, marks: _Marks) -> None:
        self._end_line()
        rows: list[list[LexborNode]] = []
        for part in children_of(node):
            if part.tag == "caption":
                self._read(part, marks)
            for row in children_of(part) if part.tag in {"thead", "tbody", "tfoot"} else [part]:
                cells = _cells_of(row)
                if cells:
                    rows.append(cells)
        table_rows: list[AdfNode] = []
        for number, cells in enumerate(rows):
            rows_left = len(rows) - number
            row_cells = [self._cell(cell, marks, rows_left=rows_left) for cell in cells]
            table_rows.append(adf.table_row(row_cells))
        if table_rows:
            self._blocks.append(adf.table(table_rows))

    def _cell(self, node: LexborNode, marks: _Marks, *, rows_left: int) -> AdfNode:
        """Read a cell; of a table in it the cells follow each other."""
        content: list[AdfNode] = []
        for block in self.inside(node, marks):
            for piece in _fitted(block, IN_CELL):
                content.extend(_without_table(piece))
        colspan = max(_number(node.attributes.get("colspan")), 1)
        rowspan = max(_number(node.attributes.get("rowspan")), 1)
        make = adf.table_header if node.tag == "th" else adf.table_cell
        # Jira would add columns and rows for what reaches further.
        return make(content, colspan=min(colspan, MAX_SPAN), rowspan=min(rowspan, rows_left))


def _cells_of(row: LexborNode) -> list[LexborNode]:
    """Return the cells of a row of a table; none of another element."""
    if row.tag != "tr":
        return []
    return [cell for cell in children_of(row) if cell.tag in {"td", "th"}]


def children_of(element: LexborNode) -> Iterator[LexborNode]:
    child = element.first_child
    while child is not None:
        following = child.next
        yield child
        child = following


def text_in(element: LexborNode) -> str:
    """Return the text that an element shows, with its line breaks."""
    text = ""
    for node in element.traverse(include_text=True):
        if node.tag == "br":
            text += "\n"
        elif node.is_text_node and node.parent is not None and node.parent.tag not in HIDDEN:
            text += node.text_content or ""
    return _UNSENDABLE.sub("\ufffd", text)


def _number(written: str | None) -> int:
    """Read a number as HTML does; 1 where there is none."""
    digits = re.match(r"\s*\+?([0-9]{1,9})", written or "")
    return int(digits[1]) if digits else 1


def _joined(paragraphs: Iterable[AdfNode]) -> list[AdfNode]:
    """Join the lines of some blocks by breaks."""
    line: list[AdfNode] = []
    for paragraph in paragraphs:
        line.extend([adf.hard_break()] if line else [])
        line.extend(paragraph["content"])
    return line


def _list_item(content: list[AdfNode]) -> list[AdfNode]:
    """Make an item that begins with a paragraph: not every Jira takes a list there."""
    begins_with_list = content[0]["type"] in {"bulletList", "orderedList", "taskList"}
    return [adf.list_item([adf.paragraph(), *content] if begins_with_list else content)]


def _listed(pieces: Iterable[AdfNode], start: int | None) -> list[AdfNode]:
    """Make lists of items and tasks, numbered on from `start`; between them is what was lifted."""
    made: list[AdfNode] = []
    list_of = {"listItem": "list", "taskItem": "tasks", "taskList": "tasks"}
    for kind, group in groupby(pieces, lambda piece: list_of.get(piece["type"])):
        items = list(group)
        if kind == "tasks":
            made.append(adf.task_list(items))
        elif kind is None:
            made.extend(items)
        elif start is None:
            made.append(adf.bullet_list(items))
        else:
            made.append(adf.ordered_list(items, start=start))
            start += len(items)
    return made


def _split(
    blocks: Iterable[AdfNode],
    allowed: Collection[str],
    make: Callable[[list[AdfNode]], list[AdfNode]],
) -> list[AdfNode]:
    """Put what is allowed into one block after another, and what is not between them."""
    made: list[AdfNode] = []
    fitted = (piece for block in blocks for piece in _fitted(block, allowed))
    for is_allowed, group in groupby(fitted, lambda piece: piece["type"] in allowed):
        pieces = list(group)
        made.extend(make(pieces) if is_allowed else pieces)
    return made


def _fitted(block: AdfNode, allowed: Collection[str]) -> Iterator[AdfNode]:
    """Yield a block as it may be in a place: a heading as strong words, a box as what is in it."""
    kind = block["type"]
    content = block.get("content", [])
    title = block.get("attrs", {}).get("title", "")
    if kind in allowed:
        yield block
    elif kind == "heading":
        yield adf.paragraph(map(_as_strong, content))
    elif kind == "expand" and "nestedExpand" in allowed:
        yield from _expands("nestedExpand", title, content)
    elif kind in _BOXES:
        if title:
            yield adf.paragraph([adf.text(title, [adf.STRONG])])
        for inner in content:
            yield from _fitted(inner, allowed)
    else:
        yield block


def _expands(kind: str, title: str, blocks: Iterable[AdfNode]) -> list[AdfNode]:
    """Make a section to open; what goes on after a table has no title of its own."""
    allowed = IN_EXPAND if kind == "expand" else IN_NESTED_EXPAND
    made = _split(blocks, allowed, lambda content: [{"type": kind, "content": content}])
    if title and made[0]["type"] != kind:
        made.insert(0, {"type": kind, "content": [adf.paragraph()]})
    sections = (block for block in made if block["type"] == kind and "attrs" not in block)
    for number, section in enumerate(sections):
        section["attrs"] = {"title": "" if number else title}
    return made


def _without_table(block: AdfNode) -> list[AdfNode]:
    if block["type"] != "table":
        return [block]
    cells = (cell for row in block["content"] for cell in row["content"])
    return [inner for cell in cells for inner in cell["content"] if inner.get("content") != []]


def _as_strong(node: AdfNode) -> AdfNode:
    marks = {mark["type"]: mark for mark in node.get("marks", [])}
    if node["type"] != "text" or "code" in marks:
        return node
    marks["strong"] = adf.STRONG
    return {**node, "marks": [marks[name] for name in _MARK_ORDER if name in marks]}

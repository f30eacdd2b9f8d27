"""Markdown to Atlassian Document Format.

Belongs here: which Markdown is read (CommonMark with the tables, strikethrough, task lists and
alerts of GitHub), how much of it, and its way through HTML, so that one set of rules decides what
a document can hold. Does not: those rules (`from_html`).
"""

import re
from collections.abc import Iterator, Sequence
from copy import copy
from html import escape
from itertools import chain
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import MAX_AUTOCOMPLETED_CELLS, escapedSplit, getLine, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from jira_pipeline.jira.adf.from_html import (
    ELEMENTS,
    MAX_BYTES,
    MAX_DEPTH,
    html_to_adf,
    require_size,
)
from jira_pipeline.jira.adf.left_out import LeftOut, left_out_of_html
from jira_pipeline.jira.adf.link_addresses import DEFAULT_LINK_POLICY, LinkPolicy
from jira_pipeline.jira.adf.nodes import AdfNode
from jira_pipeline.jira.adf.sizes import require_at_most

PANEL_OF_ALERT: Final = {
    "NOTE": "info",
    "TIP": "success",
    "IMPORTANT": "note",
    "WARNING": "warning",
    "CAUTION": "error",
}
# Source: GitHub's documentation of alerts; the panel types of the editor by their colour.

MAX_QUOTED_LINES = 1_000_000
# Lines times the deepest quote: each level looks at each line again. With markdown-it-py 4.3.0
# 4.7 s for 1,000,000 lines seen.

MAX_BRACKET_DEPTH = 20
# Brackets nested deeper stay text. The parser tries each bracket so many levels deep.

_ALERT = re.compile(rf"\[!({'|'.join(PANEL_OF_ALERT)})\][ \t]*(?:\n|$)", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\](?:[ \t\n]|$)")
_BLOCK_SIGNS = re.compile(r"^[ \t>*+\-0-9.)]*>", re.MULTILINE)
_QUOTING = re.compile(r"(?<=\n)[ \t>]+")
_TAG = re.compile(r"\s*</?([A-Za-z][A-Za-z0-9-]*)")
_CONTAINERS: Final = frozenset(
    {"blockquote_open", "bullet_list_open", "ordered_list_open", "list_item_open"}
)


def markdown_to_adf(text: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> AdfNode:
    """Convert Markdown into a document that is valid for Jira.

    Raises:
        AdfLimitError: The Markdown is too large, too deep, or made to be slow.
    """
    return html_to_adf(_html_of(_tokens_of(text)), links=links)


def left_out_of_markdown(text: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> list[LeftOut]:
    """Return what `markdown_to_adf` leaves out of Markdown that it takes."""
    tokens = _tokens_of(text)
    return [*_unread_words_of_fences(tokens), *left_out_of_html(_html_of(tokens), links=links)]


def _unread_words_of_fences(tokens: Sequence[Token]) -> Iterator[LeftOut]:
    """Yield what stands beside the language of code, and the language where there is no code."""
    for token in tokens:
        words = token.info.split(maxsplit=1) if token.type == "fence" else []
        if words and not token.content.removesuffix("\n"):
            yield LeftOut.of("the words beside an empty block of code", token.info.strip())
        elif words[1:]:
            yield LeftOut.of("the words after the language of code", words[1])


def _html_of(tokens: Sequence[Token]) -> str:
    return str(_PARSER.renderer.render(tokens, _PARSER.options, {}))


def _tokens_of(text: str) -> list[Token]:
    text = re.sub("[\x00\ud800-\udfff]", "\ufffd", text)
    require_size(text, what="The Markdown")
    quote_depth = max((signs.count(">") for signs in _BLOCK_SIGNS.findall(text)), default=0)
    lines_read = min(quote_depth, MAX_DEPTH) * (text.count("\n") + 1)
    require_at_most(
        MAX_QUOTED_LINES, what="The Markdown", actual=lines_read, unit="lines in quotes"
    )
    tokens = _PARSER.parse(text)
    pending = list(tokens)
    length = 0
    while pending:
        token = pending.pop()
        length += sum(len(str(value)) for value in token.attrs.values())
        pending.extend(token.children or ())
    require_at_most(MAX_BYTES, what="The links of the Markdown", actual=length, unit="characters")
    return tokens


def _new_parser(max_depth: int) -> MarkdownIt:
    """Make a parser; it keeps nothing of a document, so that all may share it."""
    parser = MarkdownIt("commonmark", {"maxNesting": max_depth, "inline_definitions": True})
    parser.enable(["table", "strikethrough"])
    # Which links are safe is decided once, by the link policy, which keeps the text of the others.
    vars(parser)["validateLink"] = lambda _url: True
    return parser


def _read_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as the parser calls it
    """Read a table with the cells beyond its head, too; a head without words is none.

    Markdown has no other table without a head.
    """
    first = len(state.tokens)
    is_table = table(state, start, end, silent)
    if silent or not is_table:
        return is_table
    tokens = state.tokens[first:]
    written = {
        token.map[0]: _cells_in(getLine(state, token.map[0]))
        for token in tokens
        if token.type == "tr_open" and token.map
    }
    width = max(map(len, written.values()))
    width = width if width * len(written) <= MAX_AUTOCOMPLETED_CELLS else 0
    whole: list[Token] = []
    cells: list[str] = []
    shown = 0
    for token in tokens:
        if token.type == "tr_open" and token.map:
            cells = written[token.map[0]]
            shown = 0
        shown += token.type == "inline"
        if token.type == "tr_close":
            for text in [*cells[shown:], *[""] * (width - max(shown, len(cells)))]:
                opened, inline, closed = map(copy, whole[-3:])
                inline.content = text.strip(" \t")
                inline.children = []
                whole.extend((opened, inline, closed))
        whole.append(token)
    head = [token.type for token in whole].index("thead_close")
    is_wordless = not any(token.content for token in whole[:head])
    if is_wordless and whole[head + 1].type != "table_close":
        del whole[1 : head + 1]
    state.tokens[first:] = whole
    return True


def _cells_in(line: str) -> list[str]:
    """Split a row as the parser does."""
    cells = escapedSplit(line.strip(" \t"))
    return cells[not cells[0] : len(cells) - (len(cells) > 1 and not cells[-1])]


def _turn_alerts_into_panels(state: StateCore) -> None:
    """Make a panel of each quote that begins with `[!NOTE]` or the like."""
    closing_tags: list[str] = []
    for index, token in enumerate(state.tokens):
        if token.type == "blockquote_open":
            panel_type = _take_alert(state.tokens[index + 1 : index + 3])
            if panel_type is not None:
                token.tag = "div"
                token.attrs = {"data-panel-type": panel_type}
            closing_tags.append(token.tag)
        elif token.type == "blockquote_close":
            token.tag = closing_tags.pop()


def _take_alert(following: Sequence[Token]) -> str | None:
    """Take the alert off the first paragraph of a quote, if there is one."""
    if [token.type for token in following] != ["paragraph_open", "inline"]:
        return None
    match = _ALERT.match(following[1].content)
    if match is None:
        return None
    following[1].content = following[1].content[match.end() :]
    return PANEL_OF_ALERT[match.group(1).upper()]


def _parse_inline(state: StateCore) -> None:
    """Read the text of each block, brackets nested less deep than blocks may be."""
    depth = max((t.level + 1 for t in state.tokens if t.type in _CONTAINERS), default=0)
    # deeper ones were left out
    require_at_most(MAX_DEPTH, what="The Markdown", actual=depth, unit="levels of nesting")
    for token in state.tokens:
        if token.type == "inline":
            children: list[Token] = []
            _INLINE_PARSER.inline.parse(token.content, _INLINE_PARSER, state.env, children)
            token.children = children


def _keep_unused_definitions(state: StateCore) -> None:
    """Keep as text what defines a link that nobody uses, such as `[TODO]: ask`."""
    lines = state.src.split("\n")
    used: set[tuple[object, object]] = set()
    for child in chain.from_iterable(token.children or () for token in state.tokens):
        address = child.attrs.get("href", child.attrs.get("src"))
        used.add((address, child.attrs.get("title")))
    for token in state.tokens:
        if token.type != "definition" or not token.map:
            continue
        token.type = "html_block"
        if (token.meta["url"], token.meta["title"] or None) not in used:
            first_line, end_line = token.map
            written = _QUOTING.sub("", "\n".join(lines[first_line:end_line]))
            token.content = f"<p>{escape(written[written.index('[') :])}</p>"


def _mark_tasks(state: StateCore) -> None:
    """Give each list item that begins with a box one that HTML knows."""
    tokens = state.tokens
    for index, inline in enumerate(tokens[2:], start=2):
        before = [token.type for token in tokens[index - 2 : index]]
        children = inline.children or []
        match = _TASK.match(inline.content)
        if before != ["list_item_open", "paragraph_open"] or match is None or not children:
            continue
        if _TASK.match(children[0].content + " "):
            children[0].content = children[0].content[3:].lstrip(" \t")
            box = Token("html_inline", "", 0)
            box.content = f'<input type="checkbox"{" checked" if match.group(1) != " " else ""}>'
            inline.children = [box, *children]


def _keep_words_in_angles(state: StateCore) -> None:
    """Keep as text what HTML does not know, such as `<front>`, which Drupal does."""
    for token in chain.from_iterable((block, *(block.children or ())) for block in state.tokens):
        tag = _TAG.match(token.content) if token.type in {"html_inline", "html_block"} else None
        if tag is None or tag[1].casefold() in ELEMENTS:
            continue
        if token.type == "html_inline":
            token.type = "text"
        else:
            token.content = f"<p>{escape(token.content)}</p>"


_INLINE_PARSER: Final = _new_parser(MAX_BRACKET_DEPTH)
_PARSER: Final = _new_parser(MAX_DEPTH + 1)
_PARSER.block.ruler.at("table", _read_table, {"alt": ["paragraph", "reference"]})
_PARSER.core.ruler.after("block", "alerts", _turn_alerts_into_panels)
_PARSER.core.ruler.at("inline", _parse_inline)
_PARSER.core.ruler.push("definitions", _keep_unused_definitions)
_PARSER.core.ruler.push("task_items", _mark_tasks)
_PARSER.core.ruler.push("words_in_angles", _keep_words_in_angles)

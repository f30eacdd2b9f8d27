"""Markdown to Atlassian Document Format.

Belongs here: which Markdown is read (CommonMark with the tables, strikethrough, task lists and
alerts of GitHub), how much of it, and its way through HTML, so that one set of rules decides what
ADF can hold and HTML inside Markdown obeys it. Does not: those rules (`from_html`).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from jira_pipeline.adf.from_html import Conversion, convert_html, paused_collector
from jira_pipeline.adf.limits import MAX_HTML_BYTES, AdfLimitError
from jira_pipeline.adf.links import DEFAULT_LINK_POLICY, LinkPolicy
from jira_pipeline.adf.nodes import AdfNode

PANEL_OF_ALERT: Final = {
    "NOTE": "info",
    "TIP": "success",
    "IMPORTANT": "note",
    "WARNING": "warning",
    "CAUTION": "error",
}
# Source: GitHub's documentation of alerts; the panel types of the editor by their colour.

_ALERT = re.compile(rf"\[!({'|'.join(PANEL_OF_ALERT)})\][ \t]*(?:\n|$)", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\](?:[ \t\n]|$)")
_UNKEPT_CHARACTERS = re.compile("[\x00\ud800-\udfff]")
MAX_MARKDOWN_BYTES = 10_000_000

MAX_MARKDOWN_DEPTH = 100
# Quotes, lists and items count one each; the parser would leave out what is deeper, in silence.

MAX_QUOTED_LINES = 1_000_000
# Lines times the deepest quote: each level looks at each line again. With markdown-it-py 4.3.0
# 4.7 s for 1,000,000 lines seen; ordinary Markdown of 10 MB has some 400,000.

MAX_BRACKET_DEPTH = 20
# Brackets nested deeper stay text. The parser tries each bracket so many levels deep.

_BLOCK_SIGNS = re.compile(r"^[ \t>*+\-0-9.)]*>", re.MULTILINE)

_CONTAINERS: Final = frozenset(
    {"blockquote_open", "bullet_list_open", "ordered_list_open", "list_item_open"}
)


def markdown_to_adf(text: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> AdfNode:
    """Convert Markdown into a document that is valid for Jira.

    Raises:
        AdfLimitError: the Markdown is too large, too deep, or made to be slow.
    """
    return convert_markdown(text, links=links).document


def convert_markdown(text: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> Conversion:
    """Convert Markdown and report what was lifted, demoted, flattened or dropped.

    Raises:
        AdfLimitError: the Markdown is too large, too deep, or made to be slow.
    """
    with paused_collector():
        html = _html_of(text)
    return convert_html(html, links=links)


def _html_of(text: str) -> str:
    """Write HTML; the tokens are gone afterwards, which makes the conversion a tenth faster."""
    text = _UNKEPT_CHARACTERS.sub("\ufffd", text)
    require_markdown_size(text)
    require_quoted_lines(text)
    tokens = _PARSER.parse(text)
    require_written_size(tokens)
    return str(_PARSER.renderer.render(tokens, _PARSER.options, {}))


def _new_parser(max_depth: int) -> MarkdownIt:
    """Make a parser; it keeps nothing of a document, so that all may share it."""
    parser = MarkdownIt("commonmark", {"maxNesting": max_depth})
    parser.enable(["table", "strikethrough"])
    # Which links are safe is decided once, by the link policy, which keeps the text of the others.
    parser.validateLink = _take_any_link  # type: ignore[method-assign] # the documented way
    return parser


def _new_block_parser() -> MarkdownIt:
    parser = _new_parser(MAX_MARKDOWN_DEPTH + 1)
    parser.core.ruler.after("block", "alerts", _turn_alerts_into_panels)
    parser.core.ruler.at("inline", _parse_inline)
    parser.core.ruler.push("task_items", _mark_tasks)
    parser.core.ruler.push("headless_tables", _drop_empty_heads)
    return parser


def _take_any_link(url: str) -> bool:
    del url
    return True


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
    text = following[1]
    match = _ALERT.match(text.content)
    if match is None:
        return None
    text.content = text.content[match.end() :]
    return PANEL_OF_ALERT[match.group(1).upper()]


def _parse_inline(state: StateCore) -> None:
    """Read the text of each block, brackets nested less deep than blocks may be."""
    require_depth(state.tokens)
    for token in state.tokens:
        if token.type == "inline":
            children: list[Token] = []
            _INLINE_PARSER.inline.parse(token.content, _INLINE_PARSER, state.env, children)
            token.children = children


def _mark_tasks(state: StateCore) -> None:
    """Give each list item that begins with a box one that HTML knows."""
    tokens = state.tokens
    for index in range(len(tokens) - 2):
        kinds = [token.type for token in tokens[index : index + 3]]
        if kinds == ["list_item_open", "paragraph_open", "inline"]:
            _mark_task(tokens[index + 2])


def _mark_task(inline: Token) -> None:
    children = inline.children or []
    match = _TASK.match(inline.content)
    if match is None or not children or not _TASK.match(children[0].content + " "):
        return
    children[0].content = children[0].content[3:].lstrip(" \t")
    is_done = match.group(1) != " "
    box = Token("html_inline", "", 0)
    box.content = f'<input type="checkbox"{" checked" if is_done else ""}>'
    inline.children = [box, *children]


def _drop_empty_heads(state: StateCore) -> None:
    """Leave out heads of tables without a word: Markdown has no other table without a head."""
    tokens = state.tokens
    kept: list[Token] = []
    start: int | None = None
    for index, token in enumerate(tokens):
        if token.type == "thead_open":
            start = index
        if start is None:
            kept.append(token)
        elif token.type == "thead_close":
            head = tokens[start : index + 1]
            start = None
            has_words = any(token.content.strip() for token in head)
            if has_words or tokens[index + 1].type == "table_close":
                kept.extend(head)
    state.tokens = kept


_INLINE_PARSER: Final = _new_parser(MAX_BRACKET_DEPTH)
_PARSER: Final = _new_block_parser()


def require_markdown_size(text: str) -> None:
    """Make sure that Markdown is small enough to be read.

    Raises:
        AdfLimitError: it is larger.
    """
    size_bytes = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size_bytes > MAX_MARKDOWN_BYTES:
        raise AdfLimitError(
            what="The Markdown", actual=size_bytes, limit=MAX_MARKDOWN_BYTES, unit="bytes"
        )


def require_quoted_lines(text: str) -> None:
    """Make sure that quotes are not read over and over, once for each level they are deep.

    Raises:
        AdfLimitError: there are too many lines for quotes that deep.
    """
    depth = max((m.count(">") for m in _BLOCK_SIGNS.findall(text)), default=0)
    line_count = text.count("\n") + 1
    seen_count = min(depth, MAX_MARKDOWN_DEPTH) * line_count
    if seen_count > MAX_QUOTED_LINES:
        raise AdfLimitError(
            what="The Markdown", actual=seen_count, limit=MAX_QUOTED_LINES, unit="lines in quotes"
        )


def require_depth(blocks: Iterable[Token]) -> None:
    """Make sure that nothing was left out because it was nested too deep.

    Raises:
        AdfLimitError: blocks are nested deeper.
    """
    depth = max((token.level + 1 for token in blocks if token.type in _CONTAINERS), default=0)
    if depth > MAX_MARKDOWN_DEPTH:
        raise AdfLimitError(
            what="The Markdown", actual=depth, limit=MAX_MARKDOWN_DEPTH, unit="levels of nesting"
        )


def require_written_size(tokens: Sequence[Token]) -> None:
    """Make sure that addresses named once and used often do not add up to too much.

    Raises:
        AdfLimitError: they would make more HTML than is taken.
    """
    size_bytes, pending = 0, list(tokens)
    while pending:
        token = pending.pop()
        size_bytes += sum(len(str(value)) for value in token.attrs.values())
        pending.extend(token.children or ())
    if size_bytes > MAX_HTML_BYTES:
        raise AdfLimitError(
            what="The links of the Markdown", actual=size_bytes, limit=MAX_HTML_BYTES, unit="bytes"
        )

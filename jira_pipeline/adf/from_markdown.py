"""Markdown to Atlassian Document Format.

Belongs here: which Markdown is read (CommonMark with the tables, strikethrough, task lists and
alerts of GitHub), and its way through HTML, so that one set of rules decides what ADF can hold and HTML
inside Markdown obeys it. Does not: those rules (`from_html`), limits (`markdown_limits`).
"""

import re
from collections.abc import Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from jira_pipeline.adf.collector import paused_collector
from jira_pipeline.adf.from_html import Conversion, convert_html
from jira_pipeline.adf.links import DEFAULT_LINK_POLICY, LinkPolicy
from jira_pipeline.adf.markdown_limits import (
    MAX_BRACKET_DEPTH,
    MAX_MARKDOWN_DEPTH,
    require_depth,
    require_markdown_size,
    require_quoted_lines,
    require_written_size,
)
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


def markdown_to_adf(text: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> AdfNode:
    """Convert Markdown into a document that is valid for Jira.

    Raises:
        AdfLimitError: the Markdown is too large, too deep, or made to be slow.
    """
    return convert_markdown(text, links=links).document


def convert_markdown(text: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> Conversion:
    """Convert Markdown and tell what was lifted, demoted, flattened or dropped.

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
            if _has_words(head) or tokens[index + 1].type == "table_close":
                kept.extend(head)
    state.tokens = kept


def _has_words(tokens: Sequence[Token]) -> bool:
    return any(token.content.strip() for token in tokens)


_INLINE_PARSER: Final = _new_parser(MAX_BRACKET_DEPTH)
_PARSER: Final = _new_block_parser()

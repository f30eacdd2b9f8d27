"""Limits that Markdown must keep while it is read.

Belongs here: size, depth, and shapes on which little Markdown makes much work. Does not: limits
of HTML (`html_limits`), which the HTML of its Markdown must keep as well.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from markdown_it.token import Token

from jira_pipeline.adf.limits import MAX_HTML_BYTES, AdfLimitError

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
    """Make sure that nothing was left out because it stood too deep.

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
    size_bytes = sum(
        len(str(value)) for token in _with_children(tokens) for value in token.attrs.values()
    )
    if size_bytes > MAX_HTML_BYTES:
        raise AdfLimitError(
            what="The links of the Markdown", actual=size_bytes, limit=MAX_HTML_BYTES, unit="bytes"
        )


def _with_children(tokens: Sequence[Token]) -> Iterator[Token]:
    pending = list(tokens)
    while pending:
        token = pending.pop()
        yield token
        pending.extend(token.children or ())

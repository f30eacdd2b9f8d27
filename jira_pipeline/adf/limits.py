"""Limits on documents and on what is turned into them.

Belongs here: the numbers with their sources, measuring, and the error that names a limit. Does
not: what may be inside what (`grammar`).
"""

import json

from jira_pipeline.adf.nodes import AdfNode

DEFAULT_BODY_MAX_BYTES = 32_767
# Source: Jira Cloud's answer "It exceeds the allowed limit of 32,767 characters." What it counts,
# text or JSON, is stated nowhere reliably; the compact JSON in UTF-8 is the larger of both.

MAX_LIST_DEPTH = 40
# Lists nested deeper are refused by common JSON encoders (orjson at about 40 lists, each of which
# is four JSON levels); deeper ones are flattened.

MAX_HTML_BYTES = 10_000_000
# Some 0.5 s to convert; nobody writes a longer ticket.


class AdfLimitError(ValueError):
    """An input or a document is larger than a limit."""

    def __init__(self, *, what: str, actual: int, limit: int, unit: str) -> None:
        """Name what is too large, how large it is and what is allowed."""
        super().__init__(f"{what} has {actual:,} {unit}; at most {limit:,} are allowed.")
        self.what = what
        self.actual = actual
        self.limit = limit
        self.unit = unit


class AdfWritingError(ValueError):
    """A document cannot be written as JSON: nested too deep, or holding itself or other values."""


def compact_json(document: AdfNode) -> str:
    """Write a document as Jira gets it: no spaces, characters outside ASCII as they are.

    Raises:
        AdfWritingError: the document is nested too deep, holds itself or what is not JSON.
    """
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    except (RecursionError, TypeError, ValueError) as error:
        raise AdfWritingError(f"The document cannot be written as JSON: {error}.") from error


def compact_json_bytes(document: AdfNode) -> int:
    """Count the bytes of the compact JSON in UTF-8."""
    return len(compact_json(document).encode("utf-8", "surrogatepass"))


def fits_body(document: AdfNode, *, max_bytes: int = DEFAULT_BODY_MAX_BYTES) -> bool:
    """Tell whether a document is small enough for a description in Jira."""
    return compact_json_bytes(document) <= max_bytes


def require_body_size(document: AdfNode, *, max_bytes: int = DEFAULT_BODY_MAX_BYTES) -> None:
    """Make sure that a document is small enough for a description in Jira.

    Raises:
        AdfLimitError: it is larger; the long part belongs in an attachment.
    """
    size_bytes = compact_json_bytes(document)
    if size_bytes > max_bytes:
        raise AdfLimitError(what="The document", actual=size_bytes, limit=max_bytes, unit="bytes")


def large_blocks(document: AdfNode, *, count: int = 3) -> list[tuple[int, int]]:
    """Find the blocks of most bytes, each with its index in the content; the largest first."""
    content = document.get("content")
    blocks = content if isinstance(content, list) else []
    sizes = [(index, compact_json_bytes(block)) for index, block in enumerate(blocks)]
    return sorted(sizes, key=lambda pair: (-pair[1], pair[0]))[:count]

"""How large a document is, and the error that names a limit.

Belongs here: measuring as Jira counts, refusing what is too large. Does not: how much HTML and
Markdown is read (`from_html`, `from_markdown`).
"""

import json

from jira_pipeline.jira.adf.nodes import AdfNode


class AdfLimitError(ValueError):
    """An input or a document is larger than a limit."""

    def __init__(self, *, what: str, actual: int, limit: int, unit: str) -> None:
        super().__init__(f"{what} has {actual:,} {unit}; at most {limit:,} are allowed.")


def require_at_most(limit: int, *, what: str, actual: int, unit: str) -> None:
    """Go on only with what is within a limit."""
    if actual > limit:
        raise AdfLimitError(what=what, actual=actual, limit=limit, unit=unit)


def compact_json_bytes(document: AdfNode) -> int:
    """Count the bytes of a document as Jira gets it: compact JSON in UTF-8."""
    written = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return len(written.encode("utf-8", "surrogatepass"))

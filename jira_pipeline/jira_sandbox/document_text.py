"""Text and documents: what the v2 API shows of a document, and the document it makes of a text.

Not here: rendering for people (`pages`), the document language itself (`jira_pipeline.adf`).
"""

import json
import sqlite3

from jira_pipeline.jira_sandbox.exchange import is_array, is_object

BLOCKS = frozenset({"paragraph", "heading", "listItem", "tableRow", "codeBlock", "rule"})


def text_of_document(node: object) -> str:
    """Return the plain text of a document, one line per block."""
    return "\n".join(line for line in _text(node).splitlines() if line.strip())


def document_of_text(text: str) -> dict[str, object]:
    """Make a document of a text: one paragraph per line that is not blank."""
    return {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": line}]}
            for line in text.splitlines()
            if line.strip()
        ],
    }


def add_text_functions(connection: sqlite3.Connection) -> None:
    """Teach a connection the functions that conditions on texts use."""
    connection.create_function("folded", 1, _folded, deterministic=True)
    connection.create_function("document_text", 1, _document_text, deterministic=True)


def _folded(text: str) -> str:
    return text.casefold()


def _document_text(document: str | None) -> str:
    return "" if document is None else text_of_document(json.loads(document))


def _text(node: object) -> str:
    if not is_object(node):
        return ""
    kind, content = node.get("type"), node.get("content")
    if kind == "text":
        return str(node.get("text", ""))
    if kind == "hardBreak":
        return "\n"
    inner = "".join(_text(child) for child in content) if is_array(content) else ""
    if kind in {"tableCell", "tableHeader"}:
        return inner.strip().replace("\n", " ") + " | "
    return f"{inner}\n" if kind in BLOCKS else inner

"""Text and documents: what the v2 API and searches see of a document, and a document of a text.

Not here: rendering for people (`pages`), the document language itself (`jira_pipeline.adf`).
"""

import json
import sqlite3

from jira_pipeline.adf.to_text import adf_to_text


def text_of_document(document: str | None) -> str:
    """Return the plain text of a stored document; blank when there is none."""
    return "" if document is None else adf_to_text(json.loads(document)).strip()


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
    connection.create_function("document_text", 1, text_of_document, deterministic=True)


def _folded(text: str) -> str:
    return text.casefold()

"""Which documents the sandbox takes: all of the official schema, none that Jira refuses for certain."""

from typing import Any

from jira_pipeline.jira.sandbox.document_text import is_document
from jira_pipeline_tests.tables import each

TEXT = {"type": "text", "text": "x"}
PARAGRAPH = {"type": "paragraph", "content": [TEXT]}
HEADING = {"type": "heading", "attrs": {"level": 1}, "content": [TEXT]}
QUOTE = {"type": "blockquote", "content": [PARAGRAPH]}
REFUSED: dict[str, dict[str, Any]] = {
    "an unknown type": {"type": "headline", "content": [TEXT]},
    "an empty text": {"type": "paragraph", "content": [{"type": "text", "text": ""}]},
    "a block in a line": {"type": "paragraph", "content": [PARAGRAPH]},
    "a heading in a list": {
        "type": "bulletList",
        "content": [{"type": "listItem", "content": [HEADING]}],
    },
    "a quote in a quote": {"type": "blockquote", "content": [QUOTE]},
    "a mark beside code": {
        "type": "paragraph",
        "content": [TEXT | {"marks": [{"type": "code"}, {"type": "strong"}]}],
    },
    "no node": {"type": "panel", "attrs": {"panelType": "info"}, "content": ["x"]},
}


@each("block", REFUSED.values(), ids=REFUSED.keys())
def test_what_jira_refuses_for_certain_is_no_document(block: dict[str, Any]) -> None:
    assert not is_document({"version": 1, "type": "doc", "content": [block]})


def test_whatever_the_official_schema_accepts_is_a_document(
    official_documents: list[dict[str, Any]],
) -> None:
    assert [document for document in official_documents if not is_document(document)] == []

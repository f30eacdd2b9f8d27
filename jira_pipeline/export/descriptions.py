"""A description that Jira refuses stops the export.

Belongs here: recognising such a refusal, its error. Does not: bodies that are too large from the
start (`review/documents/body`).

The tables are the product, so no issue is created without them.
"""

import re
from collections.abc import Iterator, Mapping

from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.jira.adf.limits import compact_json_bytes
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.errors import DescriptionRefusedError
from jira_pipeline.model.issue_tracker import NothingDone
from jira_pipeline.model.rendered_tickets import RenderedTicket

FIELD = "description"
DOCUMENT_REFUSALS = ("CONTENT_LIMIT_EXCEEDED", "INVALID_INPUT", "Atlassian Document")
"""What Jira says of a document where it names no field; seen by users of its clients."""
_OF_SIZE = re.compile(r"limit|too (long|large|big)|exceed", re.IGNORECASE)
_PLAIN_WORDS = {"doc", "text"}
EXCERPT_MAX_CHARS = 80


def is_description_refused(answer: NothingDone) -> bool:
    """Tell whether it is the description that Jira refused."""
    return FIELD in answer.field_errors or any(text in answer.reason for text in DOCUMENT_REFUSALS)


def description_refused(rendered: RenderedTicket, answer: NothingDone) -> DescriptionRefusedError:
    """Return the error that stops the export at a ticket whose description Jira refused."""
    refusal = answer.field_errors.get(FIELD, answer.reason)
    return DescriptionRefusedError(
        session_key=rendered.ticket.session_key,
        number=rendered.ticket.number,
        title=rendered.ticket.title,
        refusal=refusal,
        size_bytes=rendered.largest_bytes,
        suspect=suspect_in(rendered.document, refusal=refusal),
        field_errors=dict(answer.field_errors),
    )


def suspect_in(document: Mapping[str, object], *, refusal: str) -> str | None:
    """Name the smallest part that a refusal may be about; None where it does not say.

    A node of a kind that it names, or of a document it finds too large the largest block.
    """
    words = set(re.findall(r"\w+", refusal))
    nodes = list(_nodes_in(document, path=""))
    named = [
        (path, node) for path, node in nodes if path and node.get("type") in words - _PLAIN_WORDS
    ]
    if named:
        path, node = named[-1]
        return _excerpt_of(path, node)
    blocks = [(path, node) for path, node in nodes if path.count("/") == len(("content", "0"))]
    if not blocks or not _OF_SIZE.search(refusal):
        return None
    path, node = max(blocks, key=lambda block: compact_json_bytes(dict(block[1])))
    return (
        f"{_excerpt_of(path, node)}, with {compact_json_bytes(dict(node))} bytes the largest part"
    )


def _nodes_in(
    node: Mapping[str, object], *, path: str
) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield path, node
    children = node.get("content")
    for place, child in enumerate(children if isinstance(children, list) else ()):
        yield from _nodes_in(child, path=f"{path}/content/{place}")


def _excerpt_of(path: str, node: Mapping[str, object]) -> str:
    text = " ".join(adf_to_text(adf.doc([dict(node)])).split())
    excerpt = text if len(text) <= EXCERPT_MAX_CHARS else f"{text[:EXCERPT_MAX_CHARS]} …"
    return f"{node.get('type')} at {path}" + (f" (“{excerpt}”)" if excerpt else "")

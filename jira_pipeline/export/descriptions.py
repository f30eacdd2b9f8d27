"""What happens to a description that Jira refuses: the export stops, or the whole is attached.

Belongs here: recognising such a refusal, its error, the short body and the file in its place. Does not:
bodies that are too large from the start (`documents/body`), attaching (`attachments`).

The tables are the product, so no issue is created without them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from jira_pipeline.adf import nodes as adf
from jira_pipeline.adf.limits import compact_json_bytes
from jira_pipeline.adf.to_markdown import adf_to_markdown
from jira_pipeline.adf.to_text import adf_to_text
from jira_pipeline.documents.rendering import fenced
from jira_pipeline.errors import DescriptionRefusedError
from jira_pipeline.kernel.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline.ports.issue_tracker import NothingDone

FIELD = "description"
DOCUMENT_REFUSALS = ("CONTENT_LIMIT_EXCEEDED", "INVALID_INPUT", "Atlassian Document")
"""What Jira says of a document where it names no field; seen by users of its clients."""
_OF_SIZE = re.compile(r"limit|too (long|large|big)|exceed", re.IGNORECASE)
_CELLS = {"tableCell", "tableHeader"}
_PLAIN_WORDS = {"doc", "text"}
LITERAL_HEADING = "## Cells to copy, exactly as they are in the sheets"
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


def with_attached_body(rendered: RenderedTicket) -> RenderedTicket:
    """Return the ticket with its whole text in a file, and a body that says so."""
    name, text = rendered.attachment or _whole_of(rendered)
    body = adf.doc(
        [
            adf.paragraph(
                [
                    adf.text(
                        f"Jira does not take the description of this ticket. All of it is in {name}."
                    )
                ]
            )
        ]
    )
    return replace(rendered, description_adf=body, attachment=(name, text))


def _whole_of(rendered: RenderedTicket) -> tuple[str, str]:
    """Write the document as Markdown, with cells that Markdown has to escape once more as is."""
    document = rendered.document
    text = f"# {rendered.summary}\n\n{adf_to_markdown(document).rstrip()}\n"
    cells = [
        adf_to_text(adf.doc(list(content))).strip()
        for _, node in _nodes_in(document, path="")
        if node.get("type") in _CELLS and isinstance(content := node.get("content"), list)
    ]
    escaped = [cell for cell in dict.fromkeys(cells) if cell and cell not in text]
    if escaped:
        # another fence would be another file name: a resume would attach the file again
        blocks = "\n\n".join(fenced(cell, least=4) for cell in escaped)
        text = f"{text}\n{LITERAL_HEADING}\n\n{blocks}\n"
    name = f"ticket-{rendered.ticket.number}.md"
    return hashed_file_name(name, text), text


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

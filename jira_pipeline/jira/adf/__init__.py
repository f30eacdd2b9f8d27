"""The Atlassian Document Format: documents from HTML and Markdown, judged, and read again.

`html_to_adf` and `markdown_to_adf` make what `schema` holds, `validate_adf` says where a document
of ours is wrong. The readers `adf_to_html`, `adf_to_markdown` and `adf_to_text` take every document
that Jira can hold.
"""

from jira_pipeline.jira.adf.from_html import html_to_adf, html_to_blocks
from jira_pipeline.jira.adf.left_out import LeftOut, left_out_of_html
from jira_pipeline.jira.adf.link_addresses import DEFAULT_LINK_POLICY, LinkPolicy
from jira_pipeline.jira.adf.nodes import AdfNode
from jira_pipeline.jira.adf.schema import validate_adf
from jira_pipeline.jira.adf.sizes import AdfLimitError, compact_json_bytes
from jira_pipeline.jira.adf.to_html import adf_to_html
from jira_pipeline.jira.adf.to_markdown import adf_to_markdown
from jira_pipeline.jira.adf.to_text import adf_to_text

__all__ = [
    "AdfLimitError",
    "AdfNode",
    "LeftOut",
    "LinkPolicy",
    "adf_to_html",
    "adf_to_markdown",
    "adf_to_text",
    "compact_json_bytes",
    "html_to_adf",
    "html_to_blocks",
    "left_out_of_html",
    "left_out_of_markdown",
    "markdown_to_adf",
    "validate_adf",
]


def markdown_to_adf(text: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> AdfNode:
    """Convert Markdown into a document that is valid for Jira.

    Raises:
        AdfLimitError: The Markdown is too large, too deep, or made to be slow.
    """
    from jira_pipeline.jira.adf import from_markdown  # noqa: PLC0415 - slow, and few write Markdown

    return from_markdown.markdown_to_adf(text, links=links)


def left_out_of_markdown(text: str, *, links: LinkPolicy = DEFAULT_LINK_POLICY) -> list[LeftOut]:
    """Return what `markdown_to_adf` leaves out of Markdown that it takes."""
    from jira_pipeline.jira.adf import from_markdown  # noqa: PLC0415 - slow, and few write Markdown

    return from_markdown.left_out_of_markdown(text, links=links)

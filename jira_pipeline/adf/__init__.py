"""The Atlassian Document Format: making, converting, judging and showing documents.

Meant to be used on its own: it imports nothing else of this project, and of others only the HTML
and the Markdown parser. `html_to_adf` and `markdown_to_adf` make a document that is valid for Jira
out of any HTML or Markdown; `nodes` builds one by hand; `validate_adf` reports of any document where
and why it is not valid.
"""

from jira_pipeline.adf.changes import Change
from jira_pipeline.adf.from_html import Conversion, convert_html, html_to_adf, html_to_blocks
from jira_pipeline.adf.from_markdown import convert_markdown, markdown_to_adf
from jira_pipeline.adf.html.walk import MediaFile
from jira_pipeline.adf.limits import (
    DEFAULT_BODY_MAX_BYTES,
    AdfLimitError,
    compact_json,
    compact_json_bytes,
    fits_body,
    require_body_size,
)
from jira_pipeline.adf.links import LinkPolicy, safe_href
from jira_pipeline.adf.nodes import AdfNode
from jira_pipeline.adf.to_html import adf_to_html
from jira_pipeline.adf.to_markdown import adf_to_markdown
from jira_pipeline.adf.to_text import adf_to_text
from jira_pipeline.adf.validation import Violation, validate_adf

__all__ = [
    "DEFAULT_BODY_MAX_BYTES",
    "AdfLimitError",
    "AdfNode",
    "Change",
    "Conversion",
    "LinkPolicy",
    "MediaFile",
    "Violation",
    "adf_to_html",
    "adf_to_markdown",
    "adf_to_text",
    "compact_json",
    "compact_json_bytes",
    "convert_html",
    "convert_markdown",
    "fits_body",
    "html_to_adf",
    "html_to_blocks",
    "markdown_to_adf",
    "require_body_size",
    "safe_href",
    "validate_adf",
]

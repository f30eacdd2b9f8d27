"""The title and the prose parts of one ticket, as somebody enters them.

Belongs here: what may be entered, and how it becomes the HTML that is kept. Does not: keeping it
(`revisions`), what an editor shows (`editable_text`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jira_pipeline.jira.adf import AdfLimitError, adf_to_html, html_to_adf, markdown_to_adf
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.tickets import TITLE_MAX_CHARACTERS, Revision
from jira_pipeline.review.documents.rendering import PROSE_LINKS

PART_MAX_BYTES = 200_000
"""Of one part as entered: six times what Jira takes as a whole description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEdit:
    """What somebody wants to change; what is not named stays."""

    title: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    """HTML fragments by name of the part, as `html_of_text` returns them."""
    like: Revision | None = None
    """Where a change of a model is taken back: hours and questions without it."""


def checked_title(text: str) -> str:
    """Return a title as Jira takes it.

    Raises:
        InputError: It is empty, has several lines, or is too long.
    """
    title = text.strip()
    fault = ""
    if not title:
        fault = "A title must not be empty."
    elif len(title.splitlines()) > 1:
        fault = "A title must be a single line."
    elif len(title) > TITLE_MAX_CHARACTERS:
        fault = f"The title has {len(title)} characters; Jira accepts {TITLE_MAX_CHARACTERS}."
    if fault:
        raise InputError(fault, recovery_actions=("Enter a single-line title.",))
    return title


def html_of_text(text: str, *, part: str, is_html: bool = False) -> str:
    """Turn Markdown, or HTML, into the HTML that is kept of a part, as Jira would get it.

    Raises:
        InputError: It is too large, or cannot be held.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > PART_MAX_BYTES:
        raise InputError(
            f"The section {part} has {size:,} bytes; the limit is {PART_MAX_BYTES:,}.",
            recovery_actions=("Shorten it, or attach the long text to the issue in Jira.",),
        )
    try:
        to_adf = html_to_adf if is_html else markdown_to_adf
        return adf_to_html(to_adf(text, links=PROSE_LINKS), links=PROSE_LINKS)
    except AdfLimitError as error:
        raise InputError(
            f"The section {part} cannot be used: {error}", recovery_actions=("Simplify the text.",)
        ) from error

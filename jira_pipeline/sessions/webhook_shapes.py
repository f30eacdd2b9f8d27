"""What the webhook is posted: the message itself, or one sentence in the form of Slack or Teams.

Belongs here: the sentence of each event, the two forms, in which no name acts as markup. Does not: the
message (`notifying`), posting it (`delivering`).
"""

import html
from collections.abc import Mapping
from typing import Any

from jira_pipeline.context.settings import WebhookShape
from jira_pipeline.model.runs import RunEvent

_EVENT_TEXTS = {
    RunEvent.READY_FOR_REVIEW: (
        "{tickets} tickets can be reviewed, {open_questions} questions are open"
    ),
    RunEvent.EXPORT_COMPLETED: (
        "the export is completed: {tickets_created} issues, {manual_fixes_needed} left to do by hand"
    ),
    RunEvent.ANSWERS_ARRIVED: "{by} answered: {answers_arrived} new answers wait to be accepted",
    RunEvent.REMOVAL_ANNOUNCED: "it will be removed on {removed_on}, unless someone acts",
    RunEvent.LAYOUT_NEEDED: "an upload needs a layout before its tickets are written",
    RunEvent.RUN_CANCELLED: "{job} was cancelled",
    RunEvent.RUN_FAILED: "{job} failed",
}


def format_payload(message: Mapping[str, Any], shape: WebhookShape) -> Mapping[str, object]:
    """Return the body to post."""
    sentence = f"{message['site_name']} ({message['session_key']}): {_what_happened(message)}."
    match shape:
        case "json":
            return message
        case "slack":
            # Slack reads `<!channel>` and links even where `mrkdwn` turns its markup off.
            # Source: https://api.slack.com/docs/message-formatting, read 1 December 2026.
            return {"text": html.escape(sentence, quote=False), "mrkdwn": False}
        case "teams":
            return _adaptive_card(sentence)


def _adaptive_card(sentence: str) -> Mapping[str, object]:
    """Return a card of one sentence, as text without Markdown.

    Source: https://learn.microsoft.com/en-us/adaptive-cards/create/textfeatures, read 1 December 2026:
    a RichTextBlock has no Markdown, which a TextBlock has, links included.
    """
    run = {"type": "TextRun", "text": sentence}
    text = {"type": "RichTextBlock", "inlines": [run]}
    card = {"type": "AdaptiveCard", "version": "1.4", "body": [text]}
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _what_happened(message: Mapping[str, Any]) -> str:
    """Return the clause about the event, without the site and without a full stop."""
    event = RunEvent(message["event"])
    result = message["result"]
    error = message["error"]
    if event is RunEvent.EXPORT_COMPLETED and not result:
        return "the export is completed"
    what = _EVENT_TEXTS[event].format_map({**message, **(result or {})})
    return f"{what}: {error['code']}" if event is RunEvent.RUN_FAILED and error else what

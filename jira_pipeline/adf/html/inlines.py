"""Signs within a line that are nodes of their own: mentions, emoji, dates, lozenges, cards.

Belongs here: how the editors and pages of Jira and Confluence, and GitHub, write them. Does not:
the storage format of Confluence (`confluence`).
"""

import re
from datetime import UTC, datetime
from typing import Final

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.html.reading import Attributes, short_text_of, text_of
from jira_pipeline.adf.html.walk import LEAVE_OUT, Chooser, Close, HtmlWalk, Opening
from jira_pipeline.adf.links import safe_href
from jira_pipeline.adf.marks import MarkKey
from jira_pipeline.adf.nodes import date, emoji, inline_card, mention, status

_LOZENGE_COLORS: Final = {
    "success": "green", "green": "green", "error": "red", "removed": "red", "red": "red",
    "current": "yellow", "moved": "yellow", "yellow": "yellow", "complete": "blue", "blue": "blue",
    "inprogress": "blue", "new": "purple", "purple": "purple", "neutral": "neutral",
    "default": "neutral", "grey": "neutral", "gray": "neutral",
}  # fmt: skip
_LOZENGE_CLASS: Final = re.compile(
    r"(?:aui-lozenge|status|adf-status|jira-macro-single-issue-status)-(\w+)"
)
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_SHORT_NAME: Final = re.compile(r":[^\s:]{1,60}:")
_ACCOUNT_IN_ADDRESS: Final = re.compile(
    r"(?:accountId=|/people/)([A-Za-z0-9:%-]{10,128})(?:[&#?/]|$)"
)
EMOTICONS: Final = {
    "smile": (":slight_smile:", "🙂"), "sad": (":disappointed:", "😞"),
    "cheeky": (":stuck_out_tongue:", "😛"), "laugh": (":smiley:", "😃"), "wink": (":wink:", "😉"),
    "thumbs-up": (":thumbsup:", "👍"), "thumbs-down": (":thumbsdown:", "👎"),
    "information": (":info:", "\u2139\ufe0f"), "tick": (":check_mark:", "✅"), "cross": (":cross_mark:", "❌"),
    "warning": (":warning:", "⚠️"), "plus": (":plus:", "\u2795"), "minus": (":minus:", "\u2796"),
    "question": (":question:", "❓"), "light-on": (":light_bulb_on:", "💡"),
    "light-off": (":light_bulb_off:", "💡"), "yellow-star": (":star_yellow:", "⭐"),
    "red-star": (":star_red:", "⭐"), "green-star": (":star_green:", "⭐"),
    "blue-star": (":star_blue:", "⭐"), "star_yellow": (":star_yellow:", "⭐"),
    "heart": (":heart:", "❤️"), "broken-heart": (":broken_heart:", "💔"), "check": (":check_mark:", "✅"),
    "error": (":cross_mark:", "❌"),
}  # fmt: skip
"""The emoticons of Confluence and Jira: their short names and signs today."""


def add_mention(walk: HtmlWalk, account_id: str, label: str) -> None:
    """Mention a person; the label begins with the sign for it."""
    shown = label if not label or label.startswith("@") else f"@{label}"
    node = mention(account_id, shown)
    if not shown:
        del node["attrs"]["text"]
    walk.builder.add_inline(node)


def add_status(walk: HtmlWalk, label: str, color: str) -> None:
    """Put a lozenge into the line; without a label there is none."""
    if label:
        known = _LOZENGE_COLORS.get(color.lower(), "neutral")
        walk.builder.add_inline(status(label, color=known))  # type: ignore[arg-type] # of the table above


def add_day(walk: HtmlWalk, day: str) -> bool:
    """Put a date into the line; the answer tells whether it is one."""
    match = _DAY.fullmatch(day.strip())
    if not match:
        return False
    try:
        at = datetime(int(match.group(1)), int(match.group(2)), int(match.group(3)), tzinfo=UTC)
    except ValueError:
        return False
    walk.builder.add_inline(date(round(at.timestamp() * 1000)))
    return True


def open_mention(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Mention the person whose account id an element carries."""
    account_id = _account_id(attributes)
    if account_id is None:
        return None
    add_mention(walk, account_id, text_of(node))
    return LEAVE_OUT


def _account_id(attributes: Attributes) -> str | None:
    for name in ("data-mention-id", "data-account-id", "accountid"):
        if attributes.get(name):
            return attributes[name]
    match = _ACCOUNT_IN_ADDRESS.search(attributes.get("href") or "")
    return match.group(1).replace("%3A", ":") if match else None


def open_emoji(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show an emoji by its short name, with the sign to fall back to."""
    short_name = _short_name(attributes)
    if short_name is None:
        return None
    shown = attributes.get("data-emoji-text") or text_of(node) or attributes.get("alt") or ""
    made = emoji(short_name, None if _SHORT_NAME.fullmatch(shown) else shown)
    if attributes.get("data-emoji-id"):
        made["attrs"]["id"] = attributes["data-emoji-id"]
    walk.builder.add_inline(made)
    return LEAVE_OUT


def _short_name(attributes: Attributes) -> str | None:
    for name in ("data-emoji-short-name", "data-emoji-shortname", "alias", "alt", "title"):
        written = (attributes.get(name) or "").strip()
        if name == "alias" and written:
            written = f":{written}:"
        if _SHORT_NAME.fullmatch(written):
            return written
    return None


def open_emoji_picture(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show the small picture of an emoji or an emoticon as the character it means."""
    if _short_name(attributes) is not None:
        return open_emoji(walk, node, attributes)
    file_name = (attributes.get("src") or "").rpartition("/")[2].partition(".")[0]
    names = [attributes.get("data-emoticon-name") or "", file_name]
    names.extend(name.removeprefix("emoticon-") for name in (attributes.get("class") or "").split())
    known = next((EMOTICONS[name] for name in names if name in EMOTICONS), None)
    if known is not None:
        walk.builder.add_inline(emoji(*known))
    else:
        walk.builder.add_text(attributes.get("alt") or "", walk.marks.written)
    return LEAVE_OUT


def open_status(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show a lozenge."""
    classes = _LOZENGE_CLASS.findall(attributes.get("class") or "")
    color = attributes.get("data-color") or next((c for c in classes if c in _LOZENGE_COLORS), "")
    label = attributes.get("data-text") or text_of(node)
    add_status(walk, label, color)
    return LEAVE_OUT


def open_time(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show a day as a date, unless the page says it in words that would be lost."""
    written = attributes.get("datetime") or attributes.get("data-date") or ""
    shown = short_text_of(node)
    if shown is None:
        return None
    match = _DAY.fullmatch(written)
    says_day = not shown or (
        match is not None and re.search(rf"\b{int(match.group(3))}\b|{match.group(3)}", shown)
    )
    if not says_day or not add_day(walk, written):
        return None
    if shown and shown != written:
        walk.note("shown_otherwise", f"time {written}", node)
    return LEAVE_OUT


def open_date(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show the date that Jira's own editor wrote, in milliseconds."""
    written = (attributes.get("data-timestamp") or "").strip()
    if written.removeprefix("-").isdecimal() and written.isascii() and len(written) <= _DIGITS:
        walk.builder.add_inline(date(int(written)))
        return LEAVE_OUT
    return open_time(walk, node, attributes)


_DIGITS = 15


def open_card(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Show what an editor wrote as a card: a card where asked for, else a link."""
    address = (
        attributes.get("data-card-url")
        or attributes.get("href")
        or attributes.get("data-url")
        or ""
    )
    href = safe_href(address, walk.options.links)
    if href is None:
        walk.note("link_dropped", f"card {address}", node)
        return None
    if walk.options.has_inline_cards:
        walk.builder.add_inline(inline_card(href))
        return LEAVE_OUT
    walk.builder.add_text(
        text_of(node) or href, walk.marks.with_mark(MarkKey("link", href)).written
    )
    return LEAVE_OUT


def _choosing(opening: Opening, *tags: str) -> Chooser:
    """Take elements of some names for this; without names, every element."""

    def choose(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
        del node, attributes
        return opening if not tags or tag in tags else None

    return choose


def _choose_user_link(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node
    is_person = tag in {"a", "span"} and _account_id(attributes) is not None
    return open_mention if is_person else None


INLINES: Final[dict[str, Opening]] = {"time": open_time, "g-emoji": open_emoji}
INLINE_NODE_TYPES: Final[dict[str, Chooser]] = {
    "mention": _choose_user_link,
    "emoji": _choosing(open_emoji),
    "status": _choosing(open_status),
    "date": _choosing(open_date),
    "inlineCard": _choosing(open_card),
    "blockCard": _choosing(open_card),
    "embedCard": _choosing(open_card),
}
INLINE_ATTRIBUTES: Final[dict[str, Chooser]] = {
    "data-mention-id": _choose_user_link,
    "data-account-id": _choose_user_link,
    "accountid": _choose_user_link,
    "data-emoji-short-name": _choosing(open_emoji, "span", "img"),
    "data-emoji-shortname": _choosing(open_emoji, "span", "img"),
    "data-date": _choosing(open_time, "span", "time"),
    "data-inline-card": _choosing(open_card, "a", "span"),
    "data-card-url": _choosing(open_card, "a", "span", "div"),
}
INLINE_CLASSES: Final[dict[str, Chooser]] = {
    "user-mention": _choose_user_link,
    "confluence-userlink": _choose_user_link,
    "user-hover": _choose_user_link,
    "emoticon": _choosing(open_emoji_picture, "img"),
    "emoji": _choosing(open_emoji_picture, "img"),
    "status-macro": _choosing(open_status, "span"),
    "aui-lozenge": _choosing(open_status, "span"),
    "jira-issue-status-lozenge": _choosing(open_status, "span"),
    "adf-status": _choosing(open_status, "span"),
}

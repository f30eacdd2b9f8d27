"""Inline nodes as Markdown: escaping, and marks as delimiters.

Belongs here: one line or paragraph of text. Does not: blocks (`to_markdown`).
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from jira_pipeline.adf.links import safe_href
from jira_pipeline.adf.nodes import AdfNode
from jira_pipeline.adf.to_text import inline_text

_ALWAYS = re.compile(r"[\\`*\[\]<>~|]")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LINE_START = re.compile(r"^([ \t]*)(#{1,6}(?=[ \t]|$)|[-+=](?=[-+=\s]|$)|:(?=-))")
_LINE_START_NUMBER = re.compile(r"^([ \t]*)(\d{1,9})([.)])(?=\s|$)")
_BACKTICKS = re.compile("`+")
_DELIMITERS: Final = {"strong": "**", "em": "_", "strike": "~~"}
_ELEMENTS: Final = {"strong": "strong", "em": "em", "strike": "s", "underline": "u"}
_PLAIN_STARTS: Final = "(·…"
_PLAIN_ENDS: Final = ".:!?)…"
_ORDER: Final = ("link", "strong", "em", "strike", "underline", "subsup")


def inline_markdown(
    content: Iterable[AdfNode], *, is_one_line: bool = False, is_in_table: bool = False
) -> str:
    """Write inline nodes; breaks become a backslash and a newline, or `<br>` on one line."""
    runs = [
        ({mark["type"]: mark.get("attrs") or {} for mark in node.get("marks") or ()}, _piece(node))
        for node in content
    ]
    written: list[str] = []
    for index, (marks, piece) in enumerate(runs):
        if piece == "\n":
            written.append("\n")
            continue
        before = written[-1][-1:] if written else ""
        after = runs[index + 1][1][:1] if index + 1 < len(runs) else ""
        shown = _marked(piece, marks, before=before, after=after)
        if is_in_table and "code" in marks:
            shown = shown.replace("|", "\\|")  # a table takes the pipe even out of code
        if shown.endswith("!") and index + 1 < len(runs) and "link" in runs[index + 1][0]:
            shown = f"{shown[:-1]}\\!"  # else the link would be read as an image
        written.append(shown)
    lines = "".join(written).split("\n")
    if is_one_line or is_in_table:
        return "<br>".join(line.strip(" \t") for line in lines)
    return _broken_lines(lines)


def _broken_lines(lines: list[str]) -> str:
    """Join lines by hard breaks; what reads like a block at their start is escaped.

    After an empty line, and where no text follows, a backslash would not be read as a break. White
    space of any kind is no text there: parsers take it from the ends of a paragraph.
    """
    stripped = [line.strip(" \t") for line in lines]
    if not any(stripped):
        return ""
    last = max((index for index, line in enumerate(stripped) if line.strip()), default=-1)
    written: list[str] = []
    for index, line in enumerate(stripped):
        if index:
            is_after_text = bool(stripped[index - 1].strip())
            written.append("\\\n" if is_after_text and index <= last else "<br>")
        unmarked = _LINE_START.sub(r"\1\\\2", line)
        written.append(_LINE_START_NUMBER.sub(r"\1\2\\\3", unmarked))
    return "".join(written)


def escaped(value: str) -> str:
    """Escape what Markdown would read as markup, and nothing else."""
    value = _ALWAYS.sub(lambda m: "\\" + m.group(0), value)
    value = _UNDERSCORE.sub(r"\\_", value)
    return _ENTITY.sub("&amp;", value)


def _piece(node: AdfNode) -> str:
    if node["type"] == "hardBreak":
        return "\n"
    return inline_text(node).replace("\r", " ").replace("\n", " ")


def _marked(piece: str, marks: dict[str, dict[str, Any]], *, before: str, after: str) -> str:
    """Write one text with its marks; space at its ends stays outside them."""
    core = piece.strip(" \t")
    if not core or not marks:
        return escaped(piece)
    lead = piece[: len(piece) - len(piece.lstrip(" \t"))]
    tail = piece[len(piece.rstrip(" \t")) :]
    before = lead[-1:] or before
    after = tail[:1] or after
    body = _code(core) if "code" in marks else escaped(core)
    for name in reversed(_ORDER):
        if name in marks:
            body = _wrapped(body, name, marks[name], before=before, after=after)
    return lead + body + tail


def _wrapped(body: str, name: str, attrs: dict[str, Any], *, before: str, after: str) -> str:
    if name == "link":
        href = safe_href(str(attrs.get("href", "")))
        if href is None:
            return body
        for sign, code in (("\\", "%5C"), ("<", "%3C"), (">", "%3E"), ("|", "%7C")):
            href = href.replace(sign, code)
        return f"[{body}](<{href}>)"
    if name == "subsup":
        element = "sup" if attrs.get("type") == "sup" else "sub"
        return f"<{element}>{body}</{element}>"
    delimiter = _DELIMITERS.get(name)
    if delimiter is not None and _can_flank(body, before, after):
        return f"{delimiter}{body}{delimiter}"
    element = _ELEMENTS[name]
    return f"<{element}>{body}</{element}>"


def _can_flank(body: str, before: str, after: str) -> bool:
    """Tell whether delimiters around the text are certain to be read as such."""
    is_free = _is_boundary(before) and _is_boundary(after)
    is_plain_start = body[:1].isalnum() or body[:1] in _PLAIN_STARTS
    is_plain_end = body[-1:].isalnum() or body[-1:] in _PLAIN_ENDS
    return bool(body) and is_free and is_plain_start and is_plain_end


def _is_boundary(character: str) -> bool:
    return not character or character.isspace() or character in ".,;:!?()"


def _code(value: str) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(value)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if value.startswith("`") or value.endswith("`") else ""
    return f"{fence}{pad}{value}{pad}{fence}"

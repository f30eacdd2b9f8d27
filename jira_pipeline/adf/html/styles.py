"""Inline CSS as marks.

Belongs here: which declarations say bold, italic, underlined, struck, raised, lowered, coloured or
preformatted, and which take such a mark away. Does not: reading colours (`colors`), style sheets
(their rules are not applied: what is pasted carries its look inline).
"""

import re
from dataclasses import dataclass
from typing import Final

from jira_pipeline.adf.html.colors import ColorReader, is_color_left_open
from jira_pipeline.adf.marks import MarkKey, Marks

_DECLARATION: Final = re.compile(
    r"\s*([a-zA-Z-]{1,40})\s*:((?:[^;\"'(]|\"[^\"]*\"|'[^']*'|\([^)]*\)|\()*)"
)
_VALUED: Final = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)
_FONT_WEIGHT: Final = re.compile(r"(bold|bolder|[0-9]{3,4})\b")
_BOLD_FROM = 600
_MAX_KNOWN = 1_000
_MAX_LENGTH = 10_000

_STRONG: Final = MarkKey("strong")
_EM: Final = MarkKey("em")
_UNDERLINE: Final = MarkKey("underline")
_STRIKE: Final = MarkKey("strike")
_LINES: Final = {"underline": _UNDERLINE, "line-through": _STRIKE}
"""By their word in `text-decoration`."""
_CODE: Final = MarkKey("code")
_DECORATED: Final = {
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strike"),
}
USUAL_COLORS: Final = frozenset({"#000000", "#172b4d", "#292a2e"})
# Black, and the text of Jira's old and new design: text that has no colour of its own.

_LINK_COLORS: Final = frozenset(
    {"#0000ee", "#0000ff", "#1155cc", "#0563c1", "#467886", "#0052cc", "#0c66e4", "#1868db",
     "#551a8b", "#954f72", "#96607d"}
)  # fmt: skip
# Browsers, Google Docs, Word (old, new), Jira (old, new), and visited links of the same.

_RAISED: Final = {"super": "sup", "sub": "sub", "text-top": "sup", "text-bottom": "sub"}
_SPACE_KEPT: Final = {
    **dict.fromkeys(("pre", "pre-wrap", "break-spaces"), True),
    **dict.fromkeys(("normal", "nowrap"), False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What a style attribute changes."""

    added: tuple[MarkKey, ...] = ()
    removed: frozenset[str] = frozenset()
    """Types of marks the style takes away."""
    is_undecorated: bool = False
    """`text-decoration: none`: it ends the line an element brings itself, not one around it."""
    background: str | None = None
    keeps_space: bool | None = None
    unread_colors: tuple[str, ...] = ()

    def applied_to(self, marks: Marks, tag: str, *, keeps_background: bool) -> Marks:
        """Put the style of an element on top of the marks in force."""
        removed = self.removed
        if self.is_undecorated and tag in _DECORATED:
            removed = removed | {_DECORATED[tag]}
        if removed:
            marks = marks.without(removed)
        is_link = marks.has("link")
        for key in self.added:
            is_look_of_links = key == _UNDERLINE or (
                key.type == "textColor" and key.value in _LINK_COLORS
            )
            if not (is_link and is_look_of_links):
                marks = marks.with_mark(key)
        if keeps_background and self.background is not None and tag not in {"td", "th"}:
            marks = marks.with_mark(MarkKey("backgroundColor", self.background))
        return marks


class StyleReader:
    """Reads style attributes, each text only once: pasted pages repeat a handful."""

    def __init__(self) -> None:
        """Begin with an empty memory."""
        self._colors = ColorReader()
        self._known: dict[str, Style | None] = {}

    def read(self, written: str) -> Style | None:
        """Read a style attribute; `None` = it changes nothing that ADF can say."""
        if written in self._known:
            return self._known[written]
        style = _read(written[:_MAX_LENGTH], self._colors)
        if len(self._known) < _MAX_KNOWN:
            self._known[written] = style
        return style

    def read_color(self, written: str) -> str | None:
        """Read the colour of a `color` or `bgcolor` attribute."""
        return self._colors.read(written)


def declarations_of(written: str) -> dict[str, str]:
    """Split a style attribute into properties and values in lower case; the last of equals wins."""
    return {
        name.lower(): _VALUED.sub("", value).strip().lower()
        for name, value in _DECLARATION.findall(written[:_MAX_LENGTH])
    }


def _read(written: str, colors: ColorReader) -> Style | None:
    declarations = declarations_of(written)
    added: list[MarkKey] = []
    removed: set[str] = set()
    for name, value in declarations.items():
        # Read the declarations about the shape and the place of letters.
        if name == "font-weight":
            _choose(_is_bold(value), _STRONG, added, removed)
        elif name == "font-style":
            is_italic = value.startswith(("italic", "oblique"))
            _choose(is_italic or (False if value == "normal" else None), _EM, added, removed)
        elif name == "vertical-align" and value in _RAISED:
            added.append(MarkKey("subsup", _RAISED[value]))
        elif name == "vertical-align" and value == "baseline":
            removed.add("subsup")
        elif name == "font-family" and value.split(",", maxsplit=1)[0].strip(" '\"") == "monospace":
            added.append(_CODE)
    decoration = (
        f"{declarations.get('text-decoration', '')} {declarations.get('text-decoration-line', '')}"
    )
    added += [mark for line, mark in _LINES.items() if line in decoration]
    unread: list[str] = []
    color = _color(declarations.get("color", ""), "textColor", colors, unread)
    if color in USUAL_COLORS:
        removed.add("textColor")
    elif color is not None:
        added.append(MarkKey("textColor", color))
    background = _background(declarations, colors, unread)
    style = Style(
        added=tuple(added),
        removed=frozenset(removed),
        is_undecorated="none" in decoration.split(),
        background=background,
        keeps_space=_SPACE_KEPT.get(declarations.get("white-space", "")),
        unread_colors=tuple(unread),
    )
    return style if style != Style() else None


def _choose(
    is_marked: bool | None,  # noqa: FBT001 - three answers: yes, no, unsaid
    key: MarkKey,
    added: list[MarkKey],
    removed: set[str],
) -> None:
    if is_marked:
        added.append(key)
    elif is_marked is not None:
        removed.add(key.type)


def _is_bold(value: str) -> bool | None:
    """Tell whether a weight is bold; `None` = it is that of the text around."""
    if value in {"normal", "lighter"}:
        return False
    match = _FONT_WEIGHT.match(value)
    if match is None:
        return None
    return not value[0].isdigit() or int(match.group(1)) >= _BOLD_FROM


def _color(value: str, what: str, colors: ColorReader, unread: list[str]) -> str | None:
    color = colors.read(value) if value else None
    if color is None and value and not is_color_left_open(value) and "(" in value:
        is_transparent = value.startswith(("rgb", "hsl"))
        if not is_transparent:
            unread.append(f"{what} {value}")
    return color


def _background(declarations: dict[str, str], colors: ColorReader, unread: list[str]) -> str | None:
    """Find the background of text; white is that of the page."""
    for name in ("background-color", "mso-highlight", "background"):
        value = declarations.get(name, "")
        if name == "background" and " " in value and "(" not in value:
            value = next((word for word in value.split() if colors.read(word)), "")
        color = colors.read(value) if value else None
        if color is not None:
            return color if color != "#ffffff" else None
        if name == "background-color":
            _color(value, "backgroundColor", colors, unread)
    return None

"""Coloured boxes and sections to open, as editors and sites write them.

Belongs here: panels by attribute, and by the classes of Confluence, Jira, GitHub, documentation
sites and Bootstrap. Does not: `details` (`elements`), the storage format of Confluence
(`confluence`).
"""

from typing import Final

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.html.elements import can_open_expand, leave_out, open_expand, open_title
from jira_pipeline.adf.html.reading import (
    Attributes,
    children_of,
    first_child_named,
    short_text_of,
    text_of,
)
from jira_pipeline.adf.html.walk import END_LINE, Chooser, Close, HtmlWalk, Opening

PANEL_TYPES: Final = frozenset({"info", "note", "tip", "warning", "error", "success"})
_PANEL_OF: Final = {
    "info": "info", "information": "info", "note": "note", "tip": "success", "warning": "warning",
    "error": "error", "danger": "error", "caution": "error", "success": "success",
    "important": "note", "hint": "success", "attention": "warning", "check": "success",
    "primary": "info", "secondary": "note",
}  # fmt: skip
"""What sites call their boxes, and the panel of the same colour or meaning."""

_PREFIXES: Final = (
    "confluence-information-macro-", "markdown-alert-", "alert-", "admonition-", "adf-panel-",
    "aui-message-", "theme-admonition-",
)  # fmt: skip
_TITLES: Final = (
    "markdown-alert-title", "admonition-title", "panelHeader", "codeHeader", "alert-heading",
)  # fmt: skip
_HINTS: Final = ("confluence-information-macro-icon", "expand-control-icon", "aui-icon")


def open_panel(walk: HtmlWalk, node: LexborNode, panel_type: str) -> Close:
    """Begin a panel; where none is allowed, its content stays without it."""
    if walk.builder.can_open("panel"):
        return walk.open_block("panel", {"panelType": panel_type})
    walk.note("demoted", f"panel {panel_type}", node)
    walk.builder.end_line()
    return END_LINE


def panel_type_of(name: str) -> str:
    """Find the panel for what somebody else calls a box."""
    return name if name in PANEL_TYPES else _PANEL_OF.get(name, "info")


def open_typed_panel(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin the panel that an attribute names."""
    return open_panel(walk, node, panel_type_of(attributes.get("data-panel-type") or ""))


def open_classed_panel(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin the panel that a class names."""
    names = (attributes.get("class") or "").lower().split()
    for name in names:
        for prefix in _PREFIXES:
            if name.startswith(prefix) and name.removeprefix(prefix) in _PANEL_OF:
                return open_panel(walk, node, _PANEL_OF[name.removeprefix(prefix)])
    word = next((name for name in names if name in _PANEL_OF), "")
    return open_panel(walk, node, _PANEL_OF.get(word, "info"))


def open_data_expand(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin the section to open that Jira wrote; a page has its title in a button, too."""
    title = attributes.get("data-title") or ""
    button = first_child_named(node, "button")
    if button is not None and title and can_open_expand(walk):
        button.decompose()
    return open_expand(walk, node, title)


def open_confluence_expand(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a section to open as Confluence shows it: a control with the title, and the content."""
    del attributes
    control = next(
        (c for c in children_of(node) if "expand-control" in (c.attributes.get("class") or "")),
        None,
    )
    if control is None or not can_open_expand(walk):
        return open_expand(walk, node, "")
    close = open_expand(walk, node, text_of(control))
    control.decompose()
    return close


def _choose_typed(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node
    is_known = attributes.get("data-panel-type") in PANEL_TYPES | {"custom"}
    return open_typed_panel if is_known and tag in {"div", "section", "aside"} else None


def _choose_classed(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, attributes
    return open_classed_panel if tag in {"div", "aside", "section", "blockquote"} else None


def _choose_boxed(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Take a box of Jira's wiki for a panel, unless it is the frame around code."""
    names = (attributes.get("class") or "").split()
    content = first_child_named(node, "div")
    is_box = "code" not in names and "preformatted" not in names and tag == "div"
    if not is_box or content is None:
        return None
    parts = " ".join(c.attributes.get("class") or "" for c in children_of(node) if c.tag == "div")
    return open_classed_panel if "panelContent" in parts else None


def _choose_alert(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Take an alert only where a second class says which kind it is."""
    names = (attributes.get("class") or "").lower().split()
    is_known = any(
        name.startswith(prefix) and name.removeprefix(prefix) in _PANEL_OF
        for name in names
        for prefix in _PREFIXES
    )
    return _choose_classed(node, tag, attributes) if is_known else None


def _choose_title(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, attributes
    return open_title if tag in {"p", "div", "h4", "h5", "span"} else None


def _choose_macro_title(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del attributes
    parent = node.parent
    around = (parent.attributes.get("class") or "") if parent is not None else ""
    return open_title if tag == "p" and "confluence-information-macro" in around else None


def _choose_hint(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del attributes
    return leave_out if tag == "span" and short_text_of(node) == "" else None


def _choose_expand(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, attributes
    return open_data_expand if tag in {"div", "section"} else None


def _choose_container(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, attributes
    return open_confluence_expand if tag == "div" else None


PANEL_ATTRIBUTES: Final[dict[str, Chooser]] = {"data-panel-type": _choose_typed}
PANEL_NODE_TYPES: Final[dict[str, Chooser]] = {
    "panel": _choose_typed,
    "expand": _choose_expand,
    "nestedExpand": _choose_expand,
}
PANEL_CLASSES: Final[dict[str, Chooser]] = {
    "confluence-information-macro": _choose_classed,
    "markdown-alert": _choose_classed,
    "admonition": _choose_classed,
    "theme-admonition": _choose_alert,
    "alert": _choose_alert,
    "aui-message": _choose_alert,
    "adf-panel": _choose_alert,
    "panel": _choose_boxed,
    "expand-container": _choose_container,
    **dict.fromkeys(_TITLES, _choose_title),
    "title": _choose_macro_title,
    **dict.fromkeys(_HINTS, _choose_hint),
}

__all__ = [
    "PANEL_ATTRIBUTES", "PANEL_CLASSES", "PANEL_NODE_TYPES", "open_panel",
    "panel_type_of",
]  # fmt: skip

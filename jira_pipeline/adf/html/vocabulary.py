"""All meanings together.

Belongs here: which family answers for which element, attribute, class and node type. Does not:
any meaning itself.
"""

from collections.abc import Mapping
from typing import Final

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.html.code import CODE, is_pasted_code, open_pasted_code
from jira_pipeline.adf.html.confluence import CONFLUENCE
from jira_pipeline.adf.html.elements import ELEMENTS, choose_heading_role, leave_out, open_line
from jira_pipeline.adf.html.images import IMAGE_NODE_TYPES, IMAGES
from jira_pipeline.adf.html.inlines import (
    INLINE_ATTRIBUTES,
    INLINE_CLASSES,
    INLINE_NODE_TYPES,
    INLINES,
)
from jira_pipeline.adf.html.lists import LIST_ATTRIBUTES, LIST_CLASSES, LISTS, open_task_list
from jira_pipeline.adf.html.panels import PANEL_ATTRIBUTES, PANEL_CLASSES, PANEL_NODE_TYPES
from jira_pipeline.adf.html.reading import Attributes
from jira_pipeline.adf.html.tables import TABLE_CLASSES, TABLES
from jira_pipeline.adf.html.walk import Chooser, Opening, Vocabulary, gather
from jira_pipeline.adf.html.word_lists import WORD_CLASSES, choose_word_item


def _choose_task_list(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, attributes
    return open_task_list if tag in {"div", "section"} else None


def _choose_line(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, attributes
    return open_line if tag == "span" else None


_NODE_TYPES: Final[Mapping[str, Chooser]] = {
    **IMAGE_NODE_TYPES,
    **INLINE_NODE_TYPES,
    **PANEL_NODE_TYPES,
    "actionList": _choose_task_list,
    "taskList": _choose_task_list,
    "mediaSingle": _choose_line,
}


def _choose_by_node_type(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Ask the type of node that Jira's and Confluence's editor writes to what it copies."""
    written = attributes.get("data-node-type") or attributes.get("data-prosemirror-node-name")
    chooser = _NODE_TYPES.get(written or "")
    return chooser(node, tag, attributes) if chooser is not None else None


def _choose_shown_code(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Know the code of a page of Jira, which is no `pre`."""
    del node, tag, attributes
    return open_pasted_code


def _choose_painted_box(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Leave out the picture of a checkbox that Google Docs puts beside a task."""
    del node
    is_box = tag == "img" and "checkbox" in (attributes.get("aria-roledescription") or "")
    return leave_out if is_box else None


def _choose_by_style(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    """Know the paragraphs of Word's lists, and code as editors copy it."""
    if tag not in {"p", "div"}:
        return None
    if is_pasted_code(attributes):
        return open_pasted_code
    return choose_word_item(node, tag, attributes)


VOCABULARY: Final = Vocabulary(
    tags=gather(ELEMENTS, LISTS, TABLES, CODE, IMAGES, INLINES, CONFLUENCE),
    attributes={
        "data-node-type": _choose_by_node_type,
        "data-prosemirror-node-name": _choose_by_node_type,
        "data-ds--code--code-block": _choose_shown_code,
        "aria-roledescription": _choose_painted_box,
        "role": choose_heading_role,
        **INLINE_ATTRIBUTES,
        **LIST_ATTRIBUTES,
        **PANEL_ATTRIBUTES,
        "style": _choose_by_style,
    },
    classes={**LIST_CLASSES, **INLINE_CLASSES, **PANEL_CLASSES, **TABLE_CLASSES, **WORD_CLASSES},
)

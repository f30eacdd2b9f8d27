"""Lists, tasks, and lists that are written flat with a level at each item.

Belongs here: which list an item opens, what makes an item a task, and the nesting of lists that
Google Docs and Word Online write side by side. Does not: paragraphs that pose as list items
(`word_lists`), where a list may be (`building`).
"""

import re
from functools import partial
from typing import Final

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.html.elements import open_line
from jira_pipeline.adf.html.reading import (
    Attributes,
    classes_of,
    first_child_named,
    first_element,
    next_element,
    text_of,
    whole_number,
)
from jira_pipeline.adf.html.walk import END_LINE, Chooser, Close, FlatLists, HtmlWalk, Opening

_PROBE_LIMIT = 12
_LISTS: Final = frozenset({"ul", "ol", "menu"})
_DONE_CLASSES: Final = frozenset(
    {"checked", "done", "completed", "task-done", "is-checked", "checkbox-on"}
)
_TASK_CLASSES: Final = frozenset(
    {
        "checklist", "task-list", "contains-task-list", "tasklist", "todo-list", "to-do-list",
        "inline-task-list",
    }
)  # fmt: skip
_GOOGLE_LIST: Final = re.compile(r"(?:^|\s)lst-(kix_\w+)-(\d)(?:\s|$)")
_QUILL_INDENT: Final = re.compile(r"(?:^|\s)ql-indent-(\d)(?:\s|$)")
_WORD_ONLINE_BOX: Final = "ListContainerWrapper"
_MAX_LEVEL = 40


def open_list(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a list; its first item decides whether it is one of tasks."""
    flat = _flat_level(node, attributes) if attributes else None
    if flat is not None:
        family, level = flat
        walk.builder.end_line()
        # Beside the other lists is the list, or the box Word Online puts around it.
        parent = node.parent
        box = node
        if parent is not None and _WORD_ONLINE_BOX in (parent.attributes.get("class") or ""):
            box = parent
        lists = walk.flat_lists_in(box.parent)
        list_type = "orderedList" if node.tag == "ol" else "bulletList"
        start = max(whole_number(node.attributes.get("start"), default=1), 0)
        lists.enter(walk, level=level, list_type=list_type, family=family, start=start)
        return partial(_close_flat_list, walk, box, lists)
    if _is_task_list(node, attributes) and walk.builder.can_open("taskList"):
        return walk.open_block("taskList")
    if node.tag != "ol":
        return walk.open_block("bulletList")
    start = whole_number(attributes.get("start"), default=1) if attributes else 1
    return walk.open_block("orderedList", {"order": max(start, 0)} if start != 1 else None)


def _flat_level(node: LexborNode, attributes: Attributes) -> tuple[str, int] | None:
    """Tell the family and level of a list that is beside the lists it is nested with."""
    match = _GOOGLE_LIST.search(attributes.get("class") or "")
    if match:
        return match.group(1), int(match.group(2))
    parent = node.parent
    if parent is not None and _WORD_ONLINE_BOX in (parent.attributes.get("class") or ""):
        item = first_element(node)
        if item is not None and "data-aria-level" in item.attributes:
            return "", whole_number(item.attributes["data-aria-level"], default=1)
    return None


def _close_flat_list(walk: HtmlWalk, box: LexborNode, lists: FlatLists) -> None:
    walk.builder.end_line()
    following = next_element(box)
    inner = following
    if inner is not None and _WORD_ONLINE_BOX in (inner.attributes.get("class") or ""):
        inner = first_element(inner)
    is_followed = (
        inner is not None
        and inner.tag in _LISTS
        and _flat_level(inner, inner.attributes) is not None
    )
    if not is_followed:
        walk.leave_flat_lists(lists)


def open_item(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a list item or a task, in a list of its own where there is none."""
    builder = walk.builder
    close_list: Close = None
    state = _task_state(node, attributes)
    if not builder.is_inside("bulletList", "orderedList", "taskList"):
        if node.parent is not None and node.parent.tag in _LISTS:
            builder.end_line()  # the list was too deep and left out
            return END_LINE
        close_list = walk.open_block("taskList" if state else "bulletList")
    is_task_list = builder.is_inside("taskList")
    if is_task_list and state is None and builder.can_change_list_type("bulletList"):
        builder.change_list_type("bulletList")
    elif is_task_list and state is None:
        state = "TODO"  # tasks may hold nothing but tasks
    elif not is_task_list and state is not None:
        state = _turn_into_task_list(walk, node, state)
    if state is not None:
        close_item = walk.open_block("taskItem", {"state": state})
    else:
        close_item = walk.open_block("listItem")
    return close_item if close_list is None else close_list


def _turn_into_task_list(walk: HtmlWalk, node: LexborNode, state: str) -> str | None:
    if not walk.builder.can_change_list_type("taskList"):
        walk.note("demoted", "taskItem", node)
        return None
    walk.builder.change_list_type("taskList")
    return state


def _open_leveled_item(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin an item whose level is deeper than its list: Google Docs writes some lists flat."""
    depth = _levels_below_list(node, attributes)
    if depth < 0 or not walk.builder.is_inside("bulletList", "orderedList"):
        return open_item(walk, node, attributes)
    walk.builder.end_line()
    lists = walk.flat_lists_in(node.parent)
    list_type = walk.builder.top_type
    if depth:
        lists.enter(walk, level=depth, list_type=list_type, family="")
    else:
        lists.leave(walk)
    close = open_item(walk, node, attributes)
    return partial(_close_leveled_item, walk, node, lists, close)


def _close_leveled_item(walk: HtmlWalk, node: LexborNode, lists: FlatLists, close: Close) -> None:
    walk.end(close)
    following = next_element(node)
    if following is None or _levels_below_list(following, following.attributes) < 1:
        walk.leave_flat_lists(lists)


def _levels_below_list(node: LexborNode, attributes: Attributes) -> int:
    """Tell how many levels an item says it is below the first item of its list; -1 = unsaid."""
    level = _written_level(attributes)
    first = first_element(node.parent) if node.parent is not None else None
    if level < 1 or first is None:
        return -1
    return min(max(level - (_written_level(first.attributes) or 1), 0), _MAX_LEVEL)


def _written_level(attributes: Attributes) -> int:
    """Read the level Google Docs or Quill writes to an item, counted from one; 0 = unsaid."""
    match = _QUILL_INDENT.search(attributes.get("class") or "")
    return (
        int(match.group(1)) + 1 if match else whole_number(attributes.get("aria-level"), default=0)
    )


def open_task(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a task that says its state by an attribute, in whatever list there is."""
    return open_item(walk, node, attributes)


def open_task_list(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Begin a list of tasks that is no HTML list."""
    if walk.builder.can_open("taskList"):
        return walk.open_block("taskList")
    return open_line(walk, node, attributes)


def _checkbox_of(item: LexborNode) -> LexborNode | None:
    """Find the checkbox an item begins with, at most some elements down."""
    probe: LexborNode | None = item
    for _ in range(_PROBE_LIMIT):
        probe = first_element(probe) if probe is not None else None
        if probe is None or probe.tag in {"ul", "ol", "table"}:
            return None
        if probe.tag == "input":
            kind = (probe.attributes.get("type") or "").lower()
            return probe if kind == "checkbox" else None
    return None


def _task_state(item: LexborNode, attributes: Attributes) -> str | None:
    """Tell whether an item is a task that is done or to do; `None` = it is no task."""
    if attributes and (attributes.get("role") == "checkbox" or "aria-checked" not in attributes):
        for name, done in _STATE_ATTRIBUTES.items():
            if name in attributes:
                return "DONE" if (attributes[name] or "").lower() == done else "TODO"
    if item.tag == "ac:task":
        status = first_child_named(item, "ac:task-status")
        return "DONE" if status is not None and text_of(status) == "complete" else "TODO"
    checkbox = _checkbox_of(item)
    if checkbox is not None:
        return "DONE" if "checked" in checkbox.attributes else "TODO"
    if item.tag == "li" and item.parent is not None:
        around = item.parent.attributes
        if around and classes_of(around) & _TASK_CLASSES:
            first = first_element(item)  # Notion's box
            classes = classes_of(attributes) | classes_of(first.attributes if first else {})
            return "DONE" if classes & _DONE_CLASSES else "TODO"
    return None


_STATE_ATTRIBUTES: Final = {
    "data-checked": "true", "data-task-state": "done", "aria-checked": "true",
}  # fmt: skip


def _is_task_list(node: LexborNode, attributes: Attributes) -> bool:
    if attributes and classes_of(attributes) & _TASK_CLASSES:
        return True
    first = first_element(node)
    return (
        first is not None and first.tag == "li" and _task_state(first, first.attributes) is not None
    )


def _choose_leveled(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, attributes
    return _open_leveled_item if tag == "li" else None


def _choose_task(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, tag, attributes
    return open_task


def _choose_task_list(node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
    del node, attributes
    return open_task_list if tag == "div" else None


LISTS: Final[dict[str, Opening]] = {
    **dict.fromkeys(_LISTS, open_list),
    "li": open_item,
}
LIST_CLASSES: Final[dict[str, Chooser]] = {
    f"ql-indent-{level}": _choose_leveled for level in range(1, 9)
}
LIST_ATTRIBUTES: Final[dict[str, Chooser]] = {
    "aria-level": _choose_leveled,
    "data-task-local-id": _choose_task,
    "data-task-list-local-id": _choose_task_list,
}

__all__ = ["LISTS", "LIST_ATTRIBUTES", "LIST_CLASSES", "open_item", "open_task_list"]

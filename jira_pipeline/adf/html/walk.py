"""The walk over a parsed page: which opening is asked, what is in force, what ends where.

Belongs here: the order of visits, marks and white space in force, how the ends of elements are
remembered, and the lists that a page writes side by side, or as paragraphs, with a level at each
item. Does not: what any element means, nor how programs write levels (its neighbours). The walk
keeps its own stack: depth is bounded by memory, never by recursion.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal, TypeAlias

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.building import AdfBuilder
from jira_pipeline.adf.changes import ChangeCode
from jira_pipeline.adf.html.reading import Attributes, excerpt_of
from jira_pipeline.adf.html.styles import StyleReader
from jira_pipeline.adf.links import DEFAULT_LINK_POLICY, LinkPolicy
from jira_pipeline.adf.marks import NO_MARKS, MarkKey, Marks

TEXT: Final = "-text"
END_LINE: Final = -1
LEAVE_OUT: Final = -2

Close: TypeAlias = int | Callable[[], None] | None
"""How an element ends: close a block (the builder's answer), end the line, something of its own,
nothing; or `LEAVE_OUT`, its content is not visited. Marks end with their element by themselves."""
Opening: TypeAlias = Callable[["HtmlWalk", LexborNode, Attributes], Close]
Chooser: TypeAlias = Callable[[LexborNode, str, Attributes], Opening | None]
"""Decides whether an attribute gives an element another meaning than its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What elements mean: by name, and by attributes that say more than the name."""

    tags: Mapping[str, Opening]
    attributes: Mapping[str, Chooser]
    classes: Mapping[str, Chooser]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A file that Jira holds already, to show an image with."""

    media_id: str
    collection: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlOptions:
    """What the caller decides."""

    links: LinkPolicy = DEFAULT_LINK_POLICY
    media: Mapping[str, MediaFile] = field(default_factory=dict)
    """By address, or by file name."""
    has_inline_cards: bool = False
    profile: Literal["jira", "full"] = "jira"
    """`full` keeps background colours, which Jira does not take."""


@dataclass(slots=True, kw_only=True)
class OpenLevel:
    """One list that is open among lists written flat."""

    level: int
    list_type: str
    family: str
    close: Close
    """What ends the list."""


@dataclass(slots=True, kw_only=True, eq=False)
class FlatLists:
    """The lists open at one place of the page, from the outside in."""

    container_id: int
    """The element whose children the items are."""
    levels: list[OpenLevel] = field(default_factory=list)

    def enter(
        self, walk: "HtmlWalk", *, level: int, list_type: str, family: str, start: int = 1
    ) -> None:
        """Make the list of a level the innermost block; lists below it end, others begin."""
        levels = self.levels
        while levels and levels[-1].level >= level:
            last = levels[-1]
            is_same_family = not family or last.family == family
            if last.level == level and last.list_type == list_type and is_same_family:
                return
            walk.end(levels.pop().close)
        attrs: dict[str, object] | None = {"order": start} if start != 1 else None
        close = walk.open_block(list_type, attrs if list_type == "orderedList" else None)
        levels.append(OpenLevel(level=level, list_type=list_type, family=family, close=close))

    def leave(self, walk: "HtmlWalk") -> None:
        """End every list."""
        while self.levels:
            walk.end(self.levels.pop().close)


class HtmlWalk:
    """One walk over one page."""

    def __init__(self, options: HtmlOptions, vocabulary: Vocabulary) -> None:
        """Begin with no marks and an empty document."""
        self.options = options
        self.builder = AdfBuilder()
        self.marks = NO_MARKS
        self.keeps_space = False
        self._flat_lists: list[FlatLists] = []
        """Those open, of the innermost container last."""
        self._styles = StyleReader()
        self._vocabulary = vocabulary

    def run(self, root: LexborNode) -> None:  # noqa: C901, PLR0912 - the hot loop
        """Visit every node below the root once, in document order.

        This loop runs for each node: cut into functions it takes half as long again.
        """
        add_text, end_line = self.builder.add_text, self.builder.end_line
        tags, end = self._vocabulary.tags, self.end
        open_elements: list[tuple[LexborNode, Close, Marks]] = []
        node = root.first_child
        while node is not None:
            tag = node.tag
            if tag == TEXT:
                if self.keeps_space:
                    self.builder.add_preformatted_text(node.text_content or "", self.marks.written)
                else:
                    add_text(node.text_content or "", self.marks.written)
            else:
                attributes = node.attributes
                marks = self.marks
                if attributes:
                    close = self._open_with_attributes(node, tag or "", attributes)
                else:
                    opening = tags.get(tag or "")
                    close = opening(self, node, attributes) if opening is not None else None
                child = node.first_child if close != LEAVE_OUT else None
                if child is not None:
                    open_elements.append((node, close, marks))
                    node = child
                    continue
                if close == END_LINE:
                    end_line()
                elif close is not None:
                    end(close)
                self.marks = marks
            following = node.next
            while following is None and open_elements:
                node, close, self.marks = open_elements.pop()
                if close == END_LINE:
                    end_line()
                elif close is not None:
                    end(close)
                following = node.next
            node = following

    def push_mark(self, key: MarkKey, node: LexborNode) -> None:
        """Put a mark in force until the element that is being opened ends."""
        marks = self.marks = self.marks.with_mark(key)
        if marks.written is not marks:
            lost = {k.type for k in marks.keys} - {k.type for k in marks.written.keys}
            self.note("marks_dropped", f"{', '.join(sorted(lost))} beside code", node)

    def open_block(self, node_type: str, attrs: dict[str, object] | None = None) -> Close:
        """Open a block, or only begin a line where lists are too deep."""
        index = self.builder.open_block(node_type, attrs)
        return END_LINE if index is None else index

    def flat_lists_in(self, container: LexborNode | None) -> FlatLists:
        """Find the lists that are open among the children of an element, or begin some."""
        container_id = container.mem_id if container is not None else 0
        if not self._flat_lists or self._flat_lists[-1].container_id != container_id:
            self._flat_lists.append(FlatLists(container_id=container_id))
        return self._flat_lists[-1]

    def leave_flat_lists(self, lists: FlatLists) -> None:
        """End the lists written flat at one place."""
        lists.leave(self)
        self._flat_lists.remove(lists)

    def read_color(self, written: str) -> str | None:
        """Read the colour of an attribute as `#rrggbb`."""
        return self._styles.read_color(written)

    def note(self, code: ChangeCode, what: str, node: LexborNode) -> None:
        """Remember that an element could not be kept as it was."""
        self.builder.note(code, what, excerpt_of(node))

    def end(self, close: Close) -> None:
        """End an element as its beginning said."""
        if isinstance(close, int):
            if close >= 0:
                self.builder.close_to(close)
            elif close == END_LINE:
                self.builder.end_line()
        elif close is not None:
            close()

    def _open_with_attributes(self, node: LexborNode, tag: str, attributes: Attributes) -> Close:
        opening = self._chosen(node, tag, attributes) or self._vocabulary.tags.get(tag)
        close = opening(self, node, attributes) if opening is not None else None
        if "style" in attributes and close != LEAVE_OUT:
            close = self._apply_style(node, attributes["style"] or "", close)
        return close

    def _chosen(self, node: LexborNode, tag: str, attributes: Attributes) -> Opening | None:
        """Ask the attributes that say more than the name of an element."""
        for name in attributes:
            chooser = self._vocabulary.attributes.get(name)
            if chooser is not None:
                opening = chooser(node, tag, attributes)
                if opening is not None:
                    return opening
        for name in (attributes.get("class") or "").split():
            chooser = self._vocabulary.classes.get(name)
            if chooser is not None:
                opening = chooser(node, tag, attributes)
                if opening is not None:
                    return opening
        return None

    def _apply_style(self, node: LexborNode, written: str, close: Close) -> Close:
        """Put the style of an element in force; the answer ends both."""
        style = self._styles.read(written)
        if style is None:
            return close
        tag = node.tag or ""
        self.marks = style.applied_to(
            self.marks, tag, keeps_background=self.options.profile == "full"
        )
        for name in style.unread_colors:
            self.note("color_dropped", name, node)
        if style.background and self.options.profile != "full" and tag not in _COLORED_BOXES:
            self.note("color_dropped", f"backgroundColor {style.background}", node)
        if style.keeps_space is None or style.keeps_space == self.keeps_space:
            return close
        previous, self.keeps_space = self.keeps_space, style.keeps_space
        return partial(self._end_spaced, close, previous)

    def _end_spaced(self, close: Close, previous: bool) -> None:  # noqa: FBT001 - called by partial
        self.keeps_space = previous
        self.end(close)


_COLORED_BOXES: Final = frozenset({"td", "th", "tr", "table", "tbody", "thead", "body", "html"})
"""Elements whose background is that of a cell or of the page, not of text."""


def gather(*parts: Mapping[str, Opening]) -> dict[str, Opening]:
    """Join what families of elements mean; no name may mean two things."""
    joined: dict[str, Opening] = {}
    for part in parts:
        twice = joined.keys() & part.keys()
        if twice:
            raise ValueError(f"Two openings for {', '.join(sorted(twice))}.")
        joined.update(part)
    return joined


__all__: Sequence[str] = [
    "END_LINE", "LEAVE_OUT", "TEXT", "Chooser", "Close", "FlatLists", "HtmlOptions", "HtmlWalk",
    "MediaFile", "Opening", "Vocabulary", "gather",
]  # fmt: skip

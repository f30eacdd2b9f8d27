"""The measure of a conversion to ADF: what a browser shows against what the document holds.

Belongs here: reading the page of the parser, reading a document, and comparing both. Does not:
corpora (`adf_corpora`), converters (`adf_converters`). Nothing of ours that converts is used, so
that a fault of the converter cannot hide here.

*Text exact*: the same characters in the same order, white space aside, script and style left out.
*Structure exact*: the same number of rules, and the same multiset of characters, each with its
marks, its ancestors (heading level, quotes, code block, th, td) and its list depth; code excludes
every other mark but a link, and a code block all of them, as ADF demands. White space, link
targets, languages of code, spans and images are not in it; targets and languages are counted
beside it. An image may show as nothing, its alternative text or its address, linked or not.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias

from selectolax.lexbor import LexborHTMLParser, LexborNode

AdfDocument: TypeAlias = Mapping[str, Any]

_UNSEEN: Final = frozenset({"script", "style", "template", "iframe", "noembed", "noframes"})
_ELEMENT_MARKS: Final = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), "em"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strike"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
    "sub": "sub",
    "sup": "sup",
}
_MEASURED_MARKS: Final = frozenset({*_ELEMENT_MARKS.values(), "link"})
_ELEMENT_OF: Final = {
    "blockquote": "blockquote",
    "codeBlock": "pre",
    "tableHeader": "th",
    "tableCell": "td",
    **dict.fromkeys(("bulletList", "orderedList", "taskList", "decisionList"), "ul"),
}
_SHOWN_ATTRIBUTES: Final = {
    "emoji": "text",
    "mention": "text",
    "status": "text",
    "inlineCard": "url",
    "blockCard": "url",
    "embedCard": "url",
    "expand": "title",
    "nestedExpand": "title",
}


class Surroundings(NamedTuple):
    """What a character is in."""

    marks: frozenset[str] = frozenset()
    heading_level: int = 0
    quote_depth: int = 0
    is_in_code_block: bool = False
    is_in_header_cell: bool = False
    is_in_cell: bool = False
    list_depth: int = 0

    def with_mark(self, mark: str) -> "Surroundings":
        """Put one more mark into force."""
        return self._replace(marks=self.marks | {mark})

    def as_adf_allows(self) -> "Surroundings":
        """Leave out the marks that code excludes."""
        if self.is_in_code_block:
            return self._replace(marks=frozenset())
        if "code" in self.marks:
            return self._replace(marks=self.marks & {"code", "link"})
        return self


class _Run(NamedTuple):
    """Some text without white space, or an image that may show as several texts."""

    text: str
    surroundings: Surroundings
    image_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page or a document shows."""

    runs: tuple[_Run, ...]
    rule_count: int
    link_targets: Counter[str]
    languages: Counter[str]
    unholdable: frozenset[str] = frozenset()
    """What of a page no ADF can hold, in words."""

    def text(self) -> str:
        """Join the characters."""
        return "".join(run.text for run in self.runs)

    def glyphs(self) -> Counter[tuple[str, Surroundings]]:
        """Count the characters, each with what it is in."""
        counts: Counter[tuple[str, Surroundings]] = Counter()
        for text, surroundings, _ in self.runs:
            allowed = surroundings.as_adf_allows()
            counts.update((character, allowed) for character in text)
        return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one conversion did."""

    is_valid: bool
    is_text_exact: bool
    is_structure_exact: bool
    link_count: int
    kept_link_count: int
    language_count: int
    kept_language_count: int

    @property
    def is_exact(self) -> bool:
        """Tell whether it is valid, and text and structure are exact."""
        return self.is_valid and self.is_text_exact and self.is_structure_exact


def judge(page: Shown, document: AdfDocument | None, *, is_valid: bool) -> Outcome:
    """Compare a document with the page it was made from; `None` = there is no document."""
    made = shown_by_adf(document) if document is not None else _NOTHING
    candidates = list(_without_images(page)) if document is not None else []
    matching = [candidate for candidate in candidates if candidate.text() == made.text()]
    return Outcome(
        is_valid=is_valid,
        is_text_exact=bool(matching),
        is_structure_exact=made.rule_count == page.rule_count
        and any(candidate.glyphs() == made.glyphs() for candidate in candidates),
        link_count=page.link_targets.total(),
        kept_link_count=(page.link_targets & made.link_targets).total(),
        language_count=page.languages.total(),
        kept_language_count=(page.languages & made.languages).total(),
    )


def shown_by_html(html: str) -> Shown:
    """Read what a browser shows of HTML, off the tree that a browser makes of it."""
    reader = _PageReader()
    body = LexborHTMLParser(html).body
    if body is not None:
        reader.read(body)
    return Shown(
        runs=tuple(reader.runs),
        rule_count=reader.rule_count,
        link_targets=reader.link_targets,
        languages=reader.languages,
        unholdable=frozenset(reader.unholdable),
    )


def shown_by_adf(document: AdfDocument) -> Shown:
    """Read what a document shows; what is no node shows nothing."""
    runs: list[_Run] = []
    targets: list[str] = []
    languages: Counter[str] = Counter()
    rule_count = 0
    pending: list[tuple[Any, Surroundings]] = [(document, Surroundings())]
    while pending:
        node, around = pending.pop()
        if not isinstance(node, Mapping):
            continue
        attrs = _attrs_of(node)
        rule_count += node.get("type") == "rule"
        if node.get("type") == "codeBlock" and attrs.get("language"):
            languages[str(attrs["language"])] += 1
        inside = _inside_node(node, attrs, around)
        target = _link_target(node)
        if target is None or not targets or targets[-1] != target:
            targets.append(target or "")
        runs.extend(_runs_of(_node_text(node, attrs), inside))
        pending.extend((child, inside) for child in reversed(node.get("content") or ()))
    link_targets = Counter(target for target in targets if target)
    return Shown(
        runs=tuple(runs), rule_count=rule_count, link_targets=link_targets, languages=languages
    )


_NOTHING: Final = Shown(runs=(), rule_count=0, link_targets=Counter(), languages=Counter())


def _inside_node(node: AdfDocument, attrs: Mapping[str, Any], around: Surroundings) -> Surroundings:
    node_type = node.get("type")
    if node_type == "heading":
        return around._replace(heading_level=int(attrs.get("level") or 0))
    if node_type == "inlineCard":
        return around.with_mark("link")
    enter = _ENTER.get(_ELEMENT_OF.get(str(node_type), ""))
    if enter is not None:
        return enter(around)
    return around._replace(marks=frozenset(_mark_names(node)))


def _attrs_of(value: AdfDocument) -> Mapping[str, Any]:
    """Find the attributes; what is no mapping, as others may write it, has none."""
    attrs = value.get("attrs")
    return attrs if isinstance(attrs, Mapping) else {}


def _mark_names(node: AdfDocument) -> Iterator[str]:
    for mark in node.get("marks") or ():
        mark_type = mark.get("type")
        name = _attrs_of(mark).get("type") if mark_type == "subsup" else mark_type
        if name in _MEASURED_MARKS:
            yield name


def _link_target(node: AdfDocument) -> str | None:
    if node.get("type") == "inlineCard":
        return str(_attrs_of(node).get("url"))
    for mark in node.get("marks") or ():
        if mark.get("type") == "link":
            return str(_attrs_of(mark).get("href"))
    return None


def _node_text(node: AdfDocument, attrs: Mapping[str, Any]) -> str:
    node_type = str(node.get("type"))
    if node_type == "text":
        return str(node.get("text") or "")
    return str(attrs.get(_SHOWN_ATTRIBUTES.get(node_type, "")) or "")


def _runs_of(text: str, surroundings: Surroundings) -> Iterator[_Run]:
    seen = "".join(text.split())
    if seen:
        yield _Run(seen, surroundings)


class _PageReader:
    """One walk over the tree of a page."""

    def __init__(self) -> None:
        self.runs: list[_Run] = []
        self.rule_count = 0
        self.link_targets: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        self.unholdable: set[str] = set()

    def read(self, root: LexborNode) -> None:
        """Visit every node below the root in document order."""
        pending: list[tuple[LexborNode, Surroundings]] = [(root, Surroundings())]
        while pending:
            node, around = pending.pop()
            if node.is_text_node:
                self.runs.extend(_runs_of(node.text_content or "", around))
            if not node.is_element_node or node.tag in _UNSEEN:
                continue
            inside = self._inside_element(node, node.tag or "", around)
            pending.extend((child, inside) for child in reversed(list(_children(node))))

    def _inside_element(self, node: LexborNode, tag: str, around: Surroundings) -> Surroundings:
        if tag in _ELEMENT_MARKS:
            return around.with_mark(_ELEMENT_MARKS[tag])
        if tag == "a":
            return self._inside_link(node, around)
        if tag == "img":
            self._note_image(node, around)
        self._note_unholdable(tag, around)
        enter = _ENTER.get(tag)
        if tag == "pre":
            self._note_language(node)
        self.rule_count += tag == "hr"
        return enter(around) if enter is not None else around

    def _inside_link(self, node: LexborNode, around: Surroundings) -> Surroundings:
        href = node.attributes.get("href")
        if "href" not in node.attributes:
            return around
        if href and node.text(strip=True) and not around.is_in_code_block:
            self.link_targets[href] += 1
        return around.with_mark("link")

    def _note_image(self, node: LexborNode, around: Surroundings) -> None:
        alternative = "".join((node.attributes.get("alt") or "").split())
        address = "".join((node.attributes.get("src") or "").split())
        self.runs.append(_Run(alternative, around, address))

    def _note_language(self, node: LexborNode) -> None:
        for child in _children(node):
            for name in (child.attributes.get("class") or "").split():
                if name.startswith("language-") and child.tag == "code" and child.text(strip=True):
                    self.languages[name.removeprefix("language-")] += 1

    def _note_unholdable(self, tag: str, around: Surroundings) -> None:
        if tag == "blockquote" and around.list_depth:
            self.unholdable.add("a quote in a list item")
        elif tag == "blockquote" and around.quote_depth:
            self.unholdable.add("a quote in a quote")
        elif tag in _HEADINGS and (around.list_depth or around.quote_depth):
            self.unholdable.add("a heading in a quote or a list item")
        elif tag == "hr" and around.list_depth:
            self.unholdable.add("a rule in a list item")
        elif tag == "table" and (around.list_depth or around.quote_depth):
            self.unholdable.add("a table in a quote or a list item")
        elif tag == "table" and (around.is_in_cell or around.is_in_header_cell):
            self.unholdable.add("a table in a table")


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def _without_images(page: Shown) -> Iterator[Shown]:
    """Give each way in which the images of a page may be shown."""
    if not any(run.image_address is not None for run in page.runs):
        yield page
        return
    for text_of in _IMAGE_TEXTS:
        for is_linked in (False, True):
            runs = [_image_as_text(run, text_of(run), is_linked=is_linked) for run in page.runs]
            yield replace(page, runs=tuple(run for run in runs if run.text))


def _image_as_text(run: _Run, text: str, *, is_linked: bool) -> _Run:
    if run.image_address is None:
        return run
    around = run.surroundings
    return _Run(text, around.with_mark("link") if is_linked else around)


_IMAGE_TEXTS: Final[tuple[Callable[[_Run], str], ...]] = (
    lambda _: "",
    lambda run: run.text,
    lambda run: run.text or run.image_address or "",
    lambda run: run.image_address or "",
)
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}


def _enter_heading(level: int) -> Callable[[Surroundings], Surroundings]:
    return lambda around: around._replace(heading_level=level)


_ENTER: Final[dict[str, Callable[[Surroundings], Surroundings]]] = {
    **{tag: _enter_heading(level) for tag, level in _HEADINGS.items()},
    "blockquote": lambda around: around._replace(quote_depth=around.quote_depth + 1),
    "pre": lambda around: around._replace(is_in_code_block=True),
    "th": lambda around: around._replace(is_in_header_cell=True),
    "td": lambda around: around._replace(is_in_cell=True),
    **dict.fromkeys(
        ("ul", "ol", "menu"), lambda around: around._replace(list_depth=around.list_depth + 1)
    ),
}

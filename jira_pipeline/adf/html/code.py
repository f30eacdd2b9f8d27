"""Blocks of code and their languages.

Belongs here: collecting code as it is, and every usual way of naming its language. Does not: code
inside a line of text (`elements`).
"""

import re
from typing import Final

from selectolax.lexbor import LexborNode

from jira_pipeline.adf.html.reading import Attributes, first_element, says_only_numbers
from jira_pipeline.adf.html.styles import declarations_of
from jira_pipeline.adf.html.walk import LEAVE_OUT, TEXT, Close, HtmlWalk, Opening
from jira_pipeline.adf.nodes import AdfNode

_PREFORMATTED: Final = ("pre", "listing", "xmp", "plaintext")
_PREFIXES: Final = (
    "language-", "lang-", "highlight-source-", "highlight-text-", "geshifilter-", "brush-",
)  # fmt: skip
_COMPANIONS: Final = frozenset({"hljs", "sourcecode", "prettyprint", "syntax"})
"""Classes that come with the language as a word of its own."""
_NOISE: Final = frozenset(
    {"numbersource", "numberlines", "linenums", "copyable", "highlight", "notranslate", "code",
     "prettyprinted", "wraplines", "line-numbers"}
)  # fmt: skip
_PARTS_OF_CODE: Final = frozenset(
    {"block", "toolbar", "wrapper", "highlight", "view", "body", "content", "snippet", "container"}
)
_BRUSH: Final = re.compile(r"brush:\s*([\w+#.-]+)", re.IGNORECASE)
_NAMED_BY: Final = ("data-language", "data-lang", "data-code-language", "data-code-lang")
_NO_LANGUAGE: Final = frozenset({"none", "nohighlight", "auto", "default"})
_HUMAN_LANGUAGE: Final = re.compile(r"en|[a-z]{2}-[a-z]{2}", re.IGNORECASE)
_PARENTS = 3
_LINES: Final = frozenset(
    {"p", "div", "section", "article", "li", "tr", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_UNSEEN: Final = frozenset({"script", "style", "template", "noembed", "noframes"})
_LINE_NUMBERS: Final = frozenset({"linenos", "gutter", "line-numbers-rows", "lineno", "linenumber"})
_MONOSPACE: Final = re.compile(r"monospace|consolas|courier|menlo|monaco|jetbrains mono|fira code")


def open_code_block(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Put the text of an element into the document as code, its white space as it is."""
    add_code(walk, _code_in(node), _language_of(node, attributes))
    return LEAVE_OUT


def add_code(walk: HtmlWalk, code: str, language: str | None) -> None:
    """Put code into the document; a newline at its end is part of the markup."""
    code = code.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    if not code:
        return
    block: AdfNode = {"type": "codeBlock"}
    if language:
        block["attrs"] = {"language": language}
    block["content"] = [{"type": "text", "text": code}]
    walk.builder.add_block(block)


def open_pasted_code(walk: HtmlWalk, node: LexborNode, attributes: Attributes) -> Close:
    """Read a box that a code editor copied, one line in each box inside, as code."""
    return open_code_block(walk, node, attributes)


def is_pasted_code(attributes: Attributes) -> bool:
    """Tell whether the style of a box is the one code editors copy with."""
    style = attributes.get("style") or ""
    if "white-space" not in style or "font-family" not in style:
        return False
    declared = declarations_of(style)
    return declared.get("white-space") == "pre" and bool(
        _MONOSPACE.search(declared.get("font-family", ""))
    )


def _code_in(root: LexborNode) -> str:
    """Collect code; boxes inside it are lines, and line numbers are left out."""
    code: list[str] = []
    open_elements: list[LexborNode] = []
    node = root.first_child
    while node is not None:
        child = None
        if node.tag == TEXT:
            code.append(node.text_content or "")
        elif node.is_element_node:
            # Read an element inside code; the answer is the child to go on with.
            tag = node.tag
            if tag == "br":
                code.append("\n")
            elif tag == "img":
                code.append(node.attributes.get("alt") or "")
            child = None if tag in _UNSEEN or _is_line_number(node) else node.first_child
        if child is not None:
            open_elements.append(node)
            node = child
            continue
        following = node.next
        while following is None and open_elements:
            node = open_elements.pop()
            if node.tag in _LINES and code and not code[-1].endswith("\n"):
                code.append("\n")
            following = node.next
        node = following
    return "".join(code)


def _is_line_number(node: LexborNode) -> bool:
    attributes = node.attributes
    names = (attributes.get("class") or "").lower().split() if attributes else ()
    return not _LINE_NUMBERS.isdisjoint(names) and says_only_numbers(node)


def _language_of(node: LexborNode, attributes: Attributes) -> str | None:
    """Find the language of a code block on it, on the code inside or on the boxes around it."""
    inner = first_element(node)
    candidates: list[Attributes] = (
        [inner.attributes] if inner is not None and inner.tag == "code" else []
    )
    candidates.append(attributes)
    for candidate in candidates:
        named = candidate.get("lang") or ""
        if named and not _HUMAN_LANGUAGE.fullmatch(named):
            return named
    parent = node.parent
    for _ in range(_PARENTS):
        if parent is None or parent.tag not in {"div", "figure", "code", "td", "span"}:
            break
        candidates.append(parent.attributes)
        parent = parent.parent
    for candidate in candidates:
        # Find a language on one element.
        if not candidate:
            language = None
        else:
            language = _language_of_classes(candidate.get("class") or "")
            settings = candidate.get("data-syntaxhighlighter-params")
            if language is None and settings:
                match = _BRUSH.search(settings)
                language = match.group(1) if match else None
            if language is None:
                language = next(
                    (candidate[name] for name in _NAMED_BY if candidate.get(name)), None
                )
            language = language if language and language.lower() not in _NO_LANGUAGE else None
        if language is not None:
            return language
    return None


def _language_of_classes(written: str) -> str | None:
    match = _BRUSH.search(written)
    if match:
        return match.group(1)
    names = written.split()
    prefixed = (_without_prefix(name, is_alone=len(names) == 1) for name in names)
    language = next((rest for rest in prefixed if rest), None)
    if language is not None or _COMPANIONS.isdisjoint(name.lower() for name in names):
        return language
    words = (n for n in names if n.lower() not in _COMPANIONS | _NOISE and "-" not in n)
    return next(words, None)


def _without_prefix(name: str, *, is_alone: bool) -> str | None:
    """Find the language in one class such as `language-php`."""
    for prefix in _PREFIXES:
        if name.lower().startswith(prefix):
            return name[len(prefix) :]
    family, _, rest = name.partition("-")
    if family == "highlight" and rest not in _PARTS_OF_CODE:
        return rest
    if family == "code" and is_alone and rest not in _PARTS_OF_CODE:
        return rest
    return None


CODE: Final[dict[str, Opening]] = dict.fromkeys(_PREFORMATTED, open_code_block)

"""How exactly the CommonMark 0.31.2 examples arrive in ADF: `python -m benchmarks adf_commonmark`.

*Text*: the same characters in the same order, white space aside. *Structure*: the same rules and
the same characters, each with its marks and with the headings, quotes, lists, cells and code it is
in; code excludes other marks but a link, as ADF demands. The page is read by code that shares
nothing with the converter. No ADF holds 20 of the examples (a quote in a list item and the like).
"""

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.jira.adf import LinkPolicy, html_to_adf, markdown_to_adf, validate_adf

PACKAGE: Final = "commonmark-spec@0.31.2"
FOLDER: Final = Path.home() / ".cache" / "jira_pipeline_benchmarks" / "npm" / "commonmark-spec"
EVERY_LINK: Final = LinkPolicy(
    schemes=frozenset(
        {"http", "https", "mailto", "ftp", "irc", "foo", "a+b+c", "made-up-scheme", "localhost"}
    ),
    is_relative_allowed=True,
)
"""The examples link to /url and to schemes of their own."""

_EXAMPLE = re.compile(r"^`{32} example\n([\s\S]*?)^\.\n([\s\S]*?)^`{32}$", re.MULTILINE)
_CHECKED = frozenset({"strong", "em", "strike", "code", "link"})
_MARKS: Final = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "del": "strike",
    "code": "code",
}
_PLACES: Final = {
    **{f"h{level}": f"h{level}" for level in range(1, 7)},
    **dict.fromkeys(("ul", "ol", "bulletList", "orderedList"), "list"),
    "codeBlock": "pre", "tableHeader": "th", "tableCell": "td", "blockquote": "blockquote",
    "pre": "pre", "th": "th", "td": "td",
}  # fmt: skip

Around: TypeAlias = tuple[str, ...]
Run: TypeAlias = tuple[str, Around]


class Example(NamedTuple):
    """One piece of Markdown and the HTML that it means."""

    number: int
    markdown: str
    html: str


class Outcome(NamedTuple):
    """How one conversion did."""

    is_valid: bool
    has_text: bool
    has_structure: bool
    is_holdable: bool


def main() -> None:
    """Print a line for the HTML side and one for the Markdown side."""
    if not (FOLDER / "node_modules").exists():
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run([*command, "--prefix", str(FOLDER), PACKAGE], check=True, timeout=600)
    examples = commonmark_examples()
    for side, convert in (("HTML", html_to_adf), ("Markdown", markdown_to_adf)):
        outcomes = [
            judge(e, convert, source=e.html if side == "HTML" else e.markdown) for e in examples
        ]
        holdable = [outcome for outcome in outcomes if outcome.is_holdable]
        print(
            f"From {side}: {sum(o.is_valid for o in outcomes)} of {len(outcomes)} valid, text of "
            f"{sum(o.has_text for o in outcomes)}, structure of "
            f"{sum(o.has_structure for o in holdable)} of {len(holdable)} that ADF can hold."
        )


def commonmark_examples() -> list[Example]:
    """Read the examples of the specification, numbered as there."""
    path = FOLDER / "node_modules" / "commonmark-spec" / "spec.txt"
    pairs = _EXAMPLE.findall(path.read_text(encoding="utf-8").replace("→", "\t"))
    return [Example(number, *pair) for number, pair in enumerate(pairs, start=1)]


def judge(example: Example, convert: Callable[..., dict[str, Any]], *, source: str) -> Outcome:
    """Convert one side of an example and compare with its page."""
    body = LexborHTMLParser(example.html).body
    page = list(_runs_of_page(body, ())) if body is not None else []
    document = convert(source, links=EVERY_LINK)
    made = list(_runs_of_document(document, ()))
    return Outcome(
        is_valid=not validate_adf(convert(source)),
        has_text=_text(page) == _text(made),
        has_structure=_glyphs(page) == _glyphs(made),
        is_holdable=not any(_is_unholdable(around) for _, around in page),
    )


def _text(runs: list[Run]) -> str:
    return "".join(text for text, around in runs if around[-1:] != ("rule",))


def _glyphs(runs: list[Run]) -> Counter[tuple[str, Around]]:
    """Count characters with what they are in, as ADF allows it."""
    counts: Counter[tuple[str, Around]] = Counter()
    for text, around in runs:
        excluded = (
            _CHECKED
            if "pre" in around
            else {"strong", "em", "strike"}
            if "code" in around
            else set()
        )
        kept = {name for name in around if name in _CHECKED and name not in excluded}
        places = [name for name in around if name not in _CHECKED]
        counts.update((sign, (*sorted(kept), *sorted(places))) for sign in text)
    return counts


def _is_unholdable(around: Around) -> bool:
    """Tell whether a quote, heading or rule is in a list or a quote."""
    outer = set[str]()
    for name in around:
        if (name == "blockquote" or name[0] == "h") and outer & {"list", "blockquote"}:
            return True
        if name == "rule" and "list" in outer:
            return True
        outer.add(name)
    return False


def _runs_of_page(node: LexborNode, around: Around) -> Iterator[Run]:
    tag, attributes = node.tag or "", node.attributes
    if node.is_text_node:
        yield "".join((node.text_content or "").split()), around
    elif tag == "hr":
        yield "-", (*around, "rule")
    elif tag == "img":
        shown = attributes.get("alt") or attributes.get("src") or ""
        yield "".join(shown.split()), (*around, "link")
    elif node.is_element_node and tag not in {"script", "style", "template", "iframe"}:
        name = (
            "link" if tag == "a" and "href" in attributes else _MARKS.get(tag) or _PLACES.get(tag)
        )
        child = node.first_child
        while child is not None:
            yield from _runs_of_page(child, (*around, name) if name else around)
            child = child.next


def _runs_of_document(node: Mapping[str, Any], around: Around) -> Iterator[Run]:
    kind = node["type"]
    if kind == "text":
        yield "".join(node["text"].split()), (*around, *(m["type"] for m in node.get("marks", ())))
    elif kind == "rule":
        yield "-", (*around, "rule")
    place = f"h{node['attrs']['level']}" if kind == "heading" else _PLACES.get(kind)
    for child in node.get("content", ()):
        yield from _runs_of_document(child, (*around, place) if place else around)


if __name__ == "__main__":
    main()

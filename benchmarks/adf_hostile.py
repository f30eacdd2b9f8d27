"""Time for Markdown and HTML made to be slow, at two sizes: four times the text, four times the time.

`python -m benchmarks.adf_hostile`. A quadratic converter would show ratios near 16. What a limit
refuses is shown with its message; refusing must be fast as well.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from jira_pipeline.adf import AdfLimitError, html_to_adf, markdown_to_adf

SMALL: Final = 25_000
LARGE: Final = 100_000
LARGEST: Final = 10_000_000
_MESSAGE_LENGTH = 60

Shape = Callable[[int], str]


def _repeated(unit: str) -> Shape:
    return lambda length: unit * (length // len(unit))


MARKDOWN_SHAPES: Final[dict[str, Shape]] = {
    **{f"{unit!r} repeated": _repeated(unit) for unit in (
        "[", "![", "*", "*a **a ", "*[", "[![a](b)](", "[a](", "[a][", "`a``", "<a ", "<!--", "&a",
        "[\n", "- a\n", "- a\n\n  b\n\n", "-|-\n", "|a", '[a]: b "c\n', "a\n\n", "<b>\n\n", "word ",
        "_a_ ", "> a\n", "`", "\\",
    )},
    "brackets in brackets": lambda length: "[" * (length // 2) + "]" * (length // 2),
    "more and more backticks": lambda length: "".join(
        f"e{'`' * count}" for count in range(int((2 * length) ** 0.5))
    ),
    "a wide table with short rows": lambda length: "|a" * (length // 8) + "\n" + "|-" * (length // 8)
    + "\n" + "|x\n" * (length // 6),
    "an address used often": lambda length: f"[a]: /{'x' * (length // 2)}\n\n"
    + "[a]\n" * (length // 8),
    "quotes 5 deep over many lines": lambda length: "> > > > > a\n" + "b\n" * (length // 2),
    "quotes 60 deep over many lines": lambda length: "> " * 60 + "a\n" + "b\n" * (length // 2),
    "quotes in quotes": _repeated("> "),
    "lists in lists": lambda length: "- " * (length // 2) + "a",
    "lists in lists, line by line": lambda length: "".join(
        f"{'  ' * depth}- a\n" for depth in range(int(length**0.5))
    ),
}  # fmt: skip
HTML_SHAPES: Final[dict[str, Shape]] = {
    **{f"{unit!r} repeated": _repeated(unit) for unit in (
        "<p>", "<b>", "<div>", "<b><p>", "<a href=x>", "<ul><li>", "<table><tr><td>", "</p>", "<",
        "<h1>a</h1><hr>", "<blockquote>", "<details>", "<pre>a</pre>", "&amp;", "a<br>", "<td>a",
    )},
    "attributes": lambda length: f"<p {'a=b ' * (length // 4)}>x",
    "different fonts, reopened": lambda length: "".join(
        f"<font size={number}><p>" for number in range(length // 18)
    ),
    "quotes in lists in quotes": _repeated("<blockquote><ul><li>"),
}  # fmt: skip


def main(arguments: Sequence[str] = ()) -> None:
    """Print seconds and the ratio of the two sizes, and what 10 MB of prose take."""
    del arguments
    console = Console(width=130)
    console.print(_table("Markdown made to be slow", MARKDOWN_SHAPES, markdown_to_adf))
    console.print(_table("HTML made to be slow", HTML_SHAPES, html_to_adf))
    prose = _repeated("Some *prose* of a [ticket](https://a.example).\n\n")(LARGEST)
    print(f"{len(prose) / 1e6:.1f} MB of Markdown: {_measured(markdown_to_adf, prose)[0]:.1f} s")
    html = _repeated("<p>Some <i>prose</i> of a <b>ticket</b>.</p>\n")(LARGEST)
    print(f"{len(html) / 1e6:.1f} MB of HTML: {_measured(html_to_adf, html)[0]:.1f} s")


def _table(title: str, shapes: dict[str, Shape], convert: Callable[[str], object]) -> Table:
    table = Table(title=title)
    table.add_column("shape")
    for column in (f"s, {SMALL:,} characters", f"s, {LARGE:,}", "ratio"):
        table.add_column(column, justify="right")
    table.add_column("refused")
    for name, shape in shapes.items():
        small_seconds, _ = _measured(convert, shape(SMALL))
        large_seconds, message = _measured(convert, shape(LARGE))
        ratio = large_seconds / max(small_seconds, 0.001)
        table.add_row(
            name.replace("\\", "\\\\").replace("[", "\\["),
            f"{small_seconds:.3f}",
            f"{large_seconds:.3f}",
            f"{ratio:.1f}" if not message else "",
            message[:_MESSAGE_LENGTH],
        )
    return table


def _measured(convert: Callable[[str], object], source: str) -> tuple[float, str]:
    message = ""
    started_at = time.process_time()
    try:
        convert(source)
    except AdfLimitError as refusal:
        message = str(refusal)
    return time.process_time() - started_at, message


if __name__ == "__main__":
    main()

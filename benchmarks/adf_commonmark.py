"""How exactly the CommonMark 0.31.2 examples arrive in ADF: `python -m benchmarks.adf_commonmark`.

Each row is one converter over the same 652 examples in the same run; the columns are those of
`adf_measure`. No ADF holds 20 of the examples (a quote in a list item and the like, found by
`adf_measure`): of the other 632 is the column that matters, of the 20 only the text can be right.
`--failures` prints the examples that our converters got wrong.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.adf_corpora import Example, commonmark_examples, is_schema_valid
from benchmarks.adf_measure import Outcome, Shown, judge, shown_by_html
from benchmarks.adf_peers.catalogue import HTML_PEERS, MARKDOWN_PEERS, Peer, started
from benchmarks.packages import PackageUnavailableError
from jira_pipeline.adf import AdfNode, LinkPolicy, html_to_adf
from jira_pipeline.adf.from_markdown import markdown_to_adf

EVERY_LINK: Final = LinkPolicy(schemes=None, is_relative_allowed=True)
# The examples link to /url and to schemes of their own; the default keeps what is safe in Jira.
_TIMEOUT_SECONDS = 20.0
_WIDTH = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One example and how its conversion did."""

    example: Example
    page: Shown
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One of both ways into ADF."""

    title: str
    source_of: Callable[[Example], str]
    convert: Callable[[str], AdfNode]
    peers: tuple[Peer, ...]

    def convert_example(self, example: Example) -> AdfNode:
        """Convert the side of an example that this is about."""
        return self.convert(self.source_of(example))


def main(arguments: Sequence[str] = ()) -> None:
    """Print a table for the HTML side and one for the Markdown side."""
    options = _options(arguments)
    try:
        examples = commonmark_examples()
    except PackageUnavailableError as reason:
        print(f"Not measured: the CommonMark examples could not be fetched ({reason}).")
        return
    for side in (_HTML, _MARKDOWN):
        _print_side(side, examples, f"CommonMark 0.31.2, from {side.title}", options)


def print_html_side(examples: Sequence[Example], title: str, arguments: Sequence[str]) -> None:
    """Print the same table for other HTML."""
    _print_side(_HTML, examples, title, _options(arguments))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--failures", action="store_true", help="print what we got wrong")
    parser.add_argument("--ours", action="store_true", help="leave out the converters of others")
    return parser.parse_args(arguments)


def _print_side(
    side: _Side, examples: Sequence[Example], title: str, options: argparse.Namespace
) -> None:
    pages = {example.number: shown_by_html(example.html) for example in examples}
    _print_unholdable(pages.values())
    judged = judge_all(examples, pages, side.convert_example)
    table = new_table(title)
    add_row(table, "jira_pipeline.adf", judged)
    for peer in () if options.ours else side.peers:
        _add_peer(table, peer, side, examples, pages)
    Console(width=_WIDTH).print(table)
    if options.failures:
        print_failures(judged, shown=side.source_of)


def judge_all(
    examples: Iterable[Example],
    pages: dict[int, Shown],
    convert: Callable[[Example], AdfNode | None],
) -> list[Judged]:
    """Convert every example and judge what came out."""
    judged: list[Judged] = []
    for example in examples:
        document = convert(example)
        is_valid = document is not None and is_schema_valid(document)
        outcome = judge(pages[example.number], document, is_valid=is_valid)
        judged.append(Judged(example=example, page=pages[example.number], outcome=outcome))
    return judged


def new_table(title: str) -> Table:
    """Make a table with the columns of the measure."""
    table = Table(title=title)
    table.add_column("converter")
    for column in ("valid", "text", "all three", "of the holdable", "text of the others"):
        table.add_column(column, justify="right")
    table.add_column("links kept", justify="right")
    table.add_column("languages kept", justify="right")
    return table


def add_row(table: Table, name: str, judged: Sequence[Judged]) -> None:
    """Write what one converter did."""
    holdable = [j for j in judged if not j.page.unholdable]
    others = [j for j in judged if j.page.unholdable]
    outcomes = [j.outcome for j in judged]
    table.add_row(
        name,
        _share(sum(o.is_valid for o in outcomes), len(outcomes)),
        _share(sum(o.is_text_exact for o in outcomes), len(outcomes)),
        _share(sum(o.is_exact for o in outcomes), len(outcomes)),
        _share(sum(j.outcome.is_exact for j in holdable), len(holdable)),
        _count(sum(j.outcome.is_text_exact for j in others), len(others)),
        _count(sum(o.kept_link_count for o in outcomes), sum(o.link_count for o in outcomes)),
        _count(
            sum(o.kept_language_count for o in outcomes), sum(o.language_count for o in outcomes)
        ),
    )


def print_failures(judged: Iterable[Judged], *, shown: Callable[[Example], str]) -> None:
    """List the examples that are not exact though ADF could hold them, or lost a link."""
    for one in judged:
        outcome = one.outcome
        faults = [
            name
            for name, is_right in (
                ("not valid", outcome.is_valid),
                ("text differs", outcome.is_text_exact),
                ("structure differs", outcome.is_structure_exact or bool(one.page.unholdable)),
                ("link lost", outcome.kept_link_count == outcome.link_count),
                ("language lost", outcome.kept_language_count == outcome.language_count),
            )
            if not is_right
        ]
        if faults:
            print(f"{one.example.number}: {', '.join(faults)}: {shown(one.example)!r}")


def _add_peer(
    table: Table,
    peer: Peer,
    side: _Side,
    examples: Sequence[Example],
    pages: dict[int, Shown],
) -> None:
    try:
        with started(peer) as process:

            def convert(example: Example) -> AdfNode | None:
                source = side.source_of(example)
                return process.convert(source, timeout_seconds=_TIMEOUT_SECONDS).document

            add_row(table, peer.name, judge_all(examples, pages, convert))
    except PackageUnavailableError as reason:
        table.add_row(peer.name, f"not installed: {reason}")


def _our_html(html: str) -> AdfNode:
    return html_to_adf(html, links=EVERY_LINK)


def _our_markdown(markdown: str) -> AdfNode:
    return markdown_to_adf(markdown, links=EVERY_LINK)


def _print_unholdable(pages: Iterable[Shown]) -> None:
    reasons = Counter(reason for page in pages for reason in sorted(page.unholdable)[:1])
    listed = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    print(f"No ADF holds {reasons.total()} examples: {listed}.")


_HTML: Final = _Side(
    title="HTML",
    source_of=lambda example: example.html,
    convert=_our_html,
    peers=HTML_PEERS,
)
_MARKDOWN: Final = _Side(
    title="Markdown",
    source_of=lambda example: example.markdown,
    convert=_our_markdown,
    peers=MARKDOWN_PEERS,
)


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else "–"


def _count(count: int, total: int) -> str:
    return f"{count}/{total}"


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])

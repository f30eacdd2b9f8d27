"""How fast HTML and Markdown become ADF: `python -m benchmarks.adf_speed`.

The floor is what no converter written in Python can leave out, measured in the same rounds: parse
the HTML, visit every node of the tree once and read its tag or its text, allocate the nodes of the
result, write them as JSON. Ours are shown as multiples of it, with the JSON written as well.
The converters of others compare with "convert": they hand over the document, not its JSON.
CPU seconds of the conversion alone, medians of interleaved rounds; a converter that takes too long
for its rounds is measured once. `--profile` shows where our time goes.
"""

import argparse
import cProfile
import gc
import pstats
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Final

from rich.console import Console
from rich.table import Table
from selectolax.lexbor import LexborHTMLParser, LexborNode

from benchmarks.adf_corpora import is_schema_valid, official_schema
from benchmarks.adf_peers.catalogue import HTML_PEERS, MARKDOWN_PEERS, Peer, started
from benchmarks.adf_peers.processes import PeerProcess
from benchmarks.adf_tickets import ticket_html
from benchmarks.packages import PackageUnavailableError
from jira_pipeline.adf import (
    AdfNode,
    adf_to_markdown,
    compact_json,
    html_to_adf,
    markdown_to_adf,
    validate_adf,
)

SOURCE_BYTES: Final = 1_000_000
_ROUNDS = 7
_PEER_ROUNDS = 5
_SLOW_SECONDS = 2.0
_TIMEOUT_SECONDS = 180.0
_PROFILE_LINES = 25
_INVALID_DEPTH = 40
_BYTES_PER_MEGABYTE = 1_000_000

Work = Callable[[], object]


def main(arguments: Sequence[str] = ()) -> None:
    """Print the tables, or the profile."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--profile", action="store_true", help="show where our time goes")
    parser.add_argument("--ours", action="store_true", help="leave out the converters of others")
    options = parser.parse_args(arguments)
    html = ticket_html(SOURCE_BYTES)
    if options.profile:
        _print_profile(html)
        return
    peers = () if options.ours else HTML_PEERS
    markdown = adf_to_markdown(html_to_adf(html))
    console = Console(width=120)
    console.print(_html_table(html, peers))
    console.print(_markdown_table(markdown, () if options.ours else MARKDOWN_PEERS))
    console.print(_validation_table(html_to_adf(html)))


def _html_table(html: str, peers: Iterable[Peer]) -> Table:
    document = html_to_adf(html)
    steps: dict[str, Work] = {
        "parse": lambda: LexborHTMLParser(html),
        "parse and walk": lambda: _walk(LexborHTMLParser(html)),
        "allocate": lambda: _uncollected(lambda: _allocated(document)),
        "write": lambda: compact_json(document),
        "convert": lambda: html_to_adf(html),
        "convert and write": lambda: compact_json(html_to_adf(html)),
        "convert, validate and write": lambda: _converted_and_validated(html),
    }
    seconds = median_seconds(steps, rounds=_ROUNDS)
    floor_seconds = seconds["parse and walk"] + seconds["allocate"] + seconds["write"]
    table = _new_table(f"HTML of tickets, {len(html) / _BYTES_PER_MEGABYTE:.2f} MB", "floor")
    for name, taken in (("the floor", floor_seconds), *seconds.items()):
        _add_row(table, name, taken, length=len(html), unit_seconds=floor_seconds)
    _add_peers(table, peers, html, unit_seconds=floor_seconds)
    return table


def _markdown_table(markdown: str, peers: Iterable[Peer]) -> Table:
    ours = median_seconds({"convert": lambda: markdown_to_adf(markdown)}, rounds=_PEER_ROUNDS)[
        "convert"
    ]
    size = len(markdown) / _BYTES_PER_MEGABYTE
    table = _new_table(f"The same tickets as Markdown, {size:.2f} MB", "ours")
    _add_row(table, "convert", ours, length=len(markdown), unit_seconds=ours)
    _add_peers(table, peers, markdown, unit_seconds=ours)
    return table


def _validation_table(document: AdfNode) -> Table:
    """Judge a large valid document and a deep invalid one; others stop at the first fault."""
    invalid = _invalid_list(_INVALID_DEPTH)
    works: dict[str, Work] = {
        "ours, valid": lambda: validate_adf(document, "jira"),
        "ours, whole schema, valid": lambda: validate_adf(document, "full"),
        f"ours, list {_INVALID_DEPTH} deep, invalid": lambda: validate_adf(invalid, "full"),
    }
    try:
        schema = official_schema()
    except PackageUnavailableError as reason:
        print(f"Not measured: jsonschema-rs, the schema could not be fetched ({reason}).")
    else:
        works["jsonschema-rs is_valid, valid"] = lambda: schema.is_valid(document)
        works[f"jsonschema-rs is_valid, list {_INVALID_DEPTH} deep"] = lambda: schema.is_valid(
            invalid
        )
        if not is_schema_valid(document):
            raise AssertionError("The converted document is not valid.")
    seconds = median_seconds(works, rounds=_ROUNDS)
    length = len(compact_json(document))
    table = _new_table(f"Validation, {length / _BYTES_PER_MEGABYTE:.2f} MB of JSON", "ours")
    for name, taken in seconds.items():
        is_large = "deep" not in name
        unit_seconds = seconds["ours, valid"]
        _add_row(table, name, taken, length=length if is_large else 0, unit_seconds=unit_seconds)
    return table


def median_seconds(works: Mapping[str, Work], *, rounds: int) -> dict[str, float]:
    """Do all works in each round, so that what slows the machine slows them all."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            started_at = time.process_time()
            work()
            taken[name].append(time.process_time() - started_at)
    return {name: statistics.median(values) for name, values in taken.items()}


def _add_peers(table: Table, peers: Iterable[Peer], source: str, *, unit_seconds: float) -> None:
    with ExitStack() as stack:
        processes: dict[str, PeerProcess] = {}
        for peer in peers:
            try:
                processes[peer.name] = stack.enter_context(started(peer))
            except PackageUnavailableError as reason:
                table.add_row(peer.name, f"not installed: {reason}")
        for name, taken in _peer_seconds(processes, source).items():
            if isinstance(taken, str):
                table.add_row(name, taken)
            else:
                _add_row(table, name, taken, length=len(source), unit_seconds=unit_seconds)


def _peer_seconds(processes: Mapping[str, PeerProcess], source: str) -> dict[str, float | str]:
    """Take the median of interleaved rounds of each peer; what is slow goes once."""
    taken: dict[str, list[float]] = {name: [] for name in processes}
    failed: dict[str, str] = {}
    for _ in range(_PEER_ROUNDS):
        for name, process in processes.items():
            if name in failed or (taken[name] and taken[name][0] > _SLOW_SECONDS):
                continue
            answer = process.convert(source, timeout_seconds=_TIMEOUT_SECONDS)
            if answer.document is None:
                failed[name] = answer.error
            taken[name].append(answer.seconds)
    return {name: failed.get(name) or statistics.median(values) for name, values in taken.items()}


def _walk(page: LexborHTMLParser) -> int:
    """Visit every node as a converter must: its tag, or its text."""
    body = page.body
    node: LexborNode | None = body.first_child if body is not None else None
    open_nodes: list[LexborNode] = []
    length = 0
    while node is not None:
        length += len(node.text_content or "") if node.tag == "-text" else 1
        child = node.first_child
        if child is not None:
            open_nodes.append(node)
            node = child
            continue
        following = node.next
        while following is None and open_nodes:
            following = open_nodes.pop().next
        node = following
    return length


def _allocated(document: AdfNode) -> AdfNode:
    """Make every node of a document anew, out of texts that are there."""
    copy: AdfNode = {"type": "doc", "version": 1, "content": []}
    pending = [(document, copy)]
    while pending:
        source, target = pending.pop()
        content = target["content"]
        for child in source["content"]:
            made = dict(child)
            content.append(made)
            if "marks" in child:
                made["marks"] = [dict(mark) for mark in child["marks"]]
            if "content" in child:
                made["content"] = []
                pending.append((child, made))
    return copy


def _uncollected(work: Work) -> None:
    """Do without the collector of cycles, which the floor must not contain."""
    gc.disable()
    try:
        work()
    finally:
        gc.enable()


def _converted_and_validated(html: str) -> str:
    document = html_to_adf(html)
    if validate_adf(document):
        raise AssertionError("The converted document is not valid.")
    return compact_json(document)


def _invalid_list(depth: int) -> AdfNode:
    """Nest lists, with an empty text in the innermost: what schema validators take worst."""
    node: AdfNode = {"type": "paragraph", "content": [{"type": "text", "text": ""}]}
    for _ in range(depth):
        node = {"type": "bulletList", "content": [{"type": "listItem", "content": [node]}]}
    return {"version": 1, "type": "doc", "content": [node]}


def _new_table(title: str, unit: str) -> Table:
    table = Table(title=title)
    table.add_column("what")
    table.add_column("ms", justify="right")
    table.add_column("ms per MB", justify="right")
    table.add_column(f"of {unit}", justify="right")
    return table


def _add_row(table: Table, name: str, seconds: float, *, length: int, unit_seconds: float) -> None:
    per_megabyte = f"{1000 * seconds / length * _BYTES_PER_MEGABYTE:,.1f}" if length else ""
    ratio = seconds / unit_seconds
    shown_ratio = f"{ratio:,.2f} ×" if ratio < 10 else f"{ratio:,.0f} ×"  # noqa: PLR2004 - digits
    table.add_row(name, f"{1000 * seconds:,.1f}", per_megabyte, shown_ratio)


def _print_profile(html: str) -> None:
    profile = cProfile.Profile()
    profile.enable()
    _converted_and_validated(html)
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(_PROFILE_LINES)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])

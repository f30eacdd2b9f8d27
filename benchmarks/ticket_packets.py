"""Packets for people who read tickets: each a ticket's prose and the rows behind it, nothing else.

    python -m benchmarks ticket_packets --seed N --sites yale,mass --count 40 --out FOLDER

Draws tickets of sites as their sheets are and as new (X blank) by a seed: half of them views, at
most a fifth updates, every kind present. Writes `packet_01.md` …, and `drawn.json` for whoever
compares: which ticket each packet shows, and its prose. With `--prose FILE`, such a file with other
prose, the same tickets are written as somebody else words them. No packet has the number of a
ticket or the name of a writer.

Source: the instruction for reading tickets in the shared data, items 1 and 2.
"""

import argparse
import itertools
import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

from benchmarks.specifications import read_site, site_folder
from jira_pipeline.jira.adf import adf_to_markdown, nodes as adf
from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.model.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline_tests.tickets.documents.made_tickets import (
    MadeTicket,
    render_whole_document,
    tickets_for,
)

PROSE = ("User story", "Analysis", "Questions for the specification", "Verification")
"""Headings of the body under which people write."""
UPDATES_SHARE = 5
"""One in so many at most."""
_DISTINCT_NAME = re.compile(r"\w+[\s_]\w")
"""Of several words: a name of one word means other things too."""


class Origin(NamedTuple):
    """Which ticket it is: `mass`, as new, `view:archive`."""

    site: str
    is_as_new: bool
    group_key: str


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks ticket_packets")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--sites", default="yale,mass")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--prose", type=Path, help="a drawn.json with other prose")
    own = itertools.dropwhile(lambda word: not word.startswith("-"), sys.argv[1:])
    options = parser.parse_args([*own])
    sites = options.sites.split(",")
    if options.out is None or (options.seed is None and options.prose is None):
        print("Skipped: it needs --out FOLDER, and --seed N or --prose FILE.")
        return
    if absent := [site for site in sites if not site_folder(site).is_dir()]:
        print(f"Skipped: no sheets of {', '.join(absent)} in ../shared/data.")
        return
    options.out.mkdir(parents=True, exist_ok=True)
    if options.prose:
        given = json.loads(options.prose.read_text(encoding="utf-8"))
        written = {Origin(*entry["origin"]): entry["parts"] for entry in given}
        chosen = list(written)
    else:
        pool = [
            Origin(site, is_as_new, key)
            for site in sites
            for is_as_new in (False, True)
            for key in _tickets(site, is_as_new)
        ]
        groups = {o: _tickets(o.site, o.is_as_new)[o.group_key].group for o in pool}
        chosen = drawn(groups, count=options.count, seed=options.seed)
        written = {}
    index = []
    for number, origin in enumerate(chosen, start=1):
        made = _tickets(origin.site, origin.is_as_new)[origin.group_key]
        made = made.saying(**written.get(origin, {}))
        name = f"packet_{number:02}.md"
        (options.out / name).write_text(packet_of(made), encoding="utf-8")
        parts = asdict(made.ticket.revision.parts)
        index.append({"packet": name, "title": made.group.title, "origin": origin, "parts": parts})
    drawing = json.dumps(index, ensure_ascii=False, indent=1)
    (options.out / "drawn.json").write_text(drawing, encoding="utf-8")
    print(f"{len(chosen)} packets of {options.sites} by seed {options.seed} in {options.out}")


@cache
def _tickets(site: str, is_as_new: bool) -> Mapping[str, MadeTicket]:  # noqa: FBT001 - cached
    specification = read_site(site_folder(site), is_as_new=is_as_new)
    return {made.group.key: made for made in tickets_for(specification)}


def drawn(groups: Mapping[Origin, EntityGroup], *, count: int, seed: int) -> list[Origin]:
    """Draw tickets: one of each kind, then views to the half of them, then others; mixed.

    No ticket is drawn in both forms of its site.
    """
    chance = random.Random(seed)  # noqa: S311 - a draw that can be repeated
    pool = sorted(groups)
    chance.shuffle(pool)
    chosen: list[Origin] = []

    def take(wanted: int, kinds: Sequence[GroupKind]) -> None:
        taken = {(origin.site, origin.group_key) for origin in chosen}
        updates = sum(groups[o].action is GroupAction.UPDATE for o in chosen)
        for origin in pool:
            group, key = groups[origin], (origin.site, origin.group_key)
            is_update = group.action is GroupAction.UPDATE
            if wanted < 1 or key in taken or group.kind not in kinds:
                continue
            if is_update and updates >= count // UPDATES_SHARE:
                continue
            chosen.append(origin)
            taken.add(key)
            updates += is_update
            wanted -= 1

    kinds = sorted({group.kind for group in groups.values()})
    for kind in kinds:
        take(1, [kind])
    views = sum(groups[origin].kind is GroupKind.VIEW for origin in chosen)
    take(count // 2 - views, [GroupKind.VIEW])
    take(count - len(chosen), [kind for kind in kinds if kind is not GroupKind.VIEW])
    chance.shuffle(chosen)
    return chosen


def packet_of(made: MadeTicket) -> str:
    """Return a ticket as Markdown: title, prose, headings of its tables, rows behind it."""
    group, entities = made.group, made.specification.entities
    own = {row.source for row in (*group.heads, *group.members)}
    naming = tuple(rows_naming(group, made.specification))
    shared = {(r.bundle_type, r.machine_name) for r in group.members if r.kind is EntityKind.FIELD}
    parts = {
        "The rows it was made from": [_row_text(row) for row in entities if row.source in own],
        "Rows of other tickets that mention it": list(map(_row_text, naming)),
        "Rows of other tickets with one of its fields": [
            f"- {row.source.file}:{row.source.line}: `{row.machine_name}`, {row.cell('Bundle')}"
            for row in entities
            if row.source not in own and (row.bundle_type, row.machine_name) in shared
        ],
    }
    tables = "\n".join(f"- {table.title}" for table in tables_of(group))
    listed = "\n\n".join(f"## {name}\n\n" + "\n".join(rows) for name, rows in parts.items() if rows)
    return (
        f"# {group.title}\n\n{prose_of(made)}\n\n"
        f"### Tables (exact, not shown)\n\n{tables}\n\n---\n\n{listed}\n"
    )


def prose_of(made: MadeTicket) -> str:
    """Return the parts that people read as Jira shows them, as Markdown."""
    whole = render_whole_document(made.ticket, made.group, groups=made.groups)["content"]
    blocks, is_prose = [], False
    for block in whole:
        if block["type"] in {"heading", "rule"}:
            heading = block.get("content", [{}])[0].get("text", "")
            is_prose = heading.startswith(PROSE)
        if is_prose:
            blocks.append(block)
    return adf_to_markdown(adf.doc(blocks)).strip()


def rows_naming(group: EntityGroup, specification: Specification) -> Iterator[Entity]:
    """Yield the rows of other tickets that refer to a ticket's rows, or name what it is about.

    A name counts as a whole, and only if it has several words.
    """
    rows = (*group.heads, *group.members)
    own, keys = {row.source for row in rows}, {row.key for row in rows}
    names = {n for h in group.heads for n in (h.label, h.cell("Name"), h.machine_name)}
    listed = "|".join(re.escape(name) for name in names if _DISTINCT_NAME.match(name))
    name = re.compile(rf"(?<!\w)(?:{listed or '(?!)'})(?!\w)")
    for row in specification.entities:
        refers = any(reference.target_key in keys for reference in row.references)
        names_it = any(map(name.search, row.as_in_sheet.cells.values()))
        if row.source not in own and (refers or names_it):
            yield row


def _row_text(row: Entity) -> str:
    cells = ((column, cell) for column, cell in row.as_in_sheet.cells.items() if cell)
    listed = "\n".join(f"- {column}: {cell}".replace("\n", "\n  ") for column, cell in cells)
    return f"**{row.source.file}:{row.source.line}**\n\n{listed}\n"


if __name__ == "__main__":
    main()

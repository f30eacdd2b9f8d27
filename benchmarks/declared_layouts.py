"""Six workbooks of strangers, read by layouts that were declared from their worksheets alone.

Each has a list of what is in it, written by whoever made it. Printed are the things and fields of it
that are read right, cells that differ, and what becomes of each cell changed alone: in a canonical
cell, quoted, left out with a reason, or asked about. What is silent fails.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.specifications import is_absent
from jira_pipeline.model.entities import Entity, EntityKind
from jira_pipeline.model.hidden_characters import without_hidden
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_files import layout_of
from jira_pipeline.sheets.layouts.layout_reading import UploadGrids, read_by_layout, upload_grids
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.sheet_kinds import without_remark
from jira_pipeline_tests.sheets.layouts.changed_workbooks import (
    Outcome,
    baseline_of,
    is_named,
    layouts_with_a_forgotten_column,
    layouts_with_exchanged_columns,
    outcomes_of_changed_cells,
    reactions_to_next_versions,
)

SHARED: Final = Path(__file__).resolve().parents[2] / "shared"
BOOKS: Final = SHARED / "books"
LAYOUTS: Final = SHARED / "prototypes" / "layouts" / "said"
NAMES: Final = ("a_museum", "b_health", "c_college", "d_council", "e_trust", "f_orchestra")


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A workbook, or a folder of exported sheets, with its layout and the list of what is in it."""

    name: str
    upload: UploadGrids
    layout: Layout
    truth: Mapping[str, Any]

    @property
    def grids(self) -> Sequence[Grid]:
        return self.upload.grids


@dataclass(slots=True)
class Score:
    """How much of what is in a workbook was read right."""

    things: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    """What is not as the list says."""

    def compare(self, what: str, expected: object, actual: object) -> None:
        if expected == actual:
            self.cells["as the list says"] += 1
        else:
            self.cells["otherwise" if actual else "blank"] += 1
            self.notes.append(f"{what}: {actual!r}, not {expected!r}")


def read_book(name: str) -> Book:
    path = BOOKS / name
    paths = sorted(path.iterdir()) if path.is_dir() else [path.with_suffix(".xlsx")]
    upload = upload_grids({each.name: each.read_bytes() for each in paths})
    declared = yaml.safe_load((LAYOUTS / f"{name}.yaml").read_text(encoding="utf-8"))
    truth = json.loads((BOOKS / f"{name}.truth.json").read_text(encoding="utf-8"))
    return Book(name=name, upload=upload, layout=layout_of(declared), truth=truth)


def entities_of(book: Book) -> Sequence[Entity]:
    return read_entities(read_by_layout(book.layout, book.upload).tables).entities


def score_of(book: Book, entities: Sequence[Entity]) -> Score:
    score = Score()
    bundles = {entity.key: entity for entity in entities if entity.kind is EntityKind.BUNDLE}
    _score_things(book.truth, [*bundles.values()], score)
    _score_fields(book.truth, entities, bundles, score)
    _score_others(book.truth, entities, score)
    return score


def _bare(name: str) -> str:
    """Reduce a name to what is compared: without its type in brackets."""
    return normal(without_remark(without_hidden(name)))


def _score_things(truth: Mapping[str, Any], bundles: Sequence[Entity], score: Score) -> None:
    left = {(_bare(bundle.label), str(bundle.bundle_type or "")): bundle for bundle in bundles}
    for expected in truth["entities"]:
        bundle = left.pop((normal(expected["name"]), expected["kind"]), None)
        if bundle is None:
            score.things["lost or of another kind"] += 1
            score.notes.append(f"{expected['name']}: not read")
            continue
        score.things["right"] += 1
        machine_name = normal(expected.get("machine") or "")
        score.compare(f"{expected['name']} machine name", machine_name, normal(bundle.machine_name))
        description = normal(expected.get("description") or "")
        score.compare(
            f"{expected['name']} description", description, normal(bundle.cell("Description"))
        )
        if expected["phase2"]:
            score.others["on hold" if bundle.status.value == "w" else "hold missed"] += 1
    score.things["false"] += len(left)
    score.notes += [f"{name}: in no list" for name, _ in left]


def _score_fields(
    truth: Mapping[str, Any],
    entities: Sequence[Entity],
    bundles: Mapping[str, Entity],
    score: Score,
) -> None:
    left: dict[tuple[str, str, str], list[Entity]] = {}
    for entity in entities:
        if entity.kind is EntityKind.FIELD:
            owner = bundles.get(entity.owner_key or "")
            owner_name = _bare(owner.label if owner else entity.cell("Bundle"))
            owner_type = str(owner.bundle_type or "") if owner else ""
            left.setdefault((owner_name, owner_type, normal(entity.label)), []).append(entity)
    for expected in truth["fields"]:
        key = (normal(expected["owner"]), expected["owner_kind"], normal(expected["label"]))
        alike = left.get(key, [])
        if not alike:
            score.fields["lost"] += 1
            score.notes.append(f"{expected['owner']}, {expected['label']}: not read")
            continue
        same_help = [f for f in alike if normal(f.cell("Help text")) == normal(expected["help"])]
        entity = (same_help or alike)[0]
        alike.remove(entity)
        score.fields["found"] += 1
        _score_cells(expected, entity, bundles, score)
    score.fields["false"] += sum(map(len, left.values()))


def _score_cells(
    expected: Mapping[str, Any], entity: Entity, bundles: Mapping[str, Entity], score: Score
) -> None:
    where = f"{expected['owner']}, {expected['label']}"
    machine_name = normal(entity.machine_name.strip("-"))
    score.compare(f"{where} machine name", normal(expected["machine"]), machine_name)
    score.compare(f"{where} type", normal(expected["type"]), normal(entity.cell("Field type")))
    count = entity.count("Vals.")
    is_unlimited = count is not None and not 0 <= count <= 10**6
    score.compare(f"{where} count", expected["card"], "*" if is_unlimited else count)
    score.compare(f"{where} required", expected["req"], bool(entity.flag("Req'd")))
    score.compare(f"{where} help", normal(expected["help"]), normal(entity.cell("Help text")))
    targets = {
        _bare(bundles[target].label if target in bundles else target)
        for reference in entity.references
        if reference.column == "Ref. bundle"
        for target in [reference.target_key or reference.text]
    }
    score.compare(f"{where} targets", set(map(_bare, expected["targets"])), targets)


def _score_others(truth: Mapping[str, Any], entities: Sequence[Entity], score: Score) -> None:
    expected = {
        EntityKind.VIEW: [view["name"] for view in truth["views"]],
        EntityKind.VIEW_DISPLAY: [d[0] for view in truth["views"] for d in view["displays"]],
        EntityKind.USER_ROLE: [_name_of(role) for role in truth["roles"]],
        EntityKind.WORKFLOW_STATE: [s for w in truth["workflows"] for s in w["states"]],
        EntityKind.WORKFLOW_TRANSITION: [t for w in truth["workflows"] for t in w["transitions"]],
    }
    for kind, names in expected.items():
        labels = {normal(entity.label) for entity in entities if entity.kind is kind}
        wanted = set(map(normal, names))
        score.others[f"{kind}s right"] += len(labels & wanted)
        score.others[f"{kind}s lost"] += len(wanted - labels)
        score.others[f"{kind}s false"] += len(labels - wanted)


def _name_of(role: Any) -> str:
    return str(role["name"] if isinstance(role, Mapping) else role[0])


def main() -> None:
    """Print, and fail if a cell is read by nobody and nothing says it."""
    arguments = argparse.ArgumentParser(
        prog="python -m benchmarks declared_layouts", description=__doc__
    )
    arguments.add_argument("names", nargs="*", help=argparse.SUPPRESS)  # that of the benchmark
    arguments.add_argument("--every", type=int, default=1, help="change every so many cells alone")
    arguments.add_argument("--wrong", action="store_true", help="also try layouts with one fault")
    arguments.add_argument("--notes", action="store_true", help="show what is not as the list says")
    options = arguments.parse_args()
    if is_absent(BOOKS, LAYOUTS):
        return
    total = Score()
    outcomes: Counter[Outcome] = Counter()
    silent: list[str] = []
    for name in NAMES:
        started = time.process_time()
        book = read_book(name)
        score = score_of(book, entities_of(book))
        seconds = time.process_time() - started
        things, fields = score.things["right"], score.fields["found"]
        print(f"{name}: {things} things, {fields} fields, {seconds:.2f} s", flush=True)
        for note in score.notes if options.notes else ():
            print(f"    {note}")
        for mine, whole in zip(_counters(score), _counters(total), strict=True):
            whole.update(mine)
        for outcome, where in outcomes_of_changed_cells(
            book.layout, book.grids, every=options.every
        ):
            outcomes[outcome] += 1
            silent += [where] if outcome is Outcome.SILENT else []
        _print_reactions(book)
        if options.wrong:
            _print_wrong(book)
    wanted_things = sum(total.things.values()) - total.things["false"]
    wanted_fields = total.fields["found"] + total.fields["lost"]
    print(f"\nthings right {total.things['right']} of {wanted_things}: {dict(total.things)}")
    print(f"fields found {total.fields['found']} of {wanted_fields}: {dict(total.fields)}")
    print(f"cells of these: {dict(total.cells)}")
    print(f"others: { {key: count for key, count in total.others.items() if count} }")
    fates = {outcome.value: count for outcome, count in outcomes.items()}
    print(f"each cell changed alone ({sum(outcomes.values())}): {fates}")
    if silent:
        sys.exit(f"{len(silent)} cells are read by nobody, and nothing says it: {silent[:10]}")


def _counters(score: Score) -> Iterator[Counter[str]]:
    yield from (score.things, score.fields, score.cells, score.others)


def _print_reactions(book: Book) -> None:
    counts = Counter(
        f"{version}: {reaction}"
        for _, version, reaction in reactions_to_next_versions(book.layout, book.grids)
    )
    for line, count in sorted(counts.items()):
        print(f"    {line}: {count}")


def _print_wrong(book: Book) -> None:
    baseline = baseline_of(book.layout, book.grids)
    for what, layouts in (
        ("two columns exchanged", layouts_with_exchanged_columns(book.layout)),
        ("a column forgotten", layouts_with_a_forgotten_column(book.layout)),
    ):
        counts = Counter(is_named(wrong, book.grids, baseline) for wrong in layouts)
        print(f"    {what}: named or without effect {counts[True]}, not named {counts[False]}")


if __name__ == "__main__":
    main()

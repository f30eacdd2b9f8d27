"""What a comparison says of sites that somebody changed, and of exports that are not whole.

The sheets are made from the later export of a site. A change of one of its files is one cause, or none
where no sheet has a cell for it: all that is read of the site is as before. What fails is a false
neighbour where all that is read of its thing is as before. Of a part of an export no row is missing
whose file another one names.
"""

import argparse
import csv
import gc
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.specifications import DATA, is_absent, read_site
from jira_pipeline.drupal.site.configuration import SiteConfiguration, read_configuration
from jira_pipeline.drupal.site.site_cells import Site
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.model.site_verifications import TicketVerdict, Verdict, Verification
from jira_pipeline.sessions.site_verifying import compare_site
from jira_pipeline.sheets.site_sheets import make_sheets
from jira_pipeline.tickets.grouping.grouping import group_entities

FILES = 5
EXPORTS = {
    "yale": "yale_2026-07",
    "mass": "mass_2026-07",
    "nidirect": "nidirect_2026-06",
    "digitalgov": "digitalgov_2026-08",
}
_NAME = re.compile(r"^ +- ([\w.\-]+)$", re.MULTILINE)
_BUNDLES = r"node\.type|paragraphs\.paragraphs_type|taxonomy\.vocab|media\.type|block_content\.type"
PARTS = {
    "without core.extension": r"(?!core\.extension)",
    "fields alone": r"field\.",
    "without bundles": rf"(?!{_BUNDLES})",
    "without storages": r"(?!field\.storage)",
    "without fields": r"(?!field\.field)",
    "without displays": r"(?!core\.entity_)",
    "without views, styles and roles": r"(?!views|image|user\.role|responsive)",
    "without workflows": r"(?!workflows)",
    "nodes alone": r".*\.node\.|node\.type|core\.extension|system\.site",
    "without one bundle": r"(?!node\.type\.page\.)",
    "without one bundle and its displays": r"(?!node\.type\.page|core\.entity_.*\.node\.page\.)",
    "without the fields of one bundle": r"(?!(field\.field|core\.entity).*\.node\.page\.)",
}
"""Names of the files that are left in a part."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A row of the table: which files, which value, what it becomes, and what is right."""

    change: str
    files: str
    keys: str
    """Below each other; `~` tells what is within a part. Without any the file goes."""
    value: str
    """JSON, or text; `-` removes, `!` negates, `+` adds to a list or sets what is not there."""
    right: str
    """`one` cause, `some`, `none`, or `any` number where the sheets need not have a cell."""

    def of(self, data: Any) -> Any:
        """Return the data of a file after the change; None where the file goes."""
        return _changed(data, self.keys.split("/"), self.value) if self.keys else None


def changes() -> Sequence[Change]:
    text = Path(__file__).with_suffix(".csv").read_text(encoding="utf-8")
    return [Change(**row) for row in csv.DictReader(text.splitlines())]


@dataclass(frozen=True, kw_only=True)
class Sheets:
    """A site with the sheets that are made of its later export."""

    whole: SiteConfiguration
    compare: Callable[[Site], Verification]
    numbers: Mapping[tuple[str, int], int]
    """Of tickets, by file and line of their rows."""

    def site(self, new: Mapping[str, Any]) -> Site:
        """Return the site with some objects changed, None if they go."""
        objects = {**self.whole.objects, **new}
        kept = {name: data for name, data in objects.items() if data is not None}
        return site_entities(replace(self.whole, objects=kept))

    def false_built(self, after: Verification) -> int:
        """Count the tickets that are called built though one of their rows is not met."""
        failing = {self.numbers.get((row.file, row.line)) for row in after.failing()}
        built = (t.number for t in after.tickets if t.verdict is TicketVerdict.BUILT)
        return sum(number in failing for number in built)


def main() -> None:
    """Print what a comparison says of each change, once and on the whole site, and of each part.

    `--site NAME` takes one site, `--files N` so many files for each change.
    """
    given = argparse.ArgumentParser()
    given.add_argument("--site", action="append", choices=EXPORTS)
    given.add_argument("--files", type=int, default=FILES)
    asked, _ = given.parse_known_args()
    if is_absent(DATA / "drupal_config"):
        return
    for site in asked.site or EXPORTS:
        folder = DATA / "drupal_config" / EXPORTS[site]
        with TemporaryDirectory() as made:
            for path, content in make_sheets(folder, out=Path(made)).files.items():
                path.write_bytes(content)
            specification = read_site(Path(made), is_as_new=False)
        groups = group_entities(specification).groups
        compare = partial(
            compare_site, specification, groups, session_key=site, config=folder.name, titles={}
        )
        numbers = {
            (row.source.file, row.source.line): group.number
            for group in groups
            for row in (*group.heads, *group.members)
        }
        gc.freeze()
        sheets = Sheets(whole=read_configuration(folder), compare=compare, numbers=numbers)
        _print_changes(site, sheets, asked.files)
        _print_parts(site, sorted(folder.glob("*.yml")), compare)


def _print_changes(site: str, sheets: Sheets, most: int) -> None:
    random, was = Random(11), sheets.site({})  # noqa: S311 - a seed
    before = sheets.compare(was)
    known = {cause.yaml for cause in before.causes}
    judged, false_built, neighbours = Counter[str](), 0, 0
    print(f"\n{site}: {len(before.rows)} rows, {len(known)} causes before; what is not right:")
    for change in changes():
        found = ((n, d) for n, d in sheets.whole.objects.items() if fnmatchcase(n, change.files))
        new = {n: after for n, data in found if (after := change.of(data)) != data}
        for name in random.sample(sorted(new), min(most, len(new))):
            now = sheets.site({name: new[name]})
            if _read_of(now) == _read_of(was):
                judged["without a cell"] += 1
                continue
            after = sheets.compare(now)
            causes = {cause.yaml for cause in after.causes} - known
            if not change.keys and not causes:  # what is absent may be not comparable
                causes = {r.yaml for r in after.rows if r.verdict is Verdict.NOT_COMPARABLE}
            is_right = {"one": len(causes) == 1, "some": causes, "none": not causes, "any": True}
            verdict = "right" if is_right[change.right] else f"{len(causes)} causes"
            verdict = "not found" if change.right in {"one", "some"} and not causes else verdict
            beside = [
                r.key for r in after.failing() if was.by_key.get(r.key) == now.by_key.get(r.key, ())
            ]
            judged[verdict] += 1
            neighbours += len(beside)
            false_built += sheets.false_built(after)
            if verdict != "right" or beside:
                print(f"  {change.change}: {verdict} in {name}", *sorted(causes)[:3], *beside[:3])
        built = sheets.false_built(sheets.compare(sheets.site(new))) if new else 0
        if built:
            false_built += built
            print(f"  every {change.change}: {built} tickets built although a row differs")
    print(f"{site}: {judged.total()} changes of {len(changes())} kinds: {dict(judged)};", end=" ")
    print(f"{neighbours} false neighbours, {false_built} false “built”")


def _read_of(site: Site) -> Sequence[object]:
    """Return what the cells of a site say, wherever it is kept."""
    return [
        (entity.key, [(c, cell.text, *cell.values, *cell.keys) for c, cell in entity.cells.items()])
        for entity in site.entities
    ]


def _changed(data: Any, keys: Sequence[str], value: str) -> Any:
    """Return data with the first value changed that the keys lead to, if any."""
    key, _, within = keys[0].partition("~")
    if len(keys) == 1 and isinstance(data, dict) and "*" not in key and not within:
        return _put(data, key, value)
    listed = enumerate(data) if isinstance(data, list) else ()
    pairs = list(data.items() if isinstance(data, dict) else listed)
    for name, below in pairs:
        if fnmatchcase(str(name), key) and within in repr(below):
            new = _new(below, value) if len(keys) == 1 else _changed(below, keys[1:], value)
            if new != below:
                pairs = [(n, new if n == name else old) for n, old in pairs]
                kept = {n: each for n, each in pairs if each is not None}
                return kept if isinstance(data, dict) else list(kept.values())
    return data


def _put(data: Mapping[str, Any], key: str, value: str) -> Mapping[str, Any]:
    is_new = key not in data and value != "true" and not value.startswith("+")
    new = None if is_new else _new(data.get(key), value)
    return data if is_new else {**data, key: new}


def _new(old: Any, value: str) -> Any:
    """Return what a value becomes; None if it goes."""
    if value == "-":
        return None
    if value == "!":
        return not old
    try:
        given = json.loads(value.removeprefix("+"))
    except ValueError:
        given = value
    if value.startswith("+") and isinstance(old, list):
        return [*old, given]
    return old if isinstance(old, list | dict) and isinstance(given, str) else given


def _print_parts(site: str, files: Sequence[Path], compare: Callable[[Site], Verification]) -> None:
    print(f"{site}: rows of a part by verdict, and missing ones that another file names")
    for part, kept in _parts(files, Random(11)):  # noqa: S311 - a seed
        rows = compare(_read(kept)).rows
        named = {name for file in kept for name in _NAME.findall(file.read_text("utf-8"))}
        missing = [row.yaml for row in rows if row.verdict is Verdict.MISSING]
        false = sum(yaml.partition(".yml")[0] in named for yaml in missing)
        verdicts = Counter(row.verdict for row in rows).items()
        print(f"  {part:<38}{false} false;", *(f"{n:,} {verdict}" for verdict, n in verdicts))


def _parts(files: Sequence[Path], random: Random) -> Iterator[tuple[str, Sequence[Path]]]:
    for share in (50, 90, 99):
        yield f"{share} % by chance", random.sample(files, len(files) * share // 100)
    yield "first half", files[: len(files) // 2]
    yield "second half", files[len(files) // 2 :]
    for part, names in PARTS.items():
        yield part, [file for file in files if re.match(names, file.name)]


def _read(files: Sequence[Path]) -> Site:
    with TemporaryDirectory() as folder:
        for file in files:
            Path(folder, file.name).symlink_to(file)
        return site_entities(read_configuration(Path(folder)))


if __name__ == "__main__":
    main()

"""What a comparison says of sites that somebody changed, and of exports that are not whole.

The sheets are made from the later export of a site. A change of one of its files is one cause, or none
where no sheet has a column for it. Of a part of it no row is missing whose file another one names.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.specifications import DATA, read_site
from benchmarks.verify_site import SITES
from jira_pipeline.drupal.configuration.configuration import read_configuration
from jira_pipeline.drupal.configuration.site import Site
from jira_pipeline.drupal.configuration.site_entities import site_entities
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline.sessions.site_verifying import compare_site
from jira_pipeline.sheets.site_sheets import make_sheets
from jira_pipeline.tickets.grouping.grouping import group_entities

FILES = 5
_NAME = re.compile(r"^ +- ([\w.\-]+)$", re.MULTILINE)
CHANGES: Mapping[str, tuple[str, str, Any]] = {
    "a widget nobody lists": ("core.entity_form_*.default", "content/field_*/type", "of_late"),
    "a group renamed": ("core.entity_form_*.default", "*/field_group/*~'field_/label", "Other"),
    "one target less": ("field.field.*", "settings/handler_settings/target_bundles/*", None),
    "another handler": ("field.field.*", "settings/handler", "unpublished"),
    "an option relabelled": ("field.storage.*", "settings/allowed_values/*/label", "Other"),
    "one effect less": ("image.style.*", "effects/*", None),
    "alias pattern off": ("pathauto.pattern.*", "status", False),
    "one from-state less": ("workflows.workflow.*", "*/transitions/*/from/*", None),
    "a page moved": ("views.view.*", "display/*~'path'/display_options/path", "moved/away"),
    "a permission swapped": ("user.role.*", "permissions/*", "fly away"),
}
"""Which files, which value, and what it becomes, None if it goes; `~` tells what is within a part."""
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


def main() -> None:
    """Print the number of causes of each change, and what is said of each part."""
    for site, (export, _) in SITES.items():
        folder, random = DATA / "drupal_config" / export, Random(11)  # noqa: S311 - a seed
        with TemporaryDirectory() as sheets:
            for path, content in make_sheets(folder, out=Path(sheets)).files.items():
                path.write_bytes(content)
            specification = read_site(Path(sheets), is_as_new=False)
        groups = group_entities(specification).groups
        compare = partial(
            compare_site, specification, groups, session_key=site, config=export, titles={}
        )
        whole = read_configuration(folder)
        before = {cause.yaml for cause in compare(site_entities(whole)).causes}
        print(f"\n{site}: files changed, by the number of causes that explain it")
        for change, (pattern, keys, value) in CHANGES.items():
            fitting = ((n, data) for n, data in whole.objects.items() if fnmatchcase(n, pattern))
            new = {n: _changed(data, keys.split("/"), value) for n, data in fitting}
            names = [name for name, data in new.items() if data != whole.objects[name]]
            counts = Counter[int]()
            for name in random.sample(names, min(FILES, len(names))):
                changed = replace(whole, objects={**whole.objects, name: new[name]})
                causes = {cause.yaml for cause in compare(site_entities(changed)).causes}
                counts[len(causes - before)] += 1
            shown = (f"{count} with {causes}" for causes, count in sorted(counts.items()))
            print(f"  {change:<38}{', '.join(shown)}")
        print(f"{site}: rows of a part by verdict, and missing ones that another file names")
        for part, kept in _parts(sorted(folder.glob("*.yml")), random):
            rows = compare(_read(kept)).rows
            named = {name for file in kept for name in _NAME.findall(file.read_text("utf-8"))}
            missing = [row.yaml for row in rows if row.verdict is Verdict.MISSING]
            false = sum(yaml.partition(".yml")[0] in named for yaml in missing)
            verdicts = Counter(row.verdict for row in rows).items()
            print(f"  {part:<38}{false} false;", *(f"{n:,} {verdict}" for verdict, n in verdicts))


def _changed(data: Any, keys: Sequence[str], value: object) -> Any:
    """Return data with the first value changed that the keys lead to, if any."""
    key, _, within = keys[0].partition("~")
    listed = enumerate(data) if isinstance(data, list) else ()
    pairs = list(data.items() if isinstance(data, dict) else listed)
    for name, below in pairs:
        if fnmatchcase(str(name), key) and within in repr(below):
            new = value if len(keys) == 1 else _changed(below, keys[1:], value)
            if new != below:
                pairs = [(n, new if n == name else old) for n, old in pairs]
                kept = {n: each for n, each in pairs if each is not None}
                return kept if isinstance(data, dict) else list(kept.values())
    return data


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

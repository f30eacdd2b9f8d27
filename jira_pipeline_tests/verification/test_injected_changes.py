"""A single change of a configuration is found as exactly one cause, or has no column at all.

Each way to compare a cell is changed on an invented site, and on real ones where they are at hand:
a value of the configuration that a met row was compared with, chosen by a seed.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jira_pipeline.drupal.comparisons import Comparison
from jira_pipeline.drupal.role.permission import COUNT_ONLY
from jira_pipeline.drupal.site.configuration import SiteConfiguration, read_configuration
from jira_pipeline.model.entities import EntityKind, Specification
from jira_pipeline.model.site_verifications import Cause, Verdict, Verification, VerifiedCell
from jira_pipeline.sheets.site_sheets import files_of, sheets_of
from jira_pipeline.verification.counterparts import counterparts
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM
from jira_pipeline_tests.shared_data import shared_data
from jira_pipeline_tests.verification.invented import (
    AS_X,
    SHEETS,
    Objects,
    compared,
    specification,
    specification_in,
    write_site,
)

SITE, LATER, EARLIER = "yale", "yale_2026-07", "yale_2025-10"
SEED = 33
COLUMNS = [
    (kind, column)
    for kind, columns in counterparts().items()
    for column, counterpart in columns.items()
    if counterpart.how is not Comparison.KEY
]
FILES = (
    *("node.type", "taxonomy.vocabulary", "field.field", "views.view", "image.style"),
    *("responsive_image.styles", "core.entity_view_mode", "user.role", "workflows.workflow"),
)
NAMING_NOTHING = {"Fallback Style", "From state", "Notes", "To state"}
"""Columns whose changed value names nothing, is nothing, or makes another row of it."""
NO_COLUMN = {
    "node.type.book": ("new_revision", True),
    "user.role.bookseller": ("weight", 3),
    "field.field.node.book.field_genres": ("default_value", [{"target_id": 1}]),
    "views.view.new_books": ("tag", "shop"),
    "image.style.cover": ("uuid", "1"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A site and its sheets before a change."""

    specification: Specification
    configuration: SiteConfiguration
    before: Verification

    def after(self, objects: Mapping[str, Any]) -> Verification:
        """Compare again."""
        return compared(self.specification, replace(self.configuration, objects=objects))

    def new_causes(self, objects: Mapping[str, Any]) -> list[Cause]:
        """Return what explains rows only now."""
        known = {cause.yaml for cause in self.before.causes}
        return [cause for cause in self.after(objects).causes if cause.yaml not in known]


SITES = ["invented", pytest.param("real", marks=OF_THE_LONG_FORM)]


def _built(read: Specification, folder: Path) -> Built:
    configuration = read_configuration(folder)
    before = compared(read, configuration)
    return Built(specification=read, configuration=configuration, before=before)


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("bookshop")
    return _built(specification(folder / "sheets"), write_site(folder / "config"))


@pytest.fixture(scope="module")
def real() -> Built:
    """The smaller of two sites; `python -m benchmarks verify_site` has both."""
    sheets = shared_data(f"sites/{SITE}")
    return _built(specification_in(sheets), shared_data(f"drupal_config/{LATER}"))


def _places(built: Built, kind: EntityKind, column: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return file and keys of the values that met cells of a column were compared with."""
    cells = (c for row in built.before.rows if row.kind is kind for c in row.cells)
    found = [
        _place(cell)
        for cell in cells
        if cell.column == column and (cell.verdict is Verdict.MET or cell.reason == COUNT_ONLY)
    ]
    return sorted({p for p in found if p[1] and p[0] in built.configuration.objects})


def _place(cell: VerifiedCell) -> tuple[str, tuple[str, ...]]:
    file, _, keys = cell.yaml.partition(".yml:")
    return file, tuple(filter(None, keys.split(".")))


def _changed(objects: Mapping[str, Any], file: str, keys: tuple[str, ...]) -> dict[str, Any]:
    spoilt = {**objects, file: deepcopy(objects[file])}
    within = spoilt[file]
    for key in keys[:-1]:
        within = within.setdefault(key, {}) if isinstance(within, dict) else within[int(key)]
    last: Any = keys[-1] if isinstance(within, dict) else int(keys[-1])
    value = within.get(last) if isinstance(within, dict) else within[last]
    match value:
        case bool() | None:
            within[last] = not value
        case int():
            within[last] = value + 1 or 2  # no field takes 0 values
        case dict():
            del value[next(iter(value))]
        case list():
            del value[0]
        case _:
            within[last] = f"{value}_changed"
    return spoilt


def _ids(columns: list[tuple[EntityKind, str]]) -> Iterator[str]:
    return (f"{kind.value}-{column}" for kind, column in columns)


@pytest.mark.parametrize("place", COLUMNS, ids=_ids(COLUMNS))
@pytest.mark.parametrize("site", SITES)
def test_a_changed_value_is_one_cause(
    request: pytest.FixtureRequest, site: str, place: tuple[EntityKind, str]
) -> None:
    built: Built = request.getfixturevalue(site)
    places = _places(built, *place)
    if not places:
        pytest.skip("nothing of the kind is in the sheets, or a pattern names its key")
    file, keys = Random(f"{SEED}{place}").choice(places)  # noqa: S311 - a seed

    causes = built.new_causes(_changed(built.configuration.objects, file, keys))

    assert len(causes) == 1, (file, keys, causes)


def test_x_says_of_a_changed_value_what_a_comparison_says(invented: Built, tmp_path: Path) -> None:
    """A group that became blank was `c`, and met by the site that still had it."""
    newer, otherwise = invented.configuration, []
    for place in [place for place in COLUMNS if place[1] not in NAMING_NOTHING]:
        for file, keys in _places(invented, *place)[:1]:
            older = replace(newer, objects=_changed(newer.objects, file, keys))
            for one, other in ((newer, older), (older, newer)):
                for path, content in files_of([*sheets_of(one, since=other)], tmp_path).items():
                    path.write_bytes(content)
                read = specification_in(tmp_path)
                otherwise += [
                    (file, keys, row.key, row.x, row.verdict)
                    for row in compared(read, other).rows
                    if AS_X[row.x] is not row.verdict
                ]

    assert otherwise == []


@pytest.mark.parametrize("prefix", FILES)
@pytest.mark.parametrize("site", SITES)
def test_a_removed_file_is_one_cause(
    request: pytest.FixtureRequest, site: str, prefix: str
) -> None:
    built: Built = request.getfixturevalue(site)
    rows = {
        row.yaml.partition(".yml")[0]
        for row in built.before.rows
        if row.verdict is Verdict.MET and row.yaml
    }
    names = sorted(name for name in rows if name.startswith(f"{prefix}."))
    if not names:
        pytest.skip("the sheets have nothing of the kind")
    name = Random(f"{SEED}{prefix}").choice(names)  # noqa: S311 - a seed
    objects = {n: data for n, data in built.configuration.objects.items() if n != name}

    causes = built.new_causes(objects)

    assert [f"{name}.yml"] == [cause.yaml.partition(":")[0] for cause in causes]


def _index(*selected: str) -> dict[str, Any]:
    bundles = {"default": False, "selected": [*selected]}
    return {"name": "Shop", "datasource_settings": {"entity:node": {"bundles": bundles}}}


def _translate(objects: Objects) -> None:
    settings = {"content_translation": {"enabled": True}}
    objects["language.content_settings.node.book"] = {"third_party_settings": settings}


def _index_authors(objects: Objects) -> None:
    objects["search_api.index.shop"] = _index("author")


def _let_people_comment(objects: Objects) -> None:
    place = "field.field.node.author"
    field = {**objects[f"{place}.field_subtitle"], "field_name": "field_talk", "label": "Talk"}
    objects[f"{place}.field_talk"] = {**field, "field_type": "comment"}


def _switch_a_display_off(objects: Objects) -> None:
    objects["core.entity_view_display.node.author.card"]["status"] = False


def _moderate_authors(objects: Objects) -> None:
    moderated = objects["workflows.workflow.editing"]["type_settings"]["entity_types"]
    moderated["node"].append("author")


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        (_translate, "Trns."),
        (_index_authors, "Srch."),
        (_let_people_comment, "Cmnt."),
        (_switch_a_display_off, "Entities Used On"),
        (_moderate_authors, "Mod., Applies to"),
    ],
)
def test_what_a_pattern_of_keys_says_is_one_cause(
    tmp_path: Path, change: Callable[[Objects], None], columns: str
) -> None:
    """A list and one part of it are one key: who is moderated was said twice."""
    bundles = SHEETS["bundles.csv"].splitlines()
    sheets = {
        **SHEETS,
        "bundles.csv": "\n".join([f"{bundles[0]},Cmnt.,Srch.", *(f"{b},n,n" for b in bundles[1:])]),
        "workflows.csv": "Label,Machine name,X,Type,Applies to\n"
        "Editing,editing,a,Content moderation,Book (Content type)\n",
    }

    def indexed(objects: Objects) -> None:
        objects["search_api.index.shop"] = _index()

    def changed(objects: Objects) -> None:
        indexed(objects)
        change(objects)

    read = specification(tmp_path / "sheets", sheets)
    built = _built(read, write_site(tmp_path / "before", indexed))
    after = read_configuration(write_site(tmp_path / "after", changed))

    [cause] = built.new_causes(after.objects)

    assert cause.sentence.startswith(f"{columns} of ")


@pytest.mark.parametrize("name", NO_COLUMN)
def test_what_no_sheet_has_a_column_for_is_no_cause(invented: Built, name: str) -> None:
    key, value = NO_COLUMN[name]
    objects = {**invented.configuration.objects}
    objects[name] = {**objects[name], key: value}

    assert invented.new_causes(objects) == []

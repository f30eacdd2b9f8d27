"""Views of an export: what they list."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline_tests.drupal.site.exports import changed, write_export
from jira_pipeline_tests.tables import each

INDEX = "search_api.index.tides"
OF_INDEX = changed("views.view.berths", base_table="search_api_index_tides")
NEEDS_MUCH = {"dependencies": {"config": [f"rig.mast.n{number}" for number in range(200)]}}
"""So much is lacking that nothing follows from what is not there."""


@each(
    ("changes", "text", "dangling", "is_unread"),
    [
        ({INDEX: {"name": "Tides"}}, "Index Tides", (), False),
        ({}, "search_api_index_tides", ("search_api_index_tides",), False),
        ({INDEX: "name: ["}, "search_api_index_tides", ("search_api_index_tides",), True),
        ({"core.extension": None}, "search_api_index_tides", ("search_api_index_tides",), True),
        ({"rig.mast": NEEDS_MUCH}, "search_api_index_tides", ("search_api_index_tides",), True),
    ],
)
def test_a_view_of_an_index_lists_what_the_index_is_called(
    tmp_path: Path,
    changes: Mapping[str, Any],
    text: str,
    dangling: tuple[str, ...],
    *,
    is_unread: bool,
) -> None:
    folder = tmp_path / f"export_{len([*tmp_path.iterdir()])}"
    site = site_entities(read_configuration(write_export(folder, {**OF_INDEX, **changes})))

    (view,) = site.by_key["view:berths"]

    cell = view.cells["Base table"]
    assert (cell.text, cell.dangling, cell.is_unread) == (text, dangling, is_unread)

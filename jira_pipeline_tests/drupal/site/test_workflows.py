"""Workflows of an export: what a transition says of its states."""

from collections.abc import Mapping
from pathlib import Path

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline_tests.drupal.site.exports import write_export
from jira_pipeline_tests.tables import each

STATES = {"draft": {"label": "Draft"}, "ashore": {"label": "Ashore"}}


@each(
    ("transition", "column", "text", "values"),
    [
        ({"from": ["draft"], "to": "ashore"}, "To state", "Ashore", ("ashore",)),
        ({"from": ["draft"], "to": "ashore"}, "From state", "Draft", ("draft",)),
        # A state that is gone is called by its machine name.
        ({"from": ["draft"], "to": "afloat"}, "To state", "afloat", ("afloat",)),
        ({"from": ["draft"]}, "To state", "", ()),
        ({"from": [], "to": "ashore"}, "From state", "", ()),
    ],
)
def test_a_transition_names_its_states_by_their_labels(
    tmp_path: Path,
    transition: Mapping[str, object],
    column: str,
    text: str,
    values: tuple[str, ...],
) -> None:
    settings = {"states": STATES, "transitions": {"land": {"label": "Land", **transition}}}
    landing = {"label": "Landing", "type": "content_moderation", "type_settings": settings}
    export = write_export(
        tmp_path / f"export_{len([*tmp_path.iterdir()])}", {"workflows.workflow.landing": landing}
    )

    (land,) = site_entities(read_configuration(export)).by_key["workflow_transition:landing/land"]

    assert (land.cells[column].text, land.cells[column].values) == (text, values)

"""Data of an exported file, looked into by keys, and what a site is made of."""

from collections.abc import Mapping

from jira_pipeline.drupal.site.site_cells import Settings, Site, plain
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.tables import each


def test_a_list_has_its_texts_alone() -> None:
    settings = Settings({"names": ["sail", {"of": "mast"}, 7], "rig": "sloop"}, "rig.yml")

    assert settings.at("names").texts == ("sail", "7")
    assert settings.at("rig").texts == ()


@each("key", ["2018", 2018])
def test_a_key_is_found_whether_yaml_reads_a_text_or_a_number(key: object) -> None:
    settings = Settings({key: {"path": "crews"}}, "views.view.crews.yml")

    assert settings.at("2018", "path").text == "crews"
    assert not settings.at("2019", "path").is_there


@each(("data", "label"), [({"label": "Mast"}, "Mast"), ({"label": ""}, "mast"), ({}, "mast")])
def test_a_thing_without_a_label_is_called_by_its_name(
    data: Mapping[str, object], label: str
) -> None:
    entity = Settings(data, "rig.yml").entity(EntityKind.VIEW_DISPLAY, "rig/mast", {})

    assert (entity.label, entity.machine_name) == (label, "mast")


@each(
    ("text", "read"),
    [("\bTime", "Time"), ("Ti\x1fme", "Time"), ("a\tb\nc", "a b c"), ("<b>Time</b>", "Time")],
)
def test_a_text_is_reduced_to_what_people_read(text: str, read: str) -> None:
    """The reader of sheets leaves controls out: a field differed from its own site by one."""
    assert plain(text) == read


def test_members_are_found_by_the_key_of_what_they_belong_to() -> None:
    settings = Settings({}, "rig.yml")
    view = settings.entity(EntityKind.VIEW, "rig", {})
    mast = settings.entity(EntityKind.VIEW_DISPLAY, "rig/mast", {}, owner_key=view.key)

    site = Site(entities=(view, mast))

    assert site.members_of == {"": [view], view.key: [mast]}

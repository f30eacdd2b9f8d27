"""Whose story a bundle's is, and who can show it, by what notes and references say."""

import pytest

from jira_pipeline_tests.stages.made_specifications import Row, bundle, field
from jira_pipeline_tests.writers.rubric import plain
from jira_pipeline_tests.writers.test_template_writer import written

PARAGRAPHS = {"Field type": "Entity reference revisions (paragraphs)"}
ALL = PARAGRAPHS | {"Settings/notes": "All parent paragraphs allowed."}


def story_of(*, note: str = "", name: str = "Step", fields: tuple[Row, ...] = ()) -> str:
    """The story of a paragraph type on a site with a page and steps."""
    prose = written(
        f"Configure paragraph type: {name}",
        bundles=[
            bundle("Page", "page"),
            bundle("Quay", "quay"),
            bundle("Steps", "steps", "Paragraph type"),
            bundle(name, "one", "Paragraph type")
            | {"Description": "Add a step.", "Settings/notes": note},
        ],
        fields=[
            field(f"{name} (Paragraph type)", "field_a"),
            field("Steps (Paragraph type)", "field_b"),
            field("Page (Content type)", "field_c"),
            field("Quay (Content type)", "field_d"),
            *fields,
        ],
        roles=[{"Name": "Harbour Master", "Machine name": "harbour_master", "X": "a"}],
    )
    return plain(prose.parts.user_story)


@pytest.mark.parametrize(
    ("note", "role"),
    [
        ("Only site admins can create, all can delete and edit.", "a site admin"),
        ("Only admins can add/edit.", "an admin"),
        ("Site admins can add/edit/delete only", "a site admin"),
        ("Market editors and site admins only", "a market editor or site admin"),
        ("Steps are created by curators only.", "a curator"),
        ("Only harbour masters can place it.", "a harbour master"),
        ("Only site admins can delete.", "an editor"),
        ("Only editors can use? To be confirmed.", "an editor"),
        ("External links only", "an editor"),
        ("For logged in users only", "an editor"),
        ("", "an editor"),
    ],
)
def test_a_story_is_that_of_people_who_may_do_what_it_wants(note: str, role: str) -> None:
    assert story_of(note=note).startswith(f"As {role}, I want to add a step")


def test_who_refers_to_a_paragraph_type_comes_before_whose_notes_allow_it() -> None:
    story = story_of(
        fields=(
            field("Quay (Content type)", "field_e", ref="Step (Paragraph type)") | PARAGRAPHS,
            field("Page (Content type)", "field_f") | ALL,
        )
    )

    assert "so that Quay and Page can show it as their notes allow" in story


@pytest.mark.parametrize("name", ["Steps Item", "Step Item"])
def test_an_item_of_another_paragraph_type_is_not_placed_by_itself(name: str) -> None:
    story = story_of(name=name, fields=(field("Page (Content type)", "field_f") | ALL,))

    assert "Page" not in story


@pytest.mark.parametrize("is_held", [True, False])
def test_an_item_that_its_holder_does_not_refer_to_is_asked_about(*, is_held: bool) -> None:
    reference = field("Steps (Paragraph type)", "field_g", ref="Step Item (Paragraph type)")

    prose = written(
        "Configure paragraph type: Step Item",
        bundles=[
            bundle("Steps", "steps", "Paragraph type"),
            bundle("Step Item", "step_item", "Paragraph type"),
        ],
        fields=[
            field("Step Item (Paragraph type)", "field_a"),
            field("Steps (Paragraph type)", "field_b"),
            *([reference] if is_held else []),
        ],
    )

    asked = "No field refers to `step_item`: which field of Steps holds its items?"
    assert (asked in [question.question for question in prose.questions]) is not is_held

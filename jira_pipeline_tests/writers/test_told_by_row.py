"""How notes of rows are told: shared sentences by theme, what one row says in one place."""

from jira_pipeline_tests.stages.made_specifications import Row, bundle, field
from jira_pipeline_tests.writers.rubric import items_of
from jira_pipeline_tests.writers.test_template_writer import written

PAGE = "Page (Content type)"


def noted(name: str, label: str, note: str) -> Row:
    """A field with a note."""
    return field(PAGE, name) | {"Field label": label, "Settings/notes": note}


def analysis_of(*rows: Row) -> list[str]:
    """The analysis of a content type with these fields."""
    prose = written(
        "Configure content type: Page", bundles=[bundle("Page", "page")], fields=[*rows]
    )
    return items_of(prose.parts.analysis)


def test_a_row_that_says_several_things_says_them_in_one_place() -> None:
    told = analysis_of(
        noted("field_list", "List", "Field hidden from node form. News term selected by default."),
        noted("field_tags", "Tags", "Not shown on the page"),
        noted("field_user", "User", "Hidden on form display"),
    )

    assert (
        "List field_list: “Field hidden from node form” and “News term selected by default”."
    ) in told
    assert (
        "Kept out of sight: field_tags “Not shown on the page”; field_user “Hidden on form display”."
    ) in told


def test_what_is_alone_in_its_theme_needs_no_heading() -> None:
    told = analysis_of(noted("field_link", "Button", "External only, text required"))

    assert "Button field_link: “External only, text required”." in told


def test_a_sentence_that_rows_share_names_them_instead_of_a_heading() -> None:
    told = analysis_of(
        noted("field_a", "A", "Limited HTML allowed"), noted("field_b", "B", "Limited HTML allowed")
    )

    assert "field_a and field_b: “Limited HTML allowed”." in told


def test_styles_that_change_are_told_apart_from_the_effects_that_others_share() -> None:
    prose = written(
        "Configure image styles",
        image_styles=[
            {"Style name": "A", "Machine name": "a", "X": "a", "Notes": "Scale to 10x10"},
            {"Style name": "B", "Machine name": "b", "X": "a", "Notes": "Scale to 20x20"},
            {"Style name": "C", "Machine name": "c", "X": "c", "Notes": "Was 5x5, is now 9x9"},
        ],
    )

    assert items_of(prose.parts.analysis) == [
        "c changes: “Was 5x5, is now 9x9”.",
        "Effects of the two styles to build: “Scale to …” in two.",
    ]


def test_view_modes_are_verified_by_what_they_are_set_to() -> None:
    prose = written(
        "Configure view modes: Media type",
        bundles=[bundle("Image", "image", "Media type")],
        fields=[field("Image (Media type)", "field_a")],
        view_modes=[
            {
                "View Modes": name,
                "Entity Type": "Media type",
                "X": "a",
                "Entities Used On": "Image",
                "Notes": "Add to image media type manage display, set to matching image style.",
            }
            for name in ("Card", "Wide", "Hero", "Tall", "Tiny", "Huge")
        ],
    )

    assert (
        "Manage display on Image has “Card”, “Wide”, “Hero”, “Tall” and two more switched on, set "
        "to matching image style"
    ) in items_of(prose.parts.verification)


def test_notes_on_states_that_say_nothing_of_roles_are_told() -> None:
    prose = written(
        "Configure workflow: Editing",
        workflows=[{"Label": "Editing", "Machine name": "editing", "X": "a"}],
        states=[
            {"Workflow": "Editing", "Label": "Draft", "Machine name": "draft", "X": "a"},
            {
                "Workflow": "Editing",
                "Label": "Archived",
                "Machine name": "archived",
                "X": "a",
                "Notes": "Not published, alias kept.",
            },
        ],
    )

    assert "archived: “Not published, alias kept”." in items_of(prose.parts.analysis)


def test_a_migration_is_verified_by_its_run() -> None:
    prose = written(
        "Run migration: Old news",
        migrations=[{"Migration": "Old news", "X": "a", "Notes": "Once."}],
    )

    assert items_of(prose.parts.verification) == [
        "Old news has run, and its messages name no failed item",
        "Old news: Once",
    ]

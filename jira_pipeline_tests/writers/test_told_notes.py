"""What notes say is told somewhere, and never as a fact while a question asks it."""

import pytest

from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field
from jira_pipeline_tests.writers.rubric import items_of, plain
from jira_pipeline_tests.writers.test_template_writer import written

PAGE = "Page (Content type)"
FILLERS = [field(PAGE, f"field_filler_{n}") for n in range(6)]


def page(*rows: Row, **cells: str) -> TicketProse:
    """The ticket of a content type with these cells and fields."""
    return written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page") | cells],
        fields=[*rows, *FILLERS],
    )


def test_many_fields_keep_what_their_notes_say_beside_all_themes() -> None:
    prose = page(field(PAGE, "field_a") | {"Settings/notes": "Relabel organization to location"})

    assert "Also noted: field_a “Relabel organization to location”." in items_of(
        prose.parts.analysis
    )


def test_many_fields_keep_their_options() -> None:
    options = {"Field type": "List (text)", "Settings/notes": "Options: Bow, Stern."}

    prose = page(field(PAGE, "field_a") | options, field(PAGE, "field_b") | options)

    assert "To choose from: field_a and field_b offer “Bow, Stern”" in items_of(
        prose.parts.verification
    )


def test_few_fields_keep_what_their_notes_say_beside_all_themes() -> None:
    prose = written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page")],
        fields=[field(PAGE, "field_a") | {"Settings/notes": "Add poster attribute"}],
    )

    assert "as noted: “Add poster attribute”" in plain(prose.parts.verification)


def test_what_may_name_the_targets_is_asked_and_not_noted() -> None:
    note = {"Field type": "Entity reference", "Settings/notes": "All paragraphs enabled."}

    prose = page(field(PAGE, "field_a") | note)

    assert "names exactly" not in plain(prose.parts.analysis)
    assert "Also noted" not in plain(prose.parts.analysis)
    assert "All paragraphs enabled" in plain(prose.parts.questions)


@pytest.mark.parametrize(("meta", "is_asked"), [("n", True), ("y", False)])
def test_a_note_on_meta_tags_contradicts_a_type_without_them(meta: str, *, is_asked: bool) -> None:
    prose = page(**{"Meta": meta, "Settings/notes": "Set a metatag for noindex."})

    asked = "Meta of `page` is n, but this note asks for meta tags"
    assert any(q.question.startswith(asked) for q in prose.questions) is is_asked
    assert "without meta tags" not in prose.parts.analysis
    assert ("Open until the question on it is settled: meta tags" in prose.parts.analysis) is (
        is_asked
    )
    assert ("as Meta was settled" in prose.parts.verification) is is_asked
    assert "“Set a metatag for noindex”" in prose.parts.verification


def test_a_setting_that_is_asked_about_is_no_fact() -> None:
    prose = page(**{"Sched.": "y", "Settings/notes": "Potentially scheduled (need confirmation)."})

    assert "published on schedule" not in prose.parts.analysis
    assert (
        "Open until the question on it is settled: scheduled publishing (Sched. is y)."
        in items_of(prose.parts.analysis)
    )


def test_a_field_that_waits_for_its_target_is_not_told_to_be_left_out() -> None:
    """The question of the same ticket asks whether to build it now, wait, or leave it out."""
    prose = written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page"), bundle("Mate", "mate", "Vocabulary", x="w")],
        fields=[field(PAGE, "field_a", ref="Mate (Vocabulary)"), *FILLERS],
    )

    assert "on hold; what becomes of field_a meanwhile is to be settled." in plain(
        prose.parts.analysis
    )
    assert "leave references" not in prose.parts.analysis


def test_likeness_and_verification_count_the_same_fields() -> None:
    title = {"Field label": "Title", "Field type": "Entity label"}
    names = ("Page", "Quay")

    prose = written(
        "Configure content type: Page",
        bundles=[bundle(n, n.casefold()) for n in names],
        fields=[
            row
            for n in names
            for row in (
                field(f"{n} (Content type)", "-") | title,
                *(field(f"{n} (Content type)", f"field_{i}") for i in range(8)),
            )
        ],
    )

    assert "Much like Quay, which has eight of these eight fields" in plain(prose.parts.analysis)
    assert "Manage fields lists the eight fields of the table besides “Title”" in plain(
        prose.parts.verification
    )


def test_the_default_view_mode_is_quoted_and_not_made_a_sentence() -> None:
    prose = written(
        "Configure content type: Page",
        bundles=[bundle("Page", "page")],
        fields=[field(PAGE, "field_a") | {"Settings/notes": "Render as default"}],
    )

    assert "is rendered as default" not in prose.parts.verification
    assert "“Render as default”" in prose.parts.verification


@pytest.mark.parametrize("fillers", [FILLERS, []], ids=["many fields", "few fields"])
def test_a_preset_that_is_asked_about_is_not_to_be_tried(fillers: list[Row]) -> None:
    prose = written(
        "Configure content type: Page",
        bundles=[
            bundle("Page", "page"),
            bundle("Hours Log", "hours_log"),
            bundle("Lists", "lists", "Vocabulary"),
        ],
        fields=[
            field(PAGE, "field_list", ref="Lists (Vocabulary)")
            | {"Settings/notes": "Hours term selected by default."},
            *fillers,
        ],
    )

    assert "is this preset right?" in prose.parts.questions
    assert "Hours" not in prose.parts.verification

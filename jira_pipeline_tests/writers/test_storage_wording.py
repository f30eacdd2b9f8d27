"""Fields that several bundles share: who has them, who gets them first, who follows."""

from jira_pipeline_tests.stages.made_specifications import bundle, field
from jira_pipeline_tests.writers.rubric import items_of
from jira_pipeline_tests.writers.test_template_writer import written


def analysis_of(name: str, *statuses: str, also: str = "") -> list[str]:
    """The analysis of one of the content types A, B and C, which share `field_s`."""
    names = "ABC"[: len(statuses)]
    prose = written(
        f"Configure content type: {name}",
        bundles=[bundle(n, n.casefold()) for n in names],
        fields=[
            *(
                field(f"{n} (Content type)", "field_s", x)
                for n, x in zip(names, statuses, strict=True)
            ),
            *(field(f"{n} (Content type)", f"field_{n.casefold()}") for n in names),
            *(field(f"{n} (Content type)", also) for n in names[:2] if also),
        ],
    )
    return items_of(prose.parts.analysis)


def test_the_first_to_be_built_says_who_reuses_its_field() -> None:
    assert "field_s is reused on B and one more: one type and one number of values for all." in (
        analysis_of("A", "a", "a", "a")
    )


def test_those_that_follow_say_where_the_field_comes_from() -> None:
    assert "Add field_s from A; do not create it anew." in analysis_of("C", "a", "a", "a")


def test_what_is_built_already_comes_before_what_is_built_first() -> None:
    told = analysis_of("A", "a", "a", "x")

    assert "Add field_s, which is on C already; do not create it anew." in told


def test_fields_that_are_dropped_or_on_hold_elsewhere_are_not_shared() -> None:
    told = analysis_of("A", "a", "d", "w")

    assert not any("field_s" in item for item in told)


def test_fields_from_several_places_are_told_together() -> None:
    told = analysis_of("B", "a", "a", "x", also="field_t")

    assert "Shared fields to add, not to create: field_s (on C already); field_t (from A)." in told

"""Fields that several bundles share: who has them, who gets them first, who follows."""

import pytest

from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field
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


def shared(*cells: Row) -> TicketProse:
    """The ticket of the content type B, which shares `field_s` with A: one row of cells each."""
    return written(
        "Configure content type: B",
        bundles=[bundle(n, n.casefold()) for n in "AB"],
        fields=[
            field(f"{n} (Content type)", "field_s") | row
            for n, row in zip("AB", cells, strict=True)
        ],
    )


@pytest.mark.parametrize(
    ("column", "words"), [("Field type", "the type"), ("Vals.", "the number of values")]
)
def test_a_field_whose_users_contradict_each_other_is_not_added_before_that_is_settled(
    column: str, words: str
) -> None:
    prose = shared({column: "1"}, {column: "2"})

    told = items_of(prose.parts.analysis)
    assert f"field_s is shared with A once the question on {words} is settled." in told
    assert not any("anew" in item for item in told)
    assert "they share one field storage" in prose.parts.questions


def test_a_field_that_is_called_new_twice_is_asked_about() -> None:
    prose = shared({"Reused Field": "n"}, {"Reused Field": "n"})

    assert "field_s is shared with A once the question on Reused Field is settled." in items_of(
        prose.parts.analysis
    )
    (asked,) = (q.question for q in prose.questions if "Reused" in q.question)
    assert asked == (
        "Reused is n, but `field_s` is called new in A (line 2) too: is it one shared field, or "
        "does each get a name of its own?"
    )


def test_a_field_that_is_new_once_and_reused_then_is_not_asked_about() -> None:
    prose = shared({"Reused Field": "n"}, {"Reused Field": "y"})

    assert "Add field_s from A; do not create it anew." in items_of(prose.parts.analysis)
    assert not any("Reused" in question.question for question in prose.questions)


def test_the_odd_one_out_is_not_counted_among_those_that_share_a_field() -> None:
    prose = written(
        "Configure content type: A",
        bundles=[bundle(n, n.casefold()) for n in "ABC"],
        fields=[
            field(f"{n} (Content type)", "field_s") | {"Vals.": vals}
            for n, vals in zip("ABC", "112", strict=True)
        ],
    )

    assert "field_s is reused on B: one type and one number of values for all." in items_of(
        prose.parts.analysis
    )


def test_fields_from_several_places_are_told_together() -> None:
    told = analysis_of("B", "a", "a", "x", also="field_t")

    assert "Shared fields to add, not to create: field_s (on C already); field_t (from A)." in told


def test_a_field_that_stands_twice_in_one_bundle_is_told_without_another_one() -> None:
    """Nobody else has it; looking for one once ended the writing of the ticket."""
    prose = written(
        "Configure content type: A",
        bundles=[bundle("A", "a")],
        fields=[field("A (Content type)", "field_s") | {"Vals.": n} for n in "1*"],
    )

    assert (
        "field_s is listed in more than one row here; build one field once the question on the "
        "number of values is settled."
    ) in items_of(prose.parts.analysis)

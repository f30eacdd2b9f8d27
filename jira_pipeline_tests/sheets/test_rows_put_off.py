"""Rows that are not built now, in the words of those who wrote them: found, asked, never lost."""

from jira_pipeline.drupal.meaning.notes import is_not_now, puts_off
from jira_pipeline.model.entities import Status
from jira_pipeline.model.findings import Severity
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.sheets.made_readings import Expected, Reading
from jira_pipeline_tests.tables import each


@each(
    ("text", "header"),
    [
        *(
            (text, "")
            for text in ("Phase 2", "later", "For later", "OUT OF SCOPE", "v. next phase")
        ),
        *((text, "") for text in ("Not in MVP.", "do not build", "don’t build yet", "Post-launch")),
        *(("2", header) for header in ("Phase", "Release", "Build phase")),
        *((("no", header)) for header in ("MVP", "In scope?")),
    ],
)
def test_words_for_what_is_not_built_now(text: str, header: str) -> None:
    assert is_not_now(text, header) == (text != "v. next phase")


@each("text", ["Phase 1", "Phase", "2", "Later opening hours", "In scope", "Release notes", "now"])
def test_words_that_say_nothing_of_it(text: str) -> None:
    assert not is_not_now(text, "Text")
    assert not is_not_now("1", "Phase")


BUNDLES = "Name,Machine name,Type,{}\nKiln,kiln,Content type,{}\nGlaze,glaze,Vocabulary,{}\n"


@each(
    ("cells", "expected"),
    [
        # it was built as if now, and nothing said so
        (("X,Planned", "a,Phase 2", "a,1"), {"row_put_off": ["warning 2"]}),
        (("X,Planned", "w,Phase 2", "a,1"), {"row_put_off": []}),
        # it was built, and a check said that it is as its note says
        *(
            (
                ("Remarks", f'"{text}"', ""),
                {"statuses": {"Kiln": "w", "Glaze": "a"}, "row_put_off": ["warning 2"]},
            )
            for text in (
                *("Release 2, needs the museum's lift", "on hold until the roof is tight"),
                "Later",
            )
        ),
        # a status says why
        (
            ("X,Remarks", '"Phase 3, after the fair",Phase 2', "a,Phase 2"),
            {"statuses": {"Kiln": "w", "Glaze": "a"}},
        ),
        # all rows of a phase are built
        (("X,Remarks", ",Phase 2", "a,Phase 2"), {"statuses": {"Kiln": "a", "Glaze": "a"}}),
    ],
)
def test_a_row_that_a_column_or_a_remark_puts_off_is_on_hold_or_a_finding(
    cells: tuple[str, str, str], expected: Expected
) -> None:
    reading = Reading({"Bundles.csv": BUNDLES.format(*cells)})

    assert expected == reading.asked(expected)


def test_without_a_status_any_column_that_puts_rows_off_is_asked_for() -> None:
    """Words of three or more were no codes: all rows were built, and nothing was said."""
    sheets = {"Bundles.csv": BUNDLES.format("Rollout", "not in scope", "yes")}

    asked = Reading(sheets).only("status_column_missing")

    assert asked.severity is Severity.ERROR
    assert "“Rollout”" in asked.advice


def test_a_plan_in_which_one_cell_puts_its_row_off_is_no_status() -> None:
    """“Turn: X” was advised, and then each turn was asked about."""
    rows = BUNDLES.format("Turn", "T1", "Ida / T2") + "Clay,clay,Vocabulary,later\n"

    reading = Reading({"Bundles.csv": rows})

    lacking = reading.only("status_column_missing")
    assert (lacking.severity, "Turn" in lacking.advice) == (Severity.WARNING, False)
    assert reading.statuses == {"Kiln": "a", "Glaze": "a", "Clay": "w"}


@each("text", ["Later, editors add a map", "Phase 2: a map", "Later opening hours"])
def test_what_comes_later_beside_a_row_does_not_put_it_off(text: str) -> None:
    assert not puts_off(text)


def test_a_row_that_drupal_has_is_there_and_counted_among_nothing_to_build() -> None:
    """“9 image styles and Admin list” were to be built, the last of which is Drupal's own."""
    sheet = "Style name,Machine name,Used for\nWide,wide,Top\nThumb,thumb,Drupal standard\n"

    reading = Reading({"Styles.csv": sheet})

    assert reading.statuses == {"Wide": Status.APPROVED, "Thumb": Status.IMPLEMENTED}
    assert [f.line for f in reading.found("row_put_off")] == [3]


def test_rows_of_which_nobody_says_that_they_are_to_be_built_are_only_quoted() -> None:
    reading = Reading({"Loud.csv": "Thing,Where\nHorn,Bow\nBell,Stern\n"})

    (group,) = group_entities(reading.specification).groups

    assert [table.title for table in tables_of(group)] == ["Rows (2)"]

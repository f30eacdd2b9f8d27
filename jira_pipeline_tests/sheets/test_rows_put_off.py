"""Rows that are not built now, in the words of those who wrote them: found, asked, never lost."""

from jira_pipeline.drupal.meaning.notes import is_not_now
from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests.tables import each

BUNDLES = "Name,Machine name,X,Type,{}\nKiln,kiln,{},Content type,{}\nGlaze,glaze,a,Vocabulary,1\n"


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


def test_a_row_to_build_that_a_column_puts_off_is_a_finding() -> None:
    """It was built as if now, and nothing said so."""
    text = BUNDLES.format("Planned", "a", "Phase 2")

    reading = read_files({"Bundles.csv": text.encode()})
    findings = read_entities(reading.tables).findings

    assert [(f.severity, f.line, f.column) for f in findings if f.code == "row_put_off"] == [
        (Severity.WARNING, 2, "Planned")
    ]


def test_a_row_on_hold_needs_no_such_finding() -> None:
    text = BUNDLES.format("Planned", "w", "Phase 2")

    findings = read_entities(read_files({"Bundles.csv": text.encode()}).tables).findings

    assert "row_put_off" not in {f.code for f in findings}


def test_without_a_status_any_column_that_puts_rows_off_is_asked_for() -> None:
    """Words of three or more were no codes: all rows were built, and nothing was said."""
    text = "Name,Machine name,Type,Rollout\nKiln,kiln,Content type,not in scope\nGlaze,glaze,Vocabulary,yes\n"

    findings = read_files({"Bundles.csv": text.encode()}).findings

    (asked,) = [f for f in findings if f.code == "status_column_missing"]
    assert asked.severity is Severity.ERROR
    assert "“Rollout”" in asked.advice

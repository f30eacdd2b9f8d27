"""Rows that are not built now, in the words of those who wrote them: found, asked, never lost."""

from jira_pipeline.drupal.meaning.notes import is_not_now, puts_off
from jira_pipeline.model.entities import Specification, Status
from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.grouping import group_entities
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


def test_a_plan_in_which_one_cell_puts_its_row_off_is_no_status() -> None:
    """“Turn: X” was advised, and then each turn was asked about."""
    rows = (
        "Kiln,kiln,Content type,T1\nGlaze,glaze,Vocabulary,Ida / T2\nClay,clay,Vocabulary,later\n"
    )

    reading = read_files({"Bundles.csv": f"Name,Machine name,Type,Turn\n{rows}".encode()})

    (lacking,) = [f for f in reading.findings if f.code == "status_column_missing"]
    assert (lacking.severity, "Turn" in lacking.advice) == (Severity.WARNING, False)
    entities = read_entities(reading.tables).entities
    assert [e.status for e in entities] == [Status.APPROVED, Status.APPROVED, Status.WAITING]


@each("text", ["Release 2, needs the museum's lift", "on hold until the roof is tight", "Later"])
def test_a_row_whose_remark_puts_it_off_with_a_reason_is_on_hold(text: str) -> None:
    """It was built, and a check said that it is as its note says."""
    sheet = f'Name,Machine name,Type,Remarks\nKiln,kiln,Content type,"{text}"\nGlaze,glaze,Vocabulary,\n'

    read = read_entities(read_files({"Bundles.csv": sheet.encode()}).tables)

    assert [entity.status for entity in read.entities] == [Status.WAITING, Status.APPROVED]
    assert [f.line for f in read.findings if f.code == "row_put_off"] == [2]


def test_a_status_says_why_and_all_rows_of_a_phase_are_built() -> None:
    rows = "Kiln,kiln,Content type,{},Phase 2\nGlaze,glaze,Vocabulary,a,Phase 2\n"

    def statuses(status: str) -> list[Status]:
        sheet = f"Name,Machine name,Type,X,Remarks\n{rows.format(status)}".encode()
        return [e.status for e in read_entities(read_files({"Bundles.csv": sheet}).tables).entities]

    assert statuses('"Phase 3, after the fair"') == [Status.WAITING, Status.APPROVED]
    assert statuses("") == [Status.APPROVED, Status.APPROVED]


@each("text", ["Later, editors add a map", "Phase 2: a map", "Later opening hours"])
def test_what_comes_later_beside_a_row_does_not_put_it_off(text: str) -> None:
    assert not puts_off(text)


def test_a_row_that_drupal_has_is_there_and_counted_among_nothing_to_build() -> None:
    """“9 image styles and Admin list” were to be built, the last of which is Drupal's own."""
    sheet = "Style name,Machine name,Used for\nWide,wide,Top\nThumb,thumb,Drupal standard\n"

    read = read_entities(read_files({"Styles.csv": sheet.encode()}).tables)

    assert [entity.status for entity in read.entities] == [Status.APPROVED, Status.IMPLEMENTED]
    assert [f.line for f in read.findings if f.code == "row_put_off"] == [3]


def test_rows_of_which_nobody_says_that_they_are_to_be_built_are_only_quoted() -> None:
    sheet = b"Thing,Where\nHorn,Bow\nBell,Stern\n"
    read = read_entities(read_files({"Loud.csv": sheet}).tables)

    (group,) = group_entities(Specification(entities=read.entities)).groups

    assert [table.title for table in tables_of(group)] == ["Rows (2)"]

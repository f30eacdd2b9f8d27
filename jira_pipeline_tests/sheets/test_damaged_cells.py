"""Cells that a program changed before the export: dates, wrong letters, dashes, forms of one letter."""

import datetime as dt
import unicodedata

from xlsxwriter.workbook import Workbook

from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sheets.reading.cells import as_meant, count_spelled, range_of_date
from jira_pipeline.sheets.reading.csv_files import undamaged
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.sheets.made_workbooks import fill, written
from jira_pipeline_tests.sheets.test_spellings import tickets_of
from jira_pipeline_tests.tables import each

HEADER = "Bundle,Field label,Machine name,X,Field type,Ref. bundle,Req'd,Vals.,Help text"


def read(**texts: str) -> Reading:
    return Reading({f"{name}.csv": text for name, text in texts.items()})


DATES = {
    "2026-05-01": "1-5",
    "2026-02-04": "2-4",
    "2026-02-04 00:00:00": "2-4",
    "01.06.2026": "1-6",
    "1/10/26": "1-10",
    "3-May": "3-5",
    "Feb-06": "2-6",
    "02. Mrz": "2-3",
    "1-août": "1-8",
    "2 ene 2026": "1-2",
    "1-dic": "1-12",
}


@each("text", DATES)
def test_a_date_is_no_number_of_values(text: str) -> None:
    assert (count_spelled(text), range_of_date(text)) == (None, DATES[text])


@each("text", ["1-5", "3 values", "max 3", "0..n", "1 to 4", "2", "1-Xyz", "two or three"])
def test_what_people_type_is_no_date(text: str) -> None:
    assert range_of_date(text) is None


def test_what_was_typed_where_a_program_made_dates_is_said() -> None:
    """2026-04-02 was read as the range 2026-(04-02), which is 4-2, which is 2."""

    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Fields")
        fill(
            worksheet,
            [
                HEADER.split(","),
                *(
                    ["Quay (Content type)", label, f"field_{label.lower()}", "a", "Link", "", "y"]
                    for label in ("Berths", "Cranes", "Pilots")
                ),
            ],
        )
        shown = workbook.add_format({"num_format": "d-mmm"})
        worksheet.write_datetime("H2", dt.date(2026, 4, 2), shown)
        worksheet.write_datetime("H3", dt.date(2026, 1, 3), shown)
        worksheet.write_string("H4", "1-3")

    reading = Reading({"Harbour.xlsx": written(write)})

    found = reading.only("spelling_unknown")
    assert "probably typed: “2-4” (2026-04-02), “1-3” (2026-01-03)." in found.message
    counts = {field.label: field.count("Vals.") for field in reading.of(EntityKind.FIELD)}
    assert counts == {"Berths": None, "Cranes": None, "Pilots": 3}


DASHED = {
    "bundles": "Name,Machine name,X,Type,URL alias pattern\nQuay,quay,a,Content type,-\n",
    "fields": f"{HEADER}\nQuay (Content type),Title,-,a,Entity label,-,y,-,-\n"
    "Quay (Content type),Crane,field_crane,a,Entity reference,Quay (Content type),-,1,-\n",
    "states": "Workflow,Label,Machine name,X,Notes\nGate,Open,open,a,-\n",
    "transitions": "Workflow,Label,Machine name,X,From state,To state\nGate,Reopen,-,a,-,Open\n",
    "workflows": "Label,Machine name,X,Type\nGate,gate,a,Content moderation\n",
}


@each("dash", ["–", "—", "―", "\u2212", "\uff0d", "--", "'-", "’–", "'-'"])
def test_a_dash_of_any_kind_says_that_nothing_applies(dash: str) -> None:
    """The field was called “—”, and “Saving fails while — is empty”."""
    other = {name: text.replace(",-", f",{dash}") for name, text in DASHED.items()}

    reading = read(**other)

    assert tickets_of(reading.folder.tables) == tickets_of(read(**DASHED).folder.tables)
    assert not {"machine_name_invalid", "reference_dangling"} & {f.code for f in reading.findings}
    title = reading.of(EntityKind.FIELD)[0]
    assert (title.machine_name, title.as_in_sheet.cell("Machine name")) == ("-", dash)
    assert [note_of(state) for state in reading.of(EntityKind.WORKFLOW_STATE)] == [""]


@each(
    ("written", "meant"),
    [
        ("'=SUM(A1)", "=SUM(A1)"),
        ("'+47 22 00", "+47 22 00"),
        ("'@home", "@home"),
        ("'1-5", "1-5"),
        ("'*", "*"),
        ("'90s music", "'90s music"),
        ("'t Eiland", "'t Eiland"),
        ("well-made", "well-made"),
    ],
)
def test_the_apostrophe_of_an_export_is_no_part_of_a_cell(written: str, meant: str) -> None:
    assert as_meant(written) == meant


ISLANDS = {
    "bundles": "Name,Machine name,X,Type\nŒuvre d’été,oeuvre,a,Content type\nFähre,ferry,a,Vocabulary\n",
    "fields": f"{HEADER}\nŒuvre d’été (Content type),Fähre,field_ferry,a,Entity reference,"
    "Fähre (Vocabulary),y,1,\n",
    "modes": "View Modes,Entity Type,Entities Used On\nCarte,Content type,Œuvre d’été\n",
    "workflows": "Label,Machine name,X,Type,Applies to\nRelecture,review,a,Content moderation,Œuvre d’été\n",
    "states": "Workflow,Label,Machine name,X\nRelecture,Brouillon,draft,a\n",
}


@each("changed", ISLANDS)
@each("form", ["NFD", "NFKD", "NFC"])
def test_a_name_is_the_same_in_every_form_of_its_letters(form: str, changed: str) -> None:
    """“Fähre” was not among the bundles, and the nearest name was Fähre."""
    text = unicodedata.normalize(form, ISLANDS[changed])  # type: ignore[arg-type] # one of four words

    reading = read(**{**ISLANDS, changed: text})

    codes = {finding.code for finding in reading.findings}
    assert codes.isdisjoint({"reference_dangling", "sheet_missing", "label_contradicts_target"})
    said, meant = (
        unicodedata.normalize("NFKC", str([t[1:] for t in tickets_of(one.folder.tables).values()]))
        for one in (reading, read(**ISLANDS))
    )
    assert said == meant
    (field,) = reading.of(EntityKind.FIELD)
    assert field.cell("Bundle") in reading.folder.tables[1].rows[0].cells


WORDS = (
    *("Bjørnøya", "l’été – 5 €", "Größe", "Ärger", "Władysław", "Česká školka", "Привет", "東京"),
    *("Öl", "à la carte", "30 °C", "→ next", "MAÑANA", "“so”", "STRAßE", "½ cup", "© Pier 9"),
)


@each("encoding", ["cp1252", "latin-1", "mac_roman", "cp1250", "cp850"])
@each("word", WORDS)
def test_text_that_was_read_in_a_wrong_encoding_is_known(word: str, encoding: str) -> None:
    spare = "latin-1" if encoding == "cp1252" else encoding
    damaged = "".join(
        bytes([byte]).decode(encoding, "ignore") or bytes([byte]).decode(spare, "replace")
        for byte in word.encode()
    )

    assert undamaged(damaged) == (word if "\ufffd" not in damaged else undamaged(damaged))


@each(
    "text",
    [
        *("CAFÉ’s", "„Ä“", "IRMÃ”", "la letra «Ñ»", "é…»", "≈£500", "IKEÅ®", "PĂŞUNE", "MANHÃ…"),
        *(
            "Ελληνικά",
            "Кириллица «да»",
            "naïve—œuvre",
            "日本語 テスト",
            "ÅÄÖ…",
            "Ã",
            "20–é",
            *WORDS,
        ),
    ],
)
def test_what_people_write_is_not_taken_for_that(text: str) -> None:
    assert undamaged(text) == text

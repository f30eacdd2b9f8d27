"""Which words are slips of known ones, and which are words of their own."""

from jira_pipeline.model.findings import Finding
from jira_pipeline.sheets.reading.cells import (
    BUNDLE_TYPES,
    ENTITY_TYPES,
    FIELD_TYPES,
    WIDGETS,
    nearly,
)
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests.tables import each


@each(
    ("text", "known", "meant"),
    [
        ("Entity refrence", FIELD_TYPES, "Entity reference"),
        ("Entitiy Reference", FIELD_TYPES, "Entity reference"),
        ("text (fomatted, long)", FIELD_TYPES, "Text (formatted, long)"),
        ("Date rnage", FIELD_TYPES, "Date range"),
        ("Emial", FIELD_TYPES, "Email"),
        ("Selct list", WIDGETS, "Select list"),
        ("Media Libary", WIDGETS, "Media library"),
        ("Contnet type", BUNDLE_TYPES, "Content type"),
        ("Paragrahp", ENTITY_TYPES, "Paragraph"),
    ],
)
def test_a_slip_is_reported_with_the_word_that_was_meant(
    text: str, known: tuple[str, ...], meant: str
) -> None:
    assert nearly(text, known) == meant


@each(
    "text",
    [
        *(
            "Viewfield",
            "Start date",
            "Time range",
            "Smart date",
            "Video embed",
            "Dynamic reference",
        ),
        *("Booleano", "Texte", "Nombre", "Telefone", "Imagen", "Select2", "Linkit", "Fivestar"),
        *("Images", "Office Hour", "textfield", "DATE-RANGE", "Number", "Range (integer)", "", "-"),
        *("Colour", "Layout Canvas", "List (string)", "Data", "Lint", "SVG image"),
    ],
)
def test_words_of_modules_of_other_languages_and_plurals_are_no_slips(text: str) -> None:
    assert (nearly(text, FIELD_TYPES), nearly(text, WIDGETS)) == (None, None)


@each("known", [FIELD_TYPES, WIDGETS, BUNDLE_TYPES, ENTITY_TYPES])
def test_no_known_word_is_near_another(known: tuple[str, ...]) -> None:
    others = [(word, [other for other in known if other != word]) for word in known]

    assert [(word, near) for word, rest in others if (near := nearly(word, rest))] == []


def findings_of(**sheets: str) -> list[Finding]:
    reading = read_files({f"{name}.csv": text.encode() for name, text in sheets.items()})
    return list(read_entities(reading.tables).findings)


def test_one_finding_names_the_word_and_counts_its_rows() -> None:
    rows = "".join(f"Page (Content type),F{n},f_{n},a,Entity refrence\n" for n in range(3))

    (finding,) = findings_of(
        bundles="Name,Machine name,X,Type\nPage,page,a,Content type\n",
        fields=f"Bundle,Field label,Machine name,X,Field type\n{rows}",
    )

    assert (finding.code, finding.line, finding.column) == ("word_misspelt", 2, "Field type")
    assert "“Entity reference”. 3 rows have it." in finding.message


def test_unknown_statuses_and_bundle_types_name_the_near_one() -> None:
    sheet = "Name,Machine name,X,Type\nPage,page,aproved,Contnet type\nNews,news,q,Thing\n"

    messages = {(f.line, f.code): f.message for f in findings_of(bundles=sheet)}

    assert "close to “approved”" in messages[2, "status_unknown"]
    assert "close to “Content type”" in messages[2, "bundle_type_unknown"]
    assert not any("nearly" in text for (line, _), text in messages.items() if line == 3)

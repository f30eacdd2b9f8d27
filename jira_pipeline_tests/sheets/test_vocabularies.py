"""Words of closed lists that no list has."""

from jira_pipeline_tests.sheets.made_readings import Reading

BUNDLES = "Name,Machine name,X,Type\nPage,page,a,Content type\n"
FIELDS = "Bundle,Field label,Machine name,X,Field type\n"


def test_unknown_statuses_and_bundle_types_are_named() -> None:
    reading = Reading({"bundles.csv": "Name,Machine name,X,Type\nPage,page,aproved,Contnet type\n"})

    assert "“aproved” is not a status" in reading.only("status_unknown").message
    message = reading.only("bundle_type_unknown").message
    assert "“Contnet type” is not a known type of bundle" in message


def test_one_finding_names_the_word_that_was_meant_and_counts_its_rows() -> None:
    rows = "".join(f"Page (Content type),F{n},f_{n},a,Entity refrence\n" for n in range(3))

    (finding,) = Reading({"bundles.csv": BUNDLES, "fields.csv": FIELDS + rows}).entity_findings

    assert (finding.code, finding.line, finding.column) == ("word_misspelt", 2, "Field type")
    assert "“Entity reference”. 3 rows have it." in finding.message


def test_words_of_modules_of_other_languages_and_plurals_are_no_slips() -> None:
    own = "Viewfield,Start date,Smart date,Texte,Booleano,Telefone,Select2,Linkit,Images,Data,Lint"
    rows = "".join(
        f"Page (Content type),F,f_{n},a,{word}\n" for n, word in enumerate(own.split(","))
    )

    reading = Reading({"bundles.csv": BUNDLES, "fields.csv": FIELDS + rows})

    assert reading.found("word_misspelt") == []

"""Words of closed lists that no list has."""

from jira_pipeline.model.findings import Finding
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files


def findings_of(**sheets: str) -> list[Finding]:
    reading = read_files({f"{name}.csv": text.encode() for name, text in sheets.items()})
    return list(read_entities(reading.tables).findings)


def test_unknown_statuses_and_bundle_types_are_named() -> None:
    sheet = "Name,Machine name,X,Type\nPage,page,aproved,Contnet type\n"

    messages = {f.code: f.message for f in findings_of(bundles=sheet)}

    assert "“aproved” is not a status" in messages["status_unknown"]
    assert "“Contnet type” is not a known type of bundle" in messages["bundle_type_unknown"]


def test_one_finding_names_the_word_that_was_meant_and_counts_its_rows() -> None:
    rows = "".join(f"Page (Content type),F{n},f_{n},a,Entity refrence\n" for n in range(3))

    (finding,) = findings_of(
        bundles="Name,Machine name,X,Type\nPage,page,a,Content type\n",
        fields=f"Bundle,Field label,Machine name,X,Field type\n{rows}",
    )

    assert (finding.code, finding.line, finding.column) == ("word_misspelt", 2, "Field type")
    assert "“Entity reference”. 3 rows have it." in finding.message


def test_words_of_modules_of_other_languages_and_plurals_are_no_slips() -> None:
    own = "Viewfield,Start date,Smart date,Texte,Booleano,Telefone,Select2,Linkit,Images,Data,Lint"
    rows = "".join(
        f"Page (Content type),F,f_{n},a,{word}\n" for n, word in enumerate(own.split(","))
    )

    found = findings_of(
        bundles="Name,Machine name,X,Type\nPage,page,a,Content type\n",
        fields=f"Bundle,Field label,Machine name,X,Field type\n{rows}",
    )

    assert "word_misspelt" not in {finding.code for finding in found}

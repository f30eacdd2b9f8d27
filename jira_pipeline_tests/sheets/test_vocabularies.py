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

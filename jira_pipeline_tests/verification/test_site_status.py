"""What X would say of each row, by what a site has."""

from pathlib import Path

from jira_pipeline.kernel.entities import Entity, Status
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_folder
from jira_pipeline.verification.site_status import SiteStatus, statuses_of
from jira_pipeline_tests.verification.invented import Objects, verified


def rows_of(folder: Path) -> tuple[Entity, ...]:
    return read_entities(read_folder(folder).tables).entities


def spoil(objects: Objects) -> None:
    """Build a field otherwise; leave out one that is there, they say, and one to build."""
    objects["field.storage.node.field_genres"]["cardinality"] = -1
    for field in ("author.field_subtitle", "book.field_binding"):
        del objects[f"field.field.node.{field}"]


def proposed(folder: Path, out: Path) -> SiteStatus:
    """Compare the spoilt site with the invented sheets, which `verified` writes."""
    verification = verified(folder, spoil)
    statuses = statuses_of(verification, rows_of(folder / "sheets"), out=out)
    for path, content in statuses.files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return statuses


def test_each_row_gets_the_x_that_the_site_gives_it(tmp_path: Path) -> None:
    proposed(tmp_path, tmp_path / "compared.xlsx")

    before = {row.key: row.status for row in rows_of(tmp_path / "sheets")}
    after = {row.key: row.status for row in rows_of(tmp_path / "compared.xlsx")}
    book, author = "field:Content type/book", "field:Content type/author"
    assert after.keys() == before.keys()
    assert after["bundle:Content type/book"] is Status.IMPLEMENTED
    assert after[f"{author}/field_portrait"] is Status.IMPLEMENTED
    assert after[f"{book}/field_genres"] is Status.CHANGED
    assert after[f"{author}/field_subtitle"] is Status.APPROVED
    kept = (f"{book}/field_binding", "bundle:Vocabulary/shelf", "bundle:Content type/voucher")
    assert [after[key] for key in kept] == [before[key] for key in kept]


def test_other_cells_are_as_they_were(tmp_path: Path) -> None:
    proposed(tmp_path, tmp_path / "compared")

    def without_x(rows: tuple[Entity, ...]) -> list[dict[str, str]]:
        return [{c: cell for c, cell in row.cells.items() if c != "X"} for row in rows]

    assert without_x(rows_of(tmp_path / "compared")) == without_x(rows_of(tmp_path / "sheets"))


def test_a_finding_says_why_and_names_the_cell(tmp_path: Path) -> None:
    statuses = proposed(tmp_path, tmp_path / "compared")

    (finding,) = (f for f in statuses.findings if "Genres" in f.message)
    assert (finding.code, finding.file, finding.column) == ("otherwise_on_site", "fields.csv", "X")
    assert "something else in Vals." in finding.message
    assert finding.advice.startswith("Write c")
    assert {*statuses.proposed.values()} == {"a", "c", "x"}

"""Workbooks of people who never saw the product: how they call columns, and what says the rest."""

from collections.abc import Mapping

from jira_pipeline.model.entities import Entity, EntityKind
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests.tables import each

RECIPES = "Name,Machine name,X,Type\nRecipe,recipe,a,Content type\n"


def read(files: Mapping[str, str]) -> tuple[list[Entity], list[Finding]]:
    reading = read_files({name: text.encode() for name, text in files.items()})
    entities = read_entities(reading.tables)
    return list(entities.entities), [*reading.findings, *entities.findings]


def codes(findings: list[Finding], severity: Severity) -> list[str]:
    return [one.code for one in findings if one.severity is severity]


@each("header", ["Type", "type", "Kind", "Field kind"])
def test_a_short_header_is_that_of_field_types_where_its_cells_are_some(header: str) -> None:
    """It blocked the upload, with a line to write for every such sheet."""
    rows = "Recipe,Time,field_time,a,Integer\nRecipe,Hint,field_hint,a,Our box\nRecipe,Card,field_card,a,Link ->\n"

    entities, found = read(
        {"b.csv": RECIPES, "f.csv": f"Bundle,Field label,Machine name,X,{header}\n{rows}"}
    )

    types = [e.cell("Field type") for e in entities if e.kind is EntityKind.FIELD]
    assert types == ["Number (integer)", "Our box", "Link ->"]
    assert codes(found, Severity.ERROR) == []
    assert [(f.severity, f.column) for f in found if f.code == "header_by_cells"] == [
        (Severity.INFO, header)
    ]


def test_below_a_short_header_may_be_something_else() -> None:
    rows = "Recipe,Time,field_time,a,old,Link\nRecipe,Hint,field_hint,a,new,Link\n"

    untyped = "Bundle,Field label,Machine name,X,Kind,Made of\n"
    typed = "Bundle,Field label,Machine name,X,Type,Field type\n"
    _, found = read({"b.csv": RECIPES, "f.csv": untyped + rows})
    entities, about = read({"b.csv": RECIPES, "f.csv": typed + rows})

    assert codes(found, Severity.ERROR) == ["column_missing"]
    assert "header_by_cells" not in {one.code for one in (*found, *about)}
    assert {e.cell("Type") for e in entities if e.kind is EntityKind.FIELD} == {"old", "new"}


@each(
    "header,title,bundle_type",
    [
        ("Vocabulary", "Sheet7", "Vocabulary"),
        ("Paragraph", "Building blocks of pages", "Paragraph type"),
        ("CT", "Overview", "Content type"),
        ("Name", "CTs", "Content type"),
    ],
)
def test_the_header_of_names_or_the_sheet_says_of_which_type_all_bundles_are(
    header: str, title: str, bundle_type: str
) -> None:
    """The sheet was an error, or nobody's."""
    text = f"{header},Machine name,X,URL alias pattern,Purpose\nDiet,diet,a,,What it is\n"

    entities, found = read({f"{title}.csv": text})

    assert [(e.label, e.bundle_type) for e in entities] == [(f"Diet ({bundle_type})", bundle_type)]
    assert codes(found, Severity.ERROR) == []
    (remark,) = [one for one in found if one.code == "owner_of_sheet"]
    assert f"its 1 row were read as part of “{bundle_type}”" in remark.message

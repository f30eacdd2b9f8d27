"""What fields refer to where no column is called so: a cell of the row names listed things."""

from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.tables import each

THINGS = """Name,Machine name,X,Type,Code
Pier,pier,a,Content type,
Tide,tide,a,Vocabulary,
Chart,chart,a,Media type,
Chart,chart,a,Paragraph type,S1
Log entry,log_entry,a,Paragraph type,S2
"""


def read(kind: str, cell: str) -> tuple[Entity, ...]:
    fields = f'Bundle,Field label,Machine name,X,Field type,Where from\nPier,Thing,field_thing,a,{kind},"{cell}"\n'
    tables = read_files({"Things.csv": THINGS.encode(), "Fields.csv": fields.encode()}).tables
    return read_entities(tables).entities


@each(
    ("kind", "cell", "targets"),
    [
        ("Entity reference", "Tide", ["tide"]),
        ("own code", "Tides", ["tide"]),
        ("Paragraphs", "S1 / S2 only", ["Paragraph type/chart", "log_entry"]),
        ("Ref (media)", "Chart", ["Media type/chart"]),
        ("own code", "Chart", []),
        ("own code", "default: Tide", []),
        ("own code", "Tide and time", []),
        ("Text (plain)", "Tide", []),
        ("Entity reference", "Vocabulary: Tide", ["tide"]),
    ],
)
def test_a_cell_that_names_nothing_but_listed_things_is_what_a_field_refers_to(
    kind: str, cell: str, targets: list[str]
) -> None:
    (field,) = (one for one in read(kind, cell) if one.kind is EntityKind.FIELD)

    keys = [str(reference.target_key) for reference in field.references]
    assert len(keys) == len(targets)
    assert all(key.endswith(target) for key, target in zip(keys, targets, strict=True))


def test_a_ticket_waits_for_what_its_fields_name_in_any_column() -> None:
    """No ticket of people without a column for it depended on another one."""
    groups = group_entities(Specification(entities=read("own code", "Tide"))).groups

    (pier,) = (group for group in groups if group.label == "Pier")
    assert [each.group_key for each in pier.dependencies] == ["bundles_without_fields:Vocabulary"]

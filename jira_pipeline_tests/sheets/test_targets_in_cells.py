"""What fields refer to where no column is called so: a cell of the row names listed things."""

from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline_tests.tables import each

THINGS = """Name,Machine name,X,Type,Code
Pier,pier,a,Content type,
Tide,tide,a,Vocabulary,
Chart,chart,a,Media type,
Chart,chart,a,Paragraph type,S1
Log entry,log_entry,a,Paragraph type,S2
Ads,ads,a,Content type,
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
        ("own code", "Ad", []),
        ("Text (plain)", "Tide", []),
        ("Paragraphs", "All components", ["None"]),
        ("Text (plain)", "All components", []),
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


def test_a_thing_whose_row_may_list_its_fields_is_not_without_fields() -> None:
    """Its ticket said “without fields of their own” beside the cell that lists them."""
    text = "Name,Machine name,X,Type,{}\nRope,rope,a,Media type,{}\nPier,pier,a,Content type,\n"

    def title(header: str, cell: str) -> str:
        files = {"Things.csv": text.format(header, f'"{cell}"').encode()}
        files["Fields.csv"] = (
            b"Bundle,Field label,Machine name,X,Field type\nPier,A,field_a,a,Link\n"
        )
        entities = read_entities(read_files(files).tables).entities
        titles = [g.title for g in group_entities(Specification(entities=entities)).groups]
        return next(each for each in titles if "media" in each)

    assert title("Has", "Knot (knot); Length (cm)") == "Create 1 media type"
    assert title("Own fields", "Knot") == "Create 1 media type"
    assert title("Weather", "fair") == "Create 1 media type without custom fields"


@each(
    ("cell", "is_asked"), [("1-5", False), ("red / blue", False), ("red; blue", False), ("", True)]
)
def test_values_are_not_asked_for_beside_a_cell_that_may_list_them(
    cell: str, *, is_asked: bool
) -> None:
    specification = Specification(entities=read("List (text)", cell))

    groups = group_entities(specification).groups

    asked = {question.kind for _, question in all_open_questions(groups, specification)}
    assert ("bundles.options" in asked) is is_asked


def test_machine_names_beside_fields_are_no_targets_and_a_missing_column_is_asked_once() -> None:
    """A field `tide` referred to the vocabulary of that name; each ticket asked for blank cells."""
    rows = "Pier,High,tide,own\nPier,Low,ebb,own\nPier,Map,chart,own\n"
    files = {
        "Things.csv": THINGS.encode(),
        "Fields.csv": f"Bundle,Field label,Field id,Field type\n{rows}".encode(),
        "More fields.csv": b"Bundle,Field label,Machine name,Note\nPier,Depth,field_depth,deep\n",
    }

    specification = Specification(entities=read_entities(read_files(files).tables).entities)

    fields = specification.by_kind[EntityKind.FIELD]
    assert [field.references for field in fields] == [(), (), (), ()]
    groups = group_entities(specification).groups
    asked = {question.kind for _, question in all_open_questions(groups, specification)}
    assert "bundles.field_type" not in asked


def test_a_column_of_turns_that_are_called_like_a_thing_is_no_target() -> None:
    """“S1” of a plan was what every field referred to, texts and titles too."""
    header = "Bundle,Field label,Machine name,X,Field type,Turn,Options\n"
    rows = (
        "Pier,Title,title,a,Title,Tide,\n"
        "Pier,High,field_high,a,Text (plain),Tide,\n"
        "Pier,Chart,field_chart,a,Ref (media),Tide,Chart\n"
        "Pier,Own,field_own,a,own code,Tide,\n"
        "Pier,Body,body,a,Title,,Tide\n"
    )
    files = {"Things.csv": THINGS.encode(), "Fields.csv": f"{header}{rows}".encode()}

    found = read_entities(read_files(files).tables).entities

    keys = {e.label: [*map(str, (r.target_key for r in e.references))] for e in found}
    targets = {label: each for label, each in keys.items() if each}
    assert [*targets] == ["Chart"]
    assert targets["Chart"][0].endswith("Media type/chart")


def test_each_name_in_a_list_of_targets_stands_for_itself() -> None:
    """A name of two types, or of none, was no target, and with it none of the list was one."""
    rows = 'Brick,"Log entry, Chart"\nTerm,Tide\nTerm,Tide\nTerm,Ebb\nLink,Ebb\n'
    lines = (f"Pier,F{n},f_{n},a,{row}" for n, row in enumerate(rows.splitlines()))
    fields = "\n".join(["Bundle,Field label,Machine name,X,Field type,Goes to", *lines])
    files = {"Things.csv": THINGS.encode(), "Fields.csv": fields.encode()}

    entities = read_entities(read_files(files).tables)

    found = [
        [(each.text, each.target_key) for each in field.references]
        for field in entities.entities
        if field.kind is EntityKind.FIELD
    ]
    assert [[(text, bool(key)) for text, key in each] for each in found] == [
        [("Log entry (Paragraph type)", True), ("Chart (Paragraph type)", True)],
        [("Tide (Vocabulary)", True)],
        [("Tide (Vocabulary)", True)],
        [("Ebb", False)],
        [],
    ]
    assert [f.value for f in entities.findings if f.code == "reference_dangling"] == ["Ebb"]


@each(("kind", "key"), [("Paragraphs", "Paragraph type"), ("Media", "Media type"), ("Own", "None")])
def test_the_type_of_a_field_says_which_of_two_names_is_meant(kind: str, key: str) -> None:
    fields = f"Bundle,Field label,Machine name,X,Field type,Ref. bundle\nPier,A,a,a,{kind},Chart\n"
    files = {"Things.csv": THINGS.encode(), "Fields.csv": fields.encode()}

    (field,) = (one for one in read_entities(read_files(files).tables).entities if one.label == "A")

    assert key in str(field.references[0].target_key)

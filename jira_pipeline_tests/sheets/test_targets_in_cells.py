"""What fields refer to where no column is called so: a cell of the row names listed things."""

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.tables import each

THINGS = """Name,Machine name,X,Type,Code
Pier,pier,a,Content type,
Tide,tide,a,Vocabulary,
Chart,chart,a,Media type,
Chart,chart,a,Paragraph type,S1
Log entry,log_entry,a,Paragraph type,S2
Ads,ads,a,Content type,
"""


def read(rows: str, *, header: str = "Where from") -> Reading:
    """Read fields that have one more column."""
    fields = f"Bundle,Field label,Machine name,X,Field type,{header}\n{rows}"
    return Reading({"Things.csv": THINGS, "Fields.csv": fields})


def one_field(kind: str, cell: str) -> Reading:
    return read(f'Pier,Thing,field_thing,a,{kind},"{cell}"\n')


def kinds_asked(reading: Reading) -> set[str]:
    groups = group_entities(reading.specification).groups
    return {question.kind for _, question in all_open_questions(groups, reading.specification)}


def targets_in(reading: Reading) -> dict[str, list[str]]:
    return {
        field.label: [str(one.target_key).removeprefix("bundle:") for one in field.references]
        for field in reading.of(EntityKind.FIELD)
    }


@each(
    ("kind", "cell", "targets"),
    [
        ("Entity reference", "Tide", ["Vocabulary/tide"]),
        ("own code", "Tides", ["Vocabulary/tide"]),
        ("Paragraphs", "S1 / S2 only", ["Paragraph type/chart", "Paragraph type/log_entry"]),
        ("Ref (media)", "Chart", ["Media type/chart"]),
        ("own code", "Chart", []),
        ("own code", "default: Tide", []),
        ("own code", "Tide and time", []),
        ("own code", "Ad", []),
        ("Text (plain)", "Tide", []),
        ("Paragraphs", "All components", ["None"]),
        ("Text (plain)", "All components", []),
        ("Entity reference", "Vocabulary: Tide", ["Vocabulary/tide"]),
    ],
)
def test_a_cell_that_names_nothing_but_listed_things_is_what_a_field_refers_to(
    kind: str, cell: str, targets: list[str]
) -> None:
    assert targets_in(one_field(kind, cell)) == {"Thing": targets}


def test_a_ticket_waits_for_what_its_fields_name_in_any_column() -> None:
    """No ticket of people without a column for it depended on another one."""
    groups = group_entities(one_field("own code", "Tide").specification).groups

    (pier,) = (group for group in groups if group.label == "Pier")
    assert [each.group_key for each in pier.dependencies] == ["bundles_without_fields:Vocabulary"]


@each(
    ("header", "cell", "title"),
    [
        ("Has", "Knot (knot); Length (cm)", "Create 1 media type"),
        ("Own fields", "Knot", "Create 1 media type"),
        ("Weather", "fair", "Create 1 media type without custom fields"),
    ],
)
def test_a_thing_whose_row_may_list_its_fields_is_not_without_fields(
    header: str, cell: str, title: str
) -> None:
    """Its ticket said “without fields of their own” beside the cell that lists them."""
    things = f'Name,Machine name,X,Type,{header}\nRope,rope,a,Media type,"{cell}"\nPier,pier,a,Content type,\n'
    fields = "Bundle,Field label,Machine name,X,Field type\nPier,A,field_a,a,Link\n"

    reading = Reading({"Things.csv": things, "Fields.csv": fields})

    titles = [group.title for group in group_entities(reading.specification).groups]
    assert title in titles


@each(
    ("cell", "is_asked"), [("1-5", False), ("red / blue", False), ("red; blue", False), ("", True)]
)
def test_values_are_not_asked_for_beside_a_cell_that_may_list_them(
    cell: str, *, is_asked: bool
) -> None:
    assert ("bundles.options" in kinds_asked(one_field("List (text)", cell))) is is_asked


def test_machine_names_beside_fields_are_no_targets_and_a_missing_column_is_asked_once() -> None:
    """A field `tide` referred to the vocabulary of that name; each ticket asked for blank cells."""
    rows = "Pier,High,tide,own\nPier,Low,ebb,own\nPier,Map,chart,own\n"
    more = "Bundle,Field label,Machine name,Note\nPier,Depth,field_depth,deep\n"
    fields = f"Bundle,Field label,Field id,Field type\n{rows}"

    reading = Reading({"Things.csv": THINGS, "Fields.csv": fields, "More fields.csv": more})

    assert targets_in(reading) == {"High": [], "Low": [], "Map": [], "Depth": []}
    assert "bundles.field_type" not in kinds_asked(reading)


def test_a_column_of_turns_that_are_called_like_a_thing_is_no_target() -> None:
    """“S1” of a plan was what every field referred to, texts and titles too."""
    rows = (
        "Pier,Title,title,a,Title,Tide,\n"
        "Pier,High,field_high,a,Text (plain),Tide,\n"
        "Pier,Chart,field_chart,a,Ref (media),Tide,Chart\n"
        "Pier,Own,field_own,a,own code,Tide,\n"
        "Pier,Body,body,a,Title,,Tide\n"
    )

    found = targets_in(read(rows, header="Turn,Options"))

    assert {label: t for label, t in found.items() if t} == {"Chart": ["Media type/chart"]}


def test_each_name_in_a_list_of_targets_stands_for_itself() -> None:
    """A name of two types, or of none, was no target, and with it none of the list was one."""
    rows = 'Brick,"Log entry, Chart"\nTerm,Tide\nTerm,Tide\nTerm,Ebb\nLink,Ebb\n'
    lines = "\n".join(f"Pier,F{n},f_{n},a,{row}" for n, row in enumerate(rows.splitlines()))

    reading = read(lines, header="Goes to")

    assert [*targets_in(reading).values()] == [
        ["Paragraph type/log_entry", "Paragraph type/chart"],
        *(["Vocabulary/tide"], ["Vocabulary/tide"], ["None"], []),
    ]
    assert [f.value for f in reading.found("reference_dangling")] == ["Ebb"]


@each(
    ("kind", "key"),
    [("Paragraphs", "Paragraph type/chart"), ("Media", "Media type/chart"), ("Own", "None")],
)
def test_the_type_of_a_field_says_which_of_two_names_is_meant(kind: str, key: str) -> None:
    found = targets_in(read(f"Pier,A,a,a,{kind},Chart\n", header="Ref. bundle"))

    assert found == {"A": [key]}

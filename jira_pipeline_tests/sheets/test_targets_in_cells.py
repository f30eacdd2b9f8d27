"""What tickets say and ask of fields whose rows name several things, or things in odd places."""

from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.sheets.odd_owners import BY_CELLS, cooked, of_things
from jira_pipeline_tests.sheets.test_spellings import tickets_of
from jira_pipeline_tests.tables import each


def kinds_asked(reading: Reading) -> set[str]:
    groups = group_entities(reading.specification).groups
    return {question.kind for _, question in all_open_questions(groups, reading.specification)}


def test_a_ticket_waits_for_what_its_fields_name_in_any_column() -> None:
    """No ticket of people without a column for it depended on another one."""
    reading = Reading(of_things("Pier,Thing,field_thing,a,own code,Tide"))

    groups = group_entities(reading.specification).groups

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
    reading = Reading(of_things(f"Pier,Thing,field_thing,a,List (text),{cell}"))

    assert ("bundles.options" in kinds_asked(reading)) is is_asked


def test_a_missing_column_is_asked_once() -> None:
    """Each ticket asked for blank cells."""
    reading = Reading(BY_CELLS["machine names beside fields are no targets"])

    assert "bundles.field_type" not in kinds_asked(reading)


def test_questions_about_one_of_two_names_do_not_say_that_no_row_has_it() -> None:
    fields = cooked(
        "Quote,Author,field_author,a,Link,,y,1",
        "Recipe,Said,field_said,a,Entity reference,Quote,y,1",
    )

    said = str([ticket[2] for ticket in tickets_of(Reading(fields).folder.tables).values()])
    assert "(`field_author`) names the type “Quote”, which several rows have: which one" in said
    assert "no row" not in said
    assert "refers to “Quote”, but several rows have such a name: what is meant?" in said


def test_a_row_of_two_bundles_says_what_two_rows_say() -> None:
    row = "Cooked at,field_cooked,a,Date,,y,1"

    one, two = (
        [ticket[1:] for ticket in tickets_of(Reading(cooked(*rows)).folder.tables).values()]
        for rows in ([f'"Recipe, Clip",{row}'], [f"Recipe,{row}", f"Clip,{row}"])
    )

    assert one == two

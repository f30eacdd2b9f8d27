"""What a page says that a worksheet gives: the check by which a person sees whether it is meant."""

from jira_pipeline.sheets.layouts.given_things import GivenReading, GivenThing
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of
from jira_pipeline_tests.sheets.layouts.test_line_choices import reading

TYPES = grid_of(
    "Name | Sort\nShed | Content type\nPond | Content type\nSmells | Vocabulary", "Types"
)
FIELDS = grid_of("On | Label\nShed | Height\nShed | Roof\nBarn | Door\n | Depth", "Fields")
SAID = (
    {"do": "set_shape", "worksheet": "Types", "shape": "types"},
    {
        "do": "set_meaning",
        "worksheet": "Types",
        "header": "Sort",
        "meanings": [{"kind": "bundle", "column": "Type"}],
    },
    {"do": "set_shape", "worksheet": "Fields", "shape": "fields"},
    {
        "do": "set_meaning",
        "worksheet": "Fields",
        "header": "On",
        "meanings": [{"kind": "field", "column": "Bundle"}],
    },
)


def given() -> GivenReading:
    return GivenReading(reading([TYPES, FIELDS], *SAID).applied.rows)


def test_types_are_counted_by_kind_with_their_fields_wherever_these_are_listed() -> None:
    of_types = given().of_worksheets(["Types"])

    assert of_types.summary == "2 content types with 2 fields, 1 vocabulary"
    assert of_types.kinds[0].things == (
        GivenThing("Shed", "2 fields", ("Height", "Roof")),
        GivenThing("Pond", ""),
    )
    assert of_types.unsettled == ()


def test_fields_that_name_a_label_come_before_those_that_name_a_machine_name() -> None:
    """The order was another one each time that the program was started."""
    types = "Name | Type | Machine name"
    fields = "Bundle | Field label"
    for number in range(12):
        types += f"\nShed {number} | Content type | s{number}"
        fields += f"\ns{number} | Roof\nShed {number} | Height"
    grids = [grid_of(types, "Types"), grid_of(fields, "Fields")]

    of_types = GivenReading(reading(grids, SAID[0], SAID[2]).applied.rows)
    (kind,) = of_types.of_worksheets(["Types"]).kinds

    assert {thing.parts for thing in kind.things} == {("Height", "Roof")}


def test_what_belongs_to_nothing_is_named() -> None:
    """54 fields without an owner were in one ticket, and the page called their worksheet clear."""
    of_fields = given().of_worksheets(["Fields"])

    assert of_fields.summary == "4 fields"
    assert [things.text for things in of_fields.unsettled] == [
        "1 field does not say to which type it belongs",
        "1 field belongs to “Barn”, which no worksheet lists",
    ]
    assert of_fields.unsettled_count == 2


def test_steps_say_from_where_to_where() -> None:
    steps = grid_of("Transition | From | To\nSend | Draft | Review", "Steps")
    said = {"do": "set_shape", "worksheet": "Steps", "shape": "workflow_transitions"}

    of_steps = GivenReading(reading([steps], said).applied.rows).of_worksheets(["Steps"])

    assert of_steps.kinds[0].things == (GivenThing("Send", "Draft → Review"),)
    assert (
        of_steps.unsettled[0].text
        == "1 workflow transition does not say to which workflow it belongs"
    )


def test_what_has_no_name_is_counted() -> None:
    things = grid_of("Thing told | How many\nHeight | 1\nRoof | 2", "Things")
    said = {"do": "set_shape", "worksheet": "Things", "shape": "fields"}

    of_things = GivenReading(reading([things], said).applied.rows).of_worksheets(["Things"])

    assert of_things.unsettled[0].text == "2 fields have no name yet"


def test_types_of_one_name_have_the_fields_of_their_kind_alone() -> None:
    """Each was said to have all fields of both; a field that names the kind in brackets was of none."""
    types = grid_of("Name | Type\nShed | Content type\nShed | Paragraph type", "Types")
    fields = grid_of(
        "Bundle | Bundle type | Label\nShed | Content type | Roof\n"
        "Shed | Paragraph type | Text\nShed (Content type) | | Door",
        "Fields",
    )
    said = (
        {"do": "set_shape", "worksheet": "Types", "shape": "types"},
        {"do": "set_shape", "worksheet": "Fields", "shape": "fields"},
    )

    of_types = GivenReading(reading([types, fields], *said).applied.rows).of_worksheets(["Types"])

    assert [thing for kind in of_types.kinds for thing in kind.things] == [
        GivenThing("Shed", "2 fields", ("Roof", "Door")),
        GivenThing("Shed", "1 field", ("Text",)),
    ]

"""What people are told of things before a version of the sheets takes the place of another."""

from dataclasses import replace

import pytest
from typing_extensions import override

from jira_pipeline.model.entities import UNLIMITED, EntityKind
from jira_pipeline.sheets.version_changes import (
    ChangeOfThing,
    VersionThing,
    losses_sentence,
    version_changes,
)


def a_type(label: str, machine_name: str = "") -> VersionThing:
    return VersionThing(
        kind=EntityKind.BUNDLE,
        kind_word="content type",
        key=f"bundle:Content type/{machine_name or label}",
        label=label,
        machine_name=machine_name,
        owner_key=None,
        owner_text="",
        sheet="Types",
        field_type="",
        is_required=False,
        number=None,
    )


def a_field(
    label: str,
    machine_name: str = "",
    *,
    owner: VersionThing,
    is_required: bool = False,
    number: int | None = None,
    field_type: str = "Text (plain)",
) -> VersionThing:
    return VersionThing(
        kind=EntityKind.FIELD,
        kind_word="field",
        key=f"field:{owner.key}/{machine_name or label}",
        label=label,
        machine_name=machine_name,
        owner_key=owner.key,
        owner_text=owner.label,
        sheet="Fields",
        field_type=field_type,
        is_required=is_required,
        number=number,
    )


BOAT = a_type("Boat", "boat")
NAME = a_field("Name", "title", owner=BOAT)
BERTH = a_field("Berth", "field_berth", owner=BOAT)
LENGTH = a_field("Length", "field_length", owner=BOAT, number=UNLIMITED)
BEFORE = (BOAT, NAME, BERTH, LENGTH)


def sentences(*after: VersionThing, before: tuple[VersionThing, ...] = BEFORE) -> list[str]:
    return [change.sentence for change in version_changes(before, after)]


def test_the_same_things_in_another_order_are_nothing_to_tell() -> None:
    assert sentences(BOAT, LENGTH, NAME, BERTH) == []


def test_a_removed_field_is_told_with_its_type_and_counted_as_lost() -> None:
    changes = version_changes(BEFORE, (BOAT, NAME, LENGTH))

    assert [change.sentence for change in changes] == ["Boat loses the field “Berth”."]
    assert losses_sentence(changes) == ("1 field of the version before is not in this one: Berth")


def test_a_removed_type_is_told_once_with_what_belonged_to_it() -> None:
    mole = a_type("Mole")

    assert sentences(mole, before=(*BEFORE, mole)) == [
        "The content type “Boat” is gone, with 3 things that belonged to it."
    ]


def test_another_machine_name_is_told_with_what_is_to_be_done_if_it_is_the_same() -> None:
    renamed = a_field("Berth", "field_mooring", owner=BOAT)

    (change,) = version_changes(BEFORE, (BOAT, NAME, renamed, LENGTH))

    assert change.what is ChangeOfThing.RENAMED
    assert change.sentence == (
        "Boat: the field “Berth” has the machine name `field_mooring`, it was `field_berth`. "
        "If it is the same field, move the content that is there."
    )


def test_a_field_in_the_place_of_another_is_named_with_it_and_elsewhere_it_is_not() -> None:
    renamed = (
        "Boat: the field “Berth” is gone, and “Mooring” is new in its place. "
        "If it is the same field, move the content that is there."
    )
    named = (BOAT, a_field("Name", owner=BOAT), a_field("Berth", owner=BOAT))
    mooring = a_field("Mooring", owner=BOAT)
    other_type = a_field("Mooring", owner=BOAT, field_type="Image")

    assert sentences(named[0], named[1], mooring, before=named) == [renamed]
    assert sentences(named[0], mooring, named[1], before=named) == ["Boat loses the field “Berth”."]
    assert sentences(*named[:2], other_type, before=named) == ["Boat loses the field “Berth”."]


def test_fields_of_a_type_that_may_be_renamed_are_compared_with_those_of_its_new_name() -> None:
    ship = a_type("Ship", "ship")
    fields = [a_field("Name", "title", owner=ship), a_field("Berth", "field_berth", owner=ship)]

    renamed, loss = sentences(ship, *fields)

    assert renamed == (
        "The content type “Boat” is “Ship” now, with the machine name `ship`, it was `boat`. "
        "If it is the same content type, move the content that is there."
    )
    assert loss == "Boat loses the field “Length”."


def test_sheets_that_name_machine_names_since_are_about_the_same_things() -> None:
    before = (a_type("Boat"), a_field("Berth", owner=a_type("Boat")))

    assert sentences(BOAT, BERTH, before=before) == []


@pytest.mark.parametrize(
    ("now", "what"),
    [
        (a_field("Length", "field_length", owner=BOAT, number=1), ChangeOfThing.FEWER_VALUES),
        (
            a_field("Length", "field_length", owner=BOAT, number=UNLIMITED, is_required=True),
            ChangeOfThing.REQUIRED,
        ),
        (
            a_field("Length", "field_length", owner=BOAT, number=UNLIMITED, field_type="Date"),
            ChangeOfThing.RETYPED,
        ),
        (
            a_field("Size", "field_length", owner=BOAT, number=UNLIMITED),
            ChangeOfThing.RELABELLED,
        ),
    ],
    ids=["fewer values", "required", "other type", "other label"],
)
def test_a_narrower_rule_is_told(now: VersionThing, what: ChangeOfThing) -> None:
    changes = version_changes(BEFORE, (BOAT, NAME, BERTH, now))

    assert [change.what for change in changes] == [what]
    assert losses_sentence(changes) == ""


def test_a_wider_rule_is_nothing_to_tell() -> None:
    after = (BOAT, NAME, BERTH, LENGTH)
    before = (
        BOAT,
        NAME,
        a_field("Berth", "field_berth", owner=BOAT, is_required=True),
        a_field("Length", "field_length", owner=BOAT, number=1),
    )

    assert sentences(*after, before=before) == []


def test_a_new_required_field_is_told_of_a_type_that_was_there_and_not_of_a_new_one() -> None:
    flag = a_field("Flag", "field_flag", owner=BOAT, is_required=True)
    ship = a_type("Ship", "ship")
    of_ship = a_field("Flag", "field_flag", owner=ship, is_required=True)

    assert sentences(*BEFORE, flag, ship, of_ship) == [
        "Boat: the field “Flag” is new and required. Content that is there already has none."
    ]


def test_rows_that_look_the_same_are_there_as_often_as_before() -> None:
    """All but the first of some quoted rows were said to be gone from sheets that nobody changed."""
    rows = [replace(NAME, key=f"custom:{number}", kind=EntityKind.CUSTOM) for number in range(3)]

    assert not version_changes(rows, rows)
    assert [change.what for change in version_changes(rows, rows[:2])] == [ChangeOfThing.GONE]


def test_rows_of_one_label_in_a_renamed_worksheet_are_told_within_a_moment() -> None:
    """Each was compared with each: of 100,000 rows the page would have taken minutes."""
    comparisons_count = 0

    class CountedKey(str):
        __slots__ = ()

        @override
        def __hash__(self) -> int:
            nonlocal comparisons_count
            comparisons_count += 1
            return super().__hash__()

    row = replace(NAME, kind=EntityKind.CUSTOM, machine_name="")
    before = [replace(row, key=f"before:{number}", sheet="Old") for number in range(300)]
    after = [replace(row, key=CountedKey(f"after:{number}"), sheet="New") for number in range(300)]

    changes = version_changes(before, after)

    assert {change.what for change in changes} == {ChangeOfThing.GONE}
    assert comparisons_count < 300 * 10

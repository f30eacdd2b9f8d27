"""The targets of a reference field."""

from dataclasses import replace

from jira_pipeline.drupal.field.target import (
    COLUMN,
    NotAReference,
    NoTarget,
    SetElsewhere,
    Targets,
    ask,
    check,
    facts,
    say,
    target_of,
)
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    field,
    fields_of,
    row_of,
    said_by,
    sentences,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

REFERENCE = {"type": "Entity reference", "widget": "Autocomplete"}
SAIL = bundle("Sail", "sail")
ANCHOR = bundle("Anchor", "anchor")
TWO_RIGS = [bundle("Rig", "rig"), bundle("Rig", "rigging")]

THERE = [bundle("Sail", "sail", x="x"), bundle("Deck", "deck", "Paragraph type", "x")]
YARD = bundle("Yard", "yard")
YARD_FIRST = field(
    "field_boat",
    bundle="Yard (Content type)",
    target="Boat (Content type)",
    required="y",
    **REFERENCE,
)
"""Makes the ticket of *Yard* wait for that of *Boat*: what Boat refers to there comes later."""


def refers_to(target: str, name: str = "field_gear", **cells: str) -> Row:
    return field(name, target=target, **{**REFERENCE, **cells})


def targets_in(row: Row, *others: Row) -> Targets:
    ticket = ticket_of(row, others=others)
    (member,) = ticket.group.members
    fact = target_of(member, ticket.session.specification)
    assert isinstance(fact, Targets)
    return fact


# The fact.


def test_the_cell_names_bundles() -> None:
    targets = targets_in(refers_to("Sail (Content type), Anchor"), SAIL, ANCHOR)

    assert [(target.text, target.bundle.machine_name) for target in targets.named] == [
        ("Sail (Content type)", "sail"),
        ("Anchor", "anchor"),
    ]
    assert targets.are_all_named


@each("cell", ["Sail (Content type), Mast (Content type)", "Sail (Content type), All", "All"])
def test_a_name_of_no_bundle_or_of_all_leaves_open_what_may_be_chosen(cell: str) -> None:
    assert not targets_in(refers_to(cell), SAIL).are_all_named


def test_a_bundle_that_is_named_twice_is_one_target() -> None:
    targets = targets_in(refers_to("Sail (Content type), sail"), SAIL)

    assert [row.machine_name for row in targets.bundles] == ["sail"]


@each(
    ("row", "fact"),
    [
        (refers_to(""), NoTarget()),
        (refers_to("", note="Refers to what the view crews lists."), SetElsewhere()),
        (refers_to("", name="uid"), SetElsewhere()),
        (refers_to("", name="field_domain_access"), SetElsewhere()),  # of the module Domain
        (field(type="Text (plain)"), NotAReference()),
    ],
)
def test_a_blank_cell_says_nothing_or_has_no_need_to(row: Row, fact: object) -> None:
    member = row_of(row)

    assert target_of(member, ticket_of(row).session.specification) == fact


# The questions.


def test_what_a_blank_reference_refers_to_is_asked() -> None:
    assert asked("bundles.target", ticket_of(refers_to(""))) == [
        "What may “Gear” (`field_gear`) refer to? Ref. bundle is blank."
    ]


def test_the_question_quotes_what_a_column_that_nobody_knows_says() -> None:
    row = refers_to("") | {"Mooring": "Somewhere in the harbour"}

    (question,) = asked("bundles.target", ticket_of(row))

    assert question.endswith(
        "No known column says; “Mooring” says “Somewhere in the harbour”: is it that?"
    )


def test_the_question_says_that_the_sheet_has_no_column_for_it() -> None:
    ticket = ticket_of(refers_to(""))
    (member,) = ticket.group.members
    cells = {column: text for column, text in member.cells.items() if column != COLUMN.name}
    rows = GroupRows(group=ticket.group, index=ticket.session.index)

    (question,) = ask(replace(member, cells=cells), rows)

    assert question.of_row.question.endswith("The sheet has no column Ref. bundle.")


def test_the_question_says_that_prose_may_have_the_answer() -> None:
    (question,) = asked("bundles.target", ticket_of(refers_to("", note="As the skipper likes.")))

    assert question.endswith("Ref. bundle is blank. The note may say it.")


@each(
    ("cells", "others", "answer"),
    [
        ({}, [bundle("Gear", "gear")], "Gear (Content type)"),
        ({}, [bundle("Gear", "gear"), bundle("Gear", "kit", "Vocabulary")], ""),
        ({}, [bundle("Gear", "gear", "Paragraph type")], ""),
        ({}, [bundle("Gear", "gear", x="d")], ""),
        ({"note": "As the skipper likes."}, [bundle("Gear", "gear")], ""),
        (
            {"type": "Entity reference revisions"},
            [bundle("Gear", "gear", "Paragraph type")],
            "Gear (Paragraph type)",
        ),
        ({"widget": "Media library"}, [bundle("Gear", "gear")], ""),
        ({"widget": "Media library"}, [bundle("Gear", "gear", "Media type")], "Gear (Media type)"),
        ({}, [SAIL], ""),
    ],
)
def test_the_only_type_of_its_name_is_likely(
    cells: dict[str, str], others: list[Row], answer: str
) -> None:
    ticket = ticket_of(refers_to("", **cells), others=others)

    (question,) = [q for q in ticket.left_open if q.kind == "bundles.target"]

    assert question.suggested_answer == answer


def test_a_name_that_no_type_has_is_asked_about_with_the_nearest() -> None:
    ticket = ticket_of(refers_to("Sails (Content type)"), others=[SAIL])

    (question,) = [q for q in ticket.left_open if q.kind == "bundles.no_such_target"]

    assert question.question == (
        "“Gear” (`field_gear`) refers to “Sails (Content type)”, but no row has such a name: "
        "what is meant? The nearest: “Sail (Content type)”."
    )
    assert question.choices == ("Sail (Content type)",)


@each("others", [[], [bundle("Sail", "sail", x="d")]])
def test_nothing_is_proposed_where_no_type_that_stays_is_near(others: list[Row]) -> None:
    ticket = ticket_of(refers_to("Sails (Content type)"), others=others)

    (question,) = [q for q in ticket.left_open if q.kind == "bundles.no_such_target"]

    assert question.question.endswith("what is meant?")
    assert question.choices == ()


def test_of_two_names_that_no_type_has_no_single_one_can_be_chosen() -> None:
    ticket = ticket_of(refers_to("Sails (Content type), Ankor"), others=[SAIL, ANCHOR])

    (question,) = [q for q in ticket.left_open if q.kind == "bundles.no_such_target"]

    assert "“Sails (Content type)” and “Ankor”" in question.question
    assert question.choices == ()


def test_a_name_that_several_types_have_is_said_to_be_of_several() -> None:
    others = [bundle("Rig", "rig"), bundle("Rig", "rig", "Vocabulary")]

    (question,) = asked("bundles.no_such_target", ticket_of(refers_to("Rig"), others=others))

    assert "but several rows have such a name" in question


@each(
    ("status", "key", "words"),
    [
        ("d", "bundles.no_such_target", "but it is to be removed"),
        ("w", "bundles.target_waits", "built without “Sail (Content type)”, which is on hold"),
    ],
)
def test_a_target_that_goes_or_waits_is_asked_about(status: str, key: str, words: str) -> None:
    others = [bundle("Sail", "sail", x=status), ANCHOR]

    ticket = ticket_of(refers_to("Sail (Content type), Anchor (Content type)"), others=others)

    (question,) = asked(key, ticket)
    assert words in question


def test_which_of_two_types_of_one_name_is_meant_is_asked() -> None:
    (question,) = asked(
        "bundles.alike", ticket_of(refers_to("Rig (Content type)"), others=TWO_RIGS)
    )

    assert question == (
        "Which of the types called “Rig (Content type)” may “Gear” (`field_gear`) refer to "
        "(`rig`, `rigging`)? The name alone does not say it."
    )


@each(
    ("cell", "others"),
    [
        ("rigging", TWO_RIGS),
        ("Rig (Content type)", [bundle("Rig", "rig"), bundle("Rig", "rigging", x="d")]),
        ("Rig (Content type)", [bundle("Rig", "rigs", x="d"), *TWO_RIGS]),  # it goes: asked already
        ("Sail (Content type)", [SAIL]),
    ],
)
def test_a_target_that_only_one_type_can_be_is_not_asked_about(
    cell: str, others: list[Row]
) -> None:
    assert asked("bundles.alike", ticket_of(refers_to(cell), others=others)) == []


@each("row", [field(), refers_to("Sail (Content type)"), refers_to("", name="uid")])
def test_a_certain_target_raises_nothing(row: Row) -> None:
    ticket = ticket_of(row, others=[SAIL])

    targets = {"bundles.target", "bundles.no_such_target", "bundles.target_waits", "bundles.alike"}
    assert [q for q in ticket.left_open if q.kind in targets] == []


# The sentences.


def checked(*rows: Row, others: list[Row]) -> list[str]:
    return sentences(check(fields_of(*rows, others=others)))


def test_a_reference_offers_only_the_types_of_its_cell() -> None:
    two = [refers_to("Sail (Content type)"), refers_to("Sail (Content type)", name="field_kit")]

    assert checked(*two, refers_to("Deck (Paragraph type)", name="field_deck"), others=THERE) == [
        (
            "field_gear and field_kit offer only Sail (Content type); "
            "field_deck offers only Deck (Paragraph type)."
        )
    ]


def test_a_type_that_goes_or_waits_is_not_offered() -> None:
    anchor = bundle("Anchor", "anchor", x="d")
    changed = refers_to("Sail (Content type), Anchor (Content type)", status="c")

    fields = fields_of(changed, status="c", others=[*THERE, anchor])

    assert sentences(check(fields)) == ["field_gear offers only Sail (Content type)."]


def test_a_type_whose_name_others_have_is_named_with_its_machine_name() -> None:
    rigs = [row | {"X": "x"} for row in TWO_RIGS]

    assert checked(refers_to("rigging"), others=rigs) == [
        "field_gear offers only Rig (Content type, rigging)."
    ]


@each(
    "row",
    [
        refers_to("Sail (Content type)", widget="-- Disabled --"),
        refers_to("Mast (Content type)"),
        refers_to("All"),
        refers_to("Sail (Content type), All"),
        refers_to(""),
        field(target="Sail (Content type)"),  # a text refers to nothing
    ],
)
def test_nothing_is_claimed_of_targets_that_are_not_certain(row: Row) -> None:
    assert checked(row, others=THERE) == []


def test_a_type_that_a_later_ticket_makes_is_set_later() -> None:
    fields = fields_of(
        refers_to("Sail (Content type), Yard (Content type)"), YARD_FIRST, others=[*THERE, YARD]
    )

    assert sentences(say(fields)) == [
        "Set later, when the target exists: Yard (Content type) in field_gear."
    ]
    assert sentences(check(fields)) == ["field_gear offers only Sail (Content type)."]


def test_a_reference_to_later_types_only_states_nothing_yet() -> None:
    rows = [refers_to("Yard (Content type)", name="field_yard"), refers_to("Sail (Content type)")]

    (claim,) = check(fields_of(*rows, YARD_FIRST, others=[*THERE, YARD]))

    assert claim.values == ("Sail (Content type)",)


def test_many_references_offer_what_exists_by_then() -> None:
    rows = [refers_to("Sail (Content type)", name=f"field_gear_{n}") for n in range(6)]
    with_later = [refers_to("Yard (Content type)"), YARD_FIRST, *rows]
    sentence = "Each reference field on the form with a target in its row offers only the targets of its row"

    assert checked(*rows, others=THERE) == [f"{sentence}."]
    assert checked(*with_later, others=[*THERE, YARD]) == [f"{sentence} that exist by then."]


def test_a_name_that_a_later_type_has_too_is_not_certain() -> None:
    yards = [YARD, bundle("Yard", "yard_of_masts", x="x")]

    assert checked(refers_to("yard_of_masts"), YARD_FIRST, others=yards) == []


def test_targets_are_a_fact_beside_the_rows_of_the_bundles() -> None:
    stated = facts(fields_of(refers_to("Sail"), field("field_mast"), others=[SAIL]))

    assert said_by(stated) == [
        (targets_in(refers_to("Sail"), SAIL), "field_gear sail"),
        (NotAReference(), "field_mast"),
    ]

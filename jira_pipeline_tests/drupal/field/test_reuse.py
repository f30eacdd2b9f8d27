"""Whether a field is re-used."""

from jira_pipeline.drupal.field.reuse import (
    NotShared,
    OfCore,
    OfEarlierTicket,
    OfThisTicket,
    OnSite,
    OriginFact,
    facts,
    origin_of,
    say,
)
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    field,
    fields_of,
    sentences,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

OTHERS = [
    bundle("Anchor", "anchor", x="x"),
    *(bundle(name, name.casefold()) for name in ("Atlas", "Chart", "Yard")),
]
MARKED = field(reused="y")


def after(*names: str) -> Row:
    """Make a field that makes the ticket of *Boat* wait for those of other bundles."""
    targets = ", ".join(f"{name} (Content type)" for name in names)
    reference = {"type": "Entity reference", "widget": "Autocomplete"}
    return field("field_first", target=targets, required="y", **reference)


def on_anchor(name: str = "field_hull", **cells: str) -> Row:
    """Make a field of a bundle that is on the site, with its fields unless `cells` say otherwise."""
    return field(name, bundle="Anchor (Content type)", **{"status": "x"} | cells)


def on_chart(name: str = "field_hull", **cells: str) -> Row:
    """Make a field of a bundle that is new."""
    return field(name, bundle="Chart (Content type)", **cells)


def origin_in(*rows: Row, type_: str = "Content type") -> OriginFact:
    """Read the fact of the first field of *Boat*."""
    ticket = ticket_of(*rows, type_=type_, others=OTHERS)
    return origin_of(ticket.group.members[0], ticket)


def said(*rows: Row, type_: str = "Content type") -> list[str]:
    return sentences(say(fields_of(*rows, type_=type_, others=OTHERS)))


def asked_of(*rows: Row, type_: str = "Content type") -> list[str]:
    return asked("bundles.reused_of_nothing", ticket_of(*rows, type_=type_, others=OTHERS))


# The fact.


@each(
    ("rows", "fact"),
    [
        ([field()], OfThisTicket()),
        ([field("body")], OfCore()),
        ([field("body"), on_anchor("body")], OfCore()),
        ([field(), on_anchor()], OnSite()),
        ([field(), after("Chart"), on_chart(), on_anchor()], OnSite()),
        ([field(), on_chart()], OfThisTicket()),
        ([field(), after("Chart"), on_chart(status="w")], OfThisTicket()),
        ([field("-", label="Hull"), on_anchor("-", label="Hull")], NotShared()),
    ],
)
def test_the_origin_is_the_first_bundle_with_the_field(rows: list[Row], fact: OriginFact) -> None:
    assert origin_in(*rows) == fact


def test_an_earlier_ticket_creates_what_its_bundle_has_first() -> None:
    ticket = ticket_of(field(), after("Chart"), on_chart(), others=OTHERS)
    chart = ticket.session.groups["bundle:Content type/chart"]

    assert origin_of(ticket.group.members[0], ticket) == OfEarlierTicket(chart.number)


def test_an_element_of_a_webform_re_uses_nothing() -> None:
    assert origin_in(field(), on_anchor(), type_="Webform") == NotShared()


def test_body_is_of_core_for_some_types_only() -> None:
    assert origin_in(field("body"), type_="Vocabulary") == OfThisTicket()


def test_the_facts_of_a_ticket_are_those_of_the_fields_that_somebody_adds() -> None:
    stated = facts(fields_of(field(), field("title", type="Title"), field("body")))

    assert [each_fact.fact for each_fact in stated] == [OfThisTicket(), OfCore()]


# The question.


def test_a_field_that_is_marked_and_that_no_other_bundle_has_is_taken_for_new() -> None:
    assert asked_of(MARKED) == [
        (
            "“Hull” (`field_hull`): new, though marked as reused; no other content type has a field "
            "of that name."
        )
    ]


@each(
    ("rows", "type_"),
    [
        ([field()], "Content type"),
        ([field(reused="n")], "Content type"),
        ([MARKED, on_anchor()], "Content type"),
        ([MARKED, on_anchor(status="d")], "Content type"),
        ([field("Hull of it", reused="y")], "Content type"),  # asked for its name
        ([field("title", type="Title", reused="y")], "Content type"),
        ([field("field_domain_source", reused="y")], "Content type"),
        ([MARKED], "Webform"),
    ],
)
def test_nothing_is_asked_about_other_fields(rows: list[Row], type_: str) -> None:
    assert asked_of(*rows, type_=type_) == []


# The sentences.


def test_a_field_of_a_bundle_that_is_there_is_re_used() -> None:
    assert said(field(), on_anchor()) == [
        "field_hull is already on other content types: use “Re-use an existing field”."
    ]


def test_a_field_of_an_earlier_ticket_is_re_used() -> None:
    assert said(field(), after("Chart"), on_chart()) == [
        (
            "field_hull is created by an earlier ticket for another content type: "
            "use “Re-use an existing field”."
        )
    ]


def test_fields_of_several_earlier_tickets_are_of_other_types() -> None:
    mast = [field("field_mast"), field("field_mast", bundle="Atlas (Content type)")]

    (sentence,) = said(field(), on_chart(), *mast, after("Chart", "Atlas"))

    assert "are created by earlier tickets for other content types:" in sentence


def test_some_re_used_fields_may_be_there_and_others_of_earlier_tickets() -> None:
    mast = [field("field_mast"), on_anchor("field_mast")]

    (sentence,) = said(field(), on_chart(), *mast, after("Chart"))

    assert sentence.startswith(
        "field_hull and field_mast are already on other content types or created by earlier "
        "tickets for them:"
    )


def test_what_core_has_is_re_used_if_it_is_there() -> None:
    assert said(field("body")) == ["body is part of core: re-use it if it is there."]


def test_a_field_that_is_marked_and_comes_here_first_is_created() -> None:
    later = field(bundle="Yard (Content type)", reused="y")

    assert said(MARKED, later) == [
        "field_hull is marked as reused, but no earlier ticket creates it: create it here."
    ]


@each(
    ("rows", "type_"),
    [
        ([field()], "Content type"),
        ([MARKED], "Content type"),  # a question doubts the mark
        ([MARKED], "Webform"),
        ([field(values="1"), on_anchor(values="3")], "Content type"),  # a question doubts either
        ([field("field_domain_source"), on_anchor("field_domain_source")], "Content type"),
    ],
)
def test_nothing_is_claimed_of_new_or_doubted_fields(rows: list[Row], type_: str) -> None:
    assert said(*rows, type_=type_) == []


@each(
    "cells",
    [
        {"type": "Entity reference", "widget": "Autocomplete", "target": "Sloop (Content type)"},
        {"type": "List (text)", "widget": "Select list"},  # a question asks for its options
    ],
)
def test_a_question_about_something_else_leaves_the_re_use_certain(cells: dict[str, str]) -> None:
    rows = [field(**cells), after("Chart"), on_chart(**cells)]

    assert [sentence.partition(" ")[0] for sentence in said(*rows)] == ["field_hull"]

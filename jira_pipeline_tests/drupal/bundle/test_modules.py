"""The modules beside core that fields and types need."""

from dataclasses import replace

from jira_pipeline.drupal.bundle.modules import say
from jira_pipeline.drupal.bundle.ticket_bundles import TicketOfBundles
from jira_pipeline.drupal.field.modules import (
    KnownModules,
    ModulesFact,
    UnknownPlugin,
    modules_of,
    needed_modules,
    unknown_plugin,
)
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.model.entities import Status
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of
from jira_pipeline_tests.drupal.made_roles import role
from jira_pipeline_tests.drupal.made_rows import BOAT, field, fields_of, row_of, sentences
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

NONE = KnownModules(())
PARAGRAPHS = {"type": "Entity reference revisions", "widget": "Paragraphs (stable)"}
QUAY = {"type": "Quayside"}


def known(*labels: str) -> KnownModules:
    return KnownModules(labels)


def said(fields: TicketFields) -> list[str]:
    """Return what the ticket with some fields says of modules."""
    return sentences(say(TicketOfBundles(ticket=fields.ticket)))


# The fact.


@each(
    ("row", "fact"),
    [
        (field(), NONE),
        (field(type="Geofield"), known("Geofield")),
        (field() | {"Field group": "Rig"}, known("Field Group")),
        (field() | {"Field group": "-"}, NONE),
        (field(widget="-- Disabled --") | {"Field group": "Rig"}, NONE),
        (field(**PARAGRAPHS), known("Paragraphs")),
        (field(type="Entity reference revisions"), known("Entity Reference Revisions")),
        (field(**QUAY), UnknownPlugin("Field type", name="Quayside", labels=())),
        (
            field(widget="Quayside lamp"),
            UnknownPlugin("Form widget", name="Quayside lamp", labels=()),
        ),
        (
            field(note="Module: quay, geofield.", **QUAY),
            UnknownPlugin("Field type", name="Quayside", labels=("Geofield", "quay")),
        ),
        (field(note="Module: quay."), NONE),
    ],
)
def test_a_row_needs_what_brings_its_type_its_widget_and_its_columns(
    row: Row, fact: ModulesFact
) -> None:
    assert needed_modules(row_of(row)) == fact


@each(("scheduled", "fact"), [("y", known("Scheduler")), ("n", NONE), ("-", NONE)])
def test_a_type_needs_what_a_column_asks_for(scheduled: str, fact: ModulesFact) -> None:
    head = bundles_of(boat() | {"Sched.": scheduled}).ticket.head

    assert needed_modules(head) == fact


def test_the_column_of_an_unknown_plugin_is_told() -> None:
    assert unknown_plugin(row_of(field(**QUAY))) == "Field type"
    assert unknown_plugin(row_of(field(widget="Quayside lamp"))) == "Form widget"
    assert unknown_plugin(row_of(field())) == ""
    assert modules_of(row_of(field(type="Geofield"))) == {"Geofield"}


# The sentences.


def test_modules_are_named_with_what_needs_them() -> None:
    fields = [
        field("field_place", type="Geofield"),
        field("field_home", type="Address"),
        field("field_rig") | {"Field group": "Rig"},
        field(),
    ]

    (sentence,) = said(fields_of(*fields))

    assert sentence == (
        "Requires the Address module for field_home; the Field Group module for the form’s field "
        "groups; the Geofield module for field_place."
    )


def test_a_module_of_fields_of_the_site_is_there_already() -> None:
    there = field("field_berth", type="Geofield", bundle="Anchor (Content type)", status="x")
    others = [bundle("Anchor", "anchor", "Content type", "x")]

    (sentence,) = said(fields_of(field(type="Geofield"), there, others=others))

    assert sentence == (
        "Requires the Geofield module, which the site uses already, for field_hull."
    )


def test_modules_of_tokens_and_of_permissions_are_named() -> None:
    """Readers missed Group, by whose token addresses begin, and what brings a permission."""
    ticket = bundles_of(
        boat(alias="[node:group:title]/[node:title]"),
        fields=[field()],
        roles=[role("Permissions: access content, access_unpublished node boat")],
    ).ticket

    assert sentences(say(TicketOfBundles(ticket=ticket))) == [
        (
            "Requires the Access Unpublished module for permissions of Skipper; the Group module for the "
            "address pattern; the Pathauto module for the address pattern."
        )
    ]


@each("status", ["a", "c", "w"])
def test_a_module_of_rows_to_come_is_not_there_yet(status: str) -> None:
    coming = field("field_berth", type="Geofield", bundle="Anchor (Content type)", status=status)
    others = [bundle("Anchor", "anchor", "Content type", "a")]

    claims = said(fields_of(field(type="Geofield"), coming, others=others))

    is_there = ["which the site uses already" in claim for claim in claims]
    assert is_there == [status == "c"]


def test_of_a_type_that_is_there_only_new_modules_are_named() -> None:
    there = field("field_berth", type="Geofield", status="x")

    fields = fields_of(
        there, field(type="Geofield"), field("field_home", type="Address"), status="x"
    )

    assert said(fields) == ["Requires the Address module for field_home."]


def test_a_type_needs_its_modules_whatever_its_note_says_of_forms() -> None:
    head = bundles_of(boat(note="Hidden on the form.") | {"Sched.": "y"}).ticket.head

    assert modules_of(head) == {"Scheduler"}


@each("type_", ["Paragraph type", "Content type"])
def test_a_type_of_paragraph_that_comes_later_or_another_type_brings_no_modules(type_: str) -> None:
    """*Boat* comes before a type that refers to it, and after one that it refers to."""
    boat_label = "Boat (Content type)"
    later = bundle("Panel", "panel", type_)
    refers = field("field_boat", type="Entity reference", target=boat_label)
    refers["Bundle"] = f"Panel ({type_})"
    earlier = field(type="Entity reference", target="Anchor (Content type)")

    fields = fields_of(
        field("field_panels", **PARAGRAPHS),
        earlier,
        refers,
        others=[later, bundle("Anchor", "anchor")],
    )

    assert said(fields) == ["Requires the Paragraphs module for field_panels."]


def test_a_type_of_paragraph_on_hold_has_brought_nothing() -> None:
    panel = bundle("Panel", "panel", "Paragraph type")
    refers = field(target="Panel (Paragraph type)", **PARAGRAPHS)
    ticket = fields_of(refers, others=[panel]).ticket
    groups = {}
    for key, group in ticket.session.groups.items():
        heads = group.heads
        if heads[0].label.startswith("Panel"):
            heads = (replace(heads[0], status=Status.WAITING),)
        groups[key] = replace(group, heads=heads)
    on_hold = replace(ticket, session=replace(ticket.session, groups=groups))

    assert len(said(TicketFields(ticket=on_hold))) == 1


def test_an_earlier_type_of_paragraph_has_brought_its_modules() -> None:
    panel = bundle("Panel", "panel", "Paragraph type")
    refers = field(target="Panel (Paragraph type)", **PARAGRAPHS)

    assert said(fields_of(refers, others=[panel])) == []
    assert said(fields_of(refers, others=[bundle("Panel", "panel", "Paragraph type", "w")]))


def test_the_ticket_of_a_type_of_paragraph_says_itself_that_it_needs_the_module() -> None:
    refers = field(bundle=BOAT, **PARAGRAPHS)

    assert said(fields_of(refers, type_="Paragraph type")) == []


def test_a_plugin_that_nothing_known_brings_is_named() -> None:
    fields = [field(**QUAY), field("field_mast", **QUAY), field("field_keel")]

    (sentence,) = said(fields_of(*fields))

    assert "“Quayside” (of field_hull and field_mast)" in sentence


def test_a_plugin_whose_module_a_note_names_or_a_field_of_the_site_has_is_not_unknown() -> None:
    noted = field(note="Module: quay.", **QUAY)
    there = field("field_berth", bundle="Anchor (Content type)", status="x", **QUAY)
    others = [bundle("Anchor", "anchor", "Content type", "x")]

    assert said(fields_of(noted)) == ["Requires the quay module for field_hull."]
    assert said(fields_of(field(**QUAY), there, others=others)) == []


def test_of_types_without_fields_those_that_somebody_adds_need_modules() -> None:
    scheduled = {"Sched.": "y"}
    new = boat(type="Vocabulary") | scheduled
    changed = anchor(type="Vocabulary", status="c") | scheduled

    fields = TicketOfBundles(ticket=bundles_of(new, changed).ticket)

    (claim,) = say(fields)
    assert [row.machine_name for row in claim.rows] == ["boat"]

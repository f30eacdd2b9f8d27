"""The help text of a field, and what it promises."""

from jira_pipeline.drupal.field.help_text import (
    Guidance,
    HelpTextFact,
    NoHelpText,
    Promises,
    help_text_of,
    say,
)
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    field,
    fields_of,
    row_of,
    sentences,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

PROMISE = "An e-mail is sent to the harbour."
PROMISING = field(help=PROMISE)


# The fact.


@each(
    ("row", "fact"),
    [
        (PROMISING, Promises(("An e-mail is sent to the harbour",))),
        (field(help=f"{PROMISE} Be brief. {PROMISE}"), Promises((PROMISE.rstrip("."),))),
        (field(help="Be brief."), Guidance()),
        (field(help="Select how the trip will be held."), Guidance()),
        (field(help="Please choose which crew sails."), Guidance()),
        (
            field(help="Select where the card appears."),
            Promises(("Select where the card appears",)),
        ),
        (
            field(help="Lets you choose which crew sails."),
            Promises(("Lets you choose which crew sails",)),
        ),
        (field(help="An e-mail is sent, so consider each word."), Guidance()),
        (field(help="The time is required if a date is given.", type="Date"), Guidance()),
        (
            field(help="The time is required if a date is given."),
            Promises(("The time is required if a date is given",)),
        ),
        (
            field(help="The place is required if a date is given.", type="Date"),
            Promises(("The place is required if a date is given",)),
        ),
        (field(help=PROMISE, type="Webform"), Guidance()),  # the module does it
        (field(help=PROMISE, type="Quayside", widget=""), Guidance()),  # nobody knows what does it
        (field("title", help=PROMISE), Guidance()),
        (field(help=PROMISE, type="Markup"), Guidance()),
        (field(help=PROMISE, type="Computed (text)"), Guidance()),
        (field(), NoHelpText()),
    ],
)
def test_a_help_text_promises_what_a_field_does_not_do(row: Row, fact: HelpTextFact) -> None:
    assert help_text_of(row_of(row)) == fact


# The question.


def test_it_is_asked_who_does_what_a_help_text_promises() -> None:
    (question,) = asked("bundles.done_so", ticket_of(PROMISING))

    assert question.startswith(
        "“An e-mail is sent to the harbour” (help text of “Hull” (`field_hull`))"
    )


def test_a_promise_of_several_fields_and_tickets_is_asked_once() -> None:
    anchor = "Anchor (Content type)"
    of_anchor = field(help=PROMISE, bundle=anchor)  # its ticket comes first: Boat refers to it
    fields = [
        PROMISING,
        field("field_mast", help=PROMISE),
        field("field_anchor", type="Entity reference", target=anchor),
    ]
    others = [bundle("Anchor", "anchor")]

    assert asked("bundles.done_so", ticket_of(*fields, of_anchor, others=others)) == []
    assert len(asked("bundles.done_so", ticket_of(*fields, others=others))) == 1


def test_a_ticket_asks_about_three_promises_at_most() -> None:
    help_text = " ".join(f"The {mast} mast is filled in automatically." for mast in "abcd")

    assert len(asked("bundles.done_so", ticket_of(field(help=help_text)))) == 3


def test_nothing_is_asked_about_guidance() -> None:
    assert asked("bundles.done_so", ticket_of(field(help="Be brief."))) == []


# The sentence.


def test_of_a_field_that_promises_more_it_is_said_that_a_field_only_stores_its_value() -> None:
    rows = [PROMISING, field("field_mast", help="Be brief."), field("field_keel")]

    (sentence,) = sentences(say(fields_of(*rows)))

    assert sentence.startswith("A field by itself only stores the value of Hull field_hull: ")

"""The fields that modules add to types by themselves."""

from jira_pipeline.drupal.field.provider import (
    AddedByHand,
    AddedByModule,
    ProviderFact,
    facts,
    provider_of,
    say,
)
from jira_pipeline_tests.drupal.made_rows import field, fields_of, row_of, sentences
from jira_pipeline_tests.tables import each

DOMAINS = field("field_domain_access", type="Entity reference")
ALL_DOMAINS = field("field_domain_all_affiliates", type="Boolean")


@each(
    ("name", "type_", "fact"),
    [
        ("field_domain_access", "Content type", AddedByModule("Domain Access")),
        ("field_hull", "Content type", AddedByHand()),
        ("field_domain_access", "Webform", AddedByHand()),
    ],
)
def test_a_field_that_a_module_adds_is_known_by_its_name(
    name: str, type_: str, fact: ProviderFact
) -> None:
    assert provider_of(row_of(field(name), type_)) == fact


def test_what_a_module_adds_nobody_adds_by_hand() -> None:
    assert sentences(say(fields_of(DOMAINS, field(), ALL_DOMAINS))) == [
        (
            "Do not add by hand what modules add: field_domain_access and "
            "field_domain_all_affiliates (Domain Access)."
        )
    ]


def test_nothing_is_claimed_of_fields_that_somebody_adds() -> None:
    assert sentences(say(fields_of(field()))) == []


def test_an_element_of_a_webform_is_of_no_module() -> None:
    assert sentences(say(fields_of(DOMAINS, type_="Webform"))) == []


def test_the_facts_of_a_ticket_are_those_of_its_new_fields() -> None:
    assert [stated.fact for stated in facts(fields_of(field(), DOMAINS))] == [
        AddedByHand(),
        AddedByModule("Domain Access"),
    ]

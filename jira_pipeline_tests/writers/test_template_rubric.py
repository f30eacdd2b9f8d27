"""Every ticket of two whole sites against the rubric."""

import pytest

from jira_pipeline.writers.template import TemplateWriter
from jira_pipeline_tests.writers.rubric import complaints_about, items_of
from jira_pipeline_tests.writers.sites import briefs_of, site, tickets_of

SITES = ("uwec", "uhrenmuseum")


@pytest.mark.parametrize("name", SITES)
def test_no_ticket_breaks_the_rubric(name: str) -> None:
    complaints = {
        brief.group.title: found
        for brief, prose in tickets_of(name)
        if (found := complaints_about(brief, prose))
    }

    assert complaints == {}


@pytest.mark.parametrize("name", SITES)
def test_a_new_writer_writes_the_same_bytes(name: str) -> None:
    written_before = [prose for _, prose in tickets_of(name)]

    written_again = [TemplateWriter().write(brief) for brief in briefs_of(*site(name))]

    assert written_again == written_before


@pytest.mark.parametrize("name", SITES)
def test_no_ticket_asks_more_than_people_will_read(name: str) -> None:
    counts = {brief.group.title: len(prose.questions) for brief, prose in tickets_of(name)}

    assert max(counts.values()) <= 12


@pytest.mark.parametrize("name", SITES)
def test_no_item_that_could_be_split_is_too_dense_to_read(name: str) -> None:
    splittable = ("Each reference field", "On the form", "Tried on the form", "Field storage")

    dense = [
        (brief.group.title, item)
        for brief, prose in tickets_of(name)
        for item in items_of(prose.parts.analysis + prose.parts.verification)
        if item.startswith(splittable) and len(item) > 420
    ]

    assert dense == []


@pytest.mark.parametrize("name", SITES)
def test_no_two_items_of_a_list_say_the_same(name: str) -> None:
    repeated = [
        brief.group.title
        for brief, prose in tickets_of(name)
        for part in (prose.parts.analysis, prose.parts.questions, prose.parts.verification)
        if len(set(items_of(part))) != len(items_of(part))
    ]

    assert repeated == []


def test_the_hollow_groups_of_uwec_say_so_and_ask() -> None:
    hollow = [(b, p) for b, p in tickets_of("uwec") if b.group.is_hollow]

    said = ["No approved member" in p.parts.analysis for _, p in hollow]
    asked = ["is approved but none of its rows is" in p.questions[0].question for _, p in hollow]

    assert len(hollow) == 8
    assert all(said)
    assert all(asked)

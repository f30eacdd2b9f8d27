"""Every ticket of two whole sites against the rubric, the sheets, and each other."""

import re
from collections import Counter
from copy import deepcopy

import pytest

from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.writers.group_facts import FactsReader
from jira_pipeline.writers.provenance.check import unfounded_in
from jira_pipeline.writers.template import TemplateWriter
from jira_pipeline_tests.stages.judging import judged
from jira_pipeline_tests.stages.made_tickets import site_tickets
from jira_pipeline_tests.writers.rubric import complaints_about, items_of
from jira_pipeline_tests.writers.sites import briefs_of, site, tickets_of
from jira_pipeline_tests.writers.spoilt_prose import answer_of

SITES = ("uwec", "uhrenmuseum", "skarvsund", "faro_abierto", "lanterne")
SHARED_ITEMS_MAX = {"uwec": 0.3}
"""Share of items that are in another ticket too; the rows of `uwec` themselves repeat."""


@pytest.mark.parametrize("name", SITES)
def test_a_run_that_reads_groups_and_rows_back_apart_writes_the_same(name: str) -> None:
    """Two questions compared rows by identity: no run ever asked them."""
    specification, groups = site(name)
    read_back = briefs_of(specification, deepcopy(groups))
    writer = TemplateWriter()

    differing = [
        brief.group.title
        for brief, (_, prose) in zip(read_back, tickets_of(name), strict=True)
        if writer.write(brief) != prose
    ]

    assert differing == []


@pytest.mark.parametrize("name", SITES)
def test_every_ticket_has_ten_points(name: str) -> None:
    quality = judged(site_tickets(name))

    assert {t.title: t.shortcomings for t in quality.tickets if t.shortcomings} == {}
    assert quality.share_with(10) == 1.0


@pytest.mark.parametrize("name", SITES)
def test_nothing_is_stated_that_no_cell_says(name: str) -> None:
    """A model's answer must pass the same check; styles are counted by their effects."""
    reader = FactsReader()

    unfounded = {
        brief.group.title: [(u.text, u.kind) for u in found]
        for brief, prose in tickets_of(name)
        if brief.group.kind is not GroupKind.IMAGE_STYLES
        and (found := unfounded_in(answer_of(brief, prose), reader.facts_of(brief)))
    }

    assert unfounded == {}


@pytest.mark.parametrize("name", SITES)
def test_tickets_do_not_read_like_a_form(name: str) -> None:
    items = [
        item
        for _, prose in tickets_of(name)
        for part in (prose.parts.analysis, prose.parts.verification)
        for item in items_of(part)
        if not item.startswith("The questions above")
    ]
    counts = Counter(items)

    shared = sum(count for count in counts.values() if count > 1)

    assert shared / len(items) <= SHARED_ITEMS_MAX.get(name, 0.2)


@pytest.mark.parametrize("name", SITES)
def test_no_ticket_breaks_the_house_style(name: str) -> None:
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
def test_no_item_is_too_dense_to_read(name: str) -> None:
    dense = [
        (brief.group.title, item)
        for brief, prose in tickets_of(name)
        for item in items_of(prose.parts.analysis + prose.parts.verification)
        if len(re.sub(r"“[^”]*”", "", item)) > 560  # a note is quoted whole
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

    are_stated = ["Nothing to build yet" in p.parts.analysis for _, p in hollow]
    asked = ["is approved but none of its rows is" in p.questions[0].question for _, p in hollow]

    assert len(hollow) == 8
    assert all(are_stated)
    assert all(asked)

"""The collector of cycles is left as it was found."""

import gc

import pytest

from jira_pipeline.adf import html_to_adf
from jira_pipeline.adf.from_html import paused_collector


@pytest.fixture(autouse=True)
def collector_that_runs_afterwards():
    yield
    gc.enable()


def test_nothing_is_collected_while_it_is_paused_and_it_runs_afterwards():
    with paused_collector():
        was_running = gc.isenabled()

    assert (was_running, gc.isenabled()) == (False, True)


def test_it_runs_after_an_error():
    with pytest.raises(ValueError, match="x"), paused_collector():
        raise ValueError("x")

    assert gc.isenabled()


def test_it_stays_off_where_somebody_turned_it_off():
    gc.disable()

    html_to_adf("<p>a")

    assert not gc.isenabled()

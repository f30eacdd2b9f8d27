"""`make live` against the sandbox: what it asks is answered, and it leaves nothing."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jira_pipeline_tests.jira.journals import journal_of
from jira_pipeline_tests.jira.rules_of_sites import ProjectRules, SiteRules, give_rules
from jira_pipeline_tests.jira.sandbox.served_sandboxes import served
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import WORLDS
from jira_pipeline_tests.live.__main__ import print_verdicts
from jira_pipeline_tests.live.export_facts import long_document
from jira_pipeline_tests.live.facts import check_facts
from jira_pipeline_tests.live.ground import compact
from jira_pipeline_tests.live.site import REQUESTS_MAX, BudgetSpentError, LiveSite, opened_site

TOKEN = "token-of-the-live-test"
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[FaultySandbox]:
    """A site with the sprint on its create screen."""
    with FaultySandbox(
        tmp_path / "sandbox.sqlite", clock=lambda: NOW, limit_seconds=time.monotonic
    ) as one:
        rules = ProjectRules(on_create_screen=("customfield_10020",))
        give_rules(one, SiteRules(projects={"SBX": rules}, known_tokens=(TOKEN,)))
        yield one


@pytest.fixture
def site(sandbox: FaultySandbox) -> Iterator[LiveSite]:
    """That site behind a socket."""
    with (
        served(sandbox) as address,
        opened_site(address, auth=("owner@sandbox.example", TOKEN), project_key="SBX") as opened,
    ):
        yield opened


def issue_count(sandbox: FaultySandbox) -> int:
    with sandbox.state.reading() as rows:
        return int(rows.execute("SELECT count(*) FROM issue").fetchone()[0])


def test_every_claim_can_be_asked_and_holds_in_the_sandbox(
    site: LiveSite, sandbox: FaultySandbox
) -> None:
    verdicts = list(check_facts(site))
    left = site.clean_up()

    assert [(v.claim, v.seen) for v in verdicts if v.holds is not True] == []
    assert len(verdicts) == 33
    assert left == []
    assert issue_count(sandbox) == 0
    assert site.request_count == len(journal_of(sandbox)) <= REQUESTS_MAX


def test_a_claim_that_does_not_hold_is_reported_with_what_was_seen(
    site: LiveSite, sandbox: FaultySandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    give_rules(sandbox, SiteRules(drops_properties=True))

    is_good = print_verdicts(site)

    printed = capsys.readouterr().out
    assert not is_good
    assert "| DOES NOT HOLD | bulkfetch shows new issues and their properties at once |" in printed
    assert "| cannot be asked | words of the refusal of a sprint" in printed
    assert issue_count(sandbox) == 0


def test_a_budget_that_is_spent_still_suffices_to_clean_up(
    site: LiveSite, sandbox: FaultySandbox
) -> None:
    site.requests_max = 17

    with pytest.raises(BudgetSpentError):
        list(check_facts(site))
    left = site.clean_up()

    assert left == []
    assert issue_count(sandbox) == 0
    assert site.request_count <= 17


@pytest.mark.parametrize(
    ("base_url", "project_key", "words"),
    [
        pytest.param(None, "NOPE", "GET /rest/api/3/mypermissions: 404", id="no such project"),
        pytest.param("http://127.0.0.1:1", "SBX", "ConnectError", id="nobody there"),
    ],
)
def test_a_site_that_cannot_be_asked_is_reported_in_a_line(
    site: LiveSite,
    capsys: pytest.CaptureFixture[str],
    base_url: str | None,
    project_key: str,
    words: str,
) -> None:
    """It ended with a traceback."""
    address = base_url or site.connection.base_url
    with opened_site(address, auth=("me@sandbox.example", TOKEN), project_key=project_key) as other:
        is_good = print_verdicts(other)

    printed = capsys.readouterr().out
    assert not is_good
    assert "The rest cannot be asked here. " in printed
    assert words in printed


def test_a_site_in_another_language_is_asked_the_same(
    site: LiveSite, sandbox: FaultySandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    give_rules(
        sandbox,
        SiteRules.model_validate({**WORLDS["localised"].changed_rules, "known_tokens": (TOKEN,)}),
    )

    print_verdicts(site)

    printed = capsys.readouterr().out
    assert "without JIRA_ISSUE_TYPE | Aufgabe |" in printed
    assert "| Blockiert: blockiert |" in printed
    assert "owner@sandbox.example" not in printed
    assert issue_count(sandbox) == 0


def test_the_longest_description_is_valid_and_fills_what_jira_takes() -> None:
    size = len(compact(long_document()))

    assert 32_000 < size <= 32_767

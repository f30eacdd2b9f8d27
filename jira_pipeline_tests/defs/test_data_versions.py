"""Changed sheets and edits show as stale, for their session only.

Dagster calls a partition stale when the data version it was made from is not the latest of its
upstream asset. Both are tags on materializations: of an input, the hash of the versions of its
partitions.
"""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.reports import announce_upload, report_reviews
from jira_pipeline.model.records import ReviewEvent
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.question_cards import client_cards
from jira_pipeline.sessions import accounts, upload as uploading
from jira_pipeline_tests import projects
from jira_pipeline_tests.defs.looks import latest, observed

UPSTREAM = {
    "entities": ("source_files",),
    "entity_groups": ("entities",),
    "tickets": ("entity_groups",),
    "adf_validation": ("tickets", "review"),
}


def tags_by_event(
    instance: dg.DagsterInstance, asset: str, session_key: str
) -> dict[str, dict[str, str]]:
    records = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[session_key]),
        limit=50,
    ).records
    return {
        str(record.storage_id): dict(record.asset_materialization.tags or {})
        for record in records
        if record.asset_materialization is not None
    }


def tags_of(instance: dg.DagsterInstance, asset: str, session_key: str) -> dict[str, str]:
    return next(iter(tags_by_event(instance, asset, session_key).values()))


def stale_assets(instance: dg.DagsterInstance, session_key: str) -> set[str]:
    """Name the assets that were made from another version than the latest.

    What was reported without a version of its code has none of its inputs, and counts as fresh.
    """
    stale = set()
    for asset, upstreams in UPSTREAM.items():
        tags = tags_of(instance, asset, session_key)
        for upstream in upstreams:
            events = tags_by_event(instance, upstream, session_key)
            version = next(iter(events.values()), {}).get("dagster/data_version", "")
            known = {"INITIAL" if not events else version, sha256(version.encode()).hexdigest()}
            used = tags.get(f"dagster/input_data_version/{upstream}")
            if "dagster/code_version" in tags and used not in known:
                stale.add(asset)
    return stale


def report(instance: dg.DagsterInstance, pipeline: Pipeline) -> None:
    report_reviews(instance, pipeline, pipeline.store.outbox.pending("bells"))


def versions(instance: dg.DagsterInstance, session_key: str) -> dict[str, str]:
    assets = ("source_files", "tickets", "adf_validation")
    return {name: tags_of(instance, name, session_key)["dagster/data_version"] for name in assets}


@pytest.fixture(scope="module")
def generated(empty_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose sessions `bells` and `clocks` have tickets, and their sheets; copied only."""
    folder = tmp_path_factory.mktemp("generated")
    with pytest.MonkeyPatch.context() as environment:
        project = projects.adopt(empty_project, folder / "project", environment)
        with dg.DagsterInstance.get() as instance:
            for key in ("bells", "clocks"):
                projects.upload(project, projects.copy_small_sheets(folder / key), session_key=key)
                projects.execute(instance, project, "generate_tickets", session_key=key)
    return folder


@pytest.fixture
def project(generated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return projects.adopt(generated / "project", tmp_path / "project", monkeypatch)


@pytest.fixture
def instance(project: Path) -> Iterator[dg.DagsterInstance]:
    assert project.is_dir()
    with dg.DagsterInstance.get() as opened:
        yield opened


@pytest.fixture
def bells(generated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(generated / "bells", tmp_path / "bells"))


def test_the_same_sheets_give_the_same_versions_and_others_new_ones_and_all_is_fresh(
    project: Path, bells: Path, instance: dg.DagsterInstance
) -> None:
    before = versions(instance, "bells")

    projects.execute(instance, project, "generate_tickets", session_key="bells")
    again = versions(instance, "bells")
    projects.rename_a_field(bells)
    projects.upload(project, bells, session_key="bells")
    projects.execute(instance, project, "generate_tickets", session_key="bells")

    after = versions(instance, "bells")
    assert again == before
    assert versions(instance, "clocks")["source_files"] == before["source_files"]
    assert stale_assets(instance, "bells") == set()
    assert [name for name in before if before[name] == after[name]] == []


def test_an_upload_of_changed_sheets_alone_makes_what_follows_stale(
    project: Path, bells: Path, instance: dg.DagsterInstance
) -> None:
    projects.rename_a_field(bells)

    with projects.opened(project) as pipeline:
        outcome = uploading.upload(
            pipeline, bells, session_key="bells", auto_approve=False, actor="test"
        )
        announce_upload(instance, outcome)

    assert stale_assets(instance, "bells") == {"entities"}
    assert stale_assets(instance, "clocks") == set()
    assert outcome.session.content_sha256 == versions(instance, "bells")["source_files"]


def test_what_marking_ready_validated_is_reported_as_fresh(
    project: Path, instance: dg.DagsterInstance
) -> None:
    with projects.opened(project) as pipeline:
        projects.rename_ticket(pipeline, "bells", 3, "Another title")
        approvals.mark_ready(open_session(pipeline, "bells"), [3], by="ab")

        report(instance, pipeline)

    assert stale_assets(instance, "bells") == set()
    assert "marked ready" in str(latest(instance, "adf_validation", "bells").description)


def test_a_decision_is_observed_with_who_took_it_and_leaves_everything_fresh(
    project: Path, instance: dg.DagsterInstance
) -> None:
    """After one edit `tickets` said "Run None, Job None, created 26"."""
    before = tags_by_event(instance, "tickets", "bells")
    with projects.opened(project) as pipeline:
        approvals.mark_ready(open_session(pipeline, "bells"), [1, 2], by="ab")
        approvals.mark_ready(open_session(pipeline, "bells"), [3], by="cd")

        report(instance, pipeline)

    found = observed(instance, "review")
    assert found.partition == "bells"
    assert found.description == "approved 1–2; approved 3, by ab; cd."
    assert tags_by_event(instance, "tickets", "bells") == before
    assert tags_by_event(instance, "review", "bells") == {}
    assert stale_assets(instance, "bells") == set()


def test_answers_that_a_client_sent_are_observed(
    project: Path, instance: dg.DagsterInstance
) -> None:
    with projects.opened(project) as pipeline:
        session = open_session(pipeline, "bells")
        _, link = accounts.make_link(session, base="", days=7, by="ab", made_for="Jonas")
        accounts.propose(session, link, [(client_cards(session)[0].rows[0].rows[0], "All of it")])

        report(instance, pipeline)

    found = observed(instance, "review")
    assert found.description == "sent answers by a client link, by Jonas."
    assert found.metadata["answers_arrived"].value == 1


def test_an_edit_waits_in_the_outbox_through_a_crash_and_makes_the_validation_alone_stale(
    project: Path, instance: dg.DagsterInstance
) -> None:
    def dies(_: ReviewEvent) -> None:
        raise KeyboardInterrupt

    with projects.opened(project) as pipeline:
        projects.rename_ticket(pipeline, "bells", 3, "Other")
        events = pipeline.store.outbox.pending("bells")
        unreported = stale_assets(instance, "bells")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline.store.outbox, "mark_reported", dies)
            with pytest.raises(KeyboardInterrupt):
                report(instance, pipeline)

        assert events == pipeline.store.outbox.pending("bells")
        report(instance, pipeline)
        assert pipeline.store.outbox.pending() == ()
    assert unreported == set()
    assert stale_assets(instance, "bells") == {"adf_validation"}
    assert stale_assets(instance, "clocks") == set()


def test_a_run_reports_what_was_edited_before_its_steps_look_at_it(
    project: Path, instance: dg.DagsterInstance
) -> None:
    """Else the validation would count as one of the tickets before the edit."""
    with projects.opened(project) as pipeline:
        projects.rename_ticket(pipeline, "bells", 3, "Other")

    projects.execute(instance, project, "validate_adf", session_key="bells")

    with projects.opened(project) as pipeline:
        assert pipeline.store.outbox.pending() == ()
    assert stale_assets(instance, "bells") == set()


def test_an_edit_of_a_ticket_whose_rows_went_meanwhile_is_reported(
    project: Path, bells: Path, instance: dg.DagsterInstance
) -> None:
    """It failed the sensor at every look, which then reported nothing of any session."""
    with projects.opened(project) as pipeline:
        gone = len(open_session(pipeline, "bells").listed)
        projects.rename_ticket(pipeline, "bells", gone, "Another title")
        for sheet in bells.glob("*View*.csv"):
            sheet.unlink()
        projects.written(pipeline, bells, session_key="bells")

        report(instance, pipeline)

        assert pipeline.store.outbox.pending("bells") == ()

"""With nothing but Dagster: marking ready, undoing, settling and comparing, by run config."""

import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import update

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import new_run_id
from jira_pipeline.context.trackers import open_sandbox
from jira_pipeline.dagster_port.partitions import register_partition
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.sessions.schedules import exports_due
from jira_pipeline.defs.tickets import site_assets
from jira_pipeline.export import exporting
from jira_pipeline.export.agreed_content import agreed_content, agreed_export_hash
from jira_pipeline.model.actions import command_of
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.model.sessions import SessionStage
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.review.answers import ask
from jira_pipeline.review.approvals import mark_ready
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions import status
from jira_pipeline.sessions.site_verifying import is_compared, verify_site
from jira_pipeline.store import tables
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.test_taking_back import change_site, keys_on_site
from jira_pipeline_tests.defs.looks import checked, latest, rows_of
from jira_pipeline_tests.web.test_adoption_page import make_by_hand
from jira_pipeline_tests.web.test_export_pages import move_issue

pytestmark = pytest.mark.small_site
AT_EIGHT = datetime(2026, 3, 1, 20, tzinfo=UTC)


def run_job(
    instance: dg.DagsterInstance,
    project: Path,
    job_name: str,
    *,
    ops: Mapping[str, Mapping[str, object]],
    assets: tuple[str, ...] = (),
    session_key: str = projects.SESSION,
    tags: Mapping[str, str] | None = None,
) -> dg.ExecuteInProcessResult:
    """Run a job of a session with what a person fills in."""
    register_partition(instance, session_key)
    job = build_definitions(project_path=project).resolve_job_def(job_name)
    return job.execute_in_process(
        instance=instance,
        tags={"dagster/partition": session_key, **(tags or {})},
        run_config={"ops": {name: {"config": dict(config)} for name, config in ops.items()}},
        asset_selection=[dg.AssetKey(name) for name in assets] or None,
        raise_on_error=False,
    )


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    """What the one step of a run shows, whether it failed or not."""
    for event in result.all_node_events:
        if event.is_step_failure and event.step_failure_data.user_failure_data is not None:
            metadata = event.step_failure_data.user_failure_data.metadata
            return {key: value.value for key, value in metadata.items()}
        if event.is_successful_output:
            return {k: v.value for k, v in event.step_output_data.metadata.items()}
    raise AssertionError("the step said nothing")


def act(
    instance: dg.DagsterInstance,
    project: Path,
    action: str,
    *,
    by: str | None = None,
    **given: object,
) -> dg.ExecuteInProcessResult:
    config = {"action": {action: given}, "by": by}
    return run_job(instance, project, "session_action", ops={"act": config})


def review(
    instance: dg.DagsterInstance,
    project: Path,
    *decisions: Mapping[str, object],
    by: str | None = None,
) -> dg.ExecuteInProcessResult:
    chosen = [{"decision": dict(one)} for one in decisions]
    return act(instance, project, "review", by=by, decisions=chosen)


def test_marked_tickets_are_due_for_their_export(
    reviewed: Path, instance: dg.DagsterInstance
) -> None:
    with projects.opened(reviewed) as pipeline:
        unmarked = exports_due(instance, pipeline, at=AT_EIGHT)

        result = review(instance, reviewed, {"ready": {}}, by="Ada")

        due = exports_due(instance, pipeline, at=AT_EIGHT)
        marked_by = {t.ready_by for t in pipeline.store.tickets.list_all(projects.SESSION)}

    assert isinstance(unmarked, dg.SkipReason)
    assert metadata_of(result)["ready"] == projects.SMALL_TICKETS
    next_step = str(metadata_of(result)["next_step"])
    assert next_step.startswith("Export; ")
    assert "the job [export_to_jira](" in next_step
    assert marked_by == {"Ada"}
    assert isinstance(due, list)
    assert [(r.partition_key, r.run_key) for r in due] == [
        ("museum", "export-at:museum:2026-03-01T20:00")
    ]


def test_decisions_are_all_taken_or_none(reviewed: Path, instance: dg.DagsterInstance) -> None:
    """Of four decisions two were taken, and the failed run said nothing of it."""
    skip = {"skip": {"numbers": [3], "reason": "Built already"}}

    taken = review(instance, reviewed, skip, {"ready": {}}, by="Ada")
    unknown = review(
        instance, reviewed, {"unskip": {"numbers": [3]}}, {"skip": {"numbers": [99], "reason": "?"}}
    )
    with pytest.raises(dg.DagsterInvalidConfigError, match="redy"):
        review(instance, reviewed, {"unskip": {"numbers": [3]}}, {"redy": {}})
    nothing = run_job(instance, reviewed, "session_action", ops={})

    with projects.opened(reviewed) as pipeline:
        tickets = pipeline.store.tickets.list_all(projects.SESSION)
        error, *_ = pipeline.store.errors.list_all(projects.SESSION)
        pending = pipeline.store.outbox.pending(projects.SESSION)
    said = str(metadata_of(taken)["decisions"])
    assert "skipped" in said
    assert "; " not in said
    assert metadata_of(taken)["ready"] == projects.SMALL_TICKETS - 1
    assert {ticket.ready_by for ticket in tickets if ticket.is_ready} == {"Ada"}
    assert [ticket.number for ticket in tickets if ticket.skipped_reason] == [3]
    assert metadata_of(unknown)["code"] == "unknown_ticket"
    assert error.message.endswith("(Decision 2 of 2; none was saved.)")
    assert not pending
    assert not nothing.success
    assert "decisions: [{decision: {ready: {}}}]" in str(metadata_of(nothing)["recovery_actions"])


def test_each_verb_can_be_taken_by_run_config() -> None:
    """Its fields are made from the signature of its function."""
    job = build_definitions().resolve_job_def("session_action")
    decisions = [
        {"decision": {name.replace("-", "_"): given}}
        for name, given in {
            "rollback": {"number": 1, "to": 1},
            "take-back": {"number": 1, "change": 1},
            "take-back-all": {"number": 1},
            "take-out": {"number": 1, "change": 1},
            "answer": {"given": [{"place": "12.1", "text": "Editors only"}], "accepted": ["4.1"]},
            "edit": {"number": 1, "part": "notes", "text": "Only *editors*."},
            "title": {"number": 1, "title": "Configure roles"},
            "labels": {"numbers": [1], "added": ["a"]},
            "depend": {"number": 3, "on": [1], "is_not": True},
        }.items()
    ]

    config = {"action": {"review": {"decisions": decisions}}}

    assert dg.validate_run_config(job, {}), "the Launchpad begins with something valid"
    assert dg.validate_run_config(job, {"ops": {"act": {"config": config}}})


def test_a_reviewer_edits_a_ticket_and_answers_a_question_and_sees_the_texts_of_one_ticket(
    reviewed: Path, instance: dg.DagsterInstance
) -> None:
    """With Dagster alone there was no way to change a text, and one metadata for all texts.

    The place by which a question is answered was nowhere, and the review said no more than
    `answered questions on 9`.
    """
    with projects.opened(reviewed) as pipeline:
        session = open_session(pipeline, projects.SESSION)
        first = next(q for q in session.questions if q.is_open and q.audience != Audience.DEVELOPER)
        ask(session, [first.place], audience=Audience.DEVELOPER, by="ada")
    events = run_job(instance, reviewed, "generate_tickets", ops={}).all_node_events
    made = [e.materialization for e in events if e.is_step_materialization]
    (metadata,) = [m.metadata for m in made if m.asset_key.path == ["tickets"]]
    whom = {row["place"]: row["who is asked"] for row in rows_of(metadata, "open_questions")}
    place = rows_of(metadata, "open_questions")[0]["place"]

    taken = review(
        instance,
        reviewed,
        {"edit": {"number": 2, "part": "analysis", "text": "Only editors upload."}},
        {"title": {"number": 2, "title": "Pictures"}},
        {"answer": {"given": [{"place": place, "text": "Editors only"}]}},
        by="Ada",
    )
    shown = run_job(instance, reviewed, "validate_adf", ops={"adf_validation": {"tickets": [2]}})
    unknown = run_job(instance, reviewed, "validate_adf", ops={"adf_validation": {"tickets": [99]}})

    with projects.opened(reviewed) as pipeline:
        session = open_session(pipeline, projects.SESSION)
        ticket, answered = session.ticket(2), session.questions
    (event,) = shown.get_asset_materialization_events()
    texts = str(event.materialization.metadata["texts"].value)
    assert taken.success
    assert (ticket.title, ticket.revision.author) == ("Pictures", "Ada")
    assert "Only editors upload." in texts
    assert re.findall(r"^# (\d+) ·", texts, re.MULTILINE) == ["2"]
    [asked] = [one.question for one in answered if one.answer == "Editors only"]
    changes = rows_of(latest(instance, "review").metadata, "changes")
    assert (asked, "Editors only") in {(row["part"], row["after"]) for row in changes}
    assert whom[first.place] == "developer"
    assert metadata_of(unknown)["code"] == "unknown_ticket"
    assert "the metadata of `tickets`" in str(metadata_of(unknown)["recovery_actions"])


def test_the_texts_to_approve_stay_and_of_approved_tickets_those_that_changed_show(
    reviewed: Path, instance: dg.DagsterInstance
) -> None:
    """A second validation showed none, though the next step was to review them there.

    What was edited and approved in one run never showed.
    """

    def numbers(*, of: dg.ExecuteInProcessResult | None = None) -> list[str]:
        if of is not None:
            assert of.success
        texts = str(latest(instance, "adf_validation").metadata["texts"].value)
        return re.findall(r"^# (\d+) ·", texts, re.MULTILINE)

    run_job(instance, reviewed, "validate_adf", ops={})
    again = numbers(of=run_job(instance, reviewed, "validate_adf", ops={}))
    review(instance, reviewed, {"skip": {"numbers": [1], "reason": "Built"}}, {"ready": {}})
    approved = numbers(of=run_job(instance, reviewed, "validate_adf", ops={}))
    edit = {"edit": {"number": 2, "part": "analysis", "text": "Only editors upload."}}
    edited = numbers(of=review(instance, reviewed, edit, {"ready": {"numbers": [2]}}))

    assert again == [str(n) for n in range(1, projects.SMALL_TICKETS + 1)]
    assert approved == []
    assert edited == ["2"]


def test_an_issue_of_the_sandbox_is_looked_at_and_results_are_read_in_a_shell(
    exported: Path, instance: dg.DagsterInstance
) -> None:
    again = run_job(instance, exported, "export_to_jira", ops={})
    compared = build_definitions(project_path=exported).resolve_job_def("compare_with_jira")
    ended = compared.execute_in_process(instance=instance)

    [issues, *_] = again.get_asset_materialization_events()
    metadata = issues.materialization.metadata
    schema = metadata["dagster/column_schema"].value
    said = [entry.user_message for entry in instance.all_logs(ended.run_id)]
    assert str(metadata["texts"].value).startswith("# UHR-1 · ")
    assert isinstance(schema, dg.TableSchema)
    assert [(c.name, c.type) for c in schema.columns] == [
        ("number", "int"),
        ("key", "str"),
        ("title", "str"),
    ]
    assert "\ncompared: 1\ndiffering: none" in said


def test_newer_sheets_are_shown_by_cell(
    reviewed: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    sheets = projects.copy_small_sheets(tmp_path / "museum")
    projects.rename_a_field(sheets)
    projects.upload(reviewed, sheets)

    written = run_job(instance, reviewed, "generate_tickets", ops={})

    assert written.success
    assert rows_of(latest(instance, "tickets").metadata, "changes") == [
        {
            "number": 5,
            "ticket": "Configure content type: Clock",
            "is": "changed",
            "cell": "Uhrenmuseum_Fields.csv, line 15 / row 13, Field label",
            "before": "Chime",
            "after": "Bells",
        }
    ]


def test_a_session_that_cannot_be_judged_stops_no_scheduled_export(
    reviewed: Path, instance: dg.DagsterInstance, caplog: pytest.LogCaptureFixture
) -> None:
    """After an upgrade every session is rendered anew; one lost copy kept all from their export."""
    with projects.opened(reviewed) as pipeline:
        with pipeline.store.database.writing() as connection:
            connection.execute(update(tables.validations).values(rendering="0" * 64))
            connection.execute(update(tables.sessions).values(rendering=None))
        shutil.rmtree(pipeline.settings.uploads_path)

        due = exports_due(instance, pipeline, at=AT_EIGHT)

    assert isinstance(due, dg.SkipReason)
    assert due.skip_message is not None
    assert due.skip_message.startswith("Session museum is not exported: ")
    assert due.skip_message.endswith("`jira-pipeline status museum` says what to do next.")
    assert caplog.messages == [due.skip_message]


def test_an_export_may_be_approved_by_run_config(
    reviewed: Path, instance: dg.DagsterInstance
) -> None:
    waiting, result = (
        run_job(
            instance,
            reviewed,
            "csv_to_jira",
            ops={"jira_issues": {"auto_approve": approves}},
            assets=("jira_issues",),
        )
        for approves in (False, True)
    )

    assert waiting.success
    assert not waiting.asset_materializations_for_node("jira_issues.link_issues")
    assert result.success
    assert len(keys_on_site(reviewed)) == projects.SMALL_TICKETS
    with projects.opened(reviewed) as pipeline:
        assert not pipeline.store.sessions.get(projects.SESSION).manifest.auto_approve


@pytest.mark.parametrize(
    ("writer", "is_success"), [("template", True), ("nobody-serves-this", False)]
)
def test_a_writer_is_chosen_by_run_config(
    reviewed: Path, instance: dg.DagsterInstance, writer: str, *, is_success: bool
) -> None:
    result = run_job(instance, reviewed, "generate_tickets", ops={"tickets": {"writer": writer}})

    with projects.opened(reviewed) as pipeline:
        session = pipeline.store.sessions.get(projects.SESSION)
    assert result.success == is_success
    assert session.writer == "template"


def test_a_model_that_cannot_be_asked_is_chosen_for_no_session(
    project: Path, sheets: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stayed with the session whatever the settings said later."""
    projects.upload(project, sheets)
    monkeypatch.setenv("WRITER_MODEL", "openai:small")
    refused = run_job(instance, project, "generate_tickets", ops={})
    monkeypatch.delenv("WRITER_MODEL")

    result = run_job(instance, project, "generate_tickets", ops={})

    assert (refused.success, result.success) == (False, True)


def test_a_setting_that_cannot_be_read_fails_a_run_with_what_to_do(
    reviewed: Path, instance: dg.DagsterInstance
) -> None:
    (reviewed / ".env").write_text("JIRA_CREATE_DELAY_SECONDS=two\n", encoding="utf-8")

    result = review(instance, reviewed, {"ready": {}})

    (event,) = (e for e in result.all_events if e.event_type_value == "RESOURCE_INIT_FAILURE")
    error = event.engine_event_data.error
    assert error is not None
    assert "\n1. Correct the environment or .env; docs/settings.md lists" in error.to_string()


def test_an_issue_that_is_gone_is_filed_and_decided_about_as_each_run_says(
    exported: Path, instance: dg.DagsterInstance
) -> None:
    """Every run said to settle, which decided nothing, and showed an `Action(kind=...)`.

    Of the values that were shown, none was taken.
    """
    key = keys_on_site(exported)[3]
    change_site(exported, "DELETE FROM issue WHERE key = ?", key)

    run_job(instance, exported, "compare_with_jira", ops={"compare_sessions": {}})
    again = run_job(instance, exported, "compare_with_jira", ops={"compare_sessions": {}})
    with projects.opened(exported) as pipeline:
        report = status.status(open_session(pipeline, projects.SESSION))
    compared = metadata_of(act(instance, exported, "compare"))
    settled = metadata_of(act(instance, exported, "settle"))
    [number] = re.findall(r"^\d+", str(settled["tickets"]))
    decided = metadata_of(
        act(instance, exported, "decide", decision="create_again", tickets=[number])
    )
    with pytest.raises(dg.DagsterInvalidConfigError, match="'create_again', 'adopt', 'forget'"):
        act(instance, exported, "decide", decision="create", all=True)

    assert report.left.comparison is not None
    found = [(d.kind.value, d.name) for d in report.left.comparison.differences]
    assert (metadata_of(again)["compared"], metadata_of(again)["differing"]) == (1, "museum")
    assert found == [("issue_gone", key)]
    assert json_object(report)["ledger_findings"] == 1
    sentences = [action.sentence for action in report.left.actions("museum")]
    assert any(sentence.startswith("1 issue differs") for sentence in sentences)
    assert str(compared["to_decide"]).endswith("(create_again, forget)")
    for said in (compared, settled):
        assert "decide: {decision: DECISION, tickets: [NUMBER]}" in str(said["next_step"])
    ways = str(settled["tickets"])
    assert f'decide: {{decision: create_again, tickets: ["{number}"]}}' in ways
    assert f'decide: {{decision: forget, tickets: ["{number}"]}}' in ways
    assert decided["to_decide"] == "none"


def test_a_comparison_shows_how_far_people_are(
    exported: Path, instance: dg.DagsterInstance
) -> None:
    def compared() -> dg.AssetMaterialization:
        run_job(instance, exported, "compare_with_jira", ops={"compare_sessions": {}})
        return latest(instance, "jira_state")

    first, same = compared(), compared()
    with projects.opened(exported) as pipeline:
        move_issue(pipeline, keys_on_site(exported)[3], "3")
    moved = compared()

    assert (moved.partition, moved.metadata["doing"].value) == (projects.SESSION, 1)
    assert first.tags == same.tags != moved.tags


def test_issues_made_by_hand_are_warned_of_and_adopted(
    reviewed: Path, instance: dg.DagsterInstance
) -> None:
    """First only proposed; then the matches, or pairs, never both."""
    before = by_hand(run_job(instance, reviewed, "generate_tickets", ops={}))
    with projects.opened(reviewed) as pipeline:
        one, other = (pipeline.store.tickets.get(projects.SESSION, n).title for n in (1, 3))
        make_by_hand(pipeline, one, "Fix the footer", other)

    warned = by_hand(run_job(instance, reviewed, "generate_tickets", ops={}))
    proposed = metadata_of(act(instance, reviewed, "adopt"))
    both = act(instance, reviewed, "adopt", pairs=["1=UHR-1"], matches=True)
    paired = metadata_of(act(instance, reviewed, "adopt", pairs=["1=UHR-1"]))
    matched = metadata_of(act(instance, reviewed, "adopt", matches=True, by="Ada"))
    after = by_hand(run_job(instance, reviewed, "generate_tickets", ops={}))

    assert (before.passed, before.metadata["compared"].value) == (True, 0)
    assert (warned.passed, warned.blocking) == (False, False)
    assert str(warned.metadata["pairs"].value).startswith("1=UHR-1 ")
    pairs = f"1=UHR-1 {one}: {one} (match); 3=UHR-3 {other}: {other} (match)"
    assert (proposed["compared"], proposed["pairs"]) == (3, pairs)
    assert not both.success
    assert (paired["adopted"], matched["adopted"]) == (f"1=UHR-1 {one}", f"3=UHR-3 {other}")
    assert after.passed


@pytest.mark.parametrize("change", ["title", "priority", "skipped"])
@pytest.mark.parametrize("tags", [{}, {"dagster/retry_number": "1"}], ids=["first", "retry"])
def test_a_run_sends_nothing_of_tickets_that_changed_after_the_plan_was_agreed_to(
    reviewed: Path, instance: dg.DagsterInstance, change: str, tags: Mapping[str, str]
) -> None:
    """The run may wait long in the queue, or be tried again where it was killed as it began.

    A title of afterwards was in Jira, marked ready by another.
    """
    with projects.opened(reviewed) as pipeline:
        approve_all(pipeline)
        agreed = agreed_hash_of(pipeline)
        match change:
            case "title":
                projects.rename_ticket(pipeline, projects.SESSION, 1, "Nobody agreed to this")
                approve_all(pipeline)
            case "priority":
                named = {"numbers": [1], "fields": {"priority": "High"}}
                decide(open_session(pipeline, projects.SESSION), "assign", named, by="eve")
            case _:
                skipped = {"numbers": [1], "reason": "built"}
                decide(open_session(pipeline, projects.SESSION), "skip", skipped, by="eve")
        agreed_anew = agreed_hash_of(pipeline)

    refused = run_job(
        instance,
        reviewed,
        "export_to_jira",
        ops={"jira_issues": {"agreed_hash": agreed}},
        tags=tags,
    )
    sent = issues_of(reviewed)
    exported = run_job(
        instance,
        reviewed,
        "export_to_jira",
        ops={"jira_issues": {"agreed_hash": agreed_anew}},
        tags=tags,
    )

    assert not refused.success
    assert sent == []
    assert exported.success


def agreed_hash_of(pipeline: Pipeline) -> str:
    session = open_session(pipeline, projects.SESSION)
    return agreed_export_hash(session, update=None, is_as_new=False)


@pytest.mark.parametrize("choice", [{"update": True}, {"as_new": True}], ids=["update", "as new"])
def test_who_agreed_to_new_issues_alone_has_not_agreed_to_more(
    reviewed: Path, instance: dg.DagsterInstance, choice: Mapping[str, bool]
) -> None:
    with projects.opened(reviewed) as pipeline:
        approve_all(pipeline)
        agreed = agreed_hash_of(pipeline)

    refused = run_job(
        instance,
        reviewed,
        "export_to_jira",
        ops={"jira_issues": {"agreed_hash": agreed, **choice}},
    )

    assert not refused.success
    assert issues_of(reviewed) == []


def test_what_was_agreed_to_in_an_older_version_is_agreed_to_again(
    reviewed: Path, instance: dg.DagsterInstance
) -> None:
    """A run of before the update waits in the queue, with a hash that covered less."""
    with projects.opened(reviewed) as pipeline:
        approve_all(pipeline)
        of_before = canonical_hash(agreed_content(open_session(pipeline, projects.SESSION)))

    refused = run_job(
        instance, reviewed, "export_to_jira", ops={"jira_issues": {"agreed_hash": of_before}}
    )

    with projects.opened(reviewed) as pipeline:
        (error,) = pipeline.store.errors.list_all(projects.SESSION)
    assert not refused.success
    assert (error.code, issues_of(reviewed)) == ("decision_changed", [])
    assert command_of(error.recovery_actions[0]) == "jira-pipeline export museum --plan"


def test_a_session_that_approves_itself_exports_what_was_agreed_to_before_it_did(
    reviewed: Path, sheets: Path, instance: dg.DagsterInstance
) -> None:
    """Its run marks the tickets ready itself, and is tried again where Jira was away after that."""
    projects.upload(reviewed, sheets, auto_approve=True)
    run_job(instance, reviewed, "validate_adf", ops={})
    with projects.opened(reviewed) as pipeline:
        agreed = agreed_hash_of(pipeline)
        approved_count = exporting.approve(open_session(pipeline, projects.SESSION))

    exported = run_job(
        instance, reviewed, "export_to_jira", ops={"jira_issues": {"agreed_hash": agreed}}
    )

    assert approved_count == projects.SMALL_TICKETS
    assert exported.success


def test_an_undo_deletes_what_was_agreed_to_or_nothing(
    exported: Path, instance: dg.DagsterInstance
) -> None:
    """An issue was deleted by hand between the answer and the run: the rest went all the same."""
    with projects.opened(exported) as pipeline:
        session = open_session(pipeline, projects.SESSION)
        agreed = exporting.plan_undoing(session).issue_ids
    change_site(exported, "DELETE FROM issue WHERE id = ?", int(agreed[0]))

    refused = act(instance, exported, "undo", delete=True, agreed_issue_ids=[*agreed])
    left = issues_of(exported)
    with projects.opened(exported) as pipeline:
        session = open_session(pipeline, projects.SESSION)
        stage = session.stored.stage
        agreed_anew = exporting.plan_undoing(session).issue_ids
        error = pipeline.store.errors.list_all(projects.SESSION)[0]
    undone = act(instance, exported, "undo", delete=True, agreed_issue_ids=[*agreed_anew])

    assert (refused.success, undone.success) == (False, True)
    assert (len(left), stage) == (projects.SMALL_TICKETS - 1, SessionStage.COMPLETED)
    assert error.code == "decision_changed"
    assert len(agreed_anew) == projects.SMALL_TICKETS - 1
    assert issues_of(exported) == []


def approve_all(pipeline: Pipeline) -> None:
    mark_ready(open_session(pipeline, projects.SESSION), None, by="ann")


def issues_of(project: Path) -> list[str]:
    with projects.opened(project) as pipeline, open_sandbox(pipeline.settings):
        return keys_on_site(project)


def test_a_check_by_itself_reads_jira_and_one_after_the_last_step_takes_what_that_read(
    exported: Path, instance: dg.DagsterInstance
) -> None:
    """The export and its check each read all issues; an issue deleted in between has to be found."""
    run_job(instance, exported, "export_to_jira", ops={})
    in_run, *_ = checked(instance, "jira_issues", "ledger_matches_jira")
    key = keys_on_site(exported)[3]
    change_site(exported, "DELETE FROM issue WHERE key = ?", key)
    check = dg.AssetCheckKey(dg.AssetKey("jira_issues"), "ledger_matches_jira")
    alone = dg.define_asset_job("alone", selection=dg.AssetSelection.checks(check))
    with_job = dg.Definitions.merge(
        build_definitions(project_path=exported), dg.Definitions(jobs=[alone])
    )

    with_job.resolve_job_def("alone").execute_in_process(
        instance=instance, tags={"dagster/partition": projects.SESSION}
    )

    by_itself, *_ = checked(instance, "jira_issues", "ledger_matches_jira")
    assert in_run.passed
    assert not by_itself.passed
    assert by_itself.metadata["gone"].value == key


def test_a_jira_out_of_reach_fails_no_writing_of_tickets(
    reviewed: Path, instance: dg.DagsterInstance
) -> None:
    settings = "JIRA_BASE_URL=http://127.0.0.1:1\nJIRA_EMAIL=a@b.example\nJIRA_API_TOKEN=x\n"
    (reviewed / ".env").write_text(settings, encoding="utf-8")

    result = run_job(instance, reviewed, "generate_tickets", ops={})

    assert result.success
    assert str(by_hand(result).metadata["compared"].value).startswith("not known: ")


def by_hand(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    found = result.get_asset_check_evaluations()
    return next(one for one in found if one.check_name == "no_handmade_issues")


def test_an_undo_reports_before_it_deletes_and_people_export_again_but_no_retry_does(
    exported: Path, instance: dg.DagsterInstance
) -> None:
    """The daemon tries a failed export again; what people marked is still ready after an undo."""
    plan = metadata_of(act(instance, exported, "undo"))
    kept = len(keys_on_site(exported))
    result = metadata_of(act(instance, exported, "undo", delete=True))
    reported = [latest(instance, asset).description for asset in ("jira_issues", "export_report")]
    review(instance, exported, {"ready": {}})

    retry = run_job(
        instance, exported, "export_to_jira", ops={}, tags={"dagster/retry_number": "1"}
    )
    sent_by_retry = keys_on_site(exported)
    asked_for = run_job(instance, exported, "export_to_jira", ops={})

    for numbers in (plan["would_delete_issues_of_tickets"], result["deleted"]):
        assert len(str(numbers).split("; ")) == projects.SMALL_TICKETS
    assert kept == projects.SMALL_TICKETS
    assert all((description or "").startswith("Undo, by run ") for description in reported)
    assert (retry.success, sent_by_retry) == (False, [])
    assert asked_for.success
    assert len(keys_on_site(exported)) == projects.SMALL_TICKETS


def test_an_export_is_asked_for_again_only_where_links_or_files_are_missing(
    reviewed: Path, instance: dg.DagsterInstance
) -> None:
    """A validation of what is in Jira, all of it, made the session wait for one more export."""

    def next_after(job: str) -> tuple[str, float, str]:
        assert run_job(instance, reviewed, job, ops={}).success
        with projects.opened(reviewed) as pipeline:
            report = status.status(open_session(pipeline, projects.SESSION))
            return report.stage_text, report.progress_percentage, report.next.action.sentence

    review(instance, reviewed, {"ready": {}})
    with projects.opened(reviewed) as pipeline:
        exporting.create_issues(
            open_session(pipeline, projects.SESSION),
            run_id=new_run_id(),
            by="Ada",
            on_started=lambda _started: None,
            pass_on=lambda _session: None,
        )
    created = next_after("validate_adf")
    linked = next_after("export_to_jira")
    validated = next_after("validate_adf")
    written = next_after("generate_tickets")

    assert created == ("review, waiting", 95.0, "Export again to add missing links and files: {}.")
    assert linked == validated == ("completed", 100.0, "Look at what was created: {}.")
    assert written == ("review, waiting", 100.0, "Look at what was created: {}.")


def test_a_site_is_compared_with_the_sheets_by_what_lies_in_the_inbox(
    exported: Path, instance: dg.DagsterInstance
) -> None:
    config = projects.EXAMPLE.with_name("uhrenmuseum.config.zip")
    with projects.opened(exported) as pipeline:
        shutil.copy(config, pipeline.settings.inbox_path / f"{projects.SESSION}.config.zip")

    result = act(instance, exported, "verify", by="Ada")

    with projects.opened(exported) as pipeline:
        assert is_compared(open_session(pipeline, projects.SESSION), config)
    content, workflow = (
        checked(instance, "built_site", f"{name}_built")[0] for name in ("content", "workflow")
    )
    assert (content.passed, content.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert (workflow.passed, workflow.severity) == (True, dg.AssetCheckSeverity.WARN)
    assert "rows met" in str(metadata_of(result)["summary"])
    assert latest(instance, "built_site").partition == projects.SESSION


def test_no_group_is_built_before_its_tickets_are_written_or_where_none_was_compared(
    empty_project: Path, tmp_path: Path
) -> None:
    """Five of five checks passed while the same run listed 24 tickets that contradict the site."""
    config = projects.EXAMPLE.with_name("uhrenmuseum.config.zip")
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    (nothing / "views.view.any.yml").write_text("base_table: node_field_data\n", "utf-8")
    sheets = projects.copy_small_sheets(tmp_path / "sheets")
    project = tmp_path / "project"
    shutil.copytree(empty_project, project)
    projects.upload(project, sheets)
    with projects.opened(project) as pipeline:
        verify_site(open_session(pipeline, projects.SESSION), config, by="Ada")
        before = judged(open_session(pipeline, projects.SESSION))
    projects.run_once(project, "generate_tickets")
    with projects.opened(project) as pipeline:
        written = judged(open_session(pipeline, projects.SESSION))
        verify_site(open_session(pipeline, projects.SESSION), nothing, anyway=True, by="Ada")
        uncompared = judged(open_session(pipeline, projects.SESSION))

    assert {passed for passed, _ in before.values()} == {False}
    no_ticket = (True, "The sheets ask for no ticket of this group.")
    assert written["workflow_built"] == uncompared["workflow_built"] == no_ticket, (
        before,
        written,
        uncompared,
    )
    assert uncompared["content_built"] == uncompared["views_built"] == (False, "")


def judged(session: OpenSession) -> dict[str, tuple[bool, str]]:
    return {
        one.check_name or "": (one.passed, one.description or "")
        for one in site_assets.built(session)
    }


def test_a_layout_is_shown_saved_and_confirmed_by_run_config(
    reviewed: Path, instance: dg.DagsterInstance
) -> None:
    proposed = metadata_of(act(instance, reviewed, "layout", do="propose"))
    text = str(proposed["layout"]).removeprefix("```yaml\n").removesuffix("```")
    changed = text.replace("into: user_role", "into: user_roles")

    wrong = metadata_of(act(instance, reviewed, "layout", do="save", layout=changed))
    nothing = metadata_of(act(instance, reviewed, "layout", do="save"))
    saved = metadata_of(act(instance, reviewed, "layout", do="save", layout=text, by="Ada"))
    others = metadata_of(act(instance, reviewed, "layout", do="save", layout=text, by="Bob"))
    confirmed = metadata_of(act(instance, reviewed, "layout", do="confirm", revision=1, by="Bob"))
    shown = metadata_of(act(instance, reviewed, "layout"))

    assert (proposed["origin"], proposed["is_settled"]) == ("proposed", True)
    assert "“user_roles” is no kind of sheet" in str(wrong["message"])
    assert "no layout to save" in str(nothing["message"])
    assert (saved["origin"], saved["revision"]) == ("draft", 1)
    assert others["code"] == "edit_conflict"
    assert confirmed["tickets"] == projects.SMALL_TICKETS
    assert shown["origin"] == "uploaded"
    assert "by: Bob" in str(shown["layout"])

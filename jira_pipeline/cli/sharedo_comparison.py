"""The command that compares two ShareDo environments."""

from typing import Annotated

from jira_pipeline.cli.console import Screen
from jira_pipeline.cli.context import JsonOption, opened
from jira_pipeline.cli.intake import show_upload, write_now
from jira_pipeline.cli.reviewing import current_person
from jira_pipeline.cli.sharedo import DependenciesOption
from jira_pipeline.cli.sharedo_progress import shown_exports
from jira_pipeline.model.json_values import json_object
from jira_pipeline.sharedo.comparison import Comparison, Outcome, side_text
from jira_pipeline.sharedo.environment_comparison import compare_environments
from jira_pipeline.sharedo.export_jobs import item_of


def compare(
    first: Annotated[str, "A", "The environment with the desired state."],
    second: Annotated[str, "B", "The environment that should match A."],
    items: Annotated[
        list[str],
        "TYPE:NAME…",
        "What to export from both environments and compare; TYPE defaults to worktype.",
    ],
    *,
    with_dependencies: DependenciesOption = False,
    session: Annotated[
        str | None, "--session KEY", "Register the differences as a session."
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Export from two environments at once, and compare what came.

    List order, ids, times and versions are not compared. For example:

    jira-pipeline sharedo compare development test worktype:matter --dependencies
    """
    from jira_pipeline.dagster_port.reports import report_upload
    from jira_pipeline.sessions.sharedo_upload import upload_packages

    wanted = None
    with opened(is_json=is_json) as (screen, pipeline):
        with shown_exports(screen) as listener:
            exported = compare_environments(
                pipeline,
                first,
                second,
                [item_of(item) for item in items],
                includes_dependencies=with_dependencies,
                listener=listener,
            )
        comparison = exported.comparison
        show_comparison(screen, comparison)
        if session is None:
            screen.answer(json_object(comparison))
            return
        outcome = upload_packages(
            pipeline,
            exported.first,
            against=exported.second,
            session_key=session,
            auto_approve=False,
            actor=current_person(),
        )
        if is_json:
            screen.answer(json_object(comparison) | {"session_key": outcome.session.session_key})
            report_upload(pipeline, outcome)
        else:
            wanted = show_upload(screen, pipeline, lambda: outcome, session_key=session)
    write_now(wanted)


def show_comparison(screen: Screen, comparison: Comparison) -> None:
    """Show people a comparison: warnings, counts, and each field that differs."""
    first, second = comparison.first, comparison.second
    outcomes = {
        Outcome.ADDED: f"only in {first}",
        Outcome.REMOVED: f"only in {second}",
        Outcome.MODIFIED: "different",
        Outcome.UNCHANGED: "alike",
        Outcome.NOT_COMPARED: "not compared",
    }
    screen.say(
        f"What has to change in {second} to match {first}: “before” is the value in {second}, "
        f"“after” the one in {first}. List order, ids, times and versions are not compared."
    )
    for warning in comparison.warnings:
        screen.say(f"Warning: {warning}")
    for component in comparison.with_outcome(Outcome.MODIFIED):
        rows = [
            (
                d.severity.value,
                d.path + " (the environment's own)" * d.is_environments_own,
                *("–" if v is None else side_text(v) or "(empty)" for v in (d.before, d.after)),
            )
            for d in component.differences
        ]
        title = f"{component.title} ({component.key})"
        screen.table(("severity", "field", "before", "after"), rows, title=title)
    for outcome in (Outcome.ADDED, Outcome.REMOVED, Outcome.NOT_COMPARED):
        found = comparison.with_outcome(outcome)
        if found:
            columns = ("group", "title", "key", "why" if outcome is Outcome.NOT_COMPARED else "")
            rows = [(c.group.value, c.title, c.key, c.reason) for c in found]
            screen.table(columns, rows, title=outcomes[outcome].capitalize())
    counts = (f"{count} {outcomes[outcome]}" for outcome, count in comparison.counts.items())
    screen.say(f"{', '.join(counts)}.")

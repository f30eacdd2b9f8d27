"""Commands about what ShareDo packages hold: compare, upload."""

from pathlib import Path
from typing import Annotated

from jira_pipeline.cli.console import Screen
from jira_pipeline.cli.context import JsonOption, commanded, opened
from jira_pipeline.cli.intake import show_upload, write_now
from jira_pipeline.cli.reviewing import current_person
from jira_pipeline.cli.sharedo import DependenciesOption
from jira_pipeline.cli.sharedo_progress import shown_exports
from jira_pipeline.context.settings import adopt_dagster_home, load_settings
from jira_pipeline.model.errors import ConfigurationError, WrongUseError
from jira_pipeline.model.json_values import json_object
from jira_pipeline.sharedo.comparison import Comparison, Outcome, side_text
from jira_pipeline.sharedo.export_jobs import configured_environments, item_of


def compare(
    first: Annotated[str, "A", "The desired state: a package, a folder, or an environment."],
    second: Annotated[str, "B", "What should match A: a package, a folder, or an environment."],
    items: Annotated[
        list[str] | None,
        "[TYPE:NAME]…",
        "What to export from both environments and compare; TYPE defaults to worktype.",
    ] = None,
    *,
    with_dependencies: DependenciesOption = False,
    session: Annotated[
        str | None, "--session KEY", "Register the differences as a session."
    ] = None,
    ignore: Annotated[
        list[str] | None, "--ignore FIELD", "Leave a field out of the comparison; may be repeated."
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Compare two environments, using existing package files or fresh exports.

    List order, ids, times and versions are not compared. For example:

    jira-pipeline sharedo compare test.zip live.zip
    jira-pipeline sharedo compare development test worktype:matter --dependencies
    """
    ignored = frozenset(ignore or ())

    def show_compared(screen: Screen, comparison: Comparison, **more: object) -> None:
        show_comparison(screen, comparison)
        screen.answer(json_object(comparison) | more)

    if not items:
        from jira_pipeline.sharedo.environment_comparison import compare_files

        with commanded(is_json=is_json) as screen:
            _refuse_environments(first, second)
            if session is not None:
                raise WrongUseError(
                    "--session needs new exports from environments.",
                    recovery_actions=(
                        f"Run `jira-pipeline sharedo upload {first} --against {second} --session {session}`.",
                    ),
                )
            show_compared(screen, compare_files(Path(first), Path(second), ignored_fields=ignored))
        return

    from jira_pipeline.sessions.sharedo_upload import upload_packages
    from jira_pipeline.sharedo.environment_comparison import compare_environments

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
                ignored_fields=ignored,
            )
        if session is None:
            show_compared(screen, exported.comparison)
            return
        outcome = upload_packages(
            pipeline,
            exported.first,
            against=exported.second,
            session_key=session,
            auto_approve=False,
            actor=current_person(),
            ignored_fields=ignored,
        )
        show_compared(screen, exported.comparison, session_key=outcome.session.session_key)
        if is_json:
            from jira_pipeline.defs.reports import report_upload

            report_upload(pipeline, outcome)
        else:
            wanted = show_upload(screen, pipeline, lambda: outcome, session_key=session)
    write_now(wanted)


def upload(
    files: Annotated[list[Path], "FILE…", "Export packages (.zip)."],
    *,
    session: Annotated[
        str | None, "--session", "Key of the session; defaults to the name of the first package."
    ] = None,
    against: Annotated[
        list[Path] | None,
        "--against FILE",
        "A package from the target environment; may be repeated.",
    ] = None,
    name: Annotated[
        str, "--name", "With --against: name of the environment FILE came from."
    ] = "source",
    against_name: Annotated[
        str, "--against-name", "With --against: name of the target environment."
    ] = "target",
    auto_approve: Annotated[
        bool, "--auto-approve", "Export valid tickets without a review."
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Register export packages as an upload session; with --against, only the differences.

    For example:

    jira-pipeline sharedo upload matter.zip
    jira-pipeline sharedo upload test.zip --against live.zip --name test --against-name live
    """
    from jira_pipeline.sessions.sharedo_upload import named_side, upload_packages

    with opened(is_json=is_json) as (screen, pipeline):
        wanted = show_upload(
            screen,
            pipeline,
            lambda: upload_packages(
                pipeline,
                named_side(name, files),
                against=named_side(against_name, against) if against else None,
                session_key=session,
                auto_approve=auto_approve,
                actor=current_person(),
            ),
            session_key=session,
        )
    write_now(wanted)


def _refuse_environments(first: str, second: str) -> None:
    """Say what is missing where environments are named and nothing to export."""
    if Path(first).exists() or Path(second).exists():
        return
    try:
        known = configured_environments(load_settings(adopt_dagster_home()))
    except ConfigurationError:
        return
    if first in known and second in known:
        raise WrongUseError(
            f"Nothing was named to compare in {first} and {second}.",
            recovery_actions=(
                f"Name it: `jira-pipeline sharedo compare {first} {second} worktype:NAME`.",
            ),
        )


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

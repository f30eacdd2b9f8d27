"""The program `jira-pipeline`: its commands by name."""

import os

import typer

from jira_pipeline.cli import (
    checks,
    export,
    homes,
    intake,
    people,
    questions,
    records,
    recovery,
    sandbox,
    serving,
    session,
    sharedo,
    sharedo_packages,
    store,
    ticket_changes,
    ticket_decisions,
    tickets,
    validating,
    verifying,
)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Turns the sheets of a site specification into reviewed, validated Jira issues.",
    epilog="Begin with `upload FOLDER`. Every command says what is next, and so does `status KEY`.",
)

_FIRST = "From sheets to issues"
_REVIEW = "Review"
_AFTER = "After the export"
_MORE = "More"

for first in (intake.lint, intake.upload, session.generate, export.export, session.status):
    app.command(rich_help_panel=_FIRST)(first)
app.command(rich_help_panel=_FIRST)(serving.serve)
app.command(rich_help_panel=_FIRST)(homes.demo)
app.add_typer(tickets.app, name="tickets", rich_help_panel=_REVIEW)
app.command(rich_help_panel=_REVIEW, cls=questions.QuestionsCommand)(questions.questions)
for reviewing in (questions.client_link, tickets.hours):
    app.command(rich_help_panel=_REVIEW)(reviewing)
for after in (
    *(export.todo, export.results, export.fixes, verifying.verify),
    *(recovery.resume, recovery.cancel, recovery.settle, recovery.undo),
):
    app.command(rich_help_panel=_AFTER)(after)
for more in (
    *(session.sessions, records.errors, validating.validate, validating.quality, records.audit),
    *(checks.check_project, checks.check_writer, checks.estimate, homes.init, intake.sheets),
):
    app.command(rich_help_panel=_MORE)(more)
for name, group in (
    ("people", people),
    ("sandbox", sandbox),
    ("sharedo", sharedo),
    ("store", store),
):
    app.add_typer(group.app, name=name, rich_help_panel=_MORE)

for below in (
    *(ticket_decisions.ready, ticket_decisions.unready),
    *(ticket_decisions.skip, ticket_decisions.unskip),
    *(ticket_changes.edit, ticket_changes.assign, ticket_changes.order, ticket_changes.depend),
    *(ticket_changes.rollback, ticket_changes.take_back, ticket_changes.diff),
    *(ticket_decisions.withdraw, ticket_decisions.unwithdraw),
):
    tickets.app.command()(below)
for packages in (sharedo_packages.inspect, sharedo_packages.compare, sharedo_packages.upload):
    sharedo.app.command()(packages)

app.command(hidden=True)(session.regenerate)
app.command(hidden=True)(records.explain)
app.command("dev", hidden=True)(serving.serve)
app.command(hidden=True)(serving.webserver)


def main() -> None:
    """Run the program; what it makes is for this account alone."""
    os.umask(0o077)
    app()

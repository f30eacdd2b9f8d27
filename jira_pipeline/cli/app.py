"""The program `jira-pipeline`: its commands by name."""

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
    ticket_files,
    tickets,
    validating,
)
from jira_pipeline.cli.wrong_use import Commands, Program

app = Commands(
    cls=Program,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Turns the sheets of a site specification into reviewed, validated Jira issues.",
    epilog="Begin with `upload FOLDER`. Every command says what is next, and so does `status KEY`.",
)

_INTAKE = "From sheets to tickets"
_REVIEW = "Review"
_EXPORT = "Export"
_LOOK = "Look"
_WEB = "In the browser"

app.command(rich_help_panel=_INTAKE)(intake.lint)
app.command(rich_help_panel=_INTAKE)(intake.upload)
app.command(rich_help_panel=_INTAKE)(checks.check_writer)
app.command(rich_help_panel=_INTAKE)(checks.estimate)
app.command(rich_help_panel=_INTAKE)(session.regenerate)
app.command(rich_help_panel=_REVIEW)(questions.questions)
app.command(rich_help_panel=_REVIEW)(tickets.hours)
for command in (
    ticket_decisions.ready,
    ticket_decisions.unready,
    ticket_decisions.skip,
    ticket_decisions.unskip,
    ticket_changes.edit,
    ticket_changes.assign,
    ticket_changes.order,
    ticket_changes.depend,
    ticket_changes.rollback,
    ticket_changes.diff,
    ticket_files.save,
    ticket_files.load,
    ticket_decisions.withdraw,
    ticket_decisions.unwithdraw,
):
    tickets.app.command()(command)
app.add_typer(tickets.app, name="tickets", rich_help_panel=_REVIEW)
app.command(rich_help_panel=_REVIEW)(validating.validate)
app.command(rich_help_panel=_REVIEW)(validating.quality)
app.command(rich_help_panel=_EXPORT)(checks.check_project)
app.command(rich_help_panel=_EXPORT)(export.export)
app.command(rich_help_panel=_EXPORT)(recovery.resume)
app.command(rich_help_panel=_EXPORT)(recovery.cancel)
app.command(rich_help_panel=_EXPORT)(recovery.settle)
app.command(rich_help_panel=_EXPORT)(recovery.undo)
app.command(rich_help_panel=_EXPORT)(export.results)
app.command(rich_help_panel=_EXPORT)(export.fixes)
app.command(rich_help_panel=_LOOK)(session.sessions)
app.command(rich_help_panel=_LOOK)(session.status)
app.command(rich_help_panel=_LOOK)(records.errors)
app.command(rich_help_panel=_LOOK)(records.explain)
app.command(rich_help_panel=_LOOK)(records.audit)
app.command(rich_help_panel=_WEB)(serving.serve)
app.command("dev", hidden=True)(serving.serve)
app.command(hidden=True)(serving.webserver)
app.add_typer(people.app, name="people", rich_help_panel=_WEB)
app.add_typer(sandbox.app, name="sandbox", rich_help_panel=_LOOK)
sharedo.app.command()(sharedo_packages.inspect)
sharedo.app.command()(sharedo_packages.compare)
sharedo.app.command()(sharedo_packages.upload)
app.add_typer(sharedo.app, name="sharedo", rich_help_panel=_INTAKE)
app.add_typer(store.app, name="store", rich_help_panel=_LOOK)
app.command(rich_help_panel=_INTAKE)(homes.demo)
app.command(rich_help_panel=_INTAKE)(homes.init)


def main() -> None:
    """Run the program."""
    app()

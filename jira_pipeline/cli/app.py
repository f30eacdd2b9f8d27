"""The program `jira-pipeline`: its commands by name."""

from jira_pipeline.cli import (
    audit,
    carrying_on,
    demo,
    errors,
    export,
    homes,
    intake,
    project,
    quality,
    questions,
    sandbox,
    serving,
    session,
    store,
    taking_back,
    ticket_changes,
    ticket_decisions,
    ticket_files,
    ticket_withdrawals,
    tickets,
    validating,
    writers,
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

app.command(rich_help_panel=_INTAKE)(intake.lint)
app.command(rich_help_panel=_INTAKE)(intake.upload)
app.command(rich_help_panel=_INTAKE)(writers.check_writer)
app.command(rich_help_panel=_INTAKE)(writers.estimate)
app.command(rich_help_panel=_INTAKE)(session.regenerate)
app.command(rich_help_panel=_REVIEW)(questions.questions)
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
    ticket_withdrawals.withdraw,
    ticket_withdrawals.unwithdraw,
):
    tickets.app.command()(command)
app.add_typer(tickets.app, name="tickets", rich_help_panel=_REVIEW)
app.command(rich_help_panel=_REVIEW)(validating.validate)
app.command(rich_help_panel=_REVIEW)(quality.quality)
app.command(rich_help_panel=_EXPORT)(project.check_project)
app.command(rich_help_panel=_EXPORT)(export.export)
app.command(rich_help_panel=_EXPORT)(carrying_on.resume)
app.command(rich_help_panel=_EXPORT)(carrying_on.cancel)
app.command(rich_help_panel=_EXPORT)(taking_back.settle)
app.command(rich_help_panel=_EXPORT)(taking_back.undo)
app.command(rich_help_panel=_EXPORT)(export.results)
app.command(rich_help_panel=_EXPORT)(export.fixes)
app.command(rich_help_panel=_LOOK)(session.sessions)
app.command(rich_help_panel=_LOOK)(session.status)
app.command(rich_help_panel=_LOOK)(errors.errors)
app.command(rich_help_panel=_LOOK)(errors.explain)
app.command(rich_help_panel=_LOOK)(audit.audit)
app.command(rich_help_panel=_LOOK)(serving.dev)
app.command(rich_help_panel=_LOOK)(serving.webserver)
app.add_typer(sandbox.app, name="sandbox", rich_help_panel=_LOOK)
app.add_typer(store.app, name="store", rich_help_panel=_LOOK)
app.command(rich_help_panel=_INTAKE)(demo.demo)
app.command(rich_help_panel=_INTAKE)(homes.init)


def main() -> None:
    """Run the program."""
    app()

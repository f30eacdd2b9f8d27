"""Commands about ShareDo: its environments, export jobs, packages and what becomes of them."""

from typing import TYPE_CHECKING

from jira_pipeline.cli.console import plain_table
from jira_pipeline.cli.context import JsonOption, commanded
from jira_pipeline.cli.wrong_use import Commands

if TYPE_CHECKING:
    from jira_pipeline.sharedo_client.environments import Environment

app = Commands(no_args_is_help=True, help="ShareDo: export jobs, packages, comparison, tickets.")


@app.command()
def environments(*, is_json: JsonOption = False) -> None:
    """List the ShareDo environments that are configured; without a file, those of the sandbox."""
    from jira_pipeline.sessions.sharedo import configured_environments
    from jira_pipeline.settings import adopt_dagster_home, load_settings

    with commanded(is_json=is_json) as screen:
        settings = load_settings(adopt_dagster_home())
        found = configured_environments(settings)
        screen.answer([environment_object(one) for one in found.values()])
        rows = [(one.name, one.api_url, one.grant, one.client_secret_env) for one in found.values()]
        columns = ("name", "API", "grant", "secret in")
        screen.show(plain_table("", columns, rows, wide="API"))
        if any(one.is_sandbox for one in found.values()):
            screen.say(
                "These are environments of the embedded sandbox. For real ones write "
                f"{settings.sharedo_environments_path}; docs/sharedo.md shows an example."
            )


def environment_object(environment: "Environment") -> dict[str, object]:
    """Say an environment as programs get it: everything but the secret, which is only named."""
    return {**environment.model_dump(mode="json"), "is_sandbox": environment.is_sandbox}

"""Commands about the embedded Jira sandbox."""

from typing import Annotated

import typer

from jira_pipeline.cli.context import commanded

app = typer.Typer(no_args_is_help=True, help="The embedded Jira sandbox.")

DEFAULT_PORT = 8765


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port on 127.0.0.1.")] = DEFAULT_PORT,
) -> None:
    """Show the sandbox's issues in the browser, and its REST API, until stopped."""
    from jira_pipeline.jira_sandbox.server import serve as serve_sandbox  # noqa: PLC0415 - slow
    from jira_pipeline.settings import adopt_dagster_home, load_settings  # noqa: PLC0415 - as above

    with commanded(is_json=False) as screen:
        settings = load_settings(adopt_dagster_home())
        settings.home_path.mkdir(parents=True, exist_ok=True)
        screen.say(f"Sandbox: http://127.0.0.1:{port}  (Ctrl-C stops it)")
        serve_sandbox(settings.sandbox_path, port=port)

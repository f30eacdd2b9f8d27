"""Commands about the embedded Jira sandbox."""

from pathlib import Path
from typing import Annotated

from jira_pipeline.cli.context import commanded

DEFAULT_PORT = 8765


def serve(
    port: Annotated[int, "--port", "Port on 127.0.0.1.", {"min": 1, "max": 65_535}] = DEFAULT_PORT,
    file: Annotated[
        Path | None, "--file", "File to use instead of this data folder's sandbox."
    ] = None,
) -> None:
    """Serve the sandbox's issues as pages, and its REST API, until Ctrl-C.

    For example:

    jira-pipeline sandbox serve --port 8766
    """
    from jira_pipeline.context.settings import Settings, adopt_dagster_home, load_settings
    from jira_pipeline.context.trackers import note_sandbox_address
    from jira_pipeline.jira.sandbox.pages import serve as serve_sandbox
    from jira_pipeline.sessions.composition import open_pipeline

    with commanded(is_json=False) as screen:
        own: Settings | None = None
        path = file
        if path is None:
            own = load_settings(adopt_dagster_home())
            path = own.sandbox_path

        def announce(address: str) -> None:
            if own is not None:
                pipeline = open_pipeline(own)
                with pipeline.store:
                    note_sandbox_address(pipeline, address)
            screen.say(f"Sandbox: {address}  (press Ctrl-C to stop)")

        path.parent.mkdir(parents=True, exist_ok=True)
        serve_sandbox(path, port=port, announce=announce)

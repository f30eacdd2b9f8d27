"""Code servers of Dagster: what holds our definitions, and starts runs where it is asked to.

Belongs here: their one location, asking whether one answers, from what a run is forked. Does not:
starting one (`cli/serving`), which runs there are (`jobs`), starting them (`launching`). It needs
no Dagster, which is slow to import.

Dagster starts a new Python for each run, and reading our modules and its own is most of what a
small run costs. Whatever starts the code server, `serve`, `dagster dev` or a service, it loads our
definitions, so it is told there to fork from a process that has imported everything. The server
that forks has one thread, and no database, file or connection open: it imports, no more.
"""

import sys
from importlib import import_module
from multiprocessing import get_context

LOCATION = "jira_pipeline.definitions"
"""As workspace.yaml names the module."""

_CODE_SERVER = ["api", "grpc"]
"""What Dagster runs to answer for a code location."""
_IMPORTED = ("jira_pipeline.definitions", "dagster._cli", "dagster._grpc.impl")


def answers(address: str, *, within_seconds: float) -> bool:
    """Tell whether a code server answers at an address: host and port, or `unix:` and a path."""
    import grpc  # type: ignore[import-untyped] # noqa: PLC0415 - few ask

    with grpc.insecure_channel(address) as channel:
        try:
            channel.unary_unary("/api.DagsterApi/Ping")(b"", timeout=within_seconds)
        except grpc.RpcError:
            return False
        return True


def start_runs_warm() -> None:
    """Have the runs of this process forked, where it is a code server; elsewhere do nothing.

    Dagster takes the processes of its context for `spawn`, and they begin with the first run.
    """
    if sys.argv[1:3] == _CODE_SERVER:
        import_module(
            "jira_pipeline.sources.sheets.reading_apart"
        )  # sets what its children import: less
        forked = get_context("forkserver")
        forked.set_forkserver_preload([*_IMPORTED])
        get_context("spawn").Process = forked.Process  # type: ignore[misc,assignment]

"""Code servers of Dagster, which hold our definitions.

Belongs here: their one location, asking whether one answers. Does not: starting one
(`cli/serving`), how its runs start (`cli/warm_definitions`). It needs no Dagster, which is slow to
import.
"""

LOCATION = "jira_pipeline.definitions"
"""As workspace.yaml names the module."""


def answers(address: str, *, within_seconds: float) -> bool:
    """Tell whether a code server answers at an address: host and port, or `unix:` and a path."""
    import grpc  # type: ignore[import-untyped]

    with grpc.insecure_channel(address) as channel:
        try:
            channel.unary_unary("/api.DagsterApi/Ping")(b"", timeout=within_seconds)
        except grpc.RpcError:
            return False
        return True

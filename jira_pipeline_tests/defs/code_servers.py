"""Code servers that answer as Dagster's do, and start nothing.

Belongs here: answering, refusing, going away. Does not: what is expected of who asks.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc  # type: ignore[import-untyped] # as in the program
from dagster._grpc.__generated__ import dagster_api_pb2
from dagster._grpc.types import StartRunResult
from dagster._serdes import serialize_value

from jira_pipeline_tests.end_to_end.live_dagster import free_port


class CodeServer:
    """Counts the runs it was asked to start."""

    def __init__(self, port: int, *, goes_away: bool) -> None:
        """Answer at this port; one that goes away does so as soon as it is to start a run."""
        self.address = f"127.0.0.1:{port}"
        self.started = 0
        self._goes_away = goes_away
        self._is_gone = False

    def ping(self, _request: bytes, context: Any) -> bytes:
        """Answer while it is there."""
        if self._is_gone:
            context.abort(grpc.StatusCode.UNAVAILABLE, "gone")
        return b""

    def start_run(self, _request: bytes, context: Any) -> bytes:
        """Say that a run was started."""
        if self._goes_away:
            self._is_gone = True
            context.abort(grpc.StatusCode.UNAVAILABLE, "gone")
        self.started += 1
        result = StartRunResult(success=True, message=None, serializable_error_info=None)
        reply = dagster_api_pb2.StartRunReply(serialized_start_run_result=serialize_value(result))
        return bytes(reply.SerializeToString())


@contextmanager
def code_server(*, goes_away: bool = False) -> Iterator[CodeServer]:
    """Serve until the block ends."""
    port = free_port()
    ours = CodeServer(port, goes_away=goes_away)
    calls = {
        "Ping": grpc.unary_unary_rpc_method_handler(ours.ping),
        "StartRun": grpc.unary_unary_rpc_method_handler(ours.start_run),
    }
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("api.DagsterApi", calls)])
    server.add_insecure_port(ours.address)
    server.start()
    try:
        yield ours
    finally:
        server.stop(None).wait()

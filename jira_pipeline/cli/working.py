"""A machine that takes runs: a code server of Dagster, and the row that says where it is.

Belongs here: starting it, saying that it takes runs, letting it drain. Does not: which runs it gets
(`defs/machines`), the row (`store/machines`), how a run is forked there (`defs/warm_starts`).
"""

import os
import signal
import socket
import subprocess
import threading
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.children import dagster_child
from jira_pipeline.cli.console import ExitCode, Screen
from jira_pipeline.cli.context import opened
from jira_pipeline.cli.serving import LOOPBACK, STOP_SIGNALS, listener_on, log_form
from jira_pipeline.errors import StoreBusyError, StoreError, WrongUseError

if TYPE_CHECKING:
    from jira_pipeline.session.pipeline import Pipeline

DEFAULT_PORT = 4266
DEFAULT_CAPACITY = 4
"""As many as the queue of one machine starts at once (dagster.yaml)."""
PORT_MAX = 65_535
DRAIN_SECONDS = 5.0
"""Longer than the daemon takes from choosing a machine to asking it: runs on their way are let in."""
_LOOK_SECONDS = 10.0
_ANSWER_SECONDS, _POLL_SECONDS = 1.0, 0.2

ListenOption = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="IP address and port by which the daemon reaches this machine, such as 10.0.0.2:4266; "
        "anything but loopback must be in a private network.",
    ),
]
CapacityOption = Annotated[int, typer.Option(min=1, max=64, help="Runs to take at once.")]


def work(
    *,
    listen: ListenOption = f"{LOOPBACK}:{DEFAULT_PORT}",
    capacity: CapacityOption = DEFAULT_CAPACITY,
) -> None:
    """Take runs for all programs on one PostgreSQL database, until Ctrl-C.

    It drains then: the runs it has end first. A second Ctrl-C ends them, and they are carried on
    elsewhere.
    """
    with opened(is_json=False) as (screen, pipeline):
        _Work(screen, pipeline, address=listen, capacity=capacity).run()


class _Work:
    """A machine at work."""

    def __init__(
        self, screen: Screen, pipeline: "Pipeline", *, address: str, capacity: int
    ) -> None:
        self._screen = screen
        self._settings = pipeline.settings
        self._machines = pipeline.store.machines
        self._host, self._port = host_and_port(address)
        self._address = f"{self._host}:{self._port}"
        self._capacity = capacity
        self._is_asked = False
        """Somebody asked to stop."""
        self._stop = threading.Event()
        """That, or the code server ended."""
        self._stop_now = threading.Event()
        """Somebody asked twice."""

    def run(self) -> None:
        """Take runs until somebody asks to stop, or the code server ends by itself."""
        from jira_pipeline.defs.code_servers import LOCATION
        from jira_pipeline.defs.machines import own_version
        from jira_pipeline.settings import find_project_path

        command = ["dagster", "api", "grpc", "--host", self._host, "--port", str(self._port)]
        command += ["--module-name", LOCATION, "--location-name", LOCATION]
        command += ["--inject-env-vars-from-instance", "--log-level", "warning"]
        command += log_form(self._settings)
        with self._machines.joined(
            address=self._address,
            name=f"{socket.gethostname()}, process {os.getpid()}",
            version=own_version(),
            capacity=self._capacity,
        ) as taking_runs:
            for number in STOP_SIGNALS:
                signal.signal(number, self._ask_to_stop)
            with listener_on(self._host.strip("[]"), self._port):
                self._warn_of_strangers()
            with dagster_child(
                command,
                home=find_project_path(),
                stop_seconds=0,  # it has drained then, or nobody waits for it
                when_it_ends=self._stop.set,
            ) as server:
                self._wait_for_answer()
                if not self._stop.is_set():
                    with taking_runs():
                        self._screen.say(
                            f"Takes runs at {self._address}, {self._capacity} at once."
                        )
                        self._watch()
                if self._is_asked:
                    self._drain(server)
        if not self._is_asked:
            self._screen.err.print("The code server ended by itself; its last output is above.")
            raise typer.Exit(ExitCode.FAILED)

    def _warn_of_strangers(self) -> None:
        if not ip_address(self._host.strip("[]")).is_loopback:
            self._screen.err.print(
                f"[bold]Whoever reaches {self._address} can run anything here[/bold] with the rights "
                "of this account, and read what is sent: gRPC has neither sign-in nor TLS. Let it "
                "be an address of a private network, such as WireGuard; docs/operations.md shows one."
            )

    def _ask_to_stop(self, *_: object) -> None:
        if self._is_asked:
            self._stop_now.set()
        self._is_asked = True
        self._stop.set()

    def _wait_for_answer(self) -> None:
        from jira_pipeline.defs.code_servers import answers

        while not answers(self._address, within_seconds=_ANSWER_SECONDS):
            if self._stop.wait(_POLL_SECONDS):
                return

    def _watch(self) -> None:
        """Wait until it is to stop; say why the daemon gives it no runs, where that is so.

        Where PostgreSQL is away it waits for that: the code server and its runs are on their own.
        """
        said = ""
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                known = self._machines.live()
            except (StoreError, StoreBusyError) as error:
                found = [error.message]
            else:
                found = [one.refusal for one in known if one.address == self._address]
            if found and found[0] != said:
                said = found[0]
                self._screen.say(f"It gets no runs: {said}" if said else "It gets runs again.")

    def _drain(self, server: "subprocess.Popen[bytes]") -> None:
        """Let the runs end that it has, unless somebody asks a second time."""
        self._screen.say("Takes no more runs, and ends with those it has; Ctrl-C ends them now.")
        self._stop_now.wait(DRAIN_SECONDS)
        if server.poll() is None:
            server.send_signal(signal.SIGINT)
        while server.poll() is None and not self._stop_now.wait(_POLL_SECONDS):
            pass


def host_and_port(address: str) -> tuple[str, int]:
    """Return both parts of an address by which others reach this machine.

    Raises:
        WrongUseError: It is none, or names no machine.
    """
    host, _, port = address.rpartition(":")
    try:
        ip, number = ip_address(host.strip("[]")), int(port)
    except ValueError:
        raise _unusable(address) from None
    if ip.is_unspecified or not 0 < number <= PORT_MAX:
        raise _unusable(address)
    return host, number


def _unusable(address: str) -> WrongUseError:
    return WrongUseError(
        f"{address} is no address by which the daemon could reach this machine; it has an IP "
        f"address and a port, such as 10.0.0.2:{DEFAULT_PORT}."
    )

"""Programs that serve: pages, API and Dagster on one address; an agent; the pages of the sandbox.

Belongs here: starting these, saying where they are, ending them; code server and daemon are a
child. Does not: what they answer (`web`), what the guard refuses (`web/guard`), what a child does (`dagster_child`).

Our pages are there within two seconds. Dagster takes ten: importing it, and starting a process that
loads our definitions. Its webserver's own command is used for that, in the main thread, since
nothing public makes its application. That command ends by calling `uvicorn.run`, which is replaced: the
application that it hands over is served under /dagster by our server, which runs in a thread already.

Two processes run: this one, and the code server, which loads our definitions, together with the daemon,
which starts queued runs. Only one program serves a home, and only one runs the daemon of a store.
"""

import gc
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Self
from urllib.parse import urlsplit

import typer

from jira_pipeline.cli.console import ExitCode, Screen, is_interactive
from jira_pipeline.cli.context import current_person, opened_runs, run_command, run_pipeline_command
from jira_pipeline.cli.dagster_child import LOADED, SOCKET
from jira_pipeline.context.daemon_place import already_running, name_of_server
from jira_pipeline.context.interruptions import noted_signals
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import (
    Settings,
    adopt_dagster_home,
    find_project_path,
    load_settings,
)
from jira_pipeline.context.trackers import note_sandbox_address
from jira_pipeline.context.web_address import ADDRESS_FILE, ADDRESS_LOCK, running_address
from jira_pipeline.model.errors import (
    ConfigurationError,
    LeaseBusyError,
    PipelineError,
    system_message,
)
from jira_pipeline.model.people import Person, Role
from jira_pipeline.model.runs import DAEMON, Runs

if TYPE_CHECKING:
    from jira_pipeline.sheets.upload_reading import UploadOutcome
    from jira_pipeline.store.locks import WatchedLease
    from jira_pipeline.web.context import Web

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 3000
SANDBOX_PORT = 8765
PREFIX = "/dagster"
_POLL_SECONDS = 0.1
"""How often it is looked whether the code server answers yet."""
_STOP_SECONDS = 25.0
"""What the code server and its daemon get to end in order, before they are killed."""
_LOOK_SECONDS = 10
"""How often it is looked whether this program still has the place of the daemon."""
_LAST_ANSWERS_SECONDS = 3
"""What requests at work get to be answered when the program ends."""
GARBAGE_THRESHOLDS = (10_000, 20, 50)
"""Python's are 700, 10 and 10 (`collect_garbage_seldom`)."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_WORKSPACE = "workspace.yaml"
_LOCK_SECONDS = 1.0
"""Longer than somebody needs to look whether a program runs, which takes the lock for a moment."""


def serve(
    *,
    host: Annotated[
        str,
        "--host ADDRESS",
        "Address to listen on; all but loopback addresses need a TLS proxy in front.",
    ] = LOOPBACK,
    port: Annotated[int, "--port", "Port to listen on.", {"min": 1, "max": 65_535}] = DEFAULT_PORT,
    trusted_host: Annotated[
        list[str] | None,
        "--trusted-host NAME",
        "Another host name for this server, besides the one in WEB_BASE_URL; may be repeated.",
    ] = None,
    is_with_daemon: Annotated[bool, "--daemon/--no-daemon", "Also start Dagster's daemon."] = True,
) -> None:
    """Serve the review pages, the API and Dagster to the browser, until Ctrl-C."""
    from jira_pipeline.web.guard import LOOPBACK_NAMES

    with run_pipeline_command(is_json=False, is_serving=True) as (screen, pipeline):
        base = urlsplit(pipeline.settings.web_base_url or "").hostname
        names = [*(trusted_host or ()), f"[{host}]" if ":" in host else host]
        if base:
            names.append(base)
        _Program(screen, pipeline, host=host, port=port).run(
            trusted_names=LOOPBACK_NAMES | {name.casefold() for name in names},
            is_with_daemon=is_with_daemon,
        )


def web_address(settings: Settings, port: int | None = None) -> str:
    """Return where people reach the web of this home.

    That is the configured address, else the address at a port, and without a port the one at which a
    program serves this home now, or else the usual one.
    """
    if settings.web_base_url is not None:
        return settings.web_base_url.rstrip("/")
    running = running_address(settings) if port is None else None
    if running:
        return running
    return f"http://{LOOPBACK}:{port or DEFAULT_PORT}"


@contextmanager
def single_server(settings: Settings, address: str) -> Iterator[None]:
    """Be the one program that serves this home until the block ends, and write its address to a file.

    The file counts while a lock is held, which the system takes back from a program that was killed.

    Raises:
        ConfigurationError: Another program serves this home.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(settings.home_path / ADDRESS_LOCK, thread_local=False)
    try:
        lock.acquire(timeout=_LOCK_SECONDS)
    except Timeout:
        raise _already_running(f"at {running_address(settings)}") from None
    try:
        (settings.home_path / ADDRESS_FILE).write_text(address, encoding="utf-8")
        yield
    finally:
        lock.release()


def _already_running(where: str) -> ConfigurationError:
    """Return the refusal to serve beside another program; `where` is its address or its name."""
    return ConfigurationError(
        f"`serve` is already running {where}; two would start every run twice.",
        recovery_actions=("Use that one, or stop it first.",),
    )


class DaemonPlace:
    """The lease of the one program that runs Dagster's daemon: of a home, or of a database.

    It is held while the block runs; a program that is refused is told the `name` of the one that has it.
    """

    def __init__(self, leases: "WatchedLease", *, name: str) -> None:
        """Make the place of the program `name`, which does not have it yet."""
        self._leases = leases
        self._name = name
        self._held = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._held.enter_context(self._leases.hold(DAEMON, holder=self._name))
        except LeaseBusyError as busy:
            raise already_running(self._leases, busy.holder) from busy
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def is_still_locked(self) -> bool:
        """Tell whether this program still has the place; it takes it again where the connection broke.

        PostgreSQL gives up a lock whose connection is gone. False means that another program has it now.
        """
        if self._leases.is_held(DAEMON):
            return True
        self._held.close()
        try:
            self._held.enter_context(self._leases.hold(DAEMON, holder=self._name))
        except LeaseBusyError:
            return False
        except PipelineError as error:  # the database is away; the next look tries again
            logger.info("the place of the daemon is not kept: %s", error.message)
        return True


def _ask_name(account: str) -> str:
    return str(typer.prompt("Your name, as shown next to your decisions", default=account))


class _Program:
    """The web program: our pages at once, then Dagster below them, until somebody stops it."""

    def __init__(self, screen: Screen, pipeline: Pipeline, *, host: str, port: int) -> None:
        self._screen = screen
        self._pipeline = pipeline
        self._host = host
        self._port = port
        self._stop = threading.Event()
        self._is_interruptible = True
        self._ended_part = ""
        """The part of the program that ended by itself, in words; blank while all run."""
        self._child: subprocess.Popen[bytes] | None = None
        """The code server, with the daemon in it."""

    def run(self, *, trusted_names: frozenset[str], is_with_daemon: bool) -> None:
        """Serve until somebody asks to stop, or a part of it ends by itself."""
        from multiprocessing import forkserver

        from jira_pipeline.sessions import accounts
        from jira_pipeline.sessions.homes import DAGSTER_FOLDERS, remove_access_of_others
        from jira_pipeline.sessions.retention import explain_retention
        from jira_pipeline.web.application import guarded_web
        from jira_pipeline.web.context import Access, LateDagster, TrustedProxy, Web
        from jira_pipeline.web.pages.showing import SANDBOX_ROOT

        settings = self._pipeline.settings
        home = find_project_path()
        workspace = home / _WORKSPACE
        if not workspace.is_file():
            raise ConfigurationError(
                f"{workspace} is missing; it names the module that Dagster loads.",
                recovery_actions=(f"`jira-pipeline init {home}` creates missing files.",),
            )
        remove_access_of_others([settings.home_path, *(home / name for name in DAGSTER_FOLDERS)])
        proxy = settings.web_trusted_proxy
        address = web_address(settings, self._port)
        dagster = LateDagster()
        web = Web(
            pipeline=self._pipeline,
            dagster=dagster,
            report_to_dagster=report_upload,
            access=Access(
                self._pipeline,
                proxy=None
                if proxy is None
                else TrustedProxy(address=str(proxy), header=settings.web_trusted_proxy_header),
                is_https=address.startswith("https:"),
            ),
        )
        daemon_place = None
        if is_with_daemon:
            daemon_place = DaemonPlace(self._pipeline.store.leases, name=name_of_server(self._port))
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        forkserver.ensure_running()  # the first upload waits for no imports
        person = accounts.admit_account(
            self._pipeline,
            current_person(),
            ask=_ask_name if is_interactive(self._screen) else None,
        )
        with (
            signals_noted(self._stop),
            single_server(settings, address),
            daemon_place or nullcontext(),
            listener_on(self._host, self._port) as listener,
            _serving(guarded_web(web, trusted_names=trusted_names), listener),
        ):
            note_sandbox_address(self._pipeline, f"{address}{SANDBOX_ROOT}")
            link = accounts.invite(self._pipeline, person.name, by=person.name)
            self._screen.say_unwrapped(f"{address}/sign-in?link={link.secret}")
            self._screen.say("Open it to sign in; it works once. Press Ctrl-C to stop the program.")
            explained = explain_retention(self._pipeline)
            if explained:
                self._screen.say(explained)
            try:
                self._run_dagster(web, dagster, workspace, home, daemon_place)
            except KeyboardInterrupt:
                pass
            finally:
                self._is_interruptible = False
                self._pipeline.source.close()  # no request waits for sheets
        if self._ended_part:
            self._screen.err.print(
                f"The {self._ended_part} stopped unexpectedly; see its output above."
            )
            raise typer.Exit(ExitCode.FAILED)

    def _ask_to_stop(self, *_: object) -> None:
        """Handle a signal to stop: end the waiting, and interrupt Dagster where it is starting."""
        self._stop.set()
        if self._is_interruptible:
            self._is_interruptible = False
            raise KeyboardInterrupt

    def _run_dagster(
        self,
        web: "Web",
        dagster: Any,
        workspace: Path,
        home: Path,
        daemon_place: DaemonPlace | None,
    ) -> None:
        """Start Dagster, hand it over to our pages, and wait until the program is to stop.

        The daemon starts with it where this program has its place.
        """
        import uvicorn
        from click.exceptions import Abort

        from jira_pipeline.dagster_port.instance import opened_instance
        from jira_pipeline.dagster_port.run_launchers import QueuedRuns

        # The other comes second: of two that make Dagster's databases at once, one may die.
        with opened_instance() as instance, TemporaryDirectory(prefix="jira-pipeline-") as folder:
            from dagster_webserver.cli import cli as dagster_webserver

            def take_over(application: Any, **_: object) -> None:
                """Have our server serve Dagster's application, and wait in place of a second server."""
                collect_garbage_seldom()  # what Dagster brought is not looked at again
                wake = None if daemon_place is None else self._wake
                dagster.arrive(application, QueuedRuns(instance, web.pipeline, wake=wake))
                self._is_interruptible = False
                while not self._stop.wait(_LOOK_SECONDS):
                    if daemon_place is not None and not daemon_place.is_still_locked():
                        self._ended_part = "daemon's lock, which another program now holds,"
                        self._stop.set()

            uvicorn.run = take_over  # type: ignore[assignment] # its other options are the server's
            # Of two files that name a location the last counts.
            path = Path(folder) / SOCKET
            workspaces = (str(workspace), str(path.with_name(_WORKSPACE)))
            options = [option for workspace in workspaces for option in ("--workspace", workspace)]
            options += ["--path-prefix", PREFIX]
            options += ["--host", self._host, "--port", str(self._port)]
            options += ["--dagster-log-level", "warning", "--code-server-log-level", "warning"]
            options += log_form(web.pipeline.settings)
            with self._code_server(path, home, () if daemon_place is None else workspaces):
                while not path.exists():
                    if self._stop.wait(_POLL_SECONDS):
                        return
                try:
                    dagster_webserver.main(options, standalone_mode=False)
                except Abort:  # what click makes of an interrupt
                    return
        if not self._stop.is_set():
            self._ended_part = "Dagster webserver"

    @contextmanager
    def _code_server(self, path: Path, home: Path, watched: Sequence[str]) -> Iterator[None]:
        """Run one code server at a socket while the block runs, and write the workspace that names it.

        Without it webserver and daemon would start one each, and the daemon a new one every minute.
        Sensors stay on or off: Dagster keeps that by the name of the location. With workspaces to watch,
        the daemon runs in the same process, and shares what it imported. A code server that is killed
        is started again; one that ended before it answered for the first time ends the program.
        """
        from jira_pipeline.dagster_port.launchpad import LOCATION

        server = {"grpc_server": {"socket": str(path), "location_name": LOCATION}}
        path.with_name(_WORKSPACE).write_text(json.dumps({"load_from": [server]}))
        form = log_form(self._pipeline.settings)
        options = ["--socket", str(path), "--module-name", LOADED]
        options += ["--location-name", LOCATION, "--inject-env-vars-from-instance"]
        options += ["--log-level", "warning", *form]
        command = (*watched, "dagster", "api", "grpc", *options)

        def start() -> None:
            path.unlink(missing_ok=True)
            server = dagster_child(command, path, home=home, when_it_ends=start_again)
            self._child = servers.enter_context(server)

        def start_again() -> None:
            with suppress(OSError):  # no memory or no process is left
                if path.exists() and not self._stop.is_set():
                    start()
                    return
            if not self._stop.is_set():
                self._ended_part = "code server or its daemon" if watched else "code server"
                os.kill(os.getpid(), signal.SIGTERM)

        with ExitStack() as servers:
            start()
            yield

    def _wake(self) -> None:
        """Have the daemon look for requested runs now; one that starts later looks by itself."""
        assert self._child is not None and self._child.stdin is not None  # noqa: S101, PT018 - it was started with one
        with suppress(OSError, ValueError):  # it has ended, or is being ended
            os.write(self._child.stdin.fileno(), b"!")


@contextmanager
def dagster_child(
    command: Sequence[str], path: Path, *, home: Path, when_it_ends: Callable[[], object]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a child of this program while the block runs, and call `when_it_ends` if it ends before.

    `path` is the socket at which it answers; it is ended in order, and killed where that takes too long.
    """
    # A session of its own: Ctrl-C reaches this program only, which ends it in order.
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", f"{__package__}.dagster_child", *command],
        cwd=home,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101 - see above
    is_over = threading.Event()

    def watch() -> None:
        process.wait()
        if not is_over.is_set():
            when_it_ends()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield process
    finally:
        is_over.set()
        process.stdin.close()  # it ends the daemon, then itself
        if not path.exists():  # it still imports, which takes seconds
            process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with all that it started
        process.wait()


def report_upload(pipeline: Pipeline, outcome: "UploadOutcome") -> None:
    """Tell Dagster of an upload; it is imported only then, since that takes two seconds."""
    from jira_pipeline.dagster_port import reports

    reports.report_upload(pipeline, outcome)


def log_form(settings: Settings) -> tuple[str, ...]:
    """Return the option by which Dagster's programs write their log in the form of ours."""
    return ("--log-format", "json") if settings.log_format == "json" else ()


@contextmanager
def signals_noted(stop: threading.Event) -> Iterator[None]:
    """Set `stop` at each signal to stop while the block runs, whichever handler gets the signal.

    While Dagster starts programs, its own handler for Ctrl-C is in place, and may drop the signal.
    """

    def note(number: int) -> None:
        if number in STOP_SIGNALS:
            stop.set()

    with noted_signals(note):
        yield


def collect_garbage_seldom() -> None:
    """Have Python look for garbage less often, and never again among the values there are now.

    A look at the 300,000 values that a process keeps of a large session holds up all requests for 0.1 s.
    """
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    gc.collect()
    gc.freeze()


@contextmanager
def _serving(application: Any, listener: socket.socket) -> Iterator[None]:
    """Serve an application in a thread while the block runs, from the moment on that it answers."""
    import uvicorn

    from jira_pipeline.web.prompt_heads import PromptHeads

    collect_garbage_seldom()
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            http=PromptHeads,
            log_level="warning",
            access_log=False,  # addresses hold links
            proxy_headers=False,  # `Access` decides which proxy is trusted, by its real address
            server_header=False,
            timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_LAST_ANSWERS_SECONDS + _STOP_SECONDS)


@contextmanager
def listener_on(host: str, port: int) -> Iterator[socket.socket]:
    """Open the socket at which the program listens.

    Raises:
        ConfigurationError: The address is none, or the port is taken.
    """
    try:
        is_ipv6 = ip_address(host).version == 6  # noqa: PLR2004 - IPv6
    except ValueError as error:
        raise _unusable_address(host, port, "not an IP address") from error
    with socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise _unusable_address(host, port, system_message(error)) from error
        yield listener


def _unusable_address(host: str, port: int, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"Cannot listen on {host}:{port}: {why}.",
        recovery_actions=(
            "Stop the program that uses the port, or choose another one with --port, from 1024 up.",
            "Use one of this machine's addresses: --host 127.0.0.1 always works.",
        ),
    )


def mcp(
    *,
    role: Annotated[
        Role, "--role", "What the agent may do: read, review and upload, or also export and undo."
    ] = Role.READER,
) -> None:
    """Serve an agent by the Model Context Protocol, over its standard input and output.

    The agent reads sessions, decides about tickets and takes a session from upload to the plan of
    an export, as its role allows; what it decides is audited in its name and yours. Needs the extra
    `mcp`.

    For example:

    jira-pipeline mcp --role reviewer
    """
    from jira_pipeline.web.agent_tools import AgentWork
    from jira_pipeline.web.application import the_protocol

    with (
        run_pipeline_command(is_json=False, is_serving=True) as (_screen, pipeline),
        ExitStack() as open_runs,
    ):

        @cache
        def runs() -> Runs:
            return open_runs.enter_context(opened_runs(pipeline))

        person = Person(name=current_person(), role=role)
        work = AgentWork(
            pipeline=pipeline, person=person, by=person.name, runs=runs, report_upload=report_upload
        )
        server = the_protocol().agent_server(work, is_of_this_machine=True)
        # The thread that waits for a line would outlive Ctrl-C; a run at work is found dead.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        server.run("stdio")


def serve_sandbox(
    port: Annotated[int, "--port", "Port on 127.0.0.1.", {"min": 1, "max": 65_535}] = SANDBOX_PORT,
    file: Annotated[
        Path | None, "--file", "File to use instead of this data folder's sandbox."
    ] = None,
) -> None:
    """Serve the sandbox's issues as pages, and its REST API, until Ctrl-C.

    For example:

    jira-pipeline sandbox serve --port 8766
    """
    from jira_pipeline.jira.sandbox import pages

    with run_command(is_json=False) as screen:
        path = file or load_settings(adopt_dagster_home()).sandbox_path

        def announce(address: str) -> None:
            if file is None:
                with run_pipeline_command(is_json=False) as (_screen, pipeline):
                    note_sandbox_address(pipeline, address)
            screen.say(f"Sandbox: {address}  (press Ctrl-C to stop)")

        path.parent.mkdir(parents=True, exist_ok=True)
        pages.serve(path, port=port, announce=announce)

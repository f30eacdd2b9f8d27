"""A Kubernetes API server on loopback whose pods are processes here.

Belongs here: the part of the API that Dagster's `K8sRunLauncher` asks, pods with homes of their
own. Does not: images, volumes, a scheduler, sign-in; a job has one pod, which is not started again.
"""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from typing_extensions import override

from jira_pipeline_tests.end_to_end.processes import BIN, Started
from jira_pipeline_tests.projects import CHECKOUT

NAMESPACE = "pipeline"
VALUES = CHECKOUT / "deploy" / "kubernetes" / "values.yaml"
GRACE_SECONDS = 30.0
"""Kubernetes gives a pod so long to end by itself."""
Start = Callable[[Sequence[str], Path, Mapping[str, str]], Started]
"""What starts a process: its command, its home and its whole environment."""


@dataclass(kw_only=True)
class Pod:
    """The one pod of a job, and its process; None: it is pending."""

    home: Path
    process: Started | None = None
    is_deleted: bool = False

    @property
    def phase(self) -> str:
        if self.process is None:
            return "Pending"
        code = self.process.poll()
        return "Running" if code is None else "Failed" if code else "Succeeded"

    @property
    def is_gone(self) -> bool:
        return self.is_deleted and self.phase != "Running"

    def end(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def kill(self) -> None:
        self.end(signal.SIGKILL)
        if self.process is not None:
            self.process.communicate()


def start_alone(command: Sequence[str], home: Path, environment: Mapping[str, str]) -> Started:
    """Start a program; like the first process of a container, it is no victim of TERM by itself."""
    with (home / "log").open("w", encoding="utf-8") as log:
        return subprocess.Popen(
            ["env", "--ignore-signal=TERM", *command],
            cwd=home,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


@dataclass(kw_only=True)
class Cluster:
    """Jobs and pods by name; a pod has the name of its job."""

    folder: Path
    dagster_yaml: bytes
    secrets: Mapping[str, Mapping[str, str]]
    start: Start
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    pods: dict[str, Pod] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def at_work(self) -> list[str]:
        with self.turn:
            return sorted(name for name, pod in self.pods.items() if pod.phase == "Running")

    def create(self, job: dict[str, Any]) -> dict[str, Any] | None:
        """Take a job, whose pod starts a moment later; None: there is one of that name."""
        name = job["metadata"]["name"]
        pod = Pod(home=self.folder / name)
        with self.turn:
            if name in self.jobs:
                return None
            self.jobs[name], self.pods[name] = job, pod
        container = job["spec"]["template"]["spec"]["containers"][0]
        threading.Thread(target=self._begin, args=(pod, container), daemon=True).start()
        return job

    def _begin(self, pod: Pod, container: dict[str, Any]) -> None:
        """Start a pod: the arguments of its container, with its environment, in its home."""
        pod.home.mkdir(parents=True)
        (pod.home / "dagster.yaml").write_bytes(self.dagster_yaml)
        shutil.copy(CHECKOUT / "workspace.yaml", pod.home)
        given = {one["name"]: one.get("value", "") for one in container.get("env", ())}
        for source in container.get("envFrom", ()):
            given |= self.secrets[source["secretRef"]["name"]]
        inherited = {"PATH": f"{BIN}:{os.defpath}", "PYTHONPATH": str(CHECKOUT)}
        of_home = {"DAGSTER_HOME": str(pod.home), "HOME": str(pod.home)}
        pod.process = self.start(container["args"], pod.home, inherited | given | of_home)
        with self.turn:
            is_there = self.pods.get(pod.home.name) is pod and not pod.is_deleted
        if not is_there:
            pod.kill()

    def lose_node(self) -> list[str]:
        """Lose all pods at once, with what the API knows of them; return which were at work."""
        at_work = self.at_work()
        with self.turn:
            lost, self.pods, self.jobs = self.pods, {}, {}
        for pod in lost.values():
            pod.kill()
        return at_work

    def answer(self, method: str, path: str, query: Mapping[str, list[str]]) -> Any:
        """Return what the API says of jobs and pods; None: there is none."""
        _, _, rest = path.partition(f"/namespaces/{NAMESPACE}/")
        kind, *names = rest.split("/")
        with self.turn:
            self.pods = {name: pod for name, pod in self.pods.items() if not pod.is_gone}
            if not names:
                label = query.get("labelSelector", [""])[0].removeprefix("job-name=")
                found = [self._pod(label)] if kind == "pods" and label in self.pods else []
                return {"kind": "List", "metadata": {}, "items": found}
            name = names[0]
            if name not in (self.pods if kind == "pods" else self.jobs):
                return None
            if method == "DELETE":
                self._delete(kind, name)
                return {"kind": "Status", "status": "Success"}
            if names[1:] == ["log"]:
                return (self.pods[name].home / "log").read_text("utf-8", errors="replace")
            return self._pod(name) if kind == "pods" else self._job(name)

    def _delete(self, kind: str, name: str) -> None:
        """Forget a job, and leave its pod, as the API does unless asked; tell a pod to end."""
        if kind == "jobs":
            del self.jobs[name]
            return
        pod = self.pods[name]
        pod.is_deleted = True
        pod.end(signal.SIGTERM)
        killing = threading.Timer(GRACE_SECONDS, pod.kill)
        killing.daemon = True
        killing.start()

    def _job(self, name: str) -> dict[str, Any]:
        phase = self.pods[name].phase if name in self.pods else "Failed"
        counted = {"Failed": "failed", "Succeeded": "succeeded"}.get(phase, "active")
        return self.jobs[name] | {"status": {counted: 1}}

    def _pod(self, name: str) -> dict[str, Any]:
        metadata = {"name": name, "namespace": NAMESPACE, "labels": {"job-name": name}}
        status = {"phase": self.pods[name].phase, "containerStatuses": []}
        return {"metadata": metadata, "status": status}


@contextmanager
def emulated_cluster(
    folder: Path, settings: Mapping[str, str], *, start: Start = start_alone
) -> Iterator[tuple[Cluster, bytes]]:
    """Serve the API until left; gives the cluster and a dagster.yaml whose runs it starts.

    `settings`: the secret from which pods get them.
    """
    kubeconfig = folder / "kubeconfig"
    dagster_yaml = yaml.safe_dump(instance_of(chosen_values(), kubeconfig)).encode()
    cluster = Cluster(
        folder=folder / "pods",
        dagster_yaml=dagster_yaml,
        secrets={"jira-pipeline": settings},
        start=start,
    )

    class Api(BaseHTTPRequestHandler):
        def _reply(self, found: Any, *, missing: tuple[int, str]) -> None:
            code, reason = (200, "") if found is not None else missing
            failure = {"kind": "Status", "status": "Failure", "reason": reason, "code": code}
            body = found if isinstance(found, str) else json.dumps(found or failure)
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body.encode())

        def _ask(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length)
            asked = urlsplit(self.path)
            if self.command == "POST":
                self._reply(cluster.create(json.loads(sent)), missing=(409, "AlreadyExists"))
            else:
                found = cluster.answer(self.command, asked.path, parse_qs(asked.query))
                self._reply(found, missing=(404, "NotFound"))

        do_GET = do_POST = do_DELETE = _ask  # noqa: N815 - the names http.server calls

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing of each request."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        kubeconfig.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "here",
                    "clusters": [{"name": "here", "cluster": {"server": address}}],
                    "users": [{"name": "anybody", "user": {}}],
                    "contexts": [
                        {"name": "here", "context": {"cluster": "here", "user": "anybody"}}
                    ],
                }
            ),
            encoding="utf-8",
        )
        try:
            yield cluster, dagster_yaml
        finally:
            server.shutdown()
            cluster.lose_node()


def chosen_values() -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load(VALUES.read_text(encoding="utf-8"))
    return values


def instance_of(values: Mapping[str, Any], kubeconfig: Path) -> dict[str, Any]:
    """Return what the chart makes of its values, but for the storage and the way into the cluster."""
    chosen = values["runLauncher"]["config"]["k8sRunLauncher"]
    image, run = chosen["image"], chosen["runK8sConfig"]
    launcher = {
        "load_incluster_config": False,
        "kubeconfig_file": str(kubeconfig),
        "job_namespace": NAMESPACE,
        "image_pull_policy": chosen["imagePullPolicy"],
        "service_account_name": "dagster",
        "job_image": f"{image['repository']}:{image['tag']}",
        "dagster_home": "/opt/dagster/dagster_home",
        "instance_config_map": "dagster-instance",
        "postgres_password_secret": values["global"]["postgresqlSecretName"],
        "env_secrets": [one["name"] for one in chosen["envSecrets"]],
        "resources": chosen["resources"],
        "run_k8s_config": {
            "container_config": run["containerConfig"],
            "pod_spec_config": run["podSpecConfig"],
        },
    }
    return {
        "storage": {"postgres": {"postgres_url": {"env": "DAGSTER_POSTGRES_URL"}}},
        "run_launcher": {"module": "dagster_k8s", "class": "K8sRunLauncher", "config": launcher},
        "compute_logs": {
            "module": "dagster._core.storage.noop_compute_log_manager",
            "class": values["computeLogManager"]["type"],
        },
        "python_logs": {"python_log_level": values["pythonLogs"]["pythonLogLevel"]},
        "telemetry": values["telemetry"],
        **values["additionalInstanceConfig"],
    }

"""A Kubernetes API server on loopback whose pods are processes here.

Belongs here: the part of the API that Dagster's `K8sRunLauncher` asks, pods with homes of their own.
Does not: images, volumes, a scheduler, sign-in; a job has one pod, which is not started again.
"""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from typing_extensions import override

from jira_pipeline_tests.end_to_end.processes import BIN
from jira_pipeline_tests.projects import CHECKOUT

NAMESPACE = "pipeline"


@dataclass(kw_only=True)
class Pod:
    """A job and the process of its one pod."""

    job: dict[str, Any]
    process: "subprocess.Popen[bytes]"
    log_path: Path

    def kill(self) -> None:
        """End it without a word, with all it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(kw_only=True)
class Cluster:
    """What runs, by the name of its job."""

    folder: Path
    dagster_yaml: bytes
    pods: dict[str, Pod] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def at_work(self) -> list[str]:
        """Return the jobs whose pods run."""
        with self.turn:
            return sorted(name for name, pod in self.pods.items() if pod.process.poll() is None)

    def create(self, job: dict[str, Any]) -> dict[str, Any]:
        """Start the pod of a job: its arguments, with its environment, in a home of its own."""
        name = job["metadata"]["name"]
        container = job["spec"]["template"]["spec"]["containers"][0]
        home = self.folder / name
        home.mkdir(parents=True)
        (home / "dagster.yaml").write_bytes(self.dagster_yaml)
        shutil.copy(CHECKOUT / "workspace.yaml", home)
        given = {one["name"]: one.get("value", "") for one in container.get("env", ())}
        inherited = {"PATH": f"{BIN}:{os.defpath}", "PYTHONPATH": str(CHECKOUT)}
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                container["args"],
                cwd=home,
                env=inherited | given | {"DAGSTER_HOME": str(home), "HOME": str(home)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        with self.turn:
            self.pods[name] = Pod(job=job, process=process, log_path=home / "log")
        return job

    def lose_node(self) -> list[str]:
        """Lose all pods at once, with what the API knows of them; return which were at work."""
        with self.turn:
            lost, self.pods = self.pods, {}
        at_work = sorted(name for name, pod in lost.items() if pod.process.poll() is None)
        for pod in lost.values():
            pod.kill()
        return at_work

    def answer(self, method: str, path: str, query: Mapping[str, list[str]]) -> Any:
        """Return what the API says of jobs and pods; None: there is none."""
        _, _, rest = path.partition(f"/namespaces/{NAMESPACE}/")
        kind, *names = rest.split("/")
        if not names:
            label = query.get("labelSelector", [""])[0].removeprefix("job-name=")
            with self.turn:
                found = [self._pod(name) for name in self.pods if name == label]
            return {"kind": "List", "metadata": {}, "items": found if kind == "pods" else []}
        with self.turn:
            pod = self.pods.get(names[0])
            if pod is None:
                return None
            if method == "DELETE":
                with suppress(ProcessLookupError):
                    os.killpg(pod.process.pid, signal.SIGTERM)
                return {"kind": "Status", "status": "Success"}
            if names[1:] == ["log"]:
                return pod.log_path.read_text("utf-8", errors="replace")
            return self._pod(names[0]) if kind == "pods" else pod.job | self._status(pod)

    def _status(self, pod: Pod) -> dict[str, Any]:
        code = pod.process.poll()
        counted = "active" if code is None else "failed" if code else "succeeded"
        return {"status": {counted: 1}}

    def _pod(self, name: str) -> dict[str, Any]:
        pod = self.pods[name]
        code = pod.process.poll()
        phase = "Running" if code is None else "Failed" if code else "Succeeded"
        metadata = {"name": name, "namespace": NAMESPACE, "labels": {"job-name": name}}
        return {"metadata": metadata, "status": {"phase": phase, "containerStatuses": []}}


@contextmanager
def emulated_cluster(folder: Path, dagster_yaml: bytes) -> Iterator[tuple[Cluster, Path]]:
    """Serve the API until left; gives the cluster and a kubeconfig that leads to it."""
    cluster = Cluster(folder=folder / "pods", dagster_yaml=dagster_yaml)

    class Api(BaseHTTPRequestHandler):
        def _reply(self, found: Any) -> None:
            missing = {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}
            body = (
                found if isinstance(found, str) else json.dumps(missing if found is None else found)
            )
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body.encode())

        def _ask(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length)
            asked = urlsplit(self.path)
            if self.command == "POST":
                self._reply(cluster.create(json.loads(sent)))
            else:
                self._reply(cluster.answer(self.command, asked.path, parse_qs(asked.query)))

        do_GET = do_POST = do_DELETE = _ask  # noqa: N815 - the names http.server calls

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing of each request."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        kubeconfig = folder / "kubeconfig"
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
            yield cluster, kubeconfig
        finally:
            server.shutdown()
            cluster.lose_node()


def on_cluster(deployed: bytes, kubeconfig: Path, names: list[str]) -> bytes:
    """Return a dagster.yaml whose runs the cluster starts, with these variables."""
    known = yaml.safe_load(deployed)
    known["run_launcher"] = {
        "module": "dagster_k8s",
        "class": "K8sRunLauncher",
        "config": {
            "job_namespace": NAMESPACE,
            "load_incluster_config": False,
            "kubeconfig_file": str(kubeconfig),
            "job_image": "jira-pipeline",
            "service_account_name": "jira-pipeline",
            "instance_config_map": "dagster-instance",
            "env_vars": sorted(names),
        },
    }
    return yaml.safe_dump(known).encode()
